"""The layered layout: ranks, crossings, and boxes that never touch."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.exporting import placing
from ledger.exporting.layering import ranks_of, turned_arrows
from ledger.exporting.ordering import crossings, ordered
from ledger.exporting.placing import Layout, lay_out

GAP = 18.0
Ends = tuple[int, int]


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[float], list[Ends]]:
    """Draw boxes of several sizes with any arrows: cycles, loops and doubles among them."""
    sizes = draw(st.lists(st.sampled_from([20.0, 56.0, 80.0]), min_size=1, max_size=14))
    box = st.integers(0, len(sizes) - 1)
    return sizes, draw(st.lists(st.tuples(box, box), max_size=30))


def laid_out(sizes: Sequence[float], arrows: Sequence[Ends]) -> Layout:
    """Lay out a graph that isn't too large."""
    layout = lay_out(sizes, arrows, GAP)
    assert layout is not None
    return layout


@settings(deadline=None)
@given(graphs())
def test_boxes_never_touch(graph: tuple[list[float], list[Ends]]) -> None:
    """In every rank there is the gap between two boxes, and all stand inside the extent."""
    sizes, arrows = graph
    layout = laid_out(sizes, arrows)
    for rank in {*layout.ranks}:
        edges = sorted(
            (layout.centres[box] - size / 2, layout.centres[box] + size / 2)
            for box, size in enumerate(sizes)
            if layout.ranks[box] == rank
        )
        for (_left, end), (start, _right) in pairwise(edges):
            assert start - end >= GAP - 1e-6
        assert edges[0][0] >= -1e-6
        assert edges[-1][1] <= layout.extent + 1e-6


@settings(deadline=None)
@given(graphs())
def test_arrows_lead_down_the_ranks(graph: tuple[list[float], list[Ends]]) -> None:
    """Each to a later rank, but those of cycles; its bends pass each rank between, inside."""
    sizes, arrows = graph
    layout = laid_out(sizes, arrows)
    for number, (source, target) in enumerate(arrows):
        before, after = layout.ranks[source], layout.ranks[target]
        bends = [rank for rank, _place in layout.bends[number]]
        if source == target:
            assert not bends
        elif number in layout.turned:
            assert before > after
            assert bends == [*range(before - 1, after, -1)]
        else:
            assert before < after
            assert bends == [*range(before + 1, after)]
        for _rank, place in layout.bends[number]:
            assert -1e-6 <= place <= layout.extent + 1e-6


@settings(deadline=None)
@given(graphs())
def test_without_cycles_nothing_is_turned(graph: tuple[list[float], list[Ends]]) -> None:
    """Arrows from lower to higher numbers have no cycle; nor have those that are left of any."""
    sizes, arrows = graph
    straight = [(min(ends), max(ends)) for ends in arrows]
    assert not laid_out(sizes, straight).turned
    turned = turned_arrows(len(sizes), arrows)
    rest = [ends for number, ends in enumerate(arrows) if number not in turned]
    assert not turned_arrows(len(sizes), rest)


@settings(deadline=None)
@given(graphs())
def test_the_same_graph_has_the_same_layout(graph: tuple[list[float], list[Ends]]) -> None:
    """To the last bit."""
    assert lay_out(*graph, GAP) == lay_out(*graph, GAP)


def test_ranks_follow_the_longest_path() -> None:
    """A box stands behind all that lead to it, and what only leads on stands close to that."""
    arrows = [(0, 1), (1, 2), (0, 2), (3, 2), (4, 4)]
    assert ranks_of(5, arrows[:4]) == [0, 1, 2, 1, 0]
    assert laid_out([10.0] * 5, arrows).ranks == [0, 1, 2, 1, 0]


def test_a_cycle_is_opened_at_one_arrow() -> None:
    """A rework loop keeps all of its arrows but the one that leads back."""
    assert turned_arrows(4, [(0, 1), (1, 2), (2, 1), (2, 3)]) == {2}
    assert turned_arrows(2, [(0, 1), (1, 0)]) == {1}
    assert turned_arrows(1, [(0, 0)]) == set()


def test_sweeps_undo_crossings() -> None:
    """Arrows that needn't cross don't, whichever order the boxes came in."""
    arrows = [(box, 5 + 4 - box) for box in range(5)]
    layout = laid_out([10.0] * 10, arrows)
    order = sorted(range(5), key=lambda box: layout.centres[box])
    assert order == sorted(range(5), key=lambda box: layout.centres[9 - box])
    before: list[list[int]] = [[], [], [1], [0]]
    after: list[list[int]] = [[3], [2], [], []]
    assert crossings([[0, 1], [2, 3]], after) == 1
    assert crossings(ordered([[0, 1], [2, 3]], before, after), after) == 0


def test_crossings_are_counted() -> None:
    """All pairs of a full bipartite graph that cross; arrows with one end in common don't."""
    after = [[3, 4, 5]] * 3 + [[]] * 3
    assert crossings([[0, 1, 2], [3, 4, 5]], after) == 9
    assert crossings([[0], [3, 4, 5]], after) == 0


def test_an_order_that_gets_no_better_is_kept() -> None:
    """Where arrows have to cross, the sweeps end with what they had at best."""
    after = [[2, 3], [2, 3], [], []]
    before: list[list[int]] = [[], [], [0, 1], [0, 1]]
    assert crossings(ordered([[0, 1], [2, 3]], before, after), after) == 1


def test_a_chain_is_a_straight_line() -> None:
    """Boxes one behind the other stand at one height, and long arrows keep clear of them."""
    chain = [(box, box + 1) for box in range(9)]
    layout = laid_out([56.0] * 10, chain)
    assert len({round(centre, 3) for centre in layout.centres}) == 1
    assert layout.extent == pytest.approx(56.0)
    long = laid_out([56.0] * 10, [*chain, (0, 9)])
    for rank, place in long.bends[9]:
        [box] = [number for number, at in enumerate(long.ranks) if at == rank]
        assert abs(place - long.centres[box]) > 56 / 2


def test_an_empty_graph() -> None:
    """Nothing takes no room."""
    assert laid_out([], []).extent == 0
    assert laid_out([56.0], []).centres == [28.0]


def test_work_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A graph whose arrows would bend too often is not laid out."""
    monkeypatch.setattr(placing, "MOST_BENDS", 3)
    chain = [(box, box + 1) for box in range(5)]
    assert lay_out([1.0] * 6, [*chain, (0, 4)], GAP) is not None
    assert lay_out([1.0] * 6, [*chain, (0, 5)], GAP) is None
