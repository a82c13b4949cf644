"""What may be read of who lives where: one's own home, and for the keepers of a roll their estate."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.identity.models import Account, Death, Person, PersonMerge
from doorstep.foundation.identity.rules.names import same_name
from doorstep.foundation.notify.models import InboxItem
from doorstep.foundation.notify.queries import Line
from doorstep.foundation.places.models import Place
from doorstep.organisations.models import Holder, Unit
from doorstep.organisations.models.residence import HomeCode, Residence, ResidenceClaim
from doorstep.organisations.permissions import may_keep_roll
from doorstep.organisations.rules import residence as rules

PAGE = 50


@dataclass(frozen=True, slots=True)
class Home:
    """A unit one lives in or owns: who else is verified there as far as the viewer may know, and whom they may invite."""

    lives: Residence
    others: list[Residence]
    open_invitations: int
    may_invite: frozenset[str]


def homes_of(viewer: Viewer) -> list[Home]:
    """Where the viewer is a verified resident. An owner sees everyone in the unit, others those they invited. Three queries."""
    mine = list(
        Residence.objects.filter(person_id=viewer.own_id, until_on=None).select_related("unit__estate", "unit__building").order_by("id")
    )
    units = [each.unit_id for each in mine]
    others: dict[int, list[Residence]] = {}
    for each in (
        Residence.objects.filter(unit__in=units, until_on=None).exclude(person_id=viewer.own_id).select_related("person").order_by("id")
    ):
        others.setdefault(each.unit_id, []).append(each)
    open_codes = HomeCode.objects.filter(
        unit__in=units, issued_by_id=viewer.own_id, used_at=None, cancelled_at=None, expires_at__gt=clock.now()
    ).exclude(kind="")
    counts: dict[int, int] = {}
    for unit_id in open_codes.values_list("unit_id", flat=True):
        counts[unit_id] = counts.get(unit_id, 0) + 1
    return [
        Home(
            lives=each,
            others=[other for other in others.get(each.unit_id, []) if each.kind == rules.OWNER or other.invited_by_id == viewer.person_id],
            open_invitations=counts.get(each.unit_id, 0),
            may_invite=rules.may_invite(each.kind),
        )
        for each in mine
    ]


def claims_of(viewer: Viewer, *, size: int = 5) -> list[ResidenceClaim]:
    """The viewer's own claims, the newest first."""
    return list(ResidenceClaim.objects.filter(person_id=viewer.own_id).select_related("estate").order_by("-id")[:size])


def residence_for(viewer: Viewer, residence_id: int) -> Residence | None:
    """A running residence the viewer may end or speak of: their own, one they invited, one in an estate whose roll they keep, one in their own unit."""
    lives = Residence.objects.select_related("unit__estate", "person").filter(pk=residence_id, until_on=None).first()
    if lives is None or not viewer.signed_in:
        return None
    if viewer.person_id in (lives.person_id, lives.invited_by_id) or may_keep_roll(viewer, lives.unit.estate):
        return lives
    same_home = Residence.objects.filter(unit=lives.unit_id, person_id=viewer.own_id, kind=rules.OWNER, until_on=None).exists()
    return lives if same_home else None


def live_together(viewer: Viewer, lives: Residence) -> bool:
    """Whether the viewer is verified in the same unit: near enough to say that somebody has died."""
    return Residence.objects.filter(unit=lives.unit_id, person_id=viewer.own_id, until_on=None).exclude(pk=lives.pk).exists()


def unit_at_home(viewer: Viewer, unit_id: int) -> Unit | None:
    """A unit the viewer is verified in."""
    lives = Residence.objects.filter(unit=unit_id, person_id=viewer.own_id, until_on=None).select_related("unit__estate").first()
    return lives.unit if lives is not None else None


# For those who keep the roll


@dataclass(frozen=True, slots=True)
class Desk:
    """What waits for the keepers of an estate, and who is verified there."""

    claims: list[ResidenceClaim]
    deaths: list[Death]
    merges: list[PersonMerge]
    residents: list[Residence]
    before: int | None
    buildings: list[Place]
    verified: int


def desk(viewer: Viewer, estate: Place, *, before: int | None = None) -> Desk | None:
    """The keepers' page of an estate; None for whoever does not keep its roll. A fixed number of queries."""
    if not may_keep_roll(viewer, estate):
        return None
    running = Residence.objects.filter(unit__estate=estate, until_on=None)
    chosen = running if before is None else running.filter(pk__lt=before)
    residents = list(chosen.select_related("unit", "person").order_by("-id")[: PAGE + 1])
    there = Residence.objects.filter(person_id=OuterRef("person_id"), unit__estate=estate)
    claims = list(ResidenceClaim.objects.filter(estate=estate, decision="").select_related("person", "unit").order_by("id")[:PAGE])
    viewer.note_read(kind="residents", subject=estate.code, about_person_id=None, why="keeping")
    for claim in claims:
        # Their phone and what they typed is shown.
        viewer.note_read(kind="residents", subject=estate.code, about_person_id=claim.person_id, why="keeping")
    return Desk(
        claims=claims,
        deaths=list(
            Death.objects.filter(Exists(there), confirmed_at=None).select_related("person", "relative", "noted_by").order_by("id")[:PAGE]
        ),
        merges=list(
            PersonMerge.objects.filter(
                Q(confirmed_at=None, refused_at=None) | Q(undo_until__gt=clock.now(), undone_at=None), place=estate.code
            )
            .select_related("survivor", "merged")
            .order_by("-id")[:PAGE]
        ),
        residents=residents[:PAGE],
        before=residents[PAGE - 1].pk if len(residents) > PAGE else None,
        buildings=list(Place.objects.filter(parent=estate, kind=Place.Kind.BUILDING, closed_on=None).order_by("position", "id")),
        verified=running.values("person_id").distinct().count(),
    )


def claim_for(viewer: Viewer, estate: Place, claim_id: int) -> ResidenceClaim | None:
    if not may_keep_roll(viewer, estate):
        return None
    return ResidenceClaim.objects.select_related("estate", "unit", "person").filter(pk=claim_id, estate=estate).first()


def death_for(viewer: Viewer, estate: Place, death_id: int) -> Death | None:
    """A death said of somebody who is or was verified in this estate."""
    if not may_keep_roll(viewer, estate):
        return None
    there = Residence.objects.filter(person_id=OuterRef("person_id"), unit__estate=estate)
    return Death.objects.filter(Exists(there), pk=death_id).select_related("person").first()


def units_to_print(estate: Place, building_code: str) -> list[Unit]:
    """The units of a building that codes are printed for: not parking, and delivered."""
    chosen = Unit.objects.filter(estate=estate, building__code=building_code, status=Unit.Status.DELIVERED)
    return list(chosen.exclude(kind=Unit.Kind.PARKING).select_related("building").order_by("id"))


def known_here(estate: Place, person_id: int) -> bool:
    """Whether a person has to do with an estate: holds a unit, is or was verified, or has claimed to live there."""
    return (
        Holder.objects.filter(unit__estate=estate, person_id=person_id).exists()
        or Residence.objects.filter(unit__estate=estate, person_id=person_id).exists()
        or ResidenceClaim.objects.filter(estate=estate, person_id=person_id).exists()
    )


def lookalikes(estate: Place, person: Person) -> list[Person]:
    """Others of an estate whose name is written like this person's: who may be the same human."""
    near = Q(pk__in=Holder.objects.filter(unit__estate=estate).values("person_id")) | Q(
        pk__in=Residence.objects.filter(unit__estate=estate, until_on=None).values("person_id")
    )
    alive = Person.objects.filter(near, erased_at=None, died_on=None, merged_into=None, name__startswith=person.name[:1])
    return [each for each in alive.exclude(pk=person.pk).order_by("pk") if same_name(each.name, person.name)]


@dataclass(frozen=True, slots=True)
class Side:
    """One of two persons that may be one, as a keeper has to see them: what each is known by here."""

    person: Person
    units: list[str]
    residences: list[Residence]
    has_account: bool


def merge_for(viewer: Viewer, estate: Place, merge_id: int) -> tuple[PersonMerge, Side, Side] | None:
    """A merge of this estate with both sides; None for whoever does not keep its roll. Notes the read of both."""
    if not may_keep_roll(viewer, estate):
        return None
    merge = PersonMerge.objects.select_related("survivor", "merged").filter(pk=merge_id, place=estate.code).first()
    if merge is None:
        return None
    for person in (merge.survivor, merge.merged):
        viewer.note_read(kind="residents", subject=estate.code, about_person_id=person.pk, why="keeping")
    return merge, _side(estate, merge.survivor), _side(estate, merge.merged)


def _side(estate: Place, person: Person) -> Side:
    return Side(
        person=person,
        units=list(Holder.objects.filter(unit__estate=estate, person=person).order_by("id").values_list("unit__name", flat=True)),
        residences=list(Residence.objects.filter(unit__estate=estate, person=person).select_related("unit").order_by("id")),
        has_account=Account.objects.filter(person=person, is_active=True).exists(),
    )


def knows_room(person_id: int, typed: str) -> bool:
    """Whether somebody names the room of a unit this person is verified in or holds (identity asks when a phone may be another's by now)."""
    typed = "".join(typed.split())
    units = Unit.objects.filter(
        Q(pk__in=Residence.objects.filter(person_id=person_id, until_on=None).values("unit_id"))
        | Q(pk__in=Holder.objects.filter(person_id=person_id).values("unit_id"))
    ).values_list("name", "room")
    return typed != "" and any(typed in (name, room) or (len(typed) > len(room) and name.endswith(typed)) for name, room in units)


def describe(items: list[InboxItem], viewer: Viewer) -> dict[int, Line]:
    """Inbox lines about homes. No query: the sentence says enough, the page says the rest."""
    return {item.id: line for item in items if (line := _line(item)) is not None}


def _line(item: InboxItem) -> Line | None:
    says = {
        "residence_begun": (_("您是认证的居民了"), "/my/home/"),
        "residence_ended": (_("居民认证结束了"), "/my/home/"),
        "claim_refused": (_("业委会没认下，写了原因"), "/my/home/"),
        "claim_made": (_("有人说自己住在这里，等您看"), f"/p/{item.subject}/residents/"),
    }.get(item.topic)
    return Line(text=says[0], title="", url=says[1]) if says is not None else None
