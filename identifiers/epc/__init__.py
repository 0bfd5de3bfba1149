"""EPC in all its forms: pure identities, tag URIs, and the bits of RFID tags.

==========  ======================================================================
schemes     the EPC schemes of GS1 keys
foreign     GID, USDOD, ADI, BIC, IMOVN
urns        pure identities, lots, class patterns, read (writing: written)
layouts     tags of 96 bits and longer that part a key after its company prefix
plus        the "+" and "++" tags of TDS 2 (values, texts, host_names: their fields)
tags        what is on a tag, both ways
==========  ======================================================================

Standard: https://ref.gs1.org/standards/tds/

>>> from identifiers.epc import parse_epc_binary
>>> parse_epc_binary("F710950600013435226ABC123").code.elements
(('01', '09506000134352'), ('21', 'ABC123'))
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from identifiers.epc.judging import TAG_DATA_STANDARD
from identifiers.epc.urns import epc_scheme, foreign_identity, is_foreign_epc, parse_epc_urn
from identifiers.epc.writing import as_epc_urn
from identifiers.late import late

if TYPE_CHECKING:
    from identifiers.epc.tags import (
        EpcTag,
        as_epc_binary,
        as_epc_tag,
        as_epc_tag_uri,
        parse_epc_binary,
        parse_epc_tag_uri,
    )

__all__ = [
    "TAG_DATA_STANDARD",
    "EpcTag",
    "as_epc_binary",
    "as_epc_tag",
    "as_epc_tag_uri",
    "as_epc_urn",
    "epc_scheme",
    "foreign_identity",
    "is_foreign_epc",
    "parse_epc_binary",
    "parse_epc_tag_uri",
    "parse_epc_urn",
]

# Whoever reads URNs alone need not wait for the tags; the other names are there already.
__getattr__ = late(__name__, {"identifiers.epc.tags": __all__})
