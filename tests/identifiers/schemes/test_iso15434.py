"""Messages of ISO/IEC 15434."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiers.errors import (
    CharacterError,
    CheckDigitError,
    IdentifierError,
    LengthError,
    SyntaxError_,
    UnknownSchemeError,
)
from identifiers.item_code import Level
from identifiers.schemes.data_identifiers import parse_data_identifier
from identifiers.schemes.id_links import parse_id_link
from identifiers.schemes.iso15434 import GS, HEADER, RS, TRAILER, parse_formats, parse_message

PARSERS = {
    "iso15434-05": parse_message,
    "iso15434-06": parse_message,
    "iso15434-12": parse_message,
    "iso15418-di": parse_data_identifier,
    "id-link": parse_id_link,
}


def message(*formats: str) -> str:
    """Put formats, written with ``^`` for GS, into the envelope."""
    return HEADER + RS + RS.join(formats).replace("^", GS) + TRAILER


def _rows(vectors: Path) -> list[dict[str, Any]]:
    path = vectors / "identifiers" / "schemes_cn_industrial.json"
    if not path.is_file():
        pytest.skip(f"no vectors: {path} is missing")
    rows = json.loads(path.read_text(encoding="utf-8"))
    return [row for row in rows if row["candidates"] and row["candidates"][0]["scheme"] in PARSERS]


def test_published_rows(vectors: Path) -> None:
    """Each row of the schemes around ISO/IEC 15459 comes out with its scheme and parts."""
    rows = _rows(vectors)
    assert rows
    for row in rows:
        wanted = row["candidates"][0]
        reading = PARSERS[wanted["scheme"]](row["input"])
        parts = json.loads(json.dumps(dict(reading.parts)))
        assert (reading.scheme, parts) == (wanted["scheme"], wanted["fields"])


@pytest.mark.parametrize(
    ("body", "uri", "level"),
    [
        (
            "05^010950600013435210ABC^21XYZ",
            "https://id.gs1.org/01/09506000134352/21/XYZ",
            Level.INSTANCE,
        ),
        ("05^010950600013435210ABC", "https://id.gs1.org/01/09506000134352/10/ABC", Level.LOT),
        (
            "06^25SUN043325711A1^16D20270315",
            "urn:suyuan:iso15418-di:25SUN043325711A1",
            Level.INSTANCE,
        ),
        ("06^JUN043325711A1^Q5", "urn:suyuan:iso15418-di:JUN043325711A1", Level.LOGISTIC),
        (
            "06^9N112097776020^1TAB^S12",
            "urn:suyuan:iso15418-di:9N112097776020%1DS12",
            Level.INSTANCE,
        ),
        ("06^1TAB^9N112097776020", "urn:suyuan:iso15418-di:9N112097776020%1D1TAB", Level.LOT),
        ("06^9N112097776020^D290300", "urn:suyuan:iso15418-di:9N112097776020", Level.PRODUCT),
        ("06^8P09506000134352", "https://id.gs1.org/01/09506000134352", Level.PRODUCT),
        ("06^18VUN043325711", "urn:suyuan:iso15418-di:18VUN043325711", Level.PARTY),
        (
            "12^MFR 0CVA5^SER 1^PNR X",
            "urn:suyuan:iso15434-12:MFR%200CVA5%1DSER%201",
            Level.INSTANCE,
        ),
    ],
)
def test_what_a_message_names(body: str, uri: str, level: Level) -> None:
    """The unique fields of a message name the thing, whatever stands beside them."""
    reading = parse_message(message(body))
    assert (reading.uri, reading.level, reading.warnings) == (uri, level, ())
    assert reading.scheme == f"iso15434-{body[:2]}"
    assert reading.code == body[3:].replace("^", GS)


@pytest.mark.parametrize(
    "body",
    [
        "05^8110106141416543213150110120",
        "06^PABC^Q5",
        "06^25SUN043325711A1^25SUN043325711A2",
        "06^25SUN043325711A1^JUN043325711A1",
        "06^9N112097776020^S1^S2",
        "06^9N112097776020^8P09506000134352",
        "12^SER 1^PNO X",
    ],
)
def test_message_that_names_nothing_by_itself(body: str) -> None:
    """Where nothing in it is unique, the whole message is the name, and that is said."""
    reading = parse_message(message(body))
    assert bool(reading.uri) == (body[:2] != "05")
    assert reading.uri.startswith("" if body[:2] == "05" else f"urn:suyuan:iso15434-{body[:2]}:")
    assert reading.level is Level.OTHER
    assert [notice.kind for notice in reading.warnings] == ["message-not-unique"]


@pytest.mark.parametrize(
    ("body", "name", "level", "said"),
    [
        ("06^K^25SUN043325711A1^16D", "di:25SUN043325711A1", Level.INSTANCE, ["", ""]),
        ("06^18VUN043325711^999Z", "di:18VUN043325711", Level.PARTY, [""]),
        ("06^25PLEX1^1TL7^SA", "di:25PLEX1%1DSA", Level.INSTANCE, []),
        ("06^25PLEX1^1T^SA", "di:25PLEX1%1DSA", Level.INSTANCE, [""]),
        ("06^25PLEX1^1TL7^S", "di:25PLEX1%1D1TL7", Level.LOT, ["a lot and no single item"]),
        ("06^S^25PLEX1", "di:25PLEX1", Level.PRODUCT, ["no more than a product"]),
        ("06^25PLEX1^S^1T", "di:25PLEX1", Level.PRODUCT, ["no more than a product"] * 2),
        ("06^25PLEX1^SA^S", "06:25PLEX1%1DSA%1DS", Level.OTHER, [""]),
        ("06^J^25PLEX1^Q", "06:J%1D25PLEX1", Level.OTHER, ["not known what the message names", ""]),
        (
            "06^25S^JUN043325711^K",
            "06:25S%1DJUN043325711",
            Level.OTHER,
            ["not known what the message names", ""],
        ),
        ("06^25P^SA", "06:25P%1DSA", Level.OTHER, ["not known what the message names"]),
        ("06^PABC^K^S", "06:PABC%1DS", Level.OTHER, ["", ""]),
        ("06^PABC^K^K^KX^K", "06:PABC%1DKX", Level.OTHER, [""]),
    ],
)
def test_empty_values(body: str, name: str, level: Level, said: list[str]) -> None:
    """A field without a value is left out and told of once; it never makes a message name other things.

    What the name does not depend on changes nothing. A name without its serial is that of the lot
    or product, and says so; one that might be anything is the whole message's.
    """
    reading = parse_message(message(body))
    scheme = "iso15418-" if name.startswith("di") else "iso15434-"
    assert (reading.uri, reading.level) == (f"urn:suyuan:{scheme}{name}", level)
    assert all(value for _, value in reading.parts["dis"])  # type: ignore[union-attr,misc,str-unpack]
    remarks = [notice for notice in reading.warnings if notice.kind == "empty-value"]
    text = message(body)
    for notice, part in zip(remarks, said, strict=True):
        di = notice.details["di"]
        assert str(notice).startswith(f"the value of {di} is empty")
        assert str(notice).endswith(part or "is empty")
        assert text.startswith(f"{GS}{di}", (notice.position or 0) - 1)
    assert (len(remarks) < len(reading.warnings)) == (level is Level.OTHER)


def test_empty_values_of_a_later_format() -> None:
    """The place of an empty value is that in the whole message."""
    first, second = parse_formats(message("05^0109506000134352", "06^S1^K"))
    assert (first.warnings, [notice.position for notice in second.warnings]) == ((), [None, 30])


def test_several_formats() -> None:
    """Formats are read one by one; those that are not read are named."""
    text = message("06^25SUN043325711A1", "07free text", "07more", "12^SER 1", "019612345")
    first, second = parse_formats(text)
    assert (first.scheme, second.scheme) == ("iso15434-06", "iso15434-12")
    assert [str(notice) for notice in first.unverified] == [
        "format 07 (free text) of the message is not read",
        "format 01 (transportation) of the message is not read",
    ]
    reading = parse_message(text)
    assert reading.uri == first.uri
    assert [notice.kind for notice in reading.warnings] == ["more-formats"]


def test_binary_data_may_hold_separators() -> None:
    """A format of binary data says its length, so that an RS in it ends nothing."""
    text = message("09^jpg^Z^3^" + RS * 3, "06^25SUN043325711A1")
    assert [reading.scheme for reading in parse_formats(text)] == ["iso15434-06"]
    wrong = message("09^jpg^Z^9^abc", "06^25SUN043325711A1")
    assert [reading.scheme for reading in parse_formats(wrong)] == ["iso15434-06"]


def test_remarks_are_said_once() -> None:
    """What is not known about a kind of field is said once, however often it comes."""
    reading = parse_message(message("06^999Z1^999Z2"))
    assert [notice.kind for notice in reading.unverified] == ["di-unknown"]


@pytest.mark.parametrize(
    ("text", "error", "position", "fix"),
    [
        ("", SyntaxError_, 0, ""),
        ("[(>", SyntaxError_, 0, ""),
        ("[)>06", SyntaxError_, 3, "RS"),
        ("[)>\x1e06\x1dS1", SyntaxError_, 9, "RS and EOT"),
        ("[)>\x1e06\x1dS1\x04", SyntaxError_, 9, "RS and EOT"),
        ("[)>\x1e06\x1dS1\x1e", SyntaxError_, 10, "RS and EOT"),
        (message("06^S1") + "\r\n", SyntaxError_, 11, "what follows"),
        ("[)>\x1e\x04", LengthError, 4, ""),
        (message(""), SyntaxError_, 4, ""),
        (message("6^S1"), SyntaxError_, 4, ""),
        (message("０6^S1"), SyntaxError_, 4, ""),
        (message("99^S1"), UnknownSchemeError, 4, ""),
        (message("07abc"), UnknownSchemeError, 4, "free text"),
        (message("06S1"), SyntaxError_, 6, "GS"),
        (message("06"), SyntaxError_, 6, "GS"),
        (message("06^"), LengthError, 7, "separator"),
        (message("06^S1^"), LengthError, 10, "separator"),
        (message("06^S1^^Q5"), LengthError, 10, "separator"),
        (message("06^K^S"), LengthError, 8, ""),
        (message("12^SER ^MFR 0CVA5"), LengthError, 11, ""),
        (message("06^S1^14D20271301"), IdentifierError, 17, "date"),
        (message("06^S1\x04^Q5"), CharacterError, 9, ""),
        (message("12^SER 1^PNO"), SyntaxError_, 13, ""),
        (message("05^0109506000134351"), CheckDigitError, 22, "check digit"),
        (message("05^0109506000134352^"), LengthError, 24, "separator"),
        (message("05^0109506000134352|^10A"), CharacterError, 23, ""),
    ],
)
def test_faults(text: str, error: type[IdentifierError], position: int, fix: str) -> None:
    """What a scanner lost is named and never filled in; a fault has its place in the message."""
    with pytest.raises(error) as caught:
        parse_message(text)
    assert caught.value.position == position
    assert fix in caught.value.fix


@given(
    st.text(alphabet="[)>\x1e\x1d\x040615S2DUN |é", max_size=60)
    | st.text(alphabet="\x1e\x1d\x040156279STUNJ E", max_size=40).map(message)
)
def test_any_text_is_judged(text: str) -> None:
    """Any text gives readings or one of our errors."""
    with suppress(IdentifierError):
        readings = parse_formats(text)
        assert readings
        assert all(reading.code in text for reading in readings)
