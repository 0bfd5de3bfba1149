"""The schema, its committed copy and the command that compares them."""

import subprocess
import sys
from pathlib import Path

import pytest
from graphql import GraphQLEnumType, build_schema, is_introspection_type, is_specified_scalar_type

from trace_api.schema import SCHEMA, main, schema_file, schema_text


def test_committed_schema(repository: Path) -> None:
    """The committed file is the schema of the code, and it can be read as one."""
    path = repository / "graphql" / "schema.graphql"
    assert schema_file() == path
    assert path.read_text("utf-8") == schema_text()
    assert build_schema(schema_text()).query_type is not None


def test_everything_is_described() -> None:
    """Every type, field, argument and value of an enum has a description."""
    missing = []
    for name, kind in SCHEMA.type_map.items():
        if is_introspection_type(kind) or is_specified_scalar_type(kind):
            continue
        if not kind.description:
            missing.append(name)
        for field_name, field in getattr(kind, "fields", {}).items():
            parts = {field_name: field, **getattr(field, "args", {})}
            missing += [f"{name}.{field_name}.{p}" for p, v in parts.items() if not v.description]
        if isinstance(kind, GraphQLEnumType):
            missing += [f"{name}.{v}" for v, value in kind.values.items() if not value.description]
    assert missing == []


def test_the_folder_is_no_package(repository: Path) -> None:
    """`graphql` stays a source root, so that the name imports graphql-core."""
    assert not (repository / "graphql" / "__init__.py").exists()


def test_write_and_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command rewrites the file, finds it equal, and names a difference or its absence."""
    path = tmp_path / "schema.graphql"
    assert main(["--check"], path) == 1
    assert "can't be read" in capsys.readouterr().err
    assert main(["--write"], path) == 0
    assert main(["--check"], path) == 0
    path.write_text(schema_text() + "# mine\n", "utf-8")
    assert main(["--check"], path) == 1
    assert "--write" in capsys.readouterr().err
    path.write_bytes(b"\xff")
    assert main(["--check"], path) == 1


def test_in_a_wheel(tmp_path: Path) -> None:
    """In an installed wheel the schema stands inside the package."""
    assert schema_file(tmp_path) == tmp_path.parent / "schema.graphql"
    (tmp_path / "schema.graphql").write_text("", "utf-8")
    assert schema_file(tmp_path) == tmp_path / "schema.graphql"


@pytest.mark.parametrize(("arguments", "code"), [(["--check"], 0), ([], 2)])
def test_as_a_program(repository: Path, arguments: list[str], code: int) -> None:
    """The check runs as a program, without warnings."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "trace_api.schema", *arguments],
        cwd=repository / "graphql",
        env={"PYTHONPATH": str(repository)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == code, done.stderr
