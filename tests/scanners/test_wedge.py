"""Lines from keyboard wedges and serial scanners."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanners.scan import Scan, ScannerAdapter, Symbology
from scanners.typing_damage import FullWidth
from scanners.wedge import Identifier, WedgeParser, WedgeProfile, WedgeScanner

GS1_LINE = b"]C1010950600013435210AB\x1d2112"


def scans_of(data: bytes | str, profile: WedgeProfile | None = None) -> list[Scan]:
    """Feed everything at once and end the last line."""
    parser = WedgeParser(device="w", profile=profile)
    return parser.feed(data, captured_at=5) + parser.finish(captured_at=5)


@pytest.mark.parametrize("ending", [b"\r", b"\n", b"\r\n", b"\t", b"\n\n\r"])
def test_endings(ending: bytes) -> None:
    """CR, LF, CRLF and TAB each end a line, and empty lines are no scans."""
    scans = scans_of(GS1_LINE + ending + b"https://id.gs1.org/01/09506000134352" + ending)
    assert [scan.text for scan in scans] == [
        "010950600013435210AB\x1d2112",
        "https://id.gs1.org/01/09506000134352",
    ]
    assert [scan.sequence for scan in scans] == [0, 1]


def test_the_identifier_is_taken_off_and_kept() -> None:
    """The AIM identifier tells symbology and GS1 flag; the raw bytes stay as they came."""
    [scan] = scans_of(GS1_LINE + b"\r")
    assert scan.symbology_identifier == "]C1"
    assert scan.symbology is Symbology.CODE_128
    assert scan.gs1
    assert scan.raw == GS1_LINE
    assert scan.code_text == "]C1010950600013435210AB\x1d2112"


@pytest.mark.parametrize("form", ["\x1d", "^]", "␝", "\x1b[19~", "\x1b0\x1b2\x1b9"])
def test_forms_of_the_separator(form: str) -> None:
    """GS arrives as itself, in caret notation or as its Unicode picture, and is GS in the text."""
    [scan] = scans_of(f"010950600013435210AB{form}2112\n")
    assert scan.text == "010950600013435210AB\x1d2112"
    assert form.encode() in scan.raw


def test_a_configured_form_of_the_separator() -> None:
    """A scanner that spells control characters out needs a profile that says so."""
    line = "10AB<GS>2112\n"
    assert scans_of(line)[0].text == "10AB<GS>2112"
    profile = WedgeProfile(gs_forms=("<GS>",))
    assert scans_of(line, profile)[0].text == "10AB\x1d2112"
    assert scans_of("10AB^]2112\n", profile)[0].text == "10AB^]2112"


def test_configured_endings() -> None:
    """A profile may name other endings; special characters of patterns are taken as they are."""
    assert [scan.text for scan in scans_of(b"a-b]c\x03d", WedgeProfile(endings=b"\x03]"))] == [
        "a-b",
        "c",
        "d",
    ]


def test_a_line_too_long_is_reported_and_the_next_is_read() -> None:
    """Memory stays bounded, the scan says what is wrong, and the queue goes on."""
    profile = WedgeProfile(max_line=10)
    long, good = scans_of(b"x" * 25 + b"\r0123456789\r", profile)
    assert long.problem == (
        "The line is 25 bytes long where at most 10 are expected: "
        "set the scanner to send CR or LF after each code."
    )
    assert long.raw == b"x" * 10
    assert long.text == ""
    assert (good.text, good.problem) == ("0123456789", None)


def test_bytes_in_another_character_set() -> None:
    """Bytes that are not UTF-8 name the position and the fix, and are kept."""
    raw = b"A" + "溯源".encode("gb18030")
    [scan] = scans_of(raw + b"\n")
    assert scan.problem is not None
    assert "0xCB at position 1 is not utf-8" in scan.problem
    assert scan.raw == raw
    [scan] = scans_of(raw + b"\n", WedgeProfile(encodings=("utf-8", "gb18030")))
    assert (scan.text, scan.problem) == ("A溯源", None)


def test_all_character_sets_fail() -> None:
    """Where no character set of the profile fits, the problem names them all."""
    [scan] = scans_of(b"\xff\xff\n", WedgeProfile(encodings=("utf-8", "gb18030")))
    assert scan.problem is not None
    assert "utf-8 or gb18030" in scan.problem


def test_lone_surrogates_from_a_keyboard() -> None:
    """Text that is no text is a problem, not a crash."""
    [scan] = scans_of("a\ud800\n")
    assert scan.problem is not None


def test_control_characters_are_noise() -> None:
    """A control character outside ISO 15434 means a wrong key map or a bad line."""
    [scan] = scans_of(b"01\x0709\n")
    assert scan.problem is not None
    assert "0x07 at position 2" in scan.problem
    [envelope] = scans_of(b"[)>\x1e06\x1d25S123\x1e\x04\n")
    assert envelope.problem is None
    assert envelope.text == "[)>\x1e06\x1d25S123\x1e\x04"


def test_an_identifier_alone() -> None:
    """An identifier without content is a broken scan."""
    [scan] = scans_of(b"]C1\r")
    assert scan.problem is not None
    assert "no content" in scan.problem


@pytest.mark.parametrize(
    "line", ["*]C1010950600013435210A#", "]C1*010950600013435210A#", "*010950600013435210A#"]
)
def test_prefix_and_suffix(line: str) -> None:
    """They are taken off, on either side of the identifier."""
    [scan] = scans_of(line + "\r", WedgeProfile(prefix="*", suffix="#"))
    assert (scan.text, scan.problem) == ("010950600013435210A", None)
    assert scan.raw == line.encode()


@pytest.mark.parametrize("line", ["0109506000134352", "*01", "01#", "]C1*01", "*", "x*01#"])
def test_a_line_without_prefix_or_suffix(line: str) -> None:
    """A line that a person typed, or that another scanner sent, is no scan of this device."""
    [scan] = scans_of(line + "\r", WedgeProfile(prefix="*", suffix="#"))
    assert scan.text == ""
    assert "has not the prefix and suffix" in str(scan.problem)


def test_nothing_between_prefix_and_suffix() -> None:
    """What stands around a code and no code is a broken scan; one character isn't both."""
    profile = WedgeProfile(prefix="*", suffix="*")
    assert "no content" in str(scans_of("**\r", profile)[0].problem)
    assert "has not the prefix" in str(scans_of("*\r", profile)[0].problem)


def test_identifiers_by_the_profile() -> None:
    """A scanner that always sends them has changed when it doesn't; one that never does keeps the text."""
    assert "has not the symbology identifier" in str(
        scans_of("0109\r", WedgeProfile(identifier=Identifier.ALWAYS))[0].problem
    )
    [scan] = scans_of("]C10109\r", WedgeProfile(identifier=Identifier.NEVER))
    assert (scan.text, scan.symbology_identifier) == ("]C10109", "")


def test_what_a_keyboard_did_is_undone_and_told() -> None:
    """Layout and input method of the profile are undone before stand-ins and prefixes are looked for."""
    profile = WedgeProfile(layout="qwertz", prefix="/")
    [scan] = scans_of("-01095060001343521ßYZ\r", profile)
    assert scan.text == "01095060001343521-ZY"
    assert scan.repairs == ("the keyboard layout qwertz was undone",)
    profile = WedgeProfile(full_width=FullWidth.FOLD)
    [scan] = scans_of("０１０９５０６０００１３４３５２１０Ａ……】２１\r", profile)
    assert scan.text == "010950600013435210A\x1d21"
    assert scan.repairs
    assert scan.raw.decode() == "０１０９５０６０００１３４３５２１０Ａ……】２１"


def test_a_silence_ends_a_line_or_breaks_it_off() -> None:
    """Without endings a silence is one; with endings half a line is told, and never taken for a code."""
    gaps = WedgeParser(device="w", profile=WedgeProfile(endings=b""))
    assert gaps.feed(b"AB", captured_at=0) == gaps.feed(b"C", captured_at=1) == []
    [scan] = gaps.silent(captured_at=2)
    assert (scan.text, scan.captured_at, scan.problem) == ("ABC", 2, None)
    assert gaps.silent(captured_at=3) == []
    ended = WedgeParser(device="w")
    assert ended.feed(b"010950600013435210AB", captured_at=0) == []
    [scan] = ended.silent(captured_at=1)
    assert scan.text == ""
    assert "broke off after 20 bytes" in str(scan.problem)


def test_a_symbol_that_corrects_itself() -> None:
    """A device's reading of a 2D symbol is vouched for by the symbol, where the device says what it read."""
    assert [one.confidence.value for one in scans_of("]d201\r]C101\r01\r")] == [
        "corrected",
        "single",
        "single",
    ]


def test_noise_between_frames() -> None:
    """Bytes outside STX and ETX are one problem, and the code behind them is read."""
    profile = WedgeProfile(start=b"\x02", endings=b"\x03")
    noise, good = scans_of(b"\xff\x80zz\x02A1\x03\r\n", profile)
    assert "4 bytes came outside of a frame" in str(noise.problem)
    assert (good.text, good.sequence) == ("A1", 1)


def test_a_device_that_vanished_in_a_line() -> None:
    """Half a line is a problem where its end can no longer come."""
    parser = WedgeParser(device="w", engine="serial", sequence=7)
    parser.feed(b"0109", captured_at=0)
    [scan] = parser.finish(captured_at=1, whole=False)
    assert "broke off" in str(scan.problem)
    assert (scan.engine, scan.sequence) == ("serial", 7)


LINES = st.lists(
    st.one_of(
        st.binary(max_size=40),
        st.sampled_from(
            [GS1_LINE, b"^]", b"]C1", b"\r\n", "溯源".encode(), "␝".encode(), b"\xff", b"x" * 70]
        ),
    ),
    max_size=12,
)


@given(LINES, st.data())
def test_chunks_never_change_the_scans(pieces: list[bytes], data: st.DataObject) -> None:
    """However the stream is cut, also inside a character or between CR and LF, the scans are the same."""
    stream = b"".join(pieces)
    profile = WedgeProfile(max_line=64)
    whole = scans_of(stream, profile)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=20)))
    parser = WedgeParser(device="w", profile=profile)
    parts: list[Scan] = []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        parts += parser.feed(stream[start:end], captured_at=5)
    assert parts + parser.finish(captured_at=5) == whole


@given(st.binary(max_size=300))
def test_no_input_is_lost(stream: bytes) -> None:
    """Every byte but the endings is in the raw bytes of some scan."""
    raw = b"".join(scan.raw for scan in scans_of(stream, WedgeProfile(max_line=1000)))
    assert raw == stream.translate(None, b"\r\n\t")


def test_a_stream_is_a_scanner() -> None:
    """The adapter delivers each line with the clock's time, and the last one without an ending."""
    times = iter(range(10, 20))
    scanner: ScannerAdapter = WedgeScanner(
        BytesIO(GS1_LINE + b"\rlast"), device="line-1", now=lambda: next(times)
    )
    with scanner as opened:
        scans = list(opened)
    assert [(scan.text, scan.captured_at, scan.device) for scan in scans] == [
        ("010950600013435210AB\x1d2112", 10, "line-1"),
        ("last", 11, "line-1"),
    ]
