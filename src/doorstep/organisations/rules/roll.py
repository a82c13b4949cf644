"""An owners' roll as a property clerk keeps it: rows of a sheet become units, persons and holding parties, or errors by row and column.

Pure: cells in, a reading out. Column names, reasons and the one-person rule are the formats document's, section 5.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

Cell = object
MISSING, NOT_A_NUMBER, NOT_POSITIVE, TOO_FINE, UNKNOWN_VALUE = "missing", "not_a_number", "not_positive", "too_fine", "unknown_value"
DUPLICATE_UNIT, BAD_PHONE, BAD_DATE, UNKNOWN_COLUMN, EMPTY_SHEET = (
    "duplicate_unit",
    "bad_phone",
    "bad_date",
    "unknown_column",
    "empty_sheet",
)

COLUMNS = {
    "building": "楼栋",
    "entrance": "单元",
    "room": "房号",
    "area": "面积",
    "kind": "用途",
    "owner": "业主姓名",
    "phone": "联系电话",
    "id_last4": "证件后四位",
    "status": "交付状态",
    "registered_on": "登记日期",
}
REQUIRED = ("building", "room", "area")
KINDS = {"住宅": "flat", "商铺": "shop", "车位": "parking", "其他": "other"}
STATUSES = {"已交付": "delivered", "未售": "unsold", "已售未交付": "undelivered"}
DEVELOPER = "developer"
LONGEST = 80


@dataclass(frozen=True, slots=True)
class RowError:
    """`row` as the sheet numbers it; `column` by its Chinese header."""

    row: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Owner:
    name: str
    phone: str = ""
    id_last4: str = ""


@dataclass(frozen=True, slots=True)
class RollRow:
    """One good row: one unit. `area_hundredths` in hundredths of m²."""

    row: int
    unit: str
    building: str
    entrance: str
    room: str
    area_hundredths: int
    kind: str
    status: str
    owners: tuple[Owner, ...]
    registered_on: date | None


@dataclass(frozen=True, slots=True)
class Ask:
    """Rows whose owners share a name and nothing else: different persons, unless somebody knows better."""

    rows: tuple[int, ...]
    name: str


@dataclass(frozen=True, slots=True)
class RollReading:
    """What a sheet says. `persons[i]` are the owners taken for one person; `holders[unit]` are indices into it."""

    rows: tuple[RollRow, ...]
    errors: tuple[RowError, ...]
    ask: tuple[Ask, ...]
    persons: tuple[tuple[Owner, ...], ...]
    holders: dict[str, tuple[int, ...]] = field(default_factory=dict)
    read: int = 0

    @property
    def parties(self) -> int:
        """Holding parties: identical sets of holders are one; all units unsold or undelivered are the developer's."""
        keys = {party_key(row.status, self.holders[row.unit]) for row in self.rows}
        return len(keys)

    @property
    def area_hundredths(self) -> int:
        return sum(row.area_hundredths for row in self.rows)


def party_key(status: str, holders: Iterable[object]) -> str:
    """Who counts as one person in a vote: the set of holders, or the developer for what is not delivered."""
    return DEVELOPER if status != "delivered" else ",".join(sorted(str(holder) for holder in holders))


def unit_name(building: str, entrance: str, room: str) -> str:
    """楼栋-单元-房号; an empty 单元 is left out with its hyphen."""
    return "-".join(part for part in (building, entrance, room) if part)


def read_roll(table: Sequence[tuple[int, Sequence[Cell]]]) -> RollReading:
    """Read (sheet row number, cells) rows, the first non-empty one being the header."""
    filled = [(number, cells) for number, cells in table if any(_text(cell) for cell in cells)]
    if not filled:
        return RollReading((), (RowError(1, "", EMPTY_SHEET),), (), ())
    head_row, head = filled[0]
    columns, errors = _columns(head_row, head)
    if any(error.reason == MISSING for error in errors):
        return RollReading((), tuple(errors), (), (), read=len(filled) - 1)
    if len(filled) == 1:
        return RollReading((), (RowError(head_row, "", EMPTY_SHEET),), (), ())
    rows: list[RollRow] = []
    seen: dict[str, int] = {}
    for number, cells in filled[1:]:
        unit, row, wrong = _row(number, {name: cells[index] if index < len(cells) else None for name, index in columns.items()})
        if unit in seen:
            # Told of a row that is wrong otherwise too, so that one pass names everything.
            wrong.append(RowError(number, COLUMNS["room"], DUPLICATE_UNIT))
        elif unit:
            seen[unit] = number
        errors += wrong
        if row is not None and not wrong:
            rows.append(row)
    persons, holders, ask = _persons(rows)
    return RollReading(tuple(rows), tuple(errors), ask, persons, holders, read=len(filled) - 1)


def _columns(row: int, head: Sequence[Cell]) -> tuple[dict[str, int], list[RowError]]:
    known = {**{zh: name for name, zh in COLUMNS.items()}, **{name: name for name in COLUMNS}}
    columns: dict[str, int] = {}
    errors = []
    for index, cell in enumerate(head):
        text = re.sub(r"\s+", "", _text(cell)).lower()
        if not text:
            continue
        name = known.get(text)
        if name is None or name in columns:
            errors.append(RowError(row, _text(cell)[:LONGEST], UNKNOWN_COLUMN))
        else:
            columns[name] = index
    errors += [RowError(row, COLUMNS[name], MISSING) for name in (*REQUIRED, "owner") if name not in columns]
    return columns, errors


def _row(number: int, cells: dict[str, Cell]) -> tuple[str, RollRow | None, list[RowError]]:
    """The unit's name ("" where the row does not say it), the row if it is good, and what is wrong."""
    wrong: list[RowError] = []

    def bad(column: str, reason: str) -> None:
        wrong.append(RowError(number, COLUMNS[column], reason))

    building, entrance, room = (_label(cells.get(name)) for name in ("building", "entrance", "room"))
    for name, text in (("building", building), ("room", room)):
        if not text:
            bad(name, MISSING)
    for name, text in (("building", building), ("entrance", entrance), ("room", room)):
        if len(text) > 20 or any(sign in text for sign in "|,\n"):
            bad(name, UNKNOWN_VALUE)
    area = _area(cells.get("area"))
    if isinstance(area, str):
        bad("area", area)
    kind = _choice(cells.get("kind"), KINDS, "flat")
    if kind is None:
        bad("kind", UNKNOWN_VALUE)
    status = _choice(cells.get("status"), STATUSES, "delivered")
    if status is None:
        bad("status", UNKNOWN_VALUE)
    names = _several(cells.get("owner"))
    if not names and status == "delivered":
        bad("owner", MISSING)
    phones = [_phone(text) for text in _several(cells.get("phone"), keep_empty=True)]
    if None in phones or (len(phones) > 1 and len(phones) != len(names)):
        bad("phone", BAD_PHONE)
    last4 = [text.upper() for text in _several(cells.get("id_last4"), keep_empty=True)]
    if any(text and not re.fullmatch(r"[0-9A-Z]{4}", text) for text in last4) or (len(last4) > 1 and len(last4) != len(names)):
        bad("id_last4", UNKNOWN_VALUE)
    if len(set(names)) != len(names) and len(phones) != len(names) and len(last4) != len(names):
        # 陈明、陈明 with nothing to tell them apart cannot be two holders.
        bad("owner", UNKNOWN_VALUE)
    registered_on = _date(cells.get("registered_on"))
    if registered_on is False:
        bad("registered_on", BAD_DATE)
    if any(len(name) > LONGEST or "|" in name or "," in name for name in names):
        bad("owner", UNKNOWN_VALUE)
    unit = unit_name(building, entrance, room) if building and room else ""
    if wrong:
        return unit, None, wrong
    owners = tuple(
        Owner(name, (phones[index] or "") if index < len(phones) else "", last4[index] if index < len(last4) else "")
        for index, name in enumerate(names)
    )
    assert isinstance(area, int) and kind and status and not isinstance(registered_on, bool)  # noqa: PT018  told apart above
    return unit, RollRow(number, unit, building, entrance, room, area, kind, status, owners, registered_on), wrong


def _text(cell: Cell) -> str:
    """A cell as text: a number that Excel keeps as 302.0 is 302; the apostrophe by which a text was kept from being a formula is none of it."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell)
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip().strip("﻿\u3000").strip().removeprefix("'")


def _label(cell: Cell) -> str:
    """A building, entrance or room: full-width digits and hyphens as people mean them."""
    return unicodedata.normalize("NFKC", _text(cell)).strip()


def _several(cell: Cell, *, keep_empty: bool = False) -> list[str]:
    text = _text(cell)
    if not text:
        return []
    parts = [" ".join(part.split()) for part in re.split("[、，,;；/]", text)]
    return parts if keep_empty else [part for part in parts if part]


def _choice(cell: Cell, known: dict[str, str], default: str) -> str | None:
    text = re.sub(r"\s+", "", _text(cell)).lower()
    if not text:
        return default
    return known.get(text) or (text if text in known.values() else None)


def _area(cell: Cell) -> int | str:
    """Hundredths of m², or what is wrong. A float is what it prints as: 92.3 is 92.30, never 92.299999."""
    if isinstance(cell, bool):
        return NOT_A_NUMBER
    text = unicodedata.normalize("NFKC", _text(cell)).replace(" ", "")
    for sign in ("m²", "m2", "㎡", "平方米", "平米"):
        text = text.removesuffix(sign)
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", text):
        text = text.replace(",", "")
    if not text:
        return MISSING
    try:
        value = Decimal(text)
    except InvalidOperation:
        return NOT_A_NUMBER
    if not value.is_finite():
        return NOT_A_NUMBER
    if value <= 0:
        return NOT_POSITIVE
    if value > 10_000_000:
        return NOT_A_NUMBER
    hundredths = value * 100
    return int(hundredths) if hundredths == hundredths.to_integral_value() else TOO_FINE


def _phone(text: str) -> str | None:
    """Digits of a mobile or a landline with its area code; "" where none is given; None where it is neither."""
    digits = re.sub(r"[\s\-()–—]", "", unicodedata.normalize("NFKC", text))
    digits = digits.removesuffix(".0")
    if not digits:
        return ""
    for prefix in ("+86", "0086"):
        digits = digits.removeprefix(prefix)
    if re.fullmatch(r"861[3-9]\d{9}", digits):
        digits = digits[2:]
    return digits if re.fullmatch(r"1[3-9]\d{9}|0\d{2,3}\d{7,8}", digits) else None


def _date(cell: Cell) -> date | bool | None:
    """A date, None where none is given, False where it is no date."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = unicodedata.normalize("NFKC", _text(cell))
    if not text:
        return None
    found = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(\s+00:00:00)?", text) or re.fullmatch(r"(\d{4})(\d{2})(\d{2})", text)
    if found is None:
        return False
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return False


def _persons(rows: Sequence[RollRow]) -> tuple[tuple[tuple[Owner, ...], ...], dict[str, tuple[int, ...]], tuple[Ask, ...]]:
    """One person = same name and same phone, or same name and same last four. Same name alone is somebody else, and is asked about."""
    leader: list[int] = []
    owners: list[tuple[Owner, int]] = []
    by_phone: dict[tuple[str, str], int] = {}
    by_last4: dict[tuple[str, str], int] = {}

    def find(index: int) -> int:
        while leader[index] != index:
            leader[index] = leader[leader[index]]
            index = leader[index]
        return index

    places: list[list[int]] = []
    for row in rows:
        here = []
        for owner in row.owners:
            index = len(owners)
            owners.append((owner, row.row))
            leader.append(index)
            for table, key in ((by_phone, owner.phone), (by_last4, owner.id_last4)):
                if key:
                    first = table.setdefault((owner.name, key), index)
                    leader[find(index)] = find(first)
            here.append(index)
        places.append(here)
    roots: dict[int, int] = {}
    members: list[list[Owner]] = []
    for index, (owner, _row_number) in enumerate(owners):
        root = find(index)
        if root not in roots:
            roots[root] = len(members)
            members.append([])
        if owner not in members[roots[root]]:
            members[roots[root]].append(owner)
    holders = {row.unit: tuple(dict.fromkeys(roots[find(index)] for index in here)) for row, here in zip(rows, places, strict=True)}
    named: dict[str, dict[int, list[int]]] = {}
    for index, (owner, number) in enumerate(owners):
        named.setdefault(owner.name, {}).setdefault(roots[find(index)], []).append(number)
    ask = tuple(
        Ask(tuple(sorted({number for numbers in persons.values() for number in numbers})), name)
        for name, persons in named.items()
        if len(persons) > 1
    )
    return tuple(tuple(each) for each in members), holders, ask
