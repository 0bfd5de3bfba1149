"""Labels with the names that the ledger knows."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from identifiers import parse_item_code
from suyuan.labelling import labels_of
from suyuan.settings import Settings
from suyuan.workspace import Workspace, open_ledger
from tests.ledger.builders import document, element, instance, ledger_in, seen

PRODUCT = "https://id.gs1.org/01/09506000134352"
STEM = "https://trace.example"


@pytest.fixture
def workspace(sqlite_url: str, tmp_path: Path) -> Iterator[Workspace]:
    """Give an open ledger."""
    opened = open_ledger(Settings(db=sqlite_url))
    yield opened
    opened.engine.dispose()


def test_labels_without_a_ledger() -> None:
    """Labels need no ledger, and then bear no name."""
    [label] = labels_of(None, [parse_item_code(instance("A"))], STEM)
    assert (label.title_zh, label.title_en, label.stem) == ("", "", STEM)
    assert label.code.uri == instance("A")
    assert label.data_matrix


def test_labels_in_two_languages(workspace: Workspace, tmp_path: Path) -> None:
    """A name in two languages stands in both lines; what has no product has no name."""
    names = (("zh", "电池包"), ("en", "Pack"))
    stated = [
        {"id": "https://gs1.org/voc/productName", "attribute": {"@language": tag, "@value": text}}
        for tag, text in names
    ]
    vocabulary = {"EPCClass": [{"id": PRODUCT, "attributes": stated}]}
    ledger_in(workspace.engine, tmp_path).send(
        document(seen(instance("A")), vocabularies=vocabulary)
    )
    codes = [parse_item_code(text) for text in (instance("A"), "urn:x-part:y:1")]
    first, second = labels_of(workspace, iter(codes), STEM)
    assert (first.title_zh, first.title_en) == ("电池包", "Pack")
    assert (second.title_zh, second.title_en) == ("", "")


def test_a_name_in_no_language(workspace: Workspace, tmp_path: Path) -> None:
    """A plain name stands in the first line."""
    vocabulary = {"EPCClass": [element(PRODUCT, productName="Pack")]}
    ledger_in(workspace.engine, tmp_path).send(
        document(seen(instance("A")), vocabularies=vocabulary)
    )
    [label] = labels_of(workspace, [parse_item_code(instance("A"))], STEM)
    assert (label.title_zh, label.title_en) == ("Pack", "")
