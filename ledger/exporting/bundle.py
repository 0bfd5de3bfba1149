"""The evidence of an answer in one file that proves itself: a ZIP archive.

| member | what |
| --- | --- |
| README.txt | how to check it, in English and Chinese |
| trace.json | the answer, as the format `json` writes it |
| checkpoints/N.txt | the signed checkpoint of log N that its proofs lead to |
| entries/N/SEQ.entry | the exact bytes of an entry |
| proofs/N/SEQ.tlog-proof | the proof that the entry stands in the log (C2SP tlog-proof) |

Rules kept:

* There is an entry with its proof for every event that is evidence of a link. Where several logs
  that may be read hold an event of that id, there is one of each.
* All proofs of a log lead to one checkpoint.
* Nothing is compressed, no time but that of the answer is in it: the same answer is the same file,
  and a reader needs no more room than the file takes.
* A batch of entries is in memory at a time, and the archive's table of contents.

PKWARE APPNOTE 6.3; https://c2sp.org/tlog-proof
"""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Any, Final

from ledger.errors import UsageError
from ledger.exporting.json_files import write_json
from ledger.log.proving import NodeCache
from ledger.proofs import checkpoint_at, prove_events
from ledger.store.sets import fetch, fetch_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from ledger.exporting.options import Options
    from ledger.genealogy.trace import Trace

__all__ = ["MOST_BYTES", "MOST_EVENTS", "README", "write_bundle"]

MOST_EVENTS: Final = 30_000
"""Each has two members, of which an archive may have 65,535 (without ZIP64)."""
MOST_BYTES: Final = 64 << 20  # of the answer: who checks it reads it whole
_BATCH: Final = 200  # entries, each of some kilobytes and at most 16 MiB
_WHEN: Final = (1980, 1, 1, 0, 0, 0)  # the first that an archive can state
_UNIX: Final = 3
_MODE: Final = 0o100644 << 16
_BYTES: Final = 1 << 16

README: Final = """\
The evidence of a trace
=======================

trace.json is the answer. For every event that one of its links rests on there is the log's entry,
to the byte (entries/), and the proof that the log holds it (proofs/), which leads to a checkpoint
that the log's organisation has signed (checkpoints/).

To check all of it, without a database and without a network:

    suyuan check-proof THIS-FILE.zip --key VKEY --key VKEY ...

with the verifier key of each log. Get the keys from the organisations themselves, not from whoever
gave you this file. Each proof can be checked alone as well, with any program for C2SP tlog-proof.

It shows that the entries stand in the logs as they are here. It does not show that what they say is
true, that the answer names every item, or that no later entry corrects them.


追溯证据
========

trace.json 是追溯结果。结果中每条关联所依据的事件，都附有日志条目的原始字节（entries/），
以及该条目存在于日志中的证明（proofs/）；证明指向日志所属机构签名的检查点（checkpoints/）。

核验全部内容，无需数据库和网络：

    suyuan check-proof 本文件.zip --key VKEY --key VKEY ...

每个日志各给出一个验证公钥。公钥请向各机构本身索取，不要用本文件提供者给出的公钥。
每个证明也可用任何支持 C2SP tlog-proof 的程序单独核验。

可证明的是：这些条目原样存在于日志中。不能证明的是：条目所述属实，结果列出了全部货品，或其后没有更正条目。
"""


class _Pieces:
    """A file that can only be written on; what was written is taken away."""

    def __init__(self) -> None:
        self._waiting: list[bytes] = []
        self.size = 0

    def write(self, data: bytes) -> int:
        """Keep some bytes."""
        self._waiting.append(bytes(data))
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        """Nothing waits for a disk."""

    def take(self) -> bytes:
        """What was written since."""
        found = b"".join(self._waiting)
        self._waiting.clear()
        self.size = 0
        return found


def write_bundle(trace: Trace, options: Options) -> Iterator[bytes]:
    """Yield the archive.

    Raises:
        UsageError: The options hold no connection to read from, or there are too many events, or
            too many bytes.
        VerifyError: A log isn't the one that its checkpoint signs.
    """
    if options.connection is None:
        raise UsageError("Evidence is read from the ledger. Give the connection of the trace.")
    try:
        yield from _written(trace, options, options.connection)
    except zipfile.LargeZipFile as error:
        raise UsageError(
            "The evidence is larger than the 4 GiB of an archive. Trace fewer items."
        ) from error


def _written(trace: Trace, options: Options, connection: Connection) -> Iterator[bytes]:
    logs = _events_by_log(connection, trace)
    pieces = _Pieces()
    file_like: Any = pieces
    with zipfile.ZipFile(file_like, "w", allowZip64=False) as archive:
        archive.writestr(_member("README.txt"), README)
        with archive.open(_member("trace.json"), "w") as file:
            size = 0
            for piece in write_json(trace, options):
                size += len(piece)
                if size > MOST_BYTES:
                    raise UsageError(
                        f"The answer is larger than {MOST_BYTES >> 20} MiB. Trace fewer items."
                    )
                file.write(piece)
                yield pieces.take()
        cache = NodeCache()
        for number, (log, events) in enumerate(sorted(logs.items()), 1):
            note = checkpoint_at(connection, log, covers=max(events.values()))
            archive.writestr(_member(f"checkpoints/{number}.txt"), note)
            rows = sorted(events)
            for at in range(0, len(rows), _BATCH):
                batch = rows[at : at + _BATCH]
                for one in prove_events(connection, batch, against=note, cache=cache):
                    name = f"{number}/{one.seq}"
                    archive.writestr(_member(f"entries/{name}.entry"), one.proof.extra)
                    archive.writestr(_member(f"proofs/{name}.tlog-proof"), one.text)
                    if pieces.size > _BYTES:
                        yield pieces.take()
    yield pieces.take()


def _member(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _WHEN)
    info.create_system = _UNIX
    info.external_attr = _MODE
    return info


def _events_by_log(connection: Connection, trace: Trace) -> dict[int, dict[int, int]]:
    """By log the rows of the events that links rest on, each with its place in the log."""
    names = {link.event for link in trace.links}
    found: dict[int, dict[int, int]] = {}
    seen = "" if trace.share is None else f" AND {trace.share.condition('event.id')}"
    for (log,) in fetch(connection, "SELECT id FROM log ORDER BY id"):
        rows = fetch_in(
            connection,
            f"SELECT id, seq FROM event WHERE event_id {{ids}} AND log_id = {log}"
            f" AND declaration = 0{seen}",
            names,
        )
        if rows:
            found[log] = dict(rows)
    count = sum(map(len, found.values()))
    if count > MOST_EVENTS:
        raise UsageError(
            f"Expected at most {MOST_EVENTS} events in one file, got {count}. Trace fewer items."
        )
    return found
