"""A watched folder: each file is read once, moved away, and never lost."""

from __future__ import annotations

import os
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import qrcode
from PIL import Image

from scanners import folder as module
from scanners.errors import FolderUnusableError
from scanners.folder import WatchedFolder
from scanners.pictures import scan_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from scanners.scan import Scan, ScannerAdapter

NOW = 1_700_000_000_000_000


def picture(content: str) -> bytes:
    """Write a QR code as PNG."""
    maker = qrcode.QRCode(box_size=4)
    maker.add_data(content)
    image: Image.Image = maker.make_image().get_image().convert("L")
    buffer = BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def watched(path: Path, sleep: Callable[[float], None] = lambda _s: None) -> list[Scan]:
    """Watch the folder until nothing is left in it."""
    scanner: ScannerAdapter = WatchedFolder(path, now=lambda: NOW, until_empty=True, sleep=sleep)
    with scanner as opened:
        return list(opened)


def names(path: Path) -> list[str]:
    """The names in a folder."""
    return sorted(entry.name for entry in path.iterdir())


def test_read_and_moved(tmp_path: Path) -> None:
    """What reads goes to done, what doesn't to failed with its sentence; the queue goes on."""
    for name, data in {
        "a.png": picture("A"),
        "b.png": picture("B")[:-90],
        "c.txt": b"hello",
        "d.png": picture("D"),
    }.items():
        (tmp_path / name).write_bytes(data)
    os.utime(tmp_path / "a.png", ns=(5_000, 7_000))
    first, last = watched(tmp_path)
    assert (first.text, first.device, first.captured_at, first.received_at) == (
        "A",
        "a.png",
        7,
        NOW,
    )
    assert (last.text, last.device, last.sequence) == ("D", "d.png", 0)
    assert names(tmp_path) == ["done", "failed"]
    assert names(tmp_path / "done") == ["a.png", "d.png"]
    assert names(tmp_path / "failed") == ["b.png", "b.png.txt", "c.txt", "c.txt.txt"]
    sentence = (tmp_path / "failed" / "c.txt.txt").read_text("utf-8")
    assert sentence.startswith("c.txt: is neither PNG")
    assert sentence.endswith(".\n")


def test_a_picture_without_a_code(tmp_path: Path) -> None:
    """A picture in which nothing reads is kept apart, and said to be."""
    blank = BytesIO()
    Image.new("L", (60, 60), 255).save(blank, "PNG")
    (tmp_path / "blank.png").write_bytes(blank.getvalue())
    assert watched(tmp_path) == []
    text = (tmp_path / "failed" / "blank.png.txt").read_text("utf-8")
    assert (
        text == "blank.png: no code was found; photograph it nearer, sharper or with more light.\n"
    )


def test_a_file_is_read_when_it_stands_still(tmp_path: Path) -> None:
    """While a file grows it is left alone, though what is there would be called truncated."""
    data = picture("slow")
    target = tmp_path / "slow.png"
    target.write_bytes(b"")
    written = 0

    def more(_seconds: float) -> None:
        nonlocal written
        if written < len(data):
            with target.open("ab") as file:
                file.write(data[written : written + 200])
            written += 200

    assert [scan.text for scan in watched(tmp_path, more)] == ["slow"]
    assert names(tmp_path / "failed") == []


def test_an_empty_file(tmp_path: Path) -> None:
    """An empty file is given more time before it is called empty."""
    (tmp_path / "empty.png").write_bytes(b"")
    waits: list[float] = []
    assert watched(tmp_path, waits.append) == []
    assert len(waits) >= 10
    assert "is empty" in (tmp_path / "failed" / "empty.png.txt").read_text("utf-8")


def test_what_is_left_alone(tmp_path: Path) -> None:
    """Unfinished copies, hidden names, links, folders and pipes are not read and stay."""
    secret = tmp_path / "secret.png"
    secret.write_bytes(picture("secret"))
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for name in ("a.png.part", "b.crdownload", "c.PNG.TMP", ".d.png", "e.png~"):
        (inbox / name).write_bytes(picture(name))
    (inbox / "link.png").symlink_to(secret)
    (inbox / "folder.png").mkdir()
    os.mkfifo(inbox / "pipe.png")
    before = names(inbox)
    assert watched(inbox) == []
    assert names(inbox) == sorted([*before, "done", "failed"])
    assert secret.exists()


@pytest.mark.parametrize(
    "name",
    [
        b"new\nline.png",
        b"\xff\xfe.png",
        b"x" * 251 + b".png",
        b"-rf",
        "票据.png".encode(),
        b"a" * 255,
    ],
    ids=["newline", "no text", "long", "option", "chinese", "long without ending"],
)
@pytest.mark.parametrize("good", [True, False])
def test_odd_names(tmp_path: Path, name: bytes, good: bool) -> None:  # noqa: FBT001 - as it is given
    """Whatever a file is called, it is read or refused, moved, and told in printable characters."""
    path = Path(os.fsdecode(bytes(tmp_path) + b"/" + name))
    path.write_bytes(picture("A") if good else b"hello")
    scans = watched(tmp_path)
    assert len(scans) == good
    assert all(scan.device.isprintable() for scan in scans)
    assert names(tmp_path) == ["done", "failed"]
    assert len(names(tmp_path / "done")) == good
    assert len(names(tmp_path / "failed")) == 2 * (not good)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """The same name twice is kept twice, its sentence too."""
    for number in range(3):
        (tmp_path / "a.png").write_bytes(picture(str(number)))
        (tmp_path / "b.png").write_bytes(b"hello %d" % number)
        watched(tmp_path)
    assert names(tmp_path / "done") == ["a-2.png", "a-3.png", "a.png"]
    assert names(tmp_path / "failed") == sorted(
        f"b{number}.png{ending}" for number in ("", "-2", "-3") for ending in ("", ".txt")
    )
    assert (tmp_path / "failed" / "b.png").read_bytes() == b"hello 0"


def test_a_kill_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    """Who stops in the middle of a file gets its scans again, with the same ids."""
    (tmp_path / "a.png").write_bytes(picture("A"))
    with WatchedFolder(tmp_path, now=lambda: NOW, sleep=lambda _s: None) as scanner:
        scan = next(iter(scanner))
    assert (tmp_path / "a.png").exists()
    [again] = watched(tmp_path)
    assert again.id == scan.id
    assert names(tmp_path) == ["done", "failed"]


def test_a_file_that_kills_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After three deaths over the same file it is set aside, and the rest is read."""
    (tmp_path / "a.png").write_bytes(picture("A"))
    (tmp_path / "b.png").write_bytes(picture("B"))

    class Killed(BaseException):
        """As SIGKILL: nothing of ours runs after it."""

    def killed(*_arguments: object, **_options: object) -> None:
        raise Killed

    real_unlink = os.unlink
    for _ in range(3):
        monkeypatch.setattr(module, "scan_bytes", killed)
        monkeypatch.setattr(os, "unlink", lambda *_a, **_o: None)
        with suppress(Killed):
            watched(tmp_path)
        monkeypatch.setattr(os, "unlink", real_unlink)
        for half in tmp_path.glob(".*.half"):
            half.unlink()
    monkeypatch.setattr(module, "scan_bytes", scan_bytes)
    assert [scan.text for scan in watched(tmp_path)] == ["B"]
    assert "has stopped the program 3 times" in (tmp_path / "failed" / "a.png.txt").read_text(
        "utf-8"
    )


def test_the_folder_has_one_watcher(tmp_path: Path) -> None:
    """A second program is told so; after the first has left, it may watch."""
    with (
        WatchedFolder(tmp_path, now=lambda: NOW),
        pytest.raises(FolderUnusableError, match="watched by another program; stop one of them"),
        WatchedFolder(tmp_path, now=lambda: NOW),
    ):
        pass
    assert watched(tmp_path) == []


def test_folders_that_cannot_be_watched(tmp_path: Path) -> None:
    """A missing folder, a file, and a `done` that leads elsewhere are refused in one sentence."""
    file = tmp_path / "file"
    file.write_bytes(b"")
    linked = tmp_path / "linked"
    linked.mkdir()
    (linked / "done").symlink_to(tmp_path)
    for path in (tmp_path / "missing", file, linked):
        with pytest.raises(FolderUnusableError, match=r"can't be watched \(.*\); check that it"):
            watched(path)


def test_a_file_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file beyond the limit is not even read."""
    monkeypatch.setattr(module, "MAX_FILE_BYTES", 100)
    (tmp_path / "a.png").write_bytes(bytes(101))
    assert watched(tmp_path) == []
    assert "has 101 bytes" in (tmp_path / "failed" / "a.png.txt").read_text("utf-8")
