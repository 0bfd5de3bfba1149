"""Capturing random genealogies, asking questions of them, and comparing the answers with the slow trace."""

from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any

from sqlalchemy import Connection

from ledger.genealogy.index.folder import TraceIndex
from ledger.genealogy.index.walker import IndexWalker
from ledger.genealogy.links import LinkReader
from ledger.genealogy.roles import Kind
from ledger.genealogy.trace import Direction, Trace, trace
from ledger.genealogy.walk import Walk, walk
from ledger.store.sets import fetch
from tests.ledger.builders import Ledger
from tests.ledger.genealogy.index.comparing import told
from tests.ledger.genealogy.random_genealogies import MINUTES, ROUNDS, Genealogy, at
from tests.ledger.genealogy.slow_trace import (
    KINDS,
    LinkTold,
    Question,
    Reached,
    World,
    manner,
    standing,
)
from tests.ledger.genealogy.slow_trace import trace as slow_trace

__all__ = ["Walkers", "captured", "check", "known_codes", "links_of", "questions"]


def captured(ledger: Ledger, drawn: list[Genealogy], index: TraceIndex | None = None) -> list[int]:
    """Capture genealogies in rounds; return the ledger times right after each.

    The first round stands in the index's base, the second in its delta, the third in no file.
    """
    times = []
    for when in range(ROUNDS):
        for log in range(2):
            events = [event for one in drawn for event in one.events(when, log)]
            if events:
                report = ledger.take(*events, slug=f"log{log}")
                assert not report.refused, [one.problems for one in report.receipts]
        times.append(ledger.ticks())
        if index is not None and when < ROUNDS - 1:
            index.update(ledger.engine, rebuild=when == 0, processes=1)
    return times


def known_codes(connection: Connection) -> set[str]:
    """Return the codes of all items that the ledger has heard of."""
    return {code for (code,) in fetch(connection, "SELECT code FROM item")}


class Walkers:
    """Walks over the database and over the index, wide at once or never, and fails where they differ."""

    def __init__(self, walker: IndexWalker | None = None) -> None:
        self.walkers = [] if walker is None else [IndexWalker(walker.view, 1), walker]
        self.turn = 0

    def __call__(self, links: LinkReader, root: int, **asked: Any) -> Walk:
        """Walk both ways."""
        found = walk(links, root, **asked)
        if self.walkers:
            self.turn += 1
            walker = self.walkers[self.turn // 2 % 2]
            assert told(walker(links, root, **asked)) == told(found)
        return found


def questions(random: Random, codes: list[str], count: int) -> list[Question]:
    """Draw what is asked: by turns forward and backward."""
    found = []
    for number in range(count):
        window = sorted(random.randrange(MINUTES) for _ in range(2))
        windowed = random.random() < 0.2
        some = frozenset(random.sample(sorted(KINDS), random.randint(1, 4)))
        found.append(
            Question(
                random.choice(codes),
                backward=number % 2 == 1,
                as_of=random.choice([None, None, random.randrange(MINUTES)]),
                known_at=random.choice([None, None, random.randrange(ROUNDS)]),
                since=window[0] if windowed else None,
                until=window[1] if windowed and random.random() < 0.5 else None,
                kinds=random.choice([None, None, KINDS, some]),
                depth=random.choice([None, None, None, 0, 1, 2]),
            )
        )
    return found


def links_of(answer: Trace) -> set[LinkTold]:
    """Return the links of an answer in the slow trace's form."""
    return {
        (
            one.kind.value,
            one.source,
            one.target,
            one.event,
            None if one.quantity is None else Decimal(one.quantity),
            one.unit,
        )
        for one in answer.links
    }


def check(
    connection: Connection, walker: Walkers, one: Genealogy, asked: Question, times: list[int]
) -> None:
    """Fail unless an answer is that of the slow trace.

    Args:
        connection: A reading transaction.
        walker: Walks.
        one: What was captured.
        asked: The question; its ledger time is a round.
        times: The ledger times after each round.
    """
    world = World(one.happenings, asked)
    whole = slow_trace(world, replace(asked, depth=None))
    near = whole if asked.depth is None else slow_trace(world, asked)
    answer = trace(
        connection,
        asked.code,
        Direction.BACKWARD if asked.backward else Direction.FORWARD,
        as_of=at(asked.as_of),
        known_at=None if asked.known_at is None else times[asked.known_at],
        kinds=None if asked.kinds is None else tuple(map(Kind, sorted(asked.kinds))),
        since=at(asked.since),
        until=at(asked.until),
        depth=asked.depth,
        walker=walker,
    )
    assert answer.root_item is not None
    items = (answer.root_item, *answer.items)
    # A limit that cuts nothing off changes nothing; one that does may tell more links of what is near.
    expected = whole if answer.complete else near
    assert {
        item.code: Reached(item.depth, item.container, item.exposed_from, item.exposed_until)
        for item in items
    } == {code: _in_microseconds(item, asked) for code, item in expected.items.items()}
    links = links_of(answer)
    assert near.links <= links <= whole.links
    assert answer.complete is (links == whole.links)
    for link in answer.links:
        expected_manner = manner(world, link.kind, link.source, link.target, link.event)
        assert link.manner == expected_manner, link
    for limit, codes in answer.cut:
        assert limit == "depth"
        assert near.beyond <= set(codes) <= near.items.keys()
    for item in items:
        state = standing(world, item.code)
        assert (item.location, item.inside) == (state.location, state.inside)
        assert item.status in {"announced", state.disposition}


def _in_microseconds(item: Reached, asked: Question) -> Reached:
    """Return how an item was reached as an answer says it; exposed is what was reached forward."""
    spans = (None, None) if asked.backward else (item.exposed_from, item.exposed_until)
    return replace(item, exposed_from=at(spans[0]), exposed_until=at(spans[1]))
