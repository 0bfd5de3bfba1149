"""Parse an item code from any form: what a machine sent and an event says.

Rules kept:

* Text that claims to be GS1 (``urn:epc:``, the host id.gs1.org, brackets, a symbology identifier,
  leading digits) must be valid.
* A URI on another host, or a URN, is the code of the scheme whose rules it satisfies: a Digital
  Link, also a compressed one, or a code of another scheme in a resolver's address. So an item has
  one code, whichever of its addresses an event names.
* A URI that is of no such scheme, or may be of several, is its own code.
* The answer depends on the text alone. `identify` gives the same URI to every URI that it is sure
  of, which a test holds over all vectors.

Standard: https://ref.gs1.org/standards/digital-link/uri-syntax/ and
https://ref.gs1.org/standards/tds/

>>> parse_item_code("urn:epc:id:sgtin:9506000.013435.A1").uri
'https://id.gs1.org/01/09506000134352/21/A1'
>>> parse_item_code("http://s.idcode.org.cn/?code=MA.156.1003.16291").uri
'urn:suyuan:ma:MA.156.1003.16291'
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING

from identifiers.characters import is_digits
from identifiers.checkdigit import check_digit
from identifiers.epc import foreign_identity, parse_epc_urn
from identifiers.errors import IdentifierError
from identifiers.gs1 import aitable
from identifiers.gs1.digital_link import parse_digital_link
from identifiers.gs1.elements import SEPARATOR, parse_bracketed, parse_element_string
from identifiers.gs1.recognition import has_check_digit
from identifiers.gs1.scans import parse_scan
from identifiers.item_code import ItemCode, Level, as_item_code, parse_uri

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["parse_item_code"]

_KEPT = 16_384  # parsed codes kept in memory, some 20 MB at most
_KEPT_LENGTH = 200  # characters of the longest text whose code is kept
_HOST = "id.gs1.org"
_PLAIN = r"([0-9A-Za-z._\-]{1,20})"  # needs no escaping, neither in a link nor in a URN

_LINK = re.compile(rf"https://id\.gs1\.org/01/([0-9]{{14}})(?:/10/{_PLAIN})?(?:/21/{_PLAIN})?")
_SSCC_LINK = re.compile(r"https://id\.gs1\.org/00/([0-9]{18})")
_SGTIN = re.compile(rf"urn:epc:id:sgtin:([0-9]{{6,12}})\.([0-9]{{1,7}})\.{_PLAIN}")
_LGTIN = re.compile(rf"urn:epc:class:lgtin:([0-9]{{6,12}})\.([0-9]{{1,7}})\.{_PLAIN}")
_SSCC = re.compile(r"urn:epc:id:sscc:([0-9]{6,12})\.([0-9]{5,11})")

_AUTHORITY = re.compile(r"(?i:https?)://(?:[^/?#@]*@)?([^/?#:]*)")


@lru_cache(maxsize=4096)
def _gtin_of(prefix: str, reference: str) -> str | None:
    """Put a GTIN together from the parts of a URN; None when they have a wrong length."""
    digits = reference[0] + prefix + reference[1:]
    return digits + check_digit(digits) if len(digits) == 13 else None  # noqa: PLR2004  GTIN-14


def _trade_item(gtin: str, lot: str | None, serial: str | None) -> ItemCode:
    product, release = f"https://id.gs1.org/01/{gtin}", aitable.version()
    lot_uri = None if lot is None else f"{product}/10/{lot}"
    if serial is not None:
        pairs = (("01", gtin), ("21", serial))
        keys = pairs if lot is None else (pairs[0], ("10", lot), pairs[1])
        uri = f"{product}/21/{serial}"
        return ItemCode(uri, Level.INSTANCE, product, lot_uri, serial, keys, release)
    if lot is not None and lot_uri is not None:
        keys = (("01", gtin), ("10", lot))
        return ItemCode(lot_uri, Level.LOT, product, lot_uri, None, keys, release)
    return ItemCode(product, Level.PRODUCT, product, None, None, (("01", gtin),), release)


def _logistic_unit(sscc: str) -> ItemCode:
    uri, keys = f"https://id.gs1.org/00/{sscc}", (("00", sscc),)
    return ItemCode(uri, Level.LOGISTIC, None, None, None, keys, aitable.version())


def _fast_link(text: str) -> ItemCode | None:
    """Read the commonest links, already canonical; None for anything that needs the full parser."""
    found = _LINK.fullmatch(text)
    if found is not None:
        gtin, lot, serial = found.groups()
        return _trade_item(gtin, lot, serial) if has_check_digit(gtin) else None
    found = _SSCC_LINK.fullmatch(text)
    if found is not None and has_check_digit(found[1]):
        return _logistic_unit(found[1])
    return None


def _fast_urn(text: str) -> ItemCode | None:
    """Read the commonest EPC URNs; None for anything that needs the full parser."""
    found = _SGTIN.fullmatch(text)
    if found is not None:
        gtin = _gtin_of(found[1], found[2])
        return None if gtin is None else _trade_item(gtin, None, found[3])
    found = _LGTIN.fullmatch(text)
    if found is not None:
        gtin = _gtin_of(found[1], found[2])
        return None if gtin is None else _trade_item(gtin, found[3], None)
    found = _SSCC.fullmatch(text)
    if found is not None:
        digits = found[2][0] + found[1] + found[2][1:]
        if len(digits) == 17:  # noqa: PLR2004  an SSCC without its check digit
            return _logistic_unit(digits + check_digit(digits))
    return None


def _settled(text: str) -> ItemCode | None:
    """Read a URI as the code of the one scheme that it is sure to be of."""
    # Half of the package, for texts that many a ledger never sees.
    found: ItemCode | None = import_module("identifiers.schemes.settling").settle(text)
    return found


def _uri(text: str) -> ItemCode:
    if text[:8].lower() == "urn:epc:":
        foreign = foreign_identity(text)
        return parse_uri(foreign) if foreign else as_item_code(parse_epc_urn(text))
    authority = _AUTHORITY.match(text)
    if authority is not None:
        try:
            return as_item_code(parse_digital_link(text))
        except IdentifierError:
            if authority[1].lower() == _HOST:
                raise
    own = parse_uri(text)
    return _settled(text) or own


def _element_string(text: str) -> ItemCode:
    try:
        return as_item_code(parse_element_string(text))
    except IdentifierError as error:
        if len(text) in {8, 12, 13, 14} and is_digits(text) and has_check_digit(text):
            raise error.mended_by(
                "if it is a GTIN, write (01){gtin}", gtin=text.zfill(14)
            ) from None
        raise


_FORMS: dict[str, Callable[[str], ItemCode]] = {
    "(": lambda text: as_item_code(parse_bracketed(text)),
    "]": lambda text: as_item_code(parse_scan(text)),
    SEPARATOR: _element_string,
    **dict.fromkeys("0123456789", _element_string),
}
"""The forms that show in their first character; everything else is a URI."""


def _parse(text: str) -> ItemCode:
    """Parse an item code without the memory of earlier ones."""
    fast = None
    if text.startswith("https://id.gs1.org/"):
        fast = _fast_link(text)
    elif text.startswith("urn:epc:"):
        fast = _fast_urn(text)
    if fast is not None:
        return fast
    return _FORMS.get(text[:1], _uri)(text)


_parse_kept = lru_cache(maxsize=_KEPT)(_parse)


def parse_item_code(text: str) -> ItemCode:
    """Parse an item code in any form.

    Args:
        text: A Digital Link URI on any stem, an EPC URN, a bracketed or plain element string (with
            or without a symbology identifier or a leading GS), or any other absolute URI or URN.

    Returns:
        The item code in canonical form.

    Raises:
        IdentifierError: The text is no code, or is not the valid GS1 code that it claims to be.
    """
    return _parse_kept(text) if len(text) <= _KEPT_LENGTH else _parse(text)
