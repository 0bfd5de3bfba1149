"""What a keyboard layout makes of the keys that a scanner presses.

A scanner on a keyboard port presses keys and means those of the American keyboard; a computer that
is set to another layout writes the other layout's characters. Here stands which character stands
where, so that the damage can be undone.

Rules kept:

* A layout is the characters of the 47 printing keys, row by row, without and with shift, in the
  order of the American ones; only those of a base layout without AltGr.
* A dead key stands as the accent that it writes before a character which it cannot carry.
* A character that two keys of a layout write is taken for the unshifted one.
* Undoing a layout is a guess: the caller must verify what comes out.

>>> undo("azerty", "$C&à&")
']C101'
>>> undo("qwertz", "httpsÖ--id.gs1.org-01-")
'https://id.gs1.org/01/'
"""

from __future__ import annotations

from functools import lru_cache

__all__ = ["CAPS_LOCKED", "LAYOUTS", "is_typed_on", "undo"]

_AMERICAN = (
    r"`1234567890-=qwertyuiop[]\asdfghjkl;'zxcvbnm,./"
    r'~!@#$%^&*()_+QWERTYUIOP{}|ASDFGHJKL:"ZXCVBNM<>?'
)

# "\0" is a key that writes nothing of its own.
LAYOUTS: dict[str, str] = {
    "azerty": "²&é\"'(-è_çà)=azertyuiop^$*qsdfghjklmùwxcvbn,;:!"
    "\x001234567890°+AZERTYUIOP¨£µQSDFGHJKLM%WXCVBN?./§",
    "qwertz": "^1234567890ß´qwertzuiopü+#asdfghjklöäyxcvbnm,.-"
    "°!\"§$%&/()=?`QWERTZUIOPÜ*'ASDFGHJKLÖÄYXCVBNM;:_",
    "russian": "ё1234567890-=йцукенгшщзхъ\\фывапролджэячсмитьбю."
    'Ё!"№;%:?*()_+ЙЦУКЕНГШЩЗХЪ/ФЫВАПРОЛДЖЭЯЧСМИТЬБЮ,',
    "spanish": "º1234567890'¡qwertyuiop`+çasdfghjklñ´zxcvbnm,.-"
    'ª!"·$%&/()=?¿QWERTYUIOP^*ÇASDFGHJKLÑ¨ZXCVBNM;:_',
    "italian": "\\1234567890'ìqwertyuiopè+ùasdfghjklòàzxcvbnm,.-"
    '|!"£$%&/()=?^QWERTYUIOPé*§ASDFGHJKLç°ZXCVBNM;:_',
    "nordic": "§1234567890+´qwertyuiopå¨'asdfghjklöäzxcvbnm,.-"
    '½!"#¤%&/()=?`QWERTYUIOPÅ^*ASDFGHJKLÖÄZXCVBNM;:_',
    "british": "`1234567890-=qwertyuiop[]#asdfghjkl;'zxcvbnm,./"
    '¬!"£$%^&*()_+QWERTYUIOP{}~ASDFGHJKL:@ZXCVBNM<>?',
    "caps-lock": "`1234567890-=QWERTYUIOP[]\\ASDFGHJKL;'ZXCVBNM,./"
    '~!@#$%^&*()_+qwertyuiop{}|asdfghjkl:"zxcvbnm<>?',
}
"""The characters of each layout, in the order of the American keys, unshifted and then shifted."""


CAPS_LOCKED = frozenset({"]c1", "]D1", "]D2", "]q1", "]q3", "]j0", "]j1", "]i1"})
"""Symbology identifiers of GS1 codes as caps lock writes them, which nobody else uses."""


@lru_cache(maxsize=len(LAYOUTS))
def _table(layout: str) -> dict[int, str]:
    """Give the American character for each character of a layout that differs from it."""
    pairs = zip(reversed(LAYOUTS[layout]), reversed(_AMERICAN), strict=True)
    table = {ord(given): meant for given, meant in pairs}
    return {given: meant for given, meant in table.items() if chr(given) != meant and given}


def is_typed_on(layout: str, text: str) -> bool:
    """Tell whether a text has only characters that the layout writes, and one that gives it away.

    A swapped letter such as y for z gives nothing away: there is no text that cannot have it. All
    the letters of the Russian layout do, and in capitals for small letters a symbology identifier
    that exists in the other case alone.

    Args:
        layout: One of `LAYOUTS`.
        text: The text.
    """
    signs = set(text) - set("\x1c\x1d\x1e\x04 ")
    if not signs <= set(LAYOUTS[layout]):
        return False
    if layout == "caps-lock":
        return text[:3] in CAPS_LOCKED
    return any(
        ord(sign) in _table(layout) and not (sign.isascii() and sign.isalnum()) for sign in signs
    )


def undo(layout: str, text: str) -> str:
    """Give the text that the scanner meant.

    Args:
        layout: One of `LAYOUTS`.
        text: What the computer wrote.

    Returns:
        The text with the American keys' characters.
    """
    return text.translate(_table(layout))
