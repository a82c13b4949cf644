from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from doorstep.foundation import clock
from doorstep.foundation.journal.actions import SYSTEM, NotWriting, record, writing
from doorstep.foundation.journal.models import Entry, WriteOnce
from doorstep.foundation.journal.numbers import next_number
from doorstep.foundation.journal.once import Answer, KeyReused, forget_old, once
from doorstep.foundation.journal.queries import page_version, timeline
from doorstep.foundation.places.actions import create_place


def entry(town: Any, **facts: Any) -> Entry:
    with writing():
        return record(**{"verb": "tested", "kind": "matter", "subject": "HL-1", "place": town.building, "by": SYSTEM, **facts})


def test_an_entry_outside_a_write_is_refused(town: Any) -> None:
    with pytest.raises(NotWriting):
        record(verb="tested", kind="matter", subject="x", place=town.building, by=SYSTEM)


@pytest.mark.parametrize("change", ["UPDATE foundation_entry SET verb = 'x'", "DELETE FROM foundation_entry"])
def test_the_database_refuses_to_change_or_remove_an_entry(town: Any, change: str) -> None:
    made = entry(town)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)
    assert Entry.objects.filter(pk=made.pk, verb="tested").exists()


def test_postgresql_refuses_to_truncate(town: Any) -> None:
    statement = "TRUNCATE foundation_entry CASCADE" if connection.vendor == "postgresql" else "DELETE FROM foundation_entry"
    entry(town)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_version_of_a_place_moves_with_what_happens_below_it_for_that_audience(town: Any) -> None:
    before = {place.code: page_version(lineage=place.lineage) for place in (town.place, town.estate, town.building)}
    entry(town)
    entry(town, audience="estate:ruikang")
    for place in (town.place, town.estate, town.building):
        assert page_version(lineage=place.lineage) == before[place.code] + 1
    assert page_version(lineage=town.building.lineage, audience="estate:ruikang") == 1
    assert page_version(lineage="dongguan/hengli/gekeng") == page_version(lineage="dongguan/hengli/gekeng")


def test_a_place_whose_code_begins_alike_is_not_below(town: Any) -> None:
    twin = create_place(code="ruikang2", kind="estate", name="瑞康二期", parent=town.place, by=SYSTEM)
    before = page_version(lineage=town.estate.lineage)
    entry(town, place=twin)
    assert page_version(lineage=town.estate.lineage) == before


def test_several_entries_of_one_write_raise_a_place_once(town: Any) -> None:
    before = page_version(lineage=town.building.lineage)
    with writing():
        entry(town)
        with writing():
            entry(town)
    assert page_version(lineage=town.building.lineage) == before + 1


def test_the_timeline_shows_only_the_given_audiences(town: Any) -> None:
    for audience in ("public", "body:1", "matter:HL-1"):
        entry(town, audience=audience)
    assert [each.audience for each in timeline(kind="matter", subject="HL-1", audiences=["public", "body:1"])] == ["public", "body:1"]


def test_happened_and_recorded_are_two_times(town: Any) -> None:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    with clock.frozen(datetime(2026, 11, 23, tzinfo=UTC)):
        made = entry(town, happened_at=at)
    assert (made.happened_at, made.recorded_at) == (at, datetime(2026, 11, 23, tzinfo=UTC))


# Numbers


@pytest.mark.parametrize(
    ("kind", "at", "expected"),
    [
        ("", datetime(2031, 5, 1, tzinfo=UTC), "HL-2031-"),
        ("V", datetime(2031, 5, 1, tzinfo=UTC), "HL-V-2031-"),
        ("DS", datetime(2031, 5, 1, tzinfo=UTC), "HL-DS-2031-"),
    ],
)
def test_numbers_count_up_from_one_in_their_year(town: Any, kind: str, at: datetime, expected: str) -> None:
    numbers = [next_number(town_prefix="HL", kind=kind, happened_at=at) for _ in range(3)]
    assert all(number.startswith(expected) for number in numbers)
    tails = [int(number.rpartition("-")[2]) for number in numbers]
    assert tails == [tails[0], tails[0] + 1, tails[0] + 2]
    assert len(numbers[0].rpartition("-")[2]) == (6 if kind == "" else 4)


def test_the_year_is_the_towns_not_greenwichs(town: Any) -> None:
    new_year = datetime(2032, 12, 31, 16, 30, tzinfo=UTC)  # 00:30 on 1 January in Shanghai
    assert next_number(town_prefix="HL", kind="", happened_at=new_year).startswith("HL-2033-")


# Writes that are sent twice


def test_the_same_key_gives_the_first_answer_again(town: Any) -> None:
    calls = []

    def work() -> Answer:
        calls.append(1)
        return Answer(201, f"body {len(calls)}", "/m/1")

    first = once(scope="person:1 POST /x", key="k", body=b"a", work=work)
    assert once(scope="person:1 POST /x", key="k", body=b"a", work=work) == first
    assert len(calls) == 1
    assert once(scope="person:2 POST /x", key="k", body=b"a", work=work).body == "body 2"
    with pytest.raises(KeyReused):
        once(scope="person:1 POST /x", key="k", body=b"b", work=work)


def test_a_key_whose_work_failed_is_free_again(town: Any) -> None:
    class Refused(Exception):
        pass

    def refuse() -> Answer:
        raise Refused

    with pytest.raises(Refused):
        once(scope="s", key="k", body=b"", work=refuse)
    assert once(scope="s", key="k", body=b"", work=lambda: Answer(201)).status == 201


def test_a_key_is_kept_for_a_day(town: Any) -> None:
    with clock.shifted(timedelta(hours=-25)):
        once(scope="s", key="k", body=b"", work=lambda: Answer(201, "old"))
    assert once(scope="s", key="k", body=b"", work=lambda: Answer(201, "new")).body == "new"
    with clock.shifted(timedelta(hours=25)):
        assert forget_old() == 1
    assert not WriteOnce.objects.exists()
