"""A moving window of text over a stream of bytes, from which JSON values are read one at a time.

* Memory is bounded by the largest single value, not by the stream: what was read is dropped.
* Values are decoded by the strict decoder's C scanner; only the frame around them is scanned here.
* A value that is complete but refused (a key twice, NaN) does not stop the reading, for its end is
  known.
* Lines and columns count from 1, in characters; byte offsets from 0.

https://www.rfc-editor.org/rfc/rfc8259
"""

import codecs
import json
import re
from typing import Any, Final, NamedTuple, Protocol

from ledger.epcis.errors import InputError
from ledger.errors import CanonicalError, JsonSyntaxError
from ledger.log.canonical import strict_decoder
from ledger.problems import Problem, problem

__all__ = ["MAX_DEPTH", "ByteStream", "Reading", "Window"]

MAX_DEPTH: Final = 100
"""Deepest nesting of arrays and objects inside one event."""

_CHUNK: Final = 256 * 1024  # bytes; a thousand small events
_SLACK: Final = (
    12  # longest token that can be cut by the window's edge and look wrong: "\\ud83d\\ude00"
)
_skip_blanks: Final = re.compile(r"[ \t\r\n]*").match


class ByteStream(Protocol):
    """Where the bytes come from."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes; none at the end."""
        ...


class Reading(NamedTuple):
    """One value and how it stood in the text."""

    value: Any
    text: str
    flaw: Problem | None
    """Why the value cannot be stored; None when it can. `value` is then of no use."""


class Window:
    """Reads JSON tokens and values in order, dropping what has been read."""

    def __init__(self, stream: ByteStream, max_value: int) -> None:
        """Start at the stream's present position.

        Args:
            stream: source of UTF-8 bytes, with or without a byte order mark.
            max_value: most characters that one value may have.
        """
        self._stream = stream
        self._max_value = max_value
        self._utf8 = codecs.getincrementaldecoder("utf-8-sig")()
        self._decoder = strict_decoder()
        self._buffer = ""
        self._at = 0
        self._held: int | None = None
        self._fed = 0
        self._ended = False
        self._line = 1
        self._column = 1

    # Text

    def _fill(self) -> bool:
        """Append more text; False at the end of the stream."""
        if self._ended:
            return False
        self._drop()
        # Reading as much again as is there keeps the retries of one large value few.
        chunk = self._stream.read(max(_CHUNK, len(self._buffer)))
        waiting = len(self._utf8.getstate()[0])
        try:
            self._buffer += self._utf8.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            if not chunk:
                raise self.truncated() from None
            at = self._fed - waiting + error.start
            found = f"0x{error.object[error.start]:02X}"
            raise InputError(problem("", "input.encoding", found, offset=at)) from None
        self._fed += len(chunk)
        self._ended = not chunk
        return not self._ended

    def _drop(self) -> None:
        done = self._at if self._held is None else self._held
        if not done:
            return
        self._line, self._column = self._place(done)
        self._buffer = self._buffer[done:]
        self._at -= done
        if self._held is not None:
            self._held = 0

    def _place(self, position: int) -> tuple[int, int]:
        lines = self._buffer.count("\n", 0, position)
        if lines:
            return self._line + lines, position - self._buffer.rfind("\n", 0, position)
        return self._line, self._column + position

    def hold(self) -> None:
        """Keep all text from here on until `release`."""
        self._held = self._at

    def release(self) -> None:
        """Drop held text as the reading goes on."""
        self._held = None

    def held_text(self) -> str:
        """Return the text from `hold` to here; nothing once it was released."""
        return "" if self._held is None else self._buffer[self._held : self._at]

    # Errors

    def truncated(self) -> InputError:
        """Return the error of a text that ends too early."""
        line, column = self._place(len(self._buffer))
        return InputError(problem("", "input.truncated", line=line, column=column))

    def malformed(self, detail: str, pointer: str, position: int | None = None) -> InputError:
        """Return the error of a text that is not JSON, at `position` or here."""
        line, column = self._place(self._at if position is None else position)
        return InputError(
            problem(pointer, "json.malformed", line=line, column=column, detail=detail)
        )

    # Tokens

    def peek(self) -> str:
        """Return the next character that is no blank, or nothing at the end of the stream."""
        while True:
            self._at = _skip_blanks(self._buffer, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if not self._fill():
                return ""

    def take(self, expected: str, pointer: str) -> str:
        """Read one of the characters `expected`.

        Raises:
            InputError: another character stands there, or nothing.
        """
        found = self.peek()
        if not found:
            raise self.truncated()
        if found not in expected:
            raise self.malformed(
                f"{' or '.join(map(repr, expected))} expected, {found!r} found", pointer
            )
        self._at += 1
        return found

    def value(self, pointer: str) -> Reading:
        """Read one value.

        Raises:
            InputError: it is no JSON, breaks off or is too large: nothing behind it can be read.
        """
        flaw: Problem | None
        if not self.peek():
            raise self.truncated()
        while True:
            start = self._at
            flaw = None
            try:
                value, end = self._decoder.raw_decode(self._buffer, start)
            except JsonSyntaxError as error:
                self._more(error, pointer)
                continue
            except CanonicalError as error:
                scanned = self._refused(error, pointer)
                if scanned is None:
                    continue
                value = None
                end, flaw = scanned
            # A number at the window's edge may go on behind it.
            if end == len(self._buffer) and self._buffer[end - 1] not in '}]"' and self._fill():
                continue
            break
        self._limit(end - (start if self._held is None else self._held), pointer)
        text = self._buffer[start:end]
        if flaw is None and text.count("[") + text.count("{") > MAX_DEPTH and _deep(value):
            flaw = problem(pointer, "json.too-deep", limit=MAX_DEPTH)
        self._at = end
        return Reading(value, text, flaw)

    def _limit(self, size: int, pointer: str) -> None:
        if size > self._max_value:
            raise InputError(problem(pointer, "input.too-large", limit=self._max_value))

    def _more(self, error: json.JSONDecodeError, pointer: str) -> None:
        """Get more text if that may mend `error`, else raise it as ours."""
        # Counted from the end, for filling drops text at the front.
        behind = len(self._buffer) - error.pos
        unterminated = error.msg.startswith("Unterminated string")
        if behind <= _SLACK or unterminated:
            held = self._at if self._held is None else self._held
            self._limit(len(self._buffer) - held, pointer)
            if self._fill():
                return
            if behind <= 0 or unterminated:
                raise self.truncated()
        raise self.malformed(error.msg, pointer, len(self._buffer) - behind)

    def _refused(self, error: CanonicalError, pointer: str) -> tuple[int, Problem] | None:
        """Find the end of a value that the strict decoder refuses, and why it does.

        Returns:
            None when the value is not complete yet: there is more text now, try again.
        """
        doubled: list[str] = []

        def note(pairs: list[tuple[str, Any]]) -> None:
            seen: set[str] = set()
            for key, _ in pairs:
                if key in seen:
                    doubled.append(key)
                seen.add(key)

        try:
            end = json.JSONDecoder(
                object_pairs_hook=note, parse_int=len, parse_float=len
            ).raw_decode(self._buffer, self._at)[1]
        except json.JSONDecodeError as syntax:
            self._more(syntax, pointer)
            return None
        except RecursionError:
            raise InputError(problem(pointer, "json.too-deep", limit=MAX_DEPTH)) from None
        if doubled:
            return end, problem(pointer, "json.duplicate-key", doubled[0])
        return end, problem(pointer, "json.refused", detail=str(error))


def _deep(value: Any) -> bool:
    """Tell whether `value` is nested deeper than `MAX_DEPTH`; never recursive itself."""
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            member
            for holder in level
            for member in (holder.values() if isinstance(holder, dict) else holder)
            if isinstance(member, dict | list)
        ]
        if not level:
            return False
    return True
