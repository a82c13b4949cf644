"""What a branch may know of its members, and what residents may know of their contact. Always as a viewer; reads of members are noted."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q

from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.places.models import Place
from doorstep.organisations.models import Body, ContactPerson, Holder, PartnerUnit, PartyMember, Residence
from doorstep.organisations.permissions import PARTY, may_keep_members

KINDS = tuple(PartyMember.Kind.values)
MOST_WAITING = 50


@dataclass(frozen=True, slots=True)
class CensusRow:
    """Verified members of one building (None = elsewhere or not said), by kind in the order of KINDS."""

    building: Place | None
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class Census:
    rows: tuple[CensusRow, ...]
    waiting: tuple[PartyMember, ...]

    @property
    def counts(self) -> tuple[int, ...]:
        return tuple(sum(row.counts[index] for row in self.rows) for index in range(len(KINDS)))

    @property
    def total(self) -> int:
        return sum(self.counts)


def census_for(viewer: Viewer, branch: Body) -> Census | None:
    """Verified members by building and kind, and the declarations that wait (the oldest 50). None for who may not know. Three queries."""
    if not may_keep_members(viewer, branch):
        return None
    viewer.note_read(kind="party_census", subject=branch.code, about_person_id=None, why="census")
    totals: dict[int | None, dict[str, int]] = {}
    for row in PartyMember.objects.filter(branch=branch, verified_at__isnull=False).values("building_id", "kind").annotate(n=Count("id")):
        totals.setdefault(row["building_id"], {})[row["kind"]] = row["n"]
    buildings = Place.objects.in_bulk([pk for pk in totals if pk is not None])
    rows = [
        CensusRow(buildings.get(pk) if pk is not None else None, tuple(counts.get(kind, 0) for kind in KINDS))
        for pk, counts in totals.items()
    ]
    rows.sort(key=lambda row: (row.building is None, row.building.position if row.building else 0, row.building.pk if row.building else 0))
    waiting = list(
        PartyMember.objects.filter(branch=branch, verified_at=None, declined_because="")
        .select_related("person", "building")
        .order_by("id")[:MOST_WAITING]
    )
    for member in waiting:
        viewer.note_read(kind="party_member", subject=branch.code, about_person_id=member.person_id, why="census")
    return Census(tuple(rows), tuple(waiting))


def members_in(viewer: Viewer, branch: Body, building: Place | None) -> list[PartyMember] | None:
    """The verified members of one building by name. None for who may not know."""
    if not may_keep_members(viewer, branch):
        return None
    members = list(
        PartyMember.objects.filter(branch=branch, building=building, verified_at__isnull=False)
        .select_related("person")
        .order_by("kind", "id")
    )
    for member in members:
        viewer.note_read(kind="party_member", subject=branch.code, about_person_id=member.person_id, why="census")
    return members


def member_for(viewer: Viewer, branch: Body, member_id: int) -> PartyMember | None:
    if not may_keep_members(viewer, branch):
        return None
    return PartyMember.objects.filter(branch=branch, pk=member_id).first()


def own_declarations(viewer: Viewer) -> list[PartyMember]:
    """What the viewer declared, to which branch."""
    return list(PartyMember.objects.filter(person_id=viewer.own_id).select_related("branch", "building").order_by("id"))


def branches() -> list[Body]:
    """The branches one can declare to."""
    return list(Body.objects.filter(kind__in=PARTY, ended_on=None).select_related("place").order_by("place__lineage", "id"))


def partners_of(branch: Body) -> list[PartnerUnit]:
    """Units that build the neighbourhood together with this branch: their names are public."""
    return list(PartnerUnit.objects.filter(branch=branch, until=None).select_related("body").order_by("since", "id"))


def contacts_of(viewer: Viewer, branch: Body) -> list[ContactPerson] | None:
    """Who is named as contact, by building. None for who may not know."""
    if not may_keep_members(viewer, branch):
        return None
    return list(
        ContactPerson.objects.filter(branch=branch, until=None)
        .select_related("person", "building")
        .order_by("building__position", "building_id")
    )


def buildings_with_contact(buildings: Sequence[Place]) -> dict[int, bool]:
    """Of these buildings those that have a contact person, by id, and whether one has given a phone; not who it is. One query."""
    found: dict[int, bool] = {}
    for building_id, phone in ContactPerson.objects.filter(building__in=buildings, until=None).values_list("building_id", "phone"):
        found[building_id] = found.get(building_id, False) or bool(phone)
    return found


def my_contacts(viewer: Viewer, place: Place) -> list[ContactPerson]:
    """Whom this viewer can turn to, where they live verified or hold a unit at or below a place: their own building's contact alone.
    One query."""
    if not viewer.signed_in:
        return []
    lives = Residence.objects.filter(person_id=viewer.own_id, until_on=None).values("unit__building_id")
    holds = Holder.objects.filter(person_id=viewer.own_id).values("unit__building_id")
    inside = Q(building__lineage=place.lineage) | Q(building__lineage__startswith=f"{place.lineage}/")
    return list(
        ContactPerson.objects.filter(inside, Q(building_id__in=lives) | Q(building_id__in=holds), until=None)
        .select_related("person", "building", "branch")
        .order_by("building_id", "id")
    )
