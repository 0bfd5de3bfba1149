"""Small requests to others' servers, of which none is trusted: witnesses, partners, time stampers.

Rules kept:

* HTTPS with the system's certificate authorities; plain HTTP to this machine only.
* A request has a deadline as a whole. A server that sends one byte a second, or headers without an
  end, gets no more of our time than one that is silent.
* An answer is read up to a limit and no further; a redirect is an answer and is not followed; there
  are no cookies, no compression and no proxies.
* What fails in a way that may pass (no connection, a deadline, 429, 5xx) is tried again, later each
  time, and with a little chance in it so that many clients don't come back together.
"""

from __future__ import annotations

import http.client
import ipaddress
import random
import re
import socket
import ssl
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, urlsplit

from ledger.errors import UsageError, WitnessError
from ledger.log.witness import Response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Fetcher", "checked_url"]

_ADDRESS: Final = re.compile(r"[!-~]+")
_CHUNK: Final = 65_536
_PASSING: Final = frozenset({429, 500, 502, 503, 504})


def checked_url(url: str) -> SplitResult:
    """An address that requests may be sent to.

    Raises:
        UsageError: It is no HTTPS address, nor one of this machine.
    """
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError as error:
        raise UsageError(f"Expected an address such as https://host/path, got {url!r}.") from error
    plain = _ADDRESS.fullmatch(url) and "@" not in parts.netloc
    if not plain or not host or parts.scheme not in {"http", "https"}:
        raise UsageError(f"Expected an address such as https://host/path, got {url!r}.")
    if parts.query or parts.fragment:
        raise UsageError(f"Expected an address without ? and #, got {url!r}.")
    if parts.scheme == "http" and not _is_this_machine(host):
        raise UsageError(f"Expected https://, as {host} is not this machine: {url!r}.")
    return parts


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Fetcher:
    """How requests are made."""

    timeout: float = 10.0
    """Seconds that one request may take as a whole."""
    attempts: int = 3
    pause: float = 0.5
    """Seconds before the second attempt; twice as long before each further one."""
    sleep: Callable[[float], None] = time.sleep
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    def post(self, url: str, body: bytes, *, content_type: str, limit: int) -> Response:
        """Post a body.

        Raises:
            WitnessError: No answer could be had, or a longer one than `limit` bytes.
            UsageError: The address can't be meant.
        """
        return self._persist("POST", url, body, {"Content-Type": content_type}, limit)

    def get(self, url: str, *, limit: int) -> Response:
        """Get what stands at an address.

        Raises:
            WitnessError: No answer could be had, or a longer one than `limit` bytes.
            UsageError: The address can't be meant.
        """
        return self._persist("GET", url, None, {}, limit)

    def _persist(
        self, method: str, url: str, body: bytes | None, headers: dict[str, str], limit: int
    ) -> Response:
        parts = checked_url(url)
        for attempt in range(1, self.attempts + 1):
            last = attempt == self.attempts
            try:
                response = self._once(method, parts, body, headers, limit)
            except (OSError, http.client.HTTPException) as error:
                if last:
                    raise WitnessError(f"can't be reached: {_why(error)}", passing=True) from error
            else:
                if last or response.status not in _PASSING:
                    return response
            # Not for secrets: it spreads the clients.
            self.sleep(self.pause * 2 ** (attempt - 1) * random.uniform(0.8, 1.2))  # noqa: S311
        raise AssertionError("unreachable")  # pragma: no cover

    def _once(
        self,
        method: str,
        parts: SplitResult,
        body: bytes | None,
        headers: dict[str, str],
        limit: int,
    ) -> Response:
        end = time.monotonic() + self.timeout
        host = parts.hostname or ""
        connection = (
            http.client.HTTPSConnection(
                host, parts.port, timeout=self.timeout, context=self.context
            )
            if parts.scheme == "https"
            else http.client.HTTPConnection(host, parts.port, timeout=self.timeout)
        )
        sent = {"Accept-Encoding": "identity", "Connection": "close", "User-Agent": "suyuan"}
        try:
            connection.connect()
            with _deadline(connection.sock, end) as expired:
                try:
                    connection.request(method, parts.path or "/", body, sent | headers)
                    answer = connection.getresponse()
                    content = _read(answer, limit)
                except (OSError, http.client.HTTPException, ValueError) as error:
                    if expired.is_set():
                        raise TimeoutError("timed out") from error
                    if isinstance(error, ValueError):  # http.client's of a malformed chunk size
                        raise http.client.HTTPException(str(error)) from error
                    raise
                # What was cut off by the deadline looks like an answer that has ended.
                if expired.is_set():
                    raise TimeoutError("timed out")
            return Response(answer.status, answer.headers.get("Content-Type") or "", content)
        finally:
            connection.close()


def _read(answer: http.client.HTTPResponse, limit: int) -> bytes:
    content = b""
    while chunk := answer.read(min(_CHUNK, limit + 1 - len(content))):
        content += chunk
        if len(content) > limit:
            raise WitnessError(f"answers with more than {limit} bytes", status=answer.status)
    if answer.length:  # which counts down what was announced
        raise http.client.IncompleteRead(content, answer.length)
    return content


@contextmanager
def _deadline(sock: socket.socket, end: float) -> Iterator[threading.Event]:
    """Cut a connection off when its time is over, wherever it waits then."""
    expired = threading.Event()

    def cut() -> None:
        expired.set()
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(max(0.0, end - time.monotonic()), cut)
    timer.daemon = True
    timer.start()
    try:
        yield expired
    finally:
        timer.cancel()


def _why(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "it didn't answer in time"
    if isinstance(error, ssl.SSLError):
        return f"its certificate or encryption is refused ({error.reason or error})"
    if isinstance(error, http.client.HTTPException):
        return f"it doesn't speak HTTP ({type(error).__name__})"
    return str(getattr(error, "strerror", None) or error)
