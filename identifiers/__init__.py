"""Item codes: parse, verify and convert them.

The ground floor of the house: pure, standard library only, no input or output but its own tables.

>>> parse_item_code("(01)09506000134352(21)A1").uri
'https://id.gs1.org/01/09506000134352/21/A1'
"""

from identifiers.checkdigit import check_digit, verify_check_digit
from identifiers.digital_link import as_digital_link, parse_digital_link
from identifiers.elements import (
    ElementString,
    as_bracketed,
    as_element_string,
    parse_bracketed,
    parse_element_string,
)
from identifiers.epc import (
    EpcTag,
    as_epc_binary,
    as_epc_tag,
    as_epc_tag_uri,
    as_epc_urn,
    parse_epc_binary,
    parse_epc_tag_uri,
    parse_epc_urn,
)
from identifiers.errors import IdentifierError
from identifiers.item_code import ItemCode, Level, as_item_code, parse_item_code, parse_uri
from identifiers.scans import parse_scan

__all__ = [
    "ElementString",
    "EpcTag",
    "IdentifierError",
    "ItemCode",
    "Level",
    "as_bracketed",
    "as_digital_link",
    "as_element_string",
    "as_epc_binary",
    "as_epc_tag",
    "as_epc_tag_uri",
    "as_epc_urn",
    "as_item_code",
    "check_digit",
    "parse_bracketed",
    "parse_digital_link",
    "parse_element_string",
    "parse_epc_binary",
    "parse_epc_tag_uri",
    "parse_epc_urn",
    "parse_item_code",
    "parse_scan",
    "parse_uri",
    "verify_check_digit",
]
