"""The hours of those who stand at a session: planned, attended, approved; a corrected list corrects the book by reversal."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from doorstep.affairs.actions import polls
from doorstep.affairs.actions.neighbours import print_taking_part
from doorstep.affairs.queries.taking_part import lines_of
from doorstep.foundation.access.viewer import NOBODY
from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.occasions import actions as occasions
from doorstep.foundation.occasions.models import Attendance, Occasion
from doorstep.foundation.occasions.queries import check_in_code
from doorstep.services import actions, queries
from doorstep.talents import actions as talents
from doorstep.talents.models import HoursLine
from doorstep.talents.queries import book_of, lines_to_approve


def staffed(scene: Any) -> tuple[Occasion, Any]:
    """Tuesday's clinic from nine to eleven with its nurse."""
    scene.licence()
    scene.series()
    session = Occasion.objects.filter(subject="clinic", state="planned").order_by("starts_at")[0]
    return session, actions.join(viewer=scene.ouyang, occasion=session, role="nurse")


def write(scene: Any, session: Occasion, place: Any, begin: int, end: int | None) -> None:
    """The list with the nurse's coming and going, in minutes from nine."""
    left = session.starts_at + timedelta(minutes=end) if end is not None else None
    came = occasions.Came(sign_up_id=place.pk, came_at=session.starts_at + timedelta(minutes=begin), left_at=left)
    actions.record_attendance(viewer=scene.luo, occasion=session, came=[came], unnamed=14)


def book() -> list[tuple[str, int, str]]:
    return list(HoursLine.objects.order_by("id").values_list("stage", "minutes", "reason"))


def test_planned_is_the_session_and_attended_from_coming_to_going(scene: Any, at: Any) -> None:
    session, place = staffed(scene)
    at(session.ends_at + timedelta(minutes=20))
    write(scene, session, place, -5, 112)
    assert book() == [("planned", 120, ""), ("attended", 117, "")]
    line = HoursLine.objects.get(stage="attended")
    assert (line.person, line.body, line.place, line.served) == (scene.nurse, scene.town.company, scene.pavilion, 14)
    assert (line.subject, line.on) == (f"occasion:{session.code}", session.starts_at.astimezone(TOWN_ZONE).date())


def test_visitors_have_no_hours_and_an_absent_helper_only_planned_ones(scene: Any, at: Any) -> None:
    session, _place = staffed(scene)
    mine = actions.join(viewer=scene.liu, occasion=session)
    at(session.ends_at)
    came = occasions.Came(sign_up_id=mine.pk, left_at=session.ends_at)
    actions.record_attendance(viewer=scene.luo, occasion=session, came=[came])
    assert book() == [("planned", 120, "")]
    assert HoursLine.objects.get().person == scene.nurse


def test_without_a_time_of_going_nothing_is_attended_yet(scene: Any, at: Any) -> None:
    session, place = staffed(scene)
    at(session.ends_at)
    write(scene, session, place, 0, None)
    assert book() == [("planned", 120, "")]
    write(scene, session, place, 0, 120)
    assert book() == [("planned", 120, ""), ("attended", 120, "")]


def test_the_same_list_again_writes_nothing(scene: Any, at: Any) -> None:
    session, place = staffed(scene)
    at(session.ends_at)
    for _ in range(3):
        write(scene, session, place, 0, 120)
    assert len(book()) == 2


@pytest.mark.parametrize(
    ("end", "added"), [(90, [("attended", -120, "shorter"), ("attended", 90, "")]), (None, [("attended", -120, "not_there")])]
)
def test_a_corrected_list_takes_the_line_back(scene: Any, at: Any, end: int | None, added: list[Any]) -> None:
    session, place = staffed(scene)
    at(session.ends_at)
    write(scene, session, place, 0, 120)
    write(scene, session, place, 0, end)
    assert book()[2:] == added


def test_the_body_approves_and_nobody_their_own(scene: Any, at: Any) -> None:
    session, place = staffed(scene)
    at(session.ends_at)
    write(scene, session, place, 0, 120)
    [line] = lines_to_approve(scene.luo)
    assert lines_to_approve(scene.ouyang) == []
    talents.approve_hours(viewer=scene.luo, line=line)
    found = book_of(scene.ouyang)
    assert (found.approved, found.waiting) == (120, 0)
    assert scene.told(scene.nurse)[-1] == "approved"


def test_a_correction_after_approval_takes_the_approval_back_and_asks_again(scene: Any, at: Any) -> None:
    session, place = staffed(scene)
    at(session.ends_at)
    write(scene, session, place, 0, 120)
    talents.approve_hours(viewer=scene.luo, line=HoursLine.objects.get(stage="attended"))
    write(scene, session, place, 0, 100)
    assert book()[3:] == [("approved", -120, "shorter"), ("attended", -120, "shorter"), ("attended", 100, "")]
    assert [line.minutes for line in lines_to_approve(scene.luo)] == [100]
    found = book_of(scene.ouyang)
    assert (found.approved, found.waiting) == (0, 100)


def test_the_code_at_the_door_checks_in_and_out(scene: Any, at: Any) -> None:
    session, _place = staffed(scene)
    code = check_in_code(scene.luo, session, day=session.starts_at.astimezone(TOWN_ZONE).date())
    at(session.starts_at + timedelta(minutes=3, seconds=20))
    with pytest.raises(occasions.NotCheckedIn):
        actions.check_out(viewer=scene.ouyang, occasion=session, nonce=code)
    occasions.check_in(viewer=scene.ouyang, occasion=session, nonce=code)
    with pytest.raises(occasions.CheckInRefused):
        actions.check_out(viewer=scene.ouyang, occasion=session, nonce="wrong")
    at(session.starts_at + timedelta(minutes=60))
    actions.check_out(viewer=scene.ouyang, occasion=session, nonce=code)
    at(session.starts_at + timedelta(minutes=118))
    actions.check_out(viewer=scene.ouyang, occasion=session, nonce=code)
    assert [minutes for stage, minutes, _why in book() if stage == "attended"] == [56, -56, 114]


def test_a_time_of_going_that_was_written_down_stays(scene: Any, at: Any) -> None:
    session, place = staffed(scene)
    code = check_in_code(scene.luo, session, day=session.starts_at.astimezone(TOWN_ZONE).date())
    at(session.starts_at + timedelta(minutes=90))
    write(scene, session, place, 0, 80)
    actions.check_out(viewer=scene.ouyang, occasion=session, nonce=code)
    assert Attendance.objects.get().left_at == session.starts_at + timedelta(minutes=80)
    assert [minutes for stage, minutes, _why in book() if stage == "attended"] == [80]


def test_four_mornings_are_nine_and_a_half_hours_a_week(scene: Any, at: Any, sign_in: Any) -> None:
    """欧阳敏: Tuesday two hours, three mornings of two and a half; the week of the festival is one Tuesday short."""
    mornings = (("TU", 9, 0, 120), ("MO", 8, 30, 150), ("WE", 8, 30, 150), ("FR", 8, 30, 150))
    at(datetime(2026, 2, 1, 8, tzinfo=TOWN_ZONE))
    scene.licence()
    for day, hour, minute, length in mornings:
        series = scene.series(
            first=datetime(2026, 2, 2).date(),
            start=datetime(2026, 2, 2, hour, minute).time(),
            minutes=length,
            rule=f"FREQ=WEEKLY;BYDAY={day}",
        )
        actions.stand_regularly(
            viewer=scene.luo, service=scene.service, series=series, person=scene.nurse, role="nurse", since=datetime(2026, 2, 2).date()
        )
    week = datetime(2026, 2, 9, tzinfo=TOWN_ZONE)
    planned = queries.hours_of(scene.ouyang, since=week, until=week + timedelta(days=7)).planned
    assert planned == 570
    at(datetime(2026, 2, 9, 8, tzinfo=TOWN_ZONE))
    assert "这周排了 9.5 小时" in sign_in("ouyang").get("/my/calendar").content.decode()


# What one took part in


def test_sessions_hours_and_polls_stand_in_what_one_took_part_in_and_on_its_proof(scene: Any, at: Any) -> None:
    tea = scene.session(scene.offer("tea", name="长者茶话会"), title="长者茶话会")
    clinic = scene.session(place=scene.town.building)
    poll = polls.open_poll(
        viewer=scene.luo, place=scene.town.estate, body=scene.town.company, question="凉亭刷什么颜色？", options=["灰", "红"],
        closes_at=tea.starts_at + timedelta(days=9), happened_at=tea.starts_at - timedelta(days=1),
    )  # fmt: skip
    at(tea.starts_at + timedelta(minutes=5))
    for session in (tea, clinic):
        occasions.record_attendance(viewer=scene.luo, occasion=session, came=[occasions.Came(person_id=scene.town.liu.pk, role="place")])
    polls.answer_poll(viewer=scene.liu, poll=poll, option=1)
    lines = lines_of(scene.liu)
    # Who was at a clinic is health data: it stands in no proof that is handed on. What one chose is nobody's business.
    assert sorted((line.what, line.title, line.url) for line in lines) == [
        ("answered", "凉亭刷什么颜色？", f"/polls/{poll.pk}"),
        ("came", "长者茶话会", f"/sessions/{tea.code}"),
    ]
    made = print_taking_part(viewer=scene.liu)
    page = Client().get(made.link.path).content.decode()
    assert all(words in page for words in ("长者茶话会", "参加了活动", "凉亭刷什么颜色？", "答了意向征询"))
    assert "红" not in page.partition("<main")[2].partition("</main")[0].replace("凉亭", "")
    assert lines_of(NOBODY) == []
