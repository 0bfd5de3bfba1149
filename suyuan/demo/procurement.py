"""Procurement: suppliers' lots with certificates, deliveries, receipts, incoming inspection.

Rules kept:

* A supplier writes its own lots into its own log; the maker writes receipts and inspections into
  the maker's. One supplier's file comes weeks late, so the maker's log names codes nobody has
  explained yet.
* What is received of a lot equals what is used, returned and left, to the gram (`LotBalance`).
* One electrolyte lot holds too much water, is refused at incoming inspection and goes back.
* The lot found bad later passes both certificate and incoming inspection, close to the limit.
* The receipt of that lot spells its code as an EPC URN; a ledger must see the same lot.

CBV 2.0 sections 7.1 (creating_class_instance, commissioning, shipping, receiving, inspecting) and
8.5 (po, desadv, rma).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from suyuan.demo.codes import document
from suyuan.demo.measures import CHARACTERISTICS, draw, report
from suyuan.demo.parties import PARTIES, PRODUCTS, Product
from suyuan.demo.plan import Plan
from suyuan.demo.script import Script, quantity

__all__ = ["BAD_LOT", "MAKER", "Lot", "LotBalance", "Stock", "buy", "transfer"]

MAKER = PARTIES["haiyan"]
BAD_LOT = 1
"""Number of the LFP lot that will be found bad."""

_BAG = Decimal(25)
"""Kilograms, or square metres for film: deliveries are whole bags, drums or rolls."""

_CLOSE_CALL = {"magneticImpurity": Decimal(468)}


@dataclass(frozen=True, slots=True)
class LotBalance:
    """Where the quantity of one purchased lot went; `received` is the sum of the others."""

    lot: str
    """Canonical URI."""

    received: Decimal
    used: Decimal
    """Entered production, stated losses included."""

    returned: Decimal
    remaining: Decimal
    """Still in the raw material warehouse."""

    unit: str | None
    """UN/ECE Recommendation 20 code; None counts pieces."""


@dataclass(frozen=True, slots=True)
class Lot:
    """One purchased lot."""

    product: Product
    number: str
    amount: Decimal
    used: Decimal
    unit: str | None
    serials: tuple[str, ...] = ()
    """Serial numbers where the pieces are serialised."""

    good: bool = True
    """Whether it passes incoming inspection."""

    @property
    def uri(self) -> str:
        """The lot's canonical code."""
        return self.product.gtin.lot(self.number)

    @property
    def units(self) -> list[str]:
        """Canonical codes of its serialised pieces."""
        return [self.product.gtin.serial(serial) for serial in self.serials]

    @property
    def labels(self) -> list[str]:
        """The same pieces as their labels read: with lot and serial."""
        return [self.product.gtin.serial_of_lot(self.number, s) for s in self.serials]

    def what(self, *, urn: bool = False, amount: Decimal | None = None) -> dict[str, Any]:
        """Name the lot in an ObjectEvent: its pieces, or a quantity of it."""
        if self.serials:
            return {"epcList": self.units}
        code = self.product.gtin.lot_urn(self.number) if urn else self.uri
        return {"quantityList": [quantity(code, amount or self.amount, self.unit)]}

    def balance(self) -> LotBalance:
        """Account for the lot at the end of the campaign."""
        back = Decimal(0) if self.good else self.amount
        rest = self.amount - self.used - back
        return LotBalance(self.uri, self.amount, self.used, back, rest, self.unit)


@dataclass(frozen=True, slots=True)
class Stock:
    """What production may draw on: accepted lots in order of use."""

    lfp: tuple[Lot, ...]
    graphite: tuple[Lot, ...]
    electrolyte: tuple[Lot, ...]
    separator: tuple[Lot, ...]
    bms: tuple[Lot, ...]
    refused: tuple[Lot, ...]

    @property
    def all(self) -> tuple[Lot, ...]:
        """Every lot ever received."""
        groups = (self.lfp, self.graphite, self.electrolyte, self.separator, self.bms)
        return (*(lot for group in groups for lot in group), *self.refused)


@dataclass(frozen=True, slots=True)
class _Delivery:
    lot: Lot
    made: int
    """Day of the life."""

    shipped: int
    promised: int
    arrived: int
    order: int
    """Number of the purchase order."""


def transfer(giver: str, taker: str) -> dict[str, Any]:
    """Write the source and destination lists of a change of hands between two parties."""
    kinds = ("owning_party", "possessing_party")
    source, destination = PARTIES[giver].company.pgln, PARTIES[taker].company.pgln
    return {
        "sourceList": [{"type": kind, "source": source} for kind in kinds],
        "destinationList": [{"type": kind, "destination": destination} for kind in kinds],
    }


def buy(script: Script, plan: Plan) -> Stock:
    """Order, receive and inspect what the plan needs."""
    stock = _stock(plan)
    for delivery in _deliveries(stock):
        _supply(script, delivery)
        _receive(script, delivery)
    return stock


def _stock(plan: Plan) -> Stock:
    coils, cores, trays = plan.coils, plan.cores, plan.trays
    half = len(coils) // 2
    graphite = [sum(c.graphite for c in part) for part in (coils[:half], coils[half:])]
    half = len(cores) // 2
    separator = [sum(c.separator for c in part) for part in (cores[:half], cores[half:])]
    half = len(trays) // 2
    electrolyte = [sum(t.electrolyte for t in part) for part in (trays[:half], trays[half:])]
    lfp = [plan.lfp(n) for n in range(3)]
    refused = replace(_lot("electrolyte", 2, Decimal(150), "KGM"), used=Decimal(0), good=False)
    half = plan.packs // 2
    return Stock(
        lfp=tuple(_lot("lfp", n, Decimal(used), "KGM") for n, used in enumerate(lfp)),
        graphite=tuple(_lot("graphite", n, Decimal(u), "KGM") for n, u in enumerate(graphite)),
        electrolyte=tuple(
            _lot("electrolyte", n, Decimal(u), "KGM") for n, u in enumerate(electrolyte)
        ),
        separator=tuple(_lot("separator", n, Decimal(u), "MTK") for n, u in enumerate(separator)),
        bms=(_units(0, half, 1), _units(1, plan.packs - half, half + 3)),
        refused=(refused,),
    )


def _lot(key: str, n: int, used: Decimal, unit: str) -> Lot:
    bags = used // _BAG + 2
    product = PRODUCTS[key]
    return Lot(product, f"{key[:3].upper()}-2501-{n + 1:02d}", bags * _BAG, used, unit)


def _units(n: int, used: int, first: int) -> Lot:
    serials = tuple(f"B{number:06d}" for number in range(first, first + used + 2))
    amount = Decimal(len(serials))
    return Lot(PRODUCTS["bms"], f"BMS-2501-{n + 1:02d}", amount, Decimal(used), None, serials)


def _deliveries(stock: Stock) -> Iterator[_Delivery]:
    yield _Delivery(stock.lfp[0], 1, 5, 9, 9, 1)
    yield _Delivery(stock.lfp[1], 2, 6, 10, 12, 1)
    yield _Delivery(stock.lfp[2], 4, 8, 13, 13, 1)
    yield _Delivery(stock.graphite[0], 1, 5, 9, 9, 2)
    yield _Delivery(stock.graphite[1], 3, 7, 12, 11, 2)
    yield _Delivery(stock.separator[0], 3, 6, 8, 8, 3)
    yield _Delivery(stock.separator[1], 3, 6, 8, 8, 3)
    yield _Delivery(stock.electrolyte[0], 6, 9, 11, 11, 4)
    yield _Delivery(stock.refused[0], 7, 10, 12, 12, 4)
    yield _Delivery(stock.electrolyte[1], 13, 15, 17, 17, 4)
    yield _Delivery(stock.bms[0], 5, 8, 12, 12, 5)
    yield _Delivery(stock.bms[1], 9, 14, 17, 19, 5)


def _papers(delivery: _Delivery) -> list[dict[str, Any]]:
    supplier = PARTIES[delivery.lot.product.owner].company
    return [
        {
            "type": "po",
            "bizTransaction": MAKER.company.order("PO", f"2025{delivery.order:04d}"),
        },
        {"type": "desadv", "bizTransaction": supplier.order("DN", delivery.lot.number)},
    ]


def _certificate(script: Script, lot: Lot, issued: datetime) -> dict[str, Any]:
    results = []
    fixed = _CLOSE_CALL if _is_bad(lot) else {}
    for characteristic in CHARACTERISTICS[lot.product.key]:
        value = fixed.get(characteristic.name, draw(script.random, characteristic))
        fields = report(characteristic, value)
        results.append(
            {
                "suyuan:characteristic": characteristic.name,
                "suyuan:name": [
                    {"@language": "zh", "@value": characteristic.zh},
                    {"@language": "en", "@value": characteristic.en},
                ],
                "suyuan:value": fields["value"],
                "suyuan:uom": fields["uom"],
                **{k: v for k, v in fields.items() if k.endswith("Limit")},
            }
        )
    prefix = PARTIES[lot.product.owner].company.prefix
    return {
        "suyuan:number": document(prefix, 100, lot.number),
        "suyuan:issued": issued.date().isoformat(),
        "suyuan:results": results,
    }


def _is_bad(lot: Lot) -> bool:
    return lot.product.key == "lfp" and lot.number.endswith(f"-{BAD_LOT + 1:02d}")


def _supply(script: Script, delivery: _Delivery) -> None:
    lot, supplier = delivery.lot, PARTIES[delivery.lot.product.owner]
    made, shipped = script.at(delivery.made, 14), script.at(delivery.shipped, 9)
    # The separator's maker sends its file when asked for it, long after the goods.
    late = 12 if lot.product.key == "separator" else 0
    creation = script.event(
        "ObjectEvent",
        made,
        action="ADD",
        bizStep="commissioning" if lot.serials else "creating_class_instance",
        disposition="active",
        readPoint=supplier.place("plant"),
        bizLocation=supplier.place("warehouse"),
        **({"epcList": lot.labels} if lot.serials else lot.what()),
        ilmd={
            "cbvmda:lotNumber": lot.number,
            "cbvmda:countryOfOrigin": "CN",
            "suyuan:promisedDelivery": script.at(delivery.promised).date().isoformat(),
            "suyuan:certificate": _certificate(script, lot, made),
        },
    )
    dispatch = script.event(
        "ObjectEvent",
        shipped,
        action="OBSERVE",
        bizStep="shipping",
        disposition="in_transit",
        readPoint=supplier.place("warehouse"),
        **lot.what(),
        bizTransactionList=_papers(delivery),
        **transfer(supplier.slug, MAKER.slug),
        **{
            "suyuan:unitPrice": {
                "suyuan:value": script.random.randint(30, 90),
                "suyuan:currency": "CNY",
            }
        },
    )
    script.submit(supplier.slug, "qms", [creation], late=late)
    script.submit(supplier.slug, "erp", [dispatch], late=late)
    script.book.know("lot", lot.uri)
    script.book.know("instance", *lot.units)
    script.book.made([lot.uri], lot.units)
    script.book.held(supplier.company.pgln, lot.uri, *lot.units)


def _receive(script: Script, delivery: _Delivery) -> None:
    lot, supplier = delivery.lot, PARTIES[delivery.lot.product.owner]
    urn = _is_bad(lot)
    when = script.at(delivery.arrived, 10)
    receipt = script.event(
        "ObjectEvent",
        when,
        action="OBSERVE",
        bizStep="receiving",
        disposition="in_progress",
        readPoint=MAKER.place_urn("raw") if urn else MAKER.place("raw"),
        bizLocation=MAKER.place_urn("raw") if urn else MAKER.place("raw"),
        **lot.what(urn=urn),
        bizTransactionList=_papers(delivery),
        **transfer(supplier.slug, MAKER.slug),
        **{
            "suyuan:promisedDelivery": script.at(delivery.promised).date().isoformat(),
            "suyuan:actualDelivery": when.date().isoformat(),
            "suyuan:operator": script.operator(),
        },
    )
    script.submit(MAKER.slug, "wms", [receipt])
    script.book.held(MAKER.company.pgln, *(lot.units or [lot.uri]))
    _inspect(script, delivery)
    if not lot.good:
        _return(script, delivery)


def _inspect(script: Script, delivery: _Delivery) -> None:
    lot, when = delivery.lot, script.at(delivery.arrived + 1, 15)
    given = _CLOSE_CALL if _is_bad(lot) else {}
    if not lot.good:
        given = {"water": Decimal("38.4")}
    elements, verdict = script.readings(lot.product.key, when, **given)
    inspection = script.event(
        "ObjectEvent",
        when,
        action="OBSERVE",
        bizStep="inspecting",
        disposition=verdict,
        readPoint=MAKER.place("quality"),
        bizLocation=MAKER.place("raw"),
        **lot.what(),
        sensorElementList=elements,
        **{"suyuan:operator": script.operator()},
    )
    script.submit(MAKER.slug, "iqc", [inspection])


def _return(script: Script, delivery: _Delivery) -> None:
    lot, supplier = delivery.lot, PARTIES[delivery.lot.product.owner]
    papers = [{"type": "rma", "bizTransaction": MAKER.company.order("RMA", lot.number)}]
    fields: dict[str, Any] = {
        "action": "OBSERVE",
        "disposition": "returned",
        "bizTransactionList": papers,
        **lot.what(),
        **transfer(MAKER.slug, supplier.slug),
    }
    back = script.event(
        "ObjectEvent",
        script.at(delivery.arrived + 3, 9),
        bizStep="shipping",
        readPoint=MAKER.place("raw"),
        **fields,
    )
    taken = script.event(
        "ObjectEvent",
        script.at(delivery.arrived + 5, 9),
        bizStep="receiving",
        readPoint=supplier.place("warehouse"),
        bizLocation=supplier.place("warehouse"),
        **fields,
    )
    script.submit(MAKER.slug, "wms", [back])
    script.submit(supplier.slug, "erp", [taken])
    script.book.held(supplier.company.pgln, lot.uri)
