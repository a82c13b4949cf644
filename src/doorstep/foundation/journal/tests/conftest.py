"""A database of a test's own, for what only shows when transactions really commit."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection


@contextmanager
def in_place_of_the_shared_one(url: str, blocker: Any) -> Iterator[None]:
    """What is committed there is gone afterwards, append-only or not."""
    shared = connection.settings_dict["NAME"]
    with blocker.unblock():
        connection.close()
        connection.settings_dict["NAME"] = urlsplit(url).path[1:]
        # An in-memory SQLite database ignores close() unless the wrapper knows that it is none.
        kept = connection.connection
        connection.connection = None
        try:
            yield
        finally:
            connection.close()
            connection.settings_dict["NAME"] = shared
            connection.connection = kept


@pytest.fixture
def empty_database(django_db_setup: None, django_db_blocker: Any, new_ground: Callable[..., Any]) -> Iterator[None]:
    with in_place_of_the_shared_one(new_ground(empty=True).url, django_db_blocker):
        yield


@pytest.fixture
def own_database(django_db_setup: None, django_db_blocker: Any, new_ground: Callable[..., Any]) -> Iterator[None]:
    with in_place_of_the_shared_one(new_ground().url, django_db_blocker):
        yield
