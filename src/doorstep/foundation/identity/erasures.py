"""Erasing a person: asked for, thought over, done everywhere, and done again after a restore.

What is left is a tombstone: an id without a name, so that the journal stays whole and refers to nothing that can be recovered.
"""

import json
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db.models import F

from doorstep.foundation import clock
from doorstep.foundation.identity.lifecycle import TOMBSTONE, Erasing, person_columns
from doorstep.foundation.identity.models import Account, Erasure, ErasureRequest, Person
from doorstep.foundation.journal.actions import SYSTEM, Actor, record, writing
from doorstep.foundation.places.models import Place


class ErasureAsked(Exception):
    """An erasure of this person is under way already."""


class NothingToWithdraw(Exception):
    """No erasure is waiting, or it has begun."""


def ask_erasure(*, person_id: int, due_at: datetime, by: Actor, place: Place) -> ErasureRequest:
    """Ask that a person be erased once `due_at` is past; until then it can be withdrawn by signing in. Raises ErasureAsked."""
    with writing():
        Person.objects.select_for_update().get(pk=person_id)
        if ErasureRequest.objects.filter(person_id=person_id, withdrawn_at=None, done_at=None).exists():
            raise ErasureAsked(person_id)
        request = ErasureRequest.objects.create(
            person_id=person_id, asked_by_id=by.person_id or person_id, asked_at=clock.now(), due_at=due_at
        )
        _note("erasure_asked", person_id, place, by)
    return request


def withdraw_erasure(*, person_id: int, by: Actor, place: Place) -> None:
    """Stay after all. Raises NothingToWithdraw."""
    with writing():
        changed = ErasureRequest.objects.filter(person_id=person_id, withdrawn_at=None, begun_at=None).update(withdrawn_at=clock.now())
        if not changed:
            raise NothingToWithdraw(person_id)
        _note("erasure_withdrawn", person_id, place, by)


def erasure_under_way(person_id: int) -> ErasureRequest | None:
    return ErasureRequest.objects.filter(person_id=person_id, withdrawn_at=None, done_at=None).first()


def erase_due(*, place: Place, at_most: int = 20) -> int:
    """Erase whoever asked and has had the days to think it over; how many were finished. One that is kept by rule is looked at again each
    time, since what keeps it (a unit on the roll) ends elsewhere."""
    due = ErasureRequest.objects.filter(withdrawn_at=None, done_at=None, due_at__lte=clock.now())
    done = 0
    for person_id in list(due.order_by(F("begun_at").asc(nulls_first=True), "id").values_list("person_id", flat=True)[:at_most]):
        done += not erase_person(person_id=person_id, place=place, by=SYSTEM)
    write_erasure_list()
    return done


def erase_person(*, person_id: int, place: Place, by: Actor) -> Sequence[str]:
    """Erase a person and everyone merged into them, everywhere; the codes of what still needs the name, or nothing when it is done.

    Everything else is erased in any case: the account, what they wrote as a neighbour, their phone.
    """
    with writing():
        now = clock.now()
        person = Person.objects.select_for_update().get(pk=person_id)
        everyone = [person, *Person.objects.select_for_update().filter(merged_into=person)]
        erasing = _erasing(everyone, now)
        kept = sorted({reason for column in person_columns() for reason in column.erase(column, erasing)})
        Person.objects.filter(pk__in=[each.pk for each in everyone]).update(phone="")
        running = ErasureRequest.objects.filter(person=person, withdrawn_at=None, done_at=None)
        if kept:
            running.update(begun_at=now, kept_because=kept)
            return kept
        Person.objects.filter(pk__in=[each.pk for each in everyone]).update(name=TOMBSTONE, id_last4="", erased_at=now)
        for each in everyone:
            Erasure.objects.update_or_create(person=each, defaults={"erased_at": now})
        running.update(begun_at=now, done_at=now, kept_because=[])
        _note("person_erased", person.pk, place, by)
    return ()


def _erasing(everyone: Sequence[Person], now: datetime) -> Erasing:
    ids = frozenset(each.pk for each in everyone)
    phones = {each.phone for each in everyone} | set(Account.objects.filter(person_id__in=ids).values_list("phone", flat=True))
    # A name of one character would blot out half a language.
    names = {each.name for each in everyone if len(each.name) > 1} - {TOMBSTONE}
    return Erasing(ids, marks=tuple(sorted((names | phones) - {""})), phones=tuple(sorted(phones - {""})), at=now)


def _note(verb: str, person_id: int, place: Place, by: Actor) -> None:
    record(verb=verb, kind="person", subject=str(person_id), place=place, by=by, audience=f"person:{person_id}")


# The list beside the database: a backup of last week has last week's persons in it.


def list_file() -> Path:
    """One line of JSON for each erased person: id, when the person was entered (by which a restored database is known to be this town's),
    when they were erased. Kept and backed up apart from the database; no name stands in it."""
    return Path(settings.HOME) / "erasures.jsonl"


def _listed() -> dict[int, dict[str, str]]:
    path = list_file()
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    return {int(row["person"]): row for row in map(json.loads, filter(None, lines))}


def write_erasure_list() -> int:
    """Add to the file whoever is in the table and not yet in it; how many. Never takes anybody out."""
    known = _listed()
    rows = (
        Erasure.objects.exclude(person_id__in=known)
        .order_by("erased_at", "person_id")
        .values_list("person_id", "person__created_at", "erased_at")
    )
    fresh = [
        json.dumps({"person": person_id, "entered_at": entered.isoformat(), "erased_at": erased.isoformat()})
        for person_id, entered, erased in rows
    ]
    if fresh:
        with os.fdopen(os.open(list_file(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w", encoding="utf-8") as file:
            file.write("".join(f"{line}\n" for line in fresh))
            file.flush()
            os.fsync(file.fileno())
    return len(fresh)


def replay_erasures(*, place: Place) -> int:
    """After a restore: erase again whoever the list names and the database still knows; how many. A person entered at another instant
    is somebody else's and left alone."""
    count = 0
    for person_id, row in _listed().items():
        person = Person.objects.filter(pk=person_id, erased_at=None).first()
        if person is not None and person.created_at == datetime.fromisoformat(row["entered_at"]):
            count += not erase_person(person_id=person_id, place=place, by=SYSTEM)
    return count
