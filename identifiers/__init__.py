"""Item codes: parse, verify, identify and convert them.

The ground floor of the house: pure, standard library only, no input or output but its own tables.

==============  ===============================================================================
item_code       the canonical identifier of one trace item, from any form of GS1 and any URI
identification  everything that a text may be, in every scheme, with declared repairs
gs1             element strings, scans, Digital Links, and the table behind them
epc             EPC URNs and the bits of RFID tags
schemes         all other schemes: ISO/IEC 15434, UDI, Handle, China's, parties, ...
repair          what scanners, keyboards and people do to a code, undone
==============  ===============================================================================

What only some need is imported when it is first asked for.

>>> parse_item_code("(01)09506000134352(21)A1").uri
'https://id.gs1.org/01/09506000134352/21/A1'
>>> from identifiers import identify
>>> identify("91110000600037341L").best.scheme
'cn-uscc'
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from identifiers.checkdigit import check_digit, verify_check_digit
from identifiers.epc import as_epc_urn, parse_epc_urn
from identifiers.errors import IdentifierError
from identifiers.gs1.digital_link import as_digital_link, parse_digital_link
from identifiers.gs1.elements import (
    ElementString,
    as_bracketed,
    as_element_string,
    parse_bracketed,
    parse_element_string,
)
from identifiers.gs1.scans import parse_scan
from identifiers.item_code import ItemCode, Level, as_item_code, parse_uri
from identifiers.late import late
from identifiers.parsing import parse_item_code

if TYPE_CHECKING:
    from identifiers.epc.tags import (
        EpcTag,
        as_epc_binary,
        as_epc_tag,
        as_epc_tag_uri,
        parse_epc_binary,
        parse_epc_tag_uri,
    )
    from identifiers.gs1.compressed import parse_compressed_link
    from identifiers.gs1.label_groups import join_scans
    from identifiers.identification import Candidate, Identification, identify, read_item_code

__all__ = [
    "Candidate",
    "ElementString",
    "EpcTag",
    "Identification",
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
    "identify",
    "join_scans",
    "parse_bracketed",
    "parse_compressed_link",
    "parse_digital_link",
    "parse_element_string",
    "parse_epc_binary",
    "parse_epc_tag_uri",
    "parse_epc_urn",
    "parse_item_code",
    "parse_scan",
    "parse_uri",
    "read_item_code",
    "verify_check_digit",
]

__getattr__ = late(
    __name__,
    {
        "identifiers.epc.tags": (
            "EpcTag",
            "as_epc_binary",
            "as_epc_tag",
            "as_epc_tag_uri",
            "parse_epc_binary",
            "parse_epc_tag_uri",
        ),
        "identifiers.gs1.compressed": ("parse_compressed_link",),
        "identifiers.gs1.label_groups": ("join_scans",),
        "identifiers.identification": ("Candidate", "Identification", "identify", "read_item_code"),
    },
)
