"""MA codes (IDcode)."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiers.errors import (
    CharacterError,
    DateError,
    IdentifierError,
    LengthError,
    RepeatError,
    SyntaxError_,
)
from identifiers.item_code import Level
from identifiers.schemes.ma import parse_ma
from identifiers.schemes.reading import Reading

DI = "MA.156.M0.100472.11103316"


def unverified(reading: Reading) -> list[str]:
    """List the kinds of what was not verified."""
    return [notice.kind for notice in reading.unverified]


def test_full_device_identifier() -> None:
    """A published example with every production identifier is taken apart."""
    code = "MA.156.M0.100761.21234561.Sx00008.M220117.L20220117.D20220118.E220130.V220117.C3"
    reading = parse_ma(code)
    assert (reading.scheme, reading.code, reading.level) == ("ma-udi", code, Level.INSTANCE)
    assert reading.parts == {
        "country": "156",
        "industry": "M0",
        "registrant": "100761",
        "di": "MA.156.M0.100761.21234561",
        "package": "2",
        "product": "123456",
        "check": "1",
        "serial": "x00008",
        "production_date": "2022-01-17",
        "lot": "20220117",
        "sterilisation_lot": "20220118",
        "expiry": "2022-01-30",
        "valid_until": "2022-01-17",
        "pi_check": "3",
    }
    assert unverified(reading) == ["check-doubtful", "check-second-hand"]
    assert [notice.position for notice in reading.unverified] == [24, 79]


@pytest.mark.parametrize(
    ("rest", "uri", "level"),
    [
        ("", "", Level.PRODUCT),
        (".M220117", "", Level.PRODUCT),
        (".D1", "", Level.PRODUCT),
        (".L7.M220117", ".L7", Level.LOT),
        (".L7.S8", ".S8", Level.INSTANCE),
        (".SA/8", ".SA%2F8", Level.INSTANCE),
    ],
)
def test_identity(rest: str, uri: str, level: Level) -> None:
    """A serial makes an instance and a lot without one a lot; dates only describe."""
    reading = parse_ma(DI + rest)
    assert (reading.uri, reading.level) == (f"urn:suyuan:ma-udi:{DI}{uri}", level)


@pytest.mark.parametrize(
    "code",
    [
        DI,
        "MA.156.M0.100204.13351764",
        "MA.156.M0.100350.01004YA10017",
        "MA.156.M0.100011.2cscp023",
        f"{DI}.SLMSAGAAAC.M210628.LAY21062803.E220628.V220627.C3",
        f"{DI}.Ste002.M200206.L343432.D555555.E200228.V200307.C9",
    ],
)
def test_check_digit_that_public_programs_agree_on(code: str) -> None:
    """Check digits of published examples agree with the rule of a public program."""
    assert set(unverified(parse_ma(code))) == {"check-second-hand"}


@given(st.text(alphabet="0123456789ABCxyz-@", min_size=1, max_size=20))
def test_one_check_digit_agrees(serial: str) -> None:
    """Of ten check digits one agrees with the rule, and the others are read all the same."""
    kinds = [unverified(parse_ma(f"{DI}.S{serial}.C{digit}"))[1] for digit in range(10)]
    assert kinds.count("check-second-hand") == 1


def test_character_without_a_value() -> None:
    """A check digit over a character that the rule does not know is doubtful."""
    assert unverified(parse_ma(f"{DI}.S(1).C1")) == ["check-second-hand", "check-doubtful"]


def test_long_product_code_is_a_warning() -> None:
    """Product codes longer than the manual says are in use, and are accepted."""
    reading = parse_ma("MA.156.M0.100350.01004YA10017")
    assert reading.parts["product"] == "1004YA1001"
    assert [notice.kind for notice in reading.warnings] == ["product-length"]
    assert parse_ma(DI).warnings == ()


def test_dates_of_eight_digits_and_second_hand_letters() -> None:
    """Dates may have four digits of the year; letters of old examples are read and marked."""
    reading = parse_ma(f"{DI}.P20190101.Y123")
    assert reading.parts["production_date"] == "2019-01-01"
    assert reading.parts["insurance_code"] == "123"
    assert unverified(reading)[1:] == ["letter-second-hand", "letter-second-hand"]


def test_country_that_there_is_not() -> None:
    """An unknown country is a warning: that countries are those of ISO 3166 is an inference."""
    for code in ("MA.998.1003.1", "MA.998.M0.100204.13351764"):
        assert [notice.kind for notice in parse_ma(code).warnings] == ["country"]


@pytest.mark.parametrize(
    ("code", "parts", "level"),
    [
        ("MA.156.1003.16291", {"organisation": "16291"}, Level.PARTY),
        (
            "MA.156.1003.1629/73.10000000.6",
            {"organisation": "1629", "use": "73", "category": "10000000", "model": "6"},
            Level.PRODUCT,
        ),
        (
            "MA.156.1003.1629/73.10000000.6/",
            {
                "organisation": "1629",
                "use": "73",
                "category": "10000000",
                "model": "6",
                "instance": "",
            },
            Level.PRODUCT,
        ),
        (
            "MA.156.1003.1629/73.10000000.6/a.1/2",
            {
                "organisation": "1629",
                "use": "73",
                "category": "10000000",
                "model": "6",
                "instance": "a.1/2",
            },
            Level.INSTANCE,
        ),
    ],
)
def test_general_codes(code: str, parts: dict[str, str], level: Level) -> None:
    """An organisation, its product and an instance are told apart by their slashes."""
    reading = parse_ma(code)
    assert reading.parts == {"country": "156", "industry": "1003", **parts}
    assert (reading.scheme, reading.code, reading.level) == ("ma", code, level)
    assert unverified(reading) == ["second-hand"]


def test_registrant_of_medical_devices_is_an_organisation() -> None:
    """A code of industry M0 without a product names the registrant."""
    reading = parse_ma("MA.156.M0.100204")
    assert (reading.scheme, reading.level) == ("ma", Level.PARTY)
    assert parse_ma("MA.156.M0.1/1.2.3/").scheme == "ma"


@pytest.mark.parametrize(
    ("address", "resolver"),
    [
        ("http://s.idcode.org.cn/?code=MA.156.1003.1629/73.1.6/", "http://s.idcode.org.cn/"),
        ("https://s.idcode.org.cn?code=MA.156.1003.1629%2F73.1.6%2F", "https://s.idcode.org.cn"),
        ("http://s.idcode.org.cn/a/b?x=1&code=MA.156.1003.1629/73.1.6/#top", None),
    ],
)
def test_resolver(address: str, resolver: str | None) -> None:
    """A code in a resolver's address is the code, and the address is a part."""
    reading = parse_ma(address)
    assert reading.code == "MA.156.1003.1629/73.1.6/"
    assert reading.uri == parse_ma(reading.code).uri
    assert reading.parts["resolver"] == (resolver or "http://s.idcode.org.cn/a/b")


def test_resolver_of_a_device() -> None:
    """The address of a device's code is a part as well."""
    assert parse_ma(f"http://r.cn/?code={DI}").parts["resolver"] == "http://r.cn/"


@pytest.mark.parametrize(
    ("text", "error", "position"),
    [
        ("", SyntaxError_, 0),
        ("MB.234.M0.123456.01234567", SyntaxError_, 0),
        ("ma.156.M0.100204.13351764", SyntaxError_, 0),
        ("MA.156", LengthError, 6),
        ("MA.156.M0", LengthError, 9),
        ("MA.15.1003.1", SyntaxError_, 3),
        ("MA.1５6.1003.1", CharacterError, 4),
        ("MA.15x.1003.1", SyntaxError_, 3),
        ("MA.156..1", LengthError, 7),
        ("MA.156.10:3.1", CharacterError, 9),
        ("MA.156.1003.", LengthError, 12),
        ("MA.156.1003.1.2", CharacterError, 13),
        ("MA.156.1003.1/", SyntaxError_, 14),
        ("MA.156.1003.1/7.8", SyntaxError_, 14),
        ("MA.156.1003.1/7.8.", LengthError, 18),
        ("MA.156.1003.1/7.8.9.1/", SyntaxError_, 14),
        ("MA.156.1003.1/7.8.9/ 1", CharacterError, 20),
        ("MA.156.M0.10020.13351764", LengthError, 10),
        ("MA.156.M0.100204.", LengthError, 17),
        ("MA.156.M0.100204.1335176", LengthError, 24),
        ("MA.156.M0.100204.A3351764", SyntaxError_, 17),
        ("MA.156.M0.100204.1335176A", SyntaxError_, 17),
        ("MA.156.M0.100204.1_351764", SyntaxError_, 17),
        ("MA.156.M0.100204.13351764.M221332", DateError, 29),
        ("MA.156.M0.100204.13351764.M220230", DateError, 31),
        ("MA.156.M0.100204.13351764.M220200", DateError, 31),
        ("MA.156.M0.100204.13351764.E2202", LengthError, 31),
        ("MA.156.M0.100204.13351764.V22020x", CharacterError, 32),
        ("MA.156.M0.100204.13351764.", SyntaxError_, 26),
        ("MA.156.M0.100204.13351764.X1", SyntaxError_, 26),
        ("MA.156.M0.100204.13351764.S", LengthError, 27),
        ("MA.156.M0.100204.13351764.S1.S1", RepeatError, 29),
        ("MA.156.M0.100204.13351764.M220117.P220117", RepeatError, 34),
        ("MA.156.M0.100204.13351764.C1.S1", SyntaxError_, 29),
        ("MA.156.M0.100204.13351764.C12", SyntaxError_, 27),
        ("MA.156.M0.100204.13351764.Cx", SyntaxError_, 27),
        ("http://s.idcode.org.cn/", SyntaxError_, 23),
        ("http://s.idcode.org.cn/?code=MA.156.1.1&code=MA.156.1.1", SyntaxError_, 23),
        ("http://s.idcode.org.cn/#?code=MA.156.1.1", SyntaxError_, 23),
        ("http://s.idcode.org.cn/?code=MA.156.1.%E5", CharacterError, 9),
    ],
)
def test_refused(text: str, error: type[IdentifierError], position: int) -> None:
    """Each fault is named where it stands."""
    with pytest.raises(error) as caught:
        parse_ma(text)
    assert caught.value.position == position
    assert "MA" in caught.value.rule


def test_small_letters_are_named() -> None:
    """A code in small letters is refused, and the fix says why."""
    with pytest.raises(SyntaxError_, match="capital letters"):
        parse_ma("ma.156.M0.100204.13351764")


@given(
    st.text(max_size=60)
    | st.text(alphabet="SLDMEVCPY.0123/&=%é", max_size=60).map(f"{DI}.".__add__)
    | st.text(alphabet="./019A", max_size=30).map("MA.156.1003.".__add__)
)
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing but an error of ours comes of a text that is no MA code."""
    with contextlib.suppress(IdentifierError):
        assert parse_ma(text).uri.startswith("urn:suyuan:ma")
