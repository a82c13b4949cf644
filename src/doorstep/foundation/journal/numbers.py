"""Numbers for life: HL-2026-000123, HL-V-2026-0001 (formats, section 4)."""

import re
from contextlib import suppress
from datetime import datetime

from django.db import IntegrityError, ProgrammingError, connection, transaction

from doorstep.foundation.clock import TOWN_ZONE

# Digits shown at least; a series may grow beyond them. Numbers compare as text.
DIGITS = {"": 6}
OTHER_DIGITS = 4
GAPLESS = {"DS", "G"}


def next_number(*, town_prefix: str, kind: str, happened_at: datetime) -> str:
    """The next number of a kind ("" for matters, V, W, P, M, J, G, DS) in the year of `happened_at` in the town's zone.

    Certificates and vouchers have no gaps: their row is locked to the end of the transaction. All other kinds may have gaps and take a
    PostgreSQL sequence, so that no two writers of the town wait for each other; on SQLite there is one writer at a time anyway.
    """
    year = happened_at.astimezone(TOWN_ZONE).year
    prefix = f"{town_prefix}-{kind}" if kind else town_prefix
    may_gap = connection.vendor == "postgresql" and kind not in GAPLESS
    value = _from_sequence(prefix, year) if may_gap else count_up(prefix, year)
    return f"{prefix}-{year}-{value:0{DIGITS.get(kind, OTHER_DIGITS)}d}"


def count_up(prefix: str, year: int) -> int:
    """The next of a series without gaps: its row is locked to the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO foundation_numberseries (prefix, year, last) VALUES (%s, %s, 1) "
            "ON CONFLICT (prefix, year) DO UPDATE SET last = foundation_numberseries.last + 1 RETURNING last",
            [prefix, year],
        )
        return int(cursor.fetchone()[0])


def _from_sequence(prefix: str, year: int) -> int:
    name = "number_" + re.sub(r"[^a-z0-9]+", "_", f"{prefix}_{year}".lower())
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [name])
        if cursor.fetchone()[0] is None:
            # Two writers may make the year's first number at once: the loser is refused, and the winner's sequence stands by then.
            with suppress(IntegrityError, ProgrammingError), transaction.atomic():
                cursor.execute(f"CREATE SEQUENCE IF NOT EXISTS {name}")
        cursor.execute("SELECT nextval(%s)", [name])
        return int(cursor.fetchone()[0])
