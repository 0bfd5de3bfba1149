"""What the database says about a log's keys: compared with the log's own statements, never believed."""

import pytest

from ledger.errors import NoteError, StoreError
from ledger.log.canonical import canonical_bytes
from ledger.log.entry import FIRST_PREV, Header, encode_entry
from ledger.log.keyring import KeyRing
from ledger.log.note import Signer
from ledger.log.report import Kind
from ledger.loggedkeys import stored_keys, trusted_keys
from ledger.organisations import find_organisation
from ledger.rotation import KeyRoom, retire, rotate
from ledger.store.engine import reading, writing
from ledger.verification import verify_ledger
from tests.ledger.builders import Ledger, instance, seen


@pytest.fixture
def turned(ledger: Ledger) -> Ledger:
    """Give a ledger whose key was rotated."""
    owner = ledger.organisation()
    room = KeyRoom(ledger.engine, ledger.keys, owner, "tester", ledger.ticks)
    rotate(room)
    retire(room)
    ledger.take(seen(instance(1)))
    return ledger


def change(ledger: Ledger, statement: str) -> None:
    """Change the database behind the ledger's back."""
    with writing(ledger.engine) as connection:
        connection.exec_driver_sql(statement)


def columns(ledger: Ledger) -> list[str]:
    """Return the columns that verification blames."""
    [report] = verify_ledger(ledger.engine, ledger.keys)
    assert all(finding.kind is Kind.CHECKPOINT for finding in report.findings)
    return [finding.column for finding in report.findings]


OTHER = Signer.from_seed("localhost/log/main", bytes(32)).verifier.vkey


@pytest.mark.parametrize(
    ("statement", "blamed"),
    [
        ("UPDATE log_key SET first_size = 2 WHERE first_size = 1", "log_key.first_size"),
        ("UPDATE log_key SET last_size = 3 WHERE first_size = 0", "log_key.last_size"),
        ("UPDATE log_key SET last_size = NULL", "log_key.last_size"),
        ("UPDATE log_key SET last_size = 9 WHERE first_size = 1", "log_key.last_size"),
        (
            f"UPDATE log_key SET verifier_key = '{OTHER}' WHERE first_size = 1",
            "log_key.verifier_key",
        ),
        ("UPDATE log_key SET verifier_key = 'x' WHERE first_size = 1", "log_key.verifier_key"),
        ("DELETE FROM log_key WHERE first_size = 0", "log_key.verifier_key"),
        ("DELETE FROM log_key", "log_key.verifier_key"),
        (f"INSERT INTO log_key VALUES (1, '{OTHER}', 4, NULL)", "log_key.verifier_key"),
        (f"UPDATE log SET verifier_key = '{OTHER}'", "log.verifier_key"),
        (
            "UPDATE log SET verifier_key = (SELECT verifier_key FROM log_key WHERE first_size = 0)",
            "log.verifier_key",
        ),
    ],
)
def test_copies_that_were_changed(turned: Ledger, statement: str, blamed: str) -> None:
    """Each change of what the database says about keys is found, and names its column."""
    assert columns(turned) == []
    change(turned, statement)
    assert columns(turned) == [blamed]


def test_keys_that_the_log_does_not_state(turned: Ledger) -> None:
    """A ring in the folder that no statement leads to is a finding, even if it verifies all."""
    origin = turned.organisation().origin
    ring = turned.keys.ring(origin)
    assert ring is not None
    turned.keys.keep(KeyRing.of(*ring))
    assert columns(turned) == ["log_key.verifier_key"]


def test_without_pinned_keys(turned: Ledger) -> None:
    """The stored keys are taken, which proves less; where they are none, that is a finding."""
    for path in turned.keys.folder.glob("*.vkey"):
        path.unlink()
    assert columns(turned) == []
    change(turned, "UPDATE log_key SET verifier_key = 'x' WHERE first_size = 0")
    assert columns(turned) == ["log.verifier_key"]
    change(turned, "DELETE FROM log_key")
    with reading(turned.engine) as connection:
        owner = find_organisation(connection, "main")
        assert [key.vkey for key in stored_keys(connection, owner)] == [owner.verifier_key]
    change(turned, "UPDATE log SET verifier_key = 'x'")
    with reading(turned.engine) as connection, pytest.raises(NoteError):
        trusted_keys(connection, find_organisation(connection, "main"), None)


def test_values_of_another_type(sqlite_ledger: Ledger) -> None:
    """SQLite keeps text in a column of numbers; the writer and the reader say so in a sentence."""
    sqlite_ledger.take(seen(instance(1)))
    change(sqlite_ledger, "UPDATE log_key SET first_size = 'zero'")
    with pytest.raises(StoreError, match="keys of localhost/log/main was changed"):
        sqlite_ledger.take(seen(instance(2)))
    assert columns(sqlite_ledger) == ["log_key.first_size"]
    with reading(sqlite_ledger.engine) as connection, pytest.raises(NoteError, match="are none"):
        stored_keys(connection, find_organisation(connection, "main"))


def test_entries_that_only_look_like_statements(turned: Ledger) -> None:
    """What has the schema of a statement in its column and is none leads nobody anywhere."""
    origin = turned.organisation().origin
    ring = turned.keys.ring(origin)
    assert ring is not None
    turned.keys.keep(KeyRing.of(ring.ranges[0].key))
    change(turned, "UPDATE entry SET schema = 'suyuan/key/1'")
    header = Header(origin, 0, FIRST_PREV, 1, "suyuan/key/1", "thief", None)
    raw = encode_entry(header, canonical_bytes({"note": "nonsense"}))
    for content in (raw, b"{}"):
        with writing(turned.engine) as connection:
            mark = "?" if turned.engine.dialect.name == "sqlite" else "%s"
            connection.exec_driver_sql(f"UPDATE entry SET bytes = {mark} WHERE seq = 2", (content,))
        with reading(turned.engine) as connection:
            owner = find_organisation(connection, "main")
            assert trusted_keys(connection, owner, turned.keys.ring(origin)) == ring
