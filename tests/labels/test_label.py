"""What stands on one label."""

from __future__ import annotations

import pytest

from identifiers import parse_item_code
from labels.errors import UnprintableCharacterError
from labels.label import Label
from labels.symbols import SymbolKind

CODE = parse_item_code("(01)09506000134352(21)A1")


def test_symbols_of_a_label() -> None:
    """A label makes the symbols its code calls for, the main one first."""
    label = Label(code=CODE, title_zh="电池包", data_matrix=True, stem="https://example.com")
    first, second = label.symbols()
    assert first.kind is SymbolKind.QR
    assert first.content == "https://example.com/01/09506000134352/21/A1"
    assert second.kind is SymbolKind.DATA_MATRIX


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("title_zh", "电\n池", "title_zh, found U+000A at position 1"),
        ("title_en", "a\x00", "title_en, found U+0000 at position 1"),
        ("notes", ("fine", "\ud800"), "notes[1], found U+D800 at position 0"),
    ],
)
def test_unprintable_text(field: str, value: object, named: str) -> None:
    """Control characters and half characters are refused where they stand."""
    with pytest.raises(UnprintableCharacterError) as refused:
        Label(code=CODE, **{field: value})  # type: ignore[arg-type]
    assert named in str(refused.value)
