"""What a capture leaves behind when one of its steps fails: a table, row by row.

Each durable step fails once *lost* (the error comes before it happened) and once *kept* (it happened, and
is reported failed). After every row the whole ledger is verified, the same document is sent again, and
another one after it: nothing that was acknowledged is lost, nothing is there twice, nothing is forked.

The faults are made where the product ends: in the database driver's connection, in the server that ends
the connection, in the operating system's calls, and by disks that are really full.
"""

import contextlib
import errno
import fcntl
import json
import os
import resource
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from sqlalchemy import Engine, event

from ledger.errors import StoreError
from ledger.jobs import capture_once, job_of
from ledger.log.checkpoint import open_checkpoint
from ledger.log.merkle import CompactRange
from ledger.preparing import GROUP, prepared_groups
from ledger.receipts import Mode, Report, Status
from ledger.sequencing import Document, commit_each
from ledger.sources import open_source
from ledger.store.engine import writing
from ledger.store.sets import fetch
from tests.ledger.builders import (
    Ledger,
    declared_wrong,
    document,
    element,
    instance,
    ledger_in,
    seen,
    stream,
)

if TYPE_CHECKING:
    from tests.conftest import Server

FIRST = seen(instance(0), eventID="urn:x:0")
SECOND = document(
    declared_wrong(FIRST),
    seen(instance(1), eventID="urn:x:1"),
    vocabularies={"Location": [element("urn:x:place", name="Dock")]},
)
"""It takes an event back and states master data, so that every table is written to."""
ENTRIES = 3
"""Of `SECOND`."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a capture that fails."""

    name: str
    words: str
    """What the statement, the call, or for a commit a statement of its transaction, contains."""
    place: str = "statement"
    """Where: a statement, the commit behind it, or a call of the operating system."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table."""

    step: Step
    kept: bool
    """Whether the step happened before its error."""
    progress: bool
    """Whether the document is in the log after the first attempt."""
    fatal: bool
    """Whether the first attempt is told to have failed."""

    def __str__(self) -> str:
        """Name the row in the list of tests."""
        return f"{self.step.name}, {'kept' if self.kept else 'lost'}".replace(" ", "-")


def both(step: Step, lost: tuple[bool, bool], kept: tuple[bool, bool]) -> list[Row]:
    """Return the two rows of a step, with progress and fatal of each."""
    return [
        Row(step, kept=False, progress=lost[0], fatal=lost[1]),
        Row(step, kept=True, progress=kept[0], fatal=kept[1]),
    ]


IN_TRANSACTION = [
    Step("lock of the writers", "lock of the writers"),
    Step("entries", "INTO entry"),
    Step("tiles", "INTO tile"),
    Step("items", "INTO item"),
    Step("events", "INTO event"),
    Step("links", "INTO link"),
    Step("mark of the event taken back", "UPDATE event"),
    Step("master data", "INTO vocabulary"),
    Step("row of the log", "UPDATE log"),
    Step("row of the checkpoint", "INTO checkpoint"),
]
COMMITTED = Step("commit", "INTO checkpoint", "commit")
PINNING = [
    Step("lock of the keys' folder", "flock", "call"),
    Step("new file of the pin", "open", "call"),
    Step("bytes of the pin on the disk", "fsync file", "call"),
    Step("name of the pin", "replace", "call"),
    Step("name of the pin on the disk", "fsync folder", "call"),
]

CAPTURE = [
    *(row for step in IN_TRANSACTION for row in both(step, (False, True), (False, True))),
    *both(COMMITTED, (False, True), (True, True)),
    *(row for step in PINNING for row in both(step, (True, True), (True, True))),
]

HANDED_IN = Step("document in the inbox", "INTO submission")
ANSWERED = Step("answer in the inbox", "UPDATE submission")
JOB = [
    *both(HANDED_IN, (False, True), (False, True)),
    *both(Step("commit of the inbox", "INTO submission", "commit"), (False, True), (False, True)),
    *both(IN_TRANSACTION[1], (False, True), (False, True)),
    *both(ANSWERED, (False, True), (False, True)),
    *both(Step("commit of the answer", "UPDATE submission", "commit"), (False, True), (True, True)),
    *(row for step in PINNING for row in both(step, (True, True), (True, True))),
]

GROUP_OF_TWO = [
    # Whoever fails together is tried alone, so that one fault harms nobody.
    *both(IN_TRANSACTION[1], (True, False), (True, False)),
    *both(COMMITTED, (True, False), (True, False)),
    *(row for step in PINNING for row in both(step, (True, False), (True, False))),
]


@dataclass(slots=True)
class Breaker:
    """Lets one step fail once."""

    end: Callable[[int], None]
    """Ends a connection of the PostgreSQL server by its process."""
    row: Row | None = None
    """What fails next."""
    skipped: int = 0
    """So many times the step is let pass first."""
    done: set[str] = field(default_factory=set)
    """The words of the running transaction."""

    @contextlib.contextmanager
    def around(self, driver: Any, place: str, words: str) -> Iterator[None]:
        """Stand around a step of a driver's connection, or of the operating system (None)."""
        row = self.row
        matches = row is not None and row.step.place == place and self._fits(row.step.words, words)
        if place == "commit":
            self.done.clear()
        elif place == "statement":
            self.done.add(words)
        if matches and self.skipped:
            self.skipped -= 1
            matches = False
        if row is None or not matches:
            yield
            return
        self.row = None
        if not row.kept:
            self._fail(driver, row)
        yield
        if row.kept:
            self._fail(driver, row)

    def _fits(self, wanted: str, words: str) -> bool:
        return wanted in words or any(wanted in one for one in self.done if words == "COMMIT")

    def _fail(self, driver: Any, row: Row) -> None:
        if driver is None:
            raise OSError(errno.ENOSPC if not row.kept else errno.EIO, "No space, or no disk")
        if isinstance(driver, sqlite3.Connection):
            error = sqlite3.OperationalError(
                "disk I/O error" if row.kept else "database or disk is full"
            )
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR if row.kept else sqlite3.SQLITE_FULL
            raise error
        self.end(driver.info.backend_pid)
        if row.step.place == "commit" and row.kept:
            # The client doesn't hear of the commit that was made.
            driver.close()
            raise psycopg.OperationalError("server closed the connection unexpectedly")


def words(statement: object) -> str:
    """Return a statement in the words of the table: both databases, with and without COPY."""
    text = str(statement).replace("COPY ", "INTO ").replace('"', "")
    if text.startswith("BEGIN IMMEDIATE") or text.endswith("FOR UPDATE"):
        return "lock of the writers"
    return text


def sqlite_connect(breaker: Breaker, given: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """Connect to SQLite with a connection whose steps may fail."""

    class Cursor(sqlite3.Cursor):
        def execute(self, sql: str, *values: Any) -> Any:
            try:
                with breaker.around(self.connection, "statement", words(sql)):
                    return super().execute(sql, *values)
            except sqlite3.Error:
                with contextlib.suppress(sqlite3.Error):
                    self.fetchall()  # the driver ends a statement that fails
                raise

        def executemany(self, sql: str, *values: Any) -> Any:
            with breaker.around(self.connection, "statement", words(sql)):
                return super().executemany(sql, *values)

    class Connection(sqlite3.Connection):
        def cursor(self, factory: Any = Cursor) -> Any:
            return super().cursor(factory)

        def commit(self) -> None:
            with breaker.around(self, "commit", "COMMIT"):
                super().commit()

        def rollback(self) -> None:
            breaker.done.clear()
            super().rollback()

    return sqlite3.connect(*given, factory=Connection, **named)


def postgresql_connect(breaker: Breaker, given: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """Connect to PostgreSQL with a connection whose steps may fail."""

    class Cursor(psycopg.Cursor[Any]):
        def execute(self, query: Any, *values: Any, **options: Any) -> Any:
            with breaker.around(self.connection, "statement", words(query)):
                return super().execute(query, *values, **options)

        def executemany(self, query: Any, *values: Any, **options: Any) -> None:
            with breaker.around(self.connection, "statement", words(query)):
                super().executemany(query, *values, **options)

        @contextlib.contextmanager
        def copy(self, statement: Any, *values: Any, **options: Any) -> Any:
            with (
                breaker.around(self.connection, "statement", words(statement)),
                super().copy(statement, *values, **options) as copy,
            ):
                yield copy

    class Connection(psycopg.Connection[Any]):
        def commit(self) -> None:
            with breaker.around(self, "commit", "COMMIT"):
                super().commit()

        def rollback(self) -> None:
            breaker.done.clear()
            super().rollback()

    return Connection.connect(*given, cursor_factory=Cursor, **named)


@pytest.fixture
def breaker(
    engine: Engine, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Breaker:
    """Stand between the ledger and its database and disk."""

    def end(process: int) -> None:
        server: Server = request.getfixturevalue("postgresql_server")
        server.execute(f"SELECT pg_terminate_backend({process}, 10000)")

    breaker = Breaker(end)
    connect = sqlite_connect if engine.dialect.name == "sqlite" else postgresql_connect
    event.listen(engine, "do_connect", lambda _d, _r, given, named: connect(breaker, given, named))

    def call(module: Any, name: str, named: Callable[..., str]) -> None:
        real = getattr(module, name)

        def broken(*given: Any, **options: Any) -> Any:
            with breaker.around(None, "call", named(*given)):
                return real(*given, **options)

        monkeypatch.setattr(module, name, broken)

    call(
        os, "fsync", lambda one: f"fsync {'folder' if os.fstat(one).st_mode & 0o40000 else 'file'}"
    )
    call(os, "replace", lambda *_: "replace")
    call(os, "open", lambda path, *_: "open" if str(path).endswith(".new") else "another")
    call(fcntl, "flock", lambda *_: "flock")
    return breaker


@dataclass(slots=True)
class Case:
    """A ledger that has acknowledged one event, and what was acknowledged of it so far."""

    ledger: Ledger
    notes: set[str] = field(default_factory=set)

    def capture(self, content: object, **options: Any) -> Report:
        """Capture a document; its checkpoint is acknowledged."""
        owner = self.ledger.organisation()
        report = self.ledger.send(content, pin=self.ledger.keys.pin(owner.origin), **options)
        return self.acknowledge(report)

    def once(self, content: object, key: str) -> Report:
        """Capture a document through the inbox."""
        owner = self.ledger.organisation()
        access = self.ledger.access(owner, pin=self.ledger.keys.pin(owner.origin))
        body = json.dumps(content).encode()
        return self.acknowledge(
            capture_once(access, body, submitter="tester", key=key, mode=Mode.ROLLBACK)
        )

    def acknowledge(self, report: Report) -> Report:
        """Keep what a submitter would have in hand."""
        assert report.committed
        assert report.checkpoint is not None
        self.notes.add(report.checkpoint)
        return report

    @property
    def entries(self) -> int:
        """How many there are."""
        return self.ledger.count("entry")

    def check(self, *, pinned: bool) -> None:
        """Verify all of it; no entry twice, no checkpoint, kept or acknowledged, beside the log.

        Args:
            pinned: The newest checkpoint must be the one beside the key.
        """
        self.ledger.check()
        names = self.ledger.rows("SELECT event_id, declaration FROM event")
        assert len(names) == len(set(names))
        tree, roots = CompactRange(), {}
        for (leaf,) in self.ledger.rows("SELECT leaf FROM entry ORDER BY seq"):
            tree.append(bytes(leaf))
            roots[tree.size] = tree.root()
        owner = self.ledger.organisation()
        key = self.ledger.keys.signer(owner.origin).verifier
        stored = {note for (note,) in self.ledger.rows("SELECT note FROM checkpoint")}
        known = self.ledger.keys.pin(owner.origin).newest()
        assert known is not None
        for note in stored | self.notes | {known[0]}:
            one = open_checkpoint(note, owner.origin, [key])
            assert roots[one.size] == one.root
        if pinned:
            assert known[1].size == tree.size


@pytest.fixture
def case(breaker: Breaker, engine: Engine, tmp_path: Path) -> Case:
    """Give a ledger with one event, whose steps may fail."""
    assert breaker.row is None
    made = Case(ledger_in(engine, tmp_path))
    made.capture(document(FIRST))
    made.check(pinned=True)
    return made


def attempt(row: Row, breaker: Breaker, work: Callable[[], object]) -> None:
    """Make the first attempt, in which the step fails; a failure is one sentence and its fix."""
    breaker.row = row
    if row.fatal:
        with pytest.raises(StoreError) as caught:
            work()
        assert caught.value.fix
        assert "\n" not in str(caught.value)
    else:
        work()
    assert breaker.row is None, "the step never came"


def go_on(case: Case, send: Callable[[], Report], row: Row, accepted: int = 2) -> None:
    """Send the same again, and something new."""
    case.check(pinned=False)
    before = case.entries
    assert before == 1 + ENTRIES * row.progress
    report = send()
    assert report.counts[Status.ACCEPTED] == accepted
    assert report.counts[Status.ACCEPTED] + report.counts[Status.DUPLICATE] == 2
    assert case.entries == 1 + ENTRIES
    case.check(pinned=True)
    assert case.capture(document(seen(instance(2)))).counts[Status.ACCEPTED] == 1
    assert case.entries == 2 + ENTRIES
    case.check(pinned=True)


@pytest.mark.parametrize("row", CAPTURE, ids=str)
def test_a_step_of_a_capture(case: Case, breaker: Breaker, row: Row) -> None:
    """A capture that fails is whole or not there; sent again it is there once, and writing goes on."""
    attempt(row, breaker, lambda: case.capture(SECOND))
    go_on(case, lambda: case.capture(SECOND), row, 0 if row.progress else 2)


@pytest.mark.parametrize("row", JOB, ids=str)
def test_a_step_of_the_inbox(case: Case, breaker: Breaker, row: Row) -> None:
    """What fails on its way through the inbox gets, sent again by its key, the answer of the first time."""
    attempt(row, breaker, lambda: case.once(SECOND, "k"))
    go_on(case, lambda: case.once(SECOND, "k"), row)
    assert case.ledger.count("submission") == 1


@pytest.mark.parametrize("row", GROUP_OF_TWO, ids=str)
def test_a_step_of_a_group(case: Case, breaker: Breaker, row: Row) -> None:
    """Two documents whose common commit fails are stored one by one, and both are told of it."""

    def read(content: object) -> Document:
        source = open_source(stream(content))
        [group] = prepared_groups(source)
        return Document("tester", Mode.ROLLBACK, group, source.problems, source.vocabularies)

    owner = case.ledger.organisation()
    access = case.ledger.access(owner, pin=case.ledger.keys.pin(owner.origin))
    documents = [read(SECOND), read(document(seen(instance(3), eventID="urn:x:3")))]
    attempt(row, breaker, lambda: commit_each(access, documents))
    for one in documents:
        assert one.report is not None
        case.acknowledge(one.report)
    assert case.entries == 2 + ENTRIES
    case.check(pinned=True)
    assert case.capture(SECOND).counts[Status.DUPLICATE] == 2


def test_an_answer_of_an_unpinned_commit(case: Case, breaker: Breaker) -> None:
    """Who asks for the answer of a job hears it when its checkpoint is kept, not before."""
    row = Row(PINNING[2], kept=False, progress=True, fatal=True)
    attempt(row, breaker, lambda: case.once(SECOND, "k"))
    owner = case.ledger.organisation()
    pin = case.ledger.keys.pin(owner.origin)

    def ask() -> Report | None:
        return job_of(case.ledger.engine, owner.row, pin, 1).report

    attempt(row, breaker, ask)
    report = ask()
    assert report is not None
    case.acknowledge(report)
    case.check(pinned=True)


def test_what_no_key_has_signed_is_not_pinned(case: Case) -> None:
    """A checkpoint that stands in the database and isn't signed doesn't take the kept one's place."""
    owner = case.ledger.organisation()
    pin = case.ledger.keys.pin(owner.origin)
    before = pin.newest()
    with writing(case.ledger.engine) as connection:
        fetch(connection, "UPDATE checkpoint SET note = {p} RETURNING size", "forged")
    assert case.capture(document(FIRST)).counts[Status.DUPLICATE] == 1
    assert pin.newest() == before


LARGE = document(*(seen(instance(n), eventID=f"urn:y:{n}") for n in range(GROUP + 1)))


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("row", [*both(COMMITTED, (False, True), (True, True))], ids=str)
def test_a_step_of_a_large_document(case: Case, breaker: Breaker, row: Row, mode: Mode) -> None:
    """Of several groups those before the fault remain under `proceed`, and none under `rollback`."""
    breaker.skipped = 1 if mode is Mode.PROCEED else 0
    attempt(row, breaker, lambda: case.capture(LARGE, mode=mode))
    groups = {Mode.PROCEED: 1 + GROUP, Mode.ROLLBACK: 1}[mode]
    assert case.entries == (2 + GROUP if row.progress else groups)
    case.check(pinned=False)
    report = case.capture(LARGE, mode=mode)
    assert report.counts[Status.ACCEPTED] + report.counts[Status.DUPLICATE] == GROUP + 1
    assert case.entries == 2 + GROUP
    case.check(pinned=True)


# Disks that are really full


def fits(case: Case, content: object) -> bool:
    """Capture a document; when there's no room for it, say so in one sentence with its fix."""
    try:
        case.capture(content)
    except StoreError as error:
        return "full" not in str(error) + error.fix
    return True


def test_a_database_that_may_not_grow(sqlite_engine: Engine, tmp_path: Path) -> None:
    """With fewer free pages than it takes a capture stores nothing and says why."""
    case = Case(ledger_in(sqlite_engine, tmp_path))
    pages = 0

    @event.listens_for(sqlite_engine, "checkout")
    def _limited(driver: Any, _record: object, _proxy: object) -> None:
        driver.execute(f"PRAGMA max_page_count = {pages or 4294967294}")

    case.capture(document(*(seen(instance(f"f{n}")) for n in range(GROUP))))
    [(start,)] = case.ledger.rows("PRAGMA page_count")
    other = document(*(seen(instance(f"g{n}")) for n in range(GROUP)))
    pages = start
    while not fits(case, other):
        assert case.entries == GROUP
        pages += 20
    assert pages > start + 60
    pages = 0
    assert case.entries == 2 * GROUP
    case.check(pinned=True)


def test_files_that_may_not_grow(sqlite_engine: Engine, tmp_path: Path) -> None:
    """The disk is full at each place of the write-ahead log in turn: nothing half-written is ever seen."""
    case = Case(ledger_in(sqlite_engine, tmp_path))
    case.capture(document(FIRST))
    room = (tmp_path / "ledger.sqlite-wal").stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    is_in, failures = False, -1
    while not is_in:
        failures += 1
        assert case.entries == 1
        case.check(pinned=True)
        resource.setrlimit(resource.RLIMIT_FSIZE, (room + 2048 * failures, hard))
        try:
            is_in = fits(case, SECOND)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert failures > 3
    assert case.entries == 1 + ENTRIES
    case.check(pinned=True)
    assert case.capture(document(seen(instance(2)))).counts[Status.ACCEPTED] == 1
    case.check(pinned=True)
