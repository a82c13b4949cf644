"""Inserting a row of a table that is written all day, by a statement that is put together once."""

from datetime import datetime
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import DateTimeField, Field, JSONField, Model


@cache
def _statement(model: type[Model]) -> tuple[str, list[tuple["Field[Any, Any]", bool]]]:
    """The statement, and its columns with whether each fills itself."""
    fields = [each for each in model._meta.local_concrete_fields if not each.primary_key]
    columns = ", ".join(f'"{each.column}"' for each in fields)
    values = ", ".join(["%s"] * len(fields))
    return f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ({values}) RETURNING "{model._meta.pk.column}"', [
        (each, _fills_itself(each)) for each in fields
    ]


# What every database driver takes as it is, in a column that keeps it as it is.
PLAIN = frozenset({str, int, bool, type(None)})


def _fills_itself(field: "Field[Any, Any]") -> bool:
    """Whether a field has a say in what is written: one that only keeps what it was given has none."""
    before = type(field).pre_save
    if before is DateTimeField.pre_save and isinstance(field, DateTimeField):
        return bool(field.auto_now or field.auto_now_add)
    return before is not Field.pre_save


def insert_row(row: Model) -> None:
    """Insert a new row and give it its key: `save(force_insert=True)` without putting the statement together anew each time."""
    statement, fields = _statement(type(row))
    here = connections[DEFAULT_DB_ALIAS]
    values = []
    for field, fills_itself in fields:
        value = field.pre_save(row, True) if fills_itself else getattr(row, field.attname)
        if type(value) is datetime:
            value = here.ops.adapt_datetimefield_value(value)
        elif type(value) not in PLAIN or isinstance(field, JSONField):
            value = field.get_db_prep_save(value, here)
        values.append(value)
    with here.cursor() as cursor:
        cursor.execute(statement, values)
        row.pk = cursor.fetchone()[0]
    row._state.adding, row._state.db = False, here.alias
