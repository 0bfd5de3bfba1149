"""Sales, swaps, returns, refurbishing and scrap.

Rules kept:

* Six of seven delivered bicycles are sold within days.
* `SWAPPED` of the sold ones get another drive unit. The old one goes back to the maker, gets
  another controller where there is one in reserve, and serves again in another bicycle.
* `RETURNED` of them come back, get such a refurbished drive unit, and are sold again under a
  number of their own: relabelled.
* `SCRAPPED` of them are destroyed, but for the drive unit, which is kept in reserve.
* Of each there is at least one in a wave where enough was sold.

CBV 2.0 sections 7.1 and 7.2.
"""

from suyuan.demo.world.acts import end, pieces, seen, transform
from suyuan.demo.world.desk import Desk
from suyuan.demo.world.firms import FIRMS
from suyuan.demo.world.goods import Bike, Goods, Unit, serial
from suyuan.demo.world.handing import move
from suyuan.demo.world.nesting import fit, unfit

__all__ = ["RETURNED", "SCRAPPED", "SWAPPED", "sell", "serve"]

SWAPPED, RETURNED, SCRAPPED = 0.06, 0.03, 0.02
_UNSOLD = 1 / 7


def sell(desk: Desk, bikes: list[Bike], day: int) -> None:
    """Sell what a shop has unpacked, within five days."""
    for bike in bikes:
        if bike.shop is None or desk.random.random() < _UNSOLD:
            continue
        shop = FIRMS[bike.shop]
        bike.sold = desk.at(day + desk.random.randint(0, 4), 10, desk.random.randint(0, 500))
        desk.submit(shop, "pos", _sold(desk, bike.shop, bike.code, bike.sold))


def _sold(desk: Desk, shop: str, code: str, when: int) -> dict[str, object]:
    place = FIRMS[shop]
    return seen(desk, place, when, pieces([code]), "retail_selling", disposition="retail_sold")


def serve(desk: Desk, goods: Goods) -> None:
    """Serve the sold bicycles: swaps first, then returns, then scrap."""
    sold = [bike for bike in goods.bikes if bike.sold is not None]
    desk.random.shuffle(sold)
    counts = [max(1, round(share * len(sold))) for share in (SWAPPED, RETURNED, SCRAPPED)]
    cases: list[list[Bike]] = []
    for count in counts:
        cases.append(sold[:count])
        sold = sold[count:]
    # Repaired drive units come to the head of the reserve: the next bicycles get them.
    goods.drives[:0] = [_swap(desk, goods, bike, n) for n, bike in enumerate(cases[0])]
    for n, bike in enumerate(cases[1]):
        _refurbish(desk, goods, bike, n)
    for n, bike in enumerate(cases[2]):
        _scrap(desk, goods, bike, n)
    untouched = next(iter([*sold, *cases[0], *goods.bikes]))
    goods.worth["sold bicycle"] = untouched.code
    goods.worth["carton"] = untouched.carton


def _shop(bike: Bike) -> str:
    assert bike.shop is not None  # noqa: S101 - for the type checker: it was sold
    return bike.shop


def _numbers(desk: Desk, letters: str, n: int) -> str:
    return f"{letters}{desk.wave.number:05d}-{n}"


def _swap(desk: Desk, goods: Goods, bike: Bike, n: int) -> Unit:
    slug = _shop(bike)
    shop, old, new = FIRMS[slug], bike.drive, goods.drives.pop(0)
    note = _numbers(desk, "SP", n)
    times = desk.at(61, 9, n), desk.at(63, 9, n)
    move(desk, ("yunqi", slug), times, pieces([new.code]), note)
    desk.submit(
        shop,
        "service",
        seen(desk, shop, desk.at(64, 9, n), pieces([bike.code]), "inspecting",
             disposition="needs_replacement"),
        unfit(desk, shop, desk.at(64, 10, n), bike.code, [old.code]),
        fit(desk, shop, desk.at(64, 11, n), bike.code, [new.code]),
        seen(desk, shop, desk.at(64, 12, n), pieces([bike.code]), "repairing",
             disposition="retail_sold"),
    )  # fmt: skip
    bike.drive = new
    goods.worth["repaired bicycle"] = bike.code
    goods.worth["removed part"] = old.code
    times = desk.at(65, 9, n), desk.at(67, 9, n)
    move(desk, (slug, "yunqi"), times, pieces([old.code]), f"R{note}", back=True)
    if goods.controllers:
        maker, fresh = FIRMS["yunqi"], goods.controllers.pop(0)
        desk.submit(
            maker,
            "service",
            unfit(desk, maker, desk.at(68, 9, n), old.code, [old.controller]),
            fit(desk, maker, desk.at(68, 10, n), old.code, [fresh]),
        )
        old.controller = fresh
    return old


def _come_back(desk: Desk, bike: Bike, day: int, note: str) -> None:
    slug = _shop(bike)
    shop = FIRMS[slug]
    desk.submit(
        shop,
        "pos",
        seen(desk, shop, desk.at(day, 10), pieces([bike.code]), "accepting",
             disposition="returned"),
    )  # fmt: skip
    times = desk.at(day + 1, 9), desk.at(day + 3, 9)
    move(desk, (slug, "yunqi"), times, pieces([bike.code]), note, back=True)


def _refurbish(desk: Desk, goods: Goods, bike: Bike, n: int) -> None:
    maker, slug, old, new = FIRMS["yunqi"], _shop(bike), bike.drive, goods.drives.pop(0)
    renewed = serial(desk.wave, "renewed", n)
    note = _numbers(desk, "RB", n)
    _come_back(desk, bike, 70, note)
    desk.submit(
        maker,
        "service",
        unfit(desk, maker, desk.at(74, 9, n), bike.code, [old.code]),
        fit(desk, maker, desk.at(74, 10, n), bike.code, [new.code]),
        transform(desk, maker, desk.at(75, 9, n), pieces([bike.code]), pieces([renewed]),
                  step="encoding"),
    )  # fmt: skip
    goods.drives.append(old)
    goods.worth["refurbished bicycle"] = renewed
    times = desk.at(76, 9, n), desk.at(78, 9, n)
    move(desk, ("yunqi", slug), times, pieces([renewed]), f"S{note}")
    desk.submit(FIRMS[slug], "pos", _sold(desk, slug, renewed, desk.at(80, 11, n)))


def _scrap(desk: Desk, goods: Goods, bike: Bike, n: int) -> None:
    maker = FIRMS["yunqi"]
    _come_back(desk, bike, 72, _numbers(desk, "SC", n))
    desk.submit(
        maker,
        "service",
        unfit(desk, maker, desk.at(76, 14, n), bike.code, [bike.drive.code]),
        end(desk, maker, desk.at(77, 9, n), pieces([bike.code])),
    )
    goods.drives.append(bike.drive)
