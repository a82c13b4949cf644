"""The best panel: the largest sum of fit, then the smallest sum of squared loads, then the lot."""

from dataclasses import dataclass

from doorstep.affairs.rules.panel.dominance import merits, undominated
from doorstep.affairs.rules.panel.optimum import Best, as_good, best, proves_empty
from doorstep.affairs.rules.panel.program import Program
from doorstep.affairs.rules.panel.proof import narrowed
from doorstep.affairs.rules.panel.question import Pool, Question

AT_ONCE = 10
"""How many lots one question to the solver decides."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The panel (persons of the pool, in lot order). `certain`: for fit, load and lot, whether integers alone prove it."""

    members: tuple[int, ...]
    certain: tuple[bool, bool, bool]


@dataclass(frozen=True, slots=True)
class NoPanel:
    """No panel satisfies every bound. `certain`: whether integers alone prove it."""

    certain: bool


def choose(question: Question) -> Choice | NoPanel:
    """The one best panel, if there is any."""
    pool = question.pool
    abilities = merits(question, pool)
    start = _whole(question, pool)
    if start is None:
        return NoPanel(certain=True)
    places = question.size - len(start.fixed)
    program = start.only(undominated(start.undecided, places, pool, abilities))
    fit = {person: -pool.fit[person] for person in program.people}
    fittest = best(program, fit)
    if fittest is None:
        return NoPanel(proves_empty(program))
    program = as_good(program, fit, fittest)
    load = {person: pool.load[person] for person in program.people}
    lightest = _certainly(best(program, load, fittest.members))
    program = as_good(program, load, lightest)
    members, certain = _by_lot(program, lightest.members, abilities)
    return Choice(members, (fittest.certain, lightest.certain, certain))


def _certainly(found: Best | None) -> Best:
    """What was found where a panel is known already: `best` never answers None then."""
    if found is None:
        raise RuntimeError("no panel where one is known")
    return found


def _whole(question: Question, pool: Pool) -> Program | None:
    """All panels with the standing members on, or None where there are none for reasons that need no solving."""
    households = {pool.household[person] for person in pool.standing}
    minimums = [seats.least for seats in question.seats] + [balance.least for balance in question.balances]
    if (
        len(households) < len(pool.standing)
        or not all(pool.roles[person] for person in pool.standing)
        or not len(pool.standing) <= question.size <= len(pool)
        or any(least > question.size for least in minimums)
    ):
        return None
    everyone = (person for person in range(len(pool)) if pool.roles[person])
    program = Program(
        pool=pool,
        size=question.size,
        people=tuple(everyone),
        fixed=frozenset(),
        open=dict(enumerate(pool.roles)),
        seats=tuple((seats.least, _most(seats.most, question.size)) for seats in question.seats),
        balances=tuple((balance.least, _most(balance.most, question.size)) for balance in question.balances),
    )
    return program.decided(on=pool.standing, off=())


def _most(most: int | None, size: int) -> int:
    return size if most is None else min(most, size)


def _by_lot(program: Program, members: tuple[int, ...], abilities: list[int]) -> tuple[tuple[int, ...], bool]:
    """Of the panels in question the one whose lots, sorted, come first: lots are decided from the first on, several at once, each whenever a panel
    with all taken so far still exists. `members` is one of the panels."""
    certain = True
    while len(program.fixed) < program.size:
        places = program.size - len(program.fixed)
        program = program.only({*undominated(program.undecided, places, program.pool, abilities), *members})
        lots = program.undecided[:AT_ONCE]
        # The first of them weighs more than all the later together.
        weights = dict.fromkeys(program.people, 0) | {person: -(1 << AT_ONCE - 1 - place) for place, person in enumerate(lots)}
        earliest = _certainly(best(program, weights, members))
        members, certain = earliest.members, certain and earliest.certain
        smaller = narrowed(program, weights, earliest.proof, earliest.value)
        program = smaller.decided(on=set(lots) & set(members), off=set(lots) - set(members))
    return members, certain
