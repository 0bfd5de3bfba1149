"""Merkle trees of RFC 6962, section 2.1: roots, proofs, and their verification.

The rules:

* a leaf is ``SHA-256(0x00 || entry)``, a node ``SHA-256(0x01 || left || right)``; the two prefixes
  keep a node from being passed off as an entry;
* the tree over n leaves splits at the largest power of two below n;
* the tree without leaves has the root ``SHA-256("")``;
* a proof is checked against index and size before any hash is made: an index of size or more, or a
  proof of any other length than the only possible one, proves nothing.

The makers of proofs here follow the text of the standard word by word, over leaf hashes in memory;
`ledger.log.tiles` makes the same from stored tiles. Checking is one code for both.

https://www.rfc-editor.org/rfc/rfc6962 section 2.1 and, for the checks,
https://www.rfc-editor.org/rfc/rfc9162 section 2.1

>>> leaves = [leaf_hash(b"a"), leaf_hash(b"b"), leaf_hash(b"c")]
>>> verify_inclusion(leaves[2], 2, 3, inclusion_proof(leaves, 2), root(leaves))
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from ledger.errors import ProofError

__all__ = [
    "EMPTY_ROOT",
    "HASH_SIZE",
    "CompactRange",
    "consistency_proof",
    "inclusion_proof",
    "leaf_hash",
    "node_hash",
    "root",
    "verify_consistency",
    "verify_inclusion",
]

HASH_SIZE: Final = 32
"""Bytes in a SHA-256 digest."""

EMPTY_ROOT: Final = sha256(b"").digest()
"""Root of the tree that has no leaves."""


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of a leaf, per RFC 6962 section 2.1."""
    return sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node, per RFC 6962 section 2.1."""
    return sha256(b"\1" + left + right).digest()


def _split(size: int) -> int:
    """Return the largest power of two below `size`, which is 2 or more."""
    return 1 << ((size - 1).bit_length() - 1)


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes, MTH of RFC 6962 section 2.1."""
    tree = CompactRange()
    for leaf in leaves:
        tree.append(leaf)
    return tree.root()


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return PATH(index, leaves) of RFC 6962 section 2.1.1, the leaf's sibling first.

    Raises:
        ProofError: there is no leaf of this index.
    """
    size = len(leaves)
    _check_index(index, size)
    if size == 1:
        return []
    middle = _split(size)
    if index < middle:
        return [*inclusion_proof(leaves[:middle], index), root(leaves[middle:])]
    return [*inclusion_proof(leaves[middle:], index - middle), root(leaves[:middle])]


def consistency_proof(leaves: Sequence[bytes], old: int) -> list[bytes]:
    """Return PROOF(old, leaves) of RFC 6962 section 2.1.2; empty when `old` is 0.

    Raises:
        ProofError: the older tree would be the larger one.
    """
    check_sizes(old, len(leaves))
    return [] if old == 0 else _subproof(leaves, old, whole=True)


def _subproof(leaves: Sequence[bytes], old: int, *, whole: bool) -> list[bytes]:
    size = len(leaves)
    if old == size:
        return [] if whole else [root(leaves)]
    middle = _split(size)
    if old <= middle:
        return [*_subproof(leaves[:middle], old, whole=whole), root(leaves[middle:])]
    return [*_subproof(leaves[middle:], old - middle, whole=False), root(leaves[:middle])]


def _check_index(index: int, size: int) -> None:
    if not 0 <= index < size:
        raise ProofError(f"Expected an index below the tree's size {size}, got {index}.")


def check_sizes(old: int, new: int) -> None:
    """Refuse two tree sizes of which the older is the larger.

    Raises:
        ProofError: says both.
    """
    if not 0 <= old <= new:
        raise ProofError(f"Expected an older size from 0 to {new}, got {old}.")


def check_hashes(hashes: Sequence[bytes]) -> None:
    for value in hashes:
        if len(value) != HASH_SIZE:
            raise ProofError(f"Expected hashes of {HASH_SIZE} bytes, got {len(value)} bytes.")


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected_root: bytes
) -> None:
    """Check that the leaf hash stands at `index` of the tree, per RFC 9162 section 2.1.3.2.

    Raises:
        ProofError: index and size do not fit, the proof is too short or long, or leads elsewhere.
    """
    _check_index(index, size)
    check_hashes([leaf, *proof, expected_root])
    # Below `inner` the path has a sibling at each level; above, only where the index has a 1 bit.
    inner = (index ^ (size - 1)).bit_length()
    wanted = inner + (index >> inner).bit_count()
    if len(proof) != wanted:
        raise ProofError(f"Expected {wanted} hashes for index {index} of {size}, got {len(proof)}.")
    node = leaf
    for level, sibling in enumerate(proof):
        if level >= inner or index >> level & 1:
            node = node_hash(sibling, node)
        else:
            node = node_hash(node, sibling)
    check_root(node, expected_root)


def verify_consistency(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that the larger tree begins with the smaller one, per RFC 9162 section 2.1.4.2.

    Every tree begins with the empty one, whose root must be `EMPTY_ROOT`.

    Raises:
        ProofError: the sizes do not fit, the proof is too short or long, or leads elsewhere.
    """
    check_sizes(old, new)
    check_hashes([old_root, new_root, *proof])
    if old in {0, new}:
        if proof:
            raise ProofError(f"Expected no hashes from size {old} to {new}, got {len(proof)}.")
        check_root(EMPTY_ROOT if old == 0 else new_root, old_root)
        if new == 0:
            check_root(EMPTY_ROOT, new_root)
        return
    # The proof starts at the largest complete subtree that ends where the old tree ends. If that is
    # the whole old tree, its root is known already and left out.
    shift = (old & -old).bit_length() - 1
    index = (old - 1) >> shift
    last = (new - 1) >> shift
    hashes = list(proof) if index else [old_root, *proof]
    inner = (index ^ last).bit_length()
    wanted = inner + (index >> inner).bit_count() + 1
    if len(hashes) != wanted:
        missing = wanted - (0 if index else 1)
        raise ProofError(f"Expected {missing} hashes from {old} to {new}, got {len(proof)}.")
    older = newer = hashes[0]
    for level, sibling in enumerate(hashes[1:]):
        if level >= inner or index >> level & 1:
            older = node_hash(sibling, older)
            newer = node_hash(sibling, newer)
        else:
            newer = node_hash(newer, sibling)
    check_root(older, old_root)
    check_root(newer, new_root)


def check_root(computed: bytes, expected: bytes) -> None:
    if computed != expected:
        raise ProofError(
            f"Expected the root {expected.hex()}, the proof leads to {computed.hex()}."
        )


class CompactRange:
    """A growing tree that keeps only the roots of its complete subtrees: O(log n) memory."""

    __slots__ = ("_nodes", "size")

    def __init__(self) -> None:
        self.size = 0
        # One root per 1 bit of `size`, the largest subtree first.
        self._nodes: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Add the next leaf hash."""
        nodes = self._nodes
        size = self.size
        while size & 1:
            leaf = sha256(b"\1" + nodes.pop() + leaf).digest()
            size >>= 1
        nodes.append(leaf)
        self.size += 1

    def append_subtree(self, node: bytes, height: int) -> None:
        """Add the root of the next complete subtree, which has 2^height leaves.

        The caller's share: `size` is a multiple of 2^height.
        """
        nodes = self._nodes
        rest = self.size >> height
        while rest & 1:
            node = sha256(b"\1" + nodes.pop() + node).digest()
            rest >>= 1
        nodes.append(node)
        self.size += 1 << height

    @property
    def nodes(self) -> tuple[bytes, ...]:
        """The roots of the complete subtrees, the largest first: one per 1 bit of `size`."""
        return tuple(self._nodes)

    @classmethod
    def of(cls, size: int, nodes: Sequence[bytes]) -> "CompactRange":
        """Return the range of so many leaves that has these `nodes`.

        Raises:
            ProofError: not one hash of 32 bytes for each 1 bit of `size`.
        """
        check_hashes(nodes)
        if len(nodes) != size.bit_count():
            raise ProofError(f"Expected {size.bit_count()} hashes for {size}, got {len(nodes)}.")
        range_ = cls()
        range_.size = size
        range_._nodes = list(nodes)
        return range_

    def root(self) -> bytes:
        """Return the root over all leaves so far."""
        if not self._nodes:
            return EMPTY_ROOT
        *others, node = self._nodes
        for left in reversed(others):
            node = node_hash(left, node)
        return node

    def copy(self) -> "CompactRange":
        """Return a range that grows on its own, to try a leaf out."""
        other = CompactRange()
        other.size = self.size
        other._nodes = self._nodes.copy()
        return other
