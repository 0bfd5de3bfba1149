"""Capture jobs over HTTP: handed in, settled behind the sender's back, asked for."""

import asyncio
import json
import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from ledger.access import issue_token
from ledger.store.engine import reading, writing
from ledger.store.sets import fetch
from suyuan.app import create_app
from suyuan.rest.clerk import Clerk
from suyuan.settings import Settings
from suyuan.workspace import Workspace, create_ledger

ITEM = "https://id.gs1.org/01/09506000134352/21/"
LD = "application/ld+json"


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """Give an empty ledger of two organisations."""
    opened = create_ledger(Settings(db=f"sqlite:///{tmp_path / 'ledger.db'}"))
    for slug in ("acme", "other"):
        opened.add_organisation(slug, slug)
    yield opened
    opened.engine.dispose()


def key(workspace: Workspace, slug: str = "acme") -> str:
    """Issue an API key."""
    owner = workspace.known_organisation(slug)
    with writing(workspace.engine) as connection:
        return issue_token(connection, owner, "line", workspace.now())


def ask(workspace: Workspace, method: str, address: str, **request: Any) -> httpx.Response:
    """Send one request to the application, whose clerk is not at work."""

    async def exchange() -> httpx.Response:
        transport = httpx.ASGITransport(create_app(workspace), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://any") as client:
            return await client.request(method, address, **request)

    return asyncio.run(exchange())


def event(serial: str) -> dict[str, Any]:
    """Return an event about one item."""
    return {
        "type": "ObjectEvent",
        "eventID": f"urn:x:{serial}",
        "eventTime": "2026-03-01T08:00:00.000Z",
        "eventTimeZoneOffset": "+00:00",
        "action": "OBSERVE",
        "epcList": [ITEM + serial],
    }


def post(workspace: Workspace, token: str, *events: Any, **headers: str) -> httpx.Response:
    """Hand a list of events in."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    given = {"authorization": f"Bearer {token}", "content-type": LD} | named
    return ask(workspace, "POST", "/capture", content=json.dumps(events), headers=given)


def job(workspace: Workspace, token: str, address: str, **headers: str) -> httpx.Response:
    """Ask for a job."""
    given = {"authorization": f"Bearer {token}"} | headers
    return ask(workspace, "GET", address, headers=given)


def test_a_job_from_start_to_end(workspace: Workspace) -> None:
    """A document is kept at once, stored when the clerk comes, and its receipts can be asked for."""
    token = key(workspace)
    answer = post(workspace, token, event("A"))
    assert answer.status_code == 202
    address = answer.headers["location"]
    assert answer.json()["running"]
    assert "success" not in job(workspace, token, address).json()
    Clerk(workspace).settle_all()
    done = job(workspace, token, address).json()
    assert (done["running"], done["success"], done["errors"]) == (False, True, [])
    assert done["captureErrorBehaviour"] == "rollback"
    assert done["createdAt"] <= done["finishedAt"]
    assert done["report"]["receipts"][0]["seq"] == 0
    assert done["report"]["checkpoint"].startswith("localhost/log/acme\n1\n")
    with reading(workspace.engine) as connection:
        assert fetch(connection, "SELECT submitter FROM entry") == [("acme/line",)]


def test_what_was_refused_is_told_in_the_askers_language(workspace: Workspace) -> None:
    """An error names its rule and place, and the others stay when that was asked for."""
    token = key(workspace)
    bad = event("A") | {"epcList": ["https://id.gs1.org/01/09506000134353"]}
    answer = post(workspace, token, bad, event("B"), gs1_capture_error_behaviour="Proceed")
    Clerk(workspace).settle_all()
    done = job(workspace, token, answer.headers["location"], **{"accept-language": "zh"}).json()
    assert (done["success"], done["captureErrorBehaviour"]) == (False, "proceed")
    [error] = done["errors"]
    assert (error["status"], error["title"]) == (400, "code.check-digit")
    assert error["instance"].endswith("/epcList/0")
    assert "校验码" in error["detail"]
    assert [one["status"] for one in done["report"]["receipts"]] == ["rejected", "accepted"]


def test_the_same_key_is_the_same_job(workspace: Workspace) -> None:
    """A push that is sent again is one job; the key with another document is refused."""
    token = key(workspace)
    first = post(workspace, token, event("A"), idempotency_key="k1")
    again = post(workspace, token, event("A"), idempotency_key="k1")
    assert first.json() == again.json()
    other = post(workspace, token, event("B"), idempotency_key="k1")
    assert other.status_code == 422
    assert "key of its own" in other.json()["error"]
    assert post(workspace, token, event("B"), idempotency_key="k" * 201).status_code == 400
    assert post(workspace, token, event("A")).json()["captureID"] != first.json()["captureID"]


@pytest.mark.parametrize("given", ["", "Bearer nonsense", "Basic abc", "Bearer"])
@pytest.mark.parametrize(("method", "address"), [("POST", "/capture"), ("GET", "/capture/1")])
def test_jobs_need_a_key(workspace: Workspace, given: str, method: str, address: str) -> None:
    """Without an API key that is in use nothing is taken and nothing told."""
    answer = ask(workspace, method, address, content=b"[]", headers={"authorization": given})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "API key" in answer.json()["error"]


def test_another_organisations_job_is_not_there(workspace: Workspace) -> None:
    """A job is told to nobody but the organisation whose log it is for."""
    answer = post(workspace, key(workspace), event("A"))
    foreign = job(workspace, key(workspace, "other"), answer.headers["location"])
    assert foreign.status_code == 404


def test_a_number_that_no_job_has(workspace: Workspace) -> None:
    """A number beyond what a database counts to is a job that isn't there."""
    assert job(workspace, key(workspace), f"/capture/{10**30}").status_code == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content_type": "application/xml"}, 415),
        ({"gs1_capture_error_behaviour": "maybe"}, 400),
    ],
)
def test_headers_that_make_no_sense(
    workspace: Workspace, headers: dict[str, str], status: int
) -> None:
    """A form that isn't read, and a behaviour that there isn't, are told at once."""
    answer = post(workspace, key(workspace), event("A"), **headers)
    assert answer.status_code == status
    assert answer.json()["error"]


def test_the_clerk_settles_while_the_service_runs(workspace: Workspace) -> None:
    """What is handed in is settled without being asked for, and the clerk ends with the service."""
    token = key(workspace)

    async def exchange() -> dict[str, Any]:
        app = create_app(workspace)
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://any") as client:
                bearer = {"authorization": f"Bearer {token}"}
                sent = await client.post(
                    "/capture",
                    content=json.dumps([event("A")]),
                    headers={"content-type": LD} | bearer,
                )
                end = time.monotonic() + 30
                while time.monotonic() < end:
                    asked = await client.get(sent.headers["location"], headers=bearer)
                    found: dict[str, Any] = asked.json()
                    if not found["running"]:
                        return found
                    await asyncio.sleep(0.01)
        return {}

    assert asyncio.run(exchange())["success"]


def test_one_log_that_cannot_be_written_keeps_no_other_waiting(
    workspace: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    """A missing key is told to the operator; the other organisation's jobs are settled."""
    mine, theirs = key(workspace), key(workspace, "other")
    post(workspace, mine, event("A"))
    post(workspace, theirs, event("B"))
    origin = workspace.known_organisation("acme").origin
    for path in workspace.keys.folder.glob(origin.replace("/", "+") + ".key"):
        path.unlink()
    with caplog.at_level(logging.WARNING):
        Clerk(workspace).settle_all()
    assert "Jobs of acme wait" in caplog.text
    with reading(workspace.engine) as connection:
        assert fetch(connection, "SELECT submitter FROM entry") == [("other/line",)]


def test_a_clerk_that_stumbles_goes_on(
    workspace: Workspace, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An inbox that can't be read is told in the server's log, and looked at again."""
    clerk = Clerk(workspace)
    looks: list[int] = []

    def look() -> None:
        looks.append(1)
        if len(looks) == 1:
            clerk.wake()
            raise OSError("gone")
        clerk._is_ending = True
        clerk.wake()

    monkeypatch.setattr(clerk, "settle_all", look)
    clerk.start()
    clerk.stop()
    assert looks
    Clerk(workspace).stop()
