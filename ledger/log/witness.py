r"""What a log and a witness say to each other: C2SP tlog-witness, its add-checkpoint call.

The rules:

* a request is ``old <size>``, at most 63 lines of a consistency proof from that size, an empty
  line, the signed checkpoint;
* 200 brings signature lines. One that a key of this witness did not make is ignored, one that it
  made must verify, and must say a time that is not zero and not in the future;
* 409 brings the size that the witness knows, and nothing else, as ``text/x.tlog.size``;
* any other status is a refusal, which is said in a sentence.

Nothing here opens a connection: bytes in, values out.

https://c2sp.org/tlog-witness

>>> parse_request(format_request(0, [], "o\n1\n" + "A" * 43 + "=\n\n— o AAAAAAA=\n")).old
0
"""

import base64
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from ledger.errors import NoteError, WitnessError, shown
from ledger.log.checkpoint import strict_decimal
from ledger.log.cosignature import Cosigner, verify_cosignatures
from ledger.log.merkle import HASH_SIZE
from ledger.log.note import Signature, parse_note, strict_base64

__all__ = [
    "MAX_RESPONSE",
    "Conflict",
    "Cosigned",
    "Request",
    "Response",
    "format_request",
    "parse_request",
    "read_response",
]

MAX_RESPONSE: Final = 100_000
"""Bytes of an answer that are worth reading: a few lines, of 5 kB at most."""

MAX_PROOF: Final = 63
"""Lines of a consistency proof that a client may send."""

SKEW: Final = 300
"""Seconds that a witness's clock may be ahead of ours."""

_SIZE_TYPE: Final = "text/x.tlog.size"
_SIZE: Final = re.compile(rb"(0|[1-9][0-9]{0,18})\n")
_OLD: Final = "old "


@dataclass(frozen=True, slots=True)
class Request:
    """What is posted to ``<submission prefix>/add-checkpoint``."""

    old: int
    """Size of the newest checkpoint that the witness has cosigned, as far as we know."""
    proof: tuple[bytes, ...]
    """Consistency proof from there, 32 bytes each."""
    note: str
    """The signed checkpoint."""


def format_request(old: int, proof: Sequence[bytes], note: str) -> bytes:
    """Return a request's body.

    Raises:
        WitnessError: the proof is longer than any witness reads.
    """
    if len(proof) > MAX_PROOF:
        raise WitnessError(f"Expected a proof of at most {MAX_PROOF} hashes, got {len(proof)}.")
    lines = [f"{_OLD}{old}", *(base64.b64encode(value).decode() for value in proof), "", note]
    return "\n".join(lines).encode()


def parse_request(raw: bytes) -> Request:
    """Parse a request's body strictly, as a witness does.

    Raises:
        NoteError: says what is malformed.
    """
    try:
        head, divider, note = raw.decode().partition("\n\n")
    except UnicodeDecodeError:
        raise NoteError("Expected a request in valid UTF-8.") from None
    first, *lines = head.split("\n")
    if not divider or not first.startswith(_OLD):
        raise NoteError(f"Expected a request that begins with an old size, got {shown(first)}.")
    old = strict_decimal(first.removeprefix(_OLD), "an old size")
    if len(lines) > MAX_PROOF:
        raise NoteError(f"Expected a proof of at most {MAX_PROOF} hashes, got {len(lines)}.")
    proof = tuple(strict_base64(line, "a hash") for line in lines)
    if any(len(value) != HASH_SIZE for value in proof):
        raise NoteError(f"Expected hashes of {HASH_SIZE} bytes in the proof.")
    parse_note(note)
    return Request(old, proof, note)


@dataclass(frozen=True, slots=True)
class Response:
    """A witness's answer as it came in."""

    status: int
    """HTTP status."""
    content_type: str
    """The header, or an empty text."""
    body: bytes
    """At most `MAX_RESPONSE` bytes."""


@dataclass(frozen=True, slots=True)
class Cosigned:
    """The witness cosigned."""

    lines: tuple[tuple[Cosigner, int, Signature], ...]
    """At least one: the key, the time it says in seconds since 1970 UTC, and the line."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """The witness has cosigned another size than we thought."""

    size: int


_REFUSALS: Final = {
    400: "calls the request malformed; is this a C2SP tlog-witness of version 1?",
    403: "trusts none of the keys that signed the checkpoint; give it this log's verifier key",
    404: "doesn't know this log; ask its operator to add the origin and the verifier key",
    413: "calls the request too large; ask its operator for the limit",
    422: "says that this log is no continuation of what it has cosigned before",
    429: "is asked too often; push less often",
}
_REDIRECTS: Final = range(300, 400)
_BREAKDOWNS: Final = range(500, 600)


def read_response(
    response: Response, note: str, cosigners: Collection[Cosigner], now: int
) -> Cosigned | Conflict:
    """Judge a witness's answer; nothing in it is believed that does not verify.

    Args:
        response: the answer.
        note: the signed checkpoint that was sent.
        cosigners: the keys of this witness.
        now: the clock, seconds since 1970 UTC.

    Raises:
        WitnessError: a refusal, or an answer that no witness may give; `passing` tells whether it
            is worth asking again.
    """
    if len(response.body) > MAX_RESPONSE:
        raise WitnessError(f"answers with more than {MAX_RESPONSE} bytes")
    if response.status == 200:  # noqa: PLR2004
        return _cosigned(response.body, note, cosigners, now)
    if response.status == 409:  # noqa: PLR2004
        return _conflict(response)
    if response.status in _REFUSALS:
        sentence = _REFUSALS[response.status]
    elif response.status in _REDIRECTS:
        sentence = "points to another address, which is never followed; correct its URL"
    elif response.status in _BREAKDOWNS:
        sentence = "is out of order"
    else:
        sentence = "gives an answer that no witness gives"
    raise WitnessError(
        f"{sentence} (status {response.status}{_said(response.body)})", status=response.status
    )


def _said(body: bytes) -> str:
    """What a refusal says in its own words, shortened and harmless to print."""
    words = " ".join(body[:200].decode("utf-8", "replace").split())
    return f", it says {shown(words)}" if words else ""


def _conflict(response: Response) -> Conflict:
    kind = response.content_type.partition(";")[0].strip().lower()
    found = _SIZE.fullmatch(response.body)
    if kind != _SIZE_TYPE or found is None or int(found[1]) >= 2**63:
        raise WitnessError(
            f"answers 409 without the size that it knows: {shown(response.content_type)}, "
            f"{shown(response.body)}",
            status=409,
        )
    return Conflict(int(found[1]))


def _cosigned(body: bytes, note: str, cosigners: Collection[Cosigner], now: int) -> Cosigned:
    text = parse_note(note).text
    try:
        # The lines alone below the text, so that nothing of ours is taken for the witness's.
        parsed = parse_note(text.encode() + b"\n" + body)
        if parsed.text != text:
            raise NoteError("Expected signature lines and nothing else.")  # noqa: TRY301
        found = verify_cosignatures(parsed, cosigners)
    except NoteError as error:
        raise WitnessError(f"gives cosignatures that don't hold: {error}", status=200) from None
    if not found:
        names = ", ".join(signature.name for signature in parsed.signatures)
        raise WitnessError(
            f"gives no cosignature of the key in the policy, but of {shown(names)}", status=200
        )
    for time, signature in found.values():
        if not 0 < time <= now + SKEW:
            raise WitnessError(
                f"cosigns at time {time}, which is not before {now}: compare the clocks "
                f"({shown(signature.name)})",
                status=200,
            )
    return Cosigned(tuple((key, time, line) for key, (time, line) in found.items()))
