"""HiGHS, silent: the one place where a solver is made and asked."""

import os
import sys
import threading
from collections.abc import Sequence
from functools import cache

import highspy
import numpy

_lock = threading.Lock()


class SolverFailed(RuntimeError):
    """The solver gave no optimum, or one that breaks a row it was given. A defect or a limit of the solver, never an answer."""


@cache
def _swallow_greeting() -> None:
    """Spend the banner that the first `Highs()` of a process prints on stdout before any option can forbid it."""
    sys.stdout.flush()
    stdout, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        highspy.Highs()  # type: ignore[no-untyped-call]
    finally:
        os.dup2(stdout, 1)
        os.close(stdout)
        os.close(nowhere)


def new_solver() -> highspy.Highs:
    """A solver that prints nothing, uses one thread and stops only at a proven optimum."""
    with _lock:
        _swallow_greeting()
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("parallel", "off")
    solver.setOptionValue("mip_rel_gap", 0.0)
    return solver


def add_row(solver: highspy.Highs, low: float, high: float, columns: Sequence[int], values: Sequence[float]) -> None:
    """low ≤ Σ values·columns ≤ high, with ±inf for no bound."""
    solver.addRow(low, high, len(columns), numpy.array(columns, numpy.int32), numpy.array(values, numpy.float64))


def add_column(solver: highspy.Highs, cost: float, low: float, high: float, rows: Sequence[int], values: Sequence[float]) -> None:
    """A continuous variable between low and high that enters these rows."""
    solver.addCol(cost, low, high, len(rows), numpy.array(rows, numpy.int32), numpy.array(values, numpy.float64))


def add_integers(solver: highspy.Highs, highest: Sequence[float]) -> None:
    """Integer variables from 0 to `highest`, without cost."""
    first, count = solver.getNumCol(), len(highest)
    solver.addVars(count, numpy.zeros(count), numpy.array(highest, numpy.float64))
    kinds = numpy.full(count, int(highspy.HighsVarType.kInteger), numpy.uint8)
    solver.changeColsIntegrality(count, numpy.arange(first, first + count, dtype=numpy.int32), kinds)


def set_costs(solver: highspy.Highs, costs: Sequence[float]) -> None:
    """The objective over all columns."""
    solver.changeColsCost(len(costs), numpy.arange(len(costs), dtype=numpy.int32), numpy.array(costs, numpy.float64))


def solve(solver: highspy.Highs) -> highspy.HighsSolution:
    """The optimal solution. Raises SolverFailed for every other status: callers ask only what is known to have an answer."""
    solver.run()
    status = solver.getModelStatus()
    if status != highspy.HighsModelStatus.kOptimal:
        raise SolverFailed(solver.modelStatusToString(status))
    return solver.getSolution()


def solve_integers(solver: highspy.Highs) -> list[int]:
    """The optimal solution of a program in integers only, rounded. The caller checks its rows again in integers."""
    return [round(value) for value in solve(solver).col_value]
