"""Who is reached: how far each building is from the next service of each kind, and how many days off; where another would reach most.

Distances are the straight line times 1.3, or the town's own table of metres where it has one. Whole centimetres and whole numbers throughout.
docs/algorithms/coverage.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isqrt

# The way people walk beside the straight line, in tenths.
DETOUR_TENTHS = 13
CENTIMETRES = 100


@dataclass(frozen=True, slots=True)
class Home:
    """A building, or one household: where it stands on the plan (centimetres), how many households, how many people of each group."""

    id: str
    x: int
    y: int
    households: int
    groups: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stop:
    """A place where a kind of service takes place; `days`: until the next date of it, None where none is planned. Without a point on the same
    plan (another estate's) only the table says how far it is."""

    id: str
    kind: str
    x: int | None
    y: int | None
    days: int | None


@dataclass(frozen=True, slots=True)
class Limits:
    """Within `metres` on foot and `days` counts as reached; groups below `floor` are not counted out."""

    metres: int
    days: int
    floor: int


@dataclass(frozen=True, slots=True)
class Reach:
    """The nearest place of a kind that has a date at all, and the days until it; None where there is none."""

    stop: str | None
    metres: int | None
    days: int | None
    reached: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One home: its reach by kind, and its groups, None where there are fewer than the floor."""

    home: Home
    reach: Mapping[str, Reach]
    groups: Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class Coverage:
    """Rows in the order given; households reached of all, by kind; and of each group the people reached of all, by kind, counted from homes with
    the floor or more of them: no figure tells of fewer."""

    rows: tuple[Row, ...]
    reached: Mapping[str, int]
    households: int
    groups: Mapping[str, Mapping[str, tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place where the next service could stand, and how many more households it would reach."""

    id: str
    gain: int


Table = Mapping[tuple[str, str], int]


def walk_metres(home: Home, stop_id: str, x: int | None, y: int | None, table: Table) -> int | None:
    """Metres on foot, rounded up: the table's where it names the pair, else the straight line times 1.3; None where neither is known."""
    known = table.get((home.id, stop_id))
    if known is not None:
        return known
    if x is None or y is None:
        return None
    square = (home.x - x) ** 2 + (home.y - y) ** 2
    line = isqrt(square)
    if line * line < square:
        line += 1
    return -(-line * DETOUR_TENTHS // (10 * CENTIMETRES))


def coverage(homes: Sequence[Home], stops: Sequence[Stop], limits: Limits, *, table: Table | None = None) -> Coverage:
    """Each home's nearest stop of each kind. Of equally near ones the earlier date, then the first listed."""
    table = table or {}
    kinds = list(dict.fromkeys(stop.kind for stop in stops))
    by_kind = {kind: [stop for stop in stops if stop.kind == kind and stop.days is not None] for kind in kinds}
    rows, reached = [], dict.fromkeys(kinds, 0)
    for home in homes:
        reach = {kind: _nearest(home, by_kind[kind], limits, table) for kind in kinds}
        for kind, found in reach.items():
            reached[kind] += home.households if found.reached else 0
        groups = {name: count if count >= limits.floor else None for name, count in home.groups.items()}
        rows.append(Row(home, reach, groups))
    return Coverage(tuple(rows), reached, sum(home.households for home in homes), {kind: _people(rows, kind) for kind in kinds})


def _people(rows: Sequence[Row], kind: str) -> dict[str, tuple[int, int]]:
    """Of each group the people whom a kind reaches, of all; small counts are in neither."""
    found: dict[str, tuple[int, int]] = {}
    for row in rows:
        for name, count in row.groups.items():
            if count is not None:
                near, every = found.get(name, (0, 0))
                found[name] = (near + (count if row.reach[kind].reached else 0), every + count)
    return found


def _nearest(home: Home, stops: Sequence[Stop], limits: Limits, table: Table) -> Reach:
    best: tuple[int, int] | None = None
    chosen: Stop | None = None
    reached = False
    for stop in stops:
        if stop.days is None:
            continue
        metres = walk_metres(home, stop.id, stop.x, stop.y, table)
        if metres is None:
            continue
        # A farther stop within the limit may have a date soon enough where the nearest has not.
        reached = reached or (metres <= limits.metres and stop.days <= limits.days)
        if best is None or (metres, stop.days) < best:
            best, chosen = (metres, stop.days), stop
    if best is None or chosen is None:
        return Reach(None, None, None, reached=False)
    return Reach(chosen.id, best[0], best[1], reached)


def where_next(
    found: Coverage, kind: str, sites: Sequence[tuple[str, int, int]], limits: Limits, *, table: Table | None = None
) -> list[Candidate]:
    """How many more households another service of a kind would reach at each site (id, x, y): the most first, then in the order given."""
    table = table or {}
    missed = [row.home for row in found.rows if not (kind in row.reach and row.reach[kind].reached)]
    gains = []
    for name, x, y in sites:
        ways = [(home, walk_metres(home, name, x, y, table)) for home in missed]
        gains.append(Candidate(name, sum(home.households for home, way in ways if way is not None and way <= limits.metres)))
    order = {candidate.id: index for index, candidate in enumerate(gains)}
    return sorted(gains, key=lambda each: (-each.gain, order[each.id]))
