"""`suyuan capture`: receipts, every kind of bad input, and bad surroundings."""

import json
import os
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, TextIO

import pytest

from ledger.store import engine as store_engine
from suyuan.cli import _run
from tests.ledger.builders import document, instance, seen
from tests.suyuan.conftest import PROGRAM, CommandLine, Program

IDS = [f"urn:uuid:00000000-0000-4000-8000-{number:012d}" for number in range(10)]
GOOD = seen(instance("A"), eventID=IDS[1])
OTHER = seen(instance("B"), eventID=IDS[2])
HUGE = 100_000_000
MEMORY_MB = 400  # a document held whole would need more than twice its size


@pytest.fixture
def filled(suyuan: CommandLine) -> CommandLine:
    """Give a ledger that holds one event."""
    suyuan.capture(GOOD)
    return suyuan


def test_the_four_receipts(filled: CommandLine) -> None:
    """Under proceed every event has its own end, told in the receipts; a refusal is a finding."""
    file = filled.write(
        "f.json",
        document(
            GOOD, OTHER, GOOD | {"bizStep": "packing"}, seen(instance("C"), eventTime="never")
        ),
    )
    answer = filled("--json", "capture", "--mode", "proceed", file)
    assert answer.status == 1
    report = answer.json
    assert report["file"] == str(file)
    assert (report["log"], report["mode"]) == ("localhost/log/main", "proceed")
    assert report["committed"] is True
    assert [report[end] for end in ("accepted", "duplicate", "conflict", "rejected")] == [1] * 4
    receipts = report["receipts"]
    assert [one["status"] for one in receipts] == ["duplicate", "accepted", "conflict", "rejected"]
    assert [one["seq"] for one in receipts[:2]] == [0, 1]
    assert receipts[3]["pointer"] == "/epcisBody/eventList/3"
    assert receipts[3]["problems"][0].keys() >= {"pointer", "rule", "found", "message"}
    assert filled.size() == 2


def test_rollback_stores_nothing(filled: CommandLine) -> None:
    """By default one refused event keeps all others of its file out, and only it is shown."""
    file = filled.write("f.json", document(OTHER, GOOD | {"bizStep": "packing"}))
    answer = filled("capture", file)
    assert answer.status == 1
    assert answer.out.startswith(f"{file}: 1 conflict, 1 rejected; nothing was stored in ")
    assert answer.out.count("\n  ") == 1
    assert filled.size() == 1


def test_what_people_read(suyuan: CommandLine) -> None:
    """The plain output counts what was stored, known already, or empty."""
    file = suyuan.write("f.json", document(GOOD, OTHER))
    assert suyuan("capture", file).out == f"{file}: 2 accepted; stored in localhost/log/main\n"
    assert "2 duplicate; nothing new in" in suyuan("capture", file).out
    empty = suyuan("capture", suyuan.write("e.json", document()))
    assert empty.status == 0
    assert "no events; nothing new" in empty.out


def test_many_refused_events_are_summed_up(suyuan: CommandLine) -> None:
    """A person sees the first twenty refusals, and how many more there are."""
    file = suyuan.write("f.json", document(*[seen("hello")] * 25))
    answer = suyuan("capture", file)
    assert answer.status == 1
    assert len(re.findall("^  rejected ", answer.out, re.MULTILINE)) == 20
    assert "  and 5 more; --json lists them" in answer.out


def test_warnings_are_shown(suyuan: CommandLine) -> None:
    """A habit of partners is accepted, with a warning."""
    file = suyuan.write("f.json", document(GOOD | {"bizStep": "urn:epcglobal:cbv:bizstep:packing"}))
    answer = suyuan("capture", file)
    assert answer.status == 0
    assert "  warning: " in answer.out


def test_several_files_and_standard_input(suyuan: CommandLine) -> None:
    """Several files give a list of reports; - is standard input."""
    file = suyuan.write("f.json", document(GOOD))
    reports = suyuan.json("capture", file, "-", stdin=json.dumps(document(OTHER)).encode())
    assert [(one["file"], one["accepted"]) for one in reports] == [(str(file), 1), ("-", 1)]


def test_what_was_stored_is_told_when_a_later_file_fails(suyuan: CommandLine) -> None:
    """A missing second file doesn't swallow the report of the first."""
    file = suyuan.write("f.json", document(GOOD))
    answer = suyuan("--json", "capture", file, "missing.json")
    assert answer.status == 3
    assert "missing.json: No such file" in answer.sentence()
    assert [one["accepted"] for one in answer.json] == [1]


def test_organisations_and_submitters(suyuan: CommandLine) -> None:
    """Events go to the named log under the submitter's name; an unknown log is wrong usage."""
    suyuan.json("org", "add", "acme")
    file = suyuan.write("f.json", document(GOOD))
    report = suyuan.json("capture", "--organisation", "acme", "--submitter", "dock 3", file)
    assert report["log"] == "localhost/log/acme"
    with closing(sqlite3.connect(suyuan.database)) as connection:
        [(raw,)] = connection.execute("SELECT bytes FROM entry")
    assert b'"submitter":"dock 3"' in raw
    answer = suyuan("capture", "-o", "other", file)
    assert answer.status == 2
    assert "there are acme" in answer.sentence()
    assert suyuan.json("capture", file)["log"] == "localhost/log/acme"


def test_messages_in_chinese(filled: CommandLine) -> None:
    """Messages of receipts are in the asked language, by option or setting."""
    file = filled.write("f.json", document(seen(instance("C"), eventTime="2026-02-30T08:00:00Z")))
    answer = filled("--language", "zh-CN", "--json", "capture", file)
    message = answer.json["receipts"][0]["problems"][0]["message"]
    assert re.search("[\u4e00-\u9fff]", message)
    filled.monkeypatch.setenv("SUYUAN_LANGUAGE", "zh-CN")
    assert message in filled("capture", file).out


def doc_with(**fields: Any) -> str:
    """Return a document whose second event has these fields changed."""
    return json.dumps(document(OTHER, seen(instance("C"), eventID=IDS[3]) | fields))


NESTED = doc_with(**{"https://x.example/y": 0})[:-6].replace(
    '"https://x.example/y": 0', '"https://x.example/y": ' + "[" * 50_000 + "]" * 50_000
)
BAD_INPUTS = {
    "no json": "{",
    "not json": "hello",
    "empty": b"",
    "a number": "1",
    "null": "null",
    "wrong type": '{"type": 3}',
    "no events": '{"a": 1}',
    "an odd list": "[1]",
    "list as text": doc_with(epcList="x"),
    "check digit": doc_with(epcList=["https://id.gs1.org/01/09506000134353/21/1"]),
    "impossible date": doc_with(eventTime="2026-02-30T08:00:00Z"),
    "no zone": doc_with(eventTime="2026-02-20T08:00:00"),
    "unknown word": doc_with(bizStep="dancing"),
    "unknown type": doc_with(type="DanceEvent"),
    "nul in a code": doc_with(epcList=["https://id.gs1.org/01/09506000134352/21/A\x00B"]),
    "half a surrogate": doc_with(epcList=["urn:x:\ud800"]),
    "bare word": doc_with(epcList=["hello"]),
    "long code": doc_with(epcList=["x" * 1_000_000]),
    "NaN": doc_with(**{"https://x.example/y": float("nan")}),
    "a monstrous number": doc_with(**{"https://x.example/y": 10**400}),
    "a key twice": doc_with().replace('"action": ', '"action": "ADD", "action": '),
    "truncated": doc_with()[:-20],
    "truncated early": doc_with()[:20],
    "not utf-8": doc_with().encode().replace(b"urn:uuid", b"urn:\xff\xfe", 1),
    "utf-16": doc_with().encode("utf-16"),
    "deep": NESTED,
    "deep outside": "[" * 100_000,
    "xml": '<?xml version="1.0"?><x/>',
    "zip": b"PK\x03\x04" + bytes(100),
    "noise": bytes(range(256)) * 100,
    "broken twins": '{"https://catenax.io/schema/TestDataContainer/1.0.0": [{"catenaXId": 3}]}',
}


@pytest.mark.parametrize("name", BAD_INPUTS)
def test_bad_input_leaves_nothing(filled: CommandLine, name: str) -> None:
    """Bad input is a finding, told in a sentence with a place or a fix; nothing of it is stored."""
    file = filled.write("bad.json", BAD_INPUTS[name])
    answer = filled("--json", "capture", file)
    assert answer.status == 1
    assert not answer.err
    report = answer.json
    assert report["committed"] is False
    refusals = [*report["problems"], *(p for one in report["receipts"] for p in one["problems"])]
    assert refusals
    assert all(0 < len(one["message"]) < 1000 and "\n" not in one["message"] for one in refusals)
    plain = filled("capture", file)
    assert plain.status == 1
    assert "nothing was stored" in plain.out
    assert filled.size() == 1


def test_an_event_of_very_many_items(suyuan: CommandLine) -> None:
    """An event that names 20,000 items is one entry."""
    suyuan.capture(seen(*(instance(number) for number in range(20_000))))
    assert suyuan.size() == 1


@pytest.mark.parametrize("name", ["missing.json", ".", ""])
def test_a_file_that_is_no_file(filled: CommandLine, name: str) -> None:
    """A missing file, a folder and an empty name are exit status 3."""
    answer = filled("capture", name)
    assert answer.status == 3
    assert answer.sentence().endswith("Check the path and its permissions.")


def peak_mb(run: subprocess.CompletedProcess[str]) -> int:
    """Return what GNU-like measuring in the child's parent wrote as its last line."""
    return int(run.stdout.splitlines()[-1])


@pytest.mark.parametrize(
    ("before", "fill", "after", "status"),
    [
        (b'{"a":"', b"x", b'"}', 1),
        (b"[", b" ", b"]", 0),
    ],
)
def test_a_huge_body_needs_no_memory(
    suyuan: CommandLine, before: bytes, fill: bytes, after: bytes, status: int
) -> None:
    """100 MB are read in pieces: the process stays far below twice the size of the document."""
    file = suyuan.folder / "huge.json"
    with file.open("wb") as out:
        out.write(before)
        for _ in range(HUGE // 1_000_000):
            out.write(fill * (1_000_000 // len(fill)))
        out.write(after)
    measured = (
        "import resource, subprocess, sys\n"
        "status = subprocess.run(sys.argv[1:], check=False).returncode\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)\n"
        "sys.exit(status)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", measured, PROGRAM, "capture", file],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    file.unlink()
    assert run.returncode == status, run
    assert not run.stderr
    assert peak_mb(run) < MEMORY_MB
    assert suyuan.size() == 0


# The surroundings.


@pytest.mark.parametrize("command", [["verify"], ["trace", instance("A")], ["capture", "x"]])
def test_a_missing_database(bare: CommandLine, command: list[str]) -> None:
    """Without a ledger it says how to make one, and makes none."""
    answer = bare(*command)
    assert answer.status == 3
    assert "'suyuan migrate'" in answer.sentence()
    assert not bare.database.exists()


@pytest.mark.parametrize(
    "url",
    ["", "foo", "sqlite://", "sqlite:///:memory:", "mysql://localhost/x", "postgresql://h:port/x"],
)
def test_what_is_no_database(bare: CommandLine, url: str) -> None:
    """An address that can't be a ledger is refused; an empty one never means the default."""
    for command in (["verify"], ["migrate"]):
        answer = bare("--db", url, *command)
        assert answer.status == 3
        assert "sqlite:///FILE" in answer.sentence()


def test_an_absent_server(bare: CommandLine) -> None:
    """A server that isn't there is named as the cause."""
    answer = bare("--db", "postgresql://127.0.0.1:1/x", "verify")
    assert answer.status == 3
    assert "No PostgreSQL server answers" in answer.sentence()


@pytest.mark.parametrize("content", [b"hello", b"", bytes(range(256)) * 40])
def test_a_database_that_is_none(bare: CommandLine, content: bytes) -> None:
    """A text file is no ledger, and stays as it is."""
    bare.write("ledger.db", content)
    answer = bare("verify")
    assert answer.status == 3
    assert answer.sentence()
    assert bare.database.read_bytes() == content or not content


def test_a_damaged_database(filled: CommandLine) -> None:
    """A ledger whose file was cut is told to be damaged."""
    with closing(sqlite3.connect(filled.database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    os.truncate(filled.database, 50_000)
    answer = filled("verify")
    assert answer.status == 3
    assert "backup" in answer.sentence()


def test_a_folder_as_database(bare: CommandLine) -> None:
    """A folder is no database, nor is a file a folder."""
    for url in (f"sqlite:///{bare.folder}", f"sqlite:///{bare.write('f', 'x')}/ledger.db"):
        for command in ("verify", "migrate"):
            answer = bare("--db", url, command)
            assert answer.status == 3
            assert answer.sentence()


def test_a_database_of_another_version(filled: CommandLine) -> None:
    """A schema that isn't known is refused with what to do."""
    with closing(sqlite3.connect(filled.database)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    answer = filled("verify")
    assert answer.status == 3
    assert "Update suyuan" in answer.sentence()


def test_a_locked_database(filled: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """While another program writes, capture waits, then says so; reading goes on."""
    pragmas = ("busy_timeout=50", *store_engine.SQLITE_PRAGMAS[1:])
    monkeypatch.setattr(store_engine, "SQLITE_PRAGMAS", pragmas)
    file = filled.write("f.json", document(OTHER))
    with closing(sqlite3.connect(filled.database)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        answer = filled("capture", file)
        assert answer.status == 3
        assert "Another program holds" in answer.sentence()
        assert filled.size() == 1
    assert filled("capture", file).status == 0


def test_missing_keys(filled: CommandLine) -> None:
    """Without its signing key nothing is added to a log, and no other key is made."""
    shutil.rmtree(filled.folder / "keys")
    answer = filled("capture", filled.write("f.json", document(OTHER)))
    assert answer.status == 3
    assert "Put the file back" in answer.sentence()
    assert not (filled.folder / "keys").exists()
    assert "1 entries" in filled("verify").out


def test_a_key_that_others_may_read(filled: CommandLine) -> None:
    """A signing key that is open to others isn't used."""
    [key] = (filled.folder / "keys").glob("*.key")
    key.chmod(0o644)
    answer = filled("capture", filled.write("f.json", document(OTHER)))
    assert answer.status == 3
    assert "chmod 600" in answer.sentence()


def test_a_disk_that_fills_up(filled: CommandLine, program: Program) -> None:
    """When the disk is full in the middle, nothing of the file is stored."""
    events = [seen(instance(number)) for number in range(3000)]
    file = filled.write("f.json", document(*events))
    limit = filled.database.stat().st_size + 300_000

    def limited() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a full disk gives an error, no signal
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    run = program("capture", file, preexec_fn=limited)
    assert run.returncode == 3, run
    assert run.stderr.startswith("suyuan: The database says: ")
    assert len(run.stderr.splitlines()) == 1
    assert not run.stdout
    assert filled.size() == 1
    assert filled("capture", file).status == 0
    assert filled.size() == 3001


def status_with(output: TextIO, suyuan: CommandLine, *arguments: object) -> int:
    """Run a command whose standard output goes to `output`."""
    with suyuan.monkeypatch.context() as patch:
        patch.setattr(sys, "argv", ["suyuan", *map(str, arguments)])
        patch.setattr(sys, "stdout", output)
        return _run()


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_output_that_cannot_be_written(filled: CommandLine, options: list[str]) -> None:
    """A full disk behind standard output is told, not hidden."""
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        assert status_with(full, filled, *options, "verify") == 3
    said = filled.capsys.readouterr().err
    assert said == "suyuan: No space left on device. Free some space and try again.\n"


@pytest.fixture
def sealed(filled: CommandLine) -> Iterator[CommandLine]:
    """Give a ledger that its user may read only."""
    with closing(sqlite3.connect(filled.database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    filled.write("f.json", document(OTHER))
    filled.database.chmod(0o444)
    filled.folder.chmod(0o555)
    yield filled
    filled.folder.chmod(0o755)


def unprivileged() -> list[str]:
    """Return what to start a program with so that permissions hold, also for root."""
    if os.geteuid() != 0:
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("root may write everywhere, and setpriv isn't here to take that from it")
    return [setpriv, "--bounding-set=-dac_override,-dac_read_search"]


def test_a_read_only_ledger(sealed: CommandLine, program: Program) -> None:
    """Where the file or its folder can't be written, it says so and leaves them alone."""
    before = sealed.database.read_bytes()
    for arguments in (
        ["capture", "f.json"],
        ["--db", f"sqlite:///{sealed.folder}/new/x.db", "migrate"],
        ["label", instance("A"), "--out", "x.png"],
    ):
        run = program(*arguments, before=unprivileged())
        assert run.returncode == 3, run
        assert len(run.stderr.splitlines()) == 1
        assert "permissions" in run.stderr
        assert ".new" not in run.stderr
    assert sealed.database.read_bytes() == before
    assert not (sealed.folder / "new").exists()


def test_a_file_that_may_not_be_read(filled: CommandLine, program: Program) -> None:
    """A file without permission is exit status 3."""
    filled.write("f.json", document(OTHER)).chmod(0)
    run = program("capture", "f.json", before=unprivileged())
    assert run.returncode == 3
    assert run.stderr == (
        "suyuan: f.json: Permission denied. Check the path and its permissions.\n"
    )


def test_a_reader_that_goes_away(filled: CommandLine) -> None:
    """When the reader of our output stops early, the work is done and its status is kept."""
    good = filled.write("good.json", document(OTHER))
    bad = filled.write("bad.json", "{")
    for options, files, status in (([], [bad, good], 1), (["--json"], [good, good], 0)):
        # The pipe's reading end is closed before the program says a word.
        reading, writing = os.pipe()
        os.close(reading)
        with os.fdopen(writing, "w", encoding="utf-8") as output:
            assert status_with(output, filled, *options, "capture", *files) == status
        assert not filled.capsys.readouterr().err
    assert filled.size() == 2


def test_a_real_pipe(filled: CommandLine) -> None:
    """In a shell, `| head -1` ends quietly."""
    command = f"set -o pipefail; {PROGRAM} capture captured.json captured.json | head -1"
    run = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert run.returncode == 0
    assert run.stdout == "captured.json: 1 duplicate; nothing new in localhost/log/main\n"
    assert not run.stderr


def test_ctrl_c(filled: CommandLine) -> None:
    """Ctrl-C in the middle of a document ends quietly and stores nothing."""
    half = json.dumps(document(*(seen(instance(n)) for n in range(3000)))).encode()[:-1000]
    with subprocess.Popen(
        # Where the tests run in the background, Ctrl-C is ignored, and children inherit that.
        ["env", "--default-signal=INT", PROGRAM, "capture", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        process.stdin.write(half)
        process.stdin.flush()
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, b"", b"")
    assert filled.size() == 1


def test_our_own_defects(filled: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A defect is told as ours, without a traceback; SUYUAN_DEBUG shows it."""
    with closing(sqlite3.connect(filled.database)) as connection:
        connection.execute("ALTER TABLE log RENAME COLUMN name TO called")
        connection.commit()
    answer = filled("org", "list")
    assert answer.status == 3
    assert answer.err.startswith("suyuan: A defect in suyuan, not in your data: ")
    assert len(answer.err.splitlines()) == 1
    monkeypatch.setenv("SUYUAN_DEBUG", "1")
    with pytest.raises(Exception, match="no such column"):
        filled("org", "list")
