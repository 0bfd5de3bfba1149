"""Host names on tags."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiers.epc.bits import BitReader
from identifiers.epc.host_names import decode_host, encode_host
from identifiers.errors import CharacterError, ConversionError, IdentifierError, LengthError


@pytest.mark.parametrize(
    ("host", "head", "groups"),
    [
        ("id.example.com", "1", 9),
        ("a.cn", "1", 3),
        ("a.com.cn", "1", 3),
        ("a.org.cn", "1", 3),
        ("a.net.cn", "1", 3),
        ("a.tech", "1", 3),
        ("valid.com", "1", 6),
        ("www.example.com:8443", "1", 14),
        ("a_B", "1", 3),
    ],
)
def test_groups(host: str, head: str, groups: int) -> None:
    """Beginnings and endings have fewer bits than their characters, never more."""
    bits = encode_host(host)
    assert (bits[0], int(bits[1:7], 2), len(bits)) == (head, groups, 7 + 7 * groups)


def test_code_40() -> None:
    """A name of capital letters has 16 bits for three characters; the length counts those."""
    bits = encode_host("ABC-DE.COM")
    assert (bits[0], int(bits[1:7], 2), len(bits)) == ("0", 10, 7 + 64)
    assert decode_host(BitReader(bits, 4)) == "ABC-DE.COM"


@pytest.mark.parametrize(
    ("ending", "groups"),
    [
        (".ac", (0, 0)),
        (".li", (0, 127)),
        (".lk", (1, 0)),
        (".zw", (1, 116)),
        (".com.au", (2, 0)),
        (".org.cn", (2, 29)),
        (".gov.cn", (2, 31)),
        (".tech", (3, 0)),
        (".med", (127,)),
    ],
)
def test_tables(ending: str, groups: tuple[int, ...]) -> None:
    """The first and the last of each table stand at their numbers."""
    bits = "".join(f"{group:07b}" for group in (ord("a"), *groups))
    assert encode_host(f"a{ending}") == f"1{1 + len(groups):06b}{bits}"


@given(
    st.lists(
        st.sampled_from([*"abzABZ019-_.:", "id.", ".com", ".cn", ".com.cn", ".co.uk", ".tech"]),
        min_size=1,
        max_size=9,
    ).map("".join)
)
def test_hosts_round_trip(host: str) -> None:
    """Any name comes back as it was, and nothing is left."""
    reader = BitReader(encode_host(host), 4)
    assert (decode_host(reader), reader.left) == (host, 0)


@pytest.mark.parametrize("host", ["", "a/b", "例子.cn", "a" * 64, "a b", "a\n"])
def test_what_is_no_host(host: str) -> None:
    """What no host name holds is refused."""
    with pytest.raises(ConversionError, match="a host name"):
        encode_host(host)


@pytest.mark.parametrize(
    ("bits", "kind", "position"),
    [
        ("1000000", CharacterError, 0),
        ("0000000", CharacterError, 0),
        ("1000001" + "0101111", CharacterError, 0),
        ("1000001" + "0000100", CharacterError, 0),
        ("1000010" + "0000001" + "1111111", CharacterError, 0),
        ("1000001" + "0000000" + "0000000", LengthError, 1),
        ("1000010" + "1100001", LengthError, 3),
        ("1111111" + "1111111" * 63, CharacterError, 0),
    ],
)
def test_bits_of_no_host(bits: str, kind: type[IdentifierError], position: int) -> None:
    """Nothing, groups without meaning, too many and too few bits are refused with their place."""
    with pytest.raises(kind) as caught:
        decode_host(BitReader(bits, 4))
    assert caught.value.position == position
