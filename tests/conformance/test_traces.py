"""Real genealogies, captured and traced, against traces that others worked out.

Every file of the shape is taken, wherever it stands below `datasets` and `epcis`:

* `expected_traces_X+Y.json` belongs to the files beside it whose names contain X or Y, which are captured
  in every order;
* `edges.tsv` lists the links of the documents below its folder.
"""

import csv
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from ledger.genealogy.trace import Direction, trace
from ledger.log.canonical import parse_strict
from ledger.projection import canonical_code
from ledger.query import item
from ledger.receipts import Mode
from ledger.state import ANNOUNCED
from ledger.store.engine import reading
from ledger.store.sets import fetch
from tests.ledger.builders import Ledger, ledger_in

PREFIX = "expected_traces_"
UNITS = {
    "unit:piece": None,
    "unit:kilogram": "KGM",
    "unit:gram": "GRM",
    "unit:litre": "LTR",
    "unit:metre": "MTR",
    "unit:squareMetre": "MTK",
    "unit:cubicMetre": "MTQ",
}
"""The units of the expected traces in UN/ECE Rec 20; a count has none."""
RELATIONS = {"input->output": "transformed", "child->parent": None}
CATHODE_BATCH = "34fc4893b351"

Answer = dict[str, Any]


def cases(vectors: Path) -> Iterator[tuple[Answer, str, list[Path]]]:
    """Yield expected traces with their name and the files that they belong to."""
    found = sorted((vectors / "datasets").rglob(f"{PREFIX}*.json"))
    if not found:
        pytest.skip(f"no {PREFIX}*.json below {vectors / 'datasets'}")
    for path in found:
        parts = path.stem.removeprefix(PREFIX).split("+")
        files = [
            other
            for other in sorted(path.parent.glob("*.json"))
            if not other.name.startswith(PREFIX) and any(part in other.name for part in parts)
        ]
        assert files, f"no file belongs to {path.name}"
        yield json.loads(path.read_text("utf-8"), parse_float=Decimal), path.name, files


def capture_files(ledger: Ledger, files: Iterable[Path]) -> None:
    """Capture files one after another, as they are on disk."""
    for path in files:
        with path.open("rb") as stream:
            report = ledger.send(stream)
        assert report.committed, path
        assert not report.refused, path


def answers(ledger: Ledger) -> tuple[set[str], set[str], Callable[[str, Direction], Answer]]:
    """Return the items with a record of their own, those announced, and a function that traces."""
    with reading(ledger.engine) as connection:
        codes = {row[0] for row in fetch(connection, "SELECT code FROM item")}
        announced = {code for code in codes if item(connection, code).status == ANNOUNCED}

    def ask(code: str, direction: Direction) -> Answer:
        with reading(ledger.engine) as connection:
            # Through JSON and back: the answer that a program gets from the command line.
            text = json.dumps(trace(connection, code, direction).as_dict())
        answer: Answer = parse_strict(text)
        assert answer["root"] == code
        assert answer["complete"] is True
        assert answer["heads"]
        return answer

    return codes - announced, announced, ask


def reached(answer: Answer) -> list[str]:
    """Return the codes of an answer, which are listed once each."""
    return sorted(one["code"] for one in answer["items"])


def consumed(answer: Answer) -> dict[str | None, Decimal]:
    """Return what of the root went into other items, by unit."""
    sums: dict[str | None, Decimal] = defaultdict(Decimal)
    for link in answer["links"]:
        if link["from"] == answer["root"] and link["quantity"] is not None:
            sums[link["unit"]] += Decimal(link["quantity"])
    return dict(sums)


def check(ledger: Ledger, expected: Answer, name: str) -> None:
    """Fail unless everything that is expected is what the ledger answers, and nothing more."""
    known, announced, ask = answers(ledger)
    assert len(known) == expected["nodes"], name
    assert sorted(announced) == sorted(expected["dangling_ids"]), name
    edges: set[tuple[str, str]] = set()
    for code in known | announced:
        links = ask(code, Direction.FORWARD)["links"]
        edges |= {(link["from"], link["to"]) for link in links}
    sources = {source for source, _ in edges}
    assert len(edges) == expected["edges"], name
    for code, wanted in expected["forward"].items():
        answer = ask(code, Direction.FORWARD)
        assert reached(answer) == sorted(wanted["ids"]), (name, code)
        assert len(answer["items"]) == wanted["count"], (name, code)
        tops = [one for one in reached(answer) if one not in sources]
        assert tops == sorted(wanted["tops"]), (name, code)
        sums = {UNITS[unit]: Decimal(amount) for unit, amount in wanted["consumed"].items()}
        assert consumed(answer) == sums, (name, code)
    for code, wanted in expected["backward"].items():
        answer = ask(code, Direction.BACKWARD)
        assert reached(answer) == sorted(wanted["ids"]), (name, code)
        assert len(answer["items"]) == wanted["count"], (name, code)
    ledger.check()


def test_traces_are_the_expected_ones(vectors: Path, fresh_ledger: Callable[[], Ledger]) -> None:
    """Files in any order give exactly the expected items, links, amounts and announced items."""
    for expected, name, files in cases(vectors):
        for order in permutations(files):
            ledger = fresh_ledger()
            capture_files(ledger, order)
            check(ledger, expected, name)


def test_traces_are_the_same_on_postgresql(
    vectors: Path, postgresql_engine: Engine, tmp_path: Path
) -> None:
    """All files together in one PostgreSQL ledger give at least each file's own traces."""
    ledger = ledger_in(postgresql_engine, tmp_path)
    found = list(cases(vectors))
    for number, (_expected, _name, files) in enumerate(found):
        for path in reversed(files):
            with path.open("rb") as stream:
                # A log for each family: what several families name alike joins across logs.
                assert ledger.send(stream, f"log-{number}", mode=Mode.PROCEED).committed
    with reading(ledger.engine) as connection:
        for expected, name, _files in found:
            for way, direction in (
                ("forward", Direction.FORWARD),
                ("backward", Direction.BACKWARD),
            ):
                for code, wanted in expected[way].items():
                    answer = trace(connection, code, direction).as_dict()
                    assert set(wanted["ids"]) <= set(reached(answer)), (name, code)
                    assert answer["complete"]
    ledger.check()


def test_the_cathode_batch_is_in_two_vehicles(
    vectors: Path, fresh_ledger: Callable[[], Ledger]
) -> None:
    """The batch whose parts meet again and again touches 41 items, two of them vehicles."""
    for expected, _name, files in cases(vectors):
        batch = next((code for code in expected["forward"] if code.endswith(CATHODE_BATCH)), None)
        if batch is not None:
            ledger = fresh_ledger()
            capture_files(ledger, files)
            _known, _announced, ask = answers(ledger)
            answer = ask(batch, Direction.FORWARD)
            vehicles = {one["code"] for one in answer["items"]} - {
                link["from"] for link in answer["links"]
            }
            assert (len(answer["items"]), len(vehicles)) == (41, 2)
            return
    pytest.skip(f"no batch ending {CATHODE_BATCH} in this folder of vectors")


def edge_files(vectors: Path) -> Iterator[tuple[Path, dict[str, list[dict[str, str]]]]]:
    """Yield each folder that has a list of links, with the rows by document."""
    found = sorted((vectors / "epcis").rglob("edges.tsv"))
    if not found:
        pytest.skip(f"no edges.tsv below {vectors / 'epcis'}")
    for path in found:
        rows: dict[str, list[dict[str, str]]] = defaultdict(list)
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines, delimiter="\t"):
                rows[row["file"]].append(row)
        yield path.parent, rows


def kind_of(row: dict[str, str]) -> str:
    """Return the kind of link that a row of `edges.tsv` stands for."""
    kind = RELATIONS[row["relation"]]
    if kind is None:
        kind = {"AggregationEvent": "packed", "AssociationEvent": "installed"}[row["type"]]
    return kind


def canonical(code: str) -> str:
    """Return the canonical form of a code as the ledger has it."""
    return canonical_code(code).uri


def test_links_are_those_of_the_list(vectors: Path, fresh_ledger: Callable[[], Ledger]) -> None:
    """A document's links are exactly its rows in `edges.tsv`, each in the trace of its `from`."""
    for folder, rows_by_file in edge_files(vectors):
        documents = sorted([*folder.rglob("*.jsonld"), *folder.rglob("*.json")])
        assert rows_by_file.keys() <= {path.relative_to(folder).as_posix() for path in documents}
        for path in documents:
            rows = rows_by_file.get(path.relative_to(folder).as_posix(), [])
            ledger = fresh_ledger()
            capture_files(ledger, [path])
            wanted = {
                (canonical(row["from"]), canonical(row["to"]), kind_of(row), row["eventTime"])
                for row in rows
                if row.get("action") != "DELETE"
            }
            known, announced, ask = answers(ledger)
            found: dict[str, set[tuple[str, str, str, str]]] = {}
            for code in known | announced:
                found[code] = {
                    (link["from"], link["to"], link["kind"], link["time"])
                    for link in ask(code, Direction.FORWARD)["links"]
                    if link["kind"] not in {"part_of_lot", "measured"}  # which the list leaves out
                }
            assert set().union(*found.values()) == wanted, path
            assert all(link in found[link[0]] for link in wanted), path
