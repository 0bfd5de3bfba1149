"""Compressed GS1 Digital Links, decoded.

Release 1.1 of the standard packed a link's identifiers into bits and wrote these in file-safe
base 64 as the last segment of the path. Later releases dropped this form; links once printed stay.

Rules kept (GS1 Digital Link Standard 1.1, compression; GS1's own toolkit where it says nothing):

* An AI is written with four bits a digit, or a code of eight bits names a sequence of AIs.
* A value of fixed digits is one number; other parts say their length, and text says its alphabet.
* The key may stand uncompressed before the compressed segment, further parameters in the query.
* A number has as many digits as its length says. The toolkit itself loses its leading zeros.
* Parameters that are no AIs are passed over, as they are in every other link.
* What is left at the end is less than one character, and zero.
* What comes out is verified as the uncompressed link that it stands for. Its attributes stand in
  the order of their AIs: compressing changes the order, and one message has one canonical link.
* The toolkit rounds numbers above 2**53 (an SSCC, a serial of 17 digits) and nobody can undo that:
  a number that may have been rounded is refused, also where it is right by chance.
* AIs younger than the toolkit have no compressed form and are refused.

Standard: https://ref.gs1.org/standards/digital-link/1.1.3/

>>> parse_compressed_link("https://example.org/CxFKk4XBoI1XgkY").elements
(('01', '09506000134352'), ('10', 'ABC123'))
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from identifiers.characters import is_digits, unescape
from identifiers.errors import (
    IdentifierError,
    LengthError,
    RepeatError,
    SyntaxError_,
    UnknownAiError,
)
from identifiers.gs1 import aitable
from identifiers.gs1.digital_link import as_digital_link, parse_digital_link
from identifiers.gs1.elements import ElementString

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["is_compressed_link", "parse_compressed_link"]

_RULE = "GS1 Digital Link Standard 1.1, compression"
_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_HEXADECIMAL = "0123456789abcdef"
_ASCII = "".join(map(chr, range(128)))
_BITS = {ord(character): f"{value:06b}" for value, character in enumerate(_BASE64)}

_URI = re.compile(r"((?:https?|HTTPS?)://[^/?#]+)(/[^?#]*)(?:\?([^#]*))?")
_SEGMENT = re.compile(r"[A-Za-z0-9_\-]+")
_VALUE = re.compile(r"[A-Za-z0-9\-._~:@!$&'()*+,;=%]+")

_NUMBER = 0
_ALPHABETS = ("", _HEXADECIMAL, _HEXADECIMAL.upper(), _BASE64, _ASCII)
"""The alphabet of a text by its indicator of three bits; 0 stands for a number."""
_INDICATOR = 3  # bits of the alphabet's indicator
_FOREIGN = "F"  # the first four bits of a parameter that is no AI
_FOREIGN_LENGTH = 7  # bits of the lengths of its name and value
_CHARACTER = 6  # bits of a character of the segment
_CODE = 8  # bits of the shortest AI, and of a code that names a sequence
_LONGEST_AI = 4  # digits
_LONG_NUMBER = 13  # digits from which two equal neighbours are no chance
_EXACT = 2**53  # up to here JavaScript, in which the toolkit is written, counts exactly


def _sequences() -> dict[str, tuple[str, ...]]:
    """Spell out the codes that name a sequence of AIs; the last digit of a run counts on."""
    after_gtin = {
        "0A": "22",
        "0B": "10",
        "0C": "21",
        "0D": "17",
        "0E": "7003",
        "0F": "30",
        "1A": "10 17 21",
        "1B": "15",
        "1C": "11",
        "1D": "16",
        "1E": "91",
        "1F": "10 15",
        **{f"{run}{'ABCDEF'[last]}": f"3{run - 1}0{last}" for run in (2, 3) for last in range(6)},
        **{f"A{last}": f"392{last}" for last in range(10)},
    }
    return {
        **{code: ("01", *ais.split()) for code, ais in after_gtin.items()},
        "9A": ("8010", "8011"),
        "9B": ("8017", "8019"),
        "9C": ("8018", "8019"),
        "9D": ("254", "414"),
        **{f"C{last}": ("255", f"390{last}") for last in range(10)},
        **{f"C{'ABCD'[last]}": ("255", f"394{last}") for last in range(4)},
    }


_SEQUENCES = _sequences()
_LISTED = {"1A": ("01", "10", "21", "17"), "9D": ("414", "254")}
"""The two sequences that the standard lists in another order than the toolkit writes them."""

_YOUNGER = re.compile(r"03|4309|433.|7011|7041|71[567]|724[12]|725.|8014|8030|804.")
"""The AIs that the compression knows nothing about."""
_PARTS = {
    **dict.fromkeys(("423", "425"), (("N", 3, 3), ("N", 1, 12))),
    "7007": (("N", 6, 6), ("N", 1, 6)),
    "7040": (("N", 1, 1), ("X", 3, 3)),
    "8007": (("X", 1, 24),),
    "8008": (("N", 8, 8), ("N", 1, 4)),
    **{f"723{last}": (("X", 1, 30),) for last in range(10)},
}
"""The parts (kind, least and greatest length) that differ from those of today's dictionary."""


def _parts(found: aitable.Entry) -> tuple[tuple[str, int, int], ...]:
    """Give the parts of a value; digits of fixed length that follow each other are one number."""
    if found.ai in _PARTS:
        return _PARTS[found.ai]
    parts: list[tuple[str, int, int]] = []
    for part in found.components:
        kind = "N" if part.kind == "N" else "X"
        if kind == "N" and part.shortest == part.longest and parts:
            length = parts.pop()[1] + part.longest
            parts.append((kind, length, length))
        else:
            parts.append((kind, part.shortest, part.longest))
    return tuple(parts)


class _Reader:
    """Reads what is asked for from a text of zeros and ones, front to back."""

    def __init__(self, segment: str) -> None:
        self._bits = segment.translate(_BITS)
        self._position = 0

    def left(self) -> int:
        """Count the bits that are not read yet."""
        return len(self._bits) - self._position

    def rest(self) -> str:
        """Give the bits that are not read yet."""
        return self._bits[self._position :]

    def _take(self, length: int) -> str:
        if length > self.left():
            raise LengthError(
                "a compressed link that is complete",
                self.rest()[:length],
                fix="copy the whole link",
                rule=_RULE,
            )
        self._position += length
        return self._bits[self._position - length : self._position]

    def _number(self, length: int) -> int:
        return int(self._take(length), 2)

    def _digits(self, length: int) -> str:
        """Read so many digits, which are one number; how many bits it has is the toolkit's rule."""
        value = self._number(math.ceil(length * math.log2(10) + 0.01))
        if value >= 10**length:
            raise LengthError(
                "a number of at most {length} digits", str(value), length=length, rule=_RULE
            )
        if value > _EXACT and int(float(value)) == value:
            raise LengthError(
                "a number that was not rounded when it was compressed",
                str(value),
                fix="ask for the uncompressed link",
                rule=_RULE,
            )
        return str(value).zfill(length) if length else ""

    def _characters(self, alphabet: str, length: int) -> str:
        width = (len(alphabet) - 1).bit_length()
        bits = self._take(width * length)
        return "".join(
            alphabet[int(bits[start : start + width], 2)] for start in range(0, len(bits), width)
        )

    def _text(self, length_bits: int, length: int = 0) -> str:
        """Read a text: the indicator of its alphabet, its length unless that is fixed, itself."""
        indicator = self._number(_INDICATOR)
        if indicator >= len(_ALPHABETS):
            raise SyntaxError_(
                "an alphabet of the compressed form, from 0 to 4", str(indicator), rule=_RULE
            )
        length = length or self._number(length_bits)
        if indicator == _NUMBER:
            return self._digits(length)
        return self._characters(_ALPHABETS[indicator], length)

    def value(self, ai: str) -> str:
        """Read the value of an AI."""
        value = ""
        start = self._position
        for kind, shortest, longest in _parts(aitable.entry(ai)):
            fixed = longest if shortest == longest else 0
            if kind == "N":
                value += self._digits(fixed or self._number(longest.bit_length()))
                continue
            first = self._bits[start : self._position]
            if len(value) >= _LONG_NUMBER and self._bits.startswith(first, self._position):
                # The toolkit writes the number before a text twice, and can't read that itself.
                self._position += len(first)
            value += self._text(longest.bit_length(), fixed)
        return value

    def ais(self, sequences: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
        """Read which AIs follow; none when a parameter follows that is no AI."""
        ahead = self._bits[self._position : self._position + 4 * _LONGEST_AI]
        digits = f"{int(ahead[: len(ahead) // 4 * 4], 2):0{len(ahead) // 4}X}"
        if digits.startswith(_FOREIGN):
            self._position += 4
            return ()
        sequence = sequences.get(digits[:2])
        if sequence is not None:
            self._position += _CODE
            return sequence
        try:
            ai = aitable.at(digits, 0).ai
        except UnknownAiError:
            ai = ""
        if not ai or _YOUNGER.fullmatch(ai):
            raise UnknownAiError(
                "an application identifier that has a compressed form", ai or digits, rule=_RULE
            )
        self._position += 4 * len(ai)
        return (ai,)

    def parameter(self) -> None:
        """Pass over a parameter that is no AI."""
        name = self._characters(_BASE64, self._number(_FOREIGN_LENGTH))
        if is_digits(name):
            raise SyntaxError_("the name of a parameter, not a number", name, rule=_RULE)
        self._text(_FOREIGN_LENGTH)


def _elements(segment: str, sequences: Mapping[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    """Read the AIs and values of a compressed segment (release 1.1, decompression)."""
    reader = _Reader(segment)
    values: dict[str, str] = {}
    while reader.left() >= _CODE:
        ais = reader.ais(sequences)
        if not ais:
            reader.parameter()
        for ai in ais:
            if ai in values:
                raise RepeatError("each AI once", f"({ai})", ai=ai, rule=_RULE)
            values[ai] = reader.value(ai)
    if reader.left() >= _CHARACTER or "1" in reader.rest():
        raise SyntaxError_("zeros of less than one character at the end", reader.rest(), rule=_RULE)
    return list(values.items())


@dataclass(frozen=True, slots=True)
class _Link:
    """A link taken apart."""

    stem: str
    """Scheme, host and what stands before the key."""
    key: tuple[tuple[str, str], ...]
    """The uncompressed key, escaped, or nothing."""
    segment: str
    """The last segment of the path."""
    start: int
    """Index of the segment in the text."""
    query: str
    """The parameters that are not compressed."""


def _split(text: str) -> _Link:
    uri = _URI.match(text)
    if uri is None:
        raise SyntaxError_("a URI that begins with https://", text, position=0, rule=_RULE)
    origin, path, query = uri.groups()
    before, _, segment = path.rpartition("/")
    start = uri.end(2) - len(segment)
    if not _SEGMENT.fullmatch(segment):
        raise SyntaxError_(
            "a compressed segment at the end of the path", segment, position=start, rule=_RULE
        )
    stem, _, value = before.rpartition("/")
    stem, _, ai = stem.rpartition("/")
    found = aitable.find(ai)
    if found is None or found.qualifiers is None:
        return _Link(origin + before, (), segment, start, query or "")
    if not _VALUE.fullmatch(value):
        raise SyntaxError_(
            "characters of a URI", value, position=start - len(value) - 1, ai=ai, rule=_RULE
        )
    return _Link(origin + stem, ((ai, unescape(value)),), segment, start, query or "")


def is_compressed_link(text: str) -> bool:
    """Tell whether a text has the form of a compressed link; its values are not verified.

    Args:
        text: Any text.

    Returns:
        Whether the last segment of its path can be read to its end.
    """
    try:
        link = _split(text)
        return bool(_elements(link.segment, _SEQUENCES) or link.key)
    except IdentifierError:
        return False


def _message(link: _Link, elements: list[tuple[str, str]], *, requisites: bool) -> ElementString:
    """Write the uncompressed link and parse it, so that nothing escapes verification."""
    stands = [*link.key, *elements]
    repeated = next((ai for ai, _ in elements if any(ai == key for key, _ in link.key)), "")
    if repeated:
        raise RepeatError("each AI once", f"({repeated})", ai=repeated, rule=_RULE)
    plain = as_digital_link(ElementString(tuple(stands), aitable.version()), stem=link.stem)
    if link.query:
        plain += ("&" if "?" in plain else "?") + link.query
    code = parse_digital_link(plain, requisites=requisites)
    path, query = code.elements[: code.path], code.elements[code.path :]
    return code._replace(elements=path + tuple(sorted(query, key=lambda pair: int(pair[0]))))


def parse_compressed_link(text: str, *, requisites: bool = True) -> ElementString:
    """Parse a GS1 Digital Link whose identifiers are compressed, all of them or all but the key.

    Args:
        text: The URI, on any stem.
        requisites: Whether AIs that others require must be there.

    Returns:
        The verified message, as the uncompressed link gives it; its `path` counts the AIs of the
        path.

    Raises:
        IdentifierError: The text is no valid compressed link. The position is where the compressed
            segment starts.
    """
    link = _split(text)
    messages: list[ElementString] = []
    faults: list[IdentifierError] = []
    for sequences in (_SEQUENCES, {**_SEQUENCES, **_LISTED}):
        try:
            elements = _elements(link.segment, sequences)
            messages.append(_message(link, elements, requisites=requisites))
        except IdentifierError as error:
            error.position = link.start
            faults.append(error)
    if not messages:
        raise faults[0] from None
    if messages[0] != messages[-1]:
        raise SyntaxError_(
            "a link that can be read in one way only", link.segment, position=link.start, rule=_RULE
        )
    return messages[0]
