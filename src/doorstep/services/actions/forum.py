"""What was said at a session, and the matter that became of it."""

from datetime import datetime

from doorstep.affairs import actions as affairs
from doorstep.affairs.models import Category, Matter
from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.identity.actions import create_person
from doorstep.foundation.identity.queries import person_by_contact
from doorstep.foundation.journal.actions import Actor, record, text_digest, writing
from doorstep.foundation.occasions.models import Occasion
from doorstep.foundation.occasions.permissions import runs
from doorstep.foundation.places.models import Place
from doorstep.services.actions.common import NotAllowed, NothingSaid, by_post, new_salt, service_of
from doorstep.services.models import Point

LONGEST_POINT = 1000


class RaisedAlready(Exception):
    """A matter has become of this point."""


class NameMissing(Exception):
    """A phone alone is nobody: neighbours share one."""


def write_point(
    *,
    viewer: Viewer,
    occasion: Occasion,
    text: str,
    speaker_id: int | None = None,
    name: str = "",
    phone: str = "",
    happened_at: datetime | None = None,
) -> Point:
    """Write down what somebody said, in their words. Who said it: a person of the list, or a name with a phone, or nobody.

    The one of this name on this phone is meant, else somebody new known by name; a phone alone is nobody, neighbours share one. Raises
    NotAllowed, NothingSaid, NameMissing.
    """
    text = text.strip()[:LONGEST_POINT]
    name, phone = name.strip()[:80], phone.strip()
    if phone and not name and speaker_id is None:
        raise NameMissing
    if not text:
        raise NothingSaid
    at = happened_at or clock.now()
    with writing():
        if not runs(viewer, occasion):
            raise NotAllowed("write_point")
        if speaker_id is None and name:
            known = person_by_contact(phone=phone, name=name) if phone else None
            speaker_id = known or create_person(name=name, phone=phone).pk
        salt = new_salt(text)
        point = Point.objects.create(
            occasion=occasion, text=text, salt=salt, speaker_id=speaker_id, written_by_id=viewer.person_id, written_at=at
        )
        by = by_post(viewer, service_of(occasion), on_behalf_of_id=speaker_id)
        record(
            verb="write_point", kind="occasion", subject=occasion.code, place=occasion.place, by=by, audience=occasion.run_by,
            detail={"point": point.pk, "text": text_digest(salt, text)}, happened_at=at,
        )  # fmt: skip
    return point


def raise_point(
    *, viewer: Viewer, point: Point, category: Category, place: Place | None = None, happened_at: datetime | None = None
) -> Matter:
    """Make a matter of what was said: of the speaker where they are known, else of who wrote it down. Raises NotAllowed, RaisedAlready."""
    at = happened_at or clock.now()
    with writing():
        point = Point.objects.select_for_update(of=("self",)).select_related("occasion__place").get(pk=point.pk)
        if not runs(viewer, point.occasion) or viewer.person_id is None:
            raise NotAllowed("raise_point")
        if point.matter_id is not None:
            raise RaisedAlready(point.pk)
        reporter_id = point.speaker_id or viewer.person_id
        post = viewer.post_in(service_of(point.occasion).body_id)
        by = Actor(
            person_id=viewer.person_id,
            on_behalf_of_id=reporter_id if reporter_id != viewer.person_id else None,
            post_id=post.id if post else None,
            channel="counter",
        )
        matter = affairs.raise_matter(
            by=by, reporter_id=reporter_id, place=place or point.occasion.place, category=category, text=point.text, happened_at=at
        )
        point.matter = matter
        point.save(update_fields=["matter"])
        record(
            verb="raise_point", kind="occasion", subject=point.occasion.code, place=point.occasion.place, by=by,
            audience=point.occasion.run_by, detail={"point": point.pk, "matter": matter.number}, happened_at=at,
        )  # fmt: skip
    return matter
