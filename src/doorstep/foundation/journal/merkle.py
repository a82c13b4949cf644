"""The Merkle tree of RFC 9162 (section 2.1): SHA-256, leaf prefix 0x00, node prefix 0x01. Pure: no database, no clock.

A log of n leaves is kept as its complete subtrees only: the node at (level, index) covers the leaves index·2^level up to
(index + 1)·2^level and never changes once they are there. Nodes carry one number, their place when the infinite tree is read from
left to right, so that they are one column in a table. Any proof needs at most 2·log2(n) of them, and no other leaf.
Shown in docs/algorithms/journal.md.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

HASH_SIZE = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()

# A run of leaves [start, end) that some node of the tree covers.
Run = tuple[int, int]


class OutOfRange(Exception):
    """There is no such leaf, or no such earlier tree."""


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def number(level: int, index: int) -> int:
    """The number of the complete subtree at (level, index): leaves are even, the node over leaves 0 and 1 is 1, over 0 to 3 is 3."""
    return ((2 * index + 1) << level) - 1


def _split(n: int) -> int:
    """The largest power of two smaller than n."""
    return 1 << (n - 1).bit_length() - 1


def _complete(run: Run) -> list[int]:
    """Numbers of the complete subtrees a run consists of, left to right. Runs of proofs begin at a multiple of their largest part."""
    start, end = run
    numbers = []
    while start < end:
        level = (end - start).bit_length() - 1
        numbers.append(number(level, start >> level))
        start += 1 << level
    return numbers


def _join(hashes: Sequence[bytes]) -> bytes:
    """The hash over complete subtrees of falling size: the smallest two are joined first."""
    joined = hashes[-1]
    for left in reversed(hashes[:-1]):
        joined = node_hash(left, joined)
    return joined


def inclusion_runs(index: int, size: int) -> list[Run]:
    """The runs whose hashes are the inclusion proof of a leaf (2.1.3.1), nearest first."""
    if not 0 <= index < size:
        raise OutOfRange(index, size)
    start, end = 0, size
    runs: list[Run] = []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            runs.append((middle, end))
            end = middle
        else:
            runs.append((start, middle))
            start = middle
    return runs[::-1]


def consistency_runs(earlier: int, size: int) -> list[Run]:
    """The runs whose hashes are the consistency proof of two sizes (2.1.4.1). Empty for equal sizes."""
    if not 0 < earlier <= size:
        raise OutOfRange(earlier, size)
    start, end = 0, size
    runs: list[Run] = []
    while earlier != end:
        middle = start + _split(end - start)
        if earlier <= middle:
            runs.append((middle, end))
            end = middle
        else:
            runs.append((start, middle))
            start = middle
    if start:
        # The earlier tree is not itself a node of the later one: its last part is where the proof begins.
        runs.append((start, end))
    return runs[::-1]


def numbers_of(runs: Iterable[Run]) -> set[int]:
    """The stored nodes that have to be read for these runs."""
    return {each for run in runs for each in _complete(run)}


def hashes_of(runs: Iterable[Run], nodes: Mapping[int, bytes]) -> list[bytes]:
    """The hash of each run, from stored nodes by number."""
    return [_join([nodes[each] for each in _complete(run)]) for run in runs]


def root_of(size: int, nodes: Mapping[int, bytes]) -> bytes:
    """The root of the first `size` leaves, from stored nodes by number."""
    return hashes_of([(0, size)], nodes)[0] if size else EMPTY_ROOT


@dataclass(slots=True)
class GrowingTree:
    """A tree at its growing end: `edge` holds the hashes of the complete subtrees of its size, left to right."""

    size: int = 0
    edge: list[bytes] = field(default_factory=list)

    @classmethod
    def at(cls, size: int, nodes: Mapping[int, bytes]) -> "GrowingTree":
        """Go on from a stored tree (nodes of `numbers_of([(0, size)])`)."""
        return cls(size, [nodes[each] for each in _complete((0, size))])

    def append(self, leaf: bytes) -> list[tuple[int, bytes]]:
        """Add a leaf's hash; the nodes (number, hash) that are complete with it, the leaf's own first."""
        made, level, index = leaf, 0, self.size
        complete = [(number(0, index), made)]
        while index & 1:
            made = node_hash(self.edge.pop(), made)
            level, index = level + 1, index >> 1
            complete.append((number(level, index), made))
        self.edge.append(made)
        self.size += 1
        return complete

    @property
    def root(self) -> bytes:
        return _join(self.edge) if self.edge else EMPTY_ROOT


def includes(*, leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether the leaf with this hash is the index-th of the tree with this root (2.1.3.2)."""
    if not 0 <= index < size:
        return False
    fn, sn, reached = index, size - 1, leaf
    for sibling in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            reached = node_hash(sibling, reached)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            reached = node_hash(reached, sibling)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and reached == root


def extends(*, earlier_size: int, earlier_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the tree of `size` leaves begins with the tree of `earlier_size` leaves (2.1.4.2). An empty earlier tree proves nothing."""
    if not 0 < earlier_size <= size:
        return False
    if earlier_size == size:
        return not proof and earlier_root == root
    if not proof:
        return False
    path = list(proof)
    if earlier_size & (earlier_size - 1) == 0:
        path.insert(0, earlier_root)
    fn, sn = earlier_size - 1, size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    earlier_reached = reached = path[0]
    for sibling in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            earlier_reached, reached = node_hash(sibling, earlier_reached), node_hash(sibling, reached)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            reached = node_hash(reached, sibling)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and earlier_reached == earlier_root and reached == root
