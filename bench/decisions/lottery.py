"""The lottery beside the maximin of sortition-algorithms 0.12.15, on the same pools in one run.

`python -m bench.decisions.lottery` prints the table of docs/algorithms/lottery.md; `--quick` leaves the other library out. Seconds are
processor time of the search alone, so that other work on the machine weighs on both alike.
"""

import json
import random
import subprocess
import sys
import time
import venv
from dataclasses import dataclass
from pathlib import Path

from doorstep.affairs.rules.lottery import Distribution, Person, Pool, Quota, distribute, proof_gaps

OUT = Path(__file__).parents[1] / "out" / "sortition"
LIBRARY = "sortition-algorithms==0.12.15"
STOP_AFTER = 600
PANEL = 12
PARTS = {"sex": (55, 45), "age": (10, 25, 30, 35), "village": (40, 30, 20, 10), "school": (20, 50, 30)}


@dataclass(frozen=True)
class Ours:
    cpu: float
    proof: float
    smallest: float
    by_tickets: float
    gap: float
    types: int
    panels: int
    levels: int


def pool_of(people: int) -> Pool:
    """Four features that the pool has unevenly; the panel must have every value within one of an even part."""
    chance = random.Random(people)
    persons = tuple(
        Person(
            f"P{index:05}",
            {name: f"{name}-{chance.choices(range(len(weights)), weights)[0]}" for name, weights in PARTS.items()},
        )
        for index in range(people)
    )
    quotas = tuple(
        Quota(name, f"{name}-{value}", PANEL // len(weights) - 1, PANEL // len(weights) + 1)
        for name, weights in PARTS.items()
        for value in range(len(weights))
    )
    return Pool(persons, quotas, PANEL)


def ours(pool: Pool) -> Ours:
    began = time.process_time()
    lottery = distribute(pool)
    cpu = time.process_time() - began
    assert isinstance(lottery, Distribution)
    began = time.process_time()
    gaps = proof_gaps(pool, lottery)
    return Ours(
        cpu=cpu,
        proof=time.process_time() - began,
        smallest=min(lottery.optimum),
        by_tickets=float(min(lottery.chances().values())),
        gap=float(max(gaps)),
        types=len(lottery.types),
        panels=len(lottery.panels),
        levels=len(lottery.levels),
    )


def oracle_python() -> Path:
    """The interpreter of the other library's environment, made when it is not there yet."""
    python = OUT / "bin" / "python"
    if not (OUT / "ready").exists():
        venv.create(OUT, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", LIBRARY], check=True)
        (OUT / "ready").touch()
    return python


def oracle(pool: Pool) -> dict[str, float] | None:
    """{seconds, cpu, smallest}, or None when it was stopped."""
    given = {
        "size": pool.size,
        "quotas": [[quota.feature, quota.value, quota.min, quota.max] for quota in pool.quotas],
        "people": [{"id": person.id, "features": dict(person.features)} for person in pool.people],
    }
    command = [oracle_python(), Path(__file__).with_name("sortition_oracle.py")]
    try:
        finished = subprocess.run(command, input=json.dumps(given), stdout=subprocess.PIPE, text=True, timeout=STOP_AFTER, check=True)
    except subprocess.TimeoutExpired:
        return None
    # HiGHS greets on stdout first.
    return json.loads(finished.stdout.splitlines()[-1])


def main() -> None:
    quick = "--quick" in sys.argv
    print(
        "| people | types · panels · levels | ours, s | proof again, s | gap | smallest chance | by tickets | maximin, s | its smallest | ratio |"
    )
    print("|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    for people in (200, 1_000, 10_000):
        pool = pool_of(people)
        mine = ours(pool)
        theirs, smallest, ratio = "–", "–", "–"
        if people <= 1_000 and not quick:
            found = oracle(pool)
            if found is None:
                theirs = f"stopped at {STOP_AFTER}"
            else:
                theirs, smallest, ratio = f"{found['cpu']:.1f}", f"{found['smallest']:.7f}", f"{found['cpu'] / mine.cpu:.0f}"
                if mine.smallest < found["smallest"] - 1e-6:
                    raise SystemExit(f"{people} people: the smallest chance {mine.smallest} is below the maximin {found['smallest']}")
        print(
            f"| {people:,} | {mine.types} · {mine.panels} · {mine.levels} | {mine.cpu:.1f} | {mine.proof:.2f} | {max(0.0, mine.gap):.0g} "
            f"| {mine.smallest:.7f} | {mine.by_tickets:.7f} | {theirs} | {smallest} | {ratio} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
