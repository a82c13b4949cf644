"""The scenario's matters that take more than one hand: the lamp said at the café (S10), 26 households and one car park (S2), a petition
with its registered clock (S12), a matter that has been open too long, and neighbours who help."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from doorstep.affairs import actions as affairs
from doorstep.affairs.actions import casework, counter, lists, merging, neighbours
from doorstep.affairs.models import Category, EscalationStep, HelpOffer, Matter, Transfer
from doorstep.affairs.open311 import make_api_key
from doorstep.foundation import clock
from doorstep.foundation.access.viewer import HeldPost, Viewer
from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.identity.actions import create_person
from doorstep.foundation.identity.models import Person
from doorstep.foundation.journal.actions import Actor
from doorstep.foundation.places.models import Place
from doorstep.organisations.models import Body, Holder

Plan = Callable[[datetime, int, Callable[[datetime], object]], None]
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
HOUSEHOLDS = 26
AT_THE_COUNTER = 7

SAID_OF_PARKING = (
    "晚上十点回来，北门访客位全停了外来车，转了三圈没有位。",
    "夜间车位被外来车占用，住户自己没地方停。",
    "北门晚上都是外面商场的车，业主停不进来。",
    "外来车整晚停在访客位，保安说管不了。",
    "夜里车位被占，只好停到马路边，第二天吃罚单。",
    "北门夜间车位被外来车占了，老人下车要走很远。",
)


class Loading(Protocol):
    """What of the loader is needed here."""

    bodies: dict[str, Body]
    places: dict[str, Place]

    def person(self, key: str) -> Person: ...
    def viewer(self, person: Person) -> Viewer: ...
    def handler(self, matter: Matter) -> Viewer: ...
    def category(self, code: str) -> Category: ...


def local(year: int, month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=TOWN_ZONE)


def post_of(viewer: Viewer) -> HeldPost:
    if viewer.acting_post is None:
        raise LookupError(f"{viewer.name} holds no post")
    return viewer.acting_post


@dataclass(slots=True)
class Casework:
    """Plans its steps on the loader's one line of time. `state` holds the matters that later steps need, by key."""

    town: Loading
    plan: Plan
    state: dict[int, Matter]

    def everything(self) -> None:
        self.lamp()
        self.parking()
        self.petition()
        self.stubborn()
        self.help()
        self.counter_today()
        self.lists()

    def _as(self, login: str) -> Viewer:
        return self.town.viewer(self.town.person(login))

    def _spoken(self, name: str, place: str, category: str, title: str, text: str) -> counter.Spoken:
        return counter.Spoken(name=name, place=self.town.places[place], category=self.town.category(category), title=title, text=text)

    def _handled(self, at: datetime, key: int, act: Callable[..., object], **facts: object) -> None:
        self.plan(at, key, lambda at: act(viewer=self.town.handler(self.state[key]), matter=self.state[key], happened_at=at, **facts))

    def _by(self, at: datetime, key: int, login: str, act: Callable[..., object], **facts: object) -> None:
        self.plan(at, key, lambda at: act(viewer=self._as(login), matter=self.state[key], happened_at=at, **facts))

    def lamp(self) -> None:
        """S10: one line between two coffees, entered as a matter; the town's construction office mends it; the café's page shows it."""

        def said(at: datetime) -> None:
            keeper = self._as("hesiqi")
            note = counter.keep_note(
                viewer=keeper,
                post=post_of(keeper),
                place=self.town.places["gekeng"],
                text="黄伯：村口路灯不亮，好几晚了",
                name="黄伯",
                happened_at=at,
            )
            spoken = self._spoken("黄伯", "gekeng-entrance", "lighting", "村口路灯不亮", "村口那盏路灯不亮好几晚了，喝茶回去看不见路。")
            self.state[2] = counter.enter_note(viewer=keeper, post=post_of(keeper), note=note, spoken=spoken, happened_at=at + 12 * MINUTE)

        self.plan(local(2026, 7, 16, 15, 30), 2, said)
        self._handled(
            local(2026, 7, 17, 9, 10),
            2,
            affairs.answer_matter,
            text="今天去看，缺镇流器，三个工作日内换好。",
            promised_on=date(2026, 7, 21),
        )
        self._handled(local(2026, 7, 20, 17, 40), 2, affairs.report_done, text="换了镇流器和灯管，晚上七点亮了。")
        self._by(local(2026, 7, 21, 9, 30), 2, "hesiqi", affairs.confirm_done, text="黄伯说亮了。")

    def parking(self) -> None:
        """S2: 26 households, 19 by scan and 7 at the counter, one matter; a shared car park at night in the end."""
        held = Holder.objects.filter(unit__estate=self.town.places["ruikang"], unit__kind="flat").order_by("unit_id", "id")
        owners = list(dict.fromkeys(held.values_list("person_id", flat=True)))[40 : 40 + 31 * HOUSEHOLDS : 31]
        first = local(2026, 4, 20, 8, 15)
        for index, person_id in enumerate(owners):
            self.plan(first + index * (4 * HOUR + 7 * MINUTE), 300 + index, self._one_of_26(300 + index, index, person_id))
        together = local(2026, 4, 27, 9, 30)
        for index in range(1, HOUSEHOLDS):
            key = 300 + index

            def merge(at: datetime, key: int = key) -> None:
                main = self.state[300]
                merging.merge_matter(viewer=self.town.handler(main), matter=self.state[key], into=main, happened_at=at)

            self.plan(together, key, merge)
        facts = {"severity": "serious", "pressing": "hard", "level": "village", "relation": "owner_property", "households": HOUSEHOLDS}
        self._handled(
            together + MINUTE, 300, casework.triage_matter, cause="space", root_cause="访客位不限时，旁边商场夜里不收停车费", **facts
        )
        self._handled(
            together + HOUR, 300, affairs.answer_matter, text="26 户说的是同一件，并到这里一起办。先加夜班登记，联席会议商量增加车位。"
        )
        self.plan(
            local(2026, 5, 12, 20),
            300,
            lambda at: casework.urge_matter(viewer=self._owner(owners[3]), matter=self.state[300], happened_at=at),
        )
        self._handled(
            local(2026, 6, 22, 16), 300, affairs.answer_matter, text="绿地改车位没有表决通过。改和隔壁商场错时停车，夜间 60 个位，八天内办好。",
            promised_on=date(2026, 6, 30),
        )  # fmt: skip
        self._handled(
            local(2026, 6, 29, 18), 300, affairs.report_done, text="协议签了，今晚七点到早上八点可以停商场地下，60 个位，凭住户证。"
        )
        for index, person_id in enumerate(owners[:20]):
            self.plan(local(2026, 6, 30, 8) + index * 5 * HOUR, 340 + index, self._yes(person_id))

    def _owner(self, person_id: int) -> Viewer:
        return self.town.viewer(Person.objects.get(pk=person_id))

    def _one_of_26(self, key: int, index: int, person_id: int) -> Callable[[datetime], object]:
        text = SAID_OF_PARKING[index % len(SAID_OF_PARKING)]

        def do(at: datetime) -> None:
            by = Actor(person_id=person_id)
            if index >= HOUSEHOLDS - AT_THE_COUNTER:
                by = Actor(person_id=self.town.person("linqiaoyun").pk, on_behalf_of_id=person_id, channel="counter")
            self.state[key] = affairs.raise_matter(
                by=by,
                reporter_id=person_id,
                place=self.town.places["ruikang-north-gate"],
                category=self.town.category("parking"),
                title="夜间车位被外来车占用" if index == 0 else "",
                text=text,
                happened_at=at,
            )

        return do

    def _yes(self, person_id: int) -> Callable[[datetime], object]:
        return lambda at: affairs.confirm_done(viewer=self._owner(person_id), matter=self.state[300], happened_at=at)

    def petition(self) -> None:
        """S12: told where it belongs, and the clock of the office that registered it: 2026-05-04, at most 2026-06-03."""

        def raised(at: datetime) -> None:
            reporter = self.town.person("xihai")
            self.state[4] = affairs.raise_matter(
                by=Actor(person_id=reporter.pk),
                reporter_id=reporter.pk,
                place=self.town.places["gekeng"],
                category=self.town.category("petition"),
                title="征地补偿款少算了一块地",
                text="去年征地，我家少算了一块，补偿款一直没说清。",
                happened_at=at,
            )

        self.plan(local(2026, 3, 4, 10, 5), 4, raised)
        self._handled(
            local(2026, 3, 5, 11),
            4,
            casework.transfer_matter,
            to=Transfer.To.PETITION,
            text="这件事依法归信访部门办，今天已经登记受理，有事可以直接问那边窗口。",
            number="XF-106-2026-0312",
            registered_on=date(2026, 3, 5),
        )
        self._handled(
            local(2026, 4, 28, 15),
            4,
            casework.outside_answered,
            text="信访部门答复：复核后补算 0.8 分地，补偿款五月底前到账。不服可以申请复查。",
        )

    def stubborn(self) -> None:
        """老大难: a leaking roof, open for more than ninety days, urged, answered, escalated by steps; on the list with a name and a date."""
        EscalationStep.objects.create(place=self.town.places["cuihu"], days=15, body=self.town.bodies["hengli-service-centre"])
        EscalationStep.objects.create(place=self.town.places["cuihu"], days=60, body=self.town.bodies["hengli-party-committee"])
        began = datetime.combine(clock.today() - 132 * DAY, local(2026, 1, 1, 9, 20).timetz())

        def raised(at: datetime) -> None:
            reporter = self.town.person("曹志远")
            self.state[5] = affairs.raise_matter(
                by=Actor(person_id=reporter.pk),
                reporter_id=reporter.pk,
                place=self.town.places["cuihu"],
                category=self.town.category("water_pipes"),
                title="3 栋天台漏水，顶楼三户年年补年年漏",
                text="3 栋天台一下大雨就漏，顶楼三户墙都黑了。补过四次，每次管不到一年。",
                happened_at=at,
            )

        self.plan(began, 5, raised)
        self._handled(began + DAY, 5, affairs.answer_matter, text="补丁不管用，要整面重做防水。得动维修资金，先请人报价。")
        self._handled(
            began + DAY + HOUR, 5, casework.triage_matter, cause="aged", root_cause="防水层过了年限，每次只补一块", severity="serious", pressing="worrying",
            level="building", relation="owner_property", households=3,
        )  # fmt: skip
        for days in (30, 61, 95):
            self.plan(
                began + days * DAY,
                5,
                lambda at: casework.urge_matter(viewer=self.town.viewer(self.town.person("曹志远")), matter=self.state[5], happened_at=at),
            )
            self.plan(began + days * DAY + MINUTE, 6, lambda at: affairs.escalate_overdue(now=at))

    def help(self) -> None:
        """群众有事我来帮: one helped and thanked, one that waits for a neighbour."""
        saturday = clock.today() - timedelta(days=21 + (clock.today().weekday() - 5) % 7)
        asked = datetime.combine(saturday - 3 * DAY, local(2026, 1, 1, 19).timetz())
        offers: list[HelpOffer] = []

        def ask(login: str, key: int, text: str) -> Callable[[datetime], object]:
            def do(at: datetime) -> None:
                person = self.town.person(login)
                self.state[key] = affairs.raise_matter(
                    by=Actor(person_id=person.pk),
                    reporter_id=person.pk,
                    place=self.town.places["ruikang"],
                    category=self.town.category("neighbour_help"),
                    text=text,
                    happened_at=at,
                )

            return do

        self.plan(asked, 7, ask("liuyumei", 7, "周六上午想把旧衣柜抬下楼，两个人就行，有人搭把手吗？"))
        self.plan(
            asked + 2 * HOUR,
            7,
            lambda at: offers.append(
                neighbours.offer_help(viewer=self._as("xiejunjie"), matter=self.state[7], text="九点半到，带推车", happened_at=at)
            ),
        )
        self.plan(asked + 3 * HOUR, 7, lambda at: neighbours.accept_help(viewer=self._as("liuyumei"), offer=offers[0], happened_at=at))
        self.plan(
            asked + 3 * DAY,
            7,
            lambda at: neighbours.thank_helper(
                viewer=self._as("liuyumei"), offer=offers[0], thanks="衣柜抬下去了，还帮着扫了楼道，谢谢。", happened_at=at
            ),
        )
        self.plan(clock.now() - 2 * DAY, 8, ask("wuyi", 8, "手机不会和外孙视频，想请人教一教，下午都在家。"))

    def counter_today(self) -> None:
        """A matter waits for its reporter to add something, one is taken in hand, and two lines at the café wait to be entered."""

        def ask_back(at: datetime) -> None:
            person = self.town.person("chenming")
            matter = affairs.raise_matter(
                by=Actor(person_id=person.pk),
                reporter_id=person.pk,
                place=self.town.places["ruikang"],
                category=self.town.category("stairway"),
                text="楼道里有一块地砖松了，推车会绊到。",
                happened_at=at,
            )
            casework.return_matter(
                viewer=self.town.handler(matter), matter=matter, text="是哪一栋、几楼？好带砖来。", happened_at=at + HOUR
            )

        def notes(at: datetime) -> None:
            keeper = self._as("hesiqi")
            for minutes, name, text in ((0, "陈婶", "陈婶：垃圾房盖子又坏了"), (6, "", "一位大哥：周五的水管改造停不停水")):
                counter.keep_note(
                    viewer=keeper,
                    post=post_of(keeper),
                    place=self.town.places["gekeng"],
                    text=text,
                    name=name,
                    happened_at=at + minutes * MINUTE,
                )

        self.plan(clock.now() - 30 * HOUR, 9, ask_back)
        self.plan(clock.now() - 50 * MINUTE, 10, notes)

    def lists(self) -> None:
        """Questions with answers, replies a body gives often, pain points, and the demo's key for Open311."""

        def keep(at: datetime) -> None:
            luo, qiu = self._as("luojianwen"), self.town.handler(self.state[5])
            company = self.town.bodies["hengan"]
            for title, text in (
                ("电工今晚到", "电工今晚带灯泡去换，换好在这里说一声。"),
                ("要请业主一起定", "这件要动公共收益，得请业主一起定。先报价，再公告，哪天开会在这里写。"),
                ("师傅上门前打电话", "已派师傅，上门前半小时打电话。您要是不方便，在这里写个时间。"),
            ):
                lists.keep_reply(viewer=luo, body=company, title=title, text=text)
            lists.publish_question(
                viewer=luo,
                matter=self.state[300],
                question="晚上北门没有车位怎么办？",
                answer="晚上七点到早上八点可以停隔壁商场地下，60 个位，凭住户证。住户证在物业前台办，当天拿。",
                happened_at=at,
            )
            lists.publish_question(
                viewer=self.town.handler(self.state[2]),
                matter=self.state[2],
                question="村口和村道的路灯坏了找谁？",
                answer="找镇城建办。在这里说、到益企啡吧说都行，三个工作日内换。",
                happened_at=at,
            )
            cuihu = self.town.places["cuihu"]
            lists.list_pain_point(
                viewer=qiu,
                scope=cuihu,
                title="3 栋天台防水整面重做",
                body=self.town.bodies["cuihu-property"],
                owner=self.town.person("邱文辉"),
                due_on=clock.today() + 45 * DAY,
                matters=[self.state[5]],
                happened_at=at,
            )
            ended = lists.list_pain_point(
                viewer=luo,
                scope=self.town.places["ruikang"],
                title="夜间停车难",
                body=company,
                owner=self.town.person("luojianwen"),
                due_on=date(2026, 6, 30),
                matters=[self.state[300]],
                happened_at=local(2026, 4, 27, 10),
            )
            lists.end_pain_point(viewer=luo, pain_point=ended, result="和商场错时停车，夜间 60 个位", happened_at=local(2026, 7, 6, 9))

        self.plan(clock.now() - HOUR, 11, keep)
        self.plan(
            local(2026, 1, 5),
            12,
            lambda at: make_api_key(
                label="市 12345 平台（演示）",
                person=create_person(name="12345 平台"),
                place=self.town.places["hengli"],
                by=Actor(channel="import"),
                key="demo",
            ),
        )
