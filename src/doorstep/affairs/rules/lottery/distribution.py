"""The chances of everybody in a pool, as panels with tickets."""

from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256

import rfc8785

from .leximin import Counts, Level, gaps, leximin
from .pool import Households, Merged, NotAcceptable, PersonType, Pool, after_first_lot, check, living_together, merge
from .shortfalls import Shortfall, shortfalls

TICKETS = 1_000_000
# With exact household rows every make-up of a household is a type of its own, and beyond this their number makes the search too long.
EXACT_UP_TO = 300


@dataclass(frozen=True, slots=True)
class Panel:
    """How many people of each type, and how many of the 1,000,000 tickets draw it."""

    counts: Counts
    tickets: int


@dataclass(frozen=True, slots=True)
class Distribution:
    """A lottery ready to be announced. Who was passed over in the first lot (`households` first_lot) is in no type.

    `optimum[t]` is the fairest chance of each person of type t, proven by `levels`; `chance(t)` is what the tickets really give.
    """

    households: Households
    first_seed: str | None
    types: tuple[PersonType, ...]
    optimum: tuple[float, ...]
    panels: tuple[Panel, ...]
    levels: tuple[Level, ...]

    def chance(self, index: int) -> Fraction:
        tickets = sum(panel.counts[index] * panel.tickets for panel in self.panels)
        return Fraction(tickets, TICKETS * len(self.types[index].people))

    def chances(self) -> dict[str, Fraction]:
        """By person; together exactly the size of the panel."""
        return {person: self.chance(index) for index, one in enumerate(self.types) for person in one.people}


@dataclass(frozen=True, slots=True)
class Impossible:
    """No panel keeps every quota; this is the least that must give way."""

    households: Households
    first_seed: str | None
    shortfalls: tuple[Shortfall, ...]


def distribute(pool: Pool, *, first_seed: str | None = None, exact_up_to: int = EXACT_UP_TO) -> Distribution | Impossible:
    """The fairest lottery over a pool (its chances are a fact; which of several equally fair tables comes out depends on the solver's version).

    Above `exact_up_to` people with households of two or more, one person per household is drawn first with `first_seed`, a public number
    called after the pool was announced: then chances are equal by household, not by person. Raises NotAcceptable, also first_seed_missing.
    """
    check(pool)
    if not living_together(pool):
        households, seed = Households.ALONE, None
    elif len(pool.people) <= exact_up_to:
        households, seed = Households.EXACT, None
    elif first_seed:
        households, seed = Households.FIRST_LOT, checked_seed(first_seed)
    else:
        raise NotAcceptable("first_seed_missing")
    field = field_of(pool, households, seed)
    merged = merge(field)
    if missing := shortfalls(merged, field):
        return Impossible(households, seed, missing)
    stairs = leximin(merged, field)
    numbers = [len(one.people) for one in merged.types]
    optimum = [sum(share * panel[index] for panel, share in stairs.panels) / number for index, number in enumerate(numbers)]
    return Distribution(
        households=households,
        first_seed=seed,
        types=merged.types,
        optimum=tuple(optimum),
        panels=ticketed(stairs.panels),
        levels=stairs.levels,
    )


def checked_seed(seed: str) -> str:
    """Raises NotAcceptable bad_seed for one that is empty or has a "|"."""
    if not seed or "|" in seed:
        raise NotAcceptable("bad_seed", seed)
    return seed


def field_of(pool: Pool, households: Households, first_seed: str | None) -> Pool:
    """The people among whom the panel is drawn."""
    return after_first_lot(pool, first_seed) if households == Households.FIRST_LOT and first_seed else pool


def ticketed(panels: tuple[tuple[Counts, float], ...]) -> tuple[Panel, ...]:
    """Shares into whole tickets by largest remainder, the panel with most tickets first."""
    exact = [Fraction(share) * TICKETS for _, share in panels]
    tickets = [int(amount) for amount in exact]
    by_remainder = sorted(range(len(panels)), key=lambda index: (tickets[index] - exact[index], panels[index][0]))
    for index in by_remainder[: TICKETS - sum(tickets)]:
        tickets[index] += 1
    rows = [Panel(counts, number) for (counts, _), number in zip(panels, tickets, strict=True) if number]
    return tuple(sorted(rows, key=lambda panel: (-panel.tickets, panel.counts)))


def proof_gaps(pool: Pool, distribution: Distribution) -> tuple[Fraction, ...]:
    """Proves every level anew, with one integer program each: how far above its value any lottery could lie. Raises SolverFailed."""
    field = field_of(pool, distribution.households, distribution.first_seed)
    return gaps(_merged_as(field, distribution), field, distribution.levels)


def _merged_as(field: Pool, distribution: Distribution) -> Merged:
    merged = merge(field)
    if merged.types != distribution.types:
        raise NotAcceptable("types")
    return merged


def _digest(canonical: bytes) -> str:
    return "sha256:" + sha256(canonical).hexdigest()


def pool_digest(pool: Pool) -> str:
    """Over everything that the lottery reads; the order of people does not matter."""
    people = sorted(pool.people, key=lambda person: person.id)
    return _digest(
        rfc8785.dumps(
            {
                "size": pool.size,
                "quotas": [[quota.feature, quota.value, quota.min, quota.max] for quota in pool.quotas],
                "people": [[person.id, dict(person.features), person.household] for person in people],
            }
        )
    )


def table_digest(distribution: Distribution) -> str:
    """Over the table of panels and tickets, with the types that its columns stand for."""
    return _digest(
        rfc8785.dumps(
            {
                "households": str(distribution.households),
                "first_seed": distribution.first_seed,
                "types": [list(one.people) for one in distribution.types],
                "panels": [[list(panel.counts), panel.tickets] for panel in distribution.panels],
            }
        )
    )
