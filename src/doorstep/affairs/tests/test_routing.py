"""Who gets what, set from a screen."""

from typing import Any

import pytest
from django.test import Client

from doorstep.affairs.actions import NotAllowed
from doorstep.affairs.actions.routing import CannotServe, TwiceTheSame, set_routing
from doorstep.affairs.models import Category, RoutingRule
from doorstep.affairs.queries.routing import routes_of, takes_matters
from doorstep.foundation.access.viewer import build_viewer
from doorstep.foundation.identity.models import Account
from doorstep.foundation.journal.actions import Actor
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.places.models import Place
from doorstep.organisations.actions import create_body


def admin() -> Any:
    return build_viewer(person_id=Account.objects.get(login="townadmin").person_id, is_town_admin=True)


def category(code: str) -> Category:
    return Category.objects.get(code=code)


def named(place: Place) -> dict[str | None, tuple[str | None, str | None, bool]]:
    return {
        route.category.code if route.category else None: (
            route.body.code if route.body else None,
            route.overdue_body.code if route.overdue_body else None,
            route.own,
        )
        for route in routes_of(place)
    }


def test_what_is_said_of_a_category_is_what_a_matter_meets(town: Any) -> None:
    set_routing(viewer=admin(), place=town.estate, category=category("facilities"), body=town.branch, overdue_body=town.company)
    assert named(town.estate)["facilities"] == ("branch", "hengan", True)
    matter = town.raise_matter(category_code="facilities")
    assert (matter.body, matter.overdue_body) == (town.branch, town.company)
    assert Entry.objects.filter(verb="routing_set").latest("id").detail == {
        "category": "facilities",
        "body": "branch",
        "overdue_body": "hengan",
    }


def test_without_a_rule_of_its_own_the_place_above_decides_again(town: Any) -> None:
    assert named(town.estate)["dispute"] == ("branch", None, True)
    assert named(town.building)["dispute"] == ("branch", None, False)
    set_routing(viewer=admin(), place=town.estate, category=category("dispute"), body=None)
    assert named(town.estate)["dispute"] == ("hengan", "branch", False)
    assert set_routing(viewer=admin(), place=town.estate, category=category("dispute"), body=None) is None


def test_saying_the_same_twice_writes_once(town: Any) -> None:
    for _ in range(2):
        set_routing(viewer=admin(), place=town.estate, category=category("parking"), body=town.branch)
    assert Entry.objects.filter(verb="routing_set").count() == 1
    assert RoutingRule.objects.filter(category=category("parking")).count() == 1


def test_only_bodies_here_or_above_that_have_somebody(town: Any) -> None:
    empty = create_body(code="empty", kind="volunteer_team", name="队", place=town.estate, by=Actor())
    for body in (empty, town.branch):
        place = town.estate if body is empty else Place.objects.get(code="gekeng")
        with pytest.raises(CannotServe):
            set_routing(viewer=admin(), place=place, category=None, body=body)
    with pytest.raises(TwiceTheSame):
        set_routing(viewer=admin(), place=town.estate, category=None, body=town.branch, overdue_body=town.branch)


def test_who_may(town: Any) -> None:
    for person in (town.lin, town.liu):
        with pytest.raises(NotAllowed):
            set_routing(viewer=town.viewer(person), place=town.estate, category=None, body=town.branch)
    # The company keeps the roll: it sets up its own estate, not the town.
    assert set_routing(viewer=town.viewer(town.luo), place=town.estate, category=category("parking"), body=town.company)
    with pytest.raises(NotAllowed):
        set_routing(viewer=town.viewer(town.luo), place=town.place, category=None, body=town.company)


def test_whether_a_place_takes_matters(town: Any) -> None:
    assert takes_matters(town.estate)
    assert not takes_matters(town.place)
    set_routing(viewer=admin(), place=town.estate, category=None, body=None)
    assert not takes_matters(town.estate)


def test_the_screen(town: Any) -> None:
    client = Client()
    client.force_login(Account.objects.get(login="townadmin"), backend="doorstep.foundation.identity.backend.AccountBackend")
    page = client.get("/p/ruikang/routing/").content.decode()
    assert "恒安物业" in page
    sent = {"category": "parking", "body": "branch", "overdue_body": "hengan", "once": "a"}
    assert client.post("/p/ruikang/routing/", sent).status_code == 303
    assert named(town.estate)["parking"] == ("branch", "hengan", True)
    assert client.post("/p/ruikang/routing/", {**sent, "overdue_body": "branch", "once": "b"}).status_code == 422
    assert client.post("/p/ruikang/routing/", {**sent, "body": "nobody", "once": "c"}).status_code == 422
    assert client.post("/p/ruikang/routing/", {**sent, "category": "none", "once": "d"}).status_code == 404
