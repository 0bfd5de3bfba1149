"""What people read is safe on a terminal, whoever wrote it; what programs read is unchanged."""

import io
import json
import sqlite3
import sys
import unicodedata
from contextlib import closing, suppress

import pytest
import qrcode
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from suyuan.cli.output import Session
from suyuan.cli.visible import visible
from suyuan.settings import Settings
from tests.ledger.builders import document, instance, seen
from tests.suyuan.conftest import Answer, CommandLine

ORDERS = "\x1b[2J\x1b]0;x\x07\x9b31m\x7f\u202egpj\u2066\u200f\u200b\u2028\ufeff"
"""Clears the screen, names the window, colours, turns round and hides."""
HOSTILE = f"{ORDERS}\r\nforged  instance"
"""The same with a line that feigns to be ours."""
ACTING = {"Cc", "Zl", "Zp", "Cs"}
TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
COMMANDS = (
    ["item", instance("A")],
    ["trace", instance("A")],
    ["proof", instance("A")],
    ["verify"],
    ["checkpoint"],
    ["org", "list"],
)
"""What is asked of a ledger that somebody else wrote into."""
COLUMNS = [
    ("log", "organisation"),
    ("log", "origin"),
    ("log", "name"),
    ("log", "verifier_key"),
    ("entry", "submitter"),
    ("checkpoint", "note"),
    ("event", "event_id"),
    ("event", "disposition"),
    ("event", "location"),
    ("item", "code"),
]
ISSUED = ("code", "issue", "(01)09506000134352", "-n", "1")


def assert_safe(answer: Answer, *, lines_of_others: bool = False) -> None:
    """Nothing that acts leaves on either stream, and no line is forged, unless many are given."""
    for stream in (answer.out, answer.err):
        lines = stream.split("\n")
        assert lines == [visible(line) for line in lines]
        assert lines_of_others or not any(line.startswith("forged") for line in lines)
    assert "Traceback" not in answer.err
    assert "defect" not in answer.err


def assert_shown(answer: Answer) -> None:
    """It is safe, and the hostile text is there to be seen."""
    assert_safe(answer)
    assert r"\x1b" in answer.out + answer.err


def test_every_character_that_acts_is_an_escape() -> None:
    """Of all of Unicode no control, line separator or turn of direction comes through."""
    for number in range(sys.maxunicode + 1):
        one = chr(number)
        acts = unicodedata.category(one) in ACTING or unicodedata.bidirectional(one) in TURNING
        shown = visible(one)
        if acts:
            assert shown.isascii(), hex(number)
        if shown != one:
            assert shown == ascii(one)[1:-1]
            assert not one.isprintable()


def test_what_people_write_stays() -> None:
    """Letters of all scripts, wide blanks, joiners and emoji are left alone."""
    text = "溯源\u3000有限公司 Ünïcode \u0645\u06cc\u200c\u062e \N{FAMILY}\u200d a\\b \u00a0"
    assert visible(text) == text


@given(st.text())
def test_visible_text_is_one_line_and_settled(text: str) -> None:
    """The result is one line that can be written, and is its own result."""
    shown = visible(text)
    assert len(shown.splitlines()) <= 1
    assert shown.encode().decode() == shown
    assert visible(shown) == shown


@pytest.mark.parametrize(
    "arguments",
    [
        ("code", "identify", HOSTILE),
        ("code", "identify", f"(01)09506000134353{HOSTILE}"),
        ("code", "identify", f"(10){HOSTILE}"),
        ("code", "identify", f"urn:x:{HOSTILE}"),
        ("code", "identify", f"https://example.org/{HOSTILE}"),
        ("code", "identify", "--profile", HOSTILE, "x"),
        ("code", "identify", "--without", HOSTILE, "x"),
        ("code", "convert", HOSTILE),
        ("code", "convert", f"urn:x:{HOSTILE}"),
        ("code", "convert", "--to", HOSTILE, "x"),
        ("code", "convert", "--stem", f"https://x{ORDERS}", instance("A")),
        ("code", "convert", "--to", "tag", "--tag-scheme", HOSTILE, instance("A")),
        ("code", "issue", HOSTILE, "-n", "1"),
        (*ISSUED, "--lot", HOSTILE),
        (*ISSUED, "--supplier", HOSTILE, "-o", HOSTILE),
        (*ISSUED, "--stem", f"https://x{ORDERS}"),
        (*ISSUED, "--output", f"missing/{HOSTILE}"),
        ("code", "issued", HOSTILE),
        ("code", "issued", f"{instance('A')}?{HOSTILE}"),
        ("item", HOSTILE),
        ("item", f"urn:x:{HOSTILE}"),
        ("item", instance("A"), "--as-of", HOSTILE),
        ("trace", HOSTILE),
        ("trace", f"urn:x:{HOSTILE}"),
        ("trace", instance("A"), "--known-at", HOSTILE),
        ("trace", instance("A"), "--direction", HOSTILE),
        ("proof", HOSTILE),
        ("label", HOSTILE),
        ("label", instance("A"), "--out", HOSTILE),
        ("scan", HOSTILE),
        ("capture", HOSTILE),
        ("check-proof", HOSTILE, "--key", "x"),
        ("org", "add", HOSTILE),
        ("token", "issue", "x", "-o", HOSTILE),
        ("verify", "-o", HOSTILE),
        ("checkpoint", "-o", HOSTILE),
        ("--db", HOSTILE, "verify"),
        ("--language", HOSTILE, "verify"),
        (HOSTILE,),
        (f"--{HOSTILE}",),
        ("code", HOSTILE),
    ],
)
@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_hostile_arguments(suyuan: CommandLine, arguments: tuple[str, ...], language: str) -> None:
    """Whatever an argument holds, the terminal shows it and does nothing else."""
    answer = suyuan("--language", language, *arguments)
    assert_shown(answer)


@pytest.mark.parametrize("command", ["identify", "convert"])
def test_hostile_lines(suyuan: CommandLine, command: str) -> None:
    """Codes on standard input are shown like arguments, as they stand and as JSON."""
    lines = f"{ORDERS}\nurn:x:{ORDERS}\n(10){ORDERS}\n".encode()
    assert_shown(suyuan("code", command, "--lines", stdin=lines))
    for row in (HOSTILE, {"hex": HOSTILE}, {"text": HOSTILE, "id": HOSTILE}):
        assert_shown(suyuan("code", command, stdin=json.dumps(row).encode()))


def test_what_a_program_reads_is_unchanged(suyuan: CommandLine) -> None:
    """JSON repeats the text itself, and a form keeps its separator."""
    answer = suyuan("--json", "code", "identify", HOSTILE)
    assert answer.json["text"] == HOSTILE
    [answered] = suyuan("--json", "scan", "-", stdin=f"{ORDERS}x".encode()).json
    assert answered["raw"] == f"{ORDERS}x".encode().hex()
    written = suyuan("code", "convert", "--to", "elements", "(01)09506000134352(10)L1(21)A")
    assert written.out == "010950600013435210L1\x1d21A\n"


def test_hostile_labels(suyuan: CommandLine) -> None:
    """What a printed code holds is shown, read from a picture and from a keyboard scanner."""
    qrcode.make(ORDERS).save(suyuan.folder / "x.png")
    qrcode.make(f"urn:x:{HOSTILE}").save(suyuan.folder / "y.png")
    name = f"{ORDERS}.png"
    qrcode.make(instance("A")).save(suyuan.folder / name)
    answer = suyuan("scan", "x.png", "y.png", name)
    assert_shown(answer)
    assert len(answer.out.splitlines()) == 4
    assert_safe(suyuan("scan", "-", stdin=f"{ORDERS}\nurn:x:{ORDERS}\nurn:x:\u202e".encode()))


def test_hostile_events(suyuan: CommandLine) -> None:
    """What a partner's file says is shown: its name, its faults, and what was stored from it."""
    name = f"{ORDERS}.json"
    assert_shown(suyuan("capture", suyuan.write(name, HOSTILE)))
    assert_shown(suyuan("capture", suyuan.write(name, {HOSTILE: HOSTILE, "type": HOSTILE})))
    wrong = seen(instance("A"), bizStep=HOSTILE, readPoint={"id": HOSTILE}, action=HOSTILE)
    assert_shown(suyuan("capture", suyuan.write(name, document(wrong))))
    place = {"id": f"https://x.example/{ORDERS}"}
    stored = document(seen(instance("A"), readPoint=place, bizLocation=place))
    assert_shown(suyuan("capture", suyuan.write(name, stored)))
    for command in (["item", instance("A")], ["trace", instance("A")], ["verify"], ["checkpoint"]):
        assert_safe(suyuan(*command))


def test_hostile_names(suyuan: CommandLine) -> None:
    """The names that organisations and keys were given are shown."""
    suyuan.json("org", "add", "acme", "--name", HOSTILE)
    suyuan.json("token", "issue", HOSTILE, "-o", "acme")
    assert_shown(suyuan("org", "list"))
    assert_shown(suyuan("token", "list"))


def test_a_hostile_database(suyuan: CommandLine) -> None:
    """What somebody wrote into the tables is shown with the findings, and can't feign them away."""
    suyuan.capture(seen(instance("A")))
    note = suyuan.json("checkpoint")["checkpoint"]
    assert suyuan("checkpoint").out == note
    proof = suyuan.json("proof", instance("A"))["proof"]
    assert suyuan("proof", instance("A")).out == proof
    whole = suyuan.database.read_bytes()
    shown = 0
    for table, column in COLUMNS:
        suyuan.database.write_bytes(whole)
        with closing(sqlite3.connect(suyuan.database)) as ledger, suppress(sqlite3.IntegrityError):
            ledger.execute(f'UPDATE "{table}" SET "{column}" = ?', (HOSTILE,))
            ledger.commit()
        for command in COMMANDS:
            answer = suyuan(*command)
            shown += r"\x1b" in answer.out + answer.err
            # A proof and a checkpoint are files of many lines, whoever wrote them.
            assert_safe(answer, lines_of_others=command[0] in {"proof", "checkpoint"})
    assert shown >= len(COLUMNS)


@pytest.mark.parametrize("name", [f"{ORDERS}.json", "[bold].json", "]b[].json"])
def test_displays_on_a_terminal(
    suyuan: CommandLine, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """What lasts is shown on a terminal with its name, which is neither an order nor markup."""
    monkeypatch.setenv("FORCE_COLOR", "1")  # rich takes both streams for terminals
    answer = suyuan("capture", suyuan.write(name, document(seen(instance("A")))))
    assert answer.status == 0
    assert visible(name) in answer.err
    verified = suyuan("verify")
    assert verified.status == 0
    assert "localhost/log/main" in verified.err
    for stream in (answer.out, answer.err, verified.err):
        assert "\x1b[2J\x1b]0" not in stream
        assert "\u202e" not in stream


def test_a_name_is_no_markup_in_a_display() -> None:
    """What a display on a terminal is about is neither markup nor an order."""
    stream = io.StringIO()
    session = Session(Settings(), as_json=False, err=Console(file=stream, force_terminal=True))
    with session.progress() as bar:
        bar.add_task(visible(f"[/x]{ORDERS}"))
    shown = stream.getvalue()
    assert r"[/x]\x1b[2J" in shown
    assert "\x1b[2J" not in shown
    assert "\u202e" not in shown
