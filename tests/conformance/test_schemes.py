"""`identify` against the vectors: every scheme, and every valid form of GS1 as the best candidate.

A row agrees when schemes and parts of all candidates are those of the row, in its order. Where a row
wants none, a candidate is only let pass that a declared repair made, and that is gone when repairs
are switched off. A row is read with the surroundings that the file's own fields tell of.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from identifiers.identification import Candidate, identify

Row = dict[str, Any]


def _rows(vectors: Path, name: str) -> list[Row]:
    path = vectors / "identifiers" / name
    if not path.is_file():
        pytest.skip(f"no vectors: {path} is missing")
    rows: list[Row] = json.loads(path.read_text(encoding="utf-8"))
    return rows


def _report(name: str, rows: list[Row], disagreeing: list[str]) -> None:
    print(f"{name}: {len(rows) - len(disagreeing)} of {len(rows)} rows agree")  # noqa: T201
    assert rows
    assert disagreeing == []


def _fields(candidate: Candidate, wanted: Row) -> Row:
    """Give the parts as the vectors write them, and warnings where the row has some."""
    fields: Row = json.loads(json.dumps(dict(candidate.parts)))
    if "warnings" in wanted:
        fields["warnings"] = [str(notice) for notice in candidate.warnings]
    return fields


def _judge(row: Row) -> str:
    """Compare one row; an empty answer means that everything agrees."""
    wanted = row["candidates"]
    found = identify(row["input"]).candidates
    if not wanted:
        plain = identify(row["input"], repairs=frozenset()).candidates
        silent = [item.scheme for item in (*plain, *found) if not item.repairs]
        return f"read as {silent}" if silent else ""
    got = [
        {"scheme": item.scheme, "fields": _fields(item, other["fields"])}
        for item, other in zip(found, wanted, strict=False)
    ]
    if got != wanted or len(found) != len(wanted):
        return f"{[item.scheme for item in found]}: {got} is not {wanted}"
    return ""


def test_schemes(vectors: Path) -> None:
    """Every row of the Chinese and industrial schemes has its candidates, in order."""
    rows = _rows(vectors, "schemes_cn_industrial.json")
    answers = ((row, _judge(row)) for row in rows)
    _report(
        "schemes_cn_industrial.json", rows, [f"{row['id']} {text}" for row, text in answers if text]
    )


def test_only_repairs_read_what_is_refused(vectors: Path) -> None:
    """A row without candidates has none at all, but for full-width digits that are declared."""
    rows = [row for row in _rows(vectors, "schemes_cn_industrial.json") if not row["candidates"]]
    read = {
        notice.kind
        for row in rows
        for item in identify(row["input"]).candidates
        for notice in item.repairs
    }
    assert read <= {"full-width"}


@pytest.mark.parametrize(
    "name",
    [
        "gs1_element_strings.json",
        "gs1_scans.json",
        "gs1_bracketed.json",
        "gs1_digital_links.json",
    ],
)
def test_gs1_is_the_best_candidate(vectors: Path, name: str) -> None:
    """A valid row of GS1 is read as what it is before all else, and without a repair but FNC1."""
    rows = [
        row
        for row in _rows(vectors, name)
        if row["valid"] and "ais" in row and not row.get("options")
        # The GTIN of a retail symbol is not among the AIs of the row.
        if not row["input"].startswith("]E")
    ]
    bad = []
    for row in rows:
        # In that file ^ stands for FNC1, which goes on as GS.
        text = row["input"].replace("^", "\x1d") if "element" in name else row["input"]
        best = identify(text).best
        ais = [list(pair) for pair in best.parts.get("ais", ())] if best else None  # type: ignore[union-attr,arg-type]
        if (
            best is None
            or ais != row["ais"]
            or {item.kind for item in best.repairs} - {"leading-fnc1"}
        ):
            bad.append(f"{row['id']} {best}")
    _report(name, rows, bad)


def test_tags_are_the_best_candidate(vectors: Path) -> None:
    """The memory of a tag is read as the identity of its row, from digits and from bytes."""
    rows = [
        row
        for row in _rows(vectors, "epc_vectors.json")
        if row.get("valid") and row.get("hex") and row.get("ais")
    ]
    bad = []
    for row in rows:
        # Half a byte at the end is filled up with zero bits.
        for data in (row["hex"], bytes.fromhex(row["hex"] + "0" * (len(row["hex"]) % 2))):
            best = identify(data).best
            if best is None or dict(best.parts.get("ais", ())) != row["ais"]:  # type: ignore[arg-type]
                bad.append(f"{row['id']} {data!r} {best}")
    _report("epc_vectors.json as tags", rows, bad)


def test_compressed_links_are_the_best_candidate(vectors: Path) -> None:
    """A compressed link is read as the link that it stands for."""
    rows = _rows(vectors, "gs1_compressed_links.json")
    bad = []
    for row in rows:
        # The tool that made the file leaves some characters unescaped.
        link = row["digital_link"].replace('"', "%22")
        best, plain = identify(row["compressed"]).best, identify(link).best
        if best is None or plain is None or (best.scheme, best.uri) != (plain.scheme, plain.uri):
            bad.append(f"{row['id']} {best}")
    _report("gs1_compressed_links.json", rows, bad)
