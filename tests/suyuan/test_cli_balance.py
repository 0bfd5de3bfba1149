"""`suyuan balance`."""

import json

import pytest

from tests.ledger.builders import PRODUCT, instance, lot, made
from tests.ledger.genealogy.asking import clock
from tests.ledger.genealogy.test_balance import BOB, STORE, create, kg, receive, ship, told
from tests.suyuan.conftest import CommandLine


@pytest.fixture
def short(suyuan: CommandLine) -> CommandLine:
    """Give a ledger in which two of a hundred kilograms did not arrive."""
    suyuan.capture(
        create(1, kg(100), place=STORE),
        ship(2, kg(100), to=BOB),
        receive(3, kg(98), to=BOB, place=STORE),
        made([kg(50)], [instance("bread")], at=clock(4)),
        told(5, "cycle_counting", kg(48), place=STORE),
        ship(6, {"epcClass": lot("L")}),
    )
    return suyuan


def test_a_gap_is_a_finding(short: CommandLine) -> None:
    """The JSON is the whole answer, and a gap beyond the tolerance is exit status 1."""
    answer = short("--json", "balance", lot("L"))
    assert answer.status == 1
    value = answer.json
    assert (value["code"], value["balanced"]) == (lot("L"), False)
    assert value["totals"][0]["in_stock"] == "48"
    [gap] = value["gaps"]
    assert (gap["kind"], gap["quantity"], gap["at"]["place"]) == ("transit", "-2", STORE)
    assert [one["reason"] for one in value["questions"]] == ["missing_quantity"]


@pytest.mark.parametrize("tolerance", ["2%", "2 KGM"])
def test_a_tolerance_lets_it_pass(short: CommandLine, tolerance: str) -> None:
    """Within the tolerance the gap is told, and the status is 0."""
    answer = short("balance", "(01)09506000134352(10)L", "--tolerance", tolerance)
    assert answer.status == 0
    assert (
        answer.out.splitlines()[-1]
        == f"{lot('L')}: 1 gaps, 0 beyond the tolerance, 1 open questions"
    )
    assert f"within {tolerance}" in answer.out


def test_a_balance_for_people(short: CommandLine) -> None:
    """Without --json totals, flows, counts, transformations, gaps and questions are printed."""
    out = short("balance", PRODUCT).out
    for heading in (
        "Total",
        "By lot",
        "Where it came and went",
        "Counted",
        "Transformations",
        "Gaps",
        "Open questions",
    ):
        assert f"\n{heading}\n" in f"\n{out}"
    assert "kilogram" in out
    assert "千克" in short("--language", "zh-CN", "balance", lot("L")).out
    assert "unknown" in short("balance", lot("L"), "--place", STORE).out


def test_a_window(short: CommandLine) -> None:
    """Times narrow a balance, and what can't be is wrong usage."""
    before = short.json("balance", lot("L"), "--to", "2026-03-01T08:02:00Z")
    assert before["totals"][0]["in_transit"] == "100"
    after = short.json("balance", lot("L"), "--from", "2026-03-01T08:04:00Z")
    assert after["totals"][0]["opening"] == "98"
    assert short.json("balance", PRODUCT, "--known-at", "9999-12-31", "--tolerance", "9%")
    for wrong in (("--from", "never"), ("--tolerance", "much"), ("--from", "2027", "--to", "2026")):
        assert short("balance", lot("L"), *wrong).status == 2
    assert short("balance", lot("NEVER")).status == 1


def test_a_balance_as_a_file(short: CommandLine) -> None:
    """By the suffix or by name; the exit status says what it says without a file."""
    for suffix in ("xlsx", "csv", "json"):
        out = short.folder / f"balance.{suffix}"
        answer = short("balance", lot("L"), "--out", out)
        assert answer.status == 1
        assert answer.out == f"{out}: 1 gaps, 1 beyond the tolerance, 1 open questions\n"
    value = short("--json", "balance", lot("L"), "--out", out, "--tolerance", "2%")
    assert (value.status, value.json) == (
        0,
        {"file": str(out), "format": "json", "balanced": True},
    )
    assert json.loads(out.read_bytes())["totals"][0]["in_stock"] == "48"
    printed = short("balance", lot("L"), "--out", "-", "--format", "csv")
    assert printed.out.startswith("part,lot,kind,quantity,unit,")


@pytest.mark.parametrize(
    "wrong", [("--out", "a.svg"), ("--format", "csv"), ("--out", "a.json", "--bom"), ("--bom",)]
)
def test_a_file_that_is_no_balance(short: CommandLine, wrong: tuple[str, ...]) -> None:
    """Wrong usage, and no file."""
    assert short("balance", lot("L"), *wrong).status == 2
    assert not [*short.folder.glob("a.*")]
