"""Where separators stood that a scanner has swallowed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiers.gs1.elements import SEPARATOR, parse_element_string
from identifiers.repair.lost_separators import LONGEST, propose

GTIN = "0109506000134352"


def mended(text: str) -> list[str]:
    """Write what is proposed with ^ for the separators."""
    found = []
    for proposal in propose(text):
        signs = list(text)
        for position in reversed(proposal.positions):
            signs.insert(position, "^")
        found.append("".join(signs))
    return found


@pytest.mark.parametrize(
    ("text", "first"),
    [
        (f"{GTIN}10ABC17270228", f"{GTIN}10ABC^17270228"),
        (f"{GTIN}10ABC1727022821XYZ", f"{GTIN}10ABC^1727022821XYZ"),
        (f"{GTIN}21A10B\x1d91C", f"{GTIN}21A^10B\x1d91C"),
        (f"{GTIN}21AAA" + "B" * 10 + "91EE0692" + "c" * 44, None),
        (f"{GTIN}215ahbhn93lMv9", f"{GTIN}215ahbhn^93lMv9"),
        (f"{GTIN}21AB80082601011030", f"{GTIN}21AB^80082601011030"),
    ],
)
def test_likeliest(text: str, first: str | None) -> None:
    """The first proposal is what a person would say."""
    wanted = first or text.replace("91EE06", "^91EE06^")
    assert mended(text)[0] == wanted


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "\x1d01",
        GTIN,
        f"{GTIN}10ABC",
        f"{GTIN}10A\x1d21B",
        "01095060001343531012",
        "0" * (LONGEST + 1),
        "10ABC21DEF",
        f"{GTIN}10A10B",
    ],
)
def test_nothing_to_propose(text: str) -> None:
    """Nothing is proposed where nothing is lost, no key is there, or no way satisfies all rules."""
    assert propose(text) == ()


def test_kinds_of_proposals() -> None:
    """A proposal tells whether labels usually or commonly have its AIs."""
    (usual, *_) = propose(f"{GTIN}10ABC17270228")
    assert usual.is_usual
    assert usual.is_common
    (rare, *_) = propose(f"{GTIN}10ABC12345678901234567890")
    assert not rare.is_usual
    assert not rare.is_common


def test_work_is_bounded() -> None:
    """The longest text of the digits that can begin most gives few proposals."""
    assert len(propose((GTIN + "10A21B17270228" * 30)[:LONGEST])) <= 5


@given(
    st.text("ABC123", min_size=2, max_size=8),
    st.text("XYZ789", min_size=2, max_size=8),
    st.booleans(),
)
def test_proposals_are_valid(lot: str, serial: str, reverse: bool) -> None:  # noqa: FBT001
    """Every proposal is a valid message, and what was lost is among them when few other ways exist."""
    parts = [f"10{lot}", f"21{serial}"]
    if reverse:
        parts.reverse()
    found = mended(GTIN + "".join(parts))
    for text in found:
        parse_element_string(text.replace("^", SEPARATOR))
    if len(found) < 5:
        assert GTIN + "^".join(parts) in found
