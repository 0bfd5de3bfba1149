"""Sending checkpoints to witnesses, and reading partners' logs: the network side of the log.

Rules kept:

* Never in the way of a capture: a push reads what is committed, and a witness that is slow or away
  costs nobody but itself.
* No cosignature is stored that doesn't verify.
* A witness that has seen more of a log than we have, or something else, is the alarm that all this
  is for. Its own copy of our signed checkpoint is fetched as evidence and kept beside the key;
  from then on the log is not written to (`ledger.heads`). A bare size counts as well, as long as
  the log is shorter.

https://c2sp.org/tlog-witness
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from ledger.errors import NoteError, NotFoundError, UsageError, WitnessError
from ledger.heads import Evidence, KnownHeads, contradiction
from ledger.keeping import read_small
from ledger.log.merkle import HASH_SIZE
from ledger.log.policy import parse_policy
from ledger.log.tiles import TILE_HEIGHT, TILE_WIDTH, tile_path
from ledger.log.witness import MAX_RESPONSE, Conflict, Cosigned, read_response
from ledger.organisations import find_organisation
from ledger.store.engine import reading
from ledger.witnessing import keep_cosignatures, prepare

if TYPE_CHECKING:
    from ledger.log.policy import Policy, Witness
    from ledger.organisations import Organisation
    from suyuan.fetching import Fetcher
    from suyuan.workspace import Workspace

__all__ = [
    "Outcome",
    "Pushed",
    "RemoteTiles",
    "fetch_note",
    "push",
    "push_all",
    "witness_policy",
]

_ROUNDS: Final = 4
"""Times that a witness may correct the size we thought it knew; others may push at once."""

_MAX_NOTE: Final = 1_000_000  # bytes of a checkpoint from elsewhere, as of a signed note


class Outcome(StrEnum):
    """What came of a push to one witness."""

    COSIGNED = "cosigned"  # it cosigned the newest checkpoint
    KNOWN = "known"  # it had cosigned it before; nothing was sent
    ALARM = "alarm"  # it has seen more of this log, or something else
    REFUSED = "refused"  # it doesn't know the log, or misbehaves
    AWAY = "away"  # it can't be reached, or is out of order


@dataclass(frozen=True, slots=True)
class Pushed:
    """The answer of one witness about one log."""

    log: str
    """Origin."""
    witness: str
    """Its name in the policy."""
    outcome: Outcome
    size: int
    """Of the checkpoint that was sent."""
    time: int | None
    """What a new cosignature says: seconds since 1970 UTC."""
    message: str
    """One sentence where it isn't fine."""


def witness_policy(workspace: Workspace) -> Policy:
    """The policy that SUYUAN_WITNESSES names.

    Raises:
        UsageError: There is none, or the file is malformed.
        StoreError: The file can't be read.
    """
    path = workspace.settings.witnesses
    if path is None:
        raise UsageError("No witnesses are set: name a policy file in SUYUAN_WITNESSES.")
    return parse_policy(read_small(path))


def push_all(
    workspace: Workspace, policy: Policy, organisations: list[Organisation], fetcher: Fetcher
) -> list[Pushed]:
    """Send the newest checkpoint of each log to each witness that has an address."""
    return [
        push(workspace, organisation, witness, fetcher)
        for organisation in organisations
        for witness in policy.witnesses
        if witness.url is not None
    ]


def push(
    workspace: Workspace, organisation: Organisation, witness: Witness, fetcher: Fetcher
) -> Pushed:
    """Send the newest checkpoint of a log to a witness, and store what it cosigns.

    Raises:
        NotFoundError: The log has no checkpoint yet.
        StoreError: The store can't be read or written.
        UsageError: The witness's address can't be meant.
    """
    return _Push(workspace, organisation, witness, fetcher).run()


@dataclass(slots=True)
class _Push:
    workspace: Workspace
    organisation: Organisation
    witness: Witness
    fetcher: Fetcher

    def run(self) -> Pushed:
        old: int | None = None
        size = 0
        for _round in range(_ROUNDS):
            request = prepare(self.workspace.engine, self.organisation, self.witness.cosigner, old)
            size = request.size
            if old is None and request.cosigned:
                return self._said(Outcome.KNOWN, size)
            if not request.body:
                # Read again since the witness spoke, so that no other process has written it.
                return self._behind(request.old, size)
            try:
                answer = self._ask(request.body, request.note)
            except WitnessError as error:
                if error.status == 422:  # noqa: PLR2004
                    return self._contradicted(size, str(error))
                outcome = Outcome.AWAY if error.passing else Outcome.REFUSED
                return self._said(outcome, size, f"{self.witness.name} {error}.")
            if isinstance(answer, Cosigned):
                keep_cosignatures(self.workspace.engine, self.organisation, size, answer)
                return self._said(Outcome.COSIGNED, size, at=answer.lines[0][1])
            if answer.size == request.old:
                # Version 1.0 of the protocol says so of an equal size with another root.
                return self._contradicted(size, "knows another root of the same size")
            old = answer.size
        return self._said(
            Outcome.REFUSED, size, f"{self.witness.name} names another size at each try."
        )

    def _ask(self, body: bytes, note: str) -> Cosigned | Conflict:
        response = self.fetcher.post(
            f"{(self.witness.url or '').rstrip('/')}/add-checkpoint",
            body,
            content_type="text/plain; charset=utf-8",
            limit=MAX_RESPONSE,
        )
        now = self.workspace.now() // 1_000_000
        return read_response(response, note, [self.witness.cosigner], now)

    def _behind(self, known: int, size: int) -> Pushed:
        """The witness has cosigned a larger tree: the log was rolled back."""
        if not self._fetch_evidence():
            self._heads().keep(Evidence(known, self._who(), self.workspace.now()))
        return self._said(
            Outcome.ALARM,
            size,
            f"{self.organisation.origin} was rolled back: it has {size} entries here, and"
            f" {self.witness.name} has cosigned {known}. Nothing is written to it until the newest"
            " copy is restored.",
        )

    def _contradicted(self, size: int, said: str) -> Pushed:
        """The witness says that this log is no continuation of what it has seen."""
        proven = self._fetch_evidence()
        return self._said(
            Outcome.ALARM,
            size,
            f"{self.organisation.origin} was rewritten: {self.witness.name} {said}."
            + (
                " The checkpoint that it holds is signed with this log's key and kept as evidence;"
                " nothing is written until the right copy is restored."
                if proven
                else " Ask its operator for the checkpoint that it holds; run 'suyuan verify'."
            ),
        )

    def _fetch_evidence(self) -> bool:
        """Get what the witness holds of this log; tell whether it was kept as evidence.

        Many witnesses show it below their submission prefix; it isn't promised.
        """
        name = sha256(self.organisation.origin.encode()).hexdigest()
        url = f"{(self.witness.url or '').rstrip('/')}/{name}/checkpoint"
        heads = self._heads()
        try:
            note = fetch_note(url, self.fetcher)
            checkpoint = heads.opened(note)
        except (WitnessError, NoteError):
            return False
        with reading(self.workspace.engine) as connection:
            log = find_organisation(connection, self.organisation.slug)
            found = contradiction(connection, log.row, log.size, checkpoint)
        if found is None:
            return False
        heads.keep(Evidence(checkpoint.size, self._who(), self.workspace.now(), note))
        return True

    def _heads(self) -> KnownHeads:
        return KnownHeads.of(self.workspace.keys.pin(self.organisation.origin))

    def _who(self) -> str:
        return f"witness {self.witness.cosigner.name}"

    def _said(
        self, outcome: Outcome, size: int, message: str = "", at: int | None = None
    ) -> Pushed:
        return Pushed(self.organisation.origin, self.witness.name, outcome, size, at, message)


def fetch_note(url: str, fetcher: Fetcher) -> str:
    """Get a checkpoint; nothing in it is verified.

    Raises:
        WitnessError: There is none.
    """
    response = fetcher.get(url, limit=_MAX_NOTE)
    if response.status != 200:  # noqa: PLR2004
        raise WitnessError(f"has no checkpoint (status {response.status})", status=response.status)
    try:
        return response.body.decode()
    except UnicodeDecodeError:
        raise WitnessError("answers with what is no text", status=200) from None


@dataclass(frozen=True, slots=True)
class RemoteTiles:
    """The tiles of a partner's log, per C2SP tlog-tiles; none is trusted."""

    base: str
    """The log's address, which ends in a slash."""
    size: int
    """Entries of the tree that is asked about."""
    fetcher: Fetcher

    def read_tile(self, level: int, index: int) -> bytes:
        """The hashes of a tile, as many as the tree of this size has there.

        Raises:
            NotFoundError: The partner doesn't give it.
        """
        there = (self.size >> (TILE_HEIGHT * level)) - index * TILE_WIDTH
        # A partial tile may be gone once the full one is there ("Partial Tiles").
        for width in dict.fromkeys((min(there, TILE_WIDTH), TILE_WIDTH)):
            path = tile_path(level, index, width)
            try:
                response = self.fetcher.get(self.base + path, limit=TILE_WIDTH * HASH_SIZE)
            except WitnessError as error:
                raise NotFoundError(f"{self.base}{path} {error}.") from error
            if response.status == 200:  # noqa: PLR2004
                return response.body
        raise NotFoundError(f"{self.base}{tile_path(level, index)} is missing.")
