r"""Setting a scanner up: what came back from a sheet of known codes tells how the device sends.

Rules kept here:

* The sheet's codes are scanned once each, in their order. What tells how they arrive: a GS1
  DataMatrix with two separators, all 95 printable ASCII characters in five Code 128, and a QR code
  in Chinese.
* Derived are framing, prefix and suffix, stand-in for GS, AIM identifiers, keyboard layout, input
  method and character set. A profile counts only after the scanner's own bytes were read with it
  and gave the sheet's codes again.
* What would read one code as another is a fault, and then there is no profile: a separator that is
  lost or looks like part of a code, characters that are lost, identifiers of the maker's own.

Symbology identifiers: ISO/IEC 15424.

>>> sent = b"".join(b"]C0" + code.text.encode() + b"\r" for code in SHEET)
>>> found = derive((sent,), WedgeDevice())
>>> found.device.identifier.value, found.findings
('always', ())
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, Any, Final

import msgspec

from scanners.devices import EvdevDevice, LineDevice, SerialDevice, made_device
from scanners.errors import ProfileError
from scanners.scan import GS
from scanners.typing_damage import TYPED_LAYOUTS, FullWidth, undo_typing
from scanners.wedge import GS_FORMS, Identifier, WedgeParser

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["SHEET", "Derived", "Finding", "TestCode", "derive", "lines_of"]


@dataclass(frozen=True, slots=True)
class TestCode:
    """One code of the sheet."""

    __test__ = False  # no test, whatever its name begins with

    symbol: str
    """``datamatrix``, ``code-128`` or ``qr``."""
    text: str
    """Its content, with GS for FNC1; of the GS1 symbol without the leading one."""
    caption: str


_PARTS: Final = ("010950600013435210SETUPYZ", "21AQW1", "240END")
_CHINESE: Final = "溯源批次"
SHEET: Final = (
    TestCode("datamatrix", GS.join(_PARTS), "GS1 DataMatrix: separators"),
    TestCode("code-128", "ABCDEFGHIJKLMNOPQR", "Code 128: capitals"),
    TestCode("code-128", "STUVWXYZ0123456789", "Code 128: capitals and digits"),
    TestCode("code-128", "abcdefghijklmnopqr", "Code 128: small letters"),
    TestCode("code-128", "stuvwxyz !\"#$%&'()", "Code 128: small letters and signs"),
    TestCode("code-128", "*+,-./:;<=>?@[\\]^_`{|}~", "Code 128: signs"),
    TestCode("qr", _CHINESE, "QR: Chinese in UTF-8"),
)
"""The codes, in the order in which they are scanned."""

_AROUND = re.compile(
    r"(?P<first>\][A-Za-z][0-9A-Za-z])?(?P<prefix>.*?)(?P<last>\][A-Za-z][0-9A-Za-z])?\x1d?",
    re.DOTALL,
)
_FORM = "(.{0,16}?)"
_SEPARATED = re.compile(
    re.escape(_PARTS[0]) + _FORM + re.escape(_PARTS[1]) + _FORM + re.escape(_PARTS[2]), re.DOTALL
)
_CHARSETS: Final = (("utf-8",), ("utf-8", "gb18030"))
_ETX = "\x03"
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about the device that its user should know."""

    kind: str
    """Stable name, such as ``lost-separator``."""
    sentence: str
    is_fault: bool
    """Whether codes could be read wrong, so that there is no profile."""


@dataclass(frozen=True, slots=True)
class Derived:
    """How the device sends."""

    device: LineDevice | None
    """Its profile; None where a fault was found."""
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class _Guess:
    """One way to read what came, and how well it explains the sheet."""

    layout: str
    full_width: FullWidth
    texts: list[str]
    separators: tuple[str, ...] = ()
    around: dict[int, tuple[str, str]] = field(default_factory=dict)
    """What stands before and behind each code that is whole."""


def lines_of(bursts: Sequence[bytes]) -> tuple[str, str, list[bytes]]:
    """Part what came into lines; each burst is what came without a silence.

    Returns:
        The start, the endings, and the lines between; no endings where only silences part them.
    """
    stream = b"".join(bursts)
    if b"\x02" in stream and b"\x03" in stream:
        found = re.findall(rb"\x02([^\x02\x03]+)\x03", stream)
        return "\x02", "\x03", found
    endings = "\x03" if b"\x03" in stream else "\r\n\t"
    lines = [line for line in re.split(f"[{endings}]".encode(), stream) if line]
    seen = "".join(one for one in endings if one.encode() in stream)
    if not seen:
        return "", "", [burst for burst in bursts if burst]
    return "", seen, lines


def derive(bursts: Sequence[bytes], base: LineDevice) -> Derived:
    """Derive how a device sends from what came of the sheet; see the module.

    Args:
        bursts: What came; a silence stands between two bursts.
        base: Where the device is.

    Raises:
        ProfileError: What came is not the sheet.
    """
    start, endings, lines = lines_of(bursts)
    if len(lines) not in {len(SHEET), len(SHEET) - 1}:
        raise ProfileError(
            "scanner setup",
            f"{len(lines)} codes came where the sheet has {len(SHEET)}",
            "scan each code of the sheet once, in its order",
        )
    charset, decoded = _decoded(lines)
    guess = max(_guesses(decoded), key=lambda one: (len(one.around), bool(one.separators)))
    if len(guess.around) < len(SHEET) // 2:
        raise ProfileError(
            "scanner setup",
            f"what came is not the sheet; its first code came as {decoded[0][:_SHOWN]!r}",
            "scan the codes of the printed sheet in their order",
        )
    sending: dict[str, Any] = {
        "encodings": charset,
        "layout": guess.layout,
        "full_width": guess.full_width.value,
        "start": start,
    }
    if isinstance(base, SerialDevice) or endings == _ETX:
        sending["endings"] = endings
    findings = [
        *_separator(guess, sending),
        *_characters(guess),
        *_surroundings(guess, sending),
        *_chinese(guess),
    ]
    if any(finding.is_fault for finding in findings):
        return Derived(None, tuple(findings))
    # How it sent before is forgotten; where it is stays, and the keys that were decoded by.
    stays = {"layout"} if isinstance(base, EvdevDevice) else set[str]()
    forgotten = _DEFAULTS.keys() - stays
    place = {k: v for k, v in msgspec.to_builtins(base).items() if k not in forgotten}
    changed = {k: v for k, v in sending.items() if v != _DEFAULTS[k]}
    try:
        device: Any = made_device("setup", place | changed, "the device")
    except ProfileError as error:
        fault = Finding("no-profile", f"{error.found}; {error.fix}.", is_fault=True)
        return Derived(None, (*findings, fault))
    faults = _proved(device, bursts, guess)
    return Derived(None if faults else device, (*findings, *faults))


_DEFAULTS: Final[dict[str, Any]] = {
    "encodings": ("utf-8",),
    "layout": "us",
    "full_width": FullWidth.CERTAIN.value,
    "start": "",
    "endings": "\r\n\t",
    "gs": GS_FORMS,
    "prefix": "",
    "suffix": "",
    "identifier": Identifier.ANY.value,
}


def _decoded(lines: Sequence[bytes]) -> tuple[tuple[str, ...], list[str]]:
    """Decode the lines by the first character sets that bring the Chinese code out."""
    for charset in _CHARSETS:
        texts = [_text(line, charset) for line in lines]
        if _CHINESE in texts[-1]:
            return charset, texts
    return _CHARSETS[0], [_text(line, _CHARSETS[0]) for line in lines]


def _text(line: bytes, charset: Sequence[str]) -> str:
    for one in charset:
        try:
            return line.decode(one)
        except UnicodeDecodeError:
            continue
    return line.decode(charset[0], "replace")


def _guesses(decoded: Sequence[str]) -> Iterator[_Guess]:
    """Every layout and input method, the plain ones first."""
    for full_width, layout in product((FullWidth.CERTAIN, FullWidth.FOLD), TYPED_LAYOUTS):
        texts = [undo_typing(text, layout=layout, full_width=full_width)[0] for text in decoded]
        guess = _Guess(layout, full_width, texts)
        for index, (code, text) in enumerate(zip(SHEET, texts, strict=False)):
            if index == 0 and (found := _SEPARATED.search(text)):
                guess.separators = found.groups()
                guess.around[0] = (text[: found.start()], text[found.end() :])
            elif index and code.text in text:
                before, _code, behind = text.partition(code.text)
                guess.around[index] = (before, behind)
        yield guess


def _separator(guess: _Guess, sending: dict[str, Any]) -> Iterator[Finding]:
    forms = set(guess.separators)
    if not forms:
        came = guess.texts[0][:_SHOWN]
        yield Finding("damaged", f"The GS1 DataMatrix came as {came!r}.", is_fault=True)
    elif "" in forms:
        yield Finding(
            "lost-separator",
            "The separator GS is lost, so that values of open length run into the next: set the"
            " scanner to send GS as a control character, as Ctrl+] or as F8.",
            is_fault=True,
        )
    elif len(forms) > 1:
        yield Finding(
            "two-separators",
            f"GS came in two ways, {' and '.join(map(repr, forms))}.",
            is_fault=True,
        )
    else:
        [form] = forms
        if form != GS and form not in GS_FORMS:
            sending["gs"] = (form,)


def _characters(guess: _Guess) -> Iterator[Finding]:
    for index, code in enumerate(SHEET[:-1]):
        if index == 0 or index in guess.around:
            continue
        lost = "".join(sign for sign in code.text if sign not in guess.texts[index])
        came = guess.texts[index][:_SHOWN]
        yield Finding(
            "lost-characters",
            f"Code {index + 1} came as {came!r}, without {lost or 'its order'!r}: set scanner and"
            " computer to one keyboard layout, or read the scanner as kind evdev or serial.",
            is_fault=True,
        )


def _surroundings(guess: _Guess, sending: dict[str, Any]) -> Iterator[Finding]:
    prefixes, suffixes, identifiers = set(), set(), set()
    for before, behind in guess.around.values():
        found = _AROUND.fullmatch(before)
        if found is not None:
            prefixes.add(found["prefix"])
            identifiers.add(bool(found["first"] or found["last"]))
        suffixes.add(behind)
    if len(prefixes) != 1 or len(suffixes) != 1:
        shown = sorted(prefixes if len(prefixes) > 1 else suffixes)
        yield Finding(
            "own-identifiers",
            f"What stands around a code differs from code to code ({', '.join(map(repr, shown))}):"
            " set the scanner to send AIM identifiers, and no code letters of its maker.",
            is_fault=True,
        )
        return
    sending["prefix"], sending["suffix"] = prefixes.pop(), suffixes.pop()
    if len(identifiers) > 1:
        yield Finding(
            "some-identifiers",
            "AIM identifiers come with some codes only: set the scanner to send them with all.",
            is_fault=True,
        )
    elif identifiers == {True}:
        sending["identifier"] = Identifier.ALWAYS.value
    else:
        sending["identifier"] = Identifier.NEVER.value
        yield Finding(
            "no-identifiers",
            "The scanner sends no AIM identifiers, so that codes of GS1 are known by their content"
            " alone: it can likely be set to send them.",
            is_fault=False,
        )


def _chinese(guess: _Guess) -> Iterator[Finding]:
    if len(SHEET) - 1 in guess.around:
        return
    came = guess.texts[-1][:_SHOWN] if len(guess.texts) == len(SHEET) else ""
    yield Finding(
        "lost-chinese",
        f"The Chinese code came as {came!r}: codes with Chinese text are not read right by this"
        " device; set it to UTF-8, or read it as kind serial.",
        is_fault=False,
    )


def _proved(device: LineDevice, bursts: Sequence[bytes], guess: _Guess) -> list[Finding]:
    """Read the device's own bytes with the profile: the sheet has to come out again."""
    parser = WedgeParser(device="setup", profile=device.wedge())
    scans = []
    for burst in bursts:
        scans += parser.feed(burst, captured_at=0)
        if not device.endings:
            scans += parser.silent(captured_at=0)
    scans += parser.finish(captured_at=0)
    read = [scan.text.removeprefix(GS) for scan in scans]
    if len(read) == len(guess.texts) and all(read[i] == SHEET[i].text for i in guess.around):
        return []
    return [
        Finding(
            "no-profile",
            "No profile reads all codes back as they are printed: set the scanner to send codes"
            " without any formatting.",
            is_fault=True,
        )
    ]
