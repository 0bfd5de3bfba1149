"""Codes that a command is given: as arguments, or line by line on standard input.

* Without arguments the lines of standard input are read one at a time, so that a million of them
  need no more memory than one.
* A line is NDJSON: a string, or an object with ``text``, or with ``hex`` for the bytes of a scan or
  an RFID tag; an ``id`` beside them comes back in the answer, unchanged. With ``--lines`` a line is
  the code itself. Empty lines are passed over.
* A line that can't be read is answered like a code that can't, and the next one is read.
"""

from __future__ import annotations

import binascii
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

import orjson

from ledger.errors import UsageError
from suyuan.lookup import known_hosts, read_typed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from identifiers import ItemCode
    from suyuan.cli.output import Session

__all__ = ["Given", "given_codes", "typed_code"]

_LONGEST = 1 << 20
"""Bytes of the longest line: 65,536 characters, each escaped in JSON, and an id beside them."""

_ROUNDED = 2**53
"""From here on a number that is no integer of 64 bits was rounded when it was read."""

_NOTHING = "No codes given. Write them as arguments, or one a line on standard input."


@dataclass(frozen=True, slots=True)
class Given:
    """One code as it was given."""

    data: str | bytes
    """The code; empty where there is a problem."""
    id: Any = None
    """What the line says besides, to find the answer by; None without."""
    line: int | None = None
    """Number of the line of standard input, from 1; None for an argument."""
    problem: str = ""
    """Why the line can't be read, with the fix."""

    @property
    def text(self) -> str:
        """The code for people; of bytes, their hexadecimal digits."""
        return self.data if isinstance(self.data, str) else self.data.hex()

    def as_dict(self) -> dict[str, Any]:
        """What an answer begins with."""
        head: dict[str, Any] = {} if self.id is None else {"id": self.id}
        if self.line is not None:
            head["line"] = self.line
        return head | {"text": self.text}


def typed_code(session: Session, text: str) -> ItemCode:
    """The code that a command asks about; what is doubtful about it is said on standard error.

    Raises:
        IdentifierError: It is no code, or may be several.
    """
    settings = session.settings
    hosts = known_hosts(settings.stem)
    code, warnings = read_typed(text, language=settings.language, hosts=hosts)
    for warning in warnings:
        session.warn(f"{text}: warning: {warning}")
    return code


def given_codes(arguments: list[str], *, lines: bool) -> Iterator[Given]:
    """Give the codes of a command.

    Args:
        arguments: The codes on the command line; without any, standard input is read.
        lines: Whether each line of standard input is a code as it stands, not JSON.

    Raises:
        UsageError: There is neither.
    """
    if arguments:
        return (Given(text) for text in arguments)
    if sys.stdin is None or sys.stdin.isatty():  # None: closed by the shell
        raise UsageError(_NOTHING)
    return _from_lines(sys.stdin.buffer, plain=lines)


def _from_lines(stream: BinaryIO, *, plain: bool) -> Iterator[Given]:
    number = found = 0
    while line := stream.readline(_LONGEST):
        number += 1
        found += bool(line.strip())
        if len(line) == _LONGEST and not line.endswith(b"\n"):
            while (rest := stream.readline(_LONGEST)) and not rest.endswith(b"\n"):
                pass
            problem = f"Line {number} is longer than {_LONGEST:,} bytes. Put one code in a line."
            yield Given("", line=number, problem=problem)
        elif plain and line.rstrip(b"\r\n"):
            yield Given(_as_it_stands(line), line=number)
        elif not plain and line.strip():
            yield _decoded(line, number)
    if not found:
        raise UsageError(_NOTHING)


def _as_it_stands(line: bytes) -> str | bytes:
    code = line.removesuffix(b"\n").removesuffix(b"\r")
    try:
        return code.decode()
    except UnicodeDecodeError:
        return code


def _comes_back(name: Any) -> bool:
    """Tell whether an id can be written as it was read: neither rounded nor nested too deeply."""
    if isinstance(name, float):
        return not name.is_integer() or abs(name) < _ROUNDED
    try:
        orjson.dumps({"id": name})
    except orjson.JSONEncodeError:
        return False
    return True


def _decoded(line: bytes, number: int) -> Given:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError:
        problem = (
            f"Line {number} is no JSON. Write each code as a JSON string,"
            " or give --lines if each line is a code as it stands."
        )
        return Given("", line=number, problem=problem)
    if isinstance(row, str):
        return Given(row, line=number)
    found = row if isinstance(row, dict) else {}
    name = found.get("id")
    if not _comes_back(name):
        problem = f"Line {number} has an id that can't be repeated. Write it as a JSON string."
        return Given("", line=number, problem=problem)
    if isinstance(found.get("text"), str):
        return Given(found["text"], name, number)
    if isinstance(found.get("hex"), str):
        try:
            return Given(bytes.fromhex(found["hex"]), name, number)
        except (ValueError, binascii.Error):
            problem = (
                f"Line {number}: hex is {found['hex'][:60]!r}. Write two digits for each byte."
            )
            return Given("", name, number, problem)
    problem = f'Line {number} holds no code. Write a JSON string, or {{"text": "..."}}.'
    return Given("", name, number, problem)
