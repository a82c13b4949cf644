"""How often one may. A counter per key and window in the database, so that every process of the town counts together."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

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
    now = clock.now()
    window = int(now.timestamp()) // rate.seconds
    ends_at = datetime.fromtimestamp((window + 1) * rate.seconds, UTC)
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO foundation_ratecount (key, "window", n, ends_at) VALUES (%s, %s, 1, %s) '
            'ON CONFLICT (key, "window") DO UPDATE SET n = foundation_ratecount.n + 1 RETURNING n',
            [key[:120], window, connection.ops.adapt_datetimefield_value(ends_at)],
        )
        used = cursor.fetchone()[0]
    if used > rate.most:
        raise TooOften(max(1, int((ends_at - now).total_seconds())))


def forget_counts() -> int:
    """Drop the counters of windows that are over; how many."""
    return RateCount.objects.filter(ends_at__lt=clock.now() - timedelta(minutes=1)).delete()[0]
