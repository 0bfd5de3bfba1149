"""Master data: what partners say of their places, parties and products.

A statement is an entry of the log like any other, so that it can't be changed quietly either. The
table holds the newest statement of each organisation about each code. Repeating a statement adds
nothing.

EPCIS 2.0 section 6.1.4 and 9.4, CBV 2.0 section 10.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ledger.log.canonical import canonical_bytes, decimal_pointers
from ledger.projection import MAX_CODE, Statement, statement_of
from ledger.schemas import VOCABULARY_SCHEMA
from ledger.store.sets import fetch_in, is_sqlite

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from ledger.appending import LogWriter
    from ledger.epcis.documents import Vocabulary

__all__ = ["store_vocabularies"]


def store_vocabularies(
    connection: Connection,
    log: LogWriter,
    vocabularies: Iterable[Vocabulary],
    submitter: str,
    received_at: int,
) -> int:
    """Append the statements that are new, and return how many there were."""
    bodies: dict[str, tuple[Statement, dict[str, Any]]] = {}
    for vocabulary in vocabularies:
        for element in vocabulary.elements:
            body: dict[str, Any] = {"vocabulary": vocabulary.type, "element": element}
            if decimals := decimal_pointers(element):
                body["decimals"] = decimals
            statement = statement_of(body)
            if len(element["id"]) > MAX_CODE:
                continue  # refused as a problem of the document
            bodies[statement.code] = statement, body
    if not bodies:
        return 0  # as with most of the hundreds of documents that a commit stores
    known = dict(
        fetch_in(
            connection,
            "SELECT code, attributes FROM vocabulary WHERE code {ids} AND log_id = {p}",
            bodies,
            log.log,
        )
    )
    changed = []
    for statement, body in bodies.values():
        if known.get(statement.code) != statement.attributes:
            seq = log.add(
                canonical_bytes(body),
                schema=VOCABULARY_SCHEMA,
                submitter=submitter,
                received_at=received_at,
            )
            changed.append((log.log, statement.code, statement.type, statement.attributes, seq))
    if changed:
        marks = ", ".join(["?" if is_sqlite(connection) else "%s"] * 5)
        connection.exec_driver_sql(
            f"INSERT INTO vocabulary (log_id, code, type, attributes, seq) VALUES ({marks})"
            " ON CONFLICT (log_id, code) DO UPDATE SET"
            " type = excluded.type, attributes = excluded.attributes, seq = excluded.seq",
            changed,
        )
    return len(changed)
