"""Sorting all links by node without holding them: sorted runs, merged a part at a time.

A run is sorted by node. Parts are cut where as many rows lie between two cuts, so each run gives a
slice to each part; the slices together are sorted in memory. The parts come in the order of nodes,
so numbers and rows are written one behind the other, and only the number of each row's node goes to
the row's place in the order of items. Sorting is done ahead by threads: numpy lets others run
meanwhile.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from ledger.genealogy.index.segment import ROLE, narrowest
from ledger.genealogy.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ledger.genealogy.index.segment import Array

__all__ = ["PART", "Run", "merge_runs", "write_run"]

PART: Final = 1_000_000
"""Rows of one part: about 100 MB while it is sorted. One node's rows are never parted."""
_THREADS: Final = 2


@dataclass(frozen=True, slots=True)
class Run:
    """Rows sorted by node, in a file: column behind column."""

    path: Path
    rows: int
    columns: tuple[tuple[str, str], ...]
    """Name and type of each."""
    before: int = 0
    """Rows of earlier shares, which the places in `at` don't count."""

    def behind(self, rows: int) -> Run:
        """The same behind other shares."""
        return replace(self, before=rows)

    def column(self, name: str) -> Array:
        """A column, mapped."""
        start = 0
        for other, kind in self.columns:
            if other == name:
                return np.memmap(self.path, kind, "r", start, self.rows)
            start += self.rows * np.dtype(kind).itemsize
        raise KeyError(name)


def write_run(path: Path, before: int, columns: Mapping[str, Array]) -> Run:
    """Sort rows by node and write them.

    Args:
        path: The file, which isn't there.
        before: The rows of this share before them.
        columns: `node`, and others of the same length.
    """
    order = np.argsort(columns["node"], kind="stable")
    sized = {"at": order + before} | {name: one[order] for name, one in columns.items()}
    sized["at"] = sized["at"].astype(narrowest(before + len(order)))
    with path.open("xb") as file:
        for one in sized.values():
            file.write(one.tobytes())
    return Run(path, len(order), tuple((name, one.dtype.str) for name, one in sized.items()))


def merge_runs(
    runs: list[Run], folder: Path, *, links: int, events: int
) -> dict[str, tuple[str, int]]:
    """Merge runs into the arrays by node, the times, and the nodes of the rows by item.

    Returns:
        For each array its type and length.
    """
    number_type, place_type = narrowest(links), narrowest(links)
    numbers = _scattered(folder / "item_node", number_type, links)
    times = _scattered(folder / "times", np.dtype(np.int64), events)
    types = dict(runs[0].columns) if runs else {"item": "<u4", "event": "<u4", "role": "|u1"}
    nodes = rows = 0
    with ExitStack() as stack:
        names = ("node_starts", "node_middles", "node_ids", "node_item", "node_event", "node_role")
        files = {name: stack.enter_context((folder / name).open("xb")) for name in names}
        for part in _sorted_parts(runs):
            node = part["node"]
            first = np.concatenate(([True], node[1:] != node[:-1]))
            begins = np.flatnonzero(first)
            files["node_starts"].write((begins + rows).astype(place_type).tobytes())
            own = np.cumsum(first) - 1
            inputs = np.bincount(own[part["role"] & ROLE == Role.INPUT], minlength=len(begins))
            files["node_middles"].write((begins + inputs + rows).astype(place_type).tobytes())
            files["node_ids"].write(node[begins].tobytes())
            for name in ("item", "event", "role"):
                files[f"node_{name}"].write(part[name].tobytes())
            numbers[part["at"]] = (own + nodes).astype(number_type)
            times[part["event"]] = part["time"]
            nodes, rows = nodes + len(begins), rows + len(node)
        files["node_starts"].write(np.array([rows], place_type).tobytes())
    for one in (numbers, times):
        if isinstance(one, np.memmap):
            one.flush()
    (folder / "node_keys").touch()
    return {
        "item_node": (number_type.str, links),
        "times": ("<i8", events),
        "node_keys": (number_type.str, 0),
        "node_starts": (place_type.str, nodes + 1),
        "node_middles": (place_type.str, nodes),
        "node_ids": ("<i8", nodes),
        **{f"node_{name}": (types[name], links) for name in ("item", "event", "role")},
    }


def _scattered(path: Path, kind: np.dtype[np.uint64] | np.dtype[np.int64], count: int) -> Array:
    """A file that is written here and there."""
    path.touch()
    return np.memmap(path, kind, "w+", shape=(count,)) if count else np.empty(0, kind)


def _sorted_parts(runs: list[Run]) -> Iterator[dict[str, Array]]:
    """The parts in order, each sorted."""
    nodes = [run.column("node") for run in runs]
    cuts = _cuts(nodes)
    places = [[0, *np.searchsorted(node, cuts).tolist(), len(node)] for node in nodes]
    waiting: deque[int] = deque(range(len(cuts) + 1))
    with ThreadPoolExecutor(_THREADS) as pool:
        tasks = deque(
            pool.submit(_sorted_part, runs, places, waiting.popleft())
            for _ in range(min(_THREADS, len(waiting)))
        )
        while tasks:
            part = tasks.popleft().result()
            if waiting:
                tasks.append(pool.submit(_sorted_part, runs, places, waiting.popleft()))
            if len(part["node"]):
                yield part


def _cuts(nodes: list[Array]) -> Array:
    """Nodes between which about `PART` rows lie."""
    total = sum(map(len, nodes))
    step = max(PART // 64, 1)
    if total <= PART:
        return np.empty(0, np.int64)
    seen = np.sort(np.concatenate([one[::step] for one in nodes]))
    return np.unique(seen[:: max(1, len(seen) * PART // total)][1:])


def _sorted_part(runs: list[Run], places: list[list[int]], number: int) -> dict[str, Array]:
    slices = [
        (run, slice(place[number], place[number + 1]))
        for run, place in zip(runs, places, strict=True)
        if place[number] < place[number + 1]
    ]
    names = ("node", "time", "item", "event", "role")
    if not slices:
        return {"node": np.empty(0, np.int64)}
    found = {name: np.concatenate([run.column(name)[one] for run, one in slices]) for name in names}
    at = np.concatenate(
        [run.column("at")[one].astype(np.int64) + run.before for run, one in slices]
    )
    by_role = np.argsort(found["role"] & ROLE, kind="stable")
    order = by_role[np.argsort(found["node"][by_role], kind="stable")]
    return {name: one[order] for name, one in found.items()} | {"at": at[order]}
