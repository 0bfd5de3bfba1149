"""The small pieces of the index: arrays, files, runs, views."""

from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.genealogy.index import files, merging
from ledger.genealogy.index.extract import logs_after
from ledger.genealogy.index.files import DamagedError, Manifest, read_manifest, write_manifest
from ledger.genealogy.index.merging import Run, merge_runs, write_run
from ledger.genealogy.index.segment import ARRAYS, expand, narrowest, span_of
from ledger.genealogy.index.state import State
from ledger.store.engine import reading
from tests.ledger.builders import Ledger


def test_numbers_take_four_bytes_or_eight() -> None:
    """The smallest type that holds the largest number."""
    assert narrowest(0).itemsize == narrowest((1 << 32) - 1).itemsize == 4
    assert narrowest(1 << 32).itemsize == 8


@given(
    counts=st.lists(st.integers(0, 4), max_size=12),
    asked=st.lists(st.integers(0, 30), max_size=12),
    gaps=st.booleans(),
)
def test_rows_of_owners(counts: list[int], asked: list[int], *, gaps: bool) -> None:
    """Owners may have no rows, be unknown, or lie apart; in arrays and one by one."""
    keys = np.arange(len(counts), dtype=np.uint32) * 2 if gaps else np.empty(0, np.uint32)
    if gaps and not counts:
        return
    starts = np.cumsum([0, *counts]).astype(np.uint32)
    expected = []
    for place, owner in enumerate(asked):
        own, odd = divmod(owner, 2) if gaps else (owner, 0)
        if own < len(counts) and not odd:
            own_rows = range(int(starts[own]), int(starts[own + 1]))
            expected += [(place, row) for row in own_rows]
            assert span_of(keys.data, starts[:-1].data, starts[1:].data, owner) == own_rows
        else:
            assert not span_of(keys.data, starts[:-1].data, starts[1:].data, owner)
    owners, rows = expand(keys, starts[:-1], starts[1:], np.array(asked, np.int64))
    assert list(zip(owners.tolist(), rows.tolist(), strict=True)) == expected


@given(
    nodes=st.lists(st.integers(-3, 6), max_size=40),
    size=st.integers(1, 9),
    part=st.integers(1, 9),
)
def test_runs_are_merged_in_parts(
    nodes: list[int], size: int, part: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Any cut into runs and parts gives the same arrays as sorting all at once."""
    folder = tmp_path_factory.mktemp("merge")
    runs = []
    for start in range(0, len(nodes), size):
        some = np.array(nodes[start : start + size], np.int64)
        place = np.arange(start, start + len(some))
        runs.append(
            write_run(
                folder / f"{start}.run",
                start,
                {
                    "node": some,
                    "time": place * 10,
                    "item": place.astype(np.uint32),
                    "event": place.astype(np.uint32),
                    "role": (place % 3 + 1).astype(np.uint8),
                },
            )
        )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(merging, "PART", part)
        made = merge_runs(runs, folder, links=len(nodes), events=len(nodes))
    ids, number = np.unique(np.array(nodes, np.int64), return_inverse=True)
    found = {name: np.fromfile(folder / name, kind) for name, (kind, _count) in made.items()}
    assert {name: len(one) for name, one in found.items()} == {
        name: count for name, (_kind, count) in made.items()
    }
    assert found["node_ids"].tolist() == ids.tolist()
    assert found["item_node"].tolist() == number.tolist()
    assert found["times"].tolist() == [10 * at for at in range(len(nodes))]
    role = np.arange(len(nodes)) % 3 + 1
    order = np.lexsort((role, number))
    inputs = np.bincount(number[role == 1], minlength=len(ids))
    assert (found["node_middles"] - found["node_starts"][:-1]).tolist() == inputs.tolist()
    assert found["node_item"].tolist() == order.tolist()
    assert np.diff(found["node_starts"]).tolist() == np.bincount(number).tolist()


def test_ids_that_no_event_has_are_of_no_log(sqlite_ledger: Ledger) -> None:
    """Events that were never committed leave gaps, which may be a whole stretch."""
    with reading(sqlite_ledger.engine) as connection:
        assert logs_after(connection, 0, 3).tolist() == [0, 0, 0]
        assert logs_after(connection, 3, 3).tolist() == []


def test_a_run_has_its_columns_only(tmp_path: Path) -> None:
    """Another name is a defect of ours."""
    with pytest.raises(KeyError):
        Run(tmp_path / "run", 0, (("node", "<i8"),)).column("weight")


STATE = State((), "0001", 0, {}, b"")


def spoilt(**changes: Any) -> dict[str, Any]:
    """Return a manifest with one thing wrong."""
    file = {"kind": "<u4", "count": 0, "sha256": "", "stamp": [0, 0, 0]}
    part = {
        "folder": "part1",
        "first_event": 1,
        "last_event": 0,
        "first_node": 0,
        "files": dict.fromkeys(ARRAYS, file | changes.pop("file", {})),
    }
    changes.setdefault("part", {})
    whole = {
        "format": files.FORMAT,
        "made_at": 0,
        "state": msgspec.to_builtins(STATE),
        "parts": [part | changes.pop("part")],
    }
    return whole | changes


@pytest.mark.parametrize(
    "value",
    [
        {},
        spoilt(format=0),
        spoilt(parts=[]),
        spoilt(part={"folder": "../elsewhere"}),
        spoilt(part={"files": {}}),
        spoilt(file={"kind": "object"}),
        spoilt(file={"count": -1}),
    ],
)
def test_a_manifest_that_says_nonsense_is_refused(tmp_path: Path, value: Any) -> None:
    """Whoever wrote it with the right digest: nothing outside the folder is opened."""
    raw = msgspec.json.encode(value)
    digest = sha256(raw).hexdigest().encode()
    (tmp_path / files.MANIFEST).write_bytes(digest + b"\n" + raw)
    with pytest.raises(DamagedError):
        read_manifest(tmp_path)


def test_a_manifest_is_read_as_it_was_written(tmp_path: Path) -> None:
    """With its parts and the state it was made from; links and bytes are counted from its files."""
    good = msgspec.convert(spoilt(file={"count": 3}), Manifest)
    assert (good.links, good.size) == (3, 3 * 4 * len(ARRAYS))
    assert write_manifest(tmp_path, 5, STATE, good.parts) == read_manifest(tmp_path)
