"""Courses, students and how far they are."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.occasions.models import Attendance
from doorstep.foundation.places.models import Place
from doorstep.talents.models import Certificate, Course, CourseSession, HoursLine, Mark, Review, Student
from doorstep.talents.permissions import knows_student
from doorstep.talents.rules.assessment import Achieved, Decision, Requirements, Said, decide, unmet

RELATED = ("course__body", "course__issuer__place", "course__place", "person", "sign_up")


def requirements_of(course: Course) -> Requirements:
    return Requirements(
        taught_hours=course.taught_hours,
        attendance_percent=course.attendance_percent,
        practice_minutes=course.practice_minutes,
        written_pass=course.written_pass,
        practical_pass=course.practical_pass,
        reviewers=course.reviewers,
        reviews_needed=course.reviews_needed,
    )


def courses() -> list[Course]:
    """Every course, the newest first: courses are public."""
    return list(Course.objects.select_related("body", "place").order_by("-opened_at", "-id"))


def course_for(code: str) -> Course | None:
    return Course.objects.select_related("body", "issuer__place", "place").filter(code=code).first()


def sessions_of(course: Course) -> list[CourseSession]:
    return list(course.sessions.select_related("occasion__place", "course__body").order_by("position"))


def attended_sessions(students: Sequence[Student]) -> dict[int, dict[int, int]]:
    """Of each student, which sessions they attended and their 学时. Who is written down as leaving when they came was not there. Two queries."""
    found: dict[int, dict[int, int]] = {student.pk: {} for student in students}
    if not students:
        return found
    by_person = {(student.course_id, student.person_id): student.pk for student in students}
    sessions = {each.occasion_id: each for each in CourseSession.objects.filter(course_id__in={student.course_id for student in students})}
    came = Attendance.objects.filter(occasion_id__in=sessions, person_id__in={student.person_id for student in students})
    for row in came.filter(Q(left_at=None) | Q(left_at__gt=F("came_at"))):
        session = sessions[row.occasion_id]
        student_id = by_person.get((session.course_id, row.person_id or 0))
        if student_id is not None:
            found[student_id][session.pk] = session.hours
    return found


def _practice_minutes(students: Sequence[Student]) -> dict[tuple[int, str], int]:
    lines = HoursLine.objects.filter(
        person_id__in={student.person_id for student in students},
        subject__in={student.course.subject for student in students},
        kind=HoursLine.Kind.PRACTICE,
        stage=HoursLine.Stage.APPROVED,
    )
    return {
        (row["person_id"], row["subject"]): row["minutes"]
        for row in lines.values("person_id", "subject").annotate(minutes=Sum("minutes")).order_by()
    }


def achieved_of(students: Sequence[Student]) -> dict[int, Achieved]:
    """What each student has so far; the latest mark of each part counts. Courses have to be loaded. Four queries for any number."""
    attended = attended_sessions(students)
    practice = _practice_minutes(students)
    marks: dict[int, dict[str, Mark]] = defaultdict(dict)
    for mark in Mark.objects.filter(student__in=students).order_by("id"):
        marks[mark.student_id][mark.part] = mark
    found = {}
    for student in students:
        given = marks[student.pk]
        found[student.pk] = Achieved(
            attended_hours=sum(attended[student.pk].values()),
            practice_minutes=practice.get((student.person_id, student.course.subject), 0),
            written=given["written"].score if "written" in given else None,
            practical=given["practical"].score if "practical" in given else None,
            interview=given["interview"].passed if "interview" in given else None,
        )
    return found


@dataclass(frozen=True, slots=True)
class Progress:
    """A student with everything they have and miss. `reviews` are empty for the student: who said what is for those who run the review."""

    student: Student
    achieved: Achieved
    missing: tuple[str, ...]
    sessions: frozenset[int]
    decision: Decision
    reviews: tuple[Review, ...]
    certificate_number: str


def progress_of(students: Sequence[Student], *, with_reviews: bool) -> list[Progress]:
    """How far each is. Seven queries for any number; the caller has the students as a viewer."""
    achieved = achieved_of(students)
    attended = attended_sessions(students)
    reviews: dict[int, list[Review]] = defaultdict(list)
    for review in Review.objects.filter(student__in=students).select_related("person").order_by("id"):
        reviews[review.student_id].append(review)
    numbers = dict(
        Student.objects.filter(pk__in=[each.pk for each in students], certificate__isnull=False).values_list("pk", "certificate__number")
    )
    found = []
    for student in students:
        asked = requirements_of(student.course)
        said = reviews[student.pk]
        found.append(
            Progress(
                student=student,
                achieved=achieved[student.pk],
                missing=unmet(asked, achieved[student.pk]),
                sessions=frozenset(attended[student.pk]),
                decision=decide(asked, [Said(review.standing) for review in said]),
                reviews=tuple(said) if with_reviews else (),
                certificate_number=numbers.get(student.pk, ""),
            )
        )
    return found


def students_of(course: Course, *, states: Collection[str] = ()) -> list[Student]:
    """Who has a place in a course, in the order of enrolling: for those who teach or certify, which the caller has asked."""
    found = course.students.select_related(*RELATED).order_by("id")
    if states:
        found = found.filter(state__in=states)
    return [student for student in found if student.has_place]


def student_for(viewer: Viewer, course: Course, student_id: int | None = None) -> Student | None:
    """Oneself in a course; another student for those who teach or certify. None = not known to this viewer."""
    found = Student.objects.select_related(*RELATED).filter(course=course)
    student = found.filter(person_id=viewer.own_id).first() if student_id is None else found.filter(pk=student_id).first()
    return student if student is not None and knows_student(viewer, student) else None


def may_see_student(viewer: Viewer, key: str) -> bool:
    """Resolver of the audience key `student:<id>`: the student, who teaches and certifies, the reviewers."""
    given = key.partition(":")[2]
    student = Student.objects.select_related("course").filter(pk=int(given)).first() if given.isdecimal() else None
    if student is None or not viewer.signed_in:
        return False
    return knows_student(viewer, student) or Review.objects.filter(student=student, person_id=viewer.own_id).exists()


def my_courses(viewer: Viewer) -> list[Student]:
    """The courses somebody is or was in, the newest first."""
    return list(Student.objects.filter(person_id=viewer.own_id).select_related(*RELATED).order_by("-id"))


def my_reviews(viewer: Viewer) -> list[Review]:
    """Reviews one is asked for, those that wait first."""
    found = Review.objects.filter(person_id=viewer.own_id).select_related(
        "student__course__body", "student__course__issuer", "student__person", "student__sign_up"
    )
    return sorted(found.order_by("-id"), key=lambda review: review.standing != Review.Standing.ASKED)


def review_for(viewer: Viewer, review_id: int) -> Review | None:
    """A review, for the reviewer themselves."""
    found = Review.objects.select_related("student__course", "student__person").filter(pk=review_id, person_id=viewer.own_id)
    return found.first() if viewer.signed_in else None


def published(course: Course) -> list[Student]:
    """Who passed and stands published today, so that anybody may object."""
    found = course.students.filter(state=Student.State.PUBLISHED, published_until__gte=clock.today())
    return list(found.select_related("person").order_by("id"))


def academy_state() -> dict[str, int]:
    """How many are in a course, by how far they are, and how many asked for a review have not said anything, for the metrics."""
    students = dict(Student.objects.values_list("state").annotate(n=Count("id")))
    waiting = Review.objects.filter(standing=Review.Standing.ASKED, student__state=Student.State.LEARNING).count()
    return {**dict.fromkeys(Student.State.values, 0), **students, "review_waiting": waiting}


@dataclass(frozen=True, slots=True)
class Base:
    """A place where students practise: minutes done there this year and ever, corrections taken off."""

    place: Place
    this_year: int
    ever: int


def practice_bases(*, year: int) -> list[Base]:
    """Every base that somebody practised at, by its name: no order of merit. Two queries for any number."""
    done = HoursLine.objects.filter(kind=HoursLine.Kind.PRACTICE, stage=HoursLine.Stage.APPROVED)
    of_year = Coalesce(Sum("minutes", filter=Q(on__year=year)), 0)
    sums = {place_id: (now, ever) for place_id, now, ever in done.values_list("place_id").annotate(now=of_year, ever=Sum("minutes"))}
    places = Place.objects.filter(pk__in=sums).order_by("name", "id")
    return [Base(place, *sums[place.pk]) for place in places if sums[place.pk][1] > 0]


def certified_in(year: int) -> int:
    """How many became mentors in a year: certified since then, whoever was only taken over from paper not among them; revoked ones are not
    counted. One query."""
    return Certificate.objects.filter(since__year=year).exclude(state=Certificate.State.REVOKED).count()
