from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from django.db import connection
from django.db.models import Count

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.notify.models import Delivery, Follow, Heartbeat, InboxItem, OutboxEvent


@dataclass(frozen=True, slots=True)
class Line:
    """One inbox line as it is shown: what about, in a sentence, and where it leads."""

    text: str
    title: str
    url: str


class Describe(Protocol):
    """A mechanism words the items of its kind for a viewer, all at once (a fixed number of queries); an item left out is not shown."""

    def __call__(self, items: list[InboxItem], viewer: Viewer) -> dict[int, Line]: ...


_describers: dict[str, Describe] = {}


def register_describer(kind: str, describe: Describe) -> None:
    _describers[kind] = describe


@dataclass(frozen=True, slots=True)
class Shown:
    id: int
    line: Line
    happened_at: datetime
    unread: bool


def inbox(viewer: Viewer, *, before: int | None = None, size: int = 20) -> tuple[list[Shown], int | None]:
    """The newest items of the viewer, and the cursor of the next page. Wording asks each mechanism as this viewer."""
    chosen = InboxItem.objects.filter(person_id=viewer.own_id)
    if before is not None:
        chosen = chosen.filter(id__lt=before)
    items = list(chosen.order_by("-id")[: size + 1])
    more = items[size - 1].id if len(items) > size else None
    items = items[:size]
    lines = lines_of(items, viewer)
    return [Shown(item.id, lines[item.id], item.happened_at, item.read_at is None) for item in items if item.id in lines], more


def unread_count(viewer: Viewer) -> int:
    """Unread lines of the inbox. Asked on every page of somebody signed in: written out, so that no query has to be put together."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM foundation_inboxitem WHERE person_id = %s AND read_at IS NULL", [viewer.own_id])
        return int(cursor.fetchone()[0])


def kinds_told() -> list[str]:
    """Kinds of things one may be told of, by their codes."""
    return sorted(_describers)


def lines_of(items: list[InboxItem], viewer: Viewer) -> dict[int, Line]:
    """How items are worded for a viewer, by item; one that may no longer be seen has no line."""
    lines: dict[int, Line] = {}
    for kind in {item.kind for item in items}:
        lines.update(_describers[kind]([item for item in items if item.kind == kind], viewer))
    return lines


def lines_about(entries: Sequence[Entry], viewer: Viewer) -> dict[int, Line]:
    """What entries of the journal are about, worded for a viewer and with its address, by entry; what they may not see has no line, nor has a
    kind nobody describes. As many queries as for an inbox of these kinds."""
    described = [entry for entry in entries if entry.kind in _describers]
    items = [
        InboxItem(
            id=entry.pk, topic=entry.verb, kind=entry.kind, subject=entry.subject, person_id=viewer.own_id, happened_at=entry.happened_at
        )
        for entry in described
    ]
    return lines_of(items, viewer)


def follows(viewer: Viewer, *, kind: str, subject: str) -> bool:
    return viewer.signed_in and Follow.objects.filter(person_id=viewer.own_id, kind=kind, subject=subject).exists()


def followed(viewer: Viewer) -> list[Follow]:
    """What the viewer follows, the newest first."""
    return list(Follow.objects.filter(person_id=viewer.own_id).order_by("-id")[:200])


@dataclass(frozen=True, slots=True)
class Undelivered:
    """What was tried too often, for the administrator: ids, kinds and the kind of error, never whom or what it said."""

    events: list[OutboxEvent]
    deliveries: list[Delivery]


def undelivered(*, size: int = 100) -> Undelivered:
    events = list(OutboxEvent.objects.exclude(given_up_at=None).order_by("-id")[:size])
    deliveries = list(Delivery.objects.filter(state=Delivery.State.GIVEN_UP).select_related("item").order_by("-id")[:size])
    return Undelivered(events, deliveries)


@dataclass(frozen=True, slots=True)
class NotifyState:
    waiting: int
    events_given_up: int
    mail_waiting: int
    mail_given_up: int


def notify_state() -> NotifyState:
    mail = dict(Delivery.objects.filter(state__in=["waiting", "given_up"]).values_list("state").annotate(n=Count("id")))
    events = OutboxEvent.objects.filter(delivered_at=None)
    return NotifyState(
        waiting=events.filter(given_up_at=None).count(),
        events_given_up=events.exclude(given_up_at=None).count(),
        mail_waiting=mail.get("waiting", 0),
        mail_given_up=mail.get("given_up", 0),
    )


def last_beat(*, within: timedelta) -> datetime | None:
    """When a worker last went round, if that was within the given time."""
    beat = Heartbeat.objects.filter(at__gt=clock.now() - within).order_by("-at").first()
    return beat.at if beat else None


def url_of(item: InboxItem, viewer: Viewer) -> str:
    """Where an item leads; back to the inbox when its subject may no longer be seen."""
    line = _describers[item.kind]([item], viewer).get(item.id)
    return line.url if line else "/inbox/"
