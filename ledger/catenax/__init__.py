"""Catena-X twins as EPCIS events: the as-built history of parts that carmakers' suppliers exchange.

A document is read whole (its kind may show only behind its policies, and what a strict reader has
to refuse may stand at its very end), and its twins become events one by one: each twin gives all of
its events or, where it is malformed, one problem.

>>> import io
>>> about = b'{"catenaXId": "urn:uuid:8e71d08e-f3ae-4ad0-9fcd-158ddde79900"}'
>>> document = io.BytesIO(b'{"assets": [{"assetMetaInfo": ' + about + b', "submodels": []}]}')
>>> [(pointer, event["epcList"]) for pointer, event in read_catenax(document)]
[('/assets/0', ['urn:uuid:8e71d08e-f3ae-4ad0-9fcd-158ddde79900'])]
"""

import json
from collections.abc import Callable, Iterator
from json.scanner import make_scanner
from typing import Any, BinaryIO, Final

from ledger.catenax.errors import CatenaxError, Missing
from ledger.catenax.events import NAMESPACE, twin_events
from ledger.catenax.twins import document_twins, is_catenax, parse_twin
from ledger.errors import CanonicalError
from ledger.log.canonical import strict_decoder

__all__ = [
    "MAX_BYTES",
    "NAMESPACE",
    "CatenaxError",
    "is_catenax",
    "load_catenax",
    "parse_catenax",
    "read_catenax",
]

MAX_BYTES: Final = 256 * 1024 * 1024
"""The largest document that is read: 256 MB, several hundred thousand twins."""


def _decoder() -> json.JSONDecoder:
    """Return the strict decoder, save that a number of absurd size is kept as its text.

    Generated samples hold the smallest double there is where nobody filled in a value
    (``"lithium": -1.7976931348623157e+308``). The log has no such number, yet the rest of the twin
    is sound; a quantity of that size is refused where quantities are read.
    """
    # Any, because typeshed does not know the scanner that a decoder is made of.
    decoder: Any = strict_decoder()
    exact = decoder.parse_float

    def number(text: str) -> Any:
        try:
            return exact(text)
        except CanonicalError:
            return text

    decoder.parse_float = number
    decoder.scan_once = make_scanner(decoder)
    made: json.JSONDecoder = decoder
    return made


def load_catenax(stream: BinaryIO, *, limit: int = MAX_BYTES) -> dict[str, Any]:
    """Read a document whole; `limit` is in bytes.

    Raises:
        CatenaxError: it is too large, no UTF-8, or not one of the kinds that hold twins.
        CanonicalError: it is no JSON (`JsonSyntaxError`), or JSON that cannot be read in one way.
    """
    raw = stream.read(limit + 1)
    if len(raw) > limit:
        expected = f"a document of at most {limit} bytes (split its list of twins)"
        raise CatenaxError("", expected, Missing("more"))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        found = Missing(f"byte 0x{raw[error.start]:02X} at offset {error.start}")
        raise CatenaxError("", "UTF-8 (save the file as UTF-8)", found) from None
    document = _decoder().decode(text)
    if not is_catenax(document):
        expected = "a Catena-X test-data container or a Trace-X import file"
        raise CatenaxError("", expected, Missing("another document"))
    return document


def parse_catenax(
    document: dict[str, Any], *, on_problem: Callable[[CatenaxError], None] | None = None
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the events of a parsed document, each with the JSON pointer of its source.

    A malformed twin gives none of its events: its problem goes to `on_problem`, or is raised where
    there is no such function.

    Raises:
        CatenaxError: the document, or a twin of it, is malformed.
    """
    for pointer, raw in document_twins(document):
        try:
            events = _events(raw, pointer)
        except CatenaxError as problem:
            if on_problem is None:
                raise
            on_problem(problem)
        else:
            yield from events


def read_catenax(
    stream: BinaryIO,
    *,
    on_problem: Callable[[CatenaxError], None] | None = None,
    limit: int = MAX_BYTES,
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Read a document and yield its events; see `load_catenax` and `parse_catenax`."""
    yield from parse_catenax(load_catenax(stream, limit=limit), on_problem=on_problem)


def _events(raw: object, pointer: str) -> list[tuple[str, dict[str, Any]]]:
    try:
        return twin_events(parse_twin(raw, pointer), pointer)
    except CanonicalError as error:
        raise CatenaxError(pointer, "a twin that the log can store", Missing(str(error))) from None
