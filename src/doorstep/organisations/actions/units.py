"""A unit passes from its holders to others. The history stays, the party it belongs to in a vote is made anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.identity.actions import create_person
from doorstep.foundation.identity.models import Person
from doorstep.foundation.journal.actions import actor_of, record, writing
from doorstep.organisations.actions.bodies import BadDate, NotAllowed
from doorstep.organisations.actions.residence import holders_changed
from doorstep.organisations.models import FormerHolder, Holder, Unit
from doorstep.organisations.permissions import may_keep_roll
from doorstep.organisations.rules.roll import party_key


@dataclass(frozen=True, slots=True)
class NewHolder:
    """One of those a unit passes to, as their papers say. One person = same name and same phone, or same name and same last four."""

    name: str
    phone: str = ""
    id_last4: str = ""


class NoHolders(Exception):
    """A delivered unit has at least one holder."""


class SameHolders(Exception):
    """These hold it already."""


class TooEarly(Exception):
    """The unit passed to those who hold it on a later day."""


def transfer_unit(*, viewer: Viewer, unit: Unit, to: Sequence[NewHolder], on: date, because: str) -> Unit:
    """Pass a unit to others from a day on (today or before). Raises NoHolders, SameHolders, BadDate, TooEarly.

    A vote whose roll is frozen is not touched: it counts those who held when it was announced, and the change is ruled on there.
    """
    if not to:
        raise NoHolders
    if on > clock.today():
        raise BadDate(on)
    with writing():
        unit = Unit.objects.select_for_update(of=("self",)).select_related("estate").get(pk=unit.pk)
        if not may_keep_roll(viewer, unit.estate):
            raise NotAllowed
        before = list(Holder.objects.filter(unit=unit))
        if any(holder.held_from is not None and holder.held_from >= on for holder in before):
            raise TooEarly(on)
        persons = list({person.pk: person for person in (_person(unit, each) for each in to)}.values())
        ids = {person.pk for person in persons}
        if ids == {holder.person_id for holder in before} and unit.status == Unit.Status.DELIVERED:
            raise SameHolders(unit.pk)
        staying = {holder.person_id for holder in before} & ids
        end_holdings([holder for holder in before if holder.person_id not in staying], until=on - timedelta(days=1), because=because)
        Holder.objects.bulk_create(Holder(unit=unit, person=person, held_from=on) for person in persons if person.pk not in staying)
        unit.status = Unit.Status.DELIVERED
        unit.party_key = party_key(unit.status, sorted(ids))
        unit.save(update_fields=["status", "party_key"])
        holders_changed(unit=unit, before={each.person_id for each in before}, after=ids, by=actor_of(viewer))
        record(
            verb="unit_transferred",
            kind="unit",
            subject=str(unit.pk),
            place=unit.estate,
            by=actor_of(viewer),
            audience=f"estate:{unit.estate.code}",
            because=[because],
            detail={"unit": unit.pk, "on": on.isoformat(), "from": sorted(each.person_id for each in before), "to": sorted(ids)},
        )
    return unit


def end_holdings(holders: Sequence[Holder], *, until: date, because: str) -> None:
    """These no longer hold: they go from the unit's holders into its history."""
    FormerHolder.objects.bulk_create(
        FormerHolder(
            unit_id=holder.unit_id,
            person_id=holder.person_id,
            held_from=holder.held_from,
            held_until=max(until, holder.held_from) if holder.held_from else until,
            because=because,
        )
        for holder in holders
    )
    Holder.objects.filter(pk__in=[holder.pk for holder in holders]).delete()


def _person(unit: Unit, given: NewHolder) -> Person:
    """Somebody who holds or held on this estate and matches, else a new person: a name alone is not enough."""
    name = given.name.strip()
    on_estate = Person.objects.filter(name=name, erased_at=None, pk__in=Holder.objects.filter(unit__estate=unit.estate).values("person_id"))
    known = on_estate.filter(phone=given.phone).order_by("id").first() if given.phone else None
    if known is None and given.id_last4:
        known = on_estate.filter(id_last4=given.id_last4).order_by("id").first()
    return known or create_person(name=name, phone=given.phone, id_last4=given.id_last4)
