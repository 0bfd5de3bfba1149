"""Runs of entries against the rows made of them: what differs is only said to differ."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ledger.appending import LogWriter
from ledger.log.canonical import canonical_bytes
from ledger.log.keyring import KeyRing
from ledger.log.report import Kind
from ledger.store.engine import reading, writing
from ledger.verification import Scope, verify_ledger
from ledger.verifying import accounting, naming, segments
from ledger.verifying.marks import MarkFolder
from ledger.verifying.projecting import Difference
from ledger.verifying.segments import Task, examine
from tests.ledger.builders import Ledger, document, element, ledger_in
from tests.ledger.genealogy.asking import at, make, see
from tests.ledger.verifying.marked import victim_in


def write(ledger: Ledger, schema: str, body: bytes) -> None:
    """Append an entry as whoever holds the key can."""
    owner = ledger.organisation()
    with writing(ledger.engine) as connection:
        log = LogWriter.open(connection, owner.row)
        log.add(body, schema=schema, submitter="x", received_at=at(1))
        log.seal(ledger.keys.signer(owner.origin))


def found(ledger: Ledger, **scope: object) -> list[tuple[int | None, str, Kind]]:
    """Verify and return what is found."""
    given = Scope(**scope)  # type: ignore[arg-type]
    reports = verify_ledger(ledger.engine, ledger.keys, scope=given)
    return [(one.seq, one.column, one.kind) for report in reports for one in report.findings]


def test_an_entry_with_more_than_a_body(ledger: Ledger) -> None:
    """A member between body and header is no entry, which the log alone doesn't show."""
    write(ledger, "suyuan/event/1", b'{},"extra":{}')
    assert found(ledger, projections=False) == []
    assert found(ledger) == [(0, "bytes", Kind.CONTENT)]


@pytest.mark.parametrize("schema", ["suyuan/event/1", "suyuan/vocabulary/1", "suyuan/other/1"])
def test_an_entry_that_nothing_is_made_of(ledger: Ledger, schema: str) -> None:
    """An event that is none, master data that are none, a schema of nobody."""
    write(ledger, schema, b'{"n":1}')
    [(seq, _, kind)] = found(ledger)
    assert (seq, kind) == (0, Kind.PROJECTION)


def test_master_data_with_more_than_a_body(ledger: Ledger) -> None:
    """The same of an entry that is no event."""
    write(ledger, "suyuan/vocabulary/1", b'{},"extra":{}')
    assert found(ledger) == [(0, "bytes", Kind.CONTENT)]


def test_an_event_in_another_spelling(ledger: Ledger) -> None:
    """Its rows may be as they should be: its bytes aren't."""
    ledger.take(see(1, "a"))
    body = canonical_bytes({"event": see(1, "b")})
    write(ledger, "suyuan/event/1", body.replace(b'":', b'": ', 1))
    with writing(ledger.engine) as connection:
        connection.exec_driver_sql(
            "INSERT INTO event SELECT id + 1, log_id, 1, event_id || 'x', declaration, digest, type,"
            " action, time, (SELECT received_at FROM entry WHERE seq = 1), biz_step, disposition,"
            " location, holder, declared_by FROM event"
        )
    assert found(ledger) == [(1, "bytes", Kind.CONTENT)]


def test_an_event_with_escapes(ledger: Ledger) -> None:
    """Texts that JSON writers might spell in two ways are looked at one by one."""
    said = 'a "b"\n\x01\x7f\\'
    named = {"https://ns.example.com/x": said}  # with a context of its own, so it isn't plain
    ledger.take(
        see(1, "a", action="ADD", ilmd={"cbvmda:countryOfOrigin": said}),
        see(2, "b", action="ADD", ilmd=named, **named),
    )
    assert [row[0] for row in ledger.rows("SELECT seq FROM event ORDER BY seq")] == [0, 1]
    assert found(ledger) == []


@pytest.mark.parametrize("column", ["unit = 'KGM'", "time = time + 1"])
def test_a_link_at_a_shared_node(ledger: Ledger, column: str) -> None:
    """Links of events that belong together are compared as well."""
    ledger.take(make(1, "a", "b", transformationID="urn:example:run:1"))
    assert found(ledger) == []
    with writing(ledger.engine) as connection:
        connection.exec_driver_sql(f"UPDATE link SET {column} WHERE role = 1 AND node < 0")
    assert found(ledger) == [(0, "link", Kind.PROJECTION)]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("digest", "CAST(digest AS TEXT)"),
        ("digest", "quote(digest)"),
        ("biz_step", "CAST(biz_step AS BLOB)"),
        ("biz_step", "'\"' || biz_step || '\"'"),
        ("type", "0.5"),
        ("type", "'[]'"),
        ("time", "time || 'x'"),
        ("event_id", "event_id || char(0)"),
        ("event_id", "CAST(x'ff' AS TEXT)"),
    ],
)
def test_values_of_other_types(
    sqlite_engine: Engine, tmp_path: Path, column: str, value: str
) -> None:
    """SQLite keeps anything in any column, and none of it passes for what should be there."""
    ledger = ledger_in(sqlite_engine, tmp_path)
    ledger.take(see(1, "a"), see(2, "b", bizStep="shipping"))
    with writing(ledger.engine) as connection:
        connection.exec_driver_sql(f"UPDATE event SET {column} = {value} WHERE seq = 1")
    assert found(ledger) == [(1, f"event.{column}", Kind.PROJECTION)]


def test_many_items_are_forgotten_again(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """However few items are remembered between runs, the answer is the same."""
    monkeypatch.setattr(naming, "_KEPT", 1)
    ledger.take(*(make(1, f"a{n}", f"b{n}") for n in range(1100)))
    assert found(ledger) == []


def test_items_are_remembered_between_runs(ledger: Ledger) -> None:
    """What one run has read of an item, the next one needs not ask for."""
    ledger.take(*(see(n // 60, "a", eventID=f"urn:example:event:{n}") for n in range(1100)))
    assert found(ledger) == []


def test_an_event_beside_master_data(ledger: Ledger) -> None:
    """A row of an event at the place of an entry that is none is found, at the end of a run too."""
    ledger.take(see(1, "a"))
    place = "https://id.gs1.org/414/9506000134376"
    ledger.send(document(vocabularies={"Location": [element(place, city="Ulm")]}))
    with writing(ledger.engine) as connection:
        connection.exec_driver_sql(
            "INSERT INTO event SELECT id + 5, log_id, 1, event_id || 'x', declaration, digest, type,"
            " action, time, received_at, biz_step, disposition, location, holder, declared_by"
            " FROM event"
        )
    assert found(ledger) == [(None, "event", Kind.PROJECTION)]


def test_captures_of_several_logs_in_turn(ledger: Ledger) -> None:
    """Events of another log between those of a run are left out."""
    for number in range(6):
        ledger.take(make(1, f"a{number}", f"b{number}"), slug=("one", "two")[number % 2])
    assert found(ledger) == []


def test_an_event_id_that_does_not_rise_over_a_segment(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    """Segments know nothing of one another; their seam is looked at when they are joined."""
    victim = victim_in(sqlite_engine, ledger_in(sqlite_engine, tmp_path), tmp_path)
    with victim.changed(
        "UPDATE event SET id = id + 9000000 WHERE log_id = 1 AND seq < 256",
        "UPDATE link SET event_row = event_row + 9000000, node = node + (9000000 << 20)"
        " WHERE node >= 0 AND event_row IN (SELECT id - 9000000 FROM event WHERE seq < 256 AND log_id = 1)",
        "UPDATE link SET event_row = event_row + 9000000 WHERE node < 0 AND event_row < 9000000"
        " AND event_row IN (SELECT id - 9000000 FROM event WHERE seq < 256 AND log_id = 1)",
    ):
        [first, _] = victim.reports("sequential")
        assert (first.findings[0].seq, first.findings[0].column) == (256, "event.id")


def test_a_false_alarm_leads_to_what_is_wrong_elsewhere(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    """A stray link makes a segment differ without a fault of its entries: everything is walked then."""
    victim = victim_in(sqlite_engine, ledger_in(sqlite_engine, tmp_path), tmp_path)
    stray = (
        "INSERT INTO link SELECT item_id, 77, 8000000, 0, node, time, NULL, NULL, NULL FROM link"
        " WHERE node > 0 AND event_row ="
        " (SELECT max(id) FROM event WHERE log_id = 1 AND declaration = 0)"
    )
    older = "UPDATE event SET time = time + 1 WHERE log_id = 1 AND seq = 100"
    scope = victim.scope("incremental")
    assert scope.marks is not None
    mark = scope.marks.read("localhost/log/main")
    assert mark is not None
    scope.marks.keep(replace(mark, round=1))  # the turn of the second segment, not of the first
    with victim.changed(stray, older):
        [first, _] = verify_ledger(sqlite_engine, victim.ledger.keys, scope=scope)
    assert [(one.seq, one.column) for one in first.findings] == [(100, "event.time")]
    with victim.changed(stray):
        [first, _] = victim.reports("sequential")
        [alone] = verify_ledger(sqlite_engine, victim.ledger.keys, organisation="main")
    assert [(one.seq, one.column) for one in first.findings] == [(None, "link")]
    # Links are counted over all logs, and one log alone can only be doubted.
    assert [(one.seq, one.column) for one in alone.findings] == [(None, "rows")]


def test_a_share_of_many_items(
    sqlite_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Items are read in runs, and a stray one in any of them is found when its turn comes."""
    monkeypatch.setattr(accounting, "_RUN", 64)
    victim = victim_in(sqlite_engine, ledger_in(sqlite_engine, tmp_path), tmp_path)
    assert victim.findings("incremental") == []
    with victim.changed("INSERT INTO item SELECT max(id) + 1, 'urn:example:x', 0 FROM item"):
        assert [one.column for one in victim.findings("incremental")] == ["item"]


def test_an_empty_log_gets_no_mark(ledger: Ledger, tmp_path: Path) -> None:
    """There is nothing to vouch for yet; and the checkpoint kept beside a key is compared."""
    owner = ledger.organisation("idle")
    marks = MarkFolder(tmp_path / "marks")
    report = ledger.take(see(1, "a"))
    assert report.checkpoint is not None
    ledger.keys.pin("localhost/log/main").keep(report.checkpoint)
    assert found(ledger, marks=marks) == []
    assert marks.read(owner.origin) is None
    assert marks.read("localhost/log/main") is not None


def test_a_defect_of_the_driver_is_not_hidden(sqlite_ledger: Ledger) -> None:
    """Text that can't be decoded is a difference; another error of the database is an error."""
    ledger = sqlite_ledger
    ledger.take(see(1, "a"))
    owner = ledger.organisation()
    task = Task(owner.row, owner.origin, 0, 1, 256, owner.verifier_key, (), projections=True)
    with writing(ledger.engine) as connection:
        connection.exec_driver_sql("UPDATE event SET event_id = CAST(x'ff' AS TEXT)")
    with reading(ledger.engine) as connection:
        assert not examine(connection, task).segment.sound
    assert found(ledger) == [(0, "event.event_id", Kind.PROJECTION)]
    with writing(ledger.engine) as connection:
        connection.exec_driver_sql("ALTER TABLE tile RENAME TO tiles")
    with pytest.raises(Exception, match="no such table"), reading(ledger.engine) as connection:
        examine(connection, task)


@pytest.mark.parametrize("column", ["note", "root", "size"])
def test_a_checkpoint_of_wrong_types(ledger: Ledger, column: str) -> None:
    """What the signed note says stands in the columns beside it, or it is named."""
    ledger.take(see(1, "a"))
    ledger.take(see(2, "b"))
    wrong = {"note": "'none'", "root": "prev", "size": "checkpoint.size + 5"}[column]
    with writing(ledger.engine) as connection:
        connection.exec_driver_sql(
            f"UPDATE checkpoint SET {column} = {wrong} FROM entry WHERE checkpoint.size = 1 AND seq = 0"
        )
    assert (0, column, Kind.CHECKPOINT) in found(ledger)


def test_a_note_that_is_no_text(sqlite_ledger: Ledger) -> None:
    """SQLite keeps bytes in a column of text, which may be a note all the same, or none."""
    sqlite_ledger.take(see(1, "a"))
    with writing(sqlite_ledger.engine) as connection:
        connection.exec_driver_sql("UPDATE checkpoint SET note = CAST(note AS BLOB)")
    assert found(sqlite_ledger) == []
    with writing(sqlite_ledger.engine) as connection:
        connection.exec_driver_sql("UPDATE checkpoint SET note = x'00'")
    assert (0, "note", Kind.CHECKPOINT) in found(sqlite_ledger)
    keys = KeyRing.of(sqlite_ledger.keys.signer("localhost/log/main").verifier)
    with pytest.raises(Difference):
        segments._open((1, bytes(32), None), "localhost/log/main", keys)


def test_master_data_that_nobody_stated(ledger: Ledger) -> None:
    """Rows of master data are counted in the segment that their seq names."""
    place = "https://id.gs1.org/414/9506000134376"
    ledger.send(document(vocabularies={"Location": [element(place, city="Ulm")]}))
    ledger.send(document(vocabularies={"Location": [element(place, city="Bonn")]}))
    assert found(ledger) == []
    with writing(ledger.engine) as connection:
        connection.exec_driver_sql(
            "INSERT INTO vocabulary SELECT log_id, 'urn:x', type, attributes, 0 FROM vocabulary"
        )
    assert found(ledger) == [(None, "vocabulary", Kind.PROJECTION)]
    assert segments.WIDTH == 65_536


def test_a_log_whose_row_names_nothing(sqlite_ledger: Ledger) -> None:
    """SQLite keeps bytes for a name; such a log can't be looked for, and is named all the same."""
    sqlite_ledger.take(see(1, "a"))
    with writing(sqlite_ledger.engine) as connection:
        connection.exec_driver_sql("UPDATE log SET organisation = x'00'")
    assert found(sqlite_ledger) == [(None, "log.organisation", Kind.PROJECTION)]
