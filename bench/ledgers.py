"""Fresh ledgers to measure on: migrated, with one organisation and its key."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger.capture import capture
from ledger.keys import KeyFolder
from ledger.organisations import Organisation, add_organisation
from ledger.receipts import Mode, Report, Status
from ledger.store.engine import open_engine
from ledger.store.migrate import upgrade

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from sqlalchemy import Engine

__all__ = ["Ledger", "fresh_ledger", "now"]


def now() -> int:
    """The clock: microseconds since 1970 UTC."""
    return time.time_ns() // 1000


@dataclass(frozen=True, slots=True)
class Ledger:
    """An open ledger with one organisation."""

    engine: Engine
    keys: KeyFolder
    organisation: Organisation

    def capture(self, stream: BinaryIO, mode: Mode = Mode.ROLLBACK) -> Report:
        """Capture a document, all of which must be accepted."""
        report = capture(
            self.engine,
            stream,
            organisation=self.organisation,
            signer=self.keys.signers(self.organisation.origin),
            pin=self.keys.pin(self.organisation.origin),
            submitter="bench",
            now=now,
            mode=mode,
        )
        if report.counts[Status.ACCEPTED] != sum(report.counts.values()) or report.problems:
            refused = [one for one in report.receipts if one.status is not Status.ACCEPTED]
            raise SystemExit(f"The generated events were not all accepted: {refused[:3]}")
        return report


def fresh_ledger(folder: Path, url: str | None = None) -> Ledger:
    """Make a ledger in a folder: an SQLite file, or the empty database at `url`."""
    folder.mkdir(parents=True, exist_ok=True)
    engine = open_engine(url or f"sqlite:///{folder / 'ledger.db'}")
    upgrade(engine)
    keys = KeyFolder(folder / "keys")
    organisation = add_organisation(engine, keys, slug="bench", name="Bench", host="ledger.example")
    return Ledger(engine, keys, organisation)
