"""Whether a certificate or a licence counts on a day. Both count on their last day. Pure."""

from datetime import date, timedelta
from enum import StrEnum


class Standing(StrEnum):
    VALID = "valid"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    EXPIRED = "expired"


def standing_of(*, state: str, issued_on: date, valid_until: date, on: date) -> Standing:
    """How a certificate stands on a day. Revoked is for good; then the end counts before a suspension. Before it was issued none is valid."""
    if state == "revoked":
        return Standing.REVOKED
    if on > valid_until or on < issued_on:
        return Standing.EXPIRED
    return Standing.SUSPENDED if state == "suspended" else Standing.VALID


def next_term(*, valid_until: date, on: date, months: int) -> tuple[date, date]:
    """First and last day of the term a renewal adds: it follows the old one without a gap; after the end it begins on the day itself."""
    begins = max(valid_until + timedelta(days=1), on)
    return begins, last_day(begins, months)


def last_day(begins: date, months: int) -> date:
    """The last day of a term of so many months: the day before the same day of the month, or that month's last day."""
    month = begins.month - 1 + months
    year, month = begins.year + month // 12, month % 12 + 1
    after = date(year + month // 12, month % 12 + 1, 1)
    end_of_month = after - timedelta(days=1)
    if begins.day > end_of_month.day:
        return end_of_month
    return date(year, month, begins.day) - timedelta(days=1)


def renewable(*, state: str, valid_until: date, on: date, window_days: int) -> bool:
    """Renewal is open from so many days before the end, and after it; not for what is suspended or revoked."""
    return state == "given" and on >= valid_until - timedelta(days=window_days)


def licence_counts(*, checked_on: date, expires_on: date, withdrawn_on: date | None, on: date) -> bool:
    """Whether a licence makes somebody eligible on a day: seen by somebody before, not over, not withdrawn (志愿服务条例 art. 16)."""
    return checked_on <= on <= expires_on and (withdrawn_on is None or on < withdrawn_on)


def is_due_for_warning(*, ends_on: date, warned_for: date | None, on: date, days: int) -> bool:
    """Whether the holder is to be told now that the end is near: once for each end."""
    return warned_for != ends_on and ends_on - timedelta(days=days) <= on <= ends_on
