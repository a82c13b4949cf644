"""One matter's way through the town, as its people walk it: raised, routed, answered, done, "not done", done again, confirmed.

At each step everyone looks: the reporter, the body that has it, another resident, a stranger. The last two never learn who raised it.
"""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect

from doorstep.affairs.models import Matter
from tests.journeys.walking import Hand, Keyboard, Pointer, look

pytestmark = pytest.mark.browser

TEXT = "瑞金阁三楼楼道灯不亮💡，𬭳家老人下楼看不见。\n已经两天了。"
NEVER = "还是不亮，我刚去看过。"


def small_photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), "#7a8a6a").save(out, "JPEG")
    return out.getvalue()


@dataclass
class Walk:
    """Four people around one matter."""

    house: Any
    words: Callable[..., str]
    visit: Callable[..., BrowserContext]
    name: str
    phone: str
    language: str = "zh"
    width: int = 390
    elder: bool = False
    js: bool = True
    keyboard: bool = False
    number: str = ""
    pages: dict[str, Page] = field(default_factory=dict)

    def open(self, who: str) -> None:
        login = {"reporter": "", "handler": "luo", "neighbour": "ye", "stranger": ""}[who]
        context = self.visit(login, width=self.width, language=self.language, elder=self.elder, js=self.js)
        self.pages[who] = context.new_page()

    def hand(self, who: str) -> Hand:
        page = self.pages[who]
        return Keyboard(page) if self.keyboard else Pointer(page)

    def say(self, text: str, **values: object) -> str:
        return self.words(self.language, text, **values)

    def look(self, who: str) -> None:
        if self.js:
            look(self.pages[who])

    def go(self, who: str, path: str) -> Page:
        page = self.pages[who]
        page.goto(path)
        self.look(who)
        return page

    @property
    def company(self) -> str:
        return "Heng'an Property" if self.language == "en" else "恒安物业"

    # What each sees.

    def heads(self, who: str) -> list[str]:
        """What has happened, as the thread tells this reader."""
        return [each.strip() for each in self.pages[who].locator(".thread > li:has(.dot .i) .t b").all_inner_texts()]

    def everyone(self, *, chip: str, others: str, reporter: list[str], public: list[str]) -> None:
        """The state and the timeline are right for each of the four, and the reporter stays unnamed to the latter two."""
        for who, state, timeline in (
            ("reporter", chip, reporter),
            ("handler", others, public),
            ("neighbour", others, public),
            ("stranger", others, public),
        ):
            page = self.pages[who]
            page.goto(f"/m/{self.number}")
            if who == "reporter":  # the others' pages are looked over in every dress by test_pages
                self.look(who)
            expect(page.locator("main .chip").first).to_have_text(self.say(state))
            assert self.heads(who) == timeline, who
        self.unnamed()

    def unnamed(self) -> None:
        for who in ("neighbour", "stranger"):
            get = self.pages[who].context.request.get
            paths = (
                f"/m/{self.number}",
                "/matters/",
                "/p/ruikang/matters/",
                "/p/ruikang/",
                "/",
                f"/api/v1/matters/{self.number}",
                "/regulations/",
            )
            for path in (*paths, *(("/inbox/", "/my/") if who == "neighbour" else ())):
                answer = get(path)
                assert answer.status in (200, 401), path
                text = answer.text()
                assert self.name not in text, (who, path)
                assert self.phone not in text, (who, path)
            assert get(f"/work/{self.number}").status in (200, 403)
            assert not self.pages[who].locator("form[action*='/m/']").count()

    def inbox(self, who: str, *, newest: str) -> None:
        self.house.work()
        page = self.go(who, "/inbox/")
        expect(page.locator("main li b").first).to_contain_text(newest)

    def bench_row(self) -> str:
        page = self.go("handler", "/work/")
        return page.locator(f"[data-row='/work/{self.number}']").inner_text()

    # What each does.

    def raise_it(self) -> None:
        page, hand = self.pages["reporter"], self.hand("reporter")
        page.goto("/raise/?place=ruijin")
        self.look("reporter")
        hand.write("#text", TEXT)
        if not self.keyboard:
            page.set_input_files("#photos", {"name": "灯.jpg", "mimeType": "image/jpeg", "buffer": small_photo()})
            if self.js:
                page.wait_for_selector("main img")
                self.look("reporter")
        hand.press(".stickybar .btn")
        page.wait_for_url("**/raise/where")
        self.look("reporter")
        assert page.locator("#place").input_value() == "ruijin"
        # By Tab one comes to the first of a group: it is as good as another here.
        hand.press("label:has(input[name=category])" if self.keyboard else "label:has(input[name=category][value=lighting])")
        hand.press(".stickybar .btn")
        page.wait_for_url("**/raise/send")
        self.look("reporter")
        expect(page.locator("main")).to_contain_text(self.company)
        hand.write("#name", self.name)
        hand.write("#phone", self.phone)
        hand.press(".stickybar .btn")
        page.wait_for_selector("#code")
        self.look("reporter")
        hand.write("#code", self.house.last_code())
        hand.press(".stickybar .btn")
        page.wait_for_url("**/raise/done/**")
        self.look("reporter")
        self.number = page.locator("[data-number]").inner_text().strip()
        assert re.fullmatch(r"HL-\d{4}-\d{6}", self.number)

    def answer(self, text: str) -> None:
        page, hand = self.pages["handler"], self.hand("handler")
        page.goto(f"/work/{self.number}")
        self.look("handler")
        expect(page.locator("aside")).to_contain_text(self.name)
        expect(page.locator("aside")).to_contain_text(self.phone)
        hand.write("#answer-text", text)
        hand.press("form[action$='/answer'] button.btn-primary")
        page.wait_for_url("**/work/")

    def done(self, text: str) -> None:
        page, hand = self.pages["handler"], self.hand("handler")
        page.goto(f"/work/{self.number}")
        hand.press("details[data-key=d] > summary")
        hand.write("#done-text", text)
        hand.press("form[action$='/done'] button.btn-strong")
        page.wait_for_url("**/work/")

    def not_done(self, text: str) -> None:
        page, hand = self.pages["reporter"], self.hand("reporter")
        self.go("reporter", "/my/")
        hand.press("a[href$='#not-done']")
        page.wait_for_url("**/m/**")
        if not page.locator("#not-done[open]").count():
            hand.press("#not-done > summary")
        hand.write("#dispute-text", text)
        self.look("reporter")
        hand.press("form[action$='/dispute'] button")
        page.wait_for_selector(f"main .chip:has-text('{self.say('重新打开')}')")

    def confirm(self) -> None:
        page, hand = self.pages["reporter"], self.hand("reporter")
        self.go("reporter", f"/m/{self.number}")
        hand.press("form[action$='/confirm'] button")
        page.wait_for_selector(f"main .chip:has-text('{self.say('办好了')}')")


def walk_all(walk: Walk) -> None:
    for who in ("reporter", "handler", "neighbour", "stranger"):
        walk.open(who)
    say, company = walk.say, walk.company
    walk.raise_it()
    began = [say("提出"), say("派给%(body)s", body=company)]
    walk.everyone(chip="已派", others="已派", reporter=began, public=began)
    thread = walk.pages["reporter"].locator("main")
    expect(thread).to_contain_text("𬭳家老人")
    expect(walk.pages["stranger"].locator("main")).to_contain_text(say("一位住户"))
    walk.inbox("handler", newest=say("来了一件新事"))
    assert say("答复") in walk.bench_row() or walk.width == 390

    walk.answer("今晚去换灯泡。")
    answered = [*began, say("答复")]
    walk.everyone(chip="在办", others="在办", reporter=answered, public=answered)
    expect(walk.pages["stranger"].locator("main")).to_contain_text("今晚去换灯泡。")
    walk.inbox("reporter", newest=say("%(body)s答复了", body=company))

    walk.done("换好了，三楼亮了。")
    said_done = [*answered, say("办的人说：办好了")]
    walk.everyone(chip="等您说一句", others="等住户说一句", reporter=said_done, public=said_done)
    walk.inbox("reporter", newest=say("%(body)s说办好了，等您说一句", body=company))
    assert walk.number not in walk.pages["neighbour"].context.request.get("/my/").text()

    walk.not_done(NEVER)
    disputed = [*said_done]
    walk.everyone(
        chip="重新打开",
        others="重新打开",
        reporter=[*disputed, say("您说：还没好")],
        public=[*disputed, say("住户说：还没好")],
    )
    walk.inbox("handler", newest=say("住户说还没好，重新打开"))
    assert say("住户说还没好") in walk.bench_row()

    walk.done("换了整条线路。")
    walk.confirm()
    twice = say("办的人说：办好了")
    walk.everyone(
        chip="办好了",
        others="办好了",
        reporter=[*disputed, say("您说：还没好"), twice, say("您说：办好了")],
        public=[*disputed, say("住户说：还没好"), twice, say("住户说：办好了")],
    )
    for who, voice in (("reporter", say("您说")), ("stranger", say("提出的住户"))):
        expect(walk.pages[who].locator("main dl").first).to_contain_text(voice)
    walk.inbox("handler", newest=say("住户说办好了"))
    page = walk.go("handler", "/work/")
    assert page.locator(f"[data-row='/work/{walk.number}']").count() == 0
    matter = Matter.objects.get(number=walk.number)
    assert (matter.state, matter.reopened, matter.text) == ("closed_confirmed", 1, TEXT)


@pytest.fixture
def walk(house: Any, visit: Any, words: Any, request: pytest.FixtureRequest) -> Callable[..., Walk]:
    def do(**how: Any) -> Walk:
        # A phone and a name that nobody else in the town has.
        turn = abs(hash(request.node.name)) % 10_000
        return Walk(house=house, visit=visit, words=words, name=f"𬭳望舒{'甲乙丙丁戊'[turn % 5]}", phone=f"1997777{turn:04d}", **how)

    return do


def test_on_a_phone_in_chinese(walk: Any) -> None:
    walk_all(walk())


def test_at_a_desk_in_english(walk: Any) -> None:
    walk_all(walk(width=1280, language="en"))


def test_in_elder_mode_on_a_phone(walk: Any) -> None:
    walk_all(walk(elder=True))


def test_by_keyboard_alone(walk: Any) -> None:
    walk_all(walk(width=1280, keyboard=True))


def test_without_javascript_in_english_elder_mode(walk: Any) -> None:
    walk_all(walk(language="en", elder=True, js=False))
