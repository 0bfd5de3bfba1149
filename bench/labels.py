"""How many labels are printed a second, against the package that draws one code after another."""

from __future__ import annotations

import time
from io import BytesIO
from typing import TYPE_CHECKING

import qrcode

from bench.measuring import Figure, child, print_figure, race, title
from labels.qr_batches import qr_groups

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["bench_labels", "links"]

_COUNT = 100_000
_SINGLY = 50  # some ten milliseconds each
_TOGETHER = 20_000
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def links(count: int) -> list[tuple[str, str]]:
    """Serials and links as they are issued, without a ledger to issue them."""
    found = []
    for number in range(count):
        scrambled = number * 0x9E3779B97F4A7C15 % 2**64
        text = "".join(_ALPHABET[scrambled >> 5 * place & 31] for place in range(12))
        link = f"https://id.gs1.org/01/09506000134352/21/{text[:10]}?t={text[::-1]}"
        found.append((text[:10], link))
    return found


def bench_labels(folder: Path, runs: int) -> None:
    """Print QR codes and whole labels a second, and what memory they take."""
    title("Labels printed")
    singly = [link for _, link in links(_SINGLY)]
    together = [link.encode() for _, link in links(_TOGETHER)]

    def pictures() -> None:
        for link in singly:
            qrcode.make(link).save(BytesIO())

    def matrices() -> None:
        for link in singly:
            qrcode.make(link)

    def groups() -> None:
        for _ in qr_groups(together):
            pass

    # All of it happens in this process, so what others do beside is left out.
    saved, made, grouped = race(runs, [pictures, matrices, groups], time.process_time)
    rival = Figure("qrcode, saved as PNG", _SINGLY, saved)
    print_figure(rival, "labels", note="the rival: one code after another, without paper or text")
    print_figure(Figure("qrcode, without saving", _SINGLY, made), "labels", [rival])
    print_figure(Figure("QR codes in batches", _TOGETHER, grouped), "labels", [rival])
    folder.mkdir(parents=True, exist_ok=True)
    memory: dict[int, int] = {}
    for count in (_COUNT // 10, _COUNT):
        found = child("bench.one_run", folder / "run.pdf", count)
        memory[count] = found["peak_kb"]
        figure = Figure(f"{count:,} labels to PDF", count, found["cpu"])
        note = f"{found['bytes'] / 1e6:.1f} MB of PDF, at most {found['peak_kb'] / 1024:.0f} MiB"
        print_figure(figure, "labels", [rival], note)
    grown = memory[_COUNT] / memory[_COUNT // 10]
    print(f"  ten times as many labels take {grown:.2f} times the memory")
