"""A branch and its members: declared by themselves, verified by the branch, known to nobody else. And what the branch offers: partners, contacts.

Entries about members are meant for the branch alone and name no person: the row's id is enough to tell them apart.
"""

from datetime import date, datetime

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.identity.models import Person
from doorstep.foundation.journal.actions import Actor, actor_of, record, writing
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.notify.actions import tell
from doorstep.foundation.places.models import Place
from doorstep.organisations.actions.bodies import BadDate, HasEnded, NotAllowed, by_post
from doorstep.organisations.models import Body, ContactPerson, PartnerUnit, PartyMember
from doorstep.organisations.permissions import PARTY, may_keep_members


class NotABranch(Exception):
    """Only a party organisation has members."""


class Declared(Exception):
    """This person has declared to this branch already."""


def declare_membership(
    *,
    viewer: Viewer,
    branch: Body,
    kind: str,
    building: Place | None = None,
    employer: str = "",
    skills: str = "",
    available: str = "",
    background: str = "",
) -> PartyMember:
    """Declare oneself to a branch, of one's own will. Raises NotABranch, Declared."""
    if viewer.person_id is None:
        raise NotAllowed
    with writing():
        member = _declared(branch, viewer.own_id, kind, building, employer, skills, available, background, clock.now())
        entry = _entry(branch, member, "member_declared", actor_of(viewer))
        tell(entry=entry, to=[f"body:{branch.pk}"])
    return member


def enter_member(
    *,
    viewer: Viewer,
    branch: Body,
    person: Person,
    kind: str,
    declared_at: datetime,
    building: Place | None = None,
    employer: str = "",
    skills: str = "",
    available: str = "",
    background: str = "",
) -> PartyMember:
    """Enter a signed paper declaration; whoever enters it has verified it."""
    if not may_keep_members(viewer, branch):
        raise NotAllowed
    with writing():
        member = _declared(branch, person.pk, kind, building, employer, skills, available, background, declared_at)
        member.verified_at = declared_at
        member.save(update_fields=["verified_at"])
        _entry(branch, member, "member_entered", by_post(viewer, branch))
    return member


def verify_member(*, viewer: Viewer, member: PartyMember, kind: str = "") -> PartyMember:
    """The branch has checked a declaration; `kind` corrects it."""
    with writing():
        member = _locked(viewer, member)
        member.verified_at, member.declined_because = clock.now(), ""
        member.kind = kind or member.kind
        member.save(update_fields=["verified_at", "declined_because", "kind"])
        entry = _entry(member.branch, member, "member_verified", by_post(viewer, member.branch), to=f"person:{member.person_id}")
        tell(entry=entry, to=[f"person:{member.person_id}"])
    return member


def decline_member(*, viewer: Viewer, member: PartyMember, because: str) -> PartyMember:
    """The branch cannot verify a declaration; the person is told why and may declare again."""
    with writing():
        member = _locked(viewer, member)
        member.verified_at, member.declined_because = None, because
        member.save(update_fields=["verified_at", "declined_because"])
        entry = _entry(member.branch, member, "member_declined", by_post(viewer, member.branch), to=f"person:{member.person_id}")
        tell(entry=entry, to=[f"person:{member.person_id}"])
    return member


def take_back_declaration(*, viewer: Viewer, member: PartyMember) -> None:
    """What was declared of one's own will is deleted at one's own word."""
    with writing():
        member = PartyMember.objects.select_for_update(of=("self",)).select_related("branch__place").get(pk=member.pk)
        if member.person_id != viewer.own_id:
            raise NotAllowed
        _entry(member.branch, member, "member_taken_back", actor_of(viewer))
        member.delete()


def enter_partner(
    *,
    viewer: Viewer,
    branch: Body,
    name: str,
    since: date,
    body: Body | None = None,
    contact: str = "",
    skills: str = "",
    available: str = "",
) -> PartnerUnit:
    """A unit registers with the branch to build the neighbourhood together (双报到单位)."""
    if not may_keep_members(viewer, branch):
        raise NotAllowed
    with writing():
        partner = PartnerUnit.objects.create(
            branch=branch, name=name.strip(), body=body, contact=contact, skills=skills, available=available, since=since
        )
        record(
            verb="partner_registered",
            kind="body",
            subject=branch.code,
            place=branch.place,
            by=by_post(viewer, branch),
            detail={"partner": partner.pk, "body": body.code if body else None},
        )
    return partner


def end_partner(*, viewer: Viewer, partner: PartnerUnit, on: date) -> PartnerUnit:
    if on < partner.since:
        raise BadDate(on)
    with writing():
        partner = PartnerUnit.objects.select_for_update(of=("self",)).select_related("branch__place").get(pk=partner.pk)
        if not may_keep_members(viewer, partner.branch):
            raise NotAllowed
        partner.until = on
        partner.save(update_fields=["until"])
        record(
            verb="partner_ended",
            kind="body",
            subject=partner.branch.code,
            place=partner.branch.place,
            by=by_post(viewer, partner.branch),
            detail={"partner": partner.pk, "on": on.isoformat()},
        )
    return partner


def name_contact(*, viewer: Viewer, branch: Body, building: Place, person: Person, since: date, phone: str = "") -> ContactPerson:
    """Name whom the residents of a building can turn to, in place of whoever it was. The person has agreed to be named to them."""
    if not may_keep_members(viewer, branch) or not building.lineage.startswith(f"{branch.place.lineage}/"):
        raise NotAllowed
    with writing():
        Body.objects.select_for_update().get(pk=branch.pk)
        ContactPerson.objects.filter(branch=branch, building=building, until=None).update(until=since)
        contact = ContactPerson.objects.create(branch=branch, building=building, person=person, phone=phone, since=since)
        _contact_entry(contact, branch, building, "contact_named", by_post(viewer, branch))
    return contact


def end_contact(*, viewer: Viewer, contact: ContactPerson) -> None:
    with writing():
        contact = ContactPerson.objects.select_for_update(of=("self",)).select_related("branch__place", "building").get(pk=contact.pk)
        if not may_keep_members(viewer, contact.branch):
            raise NotAllowed
        contact.until = clock.today()
        contact.save(update_fields=["until"])
        _contact_entry(contact, contact.branch, contact.building, "contact_ended", by_post(viewer, contact.branch))


def _contact_entry(contact: ContactPerson, branch: Body, building: Place, verb: str, by: Actor) -> None:
    record(
        verb=verb,
        kind="body",
        subject=branch.code,
        place=branch.place,
        by=by,
        audience=f"body:{branch.pk}",
        detail={"contact": contact.pk, "building": building.code},
    )


def _declared(
    branch: Body,
    person_id: int,
    kind: str,
    building: Place | None,
    employer: str,
    skills: str,
    available: str,
    background: str,
    at: datetime,
) -> PartyMember:
    branch = Body.objects.select_for_update(of=("self",)).select_related("place").get(pk=branch.pk)
    if branch.kind not in PARTY:
        raise NotABranch(branch.code)
    if branch.ended_on is not None:
        raise HasEnded(branch.code)
    known = PartyMember.objects.filter(branch=branch, person_id=person_id).first()
    if known is not None and not known.declined_because:
        raise Declared(known.pk)
    member = known or PartyMember(branch=branch, person_id=person_id)
    member.kind, member.building, member.employer, member.skills = kind, building, employer.strip(), skills.strip()
    member.available, member.background = available.strip(), background.strip()
    member.declared_at, member.verified_at, member.declined_because = at, None, ""
    member.save()
    return member


def _locked(viewer: Viewer, member: PartyMember) -> PartyMember:
    member = PartyMember.objects.select_for_update(of=("self",)).select_related("branch__place").get(pk=member.pk)
    if not may_keep_members(viewer, member.branch):
        raise NotAllowed
    return member


def _entry(branch: Body, member: PartyMember, verb: str, by: Actor, to: str = "") -> Entry:
    """`to`: the one person it is meant for, where the branch tells them something."""
    return record(
        verb=verb,
        kind="party",
        subject=branch.code,
        place=branch.place,
        by=by,
        audience=to or f"body:{branch.pk}",
        detail={"member": member.pk},
    )
