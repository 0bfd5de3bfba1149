"""What the proof of the pinned lists asks pip about."""

import pytest

from tools.pins import holding

LIST = """\
# Written by a program.
both==1 \\
    --hash=sha256:aa
old==2 ; python_version < "3.14" and sys_platform != "plan9" \\
    --hash=sha256:bb \\
    --hash=sha256:cc
new==3 ; python_full_version >= "3.14" \\
    --hash=sha256:dd
nowhere==4 ; sys_platform == "plan9" \\
    --hash=sha256:ee
"""


@pytest.mark.parametrize(("python", "named"), [("3.11", "old==2"), ("3.14", "new==3")])
def test_a_list_holds_what_is_for_a_python(python: str, named: str) -> None:
    """Markers are read for the Python in question, which need not be the one that runs."""
    lines = holding(LIST, python).splitlines()
    assert [line for line in lines if "==" in line] == ["both==1 \\", f"{named} \\"]
    hashes = {"old==2": ["bb", "cc"], "new==3": ["dd"]}[named]
    assert [line.split(":")[1].split()[0] for line in lines if ":" in line] == ["aa", *hashes]
