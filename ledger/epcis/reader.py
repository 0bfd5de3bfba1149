"""Read EPCIS 2.0 JSON-LD as a stream: events come one by one, however large the file.

* Taken: an EPCISDocument, an EPCISQueryDocument, one bare event, a bare list of events.
* Each event comes with its JSON pointer and its exact text.
* The context is known before the first event. Where the ``@context`` stands behind the events, the
  stream is read twice; one that cannot be rewound is held back up to the limit of one value.
* What is wrong with the frame is raised after the events have been handed out, so a caller that has
  stored them must take them back; nothing is complete before the iteration ends without an error.

https://ref.gs1.org/standards/epcis/2.0.0/ sections 9.2 and 9.3

>>> import io
>>> reader = Reader(io.BytesIO(b'[{"type": "ObjectEvent", "action": "ADD"}]'))
>>> [(event.pointer, event.event["action"]) for event in reader]
[('/0', 'ADD')]
"""

import io
from collections.abc import Iterator
from typing import Any, Final, Protocol, runtime_checkable

from msgspec import Struct

from ledger.epcis.context import Context, parse_context
from ledger.epcis.documents import (
    DocumentFacts,
    DocumentKind,
    document_facts,
    explain_document,
)
from ledger.epcis.errors import InputError
from ledger.epcis.fields import escaped
from ledger.epcis.shapes import FIELDS
from ledger.epcis.sniffing import InputKind, sniff
from ledger.epcis.syntax import IS_URI
from ledger.epcis.window import ByteStream, Reading, Window
from ledger.problems import Problem, problem

__all__ = ["MAX_VALUE", "Reader", "SourceEvent"]

MAX_VALUE: Final = 16 * 1024 * 1024
"""Most characters of one event, and of the frame in front of the events."""

# The way from the document down to its events.
_WAY: Final = {
    "": {"epcisBody"},
    "/epcisBody": {"queryResults", "eventList"},
    "/epcisBody/queryResults": {"resultsBody"},
    "/epcisBody/queryResults/resultsBody": {"eventList"},
}
_QUERY_MARKS: Final = ("EQ_", "GE_", "GT_", "LE_", "LT_", "MATCH_", "WD_", "EXISTS_", "HASATTR_")


class SourceEvent(Struct, frozen=True, gc=False):
    """One event as it stood in the input."""

    pointer: str
    """JSON pointer in the document."""
    event: dict[str, Any]
    """The parsed event; empty when `problems` says why it could not be."""
    text: str
    """Its exact JSON text."""
    problems: tuple[Problem, ...] = ()
    """Errors found while reading it; such an event must not be stored."""


@runtime_checkable
class _Seekable(ByteStream, Protocol):
    def seekable(self) -> bool: ...
    def tell(self) -> int: ...
    def seek(self, offset: int, /) -> int: ...


class _LateContextError(Exception):
    """The events begin and no ``@context`` has come yet."""


class _Recorder:
    """Keeps what was read of a stream that cannot be rewound, until told that nobody needs it."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self._kept: list[bytes] | None = []

    def read(self, size: int, /) -> bytes:
        data = self._stream.read(size)
        if self._kept is not None:
            self._kept.append(data)
        return data

    def forget(self) -> None:
        self._kept = None

    def rewound(self, limit: int) -> io.BytesIO:
        kept = self._kept or []
        size = sum(map(len, kept))
        while size <= limit:
            data = self._stream.read(limit)
            if not data:
                return io.BytesIO(b"".join(kept))
            kept.append(data)
            size += len(data)
        raise InputError(problem("", "input.late-context"))


class Reader:
    """Iterate once over the events of an input; `facts` tells about the document.

    Raises:
        InputError: from the iteration, at the point that cannot be read, or at its end.
    """

    def __init__(self, stream: ByteStream, *, max_value: int = MAX_VALUE) -> None:
        """Prepare to read; nothing is read yet.

        Args:
            stream: bytes from its present position on, in binary mode.
            max_value: most characters of one event, and of the frame in front of the events.
        """
        self._source = stream
        self._max_value = max_value
        self._recorder: _Recorder | None = None
        self._context: Context | None = None
        self._kind = DocumentKind.DOCUMENT
        self._frame: dict[str, Any] = {}
        self._warnings: tuple[Problem, ...] = ()

    @property
    def context(self) -> Context:
        """The document's context, known from the first event on."""
        return self._context or parse_context(self._frame.get("@context"))

    @property
    def facts(self) -> DocumentFacts:
        """What is known of the document by now; complete after the iteration."""
        return document_facts(self._kind, self._frame, self._warnings)

    def __iter__(self) -> Iterator[SourceEvent]:
        """Yield the events in order."""
        source = self._source
        start = _position(source)
        if start is None:
            source = self._recorder = _Recorder(source)
        try:
            yield from self._read(source)
        except _LateContextError:
            if self._recorder is not None:
                source, start = self._recorder.rewound(self._max_value), 0
            else:
                _rewind(source, start)
            self._context = Context()  # the first of the two readings does not need it
            for _ in self._read(source):
                pass
            self._context = parse_context(self._frame.get("@context"))
            _rewind(source, start)
            yield from self._read(source)

    def _read(self, source: ByteStream) -> Iterator[SourceEvent]:
        window = Window(_Sniffed(source), self._max_value)
        self._frame = {}
        first = window.peek()
        if first == "[":
            self._kind = DocumentKind.LIST
            self._forget()
            yield from self._events(window, "")
        elif first == "{":
            window.hold()
            yield from self._object(window, "", self._frame)
        elif not first:
            raise InputError(problem("", "input.empty"))
        else:
            raise InputError(problem("", "input.not-epcis", window.value("").value))
        text = window.held_text()
        if window.peek():
            raise window.malformed("nothing more expected", "")
        if first == "{":
            yield from self._finish(text)

    def _forget(self) -> None:
        if self._recorder is not None:
            self._recorder.forget()

    def _object(self, window: Window, pointer: str, frame: dict[str, Any]) -> Iterator[SourceEvent]:
        way = _WAY[pointer]
        window.take("{", pointer)
        if window.peek() == "}":
            window.take("}", pointer)
            return
        while True:
            if window.peek() not in ('"', ""):
                raise window.malformed("a key in double quotes expected", pointer)
            key = _sound(window.value(pointer))
            at = f"{pointer}/{escaped(key)}"
            window.take(":", at)
            if key in frame:
                raise InputError(problem(pointer, "json.duplicate-key", key))
            opening = window.peek() if key in way else ""
            if opening == "{" and key != "eventList":
                window.release()
                inner: dict[str, Any] = {}
                frame[key] = inner
                yield from self._object(window, at, inner)
            elif opening == "[" and key == "eventList":
                frame[key] = []
                yield from self._event_list(window, at)
            else:
                frame[key] = _sound(window.value(at))
            if window.take(",}", pointer) == "}":
                return

    def _event_list(self, window: Window, pointer: str) -> Iterator[SourceEvent]:
        if self._context is None:
            if "@context" not in self._frame:
                raise _LateContextError
            self._context = parse_context(self._frame["@context"])
        self._forget()
        yield from self._events(window, pointer)

    def _events(self, window: Window, pointer: str) -> Iterator[SourceEvent]:
        window.take("[", pointer)
        if window.peek() == "]":
            window.take("]", pointer)
            return
        index = 0
        while True:
            at = f"{pointer}/{index}"
            value, text, flaw = window.value(at)
            if flaw is not None:
                yield SourceEvent(at, {}, text, (flaw,))
            elif type(value) is not dict:
                yield SourceEvent(at, {}, text, (_not_an_event(at, value),))
            else:
                yield SourceEvent(at, value, text)
            if window.take(",]", pointer) == "]":
                return
            index += 1

    def _finish(self, text: str) -> Iterator[SourceEvent]:
        """Judge the frame once it is complete."""
        frame = self._frame
        kind = frame.get("type")
        if kind in (DocumentKind.DOCUMENT.value, DocumentKind.QUERY_DOCUMENT.value):
            self._kind = DocumentKind(kind)
            problems = explain_document(self._kind, frame)
            if not all(flaw.is_warning for flaw in problems):
                raise InputError(*sorted(problems, key=lambda flaw: flaw.is_warning))
            self._warnings = tuple(problems)
        elif "epcisBody" in frame:
            raise InputError(problem("/type", "input.not-epcis", kind))
        elif kind is None:
            query = any(key.startswith(_QUERY_MARKS) or key == "query" for key in frame)
            rule = "input.query" if query else "input.not-epcis"
            raise InputError(problem("", rule, sorted(frame)[:3]))
        elif type(kind) is not str or (kind not in FIELDS and IS_URI(kind) is None):
            raise InputError(problem("/type", "input.not-epcis", kind))
        else:
            self._kind = DocumentKind.EVENT
            missing = () if "@context" in frame else (_no_context(),)
            yield SourceEvent("", frame, text, missing)


def _no_context() -> Problem:
    return problem("", "epcis.missing-field", field="@context")


def _not_an_event(pointer: str, value: Any) -> Problem:
    return problem(pointer, "epcis.wrong-type", value, expected="an object", expected_zh="对象")


def _sound(reading: Reading) -> Any:
    """Return the value of a reading in the frame, where nothing can be left out."""
    if reading.flaw is not None:
        raise InputError(reading.flaw)
    return reading.value


def _position(stream: ByteStream) -> int | None:
    """Return where a stream stands, None when it cannot be rewound."""
    if not isinstance(stream, _Seekable) or not stream.seekable():
        return None
    return stream.tell()


def _rewind(stream: Any, start: int | None) -> None:
    stream.seek(start)


class _Sniffed:
    """Refuses a stream that is plainly something else, by its first bytes."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self._fresh = True

    def read(self, size: int, /) -> bytes:
        data = self._stream.read(size)
        if self._fresh:
            self._fresh = False
            kind = sniff(data)
            if kind is InputKind.XML:
                raise InputError(problem("", "input.xml"))
            if kind is InputKind.ZIP:
                raise InputError(problem("", "input.not-json", "ZIP"))
        return data
