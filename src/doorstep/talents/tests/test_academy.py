from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import NOBODY
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.occasions import actions as occasions
from doorstep.foundation.search.queries import find
from doorstep.talents import actions, queries
from doorstep.talents.models import Certificate, Course, Mark, Review, Student
from doorstep.talents.rules.standing import Standing
from doorstep.talents.tests.conftest import FIRST, OPENED, Academy, at


def test_the_whole_way_from_enrolling_to_the_certificate(academy: Academy) -> None:
    student = academy.published()
    progress = queries.progress_of([student], with_reviews=True)[0]
    assert (progress.achieved.attended_hours, progress.achieved.practice_minutes) == (22, 960)
    assert (progress.achieved.written, progress.achieved.practical, progress.achieved.interview) == (86, 91, True)
    assert (progress.decision.asked, progress.decision.recused, progress.decision.agreed) == (3, 1, 2)
    assert (student.state, student.published_until) == ("published", at(6, 17).date())
    director = academy.viewer(academy.director)
    with pytest.raises(actions.PublicationRunning):
        actions.issue_certificate(viewer=director, student=student, happened_at=at(6, 17, 23))
    certificate = actions.issue_certificate(viewer=director, student=student, happened_at=at(6, 18))
    assert (certificate.number, certificate.valid_until) == ("HL-DS-2026-0001", at(6, 17, year=2027).date())
    assert queries.is_certified(academy.town.liu.pk, at(6, 18).date())
    assert not queries.is_certified(academy.town.liu.pk, at(6, 17).date())
    assert not queries.is_certified(academy.town.liu.pk, at(6, 18, year=2027).date())
    with pytest.raises(actions.NotPublished):
        actions.issue_certificate(viewer=director, student=student, happened_at=at(6, 18))
    verbs = list(Entry.objects.filter(kind__in=("course", "certificate")).order_by("id").values_list("verb", flat=True))
    assert verbs == ["open", "enrol", "mark", "mark", "mark", "ask_review", "review", "recuse", "review", "publish", "issue"]


def test_a_course_keeps_what_it_was_announced_with(academy: Academy) -> None:
    course = academy.open()
    asked = (course.taught_hours, course.attendance_percent, course.practice_minutes, course.reviewers, course.reviews_needed)
    assert asked == (24, 80, 960, 3, 2)
    with pytest.raises(actions.CourseCodeTaken):
        academy.open()
    with pytest.raises(actions.NotAllowed):
        actions.open_course(
            viewer=academy.viewer(academy.town.liu), code="x", title="x", body=academy.body, issuer=academy.centre, sessions=[], places=1
        )


def test_a_full_course_has_a_line_and_a_place_that_falls_free_is_held(academy: Academy) -> None:
    with clock.frozen(OPENED):
        course = academy.open(places=1)
        liu = actions.enrol(viewer=academy.viewer(academy.town.liu), course=course)
        ye = actions.enrol(viewer=academy.viewer(academy.town.ye), course=course)
        assert (liu.has_place, ye.has_place) == (True, False)
        with pytest.raises(occasions.AlreadySignedUp):
            actions.enrol(viewer=academy.viewer(academy.town.liu), course=course)
        actions.leave_course(viewer=academy.viewer(academy.town.liu), student=liu)
        ye = Student.objects.select_related("sign_up").get(pk=ye.pk)
        assert ye.sign_up is not None
        assert ye.sign_up.standing == "offered"
        actions.take_held_place(viewer=academy.viewer(academy.town.ye), student=ye)
        assert [student.person_id for student in queries.students_of(course)] == [academy.town.ye.pk]
        again = actions.enrol(viewer=academy.viewer(academy.town.liu), course=course)
        assert (again.pk, again.has_place) == (liu.pk, False)


def test_attendance_can_be_corrected_both_ways(academy: Academy) -> None:
    with clock.frozen(OPENED):
        course = academy.open()
        student = actions.enrol(viewer=academy.viewer(academy.town.liu), course=course)
    session = course.sessions.select_related("occasion__place", "course").get(position=0)
    teacher = academy.viewer(academy.teacher)
    seen = []
    with clock.frozen(FIRST + timedelta(minutes=5)):
        for present in ([student.pk], [], [student.pk]):
            actions.mark_attendance(viewer=teacher, session=session, present=present)
            seen.append(queries.achieved_of(queries.students_of(course))[student.pk].attended_hours)
        with pytest.raises(actions.NotInCourse):
            actions.mark_attendance(viewer=teacher, session=session, present=[0])
        with pytest.raises(actions.NotAllowed):
            actions.mark_attendance(viewer=academy.viewer(academy.town.liu), session=session, present=[])
    assert seen == [2, 0, 2]


@pytest.mark.parametrize(
    ("part", "given"),
    [("written", {"score": 101}), ("written", {"passed": True}), ("interview", {"score": 60}), ("interview", {}), ("oral", {"score": 60})],
)
def test_a_mark_is_of_its_part(academy: Academy, part: str, given: dict[str, Any]) -> None:
    student = academy.ready()
    with pytest.raises(actions.NotAMark):
        actions.give_mark(viewer=academy.viewer(academy.teacher), student=student, part=part, **given)


def test_the_latest_mark_counts_and_the_earlier_one_stays(academy: Academy) -> None:
    student = academy.ready()
    actions.give_mark(viewer=academy.viewer(academy.teacher), student=student, part="written", score=59)
    assert queries.progress_of([student], with_reviews=False)[0].missing == ("written_failed",)
    assert Mark.objects.filter(student=student, part="written").count() == 2
    with pytest.raises(actions.NotReady) as refused:
        actions.ask_reviewers(viewer=academy.viewer(academy.teacher), student=student, reviewers=academy.reviewers)
    assert refused.value.reasons == ("written_failed",)


def test_nobody_examines_reviews_or_certifies_themselves(academy: Academy) -> None:
    with clock.frozen(OPENED):
        course = academy.open()
        own = actions.enrol(viewer=academy.viewer(academy.teacher), course=course)
    with pytest.raises(actions.NotAllowed):
        actions.give_mark(viewer=academy.viewer(academy.teacher), student=own, part="written", score=100)
    with pytest.raises(actions.NotAllowed):
        actions.certify_from_paper(
            viewer=academy.viewer(academy.director), person=academy.director, issuer=academy.centre, since=at(1, 1).date()
        )


def test_who_gave_a_mark_or_is_the_student_may_not_review(academy: Academy) -> None:
    student = academy.ready()
    teacher = academy.viewer(academy.teacher)
    for person, reason in ((academy.teacher, "assessed"), (academy.town.liu, "self")):
        with pytest.raises(actions.MayNotReview) as refused:
            actions.ask_reviewers(viewer=teacher, student=student, reviewers=[academy.town.ye, person])
        assert refused.value.reason == reason
    assert not Review.objects.exists()


def test_too_many_recusals_ask_for_somebody_else(academy: Academy) -> None:
    student = academy.ready()
    teacher = academy.viewer(academy.teacher)
    reviews = actions.ask_reviewers(viewer=teacher, student=student, reviewers=academy.reviewers)
    for review, standing in zip(reviews, ("agreed", "recused", "recused"), strict=True):
        actions.review_student(viewer=academy.viewer(review.person), review=review, standing=standing, reason="interest")
    with pytest.raises(actions.StillOpen) as still:
        actions.close_review(viewer=teacher, student=student)
    assert still.value.reasons == ("reviewers_missing",)
    more = actions.ask_reviewers(viewer=teacher, student=student, reviewers=[academy.town.luo])
    with pytest.raises(actions.NotAllowed):
        actions.review_student(viewer=academy.viewer(academy.town.ye), review=more[0], standing="agreed")
    actions.review_student(viewer=academy.viewer(academy.town.luo), review=more[0], standing="refused", words="实操时没有洗手。")
    with pytest.raises(actions.AlreadySaid):
        actions.review_student(viewer=academy.viewer(academy.town.luo), review=more[0], standing="agreed")
    assert actions.close_review(viewer=teacher, student=student).outcome == "not_passed"


def test_an_objection_that_is_right_stops_the_certificate(academy: Academy) -> None:
    student = academy.published()
    with pytest.raises(actions.NotAllowed):
        actions.stop_publication(viewer=academy.viewer(academy.teacher), student=student, reason="objection")
    actions.stop_publication(viewer=academy.viewer(academy.director), student=student, reason="objection", happened_at=at(6, 12))
    with pytest.raises(actions.NotPublished):
        actions.issue_certificate(viewer=academy.viewer(academy.director), student=student, happened_at=at(6, 20))


def given(academy: Academy) -> Certificate:
    return actions.issue_certificate(viewer=academy.viewer(academy.director), student=academy.published(), happened_at=at(6, 18))


def test_suspended_resumed_renewed_revoked(academy: Academy) -> None:
    certificate, director = given(academy), academy.viewer(academy.director)
    liu = academy.town.liu.pk
    with pytest.raises(actions.NotAllowed):
        actions.suspend_certificate(viewer=academy.viewer(academy.teacher), certificate=certificate, reason="away")
    actions.suspend_certificate(viewer=director, certificate=certificate, reason="away")
    assert not queries.is_certified(liu, at(7, 1).date())
    assert not queries.mentors(on=at(7, 1).date())
    actions.resume_certificate(viewer=director, certificate=certificate)
    assert queries.is_certified(liu, at(7, 1).date())
    with pytest.raises(actions.NotRenewable):
        actions.renew_certificate(viewer=director, certificate=certificate, happened_at=at(4, 17, year=2027))
    renewed = actions.renew_certificate(viewer=director, certificate=certificate, happened_at=at(4, 18, year=2027))
    assert (renewed.number, renewed.valid_until) == (certificate.number, at(6, 17, year=2028).date())
    assert renewed.terms.count() == 2
    actions.revoke_certificate(viewer=director, certificate=certificate, reason="false_facts")
    found = queries.certificate_by_number(academy.viewer(academy.town.ye), certificate.number)
    assert found is not None
    assert found.standing == Standing.REVOKED
    for refused in (actions.resume_certificate, actions.renew_certificate):
        with pytest.raises((actions.NotPossible, actions.NotRenewable)):
            refused(viewer=director, certificate=certificate)


def test_numbers_have_no_gap_where_a_certificate_is_refused(academy: Academy) -> None:
    director = academy.viewer(academy.director)

    def certify(person: Any) -> str:
        return actions.certify_from_paper(
            viewer=director, person=person, issuer=academy.centre, since=at(7, 1, year=2018).date(), happened_at=at(1, 5)
        ).number

    first = certify(academy.town.ye)
    with pytest.raises(actions.AlreadyCertified), transaction.atomic():
        certify(academy.town.ye)
    assert [first, certify(academy.town.luo)] == ["HL-DS-2026-0001", "HL-DS-2026-0002"]


def test_a_signed_term_is_never_changed(academy: Academy) -> None:
    term = given(academy).terms.get()
    term.badge = "x"
    with pytest.raises(DatabaseError), transaction.atomic():
        term.save()
    with pytest.raises(DatabaseError), transaction.atomic():
        term.delete()


def test_the_holder_and_the_centre_are_told_once_before_the_end(academy: Academy) -> None:
    given(academy)
    assert actions.warn_of_certificates(now=at(4, 17, year=2027)) == 0
    assert actions.warn_of_certificates(now=at(4, 18, year=2027)) == 1
    assert actions.warn_of_certificates(now=at(4, 19, year=2027)) == 0


def test_who_may_know_a_student(academy: Academy, nobody: Any) -> None:
    student = academy.published()
    course = Course.objects.get()
    knowing = [academy.town.liu, academy.teacher, academy.director]
    assert all(queries.student_for(academy.viewer(person), course, student.pk) for person in knowing)
    assert queries.student_for(academy.viewer(academy.town.luo), course, student.pk) is None
    assert queries.student_for(nobody, course, student.pk) is None
    assert queries.may_see_student(academy.viewer(academy.town.ye), f"student:{student.pk}")  # reviews
    assert not queries.may_see_student(academy.viewer(academy.town.luo), f"student:{student.pk}")


@pytest.mark.parametrize(("name", "shown"), [("江晚晴", "江＊晴"), ("陈明", "陈＊"), ("阿依古丽·买买提", "阿＊提"), ("𬭳", "＊"), ("", "")])
def test_a_name_that_is_not_public_is_masked(name: str, shown: str) -> None:
    assert queries.shown_name(name) == shown


def test_a_certificate_is_found_by_its_whole_number_alone(academy: Academy) -> None:
    certificate = given(academy)

    def found(query: str) -> list[str]:
        return [hit.url for name, hits in find(NOBODY, query).registers if str(name) == "证书" for hit in hits]

    assert found(certificate.number) == found(f" {certificate.number.lower()} ") == [f"/certificates/{certificate.number}"]
    for part in (certificate.number[:-1], certificate.number.partition("-")[2], certificate.person.name):
        assert found(part) == [], part
