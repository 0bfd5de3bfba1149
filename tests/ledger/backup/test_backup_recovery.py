"""Recoveries: a log that has lost entries ends, another one goes on, and verification tells both."""

import base64
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ledger.appending import LogWriter
from ledger.backup import restoring
from ledger.backup.ceremony import Statement, finish_recovery
from ledger.errors import EntryError, StoreError
from ledger.keys import KeyFolder
from ledger.log.canonical import canonical_bytes
from ledger.log.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint
from ledger.log.entry import decode_entry
from ledger.log.note import Signer, parse_note, sign_note
from ledger.organisations import find_organisation
from ledger.receipts import Status
from ledger.recovery import (
    believed_loss,
    current_log,
    lineage,
    losses,
    read_recovery,
    recovery_text,
)
from ledger.schemas import RECOVERY_SCHEMA
from ledger.store.engine import reading, writing
from ledger.verification import verify_ledger
from tests.ledger.backup.archives import STATEMENT, back_up, lived, put_back, sizes
from tests.ledger.builders import Ledger, declared_wrong, instance, seen

ORIGIN = "localhost/log/main"
NEXT = "localhost/log/main-r1"


@pytest.fixture
def behind(ledger: Ledger, tmp_path: Path) -> Path:
    """Give the backup of two events of a log that has five by now."""
    lived(ledger, "A", "B")
    back_up(ledger, tmp_path / "old")
    lived(ledger, "C", "D", "E")
    return tmp_path / "old"


@pytest.fixture
def recovered(ledger: Ledger, behind: Path) -> Ledger:
    """Give a ledger after its recovery."""
    done = put_back(ledger, behind, statement=STATEMENT)
    [lost] = done.lacking
    assert (lost.origin, lost.size, lost.known, lost.successor) == (ORIGIN, 2, 5, NEXT)
    return ledger


def goes_on(ledger: Ledger) -> None:
    """Let the organisation's events go where they have to go now, as the program does."""
    with reading(ledger.engine) as connection:
        current = current_log(connection, find_organisation(connection, "main"))
    ledger.logs["main"] = current


def statement_of(ledger: Ledger) -> dict[str, Any]:
    """Return the body of the recovery's entry."""
    [(raw,)] = ledger.rows("SELECT bytes FROM entry WHERE schema = {p}", RECOVERY_SCHEMA)
    return decode_entry(bytes(raw)).body


def test_the_statement(recovered: Ledger) -> None:
    """It names what is missing, who says so and why, and is signed by both keys."""
    said, lines = read_recovery(statement_of(recovered))
    assert (said.log, said.size, said.known_size, said.missing) == (ORIGIN, 2, 5, 3)
    assert (said.operator, said.reason) == ("Li Wei", "the disk died")
    assert parse_checkpoint(parse_note(said.known_checkpoint).text).size == 5
    [(root,)] = recovered.rows("SELECT root FROM checkpoint WHERE log_id = 1 AND size = 2")
    assert base64.b64decode(said.root) == bytes(root)
    assert [line.split()[1] for line in lines] == [NEXT, ORIGIN]


def test_the_old_log_is_closed_for_good(recovered: Ledger) -> None:
    """Neither its key nor its pin lets anybody write to it; its events are still there."""
    with pytest.raises(StoreError, match=r"closed by a recovery.*goes on as localhost/log/main-r1"):
        recovered.keys.signer(ORIGIN)
    assert recovered.keys.successor(ORIGIN) == NEXT
    known = recovered.keys.pin(ORIGIN).newest()
    assert known
    with writing(recovered.engine) as connection:
        log = LogWriter.open(connection, 1)
        with pytest.raises(StoreError, match="doesn't contain the checkpoint of 5"):
            log.require(known[1])
    assert recovered.count("event") == 2


def test_verification_tells_what_is_missing(recovered: Ledger) -> None:
    """Both logs are intact, and the first one says that three entries are lost and who goes on."""
    first, second = verify_ledger(recovered.engine, recovered.keys)
    assert (first.findings, first.size, first.missing, first.successor) == ((), 2, 3, NEXT)
    assert (second.findings, second.size, second.missing, second.successor) == ((), 1, 0, None)


def test_a_change_behind_the_statement_is_named(recovered: Ledger) -> None:
    """The statement is an entry that no row is made of; what stands behind it is compared."""
    goes_on(recovered)
    recovered.take(seen(instance("C")), pin=recovered.keys.pin(NEXT))
    with writing(recovered.engine) as connection:
        connection.exec_driver_sql("UPDATE event SET type = type + 1 WHERE seq = 1 AND log_id <> 1")
    _first, second = verify_ledger(recovered.engine, recovered.keys)
    assert [(one.seq, one.column) for one in second.findings] == [(1, "event.type")]


def test_the_next_log_goes_on(recovered: Ledger) -> None:
    """What is still there is a duplicate, what was lost can be sent again, corrections too."""
    goes_on(recovered)
    pin = recovered.keys.pin(NEXT)
    report = recovered.take(
        seen(instance("A")),
        seen(instance("C")),
        declared_wrong(seen(instance("B"))),
        seen(instance("F")),
        pin=pin,
    )
    assert report.log == NEXT
    assert [(one.status, one.seq) for one in report.receipts] == [
        (Status.DUPLICATE, None),
        (Status.ACCEPTED, 1),
        (Status.ACCEPTED, 2),
        (Status.ACCEPTED, 3),
    ]
    again = recovered.take(declared_wrong(seen(instance("B"))), seen(instance("F")), pin=pin)
    assert [(one.status, one.seq) for one in again.receipts] == [
        (Status.DUPLICATE, 2),
        (Status.DUPLICATE, 3),
    ]
    [(declared,)] = recovered.rows("SELECT count(*) FROM event WHERE declared_by IS NOT NULL")
    assert declared == 1
    recovered.check()
    with writing(recovered.engine) as connection:
        connection.exec_driver_sql("UPDATE event SET declared_by = NULL")
    findings = [
        one for report in verify_ledger(recovered.engine, recovered.keys) for one in report.findings
    ]
    assert [one.column for one in findings] == ["event.declared_by"]


def test_a_declaration_that_came_before_the_loss(ledger: Ledger, tmp_path: Path) -> None:
    """An error that was declared in the old log still binds the event that comes to the new one."""
    wrong = seen(instance("A"))
    pin = ledger.keys.pin(ledger.organisation().origin)
    ledger.take(declared_wrong(wrong), pin=pin)
    back_up(ledger, tmp_path / "old")
    lived(ledger, "B")
    put_back(ledger, tmp_path / "old", statement=STATEMENT)
    goes_on(ledger)
    assert ledger.take(wrong).receipts[0].status is Status.ACCEPTED
    ledger.check()


def test_another_backup_after_a_recovery(recovered: Ledger, tmp_path: Path) -> None:
    """What was recovered is backed up and restored as any ledger, here and elsewhere."""
    goes_on(recovered)
    lived_on = recovered.take(seen(instance("F")), pin=recovered.keys.pin(NEXT))
    assert lived_on.committed
    made = back_up(recovered, tmp_path / "new")
    assert made.signed_by == (NEXT,)
    assert put_back(recovered, tmp_path / "new").lacking == []
    keys = KeyFolder(tmp_path / "none")
    done = put_back(recovered, tmp_path / "new", keys=keys)
    assert done.keyless == [NEXT]
    assert [one.missing for one in done.reports] == [3, 0]


def test_a_second_recovery(recovered: Ledger, tmp_path: Path) -> None:
    """A log that goes on may lose entries itself: the next one bears the next number."""
    back_up(recovered, tmp_path / "second")
    goes_on(recovered)
    recovered.take(seen(instance("F")), pin=recovered.keys.pin(NEXT))
    done = put_back(recovered, tmp_path / "second", statement=STATEMENT, stamp="second")
    assert [one.successor for one in done.lacking] == ["localhost/log/main-r2"]
    goes_on(recovered)
    assert recovered.logs["main"].slug == "main-r2"
    with reading(recovered.engine) as connection:
        assert lineage(connection) == {2: [1], 3: [2, 1]}
    assert recovered.take(seen(instance("A"))).receipts[0].status is Status.DUPLICATE
    recovered.check()


def test_a_name_that_is_taken(ledger: Ledger, behind: Path, tmp_path: Path) -> None:
    """An organisation that is called so already keeps its name."""
    ledger.organisation("main-r1")
    back_up(ledger, tmp_path / "all")
    ledger.keys.pin(ORIGIN).keep(larger(ledger, 9))
    done = put_back(ledger, tmp_path / "all", statement=STATEMENT)
    assert [one.successor for one in done.lacking] == ["localhost/log/main-r2"]
    done = put_back(ledger, tmp_path / "all", statement=STATEMENT, check=True)
    assert done.reports


def larger(ledger: Ledger, size: int) -> str:
    """Return a signed checkpoint of more entries than there are."""
    return sign_checkpoint(Checkpoint(ORIGIN, size, bytes(32)), [ledger.keys.signer(ORIGIN)])


def test_a_log_that_is_younger_than_the_backup(ledger: Ledger, tmp_path: Path) -> None:
    """A log of which nothing is left is there again, empty, and closed."""
    lived(ledger, "A")
    back_up(ledger, tmp_path / "old")
    lived(ledger, "B", slug="young")
    done = put_back(ledger, tmp_path / "old", statement=STATEMENT)
    assert [(one.origin, one.size) for one in done.lacking] == [("localhost/log/young", 0)]
    assert sizes(ledger) == {"main": 1, "young": 0, "young-r1": 1}
    ledger.check()
    assert [one.missing for one in verify_ledger(ledger.engine, ledger.keys)] == [0, 1, 0]


def test_without_the_old_key(ledger: Ledger, behind: Path) -> None:
    """A lost key doesn't keep an operator from stating what is missing; the new key signs alone."""
    (ledger.keys.folder / "localhost+log+main.key").unlink()
    put_back(ledger, behind, statement=STATEMENT)
    _said, lines = read_recovery(statement_of(ledger))
    assert [line.split()[1] for line in lines] == [NEXT]
    ledger.check()


def test_nothing_to_recover(ledger: Ledger, tmp_path: Path) -> None:
    """Where nothing is missing, --recover begins no log."""
    lived(ledger, "A")
    back_up(ledger, tmp_path / "a")
    assert put_back(ledger, tmp_path / "a", statement=STATEMENT).lacking == []
    assert sizes(ledger) == {"main": 1}


def test_a_recovery_that_nobody_signed_is_not_believed(recovered: Ledger) -> None:
    """Somebody who writes to the database alone can't excuse a loss."""
    with reading(recovered.engine) as connection:
        assert believed_loss(connection, recovered.keys, ORIGIN)
        assert believed_loss(connection, recovered.keys, NEXT) is None
    for ending in ("vkey", "checkpoint"):
        (recovered.keys.folder / f"localhost+log+main-r1.{ending}").unlink()
    stranger = Signer.generate(NEXT)
    forge(recovered, lambda body: body | {"signatures": signatures(body, stranger)})
    with reading(recovered.engine) as connection:
        assert believed_loss(connection, recovered.keys, ORIGIN) is None
    first, *_ = verify_ledger(recovered.engine, recovered.keys)
    assert [one.kind for one in first.findings] == ["checkpoint"]
    finish_recovery(recovered.engine, recovered.keys)  # which believes it neither


def signatures(body: dict[str, Any], signer: Signer) -> list[str]:
    """Sign a statement anew."""
    said, _lines = read_recovery(body)
    return sign_note(recovery_text(said), [signer]).splitlines()[-1:]


def forge(ledger: Ledger, change: Any) -> None:
    """Change the statement in the database."""
    [(raw,)] = ledger.rows("SELECT bytes FROM entry WHERE schema = {p}", RECOVERY_SCHEMA)
    entry = decode_entry(bytes(raw))
    old = b'{"body":' + canonical_bytes(entry.body)
    new = b'{"body":' + canonical_bytes(change(entry.body))
    mark = "?" if ledger.engine.dialect.name == "sqlite" else "%s"
    with writing(ledger.engine) as connection:
        connection.exec_driver_sql(
            f"UPDATE entry SET bytes = {mark} WHERE schema = {mark}",
            (bytes(raw).replace(old, new), RECOVERY_SCHEMA),
        )


def test_a_log_that_was_cut_further(recovered: Ledger) -> None:
    """The statement excuses what it names, and not an entry more."""
    with writing(recovered.engine) as connection:
        for statement in (
            "DELETE FROM link WHERE event_row = 2",
            "DELETE FROM item WHERE id = 2",
            "DELETE FROM event WHERE seq = 1",
            "DELETE FROM entry WHERE log_id = 1 AND seq = 1",
            "DELETE FROM checkpoint WHERE log_id = 1 AND size = 2",
            "UPDATE tile SET hashes = (SELECT leaf FROM entry WHERE log_id = 1 AND seq = 0)"
            " WHERE log_id = 1",
            "UPDATE log SET size = 1, head = (SELECT leaf FROM entry WHERE log_id = 1 AND seq = 0)"
            " WHERE id = 1",
        ):
            connection.exec_driver_sql(statement)
    first, *_ = verify_ledger(recovered.engine, recovered.keys)
    assert ["says that 2 entries were left" in one.message for one in first.findings] == [True]


def test_a_larger_loss_than_was_stated(recovered: Ledger) -> None:
    """A checkpoint that turns up later and is larger than the stated one is a finding."""
    key = recovered.keys.folder / "localhost+log+main.closed"
    closed = key.read_bytes()
    key.unlink()
    recovered.keys.pin(ORIGIN).learn(larger(recovered, 8))
    key.write_bytes(closed)
    first, *_ = verify_ledger(recovered.engine, recovered.keys)
    assert "signed over 8 entries" in first.findings[0].message


def test_a_restore_that_stopped_before_its_last_step(
    ledger: Ledger, behind: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ledger is new, the keys' folder doesn't know yet: whoever writes next settles it."""
    with monkeypatch.context() as patch:
        patch.setattr(restoring, "finish_recovery", lambda *_: None)
        put_back(ledger, behind, statement=STATEMENT)
    assert ledger.keys.successor(ORIGIN) is None
    for _again in range(2):
        finish_recovery(ledger.engine, ledger.keys)
        assert ledger.keys.successor(ORIGIN) == NEXT
        assert ledger.keys.pin(NEXT).newest()
    ledger.check()


def test_a_restore_that_stopped_before_the_ledger_was_replaced(
    ledger: Ledger, behind: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key that was made is taken up by the next ceremony."""

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(restoring, "verify_ledger", stop)
        with pytest.raises(KeyboardInterrupt):
            put_back(ledger, behind, statement=STATEMENT)
    assert sizes(ledger) == {"main": 5}
    made = ledger.keys.verifier(NEXT)
    ledger.check()
    put_back(ledger, behind, statement=Statement("Li Wei", "once more"))
    assert ledger.keys.verifier(NEXT) == made
    ledger.check()


@pytest.mark.parametrize(
    "change",
    [
        {"missing": 2},
        {"missing": 0, "known_size": 2},
        {"root": "AAAA"},
        {"root": "no base64!"},
        {"size": -1},
        {"more": 1},
        {"operator": 5},
    ],
    ids=str,
)
def test_malformed_statements(recovered: Ledger, change: dict[str, Any]) -> None:
    """Such an entry is a finding, and no log ends by it."""
    body = statement_of(recovered)
    changed = body | {"recovery": body["recovery"] | change}
    with pytest.raises(EntryError):
        read_recovery(changed)
    forge(recovered, lambda _: changed)
    with reading(recovered.engine) as connection:
        assert losses(connection) == {}
    assert any(report.findings for report in verify_ledger(recovered.engine, recovered.keys))


def test_statements_that_are_no_entries(recovered: Ledger) -> None:
    """Bytes that are no entry, or an entry of another log, state nothing."""
    with reading(recovered.engine) as connection:
        assert losses(connection).keys() == {ORIGIN}
    with writing(recovered.engine) as connection:
        connection.exec_driver_sql("UPDATE log SET origin = 'x/log/main-r1' WHERE id = 2")
    with reading(recovered.engine) as connection:
        assert losses(connection) == {}
        assert lineage(connection) == {}


def test_statements_in_a_ring(recovered: Ledger) -> None:
    """Two logs that go on for each other, which nobody would sign, end nobody's walk."""
    forge(recovered, lambda body: body | {"recovery": body["recovery"] | {"log": NEXT}})
    with reading(recovered.engine) as connection:
        assert lineage(connection) == {2: []}
        main = find_organisation(connection, "main-r1")
        assert current_log(connection, main) == main
    forge(recovered, lambda body: body | {"recovery": body["recovery"] | {"log": "gone/log/x"}})
    with reading(recovered.engine) as connection:
        assert lineage(connection) == {}


def test_a_statement_names_one_checkpoint(recovered: Ledger) -> None:
    """Another size, or another root of the same size, is not excused."""
    with reading(recovered.engine) as connection:
        loss = losses(connection)[ORIGIN]
    known = parse_checkpoint(parse_note(loss.recovery.known_checkpoint).text)
    assert loss.excuses(known)
    assert not loss.excuses(replace(known, size=6))
    assert not loss.excuses(replace(known, root=bytes(32)))
    assert not loss.excuses(replace(known, size=2))
    assert msgspec.to_builtins(loss.recovery)["missing"] == 3
