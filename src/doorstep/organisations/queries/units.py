"""A unit as its holders and the keepers of its roll may see it."""

from dataclasses import dataclass

from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.places.models import Place
from doorstep.organisations.models import FormerHolder, Holder, Unit
from doorstep.organisations.permissions import may_keep_roll

PAGE = 60


@dataclass(frozen=True, slots=True)
class UnitView:
    """A unit with who holds it and who did. Keepers see everybody; a holder sees the holders beside them, and of the past only the days."""

    unit: Unit
    holders: tuple[Holder, ...]
    former: tuple[FormerHolder, ...]
    keeps: bool


def unit_for(viewer: Viewer, estate: Place, unit_id: int) -> UnitView | None:
    """None for who neither holds it nor keeps the roll. Three queries."""
    unit = Unit.objects.select_related("estate", "building").filter(estate=estate, pk=unit_id).first()
    if unit is None or not viewer.signed_in:
        return None
    holders = tuple(Holder.objects.filter(unit=unit).select_related("person").order_by("id"))
    keeps = may_keep_roll(viewer, estate)
    if not keeps and viewer.own_id not in {holder.person_id for holder in holders}:
        return None
    former = tuple(FormerHolder.objects.filter(unit=unit).select_related("person").order_by("-held_until", "id"))
    if keeps:
        for person_id in (*(each.person_id for each in holders), *(each.person_id for each in former)):
            viewer.note_read(kind="unit", subject=str(unit.pk), about_person_id=person_id, why="roll")
    return UnitView(unit, holders, former, keeps)


def units_for(
    viewer: Viewer, estate: Place, *, building: str = "", wanted: str = "", after: int = 0
) -> tuple[list[Unit], int | None] | None:
    """The units of an estate for who keeps its roll, in the order they were entered, and the cursor of the next page."""
    if not may_keep_roll(viewer, estate):
        return None
    units = Unit.objects.filter(estate=estate, pk__gt=after).select_related("building").order_by("id")
    if building:
        units = units.filter(building__code=building)
    if wanted:
        units = units.filter(name__contains=wanted)
    found = list(units[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None


def own_units(viewer: Viewer, estate: Place) -> list[Unit]:
    """The units a viewer holds on an estate."""
    return list(Unit.objects.filter(estate=estate, holders__person_id=viewer.own_id).order_by("id")) if viewer.signed_in else []
