"""Telling inputs apart by their first bytes."""

from pathlib import Path

import pytest

from ledger.epcis.sniffing import SNIFF_BYTES, InputKind, sniff


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b'{"@context": 1}', InputKind.EPCIS_JSON),
        (b"\xef\xbb\xbf \n[", InputKind.EPCIS_JSON),
        (b"<?xml", InputKind.XML),
        (b"\xef\xbb\xbf<epcis>", InputKind.XML),
        ("\ufeff<a/>".encode("utf-16-le"), InputKind.XML),
        ("\ufeff<a/>".encode("utf-16-be"), InputKind.XML),
        ("\ufeff{}".encode("utf-16-le"), InputKind.UNKNOWN),
        (b"PK\x03\x04rest", InputKind.ZIP),
        (b"", InputKind.UNKNOWN),
        (b"a;b;c", InputKind.UNKNOWN),
        (b'{"assets": [{"assetMetaInfo": {}}]}', InputKind.CATENAX),
        (b'{"policies": [], "assets":[ {"submodels": []}]}', InputKind.CATENAX),
        (b'{"https://catenax.io/schema/TestDataContainer/1.0.0" : []}', InputKind.CATENAX),
        (b'[{"assets": [{"assetMetaInfo": {}}]}]', InputKind.EPCIS_JSON),
        (b'{"assets": []}', InputKind.EPCIS_JSON),
    ],
)
def test_kinds(head: bytes, kind: InputKind) -> None:
    """Each kind of input is told by how it begins."""
    assert sniff(head) is kind


def test_sample_files(vectors: Path) -> None:
    """All Catena-X files, and none of the EPCIS ones, are taken for Catena-X."""
    found = 0
    for folder in ("catenax-irs", "catenax-tracex"):
        for path in (vectors / "datasets" / folder).glob("*.json"):
            if not path.name.startswith(("expected_", "DIL-")):
                assert sniff(path.read_bytes()[:SNIFF_BYTES]) is InputKind.CATENAX, path.name
                found += 1
    for path in (vectors / "epcis/gs1-json").rglob("*.jsonld"):
        assert sniff(path.read_bytes()) is InputKind.EPCIS_JSON
        found += 1
    assert found
