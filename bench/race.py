"""`./run bench race`: is a matter that is sent twice raised once?

Four server processes and the worker on a town of their own. 300 keys, each sent twice: the twin goes out on another connection while the first is still being
answered. In the middle one process is killed. A client whose connection was cut sends the same key again, as a phone on a bad line does.
"""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.load import Answer, Connection, Cut
from bench.towns import Ground, free_port, ground, group_of, running

KEYS = 300
CONNECTIONS = 16
PROCESSES = 4
KILL_AFTER = 100
PREPARE = """
from datetime import date
from doorstep.affairs.models import RoutingRule
from doorstep.foundation.identity.actions import create_account, create_person, issue_token
from doorstep.foundation.journal.actions import SYSTEM
from doorstep.foundation.places.actions import create_place
from doorstep.foundation.places.models import Place
from doorstep.organisations.actions import create_body, give_post

town = Place.objects.get(code="hengli")
estate = create_place(code="ruikang", kind="estate", name="瑞康花园", parent=town, by=SYSTEM)
body = create_body(code="hengan", kind="property_company", name="恒安物业", place=estate, by=SYSTEM)
give_post(body=body, title="物业经理", person=create_person(name="罗建文"), held_from=date(2020, 1, 1), by=SYSTEM)
RoutingRule.objects.create(place=estate, category=None, body=body)
for n in range(4):
    print(issue_token(account=create_account(person=create_person(name=f"住户{n}"), login=f"resident{n}")))
"""
RAISED = "SELECT count(*) FROM foundation_entry WHERE verb = 'raise'"


@dataclass(frozen=True)
class Race:
    """What came of it. `overlapping`: keys whose twin was sent before the first was answered; `cut`: connections that ended without an answer."""

    matters: int
    numbers: int
    raise_entries: int
    raise_events: int
    told: int
    waiting: int
    answers: int
    created: int
    alike: int
    overlapping: int
    cut: int
    killed: int
    seconds: float


def race(town: Ground) -> Race:
    """Run it on a database without a town."""
    town.begin()
    tokens = town.python(PREPARE).split()
    port = free_port()
    serve = f"from doorstep.site.serving import serve; serve(host='127.0.0.1', port={port}, workers={PROCESSES})"
    with running([sys.executable, "-c", serve], town.environment, ready=f"http://127.0.0.1:{port}/healthz") as server:
        began = time.monotonic()
        sent = asyncio.run(_Client(port, tokens, kill=lambda: _kill_one(server.pid, port)).send_all())
        seconds = time.monotonic() - began
        _wait_until_told(town)
    return _figures(town, sent, seconds)


class _Client:
    """Sends every key twice and keeps what each was answered."""

    def __init__(self, port: int, tokens: list[str], *, kill: Callable[[], int]) -> None:
        self.port, self.tokens, self.kill = port, tokens, kill
        self.answers: list[tuple[Answer, Answer]] = []
        self.overlapping = self.cut = self.killed = 0

    async def send_all(self) -> "_Client":
        waiting = iter(range(KEYS))
        await asyncio.gather(*(self._lane(waiting) for _ in range(CONNECTIONS // 2)))
        return self

    async def _lane(self, waiting: object) -> None:
        first, second = Connection(self.port), Connection(self.port)
        for key in waiting:  # type: ignore[attr-defined]
            sent = asyncio.Event()
            one = asyncio.ensure_future(self._until_answered(first, key, sent))
            await sent.wait()
            self.overlapping += not one.done()
            two = await self._until_answered(second, key, asyncio.Event())
            self.answers.append((await one, two))
            if len(self.answers) == KILL_AFTER:
                self.killed = self.kill()
        first.close()
        second.close()

    async def _until_answered(self, connection: Connection, key: int, sent: asyncio.Event) -> Answer:
        body = json.dumps({"place": "ruikang", "category": "lighting", "text": f"第 {key} 件：楼道灯不亮。"}, ensure_ascii=False).encode()
        headers = {
            "Authorization": f"Bearer {self.tokens[key % len(self.tokens)]}",
            "Content-Type": "application/json",
            "Idempotency-Key": f"key-{key}",
        }
        for _ in range(100):
            try:
                return await connection.ask("POST", "/api/v1/matters", headers=headers, body=body, sent=sent)
            except Cut:
                self.cut += 1
                await asyncio.sleep(0.05)
        raise RuntimeError(f"key {key} was never answered")


def _kill_one(leader: int, port: int) -> int:
    """Kill the process that answers on the most connections, without a word; its id. One that answers on none would cut nobody off."""
    granian = [pid for pid in group_of(leader) if b"granian" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    open_now = _connections(port)
    answering = {pid: len(_sockets_of(pid) & open_now) for pid in granian if _parent_of(pid) in granian}
    pid = max(answering, key=lambda each: answering[each], default=0)
    if not answering.get(pid):
        raise RuntimeError("no process was found that answers")
    os.kill(pid, signal.SIGKILL)
    return pid


def _connections(port: int) -> set[str]:
    """The inodes of the established connections whose own end is this port (proc(5), /proc/net/tcp)."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {row[9] for row in rows if int(row[1].rpartition(":")[2], 16) == port and row[3] == "01"}


def _sockets_of(pid: int) -> set[str]:
    """The inodes of the sockets a process holds open."""
    found = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = os.readlink(descriptor)
        except FileNotFoundError:
            # Closed since it was listed.
            continue
        if target.startswith("socket:["):
            found.add(target[8:-1])
    return found


def _parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def _wait_until_told(town: Ground) -> None:
    until = time.monotonic() + 180
    while time.monotonic() < until and town.ask("SELECT count(*) FROM foundation_outboxevent WHERE delivered_at IS NULL") != [(0,)]:
        time.sleep(0.2)


def _figures(town: Ground, sent: _Client, seconds: float) -> Race:
    def count(sql: str) -> int:
        [(found,)] = town.ask(sql)
        return int(str(found))

    answers = [answer for pair in sent.answers for answer in pair]
    return Race(
        matters=count("SELECT count(*) FROM affairs_matter"),
        numbers=count("SELECT count(DISTINCT number) FROM affairs_matter"),
        raise_entries=count(RAISED),
        raise_events=count(
            "SELECT count(*) FROM foundation_outboxevent e JOIN foundation_entry j ON j.id = e.entry_id WHERE j.verb = 'raise'"
        ),
        told=count("SELECT count(*) FROM foundation_inboxitem"),
        waiting=count("SELECT count(*) FROM foundation_outboxevent WHERE delivered_at IS NULL"),
        answers=len(answers),
        created=sum(answer.status == 201 for answer in answers),
        alike=sum(one.body == two.body and one.headers.get("location") == two.headers.get("location") for one, two in sent.answers),
        overlapping=sent.overlapping,
        cut=sent.cut,
        killed=int(sent.killed > 0),
        seconds=round(seconds, 1),
    )


def main() -> None:
    for kind in sys.argv[1:] or ("sqlite", "postgresql"):
        with ground(kind) as town:
            result = race(town)
        print(f"{kind}: " + ", ".join(f"{name} {value}" for name, value in asdict(result).items()), flush=True)


if __name__ == "__main__":
    main()
