"""Certificates and mentors: what anybody may check."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Count

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.search.queries import Hit, named
from doorstep.talents import codes
from doorstep.talents.codes import Code
from doorstep.talents.models import Certificate, CertificateTerm, Profile
from doorstep.talents.permissions import certifies, holds
from doorstep.talents.rules.standing import Standing, standing_of


def standing_on(certificate: Certificate, on: date) -> Standing:
    return standing_of(state=certificate.state, issued_on=certificate.issued_on, valid_until=certificate.valid_until, on=on)


def is_certified(person_id: int, on: date) -> bool:
    """Whether somebody has a certificate that counts on a day: neither suspended nor revoked nor over. One query."""
    return Certificate.objects.filter(person_id=person_id, state=Certificate.State.GIVEN, issued_on__lte=on, valid_until__gte=on).exists()


@dataclass(frozen=True, slots=True)
class Checked:
    """A certificate as its page shows it. `name` is whole for who may know it and where its holder made it public, else masked."""

    certificate: Certificate
    terms: tuple[CertificateTerm, ...]
    standing: Standing
    name: str
    may_manage: bool
    is_mine: bool

    @property
    def is_masked(self) -> bool:
        return self.name != self.certificate.person.name

    @property
    def badge(self) -> CertificateTerm:
        """The badge of the term that runs, else of the latest: one that was renewed ahead begins later."""
        today = clock.today()
        return next((term for term in self.terms if term.valid_from <= today <= term.valid_until), self.terms[0])


def certificate_by_number(viewer: Viewer, number: str) -> Checked | None:
    """The certificate of a number; None when there is none. Three queries."""
    certificate = Certificate.objects.select_related("person", "issuer__place", "student__course").filter(number=number).first()
    if certificate is None:
        return None
    terms = tuple(certificate.terms.order_by("-valid_until"))
    may_manage, is_mine = certifies(viewer, certificate.issuer_id), holds(viewer, certificate)
    public = Profile.objects.filter(person_id=certificate.person_id, visibility=Profile.Visibility.PUBLIC, may_be_asked=True).exists()
    name = certificate.person.name if may_manage or is_mine or public else shown_name(certificate.person.name)
    if may_manage:
        viewer.note_read(kind="certificate", subject=number, about_person_id=certificate.person_id, why="certify")
    return Checked(certificate, terms, standing_on(certificate, clock.today()), name, may_manage, is_mine)


def find(viewer: Viewer, query: str, size: int) -> list[Hit]:
    """The certificate of exactly this number: a part of one finds none, so that nobody reads through them. One query."""
    found = Certificate.objects.select_related("issuer").filter(number=query.strip().upper())
    return [Hit(each.number, f"/certificates/{each.number}", named(each.issuer.name, each.issuer.name_en)) for each in found[:size]]


def shown_name(name: str) -> str:
    """A name so that who knows it recognises it and nobody else learns it: 江＊晴, 陈＊, 阿＊提. A name without letters stays empty."""
    if len(name) < 2:
        return name and "＊"
    return f"{name[0]}＊" if len(name) == 2 else f"{name[0]}＊{name[-1]}"


@dataclass(frozen=True, slots=True)
class Mentor:
    """A line of the public register: name by consent."""

    name: str
    number: str
    since: date
    valid_until: date
    standing: Standing
    skills: tuple[Code, ...]
    person_id: int


def mentors(*, on: date, skill: str = "") -> list[Mentor]:
    """Everyone certified on a day, in the order of their numbers: no order of merit. Two queries for any number."""
    found = list(
        Certificate.objects.filter(state=Certificate.State.GIVEN, issued_on__lte=on, valid_until__gte=on)
        .select_related("person")
        .order_by("number")
    )
    profiles = _public_profiles([each.person_id for each in found])
    lines = []
    for each in found:
        profile = profiles.get(each.person_id)
        lines.append(
            Mentor(
                name=each.person.name if profile else shown_name(each.person.name),
                number=each.number,
                since=each.since,
                valid_until=each.valid_until,
                standing=standing_on(each, on),
                skills=tuple(codes.skills()[code] for code in profile.skills) if profile else (),
                person_id=each.person_id,
            )
        )
    return [line for line in lines if not skill or skill in {each.code for each in line.skills}]


def _public_profiles(person_ids: Collection[int]) -> dict[int, Profile]:
    shown = Profile.objects.filter(person_id__in=person_ids, visibility=Profile.Visibility.PUBLIC, may_be_asked=True)
    return {each.person_id: each for each in shown}


def certificates_of(viewer: Viewer, issuer_ids: Collection[int]) -> list[Certificate]:
    """All certificates of the centres one works for, by their end: who is to be looked at next."""
    mine = [each for each in issuer_ids if certifies(viewer, each)]
    return list(Certificate.objects.filter(issuer_id__in=mine).select_related("person", "issuer").order_by("valid_until", "id"))


def own_certificates(viewer: Viewer) -> list[Certificate]:
    """One's own, the latest first."""
    return list(Certificate.objects.filter(person_id=viewer.own_id).select_related("issuer").order_by("-id"))


def certificates_state() -> dict[str, int]:
    """How many certificates stand in each state; also the states with none. One that ran out is still given: its end is in its term."""
    return {**dict.fromkeys(Certificate.State.values, 0), **dict(Certificate.objects.values_list("state").annotate(n=Count("id")))}
