"""Signed notes: what is signed verifies, and every other spelling is refused."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import NoteError
from ledger.log.note import Signature, Signer, Verifier, parse_note, sign_note, verify_note

NAME = "ledger.example/log/acme"
SIGNER = Signer.from_seed(NAME, bytes(32))
OTHER = Signer.from_seed(NAME, b"\x01" * 32)
NOTE = sign_note("text\n", [SIGNER])
LINE = NOTE.split("\n\n")[1]


def check(note: str | bytes, *verifiers: Verifier) -> tuple[Verifier, ...]:
    """Parse and verify."""
    return verify_note(parse_note(note), verifiers)


@given(st.text(st.characters(exclude_categories=["Cs"], min_codepoint=32) | st.just("\n")))
def test_what_is_signed_verifies(text: str) -> None:
    """Any text that ends in a newline comes back from a signed note."""
    text += "\n"
    note = sign_note(text, [SIGNER, OTHER])
    assert parse_note(note).text == text
    assert parse_note(note.encode()) == parse_note(note)
    assert check(note, SIGNER.verifier) == (SIGNER.verifier,)
    assert check(note, OTHER.verifier, SIGNER.verifier) == (SIGNER.verifier, OTHER.verifier)
    with pytest.raises(NoteError, match="does not hold"):
        check("x" + note, SIGNER.verifier)


def test_keys_in_text_form() -> None:
    """A verifier key comes back from its text form, and a generated key signs."""
    signer = Signer.generate(NAME)
    assert Verifier.from_vkey(signer.verifier.vkey) == signer.verifier
    assert check(sign_note("t\n", [signer]), signer.verifier) == (signer.verifier,)
    assert signer.verifier != Signer.generate(NAME).verifier
    assert Signer.generate(NAME, bytes).verifier == SIGNER.verifier
    assert "private" not in repr(signer)


def vkey(name: str = NAME, digits: str | None = None, key: bytes | None = None) -> str:
    """Return a text form, spoiled as asked."""
    raw = b"\x01" + SIGNER.verifier.public if key is None else key
    digits = SIGNER.verifier.key_id.hex() if digits is None else digits
    return f"{name}+{digits}+{base64.b64encode(raw).decode()}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        NAME,
        vkey(name=""),
        vkey(name="other"),
        vkey(name="a b"),
        vkey(digits="00000000"),
        vkey(digits=SIGNER.verifier.key_id.hex().upper() + "A"),
        vkey(digits=""),
        vkey(key=b""),
        vkey(key=b"\x01"),
        vkey(key=b"\x04" + SIGNER.verifier.public),
        vkey(key=b"\x01" + SIGNER.verifier.public[:-1]),
        vkey() + "=",
        vkey() + "\n",
        vkey()[:-1],
        vkey(name="\ud800"),
        vkey() + "é",
    ],
)
def test_malformed_keys(text: str) -> None:
    """A key whose parts do not fit together is refused."""
    with pytest.raises(NoteError):
        Verifier.from_vkey(text)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u2003b", "a\nb", "a\x01b", "\ud800"])
def test_names_that_no_key_may_have(name: str) -> None:
    """Empty names, spaces of any script, plus signs and control characters are refused."""
    with pytest.raises(NoteError, match="key name"):
        Signer.from_seed(name, bytes(32))


def test_keys_of_another_length() -> None:
    """Seeds and keys have 32 bytes."""
    with pytest.raises(NoteError, match="seed of 32 bytes, got 31"):
        Signer.from_seed(NAME, bytes(31))
    with pytest.raises(NoteError, match="key of 32 bytes, got 33"):
        Verifier(NAME, bytes(33))


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n",
        "text\n",
        "text\n\n",
        "text\n\n\n",
        LINE,
        NOTE[:-1],
        NOTE + "\n",
        NOTE + "x\n",
        NOTE.replace("\u2014", "-"),
        NOTE.replace("\u2014 ", "\u2014"),
        NOTE.replace("\u2014 ", "\u2014  "),
        NOTE.replace("acme ", "acme  "),
        NOTE.replace("acme ", "acme\u00a0"),
        NOTE.replace("\n", "\r\n"),
        NOTE.replace("text", "te\tt"),
        NOTE.replace("text", "te\x00t"),
        NOTE.replace("text", "\ud800"),
        NOTE.replace(NAME, "a+b"),
        NOTE.replace(NAME, ""),
        NOTE.replace("\n", "\u2028"),
        NOTE[:-2] + "\n",
        NOTE[:-1] + "=\n",
        NOTE[:-1] + " \n",
        NOTE[:-5] + "\u00e9\n",
        "text\n\n\u2014 name AAAAAA==\n",
        "text\n\n\u2014 name AAAAAB==\n",
        "text\n\n\u2014 name \n",
        "text\n\n\u2014 name\n",
        "text\n\n" + LINE * 101,
        "x" * 1_000_000 + NOTE,
        NOTE.encode() + b"\xff",
    ],
    ids=lambda note: f"{len(note)} {note[:20]!a} {note[-20:]!a}",
)
def test_malformed_notes(note: str | bytes) -> None:
    """A note in any other spelling is refused by the parser, before any key is asked."""
    with pytest.raises(NoteError):
        parse_note(note)


def test_signatures_that_do_not_count() -> None:
    """Lines of unknown keys are ignored, and a note with no other line is refused."""
    stranger = Signer.from_seed("stranger", bytes(32))
    same_id = Signature("stranger", SIGNER.verifier.key_id, bytes(64)).line()
    same_name = Signature(NAME, b"abcd", bytes(64)).line()
    assert check("text\n\n" + same_id + same_name + LINE, SIGNER.verifier) == (SIGNER.verifier,)
    with pytest.raises(NoteError, match=r"trusted key, got only .*stranger"):
        check("text\n\n" + same_id + same_name, SIGNER.verifier)
    with pytest.raises(NoteError, match="trusted key"):
        check(NOTE, stranger.verifier)
    with pytest.raises(NoteError, match="trusted key"):
        check(NOTE)


@pytest.mark.parametrize("signature", [bytes(64), bytes(63), bytes(65), b"\xff" * 64, b"1"])
def test_a_bad_line_of_a_known_key_spoils_the_note(signature: bytes) -> None:
    """A known key's signature that does not hold refuses the note, even beside a good one."""
    bad = Signature(NAME, SIGNER.verifier.key_id, signature).line()
    for lines in (bad + LINE, LINE + bad):
        with pytest.raises(NoteError, match="does not hold"):
            check("text\n\n" + lines, SIGNER.verifier)


def test_a_repeated_line_counts_once() -> None:
    """The same good line twice is one signature."""
    assert check("text\n\n" + LINE + LINE, SIGNER.verifier) == (SIGNER.verifier,)


def test_two_keys_of_one_name_and_id(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two trusted keys that cannot be told apart are refused."""
    monkeypatch.setattr("ledger.log.note.key_id", lambda *_: b"abcd")
    with pytest.raises(NoteError, match="different ids"):
        check(NOTE, SIGNER.verifier, OTHER.verifier)


@pytest.mark.parametrize("text", ["", "text", "te\tt\n", "\ud800\n"])
def test_texts_that_no_note_may_have(text: str) -> None:
    """A text without a final newline, or with control characters, is not signed."""
    with pytest.raises(NoteError):
        sign_note(text, [SIGNER])


def test_a_note_needs_a_signer() -> None:
    """A note without a signature line is no note."""
    with pytest.raises(NoteError):
        sign_note("text\n", [])


def test_text_that_cannot_be_encoded_does_not_verify() -> None:
    """A text with half a surrogate pair has no bytes that a key could have signed."""
    with pytest.raises(NoteError, match="does not hold"):
        SIGNER.verifier.verify("\ud800", bytes(64))
