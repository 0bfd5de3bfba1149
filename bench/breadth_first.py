"""The floor of a wide trace: a plain breadth-first walk in C over the same links.

It is compiled when it is measured, and left out where there is no compiler. Items lead to nodes and
nodes to items, both as compressed sparse rows of 32-bit numbers. It knows no times, kinds or
hidden events: an item is visited once.
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import numpy as np

from ledger.genealogy.roles import Role

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ledger.genealogy.index.segment import Segment

__all__ = ["plain_walk"]

_SOURCE = """
#include <stdint.h>
#include <string.h>
typedef const uint32_t *rows;
long walk(uint32_t root, rows item_starts, rows item_nodes, rows node_starts, rows node_items,
          int32_t *depth, uint8_t *passed, uint32_t *queue) {
    long head = 0, tail = 0;
    depth[root] = 1;
    queue[tail++] = root;
    while (head < tail) {
        uint32_t item = queue[head++];
        for (uint32_t i = item_starts[item]; i < item_starts[item + 1]; i++) {
            uint32_t node = item_nodes[i];
            if (passed[node]) continue;
            passed[node] = 1;
            for (uint32_t j = node_starts[node]; j < node_starts[node + 1]; j++) {
                uint32_t next = node_items[j];
                if (!depth[next]) { depth[next] = depth[item] + 1; queue[tail++] = next; }
            }
        }
    }
    for (long i = 0; i < tail; i++) {
        uint32_t item = queue[i];
        for (uint32_t k = item_starts[item]; k < item_starts[item + 1]; k++)
            passed[item_nodes[k]] = 0;
    }
    return tail;
}
"""


def plain_walk(base: Segment, folder: Path) -> Callable[[int], int] | None:
    """Compile the walk over the transformations of a base; None where no compiler is.

    The function that is returned takes a root and says how many items are reached. What it works
    in is made and emptied beside its clock, as ours is; emptying the depths is in it.
    """
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    source, library = folder / "walk.c", folder / "walk.so"
    source.write_text(_SOURCE)
    command = [compiler, "-O3", "-march=native", "-shared", "-fPIC", "-o", str(library)]
    subprocess.run([*command, str(source)], check=True)
    walk: Any = ctypes.CDLL(str(library)).walk
    walk.restype = ctypes.c_long
    used = base.item_role == Role.INPUT
    made = base.node_role == Role.OUTPUT
    arrays = (
        _starts(base.item_starts, used),
        base.item_node[used],
        _starts(base.node_starts, made),
        base.node_item[made],
    )
    items = len(base.item_starts) - 1
    depth = np.zeros(items, np.int32)
    passed = np.zeros(len(base.node_starts) - 1, np.uint8)
    queue = np.zeros(items, np.uint32)
    given = [ctypes.c_void_p(one.ctypes.data) for one in (*arrays, depth, passed, queue)]

    def run(root: int, _kept: object = (arrays, passed)) -> int:
        count: int = walk(root, *given)
        depth[queue[:count]] = 0
        return count

    return run


def _starts(starts: np.ndarray[Any, Any], kept: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Where the rows of each owner begin once only some are kept."""
    before = np.concatenate(([0], np.cumsum(kept)))
    found: np.ndarray[Any, Any] = before[starts].astype(np.uint32)
    return found
