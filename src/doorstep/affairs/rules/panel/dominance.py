"""Leaving out candidates who cannot be on the best panel, without solving anything."""

from collections.abc import Iterable, Sequence

import numpy

from doorstep.affairs.rules.panel.question import Pool, Question


def merits(question: Question, pool: Pool) -> list[int]:
    """Per person, as bits, everything they can do for a panel: the seats they could take, each value a minimum asks for, and, for each
    value with a maximum, not having it. Whoever has all the bits of another can take that other's place on any panel."""
    wanted = unwanted = 0
    for at, balance in enumerate(question.balances):
        wanted |= (balance.least > 0) << at
        unwanted |= (balance.most is not None and balance.most < question.size) << at
    seats, balances = len(question.seats), len(question.balances)
    return [
        roles | (matches & wanted) << seats | (~matches & unwanted) << (seats + balances)
        for roles, matches in zip(pool.roles, pool.matches, strict=True)
    ]


def undominated(people: Iterable[int], places: int, pool: Pool, merits: Sequence[int]) -> list[int]:
    """Of these persons, whom the best panel may hold when it takes `places` of them. None of them shares a household with who sits already.

    Let d be better than c (more fit, then less load, then the earlier lot) and have every merit of c. Wherever c sits, d could sit instead and
    the panel would be better, unless d or d's household sits there already. So c is never on the best panel if such a d lives with c, or if
    there are such people of `places` different households: the other members are one fewer.
    """
    order = sorted(people, key=pool.rank)
    words = max(1, (max((merits[person] for person in order), default=0).bit_length() + 63) // 64)
    mask = (1 << 64) - 1
    table = numpy.array([[merits[person] >> 64 * word & mask for word in range(words)] for person in order], numpy.uint64).reshape(
        -1, words
    )
    households = numpy.array([pool.household[person] for person in order], numpy.int64)
    closed: set[int] = set()
    kept = []
    for at, person in enumerate(order):
        if merits[person] in closed:
            continue
        own = table[at]
        better = (table[:at] & own == own).all(axis=1) if words > 1 else table[:at, 0] & own[0] == own[0]
        theirs = households[:at][better]
        if len(theirs) >= places and len(numpy.unique(theirs)) >= places:
            # Those after it with the same merits have the same people before them.
            closed.add(merits[person])
        elif not (theirs == households[at]).any():
            kept.append(person)
    return sorted(kept)
