"""What is left of the choice while a panel is being formed, and the best of it with a proof in integers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import gcd, inf

from doorstep.affairs.rules.highs import SolverFailed
from doorstep.affairs.rules.panel.question import Pool
from doorstep.affairs.rules.panel.seating import seated
from doorstep.affairs.rules.panel.solver import Contradiction, Linear, minimise, minimise_in_integers

SCALE = 1 << 20
"""Prices are whole multiples of 1 / SCALE."""
FIRST_LOOK = 300
"""How many of the most promising candidates are searched first."""
BRANCHES = 300
"""After how many branches a proof in integers is given up and the solver's word stands."""

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
    """Households one of whose people is certainly on the panel."""
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


@dataclass(frozen=True, slots=True)
class Proof:
    """Prices that bound every panel in question from below: no sum is less than `bound` / SCALE.

    `excess` is what a person costs beyond what the prices pay for them; `seats`, `balances` and `households` are the prices.
    A panel costs exactly `bound`, and |excess| for everyone who should be on it by their excess and is not, or the other way round, and the
    price for every unit by which a priced bound is not exhausted.
    """

    bound: int
    excess: dict[int, int]
    seats: list[int]
    balances: list[int]
    households: dict[int, int]

    @property
    def least(self) -> int:
        """The smallest sum the prices allow."""
        return -(-self.bound // SCALE)


@dataclass(frozen=True, slots=True)
class Best:
    """The best panel, its sum, the prices of all panels in question, and whether integers alone prove that none is better."""

    members: tuple[int, ...]
    value: int
    proof: Proof
    certain: bool


class _Layout:
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


def _linear(program: Program, layout: _Layout, costs: Costs, slack: float) -> Linear:
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
                # Without a maximum of its own, so that every price of a row is one that `_prove` knows.
                linear.column(0, 0, inf, [layout.first_mask + at, layout.first_seat + seat], [-1, 1])
    return linear


def _prove(program: Program, layout: _Layout, costs: Costs, prices: Sequence[float]) -> Proof:
    """A bound in integers from the solver's prices, whatever they are: Lagrange's, with every row priced.

    Whoever takes a seat is paid its price; somebody open for several seats is paid the dearest of them, and so no seating costs less than
    the bound counts.
    """
    pool = program.pool
    whole = [round(price * SCALE) for price in prices]
    seats = whole[layout.first_seat : layout.first_balance]
    balances = whole[layout.first_balance : layout.first_mask]
    households = {household: whole[row] for household, row in layout.households.items()}
    sums = [round(price * SCALE / divisor) for price, divisor in zip(prices[layout.first_sum :], layout.divisors, strict=True)]
    total = whole[0] + layout.least_cost * SCALE - sum(price * least for price, least in zip(sums, layout.least_addends, strict=True))
    pay = {mask: total + max((seats[at] for at in range(len(seats)) if mask >> at & 1), default=0) for mask in layout.masks}
    extra = {
        matches: sum(price for at, price in enumerate(balances) if matches >> at & 1)
        for matches in {pool.matches[person] for person in program.people}
    }
    excess = {
        person: costs[person] * SCALE - pay[program.open[person]] - extra[pool.matches[person]] - households.get(pool.household[person], 0)
        for person in program.people
    }
    for (addends, _), price in zip(program.sums, sums, strict=True):
        for person in program.people:
            excess[person] -= price * addends[person]
    bound = total * program.size
    for price, (low, high) in [*zip(seats, program.seats, strict=True), *zip(balances, program.balances, strict=True)]:
        bound += price * (low if price > 0 else high)
    for household, price in households.items():
        bound += price * (int(household in program.in_use) if price > 0 else 1)
    for (_, due), price in zip(program.sums, sums, strict=True):
        bound += price * due
    for person, beyond in excess.items():
        bound += beyond if person in program.fixed else min(0, beyond)
    return Proof(bound, excess, seats, balances, households)


def _round(program: Program, values: Sequence[float]) -> tuple[int, ...] | None:
    """The panel these values mean, if they mean one of those in question."""
    members = tuple(person for person, value in zip(program.people, values, strict=False) if value > 0.5)
    return members if program.holds(members) else None


def _search(program: Program, costs: Costs) -> tuple[int, ...] | None:
    """A best panel by the solver's branch and bound, or None if it finds none."""
    if program.size > len(program.people):
        return None
    linear = _linear(program, _Layout(program, costs), costs, 0.5)
    for tolerance in (1e-6, 1e-9):
        answer = minimise_in_integers(linear, tolerance=tolerance)
        if isinstance(answer, Contradiction):
            return None
        members = _round(program, answer.values)
        if members is not None:
            return members
    raise SolverFailed("the solver's panel breaks a bound")


def _sum(costs: Costs, members: Iterable[int]) -> int:
    return sum(costs[person] for person in members)


def best(program: Program, costs: Costs, known: tuple[int, ...] | None = None) -> Best | None:
    """The panel with the smallest sum of costs, or None if there is no panel. `known` is one of the panels in question, if any is known."""
    if program.size > len(program.people):
        return None
    layout = _Layout(program, costs)
    relaxed = minimise(_linear(program, layout, costs, 0.0))
    if isinstance(relaxed, Contradiction):
        if known is not None:
            raise SolverFailed("no panel, against one that is known")
        return None
    proof = _prove(program, layout, costs, relaxed.prices)
    found = {members for members in (known, _round(program, relaxed.values)) if members is not None}
    if not any(_sum(costs, members) == proof.least for members in found):
        promising = sorted(program.people, key=lambda person: (proof.excess[person], person))[:FIRST_LOOK]
        first = _search(program.only({*promising, *(known or ())}), costs)
        found |= {first} if first else set()
    members = min(found, key=lambda panel: (_sum(costs, panel), panel), default=None) or _search(program, costs)
    if members is None:
        return None
    value = _sum(costs, members)
    if value == proof.least:
        return Best(members, value, proof, True)
    # Whoever could be on a panel that is better still.
    rest = narrowed(program, costs, proof, value - 1)
    better = _search(rest, costs)
    if better is not None and _sum(costs, better) < value:
        members, value = better, _sum(costs, better)
        rest = narrowed(rest, costs, proof, value - 1)
    return Best(members, value, proof, _nothing_below(rest, costs, value))


def _nothing_below(program: Program, costs: Costs, value: int) -> bool:
    """Whether integers alone prove that none of these panels has a smaller sum than this: a person with and without, over and over, until
    prices exclude every branch. False after too many branches, and where the solver's prices do not show what it found."""
    branches = [program]
    for _ in range(BRANCHES):
        if not branches:
            return True
        branch = branches.pop()
        if branch.size > len(branch.people) or len(branch.fixed) > branch.size:
            continue
        layout = _Layout(branch, costs)
        relaxed = minimise(_linear(branch, layout, costs, 0.0))
        if isinstance(relaxed, Contradiction):
            if not _contradicts(branch, relaxed.prices):
                return False
            continue
        proof = _prove(branch, layout, costs, relaxed.prices)
        if proof.least >= value:
            continue
        values = dict(zip(branch.people, relaxed.values, strict=False))
        branch = narrowed(branch, costs, proof, value - 1)
        if not branch.undecided:
            if branch.holds(branch.people):
                return False
            continue
        halfway = min(branch.undecided, key=lambda person: (abs(values[person] - 0.5), person))
        branches += [branch.decided(on=(), off={halfway}), branch.decided(on={halfway}, off=())]
    return not branches


def proves_empty(program: Program) -> bool:
    """Whether integers alone prove that there is no panel at all: none with a sum of nothing below 1."""
    return not program.people or _nothing_below(program, dict.fromkeys(program.people, 0), 1)


def _contradicts(program: Program, prices: Sequence[float]) -> bool:
    """Whether these prices show that there is no panel: without any costs, no sum could be as small as 0."""
    nothing = dict.fromkeys(program.people, 0)
    layout = _Layout(program, nothing)
    return any(_prove(program, layout, nothing, [sign * price for price in prices]).bound > 0 for sign in (1, -1) if prices)


def narrowed(program: Program, costs: Costs, proof: Proof, value: int) -> Program:
    """The panels in question whose sum is not above `value`: what the prices exclude is gone, in integers.

    Where bound and value are equal these are exactly the panels with that sum; otherwise an exact sum is to be added (`at`).
    """
    gap = value * SCALE - proof.bound
    on = {person for person, beyond in proof.excess.items() if -beyond > gap}
    off = {person for person, beyond in proof.excess.items() if beyond > gap and person not in program.fixed}
    smaller = program.decided(on, off)
    closed: dict[int, int] = {}
    for mask in {program.open[person] for person in smaller.people}:
        dearest = max((proof.seats[at] for at in range(len(program.seats)) if mask >> at & 1), default=0)
        closed[mask] = sum(1 << at for at in range(len(program.seats)) if mask >> at & 1 and dearest - proof.seats[at] <= gap)
    return replace(
        smaller,
        open={person: closed[program.open[person]] for person in smaller.people},
        seats=tuple(_tight(bounds, price, gap) for bounds, price in zip(program.seats, proof.seats, strict=True)),
        balances=tuple(_tight(bounds, price, gap) for bounds, price in zip(program.balances, proof.balances, strict=True)),
        in_use=program.in_use.union(household for household, price in proof.households.items() if -price > gap),
    )


def _tight(bounds: Bounds, price: int, gap: int) -> Bounds:
    """A priced bound can be missed by no more units than the gap pays for."""
    low, high = bounds
    if price > 0:
        return low, min(high, low + gap // price)
    if price < 0:
        return max(low, high - gap // -price), high
    return bounds


def at(program: Program, costs: Costs, best_panel: Best) -> Program:
    """The panels in question that are as good as this one."""
    smaller = narrowed(program, costs, best_panel.proof, best_panel.value)
    if best_panel.value * SCALE == best_panel.proof.bound:
        return smaller
    return replace(smaller, sums=(*smaller.sums, (costs, best_panel.value)))
