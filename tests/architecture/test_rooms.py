"""Every mechanism has the same face: a newcomer finds a thing where the same thing stands elsewhere."""

import re

import pytest

from tests.architecture.source import MECHANISMS, MODULES, ROOMS, SOURCE

# What may stand at the top of a mechanism, as a file or as a package of that name; also as <subject>_<kind>: roll_views, vote_actions.
KINDS = frozenset(
    [
        "README",
        "rules",
        "models",
        "permissions",
        "queries",
        "actions",
        "forms",
        "views",
        "urls",
        "templates",
        "templatetags",
        "api",
        "slots",
        "tasks",
        "apps",
        "migrations",
        "testing",
        "tests",
        "locale",
        "data",
        "inbox",
        "search",
        "texts",
        "lifecycle",
        "setup",
        "file",
        "import",
        "command",
        "offline",
        "pages",
        "papers",
        "codes",
    ]
)
# The world's standards a mechanism speaks, each a file of its own.
STANDARDS = frozenset(["open311", "popolo", "hsds", "calendar", "openbadges", "beancount", "jsonld"])
# Invented data of the demo, which is a file because it is drawn and not written.
DRAWN = frozenset({"demo_roll"})
# Drawers: whatever is put there belongs somewhere else.
DRAWERS = re.compile(r"(.*_)?(utils?|helpers?|common|misc|base|core|lib|shared|tools?|managers?|services?|signals|receivers|admin)")


def kind_of(stem: str) -> str:
    return stem if stem in KINDS | STANDARDS | DRAWN else stem.rpartition("_")[2]


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_nothing_of_an_unknown_kind_stands_at_the_top(mechanism: str) -> None:
    stems = {path.stem for path in (SOURCE / mechanism).iterdir() if path.stem not in {"__init__", "__pycache__"}}
    assert {stem for stem in stems if kind_of(stem) not in KINDS | STANDARDS | DRAWN} == set()


def test_there_is_no_drawer_at_the_top_of_a_mechanism_or_a_room() -> None:
    tops = [SOURCE, *(SOURCE / name for name in MODULES), *(SOURCE / "foundation" / room for room in ROOMS)]
    found = {path for top in tops if top.is_dir() for path in top.iterdir() if path.suffix in {"", ".py"} and DRAWERS.fullmatch(path.stem)}
    # The mechanism of shared services has the word in its own name.
    assert found - {SOURCE / "services"} == set()


@pytest.mark.parametrize("name", ["utils", "helpers", "roll_utils", "common", "admin", "signals", "base", "task_helpers"])
def test_a_drawer_is_seen(name: str) -> None:
    assert DRAWERS.fullmatch(name)


@pytest.mark.parametrize("name", ["actions", "database", "settings", "tasks", "web", "roll_file", "baseline"])
def test_a_room_is_no_drawer(name: str) -> None:
    assert not DRAWERS.fullmatch(name)
