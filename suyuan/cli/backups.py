"""`suyuan backup` and `suyuan restore`."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from getpass import getpass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import Progress

from ledger.backup.age import WORK_FACTOR
from ledger.backup.ceremony import Statement
from ledger.backup.making import SHORTEST, make_backup
from ledger.backup.restoring import restore
from ledger.errors import UsageError
from ledger.keys import KeyFolder
from ledger.store.engine import open_engine
from ledger.times import as_text
from suyuan.cli.output import session_of
from suyuan.cli.verifying import report_value
from suyuan.workspace import Workspace, prepare_place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ledger.backup.making import Made
    from ledger.backup.restoring import Restored
    from suyuan.cli.output import Session

__all__ = ["register"]

_PASSPHRASE = "SUYUAN_PASSPHRASE"  # noqa: S105 - the name of the variable
_LARGEST_KNOWN = 1 << 20  # bytes of a file of checkpoints: 1 MiB
_File = Annotated[
    Path | None,
    typer.Option("--passphrase-file", help="File whose first line is the passphrase."),
]


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    app.command("backup")(_backup)
    app.command("restore")(_restore)


def _backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(readable=False, help="The archive to write.")],
    *,
    encrypt: Annotated[
        bool, typer.Option("--encrypt", help="Encrypt it with a passphrase (age format).")
    ] = False,
    passphrase_file: _File = None,
    with_keys: Annotated[
        bool,
        typer.Option("--with-keys", help="Put the private keys into it; needs --encrypt."),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Write the whole ledger into one archive, while it is in use.

    Holds the database, the newest checkpoint of each log, verifier keys, and a signed manifest with
    the SHA-256 of each. The passphrase is taken from --passphrase-file, from SUYUAN_PASSPHRASE, or
    asked for. PostgreSQL is read by pg_dump.
    """
    session = session_of(context)
    workspace = session.ledger()
    passphrase = _chosen(passphrase_file) if encrypt or passphrase_file is not None else None
    with _bar(session) as progress:
        made = make_backup(
            workspace.engine,
            workspace.keys,
            file,
            now=workspace.now,
            product=version("suyuan"),
            passphrase=passphrase,
            work_factor=_work_factor(),
            with_keys=with_keys,
            replace=force,
            progress=progress,
        )
    if session.as_json:
        session.value(_made_value(file, made))
        return
    locked = "encrypted" if made.encrypted else "not encrypted"
    session.say(f"{file}: {made.size} bytes, {locked}, schema {made.manifest.schema}")
    for head in made.manifest.logs:
        signed = "" if head.origin in made.signed_by else "; not signed by its key"
        session.say(f"  {head.origin}: {head.size} entries{signed}")
    if not with_keys:
        session.say("  The private keys are not in it; keep a copy of the keys' folder elsewhere.")


def _made_value(file: Path, made: Made) -> dict[str, Any]:
    manifest = made.manifest
    return {
        "file": str(file),
        "bytes": made.size,
        "encrypted": made.encrypted,
        "database": manifest.database,
        "schema": manifest.schema,
        "created_at": as_text(manifest.created_at),
        "logs": [{"log": head.origin, "size": head.size} for head in manifest.logs],
        "signed_by": list(made.signed_by),
        "members": [
            {"name": one.name, "size": one.size, "sha256": one.sha256} for one in manifest.members
        ],
    }


def _restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(readable=False, help="What 'suyuan backup' wrote.")],
    *,
    passphrase_file: _File = None,
    check: Annotated[
        bool, typer.Option("--check", help="Verify the backup and replace nothing.")
    ] = False,
    known: Annotated[
        list[Path] | None,
        typer.Option(
            "--known",
            help="File with signed checkpoints that a witness or a customer has kept; a backup that"
            " lacks one of them is refused.",
        ),
    ] = None,
    recover: Annotated[
        bool,
        typer.Option(
            "--recover",
            help="Entries are lost for good: state that in a new log; needs --operator, --reason.",
        ),
    ] = False,
    operator: Annotated[str | None, typer.Option(help="Who states the loss: a name.")] = None,
    reason: Annotated[str | None, typer.Option(help="Why entries are lost.")] = None,
) -> None:
    """Verify a backup, then put it in the place of the ledger.

    Nothing is replaced unless the whole restored ledger verifies and contains every checkpoint that
    is kept here. The ledger of before is kept beside. Stop the server and all commands first.
    """
    session = session_of(context)
    statement = _statement(operator, reason, recover=recover)
    settings = session.settings
    prepare_place(settings)
    engine = open_engine(settings.db)
    try:
        with file.open("rb") as stream, _bar(session) as progress:
            done = restore(
                engine,
                KeyFolder(settings.key_folder),
                stream,
                passphrase=lambda: _passphrase(passphrase_file, "Passphrase of the backup: "),
                now=Workspace.now,
                stamp=datetime.now(UTC).strftime("%Y%m%dt%H%M%S"),
                known=[note for path in known or () for note in _notes(path)],
                check=check,
                statement=statement,
                progress=progress,
            )
    finally:
        engine.dispose()
    if session.as_json:
        session.value(_restored_value(done))
    else:
        _show(session, done)


def _statement(operator: str | None, reason: str | None, *, recover: bool) -> Statement | None:
    if not recover:
        if operator is not None or reason is not None:
            raise UsageError("--operator and --reason belong to --recover.")
        return None
    if not (operator or "").strip() or not (reason or "").strip():
        raise UsageError(
            "A recovery is a signed statement: add --operator NAME and --reason TEXT to --recover."
        )
    return Statement(str(operator).strip(), str(reason).strip())


def _restored_value(done: Restored) -> dict[str, Any]:
    return {
        "replaced": done.replaced,
        "kept": done.kept,
        "created_at": as_text(done.manifest.created_at),
        "signed_by": list(done.signed_by),
        "logs": [report_value(report) for report in done.reports],
        "lost": [
            {"log": one.origin, "size": one.size, "known": one.known, "goes_on_as": one.successor}
            for one in done.lacking
        ],
        "keys_written": done.keys,
        "not_pinned": done.unpinned,
        "without_private_key": done.keyless,
    }


def _show(session: Session, done: Restored) -> None:
    made = as_text(done.manifest.created_at)
    session.say(
        f"backup of {made}: {'restored' if done.replaced else 'verified, nothing replaced'}"
    )
    for report in done.reports:
        session.say(f"  {report.log}: intact, {report.size} entries")
    for one in done.lacking:
        session.say(
            f"  {one.origin}: {one.known - one.size} entries are lost, as its recovery states;"
            f" it is closed and goes on as {one.successor}"
        )
    if done.kept is not None:
        session.say(f"  the ledger of before is kept: {done.kept}")
    for origin in done.unpinned:
        session.say(
            f"  {origin}: no key was pinned here, so the backup's own was trusted, which proves"
            " less; compare it with one that somebody else has kept ('suyuan key list')"
        )
    if done.replaced and done.keyless:
        session.say(
            f"  The private key of {', '.join(done.keyless)} isn't here: the ledger can be read and"
            f" verified, but nothing be captured. Put the .key files of your backup of the keys"
            f" into {session.settings.key_folder}, or restore a backup that was made with"
            " --with-keys."
        )


@contextmanager
def _bar(session: Session) -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar for each step, on stderr when that is a terminal."""
    with ExitStack() as stack:
        bar = stack.enter_context(
            Progress(console=session.err, transient=True, disable=not session.err.is_terminal)
        )
        tasks: dict[str, Any] = {}

        def progress(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bar.add_task(step, total=total)
            bar.update(tasks[step], completed=done, total=total)

        yield progress


def _chosen(file: Path | None) -> str:
    """A new passphrase; one that is typed is asked for twice."""
    typed = file is None and _PASSPHRASE not in os.environ
    chosen = _passphrase(file, f"Passphrase for the backup ({SHORTEST} characters or more): ")
    if typed and getpass("The same again: ") != chosen:
        raise UsageError("The two passphrases differ; nothing was written.")
    return chosen


def _passphrase(file: Path | None, prompt: str) -> str:
    if file is not None:
        with file.open(encoding="utf-8") as lines:
            return lines.readline(1 << 12).rstrip("\r\n")
    if _PASSPHRASE in os.environ:
        return os.environ[_PASSPHRASE]
    if not _is_terminal():
        raise UsageError(
            f"The passphrase is missing: set {_PASSPHRASE} or name a file with --passphrase-file."
        )
    return getpass(prompt)


def _is_terminal() -> bool:
    return sys.stdin.isatty()


def _work_factor() -> int:
    return WORK_FACTOR


def _notes(path: Path) -> list[str]:
    """The signed notes in a file: each ends with its signature lines, after an empty line."""
    with path.open("rb") as file:
        raw = file.read(_LARGEST_KNOWN + 1)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    if not text.strip() or len(raw) > _LARGEST_KNOWN:
        raise UsageError(f"Expected signed checkpoints in {str(path)!r}, got something else.")
    notes: list[list[str]] = [[]]
    signed = False
    for line in text.splitlines(keepends=True):
        if signed and not line.startswith("\u2014 "):
            notes.append([])
            signed = False
            if not line.strip():
                continue
        signed = signed or line.startswith("\u2014 ")
        notes[-1].append(line)
    return ["".join(lines) for lines in notes if "".join(lines).strip()]
