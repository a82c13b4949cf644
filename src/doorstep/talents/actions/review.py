"""The review of a student: who is asked, what they say, what it comes to, its publication."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.identity.models import Person
from doorstep.foundation.journal.actions import actor_of, text_digest, writing
from doorstep.foundation.notify.actions import tell
from doorstep.organisations.queries import co_holders_of
from doorstep.talents.actions.academy import Decided, locked
from doorstep.talents.actions.common import by_post, note_student, number_of, town_day
from doorstep.talents.models import Mark, Review, Student
from doorstep.talents.permissions import NotAllowed, certifies, teaches
from doorstep.talents.queries.academy import achieved_of, requirements_of
from doorstep.talents.rules.assessment import Decision, Outcome, Said, decide, must_recuse, unmet

LONGEST_WORDS = 300
RECUSAL_REASONS = ("self", "household", "assessed", "taught", "relative", "interest")


class NotReady(Exception):
    """The student has not met what the course asks for; `reasons` are codes."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(reasons)
        self.reasons = tuple(reasons)


class MayNotReview(Exception):
    """This person may not review this student; `reason` is self, household or assessed."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class AlreadySaid(Exception):
    """A reviewer speaks once."""


class StillOpen(Exception):
    """The review has come to nothing yet; `reasons` are codes."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(reasons)
        self.reasons = tuple(reasons)


class ReviewReasonMissing(Exception):
    """A recusal, a refusal or a stop says why."""


def ask_reviewers(*, viewer: Viewer, student: Student, reviewers: Sequence[Person], happened_at: datetime | None = None) -> list[Review]:
    """Put a student who is ready before reviewers; more can be asked where some recuse themselves.

    Raises NotAllowed, Decided, NotReady, MayNotReview (nobody is asked then).
    """
    at = happened_at or clock.now()
    with writing():
        student = locked(student)
        if not teaches(viewer, student.course) or viewer.person_id == student.person_id:
            raise NotAllowed("ask_reviewers")
        if not student.has_place or student.state not in (Student.State.LEARNING, Student.State.REVIEWED):
            raise Decided(student.state)
        missing = unmet(requirements_of(student.course), achieved_of([student])[student.pk])
        if missing:
            raise NotReady(missing)
        assessors = set(Mark.objects.filter(student=student).values_list("given_by_id", flat=True))
        household = co_holders_of(student.person_id)
        asked = []
        for person in reviewers:
            reason = must_recuse(reviewer=person.pk, student=student.person_id, assessors=assessors, household=household)
            if reason:
                raise MayNotReview(reason)
            review, made = Review.objects.get_or_create(student=student, person=person, defaults={"asked_at": at})
            if made:
                asked.append(review)
        _set(student, Student.State.REVIEWED, at)
        entry = note_student(student, "ask_review", by_post(viewer, student.course.body), at, reviewers=len(asked))
        tell(entry=entry, to=[f"person:{review.person_id}" for review in asked])
    return asked


def review_student(
    *, viewer: Viewer, review: Review, standing: str, reason: str = "", words: str = "", happened_at: datetime | None = None
) -> Review:
    """Agree, refuse (with words) or recuse oneself (with a reason): once. Raises NotAllowed, Decided, AlreadySaid, ReviewReasonMissing."""
    at = happened_at or clock.now()
    words = words.strip()[:LONGEST_WORDS]
    with writing():
        student = locked(review.student)
        review = Review.objects.select_for_update(no_key=True, of=("self",)).get(pk=review.pk)
        if viewer.person_id != review.person_id:
            raise NotAllowed("review")
        if student.state != Student.State.REVIEWED:
            raise Decided(student.state)
        if review.standing != Review.Standing.ASKED:
            raise AlreadySaid(review.standing)
        if standing not in (Review.Standing.AGREED, Review.Standing.REFUSED, Review.Standing.RECUSED):
            raise ReviewReasonMissing(standing)
        recused = standing == Review.Standing.RECUSED
        if (recused and reason not in RECUSAL_REASONS) or (standing == Review.Standing.REFUSED and not words):
            raise ReviewReasonMissing(standing)
        review.standing, review.reason, review.said_at = standing, reason if recused else "", at
        review.words, review.words_salt = words, secrets.token_hex(16) if words else ""
        review.save()
        detail: dict[str, Any] = {"words": text_digest(review.words_salt, words)} if words else {}
        entry = note_student(
            student,
            "recuse" if recused else "review",
            actor_of(viewer),
            at,
            because=[review.reason] if recused else (),
            review=review.pk,
            **detail,
        )
        tell(entry=entry, to=[f"body:{student.course.body_id}"])
    return review


def decision_of(student: Student) -> Decision:
    """What the review of a student comes to as it stands."""
    said = [Said(standing) for standing in Review.objects.filter(student=student).order_by("id").values_list("standing", flat=True)]
    return decide(requirements_of(student.course), said)


def close_review(*, viewer: Viewer, student: Student, happened_at: datetime | None = None) -> Decision:
    """Say what the review came to. A pass is published, so that anybody may object before the certificate is given.

    Raises NotAllowed, Decided, StillOpen.
    """
    at = happened_at or clock.now()
    with writing():
        student = locked(student)
        if not teaches(viewer, student.course) or viewer.person_id == student.person_id:
            raise NotAllowed("close_review")
        if student.state != Student.State.REVIEWED:
            raise Decided(student.state)
        decision = decision_of(student)
        if decision.outcome == Outcome.OPEN:
            raise StillOpen(decision.reasons)
        passed = decision.outcome == Outcome.PASSED
        student.reasons = list(decision.reasons)
        if passed:
            student.published_until = town_day(at) + timedelta(days=number_of("publication_days", student.course.place, town_day(at)))
        _set(student, Student.State.PUBLISHED if passed else Student.State.NOT_PASSED, at)
        entry = note_student(
            student,
            "publish" if passed else "not_passed",
            by_post(viewer, student.course.body),
            at,
            public=passed,
            because=decision.reasons,
            asked=decision.asked,
            recused=decision.recused,
            agreed=decision.agreed,
            refused=decision.refused,
        )
        tell(entry=entry, to=[f"person:{student.person_id}", f"body:{student.course.issuer_id}"])
    return decision


def stop_publication(*, viewer: Viewer, student: Student, reason: str, happened_at: datetime | None = None) -> Student:
    """An objection during the publication was right: no certificate. `reason` is a code. Raises NotAllowed, Decided, ReviewReasonMissing."""
    at = happened_at or clock.now()
    with writing():
        student = locked(student)
        if not certifies(viewer, student.course.issuer_id):
            raise NotAllowed("stop_publication")
        if student.state != Student.State.PUBLISHED:
            raise Decided(student.state)
        if not reason:
            raise ReviewReasonMissing
        student.reasons = [reason]
        _set(student, Student.State.NOT_PASSED, at)
        entry = note_student(student, "stop_publication", by_post(viewer, student.course.issuer), at, public=True, because=[reason])
        tell(entry=entry, to=[f"person:{student.person_id}"])
    return student


def _set(student: Student, state: str, at: datetime) -> None:
    student.state, student.changed_at = state, at
    student.save(update_fields=["state", "reasons", "published_until", "changed_at"])
