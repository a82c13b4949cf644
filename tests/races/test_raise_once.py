"""A matter that is sent twice is raised once, whoever falls over meanwhile."""

from collections.abc import Callable

import pytest

from bench.race import KEYS, race
from bench.towns import Ground


@pytest.mark.thorough
def test_300_keys_sent_twice_while_a_process_is_killed_are_300_matters(new_ground: Callable[..., Ground]) -> None:
    found = race(new_ground())
    assert (found.matters, found.numbers, found.raise_entries, found.raise_events) == (KEYS, KEYS, KEYS, KEYS)
    assert (found.answers, found.created, found.alike) == (2 * KEYS, 2 * KEYS, KEYS)
    # Each is told once, to the one who works for the body that has it.
    assert (found.told, found.waiting) == (KEYS, 0)
    assert found.killed == 1
    assert found.cut > 0
    assert found.overlapping > KEYS // 2
