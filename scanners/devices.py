r"""Profiles of devices: what is connected where, and how it sends its codes; kept in a TOML file.

A table for each device, named by the word that `suyuan scan --device` takes::

    [dock-3]
    kind = "serial"
    port = "/dev/ttyACM0"
    baud = 115200
    endings = "\r"
    gap_ms = 500

Rules kept here:

* Nothing is overlooked: an unknown key, a value of another type or outside its range, a profile
  that contradicts itself, each is refused in one sentence that names file, device and key.
* A stand-in for GS that a code may hold itself, such as ``029``, is refused: it would read one code
  as another.
* A file is at most `LARGEST` bytes, and is read whole or not at all.

TOML 1.0 (https://toml.io/en/v1.0.0).
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeAlias

import msgspec

from scanners.errors import ProfileError
from scanners.typing_damage import FullWidth
from scanners.wedge import GS_FORMS, Identifier, WedgeProfile

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "CameraDevice",
    "Device",
    "EvdevDevice",
    "FolderDevice",
    "LineDevice",
    "MqttDevice",
    "SerialDevice",
    "WedgeDevice",
    "as_toml",
    "made_device",
    "parse_devices",
    "read_device",
    "read_devices",
]

LARGEST: Final = 1024 * 1024
"""Bytes of a file of profiles."""

_ASCII = "^[\x00-\x7f]*$"
_Bytes: TypeAlias = Annotated[str, msgspec.Meta(pattern=_ASCII, max_length=8)]
_Byte: TypeAlias = Annotated[str, msgspec.Meta(pattern=_ASCII, max_length=1)]
_Text: TypeAlias = Annotated[str, msgspec.Meta(max_length=64)]
_Form: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=16)]
_Path: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=4096)]
_Port: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=65535)]
_Charset: TypeAlias = Literal[
    "utf-8", "ascii", "gb18030", "gbk", "big5", "shift-jis", "euc-kr", "latin-1", "cp1252"
]
_Layout: TypeAlias = Literal[
    "us", "azerty", "qwertz", "russian", "spanish", "italian", "nordic", "british", "caps-lock"
]
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_ALNUM = re.compile(r"[0-9A-Za-z]+")
_SINGLE = re.compile(r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]")


class _Table(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """A table of the file."""


class _Sending(_Table, frozen=True, kw_only=True):
    """How a device sends its codes; the same for all that send lines."""

    endings: _Bytes = "\r\n\t"
    start: _Byte = ""
    gs: tuple[_Form, ...] = GS_FORMS
    prefix: _Text = ""
    suffix: _Text = ""
    identifier: Identifier = Identifier.ANY
    full_width: FullWidth = FullWidth.CERTAIN
    encodings: Annotated[tuple[_Charset, ...], msgspec.Meta(min_length=1)] = ("utf-8",)
    longest: Annotated[int, msgspec.Meta(ge=16, le=65_536)] = 8192

    def wedge(self) -> WedgeProfile:
        """The profile that the parser of lines takes."""
        return WedgeProfile(
            endings=self.endings.encode("ascii"),
            start=self.start.encode("ascii"),
            gs_forms=tuple(form for form in self.gs if form != "\x1d"),
            prefix=self.prefix,
            suffix=self.suffix,
            identifier=self.identifier,
            full_width=self.full_width,
            encodings=tuple(self.encodings),
            max_line=self.longest,
        )


class WedgeDevice(_Sending, frozen=True, kw_only=True, tag_field="kind", tag="wedge"):
    """A scanner that plays keyboard, read from standard input."""

    layout: _Layout = "us"
    """What the computer's keyboard is set to."""

    def wedge(self) -> WedgeProfile:
        """The profile that the parser of lines takes."""
        return replace(_Sending.wedge(self), layout=self.layout)


class SerialDevice(_Sending, frozen=True, kw_only=True, tag_field="kind", tag="serial"):
    """A scanner on a serial line."""

    port: _Path
    baud: Annotated[int, msgspec.Meta(ge=50, le=4_000_000)] = 9600
    data_bits: Literal[7, 8] = 8
    parity: Literal["none", "even", "odd"] = "none"
    stop_bits: Literal[1, 2] = 1
    gap_ms: Annotated[int, msgspec.Meta(ge=10, le=60_000)] = 1000
    """Milliseconds of silence that end a line, or break it off where `endings` are named."""


class EvdevDevice(_Sending, frozen=True, kw_only=True, tag_field="kind", tag="evdev"):
    """A scanner that plays keyboard, read from the Linux kernel before any layout meets it."""

    path: _Path
    layout: Literal["us", "de", "fr"] = "us"
    """What the scanner believes the computer's keyboard to be set to."""
    grab: bool = True
    """Whether its keys are kept from every other program."""


class MqttDevice(_Table, frozen=True, kw_only=True, tag_field="kind", tag="mqtt"):
    """Handhelds that publish what they read to a broker."""

    host: Annotated[str, msgspec.Meta(min_length=1, max_length=253)]
    topic: Annotated[str, msgspec.Meta(min_length=1, max_length=1024)]
    port: _Port = 1883
    client: Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9_-]*$", max_length=23)] = ""
    """Name by which the broker keeps what came meanwhile; empty for one from the device's name."""
    username: str = ""
    password_file: str = ""
    """File whose first line is the password."""
    tls: bool = False
    version: Literal["5", "3.1.1"] = "5"


class FolderDevice(_Table, frozen=True, kw_only=True, tag_field="kind", tag="folder"):
    """A folder into which others put pictures and PDFs."""

    path: _Path
    every_s: Annotated[float, msgspec.Meta(ge=0.1, le=3600)] = 1.0
    """Seconds between two looks."""


class CameraDevice(_Table, frozen=True, kw_only=True, tag_field="kind", tag="camera"):
    """A camera, or a video file."""

    path: _Path
    width: Annotated[int, msgspec.Meta(ge=160, le=7680)] = 1280
    """Pixels that it is asked for; it may deliver others."""
    height: Annotated[int, msgspec.Meta(ge=120, le=4320)] = 720


LineDevice: TypeAlias = WedgeDevice | SerialDevice | EvdevDevice
Device: TypeAlias = LineDevice | MqttDevice | FolderDevice | CameraDevice


def read_device(file: Path, name: str) -> Device:
    """The profile of one device.

    Raises:
        ProfileError: It isn't there, or the file can't be meant.
    """
    devices = read_devices(file)
    if name not in devices:
        known = ", ".join(devices) or "none yet"
        raise ProfileError(
            str(file),
            f"there is no device {name!r}, only {known}",
            f"name one of these, or add it with 'suyuan scan --setup --device {name}'"
            if _NAME.fullmatch(name)
            else "name one of these",
        )
    return devices[name]


def read_devices(file: Path) -> dict[str, Device]:
    """All profiles of a file by name; none where there is no file.

    Raises:
        ProfileError: The file can't be read, or can't be meant.
    """
    try:
        with file.open("rb") as stream:
            content = stream.read(LARGEST + 1)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ProfileError(
            str(file), f"it can't be read ({error.strerror})", "check its permissions"
        ) from None
    return parse_devices(content, str(file))


def parse_devices(content: bytes, source: str) -> dict[str, Device]:
    """All profiles of a file's content by name; `source` is its name for errors.

    Raises:
        ProfileError: The content can't be meant.
    """
    if len(content) > LARGEST:
        raise ProfileError(
            source, f"it is larger than {LARGEST} bytes", "keep profiles of devices in it alone"
        )
    try:
        tables = tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ProfileError(source, f"byte {error.start} is not UTF-8", "save it as UTF-8") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        said = str(error) or "it is nested too deeply"
        raise ProfileError(
            source, f"it is no TOML: {said.rstrip('.')}", "mend that place"
        ) from None
    return {name: made_device(name, table, source) for name, table in tables.items()}


def made_device(name: str, table: Any, source: str) -> Device:
    """The profile that a table of such a file holds; `source` is the file's name for errors.

    Raises:
        ProfileError: The table can't be meant.
    """
    place = f"{source} [{name[:64]}]"
    if not _NAME.fullmatch(name):
        raise ProfileError(
            place, "the name has other characters than letters, digits, - and _", "rename it"
        )
    try:
        device: Device = msgspec.convert(table, Device)
    except msgspec.ValidationError as error:
        said, _at, path = " ".join(str(error).split()).partition(" - at `$")
        key = path.rstrip("`").lstrip(".")
        raise ProfileError(
            place,
            f"{key}: {said}" if key else said,
            "mend it; docs/scanning.md lists the keys of each kind",
        ) from None
    if isinstance(device, LineDevice):
        _verify(place, device)
    elif isinstance(device, MqttDevice) and not _is_filter(device.topic):
        raise ProfileError(
            place, f"topic: {device.topic!r} is no topic filter", "let + and # stand alone, # last"
        )
    return device


def _is_filter(topic: str) -> bool:
    *above, last = topic.split("/")
    levels = above if last == "#" else [*above, last]
    return all(level == "+" or not {"+", "#"} & set(level) for level in levels)


def _verify(place: str, device: _Sending) -> None:
    marks = device.endings + device.start
    if not device.endings and not isinstance(device, SerialDevice):
        raise ProfileError(place, "endings: no byte ends a line", 'name an ending such as "\\r"')
    if device.start and (device.start in device.endings or not device.endings):
        raise ProfileError(
            place,
            "start: a line that begins with a byte ends with another",
            'set endings = "\\u0003"',
        )
    for key, texts in (
        ("prefix", (device.prefix,)),
        ("suffix", (device.suffix,)),
        ("gs", device.gs),
    ):
        for text in texts:
            if any(mark in text for mark in marks):
                raise ProfileError(
                    place,
                    f"{key}: {text!r} holds a byte that begins or ends a line",
                    "leave that byte out",
                )
    for form in device.gs:
        if _ALNUM.fullmatch(form) or _SINGLE.fullmatch(form):
            raise ProfileError(
                place,
                f"gs: a code may hold {form!r} itself",
                "set the scanner to send GS as a control character, as Ctrl+] or as F8",
            )


def as_toml(name: str, device: Device) -> str:
    r"""Write a profile as a table of such a file; what is default is left out.

    >>> print(as_toml("dock-3", SerialDevice(port="/dev/ttyS0", endings="\r")), end="")
    [dock-3]
    kind = "serial"
    endings = "\r"
    port = "/dev/ttyS0"
    """
    values: dict[str, Any] = msgspec.to_builtins(device)
    lines = [f"{key} = {_value(value)}" for key, value in values.items()]
    return "\n".join([f"[{name}]", *lines, ""])


def _value(value: Any) -> str:
    if isinstance(value, str):
        # JSON's escapes are TOML's as well; DEL is the one that JSON leaves as it is.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return f"[{', '.join(map(_value, value))}]"
