"""The check of a proof in a reader's browser: a real one, headless, and a server that lies in every way we can think of.

Rules kept:

* Chromium is Debian's; a missing one fails these tests, which run on request alone (`make long`);
  SUYUAN_TEST_BROWSER=skip leaves them out.
* Each page is opened by a browser without a past: a copy that it kept would hide what the server now says.
"""

import html
import json
import os
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ledger.log.note import Signer
from suyuan.app import create_app
from suyuan.demo.life import tell
from suyuan.settings import Settings
from suyuan.web.texts import TEXTS
from suyuan.workspace import create_ledger
from tests.suyuan.web.conftest import submit

BROWSER = "chromium"
PATIENCE_S = 60
LOG = "localhost/log/haiyan"

Lie = Callable[[str, bytes], bytes | int]
"""Takes path and body of an answer; gives another body, or the status to fail with."""


@dataclass
class Liar:
    """Passes answers on as they are, or as `lie` wants them."""

    app: ASGIApp
    lie: Lie = field(default=lambda _path, body: body)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start: Message = {}
        body = b""

        async def kept(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
            else:
                body += message.get("body", b"")

        await self.app(scope, receive, kept)
        told = self.lie(scope["path"], body)
        headers = [one for one in start["headers"] if one[0] not in {b"content-length", b"etag"}]
        status = told if isinstance(told, int) else start["status"]
        content = b"" if isinstance(told, int) else told
        headers.append((b"content-length", b"%d" % len(content)))
        await send({**start, "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})


@dataclass
class Site:
    """A served demo life, and a browser to look at it."""

    port: int
    page: str
    """Path of the page behind a sold pack."""
    liar: Liar
    folder: Path

    def look(
        self, *flags: str, host: str = "127.0.0.1", language: str = "en", check: bool = True
    ) -> tuple[str, str]:
        """Open the page in a new browser; give the state of the check and what it says."""
        profile = self.folder / "profile"
        shutil.rmtree(profile, ignore_errors=True)
        address = f"http://{host}:{self.port}{self.page}?lang={language}{'#check' * check}"
        command = [
            BROWSER,
            "--headless",
            "--no-sandbox",  # which root may not have
            "--disable-gpu",
            f"--user-data-dir={profile}",
            "--virtual-time-budget=10000",
            *flags,
            "--dump-dom",
            address,
        ]
        done = subprocess.run(
            command, check=False, capture_output=True, encoding="utf-8", timeout=PATIENCE_S
        )
        box = re.search(r"<div [^>]*data-check.*?<noscript>", done.stdout, re.DOTALL)
        assert box, done.stderr[-2000:]
        state = re.search(r'data-state="(\w+)"', box[0])
        said = re.sub(r"<[^>]*>", "\n", re.sub(r'data-words="[^"]*"', "", box[0]))
        return state[1] if state else "", html.unescape(said)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve a small demo life on a port of its own."""
    missing = shutil.which(BROWSER) is None
    if missing and os.environ.get("SUYUAN_TEST_BROWSER") == "skip":
        pytest.skip(f"{BROWSER} missing, and SUYUAN_TEST_BROWSER=skip")
    assert not missing, f"install Debian's package {BROWSER}, or set SUYUAN_TEST_BROWSER=skip"
    folder = tmp_path_factory.mktemp("browser")
    workspace = create_ledger(Settings(db=f"sqlite:///{folder / 'ledger.db'}"))
    story = tell(packs=4)
    for one in story.submissions:
        submit(workspace, one.organisation, one.document)
    liar = Liar(create_app(workspace))
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(liar, log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        page = story.highlights.sold_pack.removeprefix("https://id.gs1.org")
        yield Site(listening.getsockname()[1], page, liar, folder)
        server.should_exit = True
        thread.join()
    workspace.engine.dispose()


@pytest.fixture(autouse=True)
def honest(site: Site) -> None:
    """Let the server begin each test honestly."""
    site.liar.lie = lambda _path, body: body


def text(key: str, language: str = "en") -> str:
    """Return a sentence of the page up to the first thing that is put in."""
    return TEXTS[key][language != "en"].partition("{")[0]


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_what_was_checked_is_said_and_what_was_not(site: Site, language: str) -> None:
    """Hashes, path and signature hold; contents, key and other readers are named as not checked."""
    state, said = site.look(language=language)
    assert state == "done"
    for key in ("good", "records", "signed", "left_content", "left_key", "left_others"):
        assert text(f"check_{key}", language) in said, key
    assert f"{LOG}+" in said
    for key in ("bad", "half", "unsigned"):
        assert text(f"check_{key}", language) not in said


def test_nothing_runs_before_it_is_asked_for(site: Site) -> None:
    """The button waits; without a click nothing is asked and nothing said."""
    asked = []

    def note(path: str, body: bytes) -> bytes:
        asked.append(path)
        return body

    site.liar.lie = note
    state, said = site.look(check=False)
    assert state == ""
    assert text("check_button") in said
    assert text("check_good") not in said
    assert not [path for path in asked if path.startswith("/log/")]


def altered(change: Callable[[dict[str, Any]], None]) -> Lie:
    """Return a lie about the JSON of every proof."""

    def lie(path: str, body: bytes) -> bytes:
        if "/proof/" not in path:
            return body
        value = json.loads(body)
        change(value)
        return json.dumps(value).encode()

    return lie


def other_hash(value: str) -> str:
    """Return another hash in base64."""
    return ("B" if value[0] != "B" else "C") + value[1:]


def swap_leaf(value: dict[str, Any]) -> None:
    """Prove another leaf."""
    value["leaf_hash"] = other_hash(value["leaf_hash"])


def swap_sibling(value: dict[str, Any]) -> None:
    """Change the middle of the path."""
    value["path"][3] = other_hash(value["path"][3])


def cut_path(value: dict[str, Any]) -> None:
    """Leave the last hash out."""
    value["path"].pop()


def longer_path(value: dict[str, Any]) -> None:
    """Add a hash."""
    value["path"].append(value["path"][0])


def move(value: dict[str, Any]) -> None:
    """Prove the entry behind."""
    value["index"] += 1


def in_checkpoint(line: int, change: Callable[[str], str]) -> Callable[[dict[str, Any]], None]:
    """Return a change of one line of the checkpoint."""

    def alter(value: dict[str, Any]) -> None:
        lines = value["checkpoint"].split("\n")
        lines[line] = change(lines[line])
        value["checkpoint"] = "\n".join(lines)

    return alter


def forge(value: dict[str, Any]) -> None:
    """Sign the same checkpoint with a key of our own, of the same name."""
    body = value["checkpoint"].rpartition("\n\n")[0] + "\n"
    value["checkpoint"] = body + "\n" + Signer.generate(LOG).sign(body).line()


def other_signature(line: str) -> str:
    """Return a signature line with one character changed."""
    return line[:-6] + ("A" if line[-6] != "A" else "B") + line[-5:]


CHANGES: dict[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "leaf": (swap_leaf, "path"),
    "sibling": (swap_sibling, "path"),
    "path too short": (cut_path, "path"),
    "path too long": (longer_path, "path"),
    "another entry": (move, "other"),
    "another log": (in_checkpoint(0, lambda line: line + "x"), "other"),
    "another size": (in_checkpoint(1, lambda line: line + "0"), "path"),
    "size in another spelling": (in_checkpoint(1, lambda line: "0" + line), "format"),
    "root": (in_checkpoint(2, other_hash), "path"),
    "signature": (in_checkpoint(4, other_signature), "signature"),
    "no em dash": (in_checkpoint(4, lambda line: line.replace("\u2014", "-")), "format"),
    "a stranger's signature": (forge, "signature"),
    "nothing": (lambda value: value.clear(), "format"),
    "a number for a checkpoint": (lambda value: value.update(checkpoint=7), "format"),
    "a short leaf": (lambda value: value.update(leaf_hash="AAAA"), "format"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_proof_fails(site: Site, change: str) -> None:
    """Whatever the server changes in a proof, the reader is told that it failed and why."""
    alter, why = CHANGES[change]
    site.liar.lie = altered(alter)
    state, said = site.look()
    assert state == "failed"
    assert text("check_bad") in said
    assert text(f"check_why_{why}") in said
    assert text("check_good") not in said


def test_a_changed_root_on_the_page_fails(site: Site) -> None:
    """The root hash that the page shows is compared with the checkpoint of its size."""

    def lie(path: str, body: bytes) -> bytes:
        if path != site.page:
            return body
        root = re.search(rb'data-root="([^"]*)"', body)
        assert root is not None
        return body.replace(root[1], other_hash(root[1].decode()).encode())

    site.liar.lie = lie
    state, said = site.look()
    assert (state, text("check_why_root") in said) == ("failed", True)


@pytest.mark.parametrize("name", [LOG, "localhost/log/else"])
def test_another_key_fails(site: Site, name: str) -> None:
    """A key that didn't sign, of this name or another, is not taken for the log's."""
    key = Signer.generate(name).verifier.vkey.encode()
    site.liar.lie = lambda path, body: key if path.endswith("/key") else body
    state, said = site.look()
    assert state == "failed"
    assert text("check_good") not in said


@pytest.mark.parametrize("answer", [b"", b"hello", b"[]", b"null", 404])
def test_no_proof_fails(site: Site, answer: bytes | int) -> None:
    """An answer that is no proof, or none at all, is a failure."""
    site.liar.lie = lambda path, body: answer if "/proof/" in path else body
    state, said = site.look()
    assert (state, text("check_bad") in said) == ("failed", True)


@pytest.mark.parametrize("what", ["/proof/", "/key"])
def test_a_server_that_is_down_is_no_verdict(site: Site, what: str) -> None:
    """Where the log gives no answer nothing is said about it, in either way."""
    site.liar.lie = lambda path, body: 503 if what in path else body
    state, said = site.look()
    assert state == "undone"
    assert text("check_undone") in said
    assert text("check_bad") not in said
    assert text("check_good") not in said


def test_a_browser_without_ed25519_says_so(site: Site) -> None:
    """Then the path is checked, the signature isn't, and no word claims otherwise."""
    without = b"SubtleCrypto.prototype.importKey = async () => { throw new DOMException('', 'NotSupportedError'); };\n"
    site.liar.lie = lambda path, body: without + body if path.endswith("tlog.js") else body
    state, said = site.look()
    assert state == "done"
    assert text("check_half") in said
    assert text("check_unsigned") in said
    assert text("check_good") not in said
    assert text("check_signed") not in said


def test_a_page_over_http_says_that_nothing_can_be_checked(site: Site) -> None:
    """Elsewhere than on localhost the browser's cryptography needs https."""
    state, said = site.look("--host-resolver-rules=MAP shop.example 127.0.0.1", host="shop.example")
    assert state == "insecure"
    assert text("check_insecure") in said
    assert text("check_good") not in said
