"""How often one may. A counter per key and window in the database, so that every process of the town counts together."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
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


class TooOften(Exception):
    """The limit of a key is reached; `seconds` until the next window."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


def count(key: str, rate: Rate) -> None:
    """Count one use of a key. Raises TooOften beyond the limit; that use is counted too."""
    count_all({key: rate})


def count_all(rates: Mapping[str, Rate]) -> None:
    """Count one use of each key, in one statement. Raises TooOften where one of them is beyond its limit."""
    now = clock.now()
    # In one order for everyone, so that two requests never wait for each other in a ring.
    windows = dict(
        sorted(((digest_of(key), (rate, int(now.timestamp()) // rate.seconds)) for key, rate in rates.items()), key=lambda each: each[0])
    )
    parameters: list[Any] = []
    for key, (rate, window) in windows.items():
        ends_at = datetime.fromtimestamp((window + 1) * rate.seconds, UTC)
        parameters += [key, window, connection.ops.adapt_datetimefield_value(ends_at)]
    rows = ", ".join(["(%s, %s, 1, %s)"] * len(windows))
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO foundation_ratecount (key, "window", n, ends_at) VALUES {rows} '
            'ON CONFLICT (key, "window") DO UPDATE SET n = foundation_ratecount.n + 1 RETURNING key, n',
            parameters,
        )
        used = dict(cursor.fetchall())
    waits = [(window + 1) * rate.seconds - int(now.timestamp()) for key, (rate, window) in windows.items() if used[key] > rate.most]
    if waits:
        raise TooOften(max(waits))


def digest_of(key: str) -> str:
    """Who a counter counts is told to nobody who reads the table."""
    return hmac.new(settings.SECRET_KEY.encode(), f"rate|{key}".encode(), hashlib.sha256).hexdigest()


def forget_counts() -> int:
    """Drop the counters of windows that are over; how many."""
    return RateCount.objects.filter(ends_at__lt=clock.now() - timedelta(minutes=1)).delete()[0]
