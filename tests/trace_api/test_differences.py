"""How a trace differs from an earlier one, what it leaves open, and why an item is in it."""

from collections.abc import Callable
from typing import Any

from ledger.genealogy.answer import TraceItem
from tests.trace_api.house import LOT, PACK, PLACE, House, document, event
from trace_api.enums import ItemDetail

Operation = Callable[[str], str]


def codes(connection: dict[str, Any]) -> list[str]:
    """Return the codes of a page of items."""
    return [edge["node"]["code"] for edge in connection["edges"]]


def use(serial: str, made: str) -> dict[str, Any]:
    """Return an event that makes one pack of another one."""
    return event(
        7,
        "TransformationEvent",
        inputEPCList=[f"{PACK}/21/{serial}"],
        outputEPCList=[f"{PACK}/21/{made}"],
    )


def test_what_was_added_since(house: House, operation: Operation) -> None:
    """An item that was made of an affected one later is added, with its link; others stay."""
    events = house.data("{ events(first: 500) { edges { node { receivedAt } } } }")["events"]
    moment = events["edges"][-1]["node"]["receivedAt"]
    house.capture(document([use("S1", "NEW")]))
    found = house.data(operation("trace_difference"), {"code": LOT, "before": moment})
    difference = found["traceDifference"]
    assert (difference["before"]["itemCount"], difference["after"]["itemCount"]) == (4, 5)
    assert codes(difference["added"]) == [f"{PACK}/21/NEW"]
    assert codes(difference["removed"]) == []
    [link] = difference["addedLinks"]["edges"]
    assert (link["node"]["from"], link["node"]["kind"]) == (f"{PACK}/21/S1", "TRANSFORMED")
    assert [one["node"]["after"]["code"] for one in difference["changed"]["edges"]] in (
        [],
        [f"{PACK}/21/S1"],
    )


def test_what_changed_of_an_item(house: House, operation: Operation) -> None:
    """A changed item is told with the fields that differ; each field of an item has its name."""
    events = house.data("{ events(first: 500) { edges { node { receivedAt } } } }")["events"]
    moment = events["edges"][-1]["node"]["receivedAt"]
    code = f"{PACK}/21/S1"
    house.capture(
        document(
            [event(8, "ObjectEvent", action="OBSERVE", epcList=[code], disposition="recalled")]
        )
    )
    found = house.data(operation("trace_difference"), {"code": LOT, "before": moment})
    [change] = found["traceDifference"]["changed"]["edges"]
    assert change["node"]["after"]["code"] == code
    assert change["node"]["fields"] == ["STATUS", "LAST_TIME"]
    assert [one.value for one in ItemDetail] == [*TraceItem.__struct_fields__[1:]]


def test_links_name_the_step_of_their_event(house: House) -> None:
    """A link has the business step of its evidence, and what people call it, or neither."""
    ask = "query($c: String!) { trace(code: $c) { links { edges { node { kind step manner } } } } }"
    house.capture(document([use("S1", "NEW") | {"bizStep": "repackaging"}]))
    links = house.data(ask, {"c": f"{PACK}/21/S1"})["trace"]["links"]["edges"]
    assert [one["node"] for one in links] == [
        {"kind": "PACKED", "step": "packing", "manner": None},
        {"kind": "TRANSFORMED", "step": "repackaging", "manner": "RENAMED"},
    ]


def test_nothing_is_known_before_the_first_event(house: House, operation: Operation) -> None:
    """Compared with a ledger that knew nothing, all is added."""
    variables = {"code": LOT, "before": "2026-03-01T00:00:00Z", "first": 2}
    difference = house.data(operation("trace_difference"), variables)["traceDifference"]
    assert len(codes(difference["added"])) == 2
    assert difference["added"]["pageInfo"]["hasNextPage"] is True


def test_open_ends_and_questions(house: House) -> None:
    """A pack that was sent off and never came is an open end."""
    ask = """query($c: String!) {
      trace(code: $c) { openEnds { code reason since } questions { topic } leftOut }
    }"""
    trace = house.data(ask, {"c": LOT})["trace"]
    assert {one["reason"] for one in trace["openEnds"]} == {"IN_TRANSIT"}
    assert trace["questions"] == []
    assert trace["leftOut"] == 0


def test_a_part_of_an_answer(house: House) -> None:
    """Items are shown by product, party, place and stage of life."""
    ask = """query($c: String!, $place: String, $stage: LifeStage, $product: String, $party: String) {
      trace(code: $c, place: $place, stage: $stage, product: $product, party: $party) {
        itemCount leftOut
      }
    }"""
    for more, count in (
        ({"place": PLACE}, 3),
        ({"product": PACK}, 3),
        ({"party": "main"}, 4),
        ({"stage": "AFTER_SALES"}, 0),
    ):
        trace = house.data(ask, {"c": LOT, **more})["trace"]
        assert (trace["itemCount"], trace["leftOut"]) == (count, 4 - count), more


def test_why_an_item_is_affected(house: House) -> None:
    """The explanation is told in the language that was asked for; of an item beside the answer, not."""
    ask = """query($c: String!, $of: String!, $in: Language!) {
      trace(code: $c) { explanation(code: $of, language: $in) }
    }"""
    variables = {"c": LOT, "of": f"{PACK}/21/S1", "in": "EN"}
    [sentence] = house.data(ask, variables)["trace"]["explanation"]
    assert "was made of" in sentence
    [sentence] = house.data(ask, variables | {"in": "ZH_CN"})["trace"]["explanation"]
    assert "制成" in sentence
    _, message = house.refusal(ask, variables | {"of": f"{PACK}/21/NOBODY"})
    assert "isn't in the answer" in message
