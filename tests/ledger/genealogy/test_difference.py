"""How an answer differs from an earlier one."""

import json
from dataclasses import replace

import pytest

from ledger.errors import UsageError
from ledger.genealogy.difference import TraceDifference, difference
from ledger.genealogy.trace import Direction
from tests.ledger.builders import Ledger, instance
from tests.ledger.genealogy.asking import ask, declare, fit, make, name, pack, remove, see

WRONG = "urn:uuid:6d1f9be4-4a5e-4f0a-9d14-000000000009"


def since(ledger: Ledger, moment: int) -> TraceDifference:
    """Compare what was known at a moment of the ledger's clock with what is known now."""
    return difference(ask(ledger, "a", known_at=moment), ask(ledger, "a"))


def names(items: tuple[object, ...]) -> list[str]:
    """Return the names of items."""
    return [name(one.code) for one in items]  # type: ignore[attr-defined]


def test_what_a_recall_has_to_add(ledger: Ledger) -> None:
    """Later events add items and links, take some back, and change what is known of others."""
    wrong = make(2, "b", "mistake", eventID=WRONG)
    ledger.take(make(1, "a", "b"), wrong, fit(2, "car", "b"))
    moment = ledger.ticks()
    ledger.take(declare(wrong), make(3, "b", "c"), remove(4, "car", "b"))
    ledger.take(see(5, "b", disposition="recalled"))
    found = since(ledger, moment)
    assert names(found.added) == ["c"]
    assert names(found.removed) == ["mistake"]
    assert {name(one.after.code): one.changed for one in found.changed} == {
        "b": ("status", "inside", "last_time"),
        # What befell the part while it was in there befell the car; it was seen at its removal.
        "car": ("status", "exposed_until", "last_time"),
    }
    assert [(name(one.source), name(one.target)) for one in found.added_links] == [
        ("b", "car"),
        ("b", "c"),
    ]
    assert {name(one.target) for one in found.removed_links} == {"mistake", "car"}
    assert not found.is_empty


def test_a_box_is_added_and_what_is_in_it_changed(ledger: Ledger) -> None:
    """Each changed item names the fields that differ; picture of docs/tracing.md."""
    ledger.take(make(1, "a", "b"))
    moment = ledger.ticks()
    ledger.take(pack(2, "box", "b"))
    found = since(ledger, moment)
    assert names(found.added) == ["box"]
    [change] = found.changed
    assert (name(change.after.code), change.changed) == ("b", ("inside", "last_time"))


def test_it_is_reached_another_way(ledger: Ledger) -> None:
    """An item that is nearer than it was, and affected since another time, is changed."""
    ledger.take(make(1, "a", "b"), make(2, "b", "c"))
    moment = ledger.ticks()
    ledger.take(make(1, "a", "c"))
    [change] = since(ledger, moment).changed
    assert change.changed == ("depth", "exposed_from")


def test_nothing_new_is_empty(ledger: Ledger) -> None:
    """What happens to others changes nothing here."""
    ledger.take(make(1, "a", "b"))
    moment = ledger.ticks()
    ledger.take(make(1, "x", "y"))
    assert since(ledger, moment).is_empty
    kept = since(ledger, moment)
    assert (kept.added, kept.removed, kept.changed) == ((), (), ())


def test_a_link_alone_is_a_difference(ledger: Ledger) -> None:
    """A second way to the same item is told."""
    ledger.take(make(1, "a", "b"), make(2, "b", "c"))
    moment = ledger.ticks()
    ledger.take(make(2, "b", "c", eventID=WRONG))
    found = since(ledger, moment)
    assert (found.is_empty, len(found.added_links)) == (False, 1)


def test_the_json_form(ledger: Ledger) -> None:
    """Items and links in the form of a trace, changes as pairs of before and after."""
    ledger.take(make(1, "a", "b"))
    moment = ledger.ticks()
    ledger.take(pack(2, "P", "b"))
    found = since(ledger, moment).as_dict()
    assert json.loads(json.dumps(found)) == found
    assert (found["root"], found["direction"], found["complete"]) == (
        instance("a"),
        "forward",
        True,
    )
    assert [one["code"] for one in found["added"]] == [instance("P")]
    assert found["removed"] == []
    [change] = found["changed"]
    assert change["code"] == instance("b")
    assert change["changed"]["inside"] == [None, instance("P")]
    assert [one["to"] for one in found["added_links"]] == [instance("P")]
    assert found["before"]["known_at"] is not None
    assert found["after"]["known_at"] is None


def test_two_questions_are_not_compared(ledger: Ledger) -> None:
    """Answers about other items, or other ways, have no difference."""
    ledger.take(make(1, "a", "b"))
    one = ask(ledger, "a")
    for other in (ask(ledger, "b"), ask(ledger, "a", Direction.BACKWARD)):
        with pytest.raises(UsageError, match="one question"):
            difference(one, other)
    assert difference(one, replace(one)).is_empty
