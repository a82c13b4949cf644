"""A vote of a city: 1,000,000 units, 800,000 ballots, 2 motions. Checking and counting it may take 4 times what json.load takes to parse it."""

import gc
import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from doorstep.affairs.rules.documents import parse
from doorstep.affairs.rules.tally import read_vote, tally

UNITS = 1_000_000
BALLOTS = 800_000
LIMIT = 4.0
SEED = 278

G = TypeVar("G")
T = TypeVar("T")


def vote_document() -> dict[str, Any]:
    """Owners of one, two and several units, couples, parking, a developer; proxies, doubles, spoiled ballots and rulings."""
    draw = random.Random(SEED)
    roll: list[dict[str, Any]] = []
    owners: list[str] = []
    for number in range(UNITS):
        kind = draw.choices(("flat", "shop", "parking", "other"), (80, 5, 13, 2))[0]
        status = draw.choices(("delivered", "unsold", "undelivered"), (97, 2, 1))[0]
        if owners and draw.random() < 0.15:
            holders = [draw.choice(owners)]
        else:
            holders = [f"P{len(owners) + 1:07d}"]
            owners.append(holders[0])
            if draw.random() < 0.35:
                holders.append(f"P{len(owners) + 1:07d}")
                owners.append(holders[1])
        roll.append(
            {
                "unit": f"瑞金阁{number // 400}-{number // 100 % 4 + 1}-{number % 100 // 4 + 1}0{number % 4 + 1}",
                "area": f"{draw.randrange(1200, 22000) / 100:.2f}",
                "kind": kind,
                "holders": holders,
                "status": status,
            }
        )
    ballots: list[dict[str, Any]] = []
    rulings: list[dict[str, Any]] = []
    # Nearly everybody votes once; 24,000 a second time.
    voters = draw.sample(owners, BALLOTS - 24_000)
    voters += draw.choices(voters, k=24_000)
    for number, by in enumerate(voters):
        proxy_for = None
        if draw.random() < 0.03:
            proxy_for = draw.choice(owners)
        cast = f"2026-04-{draw.randrange(2, 12):02d}T{draw.randrange(8, 20):02d}:{draw.randrange(60):02d}:{draw.randrange(60):02d}+08:00"
        ballots.append(
            {
                "id": f"B{number + 1}",
                "by": by,
                "channel": draw.choice(("paper", "electronic", "hall")),
                "cast_at": cast,
                "proxy_for": proxy_for,
                "proxy_document": "held" if proxy_for and draw.random() < 0.9 else None,
                "valid": draw.random() > 0.01,
                "choices": {motion: draw.choices(("agree", "against", "abstain"), (75, 18, 7))[0] for motion in ("M1", "M2")},
            }
        )
        if number and draw.random() < 0.005:
            rulings.append({"ballots": [f"B{number}", f"B{number + 1}"], "counts": f"B{number + 1}", "because": "convener"})
    return {
        "format": "doorstep.vote/1",
        "place": "瑞康花园",
        "title": "公共收益的使用",
        "rules": "cn-civil-code-278@2021-01-01",
        "options": {"count_parking": False, "invalid_participates": False, "channel_precedence": "paper"},
        "roll": roll,
        "motions": [{"id": "M1", "item": 9, "text": "修缮康乐场地"}, {"id": "M2", "item": 8, "text": "把绿地改成车位"}],
        "ballots": ballots,
        "rulings": rulings,
    }


def timed(work: Callable[[G], T], given: G) -> tuple[T, float]:
    """What the work makes of it, and its seconds of processor time (others may share the machine)."""
    began = time.process_time()
    return work(given), time.process_time() - began


def load(file: Path) -> object:
    with file.open(encoding="utf-8") as opened:
        document: object = json.load(opened)
    return document


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "vote.json"
        gc.disable()
        file.write_text(json.dumps(vote_document(), ensure_ascii=False), encoding="utf-8")
        gc.enable()
        print(f"  {UNITS:,} units, {BALLOTS:,} ballots, 2 motions, {file.stat().st_size / 1e6:.0f} MB")
        plain = timed(load, file)[1]
        gc.disable()  # as the command runs
        document, bare = timed(load, file)
        vote, checking = timed(read_vote, document)
        result, counting = timed(tally, vote)
        del document, vote
        strict = timed(parse, file.read_bytes())[1]
        gc.enable()
    outcomes = ", ".join(f"{motion.id} {motion.outcome}" for motion in result.motions)
    ratio = (checking + counting) / plain
    print(f"  {result.roll.whole.parties:,} parties, {len(result.rejected):,} ballots rejected; {outcomes}")
    print(f"  json.load {plain:.2f} s ({bare:.2f} s without the garbage collector); check {checking:.2f} s + count {counting:.2f} s")
    print(f"  ratio to json.load {ratio:.2f} ({(checking + counting) / bare:.2f} without the garbage collector), may be {LIMIT:.0f}")
    print(f"  parsing that refuses repeated keys {strict:.2f} s; peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.1f} GB")
    if ratio > LIMIT:
        sys.exit("  too slow")
