"""Rebuild the application identifier table from a text of the GS1 Barcode Syntax Dictionary.

Run it as ``python tools/build_ai_table.py DICTIONARY.txt`` and look through the difference before
it is kept. The output holds one entry a line, seven fields parted by ``|``::

    identifiers | flags | components | required groups | excluded | link key | title

* identifiers: one, or a range ``3100-3105``.
* flags: ``*`` needs no separator, ``?`` may be an attribute of a Digital Link.
* components: parted by blanks; kind, length or ``..`` and the greatest length, a trailing ``?`` for
  an optional one, and after each colon the name of a check.
* required groups: groups parted by blanks, all of which must hold; alternatives by commas; ``+``
  joins.
* excluded: patterns parted by commas, ``n`` for any digit.
* link key: ``-`` no key, ``=`` a key without qualifiers, else qualifiers by commas, alternatives by
  ``/``.

Standard: https://ref.gs1.org/tools/gs1-barcode-syntax-resource/
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

_OUTPUT = Path(__file__).resolve().parent.parent / "identifiers" / "data" / "ai_table.txt"
_RELEASE = re.compile(r"#\s*Release:\s*(\S+)")
_ENTRY = re.compile(r"(?P<ais>\d{2,4}(?:-\d{2,4})?)\s+(?P<flags>[*?]*)\s+(?P<rest>\S.*)")
_COMPONENT = re.compile(r"\[?(?P<kind>[NXYZ])(?P<length>(?:\.\.)?\d+)\]?(?P<checks>(?:,\w+)*)\Z")


class DictionaryError(ValueError):
    """A line of the dictionary is not understood, so that nothing is written."""


def _component(word: str) -> str | None:
    found = _COMPONENT.match(word)
    if found is None:
        return None
    optional = "?" if word.startswith("[") else ""
    return found["kind"] + found["length"] + optional + found["checks"].replace(",", ":")


def _entry(line: str) -> str:
    """Turn one dictionary line into one line of ours."""
    body, _, title = line.partition("#")
    found = _ENTRY.match(body.strip())
    if found is None:
        raise DictionaryError(f"this line is no entry: {line!r}")
    components: list[str] = []
    required: list[str] = []
    excluded: list[str] = []
    link = "-"
    for word in found["rest"].split():
        name, _, value = word.partition("=")
        component = _component(word)
        if component is not None:
            components.append(component)
        elif name == "req":
            required.append(value)
        elif name == "ex":
            excluded.append(value)
        elif name == "dlpkey":
            link = value.replace("|", "/") or "="
        else:
            raise DictionaryError(f"attribute {word!r} is not known: {line!r}")
    return "|".join(
        (
            found["ais"],
            found["flags"],
            " ".join(components),
            " ".join(required),
            ",".join(excluded),
            link,
            title.strip(),
        )
    )


def convert(dictionary: str) -> str:
    """Convert the text of a dictionary to the text of our table.

    Args:
        dictionary: The whole text, with its ``Release`` line.

    Returns:
        The table: a line with the version, then one line an entry.

    Raises:
        DictionaryError: The release or an entry is not understood.
    """
    release = _RELEASE.search(dictionary)
    if release is None:
        raise DictionaryError("the dictionary has no line with its release")
    lines = [line for line in dictionary.splitlines() if line[:1].isdigit()]
    return "\n".join([release[1], *map(_entry, lines)]) + "\n"


def main() -> int:
    """Write the table, or say in one sentence why not."""
    parser = argparse.ArgumentParser(description="Rebuild the application identifier table.")
    parser.add_argument("dictionary", type=Path, help="text of the GS1 Barcode Syntax Dictionary")
    parser.add_argument("--output", type=Path, default=_OUTPUT, help="where the table goes")
    options = parser.parse_args()
    try:
        table = convert(options.dictionary.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, DictionaryError) as error:
        sys.stderr.write(f"No table written: {error}\n")
        return 1
    options.output.write_text(table, encoding="utf-8")
    sys.stdout.write(f"{len(table.splitlines()) - 1} entries written to {options.output}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
