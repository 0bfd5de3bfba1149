"""Short names of codes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.exporting.naming import class_of, fitted, short_name, width_of

GS1 = "https://id.gs1.org/"


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (f"{GS1}01/09506000134352/21/A1", ("(21) A1", "(01) 09506000134352")),
        (f"{GS1}01/09506000134352/10/L%2F1", ("(10) L/1", "(01) 09506000134352")),
        (f"{GS1}00/095060001343520000", ("(00) 095060001343520000", "")),
        (f"{GS1}00", ("(00)", "")),
        (f"{GS1}01/1/21/a%E2%80%AEb", ("(21) a\\u202eb", "(01) 1")),
        (f"{GS1}x/y", (f"{GS1}x/y", "")),
        (f"{GS1}01/1/21", (f"{GS1}01/1/21", "")),
        ("urn:x:y", ("urn:x:y", "")),
        ("", ("", "")),
    ],
)
def test_a_short_name(code: str, name: tuple[str, str]) -> None:
    """Of a GS1 code what tells it from others, and its product; any other code as it is."""
    assert short_name(code) == name


@pytest.mark.parametrize(
    ("code", "found"),
    [
        (f"{GS1}01/09506000134352/21/A1", f"{GS1}01/09506000134352"),
        (f"{GS1}01/09506000134352/10/A1", f"{GS1}01/09506000134352"),
        (f"{GS1}8003/00950600013435X1", f"{GS1}8003/00950600013435"),
        (f"{GS1}00/095060001343520000", f"{GS1}00"),
        ("urn:uuid:1-2", "urn:uuid"),
        ("https://a.example/p/7?x=1", "https://a.example/p/7?x"),
        ("plain", ""),
    ],
)
def test_what_a_code_is_one_of(code: str, found: str) -> None:
    """The product, the kind of code, or what stands before its last part."""
    assert class_of(code) == found


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("ABCDE", 5, "ABCDE"),
        ("ABCDEFGHIJ", 6, "ABC…IJ"),
        ("ABCDEFGHIJ", 1, "…"),
        ("溯源追溯批次", 7, "溯源…次"),
        ("e\u0301" * 4, 4, "e\u0301" * 4),
    ],
)
def test_a_text_is_fitted(text: str, width: float, shown: str) -> None:
    """Its ends stay, for codes differ there; a Chinese character takes the room of nearly two."""
    assert fitted(text, width) == shown


@given(st.text(max_size=30), st.integers(1, 20))
def test_a_fitted_text_is_no_wider(text: str, width: int) -> None:
    """Whatever the text."""
    shown = fitted(text, width)
    assert width_of(shown) <= width
    assert shown == text or "…" in shown
