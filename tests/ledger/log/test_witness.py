"""What a log and a witness say to each other, and what a hostile witness may not say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import NoteError, WitnessError
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.merkle import consistency_proof, leaf_hash, root
from ledger.log.note import Signer
from ledger.log.witness import (
    MAX_PROOF,
    MAX_RESPONSE,
    Conflict,
    Cosigned,
    Response,
    format_request,
    parse_request,
    read_response,
)
from tests.ledger.cosigning import NOW, MemoryWitness, WitnessKey

LOG = Signer.from_seed("example.org/log", bytes(32))
LEAVES = [leaf_hash(bytes([number])) for number in range(40)]
KEY, OTHER = WitnessKey.of("w.example/1"), WitnessKey.of("w.example/2")


def note(size: int) -> str:
    """Return the signed checkpoint over the first entries."""
    return sign_checkpoint(Checkpoint(LOG.name, size, root(LEAVES[:size])), [LOG])


def answer(body: str | bytes, status: int = 200, kind: str = "text/plain") -> Response:
    """Return an answer of a witness."""
    return Response(status, kind, body.encode() if isinstance(body, str) else body)


def judged(response: Response) -> Cosigned | Conflict:
    """Judge an answer about size 3 as a client that trusts the first key."""
    return read_response(response, note(3), [KEY.cosigner], NOW)


@given(st.lists(st.integers(0, 40), min_size=2, max_size=6))
def test_a_witness_follows_a_log(sizes: list[int]) -> None:
    """A witness that the standard describes cosigns each larger tree, and tells its size otherwise."""
    witness = MemoryWitness(KEY, {LOG.name: LOG.verifier})
    known = 0
    for size in sizes:
        for old in {known, 0}:
            if old > size:
                continue
            body = format_request(old, consistency_proof(LEAVES[:size], old), note(size))
            assert parse_request(body).old == old
            said = read_response(witness.answer(body), note(size), [KEY.cosigner], NOW)
            if old == known:
                assert isinstance(said, Cosigned)
                [(key, time, _line)] = said.lines
                assert (key, time) == (KEY.cosigner, NOW)
            else:
                assert said == Conflict(known)
            if isinstance(said, Cosigned):
                known = size


def test_foreign_lines_are_ignored() -> None:
    """Only what our key of the witness signed is taken from an answer."""
    said = judged(answer(OTHER.cosign(note(3)) + KEY.cosign(note(3))))
    assert isinstance(said, Cosigned)
    assert [line.name for _key, _time, line in said.lines] == [KEY.name]


@pytest.mark.parametrize(
    ("response", "message"),
    [
        (answer(""), "don't hold"),
        (answer(KEY.cosign(note(3)).removesuffix("\n")), "don't hold"),
        (answer("\n" + KEY.cosign(note(3))), "don't hold"),
        (answer(note(3) + KEY.cosign(note(3))), "don't hold"),
        (answer(KEY.cosign(note(4))), "don't hold"),
        (answer(KEY.cosign(note(3)).replace("\n", "\r\n")), "don't hold"),
        (answer(b"\xff\xfe\n"), "don't hold"),
        (answer("— " + "x" * 200 + "\n"), "don't hold"),
        (answer(OTHER.cosign(note(3))), "no cosignature of the key"),
        (answer(KEY.cosign(note(3), 0)), "compare the clocks"),
        (answer(KEY.cosign(note(3), NOW + 301)), "compare the clocks"),
        (answer(b"x" * (MAX_RESPONSE + 1)), "more than"),
        (answer("unknown log\n", 404), "doesn't know this log.*'unknown log'"),
        (answer("", 403), r"give it this log's verifier key \(status 403\)"),
        (answer("", 400), "malformed"),
        (answer("", 422), "no continuation"),
        (answer("\x1b[2J" * 99, 429), "too often"),
        (answer("", 302), "never followed"),
        (answer("", 503), "out of order"),
        (answer("", 204), "no witness gives"),
        (answer("", 418), "no witness gives"),
        *[
            (answer(body, 409, kind), "without the size")
            for body, kind in [
                ("7\n", "text/plain"),
                ("7", "text/x.tlog.size"),
                ("07\n", "text/x.tlog.size"),
                ("+7\n", "text/x.tlog.size"),
                ("1_0\n", "text/x.tlog.size"),
                ("7\n\n", "text/x.tlog.size"),
                ("٧\n", "text/x.tlog.size"),
                ("9223372036854775808\n", "text/x.tlog.size"),
                ("", "text/x.tlog.size"),
            ]
        ],
    ],
)
def test_what_a_witness_may_not_say(response: Response, message: str) -> None:
    """Each wrong answer has its sentence, on one line and harmless to print."""
    with pytest.raises(WitnessError, match=message) as caught:
        judged(response)
    assert "\n" not in str(caught.value)
    assert "\x1b" not in str(caught.value)
    assert caught.value.passing is (response.status in {429, 503})


def test_text_smuggled_between_is_refused() -> None:
    """Lines that hold over a longer text than ours, which the answer brings along, don't count."""
    text = note(3).partition("\n\n")[0] + "\n"
    longer = f"{text}\n— x AAAAAAA=\n"
    line = KEY.signature(longer).line()
    with pytest.raises(WitnessError, match="signature lines and nothing else"):
        judged(answer(f"— x AAAAAAA=\n\n{line}"))


def test_the_size_that_a_witness_knows() -> None:
    """It stands alone in a line, and its type may have parameters."""
    assert judged(answer("7\n", 409, "Text/X.tlog.size; charset=utf-8")) == Conflict(7)
    assert judged(answer("0\n", 409, "text/x.tlog.size")) == Conflict(0)
    largest = judged(answer("9223372036854775807\n", 409, "text/x.tlog.size"))
    assert largest == Conflict(2**63 - 1)


def test_a_proof_has_at_most_63_lines() -> None:
    """Neither is a longer one sent, nor is it read."""
    many = [bytes(32)] * (MAX_PROOF + 1)
    with pytest.raises(WitnessError, match="at most 63"):
        format_request(1, many, note(3))
    body = format_request(1, many[1:], note(3))
    line = body.split(b"\n")[1]
    with pytest.raises(NoteError, match="at most 63"):
        parse_request(body.replace(b"old 1\n", b"old 1\n" + line + b"\n"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ((b"old 1", b"new 1"), "old size"),
        ((b"old 1", b"old 01"), "decimal"),
        ((b"old 1", b"old  1"), "decimal"),
        ((b"old 1", b"old -1"), "decimal"),
        ((b"\n\n", b"\n"), "empty line|decimal|base64|old size"),
        ((b"AAA=\n", b"AAA\n"), "base64"),
        ((b"\nAAAA", b"\n"), "32 bytes"),
        ((b"old 1", b"old \xff"), "UTF-8"),
    ],
)
def test_what_is_no_request(change: tuple[bytes, bytes], message: str) -> None:
    """A request has one way to be written."""
    body = format_request(1, [bytes(32)], note(3))
    parse_request(body)
    with pytest.raises(NoteError, match=message):
        parse_request(body.replace(*change, 1))
