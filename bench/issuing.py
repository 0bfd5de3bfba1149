"""How many codes are issued a second, and what their parts cost."""

from __future__ import annotations

import hmac
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

from bench.ledgers import Ledger, fresh_ledger, now
from bench.measuring import Figure, best, print_figure, title
from ledger.issuance.ff1 import BLOCK, ROUNDS
from ledger.issuance.issuing import issue
from ledger.issuance.keys import IssuingKeys
from ledger.issuance.register import Mode
from ledger.issuance.serials import series_of
from ledger.issuance.tags import tag_of

__all__ = ["bench_issuing"]

_GTIN = "09506000134352"
_COUNT = 100_000
_GROUP = 4096
_SINGLY = 2_000  # one by one is slow


def bench_issuing(runs: int) -> None:
    """Print serials, tags and whole codes a second."""
    title("Codes issued")
    with tempfile.TemporaryDirectory(prefix="suyuan-issuing-") as folder:
        ledger = fresh_ledger(Path(folder))
        keys = IssuingKeys(ledger.keys.folder)
        _codes(runs, ledger, keys, _parts(runs, keys))


def _parts(runs: int, keys: IssuingKeys) -> Figure:
    key = keys.rotate()
    product = f"https://id.gs1.org/01/{_GTIN}"
    series = series_of(product, key.number, key.serial_key)
    cipher = Cipher(AES(key.serial_key), ECB())  # noqa: S305 - the floor of FF1's rounds
    blocks = bytes(BLOCK * _COUNT)
    took, _ = best(
        runs, lambda: [cipher.encryptor().update(blocks) for _ in range(ROUNDS)] and None
    )
    floor = Figure("AES", _COUNT, took)
    print_figure(floor, "serials", note="floor: ten blocks of AES a serial, in one piece")
    took, _ = best(runs, lambda: [series.serial(counter) for counter in range(_SINGLY)])
    singly = Figure("serials one by one", _SINGLY, took)
    print_figure(singly, "serials", [floor])
    starts = range(0, _COUNT, _GROUP)
    took, _ = best(runs, lambda: [series.serials(range(one, one + _GROUP)) for one in starts])
    together = Figure("serials in groups", len(starts) * _GROUP, took)
    print_figure(together, "serials", [singly, floor])
    codes = [f"{product}/21/{serial}" for serial in series.serials(range(_COUNT))]
    raw = [code.encode() for code in codes]
    took, _ = best(runs, lambda: [hmac.digest(key.tag_key, one, "sha256") for one in raw])
    floor = Figure("HMAC", _COUNT, took)
    print_figure(floor, "codes", note="floor: the standard library's HMAC-SHA-256 alone")
    took, _ = best(runs, lambda: [tag_of(code, key) for code in codes])
    print_figure(Figure("tags", _COUNT, took), "codes", [floor])
    return together


def _codes(runs: int, ledger: Ledger, keys: IssuingKeys, serials: Figure) -> None:
    def issued(mode: Mode, *, tagged: bool) -> int:
        made = issue(
            ledger.engine,
            keys,
            _GTIN,
            _COUNT,
            organisation=ledger.organisation,
            submitter="bench",
            now=now(),
            mode=mode,
            tagged=tagged,
        )
        return sum(1 for _ in made.codes)

    bare, _ = best(runs, lambda: issued(Mode.PERMUTED, tagged=False))
    rival = Figure("links without tags", _COUNT, bare)
    print_figure(rival, "codes", [serials])
    took, _ = best(runs, lambda: issued(Mode.PERMUTED, tagged=True))
    print_figure(Figure("links with tags", _COUNT, took), "codes", [rival])
    took, _ = best(runs, lambda: issued(Mode.RANDOM, tagged=True))
    print_figure(Figure("links with tags, random mode", _COUNT, took), "codes", [rival])
