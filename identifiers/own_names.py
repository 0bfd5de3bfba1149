r"""The text of a symbol from the name of what it names, so that a name can be read back.

Rules kept:

* A name leaves out what names nothing: the envelope of a message, the check character of HIBC, the
  flags behind a donation number of ISBT 128. They are put back, the flags as ``00``.
* A data identifier that stands alone, and the codes of all other schemes, are their own names.
* Whether the name is sound is for the scheme's parser to say.

Standard: docs/adr/0006

>>> as_symbol("udi-hibcc", "+A99912345/S77DEFG45")
'+A99912345/S77DEFG45R'
>>> as_symbol("iso15418-di", "9N112097776020\x1d1TAB")
'[)>\x1e06\x1d9N112097776020\x1d1TAB\x1e\x04'
"""

from __future__ import annotations

import re
from contextlib import suppress

from identifiers.errors import CharacterError
from identifiers.schemes.hibc import hibc_check_character
from identifiers.schemes.iso15434 import GS, HEADER, RS, TRAILER

__all__ = ["as_symbol"]

_FORMATS = {"iso15418-di": "06", "iso15434-06": "06", "iso15434-12": "12"}
_DONATION = re.compile(r"(?:=/[0-9A-Z]{16}|=\)[0-9A-Z]{10})=[0-9A-Z]{13}")
_FLAGS = "00"


def as_symbol(scheme: str, name: str) -> str:
    """Write what a symbol would hold whose code has this name.

    Args:
        scheme: The scheme in a URN of ours.
        name: The unescaped rest of the URN.

    Returns:
        A text for the parser of the scheme, whose reading has the same URN if the name is sound;
        the name itself if no symbol could have it.
    """
    if scheme == "udi-hibcc":
        with suppress(CharacterError):
            return name + hibc_check_character(name)
    if scheme == "udi-iccbba":
        return _DONATION.sub(rf"\g<0>{_FLAGS}", name, count=1)
    if scheme in _FORMATS and (scheme != "iso15418-di" or GS in name):
        return f"{HEADER}{RS}{_FORMATS[scheme]}{GS}{name}{TRAILER}"
    return name
