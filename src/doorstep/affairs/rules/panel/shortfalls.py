"""What to relax where no panel is possible: the fewest units in all, in the order the format gives."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, inf
from typing import NamedTuple

from doorstep.affairs.rules.highs import SolverFailed
from doorstep.affairs.rules.panel.question import Pool, Question
from doorstep.affairs.rules.panel.seating import seated
from doorstep.affairs.rules.panel.solver import Contradiction, Linear, minimise, minimise_in_integers

FIRST_LOOK = 300
"""How many kinds of people are searched first."""
TOLERANCE = 1e-6
"""What a sum of the solver may be off by where it has to be whole."""


@dataclass(frozen=True, slots=True)
class Shortfall:
    """One bound to be moved: `seat:<role>`, `balance:<attribute>=<value>`, `size` or `standing`; `side` is min or max."""

    bound: str
    side: str
    has: int
    becomes: int


@dataclass(frozen=True, slots=True)
class _Side:
    """One side of one bound, which may be moved by units: a minimum down, a maximum up.

    `certain` units are missing whatever the panel, because there are not so many people; at most `limit` more may be moved.
    """

    bound: str
    side: str
    has: int
    certain: int
    limit: int

    def moved(self, units: int) -> Shortfall:
        return Shortfall(self.bound, self.side, self.has, self.has - units if self.side == "min" else self.has + units)


class _Kind(NamedTuple):
    """People whom the bounds do not tell apart: the composition of their household, the seats they could take, the balances they count for."""

    home: int
    roles: int
    matches: int
    standing: bool


@dataclass(frozen=True, slots=True)
class _Relief:
    """Units per side, and a panel these make possible: how many of each kind."""

    units: list[int]
    numbers: dict[_Kind, int]

    def over(self, sides: Sequence[int]) -> int:
        return sum(self.units[side] for side in sides)


def shortfalls(question: Question) -> tuple[Shortfall, ...]:
    """The bounds to relax so that a panel becomes possible: standing members who may stay off, the size, and minimums and maximums, one unit each.

    Of equally small ones that which changes fewest units of standing, then of size, then of balances and of seats, each from the last listed
    to the first; where even these are equal, minimums rather than maximums in the same order. A panel keeps at least one member. Empty if no
    eligible candidate could take any seat: then no bound helps.
    """
    if not any(question.pool.roles):
        return ()
    elastic = _Elastic(question, question.pool)
    units = elastic.fewest()
    moved = [(side, number) for group in elastic.in_file_order() for side, number in ((elastic.sides[at], units[at]) for at in group)]
    return tuple(side.moved(number) for side, number in moved if number)


class _Elastic:
    """The question with slack on every bound. As no aim tells candidates apart, those of one kind (seats, balances, standing) are a number, and so
    are households of one composition: one person of each household may be on the panel, of any kind found in it."""

    def __init__(self, question: Question, pool: Pool) -> None:
        homes: dict[int, set[tuple[int, int, bool]]] = {}
        for person in range(len(pool)):
            if pool.roles[person]:
                kind = pool.roles[person], pool.matches[person], person in pool.standing
                homes.setdefault(pool.household[person], set()).add(kind)
        compositions = Counter(frozenset(kinds) for kinds in homes.values())
        self.people = len(homes)
        """How many could sit together at most."""
        self.homes = list(compositions.values())
        """How many households there are of each composition."""
        self.kinds = [_Kind(home, *kind) for home, kinds in enumerate(compositions) for kind in sorted(kinds)]
        self.sides: list[_Side] = []
        self.standing = self._bound("standing", len(pool.standing), None)
        self.size = self._bound("size", question.size, question.size, lowest=1)
        self.balances = [self._bound(f"balance:{b.attribute}={b.value}", b.least, b.most) for b in question.balances]
        self.seats = [self._bound(f"seat:{seats.role}", seats.least, seats.most) for seats in question.seats]

    def _bound(self, name: str, least: int, most: int | None, lowest: int = 0) -> list[int]:
        """The sides of one bound, the minimum before the maximum."""
        certain = max(0, least - self.people)
        first = len(self.sides)
        self.sides.append(_Side(name, "min", least, certain, least - certain - lowest))
        if most is not None:
            self.sides.append(_Side(name, "max", most, 0, max(0, self.people - most)))
        return list(range(first, len(self.sides)))

    def in_file_order(self) -> list[list[int]]:
        return [*self.seats, *self.balances, self.size, self.standing]

    def fewest(self) -> list[int]:
        """Units per side."""
        spared = [self.standing, self.size, *reversed(self.balances), *reversed(self.seats)]
        everything = list(range(len(self.sides)))
        relief = self._least(everything, [], None)
        settled = [(everything, relief.over(everything))]
        for aim in [*spared, *([maximum] for _, *maxima in spared for maximum in maxima)]:
            if any(relief.units[side] > self.sides[side].certain for side in aim):
                relief = self._least(aim, settled, relief)
            settled.append((aim, relief.over(aim)))
        if not any(relief.units):
            raise SolverFailed("no panel, and yet no bound to relax")
        return relief.units

    def _least(self, aim: list[int], settled: Sequence[tuple[list[int], int]], known: _Relief | None) -> _Relief:
        """A panel with the fewest units over the aim, the sums settled so far kept. `known` is one of those it is chosen from."""
        if len(self.kinds) > FIRST_LOOK:
            relaxed = minimise(self._linear(aim, settled, self.kinds))
            if isinstance(relaxed, Contradiction):
                raise SolverFailed("no panel whatever is relaxed")
            fewest = sum(self.sides[side].certain for side in aim) + ceil(relaxed.value - TOLERANCE)
            if known is None or known.over(aim) > fewest:
                # The people the relaxed answer uses, the next promising ones, and those of the panel known.
                order = sorted(range(len(self.kinds)), key=lambda at: (relaxed.values[at] == 0, relaxed.excess[at], at))
                chosen = {self.kinds[at] for at in order[:FIRST_LOOK]}.union(known.numbers if known else ())
                known = self._search(aim, settled, [kind for kind in self.kinds if kind in chosen]) or known
            if known is not None and known.over(aim) == fewest:
                return known
        found = self._search(aim, settled, self.kinds)
        if found is None:
            raise SolverFailed("no panel whatever is relaxed")
        return found

    def _search(self, aim: list[int], settled: Sequence[tuple[list[int], int]], kinds: Sequence[_Kind]) -> _Relief | None:
        answer = minimise_in_integers(self._linear(aim, settled, kinds))
        if isinstance(answer, Contradiction):
            return None
        whole = [round(value) for value in answer.values]
        numbers = {kind: number for kind, number in zip(kinds, whole, strict=False) if number}
        units = [side.certain + number for side, number in zip(self.sides, whole[len(kinds) :], strict=False)]
        relief = _Relief(units, numbers)
        if not self._enough(relief) or any(relief.over(group) != total for group, total in settled):
            raise SolverFailed("the solver's units are not enough")
        return relief

    def _linear(self, aim: list[int], settled: Sequence[tuple[list[int], int]], kinds: Sequence[_Kind]) -> Linear:
        bounds = [self.standing, self.size, *self.balances, *self.seats]
        masks = {mask: at for at, mask in enumerate(dict.fromkeys(kind.roles for kind in kinds))}
        first_seat = 2 + len(self.balances)
        first_home = len(bounds)
        first_mask = first_home + len(self.homes)
        first_settled = first_mask + len(masks)
        rows = [*map(self._row, bounds), *((0.0, float(number)) for number in self.homes), *[(0.0, 0.0)] * len(masks)]
        for group, total in settled:
            due = total - sum(self.sides[side].certain for side in group)
            rows.append((due, due))
        linear = Linear(rows)
        for kind in kinds:
            entries = [1, first_home + kind.home, first_mask + masks[kind.roles], *([0] if kind.standing else [])]
            entries += [2 + at for at in range(len(self.balances)) if kind.matches >> at & 1]
            linear.column(0, 0, self.homes[kind.home], entries, [1.0] * len(entries))
        row_of = {side: row for row, bound in enumerate(bounds) for side in bound}
        for at, side in enumerate(self.sides):
            entries = [row_of[at], *(first_settled + number for number, (group, _) in enumerate(settled) if at in group)]
            linear.column(float(at in aim), 0, side.limit, entries, [1.0 if side.side == "min" else -1.0, *[1.0] * (len(entries) - 1)])
        linear.integers = len(kinds) + len(self.sides)
        for mask, at in masks.items():
            for seat in range(len(self.seats)):
                if mask >> seat & 1:
                    linear.column(0, 0, inf, [first_mask + at, first_seat + seat], [-1, 1])
        return linear

    def _row(self, bound: list[int]) -> tuple[float, float]:
        """At least and at most, as far as there are people."""
        sides = [self.sides[at] for at in bound]
        highest = min(sides[1].has, self.people) if len(sides) > 1 else self.people
        return sides[0].has - sides[0].certain, highest

    def _enough(self, relief: _Relief) -> bool:
        """Whether so many people of each kind form a panel once the bounds are moved, in integers."""
        taken = Counter[int]()
        for kind, number in relief.numbers.items():
            taken[kind.home] += number
        members = [kind for kind, number in relief.numbers.items() for _ in range(number)]

        def within(bound: list[int], count: int) -> bool:
            low, high = self._moved(bound, relief.units)
            return low <= count <= high

        seats = [self._moved(bound, relief.units) for bound in self.seats]
        return (
            all(number <= self.homes[home] for home, number in taken.items())
            and within(self.standing, sum(kind.standing for kind in members))
            and within(self.size, len(members))
            and all(within(bound, sum(kind.matches >> at & 1 for kind in members)) for at, bound in enumerate(self.balances))
            and seated([kind.roles for kind in members], [low for low, _ in seats], [high for _, high in seats]) is not None
        )

    def _moved(self, bound: list[int], units: Sequence[int]) -> tuple[int, int]:
        low = self.sides[bound[0]].has - units[bound[0]]
        high = self.sides[bound[1]].has + units[bound[1]] if len(bound) > 1 else self.people
        return low, high
