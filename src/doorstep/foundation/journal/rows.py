"""Inserting a row of a table that is written all day, by a statement that is put together once."""

from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Field, JSONField, Model


@cache
def _statement(model: type[Model]) -> tuple[str, list["Field[Any, Any]"]]:
    fields = [each for each in model._meta.local_concrete_fields if not each.primary_key]
    columns = ", ".join(f'"{each.column}"' for each in fields)
    values = ", ".join(["%s"] * len(fields))
    return f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ({values}) RETURNING "{model._meta.pk.column}"', fields


# What every database driver takes as it is, in a column that keeps it as it is.
PLAIN = frozenset({str, int, bool, type(None)})


def insert_row(row: Model) -> None:
    """Insert a new row and give it its key: `save(force_insert=True)` without putting the statement together anew each time."""
    statement, fields = _statement(type(row))
    here = connections[DEFAULT_DB_ALIAS]
    values = []
    for field in fields:
        # Field.pre_save gives the attribute; only those that fill themselves do more.
        value = getattr(row, field.attname) if type(field).pre_save is Field.pre_save else field.pre_save(row, True)
        if type(value) not in PLAIN or isinstance(field, JSONField):
            value = field.get_db_prep_save(value, here)
        values.append(value)
    with here.cursor() as cursor:
        cursor.execute(statement, values)
        row.pk = cursor.fetchone()[0]
    row._state.adding, row._state.db = False, here.alias
