"""Linear programs by column, given to HiGHS. Its answers are floats: whoever asks rounds them and checks them again in integers."""

from dataclasses import dataclass, field

import highspy
import numpy

from doorstep.affairs.rules.highs import SolverFailed, new_solver


@dataclass(slots=True)
class Linear:
    """A linear program to be minimised, written column by column."""

    rows: list[tuple[float, float]]
    costs: list[float] = field(default_factory=list)
    lows: list[float] = field(default_factory=list)
    highs: list[float] = field(default_factory=list)
    integers: int = 0
    starts: list[int] = field(default_factory=lambda: [0])
    index: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)

    def column(self, cost: float, low: float, high: float, rows: list[int], values: list[float]) -> None:
        """A variable between low and high that enters these rows. Those that have to be integers come first."""
        self.costs.append(cost)
        self.lows.append(low)
        self.highs.append(high)
        self.index.extend(rows)
        self.values.extend(values)
        self.starts.append(len(self.index))


@dataclass(frozen=True, slots=True)
class Answer:
    """The best value and values. Of a program without integers also `prices`, what a row's bound costs per unit, and `excess`, what a column costs
    beyond what the prices pay for it."""

    value: float
    values: list[float]
    prices: list[float]
    excess: list[float]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """The rows exclude each other. `prices` (of a program without integers) weigh them so that their sum shows it; empty if not known."""

    prices: list[float]


def minimise(linear: Linear) -> Answer | Contradiction:
    """The best values, integers or not."""
    solver = _loaded(linear, in_integers=False)
    solver.run()
    if not _is_infeasible(solver):
        return _answer(solver)
    # Presolve finds a contradiction without saying where.
    solver = _loaded(linear, in_integers=False)
    solver.setOptionValue("presolve", "off")
    solver.run()
    _status, known, ray = solver.getDualRay()  # type: ignore[attr-defined]
    return Contradiction(numpy.asarray(ray).tolist() if known else [])


def minimise_in_integers(linear: Linear, *, tolerance: float = 1e-6) -> Answer | Contradiction:
    """The best values with the first `linear.integers` columns whole, to within the tolerance."""
    solver = _loaded(linear, in_integers=True)
    solver.setOptionValue("mip_feasibility_tolerance", tolerance)
    solver.run()
    return Contradiction([]) if _is_infeasible(solver) else _answer(solver)


def _answer(solver: highspy.Highs) -> Answer:
    solution = solver.getSolution()
    value: float = solver.getInfo().objective_function_value
    return Answer(value, *(numpy.asarray(part).tolist() for part in (solution.col_value, solution.row_dual, solution.col_dual)))


def _loaded(linear: Linear, *, in_integers: bool) -> highspy.Highs:
    solver = new_solver()
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = len(linear.costs), len(linear.rows)
    program.col_cost_ = numpy.array(linear.costs)
    program.col_lower_, program.col_upper_ = numpy.array(linear.lows), numpy.array(linear.highs)
    bounds = numpy.array(linear.rows, numpy.float64).reshape(-1, 2)
    program.row_lower_, program.row_upper_ = bounds[:, 0], bounds[:, 1]
    program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    program.a_matrix_.start_ = numpy.array(linear.starts, numpy.int32)
    program.a_matrix_.index_ = numpy.array(linear.index, numpy.int32)
    program.a_matrix_.value_ = numpy.array(linear.values, numpy.float64)
    if in_integers:
        kinds = [highspy.HighsVarType.kInteger] * linear.integers
        program.integrality_ = kinds + [highspy.HighsVarType.kContinuous] * (len(linear.costs) - linear.integers)
    solver.passModel(program)
    return solver


def _is_infeasible(solver: highspy.Highs) -> bool:
    """Whether there is no solution. Raises SolverFailed where there is one and it is not the best."""
    status = solver.getModelStatus()
    if status == highspy.HighsModelStatus.kOptimal:
        return False
    # Every column is bounded, so a program cannot be unbounded.
    if status in {highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible}:
        return True
    raise SolverFailed(solver.modelStatusToString(status))
