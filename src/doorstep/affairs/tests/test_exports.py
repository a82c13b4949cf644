"""Lists as a spreadsheet: the same rows as the page, nothing more, formulas defused."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from openpyxl import load_workbook

from doorstep.affairs import actions
from doorstep.foundation import clock


def rows(response: Any) -> list[list[str]]:
    assert response.status_code == 200
    assert response["Content-Disposition"].startswith("attachment; filename=")
    if response["Content-Type"].startswith("text/csv"):
        assert response.content.startswith(b"\xef\xbb\xbf")
        return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    sheet = load_workbook(io.BytesIO(response.content)).active
    assert sheet is not None
    return [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_public_list_as_its_page_shows_it(town: Any, client: Any, kind: str) -> None:
    here = town.raise_matter(text='=HYPERLINK("http://x")坏了', title="=cmd|坏了")
    done = town.raise_matter(place=town.estate)
    actions.cannot_be_done(viewer=town.viewer(town.luo), matter=done, text="办不了")
    hidden = town.raise_matter(is_public=False)
    head, *found = rows(client.get(f"/p/ruikang/matters/export.{kind}"))
    assert head[:3] == ["号", "办到哪一步", "题目"]
    assert [row[0] for row in found] == [done.number, here.number]
    assert found[1][2] == "'=cmd|坏了"
    assert found[1][4] == "瑞康花园 瑞金阁"
    assert not any(hidden.number in cell or town.liu.name in cell for row in found for cell in row)
    for query, numbers in {"state=cannot": [done.number], f"building={town.building.code}": [here.number], "category=noise": []}.items():
        assert [row[0] for row in rows(client.get(f"/p/ruikang/matters/export.{kind}?{query}"))[1:]] == numbers, query
    assert len(rows(client.get(f"/matters/export.{kind}"))) == 3
    now = client.get(f"/matters/export.{kind}").content
    with clock.shifted(timedelta(days=1)):
        assert client.get(f"/matters/export.{kind}").content == now
    assert client.get("/p/ruikang/matters/export.pdf").status_code == 404


def test_the_workbench_is_for_those_who_work_it(town: Any, client: Any, sign_in: Any) -> None:
    hidden = town.raise_matter(is_public=False)
    assert client.get("/work/export.csv").status_code == 303
    assert sign_in("ye").get("/work/export.csv").status_code == 403
    assert [row[0] for row in rows(sign_in("luo").get("/work/export.csv"))[1:]] == [hidden.number]
    assert rows(sign_in("lin").get("/work/export.xlsx"))[1:] == []
