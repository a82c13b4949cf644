"""Two things at once. Spans are half-open: what ends at ten does not disturb what begins at ten."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, order=True)
class Span:
    starts_at: datetime
    ends_at: datetime


def overlap(one: Span, other: Span) -> bool:
    return one.starts_at < other.ends_at and other.starts_at < one.ends_at


def clashes(wanted: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """The wanted spans that overlap something taken, or an earlier wanted one, in order."""
    ordered, busy = sorted(wanted), list(taken)
    return [span for index, span in enumerate(ordered) if any(overlap(span, each) for each in (*busy, *ordered[:index]))]
