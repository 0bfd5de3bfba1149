"""What a scan means, and whether the ledger knows it."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ledger.store.engine import reading
from scanners.scan import Scan, Symbology
from suyuan.lookup import look_up
from tests.ledger.builders import document, instance, ledger_in, seen


def scan(text: str, problem: str | None = None) -> Scan:
    """Return the scan of a GS1 DataMatrix."""
    return Scan(
        raw=text.encode(),
        text=text,
        symbology=Symbology.DATA_MATRIX,
        symbology_identifier="]d2",
        engine="wedge",
        device="dock-3",
        captured_at=0,
        sequence=7,
        problem=problem,
    )


@pytest.fixture
def filled(sqlite_engine: Engine, tmp_path: Path) -> Engine:
    """Give a ledger that knows one item."""
    ledger_in(sqlite_engine, tmp_path).send(document(seen(instance("A"), disposition="active")))
    return sqlite_engine


def test_a_known_code(filled: Engine) -> None:
    """A code that an event names comes with its state."""
    with reading(filled) as connection:
        found = look_up(connection, scan("010950600013435221A"))
    assert found.code is not None
    assert found.code.uri == instance("A")
    assert found.item is not None
    assert found.as_dict() == {
        "id": found.scan.id,
        "device": "dock-3",
        "page": None,
        "symbology": "DataMatrix",
        "symbology_identifier": "]d2",
        "gs1": True,
        "engine": "wedge",
        "raw": b"010950600013435221A".hex(),
        "text": "010950600013435221A",
        "code": instance("A"),
        "kind": "instance",
        "known": True,
        "status": "active",
        "problem": None,
        "repairs": [],
    }


def test_a_damaged_scan_is_repaired_and_says_so(filled: Engine) -> None:
    """A separator that a keyboard wedge typed as a symbol doesn't keep an item from being found."""
    with reading(filled) as connection:
        found = look_up(connection, scan("010950600013435210L1^21A"))
    assert found.code is not None
    assert found.code.uri == instance("A")
    assert found.item is not None
    assert found.as_dict()["repairs"] == ["^ was read as the control character GS"]


def test_a_guess_is_no_repair(filled: Engine) -> None:
    """A scan that could only be guessed at is a problem, not an item."""
    with reading(filled) as connection:
        found = look_up(connection, scan("010950600013435310L1"), language="zh-CN")
    assert found.code is None
    assert "校验码" in (found.problem or "")


def test_a_code_of_another_scheme() -> None:
    """A scan of a credit code or a device is read, whoever issues it."""
    plain = replace(scan("91110000600037341L"), symbology_identifier="]d1")
    found = look_up(None, plain)
    assert found.code is not None
    assert found.code.uri == "urn:suyuan:cn-uscc:91110000600037341L"


def test_an_unknown_code(filled: Engine) -> None:
    """A code that no event names is read all the same; so is any without a ledger."""
    with reading(filled) as connection:
        found = look_up(connection, scan("010950600013435221B"))
    assert (found.item, found.problem) == (None, None)
    assert found.as_dict()["code"] == instance("B")
    assert found.as_dict()["known"] is False
    assert look_up(None, scan("010950600013435221A")).item is None


def test_what_is_no_code() -> None:
    """A text that is no code says why, and a bad reading keeps its own problem."""
    found = look_up(None, scan("0109506000134353"))
    assert found.code is None
    assert found.problem is not None
    assert "check digit" in found.problem
    assert found.as_dict()["kind"] is None
    chinese = look_up(None, scan("0109506000134353"), language="zh-CN").problem
    assert chinese is not None
    assert "校验码应改为 2" in chinese
    assert look_up(None, scan("", problem="too long")).problem == "too long"
