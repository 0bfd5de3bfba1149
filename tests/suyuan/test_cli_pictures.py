"""`suyuan label` and `suyuan scan`."""

import json
from pathlib import Path

import pytest
from PIL import Image

from suyuan.cli import pictures
from tests.ledger.builders import document, element, instance, lot, seen
from tests.suyuan.conftest import CommandLine

PACK = instance("P1")
PALLET = "https://id.gs1.org/00/095060001343520000"


def test_a_sheet_is_read_back(suyuan: CommandLine) -> None:
    """Every code of a printed sheet is read, decoded and looked up."""
    suyuan.capture(seen(PACK, disposition="active"))
    made = suyuan.json("label", PACK, lot("L1"), PALLET)
    assert made == {"file": "labels.pdf", "labels": 3, "pages": made["pages"], "symbols": 5}
    found = suyuan.json("scan", "labels.pdf")
    assert len(found) == 5
    assert {one["code"] for one in found} == {PACK, lot("L1"), PALLET}
    assert {one["symbology"] for one in found} == {"QRCode", "DataMatrix", "Code128"}
    assert {one["code"] for one in found if one["known"]} == {PACK}
    matrix = next(o for o in found if o["code"] == PACK and o["symbology"] == "DataMatrix")
    assert matrix["gs1"] is True
    assert matrix["symbology_identifier"] == "]d2"
    assert bytes.fromhex(matrix["raw"]).endswith(b"0109506000134352" + b"21P1")
    assert (matrix["kind"], matrix["status"]) == ("instance", "active")
    assert (matrix["device"], matrix["page"], matrix["problem"]) == ("labels.pdf", 1, None)
    shown = suyuan("scan", "labels.pdf")
    assert shown.status == 0
    assert "active" in shown.out
    assert "unknown" in shown.out


def test_labels_need_no_ledger(bare: CommandLine) -> None:
    """Without a ledger codes are printed and read, and it is said that none is looked up."""
    answer = bare("label", "(01)09506000134352(21)P1", "--out", "x.pdf")
    assert answer.out == "x.pdf: 1 label, 2 codes, 1 page\n"
    read = bare("--json", "scan", "x.pdf")
    assert read.status == 0
    assert read.err.startswith("Codes are read and not looked up: There is no ledger at ")
    assert len(read.err.splitlines()) == 1
    assert {(one["code"], one["known"]) for one in read.json} == {(PACK, False)}


def test_names_from_the_ledger_stand_on_labels(suyuan: CommandLine) -> None:
    """The product's name is printed, so the sheet differs."""
    suyuan.json("label", PACK, "--out", "plain.pdf")
    vocabulary = {"EPCClass": [element("https://id.gs1.org/01/09506000134352", productName="Pack")]}
    suyuan.capture(seen(PACK), vocabularies=vocabulary)
    suyuan.json("label", PACK, "--out", "named.pdf")
    folder = suyuan.folder
    assert (folder / "plain.pdf").read_bytes() != (folder / "named.pdf").read_bytes()


def test_pictures_of_one_code(bare: CommandLine) -> None:
    """One code is drawn as PNG or SVG, in the wanted symbology and with the wanted stem."""
    options = ["--stem", "https://trace.example", "--out", "x.png"]
    assert bare.json("label", PACK, *options)["symbols"] == 1
    answer = bare("--json", "scan", "x.png")
    [one] = answer.json
    assert one["text"] == "https://trace.example/01/09506000134352/21/P1"
    assert (one["symbology"], one["code"]) == ("QRCode", PACK)
    bare.json("label", PALLET, "--symbol", "gs1-128", "--out", "y.png")
    [line] = bare("--json", "scan", "y.png").json
    assert (line["symbology_identifier"], line["code"]) == ("]C1", PALLET)
    bare.json("label", PACK, "--symbol", "datamatrix", "--out", "z.SVG")
    assert (bare.folder / "z.SVG").read_text("utf-8").lstrip().startswith("<")


def test_the_stem_of_the_settings(bare: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """SUYUAN_STEM is what a QR code begins with."""
    monkeypatch.setenv("SUYUAN_STEM", "https://p.example")
    bare.json("label", PACK, "--out", "x.png")
    [one] = bare("--json", "scan", "x.png").json
    assert one["text"].startswith("https://p.example/01/")


def test_codes_on_standard_input(bare: CommandLine) -> None:
    """One code a line; a GS inside an element string stays."""
    lines = "\ufeff0109506000134352" + "10L1\x1d21P2\r\n\n(01)09506000134352(21)P1\n"
    assert bare.json("label", "-", stdin=lines.encode())["labels"] == 2
    codes = {one["code"] for one in bare("--json", "scan", "labels.pdf").json}
    assert codes == {PACK, instance("P2")}


@pytest.mark.parametrize(
    ("arguments", "stdin", "status", "words"),
    [
        (["hello"], b"", 1, "xpected"),
        (["(01)09506000134353"], b"", 1, "check digit"),
        (["-"], b"", 1, "at least one label"),
        (["-"], b"\xff\n", 2, "UTF-8"),
        ([PACK, "--out", "x.gif"], b"", 2, ".pdf"),
        ([PACK, PALLET, "--out", "x.png"], b"", 2, "2 codes"),
        ([PACK, "--out", "missing/x.png"], b"", 3, "missing/x.png"),
        ([PACK, "--out", "missing/x.pdf"], b"", 3, "missing/x.pdf"),
        ([PACK, "--stem", "javascript:x"], b"", 2, "https://"),
        ([instance("P" * 20), "--symbol", "gs1-128", "--out", "."], b"", 2, ".pdf"),
    ],
)
def test_labels_that_cannot_be_made(
    bare: CommandLine, arguments: list[str], stdin: bytes, status: int, words: str
) -> None:
    """What can't be printed is refused in a sentence, and no file is left, not even a part."""
    answer = bare("label", *arguments, stdin=stdin)
    assert answer.status == status
    assert words in answer.sentence()
    assert list(bare.folder.iterdir()) == []


def test_a_label_sheet_stays_when_the_next_is_refused(bare: CommandLine) -> None:
    """A file that is there is replaced whole or not at all."""
    bare.json("label", PACK)
    before = (bare.folder / "labels.pdf").read_bytes()
    assert bare("label", PACK, "urn:uuid:" + "x" * 8000).status == 1
    assert (bare.folder / "labels.pdf").read_bytes() == before
    assert [file.name for file in bare.folder.iterdir()] == ["labels.pdf"]


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


def test_a_doubtful_code_is_warned_about(suyuan: CommandLine) -> None:
    """Commands that ask about one code warn on standard error, and answer all the same."""
    suyuan.capture(seen(PACK))
    feigned = PACK.replace("id.gs1.org", "id.gs1.org.example.net")
    for command in (("item",), ("trace",), ("label", "--out", "x.png")):
        answer = suyuan("--json", *command, feigned)
        assert answer.status == 0
        assert answer.json
        assert answer.err.startswith(f"{feigned}: warning: the host id.gs1.org.example.net ")
        assert len(answer.err.splitlines()) == 1
        assert suyuan("--json", *command, PACK).err == ""


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
    monkeypatch.setattr(pictures, "fallback_available", lambda: False)
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
