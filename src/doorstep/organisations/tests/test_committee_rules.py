"""What the law expects of a committee, article by article."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.organisations.rules import term_ends
from doorstep.organisations.rules.committee import TO_DO, Finding, Limits, Term, callers_needed, findings, first_unreported, renewal_stage
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


FILED = date(2023, 9, 28)


@pytest.mark.parametrize(
    ("since", "filed", "expected"),
    [
        (None, FILED, []),
        (FILED, FILED, []),
        (date(2023, 9, 29), FILED, []),
        (date(2023, 9, 27), FILED, ["seal_early"]),
        (date(2023, 9, 27), None, ["filing_missed", "seal_unfiled"]),
        (None, None, ["filing_missed"]),
    ],
)
def test_a_seal_comes_after_the_filing(since: date | None, filed: date | None, expected: list[str]) -> None:
    assert codes(replace(TERM, seal_since=since, filed_on=filed)) == expected


def test_what_a_seal_finding_says_and_whether_it_can_be_mended() -> None:
    (early,) = findings(replace(TERM, seal_since=date(2023, 9, 27)), LIMITS, TODAY)
    assert early == Finding("seal_early", "committee.seal_after", by=date(2023, 9, 27), done_on=FILED)
    assert not early.is_to_do
    assert "seal_unfiled" in TO_DO


@pytest.mark.parametrize(
    ("changes", "reported", "first"),
    [
        ((), None, None),
        ((date(2023, 9, 10), FILED), None, None),
        ((date(2023, 9, 29), date(2024, 5, 1)), None, date(2023, 9, 29)),
        ((date(2023, 9, 29), date(2024, 5, 1)), date(2023, 10, 8), date(2024, 5, 1)),
        ((date(2023, 9, 29), date(2024, 5, 1)), date(2024, 5, 1), None),
        ((date(2028, 9, 10),), None, None),
    ],
)
def test_the_first_change_nobody_reported(changes: tuple[date, ...], reported: date | None, first: date | None) -> None:
    term = replace(TERM, changes=changes, changes_reported_on=reported)
    assert first_unreported(term) == first
    assert first_unreported(replace(term, filed_on=None)) is None


@pytest.mark.parametrize(("today", "expected"), [(date(2024, 5, 31), "change_due"), (date(2024, 6, 1), "change_missed")])
def test_a_change_is_reported_within_its_days(today: date, expected: str) -> None:
    term, limits = replace(TERM, changes=(date(2024, 5, 1),)), replace(LIMITS, change_by=date(2024, 5, 31))
    (found,) = findings(term, limits, today)
    assert found == Finding(expected, "committee.change_report_days", by=date(2024, 5, 31), done_on=date(2024, 5, 1))


def test_what_a_committee_owes_the_public_is_named() -> None:
    limits = replace(LIMITS, public_list=("covenant", "rules", "contract"))
    (found,) = findings(replace(TERM, published=frozenset({"rules", "charter"})), limits, TODAY)
    assert found == Finding("public_list", "committee.public_list", has=1, of=3, lacking=("covenant", "contract"))
    assert findings(replace(TERM, published=frozenset({"rules", "covenant", "contract"})), limits, TODAY) == ()
    # After the term is over there is something more urgent to say.
    assert [each.code for each in findings(TERM, limits, date(2028, 9, 10))] == ["expired"]


@pytest.mark.parametrize(
    ("today", "filed", "after_another", "stage"),
    [
        (date(2028, 9, 8), FILED, True, ""),
        (date(2028, 9, 9), FILED, True, ""),
        (date(2028, 9, 10), FILED, True, "term"),
        (date(2028, 9, 10), None, False, "term"),
        # The new term is there and not filed: its members are still being entered.
        (date(2028, 9, 9), None, True, "members"),
        # A first term is no renewal.
        (date(2028, 9, 9), None, False, ""),
    ],
)
def test_when_others_may_enter_a_renewal(today: date, filed: date | None, after_another: bool, stage: str) -> None:
    assert renewal_stage(ends_on=date(2028, 9, 9), filed_on=filed, after_another=after_another, today=today) == stage


@pytest.mark.parametrize(("of", "needed"), [(5, 2), (6, 2), (7, 3), (9, 3), (11, 4)])
def test_a_third_of_the_members_rounded_up(of: int, needed: int) -> None:
    assert callers_needed(of, Fraction(1, 3)) == needed


@pytest.mark.parametrize(
    ("today", "followed", "expected"),
    [
        (date(2026, 5, 31), False, None),
        (date(2026, 6, 1), False, "term_ending"),
        (date(2026, 9, 1), False, "term_ending"),
        (date(2026, 9, 2), False, "term_over"),
        (date(2026, 9, 2), True, None),
        (date(2026, 6, 1), True, None),
    ],
)
def test_a_post_that_runs_out(today: date, followed: bool, expected: str | None) -> None:
    held = term_ends.Held(until=date(2026, 9, 1), followed=followed)
    found = term_ends.finding(held, key="body.term_warning_months", warn_from=date(2026, 6, 1), today=today)
    assert (found.code if found else None) == expected
    assert found is None or (found.by == date(2026, 9, 1) and found.is_to_do)
