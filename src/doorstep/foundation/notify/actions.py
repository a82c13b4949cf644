"""Telling people. An event is written with what happened; the worker turns it into inbox items, and those into mail, afterwards."""

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from django.db import DatabaseError, transaction
from django.db.models import F, Q

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer, build_viewer, may_see
from doorstep.foundation.identity.queries import reachable
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.journal.rows import insert_row
from doorstep.foundation.notify.mail import send_later
from doorstep.foundation.notify.models import Follow, Heartbeat, InboxItem, OutboxEvent
from doorstep.foundation.notify.timing import pause_after

logger = logging.getLogger(__name__)

Expander = Callable[[Sequence[str]], Iterable[int]]

_expanders: dict[str, Expander] = {}


def register_expander(prefix: str, expander: Expander) -> None:
    """How an audience key of a kind becomes person ids: `body:3` → those who hold a post there now."""
    _expanders[prefix] = expander


register_expander("person", lambda values: [int(value) for value in values])


def tell(*, entry: Entry, to: Iterable[str], topic: str = "") -> OutboxEvent:
    """Put an event into the outbox, in the transaction of the entry. `to` are audience keys."""
    event = OutboxEvent(
        entry=entry,
        topic=topic or entry.verb,
        kind=entry.kind,
        subject=entry.subject,
        recipients=sorted(set(to)),
        created_at=entry.recorded_at,
    )
    insert_row(event)
    return event


def deliver_pending(*, at_most: int = 200) -> int:
    """Expand waiting events into inbox items; how many events were delivered. Safe to run in several workers at once.

    An event that fails holds up no other: it is tried again later, and after many times waits for the administrator.
    """
    delivered = 0
    due = Q(not_before=None) | Q(not_before__lte=clock.now())
    # What was entered late is told in the order in which it happened.
    events = OutboxEvent.objects.filter(due, delivered_at=None, given_up_at=None).order_by("entry__happened_at", "id")
    waiting = list(events.values_list("id", flat=True)[:at_most])
    for event_id in waiting:
        try:
            delivered += _deliver(event_id)
        except DatabaseError:
            # The database itself is away or at odds: the worker's whole round waits for it.
            raise
        except Exception as error:
            logger.exception("event %d was not delivered", event_id)
            _try_later(event_id, type(error).__name__)
    return delivered


def _try_later(event_id: int, problem: str) -> None:
    now = clock.now()
    with transaction.atomic():
        event = OutboxEvent.objects.select_for_update().get(pk=event_id)
        event.attempts += 1
        event.problem = problem[:80]
        pause = pause_after(event.attempts)
        event.not_before, event.given_up_at = (None, now) if pause is None else (now + pause, None)
        event.save(update_fields=["attempts", "problem", "not_before", "given_up_at"])


def _deliver(event_id: int) -> int:
    with transaction.atomic():
        event = (
            OutboxEvent.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("entry")
            .filter(pk=event_id, delivered_at=None)
            .first()
        )
        if event is None:
            return 0
        persons = reachable((_persons(event.recipients) | _followers(event)) - {event.entry.actor_id})
        # Whoever may no longer see it is not told: the right is asked again at sending.
        meant = [person for person in sorted(persons) if event.entry.audience == "public" or _may_still_see(person, event.entry.audience)]
        InboxItem.objects.bulk_create(
            [
                InboxItem(
                    person_id=person,
                    event=event,
                    topic=event.topic,
                    kind=event.kind,
                    subject=event.subject,
                    happened_at=event.entry.happened_at,
                )
                for person in meant
            ],
            ignore_conflicts=True,
        )
        send_later(event=event, persons=meant)
        OutboxEvent.objects.filter(pk=event.pk).update(delivered_at=clock.now(), attempts=F("attempts") + 1)
    return 1


def _followers(event: OutboxEvent) -> set[int]:
    """Who follows the subject itself, or the place it happened at or one above; of a place, only what is public."""
    meant = Q(kind=event.kind, subject=event.subject)
    if event.entry.audience == "public":
        meant |= Q(kind="place", subject__in=event.entry.lineage.split("/"))
    return set(Follow.objects.filter(meant).values_list("person_id", flat=True))


def _may_still_see(person_id: int, audience: str) -> bool:
    return may_see(build_viewer(person_id=person_id), audience)


def _persons(recipients: Sequence[str]) -> set[int]:
    by_prefix: dict[str, list[str]] = {}
    for key in recipients:
        prefix, _, value = key.partition(":")
        by_prefix.setdefault(prefix, []).append(value)
    found: set[int] = set()
    for prefix, values in by_prefix.items():
        found.update(_expanders[prefix](values))
    return found


def follow(*, viewer: Viewer, kind: str, subject: str) -> None:
    """Hear of a subject from now on. The caller has asked whether the viewer may know of it; it is asked again whenever something is told."""
    Follow.objects.get_or_create(person_id=viewer.own_id, kind=kind, subject=subject, defaults={"since": clock.now()})


def unfollow(*, viewer: Viewer, kind: str, subject: str) -> None:
    Follow.objects.filter(person_id=viewer.own_id, kind=kind, subject=subject).delete()


def try_event_again(*, event_id: int) -> bool:
    """Let an event that was given up be tried from the beginning; whether there was one."""
    waits = OutboxEvent.objects.filter(pk=event_id).exclude(given_up_at=None)
    return waits.update(given_up_at=None, not_before=None, attempts=0) == 1


def mark_read(*, viewer: Viewer, item_id: int) -> InboxItem | None:
    """Mark one of the viewer's own items as read and give it; None when it is not theirs."""
    item = InboxItem.objects.filter(pk=item_id, person_id=viewer.own_id).first()
    if item is not None and item.read_at is None:
        item.read_at = clock.now()
        item.save(update_fields=["read_at"])
    return item


def mark_all_read(*, viewer: Viewer) -> int:
    return InboxItem.objects.filter(person_id=viewer.own_id, read_at=None).update(read_at=clock.now())


def mark_older_read(*, before: datetime) -> int:
    """Mark everybody's items of before an instant as read: a town that begins with a history begins with quiet inboxes."""
    return InboxItem.objects.filter(read_at=None, happened_at__lt=before).update(read_at=before)


def beat(*, worker: str) -> None:
    Heartbeat.objects.update_or_create(worker=worker, defaults={"at": clock.now()})
