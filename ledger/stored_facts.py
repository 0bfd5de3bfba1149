"""What a stored entry makes of its event: the facts again, from the bytes that the log holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.epcis.checking import read_event
from ledger.epcis.context import parse_context
from ledger.projection import facts_of
from ledger.stored import stored_entry

if TYPE_CHECKING:
    from ledger.projection import EventFacts

__all__ = ["stored_facts"]


def stored_facts(raw: object) -> EventFacts:
    """The facts of an entry's event.

    Raises:
        DamageError: The bytes are no entry; the ledger was changed behind the log.
    """
    body = stored_entry(raw).body
    return facts_of(read_event(body["event"], parse_context(body.get("context"))))
