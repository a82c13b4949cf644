"""Where the tests' databases come from: the migrations run once, and every database of a run begins as a copy of what they made.

Migrating from nothing takes as long as hundreds of tests, so its outcome is kept: for SQLite as a file in .pytest_cache, until a migration changes;
for PostgreSQL as a template of the run's own server. Tests about the migrations themselves take an empty ground and run them.
"""

import fcntl
import hashlib
import os
import secrets
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg

from bench.towns import Ground, ground

KIND = os.environ.get("DOORSTEP_TEST_DATABASE", "sqlite")
ROOT = Path(__file__).parents[1]
CACHE = ROOT / ".pytest_cache" / "migrated"
TEMPLATE = "migrated"


@contextmanager
def own_ground(kind: str = KIND, *, empty: bool = False) -> Iterator[Ground]:
    """A database of a test's own, gone afterwards: with today's tables, or empty."""
    if empty:
        with ground(kind) as found:
            yield found
        return
    template = migrated(kind)
    with tempfile.TemporaryDirectory(prefix="doorstep-", ignore_cleanup_errors=True) as home:
        if kind == "sqlite":
            shutil.copyfile(template, Path(home) / "town.sqlite3")
            yield Ground(f"sqlite:///{home}/town.sqlite3", Path(home))
            return
        name = f"town_{secrets.token_hex(6)}"
        with psycopg.connect(_server(), autocommit=True) as link:
            link.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        try:
            yield Ground(_server(name), Path(home))
        finally:
            with psycopg.connect(_server(), autocommit=True) as link:
                link.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@contextmanager
def shared_from_copy(connection: Any) -> Iterator[None]:
    """Let the database that Django is about to make for this process begin as a copy; its `migrate` then finds nothing to do."""
    template = migrated(connection.vendor)
    test = connection.settings_dict["TEST"]
    if connection.vendor == "postgresql":
        test["TEMPLATE"] = template
        yield
        return
    test["NAME"] = f"file:shared_{os.getpid()}?mode=memory&cache=shared"
    # A database in memory lives for as long as somebody has it open.
    kept = sqlite3.connect(test["NAME"], uri=True)
    with sqlite3.connect(template) as source:
        source.backup(kept)
    source.close()
    yield
    kept.close()


def migrated(kind: str) -> str:
    """The file or the database with today's tables and nothing else. Whoever asks first makes it, and the others wait."""
    place = CACHE if kind == "sqlite" else Path(os.environ["DOORSTEP_TEST_HOME"])
    place.mkdir(parents=True, exist_ok=True)
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _file(place) if kind == "sqlite" else _database(place)


def _file(place: Path) -> str:
    kept = place / f"{_digest()}.sqlite3"
    if not kept.exists():
        for old in place.glob("*.sqlite3*"):
            old.unlink()
        made = place / "unfinished.sqlite3"
        _migrate(f"sqlite:///{made}")
        made.rename(kept)
    return str(kept)


def _database(place: Path) -> str:
    done = place / "is-migrated"
    if not done.exists():
        with psycopg.connect(_server(), autocommit=True) as link:
            link.execute(f"CREATE DATABASE {TEMPLATE}".encode())
        _migrate(_server(TEMPLATE))
        done.touch()
    return TEMPLATE


def _migrate(url: str) -> None:
    environment = {**os.environ, "DOORSTEP_DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "doorstep.site.settings"}
    subprocess.run([sys.executable, "-m", "django", "migrate", "--verbosity", "0"], env=environment, check=True)


def _server(name: str = "postgres") -> str:
    return os.environ["DOORSTEP_DATABASE_URL"].replace("/postgres?", f"/{name}?")


def _digest() -> str:
    """Of all that the outcome of the migrations depends on."""
    found = hashlib.sha256()
    for path in sorted((ROOT / "src" / "doorstep").glob("*/migrations/*.py")):
        found.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    made_by = [Path(__file__).read_text(), sys.version, sqlite3.sqlite_version, version("django"), version("django-tasks-db")]
    found.update("\0".join(made_by).encode())
    return found.hexdigest()[:32]
