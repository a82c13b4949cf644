"""After how many failures somebody has to wait, and how long. Values are the platform's own safety settings, not law."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class LockoutPolicy:
    """`allowed` failures within `window`; each further one locks for `lock`."""

    allowed: int
    window: timedelta
    lock: timedelta


CREDENTIAL = LockoutPolicy(allowed=5, window=timedelta(minutes=15), lock=timedelta(minutes=15))
ADDRESS = LockoutPolicy(allowed=50, window=timedelta(minutes=15), lock=timedelta(minutes=15))


def after_failure(*, failures: int, first_at: datetime, now: datetime, policy: LockoutPolicy) -> tuple[int, datetime, datetime | None]:
    """(failures, first_at, locked_until) after one more failure."""
    if now - first_at > policy.window:
        failures, first_at = 0, now
    failures += 1
    return failures, first_at, (now + policy.lock if failures >= policy.allowed else None)
