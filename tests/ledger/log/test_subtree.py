"""Subtrees of a log: proofs made word by word as the draft says hold, and nothing else does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import ProofError
from ledger.log.merkle import inclusion_proof, leaf_hash, root
from ledger.log.subtree import verify_subtree_consistency, verify_subtree_inclusion

LEAVES = [leaf_hash(b"entry-%d" % number) for number in range(70)]
FALSE = bytes(32)


def subproof(start: int, end: int, leaves: list[bytes], *, whole: bool) -> list[bytes]:
    """Return the draft's SUBTREE_SUBPROOF."""
    size = len(leaves)
    if (start, end) == (0, size):
        return [] if whole else [root(leaves)]
    middle = 1 << ((size - 1).bit_length() - 1)
    if end <= middle:
        return [*subproof(start, end, leaves[:middle], whole=whole), root(leaves[middle:])]
    right = leaves[middle:]
    if start >= middle:
        inside = subproof(start - middle, end - middle, right, whole=whole)
    else:
        inside = subproof(0, end - middle, right, whole=False)
    return [*inside, root(leaves[:middle])]


@st.composite
def runs(draw: st.DrawFn) -> tuple[int, int, int]:
    """Draw a tree's size and a subtree of it."""
    size = draw(st.integers(1, 70))
    start = draw(st.integers(0, size - 1))
    most = size - start if start == 0 else min(size - start, start & -start)
    return start, start + draw(st.integers(1, most)), size


@given(runs(), st.data())
def test_a_subtree_of_a_tree(run: tuple[int, int, int], data: st.DataObject) -> None:
    """The proof of a subtree holds for its run, size and roots, and for nothing else."""
    start, end, size = run
    leaves = LEAVES[:size]
    inner, outer = root(leaves[start:end]), root(leaves)
    proof = subproof(start, end, leaves, whole=True)
    verify_subtree_consistency(range(start, end), size, inner, outer, proof)
    wrong: list[tuple[bytes, bytes, list[bytes]]] = [
        (FALSE, outer, proof),
        (inner, FALSE, proof),
        (inner, outer, [*proof, FALSE]),
        (inner, outer, [FALSE, *proof]),
        (inner[:-1], outer, proof),
    ]
    wrong += [(inner, outer, proof[:at] + proof[at + 1 :]) for at in range(len(proof))]
    wrong += [(inner, outer, [*proof[:at], FALSE, *proof[at + 1 :]]) for at in range(len(proof))]
    for case in wrong:
        with pytest.raises(ProofError):
            verify_subtree_consistency(range(start, end), size, *case)
    index = data.draw(st.integers(start, end - 1))
    path = inclusion_proof(leaves[start:end], index - start)
    verify_subtree_inclusion(LEAVES[index], index, range(start, end), path, inner)
    for other in {start - 1, end, index ^ 1} - {index}:
        with pytest.raises(ProofError):
            verify_subtree_inclusion(LEAVES[index], other, range(start, end), path, inner)


@pytest.mark.parametrize(("start", "end"), [(0, 0), (3, 2), (-4, 0), (1, 3), (2, 5), (4, 9)])
def test_runs_that_are_no_subtree(start: int, end: int) -> None:
    """A run that is empty, backwards or lies across has no root of its own."""
    with pytest.raises(ProofError, match="is a subtree"):
        verify_subtree_inclusion(FALSE, start, range(start, end), [], FALSE)
    with pytest.raises(ProofError, match="is a subtree"):
        verify_subtree_consistency(range(start, end), 16, FALSE, FALSE, [])


def test_a_run_beyond_the_tree() -> None:
    """A subtree ends within the tree."""
    with pytest.raises(ProofError, match="ends at 3 or before, got one to 4"):
        verify_subtree_consistency(range(4), 3, FALSE, FALSE, [])


@pytest.mark.parametrize(
    ("count", "message"), [(0, "got none"), (1, "more than 1"), (9, "fewer than 9")]
)
def test_proofs_of_another_length(count: int, message: str) -> None:
    """A proof that is too short or too long is told so."""
    with pytest.raises(ProofError, match=message):
        verify_subtree_consistency(range(6), 8, FALSE, FALSE, [FALSE] * count)
