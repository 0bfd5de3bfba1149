"""What is stored of a run, read by columns: one text of JSON for each.

The database writes the text, and ours is written in C as well, so that a run of a thousand rows is
compared as a dozen texts and no row of it is looked at. Two texts of JSON that are equal say the
same numbers and texts. Which types are stored shows: an integer, a number with a fraction and a
text differ, and of bytes SQL's own literal is taken, which no text has.

Should two writers of JSON spell a text differently, the stored one is spelt anew before it counts
as another one. Nothing but equality is found out here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from ledger.store.sets import fetch, fetch_in, is_sqlite

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sqlalchemy import Connection

__all__ = ["Columns", "read_events", "read_links"]

_LITERAL: Final = {True: "quote({})", False: "'X''' || upper(encode({}, 'hex')) || ''''"}
"""SQL for the literal of bytes: on SQLite, on PostgreSQL."""
_BYTES: Final = frozenset({"digest"})


class Columns:
    """Columns of some rows, as they are stored."""

    def __init__(self, names: Sequence[str], texts: Iterable[str]) -> None:
        self._texts = dict(zip(names, texts, strict=True))

    def values(self, name: str) -> list[Any]:
        """The values of a column.

        Raises:
            ValueError: The database holds what it should not.
        """
        found: list[Any] = orjson.loads(self._texts[name])
        return found

    def agree(self, name: str, expected: Sequence[object]) -> bool:
        """Tell whether a column holds what is expected.

        Raises:
            ValueError: The database holds what it should not.
        """
        text, wanted = self._texts[name], orjson.dumps(expected).decode()
        return text == wanted or orjson.dumps(orjson.loads(text)).decode() == wanted


def _query(connection: Connection, names: Sequence[str], source: str, order: str) -> str:
    """SQL that reads columns as texts; `source` is what stands behind FROM, `order` the key."""
    sqlite = is_sqlite(connection)
    literal = _LITERAL[sqlite]
    columns = [f"{literal.format(name)} AS {name}" if name in _BYTES else name for name in names]
    text = "json_group_array({})" if sqlite else "CAST(array_to_json(array_agg({})) AS text)"
    texts = ", ".join(map(text.format, names))
    # An index has the rows in this order (tests/ledger/store/test_plans.py).
    inner = f"SELECT {', '.join(columns)} FROM {source} ORDER BY {order}"
    return f"SELECT {texts} FROM ({inner}) AS run"


def _columns(names: Sequence[str], row: Sequence[str | None]) -> Columns:
    return Columns(names, [text or "[]" for text in row])


def read_events(
    connection: Connection, names: Sequence[str], log: int, start: int, end: int
) -> Columns:
    """Read the rows of the events of some entries, by seq."""
    sql = _query(connection, names, "event WHERE log_id = {p} AND seq >= {p} AND seq < {p}", "seq")
    [row] = fetch(connection, sql, log, start, end)
    return _columns(names, row)


def read_links(
    connection: Connection,
    names: Sequence[str],
    first: int,
    end: int,
    events: Collection[int] | None,
) -> Columns:
    """Read the links at nodes from `first` to below `end`, by node, role and item.

    With `events`, only the links of these.
    """
    order = "node, role, item_id, time, event_row, line"
    nodes = "node >= {p} AND node < {p}"
    if events is None:
        sql = _query(connection, names, f"link WHERE {nodes}", order)
        [row] = fetch(connection, sql, first, end)
    else:
        sql = _query(connection, names, f"link WHERE event_row {{ids}} AND {nodes}", order)
        [row] = fetch_in(connection, sql, events, first, end)
    return _columns(names, row)
