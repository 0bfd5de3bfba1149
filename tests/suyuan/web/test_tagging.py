"""Links with tags: ours open the page, others are refused before the database is asked."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from ledger.errors import TagError
from ledger.issuance.issuing import issue
from ledger.issuance.keys import IssuingKeys
from suyuan.app import create_app
from suyuan.settings import Settings
from suyuan.web.tagging import tag_parameters
from suyuan.web.texts import TEXTS
from suyuan.workspace import Workspace, create_ledger
from tests.suyuan.web.conftest import Client

HTML = {"accept": "text/html"}
CHINESE = {**HTML, "accept-language": "zh-CN"}
GTIN = "/01/09506000134352"
ITEM = f"{GTIN}/21/2222222222"
WRONG = "ABCDEFGHJKLM"
TITLE, TITLE_ZH = TEXTS["foreign_title"]


def issued(workspace: Workspace) -> str:
    """Issue one code and return path and query of its link."""
    made = issue(
        workspace.engine,
        IssuingKeys(workspace.keys.folder),
        GTIN[4:],
        1,
        organisation=workspace.organisation(),
        submitter="test",
        now=workspace.now(),
        stem="https://trace.example",
    )
    [one] = made.codes
    return one.link.removeprefix("https://trace.example")


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[Workspace]:
    """Give an empty ledger that requires tags."""
    opened = create_ledger(Settings(db=f"sqlite:///{tmp_path / 'strict.db'}", require_tags=True))
    yield opened
    opened.engine.dispose()


def questions(workspace: Workspace) -> list[str]:
    """Return a list that grows with everything that is asked of the database, or connected to it."""
    asked: list[str] = []

    @event.listens_for(workspace.engine, "engine_connect")
    def _connected(*_: object) -> None:
        asked.append("connection")

    @event.listens_for(workspace.engine, "before_cursor_execute")
    def _executed(*parts: object) -> None:
        asked.append(str(parts[2]))

    return asked


@pytest.mark.parametrize(
    "tag", [WRONG, "", "x", "A" * 400, "%00", "<script>", f"{WRONG}&t={WRONG}"]
)
def test_a_wrong_tag_is_refused_before_any_read(
    workspace: Workspace, client: Client, tag: str
) -> None:
    """The page says that the code isn't ours, in both languages; no connection is made for it."""
    issued(workspace)
    asked = questions(workspace)
    for headers, title in ((HTML, TITLE), (CHINESE, TITLE_ZH), ({}, TITLE)):
        answer = client.get(f"{ITEM}?t={tag}", headers=headers)
        assert answer.status_code == 404
        assert title in answer.text
        assert "<script" not in answer.text
    assert asked == []


def test_programs_are_told_in_a_sentence(client: Client) -> None:
    """Whoever asks for JSON gets it, in his language."""
    answer = client.get(f"{ITEM}?t={WRONG}", headers={"accept": "application/json"})
    assert answer.status_code == 404
    assert answer.json()["error"] == f"{TITLE}: {TEXTS['foreign_wrong'][0]}"
    accept = {"accept": "application/linkset+json", "accept-language": "zh"}
    answer = client.get(f"{ITEM}?t={WRONG}", headers=accept)
    assert answer.json()["error"].startswith(TITLE_ZH)


def test_a_right_tag_opens_the_page(workspace: Workspace, client: Client, recorded: Any) -> None:
    """The page and its linkset are those of the code; the linkset's address keeps the tag."""
    link = issued(workspace)
    path = link.partition("?")[0]
    recorded("main", {"action": "ADD", "epcList": [f"https://id.gs1.org{path}"]})
    for address in (link, f"{link}&lang=zh-CN", path):
        assert client.get(address, headers=HTML).status_code == 200
    linkset = client.get(link, headers={"accept": "application/linkset+json"}).json()
    assert linkset["linkset"][0]["anchor"] == f"http://127.0.0.1:8000{link}"


def test_an_issued_code_without_events_is_unknown(workspace: Workspace, client: Client) -> None:
    """A right tag says that the code is ours, not that anything was recorded."""
    answer = client.get(issued(workspace), headers=HTML)
    assert answer.status_code == 404
    assert TEXTS["unknown_text"][0] in answer.text


def test_a_tag_belongs_to_one_code(workspace: Workspace, client: Client) -> None:
    """Beside another serial, lot or product it is refused."""
    tag = issued(workspace).partition("?")[2]
    for path in (ITEM, f"{GTIN}/10/L1", GTIN, "/00/106141412345678908"):
        assert TITLE in client.get(f"{path}?{tag}", headers=HTML).text


def test_revoking_counts_at_once(workspace: Workspace, client: Client) -> None:
    """A running server refuses the tags of a key as soon as its file is renamed."""
    link = issued(workspace)
    assert TITLE not in client.get(link, headers=HTML).text
    secret = workspace.keys.folder / "issuing-v1.secret"
    secret.rename(secret.with_suffix(".revoked"))
    assert TITLE in client.get(link, headers=HTML).text


def test_a_missing_tag_where_tags_are_required(strict: Workspace) -> None:
    """It is refused without a read; so is one under another name."""
    link = issued(strict)
    client = Client(create_app(strict))
    asked = questions(strict)
    other = f"{GTIN}/21/A%2FB"  # a partner's serial
    for address in (ITEM, link.partition("?")[0], f"{ITEM}?T={WRONG}", f"{ITEM}?lang=en", other):
        answer = client.get(address, headers=HTML)
        assert answer.status_code == 404
        assert TEXTS["foreign_missing"][0] in answer.text
    told = client.get(ITEM, headers={"accept": "application/json"})
    assert told.json()["error"] == f"{TITLE}: {TEXTS['foreign_missing'][0]}"
    assert asked == []
    assert TEXTS["unknown_text"][0] in client.get(link, headers=HTML).text
    assert asked


@pytest.mark.parametrize(
    "path", [GTIN, f"{GTIN}/10/L1", "/00/106141412345678908", "/8004/9506000A"]
)
def test_codes_that_are_not_issued_need_no_tag(strict: Workspace, path: str) -> None:
    """Products, lots and packages are looked up, also where tags are required."""
    answer = Client(create_app(strict)).get(path, headers=HTML)
    assert TEXTS["unknown_text"][0] in answer.text


def test_a_tag_is_optional_otherwise(client: Client) -> None:
    """Without the setting a link without a tag is looked up as before."""
    assert TEXTS["unknown_text"][0] in client.get(ITEM, headers=HTML).text


def test_the_search_keeps_the_tag(workspace: Workspace, client: Client) -> None:
    """A link that is typed into the search leads to its page with its tag."""
    link = issued(workspace)
    answer = client.get("/find", params={"code": f"https://trace.example{link}", "lang": "zh-CN"})
    path, _, tag = link.partition("?")
    assert answer.headers["location"] == f"{path}?lang=zh-CN&{tag}"
    answer = client.get("/find", params={"code": f"https://trace.example{link}"})
    assert answer.headers["location"] == link


@pytest.mark.parametrize(
    ("link", "parameters"),
    [
        ("https://a.example/01/1?t=A&x=1&t=B%20C#t=D", ["t=A", "t=B%2520C"]),
        ("https://a.example/01/1?t", ["t="]),
        ("(01)09506000134352(21)A?t=B", []),
    ],
)
def test_tags_are_taken_over_as_they_are(link: str, parameters: list[str]) -> None:
    """Several stay several, so that they are refused later; a value is no link."""
    assert tag_parameters(link) == parameters


def test_the_error_says_which() -> None:
    """A missing tag can be told from a wrong one."""
    assert TagError("x", missing=True).missing
    assert not TagError("x").missing
