"""Traces as files over HTTP: streamed, limited, and clear about what is wrong."""

import asyncio
import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook

from ledger.capture import capture
from ledger.exporting.formats import FORMATS, FormatName
from ledger.verification import Scope, verify_ledger
from ledger.verifying.marks import MarkFolder
from suyuan.app import create_app
from suyuan.rest import exports
from suyuan.settings import Settings
from suyuan.workspace import Workspace, create_ledger
from tests.ledger.builders import document, instance, lot, made, some, stream

CODE = lot("POWDER")


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """Give a ledger in which powder became a cell, and the cell a pack."""
    opened = create_ledger(Settings(db=f"sqlite:///{tmp_path / 'ledger.db'}"))
    log = opened.add_organisation("acme", "Acme")
    report = capture(
        opened.access(log),
        stream(
            document(
                made([some(CODE, 5, "KGM")], [instance("CELL")], at="2026-03-01T08:00:00Z"),
                made([instance("CELL")], [instance("PACK")], at="2026-03-02T08:00:00Z"),
            )
        ),
        submitter="acme/test",
    )
    assert report.committed
    yield opened
    opened.engine.dispose()


def ask(
    workspace: Workspace,
    headers: dict[str, str] | None = None,
    path: str = "trace",
    /,
    **query: Any,
) -> httpx.Response:
    """Ask for a file."""

    async def exchange() -> httpx.Response:
        transport = httpx.ASGITransport(create_app(workspace), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://any") as client:
            return await client.get(
                f"/export/{path}",
                params={name: str(one) for name, one in query.items()},
                headers=headers,
            )

    return asyncio.run(exchange())


def items(answer: httpx.Response) -> list[str]:
    """Return the codes of the items of an NDJSON file."""
    assert answer.status_code == 200, answer.text
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert "end" in lines[-1]
    return [line["item"]["code"] for line in lines if "item" in line]


def test_every_format_is_sent_as_a_file(workspace: Workspace) -> None:
    """With its media type and a name; nobody keeps it."""
    for one in FORMATS:
        answer = ask(workspace, code=CODE, format=one.name)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(one.media_type)
        assert answer.headers["content-disposition"] == (
            f'attachment; filename="trace{one.suffixes[0]}"'
        )
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.content


def test_the_code_may_have_any_form(workspace: Workspace) -> None:
    """Without more, the answer is all that is ahead, line by line."""
    assert items(ask(workspace, code="(01)09506000134352(10)POWDER")) == [
        instance("CELL"),
        instance("PACK"),
    ]


def test_the_accept_header_chooses_a_format(workspace: Workspace) -> None:
    """A named format stands above it; without either it is NDJSON."""
    for accept, found in (
        ("text/csv", "text/csv"),
        ("image/svg+xml;q=0.9, text/csv;q=0.1", "image/svg+xml"),
        ("text/html, */*;q=0.1", "application/x-ndjson"),
        ("nonsense", "application/x-ndjson"),
    ):
        answer = ask(workspace, {"Accept": accept}, code=CODE)
        assert answer.headers["content-type"].startswith(found)
    named = ask(workspace, {"Accept": "text/csv"}, code=CODE, format="json")
    assert named.json()["root"] == CODE


def test_the_question_can_be_narrowed(workspace: Workspace) -> None:
    """As over GraphQL: direction, times, kinds of links, depth and a number of items."""
    behind = ask(workspace, code=instance("PACK"), direction="backward")
    assert items(behind) == [instance("CELL"), CODE]
    assert items(ask(workspace, code=CODE, as_of="2026-03-01")) == [instance("CELL")]
    assert items(ask(workspace, code=CODE, known_at="2020-01-01")) == []
    assert items(ask(workspace, code=CODE, links="packed,installed")) == []
    assert items(ask(workspace, code=CODE, links="transformed")) != []
    for limit in ("depth", "max_items"):
        cut = ask(workspace, code=CODE, format="json", **dict[str, Any]({limit: 1})).json()
        assert not cut["complete"]


def test_a_part_of_an_answer(workspace: Workspace) -> None:
    """The file shows items of a product, party, place or stage, and times of the root."""
    assert len(items(ask(workspace, code=CODE))) == 2
    for selection, count in (
        ({"product": instance("CELL").partition("/21/")[0]}, 2),
        ({"party": "acme"}, 2),
        ({"party": "nobody"}, 0),
        ({"place": "https://id.gs1.org/414/9506000134376"}, 0),
        ({"stage": "production"}, 0),
        ({"since": "2026-03-02T00:00:00Z"}, 0),
        ({"until": "2026-03-01T08:00:00Z"}, 2),
    ):
        assert len(items(ask(workspace, code=CODE, **selection))) == count, selection
    assert ask(workspace, code=CODE, stage="retired").status_code == 400


def test_what_a_file_is_made_of(workspace: Workspace, tmp_path: Path) -> None:
    """Logs that may be read, verified entries, and a time limit, as over GraphQL."""
    other = workspace.add_organisation("other", "Other")
    used = made([instance("PACK")], [instance("CAR")], at="2026-03-03T08:00:00Z")
    capture(workspace.access(other), stream(document(used)), submitter="other/test")
    assert len(items(ask(workspace, code=CODE, told_by="acme,other", max_seconds=300))) == 3
    told = ask(workspace, code=CODE, told_by="acme", format="json").json()
    assert told["cut"] == [{"reason": "rights", "at": [instance("PACK")]}]
    evidence = ask(workspace, code=CODE, told_by="acme", format="epcis")
    assert instance("PACK") in evidence.text
    assert instance("CAR") not in evidence.text
    assert ask(workspace, code=CODE, told_by="acme,").status_code == 404
    assert ask(workspace, code=CODE, verified="true").status_code == 404
    marks = MarkFolder.beside(workspace.keys)
    verify_ledger(workspace.engine, workspace.keys, scope=Scope(marks=marks))
    assert len(items(ask(workspace, code=CODE, verified="true"))) == 3
    for file in marks.folder.glob("*.verified"):
        file.write_bytes(b"forged")
    refused = ask(workspace, code=CODE, verified="true")
    assert refused.status_code == 503
    assert "suyuan verify --full" in refused.text
    for wrong in ({"verified": "yes"}, {"max_seconds": 301}, {"max_seconds": 0}):
        assert ask(workspace, code=CODE, **dict[str, Any](wrong)).status_code == 400


def test_tables_and_language(workspace: Workspace) -> None:
    """CSV has the table that was asked for; words follow the language of the request."""
    text = ask(workspace, code=CODE, format="csv", table="links", bom="true").content
    rows = [*csv.DictReader(io.StringIO(text.decode("utf-8-sig"), newline=""))]
    assert text.startswith(b"\xef\xbb\xbf")
    assert [row["to"] for row in rows] == [instance("CELL"), instance("PACK")]
    chinese = ask(workspace, {"Accept-Language": "zh"}, code=CODE, format="xlsx")
    assert "受影响货品" in load_workbook(io.BytesIO(chinese.content)).sheetnames
    assert chinese.headers["content-language"] == "zh-CN"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({}, "code"),
        ({"code": ""}, "code"),
        ({"code": "hello"}, "xpected"),
        ({"code": "(01)09506000134353"}, "heck digit"),
        ({"code": "a\0b"}, "plain"),
        ({"code": "(01)" + "1" * 5_000}, "2000"),
        ({"code": CODE, "direction": "sideways"}, "forward, backward, both"),
        ({"code": CODE, "format": "pdf"}, "ndjson"),
        ({"code": CODE, "as_of": "yesterday"}, "2026-03-01T08:00:00Z"),
        ({"code": CODE, "depth": "0"}, "depth from 1"),
        ({"code": CODE, "depth": "٣"}, "depth from 1"),
        ({"code": CODE, "max_items": "99999999999"}, "max_items from 1"),
        ({"code": CODE, "links": "glued"}, "packed"),
        ({"code": CODE, "links": ",".join(["packed"] * 500)}, "packed"),
        ({"code": CODE, "table": "links"}, "CSV"),
        ({"code": CODE, "format": "csv", "table": "x"}, "open-ends"),
        ({"code": CODE, "format": "csv", "bom": "perhaps"}, "true"),
        ({"code": CODE, "Direction": "both"}, "Direction"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    workspace: Workspace, query: dict[str, Any], said: str
) -> None:
    """400, and one short sentence with what was expected."""
    answer = ask(workspace, **query)
    assert answer.status_code == 400
    sentence = answer.json()["error"]
    assert said in sentence
    assert len(sentence) < 400


def test_a_balance(workspace: Workspace) -> None:
    """As JSON, or as Accept or the format says, narrowed as over GraphQL."""
    answer = ask(workspace, None, "balance", code=CODE, tolerance="100%", since="2026-01-01")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-disposition"] == 'attachment; filename="balance.json"'
    assert answer.json()["code"] == CODE
    accepted = ask(workspace, {"Accept": "text/csv"}, "balance", code=CODE, place="urn:x:place")
    assert accepted.text.startswith("part,lot,kind,")
    book = ask(workspace, None, "balance", code=CODE, format="xlsx", lang="zh-CN")
    assert "物料平衡" in load_workbook(io.BytesIO(book.content)).sheetnames
    named = ask(workspace, None, "balance", code=CODE, format="csv", bom="true")
    assert named.content.startswith(b"\xef\xbb\xbfpart")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({}, 400),
        ({"code": CODE, "format": "svg"}, 400),
        ({"code": CODE, "bom": "true"}, 400),
        ({"code": CODE, "tolerance": "much"}, 400),
        ({"code": CODE, "direction": "both"}, 400),
        ({"code": CODE, "since": "2027", "until": "2026-01-01"}, 400),
        ({"code": CODE, "since": "2027-01-01", "until": "2026-01-01"}, 400),
        ({"code": lot("NEVER")}, 404),
    ],
)
def test_a_balance_that_cannot_be_meant(
    workspace: Workspace, query: dict[str, Any], status: int
) -> None:
    """One sentence, before any file begins; the place is given back."""
    for _ in range(exports._AT_ONCE + 1):
        answer = ask(workspace, None, "balance", **query)
        assert answer.status_code == status
        assert answer.json()["error"]


def test_a_parameter_stands_once(workspace: Workspace) -> None:
    """Of two codes neither is meant."""
    answer = ask(workspace, code=CODE).request.url

    async def exchange() -> httpx.Response:
        transport = httpx.ASGITransport(create_app(workspace))
        async with httpx.AsyncClient(transport=transport, base_url="http://any") as client:
            return await client.get(f"{answer}&code={CODE}")

    assert asyncio.run(exchange()).status_code == 400


def test_an_unknown_code_is_not_found(workspace: Workspace) -> None:
    """404 with the code, before any file begins."""
    for name in FormatName:
        answer = ask(workspace, code=instance("NEVER"), format=name)
        assert answer.status_code == 404
        assert instance("NEVER") in answer.json()["error"]


def test_only_reading(workspace: Workspace) -> None:
    """Nothing is sent here."""

    async def exchange() -> httpx.Response:
        transport = httpx.ASGITransport(create_app(workspace))
        async with httpx.AsyncClient(transport=transport, base_url="http://any") as client:
            return await client.post("/export/trace")

    assert asyncio.run(exchange()).status_code == 405


def test_so_many_at_once(workspace: Workspace) -> None:
    """Who comes too late is told when to come again; places are given back, also after errors."""
    app = create_app(workspace)

    async def exchange() -> list[int]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://any") as client:
            found = []
            for code in [instance("NEVER"), CODE] * (2 * exports._AT_ONCE):
                answer = await client.get("/export/trace", params={"code": code})
                found.append(answer.status_code)
            return found

    assert asyncio.run(exchange()) == [404, 200] * (2 * exports._AT_ONCE)


def test_too_many_at_once(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy server says so at once."""
    monkeypatch.setattr(exports, "_AT_ONCE", 0)
    monkeypatch.setattr(exports._Exports, "__init__", _without_places, raising=True)
    answer = ask(workspace, code=CODE)
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert "again" in answer.json()["error"]


def _without_places(self: Any, workspace: Workspace) -> None:
    from threading import BoundedSemaphore

    object.__setattr__(self, "workspace", workspace)
    object.__setattr__(self, "places", BoundedSemaphore(0))


def test_a_reader_that_goes_away_frees_its_place(workspace: Workspace) -> None:
    """The transaction ends, and the next one is served, whenever the reader left."""
    app = create_app(workspace)
    query = f"code={CODE}&format=epcis".encode()

    async def leaves(at: int) -> None:
        sent = 0

        async def send(_message: Any) -> None:
            nonlocal sent
            sent += 1
            if sent > at:
                raise OSError

        async def receive() -> Any:
            await asyncio.sleep(3600)

        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": "GET",
            "path": "/export/trace",
            "raw_path": b"/export/trace",
            "query_string": query,
            "headers": [],
            "scheme": "http",
            "server": ("any", 80),
        }
        with pytest.raises(Exception, match=r"^$"):
            await app(scope, receive, send)

    async def exchange() -> int:
        for _ in range(exports._AT_ONCE):
            for at in (0, 1):
                await leaves(at)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://any") as client:
            return (await client.get("/export/trace", params={"code": CODE})).status_code

    assert asyncio.run(exchange()) == 200
    assert workspace.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
