"""The fairest lottery: raise the smallest chance as far as it goes, then the next smallest, to the last (LEXIMIN).

Flanigan, Gölz, Gupta, Hennig, Procaccia: Fair algorithms for selecting citizens' assemblies, Nature 596 (2021). Panels are found by
column generation: a linear program over the panels known so far gives each type a weight (its dual), an integer program looks for the
panel of the largest weight, until none is heavier than those known. That last integer program is the proof of the level.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import highspy

from doorstep.affairs.rules.highs import SolverFailed, add_column, add_integers, add_row, new_solver, set_costs, solve, solve_integers

from .pool import Merged, Pool, panel_rows

Counts = tuple[int, ...]

# Largest integer weight of a type. Every weight is exact in a float, and so is the weight of a panel of up to 2^23 people.
HEAVIEST = 2**30
# In units of the average chance: what an improving panel must gain, and what a reached level may give back to the solver's rounding.
GAIN = 1e-9
ROUNDING = 1e-10
# A type is settled at a level when its weight is at least this part of an even share. The heaviest has an even share or more, so each
# level settles somebody; and a weight w lets a chance exceed its level by at most GAIN / w, so no speck of a dual settles anybody.
SHARE_OF_EVEN = 0.1
ADDS_UP = 1e-6


@dataclass(frozen=True, slots=True)
class Level:
    """One step of the staircase: `types` have the chance `value` and cannot have more unless somebody at or below it has less.

    `weights` (per type) and `most`, the largest total weight of any panel, prove it: see `bound`.
    """

    value: float
    types: tuple[int, ...]
    weights: tuple[int, ...]
    most: int


class PanelProgram:
    """Every panel, as the integer solutions of a small program: how many people of each type. At least one panel must exist."""

    def __init__(self, merged: Merged, pool: Pool) -> None:
        self.rows = panel_rows(merged, pool)
        self.solver = new_solver()
        add_integers(self.solver, [merged.highest(index) for index in range(len(merged.types))])
        for row in self.rows:
            add_row(self.solver, row.low, math.inf if row.high is None else row.high, row.types, [1] * len(row.types))
        self.solver.changeObjectiveSense(highspy.ObjSense.kMaximize)

    def heaviest(self, weights: Sequence[int]) -> Counts:
        """The panel with the largest Σ weight × people."""
        set_costs(self.solver, weights)
        counts = tuple(solve_integers(self.solver))
        if not all(row.keeps(counts) for row in self.rows):
            raise SolverFailed("a panel that breaks a row")
        return counts


class Master:
    """The linear program over known panels: shares of panels that keep settled levels and raise the smallest chance of all others.

    Chances are in units of the average chance, so that tolerances mean the same in a pool of 10 and of 10,000.
    """

    def __init__(self, numbers: Sequence[int], size: int) -> None:
        average = size / sum(numbers)
        self.per_member = [1 / (number * average) for number in numbers]
        self.panels: list[Counts] = []
        self.solver = new_solver()
        for option in ("primal_feasibility_tolerance", "dual_feasibility_tolerance"):
            self.solver.setOptionValue(option, ROUNDING)
        add_column(self.solver, -1.0, -math.inf, math.inf, [], [])
        for _ in numbers:
            add_row(self.solver, 0.0, math.inf, [0], [-1.0])
        add_row(self.solver, 1.0, 1.0, [], [])

    def add(self, panel: Counts) -> None:
        rows = [index for index, count in enumerate(panel) if count]
        values = [panel[index] * self.per_member[index] for index in rows]
        add_column(self.solver, 0.0, 0.0, math.inf, [*rows, len(panel)], [*values, 1.0])
        self.panels.append(panel)

    def settle(self, index: int, value: float) -> None:
        """From now on this type keeps `value` and no longer holds the smallest chance down."""
        self.solver.changeCoeff(index, 0, 0.0)
        self.solver.changeRowBounds(index, max(0.0, value - ROUNDING), math.inf)


@dataclass(frozen=True, slots=True)
class Staircase:
    """Panels with their shares (positive, adding up to 1), and the levels from the lowest up."""

    panels: tuple[tuple[Counts, float], ...]
    levels: tuple[Level, ...]


def leximin(merged: Merged, pool: Pool) -> Staircase:
    """The fairest lottery over a pool for which at least one panel exists. Raises SolverFailed."""
    program = PanelProgram(merged, pool)
    numbers = [len(one.people) for one in merged.types]
    master = Master(numbers, pool.size)
    levels: list[Level] = []
    open_types = set(range(len(numbers)))

    # Each type on some panel; those that no panel can take are the level 0.
    unseen = set(open_types)
    while unseen:
        weights = tuple(int(index in unseen) for index in range(len(numbers)))
        panel = program.heaviest(weights)
        seen = {index for index in unseen if panel[index]}
        if not seen:
            levels.append(Level(0.0, tuple(sorted(unseen)), weights, 0))
            break
        unseen -= seen
        master.add(panel)
    for index in unseen:
        master.settle(index, 0.0)
    open_types -= unseen

    average = pool.size / sum(numbers)
    while open_types:
        solution, duals, weights, most = _raise_smallest(program, master, open_types)
        level = solution.col_value[0]
        even = 1 / len(open_types)
        settled = tuple(sorted(index for index in open_types if duals[index] >= SHARE_OF_EVEN * even))
        levels.append(Level(level * average, settled, weights, most))
        for index in settled:
            master.settle(index, level)
        open_types -= set(settled)

    shares = [max(0.0, share) for share in solution.col_value[1:]]
    total = math.fsum(shares)
    return Staircase(
        panels=tuple((panel, share / total) for panel, share in zip(master.panels, shares, strict=True) if share > 0),
        levels=tuple(levels),
    )


def _raise_smallest(
    program: PanelProgram, master: Master, open_types: set[int]
) -> tuple[highspy.HighsSolution, list[float], tuple[int, ...], int]:
    """The highest smallest chance of the open types with the shares that reach it, the types' duals, and these as integer weights with
    the largest weight of any panel."""
    known = set(master.panels)
    while True:
        solution = solve(master.solver)
        duals = [max(0.0, dual) for dual in solution.row_dual[:-1]]
        if abs(math.fsum(duals[index] for index in open_types) - 1) > ADDS_UP:
            raise SolverFailed("the duals of the open types do not add up to 1")
        prices = [dual * part for dual, part in zip(duals, master.per_member, strict=True)]
        unit = max(prices) / HEAVIEST
        weights = tuple(round(price / unit) for price in prices)
        panel = program.heaviest(weights)
        gain = math.fsum(price * count for price, count in zip(prices, panel, strict=True)) + solution.row_dual[-1]
        if gain <= GAIN or panel in known:
            return solution, duals, weights, weigh(weights, panel)
        master.add(panel)
        known.add(panel)


def weigh(weights: Sequence[int], panel: Counts) -> int:
    """The total weight of a panel."""
    return sum(weight * count for weight, count in zip(weights, panel, strict=True))


def bound(merged: Merged, levels: Sequence[Level], position: int) -> Fraction:
    """What no lottery can exceed as the smallest chance at this level while all lower levels are kept, exactly.

    A type of n people with weight w and chance p adds w·n·p to the expected weight of a panel, and that is at most `most`. Take off what
    the lower levels hold; what is left is shared by the weights of the others, of whom somebody has no more than the mean.
    """
    level = levels[position]
    held = {index: Fraction(lower.value) for lower in levels[:position] for index in lower.types}
    masses = [weight * len(one.people) for weight, one in zip(level.weights, merged.types, strict=True)]
    left = level.most - sum((mass * held[index] for index, mass in enumerate(masses) if index in held), Fraction(0))
    return left / sum(mass for index, mass in enumerate(masses) if index not in held)


def gaps(merged: Merged, pool: Pool, levels: Sequence[Level]) -> tuple[Fraction, ...]:
    """Proves all levels anew: for each, how far above its value its bound lies. Every bound rests on one integer program.

    Raises SolverFailed where some panel is heavier than the level says.
    """
    program = PanelProgram(merged, pool)
    found = []
    for position, level in enumerate(levels):
        if weigh(level.weights, program.heaviest(level.weights)) > level.most:
            raise SolverFailed("a panel heavier than the proof says")
        found.append(bound(merged, levels, position) - Fraction(level.value))
    return tuple(found)
