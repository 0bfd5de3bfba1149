"""Receipts and reports: counted in full, listed up to a bound, told in both languages."""

import json

import pytest

from ledger.problems import problem
from ledger.receipts import RECEIPTS_KEPT, ROLLED_BACK, Mode, Receipt, Report, Status


def receipt(status: Status, seq: int | None = None, event_id: str | None = "urn:x:1") -> Receipt:
    """Return a receipt, with a reason where it is refused."""
    refused = status in {Status.CONFLICT, Status.REJECTED}
    reasons = (problem("/0", "capture.conflict", "urn:x:1"),) if refused else ()
    return Receipt("/0", status, event_id, seq, reasons)


def test_a_long_report_is_counted_in_full() -> None:
    """Beyond the bound receipts are only counted; refused ones are listed up to the same number again."""
    report = Report("log", Mode.PROCEED)
    for number in range(RECEIPTS_KEPT + 5):
        report.add(receipt(Status.ACCEPTED, number))
    assert len(report.receipts) == RECEIPTS_KEPT
    for status in (Status.DUPLICATE, Status.CONFLICT, Status.REJECTED):
        report.add(receipt(status))
    assert [one.status for one in report.receipts[RECEIPTS_KEPT:]] == ["conflict", "rejected"]
    for _ in range(RECEIPTS_KEPT):
        report.add(receipt(Status.REJECTED))
    assert len(report.receipts) == 2 * RECEIPTS_KEPT
    assert report.counts == {
        Status.ACCEPTED: RECEIPTS_KEPT + 5,
        Status.DUPLICATE: 1,
        Status.CONFLICT: 1,
        Status.REJECTED: RECEIPTS_KEPT + 1,
    }


@pytest.mark.parametrize(
    ("status", "refused"),
    [
        (Status.ACCEPTED, False),
        (Status.DUPLICATE, False),
        (Status.CONFLICT, True),
        (Status.REJECTED, True),
    ],
)
def test_what_makes_a_report_refused(status: Status, *, refused: bool) -> None:
    """A conflict or a rejected event refuses a report; a duplicate doesn't."""
    report = Report("log", Mode.ROLLBACK)
    assert not report.refused
    report.add(receipt(status))
    assert report.refused is refused


def test_warnings_of_a_document_do_not_refuse_it() -> None:
    """A document's warning is only told; its error refuses it."""
    report = Report("log", Mode.ROLLBACK, problems=[problem("", "epcis.comment", "rdfs:comment")])
    assert not report.refused
    report.problems.append(problem("", "input.truncated", line=1, column=2))
    assert report.refused


def test_taking_back() -> None:
    """Accepted events become rejected, with the reason in front of their warnings; no place behind stays."""
    report = Report("log", Mode.ROLLBACK)
    warning = problem("/0", "epcis.comment", "rdfs:comment")
    report.add(Receipt("/0", Status.ACCEPTED, "urn:x:0", 7, (warning,)))
    report.add(receipt(Status.DUPLICATE, 7))
    report.add(receipt(Status.DUPLICATE, 6))
    report.add(receipt(Status.REJECTED, None))
    report.take_back(7)
    told = [(one.status.value, one.seq) for one in report.receipts]
    assert told == [("rejected", None), ("duplicate", None), ("duplicate", 6), ("rejected", None)]
    assert report.receipts[0].problems == (problem("/0", ROLLED_BACK, "urn:x:0"), warning)
    assert (report.counts[Status.ACCEPTED], report.counts[Status.REJECTED]) == (0, 2)


def test_the_json_form_speaks_both_languages() -> None:
    """A report is JSON with a sentence of each language for each problem."""
    report = Report("log", Mode.PROCEED, committed=True, checkpoint="note")
    report.add(receipt(Status.CONFLICT, 3))
    english, chinese = report.as_dict("en"), report.as_dict("zh-CN")
    assert english == json.loads(json.dumps(english))
    assert {name: english[name] for name in ("log", "mode", "committed", "checkpoint")} == {
        "log": "log",
        "mode": "proceed",
        "committed": True,
        "checkpoint": "note",
    }
    assert [english[status.value] for status in Status] == [0, 0, 1, 0]
    [told] = english["receipts"]
    assert (told["pointer"], told["status"], told["event"], told["seq"]) == (
        "/0",
        "conflict",
        "urn:x:1",
        3,
    )
    assert "other content" in told["problems"][0]["message"]
    assert "账本" in chinese["receipts"][0]["problems"][0]["message"]
