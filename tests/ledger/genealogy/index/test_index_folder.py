"""An index in its folder: used while it stands for the ledger, and never otherwise."""

import os
import shutil
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ledger.genealogy.index import folder as folder_module
from ledger.genealogy.index.files import MANIFEST
from ledger.genealogy.index.folder import TraceIndex
from ledger.genealogy.links import LinkReader
from ledger.genealogy.trace import Direction, item_row, trace
from ledger.genealogy.walk import walk
from ledger.store.engine import reading, writing
from tests.ledger.builders import Ledger, document, element, instance
from tests.ledger.genealogy.asking import make, see


@pytest.fixture
def index(tmp_path: Path) -> TraceIndex:
    """Give an index whose folder isn't there yet."""
    return TraceIndex(tmp_path / "index", lambda: 7)


def ahead(ledger: Ledger, index: TraceIndex, root: str = "a") -> set[str] | None:
    """Return what the index says to be ahead of an item, after comparing; None where SQL answers."""
    with reading(ledger.engine) as connection:
        walker = index.at(connection)
        code = instance(root)
        expected = trace(connection, code, Direction.FORWARD)
        assert trace(connection, code, Direction.FORWARD, walker=walker) == expected
        if walker is None:
            return None
        return {item.code.rpartition("/")[2] for item in expected.items}


def sqlite_file(ledger: Ledger) -> Path:
    """Return the file of a ledger."""
    return Path(str(ledger.engine.url.database))


def copy_of(ledger: Ledger, target: Path) -> None:
    """Copy a ledger's file as it is now."""
    ledger.engine.dispose()
    with closing(sqlite3.connect(sqlite_file(ledger))) as source:
        source.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copyfile(sqlite_file(ledger), target)


def put_back(ledger: Ledger, source: Path) -> None:
    """Put a copy in the place of a ledger's file."""
    ledger.engine.dispose()
    for end in ("-wal", "-shm"):
        Path(f"{sqlite_file(ledger)}{end}").unlink(missing_ok=True)
    shutil.copyfile(source, sqlite_file(ledger))


def test_without_an_index_the_database_answers(ledger: Ledger, index: TraceIndex) -> None:
    """No folder, no walker, and nothing to be behind with."""
    ledger.take(make(0, "a", "b"))
    assert ahead(ledger, index) is None
    assert not index.present
    assert index.manifest() is None
    with reading(ledger.engine) as connection:
        assert index.behind(connection) is None


def test_what_is_captured_later_is_read_as_a_tail(ledger: Ledger, index: TraceIndex) -> None:
    """The next question sees the next event, without any writing."""
    ledger.take(make(0, "a", "b"))
    assert index.update(ledger.engine).done == "base"
    assert ahead(ledger, index) == {"b"}
    ledger.take(make(1, "b", "c"))
    assert ahead(ledger, index) == {"b", "c"}
    ledger.take(make(2, "c", "d"))
    assert ahead(ledger, index) == {"b", "c", "d"}
    with reading(ledger.engine) as connection:
        assert index.behind(connection) == 2
    assert index.update(ledger.engine).done == "delta"
    assert index.update(ledger.engine, check=True).done == "nothing"
    assert ahead(ledger, index) == {"b", "c", "d"}
    with reading(ledger.engine) as connection:
        assert index.behind(connection) == 0


def test_entries_that_are_no_events_change_nothing(ledger: Ledger, index: TraceIndex) -> None:
    """Master data moves a log's head on, and no link."""
    ledger.take(make(0, "a", "b"))
    index.update(ledger.engine)
    assert ahead(ledger, index) == {"b"}
    ledger.send(document(vocabularies={"Location": [element("urn:x:place", name="Dock")]}))
    assert ahead(ledger, index) == {"b"}
    assert index.update(ledger.engine).done == "nothing"


def test_an_empty_ledger_has_an_index(ledger: Ledger, index: TraceIndex) -> None:
    """The first links come as a tail."""
    ledger.organisation()
    assert index.update(ledger.engine).done == "base"
    ledger.take(make(0, "a", "b"))
    assert ahead(ledger, index) == {"b"}


def test_a_long_tail_is_left_to_the_database(
    ledger: Ledger, index: TraceIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who asks doesn't read more events than a question may take."""
    index.update(ledger.engine)
    ledger.take(make(0, "a", "b"), make(1, "b", "c"))
    monkeypatch.setattr(folder_module, "TAIL", 1)
    assert ahead(ledger, index) is None
    index.update(ledger.engine)
    assert ahead(ledger, index) == {"b", "c"}


def test_transformations_of_several_days_meet(ledger: Ledger, index: TraceIndex) -> None:
    """Links at the node of a transformationID are found behind the index too."""
    run = {"transformationID": "urn:example:run:1"}
    ledger.take(make(0, "a", "b", **run))
    index.update(ledger.engine)
    ledger.take(make(1, "", "c", **run))
    assert ahead(ledger, index) == {"b", "c"}
    index.update(ledger.engine)
    ledger.take(see(2, "z"), make(3, "", "d", **run))
    assert ahead(ledger, index) == {"b", "c", "d"}


def test_a_missing_entry_leaves_the_answer_to_the_database(
    sqlite_ledger: Ledger, index: TraceIndex
) -> None:
    """Without it nobody knows at which node a transformation meets others."""
    index.update(sqlite_ledger.engine)
    sqlite_ledger.take(make(0, "a", "b", transformationID="urn:example:run:1"))
    with writing(sqlite_ledger.engine) as connection:
        connection.exec_driver_sql("DELETE FROM entry")
    assert ahead(sqlite_ledger, index) is None
    assert index.update(sqlite_ledger.engine).done == "base"
    assert ahead(sqlite_ledger, index) == {"b"}


def test_an_older_snapshot_is_left_to_the_database(ledger: Ledger, index: TraceIndex) -> None:
    """A transaction that began before the index was made doesn't see what the index knows."""
    ledger.take(make(0, "a", "b"))
    with reading(ledger.engine) as early:
        item_row(early, instance("a"))
        ledger.take(make(1, "b", "c"))
        index.update(ledger.engine)
        assert index.at(early) is None


def test_a_tail_of_later_events_is_not_used(ledger: Ledger, index: TraceIndex) -> None:
    """Two transactions see two states; each is answered from its own."""
    ledger.take(make(0, "a", "b"))
    index.update(ledger.engine)
    with reading(ledger.engine) as early:
        root = item_row(early, instance("a"))
        ledger.take(make(1, "b", "c"))
        assert ahead(ledger, index) == {"b", "c"}
        walker = index.at(early)
        assert walker is not None
        links = LinkReader.open(early)
        assert walker(links, root, forward=True).depth == walk(links, root, forward=True).depth


def test_a_restored_ledger_is_noticed(
    sqlite_ledger: Ledger, index: TraceIndex, tmp_path: Path
) -> None:
    """A copy of before the index was made bears the same ids for other events."""
    sqlite_ledger.take(make(0, "a", "b"))
    copy_of(sqlite_ledger, tmp_path / "copy")
    sqlite_ledger.take(make(1, "b", "c"))
    index.update(sqlite_ledger.engine)
    assert ahead(sqlite_ledger, index) == {"b", "c"}
    put_back(sqlite_ledger, tmp_path / "copy")
    assert ahead(sqlite_ledger, index) is None
    sqlite_ledger.take(make(1, "b", "x"), make(2, "b", "y"))
    assert ahead(sqlite_ledger, index) is None  # a fork, which is longer than the index
    with reading(sqlite_ledger.engine) as connection:
        assert (index.behind(connection) or 0) >= folder_module.TAIL
    assert index.update(sqlite_ledger.engine).done == "base"
    assert ahead(sqlite_ledger, index) == {"b", "x", "y"}


def test_a_fork_behind_the_index_is_noticed_in_the_tail(
    sqlite_ledger: Ledger, index: TraceIndex, tmp_path: Path
) -> None:
    """What was kept in memory of one branch isn't told of the other."""
    sqlite_ledger.take(make(0, "a", "b"))
    index.update(sqlite_ledger.engine)
    copy_of(sqlite_ledger, tmp_path / "copy")
    sqlite_ledger.take(make(1, "b", "c"))
    assert ahead(sqlite_ledger, index) == {"b", "c"}
    put_back(sqlite_ledger, tmp_path / "copy")
    sqlite_ledger.take(make(1, "b", "x"))
    assert ahead(sqlite_ledger, index) == {"b", "x"}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE log SET origin = 'elsewhere/log/main'",
        "UPDATE alembic_version SET version_num = '9999'",
        "UPDATE item SET id = id + 1000",
        "UPDATE event SET seq = seq + 1000",
        "UPDATE checkpoint SET root = 'no root'",
        "UPDATE log SET size = 0",
    ],
)
def test_another_ledger_is_noticed(sqlite_ledger: Ledger, index: TraceIndex, change: str) -> None:
    """Another log, another schema, and tables that were numbered anew are not those of the index."""
    sqlite_ledger.take(make(0, "a", "b"))
    index.update(sqlite_ledger.engine)
    with writing(sqlite_ledger.engine) as connection:
        connection.exec_driver_sql(change)
    with reading(sqlite_ledger.engine) as connection:
        assert index.at(connection) is None
        assert TraceIndex(index.folder, lambda: 7).at(connection) is None


def test_a_log_without_that_checkpoint_is_judged_by_its_tiles(
    sqlite_ledger: Ledger, index: TraceIndex
) -> None:
    """The root is computed where no checkpoint of that size is stored, and nothing where it can't be."""
    sqlite_ledger.take(make(0, "a", "b"))
    index.update(sqlite_ledger.engine)
    sqlite_ledger.take(make(1, "b", "c"))
    for change, expected in (
        ("DELETE FROM checkpoint", {"b", "c"}),
        ("UPDATE tile SET hashes = zeroblob(length(hashes))", None),
        ("DELETE FROM tile", None),
    ):
        with writing(sqlite_ledger.engine) as connection:
            connection.exec_driver_sql(change)
        assert ahead(sqlite_ledger, TraceIndex(index.folder, lambda: 7)) == expected


def test_damage_is_noticed_at_opening_and_mended(ledger: Ledger, index: TraceIndex) -> None:
    """A file that was cut, changed, lost or replaced is not used, and the next update mends it."""
    ledger.take(make(0, "a", "b"))
    for number, spoil in enumerate(SPOILERS):
        manifest = index.update(ledger.engine).manifest
        assert manifest is not None
        assert ahead(ledger, index) == {"b"}
        spoil(index.folder / manifest.parts[0].folder / "item_node")
        fresh = TraceIndex(index.folder, lambda: 7)
        assert ahead(ledger, fresh) is None, number
        with reading(ledger.engine) as connection:
            assert (fresh.behind(connection) or 0) >= folder_module.TAIL
        assert fresh.update(ledger.engine).done == "base"
        assert ahead(ledger, fresh) == {"b"}


def _cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def _change(path: Path) -> None:
    found = path.stat()
    raw = bytearray(path.read_bytes())
    raw[0] ^= 1
    path.write_bytes(raw)
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))


def _replace_by_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _replace_by_link(path: Path) -> None:
    moved = path.with_name("moved")
    path.rename(moved)
    path.symlink_to(moved)


SPOILERS: list[Callable[[Path], object]] = [
    _cut,
    _change,
    Path.unlink,
    _replace_by_folder,
    _replace_by_link,
]


def test_a_copied_index_is_judged_by_its_content(
    sqlite_ledger: Ledger, index: TraceIndex, tmp_path: Path
) -> None:
    """Other inodes and times say nothing; the digests do."""
    sqlite_ledger.take(make(0, "a", "b"))
    index.update(sqlite_ledger.engine)
    shutil.copytree(index.folder, tmp_path / "copy")
    assert ahead(sqlite_ledger, TraceIndex(tmp_path / "copy", lambda: 7)) == {"b"}


@pytest.mark.parametrize(
    "content",
    [b"", b"nonsense", b"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n"],
)
def test_a_damaged_manifest_is_no_index(
    sqlite_ledger: Ledger, index: TraceIndex, content: bytes
) -> None:
    """It is told by its digest, or by what it says."""
    sqlite_ledger.take(make(0, "a", "b"))
    index.update(sqlite_ledger.engine)
    (index.folder / MANIFEST).write_bytes(content)
    assert ahead(sqlite_ledger, index) is None
    assert index.manifest() is None
    assert index.update(sqlite_ledger.engine).done == "base"


def test_readers_go_on_while_the_index_is_replaced(
    sqlite_ledger: Ledger, index: TraceIndex
) -> None:
    """Whatever they hold stays mapped, whatever they open next is whole."""
    sqlite_ledger.take(make(0, "a", "b"), make(1, "b", "c"))
    index.update(sqlite_ledger.engine)
    stop, wrong = threading.Event(), []

    def read() -> None:
        while not stop.is_set():
            try:
                assert ahead(sqlite_ledger, TraceIndex(index.folder, lambda: 7)) == {"b", "c"}
            except BaseException as error:  # noqa: BLE001 - told by the test below
                wrong.append(error)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(10):
        index.update(sqlite_ledger.engine, rebuild=True)
    stop.set()
    for thread in threads:
        thread.join()
    assert not wrong


def test_parts_that_stay_away_are_given_up(
    sqlite_ledger: Ledger, index: TraceIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A manifest that goes away between two looks is no index either."""
    sqlite_ledger.take(make(0, "a", "b"))
    index.update(sqlite_ledger.engine)
    manifest = index.manifest()
    answers: list[Any] = [manifest, None]
    shutil.rmtree(index.folder / manifest.parts[0].folder)  # type: ignore[union-attr]
    monkeypatch.setattr(folder_module, "read_manifest", lambda _folder: answers.pop(0))
    assert ahead(sqlite_ledger, index) is None
    assert not answers
