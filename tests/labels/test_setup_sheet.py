"""The sheet of test codes, printed and read back."""

from io import BytesIO

import pytest

from labels.errors import UnprintableCharacterError
from labels.setup_sheet import write_setup_sheet
from scanners.pictures import scan_bytes
from scanners.setup import SHEET

CODES = [(code.symbol, code.text, code.caption) for code in SHEET]


def test_the_sheet_is_read_back() -> None:
    """Each code is read once, in its order, with the content that it was given."""
    target = BytesIO()
    write_setup_sheet(target, CODES, title="Scanner setup")
    scans = list(scan_bytes(target.getvalue(), name="sheet", captured_at=0))
    assert [scan.text for scan in scans] == [code.text for code in SHEET]
    assert [scan.symbology_identifier[:2] for scan in scans] == ["]d", *["]C"] * 5, "]Q"]


def test_what_a_symbol_cannot_hold() -> None:
    """Content that doesn't come back is refused."""
    with pytest.raises(UnprintableCharacterError, match="use other content"):
        write_setup_sheet(BytesIO(), [("code-128", "溯", "x")], title="x")
