"""Canonical JSON: one value, one row of bytes.

The log hashes bytes, so a value must have exactly one spelling. We keep the subset of RFC 8785 on
which every implementation agrees:

* keys are ASCII and sorted, and none stands twice in one object;
* integers lie strictly between -2^53 and 2^53; there are no floats: any other number is the text of
  its exact decimal value (`DecimalText`), which the decoder makes without going through binary;
* no NaN, no Infinity, no number of more than 100 characters when written out;
* strings are valid Unicode (no lone surrogate) and are never normalised.

https://www.rfc-editor.org/rfc/rfc8785 section 3.2, https://www.rfc-editor.org/rfc/rfc7493 section 2

>>> value = parse_strict('{"qty": 10.50, "id": "A", "n": 1e1}')
>>> value
{'qty': '10.5', 'id': 'A', 'n': 10}
>>> canonical_bytes(value)
b'{"id":"A","n":10,"qty":"10.5"}'
>>> decimal_pointers(value)
['/qty']
"""

import json
import re
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final, NoReturn, cast

import msgspec
import orjson

from ledger.errors import CanonicalError, JsonSyntaxError, shown
from ledger.log.pointers import Room, below

__all__ = [
    "MAX_INTEGER",
    "DecimalText",
    "canonical_bytes",
    "decimal_pointers",
    "parse_canonical",
    "parse_strict",
    "strict_decoder",
]

MAX_INTEGER: Final = 2**53 - 1
"""Largest integer that every JSON implementation keeps exactly (RFC 7493, section 2.2)."""

_MAX_CHARACTERS: Final = 100  # of a number written out; more is an attack or a mistake
_SHORT: Final = 15  # an integer of so few characters is below 2^53
_EXPONENT_CHARACTERS: Final = 5  # of "-99999"; Decimal itself stumbles far beyond

_OPTIONS: Final = (
    orjson.OPT_SORT_KEYS
    | orjson.OPT_STRICT_INTEGER
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_DATACLASS
)

_BLANKS: Final = re.compile(r"[ \t\n\r]*").match
_SURROGATE_ESCAPE: Final = re.compile(r"\\u[dD][89a-fA-F]")


class DecimalText(str):
    """A JSON number that is not an integer below 2^53: its exact value as normalised plain text.

    No exponent, no plus sign, no trailing zero behind the point: ``10.50`` is ``10.5``.
    """

    __slots__ = ()


def _integer(text: str) -> int | DecimalText:
    if len(text) <= _SHORT:
        return int(text)
    if len(text) > _MAX_CHARACTERS:
        raise CanonicalError(_absurd(text))
    value = int(text)
    return value if -MAX_INTEGER <= value <= MAX_INTEGER else DecimalText(text)


def _decimal(text: str) -> int | DecimalText:
    if len(text) > _MAX_CHARACTERS:
        raise CanonicalError(_absurd(text))
    if "e" in text or "E" in text:
        if len(text.lower().partition("e")[2]) > _EXPONENT_CHARACTERS:
            raise CanonicalError(_absurd(text))
        number = Decimal(text)
        if number and abs(number.adjusted()) >= _MAX_CHARACTERS:
            raise CanonicalError(_absurd(text))
        text = format(number, "f") if number else "0"
    if "." in text:
        text = text.rstrip("0").removesuffix(".")
    if "." not in text:
        return _integer(text)
    if len(text) > _MAX_CHARACTERS:
        raise CanonicalError(_absurd(text))
    return DecimalText(text)


def _absurd(text: str) -> str:
    return (
        f"Expected a number that can be written out in {_MAX_CHARACTERS} characters, got "
        f"{shown(text)}: send it in a sensible unit."
    )


def _constant(name: str) -> NoReturn:
    raise CanonicalError(f"Expected a number, got {name}: leave the value out instead.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        [(twice, _)] = Counter(key for key, _ in pairs).most_common(1)
        raise CanonicalError(f"Expected each key once in an object, got {shown(twice)} twice.")
    if not all(map(str.isascii, value)):
        raise CanonicalError(_not_ascii(value))
    return value


def _not_ascii(value: dict[str, Any]) -> str:
    key = next(key for key in value if not key.isascii())
    return f"Expected keys in ASCII, got {shown(key)}."


class _StrictDecoder(json.JSONDecoder):
    """The standard decoder (C scanner) whose errors are all ours."""

    def __init__(self) -> None:
        super().__init__(
            object_pairs_hook=_object,
            parse_float=cast("Any", _decimal),
            parse_int=cast("Any", _integer),
            parse_constant=_constant,
        )

    def decode(self, s: str, _w: Callable[..., Any] = _BLANKS) -> Any:
        try:
            return super().decode(s, _w)
        except JsonSyntaxError:
            raise
        except json.JSONDecodeError as error:
            raise JsonSyntaxError(error.msg, error.doc, error.pos) from None

    def raw_decode(self, s: str, idx: int = 0) -> tuple[Any, int]:
        try:
            value, end = super().raw_decode(s, idx)
        except json.JSONDecodeError as error:
            raise JsonSyntaxError(error.msg, error.doc, error.pos) from None
        except RecursionError:
            raise CanonicalError(_TOO_DEEP) from None
        # The scanner takes half a surrogate pair; an encoder does not, and so finds it.
        if _SURROGATE_ESCAPE.search(s, idx, end):
            _encode(value)
        return value, end


_TOO_DEEP: Final = "Expected arrays and objects nested at most 250 deep, got deeper ones."


def strict_decoder() -> json.JSONDecoder:
    """Return a decoder for the safe subset; `decode` and `raw_decode` raise `CanonicalError` only.

    Text that is not JSON, or breaks off, raises the subclass `JsonSyntaxError`.
    """
    return _StrictDecoder()


_DECODER: Final = _StrictDecoder()


def parse_strict(text: str | bytes) -> Any:
    """Parse a whole JSON document of the safe subset.

    Bytes are UTF-8; a byte order mark is ignored (RFC 8259, section 8.1, allows it).

    Raises:
        CanonicalError: says line and column of a syntax error, else the key or value refused.
    """
    if isinstance(text, str):
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise CanonicalError(
                f"Expected valid Unicode, got half a surrogate pair at character {error.start}."
            ) from None
    else:
        try:
            text = text.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise CanonicalError(
                f"Expected UTF-8, got byte 0x{error.object[error.start]:02X} at offset "
                f"{error.start}: save the file as UTF-8 and send it again."
            ) from None
    return _DECODER.decode(text)


def _encode(value: Any) -> bytes:
    try:
        return orjson.dumps(value, option=_OPTIONS)
    except (orjson.JSONEncodeError, RecursionError) as error:
        raise CanonicalError(_encode_message(error)) from None


def _encode_message(error: Exception) -> str:
    text = str(error)
    if "ecursion" in text:
        return _TOO_DEEP
    if "surrogates" in text:
        return "Expected valid Unicode in strings, got half a surrogate pair."
    if "53-bit" in text or "64-bit" in text:
        return "Expected integers between -2^53 and 2^53, got a larger one: store it as text."
    return f"Expected a value of the safe JSON subset, got one the encoder refuses ({text})."


def _refuse_float(text: str) -> NoReturn:
    raise CanonicalError(f"Expected integers and decimals as text, got the float {text}.")


# A float that was handed in is found by reading the result back: both ways run in C, whereas a walk
# over the value in Python would cost more than encoding it.
_READ_BACK: Final = msgspec.json.Decoder(float_hook=_refuse_float)


def _read_back(raw: bytes) -> Any:
    try:
        value = _READ_BACK.decode(raw)
    except RecursionError:
        raise CanonicalError(_TOO_DEEP) from None
    except ValueError as error:
        # msgspec's own error, but also one of UTF-8 or of an integer of thousands of digits.
        raise CanonicalError(f"Expected canonical JSON: {error}.") from None
    # orjson never escapes, so ASCII bytes have ASCII keys.
    if not raw.isascii():
        _check_keys(value)
    return value


def _check_keys(value: Any) -> None:
    waiting = [value]
    for container in waiting:
        if type(container) is dict:
            if not all(map(str.isascii, container)):
                raise CanonicalError(_not_ascii(container))
            waiting += container.values()
        elif type(container) is list:
            waiting += container


def _check_floats(value: Any) -> None:
    waiting = [value]
    for child in waiting:
        if isinstance(child, dict):
            waiting += child.values()
        elif isinstance(child, list | tuple):
            waiting += child
        elif isinstance(child, float):
            _refuse_float(str(child))


def canonical_bytes(value: Any) -> bytes:
    """Return the one spelling of `value`, per RFC 8785 section 3.2 within the safe subset.

    Raises:
        CanonicalError: a float, an integer of 2^53 or more, a key that is no ASCII string, a lone
            surrogate, deep nesting, or a type that JSON does not have.
    """
    raw = _encode(value)
    _read_back(raw)
    # orjson writes NaN and Infinity as null; reading back cannot see them.
    if b"null" in raw:
        _check_floats(value)
    return raw


def parse_canonical(raw: bytes) -> Any:
    """Parse bytes that must be canonical already: encoding the value again gives the same bytes.

    Numbers are integers; decimals stay the plain strings that they were stored as.

    Raises:
        CanonicalError: not JSON, not in the safe subset, or another spelling of it.
    """
    value = _read_back(raw)
    again = _encode(value)
    if again != raw:
        at = next(
            (i for i, (a, b) in enumerate(zip(again, raw, strict=False)) if a != b),
            min(len(again), len(raw)),
        )
        raise CanonicalError(f"Expected canonical JSON, got another spelling at byte {at}.")
    return value


def decimal_pointers(value: Any) -> list[str]:
    """Return the JSON pointers (RFC 6901) of all `DecimalText` values, sorted.

    Raises:
        CanonicalError: They would be far larger than the value.
    """
    found: list[str] = []
    waiting: list[tuple[str, Any]] = [("", value)] if type(value) in _POINTED else []
    room = Room()
    for path, child in waiting:
        if isinstance(child, dict):
            room.take(path, len(child))
            waiting += [
                (below(path, key), item) for key, item in child.items() if type(item) in _POINTED
            ]
        elif isinstance(child, list):
            room.take(path, len(child))
            waiting += [
                (below(path, index), item)
                for index, item in enumerate(child)
                if type(item) in _POINTED
            ]
        else:
            found.append(path)
    return sorted(found)


_POINTED: Final = frozenset({dict, list, DecimalText})
