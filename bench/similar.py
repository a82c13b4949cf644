"""`./run bench similar`: which measure of likeness finds the same matter said anew: characters and pairs of them (affairs/rules/similar.py) beside
those of rapidfuzz, on the demo's texts and on what another neighbour would say of them (said_again.toml). Prints the figures of ADR 8.

Every text said anew is compared with all texts of the demo. *First*: the right one is the likeliest. Then each measure is given the whole-number
cut-off that serves it best, from 1 to 100: found and wrongly offered at that cut-off, where as many as three may be offered, as on the page.
Needs rapidfuzz (`.venv/bin/pip install rapidfuzz`), which nothing else here does. The same on every machine: no clock, no chance.
"""

import sys
import tomllib
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from unicodedata import normalize

from doorstep.affairs.rules.similar import likeness, pairs, signs

HERE = Path(__file__).parent
DEMO = HERE.parent / "src" / "doorstep" / "site" / "demo" / "matters.toml"
OFFERED = 3
FILLED = {"楼": "瑞金阁", "层": 3, "数": 1}
SAID_ANEW = {"楼": "我们这栋", "层": 3, "数": 1}
Measure = Callable[[str, str], int]


def measures() -> dict[str, Measure]:
    """Each as a whole number from 0 to 100."""
    from rapidfuzz import fuzz

    def whole(score: Callable[..., float]) -> Measure:
        return lambda one, other: int(score(one, other))

    def dice(of: Callable[[str], frozenset[str]]) -> Measure:
        return lambda one, other: likeness(of(one), of(other))

    def plain(text: str) -> str:
        return "".join(each for each in normalize("NFKC", text).casefold() if each.isalnum())

    found = {
        "characters and pairs (ours)": dice(signs),
        "pairs alone": dice(pairs),
        "characters alone": dice(lambda text: frozenset(plain(text))),
    }
    for name in ("ratio", "partial_ratio", "token_set_ratio", "WRatio"):
        found[f"rapidfuzz {name}"] = whole(getattr(fuzz, name))
    ratio = whole(fuzz.ratio)
    return {**found, "rapidfuzz ratio, no marks": lambda one, other: ratio(plain(one), plain(other))}


def texts() -> tuple[list[str], list[tuple[str, str | None]]]:
    """The demo's texts, and what is said anew with the text it is of; None: of none."""
    sayings = tomllib.loads(DEMO.read_text("utf-8"))["saying"]
    known = [text for saying in sayings for text in saying["texts"]]
    told: dict[str, Any] = tomllib.loads((HERE / "said_again.toml").read_text("utf-8"))
    unknown = [row["of"] for row in told["said"] if row["of"] not in known]
    if unknown:
        raise SystemExit(f"no longer in the demo: {unknown}")
    anew = [(again.format(**SAID_ANEW), row["of"].format(**FILLED)) for row in told["said"] for again in row["again"]]
    return [text.format(**FILLED) for text in known], [*anew, *((text, None) for text in told["alone"])]


def figures(measure: Measure, known: list[str], anew: list[tuple[str, str | None]]) -> tuple[int, int, int, int]:
    """(first, cut-off, found, wrongly offered) at the cut-off with the best F1; of equal ones the higher."""
    scored = [(sorted(((measure(text, each), each) for each in known), reverse=True), right) for text, right in anew]
    first = sum(1 for ranked, right in scored if right is not None and ranked[0][1] == right)
    meant = sum(1 for _text, right in anew if right is not None)
    best: tuple[int, int, int, int, int] | None = None
    for cut in range(1, 101):
        found = wrong = 0
        for ranked, right in scored:
            for score, each in ranked[:OFFERED]:
                if score >= cut:
                    found += each == right
                    wrong += each != right
        # F1 in thousandths: 2 found / (found + wrong + meant).
        f1 = 2000 * found // (found + wrong + meant)
        if best is None or (f1, cut) >= best[:2]:
            best = (f1, cut, found, wrong, f1)
    assert best is not None
    return first, best[1], best[2], best[3]


def main() -> int:
    if find_spec("rapidfuzz") is None:
        print("needs rapidfuzz: .venv/bin/pip install rapidfuzz", file=sys.stderr)
        return 2
    known, anew = texts()
    meant = sum(1 for _text, right in anew if right is not None)
    print(f"{len(known)} texts of the demo; {meant} said anew, {len(anew) - meant} of something else")
    print(f"{'measure':28} {'first':>9} {'cut-off':>8} {'found':>9} {'wrong':>6} {'F1':>6}")
    for name, measure in measures().items():
        first, cut, found, wrong = figures(measure, known, anew)
        f1 = 2000 * found // (found + wrong + meant)
        print(f"{name:28} {first:>4} / {meant} {cut:>8} {found:>4} / {meant} {wrong:>6} 0.{f1:03d}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
