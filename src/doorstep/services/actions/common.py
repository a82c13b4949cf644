"""What the actions of this mechanism share."""

import secrets
from datetime import date, datetime

from django.core.exceptions import PermissionDenied

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.journal.actions import Actor, actor_of, record
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.occasions.models import Occasion
from doorstep.foundation.places.models import Place
from doorstep.foundation.regulations.queries import value_of
from doorstep.services.models import Service

LONGEST_WORDS = 300


class NotAllowed(PermissionDenied):
    """The viewer knows of the service but may not do this: 403 on a page and in the API."""


class ServiceClosed(Exception):
    """The service is closed for now: nobody signs up until it opens again."""


class ServiceEnded(Exception):
    """The service is no more; a new one can be offered."""


class NothingSaid(Exception):
    """A text is required here."""


def by_post(viewer: Viewer, service: Service, on_behalf_of_id: int | None = None, channel: str = "web") -> Actor:
    """The viewer by the post they hold in the body that offers the service."""
    return actor_of(viewer, post=viewer.post_in(service.body_id), on_behalf_of_id=on_behalf_of_id, channel=channel)


def note(
    service: Service, verb: str, by: Actor, at: datetime, *, audience: str = "public", detail: dict[str, object] | None = None
) -> Entry:
    return record(
        verb=verb, kind="service", subject=service.code, place=service.place, by=by, audience=audience, detail=detail, happened_at=at
    )


def service_of(occasion: Occasion) -> Service:
    """The service whose session this is."""
    return Service.objects.select_related("body", "place").get(code=occasion.subject)


def number_of(key: str, place: Place, on: date) -> int:
    """A number of the regulations at a place on a day."""
    return int(value_of(key, place_lineage_localities=place.localities, on=on).number)


def town_day(at: datetime) -> date:
    return at.astimezone(clock.TOWN_ZONE).date()


def new_salt(text: str) -> str:
    return secrets.token_hex(16) if text else ""
