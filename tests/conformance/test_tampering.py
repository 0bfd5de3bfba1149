"""An intruder with `sqlite3` changes a ledger of real documents; verification names what was changed.

Each change is made to a copy of the file, through the sqlite3 module and past every constraint, as somebody who
holds the disk could. What verification answers is log, seq, column and kind.

What it cannot notice, since nothing outside the file says otherwise: the newest entries deleted together
with every checkpoint over them and everything derived from them; for this a checkpoint is kept elsewhere. The name
of an organisation and access tokens are settings and no record, and `event.id` and `item.id` are surrogates: they
mean nothing but an order, and are checked only as far as links hang on them.
"""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from ledger.log.report import Finding, Kind
from ledger.store.engine import open_engine
from ledger.verification import verify_ledger
from tests.ledger.builders import Ledger, document, element, ledger_in

Intrusion = Callable[[sqlite3.Connection], object]

SETTINGS = {("log", "name")}
"""Columns that record nothing that happened."""
SURROGATES = {("event", "id"), ("item", "id")}
TABLES = ("entry", "event", "link", "item", "vocabulary", "tile", "checkpoint", "log")


@dataclass(frozen=True)
class Victim:
    """A verified ledger of real documents, of which copies are tampered with."""

    ledger: Ledger
    file: Path
    copies: Iterator[int]

    def after(self, *intrusions: Intrusion | str) -> list[Finding]:
        """Tamper with a copy and return what verification finds."""
        copy = self.file.with_name(f"copy{next(self.copies)}.sqlite")
        shutil.copyfile(self.file, copy)
        with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
            connection.execute("PRAGMA foreign_keys = OFF")
            for intrusion in intrusions:
                if isinstance(intrusion, str):
                    connection.execute(intrusion)
                else:
                    intrusion(connection)
        engine = open_engine(f"sqlite:///{copy}")
        try:
            reports = verify_ledger(engine, self.ledger.keys)
        finally:
            engine.dispose()
            copy.unlink()
        return [finding for report in reports for finding in report.findings]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return what a query finds in the ledger as it should be."""
        with closing(sqlite3.connect(self.file)) as connection:
            return connection.execute(sql).fetchall()

    def columns(self, table: str) -> list[str]:
        """Return the names of a table's columns."""
        return [row[1] for row in self.rows(f"PRAGMA table_info({table})")]


@contextmanager
def unguarded(connection: sqlite3.Connection) -> Iterator[None]:
    """Let go of NOT NULL and of types that a table's text promises, as an editor of the file can."""
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute(
        "UPDATE sqlite_master SET sql = replace(sql, ' NOT NULL', '') WHERE type = 'table'"
    )
    connection.execute("PRAGMA writable_schema = RESET")
    yield


def chosen(folder: Path) -> list[Path]:
    """Return some documents of every kind of event, by what they say and not by their names."""
    texts = {
        path: path.read_text("utf-8-sig")
        for path in sorted(folder.rglob("*.jsonld"))
        if not {"spec", "negative"} & set(path.relative_to(folder).parts)
    }
    words = ["TransformationEvent", "AssociationEvent", "AggregationEvent", "errorDeclaration"]
    found: dict[Path, None] = {}
    for word in [*words, "TransactionEvent", "ObjectEvent"]:
        matching = [path for path, text in texts.items() if f'"{word}"' in text]
        found |= dict.fromkeys(matching[:4])
    return list(found)


@pytest.fixture(scope="module")
def victim(
    vectors: Path, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Victim:
    """Capture real documents to two logs, with master data, and make sure that all of it verifies."""
    documents = chosen(vectors / "epcis")
    if not documents:
        pytest.skip(f"no EPCIS document below {vectors / 'epcis'}")
    folder = tmp_path_factory.mktemp("victim")
    file = folder / "ledger.sqlite"
    shutil.copyfile(sqlite_template, file)
    engine = open_engine(f"sqlite:///{file}")
    ledger = ledger_in(engine, folder)
    for number, path in enumerate(documents):
        with path.open("rb") as stream:
            ledger.send(stream, ("maker", "supplier")[number % 2])
    place = "https://id.gs1.org/414/9506000134376"
    product = "https://id.gs1.org/01/09506000134352"
    ledger.send(
        document(
            vocabularies={
                "Location": [element(place, city="Ulm")],
                "EPCClass": [element(product, name="pack", colour="red")],
            }
        ),
        "maker",
    )
    engine.dispose()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    found = Victim(ledger, file, count())
    assert found.after() == []
    assert found.rows("SELECT count(*) > 5 FROM entry GROUP BY log_id") == [(1,), (1,)]
    return found


def changed(value: Any) -> Any:
    """Return a value with one bit or digit changed, of the same type where it has one."""
    if isinstance(value, bytes):
        middle = len(value) // 2
        return value[:middle] + bytes([value[middle] ^ 1]) + value[middle + 1 :]
    if isinstance(value, str):
        middle = len(value) // 2
        return value[:middle] + chr(ord(value[middle]) ^ 1) + value[middle + 1 :]
    if isinstance(value, int):
        return value ^ 1
    return 7


def setting(table: str, column: str, value: object, key: dict[str, object]) -> Intrusion:
    """Return an intrusion that sets one column of one row, past all that the schema says."""

    def intrude(connection: sqlite3.Connection) -> None:
        with unguarded(connection):
            where = " AND ".join(f'"{name}" IS ?' for name in key)
            try:
                done = connection.execute(
                    f'UPDATE {table} SET "{column}" = ? WHERE {where}', (value, *key.values())
                )
            except sqlite3.IntegrityError:
                # A key that is taken: the row that has it goes, as an intruder's would.
                done = connection.execute(
                    f'UPDATE OR REPLACE {table} SET "{column}" = ? WHERE {where}',
                    (value, *key.values()),
                )
            assert done.rowcount == 1

    return intrude


KEYS = {
    "entry": ("log_id", "seq"),
    "event": ("id",),
    "link": ("item_id", "role", "event_row", "line"),
    "item": ("id",),
    "vocabulary": ("log_id", "code"),
    "tile": ("log_id", "level", "index"),
    "checkpoint": ("log_id", "size"),
    "log": ("id",),
}
ROWID = {("event", "id"), ("item", "id"), ("log", "id")}
"""SQLite's own row numbers, which hold integers and nothing else."""


@dataclass(frozen=True)
class Deletion:
    """An intrusion that deletes the row with a key."""

    sql: str
    key: list[Any]

    def __call__(self, connection: sqlite3.Connection) -> None:
        """Delete it."""
        assert connection.execute(self.sql, self.key).rowcount == 1


def samples(victim: Victim, table: str) -> list[dict[str, Any]]:
    """Return the first, a middle and the last row of a table."""
    names = victim.columns(table)
    order = ", ".join(f'"{name}"' for name in KEYS[table])
    rows = [
        dict(zip(names, row, strict=True))
        for row in victim.rows(f"SELECT * FROM {table} ORDER BY {order}")
    ]
    return [rows[at] for at in sorted({0, len(rows) // 2, len(rows) - 1})]


def named(finding: Finding) -> None:
    """Fail unless a finding says all that it should."""
    assert finding.log
    assert finding.column
    assert finding.kind in set(Kind)
    assert finding.message


@pytest.mark.parametrize("table", TABLES)
def test_a_changed_byte_of_any_column_is_noticed(victim: Victim, table: str) -> None:
    """Whatever column of whatever table is changed in one bit, verification finds it."""
    missed = []
    for column in victim.columns(table):
        if (table, column) in SETTINGS | SURROGATES:
            continue
        for row in samples(victim, table):
            key = {name: row[name] for name in KEYS[table]}
            findings = victim.after(setting(table, column, changed(row[column]), key))
            if not findings:
                missed.append((column, key, row[column]))
            for finding in findings:
                named(finding)
    assert missed == []


@pytest.mark.no_cover  # volume: others measure these lines
@pytest.mark.parametrize("wrong", [None, "text", b"\x01\x02", 2.5, -1])
@pytest.mark.parametrize("table", TABLES)
def test_a_value_of_a_wrong_type_is_noticed(victim: Victim, table: str, wrong: object) -> None:
    """NULL, text, bytes, fractions and numbers below zero in any column are findings, not crashes."""
    missed = []
    for column in victim.columns(table):
        if (table, column) in SETTINGS | SURROGATES | ROWID:
            continue
        row = samples(victim, table)[-1]
        if row[column] == wrong and type(row[column]) is type(wrong):
            continue
        key = {name: row[name] for name in KEYS[table]}
        try:
            findings = victim.after(setting(table, column, wrong, key))
        except sqlite3.IntegrityError:
            # Keys of a table WITHOUT ROWID can't be NULL, whatever its text says.
            assert wrong is None, column
            continue
        if not findings:
            missed.append(column)
        for finding in findings:
            named(finding)
    assert missed == []


def broken_text(table: str, column: str, key: dict[str, object]) -> Intrusion:
    """Return an intrusion that puts text which is no UTF-8 into a column, as SQL's own `||` does."""

    def intrude(connection: sqlite3.Connection) -> None:
        with unguarded(connection):
            where = " AND ".join(f'"{name}" IS ?' for name in key)
            done = connection.execute(
                f"""UPDATE {table} SET "{column}" = x'FF' || "{column}" WHERE {where}""",
                tuple(key.values()),
            )
            assert done.rowcount == 1

    return intrude


@pytest.mark.parametrize("table", TABLES)
def test_text_that_is_no_utf8_is_noticed(victim: Victim, table: str) -> None:
    """What the driver can't decode ends no verification: it is a finding like another."""
    missed = []
    for column in victim.columns(table):
        row = samples(victim, table)[0]
        if (table, column) in SETTINGS | SURROGATES | ROWID or row[column] is None:
            continue
        key = {name: row[name] for name in KEYS[table]}
        if not victim.after(broken_text(table, column, key)):
            missed.append(column)
    assert missed == []


@pytest.mark.parametrize("table", [table for table in TABLES if table != "log"])
def test_a_deleted_row_is_noticed(victim: Victim, table: str) -> None:
    """A row that is gone is missed, wherever it stood."""
    for row in samples(victim, table):
        if table == "checkpoint" and row["size"] != max(
            one[0]
            for one in victim.rows(f"SELECT size FROM checkpoint WHERE log_id = {row['log_id']}")
        ):
            continue  # an older checkpoint is contained in every newer one
        where = " AND ".join(f'"{name}" IS ?' for name in KEYS[table])
        key = [row[name] for name in KEYS[table]]
        assert victim.after(Deletion(f"DELETE FROM {table} WHERE {where}", key)), row


@pytest.mark.parametrize("first", [0, 1, 3])
def test_two_swapped_entries_are_named(victim: Victim, first: int) -> None:
    """Entries in each other's place are named by the first of them, as linkage."""
    findings = victim.after(
        "PRAGMA writable_schema = OFF",
        f"UPDATE entry SET seq = -1 WHERE log_id = 1 AND seq = {first}",
        f"UPDATE entry SET seq = {first} WHERE log_id = 1 AND seq = {first + 1}",
        f"UPDATE entry SET seq = {first + 1} WHERE log_id = 1 AND seq = -1",
    )
    assert (findings[0].seq, findings[0].column, findings[0].kind) == (first, "seq", Kind.LINKAGE)
    assert findings[0].log == "localhost/log/maker"


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ("bytes", Kind.CONTENT),
        ("leaf", Kind.PROJECTION),
        ("prev", Kind.PROJECTION),
        ("received_at", Kind.PROJECTION),
        ("schema", Kind.PROJECTION),
        ("submitter", Kind.PROJECTION),
    ],
)
def test_a_column_of_an_entry_is_named_exactly(victim: Victim, column: str, kind: Kind) -> None:
    """The answer to one changed byte of an entry is that entry, that column and one kind."""
    for row in samples(victim, "entry"):
        key = {name: row[name] for name in KEYS["entry"]}
        findings = victim.after(setting("entry", column, changed(row[column]), key))
        [(origin,)] = victim.rows(f"SELECT origin FROM log WHERE id = {row['log_id']}")
        first = findings[0]
        assert (first.log, first.seq, first.column, first.kind) == (
            origin,
            row["seq"],
            column,
            kind,
        )


@pytest.mark.parametrize(
    "column",
    "event_id declaration digest type action time received_at biz_step disposition location holder".split(),
)
def test_a_column_of_an_event_is_named_exactly(victim: Victim, column: str) -> None:
    """The answer to a changed column of an event is its entry and that column, as projection."""
    for row in samples(victim, "event"):
        [(origin,)] = victim.rows(f"SELECT origin FROM log WHERE id = {row['log_id']}")
        for wrong in (changed(row[column]), "urn:example:else"):
            findings = victim.after(setting("event", column, wrong, {"id": row["id"]}))
            first = findings[0]
            assert (first.log, first.seq) == (origin, row["seq"])
            assert (first.column, first.kind) == (f"event.{column}", Kind.PROJECTION)


FORGED = {
    "an entry at the end": "INSERT INTO entry SELECT log_id, seq + 1, bytes, leaf, leaf, received_at, schema, submitter FROM entry WHERE log_id = 1 ORDER BY seq DESC LIMIT 1",
    "an event": "INSERT INTO event SELECT id + 100000, log_id, seq + 100000, event_id || 'x', declaration, digest, type, action, time, received_at, biz_step, disposition, location, holder, declared_by FROM event WHERE id = 1",
    "an event of no log": "INSERT INTO event SELECT id + 100000, 99, seq, event_id, declaration, digest, type, action, time, received_at, biz_step, disposition, location, holder, declared_by FROM event WHERE id = 1",
    "a link of an event": "INSERT INTO link SELECT item_id, 1, event_row, 77, node, time, peer, quantity, unit FROM link LIMIT 1",
    "a link of no event": "INSERT INTO link SELECT item_id, role, 100000, line, 100000 << 20, time, peer, quantity, unit FROM link LIMIT 1",
    "a link at a node of another's": "INSERT INTO link SELECT item_id, 1, 100000, line, node, time, peer, quantity, unit FROM link LIMIT 1",
    "an item": "INSERT INTO item SELECT max(id) + 1, 'urn:example:forged', 0 FROM item",
    "master data": "INSERT INTO vocabulary SELECT log_id, code || '9', type, attributes, seq FROM vocabulary LIMIT 1",
    "master data of no log": "INSERT INTO vocabulary SELECT 99, code, type, attributes, seq FROM vocabulary LIMIT 1",
    "a tile": 'INSERT INTO tile SELECT log_id, level, "index" + 1, hashes FROM tile LIMIT 1',
    "a tile of another level": 'INSERT INTO tile SELECT log_id, level + 1, "index", hashes FROM tile LIMIT 1',
    "a checkpoint": "INSERT INTO checkpoint SELECT log_id, size + 1000, root, note FROM checkpoint LIMIT 1",
    "a checkpoint of no log": "INSERT INTO checkpoint SELECT 99, size, root, note FROM checkpoint LIMIT 1",
    "an entry of no log": "INSERT INTO entry SELECT 99, seq, bytes, leaf, prev, received_at, schema, submitter FROM entry LIMIT 1",
}


@pytest.mark.parametrize("what", FORGED)
def test_a_forged_row_is_noticed(victim: Victim, what: str) -> None:
    """A row that no entry accounts for is a finding, in whatever table it stands."""
    findings = victim.after(FORGED[what])
    assert findings
    for finding in findings:
        named(finding)


def test_a_shortened_log_is_noticed_by_its_checkpoint(victim: Victim) -> None:
    """Without the newest entries, the checkpoint over them says how many there were."""
    findings = victim.after(
        "DELETE FROM entry WHERE log_id = 1 AND seq = (SELECT size - 1 FROM log WHERE id = 1)"
    )
    [(size,)] = victim.rows("SELECT size FROM log WHERE id = 1")
    found = {(one.seq, one.kind) for one in findings}
    assert (size - 1, Kind.CHECKPOINT) in found


def test_a_shortened_log_without_its_checkpoint_is_noticed_by_the_rest(victim: Victim) -> None:
    """With the newest checkpoint gone too, the log's size and head, tiles, events and links tell."""
    cut = (
        "DELETE FROM entry WHERE log_id = 2 AND seq = (SELECT size - 1 FROM log WHERE id = 2)",
        "DELETE FROM checkpoint WHERE log_id = 2 AND size = (SELECT size FROM log WHERE id = 2)",
    )
    assert victim.after(*cut)[0].kind is Kind.LINKAGE
    resized = "UPDATE log SET size = size - 1 WHERE id = 2"
    assert victim.after(*cut, resized)[0].column in {"event", "log.head"}


def test_a_log_that_was_removed_whole_is_not_noticed(victim: Victim) -> None:
    """What no row is left of can't be missed by the file alone: a checkpoint kept elsewhere is needed."""
    everything = [
        "DELETE FROM link WHERE event_row IN (SELECT id FROM event WHERE log_id = 2)",
        "DELETE FROM event WHERE log_id = 2",
        "DELETE FROM item WHERE id NOT IN (SELECT item_id FROM link)"
        " AND id NOT IN (SELECT peer FROM link WHERE peer IS NOT NULL)",
        *(
            f"DELETE FROM {table} WHERE log_id = 2"
            for table in ("vocabulary", "tile", "checkpoint", "entry")
        ),
        "DELETE FROM log WHERE id = 2",
    ]
    assert victim.after(*everything) == []
