"""Eight processes write to one log and are killed in the middle, again and again.

Nothing is lost, nothing is there twice, nothing is forked. `make soak` does it for ten minutes, five on
each database; SUYUAN_SOAK is the number of seconds.
"""

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ledger.jobs import settle
from ledger.log.checkpoint import open_checkpoint
from ledger.log.entry import decode_entry
from ledger.log.merkle import CompactRange
from tests.ledger.builders import Ledger

WRITERS = 8
SECONDS = float(os.environ.get("SUYUAN_SOAK", "0")) / 2
"""For each database; without it two rounds."""


@contextmanager
def writers(
    ledger: Ledger, folder: Path, counts: list[int]
) -> Iterator[list[subprocess.Popen[str]]]:
    """Run the writers, each behind the numbers that it may have used before."""
    url = ledger.engine.url.render_as_string(hide_password=False)
    keys = str(ledger.keys.folder)
    with ExitStack() as stack:
        running = []
        for number in range(WRITERS):
            told = stack.enter_context((folder / f"{number}").open("a"))
            program = [sys.executable, "-m", "tests.ledger.killable", url, keys, f"w{number}"]
            process = stack.enter_context(
                subprocess.Popen([*program, str(counts[number])], stdout=told, text=True)
            )
            stack.callback(process.kill)
            running.append(process)
        yield running


def told(folder: Path) -> dict[str, str]:
    """Return what the writers said of each event; a line that was cut off says nothing."""
    found = {}
    for path in folder.iterdir():
        for line in path.read_text().splitlines(keepends=True):
            said, _, event_id = line.rpartition(" ")
            if line.endswith("\n"):
                found[event_id.strip()] = said
    return found


def lines(folder: Path) -> int:
    """Return how many events the writers have told."""
    return sum(path.read_text().count("\n") for path in folder.iterdir())


def test_killed_writers_lose_nothing(ledger: Ledger, tmp_path: Path) -> None:
    """What was acknowledged is in the log once, and the log is the one that was signed at each kill."""
    owner = ledger.organisation()
    folder = tmp_path / "told"
    folder.mkdir()
    source = random.Random(4)  # noqa: S311  when to kill, not what to hide
    heads: list[tuple[int, bytes]] = []
    end, rounds = time.monotonic() + SECONDS, 0
    while rounds < 2 or time.monotonic() < end:
        before = lines(folder)
        with writers(ledger, folder, [rounds * 1_000_000] * WRITERS) as running:
            patience = time.monotonic() + 120
            while lines(folder) < before + 20 and time.monotonic() < patience:
                time.sleep(0.02)
            source.shuffle(running)
            for process in running:
                time.sleep(source.random() * 0.1)
                process.kill()
        rounds += 1
        pinned = ledger.keys.pin(owner.origin).newest()
        assert pinned is not None
        heads.append((pinned[1].size, pinned[1].root))
    access = ledger.access(owner, pin=ledger.keys.pin(owner.origin))
    while settle(access):
        pass
    said = told(folder)
    assert not [one for one in said.items() if one[1] == "refused"]
    stored = [row for (row,) in ledger.rows("SELECT event_id FROM event ORDER BY seq")]
    assert len(stored) == len(set(stored)) == ledger.count("entry")
    lost = {one for one, word in said.items() if word in {"in", "kept"}} - set(stored)
    assert not lost
    tree, roots = CompactRange(), {}
    for seq, raw in ledger.rows("SELECT leaf, bytes FROM entry ORDER BY seq"):
        assert decode_entry(bytes(raw)).header.seq == tree.size
        tree.append(bytes(seq))
        roots[tree.size] = tree.root()
    assert all(roots[size] == root for size, root in heads)
    for size, note in ledger.rows("SELECT size, note FROM checkpoint"):
        key = ledger.keys.signer(owner.origin).verifier
        assert open_checkpoint(note, owner.origin, [key]).root == roots[size]
    ledger.check()
    print(f"{rounds} rounds, {len(stored)} events: lost 0, duplicated 0, forked 0")  # noqa: T201
