"""`suyuan label`: its formats, runs, verification, and labels printed again or made void."""

import json
from pathlib import Path
from typing import Any

import pytest

from labels.stocks import STOCKS
from suyuan import label_checking
from suyuan.label_checking import Unreadable, read_page, unread_codes
from tests.ledger.builders import element, instance, seen
from tests.suyuan.conftest import CommandLine

GTIN = "09506000134352"
PACK = instance("P1")
PRODUCT = f"https://id.gs1.org/01/{GTIN}"
PALLET = "https://id.gs1.org/00/370123450000000014"


def run(suyuan: CommandLine, *more: object, count: int = 30, out: str = "run.pdf") -> Any:
    """Print a run."""
    return suyuan.json("label", "--gtin", GTIN, "--count", count, "--out", out, *more)


def first_code(suyuan: CommandLine, file: str = "run.pdf") -> str:
    """Return the first code that can be read on a sheet."""
    code: str = suyuan.json("scan", file)[0]["code"]
    return code


def test_a_run_from_the_command_line(suyuan: CommandLine) -> None:
    """New codes are printed, recorded as printed, and known when they are scanned."""
    assert run(suyuan, "--verify") == {
        "file": "run.pdf",
        "labels": 30,
        "pages": 2,
        "resumed": 0,
        "verified": 30,
        "unreadable": [],
    }
    found = suyuan.json("scan", "run.pdf")
    assert len({one["code"] for one in found}) == 30
    assert {(one["known"], one["status"]) for one in found} == {(True, "encoded")}
    origin = suyuan.json("code", "issued", found[0]["text"])
    assert origin["tag_version"] == 1
    assert suyuan.size() == 1


def test_a_run_says_what_it_did(suyuan: CommandLine) -> None:
    """People are told in a line or two."""
    answer = suyuan("label", "--gtin", GTIN, "-n", "2", "--out", "run.pdf", "--verify")
    assert answer.out == "run.pdf: 2 labels, 1 pages\n2 of 2 codes were read again\n"
    answer = suyuan("label", "--gtin", GTIN, "-n", "2", "--out", "run.zpl", "--dpi", "203")
    assert answer.out == "run.zpl: 2 labels, 2 formats\n"


def test_the_name_of_the_product_stands_on_a_run(suyuan: CommandLine) -> None:
    """Names come from the ledger's master data."""
    vocabulary = {"EPCClass": [element(PRODUCT, productName="Traction pack")]}
    suyuan.capture(seen(PACK), vocabularies=vocabulary)
    run(suyuan, "--stock", "roll-60x30", count=1, out="run.zpl")
    assert "Traction pack" in (suyuan.folder / "run.zpl").read_text("utf-8")


def test_codes_that_would_not_scan(suyuan: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """What can't be read again is named with its page, and the status says so."""
    hidden: set[str] = set()

    def blind(image: Any) -> set[str]:
        found = read_page(image)
        if not hidden:
            hidden.add(min(found))
        return found - hidden

    monkeypatch.setattr(label_checking, "read_page", blind)
    answer = suyuan(
        "--json", "label", "--gtin", GTIN, "--count", "3", "--out", "run.pdf", "--verify"
    )
    assert answer.status == 1
    [content] = hidden
    assert answer.json["unreadable"] == [{"page": 1, "content": content}]
    assert answer.json["verified"] == 2
    hidden.clear()
    answer = suyuan("label", PACK, PALLET, "--verify")
    assert answer.status == 1
    assert f"page 1: {next(iter(hidden))} would not scan" in answer.out


def test_many_codes_that_would_not_scan(
    suyuan: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person is shown some of them, and told how many more there are."""
    monkeypatch.setattr(label_checking, "read_page", lambda _image: set())
    answer = suyuan("label", "--gtin", GTIN, "-n", "25", "--out", "run.pdf", "--verify")
    assert answer.status == 1
    assert "0 of 25 codes were read again" in answer.out
    assert answer.out.endswith("  and 5 more\n")


def test_sheets_are_verified(suyuan: CommandLine) -> None:
    """Every code of a sheet of given codes is read again, the DataMatrix beside a QR too."""
    answer = suyuan("label", PACK, instance("P2"), PALLET, "--verify")
    assert answer.status == 0
    assert answer.out.splitlines()[1] == "5 of 5 codes were read again"
    assert suyuan.json("label", PACK, "--verify")["unreadable"] == []


def test_a_page_with_one_label_missing(suyuan: CommandLine) -> None:
    """A label that isn't there is looked for alone, and then reported."""
    run(suyuan, count=2)
    expected = [[one["text"] for one in suyuan.json("scan", "run.pdf")] + ["https://x.example/1"]]
    [(count, missing)] = unread_codes(
        suyuan.folder / "run.pdf", expected, stock=STOCKS["a4-3x8"], dpi=300
    )
    assert (count, missing) == (3, [Unreadable(1, "https://x.example/1")])


def test_stocks_symbols_and_notes(suyuan: CommandLine) -> None:
    """What is printed on, and which symbol, may be named."""
    made = suyuan.json(
        "label", PRODUCT, "--symbol", "ean-13", "--stock", "l7163", "--note", "24 pcs", "--verify"
    )
    assert made["symbols"] == 1
    [one] = suyuan.json("scan", "labels.pdf")
    assert (one["symbology"], one["text"]) == ("EAN13", "9506000134352")
    suyuan.json(
        "label",
        PACK,
        "--symbol",
        "datamatrix",
        "--environment",
        "healthcare",
        "--x",
        "0.3",
        "--dpi",
        "600",
        "--out",
        "x.png",
    )
    [one] = suyuan.json("scan", "x.png")
    assert one["symbology_identifier"] == "]d2"


def test_logistic_labels(suyuan: CommandLine) -> None:
    """A company or contents make the label of a logistic unit a GS1 logistic label."""
    made = suyuan.json(
        "label", PALLET, "--company", "宁德 Works", "--contents", f"(02){GTIN}(37)24", "--verify"
    )
    assert (made["symbols"], made["unreadable"]) == (2, [])
    assert suyuan.json("label", PALLET, "--company", "Works", "--out", "x.zpl")["labels"] == 1
    assert (suyuan.folder / "x.zpl").read_text("utf-8").count("^BC") == 1


def test_a_label_printed_again(suyuan: CommandLine) -> None:
    """A reprint is an event with its reason, and leaves the item what it is."""
    suyuan.capture(seen(PACK, action="ADD", bizStep="commissioning", disposition="active"))
    assert suyuan.json("label", PACK, "--reprint", "smudged")["labels"] == 1
    assert suyuan.json("item", PACK)["status"] == "active"
    assert suyuan.size() == 2
    events = exported(suyuan, PACK)
    assert [event["bizStep"] for event in events] == ["commissioning", "encoding"]
    assert events[1]["suyuan:reason"] == "smudged"
    assert "disposition" not in events[1]


def exported(suyuan: CommandLine, code: str) -> list[dict[str, Any]]:
    """Return the events of an item, as they stand in the log."""
    from ledger.query import item_history
    from ledger.store.engine import open_engine, reading

    engine = open_engine(f"sqlite:///{suyuan.database}")
    try:
        with reading(engine) as connection:
            return [stored.event for stored in item_history(connection, code)]
    finally:
        engine.dispose()


def test_a_label_made_void(suyuan: CommandLine) -> None:
    """A void label's code is out of use, for good: it is neither voided nor printed again."""
    run(suyuan, count=2)
    code = first_code(suyuan)
    assert suyuan("label", code, "--void", "torn").out == f"{code}: its label is void\n"
    assert suyuan.json("item", code)["status"] == "inactive"
    event = exported(suyuan, code)[-1]
    assert (event["action"], event["bizStep"]) == ("DELETE", "decommissioning")
    assert event["suyuan:reason"] == "torn"
    for option in ("--void", "--reprint"):
        answer = suyuan("label", code, option, "again", "--out", "x.pdf")
        assert answer.status == 2
        assert "is void already; its item is inactive" in answer.sentence()
    assert not (suyuan.folder / "x.pdf").exists()


def test_a_label_without_an_event_made_void(suyuan: CommandLine) -> None:
    """A code that we issued and recorded nothing of can be voided; one that we don't know can't."""
    run(suyuan, "--record", "nothing", count=1)
    code = first_code(suyuan)
    assert suyuan.json("label", code, "--void", "test print") == {"void": [code]}
    answer = suyuan("label", PACK, "--void", "typo")
    assert answer.status == 2
    assert "has no label that we know of" in answer.sentence()


def test_a_reprint_that_cannot_be_drawn_is_no_event(suyuan: CommandLine) -> None:
    """A label that doesn't fit is refused before anything is recorded."""
    suyuan.capture(seen(PACK))
    assert suyuan("label", PACK, "--reprint", "torn", "--stock", "roll-12x12").status == 1
    assert suyuan.size() == 1


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        ([], 2, "Expected codes, or --gtin and --count"),
        (["--gtin", GTIN], 2, "--gtin and --count together"),
        (["--count", "3"], 2, "--gtin and --count together"),
        (["--gtin", GTIN, "--count", "0"], 2, "from 1 to 10,000,000 labels"),
        (["--gtin", GTIN, "--count", "1000000000"], 2, "from 1 to 10,000,000 labels"),
        (["--gtin", "09506000134353", "--count", "3"], 1, "check digit"),
        (["--gtin", PACK, "--count", "3"], 2, "Expected a product"),
        (["--gtin", GTIN, "--count", "3", PACK], 2, "without codes"),
        (["--gtin", GTIN, "--count", "3", "--symbol", "rmqr"], 2, "a run prints QR codes"),
        (["--gtin", GTIN, "--count", "3", "--out", "x.png"], 2, "a .pdf or .zpl for a run"),
        (["--gtin", GTIN, "--count", "3", "--out", "x.zpl", "--verify"], 2, "a .pdf for --verify"),
        (["--gtin", GTIN, "--count", "3", "--stock", "roll-15x15"], 1, "use a larger label"),
        (["--gtin", GTIN, "--count", "3", "--stock", "x"], 1, "Expected a stock"),
        (["--gtin", GTIN, "--count", "3", "--dpi", "7"], 1, "dots per inch"),
        (["--gtin", GTIN, "--count", "3", "--font", "missing.ttf"], 1, "name another font file"),
        (["--gtin", GTIN, "--count", "3", "--lot", "x" * 21], 1, "10"),
        (["--gtin", GTIN, "--count", "3", "--out", "missing/x.pdf"], 3, "missing"),
        ([PACK, "--void", "a", "--reprint", "b"], 2, "got both"),
        ([PACK, "--void", " "], 2, "Expected a reason of 1 to 500"),
        ([PACK, "--reprint", "x" * 501], 2, "Expected a reason of 1 to 500"),
        ([PACK, "--company", "Works"], 2, "Expected SSCCs alone"),
        ([PACK, "--x", "0.5"], 2, "a label's size follows from --stock"),
        ([PACK, "--x", "5", "--out", "x.png"], 1, "X-dimension of 0.396 to 0.743"),
        ([PACK, "--out", "x.png", "--verify"], 2, "Expected a .pdf for --verify"),
        (
            [PACK, "--symbol", "hanxin", "--out", "x.png", "--environment", "retail"],
            1,
            "found hanxin",
        ),
        ([PALLET, "--contents", "(37)24"], 1, "xpected"),
    ],
)
def test_labels_that_cannot_be_asked_for(
    suyuan: CommandLine, arguments: list[str], status: int, words: str
) -> None:
    """Each is refused in a sentence, and nothing is left, recorded or issued."""
    before = {file.name for file in suyuan.folder.iterdir()}
    answer = suyuan("label", *arguments)
    assert answer.status == status
    assert words in answer.sentence()
    left = {file.name for file in suyuan.folder.iterdir()} - before - {"keys"}
    assert not [name for name in left if not name.startswith("ledger.db")]
    assert suyuan.size() == 0


def test_a_file_that_is_no_pdf(tmp_path: Path) -> None:
    """What can't be opened to be verified is told in one sentence."""
    from ledger.errors import StoreError

    wrong = tmp_path / "x.pdf"
    wrong.write_bytes(b"no pdf")
    with pytest.raises(StoreError, match=r"x\.pdf' can't be read as a PDF"):
        list(unread_codes(wrong, [["a"]], stock=None, dpi=300))


def test_the_job_is_json(suyuan: CommandLine) -> None:
    """A run that could not end names its job in a file that people can read."""
    (suyuan.folder / "run.pdf").mkdir()
    answer = suyuan("label", "--gtin", GTIN, "--count", "2", "--out", "run.pdf")
    assert answer.status == 2
    assert "Expected a file for the labels" in answer.sentence()
    folder = suyuan.folder / ".b.pdf.run"
    folder.mkdir()
    (folder / "job.json").write_text(json.dumps({"order": 1}))
    answer = suyuan("label", "--gtin", GTIN, "--count", "2", "--out", "b.pdf")
    assert answer.status == 3
    assert "is no job of ours" in answer.sentence()
