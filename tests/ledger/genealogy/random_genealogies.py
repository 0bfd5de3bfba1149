"""Random genealogies from a seed, as the slow trace knows them and as EPCIS events.

Each has codes of its own, so that hundreds of them share one ledger. They are small and crowded on purpose: few items and
few minutes, so that things happen in one instant, come back, go round in circles and contradict each other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any

from ledger.times import parse_time
from tests.ledger.builders import PRODUCT, Event, event, family, made, seen, some
from tests.ledger.genealogy.slow_trace import Happening, Thing

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MINUTES", "ROUNDS", "Genealogy", "at", "genealogies", "genealogy", "sscc"]

MINUTES = 8
ROUNDS = 3
"""Captures in which each genealogy comes in."""
SERIALS = "abcde"
LOTS = "LM"
GLNS = ("9506000134376", "9506000134383")
DISPOSITIONS = ("in_progress", "active", "in_transit", "damaged")
WHAT = [
    *["make"] * 6,
    *["pack"] * 4,
    *["fit"] * 3,
    *["unpack"] * 2,
    *["remove"] * 2,
    *[
        "empty",
        "strip",
        "lot",
        "lot",
        "see",
        "see",
        "measure",
        "measure",
        "calibrate",
        "end",
        "order",
    ],
]


def clock(minute: int) -> str:
    """Return the time of a minute."""
    return f"2026-03-01T08:{minute:02}:00Z"


def at(minute: int | None) -> int | None:
    """Return the same in microseconds."""
    return None if minute is None else parse_time(clock(minute))


@dataclass(frozen=True)
class Genealogy:
    """A random genealogy, in the order in which its events come in."""

    happenings: tuple[Happening, ...]
    codes: tuple[str, ...]
    """Of all items that it may name."""

    def events(self, received: int, log: int) -> list[Event]:
        """Return what is sent in one round to one log."""
        return [
            as_event(one)
            for one in self.happenings
            if one.received == received and log_of(one) == log
        ]


def log_of(one: Happening) -> int:
    """Return the log an event comes to; a declaration comes to that of its event."""
    return ord(one.name[-1]) % 2


def genealogies(seed: int, count: int) -> Iterator[Genealogy]:
    """Draw genealogies."""
    random = Random(seed)  # noqa: S311 - it must be the same each time
    for number in range(count):
        yield genealogy(random, f"{seed}x{number}", seed * 100_000 + number)


def genealogy(random: Random, prefix: str, number: int) -> Genealogy:
    """Draw one genealogy; `prefix` and `number` make its codes its own."""
    return _Drawing(random, prefix, number).genealogy()


class _Drawing:
    """Draws one genealogy."""

    def __init__(self, random: Random, prefix: str, number: int) -> None:
        self.random = random
        self.prefix = prefix
        self.serials = {name: f"{PRODUCT}/21/{prefix}{name}" for name in SERIALS}
        self.lots = {name: f"{PRODUCT}/10/{prefix}{name}" for name in LOTS}
        self.pallets = [f"https://id.gs1.org/00/{sscc(number * 3 + one)}" for one in range(3)]
        self.gauges = [f"https://id.gs1.org/8004/9506000{prefix}G{one}" for one in range(2)]
        self.parents = [*self.pallets, *self.serials.values()]
        self.units = random.choice([("KGM", "GRM"), ("KGM", "GRM"), (None, "EA"), ("KGM", "LTR")])
        self.quantities = random.random() < 0.8  # else some don't state them

    def genealogy(self) -> Genealogy:
        """Draw it all."""
        random = self.random
        drawn = [self._happening(index) for index in range(random.randint(2, 14))]
        wrong = [one for one in drawn if random.random() < 0.08]
        sent = [*drawn, *(replace(one, declares_error=True) for one in wrong)]
        random.shuffle(sent)
        rounds = sorted(random.randrange(ROUNDS) for _ in sent)
        came = [replace(one, received=when) for one, when in zip(sent, rounds, strict=True)]
        return Genealogy(
            tuple(sorted(came, key=lambda one: (one.received, log_of(one)))),
            (*self.serials.values(), *self.lots.values(), *self.pallets, *self.gauges),
        )

    def _happening(self, index: int) -> Happening:
        random = self.random
        kind = random.choice(WHAT)
        common = Happening(
            f"urn:example:event:{self.prefix}:{index}",
            "object",
            random.randrange(MINUTES),
            location=random.choice([None, *(f"https://id.gs1.org/414/{gln}" for gln in GLNS)]),
            disposition=random.choice([None, *DISPOSITIONS]),
            devices=(random.choice(self.gauges),) if random.random() < 0.06 else (),
        )
        if kind == "make":
            return self._made(common)
        if kind in {"fit", "remove", "strip", "pack", "unpack", "empty"}:
            return self._moved(common, kind)
        if kind == "lot":
            lots = {PRODUCT: random.choice(list(self.lots.values()))}
            return replace(common, things=self._serials(1), lot_number=lots)
        action = "DELETE" if kind == "end" else "OBSERVE"
        common = replace(common, action=action)
        if kind == "measure":
            things = self._things(1)
            return replace(common, things=things, devices=tuple(self._some(self.gauges, 1)))
        if kind == "calibrate":
            one, other = random.choice([self.gauges, self.gauges[::-1], self.gauges[:1] * 2])
            return replace(common, things=(Thing(one),), devices=(other,))
        what = "transaction" if kind == "order" else "object"
        return replace(common, what=what, things=self._things(1))

    def _made(self, common: Happening) -> Happening:
        random = self.random
        run = random.choice([None, None, f"urn:example:run:{self.prefix}", "other"])
        run = f"urn:example:run:{self.prefix}:{run}" if run == "other" else run
        inputs = self._things(0 if run else 1)
        outputs = self._things(0 if run and inputs else 1)
        lots = {}
        if random.random() < 0.15 and outputs:
            lots = {PRODUCT: random.choice(list(self.lots.values()))}
        return replace(
            common,
            what="transformation",
            inputs=inputs,
            outputs=outputs,
            transformation=run,
            lot_number=lots,
        )

    def _moved(self, common: Happening, kind: str) -> Happening:
        random = self.random
        parent = random.choice(self.parents if kind in {"fit", "remove", "strip"} else self.pallets)
        if random.random() < 0.15:
            parent = random.choice(self.parents)
        return replace(
            common,
            what="association" if kind in {"fit", "remove", "strip"} else "aggregation",
            action="ADD" if kind in {"fit", "pack"} else "DELETE",
            things=() if kind in {"strip", "empty"} else self._things(1),
            parent=parent,
        )

    def _some(self, names: list[str], least: int) -> list[str]:
        count = min(len(names), self.random.choice([least, 1, 1, 2, 3]))
        return self.random.sample(names, count)

    def _serials(self, least: int) -> tuple[Thing, ...]:
        return tuple(
            Thing(code, PRODUCT, lot=self._lot())
            for code in self._some([*self.serials.values()], least)
        )

    def _lot(self) -> str | None:
        return self.random.choice(list(self.lots.values())) if self.random.random() < 0.05 else None

    def _things(self, least: int) -> tuple[Thing, ...]:
        """Draw serials, lots with quantities, and now and then a pallet or an instrument."""
        names = [*self.serials.values(), *self.lots.values(), *self.lots.values()]
        names += [self.random.choice([*self.pallets, *self.gauges])]
        return tuple(self._thing(code) for code in dict.fromkeys(self._some(names, least)))

    def _thing(self, code: str) -> Thing:
        if code in self.lots.values():
            if not self.quantities and self.random.random() < 0.3:
                return Thing(code, PRODUCT, is_lot=True)
            unit = self.random.choice(self.units)
            amount = Decimal(self.random.choice([1, 2, 2, 4])) * (1000 if unit == "GRM" else 1)
            return Thing(code, PRODUCT, is_lot=True, quantity=amount, unit=unit)
        if code in self.serials.values():
            return Thing(code, PRODUCT, lot=self._lot())
        return Thing(code)


def sscc(number: int) -> str:
    """Return the serial number of a pallet, with its check digit."""
    digits = f"09506000{number:09}"
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


def as_event(one: Happening) -> Event:
    """Return the event that is sent of a happening."""
    fields: dict[str, Any] = {"at": clock(one.time), "eventID": one.name}
    if one.location:
        fields["bizLocation"] = {"id": one.location}
    if one.disposition:
        fields["disposition"] = one.disposition
    if one.devices:
        fields["sensorElementList"] = [
            {
                "sensorMetadata": {"deviceID": device},
                "sensorReport": [{"type": "Temperature", "value": 20, "uom": "CEL"}],
            }
            for device in one.devices
        ]
    for lot in one.lot_number.values():
        fields["ilmd"] = {"cbvmda:lotNumber": lot.rpartition("/")[2]}
    if one.transformation:
        fields["transformationID"] = one.transformation
    if one.declares_error:
        fields["errorDeclaration"] = {"declarationTime": clock(50)}
    serials, amounts = _lists(one.things)
    if one.what == "transformation":
        sides = ([*_sent(side)] for side in (one.inputs, one.outputs))
        return made(*sides, **fields)
    if one.what in {"association", "aggregation"}:
        fields |= {"childQuantityList": amounts} if amounts else {}
        kind = one.what.title() + "Event"
        return family(one.parent, *serials, kind=kind, action=one.action, **fields)
    fields |= {"quantityList": amounts} if amounts else {}
    if one.what == "transaction":
        order = {"type": "po", "bizTransaction": "urn:example:order:1"}
        fields |= {"bizTransactionList": [order], "epcList": serials}
        return event("TransactionEvent", action=one.action, **fields)
    return seen(*serials, action=one.action, **fields)


def _sent(things: tuple[Thing, ...]) -> Iterator[Event | str]:
    for thing in things:
        if thing.is_lot:
            quantity = None if thing.quantity is None else float(thing.quantity)
            yield some(thing.code, quantity, thing.unit)
        elif thing.lot:
            lot, serial = (code.rpartition("/")[2] for code in (thing.lot, thing.code))
            yield f"{PRODUCT}/10/{lot}/21/{serial}"
        else:
            yield thing.code


def _lists(things: tuple[Thing, ...]) -> tuple[list[str], list[Event]]:
    sent = list(_sent(things))
    return [one for one in sent if isinstance(one, str)], [
        one for one in sent if not isinstance(one, str)
    ]
