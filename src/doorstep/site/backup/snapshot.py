"""One consistent state of every table, read while others write.

SQLite copies the database file by its own online backup; PostgreSQL reads every table by COPY inside one REPEATABLE READ transaction, which
needs no tool beside the server. Neither keeps a writer waiting.

The fingerprint of a table is SHA-256 over its rows in the order of the primary key; that of the whole over the tables by name. What the database
derives by itself (full-text indexes, generated columns, counters of ids) is no part of it.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import psycopg
from django.db import connection
from psycopg import sql

FORMAT = "doorstep.fingerprint/1"


class NotEmpty(Exception):
    """The database to restore into already holds a town."""


class OtherEngine(Exception):
    """The backup was made of the other kind of database."""


class OtherSchema(Exception):
    """The backup was made by another version: its tables are not those of this one."""


class Damaged(Exception):
    """What was read is not what was written: a file is missing or its fingerprint differs."""


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    rows: int
    sha256: str


class Snapshot(Protocol):
    """One state of the database."""

    engine: str

    def tables(self) -> list[Table]: ...
    def migrations(self) -> list[str]: ...
    def counters(self) -> dict[str, int]: ...
    def stored_paths(self) -> list[str]: ...


def fingerprint_of(tables: list[Table]) -> str:
    whole = hashlib.sha256()
    for table in sorted(tables, key=lambda each: each.name):
        whole.update(f"{table.name}|{table.rows}|{table.sha256}\n".encode())
    return f"sha256:{whole.hexdigest()}"


def fingerprint_document(tables: list[Table]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "fingerprint": fingerprint_of(tables),
        "tables": {table.name: {"rows": table.rows, "sha256": table.sha256} for table in sorted(tables, key=lambda each: each.name)},
    }


@contextmanager
def snapshot(keep_in: Path | None = None) -> Iterator[Snapshot]:
    """The state of the town's database now; with `keep_in` it is kept there as well."""
    if connection.vendor == "postgresql":
        with _postgresql() as link:
            yield PostgresqlSnapshot(link, keep_in)
        return
    # The tests' own database is the same file, or the same memory under its name.
    name = str(connection.settings_dict["NAME"])
    with _sqlite(name) as live:
        kept = sqlite3.connect(keep_in / "database.sqlite3" if keep_in else "")
        try:
            # All pages in one step: a writer in between would make it begin again.
            live.backup(kept, pages=-1)
            yield SqliteSnapshot(kept)
        finally:
            kept.close()


@contextmanager
def _sqlite(name: str) -> Iterator[sqlite3.Connection]:
    link = sqlite3.connect(name, uri=name.startswith("file:"), timeout=30, isolation_level=None)
    try:
        yield link
    finally:
        link.close()


class SqliteSnapshot:
    engine = "sqlite"

    def __init__(self, link: sqlite3.Connection) -> None:
        self.link = link

    def names(self) -> list[str]:
        """Ordinary tables: not the parts of a full-text index, which follow from them."""
        listed = self.link.execute("PRAGMA table_list").fetchall()
        return sorted(row[1] for row in listed if row[0] == "main" and row[2] == "table" and not row[1].startswith("sqlite_"))

    def tables(self) -> list[Table]:
        return [self._table(name) for name in self.names()]

    def _table(self, name: str) -> Table:
        columns = self.link.execute(f'PRAGMA table_info("{name}")').fetchall()
        key = [f'"{column[1]}"' for column in sorted(columns, key=lambda each: each[5]) if column[5]]
        chosen = ", ".join(f'"{column}"' for column in sorted(column[1] for column in columns))
        digest, rows = hashlib.sha256(), 0
        for row in self.link.execute(f'SELECT {chosen} FROM "{name}" ORDER BY {", ".join(key) or "rowid"}'):
            digest.update(json.dumps(row, ensure_ascii=False, default=lambda value: value.hex(), separators=(",", ":")).encode() + b"\n")
            rows += 1
        return Table(name, rows, digest.hexdigest())

    def migrations(self) -> list[str]:
        return [f"{app}.{name}" for app, name in self.link.execute("SELECT app, name FROM django_migrations ORDER BY app, name")]

    def counters(self) -> dict[str, int]:
        """None: on SQLite the number series are rows."""
        return {}

    def stored_paths(self) -> list[str]:
        rows = self.link.execute("SELECT path, thumbnail_path FROM foundation_storedfile ORDER BY id").fetchall()
        return [path for row in rows for path in row if path]


@contextmanager
def _postgresql() -> Iterator[psycopg.Connection[Any]]:
    """A connection of its own in one read-only snapshot, writing values the same way whatever the server is set to."""
    given = connection.get_connection_params()
    chosen = {name: given[name] for name in ("dbname", "user", "password", "host", "port") if given.get(name)}
    with psycopg.connect(**chosen, autocommit=True) as link:
        link.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        set_texts(link)
        yield link
        link.execute("ROLLBACK")


def set_texts(link: psycopg.Connection[Any]) -> None:
    """How values are written as text and read again, in this transaction."""
    link.execute("SET LOCAL TimeZone = 'UTC'")
    link.execute("SET LOCAL DateStyle = 'ISO, YMD'")
    link.execute("SET LOCAL IntervalStyle = 'postgres'")
    link.execute("SET LOCAL bytea_output = 'hex'")
    link.execute("SET LOCAL extra_float_digits = 1")


def postgresql_tables(link: psycopg.Connection[Any]) -> dict[str, tuple[list[str], list[str]]]:
    """Table → its columns by name, generated ones left out, and the columns of its primary key."""
    columns = link.execute(
        "SELECT table_name, column_name FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name) "
        "WHERE table_schema = current_schema() AND t.table_type = 'BASE TABLE' AND c.is_generated = 'NEVER' ORDER BY table_name, column_name"
    ).fetchall()
    keys = link.execute(
        "SELECT c.relname, a.attname FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
        "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey) WHERE i.indisprimary AND n.nspname = current_schema() "
        "ORDER BY c.relname, array_position(i.indkey::smallint[], a.attnum)"
    ).fetchall()
    found: dict[str, tuple[list[str], list[str]]] = {}
    for table, column in columns:
        found.setdefault(table, ([], []))[0].append(column)
    for table, column in keys:
        found[table][1].append(column)
    return found


class PostgresqlSnapshot:
    engine = "postgresql"

    def __init__(self, link: psycopg.Connection[Any], keep_in: Path | None) -> None:
        self.link, self.keep_in = link, keep_in

    def tables(self) -> list[Table]:
        if self.keep_in is not None:
            (self.keep_in / "tables").mkdir()
        return [self._table(name, columns, key) for name, (columns, key) in sorted(postgresql_tables(self.link).items())]

    def _table(self, name: str, columns: list[str], key: list[str]) -> Table:
        """Copy a table out in the order of its key; the rows as they come are what the fingerprint is taken over."""
        query = sql.SQL("COPY (SELECT {} FROM {} ORDER BY {}) TO STDOUT").format(
            sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier(name), sql.SQL(", ").join(map(sql.Identifier, key or columns))
        )
        digest, rows = hashlib.sha256(), 0
        file = (self.keep_in / "tables" / f"{name}.copy").open("wb") if self.keep_in is not None else None
        try:
            with self.link.cursor() as cursor, cursor.copy(query) as copied:
                for block in copied:
                    digest.update(block)
                    rows += bytes(block).count(b"\n")
                    if file is not None:
                        file.write(block)
        finally:
            if file is not None:
                file.close()
        return Table(name, rows, digest.hexdigest())

    def migrations(self) -> list[str]:
        return [
            f"{app}.{name}"
            for app, name in self.link.execute('SELECT app, name FROM django_migrations ORDER BY app COLLATE "C", name COLLATE "C"')
        ]

    def counters(self) -> dict[str, int]:
        """Sequences that belong to no column (numbers of a kind and year), each with the last number given. Read after the snapshot began,
        so never behind it; a gap does no harm."""
        rows = self.link.execute(
            "SELECT s.sequencename, coalesce(s.last_value, 0) FROM pg_sequences s WHERE s.schemaname = current_schema() AND NOT EXISTS ("
            "SELECT 1 FROM pg_depend d JOIN pg_class c ON c.oid = d.objid WHERE c.relname = s.sequencename AND c.relkind = 'S' "
            "AND d.deptype IN ('a', 'i')) ORDER BY 1"
        ).fetchall()
        return dict(rows)

    def stored_paths(self) -> list[str]:
        rows = self.link.execute("SELECT path, thumbnail_path FROM foundation_storedfile ORDER BY id").fetchall()
        return [path for row in rows for path in row if path]
