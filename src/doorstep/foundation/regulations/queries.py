"""Regulations in force. A snapshot is kept in the process and made anew when the tables change, so that a hot path asks no query."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from django.db.models import Max

from doorstep.foundation import clock
from doorstep.foundation.places.models import Place
from doorstep.foundation.regulations.deadlines import Limit, WorkdayCalendar
from doorstep.foundation.regulations.models import Regulation, Workday

LOOK_AGAIN = 5.0  # seconds


class UnknownRegulation(Exception):
    """No value is in force for this key here and then: a data file is missing, never a silent default."""


@dataclass(frozen=True, slots=True)
class RegulationValue:
    """A value in force, with where it comes from."""

    key: str
    locality: str
    value: str
    unit: str
    zh: str
    en: str
    source_zh: str
    source_en: str
    effective_from: date
    effective_to: date | None
    certainty: str
    basis: str

    @property
    def anchor(self) -> str:
        """Where it stands on the page of regulations."""
        return self.key if self.locality == "CN" else f"{self.key}@{self.locality}"

    @property
    def limit(self) -> Limit:
        return Limit(int(self.value), self.unit)

    @property
    def number(self) -> int:
        return int(self.value)

    @property
    def fraction(self) -> Fraction:
        return Fraction(self.value)


@dataclass(slots=True)
class _Snapshot:
    version: tuple[object, ...]
    looked_at: float
    values: dict[tuple[str, str], list[RegulationValue]]
    calendar: WorkdayCalendar


_kept: _Snapshot | None = None


def _version() -> tuple[object, ...]:
    return (*Regulation.objects.aggregate(a=Max("id")).values(), *Workday.objects.aggregate(a=Max("id")).values())


def forget() -> None:
    """Make the snapshot anew at the next question (called by the actions that change the tables)."""
    global _kept  # noqa: PLW0603
    _kept = None


def _snapshot() -> _Snapshot:
    global _kept  # noqa: PLW0603
    now = time.monotonic()
    if _kept is not None and now - _kept.looked_at < LOOK_AGAIN:
        return _kept
    version = _version()
    if _kept is not None and _kept.version == version:
        _kept.looked_at = now
        return _kept
    values: dict[tuple[str, str], list[RegulationValue]] = {}
    for row in Regulation.objects.order_by("-effective_from"):
        values.setdefault((row.key, row.locality), []).append(_value(row))
    days = {row.day: row.is_workday for row in Workday.objects.all()}
    _kept = _Snapshot(version, now, values, WorkdayCalendar(days, frozenset(day.year for day in days)))
    return _kept


def _value(row: Regulation) -> RegulationValue:
    return RegulationValue(
        row.key, row.locality, row.value, row.unit, row.zh, row.en, row.source_zh, row.source_en, row.effective_from, row.effective_to, row.certainty, row.basis
    )  # fmt: skip


def value_of(*keys: str, place_lineage_localities: Sequence[str], on: date) -> RegulationValue:
    """The value in force on a day at a place (`Place.localities`, the widest first): the narrowest locality decides, then the order of
    the keys (a category's own before the default), then the latest beginning. Raises UnknownRegulation."""
    values = _snapshot().values
    for locality in reversed(place_lineage_localities):
        for key in keys:
            for found in values.get((key, locality), ()):
                if found.effective_from <= on and (found.effective_to is None or on <= found.effective_to):
                    return found
    raise UnknownRegulation(keys, tuple(place_lineage_localities), on)


def calendar() -> WorkdayCalendar:
    return _snapshot().calendar


def workday_years_missing(on: date) -> dict[str, int]:
    """Whether the workdays of this and of the next year are not known yet (1) or are (0), for the metrics. The State Council publishes the next
    year's in November."""
    known = calendar().years
    return {"this": int(on.year not in known), "next": int(on.year + 1 not in known)}


def year_to_enter(town: Place) -> int | None:
    """The year whose holidays the administrator has to enter: this one's if they are missing, from the month of the regulations on next year's."""
    today = clock.today()
    ask_from = value_of("calendar.ask_month", place_lineage_localities=town.localities, on=today).number
    wanted = [today.year, *([today.year + 1] if today.month >= ask_from else [])]
    return next((year for year in wanted if not calendar().is_published(date(year, 1, 1))), None)


def unpublished_year(limit: Limit | None, until: datetime | None) -> int | None:
    """The year a limit of workdays reaches whose holidays nobody knows yet: its end may still move. None where there is none."""
    if limit is None or until is None or limit.unit != "workdays":
        return None
    day = until.astimezone(clock.TOWN_ZONE).date()
    return None if calendar().is_published(day) else day.year


def public_list(on: date) -> list[RegulationValue]:
    """Everything in force on a day, by key, the widest locality first. Of one locality the latest: an earlier one stays in the table, out of force."""
    latest: dict[tuple[str, str], RegulationValue] = {}
    for row in Regulation.objects.filter(effective_from__lte=on).order_by("key", "locality", "effective_from"):
        if row.effective_to is None or on <= row.effective_to:
            latest[row.key, row.locality] = _value(row)
    return sorted(latest.values(), key=lambda found: (found.key, found.locality != "CN", found.locality))


def history_of(locality: str) -> list[Regulation]:
    """A locality's own values, of every day and with who set them, the newest first."""
    return list(Regulation.objects.filter(locality=locality).order_by("-id")[:200])


def in_force_with(query: str, on: date) -> list[RegulationValue]:
    """What is in force on a day and has every word of the query in its key, sentence or source."""
    words = query.lower().split()
    return [
        found
        for found in public_list(on)
        if all(word in f"{found.key} {found.zh} {found.en} {found.source_zh} {found.source_en}".lower() for word in words)
    ]


def exceptional_days(year: int) -> list[Workday]:
    """Holidays and worked weekends of a year."""
    return list(Workday.objects.filter(day__year=year).order_by("day"))
