"""The demo's services: S8 as it is written (欧阳敏's four mornings a week), and a year of what else goes on at the doorsteps.

The past is told at its own time: the clock stands where each thing happened.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from doorstep.affairs.queries import category_by_code
from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.identity.models import Person
from doorstep.foundation.journal.actions import Actor
from doorstep.foundation.occasions import actions as occasions
from doorstep.foundation.occasions.models import Occasion, Series
from doorstep.foundation.places.models import Place
from doorstep.organisations.models import Body
from doorstep.services import actions
from doorstep.services.models import GroupCount, MentorTerms, Service
from doorstep.talents import actions as talents
from doorstep.talents.models import HoursLine

BY = Actor(channel="import")
SEED = 20260106
BEGAN = datetime(2026, 1, 5, 9, tzinfo=TOWN_ZONE)


@dataclass(frozen=True, slots=True)
class ServicePlan:
    code: str
    kind: str
    name: str
    name_en: str
    says: str
    says_en: str
    body: str
    place: str
    keeper: str
    licences: Mapping[str, str] = field(default_factory=dict)
    filing_number: str = ""


SERVICES = (
    ServicePlan(
        "clinic", "clinic", "义诊：量血压，问保健", "Free clinic: blood pressure and advice", "退休护师量血压、讲保养。免费，不用约。",
        "A retired nurse takes blood pressure and talks about health. Free, no booking.", "ruikang-volunteers", "hengli", "xiejunjie",
        {"nurse": "nurse"}, "横卫义诊备 2026-003",
    ),
    ServicePlan(
        "livelihood-forum", "forum", "民生座谈会", "Livelihood forum", "有什么说什么，说的事当场记下，转给该办的人。",
        "Say what troubles you: it is written down and goes to whoever has to see to it.", "ruikang-branch", "ruikang", "linqiaoyun",
    ),
    ServicePlan(
        "counselling", "counselling", "家庭心理疏导讲座", "Talk on family and mind", "可以不留真名。", "You may come without your name.",
        "ruikang-women", "ruikang", "zhouxiaomin",
    ),
    ServicePlan(
        "craft", "craft", "亲子手工班", "Parent and child crafts", "14 岁以下，要家长签同意。", "Under 14 a parent has to agree.",
        "ruikang-women", "ruikang", "zhouxiaomin",
    ),
    ServicePlan(
        "tea", "tea", "老人茶话会", "Tea for elders", "打电话也能报。", "You can also sign up by telephone.", "ruikang-volunteers", "ruikang", "xiejunjie",
    ),
    ServicePlan(
        "bazaar", "bazaar", "爱心义卖", "Charity bazaar", "东西都是街坊和商家捐的，去向会公示。", "Everything is given; where it goes is made public.",
        "ruikang-women", "ruikang", "zhouxiaomin",
    ),
    ServicePlan(
        "home-visits", "home_visit", "上门看望", "Home visits", "出不了门的，我们上门。", "We come to those who cannot go out.",
        "ruikang-volunteers", "ruikang", "xiejunjie",
    ),
    ServicePlan(
        "cuihu-repair", "repair", "便民维修", "Repairs for neighbours", "小家电、雨伞、拉链。", "Small appliances, umbrellas, zips.",
        "cuihu-branch", "cuihu", "范丽萍",
    ),
    ServicePlan(
        "niuxuwan-class", "course", "手机课堂", "Phone class", "教长辈用手机。", "Elders learn to use a phone.", "niuxuwan-branch", "niuxuwan", "姚婉清",
    ),
    ServicePlan(
        "yueshuian-tea", "tea", "邻里茶话", "Neighbours' tea", "", "", "yueshuian-branch", "yueshuian", "施慧玲",
    ),
)  # fmt: skip
# service, place, weekdays, from, minutes, capacities; S8: Tuesdays at the pavilion, Monday, Wednesday and Friday at the other three estates.
OPEN = {"nurse": 1, "helper": 3, "place": None, "neighbour": 10}
SERIES: tuple[tuple[str, str, str, time, int, Mapping[str, int | None]], ...] = (
    ("clinic", "ruikang-pavilion", "TU", time(9), 120, OPEN),
    ("clinic", "cuihu", "MO", time(8, 30), 150, OPEN),
    ("clinic", "niuxuwan", "WE", time(8, 30), 150, OPEN),
    ("clinic", "yueshuian", "FR", time(8, 30), 150, OPEN),
    ("counselling", "ruikang-pavilion", "1SA", time(15), 90, {"counsellor": 1, "place": 24}),
    ("craft", "gekeng-service-centre", "SA", time(9, 30), 90, {"mentor": 1, "helper": 2, "place": 16}),
    ("tea", "ruikang-pavilion", "SU", time(15), 90, {"helper": 2, "place": 30}),
    ("cuihu-repair", "cuihu", "2SU", time(9), 180, {"helper": 3, "place": None}),
    ("niuxuwan-class", "niuxuwan", "2SA,4SA", time(15), 60, {"mentor": 1, "place": 20}),
    ("yueshuian-tea", "yueshuian", "3SU", time(15), 90, {"helper": 2, "place": 30}),
)
SAID = (
    ("北门晚上那盏灯一闪一闪，老人看不清台阶。", "lighting"),
    ("垃圾房中午没人收，夏天味道大。", "cleaning"),
    ("接孩子的时候，门口停得满满当当。", "parking"),
)
CHILDREN = ("乐乐", "果果", "小宇", "朵朵", "豆豆", "阿福", "晨晨", "安安", "圆圆", "小满")


class ServicesLoader:
    """Loads the services with what the demo has already: people by login or name, places and bodies by code."""

    def __init__(
        self,
        *,
        person: Callable[[str], Person],
        places: Mapping[str, Place],
        bodies: Mapping[str, Body],
        viewer: Callable[[Person], Viewer],
    ) -> None:
        self.random = random.Random(SEED)
        self.person, self.places, self.bodies, self.viewer = person, places, bodies, viewer
        self.services: dict[str, Service] = {}
        self.keepers: dict[str, Viewer] = {}

    def everything(self) -> None:
        self._offer()
        series = [self._series(*row) for row in SERIES]
        self._mentor(series[:4])
        self._past()
        self._approve()
        self._forums()
        self._bazaar()
        self._visits()
        self._coming()
        self._plan()

    def _offer(self) -> None:
        for plan in SERVICES:
            self.keepers[plan.code] = self.viewer(self.person(plan.keeper))
            self.services[plan.code] = actions.offer_service(
                by=BY, code=plan.code, kind=plan.kind, name=plan.name, name_en=plan.name_en, says=plan.says, says_en=plan.says_en,
                body=self.bodies[plan.body], place=self.places[plan.place], happened_at=BEGAN, licences=plan.licences, filing_number=plan.filing_number,
            )  # fmt: skip

    def _series(self, code: str, place: str, days: str, start: time, minutes: int, capacities: Mapping[str, int | None]) -> Series:
        monthly = days[0].isdigit()
        return actions.plan_series(
            by=BY, service=self.services[code], place=self.places[place], first=BEGAN.date(), start=start, minutes=minutes,
            rule=f"FREQ={'MONTHLY' if monthly else 'WEEKLY'};BYDAY={days}", capacities=capacities, happened_at=BEGAN,
        )  # fmt: skip

    def _mentor(self, series: list[Series]) -> None:
        """欧阳敏, whose licence the centre checked, stands at all four places and is named there."""
        nurse = self.person("ouyangmin")
        keeper, clinic = self.keepers["clinic"], self.services["clinic"]
        for each in series:
            actions.stand_regularly(
                viewer=keeper, service=clinic, series=each, person=nurse, role="nurse", since=BEGAN.date(), is_named=True, happened_at=BEGAN
            )
        MentorTerms.objects.create(person=nurse, weekly_minutes=10 * 60, prefers=["ruikang"], never=[5, 6], changed_at=BEGAN)

    def _past(self) -> None:
        """Every session that was: the nurse came and went, some neighbours gave their name, more did not."""
        nurse = self.viewer(self.person("ouyangmin"))
        neighbours = [self.viewer(self.person(login)) for login in ("yejintang", "moyinhao", "liuyumei", "chenming", "chenming2")]
        now = clock.now()
        past = Occasion.objects.filter(kind="service", state=Occasion.State.PLANNED, ends_at__lt=now).select_related("place")
        for session in past.order_by("starts_at"):
            keeper = self.keepers[session.subject]
            came = []
            with clock.frozen(session.starts_at - timedelta(days=2)):
                if session.subject == "clinic":
                    stood = actions.join(viewer=nurse, occasion=session, role="nurse")
                    begin = session.starts_at + timedelta(minutes=self.random.choice((0, 0, 0, -5, 5)))
                    end = session.ends_at + timedelta(minutes=self.random.choice((0, 0, 0, 10)))
                    came.append(occasions.Came(sign_up_id=stood.pk, came_at=begin, left_at=end))
                someone = self.random.choice(neighbours)
                if not session.is_for_children and self.random.random() < 0.4:
                    mine = actions.join(viewer=someone, occasion=session)
                    came.append(occasions.Came(sign_up_id=mine.pk))
            with clock.frozen(session.ends_at):
                heads = self.random.randint(9, 26) if session.subject == "clinic" else self.random.randint(6, 18)
                actions.record_attendance(viewer=keeper, occasion=session, came=came, unnamed=heads)
                if len(came) == 2 and self.random.random() < 0.4:
                    held = Occasion.objects.get(pk=session.pk)
                    words = self.random.choice(("", "量得仔细，讲得明白。", "来早了要等一会儿。", "谢谢欧阳姐。"))
                    actions.give_feedback(
                        viewer=someone,
                        occasion=held,
                        stars=self.random.choice((4, 5, 5)),
                        words=words,
                        is_anonymous=self.random.random() < 0.5,
                    )

    def _approve(self) -> None:
        """The team's captain looks over the nurse's hours and approves them; the last two weeks still wait."""
        keeper = self.keepers["clinic"]
        until = clock.today() - timedelta(days=14)
        waiting = HoursLine.objects.filter(stage="attended", subject__startswith="occasion:", on__lt=until).select_related("body__place")
        for line in waiting.order_by("on", "id"):
            talents.approve_hours(viewer=keeper, line=line, happened_at=line.recorded_at + timedelta(hours=4))

    def _session(
        self, code: str, place: str, at: datetime, minutes: int, capacities: Mapping[str, int | None], title: str = ""
    ) -> Occasion:
        return actions.plan_session(
            by=BY, service=self.services[code], place=self.places[place], starts_at=at, minutes=minutes, capacities=capacities, title=title,
            happened_at=min(at - timedelta(days=7), clock.now()),
        )  # fmt: skip

    def _forums(self) -> None:
        """What was said at a forum, and what became of it."""
        keeper = self.keepers["livelihood-forum"]
        for day, (text, category) in zip((date(2026, 3, 20), date(2026, 6, 18), date(2026, 9, 17)), SAID, strict=True):
            at = datetime.combine(day, time(19, 30), TOWN_ZONE)
            if at + timedelta(hours=2) > clock.now():
                continue
            session = self._session("livelihood-forum", "ruikang-pavilion", at, 90, {"place": 40})
            with clock.frozen(at + timedelta(minutes=85)):
                actions.record_attendance(viewer=keeper, occasion=session, unnamed=self.random.randint(12, 28))
                point = actions.write_point(viewer=keeper, occasion=session, text=text, speaker_id=self.person("liuyumei").pk)
                found = category_by_code(category) or category_by_code("other")
                if found is not None:
                    actions.raise_point(viewer=keeper, point=point, category=found, place=self.places["ruikang"])
        ahead = clock.today() + timedelta(days=9)
        evening = datetime.combine(ahead, time(19, 30), TOWN_ZONE)
        self._session("livelihood-forum", "ruikang-pavilion", evening, 90, {"place": 40}, "民生座谈会：过年前还有什么事")

    def _bazaar(self) -> None:
        at = datetime(2026, 6, 28, 9, tzinfo=TOWN_ZONE)
        if at + timedelta(hours=4) < clock.now():
            session = self._session("bazaar", "ruikang-recreation", at, 180, {"helper": 6, "place": None})
            with clock.frozen(at + timedelta(hours=3)):
                actions.record_attendance(viewer=self.keepers["bazaar"], occasion=session, unnamed=140)

    def _visits(self) -> None:
        """Elders who cannot go out were visited, and most said how it was."""
        captain = self.keepers["home-visits"]
        buildings = sorted((place for place in self.places.values() if place.kind == "building"), key=lambda place: place.id)
        for number in range(24):
            at = datetime.combine(clock.today() - timedelta(days=12 + number * 14), time(10, self.random.choice((0, 15, 30))), TOWN_ZONE)
            visit = actions.record_visit(
                viewer=captain, service=self.services["home-visits"], place=self.random.choice(buildings), visited_at=at,
                minutes=self.random.choice((30, 40, 60)), name=self.random.choice(("莫婆婆", "黄伯", "陈婆婆", "冼伯")), words="买了米，坐着聊了会儿。",
                happened_at=at,
            )  # fmt: skip
            if number % 4 and visit.visited is not None:
                with clock.frozen(at + timedelta(days=1)):
                    actions.say_of_visit(viewer=self.viewer(visit.visited), visit=visit, stars=self.random.choice((4, 5, 5)))

    def _coming(self) -> None:
        """The next sessions fill: children by their parents, elders by telephone."""
        now = clock.now()
        parents = [self.viewer(self.person(login)) for login in ("liuyumei", "hewanyi", "chenqiming", "ayiguli", "xihai")]
        craft = Occasion.objects.filter(subject="craft", state="planned", starts_at__gt=now).order_by("starts_at").first()
        if craft is not None:
            for number, child in enumerate(CHILDREN):
                parent = parents[number % len(parents)]
                actions.join(viewer=parent, occasion=craft, name=child, age=5 + number % 6, guardian_id=parent.person_id)
        tea = Occasion.objects.filter(subject="tea", state="planned", starts_at__gt=now).order_by("starts_at").first()
        if tea is not None:
            for name, phone in (("莫婆婆", "0769-00005501"), ("黄伯", "0769-00005502"), ("陈婆婆", "")):
                actions.join(viewer=self.keepers["tea"], occasion=tea, name=name, phone=phone, channel="counter")

    def _plan(self) -> None:
        """Where the buildings of 瑞康花园 stand, and what the community counted in them."""
        buildings = sorted((place for place in self.places.values() if place.kind == "building"), key=lambda place: place.id)
        for number, building in enumerate(buildings):
            column, row = number % 6, number // 6
            Place.objects.filter(pk=building.pk).update(plan_x=60 + 90 * column, plan_y=60 + 110 * row)
            GroupCount.objects.bulk_create(
                GroupCount(building=building, group=group, people=people, counted_on=BEGAN.date())
                for group, people in (
                    ("elder", self.random.randint(12, 31)), ("child", self.random.randint(6, 19)), ("disabled", self.random.randint(1, 6))
                )
            )  # fmt: skip
        for code, x, y in (("ruikang-pavilion", 105, 115), ("ruikang-recreation", 420, 225), ("ruikang-north-gate", 285, 330)):
            Place.objects.filter(pk=self.places[code].pk).update(plan_x=x, plan_y=y)
