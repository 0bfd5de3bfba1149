"""Settle which code a URI is, when no form of GS1 claims it.

Rules kept:

* A reading counts from `Confidence.LIKELY` on. The surest wins; two that are equally sure and name
  different things settle nothing.
* A link that is nobody's code stays what it is, as do URNs of schemes that are not known here.
* A random path of a short link is read as a compressed Digital Link about twice in 100,000 times;
  two such links of one host are still two codes.

>>> settle("https://example.org/ARFKk4XBoA").uri
'https://id.gs1.org/01/09506000134352'
>>> settle("https://example.org/about").uri
'https://example.org/about'
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from identifiers.confidence import Confidence
from identifiers.errors import IdentifierError
from identifiers.gs1 import aitable
from identifiers.gs1.elements import ElementString
from identifiers.item_code import ItemCode, as_item_code
from identifiers.schemes.reading import elements_of
from identifiers.schemes.registry import readers_for

if TYPE_CHECKING:
    from identifiers.schemes.reading import Reading

__all__ = ["settle"]


def _readings(text: str) -> list[tuple[Confidence, Reading]]:
    found: list[tuple[Confidence, Reading]] = []
    for reader in readers_for(text):
        if reader.fallback and found:
            continue
        try:
            readings = reader.read(text)
        except IdentifierError:
            continue
        for reading in readings:
            step = reader.confidence(reading, text)
            if step is not None and step >= Confidence.LIKELY and reading.uri:
                found.append((step, reading))
    return found


def settle(text: str) -> ItemCode | None:
    """Read a URI as the code of the one scheme that it is sure to be of.

    Args:
        text: An absolute URI or URN that is no plain Digital Link.

    Returns:
        The item code; None if no scheme is sure of it, or several are equally sure.
    """
    found = _readings(text)
    surest = max((step for step, _ in found), default=None)
    rivals = {reading.uri: reading for step, reading in found if step is surest}
    if len(rivals) != 1:
        return None
    (reading,) = rivals.values()
    elements = elements_of(reading.parts)
    if elements:
        return as_item_code(ElementString(elements, aitable.version()))
    return ItemCode(reading.uri, reading.level, None, None, None, ())
