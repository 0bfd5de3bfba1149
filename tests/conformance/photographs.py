"""The manifest of the photographed symbols: how a reading is compared, and what it is worth.

The folder's README tells how to compare. A **misread** books the wrong item; a **miss** costs a
second try; a **doubtful** reading is one that the scanner itself calls contradicted: it is not
right, and no misread either, for it is never booked without a person.
"""

from __future__ import annotations

import csv
import json
import re
from typing import TYPE_CHECKING

from PIL import Image

from scanners import Confidence, Scan, Symbology
from scanners.pictures import _as_grey

if TYPE_CHECKING:
    from pathlib import Path

Row = dict[str, str]

CORRECTED = frozenset(
    (Symbology.QR_CODE, Symbology.DATA_MATRIX, Symbology.AZTEC, Symbology.PDF_417)
)
CONTROLS = [
    "NUL",
    "SOH",
    "STX",
    "ETX",
    "EOT",
    "ENQ",
    "ACK",
    "BEL",
    "BS",
    "HT",
    "LF",
    "VT",
    "FF",
    "CR",
    "SO",
    "SI",
    "DLE",
    "DC1",
    "DC2",
    "DC3",
    "DC4",
    "NAK",
    "SYN",
    "ETB",
    "CAN",
    "EM",
    "SUB",
    "ESC",
    "FS",
    "GS",
    "RS",
    "US",
]
CONTROL = re.compile(f"<({'|'.join(CONTROLS)}|DEL)>")


def rows_of(folder: Path) -> list[Row]:
    """Read the manifest."""
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def grey_picture(folder: Path, row: Row) -> Image.Image:
    """The picture in grey, turned as its row asks."""
    with Image.open(folder / row["file"]) as picture:
        grey = _as_grey(picture)
    angle = int(row["rotate_deg"] or 0)
    if not angle:
        return grey
    return grey.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=255)


def controls(text: str) -> str:
    """Turn names such as ``<GS>`` back into the characters."""
    return CONTROL.sub(
        lambda name: "\x7f" if name[1] == "DEL" else chr(CONTROLS.index(name[1])), text
    )


def expanded(upc_e: str) -> str:
    """Expand the eight digits of a UPC-E to the twelve of its UPC-A."""
    digits = upc_e.zfill(8)
    system, body, check = digits[0], digits[1:7], digits[7]
    match body[5]:
        case "0" | "1" | "2":
            wide = body[:2] + body[5] + "0000" + body[2:5]
        case "3":
            wide = body[:3] + "00000" + body[3:5]
        case "4":
            wide = body[:4] + "00000" + body[4]
        case last:
            wide = body[:5] + "0000" + last
    return system + wide + check


def normal(text: str, row: Row) -> str:
    """Bring text into the form in which the row's kind of match compares it."""
    text = controls(text)
    match row["match"]:
        case "gtin":
            digits = re.sub(r"[^0-9]", "", text)
            if row["symbology"] == "UPCE" and len(digits) <= 8:
                digits = expanded(digits)
            return digits.zfill(14)
        case "gs1-nosep":
            text = re.sub(r"[()\x1d]", "", text)
            return "01" + text if re.fullmatch(r"[0-9]{14}", text) else text
        case "codabar":
            return text.strip("ABCDabcd")
        case _:
            return text.replace("\r\n", "\n").rstrip("\n")


def verdict(row: Row, scans: list[Scan]) -> str:
    """Judge what was read: right, missed, doubtful or misread."""
    told = [scan for scan in scans if scan.confidence is not Confidence.CONTRADICTED]
    if not told:
        return (
            "right" if row["match"] == "none" and not scans else "doubtful" if scans else "missed"
        )
    if row["match"] == "none":
        return "misread"
    if row["match"] == "bytes":
        expected = bytes.fromhex(row["expected_hex"])
        return "right" if all(scan.raw == expected for scan in told) else "misread"
    expected_text = normal(json.loads(row["expected_text"]), row)
    allowed = {normal(text, row) for text in json.loads(row["also_present"] or "[]")}
    values = {normal(scan.text, row): scan.symbology in CORRECTED for scan in told}
    right = expected_text in values
    for value, corrected in values.items():
        if value != expected_text and value not in allowed and not (right and corrected):
            return "misread"
    return "right" if right else "missed"
