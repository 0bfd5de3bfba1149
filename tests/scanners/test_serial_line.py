"""Serial lines: a simulated one that fails on demand, and a real pair of terminals made by socat."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import time
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from itertools import count, islice
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanners import extras
from scanners.devices import SerialDevice
from scanners.errors import DeviceError
from scanners.serial_line import SerialScanner, open_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from scanners.scan import Scan

Step = bytes | OSError
GONE = OSError(errno.EIO, "Input/output error")
MISSING = OSError(errno.ENOENT, "No such file")


class EndedError(Exception):
    """The simulation is over."""


class SimulatedLine:
    """A line that gives each step in turn: bytes, a silence (no bytes), or an error."""

    def __init__(self, steps: Iterator[Step]) -> None:
        """Share the steps with the lines that come after this one."""
        self._steps = steps
        self.closed = False

    def read(self, size: int, /) -> bytes:
        """Give the next step."""
        step = next(self._steps, None)
        if step is None:
            raise EndedError
        if isinstance(step, OSError):
            raise step
        assert len(step) <= size
        return step

    def close(self) -> None:
        """Fail, as a line does that is gone."""
        self.closed = True
        raise GONE


class Bench:
    """A scanner on simulated lines, with what it told and how long it paused."""

    def __init__(
        self, steps: Sequence[Step], openings: Sequence[OSError | None] = (), **fields: Any
    ) -> None:
        """Prepare the steps of all lines, and what each opening does."""
        self.told: list[str] = []
        self.pauses: list[float] = []
        self._steps = iter(steps)
        self._openings = iter(openings)
        self._clock = count(1, 1)
        given = {"port": "/dev/ttyX", "endings": "\r", **fields}
        self.scanner = SerialScanner(
            SerialDevice(**given),
            device="dock",
            now=lambda: next(self._clock),
            tell=self.told.append,
            opened=self._open,
            pause=self.pauses.append,
        )

    def _open(self, _profile: SerialDevice) -> SimulatedLine:
        failure = next(self._openings, None)
        if failure is not None:
            raise failure
        return SimulatedLine(self._steps)

    def scans(self) -> list[Scan]:
        """Read until the steps are used up."""
        found: list[Scan] = []
        with self.scanner, suppress(EndedError):
            for scan in self.scanner:
                found.append(scan)  # noqa: PERF402 - what came before the end is kept
        return found


def scans_of(steps: Sequence[Step], **fields: Any) -> list[Scan]:
    """Read all steps on one line."""
    return Bench(steps, **fields).scans()


@pytest.mark.parametrize(
    ("fields", "stream"),
    [
        ({"endings": "\r"}, b"A1\rB2\r"),
        ({"endings": "\n"}, b"A1\nB2\n"),
        ({"endings": "\r\n"}, b"A1\r\nB2\r\n"),
        ({"endings": "\x03"}, b"A1\x03B2\x03"),
        ({"start": "\x02", "endings": "\x03"}, b"\x02A1\x03\r\n\x02B2\x03"),
    ],
)
def test_framing(fields: dict[str, Any], stream: bytes) -> None:
    """CR, LF, both, ETX alone and STX with ETX each part two codes."""
    found = scans_of([stream], **fields)
    assert [(scan.text, scan.engine, scan.device) for scan in found] == [
        ("A1", "serial", "dock"),
        ("B2", "serial", "dock"),
    ]


def test_silences_part_codes() -> None:
    """Without an ending a silence is one."""
    found = scans_of([b"A", b"1", b"", b"", b"B2", b""], endings="")
    assert [scan.text for scan in found] == ["A1", "B2"]


def test_a_silence_inside_a_line() -> None:
    """Half a line that has lost its ending is a problem; the next is read."""
    half, whole = scans_of([b"0109506", b"", b"A1\r"])
    assert "broke off after 7 bytes" in str(half.problem)
    assert (whole.text, whole.problem) == ("A1", None)


def test_codes_that_waited() -> None:
    """What came while nobody read may be two codes: without endings nobody can tell, so it is a problem."""
    found = []
    bench = Bench([b"A1", b"", b"B2C3", b"", b"D4", b""], endings="", gap_ms=10)
    moment = iter([0] * 5 + [50_000] * 20)
    bench.scanner._now = lambda: next(moment)  # the program is busy behind the first scan
    with bench.scanner, suppress(EndedError):
        for scan in bench.scanner:
            found.append((scan.text, scan.problem is None))  # noqa: PERF401
    assert found == [("A1", True), ("", False), ("D4", True)]


def test_a_line_that_vanishes_and_comes_back() -> None:
    """It is told once each way, tried at growing pauses, and half a code is no code."""
    bench = Bench([b"A1\r", b"half", GONE, b"B2\r"], [None, *[MISSING] * 6, None])
    first, half, second = bench.scans()
    assert (first.text, second.text) == ("A1", "B2")
    assert "broke off" in str(half.problem)
    assert bench.told == [
        "dock: /dev/ttyX is gone; waiting for it to come back.",
        "dock: it is back.",
    ]
    assert bench.pauses == [0.5, 1, 2, 4, 8, 10, 10]
    assert [scan.sequence for scan in (first, half, second)] == [0, 1, 2]


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOENT, "is not there; plug the scanner in"),
        (errno.EACCES, "may not be opened by this user; add the user to the group"),
        (errno.EBUSY, "is used by another program"),
        (errno.ENOTTY, "is no serial line"),
        (errno.EIO, "is gone"),
    ],
)
def test_a_line_that_cannot_be_opened(number: int, said: str) -> None:
    """The first opening fails in one sentence: a wrong name is no line that went away."""
    with pytest.raises(DeviceError, match=said), Bench([], [OSError(number, "x")]).scanner:
        pass


def test_without_pyserial(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the package is missing, its extra is named."""

    def missing(_module: str) -> None:
        raise ImportError

    monkeypatch.setattr(extras, "import_module", missing)
    with pytest.raises(DeviceError, match=r"pip install 'suyuan\[serial\]'"):
        open_line(SerialDevice(port="/dev/ttyX"))


@given(st.lists(st.binary(max_size=30) | st.sampled_from([b"A1\r", b"\r", b""]), max_size=20))
def test_noise_is_never_more_than_problems(steps: list[bytes]) -> None:
    """Whatever comes, there are scans with a text or a problem, numbered without a gap."""
    found = scans_of(steps, longest=16)
    assert [scan.sequence for scan in found] == list(range(len(found)))
    assert all((scan.problem is None) == bool(scan.text) for scan in found)
    assert all(len(scan.raw) <= 16 for scan in found)


@contextmanager
def socat(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Join two terminals, as a cable does: one for the scanner, one for the program."""
    ends = [folder / "scanner", folder / "program"]
    links = [f"pty,raw,echo=0,link={end}" for end in ends]
    with subprocess.Popen(["socat", *links]) as process:
        try:
            deadline = time.monotonic() + 10
            while not all(end.exists() for end in ends):
                assert time.monotonic() < deadline, "socat made no terminals"
                time.sleep(0.01)
            yield process
        finally:
            process.terminate()
            process.wait(10)


def send(folder: Path, content: bytes) -> None:
    """Write to the scanner's end."""
    end = os.open(folder / "scanner", os.O_WRONLY | os.O_NOCTTY)
    try:
        os.write(end, content)
    finally:
        os.close(end)


@pytest.fixture
def cable() -> Callable[[Path], AbstractContextManager[object]]:
    """Give socat and pyserial, or say what is missing."""
    pytest.importorskip("serial")
    if shutil.which("socat") is None:
        pytest.skip("socat is not installed; 'sudo apt install socat' adds it")
    return socat


def test_a_real_line(
    cable: Callable[[Path], AbstractContextManager[object]], tmp_path: Path
) -> None:
    """Codes, noise and a cable that is pulled and put back, over two real terminals."""
    told: list[str] = []
    profile = SerialDevice(port=str(tmp_path / "program"), start="\x02", endings="\x03", gap_ms=200)
    clock = count()
    scanner = SerialScanner(profile, device="dock", now=lambda: next(clock), tell=told.append)
    with ExitStack() as first:
        first.enter_context(cable(tmp_path))
        with scanner:
            scans = iter(scanner)
            send(tmp_path, b"\xffnoise\x02]C1010950600013435210L1\x1d21A\x03\r\n")
            noise, good = islice(scans, 2)
            assert "6 bytes came outside of a frame" in str(noise.problem)
            assert (good.text, good.problem) == ("010950600013435210L1\x1d21A", None)
            assert good.gs1
            send(tmp_path, b"\x02half")
            broken = next(scans)
            assert "broke off" in str(broken.problem)
            first.close()  # the cable is pulled
            with cable(tmp_path):
                sender = Thread(target=_send_when, args=(told, tmp_path))
                sender.start()
                assert next(scans).text == "B2"
                sender.join()
    assert told == [
        f"dock: {tmp_path}/program is gone; waiting for it to come back.",
        "dock: it is back.",
    ]


def _send_when(told: list[str], folder: Path) -> None:
    """Send a code as soon as the line is back: opening throws away what came before."""
    deadline = time.monotonic() + 10
    while len(told) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    send(folder, b"\x02B2\x03")


def test_a_real_line_that_is_missing(tmp_path: Path) -> None:
    """The refusal of pyserial is one sentence."""
    pytest.importorskip("serial")
    profile = SerialDevice(port=str(tmp_path / "none"))
    scanner = SerialScanner(profile, device="dock", now=lambda: 0, tell=print)
    with pytest.raises(DeviceError, match="none is not there; plug the scanner in"), scanner:
        pass
    (tmp_path / "file").write_bytes(b"")
    profile = SerialDevice(port=str(tmp_path / "file"))
    scanner = SerialScanner(profile, device="dock", now=lambda: 0, tell=print)
    with pytest.raises(DeviceError, match="file is no serial line"), scanner:
        pass
