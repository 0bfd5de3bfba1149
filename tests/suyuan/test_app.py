"""The application as a whole: health, logs, limits, and errors as one sentence."""

import asyncio
import io
import json
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from ledger.capture import capture
from ledger.errors import StoreError
from suyuan.app import create_app
from suyuan.settings import Settings
from suyuan.web import pages
from suyuan.workspace import Workspace, create_ledger

ITEM = "/01/09506000134352/21/A"
HTML = {"accept": "text/html"}
EVENTS = 300


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


def fill(workspace: Workspace) -> None:
    """Capture more events than a tile has hashes."""
    log = workspace.add_organisation("acme", "Acme")
    events = [
        {
            "type": "ObjectEvent",
            "eventID": f"urn:uuid:00000000-0000-4000-8000-{n:012d}",
            "eventTime": "2026-03-01T08:00:00.000Z",
            "eventTimeZoneOffset": "+00:00",
            "action": "OBSERVE",
            "epcList": ["https://id.gs1.org" + ITEM],
        }
        for n in range(EVENTS)
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


def test_it_lives_and_is_ready(workspace: Workspace) -> None:
    """Two questions of whoever runs the service."""
    assert ask(workspace, "GET", "/health").json() == {"status": "alive"}
    ready = ask(workspace, "GET", "/ready")
    assert ready.json() == {"status": "ready"}
    assert ready.headers["cache-control"] == "no-store"


def test_a_database_without_its_tables_is_not_ready(workspace: Workspace) -> None:
    """503 with the fix, as JSON or as a page."""
    with workspace.engine.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
        connection.execute(text("DROP TABLE link"))
    refused = ask(workspace, "GET", "/ready")
    assert refused.status_code == 503
    assert "suyuan migrate" in refused.json()["error"]
    assert refused.headers["retry-after"] == "30"
    assert ask(workspace, "GET", "/health").status_code == 200


def test_a_store_error_is_a_page_for_people(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody who scans a code sees a traceback or JSON."""

    def locked(*_args: object, **_values: object) -> None:
        raise StoreError("The database says: database is locked.", "Try again.")

    monkeypatch.setattr(pages, "read_material", locked)
    page = ask(workspace, "GET", ITEM, headers={**HTML, "accept-language": "zh"})
    assert page.status_code == 503
    assert '<html lang="zh-CN">' in page.text
    assert "database is locked. Try again." in page.text


def test_a_defect_is_told_without_its_traceback(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """500 in one sentence, with the same headers as every other answer."""

    def broken(*_args: object, **_values: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(pages, "read_material", broken)
    with caplog.at_level(logging.CRITICAL):
        answer = ask(workspace, "GET", ITEM, headers=HTML)
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("address", ["/graphql", "/", ITEM])
def test_a_large_body_is_refused_unread(workspace: Workspace, address: str) -> None:
    """By its Content-Length, whatever the address; in one sentence."""
    answer = ask(workspace, "POST", address, content=b"x" * 1_001)
    assert answer.status_code == 413
    assert "1000 bytes" in answer.json()["error"]
    assert answer.headers["connection"] == "close"


def test_a_large_body_is_refused_while_it_streams(workspace: Workspace) -> None:
    """Without a length the bytes are counted, and reading stops at the limit."""
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield b"[" * 400

    headers = {"content-type": "application/json"}
    answer = ask(workspace, "POST", "/graphql", content=endless(), headers=headers)
    assert answer.status_code == 413
    assert sent < 10


def test_graphql_is_mounted(workspace: Workspace) -> None:
    """A query gets an answer under the address that is documented."""
    answer = ask(workspace, "POST", "/graphql", json={"query": "{ __typename }"})
    assert answer.status_code == 200
    assert answer.json() == {"data": {"__typename": "Query"}}


def test_other_methods_and_addresses_get_one_sentence(workspace: Workspace) -> None:
    """405 says what is allowed, 404 what to do; HEAD is answered."""
    refused = ask(workspace, "DELETE", ITEM)
    assert refused.status_code == 405
    assert set(refused.headers["allow"].split(", ")) == {"GET", "HEAD"}
    assert "use GET" in refused.json()["error"]
    assert "no such page" in ask(workspace, "GET", "/nothing").json()["error"]
    head = ask(workspace, "HEAD", "/")
    assert (head.status_code, head.content) == (200, b"")
