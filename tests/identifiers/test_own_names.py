"""Names of codes, read back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiers.characters import unescape
from identifiers.errors import IdentifierError
from identifiers.own_names import as_symbol
from identifiers.schemes.data_identifiers import parse_data_identifier
from identifiers.schemes.hibc import hibc_check_character, parse_hibc
from identifiers.schemes.isbt import parse_isbt
from identifiers.schemes.iso15434 import GS, HEADER, RS, TRAILER, parse_message
from identifiers.schemes.reading import Reading

DEVICE = "=/A9999XYZ100T0944"


def reading_of(text: str) -> Reading:
    """Read a symbol of a scheme whose names leave something out."""
    if text.startswith(HEADER):
        return parse_message(text)
    if text.startswith("+"):
        return parse_hibc(text)
    return parse_isbt(text) if text[:1] in {"=", "&"} else parse_data_identifier(text)


def message(body: str) -> str:
    """Put a format, written with ``^`` for GS, into the envelope."""
    return HEADER + RS + body.replace("^", GS) + TRAILER


def verify_round_trip(text: str) -> None:
    """Hold that the name of what a symbol names leads back to it."""
    reading = reading_of(text)
    _, kind, scheme, name = reading.uri.split(":")
    assert kind == "suyuan"
    again = reading_of(as_symbol(scheme, unescape(name)))
    assert (again.uri, again.level) == (reading.uri, reading.level)


@pytest.mark.parametrize(
    "text",
    [
        "25SUN043325711A1",
        "PABC",
        message("06^25SUN043325711A1^16D20270315"),
        message("06^9N112097776020^1TAB^S%12"),
        message("06^PABC"),
        message("06^PABC^Q5"),
        message("06^25SUN043325711A1^25SUN043325711A2"),
        message("06^J^25PLEXX1^K"),
        message("06^999Z1"),
        message("12^MFR 0CVA5^SER 1^PNR X"),
        message("12^UID A1"),
        message("12^SER 1^PNO X"),
        "+A123BJC5D6E71G",
        "+A99912345/$$52001510X33",
        "+A99912345/$$52001510X3/16D20111212/S77DEFG457",
        DEVICE,
        f"{DEVICE}&,1000000000000XYZ123",
        f"{DEVICE}=,00000A",
        f"=A99971312345612{DEVICE}&>0140322359",
        f"{DEVICE}=,000025=A99971312345600=>014032=}}013032&,1000000000000XYZ123",
        "=)1TE123456A&)RZ12345678",
        "=)1TE123456A=A99971312345699",
    ],
)
def test_names_lead_back(text: str) -> None:
    """What a name leaves out is put back, and the symbol names the same thing on the same level."""
    verify_round_trip(text)


FIELDS = st.tuples(
    st.sampled_from(["25S", "J", "8P", "9N", "25P", "S", "1T", "P", "K", "18V", "999Z"]),
    st.sampled_from(["", "", "1", "UN043325711A", "LEXX1", "112097776020", "09506000134352"]),
).map("".join)


@given(st.lists(FIELDS, min_size=1, max_size=5))
def test_names_of_messages_lead_back(fields: list[str]) -> None:
    """Whatever a message holds, what it names has one name."""
    text = message("^".join(["06", *fields]))
    try:
        reading = parse_message(text)
    except IdentifierError:
        return
    if reading.uri.startswith("urn:"):
        verify_round_trip(text)


@given(
    st.from_regex(r"[A-Z][0-9A-Z]{4,8}[0-9]", fullmatch=True),
    st.from_regex(
        r"(/(\$\$7|\$\$7\+|\$|\$\+)[0-9A-Z. -]{1,9})?(/S[0-9A-Z. -]{1,9})?", fullmatch=True
    ),
)
def test_names_of_supplies_lead_back(product: str, data: str) -> None:
    """Product, lot and serial of a supplier lead back whatever characters they have."""
    text = f"+{product}{data}"
    symbol = text + hibc_check_character(text)
    try:
        parse_hibc(symbol)
    except IdentifierError:
        return
    verify_round_trip(symbol)


def test_other_names_are_their_codes() -> None:
    """The code of a scheme that leaves nothing out is its own name."""
    assert as_symbol("cn-uscc", "91110000600037341L") == "91110000600037341L"


def test_what_no_symbol_holds() -> None:
    """A name that no symbol of HIBC could have stays as it is, for the parser to refuse."""
    assert as_symbol("udi-hibcc", "+a") == "+a"
