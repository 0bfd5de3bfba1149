"""What a checked event tells, and what is refused or forgiven."""

import json
from pathlib import Path
from typing import Any

import pytest

from identifiers import Level
from ledger.epcis.checking import check_event, read_event
from ledger.epcis.context import parse_context
from ledger.epcis.errors import EventRejectedError
from ledger.epcis.events import CheckedEvent, ErrorDeclaration, PartyRef, Role
from ledger.log.canonical import strict_decoder

GTIN = "https://id.gs1.org/01/09506000134352"
BASE = {
    "type": "ObjectEvent",
    "eventTime": "2026-03-01T08:00:00.1234567+08:00",
    "eventTimeZoneOffset": "+08:00",
    "action": "ADD",
    "epcList": [f"{GTIN}/21/A"],
}
CHILDREN = {"type": "AggregationEvent", "parentID": "ex:p", "epcList": None, "childEPCs": ["ex:c"]}
TRANSFORMATION = {
    "type": "TransformationEvent",
    "action": None,
    "epcList": None,
    "inputEPCList": ["ex:in"],
    "outputQuantityList": [{"epcClass": f"{GTIN}/10/L", "quantity": 12.50, "uom": "KGM"}],
}


def check(context: Any = None, **fields: Any) -> CheckedEvent:
    """Check the base event with other fields; None takes a field away."""
    event = {key: value for key, value in {**BASE, **fields}.items() if value is not None}
    text = json.dumps(event)
    return check_event(strict_decoder().decode(text), text, parse_context(context), at="/0")


def refused(**fields: Any) -> list[tuple[str, str]]:
    """Check what must be refused: pointer and rule of each problem."""
    with pytest.raises(EventRejectedError) as caught:
        check(**fields)
    return [(flaw.pointer, flaw.rule) for flaw in caught.value.problems]


def warned(checked: CheckedEvent) -> list[tuple[str, str]]:
    """Give pointer and rule of each warning."""
    return [(flaw.pointer, flaw.rule) for flaw in checked.warnings]


def test_a_plain_event() -> None:
    """An object event tells its time, its words, its places and its items."""
    checked = check(
        eventID="urn:uuid:1",
        bizStep="shipping",
        disposition="in_transit",
        readPoint={"id": "https://id.gs1.org/414/9506000134352"},
        bizLocation={"id": "ex:hall"},
        quantityList=[{"epcClass": f"{GTIN}/10/L", "quantity": 3}],
        sourceList=[{"type": "owning_party", "source": "ex:seller"}],
        destinationList=[{"type": "ex:kind", "destination": "ex:buyer"}],
        ilmd={"ex:grade": "A"},
        context={"ex": "http://e/"},
    )
    assert (checked.type, checked.event_id, checked.action) == ("ObjectEvent", "urn:uuid:1", "ADD")
    assert checked.event_time_us == 1_772_323_200_123_456
    assert checked.zone_offset == "+08:00"
    assert (checked.biz_step, checked.disposition) == ("shipping", "in_transit")
    assert checked.read_point == "https://id.gs1.org/414/9506000134352"
    assert checked.biz_location == "ex:hall"
    assert [(i.role, i.code.level, i.quantity, i.unit) for i in checked.items] == [
        (Role.OBJECT, Level.INSTANCE, None, None),
        (Role.OBJECT, Level.LOT, 3, None),
    ]
    assert checked.items[0].code.product == GTIN
    assert checked.sources == (PartyRef("owning_party", "ex:seller"),)
    assert checked.destinations == (PartyRef("http://e/kind", "ex:buyer"),)
    assert checked.ilmd == {"ex:grade": "A"}
    assert (checked.error_declaration, checked.warnings) == (None, ())
    assert checked.context == ({"ex": "http://e/"},)


def test_roles_of_each_event_type() -> None:
    """Parents, children, inputs and outputs are told apart, with exact quantities."""
    checked = check(**CHILDREN, childQuantityList=[{"epcClass": "ex:lot", "quantity": 2}])
    assert [(i.text, i.role, i.quantity) for i in checked.items] == [
        ("ex:p", Role.PARENT, None),
        ("ex:c", Role.CHILD, None),
        ("ex:lot", Role.CHILD, 2),
    ]
    checked = check(**TRANSFORMATION, transformationID="ex:run")
    assert [(i.text, i.role, i.quantity, i.unit) for i in checked.items] == [
        ("ex:in", Role.INPUT, None, None),
        (f"{GTIN}/10/L", Role.OUTPUT, "12.5", "KGM"),
    ]
    assert (checked.transformation_id, checked.action) == ("ex:run", None)
    checked = check(
        type="TransactionEvent",
        parentID="ex:p",
        bizTransactionList=[{"type": "po", "bizTransaction": "ex:po"}],
    )
    assert [i.role for i in checked.items] == [Role.PARENT, Role.OBJECT]
    checked = check(**{**CHILDREN, "type": "AssociationEvent"})
    assert [i.role for i in checked.items] == [Role.PARENT, Role.CHILD]


def test_an_error_declaration() -> None:
    """A correction tells when, why and by which events."""
    checked = check(
        errorDeclaration={
            "declarationTime": "1970-01-01T00:00:01Z",
            "reason": "incorrect_data",
            "correctiveEventIDs": ["ex:e"],
            "ex:by": "x",
        }
    )
    assert checked.error_declaration == ErrorDeclaration(1_000_000, "incorrect_data", ("ex:e",))
    short = check(errorDeclaration={"declarationTime": "1970-01-01T00:00:01Z"})
    assert short.error_declaration == ErrorDeclaration(1_000_000, None, ())
    assert refused(errorDeclaration={"declarationTime": "1970-01-01T00:00:01Z", "by": "x"}) == [
        ("/0/errorDeclaration/by", "epcis.unknown-field")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "https://brand.example/01/09506000134353/21/A",
        "https://brand.example/p/01/9506000134352/21/A?x=1",
        "Https://brand.example/01/09506000134352",
        "https://user@brand.example/00/395060001343529999",
    ],
)
def test_an_address_that_looks_like_a_digital_link_is_kept_with_a_warning(text: str) -> None:
    """It would be another item than the one on its label, which nobody should find out later."""
    checked = check(epcList=[text])
    assert [(one.pointer, one.rule) for one in checked.warnings] == [
        ("/0/epcList/0", "code.kept-as-is")
    ]
    assert checked.items[0].code.uri == text
    assert check(epcList=["https://brand.example/shop/01/2026"]).warnings == ()


def test_a_wrong_check_digit_is_refused() -> None:
    """An item, class, place or party whose check digit is wrong refuses the event."""
    bad = "https://id.gs1.org/01/09506000134353"
    assert refused(epcList=["ex:1", bad]) == [("/0/epcList/1", "code.check-digit")]
    assert refused(quantityList=[{"epcClass": f"{bad}/10/L"}]) == [
        ("/0/quantityList/0/epcClass", "code.check-digit")
    ]
    place = "https://id.gs1.org/414/9506000134353"
    assert refused(readPoint={"id": place}) == [("/0/readPoint/id", "code.check-digit")]
    assert refused(sourceList=[{"type": "location", "source": place}]) == [
        ("/0/sourceList/0/source", "code.check-digit")
    ]


def test_a_wrong_code_is_explained_in_the_readers_language() -> None:
    """The English sentence has no Chinese in it, and the Chinese one no English."""
    with pytest.raises(EventRejectedError) as caught:
        check(epcList=["https://id.gs1.org/01/09506000134353", "https://id.gs1.org/01/0950600013"])
    kept = check(epcList=["https://brand.example/01/09506000134353/21/A"]).warnings
    for flaw in (*caught.value.problems, *kept):
        assert "xpected" in flaw.message("en")
        assert flaw.message("en").isascii()
        assert "应为" in flaw.message("zh-CN")
        assert "xpected" not in flaw.message("zh-CN")


def test_other_wrong_codes() -> None:
    """A wrong URN is kept as it is with a warning; a wrong Digital Link is refused."""
    urn = "urn:epc:class:lgtin:6000001.recycled-aluminum.batch-2032-03"
    checked = check(quantityList=[{"epcClass": urn, "quantity": 5}])
    assert warned(checked) == [("/0/quantityList/0/epcClass", "code.kept-as-is")]
    code = checked.items[1].code
    assert (code.uri, code.level, code.product) == (urn, Level.OTHER, None)
    assert refused(epcList=["https://id.gs1.org/01/0950600013"]) == [
        ("/0/epcList/0", "code.invalid")
    ]


def test_words_of_partners() -> None:
    """CBV words in other forms are read with a warning; other vocabularies' words are full URIs."""
    checked = check(
        bizStep="urn:epcglobal:cbv:bizstep:shipping", disposition="urn:epcglobal:cbv:disp:sold"
    )
    assert (checked.biz_step, checked.disposition) == ("shipping", "sold")
    assert warned(checked) == [("/0/bizStep", "cbv.urn"), ("/0/disposition", "cbv.unknown-urn")]
    checked = check(
        bizStep="cbv:BizStep-shipping", disposition="my:own", context={"my": "http://m/"}
    )
    assert (checked.biz_step, checked.disposition) == ("shipping", "http://m/own")
    assert not checked.warnings
    assert refused(bizStep="shiping") == [("/0/bizStep", "cbv.unknown-word")]


def test_a_misspelt_word_gets_the_right_one() -> None:
    """The message for an unknown word suggests the nearest CBV word."""
    for word, suggestion in (("shiping", "shipping"), ("zzz", "accepting")):
        with pytest.raises(EventRejectedError) as caught:
            check(bizStep=word)
        assert f"write {suggestion} or" in str(caught.value)


def test_habits_of_partners() -> None:
    """Comments, an action in a transformation, numbers as text and forgotten words are forgiven."""
    report = {"type": "EffectiveDoseRate", "value": "1.5", "_comment": "x"}
    checked = check(
        **{**TRANSFORMATION, "action": "ADD"},
        _comment_layout="x",
        sensorElementList=[{"sensorReport": [report]}],
    )
    assert checked.action is None
    assert sorted(warned(checked)) == [
        ("/0/_comment_layout", "epcis.comment"),
        ("/0/action", "epcis.action-in-transformation"),
        ("/0/sensorElementList/0/sensorReport/0/_comment", "epcis.comment"),
        ("/0/sensorElementList/0/sensorReport/0/type", "cbv.outside-schema"),
        ("/0/sensorElementList/0/sensorReport/0/value", "epcis.number-as-text"),
    ]
    assert warned(check(**{**TRANSFORMATION, "action": "ADD"})) == [
        ("/0/action", "epcis.action-in-transformation")
    ]
    assert warned(check(**{**CHILDREN, "parentID": None})) == [("/0", "epcis.parent-missing")]


def test_numbers_are_numbers_elsewhere() -> None:
    """A quantity as text is refused, and so is a sensor value that is no number at all."""
    assert refused(quantityList=[{"epcClass": "ex:lot", "quantity": "5"}]) == [
        ("/0/quantityList/0/quantity", "epcis.wrong-type")
    ]
    sensors = [{"sensorReport": [{"type": "Temperature", "value": "warm", "booleanValue": 1}]}]
    assert [rule for _, rule in refused(sensorElementList=sensors)] == ["epcis.wrong-type"] * 2


def test_persistent_disposition() -> None:
    """It is taken in object and transformation events only, and says something."""
    fine = {"set": ["active"], "unset": ["damaged"]}
    assert not check(persistentDisposition=fine).warnings
    assert not check(**TRANSFORMATION, persistentDisposition=fine).warnings
    assert refused(**CHILDREN, persistentDisposition=fine) == [
        ("/0/persistentDisposition", "epcis.unknown-field")
    ]
    wrongs: list[Any] = [{}, {"set": []}, {"set": ["active", "active"]}, {"set": ["x"]}, []]
    for wrong in wrongs:
        assert refused(persistentDisposition=wrong)


def test_an_event_of_another_vocabulary() -> None:
    """An event type of another vocabulary is kept with a warning and without items."""
    checked = check(type="ex:Cleaning", bizStep=5, context={"ex": "http://e/"})
    assert (checked.type, checked.items, checked.biz_step) == ("http://e/Cleaning", (), None)
    assert warned(checked) == [("/0/type", "epcis.extended-type")]
    assert refused(type="ex:Cleaning", eventTime="x")[0] == ("/0/eventTime", "epcis.time")


def test_an_event_with_its_own_context() -> None:
    """An event's context is kept beside it, added to that of its document."""
    checked = check(**{"@context": [{"b": "http://b/"}]}, bizStep="b:x", context={"a": "http://a/"})
    assert "@context" not in checked.event
    assert checked.context == ({"a": "http://a/"}, {"b": "http://b/"})
    assert checked.biz_step == "http://b/x"
    assert refused(**{"@context": ["no address"]}) == [("/0/@context/0", "epcis.uri")]


def test_a_stored_event_is_read_again() -> None:
    """An event that was checked once is read off the log without being judged again."""
    checked = check(bizStep="b:x", context={"b": "http://b/"})
    assert read_event(checked.event, parse_context(list(checked.context))) == checked


def test_all_problems_are_named_at_once() -> None:
    """One look at an event names every problem, errors before warnings."""
    assert refused(_comment="x", eventTime="x", epcList=["a b"], certificationInfo=["x"]) == [
        ("/0/eventTime", "epcis.time"),
        ("/0/epcList/0", "epcis.uri"),
        ("/0/certificationInfo/0", "epcis.uri"),
        ("/0/_comment", "epcis.comment"),
    ]


@pytest.mark.parametrize(
    "fields",
    [
        {"certificationInfo": ["ex:a", "ex:b"]},
        {"certificationInfo": "ex:a"},
        {"epcList": None, "sensorElementList": [{"sensorReport": [{"type": "gs1:Temperature"}],
         "sensorMetadata": {"ex:a": 1}, "ex:b": 2}], "readPoint": {"id": "ex:a", "more": 1}},
        {"epcList": [], "action": "OBSERVE"},
        {"type": "TransactionEvent", "epcList": None, "action": "DELETE",
         "bizTransactionList": [{"bizTransaction": "ex:a"}]},
        {**CHILDREN, "childEPCs": None, "action": "DELETE"},
        {**TRANSFORMATION, "inputEPCList": None, "transformationID": "ex:t"},
    ],
)  # fmt: skip
def test_rare_but_right(fields: dict[str, Any]) -> None:
    """Rare forms that the standard allows draw no warning."""
    assert not check(**fields).warnings


@pytest.mark.parametrize(
    "fields",
    [
        {"epcList": None},
        {"epcList": None, "quantityList": []},
        {"epcList": None, "sensorElementList": [{"sensorReport": [{"type": "Mass"}]}]},
        {**CHILDREN, "childEPCs": []},
        {**TRANSFORMATION, "inputEPCList": []},
        {**TRANSFORMATION, "outputQuantityList": None},
        {"type": "TransactionEvent", "epcList": None,
         "bizTransactionList": [{"bizTransaction": "ex:a"}]},
        {**TRANSFORMATION, "outputEPCList": ["ex:a", "ex:a"]},
        {**TRANSFORMATION, "inputEPCList": ["ex:a", "ex:a"]},
        {"action": "OBSERVE", "ilmd": {}},
        {"ilmd": {"colour": "red"}},
        {"certificationInfo": ["ex:a", 5]},
        {"sensorElementList": [{"sensorReport": [{"type": "Mass"}], "x": 1}]},
        {"sensorElementList": [{"sensorReport": [{"type": 5}]}]},
        {"@context": {"ex": "http://e/"}, "sensorElementList": [[]]},
    ],
)  # fmt: skip
def test_rare_and_wrong(fields: dict[str, Any]) -> None:
    """Events that name no item, repeat one or carry strange fields are refused."""
    assert refused(**fields)


def test_genealogy_of_the_samples(vectors: Path) -> None:
    """Every item of the published passports has a role and a code."""
    count = 0
    for path in sorted((vectors / "epcis/dpp-ready").rglob("*.jsonld")):
        document = strict_decoder().decode(path.read_text("utf-8"))
        for event in document["epcisBody"]["eventList"]:
            checked = check_event(event, json.dumps(event), parse_context(document["@context"]))
            count += len(checked.items)
            assert all(item.code.uri for item in checked.items)
    assert count
