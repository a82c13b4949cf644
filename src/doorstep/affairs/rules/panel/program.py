"""The panels in question while one is being formed, and how they look to a solver."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import gcd, inf

from doorstep.affairs.rules.panel.question import Pool
from doorstep.affairs.rules.panel.seating import seated
from doorstep.affairs.rules.panel.solver import Linear

Bounds = tuple[int, int]
Costs = Mapping[int, int]
"""What each person adds to the sum that is to be smallest."""


@dataclass(frozen=True)
class Program:
    """The panels still in question.

    `people` may be on it (ascending, that is in lot order), `fixed` of them certainly are; `open` says which seats each could still take;
    `sums` are sums over the members that have to come out exactly.
    """

    pool: Pool
    size: int
    people: tuple[int, ...]
    fixed: frozenset[int]
    open: Mapping[int, int]
    seats: tuple[Bounds, ...]
    balances: tuple[Bounds, ...]
    in_use: frozenset[int] = frozenset()
    """Households one of whose people is certainly on it."""
    sums: tuple[tuple[Costs, int], ...] = ()

    def holds(self, members: Sequence[int]) -> bool:
        """Whether these form one of the panels in question, in integers."""
        pool = self.pool
        households = {pool.household[person] for person in members}
        return (
            len(members) == len(households) == self.size
            and self.fixed <= set(members)
            and self.in_use <= households
            and all(sum(addends[person] for person in members) == due for addends, due in self.sums)
            and all(
                least <= sum(pool.matches[person] >> at & 1 for person in members) <= most for at, (least, most) in enumerate(self.balances)
            )
            and seated([self.open[person] for person in members], [low for low, _ in self.seats], [high for _, high in self.seats])
            is not None
        )

    def only(self, people: Iterable[int]) -> "Program":
        """The panels within these people."""
        return replace(self, people=tuple(sorted(self.fixed.union(people))))

    def decided(self, on: Iterable[int], off: Iterable[int]) -> "Program":
        """The panels with these people on and those off."""
        fixed = self.fixed.union(on)
        taken = {self.pool.household[person] for person in fixed}
        out = set(off)
        people = (p for p in self.people if p in fixed or (p not in out and self.pool.household[p] not in taken))
        return replace(self, fixed=fixed, people=tuple(people))

    @property
    def undecided(self) -> list[int]:
        return [person for person in self.people if person not in self.fixed]


class Layout:
    """The rows of a program: total, seats, balances, sets of seats people are open for, households with a choice, exact sums.

    Every panel has the same size: a constant taken off everybody (`least_cost`, `least_addends`), and a common divisor of a sum, change
    nothing but the size of the numbers the solver sees.
    """

    def __init__(self, program: Program, costs: Costs) -> None:
        pool = program.pool
        self.least_cost = min(costs[person] for person in program.people)
        self.least_addends = [min(addends[person] for person in program.people) for addends, _ in program.sums]
        self.divisors = [
            gcd(*(addends[person] - least for person in program.people)) or 1
            for (addends, _), least in zip(program.sums, self.least_addends, strict=True)
        ]
        self.masks = {mask: at for at, mask in enumerate(dict.fromkeys(program.open[person] for person in program.people))}
        count: dict[int, int] = {}
        for person in program.people:
            count[pool.household[person]] = count.get(pool.household[person], 0) + 1
        self.first_seat = 1
        self.first_balance = self.first_seat + len(program.seats)
        self.first_mask = self.first_balance + len(program.balances)
        self.first_household = self.first_mask + len(self.masks)
        crowded = [household for household, number in count.items() if number > 1 or household in program.in_use]
        self.households = {household: self.first_household + at for at, household in enumerate(crowded)}
        self.first_sum = self.first_household + len(crowded)
        self.balance_rows: dict[int, list[int]] = {}
        for matches in {pool.matches[person] for person in program.people}:
            self.balance_rows[matches] = [self.first_balance + at for at in range(len(program.balances)) if matches >> at & 1]


def linear_program(program: Program, layout: Layout, costs: Costs, slack: float) -> Linear:
    """The program as rows and columns. A person is a column of 0 or 1; how many of one set of seats sit in which seat is a flow, whole by
    itself whenever the people are. `slack` around exact sums is 0.5 where values are whole."""
    pool = program.pool
    sums, sum_bounds = [], []
    for (addends, due), least, divisor in zip(program.sums, layout.least_addends, layout.divisors, strict=True):
        target = (due - least * program.size) / divisor
        sums.append({person: (addends[person] - least) // divisor for person in program.people})
        sum_bounds.append((target - slack, target + slack))
    rows: list[tuple[float, float]] = [(program.size, program.size), *program.seats, *program.balances]
    rows += [(0, 0)] * len(layout.masks)
    rows += [(int(household in program.in_use), 1) for household in layout.households]
    rows += sum_bounds
    linear = Linear(rows)
    ones = [1.0] * (4 + len(program.balances))
    for person in program.people:
        entries = [0, layout.first_mask + layout.masks[program.open[person]], *layout.balance_rows[pool.matches[person]]]
        household = layout.households.get(pool.household[person])
        if household is not None:
            entries.append(household)
        values = ones[: len(entries)]
        for at, scaled in enumerate(sums):
            if scaled[person]:
                entries.append(layout.first_sum + at)
                values.append(scaled[person])
        linear.column(costs[person] - layout.least_cost, int(person in program.fixed), 1, entries, values)
    linear.integers = len(program.people)
    for mask, at in layout.masks.items():
        for seat in range(len(program.seats)):
            if mask >> seat & 1:
                # Without a maximum of its own, so that every price of a row is one that `prove` knows.
                linear.column(0, 0, inf, [layout.first_mask + at, layout.first_seat + seat], [-1, 1])
    return linear
