"""The inbox and its jobs: handed in once, stored once, answered once, whatever happens between."""

import json
from typing import Any

import pytest

from ledger import inbox, jobs, sequencing
from ledger.errors import ConflictError, NotFoundError, StoreError, UsageError, VerifyError
from ledger.inbox import KEPT, LONGEST_KEY, find, forget, logs_waiting
from ledger.jobs import capture_once, settle, submit
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.receipts import Mode, Report, Status
from tests.ledger.builders import Ledger, document, instance, seen

BAD = seen("https://id.gs1.org/01/09506000134353/21/A")


def text(*events: Any) -> bytes:
    """Return a document as it comes in."""
    return json.dumps(document(*events)).encode()


def hand_in(ledger: Ledger, key: str, *events: Any, mode: Mode = Mode.ROLLBACK) -> inbox.Submission:
    """Hand a document in, without waiting for it."""
    access = ledger.access(ledger.organisation())
    return submit(access, text(*events), submitter="acme", key=key, mode=mode)


def test_the_same_key_gets_the_same_answer(ledger: Ledger) -> None:
    """A push that is sent again after a lost answer is no duplicate: it gets its receipts."""
    access = ledger.access(ledger.organisation())
    body = text(seen(instance(1)), BAD)
    first = capture_once(access, body, submitter="acme", key="k1", mode=Mode.PROCEED)
    again = capture_once(access, body, submitter="acme", key="k1", mode=Mode.PROCEED)
    assert first.counts[Status.ACCEPTED] == again.counts[Status.ACCEPTED] == 1
    assert first == again
    assert first.receipts[1].problems[0].message("zh-CN") == again.receipts[1].problems[0].message(
        "zh-CN"
    )
    assert ledger.count("entry") == 1
    assert ledger.rows("SELECT body FROM submission") == [(None,)]
    ledger.check()


@pytest.mark.parametrize(
    ("mode", "code"), [(Mode.ROLLBACK, instance(2)), (Mode.PROCEED, instance(1))]
)
def test_a_key_stands_for_one_document(ledger: Ledger, mode: Mode, code: str) -> None:
    """The same key with other content, or another mode, is refused, and nothing is overwritten."""
    hand_in(ledger, "k1", seen(instance(1), eventID="urn:x:1"))
    with pytest.raises(ConflictError, match="key of its own"):
        hand_in(ledger, "k1", seen(code, eventID="urn:x:1"), mode=mode)
    assert ledger.count("submission") == 1


def test_the_logs_that_documents_wait_for(ledger: Ledger) -> None:
    """A log is named once while anything waits for it, and no longer when all is settled."""
    ledger.organisation("idle")
    access = ledger.access(ledger.organisation())
    for key in ("k1", "k2"):
        hand_in(ledger, key, seen(instance(key)))
    assert logs_waiting(ledger.engine) == [access.organisation.row]
    settle(access)
    assert logs_waiting(ledger.engine) == []


def test_a_known_checkpoint_is_looked_for_first(ledger: Ledger) -> None:
    """What a submitter holds of the log must be in it; else the document isn't even kept."""
    access = ledger.access(ledger.organisation(), pin=ledger.keys.pin("localhost/log/main"))

    def take(serial: int, known: str | None) -> Report:
        given: dict[str, Any] = {"submitter": "a", "key": f"k{serial}", "known_checkpoint": known}
        return capture_once(access, text(seen(instance(serial))), mode=Mode.ROLLBACK, **given)

    first = take(1, None)
    assert take(2, first.checkpoint).counts[Status.ACCEPTED] == 1
    origin = access.organisation.origin
    other = sign_checkpoint(Checkpoint(origin, 1, bytes(32)), [ledger.keys.signer(origin)])
    with pytest.raises(VerifyError):
        take(3, other)
    assert ledger.count("submission") == 2


def test_keys_belong_to_their_submitter_and_log(ledger: Ledger) -> None:
    """Two submitters, and two organisations, may use one key."""
    for slug in ("main", "other"):
        access = ledger.access(ledger.organisation(slug))
        for submitter in ("a", "b"):
            body = text(seen(instance(submitter)))
            capture_once(access, body, submitter=submitter, key="k", mode=Mode.ROLLBACK)
    assert ledger.count("submission") == ledger.count("entry") == 4


@pytest.mark.parametrize("key", ["", "k" * (LONGEST_KEY + 1)])
def test_keys_have_a_length(sqlite_ledger: Ledger, key: str) -> None:
    """An empty or overlong key is refused."""
    with pytest.raises(UsageError, match="1 to 200"):
        hand_in(sqlite_ledger, key, seen(instance(1)))


@pytest.mark.parametrize("key", ["a\x00b", "\udc80", "a\nb"])
def test_keys_are_printable(ledger: Ledger, key: str) -> None:
    """What a database can't keep, or a person can't read, is no key."""
    with pytest.raises(UsageError, match="printable"):
        hand_in(ledger, key, seen(instance(1)))


def test_what_waits_is_stored_in_groups(ledger: Ledger) -> None:
    """Jobs that wait are committed together, in the order in which they came."""
    handed = [hand_in(ledger, f"k{n}", seen(instance(n))) for n in range(5)]
    assert all(one.report is None for one in handed)
    access = ledger.access(ledger.organisation())
    assert settle(access) == 5
    assert settle(access) == 0
    assert ledger.rows("SELECT size FROM checkpoint") == [(5,)]
    found = [find(ledger.engine, access.organisation.row, one.row) for one in handed]
    assert [one.report.receipts[0].seq for one in found if one.report] == [0, 1, 2, 3, 4]
    ledger.check()


def test_large_documents_are_read_one_by_one(
    sqlite_ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of documents that do not fit into memory together, the first is read alone."""
    for n in range(3):
        hand_in(sqlite_ledger, f"k{n}", seen(instance(n)))
    monkeypatch.setattr(inbox, "_FITTING", 10)
    access = sqlite_ledger.access(sqlite_ledger.organisation())
    assert [settle(access) for _ in range(4)] == [1, 1, 1, 0]


def test_a_crash_between_the_steps_loses_nothing(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the commit the job waits on; after it, it is answered: the same function goes on."""
    access = ledger.access(ledger.organisation())
    job = hand_in(ledger, "k", seen(instance(1)))

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(sequencing, "record", crash)
        with pytest.raises(KeyboardInterrupt):
            settle(access)
    assert (ledger.count("entry"), find(ledger.engine, 1, job.row).report) == (0, None)
    assert settle(access) == 1
    assert ledger.count("entry") == 1
    assert settle(access) == 0
    ledger.check()


def test_two_that_take_up_the_same_job(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who comes second finds the answer of the first, and stores nothing."""
    access = ledger.access(ledger.organisation())
    hand_in(ledger, "k", seen(instance(1)))
    real: Any = vars(jobs)["waiting"]

    def slowly(*given: Any) -> Any:
        found = real(*given)
        monkeypatch.setattr(jobs, "waiting", real)
        assert settle(access) == 1
        return found

    monkeypatch.setattr(jobs, "waiting", slowly)
    assert settle(access) == 1
    assert ledger.count("entry") == 1
    ledger.check()


@pytest.mark.parametrize("place", ["prepared_groups", "commit_each"])
def test_a_job_that_breaks_the_program_is_answered(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """A defect is told to whom it happened, and nobody behind waits for ever."""
    access = ledger.access(ledger.organisation())
    broken = hand_in(ledger, "k1", seen(instance("poison")))
    fine = hand_in(ledger, "k2", seen(instance(2)))
    real = getattr(jobs, place)

    def failing(*given: Any) -> Any:
        if place == "prepared_groups":
            monkeypatch.setattr(jobs, place, real)
            raise ZeroDivisionError
        [*_, group] = given
        real(*given)
        for one in group:
            if one.row == broken.row and one.events:
                one.error, one.report = ZeroDivisionError(), None
        return None

    monkeypatch.setattr(jobs, place, failing)
    if place == "commit_each":
        monkeypatch.setattr(sequencing, "record", lambda *_: None)
        settle(access)
        monkeypatch.undo()
        settle(access)
    else:
        settle(access)
    found = find(ledger.engine, 1, broken.row).report
    assert found is not None
    assert find(ledger.engine, 1, fine.row).report is not None


def test_a_store_that_fails_keeps_the_job(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be stored for want of space waits, and the error says so."""
    access = ledger.access(ledger.organisation())
    job = hand_in(ledger, "k", seen(instance(1)))

    def full(*_: object, **__: object) -> None:
        raise StoreError("The disk is full.", "Free some space.")

    with monkeypatch.context() as patch:
        patch.setattr(sequencing, "admit", full)
        with pytest.raises(StoreError, match="disk is full"):
            settle(access)
    assert find(ledger.engine, 1, job.row).report is None
    assert settle(access) == 1


def test_answers_are_forgotten_in_time(ledger: Ledger) -> None:
    """An old answer is forgotten with its key; what waits never is."""
    access = ledger.access(ledger.organisation())
    done = hand_in(ledger, "k1", seen(instance(1)))
    settle(access)
    waits = hand_in(ledger, "k2", seen(instance(2)))
    forget(ledger.engine, done.received_at)
    assert find(ledger.engine, 1, done.row).report is not None
    forget(ledger.engine, waits.received_at + KEPT)
    assert ledger.rows("SELECT id FROM submission") == [(waits.row,)]
    with pytest.raises(NotFoundError, match="30 days"):
        find(ledger.engine, 1, done.row)


def test_a_defect_that_stays_is_raised(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where even the answer can't be stored the job waits on, and the defect is told."""
    access = ledger.access(ledger.organisation())
    job = hand_in(ledger, "k", seen(instance(1)))

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(sequencing, "record", broken)
        with pytest.raises(ZeroDivisionError):
            settle(access)
    assert find(ledger.engine, 1, job.row).report is None
    assert settle(access) == 1
