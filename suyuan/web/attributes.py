"""Reading single attributes of master data.

EPCIS 2.0 section 9.4 (master data); GS1 Web Vocabulary, https://www.gs1.org/voc/
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from ledger.names import by_language

if TYPE_CHECKING:
    from collections.abc import Mapping

    from suyuan.web.negotiation import Language

__all__ = ["attribute", "country", "name_in", "parties_of"]

_STEMS: Final = ("https://gs1.org/voc/", "https://www.gs1.org/voc/", "gs1:")
_CODE: Final = re.compile(r"(?a)[A-Z]{2}\Z")
_PARTY: Final = "https://id.gs1.org/417/"
_LONGEST: Final = 200  # characters of a name


def attribute(attributes: Mapping[str, Any], name: str) -> Any:
    """The value of a GS1 Web Vocabulary attribute, whichever way its address is written."""
    return next((attributes[stem + name] for stem in _STEMS if stem + name in attributes), None)


def name_in(value: Any, language: Language) -> str | None:
    """A name in the wanted language, else in English, else in any."""
    known = by_language(value)
    wanted = language.partition("-")[0]
    found = known.get(wanted) or known.get("en") or next(iter(known.values()), None)
    return found and found[:_LONGEST]


def country(value: Any) -> str | None:
    """The ISO 3166 code that a value holds, as text or inside an object."""
    if isinstance(value, dict):
        value = value.get("countryCode") or value.get("gs1:countryCode")
    return value if isinstance(value, str) and _CODE.match(value) else None


def parties_of(product: Mapping[str, Any]) -> list[str]:
    """The canonical codes of those whom a product's master data names: brand owner, then maker."""
    found = []
    for name in ("brandOwner", "manufacturer"):
        party = attribute(product, name)
        gln = party.get("partyGLN") if isinstance(party, dict) else party
        if isinstance(gln, str) and gln.isascii() and gln.isdigit():
            found.append(_PARTY + gln)
    return found
