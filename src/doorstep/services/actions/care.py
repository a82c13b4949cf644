"""Home visits, and readings somebody wants kept."""

from datetime import date, datetime

from dateutil.relativedelta import relativedelta

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.identity.actions import create_person
from doorstep.foundation.identity.consents import WitnessMissing
from doorstep.foundation.identity.models import How
from doorstep.foundation.journal.actions import SYSTEM, actor_of, record, writing
from doorstep.foundation.notify.actions import tell
from doorstep.foundation.occasions.models import Attendance, Occasion, SignUp
from doorstep.foundation.occasions.permissions import runs
from doorstep.foundation.places.models import Place
from doorstep.foundation.places.queries import town
from doorstep.services.actions.common import LONGEST_WORDS, NotAllowed, by_post, note, number_of, service_of, town_day
from doorstep.services.actions.qualified import require_qualified
from doorstep.services.actions.sessions import NotAStar
from doorstep.services.codes import team_roles
from doorstep.services.models import HomeVisit, Reading, ReadingConsent, Service
from doorstep.services.permissions import runs_service


class NoConsent(Exception):
    """Readings are kept only for who asked for it, separately (PIPL art. 29)."""


class NotAReading(Exception):
    """Not a blood pressure: outside what can be measured, or the upper not above the lower."""


def record_visit(
    *,
    viewer: Viewer,
    service: Service,
    place: Place,
    visited_at: datetime,
    minutes: int,
    name: str = "",
    alias: str = "",
    words: str = "",
    happened_at: datetime | None = None,
) -> HomeVisit:
    """Write down a visit by whoever made it. Raises NotAllowed."""
    at = happened_at or clock.now()
    with writing():
        if not runs_service(viewer, service) or viewer.person_id is None:
            raise NotAllowed("record_visit")
        visited_id = create_person(name=name.strip()).pk if name.strip() else None
        visit = HomeVisit.objects.create(
            service=service,
            place=place,
            visited_id=visited_id,
            alias=alias.strip()[:40] if visited_id else (alias.strip() or "—")[:40],
            visitor_id=viewer.person_id,
            visited_at=visited_at,
            minutes=minutes,
            words=words.strip()[:LONGEST_WORDS],
            recorded_at=at,
        )
        note(service, "visit", by_post(viewer, service), at, audience=service.runners, detail={"visit": visit.pk, "place": place.code})
    return visit


def say_of_visit(*, viewer: Viewer, visit: HomeVisit, stars: int) -> HomeVisit:
    """What the one visited said of it: asked by somebody else of the team than who visited, or by themselves. Raises NotAllowed, NotAStar."""
    at = clock.now()
    with writing():
        service = Service.objects.select_related("body", "place").get(pk=visit.service_id)
        is_own = viewer.signed_in and viewer.person_id == visit.visited_id
        if not is_own and (not runs_service(viewer, service) or viewer.person_id == visit.visitor_id):
            raise NotAllowed("say_of_visit")
        if not 1 <= stars <= 5:
            raise NotAStar(stars)
        visit.stars, visit.stars_by_id = stars, viewer.person_id
        visit.save(update_fields=["stars", "stars_by"])
        note(service, "visit_stars", by_post(viewer, service), at, audience=service.runners, detail={"visit": visit.pk, "stars": stars})
    return visit


# Readings: not kept unless their person said so, in an act of its own.


def consent_to_readings(*, viewer: Viewer) -> ReadingConsent:
    """Say that one's readings are kept, for oneself and the mentor who takes them."""
    if viewer.person_id is None:
        raise NotAllowed("consent")
    at = clock.now()
    with writing():
        consent, fresh = ReadingConsent.objects.get_or_create(person_id=viewer.person_id, withdrawn_at=None, defaults={"given_at": at})
        if fresh:
            _note_own(viewer, "reading_consent", at)
    return consent


def enter_consent(*, viewer: Viewer, occasion: Occasion, person_id: int, witness: str, kept_where: str) -> ReadingConsent:
    """Enter a consent that somebody who came signed on paper, with who saw it and where the paper is kept: by who runs the session. One already
    running stays as it was given. Raises NotAllowed, WitnessMissing."""
    at = clock.now()
    witness, kept_where = witness.strip()[:80], kept_where.strip()[:120]
    with writing():
        if viewer.person_id is None or not runs(viewer, occasion) or not service_of(occasion).sort.readings:
            raise NotAllowed("enter_consent")
        if not Attendance.objects.filter(occasion=occasion, person_id=person_id).exists():
            raise NotAllowed("enter_consent")
        if not witness or not kept_where:
            raise WitnessMissing
        consent, fresh = ReadingConsent.objects.get_or_create(
            person_id=person_id,
            withdrawn_at=None,
            defaults={
                "how": How.PAPER.value, "witness": witness, "kept_where": kept_where, "entered_by_id": viewer.person_id, "given_at": at,
            },
        )  # fmt: skip
        if fresh:
            entry = record(
                verb="reading_consent", kind="reading", subject=f"person:{person_id}", place=occasion.place,
                by=actor_of(viewer, on_behalf_of_id=person_id, channel="counter"), audience=f"person:{person_id}", detail={"how": "paper"},
                happened_at=at,
            )  # fmt: skip
            tell(entry=entry, to=[f"person:{person_id}"])
    return consent


def withdraw_consent(*, viewer: Viewer) -> int:
    """Take it back: what was kept is deleted at once; how many readings."""
    if viewer.person_id is None:
        raise NotAllowed("withdraw_consent")
    at = clock.now()
    with writing():
        ReadingConsent.objects.filter(person_id=viewer.person_id, withdrawn_at=None).update(withdrawn_at=at)
        deleted, _by_model = Reading.objects.filter(person_id=viewer.person_id).delete()
        _note_own(viewer, "reading_withdrawn", at)
    return deleted


def _note_own(viewer: Viewer, verb: str, at: datetime) -> None:
    top = town()
    if top is None:
        raise NotAllowed(verb)
    record(
        verb=verb, kind="reading", subject=f"person:{viewer.person_id}", place=top, by=actor_of(viewer), audience=f"person:{viewer.person_id}",
        happened_at=at,
    )  # fmt: skip


def keep_reading(
    *,
    viewer: Viewer,
    occasion: Occasion,
    person_id: int,
    systolic: int,
    diastolic: int,
    pulse: int | None = None,
    happened_at: datetime | None = None,
) -> Reading:
    """Keep a blood pressure taken at a session by one of its team, of somebody there who wants it kept, until its day of deletion.

    Raises NotAllowed, LicenceMissing, NoConsent, NotAReading.
    """
    at = happened_at or clock.now()
    with writing():
        service = service_of(occasion)
        if viewer.person_id is None or not runs(viewer, occasion) or not service.sort.readings:
            raise NotAllowed("keep_reading")
        role = (
            SignUp.objects.filter(occasion=occasion, person_id=viewer.person_id, role__in=team_roles())
            .values_list("role", flat=True)
            .first()
        )
        if role is None or not Attendance.objects.filter(occasion=occasion, person_id=person_id).exists():
            raise NotAllowed("keep_reading")
        require_qualified(service, role, viewer.person_id, town_day(at))
        if not ReadingConsent.objects.filter(person_id=person_id, withdrawn_at=None).exists():
            raise NoConsent
        if not (40 <= diastolic < systolic <= 300) or (pulse is not None and not 20 <= pulse <= 250):
            raise NotAReading
        months = number_of("health.retention_months", occasion.place, town_day(at))
        reading = Reading.objects.create(
            person_id=person_id,
            mentor_id=viewer.person_id,
            occasion=occasion,
            systolic=systolic,
            diastolic=diastolic,
            pulse=pulse,
            taken_at=at,
            delete_on=town_day(at) + relativedelta(months=months),
        )
        record(
            verb="keep_reading", kind="reading", subject=str(reading.pk), place=occasion.place, by=actor_of(viewer, on_behalf_of_id=person_id),
            audience=f"reading:{reading.pk}", happened_at=at,
        )  # fmt: skip
    return reading


def forget_old_readings(*, today: date | None = None) -> int:
    """Delete the readings whose day has come; how many. A tick of the worker."""
    today = today or clock.today()
    over = Reading.objects.filter(delete_on__lte=today)
    if not over.exists():
        return 0
    top = town()
    with writing():
        deleted, _by_model = over.delete()
        if top is not None:
            record(
                verb="forget_readings", kind="reading", subject="all", place=top, by=SYSTEM, audience="nobody", detail={"count": deleted}
            )
    return deleted
