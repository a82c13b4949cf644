"""What is on, as whom; with how many queries."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from doorstep.foundation.access.viewer import NOBODY, may_see
from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.notify.actions import deliver_pending
from doorstep.foundation.notify.queries import inbox
from doorstep.foundation.occasions import actions
from doorstep.foundation.occasions.queries import (
    between,
    calendar_of,
    check_in_code,
    occasion_for,
    of_subject,
    roster,
    series_for,
    sign_up_for,
    taken_at,
    week_at,
)
from doorstep.foundation.occasions.tests.conftest import MONDAY
from doorstep.foundation.places.models import Place

WHOLE = {"since": MONDAY, "until": MONDAY + timedelta(days=200)}


def shown(found: Any) -> list[str]:
    return [f"{each.occasion.starts_at.astimezone(TOWN_ZONE):%m-%d} {each.occasion.state}" for each in found]


def test_next_tuesday_is_a_holiday_and_the_week_says_so(scene: Any) -> None:
    """下周二放假，日历会显示停诊吗？"""
    scene.series()
    assert shown(week_at(NOBODY, place=scene.town.estate)) == ["02-10 planned"]
    next_week = week_at(NOBODY, place=scene.town.estate, monday=date(2026, 2, 16))
    assert shown(next_week) == ["02-17 cancelled"]
    assert next_week[0].occasion.reason == "public_holiday"


def test_a_place_shows_what_is_below_it_and_not_beside_it(scene: Any) -> None:
    scene.series()
    scene.occasion(place=scene.town.estate)
    assert len(week_at(NOBODY, place=scene.pavilion)) == 1
    assert len(week_at(NOBODY, place=scene.town.estate)) == 2
    assert len(week_at(NOBODY, place=scene.town.place)) == 2
    assert week_at(NOBODY, place=Place.objects.get(code="gekeng")) == []


def test_free_places_and_ones_own_sign_up(scene: Any) -> None:
    occasion = scene.occasion(capacities={"place": 2, "guest": None})
    for each in scene.people(2):
        actions.sign_up(viewer=each, occasion=occasion)
    mine = actions.sign_up(viewer=scene.liu, occasion=occasion)
    [found] = week_at(scene.liu, place=scene.pavilion)
    place = found.role("place")
    assert (place.capacity, place.taken, place.waiting, place.free) == (2, 2, 1, 0)
    assert found.role("guest").free is None
    assert found.mine == mine
    assert week_at(NOBODY, place=scene.pavilion)[0].mine is None


def test_what_is_meant_for_few_is_in_no_list_of_others(scene: Any) -> None:
    branch = f"body:{scene.town.branch.pk}"
    inside = scene.occasion(audience=branch, run_by=branch)
    lin = scene.town.viewer(scene.town.lin)
    for viewer in (NOBODY, scene.liu, scene.luo):
        assert week_at(viewer, place=scene.town.estate) == []
        assert occasion_for(viewer, inside.code) is None
        assert not may_see(viewer, f"occasion:{inside.code}")
    assert len(week_at(lin, place=scene.town.estate)) == 1
    # Whoever is signed up by those who run it knows of it too.
    made = actions.sign_up(viewer=lin, occasion=inside, person_id=scene.town.liu.pk)
    assert len(week_at(scene.liu, place=scene.town.estate)) == 1
    assert occasion_for(scene.liu, inside.code) is not None
    assert scene.told(scene.liu) == ["sign_up"]
    assert sign_up_for(scene.liu, made.pk) == made
    assert sign_up_for(lin, made.pk) == made
    assert sign_up_for(scene.ye, made.pk) is None
    assert not may_see(NOBODY, f"signup:{made.pk}")
    assert not may_see(scene.liu, "signup:x")


def test_a_persons_calendar_has_their_own_and_those_they_signed_up(scene: Any) -> None:
    occasion = scene.occasion(capacities={"place": 1})
    other = scene.occasion(place=scene.town.estate, starts_at=occasion.starts_at + timedelta(days=1))
    actions.sign_up(viewer=scene.liu, occasion=occasion)
    actions.sign_up(viewer=scene.liu, occasion=occasion, person_id=scene.mo.pk)
    actions.sign_up(viewer=scene.liu, occasion=other)
    assert [(each.is_own, each.sign_up.standing, each.clashes) for each in calendar_of(scene.liu, **WHOLE)] == [
        (True, "confirmed", False),
        (False, "waiting", False),
        (True, "confirmed", False),
    ]
    actions.move_occasion(viewer=scene.luo, occasion=other, starts_at=occasion.starts_at + timedelta(minutes=30))
    assert [each.clashes for each in calendar_of(scene.liu, **WHOLE) if each.is_own] == [True, True]
    assert calendar_of(NOBODY, **WHOLE) == []
    assert calendar_of(scene.ye, **WHOLE) == []


def test_the_roster_is_for_those_who_run_it_and_an_alias_stays_one(scene: Any) -> None:
    occasion = scene.occasion(capacities={"place": None}, is_for_children=True)
    actions.sign_up(viewer=scene.liu, occasion=occasion, person_id=scene.mo.pk, age=9, guardian_id=scene.town.liu.pk)
    actions.sign_up(viewer=scene.ye, occasion=occasion, alias="老叶", age=78)
    luo = scene.luo
    lines = roster(luo, occasion)
    assert [(each.name, each.phone, each.guardian, each.entered_by) for each in lines] == [
        ("莫银好", "0769-00000000", "刘玉梅", "刘玉梅"),
        ("老叶", "", "", ""),
    ]
    assert sorted(read.about_person_id or 0 for read in luo.reads) == sorted([scene.mo.pk, scene.town.liu.pk])
    for viewer in (NOBODY, scene.liu):
        with pytest.raises(actions.NotAllowed):
            roster(viewer, occasion)


def test_one_occasion_with_what_may_be_done_about_it(scene: Any) -> None:
    occasion = scene.occasion()
    actions.sign_up(viewer=scene.liu, occasion=occasion, person_id=scene.mo.pk)
    found = occasion_for(scene.liu, occasion.code)
    assert found is not None
    assert (found.runs, found.shown.mine, [each.person_id for each in found.for_others]) == (False, None, [scene.mo.pk])
    luo = occasion_for(scene.luo, occasion.code)
    assert luo is not None
    assert luo.runs
    assert luo.for_others == ()
    assert occasion_for(NOBODY, "nothing") is None


def test_series_and_codes_are_for_those_who_run_them(scene: Any) -> None:
    series = scene.series()
    assert series_for(scene.luo, series.code) == series
    assert series_for(scene.liu, series.code) is None
    first = series.occasions.order_by("starts_at")[0]
    assert check_in_code(scene.luo, first) != check_in_code(scene.luo, first, day=date(2026, 2, 10))


def test_run_by_everyone_means_by_nobody(scene: Any) -> None:
    occasion = scene.occasion(run_by="public")
    with pytest.raises(actions.NotAllowed):
        actions.cancel_occasion(viewer=scene.luo, occasion=occasion, reason="weather")


def test_when_a_place_is_taken_and_nothing_more(scene: Any) -> None:
    scene.series()
    found = taken_at(scene.pavilion, since=MONDAY, until=MONDAY + timedelta(days=20))
    assert [each.starts_at.astimezone(TOWN_ZONE).day for each in found] == [10, 24]


def test_of_one_subject(scene: Any) -> None:
    scene.series()
    scene.series(subject="haircuts", place=scene.town.estate)
    found = of_subject(NOBODY, kind="service", subject="haircuts", **WHOLE)
    assert {each.occasion.subject for each in found} == {"haircuts"}
    assert len(found) == 18


@pytest.mark.parametrize("count", [1, 3, 40])
def test_lists_take_the_same_queries_however_long(scene: Any, django_assert_num_queries: Any, count: int) -> None:
    for index in range(count):
        made = scene.occasion(starts_at=MONDAY + timedelta(hours=2 * index + 2), capacities={"place": 5})
        actions.sign_up(viewer=scene.liu, occasion=made)
    liu, luo = scene.liu, scene.luo
    assert liu.keys  # read before anything is counted
    assert luo.keys
    with django_assert_num_queries(2):
        assert len(between(NOBODY, place=scene.town.place, **WHOLE)) == count
    with django_assert_num_queries(3):
        assert len(between(liu, place=scene.town.place, **WHOLE)) == count
    with django_assert_num_queries(1):
        assert len(calendar_of(liu, **WHOLE)) == count
    for each in scene.people(min(count, 5) - 1):
        actions.sign_up(viewer=each, occasion=made)
    with django_assert_num_queries(2):
        assert len(roster(luo, made)) == min(count, 5)


def test_the_inbox_says_it_in_words_and_leads_there(scene: Any) -> None:
    occasion = scene.occasion()
    actions.sign_up(viewer=scene.liu, occasion=occasion)
    actions.cancel_occasion(viewer=scene.luo, occasion=occasion, reason="weather")
    deliver_pending()
    [line], _more = inbox(scene.liu)
    assert (line.line.text, line.line.title, line.line.url) == ("这一场不办了", "亲子手工班", "/p/pavilion/")


def test_a_time_across_midnight_belongs_to_both_days(scene: Any) -> None:
    scene.occasion(starts_at=datetime(2026, 2, 15, 23, tzinfo=TOWN_ZONE))
    assert len(week_at(NOBODY, place=scene.pavilion)) == 1
    assert len(week_at(NOBODY, place=scene.pavilion, monday=date(2026, 2, 16))) == 1
