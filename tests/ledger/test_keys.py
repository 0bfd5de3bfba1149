"""Key files: made once, readable by their owner only, never replaced silently."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from ledger.errors import StoreError
from ledger.keys import KeyFolder
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.merkle import EMPTY_ROOT
from ledger.log.note import sign_note

ORIGIN = "localhost/log/a"


@pytest.fixture
def keys(tmp_path: Path) -> KeyFolder:
    """Give a folder that doesn't exist yet."""
    return KeyFolder(tmp_path / "deep" / "keys")


def file(keys: KeyFolder, ending: str) -> Path:
    """Return the one file of a kind."""
    [found] = keys.folder.glob(f"*.{ending}")
    return found


def test_a_key_is_made_for_its_owner_alone(keys: KeyFolder) -> None:
    """The private key's file has mode 0600 in a folder of mode 0700; the public one stands beside it."""
    signer = keys.create(ORIGIN)
    assert file(keys, "key").stat().st_mode & 0o777 == 0o600
    assert keys.folder.stat().st_mode & 0o777 == 0o700
    assert file(keys, "vkey").read_text() == signer.verifier.vkey + "\n"
    assert {path.suffix for path in keys.folder.iterdir()} == {".key", ".vkey"}


def test_a_key_is_loaded_as_it_was_made(keys: KeyFolder) -> None:
    """Loading, and creating again, give the same key: its signatures are the same."""
    first = keys.create(ORIGIN)
    for signer in (keys.create(ORIGIN), keys.signer(ORIGIN)):
        assert signer.verifier == first.verifier
        assert sign_note("text\n", [signer]) == sign_note("text\n", [first])
    assert keys.verifier(ORIGIN) == first.verifier


def test_each_log_has_its_own_key(keys: KeyFolder) -> None:
    """Two origins never share a key, and no origin leaves the folder."""
    one, two = keys.create(ORIGIN), keys.create("../../evil/log/a")
    assert one.verifier.vkey.partition("+")[2] != two.verifier.vkey.partition("+")[2]
    assert len(list(keys.folder.iterdir())) == 4
    assert keys.signer("../../evil/log/a").verifier == two.verifier


def test_a_missing_key_is_not_made_anew(keys: KeyFolder) -> None:
    """Loading a key that is gone is an error that points to the backup; no pinned key is no error."""
    with pytest.raises(StoreError, match="can't be read") as caught:
        keys.signer(ORIGIN)
    assert "backup" in caught.value.fix
    assert "a new key would break the log" in caught.value.fix
    assert keys.verifier(ORIGIN) is None
    assert not keys.folder.exists()


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o601, 0o666])
def test_a_key_that_others_may_read(keys: KeyFolder, mode: int) -> None:
    """A key file with open permissions is refused, with the command that mends it."""
    keys.create(ORIGIN)
    path = file(keys, "key")
    path.chmod(mode)
    with pytest.raises(StoreError, match="Others may read") as caught:
        keys.signer(ORIGIN)
    assert caught.value.fix == f"Run chmod 600 {path}."
    path.chmod(0o600)
    assert keys.signer(ORIGIN)


OTHER_KIND = Ed448PrivateKey.generate().private_bytes(
    Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is damaged"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "is damaged"),
        (OTHER_KIND, "it is no Ed25519 key"),
        (b"\xff\xfe", "can't be read"),
    ],
)
def test_a_damaged_key(keys: KeyFolder, content: bytes, says: str) -> None:
    """A key file that holds anything else is refused, and stays as it is."""
    keys.create(ORIGIN)
    file(keys, "key").write_bytes(content)
    for load in (keys.signer, keys.create):
        with pytest.raises(StoreError, match=says) as caught:
            load(ORIGIN)
        assert "backup" in caught.value.fix
    assert file(keys, "key").read_bytes() == content


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\xff"])
def test_a_damaged_verifier_key(keys: KeyFolder, content: bytes) -> None:
    """A pinned key that can't be used is an error, not the same as no pinned key."""
    keys.create(ORIGIN)
    file(keys, "vkey").write_bytes(content)
    with pytest.raises(StoreError, match="can't be used") as caught:
        keys.verifier(ORIGIN)
    assert "backup" in caught.value.fix


@pytest.mark.parametrize("origin", [ORIGIN, "h" * 300])
def test_a_key_that_can_not_be_written(tmp_path: Path, origin: str) -> None:
    """A folder that can't be made, or a name that no file may have, is one sentence with its fix."""
    (tmp_path / "file").write_text("")
    keys = KeyFolder(tmp_path / "file" if origin == ORIGIN else tmp_path)
    with pytest.raises(StoreError, match="can't be written") as caught:
        keys.create(origin)
    assert "permissions" in caught.value.fix


def test_a_start_that_was_cut_short(keys: KeyFolder) -> None:
    """With the public half alone on disk, as after a power cut, a whole new pair is made."""
    keys.create(ORIGIN)
    file(keys, "key").rename(file(keys, "key").with_suffix(".key.new"))
    signer = keys.create(ORIGIN)
    assert keys.verifier(ORIGIN) == signer.verifier == keys.signer(ORIGIN).verifier
    assert file(keys, "key").stat().st_mode & 0o777 == 0o600


def test_the_pinned_keys(keys: KeyFolder) -> None:
    """Each log with a verifier key here is named; a file under another log's name is none."""
    assert keys.pinned() == []
    for origin in ("localhost/log/b", ORIGIN):
        keys.create(origin)
    keys.folder.joinpath("copy.vkey").write_bytes(file_of(keys, ORIGIN).read_bytes())
    assert keys.pinned() == [ORIGIN, "localhost/log/b"]
    file_of(keys, ORIGIN).write_text(ORIGIN + "+damaged")
    with pytest.raises(StoreError, match=r"can't be used"):
        keys.pinned()


def file_of(keys: KeyFolder, origin: str) -> Path:
    """Return the verifier key's file of a log."""
    return keys.folder / (origin.replace("/", "+") + ".vkey")


def signed(keys: KeyFolder, size: int) -> str:
    """Return a checkpoint that the log's key has signed."""
    root = bytes(32) if size else EMPTY_ROOT
    return sign_checkpoint(Checkpoint(ORIGIN, size, root), [keys.signer(ORIGIN)])


def test_the_newest_checkpoint_is_kept(keys: KeyFolder) -> None:
    """There is none before the first; each one that is kept takes the place of the one before."""
    assert keys.pin(ORIGIN).newest() is None
    keys.create(ORIGIN)
    pin = keys.pin(ORIGIN)
    assert pin.newest() is None
    for size in (1, 2):
        pin.keep(signed(keys, size))
        found = pin.newest()
        assert found is not None
        assert found[1].size == size
    assert pin.path.parent == keys.folder


def test_a_kept_checkpoint_has_to_be_the_logs_own(keys: KeyFolder) -> None:
    """A damaged one, or one of another key, is refused with the likely fix."""
    keys.create(ORIGIN)
    pin = keys.pin(ORIGIN)
    other = KeyFolder(keys.folder / "other")
    other.create(ORIGIN)
    for text in ("", "nonsense", signed(other, 1)):
        pin.path.write_text(text)
        with pytest.raises(StoreError, match="backup of the keys"):
            pin.newest()


def test_a_checkpoint_that_cannot_be_kept(keys: KeyFolder) -> None:
    """The sentence says that the events are stored all the same."""
    keys.create(ORIGIN)
    pin = keys.pin(ORIGIN)
    pin.path.with_name(pin.path.name + ".new").mkdir()
    with pytest.raises(StoreError, match="events are stored"):
        pin.keep(signed(keys, 1))


def test_a_closed_log_is_signed_for_no_more(keys: KeyFolder) -> None:
    """Once a log is closed its key isn't handed out, and the log that goes on is named."""
    keys.create(ORIGIN)
    assert keys.successor(ORIGIN) is None
    keys.close(ORIGIN, "localhost/log/a-r1")
    assert keys.successor(ORIGIN) == "localhost/log/a-r1"
    with pytest.raises(StoreError, match=r"closed by a recovery. It goes on as localhost/log/a-r1"):
        keys.signer(ORIGIN)
    assert keys.verifier(ORIGIN) is not None


def test_a_mark_that_cannot_be_written_or_read(keys: KeyFolder, tmp_path: Path) -> None:
    """Whether a log is closed is never guessed."""
    keys.folder.mkdir(parents=True)
    (keys.folder / "localhost+log+a.closed").mkdir()
    with pytest.raises(StoreError, match="is closed can't be read"):
        keys.successor(ORIGIN)
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="is closed can't be written"):
        KeyFolder(tmp_path / "file").close(ORIGIN, "localhost/log/a-r1")
