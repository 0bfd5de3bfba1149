"""Issuing keys: secrets in files of their owner, in versions that stay."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ledger.errors import StoreError
from ledger.issuance.keys import IssuingKeys


@pytest.fixture
def keys(tmp_path: Path) -> IssuingKeys:
    """Give a folder that doesn't exist yet."""
    return IssuingKeys(tmp_path / "deep" / "keys")


def test_no_key_is_no_error(keys: IssuingKeys) -> None:
    """Where nothing was issued yet there is no version."""
    assert keys.versions() == ()
    assert keys.newest() is None


def test_a_key_is_for_its_owner_alone(keys: IssuingKeys) -> None:
    """The file has mode 0600 in a folder of mode 0700, and nothing else is left there."""
    keys.rotate()
    [path] = keys.folder.iterdir()
    assert path.name == "issuing-v1.secret"
    assert path.stat().st_mode & 0o777 == 0o600
    assert keys.folder.stat().st_mode & 0o777 == 0o700


def test_versions_stay(keys: IssuingKeys) -> None:
    """A rotation adds a version; all are loaded as they were made, and no two keys are equal."""
    made = [keys.rotate() for _ in range(11)]
    assert list(keys.versions()) == made
    assert keys.newest() == made[-1]
    assert [one.number for one in made] == list(range(1, 12))
    parts = [part for one in made for part in (one.serial_key, one.tag_key, one.identifier)]
    assert len(set(parts)) == 33
    assert {len(one.serial_key) for one in made} == {len(one.tag_key) for one in made} == {32}


def test_nothing_secret_is_shown(keys: IssuingKeys) -> None:
    """A printed version holds its number and identifier, not its keys."""
    key = keys.rotate()
    assert repr(key) == f"KeyVersion(number=1, identifier='{key.identifier}', revoked=False)"
    secret = (keys.folder / "issuing-v1.secret").read_text().split()[-1]
    assert key.identifier not in secret


def test_two_programs_make_one_key(keys: IssuingKeys) -> None:
    """Whoever begins the same version at the same time gets the same secret."""
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: keys.begin(1), range(40)))
    assert len(set(made)) == 1
    assert [path.name for path in keys.folder.iterdir()] == ["issuing-v1.secret"]


def test_a_revoked_version(keys: IssuingKeys) -> None:
    """Renaming its file revokes a version; its keys stay known, and a new one must begin."""
    first = keys.rotate()
    secret = keys.folder / "issuing-v1.secret"
    revoked = keys.folder / "issuing-v1.revoked"
    revoked.write_bytes(secret.read_bytes())
    revoked.chmod(0o600)
    for _ in range(2):  # beside the secret, and without it
        [found] = keys.versions()
        assert found.revoked
        assert found.serial_key == first.serial_key
        with pytest.raises(StoreError, match="revoked") as caught:
            keys.newest()
        assert "rotate" in caught.value.fix
        secret.unlink(missing_ok=True)
    assert keys.rotate().number == 2
    newest = keys.newest()
    assert newest is not None
    assert (newest.number, newest.revoked) == (2, False)


def test_other_files_are_passed_over(keys: IssuingKeys) -> None:
    """Signing keys and spare files in the same folder are none of ours."""
    keys.rotate()
    for name in (".issuing-v2.secret.0", "issuing-v0.secret", "issuing-v3.secret.bak", "a.key"):
        (keys.folder / name).write_text("x")
    assert [one.number for one in keys.versions()] == [1]


@pytest.mark.parametrize("content", [b"", b"suyuan issuing key 00\n", b"x" * 99, b"\xff\xfe"])
def test_a_damaged_key(keys: IssuingKeys, content: bytes) -> None:
    """A damaged file is an error that points to the backup."""
    keys.rotate()
    (keys.folder / "issuing-v1.secret").write_bytes(content)
    with pytest.raises(StoreError) as caught:
        keys.versions()
    assert "backup" in caught.value.fix


def test_a_key_that_others_may_read(keys: IssuingKeys) -> None:
    """It is refused, with the command that mends it."""
    keys.rotate()
    path = keys.folder / "issuing-v1.secret"
    path.chmod(0o640)
    with pytest.raises(StoreError, match="Others may read") as caught:
        keys.versions()
    assert caught.value.fix == f"Run chmod 600 {path}."


def test_a_file_in_the_place_of_the_folder(tmp_path: Path) -> None:
    """It can neither be read nor written, which is said with the likely fix."""
    (tmp_path / "keys").write_text("x")
    keys = IssuingKeys(tmp_path / "keys")
    with pytest.raises(StoreError, match="can't be read"):
        keys.versions()
    with pytest.raises(StoreError, match="can't be written"):
        keys.begin(1)


def test_a_full_disk_leaves_no_version(keys: IssuingKeys, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the file can't be brought to its place, none is there and the spare one is gone."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "link", full)
    with pytest.raises(StoreError, match="can't be written"):
        keys.rotate()
    assert list(keys.folder.iterdir()) == []
