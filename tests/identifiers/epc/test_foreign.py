"""EPC schemes that are no GS1 keys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiers.epc import parse_epc_binary, parse_epc_tag_uri
from identifiers.epc.foreign import verify_foreign
from identifiers.errors import (
    CharacterError,
    IdentifierError,
    LengthError,
    SyntaxError_,
    UnknownSchemeError,
)

TAGS = [
    ("gid-96:268435455.16777215.68719476735", "35FFFFFFFFFFFFFFFFFFFFFF", None),
    ("gid-96:0.0.0", "350000000000000000000000", None),
    ("usdod-96:15.2S194.68719476735", "2FF203253313934FFFFFFFFF", 15),
    ("usdod-96:2.2S1941.0", "2F2325331393431000000000", 2),
    ("adi-var:63.2S194..12345678901", "3BFE0C93C79D00C72CF4D76DF8E70C40", 63),
    ("gid-96:952056.2718.1414", "3500E86F8000A9E000000586", None),
    ("usdod-96:3.CAGEY.5678", "2F320434147455900000162E", 3),
    ("adi-var:3.35962.PQ7VZ4.M37GXB92", "3B0E0CF5E76C9047759AD00373DC7602E7200", 3),
    (
        "adi-var:1.W81X9C.3KL984PX1.%232WM%2FA52",
        "3B057E316390F32CCE78D10631023C9736F075C80000",
        1,
    ),
]


@pytest.mark.parametrize(("uri", "digits", "number"), TAGS)
def test_tags_both_ways(uri: str, digits: str, number: int | None) -> None:
    """Their tags are read and written; they hold no GS1 message."""
    text = f"urn:epc:tag:{uri}"
    tag = parse_epc_tag_uri(text)
    scheme, _, body = uri.partition(":")
    identity = body if number is None else body.partition(".")[2]
    assert tag.scheme.lower() == scheme
    assert (tag.filter_value, tag.code, tag.data, tag.tag_uri) == (number, None, (), text)
    assert tag.pure_identity == f"urn:epc:id:{scheme.partition('-')[0]}:{identity}"
    assert tag.memory.hex().upper().rstrip("0") == digits.rstrip("0")
    assert parse_epc_binary(digits) == parse_epc_binary(tag.memory) == tag


@pytest.mark.parametrize(
    "body",
    [
        "gid:1.02.3",
        "gid:268435456.0.0",
        "gid:0.16777216.0",
        "gid:0.0.68719476736",
        "gid:0.0",
        "gid:９.0.0",
        "usdod:2S194.68719476736",
        "usdod:2S19.1",
        "usdod:2SI94.1",
        "adi:2S194..%23",
        "adi:2S194.A%23." + "1",
        "adi:2S194.%2f.1",
        "adi:2S194." + "A" * 33 + ".1",
        "adi:2S194.." + "A" * 31,
        "adi:2S194..%23" + "A" * 30,
        "bic:CSIJ3054381",
        "bic:CSQA3054383",
        "bic:csqu3054383",
        "imovn:917618",
        "imovn:９176187",
    ],
)
def test_broken_grammar(body: str) -> None:
    """Their grammar is verified with its limits."""
    scheme, _, rest = body.partition(":")
    with pytest.raises(SyntaxError_) as caught:
        verify_foreign(scheme, rest, 7)
    assert caught.value.position == 7


@pytest.mark.parametrize(
    ("uri", "kind", "position"),
    [
        ("gid-64:1.2.3", UnknownSchemeError, 16),
        ("bic-96:CSQU3054383", UnknownSchemeError, 16),
        ("gid-96:0.1.2.3", SyntaxError_, 19),
        ("usdod-96:16.2S194.1", SyntaxError_, 21),
        ("usdod-96:01.2S194.1", SyntaxError_, 21),
        ("usdod-96:1", SyntaxError_, 23),
        ("adi-var:64.2S194..1", SyntaxError_, 20),
        ("adi-var:100.2S194..1", SyntaxError_, 20),
        ("adi-var:6.2S1I4..1", SyntaxError_, 22),
    ],
)
def test_faults_of_tag_uris(uri: str, kind: type[IdentifierError], position: int) -> None:
    """Size, filter and body are verified, each with its place."""
    with pytest.raises(kind) as caught:
        parse_epc_tag_uri(f"urn:epc:tag:{uri}")
    assert caught.value.position == position


@pytest.mark.parametrize(
    ("digits", "kind", "position"),
    [
        ("35FFFFFFFFFFFFFFFFFFFF", LengthError, 22),
        ("350000000000000000000000" + "0001", IdentifierError, 27),
        ("2F0FF25331393431000000000", SyntaxError_, 2),
        ("2F0202053313934000000000", SyntaxError_, 2),
        ("3BFE0C93C79D00C72CF4D76DF8E7", LengthError, 28),
        ("3B00" + "D" * 12, CharacterError, 6),
        (f"{int('00111011000000' + '110001' * 39, 2):X}", SyntaxError_, 60),
    ],
)
def test_faults_of_bits(digits: str, kind: type[IdentifierError], position: int) -> None:
    """What no such tag holds is refused with its place."""
    with pytest.raises(kind) as caught:
        parse_epc_binary(digits)
    assert caught.value.position == position


CAGES = st.text("0123456789ABCDEFGHJKLMNPQRSTUVWXYZ", min_size=5, max_size=6)
CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-/"


@given(
    st.integers(0, 63),
    CAGES,
    st.text(CHARACTERS, max_size=32),
    st.booleans(),
    st.text(CHARACTERS, min_size=1, max_size=29),
)
def test_parts_round_trip(number: int, cage: str, part: str, marked: bool, serial: str) -> None:  # noqa: FBT001
    """Any part of an aircraft comes back from its tag."""
    body = f"{cage}.{part}.{'%23' if marked else ''}{serial}".replace("/", "%2F")
    tag = parse_epc_tag_uri(f"urn:epc:tag:adi-var:{number}.{body}")
    assert parse_epc_binary(tag.memory) == tag
