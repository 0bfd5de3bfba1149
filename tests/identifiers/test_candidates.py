"""Candidates of a text: readings of every scheme, with repairs and warnings."""

from identifiers.candidates import Wishes, read_draft
from identifiers.confidence import Confidence
from identifiers.notices import Notice
from identifiers.profiles import PROFILES
from identifiers.repair.drafts import Draft
from identifiers.schemes.registry import READERS

GTIN = "09506000134352"


def repaired(text: str, kind: str) -> Draft:
    """Give a draft that a repair has been done on."""
    return Draft.of(text).remarked(Notice(kind, "something was done", {}, 0))


def test_all_schemes_are_asked() -> None:
    """Every scheme that reads the text gives a candidate, every other one that was near a refusal."""
    found, refused = read_draft(Draft.of("00395200010000000011"), Wishes())
    assert [item.scheme for item in found] == ["gs1-element-string", "cn-drug-trace-20"]
    assert refused == []
    first, second = found
    assert first.dictionary
    assert second.dictionary == ""
    assert second.unverified
    assert first.reason.kind == "structure"


def test_fallbacks() -> None:
    """What reads any link is asked only when nobody else reads it."""
    found, _ = read_draft(Draft.of(f"https://a.example/01/{GTIN}"), Wishes())
    assert [item.scheme for item in found] == ["gs1-digital-link"]
    found, refused = read_draft(Draft.of(f"https://a.example/01/{GTIN[:-1]}3"), Wishes())
    assert [item.scheme for item in found] == ["id-link"]
    assert [item.scheme for item in refused] == ["gs1-digital-link"]


def test_plain_symbols() -> None:
    """Behind the identifier of a plain symbol stands plain data; faults are told where they stand."""
    found, _ = read_draft(Draft.of("]Q188.608.5288/a"), Wishes())
    assert [item.scheme for item in found] == ["cn-industrial-handle"]
    found, _ = read_draft(Draft.of(f"]C001{GTIN}"), Wishes())
    assert found[0].confidence is Confidence.LIKELY
    assert [notice.kind for notice in found[0].warnings] == ["plain-symbology"]
    _, refused = read_draft(Draft.of("]C09506000134353"), Wishes())
    assert {item.error.position for item in refused} >= {15}


def test_marked_by_fnc1() -> None:
    """An element string that FNC1 stood before needs no key, and is certain."""
    found, _ = read_draft(repaired("99A", "leading-fnc1"), Wishes())
    assert [(item.code, item.confidence) for item in found] == [("(99)A", Confidence.CERTAIN)]


def test_one_candidate_for_one_code() -> None:
    """Two ways to one code are one candidate, that of the surer way."""
    found, _ = read_draft(repaired(f"01{GTIN}", "leading-fnc1"), Wishes())
    assert [item.confidence for item in found] == [Confidence.CERTAIN]


def test_repairs_lower_the_confidence() -> None:
    """A candidate is as sure as the most daring repair allows."""
    found, _ = read_draft(repaired(f"(01){GTIN}", "full-width"), Wishes())
    assert found[0].confidence is Confidence.STRONG
    assert [notice.kind for notice in found[0].repairs] == ["full-width"]


def test_guesses_must_be_confirmed() -> None:
    """A guess is not believed on the word of a scheme that takes nearly any text."""
    found, _ = read_draft(repaired("88.608.5288/a", "keyboard-layout"), Wishes())
    assert found == []
    found, _ = read_draft(repaired(f"(01){GTIN}", "keyboard-layout"), Wishes())
    assert found[0].confidence is Confidence.POSSIBLE


def test_words_are_no_codes() -> None:
    """A reading that is not worth telling gives no candidate."""
    assert read_draft(Draft.of("HELLO"), Wishes()) == ([], [])


def test_names_of_control_characters() -> None:
    """A value that names a control character is kept, but hardly believed."""
    found, _ = read_draft(Draft.of(f"(01){GTIN}(10)A<GS>"), Wishes())
    assert found[0].confidence is Confidence.POSSIBLE
    assert [notice.kind for notice in found[0].warnings] == ["written-control"]


def test_warnings() -> None:
    """Restricted numbers, profiles and hosts are warned about."""
    text = "https://id.gs1.org.example.net/01/02900002317701"
    found, _ = read_draft(Draft.of(text), Wishes(PROFILES["fsma204"], ("id.gs1.org",)))
    kinds = [notice.kind for notice in found[0].warnings]
    assert kinds == ["restricted-circulation", "fsma204", "look-alike-host"]


def test_profiles_that_apply_by_themselves() -> None:
    """A Chinese product is judged by China's profile unless another is asked for."""
    draft = Draft.of("(01)06901234567892(10)A%1")
    assert [notice.kind for notice in read_draft(draft, Wishes())[0][0].warnings] == ["gbt33993"]
    assert read_draft(draft, Wishes(PROFILES["fsma204"]))[0][0].warnings == ()


def test_readers_of_choice() -> None:
    """A caller may ask one reader alone."""
    (reader,) = [reader for reader in READERS if reader.scheme == "gln"]
    found, _ = read_draft(Draft.of("9506000134352"), Wishes(), (reader,))
    assert [item.scheme for item in found] == ["gln"]


def test_positions_in_the_text_as_it_was() -> None:
    """A fault behind a repair is told where it stands in the text that was handed over."""
    draft = Draft.of(f"\x1d\x1d01{GTIN[:-1]}3")
    clean = Draft(draft.text[2:], range(2, len(draft.text) + 1), ())
    _, refused = read_draft(clean, Wishes())
    assert [item.error.position for item in refused] == [17]
    assert refused[0].rank == (True, -17)
    _, refused = read_draft(Draft.of(f"(02){GTIN}"), Wishes())
    assert (refused[0].error.position, refused[0].rank) == (1, (False, -1))


def test_positions_of_remarks() -> None:
    """A remark counts its place in the text as it was handed over, as a fault does."""
    found, _ = read_draft(Draft.of("]d1[)>\x1e06\x1dS1\x1dK\x1e\x04"), Wishes())
    [empty] = [notice for notice in found[0].warnings if notice.kind == "empty-value"]
    assert empty.position == 13
