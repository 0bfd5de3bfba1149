"""A ledger that issues codes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ledger.issuance import register
from ledger.issuance.issuing import Issued, IssuedCode, issue
from ledger.issuance.keys import IssuingKeys
from ledger.issuance.serials import Series, series_of
from ledger.store.engine import writing
from tests.ledger.builders import GTIN, PRODUCT, Ledger


@dataclass(frozen=True, slots=True)
class Issuer:
    """A ledger with its issuing keys."""

    ledger: Ledger
    keys: IssuingKeys

    def issue(self, count: int = 3, product: str = GTIN, **options: Any) -> Issued:
        """Issue codes; `options` are those of `issue`."""
        given: dict[str, Any] = {"submitter": "tester", "now": self.ledger.ticks()}
        return issue(
            self.ledger.engine,
            self.keys,
            product,
            count,
            organisation=self.ledger.organisation(),
            **(given | options),
        )

    def codes(self, count: int = 3, product: str = GTIN, **options: Any) -> list[IssuedCode]:
        """Issue codes and take them all."""
        return list(self.issue(count, product, **options).codes)

    def series(self, version: int, product: str = PRODUCT) -> Series:
        """Return the serials of a product under a version of the key."""
        key = next(one for one in self.keys.versions() if one.number == version)
        return series_of(product, version, key.serial_key)

    def skip_to(self, version: int, counter: int) -> None:
        """Reserve all counters of a version below one, as many batches would have done."""
        with writing(self.ledger.engine) as connection:
            space = register.lock_space(connection, PRODUCT, 0)
            batch = register.add_batch(
                connection,
                space,
                log=self.ledger.organisation().row,
                submitter="tester",
                supplier=None,
                mode=register.Mode.PERMUTED,
                version=version,
                count=counter,
                tagged=True,
                lot=None,
                dictionary="2026-01-27",
                now=self.ledger.ticks(),
            )
            before = register.reserved_counters(connection, space).get(version, 0)
            register.reserve_range(
                connection,
                space,
                version=version,
                first=before,
                count=counter - before,
                batch=batch,
            )


@pytest.fixture
def issuer(ledger: Ledger, tmp_path: Path) -> Issuer:
    """Give a ledger that issues codes, on SQLite and on PostgreSQL."""
    return Issuer(ledger, IssuingKeys(tmp_path / "keys"))


@pytest.fixture
def sqlite_issuer(sqlite_ledger: Ledger, tmp_path: Path) -> Issuer:
    """Give a ledger that issues codes, on SQLite."""
    return Issuer(sqlite_ledger, IssuingKeys(tmp_path / "keys"))
