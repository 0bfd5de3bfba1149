"""What capture can do before it holds a log: read, check, canonicalise and name each event.

Most of the work of capture is here, and none of it needs the database: several processes prepare at
once, and the log is held only while entries are stored (`ledger.admission`).

EPCIS 2.0 section 8.2 (capture); DESIGN section 5.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from ledger.errors import CanonicalError
from ledger.log.canonical import canonical_bytes, decimal_pointers
from ledger.oddities import event_oddities
from ledger.problems import Problem, problem
from ledger.projection import MAX_CODE, EventFacts, content_digest, content_name, facts_of
from ledger.receipts import Receipt, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.epcis.events import CheckedEvent
    from ledger.personal import Sealed
    from ledger.sources import Candidate, Source

__all__ = ["GROUP", "Prepared", "prepare", "prepared_groups"]

GROUP: Final = 1000
"""Events that are stored together."""
_MAX_LINE: Final = 2**15 - 1
"""Times that one event may list an item, and lots that it may name."""


class Prepared(Struct, frozen=True, gc=False):
    """A valid event with what identifies it."""

    pointer: str
    facts: EventFacts
    warnings: tuple[Problem, ...]
    event_id: str
    digest: bytes
    original: bytes
    """The digest of the event without its errorDeclaration."""
    body: bytes
    personal: tuple[Sealed, ...] = ()
    """Its personal values, once they are sealed (`ledger.sealing`)."""

    @property
    def declaration(self) -> bool:
        """Whether it carries an errorDeclaration."""
        return self.facts.declaration


def prepared_groups(source: Source) -> Iterator[list[Prepared | Receipt]]:
    """Read a source to its end, in groups of at most `GROUP` events.

    Each event is read to the end before the next one, so that what was parsed of it is gone by
    then: memory doesn't grow with the document.
    """
    ready = map(prepare, source)
    while group := list(islice(ready, GROUP)):
        yield group


def prepare(candidate: Candidate) -> Prepared | Receipt:
    """Make an event ready to be stored, or give the receipt that refuses it."""
    checked = candidate.checked
    if checked is None:
        return Receipt(candidate.pointer, Status.REJECTED, None, None, candidate.problems)
    try:
        raw = canonical_bytes(checked.event)
        digest = content_digest(checked.event, raw=raw)
        original = digest
        if checked.error_declaration is not None:
            original = content_digest(checked.event, without="errorDeclaration")
        body = _body(checked, raw)
    except CanonicalError as error:
        flaw = problem(candidate.pointer, "json.not-canonical", str(error))
        return Receipt(candidate.pointer, Status.REJECTED, checked.event_id, None, (flaw,))
    event_id = checked.event_id or content_name(original)
    facts = facts_of(checked)
    if too_large := _too_large(candidate.pointer, event_id, facts):
        problems = (*checked.warnings, too_large)
        return Receipt(candidate.pointer, Status.REJECTED, event_id, None, problems)
    warnings = (*checked.warnings, *event_oddities(candidate.pointer, facts))
    return Prepared(candidate.pointer, facts, warnings, event_id, digest, original, body)


def _body(checked: CheckedEvent, raw: bytes) -> bytes:
    """The body of the entry, put together in the order of canonical keys around the event."""
    members = []
    if checked.context:
        members.append(b'"context":' + canonical_bytes(list(checked.context)))
    if decimals := decimal_pointers(checked.event):
        members.append(b'"decimals":' + canonical_bytes(decimals))
    members.append(b'"event":' + raw)
    return b"{" + b",".join(members) + b"}"


def _too_large(pointer: str, event_id: str, facts: EventFacts) -> Problem | None:
    """What the tables and their indexes can't hold; the limits are those of PostgreSQL."""
    said = (facts.biz_step, facts.disposition, facts.location, facts.holder, facts.transformation)
    for code in (event_id, *said, *(link.code for link in facts.links)):
        if code is not None and len(code) > MAX_CODE:
            return problem(pointer, "capture.code-too-long", code, limit=MAX_CODE)
    if any(link.line > _MAX_LINE for link in facts.links):
        return problem(pointer, "capture.too-many-lines", limit=_MAX_LINE)
    return None
