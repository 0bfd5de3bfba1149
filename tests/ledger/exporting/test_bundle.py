"""The evidence of an answer in one archive, and how it is checked without the ledger."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ledger.bundle_files import CheckedBundle, check_bundle, is_bundle
from ledger.errors import NoteError, ProofError, UsageError
from ledger.exporting import bundle
from ledger.exporting.bundle import write_bundle
from ledger.genealogy.trace import trace
from ledger.log.keyring import KeyRing
from ledger.store.engine import reading
from tests.ledger.builders import Ledger, instance
from tests.ledger.exporting.answers import options, small
from tests.ledger.genealogy.asking import declare, fit, make, see

LIFE = (make(0, "a", "b"), see(1, "b"), fit(2, "car", "b"))


def written(ledger: Ledger, **asked: Any) -> bytes:
    """Return the archive of what is ahead of an item."""
    with reading(ledger.engine) as connection:
        found = trace(connection, instance("a"), **asked)
        return b"".join(write_bundle(found, replace(options(), connection=connection)))


def rings_of(ledger: Ledger) -> dict[str, KeyRing]:
    """Return the keys of all logs."""
    origins = [f"localhost/log/{slug}" for slug in ledger.logs]
    found = {origin: ledger.keys.ring(origin) for origin in origins}
    return {origin: ring for origin, ring in found.items() if ring is not None}


def members(raw: bytes) -> dict[str, bytes]:
    """Return what an archive holds."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(content: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    """Return an archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, one in content.items():
            archive.writestr(name, one)
    return file.getvalue()


def checked(folder: Path, raw: bytes, rings: dict[str, KeyRing]) -> CheckedBundle:
    """Return what is shown by an archive."""
    file = folder / "evidence.zip"
    file.write_bytes(raw)
    return check_bundle(file, rings)


@pytest.fixture
def two(sqlite_ledger: Ledger) -> Ledger:
    """Give a ledger in which one firm tells the beginning and another one the rest."""
    sqlite_ledger.take(*LIFE[:2], make(5, "x", "y"), slug="one")
    sqlite_ledger.take(LIFE[2], slug="other")
    return sqlite_ledger


def test_every_link_is_proven(ledger: Ledger, tmp_path: Path) -> None:
    """The archive holds an entry and a proof for each event that a link rests on, and no others."""
    ledger.take(*LIFE[:2], make(5, "x", "y"), slug="one")
    ledger.take(LIFE[2], slug="other")
    raw = written(ledger)
    assert sorted(members(raw)) == [
        "README.txt",
        "checkpoints/1.txt",
        "checkpoints/2.txt",
        "entries/1/0.entry",
        "entries/2/0.entry",
        "proofs/1/0.tlog-proof",
        "proofs/2/0.tlog-proof",
        "trace.json",
    ]
    found = checked(tmp_path, raw, rings_of(ledger))
    assert (found.root, found.links, found.events) == (instance("a"), 2, 2)
    assert [one.origin for one in found.checkpoints] == ["localhost/log/one", "localhost/log/other"]
    assert [one.size for one in found.checkpoints] == [3, 1]
    assert len(found.signed) == 2
    assert len(found.proven) == 4
    assert found.unproven
    assert is_bundle(tmp_path / "evidence.zip")


def test_the_same_answer_is_the_same_archive(two: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Byte for byte, however it is handed on; it opens with any program."""
    raw = written(two)
    assert zipfile.ZipFile(io.BytesIO(raw)).testzip() is None
    assert "suyuan check-proof" in members(raw)["README.txt"].decode()
    assert "追溯证据" in members(raw)["README.txt"].decode()
    monkeypatch.setattr(bundle, "_BATCH", 1)
    monkeypatch.setattr(bundle, "_BYTES", 1)
    assert written(two) == raw


def test_only_what_may_be_read_is_evidence(two: Ledger, tmp_path: Path) -> None:
    """The same event in a log that may not be read stays there; declarations are none."""
    two.take(LIFE[0], slug="other")
    wrong = make(1, "b", "wrong", eventID="urn:x:wrong")
    two.take(wrong, declare(wrong), slug="one")
    whole = checked(tmp_path, written(two), rings_of(two))
    assert (whole.links, whole.events) == (2, 3)  # content is its name, so both logs tell it
    told = checked(tmp_path, written(two, told_by=["one"]), rings_of(two))
    assert [one.origin for one in told.checkpoints] == ["localhost/log/one"]
    assert (told.links, told.events) == (1, 1)


def test_an_answer_without_links(two: Ledger, tmp_path: Path) -> None:
    """There is nothing to prove, and nothing is said to be."""
    found = checked(tmp_path, written(two, depth=1, kinds=()), {})
    assert (found.links, found.events, found.checkpoints) == (0, 0, ())


def test_evidence_needs_the_ledger() -> None:
    """Without a connection there are no entries."""
    with pytest.raises(UsageError, match="connection"):
        next(write_bundle(small(), options()))


def test_an_archive_has_limits(two: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of events, of bytes of the answer, and of the archive as a whole."""
    monkeypatch.setattr(bundle, "MOST_EVENTS", 1)
    with pytest.raises(UsageError, match="Expected at most 1 events in one file, got 2"):
        written(two)
    monkeypatch.undo()
    monkeypatch.setattr(bundle, "MOST_BYTES", 10)
    with pytest.raises(UsageError, match="The answer is larger"):
        written(two)
    monkeypatch.undo()
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 3)
    with pytest.raises(UsageError, match="4 GiB"):
        written(two)


def test_keys_are_the_logs_own(two: Ledger, tmp_path: Path) -> None:
    """Each log's proofs need a key of that log."""
    raw, rings = written(two), rings_of(two)
    one, other = rings.values()
    with pytest.raises(NoteError, match=r"keys were given of localhost/log/one\. Add --key"):
        checked(tmp_path, raw, {"localhost/log/one": one})
    with pytest.raises(NoteError, match="keys were given of none"):
        checked(tmp_path, raw, {})
    with pytest.raises(NoteError, match="signed by"):
        checked(tmp_path, raw, {"localhost/log/one": other, "localhost/log/other": one})


def _renamed(old: str, new: str) -> Callable[[dict[str, bytes]], None]:
    def change(content: dict[str, bytes]) -> None:
        content[new] = content.pop(old)

    return change


def _changed(name: str, old: bytes, new: bytes) -> Callable[[dict[str, bytes]], None]:
    def change(content: dict[str, bytes]) -> None:
        assert old in content[name]
        content[name] = content[name].replace(old, new, 1)

    return change


def _without(*names: str) -> Callable[[dict[str, bytes]], None]:
    def change(content: dict[str, bytes]) -> None:
        for name in names:
            del content[name]

    return change


def _with(name: str, one: bytes = b"") -> Callable[[dict[str, bytes]], None]:
    def change(content: dict[str, bytes]) -> None:
        content[name] = one

    return change


def _swapped(content: dict[str, bytes]) -> None:
    for kind, ending in (("entries", "entry"), ("proofs", "tlog-proof")):
        one, other = f"{kind}/1/0.{ending}", f"{kind}/2/0.{ending}"
        content[one], content[other] = content[other], content[one]


ENTRY, PROOF = "entries/2/0.entry", "proofs/2/0.tlog-proof"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_without("trace.json"), "holds no trace.json"),
        (_without("checkpoints/2.txt"), "holds no checkpoints/2.txt"),
        (_without(ENTRY), "Of 2/0 the archive holds an entry or a proof, not both"),
        (_without(PROOF), "not both"),
        (_without(ENTRY, PROOF), "No entry here is of event"),
        (_changed(ENTRY, b"child", b"chilt"), "of other bytes than the entry"),
        (_renamed("checkpoints/2.txt", "checkpoints/3.txt"), "holds no checkpoints/2.txt"),
        (_swapped, "leads to another checkpoint"),
        (_with(PROOF, b"nonsense"), "leads to another checkpoint"),
        (_with(PROOF, b"{}"), "leads to another checkpoint"),
        (_with("trace.json", b"{"), "trace.json is no answer"),
        (_with("trace.json", b"[]"), "trace.json is no answer"),
        (_with("trace.json", b'{"root": "a", "links": [{}]}'), "trace.json is no answer"),
        (_with("trace.json", b'{"root": "a", "links": [{"event": 1}]}'), "names no events"),
        (_with("../outside"), "The member '../outside' isn't one that we write"),
        (_with("/etc/passwd"), "isn't one that we write"),
        (_with("proofs/1/00.tlog-proof"), "isn't one that we write"),
        (_with("checkpoints/2.txt", b"\xff"), "damaged or changed"),
    ],
    ids=map(str, range(18)),
)
def test_nothing_that_was_changed_holds(
    two: Ledger, tmp_path: Path, change: Callable[[dict[str, bytes]], None], said: str
) -> None:
    """Members that are missing, changed, exchanged, or of other names."""
    content = members(written(two))
    change(content)
    with pytest.raises(ProofError, match=said):
        checked(tmp_path, packed(content), rings_of(two))


def test_a_proof_of_another_place(two: Ledger, tmp_path: Path) -> None:
    """A proof that holds stands for its own entry only; so does one of a hash alone."""
    content = members(written(two))
    for kind, ending in (("entries", "entry"), ("proofs", "tlog-proof")):
        _renamed(f"{kind}/2/0.{ending}", f"{kind}/2/7.{ending}")(content)
    with pytest.raises(ProofError, match="is the proof of entry 0"):
        checked(tmp_path, packed(content), rings_of(two))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda raw: raw[:0],
        lambda raw: raw[:-1],
        lambda raw: raw[:30],
        lambda raw: raw + b"\0",
        lambda raw: raw[:-2] + b"\1\0" + b"x",
        lambda raw: raw.replace(b"README.txt", b"README.tx\0"),
        lambda raw: raw[:-42] + b"PK\x06\x07" + raw[-38:],
        lambda raw: raw[:-10] + b"\xff\xff\xff\x7f" + raw[-6:],
        lambda raw: b"PK\x03\x04" + raw,
        lambda raw: raw.replace(b"PK\x01\x02", b"PK\x01\x03", 1),
        lambda raw: raw.replace(b'"root"', b'"rOOt"', 1),
    ],
    ids=map(str, range(11)),
)
def test_an_archive_that_is_not_ours(
    two: Ledger, tmp_path: Path, spoil: Callable[[bytes], bytes]
) -> None:
    """Cut, grown, with a comment, with a table that is elsewhere or too large, or a byte changed."""
    with pytest.raises(ProofError):
        checked(tmp_path, spoil(written(two)), rings_of(two))


def test_nothing_is_unpacked_that_could_grow(two: Ledger, tmp_path: Path) -> None:
    """A compressed member is refused, a second one of a name, an encrypted one, a huge one."""
    content = members(written(two))
    with pytest.raises(ProofError, match="isn't one that we write"):
        checked(tmp_path, packed(content, zipfile.ZIP_DEFLATED), rings_of(two))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("trace.json", b"{}")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("trace.json", b"{}")
    with pytest.raises(ProofError, match="isn't one that we write"):
        checked(tmp_path, file.getvalue(), {})
    plain = packed({"trace.json": b"{}"})
    table = plain.rindex(b"PK\x01\x02")
    encrypted = plain[: table + 8] + b"\1\0" + plain[table + 10 :]
    grown = plain[: table + 20] + b"\xff\xff\xff\0" * 2 + plain[table + 28 :]
    for raw in (encrypted, grown):
        with pytest.raises(ProofError, match="isn't one that we write"):
            checked(tmp_path, raw, {})
