"""Proofs that an event stands in its log, which anybody checks with the log's key alone."""

import pytest

from ledger.errors import LedgerError, NoteError, NotFoundError, ProofError
from ledger.log.note import Signer
from ledger.log.proof import format_proof, parse_proof
from ledger.proof_files import check_event_proof
from ledger.proofs import newest_checkpoint, prove_event, prove_item
from ledger.store.engine import reading
from tests.ledger.builders import Ledger, instance
from tests.ledger.genealogy.asking import declare, make, see

FIRST = "urn:uuid:0a7d5a6e-94a4-4a1f-8f0e-000000000001"


def verifiers(ledger: Ledger, slug: str = "main") -> list[object]:
    """Return the key of a log as a stranger pins it."""
    return [ledger.keys.signer(ledger.organisation(slug).origin).verifier]


def test_every_event_of_a_log_can_be_proven(ledger: Ledger) -> None:
    """Each proof leads to the newest checkpoint, and shows the event that was asked for."""
    ledger.take(*(see(number, f"a{number}") for number in range(7)))
    ledger.take(see(9, "later"))
    rows = ledger.rows("SELECT event_id, seq FROM event")
    assert len(rows) == 8
    with reading(ledger.engine) as connection:
        for event_id, seq in rows:
            proof = prove_event(connection, event_id)
            assert (proof.event_id, proof.origin, proof.seq) == (
                event_id,
                "localhost/log/main",
                seq,
            )
            checkpoint, entry = check_event_proof(proof.text, verifiers(ledger))  # type: ignore[arg-type]
            assert (checkpoint.size, entry.header.seq) == (8, seq)
            assert entry.body["event"]["type"] == "ObjectEvent"


def test_an_item_is_proven_by_its_newest_event(ledger: Ledger) -> None:
    """By event time, whatever came in last."""
    ledger.take(make(5, "a", "b", eventID=FIRST))
    ledger.take(see(1, "b"))
    with reading(ledger.engine) as connection:
        proof = prove_item(connection, instance("b"))
    assert proof.event_id == FIRST
    _checkpoint, entry = check_event_proof(proof.text.encode(), verifiers(ledger))  # type: ignore[arg-type]
    assert entry.body["event"]["eventID"] == FIRST


def test_what_is_not_there_cannot_be_proven(ledger: Ledger) -> None:
    """Unknown events, items and organisations are not found."""
    ledger.organisation("idle")
    with reading(ledger.engine) as connection:
        with pytest.raises(NotFoundError, match="No event 'urn:x'"):
            prove_event(connection, "urn:x")
        with pytest.raises(NotFoundError, match="No event in this ledger names"):
            prove_item(connection, instance("a"))
        for slug in ("idle", "nobody"):
            with pytest.raises(NotFoundError, match=f"No checkpoint of '{slug}'"):
                newest_checkpoint(connection, slug)


def test_a_declared_event_is_proven_itself(ledger: Ledger) -> None:
    """The event that was taken back stays provable; its declaration is another entry."""
    wrong = see(1, "a", eventID=FIRST)
    ledger.take(wrong, declare(wrong))
    with reading(ledger.engine) as connection:
        assert prove_event(connection, FIRST).seq == 0


def test_the_newest_checkpoint_covers_everything(ledger: Ledger) -> None:
    """It is the one that the last capture reported, of this organisation."""
    ledger.take(see(1, "a"))
    ledger.take(see(1, "a"), slug="other")
    report = ledger.take(see(2, "a"))
    with reading(ledger.engine) as connection:
        assert newest_checkpoint(connection, "main") == report.checkpoint


def test_a_changed_proof_is_refused(sqlite_ledger: Ledger) -> None:
    """Any line changed, a key that is not pinned, or no entry in it: the proof is none."""
    sqlite_ledger.take(see(1, "a"), see(2, "b"), see(3, "c"))
    with reading(sqlite_ledger.engine) as connection:
        event_id = sqlite_ledger.rows("SELECT event_id FROM event WHERE seq = 1")[0][0]
        text = prove_event(connection, event_id).text
    trusted = verifiers(sqlite_ledger)
    check_event_proof(text, trusted)  # type: ignore[arg-type]
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines):
        if line.strip():
            middle = len(line) // 2
            other = "A" if line[middle] != "A" else "B"
            broken = [*lines]
            broken[number] = line[:middle] + other + line[middle + 1 :]
            with pytest.raises(LedgerError):
                check_event_proof("".join(broken), trusted)  # type: ignore[arg-type]
    stranger = Signer.generate("localhost/log/main").verifier
    with pytest.raises(NoteError):
        check_event_proof(text, [stranger])
    parsed = parse_proof(text)
    bare = format_proof(parsed.index, parsed.path, parsed.checkpoint, b"")
    with pytest.raises(ProofError, match="holds no entry"):
        check_event_proof(bare, trusted)  # type: ignore[arg-type]
