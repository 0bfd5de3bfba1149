"""Key files: made once, readable by their owner only, never replaced silently."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from ledger.errors import StoreError
from ledger.keys import KeyFolder
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.keyring import KeyRange, KeyRing
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


PHRASE = "correct horse battery staple"


def rotated(keys: KeyFolder) -> KeyRing:
    """Give a log a second key and return its ring."""
    first, second = keys.create(ORIGIN), keys.add(ORIGIN)
    ring = KeyRing((KeyRange(first.verifier, 0, 9), KeyRange(second.verifier, 8)))
    keys.keep(ring)
    return ring


def test_several_keys_of_a_log(keys: KeyFolder) -> None:
    """Each has a file of its own; those in use sign, and the newest is the one to publish."""
    ring = rotated(keys)
    assert keys.ring(ORIGIN) == ring
    assert keys.verifier(ORIGIN) == ring.current
    assert [one.verifier for one in keys.signers(ORIGIN)] == [ring.current]
    assert keys.signer(ORIGIN).verifier == ring.current
    assert keys.private_files(ORIGIN) == [keys.private_file(key) for key in ring]
    assert keys.pinned() == [ORIGIN]
    both = KeyRing(tuple(KeyRange(key) for key in ring))
    keys.keep(both)
    assert [one.verifier for one in keys.signers(ORIGIN)] == [*both]


def test_a_key_of_another_kind(keys: KeyFolder) -> None:
    """An ML-DSA-44 key stands beside, and is never the one that speaks for the log."""
    first, second = keys.create(ORIGIN), keys.add(ORIGIN, post_quantum=True)
    keys.keep(KeyRing.of(first.verifier, second.verifier))
    assert [one.verifier for one in keys.signers(ORIGIN)] == [first.verifier, second.verifier]
    assert keys.signer(ORIGIN).verifier == first.verifier
    keys.keep(KeyRing.of(second.verifier))
    for ask in (keys.signer, keys.verifier):
        with pytest.raises(StoreError, match="No Ed25519 key"):
            ask(ORIGIN)


def test_a_log_without_pinned_keys(keys: KeyFolder) -> None:
    """Where the verifier key's file is gone, the first key signs as it did; of another kind it doesn't."""
    first = keys.create(ORIGIN)
    second = keys.add(ORIGIN, post_quantum=True)
    file_of(keys, ORIGIN).unlink()
    assert [one.verifier for one in keys.signers(ORIGIN)] == [first.verifier]
    keys.private_file(second.verifier).replace(keys.private_file(first.verifier))
    with pytest.raises(StoreError, match="no Ed25519 key"):
        keys.signer(ORIGIN)


def test_files_that_were_mixed_up(keys: KeyFolder) -> None:
    """A private key that isn't its verifier key's, and a ring under another log's name, are refused."""
    keys.create(ORIGIN)
    keys.create("localhost/log/b")
    files = [keys.private_files(origin)[0] for origin in (ORIGIN, "localhost/log/b")]
    files[1].replace(files[0])
    with pytest.raises(StoreError, match="not the one of the verifier key"):
        keys.signer(ORIGIN)
    file_of(keys, "localhost/log/b").replace(file_of(keys, ORIGIN))
    with pytest.raises(StoreError, match="it is of localhost/log/b"):
        keys.ring(ORIGIN)


def test_protecting_in_place(keys: KeyFolder) -> None:
    """All keys of a log are protected and freed again; a second call has nothing to do."""
    rotated(keys)
    asked = []

    def ask(name: str) -> str:
        asked.append(name)
        return PHRASE

    folder = KeyFolder(keys.folder, ask)
    first = folder.signer(ORIGIN)
    files = folder.private_files(ORIGIN)
    assert len(files) == 2
    assert folder.protect(ORIGIN, PHRASE) == files
    assert folder.protect(ORIGIN, PHRASE) == []
    assert asked == []
    assert folder.signer(ORIGIN).verifier == first.verifier
    folder.signers(ORIGIN)
    assert len(asked) == 1, "a passphrase that is slow to try is tried once"
    with pytest.raises(StoreError, match="doesn't open"):
        folder.protect(ORIGIN, PHRASE.upper())
    added = folder.add(ORIGIN)
    assert "ENCRYPTED" in folder.private_file(added.verifier).read_text()
    assert len(folder.unprotect(ORIGIN)) == 3
    assert folder.unprotect(ORIGIN) == []
    assert keys.signer(ORIGIN).verifier == first.verifier
    with pytest.raises(StoreError, match="no signing key of localhost/log/none"):
        folder.protect("localhost/log/none", PHRASE)


def test_a_protected_key_that_nobody_opens(keys: KeyFolder) -> None:
    """Without a passphrase nothing signs and no key is added."""
    keys.create(ORIGIN)
    keys.protect(ORIGIN, PHRASE)
    fresh = KeyFolder(keys.folder)
    for use in (fresh.signer, fresh.signers, fresh.add, fresh.unprotect):
        with pytest.raises(StoreError, match="protected with a passphrase"):
            use(ORIGIN)
    assert PHRASE not in repr(KeyFolder(keys.folder, lambda _: PHRASE))


def test_changes_that_cannot_be_written(keys: KeyFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk is one sentence, and the keys are what they were."""
    ring = rotated(keys)

    def fail(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", fail)
        for change in (
            lambda: keys.add(ORIGIN),
            lambda: keys.keep(ring),
            lambda: keys.protect(ORIGIN, PHRASE),
        ):
            with pytest.raises(StoreError, match="can't be written"):
                change()
    assert keys.ring(ORIGIN) == ring
    assert keys.signers(ORIGIN)


def test_a_newer_checkpoint_is_never_replaced(keys: KeyFolder) -> None:
    """Processes that keep their checkpoints in another order than they committed lose none."""
    keys.create(ORIGIN)
    notes = [signed(keys, size) for size in range(1, 9)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda note: keys.pin(ORIGIN).keep(note), reversed(notes)))
    found = keys.pin(ORIGIN).newest()
    assert found is not None
    assert found[1].size == 8


def test_a_closed_log_is_signed_for_no_more(keys: KeyFolder) -> None:
    """Once a log is closed its key isn't handed out, and the log that goes on is named."""
    keys.create(ORIGIN)
    assert keys.successor(ORIGIN) is None
    keys.close(ORIGIN, "localhost/log/a-r1")
    assert keys.successor(ORIGIN) == "localhost/log/a-r1"
    with pytest.raises(StoreError, match=r"closed by a recovery. It goes on as localhost/log/a-r1"):
        keys.signer(ORIGIN)
    with pytest.raises(StoreError, match="goes on as"):
        keys.signers(ORIGIN)
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
