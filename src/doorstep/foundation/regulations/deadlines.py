"""When a limit ends. Pure: the start, the limit and the calendar are arguments.

Hours run through, night and holiday alike. Days and workdays do not count the day they begin on (Civil Code art. 201) and end with the
last second of the last day in the town's zone. Civil periods whose last day is a holiday end on the next workday (art. 203); others do not.
Months end on the same day of the month, or its last day where there is none (art. 202).
"""

import calendar as months
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
UNITS = ("hours", "workdays", "days", "months", "years")


class NotALimit(Exception):
    """This unit is not one of time."""


@dataclass(frozen=True, slots=True)
class Limit:
    """An amount of hours, workdays, days, months or years."""

    amount: int
    unit: str

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise NotALimit(self.unit)


@dataclass(frozen=True, slots=True)
class WorkdayCalendar:
    """`exceptions`: days that differ from their weekday (True = worked). `years`: those whose arrangement is published."""

    exceptions: Mapping[date, bool] = field(default_factory=dict)
    years: frozenset[int] = frozenset()

    def is_workday(self, day: date) -> bool:
        return self.exceptions.get(day, day.weekday() < 5)

    def is_published(self, day: date) -> bool:
        """Whether the year's holidays are known; else only weekends are taken into account."""
        return day.year in self.years

    def holidays(self) -> frozenset[date]:
        """The days off that are published, weekends among them; ordinary weekends are not."""
        return frozenset(day for day, is_worked in self.exceptions.items() if not is_worked)

    def next_workday(self, day: date) -> date:
        """The day itself if it is worked, else the next that is."""
        while not self.is_workday(day):
            day += timedelta(days=1)
        return day

    def add(self, day: date, workdays: int) -> date:
        """The n-th workday after a day."""
        while workdays > 0:
            day += timedelta(days=1)
            workdays -= self.is_workday(day)
        return day


def last_day(start: date, limit: Limit, calendar: WorkdayCalendar, *, civil: bool = False) -> date:
    """The last day of a limit that begins on `start`."""
    if limit.unit == "workdays":
        return calendar.add(start, limit.amount)
    if limit.unit == "days":
        end = start + timedelta(days=limit.amount)
    elif limit.unit in ("months", "years"):
        whole = start.year * 12 + start.month - 1 + limit.amount * (12 if limit.unit == "years" else 1)
        year, month = divmod(whole, 12)
        end = date(year, month + 1, min(start.day, months.monthrange(year, month + 1)[1]))
    else:
        raise NotALimit(limit.unit)
    return calendar.next_workday(end) if civil else end


def due(start: datetime, limit: Limit, calendar: WorkdayCalendar, *, civil: bool = False) -> datetime:
    """The instant a limit ends that begins at an aware instant."""
    if limit.unit == "hours":
        return start + timedelta(hours=limit.amount)
    day = last_day(start.astimezone(ZONE).date(), limit, calendar, civil=civil)
    return datetime.combine(day, time(23, 59, 59), ZONE)
