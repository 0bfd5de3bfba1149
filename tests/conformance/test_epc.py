"""EPC against the vectors of translators and the artefacts of the standard, every row of every file.

A row agrees when verdict, pure identity, tag URI, bits, application identifiers, element string,
key and link all agree, in both directions where the form has two.
"""

import json
import re
import runpy
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from identifiers import (
    ElementString,
    IdentifierError,
    as_bracketed,
    as_digital_link,
    as_element_string,
    as_item_code,
    parse_digital_link,
    parse_item_code,
)
from identifiers.characters import unescape
from identifiers.epc import (
    EpcTag,
    as_epc_tag,
    as_epc_tag_uri,
    as_epc_urn,
    epc_scheme,
    foreign_identity,
    parse_epc_binary,
    parse_epc_tag_uri,
    parse_epc_urn,
)
from identifiers.epc.bits import BitReader
from identifiers.epc.layouts import LAYOUTS
from identifiers.epc.plus import PLUS
from identifiers.epc.texts import digit_bits
from identifiers.epc.values import ai_length, decode_value, encode_value
from tests.conformance.rows import Row, report, rows_of

_FILTERS = {
    "ALL_OTHERS": 0,
    "PALLET": 0,
    "ITEM_OTHER": 1,
    "POS_ITEM": 1,
    "RAIL_VEHICLE": 1,
    "FULL_CASE": 2,
    "UNIT_LOAD": 6,
    "UNIT_LOAD_DEVICES": 12,
    "OTHER_REPAIR": 23,
}
"""Filters by the names that the tool gives them; ``RESERVED_5`` is 5."""
_NOT_ON_TAGS = {"03", "3954", "3955", "717", "8014", "8040", "8041", "8042", "8043"}
"""AIs that Table F leaves out."""


def _filled(bits: str, digits: str) -> str:
    """Give bits as hexadecimal digits, as many as the row has: tools fill up nibbles or words."""
    assert 0 <= 4 * len(digits) - len(bits) < 16
    return f"{int(bits.ljust(4 * len(digits), '0'), 2):0{len(digits)}X}"


def _differences(got: dict[str, Any], wanted: dict[str, Any]) -> str:
    return ", ".join(
        f"{name}: {value!r} is not {wanted[name]!r}"
        for name, value in got.items()
        if value != wanted[name]
    )


def _link(text: str) -> str:
    return as_digital_link(parse_digital_link(text.replace('"', "%22")))


def _forms(row: Row, code: ElementString) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give the forms of a message that a row knows, ours and the row's."""
    got: dict[str, Any] = {}
    wanted: dict[str, Any] = {}
    if row.get("ais"):
        got["ais"], wanted["ais"] = sorted(code.elements), sorted(row["ais"].items())
    if "gs1_element_string" in row:
        got["bracketed"], wanted["bracketed"] = as_bracketed(code), row["gs1_element_string"]
    if "digital_link" in row:
        # The tool puts a lot into the query, where no link may have it.
        pairs = re.findall(r"[/?&]([0-9]{2,4})[/=]([^/?&]*)", row["digital_link"])
        same = sorted((ai, unescape(value)) for ai, value in pairs) == sorted(code.elements)
        got["link"] = as_digital_link(code)
        wanted["link"] = got["link"] if same else _link(row["digital_link"])
    if "gs1_key" in row:
        ai, value = code.elements[0]
        got["key"] = value
        wanted["key"] = row["gs1_key"].zfill(14) if ai == "01" else row["gs1_key"]
        if ai == "8003":
            wanted["key"] = wanted["key"].rjust(len(value), "0")
    return got, wanted


def _judge_plus(row: Row) -> str:
    tag = parse_epc_binary(row["hex"])
    got, wanted = _forms(row, tag.code) if tag.code else ({}, {})
    made = as_epc_tag(
        ElementString(tuple(row["ais"].items()), ""),
        scheme=row["scheme"],
        filter_value=row["filter"],
    )
    got |= {
        "scheme": tag.scheme,
        "filter": tag.filter_value,
        "bits": _filled(made.bits, row["hex"]),
        "memory": parse_epc_binary(made.memory),
        "fields": len(got),
    }
    wanted |= {
        "scheme": row["scheme"],
        "filter": row["filter"],
        "bits": row["hex"],
        "memory": tag,
        "fields": 2,
    }
    return _differences(got, wanted)


def _tag_forms(row: Row, tag: EpcTag) -> tuple[dict[str, Any], dict[str, Any]]:
    scheme, _, digit = re.match(r"urn:epc:tag:([^:]*):(([0-9]+)\.)?", row["tag_uri"]).groups()  # type: ignore[union-attr]
    coding = (row.get("options") or {}).get("binary_coding_scheme")
    known = (row.get("options") or {}).get("filter_value", "")
    reserved = known.removeprefix("RESERVED_")
    number = _FILTERS.get(known, int(reserved) if reserved.isdigit() else None)
    filtered = tag.filter_value if number is None else number
    got = {
        "identity": tag.pure_identity,
        "tag URI": tag.tag_uri,
        "scheme": tag.scheme.lower(),
        "filter": tag.filter_value,
        "bits": _filled(tag.bits, row["hex"]),
        "memory": parse_epc_binary(tag.memory),
        "hex": parse_epc_binary(row["hex"]),
    }
    wanted = {
        "identity": row["pure_identity"],
        "tag URI": row["tag_uri"],
        "scheme": coding.lower().replace("_", "-") if coding else scheme,
        "filter": row.get("filter", filtered if digit else None),
        "bits": row["hex"],
        "memory": tag,
        "hex": tag,
    }
    return got, wanted


def _judge_valid(row: Row) -> str:
    urn = row["pure_identity"]
    family = row["scheme"].partition("-")[0].lower()
    tag = parse_epc_tag_uri(row["tag_uri"]) if "tag_uri" in row else None
    got, wanted = _tag_forms(row, tag) if tag else ({}, {})
    got["family"], wanted["family"] = epc_scheme(urn), family
    if foreign_identity(urn):
        got["kept"], wanted["kept"] = foreign_identity(urn), urn
        got["item"], wanted["item"] = parse_item_code(urn).uri, urn
        return _differences(got, wanted)
    code = parse_epc_urn(urn)
    length = row.get("gcp_length", len(urn.split(":")[4].partition(".")[0]))
    ours, theirs = _forms(row, code)
    ours["urn"], theirs["urn"] = as_epc_urn(code, length), urn
    if tag:
        made = as_epc_tag_uri(
            code,
            scheme=tag.scheme,
            filter_value=tag.filter_value or 0,
            company_prefix_length=length,
        )
        ours["made"], theirs["made"] = made, row["tag_uri"]
        ours["message"], theirs["message"] = tag.code, code
    return _differences(got | ours, wanted | theirs)


def _judge_refused(row: Row) -> str:
    urn = row["pure_identity"]
    if row["direction"] == "encode":
        code = parse_epc_urn(urn)
        try:
            as_epc_tag(
                code,
                scheme=row["scheme"],
                filter_value=row["filter"],
                company_prefix_length=len(urn.split(":")[4].partition(".")[0]),
            )
        except IdentifierError:
            return ""
        return "put on a tag"
    try:
        # A sound URN of another scheme than the row says is refused as one of that.
        other = epc_scheme(urn) != row["scheme"].partition("-")[0].lower()
        sound = foreign_identity(urn) or parse_epc_urn(urn)
    except IdentifierError:
        return ""
    return "" if other else f"accepted as {sound}"


def _judge_epc(row: Row) -> str:
    if not row["valid"]:
        return _judge_refused(row)
    try:
        return _judge_plus(row) if row["scheme"].endswith("+") else _judge_valid(row)
    except IdentifierError as error:
        return f"refused: {error}"


def test_epc_forms(vectors: Path) -> None:
    """Pure identities, tag URIs, bits, identifiers and links agree in every row, both ways."""
    rows = rows_of(vectors, "epc_vectors.json")
    answers = {row["id"]: _judge_epc(row) for row in rows}
    report("epc_vectors.json", rows, answers, "epc_vectors.json")


def _escaped(urn: str) -> str:
    """Escape what the tool leaves as it is in the last part of a URN."""
    return re.sub(r"%(?![0-9A-Fa-f]{2})|[\"#&/<>?]", lambda match: f"%{ord(match[0]):02X}", urn)


def _path(link: str) -> str:
    """Give the path of a link without its escapes; the tool writes none."""
    return unescape(re.sub(r"https?://[^/]*", "", link, count=1))


def _judge_translation(row: Row) -> str:
    forth = row["op"] == "urn_to_digital_link"
    urn, link = (row["input"], row["expect"]) if forth else (row["expect"], row["input"])
    urn = _escaped(urn)
    try:
        code = parse_epc_urn(urn)
        length = len(urn.split(":")[4].partition(".")[0])
        back = as_epc_urn(code, row.get("gcp_length", length))
    except IdentifierError as error:
        return f"refused: {error}"
    if back != urn:
        return f"{back} is not {urn}"
    path = _path(as_digital_link(code)).removesuffix("/254/0")
    tail = unescape(link)[-len(path) :]
    if tail == path:
        return "" if row.get("tool_specific_escaping") else _judge_link(row, code, link)
    # The tool verifies no check digit: a link that has another one is wrong, and refused.
    others = [(one, other) for one, other in zip(tail, path, strict=True) if one != other]
    if forth or len(others) > 1 or not "".join(others[0]).isdigit():
        return f"{path} is not the end of {link}"
    try:
        return f"accepted as {parse_digital_link(link).elements}"
    except IdentifierError:
        return ""


def _judge_link(row: Row, code: ElementString, link: str) -> str:
    try:
        read = parse_digital_link(link)
    except IdentifierError:
        # A slash in a value that is not escaped makes other parts of the path.
        return "" if "/" in as_element_string(code) else "link refused"
    # A GLN with the extension 0 is the GLN itself.
    same = as_item_code(read).uri == as_item_code(code).uri
    return "" if same and row["class_level"] == _is_class(code) else f"{read.elements}"


def _is_class(code: ElementString) -> bool:
    ai, value = code.elements[0]
    rest = {other for other, _ in code.elements}
    lengths = {"8003": 14, "253": 13, "255": 13}
    if ai in lengths:
        return len(value) == lengths[ai]
    return "10" in rest or (ai in {"01", "8006", "8010"} and len(rest) == 1)


def test_epc_translations(vectors: Path) -> None:
    """EPC URNs and links convert into each other as the OpenEPCIS translator does, raw escapes apart."""
    name = "epc_urn_digital_link.json"
    rows = rows_of(vectors, name)
    report(name, rows, {row["id"]: _judge_translation(row) for row in rows}, name)


def test_values_go_through_their_bits(vectors: Path) -> None:
    """Every value of a valid message comes back from the bits that its identifier has on a tag."""
    rows = rows_of(vectors, "gs1_bracketed.json")
    pairs = {(ai, value) for row in rows if row["valid"] for ai, value in row["ais"]}
    answers: dict[str, str] = {}
    for ai, value in sorted(pairs):
        try:
            bits = encode_value(ai, value)
        except IdentifierError as error:
            # Tags have no room for these, nor for an account number beyond 24 characters.
            absent = ai in _NOT_ON_TAGS or (ai == "8007" and len(value) > 24)
            answers[f"{ai} {value}"] = "" if absent else str(error)
            continue
        reader = BitReader(bits, 1)
        back = decode_value(ai, reader, 0)
        answers[f"{ai} {value}"] = "" if (back, reader.left) == (value, 0) else back
    report("gs1_bracketed.json, values as bits", list(answers), answers)


def _artefact(vectors: Path, name: str) -> Any:
    path = vectors / "identifiers" / "tdt_2.2" / name
    if not path.is_file():
        pytest.skip(f"no vectors: {path} is missing")
    return json.loads(path.read_text(encoding="utf-8"))


def test_table_of_encodings_is_that_of_the_artefact(vectors: Path, repository: Path) -> None:
    """The committed table is what the script makes of Table F."""
    artefact = json.dumps(_artefact(vectors, "TDT_TableF.json"))
    script = runpy.run_path(str(repository / "tools" / "build_epc_table.py"))
    table = (repository / "identifiers" / "data" / "epc_table.txt").read_text(encoding="utf-8")
    assert script["convert"](artefact) == table


def test_lengths_are_those_of_the_tables(vectors: Path) -> None:
    """Bits of numbers are those of Table B, and lengths of identifiers those of Table K."""
    for row in _artefact(vectors, "TDT_TableB.json")["rows"]:
        assert digit_bits(int(row["a"])) == int(row["b"])
    for row in _artefact(vectors, "TDT_TableK.json")["rows"]:
        assert ai_length(row["a"]) == int(row["b"])


def _binary(vectors: Path, name: str) -> Any:
    scheme = _artefact(vectors, f"{name}.json")["tdt:epcTagDataTranslation"]["scheme"]
    return next(level for level in scheme["level"] if level["type"] == "BINARY")


@pytest.mark.parametrize("name", [layout.name for layout in LAYOUTS.values()])
def test_layouts_are_those_of_the_artefacts(vectors: Path, name: str) -> None:
    """Header and widths of all fields of a tag are those of its artefact, for each prefix length."""
    layout, level = LAYOUTS[name.lower()], _binary(vectors, name)
    assert int(level["prefixMatch"], 2) == layout.header
    assert [int(option["optionKey"]) for option in level["option"]] == list(range(12, 5, -1))
    for option in level["option"]:
        fields = {field["name"]: field.get("bitLength") for field in option["field"]}
        widths = [width for width in list(fields.values())[1:] if width]
        if layout.key_bits and layout.scheme != "giai":
            assert sum(widths[:2]) == layout.key_bits
            assert widths[2:] == [7] * (len(widths) - 3) + [layout.serial_bits] * bool(
                layout.serial
            )
        elif layout.key_bits:
            assert sum(widths) == layout.key_bits
        assert option["pattern"].count("0" * 24) == (layout.serial_bits == 24)
    prefixes = [option["field"][1]["bitLength"] for option in level["option"]]
    assert all(more > less for more, less in pairwise(prefixes))


@pytest.mark.parametrize("name", [name for name in PLUS if not name.endswith("++")])
def test_plus_schemes_are_those_of_the_artefacts(vectors: Path, name: str) -> None:
    """Header and identifiers of a "+" tag are those of its artefact."""
    level = _binary(vectors, name)
    ais = tuple(found["ai"] for found in level["option"][0]["encodedAI"])
    assert (int(level["prefixMatch"], 2), ais) == PLUS[name]
