"""How one becomes a verified resident or owner, and how that ends.

Three ways: a code printed and put through the door; a claim that those who keep the roll compare with it and confirm; an invitation by
who lives there. The key `estate:<code>` comes from a residence and from nothing else.
"""

import hashlib
import hmac
import secrets
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.identity.actions import note_failure, refuse_locked
from doorstep.foundation.identity.lifecycle import person_columns
from doorstep.foundation.identity.merging import CannotMerge, confirm_merge, propose_merge
from doorstep.foundation.identity.models import Person
from doorstep.foundation.journal.actions import Actor, actor_of, record, writing
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.notify.actions import tell
from doorstep.foundation.places.models import Place
from doorstep.foundation.regulations.deadlines import due
from doorstep.foundation.regulations.queries import calendar, value_of
from doorstep.organisations.models import Holder, Unit
from doorstep.organisations.models.residence import HomeCode, Residence, ResidenceClaim
from doorstep.organisations.permissions import may_keep_roll
from doorstep.organisations.queries import keeper_body
from doorstep.organisations.rules import residence as rules


class NotAllowed(PermissionDenied):
    """The viewer knows of it but may not do this: 403. Nobody decides on their own claim."""


class WrongCode(Exception):
    """No open code reads like this: mistyped, used, replaced or run out. Which of them is not said."""


class NotOnRoll(Exception):
    """Somebody says they own the unit, and the roll names others."""


class LivesThere(Exception):
    """This person is verified in this unit already."""


class ClaimWaiting(Exception):
    """A claim of this person in this estate is waiting to be looked at."""


class AlreadyDecided(Exception):
    """This claim has been decided."""


class NothingKnown(Exception):
    """A claim that names no unit of the roll cannot be confirmed."""


class TooManyInvitations(Exception):
    """As many unused invitations to one unit as the regulations allow are open."""


def _digest(code: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), f"home|{code}".encode(), hashlib.sha256).hexdigest()


def _fresh_code() -> str:
    return "".join(secrets.choice(rules.ALPHABET) for _ in range(rules.CODE_LENGTH))


def _open_codes() -> QuerySet[HomeCode]:
    return HomeCode.objects.filter(used_at=None, cancelled_at=None, expires_at__gt=clock.now())


def _keeping(viewer: Viewer, estate: Place) -> Actor:
    """The viewer as a keeper of this estate's roll. Raises NotAllowed."""
    if not may_keep_roll(viewer, estate):
        raise NotAllowed(estate.code)
    return actor_of(viewer, post=viewer.acting_post)


# Codes on paper


def print_codes(*, viewer: Viewer, estate: Place, units: Sequence[Unit]) -> list[tuple[Unit, str]]:
    """Make a code for each unit, to be printed now: only digests are kept. An older unused one of the unit is good no more."""
    by = _keeping(viewer, estate)
    now = clock.now()
    life = value_of("residence.code_days", place_lineage_localities=estate.localities, on=clock.today()).limit
    sheet = [(unit, _fresh_code()) for unit in units]
    with writing():
        ids = [unit.pk for unit in units]
        HomeCode.objects.filter(unit__in=ids, kind="", used_at=None, cancelled_at=None).update(cancelled_at=now)
        HomeCode.objects.bulk_create(
            [
                HomeCode(unit=unit, digest=_digest(code), issued_by_id=by.person_id, made_at=now, expires_at=due(now, life, calendar()))
                for unit, code in sheet
            ],
            batch_size=500,
        )
        record(
            verb="codes_printed",
            kind="roll",
            subject=estate.code,
            place=estate,
            by=by,
            audience=f"estate:{estate.code}",
            detail={"units": len(sheet)},
        )
    return [(unit, rules.code_text(code)) for unit, code in sheet]


def code_for(typed: str) -> HomeCode | None:
    """The open code that reads like this."""
    return _open_codes().select_related("unit__estate").filter(digest=_digest(rules.read_code(typed))).first()


def use_code(*, viewer: Viewer, code: str, kind: str, address: str = "") -> Residence:
    """Become a verified resident by a code from the door or an invitation. On paper the person says what they are; who says owner is
    compared with the roll, and a keeper still looks whether the two entries are one human.

    Raises WrongCode (counted: five wrong ones lock), LockedOut, NotOnRoll, LivesThere.
    """
    person_id = _signed_in(viewer)
    refuse_locked(f"person:{person_id}", f"address:{address}")
    with writing():
        found = code_for(code)
        held = HomeCode.objects.select_for_update().filter(pk=found.pk, used_at=None).first() if found is not None else None
        if found is not None and held is not None:
            unit = found.unit
            kind = held.kind or kind
            person = Person.objects.get(pk=person_id)
            match = rules.Match(rules.OTHER_NAME)
            if kind == rules.OWNER:
                match = _match(unit, person.name, "")
                if match.code == rules.OTHER_NAME:
                    raise NotOnRoll(unit.pk)
            lives = _begin(
                unit=unit,
                person_id=person_id,
                kind=kind,
                how=Residence.How.INVITED if held.is_invitation else Residence.How.CODE,
                by=actor_of(viewer),
                invited_by_id=held.issued_by_id if held.is_invitation else None,
            )
            held.used_at, held.used_by_id = clock.now(), person_id
            held.save(update_fields=["used_at", "used_by"])
            if match.person_id is not None and match.person_id != person_id:
                _propose(match.person_id, person, unit.estate, actor_of(viewer))
            return lives
    note_failure(person_id=person_id, address=address)
    raise WrongCode


def _propose(roll_person_id: int, person: Person, estate: Place, by: Actor) -> None:
    try:
        propose_merge(survivor=Person.objects.get(pk=roll_person_id), merged=person, place=estate, because="same_name_at_home", by=by)
    except CannotMerge:
        # One of the two is leaving or merged already: the residence stands without it.
        return


def _match(unit: Unit | None, name: str, last4: str) -> rules.Match:
    holders = None
    if unit is not None:
        holders = [
            rules.RollHolder(*row)
            for row in Holder.objects.filter(unit=unit).order_by("person_id").values_list("person_id", "person__name", "person__id_last4")
        ]
    return rules.match_roll(name=name, id_last4=last4, holders=holders)


def _begin(
    *,
    unit: Unit,
    person_id: int,
    kind: str,
    how: str,
    by: Actor,
    invited_by_id: int | None = None,
    verified_by_id: int | None = None,
    from_on: date | None = None,
) -> Residence:
    if Residence.objects.filter(unit=unit, person_id=person_id, until_on=None).exists():
        raise LivesThere(unit.pk)
    lives = Residence.objects.create(
        unit=unit,
        person_id=person_id,
        kind=kind,
        how=how,
        from_on=from_on or clock.today(),
        invited_by_id=invited_by_id,
        verified_by_id=verified_by_id,
    )
    entry = _entry("residence_begun", lives, unit.estate, by, {"kind": kind, "how": how})
    tell(entry=entry, to=[f"person:{each}" for each in (person_id, invited_by_id) if each is not None])
    return lives


def _entry(verb: str, lives: Residence, estate: Place, by: Actor, detail: dict[str, object]) -> Entry:
    return record(
        verb=verb,
        kind="residence",
        subject=str(lives.pk),
        place=estate,
        by=by,
        audience=f"person:{lives.person_id}",
        detail={"unit": lives.unit_id, **detail},
    )


def _signed_in(viewer: Viewer) -> int:
    if viewer.person_id is None:
        raise NotAllowed
    return viewer.person_id


# Claims, compared with the roll


def claim_residence(*, viewer: Viewer, estate: Place, unit_name: str, kind: str, id_last4: str = "") -> ResidenceClaim:
    """Say which unit is one's own. The answer is the same whatever the roll says: nobody learns from it who lives where. Raises ClaimWaiting, LivesThere."""
    person_id = _signed_in(viewer)
    unit_name = unit_name.strip()[:80]
    with writing():
        person = Person.objects.select_for_update().get(pk=person_id)
        if ResidenceClaim.objects.filter(person=person, estate=estate, decision="").exists():
            raise ClaimWaiting(estate.code)
        unit = Unit.objects.filter(estate=estate, name=unit_name).first()
        if unit is not None and Residence.objects.filter(unit=unit, person=person, until_on=None).exists():
            raise LivesThere(unit.pk)
        claim = ResidenceClaim.objects.create(
            person=person,
            estate=estate,
            unit=unit,
            kind=kind,
            typed_unit=unit_name,
            typed_last4=id_last4.strip().upper()[:4],
            match=_match(unit, person.name, id_last4).code,
            made_at=clock.now(),
        )
        keeper = keeper_body(estate)
        entry = record(
            verb="claim_made",
            kind="residence",
            subject=estate.code,
            place=estate,
            by=actor_of(viewer),
            audience=f"body:{keeper.pk}" if keeper is not None else f"person:{person_id}",
            detail={"claim": claim.pk},
        )
        if keeper is not None:
            tell(entry=entry, to=[f"body:{keeper.pk}"])
    return claim


def confirm_claim(*, viewer: Viewer, claim: ResidenceClaim, kind: str) -> Residence:
    """A keeper of the roll confirms a claim. As owner: the person of the roll and the one of the phone become one, undoable for some days.
    Raises NotAllowed, AlreadyDecided, NothingKnown, NotOnRoll, CannotMerge."""
    estate = claim.estate
    by = _keeping(viewer, estate)
    with writing():
        claim = _decide(claim, ResidenceClaim.Decision.CONFIRMED, "", by)
        if claim.unit is None:
            raise NothingKnown(claim.pk)
        person_id = claim.person_id
        if kind == rules.OWNER:
            person_id = _become_owner(claim, claim.unit, estate, by)
        running = Residence.objects.filter(unit=claim.unit, person_id=person_id, until_on=None).first()
        lives = running or _begin(
            unit=claim.unit, person_id=person_id, kind=kind, how=Residence.How.ROLL, by=by, verified_by_id=by.person_id
        )
        _forget_typed(claim)
    return lives


def _become_owner(claim: ResidenceClaim, unit: Unit, estate: Place, by: Actor) -> int:
    """The holder the claim means; with the claimant made one with them."""
    match = _match(unit, claim.person.name, claim.typed_last4)
    if match.person_id is None:
        raise NotOnRoll(unit.pk)
    if match.person_id == claim.person_id:
        return claim.person_id
    holder = Person.objects.get(pk=match.person_id)
    proposal = propose_merge(survivor=holder, merged=claim.person, place=estate, because="claim", by=by)
    confirm_merge(proposal=proposal, place=estate, undo_until=undo_until(estate), by=by)
    return holder.pk


def refuse_claim(*, viewer: Viewer, claim: ResidenceClaim, reason: str) -> None:
    """A keeper does not confirm a claim, and says why. Raises NotAllowed, AlreadyDecided."""
    by = _keeping(viewer, claim.estate)
    with writing():
        claim = _decide(claim, ResidenceClaim.Decision.REFUSED, reason, by)
        _forget_typed(claim)
        entry = record(
            verb="claim_refused",
            kind="residence",
            subject=claim.estate.code,
            place=claim.estate,
            by=by,
            audience=f"person:{claim.person_id}",
            because=[reason],
            detail={"claim": claim.pk},
        )
        tell(entry=entry, to=[f"person:{claim.person_id}"])


def _decide(claim: ResidenceClaim, decision: str, reason: str, by: Actor) -> ResidenceClaim:
    claim = ResidenceClaim.objects.select_for_update(of=("self",)).select_related("estate", "unit__estate", "person").get(pk=claim.pk)
    if claim.person_id == by.person_id:
        raise NotAllowed(claim.pk)
    if claim.decision:
        raise AlreadyDecided(claim.pk)
    claim.decision, claim.reason, claim.decided_by_id, claim.decided_at = decision, reason, by.person_id, clock.now()
    claim.save()
    return claim


def _forget_typed(claim: ResidenceClaim) -> None:
    ResidenceClaim.objects.filter(pk=claim.pk).update(typed_last4="", typed_unit="")


def undo_until(estate: Place) -> datetime:
    """Until when a merge made now can be undone."""
    days = value_of("privacy.merge_undo_days", place_lineage_localities=estate.localities, on=clock.today())
    return due(clock.now(), days.limit, calendar())


# Invitations


def invite(*, viewer: Viewer, unit: Unit, kind: str) -> str:
    """Invite one person to a unit one lives in: an owner household and tenants, a tenant their household. The code is shown once.
    Raises NotAllowed, TooManyInvitations."""
    person_id = _signed_in(viewer)
    estate = unit.estate
    on = clock.today()
    mine = Residence.objects.filter(unit=unit, person_id=person_id, until_on=None).first()
    if mine is None or kind not in rules.may_invite(mine.kind):
        raise NotAllowed(unit.pk)
    most = value_of("residence.invitations_open", place_lineage_localities=estate.localities, on=on).number
    life = value_of("residence.invitation_days", place_lineage_localities=estate.localities, on=on).limit
    now = clock.now()
    code = _fresh_code()
    with writing():
        Unit.objects.select_for_update().get(pk=unit.pk)
        if _open_codes().filter(unit=unit).exclude(kind="").count() >= most:
            raise TooManyInvitations(most)
        HomeCode.objects.create(
            unit=unit, digest=_digest(code), kind=kind, issued_by_id=person_id, made_at=now, expires_at=due(now, life, calendar())
        )
        _entry("invited", mine, estate, actor_of(viewer), {"kind": kind})
    return rules.code_text(code)


# Ending


def end_residence(*, viewer: Viewer, lives: Residence) -> Residence:
    """End a residence: one's own by moving out, one that one invited by taking that back, any by who keeps the roll (entered by mistake, or moved).
    Raises NotAllowed."""
    estate = lives.unit.estate
    if lives.person_id == viewer.person_id:
        because, by = Residence.Ended.MOVED, actor_of(viewer)
    elif lives.invited_by_id is not None and lives.invited_by_id == viewer.person_id:
        because, by = Residence.Ended.WITHDRAWN, actor_of(viewer)
    else:
        because, by = Residence.Ended.MISTAKE, _keeping(viewer, estate)
    with writing():
        end_all([lives.pk], because=because, by=by)
    return lives


def end_all(ids: Iterable[int], *, because: str, by: Actor, on: date | None = None) -> int:
    """End these residences inside the running `writing()`; how many. What rests on living in the estate ends in every room."""
    ended = 0
    running = Residence.objects.select_for_update(of=("self",)).select_related("unit__estate").filter(pk__in=list(ids), until_on=None)
    for lives in running.order_by("pk"):
        estate = lives.unit.estate
        lives.until_on, lives.ended_because = on or clock.today(), because
        lives.save(update_fields=["until_on", "ended_because"])
        entry = _entry("residence_ended", lives, estate, by, {"because": str(because)})
        tell(entry=entry, to=[f"person:{lives.person_id}"])
        ended += 1
        if not Residence.objects.filter(person_id=lives.person_id, unit__estate=estate, until_on=None).exists():
            for column in person_columns():
                column.residence_ended(column, lives.person_id, estate.code)
    return ended


def holders_changed(*, unit: Unit, before: Collection[int], after: Collection[int], by: Actor) -> int:
    """End what a transfer of the unit ends, inside the running `writing()`; how many residences."""
    living = [
        rules.Living(*row)
        for row in Residence.objects.filter(unit=unit, until_on=None).values_list("pk", "person_id", "kind", "invited_by_id")
    ]
    ended = rules.ended_by_transfer(living=living, before=before, after=after)
    gone = set(before) - set(after)
    if gone:
        HomeCode.objects.filter(unit=unit, used_at=None, cancelled_at=None, issued_by__in=gone).exclude(kind="").update(
            cancelled_at=clock.now()
        )
    return end_all(ended, because=Residence.Ended.TRANSFERRED, by=by)


def verify_owner(*, unit: Unit, person_id: int, by: Actor, from_on: date | None = None) -> Residence:
    """Enter a holder as verified who was seen in person: a town that begins with people known to its keepers."""
    with writing():
        if not Holder.objects.filter(unit=unit, person_id=person_id).exists():
            raise NotOnRoll(unit.pk)
        return _begin(
            unit=unit,
            person_id=person_id,
            kind=rules.OWNER,
            how=Residence.How.KEEPER,
            by=by,
            verified_by_id=by.person_id,
            from_on=from_on,
        )
