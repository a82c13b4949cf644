"""What others may read of services, always as a viewer. Every list takes a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Avg, Count, Exists, OuterRef, Q

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import PUBLIC, Viewer
from doorstep.foundation.identity.models import Account, Person
from doorstep.foundation.moderation.queries import hidden_words
from doorstep.foundation.moderation.texts import Reason, reasons
from doorstep.foundation.occasions import queries as occasions
from doorstep.foundation.occasions.links import link_of
from doorstep.foundation.occasions.models import Attendance, Occasion, Series, SeriesPlan, SignUp
from doorstep.foundation.occasions.permissions import runs
from doorstep.foundation.occasions.queries import RosterLine, Shown
from doorstep.foundation.occasions.rules.waiting import Standing
from doorstep.foundation.places.models import Place
from doorstep.foundation.regulations.queries import value_of
from doorstep.foundation.search.queries import named
from doorstep.foundation.ui.slots import Part
from doorstep.organisations.models import Body
from doorstep.organisations.queries import buildings_with_part, flats_by_building, working_for
from doorstep.organisations.queries.participation import homes_with
from doorstep.services.codes import NEIGHBOUR, PLACE, Kind, kinds, team_roles
from doorstep.services.models import (
    CalendarKey,
    Feedback,
    GroupCount,
    HomeVisit,
    MentorTerms,
    Point,
    Reading,
    ReadingConsent,
    Regular,
    Rota,
    RotaPlace,
    Service,
    Swap,
    TravelTime,
    WalkDistance,
)
from doorstep.services.permissions import feedback_digest, may_count, runs_service, works_for
from doorstep.services.rules.coverage import Home, Limits, Reach, Stop, coverage, where_next

NEARBY = 3
MOST_STOPS = 80
DAYS = 7


# Keys


def may_run(viewer: Viewer, key: str) -> bool:
    """Resolver of the audience key `service:<code>`: who works for its body, and who stands there regularly."""
    service = Service.objects.filter(code=key.partition(":")[2]).first()
    return service is not None and runs_service(viewer, service)


def running(codes: Sequence[str]) -> Iterable[int]:
    """Person ids behind `service:<code>`."""
    bodies = [str(body_id) for body_id in Service.objects.filter(code__in=codes).values_list("body_id", flat=True)]
    regular = Regular.objects.filter(service__code__in=codes, until=None).values_list("person_id", flat=True)
    return {*working_for(bodies), *regular}


def may_see_reading(viewer: Viewer, key: str) -> bool:
    """Resolver of the audience key `reading:<id>`: whose it is, and who took it."""
    given = key.partition(":")[2]
    reading = Reading.objects.filter(pk=int(given)).first() if given.isdecimal() else None
    return reading is not None and viewer.signed_in and viewer.person_id in (reading.person_id, reading.mentor_id)


# The catalogue: public


def services_at(place: Place) -> list[Service]:
    """What is offered at a place, below it, and to it from above. One query."""
    near = Q(place__lineage=place.lineage) | Q(place__lineage__startswith=f"{place.lineage}/") | Q(place__code__in=place.codes)
    found = Service.objects.filter(near).exclude(status=Service.Status.DEFUNCT).select_related("body", "place")
    return list(found.order_by("kind", "place__lineage", "id"))


def service_by_code(code: str) -> Service | None:
    return Service.objects.select_related("body", "place").filter(code=code).first()


def services_by_code(codes: Iterable[str]) -> dict[str, Service]:
    wanted = set(codes)
    return {each.code: each for each in Service.objects.filter(code__in=wanted).select_related("body")} if wanted else {}


@dataclass(frozen=True, slots=True)
class Line:
    """One series of a service as it goes on now, with who stands there by name."""

    plan: SeriesPlan
    named: tuple[str, ...]


def lines_of(service: Service) -> list[Line]:
    """How a service recurs, by place. Two queries."""
    today = clock.today()
    plans = SeriesPlan.objects.filter(Q(ends_on=None) | Q(ends_on__gte=today), series__kind="service", series__subject=service.code)
    found = list(plans.select_related("place__parent", "series").order_by("start", "id"))
    named = _named([plan.series_id for plan in found])
    return [Line(plan, tuple(named.get(plan.series_id, ()))) for plan in found]


@dataclass(frozen=True, slots=True)
class Kept:
    """A service as its body keeps it: its open series as they go on, who stands there, and how many dates are still to come."""

    lines: tuple[Line, ...]
    regulars: tuple[Regular, ...]
    ahead: int


def kept_of(viewer: Viewer, service: Service) -> Kept | None:
    """For those who work for its body; None for others. Four queries."""
    if not works_for(viewer, service.body):
        return None
    newest: dict[int, Line] = {line.plan.series_id: line for line in sorted(lines_of(service), key=lambda line: line.plan.pk)}
    running = Regular.objects.filter(service=service, until=None).select_related("person").order_by("series_id", "id")
    ahead = Occasion.objects.filter(kind="service", subject=service.code, state=Occasion.State.PLANNED, starts_at__gt=clock.now())
    return Kept(tuple(line for line in newest.values() if line.plan.series.ended_at is None), tuple(running), ahead.count())


def my_standing(viewer: Viewer, service: Service) -> list[Regular]:
    """Where the viewer stands regularly at a service. One query, none for who is not signed in."""
    if not viewer.signed_in:
        return []
    own = Regular.objects.filter(service=service, person_id=viewer.own_id, until=None)
    return list(own.select_related("series").order_by("id"))


def regular_for(viewer: Viewer, service: Service, regular_id: int) -> Regular | None:
    """A standing place that runs, for whoever has it and those who work for the body."""
    found = Regular.objects.filter(pk=regular_id, service=service, until=None).first()
    return found if found is not None and (works_for(viewer, service.body) or viewer.person_id == found.person_id) else None


def roles_of(lines: Iterable[Line]) -> set[str]:
    """The roles there are places for in these series."""
    return {role for line in lines for role in line.plan.capacities}


def _named(series_ids: Iterable[int | None]) -> dict[int, list[str]]:
    """Names of the regulars of these series who agreed to be named. One query."""
    found: dict[int, list[str]] = defaultdict(list)
    wanted = {each for each in series_ids if each is not None}
    regulars = Regular.objects.filter(series_id__in=wanted, until=None, is_named=True).select_related("person").order_by("id")
    for regular in regulars:
        found[regular.series_id].append(regular.person.name)
    return found


# This week at my doorstep


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happens, with what a neighbour wants to know of it. `service` is None where another mechanism holds it."""

    shown: Shown
    service: Service | None
    named: tuple[str, ...]
    url: str

    @property
    def occasion(self) -> Occasion:
        return self.shown.occasion

    @property
    def visitors(self) -> occasions.RolePlaces | None:
        """The places of those who come to it."""
        return next((each for each in self.shown.roles if each.role == PLACE), None)

    @property
    def is_off(self) -> bool:
        return self.occasion.state == Occasion.State.CANCELLED


@dataclass(frozen=True, slots=True)
class Day:
    on: date
    events: tuple[Event, ...]
    is_today: bool
    is_past: bool


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days from a Monday on; `ahead` is what has not ended yet, `nearby` what neighbours' estates offer to others too."""

    monday: date
    days: tuple[Day, ...]
    ahead: tuple[Event, ...]
    nearby: tuple[Event, ...]


def week_at(viewer: Viewer, *, place: Place, monday: date | None = None) -> Week:
    """This week at a place and below it, for its page, the lobby's board and the notice of a building. At most seven queries."""
    today, now = clock.today(), clock.now()
    first = monday or today - timedelta(days=today.weekday())
    begin = datetime.combine(first, time(0), clock.TOWN_ZONE)
    end = begin + timedelta(days=DAYS)
    events = events_of(occasions.between(viewer, place=place, since=begin, until=end))
    by_day: dict[date, list[Event]] = defaultdict(list)
    for event in events:
        by_day[event.occasion.starts_at.astimezone(clock.TOWN_ZONE).date()].append(event)
    days = tuple(
        Day(day, tuple(by_day[day]), is_today=day == today, is_past=day < today)
        for day in (first + timedelta(days=number) for number in range(DAYS))
    )
    ahead = tuple(event for event in events if event.occasion.ends_at > now)
    return Week(first, days, ahead, _nearby(place, max(begin, now), end) if place.kind == Place.Kind.ESTATE else ())


def events_between(viewer: Viewer, *, place: Place, since: datetime, until: datetime) -> list[Event]:
    """What begins at a place and below it in [since, until). At most five queries."""
    shown = occasions.between(viewer, place=place, since=since, until=until)
    return events_of([each for each in shown if each.occasion.starts_at >= since])


def events_of(shown: Sequence[Shown]) -> list[Event]:
    """Occasions with their services and who stands there. Two queries."""
    services = services_by_code(each.occasion.subject for each in shown if each.occasion.kind == "service")
    named = _named(each.occasion.series_id for each in shown)
    return [_event(each, services, named) for each in shown]


def _event(shown: Shown, services: dict[str, Service], named: dict[int, list[str]]) -> Event:
    occasion = shown.occasion
    service = services.get(occasion.subject) if occasion.kind == "service" else None
    return Event(shown, service, tuple(named.get(occasion.series_id or 0, ())), link_of(occasion))


def _nearby(place: Place, since: datetime, until: datetime) -> tuple[Event, ...]:
    """What other estates keep places for neighbours at. Two queries."""
    chosen = Occasion.objects.filter(
        kind="service", audience="public", state=Occasion.State.PLANNED, starts_at__gte=since, starts_at__lt=until,
        capacities__has_key=NEIGHBOUR,
    )  # fmt: skip
    elsewhere = chosen.exclude(Q(place__lineage=place.lineage) | Q(place__lineage__startswith=f"{place.lineage}/"))
    found = list(elsewhere.select_related("place__parent").order_by("starts_at", "id")[:NEARBY])
    services = services_by_code(each.subject for each in found)
    return tuple(_event(Shown(each, (), None), services, {}) for each in found)


# Sessions


@dataclass(frozen=True, slots=True)
class Session:
    """A session's page as a viewer sees it."""

    detail: occasions.Detail
    service: Service
    named: tuple[str, ...]
    team: bool
    came: Attendance | None
    said: bool
    stars: float | None
    opinions: int
    heads: occasions.HeadCount
    series: Series | None

    @property
    def occasion(self) -> Occasion:
        return self.detail.shown.occasion

    @property
    def mine(self) -> SignUp | None:
        return self.detail.shown.mine

    @property
    def serves(self) -> bool:
        """Came as one of the team: their hours count until they go."""
        return self.came is not None and self.came.role in team_roles()

    @property
    def may_say(self) -> bool:
        """Came, and has not said how it was."""
        return self.occasion.state == Occasion.State.HELD and self.came is not None and not self.said


def session_for(viewer: Viewer, code: str) -> Session | None:
    """The session of this code, if the viewer may know of it. A fixed number of queries."""
    detail = occasions.occasion_for(viewer, code)
    if detail is None or detail.shown.occasion.kind != "service":
        return None
    occasion = detail.shown.occasion
    service = service_by_code(occasion.subject)
    if service is None:
        return None
    came = Attendance.objects.filter(occasion=occasion, person_id=viewer.own_id).first() if viewer.signed_in else None
    said = Feedback.objects.filter(occasion=occasion).aggregate(stars=Avg("stars"), n=Count("id"))
    return Session(
        detail=detail,
        service=service,
        named=tuple(_named([occasion.series_id]).get(occasion.series_id or 0, ())),
        team=detail.shown.mine is not None and detail.shown.mine.role in team_roles(),
        came=came,
        said=came is not None and Feedback.objects.filter(occasion=occasion, once=feedback_digest(occasion.code, viewer.own_id)).exists(),
        stars=said["stars"],
        opinions=said["n"],
        heads=occasions.head_counts([occasion])[occasion.pk],
        series=occasion.series,
    )


def sessions_of(viewer: Viewer, service: Service, *, weeks: int = 5) -> list[Shown]:
    """The sessions of a service from now on, for some weeks."""
    now = clock.now()
    return occasions.of_subject(viewer, kind="service", subject=service.code, since=now, until=now + timedelta(weeks=weeks))


@dataclass(frozen=True, slots=True)
class ListLine:
    """A line of the list at the door; `needs_call`: no notice reaches them."""

    line: RosterLine
    needs_call: bool


def list_of(viewer: Viewer, occasion: Occasion) -> list[ListLine]:
    """The list of a session for those who run it. Raises NotAllowed. Three queries."""
    lines = occasions.roster(viewer, occasion)
    ids = [line.sign_up_id for line in lines if line.sign_up_id is not None]
    account = Account.objects.filter(person_id=OuterRef("person_id"), is_active=True)
    unreached = set(SignUp.objects.filter(pk__in=ids).exclude(Exists(account)).values_list("pk", flat=True))
    return [ListLine(line, line.sign_up_id in unreached) for line in lines]


def opinions_of(viewer: Viewer, occasion: Occasion) -> list[Feedback]:
    """What was said of a session, with names where given: for those who run it; nothing for others."""
    if not runs(viewer, occasion):
        return []
    return list(Feedback.objects.filter(occasion=occasion).select_related("person").order_by("-id"))


@dataclass(frozen=True, slots=True)
class Said:
    """A point as a viewer may read it, and why its words are out of sight for the others."""

    point: Point
    text: str
    hidden: Reason | None


def points_of(viewer: Viewer, occasion: Occasion) -> list[Said]:
    """What was said at a session: every point for those who run it, for others those that became public matters. What moderators hid, here
    or in that matter, is read on by those who run it and who said it. Two queries."""
    reads_all = runs(viewer, occasion)
    points = Point.objects.filter(occasion=occasion).select_related("matter", "speaker").order_by("id")
    if not reads_all:
        points = points.filter(matter__is_public=True)
    cases = hidden_words("point", occasion.code)
    said = []
    for point in points:
        case = cases.get(str(point.pk))
        code = case.reason if case is not None else point.matter.hidden_because if point.matter is not None else ""
        words = case.original.get("text", "") if case is not None else point.text
        own = viewer.is_me(point.speaker_id) or viewer.is_me(point.written_by_id)
        said.append(Said(point, words if not code or reads_all or own else "", reasons().get(code)))
    return said


@dataclass(frozen=True, slots=True)
class Speaker:
    """Somebody of a session's list under their own name; `key` stands for them in a form."""

    key: str
    name: str
    person_id: int


def speakers_of(viewer: Viewer, occasion: Occasion) -> list[Speaker]:
    """Who was there or was to come and may have said something, for those who run it; nobody who gave an alias, and no child. Two queries; each
    can see that their name was read."""
    if not runs(viewer, occasion):
        return []
    signed = SignUp.objects.filter(occasion=occasion, standing=Standing.CONFIRMED.value, alias="", is_child=False, person__isnull=False)
    came = Attendance.objects.filter(occasion=occasion, sign_up=None, alias="", person__isnull=False)
    found = [
        Speaker(f"s{each.pk}", each.person.name, each.person.pk) for each in signed.select_related("person").order_by("id") if each.person
    ]
    found += [
        Speaker(f"c{each.pk}", each.person.name, each.person.pk) for each in came.select_related("person").order_by("id") if each.person
    ]
    for each in found:
        viewer.note_read(kind="occasion", subject=occasion.code, about_person_id=each.person_id, why="roster")
    return found


def point_for(viewer: Viewer, point_id: int) -> Point | None:
    point = Point.objects.select_related("occasion__place").filter(pk=point_id).first()
    return point if point is not None and runs(viewer, point.occasion) else None


@dataclass(frozen=True, slots=True)
class Bench:
    """What those who run services look at: today's and the coming sessions, and those past of which nobody wrote a list."""

    today: tuple[Occasion, ...]
    coming: tuple[Occasion, ...]
    unwritten: tuple[Occasion, ...]
    services: tuple[Service, ...]


def bench_of(viewer: Viewer) -> Bench:
    """The sessions of the bodies one works for and of the series one stands at. Two queries."""
    mine = Q(body_id__in=viewer.bodies)
    regular = Regular.objects.filter(person_id=viewer.own_id, until=None).values("service_id")
    services = list(Service.objects.filter(mine | Q(pk__in=regular)).select_related("place", "body").distinct().order_by("id"))
    now = clock.now()
    begin = datetime.combine(clock.today(), time(0), clock.TOWN_ZONE)
    chosen = Occasion.objects.filter(
        kind="service", subject__in=[each.code for each in services], starts_at__gte=begin - timedelta(days=14),
        starts_at__lt=begin + timedelta(days=8),
    )  # fmt: skip
    found = list(chosen.exclude(state=Occasion.State.CANCELLED).select_related("place__parent").order_by("starts_at", "id"))
    return Bench(
        today=tuple(each for each in found if begin <= each.starts_at < begin + timedelta(days=1)),
        coming=tuple(each for each in found if each.starts_at >= begin + timedelta(days=1)),
        unwritten=tuple(each for each in found if each.ends_at < now and each.starts_at < begin and each.state == Occasion.State.PLANNED),
        services=tuple(services),
    )


# A person's own


@dataclass(frozen=True, slots=True)
class Hours:
    """Minutes at which somebody stood as one of the team: planned between two moments, and by coming and going."""

    planned: int
    actual: int
    sessions: int


def hours_of(viewer: Viewer, *, since: datetime, until: datetime) -> Hours:
    """A team member's own minutes: planned from their places, actual from when they came and went (where nobody wrote that they left, none).
    Two queries."""
    own = SignUp.objects.filter(
        person_id=viewer.own_id, role__in=team_roles(), standing=Standing.CONFIRMED.value, occasion__starts_at__gte=since,
        occasion__starts_at__lt=until,
    ).exclude(occasion__state=Occasion.State.CANCELLED)  # fmt: skip
    planned = sum(_minutes(starts, ends) for starts, ends in own.values_list("occasion__starts_at", "occasion__ends_at"))
    came = Attendance.objects.filter(
        person_id=viewer.own_id, role__in=team_roles(), left_at__isnull=False, occasion__starts_at__gte=since, occasion__starts_at__lt=until
    )
    spans = list(came.values_list("came_at", "left_at"))
    return Hours(planned=planned, actual=sum(_minutes(begin, end) for begin, end in spans if end), sessions=len(spans))


def _minutes(begin: datetime, end: datetime) -> int:
    return int((end - begin).total_seconds()) // 60


def my_calendar(viewer: Viewer) -> list[occasions.Appointment]:
    """One's own places and those one signed others up for, from today on."""
    begin = datetime.combine(clock.today(), time(0), clock.TOWN_ZONE)
    return occasions.calendar_of(viewer, since=begin, until=begin + timedelta(days=120))


def person_of_calendar(name: str) -> Person | None:
    """Whose feed this key names."""
    key = CalendarKey.objects.select_related("person").filter(person__erased_at=None, name=name).first()
    return key.person if key else None


@dataclass(frozen=True, slots=True)
class Readings:
    """Readings with the viewer's part in them: their own, and those they took."""

    consented: bool
    own: tuple[Reading, ...]
    taken: tuple[Reading, ...]


def readings_of(viewer: Viewer) -> Readings:
    """One's own readings and those one took of others; each of the latter is noted as read. Two queries."""
    if not viewer.signed_in:
        return Readings(False, (), ())
    near = Q(person_id=viewer.own_id) | Q(mentor_id=viewer.own_id)
    found = list(
        Reading.objects.filter(near, delete_on__gt=clock.today())
        .select_related("person", "mentor", "occasion__place")
        .order_by("-taken_at")[:200]
    )
    taken = tuple(each for each in found if each.person_id != viewer.person_id)
    for each in taken:
        viewer.note_read(kind="reading", subject=str(each.pk), about_person_id=each.person_id, why="care")
    return Readings(
        ReadingConsent.objects.filter(person_id=viewer.own_id, withdrawn_at=None).exists(),
        tuple(each for each in found if each.person_id == viewer.person_id),
        taken,
    )


def visits_of(viewer: Viewer, service: Service) -> list[HomeVisit]:
    """The home visits of a service, for those who run it; each person named is noted as read. Empty for others."""
    if not runs_service(viewer, service):
        return []
    found = list(HomeVisit.objects.filter(service=service).select_related("place", "visited", "visitor").order_by("-visited_at")[:200])
    for each in found:
        viewer.note_read(kind="service", subject=service.code, about_person_id=each.visited_id, why="visit")
    return found


def visit_for(viewer: Viewer, visit_id: int) -> HomeVisit | None:
    visit = HomeVisit.objects.select_related("service__place").filter(pk=visit_id).first()
    if visit is None or not (runs_service(viewer, visit.service) or (viewer.signed_in and viewer.person_id == visit.visited_id)):
        return None
    return visit


# Figures


@dataclass(frozen=True, slots=True)
class Figures:
    """A place's services in a span of time, figures only: sessions held, heads that came. Never a reading."""

    held: int
    heads: int


def figures_at(place: Place, *, since: datetime, until: datetime) -> Figures:
    """Two queries."""
    here = Q(place__lineage=place.lineage) | Q(place__lineage__startswith=f"{place.lineage}/")
    held = Occasion.objects.filter(here, kind="service", state=Occasion.State.HELD, starts_at__gte=since, starts_at__lt=until)
    unnamed = dict(held.values_list("pk", "unnamed"))
    came = Attendance.objects.filter(occasion_id__in=held.values("pk")).exclude(role__in=team_roles()).count()
    return Figures(held=len(unnamed), heads=came + sum(unnamed.values()))


@dataclass(frozen=True, slots=True)
class TakingPart:
    """What came of a place's services in a year: sessions held, people who came, and from how many of all flats; None below the floor."""

    held: int
    heads: int
    homes: int | None
    all_homes: int
    floor: int


def taking_part_at(place: Place) -> TakingPart:
    """The last 365 days, figures only. Whoever came without a name counts as a head and for no flat. Four queries."""
    today, now = clock.today(), clock.now()
    since = now - timedelta(days=365)
    figures = figures_at(place, since=since, until=now)
    here = Q(occasion__place__lineage=place.lineage) | Q(occasion__place__lineage__startswith=f"{place.lineage}/")
    came = Attendance.objects.filter(
        here, occasion__kind="service", occasion__state=Occasion.State.HELD, occasion__starts_at__gte=since, person__isnull=False
    ).exclude(role__in=team_roles())
    homes, all_homes = homes_with(place, came.values("person_id"))
    floor = _number("services.group_floor", place, today)
    return TakingPart(figures.held, figures.heads, homes if homes >= floor or homes == 0 else None, all_homes, floor)


def bodies_to_offer(viewer: Viewer) -> list[Body]:
    """The bodies for which this viewer may offer a service."""
    ids = viewer.bodies
    return list(Body.objects.filter(pk__in=ids, ended_on=None).select_related("place").order_by("id"))


# The rota


@dataclass(frozen=True, slots=True)
class RotaShown:
    """A rota with its places in order of time, and whom one could put there."""

    rota: Rota
    places: tuple[RotaPlace, ...]
    mentors: tuple[Person, ...]

    @property
    def empty(self) -> int:
        return sum(1 for place in self.places if place.person_id is None)


def rotas_of(viewer: Viewer) -> list[Rota]:
    """The rotas of the bodies one works for, the latest first. One query."""
    ids = viewer.bodies
    return list(Rota.objects.filter(body_id__in=ids).select_related("body").order_by("-id")[:30])


def rota_for(viewer: Viewer, rota_id: int) -> RotaShown | None:
    """A rota, for those who work for its body. Three queries."""
    rota = Rota.objects.select_related("body__place").filter(pk=rota_id).first()
    if rota is None or rota.body_id not in viewer.bodies:
        return None
    places = RotaPlace.objects.filter(rota=rota).select_related("occasion__place__parent", "person").order_by("occasion__starts_at", "id")
    mentors = Person.objects.filter(pk__in=MentorTerms.objects.values("person_id"), erased_at=None).order_by("id")
    return RotaShown(rota, tuple(places), tuple(mentors))


@dataclass(frozen=True, slots=True)
class MyPlace:
    """A place one has in a published rota, and what one could ask for in return: the places of others in the same rota, and its people."""

    sign_up: SignUp
    rota: Rota
    others: tuple[tuple[SignUp, Person], ...]
    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class MyRota:
    """One's places to come in published rotas, the offers made to one and those one made."""

    places: tuple[MyPlace, ...]
    to_me: tuple[Swap, ...]
    by_me: tuple[Swap, ...]


def my_rota(viewer: Viewer) -> MyRota:
    """For whoever stands in published rotas: who else stands there, by name, is known to them alone. Five queries."""
    now, me = clock.now(), viewer.own_id
    mine = RotaPlace.objects.filter(rota__state=Rota.State.PUBLISHED, person_id=me, occasion__starts_at__gt=now).values("rota_id")
    ahead = RotaPlace.objects.filter(
        rota_id__in=mine, person__isnull=False, occasion__starts_at__gt=now, occasion__state=Occasion.State.PLANNED
    ).select_related("rota__body", "person", "occasion__place__parent")
    rows = list(ahead.order_by("occasion__starts_at", "id"))
    confirmed = SignUp.objects.filter(
        occasion_id__in={each.occasion_id for each in rows}, standing=Standing.CONFIRMED.value, role__in=team_roles()
    ).select_related("occasion__place__parent")
    by_key = {(each.occasion_id, each.role, each.person_id): each for each in confirmed}
    held = [(each, by_key[key]) for each in rows if (key := (each.occasion_id, each.role, each.person_id)) in by_key]
    places = tuple(
        MyPlace(
            sign_up=sign_up,
            rota=row.rota,
            others=tuple((s, r.person) for r, s in held if r.rota_id == row.rota_id and r.person and r.person_id != me),
            people=tuple({r.person_id: r.person for r in rows if r.rota_id == row.rota_id and r.person and r.person_id != me}.values()),
        )
        for row, sign_up in held
        if row.person_id == me
    )
    offers = Swap.objects.filter(Q(to_id=me) | Q(by_id=me), state=Swap.State.OPEN, given__occasion__starts_at__gt=now)
    found = list(offers.select_related("by", "to", "given__occasion__place__parent", "wanted__occasion__place__parent").order_by("id"))
    return MyRota(places, tuple(each for each in found if each.to_id == me), tuple(each for each in found if each.by_id == me))


def swap_for(viewer: Viewer, swap_id: int) -> Swap | None:
    """An offer, for the two it is between."""
    found = Swap.objects.filter(pk=swap_id).first()
    return found if found is not None and viewer.signed_in and viewer.person_id in (found.by_id, found.to_id) else None


@dataclass(frozen=True, slots=True)
class Travel:
    """The sites of one's coming sessions; from one of them the ways to the others, in minutes, None where the town's table says nothing."""

    sites: tuple[Place, ...]
    site: Place | None
    ways: tuple[tuple[Place, int | None], ...]
    otherwise: int


def travel_from(viewer: Viewer, code: str) -> Travel:
    """The ways from a site, for those who make a rota; without a code from the first. Three queries."""
    bodies = viewer.bodies
    now = clock.now()
    planned = Occasion.objects.filter(
        kind="service", subject__in=Service.objects.filter(body_id__in=bodies).values("code"), state=Occasion.State.PLANNED,
        starts_at__gt=now, starts_at__lt=now + timedelta(weeks=9),
    )  # fmt: skip
    sites = list(Place.objects.filter(pk__in=planned.values("place_id")).select_related("parent").order_by("lineage"))
    site = next((each for each in sites if not code or each.code == code), None)
    known: dict[int, int] = {}
    if site is not None:
        for one, other, minutes in TravelTime.objects.filter(Q(one=site) | Q(other=site)).values_list("one_id", "other_id", "minutes"):
            known[other if one == site.pk else one] = minutes
    return Travel(
        sites=tuple(sites),
        site=site,
        ways=tuple((each, known.get(each.pk)) for each in sites if site is not None and each.pk != site.pk),
        otherwise=_number("services.travel_minutes", site, clock.today()) if site is not None else 0,
    )


def my_terms(viewer: Viewer) -> MentorTerms | None:
    return MentorTerms.objects.filter(person_id=viewer.own_id).first()


# Coverage


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """A building on the coverage page. `groups`: name and count, None below the floor."""

    building: Place
    households: int
    reach: tuple[tuple[Kind, Reach], ...]
    groups: tuple[tuple[str, int | None], ...]
    is_silent: bool


@dataclass(frozen=True, slots=True)
class CoverageShown:
    """Who is reached at an estate: rows by building, households reached by kind, where the next clinic would reach most, and the plan's points.
    `groups`: by kind each group's people reached and all; `elsewhere`: places of other estates that the town's table brings within reach;
    `measured`: how many ways of it count here."""

    rows: tuple[CoverageRow, ...]
    reached: tuple[tuple[Kind, int], ...]
    households: int
    silent: int
    candidates: tuple[tuple[Place, int], ...]
    limits: Limits
    stops: tuple[Place, ...]
    not_on_plan: tuple[Place, ...]
    groups: tuple[tuple[Kind, tuple[tuple[str, int, int], ...]], ...]
    elsewhere: tuple[Place, ...]
    measured: int


def coverage_of(place: Place) -> CoverageShown:
    """How far every building of an estate is from the services, figures only. A fixed number of queries."""
    today, now = clock.today(), clock.now()
    limits = Limits(
        metres=_number("services.walk_metres", place, today),
        days=_number("services.reach_days", place, today),
        floor=_number("services.group_floor", place, today),
    )
    inside = list(Place.objects.filter(parent=place, closed_on=None).order_by("position", "id"))
    buildings = [each for each in inside if each.kind == Place.Kind.BUILDING and each.plan_x is not None]
    venues = [each for each in inside if each.kind == Place.Kind.VENUE and each.plan_x is not None]
    flats = flats_by_building(place)
    groups: dict[int, dict[str, int]] = defaultdict(dict)
    for count in GroupCount.objects.filter(building__in=buildings):
        groups[count.building_id][count.group] = count.people
    ways = list(WalkDistance.objects.filter(building__in=buildings).select_related("building", "stop__parent"))
    table = {(each.building.code, each.stop.code): each.metres for each in ways}
    beyond = {each.stop.pk: each.stop for each in ways if each.stop.pk not in {venue.pk for venue in venues}}
    stops = _stops([*venues, *beyond.values()], now, off_plan=set(beyond))
    homes = [Home(each.code, *_point(each), flats.get(each.pk, 0), groups[each.pk]) for each in buildings]
    found = coverage(homes, stops, limits, table=table)
    silent = _silent(place, buildings, today)
    by_code = {each.code: each for each in inside}
    rows = tuple(
        CoverageRow(
            building=by_code[row.home.id],
            households=row.home.households,
            reach=tuple((kinds()[kind], reach) for kind, reach in row.reach.items()),
            groups=tuple((str(GroupCount.Group(name).label), count) for name, count in row.groups.items()),
            is_silent=by_code[row.home.id].pk in silent,
        )
        for row in found.rows
    )
    best = where_next(found, "clinic", [(each.code, *_point(each)) for each in (*venues, *buildings)], limits, table=table)[:3]
    labels = {str(code): str(label) for code, label in GroupCount.Group.choices}
    on_plan, off_plan = {each.code: each for each in venues}, {each.code: each for each in beyond.values()}
    codes = list(dict.fromkeys(stop.id for stop in stops))
    return CoverageShown(
        rows=rows,
        reached=tuple((kinds()[kind], n) for kind, n in found.reached.items()),
        households=found.households,
        silent=len(silent),
        candidates=tuple((by_code[each.id], each.gain) for each in best if each.gain),
        limits=limits,
        stops=tuple(on_plan[code] for code in codes if code in on_plan),
        not_on_plan=tuple(each for each in inside if each.kind in (Place.Kind.BUILDING, Place.Kind.VENUE) and each.plan_x is None),
        groups=tuple(
            (kinds()[kind], tuple((labels[name], *people[name]) for name in labels if name in people))
            for kind, people in found.groups.items()
            if people
        ),
        elsewhere=tuple(off_plan[code] for code in codes if code in off_plan),
        measured=len(ways),
    )


@dataclass(frozen=True, slots=True)
class Counted:
    """What is counted in the buildings of an estate: per building, each group with its count, None where nobody counted."""

    rows: tuple[tuple[Place, tuple[tuple[str, str, int | None], ...]], ...]
    counted_on: date | None
    floor: int


def counts_of(viewer: Viewer, estate: Place) -> Counted | None:
    """The counts themselves, for those who count; None for others. Two queries."""
    if not may_count(viewer, estate):
        return None
    buildings = list(Place.objects.filter(parent=estate, kind=Place.Kind.BUILDING, closed_on=None).order_by("position", "id"))
    kept = list(GroupCount.objects.filter(building__in=buildings))
    people = {(each.building_id, each.group): each.people for each in kept}
    groups = [(str(code), str(label)) for code, label in GroupCount.Group.choices]
    return Counted(
        rows=tuple((each, tuple((code, label, people.get((each.pk, code))) for code, label in groups)) for each in buildings),
        counted_on=max((each.counted_on for each in kept), default=None),
        floor=_number("services.group_floor", estate, clock.today()),
    )


@dataclass(frozen=True, slots=True)
class Measured:
    """The town's own metres from the buildings of an estate to one place of services; `stops`: which places there are to choose from."""

    stops: tuple[Place, ...]
    stop: Place | None
    rows: tuple[tuple[Place, int | None], ...]


def distances_of(viewer: Viewer, estate: Place, code: str) -> Measured | None:
    """For those who count; None for others. The places of public sessions ahead in the whole town, those of the estate first, and its venues.
    Four queries."""
    if not may_count(viewer, estate):
        return None
    now = clock.now()
    ahead = Occasion.objects.filter(
        kind="service", state=Occasion.State.PLANNED, audience="public", starts_at__gt=now, starts_at__lt=now + timedelta(weeks=9)
    )
    own = Q(parent=estate, kind=Place.Kind.VENUE)
    places = Place.objects.filter(Q(pk__in=ahead.values("place_id")) | own, closed_on=None).select_related("parent").order_by("lineage")
    stops = sorted(places, key=lambda each: estate.code not in each.codes)[:MOST_STOPS]
    stop = next((each for each in stops if not code or each.code == code), None)
    buildings = list(Place.objects.filter(parent=estate, kind=Place.Kind.BUILDING, closed_on=None).order_by("position", "id"))
    known = dict(WalkDistance.objects.filter(building__in=buildings, stop=stop).values_list("building_id", "metres")) if stop else {}
    return Measured(tuple(stops), stop, tuple((each, known.get(each.pk)) for each in buildings))


def _number(key: str, place: Place, on: date) -> int:
    return int(value_of(key, place_lineage_localities=place.localities, on=on).number)


def _point(place: Place) -> tuple[int, int]:
    """Centimetres on the plan."""
    return int((place.plan_x or 0) * 100), int((place.plan_y or 0) * 100)


def _stops(venues: Sequence[Place], now: datetime, *, off_plan: set[int]) -> list[Stop]:
    """Each kind of service at each venue with the days to its next date; those off this plan without a point. Two queries."""
    ahead = Occasion.objects.filter(
        kind="service", place__in=venues, state=Occasion.State.PLANNED, audience="public", starts_at__gt=now
    ).order_by("starts_at")
    services = services_by_code(set(ahead.values_list("subject", flat=True)))
    by_id = {each.pk: each for each in venues}
    soonest: dict[tuple[int, str], datetime] = {}
    for place_id, subject, starts_at in ahead.values_list("place_id", "subject", "starts_at"):
        if subject in services:
            soonest.setdefault((place_id, services[subject].kind), starts_at)
    today = now.astimezone(clock.TOWN_ZONE).date()
    points: dict[int, tuple[int | None, int | None]] = {pk: (None, None) if pk in off_plan else _point(each) for pk, each in by_id.items()}
    return [
        Stop(by_id[place_id].code, kind, points[place_id][0], points[place_id][1], (at.astimezone(clock.TOWN_ZONE).date() - today).days)
        for (place_id, kind), at in soonest.items()
    ]


def _silent(place: Place, buildings: Sequence[Place], today: date) -> set[int]:
    """Buildings from which nobody who lives or holds a unit there took part in anything for so many days."""
    since = datetime.combine(today - timedelta(days=_number("services.silent_days", place, today)), time(0), clock.TOWN_ZONE)
    return {each.pk for each in buildings} - buildings_with_part(place, since)


def took_part(since: datetime) -> set[int]:
    """Who signed up for anything or came to it since: of `register_participation`. Two queries."""
    signed_up = SignUp.objects.filter(signed_up_at__gte=since, person__isnull=False).values_list("person_id", flat=True)
    came = Attendance.objects.filter(came_at__gte=since, person__isnull=False).values_list("person_id", flat=True)
    return {each for each in (*signed_up, *came) if each is not None}


# What somebody came to


def own_parts(viewer: Viewer, most: int) -> list[Part]:
    """Sessions somebody came to as a neighbour; what they gave as one of the team stands in the hours book. Not those that touch their health or
    are come to without a name: a proof is handed on. Two queries."""
    if not viewer.signed_in:
        return []
    shown = [code for code, kind in kinds().items() if not (kind.readings or kind.alias or kind.home)]
    offered = Service.objects.filter(kind__in=shown).values("code")
    came = Attendance.objects.filter(person_id=viewer.own_id, occasion__kind="service", occasion__subject__in=offered)
    return [
        Part(
            "came",
            each.came_at,
            "",
            named(each.occasion.title, each.occasion.title_en) if each.occasion.audience == PUBLIC else "",
            f"/sessions/{each.occasion.code}",
        )
        for each in came.exclude(role__in=team_roles()).select_related("occasion").order_by("-came_at")[:most]
    ]
