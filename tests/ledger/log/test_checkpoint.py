"""Checkpoints: the signed head in its one form, of the right log and by a trusted key."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import NoteError
from ledger.log.checkpoint import (
    Checkpoint,
    open_checkpoint,
    parse_checkpoint,
    sign_checkpoint,
)
from ledger.log.merkle import EMPTY_ROOT
from ledger.log.note import Signer

ORIGIN = "ledger.example/log/acme"
SIGNER = Signer.from_seed(ORIGIN, bytes(32))
ROOT = base64.b64encode(bytes(range(32))).decode()
LINES = st.text(st.characters(exclude_categories=["Cs"], min_codepoint=32), min_size=1)


@given(LINES, st.integers(1, 2**63 - 1), st.binary(min_size=32, max_size=32), st.lists(LINES))
def test_what_is_signed_opens(origin: str, size: int, root: bytes, extensions: list[str]) -> None:
    """Any checkpoint comes back from its note, for its origin and key alone."""
    checkpoint = Checkpoint(origin, size, root, tuple(extensions))
    assert parse_checkpoint(checkpoint.text()) == checkpoint
    note = sign_checkpoint(checkpoint, [SIGNER])
    assert open_checkpoint(note, origin, [SIGNER.verifier]) == checkpoint
    with pytest.raises(NoteError, match="checkpoint of other"):
        open_checkpoint(note, "other " + origin, [SIGNER.verifier])


def test_the_origin_defaults_to_the_key() -> None:
    """Without an origin the name of the key that signed is expected."""
    checkpoint = Checkpoint(ORIGIN, 0, EMPTY_ROOT)
    note = sign_checkpoint(checkpoint, [SIGNER])
    assert open_checkpoint(note, None, [SIGNER.verifier]) == checkpoint
    other = sign_checkpoint(Checkpoint("other", 0, EMPTY_ROOT), [SIGNER])
    with pytest.raises(NoteError, match=f"checkpoint of {ORIGIN}, got one of 'other'"):
        open_checkpoint(other, None, [SIGNER.verifier])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "o\n1\n",
        f"o\n1\n{ROOT}",
        f"\n1\n{ROOT}\n",
        f"o\n\n{ROOT}\n",
        f"o\n01\n{ROOT}\n",
        f"o\n+1\n{ROOT}\n",
        f"o\n-1\n{ROOT}\n",
        f"o\n1_0\n{ROOT}\n",
        f"o\n 1\n{ROOT}\n",
        f"o\n1.0\n{ROOT}\n",
        f"o\n\uff11\n{ROOT}\n",
        f"o\n{2**63}\n{ROOT}\n",
        f"o\n{'9' * 5000}\n{ROOT}\n",
        f"o\n0\n{ROOT}\n",
        f"o\n1\n{ROOT[:-1]}\n",
        f"o\n1\n{ROOT} \n",
        f"o\n1\n{ROOT[:-2]}9=\n",
        f"o\n1\n{ROOT.replace('/', '_')}x\n",
        "o\n1\nAAAA\n",
        f"o\n1\n{ROOT}\n\n",
        f"o\n1\n{ROOT}\nx\n\ny\n",
        f"o\r\n1\r\n{ROOT}\r\n",
    ],
    ids=lambda text: f"{len(text)} {text[:20]!a} {text[-12:]!a}",
)
def test_malformed_texts(text: str) -> None:
    """A checkpoint in any other spelling is refused."""
    with pytest.raises(NoteError):
        parse_checkpoint(text)


def test_the_largest_size() -> None:
    """The largest size is 2^63 - 1."""
    assert parse_checkpoint(f"o\n{2**63 - 1}\n{ROOT}\nmore\n").extensions == ("more",)


@pytest.mark.parametrize(
    ("origin", "size", "root", "extensions"),
    [
        ("", 1, bytes(32), ()),
        ("a\nb", 1, bytes(32), ()),
        ("a", -1, bytes(32), ()),
        ("a", 2**63, bytes(32), ()),
        ("a", 1, bytes(31), ()),
        ("a", 0, bytes(32), ()),
        ("a", 1, bytes(32), ("",)),
    ],
)
def test_values_that_no_checkpoint_may_have(
    origin: str, size: int, root: bytes, extensions: tuple[str, ...]
) -> None:
    """Wrong values are refused before they are signed."""
    with pytest.raises(NoteError):
        Checkpoint(origin, size, root, extensions)
