"""Time stamps of checkpoints, from an authority that openssl makes for the test."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ledger import timestamps
from ledger.errors import NoteError, NotFoundError, StoreError, UsageError
from ledger.stamping import keep_roots, store_time_stamp
from ledger.store.engine import reading, writing
from ledger.timestamps import (
    kept_roots,
    make_request,
    match_time_stamp,
    read_roots,
    stored_checkpoint,
    time_stamp_findings,
    time_stamps,
    verify_time_stamp,
)
from tests.ledger.authority import Authority
from tests.ledger.builders import Ledger, instance, seen

pytest.importorskip("rfc3161_client", reason="the extra 'timestamps' is not installed")
pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl here")

NOTE = "example.org/log\n1\nAAAA\n\n— example.org/log AAAAAAA=\n"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Give an authority with a root certificate of its own."""
    return Authority.make(tmp_path_factory.mktemp("tsa"))


def test_a_token_says_when(authority: Authority) -> None:
    """Imprint, nonce, signature and certificate hold, and the time is that of now."""
    request = make_request(NOTE)
    raw = authority.answer(request.body)
    roots = read_roots(authority.root)
    moment = verify_time_stamp(raw, NOTE, roots, request.nonce)
    assert abs((datetime.now(UTC) - moment).total_seconds()) < 60
    assert verify_time_stamp(raw, NOTE, roots) == moment


def test_what_is_no_token(authority: Authority, tmp_path: Path) -> None:
    """Another note, nonce or root, a refusal, and anything cut or changed: none holds."""
    request = make_request(NOTE)
    raw = authority.answer(request.body)
    roots = read_roots(authority.root)
    other = Authority.make(tmp_path)
    for token, note, trusted, nonce in [
        (raw, NOTE + "x", roots, None),
        (raw, NOTE, roots, request.nonce + 1),
        (raw, NOTE, read_roots(other.root), None),
        (raw, NOTE, [], None),
        (b"", NOTE, roots, None),
        (raw[:-1], NOTE, roots, None),
        (raw[: len(raw) // 2], NOTE, roots, None),
        (authority.answer(b"nonsense"), NOTE, roots, None),
        (authority.answer(make_request("other").body), NOTE, roots, None),
    ]:
        with pytest.raises(NoteError):
            verify_time_stamp(token, note, trusted, nonce)
    for place in range(60, len(raw), 41):
        changed = bytearray(raw)
        changed[place] ^= 0x55
        with pytest.raises(NoteError):
            verify_time_stamp(bytes(changed), NOTE, roots)


def test_a_token_is_of_its_note(authority: Authority) -> None:
    """Without a root it is asked what the token is over; whose it is isn't."""
    raw = authority.answer(make_request(NOTE).body)
    match_time_stamp(raw, NOTE)
    sha_256 = bytes.fromhex("608648016503040201")
    for token, note, said in [
        (raw, NOTE + "x", "something else"),
        (raw[:-1], NOTE, "doesn't hold"),
        (b"", NOTE, "doesn't hold"),
        (authority.answer(b"nonsense"), NOTE, "hold"),
        (raw.replace(sha_256, sha_256[:-1] + b"\x09"), NOTE, "SHA-2"),
    ]:
        with pytest.raises(NoteError, match=said):
            match_time_stamp(token, note)


def test_roots_are_certificates(tmp_path: Path, authority: Authority) -> None:
    """They are kept below the keys, once; what is none is refused."""
    with pytest.raises(UsageError, match="root certificate in PEM"):
        read_roots("nonsense")
    assert kept_roots(tmp_path) == []
    for _again in range(2):
        keep_roots(tmp_path, authority.root.encode())
    assert kept_roots(tmp_path) == read_roots(authority.root)
    next((tmp_path / "tsa").glob("*.pem")).write_text("spoilt")
    with pytest.raises(StoreError, match="can't be used"):
        kept_roots(tmp_path)


def test_stored_tokens_are_checked(ledger: Ledger, authority: Authority) -> None:
    """Each holds over the checkpoint of its size; a changed token, size or checkpoint is named."""
    roots = read_roots(authority.root)
    with reading(ledger.engine) as connection, pytest.raises(NotFoundError):
        stored_checkpoint(connection, 1)
    ledger.take(seen(instance(1)))
    with reading(ledger.engine) as connection:
        newest = stored_checkpoint(connection, 1)
    token = authority.answer(make_request(newest.note).body)
    store_time_stamp(ledger.engine, 1, newest.size, token)
    store_time_stamp(ledger.engine, 1, newest.size, b"a later one")
    ledger.take(seen(instance(2)))

    def found() -> tuple[list[int | None], list[int]]:
        with reading(ledger.engine) as connection:
            return (
                [one.seq for one in time_stamp_findings(connection, 1, "o", roots)],
                [size for size, _time in time_stamps(connection, 1, roots)],
            )

    assert found() == ([], [1])
    for statement, seq in [
        ("UPDATE time_stamp SET size = 2", 1),
        ("UPDATE time_stamp SET size = 9", 8),
        ("UPDATE time_stamp SET size = -1", None),
    ]:
        with writing(ledger.engine) as connection:
            connection.exec_driver_sql(statement)
        assert found() == ([seq], [])
    with writing(ledger.engine) as connection:
        connection.exec_driver_sql("DELETE FROM time_stamp")
    store_time_stamp(ledger.engine, 1, 1, token[:-1])
    assert found() == ([0], [])


def test_a_token_of_another_type(sqlite_ledger: Ledger, authority: Authority) -> None:
    """SQLite keeps text where bytes belong; that is no token."""
    sqlite_ledger.take(seen(instance(1)))
    with writing(sqlite_ledger.engine) as connection:
        connection.exec_driver_sql("INSERT INTO time_stamp VALUES (1, 1, 'text')")
    with reading(sqlite_ledger.engine) as connection:
        [one] = time_stamp_findings(connection, 1, "o", read_roots(authority.root))
    assert one.message == "Expected a time stamp as bytes, 100000 at most."


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said what to install."""

    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr("importlib.import_module", missing)
    with pytest.raises(StoreError, match="rfc3161-client") as caught:
        make_request(NOTE)
    assert "suyuan[timestamps]" in caught.value.fix


def test_a_library_that_says_no_time(monkeypatch: pytest.MonkeyPatch, authority: Authority) -> None:
    """What isn't a time is not passed on as one."""
    raw = authority.answer(make_request(NOTE).body)
    monkeypatch.setattr(timestamps, "datetime", int)
    with pytest.raises(NoteError, match="Expected a time"):
        verify_time_stamp(raw, NOTE, read_roots(authority.root))
