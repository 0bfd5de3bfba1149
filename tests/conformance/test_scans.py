"""Photographed symbols with their true content: how many are read, and that none is read wrong.

The folder's README tells how to compare. Told apart are

* a **miss**, which costs a second try;
* a **misread**, which books the wrong item: a value that is neither the expected one nor named as
  also printed. A further symbol with Reed-Solomon error correction beside the expected one is no
  misread: one picture shows a QR code within a QR code;
* a **doubtful** reading, of which the scanner itself says that others contradict it: it is not
  right, and no misread either, for it is never booked without a person.

`pytest -s` shows the table: right, missed, doubtful and misread, and milliseconds of the processor,
by symbology and by the step that read.
"""

from __future__ import annotations

import csv
import json
import re
import sys
import time
from collections import Counter, defaultdict
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from scanners import Confidence, Scan, Symbology, scan_bytes, scan_file
from scanners.pictures import _as_grey
from scanners.voting import WEAK

if TYPE_CHECKING:
    from pathlib import Path

Row = dict[str, str]

FLOOR = 0.96
"""Share of all pictures that must be right; 0.9625 was measured, of the easy ones 0.9979."""
EASY_FLOOR = 0.99
RETAIL_WRONG = 0.003
"""Share of EAN and UPC that may be read wrong; of the others none may."""
RETAIL = ("EAN8", "EAN13", "UPCA", "UPCE")
LINE = "{:24} {:>6} {:>6} {:>6} {:>6} {:>6} {:>9}"

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


def table(counts: dict[str, Counter[str]], ms: dict[str, list[float]]) -> None:
    """Print a line for each symbology or step."""
    verdicts = ("right", "missed", "doubtful", "misread")
    lines = ["", LINE.format("", "all", *verdicts, "mean ms")]
    for name, count in sorted(counts.items()):
        mean = f"{sum(ms[name]) / len(ms[name]):.1f}"
        lines.append(LINE.format(name, count.total(), *map(count.__getitem__, verdicts), mean))
    sys.stdout.write("\n".join(lines) + "\n")


def test_every_picture(vectors: Path, rows: list[Row]) -> None:
    """The stated share reads right, nothing is read where there is nothing, and none is misread."""
    kinds, steps = defaultdict[str, Counter[str]](Counter), defaultdict[str, Counter[str]](Counter)
    kind_ms, step_ms = defaultdict[str, list[float]](list), defaultdict[str, list[float]](list)
    misread, easy, unvouched, unnamed = [], Counter[str](), [], {}
    for row in rows:
        started = time.thread_time()
        scans = scans_of(vectors / "scans", row)
        took = (time.thread_time() - started) * 1000
        found = verdict(row, scans)
        kind = row["symbology"] or "(negative)"
        step = scans[0].step if scans else "(nothing read)"
        for counts, ms, name in (
            *((kinds, kind_ms, name) for name in (kind, "(all)")),
            (steps, step_ms, step),
        ):
            counts[name][found] += 1
            ms[name].append(took)
        if found == "misread":
            misread.append((kind, row["file"], [scan.text for scan in scans]))
        if row["difficulty"] == "easy":
            easy[found] += 1
            named = {scan.symbology_identifier for scan in scans}
            if row["aim_id"] and named and row["aim_id"] not in named:
                unnamed[row["file"]] = (row["aim_id"], named)
        unvouched += [
            row["file"]
            for scan in scans
            if (scan.confidence is Confidence.CORRECTED) == (scan.symbology in WEAK)
        ]
    table(kinds, kind_ms)
    table(steps, step_ms)
    retail = sum(kinds[kind].total() for kind in RETAIL)
    assert [one for one in misread if one[0] not in RETAIL] == []
    assert len(misread) <= RETAIL_WRONG * retail, misread
    assert kinds["(all)"]["right"] >= FLOOR * len(rows), kinds
    assert easy["right"] >= EASY_FLOOR * easy.total(), easy
    assert unvouched == []
    assert unnamed == {}


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
