"""Who took part in anything, asked of every mechanism that sees somebody take part; by building, never by person."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from doorstep.foundation.places.models import Place
from doorstep.organisations.models import Holder, Residence, Unit

# Person ids of who took part since a moment.
TookPart = Callable[[datetime], Iterable[int]]

_registered: dict[str, TookPart] = {}


def register_participation(kind: str, took_part: TookPart) -> None:
    """A mechanism in which somebody can take part. What is not for everyone to know it leaves out: a building may be one household."""
    _registered[kind] = took_part


def buildings_with_part(estate: Place, since: datetime) -> set[int]:
    """The buildings of an estate in which somebody lives or holds a unit who took part in anything since then. Two queries and those of the
    mechanisms."""
    active = {person_id for took_part in _registered.values() for person_id in took_part(since)}
    held = Holder.objects.filter(unit__estate=estate).values_list("person_id", "unit__building_id")
    lived = Residence.objects.filter(unit__estate=estate, until_on=None).values_list("person_id", "unit__building_id")
    return {building_id for person_id, building_id in (*held, *lived) if person_id in active}


def homes_with(place: Place, people: QuerySet[Any, Any]) -> tuple[int, int]:
    """Of the flats at a place and below it those in which one of these people (a query of person ids) lives or holds the flat, and all. Two
    queries."""
    inside = Q(estate__lineage=place.lineage) | Q(estate__lineage__startswith=f"{place.lineage}/")
    flats = Unit.objects.filter(inside, kind=Unit.Kind.FLAT)
    held = Holder.objects.filter(person_id__in=people).values("unit_id")
    lived = Residence.objects.filter(person_id__in=people, until_on=None).values("unit_id")
    return flats.filter(Q(pk__in=held) | Q(pk__in=lived)).count(), flats.count()
