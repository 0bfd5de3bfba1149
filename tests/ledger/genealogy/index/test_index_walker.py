"""Walks over the index find exactly what walks over the database find."""

from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.genealogy.index.folder import TraceIndex
from ledger.genealogy.index.walker import IndexWalker
from ledger.genealogy.links import LinkReader
from ledger.genealogy.roles import Kind
from ledger.genealogy.trace import item_row
from ledger.genealogy.walk import Walk, walk
from ledger.store.engine import reading
from tests.ledger.builders import Ledger
from tests.ledger.genealogy.asking import at
from tests.ledger.genealogy.test_against_reference import Case, happenings, minutes

KINDS = st.sampled_from(
    [
        tuple(Kind),
        tuple(Kind),
        (Kind.TRANSFORMED,),
        (Kind.PACKED, Kind.TRANSFORMED),
        (Kind.INSTALLED, Kind.PART_OF_LOT),
    ]
)
LIMITS = st.sampled_from([None, None, 0, 1, 2, 3])


def told(found: Walk) -> dict[str, Any]:
    """Return all that a walk says."""
    return {name: getattr(found, name) for name in Walk.__slots__}


def compare(view: Any, links: LinkReader, root: int, **asked: Any) -> None:
    """Fail unless walks that become wide at once, soon or never find what the database finds."""
    expected = told(walk(links, root, **asked))
    for wide in (1, 2, 1000):
        walker = IndexWalker(view, wide)
        assert told(walker(links, root, **asked)) == expected
        reach = walker.reach(links, root, **asked)
        depths = dict(zip(reach.items.tolist(), reach.depths.tolist(), strict=True))
        assert depths == expected["depth"]
        assert reach.stopped_by == expected["stopped_by"]


def run(ledger: Ledger, folder: Path, data: st.DataObject) -> None:
    """Draw a genealogy, capture it in three steps with the index made and followed, and compare."""
    drawn = data.draw(happenings())
    wrong = data.draw(st.lists(st.sampled_from(drawn), unique=True, max_size=2))
    arrivals = data.draw(
        st.permutations([*((one, False) for one in drawn), *((one, True) for one in wrong)])
    )
    case, index = Case(ledger), TraceIndex(folder, ledger.ticks)
    first, second = sorted(
        data.draw(st.lists(st.integers(0, len(arrivals)), min_size=2, max_size=2))
    )
    case.send(arrivals[:first])
    index.update(ledger.engine, rebuild=data.draw(st.booleans()), processes=1)
    case.send(arrivals[first:second])
    moment = ledger.ticks()
    if data.draw(st.booleans()):
        index.update(ledger.engine, processes=1)
    case.send(arrivals[second:])
    as_of = data.draw(st.none() | minutes.map(at))
    known_at = data.draw(st.sampled_from([None, moment]))
    asked = {"kinds": data.draw(KINDS), "depth": data.draw(LIMITS), "most_items": data.draw(LIMITS)}
    with reading(ledger.engine) as connection:
        walker = index.at(connection)
        assert walker is not None
        links = LinkReader.open(connection, as_of=as_of, known_at=known_at)
        for name in case.named():
            root = item_row(connection, case.code(name))
            for forward in (True, False):
                compare(walker.view, links, root, forward=forward, **asked)


@settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_walks_are_those_of_the_database(
    sqlite_ledger: Ledger, tmp_path: Path, data: st.DataObject
) -> None:
    """Spans, depths, nodes, intervals and cuts are equal for base, delta and tail at all times."""
    run(sqlite_ledger, tmp_path / "index", data)


@settings(
    max_examples=10,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_walks_are_those_of_postgresql(
    postgresql_ledger: Ledger, tmp_path: Path, data: st.DataObject
) -> None:
    """The other database is followed as well."""
    run(postgresql_ledger, tmp_path / "index", data)
