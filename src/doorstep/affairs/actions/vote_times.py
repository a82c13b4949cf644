"""Ticks of the worker: votes open and close at the announced times, and the parties without a ballot are reminded once before the end.

A convenor may still open or close by hand, by the same rules; whoever comes second finds nothing to do. What a ballot says is read by none of
these: a reminder asks for which parties one came in.
"""

from collections.abc import Callable
from datetime import datetime

from doorstep.affairs.actions.votes import begin_voting, end_voting, locked, note, rfc3339
from doorstep.affairs.models import Vote
from doorstep.affairs.queries.votes import turnout
from doorstep.affairs.rules.vote_states import State, Verb, after
from doorstep.affairs.rules.vote_times import closes_now, opens_now, reminds_from
from doorstep.foundation import clock
from doorstep.foundation.journal.actions import SYSTEM, writing
from doorstep.foundation.notify.actions import tell
from doorstep.foundation.places.models import Place
from doorstep.foundation.regulations.queries import value_of


def keep_announced_times(*, now: datetime | None = None) -> int:
    """Open, remind of and close what is due; how many votes moved. Safe in several workers at once, and when it is late."""
    now = now or clock.now()
    return open_due_votes(now) + remind_of_votes(now) + close_due_votes(now)


def _each(now: datetime, state: State, due: Callable[[Vote, datetime], bool], act: Callable[[Vote, datetime], None]) -> int:
    """Ask before and after the lock: another worker, or the convenor, may have been first."""
    done = 0
    waiting = Vote.objects.filter(state=state).exclude(opens_at=None).exclude(closes_at=None).select_related("place").order_by("id")
    for vote in [each for each in waiting if due(each, now)]:
        with writing():
            mine = locked(vote)
            if mine.state == state and due(mine, now):
                act(mine, now)
                done += 1
    return done


def open_due_votes(now: datetime) -> int:
    """Open the votes whose announced time has come and whose papers are issued; how many."""
    return _each(now, State.ISSUED, _opens, lambda vote, at: begin_voting(vote, SYSTEM, at))


def close_due_votes(now: datetime) -> int:
    """Close the votes whose announced end has passed, as of that end: no ballot was taken after it; how many."""
    return _each(now, State.OPEN, _closes, lambda vote, _at: end_voting(vote, SYSTEM, vote.closes_at or now))


def remind_of_votes(now: datetime) -> int:
    """Remind the parties from which no ballot has come in, once for each announced end; how many votes."""
    return _each(now, State.OPEN, _reminds, _remind)


def _opens(vote: Vote, now: datetime) -> bool:
    assert vote.opens_at is not None
    assert vote.closes_at is not None
    return opens_now(opens_at=vote.opens_at, closes_at=vote.closes_at, now=now)


def _closes(vote: Vote, now: datetime) -> bool:
    assert vote.closes_at is not None
    return closes_now(closes_at=vote.closes_at, now=now)


def _reminds(vote: Vote, now: datetime) -> bool:
    assert vote.opens_at is not None
    assert vote.closes_at is not None
    if vote.reminded_at is not None or _closes(vote, now):
        return False
    return now >= reminds_from(opens_at=vote.opens_at, closes_at=vote.closes_at, days=lead_days(vote.place, now))


def lead_days(place: Place, now: datetime) -> int:
    """How many days before the end those who have not voted are reminded."""
    on = now.astimezone(clock.TOWN_ZONE).date()
    return value_of("owners_vote.reminder_days", place_lineage_localities=place.localities, on=on).number


def _remind(vote: Vote, now: datetime) -> None:
    after(vote.state, Verb.REMIND)
    came = turnout(vote)
    vote.reminded_at = now
    vote.save(update_fields=["reminded_at"])
    assert vote.closes_at is not None
    # How many are missing is the public turnout; who they are is worked out when it is sent, and stands nowhere.
    detail = {"parties": came.of_parties - came.parties, "closes_at": rfc3339(vote.closes_at)}
    entry = note(vote, Verb.REMIND, SYSTEM, now, detail=detail)
    tell(entry=entry, to=[f"unvoted:{vote.number}"])
