"""Several processes check one ledger, and a helper's troubles are never the ledger's."""

import os
import signal
from collections import deque
from dataclasses import replace
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from ledger.errors import StoreError
from ledger.organisations import find_organisation
from ledger.store.engine import reading
from ledger.verification import Scope, verify_ledger
from ledger.verifying import crew
from ledger.verifying.crew import Crew, Source, serve
from ledger.verifying.segments import Task
from tests.ledger.builders import ledger_in
from tests.ledger.genealogy.asking import see
from tests.ledger.verifying.marked import Victim, threads, victim_in

__all__ = ["threads"]


@pytest.fixture
def victim(engine: Engine, tmp_path: Path) -> Victim:
    """Give a ledger of several segments, on both databases."""
    return victim_in(engine, ledger_in(engine, tmp_path), tmp_path)


@pytest.fixture
def small(sqlite_engine: Engine, tmp_path: Path) -> Victim:
    """Give one on SQLite."""
    return victim_in(sqlite_engine, ledger_in(sqlite_engine, tmp_path), tmp_path)


def tasks(victim: Victim, connection: Any) -> list[Task]:
    """Return the segments of the first log."""
    one = find_organisation(connection, "main")
    return [
        Task(
            one.row,
            one.origin,
            start,
            min(one.size, start + 256),
            256,
            one.verifier_key,
            (),
            projections=True,
        )
        for start in range(0, one.size, 256)
    ]


def test_processes_of_their_own(victim: Victim) -> None:
    """Real processes, started anew, find nothing in a sound ledger, and what is wrong in another."""
    scope = Scope(width=256, jobs=3, source=Source(victim.url))
    reports = verify_ledger(victim.ledger.engine, victim.ledger.keys, scope=scope)
    assert [report.findings for report in reports] == [(), ()]
    with victim.changed("UPDATE event SET time = time + 1 WHERE log_id = 1 AND seq = 300"):
        [report, _] = verify_ledger(victim.ledger.engine, victim.ledger.keys, scope=scope)
    assert [(one.seq, one.column) for one in report.findings] == [(300, "event.time")]


def test_a_helper_that_dies_leaves_its_work(small: Victim) -> None:
    """What a killed process had been given is done by the others."""
    with reading(small.ledger.engine) as connection:
        workers = Crew(connection, Source(small.url), 1)
        try:
            [helper] = workers._helpers
            while not helper.ready:
                assert helper.pipe.poll(30)
                workers._receive({}, deque(), None)
            given = tasks(small, connection)
            workers._give(helper, 0, given[0])
            os.kill(int(helper.process.pid or 0), signal.SIGKILL)
            helper.process.join()
            workers._give(helper, 1, given[1])
            waiting = deque([(2, given[2])])
            answers: dict[int, Any] = {}
            while workers._helpers:
                workers._receive(answers, waiting, None)
            left = {number for number, _ in waiting} | answers.keys()
            assert left == {0, 1, 2}
        finally:
            workers.close()


def test_a_helper_that_cannot_open_the_ledger_says_why(small: Victim, threads: None) -> None:
    """An error of a helper's surroundings is told as our own would be."""
    gone = Source(f"sqlite:///{small.folder / 'gone' / 'ledger.db'}")
    with reading(small.ledger.engine) as connection:
        workers = Crew(connection, gone, 1)
        try:
            assert workers._helpers[0].pipe.poll(30)
            with pytest.raises(StoreError, match=r"The folder .* is missing\. Make it"):
                list(workers.examine(tasks(small, connection)))
        finally:
            workers.close()


def test_a_helper_that_meets_a_defect_ends_quietly(tmp_path: Path) -> None:
    """A file without tables gives an error that nobody can act on there; the parent meets it too."""
    ours, theirs = Pipe()
    serve(theirs, Source(f"sqlite:///{tmp_path / 'ledger.db'}"), None)
    kind, (message, fix) = ours.recv()
    assert kind == "error"
    assert "no such table" in message
    assert "suyuan migrate" in fix


def test_a_ledger_that_grows_meanwhile(small: Victim, threads: None) -> None:
    """A helper that sees more than we do finds no fault in it, and no mark is made of such a run."""
    ledger, engine = small.ledger, small.ledger.engine
    scope = replace(small.scope("incremental"), jobs=2, source=Source(small.url), full=True)
    assert scope.marks is not None
    before = scope.marks.read("localhost/log/main")
    with reading(engine) as connection:
        [(size,)] = connection.exec_driver_sql("SELECT size FROM log WHERE id = 1").fetchall()
        ledger.take(see(9, "meanwhile"))
        workers = Crew(connection, Source(small.url), 1)
        try:
            while not workers._helpers[0].ready:
                workers._receive({}, deque(), 0)
            assert workers.moved
            found = list(workers.examine(tasks(small, connection)))
        finally:
            workers.close()
    assert [one.segment.sound for one in found] == [True] * len(found)
    assert found[-1].segment.end == size
    assert scope.marks.read("localhost/log/main") == before


def test_findings_of_two_states_are_looked_at_once_more(
    small: Victim, threads: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where processes saw two states, what differs is judged by one process alone."""
    states = iter(range(1000))
    monkeypatch.setattr(crew, "_state_of", lambda _connection: next(states))
    scope = Scope(width=256, jobs=2, source=Source(small.url))
    with small.changed("UPDATE event SET time = time + 1 WHERE log_id = 1 AND seq = 300"):
        [report, _] = verify_ledger(small.ledger.engine, small.ledger.keys, scope=scope)
    assert [(one.seq, one.column) for one in report.findings] == [(300, "event.time")]


def test_few_answers_wait_for_their_turn(
    small: Victim, threads: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However slow a helper is, we don't run ahead of it without end."""
    monkeypatch.setattr(crew, "_WAITING", 1)
    scope = Scope(width=256, jobs=2, source=Source(small.url))
    for _ in range(3):
        reports = verify_ledger(small.ledger.engine, small.ledger.keys, scope=scope)
        assert [report.findings for report in reports] == [(), ()]


def test_an_error_that_nobody_can_mend_is_left_to_the_parent(small: Victim) -> None:
    """A helper that meets a defect ends without a word; whoever asked meets it too."""
    ours, theirs = Pipe()
    serve(theirs, Source(small.url), "no snapshot")
    with pytest.raises(EOFError):
        ours.recv()
