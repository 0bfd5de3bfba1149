"""`suyuan scan --setup`: print the test sheet, take what comes back, keep the profile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from labels.setup_sheet import write_setup_sheet
from ledger.errors import UsageError
from scanners.devices import EvdevDevice, LineDevice, SerialDevice, WedgeDevice, read_devices
from scanners.errors import DeviceError, ProfileError
from scanners.evdev import EVENT, open_keyboard
from scanners.keyboard import KeyDecoder
from scanners.serial_line import open_line
from scanners.setup import SHEET, derive, lines_of
from suyuan.cli.output import Finding, replacing
from suyuan.devices import keep_device

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scanners.setup import Derived
    from scanners.wedge import ByteSource
    from suyuan.cli.output import Session

__all__ = ["set_up"]

_TITLE = "Suyuan scanner setup: print at 100 %, scan each code once, from the top down"
_MOST = 64 * 1024
"""Bytes that are taken of a sheet."""
_MOST_EVENTS = 20_000
"""Key events that are taken of one; a code has some hundred."""
_PATIENCE = 600
"""Silences of a serial line, each as long as its gap, before the sheet is given up."""


def set_up(session: Session, name: str, sheet: Path, keyboard: ByteSource) -> None:
    """Set a device up.

    Raises:
        UsageError: A device of this kind sends no lines.
        ProfileError: What came is not the sheet, or the profile can't be kept.
        DeviceError: The device can't be read.
        Finding: A fault was found, which is printed.
    """
    file = session.settings.device_file
    base = read_devices(file).get(name, WedgeDevice())
    if not isinstance(base, LineDevice):
        raise UsageError(
            f"The device {name!r} is of kind {msgspec.to_builtins(base)['kind']}, which sends no"
            " lines: there is nothing to set up."
        )
    with replacing(sheet) as whole:
        codes = ((code.symbol, code.text, code.caption) for code in SHEET)
        write_setup_sheet(whole, codes, title=_TITLE)
    session.warn(
        f"{sheet} is the test sheet: print it, and scan its {len(SHEET)} codes from the top down."
        " If the last one gives nothing, end with Ctrl-D."
    )
    derived = _derived(base, name, keyboard)
    answer: dict[str, Any] = {"sheet": str(sheet), "device": name, "profile": None, "findings": []}
    if derived is not None:
        answer["findings"] = [
            {"kind": one.kind, "fault": one.is_fault, "sentence": one.sentence}
            for one in derived.findings
        ]
        if derived.device is not None:
            answer["profile"] = msgspec.to_builtins(derived.device)
            answer["file"] = str(file)
            if keep_device(file, name, derived.device):
                session.warn(f"{file} was written anew, without comments.")
    _say(session, answer)


def _say(session: Session, answer: dict[str, Any]) -> None:
    if session.as_json:
        session.value(answer)
    else:
        for one in answer["findings"]:
            session.say(f"{'fault' if one['fault'] else 'note'}: {one['sentence']}")
        if answer["profile"]:
            session.say(
                f"{answer['device']} is set up in {answer['file']}; read it with"
                f" 'suyuan scan --device {answer['device']}'."
            )
    if any(one["fault"] for one in answer["findings"]):
        raise Finding


def _derived(base: LineDevice, name: str, keyboard: ByteSource) -> Derived | None:
    """What came of the sheet; None where nothing was scanned."""
    if isinstance(base, EvdevDevice):
        return _of_keys(base, _events(base, name))
    bursts = _of_line(base, name) if isinstance(base, SerialDevice) else _typed(keyboard.read1)
    return derive(bursts, base) if any(bursts) else None


def _is_whole(bursts: list[bytes], *, silent: bool) -> bool:
    _start, endings, lines = lines_of(bursts)
    ended = endings and bursts[-1:] and bursts[-1].rstrip(b"\r\n\t\x03") != bursts[-1]
    return len(lines) >= len(SHEET) and (silent or bool(ended))


def _typed(read: Callable[[int], bytes]) -> list[bytes]:
    stream = b""
    while len(stream) < _MOST and not _is_whole([stream], silent=False):
        chunk = read(4096)
        if not chunk:
            break
        stream += chunk
    return [stream]


def _of_line(base: SerialDevice, name: str) -> list[bytes]:
    """What a serial line sent, parted by its silences."""
    bursts = [b""]
    try:
        line = open_line(base)
        try:
            for _ in range(_PATIENCE):
                while chunk := line.read(4096):
                    bursts[-1] += chunk
                    if sum(map(len, bursts)) > _MOST:
                        return bursts
                if bursts[-1]:
                    if _is_whole(bursts, silent=True):
                        return bursts
                    bursts.append(b"")
        finally:
            line.close()
    except OSError as error:
        raise DeviceError(
            name, f"{base.port} can't be read ({error.strerror or error})", "check the profile"
        ) from None
    return [burst for burst in bursts if burst]


def _events(base: EvdevDevice, name: str) -> bytes:
    """The key events of the sheet: as many as there are codes, each ended by Enter or Tab."""
    events = b""
    try:
        source = open_keyboard(base)
        try:
            while len(events) < _MOST_EVENTS * EVENT.size:
                chunk = source.read(64 * EVENT.size)
                events += chunk
                if not chunk or _is_whole([_text(events, "us")], silent=False):
                    break
        finally:
            source.close()
    except OSError as error:
        raise DeviceError(
            name, f"{base.path} can't be read ({error.strerror or error})", "check the profile"
        ) from None
    return events


def _text(events: bytes, layout: str) -> bytes:
    keys = KeyDecoder(layout)
    whole = events[: len(events) - len(events) % EVENT.size]
    text = (keys.feed(kind, code, value) for *_at, kind, code, value in EVENT.iter_unpack(whole))
    return "".join(text).encode("utf-8", "surrogatepass")


def _of_keys(base: EvdevDevice, events: bytes) -> Derived | None:
    """Try each layout that the scanner may be set to; the first without a fault holds."""
    if not events:
        return None
    found: list[Derived] = []
    for layout in ("us", "de", "fr"):
        tried = msgspec.structs.replace(base, layout=layout)
        try:
            derived = derive([_text(events, layout)], tried)
        except ProfileError:
            if layout == "fr" and not found:
                raise
            continue
        if derived.device is not None:
            return derived
        found.append(derived)
    return min(found, key=lambda one: len(one.findings))
