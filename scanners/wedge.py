r"""Keyboard wedges: lines of characters from a scanner that plays keyboard, or a serial line.

Rules kept here:

* A line ends with CR, LF or TAB (a profile may name others); an ending that follows an ending is no
  line.
* GS (0x1D) is kept. Terminals and drivers that cannot send it send a stand-in; the profile's
  stand-ins are turned back: by default ``^]`` (caret notation of Ctrl+]) and U+241D, neither of
  which GS1 data can contain.
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
from typing import TYPE_CHECKING, Protocol, Self

from scanners.scan import GS, Scan, symbology_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["ByteSource", "WedgeParser", "WedgeProfile", "WedgeScanner"]

_AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")
# ISO/IEC 15434 envelopes carry EOT, FS, GS, RS and US; other controls mean a wrong key map or line
# noise.
_NOISE = re.compile("[\x00-\x03\x05-\x1b\x7f]")


@dataclass(frozen=True, slots=True)
class WedgeProfile:
    """How one kind of device sends its lines."""

    endings: bytes = b"\r\n\t"
    """Bytes that each end a line."""
    gs_forms: tuple[str, ...] = ("^]", "␝")
    """Texts that stand for GS, e.g. add ``<GS>`` for a scanner set to show control characters."""
    encodings: tuple[str, ...] = ("utf-8",)
    """Character sets to try in order; add ``gb18030`` for scanners set to Chinese."""
    max_line: int = 8192
    """Bytes in a line; the largest QR code holds 7,089 digits."""


class WedgeParser:
    """Turns chunks of bytes or text into scans; keeps an unfinished line for the next chunk."""

    def __init__(self, *, device: str, profile: WedgeProfile | None = None) -> None:
        self._device = device
        self._profile = profile or WedgeProfile()
        self._endings = re.compile(b"[" + re.escape(self._profile.endings) + b"]")
        self._line = bytearray()
        self._dropped = 0
        self._sequence = 0

    def feed(self, chunk: bytes | str, *, captured_at: int) -> list[Scan]:
        """Take a chunk; return the scans whose line ended in it, captured at that UTC time."""
        data = chunk.encode("utf-8", "surrogatepass") if isinstance(chunk, str) else chunk
        scans: list[Scan] = []
        start = 0
        for ending in self._endings.finditer(data):
            self._keep(data[start : ending.start()])
            start = ending.end()
            scans += self.finish(captured_at=captured_at)
        self._keep(data[start:])
        return scans

    def finish(self, *, captured_at: int) -> list[Scan]:
        """End the line in hand, as its ending would: for a source that closes without one."""
        line, dropped = bytes(self._line), self._dropped
        self._line.clear()
        self._dropped = 0
        if not line:
            return []
        scan = self._scan(line, dropped, captured_at)
        self._sequence += 1
        return [scan]

    def _keep(self, data: bytes) -> None:
        room = self._profile.max_line - len(self._line)
        self._line += data[:room]
        self._dropped += max(0, len(data) - room)

    def _scan(self, line: bytes, dropped: int, captured_at: int) -> Scan:
        text, problem = self._decode(line, dropped)
        identifier = ""
        if match := _AIM.match(text):
            identifier = match[0]
            text = text[match.end() :]
            if not text:
                problem = "The line holds a symbology identifier and no content: scan again."
        return Scan(
            raw=line,
            text=text,
            symbology=symbology_of(identifier),
            symbology_identifier=identifier,
            engine="wedge",
            device=self._device,
            captured_at=captured_at,
            sequence=self._sequence,
            problem=problem,
        )

    def _decode(self, line: bytes, dropped: int) -> tuple[str, str | None]:
        if dropped:
            return "", (
                f"The line is {len(line) + dropped} bytes long where at most "
                f"{self._profile.max_line} are expected: set the scanner to send CR or LF after "
                "each code."
            )
        first_bad = 0
        for encoding in self._profile.encodings:
            try:
                text = line.decode(encoding)
            except UnicodeDecodeError as error:
                first_bad = max(first_bad, error.start)
                continue
            break
        else:
            return "", (
                f"Byte 0x{line[first_bad]:02X} at position {first_bad} is not "
                f"{' or '.join(self._profile.encodings)}: set the scanner to UTF-8, "
                "or name its character set in the device's profile."
            )
        for form in self._profile.gs_forms:
            text = text.replace(form, GS)
        if noise := _NOISE.search(text):
            return "", (
                f"Control character 0x{ord(noise[0]):02X} at position {noise.start()} belongs to "
                "no code: check the scanner's keyboard layout and the cable, then scan again."
            )
        return text, None


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
