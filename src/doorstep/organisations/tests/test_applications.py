"""Registering oneself: who asks, who decides, what becomes of it."""

from typing import Any

import pytest

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import may_see
from doorstep.foundation.identity.actions import create_person
from doorstep.foundation.identity.lifecycle import person_columns
from doorstep.foundation.journal.actions import Actor
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.notify.actions import deliver_pending
from doorstep.foundation.notify.models import Follow, InboxItem
from doorstep.foundation.notify.queries import lines_of
from doorstep.foundation.places.models import Place
from doorstep.organisations import actions
from doorstep.organisations.actions import applications
from doorstep.organisations.lifecycle import _withdraw_applications
from doorstep.organisations.models import Body, BodyApplication, Post, Unit
from doorstep.organisations.queries import home_of
from doorstep.organisations.queries.applications import application_for, applications_for, registered_here
from doorstep.organisations.queries.figures import PlaceFigures, place_figures

HEQING = "91441900MA5HL00065"


@pytest.fixture
def clerk(town: Any) -> Any:
    centre = actions.create_body(code="centre", kind="centre", name="党群服务中心", place=town.place, by=Actor())
    person = create_person(name="梁素云")
    actions.give_post(body=centre, title="值班长", person=person, held_from=clock.today(), by=Actor())
    return person


def ask(town: Any, **facts: Any) -> BodyApplication:
    given = {"kind": "enterprise", "name": "禾晴饮品", "uscc": HEQING, "place": town.place, "phone": "0769-1", **facts}
    return applications.apply_to_register(viewer=town.viewer(town.liu), **given)


def test_an_enterprise_asks_the_service_centre_accepts(town: Any, clerk: Any) -> None:
    application = ask(town)
    while deliver_pending():
        pass
    (told,) = InboxItem.objects.filter(person=clerk, topic="register_asked")
    assert [line.title for line in lines_of([told], town.viewer(clerk)).values()] == ["禾晴饮品"]
    # Whoever decides there no longer is not told who asked.
    assert lines_of([told], town.viewer(town.ye)) == {}
    accepted = applications.accept_application(viewer=town.viewer(clerk), application=application)
    body = Body.objects.get(uscc=HEQING)
    assert (accepted.state, accepted.body, accepted.decided_by) == ("accepted", body, Post.objects.get(person=clerk))
    contact = Post.objects.get(body=body)
    assert (contact.person, contact.handles_matters) == (town.liu, False)
    with pytest.raises(applications.Decided):
        applications.refuse_application(viewer=town.viewer(clerk), application=application, reasons=["not_here"])


def test_a_worker_from_elsewhere_registers_without_a_credit_code_and_makes_no_body(town: Any, clerk: Any) -> None:
    application = ask(town, kind="worker", name="刘玉梅", uscc="")
    accepted = applications.accept_application(viewer=town.viewer(clerk), application=application)
    assert (accepted.state, accepted.body) == ("accepted", None)
    with pytest.raises(applications.AskedAlready):
        ask(town, kind="worker", name="刘玉梅", uscc="")


def test_a_refusal_has_reasons_and_one_may_come_again(town: Any, clerk: Any) -> None:
    application = ask(town)
    with pytest.raises(applications.AskedAlready):
        ask(town)
    with pytest.raises(applications.NoReason):
        applications.refuse_application(viewer=town.viewer(clerk), application=application, reasons=[])
    refused = applications.refuse_application(viewer=town.viewer(clerk), application=application, reasons=["papers_missing"])
    assert (refused.state, refused.reasons) == ("refused", ["papers_missing"])
    assert ask(town).state == "waiting"


def test_the_same_credit_code_is_registered_once(town: Any, clerk: Any) -> None:
    first, second = (
        ask(town),
        applications.apply_to_register(viewer=town.viewer(town.ye), kind="enterprise", name="禾晴", uscc=HEQING, place=town.place),
    )
    applications.accept_application(viewer=town.viewer(clerk), application=first)
    with pytest.raises(actions.UsccTaken):
        applications.accept_application(viewer=town.viewer(clerk), application=second)
    assert BodyApplication.objects.get(pk=second.pk).state == "waiting"
    with pytest.raises(actions.UsccTaken):
        applications.apply_to_register(viewer=town.viewer(town.lin), kind="merchant", name="又一家", uscc=HEQING, place=town.place)


def test_a_bad_credit_code_is_not_taken(town: Any) -> None:
    with pytest.raises(actions.BadUscc):
        ask(town, uscc="91441900MA5HL00066")
    with pytest.raises(actions.BadUscc):
        ask(town, uscc="")


def test_who_decides_where(town: Any, clerk: Any) -> None:
    application = ask(town)
    for person in (town.lin, town.luo, town.ye):
        assert application_for(town.viewer(person), application.pk) is None
        with pytest.raises(actions.NotAllowed):
            applications.accept_application(viewer=town.viewer(person), application=application)
    # A village decides for itself, not for the town.
    gekeng = Place.objects.get(code="gekeng")
    party = actions.create_body(code="gekeng-party", kind="village_party", name="村党委", place=gekeng, by=Actor())
    actions.give_post(body=party, title="书记", person=town.ye, held_from=clock.today(), by=Actor())
    assert application_for(town.viewer(town.ye), application.pk) is None
    village = ask(town, place=gekeng)
    assert application_for(town.viewer(town.ye), village.pk) is not None
    assert [each.pk for each in applications_for(town.viewer(town.ye))[0]] == [village.pk]
    assert {each.pk for each in applications_for(town.viewer(clerk))[0]} == {application.pk, village.pk}
    assert applications_for(town.viewer(town.liu)) == ([], None)


def test_nobody_decides_on_their_own(town: Any, clerk: Any) -> None:
    own = applications.apply_to_register(viewer=town.viewer(clerk), kind="enterprise", name="自己的店", uscc=HEQING, place=town.place)
    with pytest.raises(actions.NotAllowed):
        applications.accept_application(viewer=town.viewer(clerk), application=own)


def test_one_withdraws_ones_own(town: Any, clerk: Any) -> None:
    application = ask(town)
    with pytest.raises(actions.NotAllowed):
        applications.withdraw_application(viewer=town.viewer(clerk), application=application)
    assert applications.withdraw_application(viewer=town.viewer(town.liu), application=application).state == "withdrawn"
    with pytest.raises(applications.Decided):
        applications.accept_application(viewer=town.viewer(clerk), application=application)


def test_entries_are_for_who_asked_and_who_decides(town: Any, clerk: Any) -> None:
    application = ask(town)
    key = f"application:{application.pk}"
    assert {entry.audience for entry in Entry.objects.filter(kind="application")} == {key}
    assert may_see(town.viewer(town.liu), key)
    assert may_see(town.viewer(clerk), key)
    assert not may_see(town.viewer(town.ye), key)
    assert not may_see(town.viewer(town.ye), "application:none")


# What being registered opens to a worker from elsewhere


def worker_at(town: Any, clerk: Any, place: Place, person: Any = None, offers: str = "周末能修单车") -> BodyApplication:
    person = person or town.liu
    asked = applications.apply_to_register(viewer=town.viewer(person), kind="worker", name=person.name, place=place, offers=offers)
    return applications.accept_application(viewer=town.viewer(clerk), application=asked)


def test_a_registered_worker_has_the_key_hears_of_the_place_and_is_asked_in(town: Any, clerk: Any, sign_in: Any) -> None:
    gekeng = Place.objects.get(code="gekeng")
    assert "registered:gekeng" not in town.viewer(town.liu).keys
    running = worker_at(town, clerk, gekeng)
    assert "registered:gekeng" in town.viewer(town.liu).keys
    assert "estate:gekeng" not in town.viewer(town.liu).keys
    assert "registered:gekeng" not in town.viewer(town.ye).keys
    assert Follow.objects.filter(person=town.liu, kind="place", subject="gekeng").exists()
    assert home_of(town.viewer(town.liu)) == gekeng
    page = sign_in("liu").get("/p/gekeng/").content.decode()
    for said in ("您在这里登记了", "周末能修单车", 'href="/raise/?place=gekeng"', 'href="/p/gekeng/services/"'):
        assert said in page, said
    assert "您在这里登记了" not in sign_in("liu").get("/p/ruikang/").content.decode()
    assert "周末能修单车" not in sign_in("ye").get("/p/gekeng/").content.decode()
    assert registered_here(town.viewer(town.ye), gekeng) is None
    while deliver_pending():
        pass
    told = InboxItem.objects.get(person=town.liu, topic="register_accepted")
    assert lines_of([told], town.viewer(town.liu))[told.pk].text == "登记好了，请您一起来"
    assert running.state == "accepted"


@pytest.mark.parametrize("who", ["liu", "clerk"])
def test_ending_it_takes_the_key_away(town: Any, clerk: Any, sign_in: Any, who: str) -> None:
    gekeng = Place.objects.get(code="gekeng")
    running = worker_at(town, clerk, gekeng)
    for stranger in (town.ye, town.luo):
        with pytest.raises(actions.NotAllowed):
            applications.end_registration(viewer=town.viewer(stranger), application=running)
    viewer = town.viewer(town.liu if who == "liu" else clerk)
    ended = applications.end_registration(viewer=viewer, application=running)
    assert (ended.state, ended.ended_at is not None) == ("ended", True)
    assert "registered:gekeng" not in town.viewer(town.liu).keys
    assert not Follow.objects.filter(person=town.liu).exists()
    with pytest.raises(applications.NotRunning):
        applications.end_registration(viewer=viewer, application=running)
    assert Entry.objects.filter(verb="register_ended").count() == 1
    assert "您在这里登记了" not in sign_in("liu").get("/p/gekeng/").content.decode()
    # And one may come again.
    assert worker_at(town, clerk, gekeng).pk != running.pk


def test_ending_it_on_the_screen(town: Any, clerk: Any, sign_in: Any) -> None:
    running = worker_at(town, clerk, Place.objects.get(code="gekeng"))
    address = f"/organisations/applications/{running.pk}"
    assert "我不在这里了，结束登记" in sign_in("liu").get(address).content.decode()
    for _ in range(2):
        assert sign_in("liu").post(f"{address}/end").status_code == 303
    assert "结束登记" not in sign_in("liu").get(address).content.decode()
    assert sign_in("ye").post(f"{address}/end").status_code == 404


def test_who_dies_or_is_erased_is_registered_nowhere(town: Any, clerk: Any) -> None:
    worker_at(town, clerk, Place.objects.get(code="gekeng"))
    column = next(each for each in person_columns() if each.column == "organisations.BodyApplication.person_id")
    _withdraw_applications(column, town.liu.pk, None)
    assert "registered:gekeng" not in town.viewer(town.liu).keys


def test_workers_are_counted_from_the_floor_on_and_each_once(town: Any, clerk: Any, sign_in: Any) -> None:
    gekeng = Place.objects.get(code="gekeng")
    people = [create_person(name=f"工友{n}") for n in range(5)]
    for person in people[:4]:
        worker_at(town, clerk, gekeng, person)
    worker_at(town, clerk, town.place, people[0])
    assert place_figures(gekeng) == PlaceFigures(workers=None)
    assert "外来务工者登记在这里" not in sign_in("ye").get("/p/gekeng/").content.decode()
    last = worker_at(town, clerk, gekeng, people[4])
    assert place_figures(gekeng).workers == 5
    # Of the town everybody once, wherever they are registered.
    assert place_figures(town.place).workers == 5
    assert "5 位外来务工者登记在这里" in sign_in("ye").get("/p/gekeng/").content.decode()
    applications.end_registration(viewer=town.viewer(clerk), application=last)
    assert place_figures(gekeng).workers is None


# What an estate is


def test_an_estates_page_says_how_many_buildings_and_how_large(town: Any, sign_in: Any) -> None:
    assert place_figures(town.estate) == PlaceFigures(buildings=1)
    for n, area in enumerate((9230, 7850, 10_000_005)):
        Unit.objects.create(
            estate=town.estate,
            building=town.building,
            name=f"瑞金阁-{n}",
            room=str(n),
            area_hundredths=area,
            kind="flat",
            status="delivered",
        )
    Place.objects.create(
        code="gone", kind="building", name="拆了的", parent=town.estate, lineage=f"{town.estate.lineage}/gone", closed_on=clock.today()
    )
    found = place_figures(town.estate)
    assert (found.buildings, found.area) == (1, (100_170, "85"))
    page = sign_in("liu").get("/p/ruikang/").content.decode()
    assert "1 栋楼" in page
    assert "100,170.85 ㎡" in page
    assert place_figures(town.building) == PlaceFigures()
