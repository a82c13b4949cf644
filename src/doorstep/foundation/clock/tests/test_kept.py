import time

import pytest

from doorstep.foundation.clock import kept
from doorstep.foundation.clock.kept import forget_kept, kept_briefly


def test_a_read_is_asked_once_within_the_time_and_again_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])

    @kept_briefly
    def read(code: str) -> str:
        asked.append(code)
        return code.upper()

    assert [read("a"), read("a"), read("b")] == ["A", "A", "B"]
    assert asked == ["a", "b"]
    now[0] += kept.SECONDS
    assert read("a") == "A"
    assert asked == ["a", "b", "a"]


def test_what_is_not_there_yet_is_asked_for_each_time() -> None:
    there: dict[str, str] = {}

    @kept_briefly
    def read(code: str) -> str | None:
        return there.get(code)

    assert read("a") is None
    there["a"] = "made just now"
    assert read("a") == "made just now"


def test_a_write_forgets() -> None:
    there = {"a": "before"}

    @kept_briefly
    def read(code: str) -> str | None:
        return there.get(code)

    assert read("a") == "before"
    there["a"] = "after"
    forget_kept()
    assert read("a") == "after"
