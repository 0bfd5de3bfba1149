"""`suyuan key`: what is listed, changed, protected and told."""

import getpass
import io
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from ledger.errors import StoreError, UsageError
from suyuan.passphrases import new_passphrase, passphrase_of
from suyuan.settings import Settings
from tests.ledger.builders import document, instance, seen
from tests.suyuan.conftest import CommandLine

PHRASE = "correct horse battery staple"


@pytest.fixture
def filled(suyuan: CommandLine) -> CommandLine:
    """Give a ledger of one event."""
    suyuan.capture(seen(instance("A"), eventID="urn:example:event:1"))
    return suyuan


def capture(suyuan: CommandLine, serial: str) -> None:
    """Capture one event more."""
    suyuan.json("capture", suyuan.write(f"{serial}.json", document(seen(instance(serial)))))


def test_the_life_of_a_key(filled: CommandLine) -> None:
    """Rotation, overlap and retirement, each told with the keys from then on."""
    [before] = filled.json("key", "list")
    begun = filled.json("key", "rotate", "main")
    assert (begun["log"], begun["seq"], begun["signed_again"]) == ("localhost/log/main", 1, 0)
    assert [(one["first_size"], one["last_size"]) for one in begun["keys"]] == [
        (0, None),
        (2, None),
    ]
    assert {one["type"] for one in begun["keys"]} == {"ed25519"}
    capture(filled, "B")
    answer = filled("key", "retire", "main")
    assert answer.status == 0, answer
    assert "entry 3 of localhost/log/main states its keys:" in answer.out
    assert "destroy" in answer.out
    capture(filled, "C")
    [after] = filled.json("key", "list")
    assert after["key"] == begun["keys"][1]["key"] != before["key"]
    assert [(one["first_size"], one["last_size"]) for one in after["keys"]] == [(0, 4), (2, None)]
    listed = filled("key", "list").out
    assert listed == filled.folder.joinpath("keys/localhost+log+main.vkey").read_text()
    assert listed.splitlines() == [f"{before['key']} 0-4", f"{after['key']} 2-"]
    assert filled.json("verify")["intact"] is True
    assert filled.json("key", "follow", "main")["keys"] == after["keys"]
    assert filled("key", "follow", "main").out == listed


def test_a_proof_with_keys_old_and_new(filled: CommandLine) -> None:
    """A file of all keys checks every proof; the old key alone says what to do about a newer one."""
    early = filled.folder / "early.tlog-proof"
    filled.json("proof", "urn:example:event:1", "--out", early)
    [first] = filled.json("key", "list")
    filled.json("key", "rotate", "main")
    overlap = filled.folder / "overlap.tlog-proof"
    filled.json("proof", "urn:example:event:1", "--out", overlap)
    filled.json("key", "retire", "main")
    capture(filled, "B")
    late = filled.folder / "late.tlog-proof"
    filled.json("proof", "urn:example:event:1", "--out", late)
    keys = filled.write("keys.vkey", filled("key", "list").out)
    for proof in (early, overlap, late):
        assert filled.json("check-proof", proof, "--key", keys)["holds"] is True
    for proof in (early, overlap):
        assert filled.json("check-proof", proof, "--key", first["key"])["holds"] is True
    answer = filled("check-proof", late, "--key", first["key"])
    assert answer.status == 1
    assert "perhaps of the one that follows ours" in answer.sentence()


def test_a_stolen_key(filled: CommandLine) -> None:
    """The new key takes its place, and people are told to publish it elsewhere."""
    capture(filled, "B")
    for arguments in (["--compromised"], ["--last-good", "1"]):
        answer = filled("key", "retire", "main", *arguments)
        assert answer.status == 2
        assert "together" in answer.sentence()
    answer = filled("key", "retire", "main", "--compromised", "--last-good", "1")
    assert "1 checkpoints were signed anew" in answer.out
    assert "Publish the new keys" in answer.out
    assert filled.json("verify")["intact"] is True
    assert filled.json("key", "list")[0]["keys"][0]["last_size"] == 1


def test_a_key_of_another_kind(filled: CommandLine) -> None:
    """An ML-DSA-44 key is added, listed with its type, and signs; an Ed25519 one is a rotation."""
    added = filled.json("key", "add", "main", "--type", "ml-dsa-44")
    assert [one["type"] for one in added["keys"]] == ["ed25519", "ml-dsa-44"]
    capture(filled, "B")
    assert filled("checkpoint").out.count("\u2014 localhost/log/main ") == 2
    more = filled("key", "add", "main", "--type", "ed25519")
    assert more.status == 0
    assert filled.json("verify")["intact"] is True


@pytest.mark.parametrize("command", ["rotate", "add", "retire", "follow", "protect", "unprotect"])
def test_an_unknown_organisation(filled: CommandLine, command: str) -> None:
    """A mistyped organisation is wrong usage, for each command."""
    answer = filled("key", command, "nobody")
    assert answer.status == 2
    assert "No organisation 'nobody'" in answer.sentence()


def test_protecting(filled: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Protected with the passphrase of the environment; without it nothing signs, with a wrong one neither."""
    answer = filled("key", "protect", "main")
    assert answer.status == 2
    assert "SUYUAN_PASSPHRASE_FILE" in answer.sentence()
    monkeypatch.setenv("SUYUAN_PASSPHRASE", "short")
    assert filled("key", "protect", "main").status == 2
    monkeypatch.setenv("SUYUAN_PASSPHRASE", PHRASE)
    file = filled.folder / "keys/localhost+log+main.key"
    assert filled("key", "protect", "main").out == f"{file}: protected with the passphrase\n"
    assert filled("key", "protect", "main").out == "nothing to change\n"
    capture(filled, "B")
    monkeypatch.setenv("SUYUAN_PASSPHRASE", PHRASE + "!")
    document_file = filled.write("C.json", document(seen(instance("C"))))
    answer = filled("capture", document_file)
    assert answer.status == 3
    assert "The passphrase doesn't open" in answer.sentence()
    assert PHRASE not in answer.err
    monkeypatch.delenv("SUYUAN_PASSPHRASE")
    answer = filled("capture", document_file)
    assert answer.status == 3
    assert "protected with a passphrase" in answer.sentence()
    assert filled.json("verify")["intact"] is True
    monkeypatch.setenv("SUYUAN_PASSPHRASE", PHRASE)
    assert filled.json("key", "unprotect", "main")["changed"] == [str(file)]
    monkeypatch.delenv("SUYUAN_PASSPHRASE")
    capture(filled, "C")


# Passphrases


class Terminal(io.StringIO):
    """Standard input that is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def test_a_passphrase_from_a_file(surroundings: Path) -> None:
    """The first line counts, without its end; others may not read it, and it has to be there."""
    file = surroundings / "passphrase"
    file.write_text(PHRASE + "\r\nmore\n")
    file.chmod(0o600)
    settings = Settings(passphrase_file=file)
    assert passphrase_of(settings)("a.key") == new_passphrase(settings) == PHRASE
    both = Settings(passphrase_file=file, passphrase=SecretStr("other"))
    assert passphrase_of(both)("a.key") == "other"
    assert PHRASE not in repr(Settings(passphrase=SecretStr(PHRASE)))
    file.chmod(0o644)
    with pytest.raises(StoreError, match="Others may read") as caught:
        new_passphrase(settings)
    assert "chmod 600" in caught.value.fix
    file.unlink()
    with pytest.raises(StoreError, match="can't be read"):
        new_passphrase(settings)


def test_a_passphrase_from_a_terminal(surroundings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked once for a key, and twice for a new one."""
    settings = Settings(passphrase=SecretStr(""))
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert passphrase_of(settings)("a.key") is None
    monkeypatch.setattr(sys, "stdin", Terminal())
    typed: list[str] = []

    def type_in(prompt: str) -> str:
        typed.append(prompt)
        return PHRASE

    monkeypatch.setattr(getpass, "getpass", type_in)
    ask = passphrase_of(settings)
    assert ask("a.key") == ask("a.key") == PHRASE
    assert typed == ["Passphrase of a.key: "]
    assert new_passphrase(settings) == PHRASE
    monkeypatch.setattr(getpass, "getpass", lambda prompt: prompt)
    with pytest.raises(UsageError, match="differ"):
        new_passphrase(settings)
