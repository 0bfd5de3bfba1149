"""`suyuan scan`."""

import json
from pathlib import Path

import pytest
from PIL import Image

from suyuan.cli import scanning
from tests.ledger.builders import document, instance, seen
from tests.suyuan.conftest import CommandLine

PACK = instance("P1")


def test_a_keyboard_scanner(suyuan: CommandLine) -> None:
    """Lines of a wedge keep their GS, and those that are no code say why."""
    suyuan.capture(seen(instance("P2")))
    stdin = b"]C1010950600013435210L1\x1d21P2\r\n" + b"hello\n" + b"\xff\xfe\n" + PACK.encode()
    answer = suyuan("--json", "scan", "-", stdin=stdin)
    assert answer.status == 1
    known, word, noise, last = answer.json
    assert (known["code"], known["known"]) == (instance("P2"), True)
    assert "\x1d" in known["text"]
    assert b"\x1d" in bytes.fromhex(known["raw"])
    assert (known["symbology_identifier"], known["engine"]) == ("]C1", "wedge")
    assert word["code"] is None
    assert word["problem"]
    assert noise["problem"]
    assert (last["code"], last["problem"]) == (PACK, None)
    plain = suyuan("scan", "-", stdin=stdin)
    assert plain.status == 1
    assert instance("P2") in plain.out


def test_a_doubtful_scan_is_warned_about(
    suyuan: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Scans that can be read but may be a mistake or a forgery say so, to people and in JSON."""
    monkeypatch.setenv("SUYUAN_STEM", "https://trace.example.com")
    lines = (
        "]d2010950600013435210L121ABC",
        "https://trace.examp1e.com/01/09506000134352/21/P1",
        "https://example.org/01/09506000134353",
    )
    stdin = "\n".join(lines).encode()
    answer = suyuan("scan", "-", stdin=stdin)
    assert answer.status == 0
    _head, hidden, feigned, foreign = answer.out.splitlines()
    assert "warning: the value of AI 10 may hide (21)ABC" in hidden
    assert "warning: the host trace.examp1e.com only looks like trace.example.com" in feigned
    assert "warning: the value of (01) is not valid" in foreign
    assert [len(one["warnings"]) for one in suyuan.json("scan", "-", stdin=stdin)] == [1, 1, 1]


def test_nothing_to_read(suyuan: CommandLine, vectors: Path) -> None:
    """Where no code is found, it is said with what helps; exit status 1."""
    answer = suyuan("scan", "-")
    assert answer.status == 1
    assert answer.err.startswith("standard input: no code was found")
    assert suyuan("--json", "scan", "-").json == []


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [
        ("missing.png", None, 3),
        (".", None, 3),
        ("text.png", b"hello", 1),
        ("empty.png", b"", 1),
        ("cut.png", b"\x89PNG\r\n\x1a\n\x00", 1),
        ("cut.pdf", b"%PDF-1.7\n", 1),
    ],
)
def test_files_that_are_no_pictures(
    suyuan: CommandLine, name: str, content: bytes | None, status: int
) -> None:
    """What can't be looked at is named: missing is 3, damaged is 1."""
    if content is not None:
        suyuan.write(name, content)
    answer = suyuan("scan", name)
    assert answer.status == status
    assert answer.sentence().startswith(f"{name}: ")


def test_a_bad_file_among_good_ones(suyuan: CommandLine) -> None:
    """Each good file is read; the bad and the blank are named, and the worst gives the status."""
    suyuan.json("label", PACK, "--out", "good.png")
    suyuan.write("cut.png", b"\x89PNG\r\n\x1a\n\x00")
    Image.new("L", (50, 50), 255).save(suyuan.folder / "blank.png")
    files = ("missing.png", "cut.png", "blank.png", "good.png")
    answer = suyuan("--json", "scan", *files)
    assert answer.status == 3
    assert [one["code"] for one in answer.json] == [PACK]
    blank, cut, missing = answer.err.splitlines()
    assert blank.startswith("blank.png: no code was found")
    assert cut.startswith("cut.png: ")
    assert missing.startswith("suyuan: missing.png: ")
    assert suyuan("scan", "good.png", "blank.png").status == 1
    assert suyuan("scan", "good.png").status == 0


def test_without_the_second_reader(suyuan: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where libzbar0 isn't installed, it is said and reading goes on."""
    suyuan.json("label", PACK, "--out", "x.png")
    monkeypatch.setattr(scanning, "fallback_available", lambda: False)
    answer = suyuan("--json", "scan", "x.png")
    assert answer.status == 0
    assert "libzbar0" in answer.err
    assert json.loads(answer.out)[0]["code"] == PACK


def test_a_scan_can_be_captured_and_found(suyuan: CommandLine) -> None:
    """What was unknown is known once an event names it."""
    suyuan.json("label", PACK, "--out", "x.png")
    assert suyuan.json("scan", "x.png")[0]["known"] is False
    suyuan.json("capture", suyuan.write("f.json", document(seen(PACK))))
    assert suyuan.json("scan", "x.png")[0]["known"] is True
