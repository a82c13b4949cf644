"""Points in time as RFC 3339 writes them, compared exactly: any number of decimals, leap seconds too."""

import re
from datetime import date
from functools import lru_cache

_SHAPE = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9]|60)(?:\.([0-9]+))?"
    r"(?:[Zz]|([+-])([01][0-9]|2[0-3]):([0-5][0-9]))"
)
_DAYS_IN_400_YEARS = 146_097
_MINUTES_IN_A_DAY = 1_440

Instant = tuple[int, int, str]
"""UTC minute, second within it (60 is a leap second), decimals of the second without trailing zeros: ordered as time is."""


@lru_cache(maxsize=4096)
def _day(text: str) -> int | None:
    """The number of a calendar day, None for one that no calendar has. Year 0 is allowed by the RFC and not by `date`."""
    year, month, day = int(text[:4]), int(text[5:7]), int(text[8:10])
    try:
        return date(2000 + year % 400, month, day).toordinal() + year // 400 * _DAYS_IN_400_YEARS
    except ValueError:
        return None


def is_instant(text: str) -> bool:
    """Whether this is a date and time with an offset (RFC 3339, 5.6)."""
    if _SHAPE.fullmatch(text) is None or _day(text[:10]) is None:
        return False
    return text[17:19] != "60" or instant(text)[0] % _MINUTES_IN_A_DAY == _MINUTES_IN_A_DAY - 1


def instant(text: str) -> Instant:
    """The point in time an RFC 3339 text names. Raises ValueError for any other text."""
    match = _SHAPE.fullmatch(text)
    day = _day(match[1]) if match else None
    if match is None or day is None:
        raise ValueError(f"not RFC 3339 with an offset: {text!r}")
    minute = day * _MINUTES_IN_A_DAY + int(match[2]) * 60 + int(match[3])
    if match[6]:
        ahead = int(match[7]) * 60 + int(match[8])
        minute += -ahead if match[6] == "+" else ahead
    return minute, int(match[4]), (match[5] or "").rstrip("0")
