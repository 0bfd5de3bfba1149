"""The way back from a code to its batch."""

import pytest

from identifiers import ItemCode, parse_item_code
from ledger.issuance.origins import Origin, find_origin
from ledger.issuance.register import Mode
from ledger.store.engine import reading
from tests.ledger.builders import PRODUCT, instance
from tests.ledger.issuance.conftest import Issuer


def origin(issuer: Issuer, code: str | ItemCode) -> Origin | None:
    """Look a code up."""
    with reading(issuer.ledger.engine) as connection:
        parsed = parse_item_code(code) if isinstance(code, str) else code
        return find_origin(connection, issuer.keys.versions(), parsed)


def test_permuted_codes_lead_to_their_range(issuer: Issuer) -> None:
    """Over versions and batches each code leads to its own, with counter and supplier."""
    batches = [issuer.issue(3, supplier="A", lot="L1"), issuer.issue(3, supplier="B")]
    issuer.keys.rotate()
    batches.append(issuer.issue(3, tagged=False))
    for issued in batches:
        assert issued.range is not None
        for place, one in enumerate(issued.codes):
            found = origin(issuer, one.link)
            assert found is not None
            assert found.batch.row == issued.batch
            assert found.batch.version == issued.version
            assert found.counter == issued.range.first + place
            assert found.range is not None
            assert (found.range.first, found.range.supplier) == (
                issued.range.first,
                found.batch.supplier,
            )
    first = origin(issuer, instance(issuer.series(1).serial(0)))
    assert first is not None
    batch = first.batch
    assert (batch.product, batch.organisation, batch.submitter) == (PRODUCT, "main", "tester")
    assert (batch.supplier, batch.mode, batch.count, batch.lot) == ("A", Mode.PERMUTED, 3, "L1")
    assert batch.tagged is True


def test_drawn_codes_lead_to_their_batch(issuer: Issuer) -> None:
    """The random mode's way back is the register."""
    issued = issuer.issue(2, mode=Mode.RANDOM, supplier="C")
    for one in issued.codes:
        found = origin(issuer, one.code)
        assert found is not None
        assert (found.batch.row, found.batch.mode) == (issued.batch, Mode.RANDOM)
        assert found.counter is None
        assert found.range is None


@pytest.mark.parametrize(
    "code",
    [
        PRODUCT,
        f"{PRODUCT}/10/L1",
        instance("A1"),
        instance("2222222222"),
        "https://id.gs1.org/01/09506000134369/21/2222222222",
        "https://id.gs1.org/00/106141412345678908",
        "https://id.gs1.org/8006/095060001343520101/21/2222222222",
        "urn:part:x",
    ],
)
def test_what_was_not_issued(issuer: Issuer, code: str) -> None:
    """Other kinds of codes, serials of other forms and guesses have no origin."""
    issuer.codes(3)
    issuer.codes(1, mode=Mode.RANDOM)
    assert origin(issuer, code) is None


def test_a_counter_that_was_not_reserved(issuer: Issuer) -> None:
    """The next serial is ours only once it is given out."""
    issuer.codes(3)
    code = instance(issuer.series(1).serial(3))
    assert origin(issuer, code) is None
    issuer.issue(1)
    assert origin(issuer, code) is not None


def test_without_the_key_there_is_no_way_back(issuer: Issuer) -> None:
    """A code of a version whose key is gone can't be told from one that was never issued."""
    [one] = issuer.codes(1)
    (issuer.keys.folder / "issuing-v1.secret").unlink()
    assert origin(issuer, one.code) is None


def test_a_clash_leads_to_the_earlier_range(issuer: Issuer) -> None:
    """A serial that a later range passed over belongs to the range that gave it out."""
    [first] = issuer.codes(1, supplier="A")
    issuer.keys.rotate()
    issuer.codes(1)
    issuer.skip_to(2, issuer.series(2).counter(first.serial) - 1)
    assert issuer.codes(3, supplier="B")
    found = origin(issuer, first.code)
    assert found is not None
    assert found.batch.supplier == "A"
