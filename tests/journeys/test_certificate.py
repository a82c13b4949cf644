"""江晚晴's way to her certificate: course, attendance, practice, assessments, a review by three of whom one steps back, seven days of publication,
HL-DS-2026-0007; what whoever checks a number is told, of hers, of a forged one, and once it is revoked."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from doorstep.foundation import clock
from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.identity.actions import create_account, create_person
from doorstep.foundation.identity.models import Account
from doorstep.foundation.journal.actions import Actor
from doorstep.foundation.places.actions import create_place
from doorstep.foundation.places.models import Place
from doorstep.organisations.actions import create_body, give_post
from doorstep.talents import actions
from doorstep.talents.models import Course, CourseSession, Student
from tests.journeys.walking import look

pytestmark = pytest.mark.browser

BY = Actor(channel="import")
FIRST = datetime(2026, 3, 7, 14, tzinfo=TOWN_ZONE)
COURSE = "/talents/courses/mentor-2026-spring"


@pytest.fixture
def at(house: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Sets the clock of this process, in which the server's threads live too."""

    def set_to(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)
        monkeypatch.setattr(clock, "today", lambda: moment.astimezone(TOWN_ZONE).date())
        house.sign_in_again()

    return set_to


def on(month: int, day: int, hour: int = 9) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=TOWN_ZONE)


def academy(town: Any) -> Course:
    """The academy teaches, the centre certifies and has certified six from paper; a course of twelve afternoons."""
    people = {}
    for login, name in (
        ("jiang", "江晚晴"),
        ("teacher", "黎静仪"),
        ("director", "方正平"),
        ("zeng", "曾一帆"),
        ("zhou", "周小敏"),
        ("wen", "温雪芳"),
    ):
        people[login] = create_person(name=name)
        create_account(person=people[login], login=login, password="a-long-password")
    body = create_body(code="academy", kind="academy", name="横沥公益咖啡学院", place=town.place, by=BY)
    issuer = create_body(code="issuing", kind="centre", name="创新中心", place=town.place, by=BY)
    give_post(body=body, title="教务", person=people["teacher"], held_from=date(2020, 1, 1), by=BY)
    give_post(body=issuer, title="主任", person=people["director"], held_from=date(2020, 1, 1), by=BY)
    cafe = create_place(code="yiqi", kind="venue", name="益企啡吧隔坑店", parent=Place.objects.get(code="gekeng"), by=BY)
    for number in range(6):
        actions.certify_from_paper(
            viewer=town.viewer(people["director"]), person=create_person(name=f"老导师{number}"), issuer=issuer, since=date(2019, 6, 22),
            happened_at=on(1, 5),
        )  # fmt: skip
    sessions = [
        actions.SessionPlan(
            starts_at=FIRST + timedelta(weeks=week), ends_at=FIRST + timedelta(weeks=week, minutes=90), hours=2, place=cafe,
            title=f"公益导师班 第 {week + 1} 课",
        )
        for week in range(12)
    ]  # fmt: skip
    return actions.open_course(
        viewer=town.viewer(people["teacher"]), code="mentor-2026-spring", title="公益导师班（2026 春）", body=body, issuer=issuer,
        sessions=sessions, places=12, happened_at=on(2, 10),
    )  # fmt: skip


def go(page: Page, path: str) -> Page:
    page.goto(path)
    look(page)
    return page


def test_from_the_course_to_the_certificate_and_its_end(house: Any, visit: Any, at: Any) -> None:
    at(on(2, 10))
    course = academy(house.town)
    at(on(2, 20))
    jiang, teacher = visit("jiang").new_page(), visit("teacher").new_page()
    go(jiang, COURSE).get_by_role("button", name="报名").click()
    expect(jiang.locator("main")).to_contain_text("您在这一班")

    # Eleven afternoons of twelve: 22 of 24 学时. The first and the last on the page, those between as the page does it.
    student = Student.objects.get(course=course)
    for session in CourseSession.objects.filter(course=course).select_related("occasion__place", "course").order_by("position"):
        at(session.occasion.starts_at + timedelta(minutes=10))
        if session.position == 8:
            continue
        if session.position in (1, 12):
            go(teacher, f"{COURSE}/sessions/{session.position}").locator("label.pick", has_text="江晚晴").click()
            teacher.get_by_role("button", name="记下").click()
        else:
            actions.mark_attendance(
                viewer=house.town.viewer(Account.objects.get(login="teacher").person), session=session, present=[student.pk]
            )
    path = f"{COURSE}/students/{student.pk}"
    at(on(5, 29, 18))
    for day in (25, 26, 27, 28):
        go(teacher, path).locator("summary", has_text="记实训").click()
        teacher.locator("#base").select_option("yiqi")
        teacher.locator("#on").fill(f"2026-05-{day}")
        teacher.locator("#hours").fill("4")
        teacher.locator("#hours").locator("xpath=ancestor::form").get_by_role("button").click()
    at(on(6, 6, 16))
    for part, field, value in (("written", "#score", "86"), ("practical", "#score", "91"), ("interview", "#passed", "yes")):
        go(teacher, path).locator("#part").select_option(part)
        if field == "#score":
            teacher.locator(field).fill(value)
        else:
            teacher.locator(field).select_option(value)
        teacher.get_by_role("button", name="记下分数").click()
    expect(go(jiang, f"{COURSE}/me").locator("main")).to_contain_text("都做到了，等学院请人评审")

    # Three are asked; one taught her and steps back, two agree.
    at(on(6, 8))
    go(teacher, path).locator("[name=who]").fill("曾一帆\n周小敏\n温雪芳")
    teacher.locator("[name=who]").locator("xpath=ancestor::form").get_by_role("button").click()
    at(on(6, 12))
    for login in ("zeng", "zhou", "wen"):
        page = go(visit(login).new_page(), "/talents/reviews/")
        expect(page.locator("main")).to_contain_text("江晚晴")
        standing = "recused" if login == "wen" else "agreed"
        page.locator(f"label.pick:has([value={standing}])").click()
        if standing == "recused":
            page.locator("[name=reason]").select_option("taught")
        page.get_by_role("button", name="就这样").click()
        look(page)
    at(on(6, 14))
    expect(go(teacher, path).locator("main")).to_contain_text("请了 3 位，回避 1 位，同意 2 位，不同意 0 位")
    teacher.locator(f"form[action='{path}/close'] button").click()

    # Published for seven days; then the centre gives the certificate.
    stranger, director = visit("").new_page(), visit("director").new_page()
    expect(go(stranger, COURSE).locator("main")).to_contain_text("江＊晴")
    expect(go(director, path).get_by_role("button", name="发证")).to_have_count(0)
    at(on(6, 22))
    go(director, path).get_by_role("button", name="发证").click()
    look(director)
    go(jiang, f"{COURSE}/me").get_by_role("link", name="HL-DS-2026-0007").click()
    look(jiang)

    # Whoever checks a number.
    expect(go(stranger, "/certificates/HL-DS-2026-0007").locator("main")).to_contain_text("有效")
    expect(go(stranger, "/certificates/HL-DS-2026-0099").locator("main")).to_contain_text("无此证书")
    go(director, "/certificates/HL-DS-2026-0007").locator("summary", has_text="撤销").click()
    director.locator("#why-r").select_option("misconduct")
    director.locator("#why-r").locator("xpath=ancestor::form").get_by_role("button").click()
    expect(go(stranger, "/certificates/HL-DS-2026-0007").locator("main")).to_contain_text("已撤销")
