"""The register: somebody's own profile, what they are listed as, licences that somebody has seen."""

import secrets
from collections.abc import Collection, Mapping
from datetime import date, datetime

from django.db.models import F

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.identity.models import Account, Person
from doorstep.foundation.journal.actions import SYSTEM, actor_of, record, text_digest, writing
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.moderation.actions import hold_if_listed
from doorstep.foundation.notify.actions import tell
from doorstep.foundation.places.models import Place
from doorstep.organisations.models import Body
from doorstep.talents import codes
from doorstep.talents.actions.common import by_post, number_of, town_day
from doorstep.talents.models import Licence, Listing, Profile
from doorstep.talents.permissions import CHECKS_LICENCES, NotAllowed, may_keep_register, works_for
from doorstep.talents.rules.standing import is_due_for_warning
from doorstep.talents.texts import is_published, item_of

LONGEST_ABOUT = 300
DAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")
PARTS = ("am", "pm", "eve")
WHEN = tuple(f"{day}-{part}" for day in DAYS for part in PARTS)
WEB, PAPER = "web", "paper"


class UnknownCode(Exception):
    """No category, skill, time or licence has this code."""


class NoConsent(Exception):
    """Nobody is listed who has not agreed to be asked."""


class AlreadyListed(Exception):
    """This person is listed as that already, or holds that licence already."""


class Over(Exception):
    """The licence is over, or was never seen."""


def keep_profile(
    *,
    viewer: Viewer,
    place: Place,
    person_id: int | None = None,
    skills: Collection[str] = (),
    availability: Collection[str] = (),
    about: str = "",
    visibility: str = Profile.Visibility.BODIES,
    may_be_asked: bool,
    attributes: Mapping[str, str] | None = None,
    happened_at: datetime | None = None,
) -> Profile:
    """Say what one can do and that one may be asked; or take that back. For somebody without an account those who keep the register write
    it down from a signed paper. Raises NotAllowed, UnknownCode."""
    at = happened_at or clock.now()
    who = viewer.person_id if person_id is None else person_id
    if viewer.person_id is None or who is None:
        raise NotAllowed("keep_profile")
    own = who == viewer.person_id
    if not own and (not may_keep_register(viewer) or Account.objects.filter(person_id=who, is_active=True).exists()):
        raise NotAllowed("keep_profile")
    if not set(skills) <= set(codes.skills()) or not set(availability) <= set(WHEN) or visibility not in Profile.Visibility.values:
        raise UnknownCode
    about = about.strip()[:LONGEST_ABOUT]
    with writing():
        kept = Profile.objects.select_for_update(no_key=True, of=("self",)).filter(person_id=who).first() or Profile(person_id=who)
        if kept.pk is None or kept.may_be_asked != may_be_asked:
            kept.consented_at, kept.consent_how = at, WEB if own else PAPER
        kept.place, kept.visibility, kept.may_be_asked, kept.changed_at = place, visibility, may_be_asked, at
        kept.skills = sorted(set(skills))
        kept.availability = [each for each in WHEN if each in availability]
        # The salt names this version of the words; hidden ones have left the row, and come back if nothing is said anew.
        is_hidden = bool(kept.about_salt) and not kept.about
        if about != kept.about or not (about or is_hidden):
            kept.about, kept.about_salt = about, secrets.token_hex(16) if about else ""
        if attributes is not None:
            kept.attributes = dict(attributes)
        kept.save()
        record(
            verb="keep_profile",
            kind="profile",
            subject=str(kept.pk),
            place=place,
            by=actor_of(viewer, on_behalf_of_id=None if own else who, channel="web" if own else "counter"),
            audience=f"person:{who}",
            detail={
                "may_be_asked": may_be_asked,
                "visibility": visibility,
                "skills": kept.skills,
                "about": text_digest(kept.about_salt, about) if about else None,
            },
            happened_at=at,
        )
        hold_about(kept)
    return kept


def hold_about(profile: Profile) -> None:
    """What everybody may read is held back where a word list finds something in it."""
    if is_published(profile):
        hold_if_listed(
            kind="profile",
            subject=str(profile.pk),
            item=item_of(profile),
            words=profile.about,
            author_id=profile.person_id,
            place=profile.place,
        )
        profile.refresh_from_db(fields=["about"])


def list_person(*, viewer: Viewer, profile: Profile, category: str, body: Body, happened_at: datetime | None = None) -> Listing:
    """Put somebody who agreed to be asked into the register as something. Raises NotAllowed, UnknownCode, NoConsent, AlreadyListed."""
    at = happened_at or clock.now()
    if not may_keep_register(viewer) or not works_for(viewer, body.pk):
        raise NotAllowed("list_person")
    if category not in codes.categories():
        raise UnknownCode(category)
    with writing():
        profile = Profile.objects.select_for_update(no_key=True, of=("self",)).select_related("place").get(pk=profile.pk)
        if not profile.may_be_asked:
            raise NoConsent(profile.pk)
        if profile.listings.filter(category=category, until=None).exists():
            raise AlreadyListed(category)
        made = Listing.objects.create(profile=profile, category=category, since=town_day(at), body=body)
        entry = record(
            verb="list",
            kind="profile",
            subject=str(profile.pk),
            place=profile.place,
            by=by_post(viewer, body),
            audience=f"person:{profile.person_id}",
            detail={"category": category, "body": body.code},
            happened_at=at,
        )
        tell(entry=entry, to=[f"person:{profile.person_id}"])
    return made


def end_listing(*, viewer: Viewer, listing: Listing, happened_at: datetime | None = None) -> Listing:
    """Take somebody off: themselves, or the body that put them there. Raises NotAllowed."""
    at = happened_at or clock.now()
    with writing():
        listing = Listing.objects.select_for_update(no_key=True, of=("self",)).select_related("profile__place", "body").get(pk=listing.pk)
        if viewer.person_id != listing.profile.person_id and not works_for(viewer, listing.body_id):
            raise NotAllowed("end_listing")
        if listing.until is None:
            listing.until = town_day(at)
            listing.save(update_fields=["until"])
            record(
                verb="unlist",
                kind="profile",
                subject=str(listing.profile_id),
                place=listing.profile.place,
                by=by_post(viewer, listing.body),
                audience=f"person:{listing.profile.person_id}",
                detail={"category": listing.category},
                happened_at=at,
            )
    return listing


def check_licence(
    *, viewer: Viewer, person: Person, kind: str, number: str, expires_on: date, body: Body, happened_at: datetime | None = None
) -> Licence:
    """Write down a licence one has seen on paper. A newer one takes the place of the one before. Raises NotAllowed, UnknownCode, Over."""
    at = happened_at or clock.now()
    on = town_day(at)
    if body.kind not in CHECKS_LICENCES or not works_for(viewer, body.pk) or viewer.person_id in (None, person.pk):
        raise NotAllowed("check_licence")
    if kind not in codes.licences():
        raise UnknownCode(kind)
    number = number.strip()[:60]
    if expires_on < on or not number:
        raise Over(expires_on.isoformat())
    with writing():
        Person.objects.select_for_update(no_key=True, of=("self",)).get(pk=person.pk)
        Licence.objects.filter(person=person, kind=kind, withdrawn_on=None).update(withdrawn_on=on)
        salt = secrets.token_hex(16)
        made = Licence.objects.create(
            person=person,
            kind=kind,
            number=number,
            number_salt=salt,
            expires_on=expires_on,
            checked_by_id=viewer.person_id,
            checked_for=body,
            checked_on=on,
        )
        entry = _note_licence(made, "check_licence", viewer, at, number=text_digest(salt, number), expires_on=expires_on.isoformat())
        tell(entry=entry, to=[f"person:{person.pk}"])
    return made


def withdraw_licence(*, viewer: Viewer, licence: Licence, happened_at: datetime | None = None) -> Licence:
    """It does not count from today on. Raises NotAllowed."""
    at = happened_at or clock.now()
    with writing():
        licence = Licence.objects.select_for_update(no_key=True, of=("self",)).select_related("checked_for__place").get(pk=licence.pk)
        if not works_for(viewer, licence.checked_for_id):
            raise NotAllowed("withdraw_licence")
        if licence.withdrawn_on is None:
            licence.withdrawn_on = town_day(at)
            licence.save(update_fields=["withdrawn_on"])
            tell(entry=_note_licence(licence, "withdraw_licence", viewer, at), to=[f"person:{licence.person_id}"])
    return licence


def warn_of_licences(*, now: datetime | None = None, at_most: int = 200) -> int:
    """Tell holders, and who checked it, that a licence ends soon: once for each end. How many."""
    now = now or clock.now()
    on = town_day(now)
    told = 0
    ending = Licence.objects.filter(withdrawn_on=None, expires_on__gte=on).exclude(warned_for=F("expires_on"))
    for found in ending.order_by("expires_on", "id")[:at_most]:
        with writing():
            licence = Licence.objects.select_for_update(no_key=True, of=("self",)).select_related("checked_for__place").get(pk=found.pk)
            days = number_of("warning_days", licence.checked_for.place, on)
            if not is_due_for_warning(ends_on=licence.expires_on, warned_for=licence.warned_for, on=on, days=days):
                continue
            licence.warned_for = licence.expires_on
            licence.save(update_fields=["warned_for"])
            entry = record(
                verb="warn_licence",
                kind="licence",
                subject=str(licence.pk),
                place=licence.checked_for.place,
                by=SYSTEM,
                audience=f"licence:{licence.pk}",
                happened_at=now,
            )
            tell(entry=entry, to=[f"person:{licence.person_id}", f"body:{licence.checked_for_id}"])
            told += 1
    return told


def _note_licence(licence: Licence, verb: str, viewer: Viewer, at: datetime, **detail: object) -> Entry:
    return record(
        verb=verb,
        kind="licence",
        subject=str(licence.pk),
        place=licence.checked_for.place,
        by=by_post(viewer, licence.checked_for),
        audience=f"licence:{licence.pk}",
        detail={"kind": licence.kind, **detail},
        happened_at=at,
    )
