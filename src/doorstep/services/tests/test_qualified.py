"""What a role asks for: at signing up, standing regularly, checking in, on the list, on paper and in the rota; and whose place falls free."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.notify.queries import inbox
from doorstep.foundation.occasions import actions as occasions
from doorstep.foundation.occasions.models import Attendance, Occasion, SignUp
from doorstep.foundation.occasions.queries import check_in_code
from doorstep.services import actions
from doorstep.services.actions.rota_search import question_of
from doorstep.services.codes import CERTIFICATE, needs_of, roles
from doorstep.services.models import MentorTerms, Rota, RotaPlace
from doorstep.talents import actions as talents
from doorstep.talents.codes import licences
from doorstep.talents.models import Certificate

BEGIN = date(2026, 2, 9)


def certify(scene: Any, person: Any) -> Certificate:
    return talents.certify_from_paper(viewer=scene.viewer(scene.checker), person=person, issuer=scene.centre, since=date(2025, 1, 1))


def suspend(scene: Any, certificate: Certificate) -> None:
    talents.suspend_certificate(viewer=scene.viewer(scene.checker), certificate=certificate, reason="complaint")


def craft(scene: Any, **facts: Any) -> Occasion:
    """A craft class with a place for a mentor; nobody below the age signs up here."""
    return scene.session(scene.offer("craft", "tea"), capacities={"mentor": 1, "helper": 1, "place": 10}, **facts)


def staffed(scene: Any) -> tuple[Occasion, SignUp]:
    """The clinic's first Tuesday with its nurse."""
    scene.series()
    session = Occasion.objects.filter(subject="clinic", state="planned").order_by("starts_at")[0]
    return session, actions.join(viewer=scene.ouyang, occasion=session, role="nurse")


@pytest.mark.parametrize(
    ("role", "extra", "needs"),
    [
        ("nurse", {}, ("nurse",)),
        ("counsellor", {}, ("counsellor",)),
        ("mentor", {}, (CERTIFICATE,)),
        ("mentor", {"mentor": "lawyer"}, ("lawyer", CERTIFICATE)),
        ("helper", {}, ()),
        ("helper", {"helper": "electrician"}, ("electrician",)),
        ("nurse", {"nurse": "nurse"}, ("nurse",)),
        ("place", {}, ()),
    ],
)
def test_what_a_role_asks_for(role: str, extra: dict[str, str], needs: tuple[str, ...]) -> None:
    assert needs_of(role, extra) == needs


def test_every_licence_a_role_asks_for_is_one_the_register_knows() -> None:
    assert {role.licence for role in roles().values() if role.licence} <= set(licences())


def test_only_who_is_certified_takes_a_mentors_place(scene: Any) -> None:
    session = craft(scene)
    with pytest.raises(actions.LicenceMissing) as refused:
        actions.join(viewer=scene.liu, occasion=session, role="mentor")
    assert refused.value.kind == CERTIFICATE
    certificate = certify(scene, scene.town.liu)
    mine = actions.join(viewer=scene.liu, occasion=session, role="mentor")
    assert mine.standing == "confirmed"
    occasions.cancel_sign_up(viewer=scene.liu, sign_up=mine)
    suspend(scene, certificate)
    with pytest.raises(actions.LicenceMissing):
        actions.join(viewer=scene.liu, occasion=session, role="mentor")


def test_a_counsellors_place_asks_for_the_counsellors_licence(scene: Any, sign_in: Any) -> None:
    session = scene.session(scene.offer("talk", "counselling"), capacities={"counsellor": 1, "place": 10})
    scene.licence(person=scene.town.liu)
    answer = sign_in("liu").post(f"/sessions/{session.code}/join", {"role": "counsellor"})
    assert answer.status_code == 409
    assert "要有心理咨询资质，还没有登记过。请带原件到" in answer.content.decode()


def test_the_refusal_of_a_mentors_place_says_what_to_do(scene: Any, sign_in: Any) -> None:
    answer = sign_in("liu").post(f"/sessions/{craft(scene).code}/join", {"role": "mentor"})
    assert answer.status_code == 409
    assert "没有的到公益学院报名上课" in answer.content.decode()


def test_nobody_signs_somebody_unknown_up_for_a_place_that_asks_for_something(scene: Any) -> None:
    with pytest.raises(actions.LicenceMissing):
        actions.join(viewer=scene.liu, occasion=craft(scene), role="mentor", name="黄伯")


def test_a_mentor_stands_regularly_only_with_a_certificate(scene: Any) -> None:
    service = scene.offer("craft", "tea")
    series = scene.series(service=service, capacities={"mentor": 1, "place": 10})
    given = {"viewer": scene.luo, "service": service, "series": series, "person": scene.town.liu, "role": "mentor", "since": BEGIN}
    with pytest.raises(actions.LicenceMissing) as refused:
        actions.stand_regularly(**given)
    assert refused.value.name == "刘玉梅"
    certify(scene, scene.town.liu)
    actions.stand_regularly(**given)
    last = Certificate.objects.get().valid_until
    days = [each.astimezone(TOWN_ZONE).date() for each in SignUp.objects.values_list("occasion__starts_at", flat=True)]
    assert days
    assert max(days) <= last


def test_a_held_place_is_taken_only_with_what_the_role_asks_for(scene: Any) -> None:
    session = craft(scene)
    certify(scene, scene.nurse)
    first = actions.join(viewer=scene.ouyang, occasion=session, role="mentor")
    certificate = certify(scene, scene.town.liu)
    second = actions.join(viewer=scene.liu, occasion=session, role="mentor")
    occasions.cancel_sign_up(viewer=scene.ouyang, sign_up=first)
    second.refresh_from_db()
    assert second.standing == "offered"
    suspend(scene, certificate)
    with pytest.raises(actions.LicenceMissing):
        actions.accept(viewer=scene.liu, sign_up=second)


def test_who_lost_the_licence_does_not_check_in(scene: Any, at: Any) -> None:
    licence = scene.licence()
    session, _mine = staffed(scene)
    nonce = check_in_code(scene.luo, session, day=session.starts_at.astimezone(TOWN_ZONE).date())
    at(session.starts_at)
    talents.withdraw_licence(viewer=scene.viewer(scene.checker), licence=licence)
    with pytest.raises(actions.LicenceMissing):
        actions.check_in(viewer=scene.ouyang, occasion=session, nonce=nonce)
    assert not Attendance.objects.exists()


def test_who_checked_in_may_go_whatever_became_of_the_licence(scene: Any, at: Any) -> None:
    licence = scene.licence()
    session, _mine = staffed(scene)
    nonce = check_in_code(scene.luo, session, day=session.starts_at.astimezone(TOWN_ZONE).date())
    at(session.starts_at)
    actions.check_in(viewer=scene.ouyang, occasion=session, nonce=nonce)
    at(session.ends_at)
    talents.withdraw_licence(viewer=scene.viewer(scene.checker), licence=licence)
    assert actions.check_in(viewer=scene.ouyang, occasion=session, nonce=nonce).role == "nurse"
    assert actions.check_out(viewer=scene.ouyang, occasion=session, nonce=nonce).left_at == session.ends_at


def test_the_list_at_the_door_refuses_by_name_and_corrects_what_was_written(scene: Any, sign_in: Any, at: Any) -> None:
    licence = scene.licence()
    session, mine = staffed(scene)
    at(session.ends_at)
    client = sign_in("luo")
    talents.withdraw_licence(viewer=scene.viewer(scene.checker), licence=licence)
    answer = client.post(f"/sessions/{session.code}/list", {"came": [mine.pk], "once": "a"})
    assert answer.status_code == 409
    assert "欧阳敏：这个位置要有护士执业证书" in answer.content.decode()
    assert not Attendance.objects.exists()
    licence.withdrawn_on = None
    licence.save()
    actions.record_attendance(viewer=scene.luo, occasion=session, came=[occasions.Came(sign_up_id=mine.pk)])
    talents.withdraw_licence(viewer=scene.viewer(scene.checker), licence=licence)
    left = session.ends_at
    actions.record_attendance(viewer=scene.luo, occasion=session, came=[occasions.Came(sign_up_id=mine.pk, left_at=left)])
    assert Attendance.objects.get().left_at == left


@pytest.mark.parametrize("line", ["{slip},,", ",欧阳敏,", ",新来的,护士"])
def test_a_paper_list_names_the_line_without_a_licence(scene: Any, at: Any, line: str) -> None:
    licence = scene.licence()
    session, mine = staffed(scene)
    at(session.ends_at)
    talents.withdraw_licence(viewer=scene.viewer(scene.checker), licence=licence)
    text = f"单号,姓名,身份\n,黄伯,\n{line.format(slip=mine.pk)}\n"
    with pytest.raises(actions.PaperUnreadable) as unreadable:
        actions.record_paper(viewer=scene.luo, occasion=session, lines=actions.read_paper(text.encode()))
    assert unreadable.value.problems == ((3, "not_qualified"),)
    assert not Attendance.objects.exists()


def test_the_rota_asks_for_the_certificate_on_the_day(scene: Any) -> None:
    craft(scene)
    for person in (scene.town.liu, scene.nurse):
        MentorTerms.objects.create(person=person, weekly_minutes=600, changed_at=datetime(2026, 2, 9, 8, tzinfo=TOWN_ZONE))
    certify(scene, scene.town.liu)
    _places, question = question_of(scene.town.company, BEGIN, BEGIN + timedelta(days=7))
    [needs] = {shift.needs for shift in question.shifts if shift.id.endswith(":mentor")}
    assert needs == "certificate@2026-02-12"
    assert {each.id: needs in each.credentials for each in question.mentors} == {str(scene.town.liu.pk): True, str(scene.nurse.pk): False}


def test_publishing_gives_no_place_to_who_lost_the_certificate_meanwhile(scene: Any) -> None:
    session = craft(scene)
    certificate = certify(scene, scene.town.liu)
    rota = Rota.objects.create(body=scene.town.company, first_day=BEGIN, last_day=BEGIN, value=0, bound=0, made_at=session.starts_at)
    RotaPlace.objects.create(rota=rota, occasion=session, role="mentor", person=scene.town.liu)
    suspend(scene, certificate)
    assert actions.publish_rota(viewer=scene.luo, rota=rota) == 0
    assert not SignUp.objects.exists()


# Places that fall free


def test_a_withdrawn_licence_frees_every_place_to_come_and_tells(scene: Any, at: Any) -> None:
    licence = scene.licence()
    series = scene.series()
    actions.stand_regularly(viewer=scene.luo, service=scene.service, series=series, person=scene.nurse, role="nurse", since=BEGIN)
    taken = SignUp.objects.filter(standing="confirmed").count()
    assert taken > 2
    assert actions.free_uncovered() == 0
    first = SignUp.objects.order_by("occasion__starts_at")[0].occasion
    at(first.starts_at + timedelta(minutes=30))
    talents.withdraw_licence(viewer=scene.viewer(scene.checker), licence=licence)
    assert actions.free_uncovered() == taken - 1
    assert actions.free_uncovered() == 0
    assert list(SignUp.objects.filter(standing="confirmed").values_list("occasion__code", flat=True)) == [first.code]
    assert scene.told(scene.nurse).count("take_back") == taken - 1
    assert "take_back" in scene.told(scene.town.luo)
    assert "take_back" not in scene.told(scene.town.liu)
    assert actions.seat_regulars() == 0


def test_a_licence_that_was_corrected_to_end_earlier_frees_only_the_days_after(scene: Any) -> None:
    licence = scene.licence()
    series = scene.series()
    actions.stand_regularly(viewer=scene.luo, service=scene.service, series=series, person=scene.nurse, role="nurse", since=BEGIN)
    licence.expires_on = date(2026, 3, 3)
    licence.save()
    assert actions.free_uncovered() > 0
    left = SignUp.objects.filter(standing="confirmed").order_by("occasion__starts_at").values_list("occasion__starts_at", flat=True)
    assert [each.astimezone(TOWN_ZONE).date().isoformat() for each in left] == ["2026-02-10", "2026-02-24", "2026-03-03"]


def test_a_suspended_mentors_place_opens_in_the_rota_and_its_keeper_is_told(scene: Any) -> None:
    session = craft(scene)
    certificate = certify(scene, scene.town.liu)
    rota = Rota.objects.create(
        body=scene.town.company, first_day=BEGIN, last_day=BEGIN, value=0, bound=0, made_at=session.starts_at, made_by=scene.town.luo
    )
    place = RotaPlace.objects.create(rota=rota, occasion=session, role="mentor", person=scene.town.liu)
    actions.publish_rota(viewer=scene.luo, rota=rota)
    certify(scene, scene.nurse)
    second = actions.join(viewer=scene.ouyang, occasion=session, role="mentor")
    suspend(scene, certificate)
    assert actions.free_uncovered() == 1
    place.refresh_from_db()
    second.refresh_from_db()
    assert (place.person_id, place.why, second.standing) == (None, {"credential": 1}, "offered")
    assert scene.told(scene.town.luo).count("take_back") == 1
    assert scene.told(scene.town.liu)[-1] == "take_back"
    assert "这个位置空出来了" in _inbox(scene, scene.town.liu)


def _inbox(scene: Any, person: Any) -> str:
    lines, _more = inbox(scene.viewer(person))
    return "".join(each.line.text for each in lines)


def test_helpers_and_visitors_keep_their_places(scene: Any) -> None:
    session = craft(scene)
    actions.join(viewer=scene.liu, occasion=session, role="helper")
    actions.join(viewer=scene.ye, occasion=session)
    assert actions.free_uncovered() == 0


# Neighbours


@pytest.mark.parametrize("asked", ["place", "neighbour", ""])
def test_who_lives_elsewhere_comes_within_the_quota_whatever_the_form_says(scene: Any, sign_in: Any, asked: str) -> None:
    session = scene.session(capacities={"place": 20, "neighbour": 1})
    actions.join(viewer=scene.ouyang, occasion=session)
    assert sign_in("ye").post(f"/sessions/{session.code}/join", {"role": asked, "once": "a"}).status_code == 303
    mine = SignUp.objects.get(person=scene.town.ye)
    assert (mine.role, mine.standing) == ("neighbour", "waiting")


def test_who_lives_there_does_not_take_a_neighbours_place(scene: Any) -> None:
    session = scene.session(capacities={"place": 20, "neighbour": 1})
    assert actions.join(viewer=scene.liu, occasion=session, role="neighbour").role == "place"


def test_who_runs_the_session_says_in_which_role_somebody_comes(scene: Any) -> None:
    session = scene.session(capacities={"place": 20, "neighbour": 1})
    assert actions.join(viewer=scene.luo, occasion=session, role="neighbour", name="黄伯").role == "neighbour"
    with pytest.raises(occasions.UnknownRole):
        actions.join(viewer=scene.liu, occasion=session, role="captain")
