"""The address of a person's own calendar feed."""

import secrets

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.journal.actions import actor_of, record, writing
from doorstep.foundation.places.queries import town
from doorstep.services.actions.common import NotAllowed
from doorstep.services.models import CalendarKey


def calendar_key(*, viewer: Viewer) -> CalendarKey:
    """The key of one's own feed, made at the first need."""
    if viewer.person_id is None:
        raise NotAllowed("calendar_key")
    found = CalendarKey.objects.filter(person_id=viewer.person_id).first()
    return found or _make(viewer)


def renew_calendar_key(*, viewer: Viewer) -> CalendarKey:
    """A new address; the old one leads nowhere from now on."""
    if viewer.person_id is None:
        raise NotAllowed("calendar_key")
    return _make(viewer)


def _make(viewer: Viewer) -> CalendarKey:
    top = town()
    if top is None:
        raise NotAllowed("calendar_key")
    with writing():
        key, _made = CalendarKey.objects.update_or_create(
            person_id=viewer.own_id, defaults={"name": secrets.token_hex(12), "made_at": clock.now()}
        )
        own = f"person:{viewer.person_id}"
        record(verb="calendar_key", kind="calendar", subject=own, place=top, by=actor_of(viewer), audience=own)
    return key
