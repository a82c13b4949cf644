"""When a vote goes on by itself: it opens and closes at the announced times, and who has not voted is reminded before the end."""

from datetime import datetime, timedelta


def opens_now(*, opens_at: datetime, closes_at: datetime, now: datetime) -> bool:
    """From the announced time on; not once the end has passed too, when nobody could cast a ballot any more."""
    return opens_at <= now < closes_at


def closes_now(*, closes_at: datetime, now: datetime) -> bool:
    return now >= closes_at


def reminds_from(*, opens_at: datetime, closes_at: datetime, days: int) -> datetime:
    """So many days before the end, but never in the first half of the time of voting: nobody is reminded of what they were just told."""
    return max(closes_at - timedelta(days=days), opens_at + (closes_at - opens_at) / 2)
