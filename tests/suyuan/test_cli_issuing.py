"""`suyuan code issue`, `issued` and `rotate`."""

import json
import re
import secrets
import shutil
import subprocess

import pytest

from ledger.issuance.risk import LIMITS
from suyuan.cli import issuing
from tests.suyuan.conftest import PROGRAM, CommandLine

GTIN = "09506000134352"
PRODUCT = f"https://id.gs1.org/01/{GTIN}"
LINK = re.compile(
    rf"http://127\.0\.0\.1:8000/01/{GTIN}/21/[2-9A-HJ-NP-Z]{{10}}\?t=[2-9A-HJ-NP-Z]{{12}}"
)


def test_links_are_printed_and_the_risk_is_said(suyuan: CommandLine) -> None:
    """Standard output holds the links alone; stderr the batch, the guess probability and the laws."""
    answer = suyuan("code", "issue", GTIN, "--count", "3")
    assert answer.status == 0
    assert all(LINK.fullmatch(line) for line in answer.out.splitlines())
    assert len(set(answer.out.splitlines())) == 3
    first, serial, link, *laws = answer.err.splitlines()
    assert first == f"Batch 1: 3 permuted codes of {PRODUCT}, key version 1, counters from 0."
    assert serial == (f"A guessed serial is an issued one with probability 1 in {2**50 // 3:,}.")
    assert f"1 in {2**110 // 3:,}." in link
    assert laws == [f"{one.law} ({one.subject}), lower than 1 in 10,000: holds." for one in LIMITS]
    assert suyuan.size() == 0


def test_json_is_a_line_for_each_code(suyuan: CommandLine) -> None:
    """With --json each code is an object on its line, and the summary is one on stderr."""
    answer = suyuan(
        "--json", "code", "issue", GTIN, "-n", "2", "--no-tag", "--stem", "https://a.example/x"
    )
    codes = [json.loads(line) for line in answer.out.splitlines()]
    assert [set(one) for one in codes] == [{"serial", "code", "link", "tag"}] * 2
    for one in codes:
        assert one["code"] == f"{PRODUCT}/21/{one['serial']}"
        assert one["link"] == f"https://a.example/x/01/{GTIN}/21/{one['serial']}"
        assert one["tag"] is None
    summary = json.loads(answer.err)
    assert summary["guess"] == {"serial": "1/562949953421312", "link": "1/562949953421312"}
    assert summary["counters"] == {"first": 0, "count": 2}
    assert summary["dictionary"] == "2026-01-27"
    assert [(one["law"], one["below"], one["holds"]) for one in summary["limits"]] == [
        ("EU 2016/161", "1/10000", True),
        ("EU 2018/574", "1/10000", True),
    ]


def test_a_printed_label_keeps_its_tag(suyuan: CommandLine) -> None:
    """The tag goes from the issued link onto the label, and comes back from the scan of it."""
    links = suyuan("code", "issue", GTIN, "-n", "2").out.split()
    assert suyuan("label", links[0], "--out", "one.png").status == 0
    [scan] = suyuan.json("scan", "one.png")
    assert scan["text"] == links[0]
    lines = "\n".join(links).encode()
    assert suyuan("label", "-", "--out", "both.pdf", stdin=lines).status == 0
    found = {scan["text"] for scan in suyuan.json("scan", "both.pdf")}
    assert found >= set(links)


def test_a_suppliers_file(suyuan: CommandLine) -> None:
    """With --output the codes are in a file, whole or not at all, and the summary is printed."""
    options = ["--supplier", "Qinglan", "--lot", "L1", "--output", "codes.txt"]
    summary = suyuan.json("code", "issue", f"(01){GTIN}", "-n", "2500", *options)
    assert (summary["count"], summary["file"], summary["batch"]) == (2500, "codes.txt", 1)
    codes = [json.loads(line) for line in (suyuan.folder / "codes.txt").read_text().splitlines()]
    assert len({one["code"] for one in codes}) == 2500
    assert "/10/L1/21/" in codes[-1]["link"]
    answer = suyuan("code", "issue", GTIN, "-n", "1", "--output", "one.txt")
    assert answer.out.startswith("Batch 2: 1 permuted codes")
    assert "counters from 2500." in answer.out
    assert not answer.err
    assert LINK.fullmatch((suyuan.folder / "one.txt").read_text().strip())


def test_the_random_mode(suyuan: CommandLine) -> None:
    """It has no counters, and its codes are found again."""
    answer = suyuan("--json", "code", "issue", GTIN, "-n", "2", "--mode", "random")
    summary = json.loads(answer.err)
    assert (summary["mode"], summary["counters"], summary["clashes"]) == ("random", None, 0)
    found = suyuan.json("code", "issued", json.loads(answer.out.splitlines()[0])["link"])
    assert (found["mode"], found["counter"], found["tag_version"]) == ("random", None, 1)


def test_where_a_code_is_from(suyuan: CommandLine) -> None:
    """A code leads to its batch, counter, supplier and lot; its tag is checked as well."""
    options = ["--supplier", "Qinglan", "--lot", "L1", "--submitter", "anna"]
    answer = suyuan("code", "issue", GTIN, "-n", "2", *options)
    first, second = answer.out.splitlines()
    found = suyuan.json("code", "issued", second, second.partition("?")[0])
    assert found[0]["code"].startswith(f"{PRODUCT}/21/")
    assert {**found[0], "text": "", "tag_version": None} == {**found[1], "text": ""}
    expected = {
        "counter": 1,
        "batch": 1,
        "mode": "permuted",
        "key_version": 1,
        "organisation": "main",
        "supplier": "Qinglan",
        "submitter": "anna",
        "lot": "L1",
        "dictionary": "2026-01-27",
    }
    assert expected.items() <= found[0].items()
    told = suyuan("code", "issued", first).out
    assert " by main for Qinglan, batch 1, lot L1; its tag holds\n" in told
    bare = suyuan("code", "issue", GTIN, "-n", "1", "--no-tag").out.strip()
    assert suyuan("code", "issued", bare).out.endswith(" by main, batch 2; no tag given\n")


def test_what_was_not_issued_is_a_finding(suyuan: CommandLine) -> None:
    """A guess, a wrong tag and what is no code are each told, the others still looked up."""
    link = suyuan("code", "issue", GTIN, "-n", "1").out.strip()
    texts = [
        link,
        f"{link[:-1]}{'2' if link[-1] != '2' else '3'}",
        f"(01){GTIN}(21)2222222222",
        "x",
    ]
    answer = suyuan("--json", "code", "issued", *texts)
    assert answer.status == 1
    assert "error" not in answer.json[0]
    assert [one["error"].split()[0] for one in answer.json[1:]] == ["The", "It", "Expected"]
    assert suyuan("code", "issued", texts[2]).out == f"{texts[2]}: It was not issued by us.\n"
    answer = suyuan("--language", "zh-CN", "code", "issued", f"(01){GTIN[:-1]}3")
    assert "校验码" in answer.out


def test_a_serial_with_a_question_mark(suyuan: CommandLine) -> None:
    """It is part of a serial in an element string, and no tag."""
    answer = suyuan("code", "issued", f"(01){GTIN}(21)A?t=B")
    assert answer.out.endswith("It was not issued by us.\n")


def test_rotation(suyuan: CommandLine) -> None:
    """A new version begins, and codes of the old one are still ours."""
    link = suyuan("code", "issue", GTIN, "-n", "1").out.strip()
    assert suyuan("code", "rotate").out == "version 2 of the issuing key begins\n"
    made = suyuan.json("code", "rotate")
    assert made["key_version"] == 3
    assert len(made["identifier"]) == 16
    assert "key version 3" in suyuan("code", "issue", GTIN, "-n", "1").err
    assert suyuan.json("code", "issued", link)["tag_version"] == 1


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        ([GTIN], 2, "--count"),
        ([GTIN, "-n", "0"], 2, "greater than or equal to 1"),
        ([GTIN, "-n", "9" * 30], 2, "Expected from 1 to"),
        ([GTIN, "-n", "1", "--mode", "guess"], 2, "guess"),
        ([GTIN, "-n", "1", "--stem", "x"], 2, "--stem"),
        ([GTIN, "-n", "1", "--supplier", ""], 2, "printable"),
        ([GTIN, "-n", "1", "--organisation", "other"], 0, ""),
        (["09506000134353", "-n", "1"], 1, "check digit"),
        ([f"{PRODUCT}/10/L1", "-n", "1"], 2, "--lot"),
        ([GTIN, "-n", "1", "--lot", "批"], 1, "AI (10)"),
        ([GTIN, "-n", "1", "--output", "no/such/folder"], 3, "no/such/folder"),
    ],
)
def test_refusals(suyuan: CommandLine, arguments: list[str], status: int, words: str) -> None:
    """Each refusal is one sentence with the exit status of its kind."""
    answer = suyuan("code", "issue", *arguments)
    assert answer.status == status
    if status:
        assert words in answer.sentence()
        assert not answer.out


def test_a_slip_of_the_finger_takes_no_serials(suyuan: CommandLine) -> None:
    """A batch has at most a hundred million codes, so that a product isn't used up by mistake."""
    answer = suyuan("code", "issue", GTIN, "-n", "1000000000000000")
    assert answer.status == 2
    assert "100,000,000 codes at once" in answer.sentence()
    assert "counters from 0" in suyuan("code", "issue", GTIN, "-n", "1").err


def test_used_up_serials_are_a_finding(
    suyuan: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More codes than a product can have are refused, with how many are left."""
    monkeypatch.setattr("ledger.issuance.issuing.MOST", 2**50)
    assert suyuan("code", "issue", GTIN, "-n", "1").status == 0
    answer = suyuan("code", "issue", GTIN, "-n", str(2**50))
    assert answer.status == 1
    assert "1,125,899,906,842,623 of" in answer.sentence()


def test_clashes_are_told(suyuan: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """How many serials had to be drawn again stands in the summary."""
    suyuan("code", "rotate")
    numbers = iter([7, 7, 8])
    monkeypatch.setattr(secrets, "token_bytes", lambda size: next(numbers).to_bytes(size, "big"))
    for clashes in (False, True):
        answer = suyuan("code", "issue", GTIN, "-n", "1", "--mode", "random")
        assert answer.status == 0
        assert (", 1 clashes." in answer.err) == clashes


def test_a_reader_that_goes_away(suyuan: CommandLine) -> None:
    """After `head` has seen enough the rest of the batch is no error, and is not made any more."""
    done = subprocess.run(
        ["sh", "-c", f"{PROGRAM} code issue {GTIN} -n {10**8} | head -n 1"],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert LINK.fullmatch(done.stdout.strip())
    assert done.stderr.startswith(f"Batch 1: {10**8} permuted codes")


def test_a_file_with_codes_is_not_replaced(suyuan: CommandLine) -> None:
    """Codes can't be issued again, so no serial is taken for a file that holds something."""
    suyuan("code", "issue", GTIN, "-n", "1", "--output", "codes.txt")
    before = (suyuan.folder / "codes.txt").read_text()
    answer = suyuan("code", "issue", GTIN, "-n", "1", "--output", "codes.txt")
    assert answer.status == 2
    assert "can't be issued again" in answer.sentence()
    assert (suyuan.folder / "codes.txt").read_text() == before
    (suyuan.folder / "empty.txt").touch()
    for unwritable in ("no/such/folder", "."):
        assert suyuan("code", "issue", GTIN, "-n", "1", "--output", unwritable).status == 3
    answer = suyuan("code", "issue", GTIN, "-n", "1", "--output", "empty.txt")
    assert answer.out.startswith("Batch 2: ")


@pytest.mark.parametrize("options", ["--output /dev/full", "> /dev/full"])
def test_a_full_disk(suyuan: CommandLine, options: str) -> None:
    """It is said which batch is lost."""
    done = subprocess.run(
        ["sh", "-c", f"{PROGRAM} code issue {GTIN} -n 5 {options}"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 3
    assert done.stderr.startswith("suyuan: Batch 1 was not written to its end: No space left")
    assert "are not issued again" in done.stderr


def test_an_interruption(suyuan: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """After Ctrl-C it is said which batch is lost, and no half file stays."""

    def interrupted(*_: object, **__: object) -> list[str]:
        raise KeyboardInterrupt

    monkeypatch.setattr(issuing, "_lines", interrupted)
    answer = suyuan("code", "issue", GTIN, "-n", "5", "--output", "codes.txt")
    assert answer.status == 130
    assert answer.sentence().startswith("Batch 1 was not written to its end.")
    assert not [one for one in suyuan.folder.iterdir() if "codes" in one.name]


def test_a_lost_key(suyuan: CommandLine) -> None:
    """Without its key nothing is said of a code, and no new key takes its number."""
    link = suyuan("code", "issue", GTIN, "-n", "1").out.strip()
    [secret] = suyuan.folder.rglob("issuing-v1.secret")
    secret.rename(suyuan.folder / "elsewhere")
    for command in (["issued", link], ["rotate"]):
        answer = suyuan("code", *command)
        assert answer.status == 3
        assert "your backup of the keys" in answer.sentence()
    assert not secret.exists()


def test_a_code_that_a_restored_ledger_has_forgotten(suyuan: CommandLine) -> None:
    """Its tag proves that it is ours; that is said, not that it was never issued."""
    suyuan("code", "issue", GTIN, "-n", "1")
    backup = shutil.copy(suyuan.database, suyuan.folder / "backup.db")
    link = suyuan("code", "issue", GTIN, "-n", "1").out.strip()
    shutil.copy(backup, suyuan.database)
    answer = suyuan("code", "issued", link)
    assert answer.status == 1
    assert "Its tag is ours, but the ledger knows no batch of it" in answer.out
