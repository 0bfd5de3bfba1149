"""Appending: chained entries, tiles and a signed head that agree, or nothing."""

import shutil
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from ledger.appending import LogWriter
from ledger.errors import StoreError
from ledger.log import merkle
from ledger.log.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from ledger.log.entry import FIRST_PREV, decode_entry, leaf_hash
from ledger.store.engine import reading, writing
from ledger.store.sets import insert_rows
from ledger.store.tables import entry
from ledger.tile_store import StoredTiles
from ledger.verification import verify_ledger
from tests.ledger.builders import Ledger, instance, seen

SCHEMA = {"schema": "test/1", "submitter": "tester", "received_at": 5}


def append(ledger: Ledger, *sizes: int) -> str:
    """Append bodies in flushes of the given sizes and return the checkpoint."""
    owner = ledger.organisation()
    with writing(ledger.engine) as connection:
        log = LogWriter.open(connection, owner.row)
        for size in sizes:
            for _ in range(size):
                log.add(b'{"n":%d}' % log.size, **SCHEMA)  # type: ignore[arg-type]
            log.flush()
        return log.seal(ledger.keys.signer(owner.origin))


def entries(ledger: Ledger) -> list[tuple[Any, ...]]:
    """Return seq, bytes, leaf and prev of each entry."""
    rows = ledger.rows("SELECT seq, bytes, leaf, prev FROM entry ORDER BY seq")
    return [(seq, *map(bytes, values)) for seq, *values in rows]


@pytest.mark.parametrize("sizes", [[1], [255, 2], [256], [300, 300, 1], [0, 513, 0]])
def test_chain_tiles_and_checkpoint_agree(ledger: Ledger, sizes: list[int]) -> None:
    """However entries are flushed, they chain, and the signed root is that of their leaves."""
    note = append(ledger, *sizes)
    prev = FIRST_PREV
    for number, (seq, raw, leaf, stored_prev) in enumerate(entries(ledger)):
        assert (seq, stored_prev, leaf) == (number, prev, leaf_hash(raw))
        assert decode_entry(raw).header.prev == prev
        prev = leaf
    owner = ledger.organisation()
    signed = open_checkpoint(note, owner.origin, [ledger.keys.signer(owner.origin).verifier])
    assert (signed.size, signed.root) == (
        sum(sizes),
        merkle.root([leaf for _, _, leaf, _ in entries(ledger)]),
    )
    [(size, head)] = ledger.rows("SELECT size, head FROM log")
    assert (size, bytes(head)) == (sum(sizes), prev)
    [(size, root, kept)] = ledger.rows("SELECT size, root, note FROM checkpoint")
    assert (size, bytes(root), kept) == (signed.size, signed.root, note)


def test_appending_goes_on_where_it_stopped(ledger: Ledger) -> None:
    """A second writer begins at the stored head; one run or several give the same tiles."""
    append(ledger, 200)
    append(ledger, 100)
    leaves = [leaf for _, _, leaf, _ in entries(ledger)]
    rows = ledger.rows('SELECT level, "index", hashes FROM tile')
    tiles = {(level, index): bytes(hashes) for level, index, hashes in rows}
    assert tiles[0, 0] + tiles[0, 1] == b"".join(leaves)
    assert tiles[1, 0] == merkle.root(leaves[:256])


def test_nothing_is_stored_before_a_flush(ledger: Ledger) -> None:
    """Added entries know their place at once, and reach the tables with the flush."""
    owner = ledger.organisation()
    with writing(ledger.engine) as connection:
        log = LogWriter.open(connection, owner.row)
        assert (log.size, log.head, log.origin) == (0, FIRST_PREV, owner.origin)
        assert [log.add(b"{}", **SCHEMA) for _ in range(3)] == [0, 1, 2]  # type: ignore[arg-type]
        log.take_back(0)
        assert (log.size, log.head) == (0, FIRST_PREV)
        log.flush()
    assert ledger.count("entry") == ledger.count("tile") == 0


@pytest.mark.parametrize("kept", [2, 3, 4, 5])
def test_what_is_not_flushed_can_be_taken_back(ledger: Ledger, kept: int) -> None:
    """Entries behind a place are forgotten, and the next one is chained to what is left."""
    owner = ledger.organisation()
    with writing(ledger.engine) as connection:
        log = LogWriter.open(connection, owner.row)
        for _ in range(2):
            log.add(b"{}", **SCHEMA)  # type: ignore[arg-type]
        log.flush()
        heads = [log.head]
        for _ in range(3):
            log.add(b"{}", **SCHEMA)  # type: ignore[arg-type]
            heads.append(log.head)
        log.take_back(kept)
        assert (log.size, log.head) == (kept, heads[kept - 2])
        log.add(b"{}", **SCHEMA)  # type: ignore[arg-type]
        log.seal(ledger.keys.signer(owner.origin))
    assert ledger.count("entry") == kept + 1
    chain = ledger.rows("SELECT prev, leaf FROM entry ORDER BY seq")
    assert all(prev == leaf for (_, leaf), (prev, _) in pairwise(chain))


def test_a_missing_tile(ledger: Ledger) -> None:
    """A tile that is gone stops the writer with a sentence, and nothing is signed."""
    append(ledger, 3)
    with writing(ledger.engine) as connection:
        connection.exec_driver_sql("DELETE FROM tile")
    with pytest.raises(StoreError, match="Tile 0/0 of log 1 is missing") as caught:
        append(ledger, 1)
    assert "restore the ledger from a backup" in caught.value.fix
    assert ledger.count("checkpoint") == 1
    assert ledger.count("entry") == 3


def test_tiles_are_those_of_their_log(ledger: Ledger) -> None:
    """A reader of one log's tiles sees no other log's."""
    append(ledger, 2)
    with reading(ledger.engine) as connection:
        assert len(StoredTiles(connection, 1).read_tile(0, 0)) == 64
        with pytest.raises(StoreError, match="of log 2"):
            StoredTiles(connection, 2).read_tile(0, 0)


@pytest.mark.parametrize(("seq", "prev"), [(1, b"\x01" * 32), (7, None)])
def test_the_database_refuses_a_fork(sqlite_ledger: Ledger, seq: int, prev: bytes | None) -> None:
    """Behind the writer's lock the database refuses a second entry at a place or after an entry."""
    append(sqlite_ledger, 2)
    leaf = prev or entries(sqlite_ledger)[0][2]
    with pytest.raises(IntegrityError), writing(sqlite_ledger.engine) as connection:
        insert_rows(
            connection,
            entry,
            "log_id seq bytes leaf prev received_at schema submitter",
            [(1, seq, b"x", b"y", leaf, 5, "s", "t")],
        )


def test_a_log_is_not_forked(tmp_path: Path, sqlite_ledger: Ledger) -> None:
    """An older copy of the database is not written to, and verification finds it; the newest one is."""
    pin = sqlite_ledger.keys.pin(sqlite_ledger.organisation().origin)
    sqlite_ledger.take(seen(instance("A")), pin=pin)
    file = Path(str(sqlite_ledger.engine.url.database))
    sqlite_ledger.engine.dispose()
    old = shutil.copy(file, tmp_path / "old.db")
    sqlite_ledger.take(seen(instance("B")), pin=pin)
    sqlite_ledger.engine.dispose()
    new = shutil.copy(file, tmp_path / "new.db")
    shutil.copy(old, file)
    with pytest.raises(StoreError, match="older copy"):
        sqlite_ledger.take(seen(instance("C")), pin=pin)
    [report] = verify_ledger(sqlite_ledger.engine, sqlite_ledger.keys)
    assert [finding.kind for finding in report.findings] == ["checkpoint"]
    sqlite_ledger.engine.dispose()
    shutil.copy(new, file)
    assert sqlite_ledger.take(seen(instance("C")), pin=pin).committed
    sqlite_ledger.check()


def test_another_ledger_of_the_same_name_is_not_written_to(ledger: Ledger) -> None:
    """A log as long as the kept checkpoint, with other entries, would be a fork as well."""
    owner = ledger.organisation()
    pin = ledger.keys.pin(owner.origin)
    ledger.take(seen(instance("A")), pin=pin)
    other = Checkpoint(owner.origin, 1, bytes(32))
    pin.keep(sign_checkpoint(other, [ledger.keys.signer(owner.origin)]))
    with pytest.raises(StoreError, match="another ledger"):
        ledger.take(seen(instance("B")), pin=pin)
