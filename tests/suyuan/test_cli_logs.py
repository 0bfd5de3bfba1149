"""`suyuan migrate`, `verify` and `checkpoint`."""

import sqlite3
from contextlib import closing

import pytest

from ledger.keys import KeyFolder
from ledger.store.revisions import newest
from tests.ledger.builders import instance, seen
from tests.suyuan.conftest import CommandLine

EVENT = "urn:uuid:00000000-0000-4000-8000-000000000001"


@pytest.fixture
def filled(suyuan: CommandLine) -> CommandLine:
    """Give a ledger of three events."""
    suyuan.capture(
        seen(instance("A"), eventID=EVENT),
        seen(instance("B")),
        seen(instance("A"), at="2026-03-02T08:00:00Z"),
    )
    return suyuan


def tamper(suyuan: CommandLine, statement: str) -> None:
    """Change the ledger behind its back."""
    with closing(sqlite3.connect(suyuan.database)) as connection:
        connection.execute(statement)
        connection.commit()


def test_migrate_makes_a_ledger_and_changes_nothing_again(bare: CommandLine) -> None:
    """A ledger is made with the folders above it, and made once."""
    url = f"sqlite:///{bare.folder}/new/deep/ledger.db"
    value = bare.json("--db", url, "migrate")
    assert value == {"db": url, "schema": newest()}
    assert bare("--db", url, "migrate").out == f"{url}: schema {newest()}\n"
    assert (bare.folder / "new/deep/ledger.db").is_file()
    assert not bare.database.exists()


def test_verify_an_empty_ledger(suyuan: CommandLine) -> None:
    """Where there is no log yet, it says so; that is no finding."""
    assert suyuan.json("verify") == {"intact": True, "logs": []}
    answer = suyuan("verify")
    assert answer.status == 0
    assert "no organisation has a log" in answer.out


def test_verify_an_intact_ledger(filled: CommandLine) -> None:
    """An intact log is told with its size and root."""
    value = filled.json("verify")
    assert value["intact"] is True
    [log] = value["logs"]
    assert log["log"] == "localhost/log/main"
    assert (log["intact"], log["size"], log["checkpoint"]) == (True, 3, 3)
    assert log["findings"] == []
    answer = filled("verify", "--organisation", "main")
    assert answer.status == 0
    assert answer.out == f"localhost/log/main: intact, 3 entries, root {log['root']}\n"


@pytest.mark.parametrize(
    ("statement", "seq"),
    [
        (
            "UPDATE entry SET bytes = CAST(replace(bytes, 'OBSERVE', 'OBSERVF') AS BLOB) WHERE seq = 1",
            1,
        ),
        ("UPDATE event SET digest = x'00' WHERE seq = 2", 2),
        ("DELETE FROM entry WHERE seq = 1", 1),
    ],
)
def test_verify_names_what_was_tampered_with(filled: CommandLine, statement: str, seq: int) -> None:
    """After a change behind the ledger's back the first bad entry is named; exit status 1."""
    tamper(filled, statement)
    answer = filled("--json", "verify")
    assert answer.status == 1
    value = answer.json
    assert value["intact"] is False
    [log] = value["logs"]
    assert log["findings"][0]["seq"] == seq
    assert {"seq", "column", "kind", "message"} == log["findings"][0].keys()
    plain = filled("verify")
    assert plain.status == 1
    assert "NOT intact" in plain.out
    assert f"  seq {seq}, " in plain.out
    assert "intact up to seq" in plain.out


def test_verify_when_the_first_entry_is_bad(filled: CommandLine) -> None:
    """A log whose first entry is bad has nothing intact."""
    tamper(
        filled,
        "UPDATE entry SET bytes = CAST(replace(bytes, 'OBSERVE', 'OBSERVF') AS BLOB) WHERE seq = 0",
    )
    answer = filled("verify")
    assert answer.status == 1
    assert "nothing is intact" in answer.out


@pytest.mark.parametrize("command", ["verify", "checkpoint"])
def test_an_unknown_organisation_is_wrong_usage(filled: CommandLine, command: str) -> None:
    """A mistyped name must not look like a broken log."""
    answer = filled(command, "-o", "mian")
    assert answer.status == 2
    assert "there are main" in answer.sentence()


def test_checkpoint(filled: CommandLine) -> None:
    """The newest checkpoint is printed as the signed note that it is."""
    value = filled.json("checkpoint")
    assert value["checkpoint"].startswith("localhost/log/main\n3\n")
    assert value["verifier_key"].startswith("localhost/log/main+")
    assert filled("checkpoint").out == value["checkpoint"]


def test_checkpoint_of_nothing(suyuan: CommandLine) -> None:
    """Asking for a checkpoint never begins a log; an empty log has none."""
    answer = suyuan("checkpoint")
    assert answer.status == 2
    assert "none yet" in answer.sentence()
    assert suyuan.json("org", "list") == []
    suyuan.json("org", "add", "acme")
    answer = suyuan("checkpoint")
    assert answer.status == 1
    assert "capture something first" in answer.sentence()


def test_verify_says_when_it_had_no_pinned_key(filled: CommandLine) -> None:
    """Without the pinned verifier key the database's own is used, and the person is told so."""
    for key in (filled.folder / "keys").glob("*.vkey"):
        key.unlink()
    answer = filled("verify")
    assert answer.status == 0
    assert "No pinned key for localhost/log/main" in answer.err


def test_verify_says_when_a_whole_log_is_gone(filled: CommandLine) -> None:
    """Of a log that was deleted with all that belongs to it, only the pinned key is left."""
    assert filled("verify").err == ""
    KeyFolder(filled.folder / "keys").create("localhost/log/gone")
    answer = filled("verify")
    assert answer.status == 0
    assert "A key is pinned for localhost/log/gone, and there is no such log here." in answer.err
