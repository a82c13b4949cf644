"""When no panel keeps all quotas: the smallest change that makes one possible."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from doorstep.affairs.rules.highs import SolverFailed, add_integers, add_row, new_solver, set_costs, solve_integers

from .pool import Merged, Pool, Quota, household_rows, panel_rows, quota_row


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A bound that must give way: "quota:feature=value" or "size" (side min = a smaller panel, max = a larger one)."""

    bound: str
    side: str
    has: int
    becomes: int


def shortfalls(merged: Merged, pool: Pool) -> tuple[Shortfall, ...]:
    """The fewest units in all by which quotas and size must move (empty = a panel exists). Of equally few, those that move the size
    least, then the last listed quota, and so on to the first; of one quota the max before the min.

    The question always has an answer (a panel of one with all quotas open), so the solver is never believed when it says "infeasible".
    """
    types = len(merged.types)
    slack_limits: list[float] = [pool.size - 1, len(pool.people)]
    for quota in pool.quotas:
        slack_limits += [quota.min, 0 if quota.max is None else len(pool.people)]
    solver = new_solver()
    add_integers(solver, [merged.highest(index) for index in range(types)])
    add_integers(solver, slack_limits)
    slacks = list(range(types, types + len(slack_limits)))
    add_row(solver, pool.size, pool.size, [*range(types), slacks[0], slacks[1]], [1] * (types + 1) + [-1])
    for position, quota in enumerate(pool.quotas):
        row = quota_row(merged, quota)
        lower, upper = slacks[2 + 2 * position], slacks[3 + 2 * position]
        add_row(solver, quota.min, math.inf, [*row.types, lower], [1] * (len(row.types) + 1))
        if quota.max is not None:
            add_row(solver, -math.inf, quota.max, [*row.types, upper], [1] * len(row.types) + [-1])
    for row in household_rows(merged):
        add_row(solver, 0, math.inf if row.high is None else row.high, row.types, [1] * len(row.types))

    lexicographic = [slacks, slacks[:2], *([slack] for slack in reversed(slacks[2:])), [slacks[1]]]
    for chosen in lexicographic:
        set_costs(solver, [1.0 if column in chosen else 0.0 for column in range(types + len(slacks))])
        solution = solve_integers(solver)
        total = sum(solution[slack] for slack in chosen)
        if chosen is slacks and total == 0:
            break
        add_row(solver, -math.inf, total + 0.5, chosen, [1] * len(chosen))
    units = [solution[slack] for slack in slacks]
    found = tuple(_named(pool, units))
    counts = tuple(solution[:types])
    if not all(row.keeps(counts) for row in panel_rows(merged, relaxed(pool, found))):
        raise SolverFailed("a relaxation that does not work")
    return found


def _named(pool: Pool, units: list[int]) -> Iterable[Shortfall]:
    smaller, larger, *others = units
    if smaller != larger:
        becomes = pool.size - smaller + larger
        yield Shortfall("size", "min" if becomes < pool.size else "max", pool.size, becomes)
    for position, quota in enumerate(pool.quotas):
        lower, upper = others[2 * position], others[2 * position + 1]
        if lower:
            yield Shortfall(quota.bound, "min", quota.min, quota.min - lower)
        if upper and quota.max is not None:
            yield Shortfall(quota.bound, "max", quota.max, quota.max + upper)


def relaxed(pool: Pool, found: Iterable[Shortfall]) -> Pool:
    """The pool with these bounds moved."""
    moved = {(shortfall.bound, shortfall.side): shortfall.becomes for shortfall in found}

    def quota_with(quota: Quota) -> Quota:
        return replace(quota, min=moved.get((quota.bound, "min"), quota.min), max=moved.get((quota.bound, "max"), quota.max))

    size = moved.get(("size", "min"), moved.get(("size", "max"), pool.size))
    return replace(pool, quotas=tuple(quota_with(quota) for quota in pool.quotas), size=size)
