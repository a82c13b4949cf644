"""When something is told outside the platform. Pure: the present is an argument."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
MOST_ATTEMPTS = 8
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)


def next_digest(now: datetime, hour: int) -> datetime:
    """The next time the day's digest goes out, at this hour in the town's zone."""
    local = now.astimezone(ZONE)
    today = datetime.combine(local.date(), time(hour), ZONE)
    return today if local < today else datetime.combine(local.date() + timedelta(days=1), time(hour), ZONE)


def pause_after(attempts: int) -> timedelta | None:
    """How long to wait after so many failed attempts: 1, 4, 16 minutes …, six hours at most; None when it is given up."""
    if attempts >= MOST_ATTEMPTS:
        return None
    pause: timedelta = FIRST_PAUSE * 4 ** (attempts - 1)
    return min(pause, LONGEST_PAUSE)
