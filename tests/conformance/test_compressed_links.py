"""Compressed links against those that GS1's own toolkit wrote, every row."""

import json
from pathlib import Path
from typing import Any

import pytest

from identifiers import IdentifierError, as_digital_link, parse_digital_link
from identifiers.gs1.compressed import is_compressed_link, parse_compressed_link


def _judge(row: dict[str, Any]) -> str:
    """Compare one row; an empty answer means that it agrees."""
    # The toolkit leaves some characters unescaped; what is meant is compared.
    wanted = parse_digital_link(row["digital_link"].replace('"', "%22"))
    try:
        found = parse_compressed_link(row["compressed"])
    except IdentifierError as error:
        return f"refused: {error}"
    if not is_compressed_link(row["compressed"]) or is_compressed_link(row["digital_link"]):
        return "not told apart"
    same = (as_digital_link(found), found.path) == (as_digital_link(wanted), wanted.path)
    return "" if same else f"{found.elements} is not {wanted.elements}"


def test_compressed_links(vectors: Path) -> None:
    """Every compressed link stands for the link that it was made from."""
    path = vectors / "identifiers" / "gs1_compressed_links.json"
    if not path.is_file():
        pytest.skip(f"no vectors: {path} is missing")
    rows = json.loads(path.read_text(encoding="utf-8"))
    bad = [f"{row['id']} {answer}" for row in rows if (answer := _judge(row))]
    print(f"{path.name}: {len(rows) - len(bad)} of {len(rows)} rows agree")  # noqa: T201
    assert rows
    assert bad == []
