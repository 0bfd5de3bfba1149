"""Decide whether an event may be stored, and read off what the ledger needs of it.

1. `conforms` checks the shape in C; an event that is not flawless is walked by `explain`, which
   names each problem and what is forgiven with a warning.
2. Every item and place code is judged by its own scheme: a wrong check digit refuses the event; a
   URN that only claims to be GS1 is kept as sent with a warning, for a partner's lot stays a lot;
   so is an address on a partner's host that looks like a Digital Link and is none.
3. Words become bare CBV words, times UTC microseconds.

https://ref.gs1.org/standards/epcis/2.0.0/ section 7
"""

import re
from functools import lru_cache
from typing import Any, Final, NamedTuple

from identifiers import ItemCode, Level, parse_digital_link, parse_item_code
from identifiers.errors import CheckDigitError, IdentifierError
from ledger.epcis.cbv import VOCABULARIES, plain_word
from ledger.epcis.context import Context
from ledger.epcis.errors import EventRejectedError
from ledger.epcis.events import CheckedEvent, ErrorDeclaration, ItemRef, PartyRef, Role
from ledger.epcis.explaining import explain
from ledger.epcis.shapes import FIELDS, conforms
from ledger.epcis.syntax import microseconds
from ledger.problems import Problem, problem

__all__ = ["check_event", "read_event"]

_NO_CONTEXT: Final = Context()
_LIKE_LINK: Final = re.compile(
    r"(?i:https?)://\S*/(?:01/[0-9]{8,14}|00/[0-9]{18})(?:[/?#]|\Z)"
).match


class _ItemField(NamedTuple):
    name: str
    role: Role
    kind: str
    """``one`` code, a ``list`` of codes, or a list of ``quantities``."""


_PARENT: Final = _ItemField("parentID", Role.PARENT, "one")
_OBJECTS: Final = (
    _ItemField("epcList", Role.OBJECT, "list"),
    _ItemField("quantityList", Role.OBJECT, "quantities"),
)
_CHILDREN: Final = (
    _PARENT,
    _ItemField("childEPCs", Role.CHILD, "list"),
    _ItemField("childQuantityList", Role.CHILD, "quantities"),
)
_ITEM_FIELDS: Final[dict[str, tuple[_ItemField, ...]]] = {
    "ObjectEvent": _OBJECTS,
    "AggregationEvent": _CHILDREN,
    "AssociationEvent": _CHILDREN,
    "TransactionEvent": (_PARENT, *_OBJECTS),
    "TransformationEvent": (
        _ItemField("inputEPCList", Role.INPUT, "list"),
        _ItemField("inputQuantityList", Role.INPUT, "quantities"),
        _ItemField("outputEPCList", Role.OUTPUT, "list"),
        _ItemField("outputQuantityList", Role.OUTPUT, "quantities"),
    ),
}


class _Flaw(NamedTuple):
    """Why a code is not what it claims to be."""

    rule: str
    detail: str
    detail_zh: str


def _flaw(rule: str, error: IdentifierError) -> _Flaw:
    return _Flaw(rule, error.message("en"), error.message("zh-CN"))


# Places, parties and classes come again and again, and an instance is often in several events.
@lru_cache(maxsize=16_384)
def _judged(text: str) -> ItemCode | _Flaw:
    try:
        code = parse_item_code(text)
    except CheckDigitError as error:
        return _flaw("code.check-digit", error)
    except IdentifierError as error:
        kept = text[:4].lower() == "urn:"
        return _flaw("code.kept-as-is" if kept else "code.invalid", error)
    if code.level is Level.OTHER and _LIKE_LINK(text) is not None:
        try:
            parse_digital_link(text)
        except IdentifierError as error:
            return _flaw("code.kept-as-is", error)
    return code


def _code(text: str, pointer: str, out: list[Problem]) -> ItemCode:
    judged = _judged(text)
    if isinstance(judged, ItemCode):
        return judged
    out.append(
        problem(pointer, judged.rule, text, detail=judged.detail, detail_zh=judged.detail_zh)
    )
    return ItemCode(uri=text, level=Level.OTHER, product=None, lot=None, serial=None, keys=())


def _items(event: dict[str, Any], kind: str, at: str, out: list[Problem]) -> tuple[ItemRef, ...]:
    items: list[ItemRef] = []
    for name, role, form in _ITEM_FIELDS.get(kind, ()):
        value = event.get(name)
        if value is None:
            continue
        pointer = f"{at}/{name}"
        if form == "list":
            for index, text in enumerate(value):
                judged = _judged(text)
                if type(judged) is not ItemCode:
                    judged = _code(text, f"{pointer}/{index}", out)
                items.append(ItemRef(text, role, judged))
        elif form == "quantities":
            for index, element in enumerate(value):
                text = element["epcClass"]
                code = _code(text, f"{pointer}/{index}/epcClass", out)
                items.append(
                    ItemRef(
                        text,
                        role,
                        code,
                        element.get("quantity"),
                        element.get("uom"),
                        of_class=True,
                    )
                )
        else:
            items.append(ItemRef(value, role, _code(value, pointer, out)))
    return tuple(items)


def _place(event: dict[str, Any], name: str, at: str, out: list[Problem]) -> str | None:
    place = event.get(name)
    if place is None:
        return None
    text: str = place["id"]
    _code(text, f"{at}/{name}/id", out)
    return text


def _parties(
    event: dict[str, Any], name: str, context: Context, at: str, out: list[Problem]
) -> tuple[PartyRef, ...]:
    entries = event.get(f"{name}List")
    if not entries:
        return ()
    parties = []
    for index, entry in enumerate(entries):
        text: str = entry[name]
        _code(text, f"{at}/{name}List/{index}/{name}", out)
        kind = _word("source-destination", entry["type"], context)
        parties.append(PartyRef(kind, text))
    return tuple(parties)


def _word(vocabulary: str, text: str, context: Context) -> str:
    """Return the bare CBV word, or the full URI of another vocabulary's word."""
    if text in VOCABULARIES[vocabulary].words:
        return text
    full = context.expand(text)
    return plain_word(vocabulary, full) or full


def _optional_word(
    event: dict[str, Any], name: str, vocabulary: str, context: Context
) -> str | None:
    text = event.get(name)
    return None if text is None else _word(vocabulary, text, context)


def _error_declaration(event: dict[str, Any], context: Context) -> ErrorDeclaration | None:
    value = event.get("errorDeclaration")
    if value is None:
        return None
    return ErrorDeclaration(
        microseconds(value["declarationTime"]),
        _optional_word(value, "reason", "reason", context),
        tuple(value.get("correctiveEventIDs", ())),
    )


def check_event(
    event: dict[str, Any], text: str, context: Context = _NO_CONTEXT, *, at: str = ""
) -> CheckedEvent:
    """Check one event and return it in the form that genealogy and item state read.

    Args:
        event: the event as parsed by the strict decoder.
        text: its JSON text.
        context: the context of its document.
        at: JSON pointer of the event in its document, put before those of the problems.

    Raises:
        EventRejectedError: it may not be stored; names every problem, warnings included.
    """
    out = [] if conforms(event, text) else explain(event, at)
    if not all(flaw.is_warning for flaw in out):
        raise EventRejectedError(*_errors_first(out))
    if "@context" in event:
        context = context.extended(event["@context"])
        event = {key: value for key, value in event.items() if key != "@context"}
    checked = _read(event, context, at, out)
    # `warnings` was taken last, after every code had been judged.
    if out and not all(flaw.is_warning for flaw in out):
        raise EventRejectedError(*_errors_first(out))
    return checked


def read_event(event: dict[str, Any], context: Context = _NO_CONTEXT) -> CheckedEvent:
    """Read an event that was checked before, as the log stores it; it is not judged again.

    Args:
        event: the event in canonical form, decimals as text.
        context: what was stored of its document's context.
    """
    return _read(event, context, "", [])


def _read(event: dict[str, Any], context: Context, at: str, out: list[Problem]) -> CheckedEvent:
    kind: str = event["type"]
    # The fields of an extended event beside the common ones mean whatever its author likes.
    known = event if kind in FIELDS else {}
    return CheckedEvent(
        event=event,
        context=context.entries,
        type=kind if kind in FIELDS else context.expand(kind),
        event_id=event.get("eventID"),
        event_time_us=microseconds(event["eventTime"]),
        zone_offset=event["eventTimeZoneOffset"],
        action=known.get("action") if kind != "TransformationEvent" else None,
        biz_step=_optional_word(known, "bizStep", "bizStep", context),
        disposition=_optional_word(known, "disposition", "disposition", context),
        read_point=_place(known, "readPoint", at, out),
        biz_location=_place(known, "bizLocation", at, out),
        items=_items(known, kind, at, out),
        transformation_id=known.get("transformationID"),
        sources=_parties(known, "source", context, at, out),
        destinations=_parties(known, "destination", context, at, out),
        ilmd=known.get("ilmd", {}),
        error_declaration=_error_declaration(event, context),
        warnings=tuple(out),
    )


def _errors_first(problems: list[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda flaw: flaw.is_warning)
