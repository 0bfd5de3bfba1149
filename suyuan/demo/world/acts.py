"""What people do with items: each act writes its event and tells the book.

Rules kept:

* `Part`s name what goes in or comes out: an instance, or an amount of a lot in its product's unit.
* An event that is wrong is written and not told to the book.

EPCIS 2.0 section 7.4; CBV 2.0 sections 7.1 (steps) and 7.2 (dispositions).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from suyuan.demo.measures import number
from suyuan.demo.world.desk import Desk
from suyuan.demo.world.firms import PRODUCTS, Firm

__all__ = [
    "Event",
    "Part",
    "about",
    "at_place",
    "begin",
    "codes_of",
    "end",
    "lists",
    "made",
    "pieces",
    "seen",
    "transform",
]

Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """An instance, or some of a lot."""

    code: str
    amount: Decimal | int | None = None
    """None for an instance."""
    unit: str | None = None
    label: str | None = None
    """How the event spells the code, where a label says more than the code."""

    @classmethod
    def lot(cls, product: str, lot: str, amount: Decimal | int) -> "Part":
        """Name an amount of a lot, in the unit of its product."""
        one = PRODUCTS[product]
        return cls(one.gtin.lot(lot), amount, one.unit)

    def some(self, amount: Decimal | int) -> "Part":
        """Name another amount of the same lot."""
        return Part(self.code, amount, self.unit)


def pieces(codes: Sequence[str]) -> list[Part]:
    """Name instances, or containers."""
    return [Part(code) for code in codes]


def lists(parts: Sequence[Part], epcs: str, quantities: str) -> dict[str, Any]:
    """Spell parts as the two lists of an event, by their names; an empty one is None."""
    names = [part.label or part.code for part in parts if part.amount is None]
    amounts = [
        {"epcClass": part.code, "quantity": number(Decimal(part.amount)), "uom": part.unit}
        for part in parts
        if part.amount is not None
    ]
    return {epcs: names or None, quantities: amounts or None}


def codes_of(desk: Desk, parts: Sequence[Part]) -> list[str]:
    """Note that the wave names these, and give their codes."""
    codes = [part.code for part in parts]
    desk.codes.update(codes)
    return codes


def about(desk: Desk, firm: Firm, when: int, parts: Sequence[Part], **fields: Any) -> Event:
    """Write an ObjectEvent."""
    codes_of(desk, parts)
    named = lists(parts, "epcList", "quantityList")
    return desk.event(firm, "ObjectEvent", when, **named, **fields)


def at_place(firm: Firm, key: str) -> dict[str, Any]:
    """Say that something happens, and things stay, at a firm's place."""
    return {"readPoint": firm.place(key), "bizLocation": firm.place(key)}


def begin(
    desk: Desk, firm: Firm, when: int, parts: Sequence[Part], *, lot: str | None = None
) -> Event:
    """Bring lots or instances into being; `lot` is the lot code that all instances belong to."""
    if lot is not None:
        desk.codes.add(lot)
        desk.book.belong(lot, [part.code for part in parts])
    mass = parts[0].amount is not None
    fields = {
        "bizStep": "creating_class_instance" if mass else "commissioning",
        "disposition": "active",
        "ilmd": _ilmd(lot or (parts[0].code if len(parts) == 1 and mass else None)),
        **at_place(firm, "work"),
    }
    return about(desk, firm, when, parts, action="ADD", **fields)


def _ilmd(lot: str | None) -> dict[str, Any]:
    number_ = {} if lot is None else {"cbvmda:lotNumber": lot.rpartition("/")[2]}
    return {**number_, "cbvmda:countryOfOrigin": "CN"}


def seen(
    desk: Desk, firm: Firm, when: int, parts: Sequence[Part], step: str, **fields: Any
) -> Event:
    """See items, do something to them that makes no link, or judge them."""
    place = fields.pop("place", "work")
    fields = {"bizStep": step, **at_place(firm, place), **fields}
    return about(desk, firm, when, parts, action="OBSERVE", **fields)


def end(
    desk: Desk, firm: Firm, when: int, parts: Sequence[Part], step: str = "destroying"
) -> Event:
    """Take items, or some of a lot, out of being."""
    fields = {"bizStep": step, "disposition": "destroyed", **at_place(firm, "closed")}
    return about(desk, firm, when, parts, action="DELETE", **fields)


def transform(
    desk: Desk,
    firm: Firm,
    when: int,
    inputs: Sequence[Part],
    outputs: Sequence[Part],
    *,
    step: str = "creating_class_instance",
    run: str | None = None,
    lot: str | None = None,
    book: bool = True,
) -> Event:
    """Make outputs of inputs.

    Args:
        desk: The wave.
        firm: Who makes them.
        when: When.
        inputs: What goes in; none where the run's other events name them.
        outputs: What comes out; likewise.
        step: The CBV step.
        run: The transformationID that joins several events.
        lot: The lot that all outputs belong to.
        book: False for an event that is wrong.
    """
    put_in, came_out = codes_of(desk, inputs), codes_of(desk, outputs)
    fields: dict[str, Any] = {
        **lists(inputs, "inputEPCList", "inputQuantityList"),
        **lists(outputs, "outputEPCList", "outputQuantityList"),
        "transformationID": run,
        "bizStep": step,
        "disposition": "in_progress",
        **at_place(firm, "work"),
        "ilmd": _ilmd(lot) if outputs else None,
    }
    event = desk.event(firm, "TransformationEvent", when, **fields)
    if book:
        name = run or event["eventID"]
        desk.book.used(name, put_in, when)
        desk.book.gave(name, came_out, when)
    if lot is not None:
        desk.codes.add(lot)
        desk.book.belong(lot, came_out)
    return event


def made(desk: Desk, lot: str, parts: Sequence[Part]) -> list[Part]:
    """Label instances with their lot as well, as the maker's labels do, and note that they do."""
    desk.codes.add(lot)
    desk.book.belong(lot, [part.code for part in parts])
    return [Part(part.code, label=f"{lot}/21/{part.code.rpartition('/')[2]}") for part in parts]
