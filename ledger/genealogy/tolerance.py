"""How large a gap may be before it is a finding.

A tolerance is a share (`0.5%`) of what the gap is measured by, or an amount (`2 KGM`, `3` pieces).
It is stated for one question, or in the master data of the product or lot as the attribute
`balanceTolerance`, in any namespace. Without any, every gap is a finding.

What a transformation loses is no gap: cutting and drying lose something always. It is judged only
where `processLoss` of an input's product says how much it may be.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import orjson

from ledger.errors import UsageError, shown
from ledger.genealogy.intervals import FOREVER
from ledger.genealogy.units import amount_of, dimension_of, factor_of
from ledger.store.sets import fetch_in

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

__all__ = ["EXACT", "LOSS", "TOLERANCE", "Tolerance", "parse_tolerance", "stated_tolerances"]

TOLERANCE: Final = "balanceTolerance"
LOSS: Final = "processLoss"
_FORM: Final = re.compile(r"([0-9]{1,20}(?:\.[0-9]{1,20})?) ?(%|[A-Z0-9]{2,3})?", re.ASCII)
_LAST_WORD: Final = re.compile(r"[/#:]")


@dataclass(frozen=True, slots=True)
class Tolerance:
    """What a gap may be."""

    text: str
    """As it was stated."""
    limit: Fraction
    """A share of 1, or an amount in the SI unit."""
    dimension: str | None
    """Of an amount; None for a share."""

    def allows(self, gap: Fraction | int, base: Fraction | int, dimension: str) -> bool:
        """Whether a gap is small enough.

        Args:
            gap: In the SI unit of its dimension, with either sign.
            base: What it is a share of.
            dimension: Its dimension; an amount in another one allows nothing.
        """
        if self.dimension is None:
            return max(gap, -gap) <= self.limit * max(base, -base)
        return self.dimension == dimension and max(gap, -gap) <= self.limit


EXACT: Final = Tolerance("0%", Fraction(0), None)
"""Nothing may be missing."""


def parse_tolerance(text: str) -> Tolerance:
    """Read a tolerance.

    Raises:
        UsageError: It is none.
    """
    found = _FORM.fullmatch(text.strip())
    amount = amount_of(found[1]) if found else None
    if found is None or amount is None:
        raise UsageError(
            f"Expected a tolerance such as 0.5%, 2 KGM or 3 (pieces), got {shown(text)}."
        )
    if found[2] == "%":
        return Tolerance(text, amount / 100, None)
    return Tolerance(text, amount * factor_of(found[2]), dimension_of(found[2]))


def stated_tolerances(
    connection: Connection, codes: Collection[str], name: str, known_at: int | None = None
) -> tuple[dict[str, Tolerance], list[str]]:
    """The tolerances that master data states, by code, and the codes where none can be read.

    Args:
        connection: A reading transaction.
        codes: Canonical codes of lots and products.
        name: `TOLERANCE` or `LOSS`.
        known_at: Ledger time in microseconds; statements received later are not looked at, and of
            what they replaced nothing is known.
    """
    rows = fetch_in(
        connection,
        "SELECT code, attributes FROM vocabulary"
        " JOIN entry ON entry.log_id = vocabulary.log_id AND entry.seq = vocabulary.seq"
        " WHERE code {ids} AND received_at <= {p} ORDER BY received_at, vocabulary.log_id",
        codes,
        FOREVER if known_at is None else known_at,
    )
    found: dict[str, Tolerance] = {}
    unreadable: set[str] = set()
    for code, attributes in rows:
        for attribute, value in orjson.loads(attributes).items():
            if _LAST_WORD.split(attribute)[-1] != name:
                continue
            try:
                found[code] = parse_tolerance(str(value))
                unreadable.discard(code)
            except UsageError:
                unreadable.add(code)
    return found, sorted(unreadable)
