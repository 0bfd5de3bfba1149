"""Photographed symbols: our reading beside zxing-cpp alone and ZBar alone, picture by picture.

The pictures are the vectors of the folder that `SUYUAN_VECTORS` names, each in grey before the
clock starts. The readers take turns on each picture, so that what disturbs the machine meets each
of them; milliseconds are the processor's. ZBar is asked for everything it knows, as who uses it
alone would do.
"""

from __future__ import annotations

import importlib
import os
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.measuring import title
from scanners.cascade import read_symbols
from scanners.engines import Reading, read_zxing
from scanners.scan import Scan, Symbology
from tests.conformance.photographs import grey_picture, rows_of, verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL.Image import Image

__all__ = ["bench_scans"]

_LINE = "  {:20}{:>8}{:>10}{:>8}{:>10}{:>14}{:>24}"
_OURS = "suyuan"


def bench_scans() -> None:
    """Print how many each reader reads right and wrong, and how long it takes."""
    folder = Path(os.environ.get("SUYUAN_VECTORS", "../shared")) / "scans"
    if not (folder / "manifest.csv").is_file():
        print(f"\nNo photographed symbols: {folder} holds no manifest.csv; set SUYUAN_VECTORS.")
        return
    rows = rows_of(folder)
    title(f"Codes read from {len(rows):,} photographs")
    readers: dict[str, Callable[[Image], list[Scan]]] = {
        _OURS: lambda image: _scans(read_symbols(image)),
        "zxing-cpp alone": lambda image: _scans(read_zxing(image)),
    }
    if (zbar := _zbar()) is not None:
        readers["pyzbar alone"] = zbar
    verdicts: dict[str, Counter[str]] = {name: Counter() for name in readers}
    seconds: dict[str, list[float]] = {name: [] for name in readers}
    first: list[bool] = []
    for row in rows:
        image = grey_picture(folder, row)
        for name, reader in readers.items():
            started = time.thread_time()
            scans = reader(image)
            seconds[name].append(time.thread_time() - started)
            verdicts[name][verdict(row, scans)] += 1
            if name == _OURS:
                first.append(bool(scans) and scans[0].step == "fast")
    heads = ("right", "doubtful", "wrong", "mean ms", "x zxing-cpp", "ms, first step reads")
    print(_LINE.format("", *heads))
    base = sum(seconds["zxing-cpp alone"])
    for name, count in verdicts.items():
        took = seconds[name]
        easy = [one for one, is_first in zip(took, first, strict=True) if is_first]
        print(
            _LINE.format(
                name,
                f"{count['right'] / len(rows):.2%}",
                count["doubtful"],
                count["misread"],
                f"{sum(took) / len(rows) * 1000:.1f}",
                f"{sum(took) / base:.2f}",
                f"{sum(easy) / max(1, len(easy)) * 1000:.1f}",
            )
        )
    print(f"  Our first step reads {sum(first):,} of them.", flush=True)


def _scans(readings: list[Reading]) -> list[Scan]:
    return [
        Scan(
            raw=one.raw,
            text=one.text,
            symbology=one.symbology,
            symbology_identifier=one.symbology_identifier,
            engine=one.engine,
            device="",
            captured_at=0,
            sequence=number,
            step=one.step,
            confidence=one.confidence,
        )
        for number, one in enumerate(readings)
    ]


def _zbar() -> Callable[[Image], list[Scan]] | None:
    try:
        pyzbar: Any = importlib.import_module("pyzbar.pyzbar")
    except (ImportError, OSError):
        print("  No race against pyzbar: ZBar's library (libzbar0) isn't installed.")
        return None

    def read(image: Image) -> list[Scan]:
        return [
            Scan(
                raw=one.data,
                text=one.data.decode("utf-8", "replace"),
                symbology=_CORRECTED.get(one.type, Symbology.UNKNOWN),
                symbology_identifier="",
                engine="zbar",
                device="",
                captured_at=0,
                sequence=number,
            )
            for number, one in enumerate(pyzbar.decode(image))
        ]

    return read


_CORRECTED = {"QRCODE": Symbology.QR_CODE, "PDF417": Symbology.PDF_417}
"""What has error correction: the verdict asks."""
