"""Loading the Hengli scenario through the same actions that clicks call. Deterministic but for the shift to the present day:
dates of the scenario stay as written, the 200 everyday matters fill the twelve months before loading."""

import io
import logging
import random
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from PIL import Image, ImageDraw

from doorstep.affairs import actions as affairs
from doorstep.affairs.models import Category, Matter, RoutingRule
from doorstep.affairs.queries import category_by_code
from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer, build_viewer
from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.files.actions import keep_photo
from doorstep.foundation.identity.actions import create_account, create_person
from doorstep.foundation.identity.models import Person
from doorstep.foundation.journal.actions import Actor, writing
from doorstep.foundation.journal.sealing import seal_all
from doorstep.foundation.notify.actions import deliver_pending, mark_older_read
from doorstep.foundation.places.actions import create_place
from doorstep.foundation.places.models import Place
from doorstep.foundation.regulations import data as regulation_data
from doorstep.organisations.actions import create_body, give_post
from doorstep.organisations.actions.residence import verify_owner
from doorstep.organisations.demo_roll import demo_roll_rows
from doorstep.organisations.models import Body, Holder, Unit
from doorstep.organisations.queries import contact_of
from doorstep.organisations.roll_import import import_table
from doorstep.site.demo.casework import Casework
from doorstep.site.demo.cast import CAST
from doorstep.site.demo.organisations import fill
from doorstep.site.demo.places import BODIES, ESTATES, ROUTES, VENUES, VILLAGES
from doorstep.site.demo.services import ServicesLoader
from doorstep.site.demo.talents import load_talents
from doorstep.site.demo.votes import Team, cast_votes
from doorstep.site.town import begin_town

SEED = 20260302
EVERYDAY = 200
SYSTEM = Actor(channel="import")
LOADED = "loaded"


@contextmanager
def step(name: str) -> Iterator[None]:
    began = time.monotonic()
    print(f"  {name} …", end="", file=sys.stderr, flush=True)
    yield
    print(f" {time.monotonic() - began:.1f} s", file=sys.stderr, flush=True)


def load(*, home: Path, fresh: bool) -> bool:
    """Make the demo's database unless it stands already; whether it was made now."""
    done = home / LOADED
    if fresh or not done.exists():
        _empty(home)
    with step("tables"):
        call_command("migrate", verbosity=0, interactive=False)
    if done.exists():
        return False
    logging.getLogger("doorstep").setLevel(logging.WARNING)
    Loader().everything()
    done.write_text(f"{clock.now().isoformat()}\n{settings.SITE_URL}\n")
    return True


def signed_for(home: Path) -> str:
    """The address that the loaded demo's certificates were signed for: a signature cannot follow to another port."""
    lines = (home / LOADED).read_text().splitlines()
    return lines[1] if len(lines) > 1 else "http://127.0.0.1:8000"


def _empty(home: Path) -> None:
    """Begin again: a SQLite file is removed, another database has to be empty already."""
    (home / LOADED).unlink(missing_ok=True)
    connection.close()
    for name in ("town.sqlite3", "town.sqlite3-wal", "town.sqlite3-shm"):
        (home / name).unlink(missing_ok=True)


def print_cast(address: str) -> None:
    """Whom to sign in as."""
    print(f"\nDoorstep · 家门口   {address}\n", file=sys.stderr)
    for role in CAST:
        print(f"  {role.login:14} {role.name}（{role.who}）", file=sys.stderr)
    print(f"  {'townadmin':14} 镇管理员（配置；不打开任何受限内容）", file=sys.stderr)
    print("\n  密码 password: doorstep-demo      登录 sign in: /login/password\n", file=sys.stderr)


def local(year: int, month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=TOWN_ZONE)


class Loader:
    """Loads step by step; each step is one transaction."""

    def __init__(self) -> None:
        self.random = random.Random(SEED)
        self.people: dict[str, Person] = {}
        self.places: dict[str, Place] = {}
        self.bodies: dict[str, Body] = {}
        self.viewers: dict[int, Viewer] = {}

    def everything(self) -> None:
        with step("town, places"), writing():
            self.town()
        with step("roll of 1,032 units"), writing():
            self.roll()
        with step("people, bodies, posts"), writing():
            self.cast()
            self.organisations()
            fill(self)
        with step(f"the scenario and {EVERYDAY} everyday matters"), writing():
            self.matters()
        with step("five votes of owners"), writing():
            self.votes()
        with step("courses, certificates, a year of hours"), writing():
            load_talents(self)
        with step("a year of services"), writing():
            ServicesLoader(person=self.person, places=self.places, bodies=self.bodies, viewer=self.viewer).everything()
        with step("inboxes"):
            while deliver_pending(at_most=2000):
                pass
            affairs.lapse_silent(at_most=1000)
            affairs.escalate_overdue(at_most=1000)
            while deliver_pending(at_most=2000):
                pass
            mark_older_read(before=clock.now() - timedelta(days=4))
        with step("sealing the journal"):
            seal_all()

    def town(self) -> None:
        extra = sorted(Path(regulation_data.__path__[0]).glob("town_*.toml"))
        top, _admin = begin_town(
            code="hengli", name="横沥镇", login="townadmin", password="", prefix="HL", city=("dongguan", "东莞市"), regulations=extra
        )
        Place.objects.filter(pk=top.pk).update(name_en="Hengli Town", region_code="441900106")
        Place.objects.filter(code="dongguan").update(name_en="Dongguan City", region_code="441900")
        self.places["hengli"] = top
        for index, (code, kind, name, name_en) in enumerate(VILLAGES):
            self.places[code] = create_place(code=code, kind=kind, name=name, parent=top, by=SYSTEM, name_en=name_en, position=100 + index)
        for index, (code, parent, name, name_en, built, households, phone) in enumerate(ESTATES):
            self.places[code] = create_place(
                code=code,
                kind="estate",
                name=name,
                parent=self.places[parent],
                by=SYSTEM,
                name_en=name_en,
                built_year=built,
                households=households,
                phone=phone,
                position=index,
            )
        for index, (code, parent, name, name_en, capacity, facts) in enumerate(VENUES):
            self.places[code] = create_place(
                code=code,
                kind="venue",
                name=name,
                parent=self.places[parent],
                by=SYSTEM,
                name_en=name_en,
                capacity=capacity,
                position=500 + index,
                **facts,
            )

    def roll(self) -> None:
        import_table(estate=self.places["ruikang"], table=demo_roll_rows(), by=SYSTEM)
        self.places.update({place.code: place for place in Place.objects.filter(parent=self.places["ruikang"], kind="building")})

    def cast(self) -> None:
        owners: dict[str, list[Person]] = {}
        held = Holder.objects.filter(unit__estate=self.places["ruikang"]).values("person_id")
        for person in Person.objects.filter(id__in=held, name__in=[role.name for role in CAST if role.owner]).order_by("id"):
            owners.setdefault(person.name, []).append(person)
        for role in CAST:
            person = owners[role.name].pop(0) if role.owner else create_person(name=role.name, phone=role.phone)
            create_account(person=person, login=role.login, phone=person.phone)
            self.people[role.login] = person
            if role.owner:
                for unit in Unit.objects.filter(pk__in=Holder.objects.filter(person=person).values("unit_id")).select_related("estate"):
                    verify_owner(unit=unit, person_id=person.pk, by=SYSTEM)

    def person(self, key: str) -> Person:
        """By login of the cast, else by name: an owner of that name, or somebody new without a login."""
        if key not in self.people:
            held = Holder.objects.filter(unit__estate=self.places["ruikang"]).values("person_id")
            self.people[key] = Person.objects.filter(id__in=held, name=key).order_by("id").first() or create_person(name=key)
        return self.people[key]

    def organisations(self) -> None:
        for plan in BODIES:
            facts = {**plan.facts, **({"led_by": self.bodies[plan.facts["led_by"]]} if "led_by" in plan.facts else {})}
            self.bodies[plan.code] = create_body(
                code=plan.code, kind=plan.kind, name=plan.name, place=self.places[plan.place], by=SYSTEM, name_en=plan.name_en, **facts
            )
        for plan in BODIES:
            body = self.bodies[plan.code]
            for index, post in enumerate(plan.posts):
                behalf = {"on_behalf_of": self.bodies[post.facts["on_behalf_of"]]} if "on_behalf_of" in post.facts else {}
                give_post(
                    body=body,
                    title=post.title,
                    person=self.person(post.person),
                    held_from=post.since,
                    held_until=post.until,
                    by=SYSTEM,
                    title_en=post.title_en,
                    handles_matters=post.works,
                    designated_by=post.designated_by,
                    position=index,
                    happened_at=local(post.since.year, post.since.month, post.since.day),
                    **{**post.facts, **behalf},
                )
        RoutingRule.objects.bulk_create(
            RoutingRule(
                place=self.places[place],
                category=Category.objects.get(code=category) if category else None,
                body=self.bodies[body],
                overdue_body=self.bodies[overdue] if overdue else None,
            )
            for place, category, body, overdue in ROUTES
        )

    def viewer(self, person: Person) -> Viewer:
        if person.pk not in self.viewers:
            self.viewers[person.pk] = build_viewer(person_id=person.pk, name=person.name)
        return self.viewers[person.pk]

    def handler(self, matter: Matter) -> Viewer:
        """Whoever works the matters of the body that has it."""
        if matter.body is None:
            raise LookupError(f"{matter.number} has no body")
        contact = contact_of(matter.body)
        if contact is None:
            raise LookupError(f"{matter.body} has nobody")
        return self.viewer(contact.person)

    def category(self, code: str) -> Category:
        found = category_by_code(code)
        if found is None:
            raise LookupError(code)
        return found

    # Matters: every step is put on one line of time, so that entries stand in the order in which things happened.

    def matters(self) -> None:
        steps: list[tuple[datetime, int, Callable[[datetime], object]]] = []
        state: dict[int, Matter] = {}

        def plan(at: datetime, key: int, do: Callable[[datetime], object]) -> None:
            steps.append((at, key, do))

        self._scenario(plan, state)
        self._everyday(plan, state)
        now = clock.now()
        for at, _key, do in sorted(steps, key=lambda each: (each[0], each[1])):
            if at <= now:
                affairs.escalate_overdue(now=at)
                do(at)

    def votes(self) -> None:
        """Cases A–E: convened by the committee, counted by three named tellers."""
        chair, first, second, third, owner = (
            self.viewer(self.person(login)) for login in ("zhengguoliang", "hewanyi", "chenqiming", "xiejunjie", "yejintang")
        )
        cast_votes(
            estate=self.places["ruikang"],
            committee=self.bodies["ruikang-committee"],
            team=Team(chair=chair, tellers=(first, second, third), owner=owner),
            matters={
                index: Matter.objects.get(title=title)
                for index, title in enumerate(("康乐场地地面开裂、健身器材生锈", "夜间车位被外来车占用"))
            },
        )

    def _scenario(self, plan: Callable[[datetime, int, Callable[[datetime], object]], None], state: dict[int, Matter]) -> None:
        def recreation(at: datetime) -> None:
            reporter = self.person("liuyumei")
            photos = [keep_photo(data=drawn_photo(kind), audience="draft:0", uploaded_by_id=reporter.pk) for kind in ("cracks", "rust")]
            state[1] = affairs.raise_matter(
                by=Actor(person_id=reporter.pk),
                reporter_id=reporter.pk,
                place=self.places["ruikang-recreation"],
                category=self.category("recreation"),
                title="康乐场地地面开裂、健身器材生锈",
                text="康乐场地的地面裂了，健身器材生锈。昨天有个孩子在那里绊倒，膝盖破了。",
                photos=photos,
                happened_at=at,
            )

        def recreation_answer(at: datetime) -> None:
            text = "地面和器材都到年限了，修补管不久。建议整体翻新，钱从公共收益出，要请业主一起定。"
            affairs.answer_matter(viewer=self.handler(state[1]), matter=state[1], text=text, happened_at=at)

        plan(local(2026, 3, 2, 10, 20), 1, recreation)
        plan(local(2026, 3, 3, 9, 30), 1, recreation_answer)

        Casework(self, plan, state).everything()

        # What waits for a resident's word is of these days, whenever the demo is loaded.
        def cleaning(at: datetime) -> None:
            reporter = self.person("liuyumei")
            state[3] = affairs.raise_matter(
                by=Actor(person_id=reporter.pk),
                reporter_id=reporter.pk,
                place=self.places["ruikang-bins"],
                category=self.category("cleaning"),
                title="楼道和垃圾房打扫得太少",
                text="楼道和垃圾房一天只扫两回，傍晚袋子堆到外面，有味道。能不能多扫一回？",
                happened_at=at,
            )

        def cleaning_answer(at: datetime) -> None:
            text = "和保洁公司谈好了，早晚两扫改成三扫，傍晚六点加一回。先做满两周再请您看。"
            affairs.answer_matter(
                viewer=self.handler(state[3]), matter=state[3], text=text, promised_on=clock.today() - timedelta(days=1), happened_at=at
            )

        def cleaning_done(at: datetime) -> None:
            affairs.report_done(viewer=self.handler(state[3]), matter=state[3], text="两扫改三扫，已做满两周。", happened_at=at)

        def days_ago(days: int, hour: int, minute: int) -> datetime:
            return datetime.combine(clock.today() - timedelta(days=days), clock_time(hour, minute), TOWN_ZONE)

        plan(days_ago(17, 8, 15), 3, cleaning)
        plan(days_ago(17, 15, 40), 3, cleaning_answer)
        plan(days_ago(1, 17, 20), 3, cleaning_done)

    def _everyday(self, plan: Callable[[datetime, int, Callable[[datetime], object]], None], state: dict[int, Matter]) -> None:
        sayings = tomllib.loads((Path(__file__).parent / "matters.toml").read_text("utf-8"))["saying"]
        rng = self.random
        last_day = clock.today() - timedelta(days=1)
        first_day = last_day - timedelta(days=364)
        owners = self._owners()
        others = [create_person(name=name, phone=f"138{20000000 + index * 137:08d}") for index, name in enumerate(OTHER_NAMES)]
        buildings = sorted((place for place in self.places.values() if place.kind == "building"), key=lambda place: place.id)
        said: dict[str, int] = {}
        for number in range(EVERYDAY):
            # A little more towards the present: a town where word gets round.
            share = (number + rng.random()) / EVERYDAY
            day = first_day + timedelta(days=int(364 * share**0.85))
            raised = datetime.combine(day, clock_time(rng.randint(7, 21), rng.randint(0, 59)), TOWN_ZONE)
            saying = rng.choice(sayings)
            place = self._place_for(saying["at"], rng, buildings)
            building = place if place.kind == "building" else rng.choice(buildings)
            words = {
                "楼": building.name if self._estate(place) == "ruikang" else rng.choice(["1 栋", "3 栋", "6 栋", "8 栋"]),
                "层": rng.randint(2, 7),
                "数": rng.randint(1, 2),
            }
            turn = said.get(saying["category"], 0)
            said[saying["category"]] = turn + 1
            template = saying["texts"][turn % len(saying["texts"])]
            text = template.format(**words)
            reporter = rng.choice(owners if self._estate(place) == "ruikang" else others)
            self._one(plan, state, 100 + number, saying, turn, raised, place, template, text, reporter)

    def _one(
        self,
        plan: Callable[[datetime, int, Callable[[datetime], object]], None],
        state: dict[int, Matter],
        key: int,
        saying: dict[str, Any],
        turn: int,
        raised: datetime,
        place: Place,
        template: str,
        text: str,
        reporter: Person,
    ) -> None:
        rng = self.random
        category = self.category(str(saying["category"]))
        ending = rng.choices(("confirmed", "silent", "disputed", "cannot", "answered", "open"), (58, 14, 12, 4, 8, 4))[0]
        is_public, is_named = rng.random() < 0.93, rng.random() < 0.15
        # Every other time it is said: the rest was within reach after all.
        why_not = saying.get("cannots", {}).get(template, "") if turn // len(saying["texts"]) % 2 == 0 else ""
        is_shielded = template == saying.get("shielded")

        def do_raise(at: datetime) -> None:
            state[key] = affairs.raise_matter(
                by=Actor(person_id=reporter.pk),
                reporter_id=reporter.pk,
                place=place,
                category=category,
                text=text,
                is_public=is_public,
                is_named=is_named,
                is_shielded=is_shielded,
                happened_at=at,
            )

        def pick(kind: str) -> str:
            return str(saying[kind][turn % len(saying[kind])])

        def give_up(at: datetime) -> None:
            affairs.cannot_be_done(viewer=self.handler(state[key]), matter=state[key], text=why_not, happened_at=at)

        def handler(act: Callable[..., object], kind: str) -> Callable[[datetime], object]:
            def do(at: datetime) -> None:
                act(viewer=self.handler(state[key]), matter=state[key], text=pick(kind), happened_at=at)

            return do

        def resident(act: Callable[..., object], text: str) -> Callable[[datetime], object]:
            def do(at: datetime) -> None:
                act(viewer=self.viewer(reporter), matter=state[key], text=text, happened_at=at)

            return do

        plan(raised, key, do_raise)
        if ending == "open":
            # Only recent ones are still without an answer.
            if raised < clock.now() - timedelta(days=3):
                ending = "confirmed"
            else:
                return
        answered = _at_work(raised + timedelta(hours=rng.choice((2, 5, 9, 16, 20, 22, 30))))
        plan(answered, key, handler(affairs.answer_matter, "answers"))
        if ending == "answered" and raised > clock.now() - timedelta(days=10):
            return
        done = _at_work(answered + timedelta(days=rng.choice((1, 1, 2, 3, 4, 6)), hours=rng.randint(1, 6)))
        if why_not:
            plan(done, key, give_up)
            return
        plan(done, key, handler(affairs.report_done, "dones"))
        said = done + timedelta(hours=rng.randint(3, 70))
        if ending == "silent":
            plan(done + timedelta(days=14, hours=16), key, lambda at: affairs.lapse_silent(now=at))
            return
        if ending == "disputed" and saying["disputes"]:
            plan(said, key, resident(affairs.dispute_done, pick("disputes")))
            again = _at_work(said + timedelta(days=rng.choice((1, 2, 3))))
            plan(again, key, handler(affairs.report_done, "dones"))
            said = again + timedelta(hours=rng.randint(3, 50))
        plan(said, key, resident(affairs.confirm_done, rng.choice(("", "", "好了，谢谢。", "看过了，办好了。"))))

    def _owners(self) -> list[Person]:
        ids = list(
            Holder.objects.filter(unit__estate=self.places["ruikang"], unit__kind="flat").order_by("id").values_list("person_id", flat=True)
        )
        chosen = [self.random.choice(ids) for _ in range(90)]
        return [*Person.objects.filter(id__in=chosen).order_by("id"), self.person("liuyumei"), self.person("yejintang")]

    def _estate(self, place: Place) -> str:
        return next((code for code in place.codes if code in {"ruikang", "cuihu", "niuxuwan", "yueshuian"}), "")

    def _place_for(self, at: str, rng: random.Random, buildings: list[Place]) -> Place:
        if at == "village":
            return self.places[rng.choice(["gekeng", "gekeng", "gekeng-entrance"])]
        estate = rng.choices(("ruikang", "cuihu", "niuxuwan", "yueshuian"), (60, 14, 16, 10))[0]
        if at == "building" and estate == "ruikang":
            return rng.choice(buildings)
        return self.places[estate]


OTHER_NAMES = (
    "潘丽娟", "曹志远", "韦美兰", "龚建平", "覃晓燕", "侯国栋", "温少芬", "简伟雄", "卓玉珍", "欧志华", "柯美玲", "尹家明", "黎秀英", "易文峰",
    "纪婉君", "莫少华", "游春梅", "关德荣", "阮翠萍", "翟永强", "司徒健", "区美仪", "容国辉", "屈雪梅", "植志勇", "冼玉莲",
)  # fmt: skip


def _at_work(at: datetime) -> datetime:
    """The next moment somebody is at work: between 8:30 and 18:00."""
    at = at.astimezone(TOWN_ZONE)
    if at.time() > clock_time(18, 0):
        at = datetime.combine(at.date() + timedelta(days=1), clock_time(9, at.minute), TOWN_ZONE)
    elif at.time() < clock_time(8, 30):
        at = datetime.combine(at.date(), clock_time(9, at.minute), TOWN_ZONE)
    return at


def drawn_photo(kind: str) -> bytes:
    """A drawn stand-in for a photo of the ground (cracks) or the equipment (rust)."""
    image = Image.new("RGB", (1280, 960), "#cfc6b6")
    draw = ImageDraw.Draw(image)
    if kind == "cracks":
        draw.rectangle((0, 0, 1280, 176), fill="#b9c7b4")
        draw.rectangle((0, 176, 1280, 208), fill="#a69b88")
        for x in (288, 672, 1056):
            draw.line((x, 208, x - 100, 960), fill="#bdb29f", width=12)
        for y in (464, 736):
            draw.line((0, y, 1280, y - 80), fill="#bdb29f", width=12)
        draw.line((176, 960, 240, 816, 384, 688, 608, 496, 848, 448, 1104, 304, 1280, 220), fill="#6f6352", width=26, joint="curve")
        draw.line((384, 688, 656, 816, 928, 912), fill="#7d715f", width=16, joint="curve")
        draw.polygon((368, 688, 448, 656, 496, 704, 432, 768), fill="#8a7d69")
    else:
        draw.rectangle((0, 0, 1280, 670), fill="#dfe3dc")
        draw.rectangle((0, 670, 1280, 960), fill="#cfc6b6")
        draw.ellipse((120, 380, 640, 900), fill="#b9c7b4")
        draw.rectangle((0, 670, 1280, 960), fill="#cfc6b6")
        draw.line((400, 832, 400, 240, 880, 240, 880, 832), fill="#5f7f8f", width=46, joint="curve")
        draw.line((528, 240, 464, 656), fill="#5f7f8f", width=40)
        draw.line((752, 240, 816, 656), fill="#5f7f8f", width=40)
        for x, y, height in ((400, 496, 112), (880, 320, 84), (512, 352, 90), (400, 780, 60), (812, 640, 60)):
            draw.rectangle((x - 23, y, x + 23, y + height), fill="#a2581f")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=88)
    return out.getvalue()
