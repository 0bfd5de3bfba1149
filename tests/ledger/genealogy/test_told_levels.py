"""Codes that one event tells as a lot and another one as a single piece."""

import pytest

from ledger.genealogy import told_levels
from ledger.genealogy.completeness import Question, Topic
from ledger.genealogy.trace import Direction, Trace
from tests.ledger.builders import Ledger, instance, made, seen, some
from tests.ledger.genealogy.asking import ask, clock

BACK = Direction.BACKWARD
CODE = "urn:example:item:17"
SEEN_AS_LOT = "urn:uuid:6d1f9be4-4a5e-4f0a-9d14-000000000011"
SEEN_AS_PIECE = "urn:uuid:6d1f9be4-4a5e-4f0a-9d14-000000000012"


def levels(answer: Trace) -> list[Question]:
    """Return the questions about levels."""
    return [one for one in answer.questions if one.topic is Topic.TWO_LEVELS]


def as_lot(minute: int) -> dict[str, object]:
    """Return an event that tells it as a lot."""
    return seen(quantityList=[some(CODE, 5)], eventTime=clock(minute), eventID=SEEN_AS_LOT)


def as_piece(minute: int) -> dict[str, object]:
    """Return an event that tells it as a piece."""
    return seen(CODE, eventTime=clock(minute), eventID=SEEN_AS_PIECE)


def test_a_lot_that_is_told_as_a_piece(ledger: Ledger) -> None:
    """The event that differs from the first one is named; the code stays one item."""
    ledger.take(as_lot(1), made([CODE], [instance("a")], at=clock(3)))
    assert levels(ask(ledger, "a", BACK)) == []
    ledger.take(as_piece(2))
    expected = [Question(Topic.TWO_LEVELS, (CODE,), SEEN_AS_PIECE)]
    assert levels(ask(ledger, "a", BACK)) == expected


def test_a_piece_that_is_told_as_a_lot(ledger: Ledger) -> None:
    """A quantity of what is a single piece is named."""
    ledger.take(as_piece(1), made([CODE], [instance("a")], at=clock(3)), as_lot(2))
    expected = [Question(Topic.TWO_LEVELS, (CODE,), SEEN_AS_LOT)]
    assert levels(ask(ledger, "a", BACK)) == expected


def test_a_lot_without_its_quantity(sqlite_ledger: Ledger) -> None:
    """Where no quantity is stated the event is read again: a list of lots is one."""
    bare = seen(quantityList=[some(CODE)], eventTime=clock(2))
    sqlite_ledger.take(as_lot(1), bare, made([CODE], [instance("a")], at=clock(3)))
    assert levels(ask(sqlite_ledger, "a", BACK)) == []


def test_no_more_is_read_than_the_limit(
    sqlite_ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many events may tell it, an answer reads a bounded number of them."""
    sqlite_ledger.take(as_lot(1), made([CODE], [instance("a")], at=clock(3)), as_piece(2))
    monkeypatch.setattr(told_levels, "_MOST_READ", 0)
    assert levels(ask(sqlite_ledger, "a", BACK)) == []
