"""Personal values: sealed in the log, readable beside it, and gone when they are erased.

An organisation declares fields to be personal, by their full names: extension fields of events and
attributes of master data. From then on an entry holds, in the place of such a field's value,
``urn:suyuan:personal:`` and the commitment to the value (`ledger.log.commitment`), and a list
`personal` of the JSON pointers where; value and salt stand in the table `personal_value`. Rules:

* The whole value of a field is sealed, whatever it is. Numbers in it come back as decimal text.
* A field of EPCIS itself can't be declared, nor a lot number: items, times, places and parties are
  what a trace is made of. A party that is a person is named by a code; its name is master data.
* An event without an eventID is named by its content without the personal values: a name made of
  them could be found by trying values.
* What is sealed stays so; a declaration doesn't reach what was captured before it.
* An erasure is an entry that names the values. Whoever deletes one without it is found out.

Nothing here reads or writes the store but `declared_fields`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import Struct

from ledger.epcis.context import Context, parse_context
from ledger.errors import CanonicalError, EntryError, UsageError, shown
from ledger.log.canonical import canonical_bytes
from ledger.log.commitment import COMMITMENT_SIZE, commit
from ledger.log.entry import decode_entry
from ledger.log.pointers import Room, below, member_at, replaced, unescaped
from ledger.projection import LOT_NUMBER
from ledger.recovery import lineage
from ledger.schemas import PERSONAL_SCHEMA
from ledger.statements import newest_statement

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from sqlalchemy import Connection

__all__ = [
    "MAX_FIELDS",
    "Erased",
    "Erasure",
    "Sealed",
    "commitment_text",
    "declared_fields",
    "field_name",
    "field_names",
    "is_sealed",
    "personal_pointers",
    "read_declaration",
    "read_erasure",
    "require_field",
    "reveal",
    "seal",
    "sealed_members",
    "subject_of",
]

MAX_FIELDS: Final = 1000
"""Fields that an organisation may declare."""
_LONGEST_FIELD: Final = 650  # characters, as of a code
_LONGEST_POINTER: Final = 1000  # characters; an index of PostgreSQL holds 2,704 bytes
_PREFIX: Final = "urn:suyuan:personal:"


class Sealed(Struct, frozen=True):
    """One personal value of an entry."""

    pointer: str
    """Where it stands in the event, or in the element of master data."""
    commitment: bytes
    salt: bytes | None
    """None once it is erased, as the value."""
    value: bytes | None
    """Canonical JSON."""


class Erased(Struct, frozen=True, order=True, forbid_unknown_fields=True):
    """One value that an entry says to be erased."""

    log: str
    """Origin of the log whose entry it stood in."""
    seq: int
    pointer: str
    commitment: str
    """Lower-case hex."""


class Erasure(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of an entry of `ERASURE_SCHEMA`."""

    values: tuple[Erased, ...]
    """Sorted, each once."""
    reason: str
    """In the operator's words."""


class _Declaration(Struct, frozen=True, forbid_unknown_fields=True):
    fields: tuple[str, ...]


def commitment_text(commitment: bytes) -> str:
    """What stands in an entry in the place of a value."""
    return _PREFIX + commitment.hex()


def is_sealed(value: object) -> bool:
    """Whether a value of an entry is only the commitment to a personal one."""
    return isinstance(value, str) and value.startswith(_PREFIX)


def subject_of(body: dict[str, Any]) -> tuple[str, Any]:
    """The event or element of master data in an entry's body, with the key that it stands at."""
    key = "element" if "element" in body else "event"
    return key, body.get(key)


def seal(
    body: dict[str, Any], fields: Collection[str], salt: Callable[[], bytes]
) -> tuple[dict[str, Any], tuple[Sealed, ...]]:
    """Seal the personal values in the body of an entry.

    Args:
        body: Of an event or of master data, as it would stand in the log. It stays as it is.
        fields: Full names.
        salt: Draws a salt for each value.

    Returns:
        The body to store, and the values. Where nothing is personal the body is the same object.

    Raises:
        CanonicalError: Where a value stands can't be stored.
    """
    key, subject = subject_of(body)
    found = personal_pointers(body, fields)
    if not found:
        return body, ()
    values = []
    for pointer in sorted(found):
        value, own = canonical_bytes(member_at(subject, pointer)), salt()
        values.append(Sealed(pointer, commit(own, value), own, value))
    sealed = body | {
        key: replaced(subject, {one.pointer: commitment_text(one.commitment) for one in values}),
        "personal": [one.pointer for one in values],
    }
    if "decimals" in body:
        # What is sealed has no other trace in the log, not even where its numbers are.
        sealed_at = set(found)
        left = [one for one in body["decimals"] if sealed_at.isdisjoint(_way_to(one))]
        sealed["decimals"] = left
        if not left:
            del sealed["decimals"]
    return sealed, tuple(values)


def personal_pointers(body: dict[str, Any], fields: Collection[str]) -> list[str]:
    """Where the values of fields stand in the body of an entry, none of them in another one.

    Raises:
        CanonicalError: Where a value stands can't be stored.
    """
    _, subject = subject_of(body)
    context = parse_context(body.get("context"))
    found = []
    waiting: list[tuple[str, Any]] = [("", subject)]  # objects and arrays only
    room = Room()
    for pointer, value in waiting:
        if isinstance(value, list):
            room.take(pointer, len(value))
            waiting += [
                (below(pointer, index), one)
                for index, one in enumerate(value)
                if isinstance(one, dict | list)
            ]
        else:
            room.take(pointer, len(value))
            for key, one in value.items():
                if field_name(value, key, context) in fields:
                    found.append(_storable(below(pointer, key)))
                elif isinstance(one, dict | list):
                    waiting.append((below(pointer, key), one))
    return found


def _storable(pointer: str) -> str:
    if len(pointer) > _LONGEST_POINTER or not pointer.isprintable():
        raise CanonicalError(
            f"Expected the names around a personal value in at most {_LONGEST_POINTER} printable "
            f"characters, got {shown(pointer)}."
        )
    return pointer


def _way_to(pointer: str) -> Iterator[str]:
    """A pointer, and those of what it leads through."""
    while pointer:
        yield pointer
        pointer = pointer.rpartition("/")[0]


def field_name(holder: dict[str, Any], key: str, context: Context) -> str:
    """The full name of a field; that of a master data attribute stands beside its value."""
    named = holder.get("id")
    if key == "attribute" and isinstance(named, str):
        return context.expand(named)
    return context.expand(key)


def field_names(body: dict[str, Any]) -> Callable[[str], str]:
    """What gives the full name of the field that a pointer of `personal` leads to.

    It raises CanonicalError where that is nowhere.
    """
    _, subject = subject_of(body)
    context = parse_context(body.get("context"))

    def name(pointer: str) -> str:
        path, _, key = pointer.rpartition("/")
        return field_name(member_at(subject, path), unescaped(key), context)

    return name


def reveal(subject: Any, values: Iterable[Sealed]) -> Any:
    """Return an event or element with the values that are still there in their places."""
    known = {one.pointer: one.value for one in values if one.value is not None}
    return replaced(subject, {at: msgspec.json.decode(value) for at, value in known.items()})


def sealed_members(body: dict[str, Any]) -> dict[str, bytes]:
    """The commitments in the body of an entry, by pointer.

    Raises:
        EntryError: What `personal` names is none.
    """
    _, subject = subject_of(body)
    pointers = body.get("personal", [])
    if not isinstance(pointers, list) or not all(isinstance(one, str) for one in pointers):
        raise EntryError(f"Expected personal as a list of pointers, got {shown(pointers)}.")
    if pointers != sorted(set(pointers)):
        raise EntryError("Expected the pointers of personal sorted, each once.")
    try:
        return {pointer: _commitment(member_at(subject, pointer)) for pointer in pointers}
    except CanonicalError as error:
        raise EntryError(str(error)) from None


def _commitment(text: object) -> bytes:
    if isinstance(text, str) and text.startswith(_PREFIX):
        try:
            found = bytes.fromhex(text.removeprefix(_PREFIX))
        except ValueError:
            found = b""
        if len(found) == COMMITMENT_SIZE and commitment_text(found) == text:
            return found
    raise EntryError(f"Expected a commitment to a personal value, got {shown(text)}.")


def read_declaration(body: dict[str, Any]) -> frozenset[str]:
    """The fields that an entry of `PERSONAL_SCHEMA` declares: all, from this entry on.

    Raises:
        EntryError: It is malformed.
    """
    try:
        found = msgspec.convert(body, _Declaration).fields
        for field in found:
            require_field(field)
    except (msgspec.ValidationError, UsageError) as error:
        raise EntryError(f"Expected a declaration of personal fields: {error}") from None
    if list(found) != sorted(set(found)) or len(found) > MAX_FIELDS:
        raise EntryError(f"Expected at most {MAX_FIELDS} fields, sorted, each once.")
    return frozenset(found)


def require_field(field: str) -> None:
    """Refuse a name that no personal field can have.

    Raises:
        UsageError: It is no full name, or one that traces need.
    """
    if len(field) > _LONGEST_FIELD or not field.isascii() or not field.isprintable():
        raise UsageError(
            f"Expected a name of at most {_LONGEST_FIELD} ASCII characters, got {shown(field)}."
        )
    if field == LOT_NUMBER:
        raise UsageError(f"{field} says which lot is meant, so it can't be sealed.")
    scheme, colon, rest = field.partition(":")
    if not (colon and scheme and rest) or " " in field:
        raise UsageError(
            f"Expected the full name of an extension field or of a master data attribute, such as "
            f"https://example.com/ns/customer, got {shown(field)}."
        )


def read_erasure(body: dict[str, Any]) -> Erasure:
    """The body of an entry of `ERASURE_SCHEMA`.

    Raises:
        EntryError: It is malformed.
    """
    try:
        found = msgspec.convert(body, Erasure)
    except msgspec.ValidationError as error:
        raise EntryError(f"Expected an erasure: {error}") from None
    if not found.values or list(found.values) != sorted(set(found.values)):
        raise EntryError("Expected the erased values sorted, each once, and one at least.")
    return found


def declared_fields(connection: Connection, log: int) -> frozenset[str]:
    """The fields that are personal in a log now.

    A log that goes on for another one, behind a recovery, goes on with its declaration.

    Raises:
        EntryError: The entry isn't what was written; `suyuan verify` names it.
    """
    for one in (log, *lineage(connection).get(log, ())):
        raw = newest_statement(connection, one, PERSONAL_SCHEMA)
        if raw is not None:
            return read_declaration(decode_entry(raw).body)
    return frozenset()
