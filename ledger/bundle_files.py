"""Checking the evidence of a trace offline: an archive and keys, no database, no network.

The steps, each of which raises:

 1. the archive is one that we write: at most so large, nothing compressed, encrypted or behind it;
 2. its members have our names, each once, and together no more bytes than the file;
 3. the answer can be read, and names the event of each link;
 4. every proof holds with a key of its log, stands at the place that its name says, leads to the
    checkpoint of the archive, and is of the entry beside it, byte for byte;
 5. the event of every link is in one of these entries.

The archive comes from anybody. Members are never unpacked to files.

`ledger.exporting.bundle`, `ledger.proof_files`
"""

from __future__ import annotations

import re
import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from ledger.errors import NoteError, ProofError, shown
from ledger.log.entry import leaf_hash
from ledger.log.proof_json import head_of
from ledger.proof_files import CheckedInclusion, check_proof_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ledger.log.checkpoint import Checkpoint
    from ledger.log.keyring import KeyRing

__all__ = ["CheckedBundle", "check_bundle", "is_bundle"]

_END: Final = struct.Struct("<4s4H2LH")
"""The end of an archive's table of contents (APPNOTE 4.3.16)."""
_MAGIC: Final = b"PK\x05\x06"
_LARGE: Final = b"PK\x06\x07"
"""What stands before the end where a larger table is described elsewhere (ZIP64)."""
_LARGE_SIZE: Final = 20
_BEGINS: Final = b"PK\x03\x04"
_LARGEST_TABLE: Final = 8 << 20  # 8 MiB: 65,535 members of some 100 bytes, and more
_LARGEST: Final = 64 << 20  # bytes of a member
_NAME: Final = re.compile(
    r"README\.txt|trace\.json|checkpoints/(?:[1-9][0-9]{0,4})\.txt"
    r"|(?:entries/([1-9][0-9]{0,4}/(?:0|[1-9][0-9]{0,15}))\.entry)"
    r"|(?:proofs/([1-9][0-9]{0,4}/(?:0|[1-9][0-9]{0,15}))\.tlog-proof)",
    re.ASCII,
)
_ENCRYPTED: Final = 1


@dataclass(frozen=True, slots=True)
class CheckedBundle:
    """An answer with the entries that it rests on, all of which were proven."""

    root: str
    """The item that was asked about."""
    links: int
    events: int
    """Entries with their proofs."""
    checkpoints: tuple[Checkpoint, ...]
    signed: tuple[str, ...]
    """Names and ids of the given keys that signed."""

    @property
    def proven(self) -> tuple[str, ...]:
        """What was shown, in sentences that begin with 'that'."""
        return (
            f"that {self.events} entries stand in their logs as they are here, byte for byte",
            f"that the event of each of the answer's {self.links} links is in one of them",
            *(f"that {one} signed its log with these entries in it" for one in self.signed),
        )

    @property
    def unproven(self) -> tuple[str, ...]:
        """What was not shown, though somebody might think so."""
        return (
            "that the answer names every item, and what it says beside the events' ids: read the"
            " entries, or trace them",
            "that nothing behind the checkpoints corrects them, or that others were shown the same"
            " logs",
            "that what was recorded is true: the log keeps what its members wrote",
        )


def is_bundle(file: Path) -> bool:
    """Tell whether a file begins as an archive does."""
    with file.open("rb") as opened:
        return opened.read(len(_BEGINS)) == _BEGINS


def check_bundle(file: Path, rings: Mapping[str, KeyRing]) -> CheckedBundle:
    """Check the evidence of a trace.

    Args:
        file: The archive.
        rings: The logs' keys, by origin.

    Raises:
        ProofError: It isn't whole, or something in it doesn't hold.
        NoteError: A checkpoint isn't signed by a key that was given.
        EntryError: What is proven is no entry of a ledger.
    """
    _check_end(file)  # step 1
    try:
        with zipfile.ZipFile(file) as archive:
            return _Bundle(archive, _members(archive, file.stat().st_size), rings).check()
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
        EOFError,
        ValueError,
        struct.error,
    ) as error:
        raise ProofError(f"The archive was damaged or changed: {error}") from error


def _check_end(file: Path) -> None:
    """Step 1, before anybody reads a table that may be as large as it likes."""
    with file.open("rb") as opened:
        size = opened.seek(0, 2)
        opened.seek(max(size - _END.size - _LARGE_SIZE, 0))
        before, tail = opened.read(_LARGE_SIZE), opened.read()
    if len(tail) < _END.size or not tail.startswith(_MAGIC):
        raise ProofError("Expected an archive as 'suyuan trace --out' writes it. It may be cut.")
    _magic, _disk, _first, _here, _count, length, offset, comment = _END.unpack(tail)
    whole = not comment and not before.startswith(_LARGE)
    if length > _LARGEST_TABLE or not whole or offset + length + _END.size != size:
        raise ProofError("Expected an archive as 'suyuan trace --out' writes it, got another one.")


def _members(archive: zipfile.ZipFile, size: int) -> dict[str, zipfile.ZipInfo]:
    """Step 2."""
    found: dict[str, zipfile.ZipInfo] = {}
    total = 0
    for one in archive.infolist():
        plain = one.compress_type == zipfile.ZIP_STORED and not one.flag_bits & _ENCRYPTED
        total += one.file_size
        if (
            not _NAME.fullmatch(one.orig_filename)
            or one.filename in found
            or not plain
            or one.file_size != one.compress_size
            or one.file_size > _LARGEST
            or total > size
        ):
            raise ProofError(f"The member {shown(one.orig_filename)} isn't one that we write.")
        found[one.filename] = one
    return found


@dataclass(frozen=True, slots=True)
class _Bundle:
    archive: zipfile.ZipFile
    members: Mapping[str, zipfile.ZipInfo]
    rings: Mapping[str, KeyRing]

    def _read(self, name: str) -> bytes:
        if name not in self.members:
            raise ProofError(f"The archive holds no {name}. It isn't whole.")
        return self.archive.read(self.members[name])

    def check(self) -> CheckedBundle:
        """Steps 3 to 5."""
        root, events = _links(self._read("trace.json"))
        notes: dict[str, str] = {}
        heads: dict[str, Checkpoint] = {}
        signed: set[str] = set()
        proven: set[str | None] = set()
        count = 0
        for number, seq in self._places():
            if number not in notes:
                notes[number] = self._read(f"checkpoints/{number}.txt").decode("utf-8")
            one = self._proof(number, seq, notes[number])
            heads[number] = one.checkpoint
            signed.update(one.signed)
            proven.add(one.event_id)
            count += 1
        missing = sorted({*events} - proven, key=str)
        if missing:
            raise ProofError(
                f"No entry here is of event {shown(missing[0])}, on which a link rests, and so for"
                f" {len(missing)} events."
            )
        return CheckedBundle(root, len(events), count, (*heads.values(),), tuple(sorted(signed)))

    def _places(self) -> Iterator[tuple[str, str]]:
        """The log's number and the seq of each proof, each with its entry."""
        entries, proofs = set[str](), list[str]()
        for name in self.members:
            matched = _NAME.fullmatch(name)
            assert matched is not None  # noqa: S101 - for the type checker: step 2
            entry, proof = matched.groups()
            if entry is not None:
                entries.add(entry)
            elif proof is not None:
                proofs.append(proof)
        if entries != {*proofs}:
            [first, *_] = sorted(entries ^ {*proofs})
            raise ProofError(f"Of {first} the archive holds an entry or a proof, not both.")
        for place in proofs:
            number, _, seq = place.partition("/")
            yield number, seq

    def _proof(self, number: str, seq: str, note: str) -> CheckedInclusion:
        """Step 4."""
        name = f"proofs/{number}/{seq}.tlog-proof"
        origin = head_of(note).origin
        if origin not in self.rings:
            known = ", ".join(sorted(self.rings)) or "none"
            raise NoteError(
                f"Entries here are of {shown(origin)}; keys were given of {known}. Add --key with"
                " its verifier key, from the organisation itself."
            )
        text = self._read(name)
        if not text.endswith(f"\n\n{note}".encode()):
            raise ProofError(f"{name} leads to another checkpoint than the archive's.")
        checked = check_proof_file(text, self.rings[origin])
        # Only a text form ends as this one does, and without an entry that is refused.
        assert isinstance(checked, CheckedInclusion)  # noqa: S101 - for the type checker
        if str(checked.index) != seq:
            raise ProofError(f"{name} is the proof of entry {checked.index}.")
        if checked.leaf != leaf_hash(self._read(f"entries/{number}/{seq}.entry")):
            raise ProofError(f"{name} is of other bytes than the entry beside it.")
        return checked


def _links(raw: bytes) -> tuple[str, list[str]]:
    """Step 3: the item that was asked about, and the event of each link."""
    value: Any
    try:
        value = orjson.loads(raw)
        root, events = value["root"], [one["event"] for one in value["links"]]
    except (orjson.JSONDecodeError, LookupError, TypeError) as error:
        raise ProofError(f"trace.json is no answer to a trace: {error}") from error
    if not all(isinstance(one, str) for one in (root, *events)):
        raise ProofError("trace.json is no answer to a trace: it names no events.")
    return root, events
