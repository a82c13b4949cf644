"""Four real processes on one real database: places are never given twice, the line keeps its order, one of two wins."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

pytestmark = pytest.mark.thorough

PROCESSES = 4
START = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=60)


class Racer:
    def __init__(self, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "doorstep.foundation.occasions.tests.racer"],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def send(self, do: str, **facts: Any) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps({"do": do, **facts}) + "\n")
        self.process.stdin.flush()

    def answer(self) -> Any:
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, "a racer fell over; its words are above"
        return json.loads(line)

    def ask(self, do: str, **facts: Any) -> Any:
        self.send(do, **facts)
        return self.answer()

    def stop(self) -> None:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        self.process.wait(timeout=30)
        self.process.stdout.close()


@pytest.fixture
def racers(new_ground: Callable[..., Any]) -> Iterator[list[Racer]]:
    """Four processes on a database of their own, of the kind this run tests."""
    own = new_ground()
    environment = {
        **os.environ,
        "DOORSTEP_DATABASE_URL": own.url,
        "DOORSTEP_HOME": str(own.home),
        "DJANGO_SETTINGS_MODULE": "doorstep.site.settings",
    }
    made = [Racer(environment) for _ in range(PROCESSES)]
    yield made
    for each in made:
        each.stop()


def all_at_once(racers: list[Racer], commands: list[dict[str, Any]]) -> list[Any]:
    for racer, command in zip(racers, commands, strict=True):
        racer.send(**command)
    return [racer.answer() for racer in racers]


def check_story(story: list[tuple[str, int]], capacity: int) -> None:
    """The journal told again: at no moment more than the capacity, the line served in its order."""
    taken: set[int] = set()
    waiting: list[int] = []
    for verb, sign_up in story:
        match verb:
            case "sign_up":
                assert not waiting, "somebody passed those who wait"
                taken.add(sign_up)
            case "wait":
                waiting.append(sign_up)
            case "offer":
                assert sign_up == waiting.pop(0), "not the first in line"
                taken.add(sign_up)
            case "accept":
                assert sign_up in taken
            case "lapse":
                taken.remove(sign_up)
            case "withdraw":
                taken.discard(sign_up)
                waiting = [each for each in waiting if each != sign_up]
        assert len(taken) <= capacity


def test_five_hundred_for_twenty_places_and_the_line_behind_them(racers: list[Racer]) -> None:
    scene = racers[0].ask("prepare", people=500)
    people = scene["people"]
    code = racers[0].ask("plan", organiser=scene["organiser"], starts_at=START.isoformat(), places=20)
    shares = [people[index::PROCESSES] for index in range(PROCESSES)]
    # In rounds of three from each process, so that none has the line for itself: in the second, twelve want the last eight places.
    answers = []
    for begin in range(0, len(shares[0]), 3):
        commands = [{"do": "sign_up", "occasions": [code], "persons": share[begin : begin + 3]} for share in shares]
        answers += all_at_once(racers, commands)
    given = [standing for answer in answers for standing in answer]
    assert (given.count("confirmed"), given.count("waiting")) == (20, 480)
    found = racers[0].ask("standings", occasion=code)
    assert [standing for _id, standing in found] == ["confirmed"] * 20 + ["waiting"] * 480
    # Every process got places, and now one, now another was the first of a round: this was a race.
    assert all("confirmed" in answer for answer in answers[:PROCESSES])
    hands = [people.index(person) % PROCESSES for person in racers[0].ask("listed", occasion=code)]
    assert len(set(hands[:: 3 * PROCESSES])) > 1
    story = racers[0].ask("story", occasion=code)
    check_story(story, 20)
    # Twelve days of leaving, accepting, letting holds run out and coming again, in all four at once.
    now = datetime.now(UTC)
    moves: list[str] = []
    for day in range(12):
        at = (now + timedelta(hours=25 * (day + 1))).isoformat()
        commands = [
            {"do": "live_on", "occasion": code, "persons": share, "at": at, "seed": 10 * day + index} for index, share in enumerate(shares)
        ]
        moves += [each for answer in all_at_once(racers, commands) for each in answer]
    story = racers[0].ask("story", occasion=code)
    check_story(story, 20)
    offered = [sign_up for verb, sign_up in story if verb == "offer"]
    assert offered == sorted(offered)
    verbs = [verb for verb, _sign_up in story]
    assert min(verbs.count("offer"), verbs.count("lapse"), verbs.count("accept"), verbs.count("withdraw")) >= 10
    assert moves.count("confirmed") == verbs.count("accept")
    last = racers[0].ask("standings", occasion=code)
    assert sum(1 for _id, standing in last if standing in ("confirmed", "offered")) == 20


def test_of_bookings_that_overlap_one_wins(racers: list[Racer]) -> None:
    scene = racers[0].ask("prepare", people=1)
    # Two hours each, begun every half hour: each overlaps three before and three after it.
    starts = [(START + timedelta(minutes=30 * index)).isoformat() for index in range(24)]
    commands = [{"do": "book", "organiser": scene["organiser"], "starts": starts, "seed": seed} for seed in range(PROCESSES)]
    answers = [each for answer in all_at_once(racers, commands) for each in answer]
    booked = racers[0].ask("booked")
    assert len(booked) == len(answers) - answers.count("PlaceTaken")
    assert 4 <= len(booked) <= 7
    assert all(one[1] <= other[0] for one, other in pairwise(booked))


def test_of_one_persons_sign_ups_at_one_time_one_wins(racers: list[Racer]) -> None:
    scene = racers[0].ask("prepare", people=25)
    codes = [
        racers[0].ask("plan", organiser=scene["organiser"], starts_at=(START + timedelta(minutes=20 * index)).isoformat(), places=100)
        for index in range(PROCESSES)
    ]
    commands = [{"do": "sign_up", "occasions": [code], "persons": scene["people"]} for code in codes]
    answers = [each for answer in all_at_once(racers, commands) for each in answer]
    assert (answers.count("confirmed"), answers.count("PersonBusy")) == (25, 75)
    assert racers[0].ask("confirmed", persons=scene["people"]) == [1] * 25


def test_planners_and_neighbours_at_once_neither_wait_in_a_ring_nor_double_anything(racers: list[Racer]) -> None:
    scene = racers[0].ask("prepare", people=12)
    series = racers[0].ask("begin_series", organiser=scene["organiser"])
    commands = [
        {"do": "disturb", "organiser": scene["organiser"], "series": series, "persons": scene["people"], "seed": seed}
        for seed in range(PROCESSES)
    ]
    done = [each for answer in all_at_once(racers, commands) for each in answer]
    assert {"change", "move", "cancel", "prepare", "sign_up"} <= set(done)
    booked = racers[0].ask("booked")
    assert len(booked) > 10
    assert all(one[1] <= other[0] for one, other in pairwise(booked))
