"""Whatever others rely on is described: display slots, registries, regulations, file formats."""

import ast
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from doorstep.foundation.regulations.actions import DATA, load_regulations, read_regulations
from doorstep.foundation.regulations.views import SUBJECTS, UNITS
from doorstep.foundation.ui.slots import SLOTS
from tests.architecture.source import DOCS, code_files, parsed, strings

FORMAT = re.compile(r"\bdoorstep\.[a-z]+(?:-[a-z]+)*/\d+")
NATIONAL = sorted(path for path in DATA.glob("*.toml") if not path.name.startswith("town_"))
TOWNS = sorted(DATA.glob("town_*.toml"))


def registries() -> set[str]:
    """Every `register_…` function of the house: a place where one room lets others in."""
    return {
        node.name
        for path in code_files()
        for node in parsed(path).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("register_")
    }


def formats() -> set[str]:
    return {found for path in code_files() for text in strings(parsed(path)) for found in FORMAT.findall(text)}


@pytest.mark.parametrize("name", sorted(SLOTS))
def test_every_slot_is_described(name: str) -> None:
    assert f"`{name}`" in (DOCS / "slots.md").read_text("utf-8")


def test_every_registry_is_described() -> None:
    described = (DOCS / "slots.md").read_text("utf-8")
    assert registries()
    assert {name for name in registries() if f"`{name}`" not in described} == set()


def test_every_file_format_is_described() -> None:
    described = (DOCS / "formats.md").read_text("utf-8")
    assert "doorstep.import-report/1" in formats()
    assert {name for name in formats() if f"`{name}`" not in described} == set()


@pytest.mark.parametrize("path", NATIONAL, ids=lambda path: path.stem)
def test_every_regulation_in_force_is_on_its_page(client: Any, town: Any, path: Path) -> None:
    page = client.get("/regulations/").content.decode()
    for row in in_force(path):
        assert f"<code>{row['key']}</code>" in page
        assert f'id="{anchor(row)}"' in page


@pytest.mark.parametrize("path", TOWNS, ids=lambda path: path.stem)
def test_a_towns_own_regulations_are_on_the_page_too(client: Any, town: Any, path: Path) -> None:
    load_regulations(extra=[path])
    page = client.get("/regulations/").content.decode()
    for row in in_force(path):
        assert f'id="{anchor(row)}"' in page


@pytest.mark.parametrize("path", [*NATIONAL, *TOWNS], ids=lambda path: path.stem)
def test_a_regulations_subject_and_unit_have_names(path: Path) -> None:
    for row in read_regulations(path):
        assert row["key"].partition(".")[0] in SUBJECTS, row["key"]
        assert row.get("unit", "") in {"", *UNITS}, row["key"]


def in_force(path: Path) -> list[dict[str, Any]]:
    today = date.today()
    return [
        row
        for row in read_regulations(path)
        if row.get("effective_from", date(2021, 1, 1)) <= today and row.get("effective_to", date.max) >= today
    ]


def anchor(row: dict[str, Any]) -> str:
    locality = row.get("locality", "CN")
    return row["key"] if locality == "CN" else f"{row['key']}@{locality}"


def test_a_value_the_code_asks_for_by_name_is_in_the_data() -> None:
    known = {row["key"] for path in NATIONAL for row in read_regulations(path)}
    asked = {
        argument.value
        for path in code_files()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "value_of"
        for argument in node.args
        if isinstance(argument, ast.Constant)
    }
    assert "matters.silence_days" in asked
    assert asked <= known
