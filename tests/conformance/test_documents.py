"""Documents of others, captured whole, each to a ledger of its own.

What is a document to capture is told by its place and by its content, never by its name:

* every `*.json` and `*.jsonld` below `epcis` is looked at, but not the standard's own files in `spec` and
  lists of what is in the folder (`MANIFEST`);
* it has capture shape when it is an EPCISDocument, one event, or a list of events. Query documents,
  queries and all XML are not read by capture's first form, and are left out;
* what stands in a folder called `negative` must be refused, all else must be accepted. A warning is
  no refusal.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.receipts import Mode, Report, Status
from tests.ledger.builders import Ledger

EVENT_TYPES = {
    "ObjectEvent",
    "AggregationEvent",
    "TransactionEvent",
    "TransformationEvent",
    "AssociationEvent",
}


def has_capture_shape(path: Path) -> bool:
    """Tell whether a file is something that capture is meant to read."""
    try:
        content: Any = json.loads(path.read_text("utf-8-sig"))
    except ValueError:
        return False
    if isinstance(content, list):
        return bool(content) and all(isinstance(one, dict) and "type" in one for one in content)
    if not isinstance(content, dict):
        return False
    if content.get("type") == "EPCISDocument":
        return "epcisBody" in content
    return content.get("type") in EVENT_TYPES


def json_files(folder: Path) -> Iterator[Path]:
    """Yield the JSON files below a folder, but those of the standard itself."""
    for path in sorted([*folder.rglob("*.json"), *folder.rglob("*.jsonld")]):
        inside = path.relative_to(folder).parts
        if "spec" not in inside and "MANIFEST" not in path.name:
            yield path


def is_negative(path: Path, folder: Path) -> bool:
    """Tell whether a file stands in a folder of what must be refused."""
    return "negative" in path.relative_to(folder).parts


def send(ledger: Ledger, path: Path, mode: Mode = Mode.ROLLBACK) -> Report:
    """Capture a file as it is on disk."""
    with path.open("rb") as stream:
        return ledger.send(stream, mode=mode)


def reasons(report: Report) -> list[str]:
    """Return the rules for which something was refused."""
    problems = [*report.problems, *(one for each in report.receipts for one in each.problems)]
    return sorted({one.rule for one in problems if not one.is_warning})


def test_every_document_is_accepted(vectors: Path, fresh_ledger: Callable[[], Ledger]) -> None:
    """Each capture document goes in whole, verifies, and is a duplicate when it comes again."""
    folder = vectors / "epcis"
    files = [
        path
        for path in json_files(folder)
        if not is_negative(path, folder) and has_capture_shape(path)
    ]
    if not files:
        pytest.skip(f"no capture document below {folder}")
    refused = []
    for path in files:
        ledger = fresh_ledger()
        report = send(ledger, path)
        if report.refused or not report.committed:
            refused.append((str(path.relative_to(folder)), reasons(report)))
            continue
        events = sum(report.counts.values())
        assert events, path
        ledger.check()
        again = send(ledger, path)
        assert again.counts[Status.DUPLICATE] == events, path
        assert not again.refused, path
    assert refused == []


def test_what_is_negative_is_refused(vectors: Path, fresh_ledger: Callable[[], Ledger]) -> None:
    """Each document in a folder `negative` is refused with a reason, and leaves nothing behind."""
    folder = vectors / "epcis"
    files = [path for path in json_files(folder) if is_negative(path, folder)]
    if not files:
        pytest.skip(f"no folder 'negative' with JSON below {folder}")
    accepted = []
    for path in files:
        ledger = fresh_ledger()
        report = send(ledger, path)
        if not report.refused:
            accepted.append(str(path.relative_to(folder)))
            continue
        assert not report.committed, path
        assert reasons(report), path
        assert ledger.count("entry") == 0, path
        assert all(problem.message() for problem in report.problems), path
    assert accepted == []


def test_other_families_are_accepted_or_refused_with_a_reason(
    vectors: Path, fresh_ledger: Callable[[], Ledger]
) -> None:
    """EPCIS of other trades is captured, or each event that isn't says by which rule."""
    folder = vectors / "datasets"
    seen = 0
    for path in json_files(folder):
        try:
            content: Any = json.loads(path.read_text("utf-8-sig"))
        except ValueError:
            continue
        kind = content.get("type") if isinstance(content, dict) else None
        if kind not in {"EPCISDocument", "EPCISQueryDocument"}:
            continue
        seen += 1
        ledger = fresh_ledger()
        report = send(ledger, path, Mode.PROCEED)
        assert sum(report.counts.values()) or reasons(report), path
        for receipt in report.receipts:
            if receipt.status in {Status.REJECTED, Status.CONFLICT}:
                rules = [one.rule for one in receipt.problems if not one.is_warning]
                assert rules, (path, receipt.pointer)
                assert all(one.message("zh-CN") for one in receipt.problems)
            else:
                assert receipt.seq is not None
        ledger.check()
    if not seen:
        pytest.skip(f"no EPCIS document below {folder}")
