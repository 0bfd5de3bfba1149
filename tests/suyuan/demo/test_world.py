"""A generated world: what stands in its documents, that it is the same each time, and what it takes."""

import importlib
import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identifiers.parsing import parse_item_code
from suyuan.demo.script import Submission
from suyuan.demo.world.filling import TOGETHER, batches
from suyuan.demo.world.firms import FIRMS, PRODUCTS
from suyuan.demo.world.life import World
from suyuan.demo.world.plan import DURATION, MOST_BIKES, MOST_ITEMS, START, TRIO, Plan
from suyuan.demo.world.spelling import as_urns

jsonschema = importlib.import_module("jsonschema")  # ships no types

REPOSITORY = Path(__file__).parents[3]
ITEMS = 1000
GOODS = ("epcList", "childEPCs", "inputEPCList", "outputEPCList")
AMOUNTS = ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList")


@pytest.fixture(scope="module")
def documents() -> list[Submission]:
    """A world of four waves."""
    return list(World(ITEMS).documents())


@pytest.fixture(scope="module")
def events(documents: list[Submission]) -> list[dict[str, Any]]:
    """All its events."""
    return [event for one in documents for event in listed(one)]


def listed(submission: Submission) -> list[dict[str, Any]]:
    """Return the events of a document."""
    found: list[dict[str, Any]] = submission.document["epcisBody"]["eventList"]
    return found


def codes(event: dict[str, Any]) -> Iterator[str]:
    """Yield the items that an event names, as it spells them."""
    for name in GOODS:
        yield from event.get(name, ())
    for name in AMOUNTS:
        yield from (element["epcClass"] for element in event.get(name, ()))
    if "parentID" in event:
        yield event["parentID"]


def child(program: str, *arguments: object, **environment: str) -> str:
    """Run a program in a process of its own and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        cwd=REPOSITORY,
        env={**os.environ, **environment},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def test_every_document_keeps_the_schema(vectors: Path) -> None:
    """Every document of a small world is valid under GS1's JSON Schema with `format` asserted."""
    schema = json.loads((vectors / "epcis/spec/EPCIS-JSON-Schema.json").read_text("utf-8"))
    checker = jsonschema.Draft7Validator.FORMAT_CHECKER
    validator = jsonschema.Draft7Validator(schema, format_checker=checker)
    for submission in World(1, 3).documents():
        assert [error.message for error in validator.iter_errors(submission.document)] == []


def test_equal_worlds_have_equal_bytes() -> None:
    """The bytes follow from size and seed alone, in any process and under any hash seed."""
    program = (
        "import hashlib, json, sys\nfrom suyuan.demo.world.life import World\n"
        "h = hashlib.sha256()\n"
        "for one in World(int(sys.argv[1]), int(sys.argv[2])).documents():\n"
        "    h.update(json.dumps([one.organisation, one.submitter, one.document]).encode())\n"
        "print(h.hexdigest())"
    )
    first, second = (child(program, ITEMS, 1, PYTHONHASHSEED=seed) for seed in ("1", "2"))
    assert first == second
    assert len({first, child(program, ITEMS, 2), child(program, ITEMS + 1, 1)}) == 3


def test_memory_does_not_grow_with_the_world() -> None:
    """Ten times as many items take no more memory: what counts is the waves that are open."""
    program = (
        "import resource, sys\nfrom suyuan.demo.world.life import World\n"
        "for one in World(int(sys.argv[1])).documents(): pass\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    few, many = (int(child(program, items)) / 1024 for items in (5_000, 50_000))
    assert many - few < 10  # MiB


def test_documents_come_in_order_of_arrival(documents: list[Submission]) -> None:
    """Documents arrive one after another, after their events, in the log of who reports them."""
    arrivals = [datetime.fromisoformat(one.document["creationDate"]) for one in documents]
    assert arrivals == sorted(arrivals)
    late = 0
    for one, arrival in zip(documents, arrivals, strict=True):
        assert one.submitter.startswith(one.organisation + "/")
        latest = max(
            datetime.fromisoformat(event.get("errorDeclaration", {}).get("declarationTime", at))
            for event in listed(one)
            for at in [event["eventTime"]]
        )
        assert latest < arrival < datetime.now(UTC)
        late += arrival - latest > timedelta(days=1)
    assert 0.03 < late / len(documents) < 0.12
    assert {one.organisation for one in documents} == set(FIRMS)


def test_a_partners_file_comes_after_the_next_ones(documents: list[Submission]) -> None:
    """Some lots are received before their maker's file says that they exist."""
    known: set[str] = set()
    unexplained = 0
    for one in documents:
        for event in listed(one):
            named = {parse_item_code(code).uri for code in codes(event)}
            made = event["type"] == "TransformationEvent" or event["action"] == "ADD"
            unexplained += bool(event.get("bizStep") == "receiving" and named - known)
            known |= named if made else set()
    assert unexplained > 10


def test_master_data_comes_once_and_names_what_is_used(documents: list[Submission]) -> None:
    """Each firm's first document explains its party, places and products, and no other does."""
    first = {one.organisation: one for one in reversed(documents)}
    explained: set[str] = set()
    for one in documents:
        header = one.document.get("epcisHeader")
        assert (header is not None) == (one is first[one.organisation])
        for kind in header["epcisMasterData"]["vocabularyList"] if header else ():
            explained |= {element["id"] for element in kind["vocabularyElementList"]}
    places = {
        parse_item_code(event["readPoint"]["id"]).uri for one in documents for event in listed(one)
    }
    own = {one.gtin.uri for one in PRODUCTS.values() if one.owner in FIRMS}
    assert places | own <= explained


def test_codes_are_valid_and_of_the_demonstration_range(events: list[dict[str, Any]]) -> None:
    """Every code parses, with its check digit, and stands on a prefix of GS1's range 952."""
    spelt = {code for event in events for code in codes(event)}
    for code in spelt:
        assert "952" in parse_item_code(code).uri
    urns = {code for code in spelt if code.startswith("urn:")}
    assert urns
    both = {parse_item_code(code).uri for code in urns}
    assert both & spelt  # one partner writes the URN, the other the link
    kinds = {tuple(key for key, _ in parse_item_code(code).keys) for code in spelt}
    assert kinds == {("01", "10"), ("01", "21"), ("01", "10", "21"), ("00",), ("8003",), ("8004",)}


def test_urns_mean_the_same_codes(events: list[dict[str, Any]]) -> None:
    """Whatever can be spelt as a URN is the same item."""
    for code in {parse_item_code(code).uri for event in events for code in codes(event)}:
        assert parse_item_code(as_urns(code)).uri == code
    assert as_urns(["x", 1, {"a": "https://id.gs1.org/417/9521101000009"}]) == [
        "x",
        1,
        {"a": "urn:epc:id:pgln:9521101.00000"},
    ]


def test_all_that_happens_in_life_happens(events: list[dict[str, Any]]) -> None:
    """Every kind of happening that the package's table names is there, in every wave."""
    waves = sum(1 for _ in Plan(ITEMS, 1).waves())
    steps = Counter(event.get("bizStep") for event in events)
    for step in ("repackaging", "disassembling", "repairing", "encoding", "retail_selling"):
        assert steps[step] >= waves, step
    units = {
        element.get("uom")
        for event in events
        for name in AMOUNTS
        for element in event.get(name, ())
    }
    assert units == {"KGM", "MTR", "LTR", "H87"}
    runs = Counter(event["transformationID"] for event in events if "transformationID" in event)
    assert sorted(set(runs.values())) == [2, 5]
    emptied = [
        event
        for event in events
        if event["type"] == "AggregationEvent" and event["action"] == "DELETE"
    ]
    silent = [event for event in emptied if not any(name in event for name in (*GOODS, *AMOUNTS))]
    assert len(emptied) > len(silent) > 5 * waves
    removed = [e for e in events if e["type"] == "AssociationEvent" and e["action"] == "DELETE"]
    assert len(removed) >= 4 * waves
    assert {event["type"] for event in events} == {
        "ObjectEvent",
        "AggregationEvent",
        "TransactionEvent",
        "TransformationEvent",
        "AssociationEvent",
    }
    dispatches = [event for event in events if event.get("bizStep") == "shipping"]
    assert all("sourceList" in event and "bizTransactionList" in event for event in dispatches)


def test_errors_are_declared_and_corrected_later(documents: list[Submission]) -> None:
    """A declaration repeats its event, and the event it points to comes in a later document."""
    place = {
        (event["eventID"], "errorDeclaration" in event): number
        for number, one in enumerate(documents)
        for event in listed(one)
    }
    every = [event for one in documents for event in listed(one)]
    by_id = {event["eventID"]: event for event in every}
    declared = [event for event in every if "errorDeclaration" in event]
    assert len(declared) == 3 * sum(1 for _ in Plan(ITEMS, 1).waves())
    pointing = later = 0
    for event in declared:
        assert (event["eventID"], False) in place
        for one in event["errorDeclaration"].get("correctiveEventIDs", ()):
            pointing += 1
            right = by_id[one]
            later += place[one, False] > place[event["eventID"], True]
            assert right["eventTime"] == event["eventTime"]
            assert right["type"] == event["type"]
    assert 3 * pointing == 2 * len(declared)
    assert later > 0.6 * pointing  # but for declarations that are late themselves


def test_containers_are_used_again(events: list[dict[str, Any]]) -> None:
    """A rack or swap body makes several trips and is never loaded twice at a time."""
    loads: Counter[str] = Counter()
    ordered = sorted(events, key=lambda event: datetime.fromisoformat(event["eventTime"]))
    full: set[str] = set()
    for event in ordered:
        if event["type"] != "AggregationEvent":
            continue
        parent = parse_item_code(event["parentID"]).uri
        if "/8003/" not in parent:
            continue
        if event["action"] == "ADD":
            assert parent not in full
            full.add(parent)
            loads[parent] += 1
        else:
            full.discard(parent)
    assert max(loads.values()) >= 4


class _Yard:
    """Who has what, by the events alone: an item is where its container is."""

    def __init__(self) -> None:
        self.holder: dict[str, str | None] = {}
        self.inside: dict[str, str] = {}
        self.whole: set[str] = set()
        """Wholes that parts were built into."""
        self.gone: set[str] = set()

    def top(self, item: str) -> str:
        """Return the outermost thing that an item is in."""
        while item in self.inside:
            item = self.inside[item]
        return item

    def has(self, firm: str, item: str) -> None:
        """Require that a firm has an item."""
        assert item not in self.gone, (firm, item)
        assert self.holder.setdefault(self.top(item), firm) == firm, (firm, item)

    def goes(self, firm: str, event: dict[str, Any]) -> None:
        """Take an event for granted that must be possible."""
        named = [parse_item_code(code).uri for code in codes(event)]
        lots = {code for code in named if "/10/" in code}
        items = [code for code in named if code not in lots]
        step, action = event["bizStep"], event.get("action")
        if event["type"] == "TransformationEvent":
            made = {parse_item_code(code).uri for code in event.get("outputEPCList", ())}
            for code in items:
                if code in made:
                    assert code not in self.holder
                    self.holder[code] = firm
                else:
                    self.has(firm, code)
                    self.gone.add(code)
        elif action == "ADD" and event["type"] == "ObjectEvent":
            for code in items:
                assert code not in self.holder
                self.holder[code] = firm
        elif event["type"] in {"AggregationEvent", "AssociationEvent"}:
            self._nest(firm, parse_item_code(event["parentID"]).uri, items[:-1], action)
        else:
            for code in items:
                if step == "receiving":
                    assert self.holder[code] is None, (firm, code)
                    self.holder[code] = firm
                elif step != "retail_selling" or code not in self.gone:
                    self.has(firm, code)
                if step == "shipping":
                    self.holder[code] = None
                if action == "DELETE":
                    self.gone.add(code)

    def _nest(self, firm: str, parent: str, items: list[str], action: str | None) -> None:
        self.has(firm, parent)
        children = [child for child, inside in self.inside.items() if inside == parent]
        if action == "ADD":
            for code in items:
                self.has(firm, code)
                assert code not in self.inside
                self.inside[code] = parent
        else:
            for code in items or children:
                assert self.inside.pop(code) == parent
                self.holder[code] = firm


def test_nobody_handles_what_he_has_not(documents: list[Submission]) -> None:
    """In order of event time each item is made first, then handled by who has it, until it is gone."""
    wrong = {e["eventID"] for one in documents for e in listed(one) if "errorDeclaration" in e}
    told = [
        (datetime.fromisoformat(event["eventTime"]), event.get("bizStep") == "receiving", n, one)
        for one in documents
        for n, event in enumerate(listed(one))
        if event["eventID"] not in wrong
    ]
    yard = _Yard()
    for _at, _later, n, one in sorted(told, key=lambda row: row[:2]):
        yard.goes(one.organisation, listed(one)[n])
    assert len(yard.gone) > 10
    assert sum(holder is None for holder in yard.holder.values()) == 1  # the lost cage


def test_no_more_of_a_lot_is_used_than_was_made(events: list[dict[str, Any]]) -> None:
    """What steps take of a lot, all together, was made or delivered before."""
    wrong = {event["eventID"] for event in events if "errorDeclaration" in event}
    made: dict[str, float] = defaultdict(float)
    used: dict[str, float] = defaultdict(float)
    for event in events:
        if event["eventID"] in wrong:
            continue
        begins = event["type"] == "ObjectEvent" and event["action"] == "ADD"
        ends = event["type"] == "ObjectEvent" and event["action"] == "DELETE"
        for name, book, counts in (
            ("outputQuantityList", made, True),
            ("quantityList", made, begins),
            ("inputQuantityList", used, True),
            ("quantityList", used, ends),
        ):
            for element in event.get(name, ()) if counts else ():
                book[parse_item_code(element["epcClass"]).uri] += element["quantity"]
    outside = {lot for lot in used if lot not in made}
    assert {parse_item_code(lot).product for lot in outside} == {
        PRODUCTS["magnet"].gtin.uri,
        PRODUCTS["chip"].gtin.uri,
    }
    over = {lot for lot, amount in used.items() if lot in made and amount > made[lot] + 1e-6}
    assert over == set()


def test_an_instrument_judges_between_its_calibrations(events: list[dict[str, Any]]) -> None:
    """What the book says an instrument judged is what its readings are of."""
    known = World(ITEMS).known()
    since, until = (START + timedelta(minutes=minute) for minute in known.window)
    judged: set[str] = set()
    found = []
    for event in events:
        for element in event.get("sensorElementList", ()):
            at = datetime.fromisoformat(event["eventTime"])
            if element["sensorMetadata"]["deviceID"] == known.instrument and since <= at <= until:
                judged |= set(event["epcList"])
        if event.get("epcList") == [known.instrument]:
            found.append((event["eventTime"], event["disposition"]))
    assert judged == known.judged
    assert len(judged) > 20
    assert [verdict for _, verdict in sorted(found)][:2] == ["conformant", "non_conformant"]


@given(items=st.integers(1, 20_000), seed=st.integers(0, 1000))
@settings(max_examples=30)
def test_a_plan_makes_about_as_many_items(items: int, seed: int) -> None:
    """Waves begin at equal distances; those that share a line never overlap."""
    plan = Plan(items, seed)
    waves = list(plan.waves())
    assert [wave.start for wave in waves] == [plan.apart * n for n in range(len(waves))]
    assert plan.lines * plan.apart > DURATION
    assert all(6 <= wave.bikes <= MOST_BIKES for wave in waves)
    trios = [plan.trio(number) for number in range(-(-len(waves) // TRIO))]
    assert [wave for trio in trios for wave in trio] == waves
    assert len({wave.line for wave in waves if wave.opens_line}) == min(plan.lines, len(waves))


@pytest.mark.parametrize("items", [300, 1_000, 3_000])
def test_a_world_has_about_as_many_items_as_asked(items: int) -> None:
    """The size is kept within a few of a hundred, and counted exactly."""
    world = World(items, 7)
    named = {
        parse_item_code(code).uri
        for one in world.documents()
        for e in listed(one)
        for code in codes(e)
    }
    lots = sum(1 for _ in Plan(items, 7).waves())
    assert abs(world.named - items) < 0.05 * items
    assert 0 < world.named - len(named) < 12 * lots  # lots that stand in a label or in the ilmd


def test_huge_worlds_fit_into_the_past() -> None:
    """The largest world ends before today, with a bounded number of waves open."""
    plan = Plan(MOST_ITEMS, 1)
    *_, last = plan.waves()
    end = START + timedelta(minutes=last.start + DURATION)
    assert end < datetime(2026, 1, 1, tzinfo=UTC)
    assert plan.lines < 1000


@pytest.mark.parametrize("items", [0, -5, MOST_ITEMS + 1])
def test_nonsense_is_refused(items: int) -> None:
    """No items, or more than fit, are no world."""
    with pytest.raises(ValueError, match=f"Expected 1 to 10000000 items, got {items}"):
        World(items)


def test_batches_lose_nothing_and_keep_order(documents: list[Submission]) -> None:
    """Documents of one submitter are joined in their order; each batch is one document."""
    apart: dict[str, list[str]] = defaultdict(list)
    for one in documents:
        apart[one.submitter] += [event["eventID"] for event in listed(one)]
    together: dict[str, list[str]] = defaultdict(list)
    headers = 0
    for batch in batches(documents):
        value = json.loads(batch.text())
        headers += "epcisHeader" in value
        found = [event["eventID"] for event in value["epcisBody"]["eventList"]]
        assert found[0] == batch.first
        assert len(found) < TOGETHER + 100
        together[batch.submitter] += found
    assert together == apart
    assert headers == len(FIRMS)


def test_what_waits_for_a_batch_is_bounded(documents: list[Submission]) -> None:
    """Many submitters with few events each are handed in before thousands of events wait."""
    listed_ = [
        Submission(one.organisation, f"{one.organisation}/{n}", one.document)
        for n in range(6)
        for one in documents
    ]
    taken = 0

    def counting() -> Iterator[Submission]:
        nonlocal taken
        for one in listed_:
            taken += len(listed(one))
            yield one

    given_ = 0
    for batch in batches(counting()):
        assert taken - given_ < 5_100
        given_ += len(batch.events)
    assert given_ == taken
