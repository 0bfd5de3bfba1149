"""`suyuan org` and `token`, and the keys that new organisations have."""

import sqlite3
from contextlib import closing
from hashlib import sha256

import pytest

from tests.ledger.builders import document, instance, seen
from tests.suyuan.conftest import CommandLine


def test_organisations(suyuan: CommandLine) -> None:
    """An organisation is added once with its key, and listed with the size of its log."""
    made = suyuan.json("org", "add", "acme", "--name", "华锂 [bold]Acme[/bold] :x:")
    assert made["organisation"] == "acme"
    assert made["log"] == "localhost/log/acme"
    assert suyuan.json("org", "add", "acme") == made
    answer = suyuan("org", "add", "beta")
    assert answer.out.startswith("localhost/log/beta\nverifier key, for others to pin: ")
    suyuan.json("capture", "-o", "acme", suyuan.write("a.json", document(seen(instance("A")))))
    assert suyuan.json("org", "list") == [
        {
            "organisation": "acme",
            "name": "华锂 [bold]Acme[/bold] :x:",
            "log": "localhost/log/acme",
            "size": 1,
        },
        {"organisation": "beta", "name": "beta", "log": "localhost/log/beta", "size": 0},
    ]
    shown = suyuan("org", "list").out
    assert "华锂 [bold]Acme[/bold] :x:" in shown
    keys = suyuan.json("key", "list")
    assert (keys[0]["log"], keys[0]["key"]) == ("localhost/log/acme", made["key"])
    assert suyuan("key", "list").out.splitlines() == [one["key"] for one in keys]


@pytest.mark.parametrize("slug", ["", "Bad Slug", "-a", "a/b", "华锂", "a" * 64, "a\x00"])
def test_a_slug_must_fit_into_an_origin(suyuan: CommandLine, slug: str) -> None:
    """What can't stand in a log's name is wrong usage, and nothing is made."""
    answer = suyuan("org", "add", "--", slug)
    assert answer.status == 2
    assert "lower-case letters" in answer.sentence()
    assert suyuan.json("org", "list") == []
    assert not (suyuan.folder / "keys").exists()


def test_keys_that_cannot_be_written(suyuan: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a place for its key no log is begun."""
    monkeypatch.setenv("SUYUAN_KEYS", str(suyuan.write("file", "x") / "keys"))
    answer = suyuan("org", "add", "acme")
    assert answer.status == 3
    assert "Check the folder's permissions" in answer.sentence()
    assert suyuan.json("org", "list") == []


def test_tokens(suyuan: CommandLine) -> None:
    """A key is shown once, kept as its hash, listed without it, and revoked."""
    issued = suyuan.json("token", "issue", "dock 3", "-o", "main")
    assert (issued["organisation"], issued["name"]) == ("main", "dock 3")
    assert issued["key"].startswith("suyuan_")
    shown = suyuan("token", "issue", "dock 4").out.splitlines()
    assert shown[0].startswith("suyuan_")
    assert shown[0] != issued["key"]
    with closing(sqlite3.connect(suyuan.database)) as connection:
        [(digest,)] = connection.execute("SELECT digest FROM token WHERE name = 'dock 3'")
    assert digest == sha256(issued["key"].encode()).digest()
    first, second = suyuan.json("token", "list")
    assert (first["name"], second["name"]) == ("dock 3", "dock 4")
    assert first["created_at"].endswith("Z")
    assert first["revoked_at"] is None
    assert suyuan.json("token", "revoke", first["id"]) == {"id": first["id"], "revoked": True}
    assert suyuan("token", "revoke", second["id"]).out == f"token {second['id']} is revoked\n"
    assert all(one["revoked_at"] for one in suyuan.json("token", "list"))
    listing = suyuan("token", "list").out
    assert "dock 3" in listing
    assert "suyuan_" not in listing
    again = suyuan("token", "revoke", first["id"])
    assert again.status == 1
    assert "token list" in again.sentence()


@pytest.mark.parametrize("name", ["", "  "])
def test_a_token_has_a_name(suyuan: CommandLine, name: str) -> None:
    """A key of which nobody will know whose it is isn't made."""
    answer = suyuan("token", "issue", name)
    assert answer.status == 2
    assert "name" in answer.sentence()
    assert suyuan.json("token", "list") == []
