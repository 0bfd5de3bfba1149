"""`suyuan trace --out`."""

import csv
import io
import json
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from openpyxl import load_workbook

from ledger.exporting.formats import FormatName
from tests.ledger.builders import declared_wrong, instance, lot, made, some
from tests.suyuan.conftest import CommandLine

MADE = made(
    [some(lot("POWDER"), 5, "KGM")],
    [instance("A"), instance("B")],
    at="2026-03-01T08:00:00Z",
    eventID="urn:uuid:00000000-0000-4000-8000-000000000001",
)


@pytest.fixture
def chain(suyuan: CommandLine) -> CommandLine:
    """Give a ledger in which powder became two cells."""
    suyuan.capture(MADE)
    return suyuan


def test_the_suffix_is_the_format(chain: CommandLine) -> None:
    """Each file can be read as what its name says, and one line says what was written."""
    for suffix in "ndjson json csv xlsx jsonld dot svg".split():
        out = chain.folder / f"trace.{suffix}"
        answer = chain("trace", lot("POWDER"), "--out", out)
        assert answer.status == 0
        assert answer.out == f"{out}: 2 items and 2 links forward, complete\n"
    whole = chain.json("trace", lot("POWDER"))
    assert json.loads((chain.folder / "trace.json").read_bytes()) == whole
    lines = (chain.folder / "trace.ndjson").read_text("utf-8").splitlines()
    assert [json.loads(line)["item"] for line in lines if '"item"' in line] == whole["items"]
    with (chain.folder / "trace.csv").open(encoding="utf-8", newline="") as file:
        assert [row["code"] for row in csv.DictReader(file)] == [instance("A"), instance("B")]
    assert "Affected items" in load_workbook(chain.folder / "trace.xlsx").sheetnames
    events = json.loads((chain.folder / "trace.jsonld").read_bytes())["epcisBody"]["eventList"]
    assert [one["eventID"] for one in events] == [MADE["eventID"]]
    assert ET.parse(chain.folder / "trace.svg").getroot().tag.endswith("svg")  # noqa: S314 - ours
    assert (chain.folder / "trace.dot").read_text("utf-8").startswith("digraph")
    assert not [*chain.folder.glob(".*.new")]


def test_a_table_of_csv(chain: CommandLine) -> None:
    """Links instead of items, with the mark that Excel wants, under any name."""
    out = chain.folder / "links.txt"
    given = ("--out", out, "--format", "csv", "--table", "links", "--bom")
    value = chain.json("trace", instance("A"), "--direction", "backward", *given)
    assert value == {"file": str(out), "format": "csv", "items": 1, "links": 1, "complete": True}
    text = out.read_bytes()
    assert text.startswith(b"\xef\xbb\xbffrom,to,kind,")
    [row] = csv.DictReader(io.StringIO(text.decode("utf-8-sig"), newline=""))
    assert (row["from"], row["quantity"], row["unit"]) == (lot("POWDER"), "5", "KGM")


def test_standard_output(chain: CommandLine) -> None:
    """A minus is standard output: the file, and nothing else."""
    for name in FormatName:
        if name in {FormatName.XLSX, FormatName.EVIDENCE}:
            continue  # no text, see below
        answer = chain("trace", lot("POWDER"), "--out", "-", "--format", name)
        assert answer.status == 0
        assert not answer.err
        assert instance("A") in answer.out
    assert json.loads(chain("trace", lot("POWDER"), "--out", "-", "--format", "json").out)


class Output(io.TextIOWrapper):
    """A standard output that keeps its bytes, or whose reader is gone."""

    def __init__(self, *, gone: bool = False) -> None:
        self.kept = io.BytesIO()
        super().__init__(self.kept, encoding="utf-8")
        self.gone = gone

    @property
    def buffer(self) -> Any:
        """Where the bytes go."""
        if self.gone:
            raise BrokenPipeError
        return self.kept


def test_bytes_on_standard_output(chain: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A workbook comes out as it is."""
    output = Output()
    monkeypatch.setattr(sys, "stdout", output)
    assert chain("trace", lot("POWDER"), "--out", "-", "--format", "xlsx").status == 0
    assert "Links" in load_workbook(io.BytesIO(output.kept.getvalue())).sheetnames


def test_a_reader_that_goes_away(chain: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `head` does: the command ends without an error."""
    left = list[bool]()
    monkeypatch.setattr(
        "suyuan.cli.output._Console.on_broken_pipe", lambda _self: left.append(True)
    )
    monkeypatch.setattr(sys, "stdout", Output(gone=True))
    answer = chain("trace", lot("POWDER"), "--out", "-", "--format", "csv")
    assert (answer.status, answer.err, left) == (0, "", [True])


def test_words_are_in_the_language(chain: CommandLine) -> None:
    """As everything for people."""
    out = chain.folder / "trace.svg"
    assert chain("--language", "zh-CN", "trace", lot("POWDER"), "--out", out).status == 0
    assert "向下追踪" in out.read_text("utf-8")


def test_a_cut_answer_says_so(chain: CommandLine) -> None:
    """In the line about the file, and in the file."""
    chain.capture(made([instance("A")], [instance("C")], at="2026-03-02T08:00:00Z"))
    out = chain.folder / "trace.json"
    answer = chain("trace", lot("POWDER"), "--depth", "1", "--out", out)
    assert answer.out.endswith("forward, cut by depth\n")
    assert json.loads(out.read_bytes())["complete"] is False


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--format", "csv"), "--out FILE"),
        (("--table", "links"), "--out FILE"),
        (("--bom",), "--out FILE"),
        (("--out", "a.txt"), ".ndjson"),
        (("--out", "-"), "--format"),
        (("--out", "a.json", "--table", "links"), "json"),
        (("--out", "a.svg", "--bom"), "svg"),
        (("--out", "a.csv", "--table", "nothing"), "open-ends"),
        (("--out", "a", "--format", "pdf"), "xlsx"),
    ],
)
def test_options_that_say_no_file_are_wrong_usage(
    chain: CommandLine, given: tuple[str, ...], said: str
) -> None:
    """One sentence says what to write instead, and no file is made."""
    before = {*chain.folder.iterdir()}
    answer = chain("trace", lot("POWDER"), *given)
    assert answer.status == 2
    assert said in answer.sentence()
    assert {*chain.folder.iterdir()} == before


def test_a_terminal_is_no_place_for_files(
    chain: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a code holds would act on it."""
    monkeypatch.setattr(type(sys.stdout), "isatty", lambda _self: True)
    answer = chain("trace", lot("POWDER"), "--out", "-", "--format", "csv")
    assert answer.status == 2
    assert "terminal" in answer.sentence()


def test_nothing_half_written(chain: CommandLine) -> None:
    """A file that can't be written leaves the one before, and an unknown code makes none."""
    out = chain.folder / "no folder" / "trace.json"
    answer = chain("trace", lot("POWDER"), "--out", out)
    assert answer.status == 3
    assert str(out) in answer.sentence()
    kept = chain.folder / "kept.json"
    kept.write_text("before", "utf-8")
    assert chain("trace", instance("NEVER"), "--out", kept).status == 1
    assert kept.read_text("utf-8") == "before"


def test_the_evidence_can_be_captured(chain: CommandLine) -> None:
    """To another ledger, where the answer is the same."""
    out = chain.folder / "evidence.jsonld"
    assert chain("trace", lot("POWDER"), "--out", out).status == 0
    (chain.folder / "other").mkdir()
    other = f"sqlite:///{chain.folder / 'other' / 'ledger.db'}"
    assert chain("--db", other, "migrate").status == 0
    assert chain("--db", other, "capture", out).status == 0
    again = chain.json("--db", other, "trace", lot("POWDER"))
    assert again["items"] == chain.json("trace", lot("POWDER"))["items"]
    chain.capture(declared_wrong(MADE))
    assert chain("trace", lot("POWDER"), "--out", out).status == 0
    assert json.loads(out.read_bytes())["epcisBody"]["eventList"] == []


def test_a_folder_is_no_file(chain: CommandLine, tmp_path: Path) -> None:
    """It is told as any path that can't be written."""
    folder = tmp_path / "folder.json"
    folder.mkdir()
    assert chain("trace", lot("POWDER"), "--out", folder).status == 3
