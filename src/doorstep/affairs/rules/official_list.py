"""The official system's list of electronic votes, compared with the frozen roll: whose ballots it holds, or what is wrong with it where.

Pure: rows, the roll's holders and the time of voting in, ballots or errors by row and column out. A row that cannot be matched is never
guessed: a name that is nobody's of that unit is an error, and one error is enough that nothing is taken.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import rfc8785

UNIT, PERSON, TIME = "房号", "姓名", "时间"
MISSING, NOT_ON_ROLL, UNKNOWN_PERSON, AMBIGUOUS_PERSON, OUTSIDE_PERIOD, BAD_TIME, BAD_CHOICE, EMPTY_SHEET = (
    "missing",
    "not_on_roll",
    "unknown_person",
    "ambiguous_person",
    "outside_period",
    "bad_time",
    "bad_choice",
    "empty_sheet",
)
REASONS = (MISSING, NOT_ON_ROLL, UNKNOWN_PERSON, AMBIGUOUS_PERSON, OUTSIDE_PERIOD, BAD_TIME, BAD_CHOICE, EMPTY_SHEET)


@dataclass(frozen=True, slots=True)
class OfficialRow:
    """One row of the list: `choices` by motion code, `person` a name or "". `row` as the sheet numbers it."""

    unit: str
    cast_at: datetime
    choices: Mapping[str, str]
    person: str = ""
    row: int = 0


@dataclass(frozen=True, slots=True)
class ListError:
    """What is wrong, where: `column` is its header, `reason` one of REASONS."""

    row: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class UnitHolder:
    """Who may have voted for a unit; `parties`: in how many parties of the roll they are."""

    person_id: int
    name: str
    parties: int = 1


@dataclass(frozen=True, slots=True)
class ListBallot:
    by_id: int
    cast_at: datetime
    choices: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ListReading:
    """`ballots` in the order of the file; `changed`: how many people's rows say different things."""

    ballots: tuple[ListBallot, ...]
    errors: tuple[ListError, ...]
    changed: int


def compare(
    rows: Sequence[OfficialRow],
    *,
    holders: Mapping[str, Sequence[UnitHolder]],
    motions: Sequence[str],
    opens_at: datetime,
    ends_at: datetime,
) -> ListReading:
    """Match every row with the roll. `holders`: of each unit that counts, the people of its party, in the roll's order.

    Rows of one person that say the same are one ballot, cast when the last of them was; rows that say different things stay ballots of
    their own, and the count takes the latest (formats, section 1)."""
    errors: list[ListError] = []
    said: dict[int, dict[tuple[tuple[str, str], ...], tuple[datetime, int]]] = {}
    for at, row in enumerate(rows):
        wrong = _wrong(row, holders, motions, opens_at, ends_at)
        errors += wrong
        if wrong:
            continue
        person = _who(row.person, holders[row.unit])
        if isinstance(person, str):
            errors.append(ListError(row.row, PERSON, person))
            continue
        mine = said.setdefault(person, {})
        choices = tuple(sorted(row.choices.items()))
        mine[choices] = max(mine.get(choices, (row.cast_at, at)), (row.cast_at, at))
    ballots = sorted(
        ((at, ListBallot(person, cast_at, dict(choices))) for person, mine in said.items() for choices, (cast_at, at) in mine.items()),
        key=lambda each: each[0],
    )
    if errors:
        return ListReading((), tuple(errors), 0)
    return ListReading(tuple(ballot for _at, ballot in ballots), (), sum(1 for mine in said.values() if len(mine) > 1))


def _wrong(
    row: OfficialRow, holders: Mapping[str, Sequence[UnitHolder]], motions: Sequence[str], opens_at: datetime, ends_at: datetime
) -> list[ListError]:
    errors = []
    if row.unit not in holders:
        errors.append(ListError(row.row, UNIT, NOT_ON_ROLL))
    if not opens_at <= row.cast_at <= ends_at:
        errors.append(ListError(row.row, TIME, OUTSIDE_PERIOD))
    if not row.choices:
        errors.append(ListError(row.row, motions[0], MISSING))
    errors += [ListError(row.row, motion, BAD_CHOICE) for motion in sorted(set(row.choices) - set(motions))]
    return errors


def _who(name: str, held_by: Sequence[UnitHolder]) -> int | str:
    """The person, or the reason why nobody can be named. Without a name a unit of one holder voted by them; of several, by the first who
    holds nothing else, since another's ballot would act for their other units too."""
    if name:
        found = [each.person_id for each in held_by if each.name == name]
        return found[0] if len(found) == 1 else (AMBIGUOUS_PERSON if found else UNKNOWN_PERSON)
    if len(held_by) == 1:
        return held_by[0].person_id
    return next((each.person_id for each in held_by if each.parties == 1), MISSING)


def digest_of(rows: Sequence[OfficialRow]) -> str:
    """SHA-256 of what the rows say, whatever file they came in."""
    said: list[Any] = [[row.unit, row.person, row.cast_at.isoformat(timespec="seconds"), dict(sorted(row.choices.items()))] for row in rows]
    return hashlib.sha256(rfc8785.dumps(said)).hexdigest()
