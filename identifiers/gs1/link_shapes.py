"""Which application identifiers may stand where in a GS1 Digital Link.

Rules kept (GS1 Digital Link Standard: URI Syntax):

* Behind the key its qualifiers stand in one of the orders of the standard, each at most once.
* An attribute stands once, nowhere else in the link, and is one that may be an attribute; a
  qualifier of the key is one only beside another order than its own.
* Partners and exclusions hold as in any message (`relations`).

None of this depends on values, but for the serial of what is signed. So each shape, the AIs of a
path and a query, is judged once and its verdict remembered.

Standard: https://ref.gs1.org/standards/digital-link/uri-syntax/
"""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from identifiers.errors import IdentifierError, RepeatError, SyntaxError_
from identifiers.gs1 import aitable
from identifiers.gs1.relations import is_judged_by_values, verify_relations

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["BY_VALUES", "LONGEST", "QUERY_RULE", "SOUND", "Shape", "Verdict", "judge"]

_STANDARD = "GS1 Digital Link Standard: URI Syntax"
_QUALIFIERS_RULE = f"{_STANDARD}, key qualifiers"
QUERY_RULE = f"{_STANDARD}, data attributes"
"""The rule that a fault of an attribute is against."""
LONGEST = 16
"""Parts of the longest shape that is remembered; hostile text may have thousands."""

Shape: TypeAlias = "tuple[int | str, ...]"
"""Whether requisites are asked for, how many AIs stand in the path, and the AIs, path first."""


class Verdict(NamedTuple):
    """What is said of a shape."""

    error: Callable[..., IdentifierError] | None = None
    """Makes the error of a shape that is refused; it is asked with a position."""
    element: int = 0
    """Index of the element that the error is about."""
    before: int = 0
    """How many elements have their values verified before, so that their errors come first."""
    at_value: bool = True
    """Whether the error's position is that of the element's value, not of its AI."""


SOUND = Verdict()
"""The AIs may stand so, whatever their values are."""
BY_VALUES = Verdict()
"""The AIs may stand so, if `verify_relations` finds nothing against their values."""


def judge(shape: Shape) -> Verdict:
    """Judge a shape.

    Args:
        shape: The shape; the first AI is a key, and those of the path are in the table.

    Returns:
        `SOUND`, `BY_VALUES`, or a verdict with an error.
    """
    return _remembered(shape) if len(shape) <= LONGEST else _judged(shape)


def _judged(shape: Shape) -> Verdict:
    requisites, length, ais = bool(shape[0]), int(shape[1]), tuple(map(str, shape[2:]))
    return (
        _judge_order(ais[:length])
        or _judge_attributes(ais[:length], ais[length:])
        or _judge_company(ais, requisites=requisites)
    )


_remembered = lru_cache(maxsize=4096)(_judged)  # some 4 MB at most


def _refusal(
    error: IdentifierError, element: int, before: int, *, at_value: bool = True
) -> Verdict:
    """Make a verdict of an error; it is not kept itself, as one that was raised has a traceback."""
    made: Callable[..., IdentifierError] = type(error)
    words = {"fix": error.fix_template, "ai": error.ai, "rule": error.rule}
    again = partial(made, error.template, error.found, **words, **error.details)
    return Verdict(again, element, before, at_value)


def _judge_order(path: Sequence[str]) -> Verdict | None:
    qualifiers = aitable.entry(path[0]).qualifiers or ()
    for order in qualifiers:
        remaining = iter(order)
        if all(ai in remaining for ai in path[1:]):
            return None
    orders = ", ".join("/".join(order) for order in qualifiers if order)
    found = "/".join(path[1:])
    if not orders:
        error = SyntaxError_(
            "no qualifier behind this key",
            found,
            fix="leave out what follows the key, or write it behind a question mark",
            ai=path[0],
            rule=_QUALIFIERS_RULE,
        )
    else:
        error = SyntaxError_(
            "some of the qualifiers {orders}, each once and in this order",
            found,
            fix="change the order in the path",
            ai=path[0],
            rule=_QUALIFIERS_RULE,
            orders=orders,
        )
    return _refusal(error, 0, 0)


def _judge_attributes(path: Sequence[str], query: Sequence[str]) -> Verdict | None:
    orders = aitable.entry(path[0]).qualifiers or ()
    own = {ai for order in orders for ai in order}
    seen = set(path)
    for index, ai in enumerate(query, len(path)):
        if ai in seen:
            repeat = RepeatError(
                "each AI once", f"({ai})", fix="leave one of them out", ai=ai, rule=QUERY_RULE
            )
            return _refusal(repeat, index, index)
        seen.add(ai)
        found = aitable.find(ai)  # None for an AI that is let pass
        if (found is None or found.attribute) and (ai not in own or _elsewhere(ai, path, orders)):
            continue
        misplaced = SyntaxError_(
            "an AI that may be a query parameter",
            f"({ai})",
            ai=ai,
            fix="write it in the path if it qualifies the key",
            rule=QUERY_RULE,
        )
        return _refusal(misplaced, index, index)
    return None


def _elsewhere(ai: str, path: Sequence[str], orders: Sequence[Sequence[str]]) -> bool:
    """Tell whether a qualifier belongs to another order than the one that the path follows."""
    used = path[1:]
    return bool(used) and all(
        ai not in order or any(other not in order for other in used) for order in orders
    )


def _judge_company(ais: Sequence[str], *, requisites: bool) -> Verdict:
    # Without values, no signature lacks a serial.
    elements = [(ai, "") for ai in ais]
    try:
        verify_relations(elements, requisites=requisites, start_of=int)
    except IdentifierError as error:
        return _refusal(error, error.position or 0, len(ais), at_value=False)
    return BY_VALUES if is_judged_by_values(ais) else SOUND
