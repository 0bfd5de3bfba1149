"""FF1 against NIST's published samples, its own inverse and its domain."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import UsageError
from ledger.issuance import ff1
from ledger.issuance.ff1 import FF1

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
AES_128 = "2B7E151628AED2A6ABF7158809CF4F3C"
AES_192 = AES_128 + "EF4359D8D580AA4F"
AES_256 = AES_192 + "7F036D6F04FC6A94"

# NIST's example values for SP 800-38G, FF1 samples 1 to 9: key, radix, tweak, plaintext, ciphertext.
SAMPLES = [
    (AES_128, 10, "", "0123456789", "2433477484"),
    (AES_128, 10, "39383736353433323130", "0123456789", "6124200773"),
    (AES_128, 36, "3737373770717273373737", "0123456789abcdefghi", "a9tv40mll9kdu509eum"),
    (AES_192, 10, "", "0123456789", "2830668132"),
    (AES_192, 10, "39383736353433323130", "0123456789", "2496655549"),
    (AES_192, 36, "3737373770717273373737", "0123456789abcdefghi", "xbj3kv35jrawxv32ysr"),
    (AES_256, 10, "", "0123456789", "6657667009"),
    (AES_256, 10, "39383736353433323130", "0123456789", "1001623463"),
    (AES_256, 36, "3737373770717273373737", "0123456789abcdefghi", "xs8a0azh2avyalyzuwd"),
]


def numerals(text: str) -> list[int]:
    """Return the values of characters."""
    return [DIGITS.index(one) for one in text]


@pytest.mark.parametrize(("key", "radix", "tweak", "plain", "cipher"), SAMPLES)
def test_nists_samples(key: str, radix: int, tweak: str, plain: str, cipher: str) -> None:
    """Each published sample is met, both ways."""
    scheme = FF1(bytes.fromhex(key), radix)
    assert scheme.encrypt(numerals(plain), bytes.fromhex(tweak)) == numerals(cipher)
    assert scheme.decrypt(numerals(cipher), bytes.fromhex(tweak)) == numerals(plain)


@st.composite
def strings(draw: st.DrawFn) -> tuple[int, list[int]]:
    """Draw a radix and a string of its domain."""
    radix = draw(st.integers(2, 65_536))
    shortest = next(n for n in range(2, 21) if radix**n >= 1_000_000)
    length = draw(st.integers(shortest, shortest + 60))
    return radix, draw(st.lists(st.integers(0, radix - 1), min_size=length, max_size=length))


@given(strings(), st.binary(max_size=70), st.sampled_from([16, 24, 32]), st.data())
def test_decryption_is_the_inverse(
    drawn: tuple[int, list[int]], tweak: bytes, size: int, data: st.DataObject
) -> None:
    """Any string of any radix comes back, and its cipher is a string of the same shape."""
    radix, plain = drawn
    scheme = FF1(data.draw(st.binary(min_size=size, max_size=size)), radix)
    cipher = scheme.encrypt(plain, tweak)
    assert len(cipher) == len(plain)
    assert all(0 <= one < radix for one in cipher)
    assert scheme.decrypt(cipher, tweak) == plain


def test_a_small_domain_is_permuted() -> None:
    """Different strings have different ciphers, and a tweak makes another permutation."""
    scheme = FF1(bytes(16), 1000)
    first = {tuple(scheme.encrypt([0, one])) for one in range(1000)}
    assert len(first) == 1000
    assert scheme.encrypt([0, 0], b"a") != scheme.encrypt([0, 0], b"b")


@pytest.mark.parametrize(
    ("radix", "length"),
    [(2, 20), (10, 6), (36, 4), (100, 3), (1000, 2), (65_536, 2), (65_536, 300)],
)
def test_the_edges_of_the_domain(radix: int, length: int) -> None:
    """The smallest domains and a stream of several blocks work."""
    scheme = FF1(bytes(32), radix)
    plain = [radix - 1] * length
    assert scheme.decrypt(scheme.encrypt(plain)) == plain


@pytest.mark.parametrize(
    ("radix", "given_numerals", "tweak", "words"),
    [
        (2, [0] * 19, b"", "at least 1,000,000 strings, got 2^19"),
        (10, [0] * 5, b"", "at least 1,000,000 strings"),
        (999, [0] * 2, b"", "at least 1,000,000 strings"),
        (65_536, [0], b"", "from 2 to"),
        (65_536, [], b"", "from 2 to"),
        (10, range(2**32), b"", "got 4294967296"),
        (10, [0] * 6, bytes(65_536), "a tweak of at most 65535 bytes"),
        (10, [0, 0, 0, 0, 0, 10], b"", "numerals below 10, got 10"),
        (10, [-1, 0, 0, 0, 0, 0], b"", "numerals below 10, got -1"),
    ],
)
def test_outside_the_domain(
    radix: int, given_numerals: list[int], tweak: bytes, words: str
) -> None:
    """What the standard does not define is refused, both ways."""
    scheme = FF1(bytes(16), radix)
    for way in (scheme.encrypt, scheme.decrypt):
        with pytest.raises(UsageError) as caught:
            way(given_numerals, tweak)
        assert words in str(caught.value)


@pytest.mark.parametrize(("key", "radix"), [(15, 10), (0, 10), (16, 1), (16, 0), (16, 65_537)])
def test_keys_and_radices_that_cannot_be(key: int, radix: int) -> None:
    """A key that AES doesn't have and a radix outside the standard are refused."""
    with pytest.raises(UsageError):
        FF1(bytes(key), radix)


def test_the_key_is_not_shown() -> None:
    """A printed scheme doesn't give its key away."""
    assert repr(FF1(b"0123456789abcdef", 10)) == "FF1(radix=10)"


def test_examples() -> None:
    """The example of the docstring holds."""
    result = doctest.testmod(ff1)
    assert result.attempted
    assert result.failed == 0
