"""The parts a panel is proven with: prices, dominance, seats; and panels of a real town's size by another way of asking."""

import itertools
import random
from dataclasses import replace

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from doorstep.affairs.rules.panel import Formed, form_panel, lot_of, read_panel
from doorstep.affairs.rules.panel.choosing import NoPanel, choose
from doorstep.affairs.rules.panel.dominance import merits, undominated
from doorstep.affairs.rules.panel.optimum import nothing_below
from doorstep.affairs.rules.panel.program import Layout, Program
from doorstep.affairs.rules.panel.proof import SCALE, narrowed, prove
from doorstep.affairs.rules.panel.question import Question
from doorstep.affairs.rules.panel.seating import Seating, seated
from doorstep.affairs.tests.panel_files import Document, panel_file, panel_files

EXACTLY = settings(deadline=None, derandomize=True, max_examples=60)


def whole(question: Question) -> Program:
    """All panels of a question without standing members, each person a household of their own kind."""
    return Program(
        pool=question.pool,
        size=question.size,
        people=tuple(person for person, mask in enumerate(question.pool.roles) if mask),
        fixed=frozenset(),
        open=dict(enumerate(question.pool.roles)),
        seats=tuple((seats.least, question.size if seats.most is None else seats.most) for seats in question.seats),
        balances=tuple((balance.least, question.size if balance.most is None else balance.most) for balance in question.balances),
    )


def without_standing(document: Document) -> Question:
    question = read_panel(document)
    return replace(question, candidates=tuple(replace(candidate, standing=False) for candidate in question.candidates))


def all_panels(program: Program) -> list[tuple[int, ...]]:
    return [members for members in itertools.combinations(program.people, program.size) if program.holds(members)]


@EXACTLY
@given(panel_files(), st.randoms(use_true_random=False))
def test_any_prices_bound_every_panel_from_below_and_exclude_none_that_is_good_enough(document: Document, chance: random.Random) -> None:
    question = without_standing(document)
    program = whole(question)
    if not program.people:
        return
    costs = {person: chance.randint(-3, 3) for person in program.people}
    layout = Layout(program, costs)
    proof = prove(program, layout, costs, [chance.uniform(-3, 3) for _ in range(layout.first_sum)])
    panels = all_panels(program)
    sums = {members: sum(costs[person] for person in members) for members in panels}
    assert all(proof.bound <= total * SCALE for total in sums.values())
    for value in sorted({*sums.values()}):
        left = narrowed(program, costs, proof, value)
        assert [members for members in panels if sums[members] <= value and not left.holds(members)] == []


@EXACTLY
@given(panel_files(), st.randoms(use_true_random=False))
def test_nothing_below_is_claimed_only_where_it_is_so(document: Document, chance: random.Random) -> None:
    program = whole(without_standing(document))
    costs = {person: chance.randint(-3, 3) for person in program.people}
    sums = [sum(costs[person] for person in members) for members in all_panels(program)]
    for value in range(-4, 5):
        if nothing_below(program, costs, value):
            assert all(total >= value for total in sums)


@EXACTLY
@given(panel_files())
def test_who_is_left_out_is_on_no_best_panel(document: Document) -> None:
    question = without_standing(document)
    program, pool = whole(question), question.pool
    kept = undominated(program.people, question.size, pool, merits(question, pool))
    best = min(
        all_panels(program),
        key=lambda members: (-sum(pool.fit[person] for person in members), sum(pool.load[person] for person in members), members),
        default=(),
    )
    assert set(best) <= set(kept)


SEATINGS = st.tuples(
    st.lists(st.integers(0, 7), min_size=1, max_size=5),
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3)).map(lambda pair: (pair[0], sum(pair))), min_size=3, max_size=3),
)


@EXACTLY
@given(SEATINGS)
def test_a_seating_is_found_and_dealt_as_trying_everything_does(case: tuple[list[int], list[tuple[int, int]]]) -> None:
    roles, bounds = case
    least, most = [low for low, _ in bounds], [high for _, high in bounds]

    def lawful(taken: tuple[int, ...]) -> bool:
        return all(low <= taken.count(seat) <= high for seat, (low, high) in enumerate(bounds))

    choices = itertools.product(*([seat for seat in range(3) if mask >> seat & 1] for mask in roles))
    possible = [taken for taken in choices if lawful(taken)]
    found = seated(roles, least, most)
    if not possible:
        assert found is None
        return
    assert found is not None
    assert tuple(found) in possible
    seating = Seating(roles, least, most, found)
    seating.deal()
    assert tuple(seating.seat_of) == min(possible)


def town(chance: random.Random) -> Document:
    """Some dozens to some hundred candidates, with bounds near what people have."""
    roles = [f"role{number}" for number in range(chance.randint(2, 6))]
    size = chance.randint(3, 10)
    households = chance.choice((None, 2 * size, 30))
    pairs = chance.sample([("sex", "F"), ("sex", "M"), ("age", "old"), ("age", "young")], chance.randint(0, 3))
    fit, load = chance.choice((0, 1, 5, 1_000_000)), chance.choice((0, 2, 10_000))
    people = [
        {
            "id": f"P{number}",
            "roles": chance.sample(roles, chance.randint(1, 2)),
            "attributes": {"sex": chance.choice("FM"), "age": chance.choice(("old", "young", "middle"))},
            "household": None if households is None else f"H{chance.randrange(households)}",
            "fit": chance.randint(0, fit),
            "load": chance.randint(0, load),
            "standing": chance.random() < 0.02,
        }
        for number in range(chance.randint(40, 120))
    ]
    seats = [{"role": role, "min": size // len(roles), "max": chance.choice((None, size // len(roles) + 1))} for role in roles]
    balance = [
        {"attribute": attribute, "value": value, "min": size // 3, "max": chance.choice((None, size // 2 + 1))}
        for attribute, value in pairs
    ]
    return panel_file(*people, size=size, seats=seats, balance=balance, seed=chance.randrange(10**9))


class Asking:
    """The question as one plain integer program: a variable for every person and seat, nothing left out, one question per lot."""

    def __init__(self, document: Document) -> None:
        self.people = sorted(document["candidates"], key=lambda person: lot_of(document["seed"], person["id"]))
        self.pairs = [(at, seat) for at, p in enumerate(self.people) for seat, s in enumerate(document["seats"]) if s["role"] in p["roles"]]
        self.rows: list[tuple[list[float], float, float]] = []
        size = document["size"]
        self.row([1] * len(self.pairs), size, size)
        for at, person in enumerate(self.people):
            self.row([pair[0] == at for pair in self.pairs], int(person["standing"]), 1)
        for seat, bound in enumerate(document["seats"]):
            self.row([pair[1] == seat for pair in self.pairs], bound["min"], bound["max"] or size)
        for bound in document["balance"]:
            has = [self.people[at]["attributes"][bound["attribute"]] == bound["value"] for at, _ in self.pairs]
            self.row(has, bound["min"], bound["max"] or size)
        for household in {person["household"] for person in self.people} - {None}:
            self.row([self.people[at]["household"] == household for at, _ in self.pairs], 0, 1)

    def row(self, values: list[float] | list[bool] | list[int], low: float, high: float) -> None:
        self.rows.append(([float(value) for value in values], low, high))

    def least(self, costs: list[float]) -> tuple[int, set[int]] | None:
        matrix, low, high = zip(*self.rows, strict=True)
        answer = milp(
            numpy.array(costs),
            constraints=LinearConstraint(numpy.array(matrix), low, high),
            integrality=numpy.ones(len(costs)),
            bounds=Bounds(0, 1),
            options={"mip_rel_gap": 0},
        )
        if answer.x is None:
            return None
        chosen = [at for at, value in enumerate(answer.x) if value > 0.5]
        return round(sum(costs[at] for at in chosen)), {self.pairs[at][0] for at in chosen}

    def panel(self) -> list[str] | None:
        for cost in (lambda person: -person["fit"], lambda person: person["load"] ** 2):
            costs = [float(cost(self.people[at])) for at, _ in self.pairs]
            found = self.least(costs)
            if found is None:
                return None
            self.row(costs, found[0] - 0.5, found[0] + 0.5)
        members = found[1]
        for at in range(len(self.people)):
            on = [float(pair[0] == at) for pair in self.pairs]
            if at not in members:
                asked = self.least([-value for value in on])
                members = asked[1] if asked is not None and asked[0] == -1 else members
            self.row(on, int(at in members), int(at in members))
            if len([person for person in members if person <= at]) == len(members):
                break
        return [self.people[at]["id"] for at in sorted(members)]


@pytest.mark.thorough
@pytest.mark.parametrize("number", range(40))
def test_panels_of_many_candidates_are_those_of_a_plain_integer_program(number: int) -> None:
    document = town(random.Random(number))
    question = read_panel(document)
    choice = choose(question)
    ids = None if isinstance(choice, NoPanel) else [question.pool.candidates[person].id for person in choice.members]
    assert ids == Asking(document).panel()
    assert choice.certain is True if isinstance(choice, NoPanel) else choice.certain == (True, True, True)


def test_ten_thousand_candidates_are_proven_in_integers() -> None:
    chance = random.Random(20260506)
    roles = [f"role{number}" for number in range(8)]
    people = [
        {
            "id": f"P{number}",
            "roles": chance.sample(roles, chance.randint(1, 3)),
            "attributes": {"sex": chance.choice("FM")},
            "household": f"H{chance.randrange(4000)}",
            "fit": chance.randint(0, 20),
            "load": chance.randint(0, 10),
        }
        for number in range(10_000)
    ]
    seats = [{"role": role, "min": 1, "max": 2} for role in roles]
    document = panel_file(*people, size=13, seats=seats, balance=[{"attribute": "sex", "value": "F", "min": 6, "max": 7}])
    outcome = form_panel(read_panel(document))
    assert isinstance(outcome, Formed)
    assert outcome.certain == (True, True, True)
    assert (len(outcome.members), outcome.fit) == (13, 260)
