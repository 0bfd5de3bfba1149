"""The shape of the repository: what its folders may hold and what no tracked file may say."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

LIMIT = 400
TEST_LIMIT = 900
FETCHED = Path("suyuan/web/static/zxing-wasm")  # when the product is built; hashes are kept instead
NO_TEXT = {".png", ".jpg", ".jpeg", ".gif", ".ico", ".woff2", ".pdf", ".zip", ".xlsx", ".sqlite"}
# Put together from halves, for this file is searched like every other.
INDEX_HOSTS = [a + b for a, b in [("pypi", ".org"), ("pythonhosted", ".org"), ("npmjs", ".org")]]
HOST_OPTIONS = re.compile(
    "--(?:extra-)?" + r"index-url|--find-" + r"links[ =]\S|--trusted-" + "host "
)
MACHINE_PATH = re.compile(r"(?<![\w.:/-])/(?:work|home|Users|root|opt|mnt)" + r"/[\w.-]+")


def tracked(repository: Path) -> list[Path]:
    """Return every file that git tracks, or would track if it were added now."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=repository,
        check=False,
        capture_output=True,
        text=True,
    )
    if listed.returncode != 0:
        pytest.skip(f"git can't list the files here: {listed.stderr.strip()}")
    names = sorted(set(listed.stdout.split("\0")) - {""})
    return [path for path in map(repository.joinpath, names) if path.is_file()]


def text_files(repository: Path) -> list[Path]:
    """Return the tracked files that hold text."""
    return [path for path in tracked(repository) if path.suffix not in NO_TEXT]


def matches(paths: list[Path], pattern: re.Pattern[str]) -> list[str]:
    """Return `file:line: match` for each line of the files that the pattern finds."""
    return [
        f"{path}:{number}: {found[0]}"
        for path in paths
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if (found := pattern.search(line))
    ]


def test_graphql_is_no_package(repository: Path) -> None:
    """The folder graphql is a source root, so that the name stays graphql-core's."""
    assert not (repository / "graphql" / "__init__.py").exists()
    spec = find_spec("graphql")
    assert spec is not None
    assert spec.origin is not None
    assert "site-packages" in Path(spec.origin).parts


def test_graphql_core_wins_from_the_root_of_the_checkout(repository: Path) -> None:
    """A program started in the repository's root imports graphql-core, not our folder."""
    code = "import graphql, trace_api; print(graphql.__file__); print(trace_api.__file__)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=repository, check=True, capture_output=True, text=True
    )
    core, ours = map(Path, done.stdout.split())
    assert "site-packages" in core.parts
    assert ours.is_relative_to(repository / "graphql" / "trace_api")


def test_identifiers_need_nothing(repository: Path) -> None:
    """The ground floor imports only itself and the standard library."""
    foreign = []
    for path in (repository / "identifiers").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            tops = {name.partition(".")[0] for name in names}
            foreign += [
                f"{path}: {top}" for top in tops - sys.stdlib_module_names - {"identifiers"}
            ]
    assert not foreign


def test_no_source_is_ignored(repository: Path) -> None:
    """No file of our packages, tests or tools is left out by .gitignore."""
    folders = ["identifiers", "ledger", "scanners", "labels", "graphql", "suyuan"]
    folders += ["migrations", "tests", "tools", "docs", "requirements", ".ci"]
    paths = [
        str(path.relative_to(repository))
        for folder in folders
        for path in (repository / folder).rglob("*")
        if path.is_file()
        and "__pycache__" not in path.parts
        and not path.is_relative_to(repository / FETCHED)
    ]
    done = subprocess.run(
        ["git", "check-ignore", "--no-index", "--stdin"],
        cwd=repository,
        check=False,
        input="\n".join(paths),
        capture_output=True,
        text=True,
    )
    if done.returncode not in {0, 1}:
        pytest.skip(f"git can't judge the files here: {done.stderr.strip()}")
    assert not done.stdout.split("\n")[:-1]


def test_tests_are_no_packages(repository: Path) -> None:
    """No folder of tests has an __init__.py, which would shadow the package it mirrors."""
    assert not list((repository / "tests").rglob("__init__.py"))


def test_every_package_is_typed(repository: Path) -> None:
    """Each package of the wheel says that it has types, and has an __init__.py."""
    project = tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    for package in packages:
        assert (repository / package / "py.typed").is_file()
        assert (repository / package / "__init__.py").is_file()


def test_pins_are_the_only_lock(repository: Path) -> None:
    """The pinned lists are what installs; no second lock file stands beside them."""
    locks = {"uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml"}
    assert not [path for path in tracked(repository) if path.name in locks]


@pytest.mark.parametrize("name", ["runtime", "test", "dev"])
def test_pins_are_exact_and_hashed(repository: Path, name: str) -> None:
    """Every line of a pinned list is an exact version with at least one hash."""
    text = (repository / "requirements" / f"{name}.txt").read_text("utf-8")
    lines = text.replace("\\\n", " ").splitlines()
    wanted = [line for line in lines if line and not line.lstrip().startswith("#")]
    assert wanted
    for line in wanted:
        assert re.match(r"[a-z0-9-]+==\S+( ; [^-]+)?(\s+--hash=sha256:[0-9a-f]{64})+\s*$", line), (
            line
        )


@pytest.mark.parametrize(("name", "larger"), [("runtime", "test"), ("test", "dev")])
def test_pins_agree(repository: Path, name: str, larger: str) -> None:
    """A larger list holds every version of the smaller one, so that it can stand in for it."""

    def pins(of: str) -> set[str]:
        text = (repository / "requirements" / f"{of}.txt").read_text("utf-8")
        return set(re.findall(r"^\S+==[^\s;]+", text, re.MULTILINE))

    assert pins(name) <= pins(larger)


def test_what_is_wanted_is_pinned(repository: Path) -> None:
    """Every dependency that pyproject.toml names stands in the list that installs it."""
    project = tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))
    groups = project["dependency-groups"]
    wanted = {
        "runtime": project["project"]["dependencies"] + groups["build"],
        "test": groups["test"],
        "dev": [member for member in groups["dev"] if isinstance(member, str)],
    }
    for name, requirements in wanted.items():
        text = (repository / "requirements" / f"{name}.txt").read_text("utf-8")
        for requirement in requirements:
            package = re.split(r"[\[<>=!~; ]", requirement)[0].lower().replace("_", "-")
            assert f"\n{package}==" in text, f"{package} is missing: run `make pins`"


def test_files_stay_short(repository: Path) -> None:
    """No Python file is longer than 400 lines, no test longer than 900."""
    long = []
    for path in tracked(repository):
        if path.suffix == ".py":
            is_test = path.is_relative_to(repository / "tests")
            lines = len(path.read_text("utf-8").splitlines())
            if lines > (TEST_LIMIT if is_test else LIMIT):
                long.append(f"{path}: {lines} lines")
    assert not long


def test_no_package_index_is_named(repository: Path) -> None:
    """Where packages come from is the machine's affair: no file names an index or sets one."""
    hosts = re.compile("|".join(map(re.escape, INDEX_HOSTS)))
    assert not matches(text_files(repository), hosts)
    installs = [
        path for path in text_files(repository) if path.suffix in {".txt", ".toml", ".ini", ".cfg"}
    ]
    assert not matches(installs, HOST_OPTIONS)


def test_no_machine_is_named(repository: Path) -> None:
    """No file holds a path of the machine that it was written on."""
    assert not matches(text_files(repository), MACHINE_PATH)


def test_text_is_utf8_with_plain_line_ends(repository: Path) -> None:
    """Every text file is UTF-8, ends with a line end, and has no carriage return."""
    bad = []
    for path in text_files(repository):
        if path.is_relative_to(repository / "tests" / "vectors"):
            continue  # an input may be wrong on purpose
        content = path.read_bytes()
        content.decode("utf-8")
        if b"\r" in content or (content and not content.endswith(b"\n")):
            bad.append(str(path))
    assert not bad


@pytest.mark.parametrize("name", [".ci/run", "tools/environment", "tools/system"])
def test_programs_can_run(repository: Path, name: str) -> None:
    """The programs that the Makefile and CI start are executable and stop at the first error."""
    path = repository / name
    assert path.stat().st_mode & 0o111
    text = path.read_text("utf-8")
    assert text.startswith("#!/usr/bin/env bash\n")
    assert "set -euo pipefail" in text


def test_an_unknown_list_is_refused(repository: Path) -> None:
    """`tools/environment` knows its lists and says so, before it touches anything."""
    done = subprocess.run(
        [repository / "tools" / "environment", "everything"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert done.stderr == "Expected runtime, test or dev, got 'everything'.\n"


def test_ci_runs_what_developers_run(repository: Path) -> None:
    """Continuous integration runs `make test` and nothing else."""
    last = (repository / ".ci" / "run").read_text("utf-8").splitlines()[-1]
    assert last == "exec make test"
