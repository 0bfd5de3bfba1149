"""How likely a guessed serial is one that was issued, and whether the laws' limit holds.

Rules kept:

* A guess is one attempt at one product, by somebody without the key. What he has seen of other
  serials doesn't help: the permuted ones look random to him, the drawn ones are.
* All numbers are exact fractions. Every serial that was ever reserved for the product counts, also
  those that were lost or never printed: the estimate errs to the safe side.
* Without a tag a guess hits when its serial was issued. With a tag the guess has to name the tag as
  well, one of 2^60 for each version of the key that still vouches.
* Both laws speak of the serial itself, so the limit is judged without the tag. "Lower than one in
  ten thousand" excludes one in ten thousand itself. Both ask for "negligible" besides, for which
  they give no figure.

Commission Delegated Regulation (EU) 2016/161 (medicines), Article 4(b)(ii) and (c); Commission
Implementing Regulation (EU) 2018/574 (tobacco), Article 8(1)(b).

>>> Risk(issued=1_000_000, versions=1).serial
Fraction(15625, 17592186044416)
>>> Risk(issued=1_000_000, versions=1).broken
()
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from ledger.issuance.serials import SPACE
from ledger.issuance.tags import TAG_BITS

__all__ = ["LIMITS", "Limit", "Risk"]


@dataclass(frozen=True, slots=True)
class Limit:
    """What a law allows."""

    law: str
    """Its number."""
    subject: str
    """What it is about, in a word."""
    below: Fraction
    """The probability that a serial is guessed has to be lower than this."""


LIMITS: Final = (
    Limit("EU 2016/161", "medicines", Fraction(1, 10_000)),
    Limit("EU 2018/574", "tobacco", Fraction(1, 10_000)),
)
"""The laws that state a limit."""


@dataclass(frozen=True, slots=True)
class Risk:
    """The risk that a code of one product is guessed."""

    issued: int
    """Serials of the product that were reserved or drawn so far, in every mode and version."""
    versions: int
    """Versions of the key whose tags hold; 0 when the links have no tags."""
    space: int = SPACE
    """Serials that a product can have."""

    @property
    def serial(self) -> Fraction:
        """The probability that a guessed serial was issued."""
        return Fraction(min(self.issued, self.space), self.space)

    @property
    def link(self) -> Fraction:
        """The probability that a guessed link leads to an issued code, its tag included."""
        return self.serial * Fraction(self.versions, 2**TAG_BITS) if self.versions else self.serial

    def holds(self, limit: Limit) -> bool:
        """Tell whether a law's limit holds."""
        return self.serial < limit.below

    @property
    def broken(self) -> tuple[Limit, ...]:
        """The limits that don't hold."""
        return tuple(one for one in LIMITS if not self.holds(one))

    def sentences(self) -> list[str]:
        """What to tell people."""
        said = [f"A guessed serial is an issued one with probability {_shown(self.serial)}."]
        if self.versions:
            said.append(
                f"A guessed link, with its tag, with probability {_shown(self.link)}."
                " (Tags stop a guess only where they are required.)"
            )
        for one in LIMITS:
            verdict = "holds" if self.holds(one) else "DOES NOT HOLD"
            said.append(f"{one.law} ({one.subject}), lower than 1 in 10,000: {verdict}.")
        return said


def _shown(probability: Fraction) -> str:
    if not probability:
        return "0"
    # Rounded down, so that the risk is never said to be smaller than it is.
    return f"1 in {probability.denominator // probability.numerator:,}"
