"""Names of products, places and parties in the reader's language, from master data.

A name in two languages is one attribute stated twice, each value with its `@language`
(JSON-LD 1.1 section 4.2.4); a plain text serves every language.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from ledger.query import vocabulary_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

__all__ = ["Names", "names_in", "names_of"]

Names = dict[str, str]
"""Name by language subtag, "zh" or "en"; "" for a name in no stated language."""

_NAMING: Final = ("productName", "organizationName", "physicalLocationName", "name")


def names_of(connection: Connection, codes: Collection[str]) -> dict[str, Names]:
    """The names of what these canonical codes stand for; codes without a name are left out."""
    found = vocabulary_of(connection, codes)
    named = {code: names_in(orjson.loads(one.attributes)) for code, one in found.items()}
    return {code: names for code, names in named.items() if names}


def names_in(attributes: dict[str, Any]) -> Names:
    """The names among the attributes of one element of master data."""
    for attribute, value in attributes.items():
        word = attribute.rpartition("/")[2].rpartition("#")[2].rpartition(":")[2]
        if word in _NAMING:
            values = value if isinstance(value, list) else [value]
            return dict(_name(one) for one in values)
    return {}


def _name(value: Any) -> tuple[str, str]:
    if isinstance(value, dict):
        return str(value.get("@language", "")).partition("-")[0], str(value.get("@value", ""))
    return "", str(value)
