"""The rota's rule: against every possibility on small cases, and each reason by name."""

from collections.abc import Iterator
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.services.rules.rota import (
    DAY,
    EMPTY,
    Mentor,
    NotPossible,
    Question,
    Shift,
    broken,
    clash,
    cliques,
    price,
    propose,
    why_empty,
)

NURSE = frozenset({"nurse"})


def shift(name: str, begins: int, site: str = "a", *, hours: int = 2, places: int = 1, needs: str = "nurse", day: int = 1) -> Shift:
    begin = day * DAY + begins * 60
    return Shift(name, site, begin, begin + hours * 60, places, needs)


def mentor(name: str, **facts: object) -> Mentor:
    given = {"credentials": NURSE, "weekly_minutes": 600}
    return Mentor(name, **{**given, **facts})  # type: ignore[arg-type]


def every_rota(question: Question) -> Iterator[list[tuple[str, str]]]:
    """Every set of pairs that breaks no rule."""
    pairs = [[(each.id, wanted.id) for each in question.mentors] for wanted in question.shifts]
    choices = [
        [list(some) for size in range(wanted.places + 1) for some in combinations(pairs[i], size)]
        for i, wanted in enumerate(question.shifts)
    ]
    for chosen in product(*choices):
        assigned = [pair for some in chosen for pair in some]
        if not broken(question, assigned):
            yield assigned


@st.composite
def questions(draw: st.DrawFn) -> Question:
    sites = ("a", "b")
    shifts = tuple(
        shift(
            f"s{n}",
            draw(st.integers(8, 16)),
            draw(st.sampled_from(sites)),
            hours=draw(st.integers(1, 3)),
            places=draw(st.integers(1, 2)),
            needs=draw(st.sampled_from(("", "nurse"))),
            day=draw(st.integers(0, 1)),
        )
        for n in range(draw(st.integers(1, 4)))
    )
    mentors = tuple(
        mentor(
            f"m{n}",
            credentials=draw(st.sampled_from((NURSE, frozenset()))),
            weekly_minutes=draw(st.sampled_from((120, 240, 600))),
            never=draw(st.sampled_from((frozenset(), frozenset({1})))),
            prefers=draw(st.sampled_from((frozenset(), frozenset({"b"})))),
            ways={"a": draw(st.integers(0, 40)), "b": draw(st.integers(0, 40))},
        )
        for n in range(draw(st.integers(1, 3)))
    )
    return Question(mentors, shifts, {("a", "b"): draw(st.integers(0, 90))})


@settings(max_examples=60, deadline=None)
@given(questions())
def test_nothing_is_better_than_what_is_proposed(question: Question) -> None:
    found = propose(question, gap=0.0)
    best = min(price(question, each) for each in every_rota(question))
    assert found.value == best == price(question, found.assigned)
    assert found.bound <= best
    assert broken(question, found.assigned) == []


@settings(max_examples=60, deadline=None)
@given(questions())
def test_cliques_say_every_clash_and_nothing_else(question: Question) -> None:
    found = cliques(question, question.shifts)
    said = {frozenset(pair) for clique in found for pair in combinations(sorted(clique), 2)}
    real = {frozenset((one.id, other.id)) for one, other in combinations(question.shifts, 2) if clash(question, one, other)}
    assert said == real


def test_the_way_between_two_sites_counts() -> None:
    near = Question((mentor("m"),), (shift("s1", 9), shift("s2", 12, "b")), {("a", "b"): 60})
    assert len(propose(near).assigned) == 2
    far = Question(near.mentors, near.shifts, {("a", "b"): 61})
    [left] = propose(far).unfilled
    assert left.why == {"travel": 1}


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"credentials": frozenset()}, "credential"),
        ({"never": frozenset({1})}, "never"),
        ({"away": ((DAY, 2 * DAY),)}, "away"),
        ({"weekly_minutes": 119}, "hours"),
    ],
)
def test_each_reason_is_named(given: dict[str, object], reason: str) -> None:
    [left] = propose(Question((mentor("m", **given),), (shift("s", 9),))).unfilled
    assert (left.places, left.why) == (1, {reason: 1})


def test_two_at_once_and_the_week_that_is_full() -> None:
    [left] = propose(Question((mentor("m"),), (shift("s1", 9), shift("s2", 10)))).unfilled
    assert left.why == {"clash": 1}
    [left] = propose(Question((mentor("m", weekly_minutes=120),), (shift("s1", 9), shift("s2", 9, day=3)))).unfilled
    assert left.why == {"hours": 1}


def test_the_week_begins_anew_on_monday() -> None:
    weeks = (shift("s1", 9), shift("s2", 9, day=8))
    assert propose(Question((mentor("m", weekly_minutes=120),), weeks)).unfilled == ()


def test_the_load_is_even_where_nothing_else_speaks() -> None:
    found = propose(Question((mentor("m1"), mentor("m2")), tuple(shift(f"s{n}", 9, day=n) for n in range(4))), gap=0.0)
    assert sorted(sum(1 for who, _what in found.assigned if who == name) for name in ("m1", "m2")) == [2, 2]


def test_a_filled_place_is_worth_more_than_any_way() -> None:
    far_off = mentor("m", ways={"a": 900}, prefers=frozenset({"b"}))
    assert propose(Question((far_off,), (shift("s", 9),))).unfilled == ()
    assert EMPTY > 900


def test_what_was_set_by_hand_stays_and_is_refused_where_it_breaks_a_rule() -> None:
    shifts = (shift("s1", 9), shift("s2", 10))
    question = Question((mentor("m", ways={"a": 5}), mentor("n")), shifts, fixed=(("m", "s2"),))
    assert ("m", "s2") in propose(question).assigned
    with pytest.raises(NotPossible) as refused:
        propose(Question(question.mentors, shifts, fixed=(("m", "s1"), ("m", "s2"))))
    assert refused.value.pairs == (("m", "s2"),)


def test_the_same_question_gives_the_same_rota() -> None:
    question = Question(
        tuple(mentor(f"m{n}", ways={"a": n % 3}) for n in range(6)), tuple(shift(f"s{n}", 9, day=n, places=2) for n in range(5))
    )
    assert propose(question) == propose(question)


def test_nobody_at_all() -> None:
    found = propose(Question((), (shift("s", 9, places=2),)))
    assert (found.value, found.bound, found.unfilled[0].places, found.unfilled[0].why) == (2 * EMPTY, 2 * EMPTY, 2, {})
    assert why_empty(Question((), (shift("s", 9),)), shift("s", 9), ()) == {}
