"""Two of the owners' votes of the scenario, from the roll as it stands to the published result that anybody counts again.

A (S1): 92,400.00 yuan for the recreation ground, item 9; electronic ballots in the official system, whose list is taken over. It passes.
B (S2): 320 m² of green for 26 parking spaces, item 8; electronic ballots on the page or by the code on the paper. The area falls short.
A dozen ballots of each are cast and entered on the screens, all others by the actions that the screens call.
"""

import csv
import io
import json
import logging
import random
import re
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from playwright.sync_api import Page, expect

from bench.towns import COMMAND
from doorstep.affairs.actions import ballots
from doorstep.affairs.models import Ballot, Paper, RollParty, Vote
from doorstep.affairs.testing import set_rule
from doorstep.affairs.tests.test_vote_pages import PATHS, without_tokens
from doorstep.foundation.access.models import AccessLog
from doorstep.foundation.access.viewer import Viewer, build_viewer
from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.identity.actions import create_account
from doorstep.foundation.identity.models import Account, Person
from doorstep.foundation.journal.actions import Actor, writing
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.journal.testing import seal_now
from doorstep.foundation.notify.models import OutboxEvent
from doorstep.foundation.regulations.models import Regulation
from doorstep.foundation.regulations.queries import forget
from doorstep.foundation.ui.formats import area
from doorstep.organisations.actions import create_body, give_post
from doorstep.organisations.actions.residence import verify_owner
from doorstep.organisations.demo_roll import demo_roll_rows
from doorstep.organisations.models import Body, Holder, Unit
from doorstep.organisations.roll_import import import_table
from doorstep.site.demo.votes import (
    CASES,
    COUPLE,
    DAY,
    OFFICIAL,
    SEED,
    Case,
    Household,
    Team,
    channels,
    choose,
    enter_papers,
    households_of,
    moments,
)
from doorstep.site.logs import Line
from tests.journeys.walking import look

pytestmark = pytest.mark.browser

BY = Actor(channel="import")
ROLL_IMPORTED = datetime(2026, 3, 1, 9, tzinfo=TOWN_ZONE)
CHAIR = ("zheng", "瑞康阁-1-501", "郑国梁")
TELLERS = (("he", "瑞安阁-2-203", "何婉仪"), ("chen", "瑞平阁-1-604", "陈启明"), ("su", "瑞玉阁-2-401", "苏丽芬"))
OTHER = ("xihai", "瑞华阁-2-502", "𬭳海")
BY_HAND = 12
ROLES = ("", "marked", "xihai", "zheng", "he", "luo", "lin", "townadmin")
MORE_PATHS = (
    "/", "/p/ruikang/", "/search/?q={unit}", "/search/?q={n}", "/journal/?subject={n}", "/journal/", "/my/reads", "/my/data",
    "/votes/{n}/receipts/{label}.json",
)  # fmt: skip


@pytest.fixture(scope="module")
def committee(house: Any) -> Body:
    """The whole roll of 瑞康花园 with its owners' committee; chair, three tellers and one more owner have logins."""
    estate = house.town.estate
    with house.stands_at(ROLL_IMPORTED), writing():
        import_table(estate=estate, table=demo_roll_rows(), by=BY)
        made = create_body(
            code="ruikang-owners",
            kind="owners_committee",
            name="瑞康花园业主委员会",
            place=estate,
            by=BY,
            name_en="Ruikang Owners' Committee",
        )
        for login, unit, _name in (CHAIR, *TELLERS, OTHER):
            give_login(login, unit)
        give_post(body=made, title="主任", person=person_of(CHAIR[0]), held_from=date(2023, 9, 10), by=BY)
    return made


def give_login(login: str, unit: str) -> None:
    """The first holder of a unit is verified as its owner and may sign in."""
    holder = Holder.objects.select_related("person", "unit").filter(unit__name=unit).order_by("id")[0]
    create_account(person=holder.person, login=login, password=None)
    for each in Unit.objects.filter(pk__in=Holder.objects.filter(person=holder.person).values("unit_id")).select_related("estate"):
        verify_owner(unit=each, person_id=holder.person_id, by=BY)


def person_of(login: str) -> Person:
    return Account.objects.select_related("person").get(login=login).person


def viewer_of(login: str) -> Viewer:
    return build_viewer(person_id=person_of(login).pk)


@dataclass
class Walk:
    """One vote and everybody around it. Pages by login, "" for a stranger."""

    house: Any
    visit: Any
    words: Callable[..., str]
    case: Case
    seed: int
    language: str = "zh"
    number: str = ""
    pages: dict[str, Page] = field(default_factory=dict)
    taking_part: list[Household] = field(default_factory=list)

    @property
    def vote(self) -> Vote:
        return Vote.objects.select_related("place").get(number=self.number)

    @property
    def team(self) -> Team:
        first, second, third = (viewer_of(login) for login, _unit, _name in TELLERS)
        return Team(viewer_of(CHAIR[0]), (first, second, third), viewer_of(OTHER[0]))

    def say(self, text: str, **values: object) -> str:
        return self.words(self.language, text, **values)

    def page(self, who: str) -> Page:
        if who not in self.pages:
            self.pages[who] = self.visit(who, width=390 if who in ("", "marked", "xihai") else 1280, language=self.language).new_page()
        return self.pages[who]

    def go(self, who: str, path: str = "", *, looked: bool = False) -> Page:
        page = self.page(who)
        page.goto(f"/votes/{self.number}{path}")
        if looked:
            look(page)
        return page

    def step(self, who: str, step: str) -> None:
        """One button of the running screen."""
        page = self.go(who, "/run")
        page.locator(f"form[action$='/run/{step}'] button").click()
        expect(page.locator("main [role=alert]")).to_have_count(0)
        expect(page.locator(f"form[action$='/run/{step}']")).to_have_count(0)

    # From the motion to open voting.

    def prepare(self, committee: Body) -> None:
        page = self.page(CHAIR[0])
        page.goto(f"/votes/new/{committee.code}")
        look(page)
        page.fill("#title", self.case.title)
        page.select_option("#item", str(self.case.item))
        page.fill("#text", self.case.text)
        page.fill("#why", self.case.why)
        page.locator("main form .btn-primary").click()
        page.wait_for_url("**/run")
        self.number = page.url.split("/")[-2]
        for _login, unit, name in TELLERS:
            page.locator("details:has(#t-unit) > summary").click()
            page.fill("#t-unit", unit)
            page.fill("#t-name", name)
            page.locator("form[action$='/run/teller'] button").click()
            expect(page.locator("aside")).to_contain_text(name)
        look(page)
        assert self.page("").goto(f"/votes/{self.number}").status == 404  # type: ignore[union-attr]
        self.step(CHAIR[0], "freeze")
        expect(page.locator("aside")).to_contain_text(
            self.say("%(units)s 个单元，%(parties)s 人，%(area)s ㎡", units="1,032", parties="1,021", area="100,519.20")
        )
        self.step(CHAIR[0], "show-roll")

    def show_roll(self) -> None:
        """Owners read the frozen roll with surnames alone; who is on no roll does not."""
        expect(self.go("xihai", "/roll?building=瑞华阁", looked=True).locator("main table")).to_contain_text("瑞华阁-2-502")
        assert "郑国梁" not in self.go("xihai", "/roll?building=瑞康阁").content()
        assert self.page("luo").goto(f"/votes/{self.number}/roll").status == 403  # type: ignore[union-attr]
        self.go("xihai", looked=True)

    def give_notice(self) -> None:
        page = self.go(CHAIR[0], "/run")

        def announce(opens: datetime) -> None:
            page.fill("#opens_at", f"{opens:%Y-%m-%dT%H:%M}")
            page.fill("#closes_at", f"{self.case.closes:%Y-%m-%dT%H:%M}")
            page.fill("#told_on", f"{opens - 16 * DAY:%Y-%m-%d}")
            if page.locator("#official_url").count():
                page.fill("#official_url", OFFICIAL)
            page.locator("form[action$='/run/notice'] button").click()

        announce(self.case.opens - 2 * DAY)
        expect(page.locator("main [role=alert]")).to_contain_text("15")
        announce(self.case.opens)
        expect(page.locator("form[action$='/run/notice']")).to_have_count(0)
        self.go("", looked=True)
        self.go("", "/notice", looked=True)

    def print_and_deliver(self) -> str:
        """Every household gets a paper: one building on the screens, the other seventeen and the shops in bulk. The marked one's code."""
        teller = TELLERS[0][0]
        self.step(teller, "issue")
        team, vote = self.team, self.vote
        assert Paper.objects.filter(vote=vote).count() == vote.parties == 1021
        rng = random.Random(self.seed)
        households = households_of(rng, vote)
        absent = [each for each in households.values() if each.party.building == "瑞金阁" and each.party.units == 1][:2]
        self.taking_part, _pool = choose(rng, households, absent, self.case)
        others = RollParty.objects.filter(vote=vote).exclude(building="瑞金阁")
        ballots.print_papers(
            viewer=team.tellers[0], vote=vote, papers=Paper.objects.filter(vote=vote, party__in=others).select_related("party")
        )
        ballots.record_deliveries(viewer=team.tellers[0], vote=vote, parties=list(others), way="hand", delivered=True)

        page = self.go(teller, "/deliver?building=瑞金阁", looked=True)
        boxes = page.locator("input[name=party]")
        here = RollParty.objects.filter(vote=vote, building="瑞金阁").count()
        assert boxes.count() == here
        page.locator("form[action$='/print'] button").first.click()
        page.wait_for_url("**/print")
        expect(page.locator(".ballot-paper")).to_have_count(here)
        printed = page.locator(f".ballot-paper:has-text('{self.marked.party.first_unit}')")
        code = re.search(r"(?<!\d)\d{8}(?!\d)", printed.locator("b.text-lg").inner_text()) if printed.locator("b.text-lg").count() else None

        page = self.go(teller, "/deliver?building=瑞金阁")
        missing = {str(each.party.pk) for each in absent}
        boxes.evaluate_all("(all, missing) => all.forEach((box) => { box.checked = !missing.includes(box.value); })", sorted(missing))
        page.locator("button[name=outcome][value=delivered]").click()
        page.wait_for_load_state()
        for value in missing:
            page.locator(f"input[name=party][value='{value}']").check()
        page.select_option("#way", "door")
        page.locator("button[name=outcome][value=undelivered]").click()
        page.wait_for_load_state()
        page = self.go(CHAIR[0], "/run")
        page.locator("form[action$='/run/announce'] button").click()
        page.wait_for_load_state()
        for each in absent:
            expect(self.go("").locator("main")).to_contain_text(each.party.first_unit)
        return code[0] if code else ""

    @property
    def marked(self) -> Household:
        """A household of one in 瑞金阁 that is against; nobody of the cast."""
        return next(
            each for each in self.taking_part if each.choice == "against" and each.party.building == "瑞金阁" and len(each.holders) == 1
        )

    # Ballots.

    def enter(self, clerk: str, each: Household, choice: str, *, channel: str = "paper", looked: bool = False) -> None:
        """One clerk reads one paper."""
        page = self.go(clerk, f"/enter?paper={each.paper.label}", looked=looked)
        main = page.locator("main")
        main.locator(f"label:has(input[name=M1][value='{choice}'])").click()
        main.locator(f"label:has(input[name=signer][value='{each.holders[0][0]}'])").click()
        main.locator(f"label:has(input[name=channel][value={channel}])").click()
        main.locator(".btn-lg").click()
        page.wait_for_url(re.compile(r"(done|waits)="))

    def enter_by_two(self, each: Household, *, channel: str = "paper") -> None:
        for clerk, _unit, _name in TELLERS[:2]:
            self.enter(clerk, each, each.choice, channel=channel)
        expect(self.page(TELLERS[1][0]).locator("main [role=status]")).to_contain_text(each.paper.label)
        assert Ballot.objects.get(vote=self.vote, paper=each.paper).choices == {"M1": each.choice}

    def settle_by_third_look(self, each: Household) -> None:
        """The second clerk misses the mark; the third sees what differs but not who read what, and decides."""
        first, second, third = (login for login, _unit, _name in TELLERS)
        self.enter(first, each, each.choice)
        self.enter(second, each, "")
        assert not Ballot.objects.filter(paper=each.paper).exists()
        page = self.go(third, "/enter")
        expect(page.locator("aside")).to_contain_text(each.paper.label)
        page = self.go(third, f"/enter?paper={each.paper.label}", looked=True)
        expect(page.locator("main form").nth(1)).to_contain_text(self.say("不一样的地方：%(what)s。您录的为准。", what="M1"))
        assert page.locator("input[name=M1]:checked").get_attribute("value") == ""
        self.enter(third, each, each.choice)
        assert Ballot.objects.get(paper=each.paper).choices == {"M1": each.choice}

    def cast_by_code(self, each: Household, code: str) -> None:
        """By the QR code and the eight digits on the paper, without a login; once."""
        page = self.page("")
        page.goto(f"/q/{each.paper.link.token}")
        look(page)
        page.fill("#code", code)
        page.locator("main form .btn-primary").click()
        page.locator(f"label:has(input[name=M1][value={each.choice}])").click()
        look(page)
        page.locator("main form .btn-primary").click()
        expect(page.locator("main .text-jade")).to_have_text(self.say("票收到了"))
        assert code not in page.url
        page.goto(f"/q/{each.paper.link.token}")
        page.fill("#code", code)
        page.locator("main form .btn-primary").click()
        page.locator("label:has(input[name=M1][value=agree])").click()
        page.locator("main form .btn-primary").click()
        expect(page.locator("main")).to_contain_text(self.say("您的电子票早就收到了，一人一张，这一张没有再收。"))

    def cast_signed_in(self, login: str, each: Household) -> None:
        page = self.go(login, "/cast", looked=True)
        page.locator(f"label:has(input[name=M1][value={each.choice}])").click()
        page.locator("main form .btn-primary").click()
        expect(page.locator("main .text-jade")).to_have_text(self.say("票收到了"))
        # Before closing not even the voter's own page says what was chosen: whoever looks over a shoulder learns nothing.
        assert page.locator("main dd").all_inner_texts()[-1] == self.say("结果公布后可以查")

    def inspect(self, each: Household) -> None:
        """A teller looks up one household on a named ground; that household is told."""
        teller = TELLERS[0][0]
        page = self.go(teller, "/run")
        page.locator("details:has(#i-unit) > summary").click()
        page.fill("#i-unit", each.party.first_unit)
        page.locator("label:has(input[name=ground][value=court])").click()
        page.locator("form[action$='/inspect'] button").click()
        expect(page.locator("main")).to_contain_text(self.say("反对"))
        look(page)
        (entry,) = Entry.objects.filter(verb="ballots_inspected", subject=self.number)
        assert OutboxEvent.objects.get(entry=entry).recipients == [f"person:{each.holders[0][0]}"]

    def only_turnout(self, parties: Sequence[RollParty]) -> None:
        """While voting is open, whoever looks sees how many ballots came and nothing else."""
        came, their_area = len(parties), sum(each.area_hundredths for each in parties)
        share, comma = Fraction(2, 3), self.say("，")
        whole = self.say("；").join(
            (
                f"{self.measure('人数', came * 100, 102100)}{comma}{self.line('parties', 1021, share)}",
                f"{self.measure('面积', their_area, 10051920)}{comma}{self.line('area', 10051920, share)}",
            )
        )
        for who in ("", "marked", "xihai", "zheng", "luo", "townadmin"):
            page = self.go(who, looked=who in ("", "xihai"))
            seen = page.locator("main svg[role=img]").first.get_attribute("aria-label") or ""
            assert seen == whole, who
            assert page.locator(".verdict, main table, a[href$='file.json']").count() == 0, who
            get = page.context.request.get
            assert {get(f"/votes/{self.number}/{file}").status for file in ("file.json", "result.json", "filing")} == {404}, who
            shown = get(f"/api/v1/votes/{self.number}").json()
            assert (shown["came"]["parties"], shown["file"], shown["result"]) == (came, None, None), who

    def measure(self, name: str, part: int, whole: int) -> str:
        """人数 742 人 / 1,021 人; both in hundredths."""
        unit = (lambda value: self.say("%(n)s 人", n=f"{value // 100:,}")) if name == "人数" else (lambda value: f"{area(value)} ㎡")
        return f"{self.say(name)} {unit(part)} / {unit(whole)}"

    def line(self, measure: str, whole: int, share: Fraction, *, strict: bool = False) -> str:
        """At least 681 persons; more than 371 persons. The whole in persons or hundredths of m²."""
        exact = whole * share
        amount = exact.numerator // exact.denominator if strict else -(-exact.numerator // exact.denominator)
        said = self.say("%(n)s 人", n=f"{amount:,}") if measure == "parties" else f"{area(amount)} ㎡"
        return self.say("要多于 %(amount)s" if strict else "至少 %(amount)s", amount=said)

    # The result.

    def count(self) -> None:
        self.step(TELLERS[0][0], "tally")
        assert self.page("").context.request.get(f"/votes/{self.number}/file.json").status == 404
        self.step(CHAIR[0], "publish")
        expect(self.go("", looked=True).locator("main .chip").first).to_be_visible()
        assert self.vote.state == "preliminary"

    def object_and_answer(self) -> None:
        page = self.go("xihai", looked=True)
        page.fill("#object", "我家两口子都投了，是不是算了两票？")
        page.locator("form[action$='/object'] button").click()
        expect(page.locator("#objections")).to_contain_text("是不是算了两票")
        page = self.go(CHAIR[0], "/run", looked=True)
        page.locator("#objections textarea").fill("核对过：一家共有人只算一人，您家只计一张。")
        page.locator("#objections label:has(input[name=upheld][value=no])").click()
        page.locator("#objections button").click()
        expect(page.locator("#objections textarea")).to_have_count(0)
        stranger = self.go("").locator("#objections")
        expect(stranger).not_to_contain_text("两口子")

    def finish(self, outcome: str) -> None:
        self.step(CHAIR[0], "finish")
        page = self.go("", looked=True)
        expect(page.locator(f".verdict-{outcome}")).to_be_visible()
        assert self.vote.state == "final"

    def counts_again(self, folder: Path, *, share: Fraction, strict: bool) -> dict[str, Any]:
        """Download the file from the page, count it with the command offline, and find the very figures on the page."""
        page = self.go("")
        with page.expect_download() as download:
            page.locator("a[href$='/file.json']").click()
        file = folder / f"{self.number}.json"
        download.value.save_as(file)
        counted = subprocess.run([*COMMAND, "tally", str(file)], capture_output=True, text=True, timeout=60, check=False)
        assert (counted.returncode, counted.stderr) == (0, "")
        result: dict[str, Any] = json.loads(counted.stdout)
        motion, roll = result["motions"][0], result["roll"]
        assert (roll["parties"], roll["area"], roll["units"]) == (1021, "100519.20", 1032)

        def bar(measure: str, part: str | int, whole: str | int, of: Fraction, met: bool, is_strict: bool) -> str:
            name = "人数" if measure == "parties" else "面积"
            numbers = [each * 100 if isinstance(each, int) else int(each.replace(".", "")) for each in (part, whole)]
            line = self.line(measure, int(str(whole).replace(".", "")), of, strict=is_strict)
            return self.say("，").join((self.measure(name, *numbers), line, self.say("过" if met else "没过")))

        took, agreed = motion["taking_part"], motion["agree"]
        gates = [
            self.say("；").join(
                bar(each, took[each], roll[each], Fraction(2, 3), motion["turnout"][each], False) for each in ("parties", "area")
            ),
            self.say("；").join(
                bar(each, agreed[each], took[each], share, motion["majority"][each], strict) for each in ("parties", "area")
            ),
        ]
        shown = page.locator("main section.sheet > div > .lg\\:hidden > svg").evaluate_all("all => all.map((each) => each.ariaLabel)")
        assert shown == gates
        rows = page.locator("main table.tbl tbody tr").all_inner_texts()
        for name, row in zip(("agree", "against", "abstain", "taking_part"), rows, strict=True):
            assert row.split("\t")[1:] == [str(motion[name]["parties"]), area(int(motion[name]["area"].replace(".", "")))], name
        text = file.read_text("utf-8")
        for each in self.taking_part[:BY_HAND]:
            assert each.party.first_unit not in text
            assert each.holders[0][1] not in text
        return motion


@pytest.fixture
def walk(house: Any, visit: Any, words: Any) -> Callable[..., Walk]:
    return lambda index, **how: Walk(house=house, visit=visit, words=words, case=CASES[index], seed=SEED + index, **how)


def test_the_recreation_ground_passes(house: Any, committee: Body, walk: Any, tmp_path: Path) -> None:
    """Case A, in Chinese: the official system's list beside papers; a couple's two ballots are ruled on."""
    this = walk(0)
    case = this.case
    with house.stands_at(case.opens - 22 * DAY):
        this.prepare(committee)
        this.show_roll()
    with house.stands_at(case.opens - 16 * DAY):
        this.give_notice()
    with house.stands_at(case.opens - 4 * DAY):
        assert this.print_and_deliver() == ""  # where the official system alone takes electronic ballots a paper has no code
    with house.stands_at(case.opens):
        this.step(CHAIR[0], "open")

    rng = random.Random(this.seed)
    papers, listed = channels(rng, this.taking_part)
    if this.marked in listed:
        papers, listed = [*papers, this.marked], [each for each in listed if each is not this.marked]
    couple = papers[0]
    by_hand = [*papers[: BY_HAND - 1], this.marked] if this.marked not in papers[:BY_HAND] else papers[:BY_HAND]
    with house.stands_at(case.opens + 3 * DAY):
        give_login("marked", this.marked.party.first_unit)
        for index, each in enumerate(by_hand[:-1]):
            this.enter_by_two(each, channel="hall" if index % 4 == 3 else "paper")
        this.settle_by_third_look(by_hand[-1])
        enter_papers(this.team, [each for each in papers if each not in by_hand], moments(rng, case))
        this.only_turnout([each.party for each in papers])
    moment = moments(rng, case)
    with house.stands_at(case.closes):
        this.step(CHAIR[0], "close")
        page = this.go(TELLERS[0][0], "/run", looked=True)
        page.locator("details:has(#list) > summary").click()
        page.set_input_files("#list", {"name": "清单.csv", "mimeType": "text/csv", "buffer": official_list(listed, couple, moment)})
        page.locator("form[action$='/run/official'] button").click()
        page.wait_for_url("**/official/*")
        look(page)
        page.locator("form[action$='/write'] button").click()
        expect(page.locator("form[action$='/run/rule']")).to_have_count(1)
        page.locator("form[action$='/run/rule'] label.pick").first.click()
        page.locator("form[action$='/run/rule'] select").select_option("co_owner_chosen")
        page.locator("form[action$='/run/rule'] input[name=words]").fill("两人到场，商定由先签的一位表决。")
        look(page)
        page.locator("form[action$='/run/rule'] button").click()
        expect(page.locator("form[action$='/run/rule']")).to_have_count(0)
        this.count()
    with house.stands_at(case.closes + DAY):
        this.object_and_answer()
    with house.stands_at(case.closes + 8 * DAY):
        this.finish("passed")
        motion = this.counts_again(tmp_path, share=Fraction(1, 2), strict=True)
    assert (motion["outcome"], motion["reasons"]) == ("passed", [])
    assert motion["taking_part"] == {"parties": 742, "area": "71880.40"}
    assert motion["agree"] == {"parties": 655, "area": "63410.90"}


def official_list(listed: Sequence[Household], couple: Household, moment: Callable[[], datetime]) -> bytes:
    """As the official system's operator exports it. The wife of the couple voted too, and differently."""
    said = {"agree": "同意", "against": "反对", "abstain": "弃权"}
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["房号", "姓名", "时间", "M1"])
    for each in listed:
        rows.writerow([each.party.first_unit, "", f"{moment():%Y-%m-%d %H:%M:%S}", said[each.choice]])
    rows.writerow([COUPLE, couple.holders[1][1], f"{moment():%Y-%m-%d %H:%M:%S}", "反对"])
    return out.getvalue().encode("utf-8-sig")


def kept_anywhere(text: str) -> list[str]:
    """The tables of which a cell is this text or holds it as a value."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT * FROM "{table}"')
            if any(value == text or (isinstance(value, str) and f'"{text}"' in value) for row in cursor.fetchall() for value in row):
                found.append(table)
    return found


@pytest.fixture
def own_ballots(house: Any, committee: Body) -> Iterator[None]:
    """The estate takes electronic ballots itself, beside the official system: its own rule."""
    set_rule(house.town.estate, "owners_vote.electronic_channel", "either")
    yield
    Regulation.objects.filter(key="owners_vote.electronic_channel", locality=house.town.estate.code).delete()
    forget()


class Lines(logging.Handler):
    """What the town writes to its log, as it writes it."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(Line())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def log() -> Iterator[Lines]:
    lines = Lines()
    logging.getLogger().addHandler(lines)
    yield lines
    logging.getLogger().removeHandler(lines)


def test_the_green_for_parking_fails_and_nobody_learns_how_a_household_voted(
    house: Any, committee: Body, own_ballots: None, walk: Any, log: Lines, tmp_path: Path
) -> None:
    """Case B, in English: one household votes by the code on its paper. Its choice and its code are looked for everywhere, as everybody."""
    this = walk(1, language="en")
    case = this.case
    with house.stands_at(case.opens - 22 * DAY):
        this.prepare(committee)
    with house.stands_at(case.opens - 16 * DAY):
        this.give_notice()
    with house.stands_at(case.opens - 4 * DAY):
        code = this.print_and_deliver()
    with house.stands_at(case.opens):
        this.step(CHAIR[0], "open")

    rng = random.Random(this.seed)
    marked = this.marked
    papers, listed = channels(rng, [each for each in this.taking_part if each is not marked])
    twin = next(
        each
        for each in listed
        if each.choice == "agree" and each.party.units == 1 and each.party.area_hundredths == marked.party.area_hundredths
    )
    moment = moments(rng, case)
    with house.stands_at(case.opens + 3 * DAY):
        vote = this.vote
        this.cast_by_code(marked, code)
        login_of_marked(marked)
        give_login("neighbour", listed[0].party.first_unit)
        this.cast_signed_in("neighbour", listed[0])
        for index, each in enumerate(papers[: BY_HAND - 3]):
            this.enter_by_two(each, channel="hall" if index % 4 == 3 else "paper")
        this.settle_by_third_look(papers[BY_HAND - 3])
        with writing():
            enter_papers(this.team, papers[BY_HAND - 2 :], moments(rng, case))
            for each in listed[1:]:
                viewer = build_viewer(person_id=each.holders[0][0])
                ballots.cast_ballot(viewer=viewer, vote=vote, choices={"M1": each.choice}, happened_at=moment())
        seal_now()
        this.only_turnout([each.party for each in this.taking_part])
        assert learnt(this, marked, twin, code) == set()
    with house.stands_at(case.closes):
        this.step(CHAIR[0], "close")
        this.count()
    with house.stands_at(case.closes + 8 * DAY):
        this.finish("failed")
        motion = this.counts_again(tmp_path, share=Fraction(3, 4), strict=False)
        assert learnt(this, marked, twin, code) == {("marked", "/votes/{n}/cast")}
        this.inspect(marked)
    assert (motion["outcome"], motion["reasons"]) == ("failed", ["majority_area"])
    assert motion["taking_part"] == {"parties": 690, "area": "67012.80"}
    assert motion["agree"] == {"parties": 520, "area": "49900.00"}
    assert kept_anywhere(code) == []
    said = "\n".join(log.lines)
    assert code not in said
    assert marked.holders[0][1] not in said


def login_of_marked(marked: Household) -> None:
    """Whoever voted by the code may sign in as well; a login that the other vote's household does not have."""
    Account.objects.filter(login="marked").update(login="marked-before")
    give_login("marked", marked.party.first_unit)


def learnt(this: Walk, marked: Household, twin: Household, code: str) -> set[tuple[str, str]]:
    """Who learns on which page how the marked household voted: those pages that change when it and another one of the same area and the
    other choice have changed places, which moves no sum. The code stands on none of them."""

    clients = {who: Client() for who in ROLES}
    for who, client in clients.items():
        if who:
            client.force_login(Account.objects.get(login=who), backend="doorstep.foundation.identity.backend.AccountBackend")

    def everything() -> dict[tuple[str, str], bytes]:
        found = {}
        noted = AccessLog.objects.order_by("-id").values_list("id", flat=True).first() or 0
        label = Ballot.objects.get(vote=this.vote, by_id=marked.holders[0][0]).label
        for who, client in clients.items():
            for path in (*PATHS, *MORE_PATHS):
                response = client.get(path.format(n=this.number, q=marked.paper.link.token, unit=marked.party.first_unit, label=label))
                assert response.status_code in {200, 302, 303, 403, 404}, (who, path)
                found[who, path] = without_tokens(response.content)
        AccessLog.objects.filter(id__gt=noted).delete()  # the second round reads what the first one read
        return found

    def swap() -> None:
        two = [Ballot.objects.get(vote=this.vote, by_id=each.holders[0][0]) for each in (marked, twin)]
        for ballot, other in (two, two[::-1]):
            Ballot.objects.filter(pk=ballot.pk).update(choices=other.choices)

    as_cast = everything()
    swap()
    swapped = everything()
    swap()
    assert [key for key, content in as_cast.items() if code.encode() in content] == []
    return {key for key, content in as_cast.items() if swapped[key] != content}
