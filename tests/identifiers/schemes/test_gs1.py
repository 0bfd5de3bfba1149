"""Codes of GS1 in each of their forms, as readings."""

from collections.abc import Callable

import pytest

from identifiers.errors import IdentifierError, RequisiteError, SyntaxError_
from identifiers.item_code import Level
from identifiers.schemes.gs1 import (
    GS1_SCHEMES,
    read_bracketed,
    read_elements,
    read_epc_binary,
    read_epc_urn,
    read_gtin,
    read_link,
    read_marked_elements,
    read_scan,
    read_upc_e,
)
from identifiers.schemes.reading import Reading

GTIN = "09506000134352"
URI = f"https://id.gs1.org/01/{GTIN}"


@pytest.mark.parametrize(
    ("read", "text", "scheme", "code", "uri"),
    [
        (read_bracketed, f"(01){GTIN}", "gs1-element-string", f"(01){GTIN}", URI),
        (read_scan, f"]C101{GTIN}", "gs1-element-string", f"(01){GTIN}", URI),
        (read_scan, f"]Q1http://a.b/01/{GTIN}", "gs1-digital-link", URI, URI),
        (read_elements, f"01{GTIN}", "gs1-element-string", f"(01){GTIN}", URI),
        (read_marked_elements, "99A", "gs1-element-string", "(99)A", ""),
        (read_link, f"https://a.b/01/{GTIN}", "gs1-digital-link", URI, URI),
        (read_gtin, GTIN[1:], "gs1-gtin", GTIN, URI),
        (
            read_epc_urn,
            "urn:epc:id:sgtin:9506000.013435.A",
            "epc-urn",
            "urn:epc:id:sgtin:9506000.013435.A",
            f"{URI}/21/A",
        ),
        (
            read_epc_urn,
            "urn:epc:id:gid:1.2.3",
            "epc-urn",
            "urn:epc:id:gid:1.2.3",
            "urn:epc:id:gid:1.2.3",
        ),
    ],
)
def test_forms(read: Callable[[str], Reading], text: str, scheme: str, code: str, uri: str) -> None:
    """A form has its scheme, its canonical code and the URI of the item."""
    reading = read(text)
    assert (reading.scheme, reading.code, reading.uri) == (scheme, code, uri)
    assert scheme in GS1_SCHEMES


def test_forms_of_a_retail_code() -> None:
    """The part form tells which of the retail symbols the digits fit."""
    assert read_gtin("96385074").parts["form"] == "gtin-8"
    reading = read_upc_e("04252614")
    assert reading.parts == {"ais": (("01", "00042100005264"),), "form": "upc-e"}
    assert reading.level is Level.PRODUCT


@pytest.mark.parametrize("tail", ["\x1d93abcd", "\x1d91ABCD\x1d92abcd", "\x1d8005123456\x1d93abcd"])
def test_chestny_znak(tail: str) -> None:
    """A serial with a crypto tail belongs to Russia's marking system."""
    assert read_elements(f"01{GTIN}21A{tail}").parts["profile"] == "chestny-znak"


@pytest.mark.parametrize("tail", ["", "\x1d91ABCD", "\x1d92abcd", "\x1d99A"])
def test_not_chestny_znak(tail: str) -> None:
    """A serial with half a tail does not."""
    assert "profile" not in read_elements(f"01{GTIN}21A{tail}").parts


def test_plain_text_needs_a_key() -> None:
    """Text that anything could be is an element string only when it is marked or separated."""
    with pytest.raises(RequisiteError):
        read_elements("91110000600037341L")
    with pytest.raises(SyntaxError_):
        read_elements(f"\x1d01{GTIN}")
    assert read_elements("91A\x1d92B").uri == ""


def test_tags() -> None:
    """The memory of a tag gives the URN of the object, and tells coding, filter and tag URI."""
    reading = read_epc_binary("303645190C3480C000000001")
    assert reading.code == "urn:epc:id:sgtin:9520707.053763.1"
    assert reading.parts["coding"] == "SGTIN-96"
    assert reading.parts["filter"] == 1
    assert reading.parts["tag_uri"] == "urn:epc:tag:sgtin-96:1.9520707.053763.1"


def test_tags_of_other_kinds() -> None:
    """A tag with data behind the EPC has no URN, one of another scheme no AIs."""
    plus = read_epc_binary("F710950600013435226ABC123")
    assert plus.code == f"(01){GTIN}(21)ABC123"
    assert "tag_uri" not in plus.parts
    other = read_epc_binary("350000001000002000000003")
    assert (other.code, other.uri) == ("urn:epc:id:gid:1.2.3", "urn:epc:id:gid:1.2.3")
    assert other.parts == {"coding": "GID-96", "tag_uri": "urn:epc:tag:gid-96:1.2.3"}


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (read_bracketed, "(01)1"),
        (read_scan, "hello"),
        (read_elements, "hello"),
        (read_marked_elements, ""),
        (read_link, "https://a.b/"),
        (read_gtin, "9506000134353"),
        (read_upc_e, "9506000134352"),
        (read_epc_urn, "urn:epc:id:x"),
        (read_epc_binary, "FF"),
    ],
)
def test_faults(read: Callable[[str], Reading], text: str) -> None:
    """What is no code of its form is refused."""
    with pytest.raises(IdentifierError):
        read(text)
