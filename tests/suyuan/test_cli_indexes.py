"""`suyuan index`, and the index beside a running service."""

import threading
from pathlib import Path
from typing import Any

import pytest

from ledger.genealogy.index.walker import IndexWalker
from ledger.genealogy.links import LinkReader
from ledger.genealogy.walk import Walk
from ledger.store.engine import reading
from suyuan import indexing
from suyuan.app import create_app, graphql_routes
from suyuan.indexing import follow_once, following, index_of, walker_of
from suyuan.settings import Settings
from suyuan.workspace import Workspace, open_ledger
from tests.ledger.builders import instance, made
from tests.suyuan.conftest import CommandLine
from tests.suyuan.web.conftest import Client


@pytest.fixture
def chain(suyuan: CommandLine) -> CommandLine:
    """Give a ledger in which a became b."""
    suyuan.capture(made([instance("a")], [instance("b")]))
    return suyuan


@pytest.fixture
def workspace(chain: CommandLine) -> Workspace:
    """Give the same ledger, open."""
    return open_ledger(Settings(db=f"sqlite:///{chain.database}"))


def more(suyuan: CommandLine, number: int) -> None:
    """Capture another transformation."""
    suyuan.capture(made([instance("b")], [instance(f"c{number}")], at="2026-03-01T09:00:00Z"))


def test_the_index_is_made_followed_and_dropped(chain: CommandLine) -> None:
    """Each run says what it did, how large the index is and what it was made from."""
    plain = chain.json("trace", instance("a"))
    first = chain.json("index")
    assert first["done"] == "base"
    assert first["links"] == 2
    assert first["bytes_per_link"] == round(first["bytes"] / 2, 1)
    assert first["heads"] == {origin: head["size"] for origin, head in plain["heads"].items()}
    assert Path(first["folder"]) == chain.database.with_name("ledger.db.index")
    assert chain.json("trace", instance("a")) == plain
    assert chain.json("index")["done"] == "nothing"
    more(chain, 1)
    assert len(chain.json("trace", instance("a"))["items"]) == 2
    second = chain.json("index")
    assert (second["done"], second["parts"]) == ("delta", 2)
    assert chain.json("index", "--rebuild")["parts"] == 1
    assert chain.json("index", "--drop") == {"dropped": True}
    assert chain.json("index", "--drop") == {"dropped": False}
    assert len(chain.json("trace", instance("a"))["items"]) == 2


def test_people_are_told_in_sentences(chain: CommandLine) -> None:
    """Folder, age, links, bytes and logs."""
    said = chain("index").out
    assert "made, 0 s old" in said
    assert "2 links" in said
    assert "made from localhost/log/main size" in said
    assert "was up to date" in chain("index").out
    assert chain("index", "--drop").out == "The trace index is gone.\n"
    assert chain("index", "--drop").out == "There was no trace index.\n"
    assert chain("index", "--drop", "--rebuild").status == 2


def test_an_empty_ledger_has_no_average(suyuan: CommandLine) -> None:
    """Nothing is divided by nothing."""
    suyuan("migrate")
    assert suyuan.json("index")["bytes_per_link"] is None
    assert "0 links" in suyuan("index").out


def test_a_folder_that_cannot_be_written_is_told(
    chain: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the likely fix."""
    monkeypatch.setenv("SUYUAN_INDEX", str(chain.database / "below-a-file"))
    answer = chain("index")
    assert answer.status == 3
    assert "can't be written" in answer.sentence()


def test_ids_that_lie_far_apart_are_told(chain: CommandLine, workspace: Workspace) -> None:
    """The database goes on answering."""
    with workspace.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO item VALUES (90000000, 'urn:x:far', 0)")
    answer = chain("index")
    assert answer.status == 3
    assert "too far apart" in answer.sentence()
    assert chain.json("trace", instance("a"))["complete"] is True


def test_pages_and_api_ask_the_same_index(chain: CommandLine, workspace: Workspace) -> None:
    """One index serves the process; without its folder there is none."""
    with reading(workspace.engine) as connection:
        assert walker_of(workspace, connection) is None
        chain("index")
        assert walker_of(workspace, connection) is not None
    assert index_of(workspace) is index_of(workspace)
    assert graphql_routes(workspace)


def test_every_trace_walks_over_the_index(
    chain: CommandLine, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ways between two items, what changed, and the page behind a code as well."""
    plain = chain.json("trace", instance("a"), "--to", instance("b"))
    chain("index")
    walked: list[int] = []

    def walk(self: IndexWalker, links: LinkReader, root: int, **asked: Any) -> Walk:
        walked.append(root)
        return over_the_index(self, links, root, **asked)

    over_the_index = IndexWalker.__call__
    monkeypatch.setattr(IndexWalker, "__call__", walk)
    assert chain.json("trace", instance("a"), "--to", instance("b")) == plain
    assert len(walked) == 2
    chain("trace", instance("a"), "--changed-since", "2026-03-01T09:00:00Z")
    assert len(walked) == 4
    answer = Client(create_app(workspace)).get(instance("b").removeprefix("https://id.gs1.org"))
    assert answer.status_code == 200
    assert len(walked) == 5


def test_a_service_writes_what_was_captured(
    chain: CommandLine, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once it is worth a file; and it makes no index where nobody asked for one."""
    assert follow_once(workspace) is False
    chain("index")
    more(chain, 1)
    assert follow_once(workspace) is False
    monkeypatch.setattr(indexing, "_BEHIND", 1)
    assert follow_once(workspace) is True
    manifest = index_of(workspace).manifest()
    assert manifest is not None
    assert len(manifest.parts) == 2


def test_the_follower_runs_until_the_service_ends(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It survives what goes wrong, and says the same once."""
    looked = threading.Semaphore(0)

    def fail(_workspace: Any) -> bool:
        looked.release()
        raise OSError("no space")

    monkeypatch.setattr(indexing, "follow_once", fail)
    with following(workspace, interval=0.001):
        for _ in range(3):
            assert looked.acquire(timeout=10)
    assert [record.getMessage() for record in caplog.records] == [
        "The trace index isn't followed: no space"
    ]


def test_the_folder_of_the_index(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named, or beside the SQLite file, or one of its own for each database."""
    assert Settings(db="sqlite:////x/a.db").index_folder == Path("/x/a.db.index")
    one = Settings(db="postgresql://h/one").index_folder
    assert one == Settings(db="postgresql://user:secret@h/one").index_folder
    assert one != Settings(db="postgresql://h/two").index_folder
    assert one.parent.name == "index"
    monkeypatch.setenv("SUYUAN_INDEX", "/i")
    assert Settings().index_folder == Path("/i")
