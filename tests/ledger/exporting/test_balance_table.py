"""A mass balance as a table, and the balance of what was traced."""

from dataclasses import replace
from typing import Any

import pytest

from identifiers import Level
from ledger.exporting import balance_table as subject
from ledger.exporting.balance_table import (
    BALANCE_COLUMNS,
    Omitted,
    balance_of_root,
    balance_table,
    root_table,
)
from ledger.exporting.columns import rows
from ledger.genealogy.accounts import Reason
from ledger.genealogy.balance_answer import Balance, Conversion, Question, Side, Station, Total
from ledger.genealogy.trace import Trace, trace
from ledger.problems import Language
from ledger.store.engine import reading
from tests.ledger.builders import PRODUCT, Ledger, instance, lot, made
from tests.ledger.genealogy.asking import at, clock, make
from tests.ledger.genealogy.test_balance import (
    BOB,
    STORE,
    ask,
    create,
    kg,
    receive,
    ship,
    take,
    told,
)

AT = Station("urn:uuid:1", 0, "transforming", STORE, "main")


@pytest.fixture
def short(ledger: Ledger) -> Ledger:
    """Give a ledger with every part of a balance: two of a hundred kilograms did not arrive."""
    take(
        ledger,
        create(1, kg(100), place=STORE),
        ship(2, kg(100), to=BOB),
        receive(3, kg(98), to=BOB, place=STORE),
        made([kg(50)], [instance("bread")], at=clock(4)),
        told(5, "cycle_counting", kg(48), place=STORE),
        ship(6, {"epcClass": lot("L")}),
    )
    return ledger


def table(found: Balance) -> list[dict[str, Any]]:
    """Return the rows of a balance by their columns."""
    made_of = balance_table(found)
    told_rows = [dict(zip(BALANCE_COLUMNS, row, strict=True)) for row in rows(made_of.chunks)]
    assert len(told_rows) == made_of.count
    return told_rows


def part(found: Balance, name: str) -> list[tuple[Any, ...]]:
    """Return kind, quantity, unit and detail of the rows of one part."""
    columns = ("kind", "quantity", "unit", "detail")
    return [tuple(row[one] for one in columns) for row in table(found) if row["part"] == name]


def test_every_amount_is_a_row(short: Ledger) -> None:
    """In the order of the answer, with what it is of and where it was."""
    found = ask(short)
    assert part(found, "total") == [
        ("opening", "0", "KGM", None),
        ("opening_transit", "0", "KGM", None),
        *((kind, amount, "KGM", None) for kind, amount in found.totals[0].flows.items()),
        ("in_stock", "48", "KGM", None),
        ("on_the_way", "0", "KGM", None),
        ("gap", "-2", "KGM", None),
    ]
    assert ("produced", "100", "KGM", "events: 1") in part(found, "flow")
    assert part(found, "stocktaking") == [("counted", "48", "KGM", "computed: 48")]
    assert part(found, "gap") == [("transit", "-2", "KGM", "of: 100; tolerance: 0%")]
    assert part(found, "question") == [("missing_quantity", None, None, None)]
    [gap] = [row for row in table(found) if row["part"] == "gap"]
    assert (gap["finding"], gap["items"], gap["place"]) == (True, lot("L"), STORE)
    assert gap["time"] == "2026-03-01T08:03:00.000Z"
    assert [row["lot"] for row in table(ask(short, PRODUCT)) if row["part"] == "by lot"]


def test_a_transformation_has_a_row_for_each_side(short: Ledger) -> None:
    """Then its loss with the yield, or why there is none."""
    assert part(ask(short), "transformation")[-1][0] == "loss"
    one, two = Side("a", "2", "KGM"), Side("b", None, None)
    together = Conversion(AT, (one,), (two,), "1", "0.5", "KGM", None)
    apart = Conversion(AT, (one,), (two,), None, None, None, "one_side")
    given = balance_of(conversions=(together, apart))
    assert part(given, "transformation") == [
        ("input", "2", "KGM", None),
        ("output", None, None, None),
        ("loss", "1", "KGM", "yield: 0.5"),
        ("input", "2", "KGM", None),
        ("output", None, None, None),
        ("loss", None, None, "one_side"),
    ]


def test_what_is_not_known(short: Ledger) -> None:
    """It has no quantity, and a rounded sum says so."""
    total = Total(None, "KGM", None, "0", {}, "1", None, "0", exact=False)
    kinds = {row[0]: row for row in part(balance_of(totals=(total,)), "total")}
    assert kinds["opening"] == ("opening", None, "KGM", "rounded; unknown")
    assert kinds["gap"] == ("gap", "0", "KGM", "rounded")
    assert part(ask(short, place=STORE), "total")[0][3] == "unknown"


def test_what_is_about_no_event() -> None:
    """A question may be about codes alone, of which it names some."""
    question = Question(Reason.SEVERAL_LOTS, None, None, None, None, items=("a", "b"), item_count=5)
    [row] = table(balance_of(questions=(question,)))
    assert (row["items"], row["time"], row["event"]) == ("a; b; +3", None, None)


def balance_of(**given: Any) -> Balance:
    """Return a balance with these parts alone."""
    lists = dict.fromkeys("totals lots flows counts conversions gaps questions".split(), ())
    head = {"code": lot("L"), "level": Level.LOT, "heads": {}}
    times = dict.fromkeys(("since", "until", "known_at", "place"))
    return Balance(**(head | times | lists | given))  # type: ignore[arg-type]


def test_the_balance_of_what_was_traced(short: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a lot or a product, at the times of the trace; of pieces and of too many things none."""
    with reading(short.engine) as connection:

        def of(found: Trace) -> Balance | Omitted | None:
            return balance_of_root(connection, found)

        whole = of(trace(connection, lot("L")))
        assert isinstance(whole, Balance)
        assert [gap.quantity for gap in whole.gaps] == ["-2"]
        before = of(trace(connection, lot("L"), as_of=at(2)))
        assert isinstance(before, Balance)
        assert before.gaps == ()
        assert of(trace(connection, instance("bread"))) is None
        monkeypatch.setattr(subject, "MOST_PIECES", 0)
        assert of(replace(trace(connection, lot("L")), root=PRODUCT)) is Omitted.MANY
        assert of(trace(connection, lot("L"), told_by=["main"])) is not Omitted.PART
    short.take(make(1, "a", "b"), slug="other")
    with reading(short.engine) as connection:
        found = trace(connection, lot("L"), told_by=["main"])
        assert balance_of_root(connection, found) is Omitted.PART


@pytest.mark.parametrize(
    ("language", "words"), [("en", "more than 0 lots and pieces"), ("zh-CN", "超过 0 个")]
)
def test_why_there_is_no_balance(
    short: Ledger, monkeypatch: pytest.MonkeyPatch, language: Language, words: str
) -> None:
    """The sheet says so in a sentence, with a command that is safe to copy and has its times."""
    monkeypatch.setattr(subject, "MOST_PIECES", 0)
    short.take(make(1, "a", "b"), slug="other")
    with reading(short.engine) as connection:
        found = replace(trace(connection, lot("L"), as_of=at(2)), root=PRODUCT)
        table = root_table(connection, found, language)
        assert table is not None
        [[[sentence]]] = table.chunks
        assert words in sentence
        assert sentence.endswith(f"suyuan balance {PRODUCT} --to 2026-03-01T08:02:00.000Z")
        odd = replace(trace(connection, lot("L"), told_by=["main"]), root="a';rm x")
        table = root_table(connection, odd, language)
        assert table is not None
        [[[sentence]]] = table.chunks
        assert sentence.endswith("""suyuan balance 'a'"'"';rm x'""")
        assert root_table(connection, trace(connection, instance("bread")), language) is None
