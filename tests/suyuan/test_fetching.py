"""Requests to servers that nobody trusts: bounded in time and size, and never led elsewhere."""

import ssl
import time

import pytest

from ledger.errors import UsageError, WitnessError
from ledger.log.witness import Response
from suyuan.fetching import Fetcher, checked_url
from tests.suyuan.loopback import answering, quick, sending

FINE = Response(200, "text/plain", b"fine")


def test_what_is_answered_comes_back() -> None:
    """Status, type and body, of a GET and of a POST."""
    with answering(lambda path, body: Response(404, "x/y", path.encode() + body)) as server:
        said = quick().post(f"{server.url}/a/b", b"body", content_type="text/plain", limit=100)
        assert (said.status, said.content_type, said.body) == (404, "x/y", b"/a/bbody")
        assert quick().get(server.url, limit=100).body == b"/"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "witness.example",
        "ftp://witness.example/",
        "http://witness.example/",
        "http://127.0.0.1.example/",
        "http://10.0.0.1/",
        "https:///path",
        "https://user:secret@witness.example/",
        "https://witness.example/?q",
        "https://witness.example/#f",
        "https://witness.example/a b",
        "https://witness.example/\r\nX: y",
        "https://witness.example:port/",
        "https://[::1/",
        "file:///etc/hosts",
    ],
)
def test_addresses_that_are_refused(url: str) -> None:
    """HTTPS, or plain HTTP to this machine; no credentials, no query, nothing to smuggle."""
    with pytest.raises(UsageError):
        checked_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://witness.example/a",
        "http://localhost:8000/",
        "http://127.0.0.1/",
        "http://127.3.2.1:1",
        "http://[::1]:80/x",
    ],
)
def test_addresses_that_are_taken(url: str) -> None:
    """Plain HTTP doesn't leave this machine."""
    assert checked_url(url).hostname


def test_a_redirect_is_not_followed() -> None:
    """It is an answer like any other, and the place it points to is not asked."""
    with answering(lambda _path, _body: Response(307, "", b"")) as server:
        assert quick().get(f"{server.url}/a", limit=10).status == 307
        assert [path for path, _body in server.asked] == ["/a"]


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1000\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
    ],
)
def test_an_endless_body_is_read_to_its_limit(head: bytes) -> None:
    """Whatever length it claims, nothing is read behind the limit."""
    with sending(head, b"x" * 65536) as url, pytest.raises(WitnessError, match="more than 1000"):
        quick().get(url, limit=1000)


@pytest.mark.parametrize(
    ("head", "drip"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
        (b"H", b"T"),
        (b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
)
def test_a_dripping_server_is_cut_off(head: bytes, drip: bytes) -> None:
    """A byte now and then keeps no request alive beyond its deadline."""
    begun = time.monotonic()
    with sending(head, drip, pause=0.05) as url, pytest.raises(WitnessError) as caught:
        quick(timeout=0.6).get(url, limit=1000)
    assert caught.value.passing
    assert time.monotonic() - begun < 5


def test_a_silent_server_is_cut_off() -> None:
    """One that accepts and says nothing as well."""
    with sending(b"", b"", 0) as url, pytest.raises(WitnessError, match="can't be reached"):
        quick(timeout=0.3).get(url, limit=10)


@pytest.mark.parametrize(
    "head",
    [
        b"SSH-2.0-OpenSSH_9\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\n" + b"A: " + b"x" * 70_000 + b"\r\n\r\n",
        b"",
    ],
)
def test_what_is_no_http(head: bytes) -> None:
    """Nonsense is one sentence, not a traceback; half an answer is none."""
    with sending(head) as url, pytest.raises(WitnessError, match="can't be reached"):
        quick().get(url, limit=100_000)


def test_what_passes_is_tried_again() -> None:
    """An overloaded server gets a further chance, each time later; a refusal is final."""
    pauses: list[float] = []
    answers = [Response(503, "", b""), Response(429, "", b""), FINE]
    with answering(lambda _path, _body: answers.pop(0)) as server:
        client = Fetcher(attempts=3, sleep=pauses.append)
        assert client.get(server.url, limit=10).body == b"fine"
    assert [round(pause / 0.5) for pause in pauses] == [1, 2]
    with answering(lambda _path, _body: Response(503, "", b"")) as server:
        assert quick(attempts=3).get(server.url, limit=10).status == 503
        assert len(server.asked) == 3
    with answering(lambda _path, _body: Response(403, "", b"")) as server:
        assert quick(attempts=3).get(server.url, limit=10).status == 403
        assert len(server.asked) == 1


def test_nobody_listens() -> None:
    """A server that isn't there is said to be away."""
    with answering(lambda _path, _body: FINE) as server:
        url = server.url
    with pytest.raises(WitnessError, match="can't be reached") as caught:
        quick(attempts=2).get(url, limit=10)
    assert caught.value.passing


def test_a_server_without_a_certificate() -> None:
    """HTTPS is spoken with nobody who can't show a certificate."""
    with answering(lambda _path, _body: FINE) as server:
        url = server.url.replace("http:", "https:")
        with pytest.raises(WitnessError, match="certificate or encryption"):
            quick().get(url, limit=10)
    context = ssl.create_default_context()
    assert Fetcher().context.verify_mode is context.verify_mode is ssl.CERT_REQUIRED
    assert Fetcher().context.check_hostname
