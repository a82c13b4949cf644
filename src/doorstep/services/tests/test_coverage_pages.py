"""Who is reached at an estate: silent buildings, groups, neighbours' places, the town's own table."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from doorstep.affairs.actions import neighbours, polls
from doorstep.affairs.models import Ballot, Vote
from doorstep.affairs.testing import DAY, OPENS, VoteScene, set_rule
from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.identity.actions import create_person
from doorstep.foundation.journal.actions import Actor
from doorstep.foundation.places.models import Place
from doorstep.organisations.actions import create_body, give_post
from doorstep.organisations.models import Unit
from doorstep.organisations.models.residence import Residence
from doorstep.services import queries
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
