"""A person's life and the owners' vote: the frozen roll stays, a name goes only when nobody can need it, a tenant never votes."""

from datetime import timedelta
from typing import Any

import pytest

from doorstep.affairs.actions import votes
from doorstep.affairs.models import Ballot, Objection, RollHolder, Vote
from doorstep.affairs.permissions import vote_roles
from doorstep.affairs.rules.vote_states import Role
from doorstep.affairs.testing import vote_scene
from doorstep.foundation import clock
from doorstep.foundation.access.viewer import build_viewer
from doorstep.foundation.identity import erasures, merging
from doorstep.foundation.identity.actions import create_person
from doorstep.foundation.identity.lifecycle import TOMBSTONE
from doorstep.foundation.identity.models import Person
from doorstep.foundation.journal.actions import SYSTEM
from doorstep.organisations.actions.residence import holders_changed, invite, use_code
from doorstep.organisations.models import Holder


def test_a_verified_tenant_sees_what_residents_see_and_never_votes(town: Any) -> None:
    scene = vote_scene(town.estate)
    vote = scene.bring(scene.prepare(), "open")
    owner, tenant = scene.owners[0], create_person(name="租客")
    assert Role.OWNER in vote_roles(build_viewer(person_id=owner.pk), vote)
    code = invite(viewer=build_viewer(person_id=owner.pk), unit=scene.units[0], kind="tenant")
    use_code(viewer=build_viewer(person_id=tenant.pk), code=code, kind="")
    viewer = build_viewer(person_id=tenant.pk)
    assert "estate:ruikang" in viewer.keys
    assert Role.OWNER not in vote_roles(viewer, vote)


def sold(scene: Any, owner: Person) -> None:
    """No longer on the roll of today: only the frozen one names them."""
    unit = scene.units[scene.owners.index(owner)]
    Holder.objects.filter(unit=unit).delete()
    holders_changed(unit=unit, before={owner.pk}, after=set(), by=SYSTEM)


def test_a_name_stays_while_the_vote_runs_and_may_be_challenged_and_goes_then(town: Any) -> None:
    scene = vote_scene(town.estate)
    owner = scene.owners[0]
    vote = scene.bring(scene.prepare(), "roll_published")
    votes.raise_objection(viewer=scene.viewer(owner), vote=vote, text=f"{owner.name}的面积不对")
    on_frozen_roll = RollHolder.objects.filter(party__vote=vote).count()

    def erased() -> list[str]:
        return list(erasures.erase_person(person_id=owner.pk, place=town.place, by=SYSTEM))

    assert erased() == ["in_a_vote", "on_the_roll"]
    assert Person.objects.get(pk=owner.pk).name == owner.name
    # Their own words are gone at once.
    assert (Objection.objects.get().text, Objection.objects.get().salt) == ("", "")
    sold(scene, owner)
    assert erased() == ["in_a_vote"]
    Vote.objects.filter(pk=vote.pk).update(state="final", final_at=clock.now())
    assert erased() == ["in_a_vote"]
    with clock.shifted(timedelta(days=366 + 1)):
        assert erased() == []
    assert Person.objects.get(pk=owner.pk).name == TOMBSTONE
    assert RollHolder.objects.filter(party__vote=vote).count() == on_frozen_roll


def test_a_ballot_stays_as_it_was_cast(town: Any) -> None:
    scene = vote_scene(town.estate)
    vote = scene.bring(scene.prepare(), "open")
    scene.hand_in(vote, scene.units[0].name, scene.owners[0], "agree")
    before = list(Ballot.objects.values())
    erasures.erase_person(person_id=scene.owners[0].pk, place=town.place, by=SYSTEM)
    assert list(Ballot.objects.values()) == before


def test_two_on_the_roll_of_a_running_vote_are_two_until_it_is_over(town: Any) -> None:
    scene = vote_scene(town.estate)
    vote = scene.bring(scene.prepare(), "open")
    one, other = scene.owners[:2]
    proposal = merging.propose_merge(survivor=one, merged=other, place=town.estate, because="keeper", by=SYSTEM)

    def confirm() -> None:
        merging.confirm_merge(proposal=proposal, place=town.estate, undo_until=clock.now() + timedelta(days=30), by=SYSTEM)

    with pytest.raises(merging.CannotMerge) as refused:
        confirm()
    assert refused.value.reason == "in_a_vote"
    assert Holder.objects.filter(person=other).exists()
    Vote.objects.filter(pk=vote.pk).update(state="final", final_at=clock.now())
    confirm()
    # What was counted stays counted.
    assert RollHolder.objects.filter(person=other, party__vote=vote).exists()
    assert not Holder.objects.filter(person=other).exists()
