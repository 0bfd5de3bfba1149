"""Companions of a log's newest checkpoint: over the same bytes, and never instead of it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.companions import _text, check_companion, make_companion, sm2_key
from ledger.errors import NotFoundError, StoreError, VerifyError
from ledger.log.sm import Companion, DualRange, Sm2Signer, Sm2Verifier
from ledger.organisations import find_organisation
from ledger.rotation import KeyRoom, add_ml_dsa, retire, rotate
from ledger.store.engine import reading, writing
from tests.ledger.builders import Ledger, instance, seen

pytest.importorskip("gmalg", reason="the extra suyuan[sm] is not installed")


def take(ledger: Ledger, *numbers: int) -> None:
    """Capture events, signed as commands do."""
    signers = ledger.keys.signers(ledger.organisation().origin)
    ledger.take(*(seen(instance(number)) for number in numbers), signer=signers)


def make(ledger: Ledger) -> str:
    """Make the companion."""
    with reading(ledger.engine) as connection:
        return make_companion(connection, ledger.keys, find_organisation(connection, "main"))


def check(ledger: Ledger, note: str, sm2: Sm2Verifier | None = None) -> Companion:
    """Check a companion."""
    with reading(ledger.engine) as connection:
        owner = find_organisation(connection, "main")
        return check_companion(connection, ledger.keys, owner, note.encode(), sm2)


def change(ledger: Ledger, statement: str) -> None:
    """Change the database behind the ledger's back."""
    with writing(ledger.engine) as connection:
        connection.exec_driver_sql(statement)


def file(ledger: Ledger, ending: str) -> Path:
    """Return one of the log's files."""
    return ledger.keys.file(ledger.organisation().origin, ending)


def test_a_companion_grows_with_its_log(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is made again from where it was, in runs, and equals one that is made from the start."""
    monkeypatch.setattr("ledger.companions._RUN", 2)
    take(ledger, 1, 2, 3)
    first = make(ledger)
    assert check(ledger, first).size == 3
    take(ledger, 4, 5)
    second = make(ledger)
    found = check(ledger, second)
    assert found.size == 5
    assert check(ledger, first).size == 3, "an older one still holds"
    file(ledger, "sm3").unlink()
    assert check(ledger, make(ledger)) == found
    assert file(ledger, "sm2").stat().st_mode & 0o777 == 0o600
    origin = ledger.organisation().origin
    assert check(ledger, second, sm2_key(ledger.keys, origin)) == found
    ledger.check()


def test_an_empty_log(ledger: Ledger) -> None:
    """It has no checkpoint, so it has no companion."""
    ledger.organisation()
    with pytest.raises(NotFoundError):
        make(ledger)


def test_beside_rotated_keys(ledger: Ledger) -> None:
    """The Ed25519 keys in use sign it; an ML-DSA key has no say here."""
    take(ledger, 1)
    owner = ledger.organisation()
    room = KeyRoom(ledger.engine, ledger.keys, owner, "tester", ledger.ticks)
    add_ml_dsa(room)
    rotate(room)
    assert make(ledger).count("\u2014 ") == 3
    retire(room)
    take(ledger, 2)
    note = make(ledger)
    assert note.count("\u2014 ") == 2
    assert check(ledger, note).size == 5


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: "",
        lambda text: "x\n" + text,
        lambda text: text.replace("localhost", "elsewhere"),
        lambda text: text.replace("\n3\n", "\n2\n"),
        lambda text: text.replace("\n3\n", "\n9\n"),
        lambda text: text.replace("=", "*", 1),
        lambda text: text[:-10] + "0" * 9 + "\n",
        lambda _: "\u00e9",
    ],
    ids="empty header origin smaller larger base64 checksum text".split(),
)
def test_what_was_computed_is_a_help_only(ledger: Ledger, spoil: Callable[[str], str]) -> None:
    """A damaged or foreign file of the tree so far is computed anew."""
    take(ledger, 1, 2, 3)
    want = check(ledger, make(ledger))
    path = file(ledger, "sm3")
    path.write_text(spoil(path.read_text()))
    assert check(ledger, make(ledger)) == want


def test_a_tree_of_another_copy(ledger: Ledger) -> None:
    """Where the tree so far is sound and of other entries, or of more of them, it is computed anew."""
    take(ledger, 1, 2, 3)
    want = check(ledger, make(ledger))
    kept = file(ledger, "sm3").read_text()
    take(ledger, 4)
    make(ledger)
    change(ledger, "DELETE FROM checkpoint WHERE size = 4")
    assert check(ledger, make(ledger)) == want, "the newest checkpoint is an older one"
    other = DualRange()
    for raw in (b"a", b"b", b"c"):
        other.append(raw)
    file(ledger, "sm3").write_text(_text(ledger.organisation().origin, other))
    assert check(ledger, make(ledger)) == want
    assert file(ledger, "sm3").read_text() == kept


def test_entries_that_were_changed(ledger: Ledger) -> None:
    """No companion is made over bytes that the checkpoint doesn't cover, and an older one doesn't hold."""
    take(ledger, 1, 2, 3)
    note = make(ledger)
    file(ledger, "sm3").unlink()
    change(ledger, "UPDATE entry SET bytes = leaf WHERE seq = 1")
    with pytest.raises(VerifyError, match="not those of its checkpoint"):
        make(ledger)
    with pytest.raises(VerifyError, match="have the SHA-256 root"):
        check(ledger, note)
    change(ledger, "DELETE FROM entry WHERE seq = 2")
    with pytest.raises(VerifyError, match="Entry 2 of localhost/log/main is missing"):
        check(ledger, note)
    change(ledger, "UPDATE log SET size = 2")
    with pytest.raises(VerifyError, match="over 3 entries, the log has 2"):
        check(ledger, note)


def test_text_in_place_of_bytes(sqlite_ledger: Ledger) -> None:
    """SQLite keeps text in a column of bytes; it is no entry."""
    take(sqlite_ledger, 1)
    change(sqlite_ledger, "UPDATE entry SET bytes = 'text'")
    with pytest.raises(VerifyError, match="holds no bytes"):
        make(sqlite_ledger)


def test_a_wrong_sm3_root(ledger: Ledger) -> None:
    """Who holds all keys can sign any SM3 root; the bytes tell."""
    take(ledger, 1)
    found = check(ledger, make(ledger))
    origin = found.origin
    secret = bytes.fromhex(file(ledger, "sm2").read_text())
    wrong = Companion(origin, 1, bytes(32), found.root)
    note = wrong.sign([ledger.keys.signer(origin), Sm2Signer.from_secret(origin, secret)])
    with pytest.raises(VerifyError, match="have the SM3 root"):
        check(ledger, note)


def test_the_sm2_key_is_kept_like_others(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Open to others, damaged, gone, mixed up or unreadable, it is refused; its public half follows."""
    take(ledger, 1)
    note = make(ledger)
    private, public = file(ledger, "sm2"), file(ledger, "sm2-vkey")
    text, vkey = private.read_text(), public.read_text()
    private.chmod(0o644)
    with pytest.raises(StoreError, match="Others may read"):
        make(ledger)
    private.chmod(0o600)
    public.unlink()
    with pytest.raises(StoreError, match="can't be used"):
        check(ledger, note)
    make(ledger)
    assert public.read_text() == vkey
    for content in ("", "xx", text[:-3], "\u00e9"):
        private.write_text(content)
        with pytest.raises(StoreError, match="is damaged"):
            make(ledger)
    private.write_text("01" * 32 + "\n")
    with pytest.raises(StoreError, match="not the one of"):
        make(ledger)
    private.unlink()
    with pytest.raises(StoreError, match="is gone"):
        make(ledger)
    public.write_text(vkey.replace("localhost", "elsewhere"))
    with pytest.raises(StoreError, match="can't be used"):
        check(ledger, note)
    other = Sm2Signer.generate("elsewhere/log/main")
    public.write_text(other.verifier.vkey)
    with pytest.raises(StoreError, match="it is of elsewhere"):
        check(ledger, note)
    private.mkdir()
    with pytest.raises(StoreError, match="can't be read"):
        make(ledger)
    private.rmdir()
    public.unlink()

    def fail(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ledger.companions.write_whole", fail)
    with pytest.raises(StoreError, match="can't be written"):
        make(ledger)
