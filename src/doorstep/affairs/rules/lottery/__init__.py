"""Citizens drawn by lot: the fairest chances that the quotas allow, and a draw anyone can repeat. docs/algorithms/lottery.md explains it."""

from .distribution import EXACT_UP_TO, TICKETS, Distribution, Impossible, Panel, distribute, pool_digest, proof_gaps, table_digest
from .draw import Announcement, Draw, Reveal, announce, commitment_of, draw, verify_draw
from .leximin import Level
from .pool import Households, NotAcceptable, Person, PersonType, Pool, Quota
from .shortfalls import Shortfall, relaxed

__all__ = [
    "EXACT_UP_TO",
    "TICKETS",
    "Announcement",
    "Distribution",
    "Draw",
    "Households",
    "Impossible",
    "Level",
    "NotAcceptable",
    "Panel",
    "Person",
    "PersonType",
    "Pool",
    "Quota",
    "Reveal",
    "Shortfall",
    "announce",
    "commitment_of",
    "distribute",
    "draw",
    "pool_digest",
    "proof_gaps",
    "relaxed",
    "table_digest",
    "verify_draw",
]
