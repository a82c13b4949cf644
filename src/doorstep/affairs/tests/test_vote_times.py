"""Votes that go on by the clock: opened and closed when it was announced; who has not voted is reminded, and nothing tells a choice."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from doorstep.affairs.actions import ballots, vote_times, votes
from doorstep.affairs.models import Ballot, Vote
from doorstep.affairs.queries import votes as queries
from doorstep.affairs.rules.vote_times import closes_now, opens_now, reminds_from
from doorstep.affairs.testing import CLOSES, DAY, OPENS, VoteScene, add_unit, set_rule, vote_scene
from doorstep.foundation import clock
from doorstep.foundation.identity.actions import create_person
from doorstep.foundation.journal.models import Entry
from doorstep.foundation.notify.actions import deliver_pending
from doorstep.foundation.notify.models import InboxItem, OutboxEvent
from doorstep.foundation.notify.queries import lines_of

SECOND = timedelta(seconds=1)


@pytest.fixture
def scene(town: Any) -> VoteScene:
    set_rule(town.estate, "owners_vote.electronic_channel", "own")
    return vote_scene(town.estate)


def tick(at: datetime) -> int:
    with clock.frozen(at):
        return vote_times.keep_announced_times()


def told(vote: Vote, topic: str, at: datetime) -> set[str]:
    """Names of who found this in their inbox."""
    with clock.frozen(at):
        while deliver_pending():
            pass
    return set(InboxItem.objects.filter(subject=vote.number, topic=topic).values_list("person__name", flat=True))


@pytest.mark.parametrize(("now", "opens"), [(OPENS - SECOND, False), (OPENS, True), (CLOSES - SECOND, True), (CLOSES, False)])
def test_opening_is_due_between_the_announced_times(now: datetime, opens: bool) -> None:
    assert opens_now(opens_at=OPENS, closes_at=CLOSES, now=now) is opens
    assert closes_now(closes_at=CLOSES, now=now) is (now >= CLOSES)


@pytest.mark.parametrize(("length", "days", "before_the_end"), [(10, 3, 3 * DAY), (4, 3, 2 * DAY), (10, 0, 0 * DAY), (1, 3, DAY / 2)])
def test_a_reminder_comes_days_before_the_end_but_not_in_the_first_half(length: int, days: int, before_the_end: timedelta) -> None:
    assert reminds_from(opens_at=OPENS, closes_at=OPENS + length * DAY, days=days) == OPENS + length * DAY - before_the_end


def test_a_vote_opens_and_closes_at_the_announced_times_once(scene: VoteScene) -> None:
    vote = scene.bring(scene.prepare(), "issued")
    assert tick(OPENS - SECOND) == 0
    assert (tick(OPENS + 20 * SECOND), tick(OPENS + 50 * SECOND)) == (1, 0)
    vote.refresh_from_db()
    assert (vote.state, vote.opens_at) == ("open", OPENS + 20 * SECOND)
    assert told(vote, "vote_opened", OPENS + DAY) == {owner.name for owner in scene.owners}
    Vote.objects.filter(pk=vote.pk).update(reminded_at=OPENS)
    assert tick(CLOSES - SECOND) == 0
    assert (tick(CLOSES + 40 * SECOND), tick(CLOSES + DAY)) == (1, 0)
    vote.refresh_from_db()
    # No ballot was taken after the announced end, however late the worker came.
    assert (vote.state, vote.closed_at) == ("closed", CLOSES)
    entries = Entry.objects.filter(subject=vote.number, verb__in=["vote_opened", "vote_closed"])
    assert [(entry.verb, entry.actor_id, entry.happened_at) for entry in entries.order_by("id")] == [
        ("vote_opened", None, OPENS + 20 * SECOND),
        ("vote_closed", None, CLOSES),
    ]
    assert told(vote, "vote_closed", CLOSES + DAY) == {scene.chair.name, *(teller.name for teller in scene.tellers)}


def test_what_the_convenor_did_by_hand_is_not_done_again(scene: VoteScene) -> None:
    vote = scene.bring(scene.prepare(), "issued")
    votes.open_vote(viewer=scene.convenor, vote=vote, happened_at=OPENS)
    assert tick(OPENS + DAY) == 0
    Vote.objects.filter(pk=vote.pk).update(reminded_at=OPENS)
    votes.close_vote(viewer=scene.convenor, vote=vote, happened_at=CLOSES)
    assert tick(CLOSES + DAY) == 0


def test_a_vote_without_papers_or_that_is_over_does_not_open(scene: VoteScene) -> None:
    vote = scene.bring(scene.prepare(), "noticed")
    assert tick(OPENS + DAY) == 0
    scene.bring(vote, "issued")
    assert tick(CLOSES + DAY) == 0


def test_an_extension_moves_what_the_clock_does(scene: VoteScene) -> None:
    vote = scene.bring(scene.prepare(), "open")
    assert tick(CLOSES - 2 * DAY) == 1  # reminded
    votes.extend_vote(viewer=scene.convenor, vote=vote, closes_at=CLOSES + 5 * DAY, happened_at=CLOSES - DAY)
    assert tick(CLOSES + SECOND) == 0
    assert (tick(CLOSES + 3 * DAY), tick(CLOSES + 3 * DAY)) == (1, 0)  # reminded of the new end
    assert tick(CLOSES + 5 * DAY) == 1
    vote.refresh_from_db()
    assert (vote.state, vote.closed_at) == ("closed", CLOSES + 5 * DAY)


def test_only_who_has_not_voted_is_reminded_and_once(scene: VoteScene) -> None:
    wife = create_person(name="妻子")
    add_unit(scene.estate, "瑞金阁-2-101", 5000, [scene.owners[4], wife])
    vote = scene.bring(scene.prepare(), "open")
    one, two, three, four, five, six = scene.owners
    scene.hand_in(vote, scene.units[0].name, one, "agree")
    ballots.cast_ballot(viewer=scene.viewer(two), vote=vote, choices={"M1": "against"}, happened_at=OPENS + DAY)
    ballots.cast_ballot(
        viewer=scene.viewer(two),
        vote=vote,
        choices={"M1": "against"},
        proxy_for_id=three.pk,
        proxy_document="委托书",
        happened_at=OPENS + DAY,
    )
    # Their spouse's ballot is the household's; their own flat is a party of its own.
    scene.hand_in(vote, "瑞金阁-2-101", wife, "agree")
    due = CLOSES - 3 * DAY
    assert tick(due - SECOND) == 0
    assert (tick(due), tick(due + SECOND)) == (1, 0)
    # Who votes between the tick and the sending is not reminded any more.
    ballots.cast_ballot(viewer=scene.viewer(six), vote=vote, choices={"M1": "abstain"}, happened_at=due)
    assert told(vote, "voters_reminded", due) == {four.name, five.name}
    assert tick(CLOSES - SECOND) == 0
    item = InboxItem.objects.get(subject=vote.number, topic="voters_reminded", person=four)
    assert [line.text for line in lines_of([item], scene.viewer(four)).values()] == ["还没收到您家的票，4 月 11 日 18:00 截止"]
    entry = Entry.objects.get(subject=vote.number, verb="voters_reminded")
    assert entry.detail == {"state": "open", "parties": 3, "closes_at": "2026-04-11T18:00:00+08:00"}


def test_where_the_official_system_takes_ballots_the_reminder_says_so(scene: VoteScene) -> None:
    set_rule(scene.estate.parent, "owners_vote.electronic_channel", "official_only")
    vote = scene.bring(scene.prepare(), "open")
    Vote.objects.filter(pk=vote.pk).update(electronic="official_only")
    assert tick(CLOSES - DAY) == 1
    assert told(vote, "voters_reminded", CLOSES - DAY) == {owner.name for owner in scene.owners}
    item = InboxItem.objects.filter(subject=vote.number, topic="voters_reminded")[0]
    assert "在官方系统投过的，不用再投" in lines_of([item], scene.viewer(item.person))[item.pk].text


def test_neither_the_reminder_nor_who_gets_it_tells_a_choice(scene: VoteScene) -> None:
    """With every ballot turned round, the tick writes and sends the very same."""
    vote = scene.bring(scene.prepare(), "open")
    for unit, owner, choice in zip(scene.units, scene.owners[:3], ("agree", "against", ""), strict=False):
        scene.hand_in(vote, unit.name, owner, choice)

    def world() -> Any:
        with transaction.atomic():
            assert tick(CLOSES - DAY) == 1
            names = told(vote, "voters_reminded", CLOSES - DAY)
            entry = Entry.objects.get(subject=vote.number, verb="voters_reminded")
            event = OutboxEvent.objects.get(entry=entry)
            seen = (names, entry.detail, entry.because, entry.audience, event.recipients, event.topic)
            transaction.set_rollback(True)
        return seen

    as_cast = world()
    Ballot.objects.filter(vote=vote).update(choices={"M1": "abstain"}, valid=False)
    assert world() == as_cast
    assert as_cast[0] == {owner.name for owner in scene.owners[3:]}


def test_reminding_reads_no_ballot(scene: VoteScene, django_assert_num_queries: Any) -> None:
    vote = scene.bring(scene.prepare(), "open")
    with django_assert_num_queries(1) as asked:
        list(queries.expand_unvoted([vote.number]))
    assert "affairs_ballotparty" in asked[0]["sql"]
    assert '"affairs_ballot"' not in asked[0]["sql"]
