"""Which lots and pieces a question about a lot, a product or one piece is about."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from identifiers import Level
from ledger.errors import NotFoundError, UsageError
from ledger.genealogy.roles import Role
from ledger.genealogy.yields import product_of
from ledger.levels import level_number, level_of
from ledger.projection import canonical_code
from ledger.store.sets import fetch, fetch_in, is_sqlite

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ledger.genealogy.links import LinkReader

__all__ = ["Group", "Subject", "find_subject"]


@dataclass(frozen=True, slots=True)
class Group:
    """A lot or class with its pieces, or pieces that belong to no lot."""

    lot: int | None
    pieces: tuple[int, ...] = ()


@dataclass(slots=True)
class Subject:
    """What a balance is of."""

    level: Level
    groups: list[Group] = field(default_factory=list)
    codes: dict[int, str] = field(default_factory=dict)
    levels: dict[int, Level] = field(default_factory=dict)
    several: list[int] = field(default_factory=list)
    """Pieces that are said to belong to more than one lot."""
    class_item: int | None = None
    """The product without a lot, where lots of it are known: its events are nobody's."""


def find_subject(links: LinkReader, code: str, most_items: int | None) -> Subject:
    """Find the lots and pieces of a code.

    Args:
        links: The open reader.
        code: The canonical code of a lot, a product, a piece or any other item.
        most_items: The most lots and pieces that are reckoned with; None for all.

    Raises:
        NotFoundError: No event names the code, or for a product one of its lots or pieces.
        UsageError: There are more than `most_items`.
    """
    connection = links.connection
    rows = fetch(connection, "SELECT id, level FROM item WHERE code = {p}", code)
    if canonical_code(code).level is Level.PRODUCT:
        below = _below(connection, code, most_items)
        if below:
            found = _product(links, below)
            if rows:
                _add_class(found, rows[0][0], code)
            return found
    if not rows:
        raise NotFoundError(f"No event in this ledger names {code}. Check the code, or capture it.")
    row, level = rows[0][0], level_of(rows[0][1])
    found = Subject(level, codes={row: code}, levels={row: level})
    if level is not Level.LOT:
        piece = level is not Level.PRODUCT
        found.groups = [Group(None, (row,)) if piece else Group(row)]
        return found
    members = _members(links, row)
    _check(len(members), most_items)
    found.groups = [Group(row, tuple(sorted(members)))]
    found.codes.update(_codes(connection, members))
    found.levels.update(dict.fromkeys(members, Level.INSTANCE))
    product = product_of(code)
    for class_row, _level in fetch(
        connection, "SELECT id, level FROM item WHERE code = {p} AND id <> {p}", product, row
    ):
        _add_class(found, class_row, product)
    return found


def _add_class(found: Subject, row: int, code: str) -> None:
    found.class_item = row
    found.codes[row] = code
    found.levels[row] = Level.PRODUCT


def _check(number: int, most: int | None) -> None:
    if most is not None and number > most:
        raise UsageError(
            f"This is a balance of more than {most} lots and pieces. Ask for one lot, or ask the"
            " command line, which has no limit."
        )


def _below(connection: Connection, product: str, most: int | None) -> list[tuple[int, str, Level]]:
    """The lots and pieces of a product: their codes continue its own."""
    start = f"{product}/"
    # On PostgreSQL the order of text is that of its locale, so a range would not be a prefix.
    where = "code > {p} AND code < {p}" if is_sqlite(connection) else "starts_with(code, {p})"
    values = (start, f"{product}0") if is_sqlite(connection) else (start,)  # "0" follows "/"
    levels = tuple(level_number(level) for level in (Level.LOT, Level.INSTANCE))
    rows = fetch(
        connection,
        f"SELECT id, code, level FROM item WHERE {where} AND level IN {levels} LIMIT {{p}}",
        *values,
        (1 << 62) if most is None else most + 1,
    )
    _check(len(rows), most)
    return [
        (row, code, level_of(level)) for row, code, level in rows if product_of(code) == product
    ]


def _product(links: LinkReader, below: list[tuple[int, str, Level]]) -> Subject:
    found = Subject(Level.PRODUCT)
    lots = {}
    pieces = []
    for item, code, level in below:
        found.codes[item] = code
        found.levels[item] = level
        if level is Level.LOT:
            lots[item] = code
        else:
            pieces.append(item)
    by_node: dict[int, set[int]] = defaultdict(set)
    for row in links.of_items(pieces, (Role.MEMBER,)):
        by_node[row[3]].add(row[0])
    lots_of: dict[int, set[int]] = defaultdict(set)
    for row in links.of_nodes(by_node, (Role.LOT,)):
        for piece in by_node[row[3]]:
            lots_of[piece].add(row[0])
    members: dict[int | None, list[int]] = defaultdict(list)
    for piece in pieces:
        known = sorted(lots_of[piece] & lots.keys(), key=lambda lot: lots[lot])
        if len(known) > 1:
            found.several.append(piece)
        members[known[0] if known else None].append(piece)
    ordered = sorted(lots, key=lambda lot: lots[lot])
    found.groups = [Group(lot, tuple(members.get(lot, ()))) for lot in ordered]
    if None in members:
        found.groups.append(Group(None, tuple(members[None])))
    return found


def _members(links: LinkReader, lot: int) -> set[int]:
    nodes = {row[3] for row in links.of_items((lot,), (Role.LOT,))}
    return {row[0] for row in links.scan_nodes(nodes, Role.MEMBER)}


def _codes(connection: Connection, rows: set[int]) -> dict[int, str]:
    found = fetch_in(connection, "SELECT id, code FROM item WHERE id {ids}", rows)
    codes: dict[int, str] = dict(found)  # pyright: ignore[reportArgumentType]
    return codes
