"""Opening a place: what it still needs before it can take its first matter, and what may come later."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from doorstep.affairs.queries.categories import every_category
from doorstep.affairs.queries.routing import reaching
from doorstep.foundation.places.models import Place
from doorstep.foundation.places.queries import children
from doorstep.organisations.models import Body, Unit
from doorstep.organisations.queries import bodies_at, bodies_serving
from doorstep.organisations.queries.members import buildings_with_contact


@dataclass(frozen=True, slots=True)
class Step:
    """A step of opening a place. `needed`: without it no matter reaches anybody."""

    code: str
    name: Promise | str
    says: Promise
    url: str
    done: bool
    needed: bool


def steps_for(place: Place) -> list[Step]:
    """The steps in their order. A fixed number of queries."""
    home = f"/p/{place.code}"
    below = children(place, Place.Kind.BUILDING, Place.Kind.VENUE)
    is_estate = place.kind == Place.Kind.ESTATE
    kinds = reaching(place)
    # Those of the restricted kinds that are lacking, else all of them.
    apart = [each.name for each, reaches in kinds if each.is_restricted and not reaches]
    restricted = [each.name for each, _reaches in kinds if each.is_restricted]
    steps = [
        Step("place", _("地方"), _("名称、电话、哪年建成"), f"{home}/setup/place", bool(place.name and place.phone), needed=False),
        Step(
            "plan",
            _("平面图"),
            _("楼栋和场地在哪里"),
            f"{home}/setup/plan",
            bool(below) and all(each.plan_x is not None for each in below),
            needed=False,
        ),
        Step(
            "roll",
            _("业主名册"),
            _("传一份表，看过再写入"),
            f"{home}/roll/",
            is_estate and Unit.objects.filter(estate=place).exists(),
            needed=False,
        ),
        Step("bodies", _("机构和职务"), _("谁在这里办事"), f"{home}/organisations/new", bool(bodies_serving(place)), needed=True),
        Step(
            "contacts",
            _("联系人和电话"),
            _("每栋楼的联系党员，每个机构的电话"),
            f"{home}/setup/contacts",
            contacts_at(place, [each for each in below if each.kind == Place.Kind.BUILDING]).whole,
            needed=False,
        ),
        Step(
            "categories",
            _("事的种类"),
            _("哪些可以说，自己加几类"),
            f"{home}/categories/",
            place.kind == Place.Kind.TOWN and bool(every_category()),
            needed=False,
        ),
        Step(
            "routing",
            _("谁来办"),
            _("每一类交给谁，到点没办谁盯"),
            f"{home}/routing/",
            all(reaches for each, reaches in kinds if not each.is_restricted),
            needed=True,
        ),
        Step(
            "restricted",
            gettext("%(kinds)s谁来办") % {"kinds": gettext("、").join(apart or restricted)},
            _("这几类“所有的类”不管，要一类一类定：别让事情落到被说的人手里"),
            f"{home}/routing/",
            not apart,
            needed=True,
        ),
    ]
    left_out = {"roll"} if not is_estate else set()
    if place.kind != Place.Kind.TOWN:
        left_out.add("categories")
    return [step for step in steps if step.code not in left_out]


@dataclass(frozen=True, slots=True)
class Contacts:
    """Whom one can turn to here: for each building whether its contact person is named and has given a phone, and the bodies of the place."""

    buildings: list[tuple[Place, bool, bool]]
    bodies: list[Body]

    @property
    def whole(self) -> bool:
        """Every building has somebody with a phone, and every body (of which there is one) has one too."""
        return bool(self.bodies) and all(body.phone for body in self.bodies) and all(phone for _place, _named, phone in self.buildings)

    @property
    def branches(self) -> list[Body]:
        """Those that name the contacts."""
        return [body for body in self.bodies if body.kind == Body.Kind.PARTY_BRANCH]


def contacts_at(place: Place, buildings: list[Place]) -> Contacts:
    """Two queries. Who it is stands on the branch's own page and on the doorstep of those who live there."""
    known = buildings_with_contact(buildings)
    return Contacts([(each, each.pk in known, known.get(each.pk, False)) for each in buildings], list(bodies_at(place)))


@dataclass(frozen=True, slots=True)
class Readiness:
    steps: list[Step]

    @property
    def lacking(self) -> list[Step]:
        """What stands between this place and its first matter."""
        return [step for step in self.steps if step.needed and not step.done]

    @property
    def later(self) -> list[Step]:
        return [step for step in self.steps if not step.needed and not step.done]

    @property
    def ready(self) -> bool:
        return not self.lacking


def readiness(place: Place) -> Readiness:
    return Readiness(steps_for(place))
