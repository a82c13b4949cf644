"""Coming to a session: licences, quotas, names and aliases, children, reminders, calling off, who came, what they say."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from doorstep.foundation.access.viewer import NOBODY
from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.identity.models import Person
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.occasions import actions as occasions
from doorstep.foundation.occasions.models import Attendance, Occasion, SignUp
from doorstep.foundation.occasions.queries import check_in_code
from doorstep.foundation.search.queries import find
from doorstep.services import actions, queries
from doorstep.services.models import Feedback
from doorstep.talents.actions import withdraw_licence


def clinic(scene: Any) -> Occasion:
    scene.series()
    return Occasion.objects.filter(subject="clinic", state="planned").order_by("starts_at")[0]


def test_a_licence_that_ran_out_yesterday_is_refused_and_says_so(scene: Any) -> None:
    session = clinic(scene)
    day = session.starts_at.astimezone(TOWN_ZONE).date()
    scene.licence(day - timedelta(days=1))
    with pytest.raises(actions.LicenceMissing) as refused:
        actions.join(viewer=scene.ouyang, occasion=session, role="nurse")
    assert (refused.value.kind, refused.value.ended_on) == ("nurse", day - timedelta(days=1))
    assert actions.join(viewer=scene.ouyang, occasion=session, role="helper").standing == "confirmed"


def test_a_helper_whose_licence_ran_out_yesterday_is_refused_for_the_nurses_place(scene: Any, at: Any) -> None:
    session = clinic(scene)
    yesterday = session.starts_at.astimezone(TOWN_ZONE).date() - timedelta(days=1)
    scene.licence(yesterday, person=scene.town.ye)
    at(session.starts_at - timedelta(minutes=30))
    with pytest.raises(actions.LicenceMissing) as refused:
        actions.join(viewer=scene.ye, occasion=session, role="nurse")
    assert refused.value.ended_on == yesterday
    assert not SignUp.objects.exists()


def test_a_licence_that_was_withdrawn_no_longer_counts(scene: Any) -> None:
    session = clinic(scene)
    withdraw_licence(viewer=scene.viewer(scene.checker), licence=scene.licence())
    with pytest.raises(actions.LicenceMissing) as refused:
        actions.join(viewer=scene.ouyang, occasion=session, role="nurse")
    assert (refused.value.kind, refused.value.ended_on) == ("nurse", None)


def test_a_licence_good_to_the_day_itself_is_enough(scene: Any) -> None:
    session = clinic(scene)
    scene.licence(session.starts_at.astimezone(TOWN_ZONE).date())
    assert actions.join(viewer=scene.ouyang, occasion=session, role="nurse").standing == "confirmed"


def test_the_nurses_place_stays_hers_however_many_visitors_come(scene: Any) -> None:
    session = scene.session(capacities={"nurse": 1, "helper": 3, "place": 1})
    assert actions.join(viewer=scene.liu, occasion=session).standing == "confirmed"
    assert actions.join(viewer=scene.ye, occasion=session).standing == "waiting"
    scene.licence()
    assert actions.join(viewer=scene.ouyang, occasion=session, role="nurse").standing == "confirmed"


def test_neighbours_come_within_their_quota(scene: Any) -> None:
    session = scene.session(capacities={"place": 20, "neighbour": 1})
    assert actions.join(viewer=scene.liu, occasion=session).role == "place"
    first = actions.join(viewer=scene.ye, occasion=session)
    second = actions.join(viewer=scene.ouyang, occasion=session)
    assert (first.role, first.standing) == ("neighbour", "confirmed")
    assert (second.role, second.standing) == ("neighbour", "waiting")


def test_without_a_quota_everyone_comes_alike(scene: Any) -> None:
    session = scene.session(capacities={"place": 20})
    assert actions.join(viewer=scene.ye, occasion=session).role == "place"


def test_somebody_without_a_phone_is_signed_up_by_a_neighbour(scene: Any) -> None:
    session = clinic(scene)
    made = actions.join(viewer=scene.liu, occasion=session, name="黄伯", phone="0769-12345678")
    assert (made.person.name, made.entered_by_id) == ("黄伯", scene.town.liu.pk)


def test_an_alias_hides_the_name_where_the_service_offers_it(scene: Any) -> None:
    talk = scene.offer("talk", "counselling")
    session = scene.session(talk)
    actions.join(viewer=scene.liu, occasion=session, alias="小蓝")
    [line] = queries.list_of(scene.luo, session)
    assert (line.line.name, line.line.phone) == ("小蓝", "")
    with pytest.raises(actions.AliasNotOffered):
        actions.join(viewer=scene.liu, occasion=clinic(scene), alias="小蓝")


@pytest.mark.parametrize(("age", "with_guardian", "comes"), [(12, False, False), (13, False, False), (12, True, True), (14, False, True)])
def test_under_fourteen_a_guardian_signs_up(scene: Any, age: int, with_guardian: bool, comes: bool) -> None:
    session = scene.session(scene.offer("craft", "craft"))
    facts = {"age": age, "guardian_id": scene.town.liu.pk if with_guardian else None, "name": "小明"}
    if comes:
        assert actions.join(viewer=scene.liu, occasion=session, **facts).standing == "confirmed"
    else:
        with pytest.raises(occasions.GuardianMissing):
            actions.join(viewer=scene.liu, occasion=session, **facts)
        assert not SignUp.objects.exists()
        assert not Person.objects.filter(name="小明").exists()


def test_a_childrens_session_asks_for_the_age(scene: Any) -> None:
    with pytest.raises(occasions.AgeMissing):
        actions.join(viewer=scene.liu, occasion=scene.session(scene.offer("craft", "craft")), name="小明")


def test_a_reminder_goes_out_once_and_only_when_it_is_near(scene: Any, at: Any) -> None:
    session = clinic(scene)
    actions.join(viewer=scene.liu, occasion=session)
    at(session.starts_at - timedelta(hours=25))
    assert actions.remind_signed_up() == 0
    at(session.starts_at - timedelta(hours=24))
    assert actions.remind_signed_up() == 1
    assert actions.remind_signed_up() == 0
    assert scene.told(scene.town.liu).count("remind") == 1


def test_calling_off_reaches_everyone_and_lists_whom_to_telephone(scene: Any) -> None:
    session = clinic(scene)
    actions.join(viewer=scene.ye, occasion=session)
    actions.join(viewer=scene.liu, occasion=session, name="黄伯", phone="0769-12345678")
    told = occasions.cancel_occasion(viewer=scene.luo, occasion=session, reason="called_off", words="台风")
    assert [(each.name, each.phone) for each in told.phone_list] == [("黄伯", "0769-12345678")]
    assert scene.told(scene.town.ye)[-1] == "cancel"
    to_call = [each.line.name for each in queries.list_of(scene.luo, session) if each.needs_call]
    assert to_call == ["黄伯"]


def test_the_list_is_for_those_who_run_it(scene: Any) -> None:
    session = clinic(scene)
    with pytest.raises(occasions.NotAllowed):
        queries.list_of(scene.liu, session)


def test_the_code_of_the_day_checks_in(scene: Any, at: Any) -> None:
    session = clinic(scene)
    actions.join(viewer=scene.liu, occasion=session)
    day = session.starts_at.astimezone(TOWN_ZONE).date()
    nonce = check_in_code(scene.luo, session, day=day)
    at(session.starts_at)
    came = occasions.check_in(viewer=scene.liu, occasion=session, nonce=nonce)
    assert (came.how, came.role) == ("nonce", "place")
    assert queries.session_for(scene.liu, session.code).came == came


PAPER = "单号,姓名,身份,来,走\n{slip},,,09:05,10:00\n,黄伯,来的人,9:10,\n,陈姨,,,\n"


def test_a_paper_list_is_entered_afterwards_with_who_and_when(scene: Any, at: Any) -> None:
    session = clinic(scene)
    mine = actions.join(viewer=scene.ye, occasion=session)
    actions.join(viewer=scene.liu, occasion=session, name="黄伯")
    later = session.ends_at + timedelta(days=1)
    at(later)
    text = PAPER.format(slip=mine.pk)
    for data in (text.encode("gb18030"), text.encode("utf-8-sig")):
        actions.record_paper(viewer=scene.luo, occasion=session, lines=actions.read_paper(data), unnamed=4)
    rows = list(Attendance.objects.filter(occasion=session).order_by("id"))
    assert [(each.how, each.recorded_by_id, each.recorded_at) for each in rows] == [("upload", scene.town.luo.pk, later)] * 3
    assert [each.walked_in for each in rows] == [False, False, True]
    assert rows[0].came_at.astimezone(TOWN_ZONE).strftime("%H:%M") == "09:05"
    assert queries.session_for(scene.luo, session.code).heads.total == 7


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("姓名,来\n黄伯,25:00\n", (2, "time")),
        ("单号,姓名\n999999,\n", (2, "unknown_slip")),
        ("姓名,身份\n黄伯,船长\n", (2, "unknown_role")),
        ("姓名,来\n,09:00\n", (2, "nobody")),
        ("日期,地方\n今天,亭子\n", (1, "no_columns")),
        ("", (1, "empty")),
    ],
)
def test_a_paper_list_that_cannot_be_read_says_where_and_writes_nothing(scene: Any, at: Any, text: str, problem: tuple[int, str]) -> None:
    session = clinic(scene)
    at(session.ends_at)
    with pytest.raises(actions.PaperUnreadable) as unreadable:
        actions.record_paper(viewer=scene.luo, occasion=session, lines=actions.read_paper(text.encode()))
    assert problem in unreadable.value.problems
    assert not Attendance.objects.exists()


def test_two_of_one_name_ask_for_the_slip(scene: Any, at: Any) -> None:
    session = clinic(scene)
    for _ in range(2):
        actions.join(viewer=scene.liu, occasion=session, name="陈明")
    at(session.ends_at)
    with pytest.raises(actions.PaperUnreadable) as unreadable:
        actions.record_paper(viewer=scene.luo, occasion=session, lines=actions.read_paper("姓名\n陈明\n".encode()))
    assert unreadable.value.problems == ((2, "two_of_one_name"),)


def held(scene: Any, at: Any) -> Occasion:
    session = clinic(scene)
    mine = actions.join(viewer=scene.liu, occasion=session)
    at(session.ends_at)
    occasions.record_attendance(viewer=scene.luo, occasion=session, came=[occasions.Came(sign_up_id=mine.pk)])
    return Occasion.objects.get(pk=session.pk)


def test_who_came_says_how_it_was_once(scene: Any, at: Any) -> None:
    session = held(scene, at)
    actions.give_feedback(viewer=scene.liu, occasion=session, stars=5, words="量得仔细")
    with pytest.raises(actions.SaidAlready):
        actions.give_feedback(viewer=scene.liu, occasion=session, stars=1)
    with pytest.raises(actions.NotThere):
        actions.give_feedback(viewer=scene.ye, occasion=session, stars=1)
    [said] = queries.opinions_of(scene.luo, session)
    assert (said.person, said.stars) == (scene.town.liu, 5)
    assert queries.opinions_of(scene.ye, session) == []


def test_without_a_name_nothing_kept_says_who(scene: Any, at: Any) -> None:
    session = held(scene, at)
    actions.give_feedback(viewer=scene.liu, occasion=session, stars=2, words="等太久", is_anonymous=True)
    kept = Feedback.objects.get()
    assert kept.person_id is None
    entry = Entry.objects.get(verb="feedback")
    assert entry.actor_id is None
    with pytest.raises(actions.SaidAlready):
        actions.give_feedback(viewer=scene.liu, occasion=session, stars=1)


def test_before_it_was_held_nobody_says_how_it_was(scene: Any) -> None:
    with pytest.raises(actions.NotYetHeld):
        actions.give_feedback(viewer=scene.liu, occasion=clinic(scene), stars=5)


@pytest.mark.parametrize("stars", [0, 6])
def test_stars_go_from_one_to_five(scene: Any, at: Any, stars: int) -> None:
    with pytest.raises(actions.NotAStar):
        actions.give_feedback(viewer=scene.liu, occasion=held(scene, at), stars=stars)


def test_nobody_signed_in_sees_a_session_but_no_list(scene: Any) -> None:
    session = clinic(scene)
    found = queries.session_for(NOBODY, session.code)
    assert found is not None
    assert not found.detail.runs
    assert found.occasion.starts_at == datetime(2026, 2, 10, 9, tzinfo=TOWN_ZONE)
    assert date(2026, 2, 10).weekday() == 1


def test_the_list_taken_along_is_read_back_with_who_came(scene: Any, sign_in: Any, at: Any) -> None:
    session = clinic(scene)
    mine = actions.join(viewer=scene.ye, occasion=session)
    actions.join(viewer=scene.liu, occasion=session, name="=黄伯")
    actions.join(viewer=scene.liu, occasion=session)
    at(session.starts_at)
    answer = sign_in("luo").get(f"/sessions/{session.code}/list.csv")
    assert answer["Content-Disposition"] == f'attachment; filename="{session.code}.csv"'
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "单号,姓名,身份,来了,来,走"
    assert [line.split(",")[1] for line in lines[1:]] == ["叶锦棠", "'=黄伯", "刘玉梅"]
    at(session.ends_at)
    # Sent back untouched nobody came; ticked, whoever was ticked, and who was added.
    assert actions.record_paper(viewer=scene.luo, occasion=session, lines=actions.read_paper(answer.content)) == []
    ticked = "\r\n".join([lines[0], lines[1].replace(",,,", ",1,09:05,"), *lines[2:], ",陈姨,,,,"])
    for _ in range(2):
        actions.record_paper(viewer=scene.luo, occasion=session, lines=actions.read_paper(ticked.encode()))
    came = list(Attendance.objects.filter(occasion=session).order_by("id"))
    assert [(each.sign_up_id, each.alias) for each in came] == [(mine.pk, ""), (None, "陈姨")]
    assert came[0].came_at == session.starts_at + timedelta(minutes=5)
    again = sign_in("luo").get(f"/sessions/{session.code}/list.csv").content.decode("utf-8-sig").splitlines()
    assert again[1].endswith(",1,09:05,")


def test_a_service_and_its_coming_sessions_are_found_by_those_they_are_for(scene: Any, at: Any) -> None:
    def found(viewer: Any, query: str) -> dict[str, list[str]]:
        return {str(name): [hit.url for hit in hits] for name, hits in find(viewer, query).registers}

    tea = scene.offer("tea", name="长者茶话会")
    session = scene.session(tea)
    url = f"/sessions/{session.code}"
    at(session.starts_at - timedelta(days=1))
    assert found(NOBODY, "茶话会") == {"服务": ["/services/tea"], "场次": [url]}
    Occasion.objects.filter(pk=session.pk).update(audience=f"body:{scene.town.branch.pk}")
    assert found(NOBODY, "茶话会") == {"服务": ["/services/tea"]}
    assert found(scene.town.viewer(scene.town.lin), "茶话会")["场次"] == [url]
    at(session.ends_at + timedelta(minutes=1))
    assert "场次" not in found(scene.town.viewer(scene.town.lin), "茶话会")
