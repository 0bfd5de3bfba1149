"""The schemas of entries: what stands in the header's `schema`, and what the body then is."""

from __future__ import annotations

from typing import Final

__all__ = [
    "ERASURE_SCHEMA",
    "EVENT_SCHEMA",
    "KEY_SCHEMA",
    "PERSONAL_SCHEMA",
    "RECOVERY_SCHEMA",
    "VOCABULARY_SCHEMA",
]

EVENT_SCHEMA: Final = "suyuan/event/1"
"""`event` (an EPCIS event in canonical form), `decimals` (JSON pointers of the numbers that became
text), `context` (what the document's `@context` said beyond the standard one), `personal` (JSON
pointers of the commitments in the place of personal values, see `ledger.personal`)."""
VOCABULARY_SCHEMA: Final = "suyuan/vocabulary/1"
"""`vocabulary` (the type's URI), `element` (one element of EPCIS master data), `decimals`,
`personal`."""
KEY_SCHEMA: Final = "suyuan/key/1"
"""`note`: a signed note that states all keys of the log from now on (`ledger.log.keychain`)."""
RECOVERY_SCHEMA: Final = "suyuan/recovery/1"
"""`recovery` (what a restore could not bring back, see `ledger.recovery`), `signatures` (over it,
lines of a C2SP signed-note)."""
PERSONAL_SCHEMA: Final = "suyuan/personal/1"
"""`fields`: the full names of all fields that are personal from now on."""
ERASURE_SCHEMA: Final = "suyuan/erasure/1"
"""`values` (which personal values are erased, see `ledger.personal.Erased`), `reason`."""
