"""The misread firewall: a verdict on each scan, from its reading, its code's rules and the ledger.

The first row that fits decides:

=====  =========================  ================================  =====================  =========
rule   how it was read            what it says                      the ledger             verdict
=====  =========================  ================================  =====================  =========
1      any                        no code: a rule or check digit    any                    doubtful
                                  doesn't hold, or it broke off
2      other steps or frames      any                               any                    doubtful
       read another value
3      any                        a link that feigns another host   any                    doubtful
4      any                        mended, or may hide more than it  knows or issued it     plausible
                                  says
5      any                        the same                          doesn't                doubtful
6      any                        every rule holds                  knows or issued it     confirmed
7      any                        every rule holds                  issues this product's  doubtful
                                                                    serials, and not this
8      corrected by the symbol,   every rule holds                  doesn't know it        plausible
       or agreed upon
9      once                       proved by more than the check     doesn't know it        plausible
                                  digit of a retail symbol
10     once                       nothing else proves it            doesn't know it        doubtful
=====  =========================  ================================  =====================  =========

Rules kept:

* What was undone by a device's profile, such as a keyboard layout, is how the device sends and no
  damage; what `identifiers` had to repair is.
* One false reading in ten passes a check digit. In EAN, UPC and ITF-14 the check digit of the code
  is that of the symbol, so it proves nothing besides.
* A ledger that wasn't asked doesn't know a code.
* Nothing may be booked from a doubtful scan unless a person says so: whoever books a scan calls
  `require_bookable` first.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import TYPE_CHECKING, Final

from identifiers.confidence import Confidence as Sureness
from identifiers.messages import is_chinese
from ledger.errors import UsageError
from scanners.scan import Confidence, Symbology

if TYPE_CHECKING:
    from collections.abc import Collection

    from identifiers import ItemCode
    from identifiers.candidates import Candidate
    from scanners.scan import Scan
    from suyuan.lookup import LookedUp

__all__ = [
    "DoubtfulScanError",
    "Judgement",
    "Soundness",
    "Standing",
    "Verdict",
    "judge",
    "require_bookable",
    "soundness_of",
]


class Verdict(StrEnum):
    """What may be done with a scan."""

    CONFIRMED = "confirmed"
    """The ledger knows the code, and every rule holds."""
    PLAUSIBLE = "plausible"
    """Read reliably, and new here."""
    DOUBTFUL = "doubtful"
    """Not to be booked without a person."""


class Standing(StrEnum):
    """What the ledger says of a code."""

    KNOWN = "known"
    """An event or master data names it, or an event an item of the product that it names."""
    ISSUED = "issued"
    """We issued it, or issue serials of the product that it names."""
    NOT_ISSUED = "not issued"
    """We issue serials of its product, and this is none of them."""
    UNKNOWN = "unknown"
    """The ledger knows nothing of it, or wasn't asked."""


class Soundness(Enum):
    """What a text says for itself."""

    NO_CODE = auto()
    """It can't be read as a code."""
    FEIGNED = auto()
    """It is a link to a host that only looks like another."""
    MENDED = auto()
    """It had to be repaired, or may hide something behind a lost separator."""
    BARE = auto()
    """It is a code, and nothing but the symbol's own check digit speaks for it."""
    PROVED = auto()
    """It is a code, and a check digit or structure besides the symbol's speaks for it."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict with its reason."""

    verdict: Verdict
    rule: int
    """The row of the table, from 1."""
    reason: str
    """A phrase for people."""


class DoubtfulScanError(UsageError):
    """A doubtful scan was to be booked, and no person has confirmed it."""


_TABLE: Final = {
    1: (Verdict.DOUBTFUL, "it is no code that can be read", "无法读出编码"),
    2: (
        Verdict.DOUBTFUL,
        "it was read differently as well: scan again",
        "多次读取结果不一致，请重新扫描",
    ),
    3: (Verdict.DOUBTFUL, "its link feigns another host", "链接冒充其他网站"),
    4: (
        Verdict.PLAUSIBLE,
        "it was mended, or may hide more, and what came of it is known here",
        "经过修复或可能缺少分隔符，但系统中有此编码",
    ),
    5: (
        Verdict.DOUBTFUL,
        "it was mended, or may hide more, and what came of it is unknown here",
        "经过修复或可能缺少分隔符，且系统中没有此编码",
    ),
    6: (
        Verdict.CONFIRMED,
        "every rule holds, and the code is known here",
        "符合全部规则，系统中有此编码",
    ),
    7: (
        Verdict.DOUBTFUL,
        "we issue this product's serials, and this is none of them",
        "该产品的序列号由我们签发，但此序列号未曾签发",
    ),
    8: (
        Verdict.PLAUSIBLE,
        "it was read reliably, and the code is unknown here",
        "读取可靠，但系统中没有此编码",
    ),
    9: (
        Verdict.PLAUSIBLE,
        "every rule holds, and the code is unknown here",
        "符合全部规则，但系统中没有此编码",
    ),
    10: (
        Verdict.DOUBTFUL,
        "it was read once, nothing else proves it, and the code is unknown here",
        "只读取了一次，没有其他佐证，且系统中没有此编码",
    ),
}
_OWN_DIGIT_ALONE: Final = frozenset(
    (Symbology.EAN_8, Symbology.EAN_13, Symbology.UPC_A, Symbology.UPC_E, Symbology.ITF)
)
_BARE_GTIN: Final = "gs1-gtin"
_FEIGNING: Final = "look-alike-host"
_SUSPECT: Final = frozenset(("not-gs1", "written-control"))
"""Remarks that speak of damage: a link that is nearly one of GS1, a control character by its name.
Other remarks are about what a use forbids, or nobody can verify."""


def soundness_of(
    scan: Scan, read: Candidate | None, *, kinds: Collection[str], is_doubted: bool
) -> Soundness:
    """Say what the text of a scan that is a code proves.

    Args:
        scan: The scan.
        read: The reading that the code was taken from, where there is one.
        kinds: The kinds of all remarks on it.
        is_doubted: Whether the code may not be all of it.
    """
    if _FEIGNING in kinds:
        return Soundness.FEIGNED
    if (read is not None and read.repairs) or is_doubted or not _SUSPECT.isdisjoint(kinds):
        return Soundness.MENDED
    if (
        read is None
        or read.confidence < Sureness.STRONG
        or read.scheme == _BARE_GTIN
        or scan.symbology in _OWN_DIGIT_ALONE
    ):
        return Soundness.BARE
    return Soundness.PROVED


def judge(
    confidence: Confidence, soundness: Soundness, standing: Standing, language: str = "en"
) -> Judgement:
    """Find the first row of the table that fits."""
    rule = _rule(confidence, soundness, standing)
    verdict, english, chinese = _TABLE[rule]
    return Judgement(verdict, rule, chinese if is_chinese(language) else english)


def _rule(confidence: Confidence, soundness: Soundness, standing: Standing) -> int:
    is_ours = standing in {Standing.KNOWN, Standing.ISSUED}
    if soundness is Soundness.NO_CODE:
        return 1
    if confidence is Confidence.CONTRADICTED:
        return 2
    if soundness is Soundness.FEIGNED:
        return 3
    if soundness is Soundness.MENDED:
        return 4 if is_ours else 5
    if is_ours:
        return 6
    if standing is Standing.NOT_ISSUED:
        return 7
    if confidence in {Confidence.CORRECTED, Confidence.AGREED}:
        return 8
    return 9 if soundness is Soundness.PROVED else 10


def require_bookable(found: LookedUp, *, confirmed_by: str | None = None) -> ItemCode:
    """The code to book; a doubtful scan needs the person who confirmed it.

    Args:
        found: The scan with its verdict.
        confirmed_by: The person who has compared code and item.

    Raises:
        DoubtfulScanError: It is doubtful and nobody has confirmed it, or it is no code, which
            nobody can confirm.
    """
    code = found.code
    if code is None or (found.judged.verdict is Verdict.DOUBTFUL and not confirmed_by):
        fix = (
            "Scan it again."
            if code is None
            else "Scan it again, or let a person compare it with the item and confirm it."
        )
        raise DoubtfulScanError(
            f"The scan {found.scan.id} is not booked: {found.problem or found.judged.reason}. {fix}"
        )
    return code
