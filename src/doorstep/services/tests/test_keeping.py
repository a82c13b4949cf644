"""A service kept by its body: words and licences, how its series go on, who stands there, closed and ended."""

from datetime import date, datetime, time
from typing import Any

import pytest

from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.occasions.models import Occasion, SeriesPlan, SignUp
from doorstep.services import actions
from doorstep.services.models import Regular

WORDS = {"name": "义诊", "name_en": "Clinic", "says": "只量不看病", "says_en": "", "filing_number": "HL-YZ-2"}
CHANGE = {
    "starting": "2026-02-23", "place": "pavilion", "start": "15:00", "end": "17:30", "weekdays": ["WE"], "cap_place": "12", "cap_nurse": "1",
    "words": "换到下午",
}  # fmt: skip


def regular(scene: Any) -> Regular:
    scene.licence()
    return actions.stand_regularly(
        viewer=scene.luo, service=scene.service, series=scene.series(), person=scene.nurse, role="nurse", since=date(2026, 2, 9)
    )


def days(**facts: Any) -> list[str]:
    found = Occasion.objects.filter(subject="clinic", state="planned", **facts).order_by("starts_at").values_list("starts_at", flat=True)
    return [f"{each.astimezone(TOWN_ZONE):%m-%d %H:%M}" for each in found]


def test_the_words_and_the_licences_are_changed_and_recorded_once(scene: Any, sign_in: Any) -> None:
    client = sign_in("luo")
    sent = {**WORDS, "licence_helper": "social_worker"}
    assert client.post("/services/clinic/words", {**sent, "once": "a"}).status_code == 303
    assert client.post("/services/clinic/words", {**sent, "once": "b"}).status_code == 303
    scene.service.refresh_from_db()
    assert (scene.service.name, scene.service.says, scene.service.licences) == ("义诊", "只量不看病", {"helper": "social_worker"})
    [entry] = Entry.objects.filter(verb="change_service")
    assert entry.detail["changed"] == ["filing_number", "licences", "name", "name_en", "says"]
    with pytest.raises(actions.LicenceMissing):
        actions.join(viewer=scene.liu, occasion=scene.session(), role="helper")


def test_what_was_typed_stays_where_the_name_is_missing(scene: Any, sign_in: Any) -> None:
    answer = sign_in("luo").post("/services/clinic/words", {**WORDS, "name": "", "says": "新的一句"})
    assert answer.status_code == 422
    assert 'value="新的一句"' in answer.content.decode()
    assert sign_in("luo").post("/services/clinic/words", {**WORDS, "licence_helper": "pilot"}).status_code == 422


@pytest.mark.parametrize("asked", [{"place": "nurse"}, {"helper": "pilot"}, {"captain": "nurse"}])
def test_only_roles_of_the_team_ask_for_licences_there_are(scene: Any, asked: dict[str, str]) -> None:
    with pytest.raises(actions.UnknownCode):
        actions.change_service(viewer=scene.luo, service=scene.service, licences=asked, **WORDS)


def test_a_series_goes_on_otherwise_from_a_day(scene: Any, sign_in: Any) -> None:
    series = scene.series()
    client = sign_in("luo")
    page = client.get("/services/clinic/keep").content.decode()
    assert 'value="09:00"' in page
    assert 'value="11:00"' in page
    assert client.post(f"/services/clinic/series/{series.code}", {**CHANGE, "once": "a"}).status_code == 303
    assert days()[:3] == ["02-10 09:00", "02-25 15:00", "03-04 15:00"]
    plan = SeriesPlan.objects.filter(series=series).latest("id")
    assert (plan.minutes, plan.capacities, plan.place) == (150, {"place": 12, "nurse": 1}, scene.pavilion)
    too_soon = client.post(f"/services/clinic/series/{series.code}", {**CHANGE, "starting": "2026-02-09", "once": "b"})
    assert too_soon.status_code == 409
    assert "最早从明天起" in too_soon.content.decode()
    backwards = client.post(f"/services/clinic/series/{series.code}", {**CHANGE, "end": "14:00", "once": "c"})
    assert backwards.status_code == 422
    assert client.post("/services/clinic/series/nothing", {**CHANGE, "once": "d"}).status_code == 404


def test_a_monthly_rule_stays_where_no_weekday_is_chosen(scene: Any, sign_in: Any) -> None:
    series = scene.series(rule="FREQ=MONTHLY;BYDAY=1TU")
    sent = {key: value for key, value in CHANGE.items() if key != "weekdays"}
    assert sign_in("luo").post(f"/services/clinic/series/{series.code}", {**sent, "once": "a"}).status_code == 303
    assert "BYDAY=1TU" in SeriesPlan.objects.filter(series=series).latest("id").rule
    assert days()[0] == "03-03 15:00"


def test_a_series_ends_and_those_signed_up_are_told(scene: Any, sign_in: Any) -> None:
    series = scene.series()
    later = Occasion.objects.get(series=series, starts_at=datetime(2026, 3, 3, 9, tzinfo=TOWN_ZONE))
    actions.join(viewer=scene.liu, occasion=later)
    sent = {"last_day": "2026-02-24", "words": "老师搬走了", "once": "a"}
    client = sign_in("luo")
    assert client.post(f"/services/clinic/series/{series.code}/end", sent).status_code == 303
    assert days() == ["02-10 09:00", "02-24 09:00"]
    assert scene.told(scene.town.liu)[-1] == "cancel"
    again = client.post(f"/services/clinic/series/{series.code}/end", {**sent, "once": "b"})
    assert again.status_code == 409


def test_who_stood_there_stands_there_no_more(scene: Any, sign_in: Any) -> None:
    kept = regular(scene)
    assert SignUp.objects.filter(standing="confirmed").count() > 2
    page = sign_in("ouyang").get("/services/clinic").content.decode()
    assert "我不再固定来" in page
    assert sign_in("ouyang").post(f"/services/clinic/regulars/{kept.pk}/end", {"once": "a"}).status_code == 303
    kept.refresh_from_db()
    assert kept.until == date(2026, 2, 9)
    assert not SignUp.objects.filter(standing="confirmed").exists()
    assert actions.seat_regulars() == 0
    assert sign_in("ouyang").post(f"/services/clinic/regulars/{kept.pk}/end", {"once": "b"}).status_code == 403


def test_the_place_of_the_day_itself_stays_and_is_nobody_elses_to_end(scene: Any, sign_in: Any) -> None:
    kept = regular(scene)
    assert sign_in("liu").post(f"/services/clinic/regulars/{kept.pk}/end", {"once": "a"}).status_code == 403
    actions.end_standing(viewer=scene.luo, regular=kept, until=date(2026, 2, 10))
    [left] = SignUp.objects.filter(standing="confirmed")
    assert left.occasion.starts_at == datetime(2026, 2, 10, 9, tzinfo=TOWN_ZONE)
    assert scene.told(scene.nurse).count("withdraw") > 1


def test_closed_for_now_nobody_signs_up_until_it_opens_again(scene: Any, sign_in: Any) -> None:
    session = scene.session()
    client = sign_in("luo")
    assert client.post("/services/clinic/status", {"status": "temporarily closed", "once": "a"}).status_code == 303
    assert "这项服务暂时停了" in client.get("/services/clinic").content.decode()
    answer = sign_in("liu").post(f"/sessions/{session.code}/join", {"once": "b"})
    assert answer.status_code == 409
    assert "先不报名" in answer.content.decode()
    assert sign_in("luo").post("/services/clinic/status", {"status": "active", "once": "c"}).status_code == 303
    assert actions.join(viewer=scene.liu, occasion=session).standing == "confirmed"


def test_ended_every_date_to_come_is_called_off_and_all_are_told(scene: Any, sign_in: Any) -> None:
    kept = regular(scene)
    single = scene.session(starts_at=datetime(2026, 2, 12, 15, tzinfo=TOWN_ZONE))
    actions.join(viewer=scene.liu, occasion=single)
    client = sign_in("luo")
    assert client.post("/services/clinic/status", {"status": "defunct", "once": "a"}).status_code == 422
    assert client.post("/services/clinic/status", {"status": "defunct", "words": "没有护士", "once": "b"}).status_code == 303
    assert days() == []
    kept.refresh_from_db()
    assert kept.until is not None
    assert scene.told(scene.town.liu)[-1] == "cancel"
    assert "不办了" in client.get("/services/clinic").content.decode()
    assert client.post("/services/clinic/status", {"status": "active", "once": "c"}).status_code == 409


def test_who_stands_there_but_does_not_work_for_the_body_keeps_nothing(scene: Any, sign_in: Any) -> None:
    kept = regular(scene)
    client = sign_in("ouyang")
    assert client.get("/services/clinic/keep").status_code == 403
    assert client.post(f"/services/clinic/series/{kept.series.code}", {**CHANGE, "once": "a"}).status_code == 403
    assert client.post("/services/clinic/words", {**WORDS, "once": "b"}).status_code == 403
    assert days()[0] == f"02-10 {time(9):%H:%M}"
