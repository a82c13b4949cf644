"""A pavilion in the estate, and a clinic every Tuesday."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.identity.actions import create_person
from doorstep.foundation.identity.models import Person
from doorstep.foundation.journal.actions import Actor, writing
from doorstep.foundation.notify.actions import deliver_pending
from doorstep.foundation.notify.models import InboxItem
from doorstep.foundation.occasions import actions
from doorstep.foundation.occasions.models import Occasion, Series
from doorstep.foundation.places.actions import create_place
from doorstep.foundation.places.models import Place

BY = Actor(channel="import")
# A Monday, eight days before the Spring Festival's Tuesday.
MONDAY = datetime(2026, 2, 9, 8, tzinfo=TOWN_ZONE)


@dataclass(frozen=True)
class Scene:
    """The small town with a pavilion. Luo's property company runs what is planned here; Liu and Ye are neighbours, Mo has no account."""

    town: Any
    pavilion: Place
    mo: Person

    @property
    def luo(self) -> Viewer:
        return self.town.viewer(self.town.luo)

    @property
    def liu(self) -> Viewer:
        return self.town.viewer(self.town.liu)

    @property
    def ye(self) -> Viewer:
        return self.town.viewer(self.town.ye)

    @property
    def run_by(self) -> str:
        return f"body:{self.town.company.pk}"

    def series(self, **facts: Any) -> Series:
        given = {
            "by": BY,
            "kind": "service",
            "subject": "clinic",
            "run_by": self.run_by,
            "title": "周二义诊",
            "title_en": "Tuesday clinic",
            "place": self.pavilion,
            "first": date(2026, 2, 10),
            "start": time(9),
            "minutes": 120,
            "rule": "FREQ=WEEKLY;BYDAY=TU",
            "skips_holidays": True,
            "capacities": {"nurse": 1, "place": 2},
        }
        return actions.create_series(**{**given, **facts})

    def occasion(self, **facts: Any) -> Occasion:
        begin = facts.pop("starts_at", MONDAY + timedelta(days=3))
        given = {
            "by": BY,
            "kind": "activity",
            "run_by": self.run_by,
            "title": "亲子手工班",
            "place": self.pavilion,
            "starts_at": begin,
            "ends_at": begin + timedelta(hours=2),
            "capacities": {"place": 2},
        }
        return actions.plan_occasion(**{**given, **facts})

    def people(self, count: int) -> list[Viewer]:
        return [self.town.viewer(create_person(name=f"邻居{index}")) for index in range(count)]

    def told(self, person: Person | Viewer) -> list[str]:
        while deliver_pending():
            pass
        person_id = person.person_id if isinstance(person, Viewer) else person.pk
        return list(InboxItem.objects.filter(person_id=person_id).order_by("id").values_list("topic", flat=True))


@pytest.fixture
def monday() -> Iterator[datetime]:
    with clock.frozen(MONDAY):
        yield MONDAY


@pytest.fixture
def scene(town: Any, monday: datetime) -> Scene:
    with writing():
        pavilion = create_place(code="pavilion", kind="venue", name="议事亭", parent=town.estate, by=BY, name_en="Pavilion")
    return Scene(town=town, pavilion=pavilion, mo=create_person(name="莫银好", phone="0769-00000000"))
