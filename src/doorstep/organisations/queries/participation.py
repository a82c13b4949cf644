"""Who took part in anything, asked of every mechanism that sees somebody take part; by building, never by person."""

from collections.abc import Callable, Iterable
from datetime import datetime

from doorstep.foundation.places.models import Place
from doorstep.organisations.models import Holder, Residence

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
