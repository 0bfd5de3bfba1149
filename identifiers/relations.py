"""Which application identifiers must, and must not, stand together in one message.

Rules kept (GS1 General Specifications, section 4.13; ``req`` and ``ex`` of the dictionary):

* An AI that stands twice has the same value both times.
* No AI stands beside one that it excludes; an AI does not exclude itself.
* Each group of required AIs holds: of its alternatives one is there in full.
* A digital signature (8030) signs one item: a GDTI, GCN or GRAI beside it has its serial component.

The rules are about all codes on one item, so a caller that has read only one of several may put
them off.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from identifiers.aitable import find, matches
from identifiers.errors import ExclusionError, RepeatError, RequisiteError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["verify_relations", "verify_repeats"]

_SIGNATURE = "8030"
_WITHOUT_SERIAL = {
    "253": 13,
    "255": 13,
    "8003": 14,
}  # lengths of keys whose serial component is missing


def verify_repeats(elements: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Refuse an AI that stands twice with different values.

    Args:
        elements: The AIs with their values.

    Returns:
        The value of each AI.

    Raises:
        RepeatError: Naming the AI and the second value.
    """
    values: dict[str, str] = {}
    for ai, value in elements:
        if values.setdefault(ai, value) != value:
            raise RepeatError(f"{values[ai]!r} again", value, ai=ai, fix="leave one of them out")
    return values


def _holds(alternative: tuple[str, ...], ais: tuple[str, ...]) -> bool:
    return all(
        pattern in ais if pattern.isdigit() else any(matches(pattern, ai) for ai in ais)
        for pattern in alternative
    )


def _shown(alternatives: tuple[tuple[str, ...], ...]) -> str:
    return " or ".join("+".join(f"({ai})" for ai in alternative) for alternative in alternatives)


@lru_cache(maxsize=1024)
def _verify_company(ais: tuple[str, ...], *, requisites: bool) -> None:
    """Verify which AIs stand together; a set that held once is not looked at again."""
    entries = [found for found in map(find, ais) if found is not None]
    for found in entries:
        for pattern in found.excludes:
            for other in ais:
                if other != found.ai and matches(pattern, other):
                    raise ExclusionError(
                        f"no ({other}) beside ({found.ai})", f"({other})", fix="leave one out"
                    )
    for found in entries if requisites else ():
        for group in found.requires:
            if not any(_holds(alternative, ais) for alternative in group):
                raise RequisiteError(
                    f"{_shown(group)} beside it", ", ".join(f"({ai})" for ai in ais), ai=found.ai
                )


def verify_relations(elements: Sequence[tuple[str, str]], *, requisites: bool = True) -> None:
    """Verify that the AIs of one message may stand together.

    Args:
        elements: The AIs with their values.
        requisites: Whether required AIs must be there; repeats and exclusions are always verified.

    Raises:
        ExclusionError: Two AIs exclude each other.
        RepeatError: An AI stands twice with different values.
        RequisiteError: A required AI or serial component is missing.
    """
    values = verify_repeats(elements)
    _verify_company(tuple(values), requisites=requisites)
    if requisites and _SIGNATURE in values:
        for ai, length in _WITHOUT_SERIAL.items():
            if len(values.get(ai, "")) == length:
                raise RequisiteError(
                    f"a serial component, as ({_SIGNATURE}) signs one item", values[ai], ai=ai
                )
