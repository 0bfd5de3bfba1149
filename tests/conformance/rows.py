"""Rows of vector files, and what is printed and held about how many of them agree.

A disagreement that we stand by is listed in `declared_disagreements.json` by the row's id, with its
reason; a row listed there that agrees after all is a fault too.
"""

import csv
import json
from collections.abc import Mapping, Sized
from pathlib import Path
from typing import Any

import pytest

Row = dict[str, Any]

_DECLARED = Path(__file__).parent / "declared_disagreements.json"


def rows_of(vectors: Path, name: str) -> list[Row]:
    """Read a vector file, or skip the test where there is none."""
    path = vectors / "identifiers" / name
    if not path.is_file():
        pytest.skip(f"no vectors: {path} is missing")
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(lines))
    rows: list[Row] = json.loads(path.read_text(encoding="utf-8"))
    return rows


def report(name: str, rows: Sized, answers: Mapping[str, str], file: str = "") -> None:
    """Print the share of agreeing rows, and hold that only declared ones disagree.

    Args:
        name: What is printed.
        rows: All rows that were compared.
        answers: What is wrong with a row by its id; an empty text is an agreement.
        file: Name of the vector file in `declared_disagreements.json`, if rows may be listed there.
    """
    assert rows
    declared = json.loads(_DECLARED.read_text(encoding="utf-8")).get(file, {})
    wrong = {key: answer for key, answer in answers.items() if answer}
    listed = wrong.keys() & declared.keys()
    share = 100 * (len(rows) - len(wrong)) / len(rows)
    print(  # noqa: T201
        f"{name}: {len(rows) - len(wrong)} of {len(rows)} rows agree ({share:.2f} %), {len(listed)} declared"
    )
    assert {key: answer for key, answer in wrong.items() if key not in declared} == {}
    assert sorted(declared.keys() & answers.keys() - listed) == [], "declared, but they agree"
