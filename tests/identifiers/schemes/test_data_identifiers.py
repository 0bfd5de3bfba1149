"""Data identifiers of ANSI MH10.8.2."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiers.errors import (
    CharacterError,
    CheckDigitError,
    DateError,
    IdentifierError,
    LengthError,
    SyntaxError_,
    UnknownAiError,
)
from identifiers.item_code import Level
from identifiers.schemes.data_identifiers import find, parse_data_identifier, read_field


def test_table() -> None:
    """The table knows 477 identifiers with their formats."""
    plate, note, date = find("J"), find("4B"), find("5D")
    assert plate is not None
    assert (plate.title, plate.kind, plate.shortest, plate.longest) == (
        "LICENSE PLATE",
        "an",
        1,
        35,
    )
    assert note is not None
    assert (note.kind, note.longest) == ("", None)
    assert date is not None
    assert (date.kind, date.pattern, date.shortest, date.longest) == ("date", "YYMMDD", 6, None)
    assert find("999Z") is None


@pytest.mark.parametrize(
    ("text", "di", "uri", "level"),
    [
        ("25SUN043325711A1", "25S", "urn:suyuan:iso15418-di:25SUN043325711A1", Level.INSTANCE),
        ("JUN043325711A-1", "J", "urn:suyuan:iso15418-di:JUN043325711A-1", Level.LOGISTIC),
        ("8P09506000134352", "8P", "https://id.gs1.org/01/09506000134352", Level.PRODUCT),
        ("8S095060001343520000", "8S", "https://id.gs1.org/00/095060001343520000", Level.LOGISTIC),
        ("9N112097776020", "9N", "urn:suyuan:iso15418-di:9N112097776020", Level.PRODUCT),
        (
            "9N1312345ABCD12345678056",
            "9N",
            "urn:suyuan:iso15418-di:9N1312345ABCD12345678056",
            Level.PRODUCT,
        ),
        (
            "9NMA12345ABCD.1234563",
            "9N",
            "urn:suyuan:iso15418-di:9NMA12345ABCD.1234563",
            Level.PRODUCT,
        ),
        ("I1HGCM82633A004352", "I", "urn:suyuan:iso15418-di:I1HGCM82633A004352", Level.INSTANCE),
    ],
)
def test_unique_values(text: str, di: str, uri: str, level: Level) -> None:
    """A value that is unique by itself names one thing, without remarks."""
    reading = parse_data_identifier(text)
    assert reading.scheme == "iso15418-di"
    assert reading.parts == {"dis": ((di, text.removeprefix(di)),)}
    assert (reading.uri, reading.level, reading.code) == (uri, level, text)
    assert reading.warnings == reading.unverified == ()


@pytest.mark.parametrize(
    "text",
    [
        "S4711",
        "D290331",
        "D290300",
        "5D290331010",
        "4LDE",
        "27P4012.11",
        "24Sabcdef",
        "Q5",
    ],
)
def test_values_of_one_company(text: str) -> None:
    """A value that only one company knows is read with a warning."""
    assert [notice.kind for notice in parse_data_identifier(text).warnings] == ["not-unique"]


@pytest.mark.parametrize(
    ("text", "kind"), [("4BABCD1", "di-format"), ("25SXYZ1", "issuing-agency")]
)
def test_what_cannot_be_verified(text: str, kind: str) -> None:
    """An unknown form or agency is said."""
    assert [notice.kind for notice in parse_data_identifier(text).unverified] == [kind]


@pytest.mark.parametrize(
    ("text", "error", "position"),
    [
        ("", SyntaxError_, 0),
        ("25s1", SyntaxError_, 0),
        ("1234S1", SyntaxError_, 0),
        ("２5S1", SyntaxError_, 0),
        ("X1", UnknownAiError, 0),
        ("S", LengthError, 1),
        ("20BABC", LengthError, 5),
        ("16B123", LengthError, 6),
        ("SA\x1dB", CharacterError, 2),
        ("SÄ", CharacterError, 1),
        ("2HA23456789", CharacterError, 2),
        ("4Lde", CharacterError, 2),
        ("27P4012,11", CharacterError, 7),
        ("D290332", DateError, 5),
        ("14D20290300", DateError, 9),
        ("8P09506000134351", CheckDigitError, 15),
        ("9N112097776021", CheckDigitError, 12),
        ("9N1312345abc99", CharacterError, 9),
        ("25SUN12", SyntaxError_, 5),
        ("25Sun1", CharacterError, 3),
    ],
)
def test_faults(text: str, error: type[IdentifierError], position: int) -> None:
    """What breaks the grammar, the format or a check is refused at its place."""
    with pytest.raises(error) as caught:
        parse_data_identifier(text)
    assert caught.value.position == position


def _ppn(body: str) -> str:
    return f"9N{body}{sum(ord(c) * w for w, c in enumerate(body, 2)) % 97:02}"


def test_number_inside_a_ppn() -> None:
    """A PPN of agency 11 holds eight digits that have a check digit of their own."""
    assert parse_data_identifier(_ppn("1103752864")).parts["dis"] == (("9N", "110375286414"),)
    with pytest.raises(CheckDigitError, match="check digits 4"):
        parse_data_identifier(_ppn("1103752865"))
    for body in ("11123", "11ABCDEFGH"):
        with pytest.raises(SyntaxError_, match="PZN"):
            parse_data_identifier(_ppn(body))


def test_unknown_identifier_in_a_message() -> None:
    """Where a message says that data identifiers follow, one that is newer is kept with a remark."""
    field, notices = read_field("999Z1", known=False)
    assert field == ("999Z", "1")
    assert [notice.kind for notice in notices] == ["di-unknown"]


@given(st.text(max_size=40) | st.from_regex(r"[0-9]{0,2}[A-Z][ -~]{0,30}", fullmatch=True))
def test_any_text_is_judged(text: str) -> None:
    """Any text gives a reading that keeps it whole, or one of our errors."""
    with suppress(IdentifierError):
        assert parse_data_identifier(text).code == text
