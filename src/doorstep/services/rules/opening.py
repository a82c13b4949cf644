"""When a venue is open: wall-clock spans by weekday, as {"mo": [["09:00", "18:00"]]}."""

import re
from collections.abc import Mapping, Sequence
from datetime import date

DAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")
MOST_SPANS = 4
Spans = tuple[tuple[str, str], ...]

_SPAN = re.compile(r"(\d{1,2})[:：](\d{2})\s*[-—–~至到]+\s*(\d{1,2})[:：](\d{2})")


class NotHours(Exception):
    """Spans from an earlier to a later time of the day, in order, none over the next: 09:00-12:00、14:00-18:00."""


def open_on(hours: Mapping[str, Sequence[Sequence[str]]], day: date) -> Spans | None:
    """The spans of a day; empty where it is closed then, None where nothing is said of any day."""
    if not hours:
        return None
    return tuple((begin, end) for begin, end in hours.get(DAYS[day.weekday()], ()))


def read_spans(text: str) -> Spans:
    """What somebody typed for one weekday; nothing for a day on which it is closed. Raises NotHours."""
    parts = [part.strip() for part in re.split("[、,，;；]", text) if part.strip()]
    if len(parts) > MOST_SPANS:
        raise NotHours(text)
    found: list[tuple[str, str]] = []
    for part in parts:
        read = _SPAN.fullmatch(part)
        if read is None:
            raise NotHours(part)
        begin, end = (f"{int(hour):02d}:{minute}" for hour, minute in (read.group(1, 2), read.group(3, 4)))
        if begin >= end or end > "24:00" or begin[3:] > "59" or end[3:] > "59" or (found and found[-1][1] > begin):
            raise NotHours(part)
        found.append((begin, end))
    return tuple(found)


def written(spans: Sequence[Sequence[str]]) -> str:
    """As it stands in the form: 09:00-12:00、14:00-18:00."""
    return "、".join(f"{begin}-{end}" for begin, end in spans)
