"""Days as precisely as they are known: a year, a month or a day."""

import re
from datetime import date

AS_KNOWN = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")


def first_day(text: str) -> date | None:
    """The first day a date as known may mean: 2015 → 1 January, 2015-06 → 1 June. None for what is not one."""
    found = AS_KNOWN.fullmatch(text)
    if found is None:
        return None
    year, month, day = (int(part) if part else 1 for part in found.groups())
    try:
        return date(year, month, day)
    except ValueError:
        return None


def is_date_as_known(text: str, today: date) -> bool:
    """Whether this is a date that has come."""
    first = first_day(text)
    return first is not None and first <= today
