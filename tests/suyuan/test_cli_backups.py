"""`suyuan backup` and `suyuan restore`."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from suyuan.cli import backups
from tests.ledger.builders import document, instance, seen
from tests.suyuan.conftest import CommandLine

PASSPHRASE = "correct horse battery"  # noqa: S105 - of the tests


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Don't spend a second on each passphrase."""
    monkeypatch.setattr(backups, "_work_factor", lambda: 2)
    monkeypatch.setattr("ledger.backup.staging._PATIENCE", 50)


@pytest.fixture
def filled(suyuan: CommandLine) -> CommandLine:
    """Give a ledger of two events."""
    suyuan.capture(seen(instance("A")), seen(instance("B")))
    return suyuan


def test_there_and_back(filled: CommandLine) -> None:
    """A ledger that was deleted comes back with all that was in it."""
    value = filled.json("backup", "one.suyuan")
    assert value["logs"] == [{"log": "localhost/log/main", "size": 2}]
    assert value["signed_by"] == ["localhost/log/main"]
    assert [one["name"] for one in value["members"]][-1] == "database.sqlite"
    filled.database.unlink()
    restored = filled.json("restore", "one.suyuan")
    assert (restored["replaced"], restored["kept"]) == (True, None)
    assert filled.size() == 2
    filled.capture(seen(instance("C")))
    assert filled.size() == 3


def test_what_people_are_told(filled: CommandLine) -> None:
    """Size, encryption, logs and that the keys have to be kept elsewhere; then what was done."""
    answer = filled("backup", "one.suyuan")
    assert answer.status == 0
    assert "not encrypted, schema" in answer.out
    assert "localhost/log/main: 2 entries\n" in answer.out
    assert "private keys are not in it" in answer.out
    answer = filled("restore", "--check", "one.suyuan")
    assert "verified, nothing replaced" in answer.out
    answer = filled("restore", "one.suyuan")
    assert "restored\n" in answer.out
    assert "the ledger of before is kept" in answer.out


def test_nothing_is_overwritten(filled: CommandLine) -> None:
    """A file that is there needs --force."""
    filled.write("one.suyuan", "mine")
    answer = filled("backup", "one.suyuan")
    assert answer.status == 2
    assert "--force" in answer.sentence()
    assert filled("backup", "--force", "one.suyuan").status == 0


def test_passphrases(filled: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes from a file, from the environment, or from whoever sits there, typed twice."""
    answer = filled("backup", "--encrypt", "a")
    assert answer.status == 2
    assert "SUYUAN_PASSPHRASE" in answer.sentence()
    file = filled.write("secret", f"{PASSPHRASE}\nanother line\n")
    assert filled.json("backup", "--passphrase-file", file, "a")["encrypted"]
    monkeypatch.setenv("SUYUAN_PASSPHRASE", PASSPHRASE)
    assert filled.json("restore", "--check", "a")["replaced"] is False
    assert filled.json("backup", "--encrypt", "--with-keys", "b")["encrypted"]
    monkeypatch.delenv("SUYUAN_PASSPHRASE")
    answer = filled("restore", "--check", "a")
    assert answer.status == 2


def test_a_typed_passphrase(filled: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A typing error is noticed before it locks anybody out."""
    typed: list[str] = []
    monkeypatch.setattr(backups, "getpass", lambda _prompt: typed.pop(0))
    monkeypatch.setattr(backups, "_is_terminal", lambda: True)
    typed[:] = [PASSPHRASE, "correct horse battera"]
    answer = filled("backup", "--encrypt", "a")
    assert "differ" in answer.sentence()
    typed[:] = [PASSPHRASE, PASSPHRASE]
    assert filled.json("backup", "--encrypt", "a")["encrypted"]
    typed[:] = ["correct horse battera"]
    answer = filled("restore", "a")
    assert answer.status == 1
    assert "passphrase doesn't open" in answer.sentence()


def test_an_empty_machine(
    filled: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without keys the ledger can be read and verified; what is missing for more is said."""
    filled.json("backup", "one.suyuan")
    monkeypatch.setenv("SUYUAN_DB", f"sqlite:///{tmp_path / 'deep' / 'new' / 'ledger.db'}")
    answer = filled("restore", "one.suyuan")
    assert answer.status == 0
    assert "no key was pinned here" in answer.out
    assert "The private key of localhost/log/main isn't here" in answer.out
    assert str(tmp_path / "deep" / "new" / "keys") in answer.out
    assert filled.size() == 2
    answer = filled("capture", filled.write("more.json", document(seen(instance("C")))))
    assert answer.status == 3
    assert "backup of the keys" in answer.sentence()


def test_a_recovery(filled: CommandLine) -> None:
    """An older backup is refused; an operator states the loss, and the organisation goes on."""
    filled.json("backup", "old.suyuan")
    filled.capture(seen(instance("C")))
    answer = filled("restore", "old.suyuan")
    assert answer.status == 1
    assert "2 entries in it, 3 are signed" in answer.sentence()
    answer = filled("restore", "--recover", "old.suyuan")
    assert answer.status == 2
    assert "--operator" in answer.sentence()
    assert filled("restore", "--operator", "Li", "old.suyuan").status == 2
    stated = ("--recover", "--operator", "Li Wei", "--reason", "the disk died")
    answer = filled("restore", *stated, "old.suyuan")
    assert answer.status == 0
    assert "1 entries are lost" in answer.out
    assert filled.capture(seen(instance("C")))["log"] == "localhost/log/main-r1"
    answer = filled("verify")
    assert answer.status == 0
    assert "1 entries behind these are lost, as localhost/log/main-r1 states" in answer.out
    logs = {one["log"]: one for one in filled.json("verify")["logs"]}
    assert logs["localhost/log/main"]["missing"] == 1
    assert logs["localhost/log/main"]["goes_on_as"] == "localhost/log/main-r1"


def test_a_recovery_that_was_cut_short(filled: CommandLine) -> None:
    """The next capture does what the restore had no time for."""
    filled.json("backup", "old.suyuan")
    filled.capture(seen(instance("C")))
    filled.json("restore", "--recover", "--operator", "Li", "--reason", "x", "old.suyuan")
    closed = filled.folder / "keys" / "localhost+log+main.closed"
    closed.unlink()
    assert filled.capture(seen(instance("C")))["log"] == "localhost/log/main-r1"
    assert closed.exists()


def test_known_checkpoints(filled: CommandLine, tmp_path: Path) -> None:
    """A file of checkpoints that others have kept, one behind the other, is compared."""
    filled.json("backup", "old.suyuan")
    notes = [filled.json("checkpoint")["checkpoint"]]
    filled.capture(seen(instance("C")))
    notes.append(filled.json("checkpoint")["checkpoint"])
    file = filled.write("known", "\n".join(notes))
    shutil.rmtree(filled.folder / "keys")
    answer = filled("restore", "--known", file, "old.suyuan")
    assert answer.status == 1
    assert "3 are signed" in answer.sentence()
    assert backups._notes(file) == notes
    filled.write("known", "".join(notes))
    assert backups._notes(file) == notes
    assert filled("restore", "--known", filled.write("first", notes[0]), "old.suyuan").status == 0


@pytest.mark.parametrize("content", [b"", b"\n \n", b"\xff", b"x" * (1 << 21)])
def test_a_file_of_no_checkpoints(filled: CommandLine, content: bytes) -> None:
    """A mistaken file is wrong usage."""
    filled.json("backup", "a")
    answer = filled("restore", "--known", filled.write("known", content), "a")
    assert answer.status == 2
    assert "signed checkpoints" in answer.sentence()


@pytest.mark.parametrize(
    ("content", "status"), [(b"nonsense", 1), (b"", 1), (b"\x1f\x8b\x08" + bytes(50), 1), (None, 3)]
)
def test_what_is_no_backup(filled: CommandLine, content: Any, status: int) -> None:
    """A wrong or missing file is one sentence, and changes nothing."""
    if content is not None:
        filled.write("a", content)
    answer = filled("restore", "a")
    assert answer.status == status
    assert answer.sentence()
    assert filled.size() == 2
