"""A folder of tiles, entries and a checkpoint is verified with the log's key alone."""

import gzip
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.errors import NoteError, StoreError
from ledger.log.canonical import canonical_bytes
from ledger.log.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint
from ledger.log.entry import FIRST_PREV, Header, encode_entry, leaf_hash
from ledger.log.merkle import root
from ledger.log.note import Signer, parse_note
from ledger.log.report import Kind, Report
from ledger.log.static import Folder, verify_files, verify_static
from ledger.log.tiles import TILE_WIDTH, MemoryTiles, append_leaves, tile_path
from ledger.log.verify import MAX_FINDINGS

ORIGIN = "ledger.example/log/acme"
SIGNER = Signer.from_seed(ORIGIN, bytes(31) + b"\x01")
SIZE = 600


def entries_of(size: int, log: str = ORIGIN) -> list[bytes]:
    """Return chained entries of a ledger of ours."""
    found: list[bytes] = []
    prev = FIRST_PREV
    for seq in range(size):
        header = Header(log, seq, prev, 1_767_225_600_000_000, "t/1", "x", None)
        found.append(encode_entry(header, canonical_bytes({"n": seq})))
        prev = leaf_hash(found[-1])
    return found


def write(folder: Path, path: str, raw: bytes) -> None:
    """Write a file below a folder."""
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(raw)


def bundle(entries: list[bytes]) -> bytes:
    """Return entries as C2SP tlog-tiles bundles them."""
    return b"".join(len(one).to_bytes(2) + one for one in entries)


def export(folder: Path, entries: list[bytes], packed: Callable[[bytes], bytes] = bytes) -> Path:
    """Write a log as static files."""
    leaves = [leaf_hash(one) for one in entries]
    for (level, index), hashes in append_leaves(MemoryTiles({}), 0, leaves).items():
        write(folder, tile_path(level, index, len(hashes) // 32), hashes)
    for start in range(0, len(entries), TILE_WIDTH):
        some = entries[start : start + TILE_WIDTH]
        path = tile_path(0, start // TILE_WIDTH, len(some)).replace("tile/0", "tile/entries")
        write(folder, path, packed(bundle(some)))
    note = sign_checkpoint(Checkpoint(ORIGIN, len(entries), root(leaves)), [SIGNER])
    write(folder, "checkpoint", note.encode())
    return folder


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a sound folder, which nobody may change."""
    return export(tmp_path_factory.mktemp("sound"), entries_of(SIZE))


@pytest.fixture
def copy(sound: Path, tmp_path: Path) -> Path:
    """Give a folder to change."""
    return shutil.copytree(sound, tmp_path / "copy")


def verify(folder: Path) -> Report:
    """Verify with the log's key."""
    return verify_static(Folder(folder), [SIGNER.verifier])[0]


def places(report: Report) -> list[tuple[int | None, str, Kind]]:
    """Return what the findings name."""
    return [(found.seq, found.column, found.kind) for found in report.findings]


def test_a_sound_folder(sound: Path) -> None:
    """Tiles, entries and checkpoint agree, and each entry was read."""
    heard: list[tuple[int, int]] = []
    report, read = verify_static(
        Folder(sound), [SIGNER.verifier], origin=ORIGIN, progress=lambda *said: heard.append(said)
    )
    assert report.findings == ()
    assert (report.size, report.checkpoint_size, report.intact_up_to) == (SIZE, SIZE, SIZE - 1)
    assert read == SIZE
    assert heard == [(256, SIZE), (512, SIZE), (SIZE, SIZE)]


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 65_536 + 300])
def test_any_size(tmp_path: Path, size: int) -> None:
    """Tiles of every level at their edges; entries that aren't ours are only hashed."""
    foreign = [b"%d" % number for number in range(size)]
    report = verify(export(tmp_path, foreign))
    assert (report.findings, report.size) == ((), size)


def test_bundles_may_be_compressed_or_missing(tmp_path: Path, copy: Path) -> None:
    """A bundle may be gzip; without bundles the hashes are still checked."""
    assert verify(export(tmp_path / "packed", entries_of(300), gzip.compress)).findings == ()
    shutil.rmtree(copy / "tile/entries")
    report, read = verify_static(Folder(copy), [SIGNER.verifier])
    assert (report.findings, read) == ((), 0)


def test_a_wider_partial_tile_is_cut(copy: Path) -> None:
    """The right edge may be there in a wider form, or as the full tile."""
    edge = copy / "tile/0/002.p/88"
    raw = edge.read_bytes()
    edge.unlink()
    write(copy, "tile/0/002.p/90", raw + b"\1" * 64)
    write(copy, "tile/0/002.p/x", b"no tile")
    assert verify(copy).findings == ()
    shutil.rmtree(edge.parent)
    write(copy, "tile/0/002", raw + b"\1" * 32 * (256 - 88))
    assert verify(copy).findings == ()


@pytest.mark.parametrize(
    ("path", "seq", "column", "kind"),
    [
        ("tile/0/000", 0, "bytes", Kind.CONTENT),
        ("tile/0/001", 256, "bytes", Kind.CONTENT),
        ("tile/0/002.p/88", 512, "bytes", Kind.CONTENT),
        ("tile/1/000.p/2", 255, "tile.hashes", Kind.PROJECTION),
        ("tile/entries/000", 0, "bytes", Kind.CONTENT),
        ("tile/entries/001", 256, "bytes", Kind.CONTENT),
    ],
)
def test_a_changed_file_is_named(copy: Path, path: str, seq: int, column: str, kind: Kind) -> None:
    """One changed byte of any file is found, with the entry it is about."""
    raw = (copy / path).read_bytes()
    write(copy, path, raw[:9] + bytes([raw[9] ^ 1]) + raw[10:])
    report = verify(copy)
    assert places(report)[0] == (seq, column, kind)
    assert report.intact_up_to in {None, seq - 1}


@pytest.mark.parametrize("path", ["tile/0/000", "tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2"])
@pytest.mark.parametrize("left", [None, 0, 33, 9000])
def test_a_tile_that_is_missing_or_too_short(copy: Path, path: str, left: int | None) -> None:
    """A tile that the size asks for must be there, whole."""
    raw = (copy / path).read_bytes()
    (copy / path).unlink()
    if left is not None:
        write(copy, path, (raw * 9)[:left])
    report = verify(copy)
    assert ("tile.hashes", Kind.CONTENT) in {place[1:] for place in places(report)}
    if path != "tile/1/000.p/2":
        assert report.root is None


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\0",
        b"\1\2abc",
        b"\x1f\x8b junk",
        gzip.compress(b"\0"),
        gzip.compress(b"\0" * 512)[:-1],
        gzip.compress(b"\0" * 512) + b"x",
    ],
    ids=range(7),
)
def test_a_bundle_that_is_none(copy: Path, raw: bytes) -> None:
    """What isn't as many entries as the tile has hashes is named."""
    write(copy, "tile/entries/000", raw)
    assert places(verify(copy)) == [(255, "bytes", Kind.CONTENT)]


@pytest.mark.parametrize("other", ["foreign", "log", "chain"])
def test_entries_that_are_signed_and_yet_no_chain(tmp_path: Path, other: str) -> None:
    """Whoever holds the key may sign any leaves; entries of ours must follow one another."""
    entries = entries_of(10)
    entries[5] = {
        "foreign": b"no entry",
        "log": entries_of(6, "ledger.example/log/other")[5],
        "chain": entries_of(6)[5].replace(leaf_hash(entries[4]).hex().encode(), b"a" * 64),
    }[other]
    report = verify(export(tmp_path, entries))
    kind = Kind.CONTENT if other == "foreign" else Kind.LINKAGE
    assert places(report)[0] == (5, "bytes", kind)
    assert report.intact_up_to == 4


def test_another_root_than_the_signed_one(copy: Path) -> None:
    """Tiles of another log under a checkpoint prove nothing."""
    note = sign_checkpoint(Checkpoint(ORIGIN, SIZE, b"\1" * 32), [SIGNER])
    write(copy, "checkpoint", note.encode())
    report = verify(copy)
    assert places(report) == [(SIZE - 1, "root", Kind.CHECKPOINT)]
    assert (report.checkpoint_size, report.intact_up_to) == (None, None)


def test_a_flood_of_findings_is_cut(tmp_path: Path) -> None:
    """A folder without any tile, or with other entries, is told a few times."""
    folder = export(tmp_path, [b"x"] * 256 * 30)
    write(folder, "tile/entries/000", bundle([b"y"] * 256))
    assert len(verify(folder).findings) == MAX_FINDINGS
    shutil.rmtree(folder / "tile")
    report = verify(folder)
    assert len(report.findings) == MAX_FINDINGS
    assert report.root is None


def test_without_a_checkpoint_that_is_trusted(copy: Path, tmp_path: Path) -> None:
    """No checkpoint, a stranger's, or one of another log: an error and no report."""
    stranger = Signer.from_seed(ORIGIN, bytes(31) + b"\x02")
    with pytest.raises(NoteError):
        verify_static(Folder(copy), [stranger.verifier])
    with pytest.raises(NoteError):
        verify_static(Folder(copy), [SIGNER.verifier], origin="other")
    with pytest.raises(StoreError, match="no file 'checkpoint'"):
        verify(tmp_path)


def test_a_file_that_cannot_be_read(copy: Path) -> None:
    """A fault of the disk is no finding about the log."""
    tile = copy / "tile/0/000"
    tile.unlink()
    tile.symlink_to(tile)
    with pytest.raises(StoreError, match="can't be read"):
        verify(copy)


def test_the_tiles_of_an_independent_log(vectors: Path, tmp_path: Path) -> None:
    """What another program has written verifies against the root that its log signed."""
    folder = vectors / "tlog/tiles/rome300"
    if not folder.is_dir():
        pytest.skip(f"no tiles at {folder}")
    shutil.copytree(folder / "tile", tmp_path / "tile", ignore=shutil.ignore_patterns("entries"))
    roots = set()
    for name in ("checkpoint", "witness-cosigned-checkpoint"):
        signed = parse_checkpoint(parse_note((folder / name).read_bytes()).text)
        report, _ = verify_files(Folder(tmp_path), signed)
        roots.add((report.size, report.checkpoint_size))
    assert roots == {(300, 300), (300, None)}
