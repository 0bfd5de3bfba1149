"""Unique product identifiers of the EU's digital product passport, in the style of EN 18219.

Rules kept:

* A product may be identified under ISO/IEC 15459 (GS1 keys, or data identifiers that begin with an
  issuing agency), by an identification link (IEC 61406), by a decentralised identifier (DID) or by
  a DOI; a GLN or a party number identifies a facility or an operator.
* Granularity is model, batch or item. GS1 keys and data identifiers show it; a link, DID or DOI
  shows nothing of the kind, and the passport itself has to state it.
* The identifier is kept as the parser of its own scheme keeps it, with the same canonical form.
* Printable ASCII only (ISO/IEC 646).

Known doubts: EN 18219 has not been seen; the families and the granularities are known from public
programs that cite it. Each reading says so.

Standard: EN 18219 (digital product passport, unique identifiers)

>>> reading = parse_product_identifier("https://id.example.com/01/09506000134352/10/L7")
>>> reading.parts["family"], reading.parts["granularity"], reading.uri
('gs1', 'batch', 'https://id.gs1.org/01/09506000134352/10/L7')
"""

from __future__ import annotations

import re
from dataclasses import replace

from identifiers.errors import CharacterError, ConversionError, SyntaxError_
from identifiers.item_code import Level
from identifiers.notices import Notice
from identifiers.parsing import parse_item_code
from identifiers.schemes.data_identifiers import is_unique, parse_data_identifier
from identifiers.schemes.handle import parse_handle
from identifiers.schemes.id_links import parse_id_link
from identifiers.schemes.reading import Part, Reading

__all__ = ["parse_product_identifier"]

_RULE = "EN 18219"
_SCHEME = "product-identifier"
_GRANULARITIES = {Level.PRODUCT: "model", Level.LOT: "batch", Level.INSTANCE: "item"}
_ROLES = {Level.LOCATION: "facility", Level.PARTY: "operator"}

_FOREIGN = re.compile(r"[^ -~]")
_DID = re.compile(r"did:[a-z0-9]+:(?:[A-Za-z0-9._\-:]|%[0-9A-Fa-f]{2})+(?<!:)")
_DOI = re.compile(r"(?i:doi:|https?://(?:dx\.|www\.)?doi\.org/)?10\.")
_IDENTIFIER = re.compile(r"[0-9]{0,3}[A-Z]")
_LINK = re.compile(r"(?i:https?)://")

_UNSEEN = Notice("standard-unseen", "the text of {standard} has not been seen", {"standard": _RULE})


def _granular(level: Level, text: str) -> dict[str, Part]:
    """Say what is identified, as far as the level of the code shows it."""
    if level in _GRANULARITIES:
        return {"role": "product", "granularity": _GRANULARITIES[level]}
    if level in _ROLES:
        return {"role": _ROLES[level]}
    raise ConversionError(
        "the identifier of a product, a facility or an operator", text, rule=_RULE
    )


def _read_did(text: str) -> Reading:
    """Read a decentralised identifier (W3C DID Core, section 3.1)."""
    if not _DID.fullmatch(text):
        raise SyntaxError_(
            "a DID: did, method and name with colons between them",
            text,
            position=0,
            rule="W3C DID Core, section 3.1",
        )
    return Reading(_SCHEME, text, text, Level.OTHER, {"family": "did"})


def _read(text: str) -> Reading:
    """Read an identifier by the rules of its family, which its first characters show."""
    if text.startswith("did:"):
        return _read_did(text)
    if _DOI.match(text):
        return replace(parse_handle(text), parts={"family": "doi"})
    found = _IDENTIFIER.match(text)
    if found is not None and is_unique(found[0]):
        reading = parse_data_identifier(text)
        return replace(reading, parts={"family": "iso15459", **_granular(reading.level, text)})
    item = parse_item_code(text)
    if item.keys:
        parts = {"family": "gs1", **_granular(item.level, text)}
        return Reading(_SCHEME, text, item.uri, item.level, parts)
    if _LINK.match(text):
        return replace(parse_id_link(text), parts={"family": "id-link"})
    raise ConversionError(
        "an identifier of ISO/IEC 15459 or IEC 61406, a DID or a DOI", text, rule=_RULE
    )


def parse_product_identifier(text: str) -> Reading:
    """Parse a unique identifier of a product, a facility or an operator (EN 18219).

    Args:
        text: A GS1 code in any form, a data identifier whose value is unique in the world, an
            identification link, a DID or a DOI.

    Returns:
        The reading, scheme ``product-identifier``: `family` is ``gs1``, ``iso15459``, ``id-link``,
        ``did`` or ``doi``; where the code shows them, `role` is ``product``, ``facility`` or
        ``operator`` and `granularity` ``model``, ``batch`` or ``item``.

    Raises:
        IdentifierError: It is none of them, or names something else.
    """
    foreign = _FOREIGN.search(text)
    if foreign is not None:
        raise CharacterError(
            "a printable ASCII character", foreign[0], position=foreign.start(), rule=_RULE
        )
    reading = _read(text)
    return replace(reading, scheme=_SCHEME, unverified=(*reading.unverified, _UNSEEN))
