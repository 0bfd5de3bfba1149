"""Files of private keys: PKCS#8 in PEM, for their owner only, with a passphrase or without.

* A file that others may read is refused, with the command that mends it.
* A file is replaced whole (`ledger.files`).
* A passphrase comes from the caller, never from a command line, and no message repeats it. PKCS#8
  derives a key from it with few rounds, so it has to be long: `MIN_PASSPHRASE`.

RFC 5208, RFC 8018 (PBES2), RFC 8410
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from ledger.errors import StoreError, UsageError
from ledger.files import write_whole

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = [
    "MIN_PASSPHRASE",
    "PrivateKey",
    "is_protected",
    "load_private",
    "save_private",
]

PrivateKey = Ed25519PrivateKey | MLDSA44PrivateKey

MIN_PASSPHRASE: Final = 16
"""Characters: PKCS#8 as OpenSSL writes it takes 2,048 rounds, which slow a guesser down little."""
_PROTECTED: Final = "-----BEGIN ENCRYPTED PRIVATE KEY-----"
_MAX_FILE: Final = 100_000  # bytes; the largest key has about 4,000


def is_protected(path: Path) -> bool:
    """Whether a key's file needs a passphrase.

    Raises:
        StoreError: It can't be read.
    """
    return _read(path).startswith(_PROTECTED)


def load_private(path: Path, passphrase: Callable[[str], str | None] | None) -> PrivateKey:
    """Load a private key.

    Args:
        path: Its file.
        passphrase: Asked with the file's name, where the file needs one; None where nobody can.

    Raises:
        StoreError: It is missing, damaged, others may read it, or the passphrase doesn't open it.
    """
    text = _read(path)
    protected = text.startswith(_PROTECTED)
    secret = None
    if protected:
        given = passphrase(path.name) if passphrase is not None else None
        if not given:
            raise StoreError(
                f"The signing key {path.name} is protected with a passphrase.",
                "Set SUYUAN_PASSPHRASE or SUYUAN_PASSPHRASE_FILE, or use a terminal to be asked.",
            )
        secret = given.encode("utf-8", "surrogateescape")
    try:
        private = load_pem_private_key(text.encode("ascii"), secret)
        if not isinstance(private, Ed25519PrivateKey | MLDSA44PrivateKey):
            raise TypeError("it is no Ed25519 key")  # noqa: TRY301 - one message for all
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        if protected:
            raise StoreError(
                f"The passphrase doesn't open the signing key {path.name}.",
                "Try again; if you are sure of it, put the file back from your backup of the keys.",
            ) from None
        raise StoreError(
            f"The signing key {path.name} is damaged: {error}.",
            "Put the file back from your backup of the keys.",
        ) from error
    return private


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read(_MAX_FILE).decode("ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(
            f"The signing key {path.name} can't be read: {error}.",
            "Put the file back from your backup of the keys; a new key would break the log.",
        ) from error
    if mode & 0o077:
        raise StoreError(f"Others may read the signing key {path.name}.", f"Run chmod 600 {path}.")
    return text


def save_private(path: Path, private: PrivateKey, passphrase: str | None) -> None:
    """Write a private key's file, or replace it; a crash leaves the old file or the new one.

    Raises:
        OSError: It can't be written.
        UsageError: The passphrase is too short.
    """
    protection: KeySerializationEncryption = NoEncryption()
    if passphrase is not None:
        if len(passphrase) < MIN_PASSPHRASE:
            raise UsageError(
                f"Expected a passphrase of at least {MIN_PASSPHRASE} characters,"
                f" got {len(passphrase)}; six words drawn by lot are good."
            )
        protection = BestAvailableEncryption(passphrase.encode("utf-8", "surrogateescape"))
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection)
    write_whole(path, pem, 0o600)
