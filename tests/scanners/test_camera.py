"""Cameras: each code once, agreed on over frames."""

from __future__ import annotations

import importlib
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pytest
import zxingcpp
from PIL import Image, ImageFilter

from scanners import camera
from scanners.camera import CameraScanner, OpenCvFrames
from scanners.engines import Reading
from scanners.errors import CameraLostError, CameraUnavailableError, PictureTooLargeError
from scanners.scan import Confidence, Symbology

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scanners.scan import Scan, ScannerAdapter

EAN, OTHER = "9506000134352", "4006381333931"
Sight = tuple[str, Confidence, int]
"""A text, how sure one frame is of it, and where it stands, in pixels."""


class Frames:
    """A camera that shows the given pictures and is unplugged then, if it is to be."""

    def __init__(self, pictures: Iterable[Image.Image], *, unplugged: bool = False) -> None:
        self.pictures = pictures
        self.unplugged = unplugged
        self.open = False

    def __enter__(self) -> Self:
        self.open = True
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.open = False

    def __iter__(self) -> Iterator[Image.Image]:
        yield from self.pictures
        if self.unplugged:
            raise CameraLostError("camera", "delivers no more pictures", "plug it in")


def picture(content: str, kind: str, *, left: int = 100, blur: float = 0) -> Image.Image:
    """Show a symbol on a table."""
    barcode = zxingcpp.create_barcode(content, zxingcpp.barcode_format_from_str(kind))
    drawn = memoryview(barcode.to_image(scale=3))  # type: ignore[arg-type]
    height, width = drawn.shape  # type: ignore[misc]
    frame = Image.new("L", (640, 480), 255)
    frame.paste(Image.frombytes("L", (width, height), bytes(drawn)), (left, 120))
    return frame.filter(ImageFilter.GaussianBlur(blur)) if blur else frame


def scans_of(frames: Frames, frame_us: int = 40_000) -> list[Scan]:
    """Look through all frames, 25 a second."""
    times = count(0, frame_us)
    scanner: ScannerAdapter = CameraScanner(frames, device="camera", now=lambda: next(times))
    with scanner as opened:
        assert frames.open
        found = list(opened)
    assert not frames.open
    return found


def told(monkeypatch: pytest.MonkeyPatch, *sights: list[Sight]) -> list[tuple[str, Confidence]]:
    """Let the frames' readings be those given, and tell what the camera makes of them."""
    answers = iter(sights)

    def read(_frame: Image.Image, *, seconds: float) -> list[Reading]:
        assert seconds > 0
        readings = []
        for text, confidence, left in next(answers):
            kind = Symbology.QR_CODE if confidence is Confidence.CORRECTED else Symbology.EAN_13
            quad = (left, 0), (left + 200, 0), (left + 200, 90), (left, 90)
            readings.append(
                Reading(text.encode(), text, kind, "", "zxing-cpp", quad, "fast", confidence)
            )
        return readings

    monkeypatch.setattr(camera, "read_symbols", read)
    blank = Image.new("L", (10, 10), 255)
    found = scans_of(Frames([blank] * len(sights)), frame_us=500_000)
    assert [scan.sequence for scan in found] == list(range(len(found)))
    return [(scan.text, scan.confidence) for scan in found]


def single(text: str = EAN, left: int = 0) -> Sight:
    """A reading of one step."""
    return text, Confidence.SINGLE, left


def test_each_code_once() -> None:
    """A code in sight over many frames is told once, with the time of the first of them."""
    frames = [Image.new("L", (640, 480), 255)] * 3 + [picture("A", "QRCode")] * 5
    frames += [picture(EAN, "EAN13", left=left) for left in (60, 70, 80)]
    first, second = scans_of(Frames(frames))
    assert (first.text, first.captured_at, first.confidence) == ("A", 120_000, Confidence.CORRECTED)
    assert (second.text, second.captured_at) == (EAN, 320_000)
    assert second.confidence is Confidence.AGREED
    assert second.device == "camera"


def test_again_after_it_was_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """A code that was out of sight for two seconds is told anew, and not before."""
    here = [("A", Confidence.CORRECTED, 0)]
    found = told(monkeypatch, here, [], [], here, [], [], [], [], [], here)
    assert found == [("A", Confidence.CORRECTED)] * 2


def test_frames_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one step reads is told when the next frame, a little elsewhere, gives the same."""
    assert told(monkeypatch, [single()], [single(left=5)]) == [(EAN, Confidence.AGREED)]


def test_the_same_look_is_no_second_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a stand every frame is the same: it is told in the end, as a single reading."""
    assert told(monkeypatch, *[[single()]] * 20) == [(EAN, Confidence.SINGLE)]


def test_frames_contradict(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two values in one place are told as contradicted; two votes more decide."""
    assert told(monkeypatch, [single()], [single(OTHER, 9)]) == [(EAN, Confidence.CONTRADICTED)]
    found = told(monkeypatch, [single()], *[[single(OTHER, left)] for left in (9, 18, 27)])
    assert found == [(OTHER, Confidence.AGREED)]


def test_a_frame_in_doubt_has_no_vote(monkeypatch: pytest.MonkeyPatch) -> None:
    """What steps contradicted in one frame stays in doubt, unless others agree on it."""
    doubt = [(EAN, Confidence.CONTRADICTED, 0)]
    assert told(monkeypatch, doubt, doubt) == [(EAN, Confidence.CONTRADICTED)]
    found = told(monkeypatch, doubt, [(EAN, Confidence.AGREED, 4)])
    assert found == [(EAN, Confidence.AGREED)]


def test_many_places_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """However much is seen and not agreed on, what waits is bounded, and nothing is dropped."""
    frame = [single(f"{number:013}", number * 500) for number in range(200)]
    assert len(told(monkeypatch, frame)) == 200


def test_an_unplugged_camera() -> None:
    """What was seen is delivered before the one sentence that says it is gone."""
    frames = Frames([picture("A", "QRCode")], unplugged=True)
    found: list[Scan] = []
    with (
        pytest.raises(CameraLostError, match=r"^camera: delivers no more pictures; plug it in\.$"),
        CameraScanner(frames, device="camera", now=lambda: 0) as scanner,
    ):
        found.extend(scanner)
    assert [scan.text for scan in found] == ["A"]
    assert not frames.open


def test_a_video(tmp_path: Path) -> None:
    """A video file, as a camera takes it, is read from its first frame to its last."""
    library = pytest.importorskip("cv2", reason="the extra `camera` isn't installed")
    path = tmp_path / "belt.avi"
    code = library.VideoWriter.fourcc(*"MJPG")
    writer = library.VideoWriter(str(path), code, 25, (640, 480))
    for frame in (
        *(picture("01095060001343", "QRCode", left=left) for left in range(0, 200, 40)),
        Image.new("L", (640, 480), 200),
        *(picture(EAN, "EAN13", left=left, blur=1) for left in range(0, 200, 40)),
    ):
        writer.write(np.stack([np.asarray(frame)] * 3, -1))
    writer.release()
    times = count(0, 40_000)
    with CameraScanner(OpenCvFrames(path), device="belt", now=lambda: next(times)) as scanner:
        found = list(scanner)
    assert [scan.text for scan in found] == ["01095060001343", EAN]
    assert [scan.confidence for scan in found] == [Confidence.CORRECTED, Confidence.AGREED]


def test_no_camera(tmp_path: Path) -> None:
    """A missing device, an address and a file that is no video are told in one sentence."""
    library = find_spec("cv2")
    text = tmp_path / "text.avi"
    text.write_bytes(b"hello")
    for path in (tmp_path / "video0", Path("rtsp://192.0.2.1/stream")):
        with pytest.raises(CameraUnavailableError, match=r"no such file or directory.*; plug"):
            OpenCvFrames(path).__enter__()
    message = "is no camera or video" if library else "needs OpenCV"
    for path in (text, Path("/dev/null")):
        with pytest.raises(CameraUnavailableError, match=message):
            OpenCvFrames(path).__enter__()


def test_without_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without OpenCV one sentence says what to install."""

    def refuse(name: str) -> object:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", refuse)
    with pytest.raises(CameraUnavailableError, match=r"pip install \"suyuan\[camera\]\"\.$"):
        OpenCvFrames(tmp_path).__enter__()


class Capture:
    """OpenCV's handle on a device that is unplugged after two frames."""

    size = 8

    def __init__(self, _path: str, _backend: int) -> None:
        self.left = 2
        self.released = False

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        """It opens."""
        return True

    def set(self, _setting: int, _value: int) -> bool:
        """Take whatever is set."""
        return True

    def get(self, _setting: int) -> float:
        """Tell width and height."""
        return self.size

    def read(self) -> tuple[bool, Any]:
        """Deliver a frame while it is plugged in."""
        self.left -= 1
        return self.left >= 0, np.zeros((8, 8), np.uint8)

    def release(self) -> None:
        """Note that it was freed."""
        self.released = True


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> Path:
    """A character device that OpenCV takes for a camera."""
    library = SimpleNamespace(
        CAP_V4L2=200,
        CAP_ANY=0,
        CAP_PROP_FRAME_WIDTH=3,
        CAP_PROP_FRAME_HEIGHT=4,
        CAP_PROP_BUFFERSIZE=38,
        COLOR_BGR2GRAY=6,
        VideoCapture=Capture,
        cvtColor=lambda frame, _way: frame,
    )
    monkeypatch.setattr(importlib, "import_module", lambda _name: library)
    return Path("/dev/null")


def test_a_device_that_stops(device: Path) -> None:
    """A device that delivers nothing more is lost; a file in its place would have ended."""
    frames = OpenCvFrames(device)
    seen: list[tuple[int, int]] = []
    lost = pytest.raises(CameraLostError, match="delivers no more pictures; plug the camera in")
    with lost, frames:
        seen.extend(frame.size for frame in frames)
    assert seen == [(8, 8)] * 2
    assert list(frames) == []


def test_a_device_with_too_large_frames(device: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Frames beyond the limit of pixels are refused before one is taken."""
    monkeypatch.setattr(Capture, "size", 10_000)
    with pytest.raises(PictureTooLargeError, match=r"10000 x 10000 pixels.*; choose a smaller"):
        OpenCvFrames(device).__enter__()
