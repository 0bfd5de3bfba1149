"""Serials: ten characters, never twice, and a way back without a database."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import UsageError
from ledger.issuance import serials
from ledger.issuance.serials import (
    SPACE,
    Range,
    draw,
    find_range,
    numbers_of,
    series_of,
    spelt,
)
from tests.ledger.builders import PRODUCT

SERIES = series_of(PRODUCT, 1, bytes(range(32)))


@given(st.integers(0, SPACE - 1))
def test_a_serial_leads_back_to_its_counter(counter: int) -> None:
    """One by one and in a group a counter has the same serial, and both come back."""
    serial = SERIES.serial(counter)
    assert len(serial) == 10
    assert SERIES.serials([counter]) == [serial]
    assert SERIES.counter(serial) == counter


def test_serials_never_repeat() -> None:
    """Counters in a row have serials without order and without repetition."""
    made = SERIES.serials(range(20_000))
    assert len(set(made)) == 20_000
    assert made != sorted(made)
    assert len({one[0] for one in made}) == 32
    assert SERIES.counters(numbers_of(made)) == list(range(20_000))
    assert spelt(numbers_of(made[:9])) == made[:9]


@pytest.mark.parametrize(
    ("product", "version", "key"),
    [
        (PRODUCT[:-1] + "9", 1, bytes(range(32))),
        (PRODUCT, 2, bytes(range(32))),
        (PRODUCT, 1, bytes(32)),
        (PRODUCT + "\udcff", 1, bytes(range(32))),
    ],
)
def test_another_product_version_or_key_is_another_permutation(
    product: str, version: int, key: bytes
) -> None:
    """Each of the three changes every serial."""
    other = series_of(product, version, key)
    assert not set(other.serials(range(1000))) & set(SERIES.serials(range(1000)))


@pytest.mark.parametrize("counter", [-1, SPACE])
def test_counters_outside_the_space(counter: int) -> None:
    """A counter that has no serial is refused."""
    with pytest.raises(UsageError):
        SERIES.serial(counter)


@pytest.mark.parametrize("serial", ["", "A1", "abcdefghjk", "2222222222X", "O222222222"])
def test_serials_of_another_form(serial: str) -> None:
    """What isn't spelt as ours has no counter."""
    with pytest.raises(UsageError):
        SERIES.counter(serial)


def test_the_range_is_found_without_a_database() -> None:
    """A serial and the key tell which supplier's range it is from, or that it is from none."""
    ranges = [
        Range(2, 0, 1000, 9, "other key"),
        Range(1, 0, 100, 1, None),
        Range(1, 100, 50, 2, "Qinglan"),
    ]
    found = find_range(SERIES, ranges, SERIES.serial(149))
    assert found is not None
    assert found.supplier == "Qinglan"
    assert find_range(SERIES, ranges, SERIES.serial(99)) == ranges[1]
    assert find_range(SERIES, ranges, SERIES.serial(150)) is None
    assert find_range(SERIES, ranges, "2222222222") is None


def test_drawn_numbers_fill_the_space() -> None:
    """They are below 32^10, differ, and reach its upper half as well as its lower."""
    drawn = draw(2000)
    assert len(set(drawn)) == 2000
    assert all(0 <= one < SPACE for one in drawn)
    assert 800 < sum(one < SPACE // 2 for one in drawn) < 1200
    assert draw(0) == []


def test_the_key_is_not_shown() -> None:
    """A printed series holds no key."""
    assert "x00" not in repr(SERIES)


def test_examples() -> None:
    """The example of the docstring holds."""
    result = doctest.testmod(serials)
    assert result.attempted
    assert result.failed == 0
