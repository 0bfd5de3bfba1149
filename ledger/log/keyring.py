"""The keys of one log, each with the sizes that it may sign: what a verifier trusts.

The rules:

* a key has a range of tree sizes, ``first`` to ``last``; without ``last`` it is in use;
* a signature over a checkpoint outside its key's range counts for nothing: the key was outdated by
  then, or somebody has stolen it;
* while a key is rotated two of a kind sign, and one of them is enough: a writer may not have seen
  the new one yet;
* of each kind that is in use at a size, one key must have signed. So whoever pinned an ML-DSA key
  is not talked out of it by a note that has an Ed25519 line alone.

A ring is iterable, and so does for "the log's keys" wherever a function takes these.

>>> from ledger.log.note import Signer
>>> old, new = (Signer.from_seed("example.org/log/a", bytes([n]) * 32) for n in (1, 2))
>>> ring = KeyRing((KeyRange(old.verifier, 0, 120), KeyRange(new.verifier, 100)))
>>> [len(ring.at(size)) for size in (99, 100, 120, 121)]
[1, 2, 2, 1]
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from ledger.errors import NoteError
from ledger.log.note import Key, Note, Verifier, verify_note

__all__ = ["KeyRange", "KeyRing"]


@dataclass(frozen=True, slots=True)
class KeyRange:
    """A key, and the sizes of the checkpoints that it may sign."""

    key: Key
    first: int = 0
    """Of the first checkpoint."""
    last: int | None = None
    """Of the last one; None while the key is in use. `first` - 1 for a key that was never good."""

    def __post_init__(self) -> None:
        if self.first < 0 or (self.last is not None and self.last < self.first - 1):
            raise NoteError(f"Expected a range of sizes, got {self.first} to {self.last}.")

    def covers(self, size: int) -> bool:
        """Return whether the key may sign a checkpoint of this size."""
        return self.first <= size and (self.last is None or size <= self.last)

    def __str__(self) -> str:
        return f"sizes {self.first} {'on' if self.last is None else f'to {self.last}'}"


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys of one log, in the order in which they were added."""

    ranges: tuple[KeyRange, ...]

    def __post_init__(self) -> None:
        if not self.ranges or len({one.key.name for one in self.ranges}) > 1:
            raise NoteError("Expected the keys of one log, all under its name.")
        if len({one.key.key_id for one in self.ranges}) < len(self.ranges):
            # A line says no more than name and id: with two such keys nobody knows which it means.
            raise NoteError("Expected keys with different ids, got two of one.")

    @classmethod
    def of(cls, *keys: Key) -> Self:
        """Return the ring of keys that may sign any size."""
        return cls(tuple(KeyRange(key) for key in keys))

    def __iter__(self) -> Iterator[Key]:
        return (one.key for one in self.ranges)

    @property
    def name(self) -> str:
        """The log's origin."""
        return self.ranges[0].key.name

    def at(self, size: int) -> tuple[Key, ...]:
        """Return the keys that may sign a checkpoint of this size."""
        return tuple(one.key for one in self.ranges if one.covers(size))

    def in_use(self) -> tuple[KeyRange, ...]:
        """Return the ranges that have no end yet."""
        return tuple(one for one in self.ranges if one.last is None)

    @property
    def current(self) -> Verifier:
        """The newest Ed25519 key in use: the one to publish, which signs changes of the keys.

        Raises:
            NoteError: there is none.
        """
        for one in reversed(self.in_use()):
            if isinstance(one.key, Verifier):
                return one.key
        raise NoteError(f"No Ed25519 key of {self.name} is in use.")

    def verify(self, note: Note, size: int) -> tuple[Key, ...]:
        """Return the keys that signed a checkpoint of this size and may; see the module.

        Raises:
            NoteError: none did, one of a kind is missing, or a signature does not hold.
        """
        inside = self.at(size)
        lines = {(line.name, line.key_id) for line in note.signatures}
        if not any((key.name, key.key_id) in lines for key in inside):
            for one in self.ranges:
                if (one.key.name, one.key.key_id) in lines:
                    raise NoteError(
                        f"Expected a signature of a key that may sign size {size}, got one of"
                        f" {one.key.key_id.hex()}, which may sign {one}: an outdated or stolen key."
                    )
        signed = verify_note(note, inside)
        missing = {key.kind for key in inside} - {key.kind for key in signed}
        if missing:
            kinds = " and ".join(sorted(kind.hex() for kind in missing))
            raise NoteError(
                f"Expected at size {size} a signature of a key of type {kinds} too, got none."
            )
        return signed
