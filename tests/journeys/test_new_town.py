"""A town nobody has said anything in yet: begun on the command line, opened screen by screen by its administrator to its first matter."""

import io
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from openpyxl import Workbook
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect
from zxingcpp import read_barcodes

from bench.shots import WIDTHS
from bench.towns import PASSWORD, Ground, free_port, ground, running
from tests.journeys.walking import look

pytestmark = pytest.mark.browser

ROLL = (
    ("楼栋", "单元", "房号", "面积", "业主姓名", "联系电话"),
    ("一栋", "1", "101", "92.30", "李大妹", "13911110001"),
    ("一栋", "1", "102", "78.50", "陈国强", "13911110002"),
    ("二栋", "1", "101", "92.30", "𬭳海", "13911110005"),
)
TEXT = "二栋楼下的路灯不亮，晚上看不见台阶。"
# The command a town types, where `./run setup` puts it.
DOORSTEP = Path(sys.executable).with_name("doorstep")


@dataclass(frozen=True)
class Served:
    """A town that `doorstep init` began and `doorstep serve` serves, pages and worker; what it prints stands in `terminal`."""

    url: str
    town: Ground
    terminal: Path

    def code_for(self, phone: str) -> str:
        """The six digits that went to a phone: a town without a carrier prints them on its terminal."""
        return str(re.findall(rf"\[{phone}\].*?(\d{{6}})", self.terminal.read_text("utf-8"))[-1])


@pytest.fixture
def served() -> Iterator[Served]:
    with ground("sqlite") as town:
        town.begin()
        port, terminal = free_port(), town.home / "terminal"
        url = f"http://127.0.0.1:{port}"
        command = [str(DOORSTEP), "serve", "--port", str(port), "--workers", "1"]
        with running(command, town.environment, ready=f"{url}/readyz", terminal=terminal, within=180):
            yield Served(url, town, terminal)


def roll() -> bytes:
    book, out = Workbook(), io.BytesIO()
    sheet = book.create_sheet("名册", 0)
    for row in ROLL:
        sheet.append(row)
    book.save(out)
    return out.getvalue()


def scanned(code: Locator) -> str:
    """The address in a QR code as a phone's camera reads it off the sheet."""
    (read,) = read_barcodes(Image.open(io.BytesIO(code.screenshot())))
    return read.text


def opened(browser: Browser, town: Served, *, width: int) -> Page:
    context = browser.new_context(base_url=town.url, viewport={"width": width, "height": WIDTHS[width]}, reduced_motion="reduce")
    context.set_default_timeout(10_000)
    context.add_cookies([{"name": "language", "value": "zh-hans", "url": town.url}])
    return context.new_page()


def go(page: Page, path: str) -> None:
    page.goto(path)
    look(page)


def lacking(page: Page) -> str:
    """What the page says still stands between the estate and its first matter; "" once it is ready."""
    go(page, "/p/xinyuan/setup/")
    if page.locator("main").get_by_text("可以收第一件事了。").count():
        return ""
    return page.get_by_role("status").inner_text().strip()


def found(page: Page, *, kind: str, name: str, title: str, person: str, phone: str) -> str:
    """Register a body, and give the post that works its matters; gives its code."""
    go(page, "/p/xinyuan/organisations/new")
    page.select_option("[name=kind]", kind)
    page.fill("[name=name]", name)
    page.click("main form button.btn-primary")
    page.wait_for_url("**/keep")
    page.locator("summary", has_text="给一个职务").click()
    form = page.locator("form[action$='/keep/posts']")
    for field, value in (("title", title), ("name", person), ("phone", phone), ("held_from", "2026-01-01")):
        form.locator(f"[name={field}]").fill(value)
    expect(form.locator("[name=handles_matters]")).to_be_checked()
    look(page)
    form.locator("button").click()
    expect(page.locator("main ul.rows").first).to_contain_text(person)
    return page.url.split("/")[-2]


def test_from_an_empty_database_to_the_first_matter(served: Served, browser: Browser) -> None:
    administrator = opened(browser, served, width=1280)
    # Whoever is not signed in is asked to, and comes back to where they were going.
    administrator.goto("/p/hengli/setup/")
    administrator.locator("main a[href^='/login/password']").click()
    administrator.fill("#login", "root")
    administrator.fill("#password", PASSWORD)
    look(administrator)
    administrator.click("main form button.btn-primary")
    administrator.wait_for_url("**/p/hengli/setup/")
    look(administrator)
    # An estate that nobody has heard of.
    administrator.locator("summary", has_text="加一个地方").click()
    administrator.select_option("[name=kind]", "estate")
    administrator.fill("[name=name]", "新苑")
    administrator.fill("[name=code]", "xinyuan")
    look(administrator)
    administrator.locator("details.act form button").click()
    administrator.wait_for_url("**/p/xinyuan/setup/")
    assert lacking(administrator) == "还不能收事，缺：机构和职务、谁来办、邻里纠纷、信访申诉谁来办"
    # The notice and the codes can be looked at, and say that it is too early to hang them up.
    for sheet in ("qr", "notice"):
        go(administrator, f"/p/xinyuan/setup/{sheet}")
        expect(administrator.locator("main")).to_contain_text("这里还不能收事，先别贴。")
    go(administrator, "/p/xinyuan/setup/place")
    administrator.fill("[name=phone]", "0769-11112222")
    administrator.fill("[name=built_year]", "2003")
    administrator.click("main form button.btn-primary")
    administrator.wait_for_url("**/setup/")

    # The roll: uploaded, looked at, written; the buildings stand.
    go(administrator, "/p/xinyuan/roll/")
    expect(administrator.locator("main")).to_contain_text("还没有名册。")
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    administrator.set_input_files("#file", {"name": "名册.xlsx", "mimeType": kind, "buffer": roll()})
    administrator.click("main form button.btn-primary")
    administrator.wait_for_url(re.compile(r"/roll/\d+$"))
    look(administrator)
    figures = dict(zip(*(administrator.locator(f"main dl {each}").all_inner_texts() for each in ("dt", "dd")), strict=True))
    assert (figures["行"], figures["专有部分"], figures["面积（㎡）"], figures["新增"]) == ("3", "3", "263.10", "3")
    assert served.town.ask("SELECT count(*) FROM organisations_unit") == [(0,)]
    administrator.click("form[action$='/write'] button")
    expect(administrator.locator("main")).to_contain_text("写入了")
    assert served.town.ask("SELECT count(*) FROM organisations_unit") == [(3,)]
    # The plan: where the two buildings stand.
    go(administrator, "/p/xinyuan/setup/plan")
    points = administrator.locator("main tbody tr")
    expect(points).to_have_count(2)
    for row, (east, south) in enumerate((("12.5", "30"), ("60", "30"))):
        points.nth(row).locator("input").nth(0).fill(east)
        points.nth(row).locator("input").nth(1).fill(south)
    administrator.click("main form button.btn-primary")
    expect(administrator.get_by_role("img", name="楼栋和场地的位置")).to_be_visible()
    look(administrator)

    # Who works there: a company with its manager, and a branch that watches.
    company = found(administrator, kind="property_company", name="新苑物业", title="经理", person="吴经理", phone="13911110003")
    branch = found(administrator, kind="party_branch", name="新苑党支部", title="书记", person="周书记", phone="13911110004")
    assert lacking(administrator) == "还不能收事，缺：谁来办、邻里纠纷、信访申诉谁来办"
    go(administrator, "/p/xinyuan/routing/")
    administrator.select_option("#body-1", company)
    administrator.select_option("#overdue-1", branch)
    administrator.locator("main form button").first.click()
    expect(administrator.locator("main form").first).to_contain_text("这里定的")
    # What may be about the company goes nowhere by that: each of the two kinds has a rule of its own.
    assert lacking(administrator) == "还不能收事，缺：邻里纠纷、信访申诉谁来办"
    for kind in ("dispute", "petition"):
        go(administrator, "/p/xinyuan/routing/")
        form = administrator.locator("main form", has=administrator.locator(f"input[name=category][value={kind}]"))
        form.locator("[name=body]").select_option(branch)
        form.locator("button").click()
        expect(form).to_contain_text("这里定的")
    assert lacking(administrator) == ""
    # What is hung up.
    go(administrator, "/p/xinyuan/setup/notice")
    expect(administrator.locator("main")).to_contain_text("新苑的事，有地方说了")
    expect(administrator.locator("main")).to_contain_text("不会用手机，打 0769-11112222")
    expect(administrator.locator("main")).to_contain_text("在这里办事的：")
    expect(administrator.locator("main")).not_to_contain_text("先别贴")
    go(administrator, "/p/xinyuan/setup/qr")
    sheets = administrator.locator("main ul > li")
    assert [each.splitlines()[0] for each in sheets.all_inner_texts()] == ["新苑", "一栋", "二栋"]
    codes = administrator.get_by_role("img", name="扫码说一件事")
    expect(codes).to_have_count(3)
    addresses = [scanned(code) for code in codes.all()]
    assert len(set(addresses)) == 3
    assert all(address.startswith(f"{served.url}/q/") for address in addresses)

    # A neighbour who was never here comes by the code at the second building's door, writes, and proves the phone.
    [(second,)] = served.town.ask("SELECT code FROM foundation_place WHERE name = '二栋'")
    neighbour = opened(browser, served, width=390)
    go(neighbour, "/p/xinyuan/")
    expect(neighbour.locator("main")).to_contain_text("这里还没有人说过事")
    neighbour.goto(addresses[2])
    neighbour.wait_for_url("**/raise/what")
    neighbour.fill("#text", TEXT)
    look(neighbour)
    neighbour.click(".stickybar .btn")
    neighbour.wait_for_url("**/raise/where")
    assert neighbour.locator("#place").input_value() == second
    neighbour.click("label:has(input[name=category][value=lighting])")
    look(neighbour)
    neighbour.click(".stickybar .btn")
    neighbour.wait_for_url("**/raise/send")
    expect(neighbour.locator("main")).to_contain_text("新苑物业")
    neighbour.fill("#name", "𬭳海")
    neighbour.fill("#phone", "13911110005")
    neighbour.click(".stickybar .btn")
    neighbour.wait_for_selector("#code")
    neighbour.fill("#code", served.code_for("13911110005"))
    look(neighbour)
    neighbour.click(".stickybar .btn")
    neighbour.wait_for_url("**/raise/done/**")
    look(neighbour)
    number = neighbour.locator("[data-number]").inner_text().strip()
    assert re.fullmatch(r"HL-\d{4}-000001", number)
    routed = (
        "SELECT m.number, b.code, o.code FROM affairs_matter m JOIN organisations_body b ON b.id = m.body_id "
        "JOIN organisations_body o ON o.id = m.overdue_body_id"
    )
    assert served.town.ask(routed) == [(number, company, branch)]

    # The manager, who was given the post on a screen, signs in with that phone and finds it on the bench.
    manager = opened(browser, served, width=1280)
    manager.goto("/login/?next=/work/")
    manager.fill("#phone", "13911110003")
    manager.click("button[value=code]")
    manager.wait_for_selector("#code")
    manager.fill("#name", "吴经理")
    manager.fill("#code", served.code_for("13911110003"))
    look(manager)
    manager.click("button[value=sign-in]")
    manager.wait_for_url("**/work/")
    look(manager)
    expect(manager.locator(f"[data-row='/work/{number}']")).to_be_visible()
    for page in (administrator, neighbour, manager):
        page.context.close()
