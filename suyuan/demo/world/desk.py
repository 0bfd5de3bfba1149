"""Where a wave is written down: events, documents as partners send them, and the book beside.

Rules kept:

* An event's id follows from the world, the wave and its number in the wave.
* A document holds the events of one system of one firm. It arrives some minutes after its last
  event; `LATE` of all arrive days later, so that goods are known before their papers.
* Documents leave in order of arrival, and only once nothing earlier can come: a stage says when it
  begins.

EPCIS 2.0 sections 7.4 (events) and 7.4.1.4 (error declarations).
"""

import heapq
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from suyuan.demo.parties import EXTENSION
from suyuan.demo.script import Submission
from suyuan.demo.world.book import Book
from suyuan.demo.world.firms import Firm
from suyuan.demo.world.plan import DAY, START, Wave
from suyuan.demo.world.spelling import as_urns

__all__ = ["LATE", "Desk", "Sent"]

_CONTEXT = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld"
_NAMESPACE = uuid.UUID("6f1d2b3c-84a5-5e60-9c1d-952100000002")
LATE = 0.06
"""Share of documents that arrive one to fourteen days late."""
_ON_THE_WAY = 20
"""Minutes from an event to its document's arrival."""

Sent = tuple[int, int, Submission]
"""Minute of arrival, number of the document in its wave, document."""


@dataclass(slots=True)
class Desk:
    """One wave's paper work."""

    world: str
    """What tells this world from others: its number of items and its seed."""
    wave: Wave
    book: Book
    random: Random = field(init=False)
    events: int = 0
    """Events in documents; an error declaration is one."""
    codes: set[str] = field(default_factory=set)
    """Items that were first named here."""
    _ids: int = 0
    _documents: int = 0
    _sent: list[Sent] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = Random(f"{self.world}/{self.wave.number}")

    def at(self, day: int, hour: int = 8, minute: int = 0) -> int:
        """Give a time of a day of the wave, in minutes of the world; minutes may exceed 59."""
        return self.wave.start + day * DAY + hour * 60 + minute

    def event(self, firm: Firm, kind: str, when: int, **fields: Any) -> dict[str, Any]:
        """Write one event; places are given by their codes, what is None is left out."""
        self._ids += 1
        name = uuid.uuid5(_NAMESPACE, f"{self.world}/{self.wave.number}/{self._ids}")
        event: dict[str, Any] = {
            "type": kind,
            "eventID": name.urn,
            "eventTime": self.time(when),
            "eventTimeZoneOffset": "+08:00",
        }
        for key, value in fields.items():
            if value is not None:
                event[key] = {"id": value} if key in {"readPoint", "bizLocation"} else value
        return as_urns(event) if firm.urns else event

    def submit(self, firm: Firm, system: str, *events: dict[str, Any], late: int = 0) -> None:
        """Send events to a firm's log, `late` days after the last of them, or later by chance."""
        if not late and self.random.random() < LATE:
            late = self.random.randint(1, 14)
        known = max(_minute(event) for event in events) + _ON_THE_WAY + late * DAY
        document: dict[str, Any] = {
            "@context": [_CONTEXT, {"suyuan": EXTENSION}],
            "type": "EPCISDocument",
            "schemaVersion": "2.0",
            "creationDate": self.time(known),
            "epcisBody": {"eventList": list(events)},
        }
        self.events += len(events)
        self._documents += 1
        submission = Submission(firm.slug, f"{firm.slug}/{system}", document)
        heapq.heappush(self._sent, (known, self._documents, submission))

    def correct(
        self, firm: Firm, system: str, wrong: dict[str, Any], *right: dict[str, Any], after: int
    ) -> None:
        """Send a wrong event; declare it an error some minutes later; then say what is right."""
        self.submit(firm, system, wrong)
        declared = _minute(wrong) + after
        declaration = {
            "declarationTime": self.time(declared),
            "reason": "incorrect_data" if right else "did_not_occur",
        }
        ids = {"correctiveEventIDs": [one["eventID"] for one in right]} if right else {}
        self.submit(firm, system, {**wrong, "errorDeclaration": {**declaration, **ids}})
        for one in right:
            self.submit(firm, system, one, late=-(-(declared - _minute(one)) // DAY))

    def until(self, when: int | None = None) -> Iterator[Sent]:
        """Hand over the documents that arrive before a time, or all."""
        while self._sent and (when is None or self._sent[0][0] < when):
            yield heapq.heappop(self._sent)

    @staticmethod
    def time(minute: int) -> str:
        """Give a time of the world as events write it."""
        return _time(minute).isoformat()


def _time(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def _minute(event: dict[str, Any]) -> int:
    said = event.get("errorDeclaration", {}).get("declarationTime") or event["eventTime"]
    return int((datetime.fromisoformat(said) - START).total_seconds()) // 60
