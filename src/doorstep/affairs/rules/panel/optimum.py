"""The best of the panels in question, found by the solver and proven in integers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from doorstep.affairs.rules.highs import SolverFailed
from doorstep.affairs.rules.panel.program import Costs, Layout, Program, linear_program
from doorstep.affairs.rules.panel.proof import SCALE, Proof, narrowed, prove
from doorstep.affairs.rules.panel.solver import Contradiction, minimise, minimise_in_integers

FIRST_LOOK = 300
"""How many of the most promising candidates are looked at first, and how many more at a time."""
BRANCHES = 300
"""After how many branches a proof in integers is given up and the solver's word stands."""
NOISE = 16
"""How far prices may be from exact by rounding, in units of 1 / SCALE."""


@dataclass(frozen=True, slots=True)
class Best:
    """The best panel, its sum, the prices of all panels in question, and whether integers alone prove that none is better."""

    members: tuple[int, ...]
    value: int
    proof: Proof
    certain: bool


def _round(program: Program, values: Sequence[float]) -> tuple[int, ...] | None:
    """The panel these values mean, if they mean one of those in question."""
    members = tuple(person for person, value in zip(program.people, values, strict=False) if value > 0.5)
    return members if program.holds(members) else None


def _search(program: Program, costs: Costs) -> tuple[int, ...] | None:
    """A best panel by the solver's branch and bound, or None if it finds none."""
    if program.size > len(program.people):
        return None
    linear = linear_program(program, Layout(program, costs), costs, 0.5)
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
    relaxed = _relaxed(program, costs, known)
    if relaxed is None:
        if known is not None:
            raise SolverFailed("no panel, against one that is known")
        return None
    proof, rounded = relaxed
    found = {members for members in (known, rounded) if members is not None}
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
    return Best(members, value, proof, nothing_below(rest, costs, value))


def _relaxed(program: Program, costs: Costs, known: tuple[int, ...] | None) -> tuple[Proof, tuple[int, ...] | None] | None:
    """Prices for everybody and the panel that comes with them, if one does; None where even parts of people could not form a panel.

    Few of ten thousand matter: the prices are found on some, and whoever would still be worth their price joins them, until nobody is.
    """
    looked_at = _promising(program, costs).union(known or ())
    while True:
        part = program.only(looked_at)
        layout = Layout(part, costs)
        answer = minimise(linear_program(part, layout, costs, 0.0))
        joining: list[int] = []
        if not isinstance(answer, Contradiction):
            proof = prove(program, layout, costs, answer.prices)
            rounded = _round(part, answer.values)
            joining = sorted((p for p in program.people if proof.excess[p] < -NOISE and p not in looked_at), key=proof.excess.__getitem__)
            if not joining or (rounded is not None and _sum(costs, rounded) == proof.least):
                return proof, rounded
        elif len(part.people) == len(program.people):
            return None
        looked_at.update(joining[:FIRST_LOOK] or program.people)


def _promising(program: Program, costs: Costs) -> set[int]:
    """The cheapest people, in all, for every seat and for every balance."""
    order = sorted(program.undecided, key=lambda person: (costs[person], person))
    pool = program.pool
    chosen = set(order[:FIRST_LOOK]) | program.fixed
    if len(order) > FIRST_LOOK:
        for seat in range(len(program.seats)):
            chosen.update([person for person in order if program.open[person] >> seat & 1][: program.size])
        for balance in range(len(program.balances)):
            chosen.update([person for person in order if pool.matches[person] >> balance & 1][: program.size])
    return chosen


def nothing_below(program: Program, costs: Costs, value: int) -> bool:
    """Whether integers alone prove that none of these panels has a smaller sum than this: a person with and without, over and over, until
    prices exclude every branch. False after too many branches, and where the solver's prices do not show what it found."""
    branches = [program]
    for _ in range(BRANCHES):
        if not branches:
            return True
        branch = branches.pop()
        if branch.size > len(branch.people) or len(branch.fixed) > branch.size:
            continue
        layout = Layout(branch, costs)
        relaxed = minimise(linear_program(branch, layout, costs, 0.0))
        if isinstance(relaxed, Contradiction):
            if not _contradicts(branch, relaxed.prices):
                return False
            continue
        proof = prove(branch, layout, costs, relaxed.prices)
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
    return not program.people or nothing_below(program, dict.fromkeys(program.people, 0), 1)


def _contradicts(program: Program, prices: Sequence[float]) -> bool:
    """Whether these prices show that there is no panel: without any costs, no sum could be as small as 0. Only their ratio matters, so they are
    enlarged before they are rounded."""
    nothing = dict.fromkeys(program.people, 0)
    layout = Layout(program, nothing)
    return any(prove(program, layout, nothing, [sign * SCALE * price for price in prices]).bound > 0 for sign in (1, -1) if prices)


def as_good(program: Program, costs: Costs, best_panel: Best) -> Program:
    """The panels in question that are as good as this one."""
    smaller = narrowed(program, costs, best_panel.proof, best_panel.value)
    if best_panel.value * SCALE == best_panel.proof.bound:
        return smaller
    return replace(smaller, sums=(*smaller.sums, (costs, best_panel.value)))
