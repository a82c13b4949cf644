"""A write that is sent twice happens once (formats, section 4: Idempotency-Key)."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from doorstep.foundation import clock
from doorstep.foundation.journal.actions import writing
from doorstep.foundation.journal.models import WriteOnce

KEPT = timedelta(hours=24)


class KeyReused(Exception):
    """The same key came with another body."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the first use of a key was answered, byte for byte."""

    status: int
    body: str = ""
    location: str = ""


def once(*, scope: str, key: str, body: bytes, work: Callable[[], Answer]) -> Answer:
    """Run `work` unless this key was used in this scope within 24 hours; then give the first answer again.

    The key is taken first and in the same transaction: a twin waits at the unique index (PostgreSQL) or at BEGIN (SQLite)
    until the first has committed, or takes its place when that one failed.
    """
    digest = hashlib.sha256(body).hexdigest()
    now = clock.now()
    with writing():
        with connection.cursor() as cursor:
            # A key older than a day is as good as new.
            cursor.execute(
                "INSERT INTO foundation_writeonce (scope, key, body_digest, status, answer, location, at) VALUES (%s, %s, %s, 0, '', '', %s) "
                "ON CONFLICT (scope, key) DO UPDATE SET body_digest = excluded.body_digest, at = excluded.at WHERE foundation_writeonce.at < %s",
                [scope, key, digest, _db_time(now), _db_time(now - KEPT)],
            )
            first = cursor.rowcount == 1
        if not first:
            earlier = WriteOnce.objects.get(scope=scope, key=key)
            if earlier.body_digest != digest:
                raise KeyReused(key)
            return Answer(earlier.status, earlier.answer, earlier.location)
        answer = work()
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE foundation_writeonce SET status = %s, answer = %s, location = %s WHERE scope = %s AND key = %s",
                [answer.status, answer.body, answer.location, scope, key],
            )
        return answer


def _db_time(at: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(at)


def forget_old() -> int:
    """Drop keys older than 24 hours; how many."""
    return WriteOnce.objects.filter(at__lt=clock.now() - KEPT).delete()[0]
