"""The mass balance of a lot, a class, a piece or a product, and the gaps in it.

The question is of a window of event time, as it was known at a ledger time. The answer says how
much came and went, step by step, for each party and place; how much should be there; where that is
not what was found; and what can't be decided. Nothing is guessed: what isn't stated is an open
question and stands in no sum. The rules stand in docs/tracing.md and beside their code:

| module | rule |
| --- | --- |
| `flows` | what an event does to a quantity, and when two parties tell the same |
| `moves` | containers and assemblies |
| `strands` | what is told twice and counted once |
| `accounts` | stock, goods on their way, counts |
| `yields` | inputs against outputs |
| `tolerance` | when a gap is a finding |

Quantities are exact decimals: in the unit that was stated wherever there is one alone, else in the
SI unit of the dimension. Where a decimal doesn't end it is rounded, and its total says so.
"""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from ledger.errors import UsageError
from ledger.genealogy.balance_answer import Balance, FlowSum, Gap, Question, Total
from ledger.genealogy.book import Book, Sums
from ledger.genealogy.intervals import FOREVER
from ledger.genealogy.links import LinkReader
from ledger.genealogy.lots import find_subject
from ledger.genealogy.moves import read_moves
from ledger.genealogy.trace import heads
from ledger.genealogy.units import as_amount, factor_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ledger.genealogy.accounts import Amount
    from ledger.genealogy.tolerance import Tolerance
    from ledger.genealogy.units import Amount as Text

__all__ = ["MOST_CODES", "balance"]

MOST_CODES: Final = 10
"""Codes that a gap or a question names; it counts them all."""


def balance(
    connection: Connection,
    code: str,
    *,
    since: int | None = None,
    until: int | None = None,
    known_at: int | None = None,
    place: str | None = None,
    tolerance: Tolerance | None = None,
    most_items: int | None = None,
) -> Balance:
    """Balance what came of an item against what went.

    Args:
        connection: A reading transaction; the answer is of one moment.
        code: The canonical code of a lot, a product (all its lots and pieces), or one piece.
        since: Begin of the window in microseconds of event time; what was before is the opening
            stock.
        until: Its end; later events are not looked at.
        known_at: Ledger time in microseconds; what was received later is not looked at.
        place: The canonical code of a place: flows, gaps and the like elsewhere are not told, and
            neither are stocks, which belong to parties.
        tolerance: Takes the place of what master data states.
        most_items: The most lots and pieces to reckon with, for callers with bounded time.

    Raises:
        NotFoundError: No event names the code.
        UsageError: The window ends before it begins, or there are more than `most_items`.
    """
    if since is not None and until is not None and until < since:
        raise UsageError("The window ends before it begins. Exchange the two times.")
    links = LinkReader.open(connection, as_of=until, known_at=known_at)
    subject = find_subject(links, code, most_items)
    book = Book(links, subject, read_moves(links, subject.levels))
    book.since = -FOREVER if since is None else since
    book.place, book.given = place, tolerance
    book.reckon(code, known_at)
    return Balance(
        code=code,
        level=subject.level,
        since=since,
        until=until,
        known_at=known_at,
        place=place,
        heads=heads(connection),
        totals=_totals(book),
        lots=_lots(book),
        flows=_flows(book),
        counts=tuple(sorted(book.counts, key=lambda one: (one.at.time, one.at.event))),
        conversions=tuple(book.conversions),
        gaps=_gaps(book),
        questions=_questions(book),
    )


def _text(book: Book, amount: Amount, dimension: str) -> Text:
    return as_amount(amount / factor_of(book.unit(dimension)))


def _total(book: Book, lot: str | None, dimension: str, sums: Sums) -> Total:
    unit = book.unit(dimension)
    exact = True

    def text(amount: Amount) -> str:
        nonlocal exact
        found = _text(book, amount, dimension)
        exact &= found.exact
        return found.text

    everywhere = book.place is None
    known = everywhere and sums.known
    return Total(
        lot=lot,
        unit=unit,
        opening=text(sums.opening) if known else None,
        opening_transit=text(sums.opening_transit) if everywhere else None,
        flows={kind.value: text(amount) for kind, amount in sorted(sums.flows.items())},
        in_stock=text(sums.stock) if known else None,
        in_transit=text(sums.transit) if everywhere else None,
        gap=text(sums.gap),
        exact=exact,
    )


def _totals(book: Book) -> tuple[Total, ...]:
    by_dimension: dict[str, Sums] = defaultdict(Sums)
    for (_lot, dimension), sums in book.sums.items():
        by_dimension[dimension].add(sums)
    return tuple(
        _total(book, None, dimension, sums) for dimension, sums in sorted(by_dimension.items())
    )


def _lots(book: Book) -> tuple[Total, ...]:
    if len(book.subject.groups) < 2:  # noqa: PLR2004 - one lot is the total
        return ()
    ordered = sorted(book.sums.items(), key=lambda one: (one[0][0] or "", one[0][1]))
    return tuple(_total(book, lot, dimension, sums) for (lot, dimension), sums in ordered)


def _flows(book: Book) -> tuple[FlowSum, ...]:
    found = []
    for key, flows in book.flows.items():
        amount = sum((flow.amount for flow in flows), Fraction(0))
        found.append(
            FlowSum(
                lot=key.lot,
                kind=key.kind,
                party=book.parties[key.log],
                place=key.place,
                step=key.step,
                to=key.to,
                quantity=_text(book, amount, key.dimension).text,
                unit=book.unit(key.dimension),
                events=len({flow.event.row for flow in flows}),
            )
        )
    return tuple(
        sorted(
            found,
            key=lambda one: (
                one.lot or "",
                one.kind,
                one.party,
                one.place or "",
                one.step or "",
                one.to or "",
                one.unit or "",
            ),
        )
    )


def _gaps(book: Book) -> tuple[Gap, ...]:
    found = []
    for key, told in book.told_gaps.items():
        amount = told.amount or 0
        allowed = book.tolerance(key.lot)
        found.append(
            Gap(
                kind=key.kind,
                lot=key.lot,
                quantity=_text(book, amount, key.dimension).text,
                unit=book.unit(key.dimension),
                of=_text(book, told.base, key.dimension).text,
                at=book.station(key.event),
                items=tuple(sorted(told.items)[:MOST_CODES]),
                item_count=len(told.items),
                tolerance=allowed.text,
                finding=not allowed.allows(amount, told.base, key.dimension),
            )
        )
    return tuple(sorted(found, key=lambda one: (one.at.time, one.at.event, one.lot or "")))


def _questions(book: Book) -> tuple[Question, ...]:
    found = []
    for key, told in book.told_questions.items():
        amount = told.amount
        found.append(
            Question(
                reason=key.reason,
                lot=key.lot,
                at=None if key.event is None else book.station(key.event),
                quantity=None if amount is None else _text(book, amount, key.dimension).text,
                unit=None if amount is None else book.unit(key.dimension),
                items=tuple(sorted(told.items)[:MOST_CODES]),
                item_count=len(told.items),
            )
        )
    return tuple(
        sorted(found, key=lambda one: (one.at.time if one.at else 0, one.reason, one.items))
    )
