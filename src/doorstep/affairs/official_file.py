"""The official system's list of electronic votes, as its operator exports it: xlsx or csv, one row for each unit that voted."""

from collections.abc import Sequence
from datetime import datetime

from doorstep.affairs.actions.ballots import OfficialRow
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
UNIT, PERSON, TIME = "房号", "姓名", "时间"


class UnreadableList(Exception):
    """The file, a column, a time or a choice in it cannot be read; the row is named where there is one."""


def read_official_list(data: bytes, *, motions: Sequence[str]) -> list[OfficialRow]:
    """Columns 房号, 时间, one for each motion (M1 …), and 姓名 where it is given; other columns are ignored."""
    try:
        table = read_table(data)
    except UnreadableFile as error:
        raise UnreadableList("file") from error
    if not table:
        raise UnreadableList("file")
    head = ["" if cell is None else str(cell).strip() for cell in table[0][1]]
    if UNIT not in head or TIME not in head or not set(motions) <= set(head):
        raise UnreadableList("columns")
    rows = []
    for number, cells in table[1:]:
        row = {name: cells[index] for index, name in enumerate(head) if name and index < len(cells)}
        if row.get(UNIT) in (None, ""):
            continue
        rows.append(
            OfficialRow(
                unit=str(row[UNIT]).strip(),
                person=str(row.get(PERSON) or "").strip(),
                cast_at=_time(row.get(TIME), number),
                choices={motion: _choice(row.get(motion), number) for motion in motions if row.get(motion) not in (None, "")},
            )
        )
    return rows


def _time(cell: object, row: int) -> datetime:
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=TOWN_ZONE)
    try:
        read = datetime.fromisoformat(str(cell).strip().replace("/", "-"))
    except ValueError as error:
        raise UnreadableList(row) from error
    return read if read.tzinfo is not None else read.replace(tzinfo=TOWN_ZONE)


def _choice(cell: object, row: int) -> str:
    choice = CHOICES.get(str(cell).strip().lower())
    if choice is None:
        raise UnreadableList(row)
    return choice
