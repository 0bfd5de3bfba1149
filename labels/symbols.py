"""Item codes as symbols: a grid of modules, the same for PNG, SVG, PDF and ZPL.

Rules kept here:

* An SSCC is printed as GS1-128; everything else as QR, which telephones open, with a DataMatrix
  beside it if asked. Other symbols are printed where they are asked for.
* QR and Han Xin hold the GS1 Digital Link, other symbols the element strings; codes of other
  schemes are printed as their URI, in QR, rMQR and Han Xin alone.
* Sizes are those of `labels.kinds`.
"""

from __future__ import annotations

from identifiers import ItemCode, Level
from labels.errors import UnknownSymbolError, UnprintableCharacterError
from labels.kinds import Environment, SymbolKind, size_rules
from labels.linear import gs1_128_symbol, gtin_symbol
from labels.matrix import han_xin_symbol, zxing_symbol
from labels.qr_batches import qr_rows
from labels.symbol import Symbol

__all__ = [
    "DEFAULT_STEM",
    "Environment",
    "Symbol",
    "SymbolKind",
    "ascii_link",
    "digital_link",
    "kinds_for",
    "make_symbol",
]

DEFAULT_STEM = "https://id.gs1.org"
"""Where a printed Digital Link leads unless the caller names its own service."""

_LINKS = frozenset((SymbolKind.QR, SymbolKind.HAN_XIN))
_OF_ANY_SCHEME = _LINKS | {SymbolKind.RMQR}


def kinds_for(code: ItemCode, *, data_matrix: bool = False) -> tuple[SymbolKind, ...]:
    """Name the symbols a label of this code bears; `data_matrix` asks for one beside the QR."""
    if code.level is Level.LOGISTIC:
        return (SymbolKind.GS1_128,)
    if data_matrix and code.keys:
        return (SymbolKind.QR, SymbolKind.DATA_MATRIX)
    return (SymbolKind.QR,)


def digital_link(code: ItemCode, stem: str = DEFAULT_STEM, query: str = "") -> str:
    """Write the code's GS1 Digital Link on a stem; codes of other schemes keep their URI.

    What a link says besides, such as a tag, stands in its query.

    >>> from identifiers import parse_item_code
    >>> digital_link(parse_item_code("(01)09506000134352(21)A/7"), "http://127.0.0.1:8000")
    'http://127.0.0.1:8000/01/09506000134352/21/A%2F7'
    """
    if not code.keys:
        return code.uri
    link = stem.rstrip("/") + code.uri.removeprefix(DEFAULT_STEM)
    return f"{link}?{query}" if query else link


def make_symbol(
    code: ItemCode,
    kind: SymbolKind | str | None = None,
    *,
    stem: str = DEFAULT_STEM,
    query: str = "",
    environment: Environment | None = None,
) -> Symbol:
    """Make the symbol of a code; without a kind, the one `kinds_for` names first.

    Args:
        code: What is labelled.
        kind: The symbol.
        stem: What the link in a QR code begins with.
        query: What stands in the query of that link.
        environment: Where it is scanned, as far as sizes are concerned; where its kind usually is
            when None.

    Raises:
        UnknownSymbolError: there is no such symbol, or none of that kind for this code or in that
            environment.
        ContentTooLongError: the symbol cannot hold the content.
        UnprintableCharacterError: the symbol cannot hold one of its characters.
    """
    if kind is None:
        kind = kinds_for(code)[0]
    try:
        kind = SymbolKind(kind)
    except ValueError:
        raise UnknownSymbolError(
            f"Expected one of {', '.join(SymbolKind)}, found {kind!r}; choose one of these."
        ) from None
    size_rules(kind, environment)
    if kind not in _OF_ANY_SCHEME and not code.keys:
        raise UnknownSymbolError(
            f"Expected a GS1 code for {kind}, found {code.uri!r}; print it as {SymbolKind.QR}."
        )
    if kind is SymbolKind.GS1_128:
        return gs1_128_symbol(code, _hri(code), environment)
    if kind.is_linear:
        return gtin_symbol(code, kind, environment)
    link = ascii_link(digital_link(code, stem, query))
    if kind not in _LINKS:
        return zxing_symbol(code, kind, link, _hri(code), environment)
    # The canonical URI of an instance leaves out its lot: what is not in the symbol is not printed
    # as if it were.
    hri = _hri(code, frozenset(code.uri.removeprefix(f"{DEFAULT_STEM}/").split("/")[::2]))
    if kind is SymbolKind.HAN_XIN:
        return han_xin_symbol(link, hri, environment)
    # Error correction M (15 %): what GS1 names as the least for printing on packages.
    return Symbol(kind, link, hri, qr_rows(link.encode()), environment=environment)


def _hri(code: ItemCode, ais: frozenset[str] | None = None) -> tuple[str, ...]:
    if not code.keys:
        return (code.uri,)
    return tuple(f"({ai}){value}" for ai, value in code.keys if ais is None or ai in ais)


def ascii_link(link: str) -> str:
    """A link that a QR code may hold as it is.

    Raises:
        UnprintableCharacterError: A character has to be percent-encoded first.
    """
    for position, character in enumerate(link):
        if not character.isascii():
            raise UnprintableCharacterError(
                f"Expected ASCII in a URI, found {character!r} at position {position}; "
                "percent-encode it."
            )
    return link
