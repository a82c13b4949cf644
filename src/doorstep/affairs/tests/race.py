"""What each process of the race does: a function of `ROLES` with its arguments, on the database of the environment.

`prepare` makes a town whose electronic channel is its own, with the demo's roll of 1,021 parties, and opens a vote. `work` does a list of
tasks and writes a line for each that was acknowledged or refused, after the fact. `close` closes the vote; `count` counts and prints.
A task that was done but not acknowledged, because its process was killed, is done again: it must then be found done, not done twice.
"""

import json
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import InterfaceError, OperationalError, connection

from doorstep.affairs.actions import ballots, votes
from doorstep.affairs.actions import count as counting
from doorstep.affairs.models import Ballot, Paper, Vote
from doorstep.affairs.rules.vote_states import NotPossible
from doorstep.affairs.testing import BY, set_rule
from doorstep.foundation.access.viewer import build_viewer
from doorstep.foundation.identity.actions import create_person
from doorstep.foundation.journal.actions import writing
from doorstep.foundation.places.actions import create_place
from doorstep.organisations.actions import create_body, give_post
from doorstep.organisations.demo_roll import demo_roll_rows
from doorstep.organisations.roll_import import import_table
from doorstep.site.town import begin_town

OPENS = "2026-04-02T09:00:00+08:00"
CLOSES = "2026-04-11T18:00:00+08:00"
CAST = "2026-04-05T12:00:00+08:00"
TELLERS = 3


def prepare(out: str) -> None:
    """Print who holds what: a list of [unit, area in hundredths, person id]."""
    town, _admin = begin_town(code="race", name="试验镇", login="admin", password="", prefix="RC")
    opens = datetime.fromisoformat(OPENS)
    with writing():
        estate = create_place(code="garden", kind="estate", name="花园", parent=town, by=BY)
        set_rule(estate, "owners_vote.electronic_channel", "own")
        committee = create_body(code="owners", kind="owners_committee", name="业委会", place=estate, by=BY)
        chair = create_person(name="主任")
        give_post(body=committee, title="主任", person=chair, held_from=opens.date(), by=BY)
        import_table(estate=estate, table=demo_roll_rows(), by=BY)
        viewer = build_viewer(person_id=chair.pk)
        vote = votes.prepare_vote(
            viewer=viewer,
            estate=estate,
            convenor=committee,
            title="试验",
            motions=[votes.NewMotion(9, "试验")],
            happened_at=opens - timedelta(days=30),
        )
        tellers = [create_person(name=f"计票人{index}") for index in range(TELLERS)]
        for teller in tellers:
            votes.appoint_teller(viewer=viewer, vote=vote, person=teller)
        votes.freeze_roll(viewer=viewer, vote=vote, happened_at=opens - timedelta(days=29))
        votes.publish_roll(viewer=viewer, vote=vote, happened_at=opens - timedelta(days=29))
        votes.give_notice(
            viewer=viewer,
            vote=vote,
            opens_at=opens,
            closes_at=datetime.fromisoformat(CLOSES),
            residents_committee_told_on=opens.date(),
            happened_at=opens - timedelta(days=20),
        )
        ballots.issue_ballots(viewer=build_viewer(person_id=tellers[0].pk), vote=vote)
        votes.open_vote(viewer=viewer, vote=vote, happened_at=opens)
    roll = []
    for paper in Paper.objects.filter(vote=vote).select_related("party").order_by("serial"):
        holder = paper.party.holders.order_by("id").first()
        assert holder is not None
        roll.append([paper.pk, paper.party.area_hundredths, holder.person_id])
    told = {"roll": roll, "chair": chair.pk, "tellers": [teller.pk for teller in tellers], "number": vote.number}
    Path(out).write_text(json.dumps(told))


def work(tasks: str, log: str) -> None:
    """Tasks are [key, kind, paper, person, choice, clerk]; a line of the log is `key outcome`."""
    at = datetime.fromisoformat(CAST)
    path = Path(log)
    done = {line.split()[0] for line in path.read_text().splitlines()} if path.exists() else set()
    vote = Vote.objects.get()
    viewers: dict[int, Any] = {}

    def viewer(person: int) -> Any:
        return viewers.setdefault(person, build_viewer(person_id=person))

    def do(kind: str, paper: int, person: int, choice: str, clerk: int) -> str:
        try:
            if kind == "cast":
                ballots.cast_ballot(viewer=viewer(person), vote=vote, choices={"M1": choice}, happened_at=at)
            else:
                reading = ballots.Reading(person, {"M1": choice}, at)
                sheet = Paper.objects.select_related("vote").get(pk=paper)
                ballots.enter_paper(viewer=viewer(clerk), paper=sheet, reading=reading, happened_at=at)
        except (ballots.AlreadyCast, ballots.AlreadyEntered):
            return "acknowledged"
        except (ballots.VotingIsOver, NotPossible):
            return "refused"
        return "acknowledged"

    with path.open("a") as kept:
        for key, *task in json.loads(Path(tasks).read_text()):
            if key in done:
                continue
            while True:
                try:
                    outcome = do(*task)
                    break
                except (OperationalError, InterfaceError):
                    # The database ended this connection: whether the task was done is found out by doing it again.
                    connection.close()
            kept.write(f"{key} {outcome}\n")
            kept.flush()
            os.fsync(kept.fileno())


def close(out: str) -> None:

    told = json.loads(Path(out).read_text())
    votes.close_vote(viewer=build_viewer(person_id=told["chair"]), vote=Vote.objects.get(), happened_at=datetime.fromisoformat(CLOSES))


def count(out: str) -> None:
    """Print the result document and how many ballots there are."""
    told = json.loads(Path(out).read_text())
    vote = counting.tally_vote(viewer=build_viewer(person_id=told["tellers"][0]), vote=Vote.objects.get())
    print(json.dumps({"result": vote.result, "ballots": Ballot.objects.count()}))


ROLES = {"prepare": prepare, "work": work, "close": close, "count": count}
