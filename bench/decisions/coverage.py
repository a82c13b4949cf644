"""Coverage at the size of a town: 20,000 households one by one, 60 places, five kinds, and where the next clinic should stand."""

import random
import time

from doorstep.services.rules.coverage import Home, Limits, Stop, coverage, where_next

HOUSEHOLDS, PLACES = 20_000, 60
KINDS = ("clinic", "tea", "craft", "repair", "course")


def main() -> None:
    rng = random.Random(20260302)

    def point() -> tuple[int, int]:
        return rng.randrange(600_000), rng.randrange(600_000)

    homes = [Home(f"h{n}", *point(), 1, {"elder": rng.randrange(3)}) for n in range(HOUSEHOLDS)]
    sites = [(f"p{n}", *point()) for n in range(PLACES)]
    stops = [Stop(name, KINDS[n % len(KINDS)], x, y, rng.randrange(40)) for n, (name, x, y) in enumerate(sites)]
    limits = Limits(metres=500, days=30, floor=5)
    began = time.monotonic()
    found = coverage(homes, stops, limits)
    best = where_next(found, "clinic", sites, limits)[0]
    took = time.monotonic() - began
    print(f"  {HOUSEHOLDS:,} households, {PLACES} places, {len(KINDS)} kinds: {took:.2f} s")
    print(f"  clinics reach {found.reached['clinic']:,}; one more at {best.id} would reach {best.gain:,} more")
    if took > 5:
        raise SystemExit("coverage is too slow")
