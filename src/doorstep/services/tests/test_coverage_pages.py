"""Who is reached at an estate: silent buildings, groups, neighbours' places, the town's own table."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from doorstep.affairs.actions import neighbours, polls
from doorstep.affairs.models import Ballot, Vote
from doorstep.affairs.testing import DAY, OPENS, VoteScene, set_rule
from doorstep.foundation.access.viewer import build_viewer
from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.identity.actions import create_person
from doorstep.foundation.identity.models import Account
from doorstep.foundation.journal.actions import Actor
from doorstep.foundation.occasions import actions as occasions
from doorstep.foundation.occasions.models import Occasion
from doorstep.foundation.places.actions import create_place
from doorstep.foundation.places.models import Place
from doorstep.organisations.actions import create_body, give_post
from doorstep.organisations.models import Unit
from doorstep.organisations.models.residence import Residence
from doorstep.services import actions, queries
from doorstep.services.models import GroupCount, WalkDistance
from doorstep.services.tests.conftest import BY, MONDAY


@pytest.fixture
def mapped(scene: Any) -> Any:
    """The pavilion 384 m east of the one building, which stands on the plan."""
    Place.objects.filter(code="ruijin").update(plan_x=0, plan_y=0)
    Place.objects.filter(code="pavilion").update(plan_x=384, plan_y=0)
    return scene


def silent(scene: Any) -> int:
    return queries.coverage_of(scene.town.estate).silent


def tenant(scene: Any, kind: str = "tenant") -> Any:
    """Somebody who lives in the building and holds no unit there."""
    person = create_person(name="租客小陈")
    unit = Unit.objects.get(building=scene.town.building)
    Residence.objects.create(unit=unit, person=person, kind=kind, how="invited", from_on=MONDAY.date())
    return person


@pytest.mark.parametrize("kind", ["tenant", "household"])
def test_tenants_and_household_members_take_part_like_owners(mapped: Any, kind: str) -> None:
    person = tenant(mapped, kind)
    assert silent(mapped) == 1
    mapped.town.raise_matter(reporter_id=person.pk)
    assert silent(mapped) == 0
    Residence.objects.filter(person=person).update(until_on=MONDAY.date())
    assert silent(mapped) == 1


def test_a_matter_only_few_may_know_says_nothing_of_its_building(mapped: Any) -> None:
    mapped.town.raise_matter(is_public=False)
    assert silent(mapped) == 1


def test_who_helped_a_neighbour_took_part_until_they_take_it_back(mapped: Any) -> None:
    asked = mapped.town.raise_matter(by=Actor(person_id=mapped.town.ye.pk), reporter_id=mapped.town.ye.pk, category_code="neighbour_help")
    offer = neighbours.offer_help(viewer=mapped.liu, matter=asked)
    assert silent(mapped) == 0
    neighbours.take_offer_back(viewer=mapped.liu, offer=offer)
    assert silent(mapped) == 1


def test_an_answer_to_a_poll_counts_once_the_poll_is_closed(mapped: Any, at: Any) -> None:
    poll = polls.open_poll(
        viewer=mapped.viewer(mapped.town.lin), place=mapped.town.estate, body=mapped.town.branch, question="北门几点关？", options=["22:00", "23:00"],
        closes_at=MONDAY + timedelta(days=2),
    )  # fmt: skip
    polls.answer_poll(viewer=mapped.liu, poll=poll, option=0)
    assert silent(mapped) == 1
    at(MONDAY + timedelta(days=3))
    assert silent(mapped) == 0


def test_after_half_a_year_a_building_is_silent_again(mapped: Any, at: Any) -> None:
    mapped.town.raise_matter()
    at(MONDAY + timedelta(days=180))
    assert silent(mapped) == 0
    at(MONDAY + timedelta(days=181))
    assert silent(mapped) == 1
    assert datetime(2026, 2, 9, 8, tzinfo=TOWN_ZONE) == MONDAY


def test_a_ballot_counts_once_its_vote_is_closed(mapped: Any, at: Any) -> None:
    """Before that even whether a building voted is nobody's business."""
    set_rule(mapped.town.estate, "owners_vote.electronic_channel", "own")
    committee = create_body(code="committee", kind="owners_committee", name="业委会", place=mapped.town.estate, by=BY)
    chair = create_person(name="郑国梁")
    give_post(body=committee, title="主任", person=chair, held_from=date(2020, 1, 1), by=BY)
    tellers = [create_person(name=f"计票人{number}") for number in range(3)]
    unit = Unit.objects.get(building=mapped.town.building)
    vote_scene = VoteScene(mapped.town.estate, committee, chair, tellers, [mapped.town.liu], [unit])
    vote = vote_scene.bring(vote_scene.prepare(), "open")
    at(OPENS + DAY)
    assert silent(mapped) == 1
    paper = vote_scene.paper(vote, unit.name)
    Ballot.objects.create(
        vote=vote, label="e-1", by=mapped.town.liu, channel="paper", cast_at=OPENS + DAY, choices=[], salt="", entry_id=1, acknowledged_at=OPENS + DAY,
        paper=paper,
    )  # fmt: skip
    assert silent(mapped) == 1
    Vote.objects.filter(pk=vote.pk).update(closed_at=OPENS + 2 * DAY)
    assert silent(mapped) == 0


# Groups, neighbours' places, the town's own table


def elsewhere(scene: Any) -> Place:
    """A hall of the neighbouring village with a clinic tomorrow."""
    hall = create_place(code="hall", kind="venue", name="村礼堂", parent=Place.objects.get(code="gekeng"), by=BY)
    scene.session(scene.offer("village-clinic", "clinic"), place=hall, starts_at=MONDAY + timedelta(days=1))
    return hall


def test_of_each_group_so_many_are_reached_and_small_counts_are_in_no_figure(mapped: Any, client: Any) -> None:
    mapped.series()
    far = create_place(code="far", kind="building", name="远楼", parent=mapped.town.estate, by=BY)
    Place.objects.filter(pk=far.pk).update(plan_x=2000, plan_y=0)
    counts = {("elder", mapped.town.building): 8, ("elder", far): 20, ("child", mapped.town.building): 4, ("child", far): 6}
    for (group, building), people in counts.items():
        GroupCount.objects.create(building=building, group=group, people=people, counted_on=MONDAY.date())
    [(kind, groups)] = queries.coverage_of(mapped.town.estate).groups
    assert (kind.code, groups) == ("clinic", (("60 岁以上", 8, 28), ("儿童", 0, 6)))
    page = client.get("/p/ruikang/coverage").content.decode()
    assert "8 / 28" in page
    assert "0 / 6" in page


def test_a_neighbours_place_reaches_where_the_towns_table_says_how_far_it_is(mapped: Any, client: Any) -> None:
    hall = elsewhere(mapped)
    shown = queries.coverage_of(mapped.town.estate)
    assert (shown.reached, shown.elsewhere) == ((), ())
    mapped_by(mapped, hall, 501)
    [(kind, reached)] = queries.coverage_of(mapped.town.estate).reached
    assert (kind.code, reached) == ("clinic", 0)
    mapped_by(mapped, hall, 500)
    shown = queries.coverage_of(mapped.town.estate)
    assert ([n for _kind, n in shown.reached], shown.elsewhere, shown.stops) == ([1], (hall,), ())
    assert "村礼堂" in client.get("/p/ruikang/coverage").content.decode()


def mapped_by(scene: Any, stop: Place, metres: int | None) -> int:
    return actions.keep_distances(viewer=townadmin(), estate=scene.town.estate, stop=stop, metres={scene.town.building.pk: metres})


def townadmin() -> Any:
    return build_viewer(person_id=Account.objects.get(login="townadmin").person_id, is_town_admin=True)


def test_the_towns_own_metres_come_before_the_straight_line(mapped: Any) -> None:
    mapped.series()
    assert [n for _kind, n in queries.coverage_of(mapped.town.estate).reached] == [1]
    assert mapped_by(mapped, mapped.pavilion, 900) == 1
    assert mapped_by(mapped, mapped.pavilion, 900) == 0
    assert [n for _kind, n in queries.coverage_of(mapped.town.estate).reached] == [0]
    assert mapped_by(mapped, mapped.pavilion, None) == 1
    assert [n for _kind, n in queries.coverage_of(mapped.town.estate).reached] == [1]


@pytest.mark.parametrize("metres", [-1, 5001])
def test_a_distance_is_so_many_metres_from_a_building_of_the_estate(mapped: Any, metres: int) -> None:
    with pytest.raises(actions.NotADistance):
        mapped_by(mapped, mapped.pavilion, metres)
    with pytest.raises(actions.NotADistance):
        actions.keep_distances(viewer=townadmin(), estate=mapped.town.estate, stop=mapped.pavilion, metres={mapped.town.place.pk: 5})
    with pytest.raises(actions.NotAllowed):
        actions.keep_distances(viewer=mapped.liu, estate=mapped.town.estate, stop=mapped.pavilion, metres={})


def test_the_screen_of_the_towns_own_metres(mapped: Any, sign_in: Any) -> None:
    hall = elsewhere(mapped)
    client = sign_in("townadmin")
    page = client.get("/p/ruikang/coverage/ways?to=hall").content.decode()
    assert '<option value="hall" selected>' in page
    assert client.post("/p/ruikang/coverage/ways", {"stop": "hall", "m-ruijin": "480", "once": "a"}).status_code == 303
    assert WalkDistance.objects.get().stop == hall
    assert 'value="480"' in client.get("/p/ruikang/coverage/ways?to=hall").content.decode()
    wrong = client.post("/p/ruikang/coverage/ways", {"stop": "hall", "m-ruijin": "远", "once": "b"})
    assert wrong.status_code == 422
    assert 'value="远"' in wrong.content.decode()
    assert client.post("/p/ruikang/coverage/ways", {"stop": "moon", "m-ruijin": "1", "once": "c"}).status_code == 404


# Taking part in the services of a place


def test_households_that_took_part_stand_beside_all_of_them(mapped: Any, client: Any, at: Any) -> None:
    mapped.series()
    session = Occasion.objects.filter(state="planned").order_by("starts_at")[0]
    people = [mapped.town.liu, tenant(mapped)]
    estate, building = mapped.town.estate, mapped.town.building
    for number in range(5):
        unit = Unit.objects.create(
            estate=estate, building=building, name=f"瑞金阁-{number}", room=str(number), area_hundredths=1, kind="flat", status="delivered"
        )
        if number < 4:
            person = create_person(name=f"邻居{number}")
            Residence.objects.create(unit=unit, person=person, kind="owner", how="code", from_on=MONDAY.date())
            people.append(person)
    at(session.ends_at)

    def come(some: Any) -> Any:
        actions.record_attendance(viewer=mapped.luo, occasion=session, came=[occasions.Came(person_id=each.pk) for each in some], unnamed=9)
        return queries.taking_part_at(estate)

    # The first two are of one flat.
    few = come(people[:5])
    assert (few.held, few.heads, few.homes, few.all_homes) == (1, 14, None, 6)
    assert "不满 5 户" in client.get("/p/ruikang/services/").content.decode()
    assert come(people).homes == 5
    page = client.get("/p/ruikang/services/").content.decode()
    assert "/ 6 户" in page
    assert queries.taking_part_at(Place.objects.get(code="gekeng")).held == 0
    at(session.ends_at + timedelta(days=366))
    assert queries.taking_part_at(estate).held == 0
