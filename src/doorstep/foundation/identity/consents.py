"""Consents by purpose, and standing permissions to act for somebody. Given on a screen or on paper; ended as easily as given (PIPL art. 15)."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.utils.functional import Promise

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.identity.lifecycle import person_columns
from doorstep.foundation.identity.models import Consent, How, Mandate, Person
from doorstep.foundation.identity.rules.names import same_name
from doorstep.foundation.journal.actions import Actor, record, writing
from doorstep.foundation.places.models import Place


@dataclass(frozen=True, slots=True)
class Purpose:
    """What somebody may agree to. A changed text is a new version: who agreed to the old one is asked again."""

    code: str
    version: str
    title: Promise
    text: Promise


class UnknownPurpose(Exception):
    """No room asks consent for this."""


class WitnessMissing(Exception):
    """A paper needs a witness and the place where it is kept."""


class MandateDates(Exception):
    """A permission begins today or later, ends after it begins, and not later than the regulations allow."""


class NotForOneself(Exception):
    """Nobody needs a permission to act for themselves."""


_purposes: dict[str, Purpose] = {}


def register_purpose(purpose: Purpose) -> None:
    """A room that needs consent names what for; called in its AppConfig.ready."""
    _purposes[purpose.code] = purpose


def purposes() -> list[Purpose]:
    return list(_purposes.values())


def running_consents(person_id: int) -> dict[str, Consent]:
    """What a person agrees to now, by purpose. An older version of the text does not count."""
    found = Consent.objects.filter(person_id=person_id, withdrawn_at=None)
    return {each.purpose: each for each in found if each.purpose in _purposes and _purposes[each.purpose].version == each.text_version}


def has_consent(person_id: int, purpose: str) -> bool:
    return purpose in running_consents(person_id)


def give_consent(
    *, person_id: int, purpose: str, by: Actor, place: Place, how: str = How.SCREEN, witness: str = "", kept_where: str = ""
) -> Consent:
    """Keep a consent to the present text of a purpose; one already running is given again unchanged. Raises UnknownPurpose, WitnessMissing."""
    if purpose not in _purposes:
        raise UnknownPurpose(purpose)
    witness, kept_where = _paper(how, witness, kept_where)
    version = _purposes[purpose].version
    with writing():
        Person.objects.select_for_update().get(pk=person_id)
        running = Consent.objects.filter(person_id=person_id, purpose=purpose, withdrawn_at=None).first()
        if running is not None and running.text_version == version:
            return running
        now = clock.now()
        if running is not None:
            Consent.objects.filter(pk=running.pk).update(withdrawn_at=now)
        given = Consent.objects.create(
            person_id=person_id,
            purpose=purpose,
            text_version=version,
            how=how,
            witness=witness,
            kept_where=kept_where,
            recorded_by_id=by.person_id,
            given_at=now,
        )
        record(
            verb="consent_given",
            kind="person",
            subject=str(person_id),
            place=place,
            by=by,
            audience=f"person:{person_id}",
            detail={"purpose": purpose, "version": version, "how": str(how)},
        )
    return given


def withdraw_consent(*, person_id: int, purpose: str, by: Actor, place: Place) -> bool:
    """End a consent; every room takes back at once what rested on it. False where none was running."""
    with writing():
        Person.objects.select_for_update().get(pk=person_id)
        ended = Consent.objects.filter(person_id=person_id, purpose=purpose, withdrawn_at=None).update(withdrawn_at=clock.now())
        if not ended:
            return False
        for column in person_columns():
            column.consent_withdrawn(column, person_id, purpose)
        record(
            verb="consent_withdrawn",
            kind="person",
            subject=str(person_id),
            place=place,
            by=by,
            audience=f"person:{person_id}",
            detail={"purpose": purpose},
        )
    return True


def _paper(how: str, witness: str, kept_where: str) -> tuple[str, str]:
    if how != How.PAPER:
        return "", ""
    witness, kept_where = witness.strip()[:80], kept_where.strip()[:120]
    if not witness or not kept_where:
        raise WitnessMissing
    return witness, kept_where


# Assisted use


def give_mandate(
    *,
    person_id: int,
    helper_id: int,
    from_on: date,
    until_on: date,
    latest: date,
    by: Actor,
    place: Place,
    how: str = How.SCREEN,
    witness: str = "",
    kept_where: str = "",
) -> Mandate:
    """Let a helper act for a person. `latest`: the last day the regulations allow. Raises MandateDates, NotForOneself, WitnessMissing."""
    if person_id == helper_id:
        raise NotForOneself(person_id)
    if not clock.today() <= from_on <= until_on <= latest:
        raise MandateDates(from_on, until_on)
    witness, kept_where = _paper(how, witness, kept_where)
    with writing():
        given = Mandate.objects.create(
            person_id=person_id,
            helper_id=helper_id,
            from_on=from_on,
            until_on=until_on,
            how=how,
            witness=witness,
            kept_where=kept_where,
            recorded_by_id=by.person_id,
        )
        record(
            verb="mandate_given",
            kind="person",
            subject=str(person_id),
            place=place,
            by=by,
            audience=f"person:{person_id}",
            detail={"helper": helper_id, "until": until_on.isoformat(), "how": str(how)},
        )
    return given


def end_mandate(*, mandate: Mandate, by: Actor, place: Place) -> None:
    """End a permission: the person who gave it, or the helper who no longer can."""
    with writing():
        if Mandate.objects.filter(pk=mandate.pk, ended_at=None).update(ended_at=clock.now()):
            record(
                verb="mandate_ended",
                kind="person",
                subject=str(mandate.person_id),
                place=place,
                by=by,
                audience=f"person:{mandate.person_id}",
                detail={"helper": mandate.helper_id},
            )


def _running() -> QuerySet[Mandate]:
    today = clock.today()
    return Mandate.objects.filter(ended_at=None, from_on__lte=today, until_on__gte=today, person__died_on=None, person__erased_at=None)


def mandates_given(person_id: int) -> list[Mandate]:
    """Who may act for this person, today or from a later day."""
    return list(
        Mandate.objects.filter(person_id=person_id, ended_at=None, until_on__gte=clock.today())
        .select_related("helper")
        .order_by("until_on")
    )


def mandates_held(helper_id: int) -> list[Mandate]:
    """For whom this person may act today."""
    return list(_running().filter(helper_id=helper_id).select_related("person").order_by("person_id"))


def may_act_for(viewer: Viewer, person_id: int) -> bool:
    """Whether the viewer has a standing permission of this person today."""
    return viewer.signed_in and _running().filter(helper_id=viewer.own_id, person_id=person_id).exists()


def mandated_by_name(helper_id: int, name: str) -> int | None:
    """Whom a helper means by a name: the one person of that name whose permission they hold; None where there is none or more than one."""
    found = [each.person_id for each in mandates_held(helper_id) if same_name(each.person.name, name)]
    return found[0] if len(found) == 1 else None
