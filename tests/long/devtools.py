"""A headless Chromium that a test drives: by the DevTools protocol over a pipe, without a port or a library.

https://chromedevtools.github.io/devtools-protocol/
"""

import base64
import json
import os
import selectors
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

BROWSER = "chromium"
PATIENCE_S = 30


def need_browser() -> None:
    """Fail without Chromium, or skip where that was asked for."""
    missing = shutil.which(BROWSER) is None
    if missing and os.environ.get("SUYUAN_TEST_BROWSER") == "skip":
        pytest.skip(f"{BROWSER} missing, and SUYUAN_TEST_BROWSER=skip")
    assert not missing, f"install Debian's package {BROWSER}, or set SUYUAN_TEST_BROWSER=skip"


class Browser:
    """One page of a running browser."""

    def __init__(self, reading: int, writing: int) -> None:
        self._reading, self._writing = reading, writing
        self._buffer = b""
        self._number = 0
        self._answers: dict[int, dict[str, Any]] = {}
        self._page: str | None = None
        self.said: list[str] = []
        """What page and workers wrote to the console, and what the browser complained about."""
        self._selector = selectors.DefaultSelector()
        self._selector.register(reading, selectors.EVENT_READ)
        target = self._call("Target.createTarget", {"url": "about:blank"})["targetId"]
        attached = self._call("Target.attachToTarget", {"targetId": target, "flatten": True})
        self._page = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "DOM", "Network"):
            self.call(f"{domain}.enable")
        follow = {"autoAttach": True, "waitForDebuggerOnStart": True, "flatten": True}
        self.call("Target.setAutoAttach", **follow)

    def _send(self, method: str, parameters: dict[str, Any], session: str | None) -> int:
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        left = json.dumps(message).encode() + b"\0"
        while left:
            left = left[os.write(self._writing, left) :]
        return self._number

    def _call(self, method: str, parameters: dict[str, Any]) -> Any:
        number = self._send(method, parameters, self._page)
        until = time.monotonic() + PATIENCE_S
        while number not in self._answers:
            assert time.monotonic() < until, f"{method}: no answer"
            self._listen(until - time.monotonic())
        answer = self._answers.pop(number)
        assert "error" not in answer, f"{method}: {answer['error']}"
        return answer["result"]

    def call(self, method: str, **parameters: Any) -> Any:
        """Call a method of the protocol for the page."""
        return self._call(method, parameters)

    def _listen(self, seconds: float) -> None:
        if not self._selector.select(max(0.0, seconds)):
            return
        got = os.read(self._reading, 1 << 20)
        assert got, "the browser ended"
        *messages, self._buffer = (self._buffer + got).split(b"\0")
        for message in map(json.loads, messages):
            if "id" in message:
                self._answers[message["id"]] = message
            else:
                self._note(message["method"], message["params"])

    def _note(self, method: str, event: dict[str, Any]) -> None:
        if method == "Target.attachedToTarget":
            for name in ("Runtime.enable", "Log.enable", "Runtime.runIfWaitingForDebugger"):
                self._send(name, {}, event["sessionId"])
        elif method == "Log.entryAdded":
            self.said.append(f"{event['entry']['text']} {event['entry'].get('url', '')}")
        elif method == "Runtime.consoleAPICalled":
            self.said.append(" ".join(str(one.get("value", one)) for one in event["args"]))
        elif method == "Runtime.exceptionThrown":
            self.said.append(json.dumps(event["exceptionDetails"]))

    def open(self, address: str) -> None:
        """Open a page and wait until its scripts have run."""
        self.call("Page.navigate", url=address)
        self.wait("location.href !== 'about:blank' && document.readyState === 'complete'")

    def value(self, script: str, *, by_user: bool = False) -> Any:
        """Run a script in the page and give what it comes to."""
        options = {"returnByValue": True, "awaitPromise": True, "userGesture": by_user}
        done = self.call("Runtime.evaluate", expression=script, **options)
        assert "exceptionDetails" not in done, done
        return done["result"].get("value")

    def wait(self, script: str, seconds: float = PATIENCE_S) -> Any:
        """Wait until a script comes to something true that is no object, and give it."""
        until = time.monotonic() + seconds
        while not (found := self.value(script)):
            assert time.monotonic() < until, f"{script}: never true; {self.said}"
            self._listen(0.05)
        return found

    def click(self, selector: str) -> None:
        """Click an element as a person does."""
        self.value(f"document.querySelector({json.dumps(selector)}).click()", by_user=True)

    def choose(self, selector: str, *files: Path) -> None:
        """Choose files in an input of the page."""
        root = self.call("DOM.getDocument")["root"]["nodeId"]
        node = self.call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.call("DOM.setFileInputFiles", nodeId=node, files=[str(file) for file in files])

    def screen(self, width: int, height: int, *, dark: bool = False) -> None:
        """Set the size of the screen, in CSS pixels; narrow ones are telephones'."""
        mobile = width < 600
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=2 if mobile else 1,
            mobile=mobile,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])

    def picture(self, path: Path) -> None:
        """Save what the screen shows as PNG."""
        data = self.call("Page.captureScreenshot", format="png")["data"]
        path.write_bytes(base64.b64decode(data))


@contextmanager
def browsing(profile: Path, *flags: str) -> Iterator[Browser]:
    """Start a browser without a past, and end it."""
    shutil.rmtree(profile, ignore_errors=True)
    theirs_in, ours_out = os.pipe()
    ours_in, theirs_out = os.pipe()
    command = [
        BROWSER,
        "--headless",
        "--no-sandbox",  # which root may not have
        "--disable-gpu",
        "--no-first-run",
        "--remote-debugging-pipe",
        f"--user-data-dir={profile}",
        *flags,
    ]
    # The protocol is spoken on descriptors 3 and 4, where the shell puts our pipes.
    script = f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}'
    with subprocess.Popen(
        ["bash", "-c", script, "bash", *command],
        pass_fds=(theirs_in, theirs_out),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        os.close(theirs_in)
        os.close(theirs_out)
        try:
            yield Browser(ours_in, ours_out)
        finally:
            process.terminate()
            os.close(ours_out)
            os.close(ours_in)
