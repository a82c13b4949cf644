"""The Tuesday clinic as its people walk it: a neighbour comes and brings somebody without a phone, the nurse checks in and out by the code at the
door, her hours are approved, and on the Tuesday of the Spring Festival nobody stands there."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from icalendar import Calendar
from playwright.sync_api import Page, expect

from doorstep.foundation import clock
from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.identity.actions import create_account, create_person
from doorstep.foundation.journal.actions import Actor
from doorstep.foundation.occasions.models import Attendance, Occasion
from doorstep.foundation.occasions.queries import check_in_code
from doorstep.foundation.places.actions import create_place
from doorstep.organisations.actions import create_body, give_post
from doorstep.services import actions
from doorstep.talents.actions import check_licence
from tests.journeys.walking import look

pytestmark = pytest.mark.browser

BY = Actor(channel="import")
MONDAY = datetime(2026, 2, 9, 8, tzinfo=TOWN_ZONE)
MORNINGS = (("TU", time(9), 120), ("MO", time(8, 30), 150), ("WE", time(8, 30), 150), ("FR", time(8, 30), 150))


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sets the clock of this process, in which the server's threads live too."""

    def set_to(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)
        monkeypatch.setattr(clock, "today", lambda: moment.astimezone(TOWN_ZONE).date())

    set_to(MONDAY)
    return set_to


@pytest.fixture(scope="module")
def clinic(house: Any) -> list[Occasion]:
    """欧阳敏 stands at four mornings a week, with a licence the centre checked; the Tuesdays from the 3rd of February on."""
    with clock.frozen(datetime(2026, 2, 1, 8, tzinfo=TOWN_ZONE)):
        return set_out(house.town)


def set_out(town: Any) -> list[Occasion]:
    nurse, checker = create_person(name="欧阳敏", phone="13800010009"), create_person(name="卢敏仪")
    create_account(person=nurse, login="ouyang", phone=nurse.phone)
    centre = create_body(code="innovation", kind="centre", name="横沥社会治理协同创新中心", place=town.place, by=BY)
    give_post(body=centre, title="主任", person=checker, held_from=date(2020, 1, 1), by=BY)
    check_licence(viewer=town.viewer(checker), person=nurse, kind="nurse", number="200844010000", expires_on=date(2028, 5, 31), body=centre)
    late = create_person(name="方护士", phone="13800010010")
    create_account(person=late, login="fang", phone=late.phone)
    check_licence(viewer=town.viewer(checker), person=late, kind="nurse", number="200844010001", expires_on=date(2026, 2, 9), body=centre)
    for code, kind, name, roles in (
        ("tea", "tea", "茶话会", {"place": 20, "neighbour": 1}),
        ("craft", "craft", "亲子手工班", {"mentor": 1, "place": 8}),
    ):
        offered = actions.offer_service(by=BY, code=code, kind=kind, name=name, body=town.company, place=town.estate)
        actions.plan_session(
            by=BY, service=offered, place=town.estate, starts_at=datetime(2026, 2, 12 if code == "tea" else 13, 15, tzinfo=TOWN_ZONE), minutes=60,
            capacities=roles,
        )  # fmt: skip
    service = actions.offer_service(
        by=BY, code="clinic", kind="clinic", name="义诊：量血压", body=town.company, place=town.estate, licences={"nurse": "nurse"}
    )
    for number, (day, start, minutes) in enumerate(MORNINGS):
        place = create_place(code=f"pavilion-{number}", kind="venue", name=f"议事亭{number + 1}", parent=town.estate, by=BY)
        series = actions.plan_series(
            by=BY, service=service, place=place, first=date(2026, 2, 2), start=start, minutes=minutes, rule=f"FREQ=WEEKLY;BYDAY={day}",
            capacities={"nurse": 1, "helper": 2, "place": 20},
        )  # fmt: skip
        actions.stand_regularly(
            viewer=town.viewer(town.luo), service=service, series=series, person=nurse, role="nurse", since=date(2026, 2, 2), is_named=True
        )
    return list(Occasion.objects.filter(subject="clinic", place__code="pavilion-0").order_by("starts_at"))


def go(page: Page, path: str) -> Page:
    page.goto(path)
    look(page)
    return page


def test_a_clinic_from_signing_up_to_the_hours_of_its_nurse(house: Any, visit: Any, at: Any, clinic: list[Occasion]) -> None:
    by_day = {each.starts_at.astimezone(TOWN_ZONE).day: each for each in clinic if each.starts_at.astimezone(TOWN_ZONE).month == 2}
    session, later = by_day[10], by_day[24]

    # A neighbour signs up herself, and 黄伯 who has no phone of his own.
    liu = visit("liu").new_page()
    go(liu, f"/sessions/{session.code}")
    liu.get_by_role("button", name="我要报名").click()
    expect(liu.locator("main")).to_contain_text("您报上了")
    for each in (session, later):
        go(liu, f"/sessions/{each.code}")
        liu.locator("summary", has_text="替没有手机的人报").click()
        liu.locator("#o-name").fill("黄伯")
        liu.locator("#o-name").locator("xpath=ancestor::form").locator("[name=phone]").fill("0769-12345678")
        liu.locator("#o-name").locator("xpath=ancestor::form").get_by_role("button").click()
        expect(liu.locator("main")).to_contain_text("您替报的：黄伯")

    # The nurse's week is nine and a half hours.
    nurse = visit("ouyang").new_page()
    expect(go(nurse, "/my/calendar").locator("main")).to_contain_text("这周排了 9.5 小时")

    # On the day: she by the code at the door, 黄伯 by the list.
    code = check_in_code(house.town.viewer(house.town.luo), session, day=date(2026, 2, 10))
    at(session.starts_at - timedelta(minutes=2))
    go(nurse, f"/sessions/{session.code}/in?c={code}")
    nurse.get_by_role("button", name="我到了").click()
    expect(nurse.locator("main")).to_contain_text("来了 1 人")
    at(session.starts_at + timedelta(minutes=116))
    expect(go(nurse, f"/sessions/{session.code}/in?c={code}").locator("main")).to_contain_text("签过到了")
    nurse.get_by_role("button", name="我走了").click()
    expect(nurse.locator("main")).to_contain_text("走的时间")
    at(session.ends_at)
    luo = visit("luo", width=1280).new_page()
    go(luo, f"/sessions/{session.code}/list")
    luo.get_by_role("checkbox", name="来了 黄伯").check()
    luo.get_by_role("checkbox", name="来了 刘玉梅").check()
    luo.locator("#unnamed").fill("14")
    luo.get_by_role("button", name="记下谁来过").click()
    expect(luo.locator("main")).to_contain_text("名单上 3 人，来了 3 人")

    # She says how it was, and whoever runs it reads that.
    go(liu, f"/sessions/{session.code}")
    liu.locator("label.pick", has_text="5 颗星").click()
    liu.locator("#words").fill("量得仔细")
    liu.get_by_role("button", name="说完了").click()
    expect(liu.locator("main")).to_contain_text("1 个人说了办得怎么样，平均 5.0 颗星")
    expect(go(luo, f"/sessions/{session.code}").locator("main")).to_contain_text("量得仔细")
    go(luo, f"/sessions/{session.code}/list")

    # Whoever answers for the clinic approves what she really gave: 118 minutes.
    luo.get_by_role("link", name="去认可时长").click()
    look(luo)
    expect(luo.locator("[name=minutes]")).to_have_value("118")
    luo.get_by_role("button", name="认可", exact=True).click()
    expect(luo.locator("main")).to_contain_text("没有等认可的")
    hours = go(nurse, "/talents/hours/").locator("main")
    expect(hours).to_contain_text("义诊：量血压")
    expect(hours.locator("dd.stat-n").first).to_contain_text("58")


def test_who_may_not_come_as_they_ask_is_told_why(house: Any, visit: Any, at: Any, clinic: list[Occasion]) -> None:
    ahead = next(each for each in clinic if each.starts_at.astimezone(TOWN_ZONE).month == 3)
    at(datetime(2026, 2, 10, 7, tzinfo=TOWN_ZONE))
    # A nurse whose licence ran out yesterday does not get the nurse's place of the next clinic.
    fang = visit("fang").new_page()
    go(fang, f"/sessions/{ahead.code}")
    fang.locator("summary", has_text="我来帮忙").click()
    fang.get_by_role("button", name="我来做护士").click()
    expect(fang.locator("main")).to_contain_text("2026-02-09 到期，请换了新证再到学院或者创新中心登记")
    look(fang)
    # Nobody without a certificate takes a mentor's place, and a child of twelve does not sign up alone.
    craft = Occasion.objects.get(subject="craft")
    liu = visit("liu").new_page()
    go(liu, f"/sessions/{craft.code}")
    liu.locator("summary", has_text="我来帮忙").click()
    liu.get_by_role("button", name="我来做公益导师").click()
    expect(liu.locator("main")).to_contain_text("这个位置要有公益导师证书")
    go(liu, f"/sessions/{craft.code}")
    liu.locator("#name").fill("小明")
    liu.locator("#age").fill("12")
    liu.get_by_role("button", name="我要报名").click()
    expect(liu.locator("main")).to_contain_text("14 岁以下要家长同意")
    expect(liu.locator("#name")).to_have_value("小明")
    # From other estates one comes, within their quota; the next waits.
    tea = Occasion.objects.get(subject="tea")
    for login, says in (("ouyang", "您报上了：邻居小区的人"), ("fang", "您在排队")):
        neighbour = visit(login).new_page()
        expect(go(neighbour, f"/sessions/{tea.code}").locator("main")).to_contain_text("用邻居小区的名额")
        neighbour.get_by_role("button", name="我要报名").click()
        expect(neighbour.locator("main")).to_contain_text(says)


def test_what_is_ticked_without_a_network_is_sent_once_when_it_is_back(house: Any, visit: Any, at: Any, clinic: list[Occasion]) -> None:
    session = [each for each in clinic if each.starts_at.astimezone(TOWN_ZONE).month == 3][1]
    with clock.frozen(session.starts_at - timedelta(days=1)):
        mine = actions.join(viewer=house.town.viewer(house.town.liu), occasion=session)
    at(session.starts_at)
    luo = visit("luo")
    page = luo.new_page()
    go(page, f"/sessions/{session.code}/list")
    luo.set_offline(True)
    page.get_by_role("checkbox", name="来了 刘玉梅").check()
    page.locator("#walked").fill("黄伯")
    page.get_by_role("button", name="记下谁来过").click()
    expect(page.get_by_text("先记在这台手机上了")).to_be_visible()
    assert not Attendance.objects.filter(occasion=session).exists()
    luo.set_offline(False)
    expect(page.locator("main")).to_contain_text("来了 2 人")
    came = Attendance.objects.filter(occasion=session).order_by("id")
    assert [(each.sign_up_id, each.alias) for each in came] == [(mine.pk, ""), (None, "黄伯")]
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('offline:'))") == []
    page.reload()
    expect(page.get_by_text("先记在这台手机上了")).to_be_hidden()
    assert came.count() == 2


def test_on_the_festivals_tuesday_nobody_stands_there(house: Any, visit: Any, at: Any, clinic: list[Occasion]) -> None:
    by_day = {each.starts_at.astimezone(TOWN_ZONE).day: each for each in clinic if each.starts_at.astimezone(TOWN_ZONE).month == 2}
    assert by_day[17].state == "cancelled"
    at(datetime(2026, 2, 16, 8, tzinfo=TOWN_ZONE))
    stranger = visit("").new_page()
    week = go(stranger, "/p/ruikang/").locator("main")
    expect(week.locator("del", has_text="义诊：量血压").first).to_be_visible()
    expect(week).to_contain_text("放假，这天停一次")
    feed = Calendar.from_ical(stranger.request.get("/services/clinic.ics").body())
    [tuesdays] = [each for each in feed.walk("VEVENT") if each.get("RRULE", {}).get("BYDAY") == ["TU"]]
    assert datetime(2026, 2, 17, 9, tzinfo=TOWN_ZONE) in [each.dt for each in tuesdays["EXDATE"].dts]
    assert not [each for each in feed.walk("VEVENT") if "RECURRENCE-ID" in each and each["RECURRENCE-ID"].dt.date() == date(2026, 2, 17)]
    # Calling off the next one: whom no notice reaches is to be telephoned.
    liu = house.town.viewer(house.town.liu)
    actions.join(viewer=liu, occasion=by_day[24], name="冼伯", phone="0769-87654321")
    luo = visit("luo").new_page()
    go(luo, f"/sessions/{by_day[17].code}/list")
    expect(luo.locator("main")).to_contain_text("要打电话的")
    go(luo, f"/sessions/{by_day[24].code}")
    luo.locator("summary", has_text="这一场不办了").click()
    luo.locator("#c-words").fill("台风")
    luo.locator("#c-words").locator("xpath=ancestor::form").get_by_role("button").click()
    expect(luo.locator("main").get_by_role("link", name="0769-87654321")).to_be_visible()
    look(luo)
