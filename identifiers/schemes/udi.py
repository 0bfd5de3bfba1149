"""Unique device identification (UDI): the codes of medical devices by who issues them.

Rules kept:

* A UDI has a device identifier (DI) and production identifiers (PI): lot, serial, expiry and
  production date. Who issued it shows in the first character: ``+`` HIBCC, ``=`` or ``&`` ICCBBA,
  all else GS1.
* A UDI of GS1 is any form of a GS1 message with a GTIN (01); the DI is the GTIN. Its canonical form
  is that of the same item as a GS1 code. Years are read as GS1's rule reads them in 2025.
* `ACCREDITED` says for each scheme where its issuer may issue: EU (Implementing Decision (EU)
  2019/939), US (FDA, 21 CFR 830) and CN (NMPA). The codes of IFA stand in messages of ISO/IEC 15434
  under the data identifier 9N, those of MA in the module of that scheme.
* Whether a device is registered in EUDAMED, GUDID or China's database is not looked up.

Standard: https://www.imdrf.org (UDI guidance N48) and the issuers' own

>>> reading = parse_udi("(01)09506000117843(11)141231(17)271200(10)1234AB(21)5678CD")
>>> reading.parts["di"], reading.parts["expiry"], reading.uri
('09506000117843', '2027-12-31', 'https://id.gs1.org/01/09506000117843/21/5678CD')
>>> parse_udi("+A99912345/$$52001510X33").scheme
'udi-hibcc'
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from identifiers.errors import RequisiteError
from identifiers.gs1.dates import as_iso_date
from identifiers.gs1.digital_link import parse_digital_link
from identifiers.gs1.elements import ElementString, parse_bracketed, parse_element_string
from identifiers.gs1.scans import parse_scan
from identifiers.item_code import as_item_code
from identifiers.notices import Notice
from identifiers.schemes.hibc import parse_hibc
from identifiers.schemes.isbt import parse_isbt
from identifiers.schemes.reading import Part, Reading

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ACCREDITED", "parse_udi"]

ACCREDITED: Mapping[str, tuple[str, ...]] = {
    "udi-gs1": ("CN", "EU", "US"),
    "udi-hibcc": ("EU", "US"),
    "udi-iccbba": ("EU", "US"),
    "iso15434-06": ("EU",),
    "ma-udi": ("CN",),
}
"""Where the issuer behind a scheme is accredited; ``iso15434-06`` with a 9N stands for IFA."""

_RULE = "GS1 General Specifications, section 2.1.12"
_GTIN = "01"
_TEXTS = {"10": "lot", "21": "serial"}
_DATES = {"11": "production_date", "17": "expiry"}
_YEAR = 2025  # settles the century of two digits: 76 to 99 are 1976 to 1999
_ISSUERS = {"+": parse_hibc, "=": parse_isbt, "&": parse_isbt}


def _message(text: str) -> ElementString:
    if text.startswith("("):
        return parse_bracketed(text)
    if text.startswith("]"):
        return parse_scan(text)
    if text[:4].lower() == "http":
        return parse_digital_link(text)
    return parse_element_string(text)


def _parse_gs1(text: str) -> Reading:
    """Parse the UDI of GS1 (GS1 General Specifications, section 2.1.12)."""
    code = _message(text)
    values = dict(code.elements)
    if _GTIN not in values:
        raise RequisiteError(
            "a GTIN (01) as device identifier",
            ", ".join(f"({ai})" for ai in values),
            fix="add the GTIN of the device",
            rule=_RULE,
        )
    parts: dict[str, Part] = {"di": values[_GTIN]}
    parts |= {name: values[ai] for ai, name in _TEXTS.items() if ai in values}
    parts |= {name: as_iso_date(values[ai], _YEAR) for ai, name in _DATES.items() if ai in values}
    parts["ais"] = code.elements
    item = as_item_code(code)
    notice = Notice("udi-product", "a GTIN does not say whether its product is a medical device")
    return Reading("udi-gs1", text, item.uri, item.level, parts, (notice,))


def parse_udi(text: str) -> Reading:
    """Parse the UDI of GS1, HIBCC or ICCBBA.

    Args:
        text: What the symbol holds, or the printed form with GS1's brackets.

    Returns:
        The reading, scheme ``udi-gs1``, ``udi-hibcc`` or ``udi-iccbba``, with the device identifier
        in `di` and what there is of `lot`, `serial`, `expiry` and `production_date`.

    Raises:
        IdentifierError: The text is none of them.
    """
    return _ISSUERS.get(text[:1], _parse_gs1)(text)
