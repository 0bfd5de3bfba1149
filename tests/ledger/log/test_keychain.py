"""Statements about keys: followed from the first key, and refused in every other shape."""

from collections.abc import Iterable

import pytest

from ledger.errors import NoteError
from ledger.log.keychain import KeyChain, format_keys, parse_keys, parse_vkey, statement
from ledger.log.keyring import KeyRange, KeyRing
from ledger.log.mldsa import MlDsaSigner
from ledger.log.note import Signer, sign_note

NAME = "ledger.example/log/acme"
FIRST, SECOND, THIRD, THIEF = (Signer.from_seed(NAME, bytes([n]) * 32) for n in range(1, 5))
QUANTUM = MlDsaSigner.generate(NAME)
ALONE = KeyRing.of(FIRST.verifier)


def ring(*ranges: tuple[Signer | MlDsaSigner, int, int | None]) -> KeyRing:
    """Return a ring."""
    return KeyRing(tuple(KeyRange(one.verifier, first, last) for one, first, last in ranges))


BOTH = ring((FIRST, 0, None), (SECOND, 8, None))
ROTATED = ring((FIRST, 0, 21), (SECOND, 8, None))


def take(before: KeyRing, after: KeyRing, signers: Iterable[Signer], seq: int) -> KeyRing:
    """Follow one statement."""
    return KeyChain(before).take(seq, statement(after, signers, seq=seq))


def test_a_whole_life_is_followed() -> None:
    """Rotation, retirement, a key of another kind and a theft, from the first key on."""
    chain = KeyChain(ALONE)
    steps = [
        (7, BOTH, [FIRST, SECOND]),
        (20, ROTATED, [SECOND]),
        (30, KeyRing((*ROTATED.ranges, KeyRange(QUANTUM.verifier, 31))), [SECOND]),
        (
            40,
            ring((FIRST, 0, 21), (SECOND, 8, 35), (QUANTUM, 31, None), (THIRD, 36, None)),
            [SECOND, THIRD],
        ),
        (
            50,  # the first key turns out to have been stolen before it was retired
            ring((FIRST, 0, 5), (SECOND, 8, 35), (QUANTUM, 31, None), (THIRD, 36, None)),
            [THIRD],
        ),
    ]
    for seq, after, signers in steps:
        assert chain.take(seq, statement(after, signers, seq=seq)) == after
    assert chain.ring.current == THIRD.verifier
    assert chain.states == [ALONE, *(after for _, after, _ in steps)]


def test_files_of_keys() -> None:
    """Keys come back from their text; one key for all sizes stands alone, as other tools read it."""
    assert format_keys(ALONE) == FIRST.verifier.vkey + "\n"
    for one in (ALONE, BOTH, ROTATED, ring((FIRST, 3, None)), ring((QUANTUM, 0, None))):
        assert parse_keys(format_keys(one)) == one
    assert parse_keys(FIRST.verifier.vkey) == ALONE
    assert parse_keys(f"{FIRST.verifier.vkey} 0-20\n{SECOND.verifier.vkey} 8-") == ring(
        (FIRST, 0, 20), (SECOND, 8, None)
    )
    for key in (FIRST.verifier, QUANTUM.verifier):
        assert parse_vkey(key.vkey) == key


VKEY = FIRST.verifier.vkey


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        VKEY + "\n\n",
        VKEY + " 0",
        VKEY + " 0-1 ",
        VKEY + " -1",
        VKEY + "  0-1",
        VKEY + " 00-1",
        VKEY + " 1_0-",
        VKEY + " ٣-",
        VKEY + " 5-3",
        VKEY + f" 0-{2**63}",
        VKEY + "\r\n",
        VKEY + "\n" + VKEY,
        VKEY[:-1],
        "x+00000000+" + "AA==",
        f"{VKEY}\n" * 101,
    ],
)
def test_malformed_files_of_keys(text: str) -> None:
    """Any other spelling is refused."""
    with pytest.raises(NoteError):
        parse_keys(text)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        (ALONE, ALONE, "adds or ends"),
        (BOTH, ALONE, "leaves out none"),
        (ALONE, ring((SECOND, 8, None)), "stay as it began"),
        (ALONE, ring((FIRST, 1, None), (SECOND, 8, None)), "stay as it began"),
        (ALONE, ring((FIRST, 0, None), (SECOND, 7, None)), "begin at size 8"),
        (ALONE, ring((FIRST, 0, None), (SECOND, 9, None)), "begin at size 8"),
        (ALONE, ring((FIRST, 0, None), (SECOND, 0, None)), "begin at size 8"),
        (ALONE, ring((FIRST, 0, None), (SECOND, 8, 9)), "begin at size 8"),
        (ALONE, ring((FIRST, 0, 9), (SECOND, 8, None)), "end at size 8 or before"),
        (ALONE, ring((FIRST, 0, 4), (SECOND, 4, None)), "begin at size 8"),
        (ROTATED, BOTH, "never to be used again"),
        (ROTATED, ring((FIRST, 0, 22), (SECOND, 8, None)), "never to be used again"),
        (ALONE, ring((FIRST, 0, 5)), "Ed25519 key to stay"),
        (ALONE, ring((FIRST, 0, 5), (QUANTUM, 6, None)), "Ed25519 key to stay"),
    ],
)
def test_changes_that_no_statement_may_make(before: KeyRing, after: KeyRing, says: str) -> None:
    """Whoever signed it, a statement never rewrites what its keys were before."""
    chain = KeyChain(before)
    with pytest.raises(NoteError, match=says):
        chain.take(7, statement(after, [FIRST, SECOND, THIRD], seq=7))
    assert chain.ring == before


@pytest.mark.parametrize(
    ("before", "after", "signers"),
    [
        (ALONE, BOTH, [FIRST]),
        (ALONE, BOTH, [SECOND]),
        (ALONE, BOTH, [THIEF]),
        (ALONE, ring((FIRST, 0, None), (THIEF, 8, None)), [THIEF]),
        # An old key, perhaps stolen, speaks for nobody once there is a newer one.
        (BOTH, ring((FIRST, 0, None), (SECOND, 8, 8)), [FIRST]),
        (ROTATED, ring((FIRST, 0, 21), (SECOND, 8, None), (THIEF, 8, None)), [FIRST, THIEF]),
    ],
)
def test_statements_of_the_wrong_keys(
    before: KeyRing, after: KeyRing, signers: list[Signer]
) -> None:
    """The newest key before and each new one have to sign; nobody else counts."""
    with pytest.raises(NoteError, match=r"signed by|trusted key"):
        take(before, after, signers, 7)


def test_replay_after_key_rotation() -> None:
    """A statement can't be used again: not at another place, and not in another log."""
    body = statement(BOTH, [FIRST, SECOND], seq=7)
    assert KeyChain(ALONE).take(7, body) == BOTH
    with pytest.raises(NoteError, match="statement of entry 8, got that of 7"):
        KeyChain(ALONE).take(8, body)
    with pytest.raises(NoteError, match="adds or ends"):
        KeyChain(BOTH).take(7, body)
    other = Signer.from_seed("ledger.example/log/other", bytes([1]) * 32)
    with pytest.raises(NoteError, match=r"keys of ledger\.example/log/other"):
        KeyChain(KeyRing.of(other.verifier)).take(7, body)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"note": 5},
        {"note": ""},
        {"note": statement(BOTH, [FIRST], seq=7)["note"], "more": 1},
        {"note": sign_note(f"{NAME}\n7\nAAAA\n", [FIRST])},
        {"note": sign_note(f"suyuan/key/1\n{NAME}\n7\n", [FIRST])},
        {"note": sign_note(f"suyuan/key/1\n{NAME}\n07\n{VKEY} 0-\n", [FIRST])},
        {
            "note": sign_note(
                f"suyuan/key/1\n{NAME}\n7\n{VKEY}\n{SECOND.verifier.vkey} 8-\n", [FIRST, SECOND]
            )
        },
    ],
)
def test_malformed_statements(body: dict[str, object]) -> None:
    """Any other shape is refused, with the keys left as they were."""
    chain = KeyChain(ALONE)
    with pytest.raises(NoteError):
        chain.take(7, body)
    assert chain.ring == ALONE
