"""Registering oneself: who asks, who decides, what becomes of it."""

from typing import Any

import pytest

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import may_see
from doorstep.foundation.identity.actions import create_person
from doorstep.foundation.journal.actions import Actor
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.notify.actions import deliver_pending
from doorstep.foundation.notify.models import InboxItem
from doorstep.foundation.notify.queries import lines_of
from doorstep.foundation.places.models import Place
from doorstep.organisations import actions
from doorstep.organisations.actions import applications
from doorstep.organisations.models import Body, BodyApplication, Post
from doorstep.organisations.queries.applications import application_for, applications_for

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
