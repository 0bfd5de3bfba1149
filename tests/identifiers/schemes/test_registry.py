"""Which schemes there are, and who reads them."""

import pkgutil

import pytest

import identifiers.schemes
from identifiers.confidence import Confidence
from identifiers.errors import IdentifierError, UnknownSchemeError
from identifiers.schemes.registry import MARKED, READERS, readers_for
from tests.identifiers.any_input import SEEDS

GTIN = "09506000134352"


def steps(text: str) -> dict[str, Confidence | None]:
    """Read a text by every scheme that it looks like, and tell how sure each reading is."""
    found: dict[str, Confidence | None] = {}
    for reader in readers_for(text):
        try:
            for reading in reader.read(text):
                found[reading.scheme] = reader.confidence(reading, text)
        except IdentifierError:
            continue
    return found


@pytest.mark.parametrize(
    ("text", "scheme", "step"),
    [
        (f"(01){GTIN}", "gs1-element-string", Confidence.CERTAIN),
        (f"]C101{GTIN}", "gs1-element-string", Confidence.CERTAIN),
        (f"01{GTIN}", "gs1-element-string", Confidence.STRONG),
        ("8004950600013435", "gs1-element-string", Confidence.WEAK),
        (f"https://id.gs1.org/01/{GTIN}", "gs1-digital-link", Confidence.CERTAIN),
        (f"https://a.example/01/{GTIN}", "gs1-digital-link", Confidence.STRONG),
        ("https://a.example/ARFKk4XBoA", "gs1-digital-link", Confidence.STRONG),
        ("https://a.example/gARKlQYACrw", "gs1-digital-link", Confidence.LIKELY),
        ("urn:epc:id:sgtin:9506000.013435.A", "epc-urn", Confidence.CERTAIN),
        ("303645190C3480C000000001", "epc-binary", Confidence.STRONG),
        ("303645190034800000000001", "epc-binary", Confidence.LIKELY),
        ("[)>\x1e06\x1d1TA\x1e\x04", "iso15434-06", Confidence.CERTAIN),
        ("9506000134352", "gs1-gtin", Confidence.STRONG),
        ("00000017", "gs1-gtin", Confidence.LIKELY),
        ("9506000134352", "gln", Confidence.POSSIBLE),
        ("MA.156.M0.100761.21234561", "ma-udi", Confidence.STRONG),
        ("http://s.idcode.org.cn/?code=MA.156.1003.1629/73.10000000.6/", "ma", Confidence.STRONG),
        ("https://2dcode.org/00000wXY", "gbt33993-unified-url", Confidence.STRONG),
        ("E=10064123456789", "ecode", Confidence.STRONG),
        ("+A99912345/$$52001510X33", "udi-hibcc", Confidence.STRONG),
        ("=/A9999XYZ100T0944=,000025=A99971312345600=>014032", "udi-iccbba", Confidence.STRONG),
        ("91110000600037341L", "cn-uscc", Confidence.STRONG),
        ("529900T8BM49AURSDO55", "lei", Confidence.STRONG),
        ("1.2.156.10197", "oid", Confidence.LIKELY),
        ("88.608.5288/a", "cn-industrial-handle", Confidence.LIKELY),
        ("10.1000/182", "handle", Confidence.LIKELY),
        ("20.500/182", "handle", Confidence.POSSIBLE),
        ("hdl:20.500/182", "handle", Confidence.CERTAIN),
        ("202402290001099999999999", "cn-vet-drug-24", Confidence.LIKELY),
        ("12001231001123456789012345678901", "cn-pesticide-32", Confidence.LIKELY),
        ("81234567890123456789", "cn-drug-trace-20", Confidence.LIKELY),
        ("01234567890123456789", "cn-drug-trace-20", Confidence.POSSIBLE),
        ("25SUN043325711ABC123", "iso15418-di", Confidence.POSSIBLE),
        ("P123", "iso15418-di", Confidence.WEAK),
        ("HELLO", "iso15418-di", None),
        ("did:web:example.com", "product-identifier", Confidence.STRONG),
        ("https://www.example.com/machine/1", "id-link", Confidence.LIKELY),
        ("urn:uuid:00000000-0000-0000-0000-000000000000", "uri", Confidence.POSSIBLE),
        ("urn:suyuan:cn-uscc:91110000600037341L", "cn-uscc", Confidence.CERTAIN),
    ],
)
def test_schemes(text: str, scheme: str, step: Confidence | None) -> None:
    """A code of each scheme is read by it, as sure as its text allows."""
    assert steps(text)[scheme] is step


@pytest.mark.parametrize(
    "text",
    [
        "urn:suyuan:cn-uscc:91110000600037342L",
        "urn:suyuan:nothing:x",
        "urn:suyuan:cn-uscc:P123",
        "urn:suyuan:",
        "urn:suyuan:x:" * 5000,
    ],
)
def test_own_names_that_lead_nowhere(text: str) -> None:
    """A name of ours that no code leads to is refused, however deep it is."""
    reader = next(reader for reader in readers_for(text) if reader.scheme == "own-urn")
    with pytest.raises(UnknownSchemeError):
        reader.read(text)


def test_gs1_host_is_no_id_link() -> None:
    """A link on the host of GS1 is a Digital Link or nothing."""
    found = {reader.scheme for reader in readers_for("https://id.gs1.org/x")}
    assert found == {"gs1-digital-link"}
    assert "id-link" in [reader.scheme for reader in readers_for("https://id.gs1.org.example/x")]


def test_marked() -> None:
    """Behind FNC1 anything may be an element string, also without a key."""
    (reading,) = MARKED.read("99A")
    assert reading.code == "(99)A"


def test_every_scheme_is_registered() -> None:
    """Each module that parses a scheme's codes is asked for some text, or read through another."""
    inner = {
        "reading",
        "registry",
        "settling",
        "steps",
        "date_patterns",
        "issuing_agencies",
        "text_elements",
        "udi",
    }
    modules = {found.name for found in pkgutil.iter_modules(identifiers.schemes.__path__)} - inner
    asked = set()
    for reader in READERS:
        cells = reader.read.__closure__ or ()
        values = [cell.cell_contents for cell in cells]
        asked |= {value for value in values if isinstance(value, str)}
    assert modules - asked == {"gs1"}


def test_shapes_see_the_whole_text() -> None:
    """A shape that has an end does not take a line ending for it."""
    for reader in READERS:
        assert "$" not in reader.shape.pattern


@pytest.mark.parametrize("text", SEEDS)
def test_any_seed(text: str) -> None:
    """Whatever looks like a scheme's code gives readings or one of our errors."""
    steps(text)
