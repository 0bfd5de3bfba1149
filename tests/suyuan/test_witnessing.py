"""Pushing to witnesses over HTTP: what they cosign is kept, and what they have seen stops a rewrite."""

import logging
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from ledger.cosignatures import cosigned_checkpoint
from ledger.errors import NotFoundError, StoreError, UsageError, WitnessError
from ledger.heads import KnownHeads
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.policy import Witness
from ledger.log.witness import Response
from ledger.store.engine import reading
from suyuan.pushing import pushing
from suyuan.settings import Settings
from suyuan.witnessing import Outcome, Pushed, RemoteTiles, fetch_note, push, witness_policy
from suyuan.workspace import Workspace
from tests.ledger.builders import Ledger, instance, ledger_in, seen
from tests.ledger.cosigning import MemoryWitness, WitnessKey, policy_text
from tests.suyuan.loopback import Server, answering, quick

ORIGIN = "localhost/log/main"
KEY = WitnessKey.of("w.example/1")


@pytest.fixture
def ledger(sqlite_engine: Any, tmp_path: Path) -> Ledger:
    """Give a ledger with an empty log."""
    ledger = ledger_in(sqlite_engine, tmp_path)
    ledger.organisation()
    return ledger


@pytest.fixture
def memory(ledger: Ledger) -> MemoryWitness:
    """Give a witness that trusts the log."""
    verifier = ledger.keys.verifier(ORIGIN)
    assert verifier is not None
    return MemoryWitness(KEY, {ORIGIN: verifier}, time=int(time.time()))


@pytest.fixture
def server(memory: MemoryWitness) -> Iterator[Server]:
    """Give its address; what it holds is served below it."""
    shown = f"/{sha256(ORIGIN.encode()).hexdigest()}/checkpoint"

    def answer(path: str, body: bytes) -> Response:
        if path == "/add-checkpoint":
            return memory.answer(body)
        if path == shown and ORIGIN in memory.notes:
            return Response(200, "text/plain", memory.notes[ORIGIN].encode())
        return Response(404, "text/plain", b"")

    with answering(answer) as running:
        yield running


def take(ledger: Ledger, *names: object) -> None:
    """Capture events as a program does."""
    pin = ledger.keys.pin(ORIGIN)
    ledger.take(*(seen(instance(name)) for name in names), pin=pin)


def send(ledger: Ledger, url: str, key: WitnessKey = KEY, **options: Any) -> Pushed:
    """Push to a witness at an address."""
    settings = Settings(db=str(ledger.engine.url), keys=ledger.keys.folder)
    workspace = Workspace(settings, ledger.engine, ledger.keys)
    witness = Witness("W0", key.cosigner, url)
    return push(workspace, ledger.organisation(), witness, quick(**options))


def forget(ledger: Ledger, size: int) -> None:
    """Put an older state back, the pinned checkpoint and what witnesses said with it."""
    with ledger.engine.begin() as connection:
        for table in ("entry", "event"):
            connection.exec_driver_sql(f"DELETE FROM {table} WHERE seq >= {size}")
        connection.exec_driver_sql(f"DELETE FROM checkpoint WHERE size > {size}")
        connection.exec_driver_sql(f"DELETE FROM cosignature WHERE size > {size}")
        connection.exec_driver_sql(
            f"UPDATE log SET size = {size}, head = (SELECT leaf FROM entry WHERE seq = {size - 1})"
        )
    [(note,)] = ledger.rows("SELECT note FROM checkpoint WHERE size = {p}", size)
    ledger.keys.pin(ORIGIN).path.write_text(note, "utf-8")


def test_what_a_witness_cosigns_is_served(ledger: Ledger, server: Server) -> None:
    """The checkpoint has the line as soon as it is stored; nothing is sent twice."""
    take(ledger, 1)
    first = send(ledger, server.url + "/")
    assert (first.outcome, first.size, first.message) == (Outcome.COSIGNED, 1, "")
    assert first.time is not None
    assert send(ledger, server.url).outcome is Outcome.KNOWN
    take(ledger, 2, 3)
    assert send(ledger, server.url).outcome is Outcome.COSIGNED
    assert len(server.asked) == 2
    with reading(ledger.engine) as connection:
        newest = cosigned_checkpoint(connection, 1)
    assert newest is not None
    assert (newest.size, newest.witnesses) == (3, 1)


def test_a_witness_that_knows_the_log_from_before(ledger: Ledger, server: Server) -> None:
    """It says where it stands, and the proof begins there."""
    take(ledger, 1)
    send(ledger, server.url)
    take(ledger, 2)
    with ledger.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM cosignature")
    assert send(ledger, server.url).outcome is Outcome.COSIGNED
    assert [body.split(b"\n")[0] for _path, body in server.asked] == [b"old 0", b"old 0", b"old 1"]


def test_a_witness_that_has_seen_more_stops_the_writer(ledger: Ledger, server: Server) -> None:
    """A rolled-back log is found although its own pin was rolled back with it."""
    take(ledger, 1)
    take(ledger, 2)
    send(ledger, server.url)
    forget(ledger, 1)
    said = send(ledger, server.url)
    assert said.outcome is Outcome.ALARM
    assert "was rolled back: it has 1 entries here, and W0 has cosigned 2" in said.message
    [evidence] = KnownHeads.of(ledger.keys.pin(ORIGIN)).all()
    assert evidence.note is not None
    assert evidence.said_by == "witness w.example/1"
    with pytest.raises(StoreError, match="not written to"):
        take(ledger, 3)


def test_a_bare_size_stops_the_writer_too(ledger: Ledger) -> None:
    """A witness that doesn't show what it holds is believed that it has seen more."""
    take(ledger, 1)
    larger = Response(409, "text/x.tlog.size", b"7\n")

    def answer(path: str, _body: bytes) -> Response:
        return larger if path == "/add-checkpoint" else Response(404, "", b"")

    with answering(answer) as server:
        assert send(ledger, server.url).outcome is Outcome.ALARM
    [evidence] = KnownHeads.of(ledger.keys.pin(ORIGIN)).all()
    assert (evidence.size, evidence.note) == (7, None)
    with pytest.raises(StoreError, match="had 7"):
        take(ledger, 2)


def test_a_log_that_grows_meanwhile_is_not_accused(ledger: Ledger, memory: MemoryWitness) -> None:
    """Another process may capture and push while our request is on its way."""
    take(ledger, 1)

    def answer(_path: str, body: bytes) -> Response:
        if not ledger.rows("SELECT size FROM checkpoint WHERE size = 2"):
            take(ledger, 2)
            return Response(409, "text/x.tlog.size", b"2\n")
        # It has cosigned what the other process sent.
        memory.known[ORIGIN] = _newest(ledger)
        return memory.answer(body)

    with answering(answer) as server:
        assert send(ledger, server.url).outcome is Outcome.COSIGNED
    assert KnownHeads.of(ledger.keys.pin(ORIGIN)).all() == []


def _newest(ledger: Ledger) -> Checkpoint:
    [(size, root)] = ledger.rows("SELECT size, root FROM checkpoint ORDER BY size DESC LIMIT 1")
    return Checkpoint(ORIGIN, size, root)


def test_a_forked_log_is_refused(ledger: Ledger, server: Server, memory: MemoryWitness) -> None:
    """A history of the same length or longer is no continuation; the witness's copy proves it."""
    signer = ledger.keys.signer(ORIGIN)
    other = sign_checkpoint(Checkpoint(ORIGIN, 1, b"\x07" * 32), [signer])
    for names in ((1,), (2, 3)):
        memory.known[ORIGIN] = Checkpoint(ORIGIN, 1, b"\x07" * 32)
        memory.notes[ORIGIN] = other
        if not ledger.count("entry"):
            take(ledger, *names)
        said = send(ledger, server.url)
        assert said.outcome is Outcome.ALARM
        assert "was rewritten" in said.message
        assert "kept as evidence" in said.message
    with pytest.raises(StoreError, match="forked"):
        take(ledger, 4)


@pytest.mark.parametrize("known", [b"1\n", None])
def test_a_refusal_without_evidence_proves_nothing(ledger: Ledger, known: bytes | None) -> None:
    """The alarm is told; but a word alone, that any server could say, stops no writer."""
    take(ledger, 1)
    stranger = sign_checkpoint(
        Checkpoint(ORIGIN, 9, bytes(32)), [ledger.keys.create("localhost/log/other")]
    )

    def answer(path: str, _body: bytes) -> Response:
        if path != "/add-checkpoint":
            return Response(200, "text/plain", stranger.encode())
        if known is None:
            return Response(422, "text/plain", b"bad proof")
        return Response(409, "text/x.tlog.size", known)

    with answering(answer) as server:
        said = send(ledger, server.url)
    assert said.outcome is Outcome.ALARM
    assert "Ask its operator" in said.message
    take(ledger, 2)


def test_a_witness_that_holds_what_we_have_accuses_nobody(
    ledger: Ledger, server: Server, memory: MemoryWitness
) -> None:
    """If the copy it shows is contained in the log, its refusal is told and nothing is kept."""
    take(ledger, 1)
    send(ledger, server.url)
    memory.known[ORIGIN] = Checkpoint(ORIGIN, 1, b"\x07" * 32)
    take(ledger, 2)
    assert "Ask its operator" in send(ledger, server.url).message
    assert KnownHeads.of(ledger.keys.pin(ORIGIN)).all() == []


@pytest.mark.parametrize(
    ("response", "outcome", "message"),
    [
        (Response(404, "", b"?"), Outcome.REFUSED, "doesn't know this log"),
        (Response(403, "", b""), Outcome.REFUSED, "this log's verifier key"),
        (Response(400, "", b""), Outcome.REFUSED, "malformed"),
        (Response(301, "", b""), Outcome.REFUSED, "never followed"),
        (Response(200, "text/html", b"<html>"), Outcome.REFUSED, "don't hold"),
        (Response(200, "", b"x" * 200_000), Outcome.REFUSED, "more than"),
        (Response(409, "text/html", b"7\n"), Outcome.REFUSED, "without the size"),
        (Response(500, "", b""), Outcome.AWAY, "out of order"),
    ],
)
def test_a_hostile_witness_changes_nothing(
    ledger: Ledger, response: Response, outcome: Outcome, message: str
) -> None:
    """Each answer has its sentence; nothing is stored, and captures go on."""
    take(ledger, 1)
    with answering(lambda _path, _body: response) as server:
        said = send(ledger, server.url)
    assert (said.outcome, said.witness) == (outcome, "W0")
    assert message in said.message
    assert ledger.count("cosignature") == 0
    take(ledger, 2)


def test_a_cosignature_that_does_not_hold_is_not_stored(
    ledger: Ledger, server: Server, memory: MemoryWitness
) -> None:
    """A witness with another key than the policy's gives nothing."""
    take(ledger, 1)
    said = send(ledger, server.url, WitnessKey.of("w.example/2"))
    assert said.outcome is Outcome.REFUSED
    assert "no cosignature of the key in the policy" in said.message
    memory.time = int(time.time()) + 3600
    memory.known.clear()
    assert "compare the clocks" in send(ledger, server.url).message
    assert ledger.count("cosignature") == 0


def test_a_witness_that_names_a_new_size_each_time(ledger: Ledger) -> None:
    """It is not asked for ever."""
    take(ledger, *range(9))
    sizes = iter(range(1, 9))

    def answer(_path: str, _body: bytes) -> Response:
        return Response(409, "text/x.tlog.size", f"{next(sizes)}\n".encode())

    with answering(answer) as server:
        said = send(ledger, server.url)
        assert len(server.asked) == 4
    assert (said.outcome, "another size at each try" in said.message) == (Outcome.REFUSED, True)


def test_what_cannot_be_pushed(ledger: Ledger) -> None:
    """An empty log has nothing to send, and plain HTTP goes to this machine only."""
    with pytest.raises(NotFoundError):
        send(ledger, "https://w.example/")
    take(ledger, 1)
    with pytest.raises(UsageError, match="https://"):
        send(ledger, "http://w.example/")


def test_tiles_of_a_partner(ledger: Ledger) -> None:
    """Where a partial tile is gone the full one does; what is missing is said."""
    full = bytes(range(32)) * 256
    with answering(
        lambda path, _body: (
            Response(200, "", full) if path == "/log/tile/0/000" else Response(404, "", b"")
        )
    ) as server:
        tiles = RemoteTiles(f"{server.url}/log/", 300, quick())
        assert tiles.read_tile(0, 0) == full
        assert RemoteTiles(f"{server.url}/log/", 9, quick()).read_tile(0, 0) == full
        with pytest.raises(NotFoundError, match="tile/0/001"):
            tiles.read_tile(0, 1)
    with pytest.raises(NotFoundError, match="can't be reached"):
        tiles.read_tile(0, 0)


def test_a_checkpoint_from_an_address() -> None:
    """Text comes back as it is; what is no text is refused."""
    with answering(lambda path, _body: Response(200, "", b"\xff" if path == "/x" else b"n")) as s:
        assert fetch_note(f"{s.url}/", quick()) == "n"
        with pytest.raises(WitnessError, match="no text"):
            fetch_note(f"{s.url}/x", quick())


def workspace_of(ledger: Ledger, policy: Path | None) -> Workspace:
    """Return the ledger as a service opens it."""
    settings = Settings(db=str(ledger.engine.url), keys=ledger.keys.folder, witnesses=policy)
    return Workspace(settings, ledger.engine, ledger.keys)


def test_a_service_pushes_by_itself(
    ledger: Ledger, server: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """In its background, to every witness that has an address; what is wrong is said once."""
    away = WitnessKey.of("w.example/2")
    path = tmp_path / "policy"
    path.write_text(policy_text(KEY, away, urls=(server.url, "https://")), "utf-8")
    take(ledger, 1)
    with (
        caplog.at_level(logging.WARNING),
        pushing(workspace_of(ledger, path), quick(), interval=0.01),
    ):
        end = time.monotonic() + 10
        while not ledger.count("cosignature") and time.monotonic() < end:
            time.sleep(0.02)
        take(ledger, 2)
        while ledger.count("cosignature") < 2 and time.monotonic() < end:
            time.sleep(0.02)
    assert ledger.count("cosignature") == 2
    assert len(caplog.messages) == 1
    assert "Expected an address" in caplog.text


def test_a_service_without_witnesses_pushes_nothing(ledger: Ledger, tmp_path: Path) -> None:
    """Without the setting there is no thread; a malformed policy is told at the start."""
    with pushing(workspace_of(ledger, None)):
        pass
    path = tmp_path / "policy"
    path.write_text("quorum Q\n", "utf-8")
    with pytest.raises(UsageError, match="Line 1"), pushing(workspace_of(ledger, path)):
        pass
    with pytest.raises(UsageError, match="SUYUAN_WITNESSES"):
        witness_policy(workspace_of(ledger, None))
