"""`suyuan code issue`, `issued` and `rotate`: codes of our own, their origin and their keys."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import orjson
import typer

from identifiers import IdentifierError, ItemCode, parse_item_code
from ledger.errors import StoreError, TagError, UsageError
from ledger.issuance.issuing import issue
from ledger.issuance.keys import IssuingKeys
from ledger.issuance.origins import Origin, find_origin
from ledger.issuance.register import Mode, verified_versions
from ledger.issuance.risk import LIMITS
from ledger.issuance.tags import query_of, tag_in, verify_tag
from ledger.store.engine import reading
from ledger.times import as_text
from suyuan.cli.code_answers import refusal_of
from suyuan.cli.output import Finding, given_stem, replacing, session_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Connection

    from ledger.issuance.issuing import Issued, IssuedCode
    from ledger.issuance.keys import KeyVersion
    from suyuan.cli.output import Session

__all__ = ["register"]

_TOGETHER = 1000  # lines that are written at once
_FORGOTTEN = (
    "Its tag is ours, but the ledger knows no batch of it:"
    " it was issued after the backup that the ledger was restored from."
)


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    app.command("issue")(_issue)
    app.command("issued")(_issued)
    app.command("rotate")(_rotate)


def _issue(
    context: typer.Context,
    product: Annotated[str, typer.Argument(help="Its GTIN, or its code in any form.")],
    count: Annotated[int, typer.Option("--count", "-n", help="How many codes.", min=1)],
    *,
    mode: Annotated[
        Mode,
        typer.Option(
            help="permuted: a keyed permutation of a counter; random: drawn, kept unique by the"
            " ledger."
        ),
    ] = Mode.PERMUTED,
    lot: Annotated[str | None, typer.Option(help="Lot that stands in every link.")] = None,
    supplier: Annotated[
        str | None,
        typer.Option(help="Whom the codes are for, to print offline; no key goes with them."),
    ] = None,
    stem: Annotated[
        str | None, typer.Option(help="What the links begin with.", metavar="URL")
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="File for the codes; standard output by default.")
    ] = None,
    organisation: Annotated[
        str | None, typer.Option("--organisation", "-o", help="Who issues; see 'suyuan org list'.")
    ] = None,
    submitter: Annotated[
        str | None, typer.Option(help="Who asks for them; the organisation by default.")
    ] = None,
    tag: Annotated[
        bool, typer.Option(help="Put a tag into each link by which we know our own codes.")
    ] = True,
) -> None:
    """Issue serial codes for a product, as links to print.

    The serials are written down first: what a crash cuts off is lost and never issued again. A file
    that holds something is not replaced. With --json each code is one line of JSON. The batch, the
    probability that a code is guessed and whether EU 2016/161 and 2018/574 hold are said on stderr,
    or on standard output with --output.
    """
    session = session_of(context)
    begins = session.settings.stem if stem is None else given_stem(stem)
    workspace = session.ledger()
    owner = workspace.organisation(organisation)
    with _telling_what_is_lost(session) as begun, _opened(output) as file:
        issued = issue(
            workspace.engine,
            IssuingKeys(workspace.keys.folder),
            product,
            count,
            organisation=owner,
            submitter=submitter or owner.slug,
            now=workspace.now(),
            mode=mode,
            supplier=supplier,
            lot=lot,
            stem=begins,
            tagged=tag,
        )
        begun.append(issued.batch)
        # A bar among the codes on one and the same screen would help nobody.
        silent = output is None and session.out.is_terminal
        with session.progress(silent=silent) as bar:
            lines = _lines(bar.track(issued.codes, count), as_json=session.as_json)
            if file is None:
                for part in lines:
                    session.write(part)
                    if session.reader_is_gone:  # what he did not take is lost, as after a crash
                        break
            else:
                file.writelines(lines)
    _summarise(session, issued, output)


@contextmanager
def _opened(output: Path | None) -> Iterator[TextIO | None]:
    """The file for the codes, opened before a serial is taken for it; None for standard output."""
    if output is None:
        yield None
        return
    if output.is_file() and output.stat().st_size:
        raise UsageError(
            f"{str(output)!r} is there already, and its codes can't be issued again."
            " Name another file, or move that one away."
        )
    with replacing(output) as whole, whole.open("w", encoding="utf-8") as file:
        yield file


@contextmanager
def _telling_what_is_lost(session: Session) -> Iterator[list[int]]:
    """Say that a batch, once it is in the list that is given, was not written to its end."""
    begun: list[int] = []
    fix = "Issue other codes: those of the batch are not issued again"
    try:
        yield begun
    except OSError as error:
        if not begun:
            raise
        lost = f"Batch {begun[0]} was not written to its end: {error.strerror or error}"
        raise StoreError(f"{lost}.", f"{fix}.") from error
    except KeyboardInterrupt:
        if begun:
            lost = f"Batch {begun[0]} was not written to its end"
            session.err.file.write(f"suyuan: {lost}. {fix}.\n")
        raise


def _lines(codes: Iterable[IssuedCode], *, as_json: bool) -> Iterator[str]:
    """The codes as text, some lines at a time."""
    waiting: list[str] = []
    for one in codes:
        if as_json:
            waiting.append(orjson.dumps(one._asdict(), option=orjson.OPT_APPEND_NEWLINE).decode())
        else:
            waiting.append(f"{one.link}\n")
        if len(waiting) == _TOGETHER:
            yield "".join(waiting)
            waiting = []
    yield "".join(waiting)


def _summarise(session: Session, issued: Issued, output: Path | None) -> None:
    if session.as_json:
        value = _summary(issued, output)
        if output is None:
            # Standard output holds the codes and nothing else.
            session.err.file.write(orjson.dumps(value).decode() + "\n")
        else:
            session.value(value)
    else:
        where = "" if issued.range is None else f", counters from {issued.range.first}"
        clashes = f", {issued.tally.clashes} clashes" if issued.tally.clashes else ""
        first = (
            f"Batch {issued.batch}: {issued.count} {issued.mode} codes of {issued.product},"
            f" key version {issued.version}{where}{clashes}."
        )
        speak = session.warn if output is None else session.say
        for line in (first, *issued.risk.sentences()):
            speak(line)


def _summary(issued: Issued, output: Path | None) -> dict[str, Any]:
    risk = issued.risk
    counters = issued.range and {"first": issued.range.first, "count": issued.range.count}
    return {
        "batch": issued.batch,
        "product": issued.product,
        "mode": issued.mode.value,
        "key_version": issued.version,
        "count": issued.count,
        "clashes": issued.tally.clashes,
        "counters": counters,
        "dictionary": issued.dictionary,
        "file": None if output is None else str(output),
        "issued": risk.issued,
        "guess": {"serial": str(risk.serial), "link": str(risk.link)},
        "limits": [
            {
                "law": one.law,
                "subject": one.subject,
                "below": str(one.below),
                "holds": risk.holds(one),
            }
            for one in LIMITS
        ],
    }


def _issued(
    context: typer.Context,
    codes: Annotated[list[str], typer.Argument(help="Codes in any form, also links with a tag.")],
) -> None:
    """Say whether we issued a code, when, in which batch and for whom.

    A serial's counter is recovered with the issuing key; a link's tag is checked as well. Exit
    status 1 when one wasn't issued, or its tag is wrong.
    """
    session = session_of(context)
    workspace = session.ledger()
    with reading(workspace.engine) as connection:
        versions = verified_versions(connection, IssuingKeys(workspace.keys.folder))
        language = session.settings.language
        answers = [_origin(connection, versions, text, language) for text in codes]
    if session.as_json:
        session.value(answers if len(answers) > 1 else answers[0])
    else:
        for one in answers:
            session.say(_told(one))
    if any("error" in one for one in answers):
        raise Finding


def _origin(
    connection: Connection, versions: tuple[KeyVersion, ...], text: str, language: str
) -> dict[str, Any]:
    try:
        code = parse_item_code(text)
        version = _tag_version(code, text, versions)
    except IdentifierError as error:
        return {"text": text, **refusal_of(error, language)}
    except TagError as error:
        return {"text": text, "error": str(error)}
    origin = find_origin(connection, versions, code)
    if origin is None:
        said = "It was not issued by us." if version is None else _FORGOTTEN
        return {"text": text, "code": code.uri, "error": said}
    return {
        "text": text,
        "code": code.uri,
        "tag_version": version,
        "counter": origin.counter,
        **_batch(origin),
    }


def _tag_version(code: ItemCode, text: str, versions: tuple[KeyVersion, ...]) -> int | None:
    """The version whose tag a link has; None where it has none, or the text is no link."""
    tag = tag_in(query_of(text))
    return None if tag is None else verify_tag(code.uri, tag, versions)


def _batch(origin: Origin) -> dict[str, Any]:
    batch = origin.batch
    return {
        "batch": batch.row,
        "mode": batch.mode.value,
        "key_version": batch.version,
        "organisation": batch.organisation,
        "supplier": batch.supplier,
        "submitter": batch.submitter,
        "lot": batch.lot,
        "issued_at": as_text(batch.created_at),
        "dictionary": batch.dictionary,
    }


def _told(one: dict[str, Any]) -> str:
    if "error" in one:
        return f"{one['text']}: {one['error']}"
    whom = f" for {one['supplier']}" if one["supplier"] else ""
    lot = f", lot {one['lot']}" if one["lot"] else ""
    tag = "its tag holds" if one["tag_version"] else "no tag given"
    return (
        f"{one['code']}: issued {one['issued_at']} by {one['organisation']}{whom},"
        f" batch {one['batch']}{lot}; {tag}"
    )


def _rotate(context: typer.Context) -> None:
    """Begin a new version of the issuing key.

    Codes of earlier versions stay valid. To revoke a version whose secret became known, rename its
    file in the folder of keys from issuing-vN.secret to issuing-vN.revoked.
    """
    session = session_of(context)
    workspace = session.ledger()
    keys = IssuingKeys(workspace.keys.folder)
    with reading(workspace.engine) as connection:
        verified_versions(connection, keys)
    made = keys.rotate()
    if session.as_json:
        session.value({"key_version": made.number, "identifier": made.identifier})
    else:
        session.say(f"version {made.number} of the issuing key begins")
