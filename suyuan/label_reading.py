"""Scans of one picture: what the symbols of a label say together, where one alone is no code.

A logistic label spreads a message over several linear symbols: what it holds in one, the lot in
another, the SSCC in a third (GS1 General Specifications, sections 4.13 and 6.6). Rules kept:

* GS1-128 symbols of one picture or page are read together where one of them is no code by itself
  and all make one message. Those of two labels contradict each other, and each stays for itself.
* Each then stands for the item of the message, and says that it was read so.
* What was read in one symbol stays as it was read: raw bytes, text and id are its own.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Final

from identifiers import IdentifierError, as_bracketed, as_element_string, join_scans
from identifiers.messages import is_chinese

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from scanners.scan import Scan
    from suyuan.lookup import LookedUp

__all__ = ["look_up_labels"]

_LINEAR: Final = "]C1"
_TOGETHER: Final = (
    "read together with the other bar codes of its label: {message}",
    "与同一标签上的其他条码合并读取：{message}",
)


def look_up_labels(
    scans: Iterable[Scan], look: Callable[[Scan], LookedUp], *, language: str = "en"
) -> Iterator[LookedUp]:
    """Look scans up, those of one label together where it takes that.

    Args:
        scans: Those of one picture or page one behind another.
        look: Looks a scan up by itself.
        language: The language of what is said.
    """
    for _place, some in groupby(scans, lambda one: (one.device, one.page)):
        found = [look(one) for one in some]
        yield from _together(found, look, language)


def _together(
    found: list[LookedUp], look: Callable[[Scan], LookedUp], language: str
) -> list[LookedUp]:
    label = [one for one in found if _is_of_label(one.scan)]
    if len(label) == 1 or all(one.problem is None for one in label):
        return found
    try:
        whole = join_scans([one.scan.code_text for one in label])
    except IdentifierError:  # no label, or several: each was told what is wrong with it
        return found
    message = as_element_string(whole)
    said = _TOGETHER[is_chinese(language)].format(message=as_bracketed(whole))
    return [_as_part(one, message, look, said) if one in label else one for one in found]


def _is_of_label(scan: Scan) -> bool:
    return scan.quad is not None and scan.problem is None and scan.symbology_identifier == _LINEAR


def _as_part(one: LookedUp, message: str, look: Callable[[Scan], LookedUp], said: str) -> LookedUp:
    whole = look(replace(one.scan, text=message))
    return replace(whole, scan=one.scan, repairs=(*whole.repairs, said))
