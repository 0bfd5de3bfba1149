"""EPCIS documents to measure with: a plant's day, as long as one likes, the same for one seed.

Twelve events make a round: a supplier's lot is received, a lot of parts is made from two lots of
material, the parts are commissioned and inspected with measured values, four are built into an
assembly, assemblies are packed into a case, and the case is shipped to one of twenty places. An
event names three to seven codes; half of the senders write EPC URNs, half Digital Links. Nothing is
repeated but places, parties, products and the lots that are used up over some rounds.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import orjson

from identifiers.checkdigit import check_digit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["FRAME", "events", "write_document"]

_COMPANY: Final = "9506000"
_START: Final = datetime(2026, 1, 5, 6, tzinfo=UTC)
_STEP: Final = timedelta(seconds=7)
_PLACES: Final = 20
FRAME: Final = {
    "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
    "type": "EPCISDocument",
    "schemaVersion": "2.0",
    "creationDate": "2026-01-05T06:00:00Z",
}


def write_document(path: Path, count: int, seed: int = 1) -> None:
    """Write a document of `count` events."""
    head = orjson.dumps(FRAME)
    with path.open("wb") as file:
        file.write(head[:-1] + b',"epcisBody":{"eventList":[\n')
        for index, event in enumerate(events(count, seed)):
            file.write(b",\n" * bool(index) + orjson.dumps(event))
        file.write(b"\n]}}\n")


def events(count: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """Yield `count` events in the order of their times."""
    random = Random(seed)  # noqa: S311 - drawn from a seed, on purpose
    made = 0
    number = 0
    while True:
        for event in _round(random, number, seed):
            if made == count:
                return
            at = _START + made * _STEP
            yield {
                "eventID": f"urn:uuid:{UUID(int=random.getrandbits(128), version=4)}",
                "eventTime": at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
                "eventTimeZoneOffset": "+08:00",
                **event,
            }
            made += 1
        number += 1


def _gtin(product: int) -> str:
    body = f"0{_COMPANY}{product:05d}"
    return body + check_digit(body)


def _serial(product: int, serial: str, link: bool) -> str:  # noqa: FBT001 - two forms of one code
    if link:
        return f"https://id.gs1.org/01/{_gtin(product)}/21/{serial}"
    return f"urn:epc:id:sgtin:{_COMPANY}.0{product:05d}.{serial}"


def _lot(product: int, lot: str, link: bool) -> str:  # noqa: FBT001 - two forms of one code
    if link:
        return f"https://id.gs1.org/01/{_gtin(product)}/10/{lot}"
    return f"urn:epc:class:lgtin:{_COMPANY}.0{product:05d}.{lot}"


def _place(number: int) -> dict[str, str]:
    return {"id": f"urn:epc:id:sgln:{_COMPANY}.{number:05d}.0"}


def _parties(kind: str, sender: int, receiver: int) -> dict[str, Any]:
    party = f"urn:epc:id:pgln:{_COMPANY}.{{:05d}}"
    return {
        "sourceList": [{"type": kind, "source": party.format(sender)}],
        "destinationList": [{"type": kind, "destination": party.format(receiver)}],
    }


def _measured(random: Random) -> dict[str, Any]:
    gauge = random.randint(1, 9)
    return {
        "sensorElementList": [
            {
                "sensorMetadata": {"deviceID": f"urn:epc:id:giai:{_COMPANY}.G{gauge}"},
                "sensorReport": [
                    {
                        "type": "Length",
                        "value": round(12 + random.random() / 10, 3),
                        "uom": "MMT",
                    }
                ],
            }
        ]
    }


def _seen(step: str, place: int, disposition: str, action: str = "OBSERVE") -> dict[str, Any]:
    return {
        "type": "ObjectEvent",
        "action": action,
        "bizStep": step,
        "disposition": disposition,
        "readPoint": _place(place),
    }


def _round(random: Random, number: int, seed: int) -> Iterator[dict[str, Any]]:
    link = bool(number % 2)
    place = number % _PLACES
    name = f"{seed:X}-{number:06X}"
    material = [_lot(10 + n, f"M{seed:X}-{number // 5:05X}", link) for n in range(2)]
    part_lot = _lot(20, f"L{name}", link)
    parts = [_serial(20, f"P{name}-{n}", link) for n in range(8)]
    units = [_serial(30, f"U{name}-{n}", link) for n in range(2)]
    case = f"urn:epc:id:sscc:{_COMPANY}.{seed % 10}{number % 10**9:09d}"
    yield {
        **_seen("receiving", place, "in_progress"),
        "bizLocation": _place(place),
        "quantityList": [
            {"epcClass": lot, "quantity": random.randint(100, 900), "uom": "KGM"}
            for lot in (*material, _lot(12, f"S{name}", link))
        ],
        "bizTransactionList": [
            {"type": "po", "bizTransaction": f"urn:epc:id:gdti:{_COMPANY}.00001.{number}"}
        ],
        **_parties("owning_party", 1 + place, 0),
    }
    yield {
        "type": "TransformationEvent",
        "bizStep": "creating_class_instance",
        "disposition": "active",
        "readPoint": _place(place),
        "bizLocation": _place(place),
        "inputQuantityList": [
            {"epcClass": lot, "quantity": round(random.uniform(1, 9), 2), "uom": "KGM"}
            for lot in material
        ],
        "outputQuantityList": [{"epcClass": part_lot, "quantity": len(parts)}],
        "ilmd": {"cbvmda:countryOfOrigin": "CN"},
    }
    for half in (parts[:4], parts[4:]):
        yield {
            **_seen("commissioning", place, "active", "ADD"),
            "bizLocation": _place(place),
            "epcList": half,
            "ilmd": {"cbvmda:lotNumber": f"L{name}", "cbvmda:countryOfOrigin": "CN"},
        }
        yield {
            **_seen("inspecting", place, "conformant"),
            "epcList": half,
            **_measured(random),
        }
    yield {
        "type": "TransformationEvent",
        "bizStep": "commissioning",
        "disposition": "active",
        "readPoint": _place(place),
        "inputQuantityList": [
            {"epcClass": lot, "quantity": round(random.uniform(0.1, 2), 3), "uom": "KGM"}
            for lot in material
        ],
        "outputEPCList": units,
    }
    for unit, half in zip(units, (parts[:4], parts[4:]), strict=True):
        yield {
            "type": "AssociationEvent",
            "action": "ADD",
            "bizStep": "assembling",
            "disposition": "in_progress",
            "readPoint": _place(place),
            "parentID": unit,
            "childEPCs": half,
        }
    yield {
        "type": "AggregationEvent",
        "action": "ADD",
        "bizStep": "packing",
        "disposition": "in_progress",
        "readPoint": _place(place),
        "bizLocation": _place(place),
        "parentID": case,
        "childEPCs": units,
        "childQuantityList": [{"epcClass": _lot(12, f"S{name}", link), "quantity": 4}],
    }
    yield {
        **_seen("shipping", place, "in_transit"),
        "epcList": [case, *units],
        **_parties("possessing_party", 0, 1 + place),
    }
    yield {
        **_seen("receiving", (place + 7) % _PLACES, "in_progress"),
        "bizLocation": _place((place + 7) % _PLACES),
        "epcList": [case, *units],
        **_parties("possessing_party", 0, 1 + place),
    }
