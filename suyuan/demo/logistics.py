"""Logistics: crates and pallets, two distributors, shops, sale.

Rules kept:

* A pack goes into a crate, up to three crates onto a pallet, both under SSCCs of the maker; what
  happens to a pallet happens to what is inside it, and later events name the pallet only.
* The shipment is announced by a TransactionEvent that ties the pallets to the distributor's
  order.
* One distributor spells SSCCs and places as EPC URNs.
* Some pallets stay closed; of what is unpacked, two thirds go to a shop, and a shop keeps one
  pack back if it has two.
* The buyer of a pack is a private person: the sale names the shop and nobody else.

CBV 2.0 sections 7.1 (packing, staging_outbound, shipping, receiving, unpacking, retail_selling)
and 7.2.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from suyuan.demo.assembly import Pack
from suyuan.demo.parties import PARTIES
from suyuan.demo.plan import MODULES_PER_PACK
from suyuan.demo.procurement import MAKER, transfer
from suyuan.demo.script import Script

__all__ = ["Pallet", "Sale", "deliver"]

_CRATES_ON_A_PALLET = 3
_CHANNELS = (("jiangzuo", "wutongli"), ("lingshang", "mumian"))
"""Each distributor with the shop it serves."""

_WRITES_URNS = "lingshang"


@dataclass(frozen=True, slots=True)
class _Crate:
    number: int
    pack: Pack

    @property
    def code(self) -> str:
        return MAKER.company.sscc(1, self.number)


@dataclass(frozen=True, slots=True)
class Pallet:
    """One pallet of crates."""

    number: int
    crates: tuple[_Crate, ...]

    @property
    def code(self) -> str:
        """SSCC as a Digital Link URI."""
        return MAKER.company.sscc(3, self.number)

    @property
    def urn(self) -> str:
        """The same SSCC as an EPC URN."""
        return MAKER.company.sscc_urn(3, self.number)

    @property
    def crate_codes(self) -> list[str]:
        """SSCCs of its crates."""
        return [crate.code for crate in self.crates]


@dataclass(frozen=True, slots=True)
class Sale:
    """One pack in a private home."""

    pack: Pack
    shop: str
    day: int


def deliver(
    script: Script, packs: Sequence[Pack], bad_lot: str, day: int
) -> tuple[tuple[Pallet, ...], tuple[Sale, ...]]:
    """Pack, ship and sell; packs the bad lot reached least are sold first, those it missed last."""
    pallets = _pack(script, packs, day)
    # Three fifths of the pallets go to the first distributor, and at least one to the second.
    share = min(-(-3 * len(pallets) // 5), len(pallets) - 1)
    bad = script.book.affected(bad_lot)
    sales: list[Sale] = []
    for (distributor, shop), own in zip(_CHANNELS, (pallets[:share], pallets[share:]), strict=True):
        _ship(script, distributor, own, day + 2)
        crates = _break_down(script, distributor, own, day + 6)
        crates.sort(
            key=lambda crate: len(bad.intersection(crate.pack.modules)) or MODULES_PER_PACK + 1
        )
        sales += _retail(script, (distributor, shop), crates[: -(-2 * len(crates) // 3)], day + 9)
    return pallets, tuple(sales)


def _pack(script: Script, packs: Sequence[Pack], day: int) -> tuple[Pallet, ...]:
    crates = [_Crate(n, pack) for n, pack in enumerate(packs, start=1)]
    # Packs come off several test lanes, so neighbours in production stand on different pallets.
    lanes = -(-len(crates) // _CRATES_ON_A_PALLET)
    pallets = tuple(Pallet(n + 1, tuple(crates[n::lanes])) for n in range(lanes))
    place = MAKER.place("finished")
    for n, pallet in enumerate(pallets):
        units = [(crate.code, [crate.pack.code]) for crate in pallet.crates]
        events = []
        for minute, (unit, contents) in enumerate([*units, (pallet.code, pallet.crate_codes)]):
            event = script.event(
                "AggregationEvent",
                script.at(day, 8, 600 * n // lanes + 2 * minute),
                parentID=unit,
                childEPCs=contents,
                action="ADD",
                bizStep="packing",
                disposition="container_closed",
                readPoint=place,
                bizLocation=place,
            )
            events.append(event)
            script.book.know("logistic", unit)
            script.book.packed(unit, contents)
            script.book.held(MAKER.company.pgln, unit)
        script.submit(MAKER.slug, "wms", events)
    return pallets


def _ship(script: Script, distributor: str, pallets: Sequence[Pallet], day: int) -> None:
    buyer, place = PARTIES[distributor], MAKER.place("finished")
    codes = [pallet.code for pallet in pallets]
    order = {"type": "po", "bizTransaction": buyer.company.order("PO", "20250301")}
    note = {"type": "desadv", "bizTransaction": MAKER.company.order("DN", f"2025-{distributor}")}
    staged = script.event(
        "TransactionEvent",
        script.at(day, 8),
        bizTransactionList=[order, note],
        epcList=codes,
        action="ADD",
        bizStep="staging_outbound",
        disposition="in_progress",
        readPoint=place,
        bizLocation=place,
    )
    shipped = script.event(
        "ObjectEvent",
        script.at(day, 10),
        action="OBSERVE",
        bizStep="shipping",
        disposition="in_transit",
        epcList=codes,
        readPoint=place,
        bizTransactionList=[order, note],
        **transfer(MAKER.slug, distributor),
        **{"suyuan:unitPrice": {"suyuan:value": 15800, "suyuan:currency": "CNY"}},
    )
    urns = distributor == _WRITES_URNS
    warehouse = buyer.place_urn("warehouse") if urns else buyer.place("warehouse")
    received = script.event(
        "ObjectEvent",
        script.at(day + 3, 9),
        action="OBSERVE",
        bizStep="receiving",
        disposition="sellable_not_accessible",
        epcList=[pallet.urn for pallet in pallets] if urns else codes,
        readPoint=warehouse,
        bizLocation=warehouse,
        bizTransactionList=[order, note],
        **transfer(MAKER.slug, distributor),
        **{"suyuan:operator": script.operator()},
    )
    script.submit(MAKER.slug, "wms", [staged, shipped])
    script.submit(distributor, "wms", [received])
    script.book.held(buyer.company.pgln, *codes)


def _unpack(
    script: Script, where: str, unit: str, contents: list[str], when: datetime
) -> dict[str, Any]:
    script.book.unpacked(contents)
    return script.event(
        "AggregationEvent",
        when,
        parentID=unit,
        childEPCs=contents,
        action="DELETE",
        bizStep="unpacking",
        disposition="sellable_accessible",
        readPoint=where,
        bizLocation=where,
    )


def _break_down(
    script: Script, distributor: str, pallets: Sequence[Pallet], day: int
) -> list[_Crate]:
    """Take the crates off all pallets but the first, or off the only one."""
    opened, where = pallets[1:] or pallets, PARTIES[distributor].place("warehouse")
    events = [
        _unpack(script, where, pallet.code, pallet.crate_codes, script.at(day, 8, 20 * n))
        for n, pallet in enumerate(opened)
    ]
    script.submit(distributor, "wms", events)
    return [crate for pallet in opened for crate in pallet.crates]


def _retail(
    script: Script, channel: tuple[str, str], crates: Sequence[_Crate], day: int
) -> list[Sale]:
    distributor, shop = channel
    seller, buyer, codes = PARTIES[distributor], PARTIES[shop], [crate.code for crate in crates]
    note = {"type": "desadv", "bizTransaction": seller.company.order("DN", f"2025-{shop}")}
    store = buyer.place("store")
    shipped = script.event(
        "ObjectEvent",
        script.at(day, 9),
        action="OBSERVE",
        bizStep="shipping",
        disposition="in_transit",
        epcList=codes,
        readPoint=seller.place("warehouse"),
        bizTransactionList=[note],
        **transfer(distributor, shop),
    )
    received = script.event(
        "ObjectEvent",
        script.at(day + 1, 11),
        action="OBSERVE",
        bizStep="receiving",
        disposition="sellable_not_accessible",
        epcList=codes,
        readPoint=store,
        bizLocation=store,
        bizTransactionList=[note],
        **transfer(distributor, shop),
    )
    script.submit(distributor, "wms", [shipped])
    script.submit(shop, "pos", [received])
    script.book.held(buyer.company.pgln, *codes)
    unpacked = [
        _unpack(script, store, crate.code, [crate.pack.code], script.at(day + 2, 8, 10 * n))
        for n, crate in enumerate(crates)
    ]
    script.submit(shop, "pos", unpacked)
    sales = []
    for n, crate in enumerate(crates[:-1] or crates):
        sale = Sale(crate.pack, shop, day + 4 + 3 * n)
        sold = script.event(
            "ObjectEvent",
            script.at(sale.day, 11, script.random.randint(0, 400)),
            action="OBSERVE",
            bizStep="retail_selling",
            disposition="retail_sold",
            epcList=[crate.pack.code],
            readPoint=store,
            **{"suyuan:price": {"suyuan:value": 21800, "suyuan:currency": "CNY"}},
        )
        script.submit(shop, "pos", [sold])
        sales.append(sale)
    return sales
