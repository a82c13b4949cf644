"""What a panel is formed from: the contents of a `doorstep.panel/1` file, checked."""

import hashlib
from dataclasses import dataclass
from functools import cached_property

FORMAT = "doorstep.panel/1"
LARGEST_FIT = 1_000_000
LARGEST_LOAD = 10_000


@dataclass(frozen=True, slots=True)
class Seats:
    """The seats of one role: at least `least` and at most `most` members take one (None: no limit)."""

    role: str
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Balance:
    """Of the whole panel, at least `least` and at most `most` members have this value of this attribute (None: no limit)."""

    attribute: str
    value: str
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who could sit. `excluded` is the first reason that keeps them off, or None: then they are eligible.

    `fit` (0 to 1,000,000) says how well they suit the matter, `load` (0 to 10,000) how much they carried lately.
    """

    id: str
    roles: frozenset[str]
    attributes: dict[str, str]
    household: str | None
    fit: int
    load: int
    standing: bool
    excluded: str | None


@dataclass(frozen=True)
class Question:
    """One panel to be formed. Seats, balances and candidates stand in file order."""

    matter: str
    seed: int
    size: int
    seats: tuple[Seats, ...]
    balances: tuple[Balance, ...]
    one_per_household: bool
    candidates: tuple[Candidate, ...]

    @cached_property
    def pool(self) -> "Pool":
        return Pool(self)


def lot_of(seed: int, candidate_id: str) -> str:
    """A candidate's lot: SHA-256 of `seed|id`, in hexadecimal."""
    return hashlib.sha256(f"{seed}|{candidate_id}".encode()).hexdigest()


class Pool:
    """The eligible candidates in lot order, as numbers: person 0 has the first lot.

    roles       per person, the seats they could take: bit s for the s-th seat listed
    matches     per person, the balances they count for: bit b for the b-th balance listed
    fit, load   per person; `load` is squared already, as it is summed
    household   per person, a number that only people of one household share (everybody has one of their own where households do not matter)
    standing    the persons who sit whenever they are eligible
    """

    def __init__(self, question: Question) -> None:
        eligible = [candidate for candidate in question.candidates if candidate.excluded is None]
        self.candidates = sorted(eligible, key=lambda candidate: (lot_of(question.seed, candidate.id), candidate.id))
        seat_bits = {seats.role: 1 << at for at, seats in enumerate(question.seats)}
        self.roles = [sum(seat_bits.get(role, 0) for role in candidate.roles) for candidate in self.candidates]
        self.matches = [
            sum(1 << at for at, balance in enumerate(question.balances) if candidate.attributes.get(balance.attribute) == balance.value)
            for candidate in self.candidates
        ]
        self.fit = [candidate.fit for candidate in self.candidates]
        self.load = [candidate.load**2 for candidate in self.candidates]
        self.household = self._households(question.one_per_household)
        self.standing = frozenset(person for person, candidate in enumerate(self.candidates) if candidate.standing)

    def _households(self, matter: bool) -> list[int]:
        number: dict[str, int] = {}
        households = []
        for person, candidate in enumerate(self.candidates):
            if matter and candidate.household is not None:
                households.append(number.setdefault(candidate.household, person))
            else:
                households.append(person)
        return households

    def __len__(self) -> int:
        return len(self.candidates)

    def rank(self, person: int) -> tuple[int, int, int]:
        """The order in which one person is better than another, all else equal: more fit, less load, the earlier lot."""
        return -self.fit[person], self.load[person], person
