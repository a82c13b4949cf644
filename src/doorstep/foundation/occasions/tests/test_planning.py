"""Series, dates, and what happens when plans change."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import NOBODY
from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.journal.names import verb_name
from doorstep.foundation.journal.queries import page_version
from doorstep.foundation.occasions import actions
from doorstep.foundation.occasions.models import Occasion, Series
from doorstep.foundation.occasions.queries import between, calendar_of
from doorstep.foundation.occasions.tests.conftest import MONDAY
from doorstep.foundation.places.models import Place
from doorstep.foundation.regulations.models import Workday
from doorstep.foundation.regulations.queries import forget
from doorstep.site.worker import TICKS


def local(at: datetime) -> str:
    return f"{at.astimezone(TOWN_ZONE):%m-%d %H:%M}"


def dates(series: Series, *, only: str = "planned") -> list[str]:
    return [local(each.starts_at) for each in series.occasions.filter(state=only).order_by("starts_at")]


def on(series: Series, day: date) -> Occasion:
    return series.occasions.select_related("place").get(original_start__date=day)


# Setting out


def test_a_series_is_set_out_as_far_ahead_as_the_regulations_say(scene: Any) -> None:
    series = scene.series()
    assert dates(series)[:3] == ["02-10 09:00", "02-24 09:00", "03-03 09:00"]
    # 120 days after 9 February is 9 June, a Tuesday.
    assert dates(series)[-1] == "06-09 09:00"
    assert [entry.verb for entry in Entry.objects.filter(kind="series", subject=series.code).order_by("id")] == ["plan_series", "set_out"]


def test_a_date_on_a_holiday_is_there_as_called_off(scene: Any) -> None:
    closed = on(scene.series(), date(2026, 2, 17))
    assert (closed.state, closed.reason) == ("cancelled", "public_holiday")


def test_time_sets_out_more_dates_and_twice_changes_nothing(scene: Any) -> None:
    series = scene.series()
    assert actions.prepare_dates() == 0
    with clock.frozen(MONDAY + timedelta(days=14)):
        assert actions.prepare_dates() == 2
        assert actions.prepare_dates() == 0
    assert dates(series)[-1] == "06-23 09:00"


def test_a_holiday_published_later_calls_off_and_tells(scene: Any) -> None:
    series = scene.series()
    date_off = on(series, date(2026, 3, 10))
    actions.sign_up(viewer=scene.liu, occasion=date_off)
    Workday.objects.create(day=date(2026, 3, 10), is_workday=False, name_zh="镇庆", name_en="Town day")
    forget()
    assert actions.prepare_dates() == 1
    date_off.refresh_from_db()
    assert (date_off.state, date_off.reason) == ("cancelled", "public_holiday")
    assert scene.told(scene.liu) == ["cancel"]


def test_a_refused_series_leaves_nothing(scene: Any) -> None:
    with pytest.raises(actions.BadRule):
        scene.series(rule="FREQ=SECONDLY")
    with pytest.raises(actions.NoDates):
        scene.series(rule="")
    with pytest.raises(actions.NoDates):
        scene.series(minutes=0)
    assert not Series.objects.exists()


# One place, one thing


def test_a_venue_is_not_given_twice_at_a_time(scene: Any) -> None:
    scene.series()
    begin = datetime(2026, 2, 24, 10, 30, tzinfo=TOWN_ZONE)
    with pytest.raises(actions.PlaceTaken) as refused:
        scene.occasion(starts_at=begin)
    assert [local(each.starts_at) for each in refused.value.spans] == ["02-24 10:30"]
    scene.occasion(starts_at=begin + timedelta(minutes=30))
    scene.occasion(starts_at=begin, is_exclusive=False)
    # The clinic does not take place on the holiday, so the pavilion is free then.
    scene.occasion(starts_at=datetime(2026, 2, 17, 9, tzinfo=TOWN_ZONE))


def test_a_booking_far_ahead_sees_dates_that_are_not_set_out_yet(scene: Any) -> None:
    scene.series()
    with pytest.raises(actions.PlaceTaken):
        scene.occasion(starts_at=datetime(2026, 9, 1, 10, tzinfo=TOWN_ZONE))
    scene.occasion(starts_at=datetime(2026, 9, 2, 10, tzinfo=TOWN_ZONE))


def test_two_series_at_one_place_and_time(scene: Any) -> None:
    scene.series()
    with pytest.raises(actions.PlaceTaken) as refused:
        scene.series(rule="FREQ=MONTHLY;BYDAY=1TU", start=time(10), first=date(2026, 3, 1))
    # 5 May is a holiday that both skip; beyond the days that are set out the two are compared by their rules.
    assert [local(each.starts_at) for each in refused.value.spans][:4] == ["03-03 10:00", "04-07 10:00", "06-02 10:00", "07-07 10:00"]
    with pytest.raises(actions.PlaceTaken):
        scene.series(rule="FREQ=YEARLY;BYMONTH=12;BYDAY=1TU", start=time(8), first=date(2026, 3, 1))
    assert Series.objects.count() == 1
    scene.series(start=time(11))


def test_a_date_whose_place_was_taken_meanwhile_is_called_off_and_its_people_told(scene: Any) -> None:
    series = scene.series()
    later = scene.occasion(starts_at=datetime(2026, 7, 7, 10, tzinfo=TOWN_ZONE), is_exclusive=False)
    Occasion.objects.filter(pk=later.pk).update(is_exclusive=True)
    with clock.frozen(datetime(2026, 3, 16, 8, tzinfo=TOWN_ZONE)):
        actions.prepare_dates()
    blocked = on(series, date(2026, 7, 7))
    assert (blocked.state, blocked.reason) == ("cancelled", "place_taken")
    assert scene.told(scene.town.luo) == ["place_taken"]


def test_the_database_knows_a_date_of_a_series_once(scene: Any) -> None:
    occasion = on(scene.series(), date(2026, 2, 24))
    occasion.pk, occasion.code = None, "another"
    with pytest.raises(IntegrityError), transaction.atomic():
        occasion.save(force_insert=True)


def test_every_entry_of_this_room_has_a_name(scene: Any) -> None:
    series = scene.series()
    occasion = on(series, date(2026, 2, 24))
    mine = actions.sign_up(viewer=scene.liu, occasion=occasion)
    actions.cancel_sign_up(viewer=scene.liu, sign_up=mine)
    actions.change_series(viewer=scene.luo, series=series, starting=date(2026, 3, 1), rule="FREQ=WEEKLY;BYDAY=WE")
    actions.end_series(viewer=scene.luo, series=series, last_day=date(2026, 4, 1))
    written = set(Entry.objects.filter(kind__in=["occasion", "series"]).values_list("kind", "verb"))
    assert len(written) == 7
    assert [(kind, verb) for kind, verb in written if verb_name(kind, verb) == verb] == []


# Changing


def test_past_dates_stay_and_the_same_day_keeps_its_sign_ups(scene: Any) -> None:
    series = scene.series()
    kept = on(series, date(2026, 3, 3))
    mine = actions.sign_up(viewer=scene.liu, occasion=kept)
    told = actions.change_series(viewer=scene.luo, series=series, starting=date(2026, 2, 25), start=time(9, 30))
    assert dates(series)[:4] == ["02-10 09:00", "02-24 09:00", "03-03 09:30", "03-10 09:30"]
    mine.refresh_from_db()
    assert (mine.occasion_id, mine.standing) == (kept.pk, "confirmed")
    assert told.dates == 14
    assert scene.told(scene.liu) == ["move"]
    assert [(each.first, each.ends_on) for each in series.plans.order_by("id")] == [
        (date(2026, 2, 10), date(2026, 2, 24)),
        (date(2026, 3, 3), None),
    ]
    assert actions.prepare_dates() == 0


def test_a_day_that_is_no_more_is_called_off_with_a_list_to_telephone(scene: Any) -> None:
    series = scene.series()
    lost = on(series, date(2026, 3, 3))
    actions.sign_up(viewer=scene.liu, occasion=lost)
    actions.sign_up(viewer=scene.liu, occasion=lost, person_id=scene.mo.pk)
    told = actions.change_series(viewer=scene.luo, series=series, starting=date(2026, 3, 1), rule="FREQ=WEEKLY;BYDAY=WE", words="改到周三")
    lost.refresh_from_db()
    assert (lost.state, lost.reason, lost.words) == ("cancelled", "series_changed", "改到周三")
    assert dates(series)[1:4] == ["02-24 09:00", "03-04 09:00", "03-11 09:00"]
    assert [(each.name, each.phone, each.entered_by) for each in told.phone_list] == [("莫银好", "0769-00000000", "刘玉梅")]
    # The list of the place shows what is on, not what a plan gave up; the calendar of who signed up still says so.
    week = {"since": datetime(2026, 3, 2, tzinfo=TOWN_ZONE), "until": datetime(2026, 3, 9, tzinfo=TOWN_ZONE)}
    assert [local(each.occasion.starts_at) for each in between(NOBODY, place=scene.pavilion, **week)] == ["03-04 09:00"]
    assert {each.occasion.state for each in calendar_of(scene.liu, **week)} == {"cancelled"}


def test_what_was_moved_or_called_off_by_itself_stays_so(scene: Any) -> None:
    series = scene.series()
    moved, called_off = on(series, date(2026, 3, 3)), on(series, date(2026, 3, 10))
    actions.move_occasion(viewer=scene.luo, occasion=moved, starts_at=datetime(2026, 3, 4, 15, tzinfo=TOWN_ZONE))
    actions.cancel_occasion(viewer=scene.luo, occasion=called_off, reason="weather")
    actions.change_series(viewer=scene.luo, series=series, starting=date(2026, 3, 1), start=time(10))
    assert dates(series)[2:4] == ["03-04 15:00", "03-17 10:00"]
    called_off.refresh_from_db()
    assert (called_off.state, called_off.reason) == ("cancelled", "weather")


def test_a_series_that_no_longer_skips_holidays_is_held_on_them(scene: Any) -> None:
    series = scene.series()
    actions.change_series(viewer=scene.luo, series=series, starting=date(2026, 2, 11), skips_holidays=False)
    assert dates(series)[:3] == ["02-10 09:00", "02-17 09:00", "02-24 09:00"]


def test_a_changed_series_does_not_run_into_others(scene: Any) -> None:
    series = scene.series()
    scene.occasion(starts_at=datetime(2026, 3, 3, 14, tzinfo=TOWN_ZONE))
    with pytest.raises(actions.PlaceTaken):
        actions.change_series(viewer=scene.luo, series=series, starting=date(2026, 3, 1), start=time(14))
    assert dates(series)[2] == "03-03 09:00"
    assert series.plans.count() == 1


def test_two_dates_of_one_day_may_change_places(scene: Any) -> None:
    series = scene.series(first=date(2026, 3, 3), extra=[datetime(2026, 3, 3, 14)])
    actions.change_series(viewer=scene.luo, series=series, starting=date(2026, 3, 1), start=time(14))
    assert dates(series)[:2] == ["03-03 14:00", "03-10 14:00"]
    actions.add_date(viewer=scene.luo, series=series, wall=datetime(2026, 3, 3, 9))
    assert dates(series)[:2] == ["03-03 09:00", "03-03 14:00"]


def test_more_places_are_offered_to_those_who_wait(scene: Any) -> None:
    series = scene.series()
    occasion = on(series, date(2026, 3, 3))
    people = scene.people(4)
    stands = [actions.sign_up(viewer=each, occasion=occasion).pk for each in people]
    actions.change_series(viewer=scene.luo, series=series, starting=date(2026, 3, 1), capacities={"nurse": 1, "place": 3})
    found = dict(occasion.sign_ups.values_list("id", "standing"))
    assert [found[each] for each in stands] == ["confirmed", "confirmed", "offered", "waiting"]


def test_a_change_taken_back_brings_the_dates_back(scene: Any) -> None:
    series = scene.series()
    before = dates(series)
    tuesday = on(series, date(2026, 3, 3))
    mine = actions.sign_up(viewer=scene.liu, occasion=tuesday)
    for rule in ("FREQ=WEEKLY;BYDAY=WE", "FREQ=WEEKLY;BYDAY=TU"):
        actions.change_series(viewer=scene.luo, series=series, starting=date(2026, 3, 1), rule=rule)
    assert dates(series) == before
    mine.refresh_from_db()
    assert (mine.occasion_id, mine.standing) == (tuesday.pk, "confirmed")
    assert scene.told(scene.liu) == ["cancel", "move"]
    assert actions.prepare_dates() == 0


def test_changes_are_for_those_who_run_it_and_for_the_days_to_come(scene: Any) -> None:
    series = scene.series()
    with pytest.raises(actions.NotAllowed):
        actions.change_series(viewer=scene.liu, series=series, starting=date(2026, 3, 1), start=time(10))
    with pytest.raises(actions.InThePast):
        actions.change_series(viewer=scene.luo, series=series, starting=date(2026, 2, 9), start=time(10))
    with pytest.raises(actions.NotAllowed):
        actions.end_series(viewer=scene.liu, series=series, last_day=date(2026, 3, 1))
    with pytest.raises(actions.NotAllowed):
        actions.add_date(viewer=scene.liu, series=series, wall=datetime(2026, 3, 5, 9))


def test_an_ended_series_calls_off_what_was_to_come(scene: Any) -> None:
    series = scene.series()
    actions.sign_up(viewer=scene.liu, occasion=on(series, date(2026, 3, 10)))
    told = actions.end_series(viewer=scene.luo, series=series, last_day=date(2026, 3, 3))
    assert told.dates == 13
    assert dates(series) == ["02-10 09:00", "02-24 09:00", "03-03 09:00"]
    assert scene.told(scene.liu) == ["cancel"]
    with clock.frozen(MONDAY + timedelta(days=30)):
        assert actions.prepare_dates() == 0
    with pytest.raises(actions.SeriesEnded):
        actions.add_date(viewer=scene.luo, series=series, wall=datetime(2026, 3, 12, 9))


def test_a_date_called_off_for_a_holiday_can_be_held_after_all(scene: Any) -> None:
    series = scene.series()
    held = actions.add_date(viewer=scene.luo, series=series, wall=datetime(2026, 2, 17, 9))
    assert dates(series)[1] == "02-17 09:00"
    assert held.pk == on(series, date(2026, 2, 17)).pk
    assert actions.prepare_dates() == 0


def test_an_extra_date_belongs_to_the_plan_of_its_day(scene: Any) -> None:
    series = scene.series()
    actions.change_series(viewer=scene.luo, series=series, starting=date(2026, 4, 1), start=time(14), minutes=60)
    before = actions.add_date(viewer=scene.luo, series=series, wall=datetime(2026, 3, 5, 9))
    after = actions.add_date(viewer=scene.luo, series=series, wall=datetime(2026, 4, 2, 9))
    assert [each.length for each in (before, after)] == [timedelta(hours=2), timedelta(hours=1)]
    assert actions.add_date(viewer=scene.luo, series=series, wall=datetime(2026, 3, 5, 9)).pk == before.pk
    with pytest.raises(actions.InThePast):
        actions.add_date(viewer=scene.luo, series=series, wall=datetime(2026, 2, 9, 7))


# Cancelling and moving one date


def test_calling_off_tells_everyone_and_lists_whom_to_telephone(scene: Any) -> None:
    occasion = scene.occasion(capacities={"place": 1})
    actions.sign_up(viewer=scene.liu, occasion=occasion)
    actions.sign_up(viewer=scene.ye, occasion=occasion)
    actions.sign_up(viewer=scene.liu, occasion=occasion, person_id=scene.mo.pk)
    actions.sign_up_alias(viewer=scene.luo, occasion=occasion, alias="小溪")
    told = actions.cancel_occasion(viewer=scene.luo, occasion=occasion, reason="weather", words="台风，改天再办。")
    assert [(each.name, each.phone, each.entered_by) for each in told.phone_list] == [
        ("莫银好", "0769-00000000", "刘玉梅"),
        ("小溪", "", "罗建文"),
    ]
    occasion.refresh_from_db()
    assert (occasion.state, occasion.reason, occasion.words, occasion.sequence) == ("cancelled", "weather", "台风，改天再办。", 1)
    assert scene.told(scene.ye)[-1] == "cancel"
    entry = Entry.objects.get(kind="occasion", subject=occasion.code, verb="cancel")
    assert (entry.because, entry.audience) == (["weather"], "public")
    assert "台风" not in str(entry.detail)
    with pytest.raises(actions.IsCancelled):
        actions.cancel_occasion(viewer=scene.luo, occasion=occasion, reason="weather")
    with pytest.raises(actions.IsCancelled):
        actions.sign_up(viewer=scene.liu, occasion=occasion)


def test_what_has_begun_is_neither_called_off_nor_moved(scene: Any) -> None:
    occasion = scene.occasion()
    with clock.frozen(occasion.starts_at):
        with pytest.raises(actions.HasBegun):
            actions.cancel_occasion(viewer=scene.luo, occasion=occasion, reason="weather")
        with pytest.raises(actions.HasBegun):
            actions.move_occasion(viewer=scene.luo, occasion=occasion, starts_at=occasion.starts_at + timedelta(days=1))


def test_only_those_who_run_it_call_it_off_or_move_it(scene: Any) -> None:
    occasion = scene.occasion()
    for viewer in (scene.liu, NOBODY):
        with pytest.raises(actions.NotAllowed):
            actions.cancel_occasion(viewer=viewer, occasion=occasion, reason="weather")
        with pytest.raises(actions.NotAllowed):
            actions.move_occasion(viewer=viewer, occasion=occasion, starts_at=occasion.starts_at + timedelta(days=1))


def test_a_moved_date_keeps_its_place_in_the_series_and_shortens_holds(scene: Any) -> None:
    series = scene.series()
    occasion = on(series, date(2026, 2, 10))
    _first, second, third = (actions.sign_up(viewer=each, occasion=occasion) for each in scene.people(3))
    actions.cancel_sign_up(viewer=scene.luo, sign_up=second)
    target = datetime(2026, 2, 9, 15, tzinfo=TOWN_ZONE)
    town = Place.objects.get(code="ruikang")
    actions.move_occasion(viewer=scene.luo, occasion=occasion, starts_at=target, place=town, reason="room", words="议事亭在修")
    occasion.refresh_from_db()
    third.refresh_from_db()
    assert (occasion.starts_at, occasion.ends_at, occasion.place_id) == (target, target + timedelta(hours=2), town.pk)
    assert occasion.original_start == datetime(2026, 2, 10, 9, tzinfo=TOWN_ZONE)
    assert occasion.is_moved
    assert not occasion.is_exclusive
    assert (third.standing, third.hold_until) == ("offered", target)
    assert actions.prepare_dates() == 0
    with pytest.raises(actions.InThePast):
        actions.move_occasion(viewer=scene.luo, occasion=occasion, starts_at=MONDAY)
    with pytest.raises(actions.NoDates):
        actions.move_occasion(viewer=scene.luo, occasion=occasion, starts_at=target, ends_at=target)


def test_the_page_of_the_place_it_left_changes_too(scene: Any) -> None:
    occasion = scene.occasion()
    before = page_version(lineage=scene.pavilion.lineage)
    actions.move_occasion(viewer=scene.luo, occasion=occasion, starts_at=occasion.starts_at, place=scene.town.estate)
    assert page_version(lineage=scene.pavilion.lineage) == before + 1
    series = scene.series()
    before = page_version(lineage=scene.pavilion.lineage)
    actions.change_series(viewer=scene.luo, series=series, starting=date(2026, 3, 1), place=scene.town.estate)
    assert page_version(lineage=scene.pavilion.lineage) == before + 1
    assert {each.place_id for each in series.occasions.filter(starts_at__date__gte=date(2026, 3, 1))} == {scene.town.estate.pk}


def test_a_date_is_not_moved_onto_another(scene: Any) -> None:
    series = scene.series()
    other = scene.occasion()
    with pytest.raises(actions.PlaceTaken):
        actions.move_occasion(viewer=scene.luo, occasion=other, starts_at=datetime(2026, 2, 24, 10, tzinfo=TOWN_ZONE))
    # A little later is no clash with itself.
    clinic = on(series, date(2026, 2, 24))
    actions.move_occasion(viewer=scene.luo, occasion=clinic, starts_at=clinic.starts_at + timedelta(minutes=30))


def test_the_worker_sets_out_dates_and_lets_holds_run_out(scene: Any) -> None:
    series = scene.series()
    occasion = on(series, date(2026, 3, 3))
    first, _second, third = (actions.sign_up(viewer=each, occasion=occasion) for each in scene.people(3))
    actions.cancel_sign_up(viewer=scene.luo, sign_up=first)
    ticks = {name: tick for name, _every, tick in TICKS}
    with clock.frozen(MONDAY + timedelta(days=7)):
        assert ticks["set out the dates ahead"]() == 1
        assert ticks["offer held places to the next in line"]() == 1
    third.refresh_from_db()
    assert third.standing == "lapsed"
