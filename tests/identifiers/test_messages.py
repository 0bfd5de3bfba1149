"""What is said to people: every text is a literal template, has its Chinese, and reads as a sentence."""

import ast
import builtins
import csv
import json
import re
import string
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from identifiers import (
    IdentifierError,
    parse_bracketed,
    parse_digital_link,
    parse_element_string,
    parse_epc_urn,
    parse_item_code,
    parse_scan,
)
from identifiers.gs1.components import verify_component
from identifiers.messages import Phrase, filled, is_chinese, phrases_zh
from identifiers.notices import Notice
from tests.identifiers.any_input import SEEDS, functions
from tests.identifiers.templates import MODULES, parsed, templates

Check = Callable[..., object]

PARSERS: dict[str, Check] = {
    "gs1_bracketed.json": parse_bracketed,
    "gs1_element_strings.json": lambda text, **options: parse_element_string(
        text.replace("^", "\x1d"), **options
    ),
    "gs1_scans.json": parse_scan,
    "gs1_digital_links.json": parse_digital_link,
}
"""What reads the inputs of each file of GS1 codes."""

KINDS = {
    "charset": {"charset"},
    "check_digit": {"check_digit"},
    "check_pair": {"check_digit"},
    "component_rule": {"component"},
    "coupon": {"component", "date", "length"},
    "date": {"date"},
    "digsig_serial": {"requisite"},
    "dl_attribute": {"syntax"},
    "dl_key_order": {"syntax"},
    "dl_structure": {"syntax"},
    "gcp": {"component", "length"},
    "iban": {"check_digit", "component", "charset", "length"},
    "iso_code": {"component"},
    "mutex": {"exclusion"},
    "percent": {"component"},
    "repeat": {"repeat"},
    "requisite": {"requisite"},
    "symbology": {"scheme", "syntax"},
    "syntax": {"syntax"},
    "time": {"date"},
    "too_long": {"length"},
    "too_short": {"length"},
    "unknown_ai": {"unknown_ai"},
}
"""Our kinds by the classes of fault that the vectors name."""


def _invalid(vectors: Path, name: str) -> list[dict[str, Any]]:
    path = vectors / "identifiers" / name
    if not path.is_file():
        pytest.skip(f"no vectors: {path} is missing")
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as lines:
            return [row for row in csv.DictReader(lines) if row["valid"] == "false"]
    return [row for row in json.loads(path.read_text(encoding="utf-8")) if not row.get("valid")]


def _refused(parse: Check, *arguments: str, **options: object) -> Iterator[IdentifierError]:
    try:
        parse(*arguments, **options)
    except IdentifierError as error:
        yield error


def _gs1_faults(vectors: Path, name: str) -> Iterator[tuple[str, IdentifierError]]:
    """Give the vectors' class of each refused row of a file, and our error."""
    for row in _invalid(vectors, name):
        options = dict(row.get("options") or {})
        options.pop("stem", None)
        for error in _refused(PARSERS[name], row["input"], **options):
            yield row["error"], error


def _fields(template: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(template) if field is not None}


def _has_chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


def _assert_sentences(error: IdentifierError) -> None:
    """Both languages give one whole sentence, and the Chinese one is Chinese throughout."""
    english, chinese = error.message("en"), error.message("zh-CN")
    assert english.endswith(".")
    assert chinese.endswith("。")
    assert error.rule
    for template in filter(None, (error.template, error.fix_template)):
        for language in ("en", "zh"):
            text = filled(template, error.details, language)
            fields = "".join(str(value) for value in error.details.values())
            assert text.count("{") == fields.count("{")
            assert _has_chinese(text) == (language == "zh") or _has_chinese(fields)
        assert template in phrases_zh()
    for value in error.details.values():
        assert not isinstance(value, Phrase) or value in phrases_zh()


@pytest.mark.parametrize("name", MODULES)
def test_texts_are_literal_templates(name: str) -> None:
    """No text for people is put together where it is used, so that it can be translated whole."""
    built = [f"line {text.lineno}" for text in templates(name) if isinstance(text, ast.expr)]
    assert built == []


@pytest.mark.parametrize("name", MODULES)
def test_every_template_has_its_chinese(name: str) -> None:
    """Each template of a module is said in Chinese with the same fields."""
    chinese = phrases_zh()
    used = {text for text in templates(name) if isinstance(text, str) and text}
    assert sorted(used - set(chinese)) == []
    assert [text for text in used if _fields(text) != _fields(chinese[text])] == []
    assert [text for text in used if not _has_chinese(chinese[text])] == []


def test_no_phrase_is_left_over() -> None:
    """Each Chinese phrase belongs to a template that is still in use."""
    used = {text for name in MODULES for text in templates(name)}
    assert sorted(set(phrases_zh()) - used) == []


def test_phrases_stand_in_order(repository: Path) -> None:
    """The file is sorted by its English, each template once, so that changes merge."""
    text = (repository / "identifiers" / "data" / "phrases_zh.txt").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    assert {len(row) for row in rows} == {2}
    keys = [row[0] for row in rows]
    assert keys == sorted(set(keys))


@pytest.mark.parametrize("name", PARSERS)
def test_faults_of_gs1_codes_are_sentences(vectors: Path, name: str) -> None:
    """Every refused row of a GS1 file is explained in whole sentences of both languages."""
    faults = [error for _, error in _gs1_faults(vectors, name)]
    assert faults
    for error in faults:
        _assert_sentences(error)


def test_faults_of_components_are_sentences(vectors: Path) -> None:
    """Every refused component is explained, with the check of the dictionary as its rule."""
    rows = _invalid(vectors, "component_linters.csv")
    for row in rows:
        for error in _refused(verify_component, row["linter"], row["input"]):
            _assert_sentences(error)
            assert error.rule == f"GS1 Barcode Syntax Dictionary, check {row['linter']}"
    assert rows


def test_faults_of_urns_are_sentences(vectors: Path) -> None:
    """Every refused EPC URN is explained in both languages."""
    faults = [
        error
        for row in _invalid(vectors, "epc_vectors.json")
        for text in (row.get("pure_identity"), row.get("tag_uri"))
        if text
        for error in _refused(parse_epc_urn, text)
    ]
    assert faults
    for error in faults:
        _assert_sentences(error)


@pytest.mark.parametrize("text", ["", "x", "abc def", "9506000134352", "950600013435", "urn:x"])
def test_faults_of_item_codes_are_sentences(text: str) -> None:
    """What is no code in any form is explained too."""
    (error,) = _refused(parse_item_code, text)
    _assert_sentences(error)


def test_kinds_agree_with_the_vectors(vectors: Path) -> None:
    """The kind of an error is the class of fault that the vectors name, in nearly every row."""
    count: Counter[str] = Counter()
    for name in PARSERS:
        faults = list(_gs1_faults(vectors, name))
        agreeing = sum(error.kind in KINDS[wanted] for wanted, error in faults)
        count.update(agreeing=agreeing, all=len(faults))
        print(f"{name}: {agreeing} of {len(faults)} refused rows have the kind of the vectors")  # noqa: T201
    share = count["agreeing"] / count["all"]
    print(f"in all: {share:.1%}")  # noqa: T201
    # A row with two faults may be told by either; the rest must not hide behind that.
    assert share > 0.98


def test_places_agree_with_the_vectors(vectors: Path) -> None:
    """The place of an error lies in the part between the bars that the reference engine marks."""
    missed = []
    rows = [row for row in _invalid(vectors, "gs1_bracketed.json") if row.get("error_at")]
    for row in rows:
        ai, _, value = row["error_at"].partition(")")
        first, last = value.index("|"), value.rindex("|") - 1
        options = dict(row.get("options") or {})
        options.pop("stem", None)
        for error in _refused(parse_bracketed, row["input"], **options):
            starts = (found.end() for found in re.finditer(re.escape(f"{ai})"), row["input"]))
            place = -1 if error.position is None else error.position
            if not any(start + first <= place <= start + last for start in starts):
                missed.append(f"{row['id']} {error}")
    print(f"{len(rows) - len(missed)} of {len(rows)} places agree")  # noqa: T201
    assert rows
    assert missed == []


def _damaged(text: str) -> Iterator[str]:
    """Give a text with a part lost, doubled or replaced, at a few places."""
    for start in range(0, len(text), max(1, len(text) // 6)):
        yield text[:start]
        yield text[:start] + text[start + 1 :]
        yield text[:start] + text[start] + text[start:]
        yield text[:start] + "é" + text[start + 1 :]
        yield text[:start] + "0" + text[start + 1 :]


@pytest.mark.no_cover  # volume: others measure these lines
def test_every_fault_is_a_sentence() -> None:
    """Whatever refuses a damaged code of any scheme explains it in whole sentences."""
    texts = {damaged for seed in SEEDS for damaged in (seed, *_damaged(seed))}
    templates_met = set()
    for function in functions().values():
        for text in texts:
            for error in _refused(function, text):
                _assert_sentences(error)
                templates_met.add(error.template)
    assert len(templates_met) > 100


def test_nothing_else_is_raised() -> None:
    """No module raises an error of Python's own, but for a package that is asked for a name."""
    foreign = [
        f"{name} line {node.lineno}"
        for name in MODULES
        for node in ast.walk(parsed(name))
        if isinstance(node, ast.Raise)
        and isinstance(node.exc, ast.Call)
        and getattr(node.exc.func, "id", "") in {*dir(builtins)} - {"AttributeError"}
    ]
    assert foreign == []


def test_words_of_a_text_are_translated_too() -> None:
    """A detail that is a phrase is said in the reader's language; foreign text never is."""
    template = "a {what} from 0 to {limit}"
    details: dict[str, str | int] = {"what": Phrase("latitude"), "limit": 9}
    assert filled(template, details) == "a latitude from 0 to 9"
    assert filled(template, details, "zh-CN") == "0 至 9 之间的纬度"
    assert filled(template, {"what": "latitude", "limit": 9}, "zh") == "0 至 9 之间的latitude"


def test_without_translation_english_is_said() -> None:
    """A text that nobody has translated is said in English rather than not at all."""
    assert filled("no such text, {word}", {"word": Phrase("nor word")}, "zh") == (
        "no such text, nor word"
    )


@pytest.mark.parametrize(
    ("language", "chinese"),
    [("zh", True), ("zh-CN", True), ("ZH-Hans-CN", True), ("en", False), ("", False)],
)
def test_language_tags(language: str, chinese: bool) -> None:  # noqa: FBT001  a table's column
    """Chinese is asked for by any tag that begins with zh."""
    assert is_chinese(language) is chinese


def test_remarks_are_said_in_both_languages() -> None:
    """A remark on an accepted code is filled in as an error is."""
    remark = Notice("length", "at most {limit} characters", {"limit": 3}, 2)
    assert str(remark) == "at most 3 characters"
    assert remark.message("zh-CN") == "最多 3 个字符"
