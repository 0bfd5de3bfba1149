"""Many counters at once are permuted as each one is by itself."""

from hypothesis import example, given
from hypothesis import strategies as st

from ledger.issuance.ff1 import FF1
from ledger.issuance.lanes import HALF_BITS, LENGTH, lanes_of
from ledger.issuance.spelling import RADIX

HALVES = st.integers(0, 2**HALF_BITS - 1)
LAST = 2**HALF_BITS - 1


def numerals(upper: int, lower: int) -> list[int]:
    """Return the numerals of a number, given as its halves."""
    number = upper << HALF_BITS | lower
    return [number >> shift & 31 for shift in range(5 * LENGTH - 5, -1, -5)]


@given(
    st.binary(min_size=32, max_size=32),
    st.binary(max_size=60),
    st.lists(st.tuples(HALVES, HALVES), max_size=9),
)
@example(bytes(32), b"", [(0, 0), (LAST, LAST), (0, LAST), (LAST, 0), (LAST, LAST)])
def test_lanes_are_ff1(key: bytes, tweak: bytes, halves: list[tuple[int, int]]) -> None:
    """Each lane is FF1 of its number, whatever its neighbours are, and comes back."""
    lanes, scheme = lanes_of(key, tweak), FF1(key, RADIX)
    upper, lower = [one for one, _ in halves], [two for _, two in halves]
    found = lanes.encrypt(upper, lower)
    assert [numerals(one, two) for one, two in zip(*found, strict=True)] == [
        scheme.encrypt(numerals(one, two), tweak) for one, two in halves
    ]
    assert [list(half) for half in lanes.decrypt(*found)] == [upper, lower]


def test_the_cipher_is_not_shown() -> None:
    """Printing it gives nothing of the key away."""
    assert repr(lanes_of(bytes(32), b"")) == "Lanes()"
