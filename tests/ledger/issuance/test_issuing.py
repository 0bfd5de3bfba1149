"""Issuing codes: written down first, never twice, plain Digital Links with tags."""

import tracemalloc
from fractions import Fraction
from itertools import islice
from typing import Any

import pytest

from identifiers import IdentifierError, parse_digital_link, parse_item_code
from identifiers.gs1.aitable import version
from ledger.errors import IssuanceError, StoreError, UsageError
from ledger.issuance import register
from ledger.issuance.issuing import MOST, gtin_of
from ledger.issuance.register import Mode
from ledger.issuance.serials import SPACE, numbers_of
from ledger.issuance.tags import query_of, tag_in, verify_tag
from ledger.store.sets import fetch
from ledger.verification import verify_ledger
from tests.ledger.builders import GTIN, PRODUCT, lot
from tests.ledger.issuance.conftest import Issuer

BATCHES = (
    "SELECT serial_batch.id, product, organisation, submitter, supplier, mode, key_version, count,"
    " tagged, lot, dictionary, created_at FROM serial_batch JOIN log ON log.id = log_id"
    " JOIN serial_space ON serial_space.id = space_id ORDER BY serial_batch.id"
)


def test_codes_are_tagged_digital_links(issuer: Issuer) -> None:
    """Each code is canonical, its link reads as the same item, and its tag holds."""
    made = issuer.codes(5, lot="L/1", stem="https://trace.example/x")
    assert len({one.code for one in made}) == 5
    for one in made:
        assert one.code == f"{PRODUCT}/21/{one.serial}"
        assert one.link == (
            f"https://trace.example/x/01/{GTIN}/10/L%2F1/21/{one.serial}?t={one.tag}"
        )
        code = parse_item_code(one.link)
        assert (code.uri, code.serial, code.lot) == (one.code, one.serial, lot("L%2F1"))
        tag = tag_in(query_of(one.link))
        assert tag == one.tag
        assert tag is not None
        assert verify_tag(code.uri, tag, issuer.keys.versions()) == 1


def test_links_without_tags(issuer: Issuer) -> None:
    """Without a tag the link is the code on its stem, and the risk is that of the serial."""
    issued = issuer.issue(2, tagged=False)
    assert [(one.tag, one.link) for one in issued.codes] == [
        (None, f"{PRODUCT}/21/{serial}") for serial in issuer.series(1).serials(range(2))
    ]
    assert issued.risk.link == issued.risk.serial == Fraction(2, SPACE)


@pytest.mark.parametrize("mode", list(Mode))
def test_a_batch_is_written_down(issuer: Issuer, mode: Mode) -> None:
    """Who, when, what, for whom, and by which versions of key and dictionary."""
    issued = issuer.issue(3, mode=mode, supplier="青岚 Ltd", lot="L1", now=77)
    taken = list(issued.codes)
    assert issuer.ledger.rows(BATCHES) == [
        (issued.batch, PRODUCT, "main", "tester", "青岚 Ltd", mode.value, 1, 3, 1, "L1",
         version(), 77)
    ]  # fmt: skip
    assert (issued.product, issued.mode, issued.version, issued.count) == (PRODUCT, mode, 1, 3)
    assert issued.dictionary == version()
    assert (issued.tally.made, issued.tally.clashes) == (3, 0)
    drawn = {one for (one,) in issuer.ledger.rows("SELECT serial FROM drawn_serial")}
    assert drawn == (set(numbers_of(one.serial for one in taken)) if mode is Mode.RANDOM else set())
    assert (issued.range is None) == (mode is Mode.RANDOM)


def test_suppliers_have_disjoint_ranges(issuer: Issuer) -> None:
    """Ranges follow one another, and codes of all of them differ."""
    batches = [issuer.issue(50, supplier=name) for name in ("A", "B", None)]
    ranges = [one.range for one in batches]
    assert [(one.first, one.count) for one in ranges if one] == [(0, 50), (50, 50), (100, 50)]
    codes = {one.code for batch in reversed(batches) for one in batch.codes}
    assert len(codes) == 150
    assert issuer.series(1).counters(numbers_of(code[-10:] for code in codes))


def test_what_a_crash_cuts_off_is_never_issued_again(issuer: Issuer) -> None:
    """A batch of which nothing, or not all, was taken keeps its serials."""
    issuer.issue(10)
    halfway = list(islice(issuer.issue(10).codes, 4))
    later = issuer.codes(10)
    assert issuer.series(1).counters(numbers_of(one.serial for one in halfway)) == [10, 11, 12, 13]
    assert issuer.series(1).counters(numbers_of(one.serial for one in later)) == [*range(20, 30)]
    assert issuer.ledger.rows("SELECT issued FROM serial_space") == [(30,)]


def test_products_have_nothing_in_common(issuer: Issuer) -> None:
    """Another product has its own counters and serials."""
    one = issuer.codes(20)
    two = issuer.codes(20, "09506000134369")
    assert not {code.serial for code in one} & {code.serial for code in two}
    assert issuer.ledger.rows("SELECT product, issued FROM serial_space ORDER BY product") == [
        (PRODUCT, 20),
        ("https://id.gs1.org/01/09506000134369", 20),
    ]


def test_a_rotation_begins_anew_and_old_tags_hold(issuer: Issuer) -> None:
    """The next batch has the next version; every version that isn't revoked counts in the risk."""
    first = issuer.codes(3)
    issuer.keys.rotate()
    issued = issuer.issue(3)
    second = list(issued.codes)
    assert issued.version == 2
    assert issued.range is not None
    assert issued.range.first == 0
    assert issued.risk.serial == Fraction(6, SPACE)
    assert issued.risk.link == Fraction(6 * 2, SPACE * 2**60)
    assert not {one.serial for one in first} & {one.serial for one in second}
    for version_, made in ((1, first), (2, second)):
        for one in made:
            assert one.tag is not None
            assert verify_tag(one.code, one.tag, issuer.keys.versions()) == version_
    (issuer.keys.folder / "issuing-v1.secret").rename(issuer.keys.folder / "issuing-v1.revoked")
    assert issuer.issue(1).risk.versions == 1


def test_a_serial_of_an_earlier_version_is_passed_over(issuer: Issuer) -> None:
    """A counter whose serial another version has given out is replaced by a later one."""
    first = issuer.codes(1)
    issuer.keys.rotate()
    issuer.codes(1)
    clash = issuer.series(2).counter(first[0].serial)
    issuer.skip_to(2, clash - 1)
    issued = issuer.issue(3)
    serials = [one.serial for one in issued.codes]
    assert first[0].serial not in serials
    assert (issued.tally.made, issued.tally.clashes) == (3, 1)
    counters = issuer.series(2).counters(numbers_of(serials))
    assert counters == [clash - 1, clash + 1, clash + 2]
    assert issuer.ledger.rows("SELECT count FROM serial_range ORDER BY id")[-2:] == [(3,), (1,)]
    assert issuer.codes(1)[0].serial == issuer.series(2).serial(clash + 3)


def test_a_drawn_serial_is_passed_over(issuer: Issuer) -> None:
    """What the random mode has given out, the permuted one doesn't give out again."""
    issuer.keys.rotate()
    ahead = issuer.series(1).numbers([2, 0, 5_000])
    issuer.codes(3, mode=Mode.RANDOM, drawing=lambda _: ahead)
    issued = issuer.issue(5_000)
    counters = issuer.series(1).counters(numbers_of(one.serial for one in issued.codes))
    assert counters == [1, *range(3, 5_000), 5_001, 5_002]
    assert issued.tally.clashes == 3


def test_a_drawn_serial_is_no_permuted_one(issuer: Issuer) -> None:
    """The random mode draws again what a range has given out, was drawn before, or came twice."""
    issuer.codes(3)
    fresh = issuer.series(1).numbers(range(1_000, 1_004))
    issuer.codes(1, mode=Mode.RANDOM, drawing=lambda _: fresh[:1])
    draws = iter(
        [
            [*issuer.series(1).numbers([2]), fresh[1], fresh[1]],
            [fresh[0], fresh[2]],
            [fresh[3]],
        ]
    )
    issued = issuer.issue(3, mode=Mode.RANDOM, drawing=lambda _: next(draws))
    assert numbers_of(one.serial for one in issued.codes) == fresh[1:]
    assert (issued.tally.made, issued.tally.clashes) == (3, 3)


def test_a_broken_source_of_randomness(issuer: Issuer) -> None:
    """A source that repeats itself is given up after some draws, and nothing is issued twice."""
    wanted: list[int] = []

    def stuck(number: int) -> list[int]:
        wanted.append(number)
        return [7] * number

    issued = issuer.issue(2, mode=Mode.RANDOM, drawing=stuck)
    with pytest.raises(IssuanceError, match="randomness is broken"):
        list(issued.codes)
    assert wanted == [2] + [1] * 15
    assert issued.tally.clashes == 16
    assert issuer.ledger.count("drawn_serial") == 0


def test_many_codes_need_little_memory(sqlite_issuer: Issuer) -> None:
    """A batch of many groups is streamed: its peak stays below a few of them."""
    issued = sqlite_issuer.issue(60_000, tagged=False)
    next(issued.codes)  # the tables are made
    tracemalloc.start()
    try:
        last = None
        for one in issued.codes:
            last = one
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert issued.tally.made == 60_000
    assert last is not None
    assert last.serial == sqlite_issuer.series(1).serial(59_999)
    assert peak < 4_000_000


@pytest.mark.parametrize("mode", list(Mode))
def test_verification_is_not_disturbed(issuer: Issuer, mode: Mode) -> None:
    """The register is no projection of the log: a log is intact with and without issued codes."""
    issuer.codes(3, mode=mode)
    reports = verify_ledger(issuer.ledger.engine, issuer.ledger.keys)
    assert [report.findings for report in reports] == [()]


@pytest.mark.parametrize(
    "text",
    [
        GTIN,
        GTIN[1:],
        f"(01){GTIN}",
        f"01{GTIN}",
        PRODUCT,
        f"https://a.example/01/{GTIN}",
    ],
)
def test_a_product_in_any_form(text: str) -> None:
    """A bare GTIN or any code of the product will do."""
    assert gtin_of(text) == GTIN


def test_short_gtins_are_filled_up() -> None:
    """GTIN-8 and GTIN-12 are the same product with zeros in front."""
    assert gtin_of("96385074") == "00000096385074"
    assert gtin_of("614141007349") == "00614141007349"


@pytest.mark.parametrize("text", ["1", "123", "12345678901", "123456789012345"])
def test_a_gtin_of_another_length(text: str) -> None:
    """A digit too few or too many is told as that, not as an element string that it happens to be."""
    with pytest.raises(UsageError, match=f"8, 12, 13 or 14 digits, got {len(text)}"):
        gtin_of(text)


@pytest.mark.parametrize(
    ("text", "position"), [("09506000134353", 13), ("9506000134353", 12), ("96385075", 7)]
)
def test_a_wrong_check_digit(text: str, position: int) -> None:
    """It is refused at its place in what was given."""
    with pytest.raises(IdentifierError) as caught:
        gtin_of(text)
    assert caught.value.position == position


@pytest.mark.parametrize(
    "text",
    [lot("L1"), f"{PRODUCT}/21/A", f"{PRODUCT}/22/V", "(00)106141412345678908", "urn:part:x"],
)
def test_what_is_no_product(text: str) -> None:
    """Lots, instances, variants and other keys are refused, with the option that may be meant."""
    with pytest.raises(UsageError, match="--lot"):
        gtin_of(text)


@pytest.mark.parametrize(
    "options",
    [
        {"count": 0},
        {"count": -1},
        {"count": MOST + 1},
        {"supplier": ""},
        {"supplier": " "},
        {"supplier": "a\x00b"},
        {"supplier": "x" * 201},
        {"submitter": "\ud800"},
    ],
)
def test_values_that_cannot_be_meant(sqlite_issuer: Issuer, options: dict[str, Any]) -> None:
    """They are refused before anything is written."""
    with pytest.raises(UsageError):
        sqlite_issuer.issue(**options)
    assert sqlite_issuer.ledger.count("serial_batch") == 0
    assert sqlite_issuer.keys.versions() == ()


@pytest.mark.parametrize(
    "options",
    [
        {"lot": ""},
        {"lot": "批"},
        {"lot": "L" * 21},
        {"lot": "a b"},
        {"stem": ""},
        {"stem": "trace.example"},
        {"stem": "https://a.example?x"},
        {"stem": "https://a.example#x"},
        {"stem": "https://溯.example"},
    ],
)
def test_what_cannot_stand_in_a_link(sqlite_issuer: Issuer, options: dict[str, Any]) -> None:
    """A lot or stem that no Digital Link can hold is refused before anything is written."""
    with pytest.raises(IdentifierError):
        sqlite_issuer.issue(**options)
    assert sqlite_issuer.ledger.count("serial_batch") == 0


def test_serials_that_look_like_the_product_change_nothing(sqlite_issuer: Issuer) -> None:
    """A lot that is spelt as a serial stays where it is."""
    [one] = sqlite_issuer.codes(1, lot="2222222222")
    assert dict(parse_digital_link(one.link).elements)["10"] == "2222222222"


def test_no_serials_are_left(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the end of the space, or of a version's counters, nothing is issued."""
    monkeypatch.setattr("ledger.issuance.issuing.MOST", SPACE)
    issuer.codes(1)
    issuer.skip_to(1, SPACE - 1)
    with pytest.raises(IssuanceError, match="Version 1 has 1 serials"):
        issuer.issue(2)
    with pytest.raises(IssuanceError, match="left"):
        issuer.issue(SPACE)
    assert issuer.codes(1)[0].serial == issuer.series(1).serial(SPACE - 1)


def test_a_key_that_is_gone(issuer: Issuer) -> None:
    """Without the key of earlier codes nothing is issued, least of all under a new one."""
    issuer.codes(1)
    path = issuer.keys.folder / "issuing-v1.secret"
    path.rename(path.with_suffix(".away"))
    with pytest.raises(StoreError, match=r"Version 1 .* is missing"):
        issuer.issue(1)
    issuer.keys.rotate()
    with pytest.raises(StoreError, match=r"Version 1 .* is another one now"):
        issuer.issue(1)
    path.with_suffix(".away").rename(path)
    assert issuer.codes(1)


def test_two_folders_of_keys(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who would begin a version that another program begins with another key is refused."""

    def other_first(connection: Any, sql: str, *values: object) -> list[tuple[Any, ...]]:
        if sql.startswith("INSERT INTO issuing_key"):
            values = (values[0], "another")
        return fetch(connection, sql, *values)

    monkeypatch.setattr(register, "fetch", other_first)
    with pytest.raises(StoreError, match="another one elsewhere"):
        issuer.issue(1)
    assert issuer.ledger.count("issuing_key") == 0
