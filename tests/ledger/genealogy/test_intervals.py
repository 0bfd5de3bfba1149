"""Spans of time: what ends them, what they share, what they cover."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ledger.genealogy.intervals import ALWAYS, FOREVER, Span, covers, ends, merge, overlap

times = st.integers(0, 12)
spans = st.tuples(times, times).map(lambda pair: (min(pair), max(pair)))


def moments(some: list[Span] | tuple[Span, ...]) -> set[float]:
    """Return the moments that spans hold, with those half-way between."""
    return {half / 2 for first, last in some for half in range(2 * first, 2 * last + 1)}


def merged(some: list[Span]) -> tuple[Span, ...]:
    """Return spans put together one by one."""
    found: tuple[Span, ...] = ()
    for one in some:
        found = merge(found, one)
    return found


def test_an_add_ends_with_the_first_delete_at_or_after_it() -> None:
    """A DELETE before the ADD is of an earlier stay; one in the same instant ends it if it was none."""
    assert ends([1, 3, 5, 8], [7, 3, 2]) == [2, 3, 7, FOREVER]


def test_an_add_without_a_delete_never_ends() -> None:
    """Nothing was said of its end."""
    assert ends([4], []) == [FOREVER]
    assert ends([], [4]) == []


def test_what_is_taken_out_and_put_back_in_one_instant_is_in() -> None:
    """The DELETE of an instant ends the stay before it, and leaves the ADD of that instant alone."""
    assert ends([8, 10], [10]) == [10, FOREVER]
    assert ends([8, 10, 12], [10, 12]) == [10, 12, FOREVER]


@given(st.lists(times), st.lists(times))
def test_ends_are_the_least_that_fit(starts: list[int], deletes: list[int]) -> None:
    """Each end is the least DELETE behind its ADD, or beside it where nothing was in before."""
    was_in: dict[int, bool] = {}
    inside = False
    for now in range(13):
        was_in[now] = inside
        if now in deletes:
            inside = inside and now in starts
        elif now in starts:
            inside = True
    assert ends(starts, deletes) == [
        min((one for one in deletes if one >= start + was_in[start]), default=FOREVER)
        for start in starts
    ]


@given(st.lists(spans), spans)
def test_overlap_is_what_both_hold(some: list[Span], other: Span) -> None:
    """Closed spans that share one instant overlap in it."""
    assert moments(overlap(some, other)) == moments(some) & moments([other])


@given(st.lists(spans))
def test_merged_spans_are_disjoint_in_order_and_hold_the_same(some: list[Span]) -> None:
    """Putting spans together loses nothing, adds nothing and leaves no two that touch."""
    found = merged(some)
    assert moments(found) == moments(some)
    assert all(one[1] < two[0] for one, two in pairwise(found))


@given(st.lists(spans), spans)
def test_covers_is_all_of_it(some: list[Span], other: Span) -> None:
    """Disjoint spans cover another if and only if one of them holds it whole."""
    found = merged(some)
    held = any(set(moments([other])) <= moments([one]) for one in found)
    assert covers(found, other) is held


def test_always_covers_everything() -> None:
    """The root of a walk is reached at all times."""
    assert covers(ALWAYS, (-FOREVER, FOREVER))
    assert merge(ALWAYS, (3, 4)) == ALWAYS
    assert not covers((), (3, 3))
