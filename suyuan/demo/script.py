"""How the demo life is written down: documents, and beside them a plain book of what is true.

Two things come out of a `Script`:

* `Submission`s: EPCIS 2.0 JSON-LD documents in the order in which they become known;
* a `Book`: which item went into which, who holds what, kept by the generator itself as it decides
  each step. The book never reads a document, so it can be compared with what a ledger concludes
  from the documents alone.

EPCIS 2.0 section 7.4 (events) and its JSON-LD binding; CBV 2.0 section 7 (vocabularies).
"""

import random
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from suyuan.demo.measures import (
    CHARACTERISTICS,
    Characteristic,
    draw,
    number,
    report,
    sensor_element,
)
from suyuan.demo.parties import EXTENSION, PARTIES, vocabulary

__all__ = ["Book", "Script", "Submission", "quantity"]

_CONTEXT = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld"
_EVENT_NAMESPACE = uuid.UUID("6f1d2b3c-84a5-5e60-9c1d-952100000001")
_OPERATORS = ("陈静", "李强", "王芳", "赵敏", "周磊", "孙悦", "吴涛", "郑洁")
_SHIFT = timedelta(minutes=20)
"""What passes between an event and its document's arrival at the ledger."""


@dataclass(frozen=True, slots=True)
class Submission:
    """One document on its way into one organisation's log."""

    organisation: str
    """Slug of the log."""

    submitter: str
    """The system that sends it, `<organisation>/<system>`."""

    document: dict[str, Any]
    """A valid EPCIS 2.0 JSON-LD document."""


@dataclass(slots=True)
class _Fit:
    part: str
    whole: str
    until: datetime | None = None


class Book:
    """What is true about the items, whatever the documents say."""

    def __init__(self) -> None:
        self.levels: dict[str, str] = {}
        self._outputs: dict[str, list[str]] = {}
        self._inputs: dict[str, list[str]] = {}
        self._fits: list[_Fit] = []
        self._inside: dict[str, str] = {}
        self._contents: dict[str, list[str]] = {}
        self._holder: dict[str, str] = {}

    def know(self, level: str, *items: str) -> None:
        """Note that items of one level (`instance`, `lot` or `logistic`) exist."""
        self.levels.update(dict.fromkeys(items, level))

    def made(self, inputs: Iterable[str], outputs: Iterable[str]) -> None:
        """Outputs were made of inputs; a lot's members count as made of their lot."""
        outputs = list(outputs)
        for source in inputs:
            self._outputs.setdefault(source, []).extend(outputs)
            for output in outputs:
                self._inputs.setdefault(output, []).append(source)

    def fitted(self, whole: str, parts: Iterable[str]) -> None:
        """Parts were built into a whole."""
        for part in parts:
            self._fits.append(_Fit(part, whole))
            self._enter(part, whole)

    def removed(self, whole: str, part: str, when: datetime) -> None:
        """A part came out of a whole."""
        for fit in self._fits:
            if (fit.part, fit.whole, fit.until) == (part, whole, None):
                fit.until = when
        self._leave(part)

    def packed(self, unit: str, contents: Iterable[str]) -> None:
        """Contents were put into a logistic unit."""
        for item in contents:
            self._enter(item, unit)

    def unpacked(self, contents: Iterable[str]) -> None:
        """Contents came out of their logistic unit."""
        for item in contents:
            self._leave(item)

    def held(self, party: str, *items: str) -> None:
        """A party has the items, and all that is inside them, from now on."""
        for item in items:
            self._holder[item] = party
            self.held(party, *self._contents.get(item, ()))

    def contains(self, unit: str) -> tuple[str, ...]:
        """List what is inside a logistic unit or a whole now."""
        return tuple(self._contents.get(unit, ()))

    def holder(self, item: str) -> str:
        """Who is known to have had an item last (PGLN URI)."""
        return self._holder[item]

    def affected(self, root: str, *, still: bool = False) -> frozenset[str]:
        """Find what a bad item reached: made of it or built from it; crates are places, not parts.

        Args:
            root: The bad item, itself not part of the answer.
            still: Leave out wholes from which every bad part has been removed again.
        """
        wholes: dict[str, list[str]] = {}
        for fit in self._fits:
            if not still or fit.until is None:
                wholes.setdefault(fit.part, []).append(fit.whole)
        return _reach(root, self._outputs, wholes)

    def origins(self, root: str) -> frozenset[str]:
        """Find everything an item was ever made of or built from."""
        parts: dict[str, list[str]] = {}
        for fit in self._fits:
            parts.setdefault(fit.whole, []).append(fit.part)
        return _reach(root, self._inputs, parts)

    def _enter(self, item: str, unit: str) -> None:
        self._inside[item] = unit
        self._contents.setdefault(unit, []).append(item)

    def _leave(self, item: str) -> None:
        self._contents[self._inside.pop(item)].remove(item)


def _reach(root: str, *edges: Mapping[str, list[str]]) -> frozenset[str]:
    found: set[str] = set()
    frontier = [root]
    while frontier:
        item = frontier.pop()
        for step in edges:
            fresh = set(step.get(item, ())) - found
            found |= fresh
            frontier.extend(sorted(fresh))
    return frozenset(found - {root})


def _known(event: Mapping[str, Any]) -> datetime:
    declared = event.get("errorDeclaration", {}).get("declarationTime", "")
    return datetime.fromisoformat(declared or event["eventTime"])


def quantity(code: str, amount: Decimal | int, unit: str | None = None) -> dict[str, Any]:
    """Write an EPCIS quantity element; without a unit it counts pieces."""
    element: dict[str, Any] = {"epcClass": code, "quantity": number(Decimal(amount))}
    if unit is not None:
        element["uom"] = unit
    return element


class Script:
    """Writes events and documents; the only holder of the random source."""

    def __init__(self, seed: int, start: datetime) -> None:
        self.random = random.Random(seed)
        self.book = Book()
        self.counts: Counter[str] = Counter()
        self._seed = seed
        self._start = start
        self._introduced: set[str] = set()
        self._submissions: list[tuple[datetime, Submission]] = []

    def at(self, day: int, hour: int = 8, minute: int = 0) -> datetime:
        """Give the time of day on the n-th day of the life; minutes may exceed 59."""
        return self._start + timedelta(days=day, hours=hour, minutes=minute)

    def event(self, kind: str, when: datetime, **fields: Any) -> dict[str, Any]:
        """Write one event with its identifier; places are given by their codes."""
        self.counts["events"] += 1
        identifier = uuid.uuid5(_EVENT_NAMESPACE, f"{self._seed}/{self.counts['events']}")
        event: dict[str, Any] = {
            "type": kind,
            "eventID": identifier.urn,
            "eventTime": when.isoformat(),
            "eventTimeZoneOffset": "+08:00",
        }
        for name, value in fields.items():
            event[name] = {"id": value} if name in {"readPoint", "bizLocation"} else value
        return event

    def operator(self) -> str:
        """Pick the person on duty: personal data, not for the public page."""
        return self.random.choice(_OPERATORS)

    def submit(
        self, organisation: str, system: str, events: list[dict[str, Any]], late: int = 0
    ) -> None:
        """Send events to a log, `late` days after the last of them happened."""
        known = max(_known(event) for event in events)
        known += _SHIFT + timedelta(days=late)
        document: dict[str, Any] = {
            "@context": [_CONTEXT, {"suyuan": EXTENSION}],
            "type": "EPCISDocument",
            "schemaVersion": "2.0",
            "creationDate": known.isoformat(),
        }
        document["epcisBody"] = {"eventList": events}
        submission = Submission(organisation, f"{organisation}/{system}", document)
        self._submissions.append((known, submission))

    def submissions(self) -> tuple[Submission, ...]:
        """Give all documents by arrival, each organisation's first with its master data."""
        ordered = [s for _, s in sorted(self._submissions, key=lambda known: known[0])]
        for submission in ordered:
            if submission.organisation not in self._introduced:
                self._introduced.add(submission.organisation)
                party = PARTIES[submission.organisation]
                header = {"epcisMasterData": {"vocabularyList": vocabulary(party)}}
                submission.document["epcisHeader"] = header
        return tuple(ordered)

    def readings(
        self, subject: str, when: datetime, **given: Decimal
    ) -> tuple[list[dict[str, Any]], str]:
        """Measure a subject once: a sensor element for each instrument, and the disposition.

        Args:
            subject: Key into `CHARACTERISTICS`.
            when: Time of the readings.
            given: Readings by characteristic that the story fixes.
        """
        by_instrument: dict[str, list[dict[str, Any]]] = {}
        for characteristic in CHARACTERISTICS[subject]:
            value = given.get(characteristic.name)
            if value is None:
                value = draw(self.random, characteristic)
            by_instrument.setdefault(characteristic.instrument, []).append(
                report(characteristic, value)
            )
        elements = [
            sensor_element(instrument, when.isoformat(), reports)
            for instrument, reports in by_instrument.items()
        ]
        bad = any("exception" in r for e in elements for r in e["sensorReport"])
        return elements, "non_conformant" if bad else "conformant"

    def sample(self, characteristic: Characteristic, size: int) -> dict[str, Any]:
        """Measure a characteristic on many pieces; report mean, extremes and limits at once."""
        values = sorted(draw(self.random, characteristic) for _ in range(size))
        mean = (sum(values, Decimal(0)) / size).quantize(characteristic.step)
        fields = report(characteristic, mean)
        fields["minValue"] = number(values[0])
        fields["maxValue"] = number(values[-1])
        fields["meanValue"] = fields.pop("value")
        fields["suyuan:sampleSize"] = size
        return fields
