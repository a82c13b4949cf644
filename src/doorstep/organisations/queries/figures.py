"""What a place is in figures: how much is built, as the roll has it, and how many came from elsewhere to work there. Public."""

from dataclasses import dataclass

from django.db.models import Count, Q, Sum

from doorstep.foundation import clock
from doorstep.foundation.places.models import Place
from doorstep.foundation.regulations.queries import value_of
from doorstep.organisations.models import BodyApplication, Unit


@dataclass(frozen=True, slots=True)
class PlaceFigures:
    """Of an estate: buildings, and the area of its units in hundredths of m² (0: no roll yet). Of a village or the town: registered workers,
    None below the floor."""

    buildings: int = 0
    area_hundredths: int = 0
    workers: int | None = None

    @property
    def area(self) -> tuple[int, str]:
        """Whole square metres, and two places: 10051920 → (100519, "20")."""
        whole, part = divmod(self.area_hundredths, 100)
        return whole, f"{part:02d}"


def place_figures(place: Place) -> PlaceFigures:
    """One or two queries by the kind of place; none for a building or venue."""
    if place.kind == Place.Kind.ESTATE:
        return PlaceFigures(
            buildings=Place.objects.filter(parent=place, kind=Place.Kind.BUILDING, closed_on=None).count(),
            area_hundredths=Unit.objects.filter(estate=place).aggregate(area=Sum("area_hundredths"))["area"] or 0,
        )
    if place.kind not in {Place.Kind.TOWN, Place.Kind.VILLAGE, Place.Kind.COMMUNITY}:
        return PlaceFigures()
    inside = Q(place=place) | Q(place__lineage__startswith=f"{place.lineage}/")
    running = BodyApplication.objects.filter(inside, kind=BodyApplication.Kind.WORKER, state=BodyApplication.State.ACCEPTED)
    count = running.aggregate(n=Count("person_id", distinct=True))["n"]
    floor = value_of("services.group_floor", place_lineage_localities=place.localities, on=clock.today()).number
    return PlaceFigures(workers=count if count >= floor else None)
