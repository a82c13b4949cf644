"""How long `doorstep panel` takes for 10,000 candidates: `./run bench decisions panel`.

Each case is drawn in a fresh process, its start included, from files made by a fixed seed: few bounds and many (easy, tight), few
places of many kinds (hard, wide), everybody alike in fit or load or both (ties, ties0), large numbers (big), large households (houses),
and one that no panel can meet (impossible).
"""

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

CANDIDATES = 10_000
LIMIT = 6.0
"""Seconds a draw may take. Held against processor time: one process with one thread, so that on a machine at rest the two are the same."""

AGES = ("young", "middle", "old")
GROUPS = tuple(str(number) for number in range(1, 13))

Document = dict[str, Any]


def case(
    name: str,
    *,
    roles: int,
    roles_each: int,
    size: int,
    fit: int,
    load: int,
    bounds: int,
    both_sides: bool,
    households: int | None = None,
    candidates: int = CANDIDATES,
) -> Document:
    """A question of this shape. `bounds` counts minimums and maximums in all; they are such that panels exist and few are far from them."""
    chance = random.Random(name)
    names = [f"role{number:02}" for number in range(roles)]
    people = []
    for number in range(candidates):
        home = None
        if households:
            home = f"H{chance.randrange(households)}"
        elif chance.random() < 0.3:
            home = f"H{chance.randrange(candidates // 3)}"
        people.append(
            {
                "id": f"P{number:05}",
                "roles": chance.sample(names, chance.randint(1, roles_each)),
                "attributes": {"sex": chance.choice("FM"), "age": chance.choice(AGES), "group": chance.choice(GROUPS)},
                "household": home,
                "fit": chance.randint(0, fit),
                "load": chance.randint(0, load),
                "available": chance.random() > 0.02,
                "recused": None,
                "vetoed_by": [],
            }
        )
    pairs = [("sex", "F"), ("age", "young"), ("age", "old"), ("sex", "M"), *(("group", group) for group in GROUPS)]
    each, left = divmod(size, roles)
    seats = [
        {"role": role, "min": max(0, each - (at % 2)), "max": each + 1 + (left > at) if both_sides else None}
        for at, role in enumerate(names)
    ]
    balance = []
    for at, (attribute, value) in enumerate(pairs[:bounds]):
        share = {"sex": 2, "age": 3, "group": 12}[attribute]
        least = size // share
        balance.append({"attribute": attribute, "value": value, "min": least, "max": least + 1 + at % 2 if both_sides else None})
    return {
        "format": "doorstep.panel/1",
        "matter": name,
        "seed": 20260506,
        "size": size,
        "seats": seats,
        "balance": balance,
        "one_per_household": True,
        "candidates": people,
    }


def cases() -> list[Document]:
    impossible = case("impossible", roles=8, roles_each=3, size=12, fit=100, load=10, bounds=8, both_sides=True)
    for number, candidate in enumerate(impossible["candidates"]):
        candidate["roles"] = [role for role in candidate["roles"] if role != "role00"] or ["role01"]
        candidate["standing"] = number in {5, 6, 7}
    impossible["seats"][0]["min"] = 1
    return [
        case("easy", roles=5, roles_each=2, size=9, fit=10, load=10, bounds=2, both_sides=False),
        case("tight", roles=8, roles_each=3, size=12, fit=20, load=10, bounds=12, both_sides=True),
        case("hard", roles=12, roles_each=5, size=21, fit=100, load=20, bounds=16, both_sides=True),
        case("ties", roles=8, roles_each=3, size=13, fit=1, load=0, bounds=8, both_sides=True),
        case("ties0", roles=12, roles_each=5, size=21, fit=0, load=0, bounds=16, both_sides=True),
        case("big", roles=8, roles_each=3, size=15, fit=1_000_000, load=1_000, bounds=12, both_sides=True),
        case("wide", roles=16, roles_each=8, size=40, fit=100, load=20, bounds=16, both_sides=True),
        case("houses", roles=8, roles_each=3, size=15, fit=20, load=10, bounds=12, both_sides=True, households=250),
        impossible,
    ]


COMMAND = "from doorstep.site.command import main; main()"


def main() -> None:
    print(f"doorstep panel, {CANDIDATES:,} candidates, process start included; at most {LIMIT:g} s each")
    print(f"{'case':<11}{'seconds':>8}{'of processor':>14}  result")
    slow = []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "panel.json"
        for document in cases():
            name = document["matter"]
            file.write_text(json.dumps(document), "utf-8")
            began, used = time.perf_counter(), _processor_time()
            drawn = subprocess.run([sys.executable, "-c", COMMAND, "panel", str(file)], capture_output=True, check=True)
            seconds, used = time.perf_counter() - began, _processor_time() - used
            status = json.loads(drawn.stdout)["status"]
            proofs = ", ".join(line.removeprefix("doorstep panel: ") for line in drawn.stderr.decode().splitlines())
            print(f"{name:<11}{seconds:>8.2f}{used:>14.2f}  {status}; {proofs}", flush=True)
            if used > LIMIT:
                slow.append(name)
    if slow:
        sys.exit(f"too slow: {', '.join(slow)}")


def _processor_time() -> float:
    """Seconds of processor that finished children have taken."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


if __name__ == "__main__":
    main()
