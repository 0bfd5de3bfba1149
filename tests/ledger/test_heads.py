"""What others hold of a log: contained, or evidence that stops the writer until it is."""

from pathlib import Path

import pytest

from ledger.errors import NoteError, StoreError, VerifyError
from ledger.heads import Evidence, KnownHeads, contradiction, newest_note
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.note import Signer
from ledger.receipts import Report
from ledger.store.engine import reading, writing
from ledger.store.tables import metadata
from tests.ledger.builders import FIRST_TIME, Event, Ledger, instance, seen

ORIGIN = "localhost/log/main"


def taken(ledger: Ledger, *events: Event, known: str | None = None) -> Report:
    """Capture as a program does, with the log's pinned checkpoint."""
    ledger.organisation()
    return ledger.take(*events, pin=ledger.keys.pin(ORIGIN), known_checkpoint=known)


def evidence_of(ledger: Ledger) -> list[Evidence]:
    """Return what is kept against the log."""
    return KnownHeads.of(ledger.keys.pin(ORIGIN)).all()


def roll_back(ledger: Ledger, size: int) -> None:
    """Cut off the newest entries as an older copy of everything does; the pin is older as well."""
    [(head,)] = ledger.rows("SELECT leaf FROM entry WHERE seq = {p}", size - 1)
    mark = "?" if ledger.engine.dialect.name == "sqlite" else "%s"
    with writing(ledger.engine) as connection:
        for table in ("entry", "event"):
            connection.exec_driver_sql(f"DELETE FROM {table} WHERE seq >= {size}")
        connection.exec_driver_sql(f"DELETE FROM checkpoint WHERE size > {size}")
        connection.exec_driver_sql(f"UPDATE log SET size = {size}, head = {mark}", (head,))
    [(note,)] = ledger.rows("SELECT note FROM checkpoint WHERE size = {p}", size)
    ledger.keys.pin(ORIGIN).path.write_text(note, "utf-8")


def start_over(ledger: Ledger) -> None:
    """Forget everything but the key, which whoever rewrites the whole history does."""
    with writing(ledger.engine) as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
    ledger.keys.pin(ORIGIN).path.unlink()
    ledger.logs.clear()


def test_every_receipt_carries_the_newest_checkpoint(ledger: Ledger) -> None:
    """Also one for duplicates and one for a refusal, so that every partner can keep it."""
    refused = taken(ledger, {"type": "Nonsense"})
    assert (refused.refused, refused.checkpoint) == (True, None)
    first = taken(ledger, seen(instance(1), eventID="urn:x:1"))
    assert first.checkpoint is not None
    assert taken(ledger, seen(instance(1), eventID="urn:x:1")).checkpoint == first.checkpoint
    assert taken(ledger, {"type": "Nonsense"}).checkpoint == first.checkpoint
    second = taken(ledger, seen(instance(2)))
    with reading(ledger.engine) as connection:
        assert newest_note(connection, 1) == second.checkpoint != first.checkpoint


def test_a_log_that_was_only_continued_takes_the_push(ledger: Ledger) -> None:
    """Every checkpoint that was ever given out stays contained."""
    notes = [taken(ledger, seen(instance(number))).checkpoint for number in range(5)]
    for known in notes:
        assert taken(ledger, seen(instance(9), eventID="urn:x:9"), known=known).committed
    assert evidence_of(ledger) == []
    ledger.check()


def test_a_log_that_was_rolled_back_refuses_the_push(ledger: Ledger) -> None:
    """A partner's checkpoint finds it, stops every writer, and heals when the right copy is back."""
    taken(ledger, seen(instance(1)))
    held = taken(ledger, seen(instance(2), eventID="urn:x:2")).checkpoint
    assert held is not None
    before = ledger.count("entry")
    roll_back(ledger, 1)
    with pytest.raises(VerifyError, match="rolled back: it has 1 entries here, and had 2"):
        taken(ledger, seen(instance(3)), known=held)
    [evidence] = evidence_of(ledger)
    assert (evidence.size, evidence.said_by, evidence.note) == (2, "tester", held)
    assert evidence.at > FIRST_TIME
    # From now on also who shows nothing can't write.
    with pytest.raises(StoreError, match="not written to: it was rolled back") as caught:
        taken(ledger, seen(instance(4)))
    assert "Restore the newest copy" in caught.value.fix
    assert ledger.count("entry") == before - 1
    # Shown again it is kept once.
    with pytest.raises(StoreError):
        taken(ledger, seen(instance(3)), known=held)
    assert len(evidence_of(ledger)) == 1


def test_a_log_that_was_forked_refuses_the_push(ledger: Ledger) -> None:
    """Who has the key and writes another history is found by an earlier receipt."""
    taken(ledger, seen(instance(1)))
    held = taken(ledger, seen(instance(2))).checkpoint
    start_over(ledger)
    for name in ("another", "second", "third"):
        taken(ledger, seen(instance(name)))
    ledger.check()  # in itself the new history is flawless
    with pytest.raises(VerifyError, match="forked or changed: its first 2 entries"):
        taken(ledger, seen(instance(5)), known=held)
    with pytest.raises(StoreError, match="forked"):
        taken(ledger, seen(instance(5)))
    assert [one.size for one in evidence_of(ledger)] == [2]


def test_nobody_can_invent_evidence(ledger: Ledger) -> None:
    """A checkpoint of another log, of another key or with a changed size proves nothing."""
    taken(ledger, seen(instance(1)))
    held = taken(ledger, seen(instance(2))).checkpoint
    assert held is not None
    forged = sign_checkpoint(Checkpoint(ORIGIN, 9, bytes(32)), [Signer.generate(ORIGIN)])
    own = ledger.keys.signer(ORIGIN)
    foreign = sign_checkpoint(Checkpoint("elsewhere/log", 9, bytes(32)), [own])
    for text in ("", "nonsense", forged, foreign, held.replace("\n2\n", "\n9\n")):
        with pytest.raises(NoteError):
            taken(ledger, seen(instance(3)), known=text)
    assert evidence_of(ledger) == []
    assert taken(ledger, seen(instance(3)), known=held).committed


def test_a_bare_size_counts_while_the_log_is_shorter(ledger: Ledger) -> None:
    """A witness's word, without a signature, stops the writer until the log is as long again."""
    taken(ledger, seen(instance(1)))
    heads = KnownHeads.of(ledger.keys.pin(ORIGIN))
    heads.keep(Evidence(2, "witness w", 7))
    heads.keep(Evidence(1, "witness w", 7))
    with reading(ledger.engine) as connection:
        with pytest.raises(StoreError, match=r"had 2 \(witness w\)"):
            heads.require(connection, 1, 1)
        heads.require(connection, 1, 2)
        assert contradiction(connection, 1, 1, 1) is None


def test_evidence_is_bounded(ledger: Ledger) -> None:
    """Twenty pieces are kept; who shows more fills no disk."""
    ledger.organisation()
    heads = KnownHeads.of(ledger.keys.pin(ORIGIN))
    for size in range(30):
        heads.keep(Evidence(size, "w", 7))
    assert len(heads.all()) == 20


def test_damaged_tiles_are_said_to_be_damaged(ledger: Ledger) -> None:
    """Where the tiles are gone nothing is claimed about a fork."""
    taken(ledger, seen(instance(1)))
    held = taken(ledger, seen(instance(2))).checkpoint
    with writing(ledger.engine) as connection:
        connection.exec_driver_sql("DELETE FROM tile")
    with pytest.raises(VerifyError, match="its tiles are damaged"):
        taken(ledger, seen(instance(3)), known=held)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        "[]",
        '{"at":1,"note":null,"said_by":"w","size":"2"}',
        '{"at":1,"note":7,"said_by":"w","size":2}',
        '{"at":1,"note":"x","said_by":"w","size":2}',
        '{"at":[],"note":null,"said_by":"w","size":2}',
    ],
)
def test_evidence_that_cannot_be_read_stops_the_writer(sqlite_ledger: Ledger, content: str) -> None:
    """Who could spoil the file would else have silenced it."""
    taken(sqlite_ledger, seen(instance(1)))
    folder = KnownHeads.of(sqlite_ledger.keys.pin(ORIGIN)).folder
    folder.mkdir()
    Path(folder / "x.json").write_text(content, "utf-8")
    with pytest.raises(StoreError, match=r"evidence x\.json against localhost/log/main"):
        taken(sqlite_ledger, seen(instance(2)))
