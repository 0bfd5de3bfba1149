"""Rebuild the table of EPC data encodings from Table F of the GS1 Tag Data Translation artefacts.

Run it as ``python tools/build_epc_table.py TDT_TableF.json`` and look through the difference before
it is kept. The output begins with a line that holds the date of the artefact; each line after it
holds an identifier or a range of them (``3100-3105``), a blank, and the fields that its value is
made of, parted by blanks:

* ``n14``: as many digits, 4 bits each. ``i6:20``: as many digits as one number of so many bits.
* ``a20:5``: text of up to so many characters, its encoding in 3 bits, its length in so many.
* ``v12:4``: up to so many digits, their number in so many bits.
* ``t30:5``: digits of 4 bits up to a mark, then the rest as ``a``.
* ``d6`` a date, ``d10`` with hour and minute, ``r`` one date or two, ``p`` a date and maybe a time.
* ``c`` two letters of a country, ``b`` one bit, ``m`` a minus or nothing, ``s`` two digits, parted.

Standard: https://ref.gs1.org/standards/tds/
"""

from __future__ import annotations

import argparse
import json
import sys
from itertools import pairwise
from pathlib import Path

_OUTPUT = Path(__file__).resolve().parent.parent / "identifiers" / "data" / "epc_table.txt"

_FORMS = {
    "14.5.2": "i{characters}:{bits}",
    "14.5.4": "n{characters}",
    "14.5.5": "t{most}:{length}",
    "14.5.6": "a{most}:{length}",
    "14.5.7": "b",
    "14.5.8": "d6",
    "14.5.9": "d10",
    "14.5.10": "r",
    "14.5.11": "p",
    "14.5.12": "c",
    "14.5.13": "v{most}:{length}",
    "14.5.14": "m",
    "14.5.15": "s",
}
"""Our fields by the section of the standard that describes the encoding."""
_COLUMNS = ("cdegh", "jklno")
"""Section, characters, bits, bits of the length, most characters; of both components."""


class TableError(ValueError):
    """The artefact is not understood, so that nothing is written."""


def _fields(row: dict[str, str]) -> str:
    found = []
    for columns in _COLUMNS:
        section, characters, bits, length, most = (row.get(column, "") for column in columns)
        if not section:
            continue
        if section not in _FORMS:
            raise TableError(f"section {section!r} is not known: {row}")
        field = _FORMS[section].format(characters=characters, bits=bits, length=length, most=most)
        if field.endswith(":") or (len(field) == 1 and field in "int"):
            raise TableError(f"a column is missing: {row}")
        found.append(field)
    if not found:
        raise TableError(f"no encoding is named: {row}")
    return " ".join(found)


def convert(artefact: str) -> str:
    """Convert the text of Table F to the text of our table.

    Args:
        artefact: The whole JSON text.

    Returns:
        The table: a line with its date, then one line an identifier or range.

    Raises:
        TableError: The artefact is not understood.
    """
    try:
        table = json.loads(artefact)
        date = str(table["date"])
        rows = sorted((str(row["a"]), _fields(row)) for row in table["rows"])
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise TableError(f"this is no Table F: {error!r}") from None
    if not rows:
        raise TableError("Table F has no rows")
    groups = [[rows[0]]]
    for before, row in pairwise(rows):
        follows = int(row[0]) == int(before[0]) + 1 and len(row[0]) == len(before[0])
        if follows and row[1] == before[1]:
            groups[-1].append(row)
        else:
            groups.append([row])
    lines = [
        f"{group[0][0]}{f'-{group[-1][0]}' if len(group) > 1 else ''} {group[0][1]}"
        for group in groups
    ]
    return "\n".join([date, *lines]) + "\n"


def main() -> int:
    """Write the table, or say in one sentence why not."""
    parser = argparse.ArgumentParser(description="Rebuild the table of EPC data encodings.")
    parser.add_argument("artefact", type=Path, help="Table F of the Tag Data Translation artefacts")
    parser.add_argument("--output", type=Path, default=_OUTPUT, help="where the table goes")
    options = parser.parse_args()
    try:
        table = convert(options.artefact.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, TableError) as error:
        sys.stderr.write(f"No table written: {error}\n")
        return 1
    options.output.write_text(table, encoding="utf-8")
    sys.stdout.write(f"{len(table.splitlines()) - 1} lines written to {options.output}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
