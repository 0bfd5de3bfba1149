"""Rebuild the table of data identifiers from a CSV of ANSI MH10.8.2.

Run it as ``python tools/build_data_identifiers.py IDENTIFIERS.csv`` and look through the difference
before it is kept. The CSV has the columns ``di``, ``title``, ``value_format`` and
``description_shortened``. The output holds one entry a line, three fields parted by ``|``::

    data identifier | format | title

* format: ``an1..35`` letters, digits and signs, ``n9`` digits, ``a2`` letters, with the least and
  the greatest number; an open end is no limit. A pattern such as ``YYMMDD`` is a date, with ``+``
  behind it when a qualifier follows. Empty: the form is not known.

Standard: https://www.ansi.org/ (ANSI MH10.8.2, the register behind ISO/IEC 15418)
"""

from __future__ import annotations

import argparse
import csv
import io
import re
import sys
from pathlib import Path

_OUTPUT = Path(__file__).resolve().parent.parent / "identifiers" / "data" / "data_identifiers.txt"
_COLUMNS = ("di", "title", "value_format", "description_shortened")
_IDENTIFIER = re.compile(r"[0-9]{0,3}[A-Z]")
_FORMAT = re.compile(r"(?:an|a|n)[0-9]+(?:\.\.(?:[0-9]+)?)?|")
_DATE = re.compile(r"\b(?:YYYY|YY|Y|MM|DDD|DD|WW|HH){2,}\b")
_DATES = "D"  # the category whose formats stand in the description


class TableError(ValueError):
    """A row of the CSV is not understood, so that nothing is written."""


def _entry(row: dict[str, str]) -> str:
    """Turn one row into one line of ours."""
    identifier, title, form, raw = (row[column] for column in _COLUMNS)
    description = raw.replace("\\n", " ")  # a line break of the register, written as two characters
    if not _IDENTIFIER.fullmatch(identifier):
        raise TableError(f"this is no data identifier: {identifier!r}")
    if not _FORMAT.fullmatch(form):
        raise TableError(f"the format {form!r} of {identifier} is not understood")
    if not title or "|" in title:
        raise TableError(f"the title {title!r} of {identifier} cannot be kept")
    if not form and identifier.endswith(_DATES):
        pattern = _DATE.search(description)
        if pattern is None:
            raise TableError(f"the date of {identifier} has no pattern: {description!r}")
        form = pattern[0] + ("+" if "immediately followed by" in description else "")
    return f"{identifier}|{form}|{title}"


def convert(text: str) -> str:
    """Convert the text of the CSV to the text of our table.

    Args:
        text: The whole text, with its header.

    Returns:
        The table: one line an entry.

    Raises:
        TableError: A column is missing, or a row is not understood.
    """
    rows = csv.DictReader(io.StringIO(text))
    if not set(_COLUMNS) <= set(rows.fieldnames or ()):
        raise TableError(f"the columns {', '.join(_COLUMNS)} are needed")
    lines = [_entry(row) for row in rows]
    if len({line.split("|")[0] for line in lines}) != len(lines):
        raise TableError("a data identifier stands twice")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the table, or say in one sentence why not."""
    parser = argparse.ArgumentParser(description="Rebuild the table of data identifiers.")
    parser.add_argument("identifiers", type=Path, help="CSV of the data identifiers")
    parser.add_argument("--output", type=Path, default=_OUTPUT, help="where the table goes")
    options = parser.parse_args()
    try:
        table = convert(options.identifiers.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, TableError) as error:
        sys.stderr.write(f"No table written: {error}\n")
        return 1
    options.output.write_text(table, encoding="utf-8")
    sys.stdout.write(f"{len(table.splitlines())} entries written to {options.output}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
