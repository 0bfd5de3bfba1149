"""Items by the texts of events: each text is looked at once and means what it always means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiers import Level
from ledger.projection import canonical_code
from ledger.store.engine import reading
from ledger.verifying import naming
from ledger.verifying.accounting import Items
from ledger.verifying.naming import Codes, Difference, Known, Named, NotPlain
from tests.ledger.builders import Ledger, instance, lot
from tests.ledger.genealogy.asking import see

BEGINS = [
    "https://id.gs1.org/01/09506000134352/21/",
    "https://id.gs1.org/01/09506000134352/10/",
    "https://id.gs1.org/01/09506000134353/21/",
    "https://id.gs1.org/00/",
    "urn:epc:id:sgtin:9506000.013435.",
    "urn:epc:id:sgtin:9506000.13435.",
    "urn:epc:class:lgtin:9506000.013435.",
    "urn:epc:id:sscc:9506000.",
]


def as_codes_read(codes: Codes, text: str) -> tuple[str, Level] | None:
    """What is read, or None where an event isn't plain."""
    try:
        return codes.read(text)
    except NotPlain:
        return None


@given(
    texts=st.lists(
        st.builds(
            str.__add__,
            st.sampled_from(BEGINS),
            st.from_regex(r"\A[0-9A-Za-z-]{1,22}\Z") | st.text("aB0-./%2!", max_size=22),
        ),
        max_size=20,
    )
)
def test_a_text_means_the_same_behind_others(texts: list[str]) -> None:
    """What is known of a product changes nothing."""
    codes = Codes()
    for text in texts:
        code = canonical_code(text)
        read = as_codes_read(codes, text)
        assert read == as_codes_read(Codes(), text)
        assert read is None or read == (code.uri, code.level)


def test_few_products_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few of them, the answer is the same."""
    monkeypatch.setattr(naming, "_BEGINS", 1)
    codes = Codes()
    for text in (instance("A"), lot("A"), instance("B"), "urn:epc:class:lgtin:9506000.013435.X"):
        assert codes.read(text)[0] == canonical_code(text).uri


def test_an_instance_that_names_its_lot_is_not_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is an opaque code of another form."""
    with pytest.raises(NotPlain):
        Codes().read(f"{lot('L')}/21/S")
    opaque = canonical_code("urn:example:thing:1")
    monkeypatch.setattr(naming, "canonical_code", lambda _text: opaque)
    with pytest.raises(NotPlain):
        Codes().read("urn:example:thing:2")


def test_items_are_read_at_a_stretch_or_singly(ledger: Ledger) -> None:
    """Wherever ids stand, each item that is asked for is known then, and no other is needed."""
    ledger.take(*(see(n // 60, f"i{n}") for n in range(60)))
    with reading(ledger.engine) as connection:
        rows = connection.exec_driver_sql("SELECT id, code FROM item ORDER BY id").fetchall()
        for wanted in (rows, rows[::9], [*rows[:2], *rows[40:]], rows[-1:], []):
            named = Named(Known(Items()))
            named.load(connection, [row for row, _ in wanted])
            for row, code in wanted:
                assert named.known.take(code, Level.OTHER) == row
        with pytest.raises(Difference):
            named.known.take(rows[0][1], Level.OTHER)


def test_a_code_of_two_items_is_a_difference(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The index that forbids it may be gone."""
    monkeypatch.setattr(naming, "_read", lambda *_: [(1, "a", 1), (2, "a", 1)])
    with reading(ledger.engine) as connection, pytest.raises(Difference):
        Named(Known(Items())).load(connection, [1, 2])
