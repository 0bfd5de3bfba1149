"""Inputs of every kind that capture takes, as one stream of checked events.

| input | read by |
| --- | --- |
| EPCIS 2.0 JSON-LD: document, query document, one event, a list | `ledger.epcis.reader` |
| the same, a flawless small document | `ledger.epcis.whole` |
| Catena-X test-data container, Trace-X import file | `ledger.catenax` |

What is wrong with one event stands in its candidate; what is wrong with the input as a whole ends
the iteration and stands in `Source.problems`.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from ledger.catenax import CatenaxError, read_catenax
from ledger.epcis.checking import check_event
from ledger.epcis.documents import DocumentKind
from ledger.epcis.errors import EventRejectedError, InputError
from ledger.epcis.reader import Reader
from ledger.epcis.sniffing import SNIFF_BYTES, InputKind, sniff
from ledger.epcis.whole import read_whole
from ledger.errors import CanonicalError, JsonSyntaxError
from ledger.problems import Problem, problem
from ledger.projection import MAX_CODE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.epcis.context import Context
    from ledger.epcis.documents import Vocabulary
    from ledger.epcis.events import CheckedEvent
    from ledger.epcis.whole import WholeDocument

__all__ = ["Candidate", "Source", "open_source"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One event of an input, checked or refused."""

    pointer: str
    """JSON pointer of the event, or of the twin it was made of."""
    checked: CheckedEvent | None
    """None when the event is refused."""
    problems: tuple[Problem, ...] = ()
    """Why it is refused."""


@dataclass(slots=True)
class Source:
    """One input; iterate once, then look at what the document said beside its events."""

    stream: BinaryIO
    problems: list[Problem] = field(default_factory=list)
    """Of the input as a whole; complete after the iteration."""
    vocabularies: tuple[Vocabulary, ...] = ()
    """Master data; complete after the iteration."""

    def __iter__(self) -> Iterator[Candidate]:
        """Yield the events in order; never raises on what the input holds."""
        head = _head(self.stream)
        kind = sniff(head)
        # A head that isn't full is all there is.
        small = kind is InputKind.EPCIS_JSON and len(head) < SNIFF_BYTES
        if small and (whole := read_whole(head)) is not None:
            yield from self._whole(whole)
            return
        stream = _rejoined(head, self.stream)
        try:
            yield from _catenax(stream) if kind is InputKind.CATENAX else self._epcis(stream)
        except InputError as error:
            self.problems += error.problems
        except CatenaxError as error:
            self.problems.append(_unreadable(error))
        except JsonSyntaxError as error:
            place = {"line": error.lineno, "column": error.colno}
            self.problems.append(problem("", "json.malformed", detail=error.msg, **place))
        except CanonicalError as error:
            self.problems.append(problem("", "json.refused", detail=str(error)))

    def _whole(self, whole: WholeDocument) -> Iterator[Candidate]:
        for index, (event, text) in enumerate(whole.events):
            yield _checked(f"/epcisBody/eventList/{index}", event, text, whole.context)
        self.vocabularies = whole.vocabularies
        self.problems += (*_too_long(self.vocabularies), *whole.warnings)

    def _epcis(self, stream: BinaryIO) -> Iterator[Candidate]:
        reader = Reader(stream)
        for one in reader:
            if one.problems:
                yield Candidate(one.pointer, None, one.problems)
            else:
                yield _checked(one.pointer, one.event, one.text, reader.context)
        if reader.facts.kind in {DocumentKind.DOCUMENT, DocumentKind.QUERY_DOCUMENT}:
            # Of others no frame was checked.
            self.vocabularies = reader.facts.vocabularies
            self.problems += _too_long(self.vocabularies)
        self.problems += reader.facts.warnings


def open_source(stream: BinaryIO) -> Source:
    """Make ready to read an input; nothing is read yet."""
    return Source(stream)


def _too_long(vocabularies: tuple[Vocabulary, ...]) -> Iterator[Problem]:
    for vocabulary in vocabularies:
        for element in vocabulary.elements:
            if len(element["id"]) > MAX_CODE:
                yield problem("", "capture.code-too-long", element["id"], limit=MAX_CODE)


def _checked(pointer: str, event: dict[str, object], text: str, context: Context) -> Candidate:
    try:
        return Candidate(pointer, check_event(event, text, context, at=pointer))
    except EventRejectedError as error:
        return Candidate(pointer, None, error.problems)


def _catenax(stream: BinaryIO) -> Iterator[Candidate]:
    refused: list[CatenaxError] = []
    for pointer, event in read_catenax(stream, on_problem=refused.append):
        yield from _refused(refused)
        try:
            # There is no text of an event that was made here, so that the closer look is taken.
            yield Candidate(pointer, check_event(event, "", at=pointer))
        except EventRejectedError as error:
            yield Candidate(pointer, None, error.problems)
    yield from _refused(refused)


def _refused(errors: list[CatenaxError]) -> Iterator[Candidate]:
    for error in errors:
        yield Candidate(error.pointer, None, (_unreadable(error),))
    errors.clear()


def _unreadable(error: CatenaxError) -> Problem:
    return problem(error.pointer, "catenax.unreadable", error.found, detail=str(error))


class _Joined(io.RawIOBase):
    """A stream whose beginning was read already; for one that can't be rewound."""

    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        self._head = head
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        data = self._head[: len(buffer)] or self._stream.read(len(buffer))
        self._head = self._head[len(data) :]
        buffer[: len(data)] = data
        return len(data)


def _head(stream: BinaryIO) -> bytes:
    """The first bytes; a pipe gives them in pieces."""
    head = b""
    while len(head) < SNIFF_BYTES and (piece := stream.read(SNIFF_BYTES - len(head))):
        head += piece
    return head


def _rejoined(head: bytes, stream: BinaryIO) -> BinaryIO:
    if stream.seekable():
        stream.seek(-len(head), io.SEEK_CUR)
        return stream
    return io.BufferedReader(_Joined(head, stream))
