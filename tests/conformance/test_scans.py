"""Photographed symbols with their true content: how many are read, and that none is read wrong.

`pytest -s` shows the table: right, missed, doubtful and misread (as `photographs` tells them), and
milliseconds of the processor, by symbology and by the step that read.
"""

from __future__ import annotations

import sys
import time
from collections import Counter, defaultdict
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from scanners import Confidence, Scan, scan_bytes, scan_file
from scanners.cascade import read_symbols
from scanners.engines import fallback_available, read_zxing
from scanners.scan import WEAK
from tests.conformance.photographs import Row, expanded, grey_picture, rows_of, verdict

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.no_cover  # nothing that is measured: pictures and numbers

FLOOR = 0.96
"""Share of all pictures that must be right; 0.9625 was measured, of the easy ones 0.9979."""
FLOOR_WITHOUT_ZBAR = 0.95
"""Where its library is missing; 0.9575 was measured."""
EASY_FLOOR = 0.99
RETAIL_WRONG = 0.003
"""Share of EAN and UPC that may be read wrong; of the others none may."""
RETAIL = ("EAN8", "EAN13", "UPCA", "UPCE")
SURE = (Confidence.CORRECTED, Confidence.AGREED)
LINE = "{:24} {:>6} {:>6} {:>6} {:>6} {:>6} {:>9}"


@pytest.fixture(scope="module")
def rows(vectors: Path) -> list[Row]:
    """Read the manifest, or skip where there is none."""
    manifest = vectors / "scans" / "manifest.csv"
    if not manifest.is_file():
        pytest.skip(f"no photographed symbols: {manifest} is missing")
    return rows_of(manifest.parent)


def scans_of(folder: Path, row: Row) -> list[Scan]:
    """Scan a picture as its file, or turned as its row asks."""
    if not int(row["rotate_deg"] or 0):
        return list(scan_file(folder / row["file"], captured_at=0))
    buffer = BytesIO()
    grey_picture(folder, row).save(buffer, "BMP")
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
    floor = FLOOR if fallback_available() else FLOOR_WITHOUT_ZBAR
    assert kinds["(all)"]["right"] >= floor * len(rows), kinds
    assert easy["right"] >= EASY_FLOOR * easy.total(), easy
    assert unvouched == []
    assert unnamed == {}


def test_several_photographs_in_one(vectors: Path, rows: list[Row]) -> None:
    """Of four photographs side by side more is read than by the engine alone, and nothing wrong."""
    easy = [row for row in rows if row["difficulty"] == "easy" and row["rotate_deg"] == "0"]
    easy = sorted(easy, key=lambda row: row["sha256"])[:80]
    if not easy:
        pytest.skip("the manifest names no easy picture")
    ours = alone = 0
    wrong: list[str] = []
    for four in zip(*[iter(easy)] * 4, strict=False):
        pictures = [grey_picture(vectors / "scans", row) for row in four]
        width, height = (max(sides) for sides in zip(*(one.size for one in pictures), strict=True))
        page = Image.new("L", (2 * width, 2 * height), 255)
        for number, picture in enumerate(pictures):
            page.paste(picture, (number % 2 * width, number // 2 * height))
        singly = {one.raw for picture in pictures for one in read_symbols(picture)}
        sure = [one for one in read_symbols(page) if one.confidence in SURE]
        ours += len(singly & {one.raw for one in sure})
        alone += len(singly & {one.raw for one in read_zxing(page)})
        wrong += [
            one.text
            for one in sure
            if all(verdict(row, [one.scan("page", 0, 0)]) == "misread" for row in four)
        ]
    assert wrong == []
    assert ours >= alone
    assert ours >= 0.75 * len(easy)


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
