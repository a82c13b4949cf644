from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import NOBODY
from doorstep.foundation.identity.actions import create_account, create_person
from doorstep.foundation.journal.actions import Actor
from doorstep.foundation.occasions.links import link_of
from doorstep.foundation.occasions.queries import week_at
from doorstep.talents import actions, queries
from doorstep.talents.models import Certificate, Course, HoursLine, Review, Student
from doorstep.talents.tests.conftest import FIRST, OPENED, Academy, at


def text_of(answer: Any) -> str:
    return answer.content.decode()  # type: ignore[no-any-return]


@pytest.fixture
def certificate(academy: Academy) -> Certificate:
    return actions.issue_certificate(viewer=academy.viewer(academy.director), student=academy.published(), happened_at=at(6, 18))


def test_the_verification_page_says_how_it_stands(client: Any, academy: Academy, certificate: Certificate) -> None:
    path, director = f"/certificates/{certificate.number}", academy.viewer(academy.director)
    page = client.get(path)
    assert page.status_code == 200
    assert "这张证书有效" in text_of(page)
    assert "刘＊梅" in text_of(page)
    assert "刘玉梅" not in text_of(page)
    actions.suspend_certificate(viewer=director, certificate=certificate, reason="complaint")
    suspended = text_of(client.get(path))
    assert "已暂停" in suspended
    assert "有投诉" not in suspended  # why is between the holder and the centre
    actions.resume_certificate(viewer=director, certificate=certificate)
    with clock.frozen(at(6, 18, year=2027)):
        assert "已过期" in text_of(client.get(path))
    actions.revoke_certificate(viewer=director, certificate=certificate, reason="false_facts")
    assert "已撤销" in text_of(client.get(path))


@pytest.mark.parametrize("number", ["HL-DS-2026-0002", "HL-DS-2026-1", "hl-ds-2026-0001", "<script>", "'; DROP TABLE"])
def test_a_forged_number_is_answered_with_no_such_certificate(client: Any, certificate: Certificate, number: str) -> None:
    page = client.get(f"/certificates/{number}")
    assert page.status_code == 404
    assert "无此证书" in text_of(page)
    assert "<script>" not in text_of(page).split("<main")[1]


def test_the_holder_of_a_public_profile_is_named(client: Any, academy: Academy, certificate: Certificate) -> None:
    actions.keep_profile(
        viewer=academy.viewer(academy.town.liu), place=academy.town.estate, skills=["coffee"], visibility="public", may_be_asked=True
    )
    assert "刘玉梅" in text_of(client.get(f"/certificates/{certificate.number}"))
    assert "刘玉梅" in text_of(client.get("/talents/mentors/?skill=coffee"))
    assert certificate.number not in text_of(client.get("/talents/mentors/?skill=law"))


def test_only_the_holder_and_the_centre_print(client: Any, sign_in: Any, certificate: Certificate) -> None:
    path = f"/certificates/{certificate.number}/print"
    assert client.get(path).status_code == 404
    for login, status in (("ye", 404), ("liu", 200), ("director", 200)):
        assert sign_in(login).get(path).status_code == status
    assert "刘玉梅" in text_of(sign_in("liu").get(path))


def test_the_centre_suspends_and_revokes_on_the_page_and_nobody_else(sign_in: Any, certificate: Certificate) -> None:
    path = f"/certificates/{certificate.number}"
    for login in ("liu", "teacher"):
        assert sign_in(login).post(f"{path}/revoke", {"reason": "away"}).status_code == 403
    director = sign_in("director")
    assert director.post(f"{path}/suspend", {"reason": "nonsense"}).status_code == 422
    assert director.post(f"{path}/suspend", {"reason": "away"}).status_code == 303
    assert director.post(f"{path}/renew").status_code == 409
    assert director.post(f"{path}/resume").status_code == 303
    assert director.post(f"{path}/revoke", {"reason": "misconduct"}).status_code == 303
    assert director.post(f"{path}/resume").status_code == 409
    assert director.post(f"{path}/nothing").status_code == 404
    certificate.refresh_from_db()
    assert certificate.state == "revoked"


def test_signing_up_on_the_page(sign_in: Any, client: Any, academy: Academy) -> None:
    with clock.frozen(OPENED):
        course = academy.open(places=1)
        path = f"/talents/courses/{course.code}"
        assert "还有 1 个名额" in text_of(client.get(path))
        assert client.post(f"{path}/enrol").status_code == 303  # to the login
        assert not Student.objects.exists()
        assert sign_in("liu").post(f"{path}/enrol").status_code == 303
        assert sign_in("liu").post(f"{path}/enrol").status_code == 409
        assert "您在这一班" in text_of(sign_in("liu").get(path))
        assert sign_in("ye").post(f"{path}/enrol").status_code == 303
        assert "您在排队" in text_of(sign_in("ye").get(path))
        assert sign_in("liu").post(f"{path}/leave", {"do": "leave"}).status_code == 303
        assert "给您留着" in text_of(sign_in("ye").get(path))
        assert sign_in("ye").post(f"{path}/leave", {"do": "take"}).status_code == 303
        assert "您在这一班" in text_of(sign_in("ye").get(path))
    assert sign_in("liu").post(f"{path}/enrol").status_code == 409  # begun


def test_a_teacher_takes_attendance_with_one_form(sign_in: Any, academy: Academy) -> None:
    with clock.frozen(OPENED):
        course = academy.open()
        ids = [actions.enrol(viewer=academy.viewer(person), course=course).pk for person in (academy.town.liu, academy.town.ye)]
        path = f"/talents/courses/{course.code}/sessions/0"
        assert sign_in("teacher").post(path, {"present": ids}).status_code == 409  # not yet
    with clock.frozen(FIRST):
        assert sign_in("liu").get(path).status_code == 403
        teacher = sign_in("teacher")
        assert teacher.post(path, {"present": ids}).status_code == 303
        assert teacher.post(path, {"present": ids[:1]}).status_code == 303
        assert "2 位里到了 1 位" in text_of(teacher.get(f"{path}?saved=1"))
    listed = queries.students_of(course)
    assert [line.achieved.attended_hours for line in queries.progress_of(listed, with_reviews=False)] == [2, 0]


def test_the_assessors_and_reviewers_screens_lead_to_the_certificate(sign_in: Any, academy: Academy) -> None:
    student = academy.ready()
    path = f"/talents/courses/mentor-2026/students/{student.pk}"
    for login in ("ye", "luo"):
        assert sign_in(login).get(path).status_code == 404
        assert sign_in(login).post(f"{path}/close").status_code == 404
    assert sign_in("liu").get(path).status_code == 200  # one's own
    assert sign_in("liu").post(f"{path}/mark", {"part": "written", "score": "100"}).status_code == 403
    teacher = sign_in("teacher")
    assert teacher.post(f"{path}/mark", {"part": "written", "score": "abc"}).status_code == 422
    assert teacher.post(f"{path}/ask", {"who": "没有这个人"}).status_code == 422
    assert teacher.post(f"{path}/ask", {"who": "叶锦棠\n林巧云\n曾一帆\n"}).status_code == 303
    assert teacher.post(f"{path}/close").status_code == 409
    for login, said in (("ye", {"standing": "agreed"}), ("lin", {"standing": "recused", "reason": "taught"})):
        review = Review.objects.get(student=student, person=getattr(academy.town, login))
        reviewer = sign_in(login)
        assert "刘玉梅" in text_of(reviewer.get("/talents/reviews/"))
        assert reviewer.post(f"/talents/reviews/{review.pk}", {"standing": "recused"}).status_code == 422
        assert reviewer.post(f"/talents/reviews/{review.pk}", said).status_code == 303
        assert reviewer.post(f"/talents/reviews/{review.pk}", said).status_code == 409
    third = Review.objects.get(student=student, person=academy.reviewers[2])
    assert sign_in("luo").post(f"/talents/reviews/{third.pk}", {"standing": "agreed"}).status_code == 404
    actions.review_student(viewer=academy.viewer(academy.reviewers[2]), review=third, standing="agreed")
    assert sign_in("teacher").post(f"{path}/close").status_code == 303
    assert "刘＊梅" in text_of(sign_in("luo").get("/talents/courses/mentor-2026"))
    assert sign_in("teacher").post(f"{path}/issue").status_code == 403
    assert sign_in("director").post(f"{path}/issue").status_code == 409  # published until the 8th
    with clock.frozen(at(7, 9)):
        assert sign_in("director").post(f"{path}/issue").status_code == 303
    assert Certificate.objects.get().number == "HL-DS-2026-0001"


def test_the_student_does_not_read_who_said_what(sign_in: Any, academy: Academy) -> None:
    academy.published()
    page = text_of(sign_in("liu").get("/talents/courses/mentor-2026/me"))
    assert "同意 2 位" in page
    assert "叶锦棠" not in page
    assert sign_in("ye").get("/talents/courses/mentor-2026/me").status_code == 404


def test_a_course_is_opened_on_the_page(sign_in: Any, academy: Academy) -> None:
    given = {
        "code": "autumn", "title": "秋季班", "issuer": "innovation", "place": "cafe", "first": "2026-09-05", "start": "09:00",
        "minutes": "90", "weeks": "3", "hours": "2", "places": "12",
    }  # fmt: skip
    assert sign_in("liu").get("/talents/courses/open").status_code == 403
    teacher = sign_in("teacher")
    assert teacher.post("/talents/courses/open", {**given, "weeks": "0"}).status_code == 422
    assert teacher.post("/talents/courses/open", given).status_code == 303
    assert teacher.post("/talents/courses/open", given).status_code == 422  # the code is taken
    course = Course.objects.get(code="autumn")
    assert (course.taught_hours, course.sessions.count()) == (6, 3)


def test_the_centre_takes_over_a_certificate_from_paper_on_the_page(sign_in: Any, academy: Academy) -> None:
    path, given = "/talents/certificates/", {"who": "叶锦棠", "issuer": "innovation", "since": "2021-05-04"}
    for login in ("liu", "teacher"):
        assert sign_in(login).post(path, given).status_code == 403
    director = sign_in("director")
    for wrong in ({"since": ""}, {"who": "没有这个人"}, {"issuer": "academy"}):
        page = director.post(path, {**given, **wrong})
        assert page.status_code == 422
        assert (given | wrong)["who"] in text_of(page)  # nothing typed is lost
    assert director.post(path, {**given, "since": "2027-01-01"}).status_code == 409
    assert director.post(path, {**given, "who": "卢敏仪"}).status_code == 403  # oneself
    assert not Certificate.objects.exists()
    assert director.post(path, {**given, "once": "a"}).status_code == 303
    assert director.post(path, {**given, "once": "a"}).status_code == 303  # the same press again
    certificate = Certificate.objects.get()
    assert (certificate.person, certificate.since, certificate.issued_on) == (academy.town.ye, date(2021, 5, 4), date(2026, 7, 1))
    assert director.post(path, given).status_code == 409
    assert certificate.number in text_of(director.get(path))


PAPER = {"body": "academy", "place": "cafe", "on": "2026-06-20", "hours": "1.5", "title": "周六帮厨", "served": "12"}


def test_hours_from_paper_are_entered_and_wait_to_be_approved(sign_in: Any, academy: Academy) -> None:
    path, liu = "/talents/hours/enter", academy.town.liu
    number = actions.volunteer_number(person_id=liu.pk).number
    assert sign_in("liu").post(path, {**PAPER, "who": number}).status_code == 403
    # Who works for another body may not write for the academy, and finds nobody by name.
    luo = sign_in("luo")
    assert luo.post(path, {**PAPER, "who": number}).status_code == 403
    assert luo.post(path, {**PAPER, "body": academy.town.company.code, "who": "刘玉梅"}).status_code == 422
    teacher = sign_in("teacher")
    for wrong in ({"hours": "25"}, {"hours": "0"}, {"on": "2026-07-02"}, {"title": " "}, {"who": "没有这个人"}):
        page = teacher.post(path, {**PAPER, "who": number, **wrong})
        assert page.status_code == 422, wrong
        assert "2026-0" in text_of(page)
    assert teacher.post(path, {**PAPER, "who": "黎静仪"}).status_code == 403  # oneself
    assert not HoursLine.objects.exists()
    assert teacher.post(path, {**PAPER, "who": number.lower()}).status_code == 303
    assert teacher.post(path, {**PAPER, "who": "刘玉梅"}).status_code == 409  # the same work of the same day
    assert teacher.post(path, {**PAPER, "who": "刘玉梅", "on": "2026-06-27"}).status_code == 303
    lines = list(HoursLine.objects.order_by("on"))
    assert [(line.person, line.stage, line.kind, line.minutes, line.served) for line in lines] == [(liu, "attended", "service", 90, 12)] * 2
    assert teacher.post("/talents/hours/approve/line", {"line": lines[0].pk, "minutes": "90"}).status_code == 303
    actions.reverse_hours(viewer=academy.viewer(academy.teacher), line=lines[1], reason="wrong_person")
    assert teacher.post(path, {**PAPER, "who": number, "on": "2026-06-27"}).status_code == 303  # what was taken back can be written anew
    assert "周六帮厨" in text_of(sign_in("liu").get("/talents/hours/"))


def test_a_body_writes_commendations_and_evaluations_of_its_volunteers(sign_in: Any, academy: Academy) -> None:
    liu, by = academy.town.liu, Actor(person_id=academy.teacher.pk)
    for body, title in ((academy.body, "周六帮厨"), (academy.centre, "街头宣传")):
        actions.record_hours(
            by=by, person_id=liu.pk, stage="approved", minutes=60, on=date(2026, 6, 1), title=title, place=academy.cafe, body=body,
            subject=f"occasion:{body.code}",
        )  # fmt: skip
    number = actions.volunteer_number(person_id=liu.pk).number
    path = f"/talents/volunteers/{number}"
    given = {"body": "academy", "kind": "evaluation", "on": "2026-06-30", "words": "做事仔细"}
    # A body that she did not help does not know of her; she herself has her own record.
    for login in ("luo", "liu"):
        for answer in (sign_in(login).get(path), sign_in(login).post(path, given)):
            assert answer.status_code == 404
    assert sign_in("liu").get("/talents/volunteers/").status_code == 403
    assert "刘玉梅" not in text_of(sign_in("luo").get("/talents/volunteers/"))
    teacher = sign_in("teacher")
    assert path in text_of(teacher.get("/talents/volunteers/"))
    page = text_of(teacher.get(path))
    assert "周六帮厨" in page
    assert "街头宣传" not in page  # of another body
    for wrong in ({"words": " "}, {"kind": "ranking"}, {"on": "2026-07-02"}, {"body": "innovation"}, {"words": "好" * 301}):
        assert teacher.post(path, {**given, **wrong}).status_code == 422, wrong
    assert "做事仔细" in text_of(teacher.post(path, {**given, "on": ""}))
    assert teacher.post(path, given).status_code == 303
    assert teacher.post(path, {**given, "kind": "award", "words": "年度优秀志愿者"}).status_code == 303
    assert "做事仔细" in text_of(teacher.get(path))
    assert "做事仔细" not in text_of(sign_in("director").get(path))
    # All five groups of 令67 stand on her own record.
    own = text_of(sign_in("liu").get("/talents/hours/"))
    for words in ("个人基本信息", number, "志愿服务情况", "周六帮厨", "培训情况", "表彰奖励情况", "年度优秀志愿者", "评价情况", "做事仔细"):
        assert words in own, words


def test_nobody_commends_themselves(sign_in: Any, academy: Academy) -> None:
    actions.record_hours(
        by=Actor(channel="import"), person_id=academy.teacher.pk, stage="attended", minutes=60, on=date(2026, 6, 1), title="帮忙",
        place=academy.cafe, body=academy.body, subject="occasion:1",
    )  # fmt: skip
    path = f"/talents/volunteers/{actions.volunteer_number(person_id=academy.teacher.pk).number}"
    teacher = sign_in("teacher")
    assert "<form" not in text_of(teacher.get(path)).split("<main")[1].split("</main")[0]
    given = {"body": "academy", "kind": "award", "on": "2026-06-30", "words": "最好的"}
    assert teacher.post(path, given).status_code == 403


def test_the_academy_says_who_was_certified_this_year_and_what_was_practised_where(client: Any, academy: Academy) -> None:
    student = academy.ready()  # four hours on four days at the café
    director, teacher = academy.viewer(academy.director), academy.viewer(academy.teacher)
    actions.record_practice(
        viewer=teacher, student=student, base=academy.town.estate, on=date(2026, 6, 1), minutes=90, happened_at=at(6, 1, 18)
    )
    for line in HoursLine.objects.filter(kind="practice", on=date(2026, 5, 27)):
        actions.reverse_hours(viewer=teacher, line=line, reason="not_there")
    assert [(base.place, base.this_year, base.ever) for base in queries.practice_bases(year=2026)] == [
        (academy.town.estate, 90, 90), (academy.cafe, 720, 720)
    ]  # fmt: skip
    assert [(base.this_year, base.ever) for base in queries.practice_bases(year=2027)] == [(0, 90), (0, 720)]
    for person, since in (
        (academy.town.ye, date(2020, 1, 1)),
        (academy.town.lin, date(2026, 2, 1)),
        (academy.reviewers[2], date(2026, 3, 1)),
    ):
        made = actions.certify_from_paper(viewer=director, person=person, issuer=academy.centre, since=since)
    actions.revoke_certificate(viewer=director, certificate=made, reason="false_facts")
    assert queries.certified_in(2026) == 1
    page = text_of(client.get("/talents/"))
    assert "新发证的公益导师 1 位；现在有效的一共 2 位" in page
    assert "12 小时" in page


def fill(academy: Academy, people: int) -> None:
    """A course with many students, certified mentors with public profiles, hours waiting for approval."""
    with clock.frozen(OPENED):
        course = Course.objects.filter(code="course").first() or academy.open(places=None, code="course")
        for number in range(people):
            person = create_person(name=f"学员{people}-{number}")
            create_account(person=person, login=f"s{people}-{number}")
            viewer = academy.viewer(person)
            actions.enrol(viewer=viewer, course=course)
            actions.keep_profile(viewer=viewer, place=academy.town.estate, skills=["coffee"], visibility="public", may_be_asked=True)
            actions.certify_from_paper(
                viewer=academy.viewer(academy.director), person=person, issuer=academy.centre, since=date(2020, 1, 1)
            )
            actions.record_hours(
                by=Actor(person_id=academy.teacher.pk), person_id=person.pk, stage=HoursLine.Stage.ATTENDED, minutes=60,
                on=OPENED.date(), title="帮忙", place=academy.cafe, body=academy.body, subject=f"occasion:{number}",
            )  # fmt: skip


@pytest.mark.parametrize(
    ("login", "path"),
    [
        (None, "/talents/"),
        (None, "/talents/mentors/"),
        (None, "/talents/register/"),
        ("teacher", "/talents/courses/course/students"),
        ("teacher", "/talents/courses/course/sessions/0"),
        ("teacher", "/talents/hours/approve"),
        ("teacher", "/talents/volunteers/"),
        ("director", "/talents/certificates/"),
    ],
)
def test_a_list_takes_a_fixed_number_of_queries(sign_in: Any, client: Any, academy: Academy, login: str | None, path: str) -> None:
    counts = []
    for people in (1, 3, 12):
        fill(academy, people)
        browser = sign_in(login) if login else client
        browser.get(path)
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(path).status_code == 200
        counts.append(len([each for each in asked.captured_queries if "foundation_accesslog" not in each["sql"]]))
    assert counts[0] == counts[1] == counts[2], counts


def test_pages_stand_in_english_and_in_elder_mode(client: Any, sign_in: Any, academy: Academy, certificate: Certificate) -> None:
    client.cookies["language"] = "en"
    page = text_of(client.get(f"/certificates/{certificate.number}"))
    assert "Valid" in page
    client.cookies["language"] = "zh-hans"
    client.cookies["mode"] = "elder"
    for path in ("/talents/", "/talents/mentors/", "/talents/courses/mentor-2026", f"/certificates/{certificate.number}"):
        assert client.get(path).status_code == 200
    for path in ("/talents/hours/", "/talents/register/me", "/talents/courses/mentor-2026/me"):
        assert sign_in("liu").get(path).status_code == 200


def test_days_of_a_course_are_on_at_the_doorstep(academy: Academy) -> None:
    academy.open()
    week = week_at(NOBODY, place=academy.town.place, monday=(FIRST - timedelta(days=5)).date())
    assert [link_of(shown.occasion) for shown in week] == ["/talents/courses/mentor-2026"]
