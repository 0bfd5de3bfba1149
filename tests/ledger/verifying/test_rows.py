"""Entries deleted, inserted, moved and swapped, at every edge, in every mode: each is named where it is."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ledger.log.report import Kind
from ledger.log.verify import verify_log
from ledger.organisations import find_organisation
from ledger.store.engine import reading
from ledger.verification import verify_ledger
from ledger.verifying.accounting import Items
from ledger.verifying.copies import any_text
from ledger.verifying.exact import ExactProjections, StoredLog
from tests.ledger.builders import Ledger, ledger_in
from tests.ledger.genealogy.asking import see
from tests.ledger.verifying.marked import MODES, Victim, threads, victim_in

__all__ = ["threads"]

PLACES = {"start": 0, "middle": 300, "tile edge": 255, "behind it": 256, "segment edge": 511}
AWAY = 5_000_000


def deleted(seq: int) -> list[str]:
    """Delete an entry."""
    return [f"DELETE FROM entry WHERE log_id = 1 AND seq = {seq}"]


def swapped(seq: int) -> list[str]:
    """Let an entry and the one behind it change their places."""
    return [
        f"UPDATE entry SET seq = {AWAY} WHERE log_id = 1 AND seq = {seq}",
        f"UPDATE entry SET seq = {seq} WHERE log_id = 1 AND seq = {seq + 1}",
        f"UPDATE entry SET seq = {seq + 1} WHERE log_id = 1 AND seq = {AWAY}",
    ]


def inserted(seq: int) -> list[str]:
    """Push a copy of an entry in at a place; those behind it move."""
    return [
        f"UPDATE entry SET seq = seq + {AWAY} WHERE log_id = 1 AND seq >= {seq}",
        "INSERT INTO entry (log_id, seq, bytes, leaf, prev, received_at, schema, submitter)"
        f" SELECT log_id, {seq}, bytes, leaf, bytes, received_at, schema, submitter FROM entry"
        f" WHERE log_id = 1 AND seq = {AWAY + seq}",
        f"UPDATE entry SET seq = seq - {AWAY - 1} WHERE log_id = 1 AND seq >= {AWAY}",
    ]


def closed_up(seq: int) -> list[str]:
    """Delete an entry, and number those behind it anew."""
    return [
        *deleted(seq),
        f"UPDATE entry SET seq = seq + {AWAY} WHERE log_id = 1 AND seq > {seq}",
        f"UPDATE entry SET seq = seq - {AWAY + 1} WHERE log_id = 1 AND seq > {AWAY}",
    ]


CHANGES: list[Callable[[int], list[str]]] = [deleted, swapped, inserted, closed_up]


def exactly(victim: Victim) -> list[tuple[int | None, str, Kind]]:
    """What the exact walk alone finds in the first log."""
    with reading(victim.ledger.engine) as connection, any_text(connection):
        one = find_organisation(connection, "main")
        report = verify_log(
            StoredLog(connection, one, ()),
            one.origin,
            [victim.ledger.keys.signer(one.origin).verifier],
            check_projection=ExactProjections(connection, one, Items()),
            require_checkpoint=True,
        )
    return [(found.seq, found.column, found.kind) for found in report.findings]


@pytest.mark.no_cover  # volume: others measure these lines
@pytest.mark.parametrize("mode", MODES)
def test_moved_rows_are_named_as_the_exact_walk_names_them(
    engine: Engine, tmp_path: Path, threads: None, mode: str
) -> None:
    """Whatever happens to rows, and wherever, every mode finds what the exact walk finds."""
    victim = victim_in(engine, ledger_in(engine, tmp_path), tmp_path)
    [(size,)] = victim.ledger.rows("SELECT size FROM log WHERE id = 1")
    assert size > 2 * 256 + 1
    for change in CHANGES:
        for place, seq in (PLACES | {"tail": size - 2}).items():
            with victim.changed(*change(seq)):
                [first, second] = victim.reports(mode)
                found = [(one.seq, one.column, one.kind) for one in first.findings]
                assert found == exactly(victim), (change, place)
            named = found[0][0]
            assert named in {seq, seq + 1}, (change, place)
            assert Kind.LINKAGE in {kind for place, _, kind in found if place == named}
            assert first.intact_up_to == (named - 1 if named else None)
            assert second.findings == ()


@pytest.mark.no_cover  # volume: others measure these lines
@pytest.mark.parametrize("mode", MODES)
def test_rows_that_no_entry_accounts_for(
    engine: Engine, tmp_path: Path, threads: None, mode: str
) -> None:
    """Rows beside the log, in whatever table, are found in every mode."""
    victim = victim_in(engine, ledger_in(engine, tmp_path), tmp_path)
    copy = {
        "entry": "log_id, {seq}, bytes, leaf, bytes, received_at, schema, submitter",
        "event": "{new}, log_id, {seq}, event_id || 'x', declaration, digest, type, action, time,"
        " received_at, biz_step, disposition, location, holder, declared_by",
        "link": "item_id, role, {new}, line, node, time, peer, quantity, unit",
        "item": "{new}, 'urn:example:forged', 0",
        "vocabulary": "log_id, code || '9', type, attributes, {seq}",
        "tile": 'log_id, level, "index" + 77, hashes',
        "checkpoint": "log_id, size + 1000, root, note",
    }
    for table, columns in copy.items():
        for seq in (-1, 9_000_000):
            filled = columns.format(seq=seq, new=8_000_000)
            statement = f"INSERT INTO {table} SELECT {filled} FROM {table} LIMIT 1"
            with victim.changed(statement):
                findings = victim.findings(mode)
            assert findings, (table, seq)


def test_a_log_that_was_cut_is_noticed_by_its_mark(sqlite_engine: Engine, tmp_path: Path) -> None:
    """Entries that went with every checkpoint and row over them are missed by the mark alone."""
    victim = victim_in(sqlite_engine, ledger_in(sqlite_engine, tmp_path), tmp_path)
    scope = victim.scope("incremental")
    with victim.changed(
        "DELETE FROM link WHERE event_row IN (SELECT id FROM event WHERE log_id = 2)",
        "DELETE FROM event WHERE log_id = 2",
        "DELETE FROM item WHERE id NOT IN (SELECT item_id FROM link)",
        *(f"DELETE FROM {table} WHERE log_id = 2" for table in ("tile", "checkpoint", "entry")),
        "UPDATE log SET size = 0, head = zeroblob(32) WHERE id = 2",
    ):
        for part in (scope, replace(scope, full=True)):
            [_, report] = verify_ledger(sqlite_engine, victim.ledger.keys, scope=part)
            [found] = report.findings
            assert (found.seq, found.column, found.kind) == (0, "seq", Kind.CHECKPOINT)
            assert "has seen 2 sound entries, the log has 0" in found.message
        without = verify_ledger(sqlite_engine, victim.ledger.keys)
        assert [one.findings for one in without] == [(), ()]


def test_a_log_that_was_written_anew_is_noticed_by_its_mark(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    """Whoever has the key can write another sound history, but not one with the marked root."""
    victim = victim_in(sqlite_engine, ledger_in(sqlite_engine, tmp_path), tmp_path)
    scope = victim.scope("incremental")
    assert scope.marks is not None
    mark = scope.marks.read("localhost/log/two")
    assert mark is not None
    scope.marks.keep(replace(mark, nodes=(b"\1" * 32,)))
    [_, report] = verify_ledger(sqlite_engine, victim.ledger.keys, scope=scope)
    [found] = report.findings
    assert (found.seq, found.column, found.kind) == (1, "root", Kind.CHECKPOINT)


def later(ledger: Ledger, number: int) -> None:
    """Capture one more event."""
    ledger.take(see(9, f"later{number}"))


def test_a_mark_moves_on_and_its_rounds_come_to_all(sqlite_engine: Engine, tmp_path: Path) -> None:
    """Each run reads what is new and a share of the rest; a full one begins again."""
    victim = victim_in(sqlite_engine, ledger_in(sqlite_engine, tmp_path), tmp_path)
    scope = victim.scope("incremental")
    assert scope.marks is not None
    read = []
    for number in range(3):
        later(victim.ledger, number)
        [report, _] = verify_ledger(sqlite_engine, victim.ledger.keys, scope=scope)
        assert report.findings == ()
        assert report.read is not None
        read.append(report.read)
        mark = scope.marks.read(report.log)
        assert mark is not None
        assert (mark.size, mark.round) == (report.size, number + 1)
    size = report.size
    assert read == [size - 256 - 2, size - 256 - 1, size - 256]
    [report, _] = verify_ledger(sqlite_engine, victim.ledger.keys, scope=replace(scope, full=True))
    assert (report.size, report.read) == (size, None)
    mark = scope.marks.read(report.log)
    assert mark is not None
    assert mark.round == 0
