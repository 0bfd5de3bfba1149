"""What a text means under one scheme.

Rules kept:

* A reading is made only of a text that satisfies everything that can be verified without asking
  anybody; a fault raises an `IdentifierError` with the scheme's own rule.
* What nobody has published, or what we know from a second-hand source only, stands in `unverified`,
  so that nobody takes the reading for more than it is.
* The canonical code is the scheme's own URI or URN where it has one, otherwise
  ``urn:suyuan:<scheme>:<escaped code>``, an informal name of ours (docs/adr/0006).

>>> canonical_urn("cn-uscc", "91110000600037341L")
'urn:suyuan:cn-uscc:91110000600037341L'
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from identifiers.characters import escape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from identifiers.item_code import Level
    from identifiers.notices import Notice

__all__ = ["Part", "Reading", "canonical_urn", "elements_of"]

Part: TypeAlias = "str | int | tuple[int, ...] | tuple[tuple[str, str], ...]"
"""The value of one part: text, a number, numbers in order, or identifiers with their values."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A text read by the rules of one scheme."""

    scheme: str
    """Stable name of the scheme, such as ``ma-udi`` or ``cn-drug-trace-20``."""
    code: str
    """The code in its scheme's own canonical notation, without a carrier around it."""
    uri: str
    """The canonical form in the ledger; equal URIs name one thing."""
    level: Level
    """The kind of thing that the code names."""
    parts: Mapping[str, Part] = field(default_factory=dict)
    """What the code is made of, by the names that its standard gives the parts."""
    unverified: tuple[Notice, ...] = ()
    """What could not be verified; empty when everything was."""
    warnings: tuple[Notice, ...] = ()
    """What is allowed but likely a mistake."""


def elements_of(parts: Mapping[str, Part]) -> tuple[tuple[str, str], ...]:
    """Give the application identifiers among the parts with their values; none of other schemes."""
    ais = parts.get("ais", ())
    return tuple(pair for pair in ais if isinstance(pair, tuple)) if isinstance(ais, tuple) else ()


def canonical_urn(scheme: str, code: str) -> str:
    """Give the URN under which the ledger keeps a code whose scheme has no URI of its own.

    Args:
        scheme: The stable name of the scheme.
        code: The code in its scheme's own canonical notation, ASCII.

    Returns:
        The URN.
    """
    return f"urn:suyuan:{scheme}:{escape(code)}"
