"""Signing up, waiting, taking a place that fell free."""

from collections.abc import Collection, Sequence
from datetime import datetime

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.identity.models import Account
from doorstep.foundation.journal.actions import SYSTEM, Actor, Writing, actor_of, writing
from doorstep.foundation.notify.actions import tell
from doorstep.foundation.occasions.actions.common import (
    keys_of,
    lock_person,
    locked,
    note,
    require_to_come,
    touch_page,
)
from doorstep.foundation.occasions.models import Occasion, SignUp
from doorstep.foundation.occasions.permissions import NotAllowed, knows, runs, speaks_for
from doorstep.foundation.occasions.rules.waiting import LIVE, InLine, Standing, newcomer, settle
from doorstep.foundation.regulations.deadlines import due
from doorstep.foundation.regulations.queries import calendar, value_of

PLACE = "place"
LONGEST_ALIAS = 40


class UnknownRole(Exception):
    """Nobody can sign up in this role here."""


class AlreadySignedUp(Exception):
    """This person has a place, a hold or a turn in the line already."""


class PersonBusy(Exception):
    """This person has a place at another occasion at the same time; `code` is that one's."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class AgeMissing(Exception):
    """A children's occasion asks how old who comes is."""


class GuardianMissing(Exception):
    """Below this age (PIPL art. 31) a guardian signs up with the child."""


class AliasMissing(Exception):
    """Without a person there has to be a word to call them by."""


class NotOffered(Exception):
    """No place is held for this sign-up."""


class HoldOver(Exception):
    """The hold ran out; the place goes to the next in line."""


class NotSignedUp(Exception):
    """This sign-up has ended already."""


def sign_up(
    *,
    viewer: Viewer,
    occasion: Occasion,
    role: str = PLACE,
    person_id: int | None = None,
    alias: str = "",
    age: int | None = None,
    guardian_id: int | None = None,
    channel: str = "web",
) -> SignUp:
    """Sign up oneself, or `person_id` for whom one speaks: a place where one is free and nobody waits for it, else a turn in the line.

    Somebody without an account may be signed up by any neighbour (代报名), others by themselves or by those who run the occasion. Whoever
    gives an `alias` is shown to those who run it under that alone. Whether a role asks for a skill or a credential, the mechanism above has
    asked before. Raises NotAllowed, IsCancelled, HasBegun, UnknownRole, AlreadySignedUp, PersonBusy, AgeMissing, GuardianMissing.
    """
    who = viewer.person_id if person_id is None else person_id
    if viewer.person_id is None or who is None:
        raise NotAllowed("sign_up")
    if who != viewer.person_id and not runs(viewer, occasion) and Account.objects.filter(person_id=who, is_active=True).exists():
        raise NotAllowed("sign_up")
    return _join(viewer, occasion, role, who, alias, age, guardian_id, channel)


def sign_up_alias(
    *,
    viewer: Viewer,
    occasion: Occasion,
    alias: str,
    role: str = PLACE,
    age: int | None = None,
    guardian_id: int | None = None,
    channel: str = "counter",
) -> SignUp:
    """Write down somebody who gives no name (不留真名): by those who run the occasion, over the telephone or at the counter."""
    if not runs(viewer, occasion):
        raise NotAllowed("sign_up")
    if not alias.strip():
        raise AliasMissing
    return _join(viewer, occasion, role, None, alias, age, guardian_id, channel)


def _join(
    viewer: Viewer,
    occasion: Occasion,
    role: str,
    person_id: int | None,
    alias: str,
    age: int | None,
    guardian_id: int | None,
    channel: str,
) -> SignUp:
    at = clock.now()
    with writing() as current:
        lock_person(person_id)
        occasion = locked(occasion)
        if not knows(viewer, occasion):
            raise NotAllowed("sign_up")
        require_to_come(occasion, at)
        if role not in occasion.capacities:
            raise UnknownRole(role)
        if guardian_id is not None and guardian_id == person_id:
            raise GuardianMissing(occasion.code)
        is_child = _check_age(viewer, occasion, age, guardian_id, at)
        if person_id is not None and SignUp.objects.filter(occasion=occasion, person_id=person_id, standing__in=sorted(LIVE)).exists():
            raise AlreadySignedUp(occasion.code)
        line = settle_line(occasion, role, at)
        standing = newcomer(capacity=occasion.capacities[role], line=line)
        if standing == Standing.CONFIRMED:
            _refuse_busy(person_id, occasion)
        made = SignUp.objects.create(
            occasion=occasion,
            role=role,
            person_id=person_id,
            alias=alias.strip()[:LONGEST_ALIAS],
            entered_by_id=viewer.person_id,
            guardian_id=guardian_id,
            is_child=is_child,
            standing=standing.value,
            signed_up_at=at,
            changed_at=at,
        )
        _note_sign_up(current, made, "sign_up" if standing == Standing.CONFIRMED else "wait", _by(viewer, made, channel), at)
    return made


def _check_age(viewer: Viewer, occasion: Occasion, age: int | None, guardian_id: int | None, at: datetime) -> bool:
    """Whether who comes is a child. A child's guardian signs it up; only those who run it may write a guardian down for them."""
    if age is None:
        if occasion.is_for_children:
            raise AgeMissing(occasion.code)
        return False
    limit = value_of("children.guardian_age", place_lineage_localities=occasion.place.localities, on=at.astimezone(clock.TOWN_ZONE).date())
    is_child = age < limit.number
    if is_child and (guardian_id is None or (guardian_id != viewer.person_id and not runs(viewer, occasion))):
        raise GuardianMissing(occasion.code)
    return is_child


def _refuse_busy(person_id: int | None, occasion: Occasion) -> None:
    """Nobody has a place at two things at once. The person's row is locked by now."""
    if person_id is None:
        return
    other = (
        SignUp.objects.filter(
            person_id=person_id,
            standing=Standing.CONFIRMED.value,
            occasion__starts_at__lt=occasion.ends_at,
            occasion__ends_at__gt=occasion.starts_at,
        )
        .exclude(occasion__state=Occasion.State.CANCELLED)
        .exclude(occasion_id=occasion.pk)
        .select_related("occasion")
        .order_by("id")
        .first()
    )
    if other is not None:
        raise PersonBusy(other.occasion.code)


def accept_hold(*, viewer: Viewer, sign_up: SignUp, channel: str = "web") -> SignUp:
    """Take the place that is held. Raises NotAllowed, IsCancelled, HasBegun, NotOffered, HoldOver, PersonBusy."""
    at = clock.now()
    with writing() as current:
        lock_person(sign_up.person_id)
        occasion, kept = _locked_sign_up(sign_up)
        if not speaks_for(viewer, kept):
            raise NotAllowed("accept")
        require_to_come(occasion, at)
        if kept.standing != Standing.OFFERED or kept.hold_until is None:
            raise NotOffered(occasion.code)
        if kept.hold_until <= at:
            raise HoldOver(occasion.code)
        _refuse_busy(kept.person_id, occasion)
        _set(kept, Standing.CONFIRMED, None, at)
        _note_sign_up(current, kept, "accept", _by(viewer, kept, channel), at)
    return kept


def cancel_sign_up(*, viewer: Viewer, sign_up: SignUp, channel: str = "web") -> SignUp:
    """Give up a place, a hold or a turn in the line; a place that falls free is offered to the next at once.

    Raises NotAllowed, IsCancelled, HasBegun, NotSignedUp.
    """
    at = clock.now()
    with writing() as current:
        occasion, kept = _locked_sign_up(sign_up)
        if not speaks_for(viewer, kept):
            raise NotAllowed("withdraw")
        require_to_come(occasion, at)
        if kept.standing not in LIVE:
            raise NotSignedUp(occasion.code)
        _set(kept, Standing.WITHDRAWN, None, at)
        _note_sign_up(current, kept, "withdraw", _by(viewer, kept, channel), at)
        settle_line(occasion, kept.role, at)
    return kept


def take_back(*, sign_up: SignUp, by: Actor, because: str, also: Collection[str] = ()) -> bool:
    """Take a place, a hold or a turn back because what the mechanism above asks of its role no longer holds; False where it has ended, or the
    occasion has begun. Who had it, who signed them up and `also` are told, and the next in line is offered the place."""
    at = clock.now()
    with writing() as current:
        occasion, kept = _locked_sign_up(sign_up)
        if kept.standing not in LIVE or occasion.state != Occasion.State.PLANNED or occasion.starts_at <= at:
            return False
        _set(kept, Standing.WITHDRAWN, None, at)
        entry = note(occasion, "take_back", by, at, sign_up=kept, because=[because])
        tell(entry=entry, to=sorted({*keys_of([kept]), *also}))
        touch_page(current, occasion.place, occasion.audience)
        settle_line(occasion, kept.role, at)
    return True


def pass_on(*, given: Sequence[tuple[SignUp, int]], by: Actor) -> list[SignUp]:
    """Give places on: each confirmed sign-up to a person, in one go, so that two may exchange theirs. The line does not come in between; what
    the mechanism above asks of the roles it has asked before. Whoever gets a place is told of it.

    Raises IsCancelled, HasBegun, NotSignedUp, AlreadySignedUp, PersonBusy.
    """
    at = clock.now()
    with writing() as current:
        for person_id in sorted({each for sign_up, other in given for each in (sign_up.person_id, other) if each is not None}):
            lock_person(person_id)
        occasions = {pk: locked(Occasion(pk=pk)) for pk in sorted({sign_up.occasion_id for sign_up, _other in given})}
        kept = [(SignUp.objects.get(pk=sign_up.pk), other) for sign_up, other in given]
        for sign_up, _other in kept:
            sign_up.occasion = occasions[sign_up.occasion_id]
            require_to_come(sign_up.occasion, at)
            if sign_up.standing != Standing.CONFIRMED:
                raise NotSignedUp(sign_up.occasion.code)
            _set(sign_up, Standing.WITHDRAWN, None, at)
        made = []
        for sign_up, other in kept:
            occasion = sign_up.occasion
            if SignUp.objects.filter(occasion=occasion, person_id=other, standing__in=sorted(LIVE)).exists():
                raise AlreadySignedUp(occasion.code)
            _refuse_busy(other, occasion)
            new = SignUp.objects.create(
                occasion=occasion, role=sign_up.role, person_id=other, entered_by_id=other, standing=Standing.CONFIRMED.value, signed_up_at=at,
                changed_at=at,
            )  # fmt: skip
            made.append(new)
            entry = note(occasion, "pass_on", by, at, sign_up=new)
            tell(entry=entry, to=keys_of([new]))
            touch_page(current, occasion.place, occasion.audience)
    return made


def give_up_places(*, person_id: int, by: Actor, audience: str = "") -> int:
    """Give up every place, hold and turn of a person who comes no more, or only those for an audience they have left; how many."""
    at = clock.now()
    live = SignUp.objects.filter(
        person_id=person_id, standing__in=sorted(LIVE), occasion__starts_at__gt=at, occasion__state=Occasion.State.PLANNED
    )
    if audience:
        live = live.filter(occasion__audience=audience)
    given_up = 0
    for sign_up in live.order_by("occasion_id", "id"):
        with writing() as current:
            occasion, kept = _locked_sign_up(sign_up)
            if kept.standing in LIVE:
                _set(kept, Standing.WITHDRAWN, None, at)
                _note_sign_up(current, kept, "withdraw", by, at)
                settle_line(occasion, kept.role, at)
                given_up += 1
    return given_up


def expire_holds(*, now: datetime | None = None, at_most: int = 200) -> int:
    """Let holds lapse that ran out and offer each place to the next in line; how many lapsed. Safe to run in several workers at once."""
    now = now or clock.now()
    over = SignUp.objects.filter(standing=Standing.OFFERED.value, hold_until__lte=now).exclude(occasion__state=Occasion.State.CANCELLED)
    found = list(over.order_by("hold_until", "id").values_list("occasion_id", "role")[:at_most])
    lapsed = 0
    for occasion_id, role in dict.fromkeys(found):
        with writing() as current:
            occasion = locked(Occasion(pk=occasion_id))
            if occasion.state == Occasion.State.CANCELLED:
                continue
            before = over.filter(occasion=occasion, role=role).count()
            settle_line(occasion, role, now)
            if before:
                touch_page(current, occasion.place, occasion.audience)
            lapsed += before
    return lapsed


def settle_line(occasion: Occasion, role: str, at: datetime) -> list[InLine]:
    """Bring the line of one role up to date and give it. The occasion's row is locked by the caller, inside `writing()`."""
    rows = SignUp.objects.filter(occasion=occasion, role=role, standing__in=sorted(LIVE)).order_by("id")
    line = {pk: InLine(pk, Standing(standing), until) for pk, standing, until in rows.values_list("id", "standing", "hold_until")}
    hold = value_of("occasions.hold_hours", place_lineage_localities=occasion.place.localities, on=at.astimezone(clock.TOWN_ZONE).date())
    until = due(at, hold.limit, calendar())
    # A line whose role a later plan gave up has no places to offer.
    capacity = occasion.capacities.get(role, 0)
    for change in settle(capacity=capacity, line=list(line.values()), now=at, starts_at=occasion.starts_at, hold_until=until):
        sign_up = SignUp.objects.get(pk=change.id)
        sign_up.occasion = occasion
        _set(sign_up, change.standing, change.hold_until, at)
        line[change.id] = InLine(change.id, change.standing, change.hold_until)
        verb = "offer" if change.standing == Standing.OFFERED else "lapse"
        entry = note(occasion, verb, SYSTEM, at, sign_up=sign_up)
        tell(entry=entry, to=keys_of([sign_up]))
    return [each for each in line.values() if each.standing in LIVE]


def _locked_sign_up(sign_up: SignUp) -> tuple[Occasion, SignUp]:
    """The occasion is what is locked: it guards all of its lines."""
    occasion = locked(Occasion(pk=sign_up.occasion_id))
    kept = SignUp.objects.get(pk=sign_up.pk)
    kept.occasion = occasion
    return occasion, kept


def _set(sign_up: SignUp, standing: Standing, hold_until: datetime | None, at: datetime) -> None:
    sign_up.standing, sign_up.hold_until, sign_up.changed_at = standing.value, hold_until, at
    sign_up.save(update_fields=["standing", "hold_until", "changed_at"])


def _by(viewer: Viewer, sign_up: SignUp, channel: str) -> Actor:
    other = sign_up.person_id if sign_up.person_id != viewer.person_id else None
    post = viewer.acting_post if other is not None and runs(viewer, sign_up.occasion) else None
    return actor_of(viewer, post=post, on_behalf_of_id=other, channel=channel)


def _note_sign_up(current: Writing, sign_up: SignUp, verb: str, by: Actor, at: datetime) -> None:
    entry = note(sign_up.occasion, verb, by, at, sign_up=sign_up)
    others = [key for key in keys_of([sign_up]) if key != f"person:{by.person_id}"]
    if others:
        tell(entry=entry, to=others)
    touch_page(current, sign_up.occasion.place, sign_up.occasion.audience)
