"""What a text or the bytes of a scan may be."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiers import Level, as_bracketed, as_element_string, parse_bracketed, parse_item_code
from identifiers.confidence import Confidence
from identifiers.errors import IdentifierError, SyntaxError_
from identifiers.identification import (
    ALL_REPAIRS,
    LONGEST,
    Candidate,
    Identification,
    identify,
    read_item_code,
)
from identifiers.profiles import PROFILES
from identifiers.repair.keyboards import LAYOUTS
from tests.identifiers.any_input import SEEDS
from tests.identifiers.repair.test_keyboards import typed

GTIN = "09506000134352"
FULL = "(01)09506000134352(10)AB-1(21)xY/2"
LINK = f"https://id.gs1.org/01/{GTIN}/21/A"
ELEMENTS = as_element_string(parse_bracketed(FULL))


def best(found: Identification) -> Candidate:
    """Give the best candidate, which there must be."""
    assert found.best is not None
    return found.best


def kinds(notices: Iterable[object]) -> list[str]:
    """Give the kinds of notices, each once, in order."""
    return list(dict.fromkeys(str(getattr(notice, "kind", "")) for notice in notices))


def test_nothing_to_repair() -> None:
    """A sound code is one candidate without repairs, with all that is known of it."""
    found = identify(FULL)
    (candidate,) = found.candidates
    assert found.text == FULL
    assert candidate.scheme == "gs1-element-string"
    assert candidate.code == FULL
    assert candidate.uri == f"https://id.gs1.org/01/{GTIN}/21/xY%2F2"
    assert candidate.parts["ais"] == (("01", GTIN), ("10", "AB-1"), ("21", "xY/2"))
    assert candidate.confidence is Confidence.CERTAIN
    assert float(candidate.confidence) == 1
    assert candidate.repairs == ()
    assert found.refusals == ()
    assert found.warnings == ()


def test_ambiguity() -> None:
    """Everything that a text may be is told, the surest first."""
    found = identify("00395200010000000011")
    assert [item.scheme for item in found.candidates] == ["gs1-element-string", "cn-drug-trace-20"]
    found = identify("9506000134352")
    assert [item.scheme for item in found.candidates] == ["gs1-gtin", "gln"]
    assert found.candidates[0].confidence > found.candidates[1].confidence


def test_refusals() -> None:
    """What a text nearly was is told with the place and the fix, the most telling first."""
    found = identify("]d2" + ELEMENTS.replace("4352", "4353"))
    assert found.best is None
    ((scheme, error),) = found.refusals
    assert scheme == "gs1-element-string"
    assert (error.kind, error.position) == ("check_digit", 18)
    assert "2" in error.fix
    found = identify("9506000134353")
    assert found.refusals[0][0] in {"gs1-gtin", "gln"}
    assert found.refusals[0][1].kind == "check_digit"


def test_what_looks_like_nothing() -> None:
    """A text without any likeness gets one refusal that says so."""
    for text in ("hello", "", "\ud800"):
        found = identify(text)
        assert found.best is None
        ((scheme, error),) = found.refusals
        assert (scheme, error.kind) == ("", "syntax")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"\ufeff{FULL}", "byte-order-mark"),
        (f"{FULL}\r\n", "line-ending"),
        (f"\x02{FULL}\x03", "framing-character"),
        (f" {FULL} ", "surrounding-space"),
        (FULL.replace("0134", "01\u200b34"), "invisible-character"),
        (FULL.replace("0950", "\uff10\uff19\uff15\uff10"), "full-width"),
        (FULL.replace("-", "\u2011"), "typographic"),
        (FULL.replace(")", ") "), "inner-space"),
        (f"\x1d{ELEMENTS}", "leading-fnc1"),
        (f"]d2\x1d{ELEMENTS}", "leading-fnc1"),
        (ELEMENTS.replace("\x1d", "\x1d\x1d"), "doubled-separator"),
        (ELEMENTS.replace("\x1d", "^"), "typed-separator"),
        (ELEMENTS.replace("\x1d", "<GS>"), "typed-separator"),
        (f"C1{ELEMENTS}", "symbology-identifier"),
        (typed("azerty", f"]C1{ELEMENTS}"), "keyboard-layout"),
        (typed("russian", ELEMENTS), "keyboard-layout"),
    ],
)
def test_each_repair(text: str, kind: str) -> None:
    """Each damage is undone, declared, and left alone when its repair is switched off."""
    candidate = best(identify(text))
    assert candidate.code == FULL
    assert kind in kinds(candidate.repairs)
    assert candidate.confidence <= best(identify(FULL)).confidence
    for other in identify(text, repairs=ALL_REPAIRS - {kind}).candidates:
        assert kind not in kinds(other.repairs)
        assert other.code != FULL or other.repairs
    assert all(not item.repairs for item in identify(text, repairs=frozenset()).candidates)


@pytest.mark.parametrize(
    "text",
    [
        "[)>06\x1d9N112097776020\x1d1TABC123\x1e\x04",
        "[)>\x1e06\x1d9N112097776020\x1d1TABC123",
        "[)>\x1e06\x1d9N112097776020\x1d1TABC123\x04",
        "[)>{RS}06{GS}9N112097776020{GS}1TABC123{RS}{EOT}\r\n",
        "[)>^06^9N112097776020^1TABC123^^",
    ],
)
def test_envelopes(text: str) -> None:
    """A message of ISO/IEC 15434 is read whatever became of its control characters."""
    candidate = best(identify(text))
    assert candidate.parts["dis"] == (("9N", "112097776020"), ("1T", "ABC123"))
    assert candidate.repairs


def test_one_way_to_put_a_separator_back() -> None:
    """Where there is one way alone, it is told as possible; a rare AI makes it weak."""
    candidate = best(identify(f"01{GTIN}10ABCDEFGHIJKLMNOPQR17270228"))
    assert candidate.code == f"(01){GTIN}(10)ABCDEFGHIJKLMNOPQR(17)270228"
    assert candidate.confidence is Confidence.POSSIBLE
    assert [notice.position for notice in candidate.repairs] == [36]
    candidate = best(identify(f"01{GTIN}10ABC123456789012345678901234"))
    assert candidate.confidence is Confidence.WEAK


def test_several_ways_to_put_separators_back() -> None:
    """Of several ways all are told, the likeliest first, and none of them as more than weak."""
    text = (
        "010290000231770121k3LInNbH_oG0Q91EE0692" + "YXiyKfiHjE4YE8b+YVMC1O5r8VtpplA3AwcCqrcG9Dk="
    )
    first, *others = identify(text).candidates
    assert first.code.startswith("(01)02900002317701(21)k3LInNbH_oG0Q(91)EE06(92)YXiy")
    assert [notice.position for notice in first.repairs] == [31, 37]
    assert first.confidence is Confidence.WEAK
    assert {item.confidence for item in others} == {Confidence.GUESS}
    codes = {
        item.confidence for item in identify(f"]C101{GTIN}10" + "A" * 18 + "10B22C").candidates
    }
    assert codes <= {Confidence.GUESS, Confidence.WEAK, Confidence.POSSIBLE}


def test_two_equally_likely_ways() -> None:
    """Where two ways are equally likely, both are guesses."""
    found = identify(f"01{GTIN}10" + "A" * 10 + "21" + "B" * 8 + "21" + "C" * 8)
    assert len(found.candidates) == 2
    assert {item.confidence for item in found.candidates} == {Confidence.GUESS}


def test_what_a_value_may_hide() -> None:
    """A code that can be read as it is comes first, and what it may hide behind it, as guesses."""
    first, *others = identify(f"01{GTIN}10ABC1727022821XYZ").candidates
    assert first.code == f"(01){GTIN}(10)ABC1727022821XYZ"
    assert first.confidence is Confidence.STRONG
    assert others[0].code == f"(01){GTIN}(10)ABC(17)270228(21)XYZ"
    assert {item.confidence for item in others} == {Confidence.GUESS}
    assert len(identify(f"01{GTIN}10ABC1727022821XYZ", repairs=frozenset()).candidates) == 1
    starred = identify(f"]C101{GTIN}10ABC*21XYZ").candidates
    assert [item.code for item in starred[:2]] == [
        f"(01){GTIN}(10)ABC*21XYZ",
        f"(01){GTIN}(10)ABC(21)XYZ",
    ]


@pytest.mark.parametrize(
    "text",
    [
        f"01{GTIN}10ABC\x1d21XYZ1012",
        f"01{GTIN}10ABC",
        f"https://id.gs1.org/01/{GTIN}/10/A21B",
        "81234567890121345678",
        f"(01){GTIN}(10)A21B",
        "40121ABC1012",
        "21051234567891",
        "80171234567890101234",
    ],
)
def test_what_hides_nothing(text: str) -> None:
    """No separator is put into a text that has some, is no element string, or hides no usual AI."""
    assert all(
        "lost-separator" not in kinds(item.repairs) for item in identify(text).candidates[:1]
    )


def test_no_separators_in_what_nothing_marks() -> None:
    """A number that only begins like an AI of companies' own is not parted."""
    assert identify("91110000600037342L").candidates == ()
    marked = identify("\x1d91" + "A" * 90 + "92B")
    assert best(marked).code == "(91)" + "A" * 90 + "(92)B"
    assert kinds(best(marked).repairs) == ["leading-fnc1", "lost-separator"]
    assert best(identify("]C191" + "A" * 90 + "92B")).code == best(marked).code


@pytest.mark.parametrize("layout", sorted(set(LAYOUTS) - {"british", "caps-lock"}))
def test_keyboards(layout: str) -> None:
    """A link that was typed with another layout is found again."""
    link = f"https://id.gs1.org/01/{GTIN}/21/Ab"
    candidate = best(identify(typed(layout, link)))
    assert candidate.uri == link
    assert candidate.confidence is Confidence.POSSIBLE


def test_exchanged_letters_of_a_guessed_layout() -> None:
    """Where a bracket was lost on a layout that exchanges letters too, both readings are told."""
    found = identify(f"+C101{GTIN}10YZ")
    assert {item.code for item in found.candidates} == {f"(01){GTIN}(10)YZ", f"(01){GTIN}(10)ZY"}
    assert {item.confidence for item in found.candidates} == {Confidence.POSSIBLE}


def test_case_is_not_changed() -> None:
    """Small letters where a scheme wants capitals are refused."""
    for text in ("ma.156.M0.100204.13351764", "91110000600037341l", "]q1hello"):
        assert identify(text).best is None


def test_weak_readings_do_not_stop_the_search() -> None:
    """A surer reading behind a repair goes before a weak one of the text as it is."""
    found = identify(f"C101{GTIN}")
    assert [item.scheme for item in found.candidates] == ["gs1-element-string", "iso15418-di"]


@pytest.mark.parametrize(
    ("data", "scheme", "kind"),
    [
        (FULL.encode(), "gs1-element-string", []),
        ("88.608.5288/中文".encode(), "cn-industrial-handle", []),
        ("88.608.5288/中文".encode("gb18030"), "cn-industrial-handle", ["encoding"]),
        (bytes.fromhex("303645190C3480C000000001"), "epc-binary", []),
        (b"303645190C3480C000000001", "epc-binary", []),
    ],
)
def test_bytes(data: bytes, scheme: str, kind: list[str]) -> None:
    """Bytes are text in UTF-8, a tag's memory, or by a declared repair GB 18030."""
    candidate = best(identify(data))
    assert candidate.scheme == scheme
    assert kinds(candidate.repairs) == kind


def test_bytes_that_are_no_text() -> None:
    """What cannot be decoded is refused at the first bad byte."""
    for data, repairs in (
        (b"A\xff\xff", ALL_REPAIRS),
        ("中文".encode("gb18030"), frozenset[str]()),
    ):
        found = identify(data, repairs=repairs)
        assert found.best is None
        ((_, error),) = found.refusals
        assert (error.kind, error.position) == ("charset", 1 if data[:1] == b"A" else 0)


def test_length() -> None:
    """A text that is too long is refused without being looked at."""
    for data in ("1" * (LONGEST + 1), b"1" * (LONGEST + 1)):
        ((_, error),) = identify(data).refusals
        assert (error.kind, error.position) == ("length", LONGEST)


def test_hosts() -> None:
    """A host that feigns a known one is warned about, with a code and without one."""
    found = identify("https://id.gs1.org.example.net/01/09506000134352")
    assert kinds(found.warnings) == kinds(best(found).warnings) == ["look-alike-host"]
    found = identify("https://brand.example@example.net/x", known_hosts=["brand.example"])
    assert found.best is None
    assert kinds(found.warnings) == ["look-alike-host"]


def test_profile() -> None:
    """A profile that is asked for is heard."""
    candidate = best(identify(f"(01){GTIN}(10)A", profile=PROFILES["eu-fmd"]))
    assert kinds(candidate.warnings) == ["eu-fmd"]


def test_links_with_a_wrong_key() -> None:
    """A link that only looks like a Digital Link is an identification link with a warning."""
    candidate = best(identify("https://www.example.com/01/12345678901234"))
    assert candidate.scheme == "id-link"
    assert kinds(candidate.warnings) == ["not-gs1"]


@given(
    st.text("ABC-/xyz", min_size=1, max_size=8),
    st.text("ABC-/xyz", min_size=1, max_size=8),
    st.sampled_from(["^", "~", "|", "#", "{GS}", "<GS>", "\\x1d", "\u241d", "\x1d\x1d", ""]),
    st.sampled_from(["", "\r\n", "\t", " "]),
    st.sampled_from(["", "]C1", "]d2", "\x1d", "]C1\x1d", "\ufeff"]),
)
def test_damages_together(lot: str, serial: str, separator: str, end: str, start: str) -> None:
    """Whatever was done to a label with lot and serial, it is among the first that is told."""
    text = f"{start}01{GTIN}10{lot}{separator}21{serial}{end}"
    wanted = (("01", GTIN), ("10", lot), ("21", serial))
    found = identify(text).candidates
    if separator:
        assert found[0].parts["ais"] == wanted
    else:
        assert wanted in [item.parts.get("ais") for item in found] or min(len(lot), len(serial)) < 2


@given(st.one_of(st.text(max_size=60), st.binary(max_size=60), st.sampled_from(SEEDS)))
def test_anything_gets_an_answer(data: str | bytes) -> None:
    """Nothing is raised; an answer has candidates or says why there are none, each thing in its order."""
    for repairs in (ALL_REPAIRS, frozenset[str]()):
        found = identify(data, repairs=repairs)
        assert found.candidates or found.refusals
        steps = [item.confidence for item in found.candidates]
        assert steps == sorted(steps, reverse=True)
        for item in found.candidates:
            assert item.scheme
            assert item.code
            for notice in (item.reason, *item.repairs, *item.warnings, *item.unverified):
                assert notice.message()
                assert notice.message("zh")
        for _, error in found.refusals:
            assert isinstance(error, IdentifierError)
            assert error.as_dict("zh")


@given(st.sampled_from(SEEDS))
def test_canonical_codes_are_stable(text: str) -> None:
    """The canonical URI of a candidate leads back to itself."""
    for item in identify(text).candidates:
        if item.uri.startswith("https://id.gs1.org/"):
            assert best(identify(item.uri)).uri == item.uri


def test_bracketed_form_is_kept() -> None:
    """The canonical code of an element string is its bracketed form."""
    assert best(identify(ELEMENTS)).code == as_bracketed(parse_bracketed(FULL)) == FULL


@pytest.mark.parametrize(
    ("text", "uri"),
    [
        (FULL, "https://id.gs1.org/01/09506000134352/10/AB-1"),
        ("urn:uuid:x", "urn:uuid:x"),
        ("9506000134352", "https://id.gs1.org/01/09506000134352"),
        ("91110000600037341L", "urn:suyuan:cn-uscc:91110000600037341L"),
        ("303645190C3480C000000001", "https://id.gs1.org/01/09520707537636/21/1"),
        ("4012345678901", "https://id.gs1.org/01/04012345678901"),  # neither (401)...
        ("8004123456784", "https://id.gs1.org/01/08004123456784"),  # nor (8004)...
        ("80041234567890123456", "urn:suyuan:cn-drug-trace-20:80041234567890123456"),
        ("(401)2345678901", "https://id.gs1.org/401/2345678901"),
        (
            f"https://archive.example/2026/{LINK}",
            "https://id.gs1.org/01/09506000134352/21/A",
        ),
    ],
)
def test_an_item_code_of_any_scheme_is_read(text: str, uri: str) -> None:
    """What is likely one code and no other is read without asking back."""
    code = read_item_code(text)
    assert parse_item_code(code.uri).uri == code.uri
    assert uri in {code.uri, code.lot}


def test_the_level_of_another_scheme_is_kept() -> None:
    """A party is a party, though its canonical name is a URN of ours."""
    assert read_item_code("91110000600037341L").level is Level.PARTY


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        "(01)09506000134353",
        "00395200010000000012",  # a drug code perhaps, and an SSCC with a wrong check digit
        f"{ELEMENTS}\r\n",  # a repair would be needed
        "(10)AB",  # names nothing
        f"01{GTIN}10AB<GS>21C",  # a scanner that writes names for control characters
        f"]d201{GTIN}10AB%1D21C",
        f"{LINK}{LINK}",  # two scans
        "401234",  # hardly says what it is
        "",
    ],
)
def test_what_is_not_surely_one_code_is_refused(text: str) -> None:
    """A ledger does not guess: the fault of the form that the text has is told."""
    with pytest.raises(IdentifierError):
        read_item_code(text)


@pytest.mark.parametrize(
    "text",
    [
        f"{LINK}\r\n{LINK}",
        f"01{GTIN}21A\r\n10B",
        "[)>\x1e06\x1d25SLEC501ZX",  # the rest of the message may be missing
    ],
)
def test_what_may_be_two_scans_or_half_of_one_is_at_most_possible(text: str) -> None:
    """Its repair would give another item than the label's, so that it is offered and no more."""
    found = best(identify(text))
    assert found.confidence <= Confidence.POSSIBLE


def test_a_symbol_at_the_end_is_part_of_the_value() -> None:
    """The asterisk, which serials may have, is read as a separator only before an AI."""
    found = best(identify(f"01{GTIN}10{'A' * 10}*1727022821B*"))
    assert found.uri == f"https://id.gs1.org/01/{GTIN}/21/B%2A"


@pytest.mark.parametrize(
    "text",
    ["ttps://example.org/a.b", "https:/example.org/1", "htp://example.org/1", "htttps://a.test/1"],
)
def test_a_damaged_link_is_nobodys_code(text: str) -> None:
    """A link that has lost or doubled a character in front is refused when a person types it."""
    with pytest.raises(SyntaxError_, match="whole link"):
        read_item_code(text)
    assert parse_item_code(text).uri == text
