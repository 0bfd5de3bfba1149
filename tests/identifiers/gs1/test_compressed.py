"""Compressed GS1 Digital Links."""

import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiers.errors import (
    CheckDigitError,
    ConversionError,
    IdentifierError,
    LengthError,
    RepeatError,
    RequisiteError,
    SyntaxError_,
    UnknownAiError,
)
from identifiers.gs1.compressed import is_compressed_link, parse_compressed_link

BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
GTIN = "09506000134352"
STEM = "https://example.org/"
KEY = "01"
DIGITS, LOWER, UPPER, SAFE, ASCII = range(5)


def ai(code: str) -> str:
    """Write an AI, or a code of a sequence, with four bits a character."""
    return "".join(f"{int(character, 16):04b}" for character in code)


def number(digits: str) -> str:
    """Write digits as one number."""
    return f"{int(digits or 0):0{math.ceil(len(digits) * math.log(10) / math.log(2) + 0.01)}b}"


def body(alphabet: int, value: str) -> str:
    """Write a text in one alphabet, without its indicator and length."""
    if alphabet == DIGITS:
        return number(value)
    if alphabet in {LOWER, UPPER}:
        return "".join(f"{int(character, 16):04b}" for character in value)
    if alphabet == SAFE:
        return "".join(f"{BASE64.index(character):06b}" for character in value)
    return "".join(f"{ord(character):07b}" for character in value)


def text(alphabet: int, value: str, most: int = 20) -> str:
    """Write a text with its indicator and length."""
    return f"{alphabet:03b}{len(value):0{most.bit_length()}b}" + body(alphabet, value)


def link(*bits: str, stem: str = STEM) -> str:
    """Write bits as the last segment of a link."""
    joined = "".join(bits)
    joined += "0" * (-len(joined) % 6)
    return stem + "".join(BASE64[int(joined[i : i + 6], 2)] for i in range(0, len(joined), 6))


GTIN_BITS = ai(KEY) + number(GTIN)


def read(*bits: str, requisites: bool = True) -> tuple[tuple[str, str], ...]:
    """Read bits behind a GTIN and give what follows it."""
    first, *others = parse_compressed_link(link(GTIN_BITS, *bits), requisites=requisites).elements
    assert first == (KEY, GTIN)
    return tuple(others)


def alphabet_of(value: str) -> list[int]:
    """Name every alphabet that can hold a value without loss."""
    sets = ["0123456789", "0123456789abcdef", "0123456789ABCDEF", BASE64]
    return [i for i, letters in enumerate(sets) if set(value) <= set(letters)] + [ASCII]


@given(
    st.from_regex(r"[0-9]{1,15}|[0-9a-f]{1,20}|[0-9A-F]{1,20}|[!%-?A-Z_a-z]{1,20}", fullmatch=True),
    st.data(),
)
def test_any_serial(serial: str, data: st.DataObject) -> None:
    """A serial comes back from every alphabet that can hold it, leading zeros and case included."""
    alphabet = data.draw(st.sampled_from(alphabet_of(serial)))
    if alphabet == DIGITS and len(serial) > 15:
        return
    assert read(ai("21"), text(alphabet, serial)) == (("21", serial),)


@pytest.mark.parametrize(
    ("code", "bits", "elements"),
    [
        ("0C", text(UPPER, "AF"), (("21", "AF"),)),
        ("0D", number("270228"), (("17", "270228"),)),
        ("0E", number("2702281200"), (("7003", "2702281200"),)),
        ("0F", "0001" + number("5"), (("30", "5"),)),
        ("1F", text(SAFE, "L") + number("270228"), (("10", "L"), ("15", "270228"))),
        ("1E", text(SAFE, "xy", 90), (("91", "xy"),)),
        ("2D", number("001234"), (("3103", "001234"),)),
        ("3F", number("001234"), (("3205", "001234"),)),
        ("A9", "0011" + number("123"), (("3929", "123"),)),
        # Two orders are in use.
        ("1A", text(SAFE, "L") + number("270228") + text(LOWER, "ab"), (("10", "L"), ("21", "ab"), ("17", "270228"))),
        ("1A", text(SAFE, "L") + text(LOWER, "ab") + number("270228"), (("10", "L"), ("21", "ab"), ("17", "270228"))),
    ],
)  # fmt: skip
def test_sequences(code: str, bits: str, elements: tuple[tuple[str, str], ...]) -> None:
    """A code of eight bits names the AIs whose values follow."""
    found = parse_compressed_link(link(ai(code), number(GTIN), bits), requisites=False)
    assert found.elements == ((KEY, GTIN), *elements)


@pytest.mark.parametrize(
    ("bits", "elements"),
    [
        (ai("9A") + text(SAFE, "95060005PQ7", 30) + "0101" + number("12345"), (("8010", "95060005PQ7"), ("8011", "12345"))),
        (ai("9D") + text(SAFE, "a") + number("9506000134376"), (("414", "9506000134376"), ("254", "a"))),
        (ai("9D") + number("9506000134376") + text(SAFE, "a"), (("414", "9506000134376"), ("254", "a"))),
        (ai("C0") + number("9506000134376") + "0011" + number("001") + "0010" + number("12"), (("255", "9506000134376001"), ("3900", "12"))),
        (ai("CD") + number("9506000134376") + "0001" + number("1") + number("0012"), (("255", "95060001343761"), ("3943", "0012"))),
        # The toolkit writes a number twice before the text that follows it.
        (ai("253") + number("9506000134376") + text(LOWER, "ab", 17), (("253", "9506000134376ab"),)),
        (ai("253") + number("9506000134376") * 2 + text(LOWER, "ab", 17), (("253", "9506000134376ab"),)),
        (ai("8003") + number("09506000134376") + text(ASCII, "", 16), (("8003", "09506000134376"),)),
    ],
)  # fmt: skip
def test_other_keys(bits: str, elements: tuple[tuple[str, str], ...]) -> None:
    """Keys of several parts are put together again, and stand first in the message."""
    assert parse_compressed_link(link(bits), requisites=False).elements == elements


@pytest.mark.parametrize(
    ("code", "bits", "value"),
    [
        ("423", number("156") + "0110" + number("036040"), "156036040"),
        ("7007", number("270101") + "110" + number("270201"), "270101270201"),
        ("7040", number("1") + "011" + body(SAFE, "ABc"), "1ABc"),
        ("7230", text(SAFE, "EM123", 30), "EM123"),
        ("8001", number("12345678901210"), "12345678901210"),
        ("8008", number("27010112") + "100" + number("3000"), "270101123000"),
    ],
)
def test_parts(code: str, bits: str, value: str) -> None:
    """Parts are those of the compression, where the dictionary parts a value otherwise."""
    if code == "7040":  # qualifies another key
        party = ai("417") + number("9506000134376")
        found = parse_compressed_link(link(party, ai(code), bits)).elements
        assert found == (("417", "9506000134376"), (code, value))
        return
    assert read(ai(code), bits, requisites=False) == ((code, value),)


def test_foreign_parameters_are_passed_over() -> None:
    """A compressed parameter that is no AI is passed over, and so is one in the query."""
    foreign = "1111" + f"{3:07b}" + body(SAFE, "ref")
    assert read(foreign, text(ASCII, "a b", 127), ai("21"), text(LOWER, "a")) == (("21", "a"),)
    assert read(foreign, text(DIGITS, "", 127)) == ()
    found = parse_compressed_link(link(GTIN_BITS) + "?lang=zh&17=270228#part")
    assert found.elements == ((KEY, GTIN), ("17", "270228"))
    dated = link(ai("0D"), number(GTIN), number("270228")) + "?91=A"
    assert parse_compressed_link(dated).elements[2:] == (("91", "A"),)


def test_key_may_stand_uncompressed() -> None:
    """The key may stand before the compressed segment, on any stem."""
    serial = ai("21") + text(LOWER, "ab")
    text_ = link(serial, stem=f"https://example.org/x/y/01/{GTIN}/")
    assert is_compressed_link(text_)
    found = parse_compressed_link(text_)
    assert found.elements == ((KEY, GTIN), ("21", "ab"))
    assert found.path == 2
    asset = link(ai("99"), text(SAFE, "A", 90), stem="https://example.org/8004/9506000%2FA/")
    assert parse_compressed_link(asset).elements == (("8004", "9506000/A"), ("99", "A"))
    with pytest.raises(RepeatError):
        parse_compressed_link(link(GTIN_BITS, stem=f"https://example.org/01/{GTIN}/"))
    with pytest.raises(SyntaxError_):
        parse_compressed_link(link(serial, stem='https://example.org/8004/9506000"A/'))


@pytest.mark.parametrize(
    ("text_", "error"),
    [
        ("", SyntaxError_),
        ("CxFKk4XBoI1XgkY", SyntaxError_),
        ("https://example.org", SyntaxError_),
        ("https://example.org/", SyntaxError_),
        ("https://example.org/a%20b", SyntaxError_),
        (f"https://example.org/01/{GTIN}", UnknownAiError),
        ("https://example.org/ARFKk4XBo", LengthError),
        (link("0" * 6), SyntaxError_),
        (link(GTIN_BITS, ai("21"), text(ASCII, "A"), "0" * 6), SyntaxError_),
        (link(GTIN_BITS, "1"), SyntaxError_),
        (link(ai("21"), text(LOWER, "ab")), ConversionError),
        (link(GTIN_BITS, GTIN_BITS), RepeatError),
        (link(GTIN_BITS, ai("23A"), "0" * 40), UnknownAiError),
        (link(GTIN_BITS, ai("8030"), text(SAFE, "A" * 20, 90)), UnknownAiError),
        (link(GTIN_BITS, ai("B0"), "0" * 40), UnknownAiError),
        (link(GTIN_BITS, ai("21"), "101", "00001", "0" * 8), SyntaxError_),
        (link(ai(KEY), "1" * 47), LengthError),
        (link(GTIN_BITS, ai("21"), text(DIGITS, "1" * 18)[:8], number("123456789012345680")), LengthError),
        (link(GTIN_BITS, "1111", f"{2:07b}", body(SAFE, "99"), text(LOWER, "a", 127)), SyntaxError_),
        (link(ai(KEY), number("09506000134353")), CheckDigitError),
        (link(GTIN_BITS, ai("250"), text(LOWER, "a", 30)), RequisiteError),
        (link(GTIN_BITS, ai("21"), text(ASCII, "\0")), SyntaxError_),
        (link(GTIN_BITS, ai("21"), text(ASCII, "")), LengthError),
        ("https://exa\u4e2dmple.org/ARFKk4XBoA", SyntaxError_),
    ],
)  # fmt: skip
def test_refused(text_: str, error: type[IdentifierError]) -> None:
    """What can't be read to its end, or is no valid message, is refused with its place."""
    with pytest.raises(error) as caught:
        parse_compressed_link(text_)
    assert caught.value.position is not None
    assert caught.value.message("zh")


def test_order_of_attributes() -> None:
    """Attributes stand in the order of their AIs, in whatever order they were compressed."""
    date, weight = ai("17") + f"{270228:020b}", ai("3103") + f"{195:020b}"
    one, other = (
        parse_compressed_link(link(GTIN_BITS, *bits)) for bits in ((date, weight), (weight, date))
    )
    assert one == other
    assert [name for name, _ in one.elements] == ["01", "17", "3103"]


def test_two_meanings_are_refused() -> None:
    """A link that is valid in both orders of a sequence is refused."""
    low = f"{50101:020b}"
    bits = ai("1A") + number(GTIN) + text(SAFE, "L") + low + "000" + f"{12:05b}" + f"{7:020b}" + low
    with pytest.raises(SyntaxError_, match="one way only"):
        parse_compressed_link(link(bits))


@pytest.mark.parametrize(
    "text_",
    ["", "\uff17", "https://example.org/about", f"https://example.org/01/{GTIN}", link("11110000001" + "0" * 22)],
)  # fmt: skip
def test_other_texts_are_not_compressed(text_: str) -> None:
    """Texts that hold no compressed identifiers are told apart."""
    assert not is_compressed_link(text_)


def test_form_is_told_without_values() -> None:
    """A wrong check digit does not hide what the text is meant to be."""
    assert is_compressed_link(link(ai(KEY), number("09506000134353")))


@given(
    st.text(alphabet=BASE64, max_size=60), st.sampled_from(["", "ARFKk4XBo", "Cx", f"01/{GTIN}/"])
)
def test_any_segment(segment: str, start: str) -> None:
    """Any segment is read or refused with an error of ours."""
    with contextlib.suppress(IdentifierError):
        parse_compressed_link(STEM + start + segment)
