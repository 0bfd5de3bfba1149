"""Marks: a ledger that was restored from an older backup gives no serial out again."""

import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa

from ledger.errors import StoreError
from ledger.issuance.marks import Marks
from ledger.issuance.register import Mode
from tests.ledger.builders import PRODUCT
from tests.ledger.issuance.conftest import Issuer


@pytest.fixture
def marks(tmp_path: Path) -> Marks:
    """Give a folder that doesn't exist yet."""
    return Marks(tmp_path / "deep" / "issued")


def restored(issuer: Issuer, backup: Path) -> None:
    """Put an older copy in the place of the ledger."""
    file = Path(str(issuer.ledger.engine.url.database))
    issuer.ledger.engine.dispose()
    for beside in file.parent.glob(f"{file.name}-*"):
        beside.unlink()
    shutil.copyfile(backup, file)


def test_a_restored_ledger_goes_on_behind_the_mark(sqlite_issuer: Issuer, tmp_path: Path) -> None:
    """It has forgotten a range; the next one begins behind it, and draws avoid it."""
    first = sqlite_issuer.codes(10)
    with sqlite_issuer.ledger.engine.connect() as connection:
        connection.execute(sa.text("COMMIT"))
        connection.execute(sa.text("VACUUM INTO :file"), {"file": str(tmp_path / "backup.db")})
        connection.execute(sa.text("BEGIN"))
    forgotten = sqlite_issuer.codes(10)
    restored(sqlite_issuer, tmp_path / "backup.db")
    issued = sqlite_issuer.issue(10)
    assert issued.range is not None
    assert issued.range.first == 20
    serials = [one.serial for one in (*first, *forgotten, *issued.codes)]
    assert len(set(serials)) == 30
    numbers = sqlite_issuer.series(1).numbers([15, 999])
    drawn = sqlite_issuer.issue(1, mode=Mode.RANDOM, drawing=lambda _: [numbers.pop(0)])
    assert [one.serial for one in drawn.codes] == [sqlite_issuer.series(1).serial(999)]
    assert drawn.tally.clashes == 1


def test_a_mark_that_is_behind_harms_nothing(issuer: Issuer) -> None:
    """Without its mark, as on another machine, a range begins where the ledger ends."""
    issuer.codes(10)
    shutil.rmtree(issuer.keys.marks.folder)
    issued = issuer.issue(5)
    assert issued.range is not None
    assert issued.range.first == 10
    assert issuer.keys.marks.read(PRODUCT) == {1: 15}


def test_marks_stand_by_product_and_version(marks: Marks) -> None:
    """Each product has its file, each version its line, all for their owner alone."""
    assert marks.read(PRODUCT) == {}
    marks.raise_to(PRODUCT, 1, 5)
    marks.raise_to(PRODUCT, 12, 2**50)
    marks.raise_to(PRODUCT, 1, 7)
    marks.raise_to("urn:x/../../etc", 1, 1)
    assert marks.read(PRODUCT) == {1: 7, 12: 2**50}
    assert sorted(path.name for path in marks.folder.iterdir()) == [
        "09506000134352.mark",
        "etc.mark",
    ]
    assert {path.stat().st_mode & 0o777 for path in marks.folder.iterdir()} == {0o600}


@pytest.mark.parametrize(
    "content", [b"1\n", b"1 2 3\n", b"0 1\n", b"1 0\n", b"\xff", b"1 " + b"9" * 5000]
)
def test_a_damaged_mark(marks: Marks, content: bytes) -> None:
    """It is an error, not a lower mark."""
    marks.raise_to(PRODUCT, 1, 5)
    (marks.folder / "09506000134352.mark").write_bytes(content)
    with pytest.raises(StoreError, match="mark"):
        marks.raise_to(PRODUCT, 1, 6)


def test_a_mark_that_cannot_be_read_stops_the_batch(issuer: Issuer) -> None:
    """Nothing is written down, and nothing handed out."""
    issuer.codes(1)
    folder = issuer.keys.marks.folder
    shutil.rmtree(folder)
    folder.write_text("in the way")
    with pytest.raises(StoreError, match="can't be read"):
        issuer.issue(1)
    assert issuer.ledger.count("serial_batch") == 1


def test_a_full_disk_stops_the_batch(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mark that can't be written is as good as a range that can't be: none is left behind."""
    issuer.codes(1)

    def full(path: Path, _: str) -> None:
        path.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ledger.issuance.marks.write_new", full)
    with pytest.raises(StoreError, match="can't be written"):
        issuer.issue(1)
    assert issuer.ledger.count("serial_batch") == issuer.ledger.count("serial_range") == 1
    assert [path.name for path in issuer.keys.marks.folder.iterdir()] == ["09506000134352.mark"]
