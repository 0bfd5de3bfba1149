"""Item codes against the vectors of the GS1 engine, every row of every file.

A row agrees when verdict, application identifiers, bracketed form, element string and link all
agree. A disagreement that we stand by is listed by its id, see `rows`.
"""

import runpy
from collections.abc import Callable
from pathlib import Path

import pytest

from identifiers import (
    ElementString,
    IdentifierError,
    as_bracketed,
    as_digital_link,
    as_element_string,
    parse_bracketed,
    parse_digital_link,
    parse_element_string,
    parse_item_code,
    parse_scan,
)
from identifiers.errors import ConversionError
from identifiers.gs1 import aitable
from identifiers.gs1.components import verify_component
from tests.conformance.rows import Row, report, rows_of


def _parse_element_string(text: str, **options: bool) -> ElementString:
    return parse_element_string(text.replace("^", "\x1d"), **options)


def _link(code: ElementString, stem: str | None) -> str | None:
    try:
        return as_digital_link(code, stem=stem) if stem else as_digital_link(code)
    except ConversionError:
        return None


def _judge_gs1(row: Row, parse: Callable[..., ElementString]) -> str:
    """Compare one row of a gs1_* file; an empty answer means that everything agrees."""
    options = dict(row.get("options") or {})
    stem = options.pop("stem", None)
    try:
        code = parse(row["input"], **options)
    except IdentifierError as error:
        # A plain text is valid to the engine; to us it is simply no item code.
        return "" if not row["valid"] or "ais" not in row else f"refused: {error}"
    if "stem" in (row.get("options") or {}) and not row["valid"]:
        return "" if _link(code, stem) is None else "a link where none can be"
    if not row["valid"]:
        return f"accepted against {row['error']}"
    if row["input"].startswith("]E"):
        # The engine reads the digits of a retail symbol as they are; to us they are a GTIN, to which
        # the component above it belongs.
        gtin = row["message"].partition("|")[0].zfill(14)
        whole = [["01", gtin], *row.get("ais", ())]
        return "" if [list(pair) for pair in code.elements] == whole else f"{code.elements}"
    if "ais" not in row:
        return f"plain text read as {code.elements}"
    got = {
        "ais": [list(pair) for pair in code.elements],
        "bracketed": as_bracketed(code),
        "element_string": as_element_string(code),
        "link": _link(code, stem),
    }
    wanted = {name: row[name] for name in ("ais", "bracketed", "element_string")}
    wanted["link"] = row.get("digital_link") or row.get("canonical_digital_link")
    return "" if got == wanted else f"{got} is not {wanted}"


@pytest.mark.parametrize(
    ("name", "parse"),
    [
        ("gs1_bracketed.json", parse_bracketed),
        ("gs1_element_strings.json", _parse_element_string),
        ("gs1_scans.json", parse_scan),
        ("gs1_digital_links.json", parse_digital_link),
        ("gs1_to_digital_link.json", parse_bracketed),
    ],
)
def test_gs1_forms(vectors: Path, name: str, parse: Callable[..., ElementString]) -> None:
    """Every row of a gs1 file has the verdict and all the forms that the reference engine gave."""
    rows = rows_of(vectors, name)
    report(name, rows, {row["id"]: _judge_gs1(row, parse) for row in rows}, name)


@pytest.mark.parametrize(
    "name", ["gs1_bracketed.json", "gs1_element_strings.json", "gs1_digital_links.json"]
)
def test_one_item_one_code(vectors: Path, name: str) -> None:
    """All forms of a valid row with a link name one item code, and a refused row names none."""
    rows = [
        row
        for row in rows_of(vectors, name)
        if "options" not in row and "not_a_digital_link" not in row
    ]
    bad: dict[str, str] = {}
    for row in rows:
        text = row["input"].replace("^", "\x1d") if "element" in name else row["input"]
        link = row.get("digital_link") or row.get("canonical_digital_link")
        try:
            code = parse_item_code(text)
        except IdentifierError:
            if row["valid"] and link:
                bad[row["id"]] = "refused"
            continue
        if not row["valid"]:
            # A link on another host that is no valid Digital Link is its own code.
            if code.uri != text or text.startswith("https://id.gs1.org/"):
                bad[row["id"]] = f"accepted as {code.uri}"
        elif link and {
            parse_item_code(form).uri for form in (link, row["bracketed"], row["element_string"])
        } != {code.uri}:
            bad[row["id"]] = "has several codes"
    report(f"{name} as item codes", rows, bad)


def test_components(vectors: Path) -> None:
    """Every named check gives the verdict of the reference procedures."""
    rows = [
        row
        for row in rows_of(vectors, "component_linters.csv")
        # These rows replace the list of company prefixes by a failing one, which we do not have.
        if row["error"] not in {"GCP_DATASOURCE_OFFLINE", "INVALID_GCP_PREFIX"}
    ]
    bad: dict[str, str] = {}
    for row in rows:
        try:
            verify_component(row["linter"], row["input"])
            sound = True
        except IdentifierError:
            sound = False
        if sound != (row["valid"] == "true"):
            bad[f"{row['linter']} {row['input']!r}"] = f"{row['valid']} is not {sound}"
    report("component_linters.csv", rows, bad)


def test_table_is_that_of_the_dictionary(vectors: Path, repository: Path) -> None:
    """The committed table is what the script makes of the dictionary of its release."""
    scripts = runpy.run_path(str(repository / "tools" / "build_ai_table.py"))
    table = (repository / "identifiers" / "data" / "ai_table.txt").read_text(encoding="utf-8")
    dictionary = vectors / "identifiers" / f"gs1-syntax-dictionary-{aitable.version()}.txt"
    if not dictionary.is_file():
        pytest.skip(f"no vectors: {dictionary} is missing")
    assert scripts["convert"](dictionary.read_text(encoding="utf-8")) == table
