"""What a counter shows: its waiting notes, where one can say it happened, a slip, and a matter opened by its PIN."""

from dataclasses import dataclass
from datetime import date

from django.conf import settings

from doorstep.affairs.models import CounterNote, Matter, MatterPin
from doorstep.affairs.rules.pin import pin_of
from doorstep.foundation.access.viewer import HeldPost, Viewer
from doorstep.foundation.places.models import Place
from doorstep.foundation.places.queries import children, place_by_code, scope_of


def waiting_notes(viewer: Viewer, *, size: int = 100) -> list[CounterNote]:
    """Notes of the viewer's counters that wait to be entered, the oldest first."""
    bodies = {post.body_id for post in viewer.posts}
    chosen = CounterNote.objects.filter(body_id__in=bodies, state=CounterNote.State.WAITING)
    return list(chosen.select_related("place", "taken_by").order_by("id")[:size])


def note_for(viewer: Viewer, note_id: int) -> CounterNote | None:
    bodies = {post.body_id for post in viewer.posts}
    return CounterNote.objects.select_related("place", "taken_by", "matter").filter(pk=note_id, body_id__in=bodies).first()


def notes_of_day(viewer: Viewer, day: date) -> list[CounterNote]:
    """Everything written down that day at the viewer's counters, whatever became of it."""
    bodies = {post.body_id for post in viewer.posts}
    return list(CounterNote.objects.filter(body_id__in=bodies, day=day).select_related("place", "matter").order_by("place", "queue_number"))


@dataclass(frozen=True, slots=True)
class Counter:
    """The counter of a post: where it stands, and the places one is likely to speak of there."""

    post: HeldPost
    place: Place
    spots: list[Place]


def counter_of(post: HeldPost) -> Counter | None:
    place = place_by_code(post.place_code)
    if place is None:
        return None
    scope = scope_of(place)
    return Counter(post, scope, [each for each in children(scope) if each.kind in {Place.Kind.VENUE, Place.Kind.BUILDING}])


@dataclass(frozen=True, slots=True)
class Slip:
    """What is printed for the reporter. The PIN is made anew from its salt each time; it is stored nowhere."""

    matter: Matter
    pin: str
    path: str


def slip_for(viewer: Viewer, number: str) -> Slip | None:
    """The slip of a matter for whoever issued its PIN, as long as the matter stands."""
    found = (
        MatterPin.objects.select_related("link", "matter__place", "matter__scope", "matter__body", "matter__category", "matter__reporter")
        .filter(matter__number=number, issued_by_id=viewer.own_id)
        .first()
    )
    return (
        Slip(found.matter, pin_of(secret=settings.SECRET_KEY.encode(), number=number, salt=found.salt), f"/q/{found.link.token}")
        if found is not None
        else None
    )


def has_pin(matter: Matter) -> bool:
    return matter.channel == "counter" and MatterPin.objects.filter(matter=matter).exists()


def reporter_by_pin(number: str) -> Viewer | None:
    """Who holds a slip that was opened: the reporter, but for this one matter's pages only, with none of their posts or other keys."""
    found = MatterPin.objects.select_related("matter__reporter").filter(matter__number=number).first()
    if found is None:
        return None
    reporter = found.matter.reporter
    return Viewer(person_id=reporter.pk, name=reporter.name)
