"""Certificates: given, renewed every year, suspended, revoked. Only by the issuing centre."""

import secrets
from datetime import date, datetime

from django.db.models import F

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.identity.models import Person
from doorstep.foundation.journal.actions import SYSTEM, Actor, writing
from doorstep.foundation.journal.numbers import next_number
from doorstep.foundation.notify.actions import tell
from doorstep.foundation.places.queries import number_prefix
from doorstep.organisations.models import Body
from doorstep.talents.actions.academy import locked
from doorstep.talents.actions.common import by_post, note_certificate, number_of, town_day
from doorstep.talents.actions.hours import volunteer_number
from doorstep.talents.models import Certificate, CertificateTerm, Student
from doorstep.talents.openbadges import Holder, credential, sign
from doorstep.talents.permissions import NotAllowed, certifies
from doorstep.talents.rules.standing import is_due_for_warning, last_day, next_term, renewable
from doorstep.talents.rules.status_list import free_place

KIND = "DS"
STOP_REASONS = ("licence_expired", "complaint", "own_wish", "false_facts", "misconduct", "away")


class NotPublished(Exception):
    """A certificate is given to who passed the review and stood published to the end."""


class PublicationRunning(Exception):
    """Anybody may still object until `until`."""

    def __init__(self, until: date) -> None:
        super().__init__(until.isoformat())
        self.until = until


class AlreadyCertified(Exception):
    """This person has a certificate that was not revoked: it is renewed, not given twice."""


class NotRenewable(Exception):
    """Renewal is not open yet, or the certificate is suspended or revoked."""


class NotPossible(Exception):
    """This certificate is not in a state for that."""


class ReasonMissing(Exception):
    """A suspension and a revocation say why, by one of the codes."""


def issue_certificate(*, viewer: Viewer, student: Student, happened_at: datetime | None = None) -> Certificate:
    """Certify a student whose pass stood published to the end. The number is the next one, without a gap.

    Raises NotAllowed, NotPublished, PublicationRunning, AlreadyCertified.
    """
    at = happened_at or clock.now()
    with writing():
        student = locked(student)
        issuer = student.course.issuer
        if not certifies(viewer, issuer.pk) or viewer.person_id == student.person_id:
            raise NotAllowed("issue_certificate")
        if student.state != Student.State.PUBLISHED or student.published_until is None:
            raise NotPublished(student.state)
        if town_day(at) <= student.published_until:
            raise PublicationRunning(student.published_until)
        certificate = _give(by=by_post(viewer, issuer), person=student.person, issuer=issuer, since=town_day(at), at=at, student=student)
        student.state, student.changed_at = Student.State.CERTIFIED, at
        student.save(update_fields=["state", "changed_at"])
    return certificate


def certify_from_paper(*, viewer: Viewer, person: Person, issuer: Body, since: date, happened_at: datetime | None = None) -> Certificate:
    """Take over a certificate given on paper before: its holder is certified `since` then, the number is today's. Raises NotAllowed,
    AlreadyCertified."""
    at = happened_at or clock.now()
    if not certifies(viewer, issuer.pk) or viewer.person_id == person.pk:
        raise NotAllowed("certify_from_paper")
    if since > town_day(at):
        raise NotPossible(since.isoformat())
    with writing():
        return _give(by=by_post(viewer, issuer), person=person, issuer=issuer, since=since, at=at, student=None)


def _give(*, by: Actor, person: Person, issuer: Body, since: date, at: datetime, student: Student | None) -> Certificate:
    # Whoever certifies somebody holds the person's row: nobody is certified twice at once.
    Person.objects.select_for_update(no_key=True, of=("self",)).get(pk=person.pk)
    if Certificate.objects.filter(person=person).exclude(state=Certificate.State.REVOKED).exists():
        raise AlreadyCertified(person.pk)
    on = town_day(at)
    ends = last_day(on, number_of("certificate_months", issuer.place, on))
    # Who has the next number goes on alone until the end of the transaction: no two draw one place in the status lists.
    number = next_number(town_prefix=number_prefix(), kind=KIND, happened_at=at)
    taken = Certificate.objects.filter(issuer=issuer).values_list("status_index", flat=True)
    certificate = Certificate.objects.create(
        number=number,
        person=person,
        student=student,
        issuer=issuer,
        since=since,
        issued_on=on,
        valid_until=ends,
        status_index=free_place(taken, secrets.randbelow),
        changed_at=at,
    )
    term = _add_term(certificate, on, ends, at)
    entry = note_certificate(certificate, "issue", by, at, valid_until=ends.isoformat(), term=term.pk)
    tell(entry=entry, to=[f"person:{person.pk}"])
    return certificate


def renew_certificate(*, viewer: Viewer, certificate: Certificate, happened_at: datetime | None = None) -> Certificate:
    """Another year, after the yearly look. Raises NotAllowed, NotRenewable."""
    at = happened_at or clock.now()
    on = town_day(at)
    with writing():
        certificate = _locked(viewer, certificate)
        place = certificate.issuer.place
        window = number_of("renewal_window_days", place, on)
        if not renewable(state=certificate.state, valid_until=certificate.valid_until, on=on, window_days=window):
            raise NotRenewable(certificate.number)
        begins, ends = next_term(valid_until=certificate.valid_until, on=on, months=number_of("certificate_months", place, on))
        certificate.valid_until = ends
        _save(certificate, certificate.state, "", at)
        term = _add_term(certificate, begins, ends, at)
        entry = note_certificate(certificate, "renew", by_post(viewer, certificate.issuer), at, valid_until=ends.isoformat(), term=term.pk)
        tell(entry=entry, to=[f"person:{certificate.person_id}"])
    return certificate


def suspend_certificate(*, viewer: Viewer, certificate: Certificate, reason: str, happened_at: datetime | None = None) -> Certificate:
    """It does not count until resumed. Raises NotAllowed, NotPossible, ReasonMissing."""
    return _stop(viewer, certificate, Certificate.State.SUSPENDED, "suspend", reason, happened_at)


def revoke_certificate(*, viewer: Viewer, certificate: Certificate, reason: str, happened_at: datetime | None = None) -> Certificate:
    """For good: the number stays and says so. Raises NotAllowed, NotPossible, ReasonMissing."""
    return _stop(viewer, certificate, Certificate.State.REVOKED, "revoke", reason, happened_at)


def resume_certificate(*, viewer: Viewer, certificate: Certificate, happened_at: datetime | None = None) -> Certificate:
    """It counts again. Raises NotAllowed, NotPossible."""
    at = happened_at or clock.now()
    with writing():
        certificate = _locked(viewer, certificate)
        if certificate.state != Certificate.State.SUSPENDED:
            raise NotPossible(certificate.state)
        _save(certificate, Certificate.State.GIVEN, "", at)
        entry = note_certificate(certificate, "resume", by_post(viewer, certificate.issuer), at)
        tell(entry=entry, to=[f"person:{certificate.person_id}"])
    return certificate


def _stop(viewer: Viewer, certificate: Certificate, state: str, verb: str, reason: str, happened_at: datetime | None) -> Certificate:
    at = happened_at or clock.now()
    if reason not in STOP_REASONS:
        raise ReasonMissing(reason)
    with writing():
        certificate = _locked(viewer, certificate)
        if certificate.state == Certificate.State.REVOKED or certificate.state == state:
            raise NotPossible(certificate.state)
        _save(certificate, state, reason, at)
        entry = note_certificate(certificate, verb, by_post(viewer, certificate.issuer), at, because=[reason])
        tell(entry=entry, to=[f"person:{certificate.person_id}"])
    return certificate


def warn_of_certificates(*, now: datetime | None = None, at_most: int = 200) -> int:
    """Tell holders, and the centre, that a certificate ends soon: once for each end. How many."""
    now = now or clock.now()
    on = town_day(now)
    told = 0
    ending = Certificate.objects.filter(state=Certificate.State.GIVEN, valid_until__gte=on).exclude(warned_for=F("valid_until"))
    for found in ending.order_by("valid_until", "id")[:at_most]:
        with writing():
            certificate = Certificate.objects.select_for_update(no_key=True, of=("self",)).select_related("issuer__place").get(pk=found.pk)
            days = number_of("warning_days", certificate.issuer.place, on)
            if not is_due_for_warning(ends_on=certificate.valid_until, warned_for=certificate.warned_for, on=on, days=days):
                continue
            certificate.warned_for = certificate.valid_until
            certificate.save(update_fields=["warned_for"])
            entry = note_certificate(certificate, "warn", SYSTEM, now)
            tell(entry=entry, to=[f"person:{certificate.person_id}", f"body:{certificate.issuer_id}"])
            told += 1
    return told


def _locked(viewer: Viewer, certificate: Certificate) -> Certificate:
    found = (
        Certificate.objects.select_for_update(no_key=True, of=("self",)).select_related("issuer__place", "person").get(pk=certificate.pk)
    )
    if not certifies(viewer, found.issuer_id) or viewer.person_id == found.person_id:
        raise NotAllowed("certificate")
    return found


def _save(certificate: Certificate, state: str, reason: str, at: datetime) -> None:
    certificate.state, certificate.reason, certificate.changed_at = state, reason, at
    certificate.save(update_fields=["state", "reason", "valid_until", "changed_at"])


def _add_term(certificate: Certificate, begins: date, ends: date, at: datetime) -> CertificateTerm:
    holder = Holder(volunteer_number=volunteer_number(person_id=certificate.person_id, happened_at=at).number)
    claims = credential(certificate, valid_from=begins, valid_until=ends, holder=holder)
    return CertificateTerm.objects.create(certificate=certificate, valid_from=begins, valid_until=ends, badge=sign(claims), signed_at=at)
