"""Pages of talents: parse, one action or query, render."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from doorstep.foundation import clock
from doorstep.foundation.access.request import Request
from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.identity.models import Person
from doorstep.foundation.occasions import actions as occasions
from doorstep.foundation.occasions.queries import occasion_for
from doorstep.foundation.places.models import Place
from doorstep.foundation.places.queries import below, place_by_code, town
from doorstep.foundation.ui.web import once_form, once_key, pdf_answer, sign_in_first
from doorstep.organisations.models import Body
from doorstep.organisations.queries import bodies_by_id, bodies_of_kind, body_by_code
from doorstep.talents import actions, codes, papers, queries
from doorstep.talents.codes import reasons_text
from doorstep.talents.forms import (
    ApproveForm,
    CourseForm,
    LicenceForm,
    ListForm,
    MarkForm,
    PaperCertificateForm,
    PaperHoursForm,
    PracticeForm,
    ProfileForm,
    ProofForm,
    ReasonForm,
    RecordForm,
    ReversalForm,
    ReviewersForm,
    ReviewForm,
)
from doorstep.talents.models import Course, CourseSession, Student
from doorstep.talents.permissions import (
    CHECKS_LICENCES,
    certifies,
    may_check_licences,
    may_keep_register,
    teaches,
    works_at_all,
    works_for,
)
from doorstep.talents.queries.certificates import certificate_by_number
from doorstep.talents.queries.hours import line_for
from doorstep.talents.queries.register import licence_for, listing_for, profile_for
from doorstep.talents.rules.standing import Standing
from doorstep.talents.texts import hidden_reason

PEOPLE_AT_MOST = 7


def _send(request: Request, back: str, work: Callable[[], object]) -> HttpResponse:
    """Do what a form asks for once and look at `back` again."""

    def do() -> str:
        work()
        return back

    return once_form(request, do)


def _refused(request: Request, problem: str, back: str, status: int = 409) -> HttpResponse:
    """Say plainly why nothing was done, and the way back."""
    return render(request, "talents/refused.html", {"problem": problem, "back": back}, status=status)


# The front


@require_safe
def home(request: Request) -> HttpResponse:
    """/talents/: courses, mentors, one's own."""
    top = town()
    if top is None:
        raise Http404
    viewer, today = request.viewer, clock.today()
    mentors = queries.mentors(on=today)
    return render(
        request,
        "talents/home.html",
        {
            "place": top,
            "courses": queries.courses(),
            "mentors": mentors[:PEOPLE_AT_MOST],
            "valid": len(mentors),
            "year": today.year,
            "certified": queries.certified_in(today.year),
            "bases": queries.practice_bases(year=today.year),
            "mine": queries.my_courses(viewer) if viewer.signed_in else [],
            "reviews": [each for each in queries.my_reviews(viewer) if each.standing == "asked"] if viewer.signed_in else [],
            "works": works_at_all(viewer),
            "checks": may_check_licences(viewer),
            "academies": _bodies(request, "academy"),
            "centres": _bodies(request, "centre"),
        },
    )


def _bodies(request: Request, *kinds: str) -> list[Body]:
    """The bodies of these kinds that one works for."""
    return [body for body in bodies_of_kind(*kinds) if works_for(request.viewer, body.pk)]


@require_safe
def mentors(request: Request) -> HttpResponse:
    """公益导师名录: everyone certified today, by number. No order of merit."""
    skill = request.GET.get("skill", "")
    return render(
        request,
        "talents/mentors.html",
        {"mentors": queries.mentors(on=clock.today(), skill=skill), "skill": skill, "skills": list(codes.skills().values())},
    )


# Courses


def _course(code: str) -> Course:
    course = queries.course_for(code)
    if course is None:
        raise Http404
    return course


@require_safe
def course(request: Request, code: str) -> HttpResponse:
    """One course: what it asks for, its dates, signing up."""
    found = _course(code)
    sessions = queries.sessions_of(found)
    first = occasion_for(request.viewer, sessions[0].occasion.code) if sessions else None
    student = queries.student_for(request.viewer, found)
    return render(
        request,
        "talents/course.html",
        {
            "course": found,
            "sessions": sessions,
            "places": first.shown.role("student") if first else None,
            "begun": bool(sessions) and sessions[0].occasion.starts_at <= clock.now(),
            "student": student,
            "sign_up": student.sign_up if student else None,
            "teaches": teaches(request.viewer, found),
            "runs": teaches(request.viewer, found) or certifies(request.viewer, found.issuer_id),
            "published": [(each, queries.shown_name(each.person.name)) for each in queries.published(found)],
            "once": once_key(),
            "now": clock.now(),
        },
    )


@require_POST
def enrol(request: Request, code: str) -> HttpResponse:
    found, back = _course(code), f"/talents/courses/{code}"
    if not request.viewer.signed_in:
        return sign_in_first(request, back=back)
    try:
        return _send(request, back, lambda: actions.enrol(viewer=request.viewer, course=found))
    except occasions.AlreadySignedUp:
        return _refused(request, _("您已经报过名了。"), back)
    except occasions.HasBegun:
        return _refused(request, _("这一班已经开课。想中途进来，请找学院。"), back)
    except occasions.PersonBusy:
        return _refused(request, _("第一课的时间，您在别处有安排。先把那一场取消，再来报名。"), back)


@require_POST
def leave(request: Request, code: str) -> HttpResponse:
    """Give up the place, or say yes to the one that is held."""
    found, back = _course(code), f"/talents/courses/{code}"
    if not request.viewer.signed_in:
        return sign_in_first(request, back=back)
    student = _own(request, found)
    try:
        if request.POST.get("do") == "take":
            return _send(request, back, lambda: actions.take_held_place(viewer=request.viewer, student=student))
        return _send(request, back, lambda: actions.leave_course(viewer=request.viewer, student=student))
    except (occasions.NotSignedUp, occasions.NotOffered, occasions.HoldOver, occasions.HasBegun, actions.NotInCourse):
        return _refused(request, _("这件事刚刚变了，请看看现在的情形。"), back)
    except occasions.PersonBusy:
        return _refused(request, _("第一课的时间，您在别处有安排。先把那一场取消，再来确认。"), back)


def _own(request: Request, course: Course) -> Student:
    student = queries.student_for(request.viewer, course)
    if student is None:
        raise Http404
    return student


@require_safe
def mine(request: Request, code: str) -> HttpResponse:
    """The student's page: how far one is."""
    found = _course(code)
    if not request.viewer.signed_in:
        return sign_in_first(request)
    student = _own(request, found)
    return _student_page(request, found, student)


def _student_page(request: Request, course: Course, student: Student, problem: str = "", status: int = 200) -> HttpResponse:
    runs = teaches(request.viewer, course) and student.person_id != request.viewer.person_id
    gives = certifies(request.viewer, course.issuer_id) and student.person_id != request.viewer.person_id
    progress = queries.progress_of([student], with_reviews=runs or gives)[0]
    if student.person_id != request.viewer.person_id:
        request.viewer.note_read(kind="course", subject=course.code, about_person_id=student.person_id, why="assess")
    return render(
        request,
        "talents/student.html",
        {
            "course": course,
            "student": student,
            "progress": progress,
            "achieved": progress.achieved,
            "sessions": queries.sessions_of(course),
            "runs": runs,
            "gives": gives,
            "is_mine": student.person_id == request.viewer.person_id,
            "may_issue": gives
            and student.state == "published"
            and student.published_until is not None
            and clock.today() > student.published_until,
            "bases": below(course.place).filter(kind=Place.Kind.VENUE) if runs else [],
            "problem": problem,
            "once": once_key(),
            "today": clock.today(),
        },
        status=status,
    )


def _run_course(request: Request, code: str) -> Course:
    """The course for those who teach it or certify; to others the screen is refused: they know of the course."""
    found = _course(code)
    if not teaches(request.viewer, found) and not certifies(request.viewer, found.issuer_id):
        raise actions.NotAllowed("course")
    return found


@require_safe
def students(request: Request, code: str) -> HttpResponse:
    """The assessor's screen: everyone in the course and what is missing."""
    if not request.viewer.signed_in:
        return sign_in_first(request)
    found = _run_course(request, code)
    listed = queries.students_of(found)
    for student in listed:
        request.viewer.note_read(kind="course", subject=code, about_person_id=student.person_id, why="assess")
    return render(
        request,
        "talents/students.html",
        {
            "course": found,
            "lines": queries.progress_of(listed, with_reviews=True),
            "sessions": queries.sessions_of(found),
            "teaches": teaches(request.viewer, found),
            "now": clock.now(),
            "once": once_key(),
        },
    )


@require_POST
def enter(request: Request, code: str) -> HttpResponse:
    """Write down from paper somebody who came after the beginning."""
    back = f"/talents/courses/{code}/students"
    if not request.viewer.signed_in:
        return sign_in_first(request, back=back)
    found = _run_course(request, code)
    people = queries.find_people(request.viewer, request.POST.get("who", "")[:80])
    if len(people) != 1:
        return _refused(request, _who_problem(people), back, 422)
    return _send(request, back, lambda: actions.enter_student(viewer=request.viewer, course=found, person=people[0]))


def _who_problem(people: list[Person]) -> str:
    return _("没有找到这个人。写全名，或写电话。") if not people else _("有几位同名。请写电话。")


@require_http_methods(["GET", "HEAD", "POST"])
def attendance(request: Request, code: str, position: int) -> HttpResponse:
    """The teacher's screen: one list, one tap each, one button."""
    here = f"/talents/courses/{code}/sessions/{position}"
    if not request.viewer.signed_in:
        return sign_in_first(request, back=here)
    found = _course(code)
    if not teaches(request.viewer, found):
        raise actions.NotAllowed("attendance")
    session = next((each for each in queries.sessions_of(found) if each.position == position), None)
    if session is None:
        raise Http404
    if request.method == "POST":
        present = [int(each) for each in request.POST.getlist("present") if each.isdecimal()]
        try:
            return _send(
                request, f"{here}?saved=1", lambda: actions.mark_attendance(viewer=request.viewer, session=session, present=present)
            )
        except occasions.NotYet:
            return _attendance(request, found, session, _("还没开始，到时候再记。"), 409)
        except (occasions.IsCancelled, actions.NotInCourse):
            return _attendance(request, found, session, _("这件事刚刚变了，请看看现在的情形。"), 409)
    return _attendance(request, found, session)


def _attendance(request: Request, course: Course, session: CourseSession, problem: str = "", status: int = 200) -> HttpResponse:
    listed = queries.students_of(course)
    came = {line.student.pk for line in queries.progress_of(listed, with_reviews=False) if session.pk in line.sessions}
    for student in listed:
        request.viewer.note_read(kind="course", subject=course.code, about_person_id=student.person_id, why="attendance")
    return render(
        request,
        "talents/attendance.html",
        {
            "course": course,
            "session": session,
            "sessions": queries.sessions_of(course),
            "students": [(student, student.pk in came) for student in listed],
            "came": len(came),
            "saved": request.GET.get("saved") == "1",
            "problem": problem,
            "once": once_key(),
        },
        status=status,
    )


@require_safe
def student(request: Request, code: str, student_id: int) -> HttpResponse:
    """One student, for those who teach or certify: marks, practice, review, certificate."""
    if not request.viewer.signed_in:
        return sign_in_first(request)
    found, one = _known_student(request, code, student_id)
    return _student_page(request, found, one)


def _known_student(request: Request, code: str, student_id: int) -> tuple[Course, Student]:
    found = _course(code)
    one = queries.student_for(request.viewer, found, student_id)
    if one is None:
        raise Http404
    return found, one


@require_POST
def student_act(request: Request, code: str, student_id: int, verb: str) -> HttpResponse:
    """The forms of a student's page: mark, practice, ask, close, issue, stop."""
    here = f"/talents/courses/{code}/students/{student_id}"
    if not request.viewer.signed_in:
        return sign_in_first(request, back=here)
    course, one = _known_student(request, code, student_id)
    do = _STUDENT_ACTS.get(verb)
    if do is None:
        raise Http404
    try:
        return _send(request, here, lambda: do(request, one))
    except _Unclear as error:
        return _student_page(request, course, one, str(error), 422)
    except actions.NotReady as error:
        return _student_page(request, course, one, _("还差：%(what)s。") % {"what": reasons_text(error.reasons)}, 409)
    except actions.MayNotReview as error:
        return _student_page(request, course, one, _("这位不能评审：%(why)s。") % {"why": reasons_text([error.reason])}, 409)
    except actions.StillOpen as error:
        return _student_page(request, course, one, _("评审还没完：%(what)s。") % {"what": reasons_text(error.reasons)}, 409)
    except actions.PublicationRunning as error:
        return _student_page(request, course, one, _("公示到 %(day)s，过了才能发证。") % {"day": error.until.isoformat()}, 409)
    except actions.AlreadyCertified:
        return _student_page(request, course, one, _("这位已经有证书，到期前复审就行。"), 409)
    except (actions.Decided, actions.NotInCourse, actions.NotPublished, actions.NotHappenedYet, actions.NotAMark, actions.NoTime):
        return _student_page(request, course, one, _("这一步现在做不了，请看看现在的情形。"), 409)


class _Unclear(Exception):
    """A form that cannot be read; says what is missing."""


def _clean(form: Form, problem: str) -> dict[str, Any]:
    if not form.is_valid():
        raise _Unclear(problem)
    return form.cleaned_data


def _do_mark(request: Request, student: Student) -> None:
    data = _clean(MarkForm(request.POST), _("分数是 0 到 100 的整数；面谈选通过或不通过。"))
    is_interview = data["part"] == "interview"
    if (not data["passed"]) if is_interview else data["score"] is None:
        raise _Unclear(_("分数是 0 到 100 的整数；面谈选通过或不通过。"))
    actions.give_mark(
        viewer=request.viewer,
        student=student,
        part=data["part"],
        score=None if is_interview else data["score"],
        passed=data["passed"] == "yes" if is_interview else None,
    )


def _do_practice(request: Request, student: Student) -> None:
    data = _clean(PracticeForm(request.POST), _("写上在哪里、哪一天、几个小时。"))
    base = place_by_code(data["base"])
    if base is None:
        raise _Unclear(_("写上在哪里、哪一天、几个小时。"))
    actions.record_practice(viewer=request.viewer, student=student, base=base, on=data["on"], minutes=int(data["hours"] * 60))


def _do_ask(request: Request, student: Student) -> None:
    data = _clean(ReviewersForm(request.POST), _("写上评审人的全名或电话，一行一位。"))
    people = []
    for line in data["who"].splitlines():
        if line.strip():
            found = queries.find_people(request.viewer, line)
            if len(found) != 1:
                raise _Unclear(f"{line.strip()}：{_who_problem(found)}")
            people.append(found[0])
    if not people:
        raise _Unclear(_("写上评审人的全名或电话，一行一位。"))
    actions.ask_reviewers(viewer=request.viewer, student=student, reviewers=people)


_STUDENT_ACTS: dict[str, Callable[[Request, Student], object]] = {
    "mark": _do_mark,
    "practice": _do_practice,
    "ask": _do_ask,
    "close": lambda request, student: actions.close_review(viewer=request.viewer, student=student),
    "issue": lambda request, student: actions.issue_certificate(viewer=request.viewer, student=student),
    "stop": lambda request, student: actions.stop_publication(viewer=request.viewer, student=student, reason="objection"),
}


@require_http_methods(["GET", "HEAD", "POST"])
def open_course(request: Request) -> HttpResponse:
    """Announce a course: one session a week at one place."""
    if not request.viewer.signed_in:
        return sign_in_first(request)
    academies = _bodies(request, "academy")
    if not academies:
        raise actions.NotAllowed("open_course")
    form = CourseForm(request.POST) if request.method == "POST" else None
    problem = ""
    if form is not None:
        if form.is_valid():
            try:
                return _send(
                    request, f"/talents/courses/{form.cleaned_data['code']}", lambda: _open_from(request, academies[0], form.cleaned_data)
                )
            except actions.CourseCodeTaken:
                problem = _("这个代号用过了，换一个。")
            except occasions.PlaceTaken:
                problem = _("这个地方有一天被占了。换个时间或地方。")
        else:
            problem = _("还有没填好的，看看红字。")
    top = town()
    return render(
        request,
        "talents/open_course.html",
        {
            "form": form,
            "problem": problem,
            "academy": academies[0],
            "centres": bodies_of_kind("centre"),
            "venues": below(top).filter(kind=Place.Kind.VENUE) if top else [],
            "once": once_key(),
            "today": clock.today(),
        },
        status=422 if problem else 200,
    )


def _open_from(request: Request, academy: Body, data: dict[str, Any]) -> Course:
    place, issuer = place_by_code(data["place"]), body_by_code(data["issuer"])
    if place is None or issuer is None:
        raise Http404
    first = datetime.combine(data["first"], data["start"], TOWN_ZONE)
    sessions = [
        actions.SessionPlan(
            starts_at=first + timedelta(weeks=week),
            ends_at=first + timedelta(weeks=week, minutes=data["minutes"]),
            hours=data["hours"],
            place=place,
            title=f"{data['title']} {week + 1}/{data['weeks']}",
            title_en=f"{data['title_en'] or data['title']} {week + 1}/{data['weeks']}",
        )
        for week in range(data["weeks"])
    ]
    return actions.open_course(
        viewer=request.viewer,
        code=data["code"],
        title=data["title"],
        title_en=data["title_en"],
        about=data["about"],
        body=academy,
        issuer=issuer,
        sessions=sessions,
        places=data["places"],
    )


# Reviews


@require_safe
def reviews(request: Request) -> HttpResponse:
    """The reviewer's screen: whom one is asked about, with what they achieved."""
    if not request.viewer.signed_in:
        return sign_in_first(request)
    return _reviews(request)


def _reviews(request: Request, problem: str = "", status: int = 200) -> HttpResponse:
    asked = queries.my_reviews(request.viewer)
    progress = {line.student.pk: line for line in queries.progress_of([each.student for each in asked], with_reviews=False)}
    for each in asked:
        request.viewer.note_read(kind="course", subject=each.student.course.code, about_person_id=each.student.person_id, why="review")
    return render(
        request,
        "talents/reviews.html",
        {
            "lines": [(each, progress[each.student_id]) for each in asked],
            "problem": problem,
            "recusals": actions.RECUSAL_REASONS,
            "once": once_key(),
        },
        status=status,
    )


@require_POST
def review(request: Request, review_id: int) -> HttpResponse:
    if not request.viewer.signed_in:
        return sign_in_first(request, back="/talents/reviews/")
    found = queries.review_for(request.viewer, review_id)
    if found is None:
        raise Http404
    form = ReviewForm(request.POST)
    try:
        data = _clean(form, _("选同意、不同意，或者回避。"))
        return _send(
            request,
            "/talents/reviews/",
            lambda: actions.review_student(
                viewer=request.viewer, review=found, standing=data["standing"], reason=data["reason"], words=data["words"]
            ),
        )
    except _Unclear as error:
        return _reviews(request, str(error), 422)
    except actions.ReviewReasonMissing:
        return _reviews(request, _("回避要选原因，不同意要写一句为什么。"), 422)
    except (actions.AlreadySaid, actions.Decided):
        return _reviews(request, _("您已经评过，或者评审已经结束。"), 409)


# Certificates, for the centre


@require_http_methods(["GET", "HEAD", "POST"])
def certificates(request: Request) -> HttpResponse:
    """Every certificate of the centre one works for, by its end; one from before, on paper, is taken over here."""
    here = "/talents/certificates/"
    if not request.viewer.signed_in:
        return sign_in_first(request, back=here)
    centres = _bodies(request, "centre")
    if not centres:
        raise actions.NotAllowed("certificates")
    if request.method != "POST":
        return _certificates(request, centres)
    form, people = PaperCertificateForm(request.POST), queries.find_people(request.viewer, request.POST.get("who", "")[:80])
    issuer = next((each for each in centres if each.code == request.POST.get("issuer", "")), None)
    if not form.is_valid() or issuer is None:
        return _certificates(request, centres, _("写上是谁，纸上写的从哪一天起。"), 422)
    if len(people) != 1:
        return _certificates(request, centres, _who_problem(people), 422)
    try:
        return _send(
            request,
            here,
            lambda: actions.certify_from_paper(viewer=request.viewer, person=people[0], issuer=issuer, since=form.cleaned_data["since"]),
        )
    except actions.AlreadyCertified:
        return _certificates(request, centres, _("这位已经有证书了，到那张证书上去复审。"), 409)
    except actions.NotPossible:
        return _certificates(request, centres, _("起算的日子还没到。"), 409)


def _certificates(request: Request, centres: list[Body], problem: str = "", status: int = 200) -> HttpResponse:
    found = queries.certificates_of(request.viewer, [each.pk for each in centres])
    for each in found:
        request.viewer.note_read(kind="certificate", subject=each.number, about_person_id=each.person_id, why="certify")
    today = clock.today()
    return render(
        request,
        "talents/certificates.html",
        {
            "lines": [(each, queries.standing_on(each, today).value) for each in found],
            "centres": centres,
            "given": request.POST,
            "problem": problem,
            "once": once_key(),
            "today": today,
        },
        status=status,
    )


@require_POST
def certificate_act(request: Request, number: str, verb: str) -> HttpResponse:
    """Renew, suspend, resume, revoke."""
    here = f"/certificates/{number}"
    if not request.viewer.signed_in:
        return sign_in_first(request, back=here)
    found = certificate_by_number(request.viewer, number)
    if found is None or verb not in {"renew", "suspend", "resume", "revoke"}:
        raise Http404
    viewer, one = request.viewer, found.certificate
    try:
        if verb == "renew":
            return _send(request, here, lambda: actions.renew_certificate(viewer=viewer, certificate=one))
        if verb == "resume":
            return _send(request, here, lambda: actions.resume_certificate(viewer=viewer, certificate=one))
        reason = _clean(ReasonForm(request.POST), _("要选一个原因。"))["reason"]
        stop = actions.suspend_certificate if verb == "suspend" else actions.revoke_certificate
        return _send(request, here, lambda: stop(viewer=viewer, certificate=one, reason=reason))
    except _Unclear as error:
        return _refused(request, str(error), here, 422)
    except (actions.NotPossible, actions.NotRenewable):
        return _refused(request, _("这一步现在做不了：还没到复审的时候，或者证书已经停了。"), here)


# Hours


@require_safe
def hours(request: Request) -> HttpResponse:
    """My hours: real time, by day, nothing to compare with anybody."""
    if not request.viewer.signed_in:
        return sign_in_first(request)
    return _hours(request)


def _hours(request: Request, problem: str = "", status: int = 200) -> HttpResponse:
    today = clock.today()
    return render(
        request,
        "talents/hours.html",
        {
            "book": queries.book_of(request.viewer),
            "licences": [(each, codes.licences()[each.kind], each.expires_on < today) for each in queries.my_licences(request.viewer)],
            "certificate": next(iter(_own_certificates(request)), None),
            "problem": problem,
            "once": once_key(),
            "today": today,
            "year_ago": today.replace(month=1, day=1),
        },
        status=status,
    )


def _own_certificates(request: Request) -> list[tuple[Any, str]]:
    today = clock.today()
    return [(each, queries.standing_on(each, today).value) for each in queries.own_certificates(request.viewer)]


@require_safe
def hours_table(request: Request) -> HttpResponse:
    """The book as a table: one's own, or with ?body= that of a body one works for."""
    if not request.viewer.signed_in:
        return sign_in_first(request)
    code = request.GET.get("body", "")
    body = body_by_code(code) if code else None
    if code and body is None:
        raise Http404
    response = HttpResponse(queries.hours_csv(request.viewer, body_id=body.pk if body else None), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="hours.csv"'
    return response


@require_safe
def hours_paper(request: Request) -> HttpResponse:
    """One's own book as PDF, in the five groups of 令67."""
    book = queries.book_of(request.viewer)
    if book is None:
        return sign_in_first(request)
    number = next((each.number for each, standing in _own_certificates(request) if standing == Standing.VALID.value), "")
    facts = papers.hours_book(book, certificate_number=number, on=clock.today())
    return pdf_answer("talents/hours.typ", facts, name="hours.pdf", private=True)


@require_POST
def prove(request: Request) -> HttpResponse:
    """A free proof of one's hours."""
    if not request.viewer.signed_in:
        return sign_in_first(request, back="/talents/hours/")
    centre = next(iter(bodies_of_kind("centre")), None)
    form = ProofForm(request.POST)
    if not form.is_valid() or centre is None:
        return _hours(request, _("写上从哪天到哪天。"), 422)

    def work() -> str:
        made = actions.make_proof(viewer=request.viewer, since=form.cleaned_data["since"], until=form.cleaned_data["until"], body=centre)
        return f"/talents/proofs/{made.code}"

    try:
        return once_form(request, work)
    except actions.NothingToProve:
        return _hours(request, _("这段时间还没有认可过的时长。"), 409)


@require_safe
def proof(request: Request, code: str) -> HttpResponse:
    """A proof, for whoever holds its code: what it says and whether the book still says so."""
    found = queries.proof_by_code(code)
    if found is None:
        return render(request, "talents/no_certificate.html", {"number": code[:20]}, status=404)
    return render(
        request,
        "talents/proof.html",
        {"proof": found, "holds": queries.proof_holds(found), "url": request.build_absolute_uri(f"/talents/proofs/{code}")},
    )


@require_safe
def proof_paper(request: Request, code: str) -> HttpResponse:
    """The same as PDF, to hand in somewhere."""
    found = queries.proof_by_code(code)
    if found is None:
        raise Http404
    facts = papers.proof_of_hours(found, holds=queries.proof_holds(found), url=request.build_absolute_uri(f"/talents/proofs/{code}"))
    return pdf_answer("talents/proof.typ", facts, name=f"{code}.pdf", private=True)


@require_safe
def approve_list(request: Request) -> HttpResponse:
    """Hours of the bodies one works for that wait for somebody to say they are right."""
    if not request.viewer.signed_in:
        return sign_in_first(request)
    if not works_at_all(request.viewer):
        raise actions.NotAllowed("approve_hours")
    return _approve(request)


def _approve(request: Request, problem: str = "", status: int = 200) -> HttpResponse:
    lines, top = queries.lines_to_approve(request.viewer), town()
    numbers = queries.numbers_of(line.person_id for line in lines)
    return render(
        request,
        "talents/approve.html",
        {
            "lines": [(line, numbers.get(line.person_id, "")) for line in lines],
            "problem": problem,
            "reversals": actions.REVERSAL_REASONS,
            "bodies": bodies_by_id(request.viewer.bodies).values(),
            "places": below(top).exclude(kind=Place.Kind.BUILDING) if top else [],
            "finds": may_keep_register(request.viewer) or may_check_licences(request.viewer),
            "given": request.POST,
            "once": once_key(),
            "today": clock.today(),
        },
        status=status,
    )


@require_POST
def enter_hours(request: Request) -> HttpResponse:
    """Hours from a paper go into the book, and wait there to be approved."""
    here = "/talents/hours/approve"
    if not request.viewer.signed_in:
        return sign_in_first(request, back=here)
    if not works_at_all(request.viewer):
        raise actions.NotAllowed("enter_hours")
    form, people = PaperHoursForm(request.POST), queries.find_volunteers(request.viewer, request.POST.get("who", "")[:80])
    if not form.is_valid():
        return _approve(request, _("写上是谁、哪一天、做了什么、几个小时。"), 422)
    if len(people) != 1:
        return _approve(request, _who_problem(people), 422)
    data = form.cleaned_data
    body, place = body_by_code(data["body"]), place_by_code(data["place"])
    if body is None or place is None:
        raise Http404
    try:
        return _send(
            request,
            here,
            lambda: actions.enter_hours(
                viewer=request.viewer,
                person=people[0],
                body=body,
                on=data["on"],
                minutes=int(data["hours"] * 60),
                title=data["title"],
                place=place,
                served=data["served"],
            ),
        )
    except actions.AlreadyWritten:
        return _approve(request, _("这位这一天的这件事已经记过了。"), 409)
    except (actions.NoTime, actions.InTheFuture):
        return _approve(request, _("时间要大于零，日子不能在今天以后。"), 422)


@require_safe
def volunteers(request: Request) -> HttpResponse:
    """Who has helped the bodies one works for, by number: no order of merit."""
    if not request.viewer.signed_in:
        return sign_in_first(request)
    if not works_at_all(request.viewer):
        raise actions.NotAllowed("volunteers")
    return render(request, "talents/volunteers.html", {"volunteers": queries.volunteers_of(request.viewer)})


@require_http_methods(["GET", "HEAD", "POST"])
def volunteer(request: Request, number: str) -> HttpResponse:
    """What one's bodies have of a volunteer; a commendation or an evaluation is written here."""
    here = f"/talents/volunteers/{number}"
    if not request.viewer.signed_in:
        return sign_in_first(request, back=here)
    found = queries.record_of(request.viewer, number)
    if found is None:
        raise Http404
    if request.method != "POST":
        return _volunteer(request, found)
    form = RecordForm(request.POST)
    body = next((each for each in found.bodies if each.code == request.POST.get("body", "")), None)
    if not form.is_valid() or body is None:
        return _volunteer(request, found, _("写上是表彰还是评价、哪一天、写什么。"), 422)
    data = form.cleaned_data
    try:
        return _send(
            request,
            here,
            lambda: actions.write_record(
                viewer=request.viewer, person=found.person, body=body, kind=data["kind"], on=data["on"], words=data["words"]
            ),
        )
    except actions.InTheFuture:
        return _volunteer(request, found, _("这一天还没到。"), 422)


def _volunteer(request: Request, found: queries.Record, problem: str = "", status: int = 200) -> HttpResponse:
    return render(
        request,
        "talents/volunteer.html",
        {
            "record": found,
            "is_me": request.viewer.is_me(found.person.pk),
            "given": request.POST,
            "problem": problem,
            "longest": actions.LONGEST_WORDS,
            "once": once_key(),
            "today": clock.today(),
        },
        status=status,
    )


@require_POST
def approve(request: Request) -> HttpResponse:
    """Approve a line, or take it back."""
    here = "/talents/hours/approve"
    if not request.viewer.signed_in:
        return sign_in_first(request, back=here)
    is_reversal = request.POST.get("do") == "reverse"
    form: Form = ReversalForm(request.POST) if is_reversal else ApproveForm(request.POST)
    if not form.is_valid():
        return _approve(request, _("时间以分钟算，最多一天。"), 422)
    data = form.cleaned_data
    line = line_for(request.viewer, data["line"])
    if line is None:
        raise Http404
    try:
        if is_reversal:
            return _send(request, here, lambda: actions.reverse_hours(viewer=request.viewer, line=line, reason=data["reason"]))
        return _send(request, here, lambda: actions.approve_hours(viewer=request.viewer, line=line, minutes=data["minutes"]))
    except (actions.AlreadyApproved, actions.AlreadyReversed):
        return _approve(request, _("这一行刚刚有人处理过了。"), 409)


# The register and licences


@require_safe
def register(request: Request) -> HttpResponse:
    """人才库: who agreed to be asked, as this reader may see them."""
    category = request.GET.get("category", "")
    return render(
        request,
        "talents/register.html",
        {
            "people": queries.people_listed(request.viewer, category=category),
            "category": category,
            "categories": list(codes.categories().values()),
            "keeps": may_keep_register(request.viewer),
            "once": once_key(),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: Request) -> HttpResponse:
    """What I can do, when, and that I may be asked; or no longer."""
    if not request.viewer.signed_in:
        return sign_in_first(request)
    top = town()
    form = ProfileForm(request.POST) if request.method == "POST" else None
    if form is not None and form.is_valid():
        data = form.cleaned_data
        place = place_by_code(data["place"])
        if place is None:
            raise Http404
        return _send(
            request,
            "/talents/register/me",
            lambda: actions.keep_profile(
                viewer=request.viewer,
                place=place,
                skills=data["skills"],
                availability=data["availability"],
                about=data["about"],
                visibility=data["visibility"],
                may_be_asked=data["may_be_asked"],
            ),
        )
    return render(
        request,
        "talents/profile.html",
        {
            "profile": (profile := queries.profile_of(request.viewer)),
            "hidden": hidden_reason(profile),
            "skills": list(codes.skills().values()),
            "scopes": below(top).filter(kind__in=("town", "village", "community", "estate")) if top else [],
            "days": _days(),
            "problem": _("有一项没选好，请再看看。") if form is not None else "",
            "once": once_key(),
        },
        status=422 if form is not None else 200,
    )


def _days() -> list[tuple[str, list[tuple[str, str]]]]:
    names = codes.days()
    parts = {"am": _("上午"), "pm": _("下午"), "eve": _("晚上")}
    return [(name, [(f"{day}-{part}", words) for part, words in parts.items()]) for day, name in names.items()]


@require_POST
def list_person(request: Request) -> HttpResponse:
    """Put somebody into the register as something, or take them off."""
    here = "/talents/register/"
    if not request.viewer.signed_in:
        return sign_in_first(request, back=here)
    ended = request.POST.get("end", "")
    if ended.isdecimal():
        listing = listing_for(request.viewer, int(ended))
        if listing is None:
            raise Http404
        return _send(request, here, lambda: actions.end_listing(viewer=request.viewer, listing=listing))
    form = ListForm(request.POST)
    acting = request.viewer.acting_post
    if not form.is_valid() or acting is None:
        return _refused(request, _("选一个类别。"), here, 422)
    found, body = profile_for(request.viewer, form.cleaned_data["profile"]), body_by_code(acting.body_code)
    if found is None or body is None:
        raise Http404
    try:
        return _send(
            request,
            here,
            lambda: actions.list_person(viewer=request.viewer, profile=found, category=form.cleaned_data["category"], body=body),
        )
    except (actions.AlreadyListed, actions.NoConsent):
        return _refused(request, _("这位已经在这一类里，或者不愿意被请了。"), here)


@require_http_methods(["GET", "HEAD", "POST"])
def licences(request: Request) -> HttpResponse:
    """Licences, for those who check them: seen on paper, until when."""
    if not request.viewer.signed_in:
        return sign_in_first(request)
    bodies = _bodies(request, *sorted(CHECKS_LICENCES))
    if not bodies:
        raise actions.NotAllowed("licences")
    problem = ""
    if request.method == "POST":
        ended = request.POST.get("withdraw", "")
        if ended.isdecimal():
            licence = licence_for(request.viewer, int(ended))
            if licence is None:
                raise Http404
            return _send(request, "/talents/licences/", lambda: actions.withdraw_licence(viewer=request.viewer, licence=licence))
        form = LicenceForm(request.POST)
        people = queries.find_people(request.viewer, request.POST.get("who", "")[:80])
        if not form.is_valid():
            problem = _("写上是谁、什么证、编号、有效到哪天。")
        elif len(people) != 1:
            problem = _who_problem(people)
        else:
            data = form.cleaned_data
            try:
                return _send(
                    request,
                    "/talents/licences/",
                    lambda: actions.check_licence(
                        viewer=request.viewer,
                        person=people[0],
                        kind=data["kind"],
                        number=data["number"],
                        expires_on=data["expires_on"],
                        body=bodies[0],
                    ),
                )
            except actions.Over:
                problem = _("这个证已经过期，不能登记。")
    today = clock.today()
    return render(
        request,
        "talents/licences.html",
        {
            "lines": [(each, codes.licences()[each.kind], each.expires_on < today) for each in queries.licences_for(request.viewer)],
            "kinds": list(codes.licences().values()),
            "problem": problem,
            "once": once_key(),
            "today": today,
        },
        status=422 if problem else 200,
    )
