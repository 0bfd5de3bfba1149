"""`suyuan label`."""

import pytest

from tests.ledger.builders import element, instance, lot, seen
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
