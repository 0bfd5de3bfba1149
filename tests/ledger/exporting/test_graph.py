"""Boxes and arrows of an answer, and who shares a box when there are too many."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from identifiers import Level
from ledger.exporting.graph import MOST_ARROWS, MOST_BOXES, Graph, graphs_of
from ledger.genealogy.roles import Kind
from ledger.genealogy.trace import Trace
from tests.ledger.builders import instance, lot
from tests.ledger.exporting.answers import PALLET, answer, item, large, link, small


def first(trace: Trace) -> Graph:
    """Return the most detailed graph."""
    return next(graphs_of(trace))


def test_up_to_the_limit_each_item_has_a_box() -> None:
    """The root is the first box; the place of others is told from what is affected."""
    graph = first(small())
    assert not graph.shared
    assert [box.code for box in graph.boxes] == [
        lot("bad"),
        instance("a"),
        instance("b"),
        instance("c"),
        PALLET,
    ]
    assert [box.root for box in graph.boxes] == [True, False, False, False, False]
    assert [box.container for box in graph.boxes] == [False, False, False, False, True]
    assert [(one.source, one.target, one.kind) for one in graph.arrows] == [
        (0, 1, "transformed"),
        (0, 2, "part_of_lot"),
        (1, 3, "installed"),
        (3, 4, "packed"),
    ]


def test_links_between_the_same_items_are_one_arrow() -> None:
    """Of one kind they are counted; another kind is another arrow."""
    a = instance("a")
    twice = [link(lot("bad"), a), link(lot("bad"), a), link(lot("bad"), a, Kind.PART_OF_LOT)]
    assert [(one.kind, one.count) for one in first(answer([item(a)], twice)).arrows] == [
        ("transformed", 2),
        ("part_of_lot", 1),
    ]


def test_above_the_limit_items_of_one_product_and_level_share_a_box() -> None:
    """Every item is in exactly one box, and every link in one arrow."""
    graph = first(large(MOST_BOXES))
    assert graph.shared
    assert len(graph.boxes) == 8
    assert sum(box.count for box in graph.boxes[1:]) == MOST_BOXES
    assert sum(one.count for one in graph.arrows) == MOST_BOXES
    assert not first(large(MOST_BOXES - 1)).shared


def test_members_of_one_lot_share_a_box_and_lots_have_their_own() -> None:
    """Instances of two lots of a product are told apart where the answer says which is whose."""
    lots = [item(lot(name), kind=Level.LOT) for name in ("one", "two")]
    members = [instance(number) for number in range(600)]
    links = [
        link(lot("one" if number % 3 else "two"), code, Kind.PART_OF_LOT)
        for number, code in enumerate(members)
    ]
    graph = first(answer([*lots, *(item(code, 2) for code in members)], links))
    assert [(box.count, box.classes) for box in graph.boxes[1:]] == [
        (1, {"https://id.gs1.org/01/09506000134352"}),
        (1, {"https://id.gs1.org/01/09506000134352"}),
        (200, {lot("two")}),
        (400, {lot("one")}),
    ]


def test_an_event_between_very_many_items_is_a_box() -> None:
    """By itself, or with the others of its level where boxes are shared."""
    codes = [instance(number) for number in range(600)]
    for count, events in ((4, 2), (600, 1)):
        items = [item(code) for code in codes[:count]]
        links = [link(lot("bad"), event) for event in ("urn:uuid:2", "urn:uuid:3")]
        links += [link(link_.target, one.code) for link_ in links for one in items]
        graph = first(answer(items, links))
        found = [box for box in graph.boxes[1:] if box.item is None]
        assert [box.count for box in found] == [2 // events] * events


def test_too_many_events_share_boxes() -> None:
    """The limit holds for events as well."""
    items = [item(instance("a"))]
    links = [link(f"urn:uuid:{number}", instance("a")) for number in range(MOST_BOXES)]
    graph = first(answer(items, links))
    assert [box.count for box in graph.boxes] == [1, 1, MOST_BOXES]


def test_too_many_arrows_share_boxes() -> None:
    """A dense answer of few items is drawn with fewer boxes."""
    codes = [instance(number) for number in range(100)]
    links = [link(one, other) for one in codes[:50] for other in codes[50:]]
    assert len(links) > MOST_ARROWS
    items = [item(code, 1 + (number >= 50)) for number, code in enumerate(codes)]
    graph = first(answer(items, links))
    assert [box.count for box in graph.boxes] == [1, 50, 50]
    assert [one.count for one in graph.arrows] == [2_500]


def test_steps_have_fewer_and_fewer_boxes() -> None:
    """Products, levels and at last bands of levels; the last graph has a box or two."""
    items = [
        item(f"urn:kind:{number % 7}:{number}", 1 + number // 10, container=number % 2 == 0)
        for number in range(4_000)
    ]
    graphs = [*graphs_of(answer(items, []))]
    sizes = [len(graph.boxes) for graph in graphs]
    assert sizes[-1] == 3
    assert all(one >= other for one, other in pairwise(sizes))
    assert max(sizes) <= MOST_BOXES
    for graph in graphs:
        assert sum(box.count for box in graph.boxes[1:]) == 4_000
        for box in graph.boxes[1:]:
            assert box.kinds == {"instance"}


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=60))
def test_the_same_answer_is_the_same_graph(ends: list[tuple[int, int]]) -> None:
    """Nothing depends on the order of a set."""
    items = [item(instance(number), 1 + number % 4) for number in range(31)]
    trace = answer(items, [link(instance(one), instance(other)) for one, other in ends])
    one, other = ([*graphs_of(trace)] for _ in range(2))
    assert one == other
