"""Keys in a restore: what the machine pins comes first, what the backup has fills the gaps.

Nothing that stands in the keys' folder is replaced, but for a checkpoint by a larger one of the
same log.
"""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ledger.backup.archive import file_name
from ledger.errors import StoreError
from ledger.files import write_whole
from ledger.keys import KeyFolder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.backup.archive import Manifest
    from ledger.organisations import Organisation

__all__ = ["install_keys", "merged_keys", "pin_key"]

_PRIVATE: Final = (".key", ".secret")


@contextmanager
def merged_keys(
    keys: KeyFolder, small: dict[str, bytes], manifest: Manifest
) -> Iterator[KeyFolder]:
    """A folder with what is public: as it is pinned here, else as the backup has it.

    Args:
        keys: Those of this machine.
        small: The members of the backup but the database.
        manifest: The backup's, which has the database's keys for logs that have no other.
    """
    with tempfile.TemporaryDirectory(prefix="suyuan-restore-") as name:
        folder = Path(name)
        for head in manifest.logs:
            (folder / f"{file_name(head.origin)}.vkey").write_text(head.verifier_key, "utf-8")
        for member, raw in small.items():
            path = folder / member.rpartition("/")[2]
            if path.suffix in {".vkey", ".checkpoint"}:
                path.write_bytes(raw)
        for path in keys.folder.glob("*"):
            if path.suffix in {".vkey", ".checkpoint"} and path.is_file():
                (folder / path.name).write_bytes(path.read_bytes())
        yield KeyFolder(folder)


def pin_key(keys: KeyFolder, log: Organisation) -> None:
    """Add the verifier key of a log that has just begun."""
    (keys.folder / f"{file_name(log.origin)}.vkey").write_text(log.verifier_key + "\n", "ascii")


def install_keys(keys: KeyFolder, merged: KeyFolder, small: dict[str, bytes]) -> list[str]:
    """Write keys that are missing, and checkpoints that are larger than those kept here.

    Returns:
        The names of the files that are new.

    Raises:
        StoreError: The folder can't be written.
    """
    new: list[str] = []
    try:
        keys.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for member, raw in small.items():
            if member.startswith("keys/"):
                _add(keys.folder / member.removeprefix("keys/"), raw, new)
        for path in sorted(merged.folder.glob("*.vkey")):
            _add(keys.folder / path.name, path.read_bytes(), new)
    except OSError as error:
        raise StoreError(
            f"The keys' folder can't be written: {error.strerror or error}.",
            "Mend its permissions or free some space; the ledger is as it was.",
        ) from error
    for origin in merged.pinned():
        kept = merged.pin(origin).newest()
        if kept is not None:
            keys.pin(origin).learn(kept[0])
    return new


def _add(path: Path, raw: bytes, new: list[str]) -> None:
    if path.exists():
        return
    path.parent.mkdir(mode=0o700, exist_ok=True)
    # Crash: some keys more than before, which harm nobody; the next restore adds the others.
    write_whole(path, raw, 0o600 if path.suffix in _PRIVATE else 0o644)
    new.append(path.name)
