"""From ore to laminations and wire on spools: the first five of ten levels.

Rules kept:

* Fan-in and fan-out: the second cathode lot is smelted of both ores, one rod lot drawn of both
  cathodes; the first ore is in everything.
* Enamelling runs over three days under one transformationID: rod 1, varnish, coil 1, rod 2, coil 2.
  Coil 1 came out before rod 2 went in and has nothing of it.
* Coil 1 is split into spools; the last spool is merged of both coils' ends.
* Spools travel in returnable boxes, as amounts of a lot. The first one leaves its box in two parts,
  the others when the box is emptied without a word about its content. The boxes go back.
* Every other spool lot is relabelled with a number of the motor works.
* Gangda's files always come a week late: its strips are known only after what was cut of them.
"""

from decimal import Decimal

from suyuan.demo.world.acts import Part, begin, pieces, transform
from suyuan.demo.world.desk import Desk
from suyuan.demo.world.firms import FIRMS
from suyuan.demo.world.goods import Goods, lot_name
from suyuan.demo.world.handing import move
from suyuan.demo.world.nesting import enter, leave
from suyuan.demo.world.plan import TRIO

__all__ = ["cut", "draw", "smelt", "spool", "supply"]

_LATE = 7
"""Days by which Gangda's files are late."""
_KG_PER_METRE = Decimal("0.01")


def _kilograms(goods: Goods) -> int:
    return int(sum(goods.metres) * _KG_PER_METRE) + 6


def smelt(desk: Desk, goods: Goods) -> None:
    """Ore becomes cathodes, cathodes become rods (levels 1 to 3)."""
    firm, wave, half = FIRMS["tongshan"], desk.wave, _kilograms(goods)
    ores = [Part.lot("concentrate", lot_name(wave, "CO", n), 9 * half) for n in (1, 2)]
    cathodes = [Part.lot("cathode", lot_name(wave, "CA", n), 2 * half) for n in (1, 2)]
    rods = [Part.lot("rod", lot_name(wave, "RO", n), half) for n in (1, 2)]
    goods.worth["bad raw lot"] = ores[0].code
    goods.worth["second raw lot"] = ores[1].code
    desk.submit(
        firm, "erp", *(begin(desk, firm, desk.at(0, 8, n), [o]) for n, o in enumerate(ores))
    )
    tap = [ores[0].some(7 * half)], [ores[0].some(2 * half), ores[1].some(5 * half)]
    for n, inputs in enumerate(tap):
        desk.submit(firm, "mes", transform(desk, firm, desk.at(1, 8 + n), inputs, [cathodes[n]]))
    melt = [cathodes[0].some(half + 1)], [cathodes[0].some(half - 1), cathodes[1].some(2)]
    for n, inputs in enumerate(melt):
        desk.submit(firm, "mes", transform(desk, firm, desk.at(3, 8 + n), inputs, [rods[n]]))
    route, when = ("tongshan", "jinsi"), (desk.at(4, 9), desk.at(5, 10))
    move(desk, route, when, rods, lot_name(wave, "DN-CU"))


def supply(desk: Desk, goods: Goods) -> None:
    """Varnish for the trio, adhesive for the wave."""
    firm, wave = FIRMS["ruifeng"], desk.wave
    if wave.opens_trio:
        varnish = goods.varnish(40 * TRIO)
        desk.submit(firm, "erp", begin(desk, firm, desk.at(0, 14), [varnish]))
        times = desk.at(1, 9), desk.at(2, 15)
        move(desk, ("ruifeng", "jinsi"), times, [varnish], lot_name(wave, "DN-VA"))
    goods.worth["shared lot"] = goods.varnish(0).code
    adhesive = Part.lot("adhesive", lot_name(wave, "AD"), 8)
    goods.adhesive = adhesive
    desk.submit(firm, "erp", begin(desk, firm, desk.at(2, 16), [adhesive]))
    times = desk.at(3, 9), desk.at(5, 15)
    move(desk, ("ruifeng", "dianji"), times, [adhesive], lot_name(wave, "DN-AD"))


def cut(desk: Desk, goods: Goods) -> None:
    """Strip becomes lamination stacks, which are there before their papers."""
    firm, wave, stacks = FIRMS["gangda"], desk.wave, goods.units + len(goods.stator_lots)
    strip = Part.lot("strip", lot_name(wave, "ST"), 2 * stacks + 9)
    lots = [Part.lot("lamination", lot_name(wave, "LA", n), stacks) for n in (1, 2)]
    goods.laminations = lots
    made = [
        begin(desk, firm, desk.at(5, 8), [strip]),
        *(
            transform(desk, firm, desk.at(6, 8 + n), [strip.some(stacks)], [lot])
            for n, lot in enumerate(lots)
        ),
    ]
    desk.submit(firm, "mes", *made, late=_LATE)
    times = desk.at(8, 9), desk.at(10, 11)
    move(desk, ("gangda", "dianji"), times, lots, lot_name(wave, "DN-LA"))


def draw(desk: Desk, goods: Goods) -> None:
    """Rods and varnish become wire (level 4), in one run of three days."""
    firm, wave, half = FIRMS["jinsi"], desk.wave, _kilograms(goods)
    rods = [Part.lot("rod", lot_name(wave, "RO", n), half) for n in (1, 2)]
    coils = [Part.lot("wire", lot_name(wave, "WI", n), sum(goods.metres)) for n in (1, 2)]
    run = firm.company.order("prodorder", lot_name(wave, "EN"))
    days: tuple[tuple[int, list[Part], list[Part]], ...] = (
        (desk.at(6, 10), [rods[0]], []),
        (desk.at(7, 9), [goods.varnish(12)], []),
        (desk.at(7, 17), [], [coils[0]]),
        (desk.at(8, 9), [rods[1]], []),
        (desk.at(8, 16), [], [coils[1]]),
    )
    for when, inputs, outputs in days:
        desk.submit(firm, "mes", transform(desk, firm, when, inputs, outputs, run=run))


def spool(desk: Desk, goods: Goods) -> None:
    """Split and merge onto spools (level 5), box, ship, unbox, relabel (level 6)."""
    firm, wave, metres = FIRMS["jinsi"], desk.wave, goods.metres
    coils = [Part.lot("wire", lot_name(wave, "WI", n), 0) for n in (1, 2)]
    spools = [Part.lot("spool", lot_name(wave, "SP", n), m) for n, m in enumerate(metres, 1)]
    split = [coils[0].some(sum(metres[:-1]))]
    merged = [coils[0].some(metres[-1] // 2), coils[1].some(metres[-1] - metres[-1] // 2)]
    desk.submit(
        firm,
        "mes",
        transform(desk, firm, desk.at(9, 8), split, spools[:-1], step="repackaging"),
        transform(desk, firm, desk.at(9, 14), merged, spools[-1:], step="repackaging"),
    )
    boxes = goods.container("box", 1), goods.container("box", 2)
    goods.worth["boxed lot"] = spools[0].code
    loads = spools[:1], spools[1:]
    packed = [enter(desk, firm, desk.at(10, 8 + n), boxes[n], loads[n]) for n in (0, 1)]
    desk.submit(firm, "wms", *packed)
    times, note = (desk.at(10, 15), desk.at(11, 9)), lot_name(wave, "DN-SP")
    move(desk, ("jinsi", "dianji"), times, pieces(boxes), note)
    _unbox(desk, boxes, loads)
    times, note = (desk.at(12, 15), desk.at(13, 9)), lot_name(wave, "RT-BX")
    move(desk, ("dianji", "jinsi"), times, pieces(boxes), note, back=True)
    goods.windings = [_relabel(desk, n, one) for n, one in enumerate(spools)]


def _unbox(desk: Desk, boxes: tuple[str, str], loads: tuple[list[Part], list[Part]]) -> None:
    works = FIRMS["dianji"]
    (first,) = loads[0]
    amount = int(first.amount or 0)
    some, rest = first.some(amount // 3), first.some(amount - amount // 3)
    desk.submit(
        works,
        "wms",
        leave(desk, works, desk.at(11, 10), boxes[0], [some], last=False),
        leave(desk, works, desk.at(11, 10, 30), boxes[1], loads[1], listed=False),
    )
    desk.submit(works, "wms", leave(desk, works, desk.at(11, 11), boxes[0], [rest]))


def _relabel(desk: Desk, n: int, one: Part) -> Part:
    if n % 2:
        return one
    works = FIRMS["dianji"]
    own = Part.lot("winding", lot_name(desk.wave, "WW", n + 1), one.amount or 0)
    when = desk.at(11, 13, n)
    desk.submit(works, "wms", transform(desk, works, when, [one], [own], step="repackaging"))
    return own
