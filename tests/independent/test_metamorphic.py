"""A second opinion on checkpoints and proofs: metamorphic-log, written in Rust by other people.

It accepts what we make, and refuses it with anything changed; so do we, side by side.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import metamorphic_log as other
import pytest
from sqlalchemy import Engine

from ledger.errors import LedgerError
from ledger.log.checkpoint import open_checkpoint
from ledger.log.merkle import leaf_hash, verify_consistency, verify_inclusion
from ledger.log.note import Signer, Verifier
from ledger.log.proof_json import head_of
from tests.independent.grown_log import PORTIONS, GrownLog, grow
from tests.ledger.builders import ledger_in


@pytest.fixture
def log(sqlite_engine: Engine, tmp_path: Path) -> GrownLog:
    """Give a log of several captures."""
    return grow(sqlite_engine, ledger_in(sqlite_engine, tmp_path))


def refused_by_both(
    theirs: Callable[..., object],
    their_values: tuple[object, ...],
    ours: Callable[..., object],
    our_values: tuple[object, ...],
) -> None:
    """Fail unless both verifiers raise their own errors."""
    with pytest.raises(other.VerifyError):
        theirs(*their_values)
    with pytest.raises(LedgerError):
        ours(*our_values)


def bits(value: bytes, every: int = 1) -> Iterator[bytes]:
    """Give a value with one bit of each so many bytes turned."""
    for at in range(0, len(value), every):
        yield value[:at] + bytes([value[at] ^ 1]) + value[at + 1 :]


def changed_paths(path: Sequence[bytes]) -> Iterator[list[bytes]]:
    """Give a path with each hash changed, left out or doubled, and one added."""
    for at, value in enumerate(path):
        yield [*path[:at], next(bits(value)), *path[at + 1 :]]
        yield [*path[:at], *path[at + 1 :]]
    yield [*path, bytes(32)]


def test_checkpoints(log: GrownLog) -> None:
    """Every checkpoint of the log is opened, and says the same to both."""
    assert sorted(log.checkpoints) == [sum(PORTIONS[: n + 1]) for n in range(len(PORTIONS))]
    for size, note in log.checkpoints.items():
        head = other.checkpoint_verify(note, [log.vkey])
        mine = open_checkpoint(note, None, [Verifier.from_vkey(log.vkey)])
        assert (head.origin, head.size, head.root) == (mine.origin, mine.size, mine.root)
        assert head.size == size
        assert other.verify_signed_note(note, [log.vkey]) == 1


def test_a_changed_checkpoint_is_refused(log: GrownLog) -> None:
    """Any bit turned in a checkpoint, and any other key, is refused by both."""
    note = log.checkpoints[max(log.checkpoints)]
    key = Verifier.from_vkey(log.vkey)
    for raw in bits(note.encode(), every=3):
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            continue  # their verifier takes text alone
        refused_by_both(
            other.checkpoint_verify, (text, [log.vkey]), open_checkpoint, (text, None, [key])
        )
    for name in (key.name, "localhost/log/else"):
        stranger = Signer.generate(name).verifier
        refused_by_both(
            other.checkpoint_verify,
            (note, [stranger.vkey]),
            open_checkpoint,
            (note, None, [stranger]),
        )


def test_inclusion(log: GrownLog) -> None:
    """The proof of every entry, and of the first one against every checkpoint, is accepted."""
    proofs = [one.proof for one in log.events] + log.early
    assert len(proofs) == sum(PORTIONS) + len(PORTIONS)
    for proof in proofs:
        leaf = leaf_hash(proof.extra)
        other.checkpoint_verify_inclusion(
            proof.checkpoint, [log.vkey], proof.index, leaf, list(proof.path)
        )


def test_a_changed_inclusion_proof_is_refused(log: GrownLog) -> None:
    """Another entry, index or path is refused by both."""
    for proof in (log.events[at].proof for at in (0, 7, 255, 256, 301)):
        head = head_of(proof.checkpoint)
        leaf, path = leaf_hash(proof.extra), list(proof.path)
        wrong = [(next(bits(leaf)), proof.index, path), (leaf_hash(b""), proof.index, path)]
        wrong += [(leaf, index, path) for index in (proof.index ^ 1, head.size, head.size + 7)]
        wrong += [(leaf, proof.index, one) for one in changed_paths(path)]
        for wrong_leaf, index, wrong_path in wrong:
            refused_by_both(
                other.checkpoint_verify_inclusion,
                (proof.checkpoint, [log.vkey], index, wrong_leaf, wrong_path),
                verify_inclusion,
                (wrong_leaf, index, head.size, wrong_path, head.root),
            )


def test_consistency(log: GrownLog) -> None:
    """The log is seen to have grown from each checkpoint to each later one."""
    assert len(log.grown) == len(PORTIONS) * (len(PORTIONS) + 1) // 2
    for proof in log.grown:
        other.checkpoint_verify_consistency(proof.old, proof.new, [log.vkey], list(proof.path))


def test_a_changed_consistency_proof_is_refused(log: GrownLog) -> None:
    """Another path, or another older tree, is refused by both."""
    for proof in log.grown:
        old, new = head_of(proof.old), head_of(proof.new)
        wrong = [(path, old.root) for path in changed_paths(proof.path)]
        wrong += [(list(proof.path), one) for one in bits(old.root, every=9)]
        for path, older in wrong:
            refused_by_both(
                other.verify_consistency,
                (old.size, new.size, path, older, new.root),
                verify_consistency,
                (old.size, new.size, older, new.root, path),
            )
