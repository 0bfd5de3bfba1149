"""A PDF that is written page by page: memory grows by sixteen bytes a page and no more.

Rules kept:

* Objects are written once and never touched again; the cross-reference table stands at the end.
* Pages come as finished, compressed content. They share one dictionary of resources, which is
  written last: what it names may have been counted on the way.
* The tree of pages has two levels, so that a reader finds a page of thousands at once.

ISO 32000-1, sections 7.5 (file structure), 7.7.3 (page tree), 9.6 and 9.7 (fonts).
"""

from __future__ import annotations

import zlib
from array import array
from typing import IO, TYPE_CHECKING, Any, Final

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import makeToUnicodeCMap

from labels.errors import SizeError
from labels.fonts import LATIN, LATIN_BOLD

if TYPE_CHECKING:
    from collections.abc import Iterable

    from labels.fonts import Typeface
    from labels.layout import PlacedText

__all__ = ["MOST_BYTES", "PdfFile", "TextPen", "literal"]

MOST_BYTES: Final = 10**10 - 1
"""The largest offset that a cross-reference table holds (section 7.5.4)."""
_KIDS: Final = 1024
"""Pages of one node of their tree."""
_SUBSET: Final = 255  # characters of one embedded font; code 0 stays blank


class PdfFile:
    """A PDF in the making."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._at = 0
        self._offsets = array("Q", [0])
        self._pages = array("L")
        self._write(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n")
        self._nodes = array("L")
        self._resources, self._root = self.reserve(), self.reserve()

    def reserve(self) -> int:
        """The number of an object that `add` writes later."""
        self._offsets.append(0)
        return len(self._offsets) - 1

    def add(self, body: str, data: bytes | None = None, *, number: int | None = None) -> int:
        """Write an object, a stream where there is data; return its number."""
        if number is None:
            number = self.reserve()
        self._offsets[number] = self._at
        if data is None:
            self._write(f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1"))
        else:
            head = body.removesuffix(">>")
            self._write(f"{number} 0 obj\n{head}/Length {len(data)}>>\nstream\n".encode("latin-1"))
            self._write(data)
            self._write(b"\nendstream\nendobj\n")
        return number

    def compressed(self, body: str, data: bytes) -> int:
        """Write a stream that is compressed here."""
        body = body.removesuffix(">>") + "/Filter/FlateDecode>>"
        return self.add(body, zlib.compress(data, 6))

    def page(self, content: bytes, width: float, height: float) -> None:
        """Write a page; its content is compressed already, its size in points."""
        stream = self.add("<</Filter/FlateDecode>>", content)
        if len(self._pages) % _KIDS == 0:
            self._nodes.append(self.reserve())
        number = self.add(
            f"<</Type/Page/Parent {self._nodes[-1]} 0 R/MediaBox[0 0 {width:.4f} {height:.4f}]"
            f"/Resources {self._resources} 0 R/Contents {stream} 0 R>>"
        )
        self._pages.append(number)

    def finish(self, resources: str) -> int:
        """Write all that stands at the end; return how many pages there are."""
        self.add(resources, number=self._resources)
        for place, node in enumerate(self._nodes):
            kids = self._pages[place * _KIDS : (place + 1) * _KIDS]
            listed = " ".join(f"{kid} 0 R" for kid in kids)
            self.add(
                f"<</Type/Pages/Parent {self._root} 0 R/Count {len(kids)}/Kids[{listed}]>>",
                number=node,
            )
        listed = " ".join(f"{node} 0 R" for node in self._nodes)
        count = len(self._pages)
        self.add(f"<</Type/Pages/Count {count}/Kids[{listed}]>>", number=self._root)
        info = self.add("<</Title(Suyuan labels)/Producer(Suyuan)>>")
        catalog = self.add(f"<</Type/Catalog/Pages {self._root} 0 R>>")
        start, total = self._at, len(self._offsets)
        self._write(f"xref\n0 {total}\n0000000000 65535 f \n".encode())
        for first in range(1, total, _KIDS):
            lines = (f"{one:010} 00000 n \n" for one in self._offsets[first : first + _KIDS])
            self._write("".join(lines).encode())
        self._write(
            f"trailer\n<</Size {total}/Root {catalog} 0 R/Info {info} 0 R>>\n"
            f"startxref\n{start}\n%%EOF\n".encode()
        )
        return count

    def _write(self, data: bytes) -> None:
        if self._at + len(data) > MOST_BYTES:
            raise SizeError(
                f"Expected a PDF of at most {MOST_BYTES:,} bytes, found more; print fewer labels at"
                " once."
            )
        self._stream.write(data)
        self._at += len(data)


def literal(text: str) -> str:
    """A string of a PDF, in Windows' Latin alphabet (section 7.3.4.2)."""
    return "(" + text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)") + ")"


class TextPen:
    """Writes lines of text as operators, and the fonts that they need (section 9.4)."""

    def __init__(self, typeface: Typeface, texts: Iterable[str]) -> None:
        """Take the texts that will be drawn: of a Chinese font only their characters are kept."""
        self._typeface = typeface
        self._characters = sorted(
            {
                character
                for text in texts
                for font, run in typeface.runs(text)
                if font == typeface.name
                for character in run
            }
        )
        self._places = {one: at for at, one in enumerate(self._characters)}

    def draw(self, line: PlacedText, x: float, y: float) -> str:
        """One line with its baseline at (x, y), in points."""
        parts = [f"BT {x:.3f} {y:.3f} Td"]
        for font, run in self._typeface.runs(line.text, bold=line.bold):
            if font != self._typeface.name:
                name = "F2" if font == LATIN_BOLD else "F1"
                parts.append(f"/{name} {line.size:.3f} Tf {literal(run)} Tj")
                continue
            if line.bold:
                # The Chinese fonts come in one weight: an outline makes the other.
                parts.append(f"{line.size / 30:.3f} w 2 Tr")
            for character in run:
                name, code = self._coded(character)
                parts.append(f"/{name} {line.size:.3f} Tf <{code}> Tj")
            if line.bold:
                parts.append("0 Tr")
        return " ".join([*parts, "ET"])

    def fonts(self, file: PdfFile) -> str:
        """Write the fonts; return them as a dictionary of resources names them."""
        kind = "/Type/Font/Subtype/Type1/Encoding/WinAnsiEncoding"
        found = {
            "F1": file.add(f"<<{kind}/BaseFont/{LATIN}>>"),
            "F2": file.add(f"<<{kind}/BaseFont/{LATIN_BOLD}>>"),
        }
        if self._typeface.glyphs is None and self._characters:
            found["C0"] = self._named(file)
        elif self._characters:
            for at in range(0, len(self._characters), _SUBSET):
                found[f"C{at // _SUBSET}"] = self._embedded(file, at)
        return "<<" + "".join(f"/{name} {number} 0 R" for name, number in found.items()) + ">>"

    def _coded(self, character: str) -> tuple[str, str]:
        if self._typeface.glyphs is None:
            return "C0", character.encode("utf-16-be").hex()
        font, code = divmod(self._places[character], _SUBSET)
        return f"C{font}", f"{code + 1:02x}"

    def _embedded(self, file: PdfFile, at: int) -> int:
        """A part of the TrueType font, no more than 256 characters of it (section 9.6.3)."""
        face: Any = vars(pdfmetrics.getFont(self._typeface.name))["face"]
        subset = [0x20, *map(ord, self._characters[at : at + _SUBSET])]
        # A subset's name begins with six letters of its own (section 9.6.4).
        name = f"LABEL{chr(ord('A') + at // _SUBSET % 26)}+{_plain(self._typeface.name)}"
        data = face.makeSubset(subset)
        program = file.compressed(f"<</Length1 {len(data)}>>", data)
        cmap = file.compressed("<<>>", makeToUnicodeCMap(name, subset).encode("latin-1"))
        box = " ".join(f"{side:g}" for side in face.bbox)
        descriptor = file.add(
            f"<</Type/FontDescriptor/FontName/{name}/Flags 4/FontBBox[{box}]/ItalicAngle 0"
            f"/Ascent {face.ascent:g}/Descent {face.descent:g}/CapHeight {face.capHeight:g}"
            f"/StemV {face.stemV:g}/FontFile2 {program} 0 R>>"
        )
        widths = " ".join(f"{face.getCharWidth(code):g}" for code in subset)
        return file.add(
            f"<</Type/Font/Subtype/TrueType/BaseFont/{name}/FirstChar 0"
            f"/LastChar {len(subset) - 1}/Widths[{widths}]/FontDescriptor {descriptor} 0 R"
            f"/ToUnicode {cmap} 0 R>>"
        )

    def _named(self, file: PdfFile) -> int:
        """A font that the reader supplies (section 9.7.5)."""
        name = self._typeface.name
        descriptor = file.add(
            f"<</Type/FontDescriptor/FontName/{name}/Flags 6/FontBBox[-25 -254 1000 880]"
            "/ItalicAngle 0/Ascent 880/Descent -120/CapHeight 880/StemV 93>>"
        )
        below = file.add(
            f"<</Type/Font/Subtype/CIDFontType0/BaseFont/{name}/DW 1000"
            "/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 0>>"
            f"/FontDescriptor {descriptor} 0 R>>"
        )
        return file.add(
            f"<</Type/Font/Subtype/Type0/BaseFont/{name}/Encoding/UniGB-UCS2-H"
            f"/DescendantFonts[{below} 0 R]>>"
        )


def _plain(name: str) -> str:
    return "".join(one for one in name if one.isascii() and (one.isalnum() or one == "-"))
