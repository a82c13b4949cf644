"""What others may read of votes. Until closing that is turnout and nothing more, for everyone; then, for the tellers alone, ballots."""

from collections.abc import Iterable, Sequence

from doorstep.affairs.models import RollHolder, RollUnit, Teller, Vote
from doorstep.affairs.rules.tally import Unit as TallyUnit
from doorstep.affairs.rules.tally.result import square_metres
from doorstep.foundation.access.viewer import Viewer


def is_teller(viewer: Viewer, key: str) -> bool:
    """Resolver of the audience key `tellers:<number>`."""
    return Teller.objects.filter(vote__number=key.partition(":")[2], person_id=viewer.own_id).exists()


def is_voter(viewer: Viewer, key: str) -> bool:
    """Resolver of the audience key `voters:<number>`: who is on that vote's frozen roll."""
    return RollHolder.objects.filter(party__vote__number=key.partition(":")[2], person_id=viewer.own_id).exists()


def expand_voters(numbers: Sequence[str]) -> Iterable[int]:
    """Person ids on the frozen rolls of these votes."""
    return RollHolder.objects.filter(party__vote__number__in=numbers).values_list("person_id", flat=True).distinct()


def holder_name(person_id: int) -> str:
    """How a full file names a person."""
    return f"P{person_id}"


def vote_units(vote: Vote) -> list[TallyUnit]:
    """The frozen roll as the count takes it, parking too."""
    return [
        TallyUnit(
            unit=row.name,
            area=row.area_hundredths,
            kind=row.kind,
            holders=tuple(holder_name(person) for person in row.holders),
            status=row.status,
        )
        for row in RollUnit.objects.filter(vote=vote).order_by("id")
    ]


def full_roll(vote: Vote) -> list[dict[str, object]]:
    """The frozen roll as the full file has it."""
    return [
        {
            "unit": unit.unit,
            "area": square_metres(unit.area),
            "kind": unit.kind,
            "holders": list(unit.holders),
            "status": unit.status,
        }
        for unit in vote_units(vote)
    ]
