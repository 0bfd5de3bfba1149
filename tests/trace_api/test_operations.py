"""Every committed operation document, asked of a ledger that was captured for real."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from graphql import parse, validate

from ledger.store.engine import reading
from tests.trace_api.house import CASE, LOT, PACK, PLACE, House, document, event, life
from trace_api.limits import check_document, check_text
from trace_api.schema import SCHEMA

Operation = Callable[[str], str]
NAMES = [
    "backward_trace",
    "balance",
    "capture",
    "events_page",
    "forward_trace",
    "item_state",
    "organisations",
    "trace_difference",
    "verify",
    "ways",
]
PACKS = [f"{PACK}/21/S{number}" for number in (1, 2, 3)]


def nodes(connection: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the values of a page."""
    return [edge["node"] for edge in connection["edges"]]


def test_no_document_is_forgotten(repository: Path) -> None:
    """Each document of the folder is named in this file."""
    folder = repository / "graphql" / "operations"
    assert sorted(path.stem for path in folder.glob("*.graphql")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_documents_fit(operation: Operation, name: str) -> None:
    """Each document fits the schema and stays within the limits with its own defaults."""
    text = operation(name)
    check_text(text)
    parsed = parse(text)
    check_document(parsed, {"first": 500})
    assert validate(SCHEMA, parsed) == []


def test_forward_trace(house: House, operation: Operation) -> None:
    """A lot leads to its packs and the case they are in, and the answer says what it is complete to."""
    trace = house.data(operation("forward_trace"), {"code": LOT})["trace"]
    assert [node["code"] for node in nodes(trace["items"])] == [*PACKS, CASE]
    assert [node["container"] for node in nodes(trace["items"])] == [False, False, False, True]
    assert (
        nodes(trace["items"])[0] | {"inside": CASE, "status": "in_transit"}
        == nodes(trace["items"])[0]
    )
    assert trace["complete"] is True
    assert trace["cut"] == []
    assert trace["heads"][0]["size"] == 4
    assert (trace["itemCount"], trace["linkCount"]) == (4, 5)


def test_trace_is_cut_by_depth(house: House, operation: Operation) -> None:
    """A trace that a limit stops says so, why and where."""
    trace = house.data(operation("forward_trace"), {"code": LOT, "depth": 1})["trace"]
    assert trace["complete"] is False
    assert trace["cut"] == [{"reason": "depth", "count": 2, "at": PACKS[:2]}]


def test_trace_of_one_kind(house: House, operation: Operation) -> None:
    """A trace follows only the kinds of links that were named."""
    variables = {"code": LOT, "links": ["TRANSFORMED", "TRANSFORMED"]}
    trace = house.data(operation("forward_trace"), variables)["trace"]
    assert [node["code"] for node in nodes(trace["items"])] == PACKS


def test_trace_as_of(house: House, operation: Operation) -> None:
    """Events later than the time asked about, and those received later, are left out."""
    ask = operation("forward_trace")
    early = house.data(ask, {"code": LOT, "asOf": "2026-03-01T09:30:00Z"})["trace"]
    assert early["itemCount"] == 3
    unknown = house.data(ask, {"code": LOT, "knownAt": "2026-03-01T00:00:00Z"})["trace"]
    assert unknown["itemCount"] == 0


def test_backward_trace(house: House, operation: Operation) -> None:
    """A pack leads back to its lot, with exact quantities and the evidence."""
    trace = house.data(operation("backward_trace"), {"code": PACKS[0]})["trace"]
    assert [node["code"] for node in nodes(trace["items"])] == [LOT]
    assert nodes(trace["items"])[0]["quantity"] == "100.5"
    assert nodes(trace["links"]) == [
        {
            "from": LOT,
            "to": PACKS[0],
            "kind": "TRANSFORMED",
            "event": "urn:uuid:00000000-0000-4000-8000-000000000001",
            "time": "2026-03-01T09:00:00.000Z",
            "until": None,
            "quantity": "10.25",
            "unit": "KGM",
        }
    ]


def test_balance(house: House, operation: Operation) -> None:
    """A lot's balance tells its flows, what is left, and what can't be decided."""
    found = house.data(operation("balance"), {"code": LOT})["balance"]
    assert (found["code"], found["level"], found["balanced"]) == (LOT, "LOT", True)
    assert found["heads"][0]["size"] == 4
    [total] = found["totals"]
    assert {one["kind"]: one["quantity"] for one in total["sums"]} == {
        "produced": "100.5",
        "consumed": "10.25",
    }
    assert (total["unit"], total["inStock"], total["inTransit"]) == ("KGM", "90.25", "0")
    assert {flow["kind"] for flow in found["flows"]} == {"produced", "consumed"}
    [conversion] = found["conversions"]
    assert conversion["apart"] == "several_dimensions"
    assert [side["quantity"] for side in conversion["inputs"]] == ["10.25"]
    assert (found["lots"], found["gaps"], found["questions"], found["counts"]) == ([], [], [], [])


def test_balance_of_a_product(house: House, operation: Operation) -> None:
    """The packs in a case that is shipped are on their way; a window and a place narrow the answer."""
    ask = operation("balance")
    found = house.data(ask, {"code": PACK})["balance"]
    [total] = found["totals"]
    assert (total["inStock"], total["inTransit"]) == ("1", "2")
    later = house.data(ask, {"code": PACK, "from": "2026-03-01T10:30:00Z", "tolerance": "1%"})
    assert later["balance"]["totals"][0]["opening"] == "3"
    assert later["balance"]["from"] == "2026-03-01T10:30:00.000Z"
    there = house.data(ask, {"code": PACK, "place": PLACE})["balance"]
    assert (there["place"], there["totals"][0]["inStock"]) == (PLACE, None)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"tolerance": "some"}, "INVALID_ARGUMENT"),
        ({"from": "2026-03-02", "to": "2026-03-01"}, "INVALID_ARGUMENT"),
        ({"code": f"{PACK}/21/NEVER"}, "NOT_FOUND"),
    ],
)
def test_what_a_balance_refuses(
    house: House, operation: Operation, asked: dict[str, str], code: str
) -> None:
    """Bad arguments and unknown codes are told as such."""
    answer = house.ask(operation("balance"), {"code": LOT, **asked})
    assert answer["errors"][0]["extensions"]["code"] == code


def test_item_state(house: House, operation: Operation) -> None:
    """An item is found by its code in another form, with its state and its life."""
    item = house.data(operation("item_state"), {"code": "(01)09506000134376(21)S1"})["item"]
    assert item["code"] == PACKS[0]
    assert (item["level"], item["serial"], item["product"]) == ("INSTANCE", "S1", PACK)
    assert item["state"] == {
        "status": "in_transit",
        "location": PLACE,
        "holder": "main",
        "inside": CASE,
        "lastTime": "2026-03-01T11:00:00.000Z",
    }
    steps = [node["bizStep"] for node in nodes(item["history"])]
    assert steps == ["creating_class_instance", "packing", "shipping"]
    assert nodes(item["history"])[2]["readPoint"] == PLACE


def test_events_page(house: House, operation: Operation) -> None:
    """Events come in order of arrival, each as the EPCIS it was, numbers exact."""
    page = house.data(operation("events_page"), {"first": 2})["events"]
    assert [node["seq"] for node in nodes(page)] == [0, 1]
    assert page["pageInfo"]["hasNextPage"] is True
    first = json.loads(nodes(page)[0]["document"])
    assert first["quantityList"] == life()[0]["quantityList"]
    rest = house.data(
        operation("events_page"), {"first": 2, "after": page["pageInfo"]["endCursor"]}
    )["events"]
    assert [node["seq"] for node in nodes(rest)] == [2, 3]
    assert rest["pageInfo"]["hasNextPage"] is False
    assert rest["pageInfo"]["hasPreviousPage"] is True


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"code": PACKS[2]}, [1]),
        ({"bizStep": "packing"}, [2]),
        ({"bizStep": "urn:epcglobal:cbv:bizstep:packing"}, [2]),
        ({"bizStep": "packing", "code": LOT}, []),
    ],
)
def test_events_of(
    house: House, operation: Operation, asked: dict[str, str], found: list[int]
) -> None:
    """Events can be asked for by item and by business step."""
    page = house.data(operation("events_page"), asked)["events"]
    assert [node["seq"] for node in nodes(page)] == found


def test_verify(house: House, operation: Operation) -> None:
    """An untouched ledger verifies, all of it or one organisation's."""
    for variables in ({}, {"organisation": "main"}):
        (report,) = house.data(operation("verify"), variables)["verify"]
        assert report["intact"] is True
        assert report["findings"] == []
        assert (report["size"], report["checkpointSize"], report["intactUpTo"]) == (4, 4, 3)
        assert len(base64.b64decode(report["root"])) == 32


def test_verify_names_a_change(house: House, operation: Operation) -> None:
    """A changed row is named with its entry, column and kind."""
    with house.resources.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE entry SET submitter = 'nobody' WHERE seq = 2")
    (report,) = house.data(operation("verify"))["verify"]
    assert report["intact"] is False
    assert report["intactUpTo"] == 1
    assert report["findings"][0] | {"seq": 2, "column": "submitter"} == report["findings"][0]
    assert report["findings"][0]["kind"] == "PROJECTION"


def test_organisations(house: House, operation: Operation) -> None:
    """Organisations are listed with the head and the public key of their logs."""
    (found,) = nodes(house.data(operation("organisations"))["organisations"])
    assert (found["slug"], found["name"], found["size"]) == ("main", "主厂 Main", 4)
    assert found["log"] == "localhost/log/main"
    assert found["verifierKey"].startswith("localhost/log/main+")
    with reading(house.resources.engine) as connection:
        root = connection.exec_driver_sql("SELECT root FROM checkpoint WHERE size = 4").scalar()
    assert base64.b64decode(found["head"]["root"]) == bytes(root or b"")


def test_capture(house: House, operation: Operation) -> None:
    """A captured event is in the log with a receipt, and is seen by the next question."""
    sold = event(4, "ObjectEvent", action="OBSERVE", disposition="retail_sold", epcList=[PACKS[2]])
    done = house.data(operation("capture"), {"document": document([sold])}, house.key())["capture"]
    assert done["errors"] == []
    assert (done["committed"], done["accepted"], done["log"]) == (True, 1, "localhost/log/main")
    assert done["receipts"] == [
        {
            "pointer": "/epcisBody/eventList/0",
            "status": "ACCEPTED",
            "event": sold["eventID"],
            "seq": 4,
            "problems": [],
        }
    ]
    assert done["checkpoint"].startswith("localhost/log/main\n5\n")
    item = house.data(operation("item_state"), {"code": PACKS[2]})["item"]
    assert item["state"]["status"] == "retail_sold"


def test_a_partners_twins(empty_house: House, operation: Operation, vectors: Path) -> None:
    """Catena-X twins captured through the API give the trace that their testers expect."""
    twins = (vectors / "datasets" / "catenax-irs" / "smallTestdata.json").read_text("utf-8")
    done = empty_house.data(operation("capture"), {"document": twins}, empty_house.key())["capture"]
    assert (done["committed"], done["errors"]) == (True, [])
    code = "urn:uuid:34fb1d24-9158-4bc3-ac3a-34fc4893b351"
    trace = empty_house.data(operation("forward_trace"), {"code": code})["trace"]
    assert trace["itemCount"] == len(nodes(trace["items"])) == 41
    assert trace["complete"] is True


def test_ways_between(house: House, operation: Operation) -> None:
    """The ways from a lot to the case hold the two packs in it, and nothing beside them."""
    found = house.data(operation("ways"), {"code": LOT, "to": CASE})["trace"]
    assert (found["root"], found["target"], found["complete"]) == (LOT, CASE, True)
    assert [node["code"] for node in nodes(found["items"])] == [*PACKS[:2], CASE]
    assert len(nodes(found["links"])) == 4
    none = house.data(operation("ways"), {"code": CASE, "to": LOT})["trace"]
    assert (none["itemCount"], none["complete"]) == (0, True)
    cut = house.data(
        "query($a: String!, $b: String!) { trace(code: $a, to: $b, maxItems: 1) { cut { reason } } }",
        {"a": LOT, "b": CASE},
    )
    assert cut["trace"]["cut"] == [{"reason": "items"}]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("depth: 1", "whole ways"),
        ('since: "2026-03-01"', "whole ways"),
        ('until: "2026-03-01"', "whole ways"),
        ("direction: BACKWARD", "exchange"),
        ("direction: BOTH", "exchange"),
    ],
)
def test_what_ways_refuse(house: House, arguments: str, says: str) -> None:
    """What asks for less than whole ways forward is refused together with `to`."""
    code, message = house.refusal(
        f'{{ trace(code: "{LOT}", to: "{CASE}", {arguments}) {{ root }} }}'
    )
    assert (code, says in message) == ("INVALID_ARGUMENT", True)


def test_difference_of_a_part(house: House) -> None:
    """A difference may be asked for a part of the answer, for times, and for the ways to an item."""
    ask = """query($code: String!, $to: String, $depth: Int, $stage: LifeStage, $asOf: DateTime) {
      traceDifference(code: $code, before: "2026-03-01T00:00:00Z", to: $to, depth: $depth,
        stage: $stage, asOf: $asOf) { added { edges { node { code } } } } }"""

    def added(**asked: Any) -> list[str]:
        found = house.data(ask, {"code": LOT, **asked})["traceDifference"]
        return [node["code"] for node in nodes(found["added"])]

    assert added() == [*PACKS, CASE]
    assert added(depth=1) == PACKS
    assert added(to=CASE) == [*PACKS[:2], CASE]
    assert added(stage="LOGISTICS") == [*PACKS[:2], CASE]
    assert added(asOf="2026-03-01T09:30:00Z") == PACKS
