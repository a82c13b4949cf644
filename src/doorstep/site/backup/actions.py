"""Making a backup and bringing a town back from one."""

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

from doorstep.foundation import clock
from doorstep.foundation.identity.erasures import Replayed, write_erasure_list
from doorstep.foundation.journal.keys import key_file
from doorstep.foundation.journal.models import SigningKey
from doorstep.foundation.places.models import Place
from doorstep.site.backup.snapshot import (
    Damaged,
    NotEmpty,
    OtherEngine,
    OtherSchema,
    Snapshot,
    fingerprint_document,
    fingerprint_of,
    postgresql_tables,
    set_texts,
    snapshot,
)

FORMAT = "doorstep.backup/1"
MANIFEST = "manifest.json"


class DirectoryInUse(Exception):
    """The directory is there already and not empty."""


def fingerprint() -> dict[str, Any]:
    """The fingerprint of every table as they are now."""
    with snapshot() as state:
        return fingerprint_document(state.tables())


def backup(into: Path) -> dict[str, Any]:
    """Write a backup and give its manifest. Others may read and write meanwhile: it shows the instant it began."""
    if into.exists() and any(into.iterdir()):
        raise DirectoryInUse(into)
    into.mkdir(mode=0o700, parents=True, exist_ok=True)
    keys = [{"key_id": key.key_id, "private_key_here": key_file(key.key_id).exists()} for key in SigningKey.objects.order_by("pk")]
    made_at = clock.now()
    if Place.objects.exists():
        # What has to be kept beside the backup is there to be kept.
        write_erasure_list()
    with snapshot(keep_in=into) as state:
        tables = state.tables()
        manifest = {
            **fingerprint_document(tables),
            "format": FORMAT,
            "made_at": made_at.isoformat(),
            "engine": state.engine,
            "migrations": state.migrations(),
            "counters": state.counters(),
            "keys": keys,
            "files": _copy_files(state, into / "files"),
        }
    if state.engine == "sqlite":
        manifest["database_sha256"] = _digest(into / "database.sqlite3")
    part = into / f"{MANIFEST}.part"
    with part.open("w", encoding="utf-8") as file:
        json.dump(manifest, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    part.replace(into / MANIFEST)
    return manifest


def _copy_files(state: Snapshot, into: Path) -> list[dict[str, Any]]:
    """The files that the snapshot's rows name. A file never changes once it is kept; one that was removed since is listed as gone."""
    listed: list[dict[str, Any]] = []
    for path in state.stored_paths():
        if not default_storage.exists(path):
            listed.append({"path": path, "gone": True})
            continue
        target = into / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with default_storage.open(path) as source, target.open("wb") as file:
            shutil.copyfileobj(source, file)
        listed.append({"path": path, "size": target.stat().st_size, "sha256": _digest(target)})
    return listed


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_manifest(source: Path) -> dict[str, Any]:
    path = source / MANIFEST
    if not path.exists():
        raise Damaged(f"{MANIFEST} is missing: the backup was never finished")
    manifest: dict[str, Any] = json.loads(path.read_text("utf-8"))
    if manifest.get("format") != FORMAT:
        raise Damaged(f"unknown format {manifest.get('format')!r}")
    return manifest


def restore(source: Path, *, replay_erasures: Callable[[], Replayed] | None = None) -> dict[str, Any]:
    """Bring a backup into this town's empty database and its file store, and check every fingerprint; nothing is left half done.

    `replay_erasures` erases again whoever was erased after the backup was made; it runs once the state is proven equal.
    """
    manifest = read_manifest(source)
    if manifest["engine"] != connection.vendor:
        raise OtherEngine(manifest["engine"])
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if not set(manifest["migrations"]) <= known:
        raise OtherSchema(sorted(set(manifest["migrations"]) - known))
    _check_files(source, manifest)
    if connection.vendor == "sqlite":
        _restore_sqlite(source, manifest)
    else:
        _restore_postgresql(source, manifest)
    for each in manifest["files"]:
        if "sha256" in each and not default_storage.exists(each["path"]):
            with (source / "files" / each["path"]).open("rb") as file:
                default_storage.save(each["path"], file)
    again = replay_erasures() if replay_erasures is not None else Replayed()
    return {
        "format": "doorstep.restore-report/1",
        "fingerprint": manifest["fingerprint"],
        "files": sum("sha256" in each for each in manifest["files"]),
        "gone": [each["path"] for each in manifest["files"] if each.get("gone")],
        "keys_missing": [key["key_id"] for key in manifest["keys"] if not key_file(key["key_id"]).exists()],
        "erased_again": again.erased,
        "erased_but_for_the_name": again.but_for_the_name,
    }


def _check_files(source: Path, manifest: dict[str, Any]) -> None:
    for each in manifest["files"]:
        path = source / "files" / each["path"]
        if "sha256" in each and (not path.exists() or _digest(path) != each["sha256"]):
            raise Damaged(each["path"])


def _restore_sqlite(source: Path, manifest: dict[str, Any]) -> None:
    """Put the database file in place under its name in one step, after it was read as a whole."""
    kept = source / "database.sqlite3"
    if not kept.exists() or _digest(kept) != manifest["database_sha256"]:
        raise Damaged(kept.name)
    name = Path(str(connection.settings_dict["NAME"]))
    if name.exists() and _holds_a_town(name):
        raise NotEmpty(name)
    connection.close()
    name.parent.mkdir(parents=True, exist_ok=True)
    part = name.with_name(f"{name.name}.part")
    shutil.copyfile(kept, part)
    for beside in ("-wal", "-shm"):
        name.with_name(f"{name.name}{beside}").unlink(missing_ok=True)
    part.replace(name)
    with snapshot() as state:
        _same(state, manifest)


def _holds_a_town(path: Path) -> bool:
    link = sqlite3.connect(path)
    try:
        made = link.execute("SELECT count(*) FROM sqlite_master WHERE name = 'foundation_place'").fetchone()[0]
        return bool(made and link.execute("SELECT count(*) FROM foundation_place").fetchone()[0])
    finally:
        link.close()


def _restore_postgresql(source: Path, manifest: dict[str, Any]) -> None:
    """Make the tables, then fill them in one transaction with their triggers at rest: what the triggers did is part of the backup."""
    call_command("migrate", verbosity=0, interactive=False)
    if Place.objects.exists():
        raise NotEmpty(connection.settings_dict["NAME"])
    with snapshot() as state:
        if state.migrations() != manifest["migrations"]:
            raise OtherSchema(sorted(set(state.migrations()) ^ set(manifest["migrations"])))
    given = connection.get_connection_params()
    chosen = {name: given[name] for name in ("dbname", "user", "password", "host", "port") if given.get(name)}
    connection.close()
    with psycopg.connect(**chosen) as link:
        set_texts(link)
        tables = postgresql_tables(link)
        names = sql.SQL(", ").join(map(sql.Identifier, sorted(tables)))
        for name in tables:
            link.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(name)))
        link.execute(sql.SQL("TRUNCATE {}").format(names))
        for name, (columns, _key) in tables.items():
            path = source / "tables" / f"{name}.copy"
            if not path.exists() or _digest(path) != manifest["tables"][name]["sha256"]:
                raise Damaged(path.name)
            query = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(name), sql.SQL(", ").join(map(sql.Identifier, columns)))
            with path.open("rb") as file, link.cursor() as cursor, cursor.copy(query) as copied:
                while block := file.read(1 << 20):
                    copied.write(block)
        # Foreign keys are looked at now: a table's triggers cannot be changed while some still wait.
        link.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for name in tables:
            link.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(sql.Identifier(name)))
        _raise_counters(link, manifest["counters"])
    with snapshot() as after:
        _same(after, manifest)


def _raise_counters(link: psycopg.Connection[Any], counters: dict[str, int]) -> None:
    """New rows get ids after the restored ones, and new things numbers after those given."""
    for name, last in counters.items():
        link.execute(sql.SQL("CREATE SEQUENCE IF NOT EXISTS {}").format(sql.Identifier(name)))
        link.execute(
            sql.SQL("SELECT setval({}::regclass, {}, {})").format(sql.Literal(name), sql.Literal(max(last, 1)), sql.Literal(last > 0))
        )
    owned = link.execute(
        "SELECT t.relname, a.attname, pg_get_serial_sequence(quote_ident(t.relname), a.attname) FROM pg_class t "
        "JOIN pg_namespace n ON n.oid = t.relnamespace JOIN pg_attribute a ON a.attrelid = t.oid "
        "WHERE t.relkind = 'r' AND n.nspname = current_schema() AND a.attnum > 0 AND NOT a.attisdropped "
        "AND pg_get_serial_sequence(quote_ident(t.relname), a.attname) IS NOT NULL"
    ).fetchall()
    for table, column, sequence in owned:
        link.execute(
            sql.SQL("SELECT setval({}, (SELECT coalesce(max({}), 0) + 1 FROM {}), false)").format(
                sql.Literal(sequence), sql.Identifier(column), sql.Identifier(table)
            )
        )


def _same(state: Snapshot, manifest: dict[str, Any]) -> None:
    found = fingerprint_of(state.tables())
    if found != manifest["fingerprint"]:
        raise Damaged(f"restored {found}, backed up {manifest['fingerprint']}")
