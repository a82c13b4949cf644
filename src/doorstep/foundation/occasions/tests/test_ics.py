"""The feed, read back by the icalendar library and expanded again: its dates are those of the queries."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from dateutil.rrule import rrulestr
from icalendar import Calendar, Event

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import NOBODY
from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.occasions import actions
from doorstep.foundation.occasions.ics import person_feed, place_feed
from doorstep.foundation.occasions.models import Occasion
from doorstep.foundation.occasions.queries import between
from doorstep.foundation.occasions.tests.conftest import MONDAY
from doorstep.foundation.places.models import Place

TWO_YEARS = MONDAY + timedelta(days=730)


def feed(scene: Any, place: Place | None = None, **facts: Any) -> bytes:
    given = {"place": place or scene.town.estate, "source": "https://town.example/calendar/ruikang.ics", "site": "https://town.example"}
    return place_feed(NOBODY, **{**given, **facts})


def events(body: bytes) -> list[Event]:
    return list(Calendar.from_ical(body).walk("VEVENT"))


def many(value: Any) -> list[datetime]:
    """EXDATE and RDATE may be one property or several."""
    return [each.dt for one in (value if isinstance(value, list) else [value] if value else []) for each in one.dts]


def occurrences(body: bytes, until: datetime) -> set[tuple[str, datetime, datetime]]:
    """What a reader of the feed shows as taking place: (title, start, end), in UTC. Written after RFC 5545, not after our expansion."""
    found = set()
    overrides = {(str(each["UID"]), each["RECURRENCE-ID"].dt) for each in events(body) if "RECURRENCE-ID" in each}
    for each in events(body):
        length = each["DTEND"].dt - each["DTSTART"].dt
        starts = {each["DTSTART"].dt}
        if "RRULE" in each:
            rule = each["RRULE"].to_ical().decode()
            starts = set(rrulestr(rule, dtstart=each["DTSTART"].dt).between(each["DTSTART"].dt, until, inc=True))
        starts |= set(many(each.get("RDATE")))
        starts -= set(many(each.get("EXDATE")))
        if "RECURRENCE-ID" not in each:
            starts = {start for start in starts if (str(each["UID"]), start) not in overrides}
        if each["STATUS"] != "CANCELLED":
            found |= {(str(each["SUMMARY"]), start.astimezone(UTC), (start + length).astimezone(UTC)) for start in starts}
    return {each for each in found if each[1] < until}


def taking_place(place: Place, until: datetime) -> set[tuple[str, datetime, datetime]]:
    shown = between(NOBODY, place=place, since=MONDAY - timedelta(days=60), until=until)
    return {(each.occasion.title, each.occasion.starts_at, each.occasion.ends_at) for each in shown if each.occasion.state != "cancelled"}


def test_two_years_of_a_feed_are_the_dates_of_the_queries(scene: Any) -> None:
    """Weekly with holidays and an exception, fortnightly with an end, monthly; moved, called off, changed and extra dates among them."""
    clinic = scene.series(exceptions=[date(2026, 3, 17)], extra=[datetime(2026, 3, 18, 14), datetime(2026, 5, 5, 9)])
    course = scene.series(
        title="书法课", first=date(2026, 3, 1), rule="FREQ=WEEKLY;INTERVAL=2;BYDAY=SA,SU;COUNT=12", start=time(14, 30), minutes=90
    )
    scene.series(title="议事会", rule="FREQ=MONTHLY;BYDAY=-1FR", start=time(19, 30), place=scene.town.estate, skips_holidays=False)
    scene.series(title="健步走", rule="FREQ=DAILY;UNTIL=20260430", start=time(6), minutes=40, place=scene.town.estate)
    scene.occasion()
    actions.prepare_dates(until=TWO_YEARS.date())

    def of(series: Any, day: date) -> Occasion:
        return series.occasions.select_related("place").get(original_start__date=day)

    actions.move_occasion(viewer=scene.luo, occasion=of(clinic, date(2026, 4, 14)), starts_at=datetime(2026, 4, 16, 10, tzinfo=TOWN_ZONE))
    actions.move_occasion(
        viewer=scene.luo,
        occasion=of(clinic, date(2026, 4, 21)),
        starts_at=datetime(2026, 4, 21, 9, tzinfo=TOWN_ZONE),
        place=scene.town.estate,
        words="议事亭在修",
    )
    actions.cancel_occasion(viewer=scene.luo, occasion=of(clinic, date(2026, 4, 28)), reason="weather", words="台风")
    actions.change_series(viewer=scene.luo, series=clinic, starting=date(2026, 9, 1), start=time(9, 30))
    actions.change_series(viewer=scene.luo, series=course, starting=date(2026, 5, 1), rule="FREQ=WEEKLY;BYDAY=WE;UNTIL=20260701")
    actions.prepare_dates(until=TWO_YEARS.date())
    body = feed(scene)
    found, expected = occurrences(body, TWO_YEARS), taking_place(scene.town.estate, TWO_YEARS)
    assert found == expected
    assert len(found) > 200
    local = {(title, start.astimezone(TOWN_ZONE).strftime("%Y-%m-%d %H:%M")) for title, start, _end in found}
    # S8: 2026-02-17（春节）停诊.
    assert ("周二义诊", "2026-02-17 09:00") not in local
    assert ("周二义诊", "2026-05-05 09:00") in local
    assert {("周二义诊", "2026-04-16 10:00"), ("周二义诊", "2026-04-21 09:00"), ("周二义诊", "2026-09-01 09:30")} <= local
    assert not {("周二义诊", "2026-04-28 09:00"), ("周二义诊", "2026-03-17 09:00"), ("周二义诊", "2026-09-01 09:00")} & local


def test_an_ended_series_ends_in_the_feed(scene: Any) -> None:
    series = scene.series()
    actions.end_series(viewer=scene.luo, series=series, last_day=date(2026, 3, 3))
    assert {start.astimezone(TOWN_ZONE).day for _title, start, _end in occurrences(feed(scene), TWO_YEARS)} == {10, 24, 3}
    [event] = events(feed(scene))
    assert event["RRULE"].to_ical() == b"FREQ=WEEKLY;UNTIL=20260303T010000Z;BYDAY=TU"


def test_what_was_moved_or_called_off_is_told_as_such(scene: Any) -> None:
    series = scene.series()
    moved = series.occasions.get(original_start__date=date(2026, 3, 3))
    off = series.occasions.get(original_start__date=date(2026, 3, 10))
    master = events(feed(scene))[0]
    actions.move_occasion(viewer=scene.luo, occasion=moved, starts_at=datetime(2026, 3, 4, 15, tzinfo=TOWN_ZONE))
    actions.cancel_occasion(viewer=scene.luo, occasion=off, reason="weather", words="台风")
    found = {each["RECURRENCE-ID"].dt: each for each in events(feed(scene)) if "RECURRENCE-ID" in each}
    assert list(found) == [datetime(2026, 3, 4, 9, tzinfo=TOWN_ZONE) - timedelta(days=1), datetime(2026, 3, 10, 9, tzinfo=TOWN_ZONE)]
    one, other = found.values()
    assert (one["UID"], other["UID"]) == (master["UID"], master["UID"])
    assert (one["STATUS"], one["SEQUENCE"], one["DTSTART"].dt) == ("CONFIRMED", 1, datetime(2026, 3, 4, 15, tzinfo=TOWN_ZONE))
    assert (other["STATUS"], other["SEQUENCE"], other["DESCRIPTION"]) == ("CANCELLED", 1, "台风")


def test_a_date_moved_here_from_elsewhere_is_in_the_feed(scene: Any) -> None:
    series = scene.series(place=Place.objects.get(code="gekeng"))
    first = series.occasions.get(original_start__date=date(2026, 2, 10))
    assert events(feed(scene)) == []
    actions.move_occasion(viewer=scene.luo, occasion=first, starts_at=MONDAY + timedelta(days=2), place=scene.pavilion)
    [event] = events(feed(scene))
    assert event["LOCATION"] == "瑞康花园 · 议事亭"
    assert "RECURRENCE-ID" not in event


def test_lines_are_folded_by_octets_and_end_with_crlf(scene: Any) -> None:
    title = "义诊，量血压；带医保卡\\病历, 上午; 免费 " * 4
    scene.series(title=title[:120])
    body = feed(scene)
    lines = body.split(b"\r\n")
    assert lines[0] == b"BEGIN:VCALENDAR"
    assert lines[-2:] == [b"END:VCALENDAR", b""]
    assert all(len(line) <= 75 for line in lines)
    assert b"\n" not in body.replace(b"\r\n", b"")
    for line in lines:
        line.decode("utf-8")  # no character is torn apart
    assert events(body)[0]["SUMMARY"] == title[:120]


def test_the_feed_says_what_it_is(scene: Any) -> None:
    scene.series()
    body = feed(scene)
    made = Calendar.from_ical(body)
    assert (made["VERSION"], made["NAME"], made["METHOD"]) == ("2.0", "瑞康花园", "PUBLISH")
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT6H\r\n" in body
    assert b"SOURCE;VALUE=URI:https://town.example/calendar/ruikang.ics\r\n" in body
    assert b"DTSTART;TZID=Asia/Shanghai:20260210T090000\r\n" in body
    [zone] = made.walk("VTIMEZONE")
    assert zone["TZID"] == "Asia/Shanghai"
    assert [each.name for each in zone.subcomponents] == ["STANDARD"]
    assert zone.subcomponents[0]["TZOFFSETTO"].td == timedelta(hours=8)
    assert Calendar.from_ical(feed(scene, english=True))["NAME"] == "Ruikang Garden"
    # Nothing changed: the same bytes, an hour later too.
    with clock.frozen(MONDAY + timedelta(hours=1)):
        assert feed(scene) == body


def test_a_uid_stays_and_the_sequence_rises(scene: Any) -> None:
    series = scene.series()
    before = events(feed(scene))[0]
    actions.add_date(viewer=scene.luo, series=series, wall=datetime(2026, 2, 12, 9))
    after = events(feed(scene))[0]
    assert after["UID"] == before["UID"]
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (0, 1)


def test_what_is_meant_for_few_is_not_in_the_public_feed(scene: Any) -> None:
    branch = f"body:{scene.town.branch.pk}"
    scene.series(audience=branch, run_by=branch)
    scene.occasion(audience=branch, run_by=branch)
    assert events(feed(scene)) == []
    lin = scene.town.viewer(scene.town.lin)
    assert len(events(place_feed(lin, place=scene.town.estate, source="https://t/", site="https://t"))) == 2


def test_a_feed_takes_three_queries_however_long(scene: Any, django_assert_num_queries: Any) -> None:
    for index in range(4):
        scene.series(start=time(8 + 2 * index), minutes=60)
        with django_assert_num_queries(3):
            feed(scene)


def test_a_persons_own_feed(scene: Any) -> None:
    occasion = scene.occasion(capacities={"place": 1})
    other = scene.occasion(starts_at=occasion.ends_at)
    actions.sign_up(viewer=scene.liu, occasion=occasion)
    actions.sign_up(viewer=scene.liu, occasion=occasion, person_id=scene.mo.pk)
    actions.sign_up(viewer=scene.liu, occasion=other)
    actions.cancel_occasion(viewer=scene.luo, occasion=other, reason="weather")
    body = person_feed(scene.liu, name="我的日程", source="https://t/", site="https://t")
    assert [str(each["STATUS"]) for each in events(body)] == ["CONFIRMED", "TENTATIVE", "CANCELLED"]
    assert len({str(each["UID"]) for each in events(body)}) == 3
    assert "莫银好".encode() not in body
    assert events(person_feed(scene.ye, name="我的日程", source="https://t/", site="https://t")) == []


def test_the_address_of_a_places_feed(scene: Any, client: Any) -> None:
    scene.series()
    answer = client.get("/calendar/ruikang.ics")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert answer["Cache-Control"] == "public, max-age=900"
    assert len(events(answer.content)) == 1
    again = client.get("/calendar/ruikang.ics", headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", answer["ETag"])
    empty = client.get("/calendar/gekeng.ics")
    assert (empty.status_code, events(empty.content)) == (200, [])
    assert client.get("/calendar/nowhere.ics").status_code == 404
    assert client.post("/calendar/ruikang.ics").status_code == 405
