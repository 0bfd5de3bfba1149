r"""Trust policies: C2SP tlog-policy, whose cosignatures make a checkpoint worth relying on.

The rules:

* lines end in newlines; items are parted by spaces and tabs; blank lines and lines that begin with
  ``#`` say nothing; no other control character occurs;
* ``log <vkey> [<url>]``, ``witness <name> <vkey> [<url>]``, ``group <name> all|any|<k> <name>...``
  and exactly one ``quorum <name>``; a name is defined before it is used, ``none`` is never defined;
* no public key stands twice, under whatever name, and no name is a member twice: nobody counts
  double;
* bytes outside ASCII are opaque: names are compared as bytes.

https://c2sp.org/tlog-policy

>>> text = "witness W witness.example/w1+cbe3332b+BKmdr3hQaFU8Cud1aHI0jNBTc5Qk9w55bDsJfS/CtmgD\n"
>>> parse_policy(f"{text}quorum W\n").is_reached(["W"])
True
"""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Final, NoReturn

from ledger.errors import NoteError, UsageError, shown
from ledger.log.checkpoint import Checkpoint, open_checkpoint
from ledger.log.cosignature import Cosigner, parse_cosigner, verify_cosignatures
from ledger.log.note import Verifier, parse_note

__all__ = ["Group", "Log", "Policy", "Witness", "parse_policy"]

_MAX_SIZE: Final = 1_000_000  # bytes; a post-quantum key takes 1,800
_MOST: Final = 100  # logs, witnesses and groups each; the standard asks for 32
_FORBIDDEN: Final = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")
_THRESHOLD: Final = re.compile(r"[1-9][0-9]{0,8}")
_NOBODY: Final = "none"
_LEAST_OF_GROUP: Final = 3  # a name, a threshold and a member


@dataclass(frozen=True, slots=True)
class Log:
    """A log that the policy accepts."""

    verifier: Verifier
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness under the name that the policy gives it."""

    name: str
    """Of this policy alone; nothing outside knows it."""
    cosigner: Cosigner
    url: str | None = None
    """Its submission prefix, where checkpoints are sent to."""


@dataclass(frozen=True, slots=True)
class Group:
    """Members of which so many must have cosigned."""

    name: str
    threshold: int
    members: tuple[str, ...]
    """Names of witnesses and of groups defined before."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Which logs and witnesses are known, and how many of whom make a quorum."""

    logs: tuple[Log, ...]
    witnesses: tuple[Witness, ...]
    groups: tuple[Group, ...]
    quorum: str
    """Name of a witness or group, or ``none``."""

    def is_reached(self, names: Iterable[str]) -> bool:
        """Tell whether cosignatures of the witnesses with these names make the quorum."""
        reached = {_NOBODY, *names}
        # A group names only what stands before it, so one walk decides all.
        for group in self.groups:
            if sum(member in reached for member in group.members) >= group.threshold:
                reached.add(group.name)
        return self.quorum in reached

    def cosigned(self, note: str | bytes) -> dict[Witness, int]:
        """Return the policy's witnesses that cosigned a note, with the times they say.

        Raises:
            NoteError: the note is malformed, or a witness's line does not hold.
        """
        by_key = {witness.cosigner: witness for witness in self.witnesses}
        found = verify_cosignatures(parse_note(note), by_key)
        return {by_key[key]: time for key, (time, _) in found.items()}

    def verify(
        self, note: str | bytes, *, origin: str | None = None, logs: Collection[Verifier] = ()
    ) -> tuple[Checkpoint, dict[Witness, int]]:
        """Check that one of the logs signed a checkpoint and that the quorum cosigned it.

        Args:
            note: the signed checkpoint with its cosignatures.
            origin: the log it must be of; None: the name of a key that signed it.
            logs: keys to accept besides those of the policy, which may name none.

        Raises:
            NoteError: malformed, not signed by a log, or the quorum is not reached.
        """
        verifiers = dict.fromkeys([*(log.verifier for log in self.logs), *logs])
        checkpoint = open_checkpoint(note, origin, verifiers)
        times = self.cosigned(note)
        if not self.is_reached(witness.name for witness in times):
            names = ", ".join(sorted(witness.name for witness in times)) or "nobody"
            raise NoteError(
                f"Expected cosignatures that make the quorum {shown(self.quorum)} over size "
                f"{checkpoint.size}, got those of {shown(names)}."
            )
        return checkpoint, times


@dataclass(slots=True)
class _Reading:
    """What the lines before have said."""

    line: int = 0
    logs: list[Log] = field(default_factory=list)
    witnesses: list[Witness] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    quorum: str | None = None
    names: set[str] = field(default_factory=set)
    members: set[str] = field(default_factory=set)

    def refuse(self, expected: str, got: object) -> NoReturn:
        raise UsageError(f"Line {self.line} of the policy: expected {expected}, got {got}.")

    def define(self, name: str) -> None:
        if name == _NOBODY or name in self.names:
            self.refuse("a name that nothing else has", shown(name))
        self.names.add(name)

    def room(self, kind: str, known: Collection[object]) -> None:
        if len(known) >= _MOST:
            self.refuse(f"at most {_MOST} {kind}", "one more")

    def log(self, items: list[str]) -> None:
        if len(items) not in {1, 2}:
            self.refuse("log <vkey> [<url>]", f"{len(items)} items behind 'log'")
        self.room("logs", self.logs)
        try:
            verifier = Verifier.from_vkey(items[0])
        except NoteError as error:
            self.refuse("the key of a log", str(error).rstrip("."))
        if any(log.verifier.public == verifier.public for log in self.logs):
            self.refuse("each log's key once", f"{verifier.vkey} again")
        self.logs.append(Log(verifier, *items[1:]))

    def witness(self, items: list[str]) -> None:
        if len(items) not in {2, 3}:
            self.refuse("witness <name> <vkey> [<url>]", f"{len(items)} items behind 'witness'")
        self.room("witnesses", self.witnesses)
        try:
            cosigner = parse_cosigner(items[1])
        except NoteError as error:
            self.refuse("the key of a witness", str(error).rstrip("."))
        if any(known.cosigner.public == cosigner.public for known in self.witnesses):
            self.refuse("each witness's key once", f"{shown(cosigner.vkey)} again")
        self.define(items[0])
        self.witnesses.append(Witness(items[0], cosigner, *items[2:]))

    def group(self, items: list[str]) -> None:
        if len(items) < _LEAST_OF_GROUP:
            self.refuse("group <name> all|any|<k> <name>...", f"{len(items)} items behind 'group'")
        name, threshold, *members = items
        self.room("groups", self.groups)
        for member in members:
            if member not in self.names:
                self.refuse("members that a line before defines", shown(member))
            if member in self.members:
                self.refuse("each name as a member once", f"{shown(member)} again")
            self.members.add(member)
        count = {"all": len(members), "any": 1}.get(threshold, 0)
        if _THRESHOLD.fullmatch(threshold):
            count = int(threshold)
        if not 1 <= count <= len(members):
            self.refuse(f"all, any or a number from 1 to {len(members)}", shown(threshold))
        self.define(name)
        self.groups.append(Group(name, count, tuple(members)))

    def set_quorum(self, items: list[str]) -> None:
        if len(items) != 1:
            self.refuse("quorum <name>", f"{len(items)} items behind 'quorum'")
        if self.quorum is not None:
            self.refuse("one quorum line", "a second")
        if items[0] != _NOBODY and items[0] not in self.names:
            self.refuse("a quorum that a line before defines", shown(items[0]))
        self.quorum = items[0]


_LINES: Final[dict[str, Callable[[_Reading, list[str]], None]]] = {
    "log": _Reading.log,
    "witness": _Reading.witness,
    "group": _Reading.group,
    "quorum": _Reading.set_quorum,
}


def parse_policy(text: str | bytes) -> Policy:
    """Parse a policy file strictly.

    Raises:
        UsageError: says which line is malformed, and what it should be.
    """
    raw = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
    if len(raw) > _MAX_SIZE:
        raise UsageError(f"Expected a policy of at most {_MAX_SIZE} bytes, got {len(raw)}.")
    reading = _Reading()
    *lines, rest = raw.split(b"\n")
    for reading.line, line in enumerate(lines, 1):
        if found := _FORBIDDEN.search(line):
            reading.refuse("no control character but tabs", f"0x{found[0].hex().upper()}")
        # Bytes that are no UTF-8 stay apart from all text, as opaque as the standard wants them.
        decoded = line.decode("utf-8", "surrogateescape")
        items = [item for item in re.split(r"[ \t]+", decoded) if item]
        if not items or items[0].startswith("#"):
            continue
        read = _LINES.get(items[0])
        if read is None:
            reading.refuse("log, witness, group or quorum", shown(items[0]))
        read(reading, items[1:])
    if rest:
        raise UsageError(f"Expected the policy's last line to end in a newline: {shown(rest)}.")
    if reading.quorum is None:
        raise UsageError("Expected a line 'quorum <name>' in the policy, or 'quorum none'.")
    return Policy(
        tuple(reading.logs), tuple(reading.witnesses), tuple(reading.groups), reading.quorum
    )
