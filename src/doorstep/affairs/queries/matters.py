"""What others may read of matters, always as a viewer. What a viewer may not know of comes back as None or is not in the list."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, F, Model, OuterRef, Prefetch, Q, QuerySet, Sum

from doorstep.affairs.models import Category, Draft, Matter, MatterAudience, MatterCount, MatterPhoto, MatterText, RoutingRule, Transfer
from doorstep.affairs.permissions import may_see_inside, may_see_reporter, roles_in
from doorstep.affairs.queries.categories import offered
from doorstep.affairs.queries.outside import Statutory, transfers_of
from doorstep.affairs.rules.matter_states import CONCERNED, OPEN, Role, State, Verb, possible
from doorstep.affairs.rules.routing import Rule, route
from doorstep.foundation import clock
from doorstep.foundation.access.viewer import PUBLIC, Read, Viewer
from doorstep.foundation.clock.kept import kept_briefly
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.journal.queries import timeline
from doorstep.foundation.moderation.queries import hidden_words
from doorstep.foundation.moderation.texts import Reason, reasons
from doorstep.foundation.places.models import Place
from doorstep.foundation.places.queries import SCOPES, below, town
from doorstep.foundation.regulations.deadlines import due
from doorstep.foundation.regulations.queries import RegulationValue, calendar, value_of
from doorstep.organisations.models import Body, Post
from doorstep.organisations.queries import bodies_by_code, bodies_by_id, contact_of, posts_by_id

PAGE = 20
INSIDE = frozenset({Verb.NOTE, Verb.TRIAGE, Verb.TAKE, Verb.RELEASE})
GROUPS: dict[str, frozenset[State]] = {
    "open": OPEN - {State.AWAITING_CONFIRMATION},
    "asking": frozenset({State.AWAITING_CONFIRMATION}),
    "confirmed": frozenset({State.CLOSED_CONFIRMED}),
    "unconfirmed": frozenset({State.CLOSED_UNCONFIRMED}),
    "cannot": frozenset({State.CANNOT_BE_DONE}),
}


# The scopes a page is about, as `scope_ids`: None is the whole town; none at all is a building or venue, which is no scope.
Scopes = Sequence[int] | None


def at_scopes(scope_ids: Scopes) -> dict[str, Sequence[int]]:
    """The filter for rows of these scopes."""
    return {} if scope_ids is None else {"scope_id__in": scope_ids}


def matters_in(place: Place, scope_ids: Scopes) -> Q:
    """The matters of a place whose scopes these are: of a building or venue those raised of it, or said at its counter."""
    return Q(**at_scopes(scope_ids)) if scope_ids is None or scope_ids else Q(place=place) | Q(counter=place)


def visible(viewer: Viewer) -> QuerySet[Matter]:
    """The matters a viewer may know of: public ones, and those meant for one of their keys."""
    matters = Matter.objects.all()
    if not viewer.signed_in:
        return matters.filter(is_public=True)
    meant = MatterAudience.objects.filter(matter=OuterRef("pk"), key__in=viewer.keys)
    return matters.filter(Q(is_public=True) | Exists(meant))


def may_see_matter(viewer: Viewer, key: str) -> bool:
    """Resolver of the audience key `matter:<number>`."""
    return visible(viewer).filter(number=key.partition(":")[2]).exists()


def file_read(key: str) -> Read | None:
    """What is read when a file of the audience `matter:<number>` is opened: the same as on the matter's own page."""
    found = Matter.objects.filter(number=key.partition(":")[2]).values_list("number", "reporter_id").first()
    return Read("matter", found[0], found[1], why="handling") if found is not None else None


def may_see_draft(viewer: Viewer, key: str) -> bool:
    """A draft's photos are shown by the draft's own page, never by an address of theirs."""
    return False


# What a list says of a matter, its place, category and body: twenty rows are built from these columns and no others, in the models' order.
LISTED = (
    *("id", "number", "place_id", "scope_id", "category_id", "title", "reporter_id", "entered_by_id", "is_public", "state", "body_id"),
    *("raised_at", "due_at", "ask_until", "done_at", "reopened"),
)
NAMED = ("id", "code", "name", "name_en")
BESIDE: tuple[tuple[Any, type[Model], tuple[str, ...]], ...] = (
    (Matter._meta.get_field("place"), Place, NAMED),
    (Matter._meta.get_field("scope"), Place, NAMED),
    (Matter._meta.get_field("category"), Category, ("id", "code", "zh", "en")),
    (Matter._meta.get_field("body"), Body, NAMED),
)
COLUMNS = (*LISTED, *(f"{field.name}__{column}" for field, _model, columns in BESIDE for column in columns))


@dataclass(frozen=True, slots=True)
class Page:
    items: list[Matter]
    before: int | None


def _listed(matters: QuerySet[Matter], before: int | None, size: int) -> Page:
    if before is not None:
        matters = matters.filter(id__lt=before)
    items = _built(matters.order_by("-id").values_list(*COLUMNS)[: size + 1])
    return Page(items[:size], items[size - 1].id if len(items) > size else None)


def _built(rows: Iterable[tuple[Any, ...]]) -> list[Matter]:
    """Matters from rows of COLUMNS. Twenty matters of an estate name a handful of places and bodies: each is built once."""
    shared: dict[tuple[type[Model], int], Model] = {}
    items = []
    for row in rows:
        matter = Matter.from_db(None, LISTED, row[: len(LISTED)])
        at = len(LISTED)
        for field, model, columns in BESIDE:
            values = row[at : at + len(columns)]
            at += len(columns)
            named = shared.get((model, values[0]))
            if named is None and values[0] is not None:
                named = shared[model, values[0]] = model.from_db(None, columns, values)
            field.set_cached_value(matter, named)
        items.append(matter)
    return items


def matters_at(
    viewer: Viewer,
    *,
    place: Place,
    scope_ids: Scopes,
    group: str = "",
    category: str = "",
    before: int | None = None,
    size: int = PAGE,
) -> Page:
    """Public matters of a place, newest first. What is meant for few is on their own pages, not here.

    The list of a place is the same for everyone, so that a count or a gap tells nobody anything.
    """
    matters = Matter.objects.filter(matters_in(place, scope_ids), is_public=True)
    if group in GROUPS:
        matters = matters.filter(state__in=GROUPS[group])
    if category:
        matters = matters.filter(Q(category__code=category) | Q(category__parent__code=category))
    return _listed(matters, before, size)


def scopes_of(place: Place) -> list[int] | None:
    """The scopes whose matters a place's list shows: itself and the estates and villages below; None for the whole town, none at all for a
    building or venue."""
    if place.kind in (Place.Kind.TOWN, Place.Kind.CITY):
        return None
    if place.kind not in SCOPES:
        return []
    if place.kind == Place.Kind.ESTATE:
        # Nothing below an estate has a list of its own.
        return [place.pk]
    return list(below(place).filter(kind__in=SCOPES).values_list("id", flat=True))


def lineage_of_list(place: Place) -> str:
    """Below which place something may change what a list of matters shows: what was said at a venue's counter may be anywhere in the town."""
    top = town()
    return place.lineage if place.kind in SCOPES or top is None else top.lineage


def places_to_choose() -> list[Place]:
    """The estates, villages and communities of the town, and the town itself: where one can say something happened."""
    return list(Place.objects.filter(kind__in=SCOPES, closed_on=None).exclude(kind=Place.Kind.CITY).order_by("lineage"))


def spots_in(scope: Place) -> list[Place]:
    """The buildings and venues whose matters a scope lists: of an estate all below it, else those right under it."""
    inside = Place.objects.filter(closed_on=None, kind__in=(Place.Kind.BUILDING, Place.Kind.VENUE))
    own = inside.filter(lineage__startswith=f"{scope.lineage}/") if scope.kind == Place.Kind.ESTATE else inside.filter(parent=scope)
    return list(own.order_by("lineage"))


@dataclass(frozen=True, slots=True)
class Outlook:
    """Before it is sent: who will get it, by when they answer, and what happens otherwise."""

    body: Body | None
    contact: Post | None
    due_at: datetime | None
    limit: RegulationValue | None
    overdue_body: Body | None


def outlook(*, place: Place, category: Category, at: datetime) -> Outlook:
    """What the routing and the regulations say for a matter of this kind at this place now. What neighbours are asked for goes to nobody."""
    chosen = None if category.is_neighbourly else routing_for(place, category)
    if chosen is None:
        return Outlook(None, None, None, None, None)
    bodies = bodies_by_id([each for each in (chosen.body, chosen.overdue_body) if each is not None])
    limit = limit_for("matters.response_hours", place=place, category=category, at=at)
    return Outlook(
        body=bodies[chosen.body],
        contact=contact_of(bodies[chosen.body]),
        due_at=due(at, limit.limit, calendar()),
        limit=limit,
        overdue_body=bodies.get(chosen.overdue_body) if chosen.overdue_body is not None else None,
    )


def limit_for(subject: str, *, place: Place, category: Category, at: datetime) -> RegulationValue:
    """The limit in force for a category at a place: `<subject>.<top category>`, else `<subject>.default`."""
    top = category.parent.code if category.parent else category.code
    on = at.astimezone(clock.TOWN_ZONE).date()
    return value_of(f"{subject}.{top}", f"{subject}.default", place_lineage_localities=place.localities, on=on)


def routing_for(place: Place, category: Category) -> Rule | None:
    """The routing rule for a category at a place, or None."""
    path = [category.code] if category.parent is None else [category.parent.code, category.code]
    return route(rules=_rules_at(place.lineage), lineage=place.codes, category_path=path, is_restricted=category.is_restricted)


@kept_briefly
def _rules_at(lineage: str) -> list[Rule]:
    columns = ("place__code", "category__code", "body_id", "overdue_body_id")
    return [
        Rule(place=at, category=of, body=body, overdue_body=overdue_body)
        for at, of, body, overdue_body in RoutingRule.objects.filter(place__code__in=lineage.split("/")).values_list(*columns)
    ]


def counts_at(scope_ids: Scopes) -> dict[str, int]:
    """Stored counts of public matters by state, over these scopes."""
    counts = MatterCount.objects.filter(**at_scopes(scope_ids))
    return {row["state"]: row["total"] for row in counts.values("state").annotate(total=Sum("n"))}


def counts_in(place: Place, scope_ids: Scopes) -> dict[str, int]:
    """Public matters of a place by state: the stored counts of its scopes, the rows themselves of a building or venue. One query."""
    if scope_ids is None or scope_ids:
        return counts_at(scope_ids)
    own = Matter.objects.filter(matters_in(place, scope_ids), is_public=True)
    return dict(own.values_list("state").annotate(n=Count("id")).order_by())


def mine(viewer: Viewer, *, before: int | None = None, size: int = PAGE) -> Page:
    """Matters the viewer raised, or wrote down for somebody."""
    return _listed(Matter.objects.filter(Q(reporter_id=viewer.own_id) | Q(entered_by_id=viewer.own_id)), before, size)


def _asked(viewer: Viewer) -> QuerySet[Matter]:
    """Matters of the viewer's that wait for their word: asked, and not yet said. A merged one is asked in the matter it went into."""
    asked = Q(ask_until__isnull=False, word="")
    return Matter.objects.filter(Q(asked, reporter_id=viewer.own_id) | Q(asked, entered_by_id=viewer.own_id))


def waiting_for(viewer: Viewer, *, size: int = 5) -> list[Matter]:
    """Matters that wait for this resident's word; one of several who raised it is shown the matter theirs went into."""
    rows = _asked(viewer).select_related(
        "place", "scope", "category", "body", "merged_into__place", "merged_into__scope", "merged_into__category", "merged_into__body"
    )
    found: dict[int, Matter] = {}
    for row in rows.order_by("ask_until", "id")[:size]:
        shown = row.merged_into or row
        shown.asks_you = True
        found.setdefault(shown.pk, shown)
    return list(found.values())


def matter_for(viewer: Viewer, number: str) -> Matter | None:
    """The matter of this number if the viewer may know of it."""
    return (
        visible(viewer)
        .select_related("place", "scope", "category__parent", "body", "overdue_body", "reporter", "entered_by", "merged_into", "taken_by")
        .filter(number=number)
        .first()
    )


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of the thread as this viewer may see it."""

    verb: str
    happened_at: datetime
    recorded_at: datetime
    by_you: bool
    by_post: Post | None
    by_name: str
    text: str
    photos: tuple[MatterPhoto, ...]
    body: Body | None
    promised_on: date | None
    inside: bool
    detail: dict[str, Any]
    times: int = 1
    item: str = ""
    hidden: Reason | None = None
    moved_from: Place | None = None
    moved_to: Place | None = None

    @property
    def shown(self) -> bool:
        """What is for colleagues is shown to them alone, and a second entry that only tells a place of a move to nobody."""
        return (self.verb not in INSIDE or self.inside) and not (self.verb == Verb.MOVE and "place" not in self.detail)


@dataclass(frozen=True, slots=True)
class Thread:
    matter: Matter
    steps: list[Step]
    photos: tuple[MatterPhoto, ...]
    roles: frozenset[Role]
    possible: frozenset[Verb]
    reporter_name: str
    reporter_phone: str
    entered_by_name: str
    is_mine: bool
    merged: tuple[Matter, ...]
    asked: int
    yes: int
    my_word: str
    transfers: tuple[tuple[Transfer, Statutory | None], ...]
    opening: str = ""
    spot: str = ""
    hidden: Reason | None = None

    @property
    def says_more(self) -> bool:
        """Whether the text says more than the title above it."""
        return bool(self.opening) and self.opening.rstrip("。.") != self.matter.title.rstrip("。.")

    @property
    def after_photos(self) -> tuple[MatterPhoto, ...]:
        """The photos of the last "done"."""
        return next((step.photos for step in reversed(self.steps) if step.verb == Verb.DONE), ())


def thread_for(viewer: Viewer, number: str) -> Thread | None:
    """A matter's whole thread as this viewer may see it. A fixed number of queries; notes a read of contact data or of a restricted matter."""
    matter = matter_for(viewer, number)
    if matter is None:
        return None
    roles = roles_in(viewer, matter)
    audiences = {PUBLIC, f"matter:{matter.number}"}
    inside = may_see_inside(viewer, matter)
    if inside:
        audiences |= {f"body:{body_id}" for body_id in viewer.bodies}
    entries = timeline(kind="matter", subject=matter.number, audiences=audiences)
    texts = {text.entry_id: text for text in MatterText.objects.filter(matter=matter).select_related("author")}
    photos: dict[int | None, list[MatterPhoto]] = {}
    for photo in MatterPhoto.objects.filter(matter=matter).select_related("file").order_by("position", "id"):
        photos.setdefault(photo.text_id, []).append(photo)
    hidden_photos = [photo for row in photos.values() for photo in row if photo.file.audience.startswith("hidden:")]
    posts = posts_by_id({entry.post_id for entry in entries if entry.post_id})
    bodies = bodies_by_code({entry.detail["body"] for entry in entries if entry.detail.get("body")})
    moves = [entry.detail for entry in entries if entry.verb == Verb.MOVE]
    codes = {detail[key] for detail in moves for key in ("from", "place") if key in detail}
    places = {place.code: place for place in Place.objects.filter(code__in=codes)} if codes else {}
    knows_reporter = may_see_reporter(viewer, matter)
    # Who has a part in it reads on what is hidden from the others, with the reason beside it.
    is_hidden = bool(matter.hidden_because) or any(text.hidden_because for text in texts.values()) or bool(hidden_photos)
    held = hidden_words("matter", matter.number) if is_hidden else {}
    unhidden = {item: case.original.get("text", "") for item, case in held.items() if roles or case.author_id == viewer.person_id}
    for photo in hidden_photos:
        alone = held.get(f"p{photo.pk}")
        if alone is not None:
            photo.hidden, photo.kept_back = reasons()[alone.reason], f"p{photo.pk}" not in unhidden
    steps = _together(
        [_step(entry, matter, texts.get(entry.pk), photos, posts, bodies, viewer, knows_reporter, unhidden, places) for entry in entries]
    )
    is_mine = bool(roles & CONCERNED)
    # A merged matter that is not public is counted; its number is for those who work it, and its own complainant.
    group = [matter, *matter.merged_rows]
    own = [row for row in group if viewer.signed_in and viewer.person_id in (row.reporter_id, row.entered_by_id)]
    if Role.HANDLER in roles or not matter.is_public:
        viewer.note_read(kind="matter", subject=matter.number, about_person_id=matter.reporter_id, why="handling")
    return Thread(
        matter=matter,
        steps=steps,
        photos=tuple(photos.get(None, ())) if not matter.hidden_because or "0" in unhidden else (),
        spot=held["0"].original.get("spot", "") if matter.hidden_because and "0" in unhidden else matter.spot,
        roles=roles,
        possible=possible(matter.state, roles)
        - ({Verb.CONFIRM} if own and own[0].word == Matter.Word.YES else set())
        - ({Verb.OUTSIDE_REGISTERED} if matter.category.is_neighbourly or matter.merged_count else set()),
        reporter_name=matter.reporter.name if knows_reporter else "",
        reporter_phone=matter.reporter.phone if Role.HANDLER in roles and knows_reporter else "",
        entered_by_name=matter.entered_by.name if knows_reporter and matter.entered_by_id != matter.reporter_id else "",
        is_mine=is_mine,
        opening=unhidden.get("0", "") if matter.hidden_because else matter.text,
        hidden=reasons().get(matter.hidden_because),
        merged=tuple(row for row in matter.merged_rows if row.is_public or Role.HANDLER in roles or row in own),
        asked=len(group),
        yes=sum(1 for row in group if row.word == Matter.Word.YES),
        my_word=next((row.word for row in own), ""),
        transfers=tuple(transfers_of(matter, with_number=bool(roles)))
        if any(step.verb in (Verb.TRANSFER, Verb.OUTSIDE_REGISTERED) for step in steps)
        else (),
    )


def _together(steps: list[Step]) -> list[Step]:
    """Where many raised the same: what came in or was said in a row, and says no more than that, is one step with a number."""
    found: list[Step] = []
    for step in steps:
        last = found[-1] if found else None
        if last is not None and last.verb == step.verb and _counted(last) and _counted(step):
            found[-1] = replace(step, times=last.times + 1, by_you=last.by_you or step.by_you)
        else:
            found.append(step)
    return found


def _counted(step: Step) -> bool:
    """A matter merged into this one, or one word of several."""
    merged_in = step.verb == Verb.MERGE and "merged" in step.detail
    return (merged_in or (step.verb == Verb.CONFIRM and "asked" in step.detail)) and not step.text


def _step(
    entry: Entry,
    matter: Matter,
    text: MatterText | None,
    photos: dict[int | None, list[MatterPhoto]],
    posts: dict[int, Post],
    bodies: dict[str, Body],
    viewer: Viewer,
    knows_reporter: bool,
    unhidden: dict[str, str],
    places: dict[str, Place],
) -> Step:
    post = posts.get(entry.post_id) if entry.post_id else None
    by_reporter = entry.actor_id in (matter.reporter_id, matter.entered_by_id) and entry.post_id is None
    name = ""
    if post is not None and text is not None:
        name = text.author.name
    elif by_reporter and knows_reporter:
        name = matter.reporter.name
    return Step(
        verb=entry.verb,
        happened_at=entry.happened_at,
        recorded_at=entry.recorded_at,
        by_you=viewer.is_me(entry.actor_id),
        by_post=post,
        by_name=name,
        text=(unhidden.get(str(text.pk), "") if text.hidden_because else text.text) if text else "",
        photos=tuple(photos.get(text.pk, ())) if text and (not text.hidden_because or str(text.pk) in unhidden) else (),
        body=bodies.get(entry.detail.get("body", "")),
        promised_on=date.fromisoformat(entry.detail["promised_on"]) if entry.detail.get("promised_on") else None,
        inside=entry.audience.startswith("body:"),
        item=str(text.pk) if text else "",
        hidden=reasons().get(text.hidden_because) if text else None,
        detail=entry.detail,
        moved_from=places.get(entry.detail.get("from", "")) if entry.verb == Verb.MOVE else None,
        moved_to=places.get(entry.detail.get("place", "")) if entry.verb == Verb.MOVE else None,
    )


# The workbench


@dataclass(frozen=True, slots=True)
class Part:
    """One page of a part of the queue: `total` rows in all, the page's own from the `first` to the `last`, counted from 1."""

    rows: list[Matter]
    total: int
    page: int
    size: int

    @property
    def first(self) -> int:
        return (self.page - 1) * self.size + 1

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1

    @property
    def before(self) -> int | None:
        return self.page - 1 if self.page > 1 else None

    @property
    def after(self) -> int | None:
        return self.page + 1 if self.page * self.size < self.total else None

    @property
    def has_more(self) -> bool:
        return self.before is not None or self.after is not None


@dataclass(frozen=True, slots=True)
class Workbench:
    """`due` by time left, `waiting` for the resident (never late), each a page of `parts`. The figures count everything, not the pages."""

    parts: dict[str, Part]
    overdue: int
    today: int
    week: int
    asking: int

    @property
    def due(self) -> list[Matter]:
        return self.parts["due"].rows

    @property
    def waiting(self) -> list[Matter]:
        return self.parts["waiting"].rows

    @property
    def unrouted(self) -> list[Matter]:
        return self.parts["unrouted"].rows


BENCH_PAGE = 100
# By what a matter is sorted and told apart; one that nobody has sorted is asked for by UNSORTED.
AXES = ("level", "relation", "cause", "pressing")
UNSORTED = "none"


def workbench(
    viewer: Viewer,
    *,
    now: datetime,
    end_of_today: datetime,
    end_of_week: datetime,
    pages: Mapping[str, int] | None = None,
    kinds: Mapping[str, str] | None = None,
    size: int = BENCH_PAGE,
) -> Workbench:
    """The open matters of the bodies the viewer works for, and those brought before them as overdue. `pages`: which page of each part, the
    first unless named; a page beyond the last is the last. `kinds`: what the parts show of each of AXES. Figures are counted by the database. A fixed number of queries."""
    bodies = [post.body_id for post in viewer.posts if post.body_id in viewer.bodies]
    ours = Q(body_id__in=bodies) | Q(overdue_body_id__in=bodies, escalated_at__isnull=False)
    is_due = ours & Q(state__in=[State.ASSIGNED, State.IN_PROGRESS])
    is_waiting = Q(body_id__in=bodies, state__in=[State.AWAITING_CONFIRMATION, State.RETURNED])
    asked = Q(**{axis: "" if given == UNSORTED else given for axis, given in (kinds or {}).items()})
    near = Q(pk__in=[])
    for lineage in {post.lineage for post in viewer.posts if post.body_id in viewer.bodies}:
        near |= Q(place__lineage=lineage) | Q(place__lineage__startswith=f"{lineage}/")
    seen = Q(is_public=True) | Exists(MatterAudience.objects.filter(matter=OuterRef("pk"), key__in=viewer.keys))
    unrouted = Matter.objects.filter(near & seen & asked, state=State.REGISTERED, category__is_neighbourly=False)
    figures = Matter.objects.filter(is_due | is_waiting).aggregate(
        due=Count("id", filter=is_due & asked),
        waiting=Count("id", filter=is_waiting & asked),
        overdue=Count("id", filter=is_due & Q(due_at__lt=now)),
        today=Count("id", filter=is_due & Q(due_at__gte=now, due_at__lte=end_of_today)),
        week=Count("id", filter=is_due & Q(due_at__gte=now, due_at__lte=end_of_week)),
        asking=Count("id", filter=is_waiting),
    )

    def part(name: str, rows: QuerySet[Matter], total: int, *order: Any) -> Part:
        page = min(max((pages or {}).get(name, 1), 1), max(-(-total // size), 1))
        found = rows.select_related("place", "scope", "category", "body", "reporter", "entered_by", "taken_by").order_by(*order)
        return Part(list(found[(page - 1) * size : page * size]), total, page, size)

    return Workbench(
        parts={
            "due": part("due", Matter.objects.filter(is_due & asked), figures["due"], "due_at", "id"),
            # What was returned has no day until which it is asked, on every database.
            "waiting": part(
                "waiting", Matter.objects.filter(is_waiting & asked), figures["waiting"], F("ask_until").asc(nulls_last=True), "id"
            ),
            "unrouted": part("unrouted", unrouted, unrouted.count(), "id"),
        },
        overdue=figures["overdue"],
        today=figures["today"],
        week=figures["week"],
        asking=figures["asking"],
    )


# Categories and drafts


@kept_briefly
def categories() -> list[tuple[Category, list[Category]]]:
    """The tree: each top category with its children, in order. One query."""
    rows = list(offered())
    return [(top, [row for row in rows if row.parent_id == top.pk]) for top in rows if top.parent_id is None]


@kept_briefly
def top_categories() -> list[Category]:
    """The first level of the tree, in order."""
    return list(offered().filter(parent=None))


@kept_briefly
def category_by_code(code: str) -> Category | None:
    return offered().select_related("parent").filter(code=code).first()


def draft_of(token: str) -> Draft | None:
    return Draft.objects.prefetch_related(Prefetch("photos")).filter(token=token).first() if token else None


def waiting_count(viewer: Viewer) -> int:
    """How many matters wait for this resident's word."""
    # Asked on every page of somebody signed in: written out, so that no query has to be put together.
    with connection.cursor() as cursor:
        # Each half says everything: SQLite then reads the small index of what is asked for both.
        cursor.execute(
            "SELECT COUNT(*) FROM affairs_matter WHERE (reporter_id = %s AND ask_until IS NOT NULL AND word = '')"
            " OR (entered_by_id = %s AND ask_until IS NOT NULL AND word = '')",
            [viewer.own_id, viewer.own_id],
        )
        return int(cursor.fetchone()[0])


def matters_state() -> dict[str, int]:
    """Stored counts of the town's public matters by state; also the states with none."""
    return {**dict.fromkeys(sorted(State), 0), **counts_at(None)}
