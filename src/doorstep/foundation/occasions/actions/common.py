"""What the actions of this room share: locks in one order, entries, and whom to tell.

Locks are taken in the order series, person, occasions by rising id, place, so that no two writers wait for each other in a ring. Nothing needs
an exclusion constraint: whoever plans something at a place holds the place's row, whoever signs a person up the person's.
"""

import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import PUBLIC
from doorstep.foundation.identity.models import Account, Person
from doorstep.foundation.journal.actions import Actor, Writing, record, text_digest
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.notify.actions import tell
from doorstep.foundation.occasions.models import Occasion, Series, SignUp
from doorstep.foundation.occasions.rules.waiting import LIVE
from doorstep.foundation.places.models import Place

# Reasons this room gives of itself; those of a person come from the mechanism above.
PUBLIC_HOLIDAY = "public_holiday"
PLACE_TAKEN = "place_taken"
SERIES_CHANGED = "series_changed"
OWN_REASONS = frozenset({PUBLIC_HOLIDAY, PLACE_TAKEN, SERIES_CHANGED})
LONGEST_WORDS = 300


class IsCancelled(Exception):
    """The occasion was called off."""


class NoDates(Exception):
    """A series needs a rule or an extra date, and a date needs a length."""


class HasBegun(Exception):
    """Too late: the occasion has begun."""


class InThePast(Exception):
    """Plans are for a later time than now."""


@dataclass(frozen=True, slots=True)
class ToCall:
    """Somebody signed up whom no notice reaches, because they have no account: to be telephoned, or told at the door.

    `name` is the alias where one was given; `phone` may be empty; `entered_by` is who signed them up, if it was somebody else.
    """

    occasion: str
    name: str
    phone: str
    role: str
    entered_by: str


@dataclass(frozen=True, slots=True)
class Told:
    """What a change meant: how many dates it touched, and who is left to be telephoned. Everyone else gets a notice."""

    dates: int
    phone_list: tuple[ToCall, ...]


def lock_place(place: Place) -> None:
    Place.objects.select_for_update(no_key=True, of=("self",)).get(pk=place.pk)


def lock_person(person_id: int | None) -> None:
    if person_id is not None:
        Person.objects.select_for_update(no_key=True, of=("self",)).get(pk=person_id)


def locked_series(series: Series) -> Series:
    return Series.objects.select_for_update(no_key=True, of=("self",)).get(pk=series.pk)


def locked(occasion: Occasion) -> Occasion:
    return Occasion.objects.select_for_update(no_key=True, of=("self",)).select_related("place", "series").get(pk=occasion.pk)


def require_to_come(occasion: Occasion, at: datetime) -> None:
    """Not called off and still to come. Raises IsCancelled or HasBegun."""
    require_not_cancelled(occasion)
    if occasion.starts_at <= at:
        raise HasBegun(occasion.code)


def require_not_cancelled(occasion: Occasion) -> None:
    if occasion.state == Occasion.State.CANCELLED:
        raise IsCancelled(occasion.code)


def audience_of(occasion: Occasion) -> str:
    return PUBLIC if occasion.audience == PUBLIC else f"occasion:{occasion.code}"


def note(
    occasion: Occasion,
    verb: str,
    by: Actor,
    at: datetime,
    *,
    sign_up: SignUp | None = None,
    inside: bool = False,
    because: Collection[str] = (),
    detail: dict[str, object] | None = None,
) -> Entry:
    """An entry about an occasion; one about a sign-up is for those it concerns alone, one `inside` for those who run it."""
    audience = occasion.run_by if inside else audience_of(occasion) if sign_up is None else f"signup:{sign_up.pk}"
    return record(
        verb=verb,
        kind="occasion",
        subject=occasion.code,
        place=occasion.place,
        by=by,
        audience=audience,
        because=[each for each in because if each],
        detail={**({"sign_up": sign_up.pk, "role": sign_up.role} if sign_up else {}), **(detail or {})},
        happened_at=at,
    )


def note_series(series: Series, place: Place, verb: str, by: Actor, at: datetime, **detail: object) -> Entry:
    return record(
        verb=verb, kind="series", subject=series.code, place=place, by=by, audience=series.audience, detail=detail, happened_at=at
    )


def touch_page(current: Writing, place: Place, audience: str) -> None:
    """The public page of a place shows something else now, though no public entry says so: free places, a date that moved away."""
    if audience == PUBLIC:
        current.touched[(place.code, PUBLIC)] = place.lineage


def keys_of(sign_ups: Iterable[SignUp]) -> list[str]:
    """Whom a notice about these sign-ups goes to: who comes, and who signed them up."""
    return sorted({f"person:{each}" for sign_up in sign_ups for each in (sign_up.person_id, sign_up.entered_by_id) if each is not None})


def tell_signed_up(occasion: Occasion, entry: Entry) -> list[ToCall]:
    """Tell everyone who has a place or waits; give those no notice reaches. Two queries."""
    live = list(SignUp.objects.filter(occasion=occasion, standing__in=sorted(LIVE)).select_related("person", "entered_by").order_by("id"))
    if not live:
        return []
    tell(entry=entry, to=keys_of(live))
    reached = set(
        Account.objects.filter(person_id__in=[each.person_id for each in live], is_active=True).values_list("person_id", flat=True)
    )
    return [
        ToCall(
            occasion=occasion.code,
            name=each.alias or (each.person.name if each.person else ""),
            phone=each.person.phone if each.person else "",
            role=each.role,
            entered_by=each.entered_by.name if each.entered_by and each.entered_by_id != each.person_id else "",
        )
        for each in live
        if each.person_id not in reached
    ]


def call_off(occasion: Occasion, reason: str, words: str, by: Actor, at: datetime) -> list[ToCall]:
    occasion.state = Occasion.State.CANCELLED
    return announce(occasion, "cancel", reason, words, by, at)


def announce(occasion: Occasion, verb: str, reason: str, words: str, by: Actor, at: datetime) -> list[ToCall]:
    """Save a date that changed, with why, record it and tell those signed up."""
    words = words.strip()[:LONGEST_WORDS]
    occasion.reason, occasion.words, occasion.words_salt = reason, words, secrets.token_hex(16) if words else ""
    occasion.sequence += 1
    occasion.changed_at = at
    occasion.save()
    detail: dict[str, object] = {"starts_at": occasion.starts_at.isoformat(), "place": occasion.place.code}
    if words:
        detail["words"] = text_digest(occasion.words_salt, words)
    return tell_signed_up(occasion, note(occasion, verb, by, at, because=[reason], detail=detail))


def new_code() -> str:
    return secrets.token_hex(6)


def takes_place(place: Place, wanted: bool | None) -> bool:
    return place.kind == Place.Kind.VENUE if wanted is None else wanted


def town_day(at: datetime) -> date:
    return at.astimezone(clock.TOWN_ZONE).date()
