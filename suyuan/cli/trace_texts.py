"""How `suyuan trace` tells an answer, the difference of two, and why an item is in one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.exporting.known_names import KnownNames
from ledger.exporting.words import word
from ledger.times import as_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ledger.genealogy.answer import TraceItem, TraceLink
    from ledger.genealogy.difference import TraceDifference
    from ledger.genealogy.trace import Trace
    from ledger.problems import Language
    from suyuan.cli.output import Session

__all__ = ["show_difference", "show_trace"]

_SHOWN = 5  # codes of a list that is cut
_CUT: Final[dict[Language, str]] = {
    "en": "cut by {reason} ({why}) at {count} items: {codes}",
    "zh-CN": "已截断（{why}），共 {count} 处：{codes}",
}


def show_trace(session: Session, found: Trace, names: KnownNames) -> None:
    """Print an answer for people: items, links, what is open, and what it is complete to.

    Args:
        session: Where to.
        found: The answer.
        names: What master data calls its codes; names stand behind items where there are any.
    """
    places = sum(item.container for item in found.items)
    among = f", {places} of them only as a place" if places else ""
    left_out = f", {found.left_out} more are not shown" if found.left_out else ""
    way = str(found.direction) if found.target is None else f"on the ways to {found.target}"
    session.say(f"{found.root}: {len(found.items)} items {way}{among}{left_out}")
    _items(session, found.items, names)
    _links(session, found.links)
    for end in found.open_ends:
        since = "" if end.since is None else f", since {as_text(end.since)}"
        session.say(f"open end: {end.code} ({end.reason.value}{since})")
    for question in found.questions:
        said = f", event {question.event}" if question.event else ""
        codes = ", ".join(question.codes[:_SHOWN])
        session.say(f"question: {question.topic.value}: {codes}{said}")
    if found.complete:
        heads = ", ".join(f"{origin} size {head.size}" for origin, head in found.heads.items())
        session.say(f"complete at {heads}")
    for reason, codes_beyond in found.cut:
        some = ", ".join(codes_beyond[:_SHOWN])
        words = _CUT[session.settings.language]
        why = word(f"by {reason}", session.settings.language)
        session.say(words.format(reason=reason, why=why, count=len(codes_beyond), codes=some))


def show_difference(session: Session, found: TraceDifference) -> None:
    """Print what was added, removed and changed."""
    before = as_text(found.before.known_at)
    session.say(
        f"{found.after.root}: {len(found.added)} items added since {before},"
        f" {len(found.removed)} removed, {len(found.changed)} changed"
    )
    for title, items, links in (
        ("Added:", found.added, found.added_links),
        ("Removed:", found.removed, found.removed_links),
    ):
        if items or links:
            session.say(title)
            _items(session, items)
            _links(session, links)
    for change in found.changed:
        session.say(f"changed: {change.after.code} ({', '.join(change.changed)})")


def _items(session: Session, items: Sequence[TraceItem], names: KnownNames | None = None) -> None:
    names = names or KnownNames(None, session.settings.language)
    of_items = names.of_items([item.code for item in items], [item.kind for item in items])
    places = names.of([item.location for item in items])
    holders = names.of([item.holder for item in items])
    rows = [
        (
            item.depth,
            item.code + (" (place)" if item.container else "") + _until(item),
            item.kind,
            " ".join(part for part in (item.quantity, item.unit) if part),
            item.status,
            _named(item.location, place),
            _named(item.holder, holder),
            name,
        )
        for item, name, place, holder in zip(items, of_items, places, holders, strict=True)
    ]
    columns = ("depth", "code", "kind", "quantity", "status", "location", "holder", "name")
    width = len(columns) if any(of_items) else len(columns) - 1
    session.table(columns[:width], [row[:width] for row in rows])


def _named(code: str | None, name: str | None) -> str | None:
    return f"{name} ({code})" if name else code


def _until(item: TraceItem) -> str:
    return "" if item.exposed_until is None else f" (until {as_text(item.exposed_until)})"


def _links(session: Session, links: Iterable[TraceLink]) -> None:
    session.table(
        ("from", "to", "link", "time", "until"),
        (
            (
                link.source,
                link.target,
                link.kind if link.manner is None else f"{link.kind} ({link.manner})",
                as_text(link.time),
                as_text(link.until),
            )
            for link in links
        ),
    )
