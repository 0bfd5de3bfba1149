"""Text element identifiers, and the part that they name."""

import pytest

from identifiers.errors import CharacterError, IdentifierError, LengthError, SyntaxError_
from identifiers.schemes.text_elements import item_of, read_text_element


@pytest.mark.parametrize(
    ("text", "field", "kinds"),
    [
        ("SER 123", ("SER", "123"), []),
        ("MFR 0CVA5", ("MFR", "0CVA5"), []),
        ("MFR 0CVA", ("MFR", "0CVA"), ["tei-company"]),
        ("DUN 043325711", ("DUN", "043325711"), []),
        ("X9Z a b", ("X9Z", "a b"), ["tei-unknown"]),
    ],
)
def test_fields(text: str, field: tuple[str, str], kinds: list[str]) -> None:
    """A field is read whole; what is not known about it is said."""
    found, notices = read_text_element(text)
    assert (found, [notice.kind for notice in notices]) == (field, kinds)


@pytest.mark.parametrize(
    ("text", "error", "position"),
    [
        ("SER123", SyntaxError_, 0),
        ("ser 1", SyntaxError_, 0),
        ("", SyntaxError_, 0),
        ("SER ", LengthError, 4),
        ("SER 1\t2", CharacterError, 5),
    ],
)
def test_faults(text: str, error: type[IdentifierError], position: int) -> None:
    """What is no field is refused at its place."""
    with pytest.raises(error) as caught:
        read_text_element(text)
    assert caught.value.position == position


@pytest.mark.parametrize(
    ("teis", "item"),
    [
        ("MFR SER", "MFR SER"),
        ("SER PNO MFR", "MFR SER"),
        ("CAG PNO SEQ LOT", "CAG PNO SEQ"),
        ("UID PNR", "UID"),
        ("UID UST", ""),
        ("SER PNO", ""),
        ("MFR SPL SER", ""),
        ("MFR SER UCN", ""),
        ("MFR PNO", ""),
        ("MFR SER SER", ""),
    ],
)
def test_item(teis: str, item: str) -> None:
    """A part is named by its company and a serial, or by company, part number and sequence."""
    found = item_of([(tei, "1") for tei in teis.split()])
    assert " ".join(tei for tei, _ in found or ()) == item
