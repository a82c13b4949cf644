"""One of several processes that race: `python -m doorstep.foundation.occasions.tests.racer`, a JSON command a line in, a JSON answer a line out."""

import json
import random
import sys
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

import django

django.setup()

from doorstep.foundation import clock  # noqa: E402
from doorstep.foundation.access.viewer import Viewer, build_viewer  # noqa: E402
from doorstep.foundation.identity.actions import create_person  # noqa: E402
from doorstep.foundation.identity.models import Person  # noqa: E402
from doorstep.foundation.journal.actions import Actor, writing  # noqa: E402
from doorstep.foundation.journal.models import Entry  # noqa: E402
from doorstep.foundation.occasions import actions  # noqa: E402
from doorstep.foundation.occasions.models import Occasion, Series, SignUp  # noqa: E402
from doorstep.foundation.places.actions import create_place  # noqa: E402
from doorstep.foundation.places.models import Place  # noqa: E402
from doorstep.site.town import begin_town  # noqa: E402

BY = Actor(channel="import")
REFUSALS = (
    actions.PersonBusy,
    actions.NotOffered,
    actions.HoldOver,
    actions.NotSignedUp,
    actions.AlreadySignedUp,
)


def viewer(person_id: int) -> Viewer:
    return build_viewer(person_id=person_id)


def prepare(people: int) -> dict[str, Any]:
    """On a migrated database, a town with a pavilion and so many neighbours."""
    town, _account = begin_town(code="hengli", name="横沥镇", login="townadmin", password="a-long-password", prefix="HL")
    with writing():
        create_place(code="pavilion", kind="venue", name="议事亭", parent=town, by=BY)
    Person.objects.bulk_create([Person(name=f"邻居{index}", created_at=clock.now()) for index in range(people)])
    return {
        "organiser": create_person(name="组织者").pk,
        "people": list(Person.objects.filter(name__startswith="邻居").order_by("id").values_list("id", flat=True)),
    }


def plan(organiser: int, starts_at: str, places: int, at: str = "hengli") -> str:
    begin = datetime.fromisoformat(starts_at)
    return actions.plan_occasion(
        by=BY,
        kind="activity",
        run_by=f"person:{organiser}",
        title="义诊",
        place=Place.objects.get(code=at),
        starts_at=begin,
        ends_at=begin + timedelta(hours=2),
        capacities={"place": places},
    ).code


def refused_or(action: Callable[..., SignUp], **facts: Any) -> str:
    """The standing an action leads to, or the name of what it refuses with."""
    try:
        return action(**facts).standing
    except REFUSALS as refusal:
        return type(refusal).__name__


def sign_up(occasions: list[str], persons: list[int]) -> list[str]:
    """Each person signs up for each occasion."""
    found = {code: Occasion.objects.get(code=code) for code in occasions}
    return [refused_or(actions.sign_up, viewer=viewer(person), occasion=found[code]) for person in persons for code in occasions]


def live_on(occasion: str, persons: list[int], at: str, seed: int) -> list[str]:
    """A day of the line: holds run out, some accept, some leave, some come again."""
    chance = random.Random(seed)
    done = []
    with clock.frozen(datetime.fromisoformat(at)):
        actions.expire_holds()
        kept = Occasion.objects.get(code=occasion)
        for person in chance.sample(persons, len(persons)):
            mine = SignUp.objects.filter(occasion=kept, person_id=person).order_by("-id").first()
            if mine is None:
                continue
            luck = chance.random()
            if mine.standing == "offered" and luck < 0.5:
                done.append(refused_or(actions.accept_hold, viewer=viewer(person), sign_up=mine))
            elif mine.standing == "confirmed" and luck < 0.4:
                done.append(refused_or(actions.cancel_sign_up, viewer=viewer(person), sign_up=mine))
            elif mine.standing == "lapsed" and luck < 0.5:
                done.append(refused_or(actions.sign_up, viewer=viewer(person), occasion=kept))
        actions.expire_holds()
    return done


def book(organiser: int, starts: list[str], seed: int) -> list[str]:
    random.Random(seed).shuffle(starts)
    done = []
    for start in starts:
        try:
            done.append(plan(organiser, start, 10, "pavilion"))
        except actions.PlaceTaken:
            done.append("PlaceTaken")
    return done


def begin_series(organiser: int) -> str:
    series = actions.create_series(
        by=BY,
        kind="service",
        run_by=f"person:{organiser}",
        title="周二义诊",
        place=Place.objects.get(code="pavilion"),
        first=clock.today(),
        start=time(9),
        minutes=120,
        rule="FREQ=WEEKLY;BYDAY=TU,TH",
        capacities={"place": 2},
    )
    return series.code


def disturb(organiser: int, series: str, persons: list[int], seed: int) -> list[str]:
    """Everything at once: the plan changes, dates are moved, called off and set out, people come and go."""
    chance = random.Random(seed)
    kept = Series.objects.get(code=series)
    done = []
    for step in range(40):
        occasion = chance.choice(list(kept.occasions.filter(state="planned", starts_at__gt=clock.now() + timedelta(days=2)).order_by("id")))
        work: dict[str, Callable[[], object]] = {
            "change": lambda: actions.change_series(
                viewer=viewer(organiser), series=kept, starting=clock.today() + timedelta(days=1), start=time(chance.randint(6, 20))
            ),
            "move": lambda at=occasion: actions.move_occasion(
                viewer=viewer(organiser), occasion=at, starts_at=at.starts_at + timedelta(minutes=chance.randint(-600, 600))
            ),
            "cancel": lambda at=occasion: actions.cancel_occasion(viewer=viewer(organiser), occasion=at, reason="weather"),
            "prepare": lambda step=step: actions.prepare_dates(until=clock.today() + timedelta(days=150 + step)),
            "sign_up": lambda at=occasion: actions.sign_up(viewer=viewer(chance.choice(persons)), occasion=at),
        }
        verb = chance.choices(list(work), weights=[1, 3, 1, 2, 9])[0]
        try:
            work[verb]()
            done.append(verb)
        except (*REFUSALS, actions.PlaceTaken, actions.IsCancelled, actions.HasBegun, actions.InThePast) as refusal:
            done.append(type(refusal).__name__)
    return done


def story(occasion: str) -> list[tuple[str, int]]:
    """(verb, sign-up) of an occasion's sign-ups in the order they were written."""
    entries = Entry.objects.filter(kind="occasion", subject=occasion, detail__has_key="sign_up").order_by("id")
    return [(entry.verb, entry.detail["sign_up"]) for entry in entries]


def standings(occasion: str) -> list[tuple[int, str]]:
    return list(SignUp.objects.filter(occasion__code=occasion).order_by("id").values_list("id", "standing"))


def listed(occasion: str) -> list[int]:
    """The persons on an occasion's list, in the order they were written."""
    return list(SignUp.objects.filter(occasion__code=occasion).order_by("id").values_list("person_id", flat=True))


def confirmed(persons: list[int]) -> list[int]:
    """How many confirmed places each of these persons has."""
    return [SignUp.objects.filter(person_id=person, standing="confirmed").count() for person in persons]


def booked() -> list[tuple[str, str]]:
    rows = (
        Occasion.objects.filter(place__code="pavilion").exclude(state="cancelled").order_by("starts_at").values_list("starts_at", "ends_at")
    )
    return [(begin.isoformat(), end.isoformat()) for begin, end in rows]


COMMANDS: dict[str, Callable[..., Any]] = {
    each.__name__: each
    for each in (prepare, plan, sign_up, live_on, book, story, standings, listed, confirmed, booked, begin_series, disturb)
}

if __name__ == "__main__":
    for line in sys.stdin:
        command = json.loads(line)
        print(json.dumps(COMMANDS[command.pop("do")](**command)), flush=True)
