"""The archive: what stands in it, and that nothing else is read."""

import gzip
import hashlib
import io
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ledger.backup.archive import (
    ArchiveReader,
    ArchiveWriter,
    Manifest,
    Member,
    file_name,
    is_name,
    manifest_text,
    opened,
)
from ledger.errors import BackupError
from ledger.log.canonical import canonical_bytes
from tests.ledger.backup.archives import entries, packed

DATABASE = b"rows " * 1000
SMALL = b"a note"


def member(name: str, raw: bytes) -> Member:
    """Return what a manifest says of a member."""
    return Member(name, len(raw), hashlib.sha256(raw).hexdigest())


def manifest(*members: Member, **fields: Any) -> Manifest:
    """Return a manifest."""
    listed = members or (member("keys/a.vkey", SMALL), member("database.sqlite", DATABASE))
    given: dict[str, Any] = {"product": "0", "schema": "1", "database": "sqlite", "created_at": 5}
    return Manifest.make(**(given | {"logs": (), "members": listed} | fields))


def written(note: str | None = "signed\n") -> bytes:
    """Return a small archive."""
    sink = io.BytesIO()
    writer = ArchiveWriter(sink, manifest().as_bytes(), note)
    for one, raw in zip(manifest().members, (SMALL, DATABASE), strict=True):
        writer.add(one, io.BytesIO(raw))
    writer.finish()
    return sink.getvalue()


def read(raw: bytes) -> dict[str, bytes]:
    """Read an archive to its end."""
    reader = ArchiveReader(opened(io.BytesIO(raw), lambda: "unused"))
    return {one.name: b"".join(blocks) for one, blocks in reader.members()}


@pytest.mark.parametrize("note", ["signed\n", None])
def test_an_archive_comes_back(note: str | None) -> None:
    """Members, manifest and note are those that were written; equal ones give equal bytes."""
    raw = written(note)
    assert raw == written(note)
    reader = ArchiveReader(io.BytesIO(raw))
    assert reader.manifest == manifest()
    assert reader.note == (None if note is None else note.encode())
    assert read(raw) == {"keys/a.vkey": SMALL, "database.sqlite": DATABASE}
    assert manifest_text(reader.raw).count("\n") == 2


def test_the_program_tar_reads_it(tmp_path: Path) -> None:
    """An archive can be looked into without this product."""
    (tmp_path / "a").write_bytes(written())
    done = subprocess.run(["tar", "-tzf", tmp_path / "a"], check=True, capture_output=True)
    assert done.stdout.decode().split() == [
        "manifest.json",
        "manifest.note",
        "keys/a.vkey",
        "database.sqlite",
    ]


def test_a_changed_byte_is_refused() -> None:
    """Each byte of the file is refused when it changes, but for a few that say nothing."""
    raw = written()
    want = read(raw)
    accepted = set()
    for place in range(len(raw)):
        changed = bytearray(raw)
        changed[place] ^= 0x41
        try:
            assert read(bytes(changed)) == want
        except BackupError:
            continue
        accepted.add(place)
    # Of gzip's header the time, the level and the system say nothing, nor do bits that fill bytes.
    assert len(accepted) < 12


def test_an_archive_that_was_cut_off() -> None:
    """However much is missing at the end, it is noticed."""
    raw = written()
    for size in range(len(raw)):
        with pytest.raises(BackupError):
            read(raw[:size])


MEMBERS = [("keys/a.vkey", SMALL), ("database.sqlite", DATABASE)]
FIRST = ("manifest.json", manifest().as_bytes())


@pytest.mark.parametrize(
    "raw",
    [
        packed(MEMBERS),
        packed([("manifest.json", b""), *MEMBERS]),
        packed([("manifest.json", b"{}"), *MEMBERS]),
        packed([FIRST]),
        packed([FIRST, ("manifest.note", b""), *MEMBERS]),
        packed([FIRST, ("manifest.note", bytes(70_000)), *MEMBERS]),
        packed([FIRST, *reversed(MEMBERS)]),
        packed([FIRST, *MEMBERS, ("keys/b.vkey", b"")]),
        packed([FIRST, ("keys/a.vkey", b"other!"), MEMBERS[1]]),
        packed([FIRST, ("keys/a.vkey", b"longer than"), MEMBERS[1]]),
        packed([FIRST, ("../a.vkey", SMALL), MEMBERS[1]]),
        packed([FIRST, *MEMBERS], end=b""),
        packed([FIRST, *MEMBERS], end=bytes(512)),
        packed([FIRST, *MEMBERS], end=bytes(512) + b"x" * 512),
        packed([FIRST, *MEMBERS], end=bytes(1024) + b"x"),
        packed([FIRST, *MEMBERS], end=b"x" * 512),
        packed([FIRST, *MEMBERS]).replace(b"\x1f\x8b", b"PK", 1),
        b"",
    ],
)
def test_other_archives(raw: bytes) -> None:
    """What the manifest doesn't say, in this order and of this size, is refused."""
    with pytest.raises(BackupError):
        read(raw)


def test_a_stream_that_ends_within_a_member() -> None:
    """A compressed stream that is whole, and holds less than the manifest says, is refused."""
    plain = gzip.decompress(packed([FIRST, *MEMBERS]))
    with pytest.raises(BackupError, match="cut off in database"):
        read(gzip.compress(plain[: plain.index(b"rows ") + 1000]))


def test_nothing_hides_behind_a_member() -> None:
    """The rest of a member's last block is zeros."""
    sound = packed([FIRST, *MEMBERS])
    assert read(sound)
    changed = packed([FIRST, ("keys/a.vkey", SMALL + b"hidden"), MEMBERS[1]])
    # The header of the sound one, with the content of the other.
    plain, other = gzip.decompress(sound), gzip.decompress(changed)
    at = plain.index(SMALL + bytes(1))
    mixed = plain[:at] + other[at : at + 512] + plain[at + 512 :]
    with pytest.raises(BackupError, match="behind keys"):
        read(gzip.compress(mixed))


def test_a_link_is_no_member() -> None:
    """A member of another kind than a plain file is refused, whatever its name."""
    header = tarfile.TarInfo("manifest.json")
    header.type, header.linkname = tarfile.SYMTYPE, "/etc/passwd"
    with pytest.raises(BackupError, match="expected manifest"):
        read(gzip.compress(header.tobuf() + bytes(1024)))


def test_a_small_file_that_unpacks_to_much() -> None:
    """What is unpacked is bounded by what the manifest says, before it is unpacked."""
    bomb = packed([FIRST, ("keys/a.vkey", bytes(50_000_000)), MEMBERS[1]])
    assert len(bomb) < 300_000
    with pytest.raises(BackupError, match="got 50000000"):
        read(bomb)


@pytest.mark.parametrize(
    "changed",
    [
        {"format": "suyuan/backup/2"},
        {"members": ()},
        {"members": (member("keys/a.vkey", b""),)},
        {"members": (member("database.sql", b""),)},
        {"members": (member("database.sqlite", b""), member("database.sqlite", b""))},
        {"members": (member("database.sql", b"x" * 70_000), member("database.sqlite", b""))},
        {"members": (member("keys/../a", b""), member("database.sqlite", b""))},
        {"members": (member("/etc/passwd", b""), member("database.sqlite", b""))},
        {"members": (member("keys/a", b"x" * 70_000), member("database.sqlite", b""))},
        {"members": (Member("keys/a", -1, "0" * 64), member("database.sqlite", b""))},
        {"members": (Member("keys/a", 1, "0" * 63), member("database.sqlite", b""))},
        {"members": (Member("database.sqlite", 1 << 51, "0" * 64),)},
    ],
)
def test_manifests_that_no_backup_has(changed: dict[str, Any]) -> None:
    """Names, sizes and hashes have one form."""
    with pytest.raises(BackupError):
        Manifest.parse(msgspec.structs.replace(manifest(), **changed).as_bytes())


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b'{"format": "suyuan/backup/1"}',
        canonical_bytes(msgspec.to_builtins(manifest()) | {"more": 1}),
        canonical_bytes(msgspec.to_builtins(manifest()) | {"created_at": "5"}),
        manifest().as_bytes().replace(b":", b": ", 1),
    ],
)
def test_malformed_manifests(raw: bytes) -> None:
    """A manifest is canonical JSON of exactly its fields."""
    with pytest.raises(BackupError, match="malformed"):
        Manifest.parse(raw)


def test_names() -> None:
    """A log's origin gives a name that a member may have."""
    assert is_name(f"keys/{file_name('host.example:8000/log/a')}.key")
    assert not is_name("keys/.hidden")
    assert entries(written())[0][0] == "manifest.json"
