"""The page about panels: its example is drawn again."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from doorstep.affairs.rules.codes import BECAUSE
from doorstep.affairs.rules.panel import form_panel, read_panel, result_document
from doorstep.affairs.tests import panel_oracle

PAGE = (Path(__file__).parents[2] / "docs" / "algorithms" / "panel.md").read_text("utf-8")
FILE, RESULT, RELAXED = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL))


def drawn(document: dict[str, Any]) -> dict[str, Any]:
    question = read_panel(document)
    return result_document(question, form_panel(question))


def test_the_example_is_what_the_file_gives() -> None:
    assert {key: value for key, value in drawn(FILE).items() if key in RESULT} == RESULT


def test_the_example_is_what_trying_every_combination_gives() -> None:
    assert {key: value for key, value in panel_oracle.result(FILE).items() if key in RESULT} == RESULT


def test_the_example_without_experts_falls_short_as_the_page_says() -> None:
    away = {**FILE, "candidates": [{**person, "available": person["id"] not in RELAXED["unavailable"]} for person in FILE["candidates"]]}
    assert drawn(away)["shortfalls"] == RELAXED["shortfalls"] == panel_oracle.shortfalls(away)


def test_the_lots_on_the_page_are_those_of_the_seed() -> None:
    for name, lot in (("05", "4c1e8091"), ("07", "dd87e926"), ("06", "ed083acd")):
        assert hashlib.sha256(f"{FILE['seed']}|{name}".encode()).hexdigest().startswith(lot)
        assert PAGE.count(f"`{lot}…`") == 2


def test_every_reason_is_explained_in_both_languages() -> None:
    chinese, english = PAGE.split("## English\n")
    assert [code for code in BECAUSE if f"`{code}`" not in chinese or f"`{code}`" not in english] == []
