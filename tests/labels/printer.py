"""A printer for our ZPL, written from its manual: what it draws can be looked at by a scanner.

Native symbols are drawn by other encoders than ours, from nothing but the data that was sent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
import zxingcpp
from barcode.charsets import code128
from PIL import Image, ImageDraw

__all__ = ["Printed", "code_128_values", "print_zpl"]

_COMMAND = re.compile(r"\^(A0|[A-Z][A-Z0-9])([^^]*)")
_START = {">;": 105, ">:": 104, ">9": 103}
_ESCAPES = {">8": 102, ">5": 99, ">6": 100}
_CODE_C, _FNC1, _CODE_B = 99, 102, 100


@dataclass
class Printed:
    """What came out."""

    picture: Image.Image
    texts: list[str] = field(default_factory=list)
    """What the printer set in its own font."""
    native: list[str] = field(default_factory=list)
    """The commands of the symbols that it drew itself."""
    bitmaps: int = 0


def print_zpl(text: str) -> list[Printed]:
    """Print every format."""
    labels = text.split("^XA")[1:]
    assert all(label.rstrip().endswith("^XZ") for label in labels)
    return [_printed(label) for label in labels]


def _printed(text: str) -> Printed:
    commands = [(name, rest.rstrip("\n")) for name, rest in _COMMAND.findall(text)]
    sizes = {name: int(rest) for name, rest in commands if name in {"PW", "LL"}}
    done = Printed(Image.new("L", (sizes["PW"], sizes["LL"]), 255))
    at, module, height, symbol, hexadecimal = (0, 0), 2, 10, ("", ""), False
    for name, rest in commands:
        if name in {"FO", "FT"}:
            x, y = map(int, rest.split(","))
            assert 0 <= x <= sizes["PW"]
            assert 0 <= y <= sizes["LL"]
            at, symbol, hexadecimal = (x, y), ("", ""), False
        elif name == "BY":
            module = int(rest.split(",")[0])
        elif name == "FH":
            hexadecimal = True
        elif name == "GB":
            width, down, _thick = map(int, rest.split(","))
            ImageDraw.Draw(done.picture).rectangle((*at, at[0] + width, at[1] + down), fill=0)
        elif name == "GF":
            done.bitmaps += 1
            _paste(done.picture, _bitmap(rest), at)
        elif name[0] == "B":
            symbol = (name, rest)
            numbers = [int(part) for part in rest.split(",") if part.isdigit()]
            height = numbers[0] if name in {"BC", "BE", "B8", "BU", "B2"} else height
        elif name == "FD":
            data = _plain(rest) if hexadecimal else rest
            if not symbol[0]:
                done.texts.append(data)
            else:
                done.native.append(symbol[0])
                _paste(done.picture, _drawn(symbol, data, module, height), at)
    return done


def _plain(text: str) -> str:
    raw = re.sub(rb"_([0-9A-F]{2})", lambda match: bytes.fromhex(match[1].decode()), text.encode())
    return raw.decode()


def _paste(picture: Image.Image, drawn: Image.Image, at: tuple[int, int]) -> None:
    assert at[0] + drawn.width <= picture.width
    assert at[1] + drawn.height <= picture.height
    picture.paste(drawn, at)


def _bitmap(rest: str) -> Image.Image:
    kind, total, again, across, data = rest.split(",")
    assert kind == "A"
    assert int(total) == int(again) == len(data) // 2
    rows = np.frombuffer(bytes.fromhex(data), dtype=np.uint8).reshape(-1, int(across))
    return Image.fromarray(255 - 255 * np.unpackbits(rows, axis=1))


def _drawn(symbol: tuple[str, str], data: str, module: int, height: int) -> Image.Image:
    name, rest = symbol
    formats = zxingcpp.BarcodeFormat
    if name == "BC":
        return _bars(_code_128(data), module, height)
    if name == "BQ":
        assert data.startswith("MA,")
        return _squares(zxingcpp.create_barcode(data[3:], formats.QRCode), int(rest.split(",")[2]))
    if name == "BX":
        _, size, quality, *_, escape, square = rest.split(",")
        assert (quality, escape, square, data[:2]) == ("200", "_", "1", "_1")
        # FNC1 stands first; the others end values.
        content = data[2:].replace("__", "\0").replace("_1", "\x1d").replace("\0", "_")
        made = zxingcpp.create_barcode(_bracketed(content), formats.DataMatrix, gs1=True)
        return _squares(made, int(size))
    wanted = {"BE": formats.EAN13, "B8": formats.EAN8, "BU": formats.UPCA, "B2": formats.ITF}[name]
    made = zxingcpp.create_barcode(data, wanted)
    row = np.array(made.to_image(scale=1, add_quiet_zones=False))[0]
    modules = "".join("0" if pixel else "1" for pixel in row)
    if name == "B2":  # the encoder's wide bars are three modules, the printer's two and a half
        wide = round(2.5 * module)
        runs = re.findall("1+|0+", modules)
        modules = "".join(run[0] * (wide if len(run) > 1 else module) for run in runs)
        module = 1
    return _bars(modules, module, height)


def _bracketed(content: str) -> str:
    from identifiers import as_bracketed, parse_element_string

    text = as_bracketed(parse_element_string(content))
    return re.sub(r"\((\d{2,4})\)", r"[\1]", text)


def _squares(made: zxingcpp.Barcode, module: int) -> Image.Image:
    pixels = np.array(made.to_image(scale=1, add_quiet_zones=False))
    return Image.fromarray(np.kron(pixels, np.ones((module, module), dtype=np.uint8)))


def _bars(modules: str, module: int, height: int) -> Image.Image:
    row = np.array([0 if one == "1" else 255 for one in modules], dtype=np.uint8)
    return Image.fromarray(np.tile(np.repeat(row, module), (height, 1)))


def code_128_values(data: str) -> list[int]:
    """The symbol characters of the data of ^BC in mode N, without check character and stop."""
    values = [_START[data[:2]]]
    pairs = values[0] == _START[">;"]
    at = 2
    while at < len(data):
        piece = data[at : at + 2]
        if piece in _ESCAPES:
            values.append(_ESCAPES[piece])
            if _ESCAPES[piece] != _FNC1:
                pairs = _ESCAPES[piece] == _CODE_C
            at += 2
        elif pairs:
            assert piece.isdigit(), piece
            assert len(piece) == 2, data
            values.append(int(piece))
            at += 2
        else:
            character = {">0": ">", "><": "^", ">=": "~"}.get(piece)
            at += 2 if character else 1
            values.append(ord(character or piece[0]) - 32)
    return values


def _code_128(data: str) -> str:
    values = code_128_values(data)
    check = (values[0] + sum(place * one for place, one in enumerate(values[1:], 1))) % 103
    modules: list[str] = [code128.CODES[one] for one in [*values, check]]
    return "".join([*modules, code128.STOP, "11"])
