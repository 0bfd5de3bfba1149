"""Names of products, places and parties in the reader's language, from master data.

A name in two languages is one attribute stated twice, each value with its `@language`
(JSON-LD 1.1 section 4.2.4); a plain text serves every language. A name that is personal
(`ledger.personal`) is sealed, so there is none to read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from ledger.personal import is_sealed
from ledger.query import vocabulary_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

    from ledger.problems import Language

__all__ = ["Names", "by_language", "name_for", "names_in", "names_of"]

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
            return {} if is_sealed(value) else by_language(value)
    return {}


def name_for(names: Names, language: Language) -> str | None:
    """One of several names: in the wanted language, else in English, else any."""
    wanted = language.partition("-")[0]
    return names.get(wanted) or names.get("en") or next(iter(names.values()), None)


def by_language(value: Any) -> Names:
    """What an attribute says in each language; what is no text is passed over."""
    found: Names = {}
    for one in value if isinstance(value, list) else [value]:
        tagged = one if isinstance(one, dict) else {"@value": one}
        text, tag = tagged.get("@value"), tagged.get("@language", "")
        if isinstance(text, str) and text.strip():
            found.setdefault(str(tag).partition("-")[0].lower(), text.strip())
    return found
