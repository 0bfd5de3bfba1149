"""Names in the reader's language."""

from typing import Any

import pytest

from ledger.names import name_for, names_in, names_of
from ledger.personal import commitment_text
from ledger.store.engine import reading
from tests.ledger.builders import Ledger, document, element, instance, ledger_in, seen

PRODUCT = "https://id.gs1.org/01/09506000134352"


@pytest.mark.parametrize(
    ("attributes", "names"),
    [
        ({}, {}),
        ({"urn:example:mda:colour": "red"}, {}),
        ({"urn:example:mda:productName": "Pack"}, {"": "Pack"}),
        ({"https://gs1.org/voc/productName": "Pack"}, {"": "Pack"}),
        ({"https://x.example/voc#organizationName": "Acme"}, {"": "Acme"}),
        ({"name": 5}, {}),
        ({"gs1:physicalLocationName": {"@value": "Dock"}}, {"": "Dock"}),
        (
            {
                "name": [
                    {"@language": "zh-Hans-CN", "@value": "电池包"},
                    {"@language": "en", "@value": "Pack"},
                    "P",
                ]
            },
            {"zh": "电池包", "en": "Pack", "": "P"},
        ),
        ({"name": {}}, {}),
        ({"name": []}, {}),
        ({"colour": "red", "name": "Pack"}, {"": "Pack"}),
        ({"name": commitment_text(bytes(32))}, {}),
    ],
)
def test_names_in_attributes(attributes: dict[str, Any], names: dict[str, str]) -> None:
    """A name is found under the words of the vocabularies, in each language it is stated in."""
    assert names_in(attributes) == names


@pytest.fixture
def named(sqlite_engine: Any, tmp_path: Any) -> Ledger:
    """Give a ledger with the master data of one product that has a name, and one that hasn't."""
    ledger = ledger_in(sqlite_engine, tmp_path)
    ledger.send(
        document(
            seen(instance("A")),
            vocabularies={
                "EPCClass": [
                    element(PRODUCT, productName="Pack"),
                    element("https://id.gs1.org/01/09506000134369", colour="red"),
                ]
            },
        )
    )
    return ledger


def test_names_from_the_ledger(named: Ledger) -> None:
    """Codes without a name, known or not, are left out."""
    asked = [
        PRODUCT,
        "https://id.gs1.org/01/09506000134369",
        "https://id.gs1.org/01/00000000000000",
    ]
    with reading(named.engine) as connection:
        assert names_of(connection, asked) == {PRODUCT: {"": "Pack"}}
        assert names_of(connection, []) == {}


def test_one_of_several_names() -> None:
    """In the wanted language, else in English, else in any."""
    assert name_for({"zh": "电池包", "en": "Pack"}, "zh-CN") == "电池包"
    assert name_for({"de": "Akku", "en": "Pack"}, "zh-CN") == "Pack"
    assert name_for({"": "Akku"}, "en") == "Akku"
    assert name_for({}, "en") is None
