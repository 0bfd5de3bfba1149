"""What a scan means and whether the ledger knows it: scanners, identifiers and ledger joined.

Rules kept:

* A scan is identified once; what it is taken for is `read_item_code`'s to say, or a repair that is
  likely beyond doubt.
* What is read is warned about: a host that feigns another, a link that is no GS1 Digital Link only
  for a wrong value, what a profile forbids, and what a lost separator may hide.
* Each scan gets its verdict by the table of `suyuan.screening`.
* Nobody who types a code, or asks about one, is told of profiles: they judge labels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from identifiers import IdentifierError, ItemCode, identify, read_item_code
from identifiers.confidence import Confidence
from identifiers.messages import is_chinese
from identifiers.profiles import PROFILES
from ledger.errors import NotFoundError, StoreError
from ledger.times import as_text
from suyuan.screening import Soundness, Standing, judge, soundness_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from sqlalchemy import Connection

    from identifiers.candidates import Candidate
    from identifiers.identification import Identification
    from identifiers.notices import Notice
    from ledger.issuance.keys import IssuingKeys
    from ledger.query import Item
    from scanners.scan import Scan
    from suyuan.screening import Judgement

__all__ = ["LookedUp", "known_hosts", "look_up", "read_typed"]

_LINK: Final = "gs1-digital-link"
_HIDDEN: Final = (
    "the value of AI {ai} may hide {hidden}, as a separator may be lost;"
    " scan again with a scanner that sends separators",
    "AI {ai} 的值中可能还含有 {hidden}（分隔符可能丢失）；请用能传送分隔符的扫描器重新扫描",
)
_NO_LINK: Final = (
    "the link is no GS1 Digital Link: {error}",
    "该链接不是 GS1 数字链接：{error}",
)


@dataclass(frozen=True, slots=True)
class LookedUp:
    """A scan with its meaning."""

    scan: Scan
    code: ItemCode | None
    """None when its text is no code."""
    item: Item | None
    """None when the ledger doesn't know the code."""
    problem: str | None
    """Why there is no code, with the likely fix."""
    judged: Judgement
    """Whether it may be booked, and why."""
    repairs: tuple[str, ...] = ()
    """What was undone before the text could be read, such as a separator typed as a symbol."""
    warnings: tuple[str, ...] = ()
    """What is likely a mistake or a forgery, though the text can be read."""

    def as_dict(self) -> dict[str, Any]:
        """The JSON form of `suyuan --json scan`."""
        scan = self.scan
        return {
            "id": scan.id,
            "device": scan.device,
            "sequence": scan.sequence,
            "captured_at": as_text(scan.captured_at),
            "received_at": as_text(
                scan.captured_at if scan.received_at is None else scan.received_at
            ),
            "page": scan.page,
            "symbology": scan.symbology.value,
            "symbology_identifier": scan.symbology_identifier,
            "gs1": scan.gs1,
            "engine": scan.engine,
            "step": scan.step,
            "confidence": scan.confidence.value,
            "raw": scan.raw.hex(),
            "text": scan.text,
            "code": self.code.uri if self.code else None,
            "kind": self.code.level.value if self.code else None,
            "known": self.item is not None,
            "status": self.item.status if self.item else None,
            "verdict": self.judged.verdict.value,
            "reason": self.judged.reason,
            "problem": self.problem,
            "repairs": list(self.repairs),
            "warnings": list(self.warnings),
        }


def known_hosts(stem: str) -> tuple[str, ...]:
    """The hosts of our own links, which others may feign; one IP address looks like any other.

    Args:
        stem: What our links begin with.
    """
    try:
        host = urlsplit(stem).hostname or ""
    except ValueError:  # brackets that hold no address
        return ()
    return (host,) if "." in host and not host.replace(".", "").isdecimal() else ()


def look_up(
    connection: Connection | None,
    scan: Scan,
    *,
    language: str = "en",
    hosts: Collection[str] = (),
    keys: IssuingKeys | None = None,
) -> LookedUp:
    """Read a scan's code, look it up and judge it; without a connection it is only read.

    Args:
        connection: The ledger's, or None.
        scan: What was read.
        language: The language of problem, repairs, warnings and reason.
        hosts: Hosts of links that others may feign; see `known_hosts`.
        keys: The issuing keys, by which a serial of ours is told from a guess; without them no code
            counts as issued.
    """
    if scan.problem is not None:
        judged = judge(scan.confidence, Soundness.NO_CODE, Standing.UNKNOWN, language)
        return LookedUp(scan, None, None, scan.problem, judged, scan.repairs)
    found = identify(scan.code_text, known_hosts=hosts)
    try:
        code, read = _read(scan.code_text, found)
    except IdentifierError as error:
        judged = judge(scan.confidence, Soundness.NO_CODE, Standing.UNKNOWN, language)
        warnings = _said(found.warnings, language)
        said = error.message(language)
        return LookedUp(scan, None, None, said, judged, scan.repairs, warnings)
    known, standing = None, Standing.UNKNOWN
    if connection is not None:
        known = _known(connection, code)
        standing = _standing(connection, keys, code) if known is None else Standing.KNOWN
    remarks = found.warnings + (read.warnings if read else ())
    doubts = tuple(_doubts(code, read, found, language))
    soundness = soundness_of(
        scan, read, kinds={one.kind for one in remarks}, is_doubted=bool(doubts)
    )
    return LookedUp(
        scan,
        code,
        known,
        None,
        judge(scan.confidence, soundness, standing, language),
        scan.repairs + (_said(read.repairs, language) if read else ()),
        _said(remarks, language) + doubts,
    )


def _known(connection: Connection, code: ItemCode) -> Item | None:
    # Imported late: reading a code alone needs no store.
    from ledger.query import item

    try:
        return item(connection, code.uri)
    except NotFoundError:
        return None


def _standing(connection: Connection, keys: IssuingKeys | None, code: ItemCode) -> Standing:
    """What the ledger says of a code that no event names."""
    from ledger.issuance.origins import find_origin
    from ledger.issuance.register import space_of, verified_versions
    from ledger.query import has_items_of, vocabulary_of

    if code.uri in vocabulary_of(connection, (code.uri,)):
        return Standing.KNOWN
    if code.uri == code.product and has_items_of(connection, code.product):
        return Standing.KNOWN
    if keys is None or code.product is None or space_of(connection, code.product) is None:
        return Standing.UNKNOWN
    if code.uri == code.product:
        return Standing.ISSUED
    try:
        versions = verified_versions(connection, keys)
    except StoreError:  # without its key a serial of ours can't be told from a guess
        return Standing.UNKNOWN
    if find_origin(connection, versions, code) is not None:
        return Standing.ISSUED
    is_serial = code.uri == f"{code.product}/21/{code.serial}"
    return Standing.NOT_ISSUED if is_serial else Standing.UNKNOWN


def read_typed(
    text: str, *, language: str = "en", hosts: Collection[str] = ()
) -> tuple[ItemCode, tuple[str, ...]]:
    """Read a code that a person typed, as `read_item_code` does, and say what is doubtful about it.

    Args:
        text: A code in any form and scheme, without damage.
        language: The language of the warnings.
        hosts: Hosts of links that others may feign; see `known_hosts`.

    Returns:
        The code, and the warnings.

    Raises:
        IdentifierError: It is no code, or may be several.
    """
    code = read_item_code(text)
    found = identify(text, known_hosts=hosts)
    read = _plain(code, found)
    remarks = found.warnings + (read.warnings if read else ())
    judged = tuple(one for one in remarks if one.kind.partition("-")[0] not in PROFILES)
    return code, _said(judged, language) + tuple(_doubts(code, read, found, language))


def _read(text: str, found: Identification) -> tuple[ItemCode, Candidate | None]:
    """Read the code in a scan; what had to be repaired is likely beyond doubt, and is told.

    Raises:
        IdentifierError: It is no code, may be several, or its repair would be a guess.
    """
    try:
        code = read_item_code(text)
    except IdentifierError:
        best = found.best
        if best is None or not best.uri or best.confidence < Confidence.LIKELY or not best.repairs:
            raise
        return read_item_code(best.uri), best
    return code, _plain(code, found)


def _plain(code: ItemCode, found: Identification) -> Candidate | None:
    """The reading, without any repair, that a code was taken from."""
    plain = (one for one in found.candidates if one.uri == code.uri and not one.repairs)
    return next(plain, None)


def _said(notices: Iterable[Notice], language: str) -> tuple[str, ...]:
    """The remarks as text, each once: a link's host is remarked on twice."""
    return tuple(dict.fromkeys(one.message(language) for one in notices))


def _doubts(
    code: ItemCode, read: Candidate | None, found: Identification, language: str
) -> Iterator[str]:
    """Say what speaks against a reading but stands beside it: a guess, or a refusal."""
    chinese = is_chinese(language)
    if read is None:
        # A host without a dot, as inside a factory: nothing but the refusal tells what was meant.
        meant = (error for scheme, error in found.refusals if scheme == _LINK and error.ai)
        error = None if code.keys else next(meant, None)
        if error is not None:
            yield _NO_LINK[chinese].format(error=error.message(language))
        return
    for other in found.candidates if read.elements else ():
        if other.confidence == Confidence.GUESS and any(
            one.kind == "lost-separator" for one in other.repairs
        ):
            # The last value is of open length, and is shorter in the guess.
            last, _value = read.elements[-1]
            more = other.elements[len(read.elements) :]
            hidden = "".join(f"({ai}){value}" for ai, value in more)
            yield _HIDDEN[chinese].format(ai=last, hidden=hidden)
            return
