"""The package as a whole: its public names, its examples, and what it costs to import."""

import doctest
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import identifiers
import identifiers.epc

MODULES = [found.name for found in pkgutil.walk_packages(identifiers.__path__, "identifiers.")]
HEAVY = {
    "asyncio",
    "dataclasses",  # with inspect, which it imports, it takes as long as all of ours
    "identifiers.epc.tags",
    "identifiers.identification",
    "importlib.resources",
    "json",
    "tempfile",
    "urllib.request",
    "zipfile",
}


def test_public_names_exist() -> None:
    """Whatever __all__ promises is there."""
    assert all(hasattr(identifiers, name) for name in identifiers.__all__)
    assert all(hasattr(identifiers.epc, name) for name in identifiers.epc.__all__)


@pytest.mark.parametrize("package", [identifiers, identifiers.epc])
def test_other_names_do_not_exist(package: ModuleType) -> None:
    """A name that no package has is refused as Python refuses it."""
    with pytest.raises(AttributeError, match="nothing"):
        package.nothing  # noqa: B018


@pytest.mark.parametrize("name", ["identifiers", *MODULES])
def test_examples(name: str) -> None:
    """The examples in the docstrings say the truth."""
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_import_is_lean(repository: Path) -> None:
    """Importing the package reads no table and pulls in none of the slow modules."""
    script = "import sys, identifiers; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-S", "-c", script],
        capture_output=True,
        check=True,
        cwd=repository,
        text=True,
    ).stdout.split()
    assert "identifiers.item_code" in loaded
    assert not HEAVY.intersection(loaded)
