"""Verification of a whole ledger, on both databases: every projection against the log.

What one changed byte of each column gives is tried in tests/conformance/test_tampering.py, on SQLite.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from ledger.errors import NotFoundError, StoreError
from ledger.genealogy.roles import Role
from ledger.keys import KeyFolder
from ledger.log.note import Signer
from ledger.log.report import Finding, Kind, Report
from ledger.log.verify import MAX_FINDINGS
from ledger.projection import node_of
from ledger.store.engine import writing
from ledger.store.sets import fetch
from ledger.verification import verify_ledger
from ledger.verifying import exact
from tests.ledger.builders import Ledger, document, element, instance, lot, seen
from tests.ledger.genealogy.asking import at, clock, declare, fit, make, pack, see

FIRST = "urn:uuid:0d4b3f86-8f43-4c0b-9d9e-000000000001"
PLACE = "https://id.gs1.org/414/9506000134376"


@pytest.fixture
def lived(ledger: Ledger) -> Ledger:
    """Give a ledger of two logs with events of all kinds, a declaration and master data."""
    wrong = see(4, "b", eventID=FIRST)
    ledger.take(
        make(1, "a", "b", transformationID="urn:example:run:1"),
        pack(2, "box", "b"),
        fit(3, "car", "part"),
        wrong,
        declare(wrong),
        seen(f"{lot('L')}/21/S", "urn:example:thing:1", at=clock(5)),
        slug="one",
    )
    ledger.take(make(2, "", "c", transformationID="urn:example:run:1"), slug="two")
    ledger.send(document(vocabularies={"Location": [element(PLACE, city="Ulm")]}), "two")
    return ledger


def change(ledger: Ledger, *statements: str) -> None:
    """Change the database behind the ledger's back."""
    with writing(ledger.engine) as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def check(ledger: Ledger, **options: Any) -> list[Report]:
    """Verify a ledger."""
    return verify_ledger(ledger.engine, ledger.keys, **options)


def found(reports: Iterable[Report]) -> list[tuple[str, int | None, str, Kind]]:
    """Return where the findings are and of what kind."""
    return [
        (one.log.rpartition("/")[2], one.seq, one.column, one.kind)
        for report in reports
        for one in report.findings
    ]


def test_a_sound_ledger_is_intact(lived: Ledger) -> None:
    """No finding, the size and the newest checkpoint of each log, in order of their names."""
    reports = check(lived)
    assert [(one.log, one.size, one.checkpoint_size, one.intact_up_to) for one in reports] == [
        ("localhost/log/one", 6, 6, 5),
        ("localhost/log/two", 2, 2, 1),
    ]
    assert found(reports) == []
    for report in reports:
        report.require_intact()


def test_an_empty_ledger_and_an_empty_log_are_intact(ledger: Ledger) -> None:
    """Nothing is as it was written when nothing was written."""
    assert check(ledger) == []
    ledger.organisation("idle")
    [report] = check(ledger)
    assert (report.size, report.findings, report.intact_up_to) == (0, (), None)


def test_rows_without_any_log_are_a_finding(ledger: Ledger) -> None:
    """In a ledger without logs nothing can be accounted for."""
    change(ledger, "INSERT INTO item (id, code, level) VALUES (1, 'urn:example:forged', 0)")
    assert found(check(ledger)) == [("", None, "item", Kind.PROJECTION)]


def test_one_organisation_is_verified_alone(lived: Ledger) -> None:
    """Of the other log nothing is looked at; an unknown organisation is not found."""
    change(lived, "UPDATE event SET biz_step = 'x' WHERE seq = 0 AND log_id = 1")
    [report] = check(lived, organisation="two")
    assert (report.log, report.findings) == ("localhost/log/two", ())
    assert found(check(lived, organisation="one")) == [
        ("one", 0, "event.biz_step", Kind.PROJECTION)
    ]
    with pytest.raises(NotFoundError):
        check(lived, organisation="nobody")


def test_progress_names_the_log(lived: Ledger) -> None:
    """Each log says how far it is."""
    heard: list[tuple[str, int, int]] = []
    check(lived, progress=lambda *said: heard.append(said))
    assert heard[-1] == ("localhost/log/two", 2, 2)
    assert ("localhost/log/one", 6, 6) in heard


def test_long_logs_are_read_in_runs(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """However the runs fall, each entry is checked once and one change is one finding."""
    monkeypatch.setattr(exact, "RUN", 3)
    ledger.take(*(make(number, f"a{number}", f"a{number + 1}") for number in range(7)))
    assert found(check(ledger)) == []
    change(ledger, "UPDATE event SET time = time + 1 WHERE seq = 5")
    assert found(check(ledger)) == [("main", 5, "event.time", Kind.PROJECTION)]


def test_tiles_of_several_levels_are_checked(sqlite_ledger: Ledger) -> None:
    """In a log of some thousands, a tile in the middle is named with the last entry under it."""
    ledger = sqlite_ledger
    for part in range(3):
        ledger.take(*(see(number % 60, f"a{part}-{number}") for number in range(900)))
    assert found(check(ledger)) == []
    change(ledger, 'UPDATE tile SET hashes = zeroblob(8192) WHERE level = 0 AND "index" = 3')
    assert found(check(ledger)) == [("main", 1023, "tile.hashes", Kind.PROJECTION)]


@pytest.mark.parametrize(
    ("statement", "log", "seq", "column", "kind"),
    [
        ("DELETE FROM event WHERE seq = 5 AND log_id = 1", "one", 5, "event", Kind.PROJECTION),
        (f"DELETE FROM link WHERE role = {Role.PACKED}", "one", 1, "link", Kind.PROJECTION),
        (
            f"UPDATE link SET quantity = '5' WHERE role = {Role.INSTALLED}",
            "one",
            2,
            "link",
            Kind.PROJECTION,
        ),
        (f"UPDATE link SET node = 1 WHERE role = {Role.OUTPUT}", "one", 0, "link", Kind.PROJECTION),
        (
            "UPDATE event SET declared_by = NULL WHERE declared_by IS NOT NULL",
            "one",
            3,
            "event.declared_by",
            Kind.PROJECTION,
        ),
        (
            "UPDATE event SET declared_by = 1 WHERE id = 2",
            "one",
            1,
            "event.declared_by",
            Kind.PROJECTION,
        ),
        (
            "UPDATE event SET declared_by = id WHERE declaration = 1",
            "one",
            4,
            "event.declared_by",
            Kind.PROJECTION,
        ),
        ("UPDATE event SET id = -id WHERE seq = 0", "one", 0, "event.id", Kind.PROJECTION),
        (
            "UPDATE event SET id = 9223372036854775807 WHERE log_id = 1 AND seq = 1",
            "one",
            1,
            "event.id",
            Kind.PROJECTION,
        ),
        ("UPDATE vocabulary SET attributes = '{}'", "two", 1, "vocabulary", Kind.PROJECTION),
        ("DELETE FROM vocabulary", "two", None, "vocabulary", Kind.PROJECTION),
        ("UPDATE vocabulary SET code = 'urn:x'", "two", None, "vocabulary", Kind.PROJECTION),
        (
            "INSERT INTO item (id, code, level) VALUES (9999999, 'urn:example:forged', 0)",
            "one",
            None,
            "item",
            Kind.PROJECTION,
        ),
        (
            "UPDATE item SET level = 2 WHERE code LIKE 'urn:example:thing%%'",
            "one",
            None,
            "item.level",
            Kind.PROJECTION,
        ),
        (
            "UPDATE item SET level = 0 WHERE code LIKE 'urn:example:thing%%'",
            "one",
            5,
            "item.level",
            Kind.PROJECTION,
        ),
        ("UPDATE log SET size = 9 WHERE id = 1", "one", 6, "seq", Kind.LINKAGE),
        ("UPDATE log SET size = 3 WHERE id = 1", "one", 5, "log.size", Kind.LINKAGE),
        ("UPDATE log SET head = prev FROM entry", "one", 5, "log.head", Kind.LINKAGE),
        (
            "UPDATE log SET organisation = 'uno' WHERE id = 1",
            "one",
            None,
            "log.organisation",
            Kind.PROJECTION,
        ),
        ("DELETE FROM tile WHERE log_id = 1", "one", 5, "tile.hashes", Kind.PROJECTION),
        (
            'INSERT INTO tile (log_id, level, "index", hashes)'
            " SELECT log_id, 3, 7, hashes FROM tile WHERE log_id = 2",
            "two",
            None,
            "tile",
            Kind.PROJECTION,
        ),
        ("DELETE FROM checkpoint WHERE log_id = 1", "one", 0, "root", Kind.CHECKPOINT),
    ],
)
def test_a_change_is_named(  # noqa: PLR0917 - one row of the table above
    lived: Ledger, statement: str, log: str, seq: int | None, column: str, kind: Kind
) -> None:
    """Each change of what stands beside the entries is found where it was made."""
    if lived.engine.dialect.name == "sqlite":
        statement = statement.replace("%%", "%")
    change(lived, statement)
    assert (log, seq, column, kind) in found(check(lived))


def test_an_entry_that_is_no_event_of_ours_is_a_finding(ledger: Ledger) -> None:
    """Chained and signed, and yet unreadable: whoever holds the key wrote what we never would."""
    from ledger.appending import LogWriter

    owner = ledger.organisation()
    signer = ledger.keys.signer(owner.origin)
    with writing(ledger.engine) as connection:
        log = LogWriter.open(connection, owner.row)
        for schema, body in (
            ("suyuan/event/1", b'{"event":{}}'),
            ("suyuan/vocabulary/1", b'{"vocabulary":5}'),
            ("suyuan/other/9", b"{}"),
        ):
            log.add(body, schema=schema, submitter="x", received_at=at(1))
        log.seal(signer)
    assert found(check(ledger)) == [
        ("main", 0, "event", Kind.PROJECTION),
        ("main", 1, "bytes", Kind.PROJECTION),
        ("main", 2, "schema", Kind.PROJECTION),
    ]
    change(
        ledger,
        "INSERT INTO event (id, log_id, seq, event_id, declaration, digest, type, action, time,"
        " received_at) SELECT 1, 1, 0, 'urn:x', 0, leaf, 0, 0, 0, 0 FROM entry WHERE seq = 0",
    )
    assert found(check(ledger))[0] == ("main", 0, "bytes", Kind.PROJECTION)


def test_without_a_pinned_key_the_database_names_it(lived: Ledger, tmp_path: Path) -> None:
    """A stranger's folder pins nothing: the log is checked with the key of its row."""
    reports = verify_ledger(lived.engine, KeyFolder(tmp_path / "elsewhere"))
    assert found(reports) == []
    change(lived, "UPDATE log SET verifier_key = 'none' WHERE id = 1")
    reports = verify_ledger(lived.engine, KeyFolder(tmp_path / "elsewhere"))
    assert found(reports) == [("one", None, "log.verifier_key", Kind.CHECKPOINT)]


def test_another_key_than_the_pinned_one_is_a_finding(lived: Ledger) -> None:
    """An intruder who signs anew and puts the key into the row is found by the pinned key."""
    other = Signer.generate("localhost/log/one").verifier.vkey
    change(lived, f"UPDATE log SET verifier_key = '{other}' WHERE id = 1")
    assert found(check(lived)) == [("one", None, "log.verifier_key", Kind.CHECKPOINT)]


def test_a_pinned_key_that_is_damaged_is_said(lived: Ledger) -> None:
    """Without the key nothing can be trusted, and that is the surroundings' fault."""
    for path in lived.keys.folder.glob("*.vkey"):
        path.write_text("damaged", "ascii")
    with pytest.raises(StoreError, match="can't be used"):
        check(lived)


def test_a_flood_of_findings_is_cut(sqlite_ledger: Ledger) -> None:
    """After some findings of one sort, more would not help."""
    ledger = sqlite_ledger
    ledger.take(see(1, "a"))
    change(
        ledger,
        *(f"INSERT INTO item VALUES ({row}, 'urn:example:{row}', 0)" for row in range(100, 200)),
    )
    [report] = check(ledger)
    assert len(report.findings) == MAX_FINDINGS
    first: Finding = report.findings[0]
    assert first.message == "The item urn:example:100 is in no event."
    assert instance("a") not in first.message


def test_many_items_are_read_in_runs(sqlite_ledger: Ledger) -> None:
    """More items than are read at once are all accounted for, and the last forged one is named."""
    ledger = sqlite_ledger
    ledger.take(*(make(1, f"a{number}", f"b{number}") for number in range(1200)))
    assert found(check(ledger)) == []
    change(ledger, "INSERT INTO item VALUES (900000, 'urn:example:forged', 0)")
    assert found(check(ledger)) == [("main", None, "item", Kind.PROJECTION)]
    with writing(ledger.engine) as connection:
        assert fetch(connection, "SELECT count(*) FROM item") == [(2401,)]


def test_two_events_of_one_moment_that_changed_places_are_found(ledger: Ledger) -> None:
    """Of statements about the same moment the later arrival wins, so arrival mustn't be forged."""
    ledger.take(see(1, "a", disposition="recalled"), see(1, "a", disposition="active"))
    [(first,)] = ledger.rows("SELECT min(id) FROM event")
    later, node = first + 2, node_of(first + 2, 0, None)
    change(
        ledger,
        f"UPDATE event SET id = {later} WHERE id = {first}",
        f"UPDATE link SET event_row = {later}, node = {node} WHERE event_row = {first}",
    )
    assert found(check(ledger)) == [("main", 1, "event.id", Kind.PROJECTION)]


def test_events_of_one_transformation_are_verified_together(ledger: Ledger) -> None:
    """The links at a node that many events share are read once for all of them, not for each."""
    many = 300
    ledger.take(*(make(1, f"i{n}", "", transformationID="urn:example:run:1") for n in range(many)))
    asked = 0

    def count(*_arguments: object) -> None:
        nonlocal asked
        asked += 1

    event.listen(ledger.engine, "before_cursor_execute", count)
    assert found(check(ledger)) == []
    assert asked < many / 2
