"""`suyuan key`: the keys that sign the logs, and the ones for others to pin."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger.errors import NoteError, UsageError
from ledger.log.keychain import format_keys, parse_keys
from ledger.log.note import ED25519
from ledger.loggedkeys import stored_keys
from ledger.organisations import organisations
from ledger.rotation import KeyRoom, add_ml_dsa, follow_keys, replace_stolen, retire, rotate
from ledger.store.engine import reading
from suyuan.cli.output import session_of
from suyuan.passphrases import new_passphrase

if TYPE_CHECKING:
    from ledger.log.keyring import KeyRing
    from ledger.rotation import KeyChange
    from suyuan.cli.output import Session
    from suyuan.workspace import Workspace

__all__ = ["given_keys", "register"]

app = typer.Typer(help="The logs' keys: to pin, protect and rotate.", no_args_is_help=True)


def register(parent: typer.Typer) -> None:
    """Add the group to the app."""
    parent.add_typer(app, name="key")


_Organisation = Annotated[str, typer.Argument(help="Whose log.")]
_SUBMITTER = "suyuan key"


class _Kind(StrEnum):
    ED25519 = "ed25519"
    ML_DSA_44 = "ml-dsa-44"


def given_keys(key: str) -> KeyRing:
    """The keys in a file that `key list` or the keys' folder gave, or a verifier key as text.

    Raises:
        UsageError: It is neither.
    """
    try:
        return parse_keys(Path(key).read_text("utf-8").strip())
    except (NoteError, UnicodeDecodeError) as error:
        raise UsageError(f"The file {key!r} holds no verifier key: {error}") from error
    except (OSError, ValueError):
        pass  # no file of that name: then it has to be the key itself
    try:
        return parse_keys(key)
    except NoteError as error:
        raise UsageError(
            f"{error} There is no file of that name either; see 'suyuan key list'."
        ) from error


def _room(session: Session, slug: str) -> tuple[Workspace, KeyRoom]:
    workspace = session.ledger()
    owner = workspace.known_organisation(slug)
    return workspace, KeyRoom(workspace.engine, workspace.keys, owner, _SUBMITTER, workspace.now)


def _values(ring: KeyRing) -> list[dict[str, Any]]:
    return [
        {
            "id": one.key.key_id.hex(),
            "type": (_Kind.ED25519 if one.key.kind == ED25519 else _Kind.ML_DSA_44).value,
            "first_size": one.first,
            "last_size": one.last,
            "key": one.key.vkey,
        }
        for one in ring.ranges
    ]


@app.command("list")
def show(context: typer.Context) -> None:
    """List the logs' verifier keys (C2SP vkey), with the sizes that each may sign.

    Give them to whoever verifies; they are public. A log that never changed its key has one, for
    all sizes; the lines of several belong into one file.
    """
    session = session_of(context)
    with reading(session.ledger().engine) as connection:
        found = [(one, stored_keys(connection, one)) for one in organisations(connection)]
    if session.as_json:
        session.value(
            [
                {"log": one.origin, "key": one.verifier_key, "keys": _values(ring)}
                for one, ring in found
            ]
        )
    else:
        for _, ring in found:
            session.write(format_keys(ring))


def _tell(session: Session, change: KeyChange, *lines: str) -> None:
    if session.as_json:
        session.value(
            {
                "log": change.ring.name,
                "seq": change.seq,
                "keys": _values(change.ring),
                "signed_again": change.signed_again,
            }
        )
        return
    session.say(f"entry {change.seq} of {change.ring.name} states its keys:")
    session.write(format_keys(change.ring))
    for line in lines:
        session.say(line)


@app.command("rotate")
def begin(context: typer.Context, organisation: _Organisation) -> None:
    """Make a log a new key; until 'key retire', old and new both sign each checkpoint.

    The log itself states the change, signed by both, so that whoever pinned the old key can follow.
    """
    session = session_of(context)
    _, room = _room(session, organisation)
    _tell(
        session,
        rotate(room),
        "Publish the new key; when those who verify have it, run"
        f" 'suyuan key retire {room.organisation.slug}'.",
    )


@app.command("add")
def add(
    context: typer.Context,
    organisation: _Organisation,
    kind: Annotated[_Kind, typer.Option("--type", help="Of which kind.")] = _Kind.ML_DSA_44,
) -> None:
    """Add a key of another kind, whose line stands in each checkpoint from now on.

    An ML-DSA-44 key can't be forged with a quantum computer; readers who don't know it ignore it.
    """
    session = session_of(context)
    _, room = _room(session, organisation)
    _tell(session, rotate(room) if kind is _Kind.ED25519 else add_ml_dsa(room))


@app.command("retire")
def end(
    context: typer.Context,
    organisation: _Organisation,
    key: Annotated[
        str | None,
        typer.Option(help="Its id in 'key list --json'; the oldest in use by default."),
    ] = None,
    *,
    compromised: Annotated[
        bool,
        typer.Option("--compromised", help="It was stolen: the newest key by default, at once."),
    ] = False,
    last_good: Annotated[
        int | None,
        typer.Option(help="With --compromised: size of the last checkpoint that is surely yours."),
    ] = None,
) -> None:
    """End a key: no checkpoint of a larger size that it signs is accepted any more.

    With --compromised its range ends at the size given, a new key takes its place, and what only
    the stolen key had signed above that size is signed anew.
    """
    session = session_of(context)
    if compromised != (last_good is not None):
        raise UsageError("Expected --compromised and --last-good SIZE together, or neither.")
    workspace, room = _room(session, organisation)
    if last_good is None:
        change = retire(room, key)
        ended = next(one.key for one in change.ring.ranges if one.last == change.seq + 1)
        file = workspace.keys.private_file(ended)
        _tell(session, change, f"Its private half signs nothing any more; destroy {file}.")
        return
    change = replace_stolen(room, last_good, key)
    _tell(
        session,
        change,
        f"{change.signed_again} checkpoints were signed anew.",
        "Publish the new keys where those who verify will look: the thief can write a statement"
        " as well, so that the log alone can't convince them.",
    )


@app.command("follow")
def follow(context: typer.Context, organisation: _Organisation) -> None:
    """Bring the pinned verifier keys to what the log states, as far as they prove it.

    For after a change of keys that was cut short, and for a copy of a log whose first key is
    pinned.
    """
    session = session_of(context)
    _, room = _room(session, organisation)
    ring = follow_keys(room)
    if session.as_json:
        session.value({"log": ring.name, "keys": _values(ring)})
    else:
        session.write(format_keys(ring))


def _files(session: Session, organisation: str, changed: list[Path], what: str) -> None:
    if session.as_json:
        session.value({"organisation": organisation, "changed": [str(path) for path in changed]})
        return
    for path in changed:
        session.say(f"{path}: {what}")
    if not changed:
        session.say("nothing to change")


@app.command("protect")
def protect(context: typer.Context, organisation: _Organisation) -> None:
    """Protect a log's private keys with a passphrase (PKCS#8).

    It is asked on the terminal, or taken from SUYUAN_PASSPHRASE or SUYUAN_PASSPHRASE_FILE; signing
    asks for it from then on.
    """
    session = session_of(context)
    workspace, room = _room(session, organisation)
    changed = workspace.keys.protect(room.organisation.origin, new_passphrase(session.settings))
    _files(session, organisation, changed, "protected with the passphrase")


@app.command("unprotect")
def unprotect(context: typer.Context, organisation: _Organisation) -> None:
    """Take the passphrase off a log's private keys."""
    session = session_of(context)
    workspace, room = _room(session, organisation)
    changed = workspace.keys.unprotect(room.organisation.origin)
    _files(session, organisation, changed, "no longer protected")
