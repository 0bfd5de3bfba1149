"""Declared repairs: what is proposed, and what is said about it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiers.repair.drafts import Draft
from identifiers.repair.proposing import (
    ALL_REPAIRS,
    CEILINGS,
    levels,
    names_control,
    with_typed_separators,
)

GTIN = "0109506000134352"


def proposals(text: str, repairs: frozenset[str] = ALL_REPAIRS) -> dict[str, Draft]:
    """Give everything that is proposed for a text."""
    return {draft.text: draft for level in levels(Draft.of(text), repairs) for draft in level}


@pytest.mark.parametrize(
    ("kind", "text", "proposal", "position"),
    [
        ("leading-fnc1", f"\x1d{GTIN}", GTIN, 0),
        ("leading-fnc1", f"]C1\x1d\x1d{GTIN}", f"]C1{GTIN}", 3),
        ("doubled-separator", f"{GTIN}10A\x1d\x1d21B", f"{GTIN}10A\x1d21B", 19),
        ("doubled-separator", "(10)A\x1d(21)B", "(10)A(21)B", 5),
        ("missing-rs", "[)>06\x1dS1\x1e\x04", "[)>\x1e06\x1dS1\x1e\x04", 3),
        ("missing-rs", "[)>\x1e06\x1dS1\x04", "[)>\x1e06\x1dS1\x1e\x04", 9),
        ("missing-end", "[)>\x1e06\x1dS1", "[)>\x1e06\x1dS1\x1e\x04", 9),
        ("missing-eot", "[)>\x1e06\x1dS1\x1e", "[)>\x1e06\x1dS1\x1e\x04", 10),
        ("lost-separator", "[)>\x1e06S1\x1e\x04", "[)>\x1e06\x1dS1\x1e\x04", 6),
        ("symbology-identifier", f"C1{GTIN}", f"]C1{GTIN}", 0),
        ("symbology-identifier", f"+d2{GTIN}", f"]d2{GTIN}", 0),
        ("convenience-word", f"https://a.b/gtin/{GTIN}", f"https://a.b/01/{GTIN}", 12),
        ("inner-space", "(01) 0950", "(01)0950", 4),
        ("inner-space", "97-8", "978", 2),
        ("keyboard-layout", "]c10112Ab", "]C10112aB", 1),
        ("keyboard-layout", "фЯ", "aZ", 0),
    ],
)
def test_each_repair(kind: str, text: str, proposal: str, position: int) -> None:
    """A repair proposes the text that was meant, says so in its place, and can be switched off."""
    draft = proposals(text)[proposal]
    remarks = {notice.kind: notice for notice in draft.repairs}
    assert remarks[kind].position == position
    assert all(map(str, draft.repairs))
    assert kind not in {
        notice.kind
        for other in proposals(text, ALL_REPAIRS - {kind}).values()
        for notice in other.repairs
    }


@pytest.mark.parametrize(
    "separator",
    [
        *"^~|#*@$\u00a7\u00ac\u00b6",
        *("{GS}", "<GS>", "[gs]", "(GS)", "<FNC1>", "^FNC1", "\\FNC1", "\\F", "^]"),
        *("\\x1d", "\\u001d", "%1D", "<0x1D>", "&#29;", "&#x1d;", "\u241d"),
    ],
)
def test_typed_separators(separator: str) -> None:
    """A separator that was typed in any usual way becomes GS, in front and inside."""
    found = proposals(f"{separator}{GTIN}10A{separator}21B")
    draft = found[f"{GTIN}10A\x1d21B"]
    kinds = [notice.kind for notice in draft.repairs]
    assert kinds == ["typed-separator", "typed-separator", "leading-fnc1"]
    assert str(draft.repairs[1]).endswith("was read as the control character GS")


@pytest.mark.parametrize(
    "text",
    [
        "[)>{RS}06{GS}S1{GS}Q2{RS}{EOT}",
        "[)>\u241e06\u241dS1\u241dQ2\u241e\u2404",
        "[)>\\x1e06\\x1dS1\\x1dQ2\\x1e\\x04",
        "[)>&#30;06&#29;S1&#29;Q2&#30;&#4;",
        "[)>^06^S1^Q2^^",
        "[)>^06^S1^Q2^",
        "[)>~06|S1|Q2~",
        "[)>~06|S1|Q2~!",
        "[)>06|S1|Q2",
        "[)>\x1e06|S1|Q2\x1e\x04",
    ],
)
def test_typed_envelopes(text: str) -> None:
    """The control characters of an ISO/IEC 15434 message are found whatever stands for them."""
    assert "[)>\x1e06\x1dS1\x1dQ2\x1e\x04" in proposals(text)


@pytest.mark.parametrize("text", ["[)>", "[)>\x1e06", "hello", "", "https://a.b/%1D", "{X}"])
def test_what_is_no_typed_separator(text: str) -> None:
    """No separator is seen where none was typed; an escape in a link is the link's own."""
    drafts = proposals(text, frozenset({"typed-separator"}))
    assert list(drafts) == [text]


def test_nothing_is_repaired_when_all_is_off() -> None:
    """Without repairs the text comes as it is, and only once."""
    assert list(proposals(f"\x1d\uff11 ^{GTIN}\r\n", frozenset())) == [f"\x1d\uff11 ^{GTIN}\r\n"]


def test_every_repair_has_a_ceiling() -> None:
    """The names of the repairs are those that have a ceiling."""
    assert frozenset(CEILINGS) == ALL_REPAIRS


@pytest.mark.parametrize(
    ("text", "named"), [("A<GS>B", True), ("A%1DB", True), ("A*B", False), ("A<G>B", False)]
)
def test_names_of_control_characters(text: str, named: bool) -> None:  # noqa: FBT001
    """A control character that is written by name is seen."""
    assert names_control(text) is named


def test_symbols_only_part_element_strings() -> None:
    """A symbol in a text that begins with no digits is no separator."""
    assert list(with_typed_separators(Draft.of("hello^world"))) == []


@given(st.text(max_size=40) | st.text("01^\x1d\x1e\x04[)>]C1 \uff11~\r(", max_size=40))
def test_nothing_is_silent(text: str) -> None:
    """A proposal that differs from the text says what was done; none comes twice, and few come."""
    seen = set()
    for level in levels(Draft.of(text)):
        for draft in level:
            assert draft.text not in seen
            seen.add(draft.text)
            assert (draft.text == text) == (not draft.repairs)
            for notice in draft.repairs:
                assert notice.kind in ALL_REPAIRS
                assert notice.position is not None
                assert 0 <= notice.position <= len(text)
    assert len(seen) <= 40
