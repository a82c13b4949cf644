"""What others may read of occasions, always as a viewer. Every list takes a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import PUBLIC, Viewer
from doorstep.foundation.occasions.models import Attendance, Occasion, Series, SignUp
from doorstep.foundation.occasions.permissions import NotAllowed, knows, runs
from doorstep.foundation.occasions.rules.check_in import nonce_of
from doorstep.foundation.occasions.rules.overlap import Span
from doorstep.foundation.occasions.rules.waiting import LIVE, TAKES_A_PLACE, Standing, free
from doorstep.foundation.places.models import Place


@dataclass(frozen=True, slots=True)
class RolePlaces:
    """The places of one role. None = no limit."""

    role: str
    capacity: int | None
    taken: int
    waiting: int

    @property
    def free(self) -> int | None:
        return free(capacity=self.capacity, taken=self.taken)


@dataclass(frozen=True, slots=True)
class Shown:
    """An occasion as a viewer sees it: its places by role, and their own sign-up that still counts."""

    occasion: Occasion
    roles: tuple[RolePlaces, ...]
    mine: SignUp | None

    def role(self, code: str) -> RolePlaces:
        return next(each for each in self.roles if each.role == code)


def visible(viewer: Viewer) -> QuerySet[Occasion]:
    """The occasions a viewer may find in lists: meant for one of their keys, run by one, or they are signed up (or signed somebody up)."""
    meant = Q(audience__in=viewer.keys)
    if viewer.signed_in:
        own = SignUp.objects.filter(occasion=OuterRef("pk"))
        meant |= (
            Q(run_by__in=viewer.keys - {"public"})
            | Exists(own.filter(person_id=viewer.own_id))
            | Exists(own.filter(entered_by_id=viewer.own_id))
        )
    return Occasion.objects.filter(meant)


def may_see_occasion(viewer: Viewer, key: str) -> bool:
    """Resolver of the audience key `occasion:<code>`."""
    occasion = Occasion.objects.filter(code=key.partition(":")[2]).first()
    return occasion is not None and knows(viewer, occasion)


def may_see_sign_up(viewer: Viewer, key: str) -> bool:
    """Resolver of the audience key `signup:<id>`: who comes, who signed them up, and those who run the occasion."""
    given = key.partition(":")[2]
    sign_up = SignUp.objects.select_related("occasion").filter(pk=int(given)).first() if given.isdecimal() else None
    if sign_up is None or viewer.person_id is None:
        return False
    return viewer.person_id in (sign_up.person_id, sign_up.entered_by_id) or runs(viewer, sign_up.occasion)


def between(viewer: Viewer, *, place: Place, since: datetime, until: datetime) -> list[Shown]:
    """What is on at a place and below it that overlaps [since, until), in order of time; what was called off too, with its reason.

    Dates that a changed series gave up are left out. Three queries, two for somebody not signed in.
    """
    here = Q(place__lineage=place.lineage) | Q(place__lineage__startswith=f"{place.lineage}/")
    chosen = visible(viewer).filter(here, starts_at__lt=until, ends_at__gt=since)
    return _shown(viewer, chosen.exclude(state=Occasion.State.CANCELLED, reason="series_changed"))


def week_at(viewer: Viewer, *, place: Place, monday: date | None = None) -> list[Shown]:
    """This week at a place and below it, or the seven days from another day on."""
    today = clock.today()
    begin = datetime.combine(monday or today - timedelta(days=today.weekday()), time(0), clock.TOWN_ZONE)
    return between(viewer, place=place, since=begin, until=begin + timedelta(days=7))


def of_subject(viewer: Viewer, *, kind: str, subject: str, since: datetime, until: datetime) -> list[Shown]:
    """The dates of one thing of the mechanism above. The same queries as `between`."""
    return _shown(viewer, visible(viewer).filter(kind=kind, subject=subject, starts_at__lt=until, ends_at__gt=since))


def _shown(viewer: Viewer, chosen: QuerySet[Occasion]) -> list[Shown]:
    occasions = list(chosen.select_related("place").order_by("starts_at", "id"))
    roles = _roles(occasions)
    mine: dict[int, SignUp] = {}
    if viewer.signed_in:
        own = SignUp.objects.filter(occasion_id__in=[each.pk for each in occasions], person_id=viewer.own_id, standing__in=sorted(LIVE))
        mine = {each.occasion_id: each for each in own}
    return [Shown(each, roles[each.pk], mine.get(each.pk)) for each in occasions]


def _roles(occasions: Sequence[Occasion]) -> dict[int, tuple[RolePlaces, ...]]:
    """One query."""
    counted: dict[tuple[int, str], dict[str, int]] = defaultdict(dict)
    rows = SignUp.objects.filter(occasion_id__in=[each.pk for each in occasions], standing__in=sorted(LIVE))
    for row in rows.values("occasion_id", "role", "standing").annotate(n=Count("id")).order_by():
        counted[(row["occasion_id"], row["role"])][row["standing"]] = row["n"]
    found = {}
    for each in occasions:
        places = []
        for role, capacity in each.capacities.items():
            n = counted[(each.pk, role)]
            places.append(RolePlaces(role, capacity, sum(n.get(one, 0) for one in TAKES_A_PLACE), n.get(Standing.WAITING, 0)))
        found[each.pk] = tuple(places)
    return found


@dataclass(frozen=True, slots=True)
class Appointment:
    """One line of a person's calendar: their own, or that of somebody they signed up. `clashes`: they have another place then (one was moved)."""

    sign_up: SignUp
    occasion: Occasion
    is_own: bool
    clashes: bool


def calendar_of(viewer: Viewer, *, since: datetime, until: datetime) -> list[Appointment]:
    """What a person has a place at, waits for or is offered, and what they signed others up for; called-off dates stay in it. One query."""
    if not viewer.signed_in:
        return []
    own = Q(person_id=viewer.own_id) | Q(entered_by_id=viewer.own_id)
    rows = list(
        SignUp.objects.filter(own, standing__in=sorted(LIVE), occasion__starts_at__lt=until, occasion__ends_at__gt=since)
        .select_related("occasion__place", "person")
        .order_by("occasion__starts_at", "id")
    )
    firm = [each for each in rows if each.standing == Standing.CONFIRMED and each.occasion.state != Occasion.State.CANCELLED]
    return [Appointment(each, each.occasion, each.person_id == viewer.person_id, _clashes(each, firm)) for each in rows]


def _clashes(sign_up: SignUp, firm: Iterable[SignUp]) -> bool:
    return sign_up.person_id is not None and any(
        other.person_id == sign_up.person_id
        and other.occasion_id != sign_up.occasion_id
        and other.occasion.starts_at < sign_up.occasion.ends_at
        and sign_up.occasion.starts_at < other.occasion.ends_at
        for other in firm
    )


@dataclass(frozen=True, slots=True)
class Detail:
    """One occasion with what the viewer may do about it."""

    shown: Shown
    runs: bool
    for_others: tuple[SignUp, ...]


def occasion_for(viewer: Viewer, code: str) -> Detail | None:
    """The occasion of this code with its free places, if the viewer may know of it."""
    occasion = Occasion.objects.select_related("place", "series").filter(code=code).first()
    if occasion is None or not knows(viewer, occasion):
        return None
    roles = _roles([occasion])[occasion.pk]
    live = []
    if viewer.signed_in:
        near = Q(person_id=viewer.own_id) | Q(entered_by_id=viewer.own_id)
        live = list(SignUp.objects.filter(near, occasion=occasion, standing__in=sorted(LIVE)).select_related("person").order_by("id"))
    mine = next((each for each in live if each.person_id == viewer.person_id), None)
    others = tuple(each for each in live if each.person_id != viewer.person_id)
    return Detail(Shown(occasion, roles, mine), runs(viewer, occasion), others)


def sign_up_for(viewer: Viewer, sign_up_id: int) -> SignUp | None:
    """A sign-up, for whom it concerns."""
    found = SignUp.objects.select_related("occasion__place", "person").filter(pk=sign_up_id).first()
    return found if found is not None and may_see_sign_up(viewer, f"signup:{sign_up_id}") else None


def series_for(viewer: Viewer, code: str) -> Series | None:
    """The series of this code, for those who run it."""
    series = Series.objects.filter(code=code).first()
    return series if series is not None and runs(viewer, series) else None


@dataclass(frozen=True, slots=True)
class RosterLine:
    """Somebody signed up or walked in, as those who run it see them: under their alias alone where they gave one, without a phone then."""

    name: str
    phone: str
    role: str
    standing: str
    hold_until: datetime | None
    is_child: bool
    guardian: str
    guardian_phone: str
    entered_by: str
    sign_up_id: int | None
    came: Attendance | None


def roster(viewer: Viewer, occasion: Occasion) -> list[RosterLine]:
    """Everyone with a place or in the line, in order, then who walked in: for those who run it. Raises NotAllowed. Two queries; each person
    whose name or phone is shown can see that it was."""
    if not runs(viewer, occasion):
        raise NotAllowed("roster")
    live = SignUp.objects.filter(occasion=occasion, standing__in=sorted(LIVE))
    sign_ups = list(live.select_related("person", "guardian", "entered_by").order_by("id"))
    came = list(Attendance.objects.filter(occasion=occasion).select_related("person").order_by("came_at", "id"))
    by_sign_up = {each.sign_up_id: each for each in came if each.sign_up_id is not None}
    lines = [_line_of(each, by_sign_up.get(each.pk)) for each in sign_ups]
    lines += [
        RosterLine(
            name=each.alias or (each.person.name if each.person else ""),
            phone="",
            role=each.role,
            standing="",
            hold_until=None,
            is_child=False,
            guardian="",
            guardian_phone="",
            entered_by="",
            sign_up_id=None,
            came=each,
        )
        for each in came
        if each.walked_in
    ]
    named = {each.person_id for each in sign_ups if not each.alias} | {each.guardian_id for each in sign_ups}
    named |= {each.person_id for each in came if each.walked_in and not each.alias}
    for person_id in sorted(each for each in named if each is not None):
        viewer.note_read(kind="occasion", subject=occasion.code, about_person_id=person_id, why="roster")
    return lines


def _line_of(sign_up: SignUp, came: Attendance | None) -> RosterLine:
    by_another = sign_up.entered_by is not None and sign_up.entered_by_id != sign_up.person_id
    return RosterLine(
        name=sign_up.alias or (sign_up.person.name if sign_up.person else ""),
        phone="" if sign_up.alias or sign_up.person is None else sign_up.person.phone,
        role=sign_up.role,
        standing=sign_up.standing,
        hold_until=sign_up.hold_until,
        is_child=sign_up.is_child,
        guardian=sign_up.guardian.name if sign_up.guardian else "",
        guardian_phone=sign_up.guardian.phone if sign_up.guardian else "",
        entered_by=sign_up.entered_by.name if by_another and sign_up.entered_by else "",
        sign_up_id=sign_up.pk,
        came=came,
    )


def check_in_code(viewer: Viewer, occasion: Occasion, *, day: date | None = None) -> str:
    """The code of the day to put up at the door: for those who run it. Raises NotAllowed."""
    if not runs(viewer, occasion):
        raise NotAllowed("check_in_code")
    return nonce_of(key=settings.SECRET_KEY.encode(), code=occasion.code, day=day or clock.today())


@dataclass(frozen=True, slots=True)
class HeadCount:
    """Who came: named lines and heads without a name. Figures only."""

    signed_up: int
    walked_in: int
    unnamed: int

    @property
    def total(self) -> int:
        return self.signed_up + self.walked_in + self.unnamed


def head_counts(occasions: Sequence[Occasion]) -> dict[int, HeadCount]:
    """How many came to each of these occasions, which the caller has as a viewer. One query."""
    rows = Attendance.objects.filter(occasion_id__in=[each.pk for each in occasions]).values("occasion_id")
    counted = {
        row["occasion_id"]: (row["all"], row["signed"]) for row in rows.annotate(all=Count("id"), signed=Count("sign_up_id")).order_by()
    }
    found = {}
    for each in occasions:
        came, signed_up = counted.get(each.pk, (0, 0))
        found[each.pk] = HeadCount(signed_up=signed_up, walked_in=came - signed_up, unnamed=each.unnamed)
    return found


def taken_at(place: Place, *, since: datetime, until: datetime) -> list[Span]:
    """When a place is taken, and nothing about by whom: what a booking page shows anybody."""
    near = Occasion.objects.filter(place=place, is_exclusive=True, starts_at__lt=until, ends_at__gt=since)
    rows = near.exclude(state=Occasion.State.CANCELLED).order_by("starts_at").values_list("starts_at", "ends_at")
    return [Span(starts_at, ends_at) for starts_at, ends_at in rows]


def sign_ups_state() -> dict[str, int]:
    """How many sign-ups for public occasions that are not over stand how; also the standings with none."""
    counted = (
        SignUp.objects.filter(occasion__audience=PUBLIC, occasion__ends_at__gt=clock.now()).values_list("standing").annotate(n=Count("id"))
    )
    return {**dict.fromkeys(sorted(Standing), 0), **dict(counted)}


def occasions_state() -> dict[str, int]:
    """How many public occasions that are not over stand in each state; also the states with none."""
    counted = Occasion.objects.filter(audience=PUBLIC, ends_at__gt=clock.now()).values_list("state").annotate(n=Count("id"))
    return {**dict.fromkeys(Occasion.State.values, 0), **dict(counted)}
