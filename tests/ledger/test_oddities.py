"""Findings in the receipts of events that are stored all the same."""

import pytest

from ledger import preparing
from ledger.receipts import Mode, Report, Status
from tests.ledger.builders import Ledger, instance, lot, made, seen, some
from tests.ledger.genealogy.asking import clock, fit, make, pack, remove, unpack


def said(report: Report) -> list[tuple[str, str, str]]:
    """Return pointer, rule and value of each finding of accepted events."""
    assert report.committed
    assert {one.status for one in report.receipts} <= {Status.ACCEPTED, Status.DUPLICATE}
    return [(one.pointer, one.rule, one.found) for r in report.receipts for one in r.problems]


def at(number: int) -> str:
    """Return the pointer of an event of a document."""
    return f"/epcisBody/eventList/{number}"


def test_an_item_made_of_itself(sqlite_ledger: Ledger) -> None:
    """An input that is an output as well is named."""
    report = sqlite_ledger.take(make(1, "a b", "b c"), make(2, "c", "d"))
    assert said(report) == [(at(0), "trace.itself", f'"{instance("b")}"')]


def test_a_negative_quantity(sqlite_ledger: Ledger) -> None:
    """The amount is told with its item, in both languages."""
    report = sqlite_ledger.take(
        made([some(lot("x"), -2.5, "KGM")], [some(lot("y"), 1, "KGM")], at=clock(1))
    )
    assert said(report) == [(at(0), "trace.negative", '"-2.5"')]
    [problem] = report.receipts[0].problems
    assert lot("x") in problem.message()
    assert lot("x") in problem.message("zh-CN")


def test_a_long_list_of_one_kind_is_cut(sqlite_ledger: Ledger) -> None:
    """An event with a hundred odd lines doesn't fill its receipt."""
    odd = [some(lot(n), -1, "KGM") for n in range(100)]
    assert len(said(sqlite_ledger.take(made(odd, odd, at=clock(1))))) == 20
    out = unpack(1, "P", " ".join(f"i{n}" for n in range(100)))
    assert len(said(sqlite_ledger.take(out))) == 10


@pytest.mark.parametrize("groups", [1000, 2])
def test_taken_out_of_what_it_was_not_in(
    ledger: Ledger, groups: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A DELETE whose ADD isn't known by then is named, in documents of one group and of several."""
    monkeypatch.setattr(preparing, "GROUP", groups)
    monkeypatch.setattr("ledger.capture.GROUP", groups)
    report = ledger.take(
        pack(1, "P", "a"),
        unpack(2, "P", "a b"),
        remove(2, "P", "a"),
        fit(3, "car", "c"),
        remove(2, "car", "c"),
        mode=Mode.PROCEED,
    )
    rule = "trace.not-inside"
    assert said(report) == [
        (at(1), rule, f'"{instance("b")}"'),
        (at(2), rule, f'"{instance("a")}"'),
        (at(4), rule, f'"{instance("c")}"'),
    ]
    assert said(ledger.take(remove(4, "car", "c"))) == []
    ledger.check()


def test_a_removal_without_a_parent_asks_nothing(sqlite_ledger: Ledger) -> None:
    """An event that names no parent ends nothing."""
    alone = unpack(1, "P", "a")
    del alone["parentID"]
    report = sqlite_ledger.take(alone)
    assert [rule for _, rule, _ in said(report) if rule.startswith("trace")] == []


def test_nothing_is_said_of_what_is_sent_again(sqlite_ledger: Ledger) -> None:
    """A duplicate was remarked upon when it came."""
    event = unpack(1, "P", "a")
    assert len(said(sqlite_ledger.take(event))) == 1
    assert said(sqlite_ledger.take(event)) == []


def test_a_code_told_as_a_lot_and_as_a_piece(ledger: Ledger) -> None:
    """A code that doesn't show its level, listed once with a quantity and once without, is named."""
    code = "urn:example:item:17"
    assert said(ledger.take(seen(quantityList=[some(code, 5)]))) == []
    found = [(at(0), "trace.level", f'"{code}"')]
    assert said(ledger.take(seen(code, eventTime=clock(2)))) == found
    assert said(ledger.take(seen(quantityList=[some(code, 4)], eventTime=clock(3)))) == []
    ledger.check()


def test_a_piece_with_a_quantity(sqlite_ledger: Ledger) -> None:
    """What is a single piece is no input of several; a mere mention of it says nothing."""
    code = "urn:example:item:18"
    sqlite_ledger.take(seen(code))
    report = sqlite_ledger.take(made([some(code, 5)], [instance("a")], at=clock(2)))
    assert said(report) == [(at(0), "trace.level", f'"{code}"')]
    assert said(sqlite_ledger.take(made([code], [instance("b")], at=clock(3)))) == []
