"""Lists beside the matters: what has been open too long, pain points, questions with their answers, replies, and how others solved it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, OuterRef, Q, Subquery, Sum

from doorstep.affairs.models import Category, Matter, MatterText, PainPoint, Question, ReplyTemplate
from doorstep.affairs.permissions import works_at
from doorstep.affairs.queries.matters import AXES, Scopes, at_scopes, matters_in, visible
from doorstep.affairs.rules.matter_states import OPEN, State
from doorstep.affairs.rules.similar import likeness, signs
from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.places.models import Place
from doorstep.foundation.regulations.queries import RegulationValue, value_of


def stubborn_limit(place: Place, on: date) -> RegulationValue:
    """After how many days a matter that is still open is called stubborn."""
    return value_of("matters.stubborn_days", place_lineage_localities=place.localities, on=on)


@dataclass(frozen=True, slots=True)
class Stubborn:
    """`total` of `open` matters of the place that the viewer may know of were raised before `since`; `by_category` counts the same ones.
    `rows` are they, the oldest first, for whoever works there."""

    limit: RegulationValue
    since: datetime
    open: int
    total: int
    by_category: list[tuple[Category, int]]
    rows: list[Matter]


def stubborn(viewer: Viewer, *, place: Place, scope_ids: Scopes, size: int = 100) -> Stubborn:
    """老大难: open longer than the regulations call long. Figures for everybody, each of what they may know of; the matters themselves for
    those who work there."""
    now = clock.now()
    limit = stubborn_limit(place, now.astimezone(clock.TOWN_ZONE).date())
    since = now - timedelta(days=limit.number)
    all_open = visible(viewer).filter(matters_in(place, scope_ids), state__in=OPEN)
    long = all_open.filter(raised_at__lt=since)
    counted = list(long.values_list("category_id").annotate(n=Count("id")).order_by("-n", "category_id"))
    names = Category.objects.in_bulk([category for category, _n in counted])
    rows = []
    if works_at(viewer, place):
        rows = list(long.select_related("place", "scope", "category", "body").order_by("raised_at", "id")[:size])
    return Stubborn(
        limit=limit,
        since=since,
        open=all_open.count(),
        total=sum(n for _category, n in counted),
        by_category=[(names[category], n) for category, n in counted],
        rows=rows,
    )


@dataclass(frozen=True, slots=True)
class Kind:
    """Of `matters` of one kind (`code` "" = nobody has sorted them) `open` are under way; of `said_done` that the body says are done
    `confirmed` are so by their residents; `households`: the households they affect, as far as is known, one counted for each matter."""

    code: str
    matters: int
    open: int
    said_done: int
    confirmed: int
    households: int


@dataclass(frozen=True, slots=True)
class Kinds:
    """All `matters` told apart by each of AXES: (axis, its kinds in the order of the choices, what nobody has sorted last)."""

    matters: int
    axes: list[tuple[str, list[Kind]]]


NOT_TOLD_APART = (State.MERGED, State.WITHDRAWN)
SAID_DONE = frozenset({State.AWAITING_CONFIRMATION, State.CLOSED_CONFIRMED, State.CLOSED_UNCONFIRMED})


def kinds_at(viewer: Viewer, *, place: Place, scope_ids: Scopes) -> Kinds:
    """分一分: a place's matters by level, relation, root cause and pressing, as far as the viewer may know of them. Merged ones count in the
    matter they went into; what neighbours were asked for is sorted by nobody. One query."""
    chosen = visible(viewer).filter(matters_in(place, scope_ids), category__is_neighbourly=False).exclude(state__in=NOT_TOLD_APART)
    rows = list(chosen.values(*AXES, "state").annotate(n=Count("id"), homes=Sum("households")).order_by())

    def kind(axis: str, code: str) -> Kind:
        of = [row for row in rows if row[axis] == code]
        return Kind(
            code=code,
            matters=sum(row["n"] for row in of),
            open=sum(row["n"] for row in of if row["state"] in OPEN and row["state"] != State.AWAITING_CONFIRMATION),
            said_done=sum(row["n"] for row in of if row["state"] in SAID_DONE),
            confirmed=sum(row["n"] for row in of if row["state"] == State.CLOSED_CONFIRMED),
            households=sum(row["homes"] or 0 for row in of),
        )

    codes = {
        "level": Matter.Level.values,
        "relation": Matter.Relation.values,
        "cause": Matter.Cause.values,
        "pressing": Matter.Pressing.values,
    }
    axes = [(axis, [kind(axis, code) for code in (*codes[axis], "")]) for axis in AXES]
    return Kinds(matters=sum(row["n"] for row in rows), axes=axes)


@dataclass(frozen=True, slots=True)
class PainPoints:
    """Figures for everybody; `rows` for those who work there."""

    listed: int
    ended: int
    overdue: int
    rows: Sequence[PainPoint]


def pain_points(viewer: Viewer, *, place: Place, scope_ids: Scopes, size: int = 200) -> PainPoints:
    """痛点清单: how many are on the list, how many are off it, how many are past their date."""
    chosen = PainPoint.objects.filter(**at_scopes(scope_ids))
    figures = chosen.aggregate(
        listed=Count("id"),
        ended=Count("id", filter=Q(ended_at__isnull=False)),
        overdue=Count("id", filter=Q(ended_at=None, due_on__lt=clock.today())),
    )
    rows: Sequence[PainPoint] = []
    if works_at(viewer, place):
        rows = list(
            chosen.select_related("scope", "body", "owner")
            .annotate(n=Count("matters", filter=Q(matters__in=visible(viewer))))
            .order_by("ended_at", "due_on", "id")[:size]
        )
    return PainPoints(rows=rows, **figures)


def pain_point_for(viewer: Viewer, pain_point_id: int) -> PainPoint | None:
    found = PainPoint.objects.select_related("scope", "body", "owner").filter(pk=pain_point_id).first()
    return found if found is not None and works_at(viewer, found.scope) else None


# Questions and answers


def questions(*, scope_ids: Scopes, category: str = "", before: int | None = None, size: int = 20) -> tuple[list[Question], int | None]:
    """Published questions with their answers, newest first, and the cursor of the next page."""
    chosen = Question.objects.filter(withdrawn_at=None, **at_scopes(scope_ids))
    if category:
        chosen = chosen.filter(Q(category__code=category) | Q(category__parent__code=category))
    if before is not None:
        chosen = chosen.filter(id__lt=before)
    rows = list(chosen.select_related("scope", "category", "body").order_by("-id")[: size + 1])
    return rows[:size], rows[size - 1].pk if len(rows) > size else None


def question_url(question: Question) -> str:
    """Where a question stands with its answer: the page of its place that begins with it."""
    return f"/p/{question.scope.code}/questions/?before={question.pk + 1}#q{question.pk}"


def question_by_id(question_id: int) -> Question | None:
    return Question.objects.select_related("scope", "body").filter(pk=question_id, withdrawn_at=None).first()


# For those who work matters


def replies_of(viewer: Viewer) -> list[ReplyTemplate]:
    """The replies kept by the bodies the viewer works for."""
    bodies = {post.body_id for post in viewer.posts if post.body_id in viewer.bodies}
    return list(ReplyTemplate.objects.filter(body_id__in=bodies, is_active=True).select_related("body__place").order_by("id"))


@dataclass(frozen=True, slots=True)
class Solved:
    """A matter of the same kind that its resident confirmed, and what was done."""

    matter: Matter
    done: str


def solved_like(matter: Matter, *, size: int = 3) -> list[Solved]:
    """How others solved it: confirmed public matters of the same kind anywhere in the town, the likest words first. One query."""
    near = Q(category_id=matter.category_id)
    top = matter.category.parent_id or matter.category_id
    if top != matter.category_id:
        near |= Q(category_id=top)
    chosen = Matter.objects.filter(near, is_public=True, state=State.CLOSED_CONFIRMED).exclude(pk=matter.pk)
    done = MatterText.objects.filter(matter=OuterRef("pk"), kind=MatterText.Kind.DONE).order_by("-id").values("text")[:1]
    rows = [
        (row, row.done)
        for row in chosen.annotate(done=Subquery(done)).select_related("place", "scope", "category", "body").order_by("-id")[:60]
    ]
    own = signs(f"{matter.title}\n{matter.text}")
    rows.sort(key=lambda each: (likeness(own, signs(f"{each[0].title}\n{each[0].text}")), each[0].pk), reverse=True)
    return [Solved(row, said) for row, said in rows if said][:size]
