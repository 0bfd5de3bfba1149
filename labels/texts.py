"""Element strings as people read them: titles, dates and amounts.

Rules kept (GS1 General Specifications):

* Human readable interpretation, which `Symbol.hri` holds, is what the symbol says, with brackets
  around AIs and nothing else (section 4.14).
* What stands here is text beside it: the data title of the AI (section 3.2), dates as ISO 8601
  has them, amounts with the decimal point that the AI's last digit sets (section 3.6).
* A value of another kind, or one that can't be read so, stays as it is.

>>> titled("17", "270228", 2026)
('USE BY or EXPIRY', '2027-02-28')
>>> titled("3102", "001250", 2026)
('NET WEIGHT (kg)', '12.50')
"""

from __future__ import annotations

from typing import Final

from identifiers import IdentifierError
from identifiers.gs1 import aitable
from identifiers.gs1.dates import as_iso_date

__all__ = ["titled"]

_DATES: Final = frozenset("11 12 13 15 16 17".split())
_DECIMAL_FROM, _DECIMAL_TO = "310", "369"
_DECIMAL_LENGTH = 4  # digits of an AI whose last one sets the decimal point


def titled(ai: str, value: str, current_year: int) -> tuple[str, str]:
    """The title of an AI, and its value for people.

    Raises:
        IdentifierError: There is no such AI.
    """
    title = aitable.entry(ai).title
    if ai in _DATES:
        try:
            return title, as_iso_date(value, current_year)
        except IdentifierError:
            return title, value
    if len(ai) == _DECIMAL_LENGTH and _DECIMAL_FROM <= ai[:3] <= _DECIMAL_TO and value.isdigit():
        places = int(ai[3])
        if 0 < places < len(value):
            whole = value[:-places].lstrip("0") or "0"
            return title, f"{whole}.{value[-places:]}"
        return title, value.lstrip("0") or "0"
    return title, value
