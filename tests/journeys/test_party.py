"""组织共建 as its people walk it: a member declares, the branch verifies and alone knows the figures; a leading group and a committee with its
term are registered, and everyone sees who sits in both."""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from doorstep.foundation import clock
from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.identity.actions import create_account, create_person
from doorstep.foundation.identity.models import Person
from doorstep.foundation.journal.actions import Actor
from doorstep.foundation.places.actions import create_place
from doorstep.organisations.actions import create_body, give_post, members
from doorstep.organisations.models import Body
from tests.journeys.walking import look

pytestmark = pytest.mark.browser

BY = Actor(channel="import")
# Nineteen days after the election: the first meeting is overdue, filing and handing over are not.
TODAY = datetime(2023, 9, 25, 9, tzinfo=TOWN_ZONE)
SINCE = date(2023, 9, 10)
# Of 63: on the books 23, floating 9, on double registration 31. One of the last declares on the phone, the others did on paper.
ON_PAPER = (("registered", 23), ("floating", 9), ("double", 30))
KINDS = ("在册", "流动", "在职双报到")
IN_BOTH = ("郑国梁", "陈启明", "黄志强", "苏丽芬")
IN_THE_COMMITTEE_ALONE = ("何婉仪", "梁家豪", "许志明")
MEMBER = "欧阳晓晴"


@pytest.fixture
def estate(house: Any) -> Iterator[Any]:
    """An estate of its own, with a branch that has its secretary, a company, and one who will declare."""
    with house.stands_at(TODAY):
        place = create_place(code="cuihu", kind="estate", name="翠湖苑", parent=house.town.place, by=BY, name_en="Cuihu Court")
        building = create_place(code="cuihu-1", kind="building", name="翠湖一栋", parent=place, by=BY)
        branch = create_body(
            code="cuihu-branch", kind="party_branch", name="翠湖苑党支部", place=place, by=BY, name_en="Cuihu Party Branch"
        )
        company = create_body(code="cuihu-company", kind="property_company", name="翠湖物业", place=place, by=BY, name_en="Cuihu Property")
        for login, name, body, title in (
            ("cuihu-secretary", "钟秀兰", branch, "支部书记"),
            ("cuihu-manager", "卓伟明", company, "经理"),
            ("cuihu-member", MEMBER, None, ""),
        ):
            person = create_person(name=name)
            create_account(person=person, login=login)
            if body is not None:
                give_post(body=body, title=title, person=person, held_from=date(2020, 1, 1), by=BY)
            if login == "cuihu-secretary":
                on_paper(house.town.viewer(person), branch, building)
        yield place


def on_paper(secretary: Any, branch: Body, building: Any) -> None:
    """The declarations the branch holds on paper."""
    for kind, number in ON_PAPER:
        for n in range(number):
            members.enter_member(
                viewer=secretary,
                branch=branch,
                person=create_person(name=f"党员{kind}{n}"),
                kind=kind,
                building=building,
                declared_at=clock.now(),
            )


def go(page: Page, path: str, *, status: int = 200) -> Page:
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == status, path
    look(page)
    return page


def figures(page: Page) -> dict[str, str]:
    """What the census says at its top: the words and the figure beside them."""
    pairs = page.locator("main dl > div")
    return {each.locator("dt").inner_text().strip(): re.sub(r"\s+", " ", each.locator("dd").inner_text()).strip() for each in pairs.all()}


def give(page: Page, body: str, *, title: str, name: str, phone: str) -> None:
    """Give a post on the body's own screen."""
    page.goto(f"/organisations/{body}/keep")
    page.locator("summary", has_text="给一个职务").click()
    form = page.locator("form[action$='/keep/posts']")
    for field, value in (("title", title), ("name", name), ("phone", phone), ("held_from", SINCE.isoformat())):
        form.locator(f"[name={field}]").fill(value)
    form.locator("[name=designated_by]").select_option("elected")
    form.locator("button").click()
    expect(page.locator("main ul.rows", has_text=name).first).to_be_visible()


def found(page: Page, place: str, *, kind: str, name: str, english: str, led_by: str) -> str:
    """Register a body that the branch convenes; gives its code."""
    page.goto(f"/p/{place}/organisations/new")
    page.select_option("[name=kind]", kind)
    page.fill("[name=name]", name)
    page.fill("[name=name_en]", english)
    page.select_option("[name=led_by]", led_by)
    look(page)
    page.click("main form button.btn-primary")
    page.wait_for_url("**/keep")
    return page.url.split("/")[-2]


def seat(body: Body, names: tuple[str, ...], people: dict[str, Person]) -> None:
    """The same as `give`, for those whose turn on the screen would show nothing new."""
    for name in names:
        if name not in people:
            people[name] = create_person(name=name)
        give_post(body=body, title="委员", person=people[name], held_from=SINCE, by=BY, designated_by="elected", handles_matters=False)


def test_a_branch_its_members_and_the_committee_beside_it(house: Any, estate: Any, visit: Any, words: Callable[..., str]) -> None:
    member = visit("cuihu-member", width=390).new_page()
    branch = visit("cuihu-secretary", width=1280).new_page()
    # Declared on a phone, of one's own will: without one's own word nothing is declared.
    go(member, "/my/party")
    member.select_option("[name=branch]", "cuihu-branch")
    member.select_option("[name=kind]", "double")
    member.fill("[name=employer]", "横沥医院")
    member.fill("[name=skills]", "量血压、急救")
    member.evaluate("document.querySelectorAll('main form').forEach((each) => { each.noValidate = true; })")
    member.click("main form button.btn-primary")
    expect(member.locator("main .fielderror")).to_contain_text("要您自己同意，才能申报。")
    look(member)
    member.check("[name=agree]")
    member.click("main form button.btn-primary")
    expect(member.locator("main ul.rows li")).to_contain_text("等支部核实")
    look(member)

    # The branch: 62 verified, one waits; verified, they are 63, and of each kind as many as the papers say.
    go(branch, "/organisations/cuihu-branch/members/")
    assert figures(branch) == {"核实过的党员": "62 人", "在册": "23 / 62", "流动": "9 / 62", "在职双报到": "30 / 62"}
    waiting = branch.locator("main section", has_text="等核实").first
    expect(waiting).to_contain_text(MEMBER)
    expect(waiting).to_contain_text("横沥医院")
    waiting.get_by_role("button", name="核实了").click()
    expect(branch.locator("main dl")).to_contain_text("/ 63")
    look(branch)
    assert figures(branch) == {"核实过的党员": "63 人", "在册": "23 / 63", "流动": "9 / 63", "在职双报到": "31 / 63"}
    go(branch, "/organisations/cuihu-branch/members/in/elsewhere")
    expect(branch.locator("main table")).to_contain_text(MEMBER)
    house.work()
    go(member, "/inbox/")
    expect(member.locator("main")).to_contain_text("支部核实了您的申报")
    go(member, "/my/party")
    expect(member.locator("main ul.rows li")).to_contain_text("核实了")
    # To everyone else there is no such page: the company, the administrator, the member.
    for who in ("cuihu-manager", "townadmin", "cuihu-member"):
        other = visit(who, width=390).new_page()
        for path in ("", "in/cuihu-1", "in/elsewhere"):
            answer = other.request.get(f"/organisations/cuihu-branch/members/{path}")
            assert (answer.status, MEMBER in answer.text()) == (404, False), (who, path)
    go(other, "/organisations/cuihu-branch/members/", status=404)

    # The administrator registers the leading group and the committee, both convened by the branch.
    administrator = visit("townadmin", width=1280).new_page()
    group = found(administrator, "cuihu", kind="leading_group", name="翠湖苑领导小组", english="Cuihu Leading Group", led_by="cuihu-branch")
    give(administrator, group, title="组长", name="钟秀兰", phone="13911220001")
    committee = found(
        administrator, "cuihu", kind="owners_committee", name="翠湖苑业委会", english="Cuihu Owners' Committee", led_by="cuihu-branch"
    )
    give(administrator, committee, title="主任", name="郑国梁", phone="13911220002")
    look(administrator)
    chair = Person.objects.get(name="郑国梁", phone="13911220002")
    bodies = {each.code: each for each in Body.objects.select_related("place").filter(place=estate)}
    people = {"郑国梁": chair}
    seat(bodies["cuihu-branch"], IN_BOTH, people)
    seat(bodies[committee], (*IN_BOTH[1:], *IN_THE_COMMITTEE_ALONE[:-1]), people)
    seat(bodies[group], (*IN_BOTH, *IN_THE_COMMITTEE_ALONE[:2]), people)

    # Its term, on the screen: the law is asked at once.
    administrator.goto(f"/organisations/{committee}/keep")
    administrator.locator("summary", has_text="登记新的一届").click()
    form = administrator.locator("form[action$='/keep/terms']")
    for field, value in (("seats", "7"), ("elected_on", "2023-09-06"), ("starts_on", "2023-09-10"), ("ends_on", "2028-09-10")):
        form.locator(f"[name={field}]").fill(value)
    look(administrator)
    form.locator("button").click()
    public = {language: visit("", width=390, language=language).new_page() for language in ("zh", "en")}
    go(public["zh"], f"/organisations/{committee}")
    term = public["zh"].locator("main section", has_text="这一届").first
    expect(term).to_contain_text("2023-09-06 选出 7 人，任期 2023-09-10 到 2028-09-10。")
    for warning in ("最长只能到", "第一次会应在", "以前要去备案", "缺 1 人：7 个席位，现在 6 人"):
        expect(term).to_contain_text(warning)
    cited = [each.get_attribute("href") for each in term.locator("a[href^='/regulations/#committee.']").all()]
    # What the law finds, what it wants public and is not yet, and who can have a meeting called or a member removed.
    listed = (
        "term_years",
        "first_meeting_days",
        "filing_days",
        "least_share",
        "public_list",
        "members_call_share",
        "removal_members_share",
    )
    assert cited == [f"/regulations/#committee.{each}" for each in listed]
    # The seventh is elected, and what was done is dated: what remains is the day too many, and the texts that are owed.
    seat(bodies[committee], IN_THE_COMMITTEE_ALONE[-1:], people)
    administrator.goto(f"/organisations/{committee}/keep")
    administrator.locator("summary", has_text="这一届办了哪些事").click()
    form = administrator.locator("form[action*='/keep/terms/']")
    form.locator("[name=first_met_on]").fill("2023-09-11")
    form.locator("[name=filed_on]").fill("2023-09-22")
    form.locator("button").click()
    go(public["zh"], f"/organisations/{committee}")
    expect(public["zh"].locator("main section", has_text="这一届").first.locator("ul li")).to_have_count(2)

    # What everyone sees, in both languages: four of seven, with the seven beside it.
    shown = {
        "zh": ("4 / 7 名委员", "业委会 7 名委员里，4 名同时是支部委员。", "业委会 7 名委员里 4 名同时是支部委员，57.1 %。"),
        "en": (
            "4 / 7 members",
            "Of the committee's 7 members 4 also sit in the branch committee.",
            "4 of the committee's 7 members also sit in the branch committee, 57.1 %.",
        ),
    }
    for language, (rate, sentence, on_the_graph) in shown.items():
        page = public[language]
        for code in (committee, "cuihu-branch"):
            go(page, f"/organisations/{code}")
            cross = page.locator("main section", has=page.get_by_role("heading", name=words(language, "交叉任职"), exact=True))
            expect(cross).to_contain_text(rate)
            expect(cross).to_contain_text("57.1 %")
            expect(cross).to_contain_text(sentence)
            assert MEMBER not in page.content()
        go(page, f"/organisations/{group}")
        expect(page.locator("main tbody tr")).to_have_count(7)
        go(page, "/p/cuihu/graph")
        expect(page.locator("main")).to_contain_text(on_the_graph)
        rows = [each.locator("td").all_inner_texts() for each in page.locator("main table").first.locator("tbody tr").all()]
        # The core has five people; of the others: convened by it, how many people, how many of them in the core as well.
        assert rows[0][3].strip() == "5", rows
        told = sorted([cell.strip() for cell in row[2:]] for row in rows[1:])
        yes = words(language, "是")
        assert told == sorted([["—", "1", "0"], [yes, "7", "4"], [yes, "7", "4"]])
