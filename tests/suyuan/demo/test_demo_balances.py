"""The mass balances of the demo life: each lot is what the generator planned, and nothing is missing."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ledger.genealogy.accounts import Reason
from ledger.genealogy.balance import balance
from ledger.genealogy.balance_answer import Balance
from ledger.store.engine import reading
from suyuan.demo.life import Story, tell
from suyuan.demo.parties import PRODUCTS
from tests.ledger.builders import Ledger, ledger_in


@pytest.fixture
def told(sqlite_engine: Engine, tmp_path: Path) -> tuple[Story, Ledger]:
    """Give the default life, captured."""
    story, ledger = tell(), ledger_in(sqlite_engine, tmp_path)
    for one in story.submissions:
        report = ledger.send(one.document, one.organisation)
        assert not report.refused
    return story, ledger


def balances(ledger: Ledger) -> Iterator[Balance]:
    """Yield the balance of every lot and of every product."""
    lots = [row[0] for row in ledger.rows("SELECT code FROM item WHERE level = 2 ORDER BY code")]
    with reading(ledger.engine) as connection:
        for code in [*lots, *(product.gtin.uri for product in PRODUCTS.values())]:
            yield balance(connection, code)


def test_nothing_is_missing(told: tuple[Story, Ledger]) -> None:
    """No lot or product has a gap; the only question is the event that was declared wrong."""
    story, ledger = told
    found = {one.code: one for one in balances(ledger)}
    assert len(found) > 40
    for one in found.values():
        assert not one.gaps, one.code
        assert {question.reason for question in one.questions} <= {Reason.DECLARED_ERROR}
        assert {total.in_transit for total in one.totals} == {"0"}
    for planned in story.highlights.balances:
        [total] = found[planned.lot].totals
        used = total.flows.get("consumed") or total.flows.get("installed", "0")
        assert Decimal(total.flows["received"]) == planned.received
        assert Decimal(used) == planned.used
        assert Decimal(total.flows.get("sent_back", "0")) == planned.returned
        # What was sent back is in its supplier's stock again.
        assert Decimal(total.in_stock or "0") == planned.remaining + planned.returned
    packs = found[PRODUCTS["pack"].gtin.uri].totals[0]
    assert (packs.flows["produced"], packs.flows["shipped"]) == ("15", "21")
