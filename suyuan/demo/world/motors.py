"""From wire to hub motors: levels 7 and 8.

Rules kept:

* Of each lot of stators one is rejected and destroyed.
* Of the first lot two go into rework and come back into the lot: a loop.
* One lot of stators is booked on the wrong laminations; the next day the event is declared an error
  and a corrective one follows.
* Every other lot's motors are told by three events of one run: the first half came out before the
  second lot of magnets went in.
* The makers of magnets hand nothing in: their lots are announced by those who use them.
"""

from suyuan.demo.world.acts import Part, end, pieces, seen, transform
from suyuan.demo.world.desk import Desk
from suyuan.demo.world.firms import FIRMS
from suyuan.demo.world.gauges import calibrate, judge
from suyuan.demo.world.goods import METRES, Goods, lot_name, serial
from suyuan.demo.world.handing import move
from suyuan.demo.world.nesting import enter, leave

__all__ = ["assemble_motors", "send_motors", "wind"]

_WRONG = 1
"""Number of the stator lot that is booked on the wrong laminations."""


def wind(desk: Desk, goods: Goods) -> None:
    """Wind stators; reject, rework and correct."""
    firm, wave = FIRMS["dianji"], desk.wave
    stacks, other = goods.laminations
    for n, good in enumerate(goods.stator_lots):
        lot = Part.lot("stator", lot_name(wave, "SR", n + 1), good + 1)
        when = desk.at(12, 8, 20 * n)
        wire = goods.windings[n].some((good + 1) * METRES)
        inputs = [wire, stacks.some(good + 1)]
        event = transform(desk, firm, when, inputs, [lot], book=n != _WRONG)
        if n == _WRONG:
            right = transform(desk, firm, when, [wire, other.some(good + 1)], [lot])
            desk.correct(firm, "mes", event, right, after=26 * 60)
            goods.worth["wrongly booked lot"] = stacks.code
        else:
            desk.submit(firm, "mes", event)
        desk.submit(firm, "qms", end(desk, firm, desk.at(13, 8, 5 * n), [lot.some(1)]))
        goods.stators.append(lot.some(good))
    goods.worth["bad component lot"] = goods.stators[0].code
    _rework(desk, goods, goods.stators[0].some(2))


def _rework(desk: Desk, goods: Goods, faulty: Part) -> None:
    firm = FIRMS["dianji"]
    opened = Part.lot("rework", lot_name(desk.wave, "RW"), 2)
    desk.submit(
        firm,
        "mes",
        seen(desk, firm, desk.at(13, 9), [faulty], "inspecting", place="lab",
             disposition="needs_replacement"),
        transform(desk, firm, desk.at(13, 10), [faulty], [opened], step="disassembling"),
        transform(desk, firm, desk.at(14, 10), [opened, goods.glue.some(1)], [faulty],
                  step="repairing"),
    )  # fmt: skip


def assemble_motors(desk: Desk, goods: Goods) -> None:
    """Glue magnets, close motors, measure them."""
    firm, wave, made = FIRMS["dianji"], desk.wave, 0
    magnets = [Part.lot("magnet", lot_name(wave, "MG", n), 1) for n in (1, 2)]
    goods.worth["announced lot"] = magnets[1].code
    calibrate(desk, "winding", desk.at(14, 8), after=False)
    for n, stators in enumerate(goods.stators):
        count = int(stators.amount or 0)
        motors = [serial(wave, "motor", made + one) for one in range(count)]
        made += count
        parts, half = pieces(motors), max(1, count // 2)
        inputs = [stators, goods.glue.some(1), magnets[0].some(count)]
        when, run = desk.at(15, 8, 20 * n), None
        if n % 2:
            run = firm.company.order("prodorder", lot_name(wave, "MO", n))
            inputs[2] = magnets[0].some(half)
            later = [magnets[1].some(count - half)] if count > half else []
            second = transform(desk, firm, desk.at(16, 8, 20 * n), later, parts[half:], run=run)
            events = [transform(desk, firm, when, inputs, parts[:half], run=run), second]
        else:
            events = [transform(desk, firm, when, inputs, parts, lot=lot_of(desk, n))]
        for event in events:
            desk.submit(firm, "mes", event)
        desk.submit(firm, "qms", judge(desk, "winding", desk.at(17, 9, 10 * n), parts))
        goods.motors += motors
    calibrate(desk, "winding", desk.at(18, 8), after=True)


def lot_of(desk: Desk, n: int) -> str:
    """Name the lot that some motors are stated to be of."""
    return Part.lot("motor", lot_name(desk.wave, "ML", n), 0).code


def send_motors(desk: Desk, goods: Goods) -> None:
    """Send motors in crates, one for each lot of stators; a crate is opened without a list."""
    firm, maker, wave, first = FIRMS["dianji"], FIRMS["yunqi"], desk.wave, 0
    crates: list[tuple[str, list[Part]]] = []
    for n, lot in enumerate(goods.stators):
        count = int(lot.amount or 0)
        crate = firm.company.sscc(1, wave.number * 10 + n)
        crates.append((crate, pieces(goods.motors[first : first + count])))
        first += count
    packed = [
        enter(desk, firm, desk.at(19, 8, 15 * n), crate, motors)
        for n, (crate, motors) in enumerate(crates)
    ]
    desk.submit(firm, "wms", *packed)
    times = desk.at(19, 15), desk.at(20, 10)
    note = lot_name(wave, "DN-MO")
    move(desk, ("dianji", "yunqi"), times, pieces([crate for crate, _ in crates]), note)
    opened = [
        leave(desk, maker, desk.at(21, 8, 15 * n), crate, motors, listed=False)
        for n, (crate, motors) in enumerate(crates)
    ]
    desk.submit(maker, "wms", *opened)
