"""What every scanner delivers: one `Scan` for each code that was read.

Rules kept here:

* A scan carries what was read and how, never what it means: the reading of GS1 content is the work
  of ``identifiers``, joining with the ledger that of the application.
* The raw bytes are always kept, also where the text could not be decoded.
* FNC1 separators are GS (0x1D) in both the bytes and the text, and are never dropped.
* The id follows from the content, so that a scan sent twice over a bad line is one scan.
* A reading that could not be trusted comes with a ``problem`` and an empty text: the queue goes on.

Symbology identifiers: ISO/IEC 15424; GS1 General Specifications section 5.1.2
(https://ref.gs1.org/standards/genspecs/).

>>> scan = Scan(raw=b"0109506000134352", text="0109506000134352", symbology=Symbology.CODE_128,
...             symbology_identifier="]C1", engine="wedge", device="dock-3",
...             captured_at=0, sequence=7)
>>> scan.gs1, scan.code_text
(True, ']C10109506000134352')
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "GS",
    "RETAIL",
    "WEAK",
    "Confidence",
    "Point",
    "Quad",
    "Scan",
    "ScannerAdapter",
    "Symbology",
    "confidence_of",
    "is_gs1",
    "symbology_of",
]

GS = "\x1d"
"""Group separator: how a reader transmits FNC1 between two element strings."""

Point = tuple[int, int]
"""(x, y) in pixels of the upright picture, origin at its upper left corner."""

Quad = tuple[Point, Point, Point, Point]
"""Corners of a symbol: its own top left, top right, bottom right, bottom left."""


class Symbology(StrEnum):
    """Printed symbologies, as far as a reader tells them."""

    AZTEC = "Aztec"
    CODABAR = "Codabar"
    CODE_39 = "Code39"
    CODE_93 = "Code93"
    CODE_128 = "Code128"
    DATA_BAR = "DataBar"
    DATA_BAR_EXPANDED = "DataBarExpanded"
    DATA_BAR_LIMITED = "DataBarLimited"
    DATA_MATRIX = "DataMatrix"
    EAN_8 = "EAN8"
    EAN_13 = "EAN13"
    HAN_XIN = "HanXin"
    ITF = "ITF"
    MAXI_CODE = "MaxiCode"
    MICRO_PDF_417 = "MicroPDF417"
    MICRO_QR_CODE = "MicroQRCode"
    PDF_417 = "PDF417"
    QR_CODE = "QRCode"
    RMQR_CODE = "rMQRCode"
    UPC_A = "UPCA"
    UPC_E = "UPCE"
    UNKNOWN = "unknown"


class Confidence(StrEnum):
    """How a reading is vouched for, by the reader alone; what it means is judged elsewhere."""

    CORRECTED = "corrected"
    """By the symbol's own error correction or check characters over every bit: misreads are
    practically excluded."""
    AGREED = "agreed"
    """By several steps or frames that gave the same, independently."""
    SINGLE = "single"
    """By one step, and at most one check digit: about one false reading in ten passes that."""
    CONTRADICTED = "contradicted"
    """Other steps or frames read another value in the same place."""


_GS1_IDENTIFIERS = frozenset(
    ("]C1", "]e0", "]e1", "]e2", "]d2", "]d5", "]Q3", "]Q4", "]J1", "]J4", "]z1", "]z4")
)
"""FNC1 in first position (with or without ECI), and GS1 DataBar, which has no other use."""

_BY_LETTER = {
    "A": Symbology.CODE_39,
    "C": Symbology.CODE_128,
    "E": Symbology.EAN_13,
    "F": Symbology.CODABAR,
    "G": Symbology.CODE_93,
    "I": Symbology.ITF,
    "L": Symbology.PDF_417,
    "Q": Symbology.QR_CODE,
    "U": Symbology.MAXI_CODE,
    "d": Symbology.DATA_MATRIX,
    "e": Symbology.DATA_BAR,
    "h": Symbology.HAN_XIN,
    "z": Symbology.AZTEC,
}

RETAIL = frozenset((Symbology.EAN_8, Symbology.EAN_13, Symbology.UPC_A, Symbology.UPC_E))
"""EAN and UPC: one check digit, and no other guard against misreads."""
WEAK = RETAIL | {Symbology.ITF, Symbology.CODE_39, Symbology.CODABAR, Symbology.UNKNOWN}
"""Symbologies of one check digit at most, and whatever a device doesn't tell."""


def is_gs1(symbology_identifier: str) -> bool:
    """Tell whether the identifier promises GS1 element strings (GenSpecs section 5.1.2)."""
    return symbology_identifier in _GS1_IDENTIFIERS


def symbology_of(symbology_identifier: str) -> Symbology:
    """Name the symbology that an AIM identifier such as ``]C1`` stands for, or its family."""
    if symbology_identifier == "]E4":
        return Symbology.EAN_8
    return _BY_LETTER.get(symbology_identifier[1:2], Symbology.UNKNOWN)


def confidence_of(symbology: Symbology) -> Confidence:
    """Say how one reading of a symbol is vouched for: by the symbol, or by nothing but itself."""
    return Confidence.SINGLE if symbology in WEAK else Confidence.CORRECTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """One code that a scanner read."""

    raw: bytes
    """Exactly the bytes the engine or device delivered, without line ending."""
    text: str
    """Content without symbology identifier, GS kept; empty where `problem` is set."""
    symbology: Symbology
    symbology_identifier: str
    """AIM identifier, e.g. ``]Q1``; empty where the reader does not tell it."""
    engine: str
    """Who decoded it: ``zxing-cpp``, ``zbar``, or ``wedge`` and its like for the device itself."""
    device: str
    """Name of the device, or of the file for pictures."""
    captured_at: int
    """When it was captured, UTC, in microseconds since 1970, as the caller's clock had it."""
    sequence: int
    """Number of the scan within its device's session, from 0, without gaps."""
    quad: Quad | None = None
    page: int | None = None
    """Page of a PDF or frame of a TIFF, from 1; None where there is only one."""
    step: str = ""
    """The step of the reading that gave it, e.g. ``fast``; empty where a device decoded."""
    confidence: Confidence = Confidence.SINGLE
    received_at: int | None = None
    """When it reached us, UTC, in microseconds since 1970; None where that is `captured_at`."""
    repairs: tuple[str, ...] = ()
    """What the device's profile undid before the text could be read, such as a keyboard layout."""
    delivery: str = ""
    """The id that the device gave the scan, where it gives one: sent again, it is the same scan,
    whenever it comes and whatever came before it."""
    problem: str | None = None
    """One sentence with the likely fix where the content cannot be trusted; None for a good
    scan."""
    gs1: bool = field(init=False)
    """Whether the content is GS1 element strings by the reader's own word (FNC1 in first
    position)."""
    id: str = field(init=False)
    """32 hexadecimal digits over device, identifier, raw bytes, and either `delivery` or time and
    sequence: a key for idempotent sending."""

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "gs1", is_gs1(self.symbology_identifier) or self.text.startswith(GS)
        )
        digest = hashlib.sha256()
        times = (str(self.captured_at).encode(), str(self.sequence).encode())
        for part in (
            self.device.encode("utf-8", "surrogatepass"),
            *((self.delivery.encode("utf-8", "surrogatepass"),) if self.delivery else times),
            self.symbology_identifier.encode("utf-8", "surrogatepass"),
            self.raw,
        ):
            digest.update(len(part).to_bytes(8))
            digest.update(part)
        object.__setattr__(self, "id", digest.hexdigest()[:32])

    @property
    def code_text(self) -> str:
        """Text for a parser of item codes: after the identifier where that says GS1 or EAN/UPC."""
        if is_gs1(self.symbology_identifier) or self.symbology_identifier.startswith("]E"):
            return self.symbology_identifier + self.text
        return self.text


class ScannerAdapter(Protocol):
    """A source of scans: a context manager over the device, an iterator over what it reads.

    Iteration ends when the source does (a file, a closed line); leaving the context frees the
    device.
    """

    def __enter__(self) -> Self:
        """Open the device."""
        ...

    def __exit__(self, *exc_info: object) -> None:
        """Free the device."""
        ...

    def __iter__(self) -> Iterator[Scan]:
        """Deliver scans in the order they were captured."""
        ...
