"""Backups of the tests: made and restored, cheaply, with a clock that counts."""

import hashlib
import io
import tarfile
from collections.abc import Callable
from gzip import GzipFile
from pathlib import Path
from typing import Any

import msgspec

from ledger.backup.archive import Manifest, Member
from ledger.backup.ceremony import Statement
from ledger.backup.making import Made, make_backup
from ledger.backup.restoring import Restored, restore
from ledger.keys import KeyFolder
from ledger.store.engine import open_engine
from tests.ledger.builders import Ledger, instance, seen

PASSPHRASE = "correct horse battery"  # noqa: S105 - of the tests
STATEMENT = Statement("Li Wei", "the disk died")
STAMP = "20260301t080000"


def lived(ledger: Ledger, *serials: str, slug: str = "main") -> None:
    """Capture an event for each serial, with the log's checkpoint kept beside its key."""
    pin = ledger.keys.pin(ledger.organisation(slug).origin)
    for serial in serials:
        assert ledger.take(seen(instance(serial)), slug=slug, pin=pin).committed


def back_up(ledger: Ledger, path: Path, **options: Any) -> Made:
    """Make a backup."""
    given: dict[str, Any] = {"now": ledger.ticks, "product": "0", "work_factor": 2}
    return make_backup(ledger.engine, ledger.keys, path, **(given | options))


def put_back(ledger: Ledger, path: Path | bytes, **options: Any) -> Restored:
    """Restore a backup in the place of a ledger, which nothing else has open."""
    given: dict[str, Any] = {
        "passphrase": lambda: PASSPHRASE,
        "now": ledger.ticks,
        "stamp": STAMP,
        "keys": ledger.keys,
        "engine": ledger.engine,
    } | options
    ledger.engine.dispose()
    raw = path if isinstance(path, bytes) else path.read_bytes()
    return restore(given.pop("engine"), given.pop("keys"), io.BytesIO(raw), **given)


def elsewhere(folder: Path) -> Ledger:
    """Return an SQLite ledger that isn't there yet, with keys that aren't either."""
    folder.mkdir(exist_ok=True)
    return Ledger(open_engine(f"sqlite:///{folder / 'ledger.db'}"), KeyFolder(folder / "keys"))


def sizes(ledger: Ledger) -> dict[str, int]:
    """Return the number of entries of each log."""
    return dict(ledger.rows("SELECT organisation, size FROM log"))


def entries(raw: bytes) -> list[tuple[str, bytes]]:
    """Return the names and bytes of an archive's members."""
    with tarfile.open(fileobj=io.BytesIO(raw), mode="r:gz") as archive:
        return [(one.name, (archive.extractfile(one) or io.BytesIO()).read()) for one in archive]


def packed(members: list[tuple[str, bytes]], *, end: bytes = bytes(1024)) -> bytes:
    """Return an archive of any members."""
    sink = io.BytesIO()
    with GzipFile("", "wb", 1, sink, 0) as file:
        for name, raw in members:
            header = tarfile.TarInfo(name)
            header.size = len(raw)
            file.write(header.tobuf(tarfile.GNU_FORMAT) + raw + bytes(-len(raw) % 512))
        file.write(end)
    return sink.getvalue()


def forged(raw: bytes, change: Callable[[dict[str, bytes]], None], **fields: Any) -> bytes:
    """Return an archive with other members, and a manifest that fits them but isn't signed."""
    members = dict(entries(raw))
    manifest = Manifest.parse(members.pop("manifest.json"))
    members.pop("manifest.note", None)
    change(members)
    listed = tuple(
        Member(name, len(content), hashlib.sha256(content).hexdigest())
        for name, content in members.items()
    )
    new = msgspec.structs.replace(manifest, members=listed, **fields)
    return packed([("manifest.json", new.as_bytes()), *members.items()])
