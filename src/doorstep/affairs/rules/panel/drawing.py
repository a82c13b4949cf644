"""Forming a panel: the choice, who sits where, who could take over, and why."""

from collections.abc import Sequence
from dataclasses import dataclass

from doorstep.affairs.rules.panel.choosing import NoPanel, choose
from doorstep.affairs.rules.panel.question import Question
from doorstep.affairs.rules.panel.seating import Seating, seated
from doorstep.affairs.rules.panel.shortfalls import Shortfall, shortfalls

RESERVES = 2
"""How many others are named for each member, at most."""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody on the panel. `because`: standing; or seat_min and balance_min where the seat they take, or a value they have, is needed to
    the last of those who fill its minimum, and fit, load or lot for what puts them before the first reserve (fit also where nobody
    could take over and no minimum needs them)."""

    id: str
    seat: str
    because: tuple[str, ...]
    reserves: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Formed:
    """`fit` is the sum of fit, `load` that of squared loads. `certain`: for fit, load and lot, whether integers alone prove it."""

    members: tuple[Member, ...]
    fit: int
    load: int
    certain: tuple[bool, bool, bool]


@dataclass(frozen=True, slots=True)
class Impossible:
    """No panel satisfies every bound. `certain`: whether integers alone prove that; `shortfalls`: what to relax."""

    shortfalls: tuple[Shortfall, ...]
    certain: bool


def form_panel(question: Question) -> Formed | Impossible:
    """The panel this question has, the same whoever asks and in whatever order the candidates are listed; or what would have to be relaxed."""
    choice = choose(question)
    if isinstance(choice, NoPanel):
        return Impossible(shortfalls(question), choice.certain)
    pool, persons = question.pool, choice.members
    seating = _dealt(question, persons)
    reserves = [_reserves(question, persons, seating, at) for at in range(len(persons))]
    because = [_because(question, persons, seating, at, reserves[at]) for at in range(len(persons))]
    members = [
        Member(
            id=pool.candidates[person].id,
            seat=question.seats[seating.seat_of[at]].role,
            because=because[at],
            reserves=tuple(pool.candidates[reserve].id for reserve in reserves[at]),
        )
        for at, person in sorted(enumerate(persons), key=lambda member: (seating.seat_of[member[0]], member[1]))
    ]
    return Formed(tuple(members), sum(pool.fit[p] for p in persons), sum(pool.load[p] for p in persons), choice.certain)


def _dealt(question: Question, persons: Sequence[int]) -> Seating:
    """Members in lot order each take the earliest listed seat that leaves everyone a seat."""
    roles = [question.pool.roles[person] for person in persons]
    least = [seats.least for seats in question.seats]
    most = [question.size if seats.most is None else seats.most for seats in question.seats]
    somehow = seated(roles, least, most)
    if somehow is None:
        raise RuntimeError("a panel that cannot be seated")
    seating = Seating(roles, least, most, somehow)
    seating.deal()
    return seating


def _reserves(question: Question, persons: Sequence[int], seating: Seating, leaving: int) -> list[int]:
    """The best who could take over from this member with everyone else staying; seats may be dealt anew."""
    pool = question.pool
    staying = [person for at, person in enumerate(persons) if at != leaving]
    goal = seating.seat_of[leaving]
    fitting = 1 << goal
    for seat in seating.ways_to(goal, (at for at in range(len(persons)) if at != leaving)):
        if seat < len(question.seats):
            fitting |= 1 << seat
    needed, unwanted = _missing(question, staying)
    away = set(persons)
    households = {pool.household[person] for person in staying}
    could = (
        person
        for person in range(len(pool))
        if pool.roles[person] & fitting
        and pool.matches[person] & needed == needed
        and not pool.matches[person] & unwanted
        and person not in away
        and pool.household[person] not in households
    )
    return sorted(could, key=pool.rank)[:RESERVES]


def _missing(question: Question, staying: Sequence[int]) -> tuple[int, int]:
    """The balances a newcomer has to count for, and those they must not, as bits."""
    needed = unwanted = 0
    for at, balance in enumerate(question.balances):
        count = sum(question.pool.matches[person] >> at & 1 for person in staying)
        needed |= (count < balance.least) << at
        unwanted |= (balance.most is not None and count >= balance.most) << at
    return needed, unwanted


def _because(question: Question, persons: Sequence[int], seating: Seating, at: int, reserves: Sequence[int]) -> tuple[str, ...]:
    pool, person = question.pool, persons[at]
    if person in pool.standing:
        return ("standing",)
    seat = seating.seat_of[at]
    reasons = []
    if question.seats[seat].least == seating.seat_of.count(seat):
        reasons.append("seat_min")
    for number, balance in enumerate(question.balances):
        count = sum(pool.matches[member] >> number & 1 for member in persons)
        if pool.matches[person] >> number & 1 and count == balance.least:
            reasons.append("balance_min")
            break
    if reserves:
        first = reserves[0]
        if pool.fit[first] != pool.fit[person]:
            reasons.append("fit")
        else:
            reasons.append("load" if pool.load[first] != pool.load[person] else "lot")
    return tuple(reasons) or ("fit",)
