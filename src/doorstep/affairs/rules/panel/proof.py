"""Proofs in integers: prices on everything that is bounded, and what they exclude."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from doorstep.affairs.rules.panel.program import Bounds, Costs, Layout, Program

SCALE = 1 << 20
"""Prices are whole multiples of 1 / SCALE."""


@dataclass(frozen=True, slots=True)
class Proof:
    """Prices that bound every panel in question from below: no sum is less than `bound` / SCALE.

    `excess` is what a person costs beyond what the prices pay for them; `seats`, `balances` and `households` are the prices.
    A panel costs exactly `bound`, and |excess| for everyone who should be on it by their excess and is not, or the other way round, and the
    price for every unit by which a priced bound is not exhausted.
    """

    bound: int
    excess: dict[int, int]
    seats: list[int]
    balances: list[int]
    households: dict[int, int]

    @property
    def least(self) -> int:
        """The smallest sum the prices allow."""
        return -(-self.bound // SCALE)


def prove(program: Program, layout: Layout, costs: Costs, prices: Sequence[float]) -> Proof:
    """A bound in integers from the solver's prices, whatever they are: Lagrange's, with every row priced.

    The rows are those of the layout, which may be that of a part of the program: a row it does not have costs nothing. Whoever takes a seat
    is paid its price; somebody open for several seats is paid the dearest of them, and so no seating costs less than the bound counts.
    """
    pool = program.pool
    whole = [round(price * SCALE) for price in prices]
    seats = whole[layout.first_seat : layout.first_balance]
    balances = whole[layout.first_balance : layout.first_mask]
    households = {household: whole[row] for household, row in layout.households.items()}
    sums = [round(price * SCALE / divisor) for price, divisor in zip(prices[layout.first_sum :], layout.divisors, strict=True)]
    total = whole[0] + layout.least_cost * SCALE - sum(price * least for price, least in zip(sums, layout.least_addends, strict=True))
    pay = {mask: total + max((seats[at] for at in range(len(seats)) if mask >> at & 1), default=0) for mask in set(program.open.values())}
    extra = {
        matches: sum(price for at, price in enumerate(balances) if matches >> at & 1)
        for matches in {pool.matches[person] for person in program.people}
    }
    excess = {
        person: costs[person] * SCALE - pay[program.open[person]] - extra[pool.matches[person]] - households.get(pool.household[person], 0)
        for person in program.people
    }
    for (addends, _), price in zip(program.sums, sums, strict=True):
        for person in program.people:
            excess[person] -= price * addends[person]
    bound = total * program.size
    for price, (low, high) in [*zip(seats, program.seats, strict=True), *zip(balances, program.balances, strict=True)]:
        bound += price * (low if price > 0 else high)
    for household, price in households.items():
        bound += price * (int(household in program.in_use) if price > 0 else 1)
    for (_, due), price in zip(program.sums, sums, strict=True):
        bound += price * due
    for person, beyond in excess.items():
        bound += beyond if person in program.fixed else min(0, beyond)
    return Proof(bound, excess, seats, balances, households)


def narrowed(program: Program, costs: Costs, proof: Proof, value: int) -> Program:
    """The panels in question whose sum is not above `value`: what the prices exclude is gone, in integers.

    Where bound and value are equal these are exactly the panels with that sum; otherwise an exact sum is to be added (`as_good`).
    """
    gap = value * SCALE - proof.bound
    on = {person for person, beyond in proof.excess.items() if -beyond > gap}
    off = {person for person, beyond in proof.excess.items() if beyond > gap and person not in program.fixed}
    smaller = program.decided(on, off)
    closed: dict[int, int] = {}
    for mask in {program.open[person] for person in smaller.people}:
        dearest = max((proof.seats[at] for at in range(len(program.seats)) if mask >> at & 1), default=0)
        closed[mask] = sum(1 << at for at in range(len(program.seats)) if mask >> at & 1 and dearest - proof.seats[at] <= gap)
    return replace(
        smaller,
        open={person: closed[program.open[person]] for person in smaller.people},
        seats=tuple(_tight(bounds, price, gap) for bounds, price in zip(program.seats, proof.seats, strict=True)),
        balances=tuple(_tight(bounds, price, gap) for bounds, price in zip(program.balances, proof.balances, strict=True)),
        in_use=program.in_use.union(household for household, price in proof.households.items() if -price > gap),
    )


def _tight(bounds: Bounds, price: int, gap: int) -> Bounds:
    """A priced bound can be missed by no more units than the gap pays for."""
    low, high = bounds
    if price > 0:
        return low, min(high, low + gap // price)
    if price < 0:
        return max(low, high - gap // -price), high
    return bounds
