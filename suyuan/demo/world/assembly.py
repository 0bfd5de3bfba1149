"""Drive units and bicycles: levels 9 and 10, with serials throughout.

Rules kept:

* A whole is commissioned, then its parts are built in, then it is measured.
* A drive unit that fails the test bench gets another controller; the failed one is destroyed.
* One bicycle's battery is booked wrongly, as another one's, which is declared and corrected.
* Bicycles belong to a batch by the lot number stated when they are commissioned.
"""

from suyuan.demo.world.acts import Part, begin, end, pieces, seen
from suyuan.demo.world.desk import Desk
from suyuan.demo.world.firms import FIRMS
from suyuan.demo.world.gauges import calibrate, gauge, judge
from suyuan.demo.world.goods import Bike, Goods, Unit, lot_name, serial
from suyuan.demo.world.nesting import fit, unfit

__all__ = ["build_bikes", "build_drives"]

_AT_ONCE = 8
"""Serial numbers that are commissioned by one event."""


def build_drives(desk: Desk, goods: Goods) -> None:
    """Build drive units of motors and controllers, test and rework them."""
    firm, wave = FIRMS["yunqi"], desk.wave
    controllers = list(goods.controllers)
    calibrate(desk, "bench", desk.at(22, 8), after=False)
    goods.worth["instrument"] = gauge(wave, "bench")
    units = [
        Unit(serial(wave, "drive", n), motor, controllers.pop(0))
        for n, motor in enumerate(goods.motors)
    ]
    for n in range(0, len(units), _AT_ONCE):
        some = units[n : n + _AT_ONCE]
        events = [begin(desk, firm, desk.at(23, 8, 20 * n), pieces([one.code for one in some]))]
        for i, one in enumerate(some, n):
            parts = [one.motor, one.controller]
            events.append(fit(desk, firm, desk.at(23, 8, 20 * n + 10 + i), one.code, parts))
        desk.submit(firm, "mes", *events)
    failing = desk.random.sample(range(len(units)), goods.failing)
    for n, one in enumerate(units):
        fails = n in failing
        test = judge(desk, "bench", desk.at(25, 8, 9 * n), pieces([one.code]), good=not fails)
        if fails:
            _rework(desk, one, controllers.pop(0), test)
        else:
            desk.submit(firm, "qms", test)
    calibrate(desk, "bench", desk.at(27, 18), after=True)
    goods.controllers = controllers
    goods.drives = units


def _rework(desk: Desk, one: Unit, fresh: str, test: dict[str, object]) -> None:
    firm, failed = FIRMS["yunqi"], one.controller
    n = desk.random.randint(0, 500)
    events = [
        unfit(desk, firm, desk.at(26, 8, n), one.code, [failed]),
        fit(desk, firm, desk.at(26, 9, n), one.code, [fresh]),
        judge(desk, "bench", desk.at(27, 8, n), pieces([one.code])),
        end(desk, firm, desk.at(27, 9, n), pieces([failed])),
    ]
    one.controller = fresh
    desk.submit(firm, "qms", test)
    desk.submit(firm, "mes", *events)


def build_bikes(desk: Desk, goods: Goods) -> None:
    """Build bicycles of frames, batteries and drive units."""
    firm, wave = FIRMS["yunqi"], desk.wave
    batch = Part.lot("bike", lot_name(wave, "B"), 0).code
    goods.worth["batch"] = batch
    wrong = desk.random.randrange(wave.bikes)
    for n in range(wave.bikes):
        drive, battery = goods.drives.pop(0), goods.batteries[n]
        carton = firm.company.sscc(2, wave.number * 100 + n)
        bike = Bike(serial(wave, "bike", n), drive, battery, carton)
        goods.bikes.append(bike)
    for n in range(0, wave.bikes, _AT_ONCE):
        some = [one.code for one in goods.bikes[n : n + _AT_ONCE]]
        event = begin(desk, firm, desk.at(28, 7, 12 * n), pieces(some), lot=batch)
        desk.submit(firm, "mes", event)
    for n, bike in enumerate(goods.bikes):
        when = desk.at(28, 9, 15 * n)
        frame = goods.frames[n]
        if n == wrong:
            # The battery that was left over when all others had theirs is none of this bicycle's.
            spare = goods.batteries[wave.bikes]
            mistaken = fit(desk, firm, when, bike.code, [bike.drive.code, spare], book=False)
            parts = [bike.drive.code, bike.battery]
            right = fit(desk, firm, when, bike.code, parts)
            desk.correct(firm, "mes", mistaken, right, after=4 * 60)
            desk.submit(firm, "mes", fit(desk, firm, when + 5, bike.code, [frame]))
            goods.worth["wrongly booked part"] = spare
        else:
            parts = [bike.drive.code, bike.battery, frame]
            desk.submit(firm, "mes", fit(desk, firm, when, bike.code, parts))
    passed = seen(
        desk,
        firm,
        desk.at(30, 8),
        pieces([one.code for one in goods.bikes]),
        "inspecting",
        place="lab",
        disposition="conformant",
    )
    desk.submit(firm, "qms", passed)
