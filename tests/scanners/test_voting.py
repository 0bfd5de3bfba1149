"""Agreement over steps."""

from __future__ import annotations

import pytest

from scanners.engines import Reading
from scanners.scan import Confidence, Symbology
from scanners.voting import Ballot, ballots_of, cast, same_place

CODE, OTHER = "9506000134352", "9506000134369"


def reading(
    text: str = CODE,
    symbology: Symbology = Symbology.EAN_13,
    *,
    left: int = 0,
    top: int = 0,
    height: int = 60,
) -> Reading:
    """Make a reading of a symbol 100 pixels wide."""
    right, bottom = left + 100, top + height
    corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    return Reading(text.encode(), text, symbology, "]E0", "zxing-cpp", corners)


def outcome(votes: list[tuple[str, str, int]]) -> tuple[str, Confidence]:
    """Count votes (text, voter, weight), and tell the text and its confidence."""
    ballot = Ballot(reading().quad)
    for text, voter, weight in votes:
        ballot.add(reading(text), voter, weight)
    result = ballot.result()
    assert ballot.decided == (result.confidence is Confidence.AGREED)
    return result.text, result.confidence


@pytest.mark.parametrize(
    ("votes", "text", "confidence"),
    [
        ([(CODE, "first", 1)], CODE, Confidence.SINGLE),
        ([(CODE, "first", 1), (CODE, "wide", 1)], CODE, Confidence.AGREED),
        ([(CODE, "likelihood", 2)], CODE, Confidence.AGREED),
        ([(CODE, "zbar", 1), (CODE, "zbar", 1)], CODE, Confidence.SINGLE),
        ([(CODE, "first", 1), (OTHER, "wide", 1)], CODE, Confidence.CONTRADICTED),
        (
            [(CODE, "first", 1), (OTHER, "wide", 1), (OTHER, "double", 1)],
            OTHER,
            Confidence.CONTRADICTED,
        ),
        (
            [(CODE, "first", 1), *((OTHER, name, 1) for name in ("wide", "double", "zbar"))],
            OTHER,
            Confidence.AGREED,
        ),
    ],
)
def test_votes(votes: list[tuple[str, str, int]], text: str, confidence: Confidence) -> None:
    """Two votes decide, if no other value comes nearer than two votes less."""
    assert outcome(votes) == (text, confidence)


def test_a_leading_zero_is_no_other_value() -> None:
    """A UPC-A that one engine tells as GTIN-13 and another as GTIN-12 is one value."""
    votes = [("0036000291452", "first", 1), ("036000291452", "zbar", 1)]
    assert outcome(votes) == ("0036000291452", Confidence.AGREED)


def test_each_place_has_its_own_ballot() -> None:
    """The same code on two cartons is two symbols, of which each needs its votes."""
    ballots = ballots_of([reading(), reading(left=300), reading(left=310)], "first")
    assert len(ballots) == 2
    cast(ballots, reading(left=290), "wide")
    cast(ballots, reading(top=300), "wide")
    assert [ballot.decided for ballot in ballots] == [False, True, False]


def test_other_symbologies_are_no_votes() -> None:
    """What is read as another kind of symbol in the same place doesn't speak against a value."""
    ballots = ballots_of([reading()], "first")
    cast(ballots, reading("95", Symbology.ITF), "wide")
    assert [ballot.result().confidence for ballot in ballots] == [Confidence.SINGLE] * 2
    assert ballots[0].family > {Symbology.EAN_13, Symbology.UPC_E}
    assert ballots[1].family == {Symbology.ITF}


def test_upc_e_counts_only_unopposed() -> None:
    """UPC-E inside another retail symbol is dropped, and alone it needs a second vote."""
    short = reading("0012345000065", Symbology.UPC_E, top=10)
    [ballot] = ballots_of([short, reading()], "first")
    assert ballot.result().text == CODE
    [alone] = ballots_of([short], "first")
    assert not alone.counts
    alone.add(short, "wide")
    assert alone.counts
    contested = ballots_of([short, reading("0012300000451", Symbology.UPC_E)], "first")
    assert [one.counts for one in contested] == [True]
    assert contested[0].result().confidence is Confidence.CONTRADICTED


def test_places() -> None:
    """A bar code may be told by a few of its lines; a symbol above it is another one."""
    line = reading(top=20, height=1).quad
    assert same_place(line, reading().quad)
    assert same_place(reading(top=30, height=2).quad, line)
    assert not same_place(line, reading(top=61).quad)
    assert not same_place(line, reading(left=101).quad)
