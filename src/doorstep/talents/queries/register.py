"""The register and licences."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.identity.models import Person
from doorstep.foundation.places.models import Place
from doorstep.talents.models import Licence, Listing, Profile, VolunteerNumber
from doorstep.talents.permissions import may_check_licences, may_keep_register, works_at_all, works_for
from doorstep.talents.texts import is_published, item_of


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody a panel may ask, as plain data: no name. `roles` are categories of the register, `load` how often they sat lately."""

    person_id: int
    roles: tuple[str, ...]
    attributes: Mapping[str, str]
    skills: tuple[str, ...]
    availability: tuple[str, ...]
    load: int


def candidates_for(*, place: Place, roles: Collection[str], on: date, loads: Mapping[int, int] | None = None) -> list[Candidate]:
    """Everyone at a place, or registered for what is above it, who agreed to be asked and is listed today as one of the roles; by person.

    `loads` is what the asking mechanism knows of how often somebody sat. For mechanisms that form panels. Two queries.
    """
    here = (
        Q(profile__place__lineage=place.lineage)
        | Q(profile__place__lineage__startswith=f"{place.lineage}/")
        | Q(profile__place__code__in=place.codes)
    )
    found = Listing.objects.filter(here, Q(until=None) | Q(until__gt=on), category__in=roles, since__lte=on, profile__may_be_asked=True)
    by_profile: dict[int, tuple[Profile, list[str]]] = {}
    for listing in found.select_related("profile").order_by("profile__person_id", "category"):
        by_profile.setdefault(listing.profile_id, (listing.profile, []))[1].append(listing.category)
    return [
        Candidate(
            person_id=profile.person_id,
            roles=tuple(dict.fromkeys(held)),
            attributes=dict(profile.attributes),
            skills=tuple(profile.skills),
            availability=tuple(profile.availability),
            load=(loads or {}).get(profile.person_id, 0),
        )
        for profile, held in by_profile.values()
    ]


@dataclass(frozen=True, slots=True)
class Registered:
    """A person of the register as a viewer may see them."""

    profile: Profile
    listings: tuple[Listing, ...]

    @property
    def complaint(self) -> str:
        """The name of the words one may object to; none where they are not for everybody."""
        return item_of(self.profile) if is_published(self.profile) else ""


def people_listed(viewer: Viewer, *, category: str = "") -> list[Registered]:
    """Who can be asked, in the order of the register: public profiles for everyone, the others for those who work for a body. Nobody who
    took their consent back. Two queries for any number."""
    shown = Q(visibility=Profile.Visibility.PUBLIC)
    if works_at_all(viewer):
        shown |= Q(visibility=Profile.Visibility.BODIES)
    found = Profile.objects.filter(shown, may_be_asked=True).select_related("person", "place").order_by("id")
    if category:
        found = found.filter(pk__in=Listing.objects.filter(category=category, until=None).values("profile_id"))
    profiles = list(found)
    listed: dict[int, list[Listing]] = {}
    for listing in Listing.objects.filter(profile__in=profiles, until=None).select_related("body").order_by("id"):
        listed.setdefault(listing.profile_id, []).append(listing)
    for profile in profiles:
        if profile.visibility != Profile.Visibility.PUBLIC:
            viewer.note_read(kind="profile", subject=str(profile.pk), about_person_id=profile.person_id, why="register")
    return [Registered(profile, tuple(listed.get(profile.pk, ()))) for profile in profiles]


def profile_of(viewer: Viewer) -> Profile | None:
    """One's own profile."""
    return Profile.objects.select_related("place").filter(person_id=viewer.own_id).first()


def profile_for(viewer: Viewer, profile_id: int) -> Profile | None:
    """A profile for those who keep the register; nobody who took their consent back."""
    found = Profile.objects.select_related("person", "place").filter(pk=profile_id, may_be_asked=True).first()
    return found if found is not None and may_keep_register(viewer) else None


def listing_for(viewer: Viewer, listing_id: int) -> Listing | None:
    found = Listing.objects.select_related("profile__person", "body").filter(pk=listing_id).first()
    if found is None or not (viewer.person_id == found.profile.person_id or works_for(viewer, found.body_id)):
        return None
    return found


def holds_licence(person_id: int, kind: str, on: date) -> bool:
    """Whether somebody may do on a day what needs this licence (志愿服务条例 art. 16): seen, not over, not withdrawn. One query."""
    return Licence.objects.filter(
        Q(withdrawn_on=None) | Q(withdrawn_on__gt=on), person_id=person_id, kind=kind, checked_on__lte=on, expires_on__gte=on
    ).exists()


def licence_ends(person_ids: Collection[int], kinds: Collection[str]) -> dict[tuple[int, str], date]:
    """(person, kind) → the last day of the latest licence that was checked and not withdrawn; a pair without one is left out. One query."""
    found = Licence.objects.filter(withdrawn_on=None, person_id__in=person_ids, kind__in=kinds).order_by("expires_on")
    return {(person_id, kind): last for person_id, kind, last in found.values_list("person_id", "kind", "expires_on")}


def licences_for(viewer: Viewer) -> list[Licence]:
    """Every licence, with its number, for those who check them; the next to end first. Empty for others. One query."""
    if not may_check_licences(viewer):
        return []
    found = list(
        Licence.objects.filter(withdrawn_on=None).select_related("person", "checked_by", "checked_for").order_by("expires_on", "id")
    )
    for licence in found:
        viewer.note_read(kind="licence", subject=str(licence.pk), about_person_id=licence.person_id, why="check")
    return found


def licence_for(viewer: Viewer, licence_id: int) -> Licence | None:
    found = Licence.objects.select_related("person", "checked_for").filter(pk=licence_id).first()
    return found if found is not None and works_for(viewer, found.checked_for_id) else None


def my_licences(viewer: Viewer) -> list[Licence]:
    return list(Licence.objects.filter(person_id=viewer.own_id, withdrawn_on=None).select_related("checked_for").order_by("expires_on"))


def may_see_licence(viewer: Viewer, key: str) -> bool:
    """Resolver of the audience key `licence:<id>`: its holder and who checked it."""
    given = key.partition(":")[2]
    licence = Licence.objects.filter(pk=int(given)).first() if given.isdecimal() else None
    return licence is not None and viewer.signed_in and (licence.person_id == viewer.person_id or works_for(viewer, licence.checked_for_id))


def find_people(viewer: Viewer, text: str) -> list[Person]:
    """People by their whole name or phone, for those who teach, certify or keep the register: never by a part of it. At most ten."""
    text = text.strip()
    if not text or not (may_keep_register(viewer) or may_check_licences(viewer)):
        return []
    found = list(Person.objects.filter(Q(name=text) | Q(phone=text), erased_at=None).order_by("id")[:10])
    for person in found:
        viewer.note_read(kind="person", subject="talents", about_person_id=person.pk, why="find")
    return found


def find_volunteers(viewer: Viewer, text: str) -> list[Person]:
    """Whom a paper names, for those who work for a body: by the volunteer number that its person gives; by whole name or phone for those who
    may find people so. At most ten."""
    text = text.strip()
    if not text or not works_at_all(viewer):
        return []
    held = VolunteerNumber.objects.filter(number=text.upper(), person__erased_at=None).select_related("person").first()
    if held is None:
        return find_people(viewer, text)
    viewer.note_read(kind="person", subject="talents", about_person_id=held.person_id, why="find")
    return [held.person]
