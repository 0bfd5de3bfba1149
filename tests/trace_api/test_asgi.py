"""The application as HTTP sees it."""

import asyncio
import gzip
import json
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from ledger.store.engine import reading
from tests.trace_api.house import Client, House, document, life
from trace_api.asgi import graphql_app

ASK = json.dumps({"query": "{ __typename }"})
JSON = {"Content-Type": "application/json"}
CAPTURE = "mutation($d: String!) { capture(document: $d) { committed } }"


def error_of(response: httpx.Response) -> str:
    """Return the only error of an answer, checking its shape."""
    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] in {"BAD_REQUEST", "LIMIT_EXCEEDED", "INVALID_QUERY"}
    message: str = error["message"]
    assert message.endswith(".")
    return message


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "Expected JSON"),
        (b"{", "line 1"),
        (b'{"query": "{ __typename }"', "Expected JSON"),
        (b"\xff\xfe{", "UTF-8"),
        ('{"query": "{ __typename }"}'.encode("utf-16"), "UTF-8"),
        (gzip.compress(ASK.encode(), mtime=0), "UTF-8"),
        (b"[" * 100_000, "nested too deep"),
        (b'{"query": NaN}', "NaN"),
        (b'{"query": "{ __typename }", "variables": {"a": ' + b"9" * 5000 + b"}}", "Expected"),
        (f"[{ASK}, {ASK}]".encode(), "batch"),
        (b"[]", "batch"),
        (b'"text"', "object"),
        (b"null", "object"),
        (b"{}", "'query'"),
        (b'{"query": ""}', "'query'"),
        (b'{"query": 5}', "'query'"),
        (b'{"query": "{ __typename }", "variables": []}', "'variables'"),
        (b'{"query": "{ __typename }", "variables": "{}"}', "'variables'"),
        (b'{"query": "{ __typename }", "operationName": 5}', "'operationName'"),
        (b'{"query": "{ __typename }", "extensions": 5}', "'extensions'"),
    ],
)
def test_bad_bodies(empty_house: House, body: bytes, says: str) -> None:
    """What is no request is refused with 400 and one sentence."""
    response = empty_house.client.send("POST", content=body, headers=JSON)
    assert response.status_code == 400
    assert says in error_of(response)


def test_large_bodies(empty_house: House) -> None:
    """A body over the limit is refused with 413, whether its length is announced or not."""
    small = empty_house.with_resources(largest_body=100)
    assert small.client.send("POST", content=ASK, headers=JSON).status_code == 200
    large = ASK + " " * 100
    response = small.client.send("POST", content=large, headers=JSON)
    assert response.status_code == 413
    assert "100 bytes" in error_of(response)

    async def parts() -> Any:
        for _part in range(1000):
            yield b" " * 10

    assert small.client.send("POST", content=parts(), headers=JSON).status_code == 413
    lying = {**JSON, "Content-Length": "9" * 30}
    assert small.client.send("POST", content=ASK, headers=lying).status_code == 413


def test_large_documents_within_the_limit(house: House) -> None:
    """A document of megabytes is captured as a variable, though a query may only be small."""
    events = [life()[0] | {"eventID": f"urn:x:{n}", "example:note": "x" * 1000} for n in range(999)]
    done = house.data(CAPTURE, {"d": document(events)}, house.key())["capture"]
    assert done["committed"] is True


@pytest.mark.parametrize("media_type", ["", "text/plain", "multipart/form-data", "x"])
def test_other_media_types(empty_house: House, media_type: str) -> None:
    """Only JSON is taken: a form of another site can't send it."""
    headers = {"Content-Type": media_type}
    response = empty_house.client.send("POST", content=ASK, headers=headers)
    assert response.status_code == 415
    assert "application/json" in error_of(response)


def test_media_type_with_charset(empty_house: House) -> None:
    """The media type may carry a parameter."""
    headers = {"Content-Type": "Application/JSON; charset=utf-8"}
    response = empty_house.client.send("POST", content=ASK, headers=headers)
    assert response.json() == {"data": {"__typename": "Query"}}
    assert response.headers["cache-control"] == "no-store"


def test_queries_by_get(house: House) -> None:
    """A query may come by GET, with its variables as JSON."""
    query = "query Q($n: Int!) { events(first: $n) { edges { cursor } } } query R { __typename }"
    asked = {"query": query, "variables": '{"n": 2}', "operationName": "Q"}
    response = house.client.send("GET", params=asked)
    assert len(response.json()["data"]["events"]["edges"]) == 2
    bad = house.client.send("GET", params={**asked, "variables": "{"})
    assert bad.status_code == 400
    assert house.client.send("GET").status_code == 400


def test_no_mutation_by_get(house: House) -> None:
    """A mutation by GET is refused, even with a key, and stores nothing."""
    asked = {"query": CAPTURE, "variables": json.dumps({"d": document(life()[:1])})}
    headers = {"Authorization": f"Bearer {house.key()}"}
    response = house.client.send("GET", params=asked, headers=headers)
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, POST"
    assert "POST" in error_of(response)
    with reading(house.resources.engine) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM entry").scalar() == 4


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH", "HEAD"])
def test_other_methods(empty_house: House, method: str) -> None:
    """Other methods are refused."""
    assert empty_house.client.send(method, content=ASK, headers=JSON).status_code == 405


def test_no_page_for_browsers(empty_house: House) -> None:
    """There is no page to try queries on, which would load from other hosts."""
    response = empty_house.client.send("GET", headers={"Accept": "text/html"})
    assert response.status_code == 400
    assert "html" not in response.text
    asked = {"query": "{ __typename }"}
    response = empty_house.client.send("GET", params=asked, headers={"Accept": "text/html"})
    assert response.json() == {"data": {"__typename": "Query"}}


def test_the_new_media_type(empty_house: House) -> None:
    """Who accepts GraphQL's own media type gets its status codes."""
    headers = {**JSON, "Accept": "application/graphql-response+json"}
    fine = empty_house.client.send("POST", content=ASK, headers=headers)
    assert fine.headers["content-type"] == "application/graphql-response+json"
    refused = empty_house.client.send("POST", content='{"query": "{ a }"}', headers=headers)
    assert refused.status_code == 400
    assert "data" not in refused.json()


def test_no_multipart_subscription(empty_house: House) -> None:
    """A request for a stream of answers gets one answer."""
    headers = {**JSON, "Accept": "multipart/mixed;boundary=graphql;subscriptionSpec=1.0"}
    response = empty_house.client.send("POST", content=ASK, headers=headers)
    assert response.json() == {"data": {"__typename": "Query"}}


def test_mounted(empty_house: House) -> None:
    """The application stands at an address of another one."""
    app = Starlette(routes=[Route("/", graphql_app(empty_house.resources))])
    response = Client(app).send("POST", content=ASK, headers=JSON)
    assert response.json() == {"data": {"__typename": "Query"}}


def test_websockets_are_closed(empty_house: House) -> None:
    """There are no subscriptions yet: a websocket is closed before it opens."""
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message["type"])

    scope = {"type": "websocket", "path": "/", "headers": [], "subprotocols": ["graphql-ws"]}
    asyncio.run(graphql_app(empty_house.resources)(scope, receive, send))  # type: ignore[arg-type]
    assert sent == ["websocket.close"]


def test_clients_that_leave(empty_house: House) -> None:
    """A client that leaves before its body is there gets no answer and costs no traceback."""
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/", "headers": headers, "query_string": b""}
    asyncio.run(graphql_app(empty_house.resources)(scope, receive, send))  # type: ignore[arg-type]
    assert sent == []


def test_many_at_once(house: House) -> None:
    """Requests run side by side, each on a snapshot of its own; verifications one at a time."""

    async def all_of_them() -> list[httpx.Response]:
        transport = httpx.ASGITransport(house.client.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://ledger") as client:
            queries = ["{ verify { intact } }", "{ events { edges { cursor } } }"] * 6
            return list(
                await asyncio.gather(
                    *(client.post("/", json={"query": query}) for query in queries)
                )
            )

    answers = [response.json() for response in asyncio.run(all_of_them())]
    codes = {
        error["extensions"]["code"] for answer in answers for error in answer.get("errors", ())
    }
    assert codes <= {"BUSY"}
    assert any(answer["data"].get("verify") == [{"intact": True}] for answer in answers)
    assert all(len(answer["data"]["events"]["edges"]) == 4 for answer in answers[1::2])
