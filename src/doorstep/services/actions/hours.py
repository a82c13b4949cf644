"""Who came and went, and what that is in the hours book: what the team was to give, and what it gave, minute by minute."""

from collections.abc import Sequence

from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.identity.models import Person
from doorstep.foundation.journal.actions import Actor, actor_of, writing
from doorstep.foundation.occasions import actions as occasions
from doorstep.foundation.occasions.models import Attendance, Occasion, SignUp
from doorstep.foundation.occasions.queries import head_counts
from doorstep.foundation.occasions.rules.waiting import LIVE, Standing
from doorstep.services.actions.common import by_post, service_of, town_day
from doorstep.services.actions.qualified import LicenceMissing, require_qualified
from doorstep.services.codes import team_roles
from doorstep.services.models import Service
from doorstep.talents.actions import book_hours
from doorstep.talents.models import HoursLine
from doorstep.talents.rules.hours import real_minutes


def record_attendance(
    *, viewer: Viewer, occasion: Occasion, came: Sequence[occasions.Came] = (), unnamed: int | None = None
) -> list[Attendance]:
    """Write down who came, as `occasions.record_attendance` does and raising what it raises, and the hours of the team with it.

    Raises LicenceMissing for whoever stood in a role without what its work asks for on the day; a line that was written already may be
    corrected whatever became of their papers since.
    """
    with writing():
        _lock_team(occasion)
        for refused in unqualified(service_of(occasion), occasion, came).values():
            raise refused
        written = occasions.record_attendance(viewer=viewer, occasion=occasion, came=came, unnamed=unnamed)
        service = service_of(occasion)
        _book(service, occasion, by_post(viewer, service))
    return written


def unqualified(service: Service, occasion: Occasion, came: Sequence[occasions.Came]) -> dict[int | None, LicenceMissing]:
    """Lines of a list not written down yet whose role asks for what their person does not have on the day, by sign-up (None: walked in)."""
    kept = set(Attendance.objects.filter(occasion=occasion, person__isnull=False).values_list("person_id", "role"))
    live = SignUp.objects.filter(occasion=occasion).select_related("person")
    by_id = {each.pk: each for each in live}
    by_person = {each.person_id: each for each in by_id.values() if each.person_id is not None and each.standing in LIVE}
    found: dict[int | None, LicenceMissing] = {}
    for line in came:
        sign_up = by_id.get(line.sign_up_id) if line.sign_up_id is not None else by_person.get(line.person_id or 0)
        role, person_id = (sign_up.role, sign_up.person_id) if sign_up else (line.role, line.person_id)
        if person_id is not None and (person_id, role) in kept:
            continue
        name = (sign_up.alias or (sign_up.person.name if sign_up.person else "")) if sign_up else line.alias
        try:
            require_qualified(service, role, person_id, town_day(occasion.starts_at), name=name)
        except LicenceMissing as refused:
            found[line.sign_up_id] = refused
    return found


def check_out(*, viewer: Viewer, occasion: Occasion, nonce: str) -> Attendance:
    """Go, by the code of the day; who was of the team has their hours in the book. Raises what `occasions.check_out` raises."""
    with writing():
        _lock_team(occasion)
        went = occasions.check_out(viewer=viewer, occasion=occasion, nonce=nonce)
        _book(service_of(occasion), occasion, actor_of(viewer))
    return went


def _team_of(occasion: Occasion) -> list[int]:
    chosen = SignUp.objects.filter(occasion=occasion, role__in=team_roles(), standing=Standing.CONFIRMED.value, person__isnull=False)
    came = Attendance.objects.filter(occasion=occasion, role__in=team_roles(), person__isnull=False)
    return sorted({*chosen.values_list("person_id", flat=True), *came.values_list("person_id", flat=True)})


def _lock_team(occasion: Occasion) -> None:
    """Persons before the occasion, in order, as everyone locks them."""
    list(Person.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=_team_of(occasion)).order_by("pk"))


def _book(service: Service, occasion: Occasion, by: Actor) -> None:
    """Bring the hours book to what the list of a session says: planned is the length of the session for whoever had a place in the team, attended
    the time from coming to going, without the way there and back. Where nobody wrote when somebody went, nothing is attended."""
    occasion = Occasion.objects.select_related("place").get(pk=occasion.pk)
    has_place = SignUp.objects.filter(occasion=occasion, role__in=team_roles(), standing=Standing.CONFIRMED.value)
    planned = {person_id for person_id in has_place.values_list("person_id", flat=True) if person_id is not None}
    there = Attendance.objects.filter(occasion=occasion, role__in=team_roles())
    came = {each.person_id: each for each in there if each.person_id is not None}
    heads = head_counts([occasion])[occasion.pk].total - len(came)
    for person_id in sorted(planned | set(came)):
        if person_id in planned:
            length = real_minutes(occasion.starts_at, occasion.ends_at)
            _write(service, occasion, by, person_id, HoursLine.Stage.PLANNED, length)
        line = came.get(person_id)
        minutes = real_minutes(line.came_at, line.left_at) if line is not None and line.left_at is not None else 0
        _write(service, occasion, by, person_id, HoursLine.Stage.ATTENDED, minutes, served=heads)


def _write(
    service: Service, occasion: Occasion, by: Actor, person_id: int, stage: HoursLine.Stage, minutes: int, served: int | None = None
) -> None:
    book_hours(
        by=by,
        person_id=person_id,
        stage=stage,
        minutes=minutes,
        on=town_day(occasion.starts_at),
        title=occasion.title,
        title_en=occasion.title_en,
        place=occasion.place,
        body=service.body,
        subject=f"occasion:{occasion.code}",
        served=served,
    )
