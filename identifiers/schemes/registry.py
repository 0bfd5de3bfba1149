"""Which schemes there are, what their codes look like at a glance, and who reads them.

Rules kept:

* A shape is a pattern that costs time linear in the length and lets through every code of its
  scheme, and little else: it saves trying, and chooses which refusals are worth telling.
* A scheme's module is imported when a text first has its shape.
* How sure a reading is follows the steps of `confidence`. Among readings of one step the order of
  this table is the order of the candidates.

>>> [reader.scheme for reader in readers_for("00395200010000000011")]
['gs1-element-string', 'cn-drug-trace-20']
>>> [reading.scheme for reading in readers_for("hdl:10.1000/182")[0].read("hdl:10.1000/182")]
['handle']
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, TypeAlias

from identifiers.characters import unescape
from identifiers.confidence import Confidence
from identifiers.errors import IdentifierError, UnknownSchemeError
from identifiers.item_code import parse_uri
from identifiers.notices import Notice
from identifiers.schemes import gs1, steps
from identifiers.schemes.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["BINARY", "MARKED", "READERS", "Reader", "readers_for"]

_Step: TypeAlias = "Confidence | Callable[[Reading, str], Confidence | None]"
"""A step of confidence, or what finds one from the reading and the text; None drops the reading."""


@dataclass(frozen=True, slots=True)
class Reader:
    """How the texts of one shape are read."""

    scheme: str
    """The scheme, or the commonest of those that the parser tells apart."""
    shape: re.Pattern[str]
    """Matches at the start of every text that may be a code of the scheme."""
    read: Callable[[str], tuple[Reading, ...]]
    """Parses the text; raises an `IdentifierError`."""
    step: _Step
    """How sure a reading is."""
    reason: Notice
    """Why the text was taken for a code of this scheme."""
    claims: bool = False
    """Whether the shape says by itself what the text is, so that its refusal is told first."""
    fallback: bool = False
    """Whether it reads only what nobody else can."""
    quiet: bool = False
    """Whether the shape says so little that a refusal is not worth telling."""

    def confidence(self, reading: Reading, text: str) -> Confidence | None:
        """Tell how sure a reading of a text is; None when it is not worth offering."""
        return self.step if isinstance(self.step, Confidence) else self.step(reading, text)


def _now(parse: Callable[[str], Reading]) -> Callable[[str], tuple[Reading, ...]]:
    return lambda text: (parse(text),)


def _later(module: str, name: str) -> Callable[[str], tuple[Reading, ...]]:
    """Give a parser whose module is imported when it is first needed."""

    def read(text: str) -> tuple[Reading, ...]:
        found = getattr(import_module(f"identifiers.schemes.{module}"), name)(text)
        return found if isinstance(found, tuple) else (found,)

    return read


def _own_urn(text: str) -> tuple[Reading, ...]:
    """Read a canonical URN of ours back: the code in it must lead to the same URN."""
    scheme, _, name = text.removeprefix("urn:suyuan:").partition(":")
    # Late, as it asks schemes that few texts are of.
    code: str = import_module("identifiers.own_names").as_symbol(scheme, unescape(name))
    for reader in readers_for(code):
        if reader.read is _own_urn:
            continue  # a name of a name would lead as deep as the text is long
        try:
            found = tuple(reading for reading in reader.read(code) if reading.uri == text)
        except IdentifierError:
            continue
        if found:
            return found
    raise UnknownSchemeError(
        "a scheme that is known here, and a code of it", text, position=0, rule="docs/adr/0006"
    )


def _other_uri(text: str) -> tuple[Reading, ...]:
    code = parse_uri(text)
    return (Reading("uri", text, code.uri, code.level),)


def _shape(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


MARKED = Reader(
    "gs1-element-string",
    _shape(""),
    _now(gs1.read_marked_elements),
    Confidence.CERTAIN,
    Notice("form", "FNC1 in front says that it is a code of GS1"),
    claims=True,
)
"""Reads an element string of which a leading FNC1 has been taken off."""

BINARY = Reader(
    "epc-binary",
    _shape(r"[2-4EFef][0-9A-Fa-f]{15,}\Z"),
    _now(gs1.read_epc_binary),
    steps.binary,
    Notice("form", "the first 8 bits are the header of an EPC, and all fields hold"),
)
"""Reads the memory of an RFID tag, as hexadecimal digits."""

READERS: tuple[Reader, ...] = (
    Reader(
        "gs1-element-string",
        _shape(r"\("),
        _now(gs1.read_bracketed),
        Confidence.CERTAIN,
        Notice("form", "application identifiers stand in brackets"),
        claims=True,
    ),
    Reader(
        "gs1-element-string",
        _shape(r"\](?:C1|e0|d2|Q3|J1|E0|E4|I1)"),
        _now(gs1.read_scan),
        Confidence.CERTAIN,
        Notice("form", "the symbology identifier says that it is a code of GS1"),
        claims=True,
    ),
    Reader(
        "gs1-digital-link",
        _shape(r"(?i:https?)://"),
        _now(gs1.read_link),
        steps.link,
        Notice("form", "a web address with a key of GS1 in its path"),
    ),
    Reader(
        "gs1-digital-link",
        _shape(r"(?i:https?)://[^/?#]+/"),
        _now(gs1.read_compressed_link),
        steps.compressed,
        Notice("form", "a web address with compressed identifiers of GS1 in its path"),
        fallback=True,
        quiet=True,
    ),
    Reader(
        "epc-urn",
        _shape(r"(?i:urn:epc:)"),
        _now(gs1.read_epc_urn),
        Confidence.CERTAIN,
        Notice("form", "it begins with urn:epc:"),
        claims=True,
    ),
    BINARY,
    Reader(
        "iso15434-06",
        _shape(r"\[\)>"),
        _later("iso15434", "parse_formats"),
        Confidence.CERTAIN,
        Notice("form", "the header [)> says that it is a message of ISO/IEC 15434"),
        claims=True,
    ),
    Reader(
        "gs1-gtin",
        _shape(r"[0-9]{6,14}\Z"),
        _now(gs1.read_gtin),
        steps.retail,
        Notice("check-digit", "as many digits as a GTIN has, and the check digit holds"),
    ),
    Reader(
        "gs1-gtin",
        _shape(r"[01][0-9]{7}\Z"),
        _now(gs1.read_upc_e),
        steps.upc_e,
        Notice("check-digit", "as many digits as UPC-E has, and the check digit holds"),
        quiet=True,
    ),
    Reader(
        "gs1-element-string",
        _shape(r"\x1d?[0-9]{2}"),
        _now(gs1.read_elements),
        steps.plain,
        Notice("structure", "application identifiers follow one another and every check holds"),
    ),
    Reader(
        "ma",
        _shape(r"MA\.|(?i:https?)://[^#]*MA\."),
        _later("ma", "parse_ma"),
        Confidence.STRONG,
        Notice("form", "it begins with the issuing agency code MA"),
    ),
    Reader(
        "gbt33993-unified-url",
        _shape(r"(?i:https?://2dcode\.org)/"),
        _later("gbt33993", "parse_unified_address"),
        Confidence.STRONG,
        Notice("form", "it is an address on 2dcode.org"),
    ),
    Reader(
        "ecode",
        _shape(r"E=|(?i:https?)://[^?#]*E="),
        _later("ecode", "parse_ecode"),
        Confidence.STRONG,
        Notice("form", "the mark E= says that it is an Ecode"),
    ),
    Reader(
        "udi-hibcc",
        _shape(r"\+[A-Z]"),
        _later("hibc", "parse_hibc"),
        Confidence.STRONG,
        Notice("check-digit", "it begins with +, and the check character holds"),
    ),
    Reader(
        "udi-iccbba",
        _shape(r"[=&][^ ]"),
        _later("isbt", "parse_isbt"),
        Confidence.STRONG,
        Notice("form", "it begins with a data identifier of ISBT 128"),
    ),
    Reader(
        "cn-uscc",
        _shape(r"[0-9A-Z]{18}\Z"),
        _later("parties", "parse_uscc"),
        Confidence.STRONG,
        Notice("check-digit", "18 characters whose check character holds"),
    ),
    Reader(
        "lei",
        # Digits alone satisfy the check digits by chance more often than an LEI has no letter.
        _shape(r"(?=[0-9A-Z]{18}[0-9]{2}\Z)[0-9]*[A-Z]"),
        _later("parties", "parse_lei"),
        Confidence.STRONG,
        Notice("check-digit", "20 characters whose check digits hold"),
    ),
    Reader(
        "oid",
        _shape(r"[0-9]+\.[0-9.]*\Z|(?i:urn:oid:)"),
        _later("oid", "parse_oid"),
        Confidence.LIKELY,
        Notice("structure", "numbers with dots between them, from a root of the tree of OIDs"),
    ),
    Reader(
        "handle",
        _shape(
            r"[0-9][^/ ]*/|(?i:hdl:|doi:|info:(?:hdl|doi)/)"
            r"|(?i:https?://(?:hdl\.handle\.net|(?:dx\.|www\.)?doi\.org)/)"
        ),
        _later("handle", "parse_handle"),
        steps.handle,
        Notice("structure", "a prefix of numbers, a slash and a suffix"),
    ),
    Reader(
        "cn-vet-drug-24",
        _shape(r"[0-9]{24}\Z"),
        _later("china", "parse_veterinary_code"),
        Confidence.LIKELY,
        Notice("structure", "24 digits that begin with a date, as a veterinary drug code has them"),
    ),
    Reader(
        "cn-pesticide-32",
        _shape(r"[0-9]{32}\Z"),
        _later("china", "parse_pesticide_code"),
        Confidence.LIKELY,
        Notice("structure", "32 digits with the classes of a pesticide code"),
    ),
    Reader(
        "cn-drug-trace-20",
        _shape(r"8[0-9]{18,20}\Z|[0-9]{20}\Z"),
        _later("china", "parse_drug_code"),
        steps.drug,
        Notice("structure", "20 digits, as a drug trace code has"),
    ),
    Reader(
        "gln",
        _shape(r"[0-9]{13}\Z"),
        _later("parties", "parse_gln"),
        Confidence.POSSIBLE,
        Notice("check-digit", "13 digits, as a GLN has, and the check digit holds"),
    ),
    Reader(
        "iso15418-di",
        _shape(r"[0-9]{0,3}[A-Z]."),
        _later("data_identifiers", "parse_data_identifier"),
        steps.identifier,
        Notice("structure", "it begins with a data identifier of ANSI MH10.8.2"),
    ),
    Reader(
        "product-identifier",
        _shape(r"did:"),
        _later("product_ids", "parse_product_identifier"),
        Confidence.STRONG,
        Notice("form", "it begins with did:"),
        claims=True,
    ),
    Reader(
        "own-urn",
        _shape(r"urn:suyuan:"),
        _own_urn,
        Confidence.CERTAIN,
        Notice("form", "it is the canonical name of a code in this ledger"),
        claims=True,
    ),
    Reader(
        "id-link",
        _shape(r"(?i:https?)://(?!(?i:id\.gs1\.org)(?:[/:?#]|\Z))"),
        _later("id_links", "parse_id_link"),
        Confidence.LIKELY,
        Notice("structure", "a web address, which may be an identification link of IEC 61406"),
        fallback=True,
    ),
    Reader(
        "uri",
        _shape(r"(?i:urn:)(?!(?i:epc:))"),
        _other_uri,
        Confidence.POSSIBLE,
        Notice("structure", "a URN of a scheme that is not known here, kept as it is"),
        fallback=True,
    ),
)
"""All readers, in the order of their candidates."""


def readers_for(text: str) -> list[Reader]:
    """Give the readers whose codes look like a text, fallbacks included.

    Args:
        text: Any text.

    Returns:
        Readers in the order of the table.
    """
    return [reader for reader in READERS if reader.shape.match(text)]
