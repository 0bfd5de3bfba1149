"""The script that rebuilds the table of EPC data encodings."""

import json
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROWS = [
    {"a": "01", "c": "14.5.4", "d": "14", "e": "56"},
    {"a": "02", "c": "14.5.4", "d": "14", "e": "56"},
    {"a": "10", "c": "14.5.6", "f": "3", "g": "5", "h": "20"},
    {"a": "253", "c": "14.5.4", "d": "13", "e": "52", "j": "14.5.6", "m": "3", "n": "5", "o": "17"},
    {"a": "254", "c": "14.5.6", "f": "3", "g": "5", "h": "20"},
    {"a": "3102", "c": "14.5.2", "d": "6", "e": "20"},
    {"a": "3101", "c": "14.5.2", "d": "6", "e": "20"},
    {"a": "4330", "c": "14.5.2", "d": "6", "e": "20", "j": "14.5.14", "l": "1", "o": "1"},
    {"a": "7007", "c": "14.5.10"},
]
TABLE = """\
2000-01-31
01-02 n14
10 a20:5
253 n13 a17:5
254 a20:5
3101-3102 i6:20
4330 i6:20 m
7007 r
"""


def _artefact(*rows: dict[str, str]) -> str:
    return json.dumps({"date": "2000-01-31", "rows": rows})


def test_conversion(repository: Path) -> None:
    """Each encoding finds its field, and neighbours that are alike make a range."""
    script = runpy.run_path(str(repository / "tools" / "build_epc_table.py"))
    assert script["convert"](_artefact(*ROWS)) == TABLE


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        _artefact(),
        _artefact({"a": "01"}),
        _artefact({"a": "01", "c": "14.5.99"}),
        _artefact({"a": "01", "c": "14.5.4"}),
        _artefact({"a": "01", "c": "14.5.2", "d": "6"}),
    ],
)
def test_what_is_not_understood(repository: Path, text: str) -> None:
    """An artefact that is not understood writes no table."""
    script = runpy.run_path(str(repository / "tools" / "build_epc_table.py"))
    with pytest.raises(script["TableError"]):
        script["convert"](text)


def test_command(repository: Path, tmp_path: Path) -> None:
    """The command writes the table, and says in one sentence when it cannot."""
    source, output = tmp_path / "table.json", tmp_path / "table.txt"
    command = [sys.executable, str(repository / "tools" / "build_epc_table.py"), str(source)]
    failed = subprocess.run(command, capture_output=True, check=False, text=True)
    assert (failed.returncode, failed.stderr.count("\n")) == (1, 1)
    source.write_text(_artefact(*ROWS), encoding="utf-8")
    subprocess.run([*command, "--output", str(output)], capture_output=True, check=True)
    assert output.read_text(encoding="utf-8") == TABLE
