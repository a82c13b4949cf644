"""Who is reached, in whole numbers."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.services.rules.coverage import Home, Limits, Stop, coverage, walk_metres, where_next

LIMITS = Limits(metres=500, days=30, floor=5)


@pytest.mark.parametrize(("metres", "walked"), [(0, 0), (100, 130), (384, 500), (385, 501)])
def test_the_way_is_the_straight_line_times_one_point_three_rounded_up(metres: int, walked: int) -> None:
    assert walk_metres(Home("h", 0, 0, 1), "s", metres * 100, 0, {}) == walked


def test_the_towns_own_table_comes_first() -> None:
    home, stop = Home("h", 0, 0, 10), Stop("s", "clinic", 100_000, 0, 1)
    assert coverage([home], [stop], LIMITS).reached == {"clinic": 0}
    assert coverage([home], [stop], LIMITS, table={("h", "s"): 400}).reached == {"clinic": 10}


@pytest.mark.parametrize(("days", "reached"), [(30, True), (31, False), (None, False)])
def test_a_date_too_far_off_does_not_reach(days: int | None, reached: bool) -> None:
    found = coverage([Home("h", 0, 0, 10)], [Stop("s", "clinic", 0, 0, days)], LIMITS)
    assert found.rows[0].reach["clinic"].reached is reached


def test_a_farther_stop_with_a_sooner_date_reaches_all_the_same() -> None:
    stops = [Stop("near", "clinic", 0, 0, 90), Stop("far", "clinic", 20_000, 0, 3)]
    [row] = coverage([Home("h", 0, 0, 10)], stops, LIMITS).rows
    assert (row.reach["clinic"].stop, row.reach["clinic"].days, row.reach["clinic"].reached) == ("near", 90, True)


def test_a_group_below_the_floor_is_not_counted_out() -> None:
    [row] = coverage([Home("h", 0, 0, 10, {"elder": 4, "child": 5})], [], LIMITS).rows
    assert row.groups == {"elder": None, "child": 5}


def test_the_next_clinic_stands_where_it_reaches_most_households_not_reached_yet() -> None:
    homes = [Home("a", 0, 0, 100), Home("b", 200_000, 0, 60), Home("c", 210_000, 0, 50), Home("d", 900_000, 0, 80)]
    found = coverage(homes, [Stop("s", "clinic", 0, 0, 1)], LIMITS)
    sites = [("at a", 0, 0), ("between", 205_000, 0), ("at d", 900_000, 0)]
    assert [(each.id, each.gain) for each in where_next(found, "clinic", sites, LIMITS)] == [("between", 110), ("at d", 80), ("at a", 0)]


@given(st.integers(0, 2**32))
def test_the_gain_is_what_would_be_gained(seed: int) -> None:
    rng = random.Random(seed)
    homes = [Home(f"h{n}", rng.randrange(100_000), rng.randrange(100_000), rng.randrange(1, 60)) for n in range(12)]
    stops = [Stop(f"s{n}", "clinic", rng.randrange(100_000), rng.randrange(100_000), rng.choice((1, 40))) for n in range(3)]
    found = coverage(homes, stops, LIMITS)
    for site in [(f"x{n}", rng.randrange(100_000), rng.randrange(100_000)) for n in range(3)]:
        [gain] = where_next(found, "clinic", [site], LIMITS)
        more = coverage(homes, [*stops, Stop(site[0], "clinic", site[1], site[2], 1)], LIMITS)
        assert more.reached["clinic"] - found.reached["clinic"] == gain.gain


def test_without_a_point_only_the_table_says_how_far_it_is() -> None:
    homes, stop = [Home("h", 0, 0, 10), Home("g", 0, 0, 7)], Stop("s", "clinic", None, None, 1)
    assert coverage(homes, [stop], LIMITS).rows[0].reach["clinic"].stop is None
    found = coverage(homes, [stop], LIMITS, table={("h", "s"): 500, ("g", "s"): 501})
    assert [(row.reach["clinic"].metres, row.reach["clinic"].reached) for row in found.rows] == [(500, True), (501, False)]


def test_people_reached_are_counted_by_group_above_the_floor_alone() -> None:
    homes = [Home("h", 0, 0, 10, {"elder": 5, "child": 4}), Home("g", 900_000, 0, 7, {"elder": 9})]
    assert coverage(homes, [Stop("s", "clinic", 0, 0, 1)], LIMITS).groups == {"clinic": {"elder": (5, 14)}}
