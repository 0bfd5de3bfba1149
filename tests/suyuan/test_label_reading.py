"""Several symbols of one label in a picture."""

from functools import partial
from pathlib import Path

import pytest

from scanners.scan import Confidence, Scan, Symbology
from suyuan.label_reading import look_up_labels
from suyuan.lookup import look_up
from tests.suyuan.conftest import CommandLine

SSCC = "00370123450000000014"
CONTENT = "02095060001343523724"
LOT = "10L-7"
UNIT = "https://id.gs1.org/00/370123450000000014"


def symbol(text: str, *, page: int | None = 1, identifier: str = "]C1", quad: bool = True) -> Scan:
    """Return a scan of one symbol."""
    return Scan(
        raw=text.encode(),
        text=text,
        symbology=Symbology.CODE_128,
        symbology_identifier=identifier,
        engine="zxing-cpp",
        device="a.pdf",
        captured_at=0,
        sequence=0,
        quad=((0, 0), (9, 0), (9, 9), (0, 9)) if quad else None,
        page=page,
        confidence=Confidence.CORRECTED,
    )


def codes(*scans: Scan) -> list[str | None]:
    """Return what each is read as."""
    found = look_up_labels(scans, partial(look_up, None))
    return [one.code.uri if one.code else None for one in found]


def test_a_logistic_label() -> None:
    """Each symbol stands for the unit, keeps what it is, and says that it was read so."""
    scans = [symbol(CONTENT), symbol(LOT), symbol(SSCC)]
    found = list(look_up_labels(scans, partial(look_up, None)))
    assert [one.code and one.code.uri for one in found] == [UNIT] * 3
    assert [one.scan for one in found] == scans
    said = "read together with the other bar codes of its label: "
    message = "(02)09506000134352(37)24(10)L-7(00)370123450000000014"
    assert {one.repairs for one in found} == {(said + message,)}
    [one, *_] = look_up_labels(scans, partial(look_up, None), language="zh-CN")
    assert one.repairs[0].startswith("与同一标签上的其他条码合并读取")


def test_a_lot_beside_its_product() -> None:
    """The product's symbol alone is a code; with the lot's it is that of the lot."""
    product = symbol("0109506000134352")
    assert codes(product) == ["https://id.gs1.org/01/09506000134352"]
    assert codes(product, symbol(LOT)) == ["https://id.gs1.org/01/09506000134352/10/L-7"] * 2


@pytest.mark.parametrize(
    "beside",
    [
        [symbol(SSCC, page=2)],
        [symbol(SSCC, identifier="]C0")],
        [symbol(SSCC, quad=False)],
        [symbol(SSCC), symbol("00395200010000000011")],
        [symbol("0209506000134352378")],
        [],
    ],
)
def test_what_is_no_label(beside: list[Scan]) -> None:
    """Other pages, other symbols, typed lines, two units and contradictions stay apart."""
    assert codes(symbol(CONTENT), *beside)[0] is None


def test_codes_that_need_nobody() -> None:
    """Where each symbol is a code by itself, each is read by itself."""
    both = codes(symbol("0109506000134352"), symbol(SSCC))
    assert both == ["https://id.gs1.org/01/09506000134352", UNIT]


def test_a_printed_label(suyuan: CommandLine, tmp_path: Path) -> None:
    """What `suyuan label` prints of a logistic unit, `suyuan scan` reads as that unit."""
    drawn = tmp_path / "unit.pdf"
    contents = "(02)09506000134352(37)24(10)L-7"
    asked = ("label", SSCC, "--company", "Works", "--contents", contents, "--out", str(drawn))
    assert suyuan(*asked).status == 0
    answer = suyuan("--json", "scan", str(drawn))
    assert answer.status == 0
    assert {one["code"] for one in answer.json} == {UNIT}
