"""Every stored column of every table is vouched for, or stands here with the reason why not."""

import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, Table

from ledger.log.report import Finding
from ledger.stamping import keep_roots, store_time_stamp
from ledger.store import tables
from ledger.store.engine import reading
from ledger.timestamps import make_request, stored_checkpoint
from tests.ledger.authority import Authority
from tests.ledger.builders import Ledger, ledger_in
from tests.ledger.verifying.marked import MODES, Victim, threads, victim_in

__all__ = ["threads"]

NOT_VOUCHED: dict[str, str] = {
    "log.name": "an organisation's name for people is a setting",
    "cosignature.*": "a witness' line: tests/ledger/test_cosignatures.py changes each column",
    "submission.*": "the inbox holds what is not in the log yet, and answers to what is",
    "token.*": "who may write is a setting",
    "issuing_key.*": "codes enter the log when an event names them; issuing vouches for its own",
    "serial_space.*": "as issuing_key",
    "serial_batch.*": "as issuing_key",
    "serial_range.*": "as issuing_key",
    "drawn_serial.*": "as issuing_key",
}

NAMED: dict[str, set[str]] = {
    "event": {"event"},
    "event.id": {"link", "event.id"},
    "link": {"link"},
    "item": {"item", "link"},
    "item.level": {"item.level"},
    "vocabulary": {"vocabulary"},
    "vocabulary.log_id": {"vocabulary", "vocabulary.log_id"},
    "tile": {"tile", "tile.hashes"},
    "entry.log_id": {"seq", "entry.log_id"},
    "checkpoint.log_id": {"root", "note"},
    "log.origin": {"bytes"},
    "log.id": {"seq", "log.head"},
    "log.size": {"seq"},
    "log_key.log_id": {"log_key.verifier_key"},
    "personal_value": {"personal_value", "personal_value.value"},
    "personal_value.log_id": {"personal_value", "personal_value.log_id"},
    "personal_value.erased_log": {"personal_value.erased_seq"},
    "time_stamp": {"time_stamp.token"},
}
"""What the first finding's column is, where it isn't the changed one's own name."""


def columns() -> Iterator[tuple[Table, str]]:
    """Yield every column that is vouched for."""
    for table in tables.metadata.sorted_tables:
        if table.name == "time_stamp" and not can_stamp():
            continue
        for column in table.columns:
            if not NOT_VOUCHED.keys() & {f"{table.name}.*", f"{table.name}.{column.name}"}:
                yield table, column.name


def stamp(victim: Victim, folder: Path) -> None:
    """Give each log a time stamp of its newest checkpoint, and trust its authority."""
    folder.mkdir()
    authority = Authority.make(folder)
    keep_roots(victim.ledger.keys.folder, authority.root.encode())
    for owner in victim.ledger.logs.values():
        with reading(victim.ledger.engine) as connection:
            newest = stored_checkpoint(connection, owner.row)
        token = authority.answer(make_request(newest.note).body)
        store_time_stamp(victim.ledger.engine, owner.row, newest.size, token)


def can_stamp() -> bool:
    """Tell whether an authority can be made here: in continuous integration always."""
    return bool(shutil.which("openssl") and find_spec("rfc3161_client"))


def test_every_reason_is_of_a_column_there_is() -> None:
    """The list of what isn't vouched for names nothing that is gone."""
    known = {
        f"{table.name}.{name}"
        for table in tables.metadata.sorted_tables
        for name in ["*", *table.columns.keys()]
    }
    assert known >= NOT_VOUCHED.keys()
    assert len(list(columns())) > 40


def changed(value: Any, column: str) -> Any:
    """Return another value of the same type."""
    if isinstance(value, bytes | memoryview):
        raw = bytes(value)
        return raw[:-1] + bytes([raw[-1] ^ 1])
    if isinstance(value, str):
        return value[:-1] + chr(ord(value[-1]) ^ 1)
    if value is None:
        return 1 if column in {"declared_by", "peer", "last_size"} else "x"
    # No other row of a table of this size has such a key; a small number stays one.
    return (
        value ^ 1
        if column in {"role", "line", "type", "action", "declaration", "level"}
        else value + 1_000_000
    )


def row_of(victim: Victim, table: Table, column: str) -> dict[str, Any]:
    """Return a row of a table that has something in a column, from its middle if it may."""
    names = ", ".join(f'"{one.name}"' for one in table.columns)
    keys = ", ".join(f'"{key.name}"' for key in table.primary_key.columns)
    rows = victim.ledger.rows(f'SELECT {names} FROM "{table.name}" ORDER BY {keys}')
    found = [dict(zip(table.columns.keys(), row, strict=True)) for row in rows]
    found = [row for row in found if row.get("log_id", 1) == 1]
    full = [row for row in found if row[column] is not None] or found
    return full[len(full) // 2]


def is_named(finding: Finding, table: str, column: str) -> bool:
    """Tell whether a finding names what was changed."""
    own = {column, f"{table}.{column}"}
    named = NAMED.get(f"{table}.{column}") or NAMED.get(table, set()) | own
    return finding.column in named | own


@pytest.mark.no_cover  # volume: others measure these lines
@pytest.mark.parametrize("mode", MODES)
def test_a_change_of_any_column_is_named(
    engine: Engine, ledger: Ledger, tmp_path: Path, threads: None, mode: str
) -> None:
    """Whatever column of whatever table is changed, in whatever mode, a finding names it."""
    victim = victim_in(engine, ledger_in(engine, tmp_path), tmp_path)
    if can_stamp():
        stamp(victim, tmp_path / "authority")
    assert victim.findings(mode) == []
    missed = []
    for table, column in columns():
        row = row_of(victim, table, column)
        keys = [key.name for key in table.primary_key.columns]
        where = " AND ".join(f'"{name}" = ?' for name in keys)
        new = changed(row[column], column)
        with victim.changed(
            f'UPDATE "{table.name}" SET "{column}" = ? WHERE {where}',
            values=(new, *(row[name] for name in keys)),
        ):
            findings = victim.findings(mode)
        if not findings or not is_named(findings[0], table.name, column):
            missed.append((table.name, column, [(one.column, one.seq) for one in findings]))
    assert missed == [], missed
    assert victim.findings(mode) == []
