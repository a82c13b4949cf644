"""Who stands where in some weeks: mentors to the places of shifts at many sites.

Filled places come first, then distance, liking and an even load. One integer program for the whole span (HiGHS): a place is filled by one
mentor who holds the credential and has the day free; shifts that overlap or lie closer together than the way between their sites exclude
each other for a mentor, said in cliques; nobody stands longer in a week than they want. Found is accepted within a thousandth of the bound,
or at a limit of nodes: both give the same answer for the same question, as a limit of time would not. Costs are whole numbers; the answer is
checked and priced again in whole numbers. docs/algorithms/rota.md.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import highspy
import numpy

from doorstep.affairs.rules.highs import SolverFailed, new_solver

# What an empty place costs beside a minute of way: no saving of ways and no evenness is worth one.
EMPTY = 10_000
# What each further shift of the same mentor costs more than the one before.
UNEVEN = 2
# What a place that a mentor does not prefer costs, where they prefer some.
NOT_PREFERRED = 10
WEEK = 7 * 24 * 60
DAY = 24 * 60
ACCEPTED_GAP = 0.001
NODES = 2_000


@dataclass(frozen=True, slots=True)
class Shift:
    """So many places of one role at one date. Times are minutes from a Monday midnight on; `needs` is a credential, "" = none."""

    id: str
    site: str
    begins: int
    ends: int
    places: int
    needs: str = ""

    @property
    def week(self) -> int:
        return self.begins // WEEK

    @property
    def weekday(self) -> int:
        return self.begins % WEEK // DAY


@dataclass(frozen=True, slots=True)
class Mentor:
    """Somebody who may stand. `away`: (from, until) in minutes; `never`: weekdays, 0 = Monday; `ways`: minutes from home to each site."""

    id: str
    credentials: frozenset[str]
    weekly_minutes: int
    never: frozenset[int] = frozenset()
    away: tuple[tuple[int, int], ...] = ()
    prefers: frozenset[str] = frozenset()
    ways: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """`travel`: minutes between two sites, either way round; a pair not named takes `far`. `fixed`: (mentor, shift) set by hand."""

    mentors: tuple[Mentor, ...]
    shifts: tuple[Shift, ...]
    travel: Mapping[tuple[str, str], int] = field(default_factory=dict)
    far: int = 30
    fixed: tuple[tuple[str, str], ...] = ()

    def between(self, one: str, other: str) -> int:
        """Minutes from site to site."""
        if one == other:
            return 0
        return self.travel.get((one, other), self.travel.get((other, one), self.far))


@dataclass(frozen=True, slots=True)
class Unfilled:
    """Places of a shift nobody can take: how many, and how many mentors each reason keeps away (the first that holds for each of them)."""

    shift: str
    places: int
    why: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Rota:
    """(mentor, shift) pairs in order, what they cost, and a bound that no rota can go below."""

    assigned: tuple[tuple[str, str], ...]
    unfilled: tuple[Unfilled, ...]
    value: int
    bound: int
    node_limited: bool


# Called while the search goes on: the cost of the best rota so far (None before the first), and the bound.
Report = Callable[[int | None, int], None]


class NotPossible(Exception):
    """What was set by hand contradicts a rule; `pairs` are those that do."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        super().__init__(len(pairs))
        self.pairs = tuple(pairs)


def barred(mentor: Mentor, shift: Shift) -> str:
    """Why this mentor can never take this shift: credential, never, away, hours; "" = they can."""
    if shift.needs and shift.needs not in mentor.credentials:
        return "credential"
    if shift.weekday in mentor.never:
        return "never"
    if any(begin < shift.ends and shift.begins < end for begin, end in mentor.away):
        return "away"
    if shift.ends - shift.begins > mentor.weekly_minutes:
        return "hours"
    return ""


def clash(question: Question, one: Shift, other: Shift) -> bool:
    """Whether nobody can stand at both: they overlap, or the way between them is longer than the time between."""
    first, second = (one, other) if (one.begins, one.id) <= (other.begins, other.id) else (other, one)
    return first.ends + question.between(first.site, second.site) > second.begins


def cost_of(mentor: Mentor, shift: Shift) -> int:
    """The way from home and, where they prefer other places, that."""
    disliked = NOT_PREFERRED if mentor.prefers and shift.site not in mentor.prefers else 0
    return mentor.ways.get(shift.site, 0) + disliked


def price(question: Question, assigned: Sequence[tuple[str, str]]) -> int:
    """What a rota costs, in whole numbers."""
    mentors = {each.id: each for each in question.mentors}
    shifts = {each.id: each for each in question.shifts}
    count: dict[str, int] = defaultdict(int)
    total = EMPTY * (sum(each.places for each in question.shifts) - len(assigned))
    for mentor_id, shift_id in assigned:
        total += cost_of(mentors[mentor_id], shifts[shift_id])
        count[mentor_id] += 1
    return total + sum(UNEVEN * n * (n - 1) // 2 for n in count.values())


def broken(question: Question, assigned: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The pairs of a rota that break a rule: barred, clashing, twice, too long a week, more than the places."""
    mentors = {each.id: each for each in question.mentors}
    shifts = {each.id: each for each in question.shifts}
    wrong = []
    of_mentor: dict[str, list[Shift]] = defaultdict(list)
    taken: dict[str, int] = defaultdict(int)
    minutes: dict[tuple[str, int], int] = defaultdict(int)
    for pair in assigned:
        mentor, shift = mentors[pair[0]], shifts[pair[1]]
        taken[shift.id] += 1
        minutes[mentor.id, shift.week] += shift.ends - shift.begins
        if (
            barred(mentor, shift)
            or any(clash(question, shift, other) for other in of_mentor[mentor.id])
            or taken[shift.id] > shift.places
            or minutes[mentor.id, shift.week] > mentor.weekly_minutes
        ):
            wrong.append(pair)
        of_mentor[mentor.id].append(shift)
    return wrong


def propose(question: Question, *, nodes: int = NODES, gap: float = ACCEPTED_GAP, report: Report | None = None) -> Rota:
    """The best rota found, with its bound. `report` is told how far the search is and changes nothing. Raises NotPossible where pairs set by
    hand break a rule."""
    wrong = broken(question, question.fixed)
    if wrong:
        raise NotPossible(wrong)
    model = _Model(question)
    found, bound, node_limited = model.solve(nodes, gap, report) if model.pairs else (set(question.fixed), 0, False)
    assigned = _filled_up(question, found | set(question.fixed))
    if broken(question, assigned):
        raise SolverFailed("the solver's rota breaks a rule")
    value = price(question, assigned)
    if not model.pairs:
        bound = value
    unfilled = tuple(
        Unfilled(shift.id, empty, why_empty(question, shift, assigned))
        for shift in question.shifts
        if (empty := shift.places - sum(1 for _mentor, taken in assigned if taken == shift.id))
    )
    return Rota(tuple(assigned), unfilled, value, min(bound, value), node_limited)


def why_empty(question: Question, shift: Shift, assigned: Sequence[tuple[str, str]]) -> dict[str, int]:
    """For each mentor not at the shift the first reason why not, counted: credential, never, away, hours, clash, travel."""
    shifts = {each.id: each for each in question.shifts}
    of_mentor: dict[str, list[Shift]] = defaultdict(list)
    for mentor_id, shift_id in assigned:
        of_mentor[mentor_id].append(shifts[shift_id])
    counted: dict[str, int] = defaultdict(int)
    for mentor in question.mentors:
        held = of_mentor[mentor.id]
        if shift in held:
            continue
        counted[_reason(question, mentor, shift, held)] += 1
    return dict(sorted(counted.items()))


def _reason(question: Question, mentor: Mentor, shift: Shift, held: Sequence[Shift]) -> str:
    never = barred(mentor, shift)
    if never:
        return never
    for other in held:
        if other.begins < shift.ends and shift.begins < other.ends:
            return "clash"
        if clash(question, shift, other):
            return "travel"
    used = sum(other.ends - other.begins for other in held if other.week == shift.week)
    return "hours" if used + shift.ends - shift.begins > mentor.weekly_minutes else "free"


def _filled_up(question: Question, found: set[tuple[str, str]]) -> list[tuple[str, str]]:
    """The rota in order, with every place still taken that somebody free could take: within its gap a solver may leave one."""
    order = {mentor.id: index for index, mentor in enumerate(question.mentors)}
    assigned = list(found)
    for shift in question.shifts:
        while sum(1 for _mentor, taken in assigned if taken == shift.id) < shift.places:
            free = [
                mentor
                for mentor in question.mentors
                if (mentor.id, shift.id) not in found and not broken(question, [*_of(assigned, mentor.id), (mentor.id, shift.id)])
            ]
            if not free:
                break
            best = min(free, key=lambda mentor: (cost_of(mentor, shift), len(_of(assigned, mentor.id)), order[mentor.id]))
            assigned.append((best.id, shift.id))
            found = {*found, (best.id, shift.id)}
    place = {shift.id: index for index, shift in enumerate(question.shifts)}
    return sorted(assigned, key=lambda pair: (place[pair[1]], order[pair[0]]))


def _of(assigned: Sequence[tuple[str, str]], mentor_id: str) -> list[tuple[str, str]]:
    return [pair for pair in assigned if pair[0] == mentor_id]


class _Model:
    """The integer program: a 0/1 column per possible pair, an integer per shift for its empty places, and per mentor the steps of the uneven load."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.pairs = [
            (mentor, shift) for mentor in question.mentors for shift in question.shifts if shift.places and not barred(mentor, shift)
        ]
        self.costs: list[float] = []
        self.highs: list[float] = []
        self.lows: list[float] = []
        self.integral: list[bool] = []
        self.rows: list[tuple[float, float, list[int], list[float]]] = []

    def _column(self, cost: int, low: int, high: int, *, integral: bool) -> int:
        self.costs.append(cost)
        self.lows.append(low)
        self.highs.append(high)
        self.integral.append(integral)
        return len(self.costs) - 1

    def _build(self) -> None:
        fixed = set(self.question.fixed)
        by_mentor: dict[str, list[tuple[int, Shift]]] = defaultdict(list)
        by_shift: dict[str, list[int]] = defaultdict(list)
        for mentor, shift in self.pairs:
            low = int((mentor.id, shift.id) in fixed)
            column = self._column(cost_of(mentor, shift), low, 1, integral=True)
            by_mentor[mentor.id].append((column, shift))
            by_shift[shift.id].append(column)
        for shift in self.question.shifts:
            empty = self._column(EMPTY, 0, shift.places, integral=False)
            columns = [*by_shift[shift.id], empty]
            self.rows.append((shift.places, shift.places, columns, [1.0] * len(columns)))
        for mentor in self.question.mentors:
            self._mentor(mentor, by_mentor[mentor.id])

    def _mentor(self, mentor: Mentor, held: Sequence[tuple[int, Shift]]) -> None:
        weeks: dict[int, list[tuple[int, Shift]]] = defaultdict(list)
        for column, shift in held:
            weeks[shift.week].append((column, shift))
        most = 0
        for _week, columns in sorted(weeks.items()):
            minutes = [float(shift.ends - shift.begins) for _column, shift in columns]
            most += _most(minutes, mentor.weekly_minutes)
            if sum(minutes) > mentor.weekly_minutes:
                self.rows.append((-math.inf, float(mentor.weekly_minutes), [column for column, _shift in columns], minutes))
        for clique in cliques(self.question, [shift for _column, shift in held]):
            columns_of = [column for column, shift in held if shift.id in clique]
            self.rows.append((-math.inf, 1.0, columns_of, [1.0] * len(columns_of)))
        # The n-th shift costs UNEVEN·(n-1) more than the first: steps of one, each dearer than the last, fill up in order by themselves.
        steps = [self._column(UNEVEN * step, 0, 1, integral=False) for step in range(most)]
        if held:
            columns_all = [column for column, _shift in held]
            self.rows.append((0.0, 0.0, [*columns_all, *steps], [1.0] * len(columns_all) + [-1.0] * len(steps)))

    def solve(self, nodes: int, gap: float, report: Report | None) -> tuple[set[tuple[str, str]], int, bool]:
        """(pairs, bound, whether it stopped at the limit of nodes)."""
        self._build()
        solver = new_solver()
        solver.setOptionValue("mip_rel_gap", gap)
        solver.setOptionValue("mip_max_nodes", nodes)
        count = len(self.costs)
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = count, len(self.rows)
        lp.col_cost_ = numpy.array(self.costs, numpy.float64)
        lp.col_lower_ = numpy.array(self.lows, numpy.float64)
        lp.col_upper_ = numpy.array(self.highs, numpy.float64)
        lp.row_lower_ = numpy.array([row[0] for row in self.rows], numpy.float64)
        lp.row_upper_ = numpy.array([row[1] for row in self.rows], numpy.float64)
        lp.integrality_ = [highspy.HighsVarType.kInteger if whole else highspy.HighsVarType.kContinuous for whole in self.integral]
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = numpy.array([0, *numpy.cumsum([len(row[2]) for row in self.rows])], numpy.int32)
        lp.a_matrix_.index_ = numpy.array([column for row in self.rows for column in row[2]], numpy.int32)
        lp.a_matrix_.value_ = numpy.array([value for row in self.rows for value in row[3]], numpy.float64)
        solver.passModel(lp)
        if report is not None:
            _tell(solver, report)
        solver.run()
        status, info = solver.getModelStatus(), solver.getInfo()
        limited = status == highspy.HighsModelStatus.kSolutionLimit or info.mip_node_count >= nodes
        if status not in {highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kSolutionLimit}:
            raise SolverFailed(solver.modelStatusToString(status))
        values = solver.getSolution().col_value
        found = {(mentor.id, shift.id) for index, (mentor, shift) in enumerate(self.pairs) if values[index] > 0.5}
        # Every cost is whole, so a bound may be rounded up; a little is left for the solver's own tolerance.
        return found, math.ceil(info.mip_dual_bound - 1e-4), limited


def _tell(solver: highspy.Highs, report: Report) -> None:
    """Have the solver say how far it is: at each better rota, and every few seconds."""

    def say(event: highspy.highs.HighsCallbackEvent) -> None:
        far = event.data_out
        value = round(far.mip_primal_bound) if math.isfinite(far.mip_primal_bound) else None
        bound = math.ceil(far.mip_dual_bound - 1e-4) if math.isfinite(far.mip_dual_bound) else 0
        report(value, max(0, bound))

    solver.cbMipImprovingSolution.subscribe(say)
    solver.cbMipLogging.subscribe(say)


def _most(minutes: Sequence[float], limit: int) -> int:
    """The most shifts that fit into a week's minutes: the shortest first."""
    total, count = 0.0, 0
    for each in sorted(minutes):
        if total + each > limit:
            break
        total += each
        count += 1
    return count


def cliques(question: Question, shifts: Sequence[Shift]) -> list[frozenset[str]]:
    """Sets of shifts of which one person can stand at one at most, so that every clashing pair is in one of them."""
    ordered = sorted(shifts, key=lambda shift: (shift.begins, shift.id))
    earlier: dict[str, list[Shift]] = {}
    longest = max((shift.ends - shift.begins for shift in ordered), default=0)
    reach = longest + max([question.far, *question.travel.values()], default=0)
    first = 0
    for index, shift in enumerate(ordered):
        while ordered[first].begins + reach <= shift.begins:
            first += 1
        earlier[shift.id] = [other for other in ordered[first:index] if clash(question, other, shift)]
    found: list[frozenset[str]] = []
    covered: set[tuple[str, str]] = set()
    for shift in reversed(ordered):
        left = [other for other in earlier[shift.id] if (other.id, shift.id) not in covered]
        while left:
            clique = [shift]
            # First what is not covered yet, then whatever fits, so that a clique says as much as it can.
            for other in [*reversed(left), *reversed(earlier[shift.id])]:
                if other not in clique and all(clash(question, other, each) for each in clique):
                    clique.append(other)
            names = frozenset(each.id for each in clique)
            found.append(names)
            for one in clique:
                covered.update((one.id, other.id) for other in clique)
            left = [other for other in left if (other.id, shift.id) not in covered]
    return _largest(found)


def _largest(found: Sequence[frozenset[str]]) -> list[frozenset[str]]:
    """Without those that lie within another."""
    kept: list[frozenset[str]] = []
    for clique in sorted(set(found), key=lambda each: (-len(each), sorted(each))):
        if not any(clique <= other for other in kept):
            kept.append(clique)
    return kept
