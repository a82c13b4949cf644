"""A clinic every Tuesday at the pavilion, offered by the property company; a nurse with a licence."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import pytest

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.identity.actions import create_account, create_person
from doorstep.foundation.identity.models import Person
from doorstep.foundation.journal.actions import Actor, writing
from doorstep.foundation.notify.actions import deliver_pending
from doorstep.foundation.notify.models import InboxItem
from doorstep.foundation.occasions.models import Occasion, Series
from doorstep.foundation.places.actions import create_place
from doorstep.foundation.places.models import Place
from doorstep.organisations.actions import create_body, give_post
from doorstep.organisations.actions.residence import verify_owner
from doorstep.organisations.models import Body, Holder, Unit
from doorstep.services import actions
from doorstep.services.models import Service
from doorstep.talents.actions import check_licence
from doorstep.talents.models import Licence

BY = Actor(channel="import")
# A Monday, eight days before the Spring Festival's Tuesday.
MONDAY = datetime(2026, 2, 9, 8, tzinfo=TOWN_ZONE)
CAPACITIES = {"nurse": 1, "helper": 3, "place": 20, "neighbour": 2}


@dataclass(frozen=True)
class Scene:
    """The small town with a pavilion. Luo's company offers the clinic; Ouyang is a nurse, the centre's Lu checks licences; Liu lives in the
    estate, Ye elsewhere."""

    town: Any
    pavilion: Place
    nurse: Person
    service: Service
    centre: Body
    checker: Person

    def viewer(self, person: Person) -> Viewer:
        viewer: Viewer = self.town.viewer(person)
        return viewer

    @property
    def luo(self) -> Viewer:
        return self.viewer(self.town.luo)

    @property
    def liu(self) -> Viewer:
        return self.viewer(self.town.liu)

    @property
    def ye(self) -> Viewer:
        return self.viewer(self.town.ye)

    @property
    def ouyang(self) -> Viewer:
        return self.viewer(self.nurse)

    def offer(self, code: str = "tea", kind: str = "tea", **facts: Any) -> Service:
        given = {"by": BY, "code": code, "kind": kind, "name": f"服务 {code}", "body": self.town.company, "place": self.town.estate}
        return actions.offer_service(**{**given, **facts})

    def series(self, **facts: Any) -> Series:
        given = {
            "by": BY, "service": self.service, "place": self.pavilion, "first": date(2026, 2, 10), "start": time(9), "minutes": 120,
            "rule": "FREQ=WEEKLY;BYDAY=TU", "capacities": CAPACITIES,
        }  # fmt: skip
        return actions.plan_series(**{**given, **facts})

    def session(self, service: Service | None = None, **facts: Any) -> Occasion:
        given = {
            "by": BY, "service": service or self.service, "place": self.pavilion, "starts_at": datetime(2026, 2, 12, 9, tzinfo=TOWN_ZONE),
            "minutes": 120, "capacities": CAPACITIES,
        }  # fmt: skip
        return actions.plan_session(**{**given, **facts})

    def licence(self, expires_on: date = date(2030, 1, 1), person: Person | None = None) -> Licence:
        return check_licence(
            viewer=self.viewer(self.checker), person=person or self.nurse, kind="nurse", number="200844010000", expires_on=expires_on,
            body=self.centre,
        )  # fmt: skip

    def told(self, person: Person) -> list[str]:
        while deliver_pending():
            pass
        return list(InboxItem.objects.filter(person=person).order_by("id").values_list("topic", flat=True))


@pytest.fixture
def scene(town: Any, at: Any) -> Scene:
    with writing():
        pavilion = create_place(code="pavilion", kind="venue", name="议事亭", parent=town.estate, by=BY, capacity=30)
        nurse = create_person(name="欧阳敏", phone="13800010009")
        create_account(person=nurse, login="ouyang", phone=nurse.phone)
        unit = Unit.objects.create(
            estate=town.estate,
            building=town.building,
            name="瑞金阁-1-302",
            room="302",
            area_hundredths=9230,
            kind="flat",
            status="delivered",
        )
        Holder.objects.create(unit=unit, person=town.liu)
        verify_owner(unit=unit, person_id=town.liu.pk, by=BY)
        service = actions.offer_service(
            by=BY, code="clinic", kind="clinic", name="义诊：量血压，问保健", name_en="Free clinic", says="免费，不用约。", body=town.company,
            place=town.estate, licences={"nurse": "nurse"}, filing_number="HL-YZ-1",
        )  # fmt: skip
        centre = create_body(code="innovation", kind="centre", name="横沥社会治理协同创新中心", place=town.place, by=BY)
        checker = create_person(name="卢敏仪")
        give_post(body=centre, title="主任", person=checker, held_from=date(2020, 1, 1), by=BY)
    return Scene(town=town, pavilion=pavilion, nurse=nurse, service=service, centre=centre, checker=checker)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sets the clock; the present is a Monday morning at first."""

    def set_to(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)
        monkeypatch.setattr(clock, "today", lambda: moment.astimezone(TOWN_ZONE).date())

    set_to(MONDAY)
    return set_to
