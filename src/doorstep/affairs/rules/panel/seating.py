"""Who takes which seat: an exact assignment of members to seats that each want at least and at most so many of them.

A member's `roles` are the seats they could take, as bits; `least` and `most` stand per seat. All paths below run from seat to seat: a step
u → v means that somebody sitting in u moves over to v.
"""

from collections.abc import Iterable, Sequence


def seated(roles: Sequence[int], least: Sequence[int], most: Sequence[int]) -> list[int] | None:
    """A seat for every member within every seat's bounds, or None where there is none.

    First the minimums are filled, then everybody else is seated. Moving people along a path never empties a place that is taken, so if
    both can be done then both together (Mendelsohn and Dulmage 1958).
    """
    seat_of: dict[int, int] = {}
    taken = [0] * len(least)
    for seat, needed in enumerate(least):
        while taken[seat] < needed:
            if not _fetch(seat, roles, seat_of):
                return None
            taken[seat] += 1
    for member in range(len(roles)):
        if member not in seat_of:
            last = _place(member, roles, seat_of, taken, most)
            if last is None:
                return None
            taken[last] += 1
    return [seat_of[member] for member in range(len(roles))]


def _fetch(seat: int, roles: Sequence[int], seat_of: dict[int, int]) -> bool:
    """Bring one more member to this seat from among those without one, others moving over on the way."""
    onward: dict[int, tuple[int, int]] = {}
    waiting = [seat]
    for target in waiting:
        for member, mask in enumerate(roles):
            if not mask >> target & 1:
                continue
            if member not in seat_of:
                seat_of[member] = target
                while target != seat:
                    mover, target = onward[target]
                    seat_of[mover] = target
                return True
            source = seat_of[member]
            if source != seat and source not in onward:
                onward[source] = member, target
                waiting.append(source)
    return False


def _place(member: int, roles: Sequence[int], seat_of: dict[int, int], taken: Sequence[int], most: Sequence[int]) -> int | None:
    """Seat one more member, others moving over; the seat that holds one more in the end, or None."""
    came: dict[int, tuple[int, int | None]] = {seat: (member, None) for seat in _bits(roles[member])}
    waiting = list(came)
    for seat in waiting:
        if taken[seat] < most[seat]:
            step: int | None = seat
            while step is not None:
                mover, before = came[step]
                seat_of[mover] = step
                step = before
            return seat
        for other, now in list(seat_of.items()):
            if now == seat:
                for target in _bits(roles[other]):
                    if target not in came:
                        came[target] = other, seat
                        waiting.append(target)
    return None


class Seating:
    """Members who all have a seat, and what could change hands with everybody still seated within the bounds."""

    def __init__(self, roles: Sequence[int], least: Sequence[int], most: Sequence[int], seat_of: Sequence[int]) -> None:
        self.roles, self.least, self.most = roles, least, most
        self.seat_of = list(seat_of)
        self.spare = len(least)
        """A node beside the seats: a seat with room may take one more from it, a seat above its minimum may give one up to it."""

    def ways_to(self, seat: int, movable: Iterable[int]) -> dict[int, tuple[int | None, int]]:
        """The seats that could take in a newcomer if one place in `seat` became free, only these members moving over: each with its next step
        (who moves, None for a place taken from or left to the spare, and where to). Without `seat` itself, which always could."""
        taken = [0] * len(self.least)
        for now in self.seat_of:
            taken[now] += 1
        into: dict[int, list[tuple[int, int]]] = {}
        for member in movable:
            for target in _bits(self.roles[member]):
                into.setdefault(target, []).append((member, self.seat_of[member]))
        ways: dict[int, tuple[int | None, int]] = {}
        waiting = [seat]
        for target in waiting:
            steps: list[tuple[int | None, int]] = list(into.get(target, ()))
            if target == self.spare:
                steps = [(None, other) for other in range(self.spare) if taken[other] < self.most[other]]
            elif taken[target] > self.least[target]:
                steps.append((None, self.spare))
            for mover, source in steps:
                if source != seat and source not in ways:
                    ways[source] = mover, target
                    waiting.append(source)
        return ways

    def move(self, member: int, to: int, movable: Iterable[int]) -> bool:
        """Give this member that seat, others moving over; False where it cannot be."""
        goal = self.seat_of[member]
        if to == goal:
            return True
        ways = self.ways_to(goal, movable)
        if to not in ways:
            return False
        self.seat_of[member] = step = to
        while step != goal:
            mover, step = ways[step]
            if mover is not None:
                self.seat_of[mover] = step
        return True

    def deal(self) -> None:
        """Members in their order each take the earliest seat that leaves everyone a seat."""
        for member, mask in enumerate(self.roles):
            later = range(member + 1, len(self.roles))
            for seat in _bits(mask):
                if self.move(member, seat, later):
                    break


def _bits(mask: int) -> list[int]:
    """The positions of the bits that are set, lowest first."""
    return [at for at in range(mask.bit_length()) if mask >> at & 1]
