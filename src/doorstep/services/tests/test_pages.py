"""The pages and feeds of services, and the sessions of the API."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.occasions import actions as occasions
from doorstep.foundation.occasions.models import Attendance, Occasion, SignUp
from doorstep.services import actions, queries
from doorstep.services.models import Service
from doorstep.services.permissions import calendar_token


def first(scene: Any) -> Occasion:
    scene.series()
    return Occasion.objects.filter(subject="clinic", state="planned").order_by("starts_at")[0]


def test_this_week_stands_on_the_places_page(client: Any, scene: Any) -> None:
    session = first(scene)
    page = client.get("/p/ruikang/").content.decode()
    assert "本周家门口" in page
    assert f'href="/sessions/{session.code}"' in page
    assert page.count('class="day') == 7
    client.cookies["mode"] = "elder"
    elder = client.get("/p/ruikang/").content.decode()
    assert "这周有什么" in elder
    assert elder.count('class="elder-tile') == 3


def test_a_holiday_stands_there_as_called_off(client: Any, scene: Any, at: Any) -> None:
    first(scene)
    at(datetime(2026, 2, 16, 8, tzinfo=TOWN_ZONE))
    page = client.get("/p/ruikang/").content.decode()
    assert "<del>" in page
    assert "放假，这天停一次" in page


def test_the_english_pages_are_english(client: Any, scene: Any) -> None:
    session = first(scene)
    client.cookies["language"] = "en"
    for path in ("/p/ruikang/", "/services/", "/services/clinic", f"/sessions/{session.code}", "/p/ruikang/notice"):
        page = client.get(path).content.decode()
        main = page[page.index("<main") : page.index("</main>")]
        words = re.sub(r"<span[^>]*data-user-text[^>]*>[^<]*</span>|<[^>]+>", " ", main)
        assert not re.search(r"[\u4e00-\u9fff]", words), (path, re.findall(r"\S*[\u4e00-\u9fff]+\S*", words))


def test_somebody_signs_up_and_leaves_on_the_page(scene: Any, sign_in: Any) -> None:
    session = first(scene)
    client = sign_in("liu")
    assert client.post(f"/sessions/{session.code}/join", {"once": "a"}).status_code == 303
    mine = SignUp.objects.get()
    assert "您报上了" in client.get(f"/sessions/{session.code}").content.decode()
    assert client.post(f"/sessions/{session.code}/leave", {"sign_up": mine.pk, "once": "b"}).status_code == 303
    mine.refresh_from_db()
    assert mine.standing == "withdrawn"


def test_a_refusal_says_why_and_keeps_what_was_typed(scene: Any, sign_in: Any) -> None:
    session = scene.session(scene.offer("craft", "craft"))
    answer = sign_in("liu").post(f"/sessions/{session.code}/join", {"name": "小明", "age": "12"})
    assert answer.status_code == 409
    assert "14 岁以下要家长同意" in answer.content.decode()
    assert 'value="小明"' in answer.content.decode()


def test_the_nurse_without_a_licence_is_told_why(scene: Any, sign_in: Any) -> None:
    session = first(scene)
    scene.licence(session.starts_at.date() - timedelta(days=1))
    answer = sign_in("ouyang").post(f"/sessions/{session.code}/join", {"role": "nurse"})
    assert answer.status_code == 409
    assert "2026-02-09 到期" in answer.content.decode()


def test_not_signed_in_keeps_what_was_typed(client: Any, scene: Any) -> None:
    session = first(scene)
    answer = client.post(f"/sessions/{session.code}/join", {"name": "黄伯"})
    assert (answer.status_code, answer["Location"]) == (303, f"/login/?next=%2Fsessions%2F{session.code}")


def test_the_door_the_list_and_the_paper(scene: Any, sign_in: Any, at: Any) -> None:
    session = first(scene)
    mine = actions.join(viewer=scene.liu, occasion=session)
    client = sign_in("luo")
    door = client.get(f"/sessions/{session.code}/door")
    assert door.status_code == 200
    assert "扫码签到" in door.content.decode()
    assert str(mine.pk) in client.get(f"/sessions/{session.code}/sheet").content.decode()
    at(session.starts_at + timedelta(minutes=10))
    sent = {
        "came": [mine.pk],
        f"in-{mine.pk}": "09:05",
        f"out-{mine.pk}": "10:00",
        "walked_in": "黄伯、穿红衣的阿姨",
        "unnamed": "3",
        "once": "x",
    }
    assert sign_in("luo").post(f"/sessions/{session.code}/list", sent).status_code == 303
    assert queries.session_for(scene.luo, session.code).heads.total == 6
    assert Attendance.objects.get(sign_up=mine).left_at == session.starts_at + timedelta(hours=1)


def test_a_neighbour_opens_no_list(scene: Any, sign_in: Any) -> None:
    session = first(scene)
    client = sign_in("liu")
    for page in ("list", "door", "sheet"):
        assert client.get(f"/sessions/{session.code}/{page}").status_code == 403


def test_calling_off_leads_to_the_list_to_telephone(scene: Any, sign_in: Any) -> None:
    session = first(scene)
    actions.join(viewer=scene.liu, occasion=session, name="黄伯", phone="0769-12345678")
    client = sign_in("luo")
    answer = client.post(f"/sessions/{session.code}/cancel", {"words": "台风", "once": "c"})
    assert answer["Location"] == f"/sessions/{session.code}/list"
    page = client.get(answer["Location"]).content.decode()
    assert "0769-12345678" in page


def test_a_service_is_offered_on_the_page(scene: Any, sign_in: Any) -> None:
    sent = {
        "body": "hengan", "kind": "clinic", "code": "new-clinic", "name": "周五义诊", "place": "pavilion", "first": "2026-02-13", "start": "09:00",
        "end": "11:00", "weekdays": ["FR"], "places": "20", "neighbours": "5", "team": "nurse", "team_places": "1", "helpers": "3", "once": "o",
    }  # fmt: skip
    client = sign_in("luo")
    answer = client.post("/p/ruikang/services/new", sent)
    assert answer.status_code == 303, answer.content.decode()
    service = Service.objects.get(code="new-clinic")
    assert service.licences == {}
    session = Occasion.objects.filter(subject="new-clinic").order_by("starts_at")[0]
    assert session.capacities == {"nurse": 1, "helper": 3, "place": 20, "neighbour": 5}
    assert session.starts_at == datetime(2026, 2, 13, 9, tzinfo=TOWN_ZONE)
    again = client.post("/p/ruikang/services/new", {**sent, "once": "p"})
    assert again.status_code == 422
    assert "有人用了" in again.content.decode()


def test_a_feed_of_the_service_and_one_of_a_person(client: Any, scene: Any) -> None:
    session = first(scene)
    actions.join(viewer=scene.liu, occasion=session)
    feed = client.get("/services/clinic.ics")
    assert feed["Content-Type"] == "text/calendar; charset=utf-8"
    [event] = Calendar.from_ical(feed.content).walk("VEVENT")
    assert event["RRULE"]["BYDAY"] == ["TU"]
    assert datetime(2026, 2, 17, 9, tzinfo=TOWN_ZONE) in [each.dt for each in event["EXDATE"].dts]
    key = actions.calendar_key(viewer=scene.liu)
    own = client.get(f"/calendar/my/{calendar_token(key.name)}.ics")
    assert own.status_code == 200
    assert "no-store" in own["Cache-Control"]
    assert "刘玉梅" not in own.content.decode()
    assert len(Calendar.from_ical(own.content).walk("VEVENT")) == 1
    assert client.get(f"/calendar/my/{key.name}-0000.ics").status_code == 404
    actions.renew_calendar_key(viewer=scene.liu)
    assert client.get(f"/calendar/my/{calendar_token(key.name)}.ics").status_code == 404


def test_the_sessions_of_the_api(client: Any, scene: Any) -> None:
    first(scene)
    answer = client.get("/api/v1/places/ruikang/sessions?from=2026-02-09&to=2026-02-22")
    rows = answer.json()
    assert rows["next"] is None
    assert [(row["service"], row["kind"], row["venue"], row["status"], row["starts_at"]) for row in rows["items"]] == [
        ("义诊：量血压，问保健", "clinic", "议事亭", "planned", "2026-02-10T09:00:00+08:00"),
        ("义诊：量血压，问保健", "clinic", "议事亭", "cancelled", "2026-02-17T09:00:00+08:00"),
    ]
    assert client.get("/api/v1/places/nowhere/sessions").status_code == 404
    assert client.get("/api/v1/places/ruikang/sessions?from=2026-02-09&to=2026-02-08").status_code == 422


@pytest.mark.parametrize("days", [1, 3])
def test_a_regular_is_seated_at_every_session(scene: Any, days: int) -> None:
    scene.licence()
    series = scene.series(rule=f"FREQ=WEEKLY;BYDAY={','.join(['TU', 'WE', 'TH'][:days])}")
    actions.stand_regularly(
        viewer=scene.luo, service=scene.service, series=series, person=scene.nurse, role="nurse", since=datetime(2026, 2, 9).date()
    )
    planned = Occasion.objects.filter(series=series, state="planned").count()
    assert SignUp.objects.filter(person=scene.nurse, role="nurse", standing="confirmed").count() == planned > 0
    assert actions.seat_regulars() == 0
    week = queries.hours_of(scene.ouyang, since=datetime(2026, 2, 9, tzinfo=TOWN_ZONE), until=datetime(2026, 2, 16, tzinfo=TOWN_ZONE))
    assert week.planned == 120 * days


def test_a_regular_is_seated_only_while_the_licence_is_good(scene: Any) -> None:
    scene.licence(datetime(2026, 3, 3).date())
    series = scene.series()
    actions.stand_regularly(
        viewer=scene.luo, service=scene.service, series=series, person=scene.nurse, role="nurse", since=datetime(2026, 2, 9).date()
    )
    days = [
        each.astimezone(TOWN_ZONE).date().isoformat()
        for each in SignUp.objects.order_by("occasion__starts_at").values_list("occasion__starts_at", flat=True)
    ]
    assert days == ["2026-02-10", "2026-02-24", "2026-03-03"]


def test_hours_are_counted_by_coming_and_going(scene: Any, at: Any) -> None:
    scene.licence()
    session = first(scene)
    mine = actions.join(viewer=scene.ouyang, occasion=session, role="nurse")
    at(session.ends_at)
    occasions.record_attendance(
        viewer=scene.luo, occasion=session,
        came=[occasions.Came(sign_up_id=mine.pk, came_at=session.starts_at + timedelta(minutes=5), left_at=session.ends_at)],
    )  # fmt: skip
    hours = queries.hours_of(scene.ouyang, since=session.starts_at - timedelta(days=1), until=session.ends_at)
    assert (hours.planned, hours.actual, hours.sessions) == (120, 115, 1)
