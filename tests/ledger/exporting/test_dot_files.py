"""Answers as Graphviz DOT, read back by a strict reader, and by Graphviz where it is installed."""

import shutil
import subprocess

import pytest

from identifiers import Level
from ledger.exporting.readable import readable
from ledger.genealogy.trace import Trace
from tests.ledger.builders import instance, lot
from tests.ledger.exporting.answers import (
    HOSTILE,
    MAKER,
    PALLET,
    PLANT,
    answer,
    hostile,
    item,
    large,
    link,
    small,
    written,
)
from tests.ledger.exporting.dot_reading import label_lines, read_dot


def test_items_and_links_are_nodes_and_edges() -> None:
    """Words are in the language; kinds of links differ in style, containers in shape."""
    dot = read_dot(written("dot", small()).decode())
    assert [*dot.nodes] == [lot("bad"), instance("a"), instance("b"), instance("c"), PALLET]
    assert label_lines(dot.nodes[instance("a")]["label"]) == [
        instance("a"),
        "instance · in transit",
    ]
    assert dot.nodes[PALLET]["shape"] == "box3d"
    assert "shape" not in dot.nodes[instance("a")]
    assert len({edge[2]["style"] for edge in dot.edges}) == 4
    assert dot.edges[0] == (
        lot("bad"),
        instance("a"),
        {"label": "transformed 0.10 KGM", "style": "solid"},
    )
    assert dot.edges[3][2]["label"] == "packed"
    chinese = read_dot(written("dot", small(), language="zh-CN").decode())
    assert chinese.edges[3][2]["label"] == "包装"
    assert label_lines(chinese.nodes[instance("a")]["label"])[1] == "单件 · 运输中"


def test_the_state_of_the_root_and_what_is_recalled_or_announced() -> None:
    """The root has two edges; a thick one is recalled, a dotted one only announced."""
    root = item(lot("bad"), 0, kind=Level.LOT, status="recalled", holder=MAKER, location=PLANT)
    dot = read_dot(written("dot", small(root_item=root)).decode())
    assert dot.nodes[lot("bad")]["peripheries"] == "2"
    assert label_lines(dot.nodes[lot("bad")]["label"]) == [lot("bad"), "lot · recalled"]
    assert dot.nodes[lot("bad")]["style"] == "bold"
    assert dot.nodes[lot("bad")]["tooltip"] == f"Location: {PLANT}; Holder: {MAKER}"
    assert dot.nodes[instance("b")]["style"] == "dotted"


def test_what_a_link_names_that_is_no_item_is_a_node() -> None:
    """An event between very many items stands in the graph, once."""
    a, b, event = instance("a"), instance("b"), "urn:uuid:2"
    trace = answer([item(a), item(b)], [link(a, event), link(event, b)])
    dot = read_dot(written("dot", trace).decode())
    assert dot.nodes[event] == {"shape": "ellipse"}
    assert [edge[:2] for edge in dot.edges] == [(a, event), (event, b)]


def test_hostile_texts_stay_texts() -> None:
    """Each is one node whose label says it, and nothing of it is syntax."""
    dot = read_dot(written("dot", hostile()).decode())
    shown = {label_lines(given["label"])[0] for given in dot.nodes.values() if "label" in given}
    assert shown == {readable(text) for text in HOSTILE}


def accepted(trace: Trace) -> bool:
    """Tell whether Graphviz reads an answer."""
    program = shutil.which("gvpr")
    if program is None:
        pytest.skip("Graphviz isn't installed here; our own reader has read the file")
    done = subprocess.run(
        [program, ""], input=written("dot", trace), check=False, capture_output=True
    )
    return done.returncode == 0 and not done.stderr


@pytest.mark.parametrize(
    "trace", [small(), hostile(), answer([], [])], ids="small hostile empty".split()
)
def test_graphviz_reads_it(trace: Trace) -> None:
    """The program that the format is of takes it without a warning."""
    assert accepted(trace)


def test_a_large_answer_is_whole() -> None:
    """A graph for programs shares no boxes."""
    dot = read_dot(written("dot", large(2_000)).decode())
    assert (len(dot.nodes), len(dot.edges)) == (2_001, 2_000)
