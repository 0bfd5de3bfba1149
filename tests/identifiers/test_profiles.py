"""What applications ask of a code beyond the rules of GS1."""

import pytest

from identifiers.profiles import PROFILES, Elements, own_profiles

GTIN = ("01", "09506000134352")
CHINESE = ("01", "06901234567892")


@pytest.mark.parametrize(
    ("name", "elements", "warnings"),
    [
        (
            "gbt33993",
            (CHINESE, ("10", "A%1")),
            ["gbt33993: % & / < > ? not allowed in AI 10 and 21"],
        ),
        ("gbt33993", (CHINESE, ("10", "A1")), []),
        ("eu-fmd", (GTIN, ("21", "A"), ("17", "270228"), ("10", "B")), []),
        ("eu-fmd", (GTIN, ("21", "A"), ("10", "B")), ["eu-fmd: AI 17 is missing"]),
        ("udi", (GTIN, ("17", "270228")), []),
        (
            "udi",
            (GTIN,),
            ["udi: one of lot, serial, production date, expiry and version is missing"],
        ),
        ("udi", (("10", "A"),), ["udi: AI 01 is missing"]),
        ("fsma204", (GTIN, ("10", "A")), []),
        ("fsma204", (("02", "09506000134352"), ("37", "1")), ["fsma204: AI 10 is missing"]),
        ("fsma204", (("10", "A"),), ["fsma204: AI 01 is missing"]),
        ("gs1-digital-link-qr", (GTIN, ("10", "A")), []),
        (
            "gs1-digital-link-qr",
            (("414", "9506000134352"),),
            ["gs1-digital-link-qr: AI 01 is missing"],
        ),
        (
            "gs1-digital-link-qr",
            (("10", "A"),),
            [
                "gs1-digital-link-qr: AI 01 is missing",
                "gs1-digital-link-qr: the message has no Digital Link",
            ],
        ),
    ],
)
def test_warnings(name: str, elements: Elements, warnings: list[str]) -> None:
    """A profile names what is missing or forbidden, and nothing else."""
    assert [str(notice) for notice in PROFILES[name].warnings(elements)] == warnings


def test_which_profile_applies_by_itself() -> None:
    """China's profile is meant by a Chinese product; the others are asked for."""
    assert [profile.name for profile in own_profiles((CHINESE,))] == ["gbt33993"]
    assert own_profiles((GTIN,)) == ()


def test_names_and_titles() -> None:
    """Each profile stands under its own name and has a title."""
    assert all(name == profile.name and profile.title for name, profile in PROFILES.items())
