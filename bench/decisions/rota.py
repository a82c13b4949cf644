"""The rota at the size of a town: 200 mentors, 60 sites, 480 shifts in four weeks, some 840 places.

Beside it what a person at a table does: each shift in order of time gets whoever costs least of those who can.
"""

import random
import time

from doorstep.services.rules.rota import DAY, EMPTY, WEEK, Mentor, Question, Shift, broken, price, propose

MENTORS, SITES, PER_WEEK, WEEKS = 200, 60, 120, 4


def question(seed: int = 20260302) -> Question:
    """Sites on a plan of 6 by 6 km, a walk or ride of 5 minutes a kilometre and 5 to set up; mentors near some of them."""
    rng = random.Random(seed)
    sites = {f"site-{n}": (rng.uniform(0, 6), rng.uniform(0, 6)) for n in range(SITES)}

    def minutes(one: tuple[float, float], other: tuple[float, float]) -> int:
        return 5 + round(5 * ((one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2) ** 0.5)

    names = sorted(sites)
    travel = {(one, other): minutes(sites[one], sites[other]) for one in names for other in names if one < other}
    shifts = []
    for week in range(WEEKS):
        for n in range(PER_WEEK):
            day, hour = rng.randrange(7), rng.choice((8, 9, 10, 14, 15, 19))
            begins = week * WEEK + day * DAY + hour * 60 + rng.choice((0, 30))
            ends = begins + rng.choice((90, 120, 150))
            places = rng.choice((1, 1, 1, 2, 2, 3, 2, 2))
            shifts.append(Shift(f"w{week}-{n}", rng.choice(names), begins, ends, places, rng.choice(("nurse", "craft", "", "talk"))))
    mentors = []
    for n in range(MENTORS):
        home = (rng.uniform(0, 6), rng.uniform(0, 6))
        held = frozenset(rng.sample(("nurse", "craft", "talk", "tea"), rng.choice((1, 1, 2))))
        mentors.append(
            Mentor(
                f"m{n}", held, rng.choice((180, 240, 300, 480, 600)), frozenset(rng.sample(range(7), rng.choice((1, 2, 4)))), (),
                frozenset(rng.sample(names, rng.choice((0, 0, 6)))), {name: minutes(home, at) for name, at in sites.items()},
            )
        )  # fmt: skip
    return Question(tuple(mentors), tuple(sorted(shifts, key=lambda each: (each.begins, each.id))), travel)


def by_hand(asked: Question) -> list[tuple[str, str]]:
    """In order of time, each place to whoever is nearest of those who can."""
    assigned: dict[str, list[tuple[str, str]]] = {each.id: [] for each in asked.mentors}
    for shift in asked.shifts:
        for _ in range(shift.places):
            near = sorted(asked.mentors, key=lambda each: (each.ways[shift.site], each.id))
            for mentor in near:
                if (mentor.id, shift.id) not in assigned[mentor.id] and not broken(asked, [*assigned[mentor.id], (mentor.id, shift.id)]):
                    assigned[mentor.id].append((mentor.id, shift.id))
                    break
    return [pair for pairs in assigned.values() for pair in pairs]


def main() -> None:
    asked = question()
    places = sum(each.places for each in asked.shifts)
    began = time.monotonic()
    found = propose(asked)
    took = time.monotonic() - began
    began = time.monotonic()
    table = by_hand(asked)
    at_table = time.monotonic() - began
    gap = (found.value - found.bound) / found.value
    empty = places - len(found.assigned)
    print(f"  {MENTORS} mentors, {SITES} sites, {len(asked.shifts)} shifts, {places} places: {took:.1f} s (greedy {at_table:.1f} s)")
    print(
        f"  cost {found.value:,}, bound {found.bound:,}, gap {gap:.3%}, {empty} empty; greedy {price(asked, table):,}, {places - len(table)} empty"
    )
    print(f"  beyond empty places: {found.value - EMPTY * empty:,}, stopped at the limit of nodes: {found.node_limited}")
    if gap > 0.005 or took > 60:
        raise SystemExit("the rota is too slow or too far from its bound")
