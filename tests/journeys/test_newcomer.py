"""A word at the café's counter: taken down in one line while the queue waits, entered later, worked by the office it belongs to, and shown as
mended on the café's own page three workdays on."""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from doorstep.affairs.models import Category, Matter, RoutingRule
from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.identity.actions import create_account, create_person
from doorstep.foundation.journal.actions import Actor
from doorstep.foundation.places.actions import create_place
from doorstep.organisations.actions import create_body, give_post
from tests.journeys.walking import look

pytestmark = pytest.mark.browser

BY = Actor(channel="import")
BUSY = datetime(2026, 7, 16, 12, 5, tzinfo=TOWN_ZONE)  # a Thursday
QUIET = datetime(2026, 7, 16, 14, 30, tzinfo=TOWN_ZONE)
THIRD_WORKDAY = datetime(2026, 7, 21, 16, tzinfo=TOWN_ZONE)
VILLAGER, PHONE = "罗满堂", "13866660017"


@pytest.fixture
def village(house: Any) -> str:
    """A village with a café in it; what concerns lights there is the town's building office's. Gives the code of the café's place."""
    with house.stands_at(datetime(2026, 7, 1, 9, tzinfo=TOWN_ZONE)):
        place = create_place(code="liujia", kind="village", name="六甲村", parent=house.town.place, by=BY, name_en="Liujia")
        venue = create_place(code="liujia-cafe", kind="venue", name="益企啡吧", parent=place, by=BY, name_en="Yiqi Café")
        for login, name, kind, body_name, where, works in (
            ("cafe-keeper", "何思琪", "cafe", "益企啡吧", venue, False),
            ("deng", "邓海生", "town_office", "镇城建办", house.town.place, True),
        ):
            body = create_body(code=f"of-{login}", kind=kind, name=body_name, place=where, by=BY)
            person = create_person(name=name)
            create_account(person=person, login=login)
            give_post(body=body, title="主管", person=person, held_from=date(2020, 1, 1), by=BY, handles_matters=works)
        RoutingRule.objects.create(place=place, category=Category.objects.get(code="lighting"), body=body)
    return venue.code


def go(page: Page, path: str) -> Page:
    page.goto(path)
    look(page)
    return page


def test_said_over_a_coffee_and_mended_in_three_workdays(house: Any, village: str, visit: Any, words: Callable[..., str]) -> None:
    keeper, office = visit("cafe-keeper", width=1280).new_page(), visit("deng", width=1280).new_page()
    stranger, villager = visit("", width=390).new_page(), visit("", width=390).new_page()
    with house.stands_at(BUSY):
        # A line and a number: one field and one button, while the next one waits.
        go(keeper, "/counter/")
        keeper.fill("#note", "罗伯说村口路灯不亮")
        keeper.get_by_role("button", name="排号").click()
        expect(keeper.locator("[data-queue]")).to_have_text("1 号")
        look(keeper)
        go(stranger, f"/p/{village}/")
        expect(stranger.locator("main")).not_to_contain_text("村口路灯不亮")
    with house.stands_at(QUIET):
        go(keeper, "/counter/")
        keeper.locator("aside a", has_text="罗伯说村口路灯不亮").click()
        expect(keeper.locator("#text")).to_have_value("罗伯说村口路灯不亮")
        expect(keeper.locator("main")).to_contain_text("时限从那时算起。")
        keeper.fill("#text", "村口路灯不亮，晚上骑车看不见。")
        keeper.click("label:has(input[name=category][value=lighting])")
        keeper.select_option("#place", "liujia")
        keeper.fill("#spot", "村口")
        keeper.fill("#name", VILLAGER)
        keeper.fill("#phone", PHONE)
        look(keeper)
        keeper.get_by_role("button", name="登记，打小票").click()
        keeper.wait_for_url("**/counter/slip/**")
        look(keeper)
        number = keeper.locator("[data-number]").inner_text().strip()
        pin = keeper.locator("[data-pin]").inner_text().strip()
        expect(keeper.locator("article")).to_contain_text("镇城建办答复")
        expect(keeper.locator("article")).to_contain_text("六甲村 村口")
        go(keeper, "/counter/")
        expect(keeper.locator("aside", has_text="等补录")).to_contain_text("没有等补录的。")
        # The clock began with the line, not with its entry.
        assert Matter.objects.get(number=number).raised_at == BUSY
        house.work()
        go(office, "/inbox/")
        expect(office.locator("main li b").first).to_contain_text(words("zh", "来了一件新事"))
        # It stands on the café's page, and names nobody.
        go(stranger, f"/p/{village}/")
        row = stranger.locator("li.mrow", has_text=number)
        expect(row).to_contain_text("镇城建办")
        expect(row.locator(".chip")).to_have_text("已派")
        assert VILLAGER not in stranger.content()
    with house.stands_at(THIRD_WORKDAY):
        go(office, f"/work/{number}")
        expect(office.locator("aside")).to_contain_text(VILLAGER)
        expect(office.locator("main")).to_contain_text("村口")
        office.click("details[data-key=d] > summary")
        office.fill("#done-text", "换了灯头和线，三盏都亮了。")
        office.click("form[action$='/done'] button.btn-strong")
        office.wait_for_url("**/work/")
        # The villager has no account: number and PIN of the slip are enough to say so.
        go(villager, f"/m/{number}/pin")
        villager.fill("#pin", pin)
        villager.click("main form button.btn-primary")
        expect(villager.locator("main")).to_contain_text("三盏都亮了")
        look(villager)
        villager.locator("form[action$='/pin/confirm'] button").click()
        expect(villager.locator("form[action$='/pin/confirm']")).to_have_count(0)
        # And who comes for a coffee sees that it is mended, in either language.
        for language in ("zh", "en"):
            page = visit("", width=390, language=language).new_page()
            go(page, f"/p/{village}/")
            row = page.locator("li.mrow", has_text=number)
            expect(row.locator(".chip")).to_have_text(words(language, "办好了"))
            assert not re.search(f"{VILLAGER}|{PHONE}", page.content())
    assert Matter.objects.get(number=number).state == "closed_confirmed"
