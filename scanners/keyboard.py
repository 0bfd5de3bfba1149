r"""From key presses to text: what a scanner that plays keyboard means by the keys it presses.

Rules kept here:

* A key is known by its place (Linux input event codes); the layout is the one that the scanner was
  set to, whatever the computer's own may be.
* Shift, caps lock, AltGr (also as Ctrl with Alt), Ctrl with a letter or sign, and dead keys work as
  on a keyboard. Ctrl+] is GS.
* Alt with digits is a character by its number when Alt is let go: Alt+029 is GS. Numbers above 255
  are two bytes of a Chinese character set, where the profile names one.
* F8 is what a terminal makes of it, so that one list of stand-ins for GS serves both.
* A key that writes nothing we know becomes NUL, and so does a loss of events in the kernel: the
  line then is a problem, and no character is ever left out of a code.

Key codes: linux/input-event-codes.h. Layouts: `identifiers.repair.keyboards`, and here what stands
there with AltGr and on the key beside the left shift.

>>> keys = KeyDecoder()
>>> [keys.feed(EV_KEY, code, 1) for code in (4, 2, 28)]
['3', '1', '\r']
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from identifiers.repair.keyboards import LAYOUTS

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["EV_KEY", "EV_LED", "EV_SYN", "LED_CAPS_LOCK", "SYN_DROPPED", "KeyDecoder"]

EV_SYN: Final = 0
EV_KEY: Final = 1
EV_LED: Final = 0x11
SYN_DROPPED: Final = 3
LED_CAPS_LOCK: Final = 1

_NOTHING = "\0"
_F8_TEXT = "\x1b[19~"
_ENTER, _TAB, _SPACE, _F8, _CAPS, _OTHER_ENTER, _MORE = 28, 15, 57, 66, 58, 96, 86
_SHIFTS, _CTRLS, _ALT, _ALT_GR = {42, 54}, {29, 97}, 56, 100
_SILENT = {69, 70, 125, 126}  # num lock, scroll lock, and the two logo keys write nothing

# The 47 printing keys of the American keyboard, row by row, as the layouts list them.
_PLACES = (41, *range(2, 14), *range(16, 28), 43, *range(30, 41), *range(44, 54))
_AMERICAN = (
    r"`1234567890-=qwertyuiop[]\asdfghjkl;'zxcvbnm,./"
    r'~!@#$%^&*()_+QWERTYUIOP{}|ASDFGHJKL:"ZXCVBNM<>?'
)
_KEYPAD = {
    **dict(zip((82, 79, 80, 81, 75, 76, 77, 71, 72, 73), "0123456789", strict=True)),
    83: ".",
    78: "+",
    74: "-",
    55: "*",
    98: "/",
}
_ROW_DIGITS = dict(zip(range(2, 12), "1234567890", strict=True))
_COMBINING = {"^": "\u0302", "´": "\u0301", "`": "\u0300", "¨": "\u0308", "~": "\u0303"}


@dataclass(frozen=True, slots=True)
class _Layout:
    """What each key writes."""

    plain: Mapping[int, str]
    shifted: Mapping[int, str]
    alt_gr: Mapping[int, str]
    dead: str
    """Accents that wait for a letter, or for a blank to stand alone."""


def _layout(rows: str, more: str, alt_gr: Mapping[int, str], dead: str) -> _Layout:
    half = len(_PLACES)
    plain = {**dict(zip(_PLACES, rows[:half], strict=True)), _MORE: more[0]}
    shifted = {**dict(zip(_PLACES, rows[half:], strict=True)), _MORE: more[1]}
    return _Layout(plain, shifted, alt_gr, dead)


_LAYOUTS: Final = {
    "us": _layout(_AMERICAN, "\\|", {}, ""),
    "de": _layout(
        LAYOUTS["qwertz"],
        "<>",
        {
            **dict(zip((3, 4, 8, 9, 10, 11, 12), "²³{[]}\\", strict=True)),
            16: "@",
            18: "€",
            27: "~",
            50: "µ",
            _MORE: "|",
        },
        "^´`",
    ),
    "fr": _layout(
        LAYOUTS["azerty"],
        "<>",
        {
            **dict(zip(range(3, 14), "~#{[|`\\^@]}", strict=True)),
            18: "€",
            27: "¤",
        },
        "^¨~`",
    ),
}


class KeyDecoder:
    """Turns key events into text; holds which modifiers are down."""

    def __init__(
        self, layout: str = "us", *, caps_lock: bool = False, double_byte: str = ""
    ) -> None:
        """Begin with all keys up.

        Args:
            layout: ``us``, ``de`` or ``fr``: what the scanner was set to.
            caps_lock: Whether it is on.
            double_byte: The character set of Alt numbers above 255; empty for none.
        """
        self._layout = _LAYOUTS[layout]
        self._caps_lock = caps_lock
        self._double_byte = double_byte
        self._down: set[int] = set()
        self._number: str | None = None  # what is typed while Alt is down
        self._accent = ""

    def feed(self, kind: int, code: int, value: int) -> str:
        """Take one event; return the text that it writes, mostly none.

        Args:
            kind: Type of the event, such as `EV_KEY`.
            code: Its code, such as that of a key.
            value: 1 for a press, 0 for a release, 2 for a repetition, which scanners don't mean.
        """
        if kind == EV_SYN and code == SYN_DROPPED:
            self._down.clear()
            self._number = None
            return _NOTHING
        if kind == EV_LED and code == LED_CAPS_LOCK:
            self._caps_lock = bool(value)
        if kind != EV_KEY:
            return ""
        if code == _ALT_GR and not self._layout.alt_gr:
            code = _ALT  # where no key has a third character, both are Alt
        if code in _SHIFTS or code in _CTRLS or code in {_ALT, _ALT_GR}:
            return self._modifier(code, value)
        if value != 1:
            return ""
        if code == _CAPS:
            self._caps_lock = not self._caps_lock
            return ""
        return "" if code in _SILENT else self._accented(self._pressed(code))

    def _modifier(self, code: int, value: int) -> str:
        if value == 1:
            self._down.add(code)
            if code == _ALT:
                self._number = ""
            return ""
        if value == 0:
            self._down.discard(code)
            if code == _ALT:
                number, self._number = self._number, None
                return self._by_number(number) if number else ""
        return ""

    def _pressed(self, code: int) -> str:
        has_ctrl = not self._down.isdisjoint(_CTRLS)
        if _ALT in self._down and not has_ctrl:
            return self._added(code)
        if code in {_ENTER, _OTHER_ENTER}:
            return "\r"
        if code == _TAB:
            return "\t"
        if code == _F8:
            return _F8_TEXT
        if code in _KEYPAD:
            return _KEYPAD[code]
        if _ALT_GR in self._down or _ALT in self._down:
            return self._layout.alt_gr.get(code, _NOTHING)
        if code == _SPACE:
            return " "
        sign = self._printed(code)
        if not has_ctrl:
            return sign
        # As a terminal does it: Ctrl takes the upper bits off @, A to Z, and [ \ ] ^ _.
        upper = sign.upper()
        return chr(ord(upper) & 0x1F) if "@" <= upper <= "_" else _NOTHING

    def _printed(self, code: int) -> str:
        plain = self._layout.plain.get(code, _NOTHING)
        shifted = self._layout.shifted.get(code, _NOTHING)
        is_shifted = not self._down.isdisjoint(_SHIFTS)
        if self._caps_lock and plain.isalpha() and shifted == plain.upper():
            is_shifted = not is_shifted
        return shifted if is_shifted else plain

    def _added(self, code: int) -> str:
        """Take a key that is pressed while Alt is down."""
        sign = _KEYPAD.get(code) or _ROW_DIGITS.get(code) or self._layout.plain.get(code, "")
        number = self._number or ""
        is_number = sign.isascii() and sign.isdigit()
        is_hex = number.startswith("+") and sign in set("abcdef")
        if (is_number or is_hex or (sign == "+" and not number)) and len(number) < 8:  # noqa: PLR2004
            self._number = number + sign
            return ""
        self._number = ""
        return _NOTHING

    def _by_number(self, number: str) -> str:
        try:
            value = int(number[1:], 16) if number.startswith("+") else int(number)
            if number.startswith("+"):
                return chr(value)
            if value <= 0x7F:  # noqa: PLR2004
                return chr(value)
            if value <= 0xFF:  # noqa: PLR2004
                return bytes([value]).decode("cp1252")
            if self._double_byte:
                return value.to_bytes(2).decode(self._double_byte)
        except (ValueError, OverflowError):
            pass
        return _NOTHING

    def _accented(self, text: str) -> str:
        """Hold a dead key's accent back until it is known what it stands on."""
        accent, self._accent = self._accent, ""
        if text and text in self._layout.dead:
            self._accent = text
            return accent
        if not accent or not text:
            return accent + text
        if text == " ":
            return accent
        composed = unicodedata.normalize("NFC", text + _COMBINING[accent])
        return composed if len(composed) == 1 else accent + text
