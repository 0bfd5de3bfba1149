"""Checking proofs offline: what holds, what it shows and what it doesn't, and by whom it was signed."""

import json

import pytest

from ledger.errors import EntryError, LedgerError, NoteError, ProofError
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.entry import FIRST_PREV, Header, encode_entry
from ledger.log.merkle import consistency_proof, inclusion_proof, leaf_hash, root
from ledger.log.note import Signer
from ledger.log.proof import InclusionProof, format_proof
from ledger.log.proof_json import base64_text, consistency_json, inclusion_json
from ledger.proof_files import (
    CheckedConsistency,
    CheckedInclusion,
    check_proof_file,
)

ORIGIN = "ledger.example/log/acme"
SIGNER = Signer.from_seed(ORIGIN, bytes(32))
KEYS = [SIGNER.verifier]


def entries(origin: str = ORIGIN, first: int = 0) -> list[bytes]:
    """Return a chain of three entries; with another `first` their seqs are shifted."""
    prev, made = bytes([first]) * 32, []
    for number in range(3):
        header = Header(origin, number + first, prev, 1, "t/1", "clerk", None)
        made.append(encode_entry(header, b'{"event":{"eventID":"urn:%d"}}' % number))
        prev = leaf_hash(made[-1])
    return made


ENTRIES = entries()
LEAVES = [leaf_hash(entry) for entry in ENTRIES]


def note(leaves: list[bytes]) -> str:
    """Return a signed checkpoint over leaves."""
    return sign_checkpoint(Checkpoint(ORIGIN, len(leaves), root(leaves)), [SIGNER])


def proof(raw: bytes = ENTRIES[1], leaves: list[bytes] = LEAVES) -> InclusionProof:
    """Return the proof of the middle entry."""
    return InclusionProof(1, tuple(inclusion_proof(leaves, 1)), note(leaves), raw)


def text(of: InclusionProof) -> str:
    """Return the text form."""
    return format_proof(of.index, of.path, of.checkpoint, of.extra)


def test_both_forms_show_the_same() -> None:
    """The text and the JSON form of a proof lead to one answer, which names the event."""
    form = inclusion_json(proof(), LEAVES[1]) | {"event": "urn:1"}
    checked = check_proof_file(text(proof()).encode(), KEYS)
    assert checked == check_proof_file(json.dumps(form), KEYS)
    assert isinstance(checked, CheckedInclusion)
    assert checked.event == {"eventID": "urn:1"}
    assert "entry 1 of ledger.example/log/acme is the one in this file" in checked.proven[0]
    assert f"{ORIGIN}+{SIGNER.verifier.key_id.hex()} signed the log's first 3" in checked.proven[1]
    assert any("no witness" in one for one in checked.unproven)
    assert checked.entry is not None
    assert (checked.checkpoint.size, checked.entry.header.seq) == (3, 1)


def test_a_hash_alone_shows_less() -> None:
    """Without the entry a proof shows where a hash stands, and says that it knows nothing more."""
    bare = InclusionProof(1, proof().path, proof().checkpoint)
    form = json.dumps(inclusion_json(bare, LEAVES[1]))
    checked = check_proof_file(form, KEYS)
    assert isinstance(checked, CheckedInclusion)
    assert (checked.event, checked.event_id) == ({}, None)
    assert f"leaf hash {LEAVES[1].hex()}" in checked.proven[0]
    assert "the file lacks it" in checked.unproven[0]
    with pytest.raises(ProofError, match="Ask for a new one"):
        check_proof_file(text(bare), KEYS)


def test_growth() -> None:
    """A consistency proof shows that one checkpoint continues another, and nothing of later ones."""
    form = consistency_json(note(LEAVES[:2]), note(LEAVES), consistency_proof(LEAVES, 2))
    checked = check_proof_file(json.dumps(form), KEYS)
    assert isinstance(checked, CheckedConsistency)
    assert (checked.old.size, checked.new.size) == (2, 3)
    assert "the 2 entries of the older" in checked.proven[0]
    assert "signed both" in checked.proven[1]
    assert "after 2" in checked.unproven[1]
    for change in ({"path": [base64_text(bytes(32))]}, {"old": note([bytes(32)] * 2)}):
        with pytest.raises(ProofError):
            check_proof_file(json.dumps(form | change), KEYS)


def test_a_wrong_key_is_told_with_its_fix() -> None:
    """Who signed is named, and whom to ask for the key."""
    for key in (Signer.generate(ORIGIN).verifier, Signer.generate("else").verifier):
        with pytest.raises(NoteError) as caught:
            check_proof_file(text(proof()), [key])
        said = str(caught.value)
        assert f"signed by {ORIGIN}+{SIGNER.verifier.key_id.hex()}" in said
        assert f"given is {key.name}+{key.key_id.hex()}" in said
        assert f"Ask the organisation behind '{ORIGIN}'" in said
    with pytest.raises(NoteError, match="given is none"):
        check_proof_file(text(proof()), [])


def test_an_entry_of_another_place_is_refused() -> None:
    """An entry that says that it stands elsewhere proves nothing about this place."""
    for others in (entries("ledger.example/log/else"), entries(first=1)):
        leaves = [leaf_hash(one) for one in others]
        with pytest.raises(ProofError, match="The entry says that it is"):
            check_proof_file(text(proof(others[1], leaves)), KEYS)


def test_what_is_no_entry_is_refused() -> None:
    """Bytes that are no entry of a ledger show no event, whoever signed them."""
    leaves = [leaf_hash(b"%d" % number) for number in range(3)]
    with pytest.raises(EntryError):
        check_proof_file(text(proof(b"1", leaves)), KEYS)


def test_another_event_than_stated_is_refused() -> None:
    """The eventID beside the entry is the entry's."""
    form = inclusion_json(proof(), LEAVES[1]) | {"event": "urn:2"}
    with pytest.raises(ProofError, match="said to be of event 'urn:2'"):
        check_proof_file(json.dumps(form), KEYS)


def test_a_body_without_an_event() -> None:
    """An entry of another kind is proven as such; there is no event in it."""
    header = Header(ORIGIN, 0, FIRST_PREV, 1, "t/1", "clerk", None)
    raw = encode_entry(header, b'{"event":7}')
    alone = InclusionProof(0, (), note([leaf_hash(raw)]), raw)
    checked = check_proof_file(text(alone), KEYS)
    assert isinstance(checked, CheckedInclusion)
    assert checked.event == {}


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[]", "{}", "\x00"])
def test_what_is_no_proof(content: bytes | str) -> None:
    """Anything else is refused in a sentence."""
    with pytest.raises(LedgerError):
        check_proof_file(content, KEYS)
