"""The page with the camera in a real browser, headless, with a camera whose pictures we make.

Chromium is Debian's; a missing one fails these tests, which run on request alone (`make long`); SUYUAN_TEST_BROWSER=skip
leaves them out.
"""

import io
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import uvicorn
import zxingcpp
from PIL import Image
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from identifiers import parse_item_code
from labels.render import as_png
from labels.symbols import SymbolKind, make_symbol
from scanners.charset import as_text
from suyuan.app import create_app
from suyuan.settings import Settings
from suyuan.web import assets
from suyuan.web.texts import TEXTS
from suyuan.workspace import create_ledger
from tests.long.devtools import Browser, browsing, need_browser

PAGE = "/scan/camera"
WIDTH, HEIGHT = 1280, 720
FRAMES = 8
"""Of each code, at 10 a second."""
LINK = "https://id.gs1.org/01/09506000134352/21/P1"
LABELS = [
    ("(01)09506000134352(21)P1", SymbolKind.QR),
    ("(01)09506000134352(10)L7(21)A1", SymbolKind.DATA_MATRIX),
    ("(00)095060001343520000", SymbolKind.GS1_128),
]
WANTED = {
    "QRCode": ("]Q1", False, LINK, "corrected"),
    "DataMatrix": ("]d2", True, "010950600013435210L7\x1d21A1", "corrected"),
    "Code128": ("]C1", True, "00095060001343520000", "corrected"),
    "EAN13": ("]E0", False, "9506000134352", "agreed"),
}
"""Symbology: AIM identifier, GS1 flag, text, confidence."""
FAKE = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
NO_CAMERA = ("--use-fake-device-for-media-stream=device-count=0", "--use-fake-ui-for-media-stream")


@dataclass
class Faulty:
    """Passes requests on, but for what is said to be broken."""

    app: ASGIApp
    broken: set[str] = field(default_factory=set)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        app = Response(status_code=503) if scope.get("path") in self.broken else self.app
        await app(scope, receive, send)


@dataclass
class Site:
    """A served ledger, and a folder for what browsers leave."""

    port: int
    app: Faulty
    folder: Path

    def address(self, host: str = "127.0.0.1", language: str = "en") -> str:
        """Where the page is."""
        return f"http://{host}:{self.port}{PAGE}?lang={language}"

    def browsing(self, *flags: str) -> Any:
        """Start a browser."""
        return browsing(self.folder / "profile", *flags)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve an empty ledger on a port of its own."""
    need_browser()
    assert assets.HAS_READER, "run `make reader`"
    folder = tmp_path_factory.mktemp("camera")
    workspace = create_ledger(Settings(db=f"sqlite:///{folder / 'ledger.db'}"))
    app = Faulty(create_app(workspace))
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield Site(listening.getsockname()[1], app, folder)
        server.should_exit = True
        thread.join()
    workspace.engine.dispose()


@pytest.fixture(autouse=True)
def whole(site: Site) -> None:
    """Let each test begin with a server that answers everything."""
    site.app.broken.clear()


def retail(scale: int) -> Image.Image:
    """Draw an EAN-13; `scale` is the pixels of a module."""
    symbol = zxingcpp.create_barcode("9506000134352", zxingcpp.BarcodeFormat.EAN13)
    return Image.fromarray(np.array(symbol.to_image(scale=scale)))


def symbols() -> list[Image.Image]:
    """Draw the labels and a retail symbol."""
    drawn = [
        Image.open(io.BytesIO(as_png(make_symbol(parse_item_code(code), kind))))
        for code, kind in LABELS
    ]
    return [picture.convert("L") for picture in [*drawn, retail(scale=3)]]


@pytest.fixture(scope="module")
def film(site: Site) -> Path:
    """Make what the camera sees: one code after the other, held by a hand that shakes, with noise."""
    random = np.random.default_rng(7)
    path = site.folder / "film.y4m"
    colourless = bytes([128]) * (WIDTH * HEIGHT // 2)
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420\n".encode())
        for symbol in symbols():
            symbol.thumbnail((900, 420))
            for number in range(FRAMES):
                held = symbol.rotate(
                    3 * np.sin(number), Image.Resampling.BICUBIC, expand=True, fillcolor=255
                )
                frame = Image.new("L", (WIDTH, HEIGHT), 205)
                frame.paste(
                    held, ((WIDTH - held.width) // 2 + 4 * number, (HEIGHT - held.height) // 2)
                )
                grey = 0.9 * np.asarray(frame, float) + random.normal(0, 8, (HEIGHT, WIDTH))
                file.write(b"FRAME\n" + grey.clip(0, 255).astype("u1").tobytes() + colourless)
    return path


def text(key: str, language: str = "en", **values: object) -> str:
    """Return a sentence of the page."""
    return TEXTS[f"camera_{key}"][language != "en"].format(**values)


def scans(page: Browser) -> list[dict[str, Any]]:
    """Return the scans on the page, the first one first."""
    listed = page.value(
        "[...document.querySelectorAll('.scans li')].map((one) => one.dataset.scan)"
    )
    return [json.loads(one) for one in reversed(listed)]


def complaint(page: Browser) -> str:
    """Wait for the sentence about what went wrong, and return it."""
    shown = "document.querySelector('.scan [role=alert]:not([hidden])')?.textContent"
    return str(page.wait(shown))


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_codes_before_the_camera_are_read(site: Site, film: Path, language: str) -> None:
    """Each code is told once while it is in sight, with all that the reader knows; nothing is complained about."""
    begun = time.time()
    with site.browsing(*FAKE, f"--use-file-for-fake-video-capture={film}") as page:
        page.open(site.address(language=language))
        page.click("[data-start]")
        # The film begins anew while it is looked at; it lasts longer than a code must be out of sight.
        page.wait(
            "new Set([...document.querySelectorAll('.scans li')].map((one) => JSON.parse(one.dataset.scan).symbology)).size === 4"
        )
        found = scans(page)
        by_symbology = {one["symbology"]: one for one in found}
        for symbology, (identifier, gs1, content, confidence) in WANTED.items():
            scan = by_symbology[symbology]
            assert scan["symbology_identifier"] == identifier
            assert scan["gs1"] is gs1
            assert scan["text"] == content
            assert bytes.fromhex(scan["raw"]) == content.encode()
            assert scan["confidence"] == confidence
            assert (scan["engine"], scan["device"]) == ("zxing-wasm", "browser")
            assert scan["step"] in {"fast", "default"}
            assert begun <= scan["captured_at"] / 1e6 <= time.time()
            assert len(scan["quad"]) == 4
            assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in scan["quad"])
        assert [one["sequence"] for one in found] == list(range(len(found)))
        for one, other in pairwise(found):
            assert one["raw"] != other["raw"]
        assert page.value("document.querySelector('[role=status]').textContent") == text(
            "looking", language
        )
        page.click("[data-start]")
        assert page.value("document.querySelector('video').srcObject") is None
        assert page.value("document.querySelector('[role=status]').textContent") == text(
            "stopped", language
        )
        assert page.said == []
        # The last one leads to the page of its code, in the page's language.
        marked = "[...document.querySelectorAll('.scans li')].find((one) => one.textContent.includes('DataMatrix'))"
        assert page.value(f"{marked}.querySelector('.mark').textContent") == "GS"
        page.value(f"{marked}.querySelector('a').click()", by_user=True)
        page.wait("location.pathname === '/01/09506000134352/10/L7/21/A1'")
        assert page.value("document.documentElement.lang") == language


@pytest.fixture(scope="module")
def page(site: Site) -> Iterator[Browser]:
    """Give a browser without any camera."""
    with site.browsing(*NO_CAMERA) as opened:
        yield opened


@pytest.fixture
def fresh(site: Site, page: Browser) -> Browser:
    """Give the page, newly opened."""
    page.said.clear()
    page.open(site.address())
    page.wait("document.querySelector('[data-camera]').dataset.state")
    return page


def test_without_a_camera_pictures_are_read(fresh: Browser, tmp_path: Path) -> None:
    """One sentence says that there is none; all codes of a chosen picture are told, a weak one as such."""
    fresh.click("[data-start]")
    assert complaint(fresh) == text("missing")
    sheet = Image.new("RGBA", (1500, 1600))  # transparent paper
    top = 20
    for symbol in symbols():
        sheet.paste(symbol, (100, top))
        top += symbol.height + 20
    sheet.save(tmp_path / "sheet.png")
    retail(scale=1).save(tmp_path / "tiny.png")
    fresh.choose("input[type=file]", tmp_path / "sheet.png", tmp_path / "tiny.png")
    fresh.wait("document.querySelector('[data-camera]').dataset.files === 'done'")
    *found, last = scans(fresh)
    assert {
        one["symbology"]: (one["symbology_identifier"], one["gs1"], one["text"], one["confidence"])
        for one in found
    } == WANTED
    assert {one["device"] for one in found} == {"sheet.png"}
    assert (last["device"], last["text"], last["confidence"]) == (
        "tiny.png",
        "9506000134352",
        "single",
    )
    assert fresh.value("document.querySelector('.scans li').textContent").count(text("single")) == 1
    assert fresh.value("document.querySelector('[role=alert]').hidden")
    assert fresh.said == []


@pytest.mark.parametrize("kind", ["none_in", "no_picture", "broken", "large", "huge"])
def test_pictures_that_are_none_get_one_sentence(fresh: Browser, tmp_path: Path, kind: str) -> None:
    """No code, no picture, half a picture, or one that would fill the memory: the page goes on."""
    path = tmp_path / "given.png"
    if kind == "none_in":
        Image.new("L", (300, 200), 90).save(path)
    elif kind == "large":
        Image.new("1", (9_000, 9_000)).save(path)
    elif kind == "huge":  # the browser itself refuses it
        Image.new("1", (30_000, 30_000)).save(path)
        assert path.stat().st_size < 1_000_000
    elif kind == "no_picture":
        path.write_bytes(b"%PDF-1.7 not a picture")
    else:
        symbols()[0].save(path)
        path.write_bytes(path.read_bytes()[:60])
    fresh.choose("input[type=file]", path)
    fresh.wait("document.querySelector('[data-camera]').dataset.files === 'done'", 60)
    assert scans(fresh) == []
    if kind == "none_in":
        assert fresh.value("document.querySelector('[role=status]').textContent") == text(
            kind, name=path.name
        )
    else:
        wanted = "large" if kind == "large" else "no_picture"
        assert complaint(fresh) == text(wanted, name=path.name, limit=64)


def test_a_refused_camera_gets_one_sentence(site: Site) -> None:
    """It says where the camera is allowed, and pictures can still be chosen."""
    with site.browsing(FAKE[0]) as page:
        page.call("Browser.setPermission", permission={"name": "camera"}, setting="denied")
        page.open(site.address(language="zh-CN"))
        page.click("[data-start]")
        assert complaint(page) == text("refused", "zh-CN")
        assert not page.value("document.querySelector('[data-start]').disabled")
        assert page.value("document.querySelector('.view').hidden")
        assert page.said == []


def test_a_page_over_http_says_that_it_gets_no_camera(site: Site) -> None:
    """Elsewhere than on localhost the camera needs https; pictures are read all the same."""
    with site.browsing("--host-resolver-rules=MAP shop.example 127.0.0.1") as page:
        page.open(site.address(host="shop.example"))
        assert complaint(page) == text("insecure")
        assert page.value("document.querySelector('[data-start]').hidden")
        path = site.folder / "label.png"
        symbols()[0].save(path)
        page.choose("input[type=file]", path)
        page.wait("document.querySelector('.scans li') !== null")
        assert scans(page)[0]["text"] == LINK


def test_an_unplugged_camera_gets_one_sentence(site: Site, film: Path) -> None:
    """The page says so, and can start again."""
    with site.browsing(*FAKE, f"--use-file-for-fake-video-capture={film}") as page:
        page.open(site.address())
        page.click("[data-start]")
        page.wait("document.querySelector('[data-camera]').dataset.state === 'on'")
        page.value(
            "document.querySelector('video').srcObject.getTracks()[0].dispatchEvent(new Event('ended'))"
        )
        assert complaint(page) == text("ended")
        page.click("[data-start]")
        page.wait("document.querySelector('.scans li') !== null")
        assert page.value("document.querySelector('[role=alert]').hidden")


@pytest.mark.parametrize("broken", ["camera-worker.js", "zxing-wasm/reader/zxing_reader.wasm"])
def test_a_reader_that_does_not_load_gets_one_sentence(site: Site, film: Path, broken: str) -> None:
    """The camera is switched off again, and what is missing can be told."""
    site.app.broken.add(f"/static/{broken}")
    with site.browsing(*FAKE, f"--use-file-for-fake-video-capture={film}") as page:
        page.open(site.address())
        page.click("[data-start]")
        assert complaint(page) == text("reader")
        assert page.value("document.querySelector('video').srcObject") is None


def test_no_text_runs_as_a_script(fresh: Browser) -> None:
    """The policy lets WebAssembly run and nothing that is made of text."""
    for script in ("new Function('return 1')()", "(0, eval)('1')"):
        done = fresh.call("Runtime.evaluate", expression=script, allowUnsafeEvalBlockedByCSP=False)
        assert "EvalError" in json.dumps(done["exceptionDetails"])


Run = Callable[[str], Any]


@pytest.fixture
def module(fresh: Browser) -> Run:
    """Give a function that runs a script with what `scans.js` exports, as `m`."""

    def run(script: str) -> Any:
        return fresh.value(
            f"(async () => {{ const m = await import('/static/scans.js'); {script} }})()"
        )

    return run


TEXTS_OF_SYMBOLS = [
    ("溯源".encode(), "", False),
    ("溯源".encode("gb18030"), "ËÝÔ´", False),
    ("镕㐀".encode("gb18030"), "镕㐀".encode("gb18030").decode("latin-1"), False),
    ("Histórico".encode("latin-1"), "Histórico", False),
    ("é".encode("latin-1"), "é", False),
    ("日本".encode("shift_jis"), "日本", False),
    ("溯源".encode("gb18030"), "溯源", True),
    (b"\xef\xbb\xbfA", "A", False),
    (b"A\xa1", "A¡", False),
]
"""Bytes, the reader's guess, and whether the symbol names its character set."""


def test_texts_are_those_of_the_server(module: Run) -> None:
    """Bytes become the same text in the browser and where pictures are read on the server."""
    for raw, guess, has_eci in TEXTS_OF_SYMBOLS:
        asked = f"new Uint8Array({list(raw)}), {json.dumps(guess)}, {json.dumps(has_eci)}"
        assert module(f"return m.asText({asked})") == as_text(raw, guess=guess, has_eci=has_eci)


def told(module: Run, frames: list[tuple[int, list[tuple[str, str, int]]]]) -> list[list[str]]:
    """Return what is told of each frame: frames are (milliseconds, [(symbology, raw, left edge)])."""
    listed = [
        (
            at,
            [
                {
                    "symbology": name,
                    "symbology_identifier": "]X0",
                    "raw": raw,
                    "text": raw,
                    "quad": [[x, 0], [x + 50, 0], [x + 50, 50], [x, 50]],
                }
                for name, raw, x in found
            ],
        )
        for at, found in frames
    ]
    script = (
        f"const agreement = new m.Agreement(2000); return {json.dumps(listed)}.map(([at, found]) => "
        "agreement.take(found, at).map((one) => `${one.raw} ${one.confidence}`));"
    )
    return list(module(script))


def test_two_frames_must_agree_where_a_check_digit_is_all(module: Run) -> None:
    """EAN, UPC, ITF, Code 39 and Codabar are told by the second frame, others by the first."""
    for name in ("EAN13", "EAN8", "UPCA", "UPCE", "ITF", "Code39", "Codabar", "unknown"):
        seen: list[tuple[int, list[tuple[str, str, int]]]] = [
            (at, [(name, "a", 0)]) for at in (0, 100, 200)
        ]
        assert told(module, seen) == [[], ["a agreed"], []]
    for name in ("QRCode", "DataMatrix", "Code128", "DataBar", "PDF417"):
        assert told(module, [(0, [(name, "a", 0)])]) == [["a corrected"]]


def test_what_contradicts_begins_again(module: Run) -> None:
    """Two values in one place: neither counts until it is read twice with nothing between."""
    a, b, beside = ("EAN13", "a", 0), ("EAN13", "b", 10), ("EAN13", "c", 100)
    assert told(module, [(0, [a]), (1, [b]), (2, [a]), (3, [b])]) == [[], [], [], []]
    assert told(module, [(0, [a]), (1, [b]), (2, [b])]) == [[], [], ["b agreed"]]
    assert told(module, [(0, [a]), (1, [beside]), (2, [a])]) == [[], [], ["a agreed"]]
    assert told(module, [(0, [a]), (1500, [a])]) == [[], []]


def test_a_code_is_told_once_while_it_is_in_sight(module: Run) -> None:
    """It is told again when it comes back after two seconds."""
    seen: list[tuple[int, list[tuple[str, str, int]]]] = [
        (at, [("QRCode", "a", 0)]) for at in (0, 1900, 3800, 5900)
    ]
    assert told(module, seen) == [["a corrected"], [], [], ["a corrected"]]


def test_what_is_remembered_is_bounded(module: Run) -> None:
    """A stream of ever new codes fills no memory: old ones are forgotten."""
    script = (
        "const agreement = new m.Agreement(2000); const one = (raw) => ({ raw, symbology: 'QRCode', "
        "symbology_identifier: ']Q1', text: raw, quad: [[0, 0], [1, 0], [1, 1], [0, 1]] }); let told = 0;"
        "for (let at = 0; at < 5000; at += 1) { told += agreement.take([one(`${at}`)], 0).length; }"
        "return [told, agreement.take([one('0')], 0).length, agreement.take([one('4999')], 0).length];"
    )
    assert module(script) == [5000, 1, 0]


def test_upc_e_beside_other_retail_symbols_is_left_out(module: Run) -> None:
    """It is "found" inside them; two values of it contradict each other."""
    for names, kept in (
        (["UPCE"], 1),
        (["UPCE", "EAN13"], 1),
        (["UPCE", "QRCode"], 2),
        (["UPCE", "UPCE"], 0),
    ):
        listed = [{"symbology": name, "text": str(at)} for at, name in enumerate(names)]
        assert module(f"return m.withoutDoubtfulUpcE({json.dumps(listed)}).length") == kept
