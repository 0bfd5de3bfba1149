"""The script that rebuilds the table of application identifiers."""

import runpy
import subprocess
import sys
from pathlib import Path

import pytest

DICTIONARY = """\
# Release: 2000-01-31
01  *?  N14,csum,gcppos2          ex=255,37 dlpkey=22,10,21|235  # GTIN
10   ?  X..20                     req=01,02 req=21+22            # BATCH/LOT
90-91   X..30 [N2],iso3166        dlpkey
"""
TABLE = """\
2000-01-31
01|*?|N14:csum:gcppos2||255,37|22,10,21/235|GTIN
10|?|X..20|01,02 21+22||-|BATCH/LOT
90-91||X..30 N2?:iso3166|||=|
"""


def test_conversion(repository: Path) -> None:
    """Each part of a dictionary line finds its field."""
    convert = runpy.run_path(str(repository / "tools" / "build_ai_table.py"))["convert"]
    assert convert(DICTIONARY) == TABLE


@pytest.mark.parametrize(
    "text",
    ["01 * N14", "# Release: 1\n01 * N14 new=1", "# Release: 1\n0"],
)
def test_unknown_lines_are_refused(repository: Path, text: str) -> None:
    """A dictionary that is not understood writes no table."""
    script = runpy.run_path(str(repository / "tools" / "build_ai_table.py"))
    with pytest.raises(script["DictionaryError"]):
        script["convert"](text)


def test_command(repository: Path, tmp_path: Path) -> None:
    """The command writes the table, and says in one sentence when it cannot."""
    source, output = tmp_path / "dictionary.txt", tmp_path / "table.txt"
    command = [sys.executable, str(repository / "tools" / "build_ai_table.py"), str(source)]
    failed = subprocess.run(command, capture_output=True, check=False, text=True)
    assert (failed.returncode, failed.stderr.count("\n")) == (1, 1)
    source.write_text(DICTIONARY, encoding="utf-8")
    subprocess.run([*command, "--output", str(output)], capture_output=True, check=True)
    assert output.read_text(encoding="utf-8") == TABLE
