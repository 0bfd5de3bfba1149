"""Group commit: many documents in one commit, each with its own fate."""

import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ledger import sequencing
from ledger.errors import StoreError
from ledger.log.checkpoint import open_checkpoint
from ledger.preparing import GROUP, prepare
from ledger.problems import problem
from ledger.receipts import Mode, Status
from ledger.rotation import KeyRoom, retire, rotate
from ledger.sequencing import (
    Document,
    LogAccess,
    Sequencer,
    commit,
    commit_each,
    held,
    next_group,
)
from ledger.sources import open_source
from tests.ledger.builders import Ledger, document, instance, seen, stream

BAD = seen("https://id.gs1.org/01/09506000134353/21/A")
"""An event whose GTIN has a wrong check digit."""


def read(*events: Any, mode: Mode = Mode.ROLLBACK, submitter: str = "tester") -> Document:
    """Return a document that is ready for its log."""
    source = open_source(stream(document(*events)))
    return Document(submitter, mode, [prepare(one) for one in source], source.problems)


def statuses(one: Document) -> list[str]:
    """Return the status of each receipt."""
    assert one.report is not None
    return [receipt.status.value for receipt in one.report.receipts]


def test_a_folder_of_keys_is_enough_to_write(ledger: Ledger) -> None:
    """What a log is written with comes from its folder: the key, and the checkpoint kept there."""
    owner = ledger.organisation()
    access = LogAccess.by_keys(ledger.engine, ledger.keys, owner, ledger.ticks)
    one = read(seen(instance(1)))
    commit(access, [one])
    assert statuses(one) == ["accepted"]
    [(note,)] = ledger.rows("SELECT note FROM checkpoint WHERE size = 1")
    assert ledger.keys.pin(owner.origin).path.read_text("utf-8") == note


def test_a_group_is_one_commit(ledger: Ledger) -> None:
    """Documents that are committed together share one checkpoint, which covers them all."""
    access = ledger.access(ledger.organisation())
    group = [read(seen(instance(n)), submitter=f"s{n}") for n in range(3)]
    commit(access, group)
    assert [statuses(one) for one in group] == [["accepted"]] * 3
    assert ledger.rows("SELECT size FROM checkpoint") == [(3,)]
    assert ledger.rows("SELECT submitter FROM entry ORDER BY seq") == [("s0",), ("s1",), ("s2",)]
    notes = {one.report.checkpoint for one in group if one.report}
    [note] = notes
    assert note is not None
    verifier = ledger.keys.signer(access.organisation.origin).verifier
    assert open_checkpoint(note, access.organisation.origin, [verifier]).size == 3
    ledger.check()


def test_a_refused_document_takes_no_other_along(ledger: Ledger) -> None:
    """What is rolled back leaves no gap, and neither hides nor blocks what comes behind it."""
    access = ledger.access(ledger.organisation())
    same = seen(instance("X"), eventID="urn:x:1")
    taken_back = seen(instance("X"), eventID="urn:x:1") | {
        "errorDeclaration": {"declarationTime": "2026-03-02T08:00:00Z"}
    }
    first, second, third = (
        read(same, taken_back, BAD),
        read(same),
        read(same, BAD, mode=Mode.PROCEED),
    )
    commit(access, [first, second, third])
    assert statuses(first) == ["rejected"] * 3
    assert statuses(second) == ["accepted"]
    assert statuses(third) == ["duplicate", "rejected"]
    assert second.report is not None
    assert second.report.receipts[0].seq == 0
    assert first.report is not None
    assert not first.report.committed
    assert ledger.rows("SELECT size FROM log") == [(1,)]
    ledger.check()


def test_a_declaration_in_a_later_document_of_the_group(ledger: Ledger) -> None:
    """An event is taken back by a declaration that is committed with it."""
    access = ledger.access(ledger.organisation())
    one = seen(instance("X"), eventID="urn:x:1")
    declared = one | {"errorDeclaration": {"declarationTime": "2026-03-02T08:00:00Z"}}
    group = [read(one), read(declared)]
    commit(access, group)
    assert [statuses(each) for each in group] == [["accepted"]] * 2
    assert ledger.rows("SELECT count(*) FROM event WHERE declared_by IS NOT NULL") == [(1,)]
    ledger.check()


def test_a_group_of_nothing_new_signs_nothing(ledger: Ledger) -> None:
    """Duplicates alone make no entry and no checkpoint."""
    access = ledger.access(ledger.organisation())
    first, again = (read(seen(instance(1), eventID="urn:x:1")) for _ in range(2))
    commit(access, [first])
    commit(access, [again])
    assert statuses(again) == ["duplicate"]
    assert again.report is not None
    assert first.report is not None
    assert (again.report.committed, again.report.checkpoint) == (True, first.report.checkpoint)
    assert ledger.count("checkpoint") == 1


@pytest.mark.parametrize(
    ("sizes", "taken"),
    [([1], 1), ([GROUP, 1], 1), ([GROUP - 1, 1, 1], 2), ([GROUP + 5, 1], 1), ([2, GROUP, 1], 1)],
)
def test_groups_are_bounded(sizes: list[int], taken: int) -> None:
    """A group has at most so many events, or is one document; the order is kept."""
    line = deque(Document("s", Mode.ROLLBACK, [None] * size, []) for size in sizes)  # type: ignore[list-item]
    documents = list(line)
    assert next_group(line) == documents[:taken]
    assert list(line) == documents[taken:]


def test_threads_share_commits(ledger: Ledger) -> None:
    """What is handed in while the log is held becomes one group behind it."""
    access = ledger.access(ledger.organisation())
    sequencer = Sequencer()
    held, go = threading.Event(), threading.Event()

    def slow() -> int:
        held.set()
        assert go.wait(30)
        return ledger.ticks()

    first = LogAccess(access.engine, access.organisation, access.signer, slow)
    with ThreadPoolExecutor(8) as pool:
        ahead = pool.submit(sequencer.submit, first, read(seen(instance("first"))))
        assert held.wait(30)
        others = [pool.submit(sequencer.submit, access, read(seen(instance(n)))) for n in range(7)]
        while len(sequencer._lines[access.organisation.row].waiting) < 7:
            pass
        go.set()
        reports = [one.result(30) for one in (ahead, *others)]
    assert {one.counts[Status.ACCEPTED] for one in reports} == {1}
    assert [size for (size,) in ledger.rows("SELECT size FROM checkpoint ORDER BY size")] == [1, 8]
    ledger.check()


@pytest.mark.parametrize("taken", [True, False])
def test_who_is_interrupted_leaves_the_others_waiting(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, *, taken: bool
) -> None:
    """What waits beside an interrupted thread, taken along or not, is stored by the next one."""
    access, sequencer = ledger.access(ledger.organisation()), Sequencer()
    mine, other = read(seen(instance(1))), read(seen(instance(2)))

    def interrupted(_access: LogAccess, take: Any) -> None:
        assert not taken or take() == [other, mine]
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(sequencing, "_commit", interrupted)
        line = sequencer._lines.setdefault(access.organisation.row, sequencing._Line())
        line.waiting.append(other)
        with pytest.raises(KeyboardInterrupt):
            sequencer.submit(access, mine)
    assert list(line.waiting) == [other]
    sequencer.submit(access, read(seen(instance(3))))
    assert statuses(other) == ["accepted"]
    assert ledger.count("entry") == 2


def test_a_group_is_what_came_until_the_log_was_free(ledger: Ledger) -> None:
    """While another process holds the log, all that comes joins one group behind it."""
    access = ledger.access(ledger.organisation())
    sequencer = Sequencer()
    with ThreadPoolExecutor(5) as pool:
        with held(access):
            coming = [
                pool.submit(sequencer.submit, access, read(seen(instance(n)))) for n in range(5)
            ]
            while not (line := sequencer._lines.get(access.organisation.row)) or not (
                line.is_held and len(line.waiting) == 5
            ):
                time.sleep(0.001)
        assert all(one.result(30).committed for one in coming)
    assert ledger.rows("SELECT size FROM checkpoint") == [(5,)]
    ledger.check()


def test_what_fails_before_the_log_is_held_fails_for_each(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the log can't be had, whoever waits is told, and nobody waits for ever."""
    access, sequencer = ledger.access(ledger.organisation()), Sequencer()
    mine, other = read(seen(instance(1))), read(seen(instance(2)))
    line = sequencer._lines.setdefault(access.organisation.row, sequencing._Line())
    line.waiting.append(other)

    def refuse(*_: object) -> None:
        raise StoreError("The disk is full.", "Free some space.")

    monkeypatch.setattr(sequencing, "held", refuse)
    with pytest.raises(StoreError):
        sequencer.submit(access, mine)
    assert isinstance(other.error, StoreError)
    assert not line.waiting


def test_one_that_breaks_harms_no_other(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """A document that breaks the program fails alone; those beside it are stored."""
    access = ledger.access(ledger.organisation())
    real: Any = vars(sequencing)["admit"]

    def admit(log: Any, known: Any, events: Any, report: Any, **given: Any) -> Any:
        if given["submitter"] == "poison":
            raise ZeroDivisionError
        return real(log, known, events, report, **given)

    monkeypatch.setattr(sequencing, "admit", admit)
    group = [read(seen(instance(n)), submitter=name) for n, name in enumerate(["a", "poison", "b"])]
    commit_each(access, group)
    assert [one.error is None for one in group] == [True, False, True]
    with pytest.raises(ZeroDivisionError):
        Sequencer().submit(access, read(seen(instance(9)), submitter="poison"))
    assert ledger.rows("SELECT submitter FROM entry ORDER BY seq") == [("a",), ("b",)]
    ledger.check()


def test_an_old_copy_is_not_written_to(ledger: Ledger) -> None:
    """A log that does not contain the pinned checkpoint takes nothing, for all of the group."""
    owner = ledger.organisation()
    pin = ledger.keys.pin(owner.origin)
    access = ledger.access(owner, pin=pin)
    commit(access, [read(seen(instance(1)))])
    newest = pin.newest()
    assert newest is not None
    ahead = ledger.access(ledger.organisation("other"))
    commit(ahead, [read(seen(instance(1)))])
    foreign = ledger.keys.pin("localhost/log/other")
    commit(ledger.access(ahead.organisation, pin=foreign), [read(seen(instance(2)))])
    # The pin of a longer history than the one that is here.
    with_more = foreign.newest()
    assert with_more is not None
    group = [read(seen(instance(3))), read(seen(instance(4)))]
    commit_each(ledger.access(owner, pin=foreign), group)
    assert all(isinstance(one.error, StoreError) for one in group)
    assert ledger.rows("SELECT size FROM log ORDER BY id") == [(1,), (2,)]


def test_document_problems_stand_in_the_report(ledger: Ledger) -> None:
    """What is wrong with a document as a whole rolls it back."""
    access = ledger.access(ledger.organisation())
    one = read(seen(instance(1)))
    one.problems = [problem("", "capture.defect")]
    commit(access, [one])
    assert one.report is not None
    assert one.report.refused
    assert not one.report.committed
    assert ledger.count("entry") == 0


def test_a_clock_that_jumps(ledger: Ledger) -> None:
    """A day forward and a day back change no order: entries count, and the log stays sound."""
    owner, day = ledger.organisation(), 24 * 3600 * 1_000_000
    start = ledger.ticks()
    for number, now in enumerate((start, start + day, start - day, start + 1)):
        access = ledger.access(owner, now=lambda now=now: now)
        commit(access, [read(seen(instance(number)))])
    times = ledger.rows("SELECT received_at FROM entry ORDER BY seq")
    assert times == [(start,), (start + day,), (start - day,), (start + 1,)]
    assert ledger.rows("SELECT seq FROM event ORDER BY id") == [(0,), (1,), (2,), (3,)]
    ledger.check()


def test_a_replay_after_a_rotation(ledger: Ledger) -> None:
    """What was pushed before the keys changed is a duplicate after it, signed by the new key."""
    owner = ledger.organisation()
    pushed = seen(instance(1), eventID="urn:x:1")
    pin = ledger.keys.pin(owner.origin)
    commit(ledger.access(owner, pin=pin), [read(pushed)])
    room = KeyRoom(ledger.engine, ledger.keys, owner, "operator", ledger.ticks)
    rotate(room)
    retire(room)
    again = read(pushed)
    signers = ledger.keys.signers(owner.origin)
    commit(ledger.access(owner, pin=pin, signer=signers), [again])
    assert statuses(again) == ["duplicate"]
    assert ledger.rows("SELECT count(*) FROM event") == [(1,)]
    ledger.check()
