"""`suyuan proof`, `check-proof` and `consistency`."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

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


@pytest.fixture
def key(filled: CommandLine) -> str:
    """Give the log's verifier key."""
    [listed] = filled.json("key", "list")
    return str(listed["key"])


def test_a_proof_is_checked_with_the_key_alone(filled: CommandLine) -> None:
    """A proof holds with the key as text and as a file, without any ledger."""
    value = filled.json("proof", EVENT)
    assert (value["event"], value["log"], value["seq"]) == (EVENT, "localhost/log/main", 0)
    proof = filled.write("a.tlog-proof", value["proof"])
    [listed] = filled.json("key", "list")
    key_file = filled.write("log.vkey", listed["key"] + "\n")
    filled.database.rename(filled.folder / "away.db")
    for key in (listed["key"], key_file, "log.vkey"):
        checked = filled.json("check-proof", proof, "--key", key)
        assert checked["holds"] is True
        assert (checked["log"], checked["size"], checked["seq"]) == ("localhost/log/main", 3, 0)
        assert (checked["event"], checked["type"]) == (EVENT, "ObjectEvent")
    shown = filled("check-proof", proof, "--key", key_file)
    assert shown.status == 0
    assert shown.out.startswith("holds: entry 0 of localhost/log/main, size 3\n")
    assert EVENT in shown.out


def test_a_proof_of_a_code_is_of_its_newest_event(filled: CommandLine) -> None:
    """A code is proved by the newest event that names it; --out writes a file."""
    assert filled.json("proof", "(01)09506000134352(21)A")["seq"] == 2
    printed = filled("proof", EVENT)
    answer = filled("proof", EVENT, "--out", "x.tlog-proof")
    assert answer.out == f"x.tlog-proof: event {EVENT} is entry 0 of localhost/log/main\n"
    assert (filled.folder / "x.tlog-proof").read_text("utf-8") == printed.out
    assert filled("proof", EVENT, "--out", "/dev/null").status == 0


def test_what_cannot_be_proved(filled: CommandLine) -> None:
    """What is neither an event here nor a code is named so."""
    answer = filled("proof", "hello")
    assert answer.status == 1
    assert "no eventID here and no code" in answer.sentence()


def test_a_changed_proof_does_not_hold(filled: CommandLine) -> None:
    """A proof of which anything was changed is refused with exit status 1."""
    text = filled("proof", EVENT).out
    [listed] = filled.json("key", "list")
    for changed in (
        text.replace("index 0", "index 1"),
        text.replace("\n3\n", "\n4\n"),
        text[: len(text) // 2],
        "",
        "\x00",
    ):
        assert changed != text
        file = filled.write("changed", changed)
        answer = filled("--json", "check-proof", file, "--key", listed["key"])
        assert answer.status == 1
        assert not answer.out
        assert answer.sentence()


def test_a_proof_of_another_log(filled: CommandLine) -> None:
    """A proof is checked with the key of its log, and with no other."""
    proof = filled.write("a.tlog-proof", filled("proof", EVENT).out)
    other = filled.json("org", "add", "other")["key"]
    answer = filled("check-proof", proof, "--key", other)
    assert answer.status == 1
    assert answer.sentence()


@pytest.mark.parametrize("key", ["", "nothing-here", "a+b+c", "x" * 5000, "nul\x00", "."])
def test_what_is_no_key_is_wrong_usage(filled: CommandLine, key: str) -> None:
    """A mistyped key must not look like a false proof."""
    proof = filled.write("a.tlog-proof", filled("proof", EVENT).out)
    answer = filled("check-proof", proof, "--key", key)
    assert answer.status == 2
    assert "suyuan key list" in answer.sentence()


@pytest.mark.parametrize("content", [b"", b"hello", b"\xff\xfe"])
def test_a_file_without_a_key(filled: CommandLine, content: bytes) -> None:
    """A file that holds no key is named."""
    proof = filled.write("a.tlog-proof", filled("proof", EVENT).out)
    answer = filled("check-proof", proof, "--key", filled.write("bad.vkey", content))
    assert answer.status == 2
    assert "bad.vkey" in answer.sentence()


def test_a_missing_proof(filled: CommandLine) -> None:
    """A proof file that is missing, or a folder, belongs to the surroundings."""
    [listed] = filled.json("key", "list")
    for name in ("missing", "."):
        answer = filled("check-proof", name, "--key", listed["key"])
        assert answer.status == 3
        assert "Check the path" in answer.sentence()


def test_the_json_form_is_checked_as_the_text_is(filled: CommandLine, key: str) -> None:
    """What --json prints, and a file that ends in .json, are proofs themselves."""
    value = filled.json("proof", EVENT)
    printed = filled.write("printed", value)
    assert filled("proof", EVENT, "--out", "file.json").status == 0
    assert json.loads((filled.folder / "file.json").read_text("utf-8")) == value
    wanted = filled.json("check-proof", filled.write("t", value["proof"]), "--key", key)
    for file in (printed, "file.json"):
        assert filled.json("check-proof", file, "--key", key) == wanted
    assert wanted["leaf_hash"]
    filled.write("file.json", {**value, "index": 1})
    answer = filled("check-proof", "file.json", "--key", key)
    assert answer.status == 1
    assert answer.sentence()


def test_what_a_proof_shows_and_what_not(filled: CommandLine, key: str) -> None:
    """The answer says both, and doesn't claim that the log was only appended to."""
    proof = filled.write("a.tlog-proof", filled("proof", EVENT).out)
    value = filled.json("check-proof", proof, "--key", key)
    assert len(value["proven"]) == 2
    assert any("appended to: no witness" in one for one in value["not_proven"])
    shown = filled("check-proof", proof, "--key", key).out
    proven, _, unproven = shown.partition("Not proven:")
    assert "Proven:" in proven
    for one in value["not_proven"]:
        assert one in unproven


def test_a_wrong_key_is_told_with_its_fix(filled: CommandLine) -> None:
    """Who signed the proof is named, and whom to ask for the key."""
    proof = filled.write("a.tlog-proof", filled("proof", EVENT).out)
    other = filled.json("org", "add", "other")["key"]
    said = filled("check-proof", proof, "--key", other).sentence()
    assert "signed by localhost/log/main+" in said
    assert "Ask the organisation behind 'localhost/log/main' for its key" in said


def test_a_proof_against_a_kept_checkpoint(filled: CommandLine, key: str) -> None:
    """Any size that was signed will do, and the very checkpoint that somebody has kept."""
    kept = filled.write("kept", filled("checkpoint").out)
    filled.capture(seen(instance("C")))
    asked: list[tuple[tuple[object, ...], int]] = [
        ((), 4),
        (("--size", 3), 3),
        (("--against", kept), 3),
        (("--size", 4), 4),
    ]
    for given, size in asked:
        proof = filled.write("p", filled("proof", EVENT, *given).out)
        assert filled.json("check-proof", proof, "--key", key)["size"] == size
    refused: list[tuple[tuple[object, ...], int, str]] = [
        (("--size", 2), 1, "nearest are 3"),
        (("--size", 3, "--against", kept), 2, "not both"),
        (("--against", filled.write("x", "hello")), 2, "holds no checkpoint"),
        (("--against", filled.write("y", b"\xff")), 3, "no text in UTF-8"),
        (("--against", "missing"), 3, "Check the path"),
    ]
    for given, status, words in refused:
        answer = filled("proof", EVENT, *given)
        assert answer.status == status
        assert words in answer.sentence()


def test_a_kept_checkpoint_is_part_of_the_log(filled: CommandLine, key: str) -> None:
    """It is said so, and proven in a file that is checked without the ledger."""
    kept = filled.write("kept", filled("checkpoint").out)
    filled.capture(seen(instance("C")))
    newer = filled.write("newer", filled("checkpoint").out)
    filled.capture(seen(instance("D")))
    answer = filled("consistency", kept, "--out", "grown.json")
    assert answer.out == (
        "localhost/log/main: the 3 entries of the kept checkpoint are the first of 5;"
        " the proof is in grown.json\n"
    )
    assert filled.json("consistency", kept, newer)["new"] == newer.read_text("utf-8")
    assert filled("consistency", kept, kept).out.endswith("the first of 3\n")
    filled.database.rename(filled.folder / "away.db")
    value = filled.json("check-proof", "grown.json", "--key", key)
    assert (value["old_size"], value["size"], value["holds"]) == (3, 5, True)
    shown = filled("check-proof", "grown.json", "--key", key)
    assert shown.out.startswith("holds: localhost/log/main grew from 3 to 5 entries\n")
    grown = json.loads((filled.folder / "grown.json").read_text("utf-8"))
    filled.write("grown.json", {**grown, "path": grown["path"][1:]})
    assert filled("check-proof", "grown.json", "--key", key).status == 1


def test_a_checkpoint_that_is_not_part_of_the_log(filled: CommandLine) -> None:
    """A log that was rewritten, is older or another one is told so, with exit status 1."""
    older = filled.folder / "older.db"
    with closing(sqlite3.connect(filled.database)) as connection:
        connection.execute("VACUUM INTO ?", [str(older)])
    filled.capture(seen(instance("C")))
    longer = filled.write("longer", filled("checkpoint").out)
    for name in ("ledger.db-wal", "ledger.db-shm"):
        (filled.folder / name).unlink(missing_ok=True)
    older.replace(filled.database)
    answer = filled("consistency", longer)
    assert answer.status == 1
    assert "older copy" in answer.sentence()
    forged = longer.read_text("utf-8").replace("\n4\n", "\n3\n")
    answer = filled("consistency", filled.write("forged", forged))
    assert answer.status == 1
    assert "does not hold" in answer.sentence()
    stranger = longer.read_text("utf-8").replace("log/main", "log/mian")
    answer = filled("consistency", filled.write("stranger", stranger))
    assert answer.status == 1
    assert "the logs here are localhost/log/main" in answer.sentence()


def test_a_file_that_is_too_large_is_no_proof(
    filled: CommandLine, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is read without bound."""
    monkeypatch.setattr("suyuan.cli.proofs._MOST", 100)
    answer = filled("check-proof", filled.write("large", "x" * 101), "--key", key)
    assert answer.status == 2
    assert "that is no proof" in answer.sentence()


_SHUT = """
import sys
def watch(event, _arguments):
    if event.startswith("socket.") or event == "sqlite3.connect":
        raise PermissionError(f"{event}: no database and no network is needed")
sys.addaudithook(watch)
from suyuan.cli import main
sys.argv[0] = "suyuan"
main()
"""


@pytest.mark.parametrize("name", ["a.tlog-proof", "a.json", "grown.json"])
def test_no_database_and_no_network(filled: CommandLine, key: str, name: str) -> None:
    """A proof is checked where nothing can be opened but the file itself."""
    kept = filled.write("kept", filled("checkpoint").out)
    filled.capture(seen(instance("C")))
    if name == "grown.json":
        filled("consistency", kept, "--out", name)
    else:
        filled("proof", EVENT, "--out", name)
    alone = filled.folder / "alone"
    alone.mkdir()
    (filled.folder / name).rename(alone / name)
    paths = os.pathsep.join(sys.path)
    done = subprocess.run(
        [sys.executable, "-c", _SHUT, "--json", "check-proof", name, "--key", key],
        cwd=alone,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": paths, "HOME": str(alone)},
        check=False,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["holds"] is True
    assert sorted(path.name for path in Path(alone).iterdir()) == [name]
