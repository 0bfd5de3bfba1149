"""Verified-marks: signed, kept whole, and trusted only as they were kept."""

from pathlib import Path

import pytest

from ledger.errors import NoteError
from ledger.keys import KeyFolder
from ledger.log.merkle import CompactRange
from ledger.log.note import sign_note
from ledger.verification import Scope, verify_ledger
from ledger.verifying.marks import Mark, MarkFolder
from tests.ledger.builders import Ledger
from tests.ledger.genealogy.asking import see

ORIGIN = "localhost/log/main"


def mark(size: int = 5) -> Mark:
    """Return a mark."""
    nodes = tuple(bytes([number]) * 32 for number in range(size.bit_count()))
    return Mark(ORIGIN, size, nodes, 7, 65_536, 3, 1_772_323_200_000_000)


@pytest.fixture
def marks(tmp_path: Path) -> MarkFolder:
    """Give a folder of marks, beside keys."""
    (tmp_path / "keys").mkdir()
    return MarkFolder.beside(KeyFolder(tmp_path / "keys"))


def file_of(marks: MarkFolder) -> Path:
    """Return the mark's file."""
    return marks.folder / "localhost+log+main.verified"


@pytest.mark.parametrize("size", [1, 5, 65_536, 2**40 - 1])
def test_a_mark_is_read_as_it_was_kept(marks: MarkFolder, size: int) -> None:
    """Nothing is lost, and the newer one takes the place of the older."""
    assert marks.read(ORIGIN) is None
    marks.keep(mark())
    marks.keep(mark(size))
    assert marks.read(ORIGIN) == mark(size)
    assert mark(size).tree.size == size
    assert isinstance(mark(size).tree, CompactRange)
    assert sorted(path.name for path in marks.folder.iterdir()) == [
        "localhost+log+main.verified",
        "suyuan-verification.key",
        "suyuan-verification.vkey",
    ]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n5\n", "\n6\n"),
        lambda text: text.replace("\n7\n", "\n8\n"),
        lambda text: text[:0],
        lambda text: text[:-20],
        lambda text: text.replace("suyuan/verified-mark/1", "suyuan/verified-mark/2"),
    ],
    ids=range(5),
)
def test_a_forged_mark_is_refused(marks: MarkFolder, change: object) -> None:
    """Whatever is changed, it is no mark of ours any more."""
    marks.keep(mark())
    text = file_of(marks).read_text("utf-8")
    assert callable(change)
    file_of(marks).write_text(change(text), "utf-8")
    with pytest.raises(NoteError):
        marks.read(ORIGIN)


@pytest.mark.parametrize(
    "text",
    [
        "hello\n",
        mark().text() + "more\n",
        mark().text().replace("suyuan/", "other/"),
        mark().text().replace("\n5\n", "\n05\n"),
        mark().text().replace("\n5\n", "\n7\n"),
        mark().text().replace("main", "other"),
    ],
    ids=range(6),
)
def test_what_our_key_signs_must_be_a_mark_of_the_log(marks: MarkFolder, text: str) -> None:
    """A strict parser stands behind the signature."""
    marks.keep(mark())
    signer = KeyFolder(marks.folder).signer("suyuan-verification")
    file_of(marks).write_text(sign_note(text, [signer]), "utf-8")
    with pytest.raises(NoteError):
        marks.read(ORIGIN)


def test_a_mark_without_its_key_or_that_cannot_be_read(marks: MarkFolder) -> None:
    """Without the key nothing vouches for it; a fault of the disk is as bad."""
    marks.keep(mark())
    (marks.folder / "suyuan-verification.vkey").unlink()
    with pytest.raises(NoteError, match="the key of the marks"):
        marks.read(ORIGIN)
    file_of(marks).unlink()
    file_of(marks).mkdir()
    with pytest.raises(NoteError, match="can be read"):
        marks.read(ORIGIN)


def test_a_run_tells_of_a_mark_it_cannot_trust_and_makes_another(
    sqlite_ledger: Ledger, marks: MarkFolder
) -> None:
    """All is read again then, and the next run has a mark to build upon."""
    ledger = sqlite_ledger
    ledger.take(see(1, "a"))
    marks.keep(mark())
    file_of(marks).write_text("forged", "utf-8")
    told: list[str] = []
    scope = Scope(width=256, marks=marks, tell=told.append)
    [report] = verify_ledger(ledger.engine, ledger.keys, scope=scope)
    assert report.findings == ()
    assert "can't be trusted, so all is read again" in told[0]
    kept = marks.read(ORIGIN)
    assert kept is not None
    assert (kept.size, kept.round) == (1, 0)


def test_a_mark_that_cannot_be_kept_is_told(sqlite_ledger: Ledger, tmp_path: Path) -> None:
    """A folder that can't be written to costs time, and no verification."""
    sqlite_ledger.take(see(1, "a"))
    (tmp_path / "file").write_text("", "utf-8")
    told: list[str] = []
    scope = Scope(marks=MarkFolder(tmp_path / "file"), tell=told.append)
    [report] = verify_ledger(sqlite_ledger.engine, sqlite_ledger.keys, scope=scope)
    assert report.findings == ()
    assert "can't be kept" in told[-1]


def test_a_run_without_projections_makes_no_mark(sqlite_ledger: Ledger, marks: MarkFolder) -> None:
    """What was not looked at is not vouched for."""
    sqlite_ledger.take(see(1, "a"))
    scope = Scope(marks=marks, projections=False)
    verify_ledger(sqlite_ledger.engine, sqlite_ledger.keys, scope=scope)
    assert marks.read(ORIGIN) is None
