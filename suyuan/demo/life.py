"""The demo life: a home storage battery line from powder to recall, generated from a seed.

Eight organisations, a log each. Three suppliers deliver powder, electrolyte, separator and
control units; the maker coats, winds, fills, builds modules and packs, ships pallets to two
distributors; two shops sell; a module is swapped months later, and what is found in it condemns a
powder lot whose traces run through a good part of the packs.

Rules kept:

* A pure function of (seed, packs, start): no clock, no file, no database; equal input gives equal
  bytes.
* Every document is a valid EPCIS 2.0 JSON-LD document (JSON Schema with `format` asserted), in
  the order in which its content becomes known: a supplier's file may come after the receipt that
  names its lots.
* `Highlights` names the interesting codes and what a trace should find. It comes from the
  generator's own book (`suyuan.demo.script.Book`), not from the documents, so it can be held
  against a ledger's answer.

EPCIS 2.0 and CBV 2.0, https://ref.gs1.org/standards/epcis/

>>> first = next(life(seed=1, packs=4))
>>> first.organisation, first.document["schemaVersion"]
('qinglan', '2.0')
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from suyuan.demo.aftersales import Swap, serve
from suyuan.demo.logistics import deliver
from suyuan.demo.plan import draw_plan
from suyuan.demo.procurement import BAD_LOT, LotBalance, buy
from suyuan.demo.production import produce
from suyuan.demo.script import Book, Script, Submission

__all__ = [
    "PACKS",
    "START",
    "Highlights",
    "LotBalance",
    "Story",
    "Submission",
    "Swap",
    "life",
    "tell",
]

PACKS = 15
"""Packs in the default life: about 2,000 items."""

START = datetime(2025, 1, 6, tzinfo=timezone(timedelta(hours=8)))
"""Midnight of the first day, China standard time."""


@dataclass(frozen=True, slots=True)
class Highlights:
    """The codes worth looking at and what is true about them; codes are canonical URIs."""

    sold_pack: str
    """A pack in a private home, reached by the bad lot, never repaired."""

    sold_pack_origins: frozenset[str]
    """Everything it was made of or built from, its BMS unit's lot included."""

    sold_pack_lots: tuple[str, ...]
    """The suppliers' lots among them, sorted."""

    bad_lot: str
    """The supplier's lot found bad."""

    affected: frozenset[str]
    """Everything made of it or built from it at any time, the lot itself not included."""

    still_affected: frozenset[str]
    """The same, but without wholes from which every affected part has been removed."""

    holders: Mapping[str, int]
    """Affected items by the party (PGLN) that had them last; a sold pack counts for its shop."""

    swap: Swap
    pallet: str
    """SSCC of a pallet that its distributor has taken apart."""

    closed_pallet: str | None
    """SSCC of a pallet still closed, if there is one."""

    labels: tuple[str, ...]
    """Codes worth a label: packs, crates, pallets, suppliers' lots."""

    balances: tuple[LotBalance, ...]
    """Where each purchased lot went."""

    events: int
    """Events in all documents, the error declaration included."""

    distinct_events: int
    """Different eventIDs: an error declaration repeats its event's."""

    items: Mapping[str, int]
    """Items by level: `instance`, `lot`, `logistic`."""


@dataclass(frozen=True, slots=True)
class Story:
    """The documents and what is true about them."""

    submissions: tuple[Submission, ...]
    highlights: Highlights


def tell(seed: int = 1, packs: int = PACKS, start: datetime = START) -> Story:
    """Generate the whole life.

    Args:
        seed: Every draw follows from it.
        packs: Finished packs; the number of items is about 132 times as many.
        start: Midnight of the first day, with its UTC offset.

    Raises:
        ValueError: Fewer packs than the story needs.
    """
    script = Script(seed, start)
    plan = draw_plan(script.random, packs)
    stock = buy(script, plan)
    built = produce(script, plan, stock)
    bad_lot = stock.lfp[BAD_LOT].uri
    pallets, sales = deliver(script, built.packs, bad_lot, built.done + 2)
    swap = serve(script, stock, built, sales)
    book = script.book
    affected = book.affected(bad_lot)
    sold = [sale.pack.code for sale in sales if sale.pack.code != swap.pack]
    sold_pack = next((code for code in sold if code in affected), sold[0])
    origins = book.origins(sold_pack)
    bought = {lot.uri for lot in stock.all}
    crates = [code for pallet in pallets for code in pallet.crate_codes]
    highlights = Highlights(
        sold_pack=sold_pack,
        sold_pack_origins=origins,
        sold_pack_lots=tuple(sorted(origins & bought)),
        bad_lot=bad_lot,
        affected=affected,
        still_affected=book.affected(bad_lot, still=True),
        holders=_holders(book, affected),
        swap=swap,
        pallet=next(p.code for p in pallets if not book.contains(p.code)),
        closed_pallet=next((p.code for p in pallets if book.contains(p.code)), None),
        labels=(
            *(pack.code for pack in built.packs),
            *crates,
            *(pallet.code for pallet in pallets),
            *sorted(bought),
        ),
        balances=tuple(lot.balance() for lot in stock.all),
        events=script.counts["events"],
        distinct_events=script.counts["events"] - script.counts["declarations"],
        items=dict(sorted(Counter(book.levels.values()).items())),
    )
    return Story(script.submissions(), highlights)


def life(seed: int = 1, packs: int = PACKS, start: datetime = START) -> Iterator[Submission]:
    """Yield the documents of the whole life in the order in which they become known."""
    yield from tell(seed, packs, start).submissions


def _holders(book: Book, items: frozenset[str]) -> dict[str, int]:
    return dict(sorted(Counter(book.holder(item) for item in items).items()))
