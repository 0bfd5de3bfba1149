"""CBV words in all their forms."""

import json
import re
from pathlib import Path

import pytest

from ledger.epcis.cbv import VOCABULARIES, plain_word, word_pattern

DEFINITIONS = {
    "bizStep": "bizStep",
    "disposition": "disposition",
    "bizTransaction": "bizTransaction-type",
    "source-destination": "source-dest-type",
    "reason": "error-reason",
    "component": "component",
    "measurement": "measurementType",
    "alert": "sensorAlertType",
}


def test_the_words_are_those_of_the_schema(vectors: Path) -> None:
    """Each vocabulary has exactly the words that the official schema lists."""
    text = (vectors / "epcis/spec/EPCIS-JSON-Schema.json").read_text("utf-8")
    definitions = json.loads(text)["definitions"]
    assert VOCABULARIES.keys() == DEFINITIONS.keys()
    for name, definition in DEFINITIONS.items():
        listed = next(each["enum"] for each in definitions[definition]["anyOf"] if "enum" in each)
        assert VOCABULARIES[name].words == set(listed)
        assert not VOCABULARIES[name].beyond & VOCABULARIES[name].words


@pytest.mark.parametrize(
    ("name", "text", "word"),
    [
        ("bizStep", "urn:epcglobal:cbv:bizstep:shipping", "shipping"),
        ("bizStep", "https://ref.gs1.org/cbv/BizStep-shipping", "shipping"),
        ("bizStep", "http://ns.gs1.org/cbv/BizStep-shipping", "shipping"),
        ("bizStep", "cbv:BizStep-shipping", "shipping"),
        ("bizStep", "urn:epcglobal:cbv:disp:active", None),
        ("bizStep", "https://example.com/BizStep-shipping", None),
        ("disposition", "urn:epcglobal:cbv:disp:sold", "sold"),
        ("source-destination", "urn:epcglobal:cbv:sdt:owning_party", "owning_party"),
        ("bizTransaction", "urn:epcglobal:cbv:btt:po", "po"),
        ("measurement", "gs1:Temperature", "Temperature"),
        ("measurement", "https://www.gs1.org/voc/Temperature", "Temperature"),
        ("measurement", "ex:Temperature", None),
        ("alert", "https://gs1.org/voc/ALARM_CONDITION", "ALARM_CONDITION"),
    ],
)
def test_forms_of_a_word(name: str, text: str, word: str | None) -> None:
    """URNs, web addresses and prefixed names are read as the bare word of their own vocabulary."""
    assert plain_word(name, text) == word


def test_a_field_takes_its_words_and_others_uris() -> None:
    """The pattern of a field takes a bare word or a foreign URI, and no other form."""
    takes = re.compile(word_pattern("bizStep")).match
    assert takes("shipping")
    assert takes("https://example.com/steps/polishing")
    assert takes("cbv:BizStep-shipping")
    for text in ("ship", "shippings", "urn:epcglobal:cbv:bizstep:shipping", "shipping\n"):
        assert not takes(text)
