"""A clerk's sheet, row by row: what is good, what is wrong and where, who is one person (formats, section 5)."""

from datetime import date, datetime
from typing import Any

import pytest

from doorstep.organisations.demo_roll import demo_roll_rows
from doorstep.organisations.rules.roll import COLUMNS, RollReading, RowError, party_key, read_roll, unit_name

HEAD = list(COLUMNS.values())
GOOD: dict[str, Any] = {
    "building": "瑞金阁", "entrance": "1", "room": "302", "area": "92.30", "kind": "住宅", "owner": "刘玉梅", "phone": "13900000001",
    "id_last4": "123X", "status": "已交付", "registered_on": "2012-05-06",
}  # fmt: skip


def sheet(*rows: dict[str, Any], head: list[str] | None = None) -> list[tuple[int, list[Any]]]:
    cells = [[{**GOOD, **row}[name] for name in COLUMNS] for row in rows]
    return [(1, list(head or HEAD)), *((number, each) for number, each in enumerate(cells, start=2))]


def errors(reading: RollReading) -> list[tuple[int, str, str]]:
    return [(error.row, error.column, error.reason) for error in reading.errors]


def test_a_good_row() -> None:
    reading = read_roll(sheet({}))
    assert reading.errors == ()
    [row] = reading.rows
    assert (row.unit, row.area_hundredths, row.kind, row.status) == ("瑞金阁-1-302", 9230, "flat", "delivered")
    assert row.registered_on == date(2012, 5, 6)
    assert [(owner.name, owner.phone, owner.id_last4) for owner in row.owners] == [("刘玉梅", "13900000001", "123X")]


def test_columns_come_in_any_order_and_in_both_languages() -> None:
    for head in (list(COLUMNS), list(COLUMNS.values()), [name.upper() for name in COLUMNS], [f" {zh} " for zh in COLUMNS.values()]):
        reversed_sheet = [(number, cells[::-1]) for number, cells in sheet({}, head=head)]
        assert read_roll(reversed_sheet).rows == read_roll(sheet({})).rows


def test_only_four_columns_are_needed() -> None:
    reading = read_roll([(1, ["房号", "业主姓名", "楼栋", "面积"]), (2, ["101", "叶锦棠", "瑞金阁", 78.5])])
    assert reading.errors == ()
    [row] = reading.rows
    assert (row.unit, row.area_hundredths, row.kind, row.status, row.registered_on) == ("瑞金阁-101", 7850, "flat", "delivered", None)


@pytest.mark.parametrize(
    ("changed", "column", "reason"),
    [
        ({"building": ""}, "楼栋", "missing"),
        ({"room": None}, "房号", "missing"),
        ({"area": ""}, "面积", "missing"),
        ({"owner": ""}, "业主姓名", "missing"),
        ({"area": "九十"}, "面积", "not_a_number"),
        ({"area": True}, "面积", "not_a_number"),
        ({"area": "NaN"}, "面积", "not_a_number"),
        ({"area": "1e999"}, "面积", "not_a_number"),
        ({"area": 0}, "面积", "not_positive"),
        ({"area": "-92.30"}, "面积", "not_positive"),
        ({"area": "92.301"}, "面积", "too_fine"),
        ({"area": 0.001}, "面积", "too_fine"),
        ({"kind": "别墅"}, "用途", "unknown_value"),
        ({"status": "抵押"}, "交付状态", "unknown_value"),
        ({"id_last4": "12"}, "证件后四位", "unknown_value"),
        ({"building": "瑞|金"}, "楼栋", "unknown_value"),
        ({"owner": "陈明、陈明"}, "业主姓名", "unknown_value"),
        ({"phone": "1390000"}, "联系电话", "bad_phone"),
        ({"phone": "12900000001"}, "联系电话", "bad_phone"),
        ({"owner": "刘玉梅、陈明", "phone": "13900000001、13900000002、13900000003"}, "联系电话", "bad_phone"),
        ({"registered_on": "2012-13-01"}, "登记日期", "bad_date"),
        ({"registered_on": "去年"}, "登记日期", "bad_date"),
    ],
)
def test_what_is_wrong_is_named_by_row_and_column(changed: dict[str, Any], column: str, reason: str) -> None:
    reading = read_roll(sheet({}, {"room": "303", "phone": "", "id_last4": "", **changed}))
    assert errors(reading) == [(3, column, reason)]
    assert [row.unit for row in reading.rows] == ["瑞金阁-1-302"]


def test_everything_wrong_in_a_row_is_named_at_once() -> None:
    reading = read_roll(sheet({}, {"area": "x", "phone": "1", "registered_on": "x"}))
    assert [(column, reason) for _row, column, reason in errors(reading)] == [
        ("面积", "not_a_number"),
        ("联系电话", "bad_phone"),
        ("登记日期", "bad_date"),
        ("房号", "duplicate_unit"),
    ]


def test_a_unit_twice_is_told_at_its_second_row_also_where_the_first_is_wrong() -> None:
    assert errors(read_roll(sheet({}, {}))) == [(3, "房号", "duplicate_unit")]
    assert errors(read_roll(sheet({"area": "x"}, {}))) == [(2, "面积", "not_a_number"), (3, "房号", "duplicate_unit")]


def test_headers_that_are_missing_unknown_or_twice() -> None:
    reading = read_roll([(1, ["楼栋", "房号", "车牌", "楼栋"]), (2, ["瑞金阁", "302", "", ""])])
    assert errors(reading) == [
        (1, "车牌", "unknown_column"),
        (1, "楼栋", "unknown_column"),
        (1, "面积", "missing"),
        (1, "业主姓名", "missing"),
    ]
    assert (reading.rows, reading.read) == ((), 1)


@pytest.mark.parametrize("table", [[], [(1, []), (2, [None, " "])], [(1, list(HEAD))], [(1, list(HEAD)), (2, [None] * 10)]])
def test_an_empty_sheet_says_so(table: list[tuple[int, list[Any]]]) -> None:
    assert errors(read_roll(table)) == [(1, "", "empty_sheet")]


def test_rows_are_numbered_as_the_sheet_shows_them() -> None:
    table = sheet({}, {"area": "x", "room": "303"})
    shifted = [(1, [None]), (2, ["", " "]), *((number + 2, cells) for number, cells in table)]
    assert errors(read_roll(shifted)) == [(5, "面积", "not_a_number")]


@pytest.mark.parametrize(
    ("given", "hundredths"),
    [("92.30", 9230), (92.3, 9230), (92, 9200), ("９２．３", 9230), ("92.3㎡", 9230), ("1,092.30 m²", 109230), ("0.01", 1), (78.1, 7810)],
)
def test_areas_as_clerks_write_them(given: Any, hundredths: int) -> None:
    assert read_roll(sheet({"area": given})).rows[0].area_hundredths == hundredths


@pytest.mark.parametrize(
    ("given", "phone"),
    [
        (13900000001, "13900000001"), (13900000001.0, "13900000001"), ("+86 139-0000-0001", "13900000001"),
        ("0769-83123456", "076983123456"), ("", ""), ("'+8613900000001", "13900000001"),
    ],
)  # fmt: skip
def test_phones_as_clerks_write_them(given: Any, phone: str) -> None:
    assert read_roll(sheet({"phone": given})).rows[0].owners[0].phone == phone


@pytest.mark.parametrize(
    "given", [date(2012, 5, 6), datetime(2012, 5, 6), "2012/5/6", "2012年5月6日", "20120506", "2012.5.6", "2012-05-06 00:00:00"]
)
def test_dates_as_clerks_write_them(given: Any) -> None:
    assert read_roll(sheet({"registered_on": given})).rows[0].registered_on == date(2012, 5, 6)


@pytest.mark.parametrize(
    ("status", "kind", "expected"),
    [
        ("", "", ("delivered", "flat")), ("未售", "商铺", ("unsold", "shop")), ("已售未交付", "车位", ("undelivered", "parking")),
        ("delivered", "Other", ("delivered", "other")), ("UNSOLD", "flat", ("unsold", "flat")),
    ],
)  # fmt: skip
def test_status_and_kind_in_both_languages_and_empty(status: str, kind: str, expected: tuple[str, str]) -> None:
    [row] = read_roll(sheet({"status": status, "kind": kind})).rows
    assert (row.status, row.kind) == expected


@pytest.mark.parametrize(("parts", "name"), [(("瑞金阁", "1", "302"), "瑞金阁-1-302"), (("A 座", "", "302"), "A 座-302")])
def test_the_units_name(parts: tuple[str, str, str], name: str) -> None:
    assert unit_name(*parts) == name


def test_several_owners_with_their_phones_and_last4_in_order() -> None:
    [row] = read_roll(sheet({"owner": "刘玉梅、陈明", "phone": "13900000001、13900000002", "id_last4": "123x、4567"})).rows
    assert [(each.name, each.phone, each.id_last4) for each in row.owners] == [
        ("刘玉梅", "13900000001", "123X"),
        ("陈明", "13900000002", "4567"),
    ]
    [row] = read_roll(sheet({"owner": "刘玉梅、陈明", "phone": "、13900000002", "id_last4": ""})).rows
    assert [each.phone for each in row.owners] == ["", "13900000002"]


def test_a_single_phone_or_last4_is_the_first_owners() -> None:
    [row] = read_roll(sheet({"owner": "刘玉梅、陈明"})).rows
    assert [(each.phone, each.id_last4) for each in row.owners] == [("13900000001", "123X"), ("", "")]


@pytest.mark.parametrize(
    ("second", "persons", "asked"),
    [
        ({"phone": "13900000001", "id_last4": ""}, 1, []),
        ({"phone": "", "id_last4": "123X"}, 1, []),
        ({"phone": "13900000009", "id_last4": "123X"}, 1, []),
        ({"phone": "13900000009", "id_last4": "9999"}, 2, [((2, 3), "刘玉梅")]),
        ({"phone": "", "id_last4": ""}, 2, [((2, 3), "刘玉梅")]),
        ({"owner": "叶锦棠"}, 2, []),
    ],
)
def test_one_person_is_the_same_name_and_the_same_phone_or_last4(second: dict[str, str], persons: int, asked: list[Any]) -> None:
    reading = read_roll(sheet({}, {"room": "401", **second}))
    assert len(reading.persons) == persons
    assert [(ask.rows, ask.name) for ask in reading.ask] == asked


def test_three_rows_are_one_person_through_the_middle_one() -> None:
    rows = ({"id_last4": ""}, {"room": "401"}, {"room": "402", "phone": ""})
    assert len(read_roll(sheet(*rows)).persons) == 1


def test_a_party_is_one_identical_set_of_holders_and_the_developer_is_one() -> None:
    couple = {"owner": "刘玉梅、陈明", "phone": "13900000001、13900000002", "id_last4": ""}
    turned = {"owner": "陈明、刘玉梅", "phone": "13900000002、13900000001", "id_last4": ""}
    reading = read_roll(
        sheet(
            {},
            {"room": "303", **couple},
            {"room": "304", **turned},
            {"room": "305", "owner": "横沥置业", "status": "未售", "phone": "", "id_last4": ""},
            {"room": "306", "owner": "", "status": "已售未交付", "phone": "", "id_last4": ""},
            {"room": "307", "owner": "刘玉梅", "status": "未售"},
        )
    )
    assert reading.errors == ()
    # 刘 alone; 刘 and 陈 together, in either order; the developer of whatever is not delivered, whoever is named.
    assert reading.parties == 3
    assert party_key("unsold", [1, 2]) == party_key("undelivered", []) == "developer"
    assert party_key("delivered", [2, 1]) == party_key("delivered", [1, 2])


def test_the_demos_roll_has_the_figures_of_its_vote() -> None:
    reading = read_roll(demo_roll_rows())
    assert reading.errors == ()
    assert (len(reading.rows), reading.parties, reading.area_hundredths) == (1032, 1021, 10_051_920)
    assert [(ask.name, len(ask.rows)) for ask in reading.ask] == [("陈明", 2)]


def test_an_error_names_its_cell() -> None:
    assert RowError(3, "面积", "missing") in read_roll(sheet({}, {"room": "303", "area": ""})).errors
