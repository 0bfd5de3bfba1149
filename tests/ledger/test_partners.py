"""Partners' checkpoints: kept, continued, or evidence of a rewritten log."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import NoteError, ProofError, StoreError, UsageError, VerifyError
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.merkle import consistency_proof, leaf_hash, root
from ledger.log.note import Signer
from ledger.log.tiles import MemoryTiles, append_leaves
from ledger.partners import Kept, Partners, origin_of

LOG = Signer.from_seed("partner.example/log/acme", bytes(32))
LEAVES = [leaf_hash(bytes([number])) for number in range(20)]
FORK = [*LEAVES[:7], *(leaf_hash(bytes([number, 1])) for number in range(13))]


def note(size: int, leaves: list[bytes] = LEAVES, signer: Signer = LOG) -> str:
    """Return the signed checkpoint over the first entries."""
    return sign_checkpoint(Checkpoint(LOG.name, size, root(leaves[:size])), [signer])


def tiles_of(leaves: list[bytes]) -> MemoryTiles:
    """Return the tiles of a log."""
    return MemoryTiles(append_leaves(MemoryTiles({}), 0, leaves))


@given(sizes=st.lists(st.integers(0, 20), min_size=1, max_size=6), by_tiles=st.booleans())
def test_the_newest_of_a_continued_log_is_kept(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], *, by_tiles: bool
) -> None:
    """In whatever order they come, with a proof or with tiles."""
    partners = Partners(tmp_path_factory.mktemp("keys") / "partners")
    largest: int | None = None
    for size in sizes:
        low, high = sorted((size, largest or 0))
        proof = (
            (lambda _size: tiles_of(LEAVES)) if by_tiles else consistency_proof(LEAVES[:high], low)
        )
        what, checkpoint, before = partners.keep(note(size), LOG.verifier, proof)
        assert checkpoint.size == size
        if largest is None:
            assert (what, before) == (Kept.FIRST, None)
        else:
            assert before is not None
            assert before.size == largest
            wanted = {True: Kept.NEWER, False: Kept.OLDER}[size > largest]
            assert what is (Kept.SAME if size == largest else wanted)
        largest = max(size, largest or 0)
        assert [one.size for one in partners.all()] == [largest]


def test_a_rewritten_log_is_found(tmp_path: Path) -> None:
    """Tiles that lead to the new root and to another old one prove it; so do two roots of a size."""
    partners = Partners(tmp_path / "partners")
    partners.keep(note(10), LOG.verifier, None)
    for forged, proof in ((note(12, FORK), lambda _size: tiles_of(FORK)), (note(10, FORK), None)):
        with pytest.raises(VerifyError, match="was rewritten") as caught:
            partners.keep(forged, None, proof)
        name = str(caught.value).partition("kept as ")[2].partition(" ")[0]
        assert (tmp_path / "partners" / name).read_text("utf-8") == forged
    assert [one.size for one in partners.all()] == [10]
    older = note(8, FORK)
    with pytest.raises(VerifyError, match="was rewritten"):
        partners.keep(older, None, lambda _size: tiles_of(LEAVES))


def test_a_wrong_proof_accuses_nobody(tmp_path: Path) -> None:
    """Neither a wrong proof nor wrong tiles show that a log was rewritten; the kept one stays."""
    partners = Partners(tmp_path)
    partners.keep(note(10), LOG.verifier, None)
    wrong = consistency_proof(FORK[:12], 10)
    for proof in ([], wrong, lambda _size: tiles_of(FORK), lambda _size: tiles_of(LEAVES[:3])):
        with pytest.raises(ProofError):
            partners.keep(note(12), None, proof)
    with pytest.raises(UsageError, match="from size 10 to 12"):
        partners.keep(note(12), None, None)
    assert not list(tmp_path.glob("*.evidence"))
    assert [one.size for one in partners.all()] == [10]


def test_the_key_is_given_once_and_stays(tmp_path: Path) -> None:
    """The first checkpoint needs the key; another key later is refused, whoever signed with it."""
    partners = Partners(tmp_path)
    with pytest.raises(UsageError, match="--key"):
        partners.keep(note(3), None, None)
    other = Signer.generate(LOG.name)
    with pytest.raises(NoteError):
        partners.keep(note(3), other.verifier, None)
    assert partners.all() == []
    partners.keep(note(3), LOG.verifier, None)
    with pytest.raises(UsageError, match="Another key was kept"):
        partners.keep(note(3, signer=other), other.verifier, None)
    with pytest.raises(NoteError):
        partners.keep(note(3, signer=other), None, None)
    assert partners.keep(note(3), None, None)[0] is Kept.SAME


def test_origins_do_not_share_a_file(tmp_path: Path) -> None:
    """Names that differ only where a file name can't are told apart."""
    partners = Partners(tmp_path)
    for number, name in enumerate(("a/b", "a+b", "a/" + "ü" * 300)):
        signer = Signer.from_seed(name.replace("+", "-"), bytes([number]) * 32)
        text = sign_checkpoint(Checkpoint(signer.name, 1, LEAVES[0]), [signer])
        assert origin_of(text) == signer.name
        partners.keep(text, signer.verifier, None)
    assert len(partners.all()) == 3


@pytest.mark.parametrize("ending", ["vkey", "checkpoint"])
def test_a_spoilt_file_is_named(tmp_path: Path, ending: str) -> None:
    """What was kept and can't be read any more is no reason to begin anew."""
    partners = Partners(tmp_path)
    partners.keep(note(3), LOG.verifier, None)
    [path] = tmp_path.glob(f"*.{ending}")
    path.write_text("spoilt", "utf-8")
    with pytest.raises(StoreError, match="can't be used"):
        partners.keep(note(3), None, None)
