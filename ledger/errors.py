"""Every error that leaves this package, in one tree.

::

    LedgerError
    ├── CanonicalError         a value or text outside the safe subset of JSON that the log stores
    │   └── JsonSyntaxError    the text is not JSON at all (or not yet: a stream may have been cut)
    ├── EntryError             bytes that are no entry of a log, or a header no entry may have
    ├── ProofError             a Merkle proof, or a proof file, that does not prove what it should
    ├── VerifyError            a log that was tampered with, damaged or cut; says where
    ├── NoteError              a signed note, checkpoint or key that is malformed or not trusted
    ├── WitnessError           a witness that refuses, or whose answer doesn't hold
    ├── BackupError            a backup that is damaged, or isn't what may be restored here
    ├── StoreError             the surroundings fail (database, disk ...); says the likely fix
    │   └── DamageError        a stored value that no value of its column can be
    ├── UsageError             a caller's value that can't be meant, such as a malformed name
    │   ├── TimeError          text that is no time
    │   └── ConflictError      a name that stands for something else already
    ├── NotFoundError          what was asked for is not in the ledger
    │   └── TileError          a tile of a log holds fewer hashes than the log has entries for it
    ├── IssuanceError          no more codes can be issued, or not these
    ├── TagError               a link whose tag is missing or was not made by us
    └── CaptureError           a whole document is refused; the problems of its parts stand beside

Callers act on the class; the text is one sentence for people that says what was expected and what
came. No error of a helper library (``ValueError``, ``RecursionError`` and so on) leaves.
"""

import json
from typing import Final

__all__ = [
    "BackupError",
    "CanonicalError",
    "CaptureError",
    "ConflictError",
    "DamageError",
    "EntryError",
    "IssuanceError",
    "JsonSyntaxError",
    "LedgerError",
    "NotFoundError",
    "NoteError",
    "ProofError",
    "StoreError",
    "TagError",
    "TileError",
    "TimeError",
    "UsageError",
    "VerifyError",
    "WitnessError",
]

_SHOWN: Final = 60  # characters of a foreign value that a message repeats


def shown(value: object) -> str:
    """Return `value` as a message may repeat it: quoted, on one line and never long."""
    if isinstance(value, str | bytes) and len(value) > _SHOWN:
        return f"{value[:_SHOWN]!r}..."
    text = repr(value)
    return text if len(text) <= _SHOWN + 2 else f"{text[:_SHOWN]}..."


class LedgerError(Exception):
    """Root of all errors of this package."""


class CanonicalError(LedgerError):
    """A value or text that the log cannot store in exactly one way."""


class JsonSyntaxError(CanonicalError, json.JSONDecodeError):
    """Text that is not JSON.

    Also a `json.JSONDecodeError`, with its ``pos``, ``lineno`` and ``colno``, so that a reader of a
    stream can tell "not complete yet" from a value that is complete and refused.
    """


class EntryError(LedgerError):
    """Bytes that are not an entry, or header values that no entry may have."""


class ProofError(LedgerError):
    """A proof that is malformed or does not lead to the root it should."""


class VerifyError(LedgerError):
    """A log that is not what was written and signed: its first finding in one sentence."""


class NoteError(LedgerError):
    """A signed note, checkpoint or key that is malformed, or a signature that does not hold."""


class WitnessError(LedgerError):
    """A witness that refuses, misbehaves or can't be reached: what it does, without its name.

    `status` is that of HTTP, 0 where there was none; `passing` says that it may work later.
    """

    def __init__(self, message: str, *, status: int = 0, passing: bool = False) -> None:
        super().__init__(message)
        self.status = status
        self.passing = passing or status in {429, *range(500, 600)}


class StoreError(LedgerError):
    """The surroundings fail (database missing, locked, full); `fix` says what to do."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(f"{message} {fix}")
        self.fix = fix


class DamageError(StoreError):
    """A stored value that no value of its column can be: the ledger was damaged or changed."""


class BackupError(LedgerError):
    """A backup that is damaged or was changed, or that would take back what is known here."""


class UsageError(LedgerError):
    """A caller's value that can't be meant."""


class TimeError(UsageError):
    """Text that is no time."""


class ConflictError(UsageError):
    """A name that stands for something else already."""


class NotFoundError(LedgerError):
    """What was asked for by name is not in the ledger."""


class TileError(NotFoundError):
    """A tile that holds fewer hashes than the log has entries for it."""


class IssuanceError(LedgerError):
    """Codes that can't be issued: the serials are used up, or the keys aren't those of before."""


class TagError(LedgerError):
    """A link whose tag is missing, or that none of our keys has made; `missing` says which."""

    def __init__(self, message: str, *, missing: bool = False) -> None:
        super().__init__(message)
        self.missing = missing


class CaptureError(LedgerError):
    """A document that is refused as a whole."""
