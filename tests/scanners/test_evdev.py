"""Key presses as the kernel tells them, through a pipe: layouts, modifiers, and what is unplugged."""

from __future__ import annotations

import errno
import fcntl
import os
import struct
import unicodedata
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanners import evdev
from scanners.devices import EvdevDevice
from scanners.errors import DeviceError
from scanners.evdev import EVENT, EvdevScanner, open_keyboard
from scanners.keyboard import _LAYOUTS, EV_KEY, EV_LED, EV_SYN, SYN_DROPPED, KeyDecoder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from scanners.scan import Scan

SHIFT, CTRL, ALT, ALT_GR, ENTER, F8, SPACE, CAPS = 42, 29, 56, 100, 28, 66, 57, 58
Press = tuple[int, ...]
KEYPAD = {"0": 82, "1": 79, "2": 80, "3": 81, "4": 75, "5": 76, "6": 77, "7": 71, "8": 72, "9": 73}


def event(kind: int, code: int, value: int, at: int = 5_000_007) -> bytes:
    """Return one event of the kernel."""
    return EVENT.pack(at // 1_000_000, at % 1_000_000, kind, code, value)


def pressed(*keys: int) -> bytes:
    """Press the keys one after the other and let them go the other way, as modifiers are."""
    down = b"".join(event(EV_KEY, key, 1) + event(EV_SYN, 0, 0) for key in keys)
    return down + b"".join(event(EV_KEY, key, 0) for key in reversed(keys))


def alt(digits: str) -> bytes:
    """Type a number on the keypad while Alt is down."""
    typed = b"".join(pressed(KEYPAD[digit]) for digit in digits)
    return event(EV_KEY, ALT, 1) + typed + event(EV_KEY, ALT, 0)


def typed(text: str, layout: str = "us") -> bytes:
    """Press what a scanner that is set to a layout presses for a text."""
    table = _LAYOUTS[layout]
    keys: dict[str, bytes] = {" ": pressed(SPACE), "\r": pressed(ENTER)}
    for modifiers, signs in (
        ((ALT_GR,), table.alt_gr),
        ((SHIFT,), table.shifted),
        ((), table.plain),
    ):
        for code, sign in signs.items():
            dead = pressed(SPACE) if sign in table.dead else b""
            keys[sign] = pressed(*modifiers, code) + dead
    return b"".join(keys[sign] for sign in text)


class Pipe:
    """An opened device whose events a test wrote."""

    def __init__(self, content: Iterable[bytes | OSError], *, caps_lock: bool = False) -> None:
        """Take what each read gives."""
        self._content = iter(content)
        self.caps_lock = caps_lock
        self.closed = False

    def read(self, size: int, /) -> bytes:
        """Give the next piece; none at the end."""
        piece = next(self._content, b"")
        if isinstance(piece, OSError):
            raise piece
        assert len(piece) <= size or size > 1000
        return piece

    def close(self) -> None:
        """Remember it."""
        self.closed = True


def scans_of(*content: bytes | OSError, caps_lock: bool = False, **fields: object) -> list[Scan]:
    """Read all events of a device."""
    pipe = Pipe(content, caps_lock=caps_lock)
    profile = EvdevDevice(path="/dev/input/event9", **fields)  # type: ignore[arg-type]
    with EvdevScanner(profile, device="belt", now=lambda: 9, opened=lambda _: pipe) as scanner:
        found = list(scanner)
    assert pipe.closed
    return found


ASCII = "".join(map(chr, range(0x20, 0x7F)))


@pytest.mark.parametrize("layout", ["us", "de", "fr"])
def test_all_printable_characters(layout: str) -> None:
    """Every printable ASCII character comes through, on each layout that a scanner can be set to."""
    [scan] = scans_of(typed(ASCII + "\r", layout), layout=layout)
    assert (scan.text, scan.problem) == (ASCII, None)
    assert (scan.engine, scan.device) == ("evdev", "belt")
    assert (scan.captured_at, scan.received_at) == (5_000_007, 9)


@pytest.mark.parametrize(
    "separator",
    [
        pressed(CTRL, 27),  # Ctrl+]
        alt("029"),
        alt("29"),
        pressed(F8),
        event(EV_KEY, ALT, 1) + pressed(11) + pressed(3) + pressed(10) + event(EV_KEY, ALT, 0),
        event(EV_KEY, ALT, 1) + pressed(78) + pressed(2) + pressed(32) + event(EV_KEY, ALT, 0),
    ],
)
def test_forms_of_the_separator(separator: bytes) -> None:
    """Ctrl+], Alt with a number (decimal, or hexadecimal behind +) and F8 are GS."""
    [scan] = scans_of(typed("]d20109506000134352") + typed("10L1") + separator + typed("21A\r"))
    assert scan.text == "010950600013435210L1\x1d21A"
    assert scan.gs1


def test_the_right_alt_key() -> None:
    """It is Alt on a layout without third characters."""
    number = pressed(KEYPAD["2"]) + pressed(KEYPAD["9"])
    [scan] = scans_of(
        typed("A") + event(EV_KEY, ALT_GR, 1) + number + event(EV_KEY, ALT_GR, 0) + typed("B\r")
    )
    assert scan.text == "A\x1dB"


def test_characters_by_number() -> None:
    """Numbers are ASCII, Windows-1252, or a Chinese character set that the profile names."""
    [scan] = scans_of(alt("65") + alt("0228") + typed("\r"))
    assert scan.text == "Aä"
    number = int.from_bytes("源".encode("gb18030"))
    [scan] = scans_of(alt(str(number)) + typed("\r"), encodings=("utf-8", "gb18030"))
    assert scan.text == "源"
    for refused in (alt(str(number)), alt("99999999"), alt("0129"), alt("999999999")):
        [scan] = scans_of(refused + typed("A\r"))
        assert "0x00" in str(scan.problem)
        assert scan.text == ""


def test_modifiers_and_locks() -> None:
    """Caps lock turns letters round alone, whether pressed, told by its lamp, or on from the start."""
    [scan] = scans_of(pressed(CAPS) + pressed(30) + pressed(SHIFT, 30) + pressed(2) + typed("\r"))
    assert scan.text == "Aa1"
    [scan] = scans_of(pressed(30) + typed("\r"), caps_lock=True)
    assert scan.text == "A"
    [scan] = scans_of(event(EV_LED, 1, 0) + pressed(30) + typed("\r"), caps_lock=True)
    assert scan.text == "a"
    [scan] = scans_of(pressed(CTRL, ALT, 8) + pressed(69) + typed("\r"), layout="de")
    assert scan.text == "{"
    [scan] = scans_of(pressed(82) + pressed(83) + pressed(98) + pressed(96))
    assert scan.text == "0./"
    both = pressed(CTRL, 32) + pressed(CTRL, 50)  # EOT, and Ctrl+M, which is CR
    [scan] = scans_of(typed("A") + both)
    assert scan.text == "A\x04"


def test_dead_keys() -> None:
    """An accent waits for its letter, stands alone before a blank, and is not lost before others."""
    [scan] = scans_of(
        pressed(41) + pressed(30) + pressed(41) + pressed(2) + typed("\r"), layout="de"
    )
    assert scan.text == "â^1"
    [scan] = scans_of(pressed(41) * 2 + pressed(SPACE) + typed("A\r"), layout="de")
    assert scan.text == "^^A"
    [scan] = scans_of(typed("A") + pressed(41) + typed("\r"), layout="de")
    assert scan.text == "A^"
    assert unicodedata.is_normalized("NFC", scan.text)


@pytest.mark.parametrize(
    "events",
    [
        pressed(67),  # F9
        pressed(CTRL, 2),
        pressed(ALT, 30),
        pressed(ALT_GR, 30),
        pressed(CTRL, ALT, 30),
        pressed(240),
        event(EV_SYN, SYN_DROPPED, 0),
    ],
)
def test_what_no_code_holds(events: bytes) -> None:
    """A key that writes nothing, or a loss in the kernel, makes the line a problem: no character is left out."""
    damaged, good = scans_of(typed("01") + events + typed("09\r") + typed("A1\r"))
    assert "Control character 0x00 at position 2" in str(damaged.problem)
    assert (good.text, good.problem) == ("A1", None)


def test_repetitions_and_releases() -> None:
    """A key that repeats is one press, and its release is none."""
    held = event(EV_KEY, 30, 1) + event(EV_KEY, 30, 2) * 3 + event(EV_KEY, 30, 0)
    modifier = (
        event(EV_KEY, SHIFT, 1) + event(EV_KEY, SHIFT, 2) + pressed(30) + event(EV_KEY, SHIFT, 0)
    )
    [scan] = scans_of(held + modifier + typed("\r"))
    assert scan.text == "aA"


def test_an_unplugged_device() -> None:
    """Half a code is a problem, and the end is one sentence."""
    pipe = Pipe([typed("A1\r") + typed("half"), OSError(errno.ENODEV, "No such device")])
    profile = EvdevDevice(path="/dev/input/event9")
    with EvdevScanner(profile, device="belt", now=lambda: 9, opened=lambda _: pipe) as scanner:
        scans = iter(scanner)
        found = [next(scans), next(scans)]
        with pytest.raises(DeviceError, match="event9 is gone: the scanner was unplugged; plug"):
            next(scans)
    whole, half = found
    assert whole.text == "A1"
    assert "broke off" in str(half.problem)
    assert pipe.closed


@given(st.binary(max_size=24 * 30), st.data())
def test_any_events(noise: bytes, data: st.DataObject) -> None:
    """Whatever comes, in whatever pieces, the scans are the same, and each has a text or a problem."""
    stream = typed("]d201") + noise[: len(noise) // 24 * 24] + typed("\rA1\r")
    cuts = sorted(data.draw(st.lists(st.integers(1, len(stream) - 1), max_size=8)))
    parts = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, None], strict=True)]
    found = scans_of(*filter(None, parts))
    assert found == scans_of(stream)
    assert all((scan.problem is None) == bool(scan.text) for scan in found)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([EV_KEY, EV_KEY, EV_SYN, EV_LED]),
            st.integers(0, 127),
            st.integers(0, 2),
        ),
        max_size=60,
    ),
    st.sampled_from(["us", "de", "fr"]),
)
def test_any_keys(events: list[tuple[int, int, int]], layout: str) -> None:
    """Any order of keys gives text, never an error."""
    keys = KeyDecoder(layout, double_byte="gb18030")
    assert isinstance("".join(keys.feed(*one) for one in events), str)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.EACCES, "may not be read by this user; add the user to the group input"),
        (errno.EBUSY, "is grabbed by another program; .*grab = false"),
        (errno.ENOENT, "is not there"),
        (errno.ENOTTY, "is no input device"),
    ],
)
def test_a_device_that_cannot_be_opened(number: int, said: str) -> None:
    """The reason is one sentence with its fix."""

    def refuse(_profile: EvdevDevice) -> Pipe:
        raise OSError(number, "no")

    scanner = EvdevScanner(EvdevDevice(path="/dev/x"), device="belt", now=lambda: 0, opened=refuse)
    with pytest.raises(DeviceError, match=said), scanner:
        pass
    assert list(scanner) == []


def test_a_pipe_is_no_input_device(tmp_path: Path) -> None:
    """What isn't a device of the kernel's input is refused, and so is what isn't there."""
    os.mkfifo(tmp_path / "fifo")
    for name, said in (("fifo", "is no input device"), ("none", "is not there")):
        profile = EvdevDevice(path=str(tmp_path / name))
        with (
            pytest.raises(DeviceError, match=said),
            EvdevScanner(profile, device="b", now=lambda: 0),
        ):
            pass


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Give the requests that the kernel was sent, which it grants."""
    sent: list[int] = []

    def granted(_descriptor: int, request: int, _argument: object) -> bytes:
        sent.append(request)
        return struct.pack("Q", 2)

    monkeypatch.setattr(fcntl, "ioctl", granted)
    return sent


@pytest.mark.parametrize(("grab", "count"), [(True, 1), (False, 0)])
def test_the_device_is_grabbed(calls: list[int], tmp_path: Path, grab: bool, count: int) -> None:  # noqa: FBT001
    """The scanner types into no other program, unless the profile leaves it to them."""
    file = tmp_path / "events"
    file.write_bytes(pressed(30) + pressed(ENTER))
    source = open_keyboard(EvdevDevice(path=str(file), grab=grab))
    assert calls.count(evdev._GRAB) == count
    assert source.caps_lock
    assert source.read(24) == event(EV_KEY, 30, 1)
    source.close()


def test_a_refused_grab_closes_the_device(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, make_refusal: Callable[[int], object]
) -> None:
    """No descriptor is left behind."""
    monkeypatch.setattr(fcntl, "ioctl", make_refusal(errno.EBUSY))
    closed: list[int] = []
    close = os.close

    def noted(descriptor: int) -> None:
        closed.append(descriptor)
        close(descriptor)

    monkeypatch.setattr(os, "close", noted)
    (tmp_path / "events").write_bytes(b"")
    with pytest.raises(OSError, match="busy"):
        open_keyboard(EvdevDevice(path=str(tmp_path / "events")))
    assert len(closed) == 1


@pytest.fixture
def make_refusal() -> Callable[[int], object]:
    """Give a kernel that refuses every request."""

    def make(number: int) -> object:
        def refuse(*_arguments: object) -> bytes:
            raise OSError(number, "busy")

        return refuse

    return make
