"""Why an item is in an answer, in sentences for people.

The explanation is one way from the root to the item along links of the answer, whose times follow
one another; of several the shortest. Each sentence names the event that is its evidence.
"""

from __future__ import annotations

from collections import defaultdict, deque
from typing import TYPE_CHECKING, Final

from ledger.errors import NotFoundError
from ledger.genealogy.intervals import ALWAYS, FOREVER, covers, merge, overlap
from ledger.genealogy.manners import Manner
from ledger.genealogy.roles import Kind
from ledger.times import as_text

if TYPE_CHECKING:
    from ledger.genealogy.answer import TraceLink
    from ledger.genealogy.intervals import Span
    from ledger.genealogy.trace import Trace
    from ledger.problems import Language

__all__ = ["chain", "explain"]

_WORDS: Final[dict[Language, dict[Kind | Manner, str]]] = {
    "en": {
        Kind.TRANSFORMED: "{target} was made of {source} on {time} (event {event}).",
        Kind.PART_OF_LOT: "{target} belongs to the lot {source} (event {event}).",
        Kind.INSTALLED: "{source} was built into {target} on {time}{until} (event {event}).",
        Kind.PACKED: "{source} was packed into {target} on {time}{until} (event {event}): that is"
        " where it is or was, {target} itself is not affected.",
        Kind.MEASURED: "{target} was measured with {source} on {time} (event {event}).",
        Manner.RENAMED: "{source} was given the new code {target} on {time} (event {event}).",
        Manner.SPLIT: "{target} was split off from {source} on {time} (event {event}).",
        Manner.MERGED: "{source} was merged with others into {target} on {time} (event {event}).",
        Manner.REPLACED: "{source} was built into {target} in another part's place on {time}{until}"
        " (event {event}).",
    },
    "zh-CN": {
        Kind.TRANSFORMED: "{target} 于 {time} 由 {source} 制成（事件 {event}）。",
        Kind.PART_OF_LOT: "{target} 属于批次 {source}（事件 {event}）。",
        Kind.INSTALLED: "{source} 于 {time} 装入 {target}{until}（事件 {event}）。",
        Kind.PACKED: "{source} 于 {time} 装进 {target}{until}（事件 {event}）：这是它所在之处，"
        "{target} 本身不受影响。",
        Kind.MEASURED: "{target} 于 {time} 用 {source} 测量（事件 {event}）。",
        Manner.RENAMED: "{source} 于 {time} 换码为 {target}（事件 {event}）。",
        Manner.SPLIT: "{target} 于 {time} 由 {source} 拆分而来（事件 {event}）。",
        Manner.MERGED: "{source} 于 {time} 与其他货品合并为 {target}（事件 {event}）。",
        Manner.REPLACED: "{source} 于 {time} 作为替换件装入 {target}{until}（事件 {event}）。",
    },
}
_UNTIL: Final[dict[Language, str]] = {"en": " and taken out on {time}", "zh-CN": "，{time} 取出"}


def explain(found: Trace, code: str, language: Language = "en") -> list[str]:
    """Why an item is in an answer: a sentence for each link between it and the root.

    Args:
        found: The whole answer, not a selection of it.
        code: The item's canonical code.
        language: Of the sentences.

    Raises:
        NotFoundError: The item isn't in the answer.
    """
    words = _WORDS[language]
    return [
        words[link.manner or link.kind].format(
            source=link.source,
            target=link.target,
            event=link.event,
            time=as_text(link.time),
            until="" if link.until is None else _UNTIL[language].format(time=as_text(link.until)),
        )
        for link in chain(found, code)
    ]


def chain(found: Trace, code: str) -> list[TraceLink]:
    """The links from the root to an item, in the direction of the answer.

    Raises:
        NotFoundError: The item isn't in the answer, or its links aren't.
    """
    links = _way(found, found.root, code)
    if links is None:
        # Backward: the way from the item to the root, told from the root on.
        links = _way(found, code, found.root)
        if links is None:
            raise NotFoundError(
                f"{code} isn't in the answer about {found.root}; trace it in both directions."
            )
        links.reverse()
    return links


def _way(found: Trace, first: str, last: str) -> list[TraceLink] | None:
    """The fewest links from an item forward to another whose times follow, if there are such."""
    after: dict[str, list[TraceLink]] = defaultdict(list)
    for link in found.links:
        after[link.source].append(link)
    reached: dict[str, tuple[Span, ...]] = {first: ALWAYS}
    before: dict[tuple[str, Span], tuple[tuple[str, Span], TraceLink]] = {}
    waiting: deque[tuple[str, Span]] = deque([(first, ALWAYS[0])])
    while waiting:
        state = waiting.popleft()
        item, span = state
        if item == last:
            way = []
            while state in before:
                state, link = before[state]
                way.append(link)
            return way[::-1]
        for link in after[item]:
            for shared in _passed(link, span):
                spans = reached.get(link.target, ())
                if not covers(spans, shared):
                    reached[link.target] = merge(spans, shared)
                    before[link.target, shared] = state, link
                    waiting.append((link.target, shared))
    return None


def _passed(link: TraceLink, span: Span) -> list[Span]:
    """For when a link reaches its target, from a source that is reached for a span."""
    if link.kind is Kind.PART_OF_LOT:
        return [span]
    if link.kind in {Kind.INSTALLED, Kind.PACKED}:
        until = FOREVER if link.until is None else link.until
        return overlap([span], (link.time, until))
    return [(link.time, FOREVER)] if span[0] <= link.time else []
