"""`suyuan witness`, `suyuan checkpoint keep` and `capture --known-checkpoint`."""

import asyncio
import base64
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from ledger.log.merkle import consistency_proof
from ledger.log.note import Verifier
from ledger.log.witness import Response
from suyuan.app import create_app
from suyuan.settings import Settings
from suyuan.workspace import open_ledger
from tests.ledger.builders import document, instance, seen
from tests.ledger.cosigning import MemoryWitness, WitnessKey, policy_text
from tests.suyuan.conftest import CommandLine
from tests.suyuan.loopback import Server, answering, quick

ORIGIN = "localhost/log/main"
KEY, AWAY = WitnessKey.of("w.example/1"), WitnessKey.of("w.example/2")


@pytest.fixture
def filled(suyuan: CommandLine) -> CommandLine:
    """Give a ledger with two entries."""
    suyuan.capture(seen(instance("a")), seen(instance("b")))
    return suyuan


@pytest.fixture
def server(filled: CommandLine) -> Iterator[Server]:
    """Give a witness that trusts the log."""
    [listed] = filled.json("key", "list")
    memory = MemoryWitness(KEY, {ORIGIN: Verifier.from_vkey(listed["key"])})
    with answering(lambda _path, body: memory.answer(body)) as running:
        yield running


def use(suyuan: CommandLine, text: str) -> None:
    """Set the policy."""
    suyuan.monkeypatch.setenv("SUYUAN_WITNESSES", str(suyuan.write("policy", text)))


def test_witnesses_cosign_and_are_checked(filled: CommandLine, server: Server) -> None:
    """Push, list and check, for people and as JSON."""
    use(filled, policy_text(KEY, urls=(server.url,)))
    [row] = filled.json("witness", "list")
    assert (row["witness"], row["size"], row["behind"], row["url"]) == ("W0", 0, 2, server.url)
    unchecked = filled("witness", "check")
    assert unchecked.status == 1
    assert "no checkpoint with a quorum" in unchecked.out
    assert "run 'suyuan witness push'" in unchecked.out
    pushed = filled("witness", "push")
    assert pushed.status == 0
    assert pushed.out == f"{ORIGIN}, size 2, W0: cosigned at 2026-03-01T00:00:00+00:00\n"
    assert "has cosigned it before" in filled("witness", "push", "-o", "main").out
    checked = filled("witness", "check", "-o", "main")
    assert checked.status == 0
    assert checked.out.startswith(f"{ORIGIN}: 2 entries, quorum up to size 2\n  W0 at 2026-03-01")
    assert "W0" in filled("witness", "list").out
    assert "— w.example/1 " in filled("checkpoint").out


def test_a_spoilt_cosignature_is_found(filled: CommandLine, server: Server) -> None:
    """A stored line that doesn't hold is named and not handed out."""
    use(filled, policy_text(KEY, urls=(server.url,)))
    filled.json("witness", "push")
    with closing(sqlite3.connect(filled.database)) as connection:
        connection.execute("UPDATE cosignature SET line = replace(line, 'A', 'B')")
        connection.commit()
    checked = filled("witness", "check")
    assert checked.status == 1
    assert "size 2, cosignature.line: The cosignature of 'w.example/1" in checked.out
    assert "w.example" not in filled("checkpoint").out


def test_a_witness_that_is_away_or_refuses(filled: CommandLine, server: Server) -> None:
    """What one witness cosigned stays although another can't be reached; the status tells."""
    with answering(lambda _path, _body: Response(503, "", b"")) as out_of_order:
        use(filled, policy_text(KEY, AWAY, quorum="any", urls=(server.url, out_of_order.url)))
        filled.monkeypatch.setattr("suyuan.cli.witnesses.Fetcher", quick)
        answer = filled("witness", "push")
    assert answer.status == 3
    assert "W1 is out of order" in answer.sentence()
    assert filled("witness", "check").status == 0
    with answering(lambda _path, _body: Response(404, "", b"")) as refusing:
        use(filled, policy_text(KEY, AWAY, urls=("", refusing.url)))
        answer = filled("witness", "push")
    assert answer.status == 1
    assert "doesn't know this log" in answer.out


def test_without_a_policy(filled: CommandLine) -> None:
    """Each command says which setting is missing, or what is wrong with the file."""
    for command in ("push", "list", "check"):
        answer = filled("witness", command)
        assert answer.status == 2
        assert "SUYUAN_WITNESSES" in answer.sentence()
    use(filled, "quorum Q\n")
    answer = filled("witness", "push")
    assert answer.status == 2
    assert "Line 1 of the policy" in answer.sentence()
    filled.monkeypatch.setenv("SUYUAN_WITNESSES", "missing")
    assert filled("witness", "push").status == 3


def test_nothing_to_push(suyuan: CommandLine) -> None:
    """Without entries or addresses nothing is sent, and nothing is wrong."""
    use(suyuan, policy_text(KEY, urls=("https://w.example/",)))
    suyuan.json("org", "add", "main")
    assert "nothing to send" in suyuan("witness", "push").out
    assert suyuan.json("witness", "check") == []


def test_a_push_may_carry_what_the_submitter_holds(filled: CommandLine) -> None:
    """A checkpoint of an earlier receipt is compared; what is none of this log is refused."""
    receipt = filled.json("capture", filled.write("1.json", document(seen(instance("c")))))
    held = filled.write("held", receipt["checkpoint"])
    events = filled.write("2.json", document(seen(instance("d"))))
    for wrong in ("", "nonsense", receipt["checkpoint"].replace("\n3\n", "\n4\n")):
        file = filled.write("wrong", wrong)
        answer = filled("capture", events, "--known-checkpoint", file)
        assert answer.status == 1
        assert answer.sentence()
    assert filled("capture", events, "--known-checkpoint", "missing").status == 3
    assert filled.json("capture", events, "--known-checkpoint", held)["accepted"] == 1
    assert filled.size() == 4


@contextmanager
def served(suyuan: CommandLine) -> Iterator[str]:
    """Serve the ledger's own pages, as a partner does; give the address of its log."""
    workspace = open_ledger(Settings(db=f"sqlite:///{suyuan.database}"))
    transport = httpx.ASGITransport(create_app(workspace), raise_app_exceptions=False)

    async def ask(path: str) -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url="http://partner") as client:
            return await client.get(path)

    def answer(path: str, _body: bytes) -> Response:
        said = asyncio.run(ask(path))
        return Response(said.status_code, said.headers["content-type"], said.content)

    try:
        with answering(answer) as running:
            yield f"{running.url}/log/main"
    finally:
        workspace.engine.dispose()


def test_a_partners_checkpoint_is_kept(filled: CommandLine) -> None:
    """From its address, with tiles for the proof; and from files, with a proof or another address."""
    [listed] = filled.json("key", "list")
    with served(filled) as log:
        answer = filled("checkpoint", "keep", f"{log}/checkpoint")
        assert answer.status == 2
        assert "--key" in answer.sentence()
        first = filled.json("checkpoint", "keep", f"{log}/checkpoint", "--key", listed["key"])
        assert first == {"log": ORIGIN, "size": 2, "result": "first", "before": None}
        old = filled.write("old", filled("checkpoint").out)
        filled.capture(*(seen(instance(f"n{number}")) for number in range(700)))
        said = filled("checkpoint", "keep", f"{log}/checkpoint")
        assert (said.status, "continues the kept one" in said.out) == (0, True)
        again = filled.json("checkpoint", "keep", f"{log}/checkpoint")
        assert (again["result"], again["size"]) == ("same", 702)
        older = filled.json("checkpoint", "keep", old, "--tiles", log)
        assert (older["result"], older["before"]) == ("older", 702)
        answer = filled("checkpoint", "keep", f"{log}/nothing")
        assert answer.status == 1
        assert "has no checkpoint (status 404)" in answer.sentence()
    assert filled.json("checkpoint", "kept") == [{"log": ORIGIN, "size": 702}]
    assert "702" in filled("checkpoint", "kept").out
    filled.capture(seen(instance("last")))
    new = filled.write("new", filled("checkpoint").out)
    assert filled("checkpoint", "keep", new).status == 2
    with closing(sqlite3.connect(filled.database)) as connection:
        leaves = [leaf for (leaf,) in connection.execute("SELECT leaf FROM entry ORDER BY seq")]
    lines = [base64.b64encode(one).decode() for one in consistency_proof(leaves, 702)]
    proof = filled.write("proof", "\n".join(lines) + "\n")
    wrong = filled.write("wrong", "\n".join(lines[::-1]) + "\n")
    assert filled("checkpoint", "keep", new, "--proof", wrong).status == 1
    assert filled("checkpoint", "keep", new, "--proof", filled.write("x", "?")).status == 2
    assert filled.json("checkpoint", "keep", new, "--proof", proof)["result"] == "newer"
    answer = filled("checkpoint", "keep", f"{log}/checkpoint")
    assert answer.status == 3
    assert "can't be reached" in answer.sentence()


def test_a_partner_who_rewrites_his_log_is_found(filled: CommandLine) -> None:
    """His new checkpoint contradicts the kept one, and his own tiles prove it."""
    [listed] = filled.json("key", "list")
    with served(filled) as log:
        filled.json("checkpoint", "keep", f"{log}/checkpoint", "--key", listed["key"])
    folder = filled.folder / "keys"
    for ending in ("", "-wal", "-shm"):
        Path(f"{filled.database}{ending}").unlink(missing_ok=True)
    next(folder.glob("*.checkpoint")).unlink()
    filled.json("migrate")
    filled.capture(*(seen(instance(f"other{number}")) for number in range(5)))
    with served(filled) as log:
        answer = filled("checkpoint", "keep", f"{log}/checkpoint")
    assert answer.status == 1
    assert "was rewritten" in answer.sentence()
    assert len(list((folder / "partners").glob("*.evidence"))) == 1
    assert filled.json("checkpoint", "kept") == [{"log": ORIGIN, "size": 2}]
