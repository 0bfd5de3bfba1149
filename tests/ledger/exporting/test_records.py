"""A trace in pieces is the whole trace."""

from itertools import chain

import pytest

from ledger.exporting import columns
from ledger.exporting import records as subject
from ledger.exporting.known_names import KnownNames
from tests.ledger.exporting.answers import answer, large, small


def without_names(record: subject.Record) -> subject.Record:
    """Return the JSON form without what master data calls its codes."""
    names = {"name", "holder_name", "location_name"}
    assert all(names <= item.keys() for item in record["items"])
    items = [
        {key: value for key, value in item.items() if key not in names} for item in record["items"]
    ]
    return record | {"items": items}


def test_all_pieces_together_are_the_json_form(monkeypatch: pytest.MonkeyPatch) -> None:
    """Head and lists, in chunks of any size, hold what `as_dict` does."""
    whole = small(cut=(("depth", ("a", "b")),)).as_dict()
    for size in (1, 2, 1000):
        monkeypatch.setattr(subject, "CHUNK", size)
        monkeypatch.setattr(columns, "CHUNK", size)
        trace = small(cut=(("depth", ("a", "b")),))
        lists = {part: [*subject.records(trace, part)] for part in subject.parts(trace)}
        assert subject.head(trace) | lists == whole
        named = subject.whole(trace, KnownNames(None, "en"))
        assert without_names(named) == whole
        assert [*named] == [*whole]
        assert {"items", "links", "cut"} <= lists.keys()
    assert not whole["complete"]


def test_an_empty_answer_has_a_head() -> None:
    """Nothing reached is an answer too."""
    trace = answer([], [])
    assert subject.head(trace)["complete"]
    assert not [*chain.from_iterable(subject.records(trace, part) for part in subject.parts(trace))]


def test_pieces_are_handed_on_together() -> None:
    """Small pieces are joined to some that are worth a call, and none is lost."""
    pieces = [b"x" * 1000] * 200
    found = [*subject.gathered(pieces)]
    assert b"".join(found) == b"".join(pieces)
    assert 2 <= len(found) <= 4
    assert [*subject.gathered([])] == []


def test_records_are_made_as_they_are_asked_for() -> None:
    """The first item of a large answer needs none of the others."""
    trace = large(5_000)
    first = next(subject.members(trace, "items", KnownNames(None, "en")))
    assert first["code"] == trace.items[0].code
