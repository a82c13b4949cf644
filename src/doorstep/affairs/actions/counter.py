"""At the counter, for somebody without a phone: a matter in half a minute with a slip to take home, or one line under a queue number when
there is no half a minute; and coming back with the number and the PIN on the slip."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from doorstep.affairs.actions.matters import raise_matter
from doorstep.affairs.actions.steps import NotAllowed, checked_text
from doorstep.affairs.models import Category, CounterNote, Matter, MatterPin, PrintedLink
from doorstep.affairs.permissions import may_renew_pin, may_use_counter
from doorstep.affairs.rules.pin import pin_of
from doorstep.foundation import clock
from doorstep.foundation.access.viewer import HeldPost, Viewer
from doorstep.foundation.identity.actions import create_person, forget_failures, note_failure, refuse_locked
from doorstep.foundation.identity.models import Person
from doorstep.foundation.journal.actions import Actor, record, writing
from doorstep.foundation.journal.numbers import count_up
from doorstep.foundation.notify.actions import tell
from doorstep.foundation.places.models import Place
from doorstep.foundation.places.queries import place_by_code

LONGEST_NOTE = 200


class NoName(Exception):
    """Somebody has to be found and asked: a name is needed, a phone is not."""


class NotThePast(Exception):
    """What was written on paper was said before now."""


class NoteEnded(Exception):
    """The note was entered or set aside by somebody else in between; `matter` is what became of it, if anything."""

    def __init__(self, matter: Matter | None) -> None:
        super().__init__(matter)
        self.matter = matter


class WrongPin(Exception):
    """No slip has this number with this PIN. A number that does not exist is answered alike."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What somebody says at a counter, as it is taken down."""

    name: str
    text: str
    place: Place
    category: Category
    phone: str = ""
    title: str = ""
    spot: str = ""
    is_public: bool = True
    is_shielded: bool = False


def take_down(*, viewer: Viewer, post: HeldPost, spoken: Spoken, said_at: datetime | None = None) -> Matter:
    """Raise a matter for somebody who stands at the counter. Both names are kept; the slip's PIN opens it without a login.

    `said_at`: when it was said, where paper or a note of a busy hour is entered later; the clocks run from then.
    """
    _may(viewer, post)
    if not spoken.name.strip():
        raise NoName
    if said_at is not None and said_at > clock.now():
        raise NotThePast(said_at)
    with writing():
        person = _person(spoken.name, spoken.phone)
        matter = raise_matter(
            by=Actor(person_id=viewer.person_id, on_behalf_of_id=person.pk, post_id=post.id, channel="counter"),
            reporter_id=person.pk,
            place=spoken.place,
            category=spoken.category,
            title=spoken.title,
            text=spoken.text,
            counter=place_by_code(post.place_code),
            spot=spoken.spot,
            is_public=spoken.is_public,
            is_shielded=spoken.is_shielded,
            happened_at=said_at,
        )
        _issue_pin(viewer, matter)
    return matter


def _person(name: str, phone: str) -> Person:
    """The one of this name on this phone, else somebody new known by name only. A phone alone is nobody: neighbours share one."""
    name = name.strip()
    known = Person.objects.filter(name=name, phone=phone, erased_at=None).order_by("id").first() if phone else None
    return known or create_person(name=name, phone=phone)


def keep_note(
    *, viewer: Viewer, post: HeldPost, place: Place, text: str, name: str = "", phone: str = "", happened_at: datetime | None = None
) -> CounterNote:
    """Write one line under the day's next queue number, to be entered when there is time."""
    _may(viewer, post)
    text = checked_text(text, LONGEST_NOTE)
    at = happened_at or clock.now()
    day = at.astimezone(clock.TOWN_ZONE).date()
    with writing():
        note = CounterNote.objects.create(
            place=place,
            day=day,
            queue_number=count_up(f"N:{place.pk}:{day:%m%d}", day.year),
            text=text,
            name=name.strip()[:80],
            phone=phone,
            taken_by_id=viewer.own_id,
            body_id=post.body_id,
            taken_at=at,
        )
        _record_note(viewer, note, post, "note_kept", at)
    return note


def enter_note(*, viewer: Viewer, post: HeldPost, note: CounterNote, spoken: Spoken, happened_at: datetime | None = None) -> Matter:
    """Make a note of a busy hour a matter: said when the note was taken. Raises NoteEnded when somebody else was quicker."""
    _may_work(viewer, note)
    with writing():
        note = _locked_note(note)
        matter = take_down(viewer=viewer, post=post, spoken=spoken, said_at=note.taken_at)
        _end_note(viewer, note, CounterNote.State.ENTERED, happened_at or clock.now())
        note.matter = matter
        note.save()
        _record_note(viewer, note, post, "note_entered", note.ended_at)
    return matter


def set_note_aside(*, viewer: Viewer, post: HeldPost, note: CounterNote, why: str) -> CounterNote:
    """It needs no matter: it was answered on the spot, or said twice. The line stays, with the reason."""
    _may_work(viewer, note)
    why = checked_text(why, LONGEST_NOTE)
    with writing():
        note = _locked_note(note)
        _end_note(viewer, note, CounterNote.State.SET_ASIDE, clock.now())
        note.why = why
        note.save()
        _record_note(viewer, note, post, "note_set_aside", note.ended_at)
    return note


def _may(viewer: Viewer, post: HeldPost) -> None:
    if not may_use_counter(viewer) or post not in viewer.posts:
        raise NotAllowed("counter")


def _may_work(viewer: Viewer, note: CounterNote) -> None:
    """Colleagues of the same counter enter each other's notes."""
    if viewer.post_in(note.body_id) is None:
        raise NotAllowed("counter")


def _locked_note(note: CounterNote) -> CounterNote:
    note = CounterNote.objects.select_for_update(of=("self",)).select_related("place").get(pk=note.pk)
    if note.state != CounterNote.State.WAITING:
        raise NoteEnded(Matter.objects.filter(pk=note.matter_id).first() if note.matter_id else None)
    return note


def _end_note(viewer: Viewer, note: CounterNote, state: CounterNote.State, at: datetime) -> None:
    note.state, note.ended_by_id, note.ended_at = state, viewer.person_id, at


def _record_note(viewer: Viewer, note: CounterNote, post: HeldPost, verb: str, at: datetime | None) -> None:
    record(
        verb=verb,
        kind="counter_note",
        subject=f"{note.place.code}-{note.day:%Y%m%d}-{note.queue_number}"[-60:],
        place=note.place,
        by=Actor(person_id=viewer.person_id, post_id=post.id, channel="counter"),
        audience=f"body:{note.body_id}",
        happened_at=at,
    )


# The PIN of a slip


def renew_pin(*, viewer: Viewer, matter: Matter) -> MatterPin:
    """A new slip for a lost one; the old PIN opens nothing any more. The reporter learns of it."""
    if not may_renew_pin(viewer, matter) or not MatterPin.objects.filter(matter=matter).exists():
        raise NotAllowed("pin")
    with writing():
        pin = MatterPin.objects.select_for_update().get(matter=matter)
        pin.salt, pin.issued_by_id, pin.issued_at = secrets.token_hex(16), viewer.own_id, clock.now()
        pin.save(update_fields=["salt", "issued_by", "issued_at"])
        entry = record(
            verb="pin_renewed",
            kind="matter",
            subject=matter.number,
            place=matter.place,
            by=Actor(
                person_id=viewer.person_id,
                on_behalf_of_id=matter.reporter_id,
                post_id=viewer.acting_post.id if viewer.acting_post else None,
                channel="counter",
            ),
            audience=f"person:{matter.reporter_id}",
        )
        tell(entry=entry, to=[f"person:{matter.reporter_id}"])
    return pin


def use_pin(*, number: str, pin: str, address: str) -> Matter:
    """The matter of a slip. Raises WrongPin, or LockedOut after too many tries at this number or from this address."""
    number = number[:40]
    keys = (f"number:{number}", f"address:{address}")
    refuse_locked(*keys)
    found = MatterPin.objects.select_related("matter__reporter").filter(matter__number=number).first()
    if found is None or not hmac.compare_digest(
        pin_of(secret=settings.SECRET_KEY.encode(), number=number, salt=found.salt).encode(), pin.strip().encode()
    ):
        note_failure(number=number, address=address)
        raise WrongPin(number)
    forget_failures(keys[0])
    return found.matter


def _issue_pin(viewer: Viewer, matter: Matter) -> MatterPin:
    now = clock.now()
    link = PrintedLink.objects.create(token=secrets.token_urlsafe(12), path=f"/m/{matter.number}/pin", made_at=now)
    return MatterPin.objects.create(matter=matter, salt=secrets.token_hex(16), link=link, issued_by_id=viewer.own_id, issued_at=now)
