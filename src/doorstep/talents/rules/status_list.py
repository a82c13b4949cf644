"""The bits of a status list (W3C Bitstring Status List v1.0): which places are set, packed as the list publishes them."""

import base64
import gzip
from collections.abc import Callable, Collection

# The least a list may have (section 5.2): a place among so many says nothing of how many certificates there are.
LENGTH = 131_072


class Full(Exception):
    """Every place of the list is taken."""


def free_place(taken: Collection[int], draw: Callable[[int], int], length: int = LENGTH) -> int:
    """A place that nobody has; `draw(n)` gives a number below n, all alike likely. Raises Full."""
    held = frozenset(taken)
    if len(held) >= length:
        raise Full(length)
    if 2 * len(held) < length:
        while (place := draw(length)) in held:
            pass
        return place
    free = [place for place in range(length) if place not in held]
    return free[draw(len(free))]


def encoded(places: Collection[int], length: int = LENGTH) -> str:
    """The list with these places set, as `encodedList`: place 0 is the leftmost bit; GZIP (RFC 1952), then base64url without padding,
    and `u` before it (multibase). The same places always give the same text. Raises IndexError for a place outside the list."""
    bits = bytearray(length // 8)
    for place in places:
        if not 0 <= place < length:
            raise IndexError(place)
        bits[place // 8] |= 0x80 >> place % 8
    return "u" + base64.urlsafe_b64encode(gzip.compress(bytes(bits), mtime=0)).decode().rstrip("=")
