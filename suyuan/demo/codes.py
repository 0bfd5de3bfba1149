"""GS1 codes of the demonstration companies, in the two spellings partners really send.

Rules kept:

* Every key stands on a seven-digit company prefix of GS1's demonstration range (952), so no code
  of the demo can belong to a real article.
* A code is a value with its parts; `uri` is the canonical GS1 Digital Link URI, `urn` the EPC URN
  of the same thing.
* Check digits come from `identifiers`, the one place that computes them.

GS1 General Specifications section 3; GS1 Digital Link URI Syntax; EPC Tag Data Standard section 6.
"""

from dataclasses import dataclass

from identifiers.checkdigit import check_digit

__all__ = ["Company", "Gtin", "asset", "document", "returnable"]

_STEM = "https://id.gs1.org"


@dataclass(frozen=True, slots=True)
class Gtin:
    """A product class and the lots and serials below it."""

    prefix: str
    """GS1 company prefix, seven digits."""

    reference: int
    """Item reference, 0 to 99,999."""

    @property
    def digits(self) -> str:
        """The GTIN-14 with indicator digit 0."""
        body = f"0{self.prefix}{self.reference:05d}"
        return body + check_digit(body)

    @property
    def uri(self) -> str:
        """The product class itself."""
        return f"{_STEM}/01/{self.digits}"

    def lot(self, lot: str) -> str:
        """One lot (AI 10)."""
        return f"{self.uri}/10/{lot}"

    def serial(self, serial: str) -> str:
        """One instance (AI 21)."""
        return f"{self.uri}/21/{serial}"

    def serial_of_lot(self, lot: str, serial: str) -> str:
        """One instance as a label spells it that names the lot as well (AI 10 before AI 21)."""
        return f"{self.uri}/10/{lot}/21/{serial}"

    def lot_urn(self, lot: str) -> str:
        """The same lot as an EPC class URN (LGTIN)."""
        return f"urn:epc:class:lgtin:{self.prefix}.0{self.reference:05d}.{lot}"

    def serial_urn(self, serial: str) -> str:
        """The same instance as an EPC URN (SGTIN)."""
        return f"urn:epc:id:sgtin:{self.prefix}.0{self.reference:05d}.{serial}"


@dataclass(frozen=True, slots=True)
class Company:
    """What one company prefix issues besides products: parties, locations, logistic units."""

    prefix: str
    """GS1 company prefix, seven digits."""

    @property
    def pgln(self) -> str:
        """The company as a party (AI 417)."""
        return f"{_STEM}/417/{self.gln_digits(0)}"

    def gln_digits(self, reference: int) -> str:
        """A GLN's 13 digits; reference 0 is the company, others are its places."""
        body = f"{self.prefix}{reference:05d}"
        return body + check_digit(body)

    def gln(self, reference: int) -> str:
        """A place (AI 414)."""
        return f"{_STEM}/414/{self.gln_digits(reference)}"

    def gln_urn(self, reference: int) -> str:
        """The same place as an EPC URN (SGLN without extension)."""
        return f"urn:epc:id:sgln:{self.prefix}.{reference:05d}.0"

    def sscc(self, extension: int, serial: int) -> str:
        """A logistic unit (AI 00)."""
        body = f"{extension}{self.prefix}{serial:09d}"
        return f"{_STEM}/00/{body}{check_digit(body)}"

    def sscc_urn(self, extension: int, serial: int) -> str:
        """The same logistic unit as an EPC URN."""
        return f"urn:epc:id:sscc:{self.prefix}.{extension}{serial:09d}"

    def order(self, kind: str, number: str) -> str:
        """A business document of this company, as CBV 2.0 section 8.5 names it."""
        return f"urn:epcglobal:cbv:bt:{self.gln_digits(0)}:{kind}-{number}"


def asset(prefix: str, reference: str) -> str:
    """An instrument (GIAI, AI 8004)."""
    return f"{_STEM}/8004/{prefix}{reference}"


def document(prefix: str, kind: int, serial: str) -> str:
    """A certificate (GDTI, AI 253): `kind` is the document type, five digits."""
    body = f"{prefix}{kind:05d}"
    return f"{_STEM}/253/{body}{check_digit(body)}{serial}"


def returnable(prefix: str, kind: int, serial: str) -> str:
    """A container that comes back (GRAI, AI 8003): `kind` is the asset type, five digits."""
    body = f"{prefix}{kind:05d}"
    return f"{_STEM}/8003/0{body}{check_digit(body)}{serial}"
