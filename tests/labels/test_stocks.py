"""What labels are printed on."""

from __future__ import annotations

import pytest

from labels.errors import SizeError
from labels.stocks import STOCKS, Stock, roll, stock_named


@pytest.mark.parametrize("stock", list(STOCKS.values()), ids=list(STOCKS))
def test_grids_stand_on_their_page(stock: Stock) -> None:
    """No label reaches over the edge, and none lies over another."""
    corners = [stock.origin(index) for index in range(stock.labels)]
    for left, top in corners:
        assert left >= -1e-9
        assert top >= -1e-9
        assert left + stock.label_width <= stock.page_width + 1e-9
        assert top + stock.label_height <= stock.page_height + 1e-9
    if stock.columns > 1:
        assert corners[1][0] - corners[0][0] == pytest.approx(stock.label_width + stock.gap_x)


@pytest.mark.parametrize(
    ("name", "labels", "left", "top"),
    [
        ("l7160", 21, 7.25, 15.15),
        ("l7163", 14, 4.65, 15.15),
        ("L7651", 65, 4.75, 10.7),
        ("5160", 30, 4.7625, 12.7),
        ("5163", 10, 3.96875, 12.7),
        ("a6", 1, 0, 0),
    ],
)
def test_stocks_that_are_sold(name: str, labels: int, left: float, top: float) -> None:
    """The first label stands where the makers' templates have it."""
    stock = stock_named(name)
    assert stock.labels == labels
    assert stock.origin(0) == pytest.approx((left, top), abs=0.01)


def test_rolls() -> None:
    """A label of a roll is a page of its own."""
    stock = stock_named("Roll-100x50.5")
    assert (stock.page_width, stock.page_height, stock.labels) == (100, 50.5, 1)
    assert stock == roll(100, 50.5)
    assert stock_named(stock.name) == stock


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("l9999", "Expected a stock of a4-3x8"),
        ("roll-0x50", "Expected a label of 10 to 500 mm, found 0 mm"),
        ("roll-100x5000", "found 5000 mm"),
        ("roll-1e3x50", "roll-WIDTHxHEIGHT"),
        ("roll-٣٠x50", "roll-WIDTHxHEIGHT"),
        ("x" * 5000, "found 'x+'"),
    ],
)
def test_stocks_that_there_are_not(name: str, words: str) -> None:
    """An unknown stock is refused with those that are known, and never repeated at length."""
    with pytest.raises(SizeError, match=words) as refused:
        stock_named(name)
    assert len(str(refused.value)) < 400
