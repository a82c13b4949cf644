"""Where a matter went outside, with the clock of the office there."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from doorstep.affairs.models import Matter, Transfer
from doorstep.affairs.rules.matter_states import State
from doorstep.foundation.places.models import Place
from doorstep.foundation.regulations.deadlines import last_day
from doorstep.foundation.regulations.queries import RegulationValue, calendar, value_of


@dataclass(frozen=True, slots=True)
class Statutory:
    """The clock of the office that registered it, shown beside it and never ours."""

    notice_by: date
    finish_by: date
    latest_by: date
    notice_days: int


def transfers_of(matter: Matter, *, with_number: bool) -> list[tuple[Transfer, Statutory | None]]:
    """Where a matter went outside, each with the statutory clock of a petition that was registered there (Regulations on Petition Work,
    art. 23 and 34; days of the calendar, the day of registration not counted). The office's own number, by which its progress can be asked
    for there, is for those who have a part in the matter; the others' rows have none. One that came back, as all but the last of a matter still outside, has
    no clock any longer."""
    rows = list(Transfer.objects.filter(matter=matter).order_by("id"))
    there = rows[-1] if rows and matter.state == State.TRANSFERRED else None
    return [(row, _statutory(row, matter.place) if row is there else None) for row in (rows if with_number else _without_number(rows))]


def _without_number(rows: Iterable[Transfer]) -> Iterator[Transfer]:
    for row in rows:
        row.number = ""
        yield row


def _statutory(transfer: Transfer, place: Place) -> Statutory | None:
    start = transfer.registered_on
    if transfer.to != Transfer.To.PETITION or start is None:
        return None

    def limit(key: str) -> RegulationValue:
        return value_of(key, place_lineage_localities=place.localities, on=start)

    notice = limit("petition.notice_days")
    finish = last_day(start, limit("petition.finish_days").limit, calendar())
    return Statutory(
        notice_by=last_day(start, notice.limit, calendar()),
        finish_by=finish,
        latest_by=last_day(finish, limit("petition.extension_days").limit, calendar()),
        notice_days=notice.number,
    )
