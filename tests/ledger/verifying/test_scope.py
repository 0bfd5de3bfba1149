"""What a verification is asked for beside the ledger: kept checkpoints, named keys, a copy, the log alone."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ledger.errors import NoteError, StoreError, UsageError
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.keyring import KeyRing
from ledger.log.note import Signer
from ledger.log.report import Kind
from ledger.proofs import newest_checkpoint
from ledger.store.engine import reading
from ledger.verification import KeyPins, Scope, verify_ledger
from ledger.verifying.copies import open_copy
from tests.ledger.builders import Ledger, ledger_in
from tests.ledger.genealogy.asking import see
from tests.ledger.verifying.marked import victim_in

ORIGIN = "localhost/log/main"


def checkpoint(ledger: Ledger) -> str:
    """Return the newest checkpoint."""
    with reading(ledger.engine) as connection:
        return newest_checkpoint(connection, "main")


def against(ledger: Ledger, *notes: str) -> list[tuple[int | None, str, Kind]]:
    """Compare with kept checkpoints and return where the findings are."""
    scope = Scope(against=notes)
    reports = verify_ledger(ledger.engine, ledger.keys, scope=scope)
    return [(one.seq, one.column, one.kind) for report in reports for one in report.findings]


def test_a_kept_checkpoint_is_contained(ledger: Ledger) -> None:
    """Every older checkpoint is contained in the log that has grown from it."""
    notes = []
    for number in range(4):
        ledger.take(see(number, f"a{number}"))
        notes.append(checkpoint(ledger))
    assert against(ledger, *notes) == []


def test_a_kept_checkpoint_tells_of_a_fork_and_of_a_cut(ledger: Ledger) -> None:
    """A signed root that the log doesn't have, and a signed size that it doesn't reach."""
    ledger.take(see(1, "a"), see(2, "b"))
    signer = ledger.keys.signer(ORIGIN)
    forked = sign_checkpoint(Checkpoint(ORIGIN, 1, b"\1" * 32), [signer])
    assert against(ledger, forked) == [(0, "root", Kind.CHECKPOINT)]
    longer = sign_checkpoint(Checkpoint(ORIGIN, 7, b"\1" * 32), [signer])
    assert against(ledger, longer) == [(2, "seq", Kind.CHECKPOINT)]


def test_a_kept_checkpoint_in_a_part_that_is_vouched_for(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    """The segment that a kept checkpoint ends in is read, whosever turn it is."""
    victim = victim_in(sqlite_engine, ledger_in(sqlite_engine, tmp_path), tmp_path)
    ledger = victim.ledger
    signer = ledger.keys.signer(ORIGIN)
    [(size, note)] = ledger.rows(
        "SELECT size, note FROM checkpoint WHERE log_id = 1 AND size > 256 ORDER BY size LIMIT 1"
    )
    scope = replace(victim.scope("incremental"), against=(note,))
    [report, _] = verify_ledger(sqlite_engine, ledger.keys, scope=scope)
    assert (report.findings, report.read) == ((), None if report.read is None else report.size)
    forked = sign_checkpoint(Checkpoint(ORIGIN, size, b"\1" * 32), [signer])
    scope = replace(victim.scope("incremental"), against=(forked,))
    [report, _] = verify_ledger(sqlite_engine, ledger.keys, scope=scope)
    assert [(one.seq, one.column) for one in report.findings] == [(size - 1, "root")]


def test_a_checkpoint_that_is_none_of_this_ledger(ledger: Ledger) -> None:
    """Another log's is a wrong question; one that isn't signed by the log's key means nothing."""
    ledger.take(see(1, "a"))
    stranger = Signer.from_seed(ORIGIN, bytes(32))
    other = Signer.from_seed("other/log/x", bytes(32))
    with pytest.raises(UsageError, match="of other/log/x"):
        against(ledger, sign_checkpoint(Checkpoint("other/log/x", 1, bytes(32)), [other]))
    with pytest.raises(NoteError):
        against(ledger, sign_checkpoint(Checkpoint(ORIGIN, 1, bytes(32)), [stranger]))
    with pytest.raises(NoteError):
        against(ledger, "no note")


def test_the_log_alone(ledger: Ledger) -> None:
    """Without projections only the log is looked at, and exactly where it differs."""
    ledger.take(see(1, "a"), see(2, "b"))
    alone = Scope(projections=False)
    with ledger.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE event SET biz_step = 'x'")
    assert [one.findings for one in verify_ledger(ledger.engine, ledger.keys, scope=alone)] == [()]
    with ledger.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE entry SET submitter = 'x' WHERE seq = 1")
    [report] = verify_ledger(ledger.engine, ledger.keys, scope=alone)
    assert [(one.seq, one.column) for one in report.findings] == [(1, "submitter")]


def test_the_log_alone_beside_strange_rows(sqlite_ledger: Ledger) -> None:
    """A row that the exact walk can't see is still a finding, with or without projections."""
    ledger = sqlite_ledger
    ledger.take(see(1, "a"))
    with ledger.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO entry SELECT log_id, -5, bytes, leaf, bytes, received_at, schema, submitter"
            " FROM entry"
        )
    for projections in (True, False):
        scope = Scope(projections=projections)
        [report] = verify_ledger(ledger.engine, ledger.keys, scope=scope)
        assert [(one.seq, one.column, one.kind) for one in report.findings] == [
            (None, "seq", Kind.LINKAGE)
        ]


@pytest.fixture
def copied(sqlite_ledger: Ledger, tmp_path: Path) -> Path:
    """Give a copy of a ledger's file, alone in a folder of its own."""
    sqlite_ledger.take(see(1, "a"), see(2, "b"))
    file = tmp_path / "elsewhere" / "copy?.db"
    file.parent.mkdir()
    with (
        closing(sqlite3.connect(str(sqlite_ledger.engine.url.database))) as source,
        closing(sqlite3.connect(file)) as target,
    ):
        source.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")
    return file


def test_a_copy_is_verified_with_a_named_key(sqlite_ledger: Ledger, copied: Path) -> None:
    """No folder of keys, no lock, and nothing beside the copy afterwards."""
    copied.chmod(0o400)
    url = f"sqlite:///{copied}".replace("?", "%3F")
    keys = KeyPins((KeyRing.of(sqlite_ledger.keys.signer(ORIGIN).verifier),))
    engine = open_copy(url)
    try:
        [report] = verify_ledger(engine, keys)
        assert (report.size, report.findings) == (2, ())
        other = KeyPins((KeyRing.of(Signer.from_seed("other", bytes(32)).verifier),))
        with pytest.raises(UsageError, match=r"No key of localhost/log/main .* of other"):
            verify_ledger(engine, other)
        stranger = KeyPins((KeyRing.of(Signer.from_seed(ORIGIN, bytes(32)).verifier),))
        [report] = verify_ledger(engine, stranger)
        assert "note" in {one.column for one in report.findings}
    finally:
        engine.dispose()
    assert [path.name for path in copied.parent.iterdir()] == [copied.name]


def test_a_copy_that_is_not_whole(copied: Path, tmp_path: Path) -> None:
    """A write-ahead log beside a copy may hold what the copy lacks; a missing file is told."""
    copied = copied.rename(copied.with_name("copy.db"))
    beside = copied.with_name("copy.db-wal")
    beside.write_bytes(b"")
    open_copy(f"sqlite:///{copied}").dispose()
    beside.write_bytes(b"x")
    with pytest.raises(StoreError, match="write-ahead log"):
        open_copy(f"sqlite:///{copied}")
    with pytest.raises(StoreError, match="There is no ledger"):
        open_copy(f"sqlite:///{tmp_path / 'nothing.db'}")
    for url in ("sqlite://", "mysql://x", "nonsense"):
        if url == "sqlite://":
            open_copy(url).dispose()
        else:
            with pytest.raises(StoreError, match=r"database URL|Expected a sqlite"):
                open_copy(url)


def test_a_mark_is_no_help_where_its_tiles_are_gone(sqlite_engine: Engine, tmp_path: Path) -> None:
    """Where stored tiles don't give the marked tree, everything is read, and the tiles are named."""
    victim = victim_in(sqlite_engine, ledger_in(sqlite_engine, tmp_path), tmp_path)
    for change in (
        "DELETE FROM tile WHERE level = 1 AND log_id = 1",
        "UPDATE tile SET hashes = zeroblob(64) WHERE level = 1 AND log_id = 1",
        "UPDATE tile SET hashes = 'text' WHERE level = 1 AND log_id = 1",
    ):
        with victim.changed(change):
            [report, _] = verify_ledger(
                sqlite_engine, victim.ledger.keys, scope=victim.scope("incremental")
            )
        assert report.read is None
        assert {one.column for one in report.findings} == {"tile.hashes"} | (
            {"tile"} if "DELETE" in change else set()
        )


def test_a_mark_of_another_width_only_tells_the_root(sqlite_engine: Engine, tmp_path: Path) -> None:
    """What segments of another width vouch for can't be left out; the marked root still holds."""
    victim = victim_in(sqlite_engine, ledger_in(sqlite_engine, tmp_path), tmp_path)
    scope = replace(victim.scope("incremental"), width=65_536)
    [report, _] = verify_ledger(sqlite_engine, victim.ledger.keys, scope=scope)
    assert (report.findings, report.read) == ((), None)


def test_a_level_is_looked_for_in_the_events(sqlite_engine: Engine, tmp_path: Path) -> None:
    """An opaque item's level stands in no code; in a part of the log the events about it are asked."""
    victim = victim_in(sqlite_engine, ledger_in(sqlite_engine, tmp_path), tmp_path)
    thing = "code = 'urn:example:thing:3'"
    for level in (0, 2, 4):
        with victim.changed(f"UPDATE item SET level = {level} WHERE {thing}"):
            columns = {one.column for one in victim.findings("incremental")}
        assert columns == {"item.level"}


def test_an_empty_ledger_has_no_items_to_share(sqlite_engine: Engine, tmp_path: Path) -> None:
    """Where nothing is stored, a share of it is nothing."""
    from ledger.verifying.accounting import item_findings

    with reading(sqlite_engine) as connection:
        assert list(item_findings(connection, "", 0, 2)) == []
