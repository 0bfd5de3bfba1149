"""Projection: what the tables say of an event, computed from the event alone."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiers import Level
from ledger.epcis.checking import check_event
from ledger.epcis.context import parse_context
from ledger.genealogy.roles import Role
from ledger.projection import EventFacts, canonical_code, content_digest, facts_of
from tests.ledger.builders import (
    GTIN,
    PRODUCT,
    declared_wrong,
    event,
    family,
    instance,
    lot,
    made,
    seen,
    some,
)

SSCC = "https://id.gs1.org/00/195060001343520007"


def facts(raw: dict[str, Any]) -> EventFacts:
    """Return the facts of a valid event."""
    return facts_of(check_event(raw, ""))


def roles(raw: dict[str, Any]) -> list[tuple[str, int]]:
    """Return the last part of each linked code, with its role."""
    return [(link.code.rpartition("/")[2], link.role) for link in facts(raw).links]


# Codes


@pytest.mark.parametrize(
    "text",
    [
        f"https://id.gs1.org/01/{GTIN}/21/A7",
        f"https://example.com/some/path/01/{GTIN}/21/A7?17=270101",
        "urn:epc:id:sgtin:9506000.013435.A7",
        f"(01){GTIN}(21)A7",
        f"01{GTIN}21A7",
    ],
)
def test_every_form_of_a_code_is_one_code(text: str) -> None:
    """Digital Links on any host, EPC URNs and element strings of one item have one canonical code."""
    assert canonical_code(text).uri == instance("A7")
    assert canonical_code(text).level is Level.INSTANCE


@pytest.mark.parametrize("text", ["", "pump 7", "urn:epc:id:sgtin:bad", "(01)123"])
def test_text_that_is_no_code_stands_for_itself(text: str) -> None:
    """What can't be read is kept as it was sent, as a code of its own."""
    code = canonical_code(text)
    assert (code.uri, code.level, code.product) == (text, Level.OTHER, None)


# Columns


def test_the_columns_of_an_event() -> None:
    """Type, action and time are numbers; places and parties are canonical; words are bare."""
    found = facts(
        seen(
            instance("A"),
            action="DELETE",
            bizStep="shipping",
            disposition="in_transit",
            bizLocation={"id": "urn:epc:id:sgln:9506000.13436.DOCK1"},
            readPoint={"id": "urn:x:gate"},
            destinationList=[
                {"type": "owning_party", "destination": "urn:x:owner"},
                {"type": "possessing_party", "destination": "urn:epc:id:pgln:9506000.13436"},
            ],
        )
    )
    assert (found.type, found.action, found.time) == (0, 3, 1_772_352_000_000_000)
    assert (found.biz_step, found.disposition) == ("shipping", "in_transit")
    assert found.location == "https://id.gs1.org/414/9506000134369/254/DOCK1"
    assert found.holder == "https://id.gs1.org/417/9506000134369"
    assert (found.transformation, found.declaration) == (None, False)


@pytest.mark.parametrize(
    ("fields", "location", "holder"),
    [
        ({}, None, None),
        ({"readPoint": {"id": "urn:x:gate"}}, "urn:x:gate", None),
        (
            {"destinationList": [{"type": "owning_party", "destination": "urn:x:owner"}]},
            None,
            "urn:x:owner",
        ),
        ({"destinationList": [{"type": "location", "destination": "urn:x:dock"}]}, None, None),
        ({"sourceList": [{"type": "owning_party", "source": "urn:x:owner"}]}, None, None),
    ],
)
def test_where_and_with_whom(
    fields: dict[str, Any], location: str | None, holder: str | None
) -> None:
    """The read point stands in for the location, the owner for the possessor, and nothing for neither."""
    found = facts(seen("urn:x:1", **fields))
    assert (found.location, found.holder) == (location, holder)


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("ObjectEvent", 0),
        ("AggregationEvent", 1),
        ("TransactionEvent", 2),
        ("TransformationEvent", 3),
        ("AssociationEvent", 4),
        ("https://example.com/SurveyEvent", 5),
    ],
)
def test_types_are_numbers(kind: str, number: int) -> None:
    """Each type has its stored number, and all types of partners' own share the next one."""
    own: dict[str, dict[str, Any]] = {
        "ObjectEvent": seen("urn:x:1"),
        "AggregationEvent": family("urn:x:p", "urn:x:1"),
        "AssociationEvent": family("urn:x:p", "urn:x:1", kind=kind),
        "TransactionEvent": event(
            kind,
            action="ADD",
            epcList=["urn:x:1"],
            bizTransactionList=[{"type": "po", "bizTransaction": "urn:x:po"}],
        ),
        "TransformationEvent": made(["urn:x:1"], ["urn:x:2"]),
    }
    assert facts(own.get(kind, event(kind))).type == number


# Roles


@pytest.mark.parametrize(
    ("action", "role"),
    [("ADD", Role.CREATED), ("OBSERVE", Role.OBSERVED), ("DELETE", Role.ENDED)],
)
def test_roles_of_an_object_event(action: str, role: int) -> None:
    """An ObjectEvent creates, observes or ends what it lists."""
    assert roles(seen("urn:x:1", action=action)) == [("urn:x:1", role)]


@pytest.mark.parametrize(
    ("kind", "action", "children", "expected"),
    [
        ("AggregationEvent", "ADD", ["urn:x:c"], [Role.CONTAINER, Role.PACKED]),
        ("AggregationEvent", "DELETE", ["urn:x:c"], [Role.OBSERVED, Role.UNPACKED]),
        ("AggregationEvent", "DELETE", [], [Role.EMPTIED]),
        ("AggregationEvent", "OBSERVE", ["urn:x:c"], [Role.OBSERVED, Role.OBSERVED]),
        ("AssociationEvent", "ADD", ["urn:x:c"], [Role.ASSEMBLY, Role.INSTALLED]),
        ("AssociationEvent", "DELETE", ["urn:x:c"], [Role.OBSERVED, Role.REMOVED]),
        ("AssociationEvent", "DELETE", [], [Role.STRIPPED]),
        ("AssociationEvent", "OBSERVE", ["urn:x:c"], [Role.OBSERVED, Role.OBSERVED]),
    ],
)
def test_roles_of_a_family(
    kind: str, action: str, children: list[str], expected: list[int]
) -> None:
    """ADD puts in, DELETE takes out (all children when none is named), OBSERVE says that it was so."""
    raw = family("urn:x:p", *children, kind=kind, action=action)
    found = facts(raw).links
    assert [link.role for link in found] == expected
    assert [link.peer for link in found] == [None, "urn:x:p"][: len(found)]


def test_children_without_a_parent_are_only_seen() -> None:
    """Where no parent is named nothing is said of what the children are inside."""
    found = facts(family(None, "urn:x:c", action="OBSERVE")).links
    assert [(link.code, link.role, link.peer) for link in found] == [
        ("urn:x:c", Role.OBSERVED, None)
    ]


def test_a_transformation_has_inputs_and_outputs() -> None:
    """Instances and lots go in and come out, lots with their exact quantity and unit."""
    found = facts(
        made(
            [some(lot("IN"), 12, "KGM"), "urn:x:in"],
            [some(PRODUCT, 3), "urn:x:out"],
            transformationID="urn:x:run",
        )
    )
    assert found.transformation == "urn:x:run"
    assert {(link.code, link.role, link.quantity, link.unit) for link in found.links} == {
        (lot("IN"), Role.INPUT, "12", "KGM"),
        ("urn:x:in", Role.INPUT, None, None),
        (PRODUCT, Role.OUTPUT, "3", None),
        ("urn:x:out", Role.OUTPUT, None, None),
    }


def test_a_declaration_has_no_links() -> None:
    """An error declaration takes an event back and says nothing of its own about items."""
    found = facts(declared_wrong(seen("urn:x:1", eventID="urn:x:e")))
    assert found.declaration
    assert found.links == ()


def test_an_item_that_is_listed_again_has_further_lines() -> None:
    """Quantities of one class are never added up: each listing is a line of its own."""
    found = facts(made([some(PRODUCT, 2), some(PRODUCT, 3), some(PRODUCT)], [some(PRODUCT, 5)]))
    assert [(link.role, link.line, link.quantity) for link in found.links] == [
        (Role.INPUT, 0, "2"),
        (Role.INPUT, 1, "3"),
        (Role.INPUT, 2, None),
        (Role.OUTPUT, 0, "5"),
    ]


def test_forms_of_one_code_are_lines_of_one_item() -> None:
    """Two forms of the same code in one list are the same item."""
    found = facts(seen(instance("A"), "urn:epc:id:sgtin:9506000.013435.A")).links
    assert [(link.code, link.line) for link in found] == [(instance("A"), 0), (instance("A"), 1)]


# Levels


@pytest.mark.parametrize(
    ("raw", "level"),
    [
        (seen("urn:x:1"), Level.INSTANCE),
        (event("ObjectEvent", action="OBSERVE", quantityList=[some("urn:x:1")]), Level.LOT),
        (made(["urn:x:1"], [PRODUCT + "/21/A"]), Level.OTHER),
        (family("urn:x:1", "urn:x:2"), Level.OTHER),
        (seen(SSCC), Level.LOGISTIC),
        (event("ObjectEvent", action="ADD", quantityList=[some(PRODUCT)]), Level.PRODUCT),
    ],
)
def test_the_level_of_an_opaque_code(raw: dict[str, Any], level: Level) -> None:
    """An opaque code is what its own record lists it as; who only mentions it doesn't tell."""
    assert facts(raw).links[0].level is level


# Lots


def members(raw: dict[str, Any]) -> list[tuple[str, int, int]]:
    """Return (code, role, group) of the links between lots and members."""
    return [(link.code, link.role, link.group) for link in facts(raw).links if link.group]


def test_a_code_that_names_its_lot() -> None:
    """A serial whose Digital Link names a lot is a member of it, in whatever event."""
    assert members(seen(f"{PRODUCT}/10/L1/21/A")) == [
        (lot("L1"), Role.LOT, 1),
        (instance("A"), Role.MEMBER, 1),
    ]


def test_several_lots_in_one_event_do_not_mix() -> None:
    """Each lot of an event has a number of its own, and each member stands once in its lot."""
    raw = seen(f"{PRODUCT}/10/L1/21/A", f"{PRODUCT}/10/L2/21/B", f"{PRODUCT}/10/L1/21/C", "urn:x:1")
    assert members(raw) == [
        (lot("L1"), Role.LOT, 1),
        (instance("A"), Role.MEMBER, 1),
        (instance("C"), Role.MEMBER, 1),
        (lot("L2"), Role.LOT, 2),
        (instance("B"), Role.MEMBER, 2),
    ]
    twice = made([f"{PRODUCT}/10/L1/21/A"], [f"{PRODUCT}/10/L1/21/A"])
    assert members(twice) == [(lot("L1"), Role.LOT, 1), (instance("A"), Role.MEMBER, 1)]


@pytest.mark.parametrize("name", ["cbvmda:lotNumber", "urn:epcglobal:cbv:mda:lotNumber"])
def test_a_lot_that_the_event_states(name: str) -> None:
    """The lot number in the ilmd holds for all serials that the event makes."""
    stated = {"ilmd": {name: "L 1/ä"}}
    raw = seen(instance("A"), instance("B"), "urn:x:1", action="ADD", **stated)
    [(code, role, group), *rest] = members(raw)
    assert (role, group) == (Role.LOT, 1)
    assert code == canonical_code(f"{PRODUCT}/10/L%201%2F%C3%A4").uri
    assert [one for one, _, _ in rest] == [instance("A"), instance("B")]
    made_of = members(made([instance("IN")], [instance("A")], **stated))
    assert [one for one, _, _ in made_of[1:]] == [instance("A")]


def test_a_code_that_names_another_lot_than_its_event() -> None:
    """It is a member of both: a recall may look at one item too many, never at one too few."""
    raw = seen(
        f"{PRODUCT}/10/L1/21/A", instance("B"), action="ADD", ilmd={"cbvmda:lotNumber": "L2"}
    )
    assert members(raw) == [
        (lot("L1"), Role.LOT, 1),
        (instance("A"), Role.MEMBER, 1),
        (lot("L2"), Role.LOT, 2),
        (instance("A"), Role.MEMBER, 2),
        (instance("B"), Role.MEMBER, 2),
    ]


def test_a_lot_number_under_a_prefix_of_the_partner_s_own() -> None:
    """The context says what a prefix means, in the ilmd as everywhere."""
    raw = seen(instance("A"), action="ADD", ilmd={"mda:lotNumber": "L2"})
    context = parse_context([{"mda": "urn:epcglobal:cbv:mda:"}])
    codes = [one.code for one in facts_of(check_event(raw, json.dumps(raw), context)).links]
    assert codes == [instance("A"), lot("L2"), instance("A")]


def test_a_lot_number_that_was_written_as_a_number() -> None:
    """The lot 7 is the lot "7"."""
    raw = seen(instance("A"), action="ADD", ilmd={"cbvmda:lotNumber": 7})
    assert members(raw)[0] == (lot("7"), Role.LOT, 1)


@pytest.mark.parametrize("number", ["", True, {"a": "b"}, ["L"]])
def test_a_lot_number_that_is_none(number: Any) -> None:
    """An empty lot number, or one that is neither text nor a number, makes no lot."""
    assert members(seen(instance("A"), action="ADD", ilmd={"cbvmda:lotNumber": number})) == []


# Digests


@given(
    st.dictionaries(
        st.sampled_from(["a", "b", "recordTime", "errorDeclaration"]), st.integers(0, 3)
    )
)
def test_a_digest_is_of_what_was_said(content: dict[str, Any]) -> None:
    """The digest leaves the record time out, and on demand the declaration, and nothing else."""
    assert content_digest(content) == content_digest(content | {"recordTime": 9})
    assert content_digest(content) != content_digest(content | {"c": 9})
    without = content_digest(content, without="errorDeclaration")
    assert without == content_digest(content | {"errorDeclaration": 9}, without="errorDeclaration")
    assert without == content_digest({k: v for k, v in content.items() if k != "errorDeclaration"})
