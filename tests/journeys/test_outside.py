"""A matter that belongs elsewhere: handed to the petition office, with the number there and the clock that runs there, seen by those it concerns."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.walking import look

pytestmark = pytest.mark.browser

TEXT = "征地补偿款和公告上写的对不上，想知道按哪一条算的。"
NUMBER = "莞信〔2026〕0305-17"


@pytest.mark.parametrize(("width", "language"), [(390, "zh"), (1280, "zh"), (1280, "en")])
def test_to_the_petition_office_and_its_clock(house: Any, visit: Any, words: Callable[..., str], width: int, language: str) -> None:
    def say(text: str, **values: object) -> str:
        return words(language, text, **values)

    matter = house.town.raise_matter(text=TEXT)
    house.work()
    handler, reporter, stranger = (visit(who, width=width, language=language).new_page() for who in ("luo", "liu", ""))
    # The body says that it belongs elsewhere, and what the resident does next.
    handler.goto(f"/work/{matter.number}")
    handler.locator("summary", has_text=say("转到外面的部门")).click()
    handler.select_option("#to", "petition")
    handler.fill("#transfer-text", "这是信访事项。镇信访接待大厅周一到周五 8:30—17:30，带身份证和公告。")
    look(handler)
    handler.click("form[action$='/transfer'] button")
    handler.wait_for_url("**/work/**")
    house.work()
    # The resident learns of it, and enters the number the office gave.
    reporter.goto("/inbox/")
    look(reporter)
    reporter.goto(f"/m/{matter.number}")
    expect(reporter.locator("main")).to_contain_text(say("还不知道"))
    look(reporter)
    reporter.locator("summary", has_text=say("登记那边的编号")).click()
    reporter.fill("#outside-number", NUMBER)
    reporter.fill("#outside-day", "2026-03-05")
    look(reporter)
    reporter.click("form[action$='/outside-number'] button")
    expect(reporter.locator("main")).to_contain_text(NUMBER)
    # Fifteen days to be told, sixty to be finished, thirty more where that is approved: days of the calendar from 5 March on.
    for page in (reporter, stranger):
        page.goto(f"/m/{matter.number}")
        told = page.locator("main section.sheet dl").first
        for day in ("3 月 20 日", "5 月 4 日", "6 月 3 日") if language == "zh" else ("20 Mar", "4 May", "3 Jun"):
            expect(told).to_contain_text(day)
        look(page)
    # By its number one asks there how it stands: it is for those who have a part in the matter.
    assert NUMBER not in stranger.content()
    handler.goto(f"/m/{matter.number}")
    expect(handler.locator("main")).to_contain_text(NUMBER)
    # What the office answers comes back to the thread.
    handler.locator("summary", has_text=say("那边答复了")).click()
    handler.fill("#outside-text", "信访办答：按省里 2023 年的标准算，差额 5 月补发。")
    handler.click("form[action$='/outside-answer'] button")
    stranger.goto(f"/m/{matter.number}")
    expect(stranger.locator("main")).to_contain_text("差额 5 月补发")
    look(stranger)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_office_it_belongs_to_is_named_before_anything_is_sent_and_nothing_is_held_back(visit: Any, language: str) -> None:
    reporter, stranger = visit("liu", language=language).new_page(), visit("", language=language).new_page()
    reporter.goto("/raise/?place=ruijin")
    reporter.fill("#text", TEXT)
    reporter.click(".stickybar .btn")
    reporter.wait_for_url("**/raise/where")
    reporter.click("label:has(input[name=category][value=petition])")
    reporter.click(".stickybar .btn")
    reporter.wait_for_url("**/raise/send")
    # The window, the number to call and the website; and that here it is neither held back nor delayed.
    told = ("镇信访办窗口", "12345", "www.gjxfj.gov.cn", "不拦也不拖") if language == "zh" else (
        "the town's petitions office", "12345", "www.gjxfj.gov.cn", "neither hold it back nor delay it"
    )  # fmt: skip
    for words_of in told:
        expect(reporter.locator("main")).to_contain_text(words_of)
    look(reporter)
    # Whoever still wants it written down here is given a number, and only who works it reads it.
    reporter.click(".stickybar .btn")
    reporter.wait_for_url("**/raise/done/**")
    number = reporter.locator("[data-number]").inner_text().strip()
    answer = stranger.goto(f"/m/{number}")
    assert answer is not None
    assert answer.status == 404
    reporter.goto(f"/m/{number}")
    expect(reporter.locator("main")).to_contain_text(TEXT.rstrip("。"))


@pytest.mark.parametrize(
    ("to", "office", "number", "width"),
    [("hotline", "12345 热线", "DG-2026-305117", 390), ("mediation", "人民调解委员会", "隔调〔2026〕8 号", 1280)],
)
def test_to_the_hotline_or_the_mediators_where_no_petition_clock_runs(
    house: Any, visit: Any, words: Callable[..., str], to: str, office: str, number: str, width: int
) -> None:
    matter = house.town.raise_matter(text="两家共用的水沟堵了，说了几回说不拢。")
    house.work()
    handler, reporter, stranger = (visit(who, width=width).new_page() for who in ("luo", "liu", ""))
    handler.goto(f"/work/{matter.number}")
    handler.locator("summary", has_text=words("zh", "转到外面的部门")).click()
    handler.select_option("#to", to)
    handler.fill("#transfer-text", "这边办不了，替您转过去了。")
    handler.click("form[action$='/transfer'] button")
    handler.wait_for_url("**/work/**")
    reporter.goto(f"/m/{matter.number}")
    reporter.locator("summary", has_text=words("zh", "登记那边的编号")).click()
    reporter.fill("#outside-number", number)
    reporter.fill("#outside-day", "2026-03-05")
    reporter.click("form[action$='/outside-number'] button")
    # Whoever reads it learns where it went and when it was accepted there; the fifteen and sixty days are the petition office's alone.
    for page in (reporter, stranger):
        page.goto(f"/m/{matter.number}")
        told = page.locator("main section.sheet", has_text=office).first
        expect(told).to_contain_text("3 月 5 日")
        for of_petitions in ("15 日内", "5 月 4 日", "6 月 3 日"):
            expect(told).not_to_contain_text(of_petitions)
        look(page)
    expect(reporter.locator("main")).to_contain_text(number)
    assert number not in stranger.content()
    # What comes back is told to the resident.
    handler.goto(f"/m/{matter.number}")
    handler.locator("summary", has_text=words("zh", "那边答复了")).click()
    handler.fill("#outside-text", "周五下午三点两家都到，当面说。")
    handler.click("form[action$='/outside-answer'] button")
    house.work()
    reporter.goto("/inbox/")
    expect(reporter.locator("main li").first).to_contain_text(words("zh", "那边的答复"))
    stranger.goto(f"/m/{matter.number}")
    expect(stranger.locator("main")).to_contain_text("周五下午三点")
    # It is sent back: whoever had it goes on here, the resident is told why and until when.
    handler.goto(f"/m/{matter.number}")
    handler.locator("summary", has_text=words("zh", "那边退回来了")).click()
    handler.fill("#back-text", "那边说这是物业管的水沟，退回来了。明天上午来通。")
    look(handler)
    handler.click("form[action$='/outside-back'] button")
    house.work()
    reporter.goto("/inbox/")
    expect(reporter.locator("main li").first).to_contain_text("那边退回来了，接着在这里办")
    reporter.goto(f"/m/{matter.number}")
    expect(reporter.locator("main")).to_contain_text("那边说这是物业管的水沟")
    expect(reporter.locator("main")).to_contain_text(f"{office}退回来了，接着在这里办")
    look(reporter)
    handler.goto("/work/")
    expect(handler.locator(f"[data-row='/work/{matter.number}']")).to_be_visible()
