"""A ledger long enough for several segments, ways to change it behind its back, and modes of verifying it."""

import contextlib
import multiprocessing
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine

from ledger.erasing import Choice, erase
from ledger.erasing import declare as declare_fields
from ledger.log.report import Finding, Report
from ledger.store.engine import open_engine
from ledger.verification import Scope, verify_ledger
from ledger.verifying import crew
from ledger.verifying.crew import Source
from ledger.verifying.marks import MarkFolder
from tests.ledger.builders import Ledger, document, element, lot, seen
from tests.ledger.genealogy.asking import clock, declare, fit, make, pack, see

WIDTH = 256
ROUNDS = 2
MODES = ("sequential", "parallel", "incremental")
CUSTOMER, CITY = "https://example.com/ns/customer", "urn:example:mda:city"
FIRST = "urn:uuid:0d4b3f86-8f43-4c0b-9d9e-000000000001"


def fill(ledger: Ledger, entries: int = 600) -> None:
    """Capture a log of two and a bit segments of all kinds of events, and a short one beside it."""
    wrong = see(4, "wrong", eventID=FIRST)
    kinds = [
        lambda n: make(1, f"a{n}", f"b{n}", transformationID=f"urn:example:run:{n // 40}"),
        lambda n: pack(2, f"box{n}", f"b{n - 1}"),
        lambda n: fit(3, f"car{n}", f"part{n}"),
        lambda n: seen(f"{lot(n)}/21/S{n}", f"urn:example:thing:{n % 50}", at=clock(5)),
    ]
    access = ledger.access(ledger.organisation())
    declare_fields(access, [CUSTOMER, CITY], [], submitter="tester")
    for start in range(0, entries, 150):
        events = [kinds[n % 4](n) for n in range(start, min(start + 150, entries) - 4)]
        events.append(see(4, f"b{start}") | {CUSTOMER: f"Customer {start}"})
        ledger.take(*events)
        ledger.send(
            document(
                vocabularies={
                    "Location": [
                        element(f"https://id.gs1.org/414/950600013437{n}", city=f"Ulm {start}")
                        for n in (6, 2 + start % 2)
                    ]
                }
            )
        )
    erase(access, Choice(field=CUSTOMER, value="Customer 150"), submitter="tester", reason="asked")
    ledger.take(wrong, declare(wrong))
    ledger.take(
        see(1, "x y", bizStep="shipping", disposition="in_transit"),
        make(2, "x", "z", readPoint={"id": "https://id.gs1.org/414/9506000134376"}),
        slug="two",
    )


class Thread:
    """What stands in for a process, in this one, so that it is quick and its lines are counted."""

    def __init__(self, target: Any, args: tuple[Any, ...], *, daemon: bool) -> None:
        """Prepare a helper."""
        self._thread = threading.Thread(target=target, args=args, daemon=daemon)

    def start(self) -> None:
        """Start it."""
        self._thread.start()

    def terminate(self) -> None:
        """It ends when its pipe is closed."""

    def join(self) -> None:
        """Wait for its end."""
        self._thread.join()


class Threads:
    """A context of multiprocessing with threads."""

    Pipe = staticmethod(Pipe)
    Process = Thread


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let helpers be threads."""
    monkeypatch.setattr(multiprocessing, "get_context", lambda _: Threads)
    # A helper's pipe must not be closed under it by the parent, who shares it here.
    monkeypatch.setattr(crew, "_started", lambda _: None)


@dataclass(frozen=True)
class Victim:
    """A verified ledger with its marks, which is changed and mended again."""

    ledger: Ledger
    url: str
    folder: Path

    def scope(self, mode: str) -> Scope:
        """How to verify in a mode."""
        scope = Scope(width=WIDTH, rounds=ROUNDS)
        if mode == "parallel":
            return replace(scope, jobs=2, source=Source(self.url))
        if mode == "incremental":
            marks = self.folder / "marks"
            shutil.rmtree(marks, ignore_errors=True)
            shutil.copytree(self.folder / "first marks", marks)
            return replace(scope, marks=MarkFolder(marks))
        return scope

    def reports(self, mode: str) -> list[Report]:
        """Verify as often as it takes to read everything again, or until something is found."""
        scope = self.scope(mode)
        reports: list[Report] = []
        for _ in range(ROUNDS if mode == "incremental" else 1):
            reports = verify_ledger(self.ledger.engine, self.ledger.keys, scope=scope)
            if any(report.findings for report in reports):
                break
        return reports

    def findings(self, mode: str) -> list[Finding]:
        """What is found in a mode."""
        return [one for report in self.reports(mode) for one in report.findings]

    @property
    def is_sqlite(self) -> bool:
        """Which database it is."""
        return self.ledger.engine.dialect.name == "sqlite"

    @contextlib.contextmanager
    def changed(self, *statements: str, values: tuple[Any, ...] = ()) -> Iterator[None]:
        """Change the database past every constraint, and put it back afterwards."""
        if self.is_sqlite:
            yield from self._changed_file(statements, values)
            return
        with self._superuser() as connection:
            tables = [
                row[0]
                for row in connection.execute(
                    "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
                )
            ]
            for table in tables:
                connection.execute(
                    f'CREATE TABLE kept."{table}" AS SELECT * FROM public."{table}"'.encode()
                )
            for statement in statements:
                connection.execute(statement.replace("?", "%s").encode(), values or None)
        try:
            yield
        finally:
            with self._superuser() as connection:
                for table in tables:
                    connection.execute(f'DELETE FROM public."{table}"'.encode())
                    connection.execute(
                        f'INSERT INTO public."{table}" SELECT * FROM kept."{table}"'.encode()
                    )
                    connection.execute(f'DROP TABLE kept."{table}"'.encode())

    def _changed_file(self, statements: tuple[str, ...], values: tuple[Any, ...]) -> Iterator[None]:
        file = Path(str(self.ledger.engine.url.database))
        self.ledger.engine.dispose()
        kept = file.with_suffix(".kept")
        shutil.copyfile(file, kept)
        with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as connection:
            connection.execute("PRAGMA foreign_keys = OFF")
            for statement in statements:
                connection.execute(statement, values)
        try:
            yield
        finally:
            self.ledger.engine.dispose()
            for beside in ("-wal", "-shm"):
                file.with_name(file.name + beside).unlink(missing_ok=True)
            shutil.copyfile(kept, file)

    @contextlib.contextmanager
    def _superuser(self) -> Iterator[psycopg.Connection[Any]]:
        url = self.ledger.engine.url
        with psycopg.connect(
            host=str(url.query["host"]), user="postgres", dbname=url.database
        ) as connection:
            connection.execute("CREATE SCHEMA IF NOT EXISTS kept")
            connection.execute("SET session_replication_role = replica")
            yield connection


def victim_in(engine: Engine, ledger: Ledger, folder: Path) -> Victim:
    """Fill a ledger, verify it, and keep its marks."""
    fill(ledger)
    if engine.dialect.name == "sqlite":
        engine.dispose()
        with contextlib.closing(sqlite3.connect(str(engine.url.database))) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    url = engine.url.render_as_string(hide_password=False)
    victim = Victim(ledger, url, folder)
    scope = Scope(width=WIDTH, marks=MarkFolder(folder / "first marks"))
    reports = verify_ledger(engine, ledger.keys, scope=scope)
    assert [report.findings for report in reports] == [(), ()]
    return victim


__all__ = ["MODES", "Threads", "Victim", "fill", "open_engine", "threads", "victim_in"]
