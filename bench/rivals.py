"""Full validation of GS1 codes against biip, which validates less, and against no validation.

The codes are the vectors of the folder that `SUYUAN_VECTORS` names. Rows that are refused are a
race of their own: biip lets many of them pass; ours says what is wrong, where, and how to mend it.
"""

from __future__ import annotations

import json
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from biip import ParseError
from biip.gs1_digital_link_uris import GS1DigitalLinkURI
from biip.gs1_messages import GS1Message

from bench.measuring import Figure, print_figure, race, title
from identifiers import IdentifierError, parse_digital_link, parse_element_string
from identifiers.gs1 import aitable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["bench_rivals"]

_Reader: TypeAlias = "Callable[[str], object]"
_SEPARATOR = "\x1d"
_ROUNDS = (
    10  # of each race for every run that was asked for: they are short, and the machine isn't quiet
)


def _rows(name: str) -> list[dict[str, Any]]:
    folder = Path(os.environ.get("SUYUAN_VECTORS", "../shared"))
    rows: list[dict[str, Any]] = json.loads((folder / "identifiers" / name).read_text("utf-8"))
    return rows


def _element_strings() -> list[str]:
    """The inputs of the element strings' file, and what the bracketed strings are as such."""
    inputs = [row["input"].replace("^", _SEPARATOR) for row in _rows("gs1_element_strings.json")]
    written = (row.get("element_string") for row in _rows("gs1_bracketed.json"))
    return inputs + [text for text in written if text]


def _links() -> list[str]:
    """The inputs of the Digital Links' file, and what the bracketed strings are as such."""
    inputs = [row["input"] for row in _rows("gs1_digital_links.json")]
    written = (row.get("digital_link") for row in _rows("gs1_bracketed.json"))
    return inputs + [text for text in written if text]


def _scanner() -> _Reader:
    """Make the floor: find each AI in the table and cut its value off, verifying nothing."""
    table = {ai: (ai, entry.fixed, entry.longest) for ai, entry in aitable.entries().items()}
    lengths = {ai[:2]: len(ai) for ai in table}

    def scan(text: str) -> tuple[tuple[str, str], ...]:
        position = 1 if text[:1] == _SEPARATOR else 0
        found = []
        while position < len(text):
            head = position + lengths[text[position : position + 2]]
            ai, fixed, longest = table[text[position:head]]
            end = head + longest
            if not fixed:
                end = text.find(_SEPARATOR, head)
                end = len(text) if end < 0 else end
            found.append((ai, text[head:end]))
            position = end + (text[end : end + 1] == _SEPARATOR)
        return tuple(found)

    return scan


def _biip_message(text: str) -> object:
    return GS1Message.parse(text.removeprefix(_SEPARATOR))


def _accepts(parse: _Reader, text: str) -> bool:
    try:
        parse(text)
    except (IdentifierError, ParseError, KeyError):
        return False
    return True


def bench_rivals(runs: int) -> None:
    """Print codes a second of ours, of biip, and of the bare scan."""
    try:
        strings, links = _element_strings(), _links()
    except FileNotFoundError as error:
        print(f"\nNo race against biip: {error.filename} is missing; set SUYUAN_VECTORS.")
        return
    title("GS1 codes of the vectors: full validation, biip, and a scan of the table without checks")
    readers = {"ours": parse_element_string, "biip": _biip_message, "bare scan": _scanner()}
    _race("element strings", strings, readers, runs)
    readers = {"ours": parse_digital_link, "biip": GS1DigitalLinkURI.parse}
    _race("Digital Links", links, readers, runs)


def _race(name: str, texts: list[str], readers: dict[str, _Reader], runs: int) -> None:
    ours, theirs = readers["ours"], readers["biip"]
    sound = [text for text in texts if _accepts(ours, text) and _accepts(theirs, text)]
    refused = [text for text in texts if not _accepts(ours, text)]
    wrongly = sum(_accepts(theirs, text) for text in refused)
    reading = {label: partial(_read, reader, sound) for label, reader in readers.items()}
    _print(f"{name}, {len(sound)} sound", len(sound), reading, runs)
    reading = {label: partial(_judge, readers[label], refused) for label in ("ours", "biip")}
    note = f"biip accepts {wrongly} of them"
    _print(f"{name}, {len(refused)} faulty", len(refused), reading, runs, note)


def _read(reader: _Reader, texts: list[str]) -> None:
    for text in texts:
        reader(text)


def _judge(reader: _Reader, texts: list[str]) -> None:
    for text in texts:
        _accepts(reader, text)


def _print(
    name: str, count: int, racers: Mapping[str, Callable[[], None]], runs: int, *notes: str
) -> None:
    took = race(runs * _ROUNDS, [*racers.values()])
    figures = [Figure(label, count, seconds) for label, seconds in zip(racers, took, strict=True)]
    print_figure(Figure(name, count, took[0]), "codes", figures[1:], *notes)
