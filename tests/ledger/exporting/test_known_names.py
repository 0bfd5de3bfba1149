"""Names from master data beside the codes of an answer."""

from typing import Any

import pytest

from ledger.exporting import known_names
from ledger.exporting.known_names import KnownNames
from ledger.exporting.options import TableName
from ledger.exporting.records import whole
from ledger.names import Names
from ledger.store.engine import reading
from tests.ledger.builders import Ledger, document, element, instance, ledger_in, lot, seen
from tests.ledger.exporting.answers import MAKER, PLANT, answer, item, written
from tests.ledger.exporting.dot_reading import label_lines, read_dot

PRODUCT = "https://id.gs1.org/01/09506000134352"
IN_TWO_LANGUAGES = {
    "id": PLANT,
    "attributes": [
        {"id": "urn:x:name", "attribute": {"@language": language, "@value": text}}
        for language, text in (("zh", "工厂"), ("en", "Plant"))
    ],
}


@pytest.fixture
def named(engine: Any, tmp_path: Any) -> Ledger:
    """Give a ledger with names of a product, a lot of it, a place and a party."""
    ledger = ledger_in(engine, tmp_path)
    ledger.send(
        document(
            seen(instance("A")),
            vocabularies={
                "EPCClass": [
                    element(PRODUCT, productName="Pack"),
                    element(lot("L1"), productName="First pack"),
                ],
                "Location": [IN_TWO_LANGUAGES],
                "Party": [element(MAKER, organizationName="Acme")],
            },
        )
    )
    return ledger


def test_codes_and_items(named: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces bear the name of their product, lots their own if they have one; nobody is asked twice."""
    with reading(named.engine) as connection:
        names = KnownNames(connection, "en")
        assert names.of([PLANT, None, "urn:x", PLANT, ""]) == ["Plant", None, None, "Plant", None]
        codes = [instance("A"), lot("L1"), lot("L2"), "urn:x:1"]
        found = names.of_items(codes, ["instance", "lot", "lot", "other"])
        assert found == ["Pack", "First pack", "Pack", None]
        asked = list[set[str]]()

        def ask(_connection: object, codes: set[str]) -> dict[str, Names]:
            asked.append(codes)
            return {}

        monkeypatch.setattr(known_names, "names_of", ask)
        assert names.of([PLANT, MAKER]) == ["Plant", None]
        assert asked == [{MAKER}]
        assert names.of([]) == []
        assert KnownNames(connection, "zh-CN").of(["main", "other"]) == ["Main", None]


def test_what_is_kept_is_bounded(named: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond it all are asked for anew."""
    monkeypatch.setattr(known_names, "_KEPT", 1)
    with reading(named.engine) as connection:
        names = KnownNames(connection, "zh-CN")
        for _ in range(2):
            assert names.of([PLANT, MAKER, "urn:x"]) == ["工厂", "Acme", None]


def test_names_in_files(named: Ledger) -> None:
    """Items and holders have them in columns at the end, in the language of the file."""
    trace = answer([item(instance("A"), holder=MAKER, location=PLANT), item("urn:x:1")], [])
    with reading(named.engine) as connection:
        first, second = whole(trace, KnownNames(connection, "en"))["items"]
        assert [*first][-3:] == ["name", "holder_name", "location_name"]
        assert [*first.values()][-3:] == ["Pack", "Acme", "Plant"]
        assert [*second.values()][-3:] == [None, None, None]
        csv = written("csv", trace, connection=connection, language="zh-CN").decode()
        assert csv.splitlines()[1].endswith(",Pack,Acme,工厂")
        holders = written("csv", trace, connection=connection, table=TableName.HOLDERS).decode()
        assert holders.splitlines()[2].endswith(",1,0,Acme,Plant")
        assert b'"holder_name":"Acme"' in written("ndjson", trace, connection=connection)


def test_names_in_drawings(named: Ledger) -> None:
    """A name stands first and the code below; place and holder are told with theirs."""
    trace = answer([item(instance("A"), holder=MAKER, location=PLANT), item("urn:x:1")], [])
    with reading(named.engine) as connection:
        dot = read_dot(written("dot", trace, connection=connection).decode())
        svg = written("svg", trace, connection=connection, language="zh-CN").decode()
        shared = answer([item(instance(number)) for number in range(600)], [])
        many = written("svg", shared, connection=connection).decode()
    node = dot.nodes[instance("A")]
    assert label_lines(node["label"])[:2] == ["Pack", instance("A")]
    assert node["tooltip"] == f"Location: Plant ({PLANT}); Holder: Acme ({MAKER})"
    assert label_lines(dot.nodes["urn:x:1"]["label"])[0] == "urn:x:1"
    assert svg.index(">Pack<") < svg.index(">(21) A (01) 09506000134352<")
    assert f"所在地: 工厂 ({PLANT})" in svg
    assert ">600 ×<" in many
    assert many.count(">Pack<") == 2  # of the root's product, and of the box that all share


def test_without_a_ledger_nothing_has_a_name() -> None:
    """As where an answer is written that came from elsewhere."""
    names = KnownNames(None, "en")
    assert names.of([PLANT, None]) == [None, None]
    assert names.of_items([instance("A")], ["instance"]) == [None]
