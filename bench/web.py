"""`./run bench web [--quick]`: this project's pages beside a bare Django list, detail page and insert, on the same server in the same run.

The figure is CPU time of the serving process group per request, read from /proc: it barely depends on what else the machine does. Rounds are interleaved,
every second one in reverse, and medians are given; two server processes with one thread each. A ratio is what the yardstick costs over what our page costs: 1 is as cheap as bare Django.
"""

import argparse
import asyncio
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from urllib.parse import urlencode

from bench.load import Answer, Connection, Cut
from bench.race import PREPARE
from bench.towns import cpu_seconds, free_port, ground, running
from doorstep.site.serving import granian

CONNECTIONS = 16
WARM = 40
MATTERS = 10_000
CSRF = "c" * 32
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PREPARE_PAGES = (
    PREPARE
    + """
import importlib
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from doorstep.affairs import actions
from doorstep.affairs.models import Matter, MatterCount
from doorstep.affairs.queries import category_by_code
from doorstep.foundation.access.viewer import build_viewer
from doorstep.foundation.identity.models import Account
from doorstep.foundation.journal.actions import Actor

reporter = Account.objects.get(login="resident0")
lighting = category_by_code("lighting")
kept = None
for n in range(20):
    kept = actions.raise_matter(by=Actor(person_id=reporter.person_id), reporter_id=reporter.person_id, place=estate, category=lighting,
                                text=f"第 {n} 件：楼道灯不亮，晚上看不见台阶。")
manager = build_viewer(person_id=body.posts.get().person_id)
for n in range(4):
    actions.answer_matter(viewer=manager, matter=kept, text=f"第 {n} 次答复：今晚去换灯泡。")
facts = {each.attname: getattr(kept, each.attname) for each in Matter._meta.concrete_fields if not each.primary_key}
states = ("in_progress", "awaiting_confirmation", "closed_confirmed", "closed_unconfirmed", "cannot_be_done", "assigned")
others = [Account.objects.get(login=f"resident{n}").person_id for n in (1, 2, 3)]
Matter.objects.bulk_create([Matter(**{**facts, "number": f"HL-2025-{n:06d}", "state": states[n % 6], "reporter_id": others[n % 3],
                                      "entered_by_id": others[n % 3]}) for n in range(MATTERS)], batch_size=500)
for n, state in enumerate(states):
    MatterCount.objects.update_or_create(scope=estate, state=state, defaults={"n": MATTERS // 6})
store = importlib.import_module(settings.SESSION_ENGINE).SessionStore()
store.update({SESSION_KEY: str(reporter.pk), BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0], HASH_SESSION_KEY: reporter.get_session_auth_hash()})
store.save()
print(store.session_key, kept.number)
for n in range(DRAFTS):
    fields = {"place": "ruikang", "category": "lighting", "text": f"草稿 {n}：楼道灯不亮。", "see": "neighbours"}
    print(actions.keep_draft(draft=actions.open_draft(), **fields).token)
"""
)


@dataclass
class Target:
    """One page: what is asked, what must come back, and against which yardstick it is held."""

    name: str
    method: str
    path: str
    status: int
    yardstick: str = ""
    goal: float | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    # One request each: headers that differ (a draft is sent once, a key is used once).
    each: Iterator[dict[str, str]] | None = None
    cpu_ms: list[float] = field(default_factory=list)
    per_second: list[float] = field(default_factory=list)
    size: int = 0


async def _measure(target: Target, port: int, leader: int, count: int) -> None:
    left = iter(range(count))

    async def lane(number: int) -> None:
        # As many neighbours, each within what one address may send.
        connection = Connection(port, source=f"127.0.0.{number + 2}")
        for _ in left:
            headers = {**target.headers, **(next(target.each) if target.each is not None else {})}
            answer = await _ask(connection, target, headers)
            if answer.status != target.status:
                raise RuntimeError(f"{target.name}: {answer.status} {answer.body[:300]!r}")
            target.size = len(answer.body)
        connection.close()

    cpu, began = cpu_seconds(leader), time.perf_counter()
    await asyncio.gather(*(lane(number) for number in range(CONNECTIONS)))
    seconds = time.perf_counter() - began
    target.cpu_ms.append((cpu_seconds(leader) - cpu) * 1000 / count)
    target.per_second.append(count / seconds)


async def _ask(connection: Connection, target: Target, headers: dict[str, str]) -> Answer:
    try:
        return await connection.ask(target.method, target.path, headers=headers, body=target.body)
    except Cut:
        # A server may close a connection that idled between two rounds.
        return await connection.ask(target.method, target.path, headers=headers, body=target.body)


def bare_targets() -> list[Target]:
    note = urlencode({"title": "A lamp is out", "text": "The lamp in the stairway is out."}).encode()
    return [
        Target("bare list", "GET", "/list/", 200),
        Target("bare detail", "GET", "/list/5000/", 200),
        Target("bare post", "POST", "/new/", 302, headers=FORM, body=note),
    ]


def our_targets(printed: list[str]) -> list[Target]:
    token, session, number, drafts = printed[0], printed[4], printed[5], printed[6:]
    signed_in = {"Cookie": f"sessionid={session}"}
    matter = '{"place": "ruikang", "category": "lighting", "text": "楼道灯不亮，晚上看不见台阶。"}'.encode()
    by_token = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    keys = ({"Idempotency-Key": f"key-{n}"} for n in range(10**9))
    sent = ({"Cookie": f"sessionid={session}; draft={draft}; csrftoken={CSRF}"} for draft in drafts)
    return [
        Target("home", "GET", "/", 200, "bare list"),
        Target("home, signed in", "GET", "/", 200, "bare list", headers=signed_in),
        Target("place list", "GET", "/p/ruikang/matters/", 200, "bare list"),
        Target("place list, signed in", "GET", "/p/ruikang/matters/", 200, "bare list", 0.4, headers=signed_in),
        Target("thread", "GET", f"/m/{number}", 200, "bare detail"),
        Target("thread, signed in", "GET", f"/m/{number}", 200, "bare detail", headers=signed_in),
        Target("raise by API", "POST", "/api/v1/matters", 201, "bare post", 0.2, headers=by_token, body=matter, each=keys),
        Target("raise by form", "POST", "/raise/send", 303, "bare post", None, FORM, urlencode({"csrfmiddlewaretoken": CSRF, "go": "send"}).encode(), sent),
    ]  # fmt: skip


def compare(*, kind: str, rounds: int, requests: int, only: str = "") -> list[Target]:
    """Measure everything; the targets with their figures."""
    with ExitStack() as stack:
        town, yard = stack.enter_context(ground(kind)), stack.enter_context(ground("sqlite"))
        town.begin()
        drafts = rounds * requests + WARM
        printed = town.python(PREPARE_PAGES.replace("MATTERS", str(MATTERS)).replace("DRAFTS", str(drafts))).split()
        bare = {**yard.environment, "BARE_DATABASE": str(yard.home / "bare.sqlite3")}
        import subprocess

        subprocess.run([sys.executable, "-m", "bench.bare"], env=bare, check=True)
        ports = free_port(), free_port()
        servers = [
            stack.enter_context(
                running(
                    granian(application, host="127.0.0.1", port=port, workers=2, threads=1),
                    environment,
                    ready=f"http://127.0.0.1:{port}{ready}",
                )
            ).pid
            for application, environment, port, ready in (
                ("bench.bare:application", bare, ports[0], "/list/"),
                ("doorstep.site.wsgi:application", town.environment, ports[1], "/healthz"),
            )
        ]
        plan = [(each, ports[0], servers[0], requests * 4) for each in bare_targets()]
        plan += [(each, ports[1], servers[1], requests) for each in our_targets(printed) if only in each.name]
        for target, port, leader, _count in plan:
            asyncio.run(_measure(target, port, leader, WARM))
            target.cpu_ms.clear()
            target.per_second.clear()
        for turn in range(rounds):
            for target, port, leader, count in plan if turn % 2 == 0 else plan[::-1]:
                asyncio.run(_measure(target, port, leader, count))
        return [target for target, *_ in plan]


def main() -> None:
    parser = argparse.ArgumentParser(prog="./run bench web")
    parser.add_argument("--quick", action="store_true", help="fewer requests")
    parser.add_argument("--database", default="sqlite", choices=["sqlite", "postgresql"], help="of the town; the yardstick stays on SQLite")
    parser.add_argument("--only", default="", help="our pages with this in their name")
    given = parser.parse_args()
    targets = compare(kind=given.database, rounds=3, requests=150 if given.quick else 400, only=given.only)
    cost = {target.name: statistics.median(target.cpu_ms) for target in targets}
    print(f"{'page':24}{'CPU ms':>8}{'range':>16}{'req/s':>8}{'bytes':>8}   ratio")
    for target in targets:
        low, high = min(target.cpu_ms), max(target.cpu_ms)
        line = f"{target.name:24}{cost[target.name]:8.2f}{f'{low:.2f}-{high:.2f}':>16}{statistics.median(target.per_second):8.0f}{target.size:8d}"
        if target.yardstick:
            ratio = cost[target.yardstick] / cost[target.name]
            line += f"   {ratio:.2f} × {target.yardstick}"
            if target.goal is not None:
                line += f" (goal {target.goal}: {'met' if ratio >= target.goal else 'MISSED'})"
        print(line)


if __name__ == "__main__":
    main()
