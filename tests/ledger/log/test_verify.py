"""Verification: every way of changing a stored log is named, with entry, column and kind."""

import ast
import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import VerifyError
from ledger.log import verify as verify_module
from ledger.log.canonical import canonical_bytes
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.entry import FIRST_PREV, Entry, Header, encode_entry, leaf_hash
from ledger.log.merkle import EMPTY_ROOT, root
from ledger.log.note import Signer
from ledger.log.report import Finding, Kind, Report, StoredCheckpoint, StoredEntry
from ledger.log.verify import MAX_FINDINGS, verify_log

ORIGIN = "ledger.example/log/acme"
SIGNER = Signer.from_seed(ORIGIN, bytes(31) + b"\x01")
STRANGER = Signer.from_seed(ORIGIN, bytes(31) + b"\x02")
SIZE = 12
SIGNED = (0, 4, 10)


@dataclass
class MemoryLog:
    """A log in memory that does what a database would do: rows by seq, whatever they hold."""

    rows: list[StoredEntry] = field(default_factory=list)
    notes: list[StoredCheckpoint] = field(default_factory=list)
    claimed: int | None = None

    def size(self, log: str) -> int:
        """Return the number of rows, or what was claimed."""
        assert log == ORIGIN
        return len(self.rows) if self.claimed is None else self.claimed

    def entries(self, log: str, start: int) -> Iterator[StoredEntry]:
        """Yield as SQLite orders: NULL, numbers, text, blobs."""
        assert (log, start) == (ORIGIN, 0)
        ranks: dict[type, int] = {type(None): 0, int: 1, str: 2, bytes: 3}
        yield from sorted(
            self.rows, key=lambda row: (ranks[type(row.seq)], 0 if row.seq is None else row.seq)
        )

    def checkpoints(self, log: str) -> list[StoredCheckpoint]:
        """Return the stored checkpoints."""
        assert log == ORIGIN
        return self.notes

    def change(self, place: int, /, **columns: Any) -> None:
        """Overwrite columns of the row at a place."""
        self.rows[place] = replace(self.rows[place], **columns)


def row(seq: int, prev: bytes, body: str = "", log: str = ORIGIN) -> StoredEntry:
    """Return an honest row."""
    header = Header(log, seq, prev, 1_767_225_600_000_000 + seq, "t/1", f"user{seq}", None)
    raw = encode_entry(header, canonical_bytes({"event": {"n": seq, "note": body}}))
    return StoredEntry(
        seq, raw, leaf_hash(raw), prev, header.received_at, header.schema, header.submitter
    )


def checkpoint(rows: list[StoredEntry], size: int, signer: Signer = SIGNER) -> StoredCheckpoint:
    """Return the honest checkpoint over the first rows."""
    head = root([entry.leaf for entry in rows[:size]])
    return StoredCheckpoint(size, head, sign_checkpoint(Checkpoint(ORIGIN, size, head), [signer]))


def make(size: int = SIZE, signed: tuple[int, ...] = SIGNED) -> MemoryLog:
    """Return an honest log."""
    log = MemoryLog()
    prev = FIRST_PREV
    for seq in range(size):
        log.rows.append(row(seq, prev))
        prev = log.rows[-1].leaf
    log.notes = [checkpoint(log.rows, count) for count in signed]
    return log


def verify(log: MemoryLog, **options: Any) -> Report:
    """Verify with the pinned key."""
    return verify_log(log, ORIGIN, [SIGNER.verifier], **options)


def places(report: Report) -> list[tuple[int | None, str, str]]:
    """Return what the findings name."""
    return [(found.seq, found.column, str(found.kind)) for found in report.findings]


def flip(raw: bytes, at: int = 30) -> bytes:
    """Change one byte."""
    return raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]


def test_an_honest_log_has_no_finding() -> None:
    """An untouched log verifies, with its size, root and newest checkpoint."""
    log = make()
    calls: list[tuple[int, int]] = []
    report = verify(log, progress=lambda done, total: calls.append((done, total)))
    report.require_intact()
    assert report == Report(
        ORIGIN, SIZE, root([entry.leaf for entry in log.rows]), 10, (), SIZE - 1
    )
    assert report.uncheckpointed == 2
    assert calls == [(0, SIZE), (SIZE, SIZE)]


@pytest.mark.parametrize("size", range(6))
def test_small_logs(size: int) -> None:
    """Logs of every small size verify with a checkpoint at each of their sizes."""
    report = verify(make(size, tuple(range(size + 1))))
    assert (report.size, report.checkpoint_size, report.findings) == (size, size, ())


def test_an_empty_log_without_checkpoint() -> None:
    """A log without anything is intact, up to nothing."""
    assert verify(MemoryLog()) == Report(ORIGIN, 0, EMPTY_ROOT, None, (), None)


GARBAGE: list[Any] = [None, "", "text", 7, b"", b"x", b"\xff" * 32, "\x00", -1, True, 2**70, 1.5]


@pytest.mark.parametrize("seq", [0, 1, 3, 4, 5, 9, 10, 11])
@pytest.mark.parametrize("garbage", GARBAGE, ids=repr)
@pytest.mark.parametrize(
    ("column", "named", "kind"),
    [
        ("raw", "bytes", "content"),
        ("leaf", "leaf", "projection"),
        ("prev", "prev", "projection"),
        ("received_at", "received_at", "projection"),
        ("schema", "schema", "projection"),
        ("submitter", "submitter", "projection"),
    ],
)
def test_garbage_in_any_column(column: str, named: str, kind: str, garbage: Any, seq: int) -> None:
    """A value of any type in any column gives one finding that names it, never an exception."""
    log = make()
    log.change(seq, **{column: garbage})
    if column == "leaf" and seq == SIZE - 1 and garbage == b"\xff" * 32:
        # Nothing stands behind the newest entry and no checkpoint covers it: either may be wrong.
        named, kind = "bytes", "content"
    report = verify(log)
    assert places(report) == [(seq, named, kind)]
    assert report.intact_up_to == (seq - 1 if seq else None)


@pytest.mark.parametrize("seq", range(SIZE))
@pytest.mark.parametrize("at", [0, 10, 25, -40, -1])
def test_one_byte_changed(seq: int, at: int) -> None:
    """One changed byte of any entry is one finding about the bytes of that entry."""
    log = make()
    raw = log.rows[seq].raw
    log.change(seq, raw=flip(raw, at % len(raw)))
    assert places(verify(log)) == [(seq, "bytes", "content")]


@given(st.integers(0, SIZE - 1), st.data())
def test_any_byte_changed(seq: int, data: st.DataObject) -> None:
    """Whatever single byte changes, the entry and its column are named first and alone."""
    log = make()
    raw = log.rows[seq].raw
    at = data.draw(st.integers(0, len(raw) - 1))
    value = data.draw(st.integers(0, 255).filter(lambda new: new != raw[at]))
    log.change(seq, raw=raw[:at] + bytes([value]) + raw[at + 1 :])
    assert places(verify(log)) == [(seq, "bytes", "content")]


@pytest.mark.parametrize("seq", range(SIZE - 1))
def test_one_bit_of_a_leaf_changed(seq: int) -> None:
    """A changed leaf column is told from changed bytes by what the next entry says."""
    log = make()
    log.change(seq, leaf=flip(log.rows[seq].leaf))
    assert places(verify(log)) == [(seq, "leaf", "projection")]


def test_the_newest_leaf_changed_under_a_checkpoint() -> None:
    """For the newest entry a checkpoint says which of bytes and leaf is wrong."""
    for change, named in (("leaf", "leaf"), ("raw", "bytes")):
        log = make(SIZE, (SIZE,))
        log.change(SIZE - 1, **{change: flip(getattr(log.rows[-1], change))})
        assert places(verify(log))[0][:2] == (SIZE - 1, named)


@pytest.mark.parametrize("signed", [(), (1,)])
def test_the_only_leaf_changed(signed: tuple[int, ...]) -> None:
    """For the only entry of a log only a checkpoint can say which of bytes and leaf is wrong."""
    log = make(1, signed)
    log.change(0, leaf=flip(log.rows[0].leaf))
    assert places(verify(log))[0][:2] == (0, "leaf" if signed else "bytes")


def test_the_newest_leaf_behind_a_gap() -> None:
    """Where the tree is unknown, nothing tells bytes from leaf, and the bytes are blamed."""
    log = make(SIZE, (SIZE,))
    log.change(SIZE - 1, leaf=flip(log.rows[-1].leaf))
    del log.rows[3:5]
    assert places(verify(log)) == [(3, "seq", "linkage"), (SIZE - 1, "bytes", "content")]


def rehash(log: MemoryLog, seq: int, body: str = "forged") -> None:
    """Replace an entry and the columns beside it, as an insider would."""
    log.rows[seq] = row(seq, log.rows[seq].prev, body)


@pytest.mark.parametrize("seq", range(SIZE - 2))
def test_an_entry_replaced_with_its_leaf(seq: int) -> None:
    """An entry that was replaced together with its hashes is named by the entry behind it."""
    log = make(SIZE, ())
    rehash(log, seq)
    report = verify(log)
    assert places(report) == [(seq, "bytes", "content")]
    assert report.intact_up_to == (seq - 1 if seq else None)


def test_the_last_but_one_entry_replaced() -> None:
    """Where nobody confirms either, the entry that does not follow is named."""
    log = make(SIZE, ())
    rehash(log, SIZE - 2)
    assert places(verify(log)) == [(SIZE - 1, "bytes", "linkage")]


def test_an_entry_replaced_at_a_checkpoint() -> None:
    """An entry replaced at the edge of a signed tree breaks the tree too."""
    log = make()
    rehash(log, 3)
    report = verify(log)
    assert (3, "bytes", "content") in places(report)
    assert report.intact_up_to == 2


def test_the_whole_rest_rehashed() -> None:
    """A log rewritten from an entry on is refused by the first checkpoint over it."""
    log = make()
    prev = log.rows[5].prev
    for seq in range(5, SIZE):
        log.rows[seq] = row(seq, prev, "rewritten")
        prev = log.rows[seq].leaf
    report = verify(log)
    assert places(report) == [(9, "root", "checkpoint")]
    assert report.intact_up_to == 3
    assert report.checkpoint_size == 4
    with pytest.raises(VerifyError, match=r"seq 9, column root .* up to seq 3"):
        report.require_intact()


def test_everything_rewritten_names_one_checkpoint() -> None:
    """Of several roots that do not hold the first is named, and nothing counts as intact."""
    log = make(SIZE, (4, 5, 10))
    prev = FIRST_PREV
    for seq in range(SIZE):
        log.rows[seq] = row(seq, prev, "rewritten")
        prev = log.rows[seq].leaf
    report = verify(log)
    assert places(report) == [(3, "root", "checkpoint")]
    with pytest.raises(VerifyError, match="nothing is"):
        report.require_intact()


def test_two_checkpoints_of_one_size() -> None:
    """Two signed roots of one size cannot both hold."""
    log = make()
    other = checkpoint([*log.rows[:9], row(9, FIRST_PREV[:-1] + b"1")], 10)
    log.notes.insert(0, other)
    report = verify(log)
    assert places(report) == [(9, "root", "checkpoint")]


@pytest.mark.parametrize("seq", range(SIZE - 1))
def test_a_row_deleted(seq: int) -> None:
    """A missing entry is named by its seq, and the tree still equals the checkpoints."""
    log = make()
    del log.rows[seq]
    report = verify(log)
    assert places(report) == [(seq, "seq", "linkage")]
    assert f"Entry {seq} is missing" in report.findings[0].message
    assert report.checkpoint_size == 10


def test_several_rows_deleted() -> None:
    """A longer gap is one finding, and the root is not known any more."""
    log = make()
    del log.rows[3:6]
    report = verify(log)
    assert places(report) == [(3, "seq", "linkage")]
    assert "Entries 3 to 5 are missing" in report.findings[0].message
    assert report.root is None


def test_a_gap_before_unreadable_bytes() -> None:
    """Behind a gap the prev column says the leaf where the bytes do not."""
    log = make()
    log.change(6, raw=b"{")
    del log.rows[5]
    report = verify(log)
    assert places(report) == [(5, "seq", "linkage"), (6, "bytes", "content")]
    assert report.checkpoint_size == 10


def test_a_row_deleted_and_the_rest_renumbered() -> None:
    """Rows that moved up are named once, at the first that holds another entry."""
    log = make(SIZE, (4,))
    del log.rows[5]
    for seq in range(5, SIZE - 1):
        log.change(seq, seq=seq)
    assert places(verify(log)) == [(5, "seq", "linkage")]


@pytest.mark.parametrize(("one", "two"), [(0, 1), (4, 5), (5, 9), (10, 11)])
def test_two_rows_swapped(one: int, two: int) -> None:
    """Two rows that changed places are both named, and nothing else is."""
    log = make()
    first, second = log.rows[one], log.rows[two]
    log.rows[one], log.rows[two] = replace(second, seq=one), replace(first, seq=two)
    found = places(verify(log))
    assert found == [(one, "seq", "linkage"), (two, "seq", "linkage")]


def test_two_rows_bytes_swapped() -> None:
    """Bytes that changed places while their columns stayed are named as bytes."""
    log = make()
    first, second = log.rows[5].raw, log.rows[6].raw
    log.change(5, raw=second)
    log.change(6, raw=first)
    assert places(verify(log)) == [(5, "bytes", "content"), (6, "bytes", "content")]


@pytest.mark.parametrize("seq", [0, 1, 4, 5, 11])
def test_a_row_inserted(seq: int) -> None:
    """A forged entry pushed in between is named where it stands."""
    log = make(SIZE, (4,) if seq > 4 else ())
    forged = row(seq, log.rows[seq].prev, "inserted")
    rest = [replace(entry, seq=entry.seq + 1) for entry in log.rows[seq:]]
    log.rows[seq:] = [forged, *rest]
    assert places(verify(log))[0] == (seq, "seq", "linkage")


@pytest.mark.parametrize("seq", [None, "5", "x", b"5", -1, 99], ids=repr)
def test_a_row_with_another_seq(seq: Any) -> None:
    """A row whose seq alone was changed is missing at its place and named where it is."""
    log = make()
    log.change(5, seq=seq)
    report = verify(log)
    assert places(report) == [(5, "seq", "linkage"), (5, "seq", "linkage")]
    assert any(repr(seq) in found.message for found in report.findings)


def test_garbage_rows_beside_the_log() -> None:
    """Rows that are no entries and have no place are findings without a seq, sorted last."""
    log = make()
    log.rows.append(StoredEntry(None, None, None, None, None, None, None))
    report = verify(log)
    assert places(report) == [(None, "seq", "linkage")]
    assert report.intact_up_to == SIZE - 1


@pytest.mark.parametrize("kept", [0, 3, 9])
def test_a_truncated_log(kept: int) -> None:
    """A log shorter than its newest checkpoint names the first missing entry."""
    log = make()
    del log.rows[kept:]
    report = verify(log)
    assert places(report) == [(kept, "seq", "checkpoint")]
    assert report.intact_up_to == (kept - 1 if kept else None)


def test_a_log_shorter_than_the_store_says() -> None:
    """Entries cut behind the newest checkpoint are missed where the store still counts them."""
    log = make()
    log.claimed = SIZE
    del log.rows[11:]
    assert places(verify(log)) == [(11, "seq", "linkage")]


def test_forged_rows_appended() -> None:
    """Rows appended without the right prev are named at the first of them."""
    log = make(10, (4, 10))
    log.rows.append(row(10, b"\x07" * 32, "forged"))
    log.rows.append(row(11, log.rows[10].leaf, "forged"))
    report = verify(log)
    assert places(report) == [(10, "bytes", "linkage")]
    assert report.intact_up_to == 9


def test_an_entry_of_another_log() -> None:
    """An entry of another log in this one's place is named."""
    log = make(3, ())
    log.rows.append(row(3, log.rows[2].leaf, log="ledger.example/log/evil"))
    report = verify(log)
    assert places(report) == [(3, "bytes", "linkage")]
    assert "evil" in report.findings[0].message


def test_uncheckpointed_entries_on_request() -> None:
    """Entries behind the newest checkpoint are a finding only where that is asked."""
    assert places(verify(make(), require_checkpoint=True)) == [(10, "root", "checkpoint")]
    assert places(verify(make(SIZE, (SIZE,)), require_checkpoint=True)) == []


@pytest.mark.parametrize("garbage", GARBAGE, ids=repr)
@pytest.mark.parametrize("column", ["size", "root", "note"])
def test_garbage_in_a_checkpoint(column: str, garbage: Any) -> None:
    """A value of any type in a checkpoint's column is named."""
    log = make()
    log.notes[2] = replace(log.notes[2], **{column: garbage})
    report = verify(log)
    assert places(report) == [(9, column, "checkpoint")]
    assert report.intact_up_to == SIZE - 1


def test_a_checkpoint_by_a_stranger() -> None:
    """A checkpoint signed by a key that is not pinned proves nothing and is named."""
    log = make()
    log.notes.append(checkpoint(log.rows, SIZE, STRANGER))
    report = verify(log)
    assert places(report) == [(SIZE - 1, "note", "checkpoint")]
    assert report.checkpoint_size == 10


def test_a_wrong_pinned_key_does_not_hide_a_bad_entry() -> None:
    """Many refused checkpoints are named a few times, and the entries are still walked."""
    log = make(SIZE, tuple(range(SIZE)))
    log.notes[0] = replace(log.notes[0], size="none")
    log.change(11, schema="other")
    report = verify_log(log, ORIGIN, [STRANGER.verifier])
    assert [found.column for found in report.findings].count("note") == 5
    assert (11, "schema", "projection") in places(report)


def test_findings_are_capped() -> None:
    """A log of nothing but garbage stops the walk early."""
    log = make(100, ())
    for seq in range(100):
        log.change(seq, schema=None)
    report = verify(log)
    assert len(report.findings) == MAX_FINDINGS
    assert report.intact_up_to is None


def test_all_columns_null() -> None:
    """Rows of which only seq is left are named each, without an exception."""
    log = make(4, ())
    log.rows = [StoredEntry(seq, None, None, None, None, None, None) for seq in range(4)]
    report = verify(log)
    assert places(report) == [(seq, "bytes", "content") for seq in range(4)]
    assert report.root is None


def projection(answer: Callable[[int], Any]) -> Callable[[StoredEntry, Entry], Any]:
    """Return a projection check that answers by seq."""
    return lambda stored, entry: answer(entry.header.seq) if stored.raw else None


def test_projections_are_checked_by_the_caller() -> None:
    """What the caller's check returns, one finding, several or none, is reported."""
    one = Finding(ORIGIN, 2, "item.code", Kind.PROJECTION, "gone")
    answers: dict[int, Any] = {2: one, 3: [one, replace(one, seq=3)], 4: ()}
    report = verify(make(), check_projection=projection(answers.get))
    assert report.findings == (one, one, replace(one, seq=3))
    assert report.intact_up_to == 1


@given(
    st.lists(
        st.tuples(
            st.integers(0, SIZE - 1),
            st.sampled_from([f.name for f in dataclasses.fields(StoredEntry)]),
            st.one_of(st.none(), st.integers(-5, 20), st.binary(max_size=40), st.text(max_size=5)),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_no_mutation_raises_or_passes(changes: list[tuple[int, str, Any]]) -> None:
    """Any mixture of changed columns is found and never raises."""
    log = make()
    before = list(log.rows)
    for seq, column, value in changes:
        log.change(seq, **{column: value})
    report = verify(log)
    assert bool(report.findings) == (log.rows != before)


def test_the_checker_imports_no_writer() -> None:
    """The module and what it imports of ours is the pure core: no store, no capture."""
    allowed = {"canonical", "checkpoint", "entry", "merkle", "note", "report", "errors"}
    names = {
        node.module.rpartition(".")[2]
        for node in ast.walk(ast.parse(Path(verify_module.__file__).read_text("utf-8")))
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith("ledger")
        and node.module is not None
    }
    assert names <= allowed
