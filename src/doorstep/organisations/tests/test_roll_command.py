"""`doorstep import roster`: files as clerks save them, all or nothing, and the same file twice (formats, section 5)."""

import io
import json
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from doorstep.foundation.identity.models import Person
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.places.models import Place
from doorstep.organisations.demo_roll import demo_roll_rows
from doorstep.organisations.models import Holder, Unit
from doorstep.organisations.queries import roll_figures
from doorstep.organisations.roll_command import run
from doorstep.organisations.roll_file import UnreadableFile, defused, read_table, write_csv, write_xlsx
from doorstep.site.command import run as doorstep

HEAD = ["楼栋", "单元", "房号", "面积", "业主姓名", "联系电话", "证件后四位", "登记日期"]
TWO = [
    ["瑞金阁", "1", "302", "92.30", "刘玉梅", "13900000001", "", "2012-05-06"],
    ["瑞银阁", "", "101", "78.50", "阿依古丽·买买提、𬭳海", "13900000002、13900000003", "", ""],
]
BAD = ["瑞金阁", "1", "303", "92.301", "陈明", "", "", ""]
KEYS = ["format", "rows", "units", "persons", "parties", "area", "created", "changed", "unchanged", "errors", "ask", "written"]

Import = Callable[..., tuple[int, dict[str, Any]]]


def csv_bytes(rows: Sequence[Sequence[Any]], encoding: str = "utf-8") -> bytes:
    return "\r\n".join(",".join(str(cell) for cell in row) for row in rows).encode(encoding)


def xlsx_bytes(rows: Sequence[Sequence[Any]]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture
def roster(town: Any, tmp_path: Path, capsys: Any) -> Import:
    """Import bytes as a file of that name; gives the exit code and the report."""

    def do(data: bytes, *more: str, name: str = "owners.csv", estate: str = "ruikang") -> tuple[int, dict[str, Any]]:
        (tmp_path / name).write_bytes(data)
        capsys.readouterr()
        code = run([str(tmp_path / name), "--estate", estate, "--json", *more])
        printed = capsys.readouterr().out
        return code, json.loads(printed) if printed else {}

    return do


FILES = {
    "UTF-8": csv_bytes([HEAD, *TWO]),
    "UTF-8 with BOM": csv_bytes([HEAD, *TWO], "utf-8-sig"),
    "GB18030": csv_bytes([HEAD, *TWO], "gb18030"),
    "tabs": csv_bytes([HEAD, *TWO]).replace(b",", b"\t"),
    "xlsx": xlsx_bytes([HEAD, *TWO]),
    "xlsx with numbers and dates": xlsx_bytes(
        [HEAD, ["瑞金阁", 1, 302, 92.3, "刘玉梅", 13900000001, None, date(2012, 5, 6)], ["瑞银阁", None, 101, 78.5, *TWO[1][4:7], None]]
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_files_as_clerks_save_them(roster: Import, name: str) -> None:
    code, report = roster(FILES[name])
    assert code == 0
    assert report == {
        "format": "doorstep.import-report/1", "rows": 2, "units": 2, "persons": 3, "parties": 2, "area": "170.80",
        "created": 2, "changed": 0, "unchanged": 0, "errors": [], "ask": [], "written": True,
    }  # fmt: skip
    assert list(report) == KEYS
    [first, second] = Unit.objects.order_by("id")
    assert (first.name, first.area_hundredths, first.registered_on, first.building.code) == (
        "瑞金阁-1-302",
        9230,
        date(2012, 5, 6),
        "ruijin",
    )
    assert (second.name, second.building.name, second.registered_on) == ("瑞银阁-101", "瑞银阁", None)
    assert [(each.person.name, each.person.phone) for each in second.holders.order_by("id")] == [
        ("阿依古丽·买买提", "13900000002"),
        ("𬭳海", "13900000003"),
    ]


@pytest.mark.parametrize("data", [b"PK\x03\x04 not a workbook", "楼栋".encode("utf-16"), b"\xff\xfe\x00\x00", b'"unclosed\x00'])
def test_what_is_no_table_is_refused(roster: Import, data: bytes) -> None:
    with pytest.raises(UnreadableFile):
        read_table(data)
    assert roster(data) == (2, {})
    assert not Unit.objects.exists()


def test_a_file_that_is_not_there_and_an_unknown_estate(town: Any, roster: Import, capsys: Any) -> None:
    assert run(["/no/such/file.csv", "--estate", "ruikang"]) == 2
    assert roster(FILES["UTF-8"], estate="nowhere") == (2, {})
    assert roster(FILES["UTF-8"], "--create", "新苑", "--under", "nowhere", estate="xinyuan") == (2, {})
    assert not Place.objects.filter(code="xinyuan").exists()
    assert not Unit.objects.exists()


def test_an_empty_file(roster: Import) -> None:
    for data in (b"", csv_bytes([HEAD])):
        code, report = roster(data)
        assert (code, report["written"]) == (2, False)
        assert report["errors"] == [{"row": 1, "column": "", "reason": "empty_sheet"}]


def test_one_bad_row_and_nothing_is_written(roster: Import) -> None:
    persons, entries = Person.objects.count(), Entry.objects.count()
    code, report = roster(csv_bytes([HEAD, *TWO, BAD]))
    assert code == 2
    assert (report["rows"], report["units"], report["created"], report["written"]) == (3, 2, 2, False)
    assert report["errors"] == [{"row": 4, "column": "面积", "reason": "too_fine"}]
    assert (Unit.objects.count(), Person.objects.count(), Entry.objects.count()) == (0, persons, entries)


@pytest.mark.parametrize("name", ["owners.csv", "owners.xlsx"])
def test_skipped_rows_come_back_as_a_file_beside_and_can_be_put_right(roster: Import, tmp_path: Path, name: str) -> None:
    rows = [HEAD, TWO[0], BAD, TWO[1]]
    code, report = roster(csv_bytes(rows) if name.endswith("csv") else xlsx_bytes(rows), "--skip-bad", name=name)
    assert (code, report["created"], report["written"]) == (0, 2, True)
    assert report["errors"] == [{"row": 3, "column": "面积", "reason": "too_fine"}]
    beside = tmp_path / name.replace("owners", "owners-skipped")
    skipped = read_table(beside.read_bytes())
    assert [[cell or "" for cell in cells] for _number, cells in skipped] == [HEAD, BAD]
    mended = [cells if number == 1 else [*cells[:3], "92.30", *cells[4:]] for number, cells in skipped]
    assert roster(xlsx_bytes(mended))[1]["created"] == 1
    assert Unit.objects.count() == 3


def test_all_rows_bad_writes_nothing_even_when_they_may_be_skipped(roster: Import) -> None:
    code, report = roster(csv_bytes([HEAD, BAD]), "--skip-bad")
    assert (code, report["written"], Unit.objects.count()) == (2, False, 0)


def test_the_same_file_twice_changes_nothing(roster: Import) -> None:
    nameless = ["瑞银阁", "", "102", "78.50", "黄志强", "", "", ""]
    data = csv_bytes([HEAD, *TWO, nameless])
    roster(data)

    def state() -> list[Any]:
        return [list(model.objects.order_by("pk").values()) for model in (Unit, Holder, Person, Place, Entry)]

    before = state()
    code, report = roster(data)
    assert (code, report["created"], report["changed"], report["unchanged"], report["written"]) == (0, 0, 0, 3, True)
    assert state() == before


def test_a_corrected_file_changes_what_it_corrects(roster: Import) -> None:
    roster(csv_bytes([HEAD, *TWO]))
    sold = ["瑞金阁", "1", "302", "92.30", "陈明", "13900000009", "", "2026-01-02"]
    _code, report = roster(csv_bytes([HEAD, sold]))
    assert (report["created"], report["changed"], report["unchanged"]) == (0, 1, 0)
    unit = Unit.objects.get(name="瑞金阁-1-302")
    assert [each.person.name for each in unit.holders.all()] == ["陈明"]
    assert unit.registered_on == date(2026, 1, 2)
    # What the sheet does not name stays.
    assert Unit.objects.count() == 2


def test_a_last4_that_comes_later_is_added_to_the_same_person(roster: Import) -> None:
    roster(csv_bytes([HEAD, TWO[0]]))
    persons = Person.objects.count()
    _code, report = roster(csv_bytes([HEAD, [*TWO[0][:6], "123x", TWO[0][7]]]))
    assert (report["changed"], report["unchanged"], Person.objects.count()) == (0, 1, persons)
    assert Holder.objects.get().person.id_last4 == "123X"


def test_two_of_one_name_are_two_persons_and_asked_about(roster: Import) -> None:
    rows = [
        HEAD,
        ["瑞金阁", "1", "101", "78.50", "陈明", "13900000001", "", ""],
        ["瑞金阁", "1", "102", "78.50", "陈明", "13900000002", "", ""],
    ]
    _code, report = roster(csv_bytes(rows))
    assert (report["persons"], report["parties"]) == (2, 2)
    assert report["ask"] == [{"rows": [2, 3], "name": "陈明"}]
    assert Holder.objects.values("person").distinct().count() == 2


def test_a_dry_run_shows_and_writes_nothing(roster: Import) -> None:
    code, report = roster(csv_bytes([HEAD, *TWO]), "--dry-run")
    assert (code, report["created"], report["written"], Unit.objects.count()) == (0, 2, False, 0)
    code, report = roster(csv_bytes([HEAD, BAD]), "--dry-run")
    assert (code, len(report["errors"])) == (2, 1)
    code, report = roster(csv_bytes([HEAD, *TWO]), "--dry-run", "--create", "新苑", "--under", "hengli", estate="xinyuan")
    assert (code, report["created"], Place.objects.filter(code="xinyuan").exists()) == (0, 2, False)


def test_the_estate_is_made_with_its_roll_or_not_at_all(roster: Import) -> None:
    new = ("--create", "新苑", "--under", "hengli")
    assert roster(csv_bytes([HEAD, *TWO, BAD]), *new, estate="xinyuan")[0] == 2
    assert not Place.objects.filter(code="xinyuan").exists()
    assert roster(csv_bytes([HEAD, *TWO]), *new, estate="xinyuan")[0] == 0
    estate = Place.objects.get(code="xinyuan")
    assert (estate.kind, estate.name, estate.lineage) == ("estate", "新苑", "dongguan/hengli/xinyuan")
    assert Unit.objects.filter(estate=estate).count() == 2
    assert roster(csv_bytes([HEAD, *TWO]), "--create", "楼上", "--under", "ruijin", estate="louding")[0] == 2


def test_the_journal_knows_figures_and_no_name(roster: Import) -> None:
    roster(csv_bytes([HEAD, *TWO]))
    entry = Entry.objects.get(verb="roll_imported")
    assert (entry.detail["created"], entry.audience) == (2, "estate:ruikang")
    assert "刘玉梅" not in str(entry.__dict__)


def test_in_words_for_a_terminal(town: Any, tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "owners.csv").write_bytes(csv_bytes([HEAD, *TWO, BAD]))
    assert doorstep(["import", "roster", str(tmp_path / "owners.csv"), "--estate", "ruikang"]) == 2
    printed = capsys.readouterr().out
    assert "row 4, 面积: too_fine" in printed
    assert "nothing written" in printed
    assert doorstep(["import"]) == 2


@pytest.mark.thorough
def test_the_demos_roll_gives_its_figures_and_the_same_again(roster: Import) -> None:
    data = xlsx_bytes([cells for _number, cells in demo_roll_rows()])
    _code, report = roster(data, name="owners.xlsx")
    assert (report["rows"], report["units"], report["parties"], report["area"], report["created"]) == (1032, 1032, 1021, "100519.20", 1032)
    figures = roll_figures(Place.objects.get(code="ruikang"))
    assert (figures.units, figures.parties, figures.area_hundredths, figures.persons) == (1032, 1021, 10_051_920, report["persons"])
    assert roster(data, name="owners.xlsx")[1]["unchanged"] == 1032


# Out


@pytest.mark.parametrize(
    ("text", "kept"), [("=1+1", "'=1+1"), ("+86", "'+86"), ("-1", "'-1"), ("@x", "'@x"), ("\t=1", "'\t=1"), ("302", "302"), ("", "")]
)
def test_formulas_are_defused(text: str, kept: str) -> None:
    assert defused(text) == kept


def test_an_exported_workbook_has_texts_only() -> None:
    out = io.BytesIO()
    write_xlsx([["房号", "电话", "说"], ["0302", 13900000001, "=HYPERLINK(1)"], ["1e5", None, "http://x"]], out)
    sheet = load_workbook(out).worksheets[0]
    cells = [[cell.value or None for cell in row] for row in sheet.iter_rows()]
    assert cells == [["房号", "电话", "说"], ["0302", "13900000001", "'=HYPERLINK(1)"], ["1e5", None, "http://x"]]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None} == {"s"}
    assert {cell.number_format for row in sheet.iter_rows() for cell in row} == {"@"}
    assert not any(cell.hyperlink for row in sheet.iter_rows() for cell in row)


def test_an_exported_csv_begins_with_a_bom_and_comes_back_as_it_was(tmp_path: Path) -> None:
    write_csv([["房号", "说"], ["0302", "a,b"], ["=1", "多\n行"]], tmp_path / "out.csv")
    data = (tmp_path / "out.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    assert read_table(data) == [(1, ["房号", "说"]), (2, ["0302", "a,b"]), (3, ["'=1", "多\n行"])]
