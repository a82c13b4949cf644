"""Signing up, waiting, holds, and who may do it for whom."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import NOBODY
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.journal.queries import page_version
from doorstep.foundation.occasions import actions
from doorstep.foundation.occasions.models import Occasion, SignUp
from doorstep.foundation.occasions.tests.conftest import MONDAY


def standings(occasion: Occasion) -> list[str]:
    return list(occasion.sign_ups.order_by("id").values_list("standing", flat=True))


def test_places_first_then_a_line_per_role(scene: Any) -> None:
    occasion = scene.occasion(capacities={"nurse": 1, "helper": 3, "place": 2, "guest": None})
    people = scene.people(8)
    for each in people[:4]:
        actions.sign_up(viewer=each, occasion=occasion)
    actions.sign_up(viewer=people[4], occasion=occasion, role="nurse")
    actions.sign_up(viewer=people[5], occasion=occasion, role="nurse")
    actions.sign_up(viewer=people[6], occasion=occasion, role="guest")
    assert standings(occasion) == ["confirmed", "confirmed", "waiting", "waiting", "confirmed", "waiting", "confirmed"]
    with pytest.raises(actions.UnknownRole):
        actions.sign_up(viewer=people[7], occasion=occasion, role="pilot")
    assert scene.told(people[2]) == []


def test_a_freed_place_goes_down_the_line_hold_by_hold(scene: Any) -> None:
    occasion = scene.occasion(capacities={"place": 1})
    one, two, three = scene.people(3)
    first, second, third = (actions.sign_up(viewer=each, occasion=occasion) for each in (one, two, three))
    actions.cancel_sign_up(viewer=one, sign_up=first)
    assert standings(occasion) == ["withdrawn", "offered", "waiting"]
    second.refresh_from_db()
    assert second.hold_until == MONDAY + timedelta(hours=24)
    assert scene.told(two) == ["offer"]
    # Somebody new does not take the held place.
    late = actions.sign_up(viewer=scene.liu, occasion=occasion)
    assert late.standing == "waiting"
    assert actions.expire_holds(now=MONDAY + timedelta(hours=23)) == 0
    with clock.frozen(MONDAY + timedelta(hours=24)):
        with pytest.raises(actions.HoldOver):
            actions.accept_hold(viewer=two, sign_up=second)
        assert actions.expire_holds() == 1
        assert actions.expire_holds() == 0
        assert standings(occasion) == ["withdrawn", "lapsed", "offered", "waiting"]
        third.refresh_from_db()
        assert third.hold_until == MONDAY + timedelta(hours=48)
        assert scene.told(two) == ["offer", "lapse"]
        assert actions.accept_hold(viewer=three, sign_up=third).standing == "confirmed"
        # Whoever let it lapse may come again, at the end of the line.
        again = actions.sign_up(viewer=two, occasion=occasion)
    assert standings(occasion) == ["withdrawn", "lapsed", "confirmed", "waiting", "waiting"]
    assert again.pk > late.pk
    verbs = list(Entry.objects.filter(subject=occasion.code).order_by("id").values_list("verb", flat=True))
    assert verbs == ["plan", "sign_up", "wait", "wait", "withdraw", "offer", "wait", "lapse", "offer", "accept", "wait"]


def test_a_place_nobody_waits_for_is_free_again_even_before_the_worker_looks(scene: Any) -> None:
    occasion = scene.occasion(capacities={"place": 1})
    one, two, three = scene.people(3)
    first = actions.sign_up(viewer=one, occasion=occasion)
    actions.sign_up(viewer=two, occasion=occasion)
    actions.cancel_sign_up(viewer=one, sign_up=first)
    with clock.frozen(MONDAY + timedelta(hours=30)):
        assert actions.sign_up(viewer=three, occasion=occasion).standing == "confirmed"
    assert standings(occasion) == ["withdrawn", "lapsed", "confirmed"]


def test_giving_up_a_hold_or_a_turn(scene: Any) -> None:
    occasion = scene.occasion(capacities={"place": 1})
    one, two, three = scene.people(3)
    first, second, third = (actions.sign_up(viewer=each, occasion=occasion) for each in (one, two, three))
    actions.cancel_sign_up(viewer=one, sign_up=first)
    actions.cancel_sign_up(viewer=two, sign_up=second)
    assert standings(occasion) == ["withdrawn", "withdrawn", "offered"]
    with pytest.raises(actions.NotSignedUp):
        actions.cancel_sign_up(viewer=two, sign_up=second)
    with pytest.raises(actions.NotOffered):
        actions.accept_hold(viewer=one, sign_up=first)
    actions.accept_hold(viewer=three, sign_up=third)


def test_nobody_signs_up_twice_but_again_after_leaving(scene: Any) -> None:
    occasion = scene.occasion()
    made = actions.sign_up(viewer=scene.liu, occasion=occasion)
    with pytest.raises(actions.AlreadySignedUp):
        actions.sign_up(viewer=scene.liu, occasion=occasion)
    with pytest.raises(IntegrityError), transaction.atomic():
        SignUp.objects.create(
            occasion=occasion, role="place", person=scene.town.liu, standing="waiting", signed_up_at=MONDAY, changed_at=MONDAY
        )
    actions.cancel_sign_up(viewer=scene.liu, sign_up=made)
    assert actions.sign_up(viewer=scene.liu, occasion=occasion).standing == "confirmed"


def test_nobody_has_a_place_at_two_things_at_once(scene: Any) -> None:
    clinic = scene.occasion()
    half_past = clinic.starts_at + timedelta(minutes=30)
    lecture = scene.occasion(place=scene.town.estate, starts_at=half_past, ends_at=clinic.ends_at, capacities={"place": 1})
    after = scene.occasion(place=scene.town.estate, starts_at=clinic.ends_at)
    mine = actions.sign_up(viewer=scene.liu, occasion=clinic)
    with pytest.raises(actions.PersonBusy) as refused:
        actions.sign_up(viewer=scene.liu, occasion=lecture)
    assert refused.value.code == clinic.code
    actions.sign_up(viewer=scene.liu, occasion=after)
    # One may wait for the other thing; taking it means leaving the first.
    other = actions.sign_up(viewer=scene.ye, occasion=lecture)
    waits = actions.sign_up(viewer=scene.liu, occasion=lecture)
    actions.cancel_sign_up(viewer=scene.ye, sign_up=other)
    with pytest.raises(actions.PersonBusy):
        actions.accept_hold(viewer=scene.liu, sign_up=waits)
    actions.cancel_sign_up(viewer=scene.liu, sign_up=mine)
    assert actions.accept_hold(viewer=scene.liu, sign_up=waits).standing == "confirmed"


def test_a_called_off_date_keeps_nobody_busy(scene: Any) -> None:
    clinic = scene.occasion()
    lecture = scene.occasion(place=scene.town.estate)
    actions.sign_up(viewer=scene.liu, occasion=clinic)
    actions.cancel_occasion(viewer=scene.luo, occasion=clinic, reason="weather")
    assert actions.sign_up(viewer=scene.liu, occasion=lecture).standing == "confirmed"


def test_it_is_too_late_once_it_has_begun(scene: Any) -> None:
    occasion = scene.occasion()
    mine = actions.sign_up(viewer=scene.liu, occasion=occasion)
    with clock.frozen(occasion.starts_at):
        with pytest.raises(actions.HasBegun):
            actions.sign_up(viewer=scene.ye, occasion=occasion)
        with pytest.raises(actions.HasBegun):
            actions.cancel_sign_up(viewer=scene.liu, sign_up=mine)


def test_a_neighbour_signs_up_somebody_without_a_telephone_and_both_names_are_kept(scene: Any) -> None:
    occasion = scene.occasion()
    made = actions.sign_up(viewer=scene.liu, occasion=occasion, person_id=scene.mo.pk, channel="phone")
    assert (made.person_id, made.entered_by_id) == (scene.mo.pk, scene.town.liu.pk)
    entry = Entry.objects.get(verb="sign_up", subject=occasion.code)
    assert (entry.actor_id, entry.on_behalf_of_id, entry.channel) == (scene.town.liu.pk, scene.mo.pk, "phone")
    assert entry.audience == f"signup:{made.pk}"
    actions.cancel_sign_up(viewer=scene.liu, sign_up=made)


def test_who_may_sign_up_whom(scene: Any) -> None:
    occasion = scene.occasion()
    with pytest.raises(actions.NotAllowed):
        actions.sign_up(viewer=NOBODY, occasion=occasion)
    # Ye has an account: he says so himself, or tells those who run it.
    with pytest.raises(actions.NotAllowed):
        actions.sign_up(viewer=scene.liu, occasion=occasion, person_id=scene.town.ye.pk)
    made = actions.sign_up(viewer=scene.luo, occasion=occasion, person_id=scene.town.ye.pk)
    entry = Entry.objects.get(verb="sign_up", subject=occasion.code)
    assert entry.post_id == scene.luo.posts[0].id
    assert scene.told(scene.ye) == ["sign_up"]
    with pytest.raises(actions.NotAllowed):
        actions.cancel_sign_up(viewer=scene.liu, sign_up=made)
    with pytest.raises(actions.NotAllowed):
        actions.sign_up_alias(viewer=scene.liu, occasion=occasion, alias="小溪")
    with pytest.raises(actions.AliasMissing):
        actions.sign_up_alias(viewer=scene.luo, occasion=occasion, alias=" ")


def test_what_one_may_not_know_of_one_cannot_sign_up_for(scene: Any) -> None:
    inside = scene.occasion(audience=f"body:{scene.town.branch.pk}", run_by=f"body:{scene.town.branch.pk}")
    with pytest.raises(actions.NotAllowed):
        actions.sign_up(viewer=scene.liu, occasion=inside)
    assert actions.sign_up(viewer=scene.town.viewer(scene.town.lin), occasion=inside).standing == "confirmed"


@pytest.mark.parametrize(
    ("age", "guardian", "refused"),
    [
        (None, False, actions.AgeMissing),
        (13, False, actions.GuardianMissing),
        (13, True, None),
        (14, False, None),
    ],
)
def test_under_fourteen_only_with_a_guardian(scene: Any, age: int | None, guardian: bool, refused: type[Exception] | None) -> None:
    """PIPL art. 31: 不满十四周岁."""
    occasion = scene.occasion(is_for_children=True)
    facts = {"viewer": scene.liu, "occasion": occasion, "person_id": scene.mo.pk, "age": age}
    facts["guardian_id"] = scene.town.liu.pk if guardian else None
    if refused:
        with pytest.raises(refused):
            actions.sign_up(**facts)
        assert not occasion.sign_ups.exists()
    else:
        assert actions.sign_up(**facts).is_child is (age == 13)


def test_a_child_is_not_its_own_guardian(scene: Any) -> None:
    with pytest.raises(actions.GuardianMissing):
        actions.sign_up(viewer=scene.liu, occasion=scene.occasion(), age=9, guardian_id=scene.town.liu.pk)


def test_a_guardian_is_who_signs_the_child_up_or_stands_on_paper(scene: Any) -> None:
    occasion = scene.occasion(is_for_children=True)
    facts = {"occasion": occasion, "person_id": scene.mo.pk, "age": 9, "guardian_id": scene.town.liu.pk}
    with pytest.raises(actions.GuardianMissing):
        actions.sign_up(viewer=scene.ye, **facts)
    assert actions.sign_up(viewer=scene.luo, **facts).guardian_id == scene.town.liu.pk


def test_a_sign_up_changes_the_public_page_but_is_not_public(scene: Any) -> None:
    occasion = scene.occasion()
    before = page_version(lineage=scene.town.estate.lineage)
    made = actions.sign_up(viewer=scene.liu, occasion=occasion, alias="小溪")
    assert page_version(lineage=scene.town.estate.lineage) == before + 1
    assert not Entry.objects.filter(verb="sign_up", audience="public").exists()
    entry = Entry.objects.get(verb="sign_up", subject=occasion.code)
    assert "小溪" not in str(entry.detail)
    assert entry.detail == {"sign_up": made.pk, "role": "place"}
