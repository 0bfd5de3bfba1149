"""Profiles of devices in a TOML file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanners.devices import (
    LARGEST,
    EvdevDevice,
    MqttDevice,
    SerialDevice,
    WedgeDevice,
    as_toml,
    parse_devices,
    read_device,
    read_devices,
)
from scanners.errors import ProfileError
from scanners.typing_damage import FullWidth
from scanners.wedge import Identifier, WedgeProfile

if TYPE_CHECKING:
    from pathlib import Path

ALL_KINDS = r"""
[counter]
kind = "wedge"
layout = "qwertz"
gs = ["\u001d", "<GS>"]
full_width = "fold"
identifier = "always"
prefix = "*"

[dock-3]
kind = "serial"
port = "/dev/ttyACM0"
start = "\u0002"
endings = "\u0003"
encodings = ["utf-8", "gb18030"]

[belt]
kind = "evdev"
path = "/dev/input/event5"
layout = "fr"

[hand]
kind = "mqtt"
host = "broker"
topic = "scans/+/#"
"""


def test_all_kinds() -> None:
    """Each kind is read with its own keys, and what is left out is default."""
    devices = parse_devices(ALL_KINDS.encode(), "d.toml")
    assert list(devices) == ["counter", "dock-3", "belt", "hand"]
    counter, dock, belt, hand = devices.values()
    assert isinstance(counter, WedgeDevice)
    assert counter.wedge() == WedgeProfile(
        gs_forms=("<GS>",),
        full_width=FullWidth.FOLD,
        layout="qwertz",
        identifier=Identifier.ALWAYS,
        prefix="*",
    )
    assert isinstance(dock, SerialDevice)
    assert (dock.baud, dock.wedge().start, dock.wedge().endings) == (9600, b"\x02", b"\x03")
    assert dock.gap_ms == 1000
    assert isinstance(belt, EvdevDevice)
    assert (belt.layout, belt.grab, belt.wedge().layout) == ("fr", True, "us")
    assert isinstance(hand, MqttDevice)
    assert hand.port == 1883


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[a", "it is no TOML"),
        ("x = " + "[" * 5000, "it is no TOML"),
        ("a = 1", "d.toml [a]: Expected `object`, got `int`"),
        ("[a]", "missing required field `kind`"),
        ('[a]\nkind = "telepathy"', "'telepathy'"),
        ('[a]\nkind = "serial"', "missing required field `port`"),
        ('[a]\nkind = "serial"\nport = "x"\nboud = 3', "unknown field `boud`"),
        ('[a]\nkind = "serial"\nport = "x"\nbaud = "3"', "baud: Expected `int`, got `str`"),
        ('[a]\nkind = "serial"\nport = "x"\nbaud = 3', "baud: Expected `int` >= 50"),
        ('[a]\nkind = "wedge"\nlayout = "dvorak"', "layout: Invalid enum value 'dvorak'"),
        ('[a]\nkind = "wedge"\nencodings = ["utf-16"]', "encodings[0]: Invalid enum value"),
        ('[a]\nkind = "wedge"\nencodings = []', "encodings: Expected `array` of length >= 1"),
        ('[a]\nkind = "wedge"\nendings = ""', "endings: no byte ends a line"),
        ('[a]\nkind = "wedge"\nendings = "。"', "endings: Expected `str` matching"),
        ('[a]\nkind = "wedge"\nstart = "\\r"', "start: a line that begins"),
        ('[a]\nkind = "serial"\nport="x"\nendings = ""\nstart = "*"', "start: a line that"),
        ('[a]\nkind = "wedge"\ngap_ms = 5', "unknown field `gap_ms`"),
        ('[a]\nkind = "wedge"\nprefix = "a\\tb"', "prefix: 'a\\tb' holds a byte that"),
        ('[a]\nkind = "wedge"\ngs = ["029"]', "gs: a code may hold '029' itself"),
        ('[a]\nkind = "wedge"\ngs = ["%"]', "gs: a code may hold '%' itself"),
        ('[a]\nkind = "wedge"\ngs = [""]', "gs[0]: Expected `str` of length >= 1"),
        ('[a]\nkind = "wedge"\n"a\\nb" = 1', "unknown field `a b`"),
        ('["a b"]\nkind = "wedge"', "the name has other characters"),
        ('[a]\nkind = "mqtt"\nhost = "h"\ntopic = "a/#/b"', "no topic filter"),
        ('[a]\nkind = "mqtt"\nhost = "h"\ntopic = "a/b+"', "no topic filter"),
        ("# " + "x" * LARGEST, "it is larger than"),
    ],
)
def test_what_cannot_be_meant(text: str, said: str) -> None:
    """Each mistake is one sentence with its place; nothing is overlooked."""
    with pytest.raises(ProfileError) as caught:
        parse_devices(text.encode(), "d.toml")
    assert str(caught.value).startswith("d.toml")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_not_utf_8() -> None:
    """A file in another character set is refused."""
    with pytest.raises(ProfileError, match="byte 2 is not UTF-8"):
        parse_devices(b"# \xff", "d.toml")


def test_files(tmp_path: Path) -> None:
    """No file is no device; a device that isn't there is told with those that are."""
    file = tmp_path / "devices.toml"
    assert read_devices(file) == {}
    with pytest.raises(
        ProfileError, match=r"no device 'dock-9', only none yet; .*--setup --device"
    ):
        read_device(file, "dock-9")
    file.write_text(ALL_KINDS, "utf-8")
    assert isinstance(read_device(file, "hand"), MqttDevice)
    with pytest.raises(ProfileError, match="only counter, dock-3, belt, hand; name one of these"):
        read_device(file, "dock 9")
    with pytest.raises(ProfileError, match="can't be read"):
        read_devices(tmp_path)


@given(
    st.text(max_size=64).filter(lambda text: not set(text) & set("\r\n\t")),
    st.sampled_from(["us", "qwertz"]),
    st.integers(16, 65_536),
)
def test_what_is_written_is_read(prefix: str, layout: Any, longest: int) -> None:
    """Any profile comes back from its own TOML, whatever its texts hold."""
    try:
        prefix.encode()
    except UnicodeEncodeError:
        return
    device = WedgeDevice(
        prefix=prefix,
        layout=layout,
        longest=longest,
        identifier=Identifier.NEVER,
    )
    assert parse_devices(as_toml("a-1", device).encode(), "x") == {"a-1": device}


def test_every_kind_is_written() -> None:
    """What was read from a file is written and read again the same."""
    devices = parse_devices(ALL_KINDS.encode(), "d.toml")
    again = "".join(as_toml(name, device) for name, device in devices.items())
    assert parse_devices(again.encode(), "x") == devices
    assert "grab = false" in as_toml("x", EvdevDevice(path="p", grab=False))


def test_any_bytes() -> None:
    """Hostile content is a refusal, never anything else."""

    @given(st.binary(max_size=200))
    def refused_or_read(content: bytes) -> None:
        try:
            parse_devices(content, "x")
        except ProfileError as error:
            assert "\n" not in str(error)  # noqa: PT017

    refused_or_read()
