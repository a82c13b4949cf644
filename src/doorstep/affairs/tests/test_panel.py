"""Panels: the rule against trying everything, and the format's sentences one by one."""

import copy
import hashlib
import itertools
import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from doorstep.affairs.rules.codes import BECAUSE, REASONS
from doorstep.affairs.rules.documents import NotAcceptable, parse
from doorstep.affairs.rules.panel import form_panel, optimum, read_panel, result_document
from doorstep.affairs.rules.panel.choosing import NoPanel, choose
from doorstep.affairs.rules.panel.solver import Answer, Linear
from doorstep.affairs.tests import panel_oracle
from doorstep.affairs.tests.panel_files import Document, candidate, panel_file, panel_files

EXACTLY = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def draw(document: Document) -> Document:
    question = read_panel(document)
    return result_document(question, form_panel(question))


def ids(result: Document) -> list[str]:
    return [member["id"] for member in result["members"]]


def seats_of(result: Document) -> dict[str, str]:
    return {member["id"]: member["seat"] for member in result["members"]}


def because(result: Document) -> dict[str, list[str]]:
    return {member["id"]: member["because"] for member in result["members"]}


def by_lot(names: str | list[str], seed: int = 20260506) -> list[str]:
    return sorted(names, key=lambda name: hashlib.sha256(f"{seed}|{name}".encode()).hexdigest())


def relaxed(document: Document, shortfalls: list[Document], staying_off: tuple[str, ...]) -> Document:
    """The file with these bounds moved, and these standing members no longer standing."""
    moved = copy.deepcopy(document)
    by_name = {f"seat:{seat['role']}": seat for seat in moved["seats"]}
    by_name |= {f"balance:{balance['attribute']}={balance['value']}": balance for balance in moved["balance"]}
    for shortfall in shortfalls:
        if shortfall["bound"] == "size":
            moved["size"] = shortfall["becomes"]
        elif shortfall["bound"] != "standing":
            by_name[shortfall["bound"]][shortfall["side"]] = shortfall["becomes"]
    for person in moved["candidates"]:
        person["standing"] = person.get("standing", False) and person["id"] not in staying_off
    return moved


def agrees_with_trying_everything(document: Document) -> None:
    # As text, so that the order of the keys is compared too.
    assert json.dumps(draw(document), indent=1) == json.dumps(panel_oracle.result(document), indent=1)


class TestAgainstTryingEverything:
    @settings(EXACTLY, max_examples=120)
    @given(panel_files())
    def test_the_panel_is_the_one_found_by_trying_everything(self, document: Document) -> None:
        agrees_with_trying_everything(document)

    @pytest.mark.thorough
    @settings(EXACTLY, max_examples=5000)
    @given(panel_files(most=7))
    def test_thousands_of_panels_are_those_found_by_trying_everything(self, document: Document) -> None:
        agrees_with_trying_everything(document)

    @settings(EXACTLY, max_examples=60)
    @given(panel_files(), st.randoms(use_true_random=False))
    def test_the_order_of_the_candidates_changes_nothing(self, document: Document, shuffler: random.Random) -> None:
        first = draw(document)
        shuffled = {**document, "candidates": shuffler.sample(document["candidates"], len(document["candidates"]))}
        second = draw(shuffled)
        assert {**second, "excluded": None} == {**first, "excluded": None}
        assert json.dumps(draw(document)) == json.dumps(first)

    @settings(EXACTLY, max_examples=60)
    @given(panel_files())
    def test_relaxing_what_falls_short_makes_a_panel_possible(self, document: Document) -> None:
        result = draw(document)
        if result["status"] == "formed" or not result["shortfalls"]:
            return
        standing = [person["id"] for person in panel_oracle.eligible(document) if person["standing"]]
        off = next((s["has"] - s["becomes"] for s in result["shortfalls"] if s["bound"] == "standing"), 0)
        statuses = {draw(relaxed(document, result["shortfalls"], some))["status"] for some in itertools.combinations(standing, off)}
        assert "formed" in statuses

    @settings(EXACTLY, max_examples=60)
    @given(panel_files(), st.randoms(use_true_random=False))
    def test_wrong_prices_from_the_solver_change_no_panel(self, document: Document, noise: random.Random) -> None:
        honest = optimum.minimise

        def careless(linear: Linear) -> Any:
            answer = honest(linear)
            if isinstance(answer, Answer):
                return Answer(answer.value, answer.values, [price + noise.uniform(-2, 2) for price in answer.prices], answer.excess)
            return answer

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(optimum, "minimise", careless)
            agrees_with_trying_everything(document)

    @settings(EXACTLY, max_examples=60)
    @given(panel_files())
    def test_integers_alone_prove_small_panels(self, document: Document) -> None:
        choice = choose(read_panel(document))
        assert choice.certain is True if isinstance(choice, NoPanel) else choice.certain == (True, True, True)


SEATS = [{"role": "elder", "min": 1, "max": 2}, {"role": "expert", "min": 0, "max": None}]


class TestWhoMaySit:
    def test_each_takes_one_seat_of_a_role_they_have_within_its_bounds(self) -> None:
        people = [candidate(name, "elder", "expert", fit=9) for name in "ABC"] + [candidate("D", "expert", fit=1)]
        result = draw(panel_file(*people, size=4, seats=[{"role": "elder", "min": 2, "max": 2}, {"role": "expert", "min": 2, "max": None}]))
        assert len(result["members"]) == 4
        assert sorted(seats_of(result).values()) == ["elder", "elder", "expert", "expert"]
        assert seats_of(result)["D"] == "expert"

    def test_a_maximum_of_null_is_no_limit(self) -> None:
        people = [candidate(name, "expert") for name in "ABCDE"] + [candidate("F", "elder")]
        assert len(draw(panel_file(*people, size=6, seats=SEATS))["members"]) == 6

    def test_balance_holds_over_the_whole_panel(self) -> None:
        people = [candidate(name, "expert", fit=5, attributes={"sex": "M"}) for name in "ABC"]
        people += [candidate("D", "elder", attributes={"sex": "F"}), candidate("E", "elder", fit=5, attributes={"sex": "M"})]
        document = panel_file(*people, size=3, seats=SEATS, balance=[{"attribute": "sex", "value": "F", "min": 1, "max": None}])
        assert "D" in ids(draw(document))
        document["balance"] = [{"attribute": "sex", "value": "M", "min": 0, "max": 1}]
        assert draw(document)["shortfalls"] == [{"bound": "balance:sex=M", "side": "max", "has": 1, "becomes": 2}]

    @pytest.mark.parametrize(
        ("state", "reason"),
        [({"available": False}, "unavailable"), ({"recused": "kin"}, "recused"), ({"vetoed_by": ["A"]}, "vetoed")],
    )
    @pytest.mark.parametrize("standing", [False, True])
    def test_who_is_unavailable_recused_or_vetoed_is_never_on_it(self, state: Document, reason: str, standing: bool) -> None:
        people = [candidate("A", "elder", fit=9, standing=standing, **state), candidate("B", "elder"), candidate("C", "elder")]
        result = draw(panel_file(*people, size=1, seats=SEATS))
        assert result["excluded"] == [{"id": "A", "reason": reason}]
        assert "A" not in [*ids(result), *itertools.chain(*result["reserves"].values())]

    def test_excluded_stands_in_file_order_with_the_first_reason(self) -> None:
        people = [
            candidate("Z", "elder", available=False, recused="kin", vetoed_by=["A"]),
            candidate("B", "elder", recused="kin", vetoed_by=["A"]),
            candidate("M", "elder", vetoed_by=["A"]),
            candidate("A", "elder"),
        ]
        reasons = [("Z", "unavailable"), ("B", "recused"), ("M", "vetoed")]
        assert draw(panel_file(*people, size=1, seats=SEATS))["excluded"] == [{"id": name, "reason": reason} for name, reason in reasons]

    def test_standing_members_sit_whatever_their_fit(self) -> None:
        people = [candidate("A", "elder", fit=0, standing=True), candidate("B", "elder", fit=9)]
        result = draw(panel_file(*people, size=1, seats=SEATS))
        assert (ids(result), because(result)["A"]) == (["A"], ["standing"])

    def test_standing_members_who_alone_break_a_bound_are_said(self) -> None:
        people = [candidate(name, "elder", standing=True) for name in "ABC"] + [candidate("D", "expert")]
        result = draw(panel_file(*people, size=3, seats=SEATS))
        assert result["status"] == "impossible"
        assert result["shortfalls"] == [{"bound": "seat:elder", "side": "max", "has": 2, "becomes": 3}]

    def test_one_of_a_household_unless_the_file_says_otherwise(self) -> None:
        people = [candidate("A", "elder", fit=9, household="H"), candidate("B", "elder", fit=8, household="H"), candidate("C", "elder")]
        document = panel_file(*people, size=2, seats=SEATS)
        assert sorted(ids(draw(document))) == ["A", "C"]
        assert sorted(ids(draw({**document, "one_per_household": False}))) == ["A", "B"]

    @pytest.mark.parametrize("none", [{"household": None}, {"household": ""}, {}])
    def test_no_household_is_nobodys_household(self, none: Document) -> None:
        people = [candidate("A", "elder", **none), candidate("B", "elder", **none)]
        assert sorted(ids(draw(panel_file(*people, size=2, seats=SEATS)))) == ["A", "B"]

    @pytest.mark.parametrize("absent", [{}, {"recused": None}, {"recused": ""}, {"available": True}, {"vetoed_by": []}])
    def test_what_is_absent_keeps_nobody_off(self, absent: Document) -> None:
        assert ids(draw(panel_file(candidate("A", "elder", **absent), size=1, seats=SEATS))) == ["A"]

    @pytest.mark.parametrize("least", [{}, {"min": None}, {"min": 0}])
    def test_a_minimum_that_is_null_or_absent_is_0(self, least: Document) -> None:
        seats = [{"role": "elder", "max": 1, **least}, {"role": "expert"}]
        assert ids(draw(panel_file(candidate("A", "expert"), size=1, seats=seats))) == ["A"]

    def test_a_missing_attribute_matches_nothing(self) -> None:
        people = [candidate("A", "elder", fit=9), candidate("B", "elder", fit=8, attributes={"sex": None})]
        people += [candidate("C", "elder", attributes={"sex": "F"})]
        balance = [{"attribute": "sex", "value": "F", "min": 1}]
        assert ids(draw(panel_file(*people, size=1, seats=SEATS, balance=balance))) == ["C"]
        document = panel_file(*people[:2], size=1, seats=SEATS, balance=[{"attribute": "sex", "value": "", "min": 1}])
        assert draw(document)["status"] == "impossible"

    def test_values_compare_as_strings_of_json(self) -> None:
        people = [candidate("A", "elder", fit=9, attributes={"group": "3 "}), candidate("B", "elder", attributes={"group": "\u0033"})]
        balance = [{"attribute": "group", "value": "3", "min": 1}]
        assert ids(draw(panel_file(*people, size=1, seats=SEATS, balance=balance))) == ["B"]

    def test_roles_that_no_seat_lists_are_ignored(self) -> None:
        people = [candidate("A", "poet", fit=9), candidate("B", "poet", "elder")]
        assert seats_of(draw(panel_file(*people, size=1, seats=SEATS))) == {"B": "elder"}


class TestTheBest:
    def test_the_largest_sum_of_fit_goes_first(self) -> None:
        people = [candidate("A", "elder", fit=3, load=10_000), candidate("B", "elder", fit=2)]
        assert ids(draw(panel_file(*people, size=1, seats=SEATS))) == ["A"]

    def test_then_the_smallest_sum_of_squared_loads(self) -> None:
        # 3 + 3 and 5 + 1 are both 6; 9 + 9 is less than 25 + 1.
        people = [candidate("A", "elder", load=3), candidate("B", "expert", load=3)]
        people += [candidate("C", "elder", "expert", load=5), candidate("D", "expert", load=1)]
        seats = [{"role": "elder", "min": 1, "max": 1}, {"role": "expert", "min": 1, "max": 1}]
        result = draw(panel_file(*people, size=2, seats=seats))
        assert sorted(ids(result)) == ["A", "D"]
        assert result["objective"] == {"fit": 0, "load": 10}

    def test_then_the_lot_decides(self) -> None:
        people = [candidate(name, "elder", "expert") for name in "ABCDEFGH"]
        assert sorted(ids(draw(panel_file(*people, size=3, seats=SEATS)))) == sorted(by_lot("ABCDEFGH")[:3])

    def test_lots_compare_one_after_the_other_not_as_a_sum(self) -> None:
        # The first lot can only sit with the last one, the second and third could sit together.
        first, second, third, last = by_lot("ABCD")
        homes = {first: "1", second: "1", third: "1", last: "2"}
        people = [candidate(name, "elder", "expert", household=homes[name] if name != third else None) for name in "ABCD"]
        people[("ABCD").index(third)]["roles"] = []
        assert sorted(ids(draw(panel_file(*people, size=2, seats=SEATS)))) == sorted([first, last])

    @pytest.mark.parametrize("seed", [0, 7, -3, 2**64 - 1])
    def test_another_seed_is_another_lot(self, seed: int) -> None:
        people = [candidate(name, "elder", "expert") for name in "ABCDEFGH"]
        assert sorted(ids(draw(panel_file(*people, size=2, seats=SEATS, seed=seed)))) == sorted(by_lot("ABCDEFGH", seed)[:2])

    def test_members_stand_by_the_seats_order_then_by_lot(self) -> None:
        people = [candidate(name, "expert") for name in "ABC"] + [candidate(name, "elder") for name in "DE"]
        result = draw(panel_file(*people, size=5, seats=SEATS))
        assert ids(result) == by_lot("DE") + by_lot("ABC")

    def test_seats_are_dealt_in_lot_order_each_the_earliest_that_leaves_everyone_one(self) -> None:
        first, second, third = by_lot("ABC")
        roles = {first: ("elder", "expert"), second: ("expert", "elder"), third: ("elder",)}
        people = [candidate(name, *roles[name]) for name in "ABC"]
        result = draw(panel_file(*people, size=3, seats=SEATS))
        assert seats_of(result) == {first: "elder", second: "expert", third: "elder"}
        single = [{"role": "elder", "min": 1, "max": 1}, {"role": "expert", "min": 0, "max": None}]
        result = draw(panel_file(*people, size=3, seats=single))
        assert seats_of(result) == {first: "expert", second: "expert", third: "elder"}


class TestReserves:
    def test_at_most_two_in_the_same_order(self) -> None:
        people = [candidate("A", "elder", fit=9), candidate("B", "elder", fit=5, load=2), candidate("C", "elder", fit=5, load=1)]
        people += [candidate("D", "elder", fit=7), candidate("E", "elder", fit=5, load=1)]
        result = draw(panel_file(*people, size=1, seats=SEATS))
        assert result["reserves"] == {"A": ["D", by_lot("CE")[0]]}

    def test_everyone_else_stays_and_seats_may_be_dealt_anew(self) -> None:
        seats = [{"role": "elder", "min": 1, "max": 1}, {"role": "expert", "min": 1, "max": 1}]
        people = [candidate("A", "elder", "expert", fit=9), candidate("B", "elder", "expert", fit=9), candidate("C", "expert")]
        result = draw(panel_file(*people, size=2, seats=seats))
        # Whichever of the two holds the expert's seat, C takes it and the other moves over.
        assert result["reserves"] == {name: ["C"] for name in ids(result)}

    def test_a_replaced_standing_member_no_longer_counts_as_standing(self) -> None:
        people = [candidate("A", "elder", standing=True), candidate("B", "elder", fit=4, standing=True), candidate("C", "elder", fit=9)]
        result = draw(panel_file(*people, size=2, seats=SEATS))
        assert result["reserves"] == {name: ["C"] for name in ids(result)}

    def test_a_reserve_shares_no_household_with_who_stays(self) -> None:
        people = [candidate("A", "elder", fit=9, household="1"), candidate("B", "elder", fit=9, household="2")]
        people += [candidate("C", "elder", household="1")]
        result = draw(panel_file(*people, size=2, seats=SEATS))
        assert result["reserves"] == {"A": ["C"], "B": []}
        assert list(result["reserves"]) == ids(result)


class TestBecause:
    def test_fit_load_and_lot_are_what_puts_a_member_before_the_first_reserve(self) -> None:
        seats = [{"role": "elder", "max": 1}]
        for other, code in (({"fit": 1}, "fit"), ({"fit": 2, "load": 3}, "load"), ({"fit": 2}, "lot")):
            people = [candidate(name, "elder", **({"fit": 2} if name == by_lot("AB")[0] else other)) for name in "AB"]
            assert list(because(draw(panel_file(*people, size=1, seats=seats))).values()) == [[code]]

    def test_minimums_that_are_just_met_are_named(self) -> None:
        people = [candidate("A", "elder", fit=1, attributes={"sex": "F"}), candidate("B", "elder", attributes={"sex": "F"})]
        people += [candidate("C", "expert", fit=1), candidate("D", "expert", fit=1)]
        document = panel_file(*people, size=3, seats=SEATS, balance=[{"attribute": "sex", "value": "F", "min": 1}])
        assert because(draw(document))["A"] == ["seat_min", "balance_min", "fit"]
        document["balance"][0]["min"] = 0
        assert because(draw(document))["A"] == ["seat_min", "fit"]

    def test_who_cannot_be_replaced_has_a_reason_too(self) -> None:
        assert because(draw(panel_file(candidate("A", "expert"), size=1, seats=[{"role": "expert"}])))["A"] == ["fit"]
        assert because(draw(panel_file(candidate("A", "elder"), size=1, seats=SEATS)))["A"] == ["seat_min"]

    @settings(EXACTLY, max_examples=60)
    @given(panel_files())
    def test_every_member_has_reasons_that_have_names(self, document: Document) -> None:
        result = draw(document)
        standing = {person["id"]: person["standing"] for person in document["candidates"]}
        for member in result["members"]:
            assert member["because"]
            assert set(member["because"]) <= set(BECAUSE)
            assert (member["because"] == ["standing"]) is standing[member["id"]] is ("standing" in member["because"])
        assert {excluded["reason"] for excluded in result["excluded"]} <= set(REASONS)


class TestShortfalls:
    def shortfalls(self, document: Document) -> list[tuple[str, str, int, int]]:
        result = draw(document)
        assert (result["status"], result["members"], result["objective"], result["reserves"]) == ("impossible", [], None, {})
        return [(s["bound"], s["side"], s["has"], s["becomes"]) for s in result["shortfalls"]]

    def test_a_seat_nobody_can_take(self) -> None:
        seats = [{"role": "elder", "min": 2, "max": 3}, {"role": "expert", "min": 0}]
        people = [candidate("A", "elder"), candidate("B", "expert"), candidate("C", "expert")]
        assert self.shortfalls(panel_file(*people, size=3, seats=seats)) == [("seat:elder", "min", 2, 1)]

    def test_too_few_people_make_a_smaller_panel(self) -> None:
        assert self.shortfalls(panel_file(candidate("A", "elder"), size=3, seats=SEATS)) == [("size", "min", 3, 1)]

    def test_standing_members_are_left_out_last_of_all(self) -> None:
        people = [candidate(name, "elder", "expert", standing=True) for name in "ABC"]
        assert self.shortfalls(panel_file(*people, size=2, seats=SEATS)) == [("size", "max", 2, 3)]

    def test_the_size_changes_only_where_no_seat_or_balance_can(self) -> None:
        seats = [{"role": "elder", "min": 1, "max": 1}, {"role": "expert", "min": 1, "max": 1}]
        people = [candidate("A", "elder"), candidate("B", "expert")]
        assert self.shortfalls(panel_file(*people, size=1, seats=seats)) == [("seat:elder", "min", 1, 0)]
        people = [candidate(name, "expert", attributes={"sex": "F"}) for name in "AB"]
        document = panel_file(*people, size=2, seats=SEATS[1:], balance=[{"attribute": "sex", "value": "F", "max": 1}])
        assert self.shortfalls(document) == [("balance:sex=F", "max", 1, 2)]

    def test_standing_members_of_one_household_are_said_as_standing(self) -> None:
        people = [candidate(name, "elder", standing=True, household="H") for name in "AB"] + [candidate("C", "elder")]
        assert self.shortfalls(panel_file(*people, size=2, seats=SEATS)) == [("standing", "min", 2, 1)]

    def test_a_standing_member_without_a_seat_is_said_as_standing(self) -> None:
        people = [candidate("A", "poet", standing=True), candidate("C", "elder")]
        assert self.shortfalls(panel_file(*people, size=1, seats=SEATS)) == [("standing", "min", 1, 0)]

    def test_first_listed_bounds_are_moved_before_later_ones_and_seats_before_balances(self) -> None:
        people = [candidate("A", "elder", "expert", attributes={"sex": "M"}), candidate("B", "elder", "expert", attributes={"sex": "F"})]
        seats = [{"role": "elder", "min": 2}, {"role": "expert", "min": 1}]
        assert self.shortfalls(panel_file(*people, size=2, seats=seats)) == [("seat:elder", "min", 2, 1)]
        assert self.shortfalls(panel_file(*people, size=2, seats=seats[::-1])) == [("seat:expert", "min", 1, 0)]
        balance = [{"attribute": "sex", "value": "F", "max": 0}, {"attribute": "sex", "value": "M", "max": 0}]
        first, second = "balance:sex=F", "balance:sex=M"
        document = panel_file(*people, size=1, seats=[{"role": "elder"}], balance=balance)
        assert self.shortfalls(document) == [(first, "max", 0, 1)]
        assert self.shortfalls({**document, "balance": balance[::-1]}) == [(second, "max", 0, 1)]
        # A seat's maximum and a balance's maximum both would do: the seat's moves.
        document = panel_file(
            candidate("A", "elder", attributes={"sex": "F"}),
            candidate("B", "expert", attributes={"sex": "M"}),
            size=1,
            seats=[{"role": "elder", "max": 0}, {"role": "expert"}],
            balance=[{"attribute": "sex", "value": "M", "max": 0}],
        )
        assert self.shortfalls(document) == [("seat:elder", "max", 0, 1)]

    def test_where_all_else_is_equal_a_minimum_moves_rather_than_a_maximum(self) -> None:
        # A alone has everything once, B, C and D together have: one could sit, or three, and two are two units off.
        skills = {"B": "ab", "C": "cd", "D": "ef", "A": "abcdef"}
        people = [candidate(name, "elder", attributes=dict.fromkeys(has, "1")) for name, has in skills.items()]
        balance = [{"attribute": skill, "value": "1", "min": 1, "max": 1} for skill in "abcdef"]
        assert self.shortfalls(panel_file(*people, size=2, seats=[{"role": "elder"}], balance=balance)) == [("size", "min", 2, 1)]

    def test_nobody_who_could_sit_leaves_nothing_to_relax(self) -> None:
        assert self.shortfalls(panel_file(candidate("A", "elder", available=False), size=1, seats=SEATS)) == []
        assert self.shortfalls(panel_file(candidate("A", "poet"), size=1, seats=SEATS)) == []
        assert self.shortfalls(panel_file(candidate("A", "poet"), size=1, seats=[])) == []

    def test_numbers_far_beyond_the_candidates_are_exact(self) -> None:
        huge = 10**30
        seats = [{"role": "elder", "min": huge, "max": None}]
        assert self.shortfalls(panel_file(candidate("A", "elder"), size=huge, seats=seats)) == [
            ("seat:elder", "min", huge, 1),
            ("size", "min", huge, 1),
        ]


class TestNotAcceptable:
    GOOD = panel_file(
        candidate("A", "elder", attributes={"sex": "F"}),
        size=1,
        seats=[{"role": "elder", "min": 0, "max": 1}],
        balance=[{"attribute": "sex", "value": "F", "min": 0, "max": 1}],
    )

    @pytest.mark.parametrize(
        ("where", "value", "path", "code"),
        [
            (["format"], "doorstep.panel/2", "$.format", "unknown_format"),
            (["seed"], "20260506", "$.seed", "wrong_type"),
            (["seed"], 1.0, "$.seed", "wrong_type"),
            (["seed"], True, "$.seed", "wrong_type"),
            (["size"], 0, "$.size", "out_of_range"),
            (["size"], None, "$.size", "wrong_type"),
            (["seats"], {}, "$.seats", "wrong_type"),
            (["seats", 0], "elder", "$.seats[0]", "wrong_type"),
            (["seats", 0, "role"], None, "$.seats[0].role", "wrong_type"),
            (["seats", 0, "min"], -1, "$.seats[0].min", "out_of_range"),
            (["seats", 0, "min"], 2, "$.seats[0].min", "min_above_max"),
            (["seats", 0, "max"], "3", "$.seats[0].max", "wrong_type"),
            (["seats", 0, "max"], -1, "$.seats[0].max", "out_of_range"),
            (["balance", 0, "min"], 2, "$.balance[0].min", "min_above_max"),
            (["balance", 0, "value"], 3, "$.balance[0].value", "wrong_type"),
            (["one_per_household"], "yes", "$.one_per_household", "wrong_type"),
            (["candidates", 0, "id"], "", "$.candidates[0].id", "empty"),
            (["candidates", 0, "id"], 7, "$.candidates[0].id", "wrong_type"),
            (["candidates", 0, "roles"], "elder", "$.candidates[0].roles", "wrong_type"),
            (["candidates", 0, "roles"], [1], "$.candidates[0].roles[0]", "wrong_type"),
            (["candidates", 0, "fit"], -1, "$.candidates[0].fit", "out_of_range"),
            (["candidates", 0, "fit"], 1_000_001, "$.candidates[0].fit", "out_of_range"),
            (["candidates", 0, "fit"], 2.5, "$.candidates[0].fit", "wrong_type"),
            (["candidates", 0, "load"], 10_001, "$.candidates[0].load", "out_of_range"),
            (["candidates", 0, "load"], -1, "$.candidates[0].load", "out_of_range"),
            (["candidates", 0, "available"], None, "$.candidates[0].available", "wrong_type"),
            (["candidates", 0, "standing"], 1, "$.candidates[0].standing", "wrong_type"),
            (["candidates", 0, "vetoed_by"], "A", "$.candidates[0].vetoed_by", "wrong_type"),
            (["candidates", 0, "attributes", "sex"], 1, "$.candidates[0].attributes.sex", "wrong_type"),
            (["candidates", 0, "attributes"], {"age group": 1}, "$.candidates[0].attributes['age group']", "wrong_type"),
            (["candidates", 0, "household"], 12, "$.candidates[0].household", "wrong_type"),
        ],
    )
    def test_what_is_wrong_is_named_with_its_path(self, where: list[Any], value: object, path: str, code: str) -> None:
        document = copy.deepcopy(self.GOOD)
        part: Any = document
        for step in where[:-1]:
            part = part[step]
        part[where[-1]] = value
        with pytest.raises(NotAcceptable) as refused:
            read_panel(document)
        assert [(refusal.path, refusal.code) for refusal in refused.value.refusals] == [(path, code)]

    @pytest.mark.parametrize("key", ["format", "seed", "size", "seats", "candidates"])
    def test_what_decides_may_not_be_missing(self, key: str) -> None:
        with pytest.raises(NotAcceptable) as refused:
            read_panel({name: value for name, value in self.GOOD.items() if name != key})
        assert [(refusal.path, refusal.code) for refusal in refused.value.refusals] == [(f"$.{key}", "missing")]

    @pytest.mark.parametrize("key", ["id", "roles", "fit", "load"])
    def test_what_decides_on_a_candidate_may_not_be_missing(self, key: str) -> None:
        person = {name: value for name, value in candidate("A", "elder").items() if name != key}
        with pytest.raises(NotAcceptable) as refused:
            read_panel({**self.GOOD, "candidates": [person]})
        assert [(refusal.path, refusal.code) for refusal in refused.value.refusals] == [(f"$.candidates[0].{key}", "missing")]

    def test_names_may_stand_once(self) -> None:
        document = copy.deepcopy(self.GOOD)
        for key in ("seats", "balance", "candidates"):
            document[key] *= 2
        with pytest.raises(NotAcceptable) as refused:
            read_panel(document)
        assert [(refusal.path, refusal.code) for refusal in refused.value.refusals] == [
            ("$.seats[1].role", "duplicate_seat"),
            ("$.balance[1].value", "duplicate_balance"),
            ("$.candidates[1].id", "duplicate_candidate"),
        ]

    def test_one_attribute_may_have_several_values(self) -> None:
        balance = [{"attribute": "sex", "value": value} for value in "FM"]
        assert len(read_panel({**self.GOOD, "balance": balance}).balances) == 2

    def test_every_fault_is_named(self) -> None:
        document = {**self.GOOD, "size": 0, "candidates": [candidate("A", "elder", fit=-1), candidate("B", "elder", load=-1)]}
        with pytest.raises(NotAcceptable) as refused:
            read_panel(document)
        assert len(refused.value.refusals) == 3

    @settings(EXACTLY, max_examples=100)
    @given(panel_files(most=3), st.data())
    def test_any_value_anywhere_is_decided_or_refused_and_never_an_error_of_ours(self, document: Document, data: st.DataObject) -> None:
        part: Any = document
        while True:
            key = data.draw(st.sampled_from(sorted(part) if isinstance(part, dict) else range(len(part))))
            if not isinstance(part[key], (dict, list)) or not part[key] or data.draw(st.booleans()):
                break
            part = part[key]
        part[key] = data.draw(
            st.sampled_from((None, True, False, -1, 0, 1, 2, 7, 10**400, 0.5, "", "F", "elder", [], ["elder"], {}, {"a": 1}, [[]]))
        )
        try:
            outcome = draw(document)["status"]
        except NotAcceptable as refused:
            outcome = {refusal.path[:2] for refusal in refused.refusals}
        assert outcome in ("formed", "impossible", {"$."})

    @pytest.mark.parametrize("document", [None, [], "doorstep.panel/1", 1])
    def test_something_else_is_no_panel_file(self, document: object) -> None:
        with pytest.raises(NotAcceptable):
            read_panel(document)

    @pytest.mark.parametrize(
        "text",
        ['{"format": "doorstep.panel/1", "size": 1, "size": 2}', '{"seed": NaN}', "{", '{"id": "\\ud800"}', "1" * 5000, "[" * 100_000],
    )
    def test_a_text_that_two_readers_might_read_differently_is_refused(self, text: str) -> None:
        with pytest.raises(NotAcceptable):
            parse(text.encode())


def doorstep(*arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    program = "from doorstep.site.command import main; main()"
    return subprocess.run([sys.executable, "-c", program, *arguments], input=given, capture_output=True, check=False)


class TestCommand:
    DOCUMENT = panel_file(*(candidate(name, "elder", "expert", household="家") for name in "ABC"), size=1, seats=SEATS)

    def test_prints_the_result_and_nothing_else(self, tmp_path: Path) -> None:
        file = tmp_path / "panel.json"
        file.write_text(json.dumps(self.DOCUMENT), "utf-8")
        drawn = doorstep("panel", str(file))
        assert (drawn.returncode, drawn.stderr) == (0, b"doorstep panel: proven in integers: fit, load, lot\n")
        assert json.loads(drawn.stdout) == draw(self.DOCUMENT)
        assert list(json.loads(drawn.stdout)) == ["format", "status", "members", "objective", "reserves", "excluded"]
        assert doorstep("panel", "-", given=file.read_bytes()).stdout == drawn.stdout

    def test_an_impossible_panel_is_decided_too(self) -> None:
        drawn = doorstep("panel", "-", given=json.dumps({**self.DOCUMENT, "size": 2}).encode())
        result = json.loads(drawn.stdout)
        assert (drawn.returncode, result["format"], result["status"]) == (0, "doorstep.panel-result/1", "impossible")
        assert list(result)[-1] == "shortfalls"
        assert drawn.stderr == b"doorstep panel: proven in integers: impossible\n"

    def test_a_file_that_is_not_acceptable_is_refused_with_paths(self) -> None:
        drawn = doorstep("panel", "-", given=json.dumps({**self.DOCUMENT, "size": 0, "seed": None}).encode())
        assert (drawn.returncode, drawn.stdout) == (2, b"")
        assert b"$.size: " in drawn.stderr
        assert b"$.seed: " in drawn.stderr

    def test_a_file_that_is_not_there_is_refused(self, tmp_path: Path) -> None:
        drawn = doorstep("panel", str(tmp_path / "none.json"))
        assert (drawn.returncode, drawn.stdout) == (2, b"")

    def test_needs_neither_django_nor_a_database(self) -> None:
        program = (
            "import sys; from doorstep.site.command import run; code = run(['panel', '-']); "
            "assert not [name for name in sys.modules if name.split('.')[0] == 'django']; sys.exit(code)"
        )
        ran = subprocess.run(
            [sys.executable, "-c", program], input=json.dumps(self.DOCUMENT).encode(), capture_output=True, check=False, env={}
        )
        assert (ran.returncode, json.loads(ran.stdout)) == (0, draw(self.DOCUMENT))
