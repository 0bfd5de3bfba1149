"""Target profiles: what an application asks of a code beyond the rules of GS1.

A code that satisfies every rule of GS1 may still be of no use where it is meant to go. A profile
says so in warnings and refuses nothing.

Rules kept:

* ``gbt33993``: China's commodity QR code, GB/T 33993. It is applied without being asked for to a
  GTIN with a prefix of GS1 China.
* ``eu-fmd``: the unique identifier of a medicine's pack (Commission Delegated Regulation (EU)
  2016/161, article 4): product code, serial number of at most 20 characters, batch, expiry date.
* ``udi``: the unique device identifier on a label (Regulation (EU) 2017/745, annex VI, part C; US
  21 CFR 830): device identifier, and one production identifier at least.
* ``fsma204``: the traceability lot code (US 21 CFR 1.1320) as GS1 US recommends to write it: GTIN
  and lot.
* ``gs1-digital-link-qr``: what is to stand in a QR code at the point of sale must have a GS1
  Digital Link, and its key must be a GTIN.

Standard: https://openstd.samr.gov.cn, https://eur-lex.europa.eu/eli/reg_del/2016/161,
https://eur-lex.europa.eu/eli/reg/2017/745, https://www.ecfr.gov (title 21, parts 1 and 830),
https://ref.gs1.org/standards/digital-link/

>>> [str(notice) for notice in PROFILES["eu-fmd"].warnings((("01", "09506000134352"),))]
['eu-fmd: AI 21 is missing', 'eu-fmd: AI 10 is missing', 'eu-fmd: AI 17 is missing']
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from identifiers.errors import IdentifierError
from identifiers.gs1.digital_link import as_digital_link
from identifiers.gs1.elements import ElementString
from identifiers.messages import Phrase
from identifiers.notices import Notice
from identifiers.schemes.gbt33993 import is_chinese_product, profile_warnings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["PROFILES", "Elements", "Profile", "own_profiles"]

Elements: TypeAlias = "Sequence[tuple[str, str]]"
"""AIs with their values, of a verified message, in order."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What one application asks of a valid GS1 message."""

    name: str
    """Stable name, such as ``eu-fmd``."""
    title: Phrase
    """What it is, in English; Chinese as all phrases."""
    warnings: Callable[[Elements], tuple[Notice, ...]]
    """Says what the profile forbids in a message; nothing means that the message fits."""
    applies: Callable[[Elements], bool] = lambda _: False
    """Tells whether the profile is meant without being asked for."""


def _missing(profile: str, ai: str) -> Notice:
    return Notice(profile, "{profile}: AI {ai} is missing", {"profile": profile, "ai": ai})


def _medicine(elements: Elements) -> tuple[Notice, ...]:
    """Judge a pack of medicine ((EU) 2016/161, article 4(b)); AI 21 holds at most 20 characters."""
    names = {ai for ai, _ in elements}
    return tuple(_missing("eu-fmd", ai) for ai in ("01", "21", "10", "17") if ai not in names)


_PRODUCTION = ("10", "11", "17", "21", "8012")
_DEVICE = ("01", "8006")


def _device(elements: Elements) -> tuple[Notice, ...]:
    """Judge a device's label ((EU) 2017/745, annex VI, part C, section 3)."""
    names = {ai for ai, _ in elements}
    found: list[Notice] = []
    if names.isdisjoint(_DEVICE):
        found.append(_missing("udi", "01"))
    if names.isdisjoint(_PRODUCTION):
        found.append(
            Notice("udi", "udi: one of lot, serial, production date, expiry and version is missing")
        )
    return tuple(found)


def _food(elements: Elements) -> tuple[Notice, ...]:
    """Judge a food's traceability lot code (21 CFR 1.1320)."""
    names = {ai for ai, _ in elements}
    product = () if names & {"01", "02"} else (_missing("fsma204", "01"),)
    return product + (() if "10" in names else (_missing("fsma204", "10"),))


def _retail_link(elements: Elements) -> tuple[Notice, ...]:
    """Judge what is to stand in a QR code that a till reads (GS1 Digital Link: URI Syntax)."""
    found: list[Notice] = []
    if all(ai != "01" for ai, _ in elements):
        found.append(_missing("gs1-digital-link-qr", "01"))
    try:
        as_digital_link(ElementString(tuple(elements), ""))
    except IdentifierError:
        found.append(
            Notice("gs1-digital-link-qr", "gs1-digital-link-qr: the message has no Digital Link")
        )
    return tuple(found)


PROFILES: dict[str, Profile] = {
    profile.name: profile
    for profile in (
        Profile(
            "gbt33993",
            Phrase("China's two-dimensional code for commodities"),
            profile_warnings,
            is_chinese_product,
        ),
        Profile("eu-fmd", Phrase("unique identifier of a medicine's pack in the EU"), _medicine),
        Profile("udi", Phrase("unique device identifier"), _device),
        Profile("fsma204", Phrase("traceability lot code of food in the US"), _food),
        Profile(
            "gs1-digital-link-qr",
            Phrase("QR code with a GS1 Digital Link at the till"),
            _retail_link,
        ),
    )
}
"""The profiles by name."""


def own_profiles(elements: Elements) -> tuple[Profile, ...]:
    """Give the profiles that a message is meant for by itself.

    Args:
        elements: AIs with their values, of a verified message.

    Returns:
        The profiles whose `applies` says so.
    """
    return tuple(profile for profile in PROFILES.values() if profile.applies(elements))
