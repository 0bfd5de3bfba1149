"""The verdict on the values that an EPC carries.

Rules kept (GS1 EPC Tag Data Standard, section 6.3):

* A value is verified like any other of its AI, by the release of the syntax dictionary in use.
* Piece and total of an ITIP are two digits each to this standard, also ``00``, and the serial of a
  CPI may be ``0``. The dictionary refuses both; such a message is kept as it is, and names this
  standard as its judge.

Standard: https://ref.gs1.org/standards/tds/

>>> judge([("8010", "0614141A"), ("8011", "0")])
'TDS 2.2'
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from identifiers.checkdigit import verify_check_digit
from identifiers.errors import IdentifierError
from identifiers.gs1 import aitable
from identifiers.gs1.elements import verify_value

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["TAG_DATA_STANDARD", "judge", "judge_value"]

TAG_DATA_STANDARD = "TDS 2.2"
"""What stands for the dictionary's release in a message that only this standard accepts."""

_GTIN = 14  # digits
_WAIVED = {"8006": re.compile(r"[0-9]{18}"), "8011": re.compile("0")}
"""Values that this standard accepts whatever the dictionary says."""


def judge_value(ai: str, value: str) -> bool:
    """Verify one value, and tell whether the dictionary accepts it too.

    Args:
        ai: Its AI.
        value: The value without the AI.

    Returns:
        False for a value that this standard alone accepts.

    Raises:
        IdentifierError: Neither accepts it; the position is an index in the value.
    """
    try:
        verify_value(aitable.entry(ai), value)
    except IdentifierError:
        waived = _WAIVED.get(ai)
        if waived is None or waived.fullmatch(value) is None:
            raise
        if len(value) > _GTIN:
            verify_check_digit(value[:_GTIN])
        return False
    return True


def judge(elements: Iterable[tuple[str, str]]) -> str:
    """Verify the values of a message, each on its own.

    Args:
        elements: The AIs with their values.

    Returns:
        What accepts them all: the release of the dictionary, or `TAG_DATA_STANDARD`.

    Raises:
        IdentifierError: A value is not accepted; the position is an index in it.
    """
    sound = [judge_value(ai, value) for ai, value in elements]
    return aitable.version() if all(sound) else TAG_DATA_STANDARD
