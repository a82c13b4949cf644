"""What is said at a forum: written down with who said it, made a matter of theirs at a place, and they hear what came of it."""

from typing import Any

import pytest

from doorstep.affairs.actions import answer_matter
from doorstep.affairs.models import Matter
from doorstep.foundation.identity.models import Person
from doorstep.foundation.occasions import actions as occasions
from doorstep.foundation.occasions.models import Occasion
from doorstep.services import actions, queries
from doorstep.services.models import Point


@pytest.fixture
def forum(scene: Any, at: Any) -> Occasion:
    """Liu signed up, Ye walked in with her account, the forum goes on."""
    session = scene.session(scene.offer("forum", "forum"), capacities={"place": 40})
    actions.join(viewer=scene.liu, occasion=session)
    at(session.starts_at)
    actions.record_attendance(viewer=scene.luo, occasion=session, came=[occasions.Came(person_id=scene.town.ye.pk)])
    return Occasion.objects.get(pk=session.pk)


def test_the_speaker_chosen_from_the_list_is_the_reporter_and_hears_what_came_of_it(scene: Any, sign_in: Any, forum: Occasion) -> None:
    client = sign_in("luo")
    page = client.get(f"/sessions/{forum.code}").content.decode()
    liu, ye = queries.speakers_of(scene.luo, forum)
    assert f'<option value="{liu.key}">刘玉梅</option>' in page
    assert ye.name == scene.town.ye.name
    sent = {"text": "瑞金阁楼下的灯不亮", "speaker": liu.key, "once": "a"}
    assert client.post(f"/sessions/{forum.code}/points", sent).status_code == 303
    point = Point.objects.get()
    chosen = {"category": "lighting", "place": scene.town.building.code, "once": "b"}
    assert client.post(f"/sessions/{forum.code}/points/{point.pk}/raise", chosen).status_code == 303
    matter = Matter.objects.get()
    assert (matter.reporter_id, matter.entered_by_id, matter.place_id) == (scene.town.liu.pk, scene.town.luo.pk, scene.town.building.pk)
    answer_matter(viewer=scene.luo, matter=matter, text="今晚来换")
    assert "answer" in scene.told(scene.town.liu)


def test_who_is_not_on_the_list_is_known_by_name_and_phone_together(scene: Any, sign_in: Any, forum: Occasion) -> None:
    client = sign_in("luo")
    phone = scene.town.liu.phone
    for number, (name, text) in enumerate((("刘玉梅", "一"), ("刘伯", "二"), ("", "三"))):
        client.post(f"/sessions/{forum.code}/points", {"text": text, "name": name, "phone": phone if name else "", "once": str(number)})
    speakers = [each.speaker for each in Point.objects.order_by("id")]
    assert speakers[0] == scene.town.liu
    assert (speakers[1].name, speakers[1].phone, speakers[2]) == ("刘伯", phone, None)
    answer = client.post(f"/sessions/{forum.code}/points", {"text": "四", "phone": phone, "once": "d"})
    assert answer.status_code == 409
    assert "还要写名字" in answer.content.decode()
    assert ">四</textarea>" in answer.content.decode()


def test_a_speaker_of_another_list_or_a_place_elsewhere_is_not_taken(scene: Any, sign_in: Any, forum: Occasion) -> None:
    client = sign_in("luo")
    assert client.post(f"/sessions/{forum.code}/points", {"text": "灯", "speaker": "s999999", "once": "a"}).status_code == 404
    point = actions.write_point(viewer=scene.luo, occasion=forum, text="灯")
    sent = {"category": "lighting", "place": "gekeng", "once": "b"}
    assert client.post(f"/sessions/{forum.code}/points/{point.pk}/raise", sent).status_code == 404
    assert not Matter.objects.exists()


def test_an_alias_and_a_child_stand_in_no_list_of_speakers(scene: Any, at: Any) -> None:
    session = scene.session(scene.offer("talk", "counselling"), capacities={"place": 10})
    actions.join(viewer=scene.liu, occasion=session, alias="小蓝")
    assert queries.speakers_of(scene.luo, session) == []
    assert queries.speakers_of(scene.ye, session) == []
    assert not Person.objects.filter(name="小蓝").exists()


def test_others_see_neither_the_form_nor_who_said_it(scene: Any, sign_in: Any, forum: Occasion) -> None:
    point = actions.write_point(viewer=scene.luo, occasion=forum, text="灯不亮", speaker_id=scene.town.liu.pk)
    page = sign_in("ye").get(f"/sessions/{forum.code}").content.decode()
    assert 'name="speaker"' not in page
    assert "灯不亮" not in page
    answer = sign_in("ye").post(f"/sessions/{forum.code}/points", {"text": "灯", "speaker": f"s{point.pk}", "once": "z"})
    assert answer.status_code == 403
