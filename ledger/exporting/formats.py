"""The formats that an answer may be written in, by name, by suffix of a file, by media type.

| name | suffix | what |
| --- | --- | --- |
| ndjson | .ndjson | a line for each item and link |
| json | .json | one JSON value |
| csv | .csv | one table |
| xlsx | .xlsx | a workbook with all tables |
| epcis | .jsonld | an EPCIS 2.0 document of the evidence |
| dot | .dot, .gv | a graph for Graphviz |
| svg | .svg | a drawing |
| evidence | .zip | the answer with the entries it rests on and their proofs |
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from ledger.errors import UsageError, shown
from ledger.exporting.bundle import write_bundle
from ledger.exporting.csv_files import write_csv
from ledger.exporting.dot_files import write_dot
from ledger.exporting.drawing import write_svg
from ledger.exporting.evidence import write_evidence
from ledger.exporting.json_files import write_json, write_ndjson
from ledger.exporting.workbook import write_workbook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import PurePath

    from ledger.exporting.options import Options
    from ledger.genealogy.trace import Trace

__all__ = [
    "FORMATS",
    "Format",
    "FormatName",
    "format_by_media_type",
    "format_by_name",
    "format_of_file",
]


class FormatName(StrEnum):
    """The names of the formats."""

    NDJSON = "ndjson"
    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"
    EPCIS = "epcis"
    DOT = "dot"
    SVG = "svg"
    EVIDENCE = "evidence"


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write an answer."""

    name: FormatName
    suffixes: tuple[str, ...]
    """Of files, with their dot; the first one is written."""
    media_type: str
    write: Callable[[Trace, Options], Iterator[bytes]]
    """Yields the file in pieces, which are made as they are asked for."""


FORMATS: Final = (
    Format(FormatName.NDJSON, (".ndjson", ".jsonl"), "application/x-ndjson", write_ndjson),
    Format(FormatName.JSON, (".json",), "application/json", write_json),
    Format(FormatName.CSV, (".csv",), "text/csv", write_csv),
    Format(
        FormatName.XLSX,
        (".xlsx",),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        write_workbook,
    ),
    Format(FormatName.EPCIS, (".jsonld",), "application/ld+json", write_evidence),
    Format(FormatName.DOT, (".dot", ".gv"), "text/vnd.graphviz", write_dot),
    Format(FormatName.SVG, (".svg",), "image/svg+xml", write_svg),
    Format(FormatName.EVIDENCE, (".zip",), "application/zip", write_bundle),
)

_NAMES: Final = ", ".join(FormatName)
_SUFFIXES: Final = ", ".join(one.suffixes[0] for one in FORMATS)


def format_by_name(name: str) -> Format:
    """The format of a name.

    Raises:
        UsageError: There is none.
    """
    for one in FORMATS:
        if one.name == name.lower():
            return one
    raise UsageError(f"Expected a format of {_NAMES}, got {shown(name)}.")


def format_of_file(path: PurePath) -> Format:
    """The format that a file's suffix stands for.

    Raises:
        UsageError: It stands for none.
    """
    for one in FORMATS:
        if path.suffix.lower() in one.suffixes:
            return one
    raise UsageError(
        f"Expected a file that ends with {_SUFFIXES}, got {shown(path.name)}. Name the format too."
    )


def format_by_media_type(media_type: str) -> Format:
    """The format of a media type; its parameters don't matter.

    Raises:
        UsageError: There is none.
    """
    wanted = media_type.partition(";")[0].strip().lower()
    for one in FORMATS:
        if one.media_type == wanted:
            return one
    raise UsageError(f"Expected the media type of {_NAMES}, got {shown(media_type)}.")
