"""What a reader is shown in a word has one: no code of ours stands on a page."""

import ast
from collections.abc import Iterator

from doorstep.affairs.actions.count import GROUNDS
from doorstep.foundation.notify.queries import kinds_told
from doorstep.site.notices import KINDS
from doorstep.site.views import WHY
from tests.architecture.source import code_files, parsed


def reasons_to_read() -> Iterator[str]:
    """The `why` of every `note_read`, and of every `Read` somebody hands to it, that is written out."""
    for path in code_files():
        for node in ast.walk(parsed(path)):
            called = getattr(node.func, "attr", getattr(node.func, "id", "")) if isinstance(node, ast.Call) else ""
            if isinstance(node, ast.Call) and called in {"note_read", "Read"}:
                for given in node.keywords:
                    if given.arg == "why" and isinstance(given.value, ast.Constant):
                        yield str(given.value.value)


def test_why_somebody_read_is_said_in_words() -> None:
    written = set(reasons_to_read())
    assert "handling" in written
    assert written | {f"inspection:{ground}" for ground in GROUNDS} == set(WHY)


def test_what_one_is_told_of_has_a_name() -> None:
    assert "matter" in kinds_told()
    assert set(kinds_told()) == set(KINDS)
