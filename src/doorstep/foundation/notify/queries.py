from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from django.db import connection

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.notify.models import Heartbeat, InboxItem, OutboxEvent


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
    by_kind: dict[str, list[InboxItem]] = {}
    for item in items:
        by_kind.setdefault(item.kind, []).append(item)
    lines: dict[int, Line] = {}
    for kind, group in by_kind.items():
        lines.update(_describers[kind](group, viewer))
    return [Shown(item.id, lines[item.id], item.happened_at, item.read_at is None) for item in items if item.id in lines], more


def unread_count(viewer: Viewer) -> int:
    """Unread lines of the inbox. Asked on every page of somebody signed in: written out, so that no query has to be put together."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM foundation_inboxitem WHERE person_id = %s AND read_at IS NULL", [viewer.own_id])
        return int(cursor.fetchone()[0])


def waiting_events() -> int:
    return OutboxEvent.objects.filter(delivered_at=None).count()


def last_beat(*, within: timedelta) -> datetime | None:
    """When a worker last went round, if that was within the given time."""
    beat = Heartbeat.objects.filter(at__gt=clock.now() - within).order_by("-at").first()
    return beat.at if beat else None


def url_of(item: InboxItem, viewer: Viewer) -> str:
    """Where an item leads; back to the inbox when its subject may no longer be seen."""
    line = _describers[item.kind]([item], viewer).get(item.id)
    return line.url if line else "/inbox/"
