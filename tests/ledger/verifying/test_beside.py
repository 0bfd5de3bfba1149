"""Step 18: each stored time stamp is over the checkpoint of its size."""

import shutil
from pathlib import Path

import pytest

from ledger import timestamps
from ledger.log.keyring import KeyRing
from ledger.log.report import Finding
from ledger.stamping import keep_roots, store_time_stamp
from ledger.store.engine import reading, writing
from ledger.timestamps import make_request, stored_checkpoint
from ledger.verification import KeyPins, Pins, Scope, verify_ledger
from tests.ledger.authority import Authority
from tests.ledger.builders import Ledger, instance, seen

pytest.importorskip("rfc3161_client", reason="the extra 'timestamps' is not installed")
pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl here")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Give an authority with a root certificate of its own."""
    return Authority.make(tmp_path_factory.mktemp("tsa"))


def stamped(ledger: Ledger, authority: Authority, stamps: int = 3) -> None:
    """Capture some events, and let each checkpoint have its time stamp."""
    for number in range(stamps):
        ledger.take(seen(instance(number)))
        with reading(ledger.engine) as connection:
            newest = stored_checkpoint(connection, 1)
        token = authority.answer(make_request(newest.note).body)
        store_time_stamp(ledger.engine, 1, newest.size, token)


def verified(ledger: Ledger, keys: Pins | None = None) -> tuple[list[Finding], list[str]]:
    """Verify, and return what was found and what was told."""
    told: list[str] = []
    [report] = verify_ledger(ledger.engine, keys or ledger.keys, scope=Scope(tell=told.append))
    return list(report.findings), told


def test_time_stamps_are_verified(
    ledger: Ledger, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a kept root a changed token, size or checkpoint is a finding, and all is read in pages."""
    stamped(ledger, authority)
    keep_roots(ledger.keys.folder, authority.root.encode())
    monkeypatch.setattr(timestamps, "_PAGE", 2)
    assert verified(ledger) == ([], [])
    for change in (
        "UPDATE time_stamp SET size = 9 WHERE size = 3",
        "UPDATE time_stamp SET token = (SELECT token FROM time_stamp WHERE size = 1)"
        " WHERE size = 9",
    ):
        with writing(ledger.engine) as connection:
            connection.exec_driver_sql(change)
        [one], told = verified(ledger)
        assert (one.log, one.column, one.seq) == ("localhost/log/main", "time_stamp.token", 8)
        assert told == []


def test_without_a_root(ledger: Ledger, authority: Authority, tmp_path: Path) -> None:
    """Where no authority is trusted it is told that the tokens match, no more; one that doesn't is found."""
    stamped(ledger, authority, 2)
    findings, [told] = verified(ledger)
    assert findings == []
    assert told.startswith("Time stamps of localhost/log/main: 2, each over its checkpoint.")
    key = KeyPins((KeyRing.of(ledger.keys.signer("localhost/log/main").verifier),))
    assert verified(ledger, key) == ([], [told])
    with writing(ledger.engine) as connection:
        connection.exec_driver_sql("UPDATE time_stamp SET size = 3 WHERE size = 1")
        connection.exec_driver_sql("UPDATE time_stamp SET size = 1 WHERE size = 2")
        connection.exec_driver_sql("UPDATE time_stamp SET size = 2 WHERE size = 3")
    findings, told_now = verified(ledger)
    assert [one.column for one in findings] == ["time_stamp.token"] * 2
    assert told_now == []
    other = Authority.make(tmp_path)
    keep_roots(ledger.keys.folder, other.root.encode())
    assert len(verified(ledger)[0]) == 2


def test_without_the_extra(
    sqlite_ledger: Ledger, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What can't be checked for want of a package is told, and the log is verified without it."""
    stamped(sqlite_ledger, authority, 1)

    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr("importlib.import_module", missing)
    findings, [told] = verified(sqlite_ledger)
    assert findings == []
    assert "1, not checked" in told
    assert "suyuan[timestamps]" in told
