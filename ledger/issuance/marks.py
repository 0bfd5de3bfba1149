"""How far the counters went, kept beside the keys: an old ledger gives nothing out again.

A ledger that was restored from an older backup has forgotten the ranges reserved since. As the
newest checkpoint is kept beside a log's key, so are the ends of the ranges beside the issuing keys.

Rules kept:

* A mark is raised before the range is committed, while the product's serials are locked. A crash
  between the two loses a range; none is given out twice.
* Where ledger and mark differ the higher one counts. So a mark that is behind, as on another
  machine, harms nothing.
* Serials of the random mode have no mark. After a restoration a draw meets a forgotten one with the
  probability that `ledger.issuance.risk` states.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.errors import StoreError
from ledger.files import sync_folder, write_new

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Marks"]

_LINE: Final = re.compile(r"([1-9][0-9]{0,5}) ([1-9][0-9]{0,15})")
_FIX: Final = "Check the keys' folder, or put the file back from your backup of the keys."


@dataclass(frozen=True, slots=True)
class Marks:
    """A folder with one small file for each product: a version and an end on each line."""

    folder: Path

    def read(self, product: str) -> dict[int, int]:
        """By version of the key: the first counter of a product that was not given out yet.

        Raises:
            StoreError: The file can't be read, or is damaged.
        """
        path = self._path(product)
        try:
            lines = path.read_text("ascii").splitlines()
        except FileNotFoundError:
            return {}
        except (OSError, UnicodeDecodeError) as error:
            raise StoreError(f"The mark {path.name} can't be read: {error}.", _FIX) from error
        found = [_LINE.fullmatch(line) for line in lines]
        if None in found:
            raise StoreError(f"The mark {path.name} is damaged.", _FIX)
        return {int(match[1]): int(match[2]) for match in found if match}

    def raise_to(self, product: str, version: int, end: int) -> None:
        """Raise a mark; the product's serials are locked by the caller.

        Raises:
            StoreError: The file can't be read or written.
        """
        ends = self.read(product) | {version: end}
        path = self._path(product)
        spare = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                write_new(spare, "".join(f"{one} {ends[one]}\n" for one in sorted(ends)))
                spare.replace(path)
            finally:
                spare.unlink(missing_ok=True)
            sync_folder(self.folder)
        except OSError as error:
            raise StoreError(f"The mark {path.name} can't be written: {error}.", _FIX) from error

    def _path(self, product: str) -> Path:
        # A product's URI ends with its GTIN; anything else could not leave the folder either.
        return self.folder / (re.sub(r"[^A-Za-z0-9]", "+", product.rpartition("/")[2]) + ".mark")
