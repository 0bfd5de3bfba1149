"""The value that every scanner delivers."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanners.scan import Scan, Symbology, is_gs1, symbology_of


def a_scan(**changes: Any) -> Scan:
    """Make a scan, with changes."""
    values: dict[str, Any] = {
        "raw": b"0109506000134352",
        "text": "0109506000134352",
        "symbology": Symbology.CODE_128,
        "symbology_identifier": "]C1",
        "engine": "wedge",
        "device": "dock-3",
        "captured_at": 1_700_000_000_000_000,
        "sequence": 0,
    }
    return Scan(**(values | changes))


@pytest.mark.parametrize("identifier", ["]C1", "]e0", "]d2", "]Q3", "]J1"])
def test_gs1_identifiers(identifier: str) -> None:
    """Identifiers that promise FNC1 in first position set the GS1 flag and go before the code text."""
    scan = a_scan(symbology_identifier=identifier)
    assert is_gs1(identifier)
    assert scan.gs1
    assert scan.code_text == identifier + scan.text


@pytest.mark.parametrize("identifier", ["]C0", "]d1", "]Q1", "]I1", ""])
def test_other_identifiers(identifier: str) -> None:
    """Other identifiers leave the flag down and the code text alone."""
    scan = a_scan(symbology_identifier=identifier)
    assert not scan.gs1
    assert scan.code_text == scan.text


def test_a_leading_separator_is_gs1() -> None:
    """A reader without identifiers that sends FNC1 as a leading GS has said GS1 as well."""
    scan = a_scan(symbology_identifier="", text="\x1d0109506000134352")
    assert scan.gs1
    assert scan.code_text == scan.text


def test_retail_identifier_stays_before_the_code_text() -> None:
    """Thirteen digits are a GTIN only because the symbology says so."""
    scan = a_scan(symbology_identifier="]E0", text="9506000134352")
    assert not scan.gs1
    assert scan.code_text == "]E09506000134352"


@pytest.mark.parametrize(
    ("identifier", "symbology"),
    [
        ("]C1", Symbology.CODE_128),
        ("]d2", Symbology.DATA_MATRIX),
        ("]Q3", Symbology.QR_CODE),
        ("]E0", Symbology.EAN_13),
        ("]E4", Symbology.EAN_8),
        ("]h0", Symbology.HAN_XIN),
        ("]?0", Symbology.UNKNOWN),
        ("", Symbology.UNKNOWN),
    ],
)
def test_symbology_of_an_identifier(identifier: str, symbology: Symbology) -> None:
    """The letter of an AIM identifier names the symbology."""
    assert symbology_of(identifier) is symbology


@given(st.binary(max_size=40), st.text(max_size=20), st.integers(0, 2**53), st.integers(0, 9999))
def test_the_id_follows_from_the_content(
    raw: bytes, device: str, captured_at: int, sequence: int
) -> None:
    """Equal scans have equal ids, and each part that tells two scans apart changes the id."""
    scan = a_scan(raw=raw, device=device, captured_at=captured_at, sequence=sequence)
    assert len(scan.id) == 32
    assert dataclasses.replace(scan).id == scan.id
    others = (
        dataclasses.replace(scan, raw=raw + b"0"),
        dataclasses.replace(scan, device=device + "0"),
        dataclasses.replace(scan, captured_at=captured_at + 1),
        dataclasses.replace(scan, sequence=sequence + 1),
        dataclasses.replace(scan, symbology_identifier="]C0"),
    )
    assert len({scan.id, *(other.id for other in others)}) == 6


def test_the_id_of_a_scan_that_the_device_numbered() -> None:
    """A scan that is sent again under the device's own id is one scan, whenever it comes."""
    scan = a_scan(delivery="m-1", captured_at=1, sequence=1)
    assert dataclasses.replace(scan, captured_at=2, sequence=9).id == scan.id
    assert dataclasses.replace(scan, delivery="m-2").id != scan.id
    assert dataclasses.replace(scan, raw=b"other").id != scan.id


def test_a_scan_cannot_be_changed() -> None:
    """A scan is a record of what happened."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        a_scan().text = "other"  # type: ignore[misc]
