"""Two persons who are one human: the roll knows an owner, a phone knows a neighbour. Proposed, looked at, confirmed, and undone if it was wrong."""

from datetime import datetime

from doorstep.foundation import clock
from doorstep.foundation.identity.lifecycle import Merging, person_columns
from doorstep.foundation.identity.models import ErasureRequest, Person, PersonMerge
from doorstep.foundation.journal.actions import Actor, record, writing
from doorstep.foundation.places.models import Place

FILLED, CHAIN = "filled", "chain"


class CannotMerge(Exception):
    """`reason`: same_person, erased, died, merged_already, erasure_asked; in_a_vote, from a room where it has to wait."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class AlreadyDecided(Exception):
    """This proposal has been confirmed or refused."""


class TooLateToUndo(Exception):
    """The days in which it could be undone are over, or it was undone."""


def propose_merge(*, survivor: Person, merged: Person, place: Place, because: str, by: Actor) -> PersonMerge:
    """Say that two persons look like one human. Nothing changes until a keeper has looked. The same proposal twice is one."""
    _check(survivor, merged)
    with writing():
        waiting = PersonMerge.objects.filter(survivor=survivor, merged=merged, confirmed_at=None, refused_at=None).first()
        if waiting is not None:
            return waiting
        proposal = PersonMerge.objects.create(
            survivor=survivor, merged=merged, place=place.code, because=because, proposed_by_id=by.person_id, proposed_at=clock.now()
        )
        _note("merge_proposed", proposal, place, by)
    return proposal


def confirm_merge(*, proposal: PersonMerge, place: Place, undo_until: datetime, by: Actor) -> PersonMerge:
    """Make two persons one: every row that can be moved goes to the survivor, what is append-only is read through the old id.

    With two accounts the survivor's stays and the other is closed; with one, the survivor gets it. Raises AlreadyDecided, CannotMerge.
    """
    with writing():
        proposal = PersonMerge.objects.select_for_update().get(pk=proposal.pk)
        if proposal.confirmed_at is not None or proposal.refused_at is not None:
            raise AlreadyDecided(proposal.pk)
        persons = {each.pk: each for each in Person.objects.select_for_update().filter(pk__in=[proposal.survivor_id, proposal.merged_id])}
        survivor, merged = persons[proposal.survivor_id], persons[proposal.merged_id]
        _check(survivor, merged)
        merging = Merging(survivor.pk, merged.pk)
        for column in person_columns():
            column.merge.apply(column, merging)
        filled = [name for name in ("phone", "id_last4") if getattr(merged, name) and not getattr(survivor, name)]
        for name in filled:
            setattr(survivor, name, getattr(merged, name))
        survivor.save(update_fields=["phone", "id_last4"])
        merging.moves[FILLED] = filled
        merged.merged_into = survivor
        merged.save(update_fields=["merged_into"])
        # Whoever was merged into the one that goes now belongs to the one that stays.
        chain = list(Person.objects.filter(merged_into=merged).values_list("pk", flat=True))
        Person.objects.filter(pk__in=chain).update(merged_into=survivor)
        merging.moves[CHAIN] = chain
        proposal.moves, proposal.decided_by_id = merging.moves, by.person_id
        proposal.confirmed_at, proposal.undo_until = clock.now(), undo_until
        proposal.save()
        _note("merge_confirmed", proposal, place, by)
    return proposal


def refuse_merge(*, proposal: PersonMerge, place: Place, by: Actor) -> None:
    """They are two. Raises AlreadyDecided."""
    with writing():
        changed = PersonMerge.objects.filter(pk=proposal.pk, confirmed_at=None, refused_at=None).update(
            refused_at=clock.now(), decided_by_id=by.person_id
        )
        if not changed:
            raise AlreadyDecided(proposal.pk)
        _note("merge_refused", proposal, place, by)


def undo_merge(*, proposal: PersonMerge, place: Place, by: Actor) -> None:
    """Two again: what was moved goes back; what was done since stays with the survivor. Raises TooLateToUndo."""
    with writing():
        proposal = PersonMerge.objects.select_for_update().get(pk=proposal.pk)
        now = clock.now()
        if proposal.undo_until is None or proposal.undo_until < now or proposal.undone_at is not None:
            raise TooLateToUndo(proposal.pk)
        persons = {each.pk: each for each in Person.objects.select_for_update().filter(pk__in=[proposal.survivor_id, proposal.merged_id])}
        survivor, merged = persons[proposal.survivor_id], persons[proposal.merged_id]
        if survivor.erased_at is not None or merged.merged_into_id != survivor.pk:
            raise TooLateToUndo(proposal.pk)
        merging = Merging(survivor.pk, merged.pk, dict(proposal.moves))
        for column in reversed(person_columns()):
            column.merge.undo(column, merging)
        for name in merging.moves.get(FILLED, []):
            setattr(survivor, name, "")
        survivor.save(update_fields=["phone", "id_last4"])
        merged.merged_into = None
        merged.save(update_fields=["merged_into"])
        Person.objects.filter(pk__in=merging.moves.get(CHAIN, []), merged_into=survivor).update(merged_into=merged)
        proposal.undone_at = now
        proposal.save(update_fields=["undone_at"])
        _note("merge_undone", proposal, place, by)


def _check(survivor: Person, merged: Person) -> None:
    if survivor.pk == merged.pk:
        raise CannotMerge("same_person")
    for each in (survivor, merged):
        if each.erased_at is not None:
            raise CannotMerge("erased")
        if each.died_on is not None:
            raise CannotMerge("died")
        if each.merged_into_id is not None:
            raise CannotMerge("merged_already")
    if ErasureRequest.objects.filter(person__in=[survivor, merged], withdrawn_at=None, done_at=None).exists():
        raise CannotMerge("erasure_asked")


def _note(verb: str, proposal: PersonMerge, place: Place, by: Actor) -> None:
    record(
        verb=verb,
        kind="person",
        subject=str(proposal.survivor_id),
        place=place,
        by=by,
        audience=f"person:{proposal.survivor_id}",
        detail={"merged": proposal.merged_id, "because": proposal.because},
    )
