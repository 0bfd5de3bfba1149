"""How far logs were verified, as far as their marks can be trusted."""

import base64
from dataclasses import replace

import pytest

from ledger.errors import VerifyError
from ledger.genealogy.sight import LogHead
from ledger.store.engine import reading, writing
from ledger.verification import Scope, verify_ledger
from ledger.verified import verified_heads
from ledger.verifying.marks import MarkFolder
from tests.ledger.builders import Ledger
from tests.ledger.genealogy.asking import make

ORIGIN = "localhost/log/main"


def heads_of(ledger: Ledger) -> dict[str, LogHead]:
    """Return what the marks say."""
    with reading(ledger.engine) as connection:
        return verified_heads(connection, MarkFolder.beside(ledger.keys))


def verify(ledger: Ledger) -> MarkFolder:
    """Verify a ledger and return its marks."""
    marks = MarkFolder.beside(ledger.keys)
    reports = verify_ledger(ledger.engine, ledger.keys, scope=Scope(marks=marks))
    assert not any(report.findings for report in reports)
    return marks


def test_a_log_is_verified_up_to_its_mark(ledger: Ledger) -> None:
    """One without a mark isn't verified at all, and what came since isn't either."""
    ledger.take(make(0, "a", "b"), make(1, "b", "c"))
    assert heads_of(ledger) == {}
    root = verify_ledger(ledger.engine, ledger.keys)[0].root
    assert root is not None
    verify(ledger)
    expected = {ORIGIN: LogHead(2, base64.b64encode(root).decode())}
    assert heads_of(ledger) == expected
    ledger.take(make(2, "c", "d"))
    ledger.take(make(3, "x", "y"), slug="other")
    assert heads_of(ledger) == expected


def test_a_mark_that_was_changed_is_refused(sqlite_ledger: Ledger) -> None:
    """The sentence says what to do about it."""
    sqlite_ledger.take(make(0, "a", "b"))
    marks = verify(sqlite_ledger)
    [file] = marks.folder.glob("*.verified")
    file.write_text(file.read_text().replace("\n1\n", "\n2\n", 1))
    with pytest.raises(VerifyError, match=r"verified-mark of .* Run 'suyuan verify --full'"):
        heads_of(sqlite_ledger)


def test_a_mark_over_another_log_is_refused(sqlite_ledger: Ledger) -> None:
    """One of a longer log, of other entries, or of a log whose tiles can't be read."""
    sqlite_ledger.take(make(0, "a", "b"), make(1, "b", "c"))
    marks = verify(sqlite_ledger)
    mark = marks.read(ORIGIN)
    assert mark is not None
    marks.keep(replace(mark, size=3, nodes=(bytes(32), bytes(32))))
    with pytest.raises(VerifyError, match="covers 3 entries, and the log has 2"):
        heads_of(sqlite_ledger)
    marks.keep(replace(mark, nodes=(bytes(32),)))
    with pytest.raises(VerifyError, match="first 2 entries are others now"):
        heads_of(sqlite_ledger)
    marks.keep(mark)
    assert heads_of(sqlite_ledger)
    with writing(sqlite_ledger.engine) as connection:
        connection.exec_driver_sql("DELETE FROM tile")
    with pytest.raises(VerifyError, match="can't be used"):
        heads_of(sqlite_ledger)
