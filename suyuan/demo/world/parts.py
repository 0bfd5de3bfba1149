"""Bought parts: controllers, frames and batteries, each with its own way to name lots.

Rules kept:

* A controller's label says its lot and its serial; a frame's lot stands beside its serial in the
  event that made it; batteries have no lot.
* Xinhe sends its production file two weeks late: controllers are received, and built in, before
  anybody knows what they are made of.
* A shipment that never left is announced by mistake, and declared not to have happened.
"""

from suyuan.demo.world.acts import Part, begin, made, pieces, transform
from suyuan.demo.world.desk import Desk
from suyuan.demo.world.firms import FIRMS
from suyuan.demo.world.gauges import calibrate, judge
from suyuan.demo.world.goods import Goods, lot_name, serial
from suyuan.demo.world.handing import move, ship

__all__ = ["buy_batteries", "buy_controllers", "buy_frames"]

_LATE = 14
_CELLS = 13
"""In one battery."""
_TUBE = 4
"""Metres in one frame."""


def buy_controllers(desk: Desk, goods: Goods) -> None:
    """Boards and chips become two lots of controllers."""
    firm, wave, count = FIRMS["xinhe"], desk.wave, goods.units + goods.failing + 2
    board = Part.lot("board", lot_name(wave, "PC"), count)
    chips = Part.lot("chip", lot_name(wave, "IC"), count)
    codes = [serial(wave, "controller", n) for n in range(count)]
    halves = pieces(codes[: count // 2]), pieces(codes[count // 2 :])
    events = [begin(desk, firm, desk.at(8, 8), [board])]
    for n, half in enumerate(halves):
        lot = Part.lot("controller", lot_name(wave, "CT", n + 1), 0).code
        goods.worth["bad part lot"] = lot
        inputs = [board.some(len(half)), chips.some(len(half))]
        events.append(transform(desk, firm, desk.at(10, 9 + n), inputs, made(desk, lot, half)))
    desk.submit(firm, "mes", *events, late=_LATE)
    times = desk.at(13, 9), desk.at(16, 10)
    move(desk, ("xinhe", "yunqi"), times, pieces(codes), lot_name(wave, "DN-CT"))
    # The second lot comes first: both lots are built in from the beginning.
    goods.controllers = codes[count // 2 :] + codes[: count // 2]


def buy_frames(desk: Desk, goods: Goods) -> None:
    """Billets become tubes, tubes become frames."""
    firm, wave, count = FIRMS["luyun"], desk.wave, desk.wave.bikes
    billet = Part.lot("billet", lot_name(wave, "AL"), 4 * count)
    tube = Part.lot("tube", lot_name(wave, "TU"), _TUBE * count + 3)
    codes = [serial(wave, "frame", n) for n in range(count)]
    lot = Part.lot("frame", lot_name(wave, "FR"), 0).code
    used = [tube.some(_TUBE * count)]
    desk.submit(firm, "erp", begin(desk, firm, desk.at(6, 8), [billet]))
    desk.submit(firm, "mes", transform(desk, firm, desk.at(8, 9), [billet], [tube]))
    event = transform(desk, firm, desk.at(12, 9), used, pieces(codes), lot=lot)
    desk.submit(firm, "mes", event)
    route, note = ("luyun", "yunqi"), lot_name(wave, "DN-FR")
    never, _ = ship(desk, route, (desk.at(14, 9), desk.at(17, 9)), pieces(codes), note)
    desk.correct(firm, "wms", never, after=90)
    move(desk, route, (desk.at(15, 9), desk.at(18, 9)), pieces(codes), note)
    goods.frames = codes


def buy_batteries(desk: Desk, goods: Goods) -> None:
    """Cells become batteries, each of which is cycled before it leaves."""
    firm, wave, count = FIRMS["haineng"], desk.wave, desk.wave.bikes + 1
    cells = [Part.lot("cell", lot_name(wave, "CE", n), _CELLS * count) for n in (1, 2)]
    codes = [serial(wave, "battery", n) for n in range(count)]
    half = count // 2
    desk.submit(firm, "erp", begin(desk, firm, desk.at(7, 8), cells))
    only, both = [cells[0].some(_CELLS * half)], [c.some(_CELLS * (count - half)) for c in cells]
    both = [both[0].some(_CELLS), both[1].some(_CELLS * (count - half - 1))]
    both = both if count - half > 1 else both[:1]
    first = transform(desk, firm, desk.at(12, 9), only, pieces(codes[:half]))
    second = transform(desk, firm, desk.at(12, 13), both, pieces(codes[half:]))
    desk.submit(firm, "mes", first, second)
    calibrate(desk, "cycler", desk.at(13, 8), after=False)
    for n in range(0, count, 8):
        tray = pieces(codes[n : n + 8])
        desk.submit(firm, "qms", judge(desk, "cycler", desk.at(14, 8, 10 * n), tray))
    calibrate(desk, "cycler", desk.at(15, 18), after=True)
    times = desk.at(16, 9), desk.at(19, 9)
    move(desk, ("haineng", "yunqi"), times, pieces(codes), lot_name(wave, "DN-BT"))
    goods.worth["cell lot"] = cells[1].code
    goods.batteries = codes
