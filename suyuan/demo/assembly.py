"""Assembly: cells into modules, modules and a control unit into packs, inspection of each.

Rules kept:

* A whole is commissioned, then its parts are built in by one AssociationEvent, then it is measured.
* `suyuan:positions` names the place of each child, in the order of childEPCs.

EPCIS 2.0 section 7.4.6 (AssociationEvent).
"""

from dataclasses import dataclass

from suyuan.demo.parties import PRODUCTS
from suyuan.demo.plan import CELLS_PER_MODULE, MODULES_PER_PACK, Plan
from suyuan.demo.procurement import MAKER, Stock
from suyuan.demo.script import Script

__all__ = ["Pack", "build_modules", "build_packs"]

_MODULES_A_DAY = 18
_PACKS_A_DAY = 3


@dataclass(frozen=True, slots=True)
class Pack:
    """One finished pack."""

    code: str
    serial: str
    modules: tuple[str, ...]
    """Modules by position, from the bottom of the tower."""

    bms: str


def build_modules(
    script: Script, plan: Plan, cells: list[str], day: int
) -> tuple[dict[str, str], int]:
    """Build modules from cells in order; return serial numbers by code, and the day after."""
    built: dict[str, str] = {}
    for n in range(plan.modules):
        serial = f"M25{n + 1:05d}"
        module = PRODUCTS["module"].gtin.serial(serial)
        parts = cells[n * CELLS_PER_MODULE : (n + 1) * CELLS_PER_MODULE]
        _assemble(script, "module", module, parts, (day + n // _MODULES_A_DAY, n % _MODULES_A_DAY))
        built[module] = serial
    return built, day + (plan.modules - 1) // _MODULES_A_DAY + 1


def build_packs(
    script: Script, plan: Plan, stock: Stock, modules: list[str], day: int
) -> tuple[list[Pack], int]:
    """Build packs from modules in order; return them and the day of the last."""
    units = [unit for lot in stock.bms for unit in lot.units[: int(lot.used)]]
    packs = []
    for n in range(plan.packs):
        serial = f"P25{n + 1:05d}"
        own = modules[n * MODULES_PER_PACK : (n + 1) * MODULES_PER_PACK]
        pack = Pack(PRODUCTS["pack"].gtin.serial(serial), serial, tuple(own), units[n])
        parts = [*own, pack.bms]
        _assemble(
            script, "pack", pack.code, parts, (day + n // _PACKS_A_DAY, 6 * (n % _PACKS_A_DAY))
        )
        packs.append(pack)
    return packs, day + (plan.packs - 1) // _PACKS_A_DAY


def _assemble(
    script: Script, kind: str, whole: str, parts: list[str], slot: tuple[int, int]
) -> None:
    """Commission a whole, build its parts in, and inspect it."""
    day, turn = slot
    place = MAKER.place("assembly")
    common = {"readPoint": place, "bizLocation": place}
    positions = [f"{n:02d}" for n in range(1, len(parts) + 1)]
    elements, verdict = script.readings(kind, script.at(day, 9, 30 * turn))
    events = [
        script.event(
            "ObjectEvent",
            script.at(day, 8, 30 * turn),
            action="ADD",
            bizStep="commissioning",
            disposition="in_progress",
            epcList=[whole],
            ilmd={"suyuan:productionDate": script.at(day).date().isoformat()},
            **common,
        ),
        script.event(
            "AssociationEvent",
            script.at(day, 8, 30 * turn + 10),
            action="ADD",
            bizStep="assembling",
            disposition="in_progress",
            parentID=whole,
            childEPCs=parts,
            **common,
            **{"suyuan:positions": positions, "suyuan:operator": script.operator()},
        ),
        script.event(
            "ObjectEvent",
            script.at(day, 9, 30 * turn),
            action="OBSERVE",
            bizStep="inspecting",
            disposition=verdict,
            epcList=[whole],
            sensorElementList=elements,
            **common,
            **{"suyuan:operator": script.operator()},
        ),
    ]
    script.submit(MAKER.slug, "mes" if kind == "module" else "qms", events)
    script.book.know("instance", whole)
    script.book.fitted(whole, parts)
    script.book.held(MAKER.company.pgln, whole)
