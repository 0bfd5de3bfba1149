"""Plain events, decoded in runs: the short way from an entry's bytes to what it says.

Most events say nothing but what happened to which items, where and when, in the standard's own
words and fields. They are decoded into structs, which costs half of what dictionaries do, and are
checked to be canonical all at once: the structs have their fields in the order of canonical JSON,
so encoding a whole run of them again must give the bytes that they were made of.

* What the structs don't know (another field, a type that isn't as it should be) is no plain event.
* Fields whose inside is hardly ever projected (sensors, say) stay bytes, which are compared with
  their canonical form together as well.
* One text is taken for the other by its parts: complete JSON values with commas between them, none
  of which can begin another one, so equal texts have equal parts.

https://www.rfc-editor.org/rfc/rfc8785 section 3.2
"""

from __future__ import annotations

from binascii import b2a_base64
from hashlib import sha256
from itertools import chain
from typing import TYPE_CHECKING, Annotated, Final

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from ledger.epcis.syntax import microseconds
from ledger.errors import CanonicalError
from ledger.log.canonical import MAX_INTEGER, parse_canonical
from ledger.projection import content_name

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "Amount",
    "Body",
    "Party",
    "Place",
    "Plain",
    "Times",
    "are_canonical",
    "decode_plain",
    "named_by_content",
]


class Place(Struct, forbid_unknown_fields=True, gc=False):
    """A readPoint or bizLocation."""

    id: str


class Party(Struct, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """An element of sourceList or destinationList."""

    destination: str = ""
    source: str = ""
    type: str = ""


class Amount(Struct, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """An element of a list of quantities."""

    epcClass: str  # noqa: N815 - EPCIS's own name, as are those below
    quantity: Annotated[int, Meta(ge=-MAX_INTEGER, le=MAX_INTEGER)] | str | UnsetType = UNSET
    uom: str | None = None


class Plain(Struct, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """An event (EPCIS 2.0 section 7.4); a field that is left out equals its default."""

    action: str | None = None
    bizLocation: Place | None = None  # noqa: N815
    bizStep: str | None = None  # noqa: N815
    bizTransactionList: Raw | UnsetType = UNSET  # noqa: N815
    childEPCs: list[str] = []  # noqa: N815 - msgspec makes one for each
    childQuantityList: list[Amount] = []  # noqa: N815
    destinationList: list[Party] = []  # noqa: N815
    disposition: str | None = None
    epcList: list[str] = []  # noqa: N815
    eventID: str | None = None  # noqa: N815
    eventTime: str = ""  # noqa: N815
    eventTimeZoneOffset: str = ""  # noqa: N815
    ilmd: Raw | UnsetType = UNSET
    inputEPCList: list[str] = []  # noqa: N815
    inputQuantityList: list[Amount] = []  # noqa: N815
    outputEPCList: list[str] = []  # noqa: N815
    outputQuantityList: list[Amount] = []  # noqa: N815
    parentID: str | None = None  # noqa: N815
    quantityList: list[Amount] = []  # noqa: N815
    readPoint: Place | None = None  # noqa: N815
    sensorElementList: Raw | UnsetType = UNSET  # noqa: N815
    sourceList: list[Party] = []  # noqa: N815
    type: str = ""


class Body(Struct, forbid_unknown_fields=True, omit_defaults=True, kw_only=True, gc=False):
    """The body of an entry that is a plain event and nothing else."""

    decimals: list[str] = []
    event: Plain


_DECODER: Final = msgspec.json.Decoder(Body)
_ENCODER: Final = msgspec.json.Encoder()
_KEPT: Final = 50_000
"""Parts of times remembered: about 10 MB."""
_EVENT: Final = b'"event":'
_URL_SAFE: Final = bytes.maketrans(b"+/", b"-_")
_NAME: Final = content_name(b"")
_MINUTE: Final = 16
"""Characters of a time down to its minute."""


def decode_plain(bodies: Sequence[bytes]) -> list[Body | None]:
    """Decode bodies of entries; None for each that is no plain event."""
    found: list[Body | None] = []
    waiting = iter(bodies)
    while True:
        try:
            found.extend(map(_DECODER.decode, waiting))
        except (ValueError, RecursionError):  # msgspec's own error is a ValueError
            found.append(None)
        else:
            return found


def are_canonical(bodies: Sequence[bytes], decoded: Sequence[Body]) -> bool:
    """Tell whether bodies that were decoded are canonical JSON, each of them.

    False may also mean that a text is spelt in a way that the two encoders might not agree about:
    whoever asks has to look at each body then.
    """
    joined = b",".join(bodies)
    if b"\\" in joined or _ENCODER.encode(decoded) != b"[%b]" % joined:
        return False
    events = [body.event for body in decoded]
    # As deep as they stand in the entry, for JSON that is nested too deep isn't canonical either.
    inner = b",".join(
        chain.from_iterable(
            [piece for piece in pieces if piece is not UNSET]
            for pieces in (
                [event.bizTransactionList for event in events],
                [event.ilmd for event in events],
                [event.sensorElementList for event in events],
            )
        )
    )
    try:
        parse_canonical(b"[[[%b]]]" % inner)
    except CanonicalError:
        return False
    return True


def named_by_content(bodies: Sequence[bytes]) -> tuple[list[str], list[str]]:
    """For each body of a plain event its digest as SQL spells it, and its name (`content_name`).

    In canonical bytes the event stands between its key and the last brace of the body. No text
    before it can hold that key: its quotes would be escaped there.
    """
    size = len(_EVENT)
    found = [sha256(body[body.find(_EVENT) + size : -1]).digest() for body in bodies]
    literals = b"".join(found).hex(":", 32).upper().replace(":", "':X'")
    # A name is the digest in base 64, 43 characters; with a byte of zeros it fills 44.
    text = b2a_base64(b"\0".join(found) + b"\0", newline=False).translate(_URL_SAFE).decode()
    names = [_NAME + text[at : at + 43] for at in range(0, len(text), 44)]
    return f"X'{literals}'".split(":"), names


class _Parts(dict[str, int]):
    """Microseconds by a part of a time that is completed to a whole one."""

    __slots__ = ("_before", "_behind")

    def __init__(self, before: str, behind: str) -> None:
        super().__init__()
        self._before, self._behind = before, behind

    def __missing__(self, part: str) -> int:
        if len(self) >= _KEPT:
            self.clear()
        value = self[part] = microseconds(f"{self._before}{part}{self._behind}")
        return value


class Times:
    """Reads times as `microseconds` does, but what is alike in many of them only once.

    A time is its minute (``2026-03-01T08:00``) and the rest (``:07.5+08:00``).
    """

    def __init__(self) -> None:
        self._minutes = _Parts("", ":00Z")
        self._rests = _Parts("1970-01-01T00:00", "")

    def of(self, text: str) -> int:
        """Return UTC microseconds since 1970.

        Raises:
            TypeError: The time has no zone.
            ValueError: The text is no time.
        """
        return self._minutes[text[:_MINUTE]] + self._rests[text[_MINUTE:]]
