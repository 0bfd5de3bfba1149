"""Master data: statements of the log, the newest of each organisation about each code."""

import json
from typing import Any

import pytest

from ledger.projection import statement_of
from ledger.receipts import Mode, Report
from tests.ledger.builders import Ledger, contents, document, element, lot, seen

PLACE = "https://id.gs1.org/414/9506000134369/254/DOCK1"
NAME = "urn:example:mda:name"


def state(ledger: Ledger, *elements: Any, slug: str = "main", **options: Any) -> Report:
    """Capture a document that holds master data alone."""
    return ledger.send(document(vocabularies={"Location": elements}), slug, **options)


def stored(ledger: Ledger) -> dict[tuple[int, str], tuple[str, Any, int]]:
    """Return type, attributes and seq of each statement, by log and code."""
    rows = ledger.rows("SELECT log_id, code, type, attributes, seq FROM vocabulary")
    return {(log, code): (kind, json.loads(text), seq) for log, code, kind, text, seq in rows}


def test_a_statement_is_an_entry(ledger: Ledger) -> None:
    """A statement stands in the log and in the table, under the canonical form of its code."""
    report = state(ledger, element("urn:epc:id:sgln:9506000.13436.DOCK1", name="Dock"))
    assert (report.committed, report.checkpoint is not None) == (True, True)
    assert stored(ledger) == {(1, PLACE): ("Location", {NAME: "Dock"}, 0)}
    assert ledger.rows("SELECT schema FROM entry") == [("suyuan/vocabulary/1",)]
    ledger.check()


def test_repeating_a_statement_adds_nothing(ledger: Ledger) -> None:
    """The same statement again, even in another form of its code, is no new entry."""
    first = state(ledger, element(PLACE, name="Dock", floor="1"))
    before = contents(ledger)
    report = state(ledger, element("urn:epc:id:sgln:9506000.13436.DOCK1", floor="1", name="Dock"))
    assert (report.committed, report.checkpoint) == (True, first.checkpoint)
    assert contents(ledger) == before


def test_a_changed_statement_replaces_the_row_and_not_the_entry(ledger: Ledger) -> None:
    """The newest statement stands in the table; the older one stays in the log."""
    state(ledger, element(PLACE, name="Dock"))
    state(ledger, element(PLACE, name="Gate"), element("urn:x:new"))
    assert stored(ledger) == {
        (1, PLACE): ("Location", {NAME: "Gate"}, 1),
        (1, "urn:x:new"): ("Location", {}, 2),
    }
    assert ledger.count("entry") == 3
    state(ledger, element(PLACE, name="Dock"))
    assert stored(ledger)[1, PLACE] == ("Location", {NAME: "Dock"}, 3)
    ledger.check()


def test_each_organisation_has_its_own_statement(ledger: Ledger) -> None:
    """What one organisation says of a code doesn't touch what another one says."""
    state(ledger, element(PLACE, name="Dock"), slug="a")
    state(ledger, element(PLACE, name="Gate"), slug="b")
    assert {log: row[1][NAME] for (log, _), row in stored(ledger).items()} == {1: "Dock", 2: "Gate"}
    ledger.check()


def test_the_last_statement_of_a_document_wins(ledger: Ledger) -> None:
    """Where one document states a code twice, the later statement is the one that is logged."""
    state(ledger, element(PLACE, name="Dock"), element(PLACE, name="Gate"))
    assert stored(ledger) == {(1, PLACE): ("Location", {NAME: "Gate"}, 0)}
    ledger.check()


def test_master_data_comes_behind_its_events(ledger: Ledger) -> None:
    """Events and master data of one document share a transaction and a checkpoint."""
    places = {"Location": [element(PLACE, name="Dock")]}
    ledger.send(document(seen(lot("L")), vocabularies=places))
    rows = ledger.rows("SELECT schema FROM entry ORDER BY seq")
    assert [schema for (schema,) in rows] == ["suyuan/event/1", "suyuan/vocabulary/1"]
    assert ledger.rows("SELECT size FROM checkpoint") == [(2,)]
    ledger.check()


def test_exact_decimals(ledger: Ledger) -> None:
    """A number with decimals is kept exactly, and the entry says which text was a number."""
    text = json.dumps(document(vocabularies={"Location": [element(PLACE, area=0.5)]}))
    ledger.send(text.replace("0.5", "0.10000000000000000000001"))
    [(_, attributes, _)] = stored(ledger).values()
    assert attributes == {"urn:example:mda:area": "0.10000000000000000000001"}
    [(raw,)] = ledger.rows("SELECT bytes FROM entry")
    assert json.loads(bytes(raw))["body"]["decimals"] == ["/attributes/0/attribute"]
    ledger.check()


@pytest.mark.parametrize("mode", Mode)
def test_too_long_a_code(ledger: Ledger, mode: Mode) -> None:
    """A code that no index holds refuses the document, or under `proceed` only itself."""
    report = state(ledger, element("urn:x:" + "e" * 650), element("urn:x:1"), mode=mode)
    assert report.refused
    assert ledger.count("vocabulary") == (1 if mode is Mode.PROCEED else 0)
    ledger.check()


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        ([], {}),
        (["a"], {"urn:a": "a"}),
        (["a", "b"], {"urn:a": ["a", "b"]}),
        (["a", "b", {"c": 1}], {"urn:a": ["a", "b", {"c": 1}]}),
        ([None, "a"], {"urn:a": "a"}),
    ],
)
def test_attributes_that_are_stated_several_times(values: list[Any], kept: dict[str, Any]) -> None:
    """An attribute has its value, or the list of all its values; one without value says nothing."""
    attributes = [
        {"id": "urn:a"} | ({} if value is None else {"attribute": value}) for value in values
    ]
    body = {"vocabulary": "urn:x:Kind", "element": {"id": "urn:x:1", "attributes": attributes}}
    assert json.loads(statement_of(body).attributes) == kept
    assert statement_of(body).type == "Kind"


def test_an_attribute_without_value_is_captured(ledger: Ledger) -> None:
    """The schema lets an attribute come without a value; such a document is stored."""
    report = state(ledger, {"id": "urn:x:1", "attributes": [{"id": NAME}]}, {"id": "urn:x:2"})
    assert report.committed
    assert {row[1:] for row in map(tuple, stored(ledger))} == {("urn:x:1",), ("urn:x:2",)}
    ledger.check()
