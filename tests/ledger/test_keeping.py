"""Small files beside the keys: whole or not at all, and never more than a megabyte."""

import os
from pathlib import Path

import pytest

from ledger.errors import StoreError
from ledger.keeping import read_note, read_small, write_whole


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """The folder is made on the way, and a second text takes the first one's place."""
    path = tmp_path / "a" / "b.checkpoint"
    for text in ("溯源\n", ""):
        write_whole(path, text)
        assert read_small(path) == text
    assert [child.name for child in path.parent.iterdir()] == ["b.checkpoint"]


def test_what_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk at any step says so, and leaves neither half a file nor a copy beside it."""
    path = tmp_path / "a.checkpoint"
    write_whole(path, "old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="No space left on device"):
        write_whole(path, "new")
    assert read_small(path) == "old"
    assert [child.name for child in tmp_path.iterdir()] == ["a.checkpoint"]


def test_what_cannot_be_read(tmp_path: Path) -> None:
    """What is missing, too large or no text is refused with a sentence."""
    with pytest.raises(StoreError, match="No such file"):
        read_small(tmp_path / "missing")
    (tmp_path / "bytes").write_bytes(b"\xff")
    with pytest.raises(StoreError, match="no text in UTF-8"):
        read_small(tmp_path / "bytes")
    (tmp_path / "large").write_bytes(b"x" * 1_000_001)
    with pytest.raises(StoreError, match="larger than 1000000 bytes"):
        read_small(tmp_path / "large")


def test_empty_lines_behind_a_note(tmp_path: Path) -> None:
    """What an editor or a terminal added behind a note doesn't make it another one."""
    path = tmp_path / "kept"
    path.write_bytes(b"a\n\nsigned\r\n\n\n")
    assert read_note(path) == "a\n\nsigned\n"
