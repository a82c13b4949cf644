"""What the law expects of a committee, article by article."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.organisations.rules.committee import Finding, Limits, Term, findings
from doorstep.organisations.rules.composition import Seat, Share, cross_appointments, missing_seats

# Seven elected on 6 September 2023 for 10 September 2023 to 9 September 2028, everything done in time.
TERM = Term(
    seats=7,
    members=7,
    elected_on=date(2023, 9, 6),
    starts_on=date(2023, 9, 10),
    ends_on=date(2028, 9, 9),
    first_met_on=date(2023, 9, 12),
    filed_on=date(2023, 9, 28),
    handed_over_on=date(2023, 9, 18),
)
LIMITS = Limits(
    size_min=5,
    size_max=11,
    longest_until=date(2028, 9, 9),
    first_meeting_by=date(2023, 9, 13),
    filing_by=date(2023, 10, 6),
    handover_by=date(2023, 9, 20),
    renewal_from=date(2028, 6, 9),
    least_share=Fraction(1, 2),
)
TODAY = date(2026, 11, 23)


def codes(term: Term, today: date = TODAY) -> list[str]:
    return [finding.code for finding in findings(term, LIMITS, today)]


def test_a_committee_in_order_has_nothing_to_hear() -> None:
    assert codes(TERM) == []


@pytest.mark.parametrize(
    ("seats", "expected"),
    [
        (3, ["size_below"]),
        (4, ["size_below", "size_even"]),
        (5, []),
        (6, ["size_even"]),
        (11, []),
        (12, ["size_above", "size_even"]),
        (13, ["size_above"]),
    ],
)
def test_five_to_eleven_and_odd(seats: int, expected: list[str]) -> None:
    assert codes(replace(TERM, seats=seats, members=seats)) == expected


@pytest.mark.parametrize(("ends_on", "expected"), [(date(2028, 9, 9), []), (date(2028, 9, 10), ["term_too_long"])])
def test_a_term_of_at_most_five_years(ends_on: date, expected: list[str]) -> None:
    assert codes(replace(TERM, ends_on=ends_on)) == expected


@pytest.mark.parametrize(
    ("met_on", "today", "expected"),
    [
        (None, date(2023, 9, 13), ["first_meeting_due"]),
        (None, date(2023, 9, 14), ["first_meeting_missed"]),
        (date(2023, 9, 13), date(2023, 9, 14), []),
        (date(2023, 9, 14), date(2023, 9, 14), ["first_meeting_late"]),
    ],
)
def test_the_first_meeting_within_seven_days(met_on: date | None, today: date, expected: list[str]) -> None:
    assert codes(replace(TERM, first_met_on=met_on), today) == expected


@pytest.mark.parametrize(
    ("filed_on", "today", "expected"),
    [
        (None, date(2023, 10, 6), ["filing_due"]),
        (None, date(2023, 10, 7), ["filing_missed"]),
        (date(2023, 10, 6), TODAY, []),
        (date(2023, 10, 7), TODAY, ["filing_late"]),
    ],
)
def test_filed_within_thirty_days(filed_on: date | None, today: date, expected: list[str]) -> None:
    assert codes(replace(TERM, filed_on=filed_on), today) == expected


def test_handed_over_within_ten_days_where_there_was_a_term_before() -> None:
    first = replace(TERM, handed_over_on=None)
    assert codes(first, date(2023, 9, 21)) == []
    assert codes(replace(first, after_another=True), date(2023, 9, 20)) == ["handover_due"]
    assert codes(replace(first, after_another=True), date(2023, 9, 21)) == ["handover_missed"]
    assert codes(replace(TERM, after_another=True, handed_over_on=date(2023, 9, 21))) == ["handover_late"]


@pytest.mark.parametrize(("members", "expected"), [(7, []), (6, ["vacancy"]), (4, ["vacancy"]), (3, ["below_half"]), (0, ["below_half"])])
def test_below_half_is_elected_anew(members: int, expected: list[str]) -> None:
    assert codes(replace(TERM, members=members)) == expected


def test_exactly_half_is_not_below_half() -> None:
    assert codes(replace(TERM, seats=8, members=4)) == ["size_even", "vacancy"]


@pytest.mark.parametrize(
    ("today", "begun", "expected"),
    [
        (date(2028, 6, 8), None, []),
        (date(2028, 6, 9), None, ["renewal_due"]),
        (date(2028, 9, 9), date(2028, 6, 20), []),
        (date(2028, 9, 10), None, ["expired"]),
        (date(2028, 9, 10), date(2028, 6, 20), ["expired"]),
    ],
)
def test_renewal_begins_three_months_before(today: date, begun: date | None, expected: list[str]) -> None:
    assert codes(replace(TERM, renewal_begun_on=begun), today) == expected


def test_a_finding_names_its_regulation_and_its_figures() -> None:
    assert findings(replace(TERM, members=3), LIMITS, TODAY) == (Finding("below_half", "committee.least_share", has=3, of=7),)


@given(st.integers(0, 15), st.integers(0, 15))
def test_of_vacancy_and_below_half_at_most_one_is_told(seats: int, members: int) -> None:
    told = {"vacancy", "below_half"} & set(codes(replace(TERM, seats=seats, members=min(members, seats))))
    assert told == ({"below_half"} if 2 * min(members, seats) < seats else {"vacancy"} if members < seats else set())


# Cross-appointments and seats


def test_four_of_seven_is_57_1_percent() -> None:
    share = cross_appointments([1, 2, 3, 4, 5, 6, 7], [1, 3, 4, 5, 90])
    assert (share.part, share.whole, share.percent) == (4, 7, "57.1")
    assert share.reaches(1, 2)
    assert not share.reaches(4, 6)


@pytest.mark.parametrize(
    ("part", "whole", "percent"), [(0, 7, "0.0"), (7, 7, "100.0"), (1, 3, "33.3"), (2, 3, "66.7"), (1, 16, "6.3"), (0, 0, "")]
)
def test_a_share_is_rounded_half_up_and_nothing_of_nothing_has_no_rate(part: int, whole: int, percent: str) -> None:
    assert Share(part, whole).percent == percent


def test_exactly_half_reaches_half_and_nothing_of_nothing_does_not() -> None:
    assert Share(3, 6).reaches(1, 2)
    assert not Share(0, 0).reaches(1, 2)


def test_missing_seats_are_named_in_the_order_of_the_list() -> None:
    seats = [Seat("lead", True), Seat("enterprise", True), Seat("volunteer", True), Seat("expert", False)]
    assert missing_seats(seats, ["volunteer", "other"]) == ("lead", "enterprise")
    assert missing_seats(seats, ["lead", "enterprise", "volunteer"]) == ()
