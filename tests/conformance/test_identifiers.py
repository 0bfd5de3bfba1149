"""Item codes against the vectors of the GS1 engine and of EPC translators, every row of every file.

A row agrees when verdict, application identifiers, bracketed form, element string and link all
agree. A disagreement that we stand by is declared here by rule, with its reason, and counted.
"""

import csv
import json
import re
import runpy
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from identifiers import (
    ElementString,
    IdentifierError,
    aitable,
    as_bracketed,
    as_digital_link,
    as_element_string,
    as_epc_urn,
    parse_bracketed,
    parse_digital_link,
    parse_element_string,
    parse_epc_urn,
    parse_item_code,
    parse_scan,
)
from identifiers.components import verify_component
from identifiers.epc import epc_scheme, is_foreign_epc
from identifiers.errors import CheckDigitError, ConversionError

Row = dict[str, Any]


def _rows(vectors: Path, name: str) -> list[Row]:
    path = vectors / "identifiers" / name
    if not path.is_file():
        pytest.skip(f"no vectors: {path} is missing")
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(lines))
    rows: list[Row] = json.loads(path.read_text(encoding="utf-8"))
    return rows


def _report(name: str, rows: list[Row], disagreeing: list[str], declared: int = 0) -> None:
    agreeing = len(rows) - len(disagreeing) - declared
    print(f"{name}: {agreeing} of {len(rows)} rows agree, {declared} declared")  # noqa: T201
    assert rows
    assert disagreeing == []


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
    if "ais" not in row:
        # The engine reads the digits of a retail symbol as they are; to us they are a GTIN.
        plain = row["input"].startswith("]E")
        gtin = (("01", row["message"].zfill(14)),) if plain else ()
        return "" if code.elements == gtin else f"plain text read as {code.elements}"
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
    rows = _rows(vectors, name)
    answers = ((row, _judge_gs1(row, parse)) for row in rows)
    _report(name, rows, [f"{row['id']} {answer}" for row, answer in answers if answer])


@pytest.mark.parametrize(
    "name", ["gs1_bracketed.json", "gs1_element_strings.json", "gs1_digital_links.json"]
)
def test_one_item_one_code(vectors: Path, name: str) -> None:
    """All forms of a valid row with a link name one item code, and a refused row names none."""
    rows = [
        row
        for row in _rows(vectors, name)
        if "options" not in row and "not_a_digital_link" not in row
    ]
    bad = []
    for row in rows:
        text = row["input"].replace("^", "\x1d") if "element" in name else row["input"]
        link = row.get("digital_link") or row.get("canonical_digital_link")
        try:
            code = parse_item_code(text)
        except IdentifierError:
            if row["valid"] and link:
                bad.append(f"{row['id']} refused")
            continue
        if not row["valid"]:
            # A link on another host that is no valid Digital Link is its own code.
            if code.uri != text or text.startswith("https://id.gs1.org/"):
                bad.append(f"{row['id']} accepted as {code.uri}")
        elif link and {
            parse_item_code(form).uri for form in (link, row["bracketed"], row["element_string"])
        } != {code.uri}:
            bad.append(f"{row['id']} has several codes")
    _report(f"{name} as item codes", rows, bad)


def test_components(vectors: Path) -> None:
    """Every named check gives the verdict of the reference procedures."""
    rows = [
        row
        for row in _rows(vectors, "component_linters.csv")
        # These rows replace the list of company prefixes by a failing one, which we do not have.
        if row["error"] not in {"GCP_DATASOURCE_OFFLINE", "INVALID_GCP_PREFIX"}
    ]
    bad = []
    for row in rows:
        try:
            verify_component(row["linter"], row["input"])
            sound = True
        except IdentifierError:
            sound = False
        if sound != (row["valid"] == "true"):
            bad.append(f"{row['linter']} {row['input']!r}")
    _report("component_linters.csv", rows, bad)


def _declared(row: Row) -> str:
    """Give the reason for which a row of the EPC files may disagree, or an empty string."""
    urn = row.get("pure_identity") or next(
        (row[side] for side in ("input", "expect") if row[side].startswith("urn:")), ""
    )
    if re.match(r"urn:epc:id:itip:[0-9.]*\.00\.00\.", urn):
        return "AI 8006 has a piece and a total from 1 (check pieceoftotal)"
    if re.match(r"urn:epc:id:cpi:.*\.0\Z", urn):
        return "AI 8011 has no leading zero (check nozeroprefix)"
    if re.match(r"urn:epc:id:bic:[A-Z]*[IO]", urn):
        return "ISO 6346 owner codes may hold I and O"
    if re.match(r"urn:epc:id:sgln:.*\.0\Z", urn) and "/254/0" in row.get("digital_link", "/254/0"):
        return "the extension 0 of a GLN stands for none, TDS 2.2 section 6.3.3"
    if re.match(r"urn:epc:idpat:cpi:[0-9]+\.\.", urn):
        return "a part reference has at least one character"
    if re.match(r"urn:epc:idpat:cpi:.*[/]", urn) or re.match(r"urn:epc:idpat:cpi:[0-9]*-", urn):
        return "a slash is escaped in a URN, and a company prefix has digits alone"
    return ""


def _judge_all(name: str, rows: list[Row], judge: Callable[[Row], str]) -> None:
    bad, reasons = [], Counter[str]()
    for row in rows:
        answer, reason = judge(row), _declared(row)
        if answer and reason:
            reasons[reason] += 1
        elif answer:
            bad.append(f"{row['id']} {answer}")
    print(dict(reasons))  # noqa: T201
    _report(name, rows, bad, sum(reasons.values()))


def _judge_translation(row: Row) -> str:
    try:
        if row["op"] == "urn_to_digital_link":
            code = parse_epc_urn(row["input"])
            # The tool leaves some characters unescaped; what is meant is compared.
            same = code.elements == parse_digital_link(row["expect"]).elements
            return "" if same else as_digital_link(code)
        got = as_epc_urn(parse_digital_link(row["input"]), row["gcp_length"])
    except CheckDigitError:
        # The tool verifies no check digit: its URN must give another key than the one it was made from.
        made = as_element_string(parse_epc_urn(row["expect"]))
        return "" if made not in row["input"].replace("/", "") else "check digit"
    except IdentifierError as error:
        return str(error)
    return "" if got == row["expect"] else got


def test_epc_translations(vectors: Path) -> None:
    """EPC URNs and links convert into each other as the OpenEPCIS translator does, raw escapes apart."""
    rows = [
        row
        for row in _rows(vectors, "epc_urn_digital_link.json")
        # A table of company prefixes is not part of the package; raw reserved characters are no URN.
        if "needs" not in row and not row.get("tool_specific_escaping")
    ]
    _judge_all("epc_urn_digital_link.json", rows, _judge_translation)


def _judge_identity(row: Row) -> str:
    urn = row["pure_identity"]
    try:
        named = epc_scheme(urn) == row["scheme"].split("-")[0].lower()
        if is_foreign_epc(urn):
            return "" if named == row["valid"] else "accepted"
        code = parse_epc_urn(urn)
    except IdentifierError as error:
        return f"refused: {error}" if row["valid"] else ""
    if not (row["valid"] and named):
        return "" if named == row["valid"] else "accepted"
    prefix = urn.split(":")[4].partition(".")[0]
    got = [as_epc_urn(code, len(prefix)), *code.elements]
    wanted: list[object] = [urn, *((row.get("ais") or {}).items() or code.elements)]
    if row.get("tag_uri"):
        got.extend(parse_epc_urn(row["tag_uri"]).elements)
        wanted.extend(code.elements)
    if row.get("digital_link"):
        got.append(as_digital_link(code))
        wanted.append(as_digital_link(parse_digital_link(row["digital_link"].replace('"', "%22"))))
    if row.get("gs1_element_string"):
        got.append(as_bracketed(code))
        wanted.append(row["gs1_element_string"])
    return "" if got == wanted else f"{got} is not {wanted}"


def test_epc_identities(vectors: Path) -> None:
    """Pure identities and tag URIs have the verdict, the identifiers and the links of the vectors."""
    rows = [
        row
        for row in _rows(vectors, "epc_vectors.json")
        # Binary tags and the schemes that exist as binary alone are a matter of their own.
        if row["direction"] != "encode" and "pure_identity" in row
    ]
    _judge_all("epc_vectors.json", rows, _judge_identity)


def test_table_is_that_of_the_dictionary(vectors: Path, repository: Path) -> None:
    """The committed table is what the script makes of the dictionary of its release."""
    scripts = runpy.run_path(str(repository / "tools" / "build_ai_table.py"))
    table = (repository / "identifiers" / "data" / "ai_table.txt").read_text(encoding="utf-8")
    dictionary = vectors / "identifiers" / f"gs1-syntax-dictionary-{aitable.version()}.txt"
    if not dictionary.is_file():
        pytest.skip(f"no vectors: {dictionary} is missing")
    assert scripts["convert"](dictionary.read_text(encoding="utf-8")) == table


def test_epc_limits_of_96_bits(vectors: Path) -> None:
    """A serial that a 96-bit tag would lose is refused as a tag URI of that size."""
    rows = [row for row in _rows(vectors, "epc_vectors.json") if row["direction"] == "encode"]
    bad = []
    for row in rows:
        scheme, body = row["pure_identity"].removeprefix("urn:epc:id:").split(":")
        try:
            parse_epc_urn(f"urn:epc:tag:{scheme}-96:{row['filter']}.{body}")
            bad.append(row["id"])
        except IdentifierError:
            continue
    _report("epc_vectors.json, 96 bits", rows, bad)
