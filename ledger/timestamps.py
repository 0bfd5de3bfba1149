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

import importlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from cryptography.x509 import Certificate, load_pem_x509_certificates

from ledger.cosignatures import Covering
from ledger.errors import NoteError, NotFoundError, StoreError, UsageError
from ledger.log.report import Finding, Kind
from ledger.store.sets import fetch

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
    "read_roots",
    "stored_checkpoint",
    "time_stamp_findings",
    "time_stamps",
    "verify_time_stamp",
]

MAX_TOKEN: Final = 100_000
"""Bytes of an answer with a token and its certificates."""

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


def _rows(connection: Connection, log: int) -> list[tuple[Any, ...]]:
    return fetch(
        connection,
        "SELECT time_stamp.size, token, note FROM time_stamp LEFT JOIN checkpoint"
        " ON checkpoint.log_id = time_stamp.log_id AND checkpoint.size = time_stamp.size"
        " WHERE time_stamp.log_id = {p} ORDER BY time_stamp.size",
        log,
    )


def _checked(token: Any, note: Any, roots: Sequence[Certificate]) -> datetime:
    if type(note) is not str:
        raise NoteError("A time stamp stands here, and no checkpoint of its size.")
    if not isinstance(token, bytes | memoryview):
        raise NoteError("Expected a time stamp as bytes.")
    return verify_time_stamp(bytes(token), note, roots)


def time_stamps(
    connection: Connection, log: int, roots: Sequence[Certificate]
) -> Iterator[tuple[int, datetime]]:
    """Yield size and time of each stored token that holds.

    Raises:
        StoreError: There are tokens, and the extra isn't installed.
    """
    for size, token, note in _rows(connection, log):
        try:
            yield size, _checked(token, note, roots)
        except NoteError:
            continue


def time_stamp_findings(
    connection: Connection, log: int, origin: str, roots: Sequence[Certificate]
) -> Iterator[Finding]:
    """Check every stored token of a log over the checkpoint of its size.

    Raises:
        StoreError: There are tokens, and the extra isn't installed.
    """
    for size, token, note in _rows(connection, log):
        try:
            _checked(token, note, roots)
        except NoteError as error:
            seq = size - 1 if type(size) is int and size > 0 else None
            yield Finding(origin, seq, "time_stamp.token", Kind.CHECKPOINT, str(error))
