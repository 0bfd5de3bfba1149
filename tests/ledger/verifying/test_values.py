"""Erasure abused as tampering: a value vanishes, changes or comes back without an entry that says so."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import Engine

from ledger.capture import capture
from ledger.erasing import Choice, declare, erase
from ledger.log.canonical import canonical_bytes
from ledger.log.commitment import commit
from ledger.log.entry import decode_entry
from ledger.log.report import Finding, Kind
from ledger.personal import Erased, Erasure
from ledger.schemas import ERASURE_SCHEMA, PERSONAL_SCHEMA
from ledger.sequencing import held
from ledger.store.engine import reading
from ledger.verification import Scope, verify_ledger
from ledger.verifying import values
from ledger.verifying.values import PersonalValues, erasure_findings
from tests.ledger.builders import Ledger, document, instance, ledger_in, seen, stream
from tests.ledger.verifying.marked import CUSTOMER, MODES, Victim, threads, victim_in

__all__ = ["threads"]

ORIGIN = "localhost/log/main"
SALT = bytes(range(16))


@pytest.fixture
def victim(engine: Engine, tmp_path: Path, threads: None) -> Victim:
    """Give a verified ledger of three segments, with values in it, one of which is erased."""
    return victim_in(engine, ledger_in(engine, tmp_path), tmp_path)


def where(row: tuple[Any, ...]) -> str:
    """Return the condition that finds a row."""
    log, seq, pointer = row[:3]
    return f"log_id = {log} AND seq = {seq} AND pointer = '{pointer}'"


ROWS = "SELECT log_id, seq, pointer, commitment, salt, value, erased_seq FROM personal_value"
GONE = "salt = NULL, value = NULL"


def attacks(
    victim: Victim,
) -> Iterator[tuple[str, list[str], tuple[Any, ...], int, set[tuple[str, Kind]]]]:
    """Yield what is changed: name, statements, values, the seq that is named, columns and kinds."""
    ledger = victim.ledger
    rows = ledger.rows(f"{ROWS} WHERE log_id = 1 AND value IS NOT NULL ORDER BY seq, pointer")
    row, other = rows[0], rows[3]
    [erased] = ledger.rows(f"{ROWS} WHERE log_id = 1 AND erased_seq IS NOT NULL")
    [(event,)] = ledger.rows("SELECT min(seq) FROM event WHERE log_id = 1")
    [(elsewhere,)] = ledger.rows(
        "SELECT max(seq) FROM entry WHERE log_id = 2 AND schema = {p}", ERASURE_SCHEMA
    )
    seq, at, entry = row[1], where(row), erased[6]
    value, change = Kind.ERASURE, "UPDATE personal_value SET "
    lost = {("personal_value.value", value)}
    pointed = {("personal_value.erased_seq", value)}
    yield (
        "deleted",
        [f"DELETE FROM personal_value WHERE {at}"],
        (),
        seq,
        {("personal_value", value)},
    )
    yield "emptied", [f"{change}{GONE} WHERE {at}"], (), seq, lost
    yield "salt gone", [f"{change}salt = NULL WHERE {at}"], (), seq, lost
    yield "value gone", [f"{change}value = NULL WHERE {at}"], (), seq, lost
    for name, log, to in (
        ("to nothing", 1, 999_999),
        ("to no log", 77, entry),
        ("to an event", 1, event),
        ("to a declaration", 1, 0),
        ("to the erasure of another value", 1, entry),
        ("to another organisation's erasure", 2, elsewhere),
    ):
        sql = f"{change}{GONE}, erased_log = {log}, erased_seq = {to} WHERE {at}"
        yield f"emptied, {name}", [sql], (), seq, pointed
    half = [f"{change}{GONE}, erased_log = 1 WHERE {at}"]
    yield "emptied, to a log alone", half, (), seq, pointed
    half = [f"{change}{GONE}, erased_seq = {entry} WHERE {at}"]
    yield "emptied, to a seq alone", half, (), seq, pointed
    wrong = {("personal_value.value", Kind.CONTENT)}
    yield "another value", [f"{change}value = ? WHERE {at}"], (b'"Li"',), seq, wrong
    both = [f"{change}salt = ?, value = ? WHERE {at}"]
    yield "another value and salt", both, (SALT, b'"Li"'), seq, wrong
    yield "a short salt", [f"{change}salt = ? WHERE {at}"], (SALT[:-1],), seq, wrong
    swapped = {("personal_value.commitment", Kind.PROJECTION)}
    all_three = [f"{change}commitment = ?, salt = ?, value = ? WHERE {at}"]
    yield "all three", all_three, (commit(SALT, b'"Li"'), SALT, b'"Li"'), seq, swapped
    exchanged = [
        f"{change}commitment = ?, salt = ?, value = ? WHERE {at}",
    ]
    yield "another row's", exchanged, tuple(map(bytes, other[3:6])), seq, swapped
    back = (
        f"{change}salt = ?, value = ?, erased_log = NULL, erased_seq = NULL WHERE {where(erased)}"
    )
    yield "revived", [back], (SALT, b'"x"'), erased[1], wrong
    still = [f"{change}salt = ?, value = ? WHERE {where(erased)}"]
    yield "erased and still there", still, (SALT, b'"x"'), erased[1], lost
    unmarked = [f"{change}erased_log = NULL, erased_seq = NULL WHERE {where(erased)}"]
    yield "unmarked", unmarked, (), erased[1], lost
    gone = [f"DELETE FROM personal_value WHERE {where(erased)}"]
    yield "erased and deleted", gone, (), erased[1], {("personal_value", value)}
    extra = {("personal_value.pointer", Kind.PROJECTION)}
    insert = (
        "INSERT INTO personal_value (log_id, seq, pointer, commitment, salt, value)"
        " SELECT log_id, {}, {}, commitment, salt, value FROM personal_value WHERE " + at
    )
    yield "more at an entry", [insert.format("seq", "'/x'")], (), seq, extra
    yield "at an event without", [insert.format(event, "pointer")], (), event, extra
    yield "at an erasure", [insert.format(entry, "pointer")], (), entry, extra
    beside = {("personal_value.seq", Kind.PROJECTION)}
    yield "behind the log", [insert.format("999999", "pointer")], (), -1, beside
    yield "before the log", [insert.format("-3", "pointer")], (), -1, beside


def named(findings: list[Finding]) -> set[tuple[Any, ...]]:
    """Return what findings say, without their sentences."""
    assert all(one.message.isprintable() for one in findings)
    return {(one.log, -1 if one.seq is None else one.seq, one.column, one.kind) for one in findings}


@pytest.mark.parametrize(
    "mode",
    # The first mode measures these lines; the others walk them again.
    [MODES[0], *(pytest.param(mode, marks=pytest.mark.no_cover) for mode in MODES[1:])],
)
def test_every_abuse_is_found(victim: Victim, mode: str) -> None:
    """Whatever is done to a value, each way of verifying names the log, its entry and the column."""
    two = victim.ledger.access(victim.ledger.organisation("two"))
    declare(two, [CUSTOMER], [], submitter="t")
    capture(two, stream(document(seen(instance("T")) | {CUSTOMER: "Two"})), submitter="t")
    erase(two, Choice(field=CUSTOMER), submitter="t", reason="asked")
    assert victim.findings(mode) == []
    [(erasure,)] = victim.ledger.rows(
        "SELECT seq FROM entry WHERE log_id = 1 AND schema = {p}", ERASURE_SCHEMA
    )
    missed = []
    for name, statements, bound, seq, expected in attacks(victim):
        with victim.changed(*statements, values=bound):
            findings = named(victim.findings(mode))
        wanted = {(ORIGIN, seq, column, kind) for column, kind in expected}
        if mode == "incremental":  # a segment that isn't read yet is missed by the erasure
            wanted.add((ORIGIN, erasure, "personal_value.erased_seq", Kind.ERASURE))
        if not wanted & findings:
            missed.append((name, findings))
    assert missed == []
    assert victim.findings(mode) == []


@pytest.mark.no_cover  # volume: others measure these lines
def test_what_only_sqlite_stores(sqlite_engine: Engine, tmp_path: Path, threads: None) -> None:
    """A value of another type in any column is found, and breaks nothing."""
    victim = victim_in(sqlite_engine, ledger_in(sqlite_engine, tmp_path), tmp_path)
    [row] = victim.ledger.rows(f"{ROWS} WHERE log_id = 1 AND value IS NOT NULL LIMIT 1")
    [gone] = victim.ledger.rows(f"{ROWS} WHERE log_id = 1 AND erased_seq IS NOT NULL")
    missed = []
    for target in (row, gone):
        for column in ("pointer", "commitment", "salt", "value", "erased_log", "erased_seq", "seq"):
            for new in ("'x'", "1.5", "12345678901", "x'00'", "zeroblob(40)"):
                sql = f"UPDATE personal_value SET {column} = {new} WHERE {where(target)}"
                with victim.changed(sql):
                    findings = victim.findings("sequential")
                if not findings or any(one.column == "bytes" for one in findings):
                    missed.append((column, new, findings))
    insert = (
        "INSERT INTO personal_value SELECT log_id, seq + 0.5, pointer, commitment, salt, value,"
        f" erased_log, erased_seq FROM personal_value WHERE {where(row)}"
    )
    with victim.changed(insert):
        for mode in MODES:
            expected = (ORIGIN, row[1], "personal_value", Kind.PROJECTION)
            assert expected in named(victim.findings(mode)), mode
    assert missed == []


@pytest.fixture
def small(ledger: Ledger) -> Ledger:
    """Give a small ledger with three values."""
    access = ledger.access(ledger.organisation())
    declare(access, [CUSTOMER], [], submitter="t")
    ledger.take(*(seen(instance(n)) | {CUSTOMER: f"C{n}"} for n in range(3)))
    return ledger


def findings(ledger: Ledger) -> set[tuple[Any, ...]]:
    """Verify a ledger."""
    return named(
        [one for report in verify_ledger(ledger.engine, ledger.keys) for one in report.findings]
    )


def add(ledger: Ledger, schema: str, body: dict[str, Any]) -> int:
    """Append an entry of any kind, as an insider who has the key could."""
    access = ledger.access(ledger.organisation())
    with held(access) as log:
        seq = log.add(canonical_bytes(body), schema=schema, submitter="t", received_at=access.now())
        log.seal(access.signer)
    return seq


def test_an_entry_that_names_what_is_still_there(small: Ledger) -> None:
    """An erasure that was only stated is found at its entry."""
    [(at, raw)] = small.rows("SELECT pointer, commitment FROM personal_value WHERE seq = 1")
    said = Erasure((Erased(ORIGIN, 1, at, bytes(raw).hex()),), "asked")
    seq = add(small, ERASURE_SCHEMA, msgspec.to_builtins(said))
    assert findings(small) == {(ORIGIN, seq, "personal_value.erased_seq", Kind.ERASURE)}


def test_an_entry_that_names_another_commitment(small: Ledger) -> None:
    """An erasure erases exactly the values that it names, at their places and with their commitments."""
    [(at, raw)] = small.rows("SELECT pointer, commitment FROM personal_value WHERE seq = 1")
    said = Erasure((Erased(ORIGIN, 1, at, bytes(raw)[::-1].hex()),), "asked")
    seq = add(small, ERASURE_SCHEMA, msgspec.to_builtins(said))
    with small.engine.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE personal_value SET {GONE}, erased_log = 1, erased_seq = {seq} WHERE seq = 1"
        )
    assert findings(small) == {
        (ORIGIN, 1, "personal_value.erased_seq", Kind.ERASURE),
        (ORIGIN, seq, "personal_value.erased_seq", Kind.ERASURE),
    }


@pytest.mark.parametrize(
    ("schema", "body"),
    [
        (ERASURE_SCHEMA, {"values": [], "reason": "x"}),
        (ERASURE_SCHEMA, {"values": "x"}),
        (PERSONAL_SCHEMA, {"fields": ["eventTime"]}),
        (PERSONAL_SCHEMA, {"fields": []} | {"personal": ["/x"]}),
        (
            "suyuan/vocabulary/1",
            {"vocabulary": "x", "element": {"id": "urn:x:1"}, "personal": ["/id"]},
        ),
    ],
)
def test_malformed_entries(small: Ledger, schema: str, body: dict[str, Any]) -> None:
    """A signed entry that is none of ours is named, and nothing breaks."""
    seq = add(small, schema, body)
    assert {one[:2] for one in findings(small)} == {(ORIGIN, seq)}


def test_an_erasure_in_a_log_that_goes_on_for_none(small: Ledger) -> None:
    """Another organisation can't erase here, even with an entry of its own that names the value."""
    [(at, raw)] = small.rows("SELECT pointer, commitment FROM personal_value WHERE seq = 1")
    access = small.access(small.organisation("two"))
    said = Erasure((Erased(ORIGIN, 1, at, bytes(raw).hex()),), "asked")
    with held(access) as log:
        body = canonical_bytes(msgspec.to_builtins(said))
        log.add(body, schema=ERASURE_SCHEMA, submitter="t", received_at=access.now())
        log.seal(access.signer)
    with small.engine.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE personal_value SET {GONE}, erased_log = 2, erased_seq = 0 WHERE seq = 1"
        )
    assert (ORIGIN, 1, "personal_value.erased_seq", Kind.ERASURE) in findings(small)


def test_erasures_are_read_once_and_forgotten(
    small: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An entry that erases many is read once; what is remembered is bounded."""
    access = small.access(small.organisation())
    for n in range(3):
        erase(access, Choice(value=f"C{n}"), submitter="t", reason="asked")
    with reading(small.engine) as connection:
        check = PersonalValues(connection, 1, ORIGIN)
        rows = check.rows(0, 10)
        assert all(check.are_erased(seq, rows[seq] * 2) for seq in rows)
        assert len(check._erasures) == 3
        monkeypatch.setattr(values, "_KNOWN", 2)
        check = PersonalValues(connection, 1, ORIGIN)
        assert all(check.are_erased(seq, rows[seq]) for seq in rows)
        assert len(check._erasures) < 3
        assert list(erasure_findings(connection, 1, ORIGIN)) == []


def test_a_damaged_erasure_erases_nothing(small: Ledger) -> None:
    """Bytes that are no entry, or another log's, are no erasure; the walk over their log names them."""
    access = small.access(small.organisation())
    _, [seq] = erase(access, Choice(value="C1"), submitter="t", reason="asked")
    [(good,)] = small.rows("SELECT bytes FROM entry WHERE seq = {p}", seq)
    moved = bytes(good).replace(b'"localhost/log/main"', b'"localhost/log/mein"')
    for raw in (b"", b"{}", moved):
        with small.engine.begin() as connection:
            mark = "?" if small.engine.dialect.name == "sqlite" else "%s"
            connection.exec_driver_sql(f"UPDATE entry SET bytes = {mark} WHERE seq = {seq}", (raw,))
        with reading(small.engine) as connection:
            check = PersonalValues(connection, 1, ORIGIN)
            rows = check.rows(0, 10)
            assert [check.are_erased(at, rows[at]) for at in sorted(rows)] == [True, False, True]


def test_without_projections_only_the_log_is_read(small: Ledger) -> None:
    """Who verifies the log alone isn't told of values beside it."""
    with small.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE personal_value SET {GONE}")
    scope = Scope(projections=False)
    assert not [
        one.findings for one in verify_ledger(small.engine, small.keys, scope=scope) if one.findings
    ]
    assert len(findings(small)) == 3


def test_a_damaged_table_is_told(small: Ledger) -> None:
    """Rows that no key keeps apart any more, and a salt that is no bytes, as SQLite would store it."""
    with reading(small.engine) as connection:
        check = PersonalValues(connection, 1, ORIGIN)
        rows = check.rows(0, 10)
        seq = min(rows)
        [(raw,)] = small.rows("SELECT bytes FROM entry WHERE seq = {p}", seq)
        body = decode_entry(bytes(raw)).body
        twice = [one.message for one in check.findings(seq, body, rows[seq] * 2)]
        assert twice == ["A value stands there twice."]
        [(pointer, commitment, _, value, *erased)] = rows[seq]
        typed = [(pointer, commitment, "a salt", value, *erased)]
        assert [one.kind for one in check.findings(seq, body, typed)] == [Kind.CONTENT]
