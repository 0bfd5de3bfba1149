"""Tell by its first bytes what an input is, so that the right reader takes it.

Only a first look: a file that sniffs as EPCIS JSON may still be refused.

* XML and ZIP (which XLSX is) by their first characters;
* the Catena-X test data container by its key, the Trace-X import file by ``assets`` with
  ``assetMetaInfo``; either key may stand behind others, so the first 64 KiB are searched;
* UTF-16, which Windows tools write, is no JSON that we read, but is told apart from noise.

>>> sniff(b'<?xml version="1.0"?>').value
'xml'
"""

import codecs
import re
from enum import StrEnum
from typing import Final

__all__ = ["SNIFF_BYTES", "InputKind", "sniff"]

SNIFF_BYTES: Final = 64 * 1024
"""How many bytes `sniff` looks at."""


class InputKind(StrEnum):
    """What an input seems to be."""

    EPCIS_JSON = "epcis-json"
    CATENAX = "catenax"
    XML = "xml"
    ZIP = "zip"
    UNKNOWN = "unknown"


_CONTAINER: Final = re.compile(rb'"https://catenax\.io/schema/TestDataContainer/[0-9.]+"\s*:')
_TRACEX: Final = re.compile(rb'"assets"\s*:\s*\[\s*\{\s*"(?:assetMetaInfo|submodels)"\s*:')
_BLANKS: Final = b" \t\r\n"


def sniff(head: bytes) -> InputKind:
    """Return what an input seems to be, from its first `SNIFF_BYTES` (or fewer) bytes."""
    start = head[:SNIFF_BYTES].removeprefix(codecs.BOM_UTF8).lstrip(_BLANKS)
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return InputKind.ZIP
    if start.startswith(b"<") or _utf16_xml(start):
        return InputKind.XML
    if not start.startswith((b"{", b"[")):
        return InputKind.UNKNOWN
    if start.startswith(b"{") and any(p.search(start) for p in (_CONTAINER, _TRACEX)):
        return InputKind.CATENAX
    return InputKind.EPCIS_JSON


def _utf16_xml(start: bytes) -> bool:
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if start.startswith(mark):
            return start[2:4].decode(encoding, "replace") == "<"
    return False
