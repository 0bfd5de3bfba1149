"""Organisations: one log each, begun once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ledger.errors import NotFoundError, StoreError, UsageError
from ledger.keys import KeyFolder
from ledger.organisations import add_organisation, find_organisation, organisations
from ledger.store.engine import reading
from tests.ledger.builders import Ledger, seen


def add(ledger: Ledger, slug: str, name: str = "Name", host: str = "localhost") -> object:
    """Add an organisation."""
    return add_organisation(ledger.engine, ledger.keys, slug=slug, name=name, host=host)


def test_a_new_organisation_has_an_empty_log(ledger: Ledger) -> None:
    """A log begins empty, with a key whose public half stands in its row and beside the private one."""
    one = add_organisation(ledger.engine, ledger.keys, slug="hui-6", name="汇", host="example.com")
    assert (one.slug, one.name, one.size) == ("hui-6", "汇", 0)
    assert one.origin == "example.com/log/hui-6"
    assert one.verifier_key == ledger.keys.signer(one.origin).verifier.vkey
    with reading(ledger.engine) as connection:
        assert find_organisation(connection, "hui-6") == one
        assert organisations(connection) == [one]


def test_adding_again_changes_nothing(ledger: Ledger) -> None:
    """An organisation that has begun is returned as it is, with its name, origin and key."""
    first = add(ledger, "a")
    assert add(ledger, "a", "Other", "elsewhere") == first
    assert ledger.count("log") == 1


def test_organisations_come_by_slug(ledger: Ledger) -> None:
    """The list is sorted, and tells how many entries each log has."""
    for slug in ("b", "a", "c"):
        add(ledger, slug)
    ledger.take(seen("urn:x:1"), slug="b")
    with reading(ledger.engine) as connection:
        assert [(one.slug, one.size) for one in organisations(connection)] == [
            ("a", 0),
            ("b", 1),
            ("c", 0),
        ]


def test_an_unknown_organisation(ledger: Ledger) -> None:
    """Who asks for an organisation that isn't there is told how to add it."""
    with (
        reading(ledger.engine) as connection,
        pytest.raises(NotFoundError, match=r"No organisation 'x' here.*'suyuan org add x'"),
    ):
        find_organisation(connection, "x")


@pytest.mark.parametrize("slug", ["", "A", "a/b", "-a", "a-", "a b", "é", "a\n", "a" * 64, "a.b"])
def test_a_slug_that_can_not_stand_in_an_origin(sqlite_ledger: Ledger, slug: str) -> None:
    """Only lower-case letters, digits and hyphens between them make a slug; nothing is made of others."""
    with pytest.raises(UsageError) as caught:
        add(sqlite_ledger, slug)
    assert repr(slug) in str(caught.value)
    assert sqlite_ledger.count("log") == 0
    assert not sqlite_ledger.keys.folder.exists()


@pytest.mark.parametrize("slug", ["a", "0", "a-b", "a--b", "a" * 63])
def test_slugs(sqlite_ledger: Ledger, slug: str) -> None:
    """Slugs of 1 to 63 characters are taken."""
    add(sqlite_ledger, slug)
    assert sqlite_ledger.rows("SELECT organisation FROM log") == [(slug,)]


def test_no_log_without_its_key(ledger: Ledger, tmp_path: Path) -> None:
    """Where the key can't be written, no log begins."""
    (tmp_path / "file").write_text("")
    keys = KeyFolder(tmp_path / "file" / "keys")
    with pytest.raises(StoreError, match="can't be written"):
        add_organisation(ledger.engine, keys, slug="a", name="A", host="localhost")
    assert ledger.count("log") == 0


def test_a_key_without_a_log_is_taken_up(ledger: Ledger) -> None:
    """A crash after the key was made and before the log was: the next start uses that key."""
    signer = ledger.keys.create("localhost/log/a")
    assert ledger.organisation("a").verifier_key == signer.verifier.vkey


def test_two_add_one_organisation_at_once(ledger: Ledger) -> None:
    """Two that add the same organisation at the same time get the same log and the same key."""
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: add(ledger, "a"), range(4)))
    assert len(set(found)) == 1
    pinned = ledger.keys.verifier("localhost/log/a")
    assert pinned is not None
    assert ledger.rows("SELECT verifier_key FROM log") == [(pinned.vkey,)]
    assert ledger.keys.signer("localhost/log/a").verifier == pinned
