"""What is offered, when, and who stands there regularly."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.identity.models import Person
from doorstep.foundation.journal.actions import SYSTEM, Actor, writing
from doorstep.foundation.occasions import actions as occasions
from doorstep.foundation.occasions.models import Occasion, Series, SignUp
from doorstep.foundation.occasions.rules.waiting import LIVE, Standing
from doorstep.foundation.places.models import Place
from doorstep.organisations.models import Body
from doorstep.services.actions.common import NotAllowed, ServiceEnded, by_post, note, town_day
from doorstep.services.actions.qualified import LicenceMissing, require_qualified
from doorstep.services.codes import kinds, roles, team_roles
from doorstep.services.models import Regular, Service
from doorstep.services.permissions import works_for
from doorstep.talents.codes import licences as licences_known


class CodeTaken(Exception):
    """Another service has this code."""


class UnknownCode(Exception):
    """No kind, role or licence of this code."""


def offer_service(
    *,
    by: Actor,
    code: str,
    kind: str,
    name: str,
    name_en: str = "",
    says: str = "",
    says_en: str = "",
    body: Body,
    place: Place,
    licences: Mapping[str, str] | None = None,
    filing_number: str = "",
    happened_at: datetime | None = None,
) -> Service:
    """Put a service into the catalogue. Whether `by` works for the body the caller has asked. Raises CodeTaken, UnknownCode."""
    if kind not in kinds():
        raise UnknownCode(kind)
    _check_licences(licences or {})
    at = happened_at or clock.now()
    with writing():
        if Service.objects.filter(code=code).exists():
            raise CodeTaken(code)
        service = Service.objects.create(
            code=code,
            kind=kind,
            name=name.strip(),
            name_en=name_en.strip(),
            says=says.strip(),
            says_en=says_en.strip(),
            body=body,
            place=place,
            licences=dict(licences or {}),
            filing_number=filing_number.strip(),
            created_at=at,
            changed_at=at,
        )
        note(service, "offer", by, at, detail={"kind": kind, "body": body.code})
    return service


def change_service(
    *,
    viewer: Viewer,
    service: Service,
    name: str,
    name_en: str,
    says: str,
    says_en: str,
    filing_number: str,
    licences: Mapping[str, str],
    happened_at: datetime | None = None,
) -> Service:
    """Say otherwise what a service is called, what to expect, and which licences its roles ask for beyond their own. Dates that are set out keep
    their title. Nothing is recorded where nothing changed. Raises NotAllowed, UnknownCode."""
    _check_licences(licences)
    at = happened_at or clock.now()
    new = {
        "name": name.strip(), "name_en": name_en.strip(), "says": says.strip(), "says_en": says_en.strip(), "filing_number": filing_number.strip(),
        "licences": dict(licences),
    }  # fmt: skip
    with writing():
        service = _worked(viewer, service, "change_service")
        changed = [field for field, value in new.items() if getattr(service, field) != value]
        if changed:
            for field in changed:
                setattr(service, field, new[field])
            service.changed_at = at
            service.save(update_fields=[*changed, "changed_at"])
            note(service, "change_service", by_post(viewer, service), at, detail={"changed": sorted(changed)})
    return service


def set_status(*, viewer: Viewer, service: Service, status: str, words: str = "") -> Service:
    """Say that a service goes on, is closed for now, or is no more: then its series end today and what was still to come is called off, with
    these words for those signed up. While it is closed nobody signs up. Raises NotAllowed, ServiceEnded for one that is no more."""
    at = clock.now()
    with writing():
        service = _worked(viewer, service, "set_status")
        if service.status == Service.Status.DEFUNCT:
            raise ServiceEnded(service.code)
        service.status, service.changed_at = Service.Status(status).value, at
        service.save(update_fields=["status", "changed_at"])
        if service.status == Service.Status.DEFUNCT:
            _end_dates(viewer, service, words)
        note(service, "set_status", by_post(viewer, service), at, detail={"status": service.status})
    return service


def _end_dates(viewer: Viewer, service: Service, words: str) -> None:
    for series in Series.objects.filter(kind="service", subject=service.code, ended_at=None).order_by("id"):
        occasions.end_series(viewer=viewer, series=series, last_day=clock.today(), words=words)
    Regular.objects.filter(service=service, until=None).update(until=clock.today())
    left = Occasion.objects.filter(kind="service", subject=service.code, state=Occasion.State.PLANNED, starts_at__gt=clock.now())
    for occasion in left.order_by("id"):
        occasions.cancel_occasion(viewer=viewer, occasion=occasion, reason="service_ended", words=words)


def _worked(viewer: Viewer, service: Service, what: str) -> Service:
    """The service, locked, for those who work for its body."""
    service = Service.objects.select_for_update(of=("self",)).select_related("place", "body").get(pk=service.pk)
    if not works_for(viewer, service.body):
        raise NotAllowed(what)
    return service


def _check_licences(asked: Mapping[str, str]) -> None:
    for role, licence in asked.items():
        if role not in team_roles() or licence not in licences_known():
            raise UnknownCode(role)


def plan_series(
    *,
    by: Actor,
    service: Service,
    place: Place,
    first: date,
    start: time,
    minutes: int,
    rule: str,
    capacities: Mapping[str, int | None],
    title: str = "",
    title_en: str = "",
    skips_holidays: bool = True,
    happened_at: datetime | None = None,
) -> Series:
    """Begin a series of a service. Raises what `occasions.create_series` raises, and UnknownCode."""
    _check_roles(capacities)
    return occasions.create_series(
        by=by,
        kind="service",
        subject=service.code,
        run_by=service.runners,
        title=title or service.name,
        title_en=title_en or service.name_en,
        place=place,
        first=first,
        start=start,
        minutes=minutes,
        rule=rule,
        skips_holidays=skips_holidays,
        capacities=capacities,
        is_for_children=service.sort.children,
        happened_at=happened_at,
    )


def plan_session(
    *,
    by: Actor,
    service: Service,
    place: Place,
    starts_at: datetime,
    minutes: int,
    capacities: Mapping[str, int | None],
    title: str = "",
    title_en: str = "",
    happened_at: datetime | None = None,
) -> Occasion:
    """Plan one session: a forum, a bazaar. Raises what `occasions.plan_occasion` raises, and UnknownCode."""
    _check_roles(capacities)
    return occasions.plan_occasion(
        by=by,
        kind="service",
        subject=service.code,
        run_by=service.runners,
        title=title or service.name,
        title_en=title_en or service.name_en,
        place=place,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=minutes),
        capacities=capacities,
        is_for_children=service.sort.children,
        happened_at=happened_at,
    )


def _check_roles(capacities: Mapping[str, int | None]) -> None:
    unknown = [role for role in capacities if role not in roles()]
    if unknown:
        raise UnknownCode(unknown[0])


def stand_regularly(
    *,
    viewer: Viewer,
    service: Service,
    series: Series,
    person: Person,
    role: str,
    since: date,
    is_named: bool = False,
    happened_at: datetime | None = None,
) -> Regular:
    """Somebody stands at every session of a series from a day on; those set out already are theirs at once. Raises NotAllowed, LicenceMissing."""
    at = happened_at or clock.now()
    with writing():
        if not works_for(viewer, service.body):
            raise NotAllowed("stand_regularly")
        if role not in roles():
            raise UnknownCode(role)
        require_qualified(service, role, person.pk, max(since, clock.today()), name=person.name)
        regular, _made = Regular.objects.get_or_create(
            series=series, person=person, until=None, defaults={"service": service, "role": role, "since": since, "is_named": is_named}
        )
        note(service, "stand_regularly", by_post(viewer, service), at, detail={"role": role, "series": series.code})
    seat_regulars(series=series)
    return regular


def end_standing(*, viewer: Viewer, regular: Regular, until: date) -> Regular:
    """Somebody no longer stands there after a day: the places they have at later sessions of the series fall free. Raises NotAllowed."""
    at = clock.now()
    with writing():
        service = Service.objects.select_related("body", "place").get(pk=regular.service_id)
        if not (works_for(viewer, service.body) or viewer.person_id == regular.person_id):
            raise NotAllowed("end_standing")
        regular.until = until
        regular.save(update_fields=["until"])
        after = max(clock.now(), datetime.combine(until + timedelta(days=1), time(0), clock.TOWN_ZONE))
        taken = SignUp.objects.filter(
            occasion__series_id=regular.series_id, person_id=regular.person_id, role=regular.role, standing__in=sorted(LIVE),
            occasion__state=Occasion.State.PLANNED, occasion__starts_at__gt=after,
        )  # fmt: skip
        for sign_up in taken.order_by("occasion_id"):
            occasions.cancel_sign_up(viewer=viewer, sign_up=sign_up)
        note(service, "end_standing", by_post(viewer, service), at, detail={"role": regular.role, "until": until.isoformat()})
    return regular


def seat_regulars(*, series: Series | None = None) -> int:
    """Sign the regulars up for the sessions set out since; how many places were given. A tick of the worker.

    Whoever has not on the day what the role asks for, has another place then, or left that session is not seated.
    """
    today, now = clock.today(), clock.now()
    regulars = Regular.objects.filter(until=None).select_related("service__place", "service__body", "person").order_by("id")
    if series is not None:
        regulars = regulars.filter(series=series)
    seated = 0
    for regular in regulars:
        known = SignUp.objects.filter(occasion__series_id=regular.series_id, person_id=regular.person_id).values("occasion_id")
        ahead = Occasion.objects.filter(series_id=regular.series_id, state=Occasion.State.PLANNED, starts_at__gt=now)
        for occasion in ahead.exclude(pk__in=known).order_by("starts_at"):
            if occasion.starts_at.astimezone(clock.TOWN_ZONE).date() < max(regular.since, today):
                continue
            seated += give_place(service=regular.service, occasion=occasion, person_id=regular.person_id, role=regular.role, by=SYSTEM)
    return seated


def give_place(*, service: Service, occasion: Occasion, person_id: int, role: str, by: Actor) -> bool:
    """Put somebody of the team into their place at a session; False where it is taken, they have another place then, or not what the role
    asks for on the day."""
    with writing():
        try:
            require_qualified(service, role, person_id, town_day(occasion.starts_at))
        except LicenceMissing:
            return False
        # Locked as `occasions` does it: the person, then the occasion.
        Person.objects.select_for_update(no_key=True, of=("self",)).get(pk=person_id)
        locked = Occasion.objects.select_for_update(no_key=True, of=("self",)).select_related("place").get(pk=occasion.pk)
        live = SignUp.objects.filter(standing__in=sorted(LIVE))
        capacity = locked.capacities.get(role, 0)
        confirmed = live.filter(person_id=person_id, standing=Standing.CONFIRMED.value)
        busy = confirmed.filter(occasion__starts_at__lt=locked.ends_at, occasion__ends_at__gt=locked.starts_at)
        if busy.exclude(occasion__state=Occasion.State.CANCELLED).exists():
            return False
        if capacity is not None and live.filter(occasion=locked, role=role).count() >= capacity:
            return False
        at = clock.now()
        SignUp.objects.create(
            occasion=locked,
            role=role,
            person_id=person_id,
            entered_by_id=by.person_id,
            standing=Standing.CONFIRMED.value,
            signed_up_at=at,
            changed_at=at,
        )
        note(service, "seat", by, at, audience=service.runners, detail={"occasion": locked.code, "role": role})
    return True
