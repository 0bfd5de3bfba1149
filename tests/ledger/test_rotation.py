"""Changing keys: in the log, with an overlap, cut short anywhere, and against who stole one."""

from collections.abc import Callable

import pytest

from ledger.appending import LogWriter
from ledger.errors import NoteError, StoreError, UsageError
from ledger.keys import KeyFolder
from ledger.log.canonical import canonical_bytes
from ledger.log.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from ledger.log.keychain import format_keys, statement
from ledger.log.keyring import KeyRange, KeyRing
from ledger.log.note import ED25519, Signer, parse_note
from ledger.loggedkeys import key_rows, stored_keys, trusted_keys
from ledger.organisations import find_organisation
from ledger.pins import Pin
from ledger.rotation import (
    KeyChange,
    KeyRoom,
    add_ml_dsa,
    follow_keys,
    replace_stolen,
    retire,
    rotate,
)
from ledger.store.engine import reading, writing
from ledger.verification import verify_ledger
from tests.ledger.builders import Ledger, instance, seen


def room(ledger: Ledger, keys: KeyFolder | None = None) -> KeyRoom:
    """Return what a change needs."""
    owner = ledger.organisation()
    return KeyRoom(ledger.engine, keys or ledger.keys, owner, "tester", ledger.ticks)


def take(ledger: Ledger, *numbers: int) -> None:
    """Capture events, each with a checkpoint of its own, signed and kept as commands do."""
    origin = ledger.organisation().origin
    for number in numbers:
        ledger.take(
            seen(instance(number)),
            signer=ledger.keys.signers(origin),
            pin=ledger.keys.pin(origin),
        )


def notes(ledger: Ledger) -> dict[int, str]:
    """Return the stored checkpoints by size."""
    return dict(ledger.rows("SELECT size, note FROM checkpoint ORDER BY size"))


def ids(note: str) -> list[bytes]:
    """Return the ids of the keys that signed."""
    return [line.key_id for line in parse_note(note).signatures]


def ring_of(ledger: Ledger) -> KeyRing:
    """Return the pinned keys."""
    found = ledger.keys.ring(ledger.organisation().origin)
    assert found is not None
    return found


def test_rotation_with_an_overlap(ledger: Ledger) -> None:
    """Old key alone, both, new key alone; everything verifies, and the old key alone leads to the new."""
    take(ledger, 1, 2)
    first = ring_of(ledger)
    begun = rotate(room(ledger))
    take(ledger, 3)
    ended = retire(room(ledger))
    take(ledger, 4)
    old, new = (key.key_id for key in ended.ring)
    assert (begun.seq, ended.seq) == (2, 4)
    assert [(one.first, one.last) for one in ended.ring.ranges] == [(0, 5), (3, None)]
    assert [ids(note) for note in notes(ledger).values()] == [
        [old],
        [old],
        [old, new],
        [old, new],
        [old, new],
        [new],
    ]
    ledger.check()
    assert ring_of(ledger) == ended.ring
    with reading(ledger.engine) as connection:
        owner = find_organisation(connection, "main")
        assert owner.verifier_key == ended.ring.current.vkey
        assert stored_keys(connection, owner) == ended.ring
        assert trusted_keys(connection, owner, first) == ended.ring
        assert trusted_keys(connection, owner, begun.ring) == ended.ring
        assert trusted_keys(connection, owner, None) == ended.ring
    with pytest.raises(UsageError, match="successor first"):
        retire(room(ledger))


def test_a_reader_who_pinned_the_first_key(ledger: Ledger) -> None:
    """Verification with the first key alone follows the log to the newest."""
    take(ledger, 1)
    first = ring_of(ledger)
    rotate(room(ledger))
    retire(room(ledger))
    take(ledger, 2)
    ledger.keys.keep(first)
    assert [report.findings for report in verify_ledger(ledger.engine, ledger.keys)] == [()]
    assert format_keys(follow_keys(room(ledger))).count("\n") == 2
    ledger.check()


def test_one_rotation_at_a_time(ledger: Ledger) -> None:
    """A second new key before the first rotation is finished is refused, and leaves no entry."""
    rotate(room(ledger))
    with pytest.raises(UsageError, match="retire the older one"):
        rotate(room(ledger))
    assert ledger.count("entry") == 1
    with pytest.raises(UsageError, match=r"one of [0-9a-f]{8}, [0-9a-f]{8}; got 'nonsense'"):
        retire(room(ledger), "nonsense")
    ledger.check()


def test_an_ml_dsa_line(ledger: Ledger) -> None:
    """It stands beside the Ed25519 one from its size on, is required of ours, and can be rotated."""
    take(ledger, 1)
    ed25519 = ring_of(ledger)
    change = add_ml_dsa(room(ledger))
    take(ledger, 2)
    assert [len(ids(note)) for note in notes(ledger).values()] == [1, 2, 2]
    ledger.check()
    newest = notes(ledger)[3]
    assert open_checkpoint(newest, None, ed25519).size == 3
    assert open_checkpoint(newest, None, [change.ring.ranges[1].key]).size == 3
    origin = change.ring.name
    with pytest.raises(StoreError, match="were changed since this command loaded them"):
        ledger.take(seen(instance(3)), signer=ledger.keys.signer(origin))
    add_ml_dsa(room(ledger))
    retire(room(ledger), change.ring.ranges[1].key.key_id.hex())
    assert replace_stolen(room(ledger), 5, ring_of(ledger).ranges[2].key.key_id.hex()).seq == 5
    kinds = [one.key.kind == ED25519 for one in ring_of(ledger).ranges]
    assert kinds == [True, False, False, False]
    ledger.check()


# Outdated and stolen keys


def appended(ledger: Ledger, signer: Signer) -> str:
    """Append an entry and sign its checkpoint with a key that somebody brought along."""
    with writing(ledger.engine) as connection:
        log = LogWriter.open(connection, ledger.organisation().row)
        return log.seal(signer)


def test_an_outdated_key_does_not_sign(ledger: Ledger) -> None:
    """A writer that loaded the old key before it was retired is refused, and stores nothing."""
    take(ledger, 1)
    owner = ledger.organisation()
    before = ledger.keys.signers(owner.origin)
    rotate(room(ledger))
    both = ledger.keys.signers(owner.origin)
    retire(room(ledger))
    with pytest.raises(StoreError, match="suyuan key follow"):
        ledger.take(seen(instance(2)), signer=before)
    assert ledger.count("entry") == 3
    ledger.take(seen(instance(2)), signer=both)
    assert ids(notes(ledger)[4]) == [both[1].verifier.key_id]
    with pytest.raises(StoreError, match="were changed"):
        appended(ledger, Signer.generate(owner.origin))


def test_a_retired_key_above_its_range(ledger: Ledger) -> None:
    """A checkpoint that the old key signs after its end is refused, whatever it says."""
    take(ledger, 1)
    old = ledger.keys.signer(ledger.organisation().origin)
    rotate(room(ledger))
    retire(room(ledger))
    take(ledger, 2)
    [(size, root)] = ledger.rows("SELECT size, root FROM checkpoint ORDER BY size DESC LIMIT 1")
    forged = sign_checkpoint(Checkpoint(old.name, size, bytes(root)), [old])
    with pytest.raises(NoteError, match="outdated or stolen"):
        open_checkpoint(forged, old.name, ring_of(ledger))
    with writing(ledger.engine) as connection:
        connection.exec_driver_sql(
            "UPDATE checkpoint SET note = '" + forged + f"' WHERE size = {size}"
        )
    [report] = verify_ledger(ledger.engine, ledger.keys)
    assert [(found.seq, found.column) for found in report.findings][:1] == [(size - 1, "note")]


def test_a_stolen_key(ledger: Ledger) -> None:
    """Its range ends where it was last good; what it alone signed above is signed by the new key."""
    take(ledger, 1, 2, 3, 4)
    stolen = ledger.keys.signer(ledger.organisation().origin)
    change = replace_stolen(room(ledger), 2)
    assert change == KeyChange(change.ring, 4, 2)
    assert [(one.first, one.last) for one in change.ring.ranges] == [(0, 2), (3, None)]
    old, new = (key.key_id for key in change.ring)
    assert [ids(note) for note in notes(ledger).values()] == [
        [old],
        [old],
        [new],
        [new],
        [old, new],
    ]
    take(ledger, 5)
    ledger.check()
    fork = sign_checkpoint(Checkpoint(stolen.name, 3, bytes(32)), [stolen])
    with pytest.raises(NoteError, match="sizes 0 to 2: an outdated or stolen key"):
        open_checkpoint(fork, stolen.name, change.ring)
    # With the stolen key alone nobody speaks for the log any more.
    thief = Signer.generate(stolen.name)
    body = statement(
        KeyRing((*change.ring.ranges, KeyRange(thief.verifier, 7))), [stolen, thief], seq=6
    )
    with writing(ledger.engine) as connection:
        log = LogWriter.open(connection, ledger.organisation().row)
        log.add(
            canonical_bytes(body),
            schema="suyuan/key/1",
            submitter="thief",
            received_at=ledger.ticks(),
        )
        log.seal(ledger.keys.signers(stolen.name))
    [report] = verify_ledger(ledger.engine, ledger.keys)
    [finding] = report.findings
    assert (finding.seq, finding.column) == (6, "bytes")
    assert "can't change the keys" in finding.message


def test_a_key_that_was_stolen_before_it_was_rotated(ledger: Ledger) -> None:
    """Where the newer key has signed all that is in doubt, the older one's range is cut and that is all."""
    take(ledger, 1, 2)
    rotate(room(ledger))
    take(ledger, 3)
    old = ring_of(ledger).ranges[0].key.key_id.hex()
    change = replace_stolen(room(ledger), 2, old)
    assert (len(change.ring.ranges), change.signed_again) == (2, 0)
    # Worse: it was stolen earlier than that.
    change = replace_stolen(room(ledger), 1, old)
    assert [(one.first, one.last) for one in change.ring.ranges] == [(0, 1), (3, None), (2, None)]
    assert change.signed_again == 1
    take(ledger, 4)
    ledger.check()


@pytest.mark.parametrize("last_good", [-1, 3])
def test_a_size_that_a_key_never_signed(ledger: Ledger, last_good: int) -> None:
    """The last good size has to be one of the key's own."""
    take(ledger, 1, 2)
    with pytest.raises(UsageError, match=f"from 0 to 2 .*got {last_good}"):
        replace_stolen(room(ledger), last_good)
    with pytest.raises(UsageError, match="Expected the id of a key"):
        replace_stolen(room(ledger), 1, "00000000")
    assert ledger.count("entry") == 2


def test_no_fork_is_signed_anew(ledger: Ledger) -> None:
    """A checkpoint of the thief that stands in the database is found, and nothing is changed."""
    take(ledger, 1, 2, 3)
    with writing(ledger.engine) as connection:
        connection.exec_driver_sql(
            "UPDATE checkpoint SET root = (SELECT leaf FROM entry WHERE seq = 0) WHERE size = 2"
        )
    before = notes(ledger)
    with pytest.raises(StoreError, match="size 2 is not one of this log"):
        replace_stolen(room(ledger), 1)
    assert notes(ledger) == before
    assert len(ring_of(ledger).ranges) == 1


# Faults


class LostError(Exception):
    """What a failing step raises."""


CHANGES: dict[str, Callable[[KeyRoom], object]] = {
    "rotate": rotate,
    "retire": retire,
    "stolen": lambda at: replace_stolen(at, 2),
    "ml-dsa": add_ml_dsa,
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("step", ["add", "commit", "pin", "keep"])
@pytest.mark.parametrize("persisted", ["lost", "persisted"])
def test_a_change_that_is_cut_short(
    ledger: Ledger,
    monkeypatch: pytest.MonkeyPatch,
    change: str,
    step: str,
    persisted: str,
) -> None:
    """Each step lost, or done and reported failed: the log verifies, and `follow` ends what was begun."""
    take(ledger, 1, 2)
    if change == "retire":
        rotate(room(ledger))
    before, stated = ring_of(ledger), step in {"pin", "keep"}
    owner, name = {
        "add": (KeyFolder, "add"),
        "commit": (LogWriter, "seal"),
        "pin": (Pin, "keep"),
        "keep": (KeyFolder, "keep"),
    }[step]
    real = getattr(owner, name)

    def fail(*arguments: object, **options: object) -> None:
        if persisted == "persisted":
            real(*arguments, **options)
        raise LostError

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, fail)
        if change == "retire" and step == "add":
            CHANGES[change](room(ledger))  # makes no key, so nothing is lost
            stated = True
        else:
            with pytest.raises(LostError):
                CHANGES[change](room(ledger))
    ledger.check()
    assert (len(ledger.rows("SELECT 1 FROM entry WHERE schema = 'suyuan/key/1'")) == 1) == (
        stated != (change == "retire")
    )
    after = follow_keys(room(ledger))
    assert (after != before) == stated
    assert follow_keys(room(ledger)) == after == ring_of(ledger)
    take(ledger, 3)
    ledger.check()
    if not stated:
        CHANGES[change](room(ledger))
        take(ledger, 4)
        ledger.check()


def test_captures_go_on_while_a_rotation_is_half_done(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old key goes on signing where it may; where it may not, the writer is told what to run."""
    take(ledger, 1)

    def fail(*arguments: object) -> None:
        raise LostError

    with monkeypatch.context() as patch:
        patch.setattr(KeyFolder, "keep", fail)
        with pytest.raises(LostError):
            rotate(room(ledger))
    take(ledger, 2)
    follow_keys(room(ledger))
    with monkeypatch.context() as patch:
        patch.setattr(KeyFolder, "keep", fail)
        with pytest.raises(LostError):
            replace_stolen(room(ledger), 3)
    with pytest.raises(StoreError, match="suyuan key follow"):
        ledger.take(seen(instance(3)), signer=ledger.keys.signers(ring_of(ledger).name)[-1:])
    follow_keys(room(ledger))
    take(ledger, 3)
    ledger.check()


def test_no_key_is_pinned(ledger: Ledger) -> None:
    """Without a verifier key's file nothing tells which keys are the log's own."""
    take(ledger, 1)
    [path] = ledger.keys.folder.glob("*.vkey")
    path.unlink()
    for change in (rotate, follow_keys):
        with pytest.raises(StoreError, match="No verifier key is pinned"):
            change(room(ledger))


def test_a_newest_checkpoint_of_other_keys(ledger: Ledger) -> None:
    """What is followed has to end in a checkpoint of the keys that it leads to."""
    take(ledger, 1)
    first = ring_of(ledger)
    rotate(room(ledger))
    ledger.keys.keep(first)
    with writing(ledger.engine) as connection:
        connection.exec_driver_sql("UPDATE checkpoint SET note = 'x' WHERE size = 2")
    ledger.keys.pin(first.name).path.unlink()
    with pytest.raises(StoreError, match="isn't signed by the keys that the log states"):
        follow_keys(room(ledger))


def test_an_older_copy_is_given_no_new_key(ledger: Ledger) -> None:
    """A ledger that lacks what its keys have signed is refused before anything is changed."""
    take(ledger, 1, 2)
    with writing(ledger.engine) as connection:
        connection.exec_driver_sql("DELETE FROM checkpoint WHERE size = 2")
    with pytest.raises(StoreError, match="older copy"):
        rotate(room(ledger))
    with reading(ledger.engine) as connection:
        assert len(key_rows(connection, ledger.organisation().row)) == 1
