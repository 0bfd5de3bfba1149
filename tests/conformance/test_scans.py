"""Photographed symbols with their true content: how many are read, and that none is read wrong.

The folder's README tells how to compare. A sample of the easy pictures is taken, the same in every run (those with the
smallest SHA-256), and all negatives: textures, partly visible and unsupported symbols, where nothing may be read.

Told apart are a **miss**, which costs a second try, and a **misread**, which books the wrong item: a value that is
neither the expected one nor named as also printed. A further symbol with Reed-Solomon error correction beside the
expected one is no misread: one picture shows a QR code within a QR code.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from scanners import Scan, Symbology, scan_bytes, scan_file
from scanners.pictures import _as_grey

if TYPE_CHECKING:
    from pathlib import Path

Row = dict[str, str]

SAMPLE = 600
FLOOR = 0.97
"""Share of the sampled easy pictures that must be read right; 0.98 was measured with and without ZBar."""

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


@pytest.fixture(scope="module")
def rows(vectors: Path) -> list[Row]:
    """Read the manifest, or skip where there is none."""
    manifest = vectors / "scans" / "manifest.csv"
    if not manifest.is_file():
        pytest.skip(f"no photographed symbols: {manifest} is missing")
    with manifest.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


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
    """Judge what was read: right, missed or misread."""
    if not scans:
        return "right" if row["match"] == "none" else "missed"
    if row["match"] == "none":
        return "misread"
    if row["match"] == "bytes":
        expected = bytes.fromhex(row["expected_hex"])
        return "right" if all(scan.raw == expected for scan in scans) else "misread"
    expected_text = normal(json.loads(row["expected_text"]), row)
    allowed = {normal(text, row) for text in json.loads(row["also_present"] or "[]")}
    values = {normal(scan.text, row): scan.symbology in CORRECTED for scan in scans}
    right = expected_text in values
    for value, corrected in values.items():
        if value != expected_text and value not in allowed and not (right and corrected):
            return "misread"
    return "right" if right else "missed"


def scans_of(folder: Path, row: Row) -> list[Scan]:
    """Scan a picture as its file, or turned as its row asks."""
    path = folder / row["file"]
    angle = int(row["rotate_deg"] or 0)
    if not angle:
        return list(scan_file(path, captured_at=0))
    with Image.open(path) as picture:
        grey = _as_grey(picture)
    turned = grey.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    buffer = BytesIO()
    turned.save(buffer, "BMP")
    return list(scan_bytes(buffer.getvalue(), name=row["file"], captured_at=0))


def test_easy_pictures(vectors: Path, rows: list[Row]) -> None:
    """At least the stated share of easy pictures reads right, and not one reads wrong."""
    easy = [row for row in rows if row["difficulty"] == "easy"]
    sample = sorted(easy, key=lambda row: row["sha256"])[:SAMPLE]
    if not sample:
        pytest.skip("the manifest names no easy picture")
    verdicts = {row["file"]: verdict(row, scans_of(vectors / "scans", row)) for row in sample}
    count = Counter(verdicts.values())
    assert [file for file, found in verdicts.items() if found == "misread"] == []
    assert count["right"] >= FLOOR * len(sample), count


def test_negatives(vectors: Path, rows: list[Row]) -> None:
    """Nothing is read where there is nothing to read."""
    negatives = [row for row in rows if row["match"] == "none"]
    if not negatives:
        pytest.skip("the manifest names no negative")
    read = {
        row["file"]: [scan.text for scan in scans_of(vectors / "scans", row)] for row in negatives
    }
    assert {file: texts for file, texts in read.items() if texts} == {}


def test_symbology_identifiers(vectors: Path, rows: list[Row]) -> None:
    """Where the origin states the AIM identifier, the scan has it: it says whether the content is GS1."""
    stated = [row for row in rows if row["aim_id"] and row["difficulty"] == "easy"]
    if not stated:
        pytest.skip("the manifest states no symbology identifier")
    wrong = {}
    for row in sorted(stated, key=lambda row: row["sha256"])[: SAMPLE // 4]:
        found = {scan.symbology_identifier for scan in scans_of(vectors / "scans", row)}
        if found and row["aim_id"] not in found:
            wrong[row["file"]] = (row["aim_id"], found)
    assert wrong == {}


@pytest.mark.parametrize(
    ("short", "wide"),
    [
        ("01234505", "012000003455"),
        ("01234531", "012300000451"),
        ("01234543", "012340000053"),
        ("01234565", "012345000065"),
    ],
)
def test_upc_e_expands(short: str, wide: str) -> None:
    """The comparison's own arithmetic is right for each of its four cases."""
    assert expanded(short)[:-1] == wide[:-1]
