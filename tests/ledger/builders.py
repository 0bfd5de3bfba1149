"""Small EPCIS events, and a ledger to capture them to.

Everything is real: the events are valid EPCIS 2.0, the ledger stands in a migrated database, and its keys
in a folder. Only time is counted instead of read.
"""

import io
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import Engine

from ledger.capture import capture
from ledger.epcis.context import STANDARD_CONTEXT
from ledger.keys import KeyFolder
from ledger.organisations import Organisation, add_organisation
from ledger.receipts import Mode, Report
from ledger.sequencing import LogAccess
from ledger.store.engine import reading
from ledger.store.sets import fetch
from ledger.verification import verify_ledger

GTIN = "09506000134352"
PRODUCT = f"https://id.gs1.org/01/{GTIN}"
FIRST_TIME = 1_772_323_200_000_000
"""2026-03-01T00:00:00Z; the ledger's clock of the tests starts here."""

Event = dict[str, Any]


def instance(serial: object) -> str:
    """Return the canonical code of one pack."""
    return f"{PRODUCT}/21/{serial}"


def lot(number: object) -> str:
    """Return the canonical code of a lot of packs."""
    return f"{PRODUCT}/10/{number}"


def some(code: str, quantity: float | str | None = None, unit: str | None = None) -> Event:
    """Return an element of a list of quantities."""
    element = {"epcClass": code, "quantity": quantity, "uom": unit}
    return {name: value for name, value in element.items() if value is not None}


def event(kind: str, at: str = "2026-03-01T08:00:00Z", **fields: Any) -> Event:
    """Return an event of any kind with the fields that each one must have."""
    offset = "+00:00" if at.endswith("Z") else at[-6:]
    return {"type": kind, "eventTime": at, "eventTimeZoneOffset": offset, **fields}


def seen(*codes: str, action: str = "OBSERVE", **fields: Any) -> Event:
    """Return an ObjectEvent about instances."""
    return event("ObjectEvent", **{"action": action, "epcList": list(codes), **fields})


def made(inputs: Iterable[Event | str], outputs: Iterable[Event | str], **fields: Any) -> Event:
    """Return a TransformationEvent; text is an instance, anything else a lot or class."""
    lists: dict[str, list[Any]] = {}
    for side, items in (("input", inputs), ("output", outputs)):
        for item in items:
            ending = "EPCList" if isinstance(item, str) else "QuantityList"
            lists.setdefault(side + ending, []).append(item)
    return event("TransformationEvent", **(lists | fields))


def family(parent: str | None, *children: str, action: str = "ADD", **fields: Any) -> Event:
    """Return an AggregationEvent, or with `kind="AssociationEvent"` one of those."""
    kind = fields.pop("kind", "AggregationEvent")
    own: Event = {"action": action, "parentID": parent, "childEPCs": list(children)}
    return event(kind, **{name: value for name, value in own.items() if value}, **fields)


def declared_wrong(original: Event, **fields: Any) -> Event:
    """Return the declaration that an event was an error."""
    return original | {"errorDeclaration": {"declarationTime": "2026-03-02T08:00:00Z", **fields}}


def document(*events: Any, **fields: Any) -> Event:
    """Return an EPCISDocument; `vocabularies` are its master data, by type."""
    vocabularies = fields.pop("vocabularies", None)
    if vocabularies:
        lists = [
            {"type": f"urn:epcglobal:epcis:vtype:{kind}", "vocabularyElementList": elements}
            for kind, elements in vocabularies.items()
        ]
        fields["epcisHeader"] = {"epcisMasterData": {"vocabularyList": lists}}
    return {
        "@context": [STANDARD_CONTEXT],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-03-01T08:00:00Z",
        "epcisBody": {"eventList": list(events)},
        **fields,
    }


def element(code: str, **attributes: Any) -> Event:
    """Return one element of master data."""
    stated = [
        {"id": f"urn:example:mda:{name}", "attribute": value} for name, value in attributes.items()
    ]
    return {"id": code, "attributes": stated}


def stream(content: object) -> BinaryIO:
    """Return a document as the bytes that come in; bytes and text stay as they are."""
    if isinstance(content, bytes):
        return io.BytesIO(content)
    text = content if isinstance(content, str) else json.dumps(content)
    return io.BytesIO(text.encode())


@dataclass(slots=True)
class Ledger:
    """A ledger in a database, with a clock that counts."""

    engine: Engine
    keys: KeyFolder
    ticks: Callable[[], int] = field(default_factory=lambda: count(FIRST_TIME).__next__)
    logs: dict[str, Organisation] = field(default_factory=dict)

    def organisation(self, slug: str = "main") -> Organisation:
        """Return an organisation, which is added when it is new."""
        if slug not in self.logs:
            self.logs[slug] = add_organisation(
                self.engine, self.keys, slug=slug, name=slug.title(), host="localhost"
            )
        return self.logs[slug]

    def send(self, content: object, slug: str = "main", **options: Any) -> Report:
        """Capture a document; `options` are those of `capture`."""
        owner = self.organisation(slug)
        access = self.access(
            owner,
            **{name: options.pop(name) for name in ("pin", "signer", "now") if name in options},
        )
        source = content if hasattr(content, "read") else stream(content)
        return capture(access, source, **({"submitter": "tester"} | options))  # type: ignore[arg-type]

    def access(self, owner: Organisation, **other: Any) -> LogAccess:
        """Return what it takes to write to a log, without a pinned checkpoint unless one is given."""
        given: dict[str, Any] = {"signer": self.keys.signer(owner.origin), "now": self.ticks}
        return LogAccess(self.engine, owner, **(given | other))

    def take(
        self, *events: Any, slug: str = "main", mode: Mode = Mode.ROLLBACK, **options: Any
    ) -> Report:
        """Capture a document of events."""
        return self.send(document(*events), slug, mode=mode, **options)

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Return what a query with `{p}` for each value finds."""
        with reading(self.engine) as connection:
            return fetch(connection, sql, *values)

    def count(self, table: str) -> int:
        """Return the number of rows of a table."""
        [(rows,)] = self.rows(f"SELECT count(*) FROM {table}")
        return int(rows)

    def links(self, event_row: int | None = None) -> set[tuple[Any, ...]]:
        """Return (code, role, line, code of the peer, quantity, unit) of each link."""
        rows = self.rows(
            "SELECT event_row, item.code, role, line, parent.code, quantity, unit FROM link"
            " JOIN item ON item.id = item_id LEFT JOIN item AS parent ON parent.id = peer"
        )
        return {tuple(row) for event, *row in rows if event_row in {None, event}}

    def check(self) -> None:
        """Fail unless every log and every projection of it holds."""
        reports = verify_ledger(self.engine, self.keys)
        assert [report.findings for report in reports] == [()] * len(reports)


TABLES = "entry tile checkpoint event item link vocabulary".split()


def contents(ledger: Ledger) -> dict[str, int]:
    """Return the number of rows of each table that capture writes to."""
    return {table: ledger.count(table) for table in TABLES}


def ledger_in(engine: Engine, folder: Path) -> Ledger:
    """Return a ledger on a migrated database."""
    return Ledger(engine, KeyFolder(folder / "keys"))
