"""Loading the data files (twice the same changes nothing), a town's own values, and the workdays of a year."""

import csv
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.journal.actions import actor_of, record, writing
from doorstep.foundation.places.models import Place
from doorstep.foundation.regulations.bounds import Bound, refusal
from doorstep.foundation.regulations.deadlines import UNITS
from doorstep.foundation.regulations.models import Regulation, Workday
from doorstep.foundation.regulations.queries import RegulationValue, forget, value_of

DATA = Path(__file__).parent / "data"


class NotAllowed(PermissionDenied):
    """The town's administrator configures the town; nobody else does."""


class NotLikeTheNational(Exception):
    """A town's value is of the same sort as the one it stands over: a whole number, a fraction, or a word."""


class NotOverThis(Exception):
    """The law leaves a town no such value. `why`: fixed, laxer, out_of_range or not_one_of; `above` is what stands."""

    def __init__(self, why: str, above: RegulationValue, bound: Bound) -> None:
        super().__init__(why, above.key)
        self.why, self.above, self.bound = why, above, bound


class DayHasPassed(Exception):
    """What was in force on a day that is over stays as it was: a value begins today or later."""


class AlreadySet(Exception):
    """The town has a value of this key from that very day: a correction begins on another."""


class NoBasis(Exception):
    """A town says on what basis it sets a value, and what it means."""


class NothingToImport(Exception):
    """No day in it is new or changed."""


def read_regulations(path: Path) -> list[dict[str, Any]]:
    """The rows of one data file, with the file's defaults filled in."""
    content = tomllib.loads(path.read_text("utf-8"))
    defaults = content.get("defaults", {})
    return [{**defaults, **row} for row in content["regulation"]]


def load_regulations(*, extra: Sequence[Path] = ()) -> int:
    """Bring the national and provincial values, and those of `extra` files, into the database; how many are new or changed."""
    changed = 0
    for path in [*sorted(each for each in DATA.glob("*.toml") if not each.name.startswith("town_")), *extra]:
        for row in read_regulations(path):
            given = {
                "value": str(row["value"]),
                "unit": row.get("unit", ""),
                "zh": row["zh"],
                "en": row["en"],
                "source_zh": row["source_zh"],
                "source_en": row["source_en"],
                "effective_to": row.get("effective_to"),
                "certainty": row["certainty"],
            }
            which = {
                "key": row["key"],
                "locality": row.get("locality", "CN"),
                "effective_from": row.get("effective_from", date(2021, 1, 1)),
            }
            kept = Regulation.objects.filter(**which).first()
            if kept is None:
                Regulation.objects.create(**which, **given)
                changed += 1
            elif any(getattr(kept, name) != value for name, value in given.items()):
                Regulation.objects.filter(pk=kept.pk).update(**given)
                changed += 1
    forget()
    return changed


def load_workdays() -> int:
    """Bring the published holidays and worked weekends into the database; how many days."""
    count = 0
    for path in sorted((DATA / "workdays").glob("*.toml")):
        content = tomllib.loads(path.read_text("utf-8"))
        for holiday in content["holiday"]:
            for is_workday, days in ((False, holiday["off"]), (True, holiday.get("worked", []))):
                for day in days:
                    Workday.objects.update_or_create(
                        day=day, defaults={"is_workday": is_workday, "name_zh": holiday["zh"], "name_en": holiday["en"]}
                    )
                    count += 1
    forget()
    return count


@cache
def bounds() -> dict[tuple[str, str], Bound]:
    """What a town may set over each value of the data files, by key and locality."""
    return {
        (row["key"], row.get("locality", "CN")): Bound(
            row["town_may"], row.get("stricter", ""), row.get("least"), row.get("most"), tuple(row.get("one_of", ()))
        )
        for path in DATA.glob("*.toml")
        if not path.name.startswith("town_")
        for row in read_regulations(path)
    }


def bound_of(found: RegulationValue) -> Bound:
    """What a town may set over this value; what came from no data file is the town's to set."""
    return bounds().get((found.key, found.locality), Bound("free"))


def family_of(key: str) -> str:
    """The key that holds for all of a family where none is set for one of them: `matters.response_hours.default`."""
    return f"{key.rpartition('.')[0]}.default"


def check_own_value(*, town: Place, key: str, value: str, on: date, unit: str = "") -> RegulationValue:
    """The value a town's own would stand over: that of the state, the province or the city, of the key itself or of its family. Raises
    UnknownRegulation, NotLikeTheNational, NotOverThis, DayHasPassed. `unit`: another unit of time, where the town is free to choose."""
    above = value_of(key, family_of(key), place_lineage_localities=town.localities[:-1] or ["CN"], on=on)
    bound = bound_of(above)
    why = refusal(above.value, value, bound)
    other_unit = unit not in ("", above.unit)
    if why == "unlike" or (other_unit and not (bound.town_may == "free" and above.unit in UNITS and unit in UNITS)):
        raise NotLikeTheNational(key, value)
    if why:
        raise NotOverThis(why, above, bound)
    if on < clock.today():
        raise DayHasPassed(on)
    return above


def set_own_value(
    *, viewer: Viewer, town: Place, key: str, value: str, zh: str, en: str, basis: str, effective_from: date, unit: str = ""
) -> Regulation:
    """A town's own value over the one above it from a day on. Rows are only ever added: what was in force stays to be read. Raises NotAllowed,
    NoBasis, AlreadySet and what check_own_value does."""
    if not viewer.is_town_admin:
        raise NotAllowed
    if not basis.strip() or not zh.strip():
        raise NoBasis(key)
    above = check_own_value(town=town, key=key, value=value, on=effective_from, unit=unit)
    unit = unit or above.unit
    with writing():
        if Regulation.objects.filter(key=key, locality=town.code, effective_from=effective_from).exists():
            raise AlreadySet(key, effective_from)
        row = Regulation.objects.create(
            key=key,
            locality=town.code,
            value=value,
            unit=unit,
            zh=zh.strip()[:200],
            en=(en.strip() or f"The town's own value: {value} {unit}".strip())[:300],
            source_zh=basis.strip()[:160],
            source_en="The town's own decision",
            effective_from=effective_from,
            certainty=Regulation.Certainty.MEMORY,
            set_by_id=viewer.person_id,
            basis=basis.strip()[:200],
        )
        record(
            verb="regulation_set",
            kind="regulation",
            subject=key,
            place=town,
            by=actor_of(viewer),
            detail={"value": value, "unit": unit, "over": above.value, "from": effective_from.isoformat()},
        )
    forget()
    return row


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a state's notice: a holiday, or a weekend that is worked."""

    day: date
    is_workday: bool
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What an uploaded notice says, and how it differs from what is known. `problems` are (line or entry, code)."""

    days: tuple[Day, ...]
    new: int
    changed: int
    problems: tuple[tuple[str, str], ...]


def read_workdays(text: str) -> Reading:
    """Read a notice typed as TOML (like data/workdays) or as CSV `day, off|work, zh, en`; nothing is written."""
    days: list[Day] = []
    problems: list[tuple[str, str]] = []
    (_read_toml if "[[" in text else _read_csv)(text.lstrip("\ufeff"), days, problems)
    seen: set[date] = set()
    for each in days:
        if each.day in seen:
            problems.append((each.day.isoformat(), "twice"))
        seen.add(each.day)
        if each.is_workday and each.day.weekday() < 5:
            problems.append((each.day.isoformat(), "worked_on_a_weekday"))
    known = {row.day: row for row in Workday.objects.filter(day__in=seen)}
    changed = sum(1 for each in days if each.day in known and _differs(known[each.day], each))
    return Reading(tuple(days), sum(1 for day in seen if day not in known), changed, tuple(problems))


def _differs(row: Workday, each: Day) -> bool:
    return (row.is_workday, row.name_zh, row.name_en) != (each.is_workday, each.zh, each.en)


def _read_toml(text: str, days: list[Day], problems: list[tuple[str, str]]) -> None:
    try:
        holidays = tomllib.loads(text).get("holiday", [])
    except tomllib.TOMLDecodeError as error:
        problems.append((str(error)[:80], "not_toml"))
        return
    for index, holiday in enumerate(holidays, start=1):
        zh, en = holiday.get("zh"), holiday.get("en")
        if not isinstance(zh, str) or not isinstance(en, str):
            problems.append((f"holiday {index}", "no_name"))
            continue
        for is_workday, key in ((False, "off"), (True, "worked")):
            for day in holiday.get(key, []):
                if type(day) is date:
                    days.append(Day(day, is_workday, zh[:40], en[:60]))
                else:
                    problems.append((f"{zh}: {day}", "not_a_day"))


def _read_csv(text: str, days: list[Day], problems: list[tuple[str, str]]) -> None:
    words = {"off": False, "放假": False, "work": True, "上班": True}
    for number, row in enumerate(csv.reader(text.splitlines()), start=1):
        cells = [cell.strip() for cell in row]
        if not any(cells) or (number == 1 and cells[0] in {"day", "日期"}):
            continue
        try:
            day = date.fromisoformat(cells[0])
        except ValueError:
            problems.append((f"{number}: {cells[0][:40]}", "not_a_day"))
            continue
        if len(cells) < 3 or cells[1] not in words or not cells[2]:
            problems.append((f"{number}: {cells[0]}", "off_or_work_and_name"))
            continue
        days.append(Day(day, words[cells[1]], cells[2][:40], (cells[3] if len(cells) > 3 else cells[2])[:60]))


def write_workdays(*, viewer: Viewer, town: Place, reading: Reading) -> int:
    """Take a notice that was read without a problem into the calendar; how many days are new or changed."""
    if not viewer.is_town_admin:
        raise NotAllowed
    if reading.problems or not reading.new + reading.changed:
        raise NothingToImport
    with writing():
        known = {row.day: row for row in Workday.objects.select_for_update().filter(day__in=[each.day for each in reading.days])}
        taken = [each for each in reading.days if each.day not in known or _differs(known[each.day], each)]
        # Made anew, not changed in place: every process sees by the newest id that the calendar is another.
        Workday.objects.filter(day__in=[each.day for each in taken]).delete()
        Workday.objects.bulk_create(Workday(day=each.day, is_workday=each.is_workday, name_zh=each.zh, name_en=each.en) for each in taken)
        years = sorted({each.day.year for each in taken})
        record(
            verb="workdays_set",
            kind="regulation",
            subject=f"workdays.{years[-1]}",
            place=town,
            by=actor_of(viewer),
            detail={"days": {each.day.isoformat(): each.is_workday for each in taken}},
        )
    forget()
    return len(taken)
