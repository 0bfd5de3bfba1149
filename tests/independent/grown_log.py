"""A log that grew in several captures, with what other people's verifiers are given of it."""

from dataclasses import dataclass

from sqlalchemy import Engine

from ledger.log.proof import InclusionProof
from ledger.log.proof_json import ConsistencyProof
from ledger.proofs import EventProof, checkpoint_at, prove_consistency, prove_event, prove_events
from ledger.store.engine import reading
from tests.ledger.builders import Ledger, instance, seen

PORTIONS = (1, 2, 5, 250, 44)
"""Events of each capture; the fourth ends behind the first full tile."""


@dataclass(frozen=True, slots=True)
class GrownLog:
    """Checkpoints, proofs and the key of one log."""

    vkey: str
    checkpoints: dict[int, str]
    """Signed notes by size."""
    events: list[EventProof]
    """Of every entry, against the newest checkpoint."""
    early: list[InclusionProof]
    """Of the first entry, against each checkpoint."""
    grown: list[ConsistencyProof]
    """From each checkpoint to each later one."""


def grow(engine: Engine, ledger: Ledger) -> GrownLog:
    """Capture the portions and prove everything."""
    number = 0
    for portion in PORTIONS:
        ledger.take(*(seen(instance(f"a{number + more}")) for more in range(portion)))
        number += portion
    log = ledger.organisation()
    with reading(engine) as connection:
        rows = [row for (row,) in ledger.rows("SELECT id FROM event ORDER BY seq")]
        sizes = [size for (size,) in ledger.rows("SELECT size FROM checkpoint ORDER BY size")]
        notes = {size: checkpoint_at(connection, log.row, size) for size in sizes}
        events = prove_events(connection, rows)
        first = ledger.rows("SELECT event_id FROM event WHERE seq = 0")[0][0]
        early = [prove_event(connection, first, size=size).proof for size in sizes]
        grown = [
            prove_consistency(connection, log.row, notes[old], notes[new])
            for old in sizes
            for new in sizes
            if old <= new
        ]
    return GrownLog(log.verifier_key, notes, events, early, grown)
