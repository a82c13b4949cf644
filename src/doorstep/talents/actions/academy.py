"""Courses: opening one, its dates, who is in it, who came, practice at a base, marks."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.identity.models import Person
from doorstep.foundation.journal.actions import actor_of, record, writing
from doorstep.foundation.notify.actions import tell
from doorstep.foundation.occasions import actions as occasions
from doorstep.foundation.occasions.models import Attendance
from doorstep.foundation.places.models import Place
from doorstep.organisations.models import Body
from doorstep.talents.actions.common import by_post, note_student, number_of, town_day
from doorstep.talents.actions.hours import record_hours
from doorstep.talents.models import Course, CourseSession, HoursLine, Mark, Student
from doorstep.talents.permissions import NotAllowed, teaches, works_for

STUDENT = "student"
KIND = "course"


class CourseCodeTaken(Exception):
    """Another course has this code."""


class NoSessions(Exception):
    """A course has at least one date, each with its 学时."""


class NotInCourse(Exception):
    """Not a student of this course, or without a place in it."""


class NotAMark(Exception):
    """A score is 0–100, the interview passed or not."""


class Decided(Exception):
    """The review has begun or is over: what was found stands."""


class NotHappenedYet(Exception):
    """Practice and assessments are written down when they have taken place."""


@dataclass(frozen=True, slots=True)
class SessionPlan:
    """One date of a course."""

    starts_at: datetime
    ends_at: datetime
    hours: int
    place: Place
    title: str
    title_en: str = ""


def open_course(
    *,
    viewer: Viewer,
    code: str,
    title: str,
    title_en: str = "",
    about: str = "",
    about_en: str = "",
    body: Body,
    issuer: Body,
    sessions: Sequence[SessionPlan],
    places: int | None,
    happened_at: datetime | None = None,
) -> Course:
    """Announce a course with all its dates. What it asks for is taken from the regulations of the day and stays. `places` None = no limit.

    Raises NotAllowed, CourseCodeTaken, NoSessions, and what planning an occasion raises.
    """
    at = happened_at or clock.now()
    if not works_for(viewer, body.pk):
        raise NotAllowed("open_course")
    if not sessions or any(session.hours < 1 for session in sessions):
        raise NoSessions
    on = town_day(at)
    with writing():
        if Course.objects.filter(code=code).exists():
            raise CourseCodeTaken(code)
        place = body.place
        course = Course.objects.create(
            code=code,
            title=title,
            title_en=title_en,
            about=about,
            about_en=about_en,
            body=body,
            issuer=issuer,
            place=place,
            taught_hours=sum(session.hours for session in sessions),
            attendance_percent=number_of("attendance_percent", place, on),
            practice_minutes=60 * number_of("practice_hours", place, on),
            written_pass=number_of("written_pass", place, on),
            practical_pass=number_of("practical_pass", place, on),
            reviewers=number_of("reviewers", place, on),
            reviews_needed=number_of("reviews_needed", place, on),
            opened_at=at,
        )
        by = by_post(viewer, body)
        record(verb="open", kind=KIND, subject=code, place=place, by=by, detail={"taught_hours": course.taught_hours}, happened_at=at)
        for position, session in enumerate(sorted(sessions, key=lambda each: each.starts_at)):
            occasion = occasions.plan_occasion(
                by=by,
                kind=KIND,
                subject=code,
                run_by=f"body:{body.pk}",
                title=session.title,
                title_en=session.title_en,
                place=session.place,
                starts_at=session.starts_at,
                ends_at=session.ends_at,
                capacities={STUDENT: places if position == 0 else None},
                happened_at=at,
            )
            CourseSession.objects.create(course=course, occasion=occasion, hours=session.hours, position=position)
    return course


def enrol(*, viewer: Viewer, course: Course, person_id: int | None = None, channel: str = "web") -> Student:
    """Take a place in a course, or a turn in its line, for oneself or for a neighbour without an account: by signing up for its first date.

    Raises what occasions.sign_up raises (NotAllowed, HasBegun, AlreadySignedUp, PersonBusy …).
    """
    at = clock.now()
    with writing():
        first = course.sessions.select_related("occasion").get(position=0)
        sign_up = occasions.sign_up(viewer=viewer, occasion=first.occasion, role=STUDENT, person_id=person_id, channel=channel)
        student, made = Student.objects.get_or_create(
            course=course, person_id=sign_up.person_id or 0, defaults={"sign_up": sign_up, "enrolled_at": at, "changed_at": at}
        )
        if not made:
            student.sign_up, student.changed_at = sign_up, at
            student.save(update_fields=["sign_up", "changed_at"])
        other = student.person_id if student.person_id != viewer.person_id else None
        note_student(student, "enrol", actor_of(viewer, on_behalf_of_id=other, channel=channel), at)
    return student


def leave_course(*, viewer: Viewer, student: Student, channel: str = "web") -> None:
    """Give up the place before the course begins; the next in line is offered it. Raises what occasions.cancel_sign_up raises."""
    with writing():
        if student.sign_up is None:
            raise NotInCourse(student.pk)
        occasions.cancel_sign_up(viewer=viewer, sign_up=student.sign_up, channel=channel)
        note_student(student, "leave", actor_of(viewer, channel=channel), clock.now())


def take_held_place(*, viewer: Viewer, student: Student) -> None:
    """Say yes to the place that is held. Raises what occasions.accept_hold raises."""
    with writing():
        if student.sign_up is None:
            raise NotInCourse(student.pk)
        occasions.accept_hold(viewer=viewer, sign_up=student.sign_up)


def mark_attendance(*, viewer: Viewer, session: CourseSession, present: Collection[int]) -> int:
    """Write down which students (by id) were there; how many. Whoever is left out and was written down before has not come after all:
    the line stays and says that they left as they came. Raises NotAllowed, NotInCourse, and what occasions.record_attendance raises."""
    course = session.course
    if not teaches(viewer, course):
        raise NotAllowed("mark_attendance")
    with writing():
        students = {student.pk: student for student in course.students.select_related("sign_up") if student.has_place}
        if not set(present) <= set(students):
            raise NotInCourse(sorted(set(present) - set(students)))
        kept = {came.person_id: came for came in Attendance.objects.filter(occasion=session.occasion).exclude(person=None)}
        lines = []
        for student in students.values():
            before = kept.get(student.person_id)
            if student.pk in present and (before is None or before.left_at == before.came_at):
                lines.append(occasions.Came(person_id=student.person_id, role=STUDENT))
            elif student.pk not in present and before is not None and before.left_at != before.came_at:
                lines.append(occasions.Came(person_id=student.person_id, role=STUDENT, came_at=before.came_at, left_at=before.came_at))
        occasions.record_attendance(viewer=viewer, occasion=session.occasion, came=lines)
    return len(present)


def record_practice(
    *, viewer: Viewer, student: Student, base: Place, on: date, minutes: int, happened_at: datetime | None = None
) -> HoursLine:
    """Write down practice at a base: a line of the hours book. Taken back like any other (`reverse_hours`). Raises NotAllowed, Decided,
    NotHappenedYet, and what record_hours raises."""
    at = happened_at or clock.now()
    with writing():
        student = locked(student)
        if not teaches(viewer, student.course) or viewer.person_id == student.person_id:
            raise NotAllowed("record_practice")
        require_learning(student)
        if on > town_day(at):
            raise NotHappenedYet(on.isoformat())
        return record_hours(
            by=by_post(viewer, student.course.body),
            person_id=student.person_id,
            kind=HoursLine.Kind.PRACTICE,
            stage=HoursLine.Stage.APPROVED,
            minutes=minutes,
            on=on,
            title=f"{student.course.title}：实训",
            title_en=f"{student.course.title_en or student.course.title}: practice",
            place=base,
            body=student.course.body,
            subject=student.course.subject,
            happened_at=at,
        )


def give_mark(
    *,
    viewer: Viewer,
    student: Student,
    part: str,
    score: int | None = None,
    passed: bool | None = None,
    happened_at: datetime | None = None,
) -> Mark:
    """Give or correct a mark: points for written and practical, passed or not for the interview. Raises NotAllowed, NotAMark, Decided."""
    at = happened_at or clock.now()
    is_interview = part == Mark.Part.INTERVIEW
    if part not in Mark.Part.values or (score is None) != is_interview or (passed is None) == is_interview:
        raise NotAMark(part)
    if score is not None and not 0 <= score <= 100:
        raise NotAMark(score)
    with writing():
        student = locked(student)
        if not teaches(viewer, student.course) or viewer.person_id is None or viewer.person_id == student.person_id:
            raise NotAllowed("give_mark")
        require_learning(student)
        mark = Mark.objects.create(student=student, part=part, score=score, passed=passed, given_by_id=viewer.person_id, given_at=at)
        entry = note_student(student, "mark", by_post(viewer, student.course.body), at, part=part, mark=mark.pk)
        tell(entry=entry, to=[f"person:{student.person_id}"])
    return mark


def enter_student(*, viewer: Viewer, course: Course, person: Person, happened_at: datetime | None = None) -> Student:
    """Write down from paper somebody who is in the course already, after it began. Raises NotAllowed."""
    at = happened_at or clock.now()
    if not teaches(viewer, course):
        raise NotAllowed("enter_student")
    with writing():
        student, made = Student.objects.get_or_create(course=course, person=person, defaults={"enrolled_at": at, "changed_at": at})
        if not made and not student.has_place:
            student.sign_up, student.changed_at = None, at
            student.save(update_fields=["sign_up", "changed_at"])
        entry = note_student(student, "enrol", by_post(viewer, course.body, on_behalf_of_id=person.pk, channel="counter"), at)
        tell(entry=entry, to=[f"person:{person.pk}"])
    return student


def locked(student: Student) -> Student:
    found = Student.objects.select_for_update(no_key=True, of=("self",))
    return found.select_related("course__body", "course__issuer__place", "course__place", "person", "sign_up").get(pk=student.pk)


def require_learning(student: Student) -> None:
    if not student.has_place:
        raise NotInCourse(student.pk)
    if student.state != Student.State.LEARNING:
        raise Decided(student.state)
