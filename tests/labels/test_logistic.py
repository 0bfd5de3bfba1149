"""GS1 logistic labels."""

from __future__ import annotations

from io import BytesIO

import pypdfium2
import pytest

from identifiers import IdentifierError, check_digit
from labels.errors import ContentTooLongError, SizeError, UnknownSymbolError
from labels.logistic import LogisticLabel, write_logistic
from labels.stocks import A5, A6, Stock, roll
from scanners import scan_bytes

SSCC = "370123450000000014"
FULL = LogisticLabel(
    SSCC,
    "(02)09506000134352(37)24",
    "宁德电池有限公司 Battery Works",
    ("From: 12 Harbour Road", "To: 99 Dock Street"),
)


def printed(*labels: LogisticLabel, stock: Stock = A6) -> bytes:
    """Print labels."""
    buffer = BytesIO()
    write_logistic(buffer, labels, current_year=2026, stock=stock)
    return buffer.getvalue()


def test_three_segments() -> None:
    """Free text above, titles and values below it, bars at the foot, the SSCC lowest of all."""
    data = printed(FULL)
    scans = sorted(
        scan_bytes(data, name="label", captured_at=0),
        key=lambda scan: scan.quad[0][1] if scan.quad else 0,
    )
    assert [scan.symbology_identifier for scan in scans] == ["]C1", "]C1"]
    assert [scan.raw for scan in scans] == [b"02095060001343523724", b"00370123450000000014"]
    page = pypdfium2.PdfDocument(data)[0]
    assert page.get_size() == pytest.approx((105 * 72 / 25.4, 148 * 72 / 25.4), abs=0.1)
    text = page.get_textpage().get_text_range()
    places = [
        text.index(part)
        for part in ("宁德电池", "To: 99 Dock", "CONTENT", "09506000134352", "COUNT", "SSCC")
    ]
    assert places == sorted(places)
    assert "(00)370123450000000014" in text
    assert "(02)09506000134352 (37)24" in text


def test_dates_are_read_out_and_stay_codes_in_the_bars() -> None:
    """What people read is a date, what stands under the bars is what they say."""
    data = printed(LogisticLabel(SSCC, "(02)09506000134352(37)24(15)270228"), stock=A5)
    text = pypdfium2.PdfDocument(data)[0].get_textpage().get_text_range()
    assert "2027-02-28" in text
    assert "(15)270228" in text


def test_contents_over_several_symbols() -> None:
    """What one symbol can't hold goes on in the next, whole element strings at a time."""
    contents = "(02)09506000134352(15)270228(37)24(10)LOT-2026-0001(3102)001250"
    scans = list(
        scan_bytes(printed(LogisticLabel(SSCC, contents), stock=A5), name="l", captured_at=0)
    )
    found = "".join(
        scan.text for scan in sorted(scans, key=lambda scan: scan.quad[0][1] if scan.quad else 0)
    )
    for part in ("0209506000134352", "15270228", "3724", "10LOT-2026-0001", "3102001250"):
        assert part in found
    assert found.endswith("00370123450000000014")


def test_a_hundred_labels() -> None:
    """One label a page."""
    labels = []
    for number in range(100):
        body = f"3701234500{number:07d}"
        labels.append(LogisticLabel(body + check_digit(body)))
    assert len(pypdfium2.PdfDocument(printed(*labels))) == 100


@pytest.mark.parametrize(
    ("label", "stock", "error", "words"),
    [
        (LogisticLabel("370123450000000015"), A6, IdentifierError, "check digit"),
        (LogisticLabel("x"), A6, IdentifierError, "Expected|expected"),
        (LogisticLabel(SSCC, "(37)24"), A6, IdentifierError, "Expected|expected"),
        (LogisticLabel(SSCC, f"(00){SSCC}"), A6, UnknownSymbolError, "one of its own"),
        (LogisticLabel(SSCC, "nonsense"), A6, IdentifierError, "Expected|expected"),
        (LogisticLabel(SSCC), roll(60, 100), SizeError, "use a larger label"),
        (LogisticLabel(SSCC), roll(105, 30), SizeError, "use a larger label"),
        (
            LogisticLabel(SSCC, "", "A", ("From",) * 60),
            A6,
            SizeError,
            "leave lines out",
        ),
        (
            LogisticLabel(SSCC, "(02)09506000134352(37)24(10)" + "aB" * 10),
            A6,
            SizeError,
            "larger label",
        ),
    ],
)
def test_labels_that_cannot_be_printed(
    label: LogisticLabel, stock: Stock, error: type[Exception], words: str
) -> None:
    """Wrong codes, and more than the label holds, are refused in a sentence."""
    with pytest.raises((error, ContentTooLongError), match=words):
        printed(label, stock=stock)
