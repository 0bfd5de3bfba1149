"""A witness's private key, and a witness in memory that follows C2SP tlog-witness, for tests."""

from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.errors import LedgerError, NoteError, ProofError
from ledger.log.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint
from ledger.log.cosignature import Ed25519Cosigner
from ledger.log.merkle import EMPTY_ROOT, verify_consistency
from ledger.log.note import Signature, Verifier, parse_note
from ledger.log.witness import Response, parse_request

NOW = 1_772_323_200
"""2026-03-01T00:00:00Z, seconds since 1970."""


@dataclass(frozen=True, slots=True)
class WitnessKey:
    """The private key of a witness."""

    name: str
    private: Ed25519PrivateKey

    @classmethod
    def of(cls, name: str) -> "WitnessKey":
        """Return a key that is the same for a name at every run."""
        return cls(name, Ed25519PrivateKey.from_private_bytes(name.encode().ljust(32, b".")))

    @property
    def cosigner(self) -> Ed25519Cosigner:
        """The public half."""
        return Ed25519Cosigner(self.name, self.private.public_key().public_bytes_raw())

    def cosign(self, note: str, time: int = NOW) -> str:
        """Return the signature line over a checkpoint, with its newline."""
        return self.signature(parse_note(note).text, time).line()

    def signature(self, text: str, time: int = NOW) -> Signature:
        """Return the cosignature of a checkpoint's text."""
        bare = self.private.sign(f"cosignature/v1\ntime {time}\n{text}".encode())
        return Signature(self.name, self.cosigner.key_id, time.to_bytes(8, "big") + bare)


def policy_text(*keys: WitnessKey, quorum: str = "all", urls: tuple[str, ...] = ()) -> str:
    """Return a policy of witnesses named W0, W1 and so on, with a group Q for the quorum."""
    lines = [
        f"witness W{number} {key.cosigner.vkey} {url}".rstrip()
        for number, (key, url) in enumerate(
            zip(keys, [*urls, *[""] * (len(keys) - len(urls))], strict=True)
        )
    ]
    names = " ".join(f"W{number}" for number in range(len(keys)))
    return "\n".join([*lines, f"group Q {quorum} {names}", "quorum Q", ""])


@dataclass(slots=True)
class MemoryWitness:
    """What a witness does, written from the standard and apart from our client."""

    key: WitnessKey
    logs: dict[str, Verifier]
    """Trusted keys by origin."""
    time: int = NOW
    known: dict[str, Checkpoint] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)

    def answer(self, body: bytes) -> Response:
        """Answer an add-checkpoint request, in the order of the standard."""
        try:
            request = parse_request(body)
            checkpoint = parse_checkpoint(parse_note(request.note).text)
        except LedgerError as error:
            # A tree of size 0 with another root is well formed; it isn't consistent with anything.
            status = 422 if "empty tree's root" in str(error) else 400
            return self._refuse(status, str(error))
        if checkpoint.origin not in self.logs:
            return self._refuse(404, "unknown log")
        try:
            open_checkpoint(request.note, checkpoint.origin, [self.logs[checkpoint.origin]])
        except NoteError as error:
            return self._refuse(403, str(error))
        if request.old > checkpoint.size:
            return self._refuse(400, "old size above the checkpoint's")
        known = self.known.get(checkpoint.origin)
        known_size = known.size if known is not None else 0
        if request.old != known_size:
            return Response(409, "text/x.tlog.size", f"{known_size}\n".encode())
        try:
            root = known.root if known is not None else EMPTY_ROOT
            verify_consistency(known_size, checkpoint.size, root, checkpoint.root, request.proof)
        except ProofError as error:
            return self._refuse(422, str(error))
        self.known[checkpoint.origin] = checkpoint
        line = self.key.cosign(request.note, self.time)
        self.notes[checkpoint.origin] = request.note + line
        return Response(200, "text/plain; charset=utf-8", line.encode())

    @staticmethod
    def _refuse(status: int, text: str) -> Response:
        return Response(status, "text/plain", f"{text}\n".encode())
