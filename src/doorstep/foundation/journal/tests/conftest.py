"""A database of a test's own, for what only shows when transactions really commit."""

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection


@pytest.fixture
def empty_database(django_db_setup: None, django_db_blocker: Any, tmp_path: Path) -> Iterator[None]:
    """A database without tables in place of the shared one: what is committed there is gone afterwards, append-only or not."""
    shared = connection.settings_dict["NAME"]
    own = f"own_{secrets.token_hex(6)}"
    with django_db_blocker.unblock():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(f"CREATE DATABASE {own}")
        connection.close()
        connection.settings_dict["NAME"] = own if connection.vendor == "postgresql" else str(tmp_path / f"{own}.sqlite3")
        # An in-memory SQLite database ignores close() unless the wrapper knows that it is none.
        kept = connection.connection
        connection.connection = None
        try:
            yield
        finally:
            connection.close()
            connection.settings_dict["NAME"] = shared
            connection.connection = kept
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute(f"DROP DATABASE {own} WITH (FORCE)")


@pytest.fixture
def own_database(empty_database: None) -> None:
    call_command("migrate", verbosity=0, interactive=False)
