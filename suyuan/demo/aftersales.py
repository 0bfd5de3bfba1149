"""After-sales: one module is swapped, its failure leads to a powder lot, the lot is declared bad.

Rules kept:

* The pack chosen is the sold one with the fewest modules from the bad lot, so that a swap matters
  most.
* A swap is two AssociationEvents: DELETE of the old module (removing), ADD of the new one
  (installing), at the same position; the repair is told by an ObjectEvent on the pack.
* The service shop spells the removed module as an EPC URN; a ledger must see the module built
  into the pack.
* The old module travels back to the maker and stays there as evidence.
* What is left of the bad lot is measured again; the lot is then non-conformant and stays marked
  as recalled.

EPCIS 2.0 section 7.4.6; CBV 2.0 sections 7.1 (removing, installing, repairing, holding) and 7.2
(recalled).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from suyuan.demo.logistics import Sale
from suyuan.demo.measures import CHARACTERISTICS, report, sensor_element
from suyuan.demo.parties import PARTIES, PRODUCTS
from suyuan.demo.procurement import BAD_LOT, MAKER, Stock, transfer
from suyuan.demo.production import Built
from suyuan.demo.script import Script

__all__ = ["Swap", "serve"]

_UNTIL_COMPLAINT = 95
"""Days from the last sale to the customer's complaint."""


@dataclass(frozen=True, slots=True)
class Swap:
    """One module exchanged in a sold pack."""

    pack: str
    old: str
    new: str
    position: str
    when: datetime
    """Time at which the old module came out."""


def serve(script: Script, stock: Stock, built: Built, sales: Sequence[Sale]) -> Swap:
    """Swap a module, analyse the old one, and find the lot behind it."""
    day = max(sale.day for sale in sales) + _UNTIL_COMPLAINT
    bad = script.book.affected(stock.lfp[BAD_LOT].uri)
    sale = min(
        (sale for sale in sales if sale.pack.code in bad),
        key=lambda sale: sum(module in bad for module in sale.pack.modules),
    )
    old = next(module for module in sale.pack.modules if module in bad)
    new = next(module for module in built.spares if module not in bad)
    position = f"{sale.pack.modules.index(old) + 1:02d}"
    _send(script, MAKER.slug, sale.shop, places=("finished", "workshop"), module=new, day=day)
    swap = Swap(sale.pack.code, old, new, position, script.at(day + 4, 10))
    _swap(script, sale, swap, built.serials[old], day + 4)
    _send(script, sale.shop, MAKER.slug, places=("workshop", "laboratory"), module=old, day=day + 5)
    _analyse(script, old, day + 11)
    _condemn(script, stock, day + 14)
    return swap


def _send(
    script: Script, giver: str, taker: str, *, places: tuple[str, str], module: str, day: int
) -> None:
    seller, buyer = PARTIES[giver], PARTIES[taker]
    home = buyer is MAKER
    paper = "rma" if home else "desadv"
    number = f"SP-{module.rpartition('/')[2]}"
    common: dict[str, Any] = {
        "action": "OBSERVE",
        "epcList": [module],
        "bizTransactionList": [
            {"type": paper, "bizTransaction": MAKER.company.order(paper.upper(), number)}
        ],
        **transfer(giver, taker),
    }
    shipped = script.event(
        "ObjectEvent",
        script.at(day, 16),
        bizStep="shipping",
        disposition="returned" if home else "in_transit",
        readPoint=seller.place(places[0]),
        **common,
    )
    received = script.event(
        "ObjectEvent",
        script.at(day + 3, 9),
        bizStep="receiving",
        disposition="returned" if home else "in_progress",
        readPoint=buyer.place(places[1]),
        bizLocation=buyer.place(places[1]),
        **common,
    )
    script.submit(giver, "wms" if giver == MAKER.slug else "service", [shipped])
    script.submit(taker, "wms" if taker == MAKER.slug else "service", [received])
    script.book.held(buyer.company.pgln, module)


def _spread(when: datetime, millivolts: int) -> dict[str, Any]:
    """Measure how far a module's cells lie apart."""
    characteristic = CHARACTERISTICS["module"][1]
    reading = report(characteristic, Decimal(millivolts))
    return sensor_element(characteristic.instrument, when.isoformat(), [reading])


def _swap(script: Script, sale: Sale, swap: Swap, old_serial: str, day: int) -> None:
    shop = PARTIES[sale.shop]
    pack_urn = PRODUCTS["pack"].gtin.serial_urn(sale.pack.serial)
    old_urn = PRODUCTS["module"].gtin.serial_urn(old_serial)
    common = {"readPoint": shop.place("workshop"), "suyuan:operator": script.operator()}
    found = script.at(day, 9)
    events = [
        script.event(
            "ObjectEvent",
            found,
            action="OBSERVE",
            bizStep="inspecting",
            disposition="needs_replacement",
            epcList=[swap.old],
            sensorElementList=[_spread(found, script.random.randint(70, 110))],
            **common,
        ),
        script.event(
            "AssociationEvent",
            swap.when,
            parentID=pack_urn,
            childEPCs=[old_urn],
            action="DELETE",
            bizStep="removing",
            disposition="needs_replacement",
            **common,
            **{"suyuan:positions": [swap.position]},
        ),
        script.event(
            "AssociationEvent",
            script.at(day, 10, 40),
            parentID=swap.pack,
            childEPCs=[swap.new],
            action="ADD",
            bizStep="installing",
            disposition="in_progress",
            **common,
            **{"suyuan:positions": [swap.position]},
        ),
        script.event(
            "ObjectEvent",
            script.at(day, 11, 30),
            action="OBSERVE",
            bizStep="repairing",
            disposition="retail_sold",
            epcList=[swap.pack],
            sensorElementList=[_spread(script.at(day, 11, 30), 4)],
            **common,
        ),
    ]
    script.submit(sale.shop, "service", events)
    script.book.removed(swap.pack, swap.old, swap.when)
    script.book.fitted(swap.pack, [swap.new])


def _analyse(script: Script, module: str, day: int) -> None:
    when, place = script.at(day, 15), MAKER.place("laboratory")
    common = {
        "action": "OBSERVE",
        "epcList": [module],
        "readPoint": place,
        "bizLocation": place,
    }
    inspected = script.event(
        "ObjectEvent",
        when,
        bizStep="inspecting",
        disposition="non_conformant",
        sensorElementList=[_spread(when, script.random.randint(90, 130))],
        **common,
        **{
            "suyuan:finding": [
                {"@language": "zh", "@value": "隔膜上有铁颗粒,来自正极粉,造成微短路和自放电"},
                {
                    "@language": "en",
                    "@value": "Iron from the cathode powder pierced the separator: self-discharge",
                },
            ],
            "suyuan:operator": script.operator(),
        },
    )
    kept = script.event(
        "ObjectEvent",
        script.at(day, 17),
        bizStep="holding",
        disposition="non_sellable_other",
        **common,
    )
    script.submit(MAKER.slug, "qms", [inspected, kept])


def _condemn(script: Script, stock: Stock, day: int) -> None:
    """Measure what is left of the lot again, and recall it; its supplier confirms."""
    lot, when = stock.lfp[BAD_LOT], script.at(day, 10)
    supplier = PARTIES[lot.product.owner]
    elements, verdict = script.readings("lfp", when, magneticImpurity=Decimal(1840))
    found = script.event(
        "ObjectEvent",
        when,
        action="OBSERVE",
        bizStep="inspecting",
        disposition=verdict,
        persistentDisposition={"set": ["recalled"]},
        **lot.what(amount=lot.balance().remaining),
        readPoint=MAKER.place("quality"),
        bizLocation=MAKER.place("raw"),
        sensorElementList=elements,
        **{"suyuan:operator": script.operator()},
    )
    confirmed = script.event(
        "ObjectEvent",
        script.at(day + 1, 9),
        action="OBSERVE",
        bizStep="holding",
        disposition="recalled",
        quantityList=[{"epcClass": lot.uri}],
        readPoint=supplier.place("plant"),
    )
    script.submit(MAKER.slug, "iqc", [found])
    script.submit(supplier.slug, "qms", [confirmed])
