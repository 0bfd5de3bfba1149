"""The script that rebuilds the table of data identifiers."""

import runpy
import subprocess
import sys
from pathlib import Path

import pytest

HEADER = "di,title,value_format,description_shortened\n"
SOURCE = (
    HEADER
    + """\
J,LICENSE PLATE,an1..35,Unique license plate number.
5D,DATE AND TYPE,,"ISO format YYMMDD immediately followed by a qualifier"
18D,TAG ACTIVATION TIME,,Tag Activation Time.\\nYYYYMMDDHHMM (24 hour clock - UTC).
9D,DATE,an1..,Date (mutually defined).
4B,SCAC,,Standard Carrier Alpha Code
"""
)
TABLE = """\
J|an1..35|LICENSE PLATE
5D|YYMMDD+|DATE AND TYPE
18D|YYYYMMDDHHMM|TAG ACTIVATION TIME
9D|an1..|DATE
4B||SCAC
"""


def test_conversion(repository: Path) -> None:
    """Each column finds its field, and a date's pattern is found in its description."""
    script = runpy.run_path(str(repository / "tools" / "build_data_identifiers.py"))
    assert script["convert"](SOURCE) == TABLE


@pytest.mark.parametrize(
    "text",
    [
        "di,title\nJ,PLATE\n",
        HEADER + "1234J,PLATE,an1..,x\n",
        HEADER + "J,PLATE,b4,x\n",
        HEADER + "J,A|B,an1..,x\n",
        HEADER + "J,,an1..,x\n",
        HEADER + "2D,DATE,,some day\n",
        HEADER + "J,PLATE,an1..,x\nJ,PLATE,an1..,x\n",
    ],
)
def test_rows_that_are_not_understood_are_refused(repository: Path, text: str) -> None:
    """A source that is not understood writes no table."""
    script = runpy.run_path(str(repository / "tools" / "build_data_identifiers.py"))
    with pytest.raises(script["TableError"]):
        script["convert"](text)


def test_command(repository: Path, tmp_path: Path) -> None:
    """The command writes the table, and says in one sentence when it cannot."""
    source, output = tmp_path / "identifiers.csv", tmp_path / "table.txt"
    script = repository / "tools" / "build_data_identifiers.py"
    command = [sys.executable, str(script), str(source)]
    failed = subprocess.run(command, capture_output=True, check=False, text=True)
    assert (failed.returncode, failed.stderr.count("\n")) == (1, 1)
    source.write_text(SOURCE, encoding="utf-8")
    subprocess.run([*command, "--output", str(output)], capture_output=True, check=True)
    assert output.read_text(encoding="utf-8") == TABLE


def test_table_is_that_of_the_source(vectors: Path, repository: Path) -> None:
    """The committed table is what the script makes of the published identifiers."""
    source = vectors / "identifiers" / "data_identifiers_mh10.csv"
    if not source.is_file():
        pytest.skip(f"no vectors: {source} is missing")
    script = runpy.run_path(str(repository / "tools" / "build_data_identifiers.py"))
    table = repository / "identifiers" / "data" / "data_identifiers.txt"
    converted = script["convert"](source.read_text(encoding="utf-8"))
    assert converted == table.read_text(encoding="utf-8")
