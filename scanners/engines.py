"""Decode the symbols in one grey picture as it stands: zxing-cpp, and ZBar where that is safe.

Rules kept here (measured on 1,199 photographed symbols):

* zxing-cpp reads every symbology we know, tells the AIM identifier and keeps FNC1.
* ZBar is asked for EAN-13, UPC-A and QR alone. Kept out are its DataBar Expanded, ITF and UPC-E
  (wrong reads), its Code 128 and GS1 QR (it does not tell that FNC1 stood first), and QR text
  beyond ASCII (it guesses the character set and answers with mojibake).
* ZBar's system library may be absent: reading goes on with zxing-cpp alone; `fallback_available`
  says so.

What a reading is worth is judged in `scanners.cascade`. Symbology identifiers are those of ISO/IEC
15424.
"""

from __future__ import annotations

import importlib
import logging
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import zxingcpp

from scanners.charset import as_text
from scanners.scan import Confidence, Scan, Symbology

if TYPE_CHECKING:
    from PIL.Image import Image

    from scanners.scan import Quad

__all__ = ["Reading", "fallback_available", "read_zbar", "read_zxing"]

_log = logging.getLogger(__name__)

_FORMAT = zxingcpp.BarcodeFormat
_NAMES = {
    _FORMAT.Aztec: Symbology.AZTEC,
    _FORMAT.Codabar: Symbology.CODABAR,
    _FORMAT.Code39: Symbology.CODE_39,
    _FORMAT.Code93: Symbology.CODE_93,
    _FORMAT.Code128: Symbology.CODE_128,
    _FORMAT.DataBar: Symbology.DATA_BAR,
    _FORMAT.DataBarExp: Symbology.DATA_BAR_EXPANDED,
    _FORMAT.DataBarExpStk: Symbology.DATA_BAR_EXPANDED,
    _FORMAT.DataBarLtd: Symbology.DATA_BAR_LIMITED,
    _FORMAT.DataMatrix: Symbology.DATA_MATRIX,
    _FORMAT.EAN8: Symbology.EAN_8,
    _FORMAT.EAN13: Symbology.EAN_13,
    _FORMAT.ITF: Symbology.ITF,
    _FORMAT.MaxiCode: Symbology.MAXI_CODE,
    _FORMAT.MicroPDF417: Symbology.MICRO_PDF_417,
    _FORMAT.MicroQRCode: Symbology.MICRO_QR_CODE,
    _FORMAT.PDF417: Symbology.PDF_417,
    _FORMAT.QRCode: Symbology.QR_CODE,
    _FORMAT.RMQRCode: Symbology.RMQR_CODE,
    _FORMAT.UPCA: Symbology.UPC_A,
    _FORMAT.UPCE: Symbology.UPC_E,
}
_WANTED = zxingcpp.BarcodeFormats(list(_NAMES))

# AIM modifiers that say "the symbol names its character sets" (ECI).
_ECI_IDENTIFIERS = frozenset(
    ("]Q2", "]Q4", "]Q6", "]d4", "]d5", "]d6", "]dA", "]dB", "]dC", "]L1", "]U2", "]U3")
)
_AZTEC_ECI_FROM = 3  # ]z3 .. ]zC: every modifier with ECI, message structure included, but ]z6


@dataclass(frozen=True, slots=True)
class Reading:
    """One symbol as an engine read it, before it becomes a scan."""

    raw: bytes
    text: str
    symbology: Symbology
    symbology_identifier: str
    engine: str
    quad: Quad
    step: str = ""
    confidence: Confidence = Confidence.SINGLE

    def scan(self, device: str, captured_at: int, sequence: int, page: int | None = None) -> Scan:
        """The scan that this is for a device, at its place in the device's session."""
        return Scan(
            raw=self.raw,
            text=self.text,
            symbology=self.symbology,
            symbology_identifier=self.symbology_identifier,
            engine=self.engine,
            device=device,
            captured_at=captured_at,
            sequence=sequence,
            quad=self.quad,
            page=page,
            step=self.step,
            confidence=self.confidence,
        )


def fallback_available() -> bool:
    """Tell whether ZBar can be asked; logs one sentence, once, where its library is missing."""
    return _zbar() is not None


def read_zxing(
    image: Image, *, fast: bool = False, kinds: frozenset[Symbology] = frozenset()
) -> list[Reading]:
    """Read with zxing-cpp.

    Args:
        image: Grey (mode ``L``).
        fast: Only as it stands: not turned by 90 degrees, not shrunk, not light on dark.
        kinds: Look for these alone; for every symbology where it is empty.
    """
    found = zxingcpp.read_barcodes(
        image,
        formats=_formats(kinds),
        text_mode=zxingcpp.TextMode.Plain,
        try_rotate=not fast,
        try_downscale=not fast,
        try_invert=not fast,
    )
    readings = []
    for barcode in found:
        symbology = _NAMES.get(barcode.format) or _NAMES.get(barcode.symbology, Symbology.UNKNOWN)
        identifier = barcode.symbology_identifier
        corners = barcode.position
        readings.append(
            Reading(
                raw=barcode.bytes,
                text=as_text(barcode.bytes, guess=barcode.text, has_eci=_has_eci(identifier)),
                symbology=symbology,
                symbology_identifier=identifier,
                engine="zxing-cpp",
                quad=(
                    (corners.top_left.x, corners.top_left.y),
                    (corners.top_right.x, corners.top_right.y),
                    (corners.bottom_right.x, corners.bottom_right.y),
                    (corners.bottom_left.x, corners.bottom_left.y),
                ),
            )
        )
    return readings


@cache
def _formats(kinds: frozenset[Symbology]) -> zxingcpp.BarcodeFormats:
    if not kinds:
        return _WANTED
    return zxingcpp.BarcodeFormats([one for one, kind in _NAMES.items() if kind in kinds])


def _has_eci(identifier: str) -> bool:
    if identifier.startswith("]z"):
        return identifier != "]z6" and int(identifier[2], 16) >= _AZTEC_ECI_FROM
    return identifier in _ECI_IDENTIFIERS


@cache
def _zbar() -> Any | None:
    # Loaded on first need: the module loads a shared library that not every machine has.
    try:
        return importlib.import_module("pyzbar.pyzbar")
    except (ImportError, OSError) as error:
        _log.warning(
            "ZBar's library is not there (%s): reading goes on with zxing-cpp alone; "
            "install libzbar0 to read some damaged EAN, UPC and QR symbols besides.",
            str(error).splitlines()[0],
        )
        return None


def read_zbar(image: Image) -> list[Reading]:
    """Read EAN-13, UPC-A and ASCII QR with ZBar; nothing where its library is missing."""
    zbar = _zbar()
    if zbar is None:
        return []
    kinds = {
        "EAN13": (zbar.ZBarSymbol.EAN13, Symbology.EAN_13, "]E0"),
        "UPCA": (zbar.ZBarSymbol.UPCA, Symbology.UPC_A, "]E0"),
        "QRCODE": (zbar.ZBarSymbol.QRCODE, Symbology.QR_CODE, ""),
    }
    readings = []
    for found in zbar.decode(image, symbols=[symbol for symbol, _, _ in kinds.values()]):
        if found.type not in kinds or not found.data.isascii():
            continue
        _, symbology, identifier = kinds[found.type]
        left, top, width, height = found.rect
        right, bottom = left + width, top + height
        readings.append(
            Reading(
                raw=found.data,
                text=found.data.decode("ascii"),
                symbology=symbology,
                symbology_identifier=identifier,
                engine="zbar",
                quad=((left, top), (right, top), (right, bottom), (left, bottom)),
            )
        )
    return readings
