"""The ranks of a layered drawing: every arrow leads from a rank to a later one.

1. Arrows that close a cycle are turned round, for the drawing only; a depth-first search finds
   them.
2. A box stands one rank behind the last of those that lead to it (longest path), and if more
   arrows leave it than come in it is moved on towards those that it leads to.

After Sugiyama, Tagawa, Toda: Methods for Visual Understanding of Hierarchical System Structures,
IEEE Transactions on Systems, Man, and Cybernetics 11 (1981).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["ranks_of", "turned_arrows"]

Ends = tuple[int, int]


def turned_arrows(count: int, arrows: Sequence[Ends]) -> set[int]:
    """The arrows, by their number, that are turned round to leave no cycle; none leads to itself.

    Where there is no cycle there are none.
    """
    leaving: list[list[tuple[int, int]]] = [[] for _ in range(count)]
    entered = [0] * count
    for number, (source, target) in enumerate(arrows):
        if source != target:
            leaving[source].append((target, number))
            entered[target] += 1
    turned: set[int] = set()
    new, open_, done = 0, 1, 2
    state = [new] * count
    # Boxes that nothing leads to begin, so that arrows run the way the goods do.
    for root in sorted(range(count), key=lambda box: (entered[box] > 0, box)):
        if state[root] != new:
            continue
        state[root] = open_
        stack: list[tuple[int, Iterator[tuple[int, int]]]] = [(root, iter(leaving[root]))]
        while stack:
            box, rest = stack[-1]
            for target, number in rest:
                if state[target] == open_:
                    turned.add(number)
                elif state[target] == new:
                    state[target] = open_
                    stack.append((target, iter(leaving[target])))
                    break
            else:
                state[box] = done
                stack.pop()
    return turned


def ranks_of(count: int, arrows: Sequence[Ends]) -> list[int]:
    """The rank of each box, from 0; without cycles every arrow leads to a later rank."""
    after: list[list[int]] = [[] for _ in range(count)]
    waiting = [0] * count
    for source, target in arrows:
        after[source].append(target)
        waiting[target] += 1
    entered = [*waiting]
    ranks = [0] * count
    order = [box for box in range(count) if not waiting[box]]
    for box in order:
        for target in after[box]:
            ranks[target] = max(ranks[target], ranks[box] + 1)
            waiting[target] -= 1
            if not waiting[target]:
                order.append(target)
    for box in reversed(order):
        if len(after[box]) > entered[box]:
            ranks[box] = min(ranks[target] for target in after[box]) - 1
    return ranks
