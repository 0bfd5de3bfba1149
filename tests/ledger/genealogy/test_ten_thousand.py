"""Ten thousand random genealogies: every answer, by SQL and by the index, is that of the slow trace."""

from pathlib import Path
from random import Random

import pytest

from ledger.genealogy.index.folder import TraceIndex
from ledger.store.engine import reading
from tests.ledger.builders import Ledger
from tests.ledger.genealogy.comparing_traces import Walkers, captured, check, known_codes, questions
from tests.ledger.genealogy.random_genealogies import genealogies

SHARES = 20
EACH = 500
"""Genealogies in one ledger."""
QUESTIONS = 2
"""Of each genealogy: one forward and one backward."""


def run(ledger: Ledger, folder: Path, seed: int, count: int) -> None:
    """Draw, capture, ask and compare."""
    drawn = list(genealogies(seed, count))
    index = TraceIndex(folder, ledger.ticks)
    times = captured(ledger, drawn, index)
    random = Random(seed)  # noqa: S311 - the same each time
    with reading(ledger.engine) as connection:
        known = known_codes(connection)
        opened = index.at(connection)
        assert opened is not None
        walkers = Walkers(opened)
        for one in drawn:
            codes = [code for code in one.codes if code in known]
            for asked in questions(random, codes, QUESTIONS):
                check(connection, walkers, one, asked, times)


@pytest.mark.parametrize("share", range(SHARES))
def test_answers_are_those_of_the_slow_trace(
    sqlite_ledger: Ledger, tmp_path: Path, share: int
) -> None:
    """Items, depths, containers, exposures, links with amounts, cuts, places and what is inside what."""
    run(sqlite_ledger, tmp_path / "index", share, EACH)


def test_answers_of_postgresql_are_those_of_the_slow_trace(
    postgresql_ledger: Ledger, tmp_path: Path
) -> None:
    """The other database gives the same answers."""
    run(postgresql_ledger, tmp_path / "index", SHARES, EACH // 2)
