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

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from suyuan.web.attributes import attribute, country, name_in, parties_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from suyuan.web.material import Material
    from suyuan.web.negotiation import Language

__all__ = ["Publisher", "find_publisher"]


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
        city = name_in(attribute(attributes, "addressLocality"), self.language)
        return city, country(attribute(attributes, "countryCode"))

    def product_name(self, code: str | None) -> str | None:
        """Name of one of its products; nothing of others'."""
        attributes = self.statements.get(code or "", {})
        return name_in(attribute(attributes, "productName"), self.language)


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
        maker=name_in(attribute(party, "organizationName"), language),
        product=name_in(attribute(attributes, "productName"), language),
        country_of_origin=country(attribute(attributes, "countryOfOrigin")),
        # An organisation that isn't named is not given away by its places either.
        statements=own if best[0] or chosen == material.made_in else {},
    )
