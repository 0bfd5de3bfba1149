"""Encryption of backups: the age format, in both directions, and nothing that was changed."""

import base64
import io
import re
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.backup.age import MAGIC, WORK_FACTOR, AgeReader, AgeWriter
from ledger.errors import BackupError

PASSPHRASE = "correct horse battery"  # noqa: S105 - of the tests
CHUNK = 64 * 1024
BY_RAGE = base64.b64decode(
    "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCA0YlVwdWxCSmJBSXZNTnVNSGhQUDFBIDE5CmJ1Y0pKN21o"
    "UEhIVG5pZ24zc0RTeFdPdCtUb2hCeHhrL3pOYXNSOWVQNlkKLS0tIElWSkNLbFFocysyUnRicEN0Skc3a20rSXBV"
    "NVhGQ1NadEVHbG9xMWJwT0kKoQ1wkNd3Dm+RD9smgKf8TdmyaM42zgrGzbhCcnjuhEze7dySsSGVz1ymT3nz"
)
"""`made by rage` and a newline, encrypted by the Rust implementation (pyrage 1.4.0)."""


def locked(plain: bytes, *, work_factor: int = 2) -> bytes:
    """Encrypt bytes, cheaply."""
    sink = io.BytesIO()
    writer = AgeWriter(sink, PASSPHRASE, work_factor=work_factor)
    assert writer.write(plain) == len(plain)
    writer.finish()
    return sink.getvalue()


def unlocked(raw: bytes, passphrase: str = PASSPHRASE) -> bytes:
    """Decrypt bytes to their end."""
    return io.BufferedReader(AgeReader(io.BytesIO(raw), passphrase)).read()


def payload(raw: bytes) -> int:
    """Return where the first chunk begins."""
    return raw.index(b"\n", raw.index(b"\n---") + 1) + 1 + 16


def test_a_file_of_the_other_implementation_is_read() -> None:
    """What rage has encrypted is opened here; it opened what is written here as well."""
    assert unlocked(BY_RAGE) == b"made by rage\n"


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_what_is_locked_is_unlocked(size: int) -> None:
    """Any number of bytes comes back; the last chunk is never empty but for an empty file."""
    plain = bytes(range(256)) * (size // 256) + bytes(size % 256)
    raw = locked(plain)
    assert unlocked(raw) == plain
    chunks = max(1, -(-size // CHUNK))
    assert len(raw) - payload(raw) == size + 16 * chunks


@given(st.lists(st.binary(max_size=CHUNK), max_size=6))
def test_the_size_of_writes_does_not_matter(pieces: list[bytes]) -> None:
    """Bytes written in any pieces are those that are read."""
    sink = io.BytesIO()
    writer = AgeWriter(sink, PASSPHRASE, work_factor=1)
    for piece in pieces:
        writer.write(piece)
    writer.finish()
    assert unlocked(sink.getvalue()) == b"".join(pieces)


def test_nothing_is_used_twice() -> None:
    """Two files of the same content have nothing in common but the form."""
    one, two = locked(b"same"), locked(b"same")
    assert one[payload(one) :] != two[payload(two) :]
    assert one.splitlines()[1:3] != two.splitlines()[1:3]


def test_a_wrong_passphrase() -> None:
    """It is told from a damaged payload, though not from a damaged header."""
    with pytest.raises(BackupError, match="passphrase doesn't open"):
        unlocked(locked(b"secret"), "correct horse batterz")


@given(st.data())
def test_no_changed_byte_is_accepted(data: st.DataObject) -> None:
    """One changed bit anywhere is refused."""
    raw = bytearray(locked(b"some content"))
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(BackupError):
        unlocked(bytes(raw))


@pytest.mark.parametrize(
    "what", ["cut", "cut at a chunk", "swapped", "repeated", "longer", "empty"]
)
def test_chunks_stand_in_their_order(what: str) -> None:
    """Chunks that were cut off, swapped, repeated or added are refused."""
    raw = locked(bytes(3 * CHUNK))
    begin, size = payload(raw), CHUNK + 16
    head, chunks = raw[:begin], [raw[begin + n * size : begin + (n + 1) * size] for n in range(3)]
    changed = {
        "cut": raw[:-1],
        "cut at a chunk": head + b"".join(chunks[:2]),
        "swapped": head + chunks[1] + chunks[0] + chunks[2],
        "repeated": head + chunks[0] + chunks[0] + chunks[1] + chunks[2],
        "longer": raw + b"x",
        "empty": head,
    }[what]
    with pytest.raises(BackupError, match="chunk"):
        unlocked(changed)


def test_an_empty_last_chunk_behind_others() -> None:
    """A writer that would add an empty chunk breaks the standard, and is refused."""
    sink = io.BytesIO()
    writer = AgeWriter(sink, PASSPHRASE, work_factor=2)
    writer._put(bytes(CHUNK), last=False)
    writer.finish()
    with pytest.raises(BackupError, match="last chunk is empty"):
        unlocked(sink.getvalue())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (rb"-> scrypt", b"-> X25519"),
        (rb" 2\n", b" 02\n"),
        (rb" 2\n", b" 2 2\n"),
        (rb"--- ", b"---  "),
        (rb"\n--- ", b"\n-> other\n\n--- "),
        (MAGIC, b"age-encryption.org/v2\n"),
    ],
)
def test_another_header(old: bytes, new: bytes) -> None:
    """One recipient, a passphrase, in the one spelling: anything else is refused."""
    raw = locked(b"content")
    changed = re.sub(old, lambda _: new, raw, count=1)
    assert changed != raw
    with pytest.raises(BackupError, match="Expected a backup"):
        unlocked(changed)


def test_base64_has_one_spelling() -> None:
    """Bits that base64 doesn't use must be zero."""
    raw = locked(b"content")
    salt = re.search(rb"scrypt ([A-Za-z0-9+/]{22}) ", raw)
    assert salt is not None
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = alphabet[alphabet.index(salt[1][-1]) + 1 : alphabet.index(salt[1][-1]) + 2]
    with pytest.raises(BackupError, match="not canonical"):
        unlocked(raw.replace(salt[1], salt[1][:-1] + last))


def test_the_work_factor_is_bounded() -> None:
    """A file can't make its reader take gigabytes before anything is known of it."""
    raw = locked(b"content").replace(b" 2\n", b" 21\n", 1)
    with pytest.raises(BackupError, match="work factor 21"):
        unlocked(raw)


def test_rage_opens_what_is_written_here() -> None:
    """The Rust implementation reads our files and we read its; a wrong passphrase opens neither."""
    pyrage = pytest.importorskip(
        "pyrage", reason="pyrage, another implementation of age, is not installed"
    )
    for size in (0, 1, CHUNK, CHUNK + 1):
        plain = bytes(range(256)) * (size // 256) + bytes(size % 256)
        assert pyrage.passphrase.decrypt(locked(plain), PASSPHRASE) == plain
        with pytest.raises(pyrage.DecryptError):
            pyrage.passphrase.decrypt(locked(plain), PASSPHRASE + "x")
    assert unlocked(pyrage.passphrase.encrypt(b"made by rage", PASSPHRASE)) == b"made by rage"


@pytest.mark.skipif(
    not (shutil.which("age") and shutil.which("script")),
    reason="the program age (Debian's package age) or script (bsdutils) is not installed",
)
def test_the_line_of_the_documentation(tmp_path: Path, repository: Path) -> None:
    """`age -d` and `tar`, as docs/backup.md has them, open an encrypted archive."""
    line = "age -d ledger.age | tar -xz"
    assert line in (repository / "docs" / "backup.md").read_text("utf-8")
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w:gz") as archive:
        member = tarfile.TarInfo("manifest.json")
        member.size = 2
        archive.addfile(member, io.BytesIO(b"{}"))
    (tmp_path / "ledger.age").write_bytes(locked(sink.getvalue(), work_factor=WORK_FACTOR))
    # The program asks for the passphrase on a terminal, which `script` gives it.
    subprocess.run(
        ["script", "-qec", line, "/dev/null"],
        cwd=tmp_path,
        input=f"{PASSPHRASE}\n".encode(),
        check=True,
        capture_output=True,
        timeout=60,
    )
    assert (tmp_path / "manifest.json").read_text() == "{}"
