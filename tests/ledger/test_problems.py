"""Problems say in two languages what is wrong."""

import string

import pytest

from ledger.problems import RULES, Problem, Severity, problem

CHINESE = range(0x4E00, 0xA000)


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_speaks_both_languages(rule: str) -> None:
    """Each rule has an English and a Chinese sentence that use the same words of the finding."""
    _, english, chinese = RULES[rule]
    assert english.isascii()
    assert english.rstrip(")").endswith((".", "}"))
    assert any(ord(letter) in CHINESE for letter in chinese)

    def fields(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    assert {name.removesuffix("_zh") for name in fields(chinese)} == fields(english)


def test_a_problem_tells_place_rule_and_value() -> None:
    """A receipt's dictionary has the pointer, the rule, the value as JSON and the sentence."""
    flaw = problem("/epcList/0", "epcis.uri", "泵 7")
    assert flaw.as_dict() == {
        "pointer": "/epcList/0",
        "rule": "epcis.uri",
        "severity": "error",
        "found": '"泵 7"',
        "message": 'Expected an absolute URI, got "泵 7": '
        "write a Digital Link, an EPC URN or another URI.",
    }
    assert flaw.as_dict("zh-CN")["message"].startswith("应为绝对 URI，实际为")


def test_warnings_are_told_from_errors() -> None:
    """A warning's severity says that the event was accepted."""
    assert problem("", "epcis.comment", "_comment").is_warning
    assert problem("", "epcis.comment", "_comment").severity is Severity.WARNING
    assert not problem("", "input.empty").is_warning


def test_a_long_value_is_shortened() -> None:
    """A message never repeats a whole large value."""
    assert len(problem("", "epcis.uri", "x" * 1000).message()) < 200


def test_half_a_surrogate_pair_can_be_shown() -> None:
    """A value that no encoder takes still gives a message that one does."""
    assert problem("", "epcis.uri", "a\ud83d").message().encode()


def test_a_word_that_is_missing_does_not_cost_the_message() -> None:
    """A sentence with a gap is shown with a question mark."""
    assert "line ?" in Problem("", "input.truncated", "").message()


def test_an_unknown_rule_is_a_mistake_of_ours() -> None:
    """A rule that is not in the table cannot be raised."""
    with pytest.raises(KeyError):
        problem("", "epcis.no-such-rule")
