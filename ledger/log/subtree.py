"""Subtrees: that a run of entries, such as one batch, stands in a log as one piece.

The rules:

* A run of entries is a subtree when its start is a multiple of the smallest power of two that is
  not below its length; it has then a root of its own, the tree over its leaves.
* An entry stands in a subtree as in a tree whose first leaf is the run's.
* A subtree stands in a tree as the older tree does in the newer one, whose start is 0.

draft-ietf-plants-merkle-tree-certs section 4, RFC 9162 section 2.1.4.2
"""

from collections.abc import Sequence

from ledger.errors import ProofError
from ledger.log.merkle import check_hashes, check_root, node_hash, verify_inclusion

__all__ = ["verify_subtree_consistency", "verify_subtree_inclusion"]


def _check_run(run: range) -> None:
    start, end = run.start, run.stop
    if run.step != 1 or not (
        0 <= start < end and start & ((1 << (end - start - 1).bit_length()) - 1) == 0
    ):
        raise ProofError(f"Expected a run of entries that is a subtree, got {start} to {end}.")


def verify_subtree_inclusion(
    leaf: bytes, index: int, run: range, proof: Sequence[bytes], expected_root: bytes
) -> None:
    """Check that the leaf hash stands at `index` of the log, within a subtree.

    Raises:
        ProofError: The run is no subtree, the index not in it, or the proof leads elsewhere.
    """
    _check_run(run)
    verify_inclusion(leaf, index - run.start, len(run), proof, expected_root)


def verify_subtree_consistency(
    run: range, size: int, subtree_root: bytes, root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that the tree of `size` leaves holds the subtree over a run of them.

    Raises:
        ProofError: The run is no subtree of it, the proof is too short or long, or leads elsewhere.
    """
    _check_run(run)
    if run.stop > size:
        raise ProofError(f"Expected a run that ends at {size} or before, got one to {run.stop}.")
    check_hashes([subtree_root, root, *proof])
    # First and last node of the subtree, and the last of the tree, all on one level. The proof
    # begins at the largest complete subtree that ends where the run ends; where that is the whole
    # run, or the run ends with the tree, its root is known already.
    first, last, newest = run.start, run.stop - 1, size - 1
    while first != last and (last == newest or last & 1):
        first, last, newest = first >> 1, last >> 1, newest >> 1
    hashes = list(proof) if first != last else [subtree_root, *proof]
    if not hashes:
        raise ProofError("Expected hashes in the proof, got none.")
    older = newer = hashes[0]
    for sibling in hashes[1:]:
        if newest == 0:
            raise ProofError(f"Expected fewer than {len(proof)} hashes in the proof.")
        if last & 1 or last == newest:
            if first < last:
                older = node_hash(sibling, older)
            newer = node_hash(sibling, newer)
            # Without a right neighbour the node moves up alone until it is a right child.
            while last and not last & 1:
                first, last, newest = first >> 1, last >> 1, newest >> 1
        else:
            newer = node_hash(newer, sibling)
        first, last, newest = first >> 1, last >> 1, newest >> 1
    if newest:
        raise ProofError(f"Expected more than {len(proof)} hashes in the proof.")
    check_root(older, subtree_root)
    check_root(newer, root)
