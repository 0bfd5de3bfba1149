"""Scans over HTTP: what a handheld sends is read, looked up and judged."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from ledger.access import issue_token
from ledger.store.engine import writing
from scanners.messages import LARGEST
from suyuan.app import create_app
from suyuan.settings import Settings
from suyuan.workspace import Workspace, create_ledger

ELEMENTS = "010950600013435210L1\x1d21A"
ITEM = "https://id.gs1.org/01/09506000134352/21/A"
ZEBRA = {
    "com.symbol.datawedge.data_string": ELEMENTS,
    "com.symbol.datawedge.label_type": "LABEL-TYPE-GS1-DATAMATRIX",
    "com.symbol.datawedge.decode_data": [[ord(sign) for sign in ELEMENTS]],
    "com.symbol.datawedge.source": "scanner",
}


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """Give an empty ledger of one organisation."""
    opened = create_ledger(Settings(db=f"sqlite:///{tmp_path / 'ledger.db'}"))
    opened.add_organisation("acme", "acme")
    yield opened
    opened.engine.dispose()


@pytest.fixture
def token(workspace: Workspace) -> str:
    """Issue an API key for a handheld."""
    with writing(workspace.engine) as connection:
        return issue_token(
            connection, workspace.known_organisation("acme"), "tc52", workspace.now()
        )


def post(
    workspace: Workspace, token: str, content: Any, kind: str, **headers: str
) -> httpx.Response:
    """Send a body to the application."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    given = {"authorization": f"Bearer {token}", "content-type": kind} | named

    async def exchange() -> httpx.Response:
        transport = httpx.ASGITransport(create_app(workspace), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://any") as client:
            return await client.post("/scans", content=content, headers=given)

    return asyncio.run(exchange())


def sent(workspace: Workspace, token: str, value: Any, **headers: str) -> list[dict[str, Any]]:
    """Send JSON, which must be taken, and return the scans of the answer."""
    answer = post(workspace, token, json.dumps(value).encode(), "application/json", **headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    scans: list[dict[str, Any]] = answer.json()["scans"]
    return scans


def test_an_intent(workspace: Workspace, token: str) -> None:
    """An intent of DataWedge is answered with the code and the verdict, in the asker's language."""
    [scan] = sent(workspace, token, ZEBRA)
    assert (scan["code"], scan["known"], scan["verdict"]) == (ITEM, False, "plausible")
    assert (scan["device"], scan["symbology_identifier"]) == ("tc52", "]d2")
    assert bytes.fromhex(scan["raw"]) == ELEMENTS.encode()
    [chinese] = sent(workspace, token, ZEBRA, accept_language="zh-CN")
    assert "系统中没有此编码" in chinese["reason"]


def test_a_form_and_plain_text(workspace: Workspace, token: str) -> None:
    """A form has the same fields; plain text is the code, whatever it begins with."""
    form = urlencode({"data": ELEMENTS, "label_type": "LABEL-TYPE-EAN128", "device": "7"}).encode()
    [scan] = post(workspace, token, form, "application/x-www-form-urlencoded").json()["scans"]
    assert (scan["code"], scan["device"], scan["verdict"]) == (ITEM, "tc52/7", "plausible")
    line = f"]d2{ELEMENTS}\r\n".encode()
    [scan] = post(workspace, token, line, "text/plain; charset=utf-8").json()["scans"]
    assert scan["code"] == ITEM
    envelope = b"[)>\x1e06\x1d25SUN1\x1e\x04"
    [scan] = post(workspace, token, envelope, "text/plain").json()["scans"]
    assert bytes.fromhex(scan["raw"]) == envelope


def test_several_scans(workspace: Workspace, token: str) -> None:
    """A list is answered in its order; a scan that is no code says why beside the others."""
    good, bad = sent(workspace, token, [ZEBRA, {"data": "0109506000134353"}])
    assert good["problem"] is None
    assert (bad["code"], bad["verdict"]) == (None, "doubtful")
    assert bad["problem"]


def test_sent_again(workspace: Workspace, token: str) -> None:
    """A scan that is sent again is the same scan, by its own id or by the request's key."""
    [first], [again] = (sent(workspace, token, {**ZEBRA, "id": "m1"}) for _ in range(2))
    assert first["id"] == again["id"]
    [first], [again] = (sent(workspace, token, ZEBRA, idempotency_key="k1") for _ in range(2))
    assert first["id"] == again["id"]
    [other] = sent(workspace, token, ZEBRA, idempotency_key="k2")
    assert other["id"] != first["id"]


@pytest.mark.parametrize("given", ["", "Bearer nonsense"])
def test_a_key_is_needed(workspace: Workspace, given: str) -> None:
    """Without an API key nothing is told, and the body isn't read."""

    async def body() -> AsyncIterator[bytes]:
        pytest.fail("the body was read")
        yield b""

    answer = post(workspace, "", body(), "application/json", authorization=given)
    assert answer.status_code == 401
    assert "API key" in answer.json()["error"]


@pytest.mark.parametrize(
    ("content", "kind", "refusal"),
    [
        (b"<x/>", "application/xml", (415, "Content-Type application/json")),
        (b"12", "application/json", (400, "Send a JSON object")),
        (b"", "application/json", (400, "Send a JSON object")),
        (b'{"data": ', "application/json", (400, "is no JSON")),
        (b'{"data": 1.5}', "application/json", (400, "is no text")),
        (b"x" * (LARGEST + 1), "text/plain", (413, "at most 65536 bytes")),
        (b"data=%ff", "application/x-www-form-urlencoded", (400, "percent-encoded UTF-8")),
        (b"data", "application/x-www-form-urlencoded", (400, "name=value")),
        (b"data=1&data=2", "application/x-www-form-urlencoded", (400, "a field twice")),
        (
            b"&".join(b"a%d=1" % one for one in range(101)),
            "application/x-www-form-urlencoded",
            (400, ""),
        ),
    ],
)
def test_what_is_no_scan(
    workspace: Workspace, token: str, content: bytes, kind: str, refusal: tuple[int, str]
) -> None:
    """What can't be a scan is refused in one sentence."""
    answer = post(workspace, token, content, kind)
    assert answer.status_code == refusal[0]
    assert refusal[1] in answer.json()["error"]
