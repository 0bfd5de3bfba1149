"""Master data: what partners say of their places, parties and products.

A statement is an entry of the log like any other, so that it can't be changed quietly either. The
table holds the newest statement of each organisation about each code. Repeating a statement adds
nothing.

EPCIS 2.0 section 6.1.4 and 9.4, CBV 2.0 section 10.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ledger.errors import CanonicalError
from ledger.log.canonical import canonical_bytes, decimal_pointers
from ledger.personal import Sealed, personal_pointers, seal
from ledger.problems import Problem, problem
from ledger.projection import MAX_CODE, statement_of
from ledger.schemas import VOCABULARY_SCHEMA
from ledger.sealing import as_sealed, draw_salt, store_values, stored_values
from ledger.store.sets import fetch_in, is_sqlite

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from ledger.appending import LogWriter
    from ledger.epcis.documents import Vocabulary

__all__ = ["stated", "store_statements"]

_Bodies = dict[str, dict[str, Any]]
"""Bodies of entries, by code; the last one that a document has of each."""


def stated(
    vocabularies: Iterable[Vocabulary], personal: Collection[str]
) -> tuple[_Bodies, list[Problem]]:
    """What a document states, and the problems of what can't be stored.

    Args:
        vocabularies: As the document has them.
        personal: The attributes whose values are sealed (`ledger.personal`).
    """
    bodies: _Bodies = {}
    problems: list[Problem] = []
    for vocabulary in vocabularies:
        for element in vocabulary.elements:
            if len(element["id"]) > MAX_CODE:
                continue  # refused as a problem of the document
            body: dict[str, Any] = {"vocabulary": vocabulary.type, "element": element}
            if vocabulary.context:
                body["context"] = list(vocabulary.context)
            try:
                if decimals := decimal_pointers(element):
                    body["decimals"] = decimals
                personal_pointers(body, personal)
            except CanonicalError as error:
                problems.append(problem("", "json.refused", detail=str(error)))
            else:
                bodies[statement_of(body).code] = body
    return bodies, problems


def store_statements(
    log: LogWriter, bodies: _Bodies, personal: Collection[str], submitter: str, received_at: int
) -> int:
    """Append the statements that are new, and return how many there were.

    Args:
        log: The log, open.
        bodies: As `stated` gave them.
        personal: The attributes whose values are sealed.
        submitter: Who states it.
        received_at: Microseconds since 1970 UTC.
    """
    if not bodies:
        return 0  # as with most of the hundreds of documents that a commit stores
    connection = log.connection
    changed: list[tuple[object, ...]] = []
    values: list[tuple[int, tuple[Sealed, ...]]] = []
    for body in _news(log, bodies):
        stored, sealed = seal(body, personal, draw_salt)
        seq = log.add(
            canonical_bytes(stored),
            schema=VOCABULARY_SCHEMA,
            submitter=submitter,
            received_at=received_at,
        )
        one = statement_of(stored)
        changed.append((log.log, one.code, one.type, one.attributes, seq))
        values.append((seq, sealed))
    if changed:
        marks = ", ".join(["?" if is_sqlite(connection) else "%s"] * 5)
        connection.exec_driver_sql(
            f"INSERT INTO vocabulary (log_id, code, type, attributes, seq) VALUES ({marks})"
            " ON CONFLICT (log_id, code) DO UPDATE SET"
            " type = excluded.type, attributes = excluded.attributes, seq = excluded.seq",
            changed,
        )
        store_values(connection, log.log, values)
    return len(changed)


def _news(log: LogWriter, bodies: _Bodies) -> list[dict[str, Any]]:
    """The statements, by code, that don't say what the newest one of their code says."""
    rows = fetch_in(
        log.connection,
        "SELECT code, attributes, seq FROM vocabulary WHERE code {ids} AND log_id = {p}",
        bodies,
        log.log,
    )
    known = {code: (attributes, seq) for code, attributes, seq in rows}
    sealed = stored_values(log.connection, log.log, {seq for _, seq in known.values()})
    found = []
    for code, body in bodies.items():
        attributes, seq = known.get(code, (None, None))
        again = statement_of(body | {"element": as_sealed(body["element"], sealed.get(seq, ()))})
        if attributes != again.attributes:
            found.append(body)
    return found
