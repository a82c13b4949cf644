"""Scenes for every test: one small town, loaded once; each test works in a transaction that is rolled back."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction

from bench.towns import Ground
from doorstep.affairs import actions
from doorstep.affairs.models import Category, Matter, RoutingRule
from doorstep.foundation import clock
from doorstep.foundation.access.limits import _unwritten
from doorstep.foundation.access.viewer import NOBODY, Viewer, build_viewer
from doorstep.foundation.clock.kept import forget_kept
from doorstep.foundation.identity.actions import create_account, create_person
from doorstep.foundation.identity.models import Account, Person
from doorstep.foundation.identity.senders import MemorySender
from doorstep.foundation.journal.actions import Actor, writing
from doorstep.foundation.places.actions import create_place
from doorstep.foundation.places.models import Place
from doorstep.foundation.regulations.queries import forget
from doorstep.organisations.actions import create_body, give_post
from doorstep.organisations.models import Body
from doorstep.site.town import begin_town
from tests.databases import own_ground, shared_from_copy

BY = Actor(channel="import")
PASSWORD = "a-long-password"


@dataclass(frozen=True)
class Town:
    """A town, an estate with one building and its property company and branch, and four people."""

    place: Place
    estate: Place
    building: Place
    company: Body
    branch: Body
    liu: Person
    ye: Person
    luo: Person
    lin: Person

    def viewer(self, person: Person) -> Viewer:
        return build_viewer(person_id=person.pk, name=person.name)

    def raise_matter(self, **facts: Any) -> Matter:
        given = {
            "by": Actor(person_id=self.liu.pk),
            "reporter_id": self.liu.pk,
            "place": self.building,
            "category": Category.objects.select_related("parent").get(code=facts.pop("category_code", "lighting")),
            "text": "楼道灯不亮，晚上看不见台阶。",
        }
        return actions.raise_matter(**{**given, **facts})


NAMES = {"liu": "刘玉梅", "ye": "叶锦棠", "luo": "罗建文", "lin": "林巧云"}


def load_town() -> None:
    begin_town(code="hengli", name="横沥镇", login="townadmin", password=PASSWORD, prefix="HL", city=("dongguan", "东莞市"))
    with writing():
        town = Place.objects.get(code="hengli")
        estate = create_place(code="ruikang", kind="estate", name="瑞康花园", parent=town, by=BY, name_en="Ruikang Garden")
        create_place(code="ruijin", kind="building", name="瑞金阁", parent=estate, by=BY)
        create_place(code="gekeng", kind="village", name="隔坑村", parent=town, by=BY)
        company = create_body(code="hengan", kind="property_company", name="恒安物业", place=estate, by=BY, name_en="Heng'an Property")
        branch = create_body(code="branch", kind="party_branch", name="瑞康花园党支部", place=estate, by=BY)
        for index, (login, name) in enumerate(NAMES.items()):
            person = create_person(name=name, phone=f"1390000000{index}")
            create_account(person=person, login=login, phone=person.phone, password=PASSWORD)
            if login in ("luo", "lin"):
                body, title = (company, "物业经理") if login == "luo" else (branch, "支部书记")
                give_post(body=body, title=title, person=person, held_from=date(2020, 1, 1), by=BY)
        RoutingRule.objects.create(place=estate, category=None, body=company, overdue_body=branch)
        RoutingRule.objects.create(place=estate, category=Category.objects.get(code="dispute"), body=branch)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> Iterator[None]:
    with shared_from_copy(connection):
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        load_town()


@pytest.fixture(autouse=True)
def _quiet() -> None:
    MemorySender.sent.clear()
    forget()
    forget_kept()
    _unwritten.clear()


@pytest.fixture(scope="session")
def scene() -> tuple[Callable[[], None], Callable[[], Town]]:
    """How the town is loaded and found again: for tests that keep a database of their own."""
    return load_town, the_town


@pytest.fixture
def new_ground() -> Iterator[Callable[..., Ground]]:
    """Databases of a test's own, of the kind this run tests, gone afterwards: `new_ground()` has today's tables, `new_ground(empty=True)` none."""
    with ExitStack() as stack:

        def do(*, empty: bool = False) -> Ground:
            return stack.enter_context(own_ground(empty=empty))

        yield do


@pytest.fixture(scope="module")
def set_once(django_db_setup: None, django_db_blocker: Any) -> Iterator[Callable[[Callable[[Town], Any]], Any]]:
    """Set a scene that takes long once for a module: each test works in a transaction inside it, and the whole is rolled back at the end.

    Every test stands at the moment the scene was set, however late it runs: nothing of the scene grows old.
    """
    # What the test before read of its own database is not true of this one.
    forget()
    forget_kept()
    around = transaction.atomic()
    around._from_testcase = True  # as in a test, what wants a transaction of its own finds itself in none
    with django_db_blocker.unblock(), clock.frozen(clock.now()), around:
        yield lambda scene: scene(the_town())
        transaction.set_rollback(True)


@pytest.fixture
def town(db: None) -> Town:
    return the_town()


def the_town() -> Town:
    def person(login: str) -> Person:
        return Account.objects.select_related("person").get(login=login).person

    return Town(
        place=Place.objects.get(code="hengli"),
        estate=Place.objects.get(code="ruikang"),
        building=Place.objects.get(code="ruijin"),
        company=Body.objects.get(code="hengan"),
        branch=Body.objects.get(code="branch"),
        **{login: person(login) for login in NAMES},
    )


@pytest.fixture
def nobody() -> Viewer:
    return NOBODY


@pytest.fixture
def sign_in(client: Any, db: None) -> Any:
    """Sign the test client in as a login of the town; gives the client."""

    def do(login: str) -> Any:
        client.force_login(Account.objects.get(login=login), backend="doorstep.foundation.identity.backend.AccountBackend")
        return client

    return do
