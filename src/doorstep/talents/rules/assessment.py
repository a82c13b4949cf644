"""Who may review a student, and whether they passed. Pure: facts in, a decision with its reasons out."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

# Reasons, in the order in which they are given.
ATTENDANCE, PRACTICE = "attendance", "practice"
WRITTEN_MISSING, WRITTEN_FAILED = "written_missing", "written_failed"
PRACTICAL_MISSING, PRACTICAL_FAILED = "practical_missing", "practical_failed"
INTERVIEW_MISSING, INTERVIEW_FAILED = "interview_missing", "interview_failed"
REVIEWERS_MISSING, REVIEWS_WAITING, REVIEWS_NOT_MORE_THAN_HALF = "reviewers_missing", "reviews_waiting", "reviews_not_more_than_half"
MISSING = frozenset({WRITTEN_MISSING, PRACTICAL_MISSING, INTERVIEW_MISSING})


@dataclass(frozen=True, slots=True)
class Requirements:
    """What a course asks for. Hours are 学时, minutes are minutes, scores are points of 100."""

    taught_hours: int
    attendance_percent: int
    practice_minutes: int
    written_pass: int
    practical_pass: int
    reviewers: int
    reviews_needed: int


@dataclass(frozen=True, slots=True)
class Achieved:
    """What a student has so far; None = not examined yet."""

    attended_hours: int
    practice_minutes: int
    written: int | None = None
    practical: int | None = None
    interview: bool | None = None


def unmet(asked: Requirements, achieved: Achieved) -> tuple[str, ...]:
    """What is not met yet, as reason codes; empty = ready for the review. A share of exactly the percentage is enough."""
    found = []
    if 100 * achieved.attended_hours < asked.attendance_percent * asked.taught_hours:
        found.append(ATTENDANCE)
    if achieved.practice_minutes < asked.practice_minutes:
        found.append(PRACTICE)
    for given, needed, missing, failed in (
        (achieved.written, asked.written_pass, WRITTEN_MISSING, WRITTEN_FAILED),
        (achieved.practical, asked.practical_pass, PRACTICAL_MISSING, PRACTICAL_FAILED),
    ):
        if given is None:
            found.append(missing)
        elif given < needed:
            found.append(failed)
    if achieved.interview is None:
        found.append(INTERVIEW_MISSING)
    elif not achieved.interview:
        found.append(INTERVIEW_FAILED)
    return tuple(found)


def must_recuse(*, reviewer: int, student: int, assessors: Collection[int], household: Collection[int]) -> str | None:
    """Why somebody may not review this student: self, household, assessed (gave one of the marks); None = may."""
    if reviewer == student:
        return "self"
    if reviewer in household:
        return "household"
    if reviewer in assessors:
        return "assessed"
    return None


class Said(StrEnum):
    ASKED = "asked"
    RECUSED = "recused"
    AGREED = "agreed"
    REFUSED = "refused"


class Outcome(StrEnum):
    OPEN = "open"
    PASSED = "passed"
    NOT_PASSED = "not_passed"


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome of a review with its figures: who was asked, recused, and how the others decided."""

    outcome: Outcome
    reasons: tuple[str, ...]
    asked: int
    recused: int
    agreed: int
    refused: int


def decide(asked: Requirements, said: Sequence[Said]) -> Decision:
    """What the review comes to. Whoever is recused does not count. Open while somebody has not spoken, or while fewer were asked than the
    course needs, or too few are left after recusals; then passed when more than half of those left agree. Exactly half is not more."""
    agreed, refused, recused = said.count(Said.AGREED), said.count(Said.REFUSED), said.count(Said.RECUSED)
    left = len(said) - recused
    reasons: tuple[str, ...] = ()
    if len(said) < asked.reviewers or left < asked.reviews_needed:
        outcome, reasons = Outcome.OPEN, (REVIEWERS_MISSING,)
    elif Said.ASKED in said:
        outcome, reasons = Outcome.OPEN, (REVIEWS_WAITING,)
    elif 2 * agreed > left:
        outcome = Outcome.PASSED
    else:
        outcome, reasons = Outcome.NOT_PASSED, (REVIEWS_NOT_MORE_THAN_HALF,)
    return Decision(outcome, reasons, len(said), recused, agreed, refused)
