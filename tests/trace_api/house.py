"""A ledger with a short life in it, and the real application in front of it, for tests."""

import asyncio
import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Engine
from starlette.types import ASGIApp

from identifiers import check_digit
from ledger.access import issue_token
from ledger.capture import capture
from ledger.keys import KeyFolder
from ledger.organisations import Organisation, add_organisation
from ledger.receipts import Report
from ledger.store.engine import writing
from trace_api.asgi import graphql_app
from trace_api.resources import Resources

STEM = "https://id.gs1.org"
LOT = f"{STEM}/01/09506000134352/10/LOT-1"
PACK = f"{STEM}/01/0950600013437{check_digit('0950600013437')}"
CASE = f"{STEM}/00/09506000134352000{check_digit('09506000134352000')}"
PLACE = f"{STEM}/414/950600013430{check_digit('950600013430')}"
FIRST_MOMENT = 1_772_352_000_000_000  # 2026-03-01T08:00:00Z


def event(number: int, kind: str, **fields: Any) -> dict[str, Any]:
    """Make an event that happened `number` hours after the first."""
    return {
        "type": kind,
        "eventID": f"urn:uuid:00000000-0000-4000-8000-{number:012}",
        "eventTime": f"2026-03-01T{8 + number:02}:00:00Z",
        "eventTimeZoneOffset": "+08:00",
        **fields,
    }


def life() -> list[dict[str, Any]]:
    """Return a lot that is made, turned into three packs, two of them packed and shipped."""
    packs = [f"{PACK}/21/S{number}" for number in (1, 2, 3)]
    return [
        event(
            0,
            "ObjectEvent",
            action="ADD",
            bizStep="commissioning",
            disposition="active",
            quantityList=[{"epcClass": LOT, "quantity": 100.5, "uom": "KGM"}],
            bizLocation={"id": PLACE},
        ),
        event(
            1,
            "TransformationEvent",
            bizStep="creating_class_instance",
            disposition="active",
            inputQuantityList=[{"epcClass": LOT, "quantity": 10.25, "uom": "KGM"}],
            outputEPCList=packs,
        ),
        event(
            2,
            "AggregationEvent",
            action="ADD",
            bizStep="packing",
            parentID=CASE,
            childEPCs=packs[:2],
        ),
        event(
            3,
            "ObjectEvent",
            action="OBSERVE",
            bizStep="shipping",
            disposition="in_transit",
            epcList=[CASE],
            readPoint={"id": PLACE},
        ),
    ]


def document(events: list[dict[str, Any]]) -> str:
    """Write events as an EPCISDocument."""
    return json.dumps(
        {
            "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
            "type": "EPCISDocument",
            "schemaVersion": "2.0",
            "creationDate": "2026-03-02T00:00:00Z",
            "epcisBody": {"eventList": events},
        }
    )


@dataclass(frozen=True, slots=True)
class Client:
    """Speaks HTTP to an application."""

    app: ASGIApp

    def send(self, method: str, **request: Any) -> httpx.Response:
        """Send one request; a defect of the application is raised, not turned into an answer."""

        async def exchange() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://ledger") as client:
                return await client.request(method, "/", **request)

        return asyncio.run(exchange())


@dataclass(frozen=True, slots=True)
class House:
    """A ledger of one organisation, and a client of its API."""

    resources: Resources
    organisation: Organisation
    client: Client

    def capture(self, text: str) -> Report:
        """Capture a document, past the API."""
        return capture(
            self.resources.access(self.organisation),
            BytesIO(text.encode()),
            submitter="test",
        )

    def key(self, name: str = "line-1") -> str:
        """Issue an API key."""
        with writing(self.resources.engine) as connection:
            return issue_token(connection, self.organisation, name, self.resources.now())

    def ask(
        self, query: str, variables: Mapping[str, Any] | None = None, key: str | None = None
    ) -> dict[str, Any]:
        """Send a request and return the whole answer."""
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        headers["Content-Type"] = "application/json"
        sent = json.dumps({"query": query, "variables": dict(variables or {})})
        response = self.client.send("POST", content=sent, headers=headers)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    def data(
        self, query: str, variables: Mapping[str, Any] | None = None, key: str | None = None
    ) -> dict[str, Any]:
        """Send a request that must not fail, and return its data."""
        answer = self.ask(query, variables, key)
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    def refusal(self, query: str, variables: Mapping[str, Any] | None = None) -> tuple[str, str]:
        """Send a request that must fail, and return the code and message of its first error."""
        first = self.ask(query, variables)["errors"][0]
        return first["extensions"]["code"], first["message"]

    def with_resources(self, **changes: Any) -> "House":
        """Return the same ledger behind another application."""
        resources = replace(self.resources, **changes)
        return House(resources, self.organisation, Client(graphql_app(resources)))


def build(engine: Engine, folder: Path) -> House:
    """Begin an organisation on a fresh ledger and put the application in front of it."""
    ticks = itertools.count(FIRST_MOMENT + 86_400_000_000, 1_000_000)
    keys = KeyFolder(folder / "keys")
    organisation = add_organisation(engine, keys, slug="main", name="主厂 Main", host="localhost")
    resources = Resources(engine, keys, lambda: next(ticks))
    return House(resources, organisation, Client(graphql_app(resources)))
