"""The language that was asked for, in what ends a command and in each row of an answer."""

import json
import sys

import pytest

from suyuan.cli import _run
from tests.ledger.builders import instance
from tests.suyuan.conftest import CommandLine, Program

WRONG = "(01)09506000134353"
"""Its check digit should be 2."""
ENDED = [
    ("trace", WRONG),
    ("item", WRONG),
    ("label", WRONG),
    ("label", instance("A"), WRONG),
    ("code", "issue", WRONG, "-n", "1"),
]
"""Commands that end with what is wrong with the code."""


@pytest.mark.parametrize("arguments", ENDED)
def test_what_is_wrong_with_a_code_is_said_in_chinese(
    suyuan: CommandLine, arguments: tuple[str, ...]
) -> None:
    """An error that ends the command speaks the language of the option."""
    answer = suyuan("--language", "zh-CN", *arguments)
    assert answer.status == 1
    assert "校验码应改为 2" in answer.sentence()
    english = suyuan(*arguments)
    assert english.status == 1
    assert "check digit should be 2" in english.sentence()


def test_the_setting_and_the_option(suyuan: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment gives the language where the option doesn't; the option wins."""
    monkeypatch.setenv("SUYUAN_LANGUAGE", "zh-CN")
    assert "校验码" in suyuan("trace", WRONG).sentence()
    assert "check digit" in suyuan("--language", "en", "trace", WRONG).sentence()
    assert "校验码" in suyuan("--json", "trace", WRONG).sentence()


def test_one_run_leaves_no_language_to_the_next(suyuan: CommandLine) -> None:
    """Each command speaks its own language."""
    assert "校验码" in suyuan("--language", "zh-CN", "trace", WRONG).sentence()
    assert "check digit" in suyuan("trace", WRONG).sentence()


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_a_row_says_what_is_wrong_in_the_same_words(suyuan: CommandLine, language: str) -> None:
    """Each command that answers code by code tells an error alike: sentence, class and parts."""
    asked = suyuan("--json", "--language", language, "code", "identify", WRONG).json
    parts = ("error", "class", "position", "expected", "found", "fix", "ai", "rule")
    wanted = {name: asked[name] for name in parts}
    assert ("校验码" in wanted["error"]) == (language == "zh-CN")
    assert wanted["class"] == "check_digit"
    for command in ("convert", "issued"):
        row = suyuan("--json", "--language", language, "code", command, WRONG).json
        assert row == {"text": WRONG, **wanted}
    lines = suyuan(
        "--json", "--language", language, "code", "convert", stdin=json.dumps(WRONG).encode()
    )
    assert lines.json == {"line": 1, "text": WRONG, **wanted}


def test_scans_are_judged_in_chinese(suyuan: CommandLine) -> None:
    """What is no code, what was repaired and what is doubtful are said in the language asked for."""
    stdin = f"{WRONG}\n010950600013435210L1^21A\n]d2010950600013435210L121ABC\n".encode()
    answer = suyuan("--json", "--language", "zh-CN", "scan", "-", stdin=stdin)
    wrong, repaired, doubtful = answer.json
    assert "校验码" in wrong["problem"]
    assert "控制字符" in repaired["repairs"][0]
    assert "重新扫描" in doubtful["warnings"][0]


def test_the_program_has_one_name(
    program: Program, bare: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However it was started, help and errors name the command that can be typed."""
    monkeypatch.setattr(sys, "argv", ["/x/python -m pytest", "code"])
    assert _run() == 2
    assert bare.capsys.readouterr().err.startswith("Usage: suyuan code ")
    monkeypatch.setattr(sys, "argv", ["/x/__main__.py", "trace"])
    assert _run() == 2
    assert bare.capsys.readouterr().err.endswith("See 'suyuan trace --help'.\n")
    assert program("--help").stdout.startswith("Usage: suyuan ")
