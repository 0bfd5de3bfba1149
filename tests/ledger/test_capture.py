"""Capture: receipts, rollback and proceed, corrections, groups, crashes and writers at once."""

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import event as listeners

from ledger.epcis.checking import check_event
from ledger.errors import LedgerError, StoreError
from ledger.log.checkpoint import open_checkpoint
from ledger.log.entry import decode_entry
from ledger.preparing import GROUP, prepare
from ledger.receipts import ROLLED_BACK, Mode, Receipt, Report, Status
from ledger.sources import Candidate
from ledger.store.engine import open_engine, writing
from tests.ledger.builders import (
    FIRST_TIME,
    PRODUCT,
    TABLES,
    Ledger,
    contents,
    declared_wrong,
    document,
    element,
    instance,
    ledger_in,
    lot,
    made,
    seen,
    some,
)

ID = "urn:uuid:6b1d9a34-7f0e-4a55-9d6b-0c2f3a1e8b01"
OTHER_ID = "urn:uuid:6b1d9a34-7f0e-4a55-9d6b-0c2f3a1e8b02"
BAD = seen("https://id.gs1.org/01/09506000134353/21/A")
"""An event whose GTIN has a wrong check digit."""


def statuses(report: Report) -> list[str]:
    """Return the status of each receipt."""
    return [receipt.status.value for receipt in report.receipts]


def rules(report: Report) -> list[str]:
    """Return the rules that each receipt's problems name."""
    return [one.rule for receipt in report.receipts for one in receipt.problems]


def body(ledger: Ledger, seq: int = 0) -> dict[str, Any]:
    """Return the body of an entry of the log `main`."""
    [(raw,)] = ledger.rows("SELECT bytes FROM entry WHERE log_id = 1 AND seq = {p}", seq)
    return decode_entry(bytes(raw)).body


# Receipts


def test_an_event_is_logged_and_covered_by_a_checkpoint(ledger: Ledger) -> None:
    """An accepted event has its place in the log, and the returned checkpoint is signed and covers it."""
    report = ledger.take(seen(instance("A"), eventID=ID))
    [receipt] = report.receipts
    assert (receipt.pointer, receipt.status) == ("/epcisBody/eventList/0", Status.ACCEPTED)
    assert (receipt.event_id, receipt.seq, receipt.problems) == (ID, 0, ())
    assert report.committed
    assert report.log == "localhost/log/main"
    assert report.checkpoint is not None
    verifier = ledger.keys.signer(report.log).verifier
    checkpoint = open_checkpoint(report.checkpoint, report.log, [verifier])
    assert (checkpoint.origin, checkpoint.size) == (report.log, 1)
    ledger.check()


def test_the_same_event_again_is_a_duplicate(ledger: Ledger) -> None:
    """Repeating a document adds no entry and no checkpoint; the receipts name the first place."""
    events = [seen(instance(n), eventID=f"urn:x:{n}") for n in range(3)]
    first = ledger.take(*events)
    before = contents(ledger)
    report = ledger.take(*reversed(events))
    assert statuses(report) == ["duplicate"] * 3
    assert [receipt.seq for receipt in report.receipts] == [2, 1, 0]
    assert (report.committed, report.refused) == (True, False)
    assert report.checkpoint == first.checkpoint
    assert contents(ledger) == before


def test_a_duplicate_within_one_document(ledger: Ledger) -> None:
    """The same event twice in one document is one entry, with or without an eventID."""
    one, other = seen(instance("A"), eventID=ID), seen(instance("B"))
    report = ledger.take(one, other, other, one)
    assert statuses(report) == ["accepted", "accepted", "duplicate", "duplicate"]
    assert [receipt.seq for receipt in report.receipts] == [0, 1, 1, 0]
    assert ledger.count("entry") == 2
    ledger.check()


def test_an_event_without_id_is_named_by_its_content(ledger: Ledger) -> None:
    """An event without eventID gets an ni: name; the same content is a duplicate, other content is new."""
    first = ledger.take(seen(instance("A")))
    again = ledger.take(seen(instance("A")))
    other = ledger.take(seen(instance("A"), action="DELETE"))
    [name] = {first.receipts[0].event_id, again.receipts[0].event_id}
    assert name is not None
    assert name.startswith("ni:///sha-256;")
    assert other.receipts[0].event_id != name
    assert statuses(again) + statuses(other) == ["duplicate", "accepted"]
    ledger.check()


def test_the_record_time_is_not_content(ledger: Ledger) -> None:
    """An event that comes again with another recordTime is a duplicate, and what came first stays."""
    ledger.take(seen(instance("A"), eventID=ID, recordTime="2026-03-01T09:00:00Z"))
    report = ledger.take(seen(instance("A"), eventID=ID, recordTime="2026-03-02T09:00:00Z"))
    assert statuses(report) == ["duplicate"]
    assert body(ledger)["event"]["recordTime"] == "2026-03-01T09:00:00Z"


@pytest.mark.parametrize("mode", Mode)
def test_other_content_under_a_known_id_is_a_conflict(ledger: Ledger, mode: Mode) -> None:
    """Nothing is overwritten: the same eventID with other content is refused, and the receipt says why."""
    ledger.take(seen(instance("A"), eventID=ID))
    stored = contents(ledger), body(ledger)
    report = ledger.take(seen(instance("B"), eventID=ID), mode=mode)
    assert statuses(report) == ["conflict"]
    assert rules(report) == ["capture.conflict"]
    assert (report.refused, report.committed, report.receipts[0].seq) == (True, False, 0)
    assert (contents(ledger), body(ledger)) == stored
    ledger.check()


def test_ids_belong_to_their_log(ledger: Ledger) -> None:
    """Two organisations may both record an event under one id; neither is the other's duplicate."""
    assert statuses(ledger.take(seen(instance("A"), eventID=ID))) == ["accepted"]
    assert statuses(ledger.take(seen(instance("A"), eventID=ID), slug="b")) == ["accepted"]
    assert statuses(ledger.take(seen(instance("B"), eventID=ID), slug="b")) == ["conflict"]
    ledger.check()


def test_warnings_stand_in_the_receipt(ledger: Ledger) -> None:
    """What was forgiven is told, and doesn't refuse the event."""
    report = ledger.take(seen("urn:epc:id:sgtin:bad", eventID=ID))
    assert (statuses(report), rules(report)) == (["accepted"], ["code.kept-as-is"])
    assert not report.refused


def test_what_the_body_keeps(ledger: Ledger) -> None:
    """Exact decimals come with their pointers, and the context's own entries with the event."""
    raw = json.dumps(document(made([some(lot("L1"), 2.5, "KGM")], [instance("A")])))
    own = {"ex": "https://example.com/"}
    text = raw.replace('.jsonld"]', f'.jsonld", {json.dumps(own)}]').replace("2.5", "2.50")
    ledger.send(text)
    kept = body(ledger)
    assert kept["decimals"] == ["/inputQuantityList/0/quantity"]
    assert kept["context"] == [own]
    assert kept["event"]["inputQuantityList"][0]["quantity"] == "2.5"
    ledger.take(seen(instance("A")))
    assert body(ledger, 1).keys() == {"event"}
    ledger.check()


def test_one_clock_reading_stands_for_a_group(ledger: Ledger) -> None:
    """Entries carry the submitter and the time of their group, and the event's row repeats it."""
    ledger.take(seen(instance("A")), seen(instance("B")), submitter="li.wei")
    rows = ledger.rows("SELECT received_at, submitter FROM entry ORDER BY seq")
    assert rows == [(FIRST_TIME, "li.wei")] * 2
    assert ledger.rows("SELECT DISTINCT received_at FROM event") == [(FIRST_TIME,)]


def test_a_value_that_has_no_canonical_form() -> None:
    """An event that came past the strict decoder with a binary float is refused, not stored somehow."""
    checked = check_event(seen(instance("A"), eventID=ID) | {"example:weight": 0.5}, "")
    receipt = prepare(Candidate("/0", checked))
    assert isinstance(receipt, Receipt)
    assert (receipt.status, receipt.event_id, receipt.seq) == (Status.REJECTED, ID, None)
    assert [one.rule for one in receipt.problems] == ["json.not-canonical"]


# Rollback and proceed


def test_rollback_stores_nothing_of_a_refused_document(ledger: Ledger) -> None:
    """One refused event takes all others back, every problem is told, and no place is claimed."""
    first = ledger.take(seen(instance("A"), eventID=ID))
    before = contents(ledger)
    report = ledger.send(
        document(
            seen(instance("B")),
            BAD,
            seen(instance("A"), eventID=ID),
            seen(instance("B")),
            vocabularies={"Location": [element("urn:x:place", name="Dock")]},
        )
    )
    assert statuses(report) == ["rejected", "rejected", "duplicate", "duplicate"]
    assert [receipt.seq for receipt in report.receipts] == [None, None, 0, None]
    assert rules(report) == [ROLLED_BACK, "code.check-digit"]
    assert (report.committed, report.refused) == (False, True)
    assert report.checkpoint == first.checkpoint
    assert contents(ledger) == before
    assert statuses(ledger.take(seen(instance("B")))) == ["accepted"]
    ledger.check()


def test_proceed_stores_what_is_fine(ledger: Ledger) -> None:
    """Under `proceed` a refused event leaves the others, and the master data, alone."""
    report = ledger.send(
        document(
            seen(instance("A")),
            BAD,
            seen(instance("B")),
            vocabularies={"Location": [element("urn:x:place", name="Dock")]},
        ),
        mode=Mode.PROCEED,
    )
    assert statuses(report) == ["accepted", "rejected", "accepted"]
    assert (report.committed, report.refused) == (True, True)
    assert [receipt.seq for receipt in report.receipts] == [0, None, 1]
    assert (ledger.count("entry"), ledger.count("vocabulary")) == (3, 1)
    ledger.check()


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("content", [b"", b"nonsense", b"<epcis/>", b"PK\x03\x04", b"[1]", b"\xff"])
def test_nothing_stored_is_not_committed(sqlite_ledger: Ledger, mode: Mode, content: bytes) -> None:
    """A document of which nothing could be stored is refused and not committed, in either mode."""
    report = sqlite_ledger.send(content, mode=mode)
    assert (report.refused, report.committed, report.checkpoint) == (True, False, None)
    assert report.problems or report.receipts
    assert not any(contents(sqlite_ledger).values())


def test_a_document_that_breaks_off(ledger: Ledger) -> None:
    """A cut document stores nothing under rollback, and its whole events under proceed."""
    text = json.dumps(document(seen(instance("A")), seen(instance("B"))))
    cut = text[: text.rindex("OBSERVE")]
    report = ledger.send(cut)
    assert [one.rule for one in report.problems] == ["input.truncated"]
    assert (statuses(report), rules(report)) == (["rejected"], [ROLLED_BACK])
    assert not any(contents(ledger).values())
    report = ledger.send(cut, mode=Mode.PROCEED)
    assert (statuses(report), report.refused, report.committed) == (["accepted"], True, True)
    ledger.check()


def large(count: int, *last: Any) -> dict[str, Any]:
    """Return a document of many events about one item each."""
    return document(*(seen(instance(n), eventID=f"urn:x:{n}") for n in range(count)), *last)


def test_a_small_document_is_told_once(ledger: Ledger) -> None:
    """A document of one group counts all of its events when it is stored."""
    told: list[int] = []
    ledger.send(large(3), progress=told.append)
    assert told == [3]


def test_a_document_of_several_groups(ledger: Ledger) -> None:
    """A document of 3,000 events crosses groups and tiles; sent again, all are duplicates."""
    told: list[int] = []
    count = 3 * GROUP
    extra = [
        seen(instance(0), eventID="urn:x:0"),
        seen(instance(1), eventID="urn:x:1", action="ADD"),
    ]
    report = ledger.send(large(count, extra[0]), progress=told.append)
    assert report.counts[Status.ACCEPTED] == count
    assert report.counts[Status.DUPLICATE] == 1
    assert told == [GROUP, 2 * GROUP, 3 * GROUP, count + 1]
    assert ledger.rows("SELECT size FROM log") == [(count,)]
    assert ledger.rows("SELECT size FROM checkpoint") == [(count,)]
    ledger.check()
    report = ledger.send(large(count, *extra), mode=Mode.PROCEED)
    assert report.counts[Status.DUPLICATE] == count + 1
    assert report.counts[Status.CONFLICT] == 1
    assert ledger.count("entry") == count


def test_a_late_refusal_takes_all_groups_back(ledger: Ledger) -> None:
    """A bad event in the second group takes the first group back too, and the third is still judged."""
    events = large(GROUP, BAD)["epcisBody"]["eventList"]
    report = ledger.take(*events, *(seen(instance(f"z{n}")) for n in range(GROUP)), BAD)
    assert report.counts[Status.REJECTED] == 2 * GROUP + 2
    assert rules(report).count("code.check-digit") == 2
    assert not any(contents(ledger).values())


def test_each_group_has_its_checkpoint_under_proceed(ledger: Ledger) -> None:
    """Under `proceed` each group is committed, with a checkpoint of its own."""
    ledger.send(large(GROUP + 1), mode=Mode.PROCEED)
    assert ledger.rows("SELECT size FROM checkpoint ORDER BY size") == [(GROUP,), (GROUP + 1,)]
    ledger.check()


# Corrections


def marks(ledger: Ledger) -> list[tuple[int, bool]]:
    """Return (declaration, is taken back by the declaration's row) of each event, by seq."""
    rows = ledger.rows("SELECT declaration, declared_by, id FROM event ORDER BY seq")
    declarations = [row for declaration, _, row in rows if declaration]
    return [(declaration, by in declarations) for declaration, by, _ in rows]


@pytest.mark.parametrize("identified", [True, False])
@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("turned", [True, False])
def test_an_error_declaration_takes_its_event_back(
    ledger: Ledger, *, identified: bool, together: bool, turned: bool
) -> None:
    """An event is marked by its declaration: in either order, in one group or two, with an id or not."""
    original = seen(instance("A"), **({"eventID": ID} if identified else {}))
    events = [original, declared_wrong(original, reason="did_not_occur")]
    if turned:
        events.reverse()
    for group in [events] if together else [[one] for one in events]:
        assert set(statuses(ledger.take(*group))) == {"accepted"}
    assert sorted(marks(ledger)) == [(0, True), (1, False)]
    assert len({event_id for (event_id,) in ledger.rows("SELECT event_id FROM event")}) == 1
    assert statuses(ledger.take(*events)) == ["duplicate"] * 2
    ledger.check()


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("turned", [True, False])
def test_a_declaration_of_other_content_is_a_conflict(
    ledger: Ledger, *, together: bool, turned: bool
) -> None:
    """A declaration must repeat its event; whichever of the two comes later is refused."""
    events = [seen(instance("A"), eventID=ID), declared_wrong(seen(instance("B"), eventID=ID))]
    if turned:
        events.reverse()
    for group in [events] if together else [[one] for one in events]:
        report = ledger.take(*group, mode=Mode.PROCEED)
    assert statuses(report)[-1] == "conflict"
    assert ledger.count("entry") == 1
    assert ledger.rows("SELECT declared_by FROM event") == [(None,)]
    ledger.check()


def test_a_second_declaration_of_one_event(ledger: Ledger) -> None:
    """A second, different declaration of the same event is a conflict; the first one stands."""
    original = seen(instance("A"), eventID=ID)
    ledger.take(original, declared_wrong(original))
    report = ledger.take(declared_wrong(original, reason="incorrect_data"))
    assert statuses(report) == ["conflict"]
    assert marks(ledger) == [(0, True), (1, False)]


def test_a_declaration_and_its_correction(ledger: Ledger) -> None:
    """A declaration leaves the event and its links as they are, and the correcting event is a new one."""
    original = seen(instance("A"), eventID=ID)
    ledger.take(original)
    links = ledger.links()
    ledger.take(declared_wrong(original, correctiveEventIDs=[OTHER_ID]))
    assert ledger.links() == links
    ledger.take(seen(instance("B"), eventID=OTHER_ID))
    assert body(ledger)["event"] == original
    ledger.check()


# What the tables can't hold


@pytest.mark.parametrize(
    ("event", "rule"),
    [
        (seen(instance("A"), eventID="urn:x:" + "é" * 650), "epcis.uri"),
        (seen(instance("A"), eventID="urn:x:" + "e" * 650), "capture.code-too-long"),
        (seen("urn:x:" + "e" * 650), "capture.code-too-long"),
        (seen(instance("A"), bizLocation={"id": "urn:x:" + "e" * 650}), "capture.code-too-long"),
        (seen(instance("A"), bizStep="urn:x:" + "e" * 650), "capture.code-too-long"),
        (
            made([instance("A")], [instance("B")], transformationID="urn:x:" + "e" * 650),
            "capture.code-too-long",
        ),
        (
            seen(instance("A"), action="ADD", ilmd={"cbvmda:lotNumber": "e" * 650}),
            "capture.code-too-long",
        ),
    ],
)
def test_too_long_a_code(ledger: Ledger, event: dict[str, Any], rule: str) -> None:
    """A code that no index could hold is refused with its event, not by the database."""
    report = ledger.take(seen(instance("fine")), event, mode=Mode.PROCEED)
    assert statuses(report) == ["accepted", "rejected"]
    assert rules(report)[-1] == rule
    ledger.check()


def test_the_longest_code(ledger: Ledger) -> None:
    """A code of the greatest length is stored, whatever it is made of."""
    noise = "".join(chr(97 + n * n * 7919 % 26) for n in range(650 - len("urn:x:")))
    ledger.take(seen("urn:x:" + noise, eventID="urn:x:" + noise[::-1]))
    assert ledger.rows("SELECT code FROM item") == [("urn:x:" + noise,)]
    ledger.check()


def test_too_many_lines(sqlite_ledger: Ledger) -> None:
    """An event that lists one class more often than a line number can tell is refused."""
    report = sqlite_ledger.take(made([some(PRODUCT, 1)] * (2**15 + 1), [instance("A")]))
    assert rules(report) == ["capture.too-many-lines"]
    assert not any(contents(sqlite_ledger).values())


# Crashes


class CrashError(Exception):
    """What a failing part raises."""


class BrokenSigner:
    """A signer whose key store is gone."""

    name = "localhost/log/main"

    def __getattr__(self, name: str) -> Any:
        raise CrashError(name)


def crash_at(reading: int) -> Callable[[], int]:
    """Return a clock that fails at its n-th reading."""
    readings = iter(range(reading))

    def now() -> int:
        for number in readings:
            return FIRST_TIME + number
        raise CrashError("clock")

    return now


def crash_after(events: int) -> Callable[[int], None]:
    """Return a progress report that fails once that many events are stored."""

    def progress(seen_so_far: int) -> None:
        if seen_so_far >= events:
            raise CrashError("progress")

    return progress


FAULTS: dict[str, Callable[[], dict[str, Any]]] = {
    "clock before anything": lambda: {"now": crash_at(0)},
    "clock once a group is flushed": lambda: {"now": crash_at(1)},
    "clock once all events are flushed": lambda: {"now": crash_at(2)},
    "progress after a group": lambda: {"progress": crash_after(GROUP)},
    "signer": lambda: {"signer": BrokenSigner()},
}


@pytest.mark.no_cover  # volume: others measure these lines
@pytest.mark.parametrize(
    ("mode", "fault", "left"),
    [
        *((Mode.ROLLBACK, fault, 0) for fault in FAULTS),
        (Mode.PROCEED, "clock before anything", 0),
        (Mode.PROCEED, "clock once a group is flushed", GROUP),
        (Mode.PROCEED, "clock once all events are flushed", GROUP + 1),
        (Mode.PROCEED, "progress after a group", GROUP),
        (Mode.PROCEED, "signer", 0),
    ],
)
def test_a_crash_leaves_whole_groups(ledger: Ledger, mode: Mode, fault: str, left: int) -> None:
    """Whichever step fails, what is left are whole, signed groups; sending it again completes it."""
    content = large(GROUP + 1) | document(vocabularies={"Location": [element("urn:x:p", n="D")]})
    content["epcisBody"] = large(GROUP + 1)["epcisBody"]
    with pytest.raises(CrashError):
        ledger.send(content, mode=mode, **FAULTS[fault]())
    assert ledger.count("entry") == ledger.count("event") == left
    assert ledger.rows("SELECT size FROM log") == [(left,)]
    assert ledger.count("vocabulary") == 0
    ledger.check()
    report = ledger.send(content)
    assert report.counts[Status.DUPLICATE] == left
    assert report.counts[Status.ACCEPTED] == GROUP + 1 - left
    assert (ledger.count("entry"), ledger.count("vocabulary")) == (GROUP + 2, 1)
    ledger.check()


def test_a_full_disk(sqlite_ledger: Ledger) -> None:
    """A full disk is one sentence with its fix; the running group is gone, those before it are whole."""
    limit = 0

    @listeners.listens_for(sqlite_ledger.engine, "checkout")
    def _limited(driver: Any, _record: object, _proxy: object) -> None:
        driver.execute(f"PRAGMA max_page_count = {limit or 4294967294}")

    sqlite_ledger.send(large(GROUP))
    [(pages,)] = sqlite_ledger.rows("PRAGMA page_count")
    limit = pages + 4
    before = contents(sqlite_ledger)
    for mode in Mode:
        with pytest.raises(StoreError, match="disk is full") as caught:
            sqlite_ledger.take(*(seen(instance(f"n{n}")) for n in range(GROUP)), mode=mode)
        assert "free some space" in caught.value.fix
        assert contents(sqlite_ledger) == before
    limit = 0
    sqlite_ledger.check()
    assert sqlite_ledger.take(seen(instance("n1"))).committed


# Writers at once


def together(*tasks: Callable[[], Any]) -> list[Any]:
    """Run tasks in threads and return what each returned or raised."""

    def outcome(task: Callable[[], Any]) -> Any:
        try:
            return task()
        except LedgerError as error:
            return error

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(outcome, tasks))


def test_two_logs_at_once(ledger: Ledger) -> None:
    """Two organisations capture at the same time; both are whole, and shared items exist once."""
    for slug in ("a", "b"):
        ledger.organisation(slug)

    def send(slug: str, turned: int) -> list[str]:
        found = []
        for run in range(5):
            numbers = range(run * 20, run * 20 + 20)[::turned]
            found += statuses(ledger.take(*(seen(instance(n)) for n in numbers), slug=slug))
        return found

    results = together(lambda: send("a", 1), lambda: send("b", -1))
    assert results == [["accepted"] * 100] * 2
    assert ledger.rows("SELECT size FROM log") == [(100,)] * 2
    assert ledger.count("item") == 100
    assert ledger.count("link") == 200
    ledger.check()


def test_two_writers_of_one_log(ledger: Ledger) -> None:
    """Two captures to one log queue; the same events from both are stored once."""
    ledger.organisation()
    start = threading.Barrier(2)

    def send() -> list[str]:
        start.wait()
        return [
            status
            for n in range(10)
            for status in statuses(ledger.take(seen(instance(n)), seen(instance(n + 1))))
        ]

    first, second = together(send, send)
    assert (first + second).count("accepted") == 11
    assert ledger.rows("SELECT size FROM log") == [(11,)]
    ledger.check()


def test_ids_rise_in_the_order_of_commits(postgresql_ledger: Ledger) -> None:
    """A capture to another log waits, so that a reader never sees an id and later a smaller one."""
    for slug in ("a", "b"):
        postgresql_ledger.organisation(slug)
    later: list[threading.Thread] = []

    def meanwhile(done: int) -> None:
        if done == GROUP:
            other = threading.Thread(
                target=postgresql_ledger.take, args=(seen("urn:x:2"),), kwargs={"slug": "b"}
            )
            other.start()
            other.join(0.3)
            assert other.is_alive()
            later.append(other)

    group = [seen(instance(n), eventID=f"urn:x:{n}") for n in range(GROUP + 1)]
    postgresql_ledger.take(*group, slug="a", progress=meanwhile)
    later[0].join(30)
    order = postgresql_ledger.rows("SELECT log_id FROM event ORDER BY id")
    assert order == [(1,)] * (GROUP + 1) + [(2,)]
    postgresql_ledger.check()


def test_captures_that_need_each_others_items(postgresql_ledger: Ledger) -> None:
    """Two large captures that bring the same new items in opposite order both succeed."""
    for slug in ("a", "b"):
        postgresql_ledger.organisation(slug)

    def send(slug: str, first: str, second: str) -> Report:
        group = [seen(instance(first), eventID=f"urn:x:{n}") for n in range(GROUP)]
        return postgresql_ledger.take(*group, seen(instance(second)), slug=slug)

    results = together(lambda: send("a", "X", "Y"), lambda: send("b", "Y", "X"))
    assert [one.counts[Status.ACCEPTED] for one in results] == [GROUP + 1] * 2
    postgresql_ledger.check()


def test_a_locked_database(sqlite_ledger: Ledger, tmp_path: Path) -> None:
    """A writer that waits in vain for the lock gets one sentence; afterwards the file can be sent again."""
    sqlite_ledger.organisation()

    @listeners.listens_for(sqlite_ledger.engine, "checkout")
    def _impatient(driver: Any, _record: object, _proxy: object) -> None:
        driver.execute("PRAGMA busy_timeout = 20")

    with sqlite_ledger.engine.connect().execution_options(writing=True) as other, other.begin():
        with pytest.raises(StoreError, match="database is locked") as caught:
            sqlite_ledger.take(seen(instance("A")))
        assert "Another program holds the ledger's lock" in caught.value.fix
        assert sqlite_ledger.count("entry") == 0  # readers don't wait for writers
    assert ledger_in(sqlite_ledger.engine, tmp_path).take(seen(instance("A"))).committed


# Hostile documents


@pytest.fixture(scope="module")
def hostile(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """Give one SQLite ledger for many documents, none of which may leave anything."""
    folder = tmp_path_factory.mktemp("hostile")
    shutil.copyfile(sqlite_template, folder / "ledger.sqlite")
    engine = open_engine(f"sqlite:///{folder / 'ledger.sqlite'}")
    yield ledger_in(engine, folder)
    engine.dispose()


def empty_again(ledger: Ledger) -> None:
    """Fail unless all that is stored verifies, then take it away, so that the next document finds nothing."""
    ledger.check()
    with writing(ledger.engine) as connection:
        for table in TABLES:
            connection.exec_driver_sql(f"DELETE FROM {table}")
        connection.exec_driver_sql("UPDATE log SET size = 0, head = zeroblob(32)")


def all_or_nothing(ledger: Ledger, content: object) -> Report:
    """Capture under rollback and fail unless everything was stored, or nothing; then empty the log."""
    before = contents(ledger)
    assert not any(before.values())
    report = ledger.send(content)
    json.dumps([report.as_dict("en"), report.as_dict("zh-CN")]).encode()
    if report.committed:
        assert not report.refused
        empty_again(ledger)
    else:
        assert report.refused
        assert contents(ledger) == before
    return report


VALID = document(
    seen(f"{PRODUCT}/10/L/21/A", eventID=ID, action="ADD", ilmd={"cbvmda:lotNumber": "L"}),
    made([some(lot("L"), 1, "KGM")], [instance("B")], transformationID="urn:x:t"),
    vocabularies={"Location": [element("urn:x:place", name="Dock")]},
)
RAW = json.dumps(VALID).encode()


@pytest.mark.no_cover  # volume: others measure these lines
def test_a_document_cut_at_every_byte(hostile: Ledger) -> None:
    """However short a document is cut, nothing of it is stored, and the report says that it was cut."""
    assert all_or_nothing(hostile, RAW).committed
    for end in range(len(RAW)):
        report = all_or_nothing(hostile, RAW[:end])
        assert [one.rule for one in report.problems] == [
            "input.truncated" if end else "input.empty"
        ]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from([ID, "ObjectEvent", "EPCISDocument", "2026-03-01T08:00:00Z", instance("A")]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["type", "epcisBody", "eventList", "@context", "epcList", "id", "assets"]
            )
            | st.text(max_size=8),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)
SLOW = settings(
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    max_examples=150,
)


@SLOW
@given(JSON)
@example({"type": []})
@example({"type": {}})
def test_random_json(hostile: Ledger, content: Any) -> None:
    """Any JSON value is captured whole or refused with reasons; no error leaves but the documented ones."""
    all_or_nothing(hostile, json.dumps(content))


@SLOW
@given(st.binary(max_size=300))
def test_random_bytes(hostile: Ledger, content: bytes) -> None:
    """Any bytes are refused with a reason."""
    assert not all_or_nothing(hostile, content).committed


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every value inside a value."""
    members = value.items() if isinstance(value, dict) else enumerate(value)
    for name, inner in members:
        yield (*path, name)
        if isinstance(inner, dict | list):
            yield from places(inner, (*path, name))


PATHS = list(places(VALID))


@SLOW
@given(st.lists(st.tuples(st.sampled_from(PATHS), JSON, st.booleans()), min_size=1, max_size=3))
def test_mutations_of_a_valid_document(
    hostile: Ledger, changes: list[tuple[tuple[Any, ...], Any, bool]]
) -> None:
    """A valid document with values exchanged or removed anywhere is captured whole or not at all."""
    content = json.loads(RAW)
    for (*way, last), value, remove in changes:
        holder = content
        try:
            for name in way:
                holder = holder[name]
            if remove:
                del holder[last]
            else:
                holder[last] = value
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took the place away
    all_or_nothing(hostile, json.dumps(content))


@SLOW
@given(st.lists(st.tuples(st.integers(0, len(RAW) - 1), st.integers(0, 255)), max_size=4))
def test_bytes_exchanged(hostile: Ledger, changes: list[tuple[int, int]]) -> None:
    """A valid document with any bytes exchanged is captured whole or not at all."""
    content = bytearray(RAW)
    for place, byte in changes:
        content[place] = byte
    all_or_nothing(hostile, bytes(content))


@SLOW
@given(st.lists(st.tuples(st.sampled_from(PATHS), JSON), min_size=1, max_size=2), JSON)
def test_mutations_under_proceed(
    hostile: Ledger, changes: list[tuple[tuple[Any, ...], Any]], extra: Any
) -> None:
    """Under `proceed` whatever is stored of a hostile document verifies."""
    content = json.loads(RAW)
    for (*way, last), value in changes:
        holder = content
        try:
            for name in way:
                holder = holder[name]
            holder[last] = value
        except (KeyError, IndexError, TypeError):
            continue
    hostile.send(json.dumps(content), "proceeding", mode=Mode.PROCEED)
    hostile.send(json.dumps([extra]), "proceeding", mode=Mode.PROCEED)
    empty_again(hostile)


def test_an_event_of_the_future_is_taken_with_a_warning(ledger: Ledger) -> None:
    """An event dated more than a day ahead is stored, and its receipt says so; a day is forgiven."""
    ahead, soon = "9999-01-01T00:00:00Z", "2026-03-01T23:00:00Z"
    report = ledger.take(seen(instance("A"), at=ahead), seen(instance("B"), at=soon))
    assert report.committed
    late, fine = report.receipts
    [warning] = late.problems
    assert (warning.rule, warning.pointer) == ("capture.future", f"{late.pointer}/eventTime")
    assert warning.is_warning
    assert fine.problems == ()
