"""Which open matters may be the same as what somebody is writing, or as one that came in."""

from dataclasses import dataclass
from datetime import timedelta

from doorstep.affairs.models import Category, Matter, Question
from doorstep.affairs.rules.matter_states import OPEN
from doorstep.affairs.rules.similar import Asked, Said, Similar, answered, similar
from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.places.models import Place
from doorstep.foundation.places.queries import scope_of

COMPARED = 300
NOT_OLDER = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Alike:
    matter: Matter
    found: Similar


def similar_to(
    viewer: Viewer, *, text: str, place: Place | None = None, category: Category | None = None, but: Matter | None = None
) -> list[Alike]:
    """Open public matters of the same estate or village (without a place: of the town) that may be the same. Two queries.

    The newest 300 of the last half year are compared. Only public ones: a suggestion tells nobody of what is not theirs to know.
    """
    scope = (but.scope if but else None) or (scope_of(place) if place else None)
    chosen = Matter.objects.filter(is_public=True, state__in=OPEN, raised_at__gt=clock.now() - NOT_OLDER)
    if scope is not None:
        chosen = chosen.filter(scope=scope)
    if but is not None:
        chosen = chosen.exclude(pk=but.pk)
    rows = {row.number: row for row in chosen.select_related("place", "scope", "category__parent", "body").order_by("-id")[:COMPARED]}
    said = Said(
        number=but.number if but else "",
        text=text,
        lineage=place.lineage if place else "",
        scope=scope.code if scope else "",
        category=category.code if category else "",
        top=_top(category) if category else "",
    )
    return [Alike(rows[found.number], found) for found in similar(said, [_said(row) for row in rows.values()])]


def answers_to(*, text: str, place: Place | None = None) -> list[Question]:
    """Published questions with their answers that may be what somebody is asking: of the estate or village, and of what is above it (without a
    place: of the town). One query."""
    chosen = Question.objects.filter(withdrawn_at=None)
    if place is not None:
        chosen = chosen.filter(scope__code__in=place.codes)
    rows = {row.pk: row for row in chosen.select_related("scope", "body").order_by("-id")[:COMPARED]}
    return [rows[pk] for pk in answered(text, [Asked(row.pk, row.question) for row in rows.values()])]


def _said(row: Matter) -> Said:
    return Said(row.number, f"{row.title}\n{row.text}", row.place.lineage, row.scope.code, row.category.code, _top(row.category))


def _top(category: Category) -> str:
    return category.parent.code if category.parent else category.code
