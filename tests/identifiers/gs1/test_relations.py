"""Which application identifiers may stand together."""

import pytest

from identifiers.errors import ExclusionError, IdentifierError, RepeatError, RequisiteError
from identifiers.gs1.relations import (
    SOUND_COMPANIES,
    is_judged_by_values,
    verify_relations,
    verify_repeats,
)

GTIN = ("01", "09506000134352")


def test_missing_partner() -> None:
    """A batch number alone belongs to nothing, unless the caller puts the question off."""
    with pytest.raises(RequisiteError, match=r"one of \(01\), \(02\)") as caught:
        verify_relations([("10", "A")])
    assert caught.value.ai == "10"
    verify_relations([("10", "A")], requisites=False)
    verify_relations([GTIN, ("10", "A")])


def test_partners_that_stand_together() -> None:
    """An active potency needs both the GTIN and the batch."""
    with pytest.raises(RequisiteError):
        verify_relations([GTIN, ("7004", "12")])
    verify_relations([GTIN, ("10", "A"), ("7004", "12")])


def test_exclusion_holds_by_pattern_and_always() -> None:
    """Two net weights exclude each other, even where partners are not asked for."""
    for requisites in (True, False):
        with pytest.raises(ExclusionError, match=r"\(3102\)"):
            verify_relations([GTIN, ("3103", "000195"), ("3102", "000019")], requisites=requisites)


def test_repeats() -> None:
    """The same value twice is one value; two values are a fault."""
    assert verify_repeats([GTIN, GTIN]) == dict([GTIN])
    with pytest.raises(RepeatError, match="leave one"):
        verify_repeats([("10", "A"), ("10", "B")])


def test_signature_needs_a_serial() -> None:
    """A digital signature over a document type without serial signs nothing."""
    with pytest.raises(RequisiteError, match="serial component"):
        verify_relations([("253", "9506000134352"), ("8030", "abc")])
    with pytest.raises(RequisiteError):
        verify_relations([("253", "9506000134352"), ("8030", "abc")], requisites=False)
    verify_relations([("253", "9506000134352S1"), ("8030", "abc")])


@pytest.mark.parametrize(
    ("elements", "index"),
    [
        ([GTIN, ("7004", "12")], 1),
        ([("91", "A"), ("37", "1"), GTIN], 2),
        ([GTIN, ("10", "A"), ("10", "A"), ("10", "B")], 3),
        ([("8030", "abc"), ("253", "9506000134352")], 1),
    ],
)
def test_position(elements: list[tuple[str, str]], index: int) -> None:
    """An error stands where the caller says that its element begins; without a text nowhere."""
    with pytest.raises(IdentifierError) as caught:
        verify_relations(elements, start_of=[10, 11, 12, 13].__getitem__)
    assert caught.value.position == 10 + index
    with pytest.raises(IdentifierError) as caught:
        verify_relations(elements)
    assert caught.value.position is None


def test_values_count_for_signed_keys_alone() -> None:
    """It depends on values only beside a signature whether a key may stand so."""
    assert is_judged_by_values(["8003", "8030"])
    assert not is_judged_by_values(["01", "8030"])
    assert not is_judged_by_values(["8003", "10"])


def test_companies_are_kept_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A memory that is full begins anew."""
    monkeypatch.setattr("identifiers.gs1.relations._KEPT", 1)
    SOUND_COMPANIES.clear()
    for ai in ("91", "92", "93"):
        verify_relations([(ai, "A")])
        assert {(ai,)} == SOUND_COMPANIES


def test_unknown_identifiers_have_no_partners() -> None:
    """An AI that is in no table neither needs nor excludes another."""
    verify_relations([("89", "A")])
    assert verify_repeats([("89", "A")]) == {"89": "A"}


@pytest.mark.parametrize(
    ("elements", "message", "rule"),
    [
        (
            [GTIN, ("7004", "12")],
            "AI (7004): expected (10) beside it, found '(01), (7004)'; "
            "add it, or read all codes of the label together.",
            "4.13.2",
        ),
        (
            [GTIN, ("3103", "000195"), ("3102", "000019")],
            "AI (3103): expected no (3102) beside it, found '(3102)'; leave one of the two out.",
            "4.13.1",
        ),
        (
            [("10", "A"), ("10", "B")],
            "AI (10): expected A again, found 'B'; leave one of them out.",
            "4.13.1",
        ),
    ],
)
def test_messages(elements: list[tuple[str, str]], message: str, rule: str) -> None:
    """A relation that does not hold names both sides, the fix, and the section that asks for it."""
    with pytest.raises(IdentifierError) as caught:
        verify_relations(elements)
    assert str(caught.value) == message
    assert caught.value.rule == f"GS1 General Specifications, section {rule}"
