"""Several linear codes on one label."""

import pytest

from identifiers.errors import (
    CheckDigitError,
    ExclusionError,
    IdentifierError,
    LengthError,
    RepeatError,
    RequisiteError,
    UnknownAiError,
)
from identifiers.gs1.label_groups import join_scans

SSCC = "00395200010000000011"
CONTENT = "0209506000134352"


def test_a_logistic_label() -> None:
    """What one code requires may stand in another; order is that of the codes."""
    message = join_scans([f"]C1{CONTENT}37120", "(10)L7(15)270228", SSCC])
    assert message.elements == (
        ("02", "09506000134352"),
        ("37", "120"),
        ("10", "L7"),
        ("15", "270228"),
        ("00", "395200010000000011"),
    )
    assert message.dictionary


def test_any_form() -> None:
    """Links, digits of retail symbols and repeated values stand side by side."""
    message = join_scans(
        [
            "9506000134352",
            "https://example.com/01/09506000134352/10/L7",
            "]E09506000134352",
            "(10)L7",
            "21A",
        ]
    )
    assert message.elements == (("01", "09506000134352"), ("10", "L7"), ("21", "A"))


@pytest.mark.parametrize(
    ("texts", "kind", "scan", "position"),
    [
        ([SSCC, "(01)09506000134353"], CheckDigitError, 2, 17),
        ([SSCC, "hello"], UnknownAiError, 2, 0),
        ([SSCC, "9506000134353"], CheckDigitError, 2, 12),
        (["(01)09506000134352", "(10)A", "(10)B"], RepeatError, 3, 1),
        ([SSCC, f"]C1{CONTENT}"], RequisiteError, 2, 3),
        (["(10)L7"], RequisiteError, 1, 1),
        (["(01)09506000134352", f"(02)09506000134352(37)1{''}", SSCC], ExclusionError, 1, 1),
        (["9506000134352", "(37)1"], ExclusionError, 1, 0),
        (["]E09506000134352", "(37)1"], ExclusionError, 1, 3),
        (["https://a.test/01/09506000134352", "(37)1"], ExclusionError, 1, 15),
        (["https://a.test/01/x/01/09506000134352", "(37)1"], ExclusionError, 1, 20),
    ],
)
def test_faults(texts: list[str], kind: type[IdentifierError], scan: int, position: int) -> None:
    """A refusal names the code it is about, and the place in it."""
    with pytest.raises(kind) as caught:
        join_scans(texts)
    error = caught.value
    assert (error.details["scan"], error.position) == (scan, position)
    assert error.fix
    assert error.message("zh")


@pytest.mark.parametrize(
    ("text", "element"),
    [
        ("96385074", ("01", "00000096385074")),
        ("4006381333931", ("01", "04006381333931")),
        ("17270228", ("17", "270228")),
        ("2112345678", ("21", "12345678")),
        ("211234567890", ("21", "1234567890")),
        ("10123456", ("10", "123456")),
    ],
)
def test_digits(text: str, element: tuple[str, str]) -> None:
    """As many digits as a GTIN has are one, unless they are data that have a symbol of their own."""
    product = [] if element[0] == "01" else ["9506000134352"]
    assert element in join_scans([text, *product]).elements


@pytest.mark.parametrize("text", ["1712345678901", "17270299"])
def test_digits_that_are_neither(text: str) -> None:
    """Digits that are no data are refused as the GTIN that they are not either."""
    with pytest.raises(CheckDigitError):
        join_scans([text])


def test_no_code_at_all() -> None:
    """A label has at least one code."""
    with pytest.raises(LengthError):
        join_scans([])


def test_fix_of_a_code_without_one() -> None:
    """Where no likelier fix is known, the fix names the code."""
    with pytest.raises(IdentifierError) as caught:
        join_scans([SSCC, "(01)0950600013435x"])
    assert caught.value.fix == "look at code 2 of the label"
