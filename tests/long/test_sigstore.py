"""A second opinion on checkpoints and inclusion proofs: @sigstore/verify, another program by other people, under node.

It accepts the proof of every entry that we make, and refuses it with anything changed. Rules kept:

* It is installed by `npm ci` from the lock file beside, into a temporary folder; its files' hashes are checked.
* A missing node or npm fails these tests, which run on request alone (`make long`); SUYUAN_TEST_NODE=skip leaves them out.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from ledger.log.note import Signer
from ledger.log.proof import InclusionProof
from ledger.log.proof_json import base64_text
from tests.independent.grown_log import PORTIONS, GrownLog, grow
from tests.ledger.builders import ledger_in

PROGRAM = Path(__file__).resolve().parent / "sigstore"
INSTALL_TIMEOUT_S = 300


class Verdicts:
    """@sigstore/verify in a process of its own that answers line by line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.version: str = self._line()["version"]

    def _line(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the verifier ended"
        answer: dict[str, Any] = json.loads(line)
        return answer

    def of(self, proof: dict[str, Any]) -> tuple[bool, str]:
        """Give its verdict on a proof, and its error."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(proof) + "\n")
        self._process.stdin.flush()
        answer = self._line()
        return answer["ok"], answer.get("error", "")


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Verdicts]:
    """Install the verifier into a temporary folder and start it."""
    missing = [name for name in ("node", "npm") if shutil.which(name) is None]
    if missing and os.environ.get("SUYUAN_TEST_NODE") == "skip":
        pytest.skip(f"{' and '.join(missing)} missing, and SUYUAN_TEST_NODE=skip")
    assert not missing, "install Debian's packages nodejs and npm, or set SUYUAN_TEST_NODE=skip"
    folder = tmp_path_factory.mktemp("sigstore")
    for name in ("package.json", "package-lock.json", "judge.mjs"):
        shutil.copy(PROGRAM / name, folder)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(
        command, cwd=folder, check=False, capture_output=True, text=True, timeout=INSTALL_TIMEOUT_S
    )
    assert done.returncode == 0, done.stderr
    with subprocess.Popen(
        ["node", "judge.mjs"],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        yield Verdicts(process)
        assert process.stdin is not None
        process.stdin.close()


@pytest.fixture
def log(sqlite_engine: Engine, tmp_path: Path) -> GrownLog:
    """Give a log of several captures."""
    return grow(sqlite_engine, ledger_in(sqlite_engine, tmp_path))


def asked(proof: InclusionProof, vkey: str) -> dict[str, Any]:
    """Return a proof in the verifier's form."""
    return {
        "entry": base64_text(proof.extra),
        "index": proof.index,
        "path": [base64_text(one) for one in proof.path],
        "checkpoint": proof.checkpoint,
        "vkey": vkey,
    }


def test_it_accepts_our_proofs(verdicts: Verdicts, log: GrownLog) -> None:
    """The proof of every entry holds, and that of the first one against every checkpoint."""
    proofs = [one.proof for one in log.events] + log.early
    assert len(proofs) == sum(PORTIONS) + len(PORTIONS)
    for proof in proofs:
        assert verdicts.of(asked(proof, log.vkey)) == (True, "")
    print(f"\n@sigstore/verify {verdicts.version}: {len(proofs)} proofs accepted")  # noqa: T201


def test_it_refuses_them_changed(verdicts: Verdicts, log: GrownLog) -> None:
    """Another entry, index, path, checkpoint or key is refused."""
    refused = 0
    for proof in (log.events[at].proof for at in (0, 7, 255, 256, 301)):
        path = [base64_text(one) for one in proof.path]
        wrong: list[dict[str, object]] = [
            {"entry": base64_text(proof.extra[:-1] + b" ")},
            {"entry": base64_text(b"")},
            {"path": [*path, path[0]]},
            {"checkpoint": proof.checkpoint.replace("\n302\n", "\n301\n")},
            {"checkpoint": proof.checkpoint.replace("\n302\n", "\n303\n")},
            {"checkpoint": proof.checkpoint.replace("localhost", "localhosd", 1)},
            {"checkpoint": log.checkpoints[8]},
            {"vkey": Signer.generate("localhost/log/main").verifier.vkey},
            {"vkey": Signer.generate("localhost/log/else").verifier.vkey},
        ]
        wrong += [{"index": index} for index in (proof.index ^ 1, 302, -1)]
        wrong += [{"path": [*path[:at], path[at - 1], *path[at + 1 :]]} for at in range(len(path))]
        wrong += [{"path": [*path[:at], *path[at + 1 :]]} for at in range(len(path))]
        for change in wrong:
            accepted, error = verdicts.of(asked(proof, log.vkey) | change)
            assert not accepted, change
            assert error
            refused += 1
    print(f"\n@sigstore/verify {verdicts.version}: {refused} changed proofs refused")  # noqa: T201
