"""How sure a reading is, where that depends on the text."""

from collections.abc import Callable

import pytest

from identifiers.confidence import Confidence
from identifiers.item_code import Level
from identifiers.notices import Notice
from identifiers.schemes import steps
from identifiers.schemes.reading import Reading

NOTICE = Notice("test", "a remark")


@pytest.mark.parametrize(
    ("judge", "scheme", "text", "step"),
    [
        (steps.plain, "gs1-element-string", "0109506000134352", Confidence.STRONG),
        (steps.plain, "gs1-element-string", "8004950600013435", Confidence.WEAK),
        (steps.link, "gs1-digital-link", "https://id.gs1.org/01/1", Confidence.CERTAIN),
        (steps.link, "gs1-digital-link", "https://id.gs1.org.test/01/1", Confidence.STRONG),
        (steps.retail, "gs1-gtin", "00000017", Confidence.LIKELY),
        (steps.retail, "gs1-gtin", "96385074", Confidence.STRONG),
        (steps.retail, "gs1-gtin", "036000291452", Confidence.STRONG),
        (steps.upc_e, "gs1-gtin", "04252614", Confidence.STRONG),
        (steps.upc_e, "gs1-gtin", "11234562", Confidence.POSSIBLE),
        (steps.handle, "handle", "10.1000/1", Confidence.LIKELY),
        (steps.handle, "handle", "20.1000/1", Confidence.POSSIBLE),
        (steps.handle, "cn-industrial-handle", "88.1.1/1", Confidence.LIKELY),
        (steps.drug, "cn-drug-trace-20", "8" * 20, Confidence.LIKELY),
        (steps.drug, "cn-drug-trace-20", "1" * 20, Confidence.POSSIBLE),
        (steps.binary, "epc-binary", "30", Confidence.LIKELY),
        (steps.binary, "epc-binary", "3A", Confidence.STRONG),
    ],
)
def test_steps_by_text(
    judge: Callable[[Reading, str], Confidence | None], scheme: str, text: str, step: Confidence
) -> None:
    """What the text shows of a code decides how sure its reading is."""
    assert judge(Reading(scheme, text, "", Level.OTHER), text) is step


def test_handle_in_an_address() -> None:
    """A handle is certain where something around it says that it is one."""
    reading = Reading("handle", "20.1000/1", "", Level.OTHER)
    assert steps.handle(reading, "hdl:20.1000/1") is Confidence.CERTAIN


@pytest.mark.parametrize(
    ("link", "step"),
    [
        ("https://id.gs1.org/01/09506000134352", Confidence.STRONG),
        ("https://id.gs1.org/8004/950600013435", Confidence.LIKELY),
    ],
)
def test_compressed_links(link: str, step: Confidence) -> None:
    """A compressed link is as sure as the key that it stands for."""
    reading = Reading("gs1-digital-link", link, link, Level.OTHER)
    assert steps.compressed(reading, "https://a.test/x") is step


@pytest.mark.parametrize(
    ("unverified", "warnings", "step"),
    [
        ((), (), Confidence.POSSIBLE),
        ((NOTICE,), (), Confidence.POSSIBLE),
        ((), (NOTICE,), Confidence.WEAK),
        ((NOTICE,), (NOTICE,), None),
    ],
)
def test_data_identifiers(
    unverified: tuple[Notice, ...], warnings: tuple[Notice, ...], step: Confidence | None
) -> None:
    """A value that is unique in the world counts for more, and a mere word for nothing."""
    reading = Reading("iso15418-di", "X", "", Level.OTHER, {}, unverified, warnings)
    assert steps.identifier(reading, "X") is step
