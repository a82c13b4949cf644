"""Writing a roll: units, holders and the buildings they stand in. Twice the same sheet changes nothing."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from doorstep.foundation import clock
from doorstep.foundation.identity.actions import create_person
from doorstep.foundation.identity.models import Person
from doorstep.foundation.journal.actions import Actor, record, writing
from doorstep.foundation.places.actions import create_place
from doorstep.foundation.places.models import Place
from doorstep.organisations.actions.residence import holders_changed
from doorstep.organisations.actions.units import end_holdings
from doorstep.organisations.models import Holder, RollImport, Unit
from doorstep.organisations.rules.roll import Owner, RollReading, RollRow, party_key, read_roll

Table = Sequence[tuple[int, Sequence[object]]]


class BadRows(Exception):
    """Some rows are not good and nobody said to leave them out: nothing is written."""

    def __init__(self, report: dict[str, Any]) -> None:
        super().__init__(len(report["errors"]))
        self.report = report


class AlreadyWritten(Exception):
    """This upload has been written or dropped."""


@dataclass(frozen=True, slots=True)
class _Existing:
    """An estate's roll as it stands."""

    units: dict[str, Unit]
    holders: dict[int, frozenset[int]]
    persons: dict[int, Person]


def _existing(estate: Place) -> _Existing:
    units = {unit.name: unit for unit in Unit.objects.filter(estate=estate)}
    holders: dict[int, set[int]] = {}
    persons: dict[int, Person] = {}
    for holder in Holder.objects.filter(unit__estate=estate).select_related("person"):
        holders.setdefault(holder.unit_id, set()).add(holder.person_id)
        persons[holder.person_id] = holder.person
    return _Existing(units, {unit: frozenset(ids) for unit, ids in holders.items()}, persons)


def _match(reading: RollReading, existing: _Existing) -> list[Person | None]:
    """For each person of the sheet the one already known on this estate: by name and phone, by name and last four, or by name on the
    very same unit where neither sheet nor roll says more."""
    by_phone = {(person.name, person.phone): person for person in existing.persons.values() if person.phone}
    by_last4 = {(person.name, person.id_last4): person for person in existing.persons.values() if person.id_last4}
    found: list[Person | None] = []
    for owners in reading.persons:
        match = next((by_phone[owner.name, owner.phone] for owner in owners if (owner.name, owner.phone) in by_phone), None)
        match = match or next((by_last4[owner.name, owner.id_last4] for owner in owners if (owner.name, owner.id_last4) in by_last4), None)
        found.append(match)
    taken = {person.pk for person in found if person is not None}
    for unit, indices in reading.holders.items():
        known = existing.units.get(unit)
        here = [existing.persons[each] for each in existing.holders.get(known.pk, ())] if known is not None else []
        for index in indices:
            if found[index] is None:
                name = reading.persons[index][0].name
                same = [
                    person
                    for person in here
                    if person.name == name and person.pk not in taken and _compatible(person, reading.persons[index])
                ]
                if len(same) == 1:
                    found[index] = same[0]
                    taken.add(same[0].pk)
    return found


def _compatible(person: Person, owners: tuple[Owner, ...]) -> bool:
    phones = {owner.phone for owner in owners if owner.phone}
    last4 = {owner.id_last4 for owner in owners if owner.id_last4}
    return (not person.phone or not phones) and (not person.id_last4 or not last4)


def _facts(row: RollRow) -> dict[str, Any]:
    return {
        "entrance": row.entrance,
        "room": row.room,
        "area_hundredths": row.area_hundredths,
        "kind": row.kind,
        "status": row.status,
        "registered_on": row.registered_on,
    }


def _changes(row: RollRow, unit: Unit, held_by: frozenset[int], holder_ids: list[int | None]) -> bool:
    return any(getattr(unit, name) != value for name, value in _facts(row).items()) or held_by != frozenset(holder_ids)


def report_of(reading: RollReading, *, created: int, changed: int, unchanged: int, written: bool) -> dict[str, Any]:
    """`doorstep.import-report/1`, keys in the documented order."""
    return {
        "format": "doorstep.import-report/1",
        "rows": reading.read,
        "units": len(reading.rows),
        "persons": len(reading.persons),
        "parties": reading.parties,
        "area": f"{reading.area_hundredths // 100}.{reading.area_hundredths % 100:02d}",
        "created": created,
        "changed": changed,
        "unchanged": unchanged,
        "errors": [asdict(error) for error in reading.errors],
        "ask": [{"rows": list(each.rows), "name": each.name} for each in reading.ask],
        "written": written,
    }


def preview_table(*, estate: Place | None, table: Table) -> dict[str, Any]:
    """What importing would do; nothing is written. `estate` None = one that is not there yet."""
    reading = read_roll(table)
    existing = _existing(estate) if estate is not None else _Existing({}, {}, {})
    created, changed, unchanged = _tally(reading, existing)
    return report_of(reading, created=created, changed=changed, unchanged=unchanged, written=False)


def _tally(reading: RollReading, existing: _Existing) -> tuple[int, int, int]:
    matched = _match(reading, existing)
    created = changed = unchanged = 0
    for row in reading.rows:
        unit = existing.units.get(row.unit)
        if unit is None:
            created += 1
            continue
        ids = [person.pk if person is not None else None for person in (matched[index] for index in reading.holders[row.unit])]
        if _changes(row, unit, existing.holders.get(unit.pk, frozenset()), ids):
            changed += 1
        else:
            unchanged += 1
    return created, changed, unchanged


def import_table(*, estate: Place, table: Table, by: Actor, skip_bad: bool = False) -> dict[str, Any]:
    """Write a roll, all of it or nothing; with `skip_bad` the good rows. Returns the import report. Raises BadRows.

    Units the sheet does not name are left as they are: a roll is corrected by rows, a unit never disappears by an upload.
    """
    reading = read_roll(table)
    if (reading.errors and not skip_bad) or not reading.rows:
        raise BadRows(preview_table(estate=estate, table=table))
    with writing():
        Place.objects.select_for_update().get(pk=estate.pk)
        existing = _existing(estate)
        created, changed, unchanged = _tally(reading, existing)
        persons = _keep_persons(reading, _match(reading, existing))
        buildings = _keep_buildings(reading, estate, by)
        fresh: list[Unit] = []
        touched: list[tuple[Unit, list[int]]] = []
        for row in reading.rows:
            ids = [persons[index].pk for index in reading.holders[row.unit]]
            unit = existing.units.get(row.unit)
            key = party_key(row.status, ids)
            if unit is None:
                unit = Unit(estate=estate, building=buildings[row.building], name=row.unit, party_key=key, **_facts(row))
                fresh.append(unit)
                touched.append((unit, ids))
            elif _changes(row, unit, existing.holders.get(unit.pk, frozenset()), list(ids)):
                for name, value in _facts(row).items():
                    setattr(unit, name, value)
                unit.party_key = key
                unit.save()
                end_holdings(
                    [holder for holder in Holder.objects.filter(unit=unit) if holder.person_id not in ids],
                    until=clock.today(),
                    because="roll",
                )
                kept = existing.holders.get(unit.pk, frozenset())
                holders_changed(unit=unit, before=kept, after=ids, by=by)
                touched.append((unit, [each for each in ids if each not in kept]))
        Unit.objects.bulk_create(fresh, batch_size=500)
        Holder.objects.bulk_create(
            [Holder(unit=unit, person_id=each, held_from=unit.registered_on) for unit, ids in touched for each in ids], batch_size=500
        )
        if created or changed:
            record(
                verb="roll_imported",
                kind="roll",
                subject=estate.code,
                place=estate,
                by=by,
                audience=f"estate:{estate.code}",
                detail={"created": created, "changed": changed, "unchanged": unchanged, "sheet": fingerprint(table)},
            )
    return report_of(reading, created=created, changed=changed, unchanged=unchanged, written=True)


def _keep_persons(reading: RollReading, matched: list[Person | None]) -> list[Person]:
    """The known persons with what the sheet adds, and new ones."""
    kept = []
    for owners, known in zip(reading.persons, matched, strict=True):
        phone = next((owner.phone for owner in owners if owner.phone), "")
        last4 = next((owner.id_last4 for owner in owners if owner.id_last4), "")
        if known is None:
            known = create_person(name=owners[0].name, phone=phone, id_last4=last4)
        elif (phone and not known.phone) or (last4 and not known.id_last4):
            known.phone, known.id_last4 = known.phone or phone, known.id_last4 or last4
            known.save(update_fields=["phone", "id_last4"])
        kept.append(known)
    return kept


def _keep_buildings(reading: RollReading, estate: Place, by: Actor) -> dict[str, Place]:
    """The buildings the sheet names, found below the estate or made."""
    buildings = {place.name: place for place in Place.objects.filter(parent=estate, kind=Place.Kind.BUILDING)}
    position = len(buildings)
    for row in reading.rows:
        if row.building not in buildings:
            position += 1
            code = f"{estate.code}-b{position:02d}"
            while Place.objects.filter(code=code).exists():
                position += 1
                code = f"{estate.code}-b{position:02d}"
            buildings[row.building] = create_place(
                code=code, kind=Place.Kind.BUILDING, name=row.building, parent=estate, by=by, position=position
            )
    return buildings


def fingerprint(table: Table) -> str:
    """SHA-256 over the cells of a sheet."""
    digest = hashlib.sha256()
    for number, cells in table:
        digest.update(f"{number}|{'|'.join('' if cell is None else str(cell) for cell in cells)}\n".encode())
    return digest.hexdigest()


# Uploads: read and shown first, written when somebody says so.


def plain(table: Table) -> list[list[Any]]:
    """A table as JSON keeps it."""
    return [[number, [cell.isoformat() if isinstance(cell, date | datetime) else cell for cell in cells]] for number, cells in table]


def upload_roll(*, estate: Place, file_name: str, data: bytes, table: Table, by: Actor) -> RollImport:
    """Keep an upload with its report; nothing of the roll is written."""
    rows = plain(table)
    table = [(number, cells) for number, cells in rows]
    return RollImport.objects.create(
        estate=estate,
        file_name=file_name[:200],
        sha256=hashlib.sha256(data).hexdigest(),
        rows=rows,
        report=preview_table(estate=estate, table=table),
        uploaded_by_id=by.person_id,
        uploaded_at=clock.now(),
    )


def write_upload(*, upload: RollImport, by: Actor, skip_bad: bool = False) -> RollImport:
    """Write an upload that was looked at. Raises BadRows or AlreadyWritten."""
    with writing():
        upload = RollImport.objects.select_for_update(of=("self",)).select_related("estate").get(pk=upload.pk)
        if upload.written_at is not None or not upload.rows:
            raise AlreadyWritten(upload.pk)
        table = [(number, cells) for number, cells in upload.rows]
        upload.report = import_table(estate=upload.estate, table=table, by=by, skip_bad=skip_bad)
        upload.written_at = clock.now()
        upload.rows = []
        upload.save()
    return upload


def drop_upload(*, upload: RollImport) -> None:
    """Forget an upload that is not to be written: its rows hold names and phones."""
    RollImport.objects.filter(pk=upload.pk, written_at=None).delete()
