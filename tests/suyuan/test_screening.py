"""The verdict on a scan: each row of the table, and that nothing doubtful is booked unseen."""

from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ledger.issuance.issuing import issue
from ledger.issuance.keys import IssuingKeys
from ledger.organisations import organisations
from ledger.store.engine import reading
from scanners.scan import Confidence, Scan, Symbology
from suyuan.lookup import LookedUp, look_up
from suyuan.screening import (
    _TABLE,
    DoubtfulScanError,
    Soundness,
    Standing,
    Verdict,
    judge,
    require_bookable,
)
from tests.ledger.builders import document, element, instance, ledger_in, lot, seen

GTIN = "09506000134352"
OURS = "06901234567892"
"""A product whose serials we issue."""


def scan(text: str, identifier: str = "", confidence: Confidence = Confidence.SINGLE) -> Scan:
    """Return a scan of a device that sends this identifier."""
    symbologies = {"]d2": Symbology.DATA_MATRIX, "]E0": Symbology.EAN_13, "]C1": Symbology.CODE_128}
    return Scan(
        raw=text.encode(),
        text=text,
        symbology=symbologies.get(identifier, Symbology.UNKNOWN),
        symbology_identifier=identifier,
        engine="wedge",
        device="dock-3",
        captured_at=0,
        sequence=0,
        confidence=confidence,
    )


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> IssuingKeys:
    """Give a folder for issuing keys."""
    return IssuingKeys(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def filled(engine: Engine, tmp_path: Path) -> Engine:
    """Give a ledger that knows an item and a product."""
    product_ = element(f"https://id.gs1.org/01/{GTIN}", productName="Pack")
    sent = document(seen(instance("A"), lot("L1")), vocabularies={"EPCClass": [product_]})
    ledger_in(engine, tmp_path).send(sent)
    return engine


CORRECTED, AGREED, SINGLE = Confidence.CORRECTED, Confidence.AGREED, Confidence.SINGLE
CONTRADICTED = Confidence.CONTRADICTED
ROWS = [
    (1, "0109506000134353", "]d2", CORRECTED),  # a wrong check digit
    (1, "hello", "", SINGLE),
    (2, f"01{GTIN}21A", "]d2", CONTRADICTED),
    (2, f"01{GTIN}21B", "]d2", CONTRADICTED),
    (3, f"https://id.gs1.org.example.net/01/{GTIN}/21/A", "", CORRECTED),
    (4, f"01{GTIN}10L1^21A", "]d2", CORRECTED),  # a separator that was typed
    (5, f"01{GTIN}10L1^21B", "]d2", CORRECTED),
    (5, f"01{GTIN}10L121ABC", "]d2", CORRECTED),  # may hide a serial
    (5, "https://example.org/01/09506000134353", "", CORRECTED),  # nearly a Digital Link
    (6, f"01{GTIN}21A", "]d2", SINGLE),
    (6, f"01{GTIN}10L1", "]C1", SINGLE),
    (6, GTIN[1:], "]E0", SINGLE),  # master data names the product
    (8, f"01{GTIN}21B", "]d2", CORRECTED),
    (8, "9501101530003", "]E0", AGREED),
    (8, "https://example.org/x", "", CORRECTED),
    (9, f"01{GTIN}21B", "]C1", SINGLE),
    (9, f"https://id.gs1.org/01/{GTIN}/21/B", "", SINGLE),
    (10, "9501101530003", "]E0", SINGLE),
    (10, "9501101530003", "", SINGLE),
    (10, "https://example.org/x", "", SINGLE),
]


@pytest.mark.parametrize("row", ROWS)
def test_each_row(filled: Engine, row: tuple[int, str, str, Confidence]) -> None:
    """What was read, how, and what the ledger says decide the row, and the row the verdict."""
    rule, text, identifier, confidence = row
    with reading(filled) as connection:
        found = look_up(connection, scan(text, identifier, confidence))
    assert found.judged.rule == rule
    assert found.judged.verdict is _TABLE[rule][0]
    assert found.as_dict()["verdict"] == found.judged.verdict.value


def test_codes_that_we_issue(filled: Engine, keys: IssuingKeys) -> None:
    """An issued serial is confirmed before any event names it; a guessed one of the same product is doubtful."""
    with reading(filled) as connection:
        [owner] = organisations(connection)
    [code] = issue(
        filled, keys, OURS, 1, organisation=owner, submitter="me", now=0, tagged=False
    ).codes
    guessed = code.serial[:-1] + ("2" if code.serial[-1] != "2" else "3")
    with reading(filled) as connection:

        def rule(text: str, given: IssuingKeys | None = keys) -> int:
            read = scan(text, "]d2", CORRECTED)
            return look_up(connection, read, keys=given).judged.rule

        assert rule(f"01{OURS}21{code.serial}") == 6
        assert rule(f"01{OURS}21{guessed}") == 7
        assert rule(f"01{OURS}21ANOTHER-FORM") == 7
        assert rule(f"01{OURS}235TPX") == 8
        assert rule(f"01{OURS}") == 6
        assert rule(f"01{OURS}10L1") == 8
        assert rule(f"01{OURS}21{code.serial}", None) == 8
    for file in keys.folder.glob("issuing-*"):
        file.rename(file.with_suffix(".away"))
    with reading(filled) as connection:
        assert rule(f"01{OURS}21{code.serial}") == 8


def test_a_product_of_known_items(sqlite_engine: Engine, tmp_path: Path) -> None:
    """The product on a retail symbol is known as soon as an event names one of its items."""
    ledger_in(sqlite_engine, tmp_path).send(document(seen(instance("A"))))
    with reading(sqlite_engine) as connection:
        assert look_up(connection, scan(GTIN[1:], "]E0")).judged.rule == 6
        assert look_up(connection, scan("9501101530003", "]E0")).judged.rule == 10


def test_without_a_ledger_nothing_is_known() -> None:
    """A ledger that wasn't asked confirms nothing."""
    assert look_up(None, scan(f"01{GTIN}21A", "]d2", CORRECTED)).judged.rule == 8


def test_a_reading_with_a_problem() -> None:
    """What the device could not read is doubtful, in the reader's language."""
    found = look_up(None, replace(scan("x"), text="", problem="too long"), language="zh-CN")
    assert (found.judged.verdict, found.judged.reason) == (Verdict.DOUBTFUL, "无法读出编码")


def test_the_table_is_whole() -> None:
    """Every combination has a row, every row is reached, and a contradiction is never more than doubtful."""
    reached = set()
    for confidence, soundness, standing in product(Confidence, Soundness, Standing):
        judged = judge(confidence, soundness, standing)
        reached.add(judged.rule)
        if confidence is CONTRADICTED or soundness in {Soundness.NO_CODE, Soundness.FEIGNED}:
            assert judged.verdict is Verdict.DOUBTFUL
        if judged.verdict is Verdict.CONFIRMED:
            assert standing in {Standing.KNOWN, Standing.ISSUED}
        assert judge(confidence, soundness, standing, "zh").reason != judged.reason
    assert reached == set(_TABLE)


def found_as(text: str, confidence: Confidence = SINGLE) -> LookedUp:
    """Return a scan, read without a ledger."""
    return look_up(None, scan(text, "", confidence))


def test_what_may_be_booked() -> None:
    """A doubtful scan needs a person, and what is no code nobody can confirm."""
    assert require_bookable(found_as(f"01{GTIN}21B")).uri == instance("B")
    doubtful = found_as("9501101530003")
    with pytest.raises(
        DoubtfulScanError, match=r"is not booked: it was read once, .* confirm it\."
    ):
        require_bookable(doubtful)
    assert require_bookable(doubtful, confirmed_by="Li").uri.endswith("/01/09501101530003")
    with pytest.raises(DoubtfulScanError, match="Scan it again"):
        require_bookable(found_as("hello"), confirmed_by="Li")
