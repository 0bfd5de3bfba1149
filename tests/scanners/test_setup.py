"""Deriving a profile from what came of the test sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiers.repair.keyboards import LAYOUTS
from scanners.devices import SerialDevice, WedgeDevice
from scanners.errors import ProfileError
from scanners.setup import SHEET, derive
from scanners.wedge import WedgeParser

if TYPE_CHECKING:
    from collections.abc import Callable

AIM = {"datamatrix": "]d2", "code-128": "]C0", "qr": "]Q2"}
AMERICAN = (
    r"`1234567890-=qwertyuiop[]\asdfghjkl;'zxcvbnm,./"
    r'~!@#$%^&*()_+QWERTYUIOP{}|ASDFGHJKL:"ZXCVBNM<>?'
)


def typed_on(layout: str, text: str) -> str:
    """Type a text on the American keys of a computer that is set to a layout."""
    table = dict(zip(AMERICAN, LAYOUTS[layout], strict=True))
    return "".join(table.get(sign, sign) for sign in text)


def lines(
    *,
    gs: str = "\x1d",
    aim: bool = True,
    prefix: str = "",
    suffix: str = "",
    change: Callable[[str], str] = str,
    outside: bool = False,
) -> list[str]:
    """Return what a scanner sends for each code of the sheet."""
    found = []
    for code in SHEET:
        identifier = AIM[code.symbol] if aim else ""
        before = prefix + identifier if outside else identifier + prefix
        found.append(change(before + code.text.replace("\x1d", gs) + suffix))
    return found


def sent(ending: str = "\r", start: str = "", encoding: str = "utf-8", **given: Any) -> bytes:
    """Return the bytes of the whole sheet."""
    return "".join(start + line + ending for line in lines(**given)).encode(encoding)


def full_width(text: str) -> str:
    """Type a text through a Chinese input method that is set to full width."""
    return "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in text)


def kinds(bursts: bytes | list[bytes], base: WedgeDevice | SerialDevice | None = None) -> set[str]:
    """Return the kinds of all findings."""
    given_ = bursts if isinstance(bursts, list) else [bursts]
    return {one.kind for one in derive(given_, base or WedgeDevice()).findings}


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ({}, {"identifier": "always"}),
        ({"aim": False}, {"identifier": "never"}),
        ({"gs": "^]"}, {"identifier": "always"}),
        ({"gs": "\x1b[19~"}, {"identifier": "always"}),
        ({"gs": "<GS>"}, {"identifier": "always", "gs": ("<GS>",)}),
        ({"gs": "~1"}, {"identifier": "always", "gs": ("~1",)}),
        ({"prefix": "*", "suffix": "#"}, {"identifier": "always", "prefix": "*", "suffix": "#"}),
        ({"prefix": "*", "outside": True}, {"identifier": "always", "prefix": "*"}),
        ({"start": "\x02", "ending": "\x03"}, {"start": "\x02", "endings": "\x03"}),
        ({"ending": "\x03\r\n", "start": "\x02"}, {"start": "\x02", "endings": "\x03"}),
        ({"ending": "\x03"}, {"endings": "\x03"}),
        ({"ending": "\r\n"}, {"endings": "\r\n\t"}),
        ({"encoding": "gb18030"}, {"encodings": ("utf-8", "gb18030")}),
        ({"change": full_width}, {"full_width": "certain"}),
        ({"change": full_width, "aim": False}, {"full_width": "fold"}),
    ],
)
def test_what_is_derived(given_: dict[str, Any], expected: dict[str, Any]) -> None:
    """Each way of sending gives the profile that reads it."""
    derived = derive([sent(**given_)], WedgeDevice())
    assert derived.device is not None, derived.findings
    found = {name: getattr(derived.device, name) for name in expected}
    assert found == expected
    parser = WedgeParser(device="w", profile=derived.device.wedge())
    scans = parser.feed(sent(**given_), captured_at=0)
    assert [scan.text for scan in scans] == [code.text for code in SHEET]


@pytest.mark.parametrize("layout", ["qwertz", "azerty", "spanish", "italian", "nordic", "russian"])
def test_layouts(layout: str) -> None:
    """A computer set to another layout is found by the letters and signs that came."""
    came = sent(change=lambda text: typed_on(layout, text))
    if layout == "azerty":
        came = came.replace(b"\0", b"")  # the shifted key of ² writes nothing
        assert kinds(came) == {"lost-characters"}
        return
    derived = derive([came], WedgeDevice())
    assert derived.device is not None, derived.findings
    assert getattr(derived.device, "layout") == layout  # noqa: B009


@pytest.mark.parametrize(
    ("given_", "kind"),
    [
        ({"gs": ""}, "lost-separator"),
        ({"gs": "029"}, "no-profile"),
        ({"gs": "%"}, "no-profile"),
        ({"change": lambda text: text.replace("#", "")}, "lost-characters"),
        ({"change": str.upper}, "lost-characters"),
        ({"change": lambda text: text.replace("10SETUPYZ", "10SETUP")}, "damaged"),
        ({"change": lambda text: text.replace("]C0", "j").replace("]d2", "w")}, "own-identifiers"),
        ({"change": lambda text: text.replace("]Q2", "")}, "some-identifiers"),
        ({"change": lambda text: text.replace("\x1d240", "^]240")}, "two-separators"),
    ],
)
def test_faults(given_: dict[str, Any], kind: str) -> None:
    """What would read one code as another is a fault, told with its fix, and there is no profile."""
    derived = derive([sent(**given_)], WedgeDevice())
    assert derived.device is None
    assert kind in {one.kind for one in derived.findings if one.is_fault}
    assert all(one.sentence.endswith(".") for one in derived.findings)


def test_what_is_no_fault() -> None:
    """Without identifiers, or without Chinese, a device reads codes of GS1 all the same, and it is told."""
    assert kinds(sent(aim=False)) == {"no-identifiers"}
    lost = sent(change=lambda text: text.replace("溯源批次", "????"))
    derived = derive([lost], WedgeDevice())
    assert [one.kind for one in derived.findings] == ["lost-chinese"]
    assert derived.device is not None
    six = b"\r".join(lost.split(b"\r")[:6]) + b"\r"  # the Chinese code gave nothing at all
    assert kinds(six) == {"lost-chinese"}
    assert derive([six], WedgeDevice()).device is not None


def test_a_serial_line() -> None:
    """Its place stays, how it sent before is forgotten, and its endings are those that came."""
    base = SerialDevice(port="/dev/ttyACM0", baud=115_200, prefix="old", endings="\x03")
    derived = derive([sent(ending="\r\n")], base)
    assert isinstance(derived.device, SerialDevice)
    assert (derived.device.port, derived.device.baud) == ("/dev/ttyACM0", 115_200)
    assert (derived.device.endings, derived.device.prefix) == ("\r\n", "")
    bursts = [line.encode() for line in lines()]
    derived = derive(bursts, base)
    assert derived.device is not None
    assert derived.device.endings == ""
    assert kinds(bursts) >= {"no-profile"}  # a keyboard has no silences to part codes by


def test_a_leading_separator() -> None:
    """A scanner that sends FNC1 in first position as GS is read as well."""
    came = sent(change=lambda text: text.replace("]d201", "]d2\x1d01"))
    assert kinds(came) == set()


@pytest.mark.parametrize(
    ("came", "said"),
    [
        (b"", "0 codes came where the sheet has 7"),
        (b"A\r" * 9, "9 codes came"),
        (b"A\r" * 7, "not the sheet; its first code came as 'A'"),
    ],
)
def test_what_is_not_the_sheet(came: bytes, said: str) -> None:
    """Other codes, too many or too few are refused in a sentence."""
    with pytest.raises(ProfileError, match=said):
        derive([came], WedgeDevice())


@given(
    st.lists(
        st.binary(max_size=40) | st.sampled_from([sent(), b"\r", b"\x02", b"\x03"]), max_size=9
    )
)
def test_any_bytes(bursts: list[bytes]) -> None:
    """Whatever comes, there is a profile, a fault or a refusal."""
    try:
        derived = derive(bursts, WedgeDevice())
    except ProfileError:
        return
    assert (derived.device is None) == any(one.is_fault for one in derived.findings)
