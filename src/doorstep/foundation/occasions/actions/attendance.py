"""Who came and went: by the code of the day at the door, by the list of those who run it, or from paper afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.journal.actions import actor_of, writing
from doorstep.foundation.occasions.actions.common import locked, note, require_not_cancelled, touch_page
from doorstep.foundation.occasions.actions.sign_ups import PLACE, UnknownRole
from doorstep.foundation.occasions.models import Attendance, Occasion, SignUp
from doorstep.foundation.occasions.permissions import NotAllowed, knows, runs
from doorstep.foundation.occasions.rules.check_in import refusal
from doorstep.foundation.occasions.rules.waiting import LIVE, Standing, free
from doorstep.foundation.places.models import Place
from doorstep.foundation.regulations.queries import value_of


class CheckInRefused(Exception):
    """The code of the day does not count; `reason` is too_early, too_late or wrong_code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Full(Exception):
    """No place is left for somebody who did not sign up. Those who run it may still write them down: they see the room."""


class NotCheckedIn(Exception):
    """Nobody goes who has not come."""


class NotYet(Exception):
    """Nobody can have come before the doors open."""


class WhoCame(Exception):
    """A line of a list names nobody, a sign-up of another occasion, or a time of leaving before that of coming."""


@dataclass(frozen=True, slots=True)
class Came:
    """One line of a list: a sign-up, or a person or alias who walked in. Without `came_at`: from the beginning."""

    sign_up_id: int | None = None
    person_id: int | None = None
    alias: str = ""
    role: str = PLACE
    came_at: datetime | None = None
    left_at: datetime | None = None


def check_in(*, viewer: Viewer, occasion: Occasion, nonce: str, role: str = PLACE) -> Attendance:
    """Say "I am here" with the code of the day. A second time changes nothing; without a sign-up one walks in while a place is left.

    Raises NotAllowed, IsCancelled, CheckInRefused, UnknownRole, Full.
    """
    at = clock.now()
    if viewer.person_id is None:
        raise NotAllowed("check_in")
    with writing() as current:
        occasion = locked(occasion)
        if not knows(viewer, occasion):
            raise NotAllowed("check_in")
        require_not_cancelled(occasion)
        _require_code(occasion, nonce, at)
        came = Attendance.objects.filter(occasion=occasion, person_id=viewer.person_id).first()
        if came is not None:
            return came
        sign_up = SignUp.objects.filter(occasion=occasion, person_id=viewer.person_id, standing=Standing.CONFIRMED.value).first()
        if sign_up is None:
            _require_room(occasion, role)
        came = Attendance.objects.create(
            occasion=occasion,
            sign_up=sign_up,
            person_id=viewer.person_id,
            role=sign_up.role if sign_up else role,
            came_at=at,
            how=Attendance.How.NONCE,
            recorded_by_id=viewer.person_id,
            recorded_at=at,
        )
        _mark_held(occasion, at)
        note(occasion, "check_in", actor_of(viewer), at, inside=True, detail={"attendance": came.pk, "role": came.role})
        touch_page(current, occasion.place, occasion.audience)
    return came


def check_out(*, viewer: Viewer, occasion: Occasion, nonce: str) -> Attendance:
    """Say "I am going" with the code of the day; of several times the last one counts. A time that those who run it wrote down stays.

    Raises NotAllowed, IsCancelled, CheckInRefused, NotCheckedIn.
    """
    at = clock.now()
    if viewer.person_id is None:
        raise NotAllowed("check_out")
    with writing() as current:
        occasion = locked(occasion)
        if not knows(viewer, occasion):
            raise NotAllowed("check_out")
        require_not_cancelled(occasion)
        _require_code(occasion, nonce, at)
        came = Attendance.objects.filter(occasion=occasion, person_id=viewer.person_id).first()
        if came is None or at < came.came_at:
            raise NotCheckedIn(occasion.code)
        if came.left_at is not None and came.how != Attendance.How.NONCE:
            return came
        came.left_at, came.recorded_at = at, at
        came.save(update_fields=["left_at", "recorded_at"])
        note(occasion, "check_out", actor_of(viewer), at, inside=True, detail={"attendance": came.pk, "role": came.role})
        touch_page(current, occasion.place, occasion.audience)
    return came


def record_attendance(*, viewer: Viewer, occasion: Occasion, came: Sequence[Came] = (), unnamed: int | None = None) -> list[Attendance]:
    """Write down who came, at the door or from paper afterwards (then it says so, with who wrote it down and when). Writing somebody down
    again corrects the line; `unnamed` heads came without giving a name. Marks the occasion as held, with an empty list too.

    Raises NotAllowed, IsCancelled, NotYet, WhoCame.
    """
    at = clock.now()
    with writing() as current:
        occasion = locked(occasion)
        if not runs(viewer, occasion):
            raise NotAllowed("record_attendance")
        require_not_cancelled(occasion)
        before, after = _doors(occasion.place)
        if at < occasion.starts_at - before:
            raise NotYet(occasion.code)
        how = Attendance.How.UPLOAD if at > occasion.ends_at + after else Attendance.How.STAFF
        sign_ups = {each.pk: each for each in SignUp.objects.filter(occasion=occasion)}
        kept = list(Attendance.objects.filter(occasion=occasion))
        by_sign_up = {each.sign_up_id: each for each in kept if each.sign_up_id is not None}
        by_person = {each.person_id: each for each in kept if each.person_id is not None}
        written = []
        for line in came:
            sign_up = sign_ups.get(line.sign_up_id) if line.sign_up_id is not None else _sign_up_of(line.person_id, sign_ups)
            if line.sign_up_id is not None and sign_up is None:
                raise WhoCame(line.sign_up_id)
            person_id = sign_up.person_id if sign_up else line.person_id
            alias = (sign_up.alias if sign_up else line.alias.strip())[:40]
            came_at = line.came_at or occasion.starts_at
            if (person_id is None and not alias) or (line.left_at is not None and line.left_at < came_at):
                raise WhoCame
            row = (by_sign_up.get(sign_up.pk) if sign_up else None) or (by_person.get(person_id) if person_id else None)
            row = row or Attendance(occasion=occasion, person_id=person_id, alias=alias)
            row.sign_up = sign_up
            row.role = sign_up.role if sign_up else line.role
            row.came_at, row.left_at, row.how = came_at, line.left_at, how
            row.recorded_by_id, row.recorded_at = viewer.person_id, at
            row.save()
            if sign_up:
                by_sign_up[sign_up.pk] = row
            if person_id:
                by_person[person_id] = row
            written.append(row)
        if unnamed is not None:
            occasion.unnamed = unnamed
        _mark_held(occasion, at)
        note(
            occasion,
            "record_attendance",
            actor_of(viewer, post=viewer.acting_post),
            at,
            inside=True,
            detail={"lines": len(written), "unnamed": occasion.unnamed, "how": how.value},
        )
        touch_page(current, occasion.place, occasion.audience)
    return written


def _sign_up_of(person_id: int | None, sign_ups: dict[int, SignUp]) -> SignUp | None:
    """The living sign-up of a person, so that a list by names finds it."""
    return next(
        (each for each in sign_ups.values() if person_id is not None and each.person_id == person_id and each.standing in LIVE), None
    )


def _require_code(occasion: Occasion, nonce: str, at: datetime) -> None:
    before, after = _doors(occasion.place)
    refused = refusal(
        given=nonce,
        key=settings.SECRET_KEY.encode(),
        code=occasion.code,
        now=at,
        starts_at=occasion.starts_at,
        ends_at=occasion.ends_at,
        before=before,
        after=after,
    )
    if refused:
        raise CheckInRefused(refused)


def _require_room(occasion: Occasion, role: str) -> None:
    if role not in occasion.capacities:
        raise UnknownRole(role)
    taken = (
        SignUp.objects.filter(occasion=occasion, role=role, standing=Standing.CONFIRMED.value).count()
        + Attendance.objects.filter(occasion=occasion, role=role, sign_up=None).count()
    )
    if free(capacity=occasion.capacities[role], taken=taken) == 0:
        raise Full(occasion.code)


def _doors(place: Place) -> tuple[timedelta, timedelta]:
    """How long before the beginning and after the end one can check in."""
    hours = [
        value_of(f"occasions.check_in_{side}_hours", place_lineage_localities=place.localities, on=clock.today()).number
        for side in ("before", "after")
    ]
    return timedelta(hours=hours[0]), timedelta(hours=hours[1])


def _mark_held(occasion: Occasion, at: datetime) -> None:
    occasion.state, occasion.changed_at = Occasion.State.HELD, at
    occasion.save(update_fields=["state", "unnamed", "changed_at"])
