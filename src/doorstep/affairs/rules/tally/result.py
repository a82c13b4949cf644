"""What a count says, and the public form `doorstep.vote-result/1` of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from operator import attrgetter

from doorstep.affairs.rules.tally.thresholds import Majority
from doorstep.affairs.rules.tally.votes import Unit

FORMAT = "doorstep.vote-result/1"


@dataclass(frozen=True, slots=True)
class Measure:
    """The two measures of a joint decision: how many parties, and their area in hundredths of a square metre."""

    parties: int
    area: int


@dataclass(frozen=True, slots=True)
class RollSummary:
    """The roll that is counted; the fingerprint is of all units in the file."""

    whole: Measure
    units: int
    fingerprint: str


@dataclass(frozen=True, slots=True)
class MotionResult:
    """One motion. Each yes or no stands for parties, then area. `outcome`: passed, failed or no_turnout."""

    id: str
    item: int
    taking_part: Measure
    agree: Measure
    against: Measure
    abstain: Measure
    contested: int
    turnout_parties: bool
    turnout_area: bool
    majority_parties: bool
    majority_area: bool
    majority: Majority
    outcome: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A ballot that acts for no party, and the first reason that fits."""

    ballot: str
    reason: str


@dataclass(frozen=True, slots=True)
class Result:
    roll: RollSummary
    motions: tuple[MotionResult, ...]
    rejected: tuple[Rejected, ...]


def square_metres(area: int) -> str:
    """Hundredths as a decimal with two places: 9230 is 92.30."""
    return f"{area // 100}.{area % 100:02d}"


def fingerprint(units: Iterable[Unit]) -> str:
    """SHA-256 over all units sorted by name, one line each: `unit|area|kind|holders|status`."""
    lines = [
        f"{unit.unit}|{square_metres(unit.area)}|{unit.kind}|{','.join(sorted(unit.holders))}|{unit.status}\n"
        for unit in sorted(units, key=attrgetter("unit"))
    ]
    return "sha256:" + sha256("".join(lines).encode()).hexdigest()


def _measure(measure: Measure) -> dict[str, object]:
    return {"parties": measure.parties, "area": square_metres(measure.area)}


def _motion(motion: MotionResult) -> dict[str, object]:
    return {
        "id": motion.id,
        "item": motion.item,
        "taking_part": _measure(motion.taking_part),
        "agree": _measure(motion.agree),
        "against": _measure(motion.against),
        "abstain": _measure(motion.abstain),
        "contested": motion.contested,
        "turnout": {"parties": motion.turnout_parties, "area": motion.turnout_area},
        "majority": {"parties": motion.majority_parties, "area": motion.majority_area, "needs": motion.majority.needs},
        "outcome": motion.outcome,
        "reasons": list(motion.reasons),
    }


def result_document(result: Result) -> dict[str, object]:
    """The result as the public file says it, keys in the order of the format."""
    roll = result.roll
    return {
        "format": FORMAT,
        "roll": {**_measure(roll.whole), "units": roll.units, "fingerprint": roll.fingerprint},
        "motions": [_motion(motion) for motion in result.motions],
        "rejected": [{"ballot": rejected.ballot, "reason": rejected.reason} for rejected in result.rejected],
    }
