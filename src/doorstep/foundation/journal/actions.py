"""Recording what was done. Every write of the house runs inside `writing()` and leaves at least one entry."""

import hashlib
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.db import connection, transaction

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import PUBLIC, HeldPost, Viewer
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.journal.proof import content_digest
from doorstep.foundation.journal.rows import insert_row


class NotWriting(Exception):
    """`record` was called outside `writing()`: an entry must share the transaction of what it records."""


class HasLineage(Protocol):
    """A place as the journal needs it: its code, and the codes from the city down to it."""

    @property
    def code(self) -> str: ...
    @property
    def lineage(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, for whom, by which post and through which channel (web, api, counter, import, system)."""

    person_id: int | None = None
    on_behalf_of_id: int | None = None
    post_id: int | None = None
    channel: str = "web"


SYSTEM = Actor(channel="system")


def actor_of(viewer: Viewer, *, post: HeldPost | None = None, on_behalf_of_id: int | None = None, channel: str = "web") -> Actor:
    return Actor(person_id=viewer.person_id, on_behalf_of_id=on_behalf_of_id, post_id=post.id if post else None, channel=channel)


@dataclass(slots=True)
class Writing:
    """What one transaction has recorded so far."""

    touched: dict[tuple[str, str], str] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)


_writing: ContextVar[Writing | None] = ContextVar("writing", default=None)


@contextmanager
def writing() -> Iterator[Writing]:
    """One transaction of the domain. The outermost one raises the counters of the places it touched, last and in one order,
    so that writers of one place wait for each other as briefly as can be and never in a ring."""
    outer = _writing.get()
    if outer is not None:
        # No savepoint: a refusal inside undoes the whole of it.
        with transaction.atomic(savepoint=False):
            yield outer
        return
    with transaction.atomic():
        current = Writing()
        token = _writing.set(current)
        try:
            yield current
        finally:
            _writing.reset(token)
        with connection.cursor() as cursor:
            for (place, audience), lineage in sorted(current.touched.items()):
                cursor.execute(
                    "INSERT INTO foundation_placeversion (place, lineage, audience, version) VALUES (%s, %s, %s, 1) "
                    "ON CONFLICT (place, audience) DO UPDATE SET version = foundation_placeversion.version + 1, lineage = excluded.lineage",
                    [place, lineage, audience],
                )


def content_of(entry: Entry) -> dict[str, Any]:
    """The content the digest is taken over: ids, codes and digests only."""
    return {
        "actor": entry.actor_id,
        "on_behalf_of": entry.on_behalf_of_id,
        "post": entry.post_id,
        "channel": entry.channel,
        "because": entry.because,
        "detail": entry.detail,
    }


def text_digest(salt: str, text: str) -> str:
    """The salted digest by which an entry refers to a text. The salt (hex) stands beside the text and is erased with it."""
    return hashlib.sha256(bytes.fromhex(salt) + text.encode()).hexdigest()


def record(
    *,
    verb: str,
    kind: str,
    subject: str,
    place: HasLineage,
    by: Actor,
    audience: str = PUBLIC,
    because: Sequence[str] = (),
    detail: dict[str, Any] | None = None,
    happened_at: datetime | None = None,
) -> Entry:
    """Append one entry inside the running `writing()` and mark its place as changed for its audience.

    `detail` may hold strings, integers, booleans, None and lists or dicts of them (RFC 8785 has no room for big integers or dates).
    """
    current = _writing.get()
    if current is None:
        raise NotWriting(verb)
    recorded_at = clock.now()
    entry = Entry(
        verb=verb,
        kind=kind,
        subject=subject,
        place=place.code,
        lineage=place.lineage,
        audience=audience,
        actor_id=by.person_id,
        on_behalf_of_id=by.on_behalf_of_id,
        post_id=by.post_id,
        channel=by.channel,
        because=list(because),
        detail=detail or {},
        happened_at=happened_at or recorded_at,
        recorded_at=recorded_at,
        salt=secrets.token_hex(16),
    )
    entry.digest = content_digest(entry.salt, content_of(entry))
    insert_row(entry)
    current.entries.append(entry)
    current.touched[(place.code, audience)] = place.lineage
    return entry
