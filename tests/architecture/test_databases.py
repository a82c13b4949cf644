"""A test comes to a database by a fixture: the run on PostgreSQL leaves out those that ask for none.

In its own process a test without that fixture is refused a connection. What remains are the programs it starts.
"""

import re
from pathlib import Path

from tests.architecture.source import SOURCE

TESTS = SOURCE.parents[1] / "tests"
PROGRAMS = re.compile(r"^(import|from) (subprocess|multiprocessing|psycopg|sqlite3|bench\.)|DOORSTEP_DATABASE_URL", re.MULTILINE)
# Files that start programs, or reach for the tools of those who do, and need no database for it.
WITHOUT = {
    "affairs/tests/test_lottery.py": "the drawing of lots: a command without Django",
    "affairs/tests/test_panel.py": "the panel: a command without Django",
    "affairs/tests/test_tally_command.py": "the count: a command without Django",
    "foundation/journal/tests/test_verify.py": "the check of a receipt: a command without Django",
    "site/tests/test_logs.py": "a worker that ends before it asks for anything",
    "site/tests/test_processes.py": "two programs that sleep",
    "site/tests/test_proxies.py": "the application as it is loaded: nothing is asked of it",
}
# The makers of grounds, what is no test itself, and the journeys, which walk on SQLite in every run.
OTHERS = (
    "tests/databases.py",
    "tests/environment.py",
    "tests/migrations/landed.py",
    "tests/races/together.py",
    "tests/architecture/",
    "tests/journeys/",
)


def name_of(path: Path) -> str:
    return str(path.relative_to(SOURCE if path.is_relative_to(SOURCE) else TESTS.parent))


def test_who_starts_a_program_asks_for_a_ground_or_needs_none() -> None:
    files = [path for path in SOURCE.rglob("*.py") if "tests" in path.parts] + list(TESTS.rglob("*.py"))
    starts = {name_of(path): text for path in files if PROGRAMS.search(text := path.read_text("utf-8"))}
    without = {name for name, text in starts.items() if "new_ground" not in text and not name.startswith(OTHERS)}
    assert without == set(WITHOUT)
