r"""Messages of handhelds: JSON of Zebra DataWedge and its like, forms, or the code as plain text.

Rules kept here:

* Fields are known by their names in any spelling (`labelType`, `label_type`, with or without
  ``com.symbol.datawedge.``); unknown ones are passed over. Two fields that name two codes are
  refused.
* The symbol's bytes, where they are sent (``decode_data``), are what was read; the text beside them
  may have been formatted on the way.
* A label type that promises GS1 gives the AIM identifier that does; one in front of the text, or in
  a field of its own, is believed.
* A message's own id makes a scan that is sent again the same scan; so do a time and a number that
  the device gave it.
* A message is at most `LARGEST` bytes, of at most `MOST` scans; what is no scan is refused in a
  sentence, and a text that no code can be is a scan with a problem.

DataWedge intent output: com.symbol.datawedge.data_string, label_type, decode_data, source.

>>> sent = b'{"data": "010950600013435210L1", "labelType": "LABEL-TYPE-EAN128", "id": "m-1"}'
>>> [message] = parse_message(sent, device="hand", received_at=5)
>>> message.scan.code_text, message.scan.delivery
(']C1010950600013435210L1', 'm-1')
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec

from scanners.charset import as_text
from scanners.errors import MessageError
from scanners.scan import Scan, Symbology, confidence_of, symbology_of
from scanners.wedge import noise_in

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LARGEST", "MOST", "Message", "parse_fields", "parse_message"]

LARGEST: Final = 65_536
"""Bytes of a message."""
MOST: Final = 100
"""Scans in a message."""

_LONGEST_TEXT = 8192  # characters
_LONGEST_NAME = 200  # characters of an id or a device's name
_MOST_FIELDS = 200
_LARGEST_NUMBER = 2**53
_LONGEST_NUMBER = 16  # digits
_US_PER_S = 1_000_000
_UNITS = ((1e14, 1), (1e11, 1000), (0, _US_PER_S))
"""Least count since 1970 of microseconds, milliseconds and seconds, with their microseconds."""
_BYTE_RANGE = range(-128, 256)
_PREFIX = "com.symbol.datawedge."
_OTHER = re.compile(r"[^0-9a-z]")
_AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")

_TEXTS = ("datastring", "data", "barcode", "barcodedata", "scandata", "decodeddata", "code", "text")
_BYTES = ("decodedata", "rawdata", "rawbytes")
_HEXES = ("hex", "rawhex", "datahex")
_BASE64 = ("datab64", "database64", "rawbase64", "decodedatabase64")
_LABELS = ("labeltype", "symbology", "symbologyname", "codetype", "barcodetype")
_AIMS = ("aim", "aimid", "aimidentifier", "symbologyidentifier")
_IDS = ("id", "messageid", "msgid", "scanid", "eventid", "uuid")
_NUMBERS = ("sequence", "seq", "sequencenumber", "counter")
_TIMES = ("timestamp", "time", "capturedat", "scantime", "eventtime", "datetime")
_DEVICES = ("device", "deviceid", "devicename", "serialnumber", "terminal")

_SYMBOLOGIES: Final = {
    "aztec": Symbology.AZTEC,
    "codabar": Symbology.CODABAR,
    "code128": Symbology.CODE_128,
    "code39": Symbology.CODE_39,
    "code93": Symbology.CODE_93,
    "databar": Symbology.DATA_BAR,
    "databarexp": Symbology.DATA_BAR_EXPANDED,
    "databarexpanded": Symbology.DATA_BAR_EXPANDED,
    "databarlim": Symbology.DATA_BAR_LIMITED,
    "databarlimited": Symbology.DATA_BAR_LIMITED,
    "datamatrix": Symbology.DATA_MATRIX,
    "ean128": Symbology.CODE_128,
    "ean13": Symbology.EAN_13,
    "ean8": Symbology.EAN_8,
    "128": Symbology.CODE_128,
    "hanxin": Symbology.HAN_XIN,
    "i2of5": Symbology.ITF,
    "itf": Symbology.ITF,
    "itf14": Symbology.ITF,
    "interleaved2of5": Symbology.ITF,
    "maxicode": Symbology.MAXI_CODE,
    "micropdf": Symbology.MICRO_PDF_417,
    "micropdf417": Symbology.MICRO_PDF_417,
    "microqr": Symbology.MICRO_QR_CODE,
    "microqrcode": Symbology.MICRO_QR_CODE,
    "pdf417": Symbology.PDF_417,
    "qr": Symbology.QR_CODE,
    "qrcode": Symbology.QR_CODE,
    "rmqr": Symbology.RMQR_CODE,
    "rmqrcode": Symbology.RMQR_CODE,
    "upca": Symbology.UPC_A,
    "upce": Symbology.UPC_E,
    "upce0": Symbology.UPC_E,
    "upce1": Symbology.UPC_E,
}
_PROMISED: Final = {
    "ean13": "]E0",
    "ean8": "]E4",
    "ean128": "]C1",
    "gs1128": "]C1",
    "gs1datamatrix": "]d2",
    "gs1qr": "]Q3",
    "gs1qrcode": "]Q3",
    **{
        f"{prefix}databar{suffix}": "]e0"
        for prefix in ("", "gs1")
        for suffix in ("", "exp", "expanded", "lim", "limited")
    },
}
"""The AIM identifiers that label types promise; UPC is left to its digits."""


@dataclass(frozen=True, slots=True)
class Message:
    """A scan that a handheld sent."""

    scan: Scan
    key: tuple[str, ...] | None
    """By which it is known when it is sent again; None where the device gave nothing."""


def parse_message(
    payload: bytes, *, device: str, received_at: int, sequence: int = 0, engine: str = "handheld"
) -> list[Message]:
    """Read the scans in a message: a JSON object or a list of them, or the code as plain text.

    Args:
        payload: The message.
        device: The name that scans bear, before what the device calls itself.
        received_at: When it came, microseconds since 1970 UTC.
        sequence: Number of its first scan, where the device doesn't number them.
        engine: What the scans name as their engine.

    Raises:
        MessageError: It is no scan.
    """
    if len(payload) > LARGEST:
        raise MessageError(
            device, f"the message is {len(payload)} bytes long", f"send at most {LARGEST}"
        )
    value: Any = None
    begin = payload[:64].lstrip()[:1]
    if begin in {b"{", b"["}:
        try:
            value = msgspec.json.decode(payload)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            # A bracket also begins the envelope of ISO/IEC 15434.
            if begin == b"{":
                said = " ".join(str(error).split())
                raise MessageError(
                    device, f"the message is no JSON: {said}", "send one JSON object a scan"
                ) from None
    if value is None:
        value = {"hex": payload.rstrip(b"\r\n").hex()}
    listed = value if isinstance(value, list) else [value]
    if not 0 < len(listed) <= MOST or not all(isinstance(one, dict) for one in listed):
        raise MessageError(
            device, "the message is no list of scans", f"send an object for each, at most {MOST}"
        )
    return [
        parse_fields(
            one, device=device, received_at=received_at, sequence=sequence + index, engine=engine
        )
        for index, one in enumerate(listed)
    ]


def parse_fields(
    fields: Mapping[str, Any],
    *,
    device: str,
    received_at: int,
    sequence: int = 0,
    engine: str = "handheld",
) -> Message:
    """Read one scan from named values; see `parse_message`.

    Raises:
        MessageError: They are no scan, or contradict one another.
    """
    return _Fields(fields, device).message(received_at, sequence, engine)


class _Fields:
    """The values of one scan, by their plain names."""

    def __init__(self, given: Mapping[str, Any], device: str) -> None:
        if len(given) > _MOST_FIELDS:
            raise MessageError(device, f"a scan has {len(given)} fields", "send fewer")
        self._device = device
        self._values = {
            _OTHER.sub("", name.lower().removeprefix(_PREFIX)): value
            for name, value in given.items()
            if value is not None
        }

    def message(self, received_at: int, sequence: int, engine: str) -> Message:
        """Put the scan together."""
        source = self._text(("source",), _LONGEST_NAME)
        if source and source.lower() not in {"scanner", "camera", "barcode"}:
            raise self._refused(f"it comes from {source!r}", "send what the scanner read")
        text, raw = self._content()
        label = self._label()
        identifier = self._text(_AIMS, 3) or _PROMISED.get(label, "")
        symbology = _SYMBOLOGIES.get(label.removeprefix("gs1"))
        if found := _AIM.match(text):
            text = text[found.end() :]
            identifier = found[0]
        elif identifier and not _AIM.fullmatch(identifier):
            raise self._refused(
                f"{identifier!r} is no symbology identifier", "send one such as ]C1, or none"
            )
        problem = noise_in(text)
        if not text:
            problem = "The message holds no code: scan again."
        name = self._text(_DEVICES, _LONGEST_NAME)
        at, number = self._time(), self._number()
        delivery = self._text(_IDS, _LONGEST_NAME)
        known = symbology or symbology_of(identifier)
        scan = Scan(
            raw=raw,
            text="" if problem else text,
            symbology=known,
            symbology_identifier=identifier,
            engine=engine,
            device=f"{self._device}/{name}" if name else self._device,
            captured_at=received_at if at is None else at,
            sequence=sequence if number is None else number,
            confidence=confidence_of(known),
            received_at=received_at,
            delivery=delivery,
            problem=problem,
        )
        key: tuple[str, ...] | None = None
        if delivery:
            key = ("id", scan.device, delivery)
        elif number is not None:
            key = ("number", scan.device, str(number), str(at), raw.hex())
        return Message(scan, key)

    def _content(self) -> tuple[str, bytes]:
        texts = {self._text((name,), _LONGEST_TEXT) for name in _TEXTS} - {""}
        if len(texts) > 1:
            raise self._refused("it names two codes", "send one code in one field")
        said = next(iter(texts), "").rstrip("\r\n")
        raw = self._bytes()
        if raw is None:
            return said, said.encode("utf-8", "surrogatepass")
        guess = said or raw.decode("latin-1")
        return as_text(raw, guess=guess, has_eci=False).rstrip("\r\n"), raw

    def _bytes(self) -> bytes | None:
        for name in _BASE64:
            if text := self._text((name,), 2 * _LONGEST_TEXT):
                try:
                    return base64.b64decode(text, validate=True)
                except ValueError:
                    raise self._refused(f"{name} is no base64", "send the bytes so") from None
        if text := self._text(_HEXES, 2 * LARGEST):
            if not _HEX.fullmatch(text):
                raise self._refused("hex holds no bytes", "send two digits for each byte")
            return bytes.fromhex(text)
        value = self._first(_BYTES)
        if value is None or value in ("", []):
            return None
        # DataWedge sends a list of arrays, Java's bytes go from -128 to 127.
        parts = value if isinstance(value, list) else [value]
        flat = [one for part in parts for one in (part if isinstance(part, list) else [part])]
        if len(flat) > _LONGEST_TEXT or not all(
            isinstance(one, int) and one in _BYTE_RANGE for one in flat
        ):
            raise self._refused("its bytes are no bytes", "send numbers from 0 to 255")
        return bytes(one & 0xFF for one in flat)

    def _label(self) -> str:
        label = self._text(_LABELS, _LONGEST_NAME).lower().removeprefix("label-type-")
        return _OTHER.sub("", label)

    def _number(self) -> int | None:
        value = self._first(_NUMBERS)
        if (
            isinstance(value, str)
            and value.isascii()
            and value.isdigit()
            and len(value) <= _LONGEST_NUMBER
        ):
            value = int(value)
        if value is None or value == "":
            return None
        if (
            isinstance(value, bool)
            or not isinstance(value, int)
            or not 0 <= value < _LARGEST_NUMBER
        ):
            raise self._refused("its number is no count", "send whole numbers from 0")
        return value

    def _time(self) -> int | None:
        value = self._first(_TIMES)
        if value is None or value == "":
            return None
        try:
            return _microseconds(value)
        except (ValueError, TypeError, OverflowError, OSError):
            raise self._refused(
                f"its time {str(value)[:40]!r} is none",
                "send ISO 8601 with its offset, or seconds or milliseconds since 1970",
            ) from None

    def _text(self, names: tuple[str, ...], longest: int) -> str:
        value = self._first(names)
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            raise self._refused(f"{names[0]} is no text", "send it as a JSON string")
        text = str(value) if isinstance(value, str) or abs(value) < _LARGEST_NUMBER else ""
        if len(text) > longest:
            raise self._refused(
                f"{names[0]} is {len(text)} characters long", f"send at most {longest}"
            )
        return text

    def _first(self, names: tuple[str, ...]) -> Any:
        return next((self._values[name] for name in names if name in self._values), None)

    def _refused(self, found: str, fix: str) -> MessageError:
        return MessageError(self._device, f"the message is no scan: {found}", fix)


def _microseconds(value: Any) -> int:
    """Read a time: ISO 8601, or a count since 1970 in a unit that its size tells.

    Raises:
        ValueError: It is none.
    """
    if isinstance(value, str) and not value.isdecimal():
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError(value)
        return round(moment.timestamp() * _US_PER_S)
    count = float(value)
    if isinstance(value, bool) or not count >= 0:
        raise ValueError(value)
    unit = next(unit for least, unit in _UNITS if count >= least)
    at = round(count * unit)
    datetime.fromtimestamp(at / _US_PER_S, UTC)  # refuses what no calendar has
    return at
