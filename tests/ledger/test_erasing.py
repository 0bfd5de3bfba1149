"""Erasing: what is meant is gone everywhere, the log says so, and nothing else has changed."""

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from ledger import erasing
from ledger.backup.ceremony import Statement
from ledger.erasing import (
    Choice,
    PersonalValue,
    certificates,
    declare,
    erase,
    personal_values,
    scrub,
)
from ledger.errors import NotFoundError, StoreError, UsageError, VerifyError
from ledger.inbox import find
from ledger.jobs import capture_once, submit
from ledger.log.entry import decode_entry
from ledger.log.note import Key
from ledger.organisations import find_organisation
from ledger.personal import MAX_FIELDS, declared_fields, read_erasure
from ledger.proof_files import CheckedInclusion, check_proof_file
from ledger.proofs import prove_entry
from ledger.receipts import Mode
from ledger.recovery import current_log
from ledger.sequencing import LogAccess
from ledger.store import tables
from ledger.store.engine import reading, writing
from tests.ledger.backup.archives import back_up, put_back
from tests.ledger.builders import (
    FIRST_TIME,
    Event,
    Ledger,
    document,
    element,
    instance,
    seen,
    stream,
)

NS = "https://example.com/ns/"
NAME, PHONE, CITY = NS + "name", NS + "phone", "urn:example:mda:city"
PLACE = "https://id.gs1.org/414/9506000134376"
WANG, ZHANG = "Wang Li 5550100", "Zhang Wei 5550199"


def sale(serial: str, name: object, **fields: Any) -> Event:
    """Return an event about an item with a personal value; its eventID is made of the item's serial."""
    return seen(instance(serial), eventID=f"urn:x:{serial}", **fields) | {NAME: name}


def access_to(ledger: Ledger, **other: Any) -> LogAccess:
    """Return what it takes to write to the log."""
    owner = ledger.organisation()
    return ledger.access(owner, **({"pin": ledger.keys.pin(owner.origin)} | other))


def verifier_of(ledger: Ledger) -> Key:
    """Return the key that checks what the log signs."""
    return ledger.keys.signer(ledger.organisation().origin).verifier


@pytest.fixture
def sold(ledger: Ledger) -> Ledger:
    """Give a ledger with personal values in three events and one statement."""
    declare(access_to(ledger), [NAME, PHONE, CITY], [], submitter="tester")
    pin = access_to(ledger).pin
    ledger.take(sale("A", WANG), sale("B", {"of": [ZHANG, 7, None]}, **{PHONE: 5550100}), pin=pin)
    ledger.take(sale("C", WANG), pin=pin)
    ledger.send(document(vocabularies={"Location": [element(PLACE, city=WANG)]}), pin=pin)
    return ledger


def found(ledger: Ledger, **choice: Any) -> list[tuple[int, str]]:
    """Return seq and field of the values that a choice means."""
    with reading(ledger.engine) as connection:
        values = personal_values(connection, ledger.organisation(), Choice(**choice))
        return [(one.seq, one.field.removeprefix(NS)) for one in values]


ALL = [(1, "name"), (2, "name"), (2, "phone"), (3, "name"), (4, CITY)]


@pytest.mark.parametrize(
    ("choice", "meant"),
    [
        ({}, ALL),
        ({"code": instance("A")}, [(1, "name")]),
        ({"code": PLACE}, [(4, CITY)]),
        ({"code": instance("none")}, []),
        ({"event": "urn:x:B"}, [(2, "name"), (2, "phone")]),
        ({"event": "urn:x:none"}, []),
        ({"field": NAME}, [(1, "name"), (2, "name"), (3, "name")]),
        ({"field": "name"}, []),
        ({"value": WANG}, [(1, "name"), (3, "name"), (4, CITY)]),
        ({"value": ZHANG}, [(2, "name")]),
        ({"value": "Wang"}, []),
        ({"value": "7"}, [(2, "name")]),
        ({"value": "null"}, [(2, "name")]),
        ({"value": "None"}, []),
        ({"value": "5550100"}, [(2, "phone")]),
        ({"value": WANG, "field": NAME, "code": instance("C")}, [(3, "name")]),
        ({"event": "urn:x:B", "code": instance("A")}, []),
        ({"before": 0}, []),
        ({"before": FIRST_TIME + 2}, [(1, "name"), (2, "name"), (2, "phone")]),
        ({"before": FIRST_TIME + 1_000_000}, ALL),
    ],
)
def test_what_a_choice_means(sold: Ledger, choice: dict[str, Any], meant: list[Any]) -> None:
    """All that is said has to hold for a value."""
    assert found(sold, **choice) == meant


def test_runs_of_values(sold: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """However few rows are read at once, each value comes once, in order."""
    monkeypatch.setattr(erasing, "_RUN", 1)
    assert found(sold) == ALL


def everything(ledger: Ledger) -> str:
    """Return all that any table holds, as text in which bytes are readable."""
    said = []
    for table in tables.metadata.sorted_tables:
        for row in ledger.rows(f'SELECT * FROM "{table.name}"'):
            said += [
                bytes(one).decode("latin-1") if isinstance(one, bytes | memoryview) else str(one)
                for one in row
            ]
    return "\n".join(said)


def files(ledger: Ledger) -> bytes:
    """Return the bytes of an SQLite ledger's file, and of what stands beside it."""
    file = Path(str(ledger.engine.url.database))
    return b"".join(one.read_bytes() for one in sorted(file.parent.glob(f"{file.name}*")))


def removed(ledger: Ledger, **choice: Any) -> tuple[list[PersonalValue], list[int]]:
    """Erase values."""
    return erase(access_to(ledger), Choice(**choice), submitter="dpo", reason="asked by the person")


def test_what_is_erased_is_gone_everywhere(sold: Ledger) -> None:
    """Values and salts stand in no table and no file, the others are still there, the log verifies."""
    salts = sold.rows("SELECT salt FROM personal_value WHERE seq IN (1, 3)")
    assert WANG in everything(sold)
    values, entries = removed(sold, value=WANG)
    assert [(one.seq, one.value.decode()) for one in values] == [
        (seq, f'"{WANG}"') for seq in (1, 3, 4)
    ]
    assert entries == [5]
    assert scrub(sold.engine)
    said = everything(sold)
    assert WANG not in said
    assert ZHANG in said
    if sold.engine.dialect.name == "sqlite":
        raw = files(sold)
        assert WANG.encode() not in raw
        assert ZHANG.encode() in raw
        assert not [salt for (salt,) in salts if bytes(salt) in raw]
    assert found(sold) == [(2, "name"), (2, "phone")]
    sold.check()


def test_the_entry_says_what_was_erased(sold: Ledger) -> None:
    """It names each value by its commitment, with who did it and why, and no value."""
    values, [seq] = removed(sold, field=NAME)
    [(raw,)] = sold.rows("SELECT bytes FROM entry WHERE seq = {p}", seq)
    entry = decode_entry(bytes(raw))
    said = read_erasure(entry.body)
    assert (entry.header.submitter, said.reason) == ("dpo", "asked by the person")
    assert [(one.log, one.seq, one.pointer, one.commitment) for one in said.values] == [
        (one.origin, one.seq, one.pointer, one.commitment.hex()) for one in values
    ]
    rows = sold.rows("SELECT seq, erased_log, erased_seq FROM personal_value WHERE value IS NULL")
    assert sorted(rows) == [(1, 1, seq), (2, 1, seq), (3, 1, seq)]


def test_many_values_are_erased_by_several_entries(
    sold: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One transaction, one checkpoint, and a certificate for each entry."""
    monkeypatch.setattr(erasing, "_AT_ONCE", 2)
    checkpoints = sold.count("checkpoint")
    values, entries = removed(sold, before=FIRST_TIME + 1_000_000)
    assert (len(values), entries) == (5, [5, 6, 7])
    assert sold.count("checkpoint") == checkpoints + 1
    verifier = verifier_of(sold)
    for seq, text in zip(entries, certificates(access_to(sold), entries), strict=True):
        checked = check_proof_file(text, [verifier])
        assert isinstance(checked, CheckedInclusion)
        assert checked.entry is not None
        assert (checked.index, checked.event, checked.event_id) == (seq, {}, None)
        assert len(read_erasure(checked.entry.body).values) == (1 if seq == 7 else 2)
    sold.check()


def test_proofs_of_entries_that_are_not_there(sold: Ledger) -> None:
    """No certificate is made of what isn't in the log, or isn't what the log has signed."""
    with pytest.raises(NotFoundError, match="no entry 99"):
        certificates(access_to(sold), [99])
    with writing(sold.engine) as connection:
        connection.exec_driver_sql(
            "UPDATE entry SET bytes = (SELECT bytes FROM entry WHERE seq = 2) WHERE seq = 1"
        )
    with reading(sold.engine) as connection, pytest.raises(VerifyError, match="not the one"):
        prove_entry(connection, 1, 1)


def test_the_proof_of_an_event_holds_after_its_value_is_gone(sold: Ledger) -> None:
    """A proof has the commitment, not the value, so it is the same before and after."""
    before = certificates(access_to(sold), [1])
    removed(sold, field=NAME)
    verifier = verifier_of(sold)
    for text in (*before, *certificates(access_to(sold), [1])):
        assert WANG not in text
        checked = check_proof_file(text, [verifier])
        assert isinstance(checked, CheckedInclusion)
        assert checked.event_id == "urn:x:A"


def test_nothing_meant_is_nothing_said(sold: Ledger) -> None:
    """Where no value is meant there is no entry, and the same again erases nothing."""
    size = sold.count("entry")
    assert removed(sold, value="nobody") == ([], [])
    assert sold.count("entry") == size
    removed(sold, value=WANG)
    assert removed(sold, value=WANG) == ([], [])


@pytest.mark.parametrize(
    ("choice", "reason"), [({}, "asked"), ({"field": NAME}, ""), ({"field": NAME}, " \n")]
)
def test_what_has_to_be_said(sold: Ledger, choice: dict[str, Any], reason: str) -> None:
    """Neither everything at once nor without a reason."""
    with pytest.raises(UsageError):
        erase(access_to(sold), Choice(**choice), submitter="dpo", reason=reason)
    assert len(found(sold)) == len(ALL)


def test_the_inbox_is_settled_first(sold: Ledger) -> None:
    """A document that waits brings no value back, and its body, hash and answer are gone."""
    access = access_to(sold)
    wrong = {"id": "urn:x:w", "attributes": [{"id": CITY, "attribute": [WANG]}]}
    refused = document(vocabularies={"Location": [wrong]})
    answered = capture_once(
        access, stream(refused).read(), submitter="t", key="1", mode=Mode.ROLLBACK
    )
    assert WANG in str(answered.problems)
    waits = document(sale("D", WANG))
    job = submit(access, stream(waits).read(), submitter="t", key="2", mode=Mode.ROLLBACK)
    assert everything(sold).count(WANG) > 3
    values, _ = removed(sold, value=WANG)
    assert [one.seq for one in values] == [1, 3, 4, 5]
    assert scrub(sold.engine)
    assert WANG not in everything(sold)
    if sold.engine.dialect.name == "sqlite":
        assert WANG.encode() not in files(sold)
    assert sold.count("submission") == 0
    with pytest.raises(NotFoundError):
        find(sold.engine, 1, job.row)
    again = capture_once(access, stream(waits).read(), submitter="t", key="2", mode=Mode.ROLLBACK)
    assert [one.status.value for one in again.receipts] == ["duplicate"]
    assert found(sold) == [(2, "name"), (2, "phone")]
    sold.check()


def test_other_organisations_keep_theirs(sold: Ledger) -> None:
    """Neither the values nor the inbox of another organisation are touched."""
    other = sold.access(sold.organisation("two"))
    declare(other, [NAME], [], submitter="t")
    content = stream(document(sale("A", WANG))).read()
    capture_once(other, content, submitter="t", key="1", mode=Mode.ROLLBACK)
    removed(sold, value=WANG)
    assert sold.rows(
        "SELECT log_id, value FROM personal_value WHERE log_id <> 1 AND value IS NOT NULL"
    )
    assert sold.count("submission") == 1
    sold.check()


@pytest.mark.parametrize("step", ["_delete", "pin"])
def test_a_crash_between_the_steps(
    sold: Ledger, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Before the commit nothing has happened; behind it all has, and the next one goes on."""

    class Crash(BaseException):
        pass

    def crash(*_: object) -> None:
        raise Crash

    access = access_to(sold)
    with monkeypatch.context() as patch:
        if step == "_delete":
            patch.setattr(erasing, "_delete", crash)
        else:
            patch.setattr(type(access.pin), "keep", crash)
        with pytest.raises(Crash):
            erase(access, Choice(value=WANG), submitter="dpo", reason="asked")
    left = found(sold, value=WANG)
    assert len(left) == (3 if step == "_delete" else 0)
    sold.check()
    values, entries = removed(sold, value=WANG)
    assert len(values) == len(left)
    assert len(entries) == bool(left)
    assert scrub(sold.engine)
    assert WANG not in everything(sold)
    sold.check()


def test_an_old_copy_is_not_erased_in(sold: Ledger, tmp_path: Path) -> None:
    """Where the log is shorter than what was signed nothing is written, so nothing is erased."""
    access = access_to(sold)
    assert access.pin is not None
    older = access.pin.path.read_bytes()
    back_up(sold, tmp_path / "old")
    sold.take(sale("D", WANG), pin=access.pin)
    newer = access.pin.path.read_bytes()
    access.pin.path.write_bytes(older)
    put_back(sold, tmp_path / "old")
    access.pin.path.write_bytes(newer)
    with pytest.raises(StoreError):
        erase(access, Choice(value=WANG), submitter="dpo", reason="asked")
    with pytest.raises(StoreError):
        declare(access, [NS + "more"], [], submitter="dpo")
    assert len(found(sold, value=WANG)) == 3


def test_a_successor_erases_what_a_closed_log_holds(ledger: Ledger, tmp_path: Path) -> None:
    """Behind a recovery declared fields go on, and values of the closed log are erased by its successor."""
    pin = access_to(ledger).pin
    declare(access_to(ledger), [NAME], [], submitter="tester")
    ledger.take(sale("A", WANG), sale("B", ZHANG), pin=pin)
    back_up(ledger, tmp_path / "old")
    ledger.take(sale("C", WANG), pin=pin)
    removed(ledger, event="urn:x:A")
    put_back(ledger, tmp_path / "old", statement=Statement("Li Wei", "the disk died"))
    with reading(ledger.engine) as connection:
        ledger.logs["main"] = current_log(connection, find_organisation(connection, "main"))
        assert declared_fields(connection, ledger.logs["main"].row) == {NAME}
    assert found(ledger, value=WANG) == [(1, "name")]  # back from the backup
    ledger.take(sale("A", WANG), sale("D", WANG), pin=access_to(ledger).pin)
    assert found(ledger, value=WANG) == [(1, "name"), (1, "name")]
    values, entries = removed(ledger, value=WANG)
    assert ([one.log == 1 for one in values], len(entries)) == ([True, False], 1)
    [text] = certificates(access_to(ledger), entries)
    checked = check_proof_file(text, [verifier_of(ledger)])
    assert isinstance(checked, CheckedInclusion)
    ledger.check()
    removed(ledger, value=ZHANG)  # of the closed log, by another entry
    ledger.check()
    ledger.take(sale("A", WANG), sale("D", "any"), pin=access_to(ledger).pin)
    assert found(ledger, value=WANG) == []


def test_declarations(ledger: Ledger) -> None:
    """Fields are added and taken away by entries; without a change there is none."""
    access = access_to(ledger)
    assert declare(access, [], [NAME], submitter="t") == frozenset()
    assert ledger.count("entry") == 0
    assert declare(access, [PHONE, NAME, NAME], [], submitter="t") == {NAME, PHONE}
    assert declare(access, [NAME], [], submitter="t") == {NAME, PHONE}
    assert declare(access, [], [NAME], submitter="t") == {PHONE}
    assert ledger.count("entry") == 2
    with pytest.raises(UsageError, match="full name"):
        declare(access, [NS + "fine", "eventTime"], [], submitter="t")
    many = [f"ex:{n}" for n in range(MAX_FIELDS)]
    with pytest.raises(UsageError, match=f"at most {MAX_FIELDS} personal fields"):
        declare(access, many, [], submitter="t")
    assert ledger.count("entry") == 2
    assert declare(ledger.access(ledger.organisation()), many, [PHONE], submitter="t") == set(many)
    ledger.check()


def test_erasing_without_a_pin(sold: Ledger) -> None:
    """A log whose checkpoints nobody keeps is erased in as well."""
    erase(access_to(sold, pin=None), Choice(value=WANG), submitter="t", reason="asked")
    assert found(sold, value=WANG) == []


def test_somebody_is_in_the_way(sold: Ledger) -> None:
    """Old pages that a reader still needs stay, and that is said; later they go."""
    with contextlib.ExitStack() as open_elsewhere:
        if sold.engine.dialect.name == "sqlite":
            other = open_elsewhere.enter_context(
                contextlib.closing(
                    sqlite3.connect(str(sold.engine.url.database), isolation_level=None)
                )
            )
            other.execute("BEGIN")
            other.execute("SELECT count(*) FROM entry").fetchall()
            with writing(sold.engine) as connection:
                connection.exec_driver_sql("UPDATE log SET name = 'x' WHERE id = 1")
            waits = "PRAGMA busy_timeout=1"
        else:
            reader = open_elsewhere.enter_context(reading(sold.engine))
            reader.exec_driver_sql("SELECT count(*) FROM personal_value")
            waits = "SET lock_timeout = '1ms'"
        assert not _impatient(sold.engine, waits)
    assert scrub(sold.engine)


def _impatient(engine: Engine, waits: str) -> bool:
    """Scrub without waiting for long."""

    def shorten(_c: Any, cursor: Any, statement: str, _p: Any, _x: Any, _m: Any) -> Any:
        if "VACUUM" in statement:
            cursor.execute(waits)

    event.listen(engine, "before_cursor_execute", shorten)
    try:
        if "busy" in waits:
            with engine.connect() as connection:
                connection.exec_driver_sql(waits)
        return scrub(engine)
    finally:
        event.remove(engine, "before_cursor_execute", shorten)
