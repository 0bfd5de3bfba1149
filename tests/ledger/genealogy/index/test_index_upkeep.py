"""Writing the index: what is written when, and what a crash leaves."""

import multiprocessing
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from ledger.genealogy.index import base as base_module
from ledger.genealogy.index import merging, upkeep
from ledger.genealogy.index.files import MANIFEST
from ledger.genealogy.index.folder import TraceIndex
from ledger.genealogy.links import LinkReader
from ledger.genealogy.trace import item_row
from ledger.genealogy.walk import walk
from ledger.store.engine import open_engine, reading, writing
from tests.ledger.builders import Ledger, instance
from tests.ledger.genealogy.asking import make
from tests.ledger.genealogy.index.comparing import compare


def grow(ledger: Ledger, index: TraceIndex, count: int, start: int = 0) -> list[str]:
    """Capture events one by one, each followed by an update; return what the updates did."""
    done = []
    for number in range(start, start + count):
        ledger.take(make(number, f"i{number}", f"i{number + 1}"))
        done.append(index.update(ledger.engine).done)
    return done


@pytest.fixture
def index(tmp_path: Path) -> TraceIndex:
    """Give an index whose folder isn't there yet."""
    return TraceIndex(tmp_path / "index", lambda: 7)


def reached(ledger: Ledger, index: TraceIndex) -> int | None:
    """Return how many items the first one reaches, as the index and the database say."""
    with reading(ledger.engine) as connection:
        walker = index.at(connection)
        if walker is None:
            return None
        root = item_row(connection, instance("i0"))
        links = LinkReader.open(connection)
        compare(walker.view, links, root, forward=True)
        return len(walk(links, root, forward=True).reached)


def test_many_deltas_become_one(sqlite_ledger: Ledger, index: TraceIndex) -> None:
    """A reader never opens more than a handful of parts."""
    assert grow(sqlite_ledger, index, 12) == ["base"] + ["delta"] * 11
    manifest = index.manifest()
    assert manifest is not None
    assert len(manifest.parts) == 4
    assert {path.name for path in index.folder.iterdir()} == {
        MANIFEST,
        *(part.folder for part in manifest.parts),
    }
    assert reached(sqlite_ledger, index) == 13


def test_large_deltas_become_a_base(
    sqlite_ledger: Ledger, index: TraceIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once they hold a quarter of the links, and once they are too long to be made in memory."""
    monkeypatch.setattr(upkeep, "_SMALL", 0)
    assert grow(sqlite_ledger, index, 6) == ["base", "base", "base", "base", "delta", "base"]
    monkeypatch.setattr(upkeep, "_LONG", 0)
    assert grow(sqlite_ledger, index, 1, start=6) == ["base"]
    assert reached(sqlite_ledger, index) == 8


def test_ids_that_lie_far_apart_have_no_index(
    sqlite_ledger: Ledger, index: TraceIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Arrays over them would be mostly empty."""
    grow(sqlite_ledger, index, 2)
    with writing(sqlite_ledger.engine) as connection:
        connection.exec_driver_sql("INSERT INTO item VALUES (90000000, 'urn:x:far', 0)")
    updated = index.update(sqlite_ledger.engine, rebuild=True)
    assert (updated.manifest, updated.done) == (None, "base")
    assert not index.present
    assert list(index.folder.iterdir()) == []
    assert reached(sqlite_ledger, index) is None


def test_dropping_leaves_nothing(sqlite_ledger: Ledger, index: TraceIndex) -> None:
    """The folder goes as well, unless somebody keeps something there."""
    assert index.drop() is False
    grow(sqlite_ledger, index, 1)
    (index.folder / "note").touch()
    assert index.drop() is True
    assert [path.name for path in index.folder.iterdir()] == ["note"]
    (index.folder / "note").unlink()
    assert index.drop() is False
    assert not index.folder.exists()


def test_several_processes_make_the_same_base(
    ledger: Ledger, index: TraceIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shares, runs and parts of any size give the very same arrays."""
    events = [make(n % 50, f"i{n % 7} x{n}", f"i{(n * 5) % 11 + 7}") for n in range(60)]
    ledger.take(*events, make(3, "i1", "", transformationID="urn:x:1"))
    ledger.take(make(4, "", "late", transformationID="urn:x:1"))
    whole = index.update(ledger.engine, processes=1).manifest
    monkeypatch.setattr(base_module, "_SHARE", 10)
    monkeypatch.setattr(base_module, "RUN", 20)
    monkeypatch.setattr(merging, "PART", 16)
    again = index.update(ledger.engine, rebuild=True, processes=2).manifest
    alone = index.update(ledger.engine, rebuild=True, processes=1).manifest
    assert alone is not None
    assert again is not None
    assert [file.sha256 for file in alone.parts[0].files.values()] == [
        file.sha256 for file in again.parts[0].files.values()
    ]
    assert whole is not None
    digests = [
        {name: (file.kind, file.count) for name, file in one.parts[0].files.items()}
        for one in (whole, again)
    ]
    assert digests[0] == digests[1]
    same = {"item_starts", "node_starts", "node_ids", "item_node", "times", "node_item"}
    for name in same:
        assert whole.parts[0].files[name].sha256 == again.parts[0].files[name].sha256, name
    with reading(ledger.engine) as connection:
        walker = index.at(connection)
        assert walker is not None
        root = item_row(connection, instance("i1"))
        for forward in (True, False):
            compare(walker.view, LinkReader.open(connection), root, forward=forward)


def test_a_share_is_read_apart(sqlite_ledger: Ledger, tmp_path: Path) -> None:
    """What another process does is what this one does."""
    sqlite_ledger.take(make(0, "a", "b"))
    with reading(sqlite_ledger.engine) as connection:
        whole = base_module.Range.of(connection, 1)
        [share] = base_module._shares(whole, tmp_path, 1)
        here = base_module._read_share(connection, share, whole, tmp_path)
    (tmp_path / "apart").mkdir()
    [share] = base_module._shares(whole, tmp_path / "apart", 1)
    url = sqlite_ledger.engine.url.render_as_string()
    apart = base_module._read_apart(url, share, whole, tmp_path / "apart")
    assert (apart.rows, len(apart.runs)) == (here.rows, len(here.runs)) == (2, 1)


STEPS = [
    (os, "fsync"),
    (Path, "rename"),
    (Path, "replace"),
    (Path, "unlink"),
    (Path, "mkdir"),
    (os, "rmdir"),
]
"""What changes the disk for good, or waits for it."""


def _update_and_die(url: str, folder: Path, step: int) -> None:
    """Update an index in this process, and kill it before a step."""
    left = [step]

    def counting(function: Any) -> Any:
        def run(*given: Any, **named: Any) -> Any:
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left[0] -= 1
            return function(*given, **named)

        return run

    for owner, name in STEPS:
        setattr(owner, name, counting(getattr(owner, name)))
    TraceIndex(folder, lambda: 8).update(open_engine(url), processes=1)


@pytest.mark.parametrize("kind", ["base", "delta"])
def test_a_kill_at_any_step_leaves_the_old_or_the_new(
    sqlite_ledger: Ledger, index: TraceIndex, kind: str
) -> None:
    """An index that isn't whole is never used, and the next update clears up."""
    fork = multiprocessing.get_context("fork")
    url = sqlite_ledger.engine.url.render_as_string()
    for step in range(200):
        if kind == "base":
            index.drop()
        else:
            index.update(sqlite_ledger.engine)
        sqlite_ledger.take(make(step, f"i{step}", f"i{step + 1}"))
        process = fork.Process(target=_update_and_die, args=(url, index.folder, step))
        process.start()
        process.join()
        assert reached(sqlite_ledger, TraceIndex(index.folder, lambda: 9)) in {None, step + 2}
        if process.exitcode == 0:
            break
        updated = index.update(sqlite_ledger.engine)
        assert reached(sqlite_ledger, index) == step + 2
        kept = {part.folder for part in updated.manifest.parts}  # type: ignore[union-attr]
        found = {path.name for path in index.folder.iterdir()} - {f"{MANIFEST}.new"}
        assert found == {MANIFEST, *kept}
    assert process.exitcode == 0
    assert step > 20
