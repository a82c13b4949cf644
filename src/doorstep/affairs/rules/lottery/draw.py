"""The draw: a seed promised before and shown after, one ticket, then people within each type."""

import hmac
import re
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256
from itertools import count

from .distribution import TICKETS, Distribution, checked_seed, field_of, pool_digest, table_digest
from .pool import Households, Merged, NotAcceptable, Pool, living_together, lot, merge, panel_rows

# The values of a SHA-256 below this divide evenly among the tickets; others are thrown again.
EVEN = 2**256 // TICKETS * TICKETS


@dataclass(frozen=True, slots=True)
class Reveal:
    """What is shown at the draw. `nonce` is 64 lower-case hex digits (32 random bytes), of fixed length so that no other seed and nonce
    make the same text. `called` are numbers that others call once the announcement hangs: with them not even whoever chose the seed can
    have tried seeds until the draw suited."""

    seed: str
    nonce: str
    called: str = ""

    @property
    def drawn_with(self) -> str:
        """The seed of the ticket and of the people."""
        return f"{self.seed}+{self.called}" if self.called else self.seed


@dataclass(frozen=True, slots=True)
class Announcement:
    """What is published before the seed is shown: three digests, and whether numbers will be called."""

    commitment: str
    pool: str
    table: str
    numbers_called: bool


@dataclass(frozen=True, slots=True)
class Draw:
    """`ticket` from 0; `panel` is its row in the table; `people` are sorted ids."""

    ticket: int
    panel: int
    people: tuple[str, ...]


def commitment_of(seed: str, nonce: str) -> str:
    """SHA-256 of seed ‖ nonce. Raises NotAcceptable: bad_seed, bad_nonce."""
    if not re.fullmatch("[0-9a-f]{64}", nonce):
        raise NotAcceptable("bad_nonce")
    return "sha256:" + sha256((checked_seed(seed) + nonce).encode()).hexdigest()


def announce(*, pool: Pool, distribution: Distribution, commitment: str, numbers_called: bool) -> Announcement:
    return Announcement(commitment, pool_digest(pool), table_digest(distribution), numbers_called)


def draw(*, pool: Pool, distribution: Distribution, announcement: Announcement, reveal: Reveal) -> Draw:
    """The panel. Raises NotAcceptable with the first thing that is not as announced: see `failures`."""
    merged = merge(field_of(pool, distribution.households, distribution.first_seed))
    found = failures(pool=pool, merged=merged, distribution=distribution, announcement=announcement, reveal=reveal)
    if found:
        raise NotAcceptable(found[0])
    return _drawn(merged, distribution, reveal.drawn_with)


def _drawn(merged: Merged, distribution: Distribution, seed: str) -> Draw:
    ticket = ticket_of(seed)
    position = panel_of(distribution, ticket)
    return Draw(ticket, position, members(merged, distribution.panels[position].counts, seed))


def _keeps_promise(reveal: Reveal, commitment: str) -> bool:
    try:
        return hmac.compare_digest(commitment_of(reveal.seed, reveal.nonce), commitment)
    except NotAcceptable:
        return False


def failures(*, pool: Pool, merged: Merged, distribution: Distribution, announcement: Announcement, reveal: Reveal) -> tuple[str, ...]:
    """Codes of what is not as announced or not as it must be: commitment, called, pool, table, first_lot, types, quotas, tickets."""
    first_lot = distribution.households == Households.FIRST_LOT
    together = bool(living_together(pool))
    rows = panel_rows(merged, pool)
    checks = {
        "commitment": _keeps_promise(reveal, announcement.commitment),
        "called": bool(reveal.called) == announcement.numbers_called and "|" not in reveal.called,
        "pool": pool_digest(pool) == announcement.pool,
        "table": table_digest(distribution) == announcement.table,
        "first_lot": first_lot == bool(distribution.first_seed) and together == (distribution.households != Households.ALONE),
        "types": merged.types == distribution.types,
        "quotas": all(
            len(panel.counts) == len(merged.types)
            and all(0 <= number <= merged.highest(index) for index, number in enumerate(panel.counts))
            and all(row.keeps(panel.counts) for row in rows)
            for panel in distribution.panels
        ),
        "tickets": all(panel.tickets > 0 for panel in distribution.panels)
        and sum(panel.tickets for panel in distribution.panels) == TICKETS,
    }
    return tuple(code for code, good in checks.items() if not good)


def verify_draw(
    *, pool: Pool, distribution: Distribution, announcement: Announcement, reveal: Reveal, people: Collection[str]
) -> tuple[str, ...]:
    """Codes of all that does not hold, none for a good draw: those of `failures`, and people when others should have been drawn."""
    merged = merge(field_of(pool, distribution.households, distribution.first_seed))
    found = failures(pool=pool, merged=merged, distribution=distribution, announcement=announcement, reveal=reveal)
    if found:
        return found
    right = _drawn(merged, distribution, reveal.drawn_with)
    return () if tuple(sorted(people)) == right.people else ("people",)


def ticket_of(seed: str) -> int:
    """The first SHA-256 of "panel|seed|n", n = 0, 1, …, that divides evenly, modulo the number of tickets."""
    values = (int.from_bytes(lot("panel", seed, str(attempt))) for attempt in count())
    return next(value for value in values if value < EVEN) % TICKETS


def panel_of(distribution: Distribution, ticket: int) -> int:
    """The row of the table that holds a ticket: the first row holds 0 up to its number of tickets, and so on."""
    for position, panel in enumerate(distribution.panels):
        if ticket < panel.tickets:
            return position
        ticket -= panel.tickets
    raise NotAcceptable("tickets")


def members(merged: Merged, counts: tuple[int, ...], seed: str) -> tuple[str, ...]:
    """The people of a panel. Households made up alike are ordered by lot ("household|seed|its ids joined by |"; somebody alone by
    "person|seed|id"); the first go to the first type, the next to the second; in each, the member of that type with the smallest
    "person|seed|id" sits. So everybody in a type has the same chance and no household sends two.
    """
    chosen: list[str] = []
    for homes, types in zip(merged.households, merged.types_of_household, strict=True):
        drawn = iter(sorted(homes, key=lambda home: lot("person" if len(home) == 1 else "household", seed, "|".join(home))))
        for index in types:
            people = set(merged.types[index].people)
            for _ in range(counts[index]):
                chosen.append(min(people.intersection(next(drawn)), key=lambda person: lot("person", seed, person)))
    return tuple(sorted(chosen))
