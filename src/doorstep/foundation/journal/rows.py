"""Inserting a row of a table that is written all day, by a statement that is put together once."""

from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Field, Model


@cache
def _statement(model: type[Model]) -> tuple[str, list["Field[Any, Any]"]]:
    fields = [each for each in model._meta.local_concrete_fields if not each.primary_key]
    columns = ", ".join(f'"{each.column}"' for each in fields)
    values = ", ".join(["%s"] * len(fields))
    return f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ({values}) RETURNING "{model._meta.pk.column}"', fields


def insert_row(row: Model) -> None:
    """Insert a new row and give it its key: `save(force_insert=True)` without putting the statement together anew each time."""
    statement, fields = _statement(type(row))
    with connection.cursor() as cursor:
        cursor.execute(statement, [each.get_db_prep_save(each.pre_save(row, True), connection) for each in fields])
        row.pk = cursor.fetchone()[0]
    row._state.adding, row._state.db = False, connection.alias
