"""A town without the demo's data is opened by its administrator, screen by screen, to its first matter."""

import io
import re
from typing import Any

import pytest
from django.test import Client

from doorstep.affairs.models import Matter
from doorstep.foundation import clock
from doorstep.foundation.identity.actions import create_person
from doorstep.foundation.identity.models import Account
from doorstep.foundation.identity.senders import MemorySender
from doorstep.foundation.places.models import Place
from doorstep.organisations.actions.members import name_contact
from doorstep.organisations.models import Body, ContactPerson, Post, Unit
from doorstep.site.setup import readiness

ROLL = "楼栋,单元,房号,面积,业主姓名,联系电话\n一栋,1,101,92.30,李大妹,13911110001\n一栋,1,102,78.50,陈国强,13911110002\n".encode()


class Browser:
    """Somebody who follows the screens: every form is read from its page and sent back."""

    def __init__(self, login: str) -> None:
        self.client = Client()
        self.client.force_login(Account.objects.get(login=login), backend="doorstep.foundation.identity.backend.AccountBackend")

    def get(self, path: str) -> str:
        response = self.client.get(path)
        assert response.status_code == 200, (path, response.status_code)
        return str(response.content.decode())

    def send(self, path: str, fields: dict[str, Any], *, page: str = "") -> str:
        text = self.get(page or path)
        assert f'action="{path}"' in text or "<form" in text
        once = re.search(r'name="once" value="([^"]+)"', text)
        response = self.client.post(path, {"once": once[1] if once else "", **fields})
        assert response.status_code == 303, (path, response.status_code, response.content.decode()[-1500:])
        return str(response["Location"])


def lacking(code: str) -> list[str]:
    return [step.code for step in readiness(Place.objects.get(code=code)).lacking]


def test_a_town_is_opened_to_its_first_matter(town: Any) -> None:
    admin = Browser("townadmin")
    # Place: an estate that nobody has heard of.
    address = admin.send("/p/hengli/setup/", {"kind": "estate", "name": "新苑", "code": "xinyuan"})
    assert address == "/p/xinyuan/setup/"
    assert "还不能收事，缺：机构和职务、谁来办" in admin.get(address)
    assert lacking("xinyuan") == ["bodies", "routing", "restricted"]
    admin.send("/p/xinyuan/setup/place", {"name": "新苑", "phone": "0769-11112222", "built_year": "2003"})
    assert Place.objects.get(code="xinyuan").built_year == 2003
    # Roll: uploaded, looked at, written; its building stands.
    file = io.BytesIO(ROLL)
    file.name = "roll.csv"
    upload = admin.send("/p/xinyuan/roll/", {"file": file})
    admin.send(f"{upload}/write", {}, page=upload)
    assert Unit.objects.filter(estate__code="xinyuan").count() == 2
    # Plan.
    building = Place.objects.get(parent__code="xinyuan", kind="building")
    admin.send("/p/xinyuan/setup/plan", {f"x-{building.code}": "12.5", f"y-{building.code}": "30"})
    assert str(Place.objects.get(pk=building.pk).plan_x) == "12.50"
    assert 'role="img"' in admin.get("/p/xinyuan/setup/plan")
    # Bodies: a company with its manager, and a branch that watches.
    company = admin.send("/p/xinyuan/organisations/new", {"kind": "property_company", "name": "新苑物业"})
    body = Body.objects.get(name="新苑物业")
    assert company == f"/organisations/{body.code}/keep"
    given = {"title": "经理", "name": "吴经理", "phone": "13911110003", "held_from": "2026-01-01", "handles_matters": "on"}
    admin.send(f"{company}/posts", given, page=company)
    branch = admin.send("/p/xinyuan/organisations/new", {"kind": "party_branch", "name": "新苑党支部"})
    admin.send(f"{branch}/posts", {**given, "title": "书记", "name": "周书记", "phone": "13911110004"}, page=branch)
    assert lacking("xinyuan") == ["routing", "restricted"]
    # Routing: everything to the company, the branch watches.
    overseer = Body.objects.get(name="新苑党支部")
    admin.send("/p/xinyuan/routing/", {"category": "", "body": body.code, "overdue_body": overseer.code})
    # Petitions and disputes may be about the company: "everything" does not take them.
    assert lacking("xinyuan") == ["restricted"]
    assert "还不能收事，缺：邻里纠纷、信访申诉谁来办" in admin.get(address)
    admin.send("/p/xinyuan/routing/", {"category": "dispute", "body": overseer.code})
    assert "还不能收事，缺：信访申诉谁来办" in admin.get(address)
    admin.send("/p/xinyuan/routing/", {"category": "petition", "body": overseer.code})
    assert lacking("xinyuan") == []
    assert "可以收第一件事了" in admin.get(address)
    # What is hung up leads to saying something there.
    sheet = admin.get("/p/xinyuan/setup/qr")
    assert sheet.count("扫码说一件事") == 2
    assert "新苑的事，有地方说了" in admin.get("/p/xinyuan/setup/notice")
    # The first matter: a neighbour who was never here before scans, writes, and proves the phone.
    neighbour = Client()
    scanned = neighbour.get(f"/q/{building.code}")
    assert scanned["Location"] == f"/raise/?place={building.code}"
    assert neighbour.get(scanned["Location"]).status_code == 303
    neighbour.post("/raise/what", {"text": "楼道灯不亮"})
    neighbour.post("/raise/where", {"place": building.code, "category": "lighting", "see": "neighbours"})
    page = neighbour.get("/raise/send").content.decode()
    assert "新苑物业" in page
    neighbour.post("/raise/send", {"go": "code", "phone": "13911110001", "name": "李大妹"})
    code = re.search(r"\d{6}", MemorySender.sent[-1][1])
    assert code is not None
    neighbour.post("/raise/send", {"go": "send", "phone": "13911110001", "name": "李大妹", "code": code[0]})
    matter = Matter.objects.get(place=building)
    assert (matter.body, matter.overdue_body) == (body, overseer)
    # And the manager, who was given the post on a screen, signs in with their phone and answers it.
    manager = Post.objects.get(body=body).person
    desk = Client()
    desk.force_login(Account.objects.get(person=manager), backend="doorstep.foundation.identity.backend.AccountBackend")
    assert matter.number in desk.get("/work/").content.decode()
    assert desk.post(f"/m/{matter.number}/answer", {"text": "今天去换"}).status_code == 303


def test_the_keepers_of_an_estate_set_it_up_and_nothing_else(town: Any) -> None:
    keeper = Browser("luo")
    keeper.send("/p/ruikang/setup/", {"kind": "venue", "name": "议事亭", "code": "pavilion"})
    assert Place.objects.get(code="pavilion").parent == town.estate
    assert keeper.client.get("/p/hengli/setup/").status_code == 403
    assert keeper.client.post("/p/hengli/setup/", {"kind": "estate", "name": "甲", "code": "jia"}).status_code == 403
    for login in ("lin", "liu"):
        client = Browser(login).client
        for page in ("", "place", "plan", "qr", "notice"):
            assert client.get(f"/p/ruikang/setup/{page}").status_code == 403, (login, page)
    assert Client().get("/p/ruikang/setup/").status_code == 303


def test_a_code_is_taken_once_and_a_kind_stands_where_it_may(town: Any) -> None:
    client = Browser("townadmin").client
    taken = client.post("/p/hengli/setup/", {"kind": "estate", "name": "又一个", "code": "ruikang"})
    assert taken.status_code == 422
    assert "这个代号有人用了" in taken.content.decode()
    assert client.post("/p/ruikang/setup/", {"kind": "village", "name": "村", "code": "cun"}).status_code == 422
    assert client.post("/p/ruikang/setup/", {"kind": "building", "name": "", "code": "A b"}).status_code == 422


@pytest.mark.parametrize("typed", ["x", "1e9", "NaN", "Infinity", "10000", "1.2.3"])
def test_a_point_is_two_numbers(town: Any, typed: str) -> None:
    client = Browser("townadmin").client
    refused = client.post("/p/ruikang/setup/plan", {"x-ruijin": typed, "y-ruijin": "1"})
    assert refused.status_code == 422
    assert "请写两个数" in refused.content.decode()
    assert typed in refused.content.decode()
    assert Place.objects.get(code="ruijin").plan_x is None


def test_a_point_is_taken_off_again(town: Any) -> None:
    client = Browser("townadmin").client
    client.post("/p/ruikang/setup/plan", {"x-ruijin": "-3.256", "y-ruijin": "8"})
    assert str(Place.objects.get(code="ruijin").plan_x) == "-3.26"
    client.post("/p/ruikang/setup/plan", {"x-ruijin": "", "y-ruijin": ""})
    assert Place.objects.get(code="ruijin").plan_x is None


def test_no_link_of_the_wizard_leads_to_a_closed_door(town: Any) -> None:
    keeper = Browser("luo")
    page = keeper.get("/p/ruikang/setup/")
    kept = re.findall(r'href="(/organisations/[^"]+/keep)"', page)
    assert kept == ["/organisations/hengan/keep"]
    assert "瑞康花园党支部" in page
    for shown in (page, keeper.get("/p/ruikang/setup/contacts")):
        for address in set(re.findall(r'href="(/(?:p|organisations)/[^"#]*)"', shown)):
            assert keeper.client.get(address).status_code == 200, address


def later(code: str) -> list[str]:
    return [step.code for step in readiness(Place.objects.get(code=code)).later]


def test_contacts_and_phones_are_a_step(town: Any) -> None:
    assert "contacts" in later("ruikang")
    assert "还可以补：" in Browser("luo").get("/p/ruikang/setup/")
    page = Browser("luo").get("/p/ruikang/setup/contacts")
    assert "还没有联系人" in page
    assert page.count("还没有电话") == 3
    assert 'href="/organisations/branch/members/"' not in page
    contact = name_contact(
        viewer=town.viewer(town.lin),
        branch=town.branch,
        building=town.building,
        person=create_person(name="联系党员甲"),
        since=clock.today(),
    )
    page = Browser("luo").get("/p/ruikang/setup/contacts")
    assert "有联系人，没有电话" in page
    # That there is somebody is said; who it is, is for those who live there.
    assert "联系党员甲" not in page
    ContactPerson.objects.filter(pk=contact.pk).update(phone="13900000088")
    assert "contacts" in later("ruikang")
    Body.objects.filter(place=town.estate).update(phone="0769-1")
    assert "contacts" not in later("ruikang")
    page = Browser("townadmin").get("/p/ruikang/setup/contacts")
    assert "有联系人，有电话" in page
    assert "13900000088" not in page
    ContactPerson.objects.filter(pk=contact.pk).update(until=clock.today())
    assert "contacts" in later("ruikang")


def test_the_town_says_what_matters_can_be_about_and_an_estate_does_not(town: Any) -> None:
    assert 'href="/p/hengli/categories/"' in Browser("townadmin").get("/p/hengli/setup/")
    assert "/categories/" not in Browser("townadmin").get("/p/ruikang/setup/")
