"""Merkle trees: proofs that hold for every size or not at all."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import ProofError
from ledger.log.merkle import (
    EMPTY_ROOT,
    CompactRange,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root,
    verify_consistency,
    verify_inclusion,
)

LEAVES = [leaf_hash(b"entry-%d" % number) for number in range(70)]
ROOTS = [root(LEAVES[:size]) for size in range(len(LEAVES) + 1)]
FALSE = bytes(32)


def naive(leaves: list[bytes]) -> bytes:
    """Return MTH as RFC 6962 defines it, by halving."""
    if len(leaves) < 2:
        return leaves[0] if leaves else EMPTY_ROOT
    middle = 1
    while middle * 2 < len(leaves):
        middle *= 2
    return node_hash(naive(leaves[:middle]), naive(leaves[middle:]))


def test_hashes_are_those_of_the_standard() -> None:
    """Leaves and nodes have their own prefixes, and the empty tree hashes nothing."""
    assert leaf_hash(b"x") == hashlib.sha256(b"\0x").digest()
    assert node_hash(b"l", b"r") == hashlib.sha256(b"\1lr").digest()
    assert hashlib.sha256().digest() == EMPTY_ROOT == root([])


def test_roots_by_definition() -> None:
    """The growing tree has the roots of the recursive definition."""
    tree = CompactRange()
    for size, leaf in enumerate(LEAVES):
        assert tree.root() == naive(LEAVES[:size]) == ROOTS[size]
        other = tree.copy()
        other.append(FALSE)
        tree.append(leaf)
        assert (tree.size, other.size) == (size + 1, size + 1)
        assert tree.root() != other.root()


@given(st.integers(1, 70), st.data())
def test_inclusion(size: int, data: st.DataObject) -> None:
    """A proof holds for its leaf, index, size and root, and for nothing else."""
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(LEAVES[:size], index)
    verify_inclusion(LEAVES[index], index, size, proof, ROOTS[size])
    spoiled: list[tuple[bytes, int, int, list[bytes], bytes]] = [
        (FALSE, index, size, proof, ROOTS[size]),
        (LEAVES[index], index, size, proof, FALSE),
        (LEAVES[index], index, size, [*proof, FALSE], ROOTS[size]),
        (LEAVES[index], index, size, [FALSE, *proof], ROOTS[size]),
        (LEAVES[index], size, size, proof, ROOTS[size]),
        (LEAVES[index], -1, size, proof, ROOTS[size]),
        (LEAVES[index], index, size, proof, ROOTS[size][:-1]),
        (LEAVES[index][:-1], index, size, proof, ROOTS[size]),
    ]
    spoiled += [
        (LEAVES[index], other, size, proof, ROOTS[size]) for other in range(size) if other != index
    ]
    for at in range(len(proof)):
        spoiled.append(
            (LEAVES[index], index, size, [*proof[:at], FALSE, *proof[at + 1 :]], ROOTS[size])
        )
        spoiled.append((LEAVES[index], index, size, proof[:at] + proof[at + 1 :], ROOTS[size]))
    for case in spoiled:
        with pytest.raises(ProofError):
            verify_inclusion(*case)


@given(st.integers(0, 70), st.data())
def test_consistency(new: int, data: st.DataObject) -> None:
    """A proof holds between its two trees, and for nothing else."""
    old = data.draw(st.integers(0, new))
    proof = consistency_proof(LEAVES[:new], old)
    verify_consistency(old, new, ROOTS[old], ROOTS[new], proof)
    spoiled: list[tuple[int, int, bytes, bytes, list[bytes]]] = [
        (old, new, FALSE, ROOTS[new], proof),
        (old, new, ROOTS[old], ROOTS[new], [*proof, FALSE]),
        (old, new, ROOTS[old], ROOTS[new], [FALSE, *proof]),
        (new + 1, new, ROOTS[old], ROOTS[new], proof),
        (-1, new, ROOTS[old], ROOTS[new], proof),
        (old, new, ROOTS[old], b"", proof),
    ]
    # Every tree begins with the empty one, whatever its root.
    spoiled += [(old, new, ROOTS[old], FALSE, proof)] * (old > 0 or new == 0)
    for at in range(len(proof)):
        changed = [*proof[:at], FALSE, *proof[at + 1 :]]
        spoiled.append((old, new, ROOTS[old], ROOTS[new], changed))
        spoiled.append((old, new, ROOTS[old], ROOTS[new], proof[:at] + proof[at + 1 :]))
    for case in spoiled:
        with pytest.raises(ProofError):
            verify_consistency(*case)


def test_no_proof_of_what_is_not_there() -> None:
    """A proof is not made for a leaf or an older tree that does not exist."""
    with pytest.raises(ProofError, match="index below the tree's size 3, got 3"):
        inclusion_proof(LEAVES[:3], 3)
    with pytest.raises(ProofError, match="older size from 0 to 3, got 4"):
        consistency_proof(LEAVES[:3], 4)


def test_messages_say_how_many_hashes() -> None:
    """A proof of the wrong length says what was expected and what came."""
    with pytest.raises(ProofError, match="Expected 2 hashes for index 2 of 4, got 0"):
        verify_inclusion(LEAVES[2], 2, 4, [], ROOTS[4])
    with pytest.raises(ProofError, match="Expected 2 hashes from 2 to 5, got 1"):
        verify_consistency(2, 5, ROOTS[2], ROOTS[5], [FALSE])
    with pytest.raises(ProofError, match="Expected 3 hashes from 3 to 4, got 1"):
        verify_consistency(3, 4, ROOTS[3], ROOTS[4], [FALSE])
