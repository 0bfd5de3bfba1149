"""The SM3 and SM2 companion of a log's newest checkpoint (`ledger.log.sm`), made on request.

Nothing of it is on the path of a capture. The tree in SM3 is computed from the entries' bytes,
together with the one in SHA-256, whose root has to be that of the checkpoint: so both are over the
same bytes. What was computed is kept in the keys' folder, and the next companion reads the entries
since then only.

| file | what it is |
| --- | --- |
| `<log>.sm2` | private SM2 key, 64 hex digits, mode 0600 |
| `<log>.sm2-vkey` | its public half, to publish |
| `<log>.sm3` | the tree so far; it can be deleted at any time |
"""

from __future__ import annotations

import base64
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from ledger.errors import NoteError, StoreError, VerifyError, shown
from ledger.files import write_whole
from ledger.log.checkpoint import open_checkpoint, strict_decimal
from ledger.log.merkle import HASH_SIZE
from ledger.log.note import ED25519, strict_base64
from ledger.log.sm import Companion, DualRange, Sm2Signer, Sm2Verifier, open_companion
from ledger.loggedkeys import trusted_keys
from ledger.proofs import newest_checkpoint
from ledger.store.sets import fetch

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from ledger.keys import KeyFolder
    from ledger.organisations import Organisation

__all__ = ["check_companion", "make_companion", "sm2_key"]

_RUN: Final = 2_000
"""Entries that are read at once."""
_HEADER: Final = "suyuan/sm3-range/1"


def make_companion(connection: Connection, keys: KeyFolder, organisation: Organisation) -> str:
    """Make the companion of a log's newest checkpoint, and on first use its SM2 key.

    Raises:
        NotFoundError: The log is empty.
        StoreError: A key or the folder can't be used, or gmalg is not installed.
        NoteError: The checkpoint isn't signed by the log's keys.
        VerifyError: The entries are not those that the checkpoint covers.
    """
    origin = organisation.origin
    signer = _signer(keys, origin)
    ring = trusted_keys(connection, organisation, keys.ring(origin))
    note = newest_checkpoint(connection, organisation.slug)
    checkpoint = open_checkpoint(note, origin, ring)
    file = keys.file(origin, "sm3")
    state = _load(file, origin)
    if state.size > checkpoint.size:
        state = DualRange()
    found = _grown(connection, organisation, state, checkpoint.size)
    if found.roots()[0] != checkpoint.root:
        # What was kept may be of another copy of the ledger.
        found = _grown(connection, organisation, DualRange(), checkpoint.size)
    root, sm3_root = found.roots()
    if root != checkpoint.root:
        raise VerifyError(
            f"The entries of {origin} are not those of its checkpoint of size {checkpoint.size}."
            " Run 'suyuan verify'."
        )
    able = ring.at(checkpoint.size)
    signers = [
        one for one in keys.signers(origin) if one.verifier.kind == ED25519 and one.verifier in able
    ]
    companion = Companion(origin, checkpoint.size, sm3_root, root).sign([*signers, signer])
    _write(file, origin, _text(origin, found), 0o644)
    return companion


def check_companion(
    connection: Connection,
    keys: KeyFolder,
    organisation: Organisation,
    note: bytes,
    sm2: Sm2Verifier | None,
) -> Companion:
    """Check a companion: its signatures, and both roots against the entries' bytes.

    Args:
        connection: The ledger.
        keys: Where the pinned keys are.
        organisation: Whose log.
        note: The companion.
        sm2: The log's SM2 key; None for the one in the keys' folder.

    Raises:
        NoteError: Malformed, of another log, or not signed by the log's keys.
        StoreError: There is no SM2 key here, or gmalg is not installed.
        VerifyError: The entries are others.
    """
    ring = trusted_keys(connection, organisation, keys.ring(organisation.origin))
    found = open_companion(note, ring, sm2 or sm2_key(keys, organisation.origin))
    if organisation.size < found.size:
        raise VerifyError(
            f"The companion is over {found.size} entries, the log has {organisation.size}."
        )
    roots = _grown(connection, organisation, DualRange(), found.size).roots()
    for name, said, computed in zip(
        ("SHA-256", "SM3"), (found.root, found.sm3_root), roots, strict=True
    ):
        if said != computed:
            raise VerifyError(
                f"The first {found.size} entries have the {name} root {computed.hex()},"
                f" the companion says {said.hex()}."
            )
    return found


def sm2_key(keys: KeyFolder, origin: str) -> Sm2Verifier:
    """The public SM2 key of a log.

    Raises:
        StoreError: There is none, or its file can't be used.
    """
    path = keys.file(origin, "sm2-vkey")
    try:
        verifier = Sm2Verifier.from_vkey(path.read_text("ascii").strip())
        if verifier.name != origin:
            raise NoteError(f"it is of {verifier.name}, not of {origin}.")  # noqa: TRY301
    except (OSError, UnicodeDecodeError, NoteError) as error:
        raise StoreError(
            f"The SM2 key {path.name} can't be used: {error}",
            "Make a companion first, or put the file back from your backup of the keys.",
        ) from error
    return verifier


def _signer(keys: KeyFolder, origin: str) -> Sm2Signer:
    path = keys.file(origin, "sm2")
    try:
        with path.open("rb") as file:
            mode, text = path.stat().st_mode, file.read(3 * HASH_SIZE)
    except FileNotFoundError:
        return _new_signer(keys, origin, path)
    except OSError as error:
        raise StoreError(
            f"The SM2 key {path.name} can't be read: {error}.", "Check its permissions."
        ) from error
    if mode & 0o077:
        raise StoreError(f"Others may read the SM2 key {path.name}.", f"Run chmod 600 {path}.")
    try:
        signer = Sm2Signer.from_secret(origin, bytes.fromhex(text.decode("ascii")))
    except (ValueError, NoteError) as error:
        raise StoreError(
            f"The SM2 key {path.name} is damaged.",
            "Put the file back from your backup of the keys.",
        ) from error
    public = keys.file(origin, "sm2-vkey")
    if not public.exists():
        # Where making the key was cut short, or its file was lost: it follows from the private one.
        _write(public, origin, signer.verifier.vkey + "\n", 0o644)
    if signer.verifier != sm2_key(keys, origin):
        raise StoreError(
            f"The SM2 key {path.name} is not the one of {path.name}-vkey.",
            "Put both files back from the same backup of the keys.",
        )
    return signer


def _new_signer(keys: KeyFolder, origin: str, path: Path) -> Sm2Signer:
    public = keys.file(origin, "sm2-vkey")
    if public.exists():
        raise StoreError(
            f"The SM2 key {path.name} is gone; a new one would look like somebody else's.",
            "Put the file back from your backup of the keys.",
        )
    signer = Sm2Signer.generate(origin)
    _write(path, origin, signer.secret.hex() + "\n", 0o600)
    return _signer(keys, origin)


def _write(path: Path, origin: str, text: str, mode: int) -> None:
    try:
        write_whole(path, text, mode)
    except OSError as error:
        raise StoreError(
            f"The file {path.name} of {origin} can't be written: {error}.",
            "Check the folder's permissions and the free space.",
        ) from error


def _grown(
    connection: Connection, organisation: Organisation, state: DualRange, size: int
) -> DualRange:
    """Add the entries up to a size, in memory that doesn't grow with them."""
    while state.size < size:
        rows = fetch(
            connection,
            "SELECT bytes FROM entry WHERE log_id = {p} AND seq >= {p} AND seq < {p} ORDER BY seq",
            organisation.row,
            state.size,
            min(size, state.size + _RUN),
        )
        if not rows:
            raise VerifyError(f"Entry {state.size} of {organisation.origin} is missing.")
        for (raw,) in rows:
            if not isinstance(raw, bytes | memoryview):
                raise VerifyError(f"Entry {state.size} holds no bytes, but {shown(raw)}.")
            state.append(bytes(raw))
    return state


def _text(origin: str, state: DualRange) -> str:
    nodes = (" ".join(base64.b64encode(one).decode() for one in some) for some in state.nodes)
    text = "\n".join((_HEADER, origin, str(state.size), *nodes)) + "\n"
    return text + sha256(text.encode()).hexdigest() + "\n"


def _load(path: Path, origin: str) -> DualRange:
    """What was computed before; an empty tree where that can't be used, for it is only a help."""
    try:
        _, whose, size, first, second, _, _ = path.read_text("ascii").split("\n")
        nodes = [[strict_base64(one, "a hash") for one in some.split()] for some in (first, second)]
        state = DualRange(strict_decimal(size, "a size"), (nodes[0], nodes[1]))
        # The checksum tells a damaged file; who may write to this folder is trusted.
        if whose == origin and path.read_text("ascii") == _text(origin, state):
            return state
    except (OSError, ValueError, NoteError):
        pass
    return DualRange()
