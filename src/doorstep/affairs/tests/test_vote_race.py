"""Ballots from four processes at once, one of them killed: what was acknowledged is counted, nothing else is, nothing twice."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

RUN = "import sys, django; django.setup(); from doorstep.affairs.tests.race import ROLES; ROLES[sys.argv[1]](*sys.argv[2:])"
PROCESSES = 4
BOTH = 50
LATE = 60


class Race:
    """A database of its own and processes on it."""

    def __init__(self, home: Path, url: str) -> None:
        self.home = home
        self.url = url
        self.environment = {
            **os.environ,
            "DOORSTEP_DATABASE_URL": url,
            "DOORSTEP_HOME": str(home),
            "DJANGO_SETTINGS_MODULE": "doorstep.site.settings",
        }
        self.told = home / "told.json"

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", RUN, *arguments]
        return subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run(self, *arguments: str) -> str:
        return self.finish(self.start(*arguments))

    def finish(self, process: "subprocess.Popen[str]") -> str:
        out, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors
        return out


@pytest.fixture
def race(new_ground: Callable[..., Any]) -> Race:
    own = new_ground()
    return Race(own.home, own.url)


def the_list(roll: list[list[int]], tellers: list[int]) -> tuple[list[list[Any]], list[list[Any]], dict[int, tuple[str, str]]]:
    """The generator's own list: tasks, tasks that come while the vote closes, and for each paper's party its channel and choice."""
    rng = random.Random(1021)
    order = list(range(len(roll)))
    rng.shuffle(order)
    on_paper = order[: len(order) * 6 // 10]
    electronic = order[len(on_paper) :]
    counted: dict[int, tuple[str, str]] = {}
    tasks: list[list[Any]] = []
    for index in on_paper:
        paper, _area, person = roll[index]
        choice = rng.choice(("agree", "agree", "agree", "against", "abstain"))
        counted[paper] = ("paper", choice)
        tasks += [[f"p{paper}c{clerk}", "enter", paper, person, choice, tellers[clerk]] for clerk in (0, 1)]
    casts = []
    for index in electronic:
        paper, _area, person = roll[index]
        choice = rng.choice(("agree", "agree", "against"))
        counted[paper] = ("electronic", choice)
        casts.append([f"e{paper}", "cast", paper, person, choice, 0])
    for index in on_paper[:BOTH]:
        paper, _area, person = roll[index]
        tasks.append([f"e{paper}", "cast", paper, person, "abstain", 0])
    tasks += casts[LATE:]
    rng.shuffle(tasks)
    return tasks, casts[:LATE], counted


def waiting(until: Callable[[], bool]) -> None:
    end = time.monotonic() + 120
    while not until():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.thorough
def test_what_four_processes_acknowledged_is_what_is_counted(race: Race) -> None:
    race.run("prepare", str(race.told))
    told = json.loads(race.told.read_text())
    roll = told["roll"]
    assert len(roll) == 1021
    tasks, late, counted = the_list(roll, told["tellers"])
    logs = [race.home / f"log{index}" for index in range(PROCESSES)]
    for index in range(PROCESSES):
        (race.home / f"tasks{index}").write_text(json.dumps(tasks[index::PROCESSES]))
    workers = [race.start("work", str(race.home / f"tasks{index}"), str(logs[index])) for index in range(PROCESSES)]

    def lines(index: int) -> int:
        return len(logs[index].read_text().splitlines()) if logs[index].exists() else 0

    waiting(lambda: lines(0) > 30)
    workers[0].send_signal(signal.SIGKILL)
    workers[0].communicate(timeout=60)
    assert lines(0) < len(tasks[0::PROCESSES])
    if race.url.startswith("postgresql"):
        waiting(lambda: lines(1) > 40)
        host = race.url.split("host=")[1]
        name = race.url.removeprefix("postgresql://postgres@/").split("?")[0]
        with psycopg.connect(host=host, user="postgres", dbname=name, autocommit=True) as admin:
            ended = admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid() LIMIT 1", [name]
            ).fetchall()
        assert ended == [(True,)]
    workers[0] = race.start("work", str(race.home / "tasks0"), str(logs[0]))
    for worker in workers:
        race.finish(worker)

    # More ballots come in while the vote is closed.
    for index in range(2):
        (race.home / f"late{index}").write_text(json.dumps(late[index::2]))
    late_logs = [race.home / f"latelog{index}" for index in range(2)]
    latecomers = [race.start("work", str(race.home / f"late{index}"), str(late_logs[index])) for index in range(2)]
    waiting(lambda: any(log.exists() and log.read_text().count("\n") > 2 for log in late_logs))
    race.finish(race.start("close", str(race.told)))
    for worker in latecomers:
        race.finish(worker)

    outcomes = dict(line.split() for log in [*logs, *late_logs] for line in log.read_text().splitlines())
    assert set(outcomes) == {task[0] for task in [*tasks, *late]}
    refused = {key for key, outcome in outcomes.items() if outcome == "refused"}
    assert refused <= {task[0] for task in late}
    acknowledged = {key for key, outcome in outcomes.items() if outcome == "acknowledged"}
    papers = {key.partition("c")[0] for key in acknowledged if key.startswith("p")}
    found = json.loads(race.run("count", str(race.told)))
    assert found["ballots"] == len(papers) + sum(1 for key in acknowledged if key.startswith("e"))

    area = {paper: hundredths for paper, hundredths, _person in roll}
    kept = {paper: choice for paper, (channel, choice) in counted.items() if channel == "paper" or f"e{paper}" not in refused}
    motion = found["result"]["motions"][0]
    for choice in ("agree", "against", "abstain"):
        chosen = [paper for paper, made in kept.items() if made == choice]
        total = sum(area[paper] for paper in chosen)
        assert motion[choice] == {"parties": len(chosen), "area": f"{total // 100}.{total % 100:02d}"}
    assert motion["taking_part"]["parties"] == len(kept)
    assert sum(1 for each in found["result"]["rejected"] if each["reason"] == "superseded") == BOTH
