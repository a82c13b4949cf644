from datetime import date, datetime, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.regulations.actions import DATA, load_regulations, load_workdays, read_regulations
from doorstep.foundation.regulations.deadlines import UNITS, Limit, NotALimit, WorkdayCalendar, due, last_day
from doorstep.foundation.regulations.models import Regulation
from doorstep.foundation.regulations.queries import UnknownRegulation, calendar, forget, value_of

PLAIN = WorkdayCalendar()


@pytest.mark.parametrize(
    ("start", "amount", "unit", "civil", "expected"),
    [
        # S12: accepted 2026-03-05
        (date(2026, 3, 5), 15, "days", False, date(2026, 3, 20)),
        (date(2026, 3, 5), 60, "days", False, date(2026, 5, 4)),
        (date(2026, 5, 4), 30, "days", False, date(2026, 6, 3)),
        # S4: settled 2026-05-06, court application until
        (date(2026, 5, 6), 30, "days", True, date(2026, 6, 5)),
        # Civil Code 203: the last day is a Sunday
        (date(2026, 3, 6), 2, "days", True, date(2026, 3, 9)),
        (date(2026, 3, 6), 2, "days", False, date(2026, 3, 8)),
        # Civil Code 202: no 31 April
        (date(2026, 3, 31), 1, "months", False, date(2026, 4, 30)),
        (date(2024, 2, 29), 1, "years", False, date(2025, 2, 28)),
        (date(2026, 11, 30), 3, "months", False, date(2027, 2, 28)),
        (date(2026, 3, 6), 1, "workdays", False, date(2026, 3, 9)),
    ],
)
def test_last_day(start: date, amount: int, unit: str, civil: bool, expected: date) -> None:
    assert last_day(start, Limit(amount, unit), PLAIN, civil=civil) == expected


@pytest.mark.parametrize(
    ("start", "workdays", "expected"),
    [
        # Spring Festival 2026: off 15–23 February, worked on Saturday 14 and 28.
        (date(2026, 2, 13), 1, date(2026, 2, 14)),
        (date(2026, 2, 13), 2, date(2026, 2, 24)),
        (date(2026, 2, 27), 1, date(2026, 2, 28)),
        # National Day 2026: off 1–7 October; worked on Sunday 20 September and Saturday 10 October.
        (date(2026, 9, 30), 1, date(2026, 10, 8)),
        (date(2026, 10, 9), 1, date(2026, 10, 10)),
        (date(2026, 9, 18), 1, date(2026, 9, 20)),
    ],
)
def test_workdays_with_days_off_and_worked_weekends(db: None, start: date, workdays: int, expected: date) -> None:
    assert calendar().add(start, workdays) == expected


def test_the_calendar_is_the_published_one_for_every_day(db: None) -> None:
    ours = calendar()
    day = date(2024, 1, 1)
    while day.year < 2027:
        assert ours.is_workday(day) == chinese_calendar.is_workday(day), day
        day += timedelta(days=1)
    assert ours.is_published(date(2026, 12, 31))
    assert not ours.is_published(date(2031, 1, 1))


def test_hours_run_through_the_night_and_days_end_with_their_last_second() -> None:
    start = datetime(2026, 3, 2, 10, 20, tzinfo=TOWN_ZONE)
    assert due(start, Limit(24, "hours"), PLAIN) == start + timedelta(hours=24)
    assert due(start, Limit(1, "days"), PLAIN) == datetime(2026, 3, 3, 23, 59, 59, tzinfo=TOWN_ZONE)


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(1, 40))
def test_as_many_workdays_lie_between(start: date, count: int) -> None:
    end = PLAIN.add(start, count)
    assert PLAIN.is_workday(end)
    assert sum(PLAIN.is_workday(start + timedelta(days=n)) for n in range(1, (end - start).days + 1)) == count


def test_a_limit_of_persons_is_no_limit() -> None:
    with pytest.raises(NotALimit):
        Limit(5, "persons")


@pytest.mark.parametrize("path", sorted(DATA.glob("*.toml")), ids=lambda path: path.stem)
def test_every_regulation_is_complete(path: object) -> None:
    rows = read_regulations(path)  # type: ignore[arg-type]
    assert rows
    for row in rows:
        for name in ("key", "value", "zh", "en", "source_zh", "source_en", "effective_from", "certainty"):
            assert row[name], (row["key"], name)
        assert row["certainty"] in {"V", "E", "M"}
        assert row.get("unit", "") in {"", "persons", "minutes", *UNITS}
        if row.get("unit") in UNITS:
            Limit(int(row["value"]), row["unit"])


def test_the_narrowest_locality_decides_then_the_keys_in_order(db: None) -> None:
    def put(key: str, locality: str, value: str, since: date = date(2020, 1, 1), until: date | None = None) -> None:
        Regulation.objects.create(
            key=key,
            locality=locality,
            value=value,
            unit="hours",
            zh="x",
            en="x",
            source_zh="x",
            source_en="x",
            effective_from=since,
            effective_to=until,
            certainty="M",
        )

    put("t.default", "CN", "1")
    put("t.parking", "CN", "2")
    put("t.default", "ruikang", "3")
    put("t.default", "ruikang", "4", since=date(2026, 6, 1))
    put("t.old", "CN", "5", until=date(2021, 1, 1))
    forget()

    def value(*keys: str, places: tuple[str, ...] = ("CN",), on: date = date(2026, 5, 1)) -> str:
        return value_of(*keys, place_lineage_localities=places, on=on).value

    assert value("t.parking", "t.default") == "2"
    assert value("t.noise", "t.default") == "1"
    assert value("t.parking", "t.default", places=("CN", "hengli", "ruikang")) == "3"
    assert value("t.default", places=("CN", "ruikang"), on=date(2026, 6, 1)) == "4"
    with pytest.raises(UnknownRegulation):
        value("t.old")


def test_loading_twice_changes_nothing(db: None) -> None:
    load_workdays()
    assert load_regulations() == 0


def test_the_four_numbers_of_article_278(db: None) -> None:
    on, places = date(2026, 4, 1), ("CN", "dongguan", "hengli")
    assert [
        value_of(f"owners_vote.{key}", place_lineage_localities=places, on=on).value
        for key in ("turnout_parties", "turnout_area", "majority_ordinary", "majority_special")
    ] == ["2/3", "2/3", "1/2", "3/4"]
    assert value_of("owners_vote.electronic_channel", place_lineage_localities=places, on=on).value == "official_only"
    assert value_of("owners_vote.electronic_channel", place_lineage_localities=("CN",), on=on).value == "either"
