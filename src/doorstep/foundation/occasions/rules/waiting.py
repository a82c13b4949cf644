"""Who has a place, who waits, and who is asked next. A waiting list is a timed hold: the first in line is offered the place until an
instant; then it is the next one's turn. The order is the order of signing up, and nothing else is looked at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Standing(StrEnum):
    """What a sign-up is worth now."""

    CONFIRMED = "confirmed"
    WAITING = "waiting"
    OFFERED = "offered"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


LIVE = frozenset({Standing.CONFIRMED, Standing.WAITING, Standing.OFFERED})
TAKES_A_PLACE = frozenset({Standing.CONFIRMED, Standing.OFFERED})


@dataclass(frozen=True, slots=True)
class InLine:
    """A sign-up in the line of one role. `id` counts up in the order of signing up."""

    id: int
    standing: Standing
    hold_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A sign-up that stands differently now."""

    id: int
    standing: Standing
    hold_until: datetime | None = None


def settle(*, capacity: int | None, line: Sequence[InLine], now: datetime, starts_at: datetime, hold_until: datetime) -> list[Change]:
    """What time and freed places change: holds that ran out lapse, and each free place is offered to the first who waits.

    `hold_until` is when a hold given now runs out; it ends with the beginning of the occasion at the latest; after it nothing is offered any more. Capacity None = no limit.
    """
    changes = [
        Change(each.id, Standing.LAPSED)
        for each in line
        if each.standing == Standing.OFFERED and each.hold_until is not None and each.hold_until <= now
    ]
    lapsed = {change.id for change in changes}
    taken = sum(1 for each in line if each.standing in TAKES_A_PLACE and each.id not in lapsed)
    if now < starts_at:
        for each in sorted(line, key=lambda each: each.id):
            if each.standing != Standing.WAITING:
                continue
            if capacity is not None and taken >= capacity:
                break
            taken += 1
            changes.append(Change(each.id, Standing.OFFERED, min(hold_until, starts_at)))
    return changes


def newcomer(*, capacity: int | None, line: Sequence[InLine]) -> Standing:
    """How somebody new stands in a settled line: a free place is theirs unless somebody waits for it."""
    taken = sum(1 for each in line if each.standing in TAKES_A_PLACE)
    waits = any(each.standing == Standing.WAITING for each in line)
    return Standing.CONFIRMED if not waits and (capacity is None or taken < capacity) else Standing.WAITING


def free(*, capacity: int | None, taken: int) -> int | None:
    """Places left; None = no limit. Never below zero: a capacity may be lowered under what is taken, and nobody is sent away."""
    return None if capacity is None else max(0, capacity - taken)
