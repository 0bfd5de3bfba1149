"""Item codes: what a verified message names, and URIs that name themselves."""

import pytest

from identifiers.epc import TAG_DATA_STANDARD, parse_epc_urn
from identifiers.errors import IdentifierError, SyntaxError_
from identifiers.gs1.elements import ElementString
from identifiers.item_code import ItemCode, Level, as_item_code, parse_uri
from identifiers.parsing import parse_item_code

GTIN = "09506000134352"
CLASS = f"https://id.gs1.org/01/{GTIN}"


def test_malformed_codes_can_be_kept() -> None:
    """A URN that breaks the rules of EPC is still a URI, for a caller that has said so."""
    text = "urn:epc:class:lgtin:6000001.recycled-copper.batch-2032-03"
    with pytest.raises(IdentifierError):
        parse_item_code(text)
    assert parse_uri(text) == ItemCode(text, Level.OTHER, None, None, None, ())
    with pytest.raises(SyntaxError_):
        parse_uri("copper")


def test_what_an_epc_says_is_judged_by_the_dictionary_again() -> None:
    """A message that only the Tag Data Standard accepted has an item code if its values are sound."""
    sound = ElementString((("01", GTIN), ("21", "A1")), TAG_DATA_STANDARD)
    assert as_item_code(sound).uri == f"{CLASS}/21/A1"
    with pytest.raises(IdentifierError):
        as_item_code(parse_epc_urn("urn:epc:id:cpi:0614141.123456.0"))
