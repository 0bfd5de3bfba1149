"""Which application identifiers must, and must not, stand together in one message.

Rules kept (GS1 General Specifications, section 4.13; ``req`` and ``ex`` of the dictionary):

* An AI that stands twice has the same value both times.
* No AI stands beside one that it excludes; an AI does not exclude itself.
* Each group of required AIs holds: of its alternatives one is there in full.
* A digital signature (8030) signs one item: a GDTI, GCN or GRAI beside it has its serial component.

The rules are about all codes on one item, so a caller that has read only one of several may put
them off. A refusal is about one element; a reader tells where in its text that element begins, and
is asked only then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from identifiers.errors import ExclusionError, IdentifierError, RepeatError, RequisiteError
from identifiers.gs1.aitable import find, matches

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

__all__ = ["SOUND_COMPANIES", "is_judged_by_values", "verify_relations", "verify_repeats"]

_PAIRS_RULE = "GS1 General Specifications, section 4.13.1"
_COMPANY_RULE = "GS1 General Specifications, section 4.13.2"
_SIGNATURE = "8030"
_WITHOUT_SERIAL = {
    "253": 13,
    "255": 13,
    "8003": 14,
}  # lengths of keys whose serial component is missing

_KEPT = 4096  # companies of AIs remembered, some 1 MB at most
SOUND_COMPANIES: set[tuple[str, ...]] = set()
"""AIs, each once, that may stand together whatever their values are; asked before anything else."""


def verify_repeats(elements: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Refuse an AI that stands twice with different values.

    Args:
        elements: The AIs with their values.

    Returns:
        The value of each AI.

    Raises:
        RepeatError: Naming the AI and the second value; its position is the index of the element.
    """
    values: dict[str, str] = {}
    for index, (ai, value) in enumerate(elements):
        if values.setdefault(ai, value) != value:
            raise RepeatError(
                "{value} again",
                value,
                position=index,
                fix="leave one of them out",
                ai=ai,
                rule=_PAIRS_RULE,
                value=values[ai],
            )
    return values


def _holds(alternative: tuple[str, ...], ais: tuple[str, ...]) -> bool:
    return all(
        pattern in ais if pattern.isdigit() else any(matches(pattern, ai) for ai in ais)
        for pattern in alternative
    )


def _missing(alternatives: tuple[tuple[str, ...], ...], ais: tuple[str, ...]) -> str:
    """Write what each alternative still lacks."""
    return ", ".join(
        "+".join(f"({pattern})" for pattern in alternative if not _holds((pattern,), ais))
        for alternative in alternatives
    )


def _verify_company(ais: tuple[str, ...], *, requisites: bool) -> None:
    """Verify which AIs stand together."""
    entries = [found for found in map(find, ais) if found is not None]
    for found in entries:
        for pattern in found.excludes:
            for other in ais:
                if other != found.ai and matches(pattern, other):
                    raise ExclusionError(
                        "no ({other}) beside it",
                        f"({other})",
                        fix="leave one of the two out",
                        ai=found.ai,
                        rule=_PAIRS_RULE,
                        other=other,
                    )
    for found in entries if requisites else ():
        for group in found.requires:
            if not any(_holds(alternative, ais) for alternative in group):
                raise RequisiteError(
                    "{required} beside it" if len(group) == 1 else "one of {required} beside it",
                    ", ".join(f"({ai})" for ai in ais),
                    fix="add it, or read all codes of the label together",
                    ai=found.ai,
                    rule=_COMPANY_RULE,
                    required=_missing(group, ais),
                )


def is_judged_by_values(ais: Collection[str]) -> bool:
    """Tell whether it depends on values, too, that AIs may stand together once: on a serial.

    Args:
        ais: The AIs.
    """
    return _SIGNATURE in ais and any(ai in ais for ai in _WITHOUT_SERIAL)


def _verify_serials(values: dict[str, str]) -> None:
    """Verify that what is signed has its serial component."""
    for ai, value in values.items():
        if len(value) == _WITHOUT_SERIAL.get(ai):
            raise RequisiteError(
                "a serial component, as ({signature}) signs one item",
                value,
                fix="write the serial behind the check digit",
                ai=ai,
                rule=_COMPANY_RULE,
                signature=_SIGNATURE,
            )


def verify_relations(
    elements: Sequence[tuple[str, str]],
    *,
    requisites: bool = True,
    start_of: Callable[[int], int] | None = None,
) -> None:
    """Verify that the AIs of one message may stand together.

    Args:
        elements: The AIs with their values.
        requisites: Whether required AIs must be there; repeats, exclusions and the serial of what
            is signed are always verified.
        start_of: Tells where in the text an element of this index begins, for the position of an
            error, which has none otherwise.

    Raises:
        ExclusionError: Two AIs exclude each other.
        RepeatError: An AI stands twice with different values.
        RequisiteError: A required AI or serial component is missing.
    """
    ais = tuple([ai for ai, _ in elements])
    if ais in SOUND_COMPANIES:
        return
    try:
        values = verify_repeats(elements)
        _verify_company(tuple(values), requisites=requisites)
        by_values = is_judged_by_values(values)
        if by_values:
            _verify_serials(values)
    except IdentifierError as error:
        # A repeat is about the second of the two elements and has its index already.
        index = ais.index(error.ai) if error.position is None else error.position
        error.position = None if start_of is None else start_of(index)
        raise
    if requisites and len(values) == len(ais) and not by_values:
        if len(SOUND_COMPANIES) >= _KEPT:
            SOUND_COMPANIES.clear()
        SOUND_COMPANIES.add(ais)
