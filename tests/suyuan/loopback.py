"""A server on this machine that answers as a test wants: honestly, or as no server should."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from ledger.log.witness import Response
from suyuan.fetching import Fetcher

Answer = Callable[[str, bytes], Response]
"""From a path and a body to an answer."""


@dataclass(slots=True)
class Server:
    """A running server, and what it was asked."""

    url: str
    asked: list[tuple[str, bytes]] = field(default_factory=list)


@contextmanager
def answering(answer: Answer) -> Iterator[Server]:
    """Serve on a free port until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            server.asked.append((self.path, body))
            said = answer(self.path, body)
            self.send_response(said.status)
            if said.status in range(300, 400):
                self.send_header("Location", f"{server.url}/elsewhere")
            self.send_header("Content-Type", said.content_type)
            self.send_header("Content-Length", str(len(said.body)))
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(said.body)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.daemon_threads = True
    server = Server(f"http://127.0.0.1:{httpd.server_address[1]}")
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        httpd.shutdown()
        thread.join()
        httpd.server_close()


@contextmanager
def sending(head: bytes, drip: bytes = b"", pause: float = 0.0) -> Iterator[str]:
    """Serve one fixed beginning, then the same bytes for ever or as long as somebody reads."""
    listening = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def run() -> None:
        while not stop.is_set():
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                connection.recv(65536)
                connection.sendall(head)
                while drip and not stop.is_set():
                    connection.sendall(drip)
                    time.sleep(pause)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        stop.set()
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(timeout=5)


def quick(timeout: float = 5.0, attempts: int = 1) -> Fetcher:
    """Return a client that never sleeps between its attempts."""
    return Fetcher(timeout=timeout, attempts=attempts, sleep=lambda _seconds: None)
