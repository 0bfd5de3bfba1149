"""Tags: ours are known by their text, all others refused."""

import doctest
import hashlib
import hmac
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiers import parse_digital_link
from identifiers.characters import CSET32
from ledger.errors import TagError
from ledger.issuance import tags
from ledger.issuance.keys import KeyVersion
from ledger.issuance.tags import query_of, tag_in, tag_of, verify_tag, with_tag
from tests.ledger.builders import instance

FIRST = KeyVersion(1, bytes(32), b"\x01" * 32, "a")
SECOND = KeyVersion(2, bytes(32), b"\x02" * 32, "b")
CODE = instance("2222222222")


def test_a_tag_is_the_first_60_bits_of_an_hmac() -> None:
    """It is what its description says, computed in another way."""
    digest = hmac.new(FIRST.tag_key, f"1 {CODE}".encode(), hashlib.sha256).digest()
    bits = "".join(f"{byte:08b}" for byte in digest)[:60]
    expected = "".join(CSET32[int(bits[i : i + 5], 2)] for i in range(0, 60, 5))
    assert tag_of(CODE, FIRST) == expected


def test_a_tag_of_any_version_holds() -> None:
    """After a rotation old tags hold, and the version that made one is named."""
    assert verify_tag(CODE, tag_of(CODE, FIRST), [FIRST]) == 1
    assert verify_tag(CODE, tag_of(CODE, FIRST), [FIRST, SECOND]) == 1
    assert verify_tag(CODE, tag_of(CODE, SECOND), [FIRST, SECOND]) == 2
    # The number is part of what is signed, not only of the key's derivation.
    assert tag_of(CODE, FIRST) != tag_of(CODE, replace(FIRST, number=2))


@pytest.mark.parametrize("keys", [[], [SECOND], [replace(FIRST, revoked=True), SECOND]])
def test_a_tag_without_its_key_does_not_hold(keys: list[KeyVersion]) -> None:
    """A tag of a missing or revoked version is refused."""
    with pytest.raises(TagError, match="isn't one of ours"):
        verify_tag(CODE, tag_of(CODE, FIRST), keys)


def test_a_tag_is_for_one_code() -> None:
    """Put beside another code it is refused."""
    with pytest.raises(TagError):
        verify_tag(instance("2222222223"), tag_of(CODE, FIRST), [FIRST])


@given(st.text() | st.from_regex(rf"[{CSET32}]{{12}}", fullmatch=True))
def test_other_texts_are_refused(tag: str) -> None:
    """Whatever else stands there is refused as one of ours, in a short sentence."""
    with pytest.raises(TagError) as caught:
        verify_tag(CODE, tag, [FIRST])
    assert len(str(caught.value)) < 600
    assert not caught.value.missing


def test_lower_case_is_refused() -> None:
    """A tag is kept or refused, never changed; a line end behind it doesn't slip through."""
    for tag in (tag_of(CODE, FIRST).lower(), tag_of(CODE, FIRST) + "\n", " " + tag_of(CODE, FIRST)):
        with pytest.raises(TagError, match="Expected a tag of 12"):
            verify_tag(CODE, tag, [FIRST])


def test_a_tagged_link_is_a_plain_digital_link() -> None:
    """Every reader passes the tag over: the code's elements are the same."""
    plain = f"{CODE}?17=270228"
    for link in (CODE, plain):
        tagged = with_tag(link, tag_of(CODE, FIRST))
        assert parse_digital_link(tagged).elements == parse_digital_link(link).elements
        assert tag_in(query_of(tagged)) == tag_of(CODE, FIRST)


@pytest.mark.parametrize(
    ("query", "tag"),
    [
        ("", None),
        ("17=270228&lang=zh", None),
        ("tt=A&T=B&%74=C&xt=D", None),
        ("t", ""),
        ("t=", ""),
        ("lang=en&t=A=B", "A=B"),
    ],
)
def test_where_the_tag_stands(query: str, tag: str | None) -> None:
    """Only a parameter of the exact name counts; an empty one is wrong, not missing."""
    assert tag_in(query) == tag


def test_two_tags_are_refused() -> None:
    """Which one is meant can't be known, even when they are equal."""
    with pytest.raises(TagError, match="one tag in the link, got 2"):
        tag_in("t=A&17=270228&t=A")


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("https://a.example/01/1?t=A&x=y#t=B", "t=A&x=y"),
        ("HTTP://a.example/?t=A", "t=A"),
        ("https://a.example/#?t=A", ""),
        ("https://a.example/", ""),
        ("(01)09506000134352(21)A?t=B", ""),
    ],
)
def test_the_query_of_a_link(text: str, query: str) -> None:
    """A question mark counts in links alone: elsewhere it is part of a value."""
    assert query_of(text) == query


def test_examples() -> None:
    """The example of the docstring holds."""
    result = doctest.testmod(tags)
    assert result.attempted
    assert result.failed == 0
