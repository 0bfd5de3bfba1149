"""Stored cosignatures: asked for, kept, added to checkpoints and proofs, and checked."""

from typing import Any

import pytest

from ledger.cosignatures import (
    cosignature_findings,
    cosigned_checkpoint,
    covering_checkpoint,
    last_cosigned,
    quorum_checkpoint,
    with_cosignatures,
)
from ledger.errors import NotFoundError
from ledger.log import cosignature
from ledger.log.cosignature import Ed25519Cosigner
from ledger.log.mldsa import MlDsaSigner
from ledger.log.note import Verifier, parse_note
from ledger.log.policy import parse_policy
from ledger.log.witness import Conflict, Cosigned, read_response
from ledger.proofs import newest_checkpoint, prove_event
from ledger.store import tables
from ledger.store.engine import reading, writing
from ledger.witnessing import keep_cosignatures, prepare
from tests.ledger.builders import Ledger, instance, seen
from tests.ledger.cosigning import NOW, MemoryWitness, WitnessKey, policy_text
from tests.ledger.proven import proven_entry

W1, W2 = WitnessKey.of("w.example/1"), WitnessKey.of("w.example/2")


def verifier(ledger: Ledger) -> Verifier:
    """Return the key of the log."""
    return ledger.keys.signer(ledger.organisation().origin).verifier


def witness_of(ledger: Ledger, key: WitnessKey = W1) -> MemoryWitness:
    """Return a witness that trusts the ledger's log."""
    return MemoryWitness(key, {ledger.organisation().origin: verifier(ledger)})


def pushed(ledger: Ledger, witness: MemoryWitness, old: int | None = None) -> Cosigned | Conflict:
    """Send the newest checkpoint, and keep what is cosigned."""
    request = prepare(ledger.engine, ledger.organisation(), witness.key.cosigner, old)
    answer = witness.answer(request.body)
    said = read_response(answer, request.note, [witness.key.cosigner], NOW)
    if isinstance(said, Cosigned):
        keep_cosignatures(ledger.engine, ledger.organisation(), request.size, said)
    return said


def findings(ledger: Ledger) -> list[tuple[int | None, str]]:
    """Return place and column of each finding."""
    with reading(ledger.engine) as connection:
        return [
            (one.seq, one.column)
            for one in cosignature_findings(connection, 1, "localhost/log/main")
        ]


def tamper(ledger: Ledger, statement: str) -> None:
    """Change the store behind the ledger's back."""
    with writing(ledger.engine) as connection:
        connection.exec_driver_sql(statement)


def test_a_log_is_pushed_as_it_grows(ledger: Ledger) -> None:
    """Each push begins where the witness stands, and asks nothing twice."""
    witness = witness_of(ledger)
    for count in (1, 3, 4):
        ledger.take(*(seen(instance(f"{count}-{number}")) for number in range(count)))
        assert isinstance(pushed(ledger, witness), Cosigned)
        again = prepare(ledger.engine, ledger.organisation(), W1.cosigner)
        assert again.cosigned
    assert ledger.rows("SELECT size FROM cosignature ORDER BY size") == [(1,), (4,), (8,)]
    assert findings(ledger) == []
    with reading(ledger.engine) as connection:
        assert last_cosigned(connection, 1, W1.cosigner.vkey) == 8
        assert last_cosigned(connection, 1, W2.cosigner.vkey) == 0
        note = newest_checkpoint(connection, "main")
    assert note.count("\n— ") == 2
    policy = parse_policy(policy_text(W1))
    assert policy.verify(note, logs=[verifier(ledger)])[0].size == 8


def test_a_witness_that_stands_elsewhere_says_so(ledger: Ledger) -> None:
    """What we thought it knew doesn't matter: it is asked again from where it says it is."""
    witness = witness_of(ledger)
    ledger.take(seen(instance(1)), seen(instance(2)))
    pushed(ledger, witness)
    ledger.take(seen(instance(3)))
    tamper(ledger, "DELETE FROM cosignature")
    assert pushed(ledger, witness) == Conflict(2)
    assert isinstance(pushed(ledger, witness, 2), Cosigned)
    larger = prepare(ledger.engine, ledger.organisation(), W1.cosigner, 9)
    assert (larger.body, larger.old, larger.size) == (b"", 9, 3)
    # A row of a size that isn't there is no reason to claim anything.
    tamper(ledger, "UPDATE cosignature SET size = 77")
    assert prepare(ledger.engine, ledger.organisation(), W1.cosigner).old == 0


def test_an_empty_log_is_not_pushed(ledger: Ledger) -> None:
    """Without a checkpoint there is nothing to ask for, to serve or to prove."""
    with pytest.raises(NotFoundError, match="capture something first"):
        prepare(ledger.engine, ledger.organisation(), W1.cosigner)
    with reading(ledger.engine) as connection:
        assert cosigned_checkpoint(connection, 1) is None
        assert covering_checkpoint(connection, 1, 0) is None
        assert quorum_checkpoint(connection, 1, parse_policy("quorum none\n"), []) is None


def test_a_later_cosignature_takes_the_place_of_an_earlier_one(ledger: Ledger) -> None:
    """A checkpoint has one line of each witness."""
    witness = witness_of(ledger)
    ledger.take(seen(instance(1)))
    pushed(ledger, witness)
    witness.time = NOW + 60
    pushed(ledger, witness, 1)
    assert ledger.count("cosignature") == 1
    with reading(ledger.engine) as connection:
        found = quorum_checkpoint(connection, 1, parse_policy(policy_text(W1)), [verifier(ledger)])
    assert found is not None
    assert list(found[1].values()) == [NOW + 60]


def test_proofs_prefer_what_is_cosigned(ledger: Ledger) -> None:
    """A proof has the newest cosigned checkpoint that covers its entry, the newest one otherwise."""
    witness = witness_of(ledger)
    names = [f"urn:x:{number}" for number in range(3)]
    ledger.take(seen(instance(0), eventID=names[0]))
    ledger.take(seen(instance(1), eventID=names[1]))
    pushed(ledger, witness)
    ledger.take(seen(instance(2), eventID=names[2]))
    policy = parse_policy(policy_text(W1))
    with reading(ledger.engine) as connection:
        sizes = []
        for name in names:
            text = prove_event(connection, name).text
            checkpoint, _entry = proven_entry(text, [verifier(ledger)])
            note = text.partition("\n\n")[2]
            sizes.append((checkpoint.size, len(policy.cosigned(note))))
        assert sizes == [(2, 1), (2, 1), (3, 0)]
        assert covering_checkpoint(connection, 1, 3) is None
        newest = cosigned_checkpoint(connection, 1)
        assert newest is not None
        assert (newest.size, newest.witnesses) == (3, 0)


def test_a_quorum_counts_only_what_the_policy_names(ledger: Ledger) -> None:
    """The newest checkpoint with enough of the right witnesses, not the newest with any."""
    first, second = witness_of(ledger), witness_of(ledger, W2)
    ledger.take(seen(instance(1)))
    pushed(ledger, first)
    pushed(ledger, second)
    ledger.take(seen(instance(2)))
    pushed(ledger, first)
    key = verifier(ledger)
    with reading(ledger.engine) as connection:
        both = quorum_checkpoint(connection, 1, parse_policy(policy_text(W1, W2)), [key])
        either = quorum_checkpoint(
            connection, 1, parse_policy(policy_text(W1, W2, quorum="any")), [key]
        )
        other = parse_policy(policy_text(WitnessKey.of("w.example/3")))
        assert quorum_checkpoint(connection, 1, other, [key]) is None
    assert both is not None
    assert either is not None
    assert (both[0].size, either[0].size) == (1, 2)


CHANGES: list[tuple[str, tuple[int | None, str]]] = [
    ("UPDATE cosignature SET line = replace(line, 'A', 'B')", (0, "cosignature.line")),
    ("UPDATE cosignature SET line = ''", (0, "cosignature.line")),
    ("UPDATE cosignature SET line = line || '\n' || line", (0, "cosignature.line")),
    ("UPDATE cosignature SET line = '— x AAAAAAA=' || '\n\n' || line", (0, "cosignature.line")),
    (f"UPDATE cosignature SET witness = '{W2.cosigner.vkey}'", (0, "cosignature.line")),
    ("UPDATE cosignature SET witness = 'x'", (0, "cosignature.line")),
    ("UPDATE cosignature SET size = 2", (1, "cosignature.line")),
    ("UPDATE cosignature SET size = 3", (2, "cosignature.size")),
    ("UPDATE cosignature SET size = -1", (None, "cosignature.size")),
    ("DELETE FROM checkpoint WHERE size = 1", (0, "cosignature.size")),
]


@pytest.mark.parametrize(("statement", "found"), CHANGES)
def test_no_column_of_a_cosignature_may_change(
    ledger: Ledger, statement: str, found: tuple[int | None, str]
) -> None:
    """What was changed is named with its place, and is not handed out."""
    ledger.take(seen(instance(1)))
    pushed(ledger, witness_of(ledger))
    ledger.take(seen(instance(2)))
    assert findings(ledger) == []
    tamper(ledger, statement.replace("%", "%%"))
    assert findings(ledger) == [found]
    with reading(ledger.engine) as connection:
        for size, note in ledger.rows("SELECT size, note FROM checkpoint"):
            assert with_cosignatures(connection, 1, size, note).note == note
        text = covering_checkpoint(connection, 1, 0)
    assert text is not None
    assert text.witnesses == 0


def test_a_cosignature_of_another_log(ledger: Ledger) -> None:
    """A row moved to another log's checkpoint of the same size doesn't hold there."""
    ledger.take(seen(instance(1)))
    ledger.take(seen(instance(1)), slug="other")
    pushed(ledger, witness_of(ledger))
    tamper(ledger, "UPDATE cosignature SET log_id = 2")
    assert findings(ledger) == []
    with reading(ledger.engine) as connection:
        [one] = cosignature_findings(connection, 2, "localhost/log/other")
    assert (one.seq, one.column, one.log) == (0, "cosignature.line", "localhost/log/other")


def test_values_of_wrong_types(sqlite_ledger: Ledger) -> None:
    """SQLite keeps bytes in a column of text, and anything in one of numbers: each is named."""
    changes: list[tuple[str, Any]] = [
        ("UPDATE cosignature SET line = x'00'", [(0, "cosignature.line")]),
        ("UPDATE cosignature SET witness = x'00'", [(0, "cosignature.line")]),
        ("UPDATE checkpoint SET note = 'x'", []),
        ("UPDATE cosignature SET size = 'many'", [(None, "cosignature.size")]),
    ]
    sqlite_ledger.take(seen(instance(1)))
    pushed(sqlite_ledger, witness_of(sqlite_ledger))
    [row] = sqlite_ledger.rows("SELECT log_id, size, witness, line FROM cosignature")
    [note] = sqlite_ledger.rows("SELECT note FROM checkpoint")
    for statement, found in changes:
        tamper(sqlite_ledger, statement)
        assert findings(sqlite_ledger) == found
        with writing(sqlite_ledger.engine) as connection:
            connection.exec_driver_sql("DELETE FROM cosignature")
            connection.exec_driver_sql("INSERT INTO cosignature VALUES (?, ?, ?, ?)", row)
            connection.exec_driver_sql("UPDATE checkpoint SET note = ?", note)
    tamper(sqlite_ledger, "UPDATE cosignature SET size = 'many'")
    with reading(sqlite_ledger.engine) as connection:
        assert last_cosigned(connection, 1, W1.cosigner.vkey) == 0


def test_a_line_of_ml_dsa(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stored line of type 06 is checked as any other; where OpenSSL is too old for it, it is ignored."""
    ledger.take(seen(instance(1)))
    witness = MlDsaSigner.generate("w.example/pq")
    with reading(ledger.engine) as connection:
        text = parse_note(newest_checkpoint(connection, "main")).text
    line = witness.sign(text).line().rstrip("\n")

    def kept(stored: str) -> tuple[list[str], int]:
        with writing(ledger.engine) as connection:
            connection.execute(tables.cosignature.delete())
            connection.execute(
                tables.cosignature.insert().values(
                    log_id=1, size=1, witness=witness.verifier.vkey, line=stored
                )
            )
        with reading(ledger.engine) as connection:
            found = cosigned_checkpoint(connection, 1)
            assert found is not None
            findings = cosignature_findings(connection, 1, "o")
            return [one.column for one in findings], found.witnesses

    assert kept(line) == ([], 1)
    assert kept(line[:-9] + ("A" if line[-9] != "A" else "B") + line[-8:])[1] == 0
    monkeypatch.setattr(cosignature, "COSIGNERS", {b"\x04": Ed25519Cosigner})
    assert kept(line) == ([], 0)
