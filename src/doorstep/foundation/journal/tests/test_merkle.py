import json
from pathlib import Path
from typing import Any

import pytest

from doorstep.foundation.journal import merkle
from doorstep.foundation.journal.merkle import (
    EMPTY_ROOT,
    GrowingTree,
    OutOfRange,
    consistency_runs,
    extends,
    hashes_of,
    includes,
    inclusion_runs,
    leaf_hash,
    node_hash,
    numbers_of,
    root_of,
)

VECTORS = json.loads((Path(__file__).parents[5] / "tests" / "vectors" / "rfc9162" / "certificate_transparency.json").read_text())
SIZES = 70


def grown(leaves: list[bytes]) -> tuple[list[bytes], dict[int, bytes]]:
    """The roots after each leaf, and every stored node."""
    tree, nodes, roots = GrowingTree(), {}, []
    for data in leaves:
        nodes.update(tree.append(leaf_hash(data)))
        roots.append(tree.root)
    return roots, nodes


# The definitions of RFC 9162, word for word and as slow: MTH (2.1.1), PATH (2.1.3.1), PROOF and SUBPROOF (2.1.4.1)


def k_of(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def mth(d: list[bytes]) -> bytes:
    if not d:
        return EMPTY_ROOT
    if len(d) == 1:
        return leaf_hash(d[0])
    k = k_of(len(d))
    return node_hash(mth(d[:k]), mth(d[k:]))


def path(m: int, d: list[bytes]) -> list[bytes]:
    if len(d) == 1:
        return []
    k = k_of(len(d))
    return [*path(m, d[:k]), mth(d[k:])] if m < k else [*path(m - k, d[k:]), mth(d[:k])]


def subproof(m: int, d: list[bytes], whole: bool) -> list[bytes]:
    if m == len(d):
        return [] if whole else [mth(d)]
    k = k_of(len(d))
    return [*subproof(m, d[:k], whole), mth(d[k:])] if m <= k else [*subproof(m - k, d[k:], False), mth(d[:k])]


LEAVES = [f"entry {n}".encode() for n in range(SIZES)]
ROOTS, NODES = grown(LEAVES)


def read(runs: list[merkle.Run]) -> list[bytes]:
    """As the log does it: only the nodes asked for, each of them stored."""
    return hashes_of(runs, {each: NODES[each] for each in numbers_of(runs)})


def proof_between(earlier: int, size: int) -> list[bytes]:
    return read(consistency_runs(earlier, size))


# Certificate Transparency's vectors


def test_roots_are_those_of_certificate_transparency() -> None:
    leaves = [bytes.fromhex(each) for each in VECTORS["leaves"]]
    roots, nodes = grown(leaves)
    assert [root.hex() for root in roots] == VECTORS["roots"]
    assert [root_of(size, nodes).hex() for size in range(9)] == [VECTORS["empty_root"], *VECTORS["roots"]]


@pytest.mark.parametrize("vector", VECTORS["inclusion"], ids=lambda each: f"{each['index']}-of-{each['size']}")
def test_inclusion_proofs_are_those_of_certificate_transparency(vector: dict[str, Any]) -> None:
    leaves = [bytes.fromhex(each) for each in VECTORS["leaves"]]
    _roots, nodes = grown(leaves)
    index, size = vector["index"], vector["size"]
    made = hashes_of(inclusion_runs(index, size), nodes)
    assert [each.hex() for each in made] == vector["path"]
    root = bytes.fromhex(VECTORS["roots"][size - 1])
    assert includes(leaf=leaf_hash(leaves[index]), index=index, size=size, path=made, root=root)


@pytest.mark.parametrize("vector", VECTORS["consistency"], ids=lambda each: f"{each['earlier']}-in-{each['size']}")
def test_consistency_proofs_are_those_of_certificate_transparency(vector: dict[str, Any]) -> None:
    _roots, nodes = grown([bytes.fromhex(each) for each in VECTORS["leaves"]])
    earlier, size = vector["earlier"], vector["size"]
    made = hashes_of(consistency_runs(earlier, size), nodes)
    assert [each.hex() for each in made] == vector["proof"]
    first, second = (bytes.fromhex(VECTORS["roots"][n - 1]) for n in (earlier, size))
    assert extends(earlier_size=earlier, earlier_root=first, size=size, root=second, proof=made)


# All sizes up to 70 against the definition


def test_every_root_is_the_definitions() -> None:
    for size in range(1, SIZES + 1):
        assert ROOTS[size - 1] == mth(LEAVES[:size]) == root_of(size, NODES)


def test_every_inclusion_proof_is_the_definitions_and_holds() -> None:
    for size in range(1, SIZES + 1):
        for index in range(size):
            made = read(inclusion_runs(index, size))
            assert made == path(index, LEAVES[:size])
            assert includes(leaf=leaf_hash(LEAVES[index]), index=index, size=size, path=made, root=ROOTS[size - 1])


def test_every_consistency_proof_is_the_definitions_and_holds() -> None:
    for size in range(1, SIZES + 1):
        for earlier in range(1, size + 1):
            made = proof_between(earlier, size)
            assert made == subproof(earlier, LEAVES[:size], True)
            assert extends(earlier_size=earlier, earlier_root=ROOTS[earlier - 1], size=size, root=ROOTS[size - 1], proof=made)


def test_a_tree_taken_up_again_grows_as_if_never_left() -> None:
    for size in range(SIZES):
        tree = GrowingTree.at(size, {each: NODES[each] for each in numbers_of([(0, size)])})
        assert tree.append(leaf_hash(LEAVES[size]))[0] == (2 * size, leaf_hash(LEAVES[size]))
        assert tree.root == ROOTS[size]


def test_a_stored_node_has_one_number_and_a_proof_reads_few() -> None:
    complete = 2 * SIZES - SIZES.bit_count()
    assert len(NODES) == complete
    for index in (0, 1, 999_999, 524_288, 123_456):
        assert len(numbers_of(inclusion_runs(index, 1_000_000))) <= 2 * 20
    for earlier in (1, 900_000, 999_999, 524_288, 123_456):
        assert len(numbers_of(consistency_runs(earlier, 1_000_000))) <= 2 * 20


# What does not hold


def test_no_other_index_size_leaf_root_or_path_is_accepted() -> None:
    for size in range(1, 34):
        for index in range(size):
            given = {
                "leaf": leaf_hash(LEAVES[index]),
                "index": index,
                "size": size,
                "path": path(index, LEAVES[:size]),
                "root": ROOTS[size - 1],
            }
            others: list[dict[str, Any]] = [{"index": other} for other in range(-1, size + 2) if other != index]
            others += [{"leaf": leaf_hash(b"other")}, {"root": EMPTY_ROOT}, {"path": [*given["path"], EMPTY_ROOT]}]
            others += [{"path": [EMPTY_ROOT, *given["path"]]}]
            for position, each in enumerate(given["path"]):
                changed = bytes([each[0] ^ 8]) + each[1:]
                others.append({"path": [*given["path"][:position], changed, *given["path"][position + 1 :]]})
                others.append({"path": [*given["path"][:position], *given["path"][position + 1 :]]})
            for other in others:
                assert not includes(**{**given, **other}), (size, index, other)


def test_no_other_earlier_tree_is_accepted() -> None:
    for size in range(2, 34):
        for earlier in range(1, size):
            given = {
                "earlier_size": earlier,
                "earlier_root": ROOTS[earlier - 1],
                "size": size,
                "root": ROOTS[size - 1],
                "proof": proof_between(earlier, size),
            }
            others: list[dict[str, Any]] = [
                {"earlier_root": mth([b"other", *LEAVES[1:earlier]])},
                {"root": mth([*LEAVES[: size - 1], b"other"])},
                {"earlier_root": ROOTS[size - 1], "root": ROOTS[earlier - 1]},
                {"proof": []},
                {"proof": given["proof"][:-1]},
                {"proof": [*given["proof"], EMPTY_ROOT]},
                {"proof": [ROOTS[earlier - 1], *given["proof"]]},
                {"earlier_size": 0},
                {"earlier_size": size + 1},
                {"earlier_size": size},
            ]
            for position, each in enumerate(given["proof"]):
                changed = bytes([each[0] ^ 16]) + each[1:]
                others.append({"proof": [*given["proof"][:position], changed, *given["proof"][position + 1 :]]})
            for other in others:
                assert not extends(**{**given, **other}), (size, earlier, other)


def test_equal_sizes_need_an_empty_proof_and_equal_roots() -> None:
    same = {"earlier_size": 5, "size": 5, "earlier_root": ROOTS[4], "root": ROOTS[4]}
    assert extends(**same, proof=[])
    assert not extends(**same, proof=[ROOTS[4]])
    assert not extends(**{**same, "root": ROOTS[5]}, proof=[])


@pytest.mark.parametrize(("index", "size"), [(0, 0), (-1, 3), (3, 3)])
def test_there_is_no_proof_of_a_leaf_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(OutOfRange):
        inclusion_runs(index, size)


@pytest.mark.parametrize(("earlier", "size"), [(0, 3), (4, 3), (-1, 3)])
def test_there_is_no_proof_from_an_empty_or_a_later_tree(earlier: int, size: int) -> None:
    with pytest.raises(OutOfRange):
        consistency_runs(earlier, size)
