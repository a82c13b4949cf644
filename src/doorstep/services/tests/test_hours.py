"""The hours of those who stand at a session: planned, attended, approved; a corrected list corrects the book by reversal."""

from datetime import datetime, timedelta
from typing import Any

import pytest

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
