"""The page on counting votes says what the program does: its worked example is read from the page and counted again."""

import json
import re
from pathlib import Path
from typing import Any

from doorstep.affairs.rules.tally import read_vote, result_document, tally

PAGE = (Path(__file__).parents[2] / "docs" / "algorithms" / "tally.md").read_text(encoding="utf-8")


def worked_example() -> tuple[Any, Any]:
    """The vote file and the answer that stand on the page."""
    vote, answer = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, flags=re.DOTALL))
    return vote, answer


def test_the_answer_on_the_page_is_the_count_of_the_file_on_the_page() -> None:
    vote, answer = worked_example()
    assert json.dumps(result_document(tally(read_vote(vote)))) == json.dumps(answer)


def test_the_table_on_the_page_shows_the_same_figures() -> None:
    _, answer = worked_example()
    motion = answer["motions"][0]
    measures = {
        "名册": answer["roll"],
        "参与": motion["taking_part"],
        "同意": motion["agree"],
        "反对": motion["against"],
        "弃权": motion["abstain"],
    }
    rows = re.findall(r"^\| (\S+) \| (\d+) \| ([\d.]+) \|$", PAGE, flags=re.MULTILINE)
    assert rows == [(name, str(measure["parties"]), measure["area"]) for name, measure in measures.items()]
