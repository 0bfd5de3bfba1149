"""The one organisation that a page may name: who states the product, and so puts its name to it.

Rules kept:

* A statement about a product makes its organisation the publisher if it names, as brand owner or
  manufacturer, a party that the same organisation states in its own log.
* Of several such organisations the one in whose log the item was made comes first, then the newest
  statement.
* Where nobody states the product, there is no name; the log shown is that in which the item was
  made, else the one of the organisation that runs this service.
* Only statements of the publisher are read, whatever others say of the same codes.

EPCIS 2.0 section 9.4 (master data); GS1 Web Vocabulary, https://www.gs1.org/voc/
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from suyuan.web.material import Material
    from suyuan.web.negotiation import Language

__all__ = ["Publisher", "find_publisher", "parties_of"]

_STEMS: Final = ("https://gs1.org/voc/", "https://www.gs1.org/voc/", "gs1:")
_COUNTRY: Final = re.compile(r"(?a)[A-Z]{2}\Z")
_PARTY: Final = "https://id.gs1.org/417/"
_LONGEST: Final = 200  # characters of a name


def _attribute(attributes: Mapping[str, Any], name: str) -> Any:
    return next((attributes[stem + name] for stem in _STEMS if stem + name in attributes), None)


def _text(value: Any, language: Language) -> str | None:
    """A name in the wanted language, else in English, else in any."""
    known: dict[str, str] = {}
    for one in value if isinstance(value, list) else [value]:
        tag, text = ("", one) if isinstance(one, str) else ("", None)
        if isinstance(one, dict):
            tag, text = str(one.get("@language", "")), one.get("@value")
        if isinstance(text, str) and text.strip():
            known.setdefault(tag.partition("-")[0].lower(), text.strip()[:_LONGEST])
    wanted = language.partition("-")[0]
    return known.get(wanted) or known.get("en") or next(iter(known.values()), None)


def _country(value: Any) -> str | None:
    if isinstance(value, dict):
        value = value.get("countryCode") or value.get("gs1:countryCode")
    return value if isinstance(value, str) and _COUNTRY.match(value) else None


def parties_of(product: Mapping[str, Any]) -> list[str]:
    """The canonical codes of those whom a product's master data names: brand owner, then maker."""
    found = []
    for name in ("brandOwner", "manufacturer"):
        party = _attribute(product, name)
        gln = party.get("partyGLN") if isinstance(party, dict) else party
        if isinstance(gln, str) and gln.isascii() and gln.isdigit():
            found.append(_PARTY + gln)
    return found


@dataclass(frozen=True, slots=True)
class Publisher:
    """The publisher's own statements, and nobody else's."""

    language: Language
    organisation: str | None
    """Slug of its log."""
    origin: str | None
    maker: str | None
    """Name of the party."""
    product: str | None
    country_of_origin: str | None
    statements: Mapping[str, Mapping[str, Any]]
    """Attributes by canonical code, as this organisation states them."""

    def place(self, code: str | None) -> tuple[str | None, str | None]:
        """City and country of one of its places; nothing of others'."""
        attributes = self.statements.get(code or "", {})
        city = _text(_attribute(attributes, "addressLocality"), self.language)
        return city, _country(_attribute(attributes, "countryCode"))

    def product_name(self, code: str | None) -> str | None:
        """Name of one of its products; nothing of others'."""
        attributes = self.statements.get(code or "", {})
        return _text(_attribute(attributes, "productName"), self.language)


def find_publisher(material: Material, language: Language) -> Publisher:
    """Find who may be named on an item's page."""
    origins = {slug: origin for origin, slug in material.logs.items()}
    by_organisation: dict[str, dict[str, Mapping[str, Any]]] = {}
    for statement in material.statements:
        own = by_organisation.setdefault(statement.organisation, {})
        own[statement.code] = statement.attributes
    product = material.code.product or material.code.uri
    best: tuple[bool, bool] = (False, False)
    chosen: str | None = None
    for organisation, own in by_organisation.items():
        if product in own:
            named = any(party in own for party in parties_of(own[product]))
            rank = (named, organisation == material.made_in)
            if chosen is None or rank >= best:
                best, chosen = rank, organisation
    own = by_organisation.get(chosen or "", {})
    attributes = own.get(product, {})
    party = next((own[code] for code in parties_of(attributes) if code in own), {})
    # A statement that names no party of its own gives the product's name, but no name of a maker.
    shown = chosen if best[0] else material.made_in or material.operator
    return Publisher(
        language=language,
        organisation=shown,
        origin=origins.get(shown or ""),
        maker=_text(_attribute(party, "organizationName"), language),
        product=_text(_attribute(attributes, "productName"), language),
        country_of_origin=_country(_attribute(attributes, "countryOfOrigin")),
        # An organisation that isn't named is not given away by its places either.
        statements=own if best[0] or chosen == material.made_in else {},
    )
