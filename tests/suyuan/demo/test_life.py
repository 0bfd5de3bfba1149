"""The demo life: valid documents, closed balances, and a book that agrees with what the documents say."""

import doctest
import hashlib
import importlib
import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identifiers.parsing import parse_item_code
from suyuan.demo import life as life_module
from suyuan.demo.life import START, Story, life, tell
from suyuan.demo.measures import CHARACTERISTICS, INSTRUMENTS, number
from suyuan.demo.parties import PARTIES, PRODUCTS
from suyuan.demo.plan import CELLS_PER_MODULE, MINIMUM_PACKS, TRAY, draw_plan
from suyuan.demo.script import Script

jsonschema = importlib.import_module("jsonschema")  # ships no types

REPOSITORY = Path(__file__).parents[3]
EVENT_KINDS = {
    "ObjectEvent",
    "AggregationEvent",
    "TransactionEvent",
    "TransformationEvent",
    "AssociationEvent",
}


@pytest.fixture(scope="module")
def story() -> Story:
    """The default life."""
    return tell()


def _events(story: Story) -> list[dict[str, Any]]:
    return [e for s in story.submissions for e in s.document["epcisBody"]["eventList"]]


def _standing(story: Story) -> list[dict[str, Any]]:
    """All events but those an error declaration took back."""
    taken_back = {e["eventID"] for e in _events(story) if "errorDeclaration" in e}
    return [e for e in _events(story) if e["eventID"] not in taken_back]


def _codes(event: dict[str, Any]) -> Iterator[str]:
    for name in ("epcList", "childEPCs", "inputEPCList", "outputEPCList"):
        yield from event.get(name, ())
    for name in ("quantityList", "inputQuantityList", "outputQuantityList"):
        yield from (element["epcClass"] for element in event.get(name, ()))
    if "parentID" in event:
        yield event["parentID"]


def _uri(code: str) -> str:
    return parse_item_code(code).uri


def _decimal(value: float) -> Decimal:
    return Decimal(repr(value))


def _bytes(story: Story) -> bytes:
    return json.dumps([s.document for s in story.submissions]).encode()


def _floats(value: Any) -> Iterator[float]:
    if isinstance(value, float):
        yield value
    elif isinstance(value, dict):
        for child in value.values():
            yield from _floats(child)
    elif isinstance(value, list):
        for child in value:
            yield from _floats(child)


class _Graph:
    """Follows the documents alone: a second reading beside the generator's book."""

    def __init__(self, story: Story) -> None:
        self.edges: list[tuple[str, str, str]] = []
        self.open: set[tuple[str, str]] = set()
        inputs: dict[str, set[str]] = defaultdict(set)
        outputs: dict[str, set[str]] = defaultdict(set)
        for event in _standing(story):
            if event["type"] == "TransformationEvent":
                key = event.get("transformationID", event["eventID"])
                quantities = event.get("inputQuantityList", ())
                inputs[key] |= {_uri(element["epcClass"]) for element in quantities}
                quantities = event.get("outputQuantityList", ())
                outputs[key] |= {_uri(element["epcClass"]) for element in quantities}
                outputs[key] |= {_uri(code) for code in event.get("outputEPCList", ())}
            elif event["type"] == "AssociationEvent":
                fits = {(_uri(c), _uri(event["parentID"])) for c in event["childEPCs"]}
                if event["action"] == "ADD":
                    self.edges += [("fitted", part, whole) for part, whole in fits]
                    self.open |= fits
                else:
                    assert fits <= self.open
                    self.open -= fits
            elif event["type"] == "ObjectEvent" and event["action"] == "ADD":
                for code in map(parse_item_code, event.get("epcList", ())):
                    if code.lot is not None:
                        self.edges.append(("made", code.lot, code.uri))
        for key, sources in inputs.items():
            self.edges += [("made", s, o) for s in sources for o in outputs[key]]

    def reach(self, root: str, *, forward: bool = True, still: bool = False) -> set[str]:
        steps = defaultdict(set)
        for kind, source, target in self.edges:
            if not (still and kind == "fitted" and (source, target) not in self.open):
                steps[source if forward else target].add(target if forward else source)
        found, frontier = {root}, {root}
        while frontier:
            frontier = set().union(*(steps[item] for item in frontier)) - found
            found |= frontier
        return found - {root}


def test_every_document_keeps_the_schema(vectors: Path, story: Story) -> None:
    """Every document is valid under GS1's JSON Schema with `format` asserted."""
    schema = json.loads((vectors / "epcis/spec/EPCIS-JSON-Schema.json").read_text("utf-8"))
    checker = jsonschema.Draft7Validator.FORMAT_CHECKER
    validator = jsonschema.Draft7Validator(schema, format_checker=checker)
    broken = {**story.submissions[0].document, "creationDate": "yesterday"}
    assert not validator.is_valid(broken)
    for submission in (*story.submissions, *tell(7, MINIMUM_PACKS).submissions):
        errors = [error.message for error in validator.iter_errors(submission.document)]
        assert errors == []


def test_equal_input_gives_equal_bytes(story: Story) -> None:
    """The bytes follow from the seed alone, whatever Python's hash seed is."""
    assert _bytes(tell()) == _bytes(story)
    assert _bytes(tell(seed=2)) != _bytes(story)
    program = (
        "import hashlib, json\nfrom suyuan.demo.life import tell\ns = tell()\n"
        "b = json.dumps([s.document for s in s.submissions]).encode()\n"
        "print(hashlib.sha256(b).hexdigest(), list(s.highlights.holders.values()))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "77", "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    holders = list(story.highlights.holders.values())
    assert done.stdout.strip() == f"{hashlib.sha256(_bytes(story)).hexdigest()} {holders}"


def test_life_yields_the_storys_documents(story: Story) -> None:
    """`life` yields what `tell` collected."""
    assert tuple(life()) == story.submissions


def test_a_later_start_moves_every_time() -> None:
    """The whole life moves with its first day."""
    later = tell(3, MINIMUM_PACKS, START + timedelta(days=365))
    for early, late in zip(_events(tell(3, MINIMUM_PACKS)), _events(later), strict=True):
        distance = datetime.fromisoformat(late["eventTime"]) - datetime.fromisoformat(
            early["eventTime"]
        )
        assert distance == timedelta(days=365)


def test_documents_come_in_order_and_after_their_events(story: Story) -> None:
    """Documents are ordered by creationDate, and no event lies after its document."""
    created = [datetime.fromisoformat(s.document["creationDate"]) for s in story.submissions]
    assert created == sorted(created)
    for submission, known in zip(story.submissions, created, strict=True):
        for event in submission.document["epcisBody"]["eventList"]:
            assert datetime.fromisoformat(event["eventTime"]) < known
            assert event["eventTimeZoneOffset"] == "+08:00"


def test_a_receipt_comes_before_the_suppliers_own_file(story: Story) -> None:
    """The separator's lots are named by the maker before their maker explains them."""
    lot = PRODUCTS["separator"].gtin.lot("SEP-2501-01")
    named = [s.organisation for s in story.submissions if lot in json.dumps(s.document)]
    assert named[0] == "haiyan"
    assert "danfeng" in named


def test_everyone_writes_into_their_own_log(story: Story) -> None:
    """All eight organisations submit, each under its own name."""
    assert {s.organisation for s in story.submissions} == set(PARTIES)
    assert all(s.submitter.startswith(s.organisation + "/") for s in story.submissions)


def test_counts(story: Story) -> None:
    """Events, eventIDs and items are as many as the highlights say, about 2,000 items in all."""
    events, highlights = _events(story), story.highlights
    assert len(events) == highlights.events
    assert len({event["eventID"] for event in events}) == highlights.distinct_events
    items = {code.uri: code.level for e in events for code in map(parse_item_code, _codes(e))}
    # The lots of the control units are named inside their units' codes only.
    for event in events:
        for code in map(parse_item_code, event.get("epcList", ())):
            if code.lot is not None:
                items[code.lot] = parse_item_code(code.lot).level
    assert dict(sorted(Counter(level.value for level in items.values()).items())) == dict(
        highlights.items
    )
    assert 1_900 <= len(items) <= 2_100
    assert {event["type"] for event in events} == EVENT_KINDS


def test_traces_of_the_book_and_of_the_documents_agree(story: Story) -> None:
    """Forward from the bad lot and backward from the sold pack, the documents say what the book says."""
    graph, highlights = _Graph(story), story.highlights
    assert graph.reach(highlights.bad_lot) == highlights.affected
    assert graph.reach(highlights.bad_lot, still=True) == highlights.still_affected
    assert graph.reach(highlights.sold_pack, forward=False) == highlights.sold_pack_origins
    assert highlights.bad_lot in highlights.sold_pack_lots
    assert {parse_item_code(lot).level.value for lot in highlights.sold_pack_lots} == {"lot"}


def test_the_swap_frees_the_pack(story: Story) -> None:
    """The pack repaired was reached by the bad lot and no longer is; its new module is clean."""
    swap, highlights = story.highlights.swap, story.highlights
    assert {swap.pack, swap.old} <= highlights.affected
    assert highlights.affected - highlights.still_affected == {swap.pack}
    assert swap.new not in highlights.affected
    steps = [
        (event["bizStep"], event["action"], [_uri(code) for code in event["childEPCs"]])
        for event in _events(story)
        if event["type"] == "AssociationEvent" and _uri(event["parentID"]) == swap.pack
    ]
    assert [step[:2] for step in steps] == [
        ("assembling", "ADD"),
        ("removing", "DELETE"),
        ("installing", "ADD"),
    ]
    assert steps[0][2][int(swap.position) - 1] == swap.old
    assert steps[1][2] == [swap.old]
    assert steps[2][2] == [swap.new]


def test_holders_add_up(story: Story) -> None:
    """Each affected item has one holder, and several parties hold some."""
    highlights = story.highlights
    assert sum(highlights.holders.values()) == len(highlights.affected)
    known = {party.company.pgln for party in PARTIES.values()}
    assert set(highlights.holders) <= known
    assert len(highlights.holders) == 5


def test_five_levels_lie_between_powder_and_pack(story: Story) -> None:
    """Coil, core, cell, module and pack come out of the bad lot."""
    classes = {parse_item_code(code).product for code in story.highlights.affected}
    wanted = {PRODUCTS[k].gtin.uri for k in ("cathode", "core", "cell", "module", "pack")}
    assert classes == wanted


def test_purchased_lots_balance(story: Story) -> None:
    """Received is used plus returned plus remaining, and the documents say the same amounts."""
    received: dict[str, Decimal] = defaultdict(Decimal)
    used: dict[str, Decimal] = defaultdict(Decimal)
    for event in _standing(story):
        if event.get("bizStep") == "receiving" and event["disposition"] == "in_progress":
            for element in event.get("quantityList", ()):
                received[_uri(element["epcClass"])] += _decimal(element["quantity"])
        for element in event.get("inputQuantityList", ()):
            used[_uri(element["epcClass"])] += _decimal(element["quantity"])
    for balance in story.highlights.balances:
        assert balance.received == balance.used + balance.returned + balance.remaining
        assert min(balance.used, balance.returned, balance.remaining) >= 0
        if balance.unit is not None:
            assert (balance.received, balance.used) == (received[balance.lot], used[balance.lot])


def test_transformations_balance(story: Story) -> None:
    """Every input is its recipe times the output, plus the loss and scrap stated, to the last digit."""
    pieces: dict[str, Decimal] = {}
    consumed: dict[str, Decimal] = defaultdict(Decimal)
    trays: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for event in _standing(story):
        if event["type"] != "TransformationEvent":
            continue
        losses = {
            loss["suyuan:material"]: _decimal(loss["suyuan:quantity"])
            for loss in event.get("suyuan:loss", ())
        }
        inputs = {
            element["epcClass"]: _decimal(element["quantity"])
            for element in event.get("inputQuantityList", ())
        }
        for code, amount in inputs.items():
            consumed[code] += amount
        if "outputQuantityList" not in event:
            trays[event.get("transformationID", event["eventID"])].append(event)
            continue
        (output,) = event["outputQuantityList"]
        made = _decimal(output["quantity"])
        pieces[output["epcClass"]] = made
        if output.get("uom") == "MTR":
            load = _decimal(event["ilmd"]["suyuan:kilogramsPerMetre"])
            assert sum(inputs.values()) == made * load + sum(losses.values())
        else:
            wound = made + _decimal(event["suyuan:scrap"][0]["suyuan:quantity"])
            names = ("cathodeMetres", "anodeMetres", "separatorSquareMetres")
            for (code, amount), name in zip(inputs.items(), names, strict=True):
                assert (
                    amount
                    == wound * _decimal(event["ilmd"][f"suyuan:{name}PerPiece"]) + losses[code]
                )
    for parts in trays.values():
        tray = {name: value for part in parts for name, value in part.items()}
        core, electrolyte = (_decimal(e["quantity"]) for e in tray["inputQuantityList"])
        assert core == TRAY + tray["suyuan:scrap"][0]["suyuan:quantity"]
        assert len(tray["outputEPCList"]) == TRAY
        loss = _decimal(tray["suyuan:loss"][0]["suyuan:quantity"])
        dose = _decimal(tray["ilmd"]["suyuan:electrolyteKilogramsPerPiece"])
        assert electrolyte == core * dose + loss
    for code, made in pieces.items():
        assert consumed[code] <= made
        if code.startswith(PRODUCTS["core"].gtin.uri):
            assert consumed[code] == made
    assert any(len(parts) == 2 for parts in trays.values())


def test_no_cell_is_used_twice(story: Story) -> None:
    """Each cell sits in one module at most, and scrapped cells in none."""
    used: list[str] = []
    destroyed: set[str] = set()
    for event in _events(story):
        parent = event.get("parentID", "")
        if event["type"] == "AssociationEvent" and parent.startswith(PRODUCTS["module"].gtin.uri):
            used += event["childEPCs"]
        if event.get("bizStep") == "destroying":
            destroyed |= set(event["epcList"])
    assert len(used) == len(set(used))
    assert destroyed
    assert not destroyed & set(used)


def test_the_error_declaration_repeats_its_event(story: Story) -> None:
    """The wrong booking comes back word for word, with the reason and the event that corrects it."""
    (declaration,) = [e for e in _events(story) if "errorDeclaration" in e]
    same = [e for e in _events(story) if e["eventID"] == declaration["eventID"]]
    assert len(same) == 2
    assert same[0] == {k: v for k, v in declaration.items() if k != "errorDeclaration"}
    error = declaration["errorDeclaration"]
    (corrective,) = [e for e in _events(story) if e["eventID"] in error["correctiveEventIDs"]]
    assert corrective["outputQuantityList"] == declaration["outputQuantityList"]
    assert corrective["eventTime"] == declaration["eventTime"]
    wrong, right = (e["inputQuantityList"][0]["epcClass"] for e in (declaration, corrective))
    assert wrong == story.highlights.bad_lot
    assert right != wrong


def test_both_spellings_name_one_item(story: Story) -> None:
    """Some events spell lots, serials, pallets and places as EPC URNs of codes known as Digital Links."""
    codes = [code for event in _events(story) for code in _codes(event)]
    urns = {code for code in codes if code.startswith("urn:epc:")}
    kinds = {urn.rsplit(":", 1)[0] for urn in urns}
    assert kinds == {"urn:epc:class:lgtin", "urn:epc:id:sgtin", "urn:epc:id:sscc"}
    assert {_uri(urn) for urn in urns} <= set(codes)


def test_inspections_name_instrument_and_calibration(story: Story) -> None:
    """Every reading names a calibrated instrument that was not overdue, its limits and its verdict."""
    by_code = {instrument.code: instrument for instrument in INSTRUMENTS.values()}
    seen = 0
    for event in _events(story):
        for element in event.get("sensorElementList", ()):
            meta = element["sensorMetadata"]
            instrument = by_code[meta["deviceID"]]
            assert parse_item_code(instrument.code).level == "asset"
            assert parse_item_code(instrument.certificate).level == "document"
            assert meta["suyuan:calibrationCertificate"] == instrument.certificate
            day = meta["time"][:10]
            assert meta["suyuan:calibratedOn"] <= day <= meta["suyuan:calibrationDue"]
            for reading in element["sensorReport"]:
                seen += 1
                value = reading.get("value", reading.get("meanValue"))
                low = reading.get("suyuan:lowerLimit", value)
                high = reading.get("suyuan:upperLimit", value)
                good = low <= value <= high
                assert reading["suyuan:verdict"] == ("conformant" if good else "non_conformant")
                assert ("exception" in reading) is not good
                assert event["disposition"] != "conformant" or good
    assert seen > 500


def test_the_bad_lot_passes_first_and_fails_later(story: Story) -> None:
    """Incoming inspection lets the lot in; the last inspection condemns and recalls it."""
    verdicts = [
        (event["disposition"], event.get("persistentDisposition"))
        for event in _events(story)
        if event.get("bizStep") == "inspecting"
        and story.highlights.bad_lot in (_uri(code) for code in _codes(event))
    ]
    assert verdicts == [("conformant", None), ("non_conformant", {"set": ["recalled"]})]


def test_one_lot_is_refused_and_goes_back(story: Story) -> None:
    """The wet electrolyte lot is found, sent back, received back, and never used."""
    (balance,) = [b for b in story.highlights.balances if b.returned]
    steps = [
        (event["bizStep"], event["disposition"])
        for event in _events(story)
        if balance.lot in _codes(event)
    ]
    assert balance.used == 0
    assert steps[-3:] == [
        ("inspecting", "non_conformant"),
        ("shipping", "returned"),
        ("receiving", "returned"),
    ]


def test_deliveries_are_promised_and_some_come_late(story: Story) -> None:
    """Each receipt from a supplier states both dates; some are late, some early."""
    days = [
        (e["suyuan:promisedDelivery"], e["suyuan:actualDelivery"])
        for e in _events(story)
        if "suyuan:actualDelivery" in e
    ]
    assert len(days) == len(story.highlights.balances)
    assert any(promised < actual for promised, actual in days)
    assert any(promised > actual for promised, actual in days)


def test_names_are_in_both_languages(story: Story) -> None:
    """Every organisation introduces itself, its places and products once, in Chinese and English."""
    headers = [s for s in story.submissions if "epcisHeader" in s.document]
    assert len(headers) == len(PARTIES)
    introduced = set()
    for submission in headers:
        lists = submission.document["epcisHeader"]["epcisMasterData"]["vocabularyList"]
        for element in (e for v in lists for e in v["vocabularyElementList"]):
            introduced.add(element["id"])
            names = [
                a["attribute"]
                for a in element["attributes"]
                if a["id"].endswith("Name") and isinstance(a["attribute"], dict)
            ]
            assert [name["@language"] for name in names] == ["zh", "en"]
            assert all(name["@value"] for name in names)
    places = {
        _uri(e[k]["id"]) for e in _events(story) for k in ("readPoint", "bizLocation") if k in e
    }
    assert places <= introduced
    assert {product.gtin.uri for product in PRODUCTS.values()} <= introduced


def test_buyers_stay_private(story: Story) -> None:
    """A sale names the shop's read point and no other party."""
    sales = [e for e in _events(story) if e.get("bizStep") == "retail_selling"]
    assert story.highlights.sold_pack in {e["epcList"][0] for e in sales}
    for sale in sales:
        assert not {"sourceList", "destinationList", "bizTransactionList"} & sale.keys()


def test_label_codes_are_known_items(story: Story) -> None:
    """The codes to label are distinct and all occur in the documents."""
    codes = {_uri(code) for event in _events(story) for code in _codes(event)}
    codes |= {balance.lot for balance in story.highlights.balances}
    labels = story.highlights.labels
    assert len(set(labels)) == len(labels)
    assert set(labels) <= codes
    assert {story.highlights.pallet, story.highlights.closed_pallet} <= set(labels)


def test_numbers_survive_json(story: Story) -> None:
    """Every decimal in the documents has at most four places and comes back as it went."""
    for value in _floats([s.document for s in story.submissions]):
        assert _decimal(value) == _decimal(value).quantize(Decimal("0.0001"))
    assert number(Decimal("12.500")) == 12.5
    assert type(number(Decimal("12.000"))) is int
    with pytest.raises(ValueError, match="that a binary float can carry"):
        number(Decimal("0.12345678901234567890"))


def test_usual_readings_keep_their_limits() -> None:
    """No characteristic's usual spread leaves its limits, so a bad reading is always meant."""
    for group in CHARACTERISTICS.values():
        for c in group:
            reach = c.step * c.spread
            assert c.lower is None or c.nominal - reach >= c.lower
            assert c.upper is None or c.nominal + reach <= c.upper
            assert c.instrument in INSTRUMENTS


def test_too_few_packs_are_refused() -> None:
    """A life too small for its own story is refused in one sentence."""
    with pytest.raises(ValueError, match="Expected at least 4 packs, got 3"):
        tell(packs=MINIMUM_PACKS - 1)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32), packs=st.integers(MINIMUM_PACKS, 24))
def test_any_life_tells_its_story(seed: int, packs: int) -> None:
    """Whatever the seed and size: a sold pack is reached, the spare is clean, balances are closed."""
    story = tell(seed, packs)
    highlights = story.highlights
    assert highlights.sold_pack in highlights.affected
    assert highlights.swap.old in highlights.affected
    assert highlights.swap.new not in highlights.affected
    assert highlights.swap.pack != highlights.sold_pack
    assert all(min(b.used, b.returned, b.remaining) >= 0 for b in highlights.balances)
    assert _Graph(story).reach(highlights.bad_lot) == highlights.affected


@pytest.mark.parametrize("packs", [4, 5, 15, 24, 50, 400])
def test_grading_leaves_enough_cells(packs: int) -> None:
    """Every module finds its cells even if each tray loses as many as it can."""
    plan = draw_plan(Script(packs, START).random, packs)
    assert max(len(tray.graded_out) for tray in plan.trays) == 1
    assert len(plan.trays) * (TRAY - 1) >= plan.modules * CELLS_PER_MODULE


def test_the_example_in_the_docstring() -> None:
    """The module's example runs."""
    assert doctest.testmod(life_module).failed == 0
