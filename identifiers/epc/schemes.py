"""The EPC schemes of GS1 keys: of which parts a URN and the value of an AI are made.

Rules kept (GS1 EPC Tag Data Standard, sections 6.3, 6.4 and 7):

* The company prefix has 6 to 12 digits; prefix and reference together have the number of digits of
  the key. A shorter prefix is written with the digits that follow it, as one of 6.
* A URN has no check digit; it is computed. The indicator or extension digit stands first in the
  reference.
* A lot is ``urn:epc:class:lgtin``, a class without serial a pattern ``urn:epc:idpat:...:*``.

Standard: https://ref.gs1.org/standards/tds/

>>> SCHEMES["sgtin"].ai, SCHEMES["sgtin"].serial
('01', '21')
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["KINDS", "NO_EXTENSION", "PREFIX_LENGTHS", "SCHEMES", "Scheme"]


class Scheme(NamedTuple):
    """How the URN of one scheme and the value of its AI are made of the same parts."""

    ai: str
    """The AI of the key."""
    digits: int
    """Digits of company prefix and reference together; 0 where the reference is no number."""
    indicator: bool = False
    """Whether the first digit of the reference goes before the company prefix in the key."""
    lead: str = ""
    """What the value begins with besides."""
    serial: str = ""
    """AI of the serial or lot; ``+`` when it follows in the value of the key itself."""
    extra: int = 0
    """Parts of two digits that follow the check digit."""
    pattern: bool = False
    """Whether a class without serial is written as a pattern."""

    @property
    def parts(self) -> int:
        """How many parts stand between the full stops of the URN."""
        return 2 + self.extra + (1 if self.serial else 0)


SCHEMES = {
    "sgtin": Scheme("01", 13, indicator=True, serial="21", pattern=True),
    "lgtin": Scheme("01", 13, indicator=True, serial="10"),
    "upui": Scheme("01", 13, indicator=True, serial="235"),
    "itip": Scheme("8006", 13, indicator=True, serial="21", extra=2, pattern=True),
    "sscc": Scheme("00", 17, indicator=True),
    "sgln": Scheme("414", 12, serial="254"),
    "pgln": Scheme("417", 12),
    "grai": Scheme("8003", 12, lead="0", serial="+", pattern=True),
    "giai": Scheme("8004", 0),
    "gdti": Scheme("253", 12, serial="+", pattern=True),
    "sgcn": Scheme("255", 12, serial="+", pattern=True),
    "gsrn": Scheme("8018", 17),
    "gsrnp": Scheme("8017", 17),
    "ginc": Scheme("401", 0),
    "gsin": Scheme("402", 16),
    "cpi": Scheme("8010", 0, serial="8011", pattern=True),
}
"""The schemes by the names that they have in a URN; of those of one AI the commonest first."""

KINDS = {"lgtin": "class"}
"""The second word of the URN, where it is not ``id``."""

PREFIX_LENGTHS = range(6, 13)
"""How many digits a company prefix may have in an EPC."""

NO_EXTENSION = "0"
"""The extension of a GLN that has none (section 6.3.3)."""
