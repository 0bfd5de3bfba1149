"""A world's own book: what went into what, and when, as its generator decides it.

The book reads no event and shares no code with the ledger: what the two say of the same item may be
compared. Times are minutes after the world's beginning.

Rules kept, which are those of docs/tracing.md:

* An output bears its inputs for ever, from when it was made; of a run over several days, those
  that were put in before it came out.
* A part is in its assembly, and a load in its container, for a span closed at both ends.
* A lot and its members are one another at all times.
* Whatever is reached is reached for spans of time. Backward is forward with time turned round.
* A container holds what it holds and isn't affected by it: nothing is reached from it downwards.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Final

__all__ = ["KINDS", "Book"]

KINDS: Final = ("transformed", "part_of_lot", "installed", "packed")
"""The words of the ledger for kinds of links."""
_ALWAYS: Final = float("inf")
_Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Step:
    """A link: whoever has `source` at a moment of `left` has `target` for all of `right`.

    Where both spans are the same, only for the moments that `source` was reached for.
    """

    kind: str
    source: str
    target: str
    left: _Span
    right: _Span

    def turned(self) -> "_Step":
        return _Step(self.kind, self.target, self.source, self.right, self.left)

    def reach(self, span: _Span) -> _Span | None:
        start, end = max(span[0], self.left[0]), min(span[1], self.left[1])
        if start > end:
            return None
        return (start, end) if self.left == self.right else self.right


@dataclass(slots=True)
class _Run:
    inputs: list[tuple[str, int]] = field(default_factory=list)
    outputs: list[tuple[str, int]] = field(default_factory=list)


@dataclass(slots=True)
class _Stay:
    kind: str
    child: str
    parent: str
    since: int
    until: float = _ALWAYS


@dataclass(slots=True)
class Book:
    """What is true about the items of some waves."""

    kept: bool = True
    """A generator that is not asked afterwards keeps no book."""
    _runs: dict[str, _Run] = field(default_factory=dict)
    _lots: list[tuple[str, str]] = field(default_factory=list)
    _stays: list[_Stay] = field(default_factory=list)
    _inside: dict[tuple[str, str], _Stay] = field(default_factory=dict)
    """By child and parent those that last."""
    _measured: list[tuple[str, str, int]] = field(default_factory=list)

    def used(self, run: str, codes: Iterable[str], when: int) -> None:
        """A run of a process took inputs."""
        if self.kept:
            self._runs.setdefault(run, _Run()).inputs += [(code, when) for code in codes]

    def gave(self, run: str, codes: Iterable[str], when: int) -> None:
        """A run of a process put outputs out."""
        if self.kept:
            self._runs.setdefault(run, _Run()).outputs += [(code, when) for code in codes]

    def belong(self, lot: str, members: Iterable[str]) -> None:
        """Instances are members of a lot."""
        if self.kept:
            self._lots += [(lot, member) for member in members]

    def entered(self, kind: str, parent: str, children: Iterable[str], when: int) -> None:
        """Children were built into an assembly (`installed`) or put into a container (`packed`)."""
        for child in children if self.kept else ():
            stay = self._inside[child, parent] = _Stay(kind, child, parent, when)
            self._stays.append(stay)

    def left(self, parent: str, children: Iterable[str], when: int) -> None:
        """Children came out again."""
        for child in children if self.kept else ():
            self._inside.pop((child, parent)).until = when

    def measured(self, instrument: str, items: Iterable[str], when: int) -> None:
        """Items were judged by what an instrument read."""
        if self.kept:
            self._measured += [(instrument, item, when) for item in items]

    def judged_by(self, instrument: str, since: int, until: int) -> frozenset[str]:
        """Find the items that an instrument judged in a window of time, both ends inside."""
        return frozenset(
            item
            for device, item, when in self._measured
            if device == instrument and since <= when <= until
        )

    def forward(self, root: str, kinds: Collection[str] = KINDS) -> frozenset[str]:
        """Find all that is affected by an item, and where that is or was."""
        return frozenset(self._ahead(root, kinds).keys() - {root})

    def exposed_until(self, root: str, kinds: Collection[str] = KINDS) -> dict[str, int | None]:
        """Tell of all that is ahead of an item when that ended: None where it lasts."""
        ends = {
            code: max(end for _, end in spans) for code, spans in self._ahead(root, kinds).items()
        }
        return {
            code: None if end == _ALWAYS else int(end) for code, end in ends.items() if code != root
        }

    def backward(self, root: str, kinds: Collection[str] = KINDS) -> frozenset[str]:
        """Find all that stands behind an item."""
        steps = (one.turned() for one in self._steps() if one.kind in kinds)
        return frozenset(_reached(root, steps).keys() - {root})

    def _ahead(self, root: str, kinds: Collection[str]) -> dict[str, set[_Span]]:
        return _reached(root, (one for one in self._steps() if one.kind in kinds))

    def _steps(self) -> Iterable[_Step]:
        for run in self._runs.values():
            for source, used in run.inputs:
                for target, made in run.outputs:
                    if used <= made:
                        yield _Step("transformed", source, target, (used, used), (made, _ALWAYS))
        for lot, member in self._lots:
            yield _Step("part_of_lot", lot, member, _EVER, _EVER)
        for stay in self._stays:
            span = float(stay.since), stay.until
            yield _Step(stay.kind, stay.child, stay.parent, span, span)


_EVER: Final = (-_ALWAYS, _ALWAYS)


def _reached(root: str, steps: Iterable[_Step]) -> dict[str, set[_Span]]:
    leaving: dict[str, list[_Step]] = defaultdict(list)
    for step in steps:
        leaving[step.source].append(step)
    reached: dict[str, set[_Span]] = {root: {_EVER}}
    waiting: list[tuple[str, _Span]] = [(root, _EVER)]
    while waiting:
        item, span = waiting.pop()
        for step in leaving.get(item, ()):
            found = step.reach(span)
            spans = reached.setdefault(step.target, set()) if found else set[_Span]()
            if found and not any(one[0] <= found[0] and found[1] <= one[1] for one in spans):
                spans.add(found)
                waiting.append((step.target, found))
    return reached
