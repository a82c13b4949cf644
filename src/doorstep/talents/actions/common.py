"""What the actions of this mechanism share: entries and limits."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import PUBLIC, Viewer
from doorstep.foundation.journal.actions import Actor, actor_of, record
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.places.models import Place
from doorstep.foundation.regulations.queries import value_of
from doorstep.organisations.models import Body
from doorstep.talents.models import Certificate, Student


def number_of(key: str, place: Place, on: date) -> int:
    """A limit of the regulations, by its name under `talents.`."""
    return value_of(f"talents.{key}", place_lineage_localities=place.localities, on=on).number


def town_day(at: datetime) -> date:
    return at.astimezone(clock.TOWN_ZONE).date()


def by_post(viewer: Viewer, body: Body, on_behalf_of_id: int | None = None, channel: str = "web") -> Actor:
    return actor_of(viewer, post=viewer.post_in(body.pk), on_behalf_of_id=on_behalf_of_id, channel=channel)


def note_student(
    student: Student, verb: str, by: Actor, at: datetime, *, public: bool = False, because: Collection[str] = (), **detail: Any
) -> Entry:
    """An entry about a student: for those it concerns, or public where the law of the course publishes it. Ids and codes only."""
    return record(
        verb=verb,
        kind="course",
        subject=student.course.code,
        place=student.course.place,
        by=by,
        audience=PUBLIC if public else f"student:{student.pk}",
        because=list(because),
        detail={"student": student.pk, **detail},
        happened_at=at,
    )


def note_certificate(
    certificate: Certificate, verb: str, by: Actor, at: datetime, *, because: Collection[str] = (), **detail: Any
) -> Entry:
    return record(
        verb=verb,
        kind="certificate",
        subject=certificate.number,
        place=certificate.issuer.place,
        by=by,
        because=[each for each in because if each],
        detail=detail,
        happened_at=at,
    )
