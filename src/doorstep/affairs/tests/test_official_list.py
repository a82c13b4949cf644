"""The official system's list: read from a sheet, compared with the roll; every error by row and column."""

import io
from datetime import datetime, timedelta
from typing import Any

import pytest
from openpyxl import Workbook

from doorstep.affairs.official_file import UnreadableList, read_official_list
from doorstep.affairs.rules.official_list import REASONS, ListBallot, ListError, OfficialRow, UnitHolder, compare, digest_of

OPENS = datetime.fromisoformat("2026-04-02T09:00:00+08:00")
ENDS = datetime.fromisoformat("2026-04-11T18:00:00+08:00")
HOUR = timedelta(hours=1)
HOLDERS = {
    "1-101": [UnitHolder(1, "甲")],
    "1-102": [UnitHolder(2, "乙", parties=2), UnitHolder(3, "丙")],
    "1-103": [UnitHolder(2, "乙", parties=2), UnitHolder(4, "丁", parties=2)],
    "1-104": [UnitHolder(4, "丁", parties=2), UnitHolder(5, "戊"), UnitHolder(6, "戊")],
}


def read(*rows: OfficialRow) -> Any:
    return compare(rows, holders=HOLDERS, motions=["M1", "M2"], opens_at=OPENS, ends_at=ENDS)


def row(unit: str = "1-101", person: str = "", at: datetime = OPENS + HOUR, number: int = 2, **choices: str) -> OfficialRow:
    return OfficialRow(unit, at, choices or {"M1": "agree"}, person, number)


@pytest.mark.parametrize(
    ("given", "by"),
    [
        (row(), 1),
        (row(person="甲"), 1),
        (row("1-102", "乙"), 2),
        (row("1-102"), 3),  # the first who holds nothing else: 乙's ballot would act for 1-103 too
        (row("1-104", "丁"), 4),
        (row(at=OPENS), 1),
        (row(at=ENDS), 1),
    ],
)
def test_who_voted(given: OfficialRow, by: int) -> None:
    assert read(given).ballots == (ListBallot(by, given.cast_at, given.choices),)


@pytest.mark.parametrize(
    ("given", "column", "reason"),
    [
        (row("9-999"), "房号", "not_on_roll"),
        (row(person="没有的人"), "姓名", "unknown_person"),
        (row(person="乙"), "姓名", "unknown_person"),
        (row("1-103"), "姓名", "missing"),
        (row("1-104", "戊"), "姓名", "ambiguous_person"),
        (row(at=OPENS - HOUR), "时间", "outside_period"),
        (row(at=ENDS + timedelta(seconds=1)), "时间", "outside_period"),
        (OfficialRow("1-101", OPENS, {}, "", 7), "M1", "missing"),
        (row(M3="agree"), "M3", "bad_choice"),
    ],
)
def test_what_does_not_match_is_named_and_nothing_is_taken(given: OfficialRow, column: str, reason: str) -> None:
    reading = read(row(number=1), given)
    assert reading.errors == (ListError(given.row, column, reason),)
    assert reading.ballots == ()


def test_rows_of_one_person_are_one_ballot_where_they_agree_and_several_where_not() -> None:
    reading = read(
        row(M1="agree", at=OPENS + HOUR), row("1-102", "丙"), row(M1="against", at=OPENS + 2 * HOUR), row(M1="agree", at=OPENS + 3 * HOUR)
    )
    assert [(each.by_id, each.choices["M1"], each.cast_at) for each in reading.ballots] == [
        (3, "agree", OPENS + HOUR),
        (1, "against", OPENS + 2 * HOUR),
        (1, "agree", OPENS + 3 * HOUR),
    ]
    assert reading.changed == 1
    # Cast at one instant, the later in the file counts: it stays the later.
    assert [each.choices["M1"] for each in read(row(M1="agree"), row(M1="against")).ballots] == ["agree", "against"]


def test_the_digest_is_of_what_the_rows_say() -> None:
    one = digest_of([row(M1="agree", M2="against")])
    assert one == digest_of([row(M2="against", M1="agree", number=9)])
    assert len({one, digest_of([row()]), digest_of([row(person="甲")]), digest_of([row("1-102")]), digest_of([row(at=OPENS)])}) == 5


def sheet(*rows: list[Any]) -> bytes:
    book = Workbook()
    for each in rows:
        book.active.append(each)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_sheet_is_read_in_any_order_of_columns_and_a_csv_says_the_same() -> None:
    head, body = ["M1", "备注", "时间", "房号", "姓名"], ["同意", "x", datetime(2026, 4, 3, 10), "1-101", "甲"]
    rows, errors = read_official_list(sheet(head, body, [None] * 5), motions=["M1"])
    assert errors == []
    assert rows == [OfficialRow("1-101", datetime.fromisoformat("2026-04-03T10:00:00+08:00"), {"M1": "agree"}, "甲", 2)]
    text = "Unit,Name,Time,m1\n1-101,甲,2026/04/03 10:00:00,AGREE\n"
    for encoding in ("utf-8-sig", "gb18030"):
        again, errors = read_official_list(text.encode(encoding), motions=["M1"])
        assert (digest_of(again), errors) == (digest_of(rows), [])


def test_every_bad_cell_is_named_by_row_and_column() -> None:
    head = ["房号", "姓名", "时间", "M1", "M2"]
    good = ["1-101", "甲", "2026-04-03 10:00", "同意", ""]
    rows, errors = read_official_list(
        sheet(head, good, ["", "甲", "昨天", "也许", "反对"], ["1-102", "", None, "弃权", None]), motions=["M1", "M2"]
    )
    assert [each.row for each in rows] == [2]
    assert [(each.row, each.column, each.reason) for each in errors] == [
        (3, "房号", "missing"), (3, "时间", "bad_time"), (3, "M1", "bad_choice"), (4, "时间", "missing"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "errors"),
    [
        (b"", [(1, "", "empty_sheet")]),
        ("房号,时间,M1\n".encode(), [(1, "", "empty_sheet")]),
        ("房号,M1\n1-101,同意\n".encode(), [(1, "时间", "missing"), (1, "M2", "missing")]),
    ],
)
def test_a_sheet_without_its_columns_is_named_too(data: bytes, errors: list[Any]) -> None:
    motions = ["M1", "M2"] if len(errors) == 2 else ["M1"]
    found = read_official_list(data, motions=motions)
    assert (found[0], [(each.row, each.column, each.reason) for each in found[1]]) == ([], errors)
    assert {reason for _row, _column, reason in errors} <= set(REASONS)


def test_what_is_no_sheet_is_refused() -> None:
    with pytest.raises(UnreadableList):
        read_official_list(b"PK\x03\x04 no workbook", motions=["M1"])
