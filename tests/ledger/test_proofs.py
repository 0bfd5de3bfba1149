"""Proofs that an event stands in its log, which anybody checks with the log's key alone."""

import json

import pytest

from ledger.errors import LedgerError, NoteError, NotFoundError, ProofError, VerifyError
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.note import Signer
from ledger.log.proof import format_proof, parse_proof
from ledger.log.proof_json import consistency_json
from ledger.log.proving import NodeCache
from ledger.proof_files import (
    CheckedConsistency,
    CheckedInclusion,
    check_proof_file,
)
from ledger.proofs import (
    checkpoint_at,
    newest_checkpoint,
    prove_consistency,
    prove_event,
    prove_events,
    prove_item,
    prove_seqs,
)
from ledger.store.engine import reading, writing
from tests.ledger.builders import Ledger, instance
from tests.ledger.genealogy.asking import declare, make, see
from tests.ledger.proven import proven_entry

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
            checkpoint, entry = proven_entry(proof.text, verifiers(ledger))  # type: ignore[arg-type]
            assert (checkpoint.size, entry.header.seq) == (8, seq)
            assert entry.body["event"]["type"] == "ObjectEvent"


def test_an_item_is_proven_by_its_newest_event(ledger: Ledger) -> None:
    """By event time, whatever came in last."""
    ledger.take(make(5, "a", "b", eventID=FIRST))
    ledger.take(see(1, "b"))
    with reading(ledger.engine) as connection:
        proof = prove_item(connection, instance("b"))
    assert proof.event_id == FIRST
    _checkpoint, entry = proven_entry(proof.text.encode(), verifiers(ledger))  # type: ignore[arg-type]
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
    proven_entry(text, trusted)  # type: ignore[arg-type]
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines):
        if line.strip():
            middle = len(line) // 2
            other = "A" if line[middle] != "A" else "B"
            broken = [*lines]
            broken[number] = line[:middle] + other + line[middle + 1 :]
            with pytest.raises(LedgerError):
                proven_entry("".join(broken), trusted)  # type: ignore[arg-type]
    stranger = Signer.generate("localhost/log/main").verifier
    with pytest.raises(NoteError):
        proven_entry(text, [stranger])
    parsed = parse_proof(text)
    bare = format_proof(parsed.index, parsed.path, parsed.checkpoint, b"")
    with pytest.raises(ProofError, match="holds no entry"):
        proven_entry(bare, trusted)  # type: ignore[arg-type]


def notes(ledger: Ledger) -> dict[int, str]:
    """Return the signed checkpoints by size."""
    return dict(ledger.rows("SELECT size, note FROM checkpoint"))


def test_against_any_checkpoint(ledger: Ledger) -> None:
    """An event is proven against the size that is asked for, or a checkpoint that was kept."""
    ledger.take(see(1, "a", eventID=FIRST))
    ledger.take(see(2, "b"), see(3, "c"))
    ledger.take(see(4, "d"))
    kept = notes(ledger)
    assert sorted(kept) == [1, 3, 4]
    with reading(ledger.engine) as connection:
        for size, note in kept.items():
            for proof in (
                prove_event(connection, FIRST, size=size),
                prove_item(connection, instance("a"), size=size),
                prove_event(connection, FIRST, against=note),
            ):
                checkpoint, _entry = proven_entry(proof.text, verifiers(ledger))  # type: ignore[arg-type]
                assert checkpoint.size == size
        with pytest.raises(NotFoundError, match="at size 2; the nearest are 1 and 3"):
            prove_event(connection, FIRST, size=2)
        with pytest.raises(NotFoundError, match="nearest are 4"):
            checkpoint_at(connection, ledger.organisation().row, 9)
        with pytest.raises(NotFoundError, match=r"covers 1 entries .* at least 3"):
            prove_item(connection, instance("c"), size=1)


def test_a_checkpoint_that_is_not_of_this_log(ledger: Ledger) -> None:
    """A checkpoint of another log, of another history or of a longer one proves nothing here."""
    ledger.take(see(1, "a", eventID=FIRST))
    ledger.take(see(1, "a"), slug="other")
    log = ledger.organisation()
    signer = ledger.keys.signer(log.origin)
    with reading(ledger.engine) as connection:
        other = newest_checkpoint(connection, "other")
        with pytest.raises(NotFoundError, match="Expected a checkpoint of localhost/log/main"):
            prove_event(connection, FIRST, against=other)
        longer = sign_checkpoint(Checkpoint(log.origin, 2, bytes(32)), [signer])
        with pytest.raises(NotFoundError, match="has 1 entries here, the checkpoint covers 2"):
            prove_event(connection, FIRST, against=longer)
        forked = sign_checkpoint(Checkpoint(log.origin, 1, bytes(32)), [signer])
        with pytest.raises(VerifyError, match="of another history"):
            prove_event(connection, FIRST, against=forked)
        with pytest.raises(NotFoundError, match="capture something first"):
            checkpoint_at(connection, 77)


def test_many_events_are_proven_together(ledger: Ledger) -> None:
    """Events of several logs, in the order of logs and seqs, with one cache for all of them."""
    ledger.take(*(see(number % 24, f"a{number}") for number in range(300)))
    ledger.take(see(1, "b"), slug="other")
    rows = [row for (row,) in ledger.rows("SELECT id FROM event")]
    cache = NodeCache()
    with reading(ledger.engine) as connection:
        for _ in range(2):
            proofs = prove_events(connection, rows, cache=cache)
            assert [(one.origin, one.seq) for one in proofs] == [
                *(("localhost/log/main", seq) for seq in range(300)),
                ("localhost/log/other", 0),
            ]
        assert prove_events(connection, []) == []
    assert len(cache) == 3
    for one in proofs[::50]:
        slug = one.origin.rpartition("/")[2]
        trusted = verifiers(ledger, slug)
        for form in (one.text, json.dumps(one.as_dict())):
            checked = check_proof_file(form, trusted)  # type: ignore[arg-type]
            assert isinstance(checked, CheckedInclusion)
            assert checked.event_id == one.event_id


def test_entries_are_proven_by_their_places(ledger: Ledger) -> None:
    """By seq, without the entries' bytes, with their leaf hashes."""
    ledger.take(*(see(number, f"a{number}") for number in range(5)))
    log = ledger.organisation().row
    stored = dict(ledger.rows("SELECT seq, leaf FROM entry"))
    with reading(ledger.engine) as connection:
        found = prove_seqs(connection, log, [4, 0, 4])
        assert [*found] == [0, 4]
        for seq, (proof, leaf) in found.items():
            assert (proof.index, proof.extra, leaf) == (seq, b"", bytes(stored[seq]))
        with pytest.raises(NotFoundError, match="size 5, got 5"):
            prove_seqs(connection, log, [5])


def test_growth_between_checkpoints(ledger: Ledger) -> None:
    """The log is proven to begin with every checkpoint that was kept, and with no other."""
    for number in range(4):
        ledger.take(*(see(number, f"a{number}-{more}") for more in range(number + 1)))
    kept = notes(ledger)
    log = ledger.organisation()
    with reading(ledger.engine) as connection:
        for old, note in kept.items():
            proof = prove_consistency(connection, log.row, note)
            assert (proof.old, proof.new) == (note, kept[10])
            form = json.dumps(consistency_json(proof.old, proof.new, proof.path))
            checked = check_proof_file(form, verifiers(ledger))  # type: ignore[arg-type]
            assert isinstance(checked, CheckedConsistency)
            assert (checked.old.size, checked.new.size) == (old, 10)
        between = prove_consistency(connection, log.row, kept[1], kept[6])
        assert between.new == kept[6]
        with pytest.raises(ProofError, match="from 0 to 1, got 6"):
            prove_consistency(connection, log.row, kept[6], kept[1])
        signer = ledger.keys.signer(log.origin)
        forged = sign_checkpoint(Checkpoint(log.origin, 3, bytes(32)), [signer])
        with pytest.raises(VerifyError, match="of another history"):
            prove_consistency(connection, log.row, forged)


def test_nothing_is_proven_from_a_tampered_store(sqlite_ledger: Ledger) -> None:
    """A changed entry, and a changed tile, are named instead of proven."""
    sqlite_ledger.take(see(1, "a", eventID=FIRST), see(2, "b"))
    with writing(sqlite_ledger.engine) as connection:
        connection.exec_driver_sql(
            "UPDATE entry SET bytes = CAST(replace(bytes, 'OBSERVE', 'OBSERVF') AS BLOB)"
        )
    with (
        reading(sqlite_ledger.engine) as connection,
        pytest.raises(VerifyError, match="Entry 0 of localhost/log/main is not the one"),
    ):
        prove_event(connection, FIRST)
    with writing(sqlite_ledger.engine) as connection:
        connection.exec_driver_sql("UPDATE tile SET hashes = zeroblob(64)")
    with (
        reading(sqlite_ledger.engine) as connection,
        pytest.raises(VerifyError, match="tiles were changed"),
    ):
        prove_event(connection, FIRST)
