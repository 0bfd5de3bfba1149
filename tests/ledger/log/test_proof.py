"""Proof files: an entry, a file and a key are enough, and nothing else passes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import LedgerError, NoteError, ProofError
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.merkle import inclusion_proof, leaf_hash, root
from ledger.log.note import Signer
from ledger.log.proof import InclusionProof, check_proof, format_proof, parse_proof

ORIGIN = "ledger.example/log/acme"
SIGNER = Signer.from_seed(ORIGIN, bytes(32))
ENTRIES = [b"entry-%d" % number for number in range(50)]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
NOTE = sign_checkpoint(Checkpoint(ORIGIN, 50, root(LEAVES)), [SIGNER])
PROOF = format_proof(20, inclusion_proof(LEAVES, 20), NOTE)
HASH = PROOF.split("\n")[2]


@given(st.integers(0, 49), st.binary())
def test_every_entry_is_proven(index: int, extra: bytes) -> None:
    """A file made for an entry proves it, alone, to whoever has the key."""
    path = inclusion_proof(LEAVES, index)
    text = format_proof(index, path, NOTE, extra)
    assert parse_proof(text) == InclusionProof(index, tuple(path), NOTE, extra)
    assert parse_proof(text.encode()) == parse_proof(text)
    assert check_proof(text, ENTRIES[index], [SIGNER.verifier]).size == 50
    with pytest.raises(ProofError, match="leads to"):
        check_proof(text, ENTRIES[index] + b"!", [SIGNER.verifier])


def test_a_log_of_one_entry() -> None:
    """The only entry of a log is proven by no hashes."""
    note = sign_checkpoint(Checkpoint(ORIGIN, 1, LEAVES[0]), [SIGNER])
    text = format_proof(0, [], note)
    assert check_proof(text, ENTRIES[0], [SIGNER.verifier], ORIGIN).root == LEAVES[0]


def test_the_checkpoint_must_be_trusted() -> None:
    """A proof under another key, or of another log, proves nothing."""
    stranger = Signer.from_seed(ORIGIN, b"\x01" * 32)
    with pytest.raises(NoteError, match="trusted"):
        check_proof(PROOF, ENTRIES[20], [stranger.verifier])
    with pytest.raises(NoteError, match=r"other\.example"):
        check_proof(PROOF, ENTRIES[20], [SIGNER.verifier], "other.example")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (PROOF, ""),
        ("@v1", "@v2"),
        ("\n", "\r\n"),
        ("index 20", "index 020"),
        ("index 20", "index -1"),
        ("index 20", "index 2_0"),
        ("index 20", "index \u0662\u0660"),
        ("index 20", "index  20"),
        ("index 20", "index"),
        ("index 20", "Index 20"),
        ("index 20\n", ""),
        ("index 20", "extra \nindex 20"),
        ("index 20", "extra x\nindex 20"),
        ("index 20", "extra eA==\nextra eA==\nindex 20"),
        ("index 20", "index 21"),
        ("index 20", "index 50"),
        ("index 20", f"index {2**63}"),
        (HASH, HASH[:-1]),
        (HASH, HASH + " "),
        (HASH, "AAAA"),
        (HASH, HASH + "\n" + HASH),
        (HASH + "\n", ""),
        ("\n\n" + ORIGIN, "\n" + ORIGIN),
        ("\n\n" + ORIGIN, "\n\n\n" + ORIGIN),
        ("\n\n" + NOTE, ""),
        (NOTE, NOTE + "\n"),
        (NOTE, NOTE[:-1]),
        ("c2sp", "\nc2sp"),
        (ORIGIN + "\n50\n", ORIGIN + "\n51\n"),
    ],
)
def test_spoiled_files(old: str, new: str) -> None:
    """A file in any other spelling is refused."""
    assert old in PROOF
    with pytest.raises(LedgerError):
        check_proof(PROOF.replace(old, new), ENTRIES[20], [SIGNER.verifier])


def test_a_file_that_is_not_text() -> None:
    """Bytes that are no UTF-8 are refused."""
    with pytest.raises(ProofError, match="UTF-8"):
        parse_proof(PROOF.encode() + b"\xff")


def test_the_header_alone_has_no_index() -> None:
    """A file that ends behind its header says what is missing."""
    with pytest.raises(ProofError, match="line with the index"):
        parse_proof("c2sp.org/tlog-proof@v1\n\n" + NOTE)
