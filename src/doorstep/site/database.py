"""What a town's database can do beyond what Django supposes."""

import sqlite3

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created


def take_parameters_as_sqlite_does(*, connection: BaseDatabaseWrapper, **_facts: object) -> None:
    """Let one statement hold as many parameters as this SQLite takes (32 766 or more since 3.32, of 2020).

    Django 5.2 supposes 999 and cuts a long insert into several statements, so that a page would ask more with every 142 reads it logs;
    Django 6.0 asks the connection by itself.
    """
    if connection.vendor == "sqlite":
        connection.features.max_query_params = connection.connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)


def register() -> None:
    connection_created.connect(take_parameters_as_sqlite_does)
