"""JSON pointers: reading and replacing members of a value."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import CanonicalError
from ledger.log.canonical import decimal_pointers, parse_strict
from ledger.log.pointers import Room, below, member_at, replaced, unescaped

KEYS = st.text(st.sampled_from("ab~/01-_ "), max_size=4)
VALUES = st.recursive(
    st.none() | st.integers(0, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


def pointers(value: Any, pointer: str = "") -> list[str]:
    """Return the pointers of all members of a value, its own one first."""
    members = list(value.items()) if isinstance(value, dict) else []
    members = list(enumerate(value)) if isinstance(value, list) else members
    return [pointer, *(at for key, one in members for at in pointers(one, below(pointer, key)))]


@given(VALUES)
def test_every_member_is_found(value: Any) -> None:
    """Each pointer leads to one member, which can be replaced alone, in a copy."""
    before = copy.deepcopy(value)
    found = pointers(value)
    assert len(set(found)) == len(found)
    for at in found:
        member_at(value, at)
        new = object()
        changed = replaced(value, {at: new})
        assert member_at(changed, at) is new
        assert value == before
        same = [one for one in found if not f"{at}/".startswith(f"{one}/") and one != at]
        for other in same:
            if not f"{other}/".startswith(f"{at}/"):
                assert member_at(changed, other) == member_at(value, other)


@given(VALUES, st.data())
def test_many_are_replaced_at_once(value: Any, data: st.DataObject) -> None:
    """Members that don't lie in one another are replaced together, and back again."""
    found = data.draw(st.lists(st.sampled_from(pointers(value)), unique=True))
    apart = [
        one
        for one in found
        if not any(f"{one}/".startswith(f"{other}/") for other in found if other != one)
    ]
    changed = replaced(value, {at: {"new": at} for at in apart})
    assert [member_at(changed, at) for at in apart] == [{"new": at} for at in apart]
    assert replaced(changed, {at: member_at(value, at) for at in apart}) == value


def test_nothing_replaced_is_the_same_value() -> None:
    """Without a change the value itself is returned."""
    value = {"a": 1}
    assert replaced(value, {}) is value


@pytest.mark.parametrize(
    "pointer",
    ["/b", "/a/2", "/a/-1", "/a/-", "/a/1_0", "/a/１", "/a/", "/a/0/x", "/c/x", "/d/0", "/a/b"],
)
def test_pointers_that_lead_nowhere(pointer: str) -> None:
    """Neither reading nor replacing guesses: no counting from the end, no other digits."""
    value = {"a": ["x", "y"], "c": None, "d": "text"}
    with pytest.raises(CanonicalError, match="Expected a value at"):
        member_at(value, pointer)
    with pytest.raises(CanonicalError, match="Expected a value at"):
        replaced(value, {pointer: 1})


@pytest.mark.parametrize("key", ["", "/", "~", "~1", "~0", "a/b~c", "~01", "//"])
def test_keys_are_escaped(key: str) -> None:
    """Any key comes back from its step (RFC 6901, section 3)."""
    assert member_at({key: 1}, below("", key)) == 1
    assert unescaped(below("", key)[1:]) == key


def test_room_for_pointers_ends() -> None:
    """What the pointers into one value may take is bounded."""
    room = Room(10)
    room.take("/abcd", 2)
    with pytest.raises(CanonicalError, match="fewer values below"):
        room.take("/", 1)


@pytest.mark.parametrize("shape", ['{"ex:%s":[%s]}', '{"ex:%s":{"ex:a":[%s]}}'])
def test_a_long_key_above_many_values_is_refused(shape: str) -> None:
    """A megabyte of values under a long key doesn't become gigabytes of pointers."""
    values = ",".join(["0.1"] * 40_000)
    with pytest.raises(CanonicalError, match="fewer values below"):
        decimal_pointers(parse_strict(shape % ("k" * 100_000, values)))
    assert len(decimal_pointers(parse_strict(shape % ("k" * 1000, values)))) == 40_000
