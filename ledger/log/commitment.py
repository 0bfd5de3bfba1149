"""Salted commitments: the log holds the hash, the value stands where it can be deleted.

``commitment = SHA-256(0x10 || salt || value)`` with a salt of 16 random bytes of its own. Without
the salt nobody can try values until one fits, so that with value and salt deleted the commitment
says nothing; while they are there, they can't be exchanged. The first byte keeps these hashes apart
from leaves and nodes of the Merkle tree (RFC 6962, section 2.1: 0x00 and 0x01).

>>> made = commit(bytes(16), b'"Wang Li"')
>>> verify_commitment(made, bytes(16), b'"Wang Li"')
"""

from hashlib import sha256
from hmac import compare_digest
from typing import Final

from ledger.errors import EntryError

__all__ = ["COMMITMENT_SIZE", "SALT_SIZE", "commit", "verify_commitment"]

SALT_SIZE: Final = 16
"""Bytes."""
COMMITMENT_SIZE: Final = 32
"""Bytes."""
_DOMAIN: Final = b"\x10"


def commit(salt: bytes, value: bytes) -> bytes:
    """Return the commitment to a value.

    Args:
        salt: `SALT_SIZE` random bytes that are used for this value only.
        value: Canonical JSON.

    Raises:
        EntryError: The salt has another size: then it is not clear where the value begins.
    """
    if len(salt) != SALT_SIZE:
        raise EntryError(f"Expected a salt of {SALT_SIZE} bytes, got {len(salt)}.")
    return sha256(_DOMAIN + salt + value).digest()


def verify_commitment(commitment: bytes, salt: bytes, value: bytes) -> None:
    """Verify that salt and value are those that were committed to.

    Raises:
        EntryError: They aren't.
    """
    if not compare_digest(commitment, commit(salt, value)):
        raise EntryError("The salt and the value aren't those that were committed to.")
