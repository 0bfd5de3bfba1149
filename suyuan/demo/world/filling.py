"""Putting a world into a ledger, and telling what is worth tracing in it.

Rules kept:

* Everything goes through the ordinary capture, each firm's documents into its own log.
* Documents of one system of one firm that come after each other are handed in together, up to
  `TOGETHER` events, as a nightly batch is. What waits for its batch is bounded in all.
* A ledger that holds something else is refused. One that holds the beginning of the same world is
  filled on: what is there already is known as a duplicate.
"""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from time import perf_counter
from typing import TYPE_CHECKING, Any

import orjson

from ledger.capture import capture
from ledger.errors import NotFoundError, UsageError
from ledger.query import event_by_id, events
from ledger.receipts import Status
from ledger.store.engine import reading
from suyuan.demo.world.book import KINDS
from suyuan.demo.world.firms import FIRMS
from suyuan.demo.world.gauges import DOUBTFUL
from suyuan.demo.world.plan import START, TRIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ledger.sequencing import LogAccess
    from suyuan.demo.script import Submission
    from suyuan.demo.world.life import Known, World
    from suyuan.workspace import Workspace

__all__ = ["TOGETHER", "Batch", "Filled", "batches", "fill"]

TOGETHER = 500
"""Events that are handed in together, at most, but for a document that has more."""
_WAITING = 5_000
"""Events that wait for their batch, in all."""


@dataclass(slots=True)
class Batch:
    """One document as it is handed in."""

    organisation: str
    """Slug of the log."""
    submitter: str
    frame: dict[str, Any]
    """The document without its events, as its first part had it."""
    first: str
    """The first event's id."""
    events: list[bytes]

    def text(self) -> bytes:
        """Give the whole document as JSON."""
        head = orjson.dumps(self.frame)
        body = b",".join(self.events)
        return head[:-1] + b',"epcisBody":{"eventList":[' + body + b"]}}"


def batches(documents: Iterable[Submission]) -> Iterator[Batch]:
    """Join documents of one submitter, which keep their order."""
    waiting: dict[str, Batch] = {}
    held = 0
    for one in documents:
        listed = one.document["epcisBody"]["eventList"]
        batch = waiting.get(one.submitter)
        if batch is None:
            frame = {name: value for name, value in one.document.items() if name != "epcisBody"}
            first = listed[0]["eventID"]
            batch = Batch(one.organisation, one.submitter, frame, first, [])
            waiting[one.submitter] = batch
        batch.events += [orjson.dumps(event) for event in listed]
        held += len(listed)
        if len(batch.events) < TOGETHER and held > _WAITING:
            batch = max(waiting.values(), key=lambda one: len(one.events))
        if len(batch.events) >= TOGETHER or held > _WAITING:
            held -= len(batch.events)
            yield waiting.pop(batch.submitter)
    yield from waiting.values()


@dataclass(frozen=True, slots=True)
class Filled:
    """What went into the ledger, and what to ask of it."""

    items: int
    counts: Counter[Status]
    warnings: int
    organisations: int
    documents: int
    seconds: float
    known: Known

    @property
    def whole(self) -> bool:
        """True when the ledger has every event of the world."""
        return not (self.counts[Status.REJECTED] or self.counts[Status.CONFLICT])

    def as_dict(self) -> dict[str, Any]:
        """The JSON form."""
        known = self.known
        since, until = (_time(minute) for minute in known.window)
        return {
            "items": self.items,
            "events": {status.value: self.counts[status] for status in Status},
            "warnings": self.warnings,
            "organisations": self.organisations,
            "documents": self.documents,
            "seconds": round(self.seconds, 3),
            "codes": [
                {
                    "what": asked.why,
                    "code": asked.code,
                    "direction": asked.direction,
                    "items": len(asked.items),
                }
                for asked in known.asked
            ],
            "instrument": {
                "code": known.instrument,
                "since": since,
                "until": until,
                "items": len(known.judged),
            },
        }

    def sections(self) -> Iterator[tuple[str, list[str]]]:
        """What is printed, as titles with lines."""
        counts = self.counts
        rate = sum(counts.values()) / max(self.seconds, 1e-9)
        yield (
            "Captured · 采集",
            [
                f"{self.items} items in {self.organisations} organisations' logs",
                f"{counts[Status.ACCEPTED]} events accepted, {counts[Status.DUPLICATE]} known"
                f" already ({rate:.0f} events/s, {self.documents} documents)",
            ],
        )
        if not self.whole:
            refused = counts[Status.REJECTED] + counts[Status.CONFLICT]
            yield "NOT whole · 不完整", [f"{refused} events were refused; this is a defect."]
        known = self.known
        yield (
            "Worth tracing · 可追溯",
            [
                f"suyuan trace CODE --direction WAY reaches as many along {', '.join(KINDS)}:",
                *(
                    f"{asked.why}, {asked.direction}, {len(asked.items)} items: {asked.code}"
                    for asked in known.asked
                ),
            ],
        )
        since, until = (_time(minute) for minute in known.window)
        yield (
            "Instrument out of tolerance · 超差仪器",
            [f"{known.instrument} judged {len(known.judged)} items from {since} to {until}"],
        )


def _time(minute: int) -> str:
    return (START + timedelta(minutes=minute)).isoformat()


def fill(
    workspace: Workspace, world: World, progress: Callable[[int], None] = lambda _items: None
) -> Filled:
    """Capture a world.

    Args:
        workspace: An open ledger, empty or with a part of the same world.
        world: The world.
        progress: Called with the number of items that whole waves have brought so far.

    Raises:
        UsageError: The ledger holds something else.
        StoreError: The ledger can't be written.
    """
    counts: Counter[Status] = Counter()
    started = perf_counter()
    logs: dict[str, LogAccess] = {}
    warnings = documents = 0
    for batch in batches(world.documents()):
        if not documents:
            _require_room(workspace, batch.first)
        slug = batch.organisation
        if slug not in logs:
            logs[slug] = workspace.access(workspace.add_organisation(slug, FIRMS[slug].zh))
        report = capture(logs[slug], io.BytesIO(batch.text()), submitter=batch.submitter)
        counts.update(report.counts)
        warnings += len(report.problems) + sum(len(one.problems) for one in report.receipts)
        documents += 1
        progress(world.named)
    # Of the trios one whose instruments are found wanting, in the middle of the world.
    doubtful = DOUBTFUL // TRIO
    middle = world.trios // 2 // doubtful * doubtful
    return Filled(
        items=world.named,
        counts=counts,
        warnings=warnings,
        organisations=len(logs),
        documents=documents,
        seconds=perf_counter() - started,
        known=world.known(middle),
    )


def _require_room(workspace: Workspace, event: str) -> None:
    """Refuse a ledger that has events, and not this one, which comes first."""
    with reading(workspace.engine) as connection:
        if not events(connection, first=1):
            return
        try:
            event_by_id(connection, event)
        except NotFoundError:
            raise UsageError(
                "The ledger holds other events than those of this world. Name an empty one with"
                " --folder or --db, or the --items and --seed that it was begun with."
            ) from None
