"""The public side of the logs over HTTP: what strangers read, keep and check, and what they never get."""

import asyncio
import base64
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from ledger.capture import capture
from ledger.log.checkpoint import Checkpoint, open_checkpoint
from ledger.log.keychain import parse_keys
from ledger.log.merkle import leaf_hash, root, verify_consistency, verify_inclusion
from ledger.log.note import Verifier
from ledger.log.proof import parse_proof
from ledger.log.proof_json import HashProof, parse_json
from ledger.proof_files import CheckedInclusion, check_proof_file
from ledger.rotation import KeyRoom, retire, rotate
from suyuan.app import create_app
from suyuan.settings import Settings
from suyuan.workspace import Workspace, create_ledger

ITEM = "/01/09506000134352/21/"
EVENTS = 300
LATER = 25


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """Give an empty ledger that reads bodies of 1,000 bytes."""
    settings = Settings(db=f"sqlite:///{tmp_path / 'ledger.db'}", largest_body=1_000)
    opened = create_ledger(settings)
    yield opened
    opened.engine.dispose()


def ask(workspace: Workspace, method: str, address: str, **request: Any) -> httpx.Response:
    """Send one request to the application."""

    async def exchange() -> httpx.Response:
        transport = httpx.ASGITransport(create_app(workspace), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://any") as client:
            return await client.request(method, address, **request)

    return asyncio.run(exchange())


def fill(workspace: Workspace, count: int = EVENTS, item: str = "A") -> None:
    """Capture more events than a tile has hashes."""
    log = workspace.add_organisation("acme", "Acme")
    events = [
        {
            "type": "ObjectEvent",
            "eventID": f"urn:suyuan:test:{item}:{n}",
            "eventTime": "2026-03-01T08:00:00.000Z",
            "eventTimeZoneOffset": "+00:00",
            "action": "OBSERVE",
            "epcList": [f"https://id.gs1.org{ITEM}{item}"],
        }
        for n in range(count)
    ]
    document = {
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-04-01T08:00:00.000Z",
        "epcisBody": {"eventList": events},
    }
    report = capture(
        workspace.access(log),
        io.BytesIO(json.dumps(document).encode()),
        submitter="acme/test",
    )
    assert report.committed


def test_the_checkpoint_is_signed_and_the_tiles_give_its_root(workspace: Workspace) -> None:
    """A stranger with the log's key can recompute the root from what is public."""
    fill(workspace)
    key = ask(workspace, "GET", "/log/acme/key").text.strip()
    note = ask(workspace, "GET", "/log/acme/checkpoint")
    assert note.headers["content-type"].startswith("text/plain")
    checkpoint = open_checkpoint(note.text, None, [Verifier.from_vkey(key)])
    assert checkpoint.size == EVENTS
    full = ask(workspace, "GET", "/log/acme/tile/0/000")
    rest = ask(workspace, "GET", f"/log/acme/tile/0/001.p/{EVENTS - 256}")
    hashes = full.content + rest.content
    leaves = [hashes[at : at + 32] for at in range(0, len(hashes), 32)]
    assert root(leaves) == checkpoint.root
    assert "immutable" in full.headers["cache-control"]


def test_a_proof_leads_to_the_root_and_holds_no_entry(workspace: Workspace) -> None:
    """Whoever has the entry can check it; nobody else learns anything."""
    fill(workspace)
    answer = ask(workspace, "GET", "/log/acme/proof/7")
    proof = parse_proof(answer.text)
    assert proof.extra == b""
    with workspace.engine.connect() as connection:
        raw = connection.execute(text("SELECT bytes FROM entry WHERE seq = 7")).scalar_one()
    log = workspace.organisation("acme")
    checkpoint = open_checkpoint(proof.checkpoint, None, [Verifier.from_vkey(log.verifier_key)])
    verify_inclusion(leaf_hash(raw), 7, checkpoint.size, proof.path, checkpoint.root)


@pytest.mark.parametrize(
    "path",
    [
        "nobody/checkpoint",
        "acme/proof/300",
        "acme/proof/99999999999999999999",
        "acme/tile/0/001",
        "acme/tile/0/001.p/0",
        "acme/tile/0/001.p/200",
        "acme/tile/0/x001/x234/067",
        "acme/tile/0/x000/000",
        "acme/tile/9/000",
        "acme/tile/entries/000",
        "acme/tile/../checkpoint/x",
    ],
)
def test_what_a_log_does_not_have_is_not_found(workspace: Workspace, path: str) -> None:
    """404, never an empty tile or an error of ours."""
    fill(workspace)
    assert ask(workspace, "GET", f"/log/{path}").status_code == 404


def key_of(workspace: Workspace) -> Verifier:
    """Return the log's key as a stranger reads it."""
    return Verifier.from_vkey(ask(workspace, "GET", "/log/acme/key").text.partition("\n")[0])


def test_all_keys_of_a_log_are_served(workspace: Workspace) -> None:
    """One key is one line; later all stand behind the newest, with their sizes, and verify what they may."""
    fill(workspace, 3)
    log = workspace.organisation("acme")
    first = key_of(workspace)
    assert ask(workspace, "GET", "/log/acme/key").text == f"{first.vkey}\n"
    old = ask(workspace, "GET", "/log/acme/checkpoint").text
    room = KeyRoom(workspace.engine, workspace.keys, log, "operator", workspace.now)
    rotate(room)
    retire(room)
    answer = ask(workspace, "GET", "/log/acme/key")
    newest, _, rest = answer.text.partition("\n")
    ring = parse_keys(rest)
    assert ring == workspace.keys.ring(log.origin)
    assert newest == ring.current.vkey != first.vkey
    assert rest.splitlines()[0].startswith(f"{first.vkey} 0-")
    for note in (old, ask(workspace, "GET", "/log/acme/checkpoint").text):
        assert open_checkpoint(note, log.origin, ring).origin == log.origin
    again = ask(
        workspace, "GET", "/log/acme/key", headers={"If-None-Match": answer.headers["etag"]}
    )
    assert again.status_code == 304


def test_keys_that_are_none(workspace: Workspace) -> None:
    """What stands in the place of keys is not served as one."""
    fill(workspace, 1)
    for path in workspace.keys.folder.glob("*.vkey"):
        path.unlink()
    with workspace.engine.begin() as connection:
        connection.execute(text("DELETE FROM log_key"))
        connection.execute(text("UPDATE log SET verifier_key = 'no key'"))
    answer = ask(workspace, "GET", "/log/acme/key")
    assert answer.status_code == 503
    assert "suyuan verify" in answer.text


def opened(workspace: Workspace, note: str) -> Checkpoint:
    """Verify a checkpoint."""
    return open_checkpoint(note, "localhost/log/acme", [key_of(workspace)])


def test_a_proof_in_json_has_the_leaf_hash_and_no_entry(workspace: Workspace) -> None:
    """A browser can follow it; nothing of what the entry says is in it."""
    fill(workspace)
    answer = ask(workspace, "GET", "/log/acme/proof/7.json")
    assert answer.headers["content-type"] == "application/json"
    assert "entry" not in answer.json()
    assert "event" not in answer.json()
    with workspace.engine.connect() as connection:
        raw = connection.execute(text("SELECT bytes FROM entry WHERE seq = 7")).scalar_one()
    found = parse_json(answer.content)
    assert isinstance(found, HashProof)
    assert found.leaf == leaf_hash(raw)
    checked = check_proof_file(answer.content, [key_of(workspace)])
    assert isinstance(checked, CheckedInclusion)
    assert (checked.index, checked.entry) == (7, None)


def test_proofs_and_growth_at_any_checkpoint(workspace: Workspace) -> None:
    """Of the newest checkpoint or an older one; what grew is proven from any size to it."""
    fill(workspace)
    fill(workspace, LATER, "B")
    for size in (EVENTS, EVENTS + LATER):
        for form in ("7", "7.json"):
            answer = ask(workspace, "GET", f"/log/acme/proof/{form}?size={size}")
            assert answer.status_code == 200
            assert f"\n{size}\n" in answer.text.replace("\\n", "\n")
    for old in (0, 1, 255, 256, EVENTS, EVENTS + LATER):
        value = ask(workspace, "GET", f"/log/acme/consistency/{old}").json()
        head = opened(workspace, value["checkpoint"])
        assert (value["log"], value["old_size"]) == (head.origin, old)
        path = [parse_hash(one) for one in value["path"]]
        verify_consistency(old, head.size, parse_hash(value["old_root"]), head.root, path)
    value = ask(workspace, "GET", f"/log/acme/consistency/{EVENTS}").json()
    kept = opened(
        workspace,
        ask(workspace, "GET", f"/log/acme/proof/0?size={EVENTS}").text.partition("\n\n")[2],
    )
    assert parse_hash(value["old_root"]) == kept.root
    value = ask(workspace, "GET", f"/log/acme/consistency/5?size={EVENTS}").json()
    assert opened(workspace, value["checkpoint"]).size == EVENTS


def parse_hash(value: str) -> bytes:
    """Decode a hash."""
    return base64.b64decode(value, validate=True)


def test_what_may_be_kept_and_for_how_long(workspace: Workspace) -> None:
    """Tiles for ever, a checkpoint for seconds and then by its ETag, a proof not without asking."""
    fill(workspace)
    for path, kept, kind in (
        ("checkpoint", "public, max-age=5", "text/plain; charset=utf-8"),
        ("tile/0/000", "public, max-age=31536000, immutable", "application/octet-stream"),
        ("tile/0/001.p/7", "public, max-age=31536000, immutable", "application/octet-stream"),
        ("proof/7", "no-cache", "text/plain; charset=utf-8"),
        ("proof/7.json", "no-cache", "application/json"),
        ("consistency/7", "no-cache", "application/json"),
        ("key", "no-cache", "text/plain; charset=utf-8"),
    ):
        first = ask(workspace, "GET", f"/log/acme/{path}")
        assert first.headers["cache-control"] == kept
        assert first.headers["content-type"] == kind
        assert first.headers["access-control-allow-origin"] == "*"
        head = ask(workspace, "HEAD", f"/log/acme/{path}")
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == str(len(first.content))
        for tag in (first.headers["etag"], f'"other", W/{first.headers["etag"]}', "*"):
            again = ask(workspace, "GET", f"/log/acme/{path}", headers={"if-none-match": tag})
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["cache-control"] == kept
        other = ask(workspace, "GET", f"/log/acme/{path}", headers={"if-none-match": '"other"'})
        assert other.status_code == 200
    before = ask(workspace, "GET", "/log/acme/checkpoint").headers["etag"]
    fill(workspace, LATER, "B")
    after = ask(workspace, "GET", "/log/acme/checkpoint", headers={"if-none-match": before})
    assert after.status_code == 200


def test_older_widths_of_a_tile_are_still_answered(workspace: Workspace) -> None:
    """Whoever follows an older checkpoint finds its partial tiles after the log has grown."""
    fill(workspace)
    full = ask(workspace, "GET", "/log/acme/tile/0/000").content
    assert len(full) == 256 * 32
    for width in (1, 44, 255):
        answer = ask(workspace, "GET", f"/log/acme/tile/0/000.p/{width}")
        assert answer.content == full[: width * 32]
    assert ask(workspace, "GET", "/log/acme/tile/1/000.p/1").content == root(
        [full[at : at + 32] for at in range(0, len(full), 32)]
    )


@pytest.mark.parametrize(
    "path",
    [
        "proof/7?size=299",
        "proof/7?size=007",
        "proof/7?size=x",
        "proof/7?size=",
        "proof/300.json",
        "proof/-1.json",
        "consistency/301",
        "consistency/-1",
        "consistency/01",
        "consistency/99999999999999999999",
        "consistency/1?size=299",
        "tile/00/000",
        "tile/0/000.p/256",
        "tile/0/000.p/007",
        "tile/64/000",
        "tile/entries/000.p/44",
        "tile/0/000/",
    ],
)
def test_what_was_never_signed_or_is_not_public(workspace: Workspace, path: str) -> None:
    """404 in one sentence for sizes without a checkpoint, other spellings and entries."""
    fill(workspace)
    answer = ask(workspace, "GET", f"/log/acme/{path}")
    assert answer.status_code == 404
    assert answer.json()["error"]


def test_nothing_is_proven_from_tampered_tiles(workspace: Workspace) -> None:
    """The operator is told to verify; a client gets no proof that doesn't hold."""
    fill(workspace)
    with workspace.engine.begin() as connection:
        connection.execute(
            text('UPDATE tile SET hashes = zeroblob(8192) WHERE level = 0 AND "index" = 0')
        )
    for path in ("proof/7", "proof/7.json", "consistency/7"):
        answer = ask(workspace, "GET", f"/log/acme/{path}")
        assert answer.status_code == 503
        assert "suyuan verify" in answer.json()["error"]
    assert ask(workspace, "GET", "/log/acme/proof/299").status_code == 200
