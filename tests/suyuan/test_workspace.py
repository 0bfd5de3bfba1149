"""Opening and making ledgers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.errors import StoreError, UsageError
from suyuan.settings import Settings
from suyuan.workspace import Workspace, create_ledger, open_ledger


@pytest.fixture
def workspace(surroundings: Path) -> Iterator[Workspace]:
    """Give a new ledger."""
    made = create_ledger(Settings())
    yield made
    made.engine.dispose()


def test_a_made_ledger_can_be_opened(workspace: Workspace, surroundings: Path) -> None:
    """What was made is there and up to date; its keys stand beside it."""
    again = open_ledger(workspace.settings)
    again.engine.dispose()
    assert again.settings == workspace.settings
    assert again.keys.folder == surroundings / "keys"


def test_the_first_organisation_is_begun_on_the_way(workspace: Workspace) -> None:
    """A new ledger begins with the organisation of the settings, once."""
    first = workspace.organisation()
    assert (first.slug, first.origin) == ("main", "localhost/log/main")
    assert workspace.organisation() == first
    assert workspace.organisation("main") == first


def test_the_only_organisation_is_meant(workspace: Workspace) -> None:
    """Where there is one, it needs no name; a wrong name is refused all the same."""
    acme = workspace.add_organisation("acme", "Acme")
    assert workspace.organisation() == acme
    assert workspace.known_organisation() == acme
    with pytest.raises(UsageError, match="No organisation 'main' here; there are acme"):
        workspace.organisation("main")


def test_of_several_organisations_one_must_be_named(workspace: Workspace) -> None:
    """Nothing is guessed where there are several."""
    workspace.add_organisation("acme", "Acme")
    beta = workspace.add_organisation("beta", "Beta")
    assert workspace.organisation("beta") == beta
    with pytest.raises(UsageError, match="acme, beta"):
        workspace.organisation()


def test_asking_begins_nothing(workspace: Workspace) -> None:
    """Looking for an organisation never makes one."""
    for slug in (None, "main"):
        with pytest.raises(UsageError, match="none yet"):
            workspace.known_organisation(slug)


def test_the_clock(workspace: Workspace) -> None:
    """The clock counts microseconds since 1970, and goes on."""
    first = workspace.now()
    assert first > 1_700_000_000_000_000
    assert workspace.now() >= first


def test_opening_makes_nothing(surroundings: Path) -> None:
    """A ledger that isn't there is refused, not made."""
    with pytest.raises(StoreError, match="There is no ledger at"):
        open_ledger(Settings())
    assert list(surroundings.iterdir()) == []


def test_a_ledger_on_postgresql(empty_postgresql_url: str, surroundings: Path) -> None:
    """A ledger on a server is made in its database; keys then stand in the user's data folder."""
    settings = Settings(db=empty_postgresql_url)
    with pytest.raises(StoreError, match="suyuan migrate"):
        open_ledger(settings)
    made = create_ledger(settings)
    made.engine.dispose()
    again = open_ledger(settings)
    assert again.organisation().size == 0
    again.engine.dispose()
    assert list((surroundings / ".local/share/suyuan/keys").glob("*.key"))


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_ledger_in_memory_is_none(url: str) -> None:
    """What would be gone with the process is refused."""
    for opening in (open_ledger, create_ledger):
        with pytest.raises(StoreError, match="names no file"):
            opening(Settings(db=url))


def test_a_folder_that_cannot_be_made(surroundings: Path) -> None:
    """A file where a folder should be is named."""
    (surroundings / "file").write_text("x")
    with pytest.raises(StoreError, match="can't be made"):
        create_ledger(Settings(db=f"sqlite:///{surroundings}/file/deep/ledger.db"))
