"""Erasing a person: asked for, thought over, done everywhere, and done again after a restore.

What is left is a tombstone: an id without a name, so that the journal stays whole and refers to nothing that can be recovered.
"""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

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


class NoList(Exception):
    """The erasure list is not in the town's home: whom to erase again is not known."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many persons a replay erased again: wholly, and but for a name that something still needs."""

    erased: int = 0
    but_for_the_name: int = 0


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
            if not running.update(begun_at=now, kept_because=kept):
                # Replayed into a database that never heard of it: the worker has to come back for the name.
                ErasureRequest.objects.create(person=person, asked_by=person, asked_at=now, due_at=now, begun_at=now, kept_because=kept)
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
    """Lines of JSON, one for each person whose erasure began and one more when it is done: id, when the person was entered (by which a
    restored database is known to be this town's), when they were erased (null: all but the name is) and the codes of what kept the name.
    Of several lines about one person the last one counts. Kept and backed up apart from the database; no name stands in it."""
    return Path(settings.HOME) / "erasures.jsonl"


def _listed() -> dict[int, dict[str, Any]]:
    """The last line about each person. Raises NoList."""
    try:
        lines = list_file().read_text("utf-8").splitlines()
    except FileNotFoundError as missing:
        raise NoList(list_file()) from missing
    return {int(row["person"]): row for row in map(json.loads, filter(None, lines))}


def refuse_without_list() -> None:
    """Raises NoList."""
    _listed()


def write_erasure_list() -> int:
    """Bring the file up to the tables: whoever is erased, wholly or in part, and not yet in it as that; how many lines. It is made where it is
    missing, empty while nobody was erased, and nobody is ever taken out."""
    file = os.fdopen(os.open(list_file(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w", encoding="utf-8")
    with file:
        known = _listed()
        fresh = [row for row in _begun() if _news(known.get(row["person"]), row)]
        file.write("".join(f"{json.dumps(row)}\n" for row in fresh))
        file.flush()
        os.fsync(file.fileno())
    return len(fresh)


def _begun() -> Iterator[dict[str, Any]]:
    """A line for each person erased, and for each whose erasure has begun, with whoever was merged into them."""
    whole = Erasure.objects.order_by("erased_at", "person_id").values_list("person_id", "person__created_at", "erased_at")
    for person_id, entered, erased in whole:
        yield _line(person_id, entered, erased, [])
    running = ErasureRequest.objects.filter(withdrawn_at=None, done_at=None, begun_at__isnull=False).order_by("begun_at", "id")
    kept = {person_id: codes for person_id, codes in running.values_list("person_id", "kept_because")}
    of_them = {person_id: person_id for person_id in kept}
    of_them |= dict(Person.objects.filter(merged_into__in=kept, erased_at=None).order_by("id").values_list("pk", "merged_into_id"))
    entered_at = dict(Person.objects.filter(pk__in=of_them, erased_at=None).values_list("pk", "created_at"))
    for person_id, whose in of_them.items():
        if person_id in entered_at:
            yield _line(person_id, entered_at[person_id], None, kept[whose])


def _line(person_id: int, entered: datetime, erased: datetime | None, kept: Sequence[str]) -> dict[str, Any]:
    return {
        "person": person_id,
        "entered_at": entered.isoformat(),
        "erased_at": erased.isoformat() if erased is not None else None,
        "kept": list(kept),
    }


def _news(listed: dict[str, Any] | None, row: dict[str, Any]) -> bool:
    """Whether a line says more than the last one about this person. One who is listed as erased is never listed as less."""
    if listed is None:
        return True
    if listed["erased_at"] is not None:
        return False
    return row["erased_at"] is not None or row["kept"] != listed.get("kept", [])


def replay_erasures(*, place: Place) -> Replayed:
    """After a restore: erase again whoever the list names and the database still knows. A person entered at another instant is somebody
    else's and left alone. What still needs a name is decided by the database as it is now; the worker goes on from there. Raises NoList."""
    erased, but_for_the_name = 0, 0
    listed = _listed()
    for person_id, row in listed.items():
        person = Person.objects.filter(pk=person_id, erased_at=None).first()
        if person is None or person.created_at != datetime.fromisoformat(row["entered_at"]):
            continue
        if person.merged_into_id in listed:
            # Goes with the one they are.
            continue
        if erase_person(person_id=person_id, place=place, by=SYSTEM):
            but_for_the_name += 1
        else:
            erased += 1
    return Replayed(erased, but_for_the_name)
