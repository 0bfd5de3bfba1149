"""An event after the check: what genealogy and item state need of it, without another walk.

* Words are bare CBV words, or full URIs of other vocabularies; forms of EPCIS 1.x are gone.
* Times are UTC microseconds; digits behind the sixth are cut off here, and kept in `event`.
* Every item carries its text as sent, and the code it parses to; a code that was kept as it is has
  level `OTHER`.
* `event` is what the log stores: the event as sent, without its ``@context``.

https://ref.gs1.org/standards/epcis/2.0.0/ section 7.4
"""

from enum import StrEnum
from typing import Any

from msgspec import Struct

from identifiers import ItemCode
from ledger.log.canonical import DecimalText
from ledger.problems import Problem

__all__ = ["CheckedEvent", "ErrorDeclaration", "ItemRef", "PartyRef", "Role"]


class Role(StrEnum):
    """The part an item plays in its event."""

    OBJECT = "object"
    INPUT = "input"
    OUTPUT = "output"
    PARENT = "parent"
    CHILD = "child"


class ItemRef(Struct, frozen=True, gc=False):
    """One item, lot or class that an event names."""

    text: str
    """The code as sent."""
    role: Role
    code: ItemCode
    quantity: int | DecimalText | None = None
    """How much of a lot or class; None for an instance, or when the sender gave none."""
    unit: str | None = None
    """UN/ECE Rec 20 code; None when `quantity` counts pieces."""
    of_class: bool = False
    """Named in a list of quantities: a lot or class, not an instance."""


class PartyRef(Struct, frozen=True, gc=False):
    """One source or destination."""

    kind: str
    """``owning_party``, ``possessing_party``, ``location``, or the URI of another kind."""
    id: str


class ErrorDeclaration(Struct, frozen=True):
    """The statement that an earlier event was wrong (EPCIS 2.0 section 7.4.1.4)."""

    declaration_time_us: int
    reason: str | None
    corrective_event_ids: tuple[str, ...]


class CheckedEvent(Struct, frozen=True, kw_only=True):
    """One event that may be stored."""

    event: dict[str, Any]
    """The event to store."""
    context: tuple[Any, ...]
    """The ``@context`` entries beyond the standard one."""
    type: str
    event_id: str | None
    event_time_us: int
    """UTC microseconds since 1970."""
    zone_offset: str
    """The sender's offset at the place of the event, such as ``+08:00``."""
    action: str | None
    """``ADD``, ``OBSERVE`` or ``DELETE``; None where the type has none."""
    biz_step: str | None
    disposition: str | None
    read_point: str | None
    biz_location: str | None
    items: tuple[ItemRef, ...]
    transformation_id: str | None
    sources: tuple[PartyRef, ...]
    destinations: tuple[PartyRef, ...]
    ilmd: dict[str, Any]
    error_declaration: ErrorDeclaration | None
    warnings: tuple[Problem, ...]
