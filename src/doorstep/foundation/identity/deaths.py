"""When somebody has died: what was theirs alone ends, what others rely on stays, and a near relative may look after the rest (PIPL art. 49)."""

from datetime import date

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.identity.lifecycle import person_columns
from doorstep.foundation.identity.models import Death, Person
from doorstep.foundation.journal.actions import Actor, record, writing
from doorstep.foundation.places.models import Place


class NotPossible(Exception):
    """`reason`: future, erased, noted_already."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def report_death(
    *,
    person_id: int,
    died_on: date,
    proof: str,
    kept_where: str,
    by: Actor,
    place: Place,
    relative_id: int | None = None,
    relation: str = "",
) -> Death:
    """Say that a person has died and with what proof. Changes nothing until it is confirmed. Raises NotPossible."""
    if died_on > clock.today():
        raise NotPossible("future")
    with writing():
        person = Person.objects.select_for_update().get(pk=person_id)
        if person.erased_at is not None or person.merged_into_id is not None:
            raise NotPossible("erased")
        if Death.objects.filter(person=person).exists():
            raise NotPossible("noted_already")
        death = Death.objects.create(
            person=person,
            died_on=died_on,
            proof=proof,
            kept_where=kept_where.strip()[:120],
            noted_by_id=by.person_id or person_id,
            noted_at=clock.now(),
            relative_id=relative_id,
            relation=relation if relative_id else "",
        )
        _note("death_reported", death, place, by)
    return death


def confirm_death(*, death: Death, by: Actor, place: Place) -> None:
    """The proof has been seen: every room ends what was theirs. Raises NotPossible."""
    with writing():
        death = Death.objects.select_for_update().get(pk=death.pk)
        if death.confirmed_at is not None:
            raise NotPossible("noted_already")
        death.confirmed_by_id, death.confirmed_at = by.person_id, clock.now()
        death.save(update_fields=["confirmed_by", "confirmed_at"])
        Person.objects.filter(pk=death.person_id).update(died_on=death.died_on)
        for column in person_columns():
            column.deceased(column, death.person_id, death.died_on)
        _note("death_confirmed", death, place, by)


def refuse_death(*, death: Death, by: Actor, place: Place) -> None:
    """It was not so. Raises NotPossible once it is confirmed."""
    with writing():
        if not Death.objects.filter(pk=death.pk, confirmed_at=None).delete()[0]:
            raise NotPossible("noted_already")
        _note("death_refused", death, place, by)


def _note(verb: str, death: Death, place: Place, by: Actor) -> None:
    record(
        verb=verb,
        kind="person",
        subject=str(death.person_id),
        place=place,
        by=by,
        audience=f"person:{death.relative_id or death.person_id}",
        detail={"proof": death.proof, "relative": death.relative_id},
    )


def looked_after_by(viewer: Viewer) -> list[Death]:
    """The dead whose near relative the viewer is: they may see, copy, correct and erase what is left."""
    return list(
        Death.objects.filter(relative_id=viewer.own_id, confirmed_at__isnull=False, person__erased_at=None)
        .select_related("person")
        .order_by("noted_at")
        if viewer.signed_in
        else []
    )


def may_look_after(viewer: Viewer, person_id: int) -> bool:
    return viewer.signed_in and any(death.person_id == person_id for death in looked_after_by(viewer))
