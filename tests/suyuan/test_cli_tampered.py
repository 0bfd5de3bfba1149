"""Commands on a ledger in whose file somebody has put text and numbers where bytes belong."""

import contextlib
import shutil
import sqlite3

import pytest

from tests.ledger.builders import document, instance, made, seen
from tests.suyuan.conftest import CommandLine

EVENT = seen(instance("a"), eventID="urn:x:a")
CODE = instance("a")
VALUES = ["'text'", "7", "20000000000", "CAST(x'ff00' AS TEXT)"]
"""Text, numbers (as many zero bytes would be little, or all the memory), and text that is none."""


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("entry", "bytes"),
        ("entry", "leaf"),
        ("tile", "hashes"),
        ("checkpoint", "root"),
        ("checkpoint", "note"),
        ("event", "digest"),
        ("log", "head"),
        ("log", "size"),
    ],
)
def test_a_value_of_another_type(suyuan: CommandLine, table: str, column: str) -> None:
    """Each command answers, or says in one sentence that the ledger has to be verified; `verify` finds it."""
    suyuan.capture(EVENT, made([instance("a")], [instance("b")], eventID="urn:x:b"))
    commands: list[list[object]] = [
        ["item", CODE],
        ["trace", CODE],
        ["proof", "urn:x:a"],
        ["capture", suyuan.write("new.json", document(seen(instance("c"))))],
        ["capture", suyuan.write("again.json", document(EVENT))],
        ["verify", "--full"],
    ]
    with contextlib.closing(sqlite3.connect(suyuan.database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    sound, keys = suyuan.folder / "sound.db", suyuan.folder / "keys"
    shutil.copyfile(suyuan.database, sound)
    shutil.copytree(keys, suyuan.folder / "sound")
    for value in VALUES:
        for command in commands:
            for path in suyuan.folder.glob("ledger.db*"):
                path.unlink()
            shutil.rmtree(keys)
            shutil.copyfile(sound, suyuan.database)
            shutil.copytree(suyuan.folder / "sound", keys)
            with contextlib.closing(sqlite3.connect(suyuan.database)) as connection:
                connection.execute(f'UPDATE "{table}" SET "{column}" = {value}')
                connection.commit()
            answer = suyuan(*command)
            if command[0] == "verify":
                assert answer.status == 1, (value, answer)
                assert not answer.err
            elif answer.status:
                assert answer.status in {1, 3}, (value, command, answer)
                # What looks like another event under this id is refused in its receipt.
                said = answer.sentence() if answer.err else answer.out
                assert any(word in said for word in ("verify", "older copy", "conflict")), answer
