"""Proofs in JSON: what is written comes back, and nothing that could be understood in two ways passes."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from ledger.errors import ProofError
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.merkle import consistency_proof, inclusion_proof, leaf_hash, root
from ledger.log.note import Signer
from ledger.log.proof import InclusionProof, format_proof
from ledger.log.proof_json import (
    ConsistencyProof,
    HashProof,
    base64_text,
    consistency_json,
    head_of,
    inclusion_json,
    parse_json,
)

ORIGIN = "ledger.example/log/acme"
SIGNER = Signer.from_seed(ORIGIN, bytes(32))
ENTRIES = [b"entry-%d" % number for number in range(20)]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]


def note(size: int, origin: str = ORIGIN) -> str:
    """Return a signed checkpoint over the first entries."""
    return sign_checkpoint(Checkpoint(origin, size, root(LEAVES[:size])), [SIGNER])


WHOLE = InclusionProof(7, tuple(inclusion_proof(LEAVES, 7)), note(20), ENTRIES[7])
BARE = InclusionProof(7, WHOLE.path, WHOLE.checkpoint)
TEXT = format_proof(7, WHOLE.path, WHOLE.checkpoint, WHOLE.extra)
GROWN = consistency_json(note(6), note(20), consistency_proof(LEAVES, 6))

Value = dict[str, Any]


def whole() -> Value:
    """Return the fullest form."""
    more = {"event": "urn:x", "seq": 7, "proof": TEXT}
    return inclusion_json(WHOLE, LEAVES[7]) | more


def test_what_is_written_comes_back() -> None:
    """With the entry or without, and of consistency."""
    assert parse_json(json.dumps(whole())) == HashProof(WHOLE, LEAVES[7], "urn:x")
    bare = json.dumps(inclusion_json(BARE, LEAVES[7])).encode()
    assert parse_json(bare) == HashProof(BARE, LEAVES[7], None)
    assert whole()["size"] == 20
    assert whole()["root"] == base64_text(root(LEAVES))
    path = tuple(consistency_proof(LEAVES, 6))
    assert parse_json(json.dumps(GROWN)) == ConsistencyProof(note(6), note(20), path)
    assert head_of(note(6)).size == 6


CHANGES: dict[str, Callable[[Value], object]] = {
    "another format": lambda value: value.update(format="suyuan.proof/2"),
    "no format": lambda value: value.pop("format"),
    "a list for a format": lambda value: value.update(format=[]),
    "an unknown field": lambda value: value.update(more=1),
    "no index": lambda value: value.pop("index"),
    "an index below zero": lambda value: value.update(index=-1),
    "an index as text": lambda value: value.update(index="7"),
    "an index as truth": lambda value: value.update(index=True),
    "another seq": lambda value: value.update(seq=8),
    "seq as a fraction": lambda value: value.update(seq=7.5),
    "another log": lambda value: value.update(log="else"),
    "another size": lambda value: value.update(size=21),
    "another root": lambda value: value.update(root=base64_text(bytes(32))),
    "another leaf": lambda value: value.update(leaf_hash=base64_text(bytes(32))),
    "a short leaf": lambda value: value.update(leaf_hash="AAAA"),
    "a number for a leaf": lambda value: value.update(leaf_hash=7),
    "base64 with a blank": lambda value: value.update(leaf_hash=value["leaf_hash"] + " "),
    "another entry": lambda value: value.update(entry=base64_text(ENTRIES[8])),
    "an empty entry": lambda value: value.update(entry=""),
    "an entry of null": lambda value: value.update(entry=None),
    "an event as a number": lambda value: value.update(event=7),
    "a path as text": lambda value: value.update(path="".join(value["path"])),
    "a hash that is none": lambda value: value["path"].append("x"),
    "a hash of null": lambda value: value["path"].append(None),
    "a path without end": lambda value: value.update(path=value["path"] * 20),
    "no checkpoint": lambda value: value.update(checkpoint=""),
    "a text that proves something else": lambda value: value.update(
        proof=TEXT.replace("index 7", "index 6")
    ),
    "a text that is none": lambda value: value.update(proof="hello"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_spoiled_proofs(change: str) -> None:
    """What is missing, unknown, of a wrong type or contradicts the rest is refused."""
    value = whole()
    CHANGES[change](value)
    with pytest.raises(ProofError):
        parse_json(json.dumps(value))


@pytest.mark.parametrize(
    "change",
    [
        {"old": note(6, "ledger.example/log/else")},
        {"new": note(20, "ledger.example/log/else")},
        {"log": "else"},
        {"old": ""},
        {"old": 7},
        {"path": None},
        {"size": 20},
    ],
    ids=str,
)
def test_spoiled_consistency_proofs(change: Value) -> None:
    """Checkpoints of two logs, or fields of another form, are refused."""
    with pytest.raises(ProofError):
        parse_json(json.dumps(GROWN | change))


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "7", '"x"', '{"format":"suyuan.proof/1","format":1}']
)
def test_what_is_no_proof(text: str) -> None:
    """Text that is no object of a known form is refused, keys that stand twice too."""
    with pytest.raises(ProofError):
        parse_json(text)
