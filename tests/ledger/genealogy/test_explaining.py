"""Why an item is in an answer, in both languages."""

import pytest

from ledger.errors import NotFoundError
from ledger.genealogy.explaining import chain, explain
from ledger.genealogy.trace import Direction
from tests.ledger.builders import Event, Ledger, event, instance, lot
from tests.ledger.genealogy.asking import ask, clock, fit, make, name, pack, remove, unpack

EVENTS = [f"urn:uuid:6d1f9be4-4a5e-4f0a-9d14-00000000000{n}" for n in range(6)]
GAUGE = "https://id.gs1.org/8004/9506000GAUGE1"


def links(ledger: Ledger, root: str, code: str, **options: object) -> list[tuple[str, str]]:
    """Return the ends of the links that explain an item."""
    found = ask(ledger, root, **options)  # type: ignore[arg-type]
    return [(name(one.source), name(one.target)) for one in chain(found, instance(code))]


def test_the_shortest_way(ledger: Ledger) -> None:
    """Of several ways the one with the fewest links, from the root on."""
    ledger.take(make(1, "a", "b"), make(2, "b", "c"), make(3, "c", "d"), make(3, "b", "d"))
    assert links(ledger, "a", "d") == [("a", "b"), ("b", "d")]
    assert links(ledger, "a", "a") == []


def test_backward_it_begins_at_the_root_too(ledger: Ledger) -> None:
    """What a pack came from is told from the pack on."""
    ledger.take(make(1, "a", "b"), make(2, "b", "c"))
    assert links(ledger, "c", "a", direction=Direction.BACKWARD) == [("b", "c"), ("a", "b")]
    assert links(ledger, "b", "a", direction=Direction.BOTH) == [("a", "b")]
    assert links(ledger, "b", "c", direction=Direction.BOTH) == [("b", "c")]


def test_times_follow_one_another(ledger: Ledger) -> None:
    """A shorter way whose times don't follow explains nothing."""
    ledger.take(
        fit(1, "m", "a"), remove(2, "m", "a"), make(1, "a", "b"), make(3, "b", "c"),
        fit(4, "m", "c"), fit(5, "pack", "m"),
    )  # fmt: skip
    assert links(ledger, "a", "pack") == [("a", "b"), ("b", "c"), ("c", "m"), ("m", "pack")]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            [
                "was given the new code",
                "belongs to the lot",
                "taken out on",
                "not affected",
                "measured",
            ],
        ),
        ("zh-CN", ["换码", "属于批次", "取出", "不受影响", "测量"]),
    ],
)
def test_sentences(ledger: Ledger, language: str, words: list[str]) -> None:
    """Each kind of link has its sentence, with codes, times and the event."""
    serial = f"{lot('L')}/21/S"
    sensed = {"sensorElementList": [
        {"sensorMetadata": {"deviceID": GAUGE}, "sensorReport": [{"type": "Mass", "value": 1}]}
    ]}  # fmt: skip
    ledger.take(
        make(1, "", "x", eventID=EVENTS[0], inputEPCList=[serial]),
        event("ObjectEvent", at=clock(0), action="OBSERVE", epcList=[serial], eventID=EVENTS[1]),
        fit(2, "car", "x") | {"eventID": EVENTS[2]},
        remove(3, "car", "x"),
        pack(4, "box", "x") | {"eventID": EVENTS[3]},
        event("ObjectEvent", at=clock(5), action="OBSERVE", epcList=[instance("x")], **sensed),
    )
    found = ask(ledger, lot("L"))
    said = [
        *explain(found, instance("box"), language)[::-1],  # type: ignore[arg-type]
        *explain(found, instance("car"), language)[-1:],  # type: ignore[arg-type]
        *explain(ask(ledger, GAUGE), instance("x"), language),  # type: ignore[arg-type]
    ]
    for word in words:
        assert any(word in one for one in said), (word, said)
    assert all("2026-03-01T" in one or "urn:uuid" in one for one in said)
    assert EVENTS[0] in said[1]


@pytest.mark.parametrize(
    ("event", "item", "english", "chinese"),
    [
        (make(1, "a z", "b c"), "b", "was made of", "制成"),
        (make(1, "a", "b"), "b", "was given the new code", "换码为"),
        (make(1, "a", "b c"), "b", "was split off from", "拆分而来"),
        (make(1, "a z", "b"), "b", "was merged with others into", "合并为"),
        (fit(1, "car", "a") | {"bizStep": "replacing"}, "car", "another part's place", "替换件"),
    ],
)
def test_sentences_of_manners(
    sqlite_ledger: Ledger, event: Event, item: str, english: str, chinese: str
) -> None:
    """What people call it is said, where there is a word for it."""
    sqlite_ledger.take(event)
    found = ask(sqlite_ledger, "a")
    [said] = explain(found, instance(item))
    assert (english in said, instance("a") in said, instance(item) in said) == (True, True, True)
    [said] = explain(found, instance(item), "zh-CN")
    assert (chinese in said, instance("a") in said, instance(item) in said) == (True, True, True)


def test_an_item_of_another_answer(ledger: Ledger) -> None:
    """What the answer doesn't hold can't be explained by it."""
    ledger.take(make(1, "a", "b"), make(1, "x", "y"), unpack(2, "P", "b"))
    with pytest.raises(NotFoundError, match="isn't in the answer"):
        explain(ask(ledger, "a"), instance("y"))
