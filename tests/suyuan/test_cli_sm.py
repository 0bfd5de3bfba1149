"""`suyuan sm`: the companion in SM3 and SM2."""

import pytest

from tests.ledger.builders import instance, seen
from tests.suyuan.conftest import CommandLine

pytest.importorskip("gmalg", reason="the extra suyuan[sm] is not installed")


def test_a_companion(suyuan: CommandLine) -> None:
    """It is made, written, checked, and refused once a byte of it or of the log is another."""
    suyuan.capture(seen(instance("A")))
    before = suyuan("checkpoint").out
    made = suyuan.json("sm", "checkpoint", "main")
    file = suyuan.folder / "companion"
    assert suyuan("sm", "checkpoint", "main", "--out", file).out.endswith(
        "companion of localhost/log/main\n"
    )
    text = made["checkpoint"].partition("\n\n")[0]
    assert file.read_text().startswith(text)
    assert suyuan("sm", "checkpoint", "main").out.startswith(text)
    answer = suyuan.json("sm", "check", "main", file)
    assert answer == {
        "holds": True,
        "log": "localhost/log/main",
        "size": 1,
        "sm3_root": text.split("\n")[2],
    }
    told = suyuan("sm", "check", "main", file, "--key", made["sm2_key"])
    assert told.out.startswith("holds: 1 entries of localhost/log/main, SM3 root ")
    assert suyuan("checkpoint").out == before, "the checkpoint itself stays as it is"
    file.write_text(file.read_text().replace("\n1\n", "\n2\n"))
    answer = suyuan("sm", "check", "main", file)
    assert answer.status == 1
    assert "does not hold" in answer.sentence()
    assert suyuan("sm", "check", "main", file, "--key", "x").status == 1
