"""An independent witness, run as a program of its own: it cosigns a log, and finds it rewritten.

`aics-witness` is another's implementation of C2SP tlog-witness, on another's Merkle code.
"""

import importlib.util
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.ledger.builders import document, instance, seen
from tests.suyuan.conftest import CommandLine

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("aics_witness") is None,
    reason="aics-witness is not installed; requirements/witness.txt says how",
)

NAME = "witness.example/w1"
ORIGIN = "localhost/log/main"
START_TIMEOUT_S = 30


@dataclass(frozen=True, slots=True)
class Independent:
    """The running witness."""

    url: str
    vkey: str
    config: Path

    def evidence(self) -> list[dict[str, Any]]:
        """Return the requests that it keeps as proof of a log's misbehaviour."""
        done = _aics(self.config, "evidence")
        return list(json.loads(done))


def _aics(config: Path, command: str, *arguments: str) -> str:
    return subprocess.run(
        [sys.executable, "-m", "aics_witness", command, "--config", config, *arguments],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout


@pytest.fixture
def independent(suyuan: CommandLine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Independent]:
    """Give a witness on a free port that trusts the ledger's log, and a policy that names it."""
    key = suyuan.json("org", "add", "main")["key"]
    folder = suyuan.folder / "witness"
    folder.mkdir()
    config = folder / "witness.json"
    vkey = _aics(config, "init", "--name", NAME).strip()
    _aics(config, "add-log", "--origin", ORIGIN, "--vkey", key)
    log = folder / "log"
    with log.open("w") as sink:
        process = subprocess.Popen(
            [
                *[sys.executable, "-m", "aics_witness", "serve", "--config", str(config)],
                *["--listen", "127.0.0.1:0"],
            ],
            stdout=sink,
            stderr=subprocess.STDOUT,
        )
    try:
        url = _address(log, process)
        policy = suyuan.write("policy", f"witness W {vkey} {url}\nquorum W\n")
        monkeypatch.setenv("SUYUAN_WITNESSES", str(policy))
        yield Independent(url, vkey, config)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _address(log: Path, process: subprocess.Popen[bytes]) -> str:
    end = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < end and process.poll() is None:
        said = log.read_text("utf-8")
        if "listening on " in said and said.endswith("\n"):
            return said.partition("listening on ")[2].split()[0]
        time.sleep(0.05)
    raise AssertionError(log.read_text("utf-8"))


def capture(suyuan: CommandLine, *serials: object) -> dict[str, Any]:
    """Capture an event about each serial."""
    report: dict[str, Any] = suyuan.capture(*(seen(instance(serial)) for serial in serials))
    return report


def test_it_cosigns_a_log_as_it_grows(suyuan: CommandLine, independent: Independent) -> None:
    """Its lines hold, stand in the served checkpoint and in proofs, and make the quorum."""
    for size, serials in ((1, ["a"]), (3, ["b", "c"]), (600, range(597)), (601, ["d"])):
        capture(suyuan, *serials)
        [pushed] = suyuan.json("witness", "push")
        assert (pushed["outcome"], pushed["size"]) == ("cosigned", size)
        [checked] = suyuan.json("witness", "check")
        assert (checked["quorum_size"], checked["findings"]) == (size, [])
        assert list(checked["witnesses"]) == ["W"]
    [known] = suyuan.json("witness", "push")
    assert known["outcome"] == "known"
    [listed] = suyuan.json("witness", "list")
    assert (listed["size"], listed["behind"], listed["key"]) == (601, 0, independent.vkey)
    assert f"— {NAME} " in suyuan("checkpoint").out
    proof = suyuan.json("proof", instance("a"))["proof"]
    assert f"— {NAME} " in proof
    assert independent.evidence() == []


def test_the_key_itself_cannot_rewrite_what_it_has_seen(
    suyuan: CommandLine, independent: Independent
) -> None:
    """An insider with the key re-hashes the whole chain: the witness and every earlier proof say no.

    The new history is flawless in itself: verification finds nothing, for the key signed it.
    """
    capture(suyuan, "sold", "bad-batch")
    [pushed] = suyuan.json("witness", "push")
    assert pushed["outcome"] == "cosigned"
    key = suyuan.json("key", "list")[0]["key"]
    early = suyuan.write("early.tlog-proof", suyuan.json("proof", instance("bad-batch"))["proof"])
    receipt = suyuan.write("receipt", suyuan.json("checkpoint")["checkpoint"])
    forged = rewrite(suyuan, "sold", "good-batch", "more")
    assert forged["accepted"] == 3
    assert suyuan.json("verify")["intact"]

    answer = suyuan("--json", "witness", "push")
    assert answer.status == 1
    [alarm] = answer.json
    assert alarm["outcome"] == "alarm"
    assert "was rewritten" in alarm["message"]
    assert independent.evidence()

    # The new log's checkpoints don't lead to the old entry, and the old proof names another root.
    was = suyuan.json("check-proof", early, "--key", key)
    now = suyuan.json("proof", instance("good-batch"))["proof"]
    fresh = suyuan.json("check-proof", suyuan.write("now.tlog-proof", now), "--key", key)
    assert was["seq"] == fresh["seq"]
    assert was["root"] != fresh["root"]
    swapped = swap_checkpoint(early.read_text("utf-8"), now)
    assert suyuan("check-proof", suyuan.write("x", swapped), "--key", key).status == 1

    # What it showed is evidence: nobody writes any more, with or without an earlier receipt.
    answer = suyuan("capture", suyuan.write("e.json", document(seen(instance("later")))))
    assert answer.status == 3
    assert "is not written to" in answer.sentence()
    (suyuan.folder / "policy").unlink()
    shutil.rmtree(next((suyuan.folder / "keys").glob("*.known")))
    answer = suyuan(
        "capture",
        suyuan.write("e.json", document(seen(instance("later")))),
        "--known-checkpoint",
        receipt,
    )
    assert answer.status == 1
    assert "does not contain the checkpoint that main holds" in answer.sentence()


def test_a_rolled_back_ledger_is_found(suyuan: CommandLine, independent: Independent) -> None:
    """An old copy of the database with its old pin is found by the size that the witness knows."""
    capture(suyuan, "a")
    keys = suyuan.folder / "keys"
    shutil.copyfile(suyuan.database, suyuan.folder / "old.db")
    shutil.copytree(keys, suyuan.folder / "old keys")
    capture(suyuan, "b", "c")
    assert suyuan.json("witness", "push")[0]["outcome"] == "cosigned"
    for ending in ("", "-wal", "-shm"):
        Path(f"{suyuan.database}{ending}").unlink(missing_ok=True)
    shutil.copyfile(suyuan.folder / "old.db", suyuan.database)
    shutil.rmtree(keys)
    shutil.copytree(suyuan.folder / "old keys", keys)
    assert suyuan.json("verify")["intact"]

    answer = suyuan("witness", "push")
    assert answer.status == 1
    assert "was rolled back: it has 1 entries here, and W has cosigned 3" in answer.out
    checked = suyuan("witness", "check")
    assert checked.status == 1
    assert "it was rolled back" in checked.out
    answer = suyuan("capture", suyuan.write("e.json", document(seen(instance("d")))))
    assert answer.status == 3
    assert "is not written to" in answer.sentence()


def rewrite(suyuan: CommandLine, *serials: object) -> dict[str, Any]:
    """Make a new history with the old key, where the database and the pin were; return its report."""
    for ending in ("", "-wal", "-shm"):
        Path(f"{suyuan.database}{ending}").unlink(missing_ok=True)
    for pin in (suyuan.folder / "keys").glob("*.checkpoint"):
        pin.unlink()
    suyuan.json("migrate")
    return capture(suyuan, *serials)


def swap_checkpoint(proof: str, other: str) -> str:
    """Return a proof's head with the checkpoint of another one."""
    return proof.partition("\n\n")[0] + "\n\n" + other.partition("\n\n")[2]
