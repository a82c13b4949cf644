"""What visitors want to know of a venue, on its page; and the form of whoever keeps it."""

from datetime import date, datetime
from typing import Any

import pytest

from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.journal.actions import Actor
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.places.models import Place
from doorstep.organisations.actions import create_body, give_post
from doorstep.organisations.models import Post
from doorstep.services import actions
from doorstep.services.rules.opening import NotHours, open_on, read_spans, written

MONDAY = date(2026, 2, 9)
SENT = {
    "h-mo": "9:00-12:00、14:00—18:00", "h-tu": "09:00至17:30", "seats": "40", "phone": "0769-12345678", "a-ramp": "yes", "a-hearing_loop": "no",
    "a-sign_language": "yes",
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("", ()),
        ("09:00-18:00", (("09:00", "18:00"),)),
        ("9:00-12:00、14:00—18:00", (("09:00", "12:00"), ("14:00", "18:00"))),
        ("09：00 到 12：00，13:00~24:00", (("09:00", "12:00"), ("13:00", "24:00"))),
    ],
)
def test_hours_are_read_as_people_write_them(text: str, spans: Any) -> None:
    assert read_spans(text) == spans
    assert read_spans(written(spans)) == spans


@pytest.mark.parametrize(
    "text", ["早上", "18:00-09:00", "09:00-09:00", "09:00-25:00", "09:70-10:00", "13:00-15:00、09:00-10:00", "1:00-2:00、" * 5]
)
def test_hours_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(NotHours):
        read_spans(text)


def test_open_closed_and_nothing_said() -> None:
    hours = {"mo": [["09:00", "18:00"]]}
    assert open_on(hours, MONDAY) == (("09:00", "18:00"),)
    assert open_on(hours, date(2026, 2, 10)) == ()
    assert open_on({}, MONDAY) is None


def test_the_facts_stand_on_the_venues_page_and_change_with_the_day(scene: Any, sign_in: Any, client: Any, at: Any) -> None:
    assert sign_in("luo").post("/p/pavilion/facts", {**SENT, "once": "a"}).status_code == 303
    client.logout()
    page = client.get("/p/pavilion/").content.decode()
    for words in ("今天开", ">09:00—12:00</span>、", ">14:00—18:00<", "坐得下 40 人", "轮椅能进", "没有助听设备", "有人会手语"):
        assert words in page, words
    assert "改这些" not in page
    at(datetime(2026, 2, 11, 8, tzinfo=TOWN_ZONE))
    assert "今天不开" in client.get("/p/pavilion/").content.decode()
    assert "来之前看一眼" not in client.get("/p/ruikang/").content.decode()
    assert Entry.objects.get(verb="place_changed").detail["fields"] == ["accessibility", "capacity", "opening_hours", "phone"]


def test_what_nobody_looked_at_is_not_said(scene: Any, sign_in: Any, client: Any) -> None:
    Place.objects.filter(code="pavilion").update(
        accessibility={"ramp": True, "induction": True}, opening_hours={"mo": [["09:00", "18:00"]]}
    )
    assert sign_in("luo").post("/p/pavilion/facts", {"once": "a"}).status_code == 303
    kept = Place.objects.get(code="pavilion")
    assert (kept.opening_hours, kept.capacity, kept.accessibility) == ({}, None, {"induction": True})
    client.logout()
    assert "来之前看一眼" not in client.get("/p/pavilion/").content.decode()


@pytest.mark.parametrize("wrong", [{"h-we": "全天"}, {"seats": "0"}, {"seats": "许多"}, {"phone": "问门卫"}])
def test_a_wrong_line_is_said_and_the_rest_stays_typed(scene: Any, sign_in: Any, wrong: dict[str, str]) -> None:
    answer = sign_in("luo").post("/p/pavilion/facts", {**SENT, **wrong, "once": "a"})
    assert answer.status_code == 422
    assert 'value="09:00至17:30"' in answer.content.decode()
    assert Place.objects.get(code="pavilion").opening_hours == {}


def test_only_whoever_keeps_the_venue_changes_its_facts(scene: Any, sign_in: Any) -> None:
    assert sign_in("liu").get("/p/pavilion/facts").status_code == 403
    assert sign_in("luo").get("/p/ruikang/facts").status_code == 404
    assert sign_in("townadmin").get("/p/pavilion/facts").status_code == 200
    with pytest.raises(actions.NotAllowed):
        actions.keep_venue(viewer=scene.liu, place=scene.pavilion, hours={}, seats=None, access={}, phone="")


def test_a_keeper_who_works_no_matters_keeps_their_own_venue_alone(scene: Any, sign_in: Any) -> None:
    by = Actor(channel="import")
    for code, place in (("cafe", scene.pavilion), ("shop", scene.town.estate)):
        body = create_body(code=code, kind="cafe", name=code, place=place, by=by)
        give_post(body=body, title="店长", person=scene.town.liu, held_from=date(2020, 1, 1), handles_matters=False, by=by)
        assert sign_in("liu").get("/p/pavilion/facts").status_code == (200 if code == "cafe" else 403), code
        Post.objects.filter(body=body).delete()
