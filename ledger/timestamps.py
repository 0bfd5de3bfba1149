"""Time stamps of checkpoints (RFC 3161): asked for, verified, and checked where they are stored.

Rules kept:

* What is stamped is the whole note as the log signed it, so that the signature is as old as the
  token says.
* A token counts only under a root certificate that the operator has named and that stands beside
  the keys; the authority's own certificate is verified for the time that the token says.
* The library for it is an extra, loaded on first use. Nothing here writes.

https://www.rfc-editor.org/rfc/rfc3161
"""

from __future__ import annotations

import hashlib
import importlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from cryptography.x509 import Certificate, load_pem_x509_certificates

from ledger.cosignatures import Covering
from ledger.errors import NoteError, NotFoundError, StoreError, UsageError
from ledger.log.report import Finding, Kind
from ledger.store.sets import fetch, is_sqlite

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sqlalchemy import Connection

__all__ = [
    "MAX_TOKEN",
    "ROOTS",
    "Request",
    "kept_roots",
    "make_request",
    "match_time_stamp",
    "read_roots",
    "stored_checkpoint",
    "time_stamp_findings",
    "time_stamps",
    "verify_time_stamp",
]

MAX_TOKEN: Final = 100_000
"""Bytes of an answer with a token and its certificates."""

_HASHES: Final = {
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
"""What a token may be over, by object identifier (RFC 5754)."""

_PAGE: Final = 100
"""Tokens that are read at once."""

ROOTS: Final = "tsa"
"""Folder of the trusted root certificates below that of the keys."""


@dataclass(frozen=True, slots=True)
class Request:
    """A TimeStampReq (section 2.4.1)."""

    body: bytes
    """DER."""
    nonce: int


def _client() -> Any:
    try:
        return importlib.import_module("rfc3161_client")
    except ImportError as error:
        raise StoreError(
            "Time stamps need the package rfc3161-client.",
            "Install it with pip install 'suyuan[timestamps]'.",
        ) from error


def read_roots(pem: str) -> list[Certificate]:
    """Read root certificates.

    Raises:
        UsageError: There is none.
    """
    try:
        return load_pem_x509_certificates(pem.encode())
    except ValueError as error:
        raise UsageError("Expected a root certificate in PEM, got none.") from error


def kept_roots(keys: Path) -> list[Certificate]:
    """The root certificates that are kept below the keys' folder.

    Raises:
        StoreError: A file can't be used.
    """
    found: list[Certificate] = []
    for path in sorted((keys / ROOTS).glob("*.pem")):
        try:
            found += load_pem_x509_certificates(path.read_bytes())
        except (OSError, ValueError) as error:
            raise StoreError(
                f"The root certificate {path.name} can't be used: {error}.",
                "Put the file back from your backup of the keys.",
            ) from error
    return found


def make_request(note: str) -> Request:
    """Return a request for a token over a signed note, with a nonce and the certificate asked for.

    Raises:
        StoreError: The extra isn't installed.
    """
    client = _client()
    built = (
        client.TimestampRequestBuilder()
        .data(note.encode())
        .hash_algorithm(client.HashAlgorithm.SHA256)
        .nonce(nonce=True)
        .cert_request(cert_request=True)
        .build()
    )
    return Request(built.as_bytes(), built.nonce)


def verify_time_stamp(
    raw: bytes, note: str, roots: Sequence[Certificate], nonce: int | None = None
) -> datetime:
    """Check a TimeStampResp (section 2.4.2) over a signed note; return the time it says, UTC.

    Args:
        raw: The answer, DER.
        note: The signed checkpoint.
        roots: Trusted root certificates.
        nonce: That of the request, when it has just been made.

    Raises:
        NoteError: It doesn't hold.
        StoreError: The extra isn't installed.
    """
    client = _client()
    if not roots:
        raise NoteError("Expected a root certificate to check the time stamp with, got none.")
    try:
        response = client.decode_timestamp_response(raw)
        builder = client.VerifierBuilder(roots=list(roots), nonce=nonce)
        builder.build().verify_message(response, note.encode())
        moment = response.tst_info.gen_time
    except (client.VerificationError, ValueError, TypeError, OverflowError) as error:
        raise NoteError(f"The time stamp doesn't hold: {error}.") from None
    if not isinstance(moment, datetime):
        raise NoteError("Expected a time in the time stamp.")
    return moment


def stored_checkpoint(connection: Connection, log: int) -> Covering:
    """The newest checkpoint of a log as its key signed it, without cosignatures.

    Raises:
        NotFoundError: There is none.
    """
    rows = fetch(
        connection,
        "SELECT size, note FROM checkpoint WHERE log_id = {p} ORDER BY size DESC LIMIT 1",
        log,
    )
    if not rows:
        raise NotFoundError("The log has no checkpoint yet; capture something first.")
    return Covering(rows[0][0], rows[0][1], 0)


def match_time_stamp(raw: bytes, note: str) -> None:
    """Check that a TimeStampResp is over a signed note (section 2.4.2), whoever has signed it.

    Raises:
        NoteError: It isn't.
        StoreError: The extra isn't installed.
    """
    client = _client()
    try:
        response = client.decode_timestamp_response(raw)
        imprint = response.tst_info.message_imprint
        algorithm = _HASHES.get(imprint.hash_algorithm.dotted_string)
        granted = response.status == client.PKIStatus.GRANTED
    except (client.VerificationError, ValueError, TypeError, OverflowError) as error:
        raise NoteError(f"The time stamp doesn't hold: {error}.") from None
    if not granted or algorithm is None:
        raise NoteError("Expected a granted time stamp over a SHA-2 hash.")
    if imprint.message != hashlib.new(algorithm, note.encode()).digest():
        raise NoteError("The time stamp is of something else than the checkpoint of its size.")


def _rows(connection: Connection, log: int) -> Iterator[tuple[Any, ...]]:
    """Size, token and note of each stored token, in pages: what is too long is read as none."""
    length = "length(CAST(token AS BLOB))" if is_sqlite(connection) else "length(token)"
    start, full = 0, True
    while full:
        rows = fetch(
            connection,
            f"SELECT time_stamp.size, CASE WHEN {length} <= {MAX_TOKEN} THEN token END, note"
            " FROM time_stamp LEFT JOIN checkpoint"
            " ON checkpoint.log_id = time_stamp.log_id AND checkpoint.size = time_stamp.size"
            f" WHERE time_stamp.log_id = {{p}} ORDER BY time_stamp.size LIMIT {_PAGE} OFFSET {{p}}",
            log,
            start,
        )
        yield from rows
        start, full = start + _PAGE, len(rows) == _PAGE


def _paired(token: Any, note: Any) -> tuple[bytes, str]:
    if type(note) is not str:
        raise NoteError("A time stamp stands here, and no checkpoint of its size.")
    if not isinstance(token, bytes | memoryview):
        raise NoteError(f"Expected a time stamp as bytes, {MAX_TOKEN} at most.")
    return bytes(token), note


def time_stamps(
    connection: Connection, log: int, roots: Sequence[Certificate]
) -> Iterator[tuple[int, datetime]]:
    """Yield size and time of each stored token that holds.

    Raises:
        StoreError: There are tokens, and the extra isn't installed.
    """
    for size, token, note in _rows(connection, log):
        try:
            yield size, verify_time_stamp(*_paired(token, note), roots)
        except NoteError:
            continue


def time_stamp_findings(
    connection: Connection, log: int, origin: str, roots: Sequence[Certificate] | None
) -> Iterator[Finding]:
    """Check every stored token of a log over the checkpoint of its size.

    Args:
        connection: The ledger.
        log: Surrogate id of the log.
        origin: Its name.
        roots: Trusted root certificates; None asks only that each token is of its checkpoint.

    Raises:
        StoreError: There are tokens, and the extra isn't installed.
    """
    for size, token, note in _rows(connection, log):
        try:
            raw, text = _paired(token, note)
            if roots is None:
                match_time_stamp(raw, text)
            else:
                verify_time_stamp(raw, text, roots)
        except NoteError as error:
            seq = size - 1 if type(size) is int and size > 0 else None
            yield Finding(origin, seq, "time_stamp.token", Kind.CHECKPOINT, str(error))
