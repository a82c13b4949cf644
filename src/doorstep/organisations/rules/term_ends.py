"""When somebody's term in a post runs out, and whether anyone has come after them. For bodies other than an owners' committee, which has
terms of its own (committee.py)."""

from dataclasses import dataclass
from datetime import date

from doorstep.organisations.rules.committee import TERM_ENDING, TERM_OVER, Finding


@dataclass(frozen=True, slots=True)
class Held:
    """A post given for a time. `until`: the last day; `followed`: the same post is held by somebody after that day."""

    until: date
    followed: bool = False


def finding(held: Held, *, key: str, warn_from: date, today: date) -> Finding | None:
    """What is to be said of it on a day; `warn_from` is the first day of the warning. Nothing once somebody follows."""
    if held.followed:
        return None
    if today > held.until:
        return Finding(TERM_OVER, key, by=held.until)
    return Finding(TERM_ENDING, key, by=held.until) if today >= warn_from else None
