"""Private key files: whole or as before, for their owner, with a passphrase or without."""

import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from ledger.errors import StoreError, UsageError
from ledger.files import write_whole
from ledger.keyfiles import is_protected, load_private, save_private

PHRASE = "correct horse battery staple"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give the file of a key."""
    found = tmp_path / "log.key"
    save_private(found, KEY, None)
    return found


def test_a_passphrase_opens_what_it_closed(path: Path) -> None:
    """A protected key says so, asks by the file's name, and comes back the same."""
    assert not is_protected(path)
    save_private(path, KEY, PHRASE)
    assert is_protected(path)
    assert path.stat().st_mode & 0o777 == 0o600
    asked = []

    def ask(name: str) -> str:
        asked.append(name)
        return PHRASE

    private = load_private(path, ask)
    assert isinstance(private, Ed25519PrivateKey)
    assert private.private_bytes_raw() == bytes(32)
    assert asked == ["log.key"]
    assert PHRASE not in path.read_text()


@pytest.mark.parametrize("given", ["wrong horse battery staple", "x", "\udcff", "\x00"])
def test_a_wrong_passphrase(path: Path, given: str) -> None:
    """It is one sentence, which doesn't repeat the passphrase."""
    save_private(path, KEY, PHRASE)
    with pytest.raises(StoreError, match=r"doesn't open the signing key log\.key") as caught:
        load_private(path, lambda _: given)
    assert given not in str(caught.value) or given == "x"
    assert caught.value.__cause__ is None


def test_nobody_to_ask(path: Path) -> None:
    """Without a passphrase the sentence says where it may stand."""
    save_private(path, KEY, PHRASE)
    for ask in (None, lambda _: None, lambda _: ""):
        with pytest.raises(StoreError, match="protected with a passphrase") as caught:
            load_private(path, ask)
        assert "SUYUAN_PASSPHRASE" in caught.value.fix


def test_a_short_passphrase(path: Path) -> None:
    """A passphrase that is quickly guessed is refused, and the file stays as it was."""
    with pytest.raises(UsageError, match="at least 16 characters, got 15"):
        save_private(path, KEY, "x" * 15)
    assert not is_protected(path)


def test_what_others_may_read(path: Path) -> None:
    """The mode is looked at on the file that is read, before anything else."""
    path.chmod(0o640)
    for look in (is_protected, lambda file: load_private(file, None)):
        with pytest.raises(StoreError, match="Others may read") as caught:
            look(path)
        assert caught.value.fix == f"Run chmod 600 {path}."


def test_what_is_no_key(path: Path) -> None:
    """A damaged file, a damaged protected one, a key of another kind, and no file."""
    other = Ed448PrivateKey.generate()
    pem = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for content, says in (
        (b"", "is damaged"),
        (pem, "no Ed25519 key"),
        (b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n", "doesn't open"),
        (b"\xff", "can't be read"),
        (b"x" * 200_000, "is damaged"),
    ):
        path.write_bytes(content)
        with pytest.raises(StoreError, match=says):
            load_private(path, lambda _: PHRASE)
    path.unlink()
    with pytest.raises(StoreError, match="can't be read"):
        load_private(path, None)


def test_a_leftover_is_no_trap(path: Path) -> None:
    """What a crash, or somebody else, left beside is neither followed nor inherited."""
    beside = path.with_name("log.key.new")
    elsewhere = path.with_name("elsewhere")
    elsewhere.write_text("precious")
    beside.symlink_to(elsewhere)
    write_whole(path, "new", 0o600)
    assert (path.read_text(), elsewhere.read_text()) == ("new", "precious")
    assert not path.is_symlink()
    beside.write_text("")
    beside.chmod(0o666)
    write_whole(path, "newer", 0o600)
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("step", ["open", "fsync", "replace"])
def test_a_write_that_fails(path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """A full disk or a failing fsync leaves the file that was there."""
    before = path.read_text()

    def fail(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        if step == "replace":
            patch.setattr(Path, "replace", fail)
        else:
            patch.setattr(os, step, fail)
        with pytest.raises(OSError, match="No space"):
            write_whole(path, "new", 0o600)
    assert path.read_text() == before
    write_whole(path, "new", 0o600)
    assert path.read_text() == "new"
