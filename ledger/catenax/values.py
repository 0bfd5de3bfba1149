"""Single values of Catena-X aspects: ids, times, quantities.

* An id is an absolute URI. UUIDs are written in lower case as ``urn:uuid:``, because partners spell
  one twin's id in both cases, with and without the prefix (RFC 9562, section 4).
* A time without a zone, and a date alone, is UTC. What is written is the instant in UTC, beside the
  offset that was stated.
* A quantity is a number or the text of one; its value is kept exactly. Units become codes of UN/ECE
  Recommendation 20. Pieces have no code: a QuantityElement of EPCIS 2.0 without a unit is a count.

https://unece.org/trade/documents/revision-17-annexes-i-iii
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from ledger.catenax.errors import CatenaxError, Missing
from ledger.errors import CanonicalError
from ledger.log.canonical import DecimalText, parse_strict

__all__ = ["PIECES", "Moment", "Quantity", "child", "item_id", "member", "moment", "quantity"]

PIECES: Final = ""
"""The unit of what is counted."""

_MAX_OFFSET: Final = timedelta(hours=14)  # of any place on Earth, and of EPCIS

# Without ASCII the dotless i of Turkish would match the one of "uuid".
_FLAGS: Final = re.IGNORECASE | re.ASCII
_UUID: Final = re.compile(r"(?:urn:uuid:)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", _FLAGS)
_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
_TIME: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[Tt ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
)
_NUMBER: Final = re.compile(r"(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")

# Names of the SAMM unit catalogue and the usual symbols, in lower case.
_UNITS: Final = {
    **dict.fromkeys(("piece", "pieces", "pcs", "each", "h87", "ea"), PIECES),
    **dict.fromkeys(("kilogram", "kg", "kgm"), "KGM"),
    **dict.fromkeys(("gram", "g", "grm"), "GRM"),
    **dict.fromkeys(("milligram", "mg", "mgm"), "MGM"),
    **dict.fromkeys(("tonnemetricton", "tonne", "metricton", "t", "tne"), "TNE"),
    **dict.fromkeys(("pound", "lb", "lbr"), "LBR"),
    **dict.fromkeys(("ounce", "oz", "onz"), "ONZ"),
    **dict.fromkeys(("litre", "liter", "l", "ltr"), "LTR"),
    **dict.fromkeys(("millilitre", "milliliter", "ml", "mlt"), "MLT"),
    **dict.fromkeys(("hectolitre", "hectoliter", "hl", "hlt"), "HLT"),
    **dict.fromkeys(("cubicmetre", "cubicmeter", "m3", "mtq"), "MTQ"),
    **dict.fromkeys(("cubiccentimetre", "cubiccentimeter", "cm3", "cmq"), "CMQ"),
    **dict.fromkeys(("metre", "meter", "m", "mtr"), "MTR"),
    **dict.fromkeys(("centimetre", "centimeter", "cm", "cmt"), "CMT"),
    **dict.fromkeys(("millimetre", "millimeter", "mm", "mmt"), "MMT"),
    **dict.fromkeys(("kilometre", "kilometer", "km", "kmt"), "KMT"),
    **dict.fromkeys(("squaremetre", "squaremeter", "m2", "mtk"), "MTK"),
    **dict.fromkeys(("kilowatthour", "kwh"), "KWH"),
    **dict.fromkeys(("secondunitoftime", "second", "sec"), "SEC"),
    **dict.fromkeys(("minuteunitoftime", "minute", "min"), "MIN"),
    **dict.fromkeys(("hourunitoftime", "hour", "hur"), "HUR"),
    "set": "SET",
    **dict.fromkeys(("pair", "pr"), "PR"),
}


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """A point in time as EPCIS writes it."""

    instant: datetime
    """In UTC."""

    offset: str
    """Offset of the place from UTC, ``+hh:mm`` or ``-hh:mm``."""

    @property
    def text(self) -> str:
        """The instant with milliseconds (microseconds where there are some) and a Z."""
        timespec = "microseconds" if self.instant.microsecond % 1000 else "milliseconds"
        return self.instant.isoformat(timespec=timespec).replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class Quantity:
    """How much of a part is in another one."""

    value: int | DecimalText
    """Not negative."""

    unit: str | None
    """Code of UN/ECE Recommendation 20, `PIECES`, or None where `stated` is unknown to us."""

    stated: str
    """The unit as the sender wrote it."""


def child(pointer: str, key: str | int) -> str:
    """Return the pointer of a member of what stands at `pointer`."""
    return f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"


def member(value: dict[str, Any], key: str, kind: type, pointer: str) -> Any:
    """Return `value[key]`, which must be of `kind` (dict or list), or an empty one if missing."""
    found = value.get(key)
    if found is None:
        return kind()
    if not isinstance(found, kind):
        name = "an object" if kind is dict else "a list"
        raise CatenaxError(child(pointer, key), name, found)
    return found


def item_id(value: dict[str, Any], keys: tuple[str, ...], pointer: str) -> str:
    """Return the id under the first of `keys` that `value` has, as an absolute URI."""
    key = next((key for key in keys if value.get(key) is not None), None)
    if key is None:
        raise CatenaxError(pointer, f"an id under {' or '.join(keys)}", Missing("none"))
    found = value[key]
    if isinstance(found, str):
        uuid = _UUID.fullmatch(found)
        if uuid:
            return f"urn:uuid:{uuid[1].lower()}"
        if _URI.fullmatch(found):
            return found
    raise CatenaxError(child(pointer, key), "an id such as urn:uuid:...", found)


def moment(value: object, pointer: str) -> Moment:
    """Return a time of ISO 8601; without a zone it is UTC."""
    if isinstance(value, str) and _TIME.fullmatch(value):
        try:
            parsed = datetime.fromisoformat(value.upper())
            local = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
            instant = local.astimezone(UTC)
        except (ValueError, OverflowError):
            raise CatenaxError(pointer, "a time that exists", value) from None
        shift = local.utcoffset() or timedelta()
        if abs(shift) <= _MAX_OFFSET:
            minutes = abs(shift) // timedelta(minutes=1)
            sign = "-" if shift < timedelta() else "+"
            return Moment(instant, f"{sign}{minutes // 60:02}:{minutes % 60:02}")
    raise CatenaxError(pointer, "a time such as 2022-02-04T14:48:54Z", value)


def quantity(value: object, pointer: str) -> Quantity | None:
    """Return a quantity in any of the shapes that Catena-X has had, or None if none is stated.

    Shapes: ``{"quantityNumber", "measurementUnit"}``, ``{"value", "unit"}``, the unit as a text or
    as ``{"lexicalValue"}``, or the number alone.
    """
    stated: object = None
    if isinstance(value, dict):
        key = "quantityNumber" if "quantityNumber" in value else "value"
        stated = value.get("measurementUnit", value.get("unit"))
        if isinstance(stated, dict):
            stated = stated.get("lexicalValue")
        value, pointer = value.get(key), child(pointer, key)
    if value is None or value == "":
        return None
    if stated is None:
        stated = PIECES
    if not isinstance(stated, str):
        raise CatenaxError(pointer, "a quantity whose unit is a text", stated)
    name = re.split("[:#]", stated)[-1].strip().lower()
    return Quantity(_number(value, pointer), _UNITS.get(name) if name else PIECES, stated)


def _number(value: object, pointer: str) -> int | DecimalText:
    if isinstance(value, int | str) and not isinstance(value, bool):
        text = str(value).strip()
        if _NUMBER.fullmatch(text):
            try:
                number: int | DecimalText = parse_strict(text)
            except CanonicalError:
                raise CatenaxError(pointer, "a quantity of sensible size", value) from None
            return number
    raise CatenaxError(pointer, "a quantity of zero or more, such as 0.25", value)
