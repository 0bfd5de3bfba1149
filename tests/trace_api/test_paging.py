"""Pages by key: cursors, sizes, and a ledger that grows while it is read."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.query import events
from tests.trace_api.house import CASE, LOT, PACK, House, document, event
from trace_api.errors import ApiError
from trace_api.execution import Executor
from trace_api.paging import cursor_of, key_of, page_of
from trace_api.resources import Asking

EVENTS = """query($after: String) { events(first: 2, after: $after) {
  edges { node { seq } } pageInfo { hasNextPage startCursor endCursor } } }"""
KEYS = st.lists(
    st.text() | st.integers(-(2**63) + 1, 2**63 - 1),
    max_size=5,
)


@given(KEYS)
def test_cursors(parts: list[str | int]) -> None:
    """A key comes back from its cursor as it was."""
    key = tuple(parts)
    assert key_of(cursor_of(key), tuple(type(part) for part in parts)) == key


@given(st.text() | KEYS.map(lambda parts: cursor_of(tuple(parts))))
def test_foreign_cursors(cursor: str) -> None:
    """A text that isn't the cursor of such a key is refused, and nothing else happens."""
    try:
        key = key_of(cursor, (int, str))
    except ApiError as error:
        assert "endCursor" in error.message  # noqa: PT017 - either way is right
    else:
        assert cursor_of(key) == cursor


@pytest.mark.parametrize(
    "key",
    [(2**63,), (-(2**63) - 1,), (True,), (None,), (1.5,), ("1",), (1, 1), ([1],), ()],
)
def test_keys_that_no_database_takes(key: Any) -> None:
    """A cursor with a key of another type or range is refused."""
    with pytest.raises(ApiError, match="cursor"):
        key_of(base64.urlsafe_b64encode(json.dumps(key).encode()).decode(), (int,))


def test_cursors_in_ascii() -> None:
    """A cursor that was written with escapes, as older versions did, is read as well."""
    cursor = base64.urlsafe_b64encode(json.dumps(["厂", 1]).encode()).decode()
    assert key_of(cursor, (str, int)) == ("厂", 1)


@pytest.mark.parametrize("cursor", ["", "=", "%%%", "W" * 9000, "é", "WzEsMV0=", "W1tb" * 1990])
def test_texts_that_are_no_cursor(cursor: str) -> None:
    """Text that is no cursor at all is refused, however long or deep."""
    with pytest.raises(ApiError, match="cursor"):
        key_of(cursor, (int,))


@given(st.sets(st.integers(0, 60)), st.integers(1, 10))
def test_pages_cover_everything_once(values: set[int], first: int) -> None:
    """Read page by page, each value comes exactly once, in order."""
    ordered = sorted(values)
    seen: list[int] = []
    after, more = None, True
    while more:
        page = page_of(ordered, lambda value: (value,), (int,), first, after)
        seen += [edge.node for edge in page.edges]
        more = page.more
        after = page.edges[-1].cursor if page.edges else None
        assert len(page.edges) == first or not more
    assert seen == ordered


def test_pages_while_events_arrive(house: House) -> None:
    """Events that are captured between two pages neither move nor hide the others."""
    seen: list[int] = []
    after = None
    for number in range(5, 12):
        page = house.data(EVENTS, {"after": after})["events"]
        seen += [edge["node"]["seq"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"] or after
        more = event(number, "ObjectEvent", action="OBSERVE", epcList=[CASE])
        more["eventTime"] = "2020-01-01T00:00:00Z"  # long before those that were read
        assert house.capture(document([more])).committed
    while (page := house.data(EVENTS, {"after": after})["events"])["edges"]:
        seen += [edge["node"]["seq"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
    assert seen == list(range(11))


def test_an_empty_page(house: House) -> None:
    """After the last event there is an empty page, whose cursors are null."""
    page = house.data(EVENTS, {"after": cursor_of((2**63 - 1,))})["events"]
    assert page == {
        "edges": [],
        "pageInfo": {"hasNextPage": False, "startCursor": None, "endCursor": None},
    }


def test_pages_of_a_trace(house: House) -> None:
    """The items and links of a trace are read in pages that belong together."""
    ask = """query($code: String!, $items: String, $links: String) { trace(code: $code) {
      items(first: 1, after: $items) { edges { node { code } } pageInfo { hasNextPage endCursor } }
      links(first: 2, after: $links) { edges { node { from to } } pageInfo { hasNextPage endCursor } }
    } }"""
    cursors: dict[str, str | None] = {"items": None, "links": None}
    seen: dict[str, list[Any]] = {"items": [], "links": []}
    for _page in range(4):
        trace = house.data(ask, {"code": LOT, **cursors})["trace"]
        for name, before in list(cursors.items()):
            seen[name] += [edge["node"] for edge in trace[name]["edges"]]
            cursors[name] = trace[name]["pageInfo"]["endCursor"] or before
    packs = [{"code": f"{PACK}/21/S{number}"} for number in (1, 2, 3)]
    assert seen["items"] == [*packs, {"code": CASE}]
    assert len(seen["links"]) == len({tuple(link.values()) for link in seen["links"]}) == 5
    assert trace["items"]["pageInfo"]["hasNextPage"] is False


def test_pages_of_a_life(house: House) -> None:
    """The life of an item is read in pages, oldest first."""
    ask = """query($code: String!, $after: String) { item(code: $code) {
      history(first: 2, after: $after) { edges { node { seq } } pageInfo { endCursor } }
      events(first: 1) { edges { node { seq } } pageInfo { hasNextPage } } } }"""
    code = f"{PACK}/21/S1"
    item = house.data(ask, {"code": code})["item"]
    assert [edge["node"]["seq"] for edge in item["history"]["edges"]] == [1, 2]
    assert item["events"] == {
        "edges": [{"node": {"seq": 1}}],
        "pageInfo": {"hasNextPage": True},
    }
    after = item["history"]["pageInfo"]["endCursor"]
    rest = house.data(ask, {"code": code, "after": after})["item"]
    assert [edge["node"]["seq"] for edge in rest["history"]["edges"]] == [3]


def test_one_snapshot(house: House) -> None:
    """All resolvers of a request read one state, whatever is captured meanwhile."""
    executor = Executor(house.resources)
    with Asking(house.resources, executor.verifying) as request:
        assert len(events(request.connection, first=10)) == 4
        more = event(5, "ObjectEvent", action="OBSERVE", epcList=[CASE])
        assert house.capture(document([more])).committed
        assert len(events(request.connection, first=10)) == 4
    with Asking(house.resources, executor.verifying) as request:
        assert len(events(request.connection, first=10)) == 5
