"""Real Catena-X files: the graph their events span, and the official schema of EPCIS.

`expected_traces_X+Y.json` belongs to all files beside it whose names contain X or Y. The graph is
walked here by a plain breadth-first search, so that nothing but the events is under test.
"""

import importlib
import json
from collections import defaultdict, deque
from decimal import Decimal
from functools import cache
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from ledger.catenax import read_catenax
from ledger.log.canonical import DecimalText, canonical_bytes

Edge = tuple[str, str]
Event = dict[str, Any]

# Imported by name, because it ships no types.
jsonschema = importlib.import_module("jsonschema")

UNITS = {None: "unit:piece", "KGM": "unit:kilogram", "LTR": "unit:litre"}
FAMILIES = ("catenax-irs", "catenax-tracex")


@cache
def read(path: Path) -> list[Event]:
    """Return the events of a file."""
    with path.open("rb") as stream:
        return [event for _, event in read_catenax(stream)]


def twin_files(folder: Path) -> list[Path]:
    """Return the files of one family that hold twins."""
    return [
        path
        for path in sorted(folder.glob("*.json"))
        if not path.name.startswith("expected_traces_") and "schema" not in path.name
    ]


def cases(vectors: Path) -> list[tuple[Path, list[Path]]]:
    """Return each file of expected traces with the files it belongs to."""
    found = []
    for folder in FAMILIES:
        for expected in sorted((vectors / "datasets" / folder).glob("expected_traces_*.json")):
            parts = expected.stem.removeprefix("expected_traces_").split("+")
            files = [
                path
                for path in twin_files(expected.parent)
                if any(part in path.name for part in parts)
            ]
            found.append((expected, files))
    return found


class Graph:
    """The union of all events: known items, as-built edges, quantities."""

    def __init__(self, files: tuple[Path, ...]) -> None:
        events: dict[str, Event] = {}
        for path in files:
            for event in read(path):
                assert events.setdefault(event["eventID"], event) == event
        self.known: set[str] = set()
        self.down: set[Edge] = set()
        self.up: set[Edge] = set()
        self.amounts: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        for event in events.values():
            if event["type"] == "ObjectEvent":
                self.known |= set(event.get("epcList", []))
                self.known |= {element["epcClass"] for element in event.get("quantityList", [])}
                continue
            assert (event["type"], event["action"]) == ("AssociationEvent", "ADD")
            parent = event["parentID"]
            self.up |= {(child, parent) for child in event.get("childEPCs", [])}
            for element in event.get("childQuantityList", []):
                self.down.add((element["epcClass"], parent))
                unit = UNITS[element.get("uom")]
                self.amounts[element["epcClass"]][unit] += Decimal(element["quantity"])
        self.edges = self.down | self.up

    def reach(self, start: str, *, forward: bool) -> set[str]:
        """Return all that can be reached from `start`, without it."""
        next_to: dict[str, set[str]] = defaultdict(set)
        for child, parent in self.edges:
            source, target = (child, parent) if forward else (parent, child)
            next_to[source].add(target)
        seen, waiting = {start}, deque([start])
        while waiting:
            new = next_to[waiting.popleft()] - seen
            seen |= new
            waiting.extend(new)
        return seen - {start}


def test_graph_is_the_expected_one(vectors: Path) -> None:
    """In every order of the files: exactly the expected items, edges, ids never sent and traces."""
    for expected_path, files in cases(vectors):
        expected = json.loads(expected_path.read_text("utf-8"), parse_float=Decimal)
        assert files, f"no file belongs to {expected_path.name}"
        for order in permutations(files):
            graph = Graph(order)
            ends = {end for edge in graph.edges for end in edge}
            assert len(graph.known) == expected["nodes"]
            assert len(graph.edges) == expected["edges"]
            assert sorted(ends - graph.known) == sorted(expected["dangling_ids"])
            assert len(graph.up - graph.down) == expected["edges_seen_only_in_usage"]
            parents = {parent for _, parent in graph.edges}
            children = {child for child, _ in graph.edges}
            for item, trace in expected["forward"].items():
                found = graph.reach(item, forward=True)
                assert sorted(found) == sorted(trace["ids"])
                assert len(found) == trace["count"]
                assert sorted(found & (parents - children)) == sorted(trace["tops"])
                assert graph.amounts[item] == trace["consumed"]
            for item, trace in expected["backward"].items():
                found = graph.reach(item, forward=False)
                assert sorted(found) == sorted(trace["ids"])
                assert len(found) == trace["count"]


def as_sent(value: Any) -> Any:
    """Return a value as JSON would bring it: decimals as numbers."""
    if isinstance(value, DecimalText):
        return float(value)
    if isinstance(value, dict):
        return {key: as_sent(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_sent(item) for item in value]
    return value


@pytest.mark.parametrize("family", FAMILIES)
def test_every_event_passes_the_official_schema(vectors: Path, family: str) -> None:
    """All events of all files are valid EPCIS 2.0, formats included, and can be stored."""
    schema = json.loads((vectors / "epcis/spec/EPCIS-JSON-Schema.json").read_text("utf-8"))
    validator = jsonschema.Draft7Validator(
        schema, format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER
    )
    for path in twin_files(vectors / "datasets" / family):
        events = read(path)
        assert events
        for event in events:
            assert canonical_bytes(event)
        document = {
            "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
            "type": "EPCISDocument",
            "schemaVersion": "2.0",
            "creationDate": "2024-01-01T00:00:00Z",
            "epcisBody": {"eventList": as_sent(events)},
        }
        assert not [error.message for error in validator.iter_errors(document)]


def test_plans_load_without_links(vectors: Path) -> None:
    """A file of part types as planned gives known items and not one link."""
    files = [
        path
        for family in FAMILIES
        for path in twin_files(vectors / "datasets" / family)
        if "AsPlanned" in path.name
    ]
    if not files:
        pytest.skip("no file of plans in this folder of vectors")
    for path in files:
        assert {(event["type"], event["action"]) for event in read(path)} == {
            ("ObjectEvent", "OBSERVE")
        }


def test_one_batch_number_of_one_maker_may_be_several_items(vectors: Path) -> None:
    """Maker and batch number alone name up to three items; with the part number they name one."""
    pairs: dict[tuple[str, str], set[str]] = defaultdict(set)
    keys: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for path in twin_files(vectors / "datasets" / "catenax-tracex"):
        for event in read(path):
            about = event.get("ilmd", {})
            number = about.get("urn:suyuan:catenax:batchId")
            if number is None:
                continue
            maker = about["urn:suyuan:catenax:manufacturerId"]
            part = about["urn:suyuan:catenax:manufacturerPartId"]
            item = event["quantityList"][0]["epcClass"]
            pairs[maker, number].add(item)
            keys[maker, part, number].add(item)
    assert max(map(len, pairs.values())) > 1
    assert max(map(len, keys.values())) < max(map(len, pairs.values()))
