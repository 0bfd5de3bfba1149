"""The JSON form of proofs: the same as a `.tlog-proof` file for programs, and consistency as well.

The rules:

* one object with exactly the fields below, no key twice, hashes in base64 of 32 bytes;
* what is said twice (the size in the checkpoint and in `size`, the leaf hash and the entry) must
  agree, so that no two readers understand two things;
* nothing is proven by parsing: `ledger.proof_files` checks.

`suyuan.proof/1`: `log`, `size`, `root`, `index`, `leaf_hash`, `path`, `checkpoint` (the signed
note, verbatim), perhaps `entry` (the entry's bytes), `event` (its eventID), and for convenience
`seq` (the index again) and `proof` (the whole `.tlog-proof` text).

`suyuan.consistency/1`: `log`, `old` and `new` (signed checkpoints, verbatim), `path`.
"""

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ledger.errors import CanonicalError, NoteError, ProofError, shown
from ledger.log.canonical import parse_strict
from ledger.log.checkpoint import Checkpoint, parse_checkpoint
from ledger.log.merkle import HASH_SIZE, leaf_hash
from ledger.log.note import parse_note, strict_base64
from ledger.log.proof import InclusionProof, parse_proof

__all__ = [
    "CONSISTENCY",
    "INCLUSION",
    "ConsistencyProof",
    "HashProof",
    "base64_text",
    "consistency_json",
    "head_of",
    "inclusion_json",
    "parse_json",
]

INCLUSION: Final = "suyuan.proof/1"
CONSISTENCY: Final = "suyuan.consistency/1"

_MAX_HASHES: Final = 64 + 1  # of a path; trees have fewer than 2^63 leaves
_FIELDS: Final = {
    INCLUSION: (
        frozenset({"log", "size", "root", "index", "leaf_hash", "path", "checkpoint"}),
        frozenset({"entry", "event", "seq", "proof"}),
    ),
    CONSISTENCY: (frozenset({"log", "old", "new", "path"}), frozenset[str]()),
}


@dataclass(frozen=True, slots=True)
class HashProof:
    """A proof that a leaf hash stands in a log, in its JSON form; nothing is verified yet."""

    proof: InclusionProof
    """With the entry's bytes as `extra`, or without."""
    leaf: bytes
    """Leaf hash, 32 bytes; that of `extra` where there is one."""
    event: str | None
    """The eventID that the form states."""


@dataclass(frozen=True, slots=True)
class ConsistencyProof:
    """A proof that a log grew from one checkpoint to another; nothing is verified yet."""

    old: str
    """The older signed checkpoint, verbatim."""
    new: str
    path: tuple[bytes, ...]
    """Hashes per RFC 6962 section 2.1.2."""


def base64_text(value: bytes) -> str:
    """Return bytes as they stand in proofs and checkpoints."""
    return base64.b64encode(value).decode("ascii")


def head_of(note: str) -> Checkpoint:
    """Return what a signed checkpoint says, without asking who signed it.

    Raises:
        NoteError: It is malformed.
    """
    return parse_checkpoint(parse_note(note).text)


def inclusion_json(proof: InclusionProof, leaf: bytes) -> dict[str, Any]:
    """Return the JSON form of an inclusion proof; the entry is in it if `proof.extra` holds it.

    Raises:
        NoteError: The checkpoint is malformed.
    """
    head = head_of(proof.checkpoint)
    value: dict[str, Any] = {
        "format": INCLUSION,
        "log": head.origin,
        "size": head.size,
        "root": base64_text(head.root),
        "index": proof.index,
        "leaf_hash": base64_text(leaf),
        "path": [base64_text(one) for one in proof.path],
        "checkpoint": proof.checkpoint,
    }
    if proof.extra:
        value["entry"] = base64_text(proof.extra)
    return value


def consistency_json(old: str, new: str, path: Iterable[bytes]) -> dict[str, Any]:
    """Return the JSON form of a consistency proof between two signed checkpoints.

    Raises:
        NoteError: A checkpoint is malformed.
    """
    return {
        "format": CONSISTENCY,
        "log": head_of(new).origin,
        "old": old,
        "new": new,
        "path": [base64_text(one) for one in path],
    }


def parse_json(text: str | bytes) -> HashProof | ConsistencyProof:
    """Parse either form strictly.

    Raises:
        ProofError: It is neither, malformed, or contradicts itself.
    """
    try:
        value = parse_strict(text)
    except CanonicalError as error:
        raise ProofError(f"Expected a proof in JSON: {error}") from None
    form = value.get("format") if type(value) is dict else None
    if type(form) is not str or form not in _FIELDS:
        raise ProofError(f"Expected a proof of format {INCLUSION} or {CONSISTENCY}.")
    needed, allowed = _FIELDS[form]
    fields = value.keys() - {"format"}
    if not needed <= fields <= needed | allowed:
        wrong = sorted(needed - fields) or sorted(fields - needed - allowed)
        raise ProofError(
            f"Expected the fields of {form} and no others, {shown(wrong[0])} is "
            f"{'missing' if wrong[0] in needed else 'none of them'}."
        )
    try:
        return _inclusion(value) if form == INCLUSION else _consistency(value)
    except NoteError as error:
        raise ProofError(str(error)) from None


def _inclusion(value: dict[str, Any]) -> HashProof:
    index = value["index"]
    if type(index) is not int or index < 0:
        raise ProofError(f"Expected an index as an integer from 0, got {shown(index)}.")
    extra = strict_base64(_text(value, "entry"), "the entry") if "entry" in value else b""
    leaf = _hash(value["leaf_hash"], "a leaf hash")
    proof = InclusionProof(index, _path(value), _text(value, "checkpoint"), extra)
    head = head_of(proof.checkpoint)
    agreeing: dict[str, object] = {
        "log": head.origin,
        "size": head.size,
        "root": base64_text(head.root),
        "seq": index,
    }
    for name, said in agreeing.items():
        if name in value and (type(value[name]) is not type(said) or value[name] != said):
            raise ProofError(f"Expected {name} {shown(said)}, got {shown(value[name])}.")
    if "entry" in value and (not extra or leaf_hash(extra) != leaf):
        raise ProofError("Expected the entry whose leaf hash the proof states, got another one.")
    if "proof" in value and parse_proof(_text(value, "proof")) != proof:
        raise ProofError("Expected the same proof in its text form, got another one.")
    return HashProof(proof, leaf, _text(value, "event") if "event" in value else None)


def _consistency(value: dict[str, Any]) -> ConsistencyProof:
    old, new = _text(value, "old"), _text(value, "new")
    for note in (old, new):
        origin = head_of(note).origin
        if origin != value["log"]:
            raise ProofError(f"Expected checkpoints of {shown(value['log'])}, got {shown(origin)}.")
    return ConsistencyProof(old, new, _path(value))


def _text(value: dict[str, Any], name: str) -> str:
    text = value[name]
    if type(text) is not str:
        raise ProofError(f"Expected {name} as text, got {shown(text)}.")
    return text


def _hash(text: object, what: str) -> bytes:
    value = strict_base64(text, what) if type(text) is str else b""
    if len(value) != HASH_SIZE:
        raise ProofError(f"Expected {what} of {HASH_SIZE} bytes in base64, got {shown(text)}.")
    return value


def _path(value: dict[str, Any]) -> tuple[bytes, ...]:
    path: Sequence[object] = value["path"]
    if type(path) is not list or len(path) > _MAX_HASHES:
        raise ProofError(f"Expected a path of at most {_MAX_HASHES} hashes.")
    return tuple(_hash(one, "a hash") for one in path)
