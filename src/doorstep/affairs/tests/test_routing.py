"""Who gets what, set from a screen."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from doorstep.affairs.actions import NotAllowed, escalate_overdue, route_matter
from doorstep.affairs.actions.routing import CannotServe, DaysOutOfRange, TwiceTheSame, set_escalation, set_routing
from doorstep.affairs.models import Category, RoutingRule
from doorstep.affairs.permissions import roles_in
from doorstep.affairs.queries import matter_for, thread_for, workbench
from doorstep.affairs.queries.routing import escalation_of, reaching, routes_of, rules_naming
from doorstep.foundation.access.viewer import build_viewer
from doorstep.foundation.clock.kept import forget_kept
from doorstep.foundation.identity.actions import create_person
from doorstep.foundation.identity.models import Account
from doorstep.foundation.journal.actions import Actor
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.places.models import Place
from doorstep.organisations.actions import create_body, give_post
from doorstep.organisations.models import Body


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
    assert named(town.estate)["dispute"] == (None, None, False)
    assert named(town.estate)["parking"] == ("hengan", "branch", False)
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


def test_what_a_place_takes(town: Any) -> None:
    def lacking(place: Place) -> set[str]:
        return {each.code for each, reaches in reaching(place) if not reaches}

    assert lacking(town.estate) == {"petition"}
    everything = {each.code for each in Category.objects.filter(parent=None)}
    assert lacking(town.place) == everything - {"neighbour_help"}
    set_routing(viewer=admin(), place=town.estate, category=None, body=None)
    assert lacking(town.estate) == everything - {"neighbour_help", "dispute"}


@pytest.fixture
def office(town: Any) -> Any:
    """Somebody of a body of the town itself."""
    centre = create_body(code="centre", kind="centre", name="镇党群服务中心", place=town.place, by=Actor())
    person = create_person(name="冯伟东")
    give_post(body=centre, title="办事员", person=person, held_from=date(2020, 1, 1), by=Actor())
    return town.viewer(person)


@pytest.mark.parametrize("facts", [{"category_code": "petition"}, {"category_code": "lighting", "is_public": False}])
def test_what_no_rule_routes_and_not_everybody_may_see_waits_for_the_town(town: Any, office: Any, facts: dict[str, Any]) -> None:
    RoutingRule.objects.filter(category=None).update(
        place=town.place if facts["category_code"] == "petition" else Place.objects.get(code="gekeng")
    )
    forget_kept()
    matter = town.raise_matter(**facts)
    assert (matter.state, matter.body) == ("registered", None)
    now = matter.raised_at
    # Neither the company, which everything else goes to, nor the branch knows of it.
    for person in (town.luo, town.lin, town.ye):
        assert matter_for(town.viewer(person), matter.number) is None
        assert roles_in(town.viewer(person), matter) == set()
        assert workbench(town.viewer(person), now=now, end_of_today=now, end_of_week=now).unrouted == []
        with pytest.raises(NotAllowed):
            route_matter(viewer=town.viewer(person), matter=matter, body=town.company)
    assert workbench(office, now=now, end_of_today=now, end_of_week=now).unrouted == [matter]
    assert thread_for(office, matter.number).reporter_name == "刘玉梅"
    assert route_matter(viewer=office, matter=matter, body=town.branch).body == town.branch
    assert matter_for(town.viewer(town.lin), matter.number) == matter


def test_the_place_above_that_names_the_category_has_it(town: Any, office: Any) -> None:
    centre = Body.objects.get(code="centre")
    set_routing(viewer=admin(), place=town.place, category=category("petition"), body=centre)
    assert town.raise_matter(category_code="petition").body == centre
    assert named(town.building)["petition"] == ("centre", None, False)
    # A place's own rule may still name whom it will.
    set_routing(viewer=admin(), place=town.estate, category=category("petition"), body=town.branch)
    assert town.raise_matter(category_code="petition").body == town.branch


def test_steps_of_escalation_are_set_changed_and_taken_away(town: Any, office: Any) -> None:
    centre = Body.objects.get(code="centre")
    for body in (town.branch, centre, centre):
        set_escalation(viewer=admin(), place=town.estate, days=3, body=body)
    assert [(step.days, step.body) for step in escalation_of(town.building)] == [(3, centre)]
    set_escalation(viewer=admin(), place=town.place, days=2, body=centre)
    assert [(step.days, step.place) for step in escalation_of(town.estate)] == [(2, town.place), (3, town.estate)]
    assert rules_naming(centre) == 2
    for _ in range(2):
        set_escalation(viewer=admin(), place=town.estate, days=3, body=None)
    assert [step.days for step in escalation_of(town.estate)] == [2]
    kept = [entry.detail for entry in Entry.objects.filter(verb="escalation_set", subject="ruikang").order_by("id")]
    assert kept == [{"days": 3, "body": "branch"}, {"days": 3, "body": "centre"}, {"days": 3, "body": None}]


def test_a_step_that_was_set_brings_a_late_matter_further(town: Any, office: Any) -> None:
    centre = Body.objects.get(code="centre")
    set_escalation(viewer=admin(), place=town.estate, days=3, body=centre)
    matter = town.raise_matter()
    escalate_overdue(now=matter.due_at + timedelta(days=3, hours=1))
    matter.refresh_from_db()
    assert (matter.overdue_body, matter.overdue_days) == (centre, 3)


def test_who_may_set_a_step_and_which(town: Any, office: Any) -> None:
    for person in (town.lin, town.liu):
        with pytest.raises(NotAllowed):
            set_escalation(viewer=town.viewer(person), place=town.estate, days=3, body=town.branch)
    with pytest.raises(NotAllowed):
        set_escalation(viewer=town.viewer(town.luo), place=town.place, days=3, body=Body.objects.get(code="centre"))
    with pytest.raises(CannotServe):
        set_escalation(viewer=admin(), place=town.place, days=3, body=town.branch)
    for days in (0, -1, 366):
        with pytest.raises(DaysOutOfRange):
            set_escalation(viewer=admin(), place=town.estate, days=days, body=town.branch)


def test_steps_on_the_screen(town: Any) -> None:
    client = Client()
    client.force_login(Account.objects.get(login="townadmin"), backend="doorstep.foundation.identity.backend.AccountBackend")
    address = "/p/ruikang/routing/"
    assert "还没有。只有上面写的" in client.get(address).content.decode()
    assert client.post(address, {"days": "15", "to": "branch", "once": "a"})["Location"] == f"{address}#late"
    page = client.get(address).content.decode()
    assert "超期 15 天" in page
    for days, to in (("x", "branch"), ("", "branch"), ("366", "branch"), ("4", "nobody")):
        answer = client.post(address, {"days": days, "to": to, "once": f"b{days}{to}"})
        assert answer.status_code == 422
        assert f'value="{days}"' in answer.content.decode()
    assert client.post(address, {"days": "15", "to": "", "once": "c"}).status_code == 303
    assert "超期 15 天" not in client.get(address).content.decode()


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
