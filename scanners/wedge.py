r"""Keyboard wedges: lines of characters from a scanner that plays keyboard, or a serial line.

Rules kept here:

* How lines are cut is `scanners.framing`'s rule: CR, LF or TAB by default, or start and ending, or
  a silence.
* GS (0x1D) is kept. Keyboards and drivers that cannot send it send a stand-in; the profile's
  stand-ins are turned back: by default ``^]`` (caret notation of Ctrl+]), U+241D, what a terminal
  makes of the key F8 and of Alt+029, none of which GS1 data can contain.
* What a keyboard does to a code is undone as `scanners.typing_damage` says, and told.
* Prefix and suffix of the profile are taken off; a line without them did not come from the scanner
  as it was set up, and is delivered with a problem.
* A leading AIM identifier such as ``]C1`` is taken off the text and kept beside it.
* A line longer than the limit is swallowed up to its ending and delivered as a scan with a problem,
  and so are bytes that are not the profile's character set and control characters that no symbology
  carries: nothing is guessed or dropped.
* How the bytes were cut into chunks never changes the scans (only the time each gets: that of its
  ending).

Symbology identifiers: ISO/IEC 15424; GS1 General Specifications section 5.1.2.

>>> parser = WedgeParser(device="dock-3")
>>> parser.feed(b"]C10109506000134352", captured_at=1)
[]
>>> [scan.text for scan in parser.feed(b"10AB\x1d2112\r\n", captured_at=2)]
['010950600013435210AB\x1d2112']
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, Self

from scanners.framing import Fault, Framer
from scanners.scan import GS, Scan, confidence_of, symbology_of
from scanners.typing_damage import FullWidth, undo_typing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from scanners.framing import Frame

__all__ = [
    "GS_FORMS",
    "ByteSource",
    "Identifier",
    "WedgeParser",
    "WedgeProfile",
    "WedgeScanner",
    "noise_in",
]

F8 = "\x1b[19~"
"""What a terminal makes of the key F8, which scanners press for GS."""

GS_FORMS = ("^]", "␝", F8, "\x1b0\x1b2\x1b9")
"""Texts that stand for GS unless a profile names its own; the last is Alt+029 in a terminal."""

_AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")
# ISO/IEC 15434 envelopes carry EOT, FS, GS, RS and US; other controls mean a wrong key map or line
# noise.
_NOISE = re.compile("[\x00-\x03\x05-\x1b\x7f]")


def noise_in(text: str) -> str | None:
    """Say which control character in a text belongs to no code; None where there is none."""
    noise = _NOISE.search(text)
    return noise and (
        f"Control character 0x{ord(noise[0]):02X} at position {noise.start()} belongs to no code: "
        "check the scanner's keyboard layout and the cable, then scan again."
    )


class Identifier(StrEnum):
    """Whether the scanner sends AIM symbology identifiers."""

    ANY = "any"
    """Nobody knows; one that is there is taken off."""
    ALWAYS = "always"
    """A line without one is a problem: the scanner is no longer set up as it was."""
    NEVER = "never"
    """What looks like one belongs to the code."""


@dataclass(frozen=True, slots=True)
class WedgeProfile:
    """How one device sends its lines."""

    endings: bytes = b"\r\n\t"
    """Bytes that each end a line; empty where only a silence does."""
    start: bytes = b""
    """The byte that begins a line, such as STX (0x02); empty where none does."""
    gs_forms: tuple[str, ...] = GS_FORMS
    """Texts that stand for GS, e.g. add ``<GS>`` for a scanner set to show control characters."""
    prefix: str = ""
    """What the scanner sends before each code, besides the identifier."""
    suffix: str = ""
    """What it sends behind each code, besides the ending."""
    identifier: Identifier = Identifier.ANY
    """Whether it sends AIM identifiers."""
    layout: str = "us"
    """The layout that the computer's keyboard is set to, one of `typing_damage.TYPED_LAYOUTS`."""
    full_width: FullWidth = FullWidth.CERTAIN
    """When full-width characters are folded back."""
    encodings: tuple[str, ...] = ("utf-8",)
    """Character sets to try in order; add ``gb18030`` for scanners set to Chinese."""
    max_line: int = 8192
    """Bytes in a line; the largest QR code holds 7,089 digits."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A line as it was understood."""

    text: str
    identifier: str = ""
    repairs: tuple[str, ...] = ()
    problem: str | None = None


class WedgeParser:
    """Turns chunks of bytes or text into scans; keeps an unfinished line for the next chunk."""

    def __init__(
        self,
        *,
        device: str,
        profile: WedgeProfile | None = None,
        engine: str = "wedge",
        sequence: int = 0,
    ) -> None:
        self._device = device
        self._engine = engine
        self._profile = profile or WedgeProfile()
        self._framer = Framer(
            endings=self._profile.endings,
            start=self._profile.start,
            longest=self._profile.max_line,
        )
        self._sequence = sequence

    def feed(self, chunk: bytes | str, *, captured_at: int) -> list[Scan]:
        """Take a chunk; return the scans whose line ended in it, captured at that UTC time."""
        data = chunk.encode("utf-8", "surrogatepass") if isinstance(chunk, str) else chunk
        return self._scans(self._framer.feed(data), captured_at)

    def silent(self, *, captured_at: int) -> list[Scan]:
        """Take a silence of the device: it ends a line, or breaks off one that has an ending."""
        return self.finish(captured_at=captured_at, whole=not self._profile.endings)

    def finish(self, *, captured_at: int, whole: bool = True) -> list[Scan]:
        """End the line in hand, as its ending would: for a source that closes without one.

        Where the device vanished in the middle of a line, that is not `whole`: half a code may be a
        valid other code.
        """
        return self._scans(self._framer.finish(whole=whole), captured_at)

    def _scans(self, frames: Iterable[Frame], captured_at: int) -> list[Scan]:
        scans: list[Scan] = []
        for frame in frames:
            line = self._understood(frame)
            scans.append(
                Scan(
                    raw=frame.raw,
                    text=line.text,
                    symbology=symbology_of(line.identifier),
                    symbology_identifier=line.identifier,
                    engine=self._engine,
                    device=self._device,
                    captured_at=captured_at,
                    sequence=self._sequence,
                    confidence=confidence_of(symbology_of(line.identifier)),
                    repairs=line.repairs,
                    problem=line.problem,
                )
            )
            self._sequence += 1
        return scans

    def _understood(self, frame: Frame) -> _Line:
        if problem := self._fault(frame):
            return _Line("", problem=problem)
        text, problem = self._decoded(frame.raw)
        if problem:
            return _Line("", problem=problem)
        text, repairs = undo_typing(
            text, layout=self._profile.layout, full_width=self._profile.full_width
        )
        for form in self._profile.gs_forms:
            text = text.replace(form, GS)
        line = self._bare(text, repairs)
        if line.problem is None and (noise := noise_in(line.text)):
            return _Line("", problem=noise)
        return line

    def _fault(self, frame: Frame) -> str | None:
        size = len(frame.raw) + frame.dropped
        if frame.fault is Fault.OUTSIDE:
            return (
                f"{size} bytes came outside of a frame: check the cable and the speed of the line,"
                " then scan again."
            )
        if frame.fault is Fault.BROKEN_OFF:
            return (
                f"The line broke off after {size} bytes, or ran into another: check the cable, then"
                " scan the code again."
            )
        if frame.dropped:
            return (
                f"The line is {size} bytes long where at most {self._profile.max_line} are "
                "expected: set the scanner to send CR or LF after each code."
            )
        return None

    def _decoded(self, raw: bytes) -> tuple[str, str | None]:
        first_bad = 0
        for encoding in self._profile.encodings:
            try:
                return raw.decode(encoding), None
            except UnicodeDecodeError as error:
                first_bad = max(first_bad, error.start)
        return "", (
            f"Byte 0x{raw[first_bad]:02X} at position {first_bad} is not "
            f"{' or '.join(self._profile.encodings)}: set the scanner to UTF-8, "
            "or name its character set in the device's profile."
        )

    def _bare(self, text: str, repairs: tuple[str, ...]) -> _Line:
        """Take off prefix, suffix and identifier; scanners send the identifier on either side."""
        profile = self._profile
        identifier = ""
        if profile.prefix and not text.startswith(profile.prefix):
            text, identifier = self._identified(text)
        bare = text.removeprefix(profile.prefix)
        if not text.startswith(profile.prefix) or not bare.endswith(profile.suffix):
            return _Line("", problem=_unlike("prefix and suffix"))
        text = bare.removesuffix(profile.suffix)
        if not identifier:
            text, identifier = self._identified(text)
        if profile.identifier is Identifier.ALWAYS and not identifier:
            return _Line("", problem=_unlike("symbology identifier"))
        problem = None
        if not text:
            what = "a symbology identifier" if identifier else "what stands around a code"
            problem = f"The line holds {what} and no content: scan again."
        return _Line(text, identifier, repairs, problem)

    def _identified(self, text: str) -> tuple[str, str]:
        """Split text and AIM identifier, which may be empty."""
        if self._profile.identifier is Identifier.NEVER:
            return text, ""
        match = _AIM.match(text)
        return (text[match.end() :], match[0]) if match else (text, "")


def _unlike(what: str) -> str:
    return (
        f"The line has not the {what} that the device's profile names: scan again with the "
        "scanner, or set the device up again with 'suyuan scan --setup'."
    )


class ByteSource(Protocol):
    """What a wedge is read from: a serial port, a pipe, standard input's buffer."""

    def read1(self, size: int, /) -> bytes:
        """Return what has arrived, at most `size` bytes; no bytes at the end."""
        ...


class WedgeScanner:
    """A `ScannerAdapter` over a byte source the caller opened; `now`: UTC microseconds."""

    def __init__(
        self,
        source: ByteSource,
        *,
        device: str,
        now: Callable[[], int],
        profile: WedgeProfile | None = None,
    ) -> None:
        self._source = source
        self._now = now
        self._parser = WedgeParser(device=device, profile=profile)

    def __enter__(self) -> Self:
        """Hold nothing: the source is the caller's."""
        return self

    def __exit__(self, *exc_info: object) -> None:
        """Leave the source to the caller."""

    def __iter__(self) -> Iterator[Scan]:
        """Deliver each line's scan as soon as its ending arrives, the last one also without."""
        while chunk := self._source.read1(4096):
            yield from self._parser.feed(chunk, captured_at=self._now())
        yield from self._parser.finish(captured_at=self._now())
