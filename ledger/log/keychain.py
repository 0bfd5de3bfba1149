"""How a log's keys follow one another: their text form, and the entries that change them.

A change of keys is itself an entry of the log (schema ``suyuan/key/1``). Its body is
``{"note": <signed note>}``, and the note's text

    suyuan/key/1
    <origin>
    <seq of the entry>
    <verifier key> <first>-<last>       one line for each key, in the order they were added

states all keys from now on. So whoever pinned the first key follows to the newest by the log
alone. The rules:

* the note is signed by the newest Ed25519 key in use before (an older one may not speak for those
  that replaced it), and by each Ed25519 key that it adds; an ML-DSA-44 key can sign checkpoints
  only, and shows by the next one that it is there;
* a key never leaves the list and its ``first`` never changes; ``last`` can be set, and lowered
  where a key turns out to have been stolen earlier, but never raised or taken back;
* an added key begins at the next size, or right behind the last good size of a key that this
  statement ends: so nothing is ever signed by a key that was stated later, but to mend a theft;
* origin and seq stand in the signed text: a statement cannot be used again, here or elsewhere, and
  as its first line is no origin, it is no checkpoint.

What this cannot decide: who holds the newest key when it was stolen. Thief and owner can both
write a statement then; only what was published elsewhere tells them apart (docs/keys.md).

>>> from ledger.log.keyring import KeyRange, KeyRing
>>> from ledger.log.note import Signer
>>> old, new = (Signer.from_seed("example.org/log/a", bytes([n]) * 32) for n in (1, 2))
>>> before = KeyRing.of(old.verifier)
>>> after = KeyRing((*before.ranges, KeyRange(new.verifier, 8)))
>>> KeyChain(before).take(7, statement(after, [old, new], seq=7)).current == new.verifier
True
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ledger.errors import NoteError, shown
from ledger.log.checkpoint import strict_decimal
from ledger.log.keyring import KeyRange, KeyRing
from ledger.log.mldsa import ML_DSA_44, MlDsaVerifier
from ledger.log.note import (
    ED25519,
    Key,
    NoteSigner,
    Verifier,
    parse_note,
    parse_vkey_parts,
    sign_note,
    verify_note,
)

__all__ = ["KeyChain", "format_keys", "parse_keys", "parse_vkey", "statement"]

_HEADER: Final = "suyuan/key/1"
_LINE: Final = re.compile(r"(?P<key>[^ ]+)(?: (?P<first>[0-9]+)-(?P<last>[0-9]*))?")
_MAX_KEYS: Final = 100
"""Keys that a log may have had; a statement names them all."""


def parse_vkey(text: str) -> Key:
    """Parse a verifier key of any kind that we know.

    Raises:
        NoteError: malformed, or of another kind.
    """
    kind = parse_vkey_parts(text)[2][:1]
    return MlDsaVerifier.from_vkey(text) if kind == ML_DSA_44 else Verifier.from_vkey(text)


def format_keys(ring: KeyRing) -> str:
    """Return the keys as a file of verifier keys has them, a line each.

    A log's only key stands there alone, as every C2SP tool reads it; several keys with their sizes.
    """
    [only, *more] = ring.ranges
    if not more and only == KeyRange(only.key):
        return f"{only.key.vkey}\n"
    return _lines(ring)


def _lines(ring: KeyRing) -> str:
    return "".join(
        f"{one.key.vkey} {one.first}-{'' if one.last is None else one.last}\n"
        for one in ring.ranges
    )


def parse_keys(text: str) -> KeyRing:
    """Parse what `format_keys` wrote; a key without sizes may sign all of them.

    Raises:
        NoteError: says which line is malformed; or two keys can't stand side by side.
    """
    lines = text.removesuffix("\n").split("\n")
    if len(lines) > _MAX_KEYS:
        raise NoteError(f"Expected at most {_MAX_KEYS} keys of a log, got {len(lines)}.")
    ranges = []
    for line in lines:
        found = _LINE.fullmatch(line)
        if found is None:
            raise NoteError(f"Expected a verifier key and its sizes, got {shown(line)}.")
        key = parse_vkey(found["key"])
        first = strict_decimal(found["first"] or "0", "the first size")
        last = strict_decimal(found["last"], "the last size") if found["last"] else None
        ranges.append(KeyRange(key, first, last))
    return KeyRing(tuple(ranges))


def statement(after: KeyRing, signers: Iterable[NoteSigner], *, seq: int) -> dict[str, str]:
    """Return the body of the entry `seq` that states a log's keys from now on.

    The caller's share: `signers` are the newest key in use before and the Ed25519 keys it adds.

    Raises:
        NoteError: no signer, or a key that cannot sign statements.
    """
    return {"note": sign_note(f"{_HEADER}\n{after.name}\n{seq}\n{_lines(after)}", signers)}


@dataclass(slots=True)
class KeyChain:
    """The keys of a log as its entries change them, from keys that were pinned."""

    ring: KeyRing
    """The keys now."""
    states: list[KeyRing] = field(init=False)
    """What they were before each statement, and are now."""

    def __post_init__(self) -> None:
        self.states = [self.ring]

    def take(self, seq: int, body: Mapping[str, Any]) -> KeyRing:
        """Follow the statement of entry `seq`, and return the keys from now on.

        Raises:
            NoteError: it is none, is signed by the wrong keys, or changes what may not change;
                the keys are what they were.
        """
        note = body.get("note")
        if len(body) != 1 or not isinstance(note, str):
            raise NoteError("Expected a statement about keys as one signed note.")
        parsed = parse_note(note)
        header, _, rest = parsed.text.partition("\n")
        origin, _, rest = rest.partition("\n")
        number, _, lines = rest.partition("\n")
        if header != _HEADER or origin != self.ring.name:
            raise NoteError(f"Expected a statement about the keys of {self.ring.name}.")
        if strict_decimal(number, "a seq") != seq:
            raise NoteError(f"Expected the statement of entry {seq}, got that of {number}.")
        after = parse_keys(lines)
        if _lines(after) != lines:
            raise NoteError("Expected each key with its sizes, in their one proper spelling.")
        added = _added(self.ring, after, seq)
        wanted: list[Key] = [self.ring.current, *(key for key in added if key.kind == ED25519)]
        missing = set(wanted).difference(verify_note(parsed, wanted))
        if missing:
            ids = " and ".join(sorted(key.key_id.hex() for key in missing))
            raise NoteError(f"Expected the statement to be signed by the key {ids} too.")
        self.ring = after
        self.states.append(after)
        return after


def _added(before: KeyRing, after: KeyRing, seq: int) -> tuple[Key, ...]:
    """Return the keys that a statement adds, or refuse what may not change."""
    size = seq + 1
    kept, added = after.ranges[: len(before.ranges)], after.ranges[len(before.ranges) :]
    starts = {size}
    changed = False
    for one, now in zip(before.ranges, kept, strict=False):
        if (one.key, one.first) != (now.key, now.first):
            raise NoteError(f"Expected the key {one.key.key_id.hex()} to stay as it began.")
        if one.last == now.last:
            continue
        if now.last is None or now.last > (size if one.last is None else one.last):
            raise NoteError(
                f"Expected the key {one.key.key_id.hex()} to end at size {size} or before,"
                " and never to be used again."
            )
        changed = True
        starts.add(now.last + 1)
    if len(kept) < len(before.ranges) or not (added or changed):
        raise NoteError("Expected a statement that adds or ends keys and leaves out none.")
    for one in added:
        if one.last is not None or one.first not in starts:
            raise NoteError(f"Expected the key {one.key.key_id.hex()} to begin at size {size}.")
    if not any(isinstance(one.key, Verifier) for one in after.in_use()):
        raise NoteError("Expected an Ed25519 key to stay in use.")
    return tuple(one.key for one in added)
