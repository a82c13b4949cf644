"""Two of a published rota exchange their places: offered, taken, under the rota's rules, or not at all."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.identity.models import Person
from doorstep.foundation.occasions import actions as occasions
from doorstep.foundation.occasions.models import SignUp
from doorstep.foundation.places.models import Place
from doorstep.services import actions, queries
from doorstep.services.models import MentorTerms, Rota, RotaPlace, Swap, TravelTime
from doorstep.talents import actions as talents

THURSDAY = datetime(2026, 2, 12, 9, tzinfo=TOWN_ZONE)


@dataclass(frozen=True)
class Team:
    """Liu stands on Thursday, Ouyang on Friday, Ye on Saturday; all three are helpers of one published rota."""

    scene: Any
    rota: Rota
    liu: SignUp
    ouyang: SignUp
    ye: SignUp

    def offer(self, **facts: Any) -> Swap:
        return actions.offer_swap(**{"viewer": self.scene.liu, "given": self.liu, "wanted": self.ouyang, **facts})


def terms(person: Person, **facts: Any) -> MentorTerms:
    made, _fresh = MentorTerms.objects.update_or_create(
        person=person, defaults={"weekly_minutes": 600, "never": [], "changed_at": THURSDAY, **facts}
    )
    return made


@pytest.fixture
def team(scene: Any) -> Team:
    service = scene.offer("tea", "tea")
    rota = Rota.objects.create(
        body=scene.town.company, first_day=date(2026, 2, 9), last_day=date(2026, 2, 15), value=0, bound=0, made_at=THURSDAY
    )
    people = (scene.town.liu, scene.nurse, scene.town.ye)
    for number, person in enumerate(people):
        session = scene.session(service, starts_at=THURSDAY + timedelta(days=number), capacities={"helper": 2, "mentor": 1, "place": 5})
        RotaPlace.objects.create(rota=rota, occasion=session, role="helper", person=person)
        terms(person)
    assert actions.publish_rota(viewer=scene.luo, rota=rota) == 3
    places = [SignUp.objects.get(person=person) for person in people]
    return Team(scene, rota, *places)


def holders(team: Team) -> list[str]:
    found = SignUp.objects.filter(standing="confirmed").order_by("occasion__starts_at").select_related("person")
    return [each.person.name for each in found if each.person]


def test_an_offer_that_is_taken_exchanges_the_places_and_tells_both(team: Team) -> None:
    before = holders(team)
    swap = team.offer()
    assert team.offer() == swap
    assert team.scene.told(team.scene.nurse)[-1] == "offer_swap"
    assert holders(team) == before
    actions.accept_swap(viewer=team.scene.ouyang, swap=swap)
    assert holders(team) == [before[1], before[0], before[2]]
    assert [each.person.name for each in RotaPlace.objects.order_by("occasion__starts_at") if each.person] == holders(team)
    assert team.scene.told(team.scene.town.liu)[-2:] == ["pass_on", "accept_swap"]
    assert queries.my_calendar(team.scene.ouyang)[0].occasion == team.liu.occasion
    with pytest.raises(actions.SwapOver):
        actions.accept_swap(viewer=team.scene.ouyang, swap=swap)


def test_a_place_is_given_as_it_is(team: Team) -> None:
    swap = team.offer(wanted=None, to_id=team.scene.nurse.pk)
    actions.accept_swap(viewer=team.scene.ouyang, swap=swap)
    assert holders(team) == ["欧阳敏", "欧阳敏", team.scene.town.ye.name]
    assert team.scene.told(team.scene.town.liu)[-1] == "accept_swap"


def test_declined_or_withdrawn_nothing_changes_and_the_other_is_told(team: Team) -> None:
    before = holders(team)
    declined = actions.decline_swap(viewer=team.scene.ouyang, swap=team.offer())
    assert team.scene.told(team.scene.town.liu)[-1] == "decline_swap"
    withdrawn = actions.withdraw_swap(viewer=team.scene.liu, swap=team.offer())
    assert team.scene.told(team.scene.nurse)[-1] == "withdraw_swap"
    assert declined.pk != withdrawn.pk
    for swap in (declined, withdrawn):
        with pytest.raises(actions.SwapOver):
            actions.accept_swap(viewer=team.scene.ouyang, swap=swap)
    assert holders(team) == before


def test_only_whose_it_is_offers_takes_and_withdraws(team: Team) -> None:
    with pytest.raises(actions.NotAllowed):
        team.offer(viewer=team.scene.ye)
    swap = team.offer()
    for viewer in (team.scene.ye, team.scene.liu, team.scene.luo):
        with pytest.raises(actions.NotAllowed):
            actions.accept_swap(viewer=viewer, swap=swap)
    with pytest.raises(actions.NotAllowed):
        actions.withdraw_swap(viewer=team.scene.ouyang, swap=swap)
    with pytest.raises(actions.NotAllowed):
        actions.decline_swap(viewer=team.scene.liu, swap=swap)


def test_of_two_offers_for_one_place_the_second_finds_it_gone(team: Team) -> None:
    one = team.offer()
    other = actions.offer_swap(viewer=team.scene.ye, given=team.ye, wanted=team.ouyang)
    actions.accept_swap(viewer=team.scene.ouyang, swap=one)
    with pytest.raises(actions.SwapOver):
        actions.accept_swap(viewer=team.scene.ouyang, swap=other)


def test_a_place_that_was_left_meanwhile_is_no_longer_exchanged(team: Team) -> None:
    swap = team.offer()
    occasions.cancel_sign_up(viewer=team.scene.liu, sign_up=team.liu)
    with pytest.raises(actions.SwapOver):
        actions.accept_swap(viewer=team.scene.ouyang, swap=swap)


@pytest.mark.parametrize(
    "rule",
    [
        lambda team: terms(team.scene.nurse, never=[3]),
        lambda team: terms(team.scene.nurse, weekly_minutes=119),
        lambda team: team.scene.service.__class__.objects.filter(code="tea").update(licences={"helper": "nurse"}),
        lambda team: _elsewhere(team, THURSDAY + timedelta(minutes=90), 0),
        lambda team: _elsewhere(team, THURSDAY + timedelta(minutes=140), 21),
    ],
    ids=["never", "hours", "credential", "away", "travel"],
)
def test_what_the_rota_forbids_is_refused_and_nothing_moves(team: Team, rule: Any) -> None:
    swap = team.offer()
    before = holders(team)
    rule(team)
    count = SignUp.objects.count()
    with pytest.raises(actions.BreaksARule):
        actions.accept_swap(viewer=team.scene.ouyang, swap=swap)
    with pytest.raises(actions.BreaksARule):
        actions.offer_swap(viewer=team.scene.liu, given=team.liu, wanted=team.ouyang)
    assert SignUp.objects.count() == count
    assert [each for each in holders(team) if each in before][: len(before)]
    assert Swap.objects.get().state == "open"


def _elsewhere(team: Team, starts_at: datetime, way: int) -> None:
    """Ouyang helps at the estate's gate then, so many minutes away; without a way they come there as a visitor."""
    session = team.scene.session(team.scene.offer("gate", "repair"), place=team.scene.town.estate, starts_at=starts_at, minutes=60)
    if way:
        one, other = sorted(Place.objects.filter(code__in=("pavilion", "ruikang")), key=lambda each: each.pk)
        TravelTime.objects.create(one=one, other=other, minutes=way, changed_at=THURSDAY)
    actions.join(viewer=team.scene.ouyang, occasion=session, role="helper" if way else "")


def test_a_way_that_is_short_enough_is_no_hindrance(team: Team) -> None:
    _elsewhere(team, THURSDAY + timedelta(minutes=140), 20)
    actions.accept_swap(viewer=team.scene.ouyang, swap=team.offer())
    assert "欧阳敏" in holders(team)


def test_only_people_and_places_of_one_published_rota(team: Team) -> None:
    with pytest.raises(actions.NotInRota):
        team.offer(wanted=None, to_id=team.scene.town.luo.pk)
    Rota.objects.update(state=Rota.State.PROPOSED)
    with pytest.raises(actions.NotInRota):
        team.offer()


def test_who_lost_the_certificate_meanwhile_gets_no_mentors_place(team: Team) -> None:
    scene = team.scene
    session = team.liu.occasion
    held = {
        person: talents.certify_from_paper(viewer=scene.viewer(scene.checker), person=person, issuer=scene.centre, since=date(2025, 1, 1))
        for person in (scene.town.ye, scene.nurse)
    }
    mine = actions.join(viewer=scene.ye, occasion=session, role="mentor")
    RotaPlace.objects.create(rota=team.rota, occasion=session, role="mentor", person=scene.town.ye)
    swap = actions.offer_swap(viewer=scene.ye, given=mine, wanted=team.ouyang)
    talents.suspend_certificate(viewer=scene.viewer(scene.checker), certificate=held[scene.nurse], reason="complaint")
    with pytest.raises(actions.BreaksARule):
        actions.accept_swap(viewer=scene.ouyang, swap=swap)


def test_the_page_offers_names_of_the_rota_alone_and_takes_the_answer(team: Team, sign_in: Any) -> None:
    page = sign_in("liu").get("/my/rota").content.decode()
    assert f'value="s{team.ouyang.pk}"' in page
    assert f'value="p{team.scene.town.ye.pk}"' in page
    assert team.scene.town.luo.name not in page[page.index("<main") :]
    assert sign_in("liu").post("/my/rota/offer", {"place": team.liu.pk, "for": f"s{team.ouyang.pk}", "once": "a"}).status_code == 303
    swap = Swap.objects.get()
    assert "有人想和您换" in sign_in("ouyang").get("/my/rota").content.decode()
    assert sign_in("ye").post(f"/my/rota/{swap.pk}/accept", {"once": "b"}).status_code == 404
    assert sign_in("ouyang").post(f"/my/rota/{swap.pk}/accept", {"once": "c"}).status_code == 303
    again = sign_in("ouyang").post(f"/my/rota/{swap.pk}/accept", {"once": "d"})
    assert again.status_code == 409
    assert "已经不算数了" in again.content.decode()
    assert queries.my_rota(team.scene.ouyang).places[0].sign_up.occasion == team.liu.occasion
