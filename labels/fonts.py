"""Fonts for labels in two languages.

Rules kept here:

* Latin text is set in Helvetica, which every PDF reader has. Everything else is set in a Chinese
  font.
* A TrueType font that the caller names, or one found where Debian installs them, is embedded (only
  the glyphs used), so that the sheet prints the same everywhere. Without one, the PDF names Adobe's
  ``STSong-Light`` and the reader supplies it or its like.
* A character the font has no glyph for is refused: a box on a label helps nobody.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from labels.errors import LabelError, UnprintableCharacterError

__all__ = ["LATIN", "LATIN_BOLD", "Typeface", "chinese_typeface"]

LATIN = "Helvetica"
LATIN_BOLD = "Helvetica-Bold"

_CANDIDATES = (
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/arphic/uming.ttc",
)
_NAMED_ONLY = "STSong-Light"
_LATIN_TEXT = re.compile(r"[\x20-\x7e\xa0-\xff]+")
_TOKEN = re.compile(r"[\x21-\x7e\xa0-\u024f]+ ?| |.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Typeface:
    """A Chinese font together with the Latin one that stands beside it."""

    name: str
    """Name under which the PDF library knows the Chinese font."""
    glyphs: frozenset[int] | None
    """Code points with a glyph; None where the reader supplies the font (GBK is promised)."""
    path: Path | None = None
    """The font's file, where there is one."""

    def check(self, text: str) -> None:
        """Refuse text with a character that no font of ours can show.

        Raises:
            UnprintableCharacterError: names the character and its position.
        """
        for position, character in enumerate(text):
            if not (_LATIN_TEXT.fullmatch(character) or self._has(character)):
                raise UnprintableCharacterError(
                    f"Expected characters that {self.name} can show, found {character!r} "
                    f"(U+{ord(character):04X}) at position {position}; name a font that has it."
                )

    def runs(self, text: str, *, bold: bool = False) -> list[tuple[str, str]]:
        """Split text into (font name, text) runs."""
        latin = LATIN_BOLD if bold else LATIN
        runs: list[tuple[str, str]] = []
        for character in text:
            font = latin if _LATIN_TEXT.fullmatch(character) else self.name
            if runs and runs[-1][0] == font:
                runs[-1] = (font, runs[-1][1] + character)
            else:
                runs.append((font, character))
        return runs

    def width(self, text: str, size: float, *, bold: bool = False) -> float:
        """Measure text at a size, both in points."""
        return sum(
            float(pdfmetrics.stringWidth(run, font, size))
            for font, run in self.runs(text, bold=bold)
        )

    def wrap(
        self, text: str, size: float, width: float, *, lines: int, bold: bool = False
    ) -> list[str]:
        """Break text into at most `lines` lines of `width` points; the rest becomes an ellipsis.

        Chinese breaks between any two characters, Latin between words, or anywhere in a word too
        long.
        """
        result = [""]
        for token in _TOKEN.findall(text):
            if self.width(result[-1] + token.rstrip(), size, bold=bold) <= width:
                result[-1] += token
                continue
            if result[-1]:
                result.append("")
            for character in token:
                if result[-1] and self.width(result[-1] + character, size, bold=bold) > width:
                    result.append("")
                result[-1] += character
        result = [line.rstrip() for line in result]
        if len(result) > lines:
            last = result[lines - 1]
            while last and self.width(last + "...", size, bold=bold) > width:
                last = last[:-1]
            result = [*result[: lines - 1], last + "..."]
        return result

    def draw(
        self, canvas: Any, x: float, y: float, text: str, size: float, *, bold: bool = False
    ) -> None:
        """Draw one line with its baseline at (x, y), all in points."""
        for font, run in self.runs(text, bold=bold):
            text_object = canvas.beginText(x, y)
            text_object.setFont(font, size)
            if bold and font == self.name:
                # The Chinese fonts come in one weight: an outline of 1/30 of the size makes the
                # other.
                canvas.setLineWidth(size / 30)
                text_object.setTextRenderMode(2)
            text_object.textOut(run)
            text_object.setTextRenderMode(0)
            canvas.drawText(text_object)
            x += pdfmetrics.stringWidth(run, font, size)

    def _has(self, character: str) -> bool:
        if self.glyphs is not None:
            return ord(character) in self.glyphs
        try:
            character.encode("gbk")
        except UnicodeEncodeError:
            return False
        return True


def chinese_typeface(path: Path | None = None) -> Typeface:
    """Load the Chinese font: the TrueType file named, else one installed, else the reader's own.

    Raises:
        LabelError: the named file is not a TrueType font that can be embedded.
    """
    if path is not None:
        return _embedded(path)
    for candidate in map(Path, _CANDIDATES):
        if candidate.is_file():
            return _embedded(candidate)
    return _named_only()


@cache
def _embedded(path: Path) -> Typeface:
    name = f"Chinese-{path.stem}"
    try:
        font = TTFont(name, str(path))
    except (TTFError, OSError) as error:
        raise LabelError(
            f"Expected a TrueType font at {path}, found none that can be embedded "
            f"({str(error).splitlines()[0].rstrip('.')}); name another font file."
        ) from error
    pdfmetrics.registerFont(font)
    return Typeface(name, frozenset(font.face.charToGlyph), path)


@cache
def _named_only() -> Typeface:
    pdfmetrics.registerFont(UnicodeCIDFont(_NAMED_ONLY))
    return Typeface(_NAMED_ONLY, None)
