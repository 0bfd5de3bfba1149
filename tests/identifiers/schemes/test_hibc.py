"""Health Industry Bar Codes."""

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
    RepeatError,
    SyntaxError_,
    UnknownSchemeError,
)
from identifiers.item_code import Level
from identifiers.schemes.hibc import hibc_check_character, parse_hibc, parse_hibc_pair


def symbol(text: str) -> str:
    """Put the plus sign before and the check character behind."""
    return f"+{text}" + hibc_check_character(f"+{text}")


@pytest.mark.parametrize(
    ("text", "parts", "level"),
    [
        (
            "+A123BJC5D6E71G",
            {"di": "A123BJC5D6E71", "lic": "A123", "product": "BJC5D6E7", "unit": "1"},
            Level.PRODUCT,
        ),
        ("+A99912345/$$52001510X33", {"lot": "10X3", "expiry": "2020-01-15"}, Level.LOT),
        (
            "+A99912345/$$52001510X3/16D20111212/S77DEFG457",
            {
                "lot": "10X3",
                "serial": "77DEFG45",
                "expiry": "2020-01-15",
                "production_date": "2011-12-12",
            },
            Level.INSTANCE,
        ),
        (
            "+A99912349/$10X3/16D20111231/14D20200131/Q500Z",
            {"lot": "10X3", "quantity": "500", "expiry": "2020-01-31"},
            Level.LOT,
        ),
        (
            "+E490HE21KL1/$+HEK13044/16D20220531/Q1$",
            {"serial": "HEK13044", "production_date": "2022-05-31"},
            Level.INSTANCE,
        ),
        ("+D002624225011/$$705224372/16D202201195", {"lot": "05224372"}, Level.LOT),
        ("+D0038012221/$$322102500057270C", {"lot": "00057270", "expiry": "2022-10-25"}, Level.LOT),
        ("+EDMG2203430/$$0723244375H", {"lot": "244375", "expiry": "2023-07"}, Level.LOT),
        (
            "+EOROCDF366A01501/$$900001122321007217",
            {"lot": "2100721", "expiry": "2023-12", "quantity": "00001"},
            Level.LOT,
        ),
        ("+E235817C19/$$9000067101822%", {"lot": "101822", "quantity": "00006"}, Level.LOT),
        (
            "+E2513079NL1/$$90001020331222021050425-1P",
            {"lot": "2021050425-1", "expiry": "2022-03-31"},
            Level.LOT,
        ),
    ],
)
def test_published_labels(text: str, parts: dict[str, str], level: Level) -> None:
    """Labels that have been published are read with their check characters."""
    reading = parse_hibc(text)
    assert parts.items() <= dict(reading.parts).items()
    assert (reading.scheme, reading.code, reading.level) == ("udi-hibcc", text, level)
    assert reading.parts["check"] == text[-1]


@pytest.mark.parametrize(
    ("secondary", "parts"),
    [
        ("$LOT.1 A", {"lot": "LOT.1 A"}),
        ("$$+7SN1", {"serial": "SN1"}),
        ("$$+0227SN1", {"serial": "SN1", "expiry": "2027-02"}),
        ("$$2022827L", {"lot": "L", "expiry": "2027-02-28"}),
        ("$$42702281430L", {"lot": "30L", "expiry": "2027-02-28T14"}),
        ("$$62705914L", {"lot": "L", "expiry": "2027-02-28T14"}),
        ("$$3270228", {"expiry": "2027-02-28"}),
        ("$$824", {"quantity": "24"}),
        ("$$8243270228L", {"quantity": "24", "expiry": "2027-02-28", "lot": "L"}),
        ("27059L7", {"lot": "L7", "expiry": "2027-02-28"}),
        ("27059", {"expiry": "2027-02-28"}),
        ("S1", {"serial": "1"}),
        ("Q12", {"quantity": "12"}),
        ("14D20270228", {"expiry": "2027-02-28"}),
    ],
)
def test_secondary_data(secondary: str, parts: dict[str, str]) -> None:
    """Each way to write lot, serial, expiry and quantity is read."""
    reading = parse_hibc(symbol(f"A99912345/{secondary}"))
    named = {"di", "lic", "product", "unit", "check"}
    assert {name: part for name, part in reading.parts.items() if name not in named} == parts


def test_one_device_has_one_name() -> None:
    """Dates and quantities beside product and serial change nothing."""
    short, long = symbol("A99912345/$+S1"), symbol("A99912345/$$3270228L7/SS1/Q1")
    assert (
        parse_hibc(short).uri == parse_hibc(long).uri == "urn:suyuan:udi-hibcc:%2BA99912345%2FSS1"
    )


@pytest.mark.parametrize(
    ("text", "error", "position"),
    [
        ("", SyntaxError_, 0),
        ("*+A123BJC5D6E71G*", SyntaxError_, 0),
        ("+", LengthError, 1),
        ("+a123BJC5D6E71G", CharacterError, 1),
        ("+A123BJC5D6E71H", CheckDigitError, 14),
        (symbol("/EO523201"), UnknownSchemeError, 1),
        (symbol("$$52001510X3G"), SyntaxError_, 1),
        (symbol("27059L7"), SyntaxError_, 1),
        (symbol("A9991"), LengthError, 6),
        (symbol("A999" + "1" * 20), LengthError, 24),
        (symbol("A999-1234"), CharacterError, 5),
        (symbol("1A9A12345"), SyntaxError_, 1),
        (symbol("A999123AB"), CharacterError, 9),
        (symbol("A99912345/"), SyntaxError_, 11),
        (symbol("A99912345/LOT"), SyntaxError_, 11),
        (symbol("A99912345/$"), LengthError, 12),
        (symbol("A99912345/$+"), LengthError, 13),
        (symbol("A99912345/$$7"), LengthError, 14),
        (symbol("A99912345/$A%"), CharacterError, 13),
        (symbol("A99912345/$" + "1" * 19), LengthError, 30),
        (symbol("A99912345/$$"), SyntaxError_, 13),
        (symbol("A99912345/$$A"), SyntaxError_, 13),
        (symbol("A99912345/$$82"), LengthError, 14),
        (symbol("A99912345/$$8A2"), SyntaxError_, 14),
        (symbol("A99912345/$$1327L"), DateError, 13),
        (symbol("A99912345/$$3270230L"), DateError, 18),
        (symbol("A99912345/$L/S"), LengthError, 15),
        (symbol("A99912345/$L/Q123456"), SyntaxError_, 15),
        (symbol("A99912345/$L/16D2027"), LengthError, 21),
        (symbol("A99912345/$L/X1"), SyntaxError_, 14),
        (symbol("A99912345/$+1/S2"), RepeatError, 16),
        (symbol("A99912345/$$3270228L/14D20270228"), RepeatError, 25),
    ],
)
def test_faults(text: str, error: type[IdentifierError], position: int) -> None:
    """What breaks the structure is refused at its place."""
    with pytest.raises(error) as caught:
        parse_hibc(text)
    assert caught.value.position == position
    assert caught.value.rule == "ANSI/HIBC 2.6"


def test_two_symbols_of_one_label() -> None:
    """The second symbol's link character holds it to the first."""
    reading = parse_hibc_pair("+A123BJC5D6E71G", "+$$52001510X3GD")
    assert reading.code == "+A123BJC5D6E71/$$52001510X3C"
    assert reading == parse_hibc(reading.code)
    for other in (symbol("$$52001510X3H"), symbol("")):
        with pytest.raises(CheckDigitError, match="link character G"):
            parse_hibc_pair("+A123BJC5D6E71G", other)


@given(st.text(max_size=30) | st.text(alphabet="A0139$/+S Q16D", max_size=30).map(symbol))
def test_any_text_is_judged(text: str) -> None:
    """Any text gives a reading that keeps it whole, or one of our errors."""
    with suppress(IdentifierError):
        assert parse_hibc(text).code == text
