"""`suyuan scan --device` and `--setup`."""

import errno
import json
from pathlib import Path
from typing import Any

import pytest

from scanners import serial_line
from scanners.devices import EvdevDevice, SerialDevice
from scanners.pictures import scan_file
from scanners.scan import GS
from scanners.setup import SHEET
from suyuan.cli import setting_up
from tests.ledger.builders import instance, seen
from tests.scanners.test_evdev import Pipe, typed
from tests.suyuan.conftest import CommandLine

AIM = {"datamatrix": "]d2", "code-128": "]C0", "qr": "]Q2"}


def sheet(gs: str = GS, *, ending: str = "\r\n") -> bytes:
    """Return what a scanner sends for the codes of the test sheet."""
    lines = (AIM[code.symbol] + code.text.replace(GS, gs) + ending for code in SHEET)
    return "".join(lines).encode()


class Line:
    """A serial line that sends pieces, with a silence behind each."""

    def __init__(self, *pieces: bytes) -> None:
        """Take what it sends."""
        self._steps = [step for piece in pieces for step in (piece, b"")]

    def read(self, _size: int, /) -> bytes:
        """Send the next piece; then nothing ever."""
        return self._steps.pop(0) if self._steps else b""

    def close(self) -> None:
        """Hold nothing."""


def test_a_keyboard_scanner_by_its_profile(suyuan: CommandLine) -> None:
    """Each scan is looked up as it comes, and printed on a line, in JSON or for people."""
    suyuan.capture(seen(instance("P2")))
    suyuan.write("devices.toml", '[counter]\nkind = "wedge"\ngs = ["<GS>"]\nprefix = "*"\n')
    stdin = b"*010950600013435210L1<GS>21P2\r\n*hello\r\n"
    answer = suyuan("--json", "scan", "--device", "counter", stdin=stdin)
    assert answer.status == 1
    known, word = map(json.loads, answer.out.splitlines())
    assert (known["code"], known["verdict"]) == (instance("P2"), "confirmed")
    assert known["device"] == "counter"
    assert (word["code"], word["verdict"]) == (None, "doubtful")
    one = suyuan("scan", "--device", "counter", "--count", "1", stdin=stdin)
    assert (one.status, len(one.out.splitlines())) == (0, 1)
    assert one.out.startswith(f"confirmed  known  {instance('P2')}")
    plain = suyuan("scan", "--device", "counter", stdin=stdin)
    assert plain.out.splitlines()[1].startswith("doubtful  no code  hello  (")


def test_a_serial_scanner(bare: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A device of another kind is opened by its profile; without a ledger codes are only read."""
    bare.write("devices.toml", '[dock]\nkind = "serial"\nport = "/dev/ttyX"\n')
    monkeypatch.setattr(serial_line, "open_line", lambda _profile: Line(b"]d201095060001343", b""))
    answer = bare("--json", "scan", "--device", "dock", "--count", "1")
    assert "broke off" in json.loads(answer.out)["problem"]
    assert "Codes are read and not looked up" in answer.err


@pytest.mark.parametrize(
    ("profile", "said"),
    [
        ('[dock]\nkind = "serial"\nport = "/nowhere/tty"\n', "/nowhere/tty"),
        ('[dock]\nkind = "evdev"\npath = "/nowhere/event0"\n', "/nowhere/event0 is not there"),
        ('[dock]\nkind = "folder"\npath = "/nowhere/inbox"\n', "/nowhere/inbox"),
        ('[dock]\nkind = "camera"\npath = "/nowhere/video0"\n', "/nowhere/video0"),
    ],
)
def test_a_device_that_cannot_be_opened(bare: CommandLine, profile: str, said: str) -> None:
    """What the surroundings refuse is status 3, in one sentence."""
    bare.write("devices.toml", profile)
    answer = bare("scan", "--device", "dock")
    assert answer.status == 3
    assert said in answer.err.splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--device", "x"], "there is no device 'x', only dock"),
        (["--device", "dock", "a.png"], "each is a task of its own"),
        (["--setup", "a.png"], "each is a task of its own"),
        ([], "Name pictures or PDFs"),
        (["--setup", "--device", "hand"], "nothing to set up"),
    ],
)
def test_what_cannot_be_meant(suyuan: CommandLine, arguments: list[str], said: str) -> None:
    """Wrong usage is status 2."""
    hand = '\n[hand]\nkind = "mqtt"\nhost = "h"\ntopic = "t"\n'
    dock = '[dock]\nkind = "serial"\nport = "x"\n'
    suyuan.write("devices.toml", dock + (hand if "hand" in arguments else ""))
    answer = suyuan("scan", *arguments)
    assert answer.status == 2
    assert said in answer.sentence()


def test_a_folder(suyuan: CommandLine, tmp_path: Path) -> None:
    """Pictures that others put into a folder are read as they come."""
    suyuan.capture(seen(instance("P2")))
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    drawn = inbox / "a.png"
    assert suyuan("label", instance("P2"), "--out", str(drawn)).status == 0
    suyuan.write("devices.toml", f'[copier]\nkind = "folder"\npath = "{inbox}"\nevery_s = 0.1\n')
    answer = suyuan("--json", "scan", "--device", "copier", "--count", "1")
    assert (answer.status, answer.json["code"]) == (0, instance("P2"))
    assert answer.json["verdict"] == "confirmed"


def test_a_setup(suyuan: CommandLine) -> None:
    """The sheet is printed, the profile kept, and the device reads by it."""
    value = suyuan("--json", "scan", "--setup", "--device", "till", stdin=sheet("<GS>"))
    assert value.status == 0
    assert value.json["findings"] == []
    assert value.json["profile"] == {"kind": "wedge", "gs": ["<GS>"], "identifier": "always"}
    assert "scan its 7 codes from the top down" in value.err
    printed = scan_file(Path("scanner-setup.pdf"), captured_at=0)
    assert [one.text for one in printed] == [code.text for code in SHEET]
    read = suyuan("--json", "scan", "--device", "till", stdin=b"]d2010950600013435210L<GS>21A\r\n")
    assert json.loads(read.out)["text"] == f"010950600013435210L{GS}21A"
    said = suyuan("scan", "--setup", "--device", "till", "--sheet", "b.pdf", stdin=sheet())
    assert "till is set up in" in said.out
    assert "written anew, without comments" in said.err
    assert (suyuan.folder / "b.pdf").exists()


def test_a_setup_keeps_what_stands_in_the_file(
    suyuan: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new device is put behind the others, whose comments stay; the file may be elsewhere."""
    monkeypatch.setenv("SUYUAN_DEVICES", str(suyuan.folder / "deep" / "d.toml"))
    (suyuan.folder / "deep").mkdir()
    suyuan.write("deep/d.toml", '# ours\n[dock]\nkind = "serial"\nport = "x"\n')
    assert suyuan("scan", "--setup", stdin=sheet()).status == 0
    text = (suyuan.folder / "deep" / "d.toml").read_text("utf-8")
    assert text.startswith('# ours\n[dock]\nkind = "serial"\nport = "x"\n\n[wedge]\n')


def test_a_fault(suyuan: CommandLine) -> None:
    """A lost separator is told with its fix, status 1, and nothing is kept."""
    answer = suyuan("scan", "--setup", stdin=sheet(""))
    assert answer.status == 1
    assert answer.out.startswith("fault: The separator GS is lost")
    assert not (suyuan.folder / "devices.toml").exists()


def test_the_sheet_alone(suyuan: CommandLine) -> None:
    """Where nothing is scanned there is a sheet, and no complaint; other codes are none of the sheet."""
    assert suyuan("--json", "scan", "--setup").json["profile"] is None
    answer = suyuan("scan", "--setup", stdin=b"hello\r\n")
    assert answer.status == 2
    assert "1 codes came where the sheet has 7" in answer.err


def test_a_serial_line_is_set_up(suyuan: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its port stays, and its framing is derived; silences alone are enough."""
    suyuan.write("devices.toml", '[dock]\nkind = "serial"\nport = "/dev/ttyX"\n')
    pieces: list[bytes] = sheet(ending="\n").splitlines()
    monkeypatch.setattr(setting_up, "open_line", lambda _profile: Line(*pieces))
    value = suyuan("--json", "scan", "--setup", "--device", "dock").json
    assert value["profile"] == {
        "kind": "serial",
        "port": "/dev/ttyX",
        "endings": "",
        "identifier": "always",
    }
    monkeypatch.setattr(setting_up, "open_line", lambda _profile: Line(sheet(ending="\x03")))
    value = suyuan("--json", "scan", "--setup", "--device", "dock").json
    assert value["profile"]["endings"] == "\x03"


def refusing(_profile: SerialDevice | EvdevDevice) -> Any:
    """Open nothing."""
    raise OSError(errno.ENOENT, "No such file or directory")


@pytest.mark.parametrize("kind", ["serial", "evdev"])
def test_a_device_that_cannot_be_set_up(
    suyuan: CommandLine, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """A device that isn't there is status 3."""
    place = "port" if kind == "serial" else "path"
    suyuan.write("devices.toml", f'[dock]\nkind = "{kind}"\n{place} = "/dev/none"\n')
    monkeypatch.setattr(setting_up, "open_line", refusing)
    monkeypatch.setattr(setting_up, "open_keyboard", refusing)
    answer = suyuan("scan", "--setup", "--device", "dock")
    assert answer.status == 3
    assert "/dev/none can't be read (No such file or directory)" in answer.err


@pytest.mark.parametrize("layout", ["us", "de", "fr"])
def test_an_input_device_is_set_up(
    suyuan: CommandLine, monkeypatch: pytest.MonkeyPatch, layout: str
) -> None:
    """The layout that the scanner was set to is found from the keys that it pressed."""
    suyuan.write("devices.toml", '[belt]\nkind = "evdev"\npath = "/dev/input/event9"\n')
    text = "".join(AIM[code.symbol] + code.text.replace(GS, "^]") + "\r" for code in SHEET[:-1])
    keys = typed(text, layout)
    monkeypatch.setattr(
        setting_up, "open_keyboard", lambda _profile: Pipe([keys[:5000], keys[5000:]])
    )
    answer = suyuan("--json", "scan", "--setup", "--device", "belt")
    assert answer.status == 0, answer
    expected = {} if layout == "us" else {"layout": layout}
    assert answer.json["profile"] == {
        "kind": "evdev",
        "path": "/dev/input/event9",
        "identifier": "always",
        **expected,
    }
    assert [one["kind"] for one in answer.json["findings"]] == ["lost-chinese"]


def test_an_input_device_that_gives_nothing(
    suyuan: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a key there is a sheet; with other keys it is said that they are none of the sheet."""
    suyuan.write("devices.toml", '[belt]\nkind = "evdev"\npath = "/dev/input/event9"\n')
    monkeypatch.setattr(setting_up, "open_keyboard", lambda _profile: Pipe([]))
    assert suyuan("--json", "scan", "--setup", "--device", "belt").json["profile"] is None
    monkeypatch.setattr(setting_up, "open_keyboard", lambda _profile: Pipe([typed("abc\r")]))
    answer = suyuan("scan", "--setup", "--device", "belt")
    assert answer.status == 2
    assert "1 codes came" in answer.err


def test_a_file_that_cannot_be_written(
    suyuan: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said, and the setup is not lost silently."""
    suyuan.write("file", "")
    monkeypatch.setenv("SUYUAN_DEVICES", str(suyuan.folder / "file" / "d.toml"))
    answer = suyuan("scan", "--setup", stdin=sheet())
    assert answer.status == 2
    assert "can't be" in answer.err.splitlines()[-1]
