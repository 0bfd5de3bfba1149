"""`suyuan witness push`, `list` and `check`."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger.cosignatures import cosignature_findings, last_cosigned, quorum_checkpoint
from ledger.errors import StoreError
from ledger.heads import KnownHeads, contradiction
from ledger.log.note import Verifier
from ledger.organisations import organisations
from ledger.store.engine import reading
from suyuan.cli.output import Finding, session_of
from suyuan.fetching import Fetcher
from suyuan.witnessing import Outcome, Pushed, push_all, witness_policy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from ledger.log.policy import Policy
    from ledger.organisations import Organisation
    from suyuan.workspace import Workspace

__all__ = ["register"]

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Witnesses, who cosign what our logs have said.",
)


def register(parent: typer.Typer) -> None:
    """Add the group to the app."""
    parent.add_typer(app, name="witness")


_Organisation = Annotated[
    str | None, typer.Option("--organisation", "-o", help="Whose log; all by default.")
]


def _chosen(workspace: Workspace, slug: str | None) -> list[Organisation]:
    if slug is not None:
        return [workspace.known_organisation(slug)]
    with reading(workspace.engine) as connection:
        return organisations(connection)


@app.command("push")
def _push(context: typer.Context, organisation: _Organisation = None) -> None:
    """Send the newest checkpoints to the witnesses, and keep what they cosign.

    For a timer; 'suyuan serve' does it by itself every minute. Exit status 1 when a witness has
    seen more of a log than there is, or something else, or refuses; 3 when one can't be reached.
    """
    session = session_of(context)
    workspace = session.ledger()
    policy = witness_policy(workspace)
    logs = [one for one in _chosen(workspace, organisation) if one.size]
    pushed = push_all(workspace, policy, logs, Fetcher())
    if session.as_json:
        session.value([asdict(one) for one in pushed])
    else:
        for one in pushed:
            session.say(f"{one.log}, size {one.size}, {one.witness}: {_told(one)}")
        if not pushed:
            session.say("nothing to send: no log has entries, or no witness has an address")
    if any(one.outcome in {Outcome.ALARM, Outcome.REFUSED} for one in pushed):
        raise Finding
    for one in pushed:
        if one.outcome is Outcome.AWAY:
            raise StoreError(one.message, "Try again later; nothing else depends on it.")


def _told(one: Pushed) -> str:
    if one.outcome is Outcome.KNOWN:
        return "has cosigned it before"
    if one.outcome is Outcome.COSIGNED:
        return f"cosigned at {_moment(one.time)}"
    return one.message


def _moment(seconds: int | None) -> str:
    return "" if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()


@app.command("list")
def _list(context: typer.Context) -> None:
    """List the witnesses of the policy, and up to where each has cosigned each log."""
    session = session_of(context)
    workspace = session.ledger()
    policy = witness_policy(workspace)
    rows: list[dict[str, Any]] = []
    with reading(workspace.engine) as connection:
        for log in organisations(connection):
            rows += [
                {
                    "log": log.origin,
                    "witness": witness.name,
                    "key": witness.cosigner.vkey,
                    "url": witness.url,
                    "size": last_cosigned(connection, log.row, witness.cosigner.vkey),
                    "behind": log.size - last_cosigned(connection, log.row, witness.cosigner.vkey),
                }
                for witness in policy.witnesses
            ]
    if session.as_json:
        session.value(rows)
    else:
        columns = ("log", "witness", "size", "behind", "url")
        session.table(columns, [[row[name] for name in columns] for row in rows])


@app.command("check")
def _check(context: typer.Context, organisation: _Organisation = None) -> None:
    """Check the stored cosignatures, and up to where the policy's quorum covers each log.

    Exit status 1 when a cosignature doesn't hold, a log has entries and no checkpoint with a
    quorum, or somebody has shown that the log was rewritten.
    """
    session = session_of(context)
    workspace = session.ledger()
    policy = witness_policy(workspace)
    logs = _chosen(workspace, organisation)
    values: list[dict[str, Any]] = []
    with reading(workspace.engine) as connection:
        for log in logs:
            if not log.size:
                continue
            key = workspace.keys.verifier(log.origin) or Verifier.from_vkey(log.verifier_key)
            found = quorum_checkpoint(connection, log.row, policy, [key])
            findings = [*_findings(connection, workspace, log, policy, quorum=found is not None)]
            values.append(
                {
                    "log": log.origin,
                    "size": log.size,
                    "quorum": policy.quorum,
                    "quorum_size": None if found is None else found[0].size,
                    "witnesses": {}
                    if found is None
                    else {witness.name: time for witness, time in found[1].items()},
                    "findings": findings,
                }
            )
    if session.as_json:
        session.value(values)
    else:
        for value in values:
            upto = value["quorum_size"]
            told = "no checkpoint with a quorum" if upto is None else f"quorum up to size {upto}"
            session.say(f"{value['log']}: {value['size']} entries, {told}")
            for name, time in value["witnesses"].items():
                session.say(f"  {name} at {_moment(time)}")
            for finding in value["findings"]:
                session.say(f"  {finding}")
    if any(value["findings"] for value in values):
        raise Finding


def _findings(
    connection: Connection,
    workspace: Workspace,
    log: Organisation,
    policy: Policy,
    *,
    quorum: bool,
) -> Iterator[str]:
    for finding in cosignature_findings(connection, log.row, log.origin):
        yield f"size {(finding.seq or 0) + 1}, {finding.column}: {finding.message}"
    if not quorum and not policy.is_reached([]):
        yield f"Nothing has the quorum {policy.quorum!r} yet; run 'suyuan witness push'."
    heads = KnownHeads.of(workspace.keys.pin(log.origin))
    for one in heads.all():
        known = one.size if one.note is None else heads.opened(one.note)
        said = contradiction(connection, log.row, log.size, known)
        if said is not None:
            yield f"{one.said_by}: {said}."
