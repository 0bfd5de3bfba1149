"""The command line `suyuan`.

Exit status: 0 fine, 1 a finding (verification failed, a code or an event was refused, nothing is
known of a code), 2 usage, 3 the surroundings (no database, locked, disk full). Errors are one
sentence on stderr with the likely fix; with SUYUAN_DEBUG=1 a defect of ours shows its traceback.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, ClassVar, Final

import typer

from ledger.errors import UsageError
from suyuan.cli.late import Late, LateGroup
from suyuan.cli.output import NAME, Asked, Finding, Session, discard_output
from suyuan.collector import relax_collector

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["app", "main"]

_COMMANDS: Final = {
    "demo": Late("demos", "Run a battery line's whole life and show the answers."),
    "serve": Late("servers", "Serve pages, GraphQL and logs until Ctrl-C."),
    "migrate": Late("logs", "Make the ledger's tables, or bring them to the newest schema."),
    "verify": Late("verifying", "Check that no log was changed since it was written."),
    "proof": Late("proofs", "Write the proof that an event stands in its log."),
    "check-proof": Late("proofs", "Check a proof file with the log's verifier key."),
    "consistency": Late("proofs", "Prove that a log contains a checkpoint that was kept."),
    "capture": Late("captures", "Put files of events into the ledger."),
    "item": Late("captures", "Show where an item is, who holds it, and its status."),
    "trace": Late("traces", "Trace what an item went into, or what it came from."),
    "balance": Late("balances", "Set what came of a lot against what went, and name the gaps."),
    "label": Late("pictures", "Make labels to print: a PDF sheet, or a PNG or SVG."),
    "scan": Late("scanning", "Read codes from pictures, PDFs or a scanner."),
    "backup": Late("backups", "Write the whole ledger into one archive, while it is in use."),
    "restore": Late("backups", "Verify a backup, then put it in the place of the ledger."),
    "erase": Late("personal", "Erase personal values for good."),
    "index": Late("indexes", "Make the trace index, check it and bring it up to date."),
    "checkpoint": Late("checkpoints", "Print a log's newest signed checkpoint."),
    "witness": Late("witnesses", "Witnesses, who cosign what our logs have said."),
    "code": Late("codes", "Item codes: identify, convert and issue."),
    "org": Late("organisations", "Organisations, each with its log."),
    "token": Late("organisations", "API keys, needed to write."),
    "personal": Late("personal", "Personal fields, sealed in the log."),
    "key": Late("keys", "The logs' keys: to pin, protect and rotate."),
    "sm": Late("sm", "Companions of checkpoints, in SM3 and SM2."),
}
"""The commands in the order of the help."""


class _Commands(LateGroup):
    late: ClassVar[Mapping[str, Late]] = _COMMANDS


app = typer.Typer(
    name="suyuan",
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _version(*, wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"suyuan {version('suyuan')}")
        raise typer.Exit


@app.callback()
def _globals(
    context: typer.Context,
    db: Annotated[
        str | None,
        typer.Option(
            help="The ledger: sqlite:///FILE or postgresql://HOST/NAME; a file in your data folder"
            " by default.",
            metavar="URL",
        ),
    ] = None,
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON value instead of text for people.")
    ] = False,
    language: Annotated[
        str | None, typer.Option(help="Language of messages: en or zh-CN.", metavar="LANG")
    ] = None,
    _show_version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Suyuan 溯源: one item, one code, one history that nobody can quietly rewrite.

    Begin with 'suyuan demo' to see it work, or with 'suyuan migrate' to make a ledger of your own;
    then 'suyuan capture FILE' and 'suyuan trace CODE'. Options here stand before the command.
    """
    # Imported late: help needs no settings.
    from suyuan.settings import read_settings

    settings = read_settings(db=db, language=language)
    session = Session(settings, as_json)
    if isinstance(context.obj, Asked):
        context.obj.language = settings.language
        context.obj.session = session
    context.obj = session
    context.call_on_close(context.obj.close)


_FINDING, _SURROUNDINGS, _INTERRUPTED = 1, 3, 130


def main() -> None:
    """Run the command line and end the process with its status."""
    relax_collector()
    sys.exit(_run())


def _run() -> int:
    status = _command()
    try:
        sys.stdout.flush()
    except OSError as error:
        from suyuan.cli.failures import surroundings

        discard_output()
        # A reader that went away wants no more; and a full disk may have been told already.
        told = isinstance(error, BrokenPipeError) or status == _SURROUNDINGS
        return status if told else surroundings(error)
    return status


def _command() -> int:
    asked = Asked()
    try:
        _check_arguments(sys.argv[1:])
        # Typer's own last resort prints tracebacks; here every error has its sentence. The name is
        # ours however we were started, as with `python -m`.
        status = app(standalone_mode=False, prog_name=NAME, obj=asked)
    except (typer.Abort, KeyboardInterrupt):
        return _INTERRUPTED
    except Finding:
        return _FINDING
    except Exception as error:  # noqa: BLE001 - each is told, or raised again
        # Imported late: the errors of all floors bring most of each floor with them.
        from suyuan.cli.failures import tell

        return tell(error, asked)
    return status if isinstance(status, int) else 0


def _check_arguments(arguments: list[str]) -> None:
    for argument in arguments:
        try:
            argument.encode("utf-8")
        except UnicodeEncodeError:
            raise UsageError(
                f"Expected UTF-8 on the command line, got {argument[:60]!a}. Set the terminal to"
                " UTF-8, or rename the file."
            ) from None
