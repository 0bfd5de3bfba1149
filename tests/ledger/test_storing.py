"""Storing: rows of events, items and links, the same on both databases."""

from collections import OrderedDict

from hypothesis import given
from hypothesis import strategies as st

from identifiers import Level
from ledger.epcis.checking import check_event
from ledger.genealogy.roles import Role
from ledger.levels import level_of
from ledger.projection import facts_of, node_of
from ledger.store.engine import writing
from ledger.storing import Accepted, ProjectionStore
from tests.ledger.builders import PRODUCT, Event, Ledger, family, instance, lot, made, seen, some


def accepted(seq: int, raw: Event) -> Accepted:
    """Return an event as capture hands it over."""
    return Accepted(seq, f"urn:x:{seq}", b"d" * 32, 5, facts_of(check_event(raw, "")), None, None)


def levels(ledger: Ledger) -> dict[str, Level]:
    """Return the level of each item."""
    return {code: level_of(level) for code, level in ledger.rows("SELECT code, level FROM item")}


def test_ids_rise_in_order_of_arrival(ledger: Ledger) -> None:
    """Whatever log they come to, later events have larger ids."""
    for number in range(6):
        ledger.take(seen(instance(number)), slug="ab"[number % 2])
    rows = ledger.rows("SELECT received_at FROM event ORDER BY id")
    assert rows == sorted(rows)
    assert len(rows) == 6


def test_the_rows_of_an_event(ledger: Ledger) -> None:
    """A family's links name the parent as their peer, with the event's time."""
    ledger.take(family("urn:x:p", instance("A")))
    assert ledger.links() == {
        ("urn:x:p", Role.CONTAINER, 0, None, None, None),
        (instance("A"), Role.PACKED, 0, "urn:x:p", None, None),
    }
    assert ledger.rows("SELECT DISTINCT time FROM link") == ledger.rows("SELECT time FROM event")


def test_quantities_are_exact_text(ledger: Ledger) -> None:
    """A quantity is stored as it was sent, with its unit."""
    ledger.take(made([some(lot("L"), 0.1, "KGM")], [some(PRODUCT, 10)]))
    assert {row[4:] for row in ledger.links()} == {("0.1", "KGM"), ("10", None)}


def test_forms_of_a_code_are_one_item(ledger: Ledger) -> None:
    """Documents that spell one code differently speak of one item."""
    ledger.take(seen("urn:epc:id:sgtin:9506000.013435.A"))
    ledger.take(seen(instance("A")), slug="b")
    ledger.take(seen("https://example.com/01/09506000134352/21/A"))
    assert levels(ledger) == {instance("A"): Level.INSTANCE}
    assert len(ledger.rows("SELECT DISTINCT event_row FROM link")) == 3
    ledger.check()


def test_the_level_of_an_announced_item_is_learnt_later(ledger: Ledger) -> None:
    """An opaque code that was only mentioned gets its level from its own record, and keeps it."""
    ledger.take(made(["urn:x:serial", some("urn:x:lot", 1)], [instance("A")]))
    assert {levels(ledger)[code] for code in ("urn:x:serial", "urn:x:lot")} == {Level.OTHER}
    ledger.take(
        seen("urn:x:serial"),
        seen(action="ADD", epcList=[], quantityList=[some("urn:x:lot", 1)])
        | {"epcList": ["urn:x:n"]},
        slug="supplier",
    )
    learnt = {"urn:x:serial": Level.INSTANCE, "urn:x:lot": Level.LOT, "urn:x:n": Level.INSTANCE}
    assert {code: levels(ledger)[code] for code in learnt} == learnt
    ledger.take(family("urn:x:box", "urn:x:serial"))
    assert levels(ledger)["urn:x:serial"] is Level.INSTANCE
    ledger.check()


def test_the_level_is_learnt_within_a_group(ledger: Ledger) -> None:
    """In one document the record may come before or behind the mention."""
    ledger.take(made(["urn:x:1"], ["urn:x:2"]), seen("urn:x:1"))
    assert levels(ledger) == {"urn:x:1": Level.INSTANCE, "urn:x:2": Level.INSTANCE}


def nodes(ledger: Ledger) -> dict[tuple[str, int], int]:
    """Return the node of each code in each role."""
    rows = ledger.rows("SELECT code, role, node FROM link JOIN item ON item.id = item_id")
    return {(code, role): node for code, role, node in rows}


def test_lots_of_one_event_have_nodes_of_their_own(ledger: Ledger) -> None:
    """A lot and its members meet at one node, and another lot's members at another."""
    ledger.take(seen(f"{PRODUCT}/10/L1/21/A", f"{PRODUCT}/10/L2/21/B"))
    found = nodes(ledger)
    assert found[lot("L1"), Role.LOT] == found[instance("A"), Role.MEMBER]
    assert found[lot("L2"), Role.LOT] == found[instance("B"), Role.MEMBER]
    assert len(set(found.values())) == 3
    ledger.check()


def test_a_transformation_id_joins_events(ledger: Ledger) -> None:
    """Inputs and outputs of one transformationID meet at one node, across events and logs."""
    ledger.take(made(["urn:x:in"], [], transformationID="urn:x:run"))
    ledger.take(made([], ["urn:x:out"], transformationID="urn:x:run"), slug="b")
    ledger.take(made(["urn:x:in2"], ["urn:x:out2"], transformationID="urn:x:other"))
    found = nodes(ledger)
    assert found["urn:x:in", Role.INPUT] == found["urn:x:out", Role.OUTPUT] < 0
    assert found["urn:x:in2", Role.INPUT] != found["urn:x:in", Role.INPUT]
    ledger.check()


@given(st.integers(1, 2**40), st.integers(0, 2**20 - 1), st.none() | st.text())
def test_nodes_fit_and_never_meet_by_chance(
    event: int, group: int, transformation: str | None
) -> None:
    """A node is a 64-bit integer, below zero for a transformationID and else unlike any other event's."""
    node = node_of(event, group, transformation)
    assert -(2**63) <= node < 2**63
    if transformation is not None and group == 0:
        assert node < 0
        assert node == node_of(event + 1, 0, transformation)
    else:
        assert node_of(event, 0, None) <= node < node_of(event + 1, 0, None)


def test_item_ids_that_are_remembered_are_bounded(ledger: Ledger) -> None:
    """Of more items than are remembered the ones used longest ago are looked up again, and found."""
    owner = ledger.organisation()
    ledger.take(seen("urn:x:old"), seen("urn:x:kept"))
    ids = {code: (row, 1) for code, row in ledger.rows("SELECT code, id FROM item")}
    crowd = OrderedDict([("urn:x:old", (0, 1)), *((f"urn:x:{n}", (n, 1)) for n in range(200_000))])
    crowd["urn:x:kept"] = ids["urn:x:kept"]
    crowd.move_to_end("urn:x:kept", last=False)
    with writing(ledger.engine) as connection:
        store = ProjectionStore(connection, owner.row, crowd)
        rows = store.store([accepted(7, seen("urn:x:kept"))])
        assert "urn:x:old" not in crowd
        assert len(crowd) == 200_000
        rows += store.store([accepted(8, seen("urn:x:old"))])
    found = ledger.rows("SELECT event_row, item_id FROM link WHERE event_row >= {p}", rows[0])
    assert set(found) == {(rows[0], ids["urn:x:kept"][0]), (rows[1], ids["urn:x:old"][0])}


def test_an_empty_group(ledger: Ledger) -> None:
    """Nothing accepted, nothing stored."""
    owner = ledger.organisation()
    with writing(ledger.engine) as connection:
        assert ProjectionStore(connection, owner.row).store([]) == []
    assert ledger.count("event") == 0
