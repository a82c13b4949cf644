"""Readings nobody else sees, visits, what was said at a forum, the rota's actions, coverage on its page."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from doorstep.affairs.queries import category_by_code
from doorstep.affairs.rules.highs import SolverFailed
from doorstep.foundation.access.viewer import NOBODY, may_see
from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.identity.actions import create_person
from doorstep.foundation.identity.models import Person
from doorstep.foundation.journal.actions import SYSTEM
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.moderation.actions import NoSuchText, appeal, complain, decide
from doorstep.foundation.occasions import actions as occasions
from doorstep.foundation.occasions.models import Occasion, SignUp
from doorstep.foundation.places.models import Place
from doorstep.organisations.actions import create_body, give_post
from doorstep.services import actions, queries
from doorstep.services.actions import rota_search, rotas
from doorstep.services.models import GroupCount, MentorTerms, Reading, ReadingConsent, Rota, RotaPlace
from doorstep.services.rules.rota import propose


def measured(scene: Any, at: Any) -> Occasion:
    """The nurse stands at the clinic, Liu came."""
    scene.licence()
    series = scene.series()
    actions.stand_regularly(
        viewer=scene.luo, service=scene.service, series=series, person=scene.nurse, role="nurse", since=date(2026, 2, 9)
    )
    session = Occasion.objects.filter(series=series, state="planned").order_by("starts_at")[0]
    mine = actions.join(viewer=scene.liu, occasion=session)
    at(session.starts_at + timedelta(minutes=30))
    occasions.record_attendance(viewer=scene.luo, occasion=session, came=[occasions.Came(sign_up_id=mine.pk)], unnamed=8)
    return session


def keep(scene: Any, session: Occasion, **facts: Any) -> Reading:
    given = {"viewer": scene.ouyang, "occasion": session, "person_id": scene.town.liu.pk, "systolic": 138, "diastolic": 84}
    return actions.keep_reading(**{**given, **facts})


def test_nothing_is_kept_without_consent(scene: Any, at: Any) -> None:
    session = measured(scene, at)
    with pytest.raises(actions.NoConsent):
        keep(scene, session)
    assert not Reading.objects.exists()


def test_a_reading_is_for_its_person_and_the_mentor_alone(scene: Any, at: Any) -> None:
    session = measured(scene, at)
    actions.consent_to_readings(viewer=scene.liu)
    reading = keep(scene, session)
    assert [each.pk for each in queries.readings_of(scene.liu).own] == [reading.pk]
    nurse = scene.ouyang
    assert [each.pk for each in queries.readings_of(nurse).taken] == [reading.pk]
    assert [(read.kind, read.about_person_id) for read in nurse.reads] == [("reading", scene.town.liu.pk)]
    for other in (scene.luo, scene.ye, NOBODY):
        found = queries.readings_of(other)
        assert (found.own, found.taken) == ((), ())
        assert not may_see(other, f"reading:{reading.pk}")


def test_only_the_team_at_the_session_keeps_a_reading(scene: Any, at: Any) -> None:
    session = measured(scene, at)
    actions.consent_to_readings(viewer=scene.liu)
    for other in (scene.luo, scene.ye):
        with pytest.raises(actions.NotAllowed):
            keep(scene, session, viewer=other)
    with pytest.raises(actions.NotAllowed):
        keep(scene, session, person_id=scene.town.ye.pk)


@pytest.mark.parametrize(("systolic", "diastolic"), [(80, 120), (400, 80), (120, 20), (90, 90)])
def test_what_is_no_blood_pressure_is_refused(scene: Any, at: Any, systolic: int, diastolic: int) -> None:
    session = measured(scene, at)
    actions.consent_to_readings(viewer=scene.liu)
    with pytest.raises(actions.NotAReading):
        keep(scene, session, systolic=systolic, diastolic=diastolic)


def test_a_reading_is_deleted_after_twenty_four_months_and_not_before(scene: Any, at: Any) -> None:
    session = measured(scene, at)
    actions.consent_to_readings(viewer=scene.liu)
    assert keep(scene, session).delete_on == date(2028, 2, 10)
    assert actions.forget_old_readings(today=date(2028, 2, 9)) == 0
    assert actions.forget_old_readings(today=date(2028, 2, 10)) == 1
    assert not Reading.objects.exists()


def test_taking_the_consent_back_deletes_at_once(scene: Any, at: Any) -> None:
    session = measured(scene, at)
    actions.consent_to_readings(viewer=scene.liu)
    keep(scene, session)
    assert actions.withdraw_consent(viewer=scene.liu) == 1
    with pytest.raises(actions.NoConsent):
        keep(scene, session)


def test_the_statistics_count_heads_only(scene: Any, at: Any) -> None:
    session = measured(scene, at)
    figures = queries.figures_at(scene.town.estate, since=session.starts_at, until=session.ends_at)
    assert (figures.held, figures.heads) == (1, 9)


def test_what_was_said_becomes_a_matter_with_the_reference_kept(scene: Any, at: Any) -> None:
    forum = scene.session(scene.offer("forum", "forum"), capacities={"place": 40})
    at(forum.starts_at)
    point = actions.write_point(viewer=scene.luo, occasion=forum, text="北门的灯不亮", speaker_id=scene.town.liu.pk)
    category = category_by_code("lighting")
    assert category is not None
    matter = actions.raise_point(viewer=scene.luo, point=point, category=category)
    assert (matter.text, matter.reporter_id, matter.entered_by_id) == ("北门的灯不亮", scene.town.liu.pk, scene.town.luo.pk)
    assert [each.point.matter_id for each in queries.points_of(scene.ye, forum)] == [matter.pk]
    with pytest.raises(actions.RaisedAlready):
        actions.raise_point(viewer=scene.luo, point=point, category=category)
    with pytest.raises(actions.NotAllowed):
        actions.write_point(viewer=scene.ye, occasion=forum, text="我也说")
    with pytest.raises(actions.NothingSaid):
        actions.write_point(viewer=scene.luo, occasion=forum, text="  ")


def test_a_published_point_can_be_objected_to_and_goes_with_its_matter(scene: Any, at: Any, client: Any) -> None:
    forum = scene.session(scene.offer("forum", "forum"), capacities={"place": 40})
    at(forum.starts_at)
    point = actions.write_point(viewer=scene.luo, occasion=forum, text="三单元的老张欠债不还", speaker_id=scene.town.liu.pk)
    with pytest.raises(NoSuchText):
        complain(viewer=scene.luo, kind="point", subject=forum.code, item=str(point.pk), reason="private")
    category = category_by_code("lighting")
    assert category is not None
    matter = actions.raise_point(viewer=scene.luo, point=point, category=category)
    address = f"/sessions/{forum.code}"

    def shown() -> tuple[bool, bool]:
        page = client.get(address).content.decode()
        return "老张" in page, "这句话不公开" in page

    assert f"kind=point&amp;subject={forum.code}&amp;item={point.pk}" in client.get(address).content.decode()
    assert shown() == (True, False)
    centre = create_body(code="desk", kind="centre", name="镇党群服务中心", place=scene.town.place, by=SYSTEM)
    person = create_person(name="冯伟东")
    give_post(body=centre, title="办事员", person=person, held_from=date(2020, 1, 1), by=SYSTEM)
    moderator = scene.town.viewer(person)
    for kind, subject, item in (("point", forum.code, str(point.pk)), ("matter", matter.number, "0")):
        case = complain(viewer=scene.ye, kind=kind, subject=subject, item=item, reason="private")
        case = decide(viewer=moderator, case=case, hide=True, reason="private")
        assert shown() == (False, True)
        (said,) = queries.points_of(scene.luo, forum)
        assert said.text == "三单元的老张欠债不还"
        decide(viewer=moderator, case=appeal(viewer=author(scene, case), case=case, text="是真的"), hide=False)
        assert shown() == (True, False)


def author(scene: Any, case: Any) -> Any:
    return scene.town.viewer(Person.objects.get(pk=case.author_id))


def test_what_was_said_and_is_no_matter_stays_with_those_who_run_it(scene: Any, at: Any) -> None:
    forum = scene.session(scene.offer("forum", "forum"), capacities={"place": 40})
    actions.write_point(viewer=scene.luo, occasion=forum, text="说说而已")
    assert len(queries.points_of(scene.luo, forum)) == 1
    assert queries.points_of(scene.ye, forum) == []


def test_a_visit_is_asked_about_by_somebody_else(scene: Any) -> None:
    service = scene.offer("visits", "home_visit")
    visit = actions.record_visit(
        viewer=scene.luo,
        service=service,
        place=scene.town.building,
        visited_at=datetime(2026, 2, 8, 10, tzinfo=TOWN_ZONE),
        minutes=40,
        name="莫婆婆",
    )
    with pytest.raises(actions.NotAllowed):
        actions.say_of_visit(viewer=scene.luo, visit=visit, stars=5)
    assert visit.visited is not None
    assert actions.say_of_visit(viewer=scene.viewer(visit.visited), visit=visit, stars=4).stars == 4
    assert queries.visits_of(scene.ye, service) == []
    with pytest.raises(actions.NotAllowed):
        actions.record_visit(viewer=scene.ye, service=service, place=scene.town.building, visited_at=visit.visited_at, minutes=10)


def rota_of(scene: Any) -> Any:
    scene.licence()
    scene.series(rule="FREQ=WEEKLY;BYDAY=TU,WE", capacities={"nurse": 1, "place": None})
    for person, minutes in ((scene.nurse, 240), (scene.town.ye, 600)):
        MentorTerms.objects.create(person=person, weekly_minutes=minutes, changed_at=datetime(2026, 2, 9, tzinfo=TOWN_ZONE))
    rota = actions.ask_for_rota(viewer=scene.luo, body=scene.town.company, first_day=date(2026, 2, 9), last_day=date(2026, 2, 15))
    rota.refresh_from_db()
    return rota


def test_a_rota_is_proposed_adjusted_and_published(scene: Any) -> None:
    rota = rota_of(scene)
    shown = queries.rota_for(scene.luo, rota.pk)
    assert [each.person for each in shown.places] == [scene.nurse, scene.nurse]
    assert (shown.empty, rota.gap_per_mille) == (0, 0.0)
    actions.set_place(viewer=scene.luo, place=shown.places[1], person=None)
    with pytest.raises(actions.BreaksARule):
        actions.set_place(viewer=scene.luo, place=shown.places[1], person=scene.town.ye)
    actions.set_place(viewer=scene.luo, place=shown.places[1], person=scene.nurse)
    assert actions.publish_rota(viewer=scene.luo, rota=rota) == 2
    assert SignUp.objects.filter(person=scene.nurse, role="nurse", standing="confirmed").count() == 2
    assert "publish_rota" in scene.told(scene.nurse)
    with pytest.raises(actions.PublishedAlready):
        actions.publish_rota(viewer=scene.luo, rota=rota)


def test_an_empty_place_says_why(scene: Any) -> None:
    scene.series(capacities={"nurse": 1, "place": None})
    MentorTerms.objects.create(person=scene.town.ye, weekly_minutes=600, changed_at=datetime(2026, 2, 9, tzinfo=TOWN_ZONE))
    rota = actions.ask_for_rota(viewer=scene.luo, body=scene.town.company, first_day=date(2026, 2, 9), last_day=date(2026, 2, 15))
    assert [each.why for each in RotaPlace.objects.filter(rota=rota)] == [{"credential": 1}]


def test_a_rota_is_for_those_who_work_for_the_body(scene: Any) -> None:
    rota = rota_of(scene)
    assert queries.rota_for(scene.ye, rota.pk) is None
    with pytest.raises(actions.NotAllowed):
        actions.ask_for_rota(viewer=scene.ye, body=scene.town.company, first_day=date(2026, 2, 9), last_day=date(2026, 2, 15))
    with pytest.raises(actions.BadSpan):
        actions.ask_for_rota(viewer=scene.luo, body=scene.town.company, first_day=date(2026, 2, 9), last_day=date(2026, 2, 8))
    with pytest.raises(actions.NothingToFill):
        actions.ask_for_rota(viewer=scene.luo, body=scene.town.company, first_day=date(2026, 2, 12), last_day=date(2026, 2, 12))


def test_who_is_reached_stands_on_a_plan_and_in_a_table(client: Any, scene: Any) -> None:
    scene.series()
    Place.objects.filter(code="ruijin").update(plan_x=0, plan_y=0)
    Place.objects.filter(code="pavilion").update(plan_x=384, plan_y=0)
    building = Place.objects.get(code="ruijin")
    GroupCount.objects.create(building=building, group="elder", people=4, counted_on=date(2026, 1, 1))
    GroupCount.objects.create(building=building, group="child", people=7, counted_on=date(2026, 1, 1))
    shown = queries.coverage_of(scene.town.estate)
    [row] = shown.rows
    assert [(kind.code, reach.metres, reach.days, reach.reached) for kind, reach in row.reach] == [("clinic", 500, 1, True)]
    assert row.groups == (("60 岁以上", None), ("儿童", 7))
    assert (row.households, row.is_silent, shown.silent) == (1, True, 1)
    page = client.get("/p/ruikang/coverage").content.decode()
    assert 'role="img"' in page
    assert "不满 5" in page
    actions.join(viewer=scene.liu, occasion=Occasion.objects.filter(state="planned").order_by("starts_at")[0])
    assert queries.coverage_of(scene.town.estate).silent == 0


def test_a_consent_on_paper_names_its_witness_and_where_it_is_kept(scene: Any, at: Any) -> None:
    session = measured(scene, at)
    given = {"viewer": scene.luo, "occasion": session, "person_id": scene.town.liu.pk, "witness": "林巧云", "kept_where": "议事亭的柜子"}
    for missing in ("witness", "kept_where"):
        with pytest.raises(actions.WitnessMissing):
            actions.enter_consent(**{**given, missing: " "})
    consent = actions.enter_consent(**given)
    assert (consent.how, consent.witness, consent.entered_by) == ("paper", "林巧云", scene.town.luo)
    assert keep(scene, session).person == scene.town.liu
    assert actions.withdraw_consent(viewer=scene.liu) == 1


def test_a_consent_on_paper_is_entered_by_who_runs_the_session_for_who_came(scene: Any, at: Any) -> None:
    session = measured(scene, at)
    for viewer, person in ((scene.ye, scene.town.liu), (scene.luo, scene.town.ye)):
        with pytest.raises(actions.NotAllowed):
            actions.enter_consent(viewer=viewer, occasion=session, person_id=person.pk, witness="林巧云", kept_where="柜子")
    assert not ReadingConsent.objects.exists()


class NobodyWorks:
    """A queue without a worker."""

    @staticmethod
    def enqueue(rota_id: int) -> None:
        """It waits."""


def test_the_worker_searches_and_says_how_far_it_is(scene: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotas, "find_rota", NobodyWorks)
    rota = rota_of(scene)
    assert (rota.state, rota.wanted) == ("asked", 2)
    with pytest.raises(actions.StillSearching):
        actions.publish_rota(viewer=scene.luo, rota=rota)
    seen: list[Rota] = []

    def search(question: Any, report: Any) -> Any:
        report(None, 0)
        report(20_300, 20_100)
        seen.append(Rota.objects.get())
        return propose(question)

    monkeypatch.setattr(rota_search, "propose", search)
    assert actions.search_rota(rota_id=rota.pk)
    assert [(each.state, each.value, each.bound) for each in seen] == [("searching", 20_300, 20_100)]
    rota.refresh_from_db()
    assert (rota.state, rota.gap_per_mille) == ("proposed", 0.0)
    assert not actions.search_rota(rota_id=rota.pk)
    assert RotaPlace.objects.count() == 2
    assert scene.told(scene.town.luo)[-1] == "propose_rota"


def test_a_search_that_failed_or_was_cut_off_begins_anew(scene: Any, at: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotas, "find_rota", NobodyWorks)
    rota = rota_of(scene)
    with pytest.raises(actions.StillSearching):
        actions.ask_again(viewer=scene.luo, rota=rota)

    def fail(question: Any, report: Any) -> Any:
        raise SolverFailed("limit")

    with monkeypatch.context() as context:
        context.setattr(rota_search, "propose", fail)
        with pytest.raises(SolverFailed):
            actions.search_rota(rota_id=rota.pk)
    rota.refresh_from_db()
    assert rota.state == "failed"
    assert actions.ask_again(viewer=scene.luo, rota=rota).state == "asked"
    at(rota.made_at + timedelta(minutes=11))
    assert actions.ask_again(viewer=scene.luo, rota=rota).state == "asked"
    assert actions.search_rota(rota_id=rota.pk)
    with pytest.raises(actions.PublishedAlready):
        actions.ask_again(viewer=scene.luo, rota=rota)


def test_the_page_of_a_search_says_so_and_then_shows_the_rota(scene: Any, sign_in: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as context:
        context.setattr(rotas, "find_rota", NobodyWorks)
        rota = rota_of(scene)
    page = sign_in("luo").get(f"/rota/{rota.pk}").content.decode()
    assert "在等着排" in page
    assert "data-await" in page
    assert f'href="/rota/{rota.pk}"' in page
    assert sign_in("luo").post(f"/rota/{rota.pk}/publish").status_code == 409
    actions.search_rota(rota_id=rota.pk)
    page = sign_in("luo").get(f"/rota/{rota.pk}").content.decode()
    assert "data-await" not in page
    assert "最多差千分之 0.0" in page


def test_the_towns_own_minutes_decide_whether_somebody_gets_there(scene: Any) -> None:
    scene.licence()
    tuesday = datetime(2026, 2, 10, 9, tzinfo=TOWN_ZONE)
    for place, starts_at in ((scene.pavilion, tuesday), (scene.town.place, tuesday + timedelta(hours=3))):
        scene.session(place=place, starts_at=starts_at, capacities={"nurse": 1})
    MentorTerms.objects.create(person=scene.nurse, weekly_minutes=600, changed_at=tuesday)
    days = {"viewer": scene.luo, "body": scene.town.company, "first_day": date(2026, 2, 9), "last_day": date(2026, 2, 15)}

    def empty() -> list[dict[str, int]]:
        rota = actions.ask_for_rota(**days)
        return [each.why for each in RotaPlace.objects.filter(rota=rota, person=None)]

    assert empty() == []
    keep_way = {"viewer": scene.luo, "body": scene.town.company, "site": scene.pavilion}
    assert actions.keep_travel_times(**keep_way, minutes={scene.town.place.pk: 61}) == 1
    assert actions.keep_travel_times(**keep_way, minutes={scene.town.place.pk: 61}) == 0
    assert empty() == [{"travel": 1}]
    shown = queries.travel_from(scene.luo, scene.town.place.code)
    assert [(place, minutes) for place, minutes in shown.ways] == [(scene.pavilion, 61)]
    assert actions.keep_travel_times(**keep_way, minutes={scene.town.place.pk: None}) == 1
    assert empty() == []
    for wrong in ({scene.pavilion.pk: 3}, {scene.town.place.pk: 241}):
        with pytest.raises(actions.NotAWay):
            actions.keep_travel_times(**keep_way, minutes=wrong)


def test_groups_are_counted_by_who_may_and_shown_above_the_floor(client: Any, scene: Any, sign_in: Any) -> None:
    centre = create_body(code="centre-of-services", kind="centre", name="隔坑党群服务中心", place=scene.town.place, by=SYSTEM)
    give_post(body=centre, title="主任", person=scene.nurse, held_from=date(2020, 1, 1), by=SYSTEM)
    Place.objects.filter(pk=scene.town.building.pk).update(plan_x=1, plan_y=1)
    address = f"/p/{scene.town.estate.code}/coverage/counts"
    assert sign_in("luo").get(address).status_code == 403
    keeper = sign_in("ouyang")
    building = scene.town.building.code
    assert keeper.post(address, {f"elder-{building}": "23", f"child-{building}": "4", f"disabled-{building}": ""}).status_code == 303
    assert dict(GroupCount.objects.values_list("group", "people")) == {"elder": 23, "child": 4}
    page = client.get(f"/p/{scene.town.estate.code}/coverage").content.decode()
    assert "60 岁以上 23" in page
    assert "儿童 不满 5" in page
    assert keeper.post(address, {f"elder-{building}": "二十"}).status_code == 422
    assert keeper.post(address, {f"elder-{building}": "5001"}).status_code == 422
    assert keeper.post(address, {f"elder-{building}": ""}).status_code == 303
    assert not GroupCount.objects.exists()
    entries = Entry.objects.filter(verb="count_groups")
    assert entries.count() == 2
