"""The schemas of entries: what stands in the header's `schema`, and what the body then is."""

from __future__ import annotations

from typing import Final

__all__ = ["EVENT_SCHEMA", "KEY_SCHEMA", "RECOVERY_SCHEMA", "VOCABULARY_SCHEMA"]

EVENT_SCHEMA: Final = "suyuan/event/1"
"""`event` (an EPCIS event in canonical form), `decimals` (JSON pointers of the numbers that became
text), `context` (what the document's `@context` said beyond the standard one)."""
VOCABULARY_SCHEMA: Final = "suyuan/vocabulary/1"
"""`vocabulary` (the type's URI), `element` (one element of EPCIS master data), `decimals`."""
KEY_SCHEMA: Final = "suyuan/key/1"
"""`note`: a signed note that states all keys of the log from now on (`ledger.log.keychain`)."""
RECOVERY_SCHEMA: Final = "suyuan/recovery/1"
"""`recovery` (what a restore could not bring back, see `ledger.recovery`), `signatures` (over it,
lines of a C2SP signed-note)."""
