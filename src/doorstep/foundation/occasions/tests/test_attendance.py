"""Who came: the code of the day, the list, walk-ins, paper afterwards."""

from datetime import timedelta
from typing import Any

import pytest

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import NOBODY
from doorstep.foundation.occasions import actions
from doorstep.foundation.occasions.actions import Came
from doorstep.foundation.occasions.models import Attendance
from doorstep.foundation.occasions.queries import check_in_code, head_counts


def test_the_code_of_the_day_checks_in_once(scene: Any) -> None:
    occasion = scene.occasion()
    mine = actions.sign_up(viewer=scene.liu, occasion=occasion)
    with clock.frozen(occasion.starts_at - timedelta(minutes=30)):
        nonce = check_in_code(scene.luo, occasion)
        came = actions.check_in(viewer=scene.liu, occasion=occasion, nonce=nonce)
        assert (came.sign_up_id, came.how, came.role) == (mine.pk, "nonce", "place")
        assert actions.check_in(viewer=scene.liu, occasion=occasion, nonce=nonce).pk == came.pk
        # Early comers do not close the sign-up.
        assert actions.sign_up(viewer=scene.ye, occasion=occasion).standing == "confirmed"
    occasion.refresh_from_db()
    assert occasion.state == "held"


def test_a_wrong_code_or_another_time_is_refused_with_why(scene: Any) -> None:
    occasion = scene.occasion()
    right = check_in_code(scene.luo, occasion, day=occasion.starts_at.date())
    for at, nonce, reason in [
        (occasion.starts_at - timedelta(hours=2), right, "too_early"),
        (occasion.starts_at, "AAAA2222", "wrong_code"),
        (occasion.ends_at + timedelta(hours=3), right, "too_late"),
    ]:
        with clock.frozen(at), pytest.raises(actions.CheckInRefused) as refused:
            actions.check_in(viewer=scene.liu, occasion=occasion, nonce=nonce)
        assert refused.value.reason == reason
    with clock.frozen(occasion.starts_at), pytest.raises(actions.NotAllowed):
        actions.check_in(viewer=NOBODY, occasion=occasion, nonce=right)
    with pytest.raises(actions.NotAllowed):
        check_in_code(scene.liu, occasion)


def test_one_walks_in_while_a_place_is_left(scene: Any) -> None:
    occasion = scene.occasion(capacities={"place": 2})
    actions.sign_up(viewer=scene.liu, occasion=occasion)
    walker, later = scene.people(2)
    with clock.frozen(occasion.starts_at):
        nonce = check_in_code(scene.luo, occasion)
        assert actions.check_in(viewer=walker, occasion=occasion, nonce=nonce).walked_in
        with pytest.raises(actions.Full):
            actions.check_in(viewer=later, occasion=occasion, nonce=nonce)
        with pytest.raises(actions.UnknownRole):
            actions.check_in(viewer=later, occasion=occasion, nonce=nonce, role="nurse")
        actions.check_in(viewer=scene.liu, occasion=occasion, nonce=nonce)
        # Those who run it see the room.
        actions.record_attendance(viewer=scene.luo, occasion=occasion, came=[Came(person_id=later.person_id)])
    assert Attendance.objects.filter(occasion=occasion).count() == 3


def test_a_list_from_paper_says_who_wrote_it_down_and_when(scene: Any) -> None:
    occasion = scene.occasion(capacities={"place": None})
    mine = actions.sign_up(viewer=scene.liu, occasion=occasion)
    hidden = actions.sign_up(viewer=scene.ye, occasion=occasion, alias="老叶")
    left_at = occasion.starts_at + timedelta(minutes=90)
    with clock.frozen(occasion.starts_at + timedelta(minutes=10)):
        [live] = actions.record_attendance(viewer=scene.luo, occasion=occasion, came=[Came(person_id=scene.town.liu.pk)])
        assert (live.how, live.sign_up_id) == ("staff", mine.pk)
    with clock.frozen(occasion.ends_at + timedelta(days=2)):
        written = actions.record_attendance(
            viewer=scene.luo,
            occasion=occasion,
            came=[Came(sign_up_id=mine.pk, left_at=left_at), Came(sign_up_id=hidden.pk), Came(alias="蓝衣服的阿婆")],
            unnamed=12,
        )
        assert written[0].pk == live.pk
        assert [(each.how, each.recorded_by_id, each.recorded_at) for each in written] == [
            ("upload", scene.town.luo.pk, occasion.ends_at + timedelta(days=2))
        ] * 3
    live.refresh_from_db()
    assert (live.came_at, live.left_at) == (occasion.starts_at, left_at)
    occasion.refresh_from_db()
    counted = head_counts([occasion])[occasion.pk]
    assert (counted.signed_up, counted.walked_in, counted.unnamed, counted.total) == (2, 1, 12, 15)


def test_an_empty_list_still_says_that_it_was_held(scene: Any) -> None:
    occasion = scene.occasion()
    with clock.frozen(occasion.ends_at):
        assert actions.record_attendance(viewer=scene.luo, occasion=occasion) == []
    occasion.refresh_from_db()
    assert (occasion.state, occasion.unnamed) == ("held", 0)


def test_lists_that_cannot_be(scene: Any) -> None:
    occasion, other = scene.occasion(), scene.occasion(place=scene.town.estate)
    foreign = actions.sign_up(viewer=scene.liu, occasion=other)
    with pytest.raises(actions.NotYet):
        actions.record_attendance(viewer=scene.luo, occasion=occasion)
    with clock.frozen(occasion.ends_at):
        for line in (
            Came(),
            Came(alias="  "),
            Came(sign_up_id=foreign.pk),
            Came(alias="阿婆", left_at=occasion.starts_at - timedelta(hours=1)),
        ):
            with pytest.raises(actions.WhoCame):
                actions.record_attendance(viewer=scene.luo, occasion=occasion, came=[line])
        with pytest.raises(actions.NotAllowed):
            actions.record_attendance(viewer=scene.liu, occasion=occasion, unnamed=3)
    assert not Attendance.objects.exists()
    actions.cancel_occasion(viewer=scene.luo, occasion=occasion, reason="weather")
    with clock.frozen(occasion.ends_at), pytest.raises(actions.IsCancelled):
        actions.record_attendance(viewer=scene.luo, occasion=occasion, unnamed=3)
