"""Fonts, and how text is broken into lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels import fonts
from labels.errors import LabelError, UnprintableCharacterError
from labels.fonts import Typeface, chinese_typeface

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def named() -> Typeface:
    """Return the font that the PDF's reader supplies, whatever is installed here."""
    return fonts._named_only()


def test_without_an_installed_font(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no Chinese font can be embedded, the reader's own is named."""
    monkeypatch.setattr(fonts, "_CANDIDATES", ())
    assert chinese_typeface().name == "STSong-Light"


def test_a_file_that_is_no_font(tmp_path: Path) -> None:
    """A missing or wrong font file is told in one sentence."""
    wrong = tmp_path / "wrong.ttf"
    wrong.write_bytes(b"no font at all")
    for path in (wrong, tmp_path / "missing.ttf"):
        with pytest.raises(LabelError, match=r"Expected a TrueType font at .*; name another font"):
            chinese_typeface(path)


def test_characters_without_a_glyph(named: Typeface) -> None:
    """What the font cannot show is refused with its place."""
    named.check("磷酸铁锂 LFP é")
    with pytest.raises(UnprintableCharacterError, match=r"found '🔋' \(U\+1F50B\) at position 2"):
        named.check("电池🔋")


def test_an_embedded_font_knows_its_glyphs() -> None:
    """A font whose glyphs are known is asked for each character."""
    face = Typeface("Chinese-test", frozenset(map(ord, "电池")))
    face.check("电池 A")
    with pytest.raises(UnprintableCharacterError, match="found '包'"):
        face.check("电池包")


def test_runs_change_the_font_where_the_script_changes(named: Typeface) -> None:
    """Latin stands in Helvetica within a Chinese line."""
    assert named.runs("电池A1包", bold=True) == [
        ("STSong-Light", "电池"),
        ("Helvetica-Bold", "A1"),
        ("STSong-Light", "包"),
    ]


def test_lines_break_between_words_and_between_characters(named: Typeface) -> None:
    """Latin words stay whole where they can, Chinese breaks anywhere."""
    assert named.wrap("battery pack", 10, named.width("battery ", 10), lines=3) == [
        "battery",
        "pack",
    ]
    assert named.wrap("动力电池包", 10, 25, lines=3) == ["动力", "电池", "包"]
    assert named.wrap("abcdefghij", 10, named.width("abcde", 10), lines=3) == ["abcde", "fghij"]


@given(st.text("动力电池包 abcW-1", max_size=60), st.floats(20, 120), st.integers(1, 4))
def test_lines_fit(text: str, width: float, lines: int) -> None:
    """However text is broken, the lines fit in number and in width, and what is cut ends in dots."""
    named = fonts._named_only()
    result = named.wrap(text, 8, width, lines=lines)
    assert len(result) <= lines
    assert all(named.width(line, 8) <= width + 1e-6 for line in result)
    if not result[-1].endswith("..."):
        assert "".join(result).replace(" ", "") == text.replace(" ", "")
