"""Cartons, racks, swap bodies and cages: many trips of a few containers.

Rules kept:

* A bicycle in a carton, four cartons on a rack, two racks in a swap body: packed in packed in
  packed. What happens to the swap body happens to all of it.
* The swap body is emptied without a list of its content, the first rack carton by carton, the
  second one without a list. Racks, body and cage go back and take the next load, in this wave and
  the next one of the line.
* A distributor brings cartons to a shop in a cage; the shop unpacks nine of ten.
* A dispatch is tied to its order by a TransactionEvent.
* In every fifth wave the last cage never arrives: its cartons were last seen in transit.
"""

from suyuan.demo.world.acts import Part, pieces
from suyuan.demo.world.desk import Desk
from suyuan.demo.world.firms import DISTRIBUTORS, FIRMS, SHOPS
from suyuan.demo.world.goods import Bike, Goods, lot_name
from suyuan.demo.world.handing import move, ship
from suyuan.demo.world.nesting import enter, leave

__all__ = ["FIRST_DAY", "PER_TRIP", "TRIP_DAYS", "trip"]

FIRST_DAY, TRIP_DAYS = 31, 5
PER_TRIP = 8
"""Bicycles of one trip."""
_PER_RACK = 4
_LOST_IN = 5
"""One wave in so many loses sight of a cage."""
_KEPT_CLOSED = 0.1
"""Share of cartons that a shop leaves closed."""


def trip(desk: Desk, goods: Goods, number: int) -> None:
    """Bring up to eight bicycles from the maker by a distributor to a shop."""
    wave = desk.wave
    bikes = goods.bikes[PER_TRIP * number : PER_TRIP * (number + 1)]
    distributor = DISTRIBUTORS[number % 2]
    shop = SHOPS[(wave.number + number) % len(SHOPS)]
    day, name = FIRST_DAY + TRIP_DAYS * number, f"{wave.number}-{number}"
    racks = [
        (goods.container("rack", n + 1), bikes[_PER_RACK * n : _PER_RACK * (n + 1)])
        for n in range(2)
    ]
    racks = [(rack, load) for rack, load in racks if load]
    body = goods.container("body")
    _load(desk, racks, body, day, name)
    _haul(desk, body, distributor, day, name)
    _unload(desk, racks, body, distributor, day)
    empties = pieces([body, *(rack for rack, _ in racks)])
    times = desk.at(day + 2, 15), desk.at(day + 3, 9)
    move(desk, (distributor, "yunqi"), times, empties, f"RT-{name}", back=True)
    last = PER_TRIP * (number + 1) >= wave.bikes
    lost = last and number > 0 and wave.number % _LOST_IN == 1
    route = distributor, shop
    _deliver(desk, goods, bikes, route=route, day=day, name=name, lost=lost)


def _cartons(bikes: list[Bike]) -> list[Part]:
    return pieces([bike.carton for bike in bikes])


def _load(desk: Desk, racks: list[tuple[str, list[Bike]]], body: str, day: int, name: str) -> None:
    maker, minute = FIRMS["yunqi"], 0
    for rack, load in racks:
        events = []
        for bike in load:
            when = desk.at(day, 7, minute)
            events.append(enter(desk, maker, when, bike.carton, pieces([bike.code])))
            minute += 3
        events.append(enter(desk, maker, desk.at(day, 8, minute), rack, _cartons(load)))
        desk.submit(maker, "wms", *events)
    parts = pieces([rack for rack, _ in racks])
    desk.submit(maker, "wms", enter(desk, maker, desk.at(day, 10), body, parts))
    cartons = [bike.carton for _, load in racks for bike in load]
    paper = {"type": "desadv", "bizTransaction": maker.company.order("DESADV", f"D-{name}")}
    order = {"type": "po", "bizTransaction": maker.company.order("PO", f"D-{name}")}
    tied = desk.event(
        maker,
        "TransactionEvent",
        desk.at(day, 11),
        action="ADD",
        bizTransactionList=[order, paper],
        epcList=cartons,
        bizStep="staging_outbound",
        disposition="in_progress",
        readPoint=maker.place("store"),
        bizLocation=maker.place("store"),
    )
    desk.submit(maker, "erp", tied)


def _haul(desk: Desk, body: str, distributor: str, day: int, name: str) -> None:
    times = desk.at(day, 15), desk.at(day + 1, 7)
    move(desk, ("yunqi", distributor), times, pieces([body]), f"D-{name}")


def _unload(
    desk: Desk, racks: list[tuple[str, list[Bike]]], body: str, distributor: str, day: int
) -> None:
    firm = FIRMS[distributor]
    parts = pieces([rack for rack, _ in racks])
    events = [leave(desk, firm, desk.at(day + 1, 9), body, parts, listed=False)]
    for n, (rack, load) in enumerate(racks):
        when = desk.at(day + 1, 10 + n)
        if n:
            events.append(leave(desk, firm, when, rack, _cartons(load), listed=False))
        else:
            events += [
                leave(desk, firm, when + i, rack, _cartons([bike])) for i, bike in enumerate(load)
            ]
    desk.submit(firm, "wms", *events)


def _deliver(
    desk: Desk,
    goods: Goods,
    bikes: list[Bike],
    *,
    route: tuple[str, str],
    day: int,
    name: str,
    lost: bool,
) -> None:
    distributor, shop = FIRMS[route[0]], FIRMS[route[1]]
    cage = goods.lost_cage() if lost else goods.container("cage", DISTRIBUTORS.index(route[0]) + 1)
    desk.submit(
        distributor, "wms", enter(desk, distributor, desk.at(day + 2, 9), cage, _cartons(bikes))
    )
    times = desk.at(day + 2, 14), desk.at(day + 3, 8)
    if lost:
        shipped, _ = ship(desk, route, times, pieces([cage]), f"C-{name}")
        desk.submit(distributor, "wms", shipped)
        return
    move(desk, route, times, pieces([cage]), f"C-{name}")
    events = [leave(desk, shop, desk.at(day + 3, 9), cage, _cartons(bikes), listed=False)]
    for n, bike in enumerate(bikes):
        if n and desk.random.random() < _KEPT_CLOSED:
            continue
        when = desk.at(day + 3, 10, 10 * n)
        events.append(leave(desk, shop, when, bike.carton, pieces([bike.code])))
        bike.shop = route[1]
    desk.submit(shop, "pos", *events)
    times = desk.at(day + 4, 8), desk.at(day + 4, 16)
    back = route[1], route[0]
    move(desk, back, times, pieces([cage]), lot_name(desk.wave, f"RC{name}"), back=True)
