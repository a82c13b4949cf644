"""How often one may. A counter per key and window in the database, so that every process of the town counts together."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any

from django.conf import settings
from django.db import connection

from doorstep.foundation import clock
from doorstep.foundation.access.models import RateCount


@dataclass(frozen=True, slots=True)
class Rate:
    """At most so many in each window of so many seconds."""

    most: int
    seconds: int


# What this process has not written down yet: uses, and when their window ends in seconds of the epoch, by key and window.
MOST_UNWRITTEN = 10_000
_unwritten: dict[tuple[str, int], tuple[int, int]] = {}
_lock = Lock()


class TooOften(Exception):
    """The limit of a key is reached; `seconds` until the next window."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


def count(key: str, rate: Rate) -> None:
    """Count one use of a key. Raises TooOften beyond the limit; that use is counted too."""
    count_all({key: rate})


def count_all(rates: Mapping[str, Rate]) -> None:
    """Count one use of each key. Raises TooOften where one of them is beyond its limit.

    A process writes down its uses of a key by the hundredth part of the limit, all that are due in one statement: a limit of less than two
    hundred is exact, of a larger one each process may let through up to a hundredth more, or lose as much when it is killed.
    """
    now = clock.now()
    windows = {digest_of(key): (rate, int(now.timestamp()) // rate.seconds) for key, rate in rates.items()}
    due = _due(windows, now)
    if not due:
        return
    parameters: list[Any] = []
    # In one order for everyone, so that two requests never wait for each other in a ring.
    for key, uses in sorted(due.items()):
        rate, window = windows[key]
        ends_at = datetime.fromtimestamp((window + 1) * rate.seconds, UTC)
        parameters += [key, window, uses, connection.ops.adapt_datetimefield_value(ends_at)]
    rows = ", ".join(["(%s, %s, %s, %s)"] * len(due))
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO foundation_ratecount (key, "window", n, ends_at) VALUES {rows} '
            'ON CONFLICT (key, "window") DO UPDATE SET n = foundation_ratecount.n + excluded.n RETURNING key, n',
            parameters,
        )
        used = dict(cursor.fetchall())
    beyond = [(key, *windows[key]) for key in used if used[key] > windows[key][0].most]
    if beyond:
        with _lock:
            # The next use asks again at once.
            _unwritten.update({(key, window): (step_of(rate) - 1, (window + 1) * rate.seconds) for key, rate, window in beyond})
        raise TooOften(max((window + 1) * rate.seconds - int(now.timestamp()) for _key, rate, window in beyond))


def step_of(rate: Rate) -> int:
    """How many uses a process gathers before it writes them down."""
    return max(1, rate.most // 100)


def _due(windows: Mapping[str, tuple[Rate, int]], now: datetime) -> dict[str, int]:
    """Add one use of each; the uses to be written now."""
    due: dict[str, int] = {}
    with _lock:
        if len(_unwritten) > MOST_UNWRITTEN:
            for each in [each for each, (_uses, ends) in _unwritten.items() if ends <= now.timestamp()]:
                del _unwritten[each]
        for key, (rate, window) in windows.items():
            uses = _unwritten.pop((key, window), (0, 0))[0] + 1
            if uses >= step_of(rate):
                due[key] = uses
            else:
                _unwritten[key, window] = (uses, (window + 1) * rate.seconds)
    return due


def digest_of(key: str) -> str:
    """Who a counter counts is told to nobody who reads the table."""
    return hmac.new(settings.SECRET_KEY.encode(), f"rate|{key}".encode(), hashlib.sha256).hexdigest()


def forget_counts() -> int:
    """Drop the counters of windows that are over; how many."""
    return RateCount.objects.filter(ends_at__lt=clock.now() - timedelta(minutes=1)).delete()[0]
