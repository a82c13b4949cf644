"""The official system's list of electronic votes, as its operator exports it: xlsx or csv, one row for each unit that voted."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from doorstep.affairs.rules.official_list import BAD_CHOICE, BAD_TIME, EMPTY_SHEET, MISSING, PERSON, TIME, UNIT, ListError, OfficialRow
from doorstep.foundation.clock import TOWN_ZONE
from doorstep.organisations.roll_file import UnreadableFile, read_table

CHOICES = {
    "同意": "agree",
    "赞成": "agree",
    "agree": "agree",
    "反对": "against",
    "不同意": "against",
    "against": "against",
    "弃权": "abstain",
    "abstain": "abstain",
}
HEADERS = {"unit": UNIT, "room": UNIT, "name": PERSON, "time": TIME, "cast_at": TIME}


class UnreadableList(Exception):
    """This is neither an xlsx workbook nor a csv in UTF-8 or GB18030."""


def read_official_list(data: bytes, *, motions: Sequence[str]) -> tuple[list[OfficialRow], list[ListError]]:
    """Columns 房号, 时间, one for each motion (M1 …), and 姓名 where it is given, in any order; other columns are ignored. The rows that can be
    read, and what is wrong with the others by row and column. Raises UnreadableList."""
    try:
        table = read_table(data)
    except UnreadableFile as error:
        raise UnreadableList from error
    filled = [(number, cells) for number, cells in table if any(str(cell or "").strip() for cell in cells)]
    if not filled:
        return [], [ListError(1, "", EMPTY_SHEET)]
    first, head = filled[0][0], ["" if cell is None else str(cell).strip() for cell in filled[0][1]]
    head = [HEADERS.get(name.lower(), name.upper() if name.upper() in motions else name) for name in head]
    errors = [ListError(first, name, MISSING) for name in (UNIT, TIME, *motions) if name not in head]
    if errors:
        return [], errors
    if len(filled) == 1:
        return [], [ListError(first, "", EMPTY_SHEET)]
    rows = []
    for number, cells in filled[1:]:
        row = {name: cells[index] for index, name in enumerate(head) if name and index < len(cells)}
        read, wrong = _row(number, row, motions)
        errors += wrong
        if read is not None:
            rows.append(read)
    return rows, errors


def _row(number: int, row: Mapping[str, object], motions: Sequence[str]) -> tuple[OfficialRow | None, list[ListError]]:
    errors = []
    unit = str(row.get(UNIT) or "").strip()
    if not unit:
        errors.append(ListError(number, UNIT, MISSING))
    cast_at = _time(row.get(TIME))
    if cast_at is None:
        errors.append(ListError(number, TIME, BAD_TIME if str(row.get(TIME) or "").strip() else MISSING))
    choices = {}
    for motion in motions:
        said = str(row.get(motion) or "").strip().lower()
        if said and said not in CHOICES:
            errors.append(ListError(number, motion, BAD_CHOICE))
        elif said:
            choices[motion] = CHOICES[said]
    if errors or cast_at is None:
        return None, errors
    return OfficialRow(unit, cast_at, choices, str(row.get(PERSON) or "").strip(), number), []


def _time(cell: object) -> datetime | None:
    """In the town's zone where none is given; None where it is no time."""
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=TOWN_ZONE)
    try:
        read = datetime.fromisoformat(str(cell or "").strip().replace("/", "-"))
    except ValueError:
        return None
    return read if read.tzinfo is not None else read.replace(tzinfo=TOWN_ZONE)
