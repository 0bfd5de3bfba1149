"""Runs of labels: issued, printed and recorded in one job that survives whatever ends it.

A run goes part by part, a few thousand labels each, in a folder beside the file that it makes:

1. ``job.json``: what was ordered. The same order again goes on with it, another one is refused.
2. ``codes-N``: a batch of serials was issued, and these are its codes. A crash before this file
   stands loses the batch: its serials are not issued again, and were printed nowhere.
3. ``pages-N``: its pages. They follow from its codes: a crash before loses nothing.
4. ``event-N``: the ledger has the event. It has an identity of its own, so that a crash before this
   file stands makes the ledger know it already.

When all parts stand, they are put together in a file that takes its place whole; then ``job.json``
goes first, the rest after it. What is left of a folder without it is debris.

So no serial is printed twice, no page is lost, and the file is whole or isn't there.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from labels.runs import RunCode, RunDesign, RunProduct
from labels.stocks import stock_named
from labels.zpl import zpl_of_run
from ledger.errors import StoreError, UsageError, shown
from ledger.files import sync_folder, write_whole
from ledger.issuance.issuing import issue
from ledger.issuance.keys import IssuingKeys
from ledger.issuance.tags import PARAMETER, TAG_LENGTH
from suyuan.label_events import Recorded, record_labels

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ledger.organisations import Organisation
    from suyuan.workspace import Workspace

__all__ = ["MOST", "Run", "RunOrder", "RunSummary", "print_run"]

MOST: Final = 10_000_000
"""Labels of one run: some two gigabytes of PDF."""
_PART: Final = 4096  # labels, or as few less as fill whole pages
_LENGTH: Final = 4  # bytes that say how long a page of a part is


class RunOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was ordered; the same values again go on with the same run."""

    gtin: str
    count: int
    stem: str
    lot: str | None
    tagged: bool
    stock: str
    """Its name."""
    dpi: int
    """Of ZPL."""
    suffix: str
    """``.pdf`` or ``.zpl``."""
    title_zh: str
    title_en: str
    notes: tuple[str, ...]
    font: str | None
    recorded: Recorded
    organisation: str
    """Slug."""
    submitter: str


class _Job(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What ``job.json`` holds."""

    order: RunOrder
    identity: str
    """UUID; those of the events follow from it."""


class RunSummary(NamedTuple):
    """What a run made."""

    labels: int
    pages: int
    resumed: int
    """Labels that an earlier call had printed."""


class _Part(NamedTuple):
    """The codes of a part."""

    issued_at: int
    """Microseconds since 1970 UTC."""
    codes: list[RunCode]


@dataclass(frozen=True, slots=True)
class Run:
    """One run at work."""

    workspace: Workspace
    organisation: Organisation
    order: RunOrder
    design: RunDesign
    folder: Path
    identity: uuid.UUID

    @property
    def size(self) -> int:
        """Labels of a part: whole pages."""
        return max(1, _PART // self.design.stock.labels) * self.design.stock.labels

    @property
    def parts(self) -> range:
        """The numbers of its parts."""
        return range(-(-self.order.count // self.size))

    def finish_part(self, number: int) -> bool:
        """Do what is missing of a part; tell whether anything was."""
        if self._file("event", number).exists():
            return False
        part = self.codes(number)
        pages = self._file("pages", number)
        if not pages.exists():
            write_whole(pages, self._drawn(part.codes))
        if self.order.recorded is not Recorded.NOTHING:
            access = self.workspace.access(self.organisation)
            record_labels(
                access,
                [f"https://id.gs1.org/01/{self.order.gtin}/21/{one.serial}" for one in part.codes],
                self.order.recorded,
                at=part.issued_at,
                identity=uuid.uuid5(self.identity, str(number)),
                submitter=self.order.submitter,
            )
        # Crash before this: the same event once more, which the ledger knows.
        write_whole(self._file("event", number), b"")
        return True

    def codes(self, number: int) -> _Part:
        """The codes of a part, issued where they were not.

        Raises:
            StoreError: They are damaged.
        """
        file = self._file("codes", number)
        if not file.exists():
            self._issue(number, file)
        head, *lines = file.read_text("ascii").splitlines()
        codes = [RunCode(*line.split(" ", 1)) for line in lines]
        if len(codes) != self._count(number):
            raise StoreError(
                f"{str(file)!r} holds {len(codes)} codes, not {self._count(number)}.",
                "It was changed; remove the folder and print what is missing as another run.",
            )
        return _Part(int(head), codes)

    def pages(self) -> Iterator[bytes]:
        """All pages, or formats of ZPL, in their order."""
        for number in self.parts:
            with self._file("pages", number).open("rb") as file:
                while head := file.read(_LENGTH):
                    yield file.read(int.from_bytes(head, "big"))

    def assemble(self, stream: IO[bytes]) -> int:
        """Put the parts together; return how many pages there are."""
        if self.order.suffix == ".pdf":
            return self.design.write(stream, self.pages())
        count = 0
        for page in self.pages():
            stream.write(page)
            count += 1
        return count

    def _count(self, number: int) -> int:
        return min(self.size, self.order.count - number * self.size)

    def _issue(self, number: int, file: Path) -> None:
        order, now = self.order, self.workspace.now()
        issued = issue(
            self.workspace.engine,
            IssuingKeys(self.workspace.keys.folder),
            order.gtin,
            self._count(number),
            organisation=self.organisation,
            submitter=order.submitter,
            now=now,
            lot=order.lot,
            stem=order.stem,
            tagged=order.tagged,
        )
        lines = [f"{one.serial} {one.link}" for one in issued.codes]
        write_whole(file, "\n".join([str(now), *lines]) + "\n")

    def _drawn(self, codes: list[RunCode]) -> bytes:
        if self.order.suffix == ".pdf":
            pages = list(self.design.pages(codes))
        else:
            formats = zpl_of_run(self.design, codes, dpi=self.order.dpi)
            pages = [one.encode() for one in formats]
        return b"".join(len(page).to_bytes(_LENGTH, "big") + page for page in pages)

    def _file(self, name: str, number: int) -> Path:
        return self.folder / f"{name}-{number:06}"


def _designed(order: RunOrder) -> RunDesign:
    """What an order's labels look like; nothing is issued for what can't be printed.

    Raises:
        UsageError: So many labels are not printed at once.
        LabelError: They can't be printed on this stock.
    """
    if not 1 <= order.count <= MOST:
        raise UsageError(f"Expected from 1 to {MOST:,} labels in a run, got {order.count:,}.")
    design = RunDesign.of(
        RunProduct(
            gtin=order.gtin,
            stem=order.stem,
            title_zh=order.title_zh,
            title_en=order.title_en,
            notes=order.notes,
            lot=order.lot,
            query=f"{PARAMETER}={'W' * TAG_LENGTH}" if order.tagged else "",
        ),
        stock_named(order.stock),
        None if order.font is None else Path(order.font),
    )
    if order.suffix == ".zpl":
        next(zpl_of_run(design, [RunCode(*_sample(design))], dpi=order.dpi))
    return design


def _sample(design: RunDesign) -> tuple[str, str]:
    [placed] = design.layout.symbols
    return "W" * 10, placed.symbol.content


@contextmanager
def print_run(
    workspace: Workspace,
    organisation: Organisation,
    order: RunOrder,
    out: Path,
    progress: Callable[[int], None] = lambda _done: None,
) -> Iterator[tuple[Run, RunSummary]]:
    """Print a run, or what is left of it; the folder of its codes stands until the context ends.

    Args:
        workspace: The ledger.
        organisation: Who issues.
        order: What to print.
        out: The file.
        progress: Called with the number of labels that are done.

    Raises:
        UsageError: The file is there, or another run is on its way to it.
        LabelError: The labels can't be printed so.
        StoreError: The ledger or the disk can't be written.
    """
    design = _designed(order)
    if out.exists() and not out.is_file():
        raise UsageError(f"Expected a file for the labels, got {str(out)!r}; name another one.")
    folder = out.with_name(f".{out.name}.run")
    with _held(folder):
        job = _opened(folder, order, out)
        run = Run(workspace, organisation, order, design, folder, uuid.UUID(job.identity))
        done = resumed = 0
        for number in run.parts:
            count = min(run.size, order.count - done)
            if not run.finish_part(number):
                resumed += count
            done += count
            progress(done)
        beside = folder / "whole"
        with beside.open("wb") as stream:
            pages = run.assemble(stream)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(out)
        sync_folder(out.parent)
        yield run, RunSummary(order.count, pages, resumed)
        # Crash: the folder goes on to name a job whose parts all stand; the same command ends it.
        (folder / "job.json").unlink()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """The folder of a job, made where there is none, and held against other processes."""
    while True:
        folder.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            # Who held it before may have ended the job, and removed the folder.
            if _is(descriptor, folder):
                yield
                return
        finally:
            os.close(descriptor)


def _is(descriptor: int, folder: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), folder.stat())
    except FileNotFoundError:
        return False


def _opened(folder: Path, order: RunOrder, out: Path) -> _Job:
    """The job in a folder, begun where there is none."""
    file = folder / "job.json"
    try:
        raw = file.read_bytes()
    except FileNotFoundError:
        for debris in folder.iterdir():  # of a run that ended
            debris.unlink()
        if out.is_file() and out.stat().st_size:
            folder.rmdir()
            raise UsageError(
                f"{str(out)!r} is there already, and its codes can't be issued again."
                " Name another file, or move that one away."
            ) from None
        job = _Job(order=order, identity=str(uuid.uuid4()))
        write_whole(file, msgspec.json.encode(job))
        return job
    try:
        job = msgspec.json.decode(raw, type=_Job)
        uuid.UUID(job.identity)
    except (msgspec.DecodeError, ValueError) as error:
        raise StoreError(
            f"{str(file)!r} is no job of ours: {error}.",
            "Remove the folder; its codes are lost and not issued again.",
        ) from error
    if job.order != order:
        theirs: dict[str, Any] = msgspec.structs.asdict(job.order)
        ours: dict[str, Any] = msgspec.structs.asdict(order)
        name = next(name for name, value in theirs.items() if value != ours[name])
        raise UsageError(
            f"An unfinished run to {str(out)!r} has {name} {shown(theirs[name])}, not"
            f" {shown(ours[name])}. Give the same options to finish it, or name another file."
        )
    return job
