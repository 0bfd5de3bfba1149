"""The errors of item codes: what they say, and that they travel."""

import pickle

import pytest

from identifiers import errors
from identifiers.errors import CheckDigitError, IdentifierError


def test_text_says_expected_found_position_and_fix() -> None:
    """An error reads as one sentence with all four facts, counting characters from 1."""
    error = CheckDigitError(
        "check digit 2", "3", position=13, fix="check digit should be 2", ai="01"
    )
    assert str(error) == (
        "AI (01): expected check digit 2, found '3' at character 14; check digit should be 2."
    )


def test_text_without_position_or_fix() -> None:
    """An error about the whole text names no place."""
    assert str(IdentifierError("a code", "x")) == "Expected a code, found 'x'."


def test_long_foreign_text_is_cut() -> None:
    """An error never repeats more than 60 characters of what came in."""
    found = IdentifierError("a code", "x" * 1000).found
    assert len(found) == 60
    assert found.endswith("...")


def test_position_moves_to_the_whole_text() -> None:
    """A fault inside a part is told by its place in the whole, and keeps the AI that it names."""
    error = IdentifierError("a", "b", position=3, ai="10").within(10, "21")
    assert (error.position, error.ai) == (13, "10")
    assert IdentifierError("a", "b").within(4, "21").position == 4


def test_what_is_expected_is_filled_in() -> None:
    """Texts are templates; their fields come from the details, also for the fix."""
    error = IdentifierError("{least} to {most}", "x", fix="write {least}", least=1, most=3)
    assert (error.expected, error.fix) == ("1 to 3", "write 1")
    assert error.details == {"least": 1, "most": 3}


def test_a_brace_without_details_is_a_brace() -> None:
    """A text that has no details may hold braces."""
    assert IdentifierError("{name}", "x").expected == "{name}"


def test_a_likelier_fix_takes_the_place_of_the_first() -> None:
    """Who knows more than the code that found the fault can name a better fix and its details."""
    error = IdentifierError("at most {limit} characters", "x", fix="cut it", limit=3)
    assert error.mended_by("write {short}", short="a") is error
    assert (error.expected, error.fix) == ("at most 3 characters", "write a")


def test_rule_of_the_class_or_of_the_fault() -> None:
    """Every error names a rule: its own, else that of its class; a caller can name a better one."""
    assert CheckDigitError("a", "b").rule == "GS1 General Specifications, section 7.9"
    assert CheckDigitError("a", "b", rule="ISO 13616").rule == "ISO 13616"
    assert CheckDigitError("a", "b").within(0, rule="check iban").rule == "check iban"
    assert CheckDigitError("a", "b", rule="ISO 13616").within(0).rule == "ISO 13616"


def test_nothing_found_is_said_so() -> None:
    """Where nothing stands the error says nothing rather than an empty quotation."""
    error = IdentifierError("a code", "", position=2)
    assert str(error) == "Expected a code, found nothing at character 3."
    assert "实为空（第 3 个字符）。" in error.message("zh-CN")


@pytest.mark.parametrize("language", ["zh", "zh-CN", "ZH-Hant"])
def test_sentence_in_chinese(language: str) -> None:
    """Any Chinese tag gives the Chinese sentence with all the facts of the English one."""
    error = CheckDigitError(
        "check digit {wanted}",
        "3",
        position=13,
        fix="check digit should be {wanted}, unless another digit is mistyped",
        ai="01",
        wanted="2",
    )
    assert error.message(language) == (
        "AI (01)：应为校验码 2，实为“3”（第 14 个字符）；校验码应改为 2，除非其他数字有误。"
    )


def test_chinese_stands_apart_from_digits() -> None:
    """A blank parts Chinese from what begins with a digit or letter, as Chinese typesetting asks."""
    assert errors.LengthError("{length} digits of a date", "x", length=6).message("zh") == (
        "应为 6 位数字的日期，实为“x”。"
    )


@pytest.mark.parametrize("language", ["en", "de", "", "x-zh"])
def test_all_other_languages_are_english(language: str) -> None:
    """Whoever reads neither language is served English."""
    error = CheckDigitError("a", "b")
    assert error.message(language) == str(error)


def test_unprintable_characters_are_shown_by_number() -> None:
    """A sentence can be printed whatever was found: controls and lone surrogates are escaped."""
    for language in ("en", "zh"):
        message = IdentifierError("a digit", "\x1d\ud800").message(language)
        assert "\\x1d\\ud800" in message
        message.encode()


def test_all_parts_for_json() -> None:
    """A program gets all parts by name, the texts among them in the reader's language."""
    error = errors.DateError("a month from 01 to 12", "13", position=4, ai="17")
    assert error.as_dict() == {
        "kind": "date",
        "message": str(error),
        "position": 4,
        "expected": "a month from 01 to 12",
        "found": "13",
        "fix": "",
        "ai": "17",
        "rule": "GS1 General Specifications, section 7.12",
    }
    chinese = error.as_dict("zh-CN")
    assert chinese["expected"] == "01 至 12 之间的月"
    assert chinese["message"] == error.message("zh-CN")


def test_errors_survive_pickling() -> None:
    """An error can cross a process boundary with all it says."""
    error = CheckDigitError(
        "check digit {wanted}", "3", position=13, fix="fix", ai="01", rule="r", wanted="2"
    )
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301  our own bytes
    assert type(copy) is CheckDigitError
    assert copy.as_dict("zh") == error.as_dict("zh")


@pytest.mark.parametrize("name", errors.__all__)
def test_one_root(name: str) -> None:
    """Every public error is an IdentifierError and so a ValueError."""
    assert issubclass(getattr(errors, name), IdentifierError)
    assert issubclass(IdentifierError, ValueError)


def test_kinds_are_distinct() -> None:
    """Each class has a name of its own for programs."""
    kinds = [getattr(errors, name).kind for name in errors.__all__]
    assert len(set(kinds)) == len(kinds)
