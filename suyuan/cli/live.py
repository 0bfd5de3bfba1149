"""`suyuan scan --device`: scans are looked up and printed as they come."""

from __future__ import annotations

from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING

from scanners.devices import read_device as profile_of
from suyuan.cli.judging import remarks_of, shortened
from suyuan.cli.output import Finding
from suyuan.devices import adapter_of
from suyuan.workspace import Workspace

if TYPE_CHECKING:
    from scanners.wedge import ByteSource
    from suyuan.cli.judging import Judge
    from suyuan.cli.output import Session
    from suyuan.lookup import LookedUp

__all__ = ["read_device"]


def read_device(
    session: Session, judge: Judge, name: str, keyboard: ByteSource, count: int | None
) -> None:
    """Print the scans of a device until it ends, Ctrl-C is pressed, or so many came.

    Raises:
        ProfileError: There is no such device.
        DeviceError: It can't be read.
        Finding: What was read was no code, at least once.
    """
    profile = profile_of(session.settings.device_file, name)
    adapter = adapter_of(name, profile, keyboard=keyboard, now=Workspace.now, tell=session.warn)
    has_problem = False
    with suppress(KeyboardInterrupt), adapter as opened:
        for scan in islice(opened, count):
            # Each by the ledger of its moment: hours may lie between two scans.
            [found] = judge.all([scan])
            has_problem |= found.problem is not None
            if session.as_json:
                session.value(found.as_dict())
            else:
                session.say(_line(found))
            if session.reader_is_gone:
                break
    if has_problem:
        raise Finding


def _line(one: LookedUp) -> str:
    code = one.code.uri if one.code else shortened(one.scan.text or one.scan.raw.hex())
    status = ((one.item.status or "known") if one.item else "unknown") if one.code else "no code"
    remarks = "; ".join(remarks_of(one))
    return f"{one.judged.verdict}  {status}  {code}{f'  ({remarks})' if remarks else ''}"
