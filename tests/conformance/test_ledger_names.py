"""The names that codes have in the ledger, read back as people may type them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from identifiers.confidence import Confidence
from identifiers.identification import identify, read_item_code
from identifiers.item_code import Level
from identifiers.parsing import parse_item_code
from tests.conformance.rows import report

_QUOTED = re.compile(r"`([^`\n]+)`|'([^'\n]+)'")
_URI = re.compile(r"[A-Za-z][0-9A-Za-z+.\-]+:")
_OWN = "urn:suyuan:"


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)


def _names(texts: set[str]) -> set[tuple[str, Level]]:
    """Give every name of ours that any reading of the texts has, with its level."""
    found = [item for text in texts for item in identify(text).candidates]
    return {(item.uri, item.level) for item in found if item.uri.startswith(_OWN)}


def _report(name: str, names: set[tuple[str, Level]]) -> None:
    answers = {}
    for uri, level in names:
        code = read_item_code(uri)
        answers[f"{uri} {level}"] = "" if (code.uri, code.level) == (uri, level) else str(code)
    report(name, names, answers)


@pytest.fixture(scope="module")
def texts(vectors: Path) -> set[str]:
    """Give every text that stands in a file of identifiers."""
    paths = sorted((vectors / "identifiers").glob("*.json"))
    if not paths:
        pytest.skip(f"no vectors: {vectors / 'identifiers'} is missing")
    return {text for path in paths for text in _texts(json.loads(path.read_text("utf-8")))}


@pytest.mark.no_cover  # volume: others measure these lines
def test_names_from_the_vectors(texts: set[str]) -> None:
    """Each name that a candidate for a vector has names the same thing again."""
    _report("names from all files", _names(texts))


def test_one_code_has_one_uri(texts: set[str]) -> None:
    """A URI that `identify` is sure of has the same name and level when an event holds it."""
    answers = {}
    for text in filter(_URI.match, texts):
        found = identify(text, repairs=()).candidates
        sure = {(one.uri, one.level) for one in found if one.confidence is found[0].confidence}
        if len(sure) == 1 and found[0].confidence >= Confidence.LIKELY and found[0].uri:
            code = parse_item_code(text)
            answers[text] = "" if sure == {(code.uri, code.level)} else f"{sure} {code}"
    report("URIs from all files", answers, answers)


def test_names_from_the_documents(repository: Path) -> None:
    """Each name that a candidate for an example of the documents has names the same thing again."""
    texts = {
        first or second
        for path in (repository / "docs").rglob("*.md")
        for first, second in _QUOTED.findall(path.read_text("utf-8"))
    }
    _report("names from the documents", _names(texts))
