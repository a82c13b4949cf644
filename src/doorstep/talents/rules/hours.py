"""The hours book: real minutes, and what its lines add up to. Pure."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime


def real_minutes(came_at: datetime, left_at: datetime) -> int:
    """Whole minutes between coming and going (实付时间: the way there and back does not count). Never below zero."""
    return max(0, int((left_at - came_at).total_seconds()) // 60)


@dataclass(frozen=True, slots=True)
class Line:
    """A line as far as sums and the proof need it. `minutes` below zero takes another line back."""

    id: int
    on: date
    stage: str
    kind: str
    minutes: int


def total(lines: Sequence[Line], *, stage: str = "approved", kind: str = "service") -> int:
    """Minutes of one stage and kind, corrections taken off."""
    return sum(line.minutes for line in lines if line.stage == stage and line.kind == kind)


def fingerprint(lines: Sequence[Line]) -> str:
    """SHA-256 over the lines in the order of their ids, each `id|day|stage|kind|minutes` and a line feed: what a proof was made from."""
    text = "".join(
        f"{line.id}|{line.on.isoformat()}|{line.stage}|{line.kind}|{line.minutes}\n" for line in sorted(lines, key=lambda each: each.id)
    )
    return hashlib.sha256(text.encode()).hexdigest()
