"""`suyuan index`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger.errors import StoreError, UsageError
from ledger.times import as_text
from suyuan.cli.output import session_of
from suyuan.indexing import index_of

if TYPE_CHECKING:
    from ledger.genealogy.index.files import Manifest
    from suyuan.cli.output import Session
    from suyuan.workspace import Workspace

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("index")(_index)


def _index(
    context: typer.Context,
    *,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Make it anew in any case.")] = False,
    drop: Annotated[
        bool, typer.Option("--drop", help="Remove it; the database answers alone from then on.")
    ] = False,
) -> None:
    """Make the trace index, check it and bring it up to date.

    Traces that reach far are many times faster with it and find the same. From then on they use it
    and follow what is captured; 'suyuan serve' writes that to it now and then.
    """
    if rebuild and drop:
        raise UsageError("Choose one of --rebuild and --drop.")
    session = session_of(context)
    workspace = session.ledger()
    folder = workspace.settings.index_folder
    index = index_of(workspace)
    try:
        if drop:
            dropped = index.drop()
            _say_dropped(session, dropped=dropped)
            return
        updated = index.update(workspace.engine, rebuild=rebuild, check=True)
    except OSError as error:
        raise StoreError(
            f"The trace index in {str(folder)!r} can't be written: {error.strerror or error}.",
            "Free some space or check the folder's permissions, or name another with SUYUAN_INDEX.",
        ) from error
    if updated.manifest is None:
        raise StoreError(
            "The ids in this ledger lie too far apart for an index.",
            "Traces are answered by the database, as before.",
        )
    _tell(session, workspace, updated.manifest, updated.done)


def _say_dropped(session: Session, *, dropped: bool) -> None:
    if session.as_json:
        session.value({"dropped": dropped})
    else:
        session.say("The trace index is gone." if dropped else "There was no trace index.")


def _tell(session: Session, workspace: Workspace, manifest: Manifest, done: str) -> None:
    per_link = round(manifest.size / manifest.links, 1) if manifest.links else None
    value: dict[str, Any] = {
        "folder": str(workspace.settings.index_folder),
        "done": done,
        "links": manifest.links,
        "bytes": manifest.size,
        "bytes_per_link": per_link,
        "parts": len(manifest.parts),
        "made_at": as_text(manifest.made_at),
        "age_seconds": (workspace.now() - manifest.made_at) // 1_000_000,
        "last_event": manifest.state.last_event,
        "heads": {log.origin: log.size for log in manifest.state.logs},
    }
    if session.as_json:
        session.value(value)
        return
    said = {"base": "made", "delta": "brought up to date", "nothing": "was up to date"}[done]
    average = "" if per_link is None else f", {per_link} a link"
    session.say(
        f"{value['folder']}: {said}, {value['age_seconds']} s old",
        f"{manifest.links} links, {manifest.size} bytes{average}, in {len(manifest.parts)} parts",
        *(f"made from {origin} size {size}" for origin, size in value["heads"].items()),
    )
