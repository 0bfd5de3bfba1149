"""Handhelds over MQTT, with a broker that the test starts, and ends."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from contextlib import closing, contextmanager
from itertools import count, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from scanners import extras
from scanners.devices import MqttDevice
from scanners.errors import DeviceError
from scanners.messages import LARGEST
from scanners.mqtt import MqttScanner, Recent

if TYPE_CHECKING:
    from collections.abc import Iterator

BROKER = shutil.which("mosquitto") or "/usr/sbin/mosquitto"


def free_port() -> int:
    """Find a port that nobody listens on."""
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def listens(port: int) -> bool:
    """Tell whether the broker can be reached."""
    with closing(socket.socket()) as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def broker(folder: Path, port: int, *lines: str) -> Iterator[None]:
    """Run a broker, and end the one that was started."""
    file = folder / "mosquitto.conf"
    settings = [
        f"listener {port} 127.0.0.1",
        "persistence false",
        f"user {Path(folder).owner()}",
        *(lines or ("allow_anonymous true",)),
    ]
    file.write_text("\n".join([*settings, ""]), "utf-8")
    with subprocess.Popen(
        [BROKER, "-c", file], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            deadline = time.monotonic() + 20
            while not listens(port):
                assert process.poll() is None, "the broker ended"
                assert time.monotonic() < deadline, "the broker does not listen"
                time.sleep(0.02)
            yield
        finally:
            process.terminate()
            process.wait(20)


@pytest.fixture
def port() -> int:
    """Give a port for a broker, or say what is missing."""
    pytest.importorskip("paho.mqtt.client")
    if not Path(BROKER).exists():
        pytest.skip("mosquitto is not installed; 'sudo apt install mosquitto' adds it")
    return free_port()


def publish(port: int, topic: str, *payloads: object, qos: int = 1) -> None:
    """Send messages as a handheld does."""
    mqtt = pytest.importorskip("paho.mqtt.client")
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", port)
    client.loop_start()
    for payload in payloads:
        content = payload if isinstance(payload, bytes) else json.dumps(payload)
        client.publish(topic, content, qos=qos).wait_for_publish(10)
    client.disconnect()
    client.loop_stop()


def scanner(port: int, told: list[str] | None = None, **fields: Any) -> MqttScanner:
    """Return the scanner of a test; its clock counts."""
    clock = count(1)
    profile = MqttDevice(host="127.0.0.1", port=port, topic="scans/+", **fields)
    tell = (told if told is not None else []).append
    return MqttScanner(profile, device="hand", now=lambda: next(clock), tell=tell)


ELEMENTS = "010950600013435210L1\x1d21A"
NUMBERED = {"data": ELEMENTS, "labelType": "LABEL-TYPE-EAN128", "id": "m1", "deviceId": "TC52"}


@pytest.mark.parametrize("version", ["5", "3.1.1"])
def test_messages_become_scans(tmp_path: Path, port: int, version: str) -> None:
    """JSON and plain text are read; an id that comes again is one scan, with another code a problem."""
    with broker(tmp_path, port), scanner(port, version=version) as opened:
        scans = iter(opened)
        sent = [
            NUMBERED,
            NUMBERED,
            b"]d20109506000134352",
            {"data": "x", "id": "m1", "device": "TC52"},
        ]
        publish(port, "scans/dock", *sent, {"no": "code"}, b"{", b"A1")
        numbered, plain, contradicted, empty, broken, last = islice(scans, 6)
    assert (numbered.code_text, numbered.device) == (f"]C1{ELEMENTS}", "hand/TC52")
    assert numbered.engine == "mqtt"
    assert plain.code_text == "]d20109506000134352"
    assert "came before with another code" in str(contradicted.problem)
    assert empty.problem
    assert "The message is no JSON" in str(broken.problem)
    assert last.text == "A1"


def test_what_was_not_acknowledged_comes_again(tmp_path: Path, port: int) -> None:
    """A scan in hand when the program ends is delivered to the next run, under the same id; a settled one is not."""
    second = {**NUMBERED, "id": "m2"}
    with broker(tmp_path, port):
        with scanner(port) as opened:
            scans = iter(opened)
            publish(port, "scans/dock", NUMBERED, second)
            first_id = next(scans).id
            second_id = next(scans).id  # the first is acknowledged by now, the second is not
            del scans
        publish(port, "scans/dock", {**NUMBERED, "id": "m3"})  # while nobody listens
        with scanner(port) as opened:
            again, third = islice(iter(opened), 2)
    assert again.id == second_id != first_id
    assert third.delivery == "m3"


def test_a_message_that_the_broker_sends_again(port: int) -> None:
    """A message without any number is known by the broker's own mark, if it says that it is a second try."""

    class Sent:
        topic, qos, mid, payload = "scans/x", 1, 7, b"A1"

        def __init__(self, *, dup: bool) -> None:
            self.dup = dup

    opened = scanner(port)
    taken = [list(opened._taken(Sent(dup=dup))) for dup in (False, True, False)]
    assert [len(one) for one in taken] == [1, 0, 1]


def test_a_broker_that_goes_away(tmp_path: Path, port: int) -> None:
    """It is told once each way, and scanning goes on."""
    told: list[str] = []
    opened = scanner(port, told)
    pauses: list[float] = []
    running = broker(tmp_path, port)
    running.__enter__()

    def pause(seconds: float) -> None:
        nonlocal running
        pauses.append(seconds)
        if len(pauses) == 3:
            running = broker(tmp_path, port)
            running.__enter__()

    opened._pause = pause
    tell = told.append

    def told_and_sent(sentence: str) -> None:
        tell(sentence)
        if sentence.endswith("is back."):
            publish(port, "scans/x", b"B2")

    opened._tell = told_and_sent
    with opened:
        scans = iter(opened)
        publish(port, "scans/x", b"A1")
        assert next(scans).text == "A1"
        running.__exit__(None, None, None)
        try:
            assert next(scans).text == "B2"
        finally:
            running.__exit__(None, None, None)
    assert pauses == [1, 2, 4]
    assert told == [
        "hand: the broker is gone; waiting for it to come back.",
        "hand: the broker is back.",
    ]


def test_a_large_message(tmp_path: Path, port: int) -> None:
    """With MQTT 5 the broker keeps it back; with 3.1.1 it is a problem, and the next is read."""
    large = b"x" * (LARGEST + 10_000)
    with broker(tmp_path, port):
        with scanner(port) as opened:
            publish(port, "scans/x", large, b"A1")
            assert next(iter(opened)).text == "A1"
        with scanner(port, version="3.1.1", client="other") as opened:
            publish(port, "scans/x", large, b"A1")
            refused, good = islice(iter(opened), 2)
    assert f"at most {LARGEST}" in str(refused.problem)
    assert len(refused.raw) <= 1024
    assert good.text == "A1"


def test_a_broker_that_cannot_be_used(tmp_path: Path, port: int) -> None:
    """One that isn't there, or that refuses us, is one sentence; and so is a password file that is missing."""
    with pytest.raises(DeviceError, match=f"127.0.0.1 port {port} can't be used"), scanner(port):
        pass
    with pytest.raises(DeviceError, match="the password can't be read"):
        scanner(port, username="u", password_file=str(tmp_path / "none")).__enter__()
    (tmp_path / "password").write_text("secret\n", "utf-8")
    with broker(tmp_path, port, "allow_anonymous false"):
        refused = scanner(port, username="u", password_file=str(tmp_path / "password"))
        with pytest.raises(DeviceError, match="Not authorized"), refused:
            pass


def test_without_paho(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the package is missing, its extra is named."""

    def missing(_module: str) -> None:
        raise ImportError

    monkeypatch.setattr(extras, "import_module", missing)
    with pytest.raises(DeviceError, match=r"pip install 'suyuan\[mqtt\]'"):
        scanner(1).__enter__()


def test_what_is_remembered_is_bounded() -> None:
    """The oldest is forgotten first."""
    recent = Recent(2)
    assert [recent.before((name,), name.encode()) for name in "abac"] == [None, None, b"a", None]
    assert recent.before(("a",), b"new") is None
