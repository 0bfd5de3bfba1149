"""What handhelds send: DataWedge's fields, JSON of others, plain text."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanners.errors import MessageError
from scanners.messages import LARGEST, parse_fields, parse_message
from scanners.scan import Confidence, Scan, Symbology

ELEMENTS = "010950600013435210L1\x1d21A"
ZEBRA = {
    "com.symbol.datawedge.data_string": ELEMENTS,
    "com.symbol.datawedge.label_type": "LABEL-TYPE-GS1-DATAMATRIX",
    "com.symbol.datawedge.decode_data": [[ord(sign) for sign in ELEMENTS]],
    "com.symbol.datawedge.source": "scanner",
    "com.symbol.datawedge.decoded_mode": "single_decode",
}


def read(fields: Any) -> Scan:
    """Return the scan of a JSON message."""
    [message] = parse_message(json.dumps(fields).encode(), device="hand", received_at=77)
    return message.scan


def test_data_wedge() -> None:
    """An intent's extras are a scan: bytes, label type and text."""
    scan = read(ZEBRA)
    assert (scan.text, scan.raw) == (ELEMENTS, ELEMENTS.encode())
    assert (scan.symbology, scan.symbology_identifier) == (Symbology.DATA_MATRIX, "]d2")
    assert scan.gs1
    assert scan.confidence is Confidence.CORRECTED
    assert (scan.device, scan.engine) == ("hand", "handheld")
    assert (scan.captured_at, scan.received_at) == (77, 77)


def test_bytes_before_text() -> None:
    """The symbol's bytes are what was read: a formatted text, or a wrong character set, changes nothing."""
    scan = read({**ZEBRA, "com.symbol.datawedge.data_string": f"*{ELEMENTS}*\n"})
    assert scan.text == ELEMENTS
    java = [one - 256 if one > 127 else one for one in "溯源".encode()]
    assert read({"decode_data": [java], "data": "æº¯"}).text == "溯源"
    assert read({"decodeData": list("溯源".encode("gb18030")), "data": "ËÝÔ´"}).text == "溯源"
    assert read({"data_b64": base64.b64encode(b"A1").decode()}).raw == b"A1"
    assert read({"hex": "4131"}).text == "A1"


@pytest.mark.parametrize(
    ("label", "symbology", "identifier"),
    [
        ("LABEL-TYPE-EAN128", Symbology.CODE_128, "]C1"),
        ("LABEL-TYPE-CODE128", Symbology.CODE_128, ""),
        ("LABEL-TYPE-EAN13", Symbology.EAN_13, "]E0"),
        ("LABEL-TYPE-EAN8", Symbology.EAN_8, "]E4"),
        ("LABEL-TYPE-UPCA", Symbology.UPC_A, ""),
        ("LABEL-TYPE-UPCE0", Symbology.UPC_E, ""),
        ("LABEL-TYPE-GS1-DATABAR-EXP", Symbology.DATA_BAR_EXPANDED, "]e0"),
        ("LABEL-TYPE-QRCODE", Symbology.QR_CODE, ""),
        ("Data Matrix", Symbology.DATA_MATRIX, ""),
        ("LABEL-TYPE-UNDEFINED", Symbology.UNKNOWN, ""),
    ],
)
def test_label_types(label: str, symbology: Symbology, identifier: str) -> None:
    """A label type names the symbology, and promises GS1 where it does."""
    scan = read({"barcode": "9506000134352", "labelType": label})
    assert (scan.symbology, scan.symbology_identifier) == (symbology, identifier)


def test_identifiers() -> None:
    """An AIM identifier in front of the text or in a field is believed before a label type."""
    assert read({"data": "]C10109"}).code_text == "]C10109"
    assert read({"data": "0109", "aim_id": "]d2", "labelType": "QR"}).code_text == "]d20109"
    assert read({"data": "]d10109", "aimId": "]d1"}).text == "0109"


@pytest.mark.parametrize(
    "time",
    ["2026-03-01T08:00:00+00:00", "2026-03-01T16:00:00+08:00", 1772352000, 1772352000000,
     "01772352000000", 1772352000000000, "2026-03-01T08:00:00Z"],
)  # fmt: skip
def test_times(time: object) -> None:
    """ISO 8601 with an offset, or a count since 1970 in a unit that its size tells."""
    assert read({"data": "x", "timestamp": time}).captured_at == 1_772_352_000_000_000


def test_sent_again() -> None:
    """A message's id, or its time with its number, gives the same scan whenever it comes."""
    for numbered in (
        {"id": "m1"},
        {"seq": 5, "time": 1772352000},
        {"seq": "5", "time": 1772352000},
    ):
        sent = {"data": "A1", "device": "TC52", **numbered}
        [first], [again] = (
            parse_message(json.dumps(sent).encode(), device="h", received_at=at, sequence=at)
            for at in (1, 2)
        )
        assert first.scan.id == again.scan.id
        assert first.key == again.key
        assert first.scan.device == "h/TC52"
    [plain] = parse_message(b"A1", device="h", received_at=1, sequence=3)
    assert (plain.key, plain.scan.sequence) == (None, 3)


@pytest.mark.parametrize(
    "payload",
    [
        b"]d201095060001343521021A\r\n",
        b"0109506000134352",
        b"[)>\x1e06\x1d25S1\x1e\x04",
        b"\xff\xfe",
    ],
)
def test_plain_text(payload: bytes) -> None:
    """What is no JSON is the code itself, bytes kept."""
    [message] = parse_message(payload, device="h", received_at=1)
    assert message.scan.raw == payload.rstrip(b"\r\n")
    assert message.scan.text


@pytest.mark.parametrize("fields", [{"data": ""}, {"data": "a\x07b"}, {"id": "1"}, {"data": "]C1"}])
def test_a_scan_with_a_problem(fields: dict[str, str]) -> None:
    """A message without a code, or with noise in it, is a problem, and the queue goes on."""
    scan = read(fields)
    assert scan.problem
    assert scan.text == ""


def test_lists() -> None:
    """Several scans in one message are numbered on."""
    found = parse_message(b'[{"data":"A"},{"data":"B"}]', device="h", received_at=1, sequence=4)
    assert [(one.scan.text, one.scan.sequence) for one in found] == [("A", 4), ("B", 5)]


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (b"x" * (LARGEST + 1), "send at most 65536"),
        (b'{"data": ', "is no JSON"),
        (b'{"a":' * 5000, "is no JSON"),
        (b"[]", "no list of scans"),
        (b"[1]", "no list of scans"),
        (json.dumps([{"data": "x"}] * 101).encode(), "at most 100"),
        (b'{"data": "A", "barcode": "B"}', "it names two codes"),
        (b'{"data": true}', "is no text"),
        (b'{"data": ["A"]}', "is no text"),
        (b'{"data": "A", "source": "msr"}', "it comes from 'msr'"),
        (b'{"data": "A", "aim": "C1"}', "no symbology identifier"),
        (b'{"data": "A", "aim": "]C1x"}', "at most 3"),
        (b'{"data": "A", "seq": -1}', "no count"),
        (b'{"data": "A", "seq": true}', "no count"),
        (b'{"data": "A", "seq": "99999999999999999"}', "no count"),
        (b'{"data": "A", "time": "yesterday"}', "its time 'yesterday' is none"),
        (b'{"data": "A", "time": "2026-03-01T08:00:00"}', "with its offset"),
        (b'{"data": "A", "time": -1}', "is none"),
        (b'{"data": "A", "time": 1e300}', "is none"),
        (b'{"data": "A", "time": true}', "is none"),
        (b'{"data": "A", "time": {}}', "is none"),
        (b'{"decode_data": "0109"}', "no bytes"),
        (b'{"decode_data": [300]}', "no bytes"),
        (b'{"hex": "0"}', "two digits for each byte"),
        (b'{"data_b64": "*"}', "no base64"),
        (json.dumps({"data": "x" * 9000}).encode(), "9000 characters long"),
        (json.dumps({str(one): 1 for one in range(201)}).encode(), "201 fields"),
        (json.dumps({"data": "A", "id": "i" * 201}).encode(), "at most 200"),
    ],
)
def test_what_is_no_scan(payload: bytes, said: str) -> None:
    """A message that holds no scan, or contradicts itself, is refused in one sentence."""
    with pytest.raises(MessageError) as caught:
        parse_message(payload, device="hand", received_at=1)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
NAMES = st.sampled_from(
    ["data", "decode_data", "hex", "time", "seq", "id", "aim", "labelType", "x"]
)


@given(st.dictionaries(NAMES, JSON_VALUES, max_size=5))
def test_any_fields(fields: dict[str, Any]) -> None:
    """Whatever stands in the fields, there is a scan or a refusal."""
    try:
        scan = parse_fields(fields, device="h", received_at=1).scan
    except MessageError:
        return
    assert (scan.problem is None) == bool(scan.text)


@given(st.binary(max_size=100))
def test_any_bytes(payload: bytes) -> None:
    """Whatever is sent, there are scans or a refusal."""
    try:
        found = parse_message(payload, device="h", received_at=1)
    except MessageError:
        return
    assert all((one.scan.problem is None) == bool(one.scan.text) for one in found)
