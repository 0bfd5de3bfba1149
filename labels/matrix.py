"""Symbols of squares that others draw: GS1 DataMatrix, GS1 QR Code, rMQR and Han Xin.

Rules kept:

* GS1 element strings stand behind FNC1; a second FNC1 (GS in the bytes) ends each value of variable
  length that others follow (GS1 General Specifications, section 5.11.3 and 7.8).
* GS1 DataMatrix is square: the rectangles of ISO/IEC 21471 are no GS1 symbols.
* What zxing-cpp draws is read back before it is handed out: a symbol without FNC1, or with other
  content, never leaves.
* Han Xin is drawn by the program zint, where that is installed. No reader of ours knows Han Xin, so
  it alone is not read back.
"""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Any, Final

import zxingcpp

from identifiers import as_element_string
from labels.errors import ContentTooLongError, LabelError, UnprintableCharacterError
from labels.kinds import SymbolKind
from labels.symbol import Symbol

if TYPE_CHECKING:
    from identifiers import ItemCode
    from labels.kinds import Environment

__all__ = ["han_xin_symbol", "zxing_symbol"]

_FORMATS: Final[dict[SymbolKind, tuple[zxingcpp.BarcodeFormat, dict[str, Any]]]] = {
    SymbolKind.DATA_MATRIX: (zxingcpp.BarcodeFormat.DataMatrix, {"force_square": True}),
    SymbolKind.GS1_QR: (zxingcpp.BarcodeFormat.QRCode, {"ec_level": "M"}),
    SymbolKind.RMQR: (zxingcpp.BarcodeFormat.RMQRCode, {"ec_level": "M"}),
}
_GS1_IDENTIFIERS: Final = {"]d2", "]Q3"}
_NAMES: Final = {
    SymbolKind.DATA_MATRIX: "GS1 DataMatrix",
    SymbolKind.GS1_QR: "GS1 QR Code",
    SymbolKind.RMQR: "rMQR",
}
_PATIENCE: Final = 20  # seconds for zint, which takes a hundredth of one


def zxing_symbol(
    code: ItemCode,
    kind: SymbolKind,
    link: str,
    hri: tuple[str, ...],
    environment: Environment | None,
) -> Symbol:
    """A code's element strings behind FNC1, or the link of a code without.

    Raises:
        ContentTooLongError: The symbol can't hold them.
        UnprintableCharacterError: What was drawn reads otherwise.
    """
    content = as_element_string(code) if code.keys else link
    # Square brackets, which no GS1 value can contain, leave round ones to the values.
    given = "".join(f"[{ai}]{value}" for ai, value in code.keys) or link
    kind_format, options = _FORMATS[kind]
    try:
        made = zxingcpp.create_barcode(given, kind_format, gs1=bool(code.keys), **options)
    except ValueError as error:
        reason = str(error).partition(" (retval")[0]
        raise ContentTooLongError(
            f"Expected content that {_NAMES[kind]} can hold, found {len(content):,} characters "
            f"refused by the encoder ({reason}); print it as {SymbolKind.QR}."
        ) from None
    image = made.to_image(scale=4)
    read = zxingcpp.read_barcode(image, formats=zxingcpp.BarcodeFormats(kind_format))
    gs1 = read is not None and read.symbology_identifier in _GS1_IDENTIFIERS
    if read is None or gs1 != bool(code.keys) or read.bytes != content.encode("utf-8"):
        raise UnprintableCharacterError(
            f"Expected a {_NAMES[kind]} that reads {content!r}, found "
            f"{read.bytes if read else None!r}; print it as {SymbolKind.QR}."
        )
    view = memoryview(made.to_image(scale=1, add_quiet_zones=False))  # type: ignore[arg-type]
    pixels: Any = view.tolist()
    rows = tuple("".join("0" if pixel else "1" for pixel in row) for row in pixels)
    return Symbol(kind, content, hri, rows, environment=environment)


def han_xin_symbol(link: str, hri: tuple[str, ...], environment: Environment | None) -> Symbol:
    """A link as a Han Xin Code (ISO/IEC 20830), error correction level 2 (15 %).

    Raises:
        LabelError: zint is missing or fails.
        ContentTooLongError: The symbol can't hold the link.
    """
    program = shutil.which("zint")
    if program is None:
        raise LabelError(
            f"Expected the program zint for {SymbolKind.HAN_XIN}, found none; install it"
            " (on Debian: apt install zint)."
        )
    try:
        done = subprocess.run(  # noqa: S603 - a program of the system, without a shell
            [program, "--barcode=HANXIN", "--secure=2", "--dump", f"--data={link}"],
            capture_output=True,
            check=False,
            timeout=_PATIENCE,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise LabelError(
            f"Expected a Han Xin Code from {program}, found {type(error).__name__}; check that it"
            " runs."
        ) from error
    lines = done.stdout.decode("ascii", "replace").split("\n")
    rows = tuple(filter(None, (_unpacked(line) for line in lines)))
    if done.returncode or not rows or len({len(row) for row in rows}) > 1:
        said = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0][:200]
        raise ContentTooLongError(
            f"Expected a link that Han Xin can hold, found {len(link):,} characters refused by"
            f" zint ({said.rstrip('.')}); print it as {SymbolKind.QR}."
        )
    size = len(rows)
    return Symbol(
        SymbolKind.HAN_XIN, link, hri, tuple(row[:size] for row in rows), environment=environment
    )


def _unpacked(line: str) -> str:
    """A row of zint's dump: bytes in hexadecimal, filled up with zeros."""
    try:
        return "".join(f"{byte:08b}" for byte in bytes.fromhex(line))
    except ValueError:
        return ""
