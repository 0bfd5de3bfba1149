"""Runs of labels: whatever ends one, the same order again makes it whole."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from labels.errors import SizeError
from ledger.errors import StoreError, UsageError
from ledger.query import item
from ledger.store.engine import reading
from ledger.store.sets import fetch
from scanners import scan_file
from suyuan import label_runs
from suyuan.label_events import Recorded
from suyuan.label_runs import RunOrder, RunSummary, print_run
from suyuan.settings import Settings
from suyuan.workspace import Workspace, open_ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

GTIN = "09506000134352"
STEM = "https://trace.example"
COUNT = 100


class Killed(BaseException):
    """The process ends here, without a word."""


def killed(*_arguments: Any, **_options: Any) -> Any:
    """End the process."""
    raise Killed


def order(**changes: Any) -> RunOrder:
    """Return the order of a small run."""
    given: dict[str, Any] = {
        "gtin": GTIN,
        "count": COUNT,
        "stem": STEM,
        "lot": None,
        "tagged": True,
        "stock": "a4-3x8",
        "dpi": 300,
        "suffix": ".pdf",
        "title_zh": "电池包",
        "title_en": "Pack",
        "notes": (),
        "font": None,
        "recorded": Recorded.ENCODING,
        "organisation": "maker",
        "submitter": "maker",
    }
    return RunOrder(**(given | changes))


@pytest.fixture
def workspace(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Workspace]:
    """Give a ledger with one organisation, and parts of two pages."""
    monkeypatch.setattr(label_runs, "_PART", 48)
    yield from opened(sqlite_url, tmp_path)


def opened(url: str, folder: Path) -> Iterator[Workspace]:
    """Open a ledger with one organisation."""
    found = open_ledger(Settings(db=url, keys=folder / "keys"))
    found.add_organisation("maker", "Maker")
    yield found
    found.engine.dispose()


def printed(workspace: Workspace, out: Path, **changes: Any) -> RunSummary:
    """Print a run to its end."""
    owner = workspace.known_organisation("maker")
    with print_run(workspace, owner, order(**changes), out) as (_run, summary):
        pass
    return summary


def links(out: Path) -> list[str]:
    """Read the links of all labels that were printed."""
    return [scan.text for scan in scan_file(out, captured_at=0)]


def known(workspace: Workspace, link: str) -> str | None:
    """Return the status of the item that a printed link names."""
    path = link.removeprefix(STEM).partition("?")[0]
    with reading(workspace.engine) as connection:
        return item(connection, f"https://id.gs1.org{path}").status


def events(workspace: Workspace) -> int:
    """Count the events of the ledger."""
    with reading(workspace.engine) as connection:
        [(count,)] = fetch(connection, "SELECT count(*) FROM event")
    return int(count)


def issued(workspace: Workspace) -> int:
    """Count the serials that were given out, lost ones included."""
    with reading(workspace.engine) as connection:
        [(count,)] = fetch(connection, "SELECT issued FROM serial_space")
    return int(count)


def test_a_run(workspace: Workspace, tmp_path: Path) -> None:
    """Every label is there once, was issued, is recorded, and nothing else is left."""
    out = tmp_path / "run.pdf"
    assert printed(workspace, out) == RunSummary(labels=COUNT, pages=5, resumed=0)
    found = links(out)
    assert len(set(found)) == len(found) == COUNT == issued(workspace)
    assert {known(workspace, link) for link in found} == {"encoded"}
    assert events(workspace) == 3
    assert [one.name for one in tmp_path.iterdir() if "run" in one.name] == ["run.pdf"]


def test_a_run_on_each_database(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both databases give the serials out and know the event again."""
    monkeypatch.setattr(label_runs, "_PART", 48)
    for workspace in opened(database_url, tmp_path):
        with monkeypatch.context() as patch:
            patch.setattr(label_runs.Run, "assemble", killed)
            with pytest.raises(Killed):
                printed(workspace, tmp_path / "run.pdf")
        assert printed(workspace, tmp_path / "run.pdf").resumed == COUNT
        assert len(set(links(tmp_path / "run.pdf"))) == COUNT == issued(workspace)
        assert events(workspace) == 3


def test_what_is_recorded(workspace: Workspace, tmp_path: Path) -> None:
    """Printing onto the item itself is commissioning; who wants no event gets none."""
    printed(workspace, tmp_path / "a.pdf", count=2, recorded=Recorded.COMMISSIONING)
    assert known(workspace, links(tmp_path / "a.pdf")[0]) == "active"
    printed(workspace, tmp_path / "b.pdf", count=2, recorded=Recorded.NOTHING)
    assert events(workspace) == 1


def test_lots_and_links_without_tags(workspace: Workspace, tmp_path: Path) -> None:
    """A lot stands in every link and in the text; without a tag there is no query."""
    out = tmp_path / "run.pdf"
    printed(workspace, out, count=3, lot="L/7", tagged=False)
    for link in links(out):
        assert link.startswith(f"{STEM}/01/{GTIN}/10/L%2F7/21/")
        assert "?" not in link


def test_zpl(workspace: Workspace, tmp_path: Path) -> None:
    """A format for each label, whole and in order."""
    out = tmp_path / "run.zpl"
    assert printed(workspace, out, suffix=".zpl", title_zh="").pages == COUNT
    text = out.read_text("utf-8")
    assert text.count("^XA") == text.count("^XZ") == COUNT
    assert len(set(text.split("^FDMA,")[1:])) == COUNT


STEPS: list[tuple[str, int, bool, int]] = [
    # what fails, its number, whether it had been done, labels whose serials are lost
    ("write_whole", 0, False, 0),  # job.json
    ("write_whole", 0, True, 0),
    ("issue", 0, False, 0),
    ("issue", 0, True, 48),
    ("write_whole", 1, False, 48),  # codes
    ("write_whole", 1, True, 0),
    ("write_whole", 2, False, 0),  # pages
    ("write_whole", 2, True, 0),
    ("record_labels", 0, False, 0),
    ("record_labels", 0, True, 0),
    ("write_whole", 3, False, 0),  # event
    ("write_whole", 3, True, 0),
    ("issue", 1, True, 48),
    ("issue", 2, True, 4),
    ("write_whole", 9, True, 0),  # the last event
    ("sync_folder", 0, False, 0),  # the whole file stands
]


@pytest.mark.parametrize(("step", "number", "done", "lost"), STEPS)
def test_a_run_that_is_cut_off(
    workspace: Workspace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    step: str,
    number: int,
    done: bool,
    lost: int,
) -> None:
    """Cut off before or after any step, the same order again prints each label once."""
    out = tmp_path / "run.pdf"
    real: Callable[..., Any] = getattr(label_runs, step)
    calls = iter(range(100))

    def failing(*arguments: Any, **options: Any) -> Any:
        if next(calls) != number:
            return real(*arguments, **options)
        if done:
            real(*arguments, **options)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(label_runs, step, failing)
        with pytest.raises(Killed):
            printed(workspace, out)
    summary = printed(workspace, out)
    found = links(out)
    assert summary.labels == len(set(found)) == len(found) == COUNT
    assert issued(workspace) == COUNT + lost
    assert events(workspace) == 3
    assert {known(workspace, link) for link in found} == {"encoded"}
    assert [one.name for one in tmp_path.iterdir() if "run" in one.name] == ["run.pdf"]


def test_the_same_pages_after_a_cut(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was printed before the cut is in the file as it was, and is said to be resumed."""
    out = tmp_path / "run.pdf"

    with monkeypatch.context() as patch:
        patch.setattr(label_runs.Run, "assemble", killed)
        with pytest.raises(Killed):
            printed(workspace, out)
    assert not out.exists()
    folder = tmp_path / ".run.pdf.run"
    kept = [line.split(" ")[1] for line in (folder / "codes-000000").read_text().splitlines()[1:]]
    assert printed(workspace, out).resumed == COUNT
    assert set(kept) <= set(links(out))


SCRIPT = """
import sys
from suyuan import label_runs
label_runs._PART = 48
from suyuan.cli import main
main()
"""


def test_kill_minus_nine(surroundings: Path, sqlite_template: Path) -> None:
    """Killed again and again wherever it stands, a run ends with each label once."""
    repository = Path(__file__).parents[2]
    paths = os.pathsep.join((str(repository), str(repository / "graphql")))
    options: dict[str, Any] = {
        "env": os.environ | {"PYTHONPATH": paths, "SUYUAN_STEM": STEM},
        "cwd": surroundings,
        "stdout": subprocess.DEVNULL,
        "stderr": subprocess.PIPE,
    }
    program = [sys.executable, "-c", SCRIPT]
    shutil.copyfile(sqlite_template, surroundings / "ledger.db")
    command = [*program, "label", "--gtin", GTIN, "--count", "600", "--out", "run.pdf"]
    folder, out = surroundings / ".run.pdf.run", surroundings / "run.pdf"
    for parts in (0, 2, 7):
        process = subprocess.Popen(command, **options)
        deadline = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < deadline:
            if len(list(folder.glob("codes-*"))) > parts:
                break
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert not out.exists()
    done = subprocess.run(command, check=False, **options)
    assert done.returncode == 0, done.stderr
    found = links(out)
    assert len(found) == len(set(found)) == 600
    ledger = open_ledger(Settings(db=f"sqlite:///{surroundings / 'ledger.db'}"))
    try:
        assert {known(ledger, link) for link in found[::97]} == {"encoded"}
        assert 600 <= issued(ledger) <= 600 + 3 * 48
        assert events(ledger) == 13
    finally:
        ledger.engine.dispose()


def test_another_order_to_the_same_file(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unfinished run is finished as it was ordered, or not at all."""
    out = tmp_path / "run.pdf"
    with monkeypatch.context() as patch:
        patch.setattr(label_runs.Run, "assemble", killed)
        with pytest.raises(Killed):
            printed(workspace, out)
    with pytest.raises(UsageError, match=r"has count 100, not 7\. Give the same options"):
        printed(workspace, out, count=7)
    assert printed(workspace, out).resumed == COUNT
    with pytest.raises(UsageError, match="is there already"):
        printed(workspace, out)
    assert not (tmp_path / ".run.pdf.run").exists()


def test_two_at_once(workspace: Workspace, tmp_path: Path) -> None:
    """A second call to the same file waits for the first, and then finds the file."""
    out = tmp_path / "run.pdf"
    owner = workspace.known_organisation("maker")
    with ThreadPoolExecutor(1) as pool:
        with print_run(workspace, owner, order(), out):
            second = pool.submit(printed, workspace, out)
            with pytest.raises(TimeoutError):
                second.result(0.3)
        with pytest.raises(UsageError, match="is there already"):
            second.result(30)
    assert issued(workspace) == COUNT
    assert not (tmp_path / ".run.pdf.run").exists()


def test_debris_of_a_run_that_ended(workspace: Workspace, tmp_path: Path) -> None:
    """A folder without a job is what a crash left behind the finished file: it is cleared."""
    out, folder = tmp_path / "run.pdf", tmp_path / ".run.pdf.run"
    folder.mkdir()
    (folder / "codes-000000").write_text("0\nA https://x.example/1\n")
    printed(workspace, out, count=3)
    assert len(links(out)) == 3
    folder.mkdir()
    (folder / "pages-000000").write_bytes(b"")
    with pytest.raises(UsageError, match="is there already"):
        printed(workspace, out, count=3)
    assert not folder.exists()


def test_a_full_disk(workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full ends the run; once there is room the same order goes on."""
    out = tmp_path / "run.pdf"

    def full(*_arguments: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(label_runs.Run, "assemble", full)
        with pytest.raises(OSError, match="No space left"):
            printed(workspace, out)
    assert not out.exists()
    assert printed(workspace, out).resumed == COUNT


@pytest.mark.parametrize("raw", [b"", b"{}", b"\xff", b'{"order":{},"identity":"x"}'])
def test_a_job_that_is_damaged(workspace: Workspace, tmp_path: Path, raw: bytes) -> None:
    """A job that can't be read is said to be none of ours."""
    folder = tmp_path / ".run.pdf.run"
    folder.mkdir()
    (folder / "job.json").write_bytes(raw)
    with pytest.raises(StoreError, match="is no job of ours"):
        printed(workspace, tmp_path / "run.pdf")


def test_codes_that_were_changed(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A part whose codes are not as many as were issued is not printed."""
    out = tmp_path / "run.pdf"
    with monkeypatch.context() as patch:
        patch.setattr(label_runs, "record_labels", killed)
        with pytest.raises(Killed):
            printed(workspace, out)
    file = tmp_path / ".run.pdf.run" / "codes-000000"
    file.write_text("\n".join(file.read_text().splitlines()[:-1]) + "\n")
    with pytest.raises(StoreError, match="holds 47 codes, not 48"):
        printed(workspace, out)


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"count": 0}, UsageError, "Expected from 1 to 10,000,000 labels in a run, got 0"),
        ({"count": 10**9}, UsageError, "got 1,000,000,000"),
        ({"stock": "roll-20x12"}, SizeError, "use a larger label"),
        ({"stem": "https://x.example/" + "a" * 200}, SizeError, "use a larger label"),
        ({"suffix": ".zpl", "dpi": 152, "stock": "l7651"}, SizeError, "dpi"),
    ],
)
def test_orders_that_cannot_be_printed(
    workspace: Workspace,
    tmp_path: Path,
    changes: dict[str, Any],
    error: type[Exception],
    words: str,
) -> None:
    """What can't be printed is refused before a serial is issued, and leaves nothing behind."""
    with pytest.raises(error, match=words):
        printed(workspace, tmp_path / "run.pdf", **changes)
    with reading(workspace.engine) as connection:
        assert not fetch(connection, "SELECT 1 FROM serial_space")
    assert not [one for one in tmp_path.iterdir() if "run" in one.name]


def test_a_device_is_no_file(workspace: Workspace) -> None:
    """A run needs a file that can be put together anew."""
    with pytest.raises(UsageError, match="Expected a file"):
        printed(workspace, Path("/dev/null"))
