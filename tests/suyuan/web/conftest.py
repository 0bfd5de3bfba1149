"""Ledgers that the tests of the pages look at: the demo life, and small ones made in place."""

import asyncio
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp

from ledger.capture import capture
from suyuan.app import create_app
from suyuan.demo.life import Story, tell
from suyuan.demo.parties import PARTIES
from suyuan.settings import Settings
from suyuan.workspace import Workspace, create_ledger

Capture = Callable[..., None]


@dataclass(frozen=True)
class Client:
    """Asks an application over HTTP, without a network."""

    app: ASGIApp

    def get(self, address: str, **request: Any) -> httpx.Response:
        """Send a GET and return the answer, redirects included."""

        async def exchange() -> httpx.Response:
            # A defect is answered with 500 and raised as well, for the server's log.
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://any") as client:
                return await client.get(address, **request)

        return asyncio.run(exchange())


def submit(workspace: Workspace, organisation: str, document: dict[str, Any]) -> None:
    """Capture a document, and see to it that all of it was taken in."""
    log = workspace.add_organisation(organisation, organisation)
    receipt = capture(
        workspace.access(log),
        io.BytesIO(json.dumps(document).encode()),
        submitter=f"{organisation}/test",
    )
    assert receipt.committed, receipt


@dataclass(frozen=True)
class Demo:
    """The demo life in a ledger, served."""

    story: Story
    client: Client

    def html(self, code: str, language: str = "en") -> str:
        """Get the page behind a canonical code."""
        path = code.removeprefix("https://id.gs1.org")
        answer = self.client.get(path, headers={"accept-language": language, "accept": "text/html"})
        assert answer.status_code == 200, answer.text
        return answer.text


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Give a small demo life, captured."""
    folder = tmp_path_factory.mktemp("demo")
    workspace = create_ledger(Settings(db=f"sqlite:///{folder / 'ledger.db'}"))
    story = tell(packs=4)
    for one in story.submissions:
        assert one.organisation in PARTIES
        submit(workspace, one.organisation, one.document)
    yield Demo(story, Client(create_app(workspace)))
    workspace.engine.dispose()


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """Give an empty ledger."""
    opened = create_ledger(Settings(db=f"sqlite:///{tmp_path / 'ledger.db'}"))
    yield opened
    opened.engine.dispose()


@pytest.fixture
def client(workspace: Workspace) -> Client:
    """Give a client of the empty ledger."""
    return Client(create_app(workspace))


@pytest.fixture
def recorded(workspace: Workspace) -> Capture:
    """Give a function that captures events and master data for an organisation."""
    numbers = iter(range(1, 1_000))

    def record(
        organisation: str,
        *events: dict[str, Any],
        vocabulary: dict[str, list[dict[str, Any]]] | None = None,
    ) -> None:
        listed = []
        for event in events:
            number = next(numbers)
            listed.append(
                {
                    "type": "ObjectEvent",
                    "eventID": f"urn:uuid:00000000-0000-4000-8000-{number:012d}",
                    "eventTime": f"2026-03-{number:02d}T08:00:00.000Z",
                    "eventTimeZoneOffset": "+00:00",
                    **({"action": "OBSERVE"} if event.get("type") != "TransformationEvent" else {}),
                    **event,
                }
            )
        document: dict[str, Any] = {
            "@context": [
                "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
                {"suyuan": "https://suyuan.example/voc/"},
            ],
            "type": "EPCISDocument",
            "schemaVersion": "2.0",
            "creationDate": "2026-04-01T08:00:00.000Z",
            "epcisBody": {"eventList": listed},
        }
        if vocabulary:
            lists = [
                {"type": f"urn:epcglobal:epcis:vtype:{name}", "vocabularyElementList": elements}
                for name, elements in vocabulary.items()
            ]
            document["epcisHeader"] = {"epcisMasterData": {"vocabularyList": lists}}
        submit(workspace, organisation, document)

    return record
