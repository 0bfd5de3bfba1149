"""Answers as files over HTTP: traces too large for GraphQL, or wanted in another form.

| request | answer |
| --- | --- |
| `GET /export/trace?code=…` | a trace as a file, streamed |
| `GET /export/balance?code=…` | a mass balance as a file |

Rules kept:

* Whoever may ask `trace` or `balance` over GraphQL may ask for the file. What the question may
  name is the same: of a trace `direction`, `as_of`, `known_at`, `since`, `until`, `links` and
  `told_by` (with commas), `depth`, `max_items`, `max_seconds`, `verified`, `product`, `party`,
  `place`, `stage`; of a balance `since`, `until`, `known_at`, `place`, `tolerance`.
* `format` names the format, else `Accept` does, else a trace is NDJSON and a balance JSON. Words
  are in the language that the request prefers. An unknown or repeated parameter is refused, never
  ignored.
* What is asked is found before the answer begins, so that what is wrong gets its status and
  sentence. What fails later cuts the answer off, which HTTP shows.
* Only so many files are made at once; who comes too late is told to come again.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import chain
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse
from starlette.routing import Route

from identifiers import IdentifierError, read_item_code
from ledger.errors import NotFoundError, UsageError, VerifyError, shown
from ledger.exporting.balance_files import balance_format, write_balance
from ledger.exporting.balance_table import MOST_PIECES
from ledger.exporting.formats import FORMATS, FormatName, format_by_media_type, format_by_name
from ledger.exporting.options import Options, TableName
from ledger.genealogy.balance import balance
from ledger.genealogy.roles import Kind
from ledger.genealogy.selecting import Selection, narrowed
from ledger.genealogy.stages import Stage
from ledger.genealogy.tolerance import parse_tolerance
from ledger.genealogy.trace import Direction, trace
from ledger.projection import canonical_code
from ledger.store.engine import reading
from ledger.times import parse_time
from ledger.verified import verified_heads
from ledger.verifying.marks import MarkFolder
from suyuan.indexing import walker_of
from suyuan.web.answers import failure
from suyuan.web.negotiation import language_of, preferred_type

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping

    from sqlalchemy import Connection
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

    from ledger.exporting.formats import Format
    from ledger.genealogy.sight import LogHead
    from ledger.genealogy.tolerance import Tolerance
    from ledger.problems import Language
    from suyuan.workspace import Workspace

__all__ = ["MOST_ITEMS", "MOST_SECONDS", "export_routes"]

MOST_ITEMS: Final = 1_000_000
"""Items after which a trace is cut: about as many kilobytes of memory."""
MOST_SECONDS: Final = 300
"""After which a trace is cut, for one of few places is taken by it."""
_AT_ONCE: Final = 4
_LONGEST: Final = 2_000  # characters of a code
_AGAIN: Final = 10  # seconds
_NAMES: Final = frozenset(
    "code direction as_of known_at since until links depth max_items max_seconds told_by verified"
    " product party place stage format table bom lang".split()
)
_BALANCE_NAMES: Final = frozenset(
    "code since until known_at place tolerance format bom lang".split()
)
_BALANCE_ORDER: Final = (FormatName.JSON, FormatName.CSV, FormatName.XLSX)
"""What `Accept` may choose from; the first one is for whoever doesn't say."""
_TIMES: Final = ("as_of", "known_at", "since", "until")


def export_routes(workspace: Workspace) -> list[Route]:
    """The routes of answers as files."""
    exports = _Exports(workspace)
    return [
        Route("/export/trace", exports.trace, methods=["GET"]),
        Route("/export/balance", exports.balance, methods=["GET"]),
    ]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The file that a request asks for."""

    name: str
    """Of the file, without its suffix."""
    format: Format
    language: Language


@dataclass(frozen=True, slots=True)
class _Question:
    """What a request for a trace asks, checked."""

    code: str
    direction: Direction
    times: dict[str, Any]
    """Those of `_TIMES`, in microseconds."""
    selection: Selection
    kinds: tuple[Kind, ...] | None
    """None for those that a trace follows by itself."""
    depth: int | None
    most_items: int
    seconds: int
    told_by: tuple[str, ...] | None
    """Slugs of organisations; None for all."""
    verified: bool
    table: TableName
    bom: bool


@dataclass(frozen=True, slots=True)
class _BalanceQuestion:
    """What a request for a balance asks, checked."""

    code: str
    times: dict[str, int | None]
    place: str | None
    tolerance: Tolerance | None
    bom: bool


@dataclass(frozen=True, slots=True)
class _Exports:
    workspace: Workspace
    places: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(_AT_ONCE))

    async def trace(self, request: Request) -> Response:
        """Answer with a trace as a file."""
        return await self._answer(request, self._trace)

    async def balance(self, request: Request) -> Response:
        """Answer with a mass balance as a file."""
        return await self._answer(request, self._balance)

    async def _answer(
        self, request: Request, read: Callable[[Request], tuple[_Wanted, Generator[bytes]]]
    ) -> Response:
        """Answer with a file; `read` says which, and gives its pieces."""
        try:
            wanted, made = read(request)
        except IdentifierError as error:
            said = error.message(language_of(request))
            return failure(request, HTTPStatus.BAD_REQUEST, said)
        except UsageError as error:
            return failure(request, HTTPStatus.BAD_REQUEST, str(error))
        if not self.places.acquire(blocking=False):
            sentence = f"{_AT_ONCE} files are being made already. Ask again in a few seconds."
            response = failure(request, HTTPStatus.SERVICE_UNAVAILABLE, sentence)
            response.headers["Retry-After"] = str(_AGAIN)
            return response
        pieces = self._in_place(made)
        try:
            # Its first piece is asked for here: whatever is wrong is found before that.
            first = await run_in_threadpool(next, pieces, b"")
        except NotFoundError as error:
            return failure(request, HTTPStatus.NOT_FOUND, str(error))
        except UsageError as error:
            return failure(request, HTTPStatus.BAD_REQUEST, str(error))
        except VerifyError as error:
            return failure(request, HTTPStatus.SERVICE_UNAVAILABLE, str(error))
        headers = {
            "Content-Disposition": (
                f'attachment; filename="{wanted.name}{wanted.format.suffixes[0]}"'
            ),
            "Content-Language": wanted.language,
            "Cache-Control": "no-store",
            "Vary": "Accept, Accept-Language",
        }
        media_type = wanted.format.media_type
        if wanted.format.name is FormatName.CSV:
            media_type += "; charset=utf-8; header=present"
        return _Streamed(first, pieces, headers, media_type)

    def _in_place(self, pieces: Generator[bytes]) -> Generator[bytes]:
        """A file; the place is given back, and the transaction ended, when it is let go."""
        with ExitStack() as stack:
            stack.callback(self.places.release)
            stack.callback(pieces.close)
            yield from pieces

    def _trace(self, request: Request) -> tuple[_Wanted, Generator[bytes]]:
        wanted, question = _question(request)
        return wanted, self._trace_pieces(wanted, question)

    def _trace_pieces(self, wanted: _Wanted, question: _Question) -> Generator[bytes]:
        with reading(self.workspace.engine) as connection:
            found = trace(
                connection,
                question.code,
                question.direction,
                depth=question.depth,
                most_items=question.most_items,
                seconds=question.seconds,
                told_by=question.told_by,
                verified=self._verified(connection) if question.verified else None,
                walker=walker_of(self.workspace, connection),
                kinds=question.kinds,
                **question.times,
            )
            found = narrowed(found, question.selection)
            options = Options(
                created=self.workspace.now(),
                language=wanted.language,
                table=question.table,
                bom=question.bom,
                connection=connection,
            )
            yield from wanted.format.write(found, options)

    def _balance(self, request: Request) -> tuple[_Wanted, Generator[bytes]]:
        wanted, question = _balance_question(request)
        return wanted, self._balance_pieces(wanted, question)

    def _balance_pieces(self, wanted: _Wanted, question: _BalanceQuestion) -> Generator[bytes]:
        with reading(self.workspace.engine) as connection:
            found = balance(
                connection,
                question.code,
                place=question.place,
                tolerance=question.tolerance,
                most_items=MOST_PIECES,
                **question.times,
            )
        options = Options(created=self.workspace.now(), language=wanted.language, bom=question.bom)
        yield from write_balance(found, wanted.format.name, options)

    def _verified(self, connection: Connection) -> dict[str, LogHead]:
        return verified_heads(connection, MarkFolder.beside(self.workspace.keys))


class _Streamed(StreamingResponse):
    """A stream that is closed when it ends, whichever way: read, broken off, or never begun."""

    def __init__(
        self,
        first: bytes,
        pieces: Generator[bytes],
        headers: Mapping[str, str],
        media_type: str,
    ) -> None:
        super().__init__(chain((first,), pieces), headers=headers, media_type=media_type)
        self._pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._pieces.close()


def _question(request: Request) -> tuple[_Wanted, _Question]:
    """Read a request for a trace.

    Raises:
        IdentifierError: The code is none.
        UsageError: Something else can't be meant.
    """
    given = _given(request, _NAMES)
    wanted = _format(request, given, FORMATS)
    if wanted.name is not FormatName.CSV and {"table", "bom"} & given.keys():
        raise UsageError(f"table and bom are of CSV, and the format is {wanted.name}.")
    question = _Question(
        code=_code(given.get("code", "")),
        direction=Direction(_one_of(given, "direction", [*Direction], Direction.FORWARD)),
        times={name: _time(given, name) for name in _TIMES},
        selection=Selection(
            product=_code(given["product"]) if "product" in given else None,
            party=canonical_code(given["party"]).uri if "party" in given else None,
            place=canonical_code(given["place"]).uri if "place" in given else None,
            stage=Stage(_one_of(given, "stage", [*Stage], "")) if "stage" in given else None,
        ),
        kinds=_kinds(given.get("links")),
        depth=_number(given, "depth", MOST_ITEMS),
        most_items=_number(given, "max_items", MOST_ITEMS) or MOST_ITEMS,
        seconds=_number(given, "max_seconds", MOST_SECONDS) or MOST_SECONDS,
        told_by=tuple(given["told_by"].split(",")) if "told_by" in given else None,
        verified=_truth(given, "verified"),
        table=TableName(_one_of(given, "table", [*TableName], TableName.ITEMS)),
        bom=_truth(given, "bom"),
    )
    return _Wanted("trace", wanted, language_of(request)), question


def _balance_question(request: Request) -> tuple[_Wanted, _BalanceQuestion]:
    """Read a request for a balance; it raises what `_question` does."""
    given = _given(request, _BALANCE_NAMES)
    wanted = _format(request, given, [format_by_name(name) for name in _BALANCE_ORDER])
    balance_format(wanted)
    if wanted.name is not FormatName.CSV and "bom" in given:
        raise UsageError(f"bom is of CSV, and the format is {wanted.name}.")
    question = _BalanceQuestion(
        code=_code(given.get("code", "")),
        times={name: _time(given, name) for name in ("since", "until", "known_at")},
        place=canonical_code(given["place"]).uri if "place" in given else None,
        tolerance=parse_tolerance(given["tolerance"]) if "tolerance" in given else None,
        bom=_truth(given, "bom"),
    )
    return _Wanted("balance", wanted, language_of(request)), question


def _given(request: Request, names: frozenset[str]) -> dict[str, str]:
    given: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name not in names:
            expected = ", ".join(sorted(names))
            raise UsageError(f"Expected parameters of {expected}, got {shown(name)}.")
        if name in given:
            raise UsageError(f"Expected {name} once. Write several links or told_by with commas.")
        given[name] = value
    return given


def _code(text: str) -> str:
    if not text:
        raise UsageError("Expected the code of an item, as in ?code=(01)09506000134352(21)A1.")
    if len(text) > _LONGEST or "\0" in text:
        raise UsageError(f"Expected a code of at most {_LONGEST} plain characters.")
    return read_item_code(text).uri


def _format(request: Request, given: Mapping[str, str], formats: Iterable[Format]) -> Format:
    if "format" in given:
        return format_by_name(given["format"])
    offers = [one.media_type for one in formats]
    return format_by_media_type(preferred_type(request.headers.get("accept", ""), offers))


def _one_of(given: Mapping[str, str], name: str, choices: Iterable[str], otherwise: str) -> str:
    value = given.get(name, otherwise)
    if value not in choices:
        raise UsageError(f"Expected {name} of {', '.join(choices)}, got {shown(value)}.")
    return value


def _truth(given: Mapping[str, str], name: str) -> bool:
    return _one_of(given, name, ["false", "true"], "false") == "true"


def _kinds(text: str | None) -> tuple[Kind, ...] | None:
    if text is None:
        return None
    words = text.split(",", len(Kind))
    return tuple(Kind(_one_of({"links": one}, "links", [*Kind], "")) for one in words)


def _time(given: Mapping[str, str], name: str) -> int | None:
    return parse_time(given[name]) if name in given else None


def _number(given: Mapping[str, str], name: str, most: int) -> int | None:
    text = given.get(name)
    if text is None:
        return None
    digits = text.isascii() and text.isdigit() and len(text) <= len(str(most))
    if not digits or not 1 <= int(text) <= most:
        raise UsageError(f"Expected {name} from 1 to {most}, got {shown(text)}.")
    return int(text)
