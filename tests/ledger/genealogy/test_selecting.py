"""Showing a part of an answer, while the walk goes all the way."""

import pytest

from ledger.epcis.cbv import VOCABULARIES
from ledger.genealogy.selecting import Selection, narrowed
from ledger.genealogy.stages import Stage, stage_of
from ledger.genealogy.trace import Trace
from tests.ledger.builders import PRODUCT, Ledger, instance, made, seen, some
from tests.ledger.genealogy.asking import ask, clock, make, name, see

PLACE = "https://id.gs1.org/414/9506000134376"
PARTY = "https://id.gs1.org/417/9506000134352"
OTHER = "https://id.gs1.org/01/09506000134369"
SENT = {
    "destinationList": [{"type": "possessing_party", "destination": PARTY}],
    "bizStep": "shipping",
}


def shown(answer: Trace) -> set[str]:
    """Return the names of the items."""
    return {name(one.code) for one in answer.items}


@pytest.fixture
def answer(ledger: Ledger) -> Trace:
    """Give an answer of several products, places, parties and stages."""
    report = ledger.take(
        make(1, "a", "b c"),
        made([instance("b")], [some(f"{OTHER}/10/L", 1, "KGM")], at=clock(2), bizStep="other"),
        see(3, "b", bizLocation={"id": f"{PLACE}/254/shelf"}, bizStep="storing"),
        see(3, "c", bizLocation={"id": PLACE}, bizStep="inspecting"),
        see(4, "c", **SENT),
        make(5, "c", "d"),
        seen(instance("d"), at=clock(6), readPoint={"id": "https://id.gs1.org/414/9506000134352"}),
    )
    assert report.committed, report
    return ask(ledger, "a")


def test_nothing_selected_is_all(answer: Trace) -> None:
    """Without a selection the answer is the same."""
    assert narrowed(answer, Selection()) is answer
    assert shown(answer) == {"b", "c", "d", "L"}


@pytest.mark.parametrize(
    ("selection", "names"),
    [
        (Selection(product=OTHER), {"L"}),
        (Selection(product=PRODUCT), {"b", "c", "d"}),
        (Selection(party=PARTY), {"c"}),
        (Selection(party="main"), {"b", "d", "L"}),
        (Selection(place=PLACE), {"b", "c"}),
        (Selection(place=f"{PLACE}/254/shelf"), {"b"}),
        (Selection(stage=Stage.WAREHOUSING), {"b"}),
        (Selection(stage=Stage.LOGISTICS), {"c"}),
        (Selection(place=PLACE, stage=Stage.LOGISTICS), {"c"}),
        (Selection(stage=Stage.PROCUREMENT), set()),
    ],
)
def test_items_that_all_of_it_holds_for(
    answer: Trace, selection: Selection, names: set[str]
) -> None:
    """Items are shown by product, holder, place and stage; the others are counted."""
    part = narrowed(answer, selection)
    assert shown(part) == names
    assert part.left_out == 4 - len(names)
    assert part.complete


def test_links_and_open_ends_of_what_is_shown(answer: Trace) -> None:
    """Links between items that are shown, or the root; open ends and questions about them."""
    part = narrowed(answer, Selection(party=PARTY))
    assert [(name(one.source), name(one.target)) for one in part.links] == [("a", "c")]
    assert {name(one.code) for one in part.open_ends} == {"a", "c"}
    assert narrowed(part, Selection(stage=Stage.PRODUCTION)).left_out == 4


def test_every_step_of_the_standard_has_its_stage() -> None:
    """All business steps but "other" belong to a stage; foreign ones and none to none."""
    words = VOCABULARIES["bizStep"].words
    assert {word for word in words if stage_of(word) is None} == {"other"}
    assert stage_of(None) is stage_of("https://example.com/polishing") is None
