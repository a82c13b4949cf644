import itertools
import json
import math
import random
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy
import pytest
from scipy.optimize import linprog

from doorstep.affairs.rules.lottery import (
    TICKETS,
    Announcement,
    Distribution,
    Draw,
    Households,
    Impossible,
    NotAcceptable,
    Panel,
    Person,
    Pool,
    Quota,
    Reveal,
    Shortfall,
    announce,
    commitment_of,
    distribute,
    draw,
    pool_digest,
    proof_gaps,
    relaxed,
    verify_draw,
)
from doorstep.affairs.rules.lottery.distribution import ticketed

NONCE = "0123456789abcdef" * 4
ROOT = Path(__file__).parents[4]


def small_pool(number: int) -> Pool:
    """A random pool of 5 to 9 people; every other one with households."""
    chance = random.Random(number)
    size = chance.randint(2, 4)
    features = {name: [f"{name}{index}" for index in range(chance.randint(2, 3))] for name in ("sex", "age", "row")[: chance.randint(1, 3)]}
    people = tuple(
        Person(
            id=f"P{index}",
            features={name: chance.choice(values) for name, values in features.items()},
            household=f"H{chance.randint(0, 4)}" if number % 2 and chance.random() < 0.7 else None,
        )
        for index in range(chance.randint(max(5, size + 1), 9))
    )
    quotas = []
    for name, values in features.items():
        for value in values:
            if chance.random() < 0.75:
                low = chance.choice([0, 0, 1, 1, 2])
                quotas.append(Quota(name, value, low, chance.choice([None, low, low + 1, low + 2])))
    return Pool(people, tuple(quotas), size)


def counted(people: tuple[Person, ...], quota: Quota) -> int:
    return sum(person.features.get(quota.feature) == quota.value for person in people)


def homes_differ(people: tuple[Person, ...]) -> bool:
    homes = [person.household for person in people if person.household]
    return len(homes) == len(set(homes))


def keeps_quotas(people: tuple[Person, ...], pool: Pool) -> bool:
    numbers = [(quota, counted(people, quota)) for quota in pool.quotas]
    return all(number >= quota.min and (quota.max is None or number <= quota.max) for quota, number in numbers)


def all_panels(pool: Pool) -> list[tuple[Person, ...]]:
    return [people for people in itertools.combinations(pool.people, pool.size) if homes_differ(people) and keeps_quotas(people, pool)]


def best_share(seats: numpy.ndarray, floor: dict[int, float], goal: list[int]) -> tuple[float, numpy.ndarray]:
    """The largest z, over distributions on all panels (columns of `seats`), with p ≥ floor and p ≥ z for `goal`; and p."""
    persons, panels = seats.shape
    rows, lower = [], []
    for person in range(persons):
        if person in floor:
            rows.append([*-seats[person], 0.0])
            lower.append(-floor[person])
    for person in goal:
        rows.append([*-seats[person], 1.0])
        lower.append(0.0)
    found = linprog(
        [0.0] * panels + [-1.0],
        A_ub=numpy.array(rows),
        b_ub=numpy.array(lower),
        A_eq=numpy.array([[1.0] * panels + [0.0]]),
        b_eq=[1.0],
        bounds=[(0, None)] * panels + [(None, None)],
        method="highs",
        options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
    )
    assert found.status == 0, found.message
    return -found.fun, seats @ found.x[:-1]


def seats_of(pool: Pool) -> numpy.ndarray:
    return numpy.array([[float(person in people) for people in all_panels(pool)] for person in pool.people])


def leximin_over_all_panels(pool: Pool) -> list[float]:
    """Independent of the code under test: by person, over all panels, and nobody is settled by a dual but by "can it be raised?"."""
    seats = seats_of(pool)
    settled: dict[int, float] = {}
    while len(settled) < len(pool.people):
        free = [person for person in range(len(pool.people)) if person not in settled]
        level, _ = best_share(seats, {person: value - 1e-11 for person, value in settled.items()}, free)
        floor = {**settled, **dict.fromkeys(free, level)}
        for person in free:
            others = {other: value - 1e-11 for other, value in floor.items() if other != person}
            if best_share(seats, others, [person])[0] < level + 1e-7:
                settled[person] = level
    return [settled[person] for person in range(len(pool.people))]


def optimum_of(distribution: Distribution) -> dict[str, float]:
    return {person: chance for one, chance in zip(distribution.types, distribution.optimum, strict=True) for person in one.people}


def assert_leximin(pool: Pool, distribution: Distribution) -> None:
    optimum = optimum_of(distribution)
    expected = leximin_over_all_panels(pool)
    assert [optimum[person.id] for person in pool.people] == pytest.approx(expected, abs=1e-8)


def assert_nobody_can_be_raised(pool: Pool, distribution: Distribution) -> None:
    optimum = [optimum_of(distribution)[person.id] for person in pool.people]
    seats = seats_of(pool)
    for person, chance in enumerate(optimum):
        not_larger = {other: value - 1e-10 for other, value in enumerate(optimum) if other != person and value <= chance + 1e-9}
        assert best_share(seats, not_larger, [person])[0] < chance + 1e-7


def announce_with(pool: Pool, distribution: Distribution, seed: str, *, called: bool = False) -> Announcement:
    return announce(pool=pool, distribution=distribution, commitment=commitment_of(seed, NONCE), numbers_called=called)


def least_relaxation(pool: Pool) -> list[int]:
    """By brute force: the units of (all, size, last quota … first quota) that the best of all sets of people needs."""

    def units(people: tuple[Person, ...]) -> list[int]:
        missing = []
        for quota in reversed(pool.quotas):
            number = counted(people, quota)
            missing.append(max(0, quota.min - number, number - (quota.max if quota.max is not None else number)))
        size = abs(len(people) - pool.size)
        return [size + sum(missing), size, *missing]

    sets = (people for size in range(1, len(pool.people) + 1) for people in itertools.combinations(pool.people, size))
    return min(units(people) for people in sets if homes_differ(people))


def units_of(pool: Pool, shortfalls: tuple[Shortfall, ...]) -> list[int]:
    moved = Counter()
    for shortfall in shortfalls:
        moved[shortfall.bound] += abs(shortfall.becomes - shortfall.has)
    return [sum(moved.values()), moved["size"], *(moved[quota.bound] for quota in reversed(pool.quotas))]


def check_small_pool(number: int) -> str:
    pool = small_pool(number)
    result = distribute(pool)
    if isinstance(result, Impossible):
        assert not all_panels(pool)
        assert units_of(pool, result.shortfalls) == least_relaxation(pool)
        assert isinstance(distribute(relaxed(pool, result.shortfalls)), Distribution)
        return "impossible"
    optimum = optimum_of(result)
    assert math.fsum(optimum.values()) == pytest.approx(pool.size, abs=1e-9)
    assert sum(result.chances().values()) == pool.size
    for person, chance in result.chances().items():
        assert abs(float(chance) - optimum[person]) <= len(result.panels) / TICKETS
    assert_leximin(pool, result)
    assert_nobody_can_be_raised(pool, result)
    assert max(proof_gaps(pool, result)) <= 1e-8
    assert sorted(index for level in result.levels for index in level.types) == list(range(len(result.types)))
    return str(result.households)


@pytest.mark.parametrize("number", range(12))
def test_a_small_lottery_is_leximin_over_all_panels(number: int) -> None:
    check_small_pool(number)


@pytest.mark.thorough
def test_small_lotteries_of_every_kind_are_leximin_over_all_panels() -> None:
    kinds = Counter(check_small_pool(number) for number in range(100, 320))
    assert min(kinds[kind] for kind in ("alone", "exact", "impossible")) >= 20, kinds
    assert kinds["alone"] + kinds["exact"] >= 100, kinds


def neighbours() -> Pool:
    """Eight people for a panel of three: one of the three elders, one or two women; 03 and 05 live together."""

    def person(identifier: str, sex: str, age: str, household: str | None = None) -> Person:
        return Person(identifier, {"sex": sex, "age": age}, household)

    people = (
        person("01", "F", "60+"),
        person("02", "F", "60+"),
        person("03", "M", "60+", "T"),
        person("04", "F", "under60"),
        person("05", "M", "under60", "T"),
        person("06", "M", "under60"),
        person("07", "M", "under60"),
        person("08", "M", "under60"),
    )
    return Pool(people, (Quota("sex", "F", 1, 2), Quota("age", "60+", 1, 1)), 3)


def town_pool(people: int, per_household: int = 1) -> Pool:
    """A panel of 12 with sex, age, village and schooling within one of even parts; villages and ages are not alike in the pool."""
    chance = random.Random(people)
    parts = {"sex": (50, 50), "age": (10, 25, 30, 35), "village": (40, 30, 20, 10), "school": (20, 50, 30)}
    persons = tuple(
        Person(
            f"P{index:05}",
            {name: chance.choices([f"{name}{value}" for value in range(len(weights))], weights)[0] for name, weights in parts.items()},
            f"H{index // per_household}" if per_household > 1 else None,
        )
        for index in range(people)
    )
    quotas = [
        Quota(name, f"{name}{value}", 12 // len(weights) - 1, 12 // len(weights) + 1)
        for name, weights in parts.items()
        for value in range(len(weights))
    ]
    return Pool(persons, tuple(quotas), 12)


def drawn_with(pool: Pool, distribution: Distribution, seed: str) -> Draw:
    announcement = announce_with(pool, distribution, seed)
    return draw(pool=pool, distribution=distribution, announcement=announcement, reveal=Reveal(seed, NONCE))


def lottery_of(pool: Pool, **how: object) -> Distribution:
    result = distribute(pool, **how)
    assert isinstance(result, Distribution)
    return result


def test_three_elders_share_one_seat_and_five_others_two() -> None:
    distribution = lottery_of(neighbours())
    optimum = optimum_of(distribution)
    assert optimum == pytest.approx({"01": 1 / 3, "02": 1 / 3, "03": 1 / 3} | dict.fromkeys(["04", "05", "06", "07", "08"], 0.4), abs=1e-9)
    assert [round(level.value, 9) for level in distribution.levels] == [0.333333333, 0.4]
    assert sum(panel.tickets for panel in distribution.panels) == TICKETS
    assert distribution.households == Households.EXACT


def test_whoever_no_panel_can_take_has_the_chance_nought() -> None:
    pool = neighbours()
    closed = replace(pool, quotas=(*pool.quotas, Quota("age", "under60", 0, 2), Quota("sex", "M", 0, 0)), size=2)
    optimum = optimum_of(lottery_of(closed))
    assert {person for person, chance in optimum.items() if chance == 0} == {"03", "05", "06", "07", "08"}
    assert optimum["04"] == pytest.approx(1)


def test_a_feature_without_a_quota_changes_nothing() -> None:
    pool = neighbours()
    coloured = replace(pool, people=tuple(replace(person, features={**person.features, "hobby": person.id}) for person in pool.people))
    assert lottery_of(coloured) == lottery_of(pool)


def sisters() -> Pool:
    """Two pairs of sisters and a brother each, and one alone: a household sends one, whichever two of a kind it has."""
    people = [Person(f"{home}{index}", {"sex": sex}, home) for home in "AB" for index, sex in enumerate("FFM")]
    return Pool((*people, Person("C0", {"sex": "F"})), (Quota("sex", "F", 1, 2),), 2)


@pytest.mark.parametrize("pool", [neighbours(), small_pool(9), small_pool(12), sisters()], ids=["neighbours", "homes", "alone", "sisters"])
def test_draws_come_as_often_as_the_table_says(pool: Pool) -> None:
    distribution = lottery_of(pool)
    right = {tuple(sorted(person.id for person in people)) for people in all_panels(pool)}
    announcement = announce_with(pool, distribution, "0")
    draws = 1500
    seen: Counter[str] = Counter()
    rows: Counter[int] = Counter()
    for number in range(draws):
        told = replace(announcement, commitment=commitment_of(f"seed {number}", NONCE))
        result = draw(pool=pool, distribution=distribution, announcement=told, reveal=Reveal(f"seed {number}", NONCE))
        assert result.people in right
        seen.update(result.people)
        rows[result.panel] += 1
    for person, chance in distribution.chances().items():
        spread = math.sqrt(draws * chance * (1 - chance))
        assert abs(seen[person] - draws * chance) <= 4 * spread, person
    expected = [draws * panel.tickets / TICKETS for panel in distribution.panels]
    square = sum((rows[index] - number) ** 2 / number for index, number in enumerate(expected))
    freedom = len(expected) - 1
    assert square <= freedom + 4 * math.sqrt(2 * freedom)


@pytest.mark.parametrize(
    ("shares", "tickets"),
    [
        ([1.0], [1_000_000]),
        ([0.5, 0.25, 0.25], [500_000, 250_000, 250_000]),
        ([1 / 3, 1 / 3, 1 / 3], [333_333, 333_333, 333_334]),
        ([0.4999997, 0.4999999, 0.0000004], [500_000, 500_000]),
        ([1 / 7] * 7, [142_857] * 6 + [142_858]),
    ],
)
def test_shares_become_whole_tickets_by_largest_remainder(shares: list[float], tickets: list[int]) -> None:
    rows = ticketed(tuple(((index,), share) for index, share in enumerate(shares)))
    assert sorted(row.tickets for row in rows) == sorted(tickets)
    assert all(abs(row.tickets - TICKETS * shares[row.counts[0]]) < 1 for row in rows)
    assert list(rows) == sorted(rows, key=lambda row: (-row.tickets, row.counts))


def test_a_couple_is_never_drawn_together_and_both_are_drawn() -> None:
    distribution = lottery_of(neighbours())
    panels = [set(drawn_with(neighbours(), distribution, f"couple {number}").people) for number in range(300)]
    assert not any({"03", "05"} <= people for people in panels)
    assert any("03" in people for people in panels)
    assert any("05" in people for people in panels)


def test_the_same_pool_and_seed_draw_the_same_people_in_any_order_of_the_list() -> None:
    pool = town_pool(60, per_household=2)
    pool = replace(pool, quotas=pool.quotas[:6])
    shuffled = replace(pool, people=tuple(random.Random(5).sample(pool.people, len(pool.people))))
    first, second = lottery_of(pool), lottery_of(shuffled)
    assert first == second
    assert pool_digest(pool) == pool_digest(shuffled)
    assert drawn_with(pool, first, "a") == drawn_with(shuffled, second, "a")
    assert drawn_with(pool, first, "a").people != drawn_with(pool, first, "b").people


def test_numbers_called_change_the_draw() -> None:
    pool = neighbours()
    distribution = lottery_of(pool)
    announcement = announce_with(pool, distribution, "a", called=True)
    draws = {
        draw(pool=pool, distribution=distribution, announcement=announcement, reveal=Reveal("a", NONCE, called)).ticket
        for called in ("1", "2", "3")
    }
    assert len(draws) == 3


def test_verify_names_what_does_not_hold() -> None:
    pool = neighbours()
    distribution = lottery_of(pool)
    announcement = announce_with(pool, distribution, "a")
    people = drawn_with(pool, distribution, "a").people

    def verified(**changed: object) -> tuple[str, ...]:
        facts = {"pool": pool, "distribution": distribution, "announcement": announcement, "reveal": Reveal("a", NONCE), "people": people}
        return verify_draw(**{**facts, **changed})

    assert verified() == ()
    assert verified(people=list(reversed(people))) == ()
    assert verified(people=[*people[:-1], "08" if people[-1] != "08" else "07"]) == ("people",)
    assert verified(reveal=Reveal("b", NONCE)) == ("commitment",)
    assert verified(reveal=Reveal("a", NONCE[::-1])) == ("commitment",)
    assert verified(reveal=Reveal("a", "short")) == ("commitment",)
    assert verified(reveal=Reveal("a", NONCE, "17")) == ("called",)
    assert verified(announcement=replace(announcement, numbers_called=True)) == ("called",)
    assert verified(announcement=replace(announcement, commitment=commitment_of("b", NONCE))) == ("commitment",)
    fewer = replace(pool, people=pool.people[:-1])
    assert verified(pool=fewer)[:2] == ("pool", "types")
    first, second, *others = distribution.panels
    shifted = replace(
        distribution, panels=(replace(first, tickets=first.tickets + 1), replace(second, tickets=second.tickets - 1), *others)
    )
    assert verified(distribution=shifted) == ("table",)
    # A table that was announced so, but is not one of this pool.
    for panels, code in [
        ((replace(first, tickets=first.tickets - 1), second, *others), "tickets"),
        ((replace(first, tickets=first.tickets + second.tickets), replace(second, tickets=0), *others), "tickets"),
        ((Panel((3, 0, 0, 0, 0), TICKETS),), "quotas"),
        ((Panel((0, 1, 0, 1, 1), TICKETS),), "quotas"),
        ((Panel((0, -1, 1, 0, 3), TICKETS),), "quotas"),
        ((Panel((1, 1, 1), TICKETS),), "quotas"),
    ]:
        false = replace(distribution, panels=panels)
        assert verified(distribution=false, announcement=announce_with(pool, false, "a")) == (code,)


def test_a_draw_that_is_not_as_announced_is_refused() -> None:
    pool = neighbours()
    distribution = lottery_of(pool)
    announcement = announce_with(pool, distribution, "a")
    with pytest.raises(NotAcceptable) as refused:
        draw(pool=pool, distribution=distribution, announcement=announcement, reveal=Reveal("b", NONCE))
    assert refused.value.code == "commitment"


def test_a_commitment_fits_one_seed_only() -> None:
    """Without a nonce of fixed length, seed "12" with nonce "3…" and seed "1" with nonce "23…" would be one commitment."""
    for nonce in ("3" + NONCE, NONCE[1:], NONCE.upper(), ""):
        with pytest.raises(NotAcceptable, match="bad_nonce"):
            commitment_of("1", nonce)
    for seed in ("", "a|b"):
        with pytest.raises(NotAcceptable, match="bad_seed"):
            commitment_of(seed, NONCE)


def test_above_the_limit_one_person_per_household_is_drawn_first() -> None:
    pool = neighbours()
    with pytest.raises(NotAcceptable, match="first_seed_missing"):
        distribute(pool, exact_up_to=7)
    sent: Counter[str] = Counter()
    for seed in ("1", "2", "3", "4"):
        result = lottery_of(pool, exact_up_to=7, first_seed=seed)
        assert (result.households, result.first_seed) == (Households.FIRST_LOT, seed)
        people = set(result.chances())
        assert people | {"03", "05"} == {person.id for person in pool.people}
        sent.update(people & {"03", "05"})
        assert sum(result.chances().values()) == pool.size
        told = {"pool": pool, "announcement": announce_with(pool, result, "a"), "reveal": Reveal("a", NONCE)}
        people_drawn = drawn_with(pool, result, "a").people
        assert verify_draw(distribution=result, people=people_drawn, **told) == ()
        assert "table" in verify_draw(distribution=replace(result, first_seed="another"), people=people_drawn, **told)
    assert sent.total() == 4
    assert set(sent) == {"03", "05"}
    assert lottery_of(pool, exact_up_to=8, first_seed="1").first_seed is None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"people": ()}, "no_people"),
        ({"size": 0}, "size_not_positive"),
        ({"people": (Person("1", {}), Person("1", {}))}, "duplicate_person"),
        ({"people": (Person(" ", {}),)}, "bad_id"),
        ({"people": (Person("1|2", {}),)}, "bad_id"),
        ({"quotas": (Quota("sex", "F"), Quota("sex", "F", 1))}, "duplicate_quota"),
        ({"quotas": (Quota("sex", "F", 2, 1),)}, "min_above_max"),
        ({"quotas": (Quota("sex", "F", -1),)}, "negative_bound"),
    ],
)
def test_a_pool_that_cannot_be_used_says_why(change: dict[str, object], code: str) -> None:
    with pytest.raises(NotAcceptable) as refused:
        distribute(replace(neighbours(), **change))
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("quotas", "size", "expected"),
    [
        ((Quota("sex", "F", 4),), 5, (Shortfall("quota:sex=F", "min", 4, 3),)),
        ((Quota("age", "60+", 2, 2), Quota("age", "under60", 2)), 3, (Shortfall("quota:age=60+", "min", 2, 1),)),
        ((Quota("sex", "F", 0, 1), Quota("sex", "M", 0, 1)), 3, (Shortfall("quota:sex=F", "max", 1, 2),)),
        ((), 8, (Shortfall("size", "min", 8, 7),)),
        ((Quota("sex", "M", 0, 0), Quota("age", "under60", 3, None)), 3, (Shortfall("quota:sex=M", "max", 0, 2),)),
    ],
)
def test_what_must_give_way(quotas: tuple[Quota, ...], size: int, expected: tuple[Shortfall, ...]) -> None:
    pool = replace(neighbours(), quotas=quotas, size=size)
    result = distribute(pool)
    assert isinstance(result, Impossible)
    assert result.shortfalls == expected
    assert isinstance(distribute(relaxed(pool, expected)), Distribution)


@pytest.mark.thorough
@pytest.mark.parametrize(("people", "per_household"), [(200, 1), (120, 2), (1000, 1), (600, 3)])
def test_larger_lotteries_are_proven_level_by_level(people: int, per_household: int) -> None:
    pool = town_pool(people, per_household)
    distribution = lottery_of(pool, first_seed="38-07-52")
    gaps = proof_gaps(pool, distribution)
    assert len(gaps) == len(distribution.levels)
    assert max(gaps) <= 1e-7
    for position, level in enumerate(distribution.levels):
        assert all(distribution.optimum[index] >= level.value - 1e-8 for later in distribution.levels[position:] for index in later.types)
    assert sum(distribution.chances().values()) == 12
    optimum = optimum_of(distribution)
    assert math.fsum(optimum.values()) == pytest.approx(12, abs=1e-9)
    assert (
        verify_draw(
            pool=pool,
            distribution=distribution,
            announcement=announce_with(pool, distribution, "a"),
            reveal=Reveal("a", NONCE),
            people=drawn_with(pool, distribution, "a").people,
        )
        == ()
    )


def test_a_false_level_is_not_proven() -> None:
    pool = neighbours()
    distribution = lottery_of(pool)
    low, high = distribution.levels
    claimed = replace(distribution, levels=(replace(low, value=low.value - 0.01), high))
    assert float(proof_gaps(pool, claimed)[0]) == pytest.approx(0.01, abs=1e-9)


def test_the_solver_prints_nothing() -> None:
    code = "from doorstep.affairs.rules.highs import new_solver; new_solver().run(); print('{}')"
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (finished.stdout, finished.stderr) == ("{}\n", "")


def test_the_example_of_the_page_draws_again() -> None:
    page = (ROOT / "docs" / "algorithms" / "lottery.md").read_text()
    example = json.loads(re.findall(r"```json\n(.*?)```", page, re.DOTALL)[0])
    pool = Pool(
        people=tuple(Person(row["id"], {"sex": row["sex"], "age": row["age"]}, row.get("household")) for row in example["people"]),
        quotas=tuple(Quota(row["feature"], row["value"], row["min"], row["max"]) for row in example["quotas"]),
        size=example["size"],
    )
    distribution = lottery_of(pool)
    optimum = optimum_of(distribution)
    assert {person: f"{100 * chance:.1f}%" for person, chance in sorted(optimum.items())} == example["chances"]
    table = [
        Panel(
            tuple(next((count for group, count in row["from"] if group == list(one.people)), 0) for one in distribution.types),
            row["tickets"],
        )
        for row in example["table"]
    ]
    published = replace(distribution, panels=tuple(table))
    announcement = Announcement(**example["announcement"])
    reveal = Reveal(**example["reveal"])
    result = draw(pool=pool, distribution=published, announcement=announcement, reveal=reveal)
    assert result.ticket == example["ticket"]
    assert list(result.people) == example["drawn"]
    assert verify_draw(pool=pool, distribution=published, announcement=announcement, reveal=reveal, people=example["drawn"]) == ()
