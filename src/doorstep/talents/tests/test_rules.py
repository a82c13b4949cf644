import base64
import gzip
from datetime import date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.talents.rules.assessment import Achieved, Outcome, Requirements, Said, decide, must_recuse, unmet
from doorstep.talents.rules.hours import Line, fingerprint, real_minutes, total
from doorstep.talents.rules.standing import Standing, is_due_for_warning, last_day, licence_counts, next_term, renewable, standing_of
from doorstep.talents.rules.status_list import LENGTH, Full, encoded, free_place

ASKED = Requirements(
    taught_hours=24, attendance_percent=80, practice_minutes=960, written_pass=60, practical_pass=60, reviewers=3, reviews_needed=2
)
JIANG = Achieved(attended_hours=22, practice_minutes=960, written=86, practical=91, interview=True)
A, R, X, W = Said.AGREED, Said.REFUSED, Said.RECUSED, Said.ASKED


@pytest.mark.parametrize(
    ("changed", "reasons"),
    [
        ({}, ()),
        ({"attended_hours": 20}, ()),  # 83.3 %
        ({"attended_hours": 19}, ("attendance",)),  # 79.2 %
        ({"practice_minutes": 959}, ("practice",)),
        ({"written": 60}, ()),
        ({"written": 59}, ("written_failed",)),
        ({"practical": None}, ("practical_missing",)),
        ({"interview": False}, ("interview_failed",)),
        ({"attended_hours": 0, "written": None, "interview": None}, ("attendance", "written_missing", "interview_missing")),
    ],
)
def test_what_a_student_has_not_met_yet_is_named(changed: dict[str, int], reasons: tuple[str, ...]) -> None:
    achieved = Achieved(**{**{name: getattr(JIANG, name) for name in JIANG.__dataclass_fields__}, **changed})  # type: ignore[arg-type]
    assert unmet(ASKED, achieved) == reasons


@given(percent=st.integers(0, 100), taught=st.integers(1, 60), attended=st.integers(0, 60))
def test_exactly_the_percentage_is_enough(percent: int, taught: int, attended: int) -> None:
    asked = Requirements(taught, percent, 0, 0, 0, 3, 2)
    met = "attendance" not in unmet(asked, Achieved(attended, 0, 0, 0, True))
    assert met == (Fraction(attended, taught) >= Fraction(percent, 100))


@pytest.mark.parametrize(
    ("reviewer", "reason"), [(1, "self"), (2, "household"), (3, "assessed"), (4, None)], ids=["self", "household", "assessed", "may"]
)
def test_who_may_not_review(reviewer: int, reason: str | None) -> None:
    assert must_recuse(reviewer=reviewer, student=1, assessors={3}, household={1, 2}) == reason


@pytest.mark.parametrize(
    ("said", "outcome", "reasons"),
    [
        ((A, A, X), Outcome.PASSED, ()),  # the scenario: three asked, one recused
        ((A, A, A), Outcome.PASSED, ()),
        ((A, A, R), Outcome.PASSED, ()),
        ((A, R, X), Outcome.NOT_PASSED, ("reviews_not_more_than_half",)),  # exactly half
        ((R, R, A), Outcome.NOT_PASSED, ("reviews_not_more_than_half",)),
        ((A, A), Outcome.OPEN, ("reviewers_missing",)),
        ((A, X, X), Outcome.OPEN, ("reviewers_missing",)),  # one is left: somebody else has to be asked
        ((A, X, X, A), Outcome.PASSED, ()),
        ((A, A, W), Outcome.OPEN, ("reviews_waiting",)),
        ((), Outcome.OPEN, ("reviewers_missing",)),
    ],
)
def test_what_a_review_comes_to(said: tuple[Said, ...], outcome: Outcome, reasons: tuple[str, ...]) -> None:
    decision = decide(ASKED, said)
    assert (decision.outcome, decision.reasons) == (outcome, reasons)


@given(said=st.lists(st.sampled_from(list(Said)), max_size=6))
def test_nobody_passes_without_two_agreeing_and_a_refusal_never_helps(said: list[Said]) -> None:
    decision = decide(ASKED, said)
    if decision.outcome == Outcome.PASSED:
        assert decision.agreed >= 2
        assert decision.agreed > decision.refused
    if decision.outcome == Outcome.NOT_PASSED and R in said:
        assert decide(ASKED, [*said, R]).outcome == Outcome.NOT_PASSED


DAY = date(2026, 6, 30)


@pytest.mark.parametrize(
    ("state", "on", "standing"),
    [
        ("given", DAY, Standing.VALID),
        ("given", date(2027, 6, 29), Standing.VALID),
        ("given", date(2027, 6, 30), Standing.EXPIRED),
        ("given", DAY - timedelta(days=1), Standing.EXPIRED),
        ("suspended", DAY, Standing.SUSPENDED),
        ("suspended", date(2028, 1, 1), Standing.EXPIRED),
        ("revoked", DAY, Standing.REVOKED),
        ("revoked", date(2028, 1, 1), Standing.REVOKED),
    ],
)
def test_how_a_certificate_stands_on_a_day(state: str, on: date, standing: Standing) -> None:
    assert standing_of(state=state, issued_on=DAY, valid_until=date(2027, 6, 29), on=on) == standing


@pytest.mark.parametrize(
    ("begins", "months", "end"),
    [
        (date(2026, 6, 30), 12, date(2027, 6, 29)),
        (date(2026, 1, 1), 12, date(2026, 12, 31)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 12, 1), 12, date(2027, 11, 30)),
    ],
)
def test_the_last_day_of_a_term(begins: date, months: int, end: date) -> None:
    assert last_day(begins, months) == end


@given(begins=st.dates(date(2018, 1, 1), date(2040, 1, 1)), on=st.integers(-60, 400))
def test_terms_follow_one_another_without_a_gap(begins: date, on: int) -> None:
    end = last_day(begins, 12)
    first, last = next_term(valid_until=end, on=end + timedelta(days=on), months=12)
    assert first == end + timedelta(days=max(1, on))
    assert 364 <= (last - first).days <= 365


@pytest.mark.parametrize(
    ("state", "days_left", "open_"),
    [("given", 61, False), ("given", 60, True), ("given", -5, True), ("suspended", 10, False), ("revoked", 10, False)],
)
def test_when_renewal_is_open(state: str, days_left: int, open_: bool) -> None:
    assert renewable(state=state, valid_until=DAY, on=DAY - timedelta(days=days_left), window_days=60) is open_


@pytest.mark.parametrize(
    ("on", "withdrawn", "counts"),
    [
        (date(2026, 6, 30), None, True),
        (date(2026, 7, 1), None, False),  # expired
        (date(2025, 12, 31), None, False),  # nobody had seen it yet
        (date(2026, 3, 1), date(2026, 3, 1), False),
        (date(2026, 2, 28), date(2026, 3, 1), True),
    ],
)
def test_a_licence_counts_from_the_check_to_its_last_day(on: date, withdrawn: date | None, counts: bool) -> None:
    assert licence_counts(checked_on=date(2026, 1, 1), expires_on=DAY, withdrawn_on=withdrawn, on=on) is counts


def test_the_holder_is_warned_once_for_each_end() -> None:
    def due(on: date, warned: date | None) -> bool:
        return is_due_for_warning(ends_on=DAY, warned_for=warned, on=on, days=60)

    assert [due(DAY - timedelta(days=days), None) for days in (61, 60, 0, -1)] == [False, True, True, False]
    assert not due(DAY, DAY)
    assert due(DAY, DAY - timedelta(days=365))


def test_minutes_are_whole_and_real() -> None:
    nine = datetime(2026, 4, 7, 9)
    assert [real_minutes(nine, nine + timedelta(**more)) for more in ({"minutes": 120}, {"seconds": 119}, {"minutes": -5})] == [120, 1, 0]


def test_a_correction_is_taken_off_and_changes_the_fingerprint() -> None:
    lines = [Line(1, DAY, "approved", "service", 120), Line(2, DAY, "attended", "service", 120), Line(3, DAY, "approved", "training", 60)]
    assert total(lines) == 120
    corrected = [*lines, Line(4, DAY, "approved", "service", -120)]
    assert total(corrected) == 0
    assert fingerprint(corrected) != fingerprint(lines)
    assert fingerprint(list(reversed(lines))) == fingerprint(lines)


@given(st.frozensets(st.integers(0, LENGTH - 1), max_size=40))
def test_a_status_list_has_those_bits_and_no_others(places: frozenset[int]) -> None:
    packed = encoded(places)
    bits = gzip.decompress(base64.urlsafe_b64decode(packed[1:] + "=" * (-len(packed[1:]) % 4)))
    text = "".join(f"{byte:08b}" for byte in bits)
    assert packed[0] == "u"
    assert len(text) == LENGTH
    assert {place for place, bit in enumerate(text) if bit == "1"} == places
    assert encoded(sorted(places)) == packed


def test_a_place_outside_the_list_is_refused() -> None:
    for place in (-1, LENGTH):
        with pytest.raises(IndexError):
            encoded([place])


@pytest.mark.parametrize(
    ("taken", "draws", "place"),
    [
        ([], [5], 5),
        ([5], [5, 5, 3], 3),  # drawn again
        ([0, 1, 2, 3, 5, 7], [1], 6),  # the second of those left
        ([0, 1, 2, 3, 4, 5, 6], [0], 7),
    ],
)
def test_a_place_is_drawn_among_those_that_nobody_has(taken: list[int], draws: list[int], place: int) -> None:
    drawn = iter(draws)
    assert free_place(taken, lambda _below: next(drawn), 8) == place
    with pytest.raises(Full):
        free_place(range(8), lambda _below: 0, 8)
