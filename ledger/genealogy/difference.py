"""How an answer differs from an earlier one: what a frozen recall scope has to add since.

Both answers are of the same question, at two states of the ledger: as it was known then against
now, or an answer that was kept against a new one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ledger.errors import UsageError

if TYPE_CHECKING:
    from ledger.genealogy.answer import TraceItem, TraceLink
    from ledger.genealogy.trace import Trace

__all__ = ["ItemChange", "TraceDifference", "difference"]


@dataclass(frozen=True, slots=True)
class ItemChange:
    """An item that both answers hold, and of which they don't say the same."""

    before: TraceItem
    after: TraceItem

    @property
    def changed(self) -> tuple[str, ...]:
        """The names of what differs, such as `holder` or `exposed_until`."""
        names = self.after.__struct_fields__
        return tuple(one for one in names if getattr(self.before, one) != getattr(self.after, one))


@dataclass(frozen=True, slots=True)
class TraceDifference:
    """What was added, removed and changed from one answer to another."""

    before: Trace
    after: Trace
    added: tuple[TraceItem, ...]
    """In order of depth, then code, as in an answer."""
    removed: tuple[TraceItem, ...]
    changed: tuple[ItemChange, ...]
    added_links: tuple[TraceLink, ...]
    removed_links: tuple[TraceLink, ...]

    @property
    def is_empty(self) -> bool:
        """Whether both answers say the same."""
        return not (self.added or self.removed or self.changed or self._links)

    @property
    def _links(self) -> tuple[TraceLink, ...]:
        return self.added_links + self.removed_links

    def as_dict(self) -> dict[str, Any]:
        """The JSON form."""
        before, after = self.before.as_dict(), self.after.as_dict()
        olds, news = ({one["code"]: one for one in some["items"]} for some in (before, after))
        gone, come = set(self.removed_links), set(self.added_links)
        return {
            "root": self.after.root,
            "direction": self.after.direction.value,
            "before": {"known_at": before["known_at"], "heads": before["heads"]},
            "after": {"known_at": after["known_at"], "heads": after["heads"]},
            "complete": self.before.complete and self.after.complete,
            "added": [news[one.code] for one in self.added],
            "removed": [olds[one.code] for one in self.removed],
            "changed": [
                {
                    "code": one.after.code,
                    "changed": {
                        name: [olds[one.before.code][name], news[one.after.code][name]]
                        for name in one.changed
                    },
                }
                for one in self.changed
            ],
            "added_links": _of(after["links"], self.after.links, come),
            "removed_links": _of(before["links"], self.before.links, gone),
        }


def _of(
    shown: list[dict[str, Any]], links: tuple[TraceLink, ...], wanted: set[TraceLink]
) -> list[dict[str, Any]]:
    return [form for form, link in zip(shown, links, strict=True) if link in wanted]


def difference(before: Trace, after: Trace) -> TraceDifference:
    """Compare two answers to one question.

    Raises:
        UsageError: They are answers to different questions.
    """
    if (before.root, before.direction) != (after.root, after.direction):
        raise UsageError(
            f"Expected two answers to one question, got {before.direction} of {before.root} and"
            f" {after.direction} of {after.root}."
        )
    old = {one.code: one for one in before.items}
    new = {one.code: one for one in after.items}
    old_links, new_links = set(before.links), set(after.links)
    return TraceDifference(
        before,
        after,
        added=tuple(one for one in after.items if one.code not in old),
        removed=tuple(one for one in before.items if one.code not in new),
        changed=tuple(
            ItemChange(old[one.code], one)
            for one in after.items
            if one.code in old and old[one.code] != one
        ),
        added_links=tuple(one for one in after.links if one not in old_links),
        removed_links=tuple(one for one in before.links if one not in new_links),
    )
