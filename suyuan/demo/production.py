"""Production: powder, coil, core, cell, with quantities, loss and scrap; then assembly.

Rules kept:

* Three levels are told by TransformationEvents: powder to coil, coil to core, core to cell.
* Every transformation states its loss and scrap; input = output times recipe + loss, exactly.
* Every fourth tray is told by two events that share a transformationID: filling names the inputs,
  formation the outputs.
* The first coating run was booked on the wrong powder lot; the next morning's stock check
  declares the event wrong (same eventID, errorDeclaration) and a corrective event says what went
  in.
* Cells are matched across two neighbouring trays, as grading bins are, so a module holds cells of
  several lots.

EPCIS 2.0 sections 7.4.5 (TransformationEvent) and 7.4.1 (error declaration).
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from suyuan.demo.assembly import Pack, build_modules, build_packs
from suyuan.demo.measures import CHARACTERISTICS, number, sensor_element
from suyuan.demo.parties import PRODUCTS
from suyuan.demo.plan import CELLS_PER_MODULE, MODULES_PER_PACK, RECIPE, TRAY, Plan, Tray
from suyuan.demo.procurement import BAD_LOT, MAKER, Lot, Stock
from suyuan.demo.script import Script, quantity

__all__ = ["Built", "produce"]

_FIRST_DAY = 24
_CORE_LOTS_A_DAY = 2
_TRAYS_A_DAY = 6
_AGEING = 7
"""Days a cell rests before its voltage is measured again and it is graded."""

_WINDOW = 2
"""Neighbouring trays whose cells are matched together."""


@dataclass(frozen=True, slots=True)
class Built:
    """What the campaign left."""

    packs: tuple[Pack, ...]
    spares: tuple[str, ...]
    """Modules kept for after-sales."""

    serials: dict[str, str]
    """Serial number by module code."""

    scrapped: tuple[str, ...]
    """Cells destroyed at grading."""

    in_stock: tuple[str, ...]
    """Good cells no module needed."""

    done: int
    """Day on which the last pack passed final inspection."""


def produce(script: Script, plan: Plan, stock: Stock) -> Built:
    """Run the campaign."""
    day = _coat(script, plan, stock)
    day = _wind(script, plan, stock, day)
    trays, scrapped, day = _form(script, plan, stock, day)
    good: list[str] = []
    for first in range(0, len(trays), _WINDOW):
        window = [cell for tray in trays[first : first + _WINDOW] for cell in tray]
        script.random.shuffle(window)
        good += window
    modules, day = build_modules(script, plan, good, day)
    order = list(modules)
    # One module of mid-campaign is held back for a second insulation test: the last pack gets it.
    order.insert(plan.packs * MODULES_PER_PACK - 4, order.pop(plan.modules // 2))
    packs, day = build_packs(script, plan, stock, order, day)
    return Built(
        packs=tuple(packs),
        spares=tuple(order[plan.packs * MODULES_PER_PACK :]),
        serials=modules,
        scrapped=tuple(scrapped),
        in_stock=tuple(good[plan.modules * CELLS_PER_MODULE :]),
        done=day,
    )


def _code(kind: str, n: int) -> str:
    return PRODUCTS[kind].gtin.lot(f"{kind[:2].upper()}25-{n + 1:03d}")


def _loss(material: str, amount: Decimal, unit: str | None, reason: str) -> dict[str, Any]:
    loss: dict[str, Any] = {"suyuan:material": material, "suyuan:quantity": number(amount)}
    if unit is not None:
        loss["suyuan:uom"] = unit
    return {**loss, "suyuan:reason": reason}


def _coat(script: Script, plan: Plan, stock: Stock) -> int:
    place, half = MAKER.place("coating"), len(plan.coils) // 2
    for n, coil in enumerate(plan.coils):
        events = []
        lfp = {stock.lfp[lot]: amount for lot, amount in coil.lfp.items()}
        graphite = {stock.graphite[n >= half]: coil.graphite}
        for kind, powders, metres, load, lost, hour in (
            ("cathode", lfp, coil.cathode, RECIPE.lfp_kg_per_metre, coil.lfp_loss, 9),
            ("anode", graphite, coil.anode, RECIPE.graphite_kg_per_metre, coil.graphite_loss, 14),
        ):
            product = _code(kind, n)
            inputs = [quantity(lot.uri, amount, "KGM") for lot, amount in powders.items()]
            event = script.event(
                "TransformationEvent",
                script.at(_FIRST_DAY + n, hour),
                inputQuantityList=inputs,
                outputQuantityList=[quantity(product, metres, "MTR")],
                bizStep="creating_class_instance",
                disposition="in_progress",
                readPoint=place,
                bizLocation=place,
                ilmd={
                    "cbvmda:lotNumber": product.rpartition("/")[2],
                    "suyuan:kilogramsPerMetre": number(load),
                },
                **{
                    "suyuan:loss": [_loss(inputs[-1]["epcClass"], lost, "KGM", "slurry residue")],
                    "suyuan:operator": script.operator(),
                },
            )
            events.append(event)
            script.book.know("lot", product)
            script.book.made([lot.uri for lot in powders], [product])
            script.book.held(MAKER.company.pgln, product)
        if n == 0:
            _mistake(script, stock.lfp, events[0])
        script.submit(MAKER.slug, "mes", events)
    return _FIRST_DAY + len(plan.coils)


def _mistake(script: Script, lots: tuple[Lot, ...], event: dict[str, Any]) -> None:
    """Book the first coil on the wrong powder lot, declare that wrong, and say what is right."""
    right = event["inputQuantityList"]
    wrong = [{**right[0], "epcClass": lots[BAD_LOT].uri}]
    residue = event["suyuan:loss"]
    event["inputQuantityList"] = wrong
    event["suyuan:loss"] = [{**residue[0], "suyuan:material": lots[BAD_LOT].uri}]
    others = {k: v for k, v in event.items() if k not in {"type", "eventID", "eventTimeZoneOffset"}}
    others |= {"inputQuantityList": right, "suyuan:loss": residue}
    for place in ("readPoint", "bizLocation"):
        others[place] = others[place]["id"]
    when = script.at(_FIRST_DAY, 9)
    others.pop("eventTime")
    corrective = script.event(event["type"], when, **others)
    declaration = {
        **event,
        "errorDeclaration": {
            "declarationTime": script.at(_FIRST_DAY + 1, 8).isoformat(),
            "reason": "incorrect_data",
            "correctiveEventIDs": [corrective["eventID"]],
        },
    }
    script.counts["events"] += 1
    script.counts["declarations"] += 1
    script.submit(MAKER.slug, "mes", [declaration, corrective])


def _wind(script: Script, plan: Plan, stock: Stock, day: int) -> int:
    place, half = MAKER.place("cells"), len(plan.cores) // 2
    for n, core in enumerate(plan.cores):
        cathode, anode, product = _code("cathode", n // 2), _code("anode", n // 2), _code("core", n)
        separator = stock.separator[n >= half].uri
        event = script.event(
            "TransformationEvent",
            script.at(day + n // _CORE_LOTS_A_DAY, 8 + 6 * (n % _CORE_LOTS_A_DAY)),
            inputQuantityList=[
                quantity(cathode, core.cathode, "MTR"),
                quantity(anode, core.anode, "MTR"),
                quantity(separator, core.separator, "MTK"),
            ],
            outputQuantityList=[quantity(product, core.good)],
            bizStep="creating_class_instance",
            disposition="in_progress",
            readPoint=place,
            bizLocation=place,
            ilmd={
                "cbvmda:lotNumber": product.rpartition("/")[2],
                "suyuan:cathodeMetresPerPiece": number(RECIPE.cathode_metres),
                "suyuan:anodeMetresPerPiece": number(RECIPE.anode_metres),
                "suyuan:separatorSquareMetresPerPiece": number(RECIPE.separator_m2),
            },
            **{
                "suyuan:loss": [
                    _loss(cathode, core.cathode_loss, "MTR", "start and splice"),
                    _loss(anode, core.anode_loss, "MTR", "start and splice"),
                    _loss(separator, core.separator_loss, "MTK", "start and splice"),
                ],
                "suyuan:scrap": [_loss(product, Decimal(core.rejected), None, "hipot failure")],
                "suyuan:operator": script.operator(),
            },
        )
        script.submit(MAKER.slug, "mes", [event])
        script.book.know("lot", product)
        script.book.made([cathode, anode, separator], [product])
        script.book.held(MAKER.company.pgln, product)
    return day + -(-len(plan.cores) // _CORE_LOTS_A_DAY)


def _form(
    script: Script, plan: Plan, stock: Stock, day: int
) -> tuple[list[list[str]], list[str], int]:
    """Fill, form and grade; return good cells by tray, scrapped cells, the day after the last."""
    owners = [n for n, core in enumerate(plan.cores) for _ in core.trays]
    half, good, scrapped = len(plan.trays) // 2, [], []
    for n, (tray, core) in enumerate(zip(plan.trays, owners, strict=True)):
        cells = [
            PRODUCTS["cell"].gtin.serial(f"C25{number:06d}")
            for number in range(n * TRAY + 1, (n + 1) * TRAY + 1)
        ]
        electrolyte = stock.electrolyte[n >= half]
        today = day + n // _TRAYS_A_DAY
        inputs = (_code("core", core), electrolyte.uri)
        _fill(script, n, tray, inputs=inputs, cells=cells, day=today)
        bad = [cells[position] for position in tray.graded_out]
        kept = [cell for cell in cells if cell not in bad]
        _grade(script, kept, bad, today + _AGEING, n % _TRAYS_A_DAY)
        good.append(kept)
        scrapped += bad
    return good, scrapped, day + (len(plan.trays) - 1) // _TRAYS_A_DAY + _AGEING + 1


def _fill(
    script: Script, n: int, tray: Tray, *, inputs: tuple[str, str], cells: list[str], day: int
) -> None:
    place, (core, electrolyte) = MAKER.place("cells"), inputs
    when = script.at(day, 8, 75 * (n % _TRAYS_A_DAY))
    number_ = f"FT25-{n + 1:04d}"
    common = {"disposition": "in_progress", "readPoint": place, "bizLocation": place}
    entering = {
        "inputQuantityList": [
            quantity(core, tray.cores),
            quantity(electrolyte, tray.electrolyte, "KGM"),
        ],
        "suyuan:loss": [_loss(electrolyte, tray.electrolyte_loss, "KGM", "filling head residue")],
        "suyuan:operator": script.operator(),
    }
    leaving = {
        "outputEPCList": cells,
        "ilmd": {
            "suyuan:formationTray": number_,
            "suyuan:electrolyteKilogramsPerPiece": number(RECIPE.electrolyte_kg),
        },
        "suyuan:scrap": [_loss(core, Decimal(tray.shorted), None, "short circuit at formation")],
    }
    kind, step = "TransformationEvent", "commissioning"
    if n % 4 == 3:  # noqa: PLR2004  every fourth tray
        identifier = MAKER.company.order("prodorder", number_)
        joined = {"transformationID": identifier, **common}
        filling = script.event(kind, when, bizStep="creating_class_instance", **entering, **joined)
        later = script.at(day + 1, 8, 75 * (n % _TRAYS_A_DAY))
        formation = script.event(kind, later, bizStep=step, **leaving, **joined)
        script.submit(MAKER.slug, "mes", [filling])
        script.submit(MAKER.slug, "mes", [formation])
    else:
        event = script.event(kind, when, bizStep=step, **entering, **leaving, **common)
        script.submit(MAKER.slug, "mes", [event])
    script.book.know("instance", *cells)
    script.book.made(inputs, cells)
    script.book.held(MAKER.company.pgln, *cells)


def _grade(script: Script, kept: list[str], bad: list[str], day: int, slot: int) -> None:
    when, place = script.at(day, 10, 60 * slot), MAKER.place("cells")
    elements = [
        sensor_element(c.instrument, when.isoformat(), [script.sample(c, len(kept))])
        for c in CHARACTERISTICS["cell"]
    ]
    common = {"readPoint": place, "bizLocation": place, "suyuan:operator": script.operator()}
    events = [
        script.event(
            "ObjectEvent",
            when,
            action="OBSERVE",
            bizStep="inspecting",
            disposition="conformant",
            epcList=kept,
            sensorElementList=elements,
            **common,
        )
    ]
    for cell in bad:
        low = Decimal(script.random.randint(4720, 4980)) / 100
        elements, verdict = script.readings("cell", when, capacity=low)
        events.append(
            script.event(
                "ObjectEvent",
                when,
                action="OBSERVE",
                bizStep="inspecting",
                disposition=verdict,
                epcList=[cell],
                sensorElementList=elements,
                **common,
            )
        )
    if bad:
        events.append(
            script.event(
                "ObjectEvent",
                script.at(day, 17),
                action="DELETE",
                bizStep="destroying",
                disposition="destroyed",
                epcList=bad,
                readPoint=MAKER.place("scrap"),
                bizLocation=MAKER.place("scrap"),
            )
        )
    script.submit(MAKER.slug, "mes", events)
