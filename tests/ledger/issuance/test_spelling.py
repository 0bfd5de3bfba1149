"""Numbers are spelt in one way, without characters that look alike."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import UsageError
from ledger.issuance import spelling
from ledger.issuance.spelling import number_of, pairs, spell, triples


@given(st.integers(0, 32**10 - 1))
def test_what_is_spelt_is_read(number: int) -> None:
    """Every number comes back, from exactly ten characters, none of them doubtful."""
    text = spell(number, 10)
    assert len(text) == 10
    assert not set(text) & set("01IOio")
    assert number_of(text, 10) == number


def test_the_tables_spell_as_well() -> None:
    """Two and three characters at once are those of the number."""
    assert pairs() == tuple(spell(number, 2) for number in range(1024))
    assert triples()[::997] == tuple(spell(number, 3) for number in range(0, 32_768, 997))
    assert len(triples()) == 32_768


@pytest.mark.parametrize(
    "text", ["", "222222222", "22222222222", "222222222a", "22222 2222", "０" * 10]
)
def test_other_texts_are_refused(text: str) -> None:
    """Another length, lower case, blanks and full-width digits are no number."""
    with pytest.raises(UsageError):
        number_of(text, 10)


def test_examples() -> None:
    """The example of the docstring holds."""
    result = doctest.testmod(spelling)
    assert result.attempted
    assert result.failed == 0
