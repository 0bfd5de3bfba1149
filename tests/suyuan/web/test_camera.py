"""The page with the camera, over HTTP: its words, its policy, and what it says without the reader."""

import html
import json
import re
from typing import Any

import pytest

from suyuan.web import assets
from suyuan.web.texts import TEXTS

PAGE = "/scan/camera"
SCRIPTS = ["camera-page.js", "camera.js", "camera-worker.js", "scans.js"]
LATER = {"title", "lead", "lead_in", "view", "choose", "found", "light", "noscript"}
"""Words that stand in the template."""


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the package have the reader, whether this checkout has it or not."""
    monkeypatch.setattr(assets, "HAS_READER", True)


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_page_is_written_in_both_languages(client: Any, language: str) -> None:
    """Its words stand on it, those of its script as well."""
    text = client.get(PAGE, headers={"accept-language": language}).text
    assert f'<html lang="{language}">' in text
    shown = html.unescape(text)
    for key in ("title", "lead", "start", "choose", "noscript"):
        assert TEXTS[f"camera_{key}"][language != "en"] in shown
    listed = re.search(r"data-words='([^']*)'", text)
    assert listed
    wanted = {key.removeprefix("camera_") for key in TEXTS if key.startswith("camera_")}
    assert set(json.loads(listed[1])) == wanted


@pytest.mark.usefixtures("reader")
def test_the_page_can_be_heard(client: Any) -> None:
    """What is read and what goes wrong is announced, and everything that can be used has a name."""
    text = client.get(PAGE).text
    assert re.search(r'<ol [^>]*aria-live="polite" aria-label="[^"]+"', text)
    assert 'role="alert"' in text
    assert 'role="status"' in text
    assert re.search(r'<video [^>]*aria-label="[^"]+"', text)
    assert re.search(
        r'<label[^>]*><input type="file" accept="image/\*" multiple>[^<]+</label>', text
    )


def test_camera_and_webassembly_are_for_this_page_alone(client: Any) -> None:
    """No text is ever run as a script, and no other page, nor any other file, has more than it had."""
    for address in (PAGE, "/static/camera-worker.js"):
        headers = client.get(address).headers
        scripts = re.search(r"script-src ([^;]*);", headers["content-security-policy"])
        assert scripts
        assert scripts[1] == "'self' 'wasm-unsafe-eval'"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["permissions-policy"] == "camera=(self), geolocation=(), microphone=()"
        assert headers["x-content-type-options"] == "nosniff"
    for address in ("/", "/static/camera.js", "/01/09506000134352", "/scan", "/scan/camera/"):
        headers = client.get(address).headers
        assert "wasm" not in headers["content-security-policy"]
        assert "blob:" not in headers["content-security-policy"]
        assert "camera=()" in headers["permissions-policy"]


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_without_the_reader_the_page_says_so(
    client: Any, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    """It tells who can mend it and how, and leads to the search."""
    monkeypatch.setattr(assets, "HAS_READER", False)
    answer = client.get(PAGE, headers={"accept-language": language})
    assert answer.status_code == 200
    for key in ("camera_unbuilt_title", "camera_unbuilt_text"):
        assert TEXTS[key][language != "en"] in html.unescape(answer.text)
    assert 'action="/find"' in answer.text
    assert "<script" not in answer.text


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_start_page_leads_to_the_camera(client: Any, language: str) -> None:
    """The language goes along."""
    text = client.get("/", headers={"accept-language": language}).text
    assert (
        f'<a href="{PAGE}?lang={language}">{TEXTS["camera_lead_in"][language != "en"]}</a>' in text
    )


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_camera_s_scripts_are_files_of_ours(client: Any, name: str) -> None:
    """A script comes from this server, in its own media type, and names no other host."""
    script = client.get(f"/static/{name}")
    assert script.status_code == 200
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "eval(" not in script.text
    assert "innerHTML" not in script.text
    assert not re.search(r"""['"`]https?://""", script.text)


def test_every_sentence_of_the_camera_is_there(client: Any) -> None:
    """All that the scripts may say has its text, and no text waits for nobody."""
    script = client.get("/static/camera-page.js").text
    asked = set(re.findall(r"said\('(\w+)'", script))
    asked |= set(re.findall(r"error\.kind \?\? '(\w+)'", script))
    module = client.get("/static/camera.js").text
    asked |= set(re.findall(r"CameraError\('(\w+)'", module))
    kinds = re.search(r"function kindOf.*?\n}\n", module, re.DOTALL)
    assert kinds
    asked |= set(re.findall(r"(?:return|\?|:) '([a-z]+)'", kinds[0]))
    known = {key.removeprefix("camera_") for key in TEXTS if key.startswith("camera_")}
    assert asked | LATER | {"unbuilt_title", "unbuilt_text"} == known


def test_the_reader_is_served(client: Any) -> None:
    """WebAssembly in its own media type, the licence beside it, and nothing behind the folder."""
    if not assets.HAS_READER:
        pytest.skip("no camera reader in this checkout: run `make reader`")
    module = client.get("/static/zxing-wasm/reader/zxing_reader.wasm")
    assert module.content.startswith(b"\0asm")
    assert module.headers["content-type"] == "application/wasm"
    assert "MIT License" in client.get("/static/zxing-wasm/LICENSE").text
    for name in ("zxing-wasm", "zxing-wasm/", "zxing-wasm/../../pages.py", "%2e%2e/pages.py"):
        assert client.get(f"/static/{name}").status_code == 404
