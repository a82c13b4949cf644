"""The press: what is a fact stays a fact, whatever is written in it; equal facts give equal papers."""

import io
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import segno
import typst
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader

from doorstep.foundation.printing import press
from doorstep.foundation.printing.press import Facts, FontsMissing, pdf
from doorstep.foundation.printing.qr import QUIET, drawing_of, qr_fact
from doorstep.foundation.printing.testing import pages_of, picture, read

NAME = """#import "/foundation/printing/sheet.typ": *
#show: sheet
#letterhead(facts.title)
#facts.name
"""
CODE = """#import "/foundation/printing/sheet.typ": *
#set page(width: 60mm, height: 60mm, margin: 0mm)
#code(facts.qr, "scan", side: 60mm)
"""


@pytest.fixture(autouse=True)
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A house of one module with two templates."""
    shared = tmp_path / "foundation" / "printing"
    shared.mkdir(parents=True)
    shutil.copy(Path(press.__file__).with_name("sheet.typ"), shared)
    templates = tmp_path / "module" / "templates" / "module"
    templates.mkdir(parents=True)
    (templates / "name.typ").write_text(NAME, "utf-8")
    (templates / "code.typ").write_text(CODE, "utf-8")
    monkeypatch.setattr(press, "PACKAGE", tmp_path)
    return tmp_path


def facts(name: str, *, lang: str = "zh") -> Facts:
    return {"title": "证书", "lang": lang, "date": "2026-04-13", "name": name}


@pytest.mark.parametrize(
    "name",
    [
        '#panic("out")',
        "*x* $ y $ _z_",
        "#{ while true {} }",
        '#read("/foundation/printing/sheet.typ")',
        "<label> @ref `raw` ~ \\u{41} // /* */",
        '"}],"name":"other"',
        "= headline",
        "[#image()]",
        "'; DROP TABLE person; --",
    ],
)
def test_what_looks_like_markup_prints_as_itself(name: str) -> None:
    assert read(pdf("module/name.typ", facts(name))) == "证书" + "".join(name.split())


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_nothing_that_can_be_written_stops_the_press(name: str) -> None:
    assert len(pages_of(pdf("module/name.typ", facts(name)))) >= 1


@pytest.mark.parametrize("name", ["陈国𬭳", "䶮㛃𫖯𬍛", "阿提古丽·买买提", "ÄÖÜ é Nguyễn", "㎡①—“”’…"])
def test_rare_characters_of_names_have_a_glyph(name: str) -> None:
    assert read(pdf("module/name.typ", facts(name))) == "证书" + "".join(name.split())


@pytest.mark.thorough
def test_every_character_of_gbk_has_a_glyph() -> None:
    """GBK holds all of GB2312 and the 20,902 characters of the first Unicode block of Han."""
    every = "".join(chr(code) for code in range(0x4E00, 0x9FA6))
    found = read(pdf("module/name.typ", facts(every)))
    # Where a character and its variant share a glyph, a reader of PDF is told the one that came first.
    assert found.count("\x00") == 0
    assert len(found) == len("证书" + every)


def test_what_has_no_glyph_leaves_the_rest_as_it_is() -> None:
    assert read(pdf("module/name.typ", facts("张三😀李四"))).replace("\x00", "") == "证书张三李四"


def test_equal_facts_give_equal_bytes_and_the_date_is_a_fact() -> None:
    first = pdf("module/name.typ", facts("江晚晴"))
    assert pdf("module/name.typ", facts("江晚晴")) == first
    assert pdf("module/name.typ", facts("江晚霞")) != first
    told = PdfReader(io.BytesIO(first)).metadata
    assert told is not None
    assert (told.title, str(told.creation_date)[:10]) == ("证书", "2026-04-13")
    undated = PdfReader(io.BytesIO(pdf("module/name.typ", {**facts("江晚晴"), "date": None}))).metadata
    assert undated is not None
    assert undated.creation_date is None


def test_several_at_a_time_do_not_mix() -> None:
    names = [f"第{n}位" for n in range(24)]
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda name: read(pdf("module/name.typ", facts(name))), names))
    assert made == [f"证书{name}" for name in names]


def test_a_code_on_paper_is_the_code_of_its_address() -> None:
    address = "https://hengli.example/certificates/HL-DS-2026-0007"
    drawn = Image.open(io.BytesIO(picture("module/code.typ", {**facts(""), "qr": qr_fact(address)}))).convert("L")
    side = drawing_of(address)[0]

    def dark(x: int, y: int) -> bool:
        middle = ((x + QUIET + 0.5) * drawn.width / side, (y + QUIET + 0.5) * drawn.height / side)
        return bool(drawn.getpixel((int(middle[0]), int(middle[1]))) < 128)  # type: ignore[operator]

    expected = segno.make(address, error="m", micro=False).matrix
    assert [[dark(x, y) for x in range(len(expected))] for y in range(len(expected))] == [[bool(each) for each in row] for row in expected]


def test_a_fact_that_is_missing_is_an_error() -> None:
    with pytest.raises(typst.TypstError, match="name"):
        pdf("module/name.typ", {"title": "证书", "lang": "zh", "date": None})


def test_without_fonts_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    press._fonts.cache_clear()
    monkeypatch.setattr(press, "FONTS", tmp_path / "nothing")
    with pytest.raises(FontsMissing, match="nothing"):
        pdf("module/name.typ", facts("江晚晴"))
    press._fonts.cache_clear()
