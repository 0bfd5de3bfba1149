"""A second opinion on GS1 strings: bwip-js, another program by other people, under node.

Every bracketed string of the vectors and thousands of strings made from them are judged by both. Both must agree but
for what is declared here, by cause; the counts are printed. Rules kept:

* bwip-js is installed by `npm ci` from the lock file beside, into a temporary folder; its file's hash is checked.
* A missing node or npm fails these tests, which run on request alone (`make long`); SUYUAN_TEST_NODE=skip leaves them out.
"""

import contextlib
import json
import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from identifiers import IdentifierError, parse_bracketed

PROGRAM = Path(__file__).resolve().parent / "bwip"
EXAMPLES = 10_000
INSTALL_TIMEOUT_S = 300
CHARACTERS = "0123456789ABCXYZabcxyz-/#!_ ~|%&^\\()\x1dé"
AI = re.compile(r"\(([0-9]{2,4})\)([^()\\|]*)")


class Judge:
    """bwip-js in a process of its own that answers line by line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.version: str = self._line()["version"]

    def _line(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "bwip-js ended"
        answer: dict[str, Any] = json.loads(line)
        return answer

    def ask(self, text: str) -> tuple[bool | None, str]:
        """Give its verdict, or None where it has none, and its error."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(text) + "\n")
        self._process.stdin.flush()
        answer = self._line()
        return answer["ok"], answer.get("error", "")


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judge]:
    """Install bwip-js into a temporary folder and start it."""
    missing = [name for name in ("node", "npm") if shutil.which(name) is None]
    if missing and os.environ.get("SUYUAN_TEST_NODE") == "skip":
        pytest.skip(f"{' and '.join(missing)} missing, and SUYUAN_TEST_NODE=skip")
    assert not missing, "install Debian's packages nodejs and npm, or set SUYUAN_TEST_NODE=skip"
    folder = tmp_path_factory.mktemp("bwip")
    for path in PROGRAM.iterdir():
        if path.is_file():
            shutil.copy(path, folder)
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
        yield Judge(process)
        assert process.stdin is not None
        process.stdin.close()


def cause(judge: Judge, text: str, fault: IdentifierError | None) -> str:
    """Name the declared cause of a disagreement, or give an empty string.

    Args:
        judge: Who disagrees; it is asked again where a cause can be taken out of the text.
        text: What both were asked about.
        fault: Our error, or None where we accept and bwip-js refuses.
    """
    if fault is None:
        if "|" in text and judge.ask(text.replace("|", ""))[0]:
            return "we accept: a bar parts a composite symbol, which bwip-js writes otherwise"
        if "\\(" in text and judge.ask(text.replace("\\(", "+"))[0]:
            return "we accept: bwip-js can't write an opening bracket within a value"
        return ""
    if "gcppos" in fault.rule:
        return "we refuse: bwip-js verifies no GS1 Company Prefix"
    if fault.kind == "requisite" and "(8030)" in text:
        return "we refuse: bwip-js does not ask for the serial that a signature signs"
    if text.endswith("(") and _refusal(text[:-1]) is None:
        return "we refuse: bwip-js drops an opening bracket at the end"
    if len(text) == 1:
        return "we refuse: bwip-js drops a text of one character"
    return ""


def _refusal(text: str) -> IdentifierError | None:
    try:
        parse_bracketed(text)
    except IdentifierError as error:
        return error
    return None


def compare(judge: Judge, text: str, counts: Counter[str]) -> str:
    """Ask both about a text and count; give a sentence where they disagree without a declared cause."""
    fault = _refusal(text)
    accepted, theirs = judge.ask(text)
    if accepted is None:
        counts[f"bwip-js has no verdict: {theirs.partition('#')[0]}"] += 1
        return ""
    if accepted == (fault is None):
        counts["both accept" if accepted else "both refuse"] += 1
        return ""
    reason = cause(judge, text, fault)
    if reason:
        counts[reason] += 1
        return ""
    return f"{text!r}: ours {fault or 'accepts'}, bwip-js {theirs or 'accepts'}"


def report(name: str, judge: Judge, counts: Counter[str]) -> None:
    """Print how often both agreed, and how often they did not for which cause."""
    print(f"\n{name}, bwip-js {judge.version}: {counts.total()} strings")  # noqa: T201
    for reason, count in counts.most_common():
        print(f"{count:7} {reason}")  # noqa: T201


@pytest.fixture(scope="module")
def rows(vectors: Path) -> list[str]:
    """Give the bracketed strings of the vectors, without those that need an option."""
    path = vectors / "identifiers" / "gs1_bracketed.json"
    if not path.is_file():
        pytest.skip(f"no vectors: {path} is missing")
    found = json.loads(path.read_text(encoding="utf-8"))
    return [row["input"] for row in found if "options" not in row]


def test_vectors(judge: Judge, rows: list[str]) -> None:
    """Both judge the strings of the vectors alike."""
    counts = Counter[str]()
    disagreements = [found for text in rows if (found := compare(judge, text, counts))]
    report("gs1_bracketed.json", judge, counts)
    assert disagreements == []


def test_strings_made_from_the_vectors(judge: Judge, rows: list[str]) -> None:
    """Both judge thousands of new strings alike: values of the vectors put together anew and changed."""
    pool: dict[str, set[str]] = {}
    for text in rows:
        for ai, value in AI.findall(text):
            pool.setdefault(ai, set()).add(value)
    elements = [(ai, value) for ai in sorted(pool) for value in sorted(pool[ai])]
    counts = Counter[str]()

    @st.composite
    def strings(draw: st.DrawFn) -> str:
        text = draw(st.sampled_from(rows))
        for _ in range(draw(st.integers(0, 2))):
            start = draw(st.integers(0, len(text)))
            end = draw(st.integers(start, min(len(text), start + 2)))
            text = text[:start] + draw(st.text(CHARACTERS, max_size=2)) + text[end:]
        for ai, value in draw(st.lists(st.sampled_from(elements), max_size=2)):
            text += f"({ai}){value}"
        return text

    @settings(
        max_examples=EXAMPLES,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(strings())
    def run(text: str) -> None:
        assert compare(judge, text, counts) == ""

    with contextlib.ExitStack() as stack:
        stack.callback(report, "strings made from them", judge, counts)
        run()
